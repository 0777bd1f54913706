"""When one level of a short yearly series with gaps gave way to another, and what else fits.

One break in the mean (two levels, one scatter). Gaps stay gaps: a break lies between two years that
follow each other in the series, so where years are missing in between, every one of them is the same
partition and is named together ("2002–2013"). A break is dated by the first year of the new level.
Each segment has at least `trim` observations. Arrays go in sorted by year, with no value missing;
chance enters only through the generator passed in.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

FEWEST = 6                 # observations below which two levels and their scatter are not estimated
ENUMERATED = 2**14         # every sign pattern is gone through up to this number, else drawn
TIE = 1e-9                 # statistics this close are the same number, computed twice


class BreakError(ValueError):
    """The series can not answer the question; the message says why."""


@dataclass(frozen=True)
class Design:
    """Everything the tests need that depends on the years alone, not on the values.

    `whiten` makes errors independent that fade as persistence**(years apart); with independent
    errors it is the identity. `level` and each row of `steps` (one per partition) have length one,
    and every step is orthogonal to the level, so a partition explains (step · data)².
    """

    years: np.ndarray
    cuts: np.ndarray
    whiten: np.ndarray
    level: np.ndarray
    steps: np.ndarray

    @property
    def spans(self) -> pd.DataFrame:
        """The years each partition may mean: first_year, last_year, span."""
        first, last = self.years[self.cuts - 1] + 1, self.years[self.cuts]
        return pd.DataFrame({"first_year": first, "last_year": last,
                             "span": [span_name(a, b) for a, b in zip(first, last)]})


@dataclass(frozen=True)
class SupF:
    """The largest F over all partitions, its p-value, and the F of each partition in `path`."""

    statistic: float
    p_value: float
    exact: bool            # every sign pattern was gone through
    draws: int
    span: str              # of the best partition
    path: pd.DataFrame


@dataclass(frozen=True)
class ConfidenceSet:
    """The partitions not rejected, in `table` (span, p_value, in_set), and the best one's span."""

    table: pd.DataFrame
    level: float
    method: str
    estimate: str
    no_break_p: float
    no_break_compatible: bool

    @property
    def spans(self) -> list[str]:
        return self.table.loc[self.table["in_set"], "span"].tolist()

    def contains(self, year: int) -> bool:
        """Whether a break in `year` is compatible, alone or as one of several years of a gap."""
        table = self.table
        return bool((table["in_set"] & (table["first_year"] <= year) & (year <= table["last_year"])).any())


def balance(annual: pd.DataFrame, above: str = "CHN", below: str = "USA") -> pd.DataFrame:
    """log(above/below) of annual amounts by destination: year, log_ratio, tier, ref, sorted by year.

    Only years with both amounts; the worse tier of the two; both references.
    """
    rows = annual[annual["destination"].isin([above, below])]
    twice = rows[rows.duplicated(["destination", "period"])]
    if len(twice):
        raise BreakError(f"{twice['destination'].iloc[0]} {twice['period'].iloc[0]} has two amounts: "
                         "select one vintage before taking the ratio")
    low = rows[rows["value_musd"].notna() & ~(rows["value_musd"] > 0)]
    if len(low):
        raise BreakError(f"{low['ref'].iloc[0]}: {low['value_musd'].iloc[0]} million USD has no "
                         "logarithm; use gross amounts, or leave the year out")
    one, other = (rows[(rows["destination"] == name) & rows["value_musd"].notna()]
                  for name in (above, below))
    both = one.merge(other, on="period", suffixes=("", "_below")).sort_values("period")
    ratio = both["value_musd"].astype(float) / both["value_musd_below"].astype(float)
    return pd.DataFrame({
        "year": both["period"].astype(int), "log_ratio": np.log(ratio),
        "tier": both[["tier", "tier_below"]].max(axis=1), "ref": both["ref"] + " " + both["ref_below"],
    }).reset_index(drop=True)


