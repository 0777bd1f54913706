"""What an arrival would change in a raw table: figures new, revised, confirmed, or no longer printed.

A table whose key holds a vintage keeps every vintage: a figure printed anew is a new row beside the old
one, and counts as revised where the latest earlier vintage has another number. Nothing is ever deleted.
"""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field

PERIOD = {"year", "quarter", "month", "period"}
# Columns that say how a figure was published, not which figure it is or what it is worth.
PUBLICATION = {"vintage", "source", "note"}

Row = dict[str, str]


@dataclass(frozen=True)
class Change:
    """A figure held with another value: its name in words, the column, both cells, the row that arrived."""

    name: str
    column: str
    before: str
    after: str
    row: Row

    @property
    def pct(self) -> float | None:
        """Change in per cent of the value held; None where that says nothing (no number, zero, negative)."""
        try:
            before, after = float(self.before), float(self.after)
        except ValueError:
            return None
        return 100 * (after / before - 1) if before > 0 else None


@dataclass
class Difference:
    """What an arrival does to one table.

    `added` are the rows to be written below the table, `replaced` values held under the very same key,
    `revised` values that an earlier vintage has otherwise; `gone` names figures of the vintage before.
    """

    table: str
    added: list[Row] = field(default_factory=list)
    new: int = 0
    confirmed: int = 0
    held: int = 0
    revised: list[Change] = field(default_factory=list)
    replaced: list[Change] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether the table would change."""
        return bool(self.added or self.replaced)

    def __str__(self) -> str:
        """The difference in one line."""
        counts = [(self.new, "new"), (len(self.revised), "revised"), (self.confirmed, "as in the vintage before"),
                  (len(self.replaced), "replaced"), (self.held, "held already"),
                  (len(self.gone), "of the vintage before not printed any more (kept)")]
        return f"data/raw/{self.table}: " + (", ".join(f"{n} {what}" for n, what in counts if n) or "no rows")


def rows_of(content: bytes) -> list[Row]:
    """Rows of a raw table, every cell as text."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def difference(table: str, rows: list[Row], held: list[Row], schema: dict) -> Difference:
    """What `rows` would change in a table that holds `held`; `schema` is that of its record."""
    columns = [item["name"] for item in schema["fields"]]
    key = schema.get("primaryKey") or columns
    values = [name for name in columns if name not in {*key, *PUBLICATION}]
    known = {_pick(row, key): row for row in held}
    found = Difference(table)
    fresh = []
    for row in rows:
        same = known.get(_pick(row, key))
        if same is None:
            fresh.append(row)
        elif changed := next((name for name in values if row[name] != same[name]), None):
            found.replaced.append(Change(_named(row, key), changed, same[changed], row[changed], row))
        else:
            found.held += 1
    found.added = fresh
    if "vintage" in key:
        _against_earlier(fresh, held, key, values, found)
    else:
        found.new = len(fresh)
    return found


def _against_earlier(
    fresh: list[Row], held: list[Row], key: list[str], values: list[str], found: Difference
) -> None:
    """Count the new rows against the vintages before theirs."""
    figure = [name for name in key if name not in PUBLICATION]
    # What all rows share (the unit, for example) tells no figure from another.
    telling = [name for name in figure if len({row[name] for row in fresh}) > 1] or figure
    prints: dict[tuple, list[Row]] = defaultdict(list)
    for row in held:
        prints[_pick(row, figure)].append(row)
    for row in fresh:
        earlier = [before for before in prints[_pick(row, figure)] if before["vintage"] < row["vintage"]]
        if not earlier:
            found.new += 1
            continue
        last = max(before["vintage"] for before in earlier)
        latest = [before for before in earlier if before["vintage"] == last]
        changes = [
            Change(_named(row, telling), name, latest[0][name], row[name], row) for name in values
            if not any(_same(before[name], row[name]) for before in latest)
        ]
        found.revised += changes
        found.confirmed += not changes
    # A period that the releases have moved on from is not missed, only a figure of one still printed.
    period = [name for name in figure if name in PERIOD]
    arrived = {_pick(row, figure) for row in fresh}
    printed = {_pick(row, period) for row in fresh}
    first = min((row["vintage"] for row in fresh), default="")
    last = max((row["vintage"] for row in held if row["vintage"] < first), default="")
    found.gone = [
        _named(row, telling) for row in held
        if row["vintage"] == last and _pick(row, period) in printed and _pick(row, figure) not in arrived
    ]


def _pick(row: Row, columns: list[str]) -> tuple[str, ...]:
    return tuple(row[name] for name in columns)


def _named(row: Row, columns: list[str]) -> str:
    """A figure by the cells of its key, without the empty ones."""
    return " ".join(row[name] for name in columns if row[name])


def _same(one: str, other: str) -> bool:
    """Whether two cells hold one number (or one text): 320 is 320.0."""
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other
