"""Synthetic exports of a statistics portal, in any layout. All amounts are made up; every title says so."""

import csv
import io
import itertools
from dataclasses import dataclass, field

import openpyxl

TITLE = "합성 시험자료 SYNTHETIC: 국가별 설립형태별 해외직접투자"
NOTE = "주: 시험용 합성 자료 (synthetic, made up for a test)"
WORDS = {
    "ko": {
        "place": {"USA": "미국", "CHN": "중국", "WLD": "합계", "axis": "국가"},
        "mode": {"greenfield": "신규법인설립", "mna": "인수합병", "total": "합계", "axis": "설립형태"},
        "year": {"axis": "연도"}, "amount": "투자금액", "unit": "(단위: 천달러)",
    },
    "en": {
        "place": {"USA": "United States", "CHN": "China", "WLD": "World", "axis": "Country"},
        "mode": {"greenfield": "Greenfield", "mna": "Mergers and acquisitions", "total": "Total",
                 "axis": "Mode of establishment"},
        "year": {"axis": "Year"}, "amount": "Invested amount", "unit": "Unit: thousand US dollars",
    },
}
Figures = dict[tuple[str, str, str], str]


def figures(years=("2023", "2024")) -> Figures:
    """(place, year, mode) → thousand US dollars: totals as the releases round them, modes made up."""
    totals = {"USA": {"2022": 29_820, "2023": 28_820, "2024": 22_410},
              "CHN": {"2022": 6_590, "2023": 1_900, "2024": 1_810},
              "WLD": {"2022": 82_040, "2023": 66_000, "2024": 65_800}}
    found = {}
    for place, by_year in totals.items():
        for number, year in enumerate(years):
            total = 1000 * by_year[year] + 137 + number
            built = total * {"USA": 66, "CHN": 88, "WLD": 60}[place] // 100
            found |= {(place, year, "greenfield"): str(built), (place, year, "mna"): str(total - built),
                      (place, year, "total"): str(total)}
    return found


@dataclass
class Layout:
    """How a table is laid out: dimensions (place, year, mode) down the side and across the top, in these orders."""

    down: tuple[str, ...] = ("place", "year", "mode")
    across: tuple[str, ...] = ()
    language: str = "ko"
    above: list[list] = field(default_factory=lambda: [[TITLE], ["투자금액 기준 (단위: 천달러)"]])
    below: list[list] = field(default_factory=lambda: [[NOTE]])
    separators: bool = True
    sparse: bool = False
    order: dict[str, list[str]] = field(default_factory=dict)


def cells(amounts: Figures, layout: Layout) -> tuple[list[list[str]], list[tuple[int, int, int, int]]]:
    """(rows of texts, merged areas as top, left, bottom, right from nought) of a synthetic export."""
    words = WORDS[layout.language]
    held = {"place": list(dict.fromkeys(key[0] for key in amounts)),
            "year": list(dict.fromkeys(key[1] for key in amounts)),
            "mode": list(dict.fromkeys(key[2] for key in amounts))} | layout.order
    top = len(layout.above)
    side = len(layout.down)
    across = list(itertools.product(*(held[name] for name in layout.across)))
    rows, merged = [list(line) for line in layout.above], []
    for level in range(max(1, len(layout.across))):
        row = [words[name]["axis"] if level == 0 else "" for name in layout.down]
        before = None
        for number, combination in enumerate(across):
            if not layout.across:
                row.append(words["amount"])
                continue
            text = words[layout.across[level]].get(combination[level], combination[level])
            same = before is not None and combination[:level + 1] == before[:level + 1]
            row.append("" if same else text)
            if same and level < len(layout.across) - 1:
                if merged and merged[-1][0] == top + level and merged[-1][3] == side + number - 1:
                    merged[-1] = (*merged[-1][:3], side + number)
                else:
                    merged.append((top + level, side + number - 1, top + level, side + number))
            before = combination
        rows.append(row)
    previous: tuple = ()
    for combination in itertools.product(*(held[name] for name in layout.down)):
        row = [words[name].get(one, one) for name, one in zip(layout.down, combination, strict=True)]
        if layout.sparse:
            for level in range(side - 1):
                if combination[:level + 1] == previous[:level + 1]:
                    row[level] = ""
        previous = combination
        for other in across:
            dims = dict(zip(layout.down, combination, strict=True)) | dict(zip(layout.across, other, strict=True))
            amount = amounts.get((dims["place"], dims["year"], dims["mode"]), "")
            whole = amount.isdigit() and layout.separators
            row.append(f"{int(amount):,}" if whole else amount)
        rows.append(row)
    return rows + layout.below, merged


def as_csv(rows: list[list[str]], encoding: str = "utf-8", mark: str = ",") -> bytes:
    """Rows as a text table."""
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: list[list[str]], merged=(), change=None) -> bytes:
    """Rows as a workbook with numbers in its cells; `change` may spoil the workbook before it is saved."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        plain = [cell.replace(",", "") for cell in row]
        sheet.append([int(bare) if bare.isdigit() else cell or None for cell, bare in zip(row, plain, strict=True)])
    for top, left, bottom, right in merged:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
