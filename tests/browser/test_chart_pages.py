"""Every page with charts, all of them interactive, at three widths: each answers, nothing sticks out or fails."""

import pytest
from browser.conftest import HTML, pages
from browser.looks import sticking_out

WITH_CHARTS = [name for name in pages() if "<figure" in (HTML / name).read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", WITH_CHARTS)
def test_all_charts_of_the_page_answer_and_it_fits(tab, site, name):
    watched = tab(site, color_scheme="light")
    page = watched.open(f"{site}/{name}")
    figures = page.locator("figure")
    for place in range(figures.count()):
        figures.nth(place).scroll_into_view_if_needed()
        figures.nth(place).locator(".korus-chart svg").first.wait_for(timeout=20_000)
    assert sticking_out(page) + watched.problems == []
    page.close()
