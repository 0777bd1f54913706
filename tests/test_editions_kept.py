"""The editions that this project keeps: whole, untouched, of commits that are there, and silent about any machine."""

import re
import subprocess

import pandas as pd
import pytest

from korus import editions, moved
from korus.paths import ROOT

KEPT = editions.versions()


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def test_there_is_an_edition():
    assert KEPT


@pytest.mark.parametrize("version", KEPT)
def test_an_edition_is_as_it_was_frozen(version):
    given = editions.edition(version)
    assert editions.tampered(given) == []
    assert len(moved.read(given.folder).values) > 1000


@pytest.mark.parametrize("version", KEPT)
def test_an_edition_says_why_the_report_moved_unless_it_is_the_first(version):
    path = ROOT / editions.FOLDER / version / "changes.csv"
    assert path.exists() == (version != KEPT[0])
    if path.exists():
        assert {"id", "old_text", "new_text", "because"} <= set(pd.read_csv(path))


@pytest.mark.parametrize("version", KEPT)
def test_an_edition_holds_no_path_or_time_of_a_machine(version):
    folder = ROOT / editions.FOLDER / version
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("manifest.json", "files.csv"))
    assert not re.search(r"/home/|/root|/tmp|/Users/|[A-Z]:\\|\d\d:\d\d:\d\d", text)
    assert not [path for path in pd.read_csv(folder / "files.csv")["path"] if path.startswith("/")]


@pytest.mark.skipif(git("rev-parse", "--is-shallow-repository") != "false", reason="not the whole history")
@pytest.mark.parametrize("version", KEPT)
def test_the_commit_of_an_edition_is_part_of_the_history(version):
    commit = editions.edition(version).commit
    assert git("merge-base", commit, "HEAD") == commit
    assert f'version: "{version}"' in git("show", f"{commit}:CITATION.cff")
