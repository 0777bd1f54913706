"""What BEA's service answers becomes rows of raw tables: headings found by their words, suppressed kept so.

The answers here are made up, in the form of the service's own; the server stands on this machine.
"""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_sources_client import SECRET, Clock, everything
from werkzeug import Response

from korus import raw
from korus.clean import bea as clean_bea
from korus.clean.places import Places
from korus.sources import bea, bea_fetch, bea_labels
from korus.sources.bea import NEW_FDI, POSITIONS, Data, NotOffered, Query
from korus.sources.bea_labels import LabelProblem
from korus.sources.client import Refused
from korus.sources.keys import KeyProblem
from korus.sources.partitions import PanelProblem
from korus.sources.sending import ServiceProblem, Waiting

TODAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
BY_COUNTRY, BY_INDUSTRY = bea.QUERIES[0], bea.QUERIES[1]
POSITION = next(query for query in bea.QUERIES if query.series == "22" and query.classification == "Country")
DIMENSIONS = [{"Name": name, "DataType": "string", "IsValue": "0"} for name in (
    "Year", "SeriesID", "SeriesName", "Row", "ColumnGParent", "ColumnParent", "Column", "RowCode", "ColumnCode",
    "TableScale")] + [{"Name": name, "DataType": "numeric", "IsValue": "1"} for name in (
        "DataValueUnformatted", "DataValue")]


def line(place: str, measure: str, parent: str, column: str, value: str, note: str = "", year: str = "2024",
         code: str = "626") -> dict:
    """A row as the service sends it."""
    return {
        "Year": year,
        "SeriesID": "62",
        "SeriesName": "Investment Expenditures",
        "Row": place,
        "ColumnGParent": measure,
        "ColumnParent": parent,
        "Column": column,
        "RowCode": code,
        "ColumnCode": "000",
        "TableScale": "Millions of dollars",
        "DataValueUnformatted": value.replace(",", ""),
        "DataValue": value,
        "NoteRef": note,
    }


FIRST, PLANNED = "First-year expenditures", "Planned total expenditures"
LINES = [
    line("All Countries Total", FIRST, "Total", "Total", "151,000", code="000"),
    line("South Korea", FIRST, "Total", "Total", "562"),
    line("South Korea", FIRST, "Total", "Acquired", "(D)", "(D)"),
    line("South Korea", FIRST, "Greenfield", "Established", "0", "(D)"),
    line("South Korea", FIRST, "Greenfield", "Expanded", "(*)", "(*)"),
    line("South Korea", FIRST, "Greenfield", "Total", "12", "1"),
    line("South Korea", PLANNED, "Total", "Total", "1,200"),
    line("Japan", FIRST, "Total", "Acquired", "n.s.", code="588"),
]


def data(rows: list[dict], dimensions=DIMENSIONS) -> Data:
    return Data(rows, dimensions, {"(D)": "Suppressed.", "1": "Of one plant."}, TODAY.date())


def body(rows, **results) -> dict:
    """An answer of the service, which repeats the question with the key."""
    return {"BEAAPI": {"Request": {"RequestParam": [{"ParameterName": "USERID", "ParameterValue": SECRET}]},
                       "Results": {"Statistic": "x", "Dimensions": DIMENSIONS, "Data": rows,
                                   "Notes": [{"NoteRef": "(D)", "NoteText": "Suppressed."}], **results}}}


ERROR = {"APIErrorCode": "1", "APIErrorDescription": f"Invalid Request - Invalid API UserId {SECRET}."}


@pytest.fixture
def asked(httpserver, monkeypatch):
    """`asked(answers…)`: a client whose questions get these answers in turn, and the list of the questions."""
    monkeypatch.setenv("BEA_API_KEY", SECRET)

    def start(*answers):
        questions, left, clock = [], list(answers), Clock()

        def answer(request):
            questions.append(request.args.to_dict())
            given = left.pop(0) if len(left) > 1 else left[0]
            return given if isinstance(given, Response) else Response(json.dumps(given), status=200)

        httpserver.expect_request("/api/data").respond_with_handler(answer)
        client = bea.client(httpserver.url_for("/api/data"), clock=clock, sleep=clock.sleep, today=lambda: TODAY,
                            say=lambda text: None, waiting=Waiting(connect=5, read=5, total=10))
        return client, questions

    return start


