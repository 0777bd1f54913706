"""The ministry's quarterly releases on overseas direct investment: a document to rows of kexim/releases.

The tables are found by the words above them and in them: the basis (총투자, 순투자), what they are by
(업종별, 국가별, 지역별), periods over the columns, labels beside the rows. Tables of the text in front,
which stand under no basis, repeat a part of them and are not read.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from korus.clean.kexim import period_end, period_of
from korus.clean.origin import printed_number
from korus.sources import hwpx
from korus.sources.ministry_tables import Context, Figure, amounts_unread, figures, has_periods
from korus.sources.ministry_words import Labels, measure_of, release_day, series_of, squashed, unit_in, unit_of
from korus.sources.refusal import Refused

SUBJECT = "해외직접투자"
LONGEST_TITLE = 150
KIND = "official press release (provisional, revised each quarter)"
# A release follows its last quarter by about 80 days; one that claims to be much later names another day.
LATEST_DAYS = 200


@dataclass(frozen=True)
class Release:
    """One release: the day it was published (the vintage), its title, its amounts, and what is odd.

    `differing` are pairs of prints of one figure that contradict each other, `extra` the headings of
    columns that hold no amounts of a period.
    """

    path: str
    day: dt.date
    title: str
    figures: list[Figure]
    differing: list[tuple[Figure, Figure]]
    extra: list[str]

    @property
    def source(self) -> str:
        """Id of the release in sources.csv."""
        return f"kexim.moef-{self.day.isoformat()}"


def read(content: bytes, path: str, labels: Labels) -> Release:
    """The release in a HWPX document. `path` is the file as messages show it.

    Raises Refused where the document is not of this family, or something in it is not understood.
    """
    blocks = hwpx.read(content, path)
    if not any(SUBJECT in squashed(text) for text in _texts(blocks)):
        raise Refused(f"{path}: does not speak of {SUBJECT} (overseas direct investment). Only releases of that "
                      "series are read.")
    found, extra = _amounts(blocks, path, labels)
    if not found:
        raise Refused(f"{path}: has no tables under a heading (총투자 기준) or (순투자 기준). Is it the annex with "
                      "the detailed figures? A summary without it has nothing to add.")
    kept, differing = _once(found)
    release = Release(path, _day(blocks, path), _title(blocks, path), kept, differing, extra)
    _check_day(release)
    return release


def _texts(blocks: list) -> list[str]:
    """Every printed text in order; a row of a table is one text, each of its cells once."""
    texts = []
    for block in blocks:
        if isinstance(block, hwpx.Text):
            texts.append(block.text)
        else:
            texts += [" ".join(cell for cell, first in zip(*row, strict=True) if first)
                      for row in zip(block.grid, block.starts, strict=True)]
    return texts


def _headings(block) -> list[str]:
    """What a block says of the tables after it: a paragraph, or a table used as a frame for a title."""
    if isinstance(block, hwpx.Text):
        return [block.text]
    return [block.caption] if len(block.grid) > 2 else [block.caption, *(c for row in block.grid for c in row)]


def _amounts(blocks: list, path: str, labels: Labels) -> tuple[list[Figure], list[str]]:
    """The amounts of all tables under a basis, in the order they are printed, and the columns not taken."""
    measure = series = unit = ""
    found, extra = [], []
    for block in blocks:
        is_table = isinstance(block, hwpx.Table) and has_periods(block)
        for text in [block.caption] if is_table else _headings(block):
            if basis := measure_of(text):
                measure, series = basis, ""
            series = series_of(text) or series
            unit = unit_in(text) or unit
        if is_table and measure:
            if not unit:
                raise Refused(f"{path}, table {block.number}: no unit is stated above it (단위: 억 달러). Its "
                              "amounts can not be read without one.")
            got, skipped = figures(
                block, Context(measure, series, unit_of(unit, f"{path}, table {block.number}"), path), labels)
            found += got
            extra += [f"table {block.number}: {heading}" for heading in skipped]
            series = ""
        elif measure and isinstance(block, hwpx.Table) and amounts_unread(block, labels):
            raise Refused(f"{path}, table {block.number}: amounts of countries, industries or regions with no "
                          "periods over the columns. The layout is not known; nothing is left out in silence.")
    return found, extra


def _day(blocks: list, path: str) -> dt.date:
    """The day the release was published, from its own text."""
    days = [day for text in _texts(blocks) if (day := release_day(text, path))]
    if not days:
        raise Refused(f"{path}: no day after 보도시점, 보도일시 or 보도일 (for example 2024. 9. 13.(금)). The day of "
                      "publication is the vintage of every figure; without it nothing is added.")
    if len(set(days)) > 1:
        raise Refused(f"{path}: two days of publication, {' and '.join(sorted({d.isoformat() for d in days}))}.")
    return days[0]


def _title(blocks: list, path: str) -> str:
    """The headline: the first text on the subject, in plain quotation marks and on one line."""
    first = next(text for text in _texts(blocks) if SUBJECT in squashed(text))
    title = re.sub(r"\s+", " ", re.sub("[‘’`]", "'", first)).strip()
    return title if len(title) <= LONGEST_TITLE else title[:LONGEST_TITLE - 1] + "…"


def _once(found: list[Figure]) -> tuple[list[Figure], list[tuple[Figure, Figure]]]:
    """(amounts without those printed again with the same label, pairs of prints of one figure that differ).

    The first quarter stands in the table of quarters and in that of years. Of two prints the first is
    kept; prints with different labels (전체, 투자액) are both kept, and differ beyond rounding only.
    """
    kept: dict[tuple, Figure] = {}
    first: dict[tuple, Figure] = {}
    differing = []
    for figure in found:
        before = kept.setdefault((*figure.key, figure.label), figure)
        if float(before.value) != float(figure.value):
            differing.append((before, figure))
        elif before is not figure and not before.growth and figure.growth:
            kept[(*figure.key, figure.label)] = replace(before, growth=figure.growth)
        other = first.setdefault(figure.key, figure)
        if other.label != figure.label and not _within_rounding(other, figure):
            differing.append((other, figure))
    return list(kept.values()), differing


def _within_rounding(one: Figure, other: Figure) -> bool:
    a, b = printed_number(one.value), printed_number(other.value)
    return abs(a.value - b.value) <= a.half_digit + b.half_digit + 1e-9


def _check_day(release: Release) -> None:
    """The day of publication lies after the last period, and not long after it."""
    ends = [period_end(period_of(figure.year, figure.quarter)[1]) for figure in release.figures]
    days = (release.day - max(ends)).days
    if not 0 < days <= LATEST_DAYS:
        raise Refused(f"{release.path}: published {release.day.isoformat()} by its own text, but its last period "
                      f"ends {max(ends).isoformat()}. One of the two was misread or misprinted.")


def rows(release: Release, misprinted: frozenset[str] = frozenset()) -> list[dict[str, str]]:
    """Rows of kexim/releases, as the table writes them, in the order of the document.

    `misprinted` holds the places of figures that the corrections ledger speaks of: their rows say so.
    """
    return [
        {
            "series": figure.series, "country": figure.country, "industry": figure.industry,
            "region": figure.region, "year": figure.year, "quarter": figure.quarter, "mode": "total",
            "measure": figure.measure, "value": figure.value, "unit": figure.unit,
            "vintage": release.day.isoformat(), "source": release.source,
            "note": f"label in source: {figure.label}" + (
                "; table misprinted in the release, see corrections.csv"
                if figure.where in misprinted else ""),
        }
        for figure in release.figures
    ]


def source_row(release: Release, address: str, accessed: str) -> dict[str, str]:
    """The release's row of sources.csv; `address` is where it was got, or words that none is recorded."""
    return {
        "source": release.source, "title": f"기획재정부 보도자료: {release.title}", "url": address, "commit": "",
        "date": release.day.isoformat(), "kind": KIND, "accessed": accessed,
    }
