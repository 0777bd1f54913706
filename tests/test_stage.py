"""The book: what is staged, what is written from data, when it fails, and that nothing half-done shows."""

import ast
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from toy_book import CORRECTIONS, SOURCES, toy_material

from korus import pages, raw, render, stage
from korus.paths import ROOT

ELSEWHERE = {"TZ": "Asia/Seoul", "LANG": "de_DE.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "7",
             "SOURCE_DATE_EPOCH": "1000000000"}
IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from toy_book import toy_material
from korus import stage
folder = Path(sys.argv[1])
signals = __import__("signal")
signals.signal(signals.SIGTERM, stage.interrupt)
# A shell that starts the tests in the background has interrupts ignored.
signals.signal(signals.SIGINT, signals.default_int_handler)
stage.build(toy_material(folder / "material"), folder / "html")
"""


def in_another_process(folder: Path, **environment) -> subprocess.Popen:
    """Build the toy book below `folder` in a process of its own."""
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(folder), str(Path(__file__).parent)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def files_of(folder: Path) -> dict[str, bytes]:
    """Content of every file below a folder, by path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> Path:
    """The toy book, built once."""
    folder = tmp_path_factory.mktemp("book")
    stage.build(toy_material(folder / "material"), folder / "html")
    return folder / "html"


def page(html: Path, name: str) -> str:
    """The source of a page."""
    return (html / f"{name}.html").read_text(encoding="utf-8")


def own_book(tmp_path: Path) -> Path:
    """A copy of the project's book/ without executed notebooks, for breaking things in."""
    book = tmp_path / "book"
    shutil.copytree(ROOT / "book", book, ignore=shutil.ignore_patterns("chapters"))
    return book


# ---- What is built -----------------------------------------------------------------------------


def test_two_builds_at_different_places_and_in_different_surroundings_are_the_same_bytes(html, tmp_path):
    folder = tmp_path / "somewhere" / "deeper"
    folder.mkdir(parents=True)
    assert in_another_process(folder, **ELSEWHERE).wait() == 0
    first, second = files_of(html), files_of(folder / "html")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_nothing_that_is_built_names_the_folder_it_was_built_in(html):
    traces = (str(html.parent).encode(), b".html-rendering")
    assert [n for n, content in files_of(html).items() if any(t in content for t in traces)] == []


def test_only_pages_and_what_they_show_are_left(html):
    left = files_of(html)
    assert not [name for name in left if name.endswith((".doctree", ".pickle", ".buildinfo"))]
    assert [path.name for path in html.parent.iterdir() if path.name.endswith("-rendering")] == []


def test_the_address_of_the_book_leads_to_its_first_page(html):
    assert 'content="0; url=chapters/90_summary.html"' in page(html, "index")
    assert (html / "chapters" / "90_summary.html").exists()


def test_a_figure_has_its_number_its_alternative_text_and_its_files(html):
    text = page(html, "chapters/90_summary")
    assert '<span class="caption-number">Figure 1 </span>' in text
    assert "alt=\"Bars: ten # of &quot;a&quot;, 'b', [c], &lt;d&gt; &amp; {e} \\f; 한국 $1\"" in text
    assert 'src="../files/figures/figure-0.svg"' in text
    assert re.search(r'href="#fig-figure-0"><span class="std std-numref">Figure 1</span>', text)
    for ending, content in ((".csv", b"year\n0\n"), (".vl.json", b'{"description": "Bars for two years", "n": 0}\n')):
        link = re.search(rf'href="\.\./(files/figures/figure-0{re.escape(ending)})" download>', text)
        assert (html / link[1]).read_bytes() == content


def test_no_picture_is_kept_twice_and_nothing_lies_at_an_address_that_changes(html):
    assert not [name for name in files_of(html) if name.startswith(("_images", "_downloads", "_sources"))]


def test_a_chapter_leads_to_its_notebook_its_values_and_where_they_come_from(html):
    text = page(html, "chapters/31_tariffs")
    line = text[text.index('<nav class="korus-files korus-chapter"'):].partition("</nav>")[0]
    for address in ("files/notebooks/31_tariffs.ipynb", "files/values/31_tariffs.csv", "provenance/31_tariffs.html",
                    "files/korus-data.zip"):
        assert f'href="../{address}"' in line and (html / address).is_file()


def test_a_chapter_without_values_names_none(html):
    assert "files/values/" not in page(html, "chapters/51_commentary")


def test_dollar_amounts_are_text_and_not_formulas(html):
    text = page(html, "chapters/90_summary")
    assert "From $3 to $4" in text
    assert "$29.8 billion and $3 billion" in text
    assert "mathjax" not in text.lower()


def test_code_is_hidden_behind_plain_words(html):
    text = page(html, "chapters/90_summary")
    assert text.count("Show the code") == 2
    assert "code cell" not in text