# ---- Headings ------------------------------------------------------------------------------------


def by_type(rows: list[dict]) -> list[tuple]:
    return [(row["country"], row["type"], row["measure"][:7], row["value"], row["status"]) for row in rows]


EXPECTED = [
    ("All countries", "total", "first-y", "151,000", "as published"),
    ("South Korea", "total", "first-y", "562", "as published"),
    ("South Korea", "acquired", "first-y", "(D)", "suppressed"),
    ("South Korea", "established", "first-y", "(D)", "suppressed"),
    ("South Korea", "expanded", "first-y", "(*)", "as published"),
    ("South Korea", "greenfield", "first-y", "12", "as published"),
    ("South Korea", "total", "planned", "1,200", "as published"),
]


def test_rows_bear_type_and_measure_and_what_is_suppressed_stays_suppressed():
    rows, not_shown = bea.rows_of(data(LINES), BY_COUNTRY)
    assert by_type(rows) == EXPECTED and not_shown == 1
    assert all(list(row) == bea.COLUMNS[NEW_FDI] for row in rows)
    assert rows[0]["breakdown"] == "" and rows[1]["breakdown"] == "country of UBO"
    assert rows[2]["note"] == ("Row=South Korea; ColumnGParent=First-year expenditures; ColumnParent=Total; "
                               "Column=Acquired; (D): Suppressed.")
    assert rows[5]["note"].endswith("1: Of one plant.") and rows[6]["measure"] == clean_planned()
    assert {row["unit"] for row in rows} == {"USD millions"} and {row["vintage"] for row in rows} == {"2026-11-22"}


def clean_planned() -> str:
    return next(measure for measure in clean_bea.NEW_FDI_MEASURES if measure.startswith("planned"))


NAMES = ["Year", "Row", "ColumnGParent", "ColumnParent", "Column", "TableScale"]


@given(st.permutations(NAMES), st.permutations(range(len(LINES[0]))), st.permutations(range(len(LINES))))
def test_the_names_and_the_order_of_columns_decide_nothing(names, order, lines):
    renamed = dict(zip(NAMES, [f"Renamed{name}" for name in names], strict=True))
    cells = [[(renamed.get(name, name), cell) for name, cell in row.items()] for row in LINES]
    rows = [dict(cells[number][place] for place in order) for number in lines]
    dimensions = [{**d, "Name": renamed.get(d["Name"], d["Name"])} for d in DIMENSIONS]
    found, _ = bea.rows_of(data(rows, dimensions), BY_COUNTRY)
    assert sorted(by_type(found)) == sorted(EXPECTED)


def test_the_figures_are_found_without_dimensions_too():
    assert by_type(bea.rows_of(data(LINES, []), BY_COUNTRY)[0]) == EXPECTED


@pytest.mark.parametrize(("change", "words"), [
    ({"Column": "Merged"}, "MNE, series 62, CountryofUBObyType: one column of places.*Column: .*Merged.*TYPES"),
    ({"TableScale": "Bushels"}, "one column of units.*UNITS in korus/sources/bea_labels.py"),
    ({"DataValue": "lots"}, "'lots' in column DataValue .South Korea, 2024.*NOT_SHOWN"),
    ({"ColumnParent": "Acquired", "Column": "Expanded"}, "called acquired and expanded at once"),
    ({"Year": "FY24"}, "one column of years"),
])
def test_an_unknown_heading_is_refused_by_name(change, words):
    with pytest.raises(LabelProblem, match=words):
        bea.rows_of(data([*LINES, LINES[1] | change]), BY_COUNTRY)


def test_industries_of_one_name_are_told_apart_and_totals_are_no_industry():
    rows = [line("All Industries Total", FIRST, "Total", "Total", "10", code="0000"),
            line("--- Other", FIRST, "Total", "Total", "4", code="3290"),
            line("--- Other", FIRST, "Total", "Total", "6", code="5490")]
    found, _ = bea.rows_of(data(rows), BY_INDUSTRY)
    assert [row["breakdown"] for row in found] == ["", "industry: Other (3290)", "industry: Other (5490)"]
    assert {row["country"] for row in found} == {"All countries"}


