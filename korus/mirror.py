"""Two countries' books side by side: Korean investment in the United States by Eximbank and by BEA.

Four concepts, never summed and never averaged; where two are held for a year their difference is shown
with the definitions that can make it. Million USD; bounds are what rounding allows.
"""

import pandas as pd

from korus.clean.origin import printed_number, with_origin
from korus.greenfield import outflows
from korus.readings import Interval, new_fdi, printed
from korus.selection import known_by

POSITIONS = "direct investment, historical cost"
CONCEPTS = {
    "eximbank": "sent from Korea, gross, all modes (Eximbank)",
    "eximbank_net": "sent from Korea less withdrawn (Eximbank)",
    "bea_new": "new investment in the year it begins (BEA, by ultimate owner)",
    "bea_flow": "financial transactions (BEA, by foreign parent)",
    "bea_change": "change of position at historical cost (BEA, by foreign parent)",
}
# Why two concepts differ: reason, the pairs it bears on, and which of the two it makes larger ("first",
# "second", "either").
REASONS = pd.DataFrame(
    [
        ("source of finance", "eximbank", "bea_new", "second",
         "BEA counts what is spent on the business whoever finances it, loans raised in the United States "
         "too; Eximbank counts money sent from Korea"),
        ("first year only", "eximbank", "bea_new", "first",
         "BEA books a project in the year it begins, with that year's spending; Eximbank books every year's money"),
        ("existing businesses", "eximbank", "bea_new", "first",
         "capital and loans to US businesses already owned are Eximbank's, and no new investment of BEA's"),
        ("financial holdings", "eximbank", "bea_new", "first",
         "funds and holding companies are in Eximbank's amount to the United States (see its "
         "industries); what they pass on buys or founds no business in BEA's survey"),
        ("price paid to third countries", "eximbank", "bea_new", "either",
         "a US business bought from an owner elsewhere is an acquisition for BEA; the money may go to the "
         "third country, or come from a subsidiary there"),
        ("ultimate owner", "eximbank", "bea_new", "either",
         "BEA assigns new investment to the ultimate owner's country; Eximbank to the country of the first "
         "business invested in"),
        ("repayment and withdrawal", "eximbank", "bea_flow", "first",
         "BEA's transactions are net of repayments and disinvestment; Eximbank's invested amount is gross"),
        ("reinvested earnings", "eximbank", "bea_flow", "second",
         "BEA's transactions include profits kept in the business; no money is sent for them"),
        ("debt with affiliates", "eximbank", "bea_flow", "either",
         "loans between parent and affiliate enter BEA's transactions net, in both directions"),
        ("valuation and other changes", "eximbank", "bea_change", "either",
         "positions also change by capital gains, currency, write-offs and reclassified firms"),
        ("foreign parent", "eximbank", "bea_change", "either",
         "a US business held through a third country is not Korea's in positions by foreign parent"),
        ("withdrawals", "eximbank", "eximbank_net", "first",
         "the net amount takes off what was withdrawn in the year"),
        ("concept", "bea_new", "bea_change", "either",
         "new investment is spending at the start of a project by any source; a position is the parent's claim"),
        ("concept", "bea_new", "bea_flow", "either",
         "new investment is spending at the start of a project by any source; a flow is the parent's net money"),
        ("valuation and other changes", "bea_flow", "bea_change", "either",
         "positions also change by capital gains, currency, write-offs and reclassified firms"),
    ],
    columns=["reason", "first", "second", "makes_larger", "words"],
)


def printed_changes(
    raw: pd.DataFrame, sources: pd.DataFrame, release_days: dict[str, str], as_of: str, max_tier: int
) -> pd.DataFrame:
    """Changes of Korea's position that a text prints as such, of bea/position_and_flows, million USD."""
    rows = raw[(raw["measure"] == "change in inward position") & (raw["country"] == "South Korea")]
    scale = rows["unit"].map({"USD billions": 1000.0, "USD millions": 1.0})
    numbers = [printed_number(text) for text in rows["value"]]
    frame = pd.DataFrame({
        "year": rows["year"].str[-4:], "concept": "bea_change",
        "value_musd": [n.value * k for n, k in zip(numbers, scale, strict=True)],
        "rounding_musd": [n.half_digit * k for n, k in zip(numbers, scale, strict=True)], "ref": rows["ref"],
    }, index=rows.index).join(with_origin(rows, sources, "vintage", release_days))
    return known_by(frame, as_of, max_tier).reset_index(drop=True)


