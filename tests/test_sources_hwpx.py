"""Tables of HWPX documents become grids, whatever their cells span; what is no sound table is refused."""

import pytest
import toy_release as toy
from hypothesis import given
from hypothesis import strategies as st

from korus.sources import hwp, hwpx, kind
from korus.sources.refusal import Refused


def read(*blocks: str) -> list:
    return hwpx.read(toy.document(*blocks), "x.hwpx")


def refusal(content: bytes) -> str:
    """Why a document is refused."""
    with pytest.raises(Refused) as refused:
        hwpx.read(content, "x.hwpx")
    assert str(refused.value).startswith("x.hwpx")
    return str(refused.value)


def test_paragraphs_and_tables_come_in_the_order_they_print():
    one, other = toy.table([["a"]]), toy.table([["b"]])
    blocks = read(toy.paragraph("before"), toy.paragraph(one, "between", other, "after"), toy.paragraph(" "))
    assert [block.text if isinstance(block, hwpx.Text) else block.grid for block in blocks] == [
        "before", [["a"]], "between", [["b"]], "after"]
    assert [block.number for block in blocks if isinstance(block, hwpx.Table)] == [1, 2]


def test_a_cell_over_several_places_is_in_all_of_them_and_starts_in_one():
    [table] = read(toy.paragraph(toy.table([[("구 분", 2, 1), ("2023년", 1, 2), None], [None, "1분기", "2분기"]])))
    assert table.grid == [["구 분", "2023년", "2023년"], ["구 분", "1분기", "2분기"]]
    assert table.starts == [[True, True, False], [False, True, True]]


def test_a_table_in_a_cell_follows_the_one_it_is_in():
    inner = toy.paragraph(toy.table([["x", "y"]]))
    outer = f'<hp:tbl><hp:tr>{toy.cell("out", 0, 0, inner=inner)}</hp:tr></hp:tbl>'
    first, second = read(toy.paragraph(outer))
    assert (first.grid, first.depth, second.grid, second.depth) == ([["out"]], 0, [["x", "y"]], 1)


def test_lines_of_a_cell_stay_apart_and_a_caption_is_kept():
    [table] = read(toy.paragraph(toy.table([["금융\n보험업", "1"]], caption="업종별 동향")))
    assert table.grid[0][0] == "금융\n보험업" and table.caption == "업종별 동향"


def test_marks_for_spaces_are_read_and_notes_and_pictures_are_not():
    note = "<hp:ctrl><hp:footNote><hp:subList>" + toy.paragraph("a note") + "</hp:subList></hp:footNote></hp:ctrl>"
    mark = '<hp:t>12<hp:fwSpace/>3<hp:lineBreak/>4<hp:markpenBegin color="x"/>5<hp:markpenEnd/></hp:t>'
    box = f'<hp:rect><hp:drawText><hp:subList>{toy.paragraph("in a box")}</hp:subList></hp:drawText></hp:rect>'
    picture = "<hp:pic><hp:shapeComment>a picture</hp:shapeComment></hp:pic>"
    head = toy.paragraph(note, mark, picture)
    assert [block.text for block in read(head, toy.paragraph(box))] == ["12 3\n45", "in a box"]


def test_sections_are_read_by_their_numbers():
    sections = [toy.section(toy.paragraph(str(number))) for number in range(12)]
    assert [block.text for block in hwpx.read(toy.container(*sections), "x.hwpx")] == [str(n) for n in range(12)]


CELLS = st.lists(st.lists(st.text("가나12.△()", max_size=6), min_size=1, max_size=6), min_size=1, max_size=6)


@given(CELLS, st.data())
def test_any_table_without_spans_is_its_own_grid(rows, data):
    width = min(map(len, rows))
    rows = [row[:width] for row in rows]
    [table] = read(toy.paragraph(toy.table(rows)))
    assert table.grid == [[cell.strip() for cell in row] for row in rows]


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 2, *[st.integers(0, 3)] * 2), min_size=1, max_size=8))
def test_cells_anywhere_make_a_grid_or_are_refused(places):
    cells = "".join(toy.cell(str(number), *place) for number, place in enumerate(places))
    content = toy.document(toy.paragraph(f"<hp:tbl><hp:tr>{cells}</hp:tr></hp:tbl>"))
    try:
        [table] = hwpx.read(content, "x.hwpx")
    except Refused as refused:
        assert "two cells in one place" in str(refused) or "covers no row" in str(refused)
    else:
        assert sum(map(sum, table.starts)) == len(places)


@pytest.mark.parametrize(("address", "said"), [
    ('rowAddr="0"', "without a usable colAddr"), ('rowAddr="x" colAddr="0"', "without a usable rowAddr"),
    ('rowAddr="-1" colAddr="0"', "without a usable rowAddr"),
    ('rowAddr="99999" colAddr="9"', "100,000 rows by 10 columns"),
])
def test_a_cell_without_a_place_or_far_away_is_refused(address, said):
    cell = f'<hp:tc><hp:subList/><hp:cellAddr {address}/><hp:cellSpan colSpan="1" rowSpan="1"/></hp:tc>'
    assert said in refusal(toy.document(toy.paragraph(f"<hp:tbl><hp:tr>{cell}</hp:tr></hp:tbl>")))


def test_a_huge_cell_is_refused():
    assert "10,001 characters; up to 10,000 are read" in refusal(
        toy.document(toy.paragraph(toy.table([["1" * 10_001]]))))


def test_tables_within_tables_without_end_are_refused():
    inner = toy.paragraph(toy.table([["x"]]))
    for _ in range(9):
        inner = toy.paragraph(f'<hp:tbl><hp:tr>{toy.cell("", 0, 0, inner=inner)}</hp:tr></hp:tbl>')
    assert "8 deep" in refusal(toy.document(inner))


def test_a_document_without_text_or_with_another_root_is_refused():
    assert "holds no Contents/section" in refusal(toy.container())
    assert "begins with <html>, not <sec>" in refusal(toy.container(b"<html/>"))


def test_a_section_with_entities_is_refused_by_file_and_member():
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]><hs:sec xmlns:hs="s">&x;</hs:sec>'
    assert refusal(toy.container(bomb)).startswith("x.hwpx, Contents/section0.xml: holds a <!DOCTYPE")


def test_a_document_in_the_old_form_is_converted_without_loss(tmp_path):
    from hwpx import HwpxDocument

    document = HwpxDocument.new()
    document.add_paragraph("해외직접투자 (시험용)")
    table = document.add_table(2, 2)
    for row, texts in enumerate((("구분", "2023년"), ("미국", "△12.5"))):
        for column, text in enumerate(texts):
            table.set_cell_text(row, column, text)
    old = document.to_bytes(format="hwp")
    assert kind.kind_of(old) is kind.HWP
    found = hwpx.read(hwp.as_hwpx(old, "x.hwp"), "x.hwp")
    assert [block.grid for block in found if isinstance(block, hwpx.Table)] == [
        [["구분", "2023년"], ["미국", "△12.5"]]]
    with pytest.raises(Refused, match="save it as HWPX"):
        hwp.as_hwpx(old[:2000], "x.hwp")


@pytest.mark.parametrize("content", [b"HWP Document File V3.00 \x1a", kind.OLE + b"\0" * 2000])
def test_what_is_no_hwp_5_document_is_refused_with_the_remedy(content):
    with pytest.raises(Refused, match=r"x\.hwp: the HWP document can not be converted .* save it as HWPX"):
        hwp.as_hwpx(content, "x.hwp")
