"""What is wrong inside a raw table: file, line, column, the cell, and what would be right.

frictionless checks types, constraints and keys as datapackage.json states them; here its findings
become sentences a reader can act on, with the line number a text editor shows.
"""

import csv
import difflib
import io
import re
from dataclasses import dataclass

# A quotation mark that is never closed makes a cell of the rest of the file; say so, do not stop at it.
csv.field_size_limit(2**31 - 1)

# An editor starts a new line at these; a cell that held one would shift every `ref` after it.
LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
PLAIN = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
GROUPED = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", re.ASCII)
ROW_SHAPE = ("blank-row", "extra-cell", "missing-cell")
MOST_PROBLEMS = 1000
MOST_NAMED = 12


def form_problems(path: str, content: bytes) -> list[str]:
    """What is wrong with a raw file as text: encoding, line ends, an unfinished last line.

    `path` is the file as messages show it. Cells can be read only when this list is empty.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        if error.reason == "unexpected end of data":
            return [f"{path}, line {line}: ends within a character; the file is truncated"]
        return [f"{path}, line {line}: byte {error.start} is not UTF-8; save the file as UTF-8"]
    problems = []
    if not text:
        return [f"{path}: the file is empty; its first line must name the columns"]
    if text.startswith("\ufeff"):
        problems.append(f"{path}, line 1: a byte order mark; save as UTF-8 without it")
    if "\r\n" in text:
        problems.append(f"{path}: lines end in CRLF; save with LF line ends")
    elif "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        problems.append(f"{path}, line {line}: a carriage return; save with LF line ends")
    elif not text.endswith("\n"):
        problems.append(
            f"{path}, line {text.count(chr(10)) + 1}: the last line has no end; "
            "the file may be truncated"
        )
    return problems


@dataclass(frozen=True)
class Cells:
    """A raw table as it stands in its file: rows of text, and the line each row begins in."""

    path: str
    rows: list[list[str]]
    lines: dict[int, int]


def cells_of(path: str, content: bytes) -> Cells:
    """The cells of a raw file without form problems; `path` is the file as messages show it."""
    reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    rows, lines, line = [], {}, 1
    for number, row in enumerate(reader, start=1):
        rows.append(row)
        lines[number] = line
        line = reader.line_num + 1
    return Cells(path, rows, lines)


def open_package(records: list[dict], tables: dict[str, Cells]):
    """(frictionless package of `tables`, problems of the records it can not use), both by path.

    frictionless is given the cells, not the files: left to itself it guesses the delimiter and the
    header row from the first hundred rows. Sizes and hashes are compared by korus.verify.
    """
    from frictionless import Detector, FrictionlessException, Package, Resource

    class FirstRowIsHeader(Detector):
        def detect_dialect(self, sample, *, dialect=None):
            dialect.header, dialect.header_rows = True, [1]
            return dialect

    resources, problems = [], {}
    for record in records:
        described = {"name": record["name"], "type": "table", "format": "inline", "data": [],
                     "schema": record["schema"]}
        try:
            resource = Resource.from_descriptor(described, detector=FirstRowIsHeader())
        except FrictionlessException as error:
            notes = [reason.note for reason in error.reasons or [error.error]]
            problems[record["path"]] = [
                f"data/raw/datapackage.json, record of {record['path']}: {note}" for note in notes
            ]
        else:
            resource.data = tables[record["path"]].rows
            resources.append(resource)
    return Package(name="raw", resources=resources), problems


def cell_problems(table: Cells, resource) -> list[str]:
    """All bad cells, rows and keys of one table, in the order of the file.

    `resource` is the table in its package, so that foreign keys are looked up.
    """
    from frictionless import Checklist

    report = resource.validate(Checklist(checks=[_plain_numbers()]), limit_errors=MOST_PROBLEMS)
    errors = [error for task in report.tasks for error in task.errors] + list(report.errors)
    fields = {field.name: field.to_descriptor() for field in resource.schema.fields}
    if any(hasattr(error, "labels") for error in errors):
        return [_header_sentence(table, list(fields))]
    # A row of the wrong length has its cells in the wrong columns: only its length is worth saying.
    broken = {error.row_number for error in errors if error.type in ROW_SHAPE}
    unread = {(error.row_number, error.field_name) for error in errors if error.type == "type-error"}
    errors = [
        error for error in errors
        if error.type in ROW_SHAPE or getattr(error, "row_number", 0) not in broken
        and not (error.type == "constraint-error" and (error.row_number, error.field_name) in unread)
    ]
    found = _breaks(table)
    found += [
        (table.lines.get(getattr(error, "row_number", 0), 0), _sentence(table, error, resource, fields))
        for error in errors
    ]
    sentences = [sentence for _, sentence in sorted(found, key=lambda pair: pair[0])]
    if len(errors) >= MOST_PROBLEMS:
        sentences.append(f"{table.path}: more than {MOST_PROBLEMS} problems; the rest is not shown")
    return list(dict.fromkeys(sentences))


def _breaks(table: Cells) -> list[tuple[int, str]]:
    """Cells with line breaks: their line, and a sentence."""
    found = []
    for number, row in enumerate(table.rows, start=1):
        for position, cell in enumerate(row):
            if LINE_BREAKS.search(cell):
                name = table.rows[0][position] if position < len(table.rows[0]) else position + 1
                line = table.lines[number]
                found.append((line, (
                    f"{table.path}, line {line}, column {name}: {_shown(cell)} holds a line break; "
                    "put a space in its place, because rows are cited by line number"
                )))
    return found


def _plain_numbers():
    """A frictionless check that refuses what Python reads as a number but no table prints.

    Among them `nan`, `1_000`, digits of other scripts, and blanks around the digits.
    """
    from frictionless import Check, errors

    class PlainNumbers(Check):
        type = "plain-numbers"
        Errors = [errors.TypeError]

        def validate_start(self):
            self.numeric = [
                (position, field, GROUPED if getattr(field, "group_char", "") else PLAIN)
                for position, field in enumerate(self.resource.schema.fields)
                if field.type in ("number", "integer")
            ]
            self.missing = set(self.resource.schema.missing_values)
            yield from []

        def validate_row(self, row):
            for position, field, pattern in self.numeric:
                cell = row.cells[position] if position < len(row.cells) else ""
                if (cell not in self.missing and not pattern.fullmatch(cell)
                        and field.name not in row.error_cells):
                    yield errors.TypeError.from_row(row, note="", field_name=field.name)

    return PlainNumbers()


def _header_sentence(table: Cells, expected: list[str]) -> str:
    """How the first line departs from the columns of the record."""
    path, found = table.path, table.rows[0]
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    if missing or extra:
        parts = [f"{what} {', '.join(map(_shown, names))}"
                 for what, names in (("lacks", missing), ("has unknown", extra)) if names]
        what = "the header " + " and ".join(parts)
    else:
        what = f"the columns are {','.join(found)}"
    return f"{path}, line 1: {what}; expected {','.join(expected)}"


def _sentence(table: Cells, error, resource, fields: dict[str, dict]) -> str:
    """One finding of frictionless in words."""
    kind = error.type
    where = f"{table.path}, line {table.lines.get(getattr(error, 'row_number', 0), '?')}"
    name = getattr(error, "field_name", "")
    position = getattr(error, "field_number", 0) - 1
    cell = error.cells[position] if 0 <= position < len(getattr(error, "cells", [])) else ""
    if kind == "type-error":
        return f"{where}, column {name}: {_shown(cell)} is not {_kind_of_cell(fields[name])}"
    if kind == "constraint-error":
        return f"{where}, column {name}: {_constraint_sentence(cell, error.note, fields[name])}"
    if kind in ("primary-key", "unique-error"):
        return f"{where}, {_duplicate_sentence(table, error, resource)}"
    if kind == "foreign-key":
        return f"{where}, {_foreign_sentence(error, resource)}"
    if kind in ("extra-cell", "missing-cell"):
        return f"{where}: {len(error.cells)} cells, but the table has {len(fields)} columns"
    if kind == "blank-row":
        return f"{where}: an empty line; delete it"
    return f"{table.path}: {error.message}"


def _shown(cell: str) -> str:
    """A cell as a message shows it: long ones cut, control characters visible."""
    text = str(cell)
    return ascii_control(text if len(text) <= 60 else text[:57] + "…") if text else "an empty cell"


def ascii_control(text: str) -> str:
    """Text with control characters and byte order marks as escapes, the rest as it is."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _unit(field: dict) -> str:
    return f" ({field['unit']})" if field.get("unit") else ""


