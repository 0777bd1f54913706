"""Fixtures that several test files share: small raw packages, and the real tables, cleaned once."""

import copy
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import settings

from korus import controls, corrections, raw
from korus.clean import investment as clean_investment
from korus.clean import trade as clean_trade

# The same examples on every run: a test that fails once fails always.
settings.register_profile("korus", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("korus")

PROVENANCE = {
    "title": "A table", "description": "What it holds.", "producer": "An agency",
    "citation": "An agency (2025)", "published_at": "https://example.org/table",
    "date_published": "2025-01-31", "date_accessed": "2026-11-22",
    "licenses": [{"name": "CC0-1.0"}], "sources": [{"title": "A release"}],
}

TRADE = [
    ["month", "iso3", "basis", "cal_dut_mo", "share_pct", "source"],
    ["2025-06", "KOR", "c.i.f.", "10", "12.5", "s1"],
    ["2025-07", "KOR", "c.i.f.", "(D)", "", "s1"],
    ["2025-07", "JPN", "customs", "30", "100", "s2"],
]
TRADE_SCHEMA = {
    "fields": [
        {"name": "month", "type": "string",
         "constraints": {"required": True, "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}},
        {"name": "iso3", "type": "string", "constraints": {"required": True}},
        {"name": "basis", "type": "string", "constraints": {"enum": ["c.i.f.", "customs"]}},
        {"name": "cal_dut_mo", "type": "integer", "unit": "USD", "constraints": {"minimum": 0}},
        {"name": "share_pct", "type": "number", "unit": "per cent",
         "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "source", "type": "string", "constraints": {"required": True}},
    ],
    "missingValues": ["", "(D)"],
    "primaryKey": ["month", "iso3"],
    "foreignKeys": [
        {"fields": ["iso3"], "reference": {"resource": "reference.countries", "fields": ["iso3"]}},
        {"fields": ["source"], "reference": {"resource": "sources", "fields": ["source"]}},
    ],
}


def csv_text(rows: list[list[str]]) -> str:
    """Rows as raw tables are written: comma, minimal quoting, LF."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones included, with its content."""
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class Package:
    """A raw data folder of its own, `<project>/data/raw`, for breaking things in."""

    def __init__(self, project: Path):
        self.folder = project / "data" / "raw"
        self.folder.mkdir(parents=True)
        self.records: list[dict] = []
        self.write_records()

    def add(self, table: str, rows: list[list[str]], schema: dict | None = None) -> Path:
        """Write a table and its record; without a schema every column is text."""
        path = self.folder / f"{table}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = csv_text(rows).encode()
        path.write_bytes(content)
        schema = schema or {"fields": [{"name": name, "type": "string"} for name in rows[0]]}
        self.records.append({
            "name": table.replace("/", "."), "path": f"{table}.csv", **PROVENANCE,
            "bytes": len(content), "hash": raw.digest(content),
            "schema": {"missingValues": [""], **copy.deepcopy(schema)},
        })
        self.write_records()
        return path

    def write_records(self) -> None:
        """Write datapackage.json as the project formats it."""
        package = {"name": "a-package", "resources": self.records}
        text = json.dumps(package, indent=1, ensure_ascii=False) + "\n"
        (self.folder / "datapackage.json").write_text(text, encoding="utf-8")

    def rerecord(self, table: str) -> None:
        """Take the table as it is now for the recorded one."""
        content = (self.folder / f"{table}.csv").read_bytes()
        for record in self.records:
            if record["path"] == f"{table}.csv":
                record.update(bytes=len(content), hash=raw.digest(content))
        self.write_records()


@pytest.fixture
def package(tmp_path) -> Package:
    """An empty raw data folder."""
    return Package(tmp_path / "project")


@pytest.fixture
def trade(package):
    """A package of three tables that is in order; `trade.put(row, column, cell)` breaks a cell."""
    package.add("reference/countries", [["iso3", "name"], ["KOR", "South Korea"], ["JPN", "Japan"]])
    package.add("sources", [["source", "title"], ["s1", "One"], ["s2", "Two"]])
    package.add("census/trade", TRADE, TRADE_SCHEMA)
    package.cache = package.folder.parent / "verified.json"
    package.rows = [list(row) for row in TRADE]

    def put(line: int, column: str, cell: str) -> None:
        package.rows[line - 1][TRADE[0].index(column)] = cell
        write(csv_text(package.rows).encode())

    def write(content: bytes) -> None:
        (package.folder / "census/trade.csv").write_bytes(content)
        package.rerecord("census/trade")

    package.put, package.write = put, write
    return package


@pytest.fixture(scope="session")
def ledger():
    """The real corrections ledger."""
    return corrections.ledger()


@pytest.fixture(scope="session")
def ledger_refs(ledger):
    """Refs each entry of the ledger speaks of."""
    tables = {name: raw.read(name) for name in clean_investment.OUTFLOW_TABLES}
    return corrections.refs_by_entry(ledger, tables)


@pytest.fixture(scope="session")
def as_printed():
    """The investment table with the misprints in it."""
    return clean_investment.assemble(withdrawn=set())[0]


@pytest.fixture(scope="session")
def assembled(ledger, ledger_refs):
    """The investment table without the misprints, and the account of rows left out."""
    return clean_investment.assemble(corrections.withdrawn(ledger, ledger_refs))


@pytest.fixture(scope="session")
def investment(assembled):
    """The investment table without the misprints."""
    return assembled[0]


@pytest.fixture(scope="session")
def monthly():
    """Imports and duty by partner and month."""
    return clean_trade.monthly(raw.read("census/imports_monthly"), raw.sources())


@pytest.fixture(scope="session")
def bilateral():
    """Goods trade between the United States and Korea."""
    return clean_trade.bilateral(raw.read("census/bilateral_goods"), raw.sources())


@pytest.fixture(scope="session")
def investment_residuals(as_printed):
    """Control totals of the investment table as printed."""
    return controls.together(
        controls.quarters_against_years(as_printed),
        controls.regions_against_world(as_printed),
        controls.types_against_totals(as_printed),
    )
