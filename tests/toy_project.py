"""A small project with the real Makefile's rules and the real runner, for tests that break things.

Only the declarations of the Makefile are replaced: two cleaning notebooks and one that shows.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
REAL_MODULES = ["__init__", "environment", "execute", "kernel", "lock", "notebook_text", "outputs",
                "parameters", "paths", "run", "why"]
STUBS = {
    "verify": "from korus import raw\nprint('raw verified')\n",
    "raw": "from korus import paths\n",
    "values": (
        "from korus import paths\nimport sys\n"
        "p = paths.processed_dir(sys.argv[-1]) / 'results'\n"
        "rows = [f.read_text() for f in sorted((p / 'values').glob('*.csv'))]\n"
        "(p / 'values.csv').write_text(''.join(rows))\n"
    ),
    "stage": (
        "from pathlib import Path\np = Path('_build/html/index.html')\n"
        "p.parent.mkdir(parents=True, exist_ok=True)\n"
        "p.write_text(Path('data/processed/results/values.csv').read_text())\n"
    ),
    "pdf": (
        "from pathlib import Path\n"
        "Path('_build/korus.pdf').write_text(Path('_build/html/index.html').read_text())\n"
    ),
}
DECLARATIONS = """\
NOTEBOOKS := 11_clean 12_clean 21_show
11_clean.raw := bea
11_clean.modules := raw
11_clean.writes := a.parquet
12_clean.raw := b.csv
12_clean.writes := b.parquet
21_show.reads := a.parquet b.parquet
21_show.parameters := as_of
21_show.writes := results/values/21_show.csv

"""
IMPORTS = """\
import os
from pathlib import Path
out, root = Path(os.environ["KORUS_OUTPUT"]), Path.cwd()"""
CLEAN_A = "(out / 'a.parquet').write_text((root / 'data/raw/bea/a.csv').read_text().upper())"
CLEAN_B = "(out / 'b.parquet').write_text((root / 'data/raw/b.csv').read_text().upper())"
SHOW = """\
tables = [(root / f"data/processed/{name}.parquet").read_text() for name in "ab"]
(out / "results/values/21_show.csv").write_text(as_of + "".join(tables))"""


def write_notebook(root: Path, name: str, *cells: str, parameters: str = "", ids=True) -> Path:
    """A notebook of code cells; `parameters` becomes a first cell tagged so."""
    sources = ([parameters] if parameters else []) + list(cells)
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                **({"id": f"c{number}"} if ids else {}),
                "metadata": {"tags": ["parameters"]} if parameters and number == 0 else {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(sources)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5 if ids else 4,
    }
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def bare_project(root: Path) -> Path:
    """A folder that is enough for the runner alone: parameters, and no Makefile."""
    (root / "params").mkdir(parents=True)
    for path in (PROJECT / "params").glob("*.yml"):
        shutil.copy2(path, root / "params")
    return root


def make_project(root: Path) -> Path:
    """A folder in which `make` works: the real rules over the declarations above."""
    bare_project(root)
    (root / "korus").mkdir()
    for name in REAL_MODULES:
        shutil.copy2(PROJECT / "korus" / f"{name}.py", root / "korus")
    for name, text in STUBS.items():
        (root / "korus" / f"{name}.py").write_text(text, encoding="utf-8")
    shutil.copy2(PROJECT / "requirements.lock", root)
    (root / ".venv").symlink_to(sys.prefix)
    (root / "book").mkdir()
    (root / "_config.yml").write_text("title: toy\n", encoding="utf-8")
    (root / "data" / "raw" / "bea").mkdir(parents=True)
    (root / "data" / "raw" / "bea" / "a.csv").write_text("x\n1\n", encoding="utf-8")
    (root / "data" / "raw" / "b.csv").write_text("y\n2\n", encoding="utf-8")
    write_notebook(root, "11_clean", IMPORTS, CLEAN_A)
    write_notebook(root, "12_clean", IMPORTS, CLEAN_B)
    write_notebook(root, "21_show", IMPORTS, SHOW, parameters="as_of = '2026-11-22'")
    (root / "Makefile").write_text(with_toy_declarations(), encoding="utf-8")
    return root


def with_toy_declarations() -> str:
    """The project's Makefile with the notebooks of the toy in place of its own."""
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    start, end = text.index("NOTEBOOKS :="), text.index("# ---- The modules")
    text = text[:start] + DECLARATIONS + text[end:]
    for name in STUBS:
        imports = re.findall(r"from korus import (\w+)", STUBS[name])
        text = re.sub(rf"(?m)^imports\.{name} :=.*$", f"imports.{name} := {' '.join(imports)}", text)
    return text


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what a surrounding make or build set."""
    dropped = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PROFILE", "KORUS_MAKE",
               "KORUS_FAILURES", "COVERAGE_PROCESS_START")
    return {k: v for k, v in os.environ.items() if k not in dropped} | more


def make(root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Run make in a project."""
    return subprocess.run(
        ["make", *arguments], cwd=root, env=clean_environment(**more), text=True,
        capture_output=True, timeout=120,
    )


def run_command(root: Path, notebook: str, *arguments: str) -> list[str]:
    """The command line of the runner."""
    return [sys.executable, "-m", "korus.run", notebook, "--root", str(root), *arguments]


def run(root: Path, notebook: str, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Run one notebook with the project's own runner."""
    return subprocess.run(
        run_command(root, notebook, *arguments), cwd=PROJECT, env=clean_environment(**more),
        text=True, capture_output=True, timeout=120,
    )


def wait_until(condition, seconds: float = 20) -> bool:
    """Whether `condition()` became true within some seconds."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if condition():
            return True
        time.sleep(0.02)
    return False


def ages(root: Path, *names: str) -> dict[str, int]:
    """Time stamps of files, in nanoseconds."""
    return {name: (root / name).stat().st_mtime_ns for name in names}
