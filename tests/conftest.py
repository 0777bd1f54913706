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
from korus.clean import trade

# The same examples on every run: a test that fails once fails always.
settings.register_profile("korus", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("korus")

PROVENANCE = {
    "title": "A table", "description": "What it holds.", "producer": "An agency",
    "citation": "An agency (2025)", "published_at": "https://example.org/table",
    "date_published": "2025-01-31", "date_accessed": "2026-11-22",
    "licenses": [{"name": "CC0-1.0"}], "sources": [{"title": "A release"}],
}


def csv_text(rows: list[list[str]]) -> str:
    """Rows as raw tables are written: comma, minimal quoting, LF."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


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
    return trade.monthly(raw.read("census/imports_monthly"), raw.sources())


@pytest.fixture(scope="session")
def bilateral():
    """Goods trade between the United States and Korea."""
    return trade.bilateral(raw.read("census/bilateral_goods"), raw.sources())


@pytest.fixture(scope="session")
def investment_residuals(as_printed):
    """Control totals of the investment table as printed."""
    return controls.together(
        controls.quarters_against_years(as_printed),
        controls.regions_against_world(as_printed),
        controls.types_against_totals(as_printed),
    )