def design(years, trim: int = 2, persistence: float = 0.0) -> Design:
    """The design of a series seen in `years`; see `Design`."""
    years = np.asarray(years)
    n = len(years)
    if n and not (np.issubdtype(years.dtype, np.integer) and (np.diff(years) > 0).all()):
        raise BreakError("years must be whole numbers that increase: sort the series, one row a year")
    if n < FEWEST:
        raise BreakError(f"{n} observations, and a break needs at least {FEWEST}")
    if trim < 1 or 2 * trim > n:
        raise BreakError(f"no admissible partition: two segments of at least {trim} do not fit into "
                         f"{n} observations (and a segment has at least 1)")
    if not 0 <= persistence < 1:
        raise BreakError(f"persistence {persistence} is not at least 0 and below 1")
    cuts = np.arange(trim, n - trim + 1)
    apart = np.abs(years[:, None] - years).astype(float)
    whiten = np.linalg.inv(np.linalg.cholesky(persistence**apart)) if persistence else np.eye(n)
    level = whiten.sum(axis=1)
    level /= np.linalg.norm(level)
    steps = (np.arange(n) >= cuts[:, None]) @ whiten.T
    steps = steps - np.outer(steps @ level, level)
    return Design(years, cuts, whiten, level, steps / np.linalg.norm(steps, axis=1, keepdims=True))


def sup_f(y, years, trim: int = 2, *, rng=None, draws: int = 9999) -> SupF:
    """Is there a break at all? The largest F over partitions, against no break.

    p-value from the wild bootstrap under no break: the deviations from the mean, each with a random
    sign, which keeps every year's own scatter. Up to 15 observations all sign patterns are gone
    through (a pattern and its opposite give the same F), so nothing is random.
    """
    form = design(years, trim)
    data = checked(y, form)
    p_value, exact, used = no_break_p(data, form, rng, draws)
    f, residual = f_path(data, form)
    best = int(np.argmin(residual))
    y = np.asarray(y, dtype=float)
    path = form.spans.assign(
        n_before=form.cuts, n_after=len(y) - form.cuts, mean_before=[y[:k].mean() for k in form.cuts],
        mean_after=[y[k:].mean() for k in form.cuts], residual_ss=residual, f=f)
    return SupF(float(f[best]), p_value, exact, used, path["span"].iloc[best], path)


def confidence_set(y, years, trim: int = 2, *, rng, level: float = 0.95, method: str = "normal",
                   draws: int = 19999, persistence: float = 0.0) -> ConfidenceSet:
    """The break years that the series does not reject, by inverting a test of each partition.

    The statistic is the share of a partition's residual variation that the best partition saves.
    Its distribution if the break is there comes from the two means estimated there plus residuals:

    * `normal` (main): residuals in a random direction, their sum of squares as found. The means and
      that sum are sufficient if errors are normal with one variance, so the test is exact whatever
      the break's size: the set covers with probability `level`, or more where the break is so
      large that the true partition wins in more than that share of samples.
    * `permutation`: residuals reordered within their segment; exact for any errors that are
      independent and alike within a segment, and the two segments may scatter differently.
    * `wild`: each residual with a random sign; allows a scatter of each year's own, approximate.

    `persistence` (normal only) is the errors' correlation from one year to the next.
    """
    if not 0 < level < 1:
        raise BreakError(f"level {level} is not between 0 and 1")
    if persistence and method != "normal":
        raise BreakError(f"method {method!r} assumes independent years: use 'normal' with persistence")
    form = design(years, trim, persistence)
    data = checked(y, form)
    p = np.array([partition_p(data, form, i, method, rng, draws) for i in range(len(form.cuts))])
    none = no_break_p(data, form, rng, draws, normal=persistence > 0)[0]
    table = form.spans.assign(p_value=p, in_set=p > 1 - level + TIE)
    best = table["span"].iloc[int(np.argmin(f_path(data, form)[1]))]
    return ConfidenceSet(table, level, method, best, none, none > 1 - level + TIE)


def span_name(first: int, last: int) -> str:
    """A span of years in words: one year, or first–last."""
    return str(first) if first == last else f"{first}–{last}"


def aligned(y, years) -> tuple[np.ndarray, np.ndarray]:
    """The series as arrays of equal length, every value finite."""
    y, years = np.asarray(y, dtype=float), np.asarray(years)
    if y.ndim != 1 or y.shape != years.shape:
        raise BreakError(f"{y.size} values for {years.size} years")
    if not np.isfinite(y).all():
        raise BreakError(f"no number for {years[~np.isfinite(y)][0]}: leave out years that are not seen")
    return y, years


def checked(y, form: Design) -> np.ndarray:
    """The series without its mean, whitened."""
    y, _ = aligned(y, form.years)
    if np.ptp(y) <= 1e-12 * max(1.0, np.abs(y).max()):
        raise BreakError("the series is constant: there is nothing to break")
    return form.whiten @ (y - y.mean())


