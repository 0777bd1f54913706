"""Investment figures of three agencies: printed rows become dated observations, none is lost unsaid."""

import datetime as dt

import pandas as pd
import pytest

from korus import corrections, raw
from korus.clean import bea, cim, kexim
from korus.clean.places import Places

RELEASES = pd.DataFrame(
    {"date": ["2025-09-19"], "kind": ["official press release (provisional, revised each quarter)"],
     "accessed": ["2026-11-22"]}, index=["s"])


@pytest.mark.parametrize(("year", "quarter", "expected"), [
    ("2024", "A", ("A", "2024")), ("2024", "3", ("Q", "2024Q3")), ("2024", "1-2", ("C", "2024Q1/2024Q2")),
    ("2024", "1-3", ("C", "2024Q1/2024Q3")), ("2013", "cumulative to 2013-03", ("C", "1968/2013-03")),
])
def test_a_printed_year_and_quarter_are_a_period(year, quarter, expected):
    assert kexim.period_of(year, quarter) == expected


@pytest.mark.parametrize("quarter", ["5", "", "first", "2-3"])
def test_a_quarter_that_is_none_is_refused(quarter):
    with pytest.raises(ValueError, match="expected A, 1–4, 1-2, 1-3"):
        kexim.period_of("2024", quarter)


@pytest.mark.parametrize(("period", "day"), [
    ("2024", "2024-12-31"), ("2024Q1", "2024-03-31"), ("2024Q2", "2024-06-30"),
    ("2024Q1/2024Q3", "2024-09-30"), ("1968/2013-03", "2013-03-31"), ("1968/2024-02", "2024-02-29"),
])
def test_a_period_ends_on_its_last_day(period, day):
    assert kexim.period_end(period) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(("period", "vintage", "expected"), [
    ("2025Q2", "2025-09-19", "preliminary"), ("2025Q1", "2025-06-20", "preliminary"),
    ("2025Q1", "2025-09-19", "revised"), ("2024", "2025-03-14", "preliminary"),
    ("2024", "2025-06-20", "revised"), ("2023", "2024-06-21", "revised"),
    ("2023Q1/2023Q3", "2023-12-15", "preliminary"),
])
def test_the_first_print_of_a_period_is_preliminary_and_later_ones_are_revised(period, vintage, expected):
    assert kexim.maturity(period, vintage) == expected


def outflow(**changes: str) -> pd.DataFrame:
    """One printed row of a ministry release."""
    row = {"ref": "kexim/releases#L2", "series": "country_total", "country": "USA", "industry": "",
           "region": "", "year": "2024", "quarter": "A", "mode": "total", "measure": "invested",
           "value": "224.1", "unit": "100 million USD", "vintage": "2025-09-19", "source": "s", "note": ""}
    return pd.DataFrame([row | changes])


def test_a_printed_outflow_becomes_million_dollars_with_its_origin():
    rows, left = kexim.outflows(outflow(), RELEASES, "kexim/releases", set())
    row = rows.iloc[0]
    assert (row["value_musd"], row["rounding_musd"]) == (22_410, 5)
    assert (row["investor"], row["destination"], row["mode"], row["measure"]) == (
        "KOR", "USA", "all", "invested")
    assert (row["vintage"], row["tier"], row["maturity"], row["ref"]) == (
        "2025-09-19", 2, "revised", "kexim/releases#L2")
    assert left.reasons == []


def test_gross_net_and_reported_amounts_are_never_mixed():
    measures = {kexim.outflows(outflow(measure=name), RELEASES, "t", set())[0]["measure"][0]
                for name in ("invested", "net", "reported")}
    assert measures == {"invested", "net", "reported"}


def test_the_bank_of_koreas_stock_is_a_position_of_another_source():
    rows, _ = kexim.outflows(outflow(series="BOK IIP, direct investment"), RELEASES, "t", set())
    assert (rows["source"][0], rows["measure"][0]) == ("bok", "position")


@pytest.mark.parametrize(("changes", "reason"), [
    ({"measure": "new_entities"}, "cases, entities"), ({"year": "2013-2016"}, "means over several years"),
])
def test_rows_that_are_no_amount_of_one_period_are_left_out_with_the_reason(changes, reason):
    rows, left = kexim.outflows(outflow(**changes), RELEASES, "t", set())
    assert len(rows) == 0 and reason in left.reasons[0][0] and left.reasons[0][1] == 1


def test_a_withdrawn_misprint_is_left_out_and_counted():
    rows, left = kexim.outflows(outflow(), RELEASES, "t", {"kexim/releases#L2"})
    assert len(rows) == 0 and left.reasons == [("misprints withdrawn by the corrections ledger", 1)]


