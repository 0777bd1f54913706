"""Values, estimates and tables of the chapter on incentive and penalty."""

import pandas as pd

from korus import incentive
from korus.incentive import Plant

NO_SAMPLE = "none: a scenario, not an estimate"
CAVEAT = "Arithmetic on parameters. It says what would be equal in cost, not what a firm would do."


def record(values, estimates, plant: Plant, table: pd.DataFrame, origin: dict) -> None:
    """Record the equivalent tariff of each package, over capital shares from nothing to all, and what is left.

    `origin`: tier and refs of the statements the parameters come from. The first credit is recorded without its name.
    """
    day = values.as_of
    values.add("effects.incentive.gap_tariff", 100 * plant.gap, "per cent", day, **origin)
    for place, row in enumerate(table.itertuples()):
        word = f"credit-{100 * row.credit:g}".replace(".", "_")
        names = [f".{word}"] + ([""] if place == 0 else [])
        for name in names:
            values.add(f"effects.incentive.equivalent_tariff{name}", 100 * row.tariff, "per cent", day, lower=0.0,
                       upper=round(100 * row.tariff_most, 6), **origin)
        values.add(f"effects.incentive.paid.{word}", 100 * row.paid, "per cent", day, **origin)
        values.add(f"effects.incentive.paid_of_the_rest.{word}", 100 * row.paid_left, "per cent", day, **origin)
        values.add(f"effects.incentive.remaining_tariff.{word}", 100 * row.remaining, "per cent", day,
                   lower=round(100 * (plant.gap - row.tariff_most), 6), upper=round(100 * plant.gap, 6), **origin)
        if row.closing <= 1:
            values.add(f"effects.incentive.closing_capital_share.{word}", 100 * row.closing, "per cent", day, **origin)
        estimates.add(
            f"effects.incentive.equivalent_tariff.{word}", method="equal cost of a unit", role="main", n=1,
            specification=f"cost gap {100 * plant.gap:g} per cent, capital {100 * plant.capital:g} per cent of unit "
            f"cost, support {100 * row.paid:g} per cent of capital cost", estimate=100 * row.tariff, lower=0.0,
            upper=100 * row.tariff_most, unit="per cent", caveat=CAVEAT,
            interval_method="range over the parameter: capital from nothing to all of unit cost")
        estimates.add(
            f"effects.incentive.remaining_tariff.{word}", method="equal cost of a unit", role="main", n=1,
            specification="the same plant: the tariff that closes what the support leaves",
            estimate=100 * row.remaining, unit="per cent", caveat=CAVEAT, interval_method=NO_SAMPLE)
    needed = incentive.support_needed(Plant(plant.gap, 1.0), 0.0)
    values.add("effects.incentive.support_needed", 100 * needed, "per cent", day, **origin)


def closing_words(table: pd.DataFrame) -> str:
    """A sentence for each credit: from which capital share its package closes the gap alone, with ids for `say`."""
    words = []
    for row in table.itertuples():
        word = f"credit-{100 * row.credit:g}".replace(".", "_")
        where = (f"where capital is {{effects.incentive.closing_capital_share.{word}}} of the cost of a unit or more"
                 if row.closing <= 1 else "at no capital share")
        words.append(f"With a {100 * row.credit:g}% credit the package closes the gap alone {where}.")
    return " ".join(words)


def record_protection(values, products: pd.DataFrame) -> None:
    """Record the rate collected on chips from all countries over twelve months (`products`: tariff_products.held)."""
    rows = products[(products["partner"] == "WLD") & products["hs"].str.startswith("8542")]
    if len(rows):
        rate = 100 * rows["duty_usd"].sum() / rows["consumption_usd"].sum()
        values.add("effects.incentive.chips_collected", rate, "per cent", "2025-09/2026-08", rows)


def package_table(table: pd.DataFrame) -> pd.DataFrame:
    """Packages for display, per cent."""
    frame = pd.DataFrame({
        "credit": 100 * table["credit"], "grant and credit": 100 * table["paid"],
        "both, credit on the rest": 100 * table["paid_left"], "same as a tariff of": 100 * table["tariff"],
        "if all cost is capital": 100 * table["tariff_most"], "still needed": 100 * table["remaining"],
        "capital share that closes it": 100 * table["closing"]})
    return frame.round(6)


def needed_table(gaps: list[float], grant: float, credits: list[float]) -> pd.DataFrame:
    """By cost gap (a grid, per cent): tariff alone, support alone if all cost is capital, closing capital shares."""
    rows = []
    for gap in gaps:
        row = {"cost gap": 100 * gap, "tariff alone": 100 * gap,
               "support, if all is capital": 100 * incentive.support_needed(Plant(gap, 1.0), 0.0)}
        for credit in credits:
            share = 100 * incentive.closing_capital_share(gap, incentive.support(grant, credit))
            row[f"share, {100 * credit:g}% credit"] = f"{share:.0f}" if share <= 100 else "none"
        rows.append(row)
    return pd.DataFrame(rows)


def payers_table(plant: Plant, paid: float, shares: list[float]) -> pd.DataFrame:
    """Who pays for the same help, cents per dollar of the twin's unit, by the US plants' share of the market."""
    rows = [{"US-made, %": 100 * share, **{name: 100 * amount for name, amount in
                                           incentive.costs(plant, paid, share).items()}} for share in shares]
    frame = pd.DataFrame(rows)
    return frame.assign(net=frame["buyers"] - frame["treasury"]).rename(columns={
        "taxpayers": "incentive: taxpayers pay", "buyers": "tariff: buyers pay", "treasury": "of it to the Treasury",
        "net": "tariff, less what returns"})


def alternatives_table(found: pd.DataFrame, plant: Plant, grant: float, credits: list[float]) -> pd.DataFrame:
    """The equivalent tariff with each held figure in place of the commentary's, per cent; first credit to last."""
    rows = []
    for row in found.itertuples():
        own = Plant(row.pct / 100, plant.capital) if row.what == "cost gap" else plant
        given = row.pct / 100 if row.what == "grant" else grant
        rows.append({"in place of": row.what, "figure": row.where, "per cent": row.pct} | {
            f"tariff, {100 * credit:g}% credit":
                100 * incentive.equivalent_tariff(own, incentive.support(given, credit))
            for credit in credits} | {"tariff still needed, last credit": 100 * incentive.remaining_tariff(
                own, incentive.support(given, credits[-1]))})
    return pd.DataFrame(rows).round(6)
