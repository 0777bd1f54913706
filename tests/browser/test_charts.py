"""Charts in a real browser: they become interactive, keep their place, and do what their controls say."""

import re

import pytest
from browser.conftest import HTML

from korus.chart_theme import COLOURS, DARK

pytestmark = [
    pytest.mark.skipif(not (HTML / "_static" / "charts").is_dir(), reason="the pages are not built: make html"),
]


@pytest.fixture
def opened(browser):
    """A function that opens a page and gives it with the errors of its charts and its requests elsewhere."""
    contexts = []

    def open_page(address: str, width: int = 1000, scheme: str = "light", without: str | None = None):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        problems = []
        if without:
            context.route(f"**/{without}", lambda route: route.abort())
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" and (
            "/charts" in message.location.get("url", "") or "Content Security Policy" in message.text) else None)
        page.on("request", lambda request: None if request.url.startswith((address.split("/chapters")[0], "data:"))
                else problems.append(request.url))
        page.goto(address)
        return page, problems

    yield open_page
    for context in contexts:
        context.close()


def figure(page, name: str, ready: bool = True):
    """The figure of a chart, in view, interactive or with its picture."""
    found = page.locator(f"#fig-{name}")
    found.scroll_into_view_if_needed()
    if ready:
        page.wait_for_selector(f"#fig-{name}[data-interactive=ready]", timeout=15_000)
    return found


def explored(page, name: str):
    """The figure of a chart with its controls open."""
    found = figure(page, name)
    found.locator(".korus-explore > summary").click()
    return found


def rgb(colour: str) -> str:
    """A colour as browsers tell it."""
    return f"rgb({', '.join(str(int(colour[place:place + 2], 16)) for place in (1, 3, 5))})"


def words(found) -> str:
    return " ".join(found.locator(".korus-chart text").all_text_contents())


def wait_until_told(page, name: str, text: str, told: bool) -> None:
    """Wait until a chart has some words, or has them no longer."""
    chart = f"document.querySelector('#fig-{name} .korus-chart')"
    page.wait_for_function(f"() => {chart}.textContent.includes('{text}') === {str(told).lower()}")


@pytest.mark.parametrize("where", ["server", "folder"])
def test_every_chart_of_a_chapter_becomes_interactive_without_an_error(opened, site, where):
    page, problems = opened(f"{site if where == 'server' else HTML.as_uri()}/chapters/31_tariffs.html")
    names = [name.removeprefix("fig-") for name in page.locator("figure").evaluate_all("all => all.map(one => one.id)")]
    assert len(names) > 4
    for name in names:
        found = figure(page, name)
        assert found.locator(".korus-chart svg").count() == 1 and not found.locator("img").is_visible()
    assert problems == []


@pytest.mark.parametrize("width", [360, 1000])
def test_a_chart_takes_the_place_of_its_picture_and_nothing_moves(opened, site, width):
    page, _ = opened(f"{site}/chapters/31_tariffs.html", width=width, without="vega.js")
    before = figure(page, "collected-rate", ready=False).bounding_box()
    page, _ = opened(f"{site}/chapters/31_tariffs.html", width=width)
    after = figure(page, "collected-rate").bounding_box()
    assert after["width"] == before["width"] and abs(after["height"] - before["height"]) <= 6
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_the_picture_stays_where_vega_does_not_come(opened, site):
    page, problems = opened(f"{site}/chapters/31_tariffs.html", without="vega.js")
    found = figure(page, "collected-rate", ready=False)
    page.wait_for_timeout(500)
    assert found.locator("img").is_visible() and found.locator(".korus-chart").count() == 0
    assert [problem for problem in problems if "ERR_FAILED" not in problem] == []


def test_a_chart_says_what_its_picture_says(opened, site):
    page, _ = opened(f"{site}/chapters/31_tariffs.html")
    drawn = figure(page, "collected-rate").locator(".korus-chart")
    assert drawn.get_attribute("role") == "img"
    assert drawn.get_attribute("aria-label") == page.locator("#fig-collected-rate img").get_attribute("alt") != ""


