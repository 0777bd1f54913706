"""Times the specification curve: `python -m korus.bench_effects [--runs N]`, one line of JSON.

All fits of the report's curve, and the same regressions by statsmodels with dummy variables on a few of them.
"""

import argparse
import json
import time

import numpy as np
import pandas as pd

from korus import imports_curve, imports_effect, imports_panel, tables, tariffs

COMPARED = 4


def dummies(frame: pd.DataFrame) -> float:
    """The main regression by statsmodels: Poisson with a dummy per partner and month; the elasticity."""
    import statsmodels.api as sm

    design = pd.get_dummies(frame[["partner", "month"]], drop_first=True, dtype=float).assign(
        log_rate=frame["log_rate"], one=1.0)
    scaled = frame["value_usd"] / frame["value_usd"].mean()
    return float(sm.GLM(scaled, design, family=sm.families.Poisson()).fit().params["log_rate"])


def main() -> None:
    """Print seconds of the curve, fits, and fits per second of both, medians."""
    parser = argparse.ArgumentParser(prog="python -m korus.bench_effects", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    rates = tariffs.rates(tables.read("trade_monthly"), "9999-12-31", 3)
    frame = imports_panel.panel(rates)
    imports_effect.fit(frame)  # what is compiled on first use is not what is measured
    curves, ours, theirs, fits = [], [], [], 0
    samples = [frame[frame["partner"] != out].reset_index(drop=True)
               for out in sorted(frame["partner"].unique())[:COMPARED]]
    for _ in range(runs):
        begun = time.perf_counter()
        fits = len(imports_curve.curve(rates, [frame["month"].max(), "2025-12"]))
        curves.append(time.perf_counter() - begun)
        for times, method in ((ours, lambda own: imports_effect.fit(own).estimate), (theirs, dummies)):
            begun = time.perf_counter()
            found = [method(own) for own in samples]
            times.append((time.perf_counter() - begun) / COMPARED)
            if not np.isfinite(found).all():
                raise SystemExit("a fit did not converge")
    print(json.dumps({"curve": float(np.median(curves)), "fits": fits, "ours": 1 / float(np.median(ours)),
                      "statsmodels": 1 / float(np.median(theirs))}))


if __name__ == "__main__":
    main()
