"""Charts are measured and drawn with packaged fonts; their Korean words are outlines."""

import re
import subprocess
import sys

import pytest
import vl_convert
from toy_project import PROJECT

from korus import chart_fonts

TEXT = ('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text text-anchor="start" '
        'transform="translate(10,20)" font-family="TeX Gyre Heros" font-size="10px" {more}fill="#1A1A1A">'
        '{inside}</text></svg>')


def drawn(inside: str, more: str = "") -> str:
    return chart_fonts.with_drawn_korean(TEXT.format(inside=inside, more=more))


def test_korean_at_the_end_of_a_line_becomes_an_outline_after_the_words_before_it():
    svg = drawn("gross (총투자액)")
    assert ">gross </text>" in svg and 'aria-label="(총투자액)"' in svg
    # g 556, r 333, o 556, s 500 twice, blank 278: thousandths of the type size in Helvetica's widths.
    assert "translate(10,20) translate(27.2,0) scale(0.01)" in svg


def test_the_lines_of_a_title_keep_their_height():
    svg = drawn('<tspan>Amounts</tspan><tspan x="0" dy="17">invested (투자금액)</tspan>')
    assert "<tspan>Amounts</tspan>" in svg and re.search(r'translate\([\d.]+,17\)', svg)


def test_a_label_set_from_the_right_leaves_room_for_its_korean():
    svg = chart_fonts.with_drawn_korean(TEXT.replace('"start"', '"end"').format(inside="Asia 아시아", more=""))
    assert 'dx="-30.4">Asia</text>' in svg and "translate(-27.6,0)" in svg


def test_bold_words_have_bold_outlines():
    assert drawn("총투자액") != drawn("총투자액", 'font-weight="bold" ').replace('font-weight="bold" ', "")


def test_words_after_korean_and_lines_set_from_the_middle_are_refused():
    with pytest.raises(ValueError, match="end of a line"):
        drawn("총투자액 gross")
    with pytest.raises(ValueError, match="from the left or the right"):
        chart_fonts.with_drawn_korean(TEXT.replace('"start"', '"middle"').format(inside="총투자액", more=""))


def test_a_picture_without_korean_is_left_as_it_is():
    svg = TEXT.format(inside="gross, Île &amp; ₩", more="")
    assert chart_fonts.with_drawn_korean(svg) == svg


MEASURE = """
import vl_convert
from korus import chart_fonts
chart_fonts.register()
chart = {"data": {"values": [{"a": "Amounts invested, 12,345"}]}, "mark": "bar", "encoding": {
    "y": {"field": "a", "axis": {"labelFont": "FAMILY", "labelFontSize": 30, "labelLimit": 900}}}}
print(vl_convert.vegalite_to_svg(chart))
"""


def test_a_chart_is_as_wide_in_the_fonts_readers_have_as_in_the_packaged_one():
    widths = set()
    for family in ("TeX Gyre Heros", "Liberation Sans"):
        done = subprocess.run([sys.executable, "-c", MEASURE.replace("FAMILY", family)], cwd=PROJECT,
                              capture_output=True, text=True, check=True)
        widths.add(int(re.search(r'width="(\d+)"', done.stdout)[1]))
    # Kerning differs by a hair.
    assert max(widths) - min(widths) <= 2


def test_words_are_painted_in_the_packaged_font_and_not_in_one_of_the_machine():
    chart_fonts.register()
    svg = TEXT.format(inside="Rate 12.5%", more="")
    assert vl_convert.svg_to_png(svg) != vl_convert.svg_to_png(svg.replace("TeX Gyre Heros", "TeX Gyre Heros Cn"))


def test_korean_names_are_those_that_the_raw_tables_print():
    import pandas as pd

    from korus.charts.mirror import CONCEPTS
    from korus.composition import INDUSTRIES, REGIONS

    rows = pd.read_csv(PROJECT / "data" / "raw" / "kexim" / "releases.csv", dtype=str, keep_default_na=False)
    printed = rows["note"].str.extract(r"label in source: ([^;]*)")[0].str.strip()
    for name, english in INDUSTRIES.items():
        assert set(rows.loc[printed == name, "industry"]) == {english}
    for name in REGIONS:
        assert (printed == name).any() and set(rows.loc[printed == name, "region"]) == {name}
    for concept, measure in (("eximbank", "invested"), ("eximbank_net", "net")):
        name = re.search(r"\((.*)\)", CONCEPTS[concept][0])[1]
        assert measure in set(rows.loc[printed == name, "measure"])
