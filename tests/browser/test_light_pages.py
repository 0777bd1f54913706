"""Every page on light ground at three widths: nothing sticks out, fails, is missing, asked elsewhere, or a barrier.

Charts are as every reader gets them first; test_chart_pages has them interactive.
"""

import pytest
from browser.conftest import HTML, pages
from browser.looks import barriers, missing_pictures, sticking_out


@pytest.mark.parametrize("name", pages())
def test_the_page_fits_keeps_to_the_site_and_raises_no_barrier(first_sight, name):
    watched = first_sight(name, "light")
    page = watched.page
    assert sticking_out(page) + missing_pictures(page) + watched.problems == []
    assert page.locator("article h1").count() == 1
    assert page.locator("figure img").count() == (HTML / name).read_text(encoding="utf-8").count("<figure")
    assert barriers(page) == []
