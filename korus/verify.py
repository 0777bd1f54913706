"""Check the whole of data/raw before anything is built: `python -m korus.verify`.

Every file against its record (size, hash), every record for what it must say, no file without a
record, and every cell against the schema. All problems are shown at once.
"""

import hashlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path

from korus import cells, raw
from korus.paths import RAW, ROOT
from korus.sources import writing

CACHE = ROOT / "_build" / "raw-verified.json"

# What a record must say besides its name and path, and what belongs there.
RECORD_FIELDS = {
    "title": "what the table is, in a few words",
    "description": "what it holds, which years and places, its units, its known gaps",
    "producer": "who made the figures",
    "citation": "how to cite them",
    "published_at": "where they were published: an address, or words",
    "date_published": "when: a day (YYYY-MM-DD), or the range of days it holds",
    "date_accessed": "the day they were read (YYYY-MM-DD)",
    "licenses": "a list of {name, title, path}; or instead `licence_note`: why no licence is known",
    "sources": "a list of {title, path} of the documents the rows come from",
    "bytes": "size of the file",
    "hash": "sha256: and its SHA-256",
    "schema": "fields with type, description, unit and constraints; missingValues; keys",
}
# What korus.sources.writing puts beside a file while it replaces several together.
ARRIVALS = (writing.NEW, writing.OLD, writing.ABSENT)
LEFTOVERS = (".swp", ".swo", "~", ".bak", ".orig", ".tmp", ".DS_Store", "Thumbs.db", "desktop.ini")


def problems(folder: Path = RAW, cache: Path | None = None) -> tuple[list[str], int]:
    """Everything wrong under `folder`, and how many tables were validated anew.

    `cache` holds what was found good before; without it every table is validated.
    """
    descriptor = raw.package(folder)
    found = record_problems(descriptor["resources"])
    found += unrecorded(descriptor["resources"], folder)
    records = usable(descriptor["resources"])
    contents = {
        record["path"]: (folder / record["path"]).read_bytes()
        for record in records if (folder / record["path"]).is_file()
    }
    known = _load(cache)
    keys = {record["path"]: _cache_key(record, records, contents) for record in records
            if record["path"] in contents}
    due = [record for record in records
           if record["path"] in keys and known.get(record["path"]) != keys[record["path"]]]
    bad = tables_problems(records, [record["path"] for record in due], contents)
    for record in records:
        found += _difference(record, contents.get(record["path"]))
        found += bad.get(record["path"], [])
    _save(cache, {path: key for path, key in keys.items() if not bad.get(path)}, known)
    return list(dict.fromkeys(found)), len(due)


def usable(records: list[dict]) -> list[dict]:
    """Records complete enough to compare and read their file (`record_problems` names the others)."""
    return [record for record in records
            if all(record.get(field) not in (None, "", {})
                   for field in ("path", "name", "bytes", "hash", "schema"))]


def counted(found: list[str]) -> str:
    """`1 problem`, `3 problems`."""
    return "1 problem" if len(found) == 1 else f"{len(found)} problems"


def record_problems(records: list[dict]) -> list[str]:
    """Records that lack what a reader needs to trust and cite the figures, or that clash."""
    found, seen = [], set()
    for position, record in enumerate(records, start=1):
        path = record.get("path", "")
        where = f"data/raw/datapackage.json, record of {path or f'resource number {position}'}"
        if not path.endswith(".csv") or ".." in Path(path).parts or Path(path).is_absolute():
            found.append(f"{where}: path {path!r} is not a .csv file below data/raw")
        if path in seen:
            found.append(f"{where}: a second record of the same file; delete one")
        seen.add(path)
        expected = path.removesuffix(".csv").replace("/", ".")
        if record.get("name") != expected:
            found.append(f"{where}: name is {record.get('name')!r}; expected {expected!r}")
        for field, meaning in RECORD_FIELDS.items():
            given = record.get(field)
            if field == "licenses":
                given = given or record.get("licence_note")
            if given in (None, "", [], {}):
                found.append(f"{where}: {field} is missing ({meaning})")
            elif "<fill in" in json.dumps(given):
                found.append(f"{where}: {field} is still to be filled in ({meaning})")
    return found


def unrecorded(records: list[dict], folder: Path) -> list[str]:
    """Files and folders under data/raw that no record describes."""
    recorded = {record.get("path", "") for record in records}
    folders = {parent.as_posix() for path in recorded for parent in Path(path).parents}
    found = []
    for where, below, files in os.walk(folder):
        here = Path(where).relative_to(folder)
        for name in sorted(below):
            path = (here / name).as_posix()
            if path not in folders:
                found.append(f"data/raw/{path}/: a folder without any recorded file. Delete it, or "
                             "give each of its files a record (make accept FILE=… prints one)")
        below[:] = sorted(name for name in below if (here / name).as_posix() in folders)
        for name in sorted(files):
            path = (here / name).as_posix()
            if path in recorded or path == "datapackage.json":
                continue
            if name.startswith(".") and name.endswith(ARRIVALS):
                found.append(f"data/raw/{path}: left by an arrival that is being written or was cut off. Run "
                             "python -m korus.sources.writing, which puts every file back")
            elif name.endswith(LEFTOVERS) or name.startswith((".#", "#", "._", "~$")):
                found.append(f"data/raw/{path}: an editor's or a system's leftover. Delete it")
            else:
                found.append(f"data/raw/{path}: no record in datapackage.json. Delete it, or run "
                             f"make accept FILE=data/raw/{path}, which prints a record to fill in")
    return found


