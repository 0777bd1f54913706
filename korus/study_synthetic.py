"""Do the synthetic control's interval and the investment interval keep what they promise? Simulations.

`python -m korus.study_synthetic TABLE.csv` simulates panels of imports with the partners, months and noise
of the real one, and quarterly series like that of investment, and counts how often an interval contains the true
gap and how often a gap is found. It takes minutes and runs outside the chain; a smaller one is among the tests.
"""

import argparse
import os
import sys
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from korus import investment_effect, synthetic

SEED = 20261122
FACTORS = 3
FIRST, DATE = "2017-01", "2025-04"
PANELS = ("as held", "any partner", "t5", "wandering")
SERIES = ("normal", "t5", "ar0.3", "ar0.6")


class Panels:
    """Panels like a real one before the date: common factors, and each partner's own noise.

    Logs less their means are split into FACTORS principal components and a rest. Factors and rests are first-order
    autoregressions with the persistence and scatter found, factors with their straight line in time besides.
    """

    def __init__(self, wide: pd.DataFrame, date: str = DATE, seed: int = SEED):
        self.seed, self.date, self.index, self.names = seed, date, list(wide.index), list(wide.columns)
        self.before = sum(month < date for month in self.index)
        logs = synthetic.scaled(wide, self.before, "log")[:self.before]
        left, size, right = np.linalg.svd(logs, full_matrices=False)
        factors, self.loadings = left[:, :FACTORS] * size[:FACTORS], right[:FACTORS]
        time = np.arange(self.before)
        self.line = np.polyfit(time, factors, 1)
        self.factor_rho, self.factor_sd = persistence(factors - time[:, None] * self.line[0] - self.line[1])
        self.own_rho, self.own_sd = persistence(logs - factors @ self.loadings)

    def draw(self, kind: str, rng: np.random.Generator) -> tuple[pd.DataFrame, str]:
        """A panel without any effect (index as in the real one), and the partner taken as the treated one.

        as held: every partner with its own loadings and noise, Korea treated; any partner: treated is one of them at
        random; t5: noise with heavy tails; wandering: the partners' own noise never fades (a random walk).
        """
        months, partners = len(self.index), len(self.names)
        rho = np.ones(partners) if kind == "wandering" else self.own_rho
        tails = 5 if kind == "t5" else None
        factors = autoregression(self.factor_rho, self.factor_sd, months, rng, None)
        factors = factors + np.arange(months)[:, None] * self.line[0]
        own = autoregression(rho, self.own_sd, months, rng, tails)
        treated = self.names[rng.integers(partners)] if kind == "any partner" else "KOR"
        logs = factors @ self.loadings + own
        return pd.DataFrame(np.exp(logs), index=self.index, columns=self.names), treated

    def trial(self, kind: str, draws: int) -> list[dict]:
        """Coverage of the interval of the mean gap, and how often the rank finds an effect of given sizes."""
        rng = np.random.default_rng([self.seed, zlib.crc32(kind.encode())])
        effects = np.log([1.0, 0.9, 0.8, 0.7, 1.3])
        covered, plain, found = [], [], {size: [] for size in effects}
        for _ in range(draws):
            wide, treated = self.draw(kind, rng)
            answer = synthetic.effect(wide, treated, self.date)
            covered.append(abs(answer.fit.mean_gap) <= answer.mde)
            others = answer.placebos["mean_gap"].abs().to_numpy()
            plain.append(others[0] <= others[1:].max())
            # A constant effect moves every gap after the date by the same amount, and no placebo.
            after = answer.fit.gaps.to_numpy()[answer.fit.before:]
            largest = answer.placebos["ratio"].to_numpy()[1:].max()
            for size in effects:
                found[size].append(synthetic.root_mean_square(after + size) > largest * answer.fit.rmspe)
        nominal = answer.level / 100
        rows = [("coverage, gaps in units of the fit (main)", 0.0, nominal, covered),
                ("coverage, plain gaps", 0.0, nominal, plain)]
        rows += [("largest of all ratios", round(100 * np.expm1(size)), 1 - nominal if size == 0 else np.nan, hits)
                 for size, hits in found.items()]
        return [row("synthetic control", question, kind, size, target, hits, self.seed)
                for question, size, target, hits in rows]


