"""HWPX documents made for tests: containers, paragraphs, tables, and whole releases in many layouts.

A release made here is synthetic: it prints rows of kexim/releases in the family of layouts the ministry
uses, and is never anything else than test data.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from korus import raw
from korus.sources import difference, hwpx

HELD = difference.rows_of(raw.read_verified("kexim/releases"))
VINTAGES = sorted({row["vintage"] for row in HELD})
HP = "http://www.hancom.co.kr/hwpml/2011/paragraph"
HS = "http://www.hancom.co.kr/hwpml/2011/section"
HEADINGS = {"world_total": "{n}. {every} 동향", "industry_world": "□ 업종별 동향(상위 5개)",
            "country_total": "□ 국가별 동향(상위 5개)", "region": "□ 지역별 동향"}
ORDER = ("world_total", "industry_world", "country_total", "region")
WEEKDAYS = "월화수목금토일"


def held(vintage: str) -> list[dict[str, str]]:
    """Rows of one vintage of kexim/releases."""
    return [row for row in HELD if row["vintage"] == vintage]


def paragraph(*parts: str) -> str:
    """A paragraph of texts (escaped here) and ready XML (what begins with `<hp:`)."""
    ready = [part if part.startswith("<hp:") else f"<hp:t>{escape(part)}</hp:t>" for part in parts]
    runs = "".join(f"<hp:run>{part}</hp:run>" for part in ready)
    return f'<hp:p id="0">{runs}<hp:linesegarray/></hp:p>'


def cell(text: str, row: int, column: int, rows: int = 1, columns: int = 1, inner: str = "") -> str:
    """A cell at a place; lines of its text become paragraphs, `inner` is XML after them."""
    lines = "".join(paragraph(line) for line in text.split("\n"))
    return (f'<hp:tc><hp:subList>{lines}{inner}</hp:subList><hp:cellAddr colAddr="{column}" rowAddr="{row}"/>'
            f'<hp:cellSpan colSpan="{columns}" rowSpan="{rows}"/><hp:cellSz width="1" height="1"/></hp:tc>')


def table(rows: Sequence[Sequence], caption: str = "") -> str:
    """A table of rows of texts, or of (text, rows, columns) for a cell over several; None is covered."""
    lines = []
    for number, row in enumerate(rows):
        cells = [
            cell(*(item if isinstance(item, tuple) else (item, 1, 1))[:1], number, column,
                 *(item[1:] if isinstance(item, tuple) else ()))
            for column, item in enumerate(row) if item is not None
        ]
        lines.append(f"<hp:tr>{''.join(cells)}</hp:tr>")
    said = f"<hp:caption><hp:subList>{paragraph(caption)}</hp:subList></hp:caption>" if caption else ""
    return f'<hp:tbl rowCnt="{len(rows)}" colCnt="{len(rows[0])}">{said}{"".join(lines)}</hp:tbl>'


def section(*blocks: str, hp: str = HP, hs: str = HS) -> bytes:
    """The XML of a section of paragraphs."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>'
    return f'{head}<hs:sec xmlns:hp="{hp}" xmlns:hs="{hs}">{"".join(blocks)}</hs:sec>'.encode()


