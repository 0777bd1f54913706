"""What arrives is compared with what is held, checked, agreed to, and only then written, all of it."""

import errno
import json
import sys

import pytest
from conftest import contents

from korus import raw, verify
from korus.sources import arrival, difference, writing
from korus.sources.arrival import Proposal, offer
from korus.sources.refusal import Refused

TABLE = "agency/prints.csv"
COLUMNS = ["series", "year", "value", "vintage", "source", "note"]
HELD = [
    ["steel", "2022", "10.0", "2024-01-01", "a.one", ""], ["steel", "2023", "20.0", "2024-01-01", "a.one", ""],
    ["tin", "2022", "5", "2024-01-01", "a.one", ""], ["tin", "2023", "-6", "2024-01-01", "a.one", ""],
    ["zinc", "2023", "7", "2024-01-01", "a.one", ""],
]
SCHEMA = {
    "fields": [
        {"name": "series", "type": "string"}, {"name": "year", "type": "year"},
        {"name": "value", "type": "number", "constraints": {"required": True, "maximum": 1000}},
        {"name": "vintage", "type": "date"}, {"name": "source", "type": "string"},
        {"name": "note", "type": "string"},
    ],
    "primaryKey": ["series", "year", "vintage", "source", "note"],
    "foreignKeys": [{"fields": ["source"], "reference": {"resource": "sources", "fields": ["source"]}}],
}
LEVELS = {"fields": [{"name": "month", "type": "string"}, {"name": "value", "type": "integer"},
                     {"name": "source", "type": "string"}], "primaryKey": ["month"]}
SOURCE = {"source": "a.two", "title": "Two", "accessed": "2025-01-02"}


@pytest.fixture
def held(package):
    """A package of a table with vintages, one without, and sources."""
    package.add("agency/levels", [
        ["month", "value", "source"], ["2024-01", "1", "a.one"], ["2024-03", "3", "a.one"]], LEVELS)
    package.add("agency/prints", [COLUMNS, *HELD], SCHEMA)
    package.add("sources", [["source", "title", "accessed"], ["a.one", "One", "2024-01-02"],
                            ["b.one", "Other", "2024-01-02"]],
                {"fields": [{"name": name, "type": "string"} for name in ("source", "title", "accessed")],
                 "primaryKey": ["source"]})
    return package


def row(series: str, year: str, value: str, vintage: str = "2025-01-01", source: str = "a.two") -> dict[str, str]:
    """A row of the table with vintages."""
    return dict(zip(COLUMNS, [series, year, value, vintage, source, ""], strict=True))


ARRIVED = [row("steel", "2022", "10"), row("steel", "2023", "22.0"), row("tin", "2022", "5"),
           row("tin", "2023", "-7"), row("tin", "2024", "8")]


def offered(held, rows=None, **options) -> tuple[bool, list[str]]:
    """(whether the rows were written, what was said)."""
    said: list[str] = []
    options = {"sources": [SOURCE], "yes": True, "say": said.append} | options
    written = offer([Proposal(TABLE, ARRIVED if rows is None else rows)], folder=held.folder, **options)
    return written, said


def refusal(held, rows=None, **options) -> str:
    """Why rows are refused; data/raw must be as it was."""
    before = contents(held.folder)
    with pytest.raises(Refused) as refused:
        offered(held, rows, **options)
    assert contents(held.folder) == before
    assert not [path for path in writing.build_folder(held.folder).iterdir() if path.is_dir()]
    return str(refused.value)


def test_new_rows_stand_below_the_old_ones_and_everything_is_recorded(held):
    before = (held.folder / TABLE).read_bytes()
    said: list[str] = []
    record = {"date_published": "2024-01-01 to 2025-01-01", "date_accessed": "2025-01-02"}
    assert offer([Proposal(TABLE, ARRIVED, record)], [SOURCE], held.folder, yes=True, say=said.append)
    content = (held.folder / TABLE).read_bytes()
    assert content.startswith(before)
    assert difference.rows_of(content)[len(HELD):] == ARRIVED
    assert verify.problems(held.folder)[0] == []
    found = raw.record("agency/prints", held.folder)
    assert found["date_published"] == "2024-01-01 to 2025-01-01" and found["date_accessed"] == "2025-01-02"
    assert raw.record("sources", held.folder)["date_accessed"] == "2025-01-02"
    assert [line["source"] for line in difference.rows_of((held.folder / "sources.csv").read_bytes())] == [
        "a.one", "a.two", "b.one"]
    assert said[-1].startswith(f"Written: data/raw/{TABLE}, data/raw/sources.csv, data/raw/datapackage.json")


