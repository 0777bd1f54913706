"""The zip of the data: every column described, the same bytes every time, readable by others."""

import io
import zipfile

import pandas as pd
import pytest

from korus import archive
from korus.paths import ROOT, build_dir
from korus.schemas import SCHEMAS

BUILT = build_dir("baseline") / "html" / "files" / archive.NAME
IMPORTS = pd.DataFrame({"year": [2024], "importer": ["USA"], "imports_usd": [3.5e12], "vintage": ["2025-01-01"],
                        "tier": [1], "ref": ["world/a#L2"], "basis": ["x"]})
needs_book = pytest.mark.skipif(not BUILT.exists(), reason="the report is not built: run `make`")


def contents(**files: str) -> archive.Contents:
    """One table, and CSV files by name."""
    return archive.Contents({"world_imports": IMPORTS}, {"world_imports": IMPORTS.to_parquet(None, index=False)},
                            {f"figures/{name}.csv": text.encode() for name, text in files.items()})


def known() -> dict:
    """The project's descriptions."""
    return archive.described(ROOT / "book" / archive.DICTIONARY)


def opened(content: bytes) -> dict[str, bytes]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name.removeprefix("korus-data/"): packed.read(name) for name in packed.namelist()}


def test_two_zips_of_the_same_contents_are_the_same_bytes_and_carry_no_time():
    first, second = (archive.written(contents(a="year\n1\n"), known(), "words") for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {archive.MOMENT}
        assert packed.namelist() == sorted(packed.namelist()) and packed.testzip() is None


def test_a_column_that_nobody_described_stops_the_build_and_all_are_named():
    with pytest.raises(archive.Undescribed, match=r"(?s)figures/a.csv: zzz.*figures/b.csv: yyy"):
        archive.written(contents(a="year,zzz\n1,2\n", b="yyy\n1\n"), known(), "words")


def test_an_entry_of_the_very_file_goes_before_one_of_its_folder():
    rows = {("figures/*.csv", "a"): {}, ("figures/x.csv", "a"): {}}
    assert archive.row_for("figures/x.csv", "a", rows) == ("figures/x.csv", "a")
    assert archive.row_for("figures/y.csv", "a", rows) == ("figures/*.csv", "a")
    assert archive.row_for("results/y.csv", "a", rows) is None


def test_types_are_read_from_the_cells():
    text = "year,held,ref,tier\n2020,True,a#L2,1\n-1.5e3,False,,\n"
    found = archive.columns_of(contents(a=text))["figures/a.csv"]
    assert [kind for kind, _ in found.values()] == ["number", "true or false", "text", "number"]


def test_the_schema_says_what_a_column_may_hold():
    assert archive.allowed("trade_monthly", "tier") == "1, 2, 3, 4"
    assert archive.allowed("measures", "rate_pct") == "0 to 1000"
    assert archive.allowed("trade_monthly", "duty_usd") == "0 or more"
    assert archive.allowed("trade_monthly", "partner") == "matches ^(?:[A-Z]{3})$"
    assert archive.allowed("projects", "product") == ""


def test_every_column_of_every_schema_is_described():
    rows = known()
    assert [(name, column) for name, schema in SCHEMAS.items() for column in schema.columns
            if (f"tables/{name}", column) not in rows] == []


def test_every_description_has_a_meaning():
    assert [key for key, row in known().items() if len(row["meaning"]) < 3] == []


@needs_book
def test_no_description_is_stale():
    files = opened(BUILT.read_bytes())
    listed = pd.read_csv(io.BytesIO(files[archive.DICTIONARY]), keep_default_na=False)
    used = {archive.row_for(row.file, row.column, known()) for row in listed.itertuples()}
    assert set(known()) - used == set()


@needs_book
def test_the_dictionary_of_the_built_zip_lists_the_columns_of_its_files_in_their_order():
    files = opened(BUILT.read_bytes())
    listed = pd.read_csv(io.BytesIO(files[archive.DICTIONARY]), keep_default_na=False)
    for name, content in files.items():
        if name in ("README.txt", archive.DICTIONARY):
            continue
        frame = pd.read_parquet(io.BytesIO(content)) if name.endswith(".parquet") else pd.read_csv(io.BytesIO(content))
        file = name.rpartition(".")[0] if name.startswith("tables/") else name
        assert listed.loc[listed["file"] == file, "column"].tolist() == list(frame), name


@needs_book
def test_the_built_zip_says_what_it_is_and_holds_tables_results_figures_and_sources():
    files = opened(BUILT.read_bytes())
    words = files["README.txt"].decode()
    assert "commit " in words and "profile baseline" in words and "sources.csv" in words
    assert {f"tables/{name}.parquet" for name in SCHEMAS} <= set(files)
    assert {"results/values.csv", "results/estimates.csv", "results/claims.csv", "sources.csv"} <= set(files)
    assert sum(name.startswith("figures/") for name in files) > 50
