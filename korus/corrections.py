"""The ledger of known errors in published figures: data/raw/corrections.csv.

An entry names rows by conditions on their columns. It is used only while the source shows the error:
an entry that explains no failed control total is itself an error, because the source was mended.
"""

import pandas as pd

from korus import raw
from korus.paths import RAW

ACTIONS = ("withdraw", "note")


class ControlFailure(ValueError):
    """A control total fails and the ledger does not explain it, or an entry explains nothing."""


def ledger(folder=RAW) -> pd.DataFrame:
    """The corrections ledger: correction, resource, rows, what, why, reported_to, guard, action, note."""
    table = raw.read("corrections", folder)
    unknown = table[~table["action"].isin(ACTIONS)]
    if len(unknown):
        raise ControlFailure(
            f"data/raw/{unknown['ref'].iloc[0]}, column action: {unknown['action'].iloc[0]!r} is none "
            f"of {', '.join(ACTIONS)}"
        )
    return table


def matching(table: pd.DataFrame, conditions: str, ref: str) -> pd.Series:
    """Rows of a raw table that meet `column=value;column=value|value`, as a boolean series."""
    chosen = pd.Series(True, index=table.index)
    for condition in conditions.split(";"):
        column, equals, values = condition.strip().partition("=")
        if not equals or column not in table:
            raise ControlFailure(
                f"data/raw/{ref}, column rows: {condition!r} is not `column=value` with a column of the "
                f"table ({', '.join(table.columns)})"
            )
        chosen &= table[column].isin(values.split("|"))
    if not chosen.any():
        raise ControlFailure(
            f"data/raw/{ref}: no row meets {conditions!r}. If the source was replaced, delete the entry."
        )
    return chosen


def refs_by_entry(entries: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> dict[str, set[str]]:
    """Refs that each ledger entry speaks of, for the raw tables given by name."""
    found = {}
    for entry in entries.itertuples():
        table = entry.resource.replace(".", "/")
        if table in tables:
            rows = tables[table]
            found[entry.correction] = set(rows.loc[matching(rows, entry.rows, entry.ref), "ref"])
    return found


def withdrawn(entries: pd.DataFrame, refs: dict[str, set[str]]) -> set[str]:
    """Refs that the ledger takes out of the report."""
    out = entries.loc[entries["action"] == "withdraw", "correction"]
    return set().union(*(refs[name] for name in out if name in refs))


def explained(
    residuals: pd.DataFrame, entries: pd.DataFrame, refs: dict[str, set[str]]
) -> pd.DataFrame:
    """Residuals with a column `explained_by`: the ledger entry behind each failed total, or "".

    Raises ControlFailure naming every failed total without an entry, and every entry whose `guard` (the
    control that the misprint makes fail) no longer fails.
    """
    names = []
    for row in residuals.itertuples():
        involved = set(row.refs.split())
        entry = next((name for name, rows in refs.items() if rows & involved), "")
        names.append("" if row.agrees else entry)
    table = residuals.assign(explained_by=names)
    problems = [
        f"{row.control}: {row.item} (published {row.vintage}): parts add up to {row.parts:,.1f}, "
        f"printed total {row.total:,.1f}, difference {row.residual:,.1f}, rounding explains "
        f"{row.tolerance:,.1f}. Rows: {row.refs}. Mend the raw row, or enter the misprint in "
        "data/raw/corrections.csv."
        for row in table[~table["agrees"] & (table["explained_by"] == "")].itertuples()
    ]
    failing = set(zip(table["explained_by"], table["control"], strict=True))
    guards = dict(zip(entries["correction"], entries["guard"], strict=True))
    problems += [
        f"data/raw/corrections.csv, entry {name}: the source no longer shows this error (control "
        f"{guards[name]!r} agrees). Delete the entry."
        for name in refs if (name, guards[name]) not in failing
    ]
    if problems:
        raise ControlFailure("\n".join(problems))
    return table


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row per control and vintage: totals checked, agreeing, explained, largest residual that agrees."""
    grouped = table.assign(
        agreeing=table["residual"].abs().where(table["agrees"]),
        explained=table["explained_by"] != "",
    ).groupby(["control", "vintage"], sort=False)
    return grouped.agg(**{
        "totals checked": ("agrees", "size"),
        "agree within rounding": ("agrees", "sum"),
        "explained by the ledger": ("explained", "sum"),
        "largest agreeing residual": ("agreeing", "max"),
    }).reset_index()