def test_the_foot_of_every_page_says_what_it_was_built_from(html):
    for path in html.rglob("*.html"):
        if path.name != "index.html" and "_static" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "<code>0123abc</code>" in text and "published by 2026-11-22" in text, path
            assert "© Copyright 2026." in text, path


def test_a_variant_says_on_every_page_that_it_is_one(tmp_path):
    given = toy_material(tmp_path)
    theme = stage.settings(replace(given, profile="kiep-2025-09", as_of="2025-09-26"))
    theme = theme["sphinx"]["config"]["html_theme_options"]
    assert "kiep-2025-09" in theme["announcement"] and "2025-09-26" in theme["announcement"]
    assert "announcement" not in stage.settings(given)["sphinx"]["config"]["html_theme_options"]


def test_the_copyright_runs_from_the_first_year_to_that_of_the_report(tmp_path):
    given = toy_material(tmp_path)
    assert stage.settings(given)["copyright"] == "2026"
    assert stage.settings(replace(given, year=2028))["copyright"] == "2026–2028"


# ---- Pages written from data -------------------------------------------------------------------


def test_texts_of_sources_are_shown_as_they_are_and_their_addresses_are_links(html):
    text = page(html, "sources")
    assert "Release of *2020* [a] &lt;b&gt; $5 | `c`" in text
    assert 'href="https://example.org/a_b_c"' in text
    assert re.search(r"</a> ; read at <a .*?>https://example.org/d</a> \(page 2\)", text)
    assert "address not recorded" in text


def test_every_source_has_an_anchor_a_tier_and_a_day(html):
    text = page(html, "sources")
    for identifier in ("bea-release-2020", "bea-nowhere-2021", "kexim-moef-2025-09-19"):
        assert f'id="source-{identifier}"' in text
    assert "2020-07-01; BEA release text; tier 2; read 2026-11-22." in text
    assert "odd kind; tier –; read 2026-11-22; commit" in text


def test_the_page_on_rights_counts_rows_and_bytes_and_gives_rights(html):
    text = page(html, "data")
    assert f"{SOURCES.count(chr(10)) - 1} rows" in text
    assert f"{len(CORRECTIONS.encode()):,} bytes" in text
    assert "none is stated" in text
    assert 'id="data-kexim-releases"' in text


def test_a_raw_table_that_was_changed_stops_the_page_on_rights(tmp_path):
    given = toy_material(tmp_path)
    path = given.raw / "kexim" / "releases.csv"
    path.write_text(path.read_text(encoding="utf-8") + "2022,3,x\n", encoding="utf-8")
    with pytest.raises(raw.RawDataError, match="kexim/releases"):
        pages.data_page(given.raw)


def test_the_corrections_page_shows_each_entry_of_the_ledger(html):
    text = page(html, "corrections")
    assert 'id="correction-swapped"' in text
    assert "Two rows * swapped" in text and "They sum to [twice]" in text
    assert "the rows are left out" in text


def test_the_status_page_shows_parameters_and_hashes_and_no_time(html):
    text = page(html, "status")
    assert "JPN, CHN" in text and "cdcdcdcdcdcd…" in text
    assert not re.search(r"\d\d:\d\d", re.sub(r"<[^>]*>", "", text))


# ---- When it fails -----------------------------------------------------------------------------


def test_a_warning_fails_the_book_names_page_and_line_and_keeps_the_previous_one(tmp_path):
    book = own_book(tmp_path)
    given = toy_material(tmp_path / "material", book)
    page = book / "how-to-read.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    page.write_text("\n".join([*lines, "", "See [](#nowhere)."]), encoding="utf-8")
    chapter = given.chapters / "31_tariffs.ipynb"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace("From $3 to $4, see", "From {nosuchrole}`a`, see"), encoding="utf-8")
    place = tmp_path / "html"
    place.mkdir()
    (place / "index.html").write_text("the previous book", encoding="utf-8")
    with pytest.raises(render.BookFailed) as failure:
        stage.build(given, place)
    said = str(failure.value)
    assert f"how-to-read.md:{len(lines) + 2}: WARNING" in said
    assert re.search(r"^chapters/31_tariffs\.ipynb, cell 1, line 3: .*nosuchrole", said, flags=re.M)
    assert str(tmp_path) not in said and "\x1b" not in said
    assert files_of(place) == {"index.html": b"the previous book"}
    assert not (tmp_path / ".html-rendering").exists()


def test_a_missing_chapter_stops_with_its_name(tmp_path):
    given = toy_material(tmp_path)
    (given.chapters / "35_markets.ipynb").unlink()
    with pytest.raises(render.BookFailed, match="35_markets .*not executed"):
        stage.stage(given, tmp_path / "source")


