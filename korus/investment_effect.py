"""Has a short series moved at a date? Interrupted series with intervals that hold for a dozen observations.

The series is log(outflow to the United States / outflow to all other countries). The model is a level, a shift
from the date on, and where asked a straight line or quarters of the year. With one variance and normal errors the
interval from Student's distribution is exact however short the series; the permutation test needs no normality but
can not be surer than the number of arrangements. Tables go in and come out; rows may be in any order.
"""

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import optimize, stats

LEVEL, POWER = 0.95, 0.80
FEWEST = 6                 # observations below which level, shift and scatter are not estimated
ARRANGEMENTS = 400_000
TIE = 1e-9


class EffectError(ValueError):
    """The series can not answer the question; the message says why."""


@dataclass(frozen=True)
class Shift:
    """A shift in log points with its interval at LEVEL, and what could have been seen.

    mde is the smallest true shift found in POWER of cases by a two-sided test at 1 − LEVEL. p_permutation is the
    share of arrangements of before and after with a shift at least as large, `arrangements` how many there are.
    """

    gap: float
    error: float               # standard error
    freedom: int
    before: int
    after: int
    mde: float
    p_permutation: float
    arrangements: int
    neighbours: float          # correlation of residuals of neighbouring observations

    @property
    def lower(self) -> float:
        """Lower end of the interval, log points."""
        return self.gap - self.reach

    @property
    def upper(self) -> float:
        """Upper end of the interval, log points."""
        return self.gap + self.reach

    @property
    def reach(self) -> float:
        """Half the width of the interval, log points."""
        return self.error * float(stats.t.ppf((1 + LEVEL) / 2, self.freedom))


def balance(amounts: pd.DataFrame, part: str = "USA", whole: str = "WLD") -> pd.DataFrame:
    """log(part / (whole − part)) by period: period, log_ratio, part_musd, rest_musd, tier, ref, sorted by period.

    `amounts` holds one row per destination and period, million USD. Only periods with both; the worse tier.
    """
    rows = amounts[amounts["destination"].isin([part, whole]) & amounts["value_musd"].notna()]
    twice = rows[rows.duplicated(["destination", "period"])]
    if len(twice):
        raise EffectError(f"{twice['destination'].iloc[0]} {twice['period'].iloc[0]} has two amounts: "
                          "select one vintage")
    one, all_ = (rows[rows["destination"] == name] for name in (part, whole))
    both = one.merge(all_, on="period", suffixes=("", "_whole")).sort_values("period")
    amount = both["value_musd"].astype(float)
    rest = both["value_musd_whole"].astype(float) - amount
    low = both[~((amount > 0) & (rest > 0))]
    if len(low):
        raise EffectError(f"{low['period'].iloc[0]}: {part} or the rest of {whole} is not positive and has no "
                          "logarithm")
    return pd.DataFrame({
        "period": both["period"], "log_ratio": np.log(amount / rest), "part_musd": amount, "rest_musd": rest,
        "tier": both[["tier", "tier_whole"]].max(axis=1), "ref": both["ref"] + " " + both["ref_whole"],
    }).reset_index(drop=True)


def position(period: str) -> float:
    """A period as a number: years from the year, quarters as quarters of it."""
    year, _, quarter = period.partition("Q")
    return int(year) + (int(quarter) - 1) / 4 if quarter else float(year)


def shift(
    series: pd.DataFrame, date: str, *, trend: bool = False, seasons: bool = False, persistence: float = 0.0,
    column: str = "log_ratio",
) -> Shift:
    """The shift of `column` from the period `date` on.

    `persistence` is the assumed correlation of errors one observation's distance apart (generalised least squares,
    exact for normal errors at that value). Raises EffectError where nothing is held on one side of the date, where
    there are too few observations, two of one period, or no variation.
    """
    series = series.sort_values("period")
    periods, y = series["period"].tolist(), series[column].to_numpy(dtype=float)
    if len(set(periods)) < len(periods):
        raise EffectError("a period has two values: select one vintage")
    if not np.isfinite(y).all():
        raise EffectError(f"no number for {periods[int(np.argmin(np.isfinite(y)))]}")
    if not 0 <= persistence < 1:
        raise EffectError(f"persistence {persistence} is not at least 0 and below 1")
    after = np.array([p >= date for p in periods])
    if not after.any() or after.all():
        side = "from" if not after.any() else "before"
        raise EffectError(f"nothing is held {side} {date}: there is nothing to compare")
    base = covariates(periods, trend, seasons)
    rows, columns = base.shape
    if rows < max(FEWEST, columns + 3):
        raise EffectError(f"{rows} observations, and {columns + 1} coefficients with their scatter need at least "
                          f"{max(FEWEST, columns + 3)}")
    design = np.column_stack([base, after])
    if np.linalg.matrix_rank(design) < columns + 1:
        raise EffectError("the shift can not be told from the other terms")
    whiten = whitening(periods, persistence)
    gap, error, residual = regression(whiten @ y, whiten @ design)
    if error <= 1e-12:
        raise EffectError("the series does not vary around the model: there is no scatter to measure a shift by")
    freedom = rows - columns - 1
    p, arrangements = permuted(y, after, base) if not persistence else (math.nan, 0)
    return Shift(gap, error, freedom, int((~after).sum()), int(after.sum()), error * detectable(freedom), p,
                 arrangements, neighbouring(residual))