def test_a_position_is_a_position_and_other_series_keep_their_words():
    row = line("South Korea", "None", "None", "Position", "76,700") | {"SeriesName": "Position on a cost basis"}
    everyone = row | {"Row": "All Countries Total", "RowCode": "000", "DataValue": "5,000,000"}
    found, _ = bea.rows_of(data([everyone, row]), POSITION)
    assert [(r["country"], r["breakdown"], r["measure"]) for r in found] == [
        (country, "country of foreign parent", "inward direct investment position, historical cost")
        for country in ("All countries", "South Korea")]
    assert list(found[0]) == bea.COLUMNS[POSITIONS]
    jobs = [dict(r, SeriesName="Employment", Column="Employment", TableScale="Number") for r in (everyone, row)]
    found, _ = bea.rows_of(data(jobs), Query(NEW_FDI, "64", "CountryofUBObyType", "country", "country of UBO"))
    assert {(r["measure"], r["unit"]) for r in found} == {("Employment", "count")}


# ---- Answers -------------------------------------------------------------------------------------


def test_the_question_is_that_of_beaapi_and_the_answer_its_reading(asked):
    client, questions = asked(body(LINES))
    found = bea.get(client, BY_COUNTRY)
    assert found.rows == LINES and found.notes == {"(D)": "Suppressed."}
    assert questions == [{
        "UserID": SECRET, "method": "GetData", "datasetname": "MNE", "DirectionOfInvestment": "inward",
        "SeriesID": "62", "Classification": "CountryofUBObyType", "Year": "all", "GetFootnotes": "yes",
        "ResultFormat": "json"}]
    client, _ = asked(body(LINES[0]))


def test_a_table_of_one_row_and_results_in_a_list_are_read_too(asked):
    single = body(LINES[0], Notes={"NoteRef": "1", "NoteText": "Of one plant."})
    single["BEAAPI"]["Results"] = [single["BEAAPI"]["Results"]]
    client, _ = asked(single)
    found = bea.get(client, BY_COUNTRY)
    assert found.rows == [LINES[0]] and found.notes == {"1": "Of one plant."}


@pytest.mark.parametrize(("answer", "kind", "words"), [
    (body(LINES, Error=ERROR), KeyProblem, "does not accept BEA_API_KEY"),
    ({"BEAAPI": {"Error": ERROR}}, KeyProblem, "does not accept BEA_API_KEY"),
    (body(LINES, Error={"APIErrorCode": "40", "APIErrorDescription": "Parameter Year is invalid",
                        "AdditionalDetails": f"asked by {SECRET}"}), ServiceProblem, "error 40: Parameter Year is "
                                                                                     "in"),
    (body(LINES, Error=[{"error": "first"}, {"error": "second"}]), ServiceProblem, "first; second"),
    (body(LINES, Error={"APIErrorCode": "101", "APIErrorDescription": "No data found."}), NotOffered, "No data"),
    ({"BEAAPI": {"Results": {"Notes": []}}}, NotOffered, "Could not find Data"),
    ({"BEAAPI": {"Results": {"Data": []}}}, ServiceProblem, "another form|no rows"),
    ({"BEAAPI": {}}, ServiceProblem, "another form"), ([1], ServiceProblem, "no part BEAAPI"),
    ({"BEAAPI": {"error": {"x": SECRET}}}, ServiceProblem, "another form"),
])
def test_an_error_that_comes_as_a_good_answer_is_an_error(asked, answer, kind, words):
    client, questions = asked(answer)
    with pytest.raises(kind, match=words) as failure:
        bea.get(client, BY_COUNTRY)
    assert len(questions) == 1 and SECRET not in everything(failure.value)


def test_the_limits_are_those_of_the_service(asked):
    client, _ = asked(body(LINES))
    limits = client.budget.limits
    assert (limits.requests, limits.errors) == (100, 30) and 1e8 <= limits.size < 1.1e8
    clock = client.budget.clock
    for _ in range(101):
        bea.get(client, BY_COUNTRY)
    assert clock.now >= 59


