"""Where the figures of a portal export stand: headings, labels and cells of its table, whichever way round.

Nothing is read by position. A row of known headings begins the table; columns whose heading names an axis
(국가, 연도, 설립형태, 구분, or none at all, at the left) hold labels, all others amounts. Years, modes, measures
and countries may be headings or labels.
"""

from dataclasses import dataclass

from korus.sources.portal_checks import Figure
from korus.sources.portal_file import Grid
from korus.sources.portal_words import Meaning, Words, number
from korus.sources.refusal import Refused

KINDS = ("place", "year", "mode", "measure")
# What `합계` means among headings or labels of one kind; of years it is a sum over time, which is not taken.
TOTALS = {"place": Meaning("place", "WLD"), "mode": Meaning("mode", "total"), "year": Meaning("skip"),
          "measure": Meaning("skip")}
AXES = {"country": "place", "year": "year", "mode": "mode", "measure": "measure"}
MOST_NAMED = 20


@dataclass
class Table:
    """The figures of a sheet, lines above and below its table (text, where), and cells set aside by reason."""

    figures: list[Figure]
    above: list[tuple[str, str]]
    below: list[tuple[str, str]]
    aside: dict[str, int]


def table(grid: Grid, words: Words) -> Table | None:
    """The table of a sheet; None where no row in it looks like headings. Refused for what is not understood."""
    start = next((r for r in range(len(grid.own)) if _begins(grid, r, words)), None)
    return None if start is None else _Reader(grid, words, start).read()


def unknown_first_row(grid: Grid, words: Words) -> str:
    """The words of the last row before the first amount that are not known; "" where there is none."""
    last: list[str] = []
    for row in grid.own:
        cells = [cell for cell in row if cell]
        if last and any(number(cell) for cell in cells):
            return ", ".join(repr(cell) for cell in last[:MOST_NAMED] if not words.heading(cell))
        if len(cells) > 1:
            last = cells
    return ""


def _begins(grid: Grid, row: int, words: Words) -> bool:
    """Whether a row is the first of a table's headings."""
    cells = [cell for cell in grid.own[row] if cell]
    fields = [words.fields(cell) for cell in cells]
    if len(cells) < 2 or fields[0] & {"caption", "day", "unit"} and "amount" not in fields[0]:
        return False
    if any(number(cell) and "year" not in known for cell, known in zip(cells, fields, strict=True)):
        return False
    axes = [m.value for m in words.heading(cells[0]) if m.field == "axis"]
    if len(cells) == 2 and axes and AXES.get(axes[0]) in fields[1]:
        return False  # `국가 | 미국` above the table says what the whole of it is about
    telling = sum(bool(known & {"axis", "year", "mode", "measure", "amount"}) for known in fields)
    telling += sum("place" in known for known in fields) if any("axis" in known for known in fields) else 0
    return telling >= 2 and 2 * sum(map(bool, fields)) >= len(cells)


