"""The one way a new figure gets into data/raw: shown, checked, agreed to by a person, written together.

Whoever has rows from a document or a service makes a `Proposal` for each raw table and hands them to
`offer`. Nothing else writes below data/raw.
"""

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from korus import accept, raw, verify
from korus.paths import RAW
from korus.revisions import FEW_PAIRS
from korus.sources import difference, totals, writing
from korus.sources.difference import Difference, Row
from korus.sources.refusal import Refused

MOST_SHOWN = 12


@dataclass(frozen=True)
class Proposal:
    """Rows for one raw table, and new values of its record in datapackage.json.

    `table` is its path below data/raw (`kexim/releases.csv`). `rows` hold a text for every column, as the
    table is to show it; rows that are held already are passed over. `record` gives fields of the record
    that change (date_published, date_accessed, …), or the whole record of a table that is not held yet; bytes
    and hash follow by themselves. With `replace` a value held under the very same key may be replaced: only
    for tables whose key holds no vintage.
    """

    table: str
    rows: Sequence[Row]
    record: dict[str, str] = field(default_factory=dict)
    replace: bool = False


def ask_on_terminal(question: str) -> bool:
    """Whether the person at the terminal says yes. Refused where there is no terminal."""
    if not sys.stdin.isatty():
        raise Refused("Nothing was changed: there is no terminal to ask on. Read the difference above, then run "
                      "the command again with YES=1 (or on a terminal).")
    try:
        return input(f"{question} [yes/no] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def offer(
    proposals: Iterable[Proposal], sources: Sequence[Row] = (), folder: Path = RAW, yes: bool = False,
    say: Callable[[str], None] = print, doubts: Sequence[str] = (),
    ask: Callable[[str], bool] = ask_on_terminal,
) -> bool:
    """Show what the proposals would change, check it, ask, and write all files; whether they were written.

    `sources` are rows for sources.csv; ids held already are passed over. `yes` answers the question
    beforehand, but not where there are `doubts`: sentences on what only a person can judge.
    False where there is nothing new, or the answer is no. Raises Refused, with data/raw as it was; at
    once where another arrival holds the lock.
    """
    with writing.locked(folder):
        return offer_under_lock(proposals, sources, folder, yes, say, doubts, ask)


def offer_under_lock(
    proposals: Iterable[Proposal], sources: Sequence[Row], folder: Path, yes: bool,
    say: Callable[[str], None], doubts: Sequence[str], ask: Callable[[str], bool],
) -> bool:
    """`offer`, for a caller that holds `writing.locked(folder)` since before it read data/raw."""
    contents, differences = composed(_with_sources(proposals, sources), folder)
    for found in differences:
        if found.table != "sources.csv" or found.anything:
            say(str(found))
    if not contents:
        say("Nothing new: everything that arrived is held already.")
        return False
    tried = writing.tried_copy(contents, folder)
    try:
        check(contents, tried)
        for line in [*details(differences), *sizes_in_words(contents, tried, folder)]:
            say(line)
    finally:
        shutil.rmtree(tried.parent.parent, ignore_errors=True)
    for doubt in doubts:
        say(f"DOUBT: {doubt}")
    if yes and doubts:
        raise Refused("Nothing was changed: what is in doubt above is for a person to judge. Run the command on a "
                      "terminal, without YES=1.")
    if not yes and not ask(f"Write {', '.join('data/raw/' + path for path in contents)}?"):
        say("Nothing was changed.")
        return False
    writing.write_together(contents, folder)
    say("Written: " + ", ".join(f"data/raw/{path}" for path in contents)
        + ". Commit them together; `make` builds the report with them.")
    return True


def _with_sources(proposals: Iterable[Proposal], sources: Sequence[Row]) -> list[Proposal]:
    """The proposals, with one for sources.csv where new rows of it are given."""
    if not sources:
        return list(proposals)
    last = max(row["accessed"] for row in sources)
    return [*proposals, Proposal("sources.csv", sources, {"date_published": last, "date_accessed": last})]


def composed(proposals: Sequence[Proposal], folder: Path) -> tuple[dict[str, bytes], list[Difference]]:
    """(new contents of the files that change, by path, datapackage.json last; the differences).

    Empty contents mean that nothing is new. Raises Refused for rows that do not fit their table.
    """
    contents: dict[str, bytes] = {}
    differences = []
    package = (folder / "datapackage.json").read_text(encoding="utf-8")
    for proposal in proposals:
        new = not raw.recorded(proposal.table.removesuffix(".csv"), folder) and "schema" in proposal.record
        held, record = _not_held(proposal, folder) if new else _held(proposal.table, folder)
        columns = [item["name"] for item in record["schema"]["fields"]]
        _check_rows(proposal, columns)
        rows = difference.rows_of(held)
        found = difference.difference(proposal.table, _unknown(proposal, rows), rows, record["schema"])
        if found.replaced and not proposal.replace:
            raise Refused(_contradictions(found))
        differences.append(found)
        if found.added or (found.replaced and proposal.replace):
            content = _table(columns, rows, found, record["schema"], held)
            values = {**proposal.record, "bytes": len(content), "hash": raw.digest(content)}
            values = {name: value for name, value in values.items() if record.get(name) != value}
            try:
                package = (accept.with_new_record(package, proposal.record | values) if new
                           else accept.with_record(package, proposal.table, values))
            except accept.Refused as error:
                raise Refused(str(error)) from None
            contents[proposal.table] = content
    if contents:
        contents["datapackage.json"] = package.encode("utf-8")
    return contents, differences