def test_the_difference_says_what_is_new_revised_as_before_and_gone_with_sizes(held):
    _, said = offered(held)
    assert said[0] == (f"data/raw/{TABLE}: 1 new, 2 revised, 2 as in the vintage before, 1 of the vintage before "
                       "not printed any more (kept)")
    assert said[1] == "data/raw/sources.csv: 1 new"
    assert "  steel 2023: 20.0 -> 22.0 (+10.0 %)" in said and "  tin 2023: -6 -> -7" in said
    assert "  not printed any more: zinc 2023" in said


def test_a_period_that_is_not_printed_any_more_is_not_missed(held):
    _, said = offered(held, [row("steel", "2024", "1"), row("zinc", "2023", "7")])
    assert "1 new, 1 as in the vintage before, 2 of the vintage before" in said[0]
    assert "  not printed any more: steel 2023; tin 2023" in said


def test_an_older_vintage_is_compared_with_those_before_it_only(held):
    offered(held)
    _, said = offered(held, [row("steel", "2023", "21", "2024-06-01")])
    assert "steel 2023: 20.0 -> 21 (+5.0 %)" in "\n".join(said)


def test_the_same_arrival_twice_says_that_nothing_is_new_and_touches_nothing(held):
    offered(held)
    before = {path: path.stat().st_mtime_ns for path in held.folder.rglob("*")}
    written, said = offered(held)
    assert not written
    assert said == [f"data/raw/{TABLE}: 5 held already", "Nothing new: everything that arrived is held already."]
    assert {path: path.stat().st_mtime_ns for path in held.folder.rglob("*")} == before


def test_the_same_vintage_with_another_value_is_refused_by_name(held):
    offered(held)
    message = refusal(held, [*ARRIVED[:1], row("steel", "2023", "23")])
    assert "steel 2023 2025-01-01 a.two, column value: held as '22.0', arrives as '23'" in message
    assert "needs its own day" in message


def test_a_table_without_vintages_takes_new_months_in_order_and_replaces_only_when_told(held):
    rows = [{"month": "2024-02", "value": "2", "source": "a.one"},
            {"month": "2024-03", "value": "4", "source": "a.one"}]
    table = "agency/levels.csv"
    with pytest.raises(Refused, match="held as '3', arrives as '4'"):
        offer([Proposal(table, rows)], folder=held.folder, yes=True)
    said: list[str] = []
    assert offer([Proposal(table, rows, replace=True)], folder=held.folder, yes=True, say=said.append)
    assert said[0] == f"data/raw/{table}: 1 new, 1 replaced" and "  2024-03: 3 -> 4 (+33.3 %)" in said
    assert [list(r.values())[:2] for r in difference.rows_of((held.folder / table).read_bytes())] == [
        ["2024-01", "1"], ["2024-02", "2"], ["2024-03", "4"]]


@pytest.mark.parametrize(("rows", "said"), [
    ([row("steel", "2024", "x")], "line 7, column value: x is not a number"),
    ([row("steel", "2024", "1001")], "column value: 1001 is above 1000"),
    ([row("steel", "24", "1")], "column year: 24 is not a year (YYYY)"),
    ([row("steel", "2024", "1", source="c.one")], "column source: c.one is not in data/raw/sources.csv"),
    ([row("steel", "2024", "1"), row("steel", "2024", "2")], "a key occurs once"),
    ([row("st\neel", "2024", "1")], "holds a line break"),
])
def test_bad_cells_are_refused_with_their_place(held, rows, said):
    message = refusal(held, rows)
    assert said in message and message.endswith("Nothing was changed.")