def covariates(periods: list[str], trend: bool, seasons: bool) -> np.ndarray:
    """Constant, and where asked a straight line and quarters of the year less their first."""
    place = np.array([position(p) for p in periods])
    columns = [np.ones(len(periods))]
    if trend:
        columns.append(place - place.mean())
    if seasons:
        quarter = np.round(4 * (place % 1)).astype(int)
        columns += [(quarter == q).astype(float) for q in sorted(set(quarter))[1:]]
    return np.column_stack(columns)


def whitening(periods: list[str], persistence: float) -> np.ndarray:
    """What makes errors independent that fade as persistence**(observations apart); gaps count as they are."""
    place = np.array([position(p) for p in periods])
    step = 0.25 if "Q" in periods[0] else 1.0
    apart = np.abs(place[:, None] - place) / step
    return np.linalg.inv(np.linalg.cholesky(persistence**apart)) if persistence else np.eye(len(periods))


def regression(y: np.ndarray, design: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Last coefficient of a least squares fit, its standard error, and the residuals."""
    q, r = np.linalg.qr(design)
    coefficients = np.linalg.solve(r, q.T @ y)
    residual = y - design @ coefficients
    variance = residual @ residual / (len(y) - design.shape[1])
    inverse = np.linalg.inv(r)
    return float(coefficients[-1]), float(np.sqrt(variance * (inverse[-1] @ inverse[-1]))), residual


@lru_cache(maxsize=64)
def detectable(freedom: int) -> float:
    """Smallest shift that the two-sided test finds in POWER of cases, in standard errors (noncentral Student)."""
    limit = stats.t.ppf((1 + LEVEL) / 2, freedom)
    # Mean over the scatter's distribution; scipy's noncentral Student fails far out.
    scatter = np.sqrt(stats.chi2.ppf((np.arange(4000) + 0.5) / 4000, freedom) / freedom)

    def short(size: float) -> float:
        return float((stats.norm.cdf(size - limit * scatter) + stats.norm.cdf(-size - limit * scatter)).mean()) - POWER

    return float(optimize.brentq(short, 0.1, 100.0, xtol=1e-10))


def permuted(y: np.ndarray, after: np.ndarray, base: np.ndarray) -> tuple[float, int]:
    """Share of arrangements with a studentized shift at least as large, and their number.

    Every choice of as many observations as lie after the date, in any place, is an arrangement. With terms besides
    the level this is a ranking, not an exact test. NaN where there are more than ARRANGEMENTS.
    """
    n, k = len(y), int(after.sum())
    if math.comb(n, k) > ARRANGEMENTS:
        return math.nan, 0
    q, _ = np.linalg.qr(base)
    left = y - q @ (q.T @ y)
    chosen = np.array(list(itertools.combinations(range(n), k)))
    marks = np.zeros((len(chosen), n))
    np.put_along_axis(marks, chosen, 1.0, axis=1)
    marks = np.vstack([after.astype(float), marks])
    marks = marks - (marks @ q) @ q.T
    sizes = np.sqrt((marks**2).sum(axis=1))
    usable = sizes > 1e-9
    share = (marks[usable] @ left / sizes[usable]) ** 2 / (left @ left)
    return float((share[1:] >= share[0] * (1 - TIE)).mean()), int(usable[1:].sum())


def neighbouring(residual: np.ndarray) -> float:
    """Correlation of residuals with those before them."""
    return float((residual[1:] * residual[:-1]).sum() / (residual**2).sum())


def fall(log_points: float) -> float:
    """A fall of that many log points, as a positive per cent."""
    return -100 * math.expm1(-log_points)


def rise(log_points: float) -> float:
    """A rise of that many log points, per cent."""
    return 100 * math.expm1(log_points)
