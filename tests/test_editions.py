"""Editions in a small repository: frozen, refused, compared with what went before, rebuilt and checked for tampering."""

import json
import re

import pandas as pd
import pytest
from toy_editions import CODE, commit, git, repository

from korus import editions, freeze, rebuilt
from korus.editions import EditionProblem

NAMED = {"GIT_AUTHOR_NAME": "Toy", "GIT_AUTHOR_EMAIL": "toy@example.org", "GIT_COMMITTER_NAME": "Toy",
         "GIT_COMMITTER_EMAIL": "toy@example.org"}
NEW_ENTRY = "# Changelog\n\n## Unreleased\n\n- More.\n\n## 2026.11 (2026-11-26)\n\n- The first report.\n"


BOTH = {"data__raw__figure.csv": "figure\n12\n", "build.py": CODE.replace("FACTOR = 2", "FACTOR = 4")}


def two_editions(folder):
    """The toy in a folder with two editions, between which a figure and the code changed; git has a name there."""
    root = repository(folder)
    freeze.frozen("2026.11", root)
    commit(root, **{"CHANGELOG.md": NEW_ENTRY}, **BOTH)
    freeze.frozen("2026.12", root)
    return root


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)
    return repository(tmp_path / "toy")


@pytest.fixture
def frozen(root):
    """The toy with its first edition."""
    freeze.frozen("2026.11", root)
    return root


def unchanged(root, before: str) -> bool:
    """Whether a refusal left commit, files and editions alone."""
    return git(root, "rev-parse", "HEAD") == before and not git(root, "status", "--porcelain")


def test_an_edition_says_what_it_was_made_from_and_what_came_out(frozen):
    given = editions.edition("2026.11", frozen)
    manifest = given.manifest
    assert (manifest["version"], manifest["profile"], manifest["as_of"]) == ("2026.11", "baseline", "2026-01-01")
    assert manifest["raw"] == [{"path": "figure.csv", "sha256": "ab", "vintage": "2026-01-01"}]
    assert manifest["parameters"] == {"as_of": "2026-01-01", "share": 3}
    assert set(manifest["versions"]) == {"python", "pandas", "pytest"}
    files = pd.read_csv(given.folder / "files.csv").set_index("path")
    assert files.at["_build/korus.pdf", "sha256"] == manifest["pdf"] == editions.digest(frozen / "_build/korus.pdf")
    assert (given.folder / "values.csv").read_text() == (frozen / "data/processed/results/values.csv").read_text()
    assert editions.tampered(given) == []


def test_an_edition_names_the_commit_its_report_was_built_from_and_the_tree_is_clean(frozen):
    commits = git(frozen, "log", "--format=%H %s").splitlines()
    assert [line.split(" ", 1)[1] for line in commits] == ["Freeze edition 2026.11", "Edition 2026.11", "Toy"]
    assert editions.edition("2026.11", frozen).commit == commits[1].split()[0]
    assert not git(frozen, "status", "--porcelain")


def test_nothing_of_this_machine_stands_in_an_edition(frozen):
    import socket

    text = "".join(path.read_text() for path in (frozen / "editions").rglob("*") if path.is_file())
    assert str(frozen) not in text and str(frozen.parent) not in text
    assert not re.search(r"\d{2}:\d{2}:\d{2}", text)
    assert socket.gethostname() not in text or len(socket.gethostname()) < 4


def test_citation_project_and_changelog_carry_the_version(frozen):
    assert 'version: "2026.11"' in (frozen / "CITATION.cff").read_text()
    assert 'version = "2026.11"' in (frozen / "pyproject.toml").read_text()
    assert re.search(r"## Unreleased\n\n## 2026\.11 \(\d{4}-\d{2}-\d{2}\)\n\n- The first report", (frozen / "CHANGELOG.md").read_text())


def test_a_build_calls_itself_by_its_edition_and_after_it_by_what_it_follows(root):
    assert editions.label(root) == "Working version"
    freeze.frozen("2026.11", root)
    assert editions.label(root) == "Working version after edition 2026.11"
    git(root, "checkout", "-q", editions.edition("2026.11", root).commit)
    assert editions.label(root) == "Edition 2026.11"


REFUSED = [
    ("2026.13", "is no version"),
    ("26.11", "is no version"),
    ("2026.10", "would come before 2026.11"),
    ("2026.11", "is frozen already"),
    ("2026.12", "nothing the report is made of has changed"),
]


