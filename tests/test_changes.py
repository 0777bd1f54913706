"""What changed, for a reader: the command's words, and the page with editions and past days side by side."""

import re

import pandas as pd
import pytest
from test_editions import NAMED, two_editions
from toy_editions import commit, repository

from korus import changes, changes_page, editions, freeze, moved, vintages

VINTAGES = pd.DataFrame([("toy.total.2024", "2024-12-31", 5.0, None, None, "ratio", "5.00")], columns=vintages.COLUMNS)
HEADLINES = pd.DataFrame([("toy.total.2024", "The total"), ("toy.other", "Another")], columns=["id", "label"])
# Two prints of one year, one of another, and a series that the page does not show.
PRINTS = pd.DataFrame([
    ("kexim.invested.USA", "2022", "2024-06-21", 29500.0), ("kexim.invested.USA", "2022", "2025-09-19", 29820.0),
    ("kexim.invested.USA", "2024", "2025-09-19", 22410.0), ("kexim.invested.CAN", "2022", "2024-06-21", 1.0),
], columns=["series", "period", "vintage", "value_musd"])


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The toy with two editions and a working tree that has moved on."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NAMED.items():
            patch.setenv(name, value)
        root = two_editions(tmp_path_factory.mktemp("changes") / "toy")
        commit(root, **{"params__baseline.yml": "as_of: 2026-01-01\nshare: 5\n"})
        freeze.run(root, "chain")
        return root


def plain(text: str) -> str:
    """The page without the marks of tables and links."""
    return re.sub(r"\s+", " ", re.sub(r"\]\([^)]*\)|[|\[]|---", " ", text))


def written(root, variant: str = "") -> str:
    current = changes_page.Current(editions.label(root), variant, moved.read(root / "data" / "processed" / "results"))
    return changes_page.changes_page(root, current, HEADLINES, VINTAGES, PRINTS)


def test_two_editions_are_compared_with_the_reasons(root):
    words = changes.in_words(changes.changes("2026.11", "2026.12", root))
    assert "What differs: data, code." in words
    line = next(line for line in words.splitlines() if "toy.total.2024" in line)
    assert line.split()[2:] == ["60.00", "144.00", "84.00", "–", "12.00", "0.00", "60.00", "12.00", "code"]


def test_an_edition_is_compared_with_the_working_tree(root):
    found = changes.changes("2026.12", None, root)
    assert found.differing == ["parameters"] and found.table["because"].unique().tolist() == ["parameters"]


def test_the_same_edition_twice_has_not_moved(root):
    assert changes.in_words(changes.changes("2026.12", "2026.12", root)) == "Nothing that the report prints has moved."


@pytest.fixture(scope="module")
def page(root) -> str:
    return written(root)


def test_the_page_says_what_it_is_and_what_moved_since_the_last_edition(page):
    said = plain(page)
    assert "working version of the report; the last edition is 2026.12" in said
    assert "## Since edition 2026.12" in page and "toy.total.2024 144.00 240.00 96.00" in said


def test_the_page_shows_the_reasons_recorded_when_the_last_edition_was_frozen(page):
    assert "## From edition 2026.11 to 2026.12, and why" in page
    assert "toy.total.2024 60.00 144.00 84.00 – 12.00 0.00 60.00 12.00 code" in plain(page)


def test_the_page_follows_headline_values_over_editions_and_past_days(page):
    said = plain(page)
    assert "value 2026.11 2026.12 this build The total 60.00 144.00 240.00 Another not stated not stated not stated" in said
    assert "value 2024-12-31 The total 5.00 Another not stated" in said


def test_the_page_leads_to_the_entry_of_a_value_and_of_a_claim(page):
    assert "[toy.total.2024](#value-toy.total.2024)" in page and "[240.00](#value-toy.total.2024)" in page
    assert "[144.00]" not in page


def test_the_page_shows_how_the_sources_printed_a_figure_and_revised_it(page):
    assert "period 2024-06-21 2025-09-19 2022 29,500 29,820 " in plain(page)
    assert "22,410" not in page


def test_the_first_edition_says_that_there_is_none_to_compare_with(tmp_path):
    root = repository(tmp_path)
    commit(root, **{"CITATION.cff": 'title: Toy\nversion: "2026.11"\ndate-released: 2026-11-26\n'})
    freeze.run(root, "chain")
    text = written(root)
    assert "**This is edition 2026.11.**" in text and changes_page.FIRST in text
    assert "value 2026.11 The total 60.00" in plain(text)


def test_before_the_first_edition_the_page_says_that_there_is_none(tmp_path):
    root = repository(tmp_path)
    freeze.run(root, "chain")
    text = written(root)
    assert "No edition has been frozen yet" in text and "this build" in text


def test_a_variant_is_not_compared_with_editions(root):
    text = written(root, "past")
    assert "**This is the variant past of the report.**" in text and "Since edition" not in text
    assert "value 2026.11 2026.12 this variant" in plain(text)


def test_a_past_day_changes_nothing_but_the_day(tmp_path):
    from toy_editions import git

    root = repository(tmp_path)
    tree = vintages.tree_as_of(root, "2025-03-31")
    assert git(root, "diff", "--name-only", "HEAD", tree).splitlines() == ["params/baseline.yml"]
    assert git(root, "show", f"{tree}:params/baseline.yml") == "as_of: 2025-03-31\nshare: 3"
    (root / "book").mkdir()
    (root / "book" / "headlines.csv").write_text("id,label\ntoy.total.2024,The total\n")
    found = vintages.as_of_days(root, ("2025-03-31",))
    assert found[["id", "day", "value"]].values.tolist() == [["toy.total.2024", "2025-03-31", 60.0]]
