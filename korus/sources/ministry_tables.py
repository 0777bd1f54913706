"""The amounts in one table of a ministry release, found by what stands over the columns and beside the rows."""

import re
from dataclasses import dataclass, replace

from korus.sources.hwpx import Table
from korus.sources.ministry_words import (
    RATE_ROW,
    WORLD_LABELS,
    Labels,
    looks_like_period,
    period_of,
    spelling,
    squashed,
    unmarked,
)
from korus.sources.refusal import Refused

NUMBER = r"[-−–△▲]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
AMOUNT = re.compile(rf"({NUMBER})(?:p|\*+)?")
RATE = re.compile(rf"\(({NUMBER})%?\)")
IN_BRACKETS = re.compile(r"\([^()]*\)")
BOTH = re.compile(rf"({NUMBER})\(({NUMBER})%?\)")
NOT_SHOWN = {"", "-", "–", "−", "…", "n.a.", "na", "(-)", "(–)", "(△)"}
LABEL_HEADINGS = {"구분", "국가", "국가명", "업종", "업종명", "지역", "지역명", "항목", "투자국", "투자업종"}


@dataclass(frozen=True)
class Context:
    """What the texts above a table say of it."""

    measure: str
    series: str
    unit: str
    where: str


@dataclass(frozen=True)
class Figure:
    """An amount as the release prints it, with the growth over the year before that it prints with it.

    `value` and `growth` are numbers as text, minus for △, without the commas of thousands; `growth` is ""
    where none is shown. `label` is the row's label, `table` the number of its table in the document.
    """

    series: str
    country: str
    industry: str
    region: str
    year: str
    quarter: str
    measure: str
    unit: str
    value: str
    growth: str
    label: str
    table: int

    @property
    def key(self) -> tuple[str, ...]:
        """What the amount is of: one row of kexim/releases within a vintage, but for its label."""
        return (self.series, self.country, self.industry, self.region, self.year, self.quarter, self.measure)

    @property
    def where(self) -> str:
        """Its place in the document, without spaces, as a reference."""
        return f"table-{self.table}:{self.label}:{self.year}-{self.quarter}"


def has_periods(table: Table) -> bool:
    """Whether a table has periods over its columns: the only tables that amounts are read from."""
    width = len(table.grid[0])
    return len(table.grid) > 1 and any(
        sum(looks_like_period(cell) for cell, first in zip(row, starts, strict=True) if first) >= 2
        or (width <= 4 and any(looks_like_period(cell) for cell in row[1:]))
        for row, starts in zip(table.grid[:4], table.starts[:4], strict=True)
    )


def amounts_unread(table: Table, labels: Labels) -> bool:
    """Whether a table without periods holds amounts beside labels that are known: a layout not foreseen."""
    known = {*labels.known, *WORLD_LABELS}
    return any(map(_is_body, table.grid)) and any(
        spelling(unmarked(cell)) in known for row in table.grid for cell in row)


def figures(table: Table, context: Context, labels: Labels) -> tuple[list[Figure], list[str]]:
    """(the amounts of a table, headings of the columns that hold none).

    Refused where a label, a period or a cell is not understood; nothing is skipped in silence.
    """
    where = f"{context.where}, table {table.number}"
    body = next((i for i, row in enumerate(table.grid) if _is_body(row)), len(table.grid))
    if body in (0, len(table.grid)):
        raise Refused(f"{where}: has no row of headings above rows of amounts. The layout is not known.")
    headings = [_heading(table, column, body) for column in range(len(table.grid[0]))]
    beside = _label_columns(headings, table, body, where)
    periods = {
        column: period_of(heading, where) for column, heading in enumerate(headings) if column not in beside
    }
    amounts = {column: period for column, period in periods.items() if period}
    doubled = [period for period in amounts.values() if list(amounts.values()).count(period) > 1]
    if doubled:
        raise Refused(f"{where}: two columns for {'-'.join(doubled[0])}. One must head something else.")
    found: list[Figure] = []
    for row in range(body, len(table.grid)):
        _read_row(table, row, (beside, amounts), context, labels, found)
    return found, [headings[column] for column, period in periods.items() if not period and headings[column]]


def _is_body(row: list[str]) -> bool:
    """Whether a row holds amounts: numbers that are not all years."""
    numbers = [cell for cell in map(squashed, row) if AMOUNT.fullmatch(cell) or BOTH.fullmatch(cell)]
    return bool(numbers) and not all(re.fullmatch(r"(19|20)\d\d", cell) for cell in numbers)


