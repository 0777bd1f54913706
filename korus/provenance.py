"""Pages that lead every value of the report back to its source: one per notebook, and one over them.

A number printed in the book links to `value-<id>` on the page of its notebook. An entry shows what the
value rests on, down to the printed lines of the raw tables and the address of their source, and which
pages print it. Written when the book is staged, when it is known which pages print what.
"""

import html
import json
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
from docutils.nodes import make_id

from korus import raw
from korus.values import formatted, period_in_words

PAGE = "provenance"
# Title of the table of values that no sentence prints; the printed report leaves the table out.
OTHERS = "Values that no sentence prints"
# Raw lines shown with a printed value; a value that rests on more shows the first of them.
LINES_SHOWN = 4
PRINTED = [
    re.compile(r"\]\(#value-([^)\s\"]+)\)"),
    re.compile(r"\{value\}`([^`:]+)(?::\w+)?`"),
]


def page_of(notebook: str) -> str:
    """Name of the page with the entries of a notebook's values."""
    return f"{PAGE}/{notebook}"


def read_values(path: Path) -> pd.DataFrame:
    """values.csv with every cell as text, indexed by id."""
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index("id", drop=False)


def printed_ids(text: str) -> list[str]:
    """Ids of the values that a staged page prints, in the order of the first print."""
    found = [(match.start(), match[1]) for pattern in PRINTED for match in pattern.finditer(text)]
    for table in re.finditer(r"```\{value-table\}.*?\n(.*?)```", text, flags=re.S):
        found += [(table.start(), line.rpartition("|")[2].strip().partition(":")[0])
                  for line in table[1].splitlines() if "|" in line]
    return list(dict.fromkeys(id for _, id in sorted(found)))


