"""Why the report moved: each movement split into data, parameters, code, and what only they together do.

The effect of a factor is what it moves alone, everything else as before: the old report is built once more with
that factor new. What is left of the whole movement is the interaction. Where one factor alone differs the whole
movement is its own, and nothing is built.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from korus import corners, moved
from korus.corners import FACTORS, CornerFailed, Version

SPLIT = [*FACTORS, "interaction", "because"]
TOGETHER, UNKNOWN = "together", "not known"


@dataclass(frozen=True)
class Changes:
    """`table`: korus.moved's columns and SPLIT. `differing` factors; `failed`: factor to what its build said."""

    table: pd.DataFrame
    differing: list[str]
    failed: dict[str, str]


def changes(root: Path, old: Version, old_build: moved.Build, new: Version, new_build: moved.Build) -> Changes:
    """What moved between two versions and why. Raises CornerFailed where git lacks one of them."""
    table = moved.moved(old_build, new_build)
    differing = corners.differing(root, old, new)
    alone, failed = {}, {}
    if len(differing) > 1 and len(table):
        for factor in differing:
            source = {name: new if name == factor else old for name in FACTORS}
            try:
                tree = corners.mixed(root, source["code"], source["data"], source["parameters"])
                alone[factor] = moved.read(corners.results(root, tree))
            except CornerFailed as problem:
                failed[factor] = str(problem)
    elif differing:
        alone[differing[0]] = new_build
    return Changes(table.join(split(table, old_build, alone, failed)), differing, failed)


def split(table: pd.DataFrame, old: moved.Build, alone: dict[str, moved.Build], failed: dict[str, str]) -> pd.DataFrame:
    """SPLIT for each row of a table of movements: effects in the row's unit, and the factor named `because`.

    `alone` holds the old build with one factor new. A factor that does not differ moves nothing; one whose build
    failed is missing, and so is the interaction. `because` is the factor with the largest effect, or where a
    verdict, an addition or a loss is concerned the one that brings it about alone.
    """
    rows = []
    before = {kind: _by_id(old, kind) for kind in (moved.VERDICT, moved.VALUE, moved.ESTIMATE)}
    after = {factor: {kind: _by_id(build, kind) for kind in before} for factor, build in alone.items()}
    for row in table.itertuples():
        states = {factor: after[factor][row.kind].get(row.id) for factor in alone}
        rows.append(_effects(row, before[row.kind].get(row.id), states, failed))
    return pd.DataFrame(rows, columns=SPLIT, index=table.index)


def _by_id(build: moved.Build, kind: str) -> dict:
    if kind == moved.VERDICT:
        return build.claims["verdict"].to_dict()
    table, column = (build.values, "value") if kind == moved.VALUE else (build.estimates, "estimate")
    return {id: (number, words) for id, number, words in moved.stated_numbers(table, column)}


def _effects(row, before, states: dict, failed: dict[str, str]) -> tuple:
    """One row of SPLIT. `before` and `states` are a verdict, or a number with its words, or None where absent."""
    wanted = row.new_text
    words = {factor: state if row.kind == moved.VERDICT or state is None else state[1]
             for factor, state in states.items()}
    if row.change != moved.MOVED or row.kind == moved.VERDICT:
        causes = [factor for factor in states if (words[factor] or "") == wanted]
        because = causes[0] if len(causes) == 1 else UNKNOWN if failed and not causes else TOGETHER
        return (*[np.nan] * len(FACTORS), np.nan, because)
    effects = {factor: np.nan if factor in failed else 0.0 for factor in FACTORS}
    for factor, state in states.items():
        effects[factor] = np.nan if state is None else state[0] - before[0]
    rest = row.difference - sum(effects.values())
    # What is left below the printed digits of a sum is the arithmetic's, not the report's.
    rest = 0.0 if abs(rest) < 1e-9 * max(1.0, abs(row.difference)) else rest
    shares = {**{factor: abs(effect) for factor, effect in effects.items()}, TOGETHER: abs(rest)}
    known = {name: size for name, size in shares.items() if not np.isnan(size)}
    because = UNKNOWN if failed else max(known, key=known.get)
    return (*(effects[factor] for factor in FACTORS), rest, because)
