"""What can be refreshed here and now, and what each missing piece would unlock: `make preflight`.

Looks at keys (whether there are any, never at them), files and records; asks no service.
"""

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from korus import claims, raw
from korus.claims_text import SETTLING
from korus.paths import RAW, processed_dir
from korus.sources import bea, census, census_panel, census_tables, keys, partitions
from korus.verdicts import CONSISTENT, NOT_TESTABLE

LONGEST = 100


@dataclass(frozen=True)
class Piece:
    """Something that figures can be refreshed with: a key or a document, its command, the tables it fills.

    `settles` is the word by which a claim's `would_settle` names the agency, "" where it settles none.
    """

    what: str
    command: str
    tables: tuple[str, ...]
    settles: str = ""
    variable: str = ""
    signup: str = ""


PIECES = (
    Piece(
        "a key of the Bureau of Economic Analysis",
        "make fetch SOURCE=bea",
        tuple(bea.COLUMNS),
        "BEA",
        bea.VARIABLE,
        bea.SIGNUP,
    ),
    Piece(
        "a key of the Census Bureau",
        "make fetch SOURCE=census",
        tuple(census_tables.COLUMNS),
        "Census",
        census.VARIABLE,
        census.SIGNUP,
    ),
    Piece(
        "an export of Korea Eximbank's statistics portal by country, year and mode",
        "make add FILE=export.xlsx",
        ("kexim/portal",),
        "KEXIM",
    ),
    Piece(
        "a quarterly release of the Ministry of Economy and Finance",
        "make add FILE=release.hwpx",
        ("kexim/releases",),
    ),
)


def undecided(folder: Path = RAW, results: Path | None = None) -> pd.DataFrame:
    """Claims no figure decides, by the last build, else those marked open: claim, quotation, would_settle."""
    every = claims.together(folder)
    path = results or processed_dir("baseline") / "results" / "claims.csv"
    if path.exists():
        judged = pd.read_csv(path, dtype=str, keep_default_na=False)
        names = set(judged.loc[judged["verdict"].isin((CONSISTENT, NOT_TESTABLE)), "claim"])
        rows = every[every["claim"].isin(names)]
    else:
        rows = every[every["test"] == "open"]
    return rows[["claim", "quotation", "would_settle"]]


def settled_by(piece: Piece, rows: pd.DataFrame) -> pd.DataFrame:
    """Undecided claims whose `would_settle` names the piece's agency first, as the ledger counts them."""
    if not piece.settles:
        return rows.iloc[:0]

    def first(words: str) -> str | None:
        return next((pattern for pattern, _ in SETTLING if re.search(pattern, words)), None)

    return rows[rows["would_settle"].map(first) == piece.settles]


def tables_lines(piece: Piece, folder: Path) -> list[str]:
    """The piece's tables, and whether they are held."""
    lines = []
    for table in piece.tables:
        if not raw.recorded(table, folder):
            lines.append(f"    data/raw/{table}.csv: not held yet")
            continue
        frame = raw.read(table, folder)
        column = next((name for name in ("month", "year") if name in frame), None)
        until = f", to {frame[column].max()}" if column and len(frame) else ""
        lines.append(f"    data/raw/{table}.csv: {len(frame):,} rows{until}")
    return lines


def claims_lines(rows: pd.DataFrame) -> list[str]:
    """Claims by id, each with its statement."""
    if rows.empty:
        return ["  settles no undecided claim by itself"]
    lines = [f"  would bear on {len(rows)} undecided claim{'s' if len(rows) > 1 else ''}:"]
    for row in rows.itertuples():
        words = " ".join(row.quotation.split())
        lines.append(f"    {row.claim}: “{words if len(words) <= LONGEST else words[:LONGEST - 1] + '…'}”")
    return lines


def piece_lines(piece: Piece, rows: pd.DataFrame, folder: Path) -> list[str]:
    """Everything to say of one piece."""
    if piece.variable:
        there = keys.configured(piece.variable)
        state = (
            f"{piece.variable} is set" if there else f"missing: {piece.variable} is not set (free: {piece.signup})"
        )
        ready = "ready" if there else "not ready"
    else:
        state, ready = f"needs {piece.what} as a file", "with a file"
    return [f"{piece.command} — {ready}: {state}", "  fills", *tables_lines(piece, folder),
            *claims_lines(settled_by(piece, rows))]


def panel_lines(panel: Path) -> list[str]:
    """The months of the Census panel that are there, and the room left for more."""
    held = {path.name: partitions.months(path) for path in sorted(panel.glob("*")) if path.is_dir()}
    lines = [
        f"  {name}: {months[0]} to {months[-1]}, {len(months)} months" for name, months in held.items() if months
    ]
    place = next(folder for folder in (panel, *panel.parents) if folder.exists())
    room = shutil.disk_usage(place).free / 1e9
    return [
        "Census panel (data/panel, a cache, not in git)",
        *(lines or ["  empty"]),
        f"  room on disk: {room:,.0f} GB",
    ]


def report(folder: Path = RAW, panel: Path = census_panel.PANEL, results: Path | None = None) -> str:
    """The whole text."""
    rows = undecided(folder, results)
    parts = [piece_lines(piece, rows, folder) for piece in PIECES]
    others = len(rows) - sum(len(settled_by(piece, rows)) for piece in PIECES)
    parts.append([*panel_lines(panel), f"Undecided claims that only single texts would settle: {others}"])
    return "\n\n".join("\n".join(part) for part in parts)


def main() -> int:
    """Print the report; 1 when data/raw is not as recorded."""
    try:
        print(report())
    except (raw.RawDataError, claims.ClaimProblem) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
