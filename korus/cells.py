"""What is wrong inside a raw table: file, line, column, the cell, and what would be right.

frictionless checks types, constraints and keys as datapackage.json states them; here its findings
become sentences a reader can act on, with the line number a text editor shows.
"""

import csv
import difflib
import io
import re
from pathlib import Path

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


def cell_problems(path: str, resource) -> list[str]:
    """All bad cells, rows and keys of one table, in the order of the file.

    `resource` is a frictionless resource inside its package, so that foreign keys are looked up.
    """
    from frictionless import Checklist

    text = Path(resource.basepath, resource.path).read_bytes().decode("utf-8")
    lines, found = _lines_and_breaks(path, text)
    fields = {field.name: field.to_descriptor() for field in resource.schema.fields}
    report = resource.validate(Checklist(checks=[_plain_numbers()]), limit_errors=MOST_PROBLEMS)
    errors = list(report.task.errors) if report.tasks else list(report.errors)
    header = [error for error in errors if hasattr(error, "labels")]
    if header:
        return [_header_sentence(path, header[0].labels, list(fields))]
    # A row of the wrong length has its cells in the wrong columns: only its length is worth saying.
    broken = {error.row_number for error in errors if error.type in ROW_SHAPE}
    unread = {(error.row_number, error.field_name) for error in errors if error.type == "type-error"}
    errors = [
        error for error in errors
        if error.type in ROW_SHAPE or getattr(error, "row_number", 0) not in broken
        and not (error.type == "constraint-error" and (error.row_number, error.field_name) in unread)
    ]
    found += [
        (lines.get(getattr(error, "row_number", 0), 0), _sentence(path, error, resource, fields, lines))
        for error in errors
    ]
    sentences = [sentence for _, sentence in sorted(found, key=lambda pair: pair[0])]
    if report.warnings or any(task.warnings for task in report.tasks):
        sentences.append(f"{path}: more than {MOST_PROBLEMS} problems; the rest is not shown")
    return list(dict.fromkeys(sentences))


def open_package(descriptor: dict, folder: Path):
    """A frictionless package of `descriptor` that reads its tables as comma-separated UTF-8.

    Sizes and hashes are left out: korus.verify compares them itself, also for unread files.
    """
    from frictionless import Package

    # Said in full, because frictionless guesses what is left open from the first rows.
    dialect = {"header": True, "headerRows": [1],
               "csv": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"',
                       "doubleQuote": True, "skipInitialSpace": False}}
    resources = [
        {**{k: v for k, v in record.items() if k not in ("bytes", "hash")}, "dialect": dialect}
        for record in descriptor["resources"]
    ]
    return Package.from_descriptor({**descriptor, "resources": resources}, basepath=str(folder))


def _lines_and_breaks(path: str, text: str) -> tuple[dict[int, int], list[tuple[int, str]]]:
    """First line of every row by its number, and complaints about cells with line breaks."""
    rows = csv.reader(io.StringIO(text, newline=""))
    lines, found, line = {}, [], 1
    columns: list[str] = []
    for number, cells in enumerate(rows, start=1):
        columns = columns or cells
        lines[number] = line
        for position, cell in enumerate(cells):
            if LINE_BREAKS.search(cell):
                name = columns[position] if position < len(columns) else position + 1
                found.append((line, (
                    f"{path}, line {line}, column {name}: {_shown(cell)} holds a line break; "
                    "put a space in its place, because rows are cited by line number"
                )))
        line = rows.line_num + 1
    return lines, found


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


def _header_sentence(path: str, found: list[str], expected: list[str]) -> str:
    """How the first line departs from the columns of the record."""
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    if missing or extra:
        parts = [f"{what} {', '.join(map(_shown, names))}"
                 for what, names in (("lacks", missing), ("has unknown", extra)) if names]
        what = "the header " + " and ".join(parts)
    else:
        what = f"the columns are {','.join(found)}"
    return f"{path}, line 1: {what}; expected {','.join(expected)}"


def _sentence(path: str, error, resource, fields: dict[str, dict], lines: dict[int, int]) -> str:
    """One finding of frictionless in words."""
    kind = error.type
    where = f"{path}, line {lines.get(getattr(error, 'row_number', 0), '?')}"
    name = getattr(error, "field_name", "")
    position = getattr(error, "field_number", 0) - 1
    cell = error.cells[position] if 0 <= position < len(getattr(error, "cells", [])) else ""
    if kind == "type-error":
        return f"{where}, column {name}: {_shown(cell)} is not {_kind_of_cell(fields[name])}"
    if kind == "constraint-error":
        return f"{where}, column {name}: {_constraint_sentence(cell, error.note, fields[name])}"
    if kind in ("primary-key", "unique-error"):
        return f"{where}, {_duplicate_sentence(error, resource, fields, lines)}"
    if kind == "foreign-key":
        return f"{where}, {_foreign_sentence(error, resource)}"
    if kind in ("extra-cell", "missing-cell"):
        return f"{where}: {len(error.cells)} cells, but the table has {len(fields)} columns"
    if kind == "blank-row":
        return f"{where}: an empty line; delete it"
    return f"{path}: {error.message}"


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


def _duplicate_sentence(error, resource, fields: dict, lines: dict[int, int]) -> str:
    """A key that occurs twice, with the line of its other row."""
    unique = error.type == "unique-error"
    columns = [error.field_name] if unique else resource.schema.primary_key
    order = list(fields)
    values = [error.cells[order.index(name)] for name in columns]
    earlier = re.search(r"position (\d+)", error.note)
    at = f"column{'s' if len(columns) > 1 else ''} {', '.join(columns)}"
    if not earlier:
        return f"{at}: the key is empty"
    line = lines.get(int(earlier[1]), "?")
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
