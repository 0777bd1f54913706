"""What a ministry release must add up to before it is offered: the control totals of korus.controls.

Regions against the world, quarters against years and spans, and the printed growth rates. A table whose
labels stand in the wrong rows is told by the totals and by what its figures equal instead; its rows are
kept as printed and entered in data/raw/corrections.csv, never repaired.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import pandas as pd

from korus import controls
from korus.clean.kexim import outflows
from korus.clean.origin import printed_number
from korus.sources.growth import PARTS, rates
from korus.sources.ministry import KIND, Release, rows
from korus.sources.ministry_tables import Figure
from korus.sources.refusal import Refused

REGIONS = "regions against the world"
# A rate may have been rounded twice: from 31.45 to 31.5 by way of 31.4 and the like.
TWICE_ROUNDED = 0.1
SERIES = ("world_total", "industry_world", "country_total", "region")


@dataclass
class Judgement:
    """What the checks found: places of misprinted figures, new rows of the ledger, doubts, notes."""

    misprinted: frozenset[str] = frozenset()
    entries: list[dict[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def judge(release: Release, ledger: list[dict[str, str]]) -> Judgement:
    """Check a release; `ledger` holds the rows of corrections.csv.

    Raises Refused where a total fails that neither the ledger nor a shift of labels explains.
    """
    residuals = _residuals(release)
    failed = residuals[~residuals["agrees"].astype(bool)]
    known = _known(release, ledger, failed)
    shifted: dict[int, list[str]] = {}
    for number in _tables(release, residuals[residuals["control"] == REGIONS], known):
        shifted[number] = _shift(release, number)
    places = known | {f.where for f in release.figures if shifted.get(f.table)}
    open_ = [row for row in failed.itertuples() if not set(row.refs.split()) & places]
    tables = {f.table for f in release.figures if f.where in places}
    sentences = [_sentence(row, release) for row in open_] + [
        f"{release.path}: {one.label}, {one.year}-{one.quarter}, {one.measure} is {one.value} in table "
        f"{one.table} and {other.value} ({other.label}) in table {other.table}"
        for one, other in release.differing if not {one.table, other.table} & tables
    ]
    if sentences:
        raise Refused("\n".join([*sentences, _remedy(release)]))
    verdict = Judgement(frozenset(places))
    verdict.notes.append(
        f"control totals: {len(residuals)} checked, {len(residuals) - len(failed)} agree within rounding, "
        f"{len(failed)} do not")
    if known:
        verdict.notes.append(f"MISPRINT, known to data/raw/corrections.csv: {len(known)} figures are kept as "
                             "printed and marked")
    for number, reasons in shifted.items():
        entry = _entry(release, number, reasons, failed)
        verdict.entries.append(entry)
        verdict.doubts.append(f"MISPRINT in table {number}. {entry['what']} {entry['why']} The rows are kept as "
                              "printed and marked, and this row goes into data/raw/corrections.csv.")
    _growth(release, residuals, places, verdict)
    _coverage(release, residuals, verdict)
    return verdict


def _residuals(release: Release) -> pd.DataFrame:
    """Control totals of the release alone; refs are places in the document."""
    frame = pd.DataFrame(rows(release))
    frame.insert(0, "ref", [figure.where for figure in release.figures])
    sources = pd.DataFrame({"kind": [KIND], "date": [release.day.isoformat()],
                            "accessed": [release.day.isoformat()]}, index=[release.source])
    cleaned, _ = outflows(frame, sources, release.path, set())
    return pd.concat([
        pd.DataFrame(columns=controls.COLUMNS),
        controls.quarters_against_years(cleaned), controls.regions_against_world(cleaned),
    ], ignore_index=True)


def _known(release: Release, ledger: list[dict[str, str]], failed: pd.DataFrame) -> frozenset[str]:
    """Places of figures that an entry of the ledger speaks of, while a total they are in fails."""
    failing = set(" ".join(failed["refs"]).split())
    known: set[str] = set()
    for entry in ledger:
        if entry["resource"].replace(".", "/") != "kexim/releases":
            continue
        conditions = [condition.partition("=")[::2] for condition in entry["rows"].split(";")]
        spoken_of = {
            figure.where for figure, row in zip(release.figures, rows(release), strict=True)
            if all(row.get(column.strip()) in values.split("|") for column, values in conditions)
        }
        if spoken_of & failing:
            known |= spoken_of
    return frozenset(known)


def _tables(release: Release, totals: pd.DataFrame, known: frozenset[str]) -> list[int]:
    """Numbers of the tables by region in which every total fails and the ledger explains none."""
    verdicts: dict[int, list[bool]] = defaultdict(list)
    numbers = {figure.where: figure.table for figure in release.figures if figure.series == "region"}
    for row in totals.itertuples():
        refs = set(row.refs.split())
        for number in {numbers[ref] for ref in refs if ref in numbers}:
            verdicts[number].append(bool(row.agrees) or bool(refs & known))
    return sorted(number for number, agree in verdicts.items() if not any(agree))


def _shift(release: Release, number: int) -> list[str]:
    """Sentences on which other figures stand beside the labels of a table by region; [] if no shift is told.

    A shift is told where at least half of the rows equal, in every column that can be compared, the world
    total or the quarters of another region, and not their own.
    """
    table = [figure for figure in release.figures if figure.table == number]
    spans = {figure.key: _span(figure) for figure in release.figures if figure.table != number}
    by_label: dict[str, list[Figure]] = defaultdict(list)
    for figure in table:
        by_label[figure.label].append(figure)
    found = []
    for label, figures in by_label.items():
        if _equals(figures, label, spans):
            continue
        for other in ["", *by_label]:
            if other != label and _equals(figures, other, spans):
                whose = f"the figures of {other}" if other else "the world total"
                found.append(f"printed as {label}: {whose}")
                break
    return found if 2 * len(found) >= len(by_label) else []


def _span(figure: Figure) -> tuple[float, float]:
    number = printed_number(figure.value)
    return number.value - number.half_digit, number.value + number.half_digit


def _equals(figures: list[Figure], other: str, spans: dict) -> bool:
    """Whether figures equal, wherever it can be told, those of a region by its quarters ("" is the world)."""
    compared = 0
    for figure in figures:
        start = ("world_total", "WLD", "", "") if not other else ("region", "", "", other)
        whole = spans.get((*start, figure.year, figure.quarter, figure.measure))
        parts = [spans.get((*start, figure.year, q, figure.measure)) for q in PARTS.get(figure.quarter, ())]
        if whole is None and parts and all(parts):
            whole = (sum(part[0] for part in parts), sum(part[1] for part in parts))
        if whole is None:
            continue
        low, high = _span(figure)
        # The release may round its own sums anew: a tenth more than the quarters' rounding.
        if low > whole[1] + 0.1 or high < whole[0] - 0.1:
            return False
        compared += 1
    return compared > 0


def _entry(release: Release, number: int, reasons: list[str], failed: pd.DataFrame) -> dict[str, str]:
    """The row of corrections.csv for a table by region whose labels are shifted."""
    table = [figure for figure in release.figures if figure.table == number]
    measure, day = table[0].measure, release.day.isoformat()
    quarters = sorted({figure.quarter for figure in table}, reverse=True)
    kind = "quarter" if set(quarters) <= set("1234") else "year"
    worst = max(
        (row for row in failed.itertuples() if row.control == REGIONS
         and any(ref.startswith(f"table-{number}:") for ref in row.refs.split())),
        key=lambda row: abs(row.residual))
    return {
        "correction": f"moef-{day}-{measure}-region-{kind}", "resource": "kexim/releases",
        "rows": f"vintage={day};series=region;measure={measure};quarter={'|'.join(quarters)}",
        "what": f"{len(table)} cells: the figures do not stand beside their labels. {'; '.join(reasons)}.",
        "why": "The seven regions do not add up to the world in any column, most of all in "
               f"{worst.item.removeprefix(measure + ' ')}: {worst.parts / 100:,.1f} against "
               f"{worst.total / 100:,.1f} (100 million USD). Quarters and world of the same release say what the "
               "figures are.",
        "reported_to": "not reported yet", "guard": REGIONS, "action": "withdraw",
        "note": "found by the control totals when the release was added",
    }


def _sentence(row, release: Release) -> str:
    """A total that fails, in the release's own unit."""
    return (f"{release.path}: {row.control}: {row.item}: parts add up to {row.parts / 100:,.1f}, printed total "
            f"{row.total / 100:,.1f} (100 million USD), difference {row.residual / 100:+,.1f}, rounding explains "
            f"{row.tolerance / 100:,.1f}. {row.refs}")


