"""The whole of data/raw is checked before anything is built, and every problem is shown at once."""

import json
import re
import time

import pytest
from conftest import TRADE, csv_text

from korus import verify
from korus.paths import RAW

def found(package) -> list[str]:
    """Every problem of the package."""
    return verify.problems(package.folder, package.cache)[0]


def test_a_package_in_order_has_no_problems(trade):
    assert verify.problems(trade.folder, None) == ([], 3)


@pytest.mark.parametrize(("line", "column", "cell", "said"), [
    (3, "cal_dut_mo", "-5", "-5 is below 0, the least possible (USD)"),
    (2, "cal_dut_mo", "ten", "ten is not a whole number (USD)"),
    (2, "cal_dut_mo", "1.5", "1.5 is not a whole number (USD)"),
    (2, "cal_dut_mo", "1_000", "1_000 is not a whole number (USD)"),
    (2, "cal_dut_mo", " 10", " 10 is not a whole number (USD)"),
    (2, "share_pct", "nan", "nan is not a number (per cent)"),
    (2, "share_pct", "１２", "１２ is not a number (per cent)"),
    (4, "share_pct", "100.1", "100.1 is above 100, the most possible (per cent)"),
    (3, "month", "2025-13", "2025-13 does not have the form"),
    (3, "month", "", "an empty cell where a value is required"),
    (2, "basis", "cif", "cif is none of the words of this column; the nearest is c.i.f. (c.i.f., customs)"),
    (2, "iso3", "KRO", "KRO is not in data/raw/reference/countries.csv, column iso3; the nearest is KOR"),
    (4, "source", "s3", "s3 is not in data/raw/sources.csv, column source"),
    (4, "source", "a\u2028b", r"a\u2028b holds a line break"),
])
def test_a_bad_cell_is_named_with_file_line_column_and_what_would_be_right(trade, line, column, cell, said):
    trade.put(line, column, cell)
    messages = found(trade)
    assert f"data/raw/census/trade.csv, line {line}, column {column}: {said}" in messages[0]
    assert len(messages) == (2 if "\u2028" in cell else 1), messages


def test_all_bad_cells_of_all_tables_are_reported_at_once_in_the_order_of_the_file(trade):
    trade.put(4, "share_pct", "250")
    trade.put(2, "cal_dut_mo", "x")
    trade.put(2, "month", "July")
    path = trade.folder / "reference/countries.csv"
    path.write_text(path.read_text().replace("South Korea", '"South\nKorea"'))
    trade.rerecord("reference/countries")
    places = [re.match(r"data/raw/(.+), line (\d+), column (\w+)", line).groups() for line in found(trade)]
    assert places == [
        ("reference/countries.csv", "2", "name"), ("census/trade.csv", "2", "month"),
        ("census/trade.csv", "2", "cal_dut_mo"), ("census/trade.csv", "4", "share_pct"),
    ]


def test_a_duplicate_key_names_both_lines(trade):
    trade.put(2, "month", "2025-07")
    assert found(trade) == [
        "data/raw/census/trade.csv, line 3, columns month, iso3: 2025-07, KOR is already in line 2; "
        "a key occurs once"
    ]


def test_lines_are_counted_as_an_editor_counts_them_even_after_a_cell_with_a_line_break(trade):
    text = csv_text(trade.rows).replace("c.i.f.", '"c.i.\nf."', 1).replace("30,100", "30,101")
    trade.write(text.encode())
    assert "line 2, column basis: c.i.\\nf. holds a line break" in found(trade)[0]
    assert found(trade)[-1].startswith("data/raw/census/trade.csv, line 5, column share_pct: 101")


