"""A table of a page as Typst: its columns so wide that nothing is cut, its type as large as can be."""

import re
from collections import defaultdict
from math import inf
from statistics import fmean

from lxml import html

from korus.pdf_inline import inline, quoted

# Ways to set a table, the best first: whether the page turns, size of type (points), characters of a line.
WAYS = ((False, 8.5, 104), (False, 7.5, 118), (True, 8.5, 163), (True, 7.5, 185), (False, 6.5, 136),
        (True, 6.5, 213))
# Beyond so many lines of a usual cell, in columns narrower than so many characters, the next way is better.
LINES = 2.4
LEGIBLE = 20
# Blank characters between two columns.
GAP = 2.5
# Columns from which a long table is worth turning the page.
MANY = 6
# Halvings in the search for the widths of columns.
STEPS = 20
# Rows up to which a table is moved to the next page rather than broken.
KEPT_WHOLE = 16
# A word longer than this may be broken at its stops, strokes and dots.
BREAKABLE = 12
STOPS = re.compile(r"(?<=[/._;,=|-])(?=[^\s\d/._;,=|-])")
# A day in the head of a table stands on two lines.
DAY = re.compile(r"(\d{4}-)(\d\d-\d\d)")
NO_WIDTH = "​"


def listing(table: html.HtmlElement, part: float = 1) -> str:
    """A table that has a part of the page's width, as a call of the template's function. Raises NotInline."""
    _break_long_words(table)
    least, most, usual = measured(table)
    whole = sum(1 for _ in table.iter("tr")) <= KEPT_WHOLE
    size, room, turned, lines = fitting(least, usual, whole or part < 1, part)
    columns = str(len(least))
    if sum(most) + GAP * len(most) > room:
        wanted = widths(least, usual, lines)
        columns = f"({', '.join(f'{100 * width / sum(wanted):.2f}%' for width in wanted)},)"
    head = table.findall("thead/tr")
    rows = [row for row in table.iter("tr") if row not in head]
    sides = ", ".join("right" if _is_number(cell) else "left" for cell in (rows or head)[0])
    cells = [_cell(cell) for row in rows for cell in row]
    if head:
        cells.insert(0, f"table.header({', '.join(_cell(cell) for row in head for cell in row)}), table.hline()")
    caption = table.find("caption")
    words = "none" if caption is None else f"[#({inline(caption)})]"
    number, flags = quoted(table.get("data-number", "")), f"{str(turned).lower()}, {str(whole).lower()}"
    return (f"listing({number}, {size}pt, {flags}, {words}, table(columns: {columns}, align: ({sides},),\n"
            + ",\n".join(cells) + "))")


def _is_number(cell: html.HtmlElement) -> bool:
    """Whether the style sheet sets the cell on the right."""
    return bool({"number", "text-right"} & set(cell.get("class", "").split()))


def _cell(cell: html.HtmlElement) -> str:
    """A cell as an argument of Typst's table."""
    spans = [f"{name}: {cell.get(name)}" for name in ("colspan", "rowspan") if cell.get(name, "1") != "1"]
    return f"table.cell({', '.join(spans)}, {inline(cell)})" if spans else inline(cell)


def _break_long_words(table: html.HtmlElement) -> None:
    """Allow a line to end inside long identifiers, file names and addresses."""
    def broken(text: str | None) -> str | None:
        if not text:
            return text
        return re.sub(rf"\S{{{BREAKABLE},}}", lambda word: STOPS.sub(NO_WIDTH, word[0]), text)

    for cell in table.iterfind(".//thead//th"):
        if cell.text:
            cell.text = DAY.sub(rf"\1{NO_WIDTH}\2", cell.text)
    for cell in table.iter("td", "th"):
        for element in cell.iter():
            element.text = broken(element.text)
            if element is not cell:
                element.tail = broken(element.tail)


def measured(table: html.HtmlElement) -> tuple[list[float], list[float], list[float]]:
    """For each column the length of its longest word, of its longest cell and of a usual cell, in characters.

    The usual cell is the cubic mean: a long remark counts, but does not widen its column alone.
    """
    words, cells = defaultdict(lambda: [2]), defaultdict(list)
    for row in table.iter("tr"):
        place = 0
        for cell in row.iter("td", "th"):
            span = int(cell.get("colspan", "1"))
            if span == 1:
                text = " ".join(cell.text_content().split())
                words[place] += map(len, re.split(rf"[\s{NO_WIDTH}]+", text))
                cells[place].append(len(text.replace(NO_WIDTH, "")))
            place += span
    columns = sorted(words)
    usual = [fmean(length**3 for length in cells[column]) ** (1 / 3) for column in columns]
    return [max(words[column]) for column in columns], [max(cells[column]) for column in columns], usual


def fitting(least: list[float], usual: list[float], upright: bool, part: float) -> tuple[float, float, bool, float]:
    """Size of type, characters of a line, whether the page turns, and how many lines a usual cell takes.

    The first of WAYS that breaks no word and gives a usual cell few lines or wide columns; where none does,
    the first that breaks no word. The page is turned for long tables of many columns only.
    `part` is the part of the page's width the table has; `upright` forbids to turn the page.
    """
    found = []
    for turned, size, room in WAYS:
        lines = lines_of(least, usual, room * part)
        if lines == inf or (turned and (upright or len(least) < MANY)):
            continue
        wrapped = [cell / lines for word, cell in zip(least, usual, strict=True) if cell > word * lines]
        if lines <= LINES or min(wrapped) >= LEGIBLE:
            return size, room * part, turned, lines
        found.append((size, room * part, turned, lines))
    turned, size, room = WAYS[-2] if upright else WAYS[-1]
    return found[0] if found else (size, room * part, turned, max(usual))


def widths(least: list[float], usual: list[float], lines: float) -> list[float]:
    """Widths of columns in characters when usual cells take so many lines and no word is broken."""
    return [max(word, cell / lines) + GAP for word, cell in zip(least, usual, strict=True)]


def lines_of(least: list[float], usual: list[float], room: float) -> float:
    """How many lines a usual cell takes in a line of `room` characters; infinity where a word does not fit."""
    if sum(word + GAP for word in least) > room:
        return inf
    few, many = 1.0, max(*usual, 1.0)
    for _ in range(STEPS):
        lines = (few + many) / 2
        few, many = (few, lines) if sum(widths(least, usual, lines)) <= room else (lines, many)
    return many