def _kind_of_cell(field: dict) -> str:
    """What belongs in the cells of a column."""
    kinds = {
        "number": f"a number{_unit(field)}",
        "integer": f"a whole number{_unit(field)}",
        "date": "a date (YYYY-MM-DD)",
        "year": "a year (YYYY)",
        "yearmonth": "a month (YYYY-MM)",
    }
    return kinds.get(field["type"], f"of type {field['type']}")


def _constraint_sentence(text: str, note: str, field: dict) -> str:
    """A broken constraint, with the nearest word where the vocabulary is closed."""
    found = re.match(r'constraint "(\w+)"', note)
    name, cell = (found[1] if found else ""), _shown(text)
    limit = field.get("constraints", {}).get(name)
    if name == "required":
        return f"{cell} where a value is required"
    if name == "minimum":
        return f"{cell} is below {limit}, the least possible{_unit(field)}"
    if name == "maximum":
        return f"{cell} is above {limit}, the most possible{_unit(field)}"
    if name == "enum":
        words = ", ".join(limit[:MOST_NAMED]) + (", …" if len(limit) > MOST_NAMED else "")
        return f"{cell} is none of the words of this column{_nearest(text, limit)} ({words})"
    if name == "pattern":
        return f"{cell} does not have the form {limit}"
    return f"{cell}: {note}"


def _nearest(word: str, known) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; the nearest is {near[0]}" if near else ""


def _duplicate_sentence(table: Cells, error, resource) -> str:
    """A key that occurs twice, with the line of its other row."""
    unique = error.type == "unique-error"
    columns = [error.field_name] if unique else resource.schema.primary_key
    values = [error.cells[table.rows[0].index(name)] for name in columns]
    earlier = re.search(r"position (\d+)", error.note)
    at = f"column{'s' if len(columns) > 1 else ''} {', '.join(columns)}"
    if not earlier:
        return f"{at}: the key is empty"
    line = table.lines.get(int(earlier[1]), "?")
    return f"{at}: {', '.join(map(_shown, values))} is already in line {line}; a key occurs once"


def _foreign_sentence(error, resource) -> str:
    """A value that the table it points to does not have."""
    table = error.reference_name or resource.name
    there = ", ".join(error.reference_field_names)
    values = error.field_cells
    known = [str(cells[0]) for cells in resource.lookup[error.reference_name].get(
        tuple(error.reference_field_names), ()) if len(cells) == 1]
    nearest = _nearest(values[0], sorted(known)) if len(values) == 1 else ""
    return (
        f"column {', '.join(error.field_names)}: {', '.join(map(_shown, values))} is not in "
        f"data/raw/{table.replace('.', '/')}.csv, column {there}{nearest}. "
        "Mend the cell, or add a row there"
    )
