"""How imports move with the duty rate: Poisson and log-linear regressions with partner and month effects.

The covariance is always stated (clustered by partner, CRV1), and never used alone: with sixteen partners the
interval of the main estimate comes from korus.randomization. Amounts are US dollars, rates log(1 + rate), and a
coefficient is an elasticity: per cent of imports per per cent of (1 + rate).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus.imports_panel import DesignError

METHODS = ("ppml", "log-linear")
# Below this standard deviation of the treatment, within partners and months, there is nothing to estimate from.
LEAST_VARIATION = 1e-9


@dataclass(frozen=True)
class Fit:
    """Coefficients of one regression with their clustered standard errors, and its size."""

    coefficients: pd.Series
    errors: pd.Series
    n: int
    clusters: int

    @property
    def estimate(self) -> float:
        """The coefficient of the rate of the same month."""
        return float(self.coefficients["log_rate"])

    @property
    def error(self) -> float:
        """Its clustered standard error."""
        return float(self.errors["log_rate"])


def with_lags(frame: pd.DataFrame, lags: int, leads: int) -> pd.DataFrame:
    """The panel with log_rate of earlier (lag1 …) and later months (lead1 …); months without them are left out."""
    groups = frame.groupby("partner")["log_rate"]
    added = {f"lag{k}": groups.shift(k) for k in range(1, lags + 1)}
    added |= {f"lead{k}": groups.shift(-k) for k in range(1, leads + 1)}
    return frame.assign(**added).dropna(subset=list(added)).reset_index(drop=True)


def fit(frame: pd.DataFrame, method: str = "ppml", *, seasonal: bool = False, extra: tuple[str, ...] = ()) -> Fit:
    """Imports on log_rate (and `extra` columns) with month and partner effects; `seasonal`: partner by calendar month.

    Raises DesignError where it can not be estimated: one partner, a rate that does not vary once the effects are
    taken out, or a partner or month without any imports (separation).
    """
    import pyfixest

    if method not in METHODS:
        raise DesignError(f"method {method!r} is none of {', '.join(METHODS)}")
    _require_estimable(frame)
    data = frame.assign(
        # Scaled to one on average: a coefficient on a log does not change, and the fit converges in fewer steps.
        scaled=frame["value_usd"] / frame["value_usd"].mean(),
        season=frame["partner"] + frame["month"].str[5:])
    effects = f"{'season' if seasonal else 'partner'} + month"
    terms = " + ".join(("log_rate", *extra))
    cluster = {"CRV1": "partner"}
    if method == "ppml":
        model = pyfixest.fepois(f"scaled ~ {terms} | {effects}", data=data, vcov=cluster)
    else:
        positive = data[data["scaled"] > 0]
        data = positive.assign(logged=np.log(positive["scaled"]))
        model = pyfixest.feols(f"logged ~ {terms} | {effects}", data=data, vcov=cluster)
    return Fit(model.coef(), model.se(), len(data), data["partner"].nunique())


def _require_estimable(frame: pd.DataFrame) -> None:
    partners = frame["partner"].nunique()
    if partners < 2:
        raise DesignError(f"{partners} partner: with month effects at least two are needed")
    for what in ("partner", "month"):
        empty = frame.groupby(what)["value_usd"].sum()
        if (empty <= 0).any():
            raise DesignError(f"{what} {empty.index[empty <= 0][0]} has no imports at all: its effect can not be "
                              "estimated (separation)")
    rate = frame["log_rate"]
    within = rate - frame.groupby("partner")["log_rate"].transform("mean") - frame.groupby("month")[
        "log_rate"].transform("mean") + rate.mean()
    if within.std() < LEAST_VARIATION:
        raise DesignError("the rate does not vary between partners once months are accounted for")


def long_difference(frame: pd.DataFrame, early: tuple[str, str], late: tuple[str, str]) -> Fit:
    """Change of log imports on change of log rate between two spans of months, one observation per partner.

    Each span is (first, last) month; imports are summed, the rate is duty over value of the span. Standard errors
    are robust (HC1); with so few observations they only give the size. Raises DesignError for a span not held.
    """
    spans = []
    for first, last in (early, late):
        rows = frame[frame["month"].between(first, last)].groupby("partner")[["value_usd", "duty_usd"]].sum()
        if rows.empty:
            raise DesignError(f"no months from {first} to {last} are held")
        spans.append(rows)
    before, after = spans
    change = pd.DataFrame({
        "imports": np.log(after["value_usd"] / before["value_usd"]),
        "log_rate": np.log1p(after["duty_usd"] / after["value_usd"]) - np.log1p(
            before["duty_usd"] / before["value_usd"])})
    if len(change) < 3 or change["log_rate"].std() < LEAST_VARIATION:
        raise DesignError("a long difference needs three partners and rates that changed differently")
    import pyfixest

    model = pyfixest.feols("imports ~ log_rate", data=change, vcov="HC1")
    return Fit(model.coef(), model.se(), len(change), len(change))


def placebo(frame: pd.DataFrame, months_earlier: int, before: str) -> pd.DataFrame:
    """The panel up to `before` (a month, not included) with the rates of `months_earlier` later months put in place.

    What the rates did later can not have moved imports before: the coefficient should be near zero.
    """
    later = frame[["partner", "month", "log_rate"]].copy()
    later["month"] = [str(pd.Period(month, "M") - months_earlier) for month in later["month"]]
    own = frame[frame["month"] < before].drop(columns="log_rate")
    return own.merge(later, on=["partner", "month"]).sort_values(["partner", "month"]).reset_index(drop=True)


def with_rates(frame: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """The panel with another rate for the partners and months of `others` (month, partner, rate_pct); rest kept."""
    both = frame.merge(others[["month", "partner", "rate_pct"]], on=["month", "partner"], how="left")
    other = np.log1p(both["rate_pct"].astype(float) / 100)
    return both.assign(log_rate=other.where(other.notna(), both["log_rate"])).drop(columns="rate_pct")
