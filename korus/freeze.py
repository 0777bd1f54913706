"""Freeze an edition: `python -m korus.freeze VERSION` (`make edition VERSION=2026.11`).

The tree must be clean, `make check` must pass, and something must have changed since the last edition. Two commits
are made: one that names the version in CITATION.cff and CHANGELOG.md and holds what moved and why, from which the
report is built; and one that adds the manifest of what came out. When any step fails the repository is as before.
"""

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from korus import changes, corners, editions, moved
from korus.editions import EditionProblem
from korus.paths import ROOT

UNRELEASED = "## Unreleased"


def frozen(version: str, root: Path = ROOT) -> Path:
    """Freeze the working tree as `version`; the edition's folder.

    Raises EditionProblem with what stands in the way and what to do; then nothing has changed.
    """
    last = refuse_what_can_not_be(version, root)
    start = corners.git(root, "rev-parse", "HEAD")
    try:
        run(root, "check")
        run(root, "chain")
        folder = root / editions.FOLDER / version
        if last:
            folder.mkdir(parents=True)
            write_changes(last, root, folder)
        name_version(version, root)
        commit(root, f"Edition {version}")
        run(root, "all")
        write_manifest(version, root, folder)
        commit(root, f"Freeze edition {version}")
    except BaseException:
        corners.git(root, "reset", "-q", "--hard", start)
        shutil.rmtree(root / editions.FOLDER / version, ignore_errors=True)
        raise
    return folder


def refuse_what_can_not_be(version: str, root: Path) -> editions.Edition | None:
    """The last edition, or None before the first. Raises EditionProblem for a version that can not be frozen now."""
    editions.order(version)
    existing = editions.versions(root)
    if version in existing:
        raise EditionProblem(f"edition {version} is frozen already and is never changed; freeze "
                             f"{version.rsplit('.', 1)[0] if version.count('.') > 1 else version}.1 or later")
    if existing and editions.order(version) < editions.order(existing[-1]):
        raise EditionProblem(f"edition {version} would come before {existing[-1]}, which is frozen")
    if changed := corners.git(root, "status", "--porcelain"):
        raise EditionProblem("these files differ from the last commit; commit or remove them first:\n" + changed)
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^{UNRELEASED}\n+(?!## )\S", changelog, re.M):
        raise EditionProblem(f"CHANGELOG.md says nothing under `{UNRELEASED}`; write there what changed, and commit")
    if not existing:
        return None
    last = editions.edition(existing[-1], root)
    then = corners.committed(root, last.commit, f"edition {last.version}")
    if not corners.differing(root, then, corners.working(root)):
        raise EditionProblem(f"nothing the report is made of has changed since edition {last.version}")
    return last


def run(root: Path, target: str) -> None:
    """Run a target of the Makefile, its words passed on. Raises EditionProblem when it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in corners.UNSET}
    if subprocess.run(["make", target], cwd=root, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
        raise EditionProblem(f"`make {target}` fails (see above): an edition is frozen from a report that builds and checks")


def write_changes(last: editions.Edition, root: Path, folder: Path) -> None:
    """changes.csv: what moved since the last edition, and why."""
    found = changes.changes(last.version, None, root)
    for factor, said in found.failed.items():
        print(f"the effect of {factor} alone is not known, the mixture can not be built:\n{said}", file=sys.stderr)
    found.table.to_csv(folder / "changes.csv", index=False, lineterminator="\n")


def name_version(version: str, root: Path) -> None:
    """Put the version into pyproject.toml, with the day into CITATION.cff, and over the entries of CHANGELOG.md."""
    day = datetime.date.today().isoformat()
    citation = root / "CITATION.cff"
    text = re.sub(r"^version: .*$", f'version: "{version}"', citation.read_text(encoding="utf-8"), flags=re.M)
    citation.write_text(re.sub(r"^date-released: .*$", f"date-released: {day}", text, flags=re.M), encoding="utf-8")
    project = root / "pyproject.toml"
    text = re.sub(r'^version = ".*"$', f'version = "{version}"', project.read_text(encoding="utf-8"), flags=re.M)
    project.write_text(text, encoding="utf-8")
    changelog = root / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace(UNRELEASED, f"{UNRELEASED}\n\n## {version} ({day})", 1), encoding="utf-8")


def write_manifest(version: str, root: Path, folder: Path) -> None:
    """The manifest, the list of files and the results, all or none."""
    files = editions.files_built(root)
    manifest = editions.manifest_of(version, corners.git(root, "rev-parse", "HEAD"),
                                    datetime.date.today().isoformat(), files, root)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as aside:
        for name in editions.RESULTS:
            shutil.copy(root / "data" / "processed" / "results" / name, aside)
        files.to_csv(Path(aside) / "files.csv", index=False, lineterminator="\n")
        # The manifest last: a folder without one is no edition.
        for name in (*editions.RESULTS, "files.csv"):
            os.replace(Path(aside) / name, folder / name)
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def commit(root: Path, message: str) -> None:
    """Commit everything. Raises EditionProblem with git's words (no name configured, a hook)."""
    corners.git(root, "add", "--all")
    try:
        corners.git(root, "commit", "-q", "-m", message)
    except corners.CornerFailed as problem:
        raise EditionProblem(f"the edition can not be committed ({problem})") from None


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("say which: make edition VERSION=2026.11", file=sys.stderr)
        return 2
    try:
        folder = frozen(arguments[0])
    except (EditionProblem, corners.CornerFailed, moved.NotABuild) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Edition {arguments[0]} is frozen in {folder.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
