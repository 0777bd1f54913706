"""What the Census service answers becomes months of a panel and rows of raw tables, or is refused by name.

All amounts here are made up; the server stands on this machine and behaves like the service, faults included.
"""

import datetime as dt
import json

import pytest
from conftest import csv_text
from hypothesis import given
from hypothesis import strategies as st
from test_sources_client import SECRET, Clock, everything
from werkzeug import Response

from korus.sources import census, census_panel, census_tables, partitions, vintages
from korus.sources.census import AnswerProblem, series
from korus.sources.keys import KeyProblem
from korus.sources.sending import ServiceProblem, Waiting

TODAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
PARTNERS = {"5800": 3, "5880": 5, "1220": 2}
GROUPS = {"-": 10, "0003": 2, "5XXX": 8}
END_USES = {"EU1": list("012345"), "EU5": ["00000", "10000", "12345", "20000", "30000", "40000", "50000"]}


class Service:
    """A stand-in of the trade API with made-up trade: partner × code × a number that differs by month."""

    def __init__(self, server, last="2026-09"):
        self.last, self.asked, self.faults = last, [], []
        self.codes = {**END_USES, "HS2": ["84", "87"], "HS10": ["8471500150", "8703230150"]}
        server.expect_request("/imports/hs").respond_with_handler(self.answer)
        server.expect_request("/imports/enduse").respond_with_handler(self.answer)

    def answer(self, request) -> Response:
        given = request.args.to_dict()
        assert given.pop("key") == SECRET
        self.asked.append((request.path, given))
        if self.faults and (fault := self.faults.pop(0)):
            return fault
        if given["time"] > self.last:
            return Response("", status=204)
        return Response(json.dumps(self.rows(given)), content_type="application/json")

    def rows(self, given: dict) -> list[list[str]]:
        names = given["get"].split(",")
        variable = next((name for name in names if name in ("I_COMMODITY", "I_ENDUSE")), None)
        codes = self.codes[given["COMM_LVL"]] if variable else ["-"]
        prefix = given.get(variable, "*").rstrip("*") if variable else ""
        codes = [code for code in codes if code.startswith(prefix)]
        filters = [name for name in given if name != "get"]
        rows = [[*names, *filters]]
        for partner, size in (GROUPS | PARTNERS).items():
            if given.get("CTY_CODE", partner) == partner:
                for code in codes:
                    value = size * 60_000 // len(codes) * int(given["time"][5:])
                    cells = {"CTY_CODE": partner, variable: code, "GEN_VAL_MO": str(value + 1),
                             "CON_VAL_MO": str(value), "CAL_DUT_MO": str(value // 10)}
                    rows.append([*(cells[name] for name in names), *(
                        cells.get(name, given[name]) if name != "CTY_CODE" else partner for name in filters)])
        return rows


@pytest.fixture
def service(httpserver, monkeypatch) -> Service:
    monkeypatch.setenv("CENSUS_API_KEY", SECRET)
    return Service(httpserver)


@pytest.fixture
def client(httpserver, service):
    clock = Clock()
    return census.client(httpserver.url_for("/"), clock=clock, sleep=clock.sleep, today=lambda: TODAY,
                         say=lambda text: None, waiting=Waiting(connect=5, read=5, total=10))


def fetched(client, folder, names, first="2026-06", last="2026-11", **more):
    said = []
    done = census_panel.fetch(
        client,
        [series(name) for name in names],
        first,
        last,
        folder=folder,
        say=said.append,
        clock=client.budget.clock,
        **more,
    )
    return done, said


ANSWER = [["CTY_CODE", "I_ENDUSE", "GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "time", "COMM_LVL", "CTY_CODE"],
          ["5800", "1", "110", "100", "12", "2025-07", "EU1", "5800"],
          ["5800", "2", "210", "200", None, "2025-07", "EU1", "5800"]]


def changed(row: int, column: int, cell) -> list:
    rows = [list(line) for line in ANSWER]
    rows[row][column] = cell
    return rows


# ---- One answer ----------------------------------------------------------------------------------


def test_a_question_names_what_is_wanted_and_an_answer_becomes_a_table():
    asked = series("EU1-5800")
    path, parameters = census.question(asked, "2025-07")
    assert path == "imports/enduse" and parameters == {
        "get": "CTY_CODE,I_ENDUSE,GEN_VAL_MO,CON_VAL_MO,CAL_DUT_MO", "time": "2025-07", "COMM_LVL": "EU1",
        "CTY_CODE": "5800"}
    assert census.table(ANSWER, asked, "2025-07").to_pylist()[1] == {
        "month": "2025-07",
        "cty_code": "5800",
        "is_group": False,
        "code": "2",
        "gen_val_mo": 210,
        "con_val_mo": 200,
        "cal_dut_mo": None,
    }
    assert census.question(series("total"), "2025-07")[1] == {
        "get": "CTY_CODE,GEN_VAL_MO,CON_VAL_MO,CAL_DUT_MO", "time": "2025-07"}
    assert census.question(series("HS10"), "2025-07", "87")[1]["I_COMMODITY"] == "87*"


@given(st.permutations(range(8)))
def test_the_order_of_columns_does_not_matter(order):
    shuffled = [[row[place] for place in order] for row in ANSWER]
    assert census.table(shuffled, series("EU1"), "2025-07") == census.table(ANSWER, series("EU1"), "2025-07")


@pytest.mark.parametrize(("answer", "words"), [
    ({"error": "x"}, "no list of rows"), ([], "no list of rows"), ([["A"], "b"], "no list of rows"),
    (changed(0, 4, "CAL_DUTY_MO"), r"no column CAL_DUT_MO.*has CTY_CODE.*variables.html.*mend AMOUNTS"),
    (changed(1, 3, "1e5"), "'1e5' in row 2, column CON_VAL_MO"), (changed(1, 3, "-5"), "'-5' in row 2"),
    (changed(1, 3, "١٢"), "in row 2"), (changed(2, 4, 12), "12 in row 3, column CAL_DUT_MO"),
    (changed(1, 5, "2025-06"), "'2025-06' in column time; only 2025-07"),
    (changed(1, 7, "5880"), "CTY_CODE comes twice and with different cells"),
    (changed(2, 1, "1"), "partner 5800 and code 1 stand twice"), (changed(2, 1, "10000"), "has not 1 digits"),
    ([ANSWER[0], ANSWER[1][:-1]], "row 2 of the answer has not the 8 cells"),
])
def test_an_answer_of_another_form_is_refused_by_row_and_column(answer, words):
    with pytest.raises(AnswerProblem, match=words):
        census.table(answer, series("EU1"), "2025-07")


def test_other_partners_than_asked_for_are_refused_and_totals_over_products_left_out():
    with pytest.raises(AnswerProblem, match="other partners than 5880"):
        census.table(ANSWER, series("EU1-5880"), "2025-07")
    assert census.table(changed(2, 1, "-"), series("EU1"), "2025-07").num_rows == 1


@pytest.mark.parametrize(("code", "group"), [("5800", False), ("7950", False), ("-", True), ("0003", True),
                                             ("0014", True), ("5XXX", True), ("", True), ("58000", True)])
def test_groups_of_countries_are_told_from_countries(code, group):
    assert census.is_group(code) == group


def test_countries_that_do_not_add_up_to_the_total_are_no_whole_answer():
    rows = [["CTY_CODE", "GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "time"],
            ["-", "1000", "1000", "100", "2025-07"], ["5800", "400", "400", "40", "2025-07"],
            ["5XXX", "600", "600", "60", "2025-07"]]
    whole = [*rows, ["5880", "600", "600", "60", "2025-07"]]
    census.require_whole(census.table(whole, series("total"), "2025-07"), "x")
    with pytest.raises(AnswerProblem, match="add up to 400 in GEN_VAL_MO, the total says 1,000"):
        census.require_whole(census.table(rows, series("total"), "2025-07"), "x")


@pytest.mark.parametrize("name", ["EU2", "HS10-KOR", "HS10--", "HS10-0003", ""])
def test_a_series_that_does_not_exist_is_refused_by_name(name):
    with pytest.raises(ValueError, match="expected one of total, EU1"):
        series(name)


# ---- The panel -----------------------------------------------------------------------------------


def test_months_are_fetched_once_in_order_until_what_is_not_published(client, service, tmp_path):
    done, said = fetched(client, tmp_path, ["total", "EU1"])
    assert (done.written, done.held, done.last) == (8, 0, {"total": "2026-09", "EU1": "2026-09"})
    assert partitions.months(tmp_path / "EU1") == ["2026-06", "2026-07", "2026-08", "2026-09"]
    assert "total 2026-10: not published yet" in said and "1 of 12 months" in said[0] and " left" in said[0]
    assert len(service.asked) == 10
    done, _ = fetched(client, tmp_path, ["total", "EU1"])
    assert done.written == 0 and done.held == 8 and len(service.asked) == 12
    sums = partitions.aggregate(tmp_path / "EU1", {"month": "month"}, "NOT is_group", ["con_val_mo"])
    assert sums[0] == {"month": "2026-06", "con_val_mo": 10 * 60_000 * 6}


def test_months_are_fetched_anew_when_that_is_asked_for_and_not_twice_a_day(client, service, tmp_path):
    fetched(client, tmp_path, ["total"], last="2026-09")
    about = partitions.about_month(tmp_path / "total", "2026-08")
    assert about == {"day": about["day"], "fetched": "2026-11-22"}
    assert census_panel._due(tmp_path / "total", "2026-08", "2026-08", dt.date(2099, 1, 1))
    assert not census_panel._due(tmp_path / "total", "2026-08", "2026-08", dt.date(2026, 11, 22))
    assert not census_panel._due(tmp_path / "total", "2026-07", "2026-08", dt.date(2099, 1, 1))
    assert not census_panel._due(tmp_path / "total", "2026-07", None, dt.date(2099, 1, 1))


@pytest.mark.parametrize("fault", [
    Response("", status=302, headers={"Location": "/data/missing_key.html"}),
    Response("<html><title>Missing Key</title><p>A valid <em>key</em> must be included with each data API "
             "request.",
             status=200),
    Response("", status=429, headers={"Retry-After": "3600"}),
    Response("error: unknown variable 'CAL_DUT_MO'", status=400),
    Response('[["CTY_CODE"]]', status=200),
], ids=["redirect", "page", "hour", "variable", "columns"])
def test_a_run_that_is_cut_goes_on_where_it_stopped(client, service, tmp_path, fault):
    service.faults = [None, None, fault]
    with pytest.raises((ServiceProblem, KeyProblem)) as failure:
        fetched(client, tmp_path, ["total"])
    assert SECRET not in everything(failure.value)
    assert partitions.months(tmp_path / "total") == ["2026-06", "2026-07"]
    before = len(service.asked)
    done, _ = fetched(client, tmp_path, ["total"])
    assert done.held == 2 and [given["time"] for _, given in service.asked[before:]] == [
        "2026-08",
        "2026-09",
        "2026-10",
    ]
    assert not list(tmp_path.rglob("*.part"))


def test_a_missing_month_in_the_past_is_no_end_of_the_series(client, service, tmp_path):
    service.faults = [Response("", status=204)]
    with pytest.raises(ServiceProblem, match="total, 2019-03: the service has nothing of a month that must long"):
        fetched(client, tmp_path, ["total"], first="2019-03", last="2019-04")
    assert census.may_be_unpublished("2026-09", dt.date(2026, 11, 22))
    assert not census.may_be_unpublished("2026-05", dt.date(2026, 11, 22))


def test_a_month_too_large_for_one_answer_is_asked_for_by_chapter(client, service, tmp_path):
    service.faults = [Response("x" * 5_000_000, status=200)]
    client.waiting = Waiting(connect=5, read=5, total=10, size=1_000_000)
    done, _ = fetched(client, tmp_path, ["HS10"], first="2026-09", last="2026-09")
    assert done.rows == 2 * len(GROUPS | PARTNERS)
    chapters = [given["I_COMMODITY"] for _, given in service.asked[1:]]
    assert chapters[:2] == ["01*", "02*"] and len(chapters) == 99


def test_no_key_is_said_before_anything_is_asked(monkeypatch):
    monkeypatch.delenv("CENSUS_API_KEY", raising=False)
    with pytest.raises(KeyProblem, match="CENSUS_API_KEY is not set.*key_signup"):
        census.client()


# ---- Raw tables ----------------------------------------------------------------------------------


@pytest.fixture
def raw_folder(package):
    """A raw folder of our own with the partners of the stand-in and one held month."""
    package.add("reference/countries", [["iso3", "name", "census_code", "also_printed_as"],
                                        ["KOR", "South Korea", "5800", "Korea, South"],
                                        ["JPN", "Japan", "5880", ""], ["ARE", "United Arab Emirates", "", ""]])
    package.add("sources", [["source", "title"], ["census.old", "An older answer"]])
    row = ["2026-06", "KOR", "5800", "Korea, South", str(3 * 360_000 + 1), str(3 * 360_000), str(3 * 36_000),
           "census.old", ""]
    package.add(census_tables.MONTHLY, [census_tables.COLUMNS[census_tables.MONTHLY], row])
    return package.folder


def test_tables_hold_what_is_new_and_what_was_held_stays_first(client, service, tmp_path, raw_folder):
    fetched(client, tmp_path, ["total", "EU1", "EU5"], last="2026-09")
    tables, sources = census_tables.proposals(tmp_path, raw_folder)
    assert set(tables) == {"census/imports_monthly.csv", "census/imports_enduse.csv"}
    monthly, end_use = tables["census/imports_monthly.csv"], tables["census/imports_enduse.csv"]
    assert monthly[0]["source"] == "census.old" and len(monthly) == 1 + 4 * 3 - 1
    assert [row["iso3"] for row in monthly if row["month"] == "2026-06"] == ["KOR", "WLD", "JPN"]
    assert {row["country"] for row in monthly if row["iso3"] == "KOR"} == {"Korea, South"}
    assert {row["level"] for row in end_use} == {"1", "5"}
    assert {row["iso3"] for row in end_use if row["level"] == "1"} == {"KOR", "JPN", "WLD"}
    assert {row["iso3"] for row in end_use if row["level"] == "5"} == {"KOR", "WLD"}
    assert all(isinstance(cell, str) for row in [*monthly, *end_use] for cell in row.values())
    assert all(list(row) == census_tables.COLUMNS["census/imports_enduse"] for row in end_use)
    names = {row["source"] for row in sources}
    assert names == {row["source"] for row in [*monthly[1:], *end_use]}
    assert {row["kind"] for row in sources} == {"Census API"} and SECRET not in csv_text(
        [list(r.values()) for r in sources]
    )


def test_nothing_new_changes_no_table(client, service, tmp_path, raw_folder, package):
    fetched(client, tmp_path, ["total"], last="2026-06")
    tables, _ = census_tables.proposals(tmp_path, raw_folder)
    rows = tables["census/imports_monthly.csv"]
    columns = census_tables.COLUMNS[census_tables.MONTHLY]
    package.records = [r for r in package.records if r["path"] != "census/imports_monthly.csv"]
    package.add(census_tables.MONTHLY, [columns, *([row[name] for name in columns] for row in rows)])
    assert census_tables.proposals(tmp_path, raw_folder) == ({}, [])


def test_end_uses_that_are_not_all_goods_are_not_taken(client, service, tmp_path, raw_folder):
    service.codes["EU1"] = list("01234")
    fetched(client, tmp_path, ["total"], last="2026-06")
    service.rows_before = service.rows
    service.rows = lambda given: [row for row in service.rows_before(given) if "4" not in row[1:2]]
    fetched(client, tmp_path, ["EU1"], last="2026-06")
    with pytest.raises(AnswerProblem, match="EU1, 2026-06, partner .*its end uses add up to.*AGAIN=2026-06"):
        census_tables.end_use(tmp_path, raw_folder)


def test_weights_of_2024_need_twelve_months(client, service, tmp_path, raw_folder):
    fetched(client, tmp_path, ["HS10-5800"], first="2024-01", last="2024-11")
    assert census_tables.by_product(tmp_path, raw_folder) == ([], [])
    fetched(client, tmp_path, ["HS10-5800"], first="2024-01", last="2024-12")
    rows, sources = census_tables.by_product(tmp_path, raw_folder)
    assert [row["hs"] for row in rows] == ["8471500150", "8703230150"] and len(sources) == 1
    assert {row["consumption_usd"] for row in rows} == {str(3 * 30_000 * 78)}
    assert list(rows[0]) == census_tables.COLUMNS["census/imports_2024_by_product"]


def test_a_changed_figure_is_a_vintage_more_and_an_equal_one_none():
    before = [{"k": "a", "v": "1,200", "s": "x"}, {"k": "b", "v": "2", "s": "x"}]
    fetched_rows = [
        {"k": "a", "v": "1200.0", "s": "y"},
        {"k": "b", "v": "3", "s": "y"},
        {"k": "c", "v": "(D)", "s": "y"},
    ]
    after = vintages.beside(before, fetched_rows, ["k"], ["v"])
    assert after[:2] == before and after[2:] == fetched_rows[1:]
    assert vintages.beside(after, fetched_rows, ["k"], ["v"]) == after
