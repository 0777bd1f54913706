"""A partner's imports against a weighted pool of the other partners, fitted before a date.

Weights are non-negative and add to one (Abadie, Diamond and Hainmueller 2010); they minimise the squared distance
to the treated partner over all months before the date, and use nothing else. A gap is log(actual) − log(pool).
Chance enters nowhere: what a gap means is read off the gaps of the other partners, each put in the treated one's
place (placebo in space). Tables go in and come out; rows may be in any order.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls

WORLD = "WLD"
LEAST_BEFORE = 12          # months of fit below which seasons can not be told from weights
SCALES = ("log", "index", "level")
TIE = 1e-9                 # statistics this close are the same number, computed twice


class SyntheticError(ValueError):
    """The pool can not be fitted, or says nothing; the message says why."""


@dataclass(frozen=True)
class Fit:
    """One partner and its pool: weights by donor, and gap by month in log points, before and after."""

    unit: str
    weights: pd.Series
    gaps: pd.Series
    before: int                # months before the date; the first of `gaps`

    @property
    def rmspe(self) -> float:
        """Root mean squared gap before the date, log points."""
        return root_mean_square(self.gaps.to_numpy()[:self.before])

    @property
    def rmspe_after(self) -> float:
        """The same from the date on."""
        return root_mean_square(self.gaps.to_numpy()[self.before:])

    @property
    def mean_gap(self) -> float:
        """Mean gap from the date on, log points."""
        return float(self.gaps.to_numpy()[self.before:].mean())


@dataclass(frozen=True)
class Effect:
    """A fit with its placebos. `placebos`: unit, rmspe, rmspe_after, ratio, mean_gap, score; the treated one first.

    `score` is the mean gap over the rmspe. p_ratio and p_mean are shares of partners, the treated one among them,
    whose ratio or absolute score is at least as large. lower and upper enclose the mean gap; mde is the smallest
    mean gap that would be larger than every placebo's, all in log points. `months`: month, gap, lower, upper.
    """

    fit: Fit
    placebos: pd.DataFrame
    months: pd.DataFrame
    rank: int
    p_ratio: float
    p_mean: float
    mde: float
    level: float

    @property
    def lower(self) -> float:
        """Lower end of the interval of the mean gap, log points."""
        return self.fit.mean_gap - self.mde

    @property
    def upper(self) -> float:
        """Upper end of the interval of the mean gap, log points."""
        return self.fit.mean_gap + self.mde


def root_mean_square(values: np.ndarray) -> float:
    """Root of the mean of squares."""
    return math.sqrt(float(np.mean(values**2)))


def per_cent(log_points: float) -> float:
    """A gap in log points as per cent of the pool."""
    return 100 * math.expm1(log_points)


def panel(
    trade: pd.DataFrame, first: str, treated_from: str, last: str | None = None, without: tuple[str, ...] = (),
    unit: str = "KOR",
) -> pd.DataFrame:
    """Imports for consumption (US dollars), months in rows, partners in columns, no cell missing.

    `trade` is trade_monthly with one vintage chosen. A partner is kept that is held in every month from `first` to
    the month before `treated_from`; the last month is the latest (up to `last`) in which all of these are held. The
    world is no partner. Raises SyntheticError when `unit` is not held or a partner has two amounts in a month.
    """
    rows = trade[trade["consumption_usd"].notna() & (trade["month"] >= first) & (trade["partner"] != WORLD)
                 & ~trade["partner"].isin([p for p in without if p != unit])]
    twice = rows[rows.duplicated(["month", "partner"])]
    if len(twice):
        raise SyntheticError(f"{twice['partner'].iloc[0]} {twice['month'].iloc[0]} has two amounts: select one vintage")
    wide = rows.pivot(index="month", columns="partner", values="consumption_usd").sort_index().astype(float)
    before = [str(m) for m in pd.period_range(first, pd.Period(treated_from, "M") - 1, freq="M")]
    held = wide.reindex(before)
    wide = wide[[name for name in sorted(wide.columns) if held[name].notna().all()]]
    if unit not in wide:
        raise SyntheticError(f"{unit} is not held for every month from {first} to {before[-1] if before else first}")
    wide = wide.loc[wide.index <= (last or wide.index.max())]
    missing = wide.index[wide.isna().any(axis=1)]
    whole = wide if missing.empty else wide[wide.index < missing[0]]
    expected = [str(m) for m in pd.period_range(first, whole.index.max(), freq="M")]
    if list(whole.index) != expected:
        raise SyntheticError(f"{sorted(set(expected) - set(whole.index))[0]} is held for no partner")
    return whole


def scaled(wide: pd.DataFrame, before: int, scale: str) -> np.ndarray:
    """Imports on the scale on which they are fitted (months × partners).

    log: logarithm less its mean before the date; index: over the mean before the date; level: plain logarithm.
    """
    values = wide.to_numpy(dtype=float)
    low = np.argwhere(~(values > 0))
    if len(low):
        row, column = low[0]
        raise SyntheticError(f"{wide.columns[column]} {wide.index[row]}: {values[row, column]} has no logarithm")
    if scale == "index":
        return values / values[:before].mean(axis=0)
    if scale in SCALES:
        logs = np.log(values)
        return logs - logs[:before].mean(axis=0) if scale == "log" else logs
    raise SyntheticError(f"scale {scale!r} is none of {', '.join(SCALES)}")


def simplex_weights(target: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """Weights ≥ 0 that add to one and bring `pool` (months × donors) nearest to `target` in least squares.

    As the weights add to one, the distance is that of a point of the donors' hull from zero. Its direction solves a
    plain non-negative least squares problem with one row of ones added; the solution is exact, not iterated.
    """
    distance = target[:, None] - pool
    size = math.sqrt(float((distance**2).mean(axis=0).min())) * math.sqrt(len(target))
    if size == 0:                                        # a donor is the target
        return (np.abs(distance).max(axis=0) == 0) / (np.abs(distance).max(axis=0) == 0).sum()
    reduced = np.linalg.qr(distance / size, mode="r")
    rows = np.vstack([reduced, np.ones(pool.shape[1])])
    found, _ = nnls(rows, np.append(np.zeros(len(reduced)), 1.0), maxiter=1000)
    return found / found.sum()


def fit(wide: pd.DataFrame, unit: str, treated_from: str, scale: str = "log", donors: list[str] | None = None) -> Fit:
    """The pool of `unit`: weights over `donors` (all others where none are named), and gaps by month.

    Raises SyntheticError where there is no month after or too few before, fewer than two donors, a partner without
    any variation, or as many donors as months, so that a perfect fit is no achievement.
    """
    before = int((wide.index < treated_from).sum())
    names = [n for n in wide.columns if n != unit] if donors is None else sorted(donors)
    absent = [n for n in [unit, *names] if n not in wide.columns]
    if absent:
        raise SyntheticError(f"{absent[0]} is not in the panel: {', '.join(wide.columns)}")
    if before < LEAST_BEFORE:
        raise SyntheticError(f"{before} months before {treated_from}, and the fit needs at least {LEAST_BEFORE}")
    if before == len(wide):
        raise SyntheticError(f"no month from {treated_from} on is held: there is no gap to look at")
    if len(names) < 2:
        raise SyntheticError(f"{len(names)} donor: a pool has at least two")
    if len(names) >= before:
        raise SyntheticError(f"{len(names)} donors and {before} months to fit them: so many donors fit anything")
    data = scaled(wide[[unit, *names]], before, scale)
    flat = np.ptp(data[:before], axis=0) <= 1e-12
    if flat.any():
        raise SyntheticError(f"{[unit, *names][int(np.argmax(flat))]} does not vary before {treated_from}")
    weights = simplex_weights(data[:before, 0], data[:before, 1:])
    pool = data[:, 1:] @ weights
    gaps = np.log(data[:, 0] / pool) if scale == "index" else data[:, 0] - pool
    return Fit(unit, pd.Series(weights, index=names), pd.Series(gaps, index=wide.index), before)


def effect(wide: pd.DataFrame, unit: str, treated_from: str, scale: str = "log") -> Effect:
    """The gap of `unit` beside the gap of every donor put in its place, the unit itself in no donor's pool.

    A donor's gap is measured in its own rmspe before the date. If Korea's deviation were one more draw of the kind
    the donors show, its score would be the largest of all in one case of (donors + 1). So the interval of the mean
    gap, and of each month's, reaches as far as the largest placebo score: its level is donors / (donors + 1).
    """
    main = fit(wide, unit, treated_from, scale)
    donors = list(main.weights.index)
    others = [fit(wide, name, treated_from, scale, [d for d in donors if d != name]) for name in donors]
    exact = [f.unit for f in [main, *others] if f.rmspe <= 1e-12]
    if exact:
        raise SyntheticError(f"{exact[0]} is fitted without any gap before {treated_from}: its placebo has no measure")
    table = pd.DataFrame([{"unit": f.unit, "rmspe": f.rmspe, "rmspe_after": f.rmspe_after,
                           "ratio": f.rmspe_after / f.rmspe, "mean_gap": f.mean_gap, "score": f.mean_gap / f.rmspe}
                          for f in [main, *others]])
    after = main.gaps.iloc[main.before:]
    reach = main.rmspe * np.max([np.abs(f.gaps.to_numpy()[f.before:]) / f.rmspe for f in others], axis=0)
    months = pd.DataFrame({"month": after.index, "gap": after.to_numpy(), "lower": after.to_numpy() - reach,
                           "upper": after.to_numpy() + reach})
    ratio, score = table["ratio"].to_numpy(), table["score"].abs().to_numpy()
    rank = int((ratio >= ratio[0] * (1 - TIE)).sum())
    return Effect(main, table, months, rank, rank / len(table), float((score >= score[0] * (1 - TIE)).mean()),
                  main.rmspe * float(score[1:].max()), 100 * len(donors) / len(table))
