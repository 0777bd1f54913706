"""Executed notebooks without noise."""

import json

import nbformat
from hypothesis import given, strategies

from korus.notebook_text import clean_text, joined_streams, normalised, notebook_bytes


def code(source="", outputs=(), count=None, **metadata):
    """A code cell as papermill leaves it."""
    return {"cell_type": "code", "id": "x", "source": source, "outputs": list(outputs),
            "execution_count": count, "metadata": metadata}


def stream(text, name="stdout"):
    """A piece of printed text."""
    return {"output_type": "stream", "name": name, "text": text}


def test_times_versions_and_what_tools_leave_are_gone_and_what_the_author_wrote_stays():
    executed = {
        "cells": [
            code("a", count=7, papermill={"duration": 1.0}, tags=["hide-input"],
                 execution={"iopub.status.busy": "2026"}),
            {"cell_type": "markdown", "source": "# Title", "metadata": {"tags": []}, "id": "y"},
            code("b", count=9),
        ],
        "metadata": {"papermill": {}, "kernelspec": {"name": "other"},
                     "language_info": {"version": "3.11.7"}, "widgets": {}},
    }
    source = {"cells": [{"id": "one"}, {}, {"id": "three"}],
              "metadata": {"title": "kept", "language_info": {"version": "3.9"}}}
    found = normalised(executed, source, {})
    nbformat.validate(nbformat.from_dict(found))
    assert [cell["id"] for cell in found["cells"]] == ["one", "cell-2", "three"]
    assert [cell["metadata"] for cell in found["cells"]] == [{"tags": ["hide-input"]}, {}, {}]
    assert [c["execution_count"] for c in found["cells"] if c["cell_type"] == "code"] == [1, 2]
    assert found["metadata"]["title"] == "kept"
    assert "version" not in json.dumps(found) and "papermill" not in json.dumps(found)


def test_the_injected_cell_takes_over_the_tags_of_the_declared_one():
    executed = {"cells": [code("a = 1", tags=["parameters", "remove-cell"]),
                          code("a = 2", tags=["injected-parameters"]), code("a")]}
    found = normalised(executed, {"cells": [{"id": "p"}, {"id": "q"}]}, {})
    assert [cell["id"] for cell in found["cells"]] == ["p", "injected-parameters", "q"]
    assert found["cells"][1]["metadata"]["tags"] == ["injected-parameters", "remove-cell"]


def test_a_result_keeps_its_text_and_loses_addresses_paths_and_widgets():
    result = {
        "output_type": "execute_result", "execution_count": 12, "metadata": {},
        "data": {"text/plain": ["<object at 0x7f12ab34cd56>\n", "/home/x/korus/data/a.csv"],
                 "application/json": {"a": 1},
                 "application/vnd.jupyter.widget-view+json": {"model_id": "r4nd0m"}},
    }
    found = normalised({"cells": [code("x", [result], 12)]}, {"cells": [{}]},
                       {"/home/x/korus/": "", "/home/x/korus/data": "D"})
    (output,) = found["cells"][0]["outputs"]
    assert output["data"] == {"text/plain": "<object at 0x…>\nD/a.csv",
                              "application/json": {"a": 1}}
    assert output["execution_count"] == 1


def test_the_name_of_a_cell_s_temporary_file_is_gone():
    warning = "/var/ipykernel_4711/2917.py:3: UserWarning: x\n"
    assert clean_text(warning, {}) == "<cell>:3: UserWarning: x\n"


PIECES = strategies.lists(
    strategies.tuples(strategies.sampled_from(["stdout", "stderr"]), strategies.text(max_size=3))
)


@given(PIECES, strategies.randoms())
def test_printed_text_does_not_depend_on_how_it_was_split_or_interleaved(pieces, random):
    whole = joined_streams([stream(text, name) for name, text in pieces])
    split = []
    for name, text in pieces:
        at = random.randint(0, len(text))
        split += [stream(text[:at], name), stream(text[at:], name)]
    assert joined_streams(split) == whole
    for name in ("stdout", "stderr"):
        printed = "".join(text for which, text in pieces if which == name)
        assert "".join(o["text"] for o in whole if o["name"] == name) == printed


def test_text_before_and_after_a_figure_stays_there():
    figure = {"output_type": "display_data", "data": {}, "metadata": {}}
    found = joined_streams([stream("a"), stream("b"), figure, stream("c")])
    assert [o.get("text") for o in found] == ["ab", None, "c"]


def test_the_file_depends_on_the_content_only():
    one, other = {"b": 1, "a": "한국"}, {"a": "한국", "b": 1}
    assert notebook_bytes(one) == notebook_bytes(other)
    assert "한국".encode() in notebook_bytes(one)
