"""Raw tables are read exactly as recorded, or not at all."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from conftest import Package
from hypothesis import given
from hypothesis import strategies as st

from korus import raw

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=12)
NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda n: n != "ref"),
                 min_size=1, max_size=5, unique=True)


@st.composite
def tables(draw):
    """Column names and rows of any text."""
    names = draw(NAMES)
    rows = draw(st.lists(st.lists(CELL, min_size=len(names), max_size=len(names)), max_size=8))
    return [names, *rows]


@given(tables())
def test_any_table_of_text_is_read_back_exactly_with_the_line_of_each_row(rows):
    with tempfile.TemporaryDirectory() as project:
        package = Package(Path(project))
        package.add("x/table", rows)
        frame = raw.read("x/table", package.folder)
        assert list(frame.columns) == ["ref", *rows[0]]
        assert frame.drop(columns="ref").to_numpy().tolist() == rows[1:]
        assert frame["ref"].tolist() == [f"x/table#L{n}" for n in range(2, len(rows) + 1)]


@given(tables(), st.data())
def test_any_single_changed_lost_or_added_byte_is_refused(rows, data):
    with tempfile.TemporaryDirectory() as project:
        package = Package(Path(project))
        path = package.add("x/table", rows)
        content = path.read_bytes()
        at = data.draw(st.integers(0, len(content) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda b: b != content[at]))
        changed, added = content[:at] + bytes([byte]), content[:at] + bytes([byte])
        for broken in (changed + content[at + 1:], added + content[at:], content[:at] + content[at + 1:]):
            path.write_bytes(broken)
            with pytest.raises(raw.RawDataError, match=r"data/raw/x/table\.csv"):
                raw.read("x/table", package.folder)


def small(package):
    """A table with Korean text, two rows."""
    return package.add("x/table", [["place", "value"], ["한국", "1"], ["미국", "2"]])


def refusal(package) -> str:
    """What reading x/table is refused with."""
    with pytest.raises(raw.RawDataError) as refused:
        raw.read("x/table", package.folder)
    return str(refused.value)


def test_a_changed_file_is_named_with_what_was_expected_and_how_to_accept_it(package):
    path = small(package)
    expected = package.records[0]
    path.write_text(path.read_text().replace("1", "3"))
    message = refusal(package)
    assert "data/raw/x/table.csv: its content was changed" in message
    assert f"Expected {expected['bytes']} bytes, {expected['hash']}" in message
    assert "make accept FILE=data/raw/x/table.csv" in message
    assert "git checkout -- data/raw/x/table.csv" in message


def test_a_truncated_file_is_named_with_what_was_expected(package):
    path = small(package)
    content = path.read_bytes()
    path.write_bytes(content[:-4])
    message = refusal(package)
    assert "ends in the middle of a line, as a truncated file does" in message
    assert f"Expected {len(content)} bytes" in message and f"found {len(content) - 4} bytes" in message


@pytest.mark.parametrize(("broken", "said"), [
    (lambda content: b"\xef\xbb\xbf" + content, "a byte order mark was put before it"),
    (lambda content: content.replace(b"\n", b"\r\n"), "its line ends were changed to CRLF"),
    (lambda content: content.decode().encode("cp949"), "re-encoded from UTF-8 to cp949"),
    (lambda content: content.decode().encode("utf-16"), "re-encoded from UTF-8 to utf-16"),
    (lambda content: content + b"\xff\xff\n", "it is not UTF-8 text (byte "),
], ids=["byte order mark", "CRLF", "cp949", "UTF-16", "no text"])
def test_what_an_editor_may_have_done_to_a_file_is_recognised(package, broken, said):
    path = small(package)
    path.write_bytes(broken(path.read_bytes()))
    assert said in refusal(package)


def test_a_missing_file_is_named_with_how_to_restore_it(package):
    small(package).unlink()
    message = refusal(package)
    assert "data/raw/x/table.csv: missing" in message
    assert "git checkout -- data/raw/x/table.csv" in message


def test_a_table_without_a_record_is_refused_and_the_known_ones_are_listed(package):
    small(package)
    with pytest.raises(raw.RawDataError, match="x/other.csv: no record .* Known tables: x/table"):
        raw.read("x/other", package.folder)


@pytest.mark.parametrize("text", ["{", "[]", '{"resources": {}}', '{"name": "x"}'])
def test_a_broken_datapackage_says_so_instead_of_a_traceback(package, text):
    small(package)
    (package.folder / "datapackage.json").write_text(text)
    assert "data/raw/datapackage.json: not a data package" in refusal(package)


def test_a_missing_datapackage_says_how_to_restore_it(package):
    (package.folder / "datapackage.json").unlink()
    assert "restore it from git" in refusal(package)


def test_a_blank_line_does_not_shift_the_references_after_it(package):
    path = package.add("x/table", [["a", "b"], ["1", "2"], ["3", "4"]])
    path.write_text("a,b\n1,2\n\n3,4\n")
    package.rerecord("x/table")
    frame = raw.read("x/table", package.folder)
    assert frame.loc[frame["a"] == "3", "ref"].tolist() == ["x/table#L4"]


def test_a_notebook_can_not_read_a_raw_table_it_does_not_declare(monkeypatch):
    monkeypatch.setenv("KORUS_INPUTS", "data/raw/kexim/releases.csv")
    with pytest.raises(PermissionError, match="census/imports_monthly.csv: this notebook reads a file it"):
        raw.read("census/imports_monthly")


def test_every_reference_of_the_real_tables_is_the_line_an_editor_shows():
    for record in raw.package()["resources"]:
        table = record["path"].removesuffix(".csv")
        lines = raw.read_verified(table).decode().split("\n")
        frame = raw.read(table)
        assert len(lines) == len(frame) + 2
        for row in frame.iloc[[0, len(frame) // 2, -1]].itertuples(index=False):
            line = lines[int(row[0].rpartition("#L")[2]) - 1]
            assert next(csv.reader(io.StringIO(line))) == list(row[1:])