class _Reader:
    """Reads the one table of a grid, whose headings begin in row `start`."""

    def __init__(self, grid: Grid, words: Words, start: int):
        self.grid, self.words, self.start = grid, words, start
        self.width = len(grid.own[0])
        self.aside: dict[str, int] = {}
        self.labels = self._label_columns(range(start, start + 1))
        self.body = start + 1
        while self.body < len(grid.own) and self._goes_on(self.body):
            self.body += 1
            self.labels = self._label_columns(range(start, self.body))
        if not self.labels:
            raise Refused(f"{grid.where(start, 0)}: the row has headings, but no column of labels (국가, 연도, 설립형태, "
                          "Country, Year, …). Download the export with a column of countries or years.")

    def _label_columns(self, rows: range) -> list[int]:
        axes = [c for c in range(self.width)
                if any("axis" in self.words.fields(self.grid.filled[r][c]) for r in rows)]
        headed = [c for c in range(self.width) if any(self.grid.filled[r][c] for r in rows)]
        return sorted({*axes, *range(headed[0] if headed else 0)})

    def _goes_on(self, row: int) -> bool:
        """Whether the headings go on in a row: known words, none of them in a column of labels."""
        cells = [(c, text) for c, text in enumerate(self.grid.own[row]) if text]
        fields = {c: self.words.fields(text) for c, text in cells}
        return bool(cells) and all(
            fields[c] & {"axis"} if c in self.labels
            else fields[c] and ("year" in fields[c] or not number(text)) and not fields[c] & {"none", "suppressed"}
            for c, text in cells)

    def read(self) -> Table:
        last = self._last_row()
        headings = self._headings(last)
        above, below = self._lines(range(self.start)), self._lines(range(last + 1, len(self.grid.own)))
        fixed = self._fixed(above)
        figures = []
        for row, labels, printed in self._labelled(last):
            for column, heading in headings.items():
                figures += self._figure(row, column, labels, heading, fixed, printed)
        return Table(figures, above, below, self.aside)

    def _lines(self, rows: range) -> list[tuple[str, str]]:
        lines = [(" ".join(cell for cell in self.grid.own[row] if cell), self.grid.where(row, 0)) for row in rows]
        return [(text, where) for text, where in lines if text]

    def _last_row(self) -> int:
        """The last row with an amount or a mark in a column of amounts: footnotes follow."""
        columns = [c for c in range(self.width) if c not in self.labels]
        rows = [r for r in range(self.body, len(self.grid.own))
                if any(number(self.grid.own[r][c]) for c in columns)]
        if not rows:
            raise Refused(f"{self.grid.where(self.start, 0)}: no amount stands below these headings. Download the "
                          "export again.")
        last = rows[-1]
        while last + 1 < len(self.grid.own) and any(self.words.mark(self.grid.own[last + 1][c]) for c in columns):
            last += 1
        return last

    # ---- Headings ----------------------------------------------------------------------------------

    def _headings(self, last: int) -> dict[int, list[Meaning]]:
        """Meanings of each column of amounts. All headings that are not known are named at once."""
        found: dict[int, list[Meaning]] = {c: [] for c in range(self.width) if c not in self.labels}
        unknown = []
        for row in range(self.start, self.body):
            texts = self._carried(row)
            total = self._total_among([text for c, text in texts.items() if text])
            for column, text in texts.items():
                meanings = self.words.heading(text) if text else ()
                if text and not meanings:
                    unknown.append(f"{self.grid.where(row, column)}: heading {text!r} is not known.")
                for meaning in meanings:
                    if meaning.field == "total":
                        meaning = total
                    if meaning and meaning not in found[column]:
                        found[column].append(meaning)
        if unknown:
            word = unknown[0].partition("heading ")[2].rpartition(" is not")[0].strip("'")
            raise Refused("\n".join([*unknown[:MOST_NAMED], self.words.remedy(word)]))
        for column in [c for c, meanings in found.items() if not meanings]:
            for row in range(self.body, last + 1):
                if self.grid.own[row][column]:
                    raise Refused(f"{self.grid.where(row, column)}: {self.grid.own[row][column]!r} stands in a "
                                  "column without a heading. Download the export again, or give the column its "
                                  "heading.")
            del found[column]
        return found

    def _carried(self, row: int) -> dict[int, str]:
        """The texts of a row of headings; a blank takes that to its left, except in the last row of headings."""
        texts, before = {}, ""
        for column in range(self.width):
            if column in self.labels:
                before = ""
                continue
            text = self.grid.filled[row][column]
            before = text or (before if row < self.body - 1 else "")
            texts[column] = before
        return texts

    def _total_among(self, texts: list[str]) -> Meaning | None:
        """What a total is among these headings or labels: of the kind the others are of."""
        fields = set().union(*(self.words.fields(text) for text in texts)) if texts else set()
        return next((TOTALS[kind] for kind in ("year", "mode", "place") if kind in fields), None)

    # ---- Labels ------------------------------------------------------------------------------------

    def _labelled(self, last: int):
        """(row, meanings of its labels, labels as printed) of each row with amounts."""
        kinds = {column: self._kind(column, last) for column in self.labels}
        current: dict[int, str] = {}
        unknown = []
        for row in range(self.body, last + 1):
            own = self.grid.own[row]
            amounts = [own[c] for c in range(self.width) if c not in self.labels and own[c]]
            if own == self.grid.own[self.start] or not any(own):
                continue
            self._move_on(row, current)
            if not amounts:
                continue
            if any("axis" in self.words.fields(own[column]) for column in self.labels):
                raise Refused(f"{self.grid.where(row, 0)}: a second table begins here. Keep one in the file, and add "
                              "the other after it.")
            meanings, printed = [], []
            for column in self.labels:
                if kinds[column] == "skip":
                    continue
                text = current.get(column, "")
                if not text and not any("total" in self.words.fields(label) for label in current.values()):
                    continue
                # `합계` with nothing beside it is the total of what stands in the columns left blank, too.
                meaning = self._label(text, kinds[column]) if text else TOTALS[kinds[column]]
                if meaning is None:
                    unknown.append((self.grid.where(row, column), text, kinds[column]))
                    continue
                meanings.append(meaning)
                printed += [text] if text else []
            if not meanings and not unknown:
                raise Refused(f"{self.grid.where(row, 0)}: amounts without a label. Two tables in one sheet are "
                              "not read; keep one in the file.")
            yield row, meanings, printed
        if unknown:
            raise Refused(self._unknown_labels(unknown))

    def _move_on(self, row: int, current: dict[int, str]) -> None:
        """Bring the labels up to a row: a blank keeps the label above, unless one to its left has changed."""
        changed = False
        for column in self.labels:
            text = self.grid.filled[row][column]
            if text:
                changed = changed or text != current.get(column)
                current[column] = text
            elif changed:
                current[column] = ""

    def _kind(self, column: int, last: int) -> str:
        """What the labels of a column are of, by its heading, else by the labels themselves."""
        headings = [self.grid.filled[r][column] for r in range(self.start, self.body)]
        meanings = [meaning for text in headings for meaning in self.words.heading(text)]
        axes = {m.value for m in meanings if m.field == "axis"} - {"any"}
        if len(axes) == 1:
            return AXES[axes.pop()]
        texts = list(dict.fromkeys(t for r in range(self.body, last + 1) if (t := self.grid.filled[r][column])))
        if not texts:
            return "skip"
        known = {kind: sum(self._label(text, kind) is not None for text in texts) for kind in KINDS}
        best = max(KINDS, key=lambda kind: known[kind])
        # Where a total is the only label, its kind is that of no other column; without one it says nothing.
        return "skip" if all("total" in self.words.fields(text) for text in texts) else best

    def _label(self, text: str, kind: str) -> Meaning | None:
        """What a label means in a column of a kind, or None where it means nothing there."""
        meanings = self.words.heading(text)
        if any(m.field == "total" for m in meanings):
            return TOTALS[kind]
        if kind == "place":
            return self.words.place(text)
        # A label that says more than one thing would lose what its column is not of.
        return meanings[0] if len(set(meanings)) == 1 and meanings[0].field == kind else None

    def _unknown_labels(self, unknown: list[tuple[str, str, str]]) -> str:
        names = list(dict.fromkeys(text for _, text, _ in unknown))
        where, first, kind = unknown[0]
        if kind == "place":
            remedy = ("Add each to data/raw/reference/countries.csv, column also_printed_as (a group of "
                      "countries to reference/regions.csv, column printed_as), make accept FILE=…, and add the "
                      "export again.")
        else:
            remedy = self.words.remedy(first, kind)
        what = {"place": "country", "mode": "mode of establishment"}.get(kind, kind)
        more = f" (and {len(names) - MOST_NAMED} more)" if len(names) > MOST_NAMED else ""
        return f"{where}: unknown {what} {', '.join(map(repr, names[:MOST_NAMED]))}{more}. {remedy}"

    def _fixed(self, lines: list[tuple[str, str]]) -> list[Meaning]:
        """What a line above the table says all of it is about: `국가: 미국`, `설립형태 | 신규법인설립`."""
        found = []
        for text, _ in lines:
            for cut in (":", " "):
                first, _, second = (part.strip() for part in text.partition(cut))
                axes = [AXES.get(m.value) for m in self.words.heading(first) if m.field == "axis"]
                meaning = self._label(second, axes[0]) if axes and axes[0] and second else None
                if meaning:
                    found.append(meaning)
                    break
        return found

    # ---- Amounts -----------------------------------------------------------------------------------

    def _figure(self, row: int, column: int, labels, heading, fixed, printed: list[str]) -> list[Figure]:
        """The figure of a cell, or none: counts, shares, regions and sums over years are set aside."""
        where, text = self.grid.where(row, column), self.grid.own[row][column]
        parts = [*labels, *heading]
        country = any(part.field == "place" and part.value != "WLD" for part in parts)
        for why, apart in (("counts, shares, sums over years", any(part.field == "skip" for part in parts)),
                           ("groups of countries", not country and any(part.field == "region" for part in parts))):
            if apart:
                self.aside[why] = self.aside.get(why, 0) + bool(text)
                return []
        mark = "" if (digits := number(text)) is not None else self.words.mark(text) if text else "blank"
        if digits is None and not mark:
            raise Refused(f"{where}: {text[:60]!r} is neither an amount nor a known heading, label or mark. "
                          f"{self.words.remedy(text)}")
        held = {}
        for kind in (*KINDS, "unit"):
            values = {part.value for part in parts if part.field == kind and part.value}
            values = values or {part.value for part in fixed if part.field == kind}
            if len(values) > 1:
                raise Refused(f"{where}: its labels and headings name two of one kind, "
                              f"{' and '.join(sorted(values))}. "
                              "The layout is not known; download the export with one.")
            held[kind] = values.pop() if values else ""
        return [Figure(**held, value=digits or "", mark=mark, labels=", ".join(printed), where=where)]
