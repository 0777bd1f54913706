"""The cells of an export of Eximbank's statistics portal, as text: from an Excel workbook or a text table.

A workbook is searched for what could mislead or harm (formulas, macros, hidden figures, links, far-away cells)
before the library that reads workbooks sees it.
"""

import csv
import datetime as dt
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries

from korus.sources import kind
from korus.sources.refusal import Refused

# All countries, years and modes in one long table are some 40,000 rows.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 200_000, 1_000, 3_000_000
LONGEST_CELL = 2_000
CSV_MARKS = ",\t;"
LINES_TRIED = 500
SAVE_VALUES = "Save the sheet with its values only (paste special, values) and add that file."
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# `#,##0,` shows thousandths of what the cell holds, `0%` a hundred times as much.
SCALING = re.compile(r"[0#?],+(?![0#?,])|%")


@dataclass(frozen=True)
class Grid:
    """One sheet: `own` holds each cell's text, `filled` also that of merged cells in all they cover.

    Both have the same shape, rows of equal length. `name` stands before the cell in messages.
    """

    name: str
    own: list[list[str]]
    filled: list[list[str]]
    letters: bool = True

    def where(self, row: int, column: int) -> str:
        """A cell in the words a person finds it by."""
        if self.letters:
            return f"{self.name}, cell {get_column_letter(column + 1)}{row + 1}"
        return f"{self.name}, line {row + 1}, column {column + 1}"


def grids(content: bytes, found: kind.Kind, name: str) -> list[Grid]:
    """The visible sheets of a workbook, or the one of a text table."""
    return workbook(content, name) if found == kind.XLSX else [text_table(content, found, name)]


# ---- Text tables -----------------------------------------------------------------------------------