@pytest.fixture(scope="module")
def places() -> Places:
    """The real names of countries and regions."""
    return Places(raw.read("reference/countries"), raw.read("reference/regions"))


def new_fdi(places: Places, **changes: str) -> pd.Series:
    """One printed row of BEA's new investment, cleaned."""
    row = {"ref": "bea/new_fdi#L2", "year": "2024", "country": "All countries", "type": "established",
           "breakdown": "", "measure": "first-year expenditures", "value": "7.4", "unit": "USD billions",
           "status": "preliminary", "vintage": "2025-07", "source": "s", "note": ""}
    rows, _ = bea.new_fdi(pd.DataFrame([row | changes]), RELEASES.assign(kind="BEA release text"), places,
                          {"2025-07": "2025-07-11"})
    return rows.iloc[0]


def test_a_bea_figure_takes_the_recorded_day_of_its_release(places):
    row = new_fdi(places)
    assert (row["vintage"], row["value_musd"], row["rounding_musd"]) == ("2025-07-11", 7_400, 50)
    assert (row["investor"], row["destination"], row["mode"], row["maturity"]) == (
        "WLD", "USA", "established", "preliminary")


def test_a_suppressed_cell_stays_a_row_without_a_value(places):
    row = new_fdi(places, value="(D)")
    assert row["status"] == "suppressed" and pd.isna(row["value_musd"])


def test_breakdowns_are_industries_states_or_another_basis(places):
    assert new_fdi(places, breakdown="industry: Manufacturing")["industry"] == "Manufacturing"
    assert new_fdi(places, breakdown="state: Georgia")["state"] == "GA"
    assert new_fdi(places, breakdown="by ultimate owner")["basis"] == "by ultimate owner"
    assert new_fdi(places, breakdown="total")["basis"] == ""


def test_outward_positions_have_the_united_states_as_investor(investment):
    series = investment[investment["series"] == "direct investment, historical cost"]
    outward = series[series["investor"] == "USA"]
    assert len(outward) and (outward["destination"] == "KOR").all()
    assert (series[series["investor"] != "USA"]["destination"] == "USA").all()


def test_every_raw_row_is_taken_or_left_out_for_a_reason(assembled):
    rows, account = assembled
    counts = account.groupby("table")["rows"].sum()
    for table, count in counts.items():
        assert count == len(raw.read(table)), table
    assert account.loc[account["what"] == "taken", "rows"].sum() == len(rows)
    assert set(counts.index) == set(rows["ref"].str.partition("#")[0])


def test_every_row_points_to_the_printed_line_it_came_from(investment):
    assert not investment["ref"].duplicated().any()
    releases = raw.read("kexim/releases").set_index("ref")
    rows = investment[investment["ref"].str.startswith("kexim/releases")].set_index("ref")
    printed = releases.loc[rows.index]
    assert (printed["value"].str.replace(",", "").astype(float) * 100 - rows["value_musd"]).abs().max() < 1e-6
    assert (printed["country"] == rows["destination"]).all() and (printed["region"] == rows["region"]).all()


def test_the_misprinted_rows_are_in_the_table_as_printed_and_in_no_other(as_printed, investment, ledger,
                                                                        ledger_refs):
    withdrawn = corrections.withdrawn(ledger, ledger_refs)
    assert withdrawn <= set(as_printed["ref"]) and not withdrawn & set(investment["ref"])
    assert len(as_printed) == len(investment) + len(withdrawn)


def test_the_first_print_of_every_release_is_preliminary(investment):
    releases = investment[(investment["tier"] == 2) & (investment["source"] == "kexim")
                          & (investment["destination"] == "WLD") & (investment["frequency"] == "Q")]
    newest = releases[releases["period"] == releases.groupby("vintage")["period"].transform("max")]
    assert set(newest["maturity"]) == {"preliminary"}


def test_the_academic_panel_is_a_series_of_its_own(investment):
    panel = investment[investment["source"] == "abn2018"]
    assert set(panel["measure"]) == {"flow"} and set(panel["tier"]) == {3}
    assert set(panel["series"]) & set(investment[investment["source"] != "abn2018"]["series"]) == set()


def test_announced_plants_without_an_amount_are_left_out_and_prices_are_named(investment):
    table = raw.read("projects/cim_facilities")
    rows, left = cim.facilities(table, raw.sources())
    assert left.reasons == [("no amount in the source", int((table["capex_musd"] == "").sum()))]
    assert set(rows["prices"]) == {"constant 2023 USD", "constant 2024 USD"}
    others = investment[(investment["source"] != "cim") & (investment["source"] != "abn2018")]
    assert set(others["prices"]) == {"current USD"}
