"""The files that readers download, at addresses that stay, and the menus that lead to them.

Everything lies below `files/` of the built report: figures, tables, values, notebooks, records of runs. The
folder is gathered while the book is staged and rendered, and moved into the finished book as it is.
"""

import csv
import html
import io
import json
import re
import shutil
from pathlib import Path

import pandas as pd

from korus.values import TARGET

FOLDER = "files"
# Files of a figure that readers download, in the order of the menu.
FIGURE_FILES = {".csv": "Data (CSV)", ".svg": "Picture (SVG)", ".png": "Picture (PNG)",
                ".vl.json": "Specification (Vega-Lite)"}
# What the table shows is rounded; what is behind it is not.
TABLE_FILE = "Table (CSV, to ten digits)"
SLUG_WORDS = 8
FIGURE = re.compile(r"^```\{figure\} /figures/([a-z0-9-]+)\.svg$", flags=re.M)
NUMBER = re.compile(r"[−-]?\d{1,3}(,\d{3})*(\.\d+)?")


def size_words(count: int) -> str:
    """A number of bytes as readers like it: `812 bytes`, `12 kB`, `1.2 MB`."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 999_500 else f"{count / 1e6:.1f} MB"


def slug(text: str) -> str:
    """The first words of a caption as a file name."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(words[:SLUG_WORDS]) or "table"


def link(words: str, name: str, folder: Path, up: str) -> str:
    """A link to `files/<name>` with its size; `folder` holds the file, `up` leads from the page to the first folder."""
    size = size_words((folder / name).stat().st_size)
    return f'<a href="{up}files/{html.escape(name)}" download>{html.escape(words)}</a> {size}'


def menu(label: str, entries: list[tuple[str, str]], folder: Path, up: str) -> str:
    """A menu that opens without scripts, of (words, name below files/); `label` says of what, for screen readers."""
    items = "".join(f"<li>{link(words, name, folder, up)}</li>" for words, name in entries)
    return (f'<details class="korus-files"><summary aria-label="Download {html.escape(label)}">Download</summary>'
            f"<ul>{items}</ul></details>")


def figure_entries(name: str, folder: Path) -> list[tuple[str, str]]:
    """The files of a figure that its notebook wrote, for its menu."""
    return [(words, f"figures/{name}{ending}") for ending, words in FIGURE_FILES.items()
            if (folder / "figures" / f"{name}{ending}").exists()]


def free_name(folder: Path, page: str, caption: str) -> str:
    """`tables/<page>-<words of the caption>.csv`, numbered where a page has two tables of one caption."""
    stem = f"{page}-{slug(caption)}"
    numbered = [stem, *(f"{stem}-{number}" for number in range(2, 100))]
    return next(f"tables/{name}.csv" for name in numbered if not (folder / "tables" / f"{name}.csv").exists())


def put_table(folder: Path, page: str, caption: str, content: str) -> str:
    """Write the CSV of a table; its name below files/."""
    name = free_name(folder, page, caption)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8", newline="")
    return name


def csv_text(rows: list[list[str]]) -> str:
    """Rows of text as CSV; a cell that is a number is written without separators and with a plain minus."""
    written = io.StringIO()
    plain = [[cell.replace(",", "").replace("−", "-") if NUMBER.fullmatch(cell) else cell for cell in row]
             for row in rows]
    csv.writer(written, lineterminator="\n").writerows(plain)
    return written.getvalue()


# ---- Notebooks -----------------------------------------------------------------------------------


def _outputs(notebook: dict):
    for cell in notebook["cells"]:
        yield from (output for output in cell.get("outputs", []) if "data" in output)


def _text(value) -> str:
    return value if isinstance(value, str) else "".join(value)


def with_table_menus(notebook: dict, page: str, folder: Path) -> dict:
    """The notebook for the book: below each table a menu with the table as CSV, which is written to `folder`."""
    for output in _outputs(notebook):
        if (content := output["data"].pop("text/csv", None)) is None:
            continue
        shown = _text(output["data"]["text/html"])
        caption = html.unescape(re.search(r"<caption>(.*?)</caption>", shown, flags=re.S)[1])
        name = put_table(folder, page, caption, _text(content))
        output["data"]["text/html"] = shown + "\n" + menu(f"table: {caption}", [(TABLE_FILE, name)], folder, "../")
    return notebook


def to_keep(notebook: dict, figures: Path, notebook_of: dict[str, str]) -> dict:
    """The notebook for readers: pictures in it, and numbers that lead to the report it lies in.

    `notebook_of` gives the notebook that computed a value, by the value's id.
    """
    for output in _outputs(notebook):
        text = _text(output["data"].get("text/markdown", ""))
        if found := FIGURE.search(text):
            picture = (figures / f"{found[1]}.svg").read_text(encoding="utf-8")
            output["data"] = {"image/svg+xml": picture, "text/plain": output["data"]["text/plain"]}
        elif text:
            output["data"]["text/markdown"] = re.sub(
                rf"\]\({TARGET}([^)]+)\)",
                lambda match: f"](../../provenance/{notebook_of.get(match[1], '')}.html{TARGET}{match[1]})", text)
    return notebook


# ---- Staging -------------------------------------------------------------------------------------


def stage_figures(source: Path, names: list[str], folder: Path) -> None:
    """The named files of figures, those that readers download."""
    (folder / "figures").mkdir(parents=True)
    for name in names:
        if name.endswith(tuple(FIGURE_FILES)):
            shutil.copy(source / name, folder / "figures")


def stage_values(values: pd.DataFrame, folder: Path) -> None:
    """The values of each notebook as `values/<notebook>.csv` (`values`: values.csv, every cell as text)."""
    (folder / "values").mkdir(parents=True)
    for notebook, rows in values.groupby("notebook"):
        rows.to_csv(folder / "values" / f"{notebook}.csv", index=False, lineterminator="\n")


def stage_notebook(executed: Path, target: Path, folder: Path, figures: Path, notebook_of: dict[str, str]) -> None:
    """An executed notebook twice: at `target` for the book, and as `notebooks/<name>.ipynb` for readers."""
    text = executed.read_text(encoding="utf-8")
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    for content, path in (
        (with_table_menus(json.loads(text), executed.stem, folder), target),
        (to_keep(json.loads(text), figures, notebook_of), folder / "notebooks" / executed.name),
    ):
        path.write_text(json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
