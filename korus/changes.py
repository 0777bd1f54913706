"""What moved between two editions, or an edition and the working tree, and why: `python -m korus.changes`.

`make changes FROM=2026.11` compares with the working tree as it was last built, `TO=2026.12` with another edition.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from korus import corners, editions, moved, split
from korus.corners import CornerFailed, Version
from korus.editions import EditionProblem
from korus.paths import ROOT
from korus.values import formatted

SHOWN = 40
WRITTEN = Path("_build") / "changes.csv"


def version(name: str | None, root: Path) -> tuple[Version, moved.Build]:
    """An edition, or the working tree for None, with its results. Raises EditionProblem, CornerFailed, NotABuild."""
    if name is None:
        return corners.working(root), moved.read(root / "data" / "processed" / "results")
    given = editions.edition(name, root)
    if broken := editions.tampered(given):
        raise EditionProblem(f"edition {name} was changed after it was frozen:\n" + "\n".join(broken))
    return corners.committed(root, given.commit, f"edition {name}"), moved.read(given.folder)


def changes(first: str, second: str | None, root: Path = ROOT) -> split.Changes:
    """What moved from edition `first` to edition `second` (or the working tree), and why."""
    old, new = version(first, root), version(second, root)
    return split.changes(root, *old, *new)


def shown(table: pd.DataFrame, most: int = SHOWN) -> pd.DataFrame:
    """The first rows of a table of movements in words, for a reader: id, before, now, moved by, usual revisions, because."""
    rows = table.head(most)
    return pd.DataFrame({
        "what": rows["kind"], "id": rows["id"],
        "before": rows["old_text"].replace("", "–"), "now": rows["new_text"].replace("", "–"),
        "moved by": [_amount(row.difference, row.unit) for row in rows.itertuples()],
        "usual revisions": rows["times_noise"],
        **{name: [_amount(getattr(row, name), row.unit) for row in rows.itertuples()]
           for name in (*corners.FACTORS, "interaction") if name in rows},
        "because of": rows.get("because", pd.Series("", index=rows.index)),
    })


def _amount(number: float, unit: str) -> str:
    if pd.isna(number):
        return "–"
    # A difference of two percentages is in percentage points.
    return formatted(number, "percentage points" if unit == "per cent" else unit)


def in_words(found: split.Changes) -> str:
    """The whole comparison as text."""
    if found.table.empty:
        return "Nothing that the report prints has moved."
    lines = [moved.summary(found.table).to_string(index=False), "",
             "What differs: " + (", ".join(found.differing) or "nothing the report is made of") + ".", ""]
    for factor, said in found.failed.items():
        lines += [f"The effect of {factor} alone is not known, this mixture can not be built:", said, ""]
    table = shown(found.table)
    lines.append(table.to_string(index=False, float_format="{:.1f}".format, na_rep="–"))
    if len(found.table) > len(table):
        lines.append(f"… and {len(found.table) - len(table)} more in {WRITTEN}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make changes")
    parser.add_argument("--from", dest="first", help="the edition to compare with, by default the last one")
    parser.add_argument("--to", dest="second", help="another edition; by default the working tree")
    given = parser.parse_args(arguments)
    try:
        found = changes(editions.edition(given.first).version, given.second or None)
    except (EditionProblem, CornerFailed, moved.NotABuild) as problem:
        print(problem, file=sys.stderr)
        return 1
    (ROOT / WRITTEN).parent.mkdir(exist_ok=True)
    found.table.to_csv(ROOT / WRITTEN, index=False, lineterminator="\n")
    print(in_words(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