def test_errors_are_made_slower_than_thirty_a_minute(asked):
    client, _ = asked(body(LINES, Error={"APIErrorCode": "40", "APIErrorDescription": "x"}))
    for _ in range(31):
        with pytest.raises(ServiceProblem):
            bea.get(client, BY_COUNTRY)
    assert client.budget.clock.now >= 59


# ---- A run ---------------------------------------------------------------------------------------

QUERIES = (BY_COUNTRY, BY_INDUSTRY, POSITION)


def test_a_run_that_is_refused_for_an_hour_goes_on_where_it_stopped(asked, tmp_path):
    client, questions = asked(body(LINES), Response("", status=429), body(LINES))
    with pytest.raises(Refused, match="60 minutes.*what was fetched until now is kept"):
        bea_fetch.fetch(client, tmp_path, QUERIES, say=lambda text: None)
    said = []
    found = bea_fetch.fetch(client, tmp_path, QUERIES, say=said.append)
    assert list(found) == list(QUERIES) and len(questions) == 4 and len(said) == 2
    assert SECRET not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert not list(tmp_path.rglob("*.part"))


def test_a_table_that_is_not_offered_is_left_out_and_a_broken_file_asked_for_anew(asked, tmp_path):
    none = body(LINES, Error={"APIErrorCode": "101", "APIErrorDescription": "No data found."})
    client, questions = asked(none, body(LINES))
    said = []
    assert list(bea_fetch.fetch(client, tmp_path, QUERIES[:2], say=said.append)) == [BY_INDUSTRY]
    assert "left out, the service offers no such table" in said[0] and SECRET not in said[0]
    next(tmp_path.glob("*industry*.json")).write_text('{"rows": [')
    bea_fetch.fetch(client, tmp_path, (BY_INDUSTRY,), say=said.append)
    assert len(questions) == 3
    old = bea_fetch.kept(tmp_path, BY_INDUSTRY, TODAY.date() + dt.timedelta(days=2))
    assert old is None and bea_fetch.kept(tmp_path, BY_INDUSTRY, TODAY.date()) is not None


def test_an_error_of_one_table_does_not_keep_the_others_and_of_all_is_an_error(asked, tmp_path):
    broken = body(LINES, Error={"APIErrorCode": "40", "APIErrorDescription": f"Classification, asked by {SECRET}"})
    client, _ = asked(broken, body(LINES))
    said = []
    assert list(bea_fetch.fetch(client, tmp_path, QUERIES[:2], say=said.append)) == [BY_INDUSTRY]
    assert "gives an error in its place" in said[0] and "error 40" in said[0] and SECRET not in "".join(said)


def test_a_service_that_gives_nothing_at_all_is_an_error(asked, tmp_path):
    client, _ = asked(body(LINES, Error={"APIErrorCode": "40", "APIErrorDescription": "No"}))
    with pytest.raises(ServiceProblem, match="error 40: No"):
        bea_fetch.fetch(client, tmp_path, QUERIES, say=lambda text: None)


