"""Do the intervals and the tests of the chapters on imports and cars keep what they promise? Simulations with the panel in hand.

`python -m korus.study_imports TABLE.csv` draws imports with the partners, months and rates of the report's panel, a
known elasticity, and errors like those found: each partner's own scatter and its correlation from month to month. It
counts how often each 95 % interval contains the truth, and how the estimate scatters around it. Synthetic imports
only; nothing here is a published figure. For cars, growth is drawn at the rates in hand with the scatter found.
"""

import argparse
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from korus import cars_effect, imports_effect, imports_panel, randomization

SEED = 20261125
ORDERS = 999
ERRORS = ("as found", "independent", "one scatter")
NORMAL = 1.959964


@dataclass(frozen=True)
class Design:
    """A panel to draw from: fitted imports at a true elasticity, rates, and each partner's scatter and correlation."""

    fitted: np.ndarray
    rates: np.ndarray
    scatter: np.ndarray
    correlation: np.ndarray
    beta: float


def design(values: np.ndarray, rates: np.ndarray, beta: float, errors: str = "as found") -> Design:
    """The design at a true elasticity; scatter and correlation are those of the logs left by that fit."""
    fitted = randomization.null_fit(values, beta * rates)
    left = np.log(values / fitted)
    left = left - left.mean(axis=1, keepdims=True)
    correlation = (left[:, 1:] * left[:, :-1]).sum(axis=1) / (left[:, :-1] ** 2).sum(axis=1)
    scatter = left.std(axis=1)
    if errors == "independent":
        correlation = np.zeros_like(correlation)
    elif errors == "one scatter":
        scatter = np.full_like(scatter, np.sqrt((scatter**2).mean()))
    elif errors != "as found":
        raise ValueError(f"errors {errors!r} are none of {', '.join(ERRORS)}")
    return Design(fitted, rates, scatter, correlation, beta)


def drawn(setting: Design, rng: np.random.Generator) -> np.ndarray:
    """Synthetic imports (partners × months), with the fitted imports as their mean."""
    shape = setting.fitted.shape
    fresh = rng.standard_normal(shape)
    error = np.empty(shape)
    error[:, 0] = fresh[:, 0]
    for month in range(1, shape[1]):
        error[:, month] = setting.correlation * error[:, month - 1] + np.sqrt(
            1 - setting.correlation**2) * fresh[:, month]
    spread = setting.scatter[:, None]
    return setting.fitted * np.exp(spread * error - spread**2 / 2)


def fitted_by_regression(values: np.ndarray, rates: np.ndarray) -> imports_effect.Fit:
    """The main regression on synthetic imports."""
    partners, months = values.shape
    names = [f"{year}-{month:02d}" for year in range(2017, 2100) for month in range(1, 13)][:months]
    frame = pd.DataFrame({
        "partner": np.repeat([f"P{number:02d}" for number in range(partners)], months), "month": names * partners,
        "value_usd": values.ravel(), "log_rate": rates.ravel()})
    return imports_effect.fit(frame)


