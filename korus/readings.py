"""Which reading of BEA's new investment fits the shares a text states for Korea, and which can not.

BEA publishes no table by country and type that is held. A stated share times a published total is the
Korean amount it implies; an amount above something it is part of can not be. Amounts in million USD,
each an interval: what the rounding of the printed figures allows.
"""

import re
from dataclasses import dataclass, replace

import pandas as pd

from korus.clean.origin import printed_number, with_origin
from korus.clean.places import Places
from korus.greenfield import NEW_FDI
from korus.selection import known_by

SHARE_METRIC = "share of planned or first-year greenfield expenditures"

# Name of a reading: (mode, measure) of the total the share is taken of.
READINGS = {
    "first_year": ("greenfield", "first_year"),
    "planned": ("greenfield", "planned"),
    "established_first_year": ("established", "first_year"),
    "expanded_first_year": ("expanded", "first_year"),
    "all_first_year": ("all", "first_year"),
    "all_planned": ("all", "planned"),
}
# Countries printed beside Europe that lie outside it, so that the two can be taken off one total.
OUTSIDE_EUROPE = ("CAN", "CHN", "JPN")


@dataclass(frozen=True)
class Interval:
    """A published or derived amount with its bounds, its worst tier and the printed lines behind it."""

    lower: float
    upper: float
    tier: int
    refs: tuple[str, ...]
    aside: tuple[str, ...] = ()

    def plus(self, other: "Interval", sign: int = 1) -> "Interval":
        """Sum or difference; the bounds add up."""
        low, high = (other.lower, other.upper) if sign > 0 else (-other.upper, -other.lower)
        return Interval(self.lower + low, self.upper + high, max(self.tier, other.tier),
                        tuple(dict.fromkeys(self.refs + other.refs)), self.aside + other.aside)

    def times(self, lower: float, upper: float) -> "Interval":
        """Product with a factor between two positive bounds."""
        return replace(self, lower=self.lower * lower, upper=self.upper * upper)

    def narrowed(self, other: "Interval") -> "Interval":
        """Both at once. One that adds nothing changes nothing; one that contradicts is put aside."""
        if other.lower > self.upper or other.upper < self.lower:
            return replace(self, aside=self.aside + other.refs)
        if other.lower <= self.lower and other.upper >= self.upper:
            return self
        return Interval(max(self.lower, other.lower), min(self.upper, other.upper),
                        max(self.tier, other.tier), tuple(dict.fromkeys(self.refs + other.refs)),
                        self.aside + other.aside)

    @property
    def middle(self) -> float:
        return (self.lower + self.upper) / 2


def printed(rows: pd.DataFrame) -> Interval | None:
    """All prints of one figure in one vintage as one interval, the best tier and finest first."""
    found = None
    for row in rows.sort_values(["tier", "rounding_musd", "ref"], kind="stable").itertuples():
        one = Interval(float(row.value_musd - row.rounding_musd), float(row.value_musd + row.rounding_musd),
                       int(row.tier), (row.ref,))
        found = one if found is None else found.narrowed(one)
    return found


def stated_shares(claims: pd.DataFrame) -> pd.DataFrame:
    """Korea's shares of US greenfield investment that a text states: claim, year, share and bounds, ref.

    They are what is tested, not evidence, so neither day nor tier chooses among them.
    """
    rows = claims[(claims["metric"] == SHARE_METRIC) & (claims["unit"] == "percent")]
    numbers = [printed_number(text) for text in rows["stated_value"]]
    return pd.DataFrame({
        "claim": rows["claim"], "year": rows["period"], "share_pct": [n.value for n in numbers],
        "lower_pct": [n.value - n.half_digit for n in numbers],
        "upper_pct": [n.value + n.half_digit for n in numbers], "stated_ref": rows["ref"],
    }).sort_values("year").reset_index(drop=True)


def relations(
    raw: pd.DataFrame, sources: pd.DataFrame, release_days: dict[str, str], places: Places, as_of: str,
    max_tier: int, *, percent_slack: float | None = None,
) -> pd.DataFrame:
    """Printed changes on the year before, and shares of the total, of first-year expenditures.

    `raw` is bea/new_fdi. Columns year, investor, region, mode, kind (change_pct, change_musd, share_pct),
    lower, upper, vintage, tier, ref. A change that a row of a level has only in its note ("down 40%",
    "a 40% decrease") is read there. Bounds are half a unit of the last printed digit, or `percent_slack`
    for a change in per cent: a text may have rounded 90 to the nearest ten.
    """
    kinds = raw["measure"].str.startswith("change in first-year").map({True: "change", False: ""}).mask(
        raw["measure"] == "share of first-year expenditures", "share")
    noted = raw["note"].str.extract(r"(?:down (\d+)%|a (\d+)% decrease)").bfill(axis=1)[0]
    level = (raw["measure"] == "first-year expenditures") & noted.notna()
    whole = ~raw["breakdown"].str.startswith(("state: ", "industry: "))
    rows = raw[((kinds != "") | level) & whole].assign(kind=kinds, noted=noted)
    if rows.empty:
        return pd.DataFrame(columns=["year", "investor", "region", "mode", "kind", "lower", "upper",
                                     "vintage", "tier", "ref"])
    found = []
    for row in rows.itertuples():
        from_note = row.kind == ""
        number = printed_number(row.noted if from_note else row.value)
        percent = from_note or row.unit == "percent"
        scale = (-1 if from_note else 1) * (1 if percent or row.unit == "USD millions" else 1000)
        change = row.kind != "share"
        slack = percent_slack if percent and change and percent_slack is not None else number.half_digit
        ends = sorted([scale * (number.value - slack), scale * (number.value + slack)])
        investor = places.country(row.country, row.ref)
        found.append({
            "year": re.findall(r"\d{4}", row.year)[-1], "investor": investor,
            "region": "" if investor else row.country.replace(" (as printed)", ""),
            "mode": "greenfield" if row.type == "greenfield" else "all",
            "kind": "share_pct" if row.kind == "share" else "change_pct" if percent else "change_musd",
            "lower": ends[0], "upper": ends[1],
        })
    frame = pd.DataFrame(found, index=rows.index).join(with_origin(rows, sources, "vintage", release_days))
    return known_by(frame.assign(ref=rows["ref"]), as_of, max_tier).reset_index(drop=True)


