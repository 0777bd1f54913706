"""A month of the panel is there or it is not, whatever happens while it is written; sums need little memory."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus.sources import partitions
from korus.sources.partitions import FetchRunning, PanelProblem

SCHEMA = pa.schema([("cty_code", pa.string()), ("is_group", pa.bool_()), ("con_val_mo", pa.int64())])


def batch(codes: list[str], amounts: list) -> pa.Table:
    """Rows of a panel of our own; codes of groups begin with 0."""
    return pa.table({"cty_code": codes, "is_group": [code.startswith("0") for code in codes],
                     "con_val_mo": amounts}, schema=SCHEMA)


def failing(*good):
    yield from good
    raise ValueError("the answer ends here")


def test_a_month_is_there_when_all_its_rows_are_and_keeps_what_was_noted(tmp_path):
    count = partitions.write(
        tmp_path, "2025-07", SCHEMA, [batch(["5800"], [1]), batch(["5880"], [2])], {"day": "x"}
    )
    assert count == 2 and partitions.months(tmp_path) == ["2025-07"]
    assert partitions.about_month(tmp_path, "2025-07") == {"day": "x"}
    assert partitions.about_month(tmp_path, "2025-08") is None
    assert partitions.write(tmp_path, "2025-09", SCHEMA, [], {}) == 0
    assert os.listdir(tmp_path) == ["2025-07.parquet", "2025-09.parquet"] or set(os.listdir(tmp_path)) == {
        "2025-07.parquet", "2025-09.parquet"}


def test_a_month_cut_while_it_is_written_never_counts_and_the_older_one_stays(tmp_path):
    with pytest.raises(ValueError, match="ends here"):
        partitions.write(tmp_path, "2025-07", SCHEMA, failing(batch(["5800"], [1])), {})
    assert partitions.months(tmp_path) == [] and os.listdir(tmp_path) == []
    partitions.write(tmp_path, "2025-07", SCHEMA, [batch(["5800"], [1])], {"turn": "1"})
    with pytest.raises(ValueError, match="ends here"):
        partitions.write(tmp_path, "2025-07", SCHEMA, failing(batch(["5800"], [9])), {"turn": "2"})
    assert partitions.about_month(tmp_path, "2025-07") == {"turn": "1"}


KILLED = """
import os, sys
from pathlib import Path
import pyarrow as pa
from korus.sources import partitions
schema = pa.schema([("a", pa.int64())])
def rows():
    for turn in range(4):
        yield pa.table({"a": list(range(200_000))}, schema=schema)
    os.kill(os.getpid(), 9)
partitions.write(Path(sys.argv[1]), "2025-07", schema, rows(), {})
"""


def test_a_killed_run_leaves_no_month_and_its_remains_are_swept(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -9 and partitions.months(tmp_path) == []
    assert partitions.leftovers(tmp_path) == 1 and os.listdir(tmp_path) == []


def test_a_full_disk_is_said_and_changes_nothing(tmp_path, monkeypatch):
    partitions.write(tmp_path, "2025-07", SCHEMA, [batch(["5800"], [1])], {"turn": "1"})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(partitions.os, "fsync", full)
    with pytest.raises(PanelProblem, match="2025-07.parquet: can not be written .No space left"):
        partitions.write(tmp_path, "2025-07", SCHEMA, [batch(["5800"], [2])], {"turn": "2"})
    assert partitions.about_month(tmp_path, "2025-07") == {"turn": "1"} and len(os.listdir(tmp_path)) == 1


def test_a_file_that_is_no_partition_is_named(tmp_path):
    (tmp_path / "2025-07.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(PanelProblem, match="2025-07.parquet: no partition.*Delete it"):
        partitions.about_month(tmp_path, "2025-07")
    with pytest.raises(ValueError, match="2025-13"):
        partitions.place(tmp_path, "2025-13")


def test_two_fetches_at_once_do_not_write_the_same_panel(tmp_path):
    with partitions.only_writer(tmp_path):
        code = ("import sys; from pathlib import Path; from korus.sources import partitions\n"
                "with partitions.only_writer(Path(sys.argv[1])): pass")
        second = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert second.returncode == 1 and f"another fetch is running (process {os.getpid()})" in second.stderr
        with pytest.raises(FetchRunning), partitions.only_writer(tmp_path):
            pass
    with partitions.only_writer(tmp_path):
        pass


@given(
    st.dictionaries(
        st.sampled_from(["2025-01", "2025-02", "2025-03"]),
        st.lists(
            st.tuples(st.sampled_from(["5800", "5880", "0003"]), st.none() | st.integers(0, 10**12)), max_size=30
        ),
        min_size=1,
    )
)
def test_sums_are_those_of_the_rows_without_groups_and_what_is_missing_stays_missing(tmp_path_factory, panel):
    folder = tmp_path_factory.mktemp("panel")
    for month, rows in panel.items():
        partitions.write(folder, month, SCHEMA, [batch([c for c, _ in rows], [a for _, a in rows])], {})
    found = partitions.aggregate(folder, {"cty_code": "cty_code"}, "NOT is_group", ["con_val_mo"])
    expected = {}
    for code, amount in (row for rows in panel.values() for row in rows if row[0] != "0003"):
        before = expected.setdefault(code, None)
        expected[code] = before if amount is None else (before or 0) + amount
    assert {row["cty_code"]: row["con_val_mo"] for row in found} == expected
    assert [row["cty_code"] for row in found] == sorted(expected)


def test_no_panel_has_no_sums(tmp_path):
    assert partitions.aggregate(tmp_path / "none", {"a": "a"}, "true", ["b"]) == []