def variation(rows: np.ndarray, form: Design) -> tuple[np.ndarray, np.ndarray]:
    """Of each row of data: the variation around one level, and what each partition explains of it."""
    total = np.einsum("ij,ij->i", rows, rows) - (rows @ form.level) ** 2
    return total, (rows @ form.steps.T) ** 2


def f_path(data: np.ndarray, form: Design) -> tuple[np.ndarray, np.ndarray]:
    """F (1 and n−2 degrees of freedom) and residual sum of squares of each partition."""
    total, explained = variation(data[None], form)
    residual = total[0] - explained[0]
    residual = np.where(residual > 1e-13 * total[0], residual, 0.0)
    with np.errstate(divide="ignore"):
        return explained[0] * (len(data) - 2) / residual, residual


def at_partition(data: np.ndarray, form: Design, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Fitted values and residuals of partition `i`."""
    fitted = form.level * (form.level @ data) + form.steps[i] * (form.steps[i] @ data)
    return fitted, data - fitted


def share_of(count: int, of: int, exact: bool) -> float:
    """A p-value: the share itself if all cases were gone through, else with the data as one draw."""
    return float(count / of) if exact else float((count + 1) / (of + 1))


@lru_cache(maxsize=4)
def _all_signs(n: int) -> np.ndarray:
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)


def signs_for(n: int, rng, draws: int) -> tuple[np.ndarray, bool]:
    """Sign patterns of length n, one per row, and whether these are all there are."""
    if 2**n <= ENUMERATED:
        return _all_signs(n), True
    if rng is None:
        raise BreakError(f"{n} observations have too many sign patterns to go through: pass a generator")
    return rng.choice([-1.0, 1.0], size=(draws, n)), False


def no_break_p(data, form: Design, rng, draws: int, normal: bool = False) -> tuple[float, bool, int]:
    """p-value of no break, whether exact, and the draws used; wild bootstrap, or normal Monte Carlo."""
    total, explained = variation(data[None], form)
    found = explained[0].max() / total[0]
    n = len(data)
    if normal:
        drawn, exact = rng.standard_normal((draws, n)), False
        totals, parts = variation(drawn, form)
    else:
        deviation = data - form.level * (form.level @ data)
        signs, exact = signs_for(n - 1, rng, draws)     # the last year's sign stays: see sup_f
        weights = np.vstack([form.level, form.steps]) * deviation
        squares = (weights[:, :-1] @ signs.T + weights[:, -1:]) ** 2
        totals, parts = deviation @ deviation - squares[0], squares[1:].T
    count = int((parts.max(axis=1) >= found * totals * (1 - TIE)).sum())
    return share_of(count, len(totals), exact), exact, len(totals)


def partition_p(data, form: Design, i: int, method: str, rng, draws: int) -> float:
    """p-value of the hypothesis that the break is at partition `i`; see `confidence_set`."""
    fitted, residual = at_partition(data, form, i)
    found = _saved(data[None], form, i)[0]
    if found == 0:
        return 1.0
    noise, exact = _noise(residual, form, i, method, rng, draws)
    count = int((_saved(fitted + noise, form, i) >= found * (1 - TIE)).sum())
    return share_of(count, len(noise), exact)


def _saved(rows: np.ndarray, form: Design, i: int) -> np.ndarray:
    """Share of partition i's residual variation that the best partition saves, of each row of data."""
    total, explained = variation(rows, form)
    residual = total - explained[:, i]
    gain = explained.max(axis=1) - explained[:, i]
    return np.divide(gain, residual, out=np.zeros_like(gain), where=residual > 1e-13 * total)


def _noise(residual, form: Design, i: int, method: str, rng, draws: int) -> tuple[np.ndarray, bool]:
    """Residuals that could as well have been, one set per row, and whether these are all there are."""
    n, cut = len(residual), form.cuts[i]
    if method == "wild":
        signs, exact = signs_for(n, rng, draws)
        return signs * residual, exact
    if method == "permutation":
        many = np.broadcast_to(residual, (draws, n))
        halves = [rng.permuted(half, axis=1) for half in (many[:, :cut], many[:, cut:])]
        return np.concatenate(halves, axis=1), False
    if method == "normal":
        drawn = rng.standard_normal((draws, n))
        for direction in (form.level, form.steps[i]):
            drawn -= np.outer(drawn @ direction, direction)
        drawn *= np.linalg.norm(residual) / np.linalg.norm(drawn, axis=1, keepdims=True)
        return drawn, False
    raise BreakError(f"method {method!r} is not normal, permutation or wild")
