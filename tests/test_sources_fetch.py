"""From the command to what is handed over: nothing of a key anywhere, nothing written but through the one way in.

The services stand on this machine and their figures are made up.
"""

import copy
import dataclasses
import datetime as dt
import json
import os
import subprocess
import sys

import pytest
from conftest import csv_text
from test_sources_bea import LINES, body
from test_sources_census import Service
from test_sources_client import SECRET
from toy_project import PROJECT
from werkzeug import Response

from korus import raw, verify
from korus.sources import bea, census_tables, fetch, preflight, records
from korus.sources.census_tables import END_USE, MONTHLY


@dataclasses.dataclass
class Given:
    """A stand-in of the proposal of korus.sources.arrival."""

    table: str
    rows: list
    record: dict


class WayIn:
    """A stand-in of `offer` that keeps what it is given and answers as told."""

    def __init__(self, answer: bool = True):
        self.answer, self.calls = answer, []

    def __call__(self, proposals, sources, folder=None, yes=False, say=print) -> bool:
        self.calls.append((list(proposals), list(sources), yes))
        return self.answer


@pytest.fixture
def census_service(httpserver, monkeypatch) -> Service:
    monkeypatch.setenv("CENSUS_API_KEY", SECRET)
    return Service(httpserver)


@pytest.fixture
def own_raw(tmp_path):
    """A copy of data/raw to propose against."""
    import shutil

    return shutil.copytree(raw.RAW, tmp_path / "project" / "data" / "raw")


def run(httpserver, source: str, tmp_path, way_in: WayIn, *arguments: str, **places) -> int:
    def hand_over(found, yes):
        return fetch.offered(found, way_in, Given, yes=yes, folder=places.get("folder", raw.RAW))

    base = httpserver.url_for("/" if source == "census" else "/api/data")
    return fetch.main([source, *arguments], base, hand_over, **places)


CENSUS = ("--levels", "total EU1 EU5", "--first", "2026-08", "--last", "2026-10")


def test_a_fetch_ends_in_one_offer_with_rows_sources_and_records(
    httpserver, census_service, tmp_path, own_raw, capfd
):
    way_in = WayIn()
    assert (
        run(httpserver, "census", tmp_path, way_in, *CENSUS, "--yes", panel=tmp_path / "panel", folder=own_raw)
        == 0
    )
    [(proposals, sources, yes)] = way_in.calls
    by_table = {given.table: given for given in proposals}
    assert set(by_table) == {f"{MONTHLY}.csv", f"{END_USE}.csv"} and yes
    assert set(by_table[f"{MONTHLY}.csv"].record) == {"date_accessed"}
    assert by_table[f"{END_USE}.csv"].record["schema"]["primaryKey"][-1] == "source"
    held = raw.read(MONTHLY).drop(columns="ref").to_dict("records")
    assert by_table[f"{MONTHLY}.csv"].rows[:len(held)] == held
    assert {row["source"] for given in proposals for row in given.rows[-3:]} <= {row["source"] for row in sources}
    said = capfd.readouterr()
    assert "Census panel: 6 months fetched" in said.out and "The report is built as of" in said.out
    shown = "".join([*said, *(path.read_text() for path in tmp_path.rglob("*.json")), json.dumps(sources)])
    assert SECRET not in shown and not any(
        SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("*.parquet")
    )


def test_what_is_proposed_can_be_verified_as_a_table_of_the_package(httpserver, census_service, tmp_path, own_raw):
    way_in = WayIn()
    run(httpserver, "census", tmp_path, way_in, *CENSUS, panel=tmp_path / "panel", folder=own_raw)
    proposals, sources, _ = way_in.calls[0]
    assert problems_with(own_raw, proposals, sources) == []