def persistence(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First-order persistence and scatter (standard deviation) of each column."""
    rho = (series[1:] * series[:-1]).sum(axis=0) / (series**2).sum(axis=0)
    return np.clip(rho, 0.0, 0.98), series.std(axis=0)


def autoregression(rho: np.ndarray, sd: np.ndarray, months: int, rng, tails: int | None) -> np.ndarray:
    """First-order autoregressions (months × series) with the scatter `sd`; where rho is 1, walks of like steps.

    A walk has the steps of a series of persistence 0.9 and that scatter.
    """
    shape = (months, len(rho))
    noise = rng.standard_normal(shape) if tails is None else rng.standard_t(tails, shape) / np.sqrt(tails / (tails - 2))
    steps = sd * np.sqrt(1 - np.where(rho < 1, rho, 0.9) ** 2)
    found = np.empty(shape)
    found[0] = sd * noise[0]
    for month in range(1, months):
        found[month] = rho * found[month - 1] + steps * noise[month]
    return found


def row(study: str, question: str, kind: str, effect: float, target: float, hits, seed: int) -> dict:
    """One line of the result: a rate, what it should be, and its Monte Carlo standard error."""
    rate = float(np.mean(hits))
    return {"study": study, "question": question, "errors": kind, "effect_pct": effect, "target": target,
            "draws": len(hits), "rate": rate, "mc_se": float(np.std(hits) / np.sqrt(len(hits))), "seed": seed}


class Quarters:
    """Series like a real balance of outflows: its periods, its scatter around one level, a shift of known size."""

    def __init__(self, series: pd.DataFrame, date: str, seed: int = SEED):
        self.periods, self.date, self.seed = series["period"].tolist(), date, seed
        self.found = investment_effect.shift(series, date)
        before = series.loc[series["period"] < date, "log_ratio"]
        after = series.loc[series["period"] >= date, "log_ratio"]
        left = ((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum()
        self.noise = float(np.sqrt(left / self.found.freedom))

    def trial(self, kind: str, draws: int) -> list[dict]:
        """Coverage of the interval, size of the permutation test, and power at the minimum detectable effect."""
        rng = np.random.default_rng([self.seed, zlib.crc32(repr((kind, self.date)).encode())])
        n, after = len(self.periods), np.array([p >= self.date for p in self.periods])
        rho = np.full(draws, float(kind[2:]) if kind.startswith("ar") else 0.0)
        noise = autoregression(rho, np.ones(draws), n, rng, 5 if kind == "t5" else None)
        size = self.found.mde
        covered, rejected, power = [], [], []
        for column in noise.T:
            frame = pd.DataFrame({"period": self.periods, "log_ratio": self.noise * column - size * after})
            answer = investment_effect.shift(frame, self.date)
            covered.append(answer.lower <= -size <= answer.upper)
            power.append(not answer.lower <= 0.0 <= answer.upper)
            null = investment_effect.shift(frame.assign(log_ratio=frame["log_ratio"] + size * after), self.date)
            rejected.append(null.p_permutation <= 0.05 + 1e-9 if null.arrangements >= 20 else
                            null.p_permutation <= 1 / null.arrangements + 1e-9)
        arrangements = self.found.arrangements
        name = f"shift of investment from {self.date}"
        fall = -round(investment_effect.fall(size), 1)
        smallest = 1 / arrangements if arrangements < 20 else int(0.05 * arrangements) / arrangements
        rows = [("coverage, Student's interval (main)", fall, investment_effect.LEVEL, covered),
                ("found at the minimum detectable effect", fall, investment_effect.POWER, power),
                ("permutation test finds what is not there", 0.0, smallest, rejected)]
        return [row(name, question, kind, effect, target, hits, self.seed) for question, effect, target, hits in rows]


def designs(profile: str, seed: int) -> tuple[Panels, list[Quarters]]:
    """The designs of the report: its panel of imports, and its series of quarters around both dates."""
    from korus import investment_checks, tables
    from korus.parameters import read_profile
    from korus.paths import ROOT
    from korus.selection import selected

    os.environ["KORUS_PROFILE"] = profile
    chosen = read_profile(profile, ROOT)
    as_of, tier = str(chosen.as_of), chosen.max_tier
    trade = selected("trade_monthly", tables.read("trade_monthly"), as_of, tier)
    series = investment_checks.series_of(tables.read("investment"), as_of, tier)
    quarters = []
    for date, last in ((investment_checks.TARIFFS, investment_checks.LAST),
                       (investment_checks.ACTS, investment_checks.BEFORE_TARIFFS)):
        quarters.append(Quarters(series[series["period"].between(investment_checks.FIRST, last)], date, seed))
    return Panels(synthetic.panel(trade, FIRST, DATE), DATE, seed), quarters


def cells(panels: Panels, quarters: list[Quarters], draws: int) -> list[dict]:
    """Every cell of the study."""
    rows = [line for kind in PANELS for line in panels.trial(kind, draws)]
    return rows + [line for series in quarters for kind in SERIES for line in series.trial(kind, draws)]


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m korus.study_synthetic", description=__doc__)
    parser.add_argument("table", type=Path, help="CSV to write")
    parser.add_argument("--draws", type=int, default=4_000, help="of each design")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--profile", default="baseline")
    given = parser.parse_args(argv)
    if given.draws < 1:
        parser.error(f"--draws {given.draws}: at least 1")
    result = pd.DataFrame(cells(*designs(given.profile, given.seed), given.draws))
    given.table.parent.mkdir(parents=True, exist_ok=True)
    result.round(6).to_csv(given.table, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
