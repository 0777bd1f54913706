"""Build the HTML of a profile: `python -m korus.stage --profile P [--to FOLDER]`.

Everything the pages are made of is copied into a temporary folder beside the book, Jupyter Book
renders it there without any memory of earlier builds, and only a book without a single warning takes
the place of the previous one. The book never executes: chapters are notebooks the chain has run.
"""

import argparse
import copy
import fcntl
import os
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from korus import downloads
from korus.finish import Unsafe, finish
from korus.paths import RAW, ROOT, build_dir, chapters_dir, processed_dir
from korus.render import BookFailed, pages_of, render

FIRST_YEAR = 2026
# Files of a figure that pages link to; the caption is for those that show it again.
FIGURE_FILES = (".svg", ".png", ".vl.json", ".csv", ".md")
INTERRUPTED = 130


@dataclass(frozen=True)
class Material:
    """The folders a book is made from, and what its footer says."""

    book: Path
    config: Path
    chapters: Path
    tables: Path
    figures: Path
    runs: Path
    values: Path
    raw: Path
    commit: str
    profile: str
    as_of: str
    year: int
    root: Path
    edition: str


def material(profile: str, root: Path = ROOT) -> Material:
    """The material of a profile, at the places the chain leaves it."""
    from korus import editions
    from korus.parameters import read_profile

    processed = processed_dir(profile)
    commit = root / "_build" / profile / "commit.txt"
    return Material(
        book=root / "book",
        config=root / "_config.yml",
        chapters=chapters_dir(profile),
        tables=processed,
        figures=processed / "results" / "figures",
        runs=processed / "runs",
        values=processed / "results" / "values.csv",
        raw=RAW,
        commit=commit.read_text(encoding="utf-8").strip() if commit.exists() else "unknown",
        profile=profile,
        as_of=str(read_profile(profile, root).as_of),
        year=read_profile("baseline", root).as_of.year,
        root=root,
        edition=editions.label(root),
    )


# ---- Staging -----------------------------------------------------------------------------------


def stage(given: Material, folder: Path) -> list[str]:
    """Put everything the book is made of into `folder`; the names of its pages.

    Raises BookFailed naming the chapter or page that the table of contents has and nothing provides.
    """
    from korus import interactive, provenance
    from korus.changes_page import PAGE as CHANGES
    from korus.claims_pages import ledger_page
    from korus.claims_pages import read as read_claims
    from korus.pages import generated, read_manifests

    toc = yaml.safe_load((given.book / "_toc.yml").read_text(encoding="utf-8"))
    names = pages_of(toc)
    notebooks = [Path(name).name for name in names if name.startswith("chapters/")]
    try:
        manifests = read_manifests(given.runs, notebooks)
    except FileNotFoundError as error:
        raise BookFailed(str(error)) from None
    claims = given.values.with_name("claims.csv")
    for needed in (given.values, claims):
        if not needed.exists():
            raise BookFailed(f"{needed}: missing. Run `make`, which makes it before the book.")
    written = generated(given.raw, manifests) | {
        "ledger": ledger_page(read_claims(claims)), CHANGES: _changes(given)}
    folder.mkdir(parents=True)
    values = provenance.read_values(given.values)
    files = folder / downloads.FOLDER
    downloads.stage_figures(given.figures, sorted(_figures(manifests)), files)
    downloads.stage_values(values, files)
    notebook_of = values["notebook"].to_dict()
    for name in names:
        if name != provenance.PAGE:
            _stage_page(given, name, written, folder, notebook_of)
    trail = provenance.written(folder, names, values, given.raw) if provenance.PAGE in names else {}
    for name, text in trail.items():
        _write(folder / f"{name}.md", text)
    names += [name for name in trail if name != provenance.PAGE]
    _write(folder / "_toc.yml", yaml.safe_dump(with_sections(toc, trail), sort_keys=False))
    for path in sorted(given.book.glob("*")):
        if path.suffix in (".csv", ".bib"):
            shutil.copy(path, folder)
    shutil.copy(given.values, folder)
    _stage_results(given, manifests, files)
    for part in ("_static", "_templates"):
        shutil.copytree(given.book / part, folder / part)
    (folder / "figures").mkdir()
    for name in sorted(_figures(manifests)):
        shutil.copy(given.figures / name, folder / "figures")
    controlled = interactive.write(folder / "figures", folder / "charts", ROOT / "_build" / "vega")
    _write(folder / "_static" / "charts-index.js", interactive.index(controlled))
    _write(folder / "_static" / "charts-dark.css", interactive.styles())
    _write(folder / "_config.yml", yaml.safe_dump(settings(given), allow_unicode=True, sort_keys=True))
    return names