def test_a_full_disk_is_said_and_leaves_nothing_half_written(asked, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    client, _ = asked(body(LINES))
    monkeypatch.setattr(bea_fetch.os, "replace", full)
    with pytest.raises(PanelProblem, match="can not be written .No space left.*Make room"):
        bea_fetch.fetch(client, tmp_path, QUERIES, say=lambda text: None)
    assert not list(tmp_path.glob("*.json")) and not list(tmp_path.glob("*.part"))


@pytest.fixture
def raw_folder(package):
    package.add("reference/countries", [["iso3", "name", "census_code", "also_printed_as"],
                                        ["KOR", "South Korea", "5800", "Korea, South"],
                                        ["WLD", "World", "", "All countries"]])
    package.add("reference/regions", [["region", "printed_as", "note"], ["bea-europe", "Europe", "BEA"]])
    return package.folder


def test_what_is_offered_is_new_and_of_known_places(raw_folder, package):
    extra = line("Atlantis", FIRST, "Total", "Total", "1", code="999")
    said = []
    tables, sources = bea_fetch.proposals({BY_COUNTRY: data([*LINES, extra])}, raw_folder, said.append)
    assert by_type(tables["bea/new_fdi_api.csv"]) == EXPECTED and list(tables) == ["bea/new_fdi_api.csv"]
    assert sources == [bea.source(TODAY.date())] and sources[0]["source"] == "bea.api-mne-2026-11-22"
    assert "1 rows of places the report does not know are left out: Atlantis" in said[-1]
    columns = bea.COLUMNS[NEW_FDI]
    package.add(NEW_FDI, [columns, *([row[name] for name in columns] for row in tables["bea/new_fdi_api.csv"])])
    assert bea_fetch.proposals({BY_COUNTRY: data(LINES)}, raw_folder, said.append) == ({}, [])
    later = Data([LINES[0] | {"DataValue": "152,000"}, *LINES[1:]], DIMENSIONS, {}, dt.date(2027, 7, 1))
    tables, sources = bea_fetch.proposals({BY_COUNTRY: later}, raw_folder, said.append)
    assert [row["vintage"] for row in tables["bea/new_fdi_api.csv"]] == ["2026-11-22"] * 7 + ["2027-07-01"]


def test_one_figure_with_two_values_is_refused(raw_folder):
    industry = [line("All Industries Total", FIRST, "Total", "Total", "150,000", code="0000"),
                line("Manufacturing", FIRST, "Total", "Total", "9", code="3000")]
    with pytest.raises(LabelProblem, match="2024, All countries, total.*is 151,000 .*and 150,000"):
        bea_fetch.proposals({BY_COUNTRY: data(LINES), BY_INDUSTRY: data(industry)}, raw_folder, lambda text: None)


def test_the_rows_are_cleaned_like_those_of_the_releases():
    import pandas as pd

    rows, _ = bea.rows_of(data(LINES), BY_COUNTRY)
    frame = pd.DataFrame(rows)
    frame.insert(0, "ref", [f"{NEW_FDI}#L{number}" for number in range(2, len(rows) + 2)])
    sources = pd.DataFrame([bea.source(TODAY.date())]).set_index("source")
    places = Places(raw.read("reference/countries"), raw.read("reference/regions"))
    clean, left = clean_bea.new_fdi(frame, sources, places, {}, NEW_FDI)
    assert left.table_rows(len(clean))["rows"].sum() == len(rows) == len(clean)
    korean = clean[clean["investor"] == "KOR"].set_index(["mode", "measure"])
    assert korean.loc[("all", "first_year"), "value_musd"] == 562 and set(clean["tier"]) == {1}
    assert korean.loc[("acquisition", "first_year"), "status"] == "suppressed"
    assert pd.isna(korean.loc[("established", "first_year"), "value_musd"])
    assert set(clean["vintage"]) == {"2026-11-22"} and set(clean["maturity"]) == {"unknown"}


def test_the_investment_table_takes_the_services_answers_when_they_are_held(monkeypatch):
    import pandas as pd

    from korus.clean import investment

    rows, _ = bea.rows_of(data(LINES), BY_COUNTRY)
    added = pd.DataFrame(rows)
    added.insert(0, "ref", [f"{NEW_FDI}#L{number}" for number in range(2, len(rows) + 2)])
    sources = pd.concat([raw.sources(), pd.DataFrame([bea.source(TODAY.date())]).set_index("source")])
    read, before = raw.read, investment.assemble(set())[0]
    monkeypatch.setattr(raw, "recorded", lambda table, *rest: table == NEW_FDI)
    monkeypatch.setattr(raw, "read", lambda table, *rest: added if table == NEW_FDI else read(table, *rest))
    monkeypatch.setattr(raw, "sources", lambda *rest: sources)
    after = investment.assemble(set())[0]
    assert len(after) == len(before) + len(rows)
    assert set(after["vintage"].tail(len(rows))) == {"2026-11-22"}


def test_labels_are_read_whatever_their_marks():
    assert bea_labels.label("--- All Countries Total") == "All Countries Total" and bea_labels.label("None") == ""
    assert bea_labels.type_of("U.S. businesses acquired") == "acquired"
    assert bea_labels.type_of("First-year expenditures") is None and bea_labels.type_of("Total") == "total"
    assert bea_labels.measure_of("Total planned expenditures") == clean_planned()
    assert bea_labels.measure_of("Planned expenditures in 2025") == "Planned expenditures in 2025"
    assert bea_labels.measure_of("South Korea") is None
