"""Times the PDF of the built report: `python -m korus.bench_pdf [--runs N]`, one line of JSON.

Pandoc and Typst on the rendered pages, each run in a process of its own, as in a build; and beside it Jupyter
Book's own PDF builder, which needs TeX, where that is installed.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import yaml

from korus import pdf, pdf_source, render, stage
from korus.paths import build_dir

NEEDED_BY_TEX = ("latexmk", "xelatex")


def once() -> dict[str, float]:
    """Seconds that pandoc and Typst take for the report of the baseline."""
    given, html = stage.material("baseline"), build_dir("baseline") / "html"
    toc = yaml.safe_load((given.book / "_toc.yml").read_text(encoding="utf-8"))
    blocks, _ = pdf_source.document(html, toc)
    begun = time.perf_counter()
    pdf.converted(blocks, given.book / "pdf")
    converted = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        main = pdf.write_source(html, toc, pdf.about(given), given.book / "pdf", Path(folder))
        begun = time.perf_counter()
        pdf.typeset(main, given.as_of)
        return {"pandoc": converted, "typst": time.perf_counter() - begun}


def with_tex() -> str:
    """How long Jupyter Book's pdflatex builder takes for the staged book, or why that is not known."""
    if not all(map(shutil.which, NEEDED_BY_TEX)):
        return "TeX is not installed"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        stage.stage(stage.material("baseline"), source)
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", render.JUPYTER_BOOK, "build", str(source), "--builder", "pdflatex",
                               "--path-output", folder], check=False, capture_output=True, cwd=source)
        return "it fails" if done.returncode else f"{time.perf_counter() - begun:.0f} s"


def main() -> None:
    """Print the medians, in seconds."""
    parser = argparse.ArgumentParser(prog="python -m korus.bench_pdf", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--once", action="store_true", help="one run in this process")
    given = parser.parse_args()
    if given.once:
        print(json.dumps(once()))
        return
    # Typst remembers within a process what it has set before; a build starts with nothing.
    command = [sys.executable, "-m", "korus.bench_pdf", "--once"]
    turns = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
             for _ in range(given.runs)]
    found = {name: median(turn[name] for turn in turns) for name in turns[0]}
    print(json.dumps(found | {"tex": with_tex()}))


if __name__ == "__main__":
    main()
