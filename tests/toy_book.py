"""A small book for tests: the project's own pages and settings, with made-up chapters and figures."""

import hashlib
import json
import shutil
from pathlib import Path

import yaml

from korus.claims import RESULT
from korus.figures import Figure
from korus.paths import ROOT
from korus.render import pages_of
from korus.stage import Material

ALT = "Bars: ten # of \"a\", 'b', [c], <d> & {e} \\f; 한국 $1"
FIGURE_ALT = "Bars for two years"
CAPTION = "Amounts of $29.8 billion and $3 billion. Source: *nobody*; tier 4 ([sources](/sources.md))."
TABLE = (
    '<div class="korus-scroll" tabindex="0"><table class="korus"><caption>A table</caption>\n'
    '<thead><tr><th scope="col">year</th></tr></thead>\n'
    '<tbody><tr><td class=number>1,000</td></tr></tbody></table></div>'
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="520" height="300"><rect width="500" height="{}"/></svg>'
SOURCES = (
    "source,title,url,commit,date,kind,accessed\n"
    "bea.release-2020,Release of *2020* [a] <b> $5 | `c`,https://example.org/a_b_c ; read at "
    "https://example.org/d (page 2),,2020-07-01,BEA release text,2026-11-22\n"
    "bea.nowhere-2021,Found in a file,address not recorded,0123456789abcdef,2021,odd kind,2026-11-22\n"
    "kexim.moef-2025-09-19,보도자료,https://example.org/보도,,2025-09-19,official press release,2026-11-22\n"
)
CORRECTIONS = (
    "correction,resource,rows,what,why,reported_to,guard,action,note\n"
    "swapped,kexim/releases,a=b;c=d|e,Two rows * swapped,They sum to [twice],not reported yet,"
    "a control,withdraw,\n"
)
# A number that leads to its entry, checked words, a table of values: what pages print and where from.
VALUES = (
    "id,value,lower,upper,unit,text,period,as_of,tier,notebook,refs\n"
    "toy.amount.2020,1.0,,,million USD,$1.00 million,2020,2026-11-22,2,31_tariffs,kexim/releases#L2\n"
    "toy.amount.2021,2.0,1.5,2.5,million USD,$2.00 million,2021,2026-11-22,2,31_tariffs,"
    "kexim/releases#L2 kexim/releases#L3\n"
    "toy.interval.2021,,0.0,2.0,million USD,$0 to $2.00 million,2021,2026-11-22,3,35_markets,\n"
)
LABEL = "Working version"
RELEASES = "year,value,source\n2020,1,kexim.moef-2025-09-19\n2021,2,kexim.moef-2025-09-19\n"


def notebook(title: str, figure: str) -> dict:
    """An executed notebook: text, a figure, a table."""
    shown = Figure(figure, "", ALT, CAPTION)._repr_mimebundle_()
    hidden = {"tags": ["hide-input"]}
    return {
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {},
             "source": f"# {title}\n\nFrom $3 to $4, see {{numref}}`fig-{figure}`. "
                       "It was [$1.00 million](#value-toy.amount.2020)."},
            {"cell_type": "code", "id": "b", "metadata": hidden, "execution_count": 1,
             "source": "draw()", "outputs": [{"output_type": "execute_result", "execution_count": 1,
                                              "data": shown, "metadata": {}}]},
            {"cell_type": "code", "id": "c", "metadata": hidden, "execution_count": 2,
             "source": "table()", "outputs": [{"output_type": "display_data", "metadata": {},
                                               "data": {"text/html": TABLE, "text/plain": "x", "text/csv": "year\n1000.25\n"}}]},
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                     "language_info": {"name": "python"}},
        "nbformat": 4, "nbformat_minor": 5,
    }


