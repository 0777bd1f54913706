"""Every page at three widths, with scripts, on light ground: nothing sticks out, fails, is missing or asked elsewhere."""

import pytest
from conftest import HTML, pages
from looks import missing_pictures, sticking_out


@pytest.fixture
def page(tab, site):
    watched = tab(site, color_scheme="light")
    yield watched
    watched.page.close()


@pytest.mark.parametrize("name", pages())
def test_the_page_fits_shows_its_pictures_and_keeps_to_the_site(page, site, name):
    shown = page.open(f"{site}/{name}")
    assert sticking_out(shown) + missing_pictures(shown) + page.problems == []
    assert shown.locator("article h1").count() == 1
    assert shown.locator("figure img, figure .korus-chart").count() >= (HTML / name).read_text(encoding="utf-8").count("<figure")
