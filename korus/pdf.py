"""Build the PDF of a profile from its pages: `python -m korus.pdf --profile P [--html FOLDER] [--to FILE]`.

The rendered pages, put in a row (korus/pdf_source.py), go through pandoc into Typst, which sets them with
the template in book/pdf/. Nothing is fetched, no font of the machine is used, and the same pages give the
same bytes. Only a document without a single warning takes the place of the previous one.
"""

import argparse
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import yaml

from korus import pdf_source
from korus.paths import ROOT, build_dir
from korus.render import BookFailed
from korus.stage import INTERRUPTED, Material, interrupt, material, workshop

FONTS = ("rinoh_typeface_texgyrepagella", "rinoh_typeface_texgyreheros", "rinoh_typeface_notosanscjk")
# Charts name faces of the reader's machine; on paper they are set in the face of headings and tables.
CHART_FACES = 'font-family="TeX Gyre Heros, Noto Sans CJK JP"'
# Accessible to a screen reader, by the standard that Typst checks as it writes.
STANDARD = "ua-1"
# Pandoc runs beside itself: the report is cut in as many pieces.
PIECES = 2
SUBTITLE = "A report that rebuilds itself from published figures"


def fonts() -> list[Path]:
    """The folders of the installed font packages. Raises BookFailed."""
    folders = []
    for package in FONTS:
        found = importlib.util.find_spec(package)
        if found is None:
            raise BookFailed(f"the font package {package} is not installed: remove .venv and run `make`.")
        folders.append(Path(found.submodule_search_locations[0]))
    return folders


def in_words(day: str) -> str:
    """`2026-11-22` as `22 November 2026`."""
    return f"{datetime.fromisoformat(day):%-d %B %Y}"


def about(given: Material) -> dict:
    """What the title page and the document's properties say."""
    config = yaml.safe_load(given.config.read_text(encoding="utf-8"))
    cited = yaml.safe_load((given.root / "CITATION.cff").read_text(encoding="utf-8"))
    authors = [author["name"] for author in cited["authors"]]
    facts = {
        "Figures published by": in_words(given.as_of),
        "Version": f"{given.edition}, {in_words(str(cited['date-released']))}"
        if given.edition.startswith("Edition") else given.edition,
        "Commit": given.commit[:12] + ("-dirty" if given.commit.endswith("-dirty") else ""),
        "Profile": given.profile if given.profile == "baseline" else f"{given.profile}, a variant of the report",
        "By": ", ".join(authors),
    }
    return {"title": config["title"], "subtitle": SUBTITLE, "authors": authors,
            "facts": list(facts.items())}


# ---- HTML to Typst -------------------------------------------------------------------------------


def in_pieces(blocks: list[str], number: int) -> list[str]:
    """Blocks joined to a number of pieces of about the same length."""
    size, length, pieces = sum(map(len, blocks)), 0, [[] for _ in range(number)]
    for block in blocks:
        pieces[min(length * number // max(size, 1), number - 1)].append(block)
        length += len(block)
    return ["\n".join(piece) for piece in pieces]


def to_typst(markup: str, template: Path) -> str:
    """A piece of HTML as Typst, by pandoc and the filter of the template. Raises BookFailed."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--from=html-auto_identifiers", "--to=typst", "--wrap=none",
               "--fail-if-warnings", f"--lua-filter={template / 'report.lua'}"]
    done = subprocess.run(command, input=markup, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise BookFailed(f"pandoc: {done.stderr.strip()[-2000:]}")
    return done.stdout


def converted(blocks: list[str], template: Path) -> str:
    """Blocks of HTML as Typst. Raises BookFailed."""
    with ThreadPoolExecutor(PIECES) as pool:
        return "\n".join(pool.map(lambda piece: to_typst(piece, template), in_pieces(blocks, PIECES)))


def write_source(html: Path, toc: dict, facts: dict, template: Path, folder: Path) -> Path:
    """Everything Typst needs, in `folder`; the path of the main file. Raises BookFailed."""
    try:
        blocks, pictures = pdf_source.document(html, toc)
    except pdf_source.SourceProblem as problem:
        raise BookFailed(str(problem)) from None
    for name in pictures:
        drawing = (html / name).read_text(encoding="utf-8")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(re.sub(r'font-family="[^"]*"', CHART_FACES, drawing), encoding="utf-8")
    body = converted(blocks, template)
    (folder / "report.typ").write_bytes((template / "report.typ").read_bytes())
    (folder / "about.json").write_text(json.dumps(facts), encoding="utf-8")
    main = folder / "main.typ"
    main.write_text(f'#import "report.typ": *\n#show: report.with(json("about.json"))\n{body}', encoding="utf-8")
    return main


# ---- Typst to PDF --------------------------------------------------------------------------------


def typeset(main: Path, day: str) -> bytes:
    """The PDF of a Typst document, dated `day`; every warning is a failure. Raises BookFailed."""
    import typst

    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    try:
        pdf, warnings = typst.compile_with_warnings(
            main, root=main.parent, font_paths=fonts(), ignore_system_fonts=True, format="pdf",
            pdf_standards=STANDARD, timestamp=int(moment.timestamp()))
    except typst.TypstError as error:
        raise BookFailed(f"Typst: {str(error)[:4000]}") from None
    if warnings:
        raise BookFailed("\n".join(f"Typst: {warning.message}" for warning in warnings))
    return pdf


def build(given: Material, html: Path, place: Path) -> None:
    """Build the PDF of the pages in `html` at `place`. Raises BookFailed."""
    toc = yaml.safe_load((given.book / "_toc.yml").read_text(encoding="utf-8"))
    with workshop(place) as (folder, _):
        main = write_source(html, toc, about(given), given.book / "pdf", folder)
        new = folder / "new.pdf"
        new.write_bytes(typeset(main, given.as_of))
        os.replace(new, place)


def main(argv: list[str] | None = None) -> int:
    """The command line; 0, 1 when the document failed, 130 when it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m korus.pdf", description=__doc__)
    parser.add_argument("--profile", default="baseline")
    parser.add_argument("--html", type=Path, help="folder of the pages (default: _build/…/html)")
    parser.add_argument("--to", type=Path, help="the PDF (default: _build/…/korus.pdf)")
    given = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, interrupt)
    html = (given.html or build_dir(given.profile) / "html").resolve()
    place = (given.to or build_dir(given.profile) / "korus.pdf").resolve()
    begun = time.monotonic()
    try:
        build(material(given.profile), html, place)
    except BookFailed as failure:
        print(f"the PDF of the profile {given.profile} failed; the previous one stays:\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("  the PDF was interrupted; the previous one stays", file=sys.stderr)
        return INTERRUPTED
    print(f"  PDF … {time.monotonic() - begun:.1f} s ({place.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