def _difference(record: dict, content: bytes | None) -> list[str]:
    """How a file departs from its recorded size and hash, if it does."""
    table = record["path"].removesuffix(".csv")
    if content is None:
        return [raw.describe_missing(table, record)]
    if len(content) != record.get("bytes") or raw.digest(content) != record.get("hash"):
        return [raw.describe_difference(table, content, record)]
    return []


def tables_problems(
    records: list[dict], paths: list[str], contents: dict[str, bytes]
) -> dict[str, list[str]]:
    """Bad cells of the tables `paths`, by path; frictionless is loaded only when there are any.

    `records` and `contents` are those of all tables: keys point from one to another.
    """
    found = {path: cells.form_problems(f"data/raw/{path}", contents[path]) for path in paths}
    readable = [path for path in paths if not found[path]]
    if not readable:
        return found
    # Only what is asked for, and what it points to; a table that can not be read stops no other.
    asked = [record for record in records if record["path"] in readable]
    pointed = set().union(*(links(record) for record in asked))
    there = [record for record in records if record["path"] in readable or (
        record["name"] in pointed and record["path"] in contents
        and not cells.form_problems("", contents[record["path"]]))]
    tables = {record["path"]: cells.cells_of(f"data/raw/{record['path']}", contents[record["path"]])
              for record in there}
    names = {record["name"] for record in there if tables[record["path"]].rows[0]
             == [field.get("name") for field in record["schema"].get("fields", [])]}
    package, unusable = cells.open_package([_without_links_beyond(r, names) for r in there], tables)
    found |= {path: problems for path, problems in unusable.items() if path in found}
    paths_by_name = {record["name"]: record["path"] for record in there}
    for resource in package.resources:
        if (path := paths_by_name[resource.name]) in readable:
            found[path] = cells.cell_problems(tables[path], resource)
    return found


def links(record: dict) -> set[str]:
    """Names of the tables that a table's foreign keys point to."""
    keys = record.get("schema", {}).get("foreignKeys", [])
    return {key["reference"]["resource"] or record["name"] for key in keys}


def _without_links_beyond(record: dict, names: set[str]) -> dict:
    """A record without foreign keys into tables that can not be read (they are reported already)."""
    if links(record) <= names:
        return record
    schema = record["schema"]
    kept = [key for key in schema["foreignKeys"] if key["reference"]["resource"] in names | {""}]
    return {**record, "schema": {**schema, "foreignKeys": kept}}


def _cache_key(record: dict, records: list[dict], contents: dict[str, bytes]) -> str:
    """A hash of all that decides whether a table is good: its bytes, its record, the tables it
    points to, the checks themselves."""
    pointed = links(record)
    parts = [
        json.dumps(record, sort_keys=True),
        raw.digest(contents[record["path"]]),
        *(raw.digest(contents.get(other["path"], b"")) + json.dumps(other["schema"], sort_keys=True)
          for other in records if other["name"] in pointed),
        *(raw.digest(Path(module.__file__).read_bytes()) for module in (cells, sys.modules[__name__])),
        importlib.metadata.version("frictionless"),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _load(cache: Path | None) -> dict[str, str]:
    """The tables found good before; a missing or broken cache only costs time."""
    try:
        known = json.loads(cache.read_text(encoding="utf-8")) if cache else {}
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _save(cache: Path | None, good: dict[str, str], known: dict[str, str]) -> None:
    if cache is None or good == known:
        return
    cache.parent.mkdir(parents=True, exist_ok=True)
    temporary = cache.with_name(f".{cache.name}.{os.getpid()}")
    temporary.write_text(json.dumps(good, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(temporary, cache)


def main() -> int:
    """Print every problem and return 1, or say that all is well and return 0."""
    try:
        found, validated = problems(RAW, CACHE)
    except raw.RawDataError as error:
        found, validated = [str(error)], 0
    if found:
        print("\n".join(found), file=sys.stderr)
        print(
            f"data/raw: {counted(found)}. Mend the cells named, then `make accept FILE=…` for each file "
            "that is meant to change; `git checkout -- data/raw` takes back every change.",
            file=sys.stderr,
        )
        return 1
    count = len(raw.package(RAW)["resources"])
    print(f"data/raw: {count} tables are as recorded; cells of {validated} checked anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
