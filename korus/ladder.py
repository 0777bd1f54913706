"""From announcement to money sent: the steps of one year's investment, each in its own concept.

Announced → planned → first-year → invested. Steps are not parts of one another, and a dollar announced
in a year is spent in later ones: the ladder shows what each source counts, never a rate of completion.
Million USD.
"""

import pandas as pd

from korus.greenfield import outflows
from korus.projects import TIER, announced_by_year
from korus.readings import new_fdi, printed
from korus.selection import known_by, selected

STEPS = {
    "announced_list": ("announced", "project list", "new plants, expansions and joint ventures with a stated "
                       "amount, whole projects; the list is not complete"),
    "announced_cim": ("announced", "Clean Investment Monitor", "clean-technology plants with a Korean parent, "
                      "whole plants, constant dollars"),
    "planned_all": ("planned", "BEA, all countries", "greenfield begun in the year, all its years; Korea not held"),
    "first_year_all": ("first year", "BEA, all countries", "greenfield begun in the year, first year only"),
    "first_year_korea": ("first year", "BEA, Korea", "all modes, acquisitions too; Korea by type not held"),
    "invested_manufacturing": ("invested", "Eximbank, manufacturing", "money sent from Korea to US manufacturing, "
                               "all modes, projects of any year"),
    "invested_all": ("invested", "Eximbank, all industries", "money sent from Korea, all modes and industries"),
}


def ladder(
    investment: pd.DataFrame, listed: pd.DataFrame, plants: pd.DataFrame, totals: pd.DataFrame,
    years: list[str], as_of: str, max_tier: int, *, limits: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per year and step, held or not: value with bounds, coverage in words and counts, tier, ref.

    `listed` comes from projects.listed, `plants` from project_matches.facilities, `totals` from
    readings.denominators, `limits` from feasibility.bounds (Korea's new investment where it follows from a
    printed change). Columns year, step, stage, source, value_musd, lower_musd, upper_musd, held,
    coverage, vintage, tier, ref.
    """
    found = {}
    _announced(found, listed, plants, as_of)
    for reading, step in (("planned", "planned_all"), ("first_year", "first_year_all")):
        rows = totals[totals["reading"] == reading].sort_values("vintage").drop_duplicates("year", keep="last")
        for row in rows.itertuples():
            found[row.year, step] = {
                "value_musd": (row.total_lower_musd + row.total_upper_musd) / 2,
                "lower_musd": row.total_lower_musd, "upper_musd": row.total_upper_musd,
                "vintage": row.vintage, "tier": row.tier, "ref": row.ref, "count": ""}
    begun = new_fdi(investment, as_of, max_tier)
    begun = begun[(begun["investor"] == "KOR") & (begun["mode"] == "all") & (begun["measure"] == "first_year")]
    for (year, vintage), group in begun.sort_values("vintage").groupby(["period", "vintage"]):
        _add(found, year, "first_year_korea", printed(group), vintage)
    for row in () if limits is None else limits[limits["test"] == "korea_total"].itertuples():
        if (row.year, "first_year_korea") not in found:
            found[row.year, "first_year_korea"] = {
                "value_musd": (row.bound_lower_musd + row.bound_upper_musd) / 2,
                "lower_musd": row.bound_lower_musd, "upper_musd": row.bound_upper_musd,
                "vintage": row.bound_vintage, "tier": row.bound_tier, "ref": row.bound_ref,
                "count": "From a printed change in per cent."}
    for step, rows in (("invested_all", outflows(investment, as_of, max_tier)),
                       ("invested_manufacturing", us_manufacturing(investment, as_of, max_tier))):
        for row in rows.itertuples():
            _add(found, row.period, step, printed(rows.loc[[row.Index]]), row.vintage)
    table = [
        {"year": year, "step": step, "stage": stage, "source": source, **_held(found.get((year, step))),
         "coverage": " ".join(filter(None, [words + ".", found.get((year, step), {}).get("count", "")]))}
        for year in years for step, (stage, source, words) in STEPS.items()
    ]
    columns = ["year", "step", "stage", "source", "value_musd", "lower_musd", "upper_musd", "held",
               "coverage", "vintage", "tier", "ref"]
    return pd.DataFrame(table, columns=columns)


def _announced(found: dict, listed: pd.DataFrame, plants: pd.DataFrame, as_of: str) -> None:
    """The two sources of announcements; both as lower and upper bound only what they state."""
    for row in announced_by_year(listed).itertuples():
        amount = float(row.amount_musd)
        found[row.year, "announced_list"] = {
            "value_musd": amount, "lower_musd": amount, "upper_musd": amount, "vintage": str(as_of),
            "tier": TIER, "ref": row.ref, "count": f"{row.with_amount} of {row.projects} projects state an amount."}
    for year, rows in plants.groupby(plants["announced"].str[:4]):
        amount, stated = float(rows["amount_musd"].sum()), int(rows["amount_musd"].notna().sum())
        if stated:
            found[year, "announced_cim"] = {
                "value_musd": amount, "lower_musd": amount, "upper_musd": amount,
                "vintage": rows["vintage"].max(), "tier": int(rows["tier"].max()), "ref": " ".join(rows["ref"]),
                "count": f"{stated} of {len(rows)} plants state an amount."}


def _add(found: dict, year: str, step: str, amount, vintage: str) -> None:
    found[year, step] = {"value_musd": amount.middle, "lower_musd": amount.lower, "upper_musd": amount.upper,
                         "vintage": vintage, "tier": amount.tier, "ref": " ".join(amount.refs), "count": ""}


def _held(found: dict | None) -> dict:
    if found is None:
        return {"value_musd": float("nan"), "lower_musd": float("nan"), "upper_musd": float("nan"),
                "held": False, "vintage": "", "tier": pd.NA, "ref": ""}
    return {key: value for key, value in found.items() if key != "count"} | {"held": True}


def us_manufacturing(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Eximbank's annual outflow to manufacturing in the United States, gross invested, one row a year."""
    rows = known_by(investment, as_of, max_tier)
    rows = rows[(rows["source"] == "kexim") & (rows["destination"] == "USA") & (rows["mode"] == "all")
                & (rows["industry"] == "manufacturing") & (rows["measure"] == "invested")
                & (rows["frequency"] == "A") & (rows["basis"] == "")]
    return selected("investment", rows, as_of, max_tier)


def record(values, steps: pd.DataFrame) -> None:
    """Record every step held of every year of `ladder`, with its bounds."""
    for row in steps[steps["held"]].itertuples():
        values.add(f"investment.ladder.{row.step}.{row.year}", row.value_musd, "million USD", row.year, tier=int(row.tier),
                   refs=" ".join(dict.fromkeys(row.ref.split())), lower=row.lower_musd, upper=row.upper_musd)
