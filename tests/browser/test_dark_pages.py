"""Every page at three widths, with scripts, on dark ground: nothing sticks out or fails, and pictures are dark too."""

import pytest
from conftest import pages
from looks import missing_pictures, sticking_out

BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("name", pages())
def test_the_page_is_dark_and_fits(tab, site, name):
    watched = tab(site, color_scheme="dark")
    page = watched.open(f"{site}/{name}")
    assert sticking_out(page) + missing_pictures(page) + watched.problems == []
    red, green, blue = (int(part) for part in page.evaluate(BACKGROUND)[4:-1].split(",")[:3])
    assert max(red, green, blue) < 60
    schemes = page.evaluate("() => [...document.querySelectorAll('figure img')].map((i) => getComputedStyle(i).colorScheme)")
    assert set(schemes) <= {"dark"}
    page.close()
