"""What moved between two builds of the report: values, estimates and verdicts added, gone and moved.

A build is a folder with values.csv, estimates.csv and claims.csv (an edition, or data/processed/results). A value
has moved when the report would print it, or one of its bounds, differently. Movements come most important first:
verdicts, then values by the size of their move, in units of the usual revision of their series where one is known
and as a share of the old value where none is.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from korus.values import formatted

TABLES = ("values", "estimates", "claims")
COLUMNS = ["kind", "id", "change", "old", "new", "unit", "old_text", "new_text", "difference", "noise_pct",
           "times_noise", "size"]
VERDICT, ESTIMATE, VALUE = "verdict", "estimate", "value"
ADDED, GONE, MOVED = "added", "gone", "moved"
NOISE = "investment.revision.p90_abs_pct."
NOISE_FLOORS = ("investment.kexim.", "investment.bea.")


class NotABuild(FileNotFoundError):
    """A folder that does not hold the three tables of a build; the message names the missing file."""


@dataclass(frozen=True)
class Build:
    """The results of one build, each table indexed by its id; estimates may be empty."""

    values: pd.DataFrame
    estimates: pd.DataFrame
    claims: pd.DataFrame


def read(folder: Path) -> Build:
    """The results in a folder. Raises NotABuild naming the first missing file and what makes it."""
    tables = {}
    for name in TABLES:
        path = folder / f"{name}.csv"
        if not path.exists():
            raise NotABuild(f"{path}: missing. An edition holds {', '.join(TABLES)}; `make chain` writes those of the "
                            "working tree to data/processed/results")
        key = "claim" if name == "claims" else "id"
        tables[name] = pd.read_csv(path, dtype={key: str, "text": str, "verdict": str, "value_text": str}).set_index(key)
    return Build(**tables)


def moved(old: Build, new: Build) -> pd.DataFrame:
    """Everything that differs, one row each with COLUMNS, most important first.

    `difference` is new less old in `unit`; `noise_pct` the change that nine in ten revisions of the series stay
    below, per cent, of the old build where it states one; `times_noise` the move in units of it; `size` the share of
    the old value moved. Missing where there is nothing to compare.
    """
    noise = _noise(new.values) | _noise(old.values)
    rows = _verdicts(old.claims, new.claims)
    rows += _numbers(VALUE, _stated(old.values, "value"), _stated(new.values, "value"), noise)
    rows += _numbers(ESTIMATE, _stated(old.estimates, "estimate"), _stated(new.estimates, "estimate"), {})
    frame = pd.DataFrame(rows, columns=COLUMNS)
    order = frame.assign(
        first=frame["kind"].map({VERDICT: 0, VALUE: 1, ESTIMATE: 2}),
        large=-frame["times_noise"].fillna(frame["size"]).fillna(np.inf).astype(float))
    return order.sort_values(["first", "large", "id"], kind="stable")[COLUMNS].reset_index(drop=True)


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """How many of each kind were added, gone and moved: kind, added, gone, moved."""
    counted = frame.groupby(["kind", "change"]).size().unstack(fill_value=0)
    counted = counted.reindex(index=[VERDICT, VALUE, ESTIMATE], columns=[ADDED, GONE, MOVED], fill_value=0)
    return counted.rename_axis("kind").rename_axis(None, axis=1).reset_index()


def noise_of(id: str, noise: dict[str, float]) -> float:
    """The usual revision of a value's series, per cent; missing where the report states none.

    `investment.kexim.invested.USA.2024` is of the series kexim.invested.USA, `….2024Q3` of kexim.invested.USA.Q.
    """
    if not id.startswith(NOISE_FLOORS):
        return np.nan
    series, _, period = id.removeprefix("investment.").rpartition(".")
    return noise.get(series + (".Q" if "Q" in period else ""), np.nan)


def _noise(values: pd.DataFrame) -> dict[str, float]:
    floors = values[values.index.str.startswith(NOISE)]
    return dict(zip(floors.index.str.removeprefix(NOISE), floors["value"].astype(float)))


def _stated(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """What a build states of each id: number, lower, upper, unit and the words printed for all three."""
    unit = table["unit"].fillna("")
    numbers = table[[column, "lower", "upper"]].astype(float).set_axis(["number", "lower", "upper"], axis=1)
    words = [_words(*row, name) for row, name in zip(numbers.itertuples(index=False), unit)]
    return numbers.assign(unit=unit, words=words)


def stated_numbers(table: pd.DataFrame, column: str) -> list[tuple[str, float, str]]:
    """Id, number (or the middle of its bounds) and printed words of each row of values or estimates."""
    stated = _stated(table, column)
    return [(id, middle(row), row["words"]) for id, row in stated.iterrows()]


def _words(number: float, lower: float, upper: float, unit: str) -> str:
    """A number and its bounds as printed: `2.1%`, `$0 to $2 million`, `2.1% (1.0% to 3.2%)`."""
    ends = [formatted(end, unit) if np.isfinite(end) else "no end" for end in (lower, upper) if pd.notna(end)]
    between = " to ".join(ends)
    if pd.isna(number):
        return between
    return formatted(number, unit) + (f" ({between})" if ends else "")


def _numbers(kind: str, old: pd.DataFrame, new: pd.DataFrame, noise: dict[str, float]) -> list[tuple]:
    rows = []
    for id in sorted(set(old.index) | set(new.index)):
        before = old.loc[id] if id in old.index else None
        after = new.loc[id] if id in new.index else None
        if before is not None and after is not None and (before["words"], before["unit"]) == (after["words"], after["unit"]):
            continue
        change = ADDED if before is None else GONE if after is None else MOVED
        one = np.nan if before is None else middle(before)
        other = np.nan if after is None else middle(after)
        difference, floor = other - one, noise_of(id, noise) if kind == VALUE else np.nan
        size = abs(difference / one) if one else np.nan
        rows.append((kind, id, change, one, other, (before if after is None else after)["unit"],
                     "" if before is None else before["words"], "" if after is None else after["words"],
                     difference, floor, 100 * size / floor, size))
    return rows


def middle(stated: pd.Series) -> float:
    """The number, or where only bounds are known their middle; missing when one bound has no end."""
    if pd.notna(stated["number"]):
        return stated["number"]
    between = (stated["lower"] + stated["upper"]) / 2
    return between if np.isfinite(between) else np.nan


def _verdicts(old: pd.DataFrame, new: pd.DataFrame) -> list[tuple]:
    rows = []
    for claim in sorted(set(old.index) | set(new.index)):
        before = old.at[claim, "verdict"] if claim in old.index else ""
        after = new.at[claim, "verdict"] if claim in new.index else ""
        if before != after:
            change = ADDED if not before else GONE if not after else MOVED
            rows.append((VERDICT, claim, change, np.nan, np.nan, "", before, after, *[np.nan] * 4))
    return rows
