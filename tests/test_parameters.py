"""The parameter files: every mistake is named, with the file and what is valid."""

import json
from datetime import date

import pytest
from hypothesis import given, strategies
from toy_project import PROJECT

from korus.parameters import (
    ParameterError,
    Parameters,
    declared,
    nearest,
    profile_names,
    read_profile,
    values_for,
)

GOOD = {"as_of": "2026-11-22", "max_tier": "3", "rivals": "[JPN, CHN]"}


def project(tmp_path, name="baseline", **changes):
    """A folder with one parameter file: the good one with some lines changed or (None) left out."""
    lines = [f"{k}: {v}" for k, v in (GOOD | changes).items() if v is not None]
    (tmp_path / "params").mkdir(exist_ok=True)
    (tmp_path / "params" / f"{name}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("profile", profile_names(PROJECT))
def test_every_profile_of_the_project_is_valid(profile):
    assert read_profile(profile, PROJECT).as_of <= date(2100, 1, 1)


def test_the_commentary_s_profile_reads_what_was_published_the_day_before_it(tmp_path):
    assert read_profile("kiep-2025-09", PROJECT).as_of == date(2025, 9, 26)


def test_values_arrive_with_their_types(tmp_path):
    found = read_profile("baseline", project(tmp_path))
    assert found == Parameters.model_construct(
        as_of=date(2026, 11, 22), max_tier=3, rivals=["JPN", "CHN"]
    )
    assert values_for(["as_of", "rivals"], found) == {
        "as_of": "2026-11-22", "rivals": ["JPN", "CHN"]
    }


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"as_of": "2026-13-01"}, "'as_of' is '2026-13-01': month must be in 1..12"),
        ({"as_of": "2026-02-30"}, "'as_of' is '2026-02-30': day is out of range for month"),
        ({"as_of": "yesterday"}, "'as_of' is 'yesterday': not a day written YYYY-MM-DD"),
        ({"as_of": "20261122"}, "'as_of' is 20261122"),
        ({"as_of": "2026-11-22 10:00:00"}, "Write a date, YYYY-MM-DD"),
        ({"as_of": None}, "parameter 'as_of' is missing"),
        ({"as_of": ""}, "'as_of' is None"),
        ({"max_tier": "0"}, "'max_tier' is 0"),
        ({"max_tier": "5"}, "'max_tier' is 5"),
        ({"max_tier": "'3'"}, "'max_tier' is '3'"),
        ({"max_tier": "2.0"}, "'max_tier' is 2.0"),
        ({"max_tier": "true"}, "'max_tier' is True"),
        ({"rivals": "JPN"}, "'rivals' is 'JPN'"),
        ({"rivals": "[]"}, "'rivals' is []"),
        ({"rivals": "[jpn]"}, "'jpn' is not three capital letters"),
        ({"rivals": "[JPN, JPN]"}, "a country stands twice"),
        ({"rivals": "[1]"}, "Write a list of countries by ISO3 code"),
        ({"rival": "[JPN]"}, "unknown parameter 'rival' (did you mean 'rivals'?). Valid: as_of, "),
        ({"census_api_key": "abc"}, "parameter 'census_api_key' looks like a secret"),
    ],
)
def test_a_wrong_value_is_named_with_its_file_and_what_is_valid(tmp_path, changes, complaint):
    with pytest.raises(ParameterError) as caught:
        read_profile("baseline", project(tmp_path, **changes))
    assert complaint in str(caught.value)
    assert "params/baseline.yml" in str(caught.value)


def test_all_mistakes_are_reported_at_once(tmp_path):
    with pytest.raises(ParameterError) as caught:
        read_profile("baseline", project(tmp_path, as_of="x", max_tier="7", colour="red"))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("text", ["", "- 1\n", "a: [\n", "as_of: 1\nas_of: 2\n", "[a]: 1\n"])
def test_a_file_that_is_no_list_of_names_and_values_is_refused(tmp_path, text):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "baseline.yml").write_text(text)
    with pytest.raises(ParameterError, match="params/baseline.yml"):
        read_profile("baseline", tmp_path)


def test_a_country_the_raw_tables_do_not_know_is_refused_with_the_nearest_one(tmp_path):
    reference = tmp_path / "data" / "raw" / "reference"
    reference.mkdir(parents=True)
    (reference / "countries.csv").write_text("iso3,name\nJPN,Japan\nCHN,China\nWLD,World\n")
    read_profile("baseline", project(tmp_path))
    for code, complaint in {"JPM": "did you mean 'JPN'", "WLD": "WLD is no country"}.items():
        with pytest.raises(ParameterError, match=complaint):
            read_profile("baseline", project(tmp_path, rivals=f"[{code}]"))


@pytest.mark.parametrize("name", ["../baseline", "", "Base", "results", "runs", "html", "-x"])
def test_a_profile_name_that_would_write_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(ParameterError, match="PROFILE="):
        read_profile(name, project(tmp_path))


def test_an_unknown_profile_is_answered_with_those_there_are(tmp_path):
    project(tmp_path, "kiep-2025-09")
    with pytest.raises(ParameterError, match=r"\(did you mean 'kiep-2025-09'\?\). Profiles: baseline"):
        read_profile("kiep-2025-10", project(tmp_path))


def notebook(source, tags=("parameters",)):
    """A notebook of one cell."""
    return {"cells": [{"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source}]}


def test_a_notebook_declares_parameters_in_one_cell_of_plain_lines():
    assert declared({"cells": [{"cell_type": "code", "metadata": {}, "source": "x = 1"}]}, "n") == {}
    source = "# what it takes\nas_of = '2026-11-22'\nrivals: list = ['JPN']\n"
    assert declared(notebook(source), "n") == {"as_of": "2026-11-22", "rivals": ["JPN"]}
    assert declared(notebook(source.splitlines(keepends=True)), "n")["rivals"] == ["JPN"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("as_of = today()", "only lines `name = value`"),
        ("import os", "only lines `name = value`"),
        ("as_of, max_tier = 1, 2", "only lines `name = value`"),
        ("as_of = ", "only lines `name = value`"),
        ("as_off = '2026-11-22'", "does not know (did you mean 'as_of'?)"),
        ("password = 'x'", "looks like a secret"),
    ],
)
def test_a_parameters_cell_that_could_hide_something_is_refused(source, complaint):
    with pytest.raises(ParameterError) as caught:
        declared(notebook(source), "notebooks/x.ipynb")
    assert complaint in str(caught.value)
    assert "notebooks/x.ipynb" in str(caught.value)


def test_two_parameters_cells_are_refused():
    both = {"cells": notebook("as_of = '1'")["cells"] * 2}
    with pytest.raises(ParameterError, match="keep one"):
        declared(both, "n")


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_the_defaults_in_each_notebook_are_the_published_report_s(path):
    found = declared(json.loads(path.read_text(encoding="utf-8")), path.name)
    assert found == values_for(found, read_profile("baseline", PROJECT))


@given(strategies.text(max_size=20))
def test_any_unknown_name_is_answered_without_an_accident(name):
    hint = nearest(name, Parameters.model_fields)
    assert hint == "" or hint.split("'")[1] in Parameters.model_fields
