"""Inference for a Poisson regression with partner and month effects when partners are few.

Under a null value of the coefficient the model is fitted without it; the cluster (partner) scores of the treatment
are then compared with what they would be had the partners' scores come with other signs (wild score test, all sign
patterns), or had the partners received each other's paths of rates (randomization test). Both need the null fit
only, so an interval is the set of null values that are not rejected.

References: Kline and Santos (2012) for the score bootstrap; Roth and Sant'Anna (2023) for permuting paths.
"""

import itertools

import numpy as np

from korus.imports_panel import DesignError

ALL_SIGNS_UP_TO = 16
FIT_TOLERANCE = 1e-11
LEVEL = 0.05


def null_fit(values: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Fitted values of a Poisson regression on row and column effects with an offset (rows × columns).

    Such a fit has the margins of the data; it is found by proportional fitting. Raises DesignError where a row or a
    column has no positive value: its effect can not be estimated.
    """
    if (values.sum(axis=0) <= 0).any() or (values.sum(axis=1) <= 0).any():
        raise DesignError("a partner or a month has no imports at all: its effect can not be estimated (separation)")
    fitted = np.exp(offset - offset.max())
    rows, columns = values.sum(axis=1, keepdims=True), values.sum(axis=0, keepdims=True)
    for _ in range(10_000):
        fitted = fitted * (rows / fitted.sum(axis=1, keepdims=True))
        scale = columns / fitted.sum(axis=0, keepdims=True)
        fitted = fitted * scale
        if np.abs(scale - 1).max() < FIT_TOLERANCE:
            return fitted
    raise DesignError("the fit without the treatment did not converge")


class Residual:
    """Takes row and column effects out of a variable, weighted by fitted values (one factorization for many)."""

    def __init__(self, weights: np.ndarray):
        self.weights = weights
        rows, columns = weights.shape
        cross = np.zeros((rows + columns, rows + columns))
        cross[:rows, :rows] = np.diag(weights.sum(axis=1))
        cross[rows:, rows:] = np.diag(weights.sum(axis=0))
        cross[:rows, rows:] = weights
        cross[rows:, :rows] = weights.T
        # One effect is redundant: fix the last column's at zero.
        self.inverse = np.linalg.inv(cross[:-1, :-1])

    def of(self, variable: np.ndarray) -> np.ndarray:
        """The variable less its weighted row and column effects; leading dimensions are separate variables."""
        weighted = variable * self.weights
        sums = np.concatenate([weighted.sum(axis=-1), weighted.sum(axis=-2)], axis=-1)[..., :-1]
        effects = sums @ self.inverse
        rows = self.weights.shape[0]
        columns = np.concatenate([effects[..., rows:], np.zeros((*effects.shape[:-1], 1))], axis=-1)
        return variable - effects[..., :rows, None] - columns[..., None, :]


def signs(clusters: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Sign patterns (patterns × clusters), the first all plus.

    All of them up to a common sign, which changes nothing, where there are few clusters; else `draws` drawn ones.
    """
    if clusters <= ALL_SIGNS_UP_TO:
        rest = np.array(list(itertools.product((1.0, -1.0), repeat=clusters - 1)))
        return np.hstack([np.ones((len(rest), 1)), rest])
    drawn = rng.choice((-1.0, 1.0), size=(max(draws, 1), clusters))
    drawn[0] = 1.0
    return drawn


def studentized(scores: np.ndarray) -> np.ndarray:
    """Sum of cluster scores over the root of their sum of squares, along the last axis."""
    spread = np.sqrt((scores**2).sum(axis=-1))
    return np.abs(scores.sum(axis=-1)) / np.where(spread > 0, spread, np.inf)


def wild_p(values: np.ndarray, treatment: np.ndarray, beta: float, patterns: np.ndarray) -> float:
    """p-value of a coefficient by the wild score test: share of sign patterns with a statistic as large."""
    fitted = null_fit(values, beta * treatment)
    scores = ((values - fitted) * Residual(fitted).of(treatment)).sum(axis=1)
    # Studentizing by the sum of squares would not change with signs: centre the scores, as a variance does.
    signed = patterns * scores
    means = signed.mean(axis=1, keepdims=True)
    spread = np.sqrt(((signed - means) ** 2).sum(axis=1))
    statistics = np.abs(signed.sum(axis=1)) / np.where(spread > 0, spread, np.inf)
    return float((statistics >= statistics[0] * (1 - 1e-12)).mean())


def permutations(clusters: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Orders of the clusters (draws × clusters), the first as they are; all of them where there are at most seven."""
    if clusters <= 7:
        return np.array(list(itertools.permutations(range(clusters))))
    return np.array([np.arange(clusters), *(rng.permutation(clusters) for _ in range(draws - 1))])


def permutation_p(values: np.ndarray, treatment: np.ndarray, beta: float, orders: np.ndarray) -> float:
    """p-value of a coefficient by giving partners each other's paths of rates; studentized by cluster scores."""
    fitted = null_fit(values, beta * treatment)
    shuffled = Residual(fitted).of(treatment[orders])
    statistics = studentized(((values - fitted) * shuffled).sum(axis=-1))
    return float((statistics >= statistics[0] * (1 - 1e-12)).mean())


def interval(p_of, estimate: float, reach: float, tolerance: float = 1e-3) -> tuple[float, float]:
    """Null values around the estimate that are not rejected at LEVEL: bisection on each side, within `reach`.

    `p_of` gives the p-value of a null value. A side on which nothing within reach is rejected is infinite.
    """
    ends = []
    for sign in (-1.0, 1.0):
        inside, outside = estimate, estimate + sign * reach
        if p_of(outside) > LEVEL:
            ends.append(sign * np.inf)
            continue
        while abs(outside - inside) > tolerance:
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if p_of(middle) > LEVEL else (inside, middle)
        ends.append(inside)
    return ends[0], ends[1]
