"""Times the statutory calculator: `python -m korus.bench_statutory [--runs N]`, one core, one line of JSON.

The real law on all lines and every day of 2018 to 2026; then the same with 10 and 100 times the lines and with 10
times the measures (copies under other codes and names), to show how cost grows.
"""

import argparse
import json
import time

import numpy as np
import pandas as pd

from korus import statutory, tables
from korus.clean.measures import known_by

FIRST, LAST = "2018-01-01", "2026-12-31"


def law() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Lines, groups and applied rules of the built tables."""
    measures = known_by(tables.read("measures"), LAST)
    return tables.read("tariff_lines"), tables.read("tariff_groups"), statutory.applied(
        tables.read("tariff_rules"), measures)


def more_lines(lines: pd.DataFrame, times: int) -> pd.DataFrame:
    """The schedule with `times` as many lines: further ten-digit codes of each, so that every list reaches them."""
    copies = [lines.assign(hs=lines["hs"] + f"{number:02d}" + "0" * (times > 99)) for number in range(times)]
    return pd.concat(copies).sort_values("hs").reset_index(drop=True)


def more_rules(rules: pd.DataFrame, times: int) -> pd.DataFrame:
    """The rules `times` over, under other names."""
    return pd.concat([rules.assign(measure=rules["measure"] + f".{number}") for number in range(times)],
                     ignore_index=True)


def seconds(lines: pd.DataFrame, groups: pd.DataFrame, rules: pd.DataFrame, days: bool = False) -> float:
    """One calculation, with the rates of every day laid out when `days` is set."""
    begun = time.perf_counter()
    rates = statutory.rates(lines, groups, rules, FIRST, LAST)
    if days:
        statutory.each_day(rates, FIRST, LAST)
    return time.perf_counter() - begun


def main() -> None:
    """Print the medians, in seconds."""
    parser = argparse.ArgumentParser(prog="python -m korus.bench_statutory", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    lines, groups, rules = law()
    cases = {
        "days": (lines, rules, True), "lines": (lines, rules, False),
        "lines10": (more_lines(lines, 10), rules, False), "lines100": (more_lines(lines, 100), rules, False),
        "rules10": (lines, more_rules(rules, 10), False),
    }
    found = {name: [] for name in cases}
    for _ in range(runs):
        for name, (own_lines, own_rules, days) in cases.items():
            found[name].append(seconds(own_lines, groups, own_rules, days))
    print(json.dumps({name: float(np.median(times)) for name, times in found.items()}
                     | {"lines_held": len(lines), "rules_held": len(rules)}))


if __name__ == "__main__":
    main()
