"""What a reader does: search, download, switch the colours, go about by keyboard, open the report from a folder."""

import io
import json
import re
import zipfile
from urllib.parse import urljoin
from urllib.request import urlopen

import nbformat
import pandas as pd
import pytest
from browser.conftest import HTML, pages
from browser.looks import barriers
from lxml import etree, html
from PIL import Image

CHAPTERS = [name for name in pages() if name.startswith("chapters/")]
COMMON = set("about after against all and are been before can case does find from have how into its korea korean less "
             "more most much not one other over report says should than that the their them then there they this those "
             "through united states what when where which while with would".split())


def term_of(name: str) -> str:
    """The longest uncommon word of a chapter's title: what somebody would look for."""
    text = (HTML / name).read_text(encoding="utf-8")
    title = re.sub(r"<[^>]+>|#", "", re.search(r"<h1>(.*?)</h1>", text.split("<article", 1)[1], re.S)[1])
    words = [word for word in re.findall(r"[A-Za-z]{4,}", title) if word.lower() not in COMMON]
    return max(words or re.findall(r"[A-Za-z]{4,}", title), key=len)


@pytest.mark.parametrize("name", CHAPTERS)
def test_search_finds_a_chapter_by_a_word_of_its_title(tab, site, name):
    watched = tab(site)
    page = watched.open(f"{site}/search.html?q={term_of(name)}")
    page.wait_for_selector("#search-results ul.search li", timeout=10_000)
    page.wait_for_function("() => /found|matching/.test(document.querySelector('#search-results').innerText)")
    links = page.eval_on_selector_all("#search-results a", "all => all.map((link) => new URL(link.href).pathname.slice(1))")
    assert name in links and watched.problems == []
    page.close()


PARSERS = {
    ".csv": lambda content: len(pd.read_csv(io.BytesIO(content)).columns),
    ".json": json.loads,
    ".svg": lambda content: etree.fromstring(content) is not None,
    ".png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    ".ipynb": lambda content: nbformat.validate(nbformat.reads(content.decode(), 4)) is None,
    ".zip": lambda content: zipfile.ZipFile(io.BytesIO(content)).testzip() is None,
    ".pdf": lambda content: content.startswith(b"%PDF-"),
}


def test_every_file_that_a_page_offers_can_be_had_and_read(site):
    offered = {}
    for name in pages():
        for address in html.parse(str(HTML / name)).xpath("//a[@download or contains(@href, 'files/')]/@href"):
            offered.setdefault(urljoin(f"{site}/{name}", address), name)
    assert {address.rpartition(".")[2] for address in offered} >= {"csv", "json", "svg", "png", "ipynb", "zip"}
    for address, name in offered.items():
        with urlopen(address) as answer:
            read = PARSERS["." + address.rpartition(".")[2]](answer.read())
        assert read, f"{name} offers {address}, which can not be read"


def test_the_first_page_leads_to_the_summary(tab, site):
    watched = tab(site)
    page = watched.open(f"{site}/index.html")
    page.wait_for_url(re.compile("chapters/90_summary.html"))
    assert watched.problems == []
    page.close()


def test_the_colours_follow_the_switch_and_are_kept_on_the_next_page(browser, site):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{site}/methods.html")
    theme = "() => document.documentElement.dataset.theme"
    seen = {page.evaluate(theme)}
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        seen.add(page.evaluate(theme))
        if page.evaluate(theme) == "dark":
            break
    assert seen == {"light", "dark"}
    page.goto(f"{site}/glossary.html")
    assert page.evaluate(theme) == "dark"
    context.close()


FOCUS = """
() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  return {
    part: element.closest('nav, header, aside')?.className || '',
    width: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    element: element.outerHTML.slice(0, 160),
  };
}
"""


def test_a_keyboard_reaches_the_text_first_and_then_the_navigation(tab, site):
    page = tab(site).open(f"{site}/methods.html")
    page.keyboard.press("Tab")
    assert "Skip to main content" in page.evaluate("() => document.activeElement.innerText || document.activeElement.textContent")
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        assert here["width"] >= 2, here["element"]
        seen.append(here["part"])
    assert any("bd-docs-nav" in name for name in seen)
    page.close()


def test_a_menu_of_files_opens_with_the_keyboard(tab, site):
    page = tab(site).open(f"{site}/chapters/31_tariffs.html")
    menu = page.locator("details.korus-files").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.hasAttribute('download')")
    page.close()


def test_a_link_into_a_closed_list_opens_it_and_the_list_raises_no_barrier(tab, site):
    listed = html.parse(str(HTML / "provenance/23_break.html")).xpath("//details//tr[@id]/@id")[-1]
    page = tab(site).open(f"{site}/provenance/23_break.html#{listed}")
    page.wait_for_function("id => document.getElementById(id).getBoundingClientRect().height > 0", arg=listed)
    assert page.evaluate("id => document.getElementById(id).getBoundingClientRect().top < innerHeight", listed)
    assert barriers(page) == []
    page.close()


def test_a_shade_says_that_a_table_goes_on_until_its_end(tab, site):
    page = tab(site, color_scheme="light").open(f"{site}/chapters/31_tariffs.html")
    page.set_viewport_size({"width": 360, "height": 900})
    box = page.locator(".korus-scroll", has_text="Regimes of US duties").first

    def edge() -> int:
        picture = Image.open(io.BytesIO(box.screenshot())).convert("L")
        return picture.crop((picture.width - 3, 0, picture.width, 12)).getextrema()[0]

    assert edge() < 230
    box.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    assert edge() > 250
    page.close()


def test_korean_is_marked_as_korean(tab, site):
    page = tab(site).open(f"{site}/sources.html")
    unmarked = page.evaluate("""() => {
      const texts = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
      const found = [];
      while (texts.nextNode()) {
        if (/[가-힣]/.test(texts.currentNode.data) && !texts.currentNode.parentElement.closest('[lang=ko]')) {
          found.push(texts.currentNode.data);
        }
      }
      return found;
    }""")
    assert unmarked == [] and page.locator("article [lang=ko]").count() > 20
    page.close()


def test_the_search_field_opens_with_the_keyboard(tab, site):
    page = tab(site).open(f"{site}/methods.html")
    page.keyboard.press("Control+k")
    page.wait_for_function("() => document.activeElement.matches('input[type=search]')")
    page.close()


@pytest.mark.parametrize("name", ["chapters/90_summary.html", "chapters/46_incentive.html", "ledger.html"])
def test_the_report_works_from_a_folder(tab, name):
    watched = tab("file://", color_scheme="light")
    page = watched.open((HTML / name).as_uri())
    assert page.locator("article h1").count() == 1 and watched.problems == []
    page.close()


def test_search_works_from_a_folder(tab):
    watched = tab("file://", color_scheme="light")
    page = watched.open((HTML / "search.html").as_uri() + "?q=elasticity")
    page.wait_for_selector("#search-results ul.search li", timeout=10_000)
    assert watched.problems == []
    page.close()
