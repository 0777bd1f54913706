"""Values, estimates and tables of the chapter on tariffs and investment."""

import math

import numpy as np
import pandas as pd

from korus import investment_checks, investment_effect, revisions
from korus.investment_effect import Shift, fall, rise

QUESTION = "Did Korean investment turn to or from the United States at the tariffs, or at IRA and CHIPS?"
INTERVAL = "Student's distribution, exact for independent normal errors of one variance"
PERIODS = {"tariffs": "2025Q2", "acts": "2022Q3/2025Q1", "years": "2023/2024"}
CAVEAT = {
    "tariffs": "few quarters after the date, the last a first print; decisions precede payments by years",
    "acts": "few quarters before the date; the acts were expected, and other things moved in 2022",
    "years": "few years after; the share of the United States had been rising before",
}
SERIES = ("kexim.invested.USA.Q", "kexim.invested.WLD.Q")


def main_shift(compared: pd.DataFrame, question: str = "tariffs") -> Shift | None:
    """The main shift of a question, or None where it was refused."""
    rows = compared[(compared["question"] == question) & (compared["id"] == "main")]
    return rows["shift"].iloc[0] if len(rows) else None


def record(values, compared: pd.DataFrame) -> None:
    """Record what could be found, then the shift with its bounds and p, of every choice; per cent.

    Ids: effects.investment.{mde, mde_rise, reach, gap.2025Q2, p} for the main one,
    effects.investment.<question>.{mde, …} for the others' main, and
    effects.investment.<question>.gap.<id> for every further choice.
    """
    for row in compared.itertuples():
        found = row.shift
        if found is None:
            continue
        period, origin = PERIODS[row.question], {"tier": int(row.tier), "refs": row.ref}
        bounds = {"lower": round(rise(found.lower), 6), "upper": round(rise(found.upper), 6)}
        if row.id != "main":
            values.add(f"effects.investment.{row.question}.gap.{row.id}", rise(found.gap), "per cent", period, **bounds,
                       **origin)
            if math.isfinite(found.p_permutation):
                values.add(f"effects.investment.{row.question}.p.{row.id}", found.p_permutation, "ratio", period,
                           **origin)
            continue
        stem = "effects.investment" if row.question == "tariffs" else f"effects.investment.{row.question}"
        values.add(f"{stem}.mde", fall(found.mde), "per cent", period, **origin)
        values.add(f"{stem}.mde_rise", rise(found.mde), "per cent", period, **origin)
        name = f"{stem}.gap.2025Q2" if row.question == "tariffs" else f"{stem}.gap"
        values.add(name, rise(found.gap), "per cent", period, **bounds, **origin)
        values.add(f"{stem}.p", found.p_permutation, "ratio", period, **origin)
        values.add(f"{stem}.p_smallest", 1 / found.arrangements, "ratio", period, **origin)
        values.add(f"{stem}.before", found.before, "count", period, **origin)
        values.add(f"{stem}.after", found.after, "count", period, **origin)
        values.add(f"{stem}.neighbours", found.neighbours, "ratio", period, **origin)


def record_slopes(values, slopes: pd.DataFrame) -> None:
    """Record how fast the balance was moving before the acts, per cent a year (`investment_checks.slopes_before`)."""
    for row in slopes.itertuples():
        values.add(f"effects.investment.{row.question}.slope_before", rise(row.slope), "per cent", row.period,
                   tier=row.tier, refs=row.ref)


def record_pool(values, estimates, pool, rows: pd.DataFrame) -> None:
    """Record the United States against a weighted pool of other regions; `rows` are the amounts behind it."""
    if pool is None:
        return
    own, period = pool.fit, PERIODS["tariffs"]
    bounds = {"lower": round(rise(pool.lower), 6), "upper": round(rise(pool.upper), 6)}
    values.add("effects.investment.pool.gap", rise(own.mean_gap), "per cent", period, rows, **bounds)
    values.add("effects.investment.pool.rmspe", rise(own.rmspe), "per cent", period, rows)
    values.add("effects.investment.pool.donors", len(own.weights), "count", period, rows)
    values.add("effects.investment.pool.p", pool.p_ratio, "ratio", period, rows)
    estimates.add(
        "effects.investment.tariffs.pool", method="synthetic control, no negative weights, adding to one, least squares on logs",
        specification="United States against other regions of which every quarter is at least "
        f"{investment_checks.LEAST_MUSD} million USD",
        role="robustness", estimate=rise(own.mean_gap), lower=rise(pool.lower), upper=rise(pool.upper),
        level=round(pool.level, 4), interval_method="inverted placebo test in space: gaps in units of the fit",
        n=len(own.gaps) * len(pool.placebos), clusters=len(pool.placebos), p_randomization=pool.p_ratio,
        mde=fall(pool.mde), unit="per cent of the pool",
        caveat=f"{len(own.weights)} donors: no p below {1 / len(pool.placebos):.2f}; {CAVEAT['tariffs']}")


