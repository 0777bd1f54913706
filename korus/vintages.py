"""The report's headline values as past days would have had them: `python -m korus.vintages` (part of `make study`).

The whole chain is run once for each day with `as_of` set to it, so nothing published later is used. Written to
book/vintages.csv: id, day, value, lower, upper, unit, text; a value that could not be stated on a day has no row.
"""

import re
import sys
from pathlib import Path

import pandas as pd

from korus import corners, moved
from korus.paths import ROOT

DAYS = ("2024-12-31", "2025-03-31", "2025-09-26", "2026-08-31")
HEADLINES = Path("book") / "headlines.csv"
WRITTEN = Path("book") / "vintages.csv"
COLUMNS = ["id", "day", "value", "lower", "upper", "unit", "text"]


def headlines(root: Path = ROOT) -> pd.DataFrame:
    """The values followed over editions and days: id, label; in the order of the file."""
    return pd.read_csv(root / HEADLINES)


def tree_as_of(root: Path, day: str) -> str:
    """The working tree with the baseline's `as_of` set to a day, as a git tree."""
    profile = f"{corners.PARAMETERS}/baseline.yml"
    text, changed = re.subn(r"^as_of: \S+", f"as_of: {day}", (root / profile).read_text(encoding="utf-8"), flags=re.M)
    if changed != 1:
        raise ValueError(f"{profile}: no line `as_of: …` to set")
    return corners.with_file(root, corners.working(root).tree, profile, text)


def stated(build: moved.Build, ids: list[str], day: str) -> pd.DataFrame:
    """The headline values of one build: COLUMNS."""
    held = [id for id in ids if id in build.values.index]
    rows = build.values.loc[held].reset_index().assign(day=day)
    return rows[COLUMNS]


def as_of_days(root: Path = ROOT, days: tuple[str, ...] = DAYS) -> pd.DataFrame:
    """Headline values for each day, in the order of the headlines: COLUMNS. Minutes: a chain for each day."""
    ids = headlines(root)["id"].tolist()
    parts = []
    for day in days:
        print(f"as of {day} …", flush=True)
        parts.append(stated(moved.read(corners.results(root, tree_as_of(root, day))), ids, day))
    order = {id: position for position, id in enumerate(ids)}
    return pd.concat(parts).sort_values(["id", "day"], key=lambda c: c.map(order) if c.name == "id" else c).reset_index(drop=True)


def main() -> int:
    try:
        table = as_of_days()
    except corners.CornerFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    table.to_csv(ROOT / WRITTEN, index=False, lineterminator="\n")
    print(f"{WRITTEN}: {len(table)} values")
    return 0


if __name__ == "__main__":
    sys.exit(main())
