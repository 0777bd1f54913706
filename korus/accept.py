"""Accept an intended change of a raw file: `python -m korus.accept FILE` (`make accept FILE=…`).

Shows the difference from the content last accepted, refuses bad cells, then writes the new size and
hash into the file's record in datapackage.json and nothing else.
"""

import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from korus import cells, raw, verify
from korus.paths import RAW

LINES_SHOWN = 60
COMMITS_SEARCHED = 50


class Refused(Exception):
    """The file can not be accepted; the message says why and what to do. No record was changed."""


def accept(given: str, folder: Path = RAW) -> str:
    """Accept the raw file at path `given` as it is now; what was done, in one sentence.

    Prints the difference first. Raises Refused (or RawDataError) and leaves the record as it was.
    """
    path = _inside(given, folder)
    name = f"data/raw/{path}"
    content = (folder / path).read_bytes()
    descriptor = raw.package(folder)
    record = next((r for r in descriptor["resources"] if r.get("path") == path), None)
    if record is None:
        raise Refused(
            f"{name}: no record in datapackage.json. Put this one there, in the order of paths, with "
            f"every <fill in …> filled in, and run make accept FILE={name} again:\n"
            + record_to_fill_in(path, folder)
        )
    same = len(content) == record.get("bytes") and raw.digest(content) == record.get("hash")
    if not same:
        print(difference(path, content, record, folder))
    problems = verify.record_problems([record])
    problems = problems or bad_cells(descriptor, record, folder)
    if problems:
        raise Refused("\n".join([
            *problems,
            f"{name}: refused, {verify.counted(problems)} (above). Its record is as it was.",
        ]))
    if same:
        return f"{name}: nothing to accept, the file is the one recorded ({len(content)} bytes)"
    rewrite(path, content, folder)
    return (
        f"{name}: accepted, {record['bytes']} -> {len(content)} bytes; bytes and hash of its record in "
        "data/raw/datapackage.json were rewritten. Commit both files together."
    )


def _inside(given: str, folder: Path) -> str:
    """The path below data/raw of a file named on the command line, or Refused."""
    project = folder.parent.parent
    places = [Path(os.path.normpath(start / given)) for start in (project, Path.cwd())]
    below = [place for place in places if place.is_relative_to(folder)]
    if not below:
        raise Refused(f"{given}: not below data/raw. Only raw files have records to accept.")
    absolute = next((place for place in below if place.exists()), below[0])
    inside = absolute.relative_to(folder).as_posix()
    if inside == "datapackage.json":
        raise Refused(f"{given}: this file holds the records. Name the table that changed instead.")
    if not absolute.is_file():
        raise Refused(f"{given}: no such file. If it is meant to go, delete its record as well.")
    if absolute.suffix != ".csv":
        raise Refused(f"{given}: raw tables are .csv files; keep other files out of data/raw.")
    return inside


def bad_cells(descriptor: dict, record: dict, folder: Path) -> list[str]:
    """Problems in the cells of a table, and in tables whose keys point to rows it no longer has."""
    name, path = record["name"], record["path"]
    there = [record for record in verify.usable(descriptor["resources"])
             if (folder / record["path"]).is_file()]
    pointing = [record["path"] for record in there
                if name in verify.links(record) and record["path"] != path]
    contents = {record["path"]: (folder / record["path"]).read_bytes() for record in there}
    found = verify.tables_problems(there, [path, *pointing], contents)
    own = found.pop(path)
    lost = f" is not in data/raw/{path}, column "
    return own + [line for lines in found.values() for line in lines if lost in line and not own]


