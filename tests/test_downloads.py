"""What readers download: names that stay, sizes in words, tables unrounded, notebooks that carry their pictures."""

import copy
import csv
import io
import json

import nbformat
import pandas as pd
import pytest

from korus import downloads, show
from korus.figures import Figure


def executed(*outputs: dict) -> dict:
    """A notebook with one code cell that gave these outputs."""
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1, "source": "",
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def outputs(notebook: dict) -> list[dict]:
    """The data of its outputs."""
    return [output["data"] for output in notebook["cells"][0]["outputs"]]


TABLE = show.table(pd.DataFrame({"year": [2024], "rate": [1 / 3]}), "Rates & years, by year", {"rate": "{:.1f}"})


@pytest.mark.parametrize("count, words", [(7, "7 bytes"), (999, "999 bytes"), (1000, "1 kB"), (12_345, "12 kB"),
                                          (999_499, "999 kB"), (999_500, "1.0 MB"), (1_234_567, "1.2 MB")])
def test_sizes_are_words(count, words):
    assert downloads.size_words(count) == words


def test_the_first_words_of_a_caption_name_the_file():
    assert downloads.slug("Rates & years: “25%”, 한국 by year") == "rates-years-25-by-year"
    assert downloads.slug("a b c d e f g h i j") == "a-b-c-d-e-f-g-h"
    assert downloads.slug("한국") == "table"


def test_a_table_of_a_notebook_can_be_downloaded_with_ten_digits(tmp_path):
    staged = downloads.with_table_menus(executed(TABLE._repr_mimebundle_()), "31_tariffs", tmp_path)
    data = outputs(staged)[0]
    assert "text/csv" not in data and 'href="../files/tables/31_tariffs-rates-years-by-year.csv"' in data["text/html"]
    assert 'aria-label="Download table: Rates &amp; years, by year"' in data["text/html"]
    written = (tmp_path / "tables" / "31_tariffs-rates-years-by-year.csv").read_text(encoding="utf-8")
    assert written == "year,rate\n2024,0.3333333333\n" and "0.3333" not in data["text/html"]


def test_two_tables_of_one_caption_are_two_files(tmp_path):
    shown = TABLE._repr_mimebundle_()
    other = shown | {"text/csv": "year\n2025\n"}
    downloads.with_table_menus(executed(shown, other), "page", tmp_path)
    names = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert names == ["page-rates-years-by-year-2.csv", "page-rates-years-by-year.csv"]
    assert (tmp_path / "tables" / names[0]).read_text(encoding="utf-8") == "year\n2025\n"


def test_a_notebook_with_tables_and_its_copy_for_readers_are_valid(tmp_path):
    (tmp_path / "a.svg").write_text("<svg/>", encoding="utf-8")
    figure = Figure("a", "", "Three words here", "A caption")._repr_mimebundle_()
    notebook = executed(TABLE._repr_mimebundle_(), figure)
    nbformat.validate(copy.deepcopy(notebook))
    nbformat.validate(downloads.to_keep(notebook, tmp_path, {}))


def test_the_copy_for_readers_holds_its_pictures_and_its_numbers_lead_to_the_report(tmp_path):
    (tmp_path / "a-b.svg").write_text("<svg>picture</svg>", encoding="utf-8")
    figure = Figure("a-b", "", "Three words here", "A caption")._repr_mimebundle_()
    said = {"text/markdown": "It rose to [12.2%](#value-a.b.2024).", "text/plain": "x"}
    kept = outputs(downloads.to_keep(executed(figure, said), tmp_path, {"a.b.2024": "31_tariffs"}))
    assert kept[0]["image/svg+xml"] == "<svg>picture</svg>" and "text/markdown" not in kept[0]
    assert "[12.2%](../../provenance/31_tariffs.html#value-a.b.2024)" in kept[1]["text/markdown"]


def test_the_menu_of_a_figure_lists_the_files_that_were_written(tmp_path):
    (tmp_path / "figures").mkdir()
    for ending in (".csv", ".svg", ".md"):
        (tmp_path / "figures" / f"a{ending}").write_text("x", encoding="utf-8")
    assert [name for _, name in downloads.figure_entries("a", tmp_path)] == ["figures/a.csv", "figures/a.svg"]


def test_numbers_of_a_shown_table_are_numbers_in_its_file():
    rows = [["what, and when", "count"], ["a, b", "1,234.5"], ["−3", "1,2,3"]]
    read = list(csv.reader(io.StringIO(downloads.csv_text(rows))))
    assert read == [["what, and when", "count"], ["a, b", "1234.5"], ["-3", "1,2,3"]]


def test_the_values_of_each_notebook_are_a_file_with_every_digit(tmp_path):
    values = pd.DataFrame({"id": ["a.b", "c.d"], "value": ["0.30000000000000004", ""], "notebook": ["1_a", "2_b"]})
    downloads.stage_values(values, tmp_path)
    assert (tmp_path / "values" / "1_a.csv").read_text() == "id,value,notebook\na.b,0.30000000000000004,1_a\n"
    assert sorted(path.name for path in (tmp_path / "values").iterdir()) == ["1_a.csv", "2_b.csv"]


def test_a_staged_notebook_is_written_twice_and_alike_every_time(tmp_path):
    source = tmp_path / "31_a.ipynb"
    source.write_text(json.dumps(executed(TABLE._repr_mimebundle_())), encoding="utf-8")
    results = []
    for build in ("one", "two"):
        folder = tmp_path / build / "files"
        folder.mkdir(parents=True)
        downloads.stage_notebook(source, tmp_path / build / "page.ipynb", folder, tmp_path, {})
        results.append({path.name: path.read_bytes() for path in (tmp_path / build).rglob("*") if path.is_file()})
    assert results[0] == results[1]
    assert "text/csv" in json.loads(results[0]["31_a.ipynb"])["cells"][0]["outputs"][0]["data"]
    assert "text/csv" not in json.loads(results[0]["page.ipynb"])["cells"][0]["outputs"][0]["data"]
