"""Fetch all tables wanted of BEA's dataset MNE, going on where a run was cut, and offer what is new in them."""

import datetime as dt
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

from korus import raw
from korus.clean.places import STATE_CODES, Places
from korus.paths import ROOT
from korus.sources import bea, partitions, vintages
from korus.sources.bea import Data, Declared, NotOffered, Query
from korus.sources.client import Client
from korus.sources.vintages import Row

KEPT = ROOT / "data" / "panel" / "bea"
# An answer of yesterday is still an answer when a run goes on after an hour's refusal.
FRESH = dt.timedelta(days=1)
NAMED = 12


def fetch(client: Client, folder: Path = KEPT, queries: tuple[Query, ...] = bea.QUERIES,
          say: Callable[[str], None] = print) -> dict[Query, Data]:
    """All tables the service gives, one file each in `folder`. What is there and fresh is not asked for again.

    A table that the service says it can not give is said and left out. Raises ServiceProblem (where it gives none
    at all, too), KeyProblem or FetchRunning; what was fetched until then stays.
    """
    found, today, declared = {}, client.today().date(), None
    with partitions.only_writer(folder):
        for number, query in enumerate(queries, start=1):
            data = kept(folder, query, today)
            if data is None:
                try:
                    data = bea.get(client, query)
                except Declared as problem:
                    declared = problem
                    why = (
                        "offers no such table"
                        if isinstance(problem, NotOffered)
                        else "gives an error in its place"
                    )
                    say(f"{query.name}: left out, the service {why} ({problem})")
                    continue
                keep(folder, query, data, today)
                say(f"{query.name}: {len(data.rows):,} rows; {number} of {len(queries)} tables")
            found[query] = data
    if declared and not found:
        raise declared
    return found


def _place(folder: Path, query: Query) -> Path:
    return folder / f"mne-{query.series}-{query.classification.lower()}.json"


def kept(folder: Path, query: Query, today: dt.date) -> Data | None:
    """A table kept by an earlier run, if it is fresh and whole."""
    try:
        content = json.loads(_place(folder, query).read_text(encoding="utf-8"))
        data = Data(
            content["rows"], content["dimensions"], content["notes"], dt.date.fromisoformat(content["day"])
        )
        fetched = dt.date.fromisoformat(content["fetched"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return data if abs(today - fetched) <= FRESH else None


def keep(folder: Path, query: Query, data: Data, today: dt.date) -> None:
    """Keep a table, whole or not at all. It holds no key: an answer's echo of the question is not part of it.

    `today` is the day by this machine's clock, which tells how old the file is even where the clock is wrong.
    """
    content = {
        "day": data.day.isoformat(),
        "fetched": today.isoformat(),
        "rows": data.rows,
        "dimensions": data.dimensions,
        "notes": data.notes,
    }
    temporary = _place(folder, query).with_suffix(f".{os.getpid()}.part")
    try:
        temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        os.replace(temporary, _place(folder, query))
    except OSError as error:
        raise partitions.PanelProblem(f"{_place(folder, query)}: can not be written ({error.strerror}). Make room, then "
                                      "run the same command again.") from None
    finally:
        temporary.unlink(missing_ok=True)


# ---- What is offered -----------------------------------------------------------------------------


def proposals(tables: dict[Query, Data], folder: Path = raw.RAW,
              say: Callable[[str], None] = print) -> tuple[dict[str, list[Row]], list[Row]]:
    """(tables that would change, by path, with all their rows; sources of the new rows).

    Places the report does not know are left out by name: their rows could not be cleaned.
    """
    places = Places(raw.read("reference/countries", folder), raw.read("reference/regions", folder))
    known = set(places.names) | places.codes | places.regions | {bea.WHOLE["country"]}
    fetched: dict[str, list[Row]] = {bea.NEW_FDI: [], bea.POSITIONS: []}
    unknown: dict[str, int] = {}
    days: set[dt.date] = set()
    for query, data in tables.items():
        rows, not_shown = bea.rows_of(data, query)
        for row in rows:
            if (place := _unknown_place(row, known)) is None:
                fetched[query.table].append(row)
            else:
                unknown[place] = unknown.get(place, 0) + 1
        days.add(data.day)
        if not_shown:
            say(f"{query.name}: {not_shown:,} figures are not shown by the service")
    if unknown:
        some = ", ".join(sorted(unknown)[:NAMED]) + (
            f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        )
        say(
            f"BEA: {sum(unknown.values()):,} rows of places the report does not know are left out: {some}. To "
            "take them in, add them to data/raw/reference/countries.csv or regions.csv."
        )
    return _changed(fetched, [bea.source(day) for day in sorted(days)], folder)


def _changed(
    fetched: dict[str, list[Row]], known: list[Row], folder: Path
) -> tuple[dict[str, list[Row]], list[Row]]:
    changed, sources = {}, []
    for table, rows in fetched.items():
        before = vintages.held(table, bea.COLUMNS[table], folder)
        after = vintages.beside(before, _single(rows, bea.KEYS[table]), bea.KEYS[table], bea.FIGURES)
        if len(after) > len(before):
            changed[f"{table}.csv"] = after
            sources += vintages.named(after[len(before):], known)
    return changed, list({row["source"]: row for row in sources}.values())


def _single(rows: list[Row], key: list[str]) -> list[Row]:
    """Each figure once: the totals of a table stand in several answers. Raises LabelProblem when they differ."""
    found: dict[tuple, Row] = {}
    for row in rows:
        known = found.setdefault(tuple(row[name] for name in key), row)
        if [known[name] for name in bea.FIGURES] != [row[name] for name in bea.FIGURES]:
            raise bea.LabelProblem(
                f"BEA: {', '.join(row[name] for name in key)} is {known['value']} ({known['note']}) and "
                f"{row['value']} ({row['note']}). A heading that tells them apart is not known: add it to "
                "MEASURES or TYPES in korus/sources/bea_labels.py."
            )
    return list(found.values())


def _unknown_place(row: Row, known: set[str]) -> str | None:
    """The country or state of a row when the report does not know it."""
    if row["country"] not in known:
        return row["country"]
    state = re.fullmatch(r"state: (.+)", row["breakdown"])
    return state[1] if state and state[1] not in STATE_CODES else None
