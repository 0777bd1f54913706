"""Tables on paper: no word is cut, type is as large as can be, and the page turns only where it must."""

import pytest
from lxml import html

from korus import pdf_inline, pdf_tables


def table(*rows: str) -> html.HtmlElement:
    """A table of rows whose cells are separated by `|`; the first row is its head."""
    head, *body = ([f"<{'td' if number else 'th'}>{cell}</{'td' if number else 'th'}>" for cell in row.split("|")]
                   for number, row in enumerate(rows))
    lines = "".join(f"<tr>{''.join(row)}</tr>" for row in body)
    return html.fromstring(f"<table><thead><tr>{''.join(head)}</tr></thead><tbody>{lines}</tbody></table>")


def test_a_narrow_table_takes_the_width_of_its_words():
    assert "table(columns: 2," in pdf_tables.listing(table("year|amount", "2024|1.5"))


def test_a_wide_table_fills_the_page_and_gives_long_cells_more_of_it():
    written = pdf_tables.listing(table("year|words", "2024|" + "some words " * 30))
    columns = written.partition("columns: (")[2].partition(",)")[0]
    first, second = (float(share.strip("% ")) for share in columns.split(","))
    assert first + second == pytest.approx(100, abs=0.02) and second > 5 * first


def test_no_column_is_narrower_than_its_longest_word():
    least, usual = [4, 30, 6], [4, 400, 6]
    lines = pdf_tables.lines_of(least, usual, 104)
    widths = pdf_tables.widths(least, usual, lines)
    assert all(width >= word + pdf_tables.GAP for width, word in zip(widths, least, strict=True))
    assert sum(widths) == pytest.approx(104, abs=0.5)


def test_a_table_whose_words_do_not_fit_has_no_number_of_lines():
    assert pdf_tables.lines_of([60, 60], [60, 60], 104) == float("inf")


def test_type_shrinks_before_the_page_turns_and_the_page_turns_before_type_is_too_small():
    def way(words: list[int], upright: bool = False):
        return pdf_tables.fitting(words, words, upright, 1)

    assert way([8] * 8)[0::2] == (8.5, False)
    assert way([8] * 11)[0::2] == (7.5, False)
    assert way([8] * 14)[0::2] == (8.5, True)
    assert way([8] * 12, upright=True)[0::2] == (6.5, False)


def test_half_a_page_holds_half_of_it():
    assert pdf_tables.fitting([20, 20], [20, 20], False, 0.46)[1] == pytest.approx(104 * 0.46)


@pytest.mark.parametrize(("word", "broken"), [
    ("korus/statutory_text.py", "korus/|statutory_|text.|py"), ("2024-11-22", "2024-11-22"), ("short.py", "short.py"),
    ("trade.duty.KOR.2024", "trade.|duty.|KOR.2024")])
def test_long_identifiers_may_be_broken_at_their_stops_and_days_never(word, broken):
    found = table("a|b", f"{word}|x")
    pdf_tables.listing(found)
    assert found.find(".//td").text.replace(pdf_tables.NO_WIDTH, "|") == broken


def test_a_cell_becomes_a_string_of_typst_in_which_nothing_is_code():
    cell = html.fromstring('<td>a "b" \\ #c [d] $e$ <strong>f</strong> <a href="#value-x">Korea\'s</a></td>')
    assert pdf_inline.inline(cell) == (
        r'"a \"b\" \\ #c [d] $e$ " + strong("f") + " " + link(label("value-x"), "Korea’s")')


def test_what_can_not_stand_in_a_cell_is_refused_by_name():
    with pytest.raises(pdf_inline.NotInline, match="<ul>"):
        pdf_inline.inline(html.fromstring("<td><ul><li>a</li></ul></td>"))