def title_of(path: Path) -> str:
    """The first heading of a staged page (Markdown or notebook)."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(
            "".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
    heading = re.search(r"^# (.+)$", text, flags=re.M)
    return heading[1] if heading else path.stem


class Trail:
    """What the entries need to know: raw lines, sources, pages and which of them print a value."""

    def __init__(self, folder: Path, names: list[str], raw_folder: Path):
        self.raw_folder = raw_folder
        self.sources = raw.sources(raw_folder)
        self.tables: dict[str, list[dict]] = {}
        self.titles: dict[str, str] = {}
        self.uses: dict[str, list[str]] = defaultdict(list)
        for name in names:
            path = next(path for path in (folder / f"{name}.ipynb", folder / f"{name}.md") if path.exists())
            self.titles[name] = title_of(path)
            for id in printed_ids(path.read_text(encoding="utf-8")):
                self.uses[id].append(name)

    def line(self, ref: str) -> dict[str, str]:
        """The cells of a raw line named `table#L<line>`."""
        table, _, line = ref.partition("#L")
        if table not in self.tables:
            frame = raw.read(table, self.raw_folder).drop(columns="ref")
            self.tables[table] = frame.to_dict("records")
        return self.tables[table][int(line) - 2]


def _link(page: str, text: str, anchor: str = "") -> str:
    """A link from one of the notebook pages, which lie one folder down."""
    fragment = f"#{make_id(anchor)}" if anchor else ""
    return f'<a href="../{page}.html{fragment}">{html.escape(text)}</a>'


def _tables(refs: list[str]) -> str:
    """The raw tables of some references, each with the number of its lines."""
    counts = pd.Series([ref.partition("#")[0] for ref in refs]).value_counts(sort=False)
    return ", ".join(
        f"{_link('data', table, 'data-' + table.replace('/', '.'))} ({count} line{'s' if count > 1 else ''})"
        for table, count in counts.items())


def _raw_line(ref: str, trail: Trail) -> str:
    """A raw line as printed: its cells, and its source with the address."""
    table, _, line = ref.partition("#L")
    cells = {name: text for name, text in trail.line(ref).items() if text}
    source = cells.pop("source", "")
    shown = "; ".join(f"{html.escape(name.replace('_', ' '))}: {html.escape(text)}" for name, text in cells.items())
    if source in trail.sources.index:
        row = trail.sources.loc[source]
        address = re.match(r"https?://[^\s<>;]+", row["url"])
        title = row["title"] or source
        link = f' <a href="{html.escape(address[0])}">{html.escape(unquote(address[0]))}</a>' if address else ""
        # A statement under test is quoted; the source of its row is what it is set against.
        role = "Set against" if table.startswith("claims/") else "Source"
        shown += f". {role}: {_link('sources', title, f'source-{source}')}, {html.escape(row['date'])}.{link}"
    return f"<li><code>{html.escape(table)}.csv</code>, line {line}. {shown}</li>"


def bounds(row) -> str:
    """` (1.5 to 2.5)` of a value with a point and bounds; nothing where they are printed alike."""
    if not (row["lower"] and row["upper"] and row["value"]):
        return ""
    low, high = (formatted(float(row[end]), row["unit"]) for end in ("lower", "upper"))
    return "" if low == high else f" ({low} to {high})"


def _entry(row: pd.Series, trail: Trail) -> str:
    """The entry of a value that a page prints, as one block of HTML without blank lines."""
    refs = row["refs"].split()
    facts = [
        "As of the day of the report" if row["period"] == row["as_of"] else
        f"Period {html.escape(period_in_words(row['period']))}",
        f"unit {html.escape(row['unit'])}",
        f"tier {row['tier'].removesuffix('.0')}" if row["tier"] else "",
        f"known by {row['as_of']}",
    ]
    pages = ", ".join(_link(name, trail.titles[name]) for name in trail.uses[row["id"]])
    lines = "".join(_raw_line(ref, trail) for ref in refs[:LINES_SHOWN])
    more = len(refs) - LINES_SHOWN
    rests = (f"<p>Rests on {_tables(refs)}.</p><details{' open' if len(refs) <= 2 else ''}><summary>The printed lines</summary><ul>{lines}</ul>"
             + (f"<p>{more} more in <code>values.csv</code>, column <code>refs</code>.</p>" if more > 0 else "")
             + "</details>") if refs else "<p>Rests on other values of this notebook, not on single lines.</p>"
    return (f'<div class="korus-entry" id="value-{html.escape(row["id"])}">'
            f'<p><strong>{html.escape(row["text"] + bounds(row))}</strong> <code>{html.escape(row["id"])}</code><br>'
            f"{'; '.join(filter(None, facts))}</p>{rests}<p>Printed in {pages}.</p></div>")


def _others(rows: pd.DataFrame) -> str:
    """Values that no page prints in a sentence, as a table that opens when it is asked for."""
    cells = [
        f'<tr id="value-{html.escape(row.id)}"><td><code>{html.escape(row.id)}</code></td>'
        f'<td class="short">{html.escape(row.text)}</td><td class="short">{html.escape(row.period)}</td>'
        f'<td class="short">{row.tier.removesuffix(".0")}</td>'
        f"<td>{html.escape(', '.join(dict.fromkeys(ref.partition('#')[0] for ref in row.refs.split())))}</td></tr>"
        for row in rows.itertuples()
    ]
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Identifier", "Value", "Period", "Tier", "Raw tables"))
    return (f"<details><summary>{len(rows):,} values that no sentence prints</summary>\n"
            f'<div class="korus-scroll" tabindex="0"><table class="korus"><caption>{OTHERS}'
            f"</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(cells)
            + "\n</tbody></table></div>\n</details>")


def notebook_page(notebook: str, rows: pd.DataFrame, trail: Trail) -> str:
    """The page of a notebook's values: entries of those that pages print, a table of the others."""
    title = trail.titles.get(f"chapters/{notebook}", notebook)
    used = rows["id"].isin(trail.uses)
    printed = rows[used].sort_index()
    # Thousands of identifiers would bury what a reader searches for.
    blocks = ["---\nnosearch: true\n---", f"# Values: {title}",
              f"What the notebook `{notebook}` computed, in the state of this report. All columns of all values are in "
              "{published-file}`values.csv`; the notebook's parameters and the hashes of what it read are on "
              f"the page [Status of this build](run-{notebook})."]
    if len(printed):
        blocks.append('<div class="korus-entries">\n' + "\n".join(_entry(row, trail) for _, row in printed.iterrows())
                      + "\n</div>")
    if not used.all():
        blocks.append(_others(rows[~used].sort_index()))
    return "\n\n".join(blocks) + "\n"


def index_page(values: pd.DataFrame, trail: Trail) -> str:
    """The page over them: how many values each notebook computed and how many are printed."""
    rows = []
    for notebook, group in values.groupby("notebook", sort=True):
        printed = int(group["id"].isin(trail.uses).sum())
        rows.append(f"| [{trail.titles.get(f'chapters/{notebook}', notebook)}](/{page_of(notebook)}.md) | "
                    f"{len(group):,} | {printed:,} |")
    return "\n\n".join([
        "# Where each number comes from",
        "Every number printed in a sentence of this report is a link. It leads to an entry that says for what period "
        "the number holds, how good its evidence is, on which printed lines it rests, where these were published, and "
        "on which pages the number stands. The numbers of one notebook are together on one page.",
        "\n".join(["```{table} Values by chapter", "| Chapter | Values | Printed in sentences |", "| --- | ---: | ---: |",
                   *rows, "```"]),
        "All of them, with their bounds and all references, are in {published-file}`values.csv`.",
    ]) + "\n"


def written(folder: Path, names: list[str], values: pd.DataFrame, raw_folder: Path) -> dict[str, str]:
    """The provenance pages by name: the index first, then one for each notebook that has values.

    `folder` holds the staged pages `names`, which are searched for the values they print.
    """
    trail = Trail(folder, [name for name in names if name != PAGE], raw_folder)
    pages = {PAGE: index_page(values, trail)}
    for notebook, rows in values.groupby("notebook", sort=True):
        pages[page_of(notebook)] = notebook_page(notebook, rows, trail)
    return pages
