"""Read the published figures of data/raw, never changing them.

A raw table is what its source printed: every cell is text, in the source's words and units.
`datapackage.json` records the size and SHA-256 of each file; a file that differs from its record
is refused, because a report must not be built on figures nobody looked at.
"""

import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path

import pandas as pd

from korus.paths import RAW, require_declared


class RawDataError(Exception):
    """A raw file is not what datapackage.json says it is, or holds what it must not hold."""


@lru_cache(maxsize=8)
def _package_at(folder: Path, stamp: tuple) -> dict:
    try:
        descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        if not isinstance(descriptor["resources"], list):
            raise TypeError("resources is not a list")
    except (ValueError, KeyError, TypeError) as error:
        raise RawDataError(
            f"data/raw/datapackage.json: not a data package ({type(error).__name__}: {error}). "
            "Mend it, or restore it (git checkout -- data/raw/datapackage.json)."
        ) from None
    return descriptor


def package(folder: Path = RAW) -> dict:
    """The Frictionless data package descriptor of `folder`, as a dictionary."""
    path = folder / "datapackage.json"
    if not path.exists():
        raise RawDataError(f"{path}: missing. It describes every raw file; restore it from git.")
    stat = path.stat()
    return _package_at(folder, (stat.st_mtime_ns, stat.st_size, stat.st_ino))


def record(table: str, folder: Path = RAW) -> dict:
    """The record of one table, named by its path without `.csv` (for example `kexim/releases`)."""
    for resource in package(folder)["resources"]:
        if resource["path"] == f"{table}.csv":
            return resource
    known = ", ".join(sorted(r["path"].removesuffix(".csv") for r in package(folder)["resources"]))
    raise RawDataError(f"data/raw/{table}.csv: no record in datapackage.json. Known tables: {known}.")


def recorded(table: str, folder: Path = RAW) -> bool:
    """Whether the data package has a record of a table: for tables that may be added and need not be."""
    return any(resource["path"] == f"{table}.csv" for resource in package(folder)["resources"])


def digest(content: bytes) -> str:
    """SHA-256 of a file's bytes as datapackage.json writes it (`sha256:…`)."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def read_verified(table: str, folder: Path = RAW) -> bytes:
    """Bytes of a raw table, after its size and hash agree with the record.

    Raises RawDataError naming the file, what was expected and how to accept an intended change.
    """
    expected = record(table, folder)
    path = folder / expected["path"]
    if not path.exists():
        raise RawDataError(describe_missing(table, expected))
    content = path.read_bytes()
    if len(content) != expected["bytes"] or digest(content) != expected["hash"]:
        raise RawDataError(describe_difference(table, content, expected))
    return content


def describe_missing(table: str, expected: dict) -> str:
    """One sentence on a recorded file that is not there, with the remedy."""
    return (
        f"data/raw/{table}.csv: missing, but recorded in datapackage.json with "
        f"{expected['bytes']} bytes. Restore it (git checkout -- data/raw/{table}.csv), "
        "or remove its record if it is meant to go."
    )


def describe_difference(table: str, content: bytes, expected: dict) -> str:
    """One sentence on how a raw file departs from its record, with the remedy."""
    what = "its content was changed"
    for meaning, restored in _likely_accidents(content):
        if digest(restored) == expected["hash"]:
            what = meaning
            break
    else:
        cut = len(content) < expected["bytes"] and not content.endswith(b"\n")
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            cut = cut and error.reason == "unexpected end of data"
            what = f"it is not UTF-8 text (byte {error.start})"
        if cut:
            what = "it ends in the middle of a line, as a truncated file does"
    return (
        f"data/raw/{table}.csv: {what}. Expected {expected['bytes']} bytes, {expected['hash']}; "
        f"found {len(content)} bytes, {digest(content)}. If the change is intended: "
        f"make accept FILE=data/raw/{table}.csv (it shows the difference first). "
        f"If not: git checkout -- data/raw/{table}.csv"
    )


def _likely_accidents(content: bytes):
    """Pairs of what an editor or spreadsheet may have done to a file, and the file undone."""
    yield "a byte order mark was put before it", content.removeprefix(b"\xef\xbb\xbf")
    yield "its line ends were changed to CRLF", content.replace(b"\r\n", b"\n")
    for encoding in ("cp949", "utf-16", "latin-1"):
        try:
            restored = content.decode(encoding).encode("utf-8")
        except (UnicodeDecodeError, UnicodeEncodeError):
            continue
        yield f"it was re-encoded from UTF-8 to {encoding}", restored


def read(table: str, folder: Path = RAW) -> pd.DataFrame:
    """A raw table, every cell as text (empty cells as ""), with `ref` = `<table>#L<line>` first.

    Shape: one row per printed figure; units are those of the source (see datapackage.json).
    Raises RawDataError when the file is not the recorded one.
    """
    require_declared(folder / f"{table}.csv")
    content = read_verified(table, folder)
    frame = pd.read_csv(
        io.BytesIO(content), dtype=str, na_filter=False, skip_blank_lines=False, index_col=False,
        encoding="utf-8",
    )
    frame.insert(0, "ref", [f"{table}#L{line}" for line in range(2, len(frame) + 2)])
    return frame


def sources(folder: Path = RAW) -> pd.DataFrame:
    """The register of sources, indexed by source id."""
    return read("sources", folder).set_index("source")


def release_days(resource: str, folder: Path = RAW) -> dict[str, str]:
    """Days of release (ISO dates) of a BEA table's vintages that are printed as months."""
    table = read("bea/release_days", folder)
    chosen = table[table["resource"] == resource]
    return dict(zip(chosen["vintage"], chosen["released"], strict=True))
