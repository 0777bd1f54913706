"""An executed notebook as text that is the same after every run with the same results.

Papermill and the kernel leave times, process numbers, version numbers and random identifiers in a
notebook; message timing decides how printed text is split into pieces. All of it goes here.
"""

import json
import re

LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# Keys of cell and notebook metadata that tools leave behind.
TOOL_METADATA = {"papermill", "execution", "ExecuteTime", "widgets", "collapsed", "vscode"}
WIDGET_TYPES = {
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.jupyter.widget-state+json",
}
# ipykernel names a cell's code after its process; a default repr shows a memory address.
CELL_FILE = re.compile(r"\S*/ipykernel_\d+/\d+\.py")
ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,}")
INJECTED = "injected-parameters"


def as_text(value) -> str:
    """Notebook text, which may be stored as one string or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def clean_text(text: str, places: dict[str, str]) -> str:
    """Text without process numbers, memory addresses and this machine's paths.

    `places` maps a path as it occurs to what is shown instead; longer paths go first.
    """
    for path in sorted(places, key=len, reverse=True):
        text = text.replace(path, places[path])
    text = CELL_FILE.sub("<cell>", text)
    return ADDRESS.sub("0x…", text)


def _clean_data(value, places):
    if isinstance(value, str):
        return clean_text(value, places)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return clean_text("".join(value), places)
    return value


def joined_streams(outputs: list[dict]) -> list[dict]:
    """Outputs with each run of printed text as one stdout and then one stderr output."""
    result, pending = [], {}

    def flush():
        for name in ("stdout", "stderr"):
            if name in pending:
                result.append({"name": name, "output_type": "stream", "text": pending[name]})
        pending.clear()

    for output in outputs:
        if output["output_type"] == "stream":
            name = output["name"]
            pending[name] = pending.get(name, "") + as_text(output["text"])
        else:
            flush()
            result.append(output)
    flush()
    return result


def clean_output(output: dict, count: int | None, places: dict[str, str]) -> dict:
    """One output of a cell without what differs between runs."""
    kind = output["output_type"]
    if kind == "stream":
        return {**output, "text": clean_text(output["text"], places)}
    if kind == "error":
        trace = [clean_text(line, places) for line in output["traceback"]]
        return {**output, "evalue": clean_text(output["evalue"], places), "traceback": trace}
    data = {k: v for k, v in output["data"].items() if k not in WIDGET_TYPES}
    clean = {
        "output_type": kind,
        "data": {key: _clean_data(value, places) for key, value in data.items()},
        "metadata": output.get("metadata", {}),
    }
    if kind == "execute_result":
        clean["execution_count"] = count
    return clean


def clean_metadata(metadata: dict) -> dict:
    """Cell metadata that its author wrote: tags and settings, not what tools left."""
    kept = {k: v for k, v in metadata.items() if k not in TOOL_METADATA}
    if not kept.get("tags", True):
        del kept["tags"]
    return kept


def normalised(executed: dict, source: dict, places: dict[str, str]) -> dict:
    """The executed notebook without noise, as a dictionary ready to be written.

    Cells keep the identifiers of the source notebook; one that has none is numbered. The cell
    papermill injected takes over the tags of the declared parameters (so hiding one hides both).
    """
    names = [cell.get("id") for cell in source["cells"]]
    declared_tags = []
    cells, count, position = [], 0, 0
    for cell in executed["cells"]:
        metadata = clean_metadata(cell.get("metadata", {}))
        tags = metadata.get("tags", [])
        if INJECTED in tags:
            name = INJECTED
            metadata["tags"] = tags + [tag for tag in declared_tags if tag not in tags]
        else:
            name = names[position] or f"cell-{position + 1}"
            position += 1
        if "parameters" in tags:
            declared_tags = [tag for tag in tags if tag != "parameters"]
        clean = {
            "cell_type": cell["cell_type"],
            "id": name,
            "metadata": metadata,
            "source": as_text(cell["source"]),
        }
        if cell.get("attachments"):
            clean["attachments"] = cell["attachments"]
        if cell["cell_type"] == "code":
            ran = cell.get("execution_count") is not None
            count += ran
            clean["execution_count"] = count if ran else None
            clean["outputs"] = [
                clean_output(output, clean["execution_count"], places)
                for output in joined_streams(cell.get("outputs", []))
            ]
        cells.append(clean)
    metadata = clean_metadata(source.get("metadata", {}))
    metadata |= {"kernelspec": KERNEL, "language_info": LANGUAGE}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def notebook_bytes(notebook: dict) -> bytes:
    """The notebook file: sorted keys, one indentation, characters as themselves."""
    text = json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False)
    return (text + "\n").encode("utf-8")