def text_table(content: bytes, found: kind.Kind, name: str) -> Grid:
    """The cells of a CSV in UTF-8 or CP949, separated by commas, tabs or semicolons."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8" if found == kind.CSV_UTF8 else "cp949")
    if "\ufffd" in text:
        raise Refused(f"{name}: holds marks of lost characters (U+FFFD): it was saved in a wrong encoding. "
                      "Download it again and save it as UTF-8 or CP949.")
    csv.field_size_limit(10 * LONGEST_CELL)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text), strict=True):
            rows.append([cell.strip() for cell in row])
            if len(rows) > MOST_ROWS:
                raise Refused(f"{name}: more than {MOST_ROWS:,} lines. Ask the portal for fewer years.")
    except csv.Error as error:
        raise Refused(f"{name}, line {len(rows) + 1}: no text table ({error}). Download it again.") from None
    grid = _grid(name, rows, {}, letters=False)
    for number, row in enumerate(grid.own):
        for column, cell in enumerate(row):
            if cell.startswith("="):
                raise Refused(f"{grid.where(number, column)}: holds a formula ({cell[:40]!r}). {SAVE_VALUES}")
    return grid


def _mark(text: str) -> str:
    """What separates the cells: the mark by which most lines fall into the same number of them.

    Commas may also stand within amounts and titles.
    """
    def lines_alike(mark: str) -> int:
        try:
            rows = csv.reader(text.splitlines()[:LINES_TRIED], delimiter=mark)
            widths = Counter(len(row) for row in rows if len(row) > 1)
        except csv.Error:
            return 0
        return max(widths.values(), default=0)

    return max(CSV_MARKS, key=lines_alike)


def _grid(name: str, rows: list[list[str]], merged: dict[tuple[int, int], tuple[int, int]], letters: bool) -> Grid:
    """A grid of rows of equal length; `merged` leads from a covered cell to the one whose text it shows."""
    width = max((len(row) for row in rows), default=0)
    if width > MOST_COLUMNS or width * len(rows) > MOST_CELLS:
        raise Refused(f"{name}: {len(rows):,} rows of {width:,} columns; up to {MOST_COLUMNS:,} columns and "
                      f"{MOST_CELLS:,} cells are read. Ask the portal for fewer years or countries.")
    own = [row + [""] * (width - len(row)) for row in rows]
    for number, row in enumerate(own):
        for column, cell in enumerate(row):
            if len(cell) > LONGEST_CELL:
                raise Refused(f"{Grid(name, own, own, letters).where(number, column)}: {len(cell):,} characters; "
                              f"up to {LONGEST_CELL:,} are read. No cell of an export is so long: look into it.")
    filled = [list(row) for row in own]
    for (row, column), (from_row, from_column) in merged.items():
        filled[row][column] = own[from_row][from_column]
    return Grid(name, own, filled, letters)


# ---- Workbooks -------------------------------------------------------------------------------------


def workbook(content: bytes, name: str) -> list[Grid]:
    """The visible sheets of a workbook, after everything in it was looked at; Refused for what is unsafe."""
    archive = kind.SafeZip(content, name)
    for member in archive.members:
        low = member.lower()
        if "vba" in low or low.startswith("xl/macrosheets/") or "activex" in low:
            raise Refused(f"{name}, member {member!r}: holds a macro. Save it as a workbook without macros "
                          "(xlsx).")
        if low.startswith(("xl/externallinks/", "xl/connections", "xl/querytables/", "xl/embeddings/")):
            raise Refused(f"{name}, member {member!r}: draws on other files. {SAVE_VALUES}")
    roots = {member: kind.safe_xml(archive.read(member), f"{name}, member {member!r}")
             for member in archive.members if member.lower().endswith((".xml", ".rels"))}
    sheets, hidden = _sheets(roots, name), set()
    titles = {member: title for title, member, _ in sheets}
    for member, root in roots.items():
        if root.tag == f"{MAIN}worksheet":
            _inspect(root, f"{name}, sheet {titles.get(member, member)!r}")
    for title, member, state in sheets:
        if state != "visible":
            if roots[member].find(f".//{MAIN}c") is not None:
                raise Refused(f"{name}, sheet {title!r}: is hidden and holds cells. Show it, or delete it, and "
                              "add the file again.")
            hidden.add(title)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except Exception as error:  # the library raises whatever its parts do
        raise Refused(f"{name}: can not be read as a workbook ({type(error).__name__}: {error}). Save it anew as "
                      "xlsx.") from None
    if book.sheetnames != [title for title, _, _ in sheets]:
        raise Refused(f"{name}: lists its sheets in two ways that do not agree. Save it anew as xlsx.")
    return [_sheet(sheet, name) for sheet in book.worksheets if sheet.title not in hidden]


def _sheets(roots: dict, name: str) -> list[tuple[str, str, str]]:
    """(title, member, state) of each sheet. Refused where the workbook does not say where a sheet lies."""
    root, links = roots.get("xl/workbook.xml"), roots.get("xl/_rels/workbook.xml.rels")
    places = {} if links is None else {link.get("Id"): link.get("Target", "") for link in links
                                       if isinstance(link.tag, str)}
    found = []
    for sheet in () if root is None else root.iter(f"{MAIN}sheet"):
        target = places.get(sheet.get(RELATION), "")
        member = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        if member not in roots:
            raise Refused(f"{name}, sheet {sheet.get('name')!r}: its cells are not in the file. Save it anew as "
                          "xlsx.")
        found.append((sheet.get("name", ""), member, sheet.get("state", "visible")))
    if not found:
        raise Refused(f"{name}: no sheet in it. Save it anew as xlsx.")
    return found


def _inspect(root, where: str) -> None:
    """Refuse a sheet with formulas, hidden rows or columns that hold cells, or cells far from any table."""
    hidden = [(int(c.get("min", 1)), int(c.get("max", 1))) for c in root.iter(f"{MAIN}col")
              if c.get("hidden") in ("1", "true")]
    for row in root.iter(f"{MAIN}row"):
        if row.get("hidden") in ("1", "true") and any(_held(cell) for cell in row):
            raise Refused(f"{where}, row {row.get('r')}: is hidden and holds cells. Show all rows (and take "
                          "filters off), or delete it, and add the file again.")
        if not (row.get("r") or "1").isdigit() or int(row.get("r") or 1) > MOST_ROWS:
            raise Refused(f"{where}, row {row.get('r')}: beyond the {MOST_ROWS:,} rows that are read. Delete what "
                          "stands below the table.")
    for cell in root.iter(f"{MAIN}c"):
        at = cell.get("r") or ""
        if cell.find(f"{MAIN}f") is not None:
            raise Refused(f"{where}, cell {at}: holds a formula. {SAVE_VALUES}")
        if cell.get("t") == "e":
            raise Refused(f"{where}, cell {at}: holds an error of the spreadsheet. Download the export again.")
        if at:
            _, column = _place(at, where)
            if _held(cell) and any(first <= column <= last for first, last in hidden):
                raise Refused(f"{where}, cell {at}: stands in a hidden column. Show all columns, or delete it, "
                              "and add the file again.")
    covered = 0
    for merge in root.iter(f"{MAIN}mergeCell"):
        first, _, last = merge.get("ref", "").partition(":")
        (top, left), (bottom, right) = _place(first, where), _place(last or first, where)
        covered += max(0, bottom - top + 1) * max(0, right - left + 1)
    if covered > MOST_CELLS:
        raise Refused(f"{where}: merged cells cover {covered:,} cells; up to {MOST_CELLS:,} are read. Undo the "
                      "merging, or delete what stands far from the table.")


def _held(cell) -> bool:
    """Whether a cell of the XML has content, and not only a format."""
    return len(cell) > 0


def _place(at: str, where: str) -> tuple[int, int]:
    """(row, column) of `B7`, from one. Refused beyond what is read: such a cell makes a sheet of billions."""
    try:
        column, row, _, _ = range_boundaries(at.replace("$", ""))
    except (ValueError, TypeError):
        column = row = None
    if not column or not row:
        raise Refused(f"{where}: {at[:20]!r} names no cell. Save the workbook anew.")
    if row > MOST_ROWS or column > MOST_COLUMNS:
        raise Refused(f"{where}, cell {at}: beyond the {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns that are "
                      "read. Delete what stands far from the table.")
    return row, column


def _sheet(sheet, name: str) -> Grid:
    """A sheet as text. Refused for amounts that their format shows larger or smaller than they are."""
    where = f"{name}, sheet {sheet.title!r}"
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        raise Refused(f"{where}: {sheet.max_row:,} rows of {sheet.max_column:,} columns; up to {MOST_CELLS:,} "
                      "cells are read. Delete what stands far from the table.")
    rows = [[_text(cell, where) for cell in row] for row in sheet.iter_rows()]
    merged = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row - 1, min(area.max_row, len(rows))):
            for column in range(area.min_col - 1, min(area.max_col, len(rows[row]))):
                merged[row, column] = (area.min_row - 1, area.min_col - 1)
    return _grid(where, rows, merged, letters=True)


def _text(cell, where: str) -> str:
    """A cell as text: numbers with the digits they hold, days in ISO form."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise Refused(f"{where}, cell {cell.coordinate}: holds a formula. {SAVE_VALUES}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.date().isoformat() if isinstance(value, dt.datetime) else str(value).strip()
    if SCALING.search(re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", str(cell.number_format))):
        if "%" not in str(cell.number_format):
            raise Refused(f"{where}, cell {cell.coordinate}: its format {cell.number_format!r} shows another "
                          "number than the cell holds, so its unit can not be told. Give the column the format "
                          "General.")
        return f"{100 * value:.15g}%"
    return str(value) if isinstance(value, int) else f"{value:.15g}"