def _changes(given: Material) -> str:
    """The page of what has changed, from the editions, this build's results and tables kept in book/."""
    import pandas as pd

    from korus import moved
    from korus.changes_page import Current, changes_page

    results = given.values.parent
    prints = pd.read_csv(results / "prints.csv", dtype={"period": str, "vintage": str})
    current = Current(given.edition, "" if given.profile == "baseline" else given.profile, moved.read(results))
    return changes_page(given.root, current, pd.read_csv(given.book / "headlines.csv"),
                        pd.read_csv(given.book / "vintages.csv", dtype={"text": str}), prints)


def _stage_results(given: Material, manifests: list[dict], files: Path) -> None:
    """What readers download of the whole report: results, sources, records of runs, and all of it as one zip."""
    from korus import archive

    results = {path.name: path for name in ("values", "estimates", "claims", "prints")
               if (path := given.values.with_name(f"{name}.csv")).exists()}
    for path in [*results.values(), given.raw / "sources.csv"]:
        shutil.copy(path, files)
    (files / "runs").mkdir()
    for run in manifests:
        shutil.copy(given.runs / f"{run['notebook']}.json", files / "runs")
    tables = [given.tables / Path(output["path"]).name for run in manifests for output in run["outputs"]
              if output["path"].endswith(".parquet")]
    # A figure that shows nothing (in a variant) has a header alone: no data.
    plotted = {f"figures/{path.name}": path for path in sorted((files / "figures").glob("*.csv"))
               if path.read_bytes().count(b"\n") > 1}
    contents = archive.collected(sorted(tables), {
        "sources.csv": given.raw / "sources.csv",
        **{f"results/{name}": path for name, path in results.items()}, **plotted})
    title = yaml.safe_load(given.config.read_text(encoding="utf-8"))["title"]
    try:
        packed = archive.written(contents, archive.described(given.book / archive.DICTIONARY),
                                 archive.readme(title, given.edition, given.commit, given.profile, given.as_of))
    except archive.Undescribed as problem:
        raise BookFailed(str(problem)) from None
    (files / archive.NAME).write_bytes(packed)


def with_sections(toc: dict, trail: dict[str, str]) -> dict:
    """The table of contents with the provenance pages of the notebooks below the page over them."""
    from korus.provenance import PAGE

    toc = copy.deepcopy(toc)
    for part in toc.get("parts", []):
        for entry in part["chapters"]:
            if entry["file"] == PAGE:
                entry["sections"] = [{"file": name} for name in trail if name != PAGE]
    return toc


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _figures(manifests: list[dict]) -> list[str]:
    """Names of the figure files that the staged notebooks wrote; what others left behind stays out."""
    written = [Path(output["path"]) for manifest in manifests for output in manifest["outputs"]]
    return [path.name for path in written
            if path.parent.name == "figures" and path.name.endswith(FIGURE_FILES)]


def _stage_page(given: Material, name: str, written: dict[str, str], folder: Path, notebook_of: dict[str, str]) -> None:
    """One page: an executed notebook, a page written from data, or one of book/.

    `notebook_of` gives the notebook of each value.
    """
    target = folder / name
    target.parent.mkdir(exist_ok=True)
    if name.startswith("chapters/"):
        notebook = given.chapters / f"{target.name}.ipynb"
        if not notebook.exists():
            raise BookFailed(
                f"{notebook}: the chapter {target.name} is in book/_toc.yml but was not executed. "
                "Run `make chain`, or take it out of book/_toc.yml."
            )
        files = folder / downloads.FOLDER
        downloads.stage_notebook(notebook, Path(f"{target}.ipynb"), files, given.figures, notebook_of)
    elif name in written:
        _write(Path(f"{target}.md"), written[name])
    elif (given.book / f"{name}.md").exists():
        shutil.copy(given.book / f"{name}.md", f"{target}.md")
    else:
        raise BookFailed(
            f"book/_toc.yml names the page {name}, but there is no book/{name}.md and no page of "
            f"that name is written from data ({', '.join(written)})."
        )