def _remedy(release: Release) -> str:
    return ("Refused: figures of the release contradict each other and nothing tells which are wrong. Look at the "
            "document. If it is a misprint, enter it in data/raw/corrections.csv (resource kexim/releases, rows "
            f"vintage={release.day.isoformat()};series=…;measure=…;quarter=…, guard the control named above, "
            "action withdraw), make accept FILE=data/raw/corrections.csv, and add the release again: the rows named "
            "there are kept as printed and not used.")


def _growth(release: Release, residuals: pd.DataFrame, places: frozenset[str], verdict: Judgement) -> None:
    """Rates that no figures give: a note where other totals vouch for the figure, else a doubt."""
    checked = rates(release.figures)
    agreeing = residuals[residuals["agrees"].astype(bool)]
    vouched = set(" ".join(agreeing["refs"]).split())
    wrong = 0
    for rate in checked:
        printed, half = float(rate.figure.growth), printed_number(rate.figure.growth).half_digit
        slack = half + TWICE_ROUNDED
        if rate.agrees or rate.low - slack <= printed <= rate.high + slack or rate.figure.where in places:
            continue
        wrong += 1
        sentence = (f"table {rate.figure.table}, {rate.figure.label}, {rate.figure.year}-{rate.figure.quarter}, "
                    f"{rate.figure.measure}: growth printed as {printed:+.1f} %, the figures give {rate.low:+.1f} "
                    f"to {rate.high:+.1f} %")
        if rate.figure.where in vouched:
            verdict.notes.append(f"{sentence}; other totals confirm the figure, so the rate is misprinted "
                                 "(rates are not taken over)")
        else:
            verdict.doubts.append(f"{sentence}. Nothing else in the release confirms the figure.")
    verdict.notes.append(f"growth rates: {len(checked)} checked, {wrong} do not fit their figures")


def _coverage(release: Release, residuals: pd.DataFrame, verdict: Judgement) -> None:
    """What the release holds, and a doubt for each basis whose regions could be held against no total."""
    for measure in ("invested", "net"):
        figures = [figure for figure in release.figures if figure.measure == measure]
        by_series = {series: [f for f in figures if f.series == series] for series in SERIES}
        names = ", ".join(f"{len(found)} of {series}" for series, found in by_series.items())
        verdict.notes.append(f"{measure}: {names}")
        refs = " ".join(residuals[residuals["control"] == REGIONS]["refs"]).split()
        if figures and not {f.where for f in figures} & set(refs):
            verdict.doubts.append(f"no total of the {measure} figures could be checked: the seven regions and the "
                                  "world are not both there")
        missing = [series for series, found in by_series.items() if not found]
        if missing:
            verdict.doubts.append(f"the release has no {measure} table for {', '.join(missing)}")
