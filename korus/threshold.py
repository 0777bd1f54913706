"""How far US imports would have to fall for China to import more, and the duty that takes under an elasticity."""

import math

import numpy as np
import pandas as pd

from korus import markets
from korus.tariffs import complete_years, rate_over, rolling

ELASTICITIES = "effects.imports.elasticity."
FALLS = ["year", "usa_usd", "chn_usd", "fall_pct", "tier", "ref"]
RATES = ["name", "elasticity", "rate_pct"]


def falls(by_importer: pd.DataFrame) -> pd.DataFrame:
    """The fall of US imports that brings them down to China's, per cent, by year: FALLS, amounts in US dollars.

    `by_importer` is korus.markets.shares: one basis (the World Trade Organization's), both terms of one tier. China's
    imports are held fixed. Below nothing in a year in which China's were larger.
    """
    lead = markets.leads(by_importer)
    amounts = by_importer.pivot(index="year", columns="importer", values="imports_usd").reindex(lead["year"])
    if lead.empty:
        return pd.DataFrame(columns=FALLS)
    usa, chn = amounts["USA"].to_numpy(), amounts["CHN"].to_numpy()
    return pd.DataFrame({"year": lead["year"].to_numpy(), "usa_usd": usa, "chn_usd": chn,
                         "fall_pct": 100 * (1 - chn / usa), "tier": lead["tier"].to_numpy(),
                         "ref": lead["ref"].to_numpy()})


def duty_rate(fall: float, base: float, elasticity: float) -> float:
    """The duty rate at which imports are lower by `fall` than at the rate `base`, shares; infinite when none does it.

    Imports are proportional to (1 + rate) to the power of the elasticity: (1 + rate) = (1 + base)(1 − fall)^(1/e). With
    an elasticity of nothing or above no duty lowers imports. A fall of nothing or less is there already: `base`.
    Raises ValueError for a fall of all imports or more, or a rate of −1 or below.
    """
    if not fall < 1 or not base > -1 or math.isnan(elasticity):
        raise ValueError(f"a fall of {fall} from a rate of {base} under an elasticity of {elasticity}: the fall must "
                         "be below 1, the rate above -1, the elasticity a number")
    if fall <= 0:
        return base
    if elasticity >= 0:
        return math.inf
    try:
        return (1 + base) * (1 - fall) ** (1 / elasticity) - 1
    except OverflowError:
        return math.inf


def elasticities(estimates: pd.DataFrame) -> dict[str, float]:
    """Elasticities of the chapter on imports by name: main, its bounds, and those of the curve, where estimated."""
    rows = estimates.set_index("id")
    found = {}
    for name in ("main", "min", "median", "max"):
        if ELASTICITIES + name in rows.index:
            found[name] = float(rows.at[ELASTICITIES + name, "estimate"])
    for bound in ("lower", "upper"):
        if "main" in found and math.isfinite(rows.at[ELASTICITIES + "main", bound]):
            found[f"main {bound}"] = float(rows.at[ELASTICITIES + "main", bound])
    return found


def rates(fall: float, base: float, by_name: dict[str, float]) -> pd.DataFrame:
    """The duty rate under each elasticity: RATES, per cent, infinite where no duty brings the fall about."""
    return pd.DataFrame([(name, value, 100 * duty_rate(fall, base, value)) for name, value in by_name.items()],
                        columns=RATES).astype({"elasticity": float, "rate_pct": float})


def base_rate(collected: pd.DataFrame, year: int) -> pd.DataFrame:
    """Months of all countries of a year, to take its collected rate of; no rows unless all twelve are held."""
    whole = complete_years(collected)
    return whole.get(("WLD", str(year)), collected.iloc[:0])


def since(collected: pd.DataFrame, year: int) -> dict | None:
    """US imports of the latest twelve months: rate_pct, change_pct (on the year), period, tier, ref.

    Imports for consumption from all countries in US dollars, prices and all. None when the months are not held.
    """
    before = base_rate(collected, year)
    held = rolling(collected, ["WLD"])
    if before.empty or held.empty or held["month"].max()[:4] <= str(year):
        return None
    last = held.loc[held["month"].idxmax()]
    change = last["consumption_usd"] / before["consumption_usd"].sum() - 1
    return {"rate_pct": last["rate_pct"], "change_pct": 100 * change,
            "period": f"{last['first_month']}/{last['month']}", "tier": int(max(last["tier"], before["tier"].max())),
            "ref": " ".join([last["ref"], *before["ref"]])}