@pytest.mark.parametrize("rows", [
    [{"series": "steel"}], [row("steel", "2024", "1") | {"more": "x"}],
    [row("steel", "2024", "1") | {"value": 1.0}],
])
def test_rows_that_do_not_fit_the_columns_are_refused(held, rows):
    assert "row 1 of what arrived" in refusal(held, rows)


def test_a_table_that_has_no_record_or_was_changed_is_refused(held):
    with pytest.raises(Refused, match="no record in datapackage.json"):
        offer([Proposal("agency/none.csv", [])], folder=held.folder, yes=True)
    with (held.folder / TABLE).open("a") as file:
        file.write("steel,2025,1,2024-01-01,a.one,\n")
    assert "make accept FILE=data/raw/agency/prints.csv" in refusal(held)


def test_a_record_that_is_not_filled_in_is_refused(held):
    held.records[1]["citation"] = ""
    held.write_records()
    assert "citation is missing" in refusal(held)


def test_the_format_of_the_records_is_kept(held):
    text = json.dumps({"name": "a-package", "resources": held.records}, indent="\t", ensure_ascii=True)
    (held.folder / "datapackage.json").write_text(text)
    assert offered(held)[0]
    after = (held.folder / "datapackage.json").read_text()
    changed = [new for old, new in zip(text.splitlines(), after.splitlines(), strict=True) if old != new]
    assert len(changed) == 6 and all(
        any(word in line for word in ("bytes", "hash", "date_published", "date_accessed")) for line in changed)


@pytest.mark.parametrize("answer", ["no", "", "nein", "Y E S"])
def test_without_a_yes_nothing_is_written(held, monkeypatch, answer):
    before = contents(held.folder)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    written, said = offered(held, yes=False)
    assert not written and said[-1] == "Nothing was changed." and contents(held.folder) == before


def test_a_yes_at_the_terminal_writes_after_a_question_that_names_the_files(held, monkeypatch):
    asked = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "Yes")
    assert offered(held, yes=False)[0]
    assert asked == [f"Write data/raw/{TABLE}, data/raw/sources.csv, data/raw/datapackage.json? [yes/no] "]


def test_without_a_terminal_and_without_yes_it_is_refused(held, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert "no terminal to ask on" in refusal(held, yes=False)


def test_the_end_of_the_input_is_no_yes(held, monkeypatch):
    def ended(_):
        raise EOFError

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", ended)
    assert not offered(held, yes=False)[0]


def test_what_is_in_doubt_is_for_a_person(held):
    assert "for a person to judge" in refusal(held, doubts=["odd"])
    said: list[str] = []
    assert offered(held, doubts=["odd"], yes=False, ask=lambda _: True, say=said.append)[0]
    assert "DOUBT: odd" in said


def test_while_one_waits_for_its_answer_another_is_refused(held):
    seen = []

    def ask(_):
        with pytest.raises(Refused) as refused:
            offered(held)
        seen.append(str(refused.value))
        return True

    assert offered(held, yes=False, ask=ask)[0]
    assert "another arrival is being added" in seen[0]
    assert len(difference.rows_of((held.folder / TABLE).read_bytes())) == len(HELD) + len(ARRIVED)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()], ids=repr)
def test_a_failure_while_writing_leaves_everything_and_the_next_try_succeeds(held, monkeypatch, error):
    before, replace = contents(held.folder), writing.os.replace

    def failing(source, target):
        if str(target).endswith("sources.csv") and str(source).endswith(writing.NEW):
            raise error
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(writing.os, "replace", failing)
        with pytest.raises((Refused, KeyboardInterrupt)):
            offered(held)
    assert contents(held.folder) == before
    assert offered(held)[0]


def test_an_interruption_at_the_question_changes_nothing(held):
    before = contents(held.folder)

    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        offered(held, yes=False, ask=interrupted)
    assert contents(held.folder) == before
    assert offered(held)[0]


def test_a_control_total_that_fails_refuses_the_arrival(held, monkeypatch):
    monkeypatch.setattr(arrival.totals, "problems", lambda tables, folder: [f"{tables[0]} does not add up"])
    assert "agency/prints.csv does not add up" in refusal(held)
