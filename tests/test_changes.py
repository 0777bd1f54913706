"""What changed, for a reader: the command's words, and the page with editions and past days side by side."""

import re

import pandas as pd
import pytest
from test_editions import NAMED, NEW_ENTRY
from toy_editions import CODE, commit, repository

from korus import changes, changes_page, freeze, vintages

BOTH = {"data__raw__figure.csv": "figure\n12\n", "build.py": CODE.replace("FACTOR = 2", "FACTOR = 4")}
VINTAGES = pd.DataFrame([("toy.total.2024", "2024-12-31", 5.0, None, None, "ratio", "5.00")], columns=vintages.COLUMNS)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The toy with two editions and a working tree that has moved on."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NAMED.items():
            patch.setenv(name, value)
        root = repository(tmp_path_factory.mktemp("changes") / "toy")
        (root / "book").mkdir(exist_ok=True)
        (root / "book" / "headlines.csv").write_text("id,label\ntoy.total.2024,The total\ntoy.other,Another\n")
        commit(root)
        freeze.frozen("2026.11", root)
        commit(root, **{"CHANGELOG.md": NEW_ENTRY}, **BOTH)
        freeze.frozen("2026.12", root)
        commit(root, **{"params__baseline.yml": "as_of: 2026-01-01\nshare: 5\n"})
        freeze.run(root, "chain")
        return root


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


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
    return changes_page.changes_page(root, root / "data" / "processed" / "results", VINTAGES)


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


def test_before_the_first_edition_the_page_says_that_there_is_none(tmp_path):
    root = repository(tmp_path)
    (root / "book").mkdir()
    (root / "book" / "headlines.csv").write_text("id,label\ntoy.total.2024,The total\n")
    freeze.run(root, "chain")
    text = changes_page.changes_page(root, root / "data" / "processed" / "results", VINTAGES)
    assert "No edition has been frozen yet" in text and "this build" in text


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
