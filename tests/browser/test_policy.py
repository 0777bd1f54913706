"""The pages under their policy in a real browser, from a server and from a disk: what a reader does still works."""

import pytest
from browser.conftest import HTML

CHAPTER = "chapters/31_tariffs.html"

pytestmark = [
    pytest.mark.skipif(not (HTML / CHAPTER).exists(), reason="the report is not built: run `make`"),
]


@pytest.fixture(params=["http", "file"])
def base(request, site):
    """Address of the report: on a server, and as files of this computer."""
    return HTML.as_uri() if request.param == "file" else site


@pytest.fixture
def page(browser):
    """A page of a new reader; what went wrong on it is in `problems`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("requestfailed", lambda request: page.problems.append(request.url))
    yield page
    context.close()


@pytest.mark.parametrize("name", [CHAPTER, "index.html", "ledger.html", "provenance/31_tariffs.html", "glossary.html"])
def test_the_policy_stops_nothing_that_the_page_needs(page, base, name):
    page.goto(f"{base}/{name}", wait_until="networkidle")
    assert page.problems == []


def test_the_policy_stops_a_script_that_is_not_of_the_report(page, base):
    page.goto(f"{base}/{CHAPTER}")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.intruder = true";
        document.head.append(script);
    }""")
    assert page.evaluate("window.intruder") is None
    assert any("Content Security Policy" in problem for problem in page.problems)


def test_the_theme_can_be_switched_and_is_the_readers_own_before(page, base):
    page.goto(f"{base}/{CHAPTER}")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.click(".theme-switch-button")
    assert page.evaluate("document.documentElement.dataset.mode") != "auto"


def test_the_search_finds_a_page(page, base):
    page.goto(f"{base}/{CHAPTER}")
    page.click(".search-button__button:visible")
    page.keyboard.type("greenfield")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results ul.search li a")
    assert "search.html?q=greenfield" in page.url and page.problems == []


def test_a_menu_opens_by_keyboard_and_gives_the_file(page, base):
    page.goto(f"{base}/{CHAPTER}")
    page.focus("details.korus-files > summary")
    page.keyboard.press("Enter")
    with page.expect_download() as begun:
        page.click("details.korus-files a")
    assert begun.value.suggested_filename.endswith(".csv")
    assert begun.value.path().read_text(encoding="utf-8").count("\n") > 1


def test_without_scripts_a_phone_has_the_menus_and_the_contents(browser, base):
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/{CHAPTER}")
    page.click("details.korus-files > summary")
    assert page.is_visible("details.korus-files a") and page.is_visible("nav.bd-docs-nav >> text=Glossary")
    assert not page.is_visible("button.primary-toggle")
    page.click("nav.bd-docs-nav >> text=Glossary")
    assert page.url.endswith("glossary.html")
    context.close()


def test_a_dark_page_is_printed_on_white(browser, base):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{base}/{CHAPTER}", wait_until="networkidle")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate("[...document.images].every((picture) => picture.complete && picture.naturalWidth > 0)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()
