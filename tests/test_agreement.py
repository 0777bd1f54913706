"""The pages and the PDF of the report print the same values, figures and tables in the same order."""

import re
import shutil
from itertools import zip_longest
from pathlib import Path

import pypdfium2
import pytest
from printed import Document, Item, bare, entries, in_pages, pages

from korus.paths import build_dir

HTML, PDF = build_dir("baseline") / "html", build_dir("baseline") / "korus.pdf"
# What shows that something was left as code or leads nowhere.
LEFTOVERS = ("alt.Chart(", "??", "{value}", "{holds}", "{numref}", "#value-", "```", "<a ", "</", "#link(", "Traceback",
             "not held by this build", "\ufffd")
# Share of a figure's box that is ink, at least.
INK = 0.002

pytestmark = pytest.mark.skipif(not (HTML.exists() and PDF.exists()), reason="the report is not built: run `make`")


@pytest.fixture(scope="module")
def shown() -> list[Item]:
    """What the pages show."""
    return in_pages(HTML)


@pytest.fixture(scope="module")
def document() -> Document:
    """The PDF."""
    return Document(PDF)


@pytest.fixture(scope="module")
def printed(document) -> list[Item]:
    """What the PDF shows."""
    return document.items()


def differences(shown: list[Item], printed: list[Item]) -> list[str]:
    """The first places where pages and PDF differ, in words."""
    return [f"{number}: the pages show {page}, the PDF {paper}"
            for number, (page, paper) in enumerate(zip_longest(shown, printed)) if page != paper][:5]


def test_pages_and_pdf_show_the_same_values_figures_and_tables_in_the_same_order(shown, printed):
    assert differences(shown, printed) == []
    kinds = [item.kind for item in shown]
    assert kinds.count("value") > 500 and kinds.count("figure") > 40 and kinds.count("table") > 100


def test_figures_and_tables_are_numbered_once_and_in_order(printed):
    for kind in ("Figure", "Table"):
        captions = [item.words if item.kind == "figure" else item.name for item in printed if item.kind == kind.lower()]
        numbers = [int(found[1]) for words in captions if (found := re.match(rf"{kind}(\d+)", words))]
        assert numbers == list(range(1, len(numbers) + 1)) and numbers
        assert not [words for words in captions if re.match(rf"{kind}\d+\D{{0,2}}(?:Fig|{kind})", words)]


def test_every_printed_value_has_one_entry_that_says_the_same(document, shown):
    found = document.entries().values()
    assert dict(found) == entries(HTML)
    assert len(found) == len(dict(found))
    assert {item.name for item in shown if item.kind == "value"} <= set(dict(found))


def test_nothing_is_left_as_code_and_no_reference_leads_nowhere(document):
    words = document.words()
    assert {text for text in LEFTOVERS if text in words} == set()


def test_no_figure_is_an_empty_box(document):
    drawn, pages_of = pypdfium2.PdfDocument(PDF), {}
    figures = document.root.below("Figure")
    assert figures
    for figure in figures:
        number, (left, bottom, right, top) = figure.box
        if number not in pages_of:
            pages_of[number] = drawn[number].render(scale=1, grayscale=True).to_pil()
        height = pages_of[number].height
        box = pages_of[number].crop((int(left), int(height - top), int(right), int(height - bottom)))
        assert sum(box.histogram()[:160]) > INK * box.width * box.height, figure.alt


# ---- The test can fail -----------------------------------------------------------------------------


def doctored(tmp_path: Path, change) -> list[Item]:
    """What the pages show after `change` (a text to a text) of the first page that it changes."""
    for path in pages(HTML):
        target = tmp_path / path.relative_to(HTML)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    for path in pages(tmp_path):
        text = path.read_text(encoding="utf-8")
        if change(text) != text:
            path.write_text(change(text), encoding="utf-8")
            return in_pages(tmp_path)
    raise AssertionError("nothing was changed")


def other_number(text: str) -> str:
    return re.sub(r'(#value-[^"]+">[^<]*?)(\d)(?=[^<]*</a>)', lambda m: f"{m[1]}{(int(m[2]) + 1) % 10}", text, count=1)


def other_value(text: str) -> str:
    return re.sub(r'(#value-)([^"]+)">', r'\1\2.other">', text, count=1)


def without_a_figure(text: str) -> str:
    return re.sub(r"<figure\b.*?</figure>", "", text, count=1, flags=re.S)


def other_cell(text: str) -> str:
    return re.sub(r'(<td class="number">)(\d)', lambda m: f"{m[1]}{(int(m[2]) + 1) % 10}", text, count=1)


@pytest.mark.parametrize("change", [other_number, other_value, without_a_figure, other_cell])
def test_a_doctored_page_no_longer_agrees(printed, tmp_path, change):
    assert differences(doctored(tmp_path, change), printed)


def test_two_figures_in_another_order_no_longer_agree(shown, printed):
    places = [number for number, item in enumerate(shown) if item.kind == "figure"][:2]
    swapped = list(shown)
    swapped[places[0]], swapped[places[1]] = shown[places[1]], shown[places[0]]
    assert len(differences(swapped, printed)) == 2


def test_words_are_compared_without_what_setting_does_to_them():
    assert bare("a\u00adb\u200b c −1 “x”") == 'abc-1"x"'
    assert bare("1.5") != bare("15")
