"""Do the tests and sets keep what they promise? Simulations at the sample size and gaps in hand.

`python -m korus.study breaks TABLE.csv` draws series like the one of the report: its years, the
scatter and break size estimated at a partition, and half and twice that size. For each design it
counts how often the 95 % set of break years contains the true one, and how often a test at 5 %
rejects what is true. It takes minutes and runs outside the chain; a smaller one is among the tests.
"""

import argparse
import os
import sys
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from korus import break_checks, breaks

SEED = 20261122
REFERENCE = 999            # draws behind each p-value; (count + 1)/1000 makes the level exact
NOMINAL = 0.05
ERRORS = ("normal", "t5", "doubling", "ar0.3", "ar0.6")


def errors(kind: str, years: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Errors of variance one on average, one series per row.

    normal; t5 (heavy tails); doubling (the second half scatters twice as much); ar0.3 and ar0.6
    (correlation from one calendar year to the next, running on through the gaps).
    """
    n = len(years)
    if kind == "t5":
        return rng.standard_t(5, (draws, n)) / np.sqrt(5 / 3)
    drawn = rng.standard_normal((draws, n))
    if kind == "doubling":
        scatter = np.where(np.arange(n) < n // 2, 1.0, 2.0)
        return drawn * scatter / np.sqrt(np.mean(scatter**2))
    if kind.startswith("ar"):
        apart = np.abs(years[:, None] - years).astype(float)
        return drawn @ np.linalg.cholesky(float(kind[2:]) ** apart).T
    if kind == "normal":
        return drawn
    raise breaks.BreakError(f"errors {kind!r} are none of {', '.join(ERRORS)}")


class Study:
    """Simulations around one series; each cell has a seed of its own, so cells can be added."""

    def __init__(self, y, years, trim: int = 2, seed: int = SEED):
        self.form = breaks.design(years, trim)
        self.path = breaks.sup_f(y, years, trim, rng=np.random.default_rng(seed)).path
        self.best = int(self.path["residual_ss"].argmin())
        self.trim, self.seed, self.n = trim, seed, len(self.form.years)

    def series(self, i: int, times: float, kind: str, draws: int, rng) -> tuple[np.ndarray, dict]:
        """Series with the break of partition `i`, `times` its estimated size (0: none), and their facts."""
        row = self.path.iloc[i]
        noise = float(np.sqrt(row["residual_ss"] / (self.n - 2)))
        step = float(times * (row["mean_after"] - row["mean_before"]))
        level = step * (np.arange(self.n) >= self.form.cuts[i])
        facts = {"errors": kind, "break_at": row["span"] if times else "none", "times": times,
                 "step": step, "noise": noise}
        return level + noise * errors(kind, self.form.years, draws, rng), facts

    def row(self, question: str, method: str, target: float, hits: np.ndarray, facts: dict) -> dict:
        """One line of the result: a rate, what it should be, and its Monte Carlo standard error."""
        rate = float(np.mean(hits))
        return {"question": question, "method": method, **facts, "target": target, "draws": len(hits),
                "rate": rate, "mc_se": float(np.std(hits) / np.sqrt(len(hits))), "seed": self.seed}

    def rng(self, *cell) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(repr(cell).encode())])

    def coverage(self, i: int, times: float, kind: str, method: str, draws: int) -> dict:
        """How often the set contains the true partition: only the test of that one is needed."""
        rng = self.rng("coverage", i, times, kind, method)
        drawn, facts = self.series(i, times, kind, draws, rng)
        p = [breaks.partition_p(data - data.mean(), self.form, i, method, rng, REFERENCE) for data in drawn]
        return self.row("coverage of the set", method, 1 - NOMINAL, np.array(p) > NOMINAL + breaks.TIE, facts)

    def rejection(self, i: int, times: float, kind: str, draws: int) -> dict:
        """How often the sup-F test rejects no break: its size (times 0), or its power."""
        rng = self.rng("sup-F", i, times, kind)
        drawn, facts = self.series(i, times, kind, draws, rng)
        p = [breaks.no_break_p(data - data.mean(), self.form, rng, REFERENCE)[0] for data in drawn]
        name, target = ("power of sup-F", np.nan) if times else ("size of sup-F", NOMINAL)
        return self.row(name, "wild", target, np.array(p) <= NOMINAL + breaks.TIE, facts)

    def length(self, i: int, times: float, method: str, draws: int) -> dict:
        """Mean number of partitions in the set."""
        rng = self.rng("length", i, times, method)
        drawn, facts = self.series(i, times, "normal", draws, rng)
        inside = [sum(breaks.partition_p(data - data.mean(), self.form, j, method, rng, REFERENCE)
                      > NOMINAL + breaks.TIE for j in range(len(self.form.cuts))) for data in drawn]
        return self.row("partitions in the set", method, np.nan, np.array(inside), facts)

    def second_break(self, i: int, times: float, draws: int) -> dict:
        """How often two breaks are found where there is one."""
        rng = self.rng("second", i, times)
        drawn, facts = self.series(i, times, "normal", draws, rng)
        p = [break_checks.two_breaks(data, self.form.years, self.trim, rng=rng, draws=REFERENCE)["p_value"].iloc[0]
             for data in drawn]
        hits = np.array(p) <= NOMINAL + breaks.TIE
        return self.row("size of two against one", "wild", NOMINAL, hits, facts)


def cells(study: Study, draws: int) -> list[dict]:
    """Every cell of the full study: the main design with `draws`, variants with a fifth of them."""
    best, fewer, few = study.best, max(draws // 5, 1), max(draws // 20, 1)
    rows = [study.rejection(best, 0.0, "normal", draws)]
    rows += [study.rejection(best, 0.0, kind, fewer) for kind in ERRORS[1:]]
    rows += [study.coverage(best, times, "normal", "normal", draws) for times in (1.0, 0.5, 2.0)]
    for i in range(len(study.form.cuts)):
        if i != best:
            rows += [study.coverage(i, times, "normal", "normal", fewer) for times in (0.5, 1.0, 2.0)]
    rows += [study.coverage(best, 1.0, kind, "normal", fewer) for kind in ERRORS[1:]]
    rows += [study.coverage(best, times, "normal", method, fewer)
             for method in ("permutation", "wild") for times in (0.5, 1.0, 2.0)]
    rows += [study.rejection(best, 1.0, "normal", fewer)]
    rows += [study.length(best, times, "normal", few) for times in (0.5, 1.0, 2.0)]
    rows += [study.second_break(best, times, few) for times in (0.0, 1.0)]
    return rows


def series_of_the_report(profile: str) -> pd.DataFrame:
    """The log ratio of the report's outflows to China and the United States."""
    from korus import greenfield, tables
    from korus.parameters import read_profile
    from korus.paths import ROOT

    os.environ["KORUS_PROFILE"] = profile
    chosen = read_profile(profile, ROOT)
    annual = greenfield.outflows(tables.read("investment"), str(chosen.as_of), chosen.max_tier,
                                 destinations=("USA", "CHN"))
    return breaks.balance(annual)


def main(argv: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m korus.study", description=__doc__)
    parser.add_argument("what", choices=["breaks"])
    parser.add_argument("table", type=Path, help="CSV to write")
    parser.add_argument("--draws", type=int, default=10_000, help="of the main design")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--profile", default="baseline")
    given = parser.parse_args(argv)
    if given.draws < 1:
        parser.error(f"--draws {given.draws}: at least 1")
    seen = series_of_the_report(given.profile)
    study = Study(seen["log_ratio"].to_numpy(), seen["year"].to_numpy(), seed=given.seed)
    result = pd.DataFrame(cells(study, given.draws))
    given.table.parent.mkdir(parents=True, exist_ok=True)
    result.round(6).to_csv(given.table, index=False, lineterminator="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