@pytest.mark.parametrize("version, said", REFUSED)
def test_what_can_not_be_an_edition_is_refused_and_nothing_changes(frozen, version, said):
    commit(frozen, **{"CHANGELOG.md": NEW_ENTRY})
    before = git(frozen, "rev-parse", "HEAD")
    with pytest.raises(EditionProblem, match=said):
        freeze.frozen(version, frozen)
    assert unchanged(frozen, before)


def test_a_dirty_tree_is_refused_and_named(root):
    (root / "build.py").write_text(CODE + "# changed\n", encoding="utf-8")
    with pytest.raises(EditionProblem, match="build.py"):
        freeze.frozen("2026.11", root)
    assert "# changed" in (root / "build.py").read_text()


def test_failing_checks_are_refused_and_the_repository_is_as_before(root):
    before = commit(root, **{"data__raw__bad.csv": "x\n"})
    with pytest.raises(EditionProblem, match="`make check` fails"):
        freeze.frozen("2026.11", root)
    assert unchanged(root, before)


def test_a_report_that_does_not_build_takes_its_first_commit_back(root):
    before = commit(root, **{"Makefile": "all:\n\tfalse\nchain:\n\tpython3 build.py baseline\ncheck:\n\ttrue\n"})
    with pytest.raises(EditionProblem, match="`make all` fails"):
        freeze.frozen("2026.11", root)
    assert unchanged(root, before) and editions.versions(root) == []


def test_a_change_log_without_an_entry_is_refused(frozen):
    commit(frozen, **{"data__raw__figure.csv": "figure\n12\n"})
    with pytest.raises(EditionProblem, match="CHANGELOG.md says nothing"):
        freeze.frozen("2026.12", frozen)


def test_the_next_edition_holds_what_moved_and_why(frozen):
    commit(frozen, **{"CHANGELOG.md": NEW_ENTRY, "data__raw__figure.csv": "figure\n12\n",
                      "build.py": CODE.replace("FACTOR = 2", "FACTOR = 4")})
    freeze.frozen("2026.12", frozen)
    (row,) = pd.read_csv(frozen / "editions/2026.12/changes.csv").query("kind == 'value'").to_dict("records")
    assert (row["old"], row["new"], row["data"], row["code"], row["interaction"]) == (60, 144, 12, 60, 12)
    assert row["because"] == "code"
    assert editions.versions(frozen) == ["2026.11", "2026.12"]


def test_an_edition_is_rebuilt_to_the_byte_though_the_tree_has_moved_on(frozen):
    commit(frozen, **{"data__raw__figure.csv": "figure\n12\n"})
    words, sound = rebuilt.report(editions.edition("2026.11", frozen), frozen)
    assert sound and words == "Edition 2026.11: 6 files rebuilt, every byte the same"


def test_a_file_that_is_no_longer_the_same_is_named_with_its_difference(frozen):
    folder = frozen / "editions" / "2026.11"
    # As if the frozen report had printed another total: its results and their digests are changed together.
    (folder / "values.csv").write_text((folder / "values.csv").read_text().replace("60", "61"), encoding="utf-8")
    files = pd.read_csv(folder / "files.csv").set_index("path")
    files.loc["data/processed/results/values.csv", "sha256"] = editions.digest(folder / "values.csv")
    files.reset_index().to_csv(folder / "files.csv", index=False, lineterminator="\n")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["results"]["values.csv"] = editions.digest(folder / "values.csv")
    manifest["processed"] = editions.tree_digest(files.reset_index(), "data/processed/")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    words, sound = rebuilt.report(editions.edition("2026.11", frozen), frozen)
    assert not sound and "The first is data/processed/results/values.csv (differs)" in words
    assert "-toy.total.2024,61.0" in words and "+toy.total.2024,60.0" in words


@pytest.mark.parametrize("name", ["values.csv", "claims.csv", "files.csv"])
def test_a_tampered_edition_is_detected_before_anything_is_built(frozen, name):
    path = frozen / "editions" / "2026.11" / name
    path.write_text(path.read_text().replace("0", "1", 1) + " ", encoding="utf-8")
    words, sound = rebuilt.report(editions.edition("2026.11", frozen), frozen)
    assert not sound and "changed after it was frozen" in words and name in words


def test_an_edition_that_does_not_exist_names_those_that_do(frozen):
    with pytest.raises(EditionProblem, match="no edition 2027.01; there are: 2026.11"):
        editions.edition("2027.01", frozen)
