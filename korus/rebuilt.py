"""Rebuild an edition in a fresh clone and compare it byte for byte: `python -m korus.rebuilt` (`make verify`).

The rebuild has other surroundings than a build usually has, so that what depends on them is found: another folder,
home, time zone, language, umask, hash seed and number of jobs, and files made in another order.
"""

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from korus import corners, editions
from korus.editions import EditionProblem
from korus.paths import ROOT

ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
JOBS = "-j3"
LINES_SHOWN = 40
CHARACTERS = 300
# Where a rebuilt file first looks for the frozen one: the edition's own folder holds the results.
TEXT = (".csv", ".html", ".json", ".md", ".js", ".css", ".svg", ".txt", ".ipynb", ".xml")


def rebuilt(given: editions.Edition, root: Path, folder: Path) -> Path:
    """A clone at the edition's commit with the report built. Raises EditionProblem with the build's last words."""
    clone, home = folder / "clone", folder / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", "--no-checkout", str(root), str(clone)], check=True)
    check_out_backwards(given, clone)
    usual = {name: value for name, value in os.environ.items() if name not in corners.UNSET}
    # The environment is installed with the caller's settings for it, which may be in the caller's home.
    steps = [("make .venv/korus-ready", usual), (f"umask 077 && make {JOBS}", usual | ELSEWHERE | {"HOME": str(home)})]
    for command, environment in steps:
        done = subprocess.run(["sh", "-c", command], cwd=clone, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:]
            raise EditionProblem(f"edition {given.version} does not build any more:\n" + "\n".join(said))
    return clone


def check_out_backwards(given: editions.Edition, clone: Path) -> None:
    """The files of the edition's commit, the last one made first. Raises EditionProblem where git lacks the commit."""
    try:
        corners.git(clone, "update-ref", "--no-deref", "HEAD", f"{given.commit}^{{commit}}")
    except corners.CornerFailed:
        raise EditionProblem(f"commit {given.commit} of edition {given.version} is not in this clone. Fetch the whole "
                             "history: git fetch --unshallow") from None
    corners.git(clone, "read-tree", "HEAD")
    names = corners.git(clone, "ls-files", "-z").split("\0")
    subprocess.run(["git", "checkout-index", "-q", "-z", "--stdin"], cwd=clone, check=True, text=True,
                   input="\0".join(reversed([name for name in names if name])))
    corners.git(clone, "update-index", "-q", "--refresh")


def differing(frozen: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Files that are not the same: path, what (differs, missing, not in the edition), in order of path."""
    both = frozen.merge(now, on="path", how="outer", suffixes=("_frozen", "_now"), indicator=True).sort_values("path")
    what = both["_merge"].map({"left_only": "missing", "right_only": "not in the edition", "both": "differs"}).astype(str)
    unlike = (both["_merge"] != "both") | (both["sha256_frozen"] != both["sha256_now"])
    return both.assign(what=what)[unlike][["path", "what", "sha256_frozen", "sha256_now"]].reset_index(drop=True)


def frozen_file(path: str, expected: str, given: editions.Edition, root: Path) -> Path | None:
    """A file with the frozen content: in the edition's folder, or in a build that is still about; else None."""
    for place in (given.folder / Path(path).name, root / path):
        if place.is_file() and editions.digest(place) == expected:
            return place
    return None


def difference(path: str, expected: str, given: editions.Edition, clone: Path, root: Path) -> str:
    """How the rebuilt file differs from the frozen one, as far as both are at hand."""
    before, after = frozen_file(path, expected, given, root), clone / path
    if before is None or not after.is_file():
        return "The frozen file itself is not kept; its digest is in files.csv."
    if not path.endswith(TEXT):
        return f"{before.stat().st_size} bytes were frozen, {after.stat().st_size} came out; it is no text."
    lines = list(difflib.unified_diff(
        before.read_text(encoding="utf-8").splitlines(), after.read_text(encoding="utf-8").splitlines(),
        "frozen", "rebuilt", lineterm="", n=1))
    shown = [line if len(line) <= CHARACTERS else f"{line[:CHARACTERS]}…" for line in lines[:LINES_SHOWN]]
    return "\n".join(shown + ([f"… and {len(lines) - LINES_SHOWN} lines more"] if len(lines) > LINES_SHOWN else []))


def report(given: editions.Edition, root: Path = ROOT) -> tuple[str, bool]:
    """What a rebuild shows, in words, and whether the edition is sound. Raises EditionProblem."""
    if broken := editions.tampered(given):
        return "The edition was changed after it was frozen:\n" + "\n".join(broken), False
    frozen = pd.read_csv(given.folder / "files.csv")
    with tempfile.TemporaryDirectory(prefix="korus-verify.") as folder:
        clone = rebuilt(given, root, Path(folder))
        unlike = differing(frozen, editions.files_built(clone))
        if unlike.empty:
            return f"Edition {given.version}: {len(frozen)} files rebuilt, every byte the same", True
        first = unlike.iloc[0]
        words = [f"Edition {given.version}: {len(unlike)} of {len(frozen)} files are not as frozen.",
                 f"The first is {first['path']} ({first['what']})."]
        if first["what"] == "differs":
            words.append(difference(first["path"], first["sha256_frozen"], given, clone, root))
        python = given.manifest["versions"]["python"]
        if python != "%d.%d.%d" % sys.version_info[:3]:
            words.append(f"It was frozen with Python {python}, this is {'%d.%d.%d' % sys.version_info[:3]}.")
        return "\n".join([*words, *unlike["path"].iloc[1:20]]), False


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make verify")
    parser.add_argument("version", nargs="?", help="the edition, by default the last one")
    version = parser.parse_args(arguments).version
    try:
        words, sound = report(editions.edition(version))
    except EditionProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(words, file=sys.stdout if sound else sys.stderr)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