def record_estimates(estimates, compared: pd.DataFrame) -> None:
    """A row of estimates.csv per choice that could be estimated; per cent."""
    for row in compared.itertuples():
        found = row.shift
        if found is None:
            continue
        estimates.add(
            f"effects.investment.{row.question}.{row.id}", method="interrupted series, least squares",
            specification=row.specification, role=row.role, estimate=rise(found.gap), lower=rise(found.lower),
            upper=rise(found.upper), level=100 * investment_effect.LEVEL, interval_method=INTERVAL,
            n=found.before + found.after, clusters=found.before + found.after, p_randomization=found.p_permutation,
            mde=fall(found.mde), unit="per cent", caveat=CAVEAT[row.question])


def record_revisions(values, moves: pd.DataFrame, sizes: pd.DataFrame) -> None:
    """Record how far first prints of the balance and of both amounts usually move, per cent.

    The balance: nine tenths of its changes from first to latest print are smaller. Fewer than FEW_PAIRS say nothing.
    """
    if len(moves) >= revisions.FEW_PAIRS:
        period = f"{moves['period'].min()}/{moves['period'].max()}"
        for name, share in (("revision", 0.9), ("revision_median", 0.5)):
            size = rise(float(np.quantile(moves["change"].abs(), share)))
            values.add(f"effects.investment.{name}", size, "per cent", period, moves)
        values.add("effects.investment.revision_quarters", len(moves), "count", period, moves)
    for series in SERIES:
        own = sizes[(sizes["series"] == series) & (sizes["pairs"] >= revisions.FEW_PAIRS)]
        for row in own.itertuples():
            values.add(f"effects.investment.revision.{series.split('.')[2]}", revisions.noise_floor(sizes, series),
                       "per cent", values.as_of, tier=row.tier, refs=row.ref)


def could_be_found(compared: pd.DataFrame) -> pd.DataFrame:
    """What each main question could find at all, before any estimate: falls and rises in per cent."""
    names = {"tariffs": "tariffs, from 2025Q2", "acts": "IRA and CHIPS, from 2022Q3", "years": "years from 2023"}
    rows = [(names[row.question], row.shift.before, row.shift.after, fall(row.shift.mde), rise(row.shift.mde))
            for row in compared.itertuples() if row.id == "main" and row.shift is not None]
    return pd.DataFrame(rows, columns=["question", "before", "after", "a fall of", "a rise of"])


def shifts_table(compared: pd.DataFrame, question: str) -> pd.DataFrame:
    """Every choice of a question in words and numbers, per cent."""
    rows = []
    for row in compared[compared["question"] == question].itertuples():
        found = row.shift
        if found is None:
            rows.append((f"{row.specification} (not estimated: {row.refused})", *[math.nan] * 6))
            continue
        rows.append((row.specification, rise(found.gap), rise(found.lower), rise(found.upper), found.p_permutation,
                     fall(found.mde), rise(found.mde)))
    return pd.DataFrame(rows, columns=["choice", "shift", "from", "to", "p", "smallest fall found", "smallest rise"])


FORMATS = {name: "{:+.0f}" for name in ("shift", "from", "to")} | {"p": "{:.2f}"} | {
    name: "{:.0f}" for name in ("smallest fall found", "smallest rise", "a fall of", "a rise of")}


def pool_table(pool) -> pd.DataFrame:
    """The United States and each region in its place: fit, gap and their ratio."""
    if pool is None:
        return pd.DataFrame()
    weights = pool.fit.weights
    return pd.DataFrame({
        "region": pool.placebos["unit"].replace({"USA": "United States"}),
        "weight in the pool, %": [math.nan, *(100 * weights[name] for name in pool.placebos["unit"][1:])],
        "typical gap before, %": pool.placebos["rmspe"].map(rise),
        "gap in 2025Q2, %": pool.placebos["mean_gap"].map(rise),
        "gap over typical gap": pool.placebos["ratio"]})


POOL_FORMATS = {"weight in the pool, %": "{:.0f}", "typical gap before, %": "{:.0f}", "gap in 2025Q2, %": "{:+.0f}",
                "gap over typical gap": "{:.2f}"}


def pool_rows(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Rows behind the United States' quarters, for tier and refs."""
    series = investment_checks.series_of(investment, as_of, max_tier)
    return series[series["period"].between(investment_checks.FIRST, investment_checks.LAST)]