def _held(table: str, folder: Path) -> tuple[bytes, dict]:
    """Content and record of a raw table that is as recorded."""
    name = table.removesuffix(".csv")
    try:
        return raw.read_verified(name, folder), raw.record(name, folder)
    except raw.RawDataError as error:
        raise Refused(str(error)) from None


def _not_held(proposal: Proposal, folder: Path) -> tuple[bytes, dict]:
    """What stands for the content of a table that is not held yet, its header, and its record to be."""
    if (folder / proposal.table).exists():
        raise Refused(f"data/raw/{proposal.table}: there is such a file, and no record of it. Delete it, or make accept "
                      "it, then add again.")
    return _text([item["name"] for item in proposal.record["schema"]["fields"]], []), proposal.record


def _unknown(proposal: Proposal, held: list[Row]) -> list[Row]:
    """The rows of a proposal; of sources those with a new id, because what is held of a source stays."""
    if proposal.table != "sources.csv":
        return list(proposal.rows)
    known = {row["source"] for row in held}
    return [row for row in proposal.rows if row["source"] not in known]


def _check_rows(proposal: Proposal, columns: list[str]) -> None:
    """Every row has the columns of its table, and texts in them."""
    for number, row in enumerate(proposal.rows, start=1):
        if set(row) != set(columns) or not all(isinstance(cell, str) for cell in row.values()):
            raise Refused(f"data/raw/{proposal.table}, row {number} of what arrived: columns are "
                          f"{', '.join(row)}; the table has {', '.join(columns)}, all of them text.")


def _contradictions(found: Difference) -> str:
    """Why values held under the same key can not be replaced."""
    lines = [
        f"data/raw/{found.table}, {change.name}, column {change.column}: held as {change.before!r}, arrives as "
        f"{change.after!r}" for change in found.replaced[:MOST_SHOWN]
    ]
    if len(found.replaced) > MOST_SHOWN:
        lines.append(f"… and {len(found.replaced) - MOST_SHOWN} more")
    return "\n".join([
        *lines, "Refused: a figure published anew is a new vintage; these have the vintage that is held. Find out "
        "which is right: a release replaced after its day needs its own day."])


def _table(columns: list[str], rows: list[Row], found: Difference, schema: dict, held: bytes) -> bytes:
    """Text of the table with the new rows below, so that lines keep their numbers, by which rows are cited.

    A table without vintages that is in the order of its key stays in it.
    """
    if _text(columns, rows) != held:
        raise Refused(f"data/raw/{found.table}: is not written as tables are (quotation marks only where needed); "
                      "save it so, make accept it, and add again.")
    key = schema.get("primaryKey") or columns

    def place(row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in key)

    changed = {place(change.row): change.row for change in found.replaced}
    ordered = "vintage" not in key and all(
        place(one) <= place(other) for one, other in zip(rows, rows[1:], strict=False))
    together = [changed.get(place(row), row) for row in rows] + found.added
    return _text(columns, sorted(together, key=place) if ordered else together)


def _text(columns: list[str], rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def check(contents: dict[str, bytes], tried: Path) -> None:
    """Records, cells, keys and control totals of a copy of data/raw; Refused with every problem found."""
    descriptor = json.loads((tried / "datapackage.json").read_text(encoding="utf-8"))
    changed = [record for record in descriptor["resources"] if record["path"] in contents]
    problems = verify.record_problems(changed)
    for record in changed:
        problems += accept.bad_cells(descriptor, record, tried)
    problems = problems or totals.problems(list(contents), tried)
    if problems:
        raise Refused("\n".join([
            *problems[:5 * MOST_SHOWN],
            f"Refused, {verify.counted(problems)} (above). Lines are those the tables would have had. Nothing was "
            "changed.",
        ]))


def details(differences: Sequence[Difference]) -> list[str]:
    """The largest changes of each table, one a line."""
    lines = []
    for found in differences:
        changes = [*found.revised, *found.replaced]
        changes.sort(key=lambda change: -abs(change.pct or 0))
        for change in changes[:MOST_SHOWN]:
            size = "" if change.pct is None else f" ({change.pct:+.1f} %)"
            lines.append(f"  {change.name}: {change.before} -> {change.after}{size}")
        if len(changes) > MOST_SHOWN:
            lines.append(f"  … and {len(changes) - MOST_SHOWN} smaller changes")
        if found.gone:
            more = len(found.gone) - MOST_SHOWN
            lines.append("  not printed any more: " + "; ".join(found.gone[:MOST_SHOWN])
                         + (f"; … and {more} more" if more > 0 else ""))
    return lines


def sizes_in_words(contents: dict[str, bytes], tried: Path, folder: Path) -> list[str]:
    """The revisions of the arrival against the usual revision of each series, one series a line."""
    if not any(path.startswith(("kexim/", "bea/")) for path in contents) or not raw.recorded(
            "kexim/releases", folder):
        return []
    moves = totals.revision_sizes(tried, folder)
    lines = []
    for series, rows in moves.dropna(subset="change_pct").groupby("series"):
        worst = rows.loc[rows["change_pct"].abs().idxmax()]
        usual, beyond = f"fewer than {FEW_PAIRS} revisions are held, so none is usual", 0
        if worst["pairs"] >= FEW_PAIRS:
            usual = (f"usually {worst['median_abs_pct']:.1f} %, nine in ten up to {worst['p90_abs_pct']:.1f} % "
                     f"({worst['pairs']:.0f} held)")
            beyond = int((rows["change_pct"].abs() > rows["p90_abs_pct"]).sum())
        lines.append(f"  {series}: {len(rows)} printed anew, largest {worst['change_pct']:+.1f} % "
                     f"({worst['period']}); {usual}" + (f"; {beyond} LARGER THAN THAT" if beyond else ""))
    return lines
