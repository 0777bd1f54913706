"""What every observation carries is read from the printed text by rule: number, vintage, tier, place."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus import raw
from korus.clean import origin
from korus.clean.frame import INVESTMENT_COLUMNS, LeftOut, tidy
from korus.clean.origin import CleaningError, Number
from korus.clean.places import Places, state_code

DATED_TABLES = (
    "bea/new_fdi", "bea/position_and_flows", "bea/outlays_1990_2000", "kexim/releases", "kexim/reports",
    "kexim/net_flows_panel", "projects/cim_facilities", "census/imports_monthly", "census/imports_hs6",
    "census/imports_cars_hs6", "census/imports_hs4", "census/imports_korea_hs4_ytd",
    "census/bilateral_goods", "world/merchandise_imports", "world/import_shares",
)


@pytest.mark.parametrize(("printed", "value", "half_digit"), [
    ("6,203", 6203, 0.5), ("282.3", 282.3, 0.05), ("0", 0, 0.5), ("-1,234.50", -1234.5, 0.005),
    ("+12", 12, 0.5), ("131457", 131457, 0.5), ("1,234,567", 1234567, 0.5),
])
def test_a_printed_number_has_its_value_and_half_a_unit_of_its_last_digit(printed, value, half_digit):
    assert origin.printed_number(printed) == Number(value, pytest.approx(half_digit))


@pytest.mark.parametrize("printed", ["(D)", "(*)", "", "(NA)", "---"])
def test_what_a_source_does_not_show_is_no_number(printed):
    assert origin.printed_number(printed) is None


@pytest.mark.parametrize("printed", [
    "about 5", "25,000 or more", "1.5e3", "nan", "inf", " 5", "5 ", "12,34", "1,2345", "1.234,5", "５", "1_000",
    "--", "-", "5%", "$5", "n.a.",
])
def test_words_and_odd_figures_where_a_number_belongs_are_refused(printed):
    with pytest.raises(ValueError, match="is not a number"):
        origin.printed_number(printed)


@given(st.decimals(-10**12, 10**12, places=2))
def test_any_number_printed_with_thousands_separators_is_read_as_itself(number):
    assert origin.printed_number(f"{number:,}") == Number(float(number), pytest.approx(0.005))


def printed(*cells: tuple[str, str]) -> pd.DataFrame:
    """Raw rows of value and unit."""
    return pd.DataFrame([{"ref": f"x/y#L{n}", "value": value, "unit": unit}
                         for n, (value, unit) in enumerate(cells, start=2)])


def test_units_are_converted_to_million_dollars_and_rounding_with_them():
    frame = printed(("282.3", "100 million USD"), ("0.562", "USD billions"), ("(D)", "USD billions"))
    out = origin.numbers_musd(frame, {"100 million USD": 100.0, "USD billions": 1000.0}, "x/y")
    assert out["value_musd"].tolist()[:2] == [28_230, 562]
    assert out["rounding_musd"].tolist()[:2] == [5, 0.5]
    assert out.iloc[2].isna().all()


def test_all_cells_that_can_not_be_read_are_reported_at_once_with_their_lines():
    frame = printed(("many", "million USD"), ("1", "million USD"), ("2", "euro"))
    with pytest.raises(CleaningError) as failure:
        origin.numbers_musd(frame, {"million USD": 1.0}, "x/y")
    lines = str(failure.value).splitlines()
    assert lines[0] == "x/y: 2 cells can not be read:"
    assert "data/raw/x/y#L2" in lines[1] and "'many'" in lines[1]
    assert "data/raw/x/y#L4" in lines[2] and "'euro'" in lines[2]
    with pytest.raises(CleaningError, match="data/raw/x/y#L2, column value: 'many' is not a number"):
        origin.number_column(frame, "value")


@pytest.mark.parametrize(("vintage", "day"), [
    ("2025-09-19", "2025-09-19"), ("2016-07", "2016-07-31"), ("2024-02", "2024-02-29"),
    ("2006", "2006-12-31"), ("2005-2006", "2006-12-31"), ("c. 1999", "1999-12-31"),
    ("panel of 2018; data end 2012", "2018-12-31"), ("2014 (KEXIM 2013 annual analysis)", "2014-12-31"),
    ("2024-05 (KITA)", "2024-05-31"), ("2024_Q4.20250218.0", "2025-02-18"),
    ("2026_Q2.20260805.0", "2026-08-05"),
])
def test_a_printed_vintage_is_the_last_day_it_may_mean(vintage, day):
    assert origin.vintage_day(vintage).isoformat() == day


def test_a_recorded_release_day_is_preferred_to_the_end_of_the_month():
    assert origin.vintage_day("2016-07", {"2016-07": "2016-07-13"}).isoformat() == "2016-07-13"


@pytest.mark.parametrize("vintage", ["", "recently", "2025-13", "2025-1", "2025-02-30", "20250919", "25-09-19"])
def test_a_vintage_that_is_no_date_is_refused(vintage):
    with pytest.raises(CleaningError):
        origin.vintage_day(vintage)


@pytest.mark.parametrize(("kind", "tier"), [
    ("Census API snapshot (third-party repository)", 1), ("BEA (stored API output)", 1),
    ("World Bank WDI (open-numbers repository)", 1),
    ("official press release (provisional, revised each quarter)", 2), ("BEA release text (reprint)", 2),
    ("press quoting BEA", 3), ("third-party summary of BEA release", 3), ("analysis quoting BEA", 3),
    ("press report of MOEF/KEXIM release", 3), ("claim in commentary (KEXIM-derived)", 4),
])
def test_the_words_of_a_source_decide_its_tier_and_quoting_never_makes_it_official(kind, tier):
    assert origin.tier_of_kind(kind) == tier


def test_words_without_a_tier_are_refused_with_the_place_to_add_them():
    with pytest.raises(CleaningError, match="TIER_BY_KIND in korus/clean/origin.py"):
        origin.tier_of_kind("hearsay")


@pytest.mark.parametrize("table", DATED_TABLES)
def test_every_source_of_a_cleaned_table_has_a_tier(table):
    sources = raw.sources()
    kinds = sources.loc[raw.read(table)["source"].unique(), "kind"]
    assert {origin.tier_of_kind(kind) for kind in kinds} <= {1, 2, 3, 4}


def sources(**dates: str) -> pd.DataFrame:
    """A register of sources: id, date."""
    return pd.DataFrame(
        {"date": dates, "kind": "BEA release text", "accessed": "2026-11-22"}, index=list(dates))


def test_a_version_known_by_its_last_year_of_data_takes_the_day_it_was_read():
    frame = pd.DataFrame({"source": ["a", "b"]})
    out = origin.with_origin(frame, sources(a="version with data to 2023", b="2025-01-02"), "source")
    assert out["vintage"].tolist() == ["2026-11-22", "2025-01-02"]


def test_a_source_that_is_not_registered_is_named():
    with pytest.raises(CleaningError, match=r"\['z'\] are not in data/raw/sources.csv"):
        origin.with_origin(pd.DataFrame({"source": ["z"]}), sources(a="2025-01-02"), "source")


@pytest.fixture(scope="module")
def places() -> Places:
    """The real names of countries and regions."""
    return Places(raw.read("reference/countries"), raw.read("reference/regions"))


@pytest.mark.parametrize(("name", "iso3"), [
    ("KOR", "KOR"), ("South Korea", "KOR"), ("All countries", "WLD"), ("Turkey", "TUR"), ("Europe", ""),
])
def test_printed_names_are_places_and_regions_are_no_countries(places, name, iso3):
    assert places.country(name, "x/y#L2") == iso3


def test_an_unknown_country_is_named_with_its_line_and_where_to_add_it(places):
    with pytest.raises(CleaningError, match="data/raw/x/y#L7: unknown country 'Atlantis'. Add it to "
                                            "reference/countries.csv"):
        places.country("Atlantis", "x/y#L7")


def test_no_name_means_two_places():
    countries = raw.read("reference/countries")
    names = [*countries["iso3"], *countries["name"]]
    names += [name.strip() for cell in countries["also_printed_as"] for name in cell.split(";") if name]
    assert len(set(names)) == len(names)
    assert not set(names) & set(raw.read("reference/regions")["region"])


def test_a_state_without_a_code_is_named_with_its_line():
    assert state_code("Texas", "x/y#L2") == "TX"
    with pytest.raises(CleaningError, match="data/raw/x/y#L3: state 'Atlantis' has no code"):
        state_code("Atlantis", "x/y#L3")


def test_rows_left_out_are_counted_under_their_reason():
    table = pd.DataFrame({"n": [1, 2, 3, 4]})
    left = LeftOut("x/y", table)
    rows = left.keep(table["n"] > 1, "too small")
    rows = left.keep(rows["n"] < 4, "too large", rows)
    assert rows["n"].tolist() == [2, 3]
    assert left.table_rows(2).to_numpy().tolist() == [
        ["x/y", "taken", 2], ["x/y", "too small", 1], ["x/y", "too large", 1]]


def test_a_row_that_vanishes_without_a_reason_is_an_error():
    table = pd.DataFrame({"n": [1, 2]})
    with pytest.raises(AssertionError, match="x/y: 2 raw rows, but"):
        LeftOut("x/y", table).table_rows(1)


def test_a_tidy_row_has_every_column_and_prices_of_its_day_unless_said():
    rows = tidy(pd.DataFrame({"ref": ["x/y#L2"]}, index=[7]), source="bea")
    assert list(rows.columns) == INVESTMENT_COLUMNS and rows.index.tolist() == [0]
    assert (rows["prices"][0], rows["industry"][0], rows["source"][0]) == ("current USD", "", "bea")