def _heading(table: Table, column: int, body: int) -> str:
    """The words over a column, each cell of the headings once."""
    words = [squashed(table.grid[row][column]) for row in range(body)]
    return "".join(word for i, word in enumerate(words) if word and word not in words[:i])


def _label_columns(headings: list[str], table: Table, body: int, where: str) -> list[int]:
    """Columns that hold the labels of rows."""
    named = [column for column, heading in enumerate(headings) if heading in LABEL_HEADINGS]
    if not named:
        named = [
            column for column, heading in enumerate(headings)
            if not looks_like_period(heading) and all(
                not re.search(r"\d", row[column]) for row in table.grid[body:])
            and any(squashed(row[column]) for row in table.grid[body:])
        ]
    if not named:
        raise Refused(f"{where}: no column of labels; headings are {', '.join(map(repr, headings))}. Add its "
                      "heading to LABEL_HEADINGS in korus/sources/ministry_tables.py.")
    return named


def _read_row(
    table: Table, row: int, columns: tuple[list[int], dict], context: Context, labels: Labels,
    found: list[Figure],
) -> None:
    """Add the amounts of a row, or put its growth rates beside the amounts they belong to."""
    beside, amounts = columns
    where = f"{context.where}, table {table.number}, row {row + 1}"
    words = [unmarked(table.grid[row][column]) for column in beside]
    cells = {column: squashed(table.grid[row][column]) for column in amounts}
    shown = [cell for cell in cells.values() if cell.lower() not in NOT_SHOWN]
    if not shown:
        return
    named = [word for word in words if word and not RATE_ROW.search(word)]
    label = _label(named, labels)
    if all(IN_BRACKETS.fullmatch(cell) for cell in shown) or any(RATE_ROW.search(word) for word in words):
        if label and found and label != found[-1].label:
            raise Refused(f"{where}: growth rates of {label!r} below the amounts of {found[-1].label!r}. The layout "
                          "is not known.")
        _put_rates(cells, amounts, found, where, table.number)
        return
    if not label:
        raise Refused(f"{where}: amounts without a label. The layout is not known.")
    meaning = labels.meaning(label, context.series, where)
    if meaning.measure and meaning.measure != context.measure:
        raise Refused(f"{where}: {label!r} ({meaning.measure}) stands in the part on {context.measure} "
                      "investment. The release contradicts itself; ask which it is.")
    for column, cell in cells.items():
        if cell.lower() in NOT_SHOWN:
            continue
        both = BOTH.fullmatch(cell)
        amount = both or AMOUNT.fullmatch(cell)
        year, quarter = amounts[column]
        if not amount:
            raise Refused(f"{where}, {label}, {year}-{quarter}: {table.grid[row][column]!r} is not an amount.")
        found.append(Figure(
            meaning.series, meaning.country, meaning.industry, meaning.region, year, quarter,
            context.measure, context.unit, _plain(amount[1]), _plain(both[2]) if both else "", label,
            table.number,
        ))


def _label(named: list[str], labels: Labels) -> str:
    """The word beside a row that names it: of several, the one the reference tables know; "" for none."""
    known = [word for word in named if spelling(word) in labels.known]
    generic = [word for word in named if spelling(word) in WORLD_LABELS]
    rest = [word for word in named if word not in generic]
    return (known or rest or generic or [""])[0]


def _put_rates(cells: dict, amounts: dict, found: list[Figure], where: str, table: int) -> None:
    """Growth rates belong to the row of amounts right above them."""
    if not found or found[-1].table != table:
        raise Refused(f"{where}: growth rates with no row of amounts above them. The layout is not known.")
    label = found[-1].label
    above = {
        (figure.year, figure.quarter): place for place, figure in enumerate(found)
        if figure.table == table and figure.label == label
    }
    for column, cell in cells.items():
        rate = RATE.fullmatch(cell) or AMOUNT.fullmatch(cell)
        # Words in place of a rate (순증, 흑자전환) say that none can be given.
        if not rate:
            continue
        place = above.get(amounts[column])
        if place is not None:
            found[place] = replace(found[place], growth=_plain(rate[1]))


def _plain(number: str) -> str:
    """A printed number as raw tables write it: a minus for △, no commas."""
    return re.sub(r"^[−–△▲]", "-", number).replace(",", "")
