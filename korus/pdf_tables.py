"""Widths of the columns of a table on paper: never cut, as large as they can be, turned where they must."""

import re
from math import sqrt

from lxml import html
from lxml.etree import SubElement

# Characters of table type that a line of the page holds, upright and turned, by size of type (points).
UPRIGHT = {8.5: 104, 7.5: 118, 6.5: 136}
TURNED = {7.5: 186, 6.5: 214}
# Blank characters between two columns.
GAP = 2.5
# Rows up to which a table is moved to the next page rather than broken.
KEPT_WHOLE = 16
# A word longer than this may be broken at its stops, strokes and dots.
BREAKABLE = 12
STOPS = re.compile(r"(?<=[/._;,=|-])(?=[^\s\d/._;,=|-])")
NO_WIDTH = "​"


def lay_out(table: html.HtmlElement) -> None:
    """Set alignment, widths of columns and size of type of a table; `data-points`,
    `data-turned` (a page on its side) and `data-whole` (not to be broken over pages)."""
    for cell in table.iter("td", "th"):
        kinds = cell.get("class", "").split()
        if "number" in kinds or "text-right" in kinds:
            cell.set("style", "text-align: right")
    _break_long_words(table)
    least, most = measured(table)
    size, room, turned = _fitting(least)
    rows = sum(1 for _ in table.iter("tr"))
    for name, value in (("points", size), ("turned", turned), ("whole", rows <= KEPT_WHOLE)):
        table.set(f"data-{name}", str(value).lower())
    for group in table.findall("colgroup"):
        group.drop_tree()
    if sum(most) + GAP * len(most) > room:
        group = html.Element("colgroup")
        for share in shares(least, most, room):
            SubElement(group, "col", style=f"width: {100 * share:.2f}%")
        table.insert(1 if table.find("caption") is not None else 0, group)


def _break_long_words(table: html.HtmlElement) -> None:
    """Allow a line to end inside long identifiers, file names and addresses."""
    def broken(text: str | None) -> str | None:
        if not text:
            return text
        return re.sub(rf"\S{{{BREAKABLE},}}", lambda word: STOPS.sub(NO_WIDTH, word[0]), text)

    for cell in table.iter("td", "th"):
        for element in cell.iter():
            element.text = broken(element.text)
            if element is not cell:
                element.tail = broken(element.tail)


def measured(table: html.HtmlElement) -> tuple[list[float], list[float]]:
    """For each column the length of its longest word and of its longest cell, in characters."""
    least, most = {}, {}
    for row in table.iter("tr"):
        place = 0
        for cell in row.iter("td", "th"):
            span = int(cell.get("colspan", "1"))
            if span == 1:
                text = " ".join(cell.text_content().split())
                words = [len(word) for word in re.split(rf"[\s{NO_WIDTH}]+", text)]
                least[place] = max(least.get(place, 2), *words)
                most[place] = max(most.get(place, 2), len(text.replace(NO_WIDTH, "")))
            place += span
    columns = range(max(least, default=-1) + 1)
    return [least.get(column, 2) for column in columns], [most.get(column, 2) for column in columns]


def _fitting(least: list[float]) -> tuple[float, float, bool]:
    """Size of type, room in characters and whether the page turns, for words that must not be broken."""
    needed = sum(least) + GAP * len(least)
    for turned, sizes in ((False, UPRIGHT), (True, TURNED)):
        for size, room in sizes.items():
            if needed <= room:
                return size, room, turned
    return size, room, turned


def shares(least: list[float], most: list[float], room: float) -> list[float]:
    """Share of the width for each column: its longest word, and of the rest more for those with more text."""
    needed = [word + GAP for word in least]
    wish = [sqrt(max(cell - word, 0)) for word, cell in zip(least, most, strict=True)]
    spare = max(room - sum(needed), 0)
    widths = [word + spare * part / (sum(wish) or 1) for word, part in zip(needed, wish, strict=True)]
    return [width / sum(widths) for width in widths]