def claims_table() -> str:
    """results/claims.csv with one invented statement."""
    row = dict.fromkeys(RESULT, "") | {
        "claim": "invented", "document": "toy", "quotation": "Ten *stars* & <b>", "stated": "10", "unit": "percent",
        "verdict": "documented", "finding": "partly", "reason": "A document says so.", "would_settle": "Nothing",
        "test": "documented", "subject": "Nobody", "metric": "a share", "period": "2020", "evidence": "9",
        "source": "bea.release-2020", "source_title": "Release of *2020*", "source_date": "2020",
        "document_title": "An invented text"}
    return ",".join(row) + "\n" + ",".join(row.values()) + "\n"


def raw_folder(folder: Path) -> Path:
    """A data package with three tables, in the columns of the real ones."""
    tables = {"sources": SOURCES, "corrections": CORRECTIONS, "kexim/releases": RELEASES}
    records = []
    for name, text in tables.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        content = text.encode()
        records.append({
            "name": name.replace("/", "."), "path": f"{name}.csv", "title": f"Table *{name}*",
            "description": "What it holds; gaps: $ many.", "producer": "An agency",
            "citation": "An agency (2020)", "published_at": "https://example.org",
            "date_published": "2020", "date_accessed": "2026-11-22",
            "licence_note": "none is stated", "bytes": len(content),
            "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        })
    package = {"name": "toy", "description": "Figures for a test.", "resources": records}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


def toy_material(folder: Path, book: Path = ROOT / "book", profile: str = "baseline") -> Material:
    """Everything a book is made of, below `folder`, for the table of contents of `book`."""
    toc = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    names = [Path(name).name for name in pages_of(toc) if name.startswith("chapters/")]
    for part in ("chapters", "figures", "runs", "processed"):
        (folder / part).mkdir(parents=True)
    for number, name in enumerate(names):
        figure = f"figure-{number}"
        chapter = notebook(f"Chapter {name}", figure)
        (folder / "chapters" / f"{name}.ipynb").write_text(json.dumps(chapter), encoding="utf-8")
        (folder / "figures" / f"{figure}.svg").write_text(SVG.format(100 + number), encoding="utf-8")
        (folder / "figures" / f"{figure}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        (folder / "figures" / f"{figure}.csv").write_text(f"year\n{number}\n", encoding="utf-8")
        (folder / "figures" / f"{figure}.vl.json").write_text(f'{{"description": "{FIGURE_ALT}", "n": {number}}}\n', encoding="utf-8")
        (folder / "figures" / f"{figure}.md").write_text(CAPTION, encoding="utf-8")
        (folder / "runs" / f"{name}.json").write_text(json.dumps({
            "notebook": name, "profile": profile, "parameters": {"rivals": ["JPN", "CHN"]},
            "source": {"path": f"notebooks/{name}.ipynb", "sha256": "ab" * 32},
            "inputs": [{"path": "data/raw/kexim/releases.csv", "sha256": "cd" * 32}],
            "modules": [], "outputs": [
                {"path": f"data/processed/results/figures/{figure}{ending}", "sha256": "ef" * 32}
                for ending in (".svg", ".png", ".csv", ".vl.json", ".md")],
        }), encoding="utf-8")
    (folder / "values.csv").write_text(VALUES, encoding="utf-8")
    (folder / "estimates.csv").write_text("id,estimate,lower,upper,unit\n", encoding="utf-8")
    (folder / "prints.csv").write_text("series,period,vintage,value_musd,rounding_musd,maturity,tier,ref\n", encoding="utf-8")
    shutil.copy(ROOT / "CITATION.cff", folder)
    (folder / "claims.csv").write_text(claims_table(), encoding="utf-8")
    return Material(
        book=book, config=ROOT / "_config.yml", chapters=folder / "chapters", tables=folder / "processed",
        figures=folder / "figures", runs=folder / "runs", values=folder / "values.csv",
        raw=raw_folder(folder / "raw"), commit="0123abc", profile=profile, as_of="2026-11-22",
        year=2026, root=folder, edition=LABEL,
    )
