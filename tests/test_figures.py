"""A chart is published as picture, specification, data and caption, the same bytes every time."""

import struct

import altair as alt
import pandas as pd
import pytest

from korus import figures
from korus.chart_theme import NoDarkColour

DATA = pd.DataFrame({"year": [2024, 2025], "share": [1.0, 2.0]})


def bars(data: pd.DataFrame) -> alt.Chart:
    return alt.Chart(data).mark_bar().encode(x="year:O", y="share:Q").properties(
        width=100, height=50, title="Which? (비중)")


def published(folder, monkeypatch, draw=bars, data=DATA) -> dict[str, bytes]:
    """Bytes of the files of a figure, by ending."""
    monkeypatch.setenv("KORUS_OUTPUT", str(folder))
    figures.publish(draw, "a-chart", data, caption="A chart. Source: none.", alt_text="Two bars.")
    return {path.name.partition(".")[2]: path.read_bytes() for path in (folder / "results" / "figures").iterdir()}


def test_a_figure_is_five_files_and_the_same_ones_again(tmp_path, monkeypatch):
    first = published(tmp_path / "one", monkeypatch)
    assert set(first) == {"svg", "png", "vl.json", "csv", "md"}
    assert published(tmp_path / "two", monkeypatch) == first


def test_the_png_has_twice_the_pixels_of_the_svg(tmp_path, monkeypatch):
    files = published(tmp_path / "one", monkeypatch)
    width, height = struct.unpack(">II", files["png"][16:24])
    assert f'width="{width // 2}" height="{height // 2}"'.encode() in files["svg"]


def test_korean_is_drawn_in_picture_and_kept_as_words_in_the_specification(tmp_path, monkeypatch):
    files = published(tmp_path / "one", monkeypatch)
    assert 'aria-label="(비중)"' in files["svg"].decode() and "비중" in files["vl.json"].decode()


def test_a_chart_with_a_colour_that_dark_pages_lack_is_refused(tmp_path, monkeypatch):
    with pytest.raises(NoDarkColour, match="pink"):
        published(tmp_path / "one", monkeypatch, lambda data: bars(data).configure_mark(color="pink"))


def test_a_chart_without_rows_says_that_nothing_is_held(tmp_path, monkeypatch):
    files = published(tmp_path / "one", monkeypatch, data=DATA.iloc[:0])
    assert "is held" in files["svg"].decode() and "is held" in files["md"].decode()


def test_a_figure_without_words_or_with_a_bad_name_is_refused():
    with pytest.raises(ValueError, match="alternative text is missing"):
        figures.publish(bars, "a-chart", DATA, caption="A chart.", alt_text=" ")
    with pytest.raises(ValueError, match="lower case letters"):
        figures.publish(bars, "A chart", DATA, caption="A chart.", alt_text="Bars.")
