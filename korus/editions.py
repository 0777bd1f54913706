"""Editions: builds of the report that are frozen in git, each a small folder `editions/<version>/`.

    manifest.json   what it was made from (commit, raw files with their vintages, parameters, lock) and its digests
    files.csv       every file that came out: path, bytes, sha256
    values.csv, estimates.csv, claims.csv
    changes.csv     what moved since the edition before it, and why; the first edition has none

Nothing here holds a host name, a path of a machine or a time of day.
"""

import hashlib
import importlib.metadata
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from korus.paths import ROOT

FOLDER = "editions"
VERSION = re.compile(r"(\d{4})\.(0[1-9]|1[0-2])(?:\.(\d+))?")
RESULTS = ("values.csv", "estimates.csv", "claims.csv")
# What an edition vouches for, byte for byte: the pages, the PDF, the executed notebooks, every table.
VOUCHED = ("_build/html", "_build/korus.pdf", "book/chapters", "data/processed")
# Left by the runner and by variants, not part of the published report.
NOT_VOUCHED = re.compile(r"data/processed/(?!results/|runs/)[^/]+/|/\.")


NONE_FROZEN = "no edition has been frozen yet; make edition VERSION=2026.11 freezes one"


class EditionProblem(ValueError):
    """An edition that is missing, misnamed or not what its manifest says; the message says what to do."""


@dataclass(frozen=True)
class Edition:
    """A frozen edition: its version, folder and manifest."""

    version: str
    folder: Path
    manifest: dict

    @property
    def commit(self) -> str:
        return self.manifest["commit"]


def order(version: str) -> tuple[int, int, int]:
    """A version as numbers, to sort by. Raises EditionProblem where it is not `2026.11` or `2026.11.1`."""
    found = VERSION.fullmatch(version)
    if not found:
        raise EditionProblem(f"{version!r} is no version: write year and month, as 2026.11, or 2026.11.1 for a second one")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def versions(root: Path = ROOT) -> list[str]:
    """Versions of all frozen editions, oldest first."""
    return sorted((path.parent.name for path in (root / FOLDER).glob("*/manifest.json")), key=order)


def edition(version: str | None = None, root: Path = ROOT) -> Edition:
    """A frozen edition, by default the last. Raises EditionProblem naming those there are, or a broken manifest."""
    if not version:
        version = next(reversed(versions(root)), "")
    if not version:
        raise EditionProblem(NONE_FROZEN)
    order(version)
    folder = root / FOLDER / version
    path = folder / "manifest.json"
    if not path.exists():
        raise EditionProblem(f"there is no edition {version}; there are: {', '.join(versions(root)) or 'none yet'}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise EditionProblem(f"{FOLDER}/{version}/manifest.json can not be read ({problem}); restore it: "
                             f"git checkout {FOLDER}/{version}") from None
    return Edition(version, folder, manifest)


def label(root: Path = ROOT) -> str:
    """How a build of the working tree calls itself: an edition being frozen, or what follows the last one.

    CITATION.cff names the version. As long as that edition is not frozen the build is the edition itself.
    """
    version = str(yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"])
    if not VERSION.fullmatch(version):
        return "Working version"
    return f"Working version after edition {version}" if version in versions(root) else f"Edition {version}"


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_built(root: Path = ROOT) -> pd.DataFrame:
    """Every file an edition vouches for: path, bytes, sha256; sorted by path.

    Raises EditionProblem naming what has not been built.
    """
    found = []
    for name in VOUCHED:
        top = root / name
        if not top.exists():
            raise EditionProblem(f"{name}: not built yet. Run `make`")
        found += [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
    names = sorted((path.relative_to(root).as_posix(), path) for path in found)
    return pd.DataFrame([(name, path.stat().st_size, digest(path)) for name, path in names
                         if not NOT_VOUCHED.search(name)], columns=["path", "bytes", "sha256"])


def tree_digest(files: pd.DataFrame, below: str) -> str:
    """One digest for all files below a folder, of their paths and contents."""
    lines = [f"{row.sha256}  {row.path}\n" for row in files.itertuples() if row.path.startswith(below)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def manifest_of(version: str, commit: str, day: str, files: pd.DataFrame, root: Path = ROOT) -> dict:
    """What an edition was made from and what came out; `day` is the day it was frozen."""
    parameters = yaml.safe_load((root / "params" / "baseline.yml").read_text(encoding="utf-8"))
    package = json.loads((root / "data" / "raw" / "datapackage.json").read_text(encoding="utf-8"))
    by_path = files.set_index("path")["sha256"]
    return {
        "version": version,
        "date": day,
        "commit": commit,
        "profile": "baseline",
        "as_of": str(parameters["as_of"]),
        "parameters": {name: value if isinstance(value, (int, float, list)) else str(value)
                       for name, value in sorted(parameters.items())},
        "raw": [{"path": record["path"], "sha256": record["hash"].removeprefix("sha256:"),
                 "vintage": record["date_published"]} for record in package["resources"]],
        "lock": digest(root / "requirements.lock"),
        "versions": {"python": "%d.%d.%d" % sys.version_info[:3]} | {
            name: importlib.metadata.version(name) for name in direct_dependencies(root)},
        "results": {name: by_path[f"data/processed/results/{name}"] for name in RESULTS},
        "processed": tree_digest(files, "data/processed/"),
        "notebooks": tree_digest(files, "book/chapters/"),
        "html": tree_digest(files, "_build/html/"),
        "pdf": by_path["_build/korus.pdf"],
    }


def direct_dependencies(root: Path) -> list[str]:
    """Names of the packages that pyproject.toml asks for, sorted."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]
    return sorted(re.match(r"[A-Za-z0-9._-]+", name)[0] for name in asked)


def tampered(given: Edition) -> list[str]:
    """What in an edition's folder is not what its manifest says; empty for a sound edition."""
    found = []
    for name, expected in given.manifest["results"].items():
        path = given.folder / name
        if not path.exists():
            found.append(f"{FOLDER}/{given.version}/{name}: missing")
        elif digest(path) != expected:
            found.append(f"{FOLDER}/{given.version}/{name}: not the file that was frozen")
    listing = given.folder / "files.csv"
    if not listing.exists():
        return [*found, f"{FOLDER}/{given.version}/files.csv: missing"]
    files = pd.read_csv(listing)
    trees = {"html": "_build/html/", "processed": "data/processed/", "notebooks": "book/chapters/"}
    found += [f"{FOLDER}/{given.version}/files.csv: the files below {below} are not those of the manifest"
              for name, below in trees.items() if tree_digest(files, below) != given.manifest[name]]
    pdf = files.set_index("path")["sha256"].get("_build/korus.pdf")
    if pdf != given.manifest["pdf"]:
        found.append(f"{FOLDER}/{given.version}/files.csv: the PDF is not that of the manifest")
    return found
