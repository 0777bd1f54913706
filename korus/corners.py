"""Rebuild the report with the data of one version, the parameters of another and the code of a third.

Versions are git trees, the working tree among them (with files not yet committed, without ignored ones). A mixed
tree is put together in git's own store, written to a folder of its own, and its chain is run there in the locked
environment of its code. It runs as a variant, because a sentence of the published report that new figures no longer
bear out would stop it. What came out is kept under the tree's hash, so that nothing is built twice.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from korus.moved import TABLES
from korus.paths import ROOT

DATA, PARAMETERS = "data/raw", "params"
FACTORS = ("data", "parameters", "code")
# Files that say which edition this is; they move no number (packages do so by way of requirements.lock).
NO_FACTOR = ("editions/", "CITATION.cff", "CHANGELOG.md", "pyproject.toml")
MIXTURE = "mixture"
KEPT = Path("_build") / "corners"
# Settings of the caller's make that must not reach the build of another version.
UNSET = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PROFILE", "KORUS_FAILURES", "KORUS_MAKE", "GIT_INDEX_FILE")


class CornerFailed(Exception):
    """A mixture that can not be built; the message ends with what its build said."""


@dataclass(frozen=True)
class Version:
    """A git tree and the name it has for readers."""

    tree: str
    name: str


def git(root: Path, *arguments: str, index: Path | None = None) -> str:
    """What git prints. Raises CornerFailed with git's own words."""
    environment = {**os.environ, **({"GIT_INDEX_FILE": str(index)} if index else {})}
    done = subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CornerFailed(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def committed(root: Path, commit: str, name: str) -> Version:
    """A commit's version. Raises CornerFailed where this clone does not have it."""
    try:
        return Version(git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}"), name)
    except CornerFailed:
        raise CornerFailed(f"commit {commit} of {name} is not in this clone. Fetch the whole history: "
                           "git fetch --unshallow") from None


def working(root: Path) -> Version:
    """The working tree as it is, changes and new files included; nothing of the repository is touched."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        git(root, "read-tree", "HEAD", index=index)
        git(root, "add", "--all", index=index)
        return Version(git(root, "write-tree", index=index), "the working tree")


def mixed(root: Path, code: Version, data: Version, parameters: Version) -> str:
    """The tree of `code` with the raw figures of `data` and the profiles of `parameters`."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        git(root, "read-tree", code.tree, index=index)
        for path, source in ((DATA, data), (PARAMETERS, parameters)):
            git(root, "rm", "-f", "--cached", "-r", "-q", "--ignore-unmatch", path, index=index)
            git(root, "read-tree", f"--prefix={path}", f"{source.tree}:{path}", index=index)
        return git(root, "write-tree", index=index)


def with_file(root: Path, tree: str, path: str, text: str) -> str:
    """The tree (or a commit's) with one file replaced, as a git tree."""
    with tempfile.TemporaryDirectory() as folder:
        index, content = Path(folder) / "index", Path(folder) / "content"
        content.write_text(text, encoding="utf-8")
        git(root, "read-tree", tree, index=index)
        blob = git(root, "hash-object", "-w", "--no-filters", str(content))
        git(root, "update-index", "--cacheinfo", f"100644,{blob},{path}", index=index)
        return git(root, "write-tree", index=index)


def differing(root: Path, old: Version, new: Version) -> list[str]:
    """Which of FACTORS differ between two versions."""
    names = git(root, "diff-tree", "-r", "--name-only", old.tree, new.tree).splitlines()
    found = {factor_of(name) for name in names if not name.startswith(NO_FACTOR)}
    return [factor for factor in FACTORS if factor in found]


def factor_of(path: str) -> str:
    """The factor a file of the repository belongs to."""
    return "data" if path.startswith(DATA + "/") else "parameters" if path.startswith(PARAMETERS + "/") else "code"


def results(root: Path, tree: str) -> Path:
    """Folder with the results of a tree, built now unless kept from before.

    Raises CornerFailed with the last lines of a build that failed.
    """
    kept = root / KEPT / tree
    if all((kept / f"{name}.csv").exists() for name in TABLES):
        return kept
    (root / KEPT).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="building.", dir=root / KEPT))
    try:
        _write(root, tree, folder)
        _build(root, folder)
        found = folder / "data" / "processed" / MIXTURE / "results"
        shutil.rmtree(kept, ignore_errors=True)
        aside = folder / "kept"
        aside.mkdir()
        for name in TABLES:
            shutil.copy(found / f"{name}.csv", aside)
        os.replace(aside, kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return kept


def _write(root: Path, tree: str, folder: Path) -> None:
    """The files of a tree, and its published parameters once more under the name of a variant."""
    with tempfile.TemporaryDirectory() as aside:
        archive = Path(aside) / "tree.tar"
        git(root, "archive", "--output", str(archive), tree)
        shutil.unpack_archive(archive, folder, "tar", filter="tar")
    shutil.copy(folder / PARAMETERS / "baseline.yml", folder / PARAMETERS / f"{MIXTURE}.yml")


def _build(root: Path, folder: Path) -> None:
    """Run the chain there; the environment is shared where the lock is the same, else made anew."""
    same = (root / "requirements.lock").read_bytes() == (folder / "requirements.lock").read_bytes()
    if same and (root / ".venv").exists():
        (folder / ".venv").symlink_to((root / ".venv").resolve(), target_is_directory=True)
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    done = subprocess.run(["make", "chain", f"PROFILE={MIXTURE}"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:]
        raise CornerFailed("\n".join(said))
