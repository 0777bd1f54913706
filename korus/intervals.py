"""The identified intervals of the report: with and without the commentary's own statements."""

import math
from dataclasses import dataclass

import pandas as pd

from korus.bounds import Contradiction, intervals
from korus.greenfield_constraints import COMMENTARY, constraints, targets
from korus.values import CLOSE

PUBLISHED, STATED = "published", "with commentary"
# Ids of the values, by the first word of a target's name.
IDS = {
    "G": "greenfield.interval.{place}.{year}",
    "T": "greenfield.outflow_interval.{place}.{year}",
    "G/T": "greenfield.share_of_outflow.{place}.{year}",
}
RATIOS = {
    "G.CHN/G.USA.2016": ("greenfield.ratio_chn_usa.2016", "2016"),
    "G.CHN/G.USA.2024": ("greenfield.ratio_chn_usa.2024", "2024"),
    "G.USA.2024/G.USA.2016": ("greenfield.growth.USA.2016-2024", "2016/2024"),
    "G.USA.2000-2015": ("greenfield.mean.USA.2000-2015", "2000/2015"),
    "G.CHN.2000-2015": ("greenfield.mean.CHN.2000-2015", "2000/2015"),
}
MEANS = ("G.USA.2000-2015", "G.CHN.2000-2015")


@dataclass(frozen=True)
class Found:
    """Intervals of all targets (`evidence`: published, with commentary), the constraints they rest on,
    and the smallest set of figures at odds when the commentary contradicts the published ones."""

    intervals: pd.DataFrame
    constraints: pd.DataFrame
    conflict: pd.DataFrame | None


def both(investment: pd.DataFrame, as_of: str, max_tier: int, statements: pd.DataFrame) -> Found:
    """Each target under the profile's published evidence, and with the commentary's statements added.

    Published figures that contradict each other raise Contradiction. Where the commentary's statements
    contradict them, its intervals are absent and the conflict is kept to be shown.
    """
    published = constraints(investment, as_of, min(max_tier, COMMENTARY - 1), statements)
    stated = constraints(investment, as_of, COMMENTARY, statements)
    wanted = targets(stated)
    found = [intervals(published, _known(wanted, published)).assign(evidence=PUBLISHED)]
    conflict = None
    try:
        found.append(intervals(stated, wanted).assign(evidence=STATED))
    except Contradiction as contradiction:
        conflict = contradiction.conflict
    return Found(pd.concat(found, ignore_index=True), stated, conflict)


def settled(found: Found, target: str) -> bool:
    """Whether published figures leave one value of a target, up to rounding: its table is held."""
    rows = found.intervals[(found.intervals["target"] == target) & (found.intervals["evidence"] == PUBLISHED)]
    return any(math.isfinite(row.upper) and row.upper - row.lower <= CLOSE * row.upper for row in rows.itertuples())


def _known(wanted: list, table: pd.DataFrame) -> list:
    variables = {name for terms in table["terms"] for name in terms}
    return [target for target in wanted if target.variables() <= variables]


def record(values, found: Found) -> None:
    """Record every interval: under the plain id without the commentary, with `_stated` added to it with.

    An end that nothing bounds is left open; a mean without an upper bound is left out, because it says
    nothing. Shares are in per cent.
    """
    by_id = found.constraints.set_index("id")
    for row in found.intervals.itertuples():
        if row.target in MEANS and math.isinf(row.upper):
            continue
        name, period, unit, scale = _id_of(row.target)
        if row.evidence == STATED:
            first, _, rest = name.partition(".")
            kind, _, where = rest.partition(".")
            name = f"{first}.{kind}_stated.{where}"
        rests_on = [*row.lower_rests_on, *row.upper_rests_on]
        used = by_id.loc[[i for i in dict.fromkeys(rests_on) if i in by_id.index]]
        used = used[used["ref"] != ""]
        values.add_interval(
            name, scale * row.lower, scale * row.upper if math.isfinite(row.upper) else math.inf, unit, period,
            tier=int(used["tier"].max()) if len(used) else 3, refs=" ".join(dict.fromkeys(used["ref"])))
    _record_needed(values)


def _record_needed(values) -> None:
    """Record which share of all investment must be greenfield, at least, for a stated mean to be right.

    That is the least the statement can mean over the most that published figures allow. Per cent.
    """
    for target in MEANS:
        allowed = values.rows.get(RATIOS[target][0])
        meant = values.rows.get(RATIOS[target][0].replace(".mean.", ".mean_stated."))
        if allowed and meant:
            values.add(RATIOS[target][0].replace(".mean.", ".stated_mean_needs."), 100 * meant["lower"] / allowed["upper"],
                       "per cent", meant["period"], tier=max(allowed["tier"], meant["tier"]),
                       refs=" ".join(dict.fromkeys(f"{allowed['refs']} {meant['refs']}".split())))


def _id_of(target: str) -> tuple[str, str, str, float]:
    """(id, period, unit, scale) of a target."""
    if target in RATIOS:
        name, period = RATIOS[target]
        return name, period, "million USD" if ".mean." in name else "ratio", 1.0
    kind, place, year = target.split(".")
    share = kind == "G/T"
    return (IDS[kind].format(place=place, year=year), year, "per cent" if share else "million USD",
            100.0 if share else 1.0)


def of_years(found: Found, first: int) -> pd.DataFrame:
    """Intervals of yearly greenfield outflows: place, year, evidence, lower, upper (million USD)."""
    table = found.intervals
    yearly = table[table["target"].str.fullmatch(r"G\.(USA|CHN)\.\d{4}")]
    parts = yearly["target"].str.split(".", expand=True)
    table = yearly.assign(place=parts[1], year=parts[2].astype(int))
    return table[table["year"] >= first][["place", "year", "evidence", "lower", "upper"]]


def of_ratios(found: Found) -> pd.DataFrame:
    """Derived quantities in words, with their intervals under both sets of evidence."""
    labels = {
        "G/T.USA.2016": "greenfield share of the outflow to the US, 2016, %",
        "G/T.CHN.2016": "greenfield share of the outflow to China, 2016, %",
        "G/T.USA.2024": "greenfield share of the outflow to the US, 2024, %",
        "G/T.CHN.2024": "greenfield share of the outflow to China, 2024, %",
        "G.CHN/G.USA.2016": "greenfield, China per dollar in the US, 2016",
        "G.CHN/G.USA.2024": "greenfield, China per dollar in the US, 2024",
        "G.USA.2024/G.USA.2016": "greenfield in the US, 2024 as a multiple of 2016",
        "G.USA.2000-2015": "mean greenfield in the US 2000–2015, million USD",
        "G.CHN.2000-2015": "mean greenfield in China 2000–2015, million USD",
    }
    chosen = found.intervals[found.intervals["target"].isin(labels)]
    scale = chosen["target"].str.startswith("G/T").map({True: 100.0, False: 1.0})
    shown = [_words(low, high) for low, high in
             zip(chosen["lower"] * scale, chosen["upper"] * scale, strict=True)]
    table = chosen.assign(quantity=chosen["target"].map(labels), interval=shown)
    order = [label for target, label in labels.items() if target in set(chosen["target"])]
    wide = table.pivot(index="quantity", columns="evidence", values="interval").reindex(order)
    return wide.reset_index()


def _words(low: float, high: float) -> str:
    """An interval in words; nothing bounds an end that is infinite."""
    def number(value: float) -> str:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

    return f"{number(low)} or more" if math.isinf(high) else f"{number(low)} to {number(high)}"
