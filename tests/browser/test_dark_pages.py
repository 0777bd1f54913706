"""Every page on dark ground at three widths: the same, and pictures are dark too."""

import pytest
from browser.conftest import pages
from browser.looks import barriers, missing_pictures, sticking_out

BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
SCHEMES = "() => [...document.querySelectorAll('figure img')].map((picture) => getComputedStyle(picture).colorScheme)"


@pytest.mark.parametrize("name", pages())
def test_the_page_is_dark_fits_and_raises_no_barrier(first_sight, name):
    watched = first_sight(name, "dark")
    page = watched.page
    assert sticking_out(page) + missing_pictures(page) + watched.problems == []
    red, green, blue = (int(part) for part in page.evaluate(BACKGROUND)[4:-1].split(",")[:3])
    assert max(red, green, blue) < 60
    assert set(page.evaluate(SCHEMES)) <= {"dark"}
    # On a phone, where tables and equations scroll; on light ground it is a wide screen.
    assert barriers(page, width=360) == []
