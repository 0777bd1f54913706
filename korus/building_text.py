"""Values, estimates and tables of the chapter on the cost of a plant."""

import pandas as pd

from korus import building
from korus.building import AVERAGE, CONSTRUCTION, INDUSTRIES, LAW, METALS, SPARED
from korus.input_costs import GOODS
from korus.tariff_products import WINDOW

UNIT = "cents per dollar"


def record(values, estimates, costs: pd.DataFrame, pass_through_pct: float) -> None:
    """Record cents added per dollar by industry and first day of the regime, and the latest as estimates.

    `effects.build_cost`: on what the industry itself imports, at the average rate; from no pass-through to all of it
    under the dearest reading. `effects.build_cost_total`: its suppliers' imports counted too, an interval.
    `effects.build_cost_range`: the same over all readings, of the latest regime.
    """
    passed = pass_through_pct / 100
    now = building.latest(costs)["first"].max()
    for (first, industry), rows in costs.groupby(["first", "industry"], sort=False):
        word, name = INDUSTRIES[industry]
        row = rows[rows["reading"] == AVERAGE].iloc[0]
        origin = {"tier": int(row["tier"]), "refs": row["ref"]}
        bounds = {"lower": round(min(0.0, passed * rows["direct"].min()), 6),
                  "upper": round(float(rows["direct"].max()), 6)}
        for day in (first, "latest") if first == now else (first,):
            values.add(f"effects.build_cost.{word}.{day}", passed * row["direct"], UNIT, row["period"], **bounds,
                       **origin)
            values.add_interval(f"effects.build_cost_total.{word}.{day}", passed * row["least"], passed * row["most"],
                                UNIT, row["period"], **origin)
        if first == now:
            values.add_interval(f"effects.build_cost_range.{word}.latest", passed * rows["least"].min(),
                                passed * rows["most"].max(), UNIT, row["period"], **origin)
            _estimate(estimates, word, name, rows, row, passed, bounds)


def _estimate(
    estimates, word: str, name: str, rows: pd.DataFrame, row: pd.Series, passed: float, bounds: dict
) -> None:
    period = row["period"]
    rate = f"rate collected in {period} less that of 2024, pass-through {100 * passed:.0f} per cent"
    caveat = ("Accounting, not behaviour: the inputs of 2024, no substitution; US makers keep their prices. The "
              "average rate on all goods stands for that on inputs.")
    estimates.add(
        f"effects.build_cost.{word}", method="input–output accounting", role="main", unit=UNIT, n=len(GOODS),
        specification=f"{name}: imported goods bought directly, {rate}", estimate=passed * row["direct"],
        interval_method="range: pass-through from nothing to all, least and dearest reading of the open rates",
        caveat=caveat, **bounds)
    for reading in (AVERAGE, SPARED, METALS, LAW):
        own = rows[rows["reading"] == reading].iloc[0]
        main = reading == AVERAGE
        estimates.add(
            f"effects.build_cost_total.{word}" + ("" if main else f".{reading.replace(' ', '-').lower()}"),
            method="input–output accounting with bounds by linear programming", role="main" if main else "robustness",
            specification=f"{name}: imports of all suppliers, {rate}, reading {reading!r}; the estimate is the least",
            estimate=passed * own["least"], lower=passed * own["least"], upper=passed * own["most"], unit=UNIT,
            n=len(GOODS), interval_method="bounds: what the columns of requirements held allow", caveat=caveat)


def record_plant(values, estimates, costs: pd.DataFrame, plants: pd.DataFrame, shares: dict[str, float]) -> None:
    """Record cents added per dollar of plant by regime, and of product.

    `shares` in per cent: passed (on to buyers), structure (of a plant), capital (of a product's cost).
    """
    passed = shares["passed"] / 100
    average = costs[(costs["reading"] == AVERAGE) & (costs["industry"] == CONSTRUCTION)].set_index("first")
    for row in plants.itertuples():
        own = average.loc[row.first]
        origin = {"tier": int(own["tier"]), "refs": own["ref"]}
        ids = [row.first] + (["latest"] if row.first == plants["first"].max() else [])
        for day in ids:
            values.add_interval(f"effects.plant_cost.{day}", passed * row.least, passed * row.most, UNIT, own["period"],
                                **origin)
        if "latest" in ids:
            values.add("effects.added_rate.WLD.latest", own["added_pct"], "percentage points", own["period"], **origin)
            low, high = (building.capital_cost(shares["capital"], passed * cents) for cents in (row.least, row.most))
            values.add_interval("effects.plant_cost_in_product.latest", low, high, UNIT, own["period"], **origin)
            estimates.add(
                "effects.plant_cost", method="input–output accounting", role="main", estimate=passed * row.least,
                specification=f"a dollar of plant, {shares['structure']:.0f} per cent buildings, in {own['period']}; "
                "the estimate is the least", lower=passed * row.least, upper=passed * row.most, unit=UNIT, n=2,
                interval_method="bounds: equipment all made in the US to all imported",
                caveat="The parts of a plant are a parameter; no figure of it is held.")