def settings(given: Material) -> dict:
    """The project's _config.yml with what only the build knows: commit, profile, as_of, year."""
    config = yaml.safe_load(given.config.read_text(encoding="utf-8"))
    years = f"{FIRST_YEAR}–{given.year}" if given.year > FIRST_YEAR else str(FIRST_YEAR)
    config["copyright"] = years
    config["sphinx"]["config"]["korus_variant"] = given.profile != "baseline"
    theme = config["sphinx"]["config"]["html_theme_options"]
    theme["extra_footer"] = (
        f"{given.edition}. Commit <code>{given.commit}</code>. "
        f"Profile <code>{given.profile}</code>: figures published by {given.as_of}."
    )
    config["sphinx"]["config"]["myst_substitutions"] = citation(given)
    if given.profile != "baseline":
        theme["announcement"] = (
            f"This is the variant {given.profile} of the report: it uses nothing "
            f"published after {given.as_of}."
        )
    return config


def citation(given: Material) -> dict[str, str]:
    """What the page on citing says of this build: a reference, and what else to name."""
    cited = yaml.safe_load((given.root / "CITATION.cff").read_text(encoding="utf-8"))
    authors = ", ".join(author["name"] for author in cited["authors"])
    frozen = given.edition.startswith("Edition")
    day = f"{cited['date-released']:%-d %B %Y}" if frozen else f"figures published by {given.as_of}"
    return {
        "reference": f"{authors}. *{cited['title']}.* {given.edition}, {day}, commit `{given.commit}`.",
        "standing": "This is an edition: it is kept for good and can be built again to the byte."
        if frozen else "This is a working version: its figures can still change, and no copy of it is kept. Cite an "
        "edition where you can, and otherwise add the commit.",
    }


# ---- In its place ------------------------------------------------------------------------------


@contextmanager
def workshop(place: Path):
    """The temporary folder of a build of `place` and its lock, one build at a time.

    A build that was killed leaves the folder; the next one removes it, after putting the previous
    book back if it was killed between the two renames that swap the books.
    """
    folder = place.parent / f".{place.name}-rendering"
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(place.parent / f".{place.name}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"  another build of {place} is running; waiting for it to end", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "previous").exists() and not place.exists():
            os.rename(folder / "previous", place)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder, lock.fileno()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def swap(new: Path, place: Path, previous: Path) -> None:
    """Put the finished book in place by renaming, so that nobody reads a half-written one."""
    if place.exists():
        os.rename(place, previous)
    os.rename(new, place)


def build(given: Material, place: Path) -> int:
    """Build the book of `given` at `place`; the number of its pages. Raises BookFailed."""
    with workshop(place) as (folder, lock):
        names = stage(given, folder / "source")
        render(folder / "source", folder / "rendered", lock)
        finished = folder / "rendered" / "_build" / "html"
        os.rename(folder / "source" / downloads.FOLDER, finished / downloads.FOLDER)
        try:
            finish(finished, folder / "source" / "_static")
        except Unsafe as problem:
            raise BookFailed(str(problem)) from None
        # Loaded by a script and named by no page; in the book's own _static every page would load them.
        shutil.copytree(folder / "source" / "charts", finished / "_static" / "charts")
        swap(finished, place, folder / "previous")
    return len(names)


def interrupt(number, frame):
    """Handler of SIGTERM: end as after Ctrl-C, so that what was begun is cleared away."""
    raise KeyboardInterrupt


def main(argv: list[str] | None = None) -> int:
    """The command line; 0, 1 when the book failed, 130 when it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m korus.stage", description=__doc__)
    parser.add_argument("--profile", default="baseline")
    parser.add_argument("--to", type=Path, help="folder of the HTML (default: _build/…/html)")
    given = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, interrupt)
    place = (given.to or build_dir(given.profile) / "html").resolve()
    begun = time.monotonic()
    try:
        pages = build(material(given.profile), place)
    except BookFailed as failure:
        print(f"the book of the profile {given.profile} failed; the previous one stays:\n{failure}",
              file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("  the book was interrupted; the previous one stays", file=sys.stderr)
        return INTERRUPTED
    print(f"  book … {time.monotonic() - begun:.1f} s ({pages} pages)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