def coverage(setting: Design, method: str, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Whether each of `draws` intervals contains the truth; only the test of the truth itself is needed."""
    clusters = len(setting.fitted)
    if method == "wild score":
        patterns = randomization.signs(clusters, ORDERS, rng)
        p = [randomization.wild_p(drawn(setting, rng), setting.rates, setting.beta, patterns) for _ in range(draws)]
    elif method == "permutation":
        orders = randomization.permutations(clusters, ORDERS, rng)
        p = [randomization.permutation_p(drawn(setting, rng), setting.rates, setting.beta, orders) for _ in range(draws)]
    else:
        raise ValueError(f"method {method!r} is neither 'wild score' nor 'permutation'")
    return np.array(p) > randomization.LEVEL


def cells(values: np.ndarray, rates: np.ndarray, beta: float, draws: int) -> list[dict]:
    """Every cell: coverage of both tests at the estimate, half of it and zero, under other errors, and recovery."""
    rows, few = [], max(draws // 2, 1)

    def add(*cell) -> None:
        rows.append(_row(*cell))

    for true, errors, times in ((beta, "as found", draws), (beta / 2, "as found", few), (0.0, "as found", few),
                                (beta, "independent", few), (beta, "one scatter", few)):
        setting = design(values, rates, true, errors)
        for method in ("wild score", "permutation"):
            add("coverage", method, true, errors, 0.95,
                coverage(setting, method, times, _generator(method, round(true, 6), errors)))
    setting, generator = design(values, rates, beta), _generator("recovery", round(beta, 6))
    fits = [fitted_by_regression(drawn(setting, generator), rates) for _ in range(few)]
    estimates = np.array([fit.estimate for fit in fits])
    inside = np.abs(estimates - beta) <= NORMAL * np.array([fit.error for fit in fits])
    add("coverage", "clustered, normal", beta, "as found", 0.95, inside)
    add("mean estimate", "PPML", beta, "as found", round(beta, 4), estimates)
    return rows


def cars_cells(frame: pd.DataFrame, draws: int) -> list[dict]:
    """Coverage of the exact interval for cars: errors by car and origin alone, or shared by all cars of an origin."""
    change, rate, _ = cars_effect.arrays(frame)
    beta = float(cars_effect.slope(change, rate))
    left = change - beta * rate
    left = left - left.mean(axis=1, keepdims=True)
    scatter, rows = left.std(), []
    for errors, shared in (("independent", 0.0), ("shared by origin", 0.7)):
        rng = _generator("cars", round(beta, 6), errors)
        hits = []
        for _ in range(draws):
            own, common = rng.standard_normal(change.shape), rng.standard_normal((1, change.shape[1]))
            grown = beta * rate + scatter * (np.sqrt(1 - shared) * own + np.sqrt(shared) * common)
            hits.append(cars_effect.exact_p(grown, rate, beta)[0] > randomization.LEVEL)
        rows.append(_row("coverage", "exact permutation, cars", beta, errors, 0.95, np.array(hits)))
    return rows


def _generator(*cell) -> np.random.Generator:
    """A generator of its own for each cell, so that cells can be added without moving others."""
    return np.random.default_rng([SEED, zlib.crc32(repr(cell).encode())])


def _row(question: str, method: str, true: float, errors: str, target: float, found: np.ndarray) -> dict:
    """One line of the table: a share or a mean, what it should be, and its Monte Carlo standard error."""
    return {"question": question, "method": method, "elasticity": round(true, 4), "errors": errors, "target": target,
            "draws": len(found), "result": float(found.mean()), "mc_se": float(found.std() / np.sqrt(len(found))),
            "seed": SEED}


def panels_of_the_report(profile: str) -> tuple[np.ndarray, np.ndarray, float, pd.DataFrame]:
    """Imports and log rates of the report's panel, its main estimate, and the panel of cars."""
    from korus import tables, tariffs
    from korus.parameters import read_profile
    from korus.paths import ROOT
    from korus.selection import selected

    os.environ["KORUS_PROFILE"] = profile
    chosen = read_profile(profile, ROOT)
    frame = imports_panel.panel(tariffs.rates(tables.read("trade_monthly"), str(chosen.as_of), chosen.max_tier))
    values, rates, _, _ = imports_panel.wide(frame)
    cars = cars_effect.panel(selected("trade_products", tables.read("trade_products"), str(chosen.as_of), chosen.max_tier))
    return values, rates, imports_effect.fit(frame).estimate, cars


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m korus.study_imports", description=__doc__)
    parser.add_argument("table", type=Path, help="CSV to write")
    parser.add_argument("--draws", type=int, default=2_000, help="of the main design")
    parser.add_argument("--profile", default="baseline")
    given = parser.parse_args(argv)
    if given.draws < 1:
        parser.error(f"--draws {given.draws}: at least 1")
    *panel, cars = panels_of_the_report(given.profile)
    result = pd.DataFrame([*cells(*panel, given.draws), *cars_cells(cars, given.draws)])
    given.table.parent.mkdir(parents=True, exist_ok=True)
    result.round(4).to_csv(given.table, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