def test_a_notebook_that_failed_is_never_staged(tmp_path):
    given = toy_material(tmp_path)
    good = given.chapters / "35_markets.ipynb"
    shutil.copy(good, given.chapters / "35_markets.failed.ipynb")
    stage.stage(given, tmp_path / "source")
    assert not list((tmp_path / "source").rglob("*failed*"))


def test_a_chapter_outside_the_table_of_contents_is_not_staged(tmp_path):
    given = toy_material(tmp_path)
    shutil.copy(given.chapters / "35_markets.ipynb", given.chapters / "99_draft.ipynb")
    stage.stage(given, tmp_path / "source")
    assert not list((tmp_path / "source").rglob("99_draft*"))


def test_a_page_of_the_contents_that_nobody_writes_is_named(tmp_path):
    book = own_book(tmp_path)
    (book / "how-to-read.md").unlink()
    given = toy_material(tmp_path / "material", book)
    with pytest.raises(render.BookFailed, match="book/how-to-read.md"):
        stage.stage(given, tmp_path / "source")


@pytest.mark.parametrize("missing", ["values.csv", "claims.csv", "runs/31_tariffs.json"])
def test_a_missing_result_is_named_with_the_command_that_makes_it(tmp_path, missing):
    given = toy_material(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(render.BookFailed, match=f"{re.escape(missing)}.*make"):
        stage.stage(given, tmp_path / "source")


def test_a_column_of_the_zip_that_nobody_described_stops_the_book(tmp_path):
    given = toy_material(tmp_path)
    (given.figures / "figure-3.csv").write_text("year,zzz\n1,2\n", encoding="utf-8")
    with pytest.raises(render.BookFailed, match="(?s)book/data-dictionary.csv .*figures/figure-3.csv: zzz"):
        stage.stage(given, tmp_path / "source")


# ---- Interrupted -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_leaves_the_previous_book_and_nothing_for_ever(tmp_path, how):
    place = tmp_path / "html"
    place.mkdir()
    (place / "index.html").write_text("the previous book", encoding="utf-8")
    process = in_another_process(tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / ".html-rendering" / "source" / "_config.yml").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(how)
    assert process.wait() != 0
    assert files_of(place) == {"index.html": b"the previous book"}
    with stage.workshop(place) as (folder, _):
        assert list(folder.iterdir()) == []
    assert not (tmp_path / ".html-rendering").exists()


def test_a_build_killed_between_the_two_renames_gives_the_previous_book_back(tmp_path):
    place = tmp_path / "html"
    previous = tmp_path / ".html-rendering" / "previous"
    previous.mkdir(parents=True)
    (previous / "index.html").write_text("the previous book", encoding="utf-8")
    with stage.workshop(place):
        assert files_of(place) == {"index.html": b"the previous book"}


def test_a_second_build_waits_for_the_first(tmp_path, capsys):
    code = ("import sys\nfrom pathlib import Path\nfrom korus import stage\n"
            "with stage.workshop(Path(sys.argv[1])): print('inside')\n")
    with stage.workshop(tmp_path / "html") as (folder, _):
        second = subprocess.Popen([sys.executable, "-u", "-c", code, str(tmp_path / "html")],
                                  stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert "waiting for it to end" in second.stdout.readline()
        assert folder.exists()
    assert second.communicate()[0] == "inside\n"


# ---- The project's own pages -------------------------------------------------------------------


def names_in(path: Path) -> set[str]:
    """Functions, classes and constants a module defines at its top."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def assumptions() -> list[dict]:
    """The register of assumptions."""
    with (ROOT / "book" / "assumptions.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_assumptions_are_numbered_without_gaps_and_complete():
    rows = assumptions()
    assert [row["number"] for row in rows] == [f"A{i}" for i in range(1, len(rows) + 1)]
    assert all(row[column].strip() for row in rows for column in ("assumption", "why", "where"))


@pytest.mark.parametrize("row", assumptions(), ids=lambda row: row["number"])
def test_an_assumption_stands_where_the_register_says(row):
    words = re.findall(r"`([^`]+)`", row["where"])
    assert words and words[0].endswith(".py")
    path = None
    for word in words:
        if word.endswith(".py"):
            path = ROOT / word
            assert path.is_file(), f"{row['number']}: there is no {word}"
        else:
            assert word in names_in(path), f"{row['number']}: no {word} in {path.relative_to(ROOT)}"


def test_every_notebook_is_in_the_table_of_contents_and_the_reverse():
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
    listed = {Path(n).name for n in render.pages_of(toc) if n.startswith("chapters/")}
    assert listed == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_pages_written_by_hand_state_no_results():
    for path in (ROOT / "book").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"\$\s?\d[\d.,]*|\d[\d.,]*\s?(?:%|per cent|billion|million|trillion)", text)
        assert found == [], f"{path.name}: {found} belongs in a chapter, computed"


def test_the_pages_are_never_executed():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["execute"]["execute_notebooks"] == "off"
