"""How long it takes to compare two editions of the same code: `python -m korus.bench_editions [--runs N]`.

Prints JSON: `changes` seconds, `rows` that moved. The second edition is made here, in this working copy: one raw
file differs and every tenth value has moved. It is called synthetic in its manifest and serves to be compared only.
"""

import argparse
import json
import shutil
import subprocess
import time
from pathlib import Path
from statistics import median

import pandas as pd

from korus import corners, editions
from korus.paths import ROOT

EVERY = 10
CHANGED = "data/raw/sources.csv"


def second_edition(first: editions.Edition, root: Path) -> str:
    """Write an edition after `first` with the same code and other figures; its version."""
    version = f"{first.version}.999"
    folder = root / editions.FOLDER / version
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(first.folder, folder)
    values = pd.read_csv(folder / "values.csv", dtype={"text": str})
    values.loc[::EVERY, "value"] *= 1.5
    values.to_csv(folder / "values.csv", index=False, lineterminator="\n")
    manifest = first.manifest | {"version": version, "note": "synthetic", "commit": other_figures(first.commit, root)}
    manifest["results"] = {name: editions.digest(folder / name) for name in first.manifest["results"]}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return version


def other_figures(commit: str, root: Path) -> str:
    """A commit, on no branch, that differs from `commit` in one raw file."""
    content = corners.git(root, "show", f"{commit}:{CHANGED}") + "\n\n"
    tree = corners.with_file(root, commit, CHANGED, content)
    return corners.git(root, "-c", "user.name=bench", "-c", "user.email=", "commit-tree", "-m", "bench", tree)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    existing = editions.versions()
    if not existing:
        print(json.dumps({"skipped": "no edition has been frozen yet"}))
        return
    first = editions.edition(existing[-1])
    version = second_edition(first, ROOT)
    spent = []
    try:
        for _ in range(runs):
            begun = time.perf_counter()
            subprocess.run(["make", "changes", f"FROM={first.version}", f"TO={version}"], cwd=ROOT, check=True,
                           capture_output=True)
            spent.append(time.perf_counter() - begun)
        moved = len(pd.read_csv(ROOT / "_build" / "changes.csv"))
    finally:
        shutil.rmtree(ROOT / editions.FOLDER / version)
    print(json.dumps({"changes": median(spent), "rows": moved}))


if __name__ == "__main__":
    main()
