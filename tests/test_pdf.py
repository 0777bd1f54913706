"""The PDF: what it takes from the pages, how it sets it, that it is accessible, and when it fails."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import yaml
from printed import Document, bare
from toy_book import ALT, toy_material

from korus import pdf, render, stage
from korus.paths import ROOT

PAGE = '<html><body><article class="bd-article"><section id="page"><h1>A page</h1>{}</section></article></body></html>'
SVG = ('<svg xmlns="http://www.w3.org/2000/svg" width="200" height="90"><rect width="50" height="50"/>'
       '<text x="5" y="80" font-family="Liberation Sans, Arial">Outflow {}</text></svg>')
FIGURE = ('<figure id="fig-a"><img alt="{}" src="_images/a.svg"/><figcaption><p><span class="caption-number">Figure 7 '
          '</span><span class="caption-text">A caption</span></p></figcaption></figure>')
MARGIN = 20
IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from toy_book import toy_material
from korus import pdf
pdf.build(toy_material(Path(sys.argv[2]) / "material"), Path(sys.argv[1]), Path(sys.argv[2]) / "korus.pdf")
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Path:
    """The toy book as pages (html) and as PDF (korus.pdf), built once."""
    folder = tmp_path_factory.mktemp("pdf")
    given = toy_material(folder / "material")
    stage.build(given, folder / "html")
    pdf.build(given, folder / "html", folder / "korus.pdf")
    return folder


@pytest.fixture(scope="module")
def document(toy) -> Document:
    """The PDF of the toy book."""
    return Document(toy / "korus.pdf")


@pytest.fixture
def printed(toy, tmp_path):
    """A function from the content of a page to the PDF of a report that has that page alone."""
    book, html = tmp_path / "book", tmp_path / "html"
    shutil.copytree(ROOT / "book" / "pdf", book / "pdf")
    (book / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "index", "parts": [
        {"caption": "A part", "chapters": [{"file": "page"}]}]}), encoding="utf-8")
    given = replace(toy_material(tmp_path / "material"), book=book)

    def build(content: str, drawing: str = SVG.format("A")) -> Document:
        (html / "_images").mkdir(parents=True, exist_ok=True)
        (html / "_images" / "a.svg").write_text(drawing, encoding="utf-8")
        (html / "index.html").write_text(PAGE.format("<p>First.</p>"), encoding="utf-8")
        (html / "page.html").write_text(PAGE.format(content), encoding="utf-8")
        pdf.build(given, html, tmp_path / "korus.pdf")
        return Document(tmp_path / "korus.pdf")

    return build


def dictionaries(found: Document) -> list[pikepdf.Dictionary]:
    """All objects of the PDF with named parts."""
    return [item for item in found.pdf.objects if isinstance(item, pikepdf.Dictionary)]


def texts(found: Document, *roles: str) -> list[str]:
    """The words of all elements of some roles."""
    return [tag.text() for tag in found.root.below(*roles)]


# ---- The whole -------------------------------------------------------------------------------------


def test_two_builds_at_different_places_and_in_different_surroundings_are_the_same_bytes(toy, tmp_path):
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "TZ": "Asia/Seoul", "LC_ALL": "C", "PYTHONHASHSEED": "7",
                                 "SOURCE_DATE_EPOCH": "1000000000", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS, str(toy / "html"), str(tmp_path), str(ROOT / "tests")],
                   env=surroundings, check=True, capture_output=True)
    assert (tmp_path / "korus.pdf").read_bytes() == (toy / "korus.pdf").read_bytes()


def test_it_names_neither_the_folder_nor_the_day_of_its_build(toy):
    with pikepdf.open(toy / "korus.pdf") as found:
        text = found.Root.Metadata.read_bytes().decode()
        assert set(re.findall(r"20\d\d-\d\d-\d\d", text)) == {"2026-11-22"}
        streams = b"".join(bytes(item.read_bytes()) for item in found.objects if isinstance(item, pikepdf.Stream))
    assert str(toy).encode() not in streams + (toy / "korus.pdf").read_bytes()


def test_the_title_page_says_what_the_report_is_and_what_it_was_made_from(document):
    words = document.drawn[0].get_textpage().get_text_bounded()
    title = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    for text in (title, "0123abc", "baseline", "22 November 2026", "Working version", "The korus authors"):
        assert bare(text) in bare(words)


def test_a_variant_says_so_on_its_title_page(tmp_path):
    given = replace(toy_material(tmp_path), profile="kiep-2025-09", as_of="2025-09-26")
    facts = dict(pdf.about(given)["facts"])
    assert facts["Profile"] == "kiep-2025-09, a variant of the report"
    assert facts["Figures published by"] == "26 September 2025"


def test_contents_bookmarks_and_headings_follow_the_table_of_contents(document):
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    parts = [part["caption"] for part in toc["parts"]]
    marks = [mark.get_title() for mark in document.drawn.get_toc() if mark.level == 0]
    assert [mark for mark in marks if mark in parts] == parts
    assert texts(document, "H1")[1:] == list(map(bare, parts))
    chapters = texts(document, "H2")
    assert len(chapters) == 1 + sum(len(part["chapters"]) for part in toc["parts"])
    assert len(texts(document, "TOCI")) == len(parts + chapters)


def test_running_heads_show_the_report_on_the_left_and_the_chapter_on_the_right(document):
    heads = {}
    for number, page in enumerate(document.drawn, start=1):
        heads[number] = page.get_textpage().get_text_bounded(bottom=page.get_height() - 60)
    named = {number: text for number, text in heads.items() if text}
    assert {number % 2 for number in named} == {0, 1}
    assert all(bare(text).startswith("KoreaandtheUnitedStates") for number, text in named.items() if number % 2 == 0)
    chapters = set(texts(document, "H2"))
    assert all(bare(text) in chapters for number, text in named.items() if number % 2)


# ---- Accessible ------------------------------------------------------------------------------------


def test_it_declares_and_keeps_what_a_screen_reader_needs(toy, document):
    root = document.pdf.Root
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root.Metadata.read_bytes()
    assert root.MarkInfo.Marked and not root.MarkInfo.get("/Suspects", False)
    assert root.ViewerPreferences.DisplayDocTitle and str(root.Lang).startswith("en")
    assert b"<dc:title>" in root.Metadata.read_bytes()
    assert all(page.get("/Tabs") == "/S" for page in document.pdf.pages if "/Annots" in page)
    notes = [note for page in document.pdf.pages for note in page.get("/Annots", [])]
    assert notes and all("/StructParent" in note and "/Contents" in note for note in notes)


def test_every_picture_has_its_alternative_text_and_every_table_a_head(document):
    figures = document.root.below("Figure")
    assert len(figures) > 20 and all(len(tag.alt.split()) > 2 for tag in figures)
    assert ALT in {tag.alt for tag in figures}
    assert all(tag.below("THead") and tag.below("TH") for tag in document.root.below("Table"))


def test_every_font_is_embedded_and_comes_from_a_package(document):
    fonts = [item for item in dictionaries(document) if "/FontDescriptor" in item]
    names = {str(font.BaseFont).partition("+")[2] for font in fonts}
    assert all({"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()) for font in fonts)
    assert all(re.match(r"TeXGyre(Pagella|Heros)|NotoSansCJK|DejaVuSansMono|NewCMMath", name) for name in names)


def test_a_picture_without_alternative_text_is_refused(printed):
    with pytest.raises(render.BookFailed, match="alt"):
        printed(FIGURE.format(""))


def test_a_character_that_no_font_has_is_refused(printed):
    with pytest.raises(render.BookFailed, match="could not be displayed"):
        printed("<p>What \N{ETHIOPIC SYLLABLE HA} says.</p>")
    with pytest.raises(render.BookFailed, match="could not be displayed"):
        printed(FIGURE.format("A box of one colour"), SVG.format("\N{ETHIOPIC SYLLABLE HA}"))


# ---- What becomes of a page ------------------------------------------------------------------------


def test_a_figure_keeps_the_number_of_the_page_and_is_drawn_as_lines_with_text(printed):
    found = printed(FIGURE.format("A box of one colour"))
    assert texts(found, "Caption") == ["Figure7.Acaption"]
    assert [tag.alt for tag in found.root.below("Figure")] == ["A box of one colour"]
    assert "OutflowA" in bare(found.words())
    assert not [item for item in found.pdf.objects
                if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"]
    assert any("TeXGyreHeros" in str(item.get("/BaseFont")) for item in dictionaries(found))


def test_charts_are_printed_in_their_light_colours_and_with_hangul(printed):
    dark = "<style>@media (prefers-color-scheme: dark){[width='50']{fill:red}}</style><rect"
    drawing = SVG.format("투자금액").replace("<rect", dark)
    found = printed(FIGURE.format("A box of one colour"), drawing)
    colours = {colour for page in found.drawn for _, colour in page.render(scale=0.5).to_pil().getcolors(1 << 16)}
    assert not [colour for colour in colours if colour[0] > 200 and max(colour[1:3]) < 80]
    assert "투자금액" in bare(found.words())


def test_what_only_a_screen_can_use_is_left_out(printed):
    found = printed(
        '<details class="admonition hide above-input"><summary>Show the code</summary><pre>draw()</pre></details>'
        '<details class="korus-files"><summary>Download</summary><a href="files/a.csv">CSV</a></details>'
        '<fieldset><legend>Verdict</legend><input type="radio"/></fieldset><style>p {}</style>'
        '<details><summary>The lines</summary><p>Method kept</p></details><p>See <a href="files/b.csv">b.csv</a>.</p>')
    words = bare(found.words())
    assert "Methodkept" in words and "Seeb.csv." in words
    assert not re.search("Showthecode|draw|Download|CSV|Verdict|Thelines", words)


def test_links_lead_inside_the_document_and_out_of_it(printed):
    found = printed('<p><a href="index.html">Back</a> and <a href="https://example.org/a">out</a>.</p>'
                    '<p id="here">Words. <a href="#here">Up</a></p>')
    notes = [note for page in found.pdf.pages for note in page.get("/Annots", [])]
    assert "https://example.org/a" in {str(note.A.URI) for note in notes if "/A" in note}
    assert {"Back", "out", "Up"} <= set(texts(found, "Link"))


def test_a_link_to_what_is_not_printed_stops_with_page_and_address(printed):
    with pytest.raises(render.BookFailed, match=r"page: a link leads to #nowhere"):
        printed('<p><a href="#nowhere">Lost</a></p>')


def test_a_formula_is_set_and_keeps_its_words(printed):
    found = printed('<p>So <math alttext="the share s times p, to the power 2"><mrow><mi>s</mi><msup><mi>p</mi>'
                    '<mn>2</mn></msup></mrow></math> is it.</p><p><math display="block" alttext="a fraction with one over n">'
                    "<mfrac><mn>1</mn><mi>n</mi></mfrac></math></p>")
    assert [tag.alt for tag in found.root.below("Formula")] == [
        "the share s times p, to the power 2", "a fraction with one over n"]


def test_an_admonition_a_definition_and_a_footnote_are_what_they_are(printed):
    found = printed(
        '<div class="warning admonition"><p class="admonition-title">Not said</p><p>Why.</p></div>'
        '<dl class="simple glossary"><dt id="term-a">first</dt><dt>second</dt><dd><p>A meaning.</p></dd></dl>'
        '<p>A claim<a class="footnote-reference" href="#f1" id="r1" role="doc-noteref">1</a>.</p>'
        '<aside class="footnote" id="f1" role="doc-footnote"><span class="label"><a href="#r1">1</a></span>'
        "<p>Its ground.</p></aside>")
    assert "NotsaidWhy." in bare(found.words())
    assert "first,second" in "".join(texts(found, "Lbl")) and "Ameaning." in "".join(texts(found, "LBody"))
    assert ["Itsground." in text for text in texts(found, "Note", "FENote")] == [True]


def test_hangul_is_marked_as_korean_and_set_from_the_package(printed):
    found = printed("<p>The amount invested (투자금액) rose.</p>")
    assert any(b"/Lang(ko-KR)" in page.Contents.read_bytes() for page in found.pdf.pages)
    assert "투자금액" in bare(found.words())


# ---- Tables ----------------------------------------------------------------------------------------


def table(columns: int, rows: int, cell: str) -> str:
    """A table with a head, `rows` rows of `cell`, and a caption."""
    head = "".join(f'<th scope="col">head{column}</th>' for column in range(columns))
    body = "".join("<tr>" + f"<td>{cell}</td>" * columns + "</tr>" for _ in range(rows))
    return (f'<table class="korus"><caption>A table</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>")


def outside(found: Document) -> list[str]:
    """Texts that leave the page, or the margin at its sides."""
    lost = []
    for page in found.drawn:
        wide = page.get_width()
        for piece in page.get_objects(max_depth=1):
            left, bottom, right, top = piece.get_bounds()
            if left < MARGIN or right > wide - MARGIN or bottom < 0 or top > page.get_height():
                lost.append(f"{left:.0f} to {right:.0f} of {wide:.0f}")
    return lost


@pytest.mark.parametrize(("columns", "cell"), [
    (3, "a few words"), (9, "several words that need room"), (16, "12,345.6"),
    (4, "data/processed/results/values_" * 4), (2, "word " * 300)])
def test_no_table_leaves_its_page(printed, columns, cell):
    found = printed(table(columns, 30, cell))
    assert outside(found) == []
    assert len(found.root.below("TR")) == 31 and len(found.root.below("TH")) == columns


def test_a_long_table_repeats_its_head_on_every_page_and_is_read_once(printed):
    found = printed(table(3, 150, "cell"))
    pages = [page.get_textpage().get_text_bounded() for page in found.drawn]
    with_cells = [text for text in pages if "cell" in text]
    assert len(with_cells) > 2 and all("head0" in text for text in with_cells)
    assert texts(found, "TH") == ["head0", "head1", "head2"]


def test_only_a_long_table_of_many_columns_turns_its_page(printed):
    def sideways(found):
        return [page for page in found.drawn if page.get_width() > page.get_height()]

    assert sideways(printed(table(17, 40, "12,345.6")))
    assert not sideways(printed(table(5, 40, "12,345.6")))
    assert not sideways(printed(table(12, 5, "12,345.6")))


def test_numbers_stand_right_in_their_column(printed):
    found = printed('<table class="korus"><thead><tr><th class="number">x</th></tr></thead><tbody>'
                    '<tr><td class="number">8</td></tr><tr><td class="number">7,000,000</td></tr></tbody></table>')
    ends = set()
    for page in found.drawn:
        shown = page.get_textpage()
        for word in ("8", "7,000,000"):
            finder = shown.search(word, match_whole_word=True)
            while place := finder.get_next():
                if shown.get_text_range(*place) == word:
                    ends.add(round(shown.get_charbox(place[0] + place[1] - 1)[2]))
    assert texts(found, "TD") == ["8", "7,000,000"]
    assert len(ends) == 1, ends


# ---- Failure ---------------------------------------------------------------------------------------


def test_a_failure_keeps_the_previous_pdf_and_leaves_nothing_behind(printed, tmp_path):
    printed("<p>Good.</p>")
    before = (tmp_path / "korus.pdf").read_bytes()
    with pytest.raises(render.BookFailed):
        printed('<p><a href="#nowhere">Lost</a></p>')
    assert (tmp_path / "korus.pdf").read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.endswith("-rendering")]


def test_pages_that_are_missing_are_named_with_the_remedy(toy, tmp_path):
    with pytest.raises(render.BookFailed, match=r"90_summary\.html.*make html"):
        pdf.build(toy_material(tmp_path / "material"), tmp_path / "html", tmp_path / "korus.pdf")


def test_a_missing_font_package_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(pdf, "FONTS", ("rinoh_typeface_nothing",))
    with pytest.raises(render.BookFailed, match="rinoh_typeface_nothing is not installed.*make"):
        pdf.fonts()


def test_pieces_for_pandoc_are_whole_blocks_in_order():
    blocks = ["a" * 10, "b" * 30, "c" * 5, "d" * 40]
    pieces = pdf.in_pieces(blocks, 2)
    assert "\n".join(pieces).split("\n") == blocks and len(pieces) == 2 and all(pieces)
    assert pdf.in_pieces([], 2) == ["", ""]