@pytest.mark.parametrize(("content", "said"), [
    (b"", "the file is empty"),
    (b"month,iso3\n", "line 1: the header lacks basis, cal_dut_mo, share_pct, source; expected month,iso3"),
    (csv_text([TRADE[0][::-1]]).encode(), "line 1: the columns are source,"),
    (csv_text([[*TRADE[0], "extra"]]).encode(), "line 1: the header has unknown extra; expected"),
    (csv_text([TRADE[0], TRADE[1][:3]]).encode(), "line 2: 3 cells, but the table has 6 columns"),
    (csv_text([TRADE[0], [*TRADE[1], "x"]]).encode(), "line 2: 7 cells, but the table has 6 columns"),
    (csv_text(TRADE).encode().replace(b"\n2025-07", b"\n\n2025-07", 1), "line 3: an empty line; delete it"),
    (csv_text(TRADE).encode()[:-3], "line 4: the last line has no end"),
    (b"\xef\xbb\xbf" + csv_text(TRADE).encode(), "line 1: a byte order mark"),
    (csv_text(TRADE).encode().replace(b"\n", b"\r\n"), "lines end in CRLF"),
    (csv_text(TRADE).encode().replace(b"KOR", b"K\rR"), "line 2: a carriage return"),
    (csv_text(TRADE).encode().replace(b"KOR", b"K\xffR"), "line 2: byte"),
    (csv_text(TRADE).encode() + "한".encode()[:2], "line 5: ends within a character"),
], ids=["empty", "columns lost", "columns in another order", "column added", "cells lost", "cell added",
        "empty line", "truncated", "byte order mark", "CRLF", "CR", "not UTF-8", "cut within a character"])
def test_a_file_of_another_shape_is_described_in_one_sentence(trade, content, said):
    trade.write(content)
    messages = found(trade)
    assert len(messages) == 1, messages
    assert f"data/raw/census/trade.csv, {said}" in messages[0].replace("trade.csv: ", "trade.csv, ")


def test_a_changed_file_is_named_together_with_its_bad_cells(trade):
    path = trade.folder / "census/trade.csv"
    path.write_text(path.read_text().replace("12.5", "x"))
    difference, cell = found(trade)
    assert "its content was changed" in difference and "make accept FILE=" in difference
    assert "line 2, column share_pct: x is not a number" in cell


def test_a_missing_file_is_one_problem_and_hides_no_other(trade):
    trade.put(2, "share_pct", "x")
    (trade.folder / "sources.csv").unlink()
    missing, cell = found(trade)
    assert missing.startswith("data/raw/sources.csv: missing") and "column share_pct" in cell


def test_a_broken_header_is_one_problem_and_not_one_for_every_row_that_points_there(trade):
    path = trade.folder / "reference/countries.csv"
    path.write_text(path.read_text().replace("iso3", "code"))
    trade.rerecord("reference/countries")
    assert found(trade) == [
        "data/raw/reference/countries.csv, line 1: the header lacks iso3 and has unknown code; "
        "expected iso3,name"
    ]


def test_a_quotation_mark_that_is_never_closed_is_found_even_in_a_large_file(trade):
    rows = "".join(f"2025-{n % 12 + 1:02d},KOR,c.i.f.,1,1,s1\n" for n in range(9000))
    trade.write((csv_text(TRADE).replace("c.i.f.", '"c.i.f.', 1) + rows).encode())
    assert "line 2, column basis: c.i.f." in found(trade)[0] and "holds a line break" in found(trade)[0]