def difference(path: str, content: bytes, record: dict, folder: Path) -> str:
    """Unified difference from the accepted content, or sizes and hashes where git does not have it."""
    name = f"data/raw/{path}"
    before = accepted_content(path, record["hash"], folder)
    if before is None:
        return (
            f"{name}: the accepted content is not in git, so only sizes and hashes can be compared: "
            f"{record['bytes']} bytes, {record['hash']} -> {len(content)} bytes, {raw.digest(content)}"
        )
    lines = list(difflib.unified_diff(
        _lines(before), _lines(content), f"{name} (accepted)", f"{name} (now)", lineterm="", n=1,
    ))
    removed = sum(line.startswith("-") for line in lines[2:])
    added = sum(line.startswith("+") for line in lines[2:])
    shown = lines[:LINES_SHOWN]
    if len(lines) > LINES_SHOWN:
        shown.append(f"… and {len(lines) - LINES_SHOWN} more lines of difference")
    return "\n".join([*shown, f"{name}: lines removed {removed}, added {added}"])


def _lines(content: bytes) -> list[str]:
    """Lines of a file for showing: bytes that are no text, and control characters, as escapes."""
    text = content.decode("utf-8", errors="backslashreplace")
    lines = [cells.ascii_control(line) for line in text.split("\n")]
    if lines[-1] == "":
        lines.pop()
    else:
        lines[-1] += " (no line end)"
    return lines


def accepted_content(path: str, recorded: str, folder: Path) -> bytes | None:
    """The content with hash `recorded`, from git's index or its last versions of the file."""
    def git(*arguments: str) -> bytes | None:
        try:
            run = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
        except OSError:
            return None
        return run.stdout if run.returncode == 0 else None

    log = git("log", f"--max-count={COMMITS_SEARCHED}", "--format=%H", "--", path) or b""
    for version in ["", *log.decode().split()]:
        content = git("cat-file", "blob", f"{version}:./{path}")
        if content is not None and raw.digest(content) == recorded:
            return content
    return None


def rewrite(path: str, content: bytes, folder: Path) -> None:
    """Put the size and hash of `content` into one record of datapackage.json, in one step."""
    place = folder / "datapackage.json"
    text = place.read_text(encoding="utf-8")
    _replace(place, with_record(text, path, {"bytes": len(content), "hash": raw.digest(content)}))


def with_record(text: str, path: str, values: dict) -> str:
    """The text of datapackage.json with new values of some fields in the record of `path`.

    All other bytes stay: the values are replaced in the text, and the result is compared with what was
    meant. Raises Refused where that can not be done.
    """
    start, end = _span_of_record(text, path)
    record = json.loads(text[start:end])
    changed, counts = text[start:end], []
    for field, value in values.items():
        old = re.escape(json.dumps(record.get(field), ensure_ascii=False))
        changed, count = re.subn(
            rf'("{field}"\s*:\s*){old}(?=\s*[,}}])',
            lambda found, value=value: found[1] + json.dumps(value, ensure_ascii=False), changed,
        )
        counts.append(count)
    if any(count != 1 for count in counts) or json.loads(changed) != record | values:
        wanted = ", ".join(f"{field}: {value}" for field, value in values.items())
        raise Refused(
            f"data/raw/datapackage.json, record of {path}: its values can not be replaced in the text. Write "
            f"them by hand: {wanted}"
        )
    return text[:start] + changed + text[end:]


def with_new_record(text: str, record: dict) -> str:
    """The text of datapackage.json with one record more, in the order of paths; all other bytes stay.

    Raises Refused where the text is not written as the project writes it.
    """
    package = json.loads(text)
    if json.dumps(package, indent=1, ensure_ascii=False) + "\n" != text:
        raise Refused("data/raw/datapackage.json: is not written as the project writes it (one blank of indentation, no "
                      "escapes); put the new record there by hand.")
    ordered = {name: value for name, value in record.items() if name != "schema"} | {"schema": record["schema"]}
    package["resources"] = sorted([*package["resources"], ordered], key=lambda one: one["path"])
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def _span_of_record(text: str, path: str) -> tuple[int, int]:
    """First and last position of the record of `path` in the text of datapackage.json."""
    decoder = json.JSONDecoder()
    opening = re.search(r'^\s?"resources"\s*:\s*\[', text, flags=re.MULTILINE)
    opening = opening or re.search(r'"resources"\s*:\s*\[', text)
    position = opening.end()
    while text[(position := _next(text, position))] != "]":
        record, end = decoder.raw_decode(text, position)
        if record.get("path") == path:
            return position, end
        position = end
    raise Refused(f"data/raw/datapackage.json: no record of {path} was found in its text")


