"""A small git repository whose report is three lines of arithmetic, for tests that take it apart.

`make chain` writes results from a raw figure, a parameter and a factor in the code:
total = figure × parameter × factor. A verdict holds total against 100.
"""

import subprocess
from pathlib import Path

CODE = """\
import pathlib, sys, yaml_free
FACTOR = 2
root = pathlib.Path(__file__).parent
figure = float((root / "data/raw/figure.csv").read_text().split()[1])
parameter = float((root / "params/baseline.yml").read_text().split()[-1])
profile = sys.argv[1]
out = root / "data/processed" / ("" if profile == "baseline" else profile) / "results"
out.mkdir(parents=True, exist_ok=True)
total = figure * parameter * FACTOR
yaml_free.write(out, total)
if sys.argv[2:]:
    yaml_free.pages(root, total)
"""
WRITER = """\
def pages(root, total):
    for name in ("_build/html/index.html", "_build/korus.pdf", "book/chapters/21_toy.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f'<div class="bd-container">It is {total}.</div>\\n')

def write(out, total):
    (out / "values.csv").write_text(
        "id,value,lower,upper,unit,text\\n"
        f"toy.total.2024,{total},,,ratio,{total:.2f}\\n")
    (out / "estimates.csv").write_text("id,estimate,lower,upper,unit\\n")
    (out / "claims.csv").write_text(f"claim,verdict,value_text\\nis-large,{'reproduced' if total > 100 else 'contradicted'},\\n")
"""
MAKEFILE = """\
PROFILE ?= baseline
all: chain
\tpython3 build.py baseline pages
chain:
\tpython3 build.py $(PROFILE)
check:
\ttest ! -e data/raw/bad.csv
.venv/korus-ready:
"""
FILES = {
    "build.py": CODE,
    "yaml_free.py": WRITER,
    "data/raw/figure.csv": "figure\n10\n",
    "params/baseline.yml": "as_of: 2026-01-01\nshare: 3\n",
    "requirements.lock": "",
    "Makefile": MAKEFILE,
    ".gitignore": "_build/\ndata/processed/\nbook/chapters/\n__pycache__/\n",
    "CITATION.cff": "title: Toy\nversion: 0.1.0\ndate-released: 2026-01-01\n",
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- The first report.\n",
    "pyproject.toml": '[project]\nname = "toy"\nversion = "0.1.0"\ndependencies = ["pandas>=3"]\n[dependency-groups]\ntest = ["pytest"]\n',
    "data/raw/datapackage.json": '{"resources": [{"path": "figure.csv", "hash": "sha256:ab", "date_published": "2026-01-01"}]}',
}


def git(root: Path, *arguments: str) -> str:
    """Run git as somebody who has no settings of their own."""
    settings = ["-c", "user.name=Toy", "-c", "user.email=toy@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *settings, *arguments], cwd=root, check=True, capture_output=True,
                          text=True).stdout.strip()


def repository(root: Path) -> Path:
    """The toy repository with its first commit."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    commit(root)
    return root


def commit(root: Path, **files: str) -> str:
    """Write files (`data__raw__figure.csv` by its path) and commit; the commit's hash."""
    for name, text in files.items():
        (root / name.replace("__", "/")).write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "-q", "--allow-empty", "-m", "Toy")
    return git(root, "rev-parse", "HEAD")