def container(*sections: bytes, mimetype: str = "application/hwp+zip", more: dict | None = None) -> bytes:
    """The bytes of a HWPX document with these sections, and `more` members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for number, content in enumerate(sections):
            archive.writestr(f"Contents/section{number}.xml", content)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return file.getvalue()


def document(*blocks: str) -> bytes:
    """A HWPX document of one section."""
    return container(section(*blocks))


@dataclass
class Layout:
    """How a synthetic release prints its rows; the default is the layout of 2024 and 2025.

    periods: `tall` (year above quarter), `wide` (one row: 2024년 1분기), `short` ('24.1Q). rates: `below`
    (a row of their own), `beside` (in the cell of the amount), `none`. shuffle reorders the columns.
    """

    periods: str = "tall"
    rates: str = "below"
    shuffle: Sequence[int] | None = None
    extra: Sequence[str] = ()
    unit: str = "(단위: 억 달러, 전년동기 대비 %)"
    bases: dict = field(default_factory=lambda: {"invested": "(총투자 기준)", "net": "(순투자 기준)"})
    frame: bool = False
    heading_after_table: bool = False
    captions: bool = False
    spaced: bool = False
    published: str = "보도시점"
    minus: str = "-"
    namespace: str = HP


def release(rows: list[dict[str, str]], layout: Layout | None = None, title: str = "", day: str = "",
            front: Sequence[str] = ()) -> bytes:
    """A synthetic release that prints rows of one vintage of kexim/releases."""
    layout = layout or Layout()
    vintage = day or rows[0]["vintage"]
    blocks = [paragraph(table([["", "보도자료", ""]])), paragraph(table([[title or "‘24년 해외직접투자는 시험용 자료"]])),
              paragraph(table([[layout.published, printed_day(vintage), "배포", printed_day(vintage)]])), *front,
              paragraph(table([["참고 1", "", f"’{vintage[2:4]}.2분기 해외직접투자 세부통계{layout.unit}"]]))]
    for measure in ("invested", "net"):
        mine = [row for row in rows if row["measure"] == measure]
        if not mine:
            continue
        blocks.append(paragraph(layout.bases[measure]))
        waiting = ""
        for number, yearly in enumerate((False, True), start=1):
            for series in ORDER:
                heading = HEADINGS[series].format(n=number, every="연도별" if yearly else "분기별")
                found = figures(mine, series, yearly)
                if not found:
                    continue
                if layout.captions:
                    blocks.append(paragraph(table(grid(found, layout), heading)))
                elif layout.heading_after_table and waiting:
                    # One paragraph holds the table before and, after it, the heading of the next.
                    blocks.append(paragraph(waiting, heading))
                    waiting = framed(grid(found, layout), layout)
                else:
                    blocks.append(paragraph(heading))
                    waiting = framed(grid(found, layout), layout)
                    if not layout.heading_after_table:
                        blocks.append(paragraph(waiting))
                        waiting = ""
        if waiting:
            blocks.append(paragraph(waiting))
    return container(section(*blocks, hp=layout.namespace, hs=layout.namespace.replace("paragraph", "section")),
                     section(paragraph("□ (정의) 거주자가 하는 거래"), hp=layout.namespace))


def framed(rows: list, layout: Layout) -> str:
    """A table, or the table in the only cell of another."""
    if not layout.frame:
        return table(rows)
    only = cell("", 0, 0, inner=paragraph(table(rows)))
    return f'<hp:tbl rowCnt="1" colCnt="1"><hp:tr>{only}</hp:tr></hp:tbl>'


def printed_day(day: str) -> str:
    """A day as the head of a release prints it."""
    found = dt.date.fromisoformat(day)
    return f"{found.year}. {found.month}. {found.day}.({WEEKDAYS[found.weekday()]}) 11:00"


def label_of(row: dict[str, str]) -> str:
    """The Korean label that a row of kexim/releases was printed with."""
    return row["note"].removeprefix("label in source: ").partition(";")[0]


def figures(rows: list[dict], series: str, yearly: bool) -> dict[str, dict[tuple[str, str], str]]:
    """label → (year, quarter) → value, of one table of the release."""
    mine = [row for row in rows if row["series"] == series]
    spans = {row["quarter"] for row in mine} - {"1", "2", "3", "4", "A"}
    quarterly = [row for row in mine if len(row["quarter"]) == 1 and row["quarter"] != "A"]
    twice = {(row["year"], row["quarter"]) for row in quarterly}
    doubled = {period for period in twice if sum((r["year"], r["quarter"]) == period for r in quarterly) > 1}
    first = label_of(quarterly[0]) if quarterly else ""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for row in mine:
        period, label = (row["year"], row["quarter"]), label_of(row)
        in_years = row["quarter"] == "A" or row["quarter"] in spans
        if series == "world_total" and period in doubled and label != first:
            in_years = True
        if in_years == yearly:
            found.setdefault(label, {})[period] = row["value"]
    return found


def heading_cells(period: tuple[str, str], style: str) -> tuple[str, str]:
    """The words over a column: (above, below)."""
    year, quarter = period
    span = {"A": "", "1-2": "1~6월", "1-3": "1~9월"}.get(quarter)
    if span is not None:
        return (f"{year}년 {span}".strip(), "")
    if style == "tall":
        return f"{year}년", f"{quarter}분기"
    return (f"{year}년 {quarter}/4분기", "") if style == "wide" else (f"’{year[2:]}.{quarter}Q", "")


def grid(found: dict[str, dict[tuple[str, str], str]], layout: Layout) -> list[list]:
    """The rows of a table, in the order and style of the layout."""
    periods = list(dict.fromkeys(period for values in found.values() for period in values))
    if layout.shuffle is not None:
        periods = [periods[i] for i in sorted(range(len(periods)), key=lambda i: layout.shuffle[i % 16] * 100 + i)]
    above, below = zip(*(heading_cells(period, layout.periods) for period in periods), strict=True)
    two = any(below)
    rows = [[("구 분", 2, 1) if two else "구 분", *above, *layout.extra]]
    if two:
        rows = [[("구 분", 2, 1), *_merged(above), *((name, 2, 1) for name in layout.extra)],
                [None, *below, *(None for _ in layout.extra)]]
    for label, values in found.items():
        shown = _spaced(label) if layout.spaced else label
        amounts = [values.get(period, "-").replace("-", layout.minus) if values.get(period, "-") != "-" else "-"
                   for period in periods]
        rates = [growth(values, period) for period in periods]
        more = [f"({12.3})" for _ in layout.extra]
        if layout.rates == "beside":
            rows.append([shown, *(f"{a}\n{r}".strip() for a, r in zip(amounts, rates, strict=True)), *more])
        elif layout.rates == "below" and any(rates):
            rows.append([(shown, 2, 1), *amounts, *more])
            rows.append([None, *rates, *more])
        else:
            rows.append([shown, *amounts, *more])
    return rows


def _merged(above: Sequence[str]) -> list:
    """Years over their quarters: one cell for neighbours that are alike."""
    cells: list = []
    for i, word in enumerate(above):
        if i and above[i - 1] == word:
            cells.append(None)
        else:
            length = next((j for j in range(i, len(above)) if above[j] != word), len(above)) - i
            cells.append((word, 1, length))
    return cells


def _spaced(label: str) -> str:
    """A label as a typesetter may break it."""
    return label[0] + " " + label[1:-1] + "\n" + label[-1]


def growth(values: dict[tuple[str, str], str], period: tuple[str, str]) -> str:
    """The growth over the year before as releases print it, where the table itself has the base."""
    base = values.get((str(int(period[0]) - 1), period[1]))
    if base is None or not re.fullmatch(r"-?\d+(\.\d+)?", values.get(period, "")) or abs(float(base)) < 1:
        return ""
    rate = 100 * (float(values[period]) / float(base) - 1)
    return f"({'△' if rate < 0 else ''}{abs(rate):,.1f})"


def table_texts(content: bytes) -> list:
    """A release as plain blocks: a text, or the grid of a table, in which a cell over several is repeated."""
    blocks = hwpx.read(content, "release.hwpx")
    return [block.text if isinstance(block, hwpx.Text) else block.grid for block in blocks]