def _next(text: str, position: int) -> int:
    """Position of the next character that is neither blank nor a comma."""
    return re.compile(r"[\s,]*").match(text, position).end()


def _replace(place: Path, text: str) -> None:
    """Replace a file whole; the temporary one lies outside data/raw, where no record is due."""
    handle, temporary = tempfile.mkstemp(dir=place.parent.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, place.stat().st_mode & 0o777)
        os.replace(temporary, place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def record_to_fill_in(path: str, folder: Path) -> str:
    """A complete record of a new file as JSON: what can be inferred, and what must be written."""
    from frictionless import Schema, describe

    content = (folder / path).read_bytes()
    problems = cells.form_problems(f"data/raw/{path}", content)
    if problems:
        raise Refused("\n".join(problems))
    if path.startswith("claims/"):
        return json.dumps(claims_record(path, content, folder), indent=1, ensure_ascii=False)
    schema = describe(path, basepath=str(folder), type="schema")
    assert isinstance(schema, Schema)
    fields = [
        {**field, "description": "<fill in: what it is, and its unit where it is a number>"}
        for field in schema.to_descriptor()["fields"]
    ]
    columns = {field["name"] for field in fields}
    shape = {"fields": fields, "missingValues": [""]}
    keys = [
        {"fields": [column], "reference": {"resource": table, "fields": [column]}}
        for column, table in (("source", "sources"), ("iso3", "reference.countries"))
        if column in columns
    ]
    if keys:
        shape["foreignKeys"] = keys
    known = {"bytes": len(content), "hash": raw.digest(content), "schema": shape}
    record = {"name": path.removesuffix(".csv").replace("/", "."), "path": path}
    for field, meaning in verify.RECORD_FIELDS.items():
        if field == "bytes":
            record |= {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
        record[field] = known.get(field, f"<fill in: {meaning}>")
        if field in ("licenses", "sources"):
            record[field] = [{"title": f"<fill in: {meaning}>"}]
    return json.dumps(record, indent=1, ensure_ascii=False)


def claims_record(path: str, content: bytes, folder: Path) -> dict:
    """The record of a new table of claims: that of claims/claims.csv, for the columns the new table has.

    Raises Refused naming columns that no table of claims has.
    """
    model = raw.record("claims/claims", folder)
    known = {field["name"]: field for field in model["schema"]["fields"]}
    columns = content.decode("utf-8").partition("\n")[0].split(",")
    if strange := [column for column in columns if column not in known]:
        raise Refused(f"data/raw/{path}: no table of claims has a column {', '.join(strange)}. Columns are "
                      f"{', '.join(known)}; their meaning stands in data/raw/datapackage.json.")
    document = Path(path).stem
    keys = [key for key in model["schema"]["foreignKeys"] if set(key["fields"]) <= set(columns)]
    return model | {
        "name": path.removesuffix(".csv").replace("/", "."), "path": path,
        "title": f"Checkable statements of {document}",
        "date_published": "<fill in: day the document was published>",
        "date_accessed": "<fill in: day it was read, YYYY-MM-DD>", "sources": [{"title": document}],
        "bytes": len(content), "hash": raw.digest(content),
        "schema": model["schema"] | {"fields": [known[column] for column in columns], "foreignKeys": keys},
    }


def main() -> int:
    """`python -m korus.accept FILE`; 0 when accepted or unchanged, 1 when refused."""
    if len(sys.argv) != 2:
        print("usage: make accept FILE=data/raw/<folder>/<table>.csv", file=sys.stderr)
        return 2
    try:
        print(accept(sys.argv[1]))
    except (Refused, raw.RawDataError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
