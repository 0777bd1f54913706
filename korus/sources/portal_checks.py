"""What the figures of a portal export must agree with: one another, and the ministry's releases that are held."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from korus import raw
from korus.clean import investment
from korus.clean.kexim import UNITS
from korus.clean.origin import printed_number
from korus.revisions import FEW_PAIRS, pairs, sizes, triangle
from korus.sources.refusal import Refused

RELEASES = "kexim/releases"
# Releases and their text; what the press says of them is no check.
WORST_TIER, ANY_EVIDENCE = 2, 3
# A series printed anew too seldom has no usual revision of its own; this stands in where no series has one.
USUAL_PCT = 10.0
# Beyond this factor two figures are not revisions of one another: the unit or the measure is another.
TOO_FAR = 2.0
MOST_NAMED = 12
WORLD = "WLD"


@dataclass(frozen=True)
class Figure:
    """A cell of amounts: what it is of (a text for each dimension, "" where nothing says), and what it shows.

    `value` holds digits, or is "" with `mark` none, suppressed or blank.
    """

    place: str
    year: str
    mode: str
    measure: str
    unit: str
    value: str
    mark: str
    labels: str
    where: str

    @property
    def musd(self) -> float:
        """The amount in million US dollars; nought where none is shown."""
        return float(self.value) * UNITS[self.unit] if self.value else 0.0

    @property
    def slack(self) -> float:
        """Half a unit of the last printed digit, in million US dollars."""
        return printed_number(self.value).half_digit * UNITS[self.unit] if self.value else 0.0


def once(figures: list[Figure]) -> list[Figure]:
    """Each figure once. Refused where a figure stands twice with different amounts."""
    kept: dict[tuple, Figure] = {}
    for figure in figures:
        key = (figure.place, figure.year, figure.mode, figure.measure)
        before = kept.setdefault(key, figure)
        if (before.value and figure.value) and abs(before.musd - figure.musd) > before.slack + figure.slack:
            raise Refused(f"{figure.where}: {figure.labels} {figure.year} {figure.mode} {figure.measure} is "
                          f"{figure.value} here and {before.value} in {before.where}. Download the export again.")
        if figure.value and not before.value:
            kept[key] = figure
    return list(kept.values())


def within(figures: list[Figure]) -> tuple[list[str], list[str]]:
    """(notes, doubts) on sums within the export. Refused with every sum that its parts contradict.

    Modes make up the total, and countries the world where they do so in any year: then all are there. Parts that
    are blank, a dash or suppressed leave a sum an upper limit only.
    """
    by_mode, by_place = defaultdict(dict), defaultdict(dict)
    for figure in figures:
        by_mode[figure.place, figure.year, figure.measure][figure.mode] = figure
        by_place[figure.mode, figure.year, figure.measure][figure.place] = figure
    modes = _Sums("modes of establishment", [
        (group.pop("total"), list(group.values())) for group in map(dict, by_mode.values())
        if {"total", "greenfield", "mna"} <= set(group)])
    places = _Sums("countries", [(group.pop(WORLD), list(group.values())) for group in map(dict, by_place.values())
                                 if WORLD in group and len(group) > 1])
    failing = [*modes.above, *places.above]
    doubts = []
    if any(figure.mode == "other" for figure in figures):
        failing += modes.below
    elif modes.below:
        doubts.append(f"greenfield and acquisitions make up less than the total in {len(modes.below)} of "
                      f"{modes.count} sums, and the export has no other mode. First: {modes.below[0]}")
    if places.equal:
        failing += places.below
    if failing:
        more = [f"… and {len(failing) - MOST_NAMED} more"] if len(failing) > MOST_NAMED else []
        raise Refused("\n".join([*failing[:MOST_NAMED], *more, "Refused: the export does not add up. Download it "
                                 "again; if it prints these amounts, its headings mean something else."]))
    notes = [sums.note() for sums in (modes, places) if sums.count]
    if not modes.count:
        doubts.append("no total can be held against its modes of establishment: a column or row for one is "
                      "missing")
    return notes, doubts


class _Sums:
    """Totals held against the sums of their parts: how many are equal, and those below and above in words."""

    def __init__(self, of: str, groups: list[tuple[Figure, list[Figure]]]):
        self.of, self.equal = of, 0
        self.above: list[str] = []
        self.below: list[str] = []
        whole = [(total, parts) for total, parts in groups if total.value]
        self.count = len(whole)
        for total, parts in whole:
            difference = sum(part.musd for part in parts) - total.musd
            slack = total.slack + sum(part.slack for part in parts) + 1e-6
            words = (f"{total.where}: {total.labels} {total.year} {total.mode} {total.measure}: the {of} add up "
                     f"to {total.musd + difference:,.3f}, the total is {total.musd:,.3f} million USD")
            if difference > slack and all(part.musd >= 0 for part in parts):
                self.above.append(words)
            elif abs(difference) <= slack:
                self.equal += 1
            elif all(part.value for part in parts):
                self.below.append(words)

    def note(self) -> str:
        """One line on what was checked."""
        rest = self.count - self.equal
        return (f"{self.of} against totals: {self.equal} of {self.count} add up within rounding"
                + (f"; in {rest} not all parts are shown" if rest else ""))


def against_releases(figures: list[Figure], day: dt.date, folder: Path) -> tuple[list[str], list[str]]:
    """(notes, doubts) on totals against the newest print of each that is no later than the export's day.

    Refused where every total that can be compared is another number altogether.
    """
    held = _prints(day, folder)
    compared, beyond = 0, []
    exact = 0
    far = []
    for figure in figures:
        known = held.get((f"kexim.{figure.measure}.{figure.place}", figure.year))
        if figure.mode != "total" or not figure.value or known is None:
            continue
        compared += 1
        value, rounding, vintage, usual = known
        gap = abs(figure.musd - value)
        rounds = rounding + figure.slack + 1e-6
        exact += gap <= rounds
        if gap > rounds + usual / 100 * abs(value):
            beyond.append(f"{figure.where}: {figure.labels} {figure.year} {figure.measure}: {figure.musd:,.1f} "
                          "million USD here, "
                          f"{value:,.1f} in the release of {vintage}; revisions are usually up to "
                          f"{usual:.1f} %")
            far.append(_ratio(figure.musd, value))
    if not compared:
        return [], ["no total of the export can be compared with a release held, so its unit and measure are not "
                    "confirmed"]
    if len(far) == compared and min(max(ratio, 1 / ratio) if ratio else TOO_FAR for ratio in far) >= TOO_FAR:
        raise Refused("\n".join([*beyond[:MOST_NAMED], f"Refused: none of {compared} totals is near the released "
                                                       "one; "
                                 "the first is "
                                 f"{far[0]:,.4g} times as much. The unit or the measure is not what it was taken "
                                 "for."]))
    note = (f"totals against releases: {compared} compared, {exact} within rounding, "
            f"{compared - exact - len(beyond)} "
            f"within the usual revision, {len(beyond)} beyond it")
    more = [f"… and {len(beyond) - MOST_NAMED} more totals beyond the usual revision"]
    return [note], beyond[:MOST_NAMED] + (more if len(beyond) > MOST_NAMED else [])


def _ratio(value: float, other: float) -> float:
    return value / other if other else 0.0


def _annual(prints: pd.DataFrame) -> pd.DataFrame:
    return prints[~prints["series"].str.endswith(".Q")].sort_values("vintage", kind="stable")


def _prints(day: dt.date, folder: Path) -> dict[tuple[str, str], tuple[float, float, str, float]]:
    """Newest print by (series, year): amount, rounding, vintage, usual revision of its series in per cent."""
    if not raw.recorded(RELEASES, folder):
        return {}
    _, withdrawn = investment.totals(folder)
    rows = investment.assemble(withdrawn, folder)[0]
    rows = rows[rows["ref"].str.startswith("kexim/") & ~rows["ref"].str.startswith("kexim/portal#")]
    # How far figures move is known best from first prints, which mostly the press quotes.
    table = sizes(pairs(_annual(triangle(rows, day.isoformat(), ANY_EVIDENCE))))
    prints = _annual(triangle(rows, day.isoformat(), WORST_TIER))
    table = table[table["pairs"] >= FEW_PAIRS].set_index("series")["p90_abs_pct"]
    most = float(table.max()) if len(table) else USUAL_PCT
    return {(row.series, row.period): (float(row.value_musd), float(row.rounding_musd), row.vintage,
                                       float(table.get(row.series, most)))
            for row in prints.drop_duplicates(["series", "period"], keep="last").itertuples()}
