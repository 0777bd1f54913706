"""Our coding of the law beside another one: the tariff-rate-tracker's rates for Korea by date, row by row.

A ledger (policy/tracker_disagreements) settles each disagreement from the legal source or says that it is open.
A disagreement without a ledger row stops the build, and so does a ledger row that no longer has one.
"""

from itertools import groupby

import pandas as pd

from korus.clean.measures import IDLE

COLUMNS = ["authority", "name", "ours_pct", "theirs_pct", "first", "last", "dates"]


class LedgerProblem(ValueError):
    """Disagreements that the ledger does not explain, or ledger rows that explain none."""


def side_by_side(tracker: pd.DataFrame, names: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """One row per date and name coded by either side: day, authority, name, ours_pct, theirs_pct, agrees, ref.

    `tracker` and `names` are raw tables (text cells); a name stands for the measures listed with it, of which the
    one in force on the day counts. A rate that is not in force is missing, and so is one behind a quota.
    """
    lawful = measures[~measures["status"].isin(IDLE) & (measures["basis"].fillna("") != "quota")]
    theirs = {(row.policy_effective_date, row.authority, row.name): (100 * float(row.rate), row.ref)
              for row in tracker.itertuples(index=False)}
    rows = []
    for day in sorted(tracker["policy_effective_date"].unique()):
        until = lawful["until"].fillna("9999-12-31")
        now = lawful[(lawful["effective"] <= day) & (day <= until)].set_index("measure")
        for (authority, name), own in names.groupby(["authority", "name"], sort=False):
            held = [measure for measure in own["measure"] if measure in now.index]
            rate = float(now.loc[held[0], "rate_pct"]) if held else None
            their, ref = theirs.get((day, authority, name), (None, ""))
            if rate is None and their is None:
                continue
            agrees = rate is not None and their is not None and abs(rate - their) < 1e-9
            rows.append((day, authority, name, rate, their, agrees, " ".join(
                filter(None, [ref, now.loc[held[0], "ref"] if held else ""]))))
    frame = pd.DataFrame(rows, columns=["day", "authority", "name", "ours_pct", "theirs_pct", "agrees", "ref"])
    return frame.astype({"ours_pct": "Float64", "theirs_pct": "Float64"})


def unnamed(tracker: pd.DataFrame, names: pd.DataFrame) -> list[str]:
    """Names the tracker codes and our table of names does not have."""
    known = set(zip(names["authority"], names["name"], strict=True))
    return sorted({f"{a} {n}" for a, n in zip(tracker["authority"], tracker["name"], strict=True)} -
                  {f"{a} {n}" for a, n in known})


def disagreements(rows: pd.DataFrame) -> pd.DataFrame:
    """Runs of dates on which a name is coded differently: COLUMNS, a missing rate where one side has none."""
    runs = []
    for (authority, name), own in rows.groupby(["authority", "name"], sort=False):
        pairs = groupby(own.itertuples(), key=lambda row: (str(row.ours_pct), str(row.theirs_pct)))
        for run in (list(found) for _, found in pairs):
            if not run[0].agrees:
                runs.append((authority, name, run[0].ours_pct, run[0].theirs_pct, run[0].day, run[-1].day, len(run)))
    frame = pd.DataFrame(runs, columns=COLUMNS).astype({"ours_pct": "Float64", "theirs_pct": "Float64"})
    return frame.sort_values(["first", "authority", "name"]).reset_index(drop=True)


def compared(
    tracker: pd.DataFrame, names: pd.DataFrame, ledger: pd.DataFrame, measures: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rates side by side, and the disagreements with what the ledger says; both empty without tracker rows.

    Raises LedgerProblem when the tracker codes a name that policy/tracker_names does not have.
    """
    if missing := unnamed(tracker, names):
        raise LedgerProblem(f"the tracker codes {', '.join(missing)}: add a row to data/raw/policy/tracker_names.csv")
    rows = side_by_side(tracker, names, measures)
    found = disagreements(rows)
    return rows, explained(found, ledger) if len(tracker) else found.assign(verdict="", reason="", source="")


def explained(found: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Disagreements with the ledger's verdict, reason and source. Raises LedgerProblem listing all that do not meet."""
    keys = ["authority", "name", "first"]
    both = found.merge(ledger[[*keys, "verdict", "reason", "source"]], on=keys, how="left")
    missing, idle = both[both["verdict"].isna()], ledger.merge(found[keys], on=keys, how="left", indicator=True)
    problems = [f"{row.authority} {row.name} from {row.first}: we have {row.ours_pct}, the tracker {row.theirs_pct}; "
                "add a row to data/raw/policy/tracker_disagreements.csv" for row in missing.itertuples(index=False)]
    problems += [f"data/raw/{row.ref}: {row.authority} {row.name} from {row.first} no longer differs; remove the row"
                 for row in idle[idle["_merge"] == "left_only"].itertuples(index=False)]
    if problems:
        raise LedgerProblem("\n".join(problems))
    return both