def record(values, estimates, by_year: pd.DataFrame, months: pd.DataFrame, by_name: dict[str, float]) -> None:
    """Record the fall of every year, and the duty rate of the latest: under the main elasticity and over the curve.

    `months`: of `base_rate` for the latest year; `by_name`: of `elasticities`.
    """
    if by_year.empty:
        return
    last = by_year.loc[by_year["year"].idxmax()]
    for row in by_year.itertuples():
        for word in (row.year, "latest") if row.year == last["year"] else (row.year,):
            values.add(f"effects.threshold.import_fall_pct.{word}", row.fall_pct, "per cent", str(row.year),
                       tier=row.tier, refs=row.ref)
    least = by_year.loc[by_year["fall_pct"].idxmin()]
    values.add("effects.threshold.import_fall_pct.lowest", least["fall_pct"], "per cent", str(least["year"]),
               tier=int(least["tier"]), refs=least["ref"])
    estimates.add(
        f"effects.threshold.import_fall_pct.{last['year']}", method="ratio of two published totals", role="main", n=2,
        specification="US merchandise imports down to China's, which stay", estimate=last["fall_pct"], unit="per cent",
        interval_method="none: two published totals, whose later revisions are not known",
        caveat="China's imports would not stay if the United States bought less from it and others.")
    if months.empty:
        return
    base = rate_over(months)
    origin = {"tier": int(max(last["tier"], months["tier"].max())), "refs": " ".join([last["ref"], *months["ref"]])}
    period = str(last["year"])
    values.add("effects.threshold.base_rate", base, "per cent", period, months)
    found = rates(last["fall_pct"] / 100, base / 100, by_name).set_index("name")["rate_pct"]
    caveat = ("Elasticities between partners say who sells, not how much is bought in all; used for the total, they "
              "make the duty too low where trade is diverted.")
    if "main" in found and math.isfinite(found["main"]):
        bounds = {"lower": found.get("main lower", math.nan), "upper": found.get("main upper", math.nan)}
        held = not any(math.isnan(bound) for bound in bounds.values())
        values.add("effects.threshold.duty_rate.main", found["main"], "per cent", period, **bounds, **origin)
        estimates.add(
            "effects.threshold.duty_rate.main", method="constant elasticity", role="main", estimate=found["main"], n=1,
            specification="duty at which US imports equal China's under the main elasticity between partners", **bounds,
            level=95.0 if held else math.nan, unit="per cent", caveat=caveat,
            interval_method="the elasticity's interval carried over" if held else "none: the elasticity has none")
    if "min" in found and "max" in found and math.isfinite(found["min"]):
        values.add_interval("effects.threshold.duty_rate", found["min"], found["max"], "per cent", period, **origin)
        middle = found["median"] if math.isfinite(found.get("median", math.nan)) else found["min"]
        estimates.add(
            "effects.threshold.duty_rate", method="constant elasticity", role="robustness", estimate=middle, n=1,
            specification="the same over the specification curve; the estimate is at its median", lower=found["min"],
            upper=found["max"], unit="per cent", caveat=caveat,
            interval_method="range over the elasticities of the curve; infinite where one is nothing or above")


def record_since(values, now: dict | None) -> None:
    """Record the rate of the latest twelve months and how imports stand to the year of the threshold."""
    if now is not None:
        for name in ("rate_pct", "change_pct"):
            values.add(f"effects.threshold.since.{name}", now[name], "per cent", now["period"], tier=now["tier"],
                       refs=now["ref"])


def curve(fall: float, base: float, steps: list[float]) -> pd.DataFrame:
    """Duty rate along elasticities: elasticity, rate_pct; finite ones."""
    frame = rates(fall, base, {f"{step}": step for step in steps})
    return frame.loc[np.isfinite(frame["rate_pct"]), ["elasticity", "rate_pct"]].reset_index(drop=True)


NAMES = {"main": "main estimate", "main lower": "lower bound of the main estimate",
         "main upper": "upper bound of the main estimate", "min": "least of all specifications",
         "median": "middle of all specifications", "max": "largest of all specifications"}


def rates_table(found: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Duty by elasticity for display, estimated ones and a grid (both RATES), the strongest first."""
    rows = pd.concat([found, grid]).sort_values("elasticity", kind="stable")
    return pd.DataFrame({
        "elasticity": rows["elasticity"], "whose elasticity": rows["name"].map(lambda name: NAMES.get(name, "grid")),
        "duty rate, %": [f"{rate:,.1f}" if math.isfinite(rate) else "no duty does" for rate in rows["rate_pct"]]})


def falls_table(by_year: pd.DataFrame) -> pd.DataFrame:
    """Imports and the fall by year for display."""
    return pd.DataFrame({"year": by_year["year"], "US, $bn": by_year["usa_usd"] / 1e9,
                         "China, $bn": by_year["chn_usd"] / 1e9,
                         "fall that makes them equal, %": by_year["fall_pct"], "tier": by_year["tier"]})
