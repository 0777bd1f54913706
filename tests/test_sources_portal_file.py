"""Workbooks and text tables from elsewhere: what could mislead or harm is refused before it is read."""

import io
import re
import zipfile

import pytest
import toy_portal as toy

from korus.sources import kind, portal, portal_file
from korus.sources.refusal import Refused

ROWS, MERGED = toy.cells(toy.figures(), toy.Layout(("place",), ("year", "mode")))
ROWS = [row + [""] * (7 - len(row)) for row in ROWS]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(change=None) -> bytes:
    """A synthetic export, spoilt by `change(book)`."""
    return toy.as_xlsx(ROWS, MERGED, change)


def changed(member: str, change, more: dict[str, bytes] | None = None) -> bytes:
    """A synthetic export in which the text of one member is changed, and members are added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()).encode() if name == member else content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return file.getvalue()


def refusal(content: bytes) -> str:
    """Why a file is refused when its cells are read."""
    with pytest.raises(Refused) as refused:
        portal_file.grids(content, kind.kind_of(content), "export.xlsx")
    return str(refused.value)


def test_a_workbook_gives_its_texts_with_merged_cells_filled():
    [grid] = portal_file.grids(workbook(), kind.XLSX, "export.xlsx")
    plain = [[re.sub(r"(?<=\d),(?=\d)", "", cell) for cell in row] for row in ROWS]
    assert grid.own == plain
    assert grid.own[2] == ["국가", "2023", "", "", "2024", "", ""]
    assert grid.filled[2] == ["국가", "2023", "2023", "2023", "2024", "2024", "2024"]
    assert grid.where(2, 1) == "export.xlsx, sheet 'Sheet', cell B3"


def set_cell(at: str, value, sheet: int = 0):
    """A change that puts a value into a cell."""
    def change(book):
        book.worksheets[sheet][at] = value

    return change


def hide_row(book):
    book.active.row_dimensions[5].hidden = True


def hide_column(book):
    book.active.column_dimensions["C"].hidden = True


def hide_sheet(book):
    book.create_sheet("원자료")["A1"] = 5
    book["원자료"].sheet_state = "veryHidden"


def thousandths(book):
    book.active["C5"].number_format = "#,##0,"


@pytest.mark.parametrize(("change", "said"), [
    (set_cell("C5", "=1+1"), "sheet 'Sheet', cell C5: holds a formula"),
    (set_cell("C5", "=cmd|'/c calc'!A1"), "cell C5: holds a formula"),
    (set_cell("C5", "#REF!"), "cell C5: holds an error"),
    (set_cell("A9", "x" * 2001), "cell A9: 2,001 characters"),
    (set_cell("A200001", "far"), "beyond the 200,000 rows"),
    (set_cell("XFD5", "far"), "beyond the 200,000 rows and 1,000 columns"),
    (set_cell("ALL150000", "far"), "150,000 rows of 1,000 columns"),
    (hide_row, "row 5: is hidden and holds cells"), (hide_column, "stands in a hidden column"),
    (hide_sheet, "sheet '원자료': is hidden and holds cells"),
    (thousandths, "cell C5: its format '#,##0,' shows another number"),
])
def test_what_would_mislead_is_refused_by_cell(change, said):
    assert said in refusal(workbook(change))


def test_an_empty_hidden_sheet_does_no_harm():
    def change(book):
        book.create_sheet("leer").sheet_state = "hidden"

    assert len(portal_file.grids(workbook(change), kind.XLSX, "export.xlsx")) == 1


@pytest.mark.parametrize(("content", "said"), [
    (changed("", str, {"xl/vbaProject.bin": b"x"}), "holds a macro"),
    (changed("", str, {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "draws on other files"),
    (changed("", str, {"../evil.xml": b"<a/>"}), "its name leads out of the archive"),
    (changed("", str, {"xl/media/bomb.xml": b"<a>" + b" " * 3_000_000 + b"</a>"}), "zip bomb"),
    (changed(SHEET, lambda xml: '<!DOCTYPE x [<!ENTITY e "boom">]>' + xml), "holds a <!DOCTYPE"),
    (changed(SHEET, lambda xml: xml[:-40]), "no well-formed XML"),
    (changed(SHEET, lambda xml: xml.replace("</mergeCells>", '<mergeCell ref="A20:ALK190000"/></mergeCells>')),
     "merged cells cover 189,791,025"),
    (changed(SHEET, lambda xml: xml.replace('r="C5"', 'r="5"')), "'5' names no cell"),
    (changed("xl/_rels/workbook.xml.rels", lambda xml: xml.replace("sheet1.xml", "sheet9.xml")), "are not in the file"),
    (changed("[Content_Types].xml", lambda xml: xml.replace("sheet.main+xml", "nothing+xml")), "can not be read"),
    (workbook()[:-30], "a broken zip archive"),
])
def test_what_would_harm_is_refused_by_member(content, said):
    with pytest.raises(Refused, match=re.escape(said)):
        portal_file.workbook(content, "export.xlsx")


def test_a_formula_in_a_sheet_that_the_workbook_does_not_list_is_refused_too():
    sheet = changed(SHEET, str)
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        xml = archive.read(SHEET).decode()
    start = xml.index("<sheetData>")
    formula = xml[:start] + '<sheetData><row r="1"><c r="A1"><f>1+1</f></c></row></sheetData></worksheet>'
    assert "cell A1: holds a formula" in refusal(changed("", str, {"xl/worksheets/other.xml": formula.encode()}))


def test_a_text_table_in_a_wrong_encoding_is_refused():
    content = ("국가,연도\n" + "미국\ufffd,2024\n").encode()
    assert "saved in a wrong encoding" in refusal(content)
    assert kind.kind_of("국가,연도\n미국,2024\n".encode("utf-16")) == kind.OTHER


@pytest.mark.parametrize(("content", "said"), [
    (b'a,b\n"x,1\n', "no text table"), (b"a,b\n" + b"1,2\n" * 200_001, "more than 200,000 lines"),
    (b"a" + b"," * 1001 + b"\n", "1,002 columns"),
])
def test_a_text_table_that_is_none_or_too_large_is_refused(content, said):
    assert said in refusal(content)


def test_titles_above_a_text_table_do_not_hide_what_it_is():
    text = "합성 시험자료\n\n국가,연도\n미국,2024\n"
    assert kind.kind_of(text.encode()) == kind.CSV_UTF8 and kind.kind_of(text.encode("cp949")) == kind.CSV_CP949
    assert kind.kind_of("Prose with one comma,\nand then none.\n".encode()) == kind.CSV_UTF8
    assert kind.kind_of("Prose.\nWith a comma, once.\n".encode()) == kind.OTHER


def test_two_sheets_with_a_table_are_refused(tmp_path):
    import datetime as dt

    from korus.paths import RAW

    def change(book):
        book.copy_worksheet(book.active).title = "둘째"

    with pytest.raises(Refused, match="2 sheets hold a table of this kind .'Sheet', '둘째'"):
        portal.export(workbook(change), "export.xlsx", RAW, "", dt.date(2026, 11, 26), portal.Said())