def test_files_and_folders_without_a_record_are_named(trade):
    for name in ("census/new.csv", "census/.trade.csv.swp", "census/trade.csv~", ".DS_Store",
                 "old/deep/x.csv", "census/none/.gitkeep"):
        (trade.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (trade.folder / name).write_text("a\n")
    messages = "\n".join(found(trade))
    assert "data/raw/census/new.csv: no record in datapackage.json. Delete it, or run make accept" in messages
    for leftover in ("census/.trade.csv.swp", "census/trade.csv~", ".DS_Store"):
        assert f"data/raw/{leftover}: an editor's or a system's leftover. Delete it" in messages
    for folder in ("old", "census/none"):
        assert f"data/raw/{folder}/: a folder without any recorded file" in messages
    assert len(messages.splitlines()) == 6


def test_a_record_that_says_too_little_is_named_with_what_belongs_there(trade):
    record = trade.records[0]
    del record["licenses"], record["citation"]
    record["producer"] = "<fill in: who made the figures>"
    record["name"] = "countries"
    trade.records[2]["schema"]["foreignKeys"] = []
    trade.write_records()
    messages = found(trade)
    where = "data/raw/datapackage.json, record of reference/countries.csv: "
    assert messages == [
        where + "name is 'countries'; expected 'reference.countries'",
        where + "producer is still to be filled in (who made the figures)",
        where + "citation is missing (how to cite them)",
        where + "licenses is missing (a list of {name, title, path}; or instead `licence_note`: why no "
        "licence is known)",
    ]
    record.update(licence_note="The agency states none.", citation="x", producer="y",
                  name="reference.countries")
    trade.write_records()
    assert found(trade) == []


def test_a_record_without_a_path_or_hash_does_not_stop_the_others_from_being_checked(trade):
    trade.put(2, "share_pct", "x")
    del trade.records[1]["hash"]
    trade.records.append({"name": "nothing"})
    trade.write_records()
    messages = "\n".join(found(trade))
    assert "record of sources.csv: hash is missing" in messages
    assert "record of resource number 4: path '' is not a .csv file below data/raw" in messages
    assert "line 2, column share_pct: x is not a number" in messages


def test_a_schema_that_frictionless_can_not_read_is_named(trade):
    trade.records[2]["schema"]["fields"][0]["type"] = "nonsense"
    trade.write_records()
    assert any("data/raw/datapackage.json" in line and "nonsense" in line for line in found(trade))


def test_a_second_check_reads_only_what_changed_and_what_points_to_it(trade):
    def anew():
        return verify.problems(trade.folder, trade.cache)

    assert [anew(), anew()] == [([], 3), ([], 0)]
    trade.put(2, "share_pct", "13")
    assert [anew(), anew()] == [([], 1), ([], 0)]
    path = trade.folder / "sources.csv"
    path.write_text(path.read_text() + "s3,Three\n")
    trade.rerecord("sources")
    assert anew() == ([], 2), "sources, and the table whose keys point there"
    trade.records[0]["title"] = "Countries"
    trade.write_records()
    assert anew()[1] == 1


def test_a_bad_table_is_checked_again_until_it_is_mended(trade):
    trade.put(2, "share_pct", "x")
    assert [len(found(trade)), len(found(trade))] == [1, 1]
    trade.put(2, "share_pct", "12.5")
    assert found(trade) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"census/trade.csv": 1}', b"\xff"])
def test_a_broken_cache_only_costs_time(trade, content):
    trade.cache.write_bytes(content)
    assert verify.problems(trade.folder, trade.cache) == ([], 3)
    assert len(json.loads(trade.cache.read_text())) == 3


def test_a_row_added_to_a_table_with_a_lost_key_is_found_through_the_cache(trade):
    assert found(trade) == []
    path = trade.folder / "reference/countries.csv"
    path.write_text(path.read_text().replace("JPN", "JPX"))
    trade.rerecord("reference/countries")
    assert found(trade) == [
        "data/raw/census/trade.csv, line 4, column iso3: JPN is not in "
        "data/raw/reference/countries.csv, column iso3; the nearest is JPX. Mend the cell, or add a row there"
    ]


def run(monkeypatch, trade) -> int:
    """Exit status of `python -m korus.verify` on the package."""
    monkeypatch.setattr(verify, "RAW", trade.folder)
    monkeypatch.setattr(verify, "CACHE", trade.cache)
    return verify.main()


def test_the_command_ends_with_what_to_do_and_status_one(monkeypatch, trade, capsys):
    trade.put(2, "share_pct", "x")
    assert run(monkeypatch, trade) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("data/raw: 1 problem. Mend the cells named, then `make accept FILE=…`")


def test_the_command_says_that_all_is_well(monkeypatch, trade, capsys):
    assert run(monkeypatch, trade) == 0
    assert capsys.readouterr().out == "data/raw: 3 tables are as recorded; cells of 3 checked anew\n"


def test_the_command_names_a_broken_datapackage(monkeypatch, trade, capsys):
    (trade.folder / "datapackage.json").write_text("{")
    assert run(monkeypatch, trade) == 1
    assert "data/raw/datapackage.json: not a data package" in capsys.readouterr().err


def test_the_real_package_is_in_order_and_checked_within_ten_seconds():
    begin = time.process_time()
    problems, _ = verify.problems(RAW, None)
    assert problems == []
    assert time.process_time() - begin < 10