def concepts(
    investment: pd.DataFrame, as_of: str, max_tier: int, *, changes: pd.DataFrame | None = None,
    limits: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Korean investment in the United States by year and concept; what is not held has no row.

    Columns year, concept, value_musd, lower_musd, upper_musd, vintage, tier, ref, how. A change of
    position takes both positions from one release: two releases would add the revision to it. `changes`
    (printed_changes) and `limits` (feasibility.bounds: Korea's new investment that follows from a printed
    change) fill years that are not printed; `how` says which.
    """
    found = []
    for concept, measure in (("eximbank", "invested"), ("eximbank_net", "net")):
        for row in outflows(investment, as_of, max_tier, measure=measure).itertuples():
            found.append(_row(row.period, concept, row.value_musd, row.rounding_musd, row.vintage,
                              row.tier, row.ref))
    begun = new_fdi(investment, as_of, max_tier)
    begun = begun[(begun["investor"] == "KOR") & (begun["mode"] == "all") & (begun["measure"] == "first_year")]
    positions = known_by(investment, as_of, max_tier)
    positions = positions[(positions["series"] == POSITIONS) & (positions["investor"] == "KOR")
                          & (positions["industry"] == "") & (positions["frequency"] == "A")
                          & (positions["status"] == "published")]
    flows = positions[positions["measure"] == "flow"]
    for concept, rows in (("bea_new", begun), ("bea_flow", flows)):
        for (year, vintage), group in rows.sort_values("vintage").groupby(["period", "vintage"]):
            found = [row for row in found if (row["year"], row["concept"]) != (year, concept)]
            found.append(_of(year, concept, printed(group), vintage, group))
    found += _changes(positions[positions["measure"] == "position"])
    have = {(row["year"], row["concept"]) for row in found}
    for row in () if changes is None else changes.itertuples():
        if (row.year, "bea_change") not in have:
            found.append(_row(row.year, "bea_change", row.value_musd, row.rounding_musd, row.vintage,
                              row.tier, row.ref) | {"how": "change as printed"})
    for row in () if limits is None else limits[limits["test"] == "korea_total"].itertuples():
        if (row.year, "bea_new") not in have:
            low, high = row.bound_lower_musd, row.bound_upper_musd
            found.append(_row(row.year, "bea_new", (low + high) / 2, (high - low) / 2, row.bound_vintage,
                              row.bound_tier, row.bound_ref) | {"how": "from a printed change in per cent"})
    columns = ["year", "concept", "value_musd", "lower_musd", "upper_musd", "vintage", "tier", "ref", "how"]
    order = {name: n for n, name in enumerate(CONCEPTS)}
    table = pd.DataFrame(found, columns=columns)
    return table.sort_values(["year", "concept"], key=lambda column: column.map(order).fillna(0).astype(int)
                             if column.name == "concept" else column).reset_index(drop=True)


def _row(year, concept, value, slack, vintage, tier, ref) -> dict:
    return {"year": year, "concept": concept, "value_musd": float(value), "lower_musd": float(value - slack),
            "upper_musd": float(value + slack), "vintage": vintage, "tier": int(tier), "ref": ref, "how": "printed"}


def _of(year: str, concept: str, amount: Interval, vintage: str, group: pd.DataFrame) -> dict:
    best = group.sort_values(["tier", "rounding_musd", "ref"], kind="stable").iloc[0]
    row = _row(year, concept, best["value_musd"], 0, vintage, amount.tier, " ".join(amount.refs))
    return row | {"lower_musd": amount.lower, "upper_musd": amount.upper}


def _changes(positions: pd.DataFrame) -> list[dict]:
    """Year-on-year changes of position, per year from the latest release that prints both."""
    found = {}
    for vintage, group in positions.sort_values("vintage").groupby("vintage"):
        held = {year: printed(rows) for year, rows in group.groupby("period")}
        for year, level in held.items():
            before = held.get(str(int(year) - 1))
            if before is not None:
                change = level.plus(before, -1)
                found[year] = _row(year, "bea_change", change.middle, (change.upper - change.lower) / 2,
                                   vintage, change.tier, " ".join(change.refs)) | {
                                       "how": "difference of two positions of one release"}
    return list(found.values())


def differences(held: pd.DataFrame) -> pd.DataFrame:
    """Every pair of concepts held for a year: both values, the difference with bounds, and why.

    Only pairs that REASONS names. Columns year, first, second, first_musd, second_musd, difference_musd,
    lower_musd, upper_musd, ratio, reasons, tier, ref.
    """
    named = REASONS.groupby(["first", "second"], sort=False)["reason"].agg("; ".join)
    found = []
    for year, rows in held.groupby("year"):
        rows = rows.set_index("concept")
        for (first, second), reasons in named.items():
            if first not in rows.index or second not in rows.index:
                continue
            one, other = rows.loc[first], rows.loc[second]
            found.append({
                "year": year, "first": first, "second": second, "first_musd": one["value_musd"],
                "second_musd": other["value_musd"],
                "difference_musd": one["value_musd"] - other["value_musd"],
                "lower_musd": one["lower_musd"] - other["upper_musd"],
                "upper_musd": one["upper_musd"] - other["lower_musd"],
                "ratio": one["value_musd"] / other["value_musd"] if other["value_musd"] else float("nan"),
                "reasons": reasons, "tier": max(one["tier"], other["tier"]),
                "ref": f"{one['ref']} {other['ref']}",
            })
    columns = ["year", "first", "second", "first_musd", "second_musd", "difference_musd", "lower_musd",
               "upper_musd", "ratio", "reasons", "tier", "ref"]
    return pd.DataFrame(found, columns=columns)


def side_by_side(held: pd.DataFrame) -> pd.DataFrame:
    """A year a row, a concept a column; gaps stay gaps, every year between first and last is there."""
    wide = held.pivot(index="year", columns="concept", values="value_musd").reindex(columns=list(CONCEPTS))
    if wide.empty:
        return wide.reset_index()
    years = [str(year) for year in range(int(wide.index.min()), int(wide.index.max()) + 1)]
    return wide.reindex(years).rename_axis("year").reset_index()


def record(values, held: pd.DataFrame) -> None:
    """Record every concept held, by year, with its bounds."""
    for row in held.itertuples():
        values.add(f"investment.mirror.{row.concept}.{row.year}", row.value_musd, "million USD", str(row.year),
                   tier=int(row.tier), refs=row.ref, lower=row.lower_musd, upper=row.upper_musd)