def test_a_series_can_be_hidden_with_the_keyboard_and_shown_again(opened, site):
    page, _ = opened(f"{site}/chapters/31_tariffs.html")
    found = explored(page, "collected-rate")
    assert "all countries" in words(found)
    found.get_by_role("checkbox", name="all countries").focus()
    page.keyboard.press("Space")
    wait_until_told(page, "collected-rate", "all countries", False)
    assert "Korea" in words(found)
    found.get_by_role("button", name="Show all").click()
    wait_until_told(page, "collected-rate", "all countries", True)
    assert found.get_by_role("checkbox", name="all countries").is_checked()


def test_dates_can_be_chosen_and_never_the_wrong_way_round(opened, site):
    page, _ = opened(f"{site}/chapters/31_tariffs.html")
    found = explored(page, "collected-rate")
    assert "2018" in words(found)
    found.get_by_label("From", exact=True).select_option("2025")
    wait_until_told(page, "collected-rate", "2018", False)
    found.get_by_label("To", exact=True).select_option("2019")
    chosen = [found.get_by_label(word, exact=True).evaluate("list => list.selectedOptions[0].text")
              for word in ("From", "To")]
    assert chosen == ["2018", "2019"]


def test_a_slider_moves_the_mark_and_the_published_values_come_back(opened, site):
    page, problems = opened(f"{site}/chapters/46_incentive.html")
    found = explored(page, "incentive-tariff")
    published = words(found)
    slider = found.get_by_label("Cost gap")
    slider.focus()
    page.keyboard.press("ArrowRight")
    wait_until_told(page, "incentive-tariff", "26.2%", False)
    assert slider.get_attribute("aria-valuetext") == "51% (published: 50%)"
    # (1 + gap) × capital × (grant + credit): 1.51 × 50 × 0.35.
    assert "26.4%" in words(found)
    found.get_by_role("button", name="Published values").click()
    wait_until_told(page, "incentive-tariff", "26.2%", True)
    assert words(found) == published and problems == []


@pytest.mark.parametrize("chapter, name", [("44_building", "build-cost"), ("46_incentive", "incentive-tariff"),
                                           ("47_threshold", "threshold-duty")])
def test_every_slider_begins_at_the_published_value(opened, site, chapter, name):
    page, _ = opened(f"{site}/chapters/{chapter}.html")
    told = explored(page, name).locator("output").all_text_contents()
    assert told and all(text.endswith("(published)") for text in told)


def test_a_mark_says_its_row_when_it_is_pointed_at(opened, site):
    page, _ = opened(f"{site}/chapters/31_tariffs.html")
    figure(page, "duty-bill").locator(".mark-rect path").last.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "duty (million US$)" in page.locator("#vg-tooltip-element").inner_text()


def test_a_chart_follows_the_page_between_light_and_dark(opened, site):
    page, _ = opened(f"{site}/chapters/31_tariffs.html", scheme="dark")
    name = figure(page, "collected-rate").locator(".korus-chart text", has_text=re.compile("^Korea$"))
    colours = {}
    for theme in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        colours[theme] = name.evaluate("one => getComputedStyle(one).fill")
    assert colours == {theme: rgb(colour) for theme, colour in (
        ("dark", DARK[COLOURS["blue"]]), ("light", COLOURS["blue"]))}
    assert page.locator("#fig-collected-rate .korus-chart svg").evaluate(
        "one => getComputedStyle(one).backgroundColor") in ("rgba(0, 0, 0, 0)", "transparent")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chapter, name", [("31_tariffs", "collected-rate"), ("46_incentive", "incentive-tariff")])
def test_a_chart_and_its_controls_keep_the_rules_of_wcag(opened, site, scheme, chapter, name):
    from axe_playwright_python.sync_playwright import Axe

    page, _ = opened(f"{site}/chapters/{chapter}.html", scheme=scheme)
    explored(page, name)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, context=f"#fig-{name}", options={"runOnly": {"type": "tag", "values": tags}}).response
    assert found["passes"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
