"""Pages of the book that are written from data: sources, rights, corrections and run status.

Each function returns MyST Markdown that depends on its arguments only, so two builds of one commit
are the same bytes. Texts of sources are shown as they are: every mark-up character is escaped.
"""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from korus import raw
from korus.clean.origin import CleaningError, tier_of_kind

# What the folders of data/raw hold, as headings; a folder that is not named here shows its own name.
FOLDERS = {
    "bea": "US Bureau of Economic Analysis",
    "benchmarks": "Other readings of the same events",
    "census": "US Census Bureau",
    "claims": "Statements under test, and evidence cited on them",
    "hs": "US tariff schedule and product lists",
    "io": "Input–output tables",
    "kexim": "Korea Eximbank and the Ministry of Economy and Finance",
    "policy": "Tariff measures",
    "projects": "Announced projects",
    "world": "World trade and exchange rates",
}
NOT_RECORDED = "not recorded"
# Enough of a SHA-256 to tell files apart by eye; the whole of it is in the linked files.
SHORT = 12


def plain(text: str) -> str:
    """`text` with every character escaped that Markdown would take for mark-up."""
    return re.sub(r"([\\`*_{}\[\]<>|$&~#])", r"\\\1", text)


def linked(text: str) -> str:
    """`text` with its web addresses as links, shown as words where they are encoded, and all else as printed."""
    parts = re.split(r"(https?://[^\s<>]+?)(?=[,;)]*(?:\s|$))", text)
    return "".join(_address(part) if i % 2 else plain(part) for i, part in enumerate(parts))


def _address(url: str) -> str:
    return f"<{url}>" if url == unquote(url) else f"[{plain(unquote(url))}](<{url}>)"


def page(title: str, *blocks: str) -> str:
    return "\n\n".join([f"# {title}", *(block for block in blocks if block)]) + "\n"