def record_protection(values, estimates, found: building.Found) -> None:
    """Record what part of the duty on a product its maker pays on inputs, and the duty at which nothing is left."""
    for row in found.protection.itertuples():
        where = f"{INDUSTRIES[row.industry][0]}.{row.product}"
        origin = {"tier": row.tier, "refs": row.ref}
        values.add(f"effects.protection.{where}.{WINDOW}", row.all_pct, "per cent", WINDOW, **origin)
        values.add_interval(f"effects.protection_eaten.{where}.{WINDOW}", row.eaten_least, row.eaten_most, "per cent",
                            WINDOW, **origin)
        estimates.add(
            f"effects.protection_eaten.{where}", role="main", unit="per cent", n=found.levels["reading"].nunique(),
            method="input–output accounting against the collected rate", estimate=row.eaten_least,
            specification=f"{row.name}: duty on the inputs of the industry over the duty on the product, {WINDOW}; the "
            "estimate is the least", lower=row.eaten_least, upper=row.eaten_most,
            interval_method="bounds: readings of the open rates and requirements held",
            caveat="The same pass-through on product and inputs; the industry stands for the maker of one product.")
    ends = found.levels.groupby("industry").agg(least=("least", "min"), most=("most", "max"))
    for industry, row in ends.iterrows():
        values.add_interval(
            f"effects.break_even_duty.{INDUSTRIES[industry][0]}.{WINDOW}", row["least"], row["most"], "per cent",
            WINDOW, tier=int(found.products.table["tier"].max()),
            refs=" ".join([found.held.refs[industry], *found.products.table["ref"]]))
    if found.products is not None:
        table, pinned = found.products.table, building.pinned_pct(found.held, found.products)
        for industry in pinned.index[pinned > 0]:
            values.add(f"effects.inputs_pinned.{INDUSTRIES[industry][0]}.{WINDOW}", pinned[industry], "per cent",
                       WINDOW, tier=found.products.tier, refs=" ".join([found.held.refs[industry], *table["ref"]]))


def latest_table(held, costs: pd.DataFrame, pass_through_pct: float) -> pd.DataFrame:
    """The latest regime by industry: imports per dollar, cents added directly, with suppliers, and other readings."""
    passed = pass_through_pct / 100
    now = building.latest(costs)
    wide = {name: rows.set_index("industry") for name, rows in now.groupby("reading")}
    if not wide:
        return pd.DataFrame()
    plain = wide[AVERAGE].loc[list(INDUSTRIES)]
    return pd.DataFrame({
        "industry": [name for _, name in INDUSTRIES.values()],
        "imported goods": 100 * held.imported.sum()[list(INDUSTRIES)].to_numpy(),
        "own imports": passed * plain["direct"].to_numpy(),
        "with suppliers, least": passed * plain["least"].to_numpy(), "most": passed * plain["most"].to_numpy(),
        "electronics spared": passed * wide[SPARED]["least"][list(INDUSTRIES)].to_numpy(),
        "metals in full": passed * wide[METALS]["most"][list(INDUSTRIES)].to_numpy(),
        "law for Korea": passed * wide[LAW]["most"][list(INDUSTRIES)].to_numpy(),
        "US makers follow": passed * plain["used"].to_numpy()})


def regime_table(costs: pd.DataFrame, plants: pd.DataFrame, pass_through_pct: float) -> pd.DataFrame:
    """Cents added with suppliers, least to most, by regime (rows) for a plant and some industries."""
    passed = pass_through_pct / 100
    rows = costs[costs["reading"] == AVERAGE]
    found = []
    for first, own in rows.groupby("first", sort=True):
        by = own.set_index("industry")
        line = {"from": first, "regime": own["title"].iloc[0], "rate, %": own["rate_pct"].iloc[0]}
        for industry in ("23", "333", "334", "335", "3361MV"):
            line[INDUSTRIES[industry][1]] = _span(passed * by.at[industry, "least"], passed * by.at[industry, "most"])
        ends = plants.set_index("first").loc[first]
        found.append(line | {"a plant": _span(passed * ends["least"], passed * ends["most"])})
    return pd.DataFrame(found)


def _span(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}".replace("-", "−")


def detail_table(found: building.Detail | None) -> pd.DataFrame:
    """Rates of the products held by commodity, for display."""
    if found is None:
        return pd.DataFrame()
    rows = found.table
    return pd.DataFrame({
        "commodity": rows["commodity"].map(lambda code: INDUSTRIES[code][1]), "products held": rows["products"],
        "imports, $bn": rows["consumption_usd"] / 1e9, "rate collected, %": rows["rate_pct"],
        "of imports of 2024, %": rows["share_pct"]})


def protection_table(table: pd.DataFrame) -> pd.DataFrame:
    """Protection and its price, for display."""
    return pd.DataFrame({
        "product": table["name"], "duty, %": table["all_pct"], "Korea, %": table["korea_pct"],
        "on inputs, least": table["least"], "most": table["most"],
        "lost, least, %": table["eaten_least"], "lost, most, %": table["eaten_most"]})
