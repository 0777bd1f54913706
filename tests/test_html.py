"""The built report as a reader meets it: offline, every link leads somewhere, every picture has words."""

import base64
import csv
import hashlib
import re
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from korus.paths import ROOT, build_dir, processed_dir

HTML = build_dir("baseline") / "html"
PROCESSED = processed_dir("baseline")
PAGES = sorted(HTML.rglob("*.html"))
PAGES = [path for path in PAGES if "_static" not in path.relative_to(HTML).parts]
# Attributes that make a browser fetch something; a plain link out is the reader's own choice.
FETCHED = {("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("link", "href"),
           ("object", "data"), ("embed", "src"), ("video", "src"), ("audio", "src"), ("img", "srcset")}

pytestmark = pytest.mark.skipif(not PAGES, reason="the report is not built: run `make`")


class Page(HTMLParser):
    """What the tests look at: fetched addresses, links, anchors, pictures, headings, plain text."""

    def __init__(self, text: str):
        super().__init__()
        self.fetched, self.links, self.anchors, self.pictures = [], [], set(), []
        self.language, self.headings, self.words, self._skipped = "", 0, [], 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.fetched += [v for k, v in attributes if (tag, k) in FETCHED and v]
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get("id"):
            self.anchors.add(given["id"])
        if tag == "img":
            self.pictures.append(given)
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "h1":
            self.headings += 1
        if tag in ("script", "style"):
            self._skipped += 1

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._skipped -= 1

    def handle_data(self, data):
        if not self._skipped:
            self.words.append(data)


@lru_cache(maxsize=None)
def parsed(path: Path) -> Page:
    """A page, parsed once."""
    return Page(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """A page as test reports name it."""
    return path.relative_to(HTML).as_posix()


def foreign(address: str) -> bool:
    """Whether an address leads to another host."""
    return bool(re.match(r"\s*(https?:)?//", address))


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_a_page_requests_nothing_from_another_host(path):
    assert [address for address in parsed(path).fetched if foreign(address)] == []
    text = path.read_text(encoding="utf-8")
    for script in re.findall(r"<script[^>]*>(.*?)</script>", text, flags=re.S):
        assert not re.search(r"https?://", script), script[:200]


def test_no_style_sheet_requests_anything_from_another_host():
    for path in HTML.rglob("*.css"):
        text = path.read_text(encoding="utf-8", errors="replace")
        found = re.findall(r"(?:@import\s*|url\()\s*[\"']?((?:https?:)?//[^\"')]+)", text)
        assert found == [], shown(path)


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_every_link_inside_the_report_leads_somewhere(path):
    dead = []
    for address in parsed(path).links + parsed(path).fetched:
        parts = urlsplit(address)
        if parts.scheme or address.startswith("//") or address in ("#", ""):
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            dead.append(address)
        elif parts.fragment and target.suffix == ".html":
            if unquote(parts.fragment) not in parsed(target).anchors:
                dead.append(address)
    assert dead == []


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_every_picture_has_alternative_text(path):
    assert [p.get("src") for p in parsed(path).pictures if len(p.get("alt", "").split()) < 3] == []


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_a_page_states_its_language_and_has_a_title(path):
    assert parsed(path).language == "en"
    title = re.search(r"<title>(.*?)</title>", path.read_text(encoding="utf-8"), flags=re.S)
    assert title and title[1].strip() not in ("", "<no title>")


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_a_page_shows_no_trace_of_the_machine_it_was_built_on(path):
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    words = " ".join(parsed(path).words)
    assert not re.search(r"Traceback \(most|object at 0x|ipykernel_\d|<IPython", words)


def test_markup_is_never_left_as_text():
    for path in PAGES:
        if path.parent.name == "chapters" or path.stem in ("data", "sources", "corrections", "status"):
            text = re.sub(r"<(pre|code)\b.*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.S)
            words = " ".join(Page(text).words)
            assert not re.search(r"\]\((?:/|http)|```|\{(?:figure|numref|ref|doc)\}", words), shown(path)


def test_tables_scroll_inside_a_box_of_their_own():
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        boxes = len(re.findall(r'<div class="(?:korus-scroll|pst-scrollable-table-container)"', text))
        assert boxes == text.count("<table"), shown(path)


def test_the_search_index_is_a_file_of_the_report_and_knows_its_words():
    index = (HTML / "searchindex.js").read_text(encoding="utf-8")
    for word in ("greenfield", "eximbank"):
        assert word in index.lower()


def test_every_figure_of_a_page_has_a_menu_of_all_its_files_below_it():
    count = 0
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        figures = r'files/figures/([a-z0-9-]+)\.svg"[^>]*/?>.*?</figure>(.*?)</details>'
        for name, below in re.findall(figures, text, flags=re.S):
            assert f'aria-label="Download figure {name}"' in below and below.count("<details") == 1, shown(path)
            for ending in (".csv", ".svg", ".vl.json"):
                assert f'files/figures/{name}{ending}" download' in below
            count += 1
    assert count > 50


def test_every_table_with_a_title_has_a_menu_with_its_file():
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        menus = re.findall(r'<summary aria-label="Download (?:table: |values/|claims.csv)', text)
        assert text.count("<caption") == len(menus), shown(path)


def test_every_file_of_the_report_that_is_a_table_parses():
    tables = sorted((HTML / "files").rglob("*.csv"))
    assert len(tables) > 150
    for path in tables:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        assert len({len(row) for row in rows}) == 1, shown(path)
        assert all(name.strip() for name in rows[0]), shown(path)


def test_the_policy_of_a_page_lets_each_of_its_own_scripts_run_and_nothing_from_elsewhere():
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        rules = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
        assert len(rules) == 1 and "unsafe-eval" not in rules[0] and "http" not in rules[0], shown(path)
        own = re.findall(r"<script>(.*?)</script>", text, flags=re.S)
        for script in own:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in rules[0], shown(path)
        assert not re.search(r"<[a-z][^<>]*\son[a-z]+=", text), shown(path)


def test_every_value_has_an_entry_on_a_page_and_printed_numbers_lead_to_them():
    with (PROCESSED / "results" / "values.csv").open(encoding="utf-8", newline="") as lines:
        values = list(csv.DictReader(lines))
    for row in values:
        assert f"value-{row['id']}" in parsed(HTML / "provenance" / f"{row['notebook']}.html").anchors
    linked = {link.partition("#value-")[2] for path in PAGES for link in parsed(path).links if "#value-" in link}
    assert 200 < len(linked) and linked <= {row["id"] for row in values}


FIRST_PAGE_BYTES = 400_000


def test_the_first_page_weighs_little_with_all_that_it_loads():
    first = HTML / re.search(r"url=([^\"]+)", (HTML / "index.html").read_text(encoding="utf-8"))[1]
    text = first.read_text(encoding="utf-8")
    loaded = {first, HTML / "_static" / "basic.css"}  # imported by the theme's style sheet
    for tag in re.findall(r"<(?:img|script|link)\b[^>]*>", text):
        address = re.search(r'(?:src|href)="([^"#?]+)', tag)
        if address and 'loading="lazy"' not in tag and not re.search(r'rel="(next|prev|search|icon)"', tag):
            loaded.add((first.parent / address[1]).resolve())
    assert len(loaded) > 10 and sum(path.stat().st_size for path in loaded) < FIRST_PAGE_BYTES


def test_every_picture_of_the_report_states_its_size_so_that_nothing_moves():
    pictures = [picture for path in PAGES for picture in parsed(path).pictures]
    assert len(pictures) > 50
    assert [p["src"] for p in pictures if not (p.get("width", "").isdigit() and p.get("height", "").isdigit())] == []


def test_every_file_of_the_theme_that_is_kept_is_used():
    # The scripts of the charts are named by charts.js.
    static = {path for path in (HTML / "_static").rglob("*") if path.is_file() and path.parent.name != "charts"}
    named = {unquote(urlsplit(address).path).rpartition("/")[2] for path in PAGES for address in parsed(path).fetched}
    own = {path.name for path in (ROOT / "book" / "_static").rglob("*")}
    sheets = "".join(path.read_text(encoding="utf-8") for path in static if path.suffix == ".css")
    assert [path.name for path in static if path.name not in named | own and path.name not in sheets] == []


# ---- How it reads ------------------------------------------------------------------------------


def article(path: Path) -> str:
    """The text of a page with its mark-up, without figures, tables and code."""
    text = path.read_text(encoding="utf-8")
    text = text[text.index('<article class="bd-article"'):text.index("</article>")]
    return re.sub(r"<(figure|table|pre|details|dl|script)\b.*?</\1>", " ", text, flags=re.S)


def sentences(path: Path) -> list[str]:
    """The sentences of a page's paragraphs and lists."""
    found = []
    for _, block in re.findall(r"<(p|li)\b[^>]*>(.*?)</\1>", article(path), flags=re.S):
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", block)).strip()
        found += [part for part in re.split(r"(?<=[.?!])[”)*]*\s+(?=[A-Z“(])", words) if len(part.split()) > 2]
    return found


WRITTEN = [path for path in PAGES if path.parent.name == "chapters" or path.stem in
           ("how-to-read", "glossary", "methods", "limits", "cite", "studies", "assumptions")]


@pytest.mark.parametrize("path", WRITTEN, ids=shown)
def test_sentences_are_short_on_average(path):
    lengths = [len(sentence.split()) for sentence in sentences(path)]
    assert sum(lengths) / len(lengths) < 22


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.parent.name == "chapters"], ids=shown)
def test_no_sentence_of_a_chapter_is_very_long(path):
    assert [sentence for sentence in sentences(path) if len(sentence.split()) > 45] == []


@pytest.mark.parametrize("path", [path for path in PAGES if re.match(r"chapters/[2-5]\d_", shown(path))], ids=shown)
def test_a_chapter_opens_with_its_answer(path):
    paragraphs = re.findall(r"<p\b[^>]*>(.*?)</p>", article(path), flags=re.S)
    assert paragraphs[0].startswith("<strong>"), paragraphs[0][:200]
