"""The tables of a HWPX document (a zip of OWPML XML) as grids, with the texts that stand before them.

Elements are known by their names, whatever version of the namespace they are in. Only what the document
prints as its text is read: footnotes, headers, numbers of pages and comments are left out. A document from
elsewhere is not trusted, so the few elements that matter are read here under the limits of
korus.sources.kind; a library for writing documents opens far more of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from korus.sources.kind import SafeZip, safe_xml
from korus.sources.refusal import Refused

SECTION = re.compile(r"Contents/section(\d+)\.xml")
LARGEST_GRID = 20_000
LONGEST_CELL = 10_000
DEEPEST_TABLE = 8
# Children of a run that print nothing here: footnotes, endnotes, headers, fields, section settings.
SILENT = {"ctrl", "secPr", "linesegarray", "shapeComment", "pic", "equation"}
SPACES = {"fwSpace": " ", "nbSpace": " ", "tab": " ", "lineBreak": "\n", "hyphen": "-"}


@dataclass(frozen=True)
class Text:
    """A printed paragraph outside tables."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table: `grid` holds the text of each row and column; a cell over several is in all of them.

    `starts` says whether a place is the first of its cell, `number` counts the tables of the document
    from 1, `depth` is 0 unless it stands in a cell of another, `caption` is its own caption.
    """

    number: int
    grid: list[list[str]]
    starts: list[list[bool]]
    depth: int = 0
    caption: str = ""


@dataclass
class _Reader:
    where: str
    count: int = 0
    blocks: list[Text | Table] = field(default_factory=list)


def read(content: bytes, path: str) -> list[Text | Table]:
    """Paragraphs and tables of a document, in the order they stand in; a table within a cell follows its own.

    `path` is the file as messages show it. Raises Refused for what is no sound document.
    """
    archive = SafeZip(content, path)
    sections = sorted(
        (int(found[1]), name) for name in archive.members if (found := SECTION.fullmatch(name))
    )
    if not sections:
        raise Refused(f"{path}: holds no Contents/section….xml, so no text. It may be protected for "
                      "distribution: save it as an ordinary HWPX document and add that file.")
    reader = _Reader(path)
    for _, name in sections:
        where = f"{path}, {name}"
        root = safe_xml(archive.read(name), where)
        if _name(root) != "sec":
            raise Refused(f"{where}: begins with <{_name(root)}>, not <sec>. Save the document anew as HWPX.")
        reader.where = where
        for paragraph in root:
            _paragraph(paragraph, reader, 0)
    return reader.blocks


def _name(element) -> str:
    """Name of an element without its namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _paragraph(paragraph, reader: _Reader, depth: int) -> str:
    """Text of a paragraph. Outside tables it joins the blocks: before, between and after its own tables."""
    whole: list[str] = []
    since: list[str] = []
    for part in _parts(paragraph):
        if isinstance(part, str):
            since.append(part)
            continue
        _join(since, whole, reader, depth)
        _table(part, reader, depth)
    _join(since, whole, reader, depth)
    return "".join(whole).strip()


def _join(since: list[str], whole: list[str], reader: _Reader, depth: int) -> None:
    """Put the text since the last table where it belongs, and begin anew."""
    text = "".join(since)
    since.clear()
    whole.append(text)
    if text.strip() and depth == 0:
        reader.blocks.append(Text(text.strip()))


def _parts(element) -> Iterator:
    """Texts and <tbl> elements below an element, in the order they print."""
    for child in element:
        name = _name(child)
        if name in SILENT or not name:
            continue
        if name == "t":
            yield _printed(child)
        elif name == "tbl":
            yield child
        elif name == "p":
            yield from _parts(child)
            yield "\n"
        else:
            yield from _parts(child)


def _printed(element) -> str:
    """Text of a <t>, with its marks for spaces and line breaks."""
    parts = [element.text or ""]
    for child in element:
        parts.append(SPACES.get(_name(child), "") or _printed(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _table(element, reader: _Reader, depth: int) -> None:
    """Read a table and, after it, those in its cells."""
    if depth >= DEEPEST_TABLE:
        raise Refused(f"{reader.where}: tables within tables, {DEEPEST_TABLE} deep. Not a release.")
    reader.count += 1
    number, position = reader.count, len(reader.blocks)
    where = f"{reader.where}, table {number}"
    cells = [
        _cell(cell, reader, depth, where)
        for row in element if _name(row) == "tr" for cell in row if _name(cell) == "tc"
    ]
    caption = " ".join(
        "".join(part for part in _parts(child) if isinstance(part, str)).strip()
        for child in element if _name(child) == "caption"
    )
    if cells:
        grid, starts = _grid(cells, where)
        reader.blocks.insert(position, Table(number, grid, starts, depth, caption))


@dataclass(frozen=True)
class _Cell:
    row: int
    column: int
    rows: int
    columns: int
    text: str


def _cell(element, reader: _Reader, depth: int, where: str) -> _Cell:
    """Place, size and text of a cell; paragraphs are lines of its text."""
    children = {_name(child): child for child in element}
    place = {
        (part, key): _number(children.get(part), key, where)
        for part, key in (("cellAddr", "rowAddr"), ("cellAddr", "colAddr"), ("cellSpan", "rowSpan"),
                          ("cellSpan", "colSpan"))
    }
    row, column, rows, columns = place.values()
    if not rows or not columns:
        raise Refused(f"{where}, cell {row + 1},{column + 1}: covers no row or column. Save the document anew.")
    lines = [
        _paragraph(paragraph, reader, depth + 1)
        for part in element if _name(part) == "subList" for paragraph in part
    ]
    text = "\n".join(line for line in lines if line)
    if len(text) > LONGEST_CELL:
        raise Refused(f"{where}, cell {row + 1},{column + 1}: {len(text):,} characters; up to {LONGEST_CELL:,} "
                      "are read. Not a cell of figures.")
    return _Cell(row, column, rows, columns, text)


def _number(element, key: str, where: str) -> int:
    """An attribute that counts rows or columns."""
    given = "" if element is None else element.get(key, "")
    if not re.fullmatch(r"\d{1,6}", given, flags=re.ASCII):
        raise Refused(f"{where}: a cell without a usable {key} ({given!r}). Save the document anew.")
    return int(given)


def _grid(cells: list[_Cell], where: str) -> tuple[list[list[str]], list[list[bool]]]:
    """The cells put in their places; cells that overlap or a grid beyond reason are refused."""
    height = max(cell.row + cell.rows for cell in cells)
    width = max(cell.column + cell.columns for cell in cells)
    if height * width > LARGEST_GRID:
        raise Refused(f"{where}: {height:,} rows by {width:,} columns; up to {LARGEST_GRID:,} cells are read.")
    grid = [[""] * width for _ in range(height)]
    starts = [[False] * width for _ in range(height)]
    taken = [[False] * width for _ in range(height)]
    for cell in cells:
        starts[cell.row][cell.column] = True
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + cell.columns):
                if taken[row][column]:
                    raise Refused(f"{where}, cell {row + 1},{column + 1}: two cells in one place. Save the "
                                  "document anew.")
                taken[row][column] = True
                grid[row][column] = cell.text
    return grid, starts