def new_fdi(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """BEA's new investment published by a day, without breakdowns by industry and state."""
    rows = known_by(investment, as_of, max_tier)
    return rows[(rows["series"] == NEW_FDI) & (rows["industry"] == "") & (rows["state"] == "")
                & (rows["status"] == "published")]


def denominators(
    investment: pd.DataFrame, related: pd.DataFrame, as_of: str, max_tier: int
) -> pd.DataFrame:
    """The totals of all countries under each reading: year, reading, vintage, lower, upper, tier, ref.

    Greenfield is the printed figure, established + expanded, and total − acquired at once: each is an
    interval, and the amount lies in all of them. For acquisitions planned and first-year expenditures
    are the same by definition. Where a release states the change from a revised year to its own year,
    the revised year follows.
    """
    rows = new_fdi(investment, as_of, max_tier)
    rows = rows[(rows["investor"] == "WLD") & rows["measure"].isin(["first_year", "planned"])]
    found = {}
    for (year, vintage), group in rows.groupby(["period", "vintage"]):
        figures = {key: printed(part) for key, part in group.groupby(["mode", "measure"])}
        for reading, (mode, measure) in READINGS.items():
            if (total := _total(figures, mode, measure)) is not None:
                found[year, reading, vintage] = total
    for row in related[(related["investor"] == "WLD") & (related["kind"] == "change_musd")
                       & (related["mode"] == "greenfield")].itertuples():
        later = found.get((row.year, "first_year", row.vintage))
        key = (str(int(row.year) - 1), "first_year", row.vintage)
        if later is not None and key not in found:
            change = Interval(row.lower, row.upper, int(row.tier), (row.ref,))
            found[key] = later.plus(change, -1)
    table = [
        {"year": year, "reading": reading, "vintage": vintage, "total_lower_musd": total.lower,
         "total_upper_musd": total.upper, "tier": total.tier, "ref": " ".join(total.refs),
         "put_aside": " ".join(total.aside)}
        for (year, reading, vintage), total in sorted(found.items())
    ]
    return pd.DataFrame(table, columns=["year", "reading", "vintage", "total_lower_musd",
                                        "total_upper_musd", "tier", "ref", "put_aside"])


def _total(figures: dict, mode: str, measure: str) -> Interval | None:
    """One total from the figures of one vintage, or None where they do not give it."""
    found = figures.get((mode, measure))
    if mode != "greenfield":
        return found
    acquired = figures.get(("acquisition", measure)) or figures.get(("acquisition", "first_year"))
    routes = [found]
    for first, second, sign in (
        (figures.get(("established", measure)), figures.get(("expanded", measure)), 1),
        (figures.get(("all", measure)), acquired, -1),
    ):
        routes.append(first.plus(second, sign) if first and second else None)
    routes = [route for route in routes if route is not None]
    if not routes:
        return None
    routes.sort(key=lambda route: (route.tier, route.upper - route.lower))
    total = routes[0]
    for route in routes[1:]:
        total = total.narrowed(route)
    return total


def implied(shares: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """The Korean amount each stated share implies: one row per year, reading and vintage.

    A reading whose total is not held for a year in any vintage keeps a row without amounts.
    """
    every = shares.merge(pd.DataFrame({"reading": list(READINGS)}), how="cross")
    table = every.merge(totals, on=["year", "reading"], how="left")
    order = {name: n for n, name in enumerate(READINGS)}
    table = table.assign(
        lower_musd=table["lower_pct"] * table["total_lower_musd"] / 100,
        upper_musd=table["upper_pct"] * table["total_upper_musd"] / 100,
        value_musd=table["share_pct"] * (table["total_lower_musd"] + table["total_upper_musd"]) / 200,
        _order=table["reading"].map(order),
    )
    return table.sort_values(["year", "_order", "vintage"]).drop(columns="_order").reset_index(drop=True)