def problems_with(folder, proposals, sources) -> list[str]:
    """What verify says of a copy of data/raw with these tables in it."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    known = {record["path"]: record for record in package["resources"]}
    tables = [(given.table, given.rows, given.record) for given in proposals]
    register = raw.read("sources", folder).drop(columns="ref").to_dict("records")
    for path, rows, changed in [*tables, ("sources.csv", [*register, *sources], {})]:
        content = csv_text([list(rows[0]), *(list(row.values()) for row in rows)]).encode()
        (folder / path).write_bytes(content)
        record = known.setdefault(path, {"path": path}) | copy.deepcopy(changed)
        known[path] = record | {"bytes": len(content), "hash": raw.digest(content)}
    package["resources"] = [known[path] for path in sorted(known)]
    (folder / "datapackage.json").write_text(
        json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return verify.problems(folder)[0]


def test_bea_tables_are_offered_and_can_be_verified(httpserver, monkeypatch, tmp_path, own_raw, capfd):
    monkeypatch.setenv("BEA_API_KEY", SECRET)
    none = body(LINES, Error={"APIErrorCode": "101", "APIErrorDescription": "No data found."})
    position = copy.deepcopy(
        body(
            [
                dict(row, ColumnGParent="None", ColumnParent="None", Column="Position")
                for row in (LINES[0], LINES[1])
            ]
        )
    )

    def answer(request):
        wanted = request.args["SeriesID"], request.args["Classification"]
        known = {("62", "CountryofUBObyType"): body(LINES), ("22", "Country"): position}
        return Response(json.dumps(known.get(wanted, none)))

    httpserver.expect_request("/api/data").respond_with_handler(answer)
    monkeypatch.setattr(bea, "client", _patient(bea.client))
    way_in = WayIn()
    assert run(httpserver, "bea", tmp_path, way_in, kept=tmp_path / "bea", folder=own_raw) == 0
    proposals, sources, yes = way_in.calls[0]
    assert {given.table for given in proposals} == {
        "bea/new_fdi_api.csv",
        "bea/position_and_flows_api.csv",
    } and not yes
    assert problems_with(own_raw, proposals, sources) == []
    said = capfd.readouterr()
    assert "the service offers no such table" in said.out and SECRET not in said.out + said.err


def _patient(make):
    """A client that waits in no time."""
    def client(base, say):
        from test_sources_client import Clock

        clock = Clock()
        return make(base, say=say, clock=clock, sleep=clock.sleep)

    return client


@pytest.mark.parametrize("answer", [
    Response(f"error: invalid key {SECRET}", status=400),
    Response("", status=302, headers={"Location": f"/missing_key.html?key={SECRET}"}),
    Response(f"unknown variable, key={SECRET}", status=400), Response(f'[["key {SECRET}"]]', status=200),
    Response("", status=429, headers={"Retry-After": "3600"}),
])
def test_a_run_that_fails_says_why_without_a_traceback_or_a_key(
    httpserver, census_service, tmp_path, capfd, answer
):
    census_service.faults = [answer]
    way_in = WayIn()
    assert run(httpserver, "census", tmp_path, way_in, *CENSUS, panel=tmp_path / "panel") == 1
    said = capfd.readouterr()
    assert way_in.calls == [] and "imports/hs" in said.err and "Traceback" not in said.err
    assert SECRET not in said.out + said.err


def test_whatever_is_said_is_said_without_a_key(monkeypatch, capfd):
    monkeypatch.setenv("CENSUS_API_KEY", SECRET)
    from korus.sources import census

    census.client()
    fetch.said(f"a line with {SECRET} and key=abc in it")
    assert capfd.readouterr().out == "a line with *** and key=*** in it\n"


def test_a_run_that_is_stopped_says_how_to_go_on(httpserver, census_service, tmp_path, monkeypatch, capfd):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch.census_panel, "fetch", stopped)
    assert run(httpserver, "census", tmp_path, WayIn(), *CENSUS, panel=tmp_path / "panel") == 130
    assert "the same command goes on from there" in capfd.readouterr().err


def test_nothing_new_is_not_offered_and_no_is_no(httpserver, census_service, tmp_path, capfd):
    way_in = WayIn(answer=False)
    assert fetch.offered(({}, []), way_in, Given) is False and way_in.calls == []
    run(httpserver, "census", tmp_path, way_in, *CENSUS, panel=tmp_path / "panel")
    assert len(way_in.calls) == 1 and "The report is built as of" not in capfd.readouterr().out


def test_figures_of_later_days_than_the_report_are_said_to_wait():
    assert "as_of in params/baseline.yml" in fetch.too_early("2099-01-01") and fetch.too_early("2020-01-01") == ""


@pytest.mark.parametrize(("arguments", "words"), [
    (["who"], "invalid choice"), (["census", "--levels", "HS3"], "expected one of total"),
    (["census", "--first", "2017"], "does not match"),
])
def test_a_wrong_word_on_the_command_line_is_named(arguments, words, capsys):
    with pytest.raises(SystemExit):
        fetch.arguments(arguments)
    assert words in capsys.readouterr().err


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A command of the project in a process of its own, with these variables alone added."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_without_a_key_says_which_and_where_to_get_one():
    for source, variable in (("bea", "BEA_API_KEY"), ("census", "CENSUS_API_KEY")):
        done = command("korus.sources.fetch", source)
        assert done.returncode == 1 and f"{variable} is not set" in done.stderr and "Traceback" not in done.stderr


def test_notebooks_do_not_pay_for_what_only_fetching_needs():
    code = ("import sys, korus.clean.trade, korus.clean.investment, korus.clean.end_use\n"
            "import korus.sources.fetch, korus.sources.preflight\n"
            "print([name for name in ('duckdb', 'beaapi', 'requests') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- Through the one way in ----------------------------------------------------------------------


def arriving(httpserver, tmp_path, folder, *arguments: str, yes: bool = True) -> int:
    """Fetch made-up months from the stand-in and hand them to the real way into a copy of data/raw."""
    from korus.sources.arrival import Proposal, offer

    def hand_over(found, _):
        return fetch.offered(found, offer, Proposal, folder, yes)

    return fetch.main(["census", *arguments], httpserver.url_for("/"), hand_over, panel=tmp_path / "panel", folder=folder)


LATER = ("--levels", "total EU1 EU5", "--first", "2026-09", "--last", "2026-10")


def test_new_months_and_a_new_table_arrive_together_with_their_records(
        httpserver, census_service, tmp_path, own_raw, capfd):
    before = raw.read(MONTHLY, own_raw)
    assert arriving(httpserver, tmp_path, own_raw, *LATER) == 0
    assert verify.problems(own_raw)[0] == []
    assert raw.recorded(END_USE, own_raw) and len(raw.read(MONTHLY, own_raw)) == len(before) + 4
    assert set(raw.read(END_USE, own_raw)["month"]) == {"2026-09"}
    said = capfd.readouterr().out
    assert "imports_enduse.csv" in said and SECRET not in said
    assert SECRET not in "".join(path.read_text(encoding="utf-8") for path in own_raw.rglob("*") if path.is_file())
    assert arriving(httpserver, tmp_path, own_raw, *LATER) == 0
    assert "Nothing new" in capfd.readouterr().out


def test_what_bea_gives_arrives_as_a_new_table_too(httpserver, monkeypatch, tmp_path, own_raw, capfd):
    from korus.sources.arrival import Proposal, offer

    monkeypatch.setenv("BEA_API_KEY", SECRET)
    none = body(LINES, Error={"APIErrorCode": "101", "APIErrorDescription": "No data found."})
    httpserver.expect_request("/api/data").respond_with_handler(lambda request: Response(json.dumps(
        body(LINES) if request.args["Classification"] == "CountryofUBObyType" and request.args["SeriesID"] == "62"
        else none)))
    monkeypatch.setattr(bea, "client", _patient(bea.client))
    done = fetch.main(["bea"], httpserver.url_for("/api/data"), lambda found, _: fetch.offered(
        found, offer, Proposal, own_raw, True), kept=tmp_path / "bea", folder=own_raw)
    assert done == 0, capfd.readouterr()
    assert verify.problems(own_raw)[0] == [] and len(raw.read(bea.NEW_FDI, own_raw)) == 7
    assert raw.record(bea.NEW_FDI, own_raw)["title"].endswith("from BEA's API")


def test_figures_that_do_not_add_up_are_refused_and_data_raw_stays(httpserver, census_service, tmp_path, own_raw, capfd):
    before = {path: path.read_bytes() for path in own_raw.rglob("*") if path.is_file()}
    assert arriving(httpserver, tmp_path, own_raw, *CENSUS) == 1
    said = capfd.readouterr()
    assert "partners within the world" in said.err and "Traceback" not in said.err
    assert {path: path.read_bytes() for path in own_raw.rglob("*") if path.is_file()} == before


# ---- Records -------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [*bea.COLUMNS, END_USE, census_tables.BY_PRODUCT])
def test_a_record_of_a_table_that_is_not_held_says_all_that_a_record_must(table):
    record = records.template(table, "2026-11-22")
    columns = (bea.COLUMNS | census_tables.COLUMNS)[table]
    assert [field["name"] for field in record["schema"]["fields"]] == columns
    assert verify.record_problems([record | {"bytes": 1, "hash": "sha256:x"}]) == [] and not raw.recorded(table)
    assert "bytes" not in record and raw.record(records.MAKERS[table][0])["bytes"]
    with pytest.raises(raw.RawDataError, match="no service or export gives this table"):
        records.template("kexim/releases", dt.date(2026, 1, 1))


# ---- Preflight -----------------------------------------------------------------------------------


def test_preflight_says_what_is_there_and_what_would_be_unlocked(monkeypatch, tmp_path):
    monkeypatch.setenv("CENSUS_API_KEY", SECRET)
    monkeypatch.delenv("BEA_API_KEY", raising=False)
    said = preflight.report(panel=tmp_path, results=tmp_path / "none.csv")
    assert SECRET not in said and "CENSUS_API_KEY is set" in said and "missing: BEA_API_KEY is not set" in said
    assert "data/raw/census/imports_enduse.csv: not held yet" in said and "imports_monthly.csv: 2,464 rows" in said
    claim = raw.read("claims/claims").set_index("claim").loc["kiep-etr-industrial-supplies", "quotation"]
    assert f"kiep-etr-industrial-supplies: “{claim[:60]}" in said and "room on disk" in said


def test_claims_are_those_the_last_build_left_undecided(tmp_path):
    results = tmp_path / "claims.csv"
    results.write_text("claim,verdict\nkiep-etr-industrial-supplies,reproduced\n"
                       "kiep-bea-2022,not testable with the figures held\n")
    rows = preflight.undecided(results=results)
    assert rows["claim"].tolist() == ["kiep-bea-2022"]
    assert preflight.settled_by(preflight.PIECES[0], rows)["claim"].tolist() == ["kiep-bea-2022"]
    assert (
        preflight.settled_by(preflight.PIECES[1], rows).empty
        and preflight.settled_by(preflight.PIECES[3], rows).empty
    )


def test_the_command_shows_no_key():
    done = command("korus.sources.preflight", BEA_API_KEY=SECRET, CENSUS_API_KEY=SECRET)
    assert done.returncode == 0 and "BEA_API_KEY is set" in done.stdout and SECRET not in done.stdout + done.stderr
