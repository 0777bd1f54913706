"""All editions in one folder: each as frozen but for its bar, and each page leading to the others."""

import pytest
from test_editions import NAMED, two_editions
from toy_editions import repository

from korus import editions, site
from korus.editions import EditionProblem


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The toy with two editions."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NAMED.items():
            patch.setenv(name, value)
        return two_editions(tmp_path_factory.mktemp("site") / "toy")


@pytest.fixture(scope="module")
def folder(root):
    return site.assembled(root)


def test_a_page_of_an_older_edition_leads_to_the_same_page_of_the_newer_one(folder):
    text = (folder / "2026.11" / "index.html").read_text()
    assert "This is edition 2026.11" in text and 'A newer one is here: <a href="../2026.12/index.html">' in text
    assert "It is 60.0." in text


def test_the_newest_edition_says_so_by_naming_only_older_ones(folder):
    text = (folder / "2026.12" / "index.html").read_text()
    assert "newer" not in text and 'Other editions: <a href="../2026.11/index.html">edition 2026.11</a>.' in text


def test_but_for_the_bar_a_page_is_as_it_was_frozen(root, folder):
    text = (folder / "2026.11" / "index.html").read_text()
    start, end = text.index("<aside"), text.index("</aside>\n") + len("</aside>\n")
    assert text[:start] + text[end:] == '<div class="bd-container">It is 60.0.</div>\n'
    assert (folder / "2026.11" / "korus.pdf").exists()


def test_a_page_that_only_leads_on_has_no_bar_and_one_without_a_place_is_refused(root, tmp_path):
    page = tmp_path / "index.html"
    given = editions.edition("2026.11", root)
    page.write_text('<meta http-equiv="refresh" content="0; url=first.html">')
    site.add_bar(page, "index.html", given, [given], tmp_path)
    assert "aside" not in page.read_text()
    page.write_text("<p>nothing</p>")
    with pytest.raises(EditionProblem, match="2026.11/index.html: no <div"):
        site.add_bar(page, "index.html", given, [given], tmp_path)


def test_the_first_page_lists_the_editions_newest_first(folder):
    text = (folder / "index.html").read_text()
    assert text.index("2026.12/index.html") < text.index("2026.11/index.html")


def test_an_edition_built_before_is_not_built_again(root, folder, monkeypatch):
    monkeypatch.setattr(site.rebuilt, "rebuilt", lambda *_: pytest.fail("built again"))
    assert site.assembled(root) == folder


def test_an_edition_that_builds_to_other_bytes_is_not_put_on_the_site(root, folder, monkeypatch, tmp_path):
    given = editions.edition("2026.11", root)
    kept = root / site.BUILT / "2026.11" / site.PAGES / "index.html"
    before = kept.read_text()
    kept.write_text("changed\n")
    monkeypatch.setattr(site.rebuilt, "rebuilt", lambda *_: root)
    with pytest.raises(EditionProblem, match="does not build to the bytes"):
        site.built_pages(given, root)
    kept.write_text(before)


def test_without_an_edition_there_is_no_site(tmp_path):
    with pytest.raises(EditionProblem, match="no edition has been frozen yet"):
        site.assembled(repository(tmp_path))
