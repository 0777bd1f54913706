"""A folder for any static host with all editions side by side: `python -m korus.site` (`make site`).

`_build/site/<version>/` holds an edition's pages and PDF, byte for byte as frozen except for a bar at the top of every
page: which edition it is, whether a newer one stands in the folder, and links to the same page of the others. The
bar is plain HTML, so it works from a folder and without scripts.
"""

import html
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd

from korus import editions, rebuilt
from korus.editions import Edition, EditionProblem
from korus.paths import ROOT

SITE = Path("_build") / "site"
BUILT = Path("_build") / "editions"
PAGES, PDF = "_build/html", "_build/korus.pdf"
# The bar stands before what every page of the theme begins with.
PLACE = '<div class="bd-container">'
LEADS_ON = '<meta http-equiv="refresh"'


def assembled(root: Path = ROOT) -> Path:
    """Put the folder together and return it; the one from before stays until the new one is whole.

    Raises EditionProblem when there is no edition, or one can not be built to the bytes that were frozen.
    """
    existing = [editions.edition(version, root) for version in editions.versions(root)]
    if not existing:
        raise EditionProblem(editions.NONE_FROZEN)
    built = {given.version: built_pages(given, root) for given in existing}
    (root / "_build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / "_build", prefix="site.") as folder:
        new = Path(folder) / "site"
        for given in existing:
            shutil.copytree(built[given.version] / PAGES, new / given.version)
            shutil.copy(built[given.version] / PDF, new / given.version)
        for given in existing:
            for path in sorted((new / given.version).rglob("*.html")):
                add_bar(path, path.relative_to(new / given.version).as_posix(), given, existing, new)
        (new / "index.html").write_text(first_page(existing), encoding="utf-8")
        old = root / SITE
        if old.exists():
            os.replace(old, Path(folder) / "old")
        os.replace(new, old)
    return root / SITE


def built_pages(given: Edition, root: Path) -> Path:
    """A folder with the edition's `_build/html` and PDF: the last build, one kept from before, or a new one."""
    kept = root / BUILT / given.version
    frozen = pd.read_csv(given.folder / "files.csv")
    frozen = frozen[frozen["path"].str.startswith((PAGES + "/", PDF))]
    for place in (root, kept):
        if as_frozen(frozen, place):
            return place
    with tempfile.TemporaryDirectory(prefix="korus-site.") as folder:
        clone = rebuilt.rebuilt(given, root, Path(folder))
        if not as_frozen(frozen, clone):
            raise EditionProblem(f"edition {given.version} does not build to the bytes that were frozen; "
                                 f"`make verify VERSION={given.version}` shows the difference")
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(clone / PAGES, kept / PAGES)
        shutil.copy(clone / PDF, kept / PDF)
    return kept


def as_frozen(frozen: pd.DataFrame, place: Path) -> bool:
    """Whether pages and PDF in a folder are those of the list, no more and no fewer."""
    pages = [path for path in (place / PAGES).rglob("*") if path.is_file()]
    return len(pages) + 1 == len(frozen) and all(
        (place / row.path).is_file() and editions.digest(place / row.path) == row.sha256 for row in frozen.itertuples())


def add_bar(path: Path, page: str, given: Edition, existing: list[Edition], site: Path) -> None:
    """Write the bar into a page, unless it only leads on. Raises EditionProblem for a page without the place for it."""
    text = path.read_text(encoding="utf-8")
    if LEADS_ON in text:
        return
    if PLACE not in text:
        raise EditionProblem(f"{given.version}/{page}: no {PLACE} to put the bar of editions before")
    path.write_text(text.replace(PLACE, bar(page, given, existing, site) + PLACE, 1), encoding="utf-8")


def bar(page: str, given: Edition, existing: list[Edition], site: Path) -> str:
    """The bar of one page: which edition, whether a newer one is here, how to cite, the others."""
    up = "../" * (page.count("/") + 1)
    newest = existing[-1]
    said = f"This is edition {given.version} of {given.manifest['date']}."
    if given is not newest:
        said = f"<strong>{said} A newer one is here: {link(newest.version, page, up, site)}.</strong>"
    others = " ".join(link(other.version, page, up, site) for other in reversed(existing)
                      if other is not given and other is not newest)
    return (f'<aside class="korus-editions" aria-label="Editions of this report"><p>{said} '
            f'<a href="{up}{given.version}/cite.html">How to cite it</a>.'
            + (f" Other editions: {others}." if others else "")
            + f' <a href="{up}index.html">All editions</a>.</p></aside>\n')


def link(version: str, page: str, up: str, site: Path) -> str:
    """A link to the same page of another edition, or to its first page where it has no such page."""
    there = page if (site / version / page).exists() else "index.html"
    return f'<a href="{html.escape(f"{up}{version}/{there}")}">edition {version}</a>'


def first_page(existing: list[Edition]) -> str:
    """The folder's first page: the editions, newest first."""
    rows = "\n".join(
        f'<li><a href="{given.version}/index.html">Edition {given.version}</a>, {given.manifest["date"]}, figures '
        f'published by {given.manifest["as_of"]} (<a href="{given.version}/korus.pdf">PDF</a>)</li>'
        for given in reversed(existing))
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            "<title>Korea and the United States: editions</title>"
            "<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 sans-serif;margin:2rem auto;max-width:40rem;"
            "padding:0 1rem}</style></head>\n"
            "<body><main><h1>Korea and the United States: investment, tariffs and what can be known</h1>\n"
            f"<p>Editions of the report, newest first.</p>\n<ul>\n{rows}\n</ul></main></body></html>\n")


def main() -> int:
    try:
        folder = assembled()
    except EditionProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"All editions stand in {folder.relative_to(ROOT)}; open index.html there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
