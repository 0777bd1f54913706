"""Render a staged book with Jupyter Book; every warning is a failure and names page and line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

# Settings of the shell that would change how the pages are rendered.
UNSET = ("SOURCE_DATE_EPOCH", "LANGUAGE", "LANG", "PYTHONPATH", "PYTHONWARNINGS", "PYTHONOPTIMIZE",
         "DOCUTILSCONFIG", "FORCE_COLOR", "SPHINXOPTS")
SETTINGS = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "NO_COLOR": "1"}
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
# Jupyter Book's notebook reader counts 10,000 lines for each cell, and its text from line 2.
LINES_PER_CELL = 10_000


class BookFailed(Exception):
    """The book can not be built; the text says which page and line, and what to do."""


def pages_of(toc: dict) -> list[str]:
    """Names of all pages in a table of contents, in reading order, the first page first."""
    names = [toc["root"]]
    for part in toc.get("parts", []):
        names += [entry["file"] for entry in part["chapters"]]
    return names


def render(source: Path, output: Path, lock: int | None = None) -> None:
    """Render the staged book into `output`; every warning is a failure.

    `lock` is an open lock file handed to the renderer: should this process be killed, the next
    build waits until the renderer, too, has ended. Raises BookFailed with all warnings.
    """
    environment = {k: v for k, v in os.environ.items() if k not in UNSET} | SETTINGS
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source), "--path-output",
               str(output), "-W", "-n", "--keep-going", "--all", "-q"]
    done = subprocess.run(
        command, cwd=source, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, encoding="utf-8", errors="replace", check=False,
        pass_fds=[] if lock is None else [lock],
    )
    problems = readable(done.stderr, source)
    if done.returncode or problems:
        raise BookFailed(problems or readable(done.stdout[-4000:], source))
    html = output / "_build" / "html"
    # Only serves to rebuild in place, which never happens here.
    (html / ".buildinfo").unlink(missing_ok=True)
    first = pages_of(yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8")))[0]
    if first != "index":
        (html / "index.html").write_text(redirect(first, source), encoding="utf-8")


def redirect(first: str, source: Path) -> str:
    """The page at the book's own address, which leads to its first page."""
    title = yaml.safe_load((source / "_config.yml").read_text(encoding="utf-8"))["title"]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<link rel="icon" href="data:,">\n'
        f'<meta http-equiv="refresh" content="0; url={first}.html">\n'
        f'<link rel="canonical" href="{first}.html">\n</head>\n'
        f'<body><p><a href="{first}.html">{title}</a></p></body>\n</html>\n'
    )


def readable(messages: str, source: Path) -> str:
    """Messages of the renderer with pages and lines as an author knows them, without colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", messages).replace(f"{source}{os.sep}", "")
    return re.sub(r"^(chapters/\S+?\.ipynb):(\d+):", _cell_and_line, text, flags=re.M).strip()


def _cell_and_line(found: re.Match) -> str:
    """`chapters/x.ipynb, cell 3, line 2:` from the renderer's line number."""
    cell, line = divmod(int(found[2]), LINES_PER_CELL)
    return f"{found[1]}, cell {cell}, line {max(line - 1, 1)}:" if cell else f"{found[1]}:"
