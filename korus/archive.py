"""The data of the report as one zip, in which every column of every file is described.

`book/data-dictionary.csv` says what each column means (file, column, unit, meaning); what the schemas of the
processed tables know besides (type, allowed values) is added here. A column nobody described fails the build.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

NAME = "korus-data.zip"
DICTIONARY = "data-dictionary.csv"
COLUMNS = ["file", "column", "type", "unit", "meaning", "allowed_values"]
# Rows above this are kept as Parquet alone: a spreadsheet is no place for them.
SMALL = 3000
# Every build writes the same bytes: one time stamp (the first that a zip can hold), one mode, one level.
MOMENT = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644 << 16
LEVEL = 9
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf")
LICENCES = """\
The figures belong to those who published them. sources.csv names the source of every row; the rights under which
each table stands in the report, or why none is known, are on its page "Data availability and rights".
The report's code and text are under the MIT licence."""


class Undescribed(Exception):
    """Columns of the zip that book/data-dictionary.csv does not describe, all of them."""


@dataclass(frozen=True)
class Contents:
    """What goes into the zip: tables as data frames by name, CSV files as bytes by their path in the zip."""

    tables: dict[str, pd.DataFrame]
    parquet: dict[str, bytes]
    files: dict[str, bytes]


def collected(tables: list[Path], files: dict[str, Path]) -> Contents:
    """The given Parquet tables and CSV files; `files` maps a path in the zip to a file."""
    return Contents(
        tables={path.stem: pd.read_parquet(path) for path in tables},
        parquet={path.stem: path.read_bytes() for path in tables},
        files={name: path.read_bytes() for name, path in files.items()},
    )


# ---- The dictionary ------------------------------------------------------------------------------


def described(path: Path) -> dict[tuple[str, str], dict]:
    """The rows of book/data-dictionary.csv by file and column."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {(row["file"], row["column"]): row for row in csv.DictReader(lines)}


def row_for(file: str, column: str, known: dict[tuple[str, str], dict]) -> tuple[str, str] | None:
    """The key of what describes a column: an entry of the very file, or one of its folder (`figures/*.csv`)."""
    folder = file.rpartition("/")[0]
    return next((key for key in ((file, column), (f"{folder}/*.csv", column)) if key in known), None)


def columns_of(contents: Contents) -> dict[str, dict[str, tuple[str, str]]]:
    """For each file, by column, its type in words and its allowed values."""
    found = {f"tables/{name}": {column: (_type(frame[column]), allowed(name, column)) for column in frame}
             for name, frame in contents.tables.items()}
    for name, content in contents.files.items():
        frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
        found[name] = {column: (_type_of_text(frame[column]), "") for column in frame}
    return found


def _type(column: pd.Series) -> str:
    kinds = pd.api.types
    if kinds.is_bool_dtype(column):
        return "true or false"
    if kinds.is_integer_dtype(column):
        return "whole number"
    return "number" if kinds.is_numeric_dtype(column) else "text"


def _type_of_text(column: pd.Series) -> str:
    """The type of a column of CSV, from what its cells that are not empty look like."""
    cells = set(column) - {""}
    if cells and cells <= {"True", "False"}:
        return "true or false"
    if cells and all(NUMBER.fullmatch(cell) for cell in cells):
        return "number"
    return "text"


def allowed(table: str, column: str) -> str:
    """What the schema of a table allows in a column, in words; empty where it sets no bounds."""
    from korus.schemas import SCHEMAS

    if column not in SCHEMAS[table].columns:
        return ""
    words = []
    for check in SCHEMAS[table].columns[column].checks:
        facts = check.statistics
        if "allowed_values" in facts:
            words.append(", ".join(str(value) for value in facts["allowed_values"]))
        elif "pattern" in facts:
            words.append(f"matches {facts['pattern']}")
        elif "max_value" in facts:
            words.append(f"{facts['min_value']} to {facts['max_value']}")
        else:
            words.append(f"{facts['min_value']} or more")
    return "; ".join(words)


def dictionary(contents: Contents, known: dict[tuple[str, str], dict]) -> pd.DataFrame:
    """The data dictionary of the zip (COLUMNS). Raises Undescribed naming every column without a description."""
    rows, missing = [], []
    for file, columns in columns_of(contents).items():
        for column, (kind, values) in columns.items():
            if (key := row_for(file, column, known)) is None:
                missing.append(f"{file}: {column}")
                continue
            rows.append((file, column, kind, known[key]["unit"], known[key]["meaning"], values))
    if missing:
        raise Undescribed("book/data-dictionary.csv does not describe these columns; add a row for each, with its "
                          "unit and meaning:\n" + "\n".join(missing))
    return pd.DataFrame(rows, columns=COLUMNS)


# ---- The zip -------------------------------------------------------------------------------------


def readme(title: str, edition: str, commit: str, profile: str, as_of: str) -> str:
    """README.txt of the zip."""
    return f"""{title}

The data behind the report: {edition[0].lower()}{edition[1:]}, commit {commit}, profile {profile}, figures published by {as_of}.

{DICTIONARY}   every column of every file here: type, unit, meaning, allowed values
tables/               the cleaned tables as Parquet, and as CSV up to {SMALL:,} rows
results/              values.csv (every number of the report), estimates.csv, claims.csv,
                      prints.csv (every publication of every series that is held more than once)
figures/              what each figure plots
sources.csv           the sources that the column ref leads to, by way of the raw tables

A ref such as kexim/releases#L3067 names a raw table of the project (data/raw/kexim/releases.csv) and a line of it.

{LICENCES}
"""


def written(contents: Contents, known: dict[tuple[str, str], dict], readme_text: str) -> bytes:
    """The zip. Raises Undescribed."""
    described_columns = dictionary(contents, known)
    files = {"README.txt": readme_text.encode(), DICTIONARY: _csv(described_columns)} | contents.files
    for name, content in contents.parquet.items():
        files[f"tables/{name}.parquet"] = content
        if len(contents.tables[name]) <= SMALL:
            files[f"tables/{name}.csv"] = _csv(contents.tables[name])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"korus-data/{name}", MOMENT)
            entry.external_attr, entry.compress_type = MODE, zipfile.ZIP_DEFLATED
            entry.create_system = 3
            archive.writestr(entry, content, compresslevel=LEVEL)
    return packed.getvalue()


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
