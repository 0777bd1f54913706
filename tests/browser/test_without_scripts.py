"""Every page at three widths without any script: text, pictures, menus and the way to every other page are there."""

import pytest
from browser.conftest import pages
from browser.looks import sticking_out


@pytest.mark.parametrize("name", pages())
def test_the_page_can_be_read_and_left_without_scripts(tab, site, name):
    watched = tab(site, color_scheme="light", java_script_enabled=False)
    page = watched.open(f"{site}/{name}")
    assert sticking_out(page) == []
    assert page.locator("figure img").count() == page.locator("figure").count()
    assert page.locator("nav.bd-docs-nav a").count() >= 30
    assert watched.problems == []
    page.close()


def test_the_colours_follow_the_system_without_scripts(tab, site):
    page = tab(site, color_scheme="dark", java_script_enabled=False).open(f"{site}/methods.html")
    background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in background[4:-1].split(",")[:3]) < 60
    page.close()