def markdown_table(columns: list[str], rows: list[list[str]], right: str = "") -> str:
    """A Markdown table; cells are Markdown already. The column `right` holds numbers."""
    lines = [columns, ["---:" if name == right else "---" for name in columns], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _facts(facts: dict[str, str]) -> str:
    """A list of `name: text`, without those that have no text."""
    return "\n".join(f"- {name}: {text}" for name, text in facts.items() if text)


def _tier(kind: str) -> str:
    """Tier of a kind of source, or an en dash for kinds that no cleaned table uses."""
    try:
        return str(tier_of_kind(kind))
    except CleaningError:
        return "–"


def sources_page(sources: pd.DataFrame) -> str:
    """Every source of sources.csv (indexed by source id), grouped by folder, each with an anchor."""
    blocks = [
        "Every text, table and file in which a figure was read; the same as a table: {published-file}`sources.csv`. The identifier is the one that the "
        "column `source` of the raw tables shows. *Tier* is the [grade of evidence](how-to-read.md) "
        "that cleaning gives to figures read there; – means that no cleaned table uses the source."
    ]
    for folder, group in sources.groupby(sources.index.str.partition(".").get_level_values(0)):
        blocks.append(f"## {FOLDERS.get(folder, folder)} (`{folder}`)")
        for row in group.sort_index().itertuples():
            facts = [
                plain(row.date) or "no date printed",
                plain(row.kind),
                f"tier {_tier(row.kind)}",
                f"read {row.accessed}",
                f"commit `{row.commit[:SHORT]}`" if row.commit else "",
            ]
            title = plain(row.title).rstrip(".") or "No title"
            blocks.append(
                f"(source-{row.Index})=\n**{row.Index}** {title}. "
                f"{'; '.join(filter(None, facts))}.\n"
                f"{linked(row.url) or 'Address not recorded'}"
            )
    return page("Sources", *blocks)


def _licence(resource: dict) -> str:
    """Licences of a resource as links, or why none is known."""
    shown = []
    for licence in resource.get("licenses", []):
        title = plain(licence.get("title") or licence["name"])
        shown.append(f"[{title}]({licence['path']})" if licence.get("path") else title)
    return "; ".join(shown) or linked(resource.get("licence_note", NOT_RECORDED))


def _rows(resource: dict, folder: Path) -> int:
    """Rows of a raw table: no cell holds a line break, so lines less the header."""
    return raw.read_verified(resource["path"].removesuffix(".csv"), folder).count(b"\n") - 1


def data_page(folder: Path) -> str:
    """What every raw table is, who published it, and under what right it stands here."""
    package = raw.package(folder)
    resources = sorted(package["resources"], key=lambda resource: resource["path"])
    rows = {resource["path"]: _rows(resource, folder) for resource in resources}
    overview = markdown_table(
        ["What it is", "Rows", "File"],
        [
            [f"[{plain(r['title'])}](data-{r['name']})", f"{rows[r['path']]:,}", plain(r["path"])]
            for r in resources
        ],
        right="Rows",
    )
    blocks = [
        linked(package["description"]),
        "All tables are CSV files below `data/raw/` of the project, described field by field in "
        "`data/raw/datapackage.json` (a Frictionless data package). A file whose size or SHA-256 "
        "differs from its record stops the build. Every row names its "
        "[source](sources.md); the days given here are those of the tables as a whole. Rights differ "
        "from table to table and are stated with each.",
        "What the report makes of them is one file, {published-file}`korus-data.zip`: the cleaned tables, every number, "
        "estimate and verdict, the data of each figure, and a dictionary that says what every column means.",
        f"```{{table}} Raw tables\n{overview}\n```",
    ]
    for resource in resources:
        digest = resource["hash"].removeprefix("sha256:")[:SHORT]
        blocks += [
            f"(data-{resource['name']})=\n## {plain(resource['title'])}",
            linked(resource["description"]),
            _facts({
                "File": f"`data/raw/{resource['path']}`, {rows[resource['path']]:,} rows, "
                        f"{resource['bytes']:,} bytes, SHA-256 `{digest}…`",
                "Producer": linked(resource["producer"]),
                "Cite as": linked(resource["citation"]),
                "Published": f"{linked(resource['published_at'])}, "
                             f"{plain(resource['date_published'])}",
                "Read": plain(resource["date_accessed"]),
                "Rights": _licence(resource),
            }),
        ]
    return page("Data availability and rights", *blocks)


def corrections_page(ledger: pd.DataFrame) -> str:
    """The corrections ledger: misprints of the sources that the report does not follow."""
    blocks = [
        "Misprints that the published tables themselves prove. The raw tables keep them as printed; "
        "cleaning leaves the rows out. Each entry names the control total that fails because of the "
        "misprint. When the source mends it, that total agrees, and the build stops until the entry "
        "is deleted: no correction outlives its error."
    ]
    for row in ledger.itertuples():
        action = "the rows are left out" if row.action == "withdraw" else "the rows are kept"
        blocks += [
            f"(correction-{row.correction})=\n## {plain(row.correction)}",
            f"{linked(row.what)}",
            f"How it is known: {linked(row.why)}",
            _facts({
                "Table": f"[`{row.resource}`](data-{row.resource.replace('/', '.')})",
                "Rows": f"`{row.rows}`",
                "What is done": action,
                "Note": linked(row.note),
                "Reported to": linked(row.reported_to),
                "Control that fails while the misprint stands": plain(row.guard),
            }),
        ]
    return page("Corrections", *blocks)


def _shown(value) -> str:
    """A parameter as its file writes it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _hashes(files: list[dict]) -> str:
    return markdown_table(
        ["File", "SHA-256"],
        [[f"`{file['path']}`", f"`{file['sha256'][:SHORT]}…`"] for file in files],
    )


def status_page(manifests: list[dict]) -> str:
    """Each notebook of the chain: its parameters, and the hashes of what it read and wrote."""
    blocks = [
        "What this copy of the report was made from. Every notebook ran from beginning to end and "
        "wrote exactly the files named here; the first digits of their SHA-256 are shown, the whole "
        "in the linked record. A rebuild from the same commit gives the same hashes. Run times are "
        "not part of the report; the build keeps them in `_build/run-times.csv`."
    ]
    for run in sorted(manifests, key=lambda run: run["notebook"]):
        name = run["notebook"]
        parameters = ", ".join(f"`{k}` = {_shown(v)}" for k, v in run["parameters"].items())
        blocks += [
            f"(run-{name})=\n## {plain(name)}",
            _facts({
                "Notebook": f"`{run['source']['path']}`, SHA-256 `{run['source']['sha256'][:SHORT]}…`",
                "Parameters": parameters or "none",
                "Record": f"{{published-file}}`runs/{name}.json`, with the hashes of the "
                          f"{len(run['modules'])} modules it used",
            }),
        ]
        for title, key in (("Read", "inputs"), ("Wrote", "outputs")):
            if run[key]:
                blocks.append(f"{title}:\n\n{_hashes(run[key])}")
    return page("Status of this build", *blocks)


def read_manifests(folder: Path, notebooks: list[str]) -> list[dict]:
    """The runner's records of the given notebooks.

    Raises FileNotFoundError naming the first that is missing.
    """
    manifests = []
    for name in notebooks:
        path = folder / f"{name}.json"
        if not path.exists():
            raise FileNotFoundError(f"{path}: no record of this notebook's run. Run `make chain`.")
        manifests.append(json.loads(path.read_text(encoding="utf-8")))
    return manifests


def generated(raw_folder: Path, manifests: list[dict]) -> dict[str, str]:
    """All pages written from data, by name without `.md`."""
    return {
        "sources": sources_page(raw.sources(raw_folder)),
        "data": data_page(raw_folder),
        "corrections": corrections_page(raw.read("corrections", raw_folder)),
        "status": status_page(manifests),
    }
