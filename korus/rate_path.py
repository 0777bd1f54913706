"""The weighted statutory rate on Korean goods by day, by authority and by month, and what leaves it open."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus import baskets, statutory
from korus.clean.measures import known_by
from korus.selection import selected

FIRST = "2017-01-01"
ALL = "all"
PATH = ["day", "authority", "goods", "metal", "lower_pct", "upper_pct"]
METAL = {"open": True, "none": False}


@dataclass(frozen=True)
class Law:
    """What a reader of a day knew of the law and of the goods: inputs of the calculator.

    `held` holds the basket placed on products and the one known by sector alone, by the names `placed` and
    `sectors`; it is empty where no weights were published by the day. `rates` are those of all lines since FIRST:
    `open`, and `none` without duty on the metal in articles. `tier` is the worst of all that is used.
    """

    lines: pd.DataFrame
    groups: pd.DataFrame
    rules: pd.DataFrame
    measures: pd.DataFrame
    held: dict[str, baskets.Basket]
    tier: int
    weights_ref: str
    rates: dict[str, statutory.Rates]


def law_known(read, as_of: str, max_tier: int) -> Law | None:
    """The law and the basket known by `as_of`; None where a product list is of a worse tier than admitted.

    `read` gives a processed table by its name.
    """
    groups = read("tariff_groups")
    tier = int(groups["tier"].max())
    if tier > max_tier:
        return None
    measures = known_by(read("measures"), as_of)
    weights = selected("import_weights", read("import_weights"), as_of, max_tier)
    sectors, exact = weights[weights["kind"] == "sector"], weights[weights["kind"] == "product"]
    lines = baskets.with_products(read("tariff_lines"), exact)
    held, ref = {}, ""
    if len(sectors):
        products = baskets.in_window(
            selected("trade_products", read("trade_products"), as_of, max_tier),
            selected("trade_monthly", read("trade_monthly"), as_of, max_tier))
        held = {"placed": baskets.basket(lines, sectors, exact, products),
                "sectors": baskets.basket(lines, sectors, exact, products.iloc[:0])}
        tier = max(tier, int(weights["tier"].max()))
        ref = sectors.loc[sectors["value_usd"].astype(float).idxmax(), "ref"]
    rules = statutory.applied(read("tariff_rules"), measures)
    rates = {metal: statutory.rates(lines, groups, rules, FIRST, as_of, metal=counted, by_authority=counted and bool(held))
             for metal, counted in METAL.items()}
    return Law(lines, groups, rules, measures, held, tier, ref, rates)


def path(law: Law | None) -> pd.DataFrame:
    """statutory: weighted bounds by day of change (PATH), empty without a law or a basket.

    authority `all` is the total. goods: placed on products as far as held, or known by sector alone. metal:
    `open`, or `none` where duties on the metal in an article are left out of both bounds.
    """
    if law is None or not law.held:
        return pd.DataFrame({name: pd.Series(dtype="float64" if name.endswith("_pct") else "str") for name in PATH})
    parts = []
    for metal, found in law.rates.items():
        for goods, basket in law.held.items():
            kinds = {ALL: (found.lower, found.upper)}
            if goods == "placed":
                kinds |= found.parts
            for authority, bounds in kinds.items():
                low, high = baskets.weighted(basket, *bounds)
                parts.append(pd.DataFrame({"day": found.days, "authority": authority, "goods": goods,
                                           "metal": metal, "lower_pct": low, "upper_pct": high}))
    frame = pd.concat(parts, ignore_index=True)
    # Sums of floating-point numbers differ in their last digits from machine to machine; no rate needs them.
    frame[["lower_pct", "upper_pct"]] = frame[["lower_pct", "upper_pct"]].round(9)
    return frame[PATH].sort_values(["authority", "goods", "metal", "day"]).reset_index(drop=True)


def by_day(
    table: pd.DataFrame, first: str, last: str, authority: str = ALL, goods: str = "placed", metal: str = "open"
) -> pd.DataFrame:
    """One series of the path on every day from `first` to `last`: day, lower_pct, upper_pct."""
    own = table[(table["authority"] == authority) & (table["goods"] == goods) & (table["metal"] == metal)]
    days, rows = statutory.in_force(own["day"].tolist(), first, last)
    return pd.DataFrame({"day": days.astype(str), "lower_pct": own["lower_pct"].to_numpy()[rows],
                         "upper_pct": own["upper_pct"].to_numpy()[rows]})


def by_month(days: pd.DataFrame) -> pd.DataFrame:
    """Means of the bounds over the days of each month: month, lower_pct, upper_pct, days."""
    months = days.groupby(days["day"].str[:7]).agg(
        lower_pct=("lower_pct", "mean"), upper_pct=("upper_pct", "mean"), days=("day", "size"))
    return months.rename_axis("month").reset_index()


def refs_on(law: Law, day: str) -> str:
    """Raw rows of the measures that are charged on a day, and of the largest weight."""
    now = law.rules[(law.rules["effective"] <= day) & (day <= law.rules["until"])]
    return " ".join(dict.fromkeys([*sorted(now["ref_measure"]), *filter(None, [law.weights_ref])]))


def refs_over(law: Law, months) -> str:
    """Raw rows of the measures that are charged in the middle of any of some months (`2025-04`)."""
    return " ".join(dict.fromkeys(ref for month in months for ref in refs_on(law, f"{month}-15").split()))


def why_open(law: Law, day: str) -> pd.DataFrame:
    """What leaves the rate of a day open, in percentage points: reason, width_pp; the reasons add up.

    Where in a sector goods lie: both bounds of every line set to its lower one. Metal: the width that goes when
    no duty on metal in articles is counted. What is left are measures that cover a part of a line.
    """
    basket = law.held["placed"]

    def width(lower: np.ndarray, upper: np.ndarray) -> float:
        low, high = baskets.weighted(basket, lower, upper)
        return float(high[0] - low[0])

    row = [law.rates["open"].row(day)]
    full, bare = law.rates["open"], law.rates["none"]
    place = width(bare.lower[row], bare.lower[row])
    without, whole = width(bare.lower[row], bare.upper[row]), width(full.lower[row], full.upper[row])
    return pd.DataFrame({
        "reason": ["where in its sector a good lies", "measures that cover a part of a line",
                   "duty on the metal in an article"],
        "width_pp": [place, without - place, whole - without]})


def preference(law: Law | None, last: str) -> pd.DataFrame:
    """What the agreement saves: the weighted rate the same goods would pay without it, less their own.

    day (of change), lower_pp, upper_pp; empty without a law or a basket. Both pay the same measures: only the
    base differs.
    """
    if law is None or not law.held:
        return pd.DataFrame({"day": [], "lower_pp": [], "upper_pp": []})
    own, twin = (statutory.rates(law.lines, law.groups, law.rules, statutory.SCHEDULE_FROM, last, preference=given)
                 for given in (True, False))
    low, high = twin.lower - own.lower, twin.upper - own.upper
    bounds = baskets.weighted(law.held["placed"], np.minimum(low, high), np.maximum(low, high))
    return pd.DataFrame({"day": own.days, "lower_pp": bounds[0], "upper_pp": bounds[1]})


def of_goods(law: Law, goods: dict[str, str], days: list[str]) -> pd.DataFrame:
    """Rates of single lines on chosen days: hs, name, day, lower_pct, upper_pct. `goods` maps lines to names."""
    found = law.rates["open"]
    rows = []
    for hs, name in goods.items():
        place = int(np.searchsorted(found.codes, hs))
        if place == len(found.codes) or found.codes[place] != hs:
            raise ValueError(f"{hs} is not a line of the schedule held")
        for day in days:
            row = found.row(day)
            rows.append((hs, name, day, found.lower[row, place], found.upper[row, place]))
    return pd.DataFrame(rows, columns=["hs", "name", "day", "lower_pct", "upper_pct"])


def record(values, law: Law, table: pd.DataFrame, last: str) -> None:
    """Record the statutory rate of every day since FIRST and of every whole month, per cent with bounds."""
    days = by_day(table, FIRST, last)
    changes = sorted(set(table["day"]))
    refs = {day: refs_on(law, day) for day in changes}
    place = np.searchsorted(changes, days["day"], side="right") - 1
    for row, number in zip(days.itertuples(), place, strict=True):
        values.add_interval(f"tariffs.statutory_rate.KOR.{row.day}", row.lower_pct, row.upper_pct, "per cent",
                            row.day, tier=law.tier, refs=refs[changes[number]])
    for row in whole_months(days).itertuples():
        begun = [day for day in changes if day[:7] == row.month] or [row.month + "-01"]
        own = " ".join(dict.fromkeys(" ".join(refs_on(law, day) for day in [row.month + "-01", *begun]).split()))
        values.add_interval(f"tariffs.statutory_rate.KOR.{row.month}", row.lower_pct, row.upper_pct, "per cent",
                            row.month, tier=law.tier, refs=own)


def whole_months(days: pd.DataFrame) -> pd.DataFrame:
    """Months of which every day is held."""
    months = by_month(days)
    return months[months["days"] == pd.PeriodIndex(months["month"], freq="M").days_in_month].reset_index(drop=True)
