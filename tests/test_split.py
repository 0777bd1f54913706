"""Why the report moved: data, parameters and code changed apart and together, in small repositories."""

import pytest
from toy_editions import CODE, commit, git, repository

from korus import corners, moved, split

DATA = {"data__raw__figure.csv": "figure\n12\n"}
PARAMETERS = {"params__baseline.yml": "as_of: 2026-01-01\nshare: 5\n"}
FASTER = {"build.py": CODE.replace("FACTOR = 2", "FACTOR = 4")}


def changes(root, before: str, **files) -> split.Changes:
    """What moved from a commit to the working tree with `files` changed."""
    for name, text in files.items():
        (root / name.replace("__", "/")).write_text(text, encoding="utf-8")
    old, new = corners.committed(root, before, "the old one"), corners.working(root)
    builds = [moved.read(corners.results(root, version.tree)) for version in (old, new)]
    return split.changes(root, old, builds[0], new, builds[1])


@pytest.fixture
def root(tmp_path):
    return repository(tmp_path)


def total(found: split.Changes) -> dict:
    return found.table.set_index("id").loc["toy.total.2024"].to_dict()


@pytest.mark.parametrize("files, factor", [(DATA, "data"), (PARAMETERS, "parameters"), (FASTER, "code")])
def test_one_factor_alone_has_the_whole_movement_and_nothing_is_rebuilt(root, files, factor):
    found = changes(root, "HEAD", **files)
    row = total(found)
    assert found.differing == [factor] and row["because"] == factor
    assert row[factor] == row["difference"] != 0
    assert [row[name] for name in (*corners.FACTORS, "interaction") if name != factor] == [0, 0, 0]
    assert len(list((root / corners.KEPT).iterdir())) == 2            # the two versions themselves


def test_together_each_has_what_it_moves_alone_and_the_rest_is_interaction(root):
    row = total(changes(root, "HEAD", **DATA, **PARAMETERS, **FASTER))
    assert (row["old"], row["new"]) == (60, 240)
    assert (row["data"], row["parameters"], row["code"]) == (12, 40, 60)
    assert row["interaction"] == 240 - 60 - 112 and row["because"] == "together"


def test_a_verdict_that_one_factor_turns_alone_is_because_of_it(root):
    turned = changes(root, "HEAD", **DATA, **PARAMETERS, **{"build.py": CODE.replace("FACTOR = 2", "FACTOR = 9")})
    verdict = turned.table.set_index("id").loc["is-large"]
    assert verdict["change"] == "moved" and verdict["because"] == "code"


def test_a_mixture_that_can_not_be_built_is_said_and_leaves_its_part_unknown(root):
    broken = {"build.py": CODE.replace('"data/raw/figure.csv"', '"data/raw/renamed.csv"')}
    git(root, "mv", "data/raw/figure.csv", "data/raw/renamed.csv")
    found = changes(root, "HEAD", **broken, **{"data__raw__renamed.csv": "figure\n12\n"})
    assert set(found.failed) == {"data", "code"} and "renamed.csv" in found.failed["code"]
    row = total(found)
    assert row["because"] == "not known" and row["difference"] == 12
    assert not list((root / corners.KEPT).glob("building.*"))


def test_a_file_not_yet_committed_belongs_to_the_working_tree_and_the_repository_is_left_alone(root):
    (root / "notes.txt").write_text("new\n", encoding="utf-8")
    before = git(root, "status", "--porcelain")
    tree = corners.working(root).tree
    assert "notes.txt" in git(root, "ls-tree", "--name-only", tree).splitlines()
    assert git(root, "status", "--porcelain") == before


def test_a_mixture_takes_the_raw_figures_of_one_and_the_code_of_another(root):
    old = corners.committed(root, "HEAD", "old")
    commit(root, **DATA, **FASTER)
    new = corners.committed(root, "HEAD", "new")
    tree = corners.mixed(root, code=old, data=new, parameters=old)
    assert git(root, "show", f"{tree}:data/raw/figure.csv") == "figure\n12"
    assert "FACTOR = 2" in git(root, "show", f"{tree}:build.py")


def test_editions_are_no_factor(root):
    old = corners.committed(root, "HEAD", "old")
    (root / "editions").mkdir()
    (root / "editions" / "note.csv").write_text("a\n", encoding="utf-8")
    assert corners.differing(root, old, corners.working(root)) == []


def test_a_commit_that_is_not_here_says_how_to_get_it(root):
    with pytest.raises(corners.CornerFailed, match="git fetch --unshallow"):
        corners.committed(root, "0" * 40, "edition 2026.11")
