"""The steps from announcement to money sent stand below each other, held or not, each with its coverage."""

import pandas as pd
import pytest

from korus import ladder, project_matches, projects, raw, readings
from korus.charts import mirror as charts
from korus.clean import projects as clean
from korus.values import Values

DAY = "2026-11-22"
YEARS = ["2019", "2022", "2024"]


@pytest.fixture(scope="module")
def parts(investment):
    def of(as_of: str = DAY, max_tier: int = 3, years=YEARS, **other):
        listed = projects.listed(clean.announced(raw.read("projects/projects")), as_of, max_tier)
        plants = project_matches.facilities(raw.read("projects/cim_facilities"), raw.sources(), as_of, max_tier)
        none = pd.DataFrame(columns=["year", "investor", "region", "mode", "kind", "lower", "upper", "vintage",
                                     "tier", "ref"])
        totals = readings.denominators(investment, none, as_of, max_tier)
        return ladder.ladder(investment, listed, plants, totals, years, as_of, max_tier, **other), listed

    return of


def test_every_year_has_every_step_and_says_whether_it_is_held(parts):
    table, _ = parts()
    assert len(table) == len(YEARS) * len(ladder.STEPS)
    assert (table["held"] == table["value_musd"].notna()).all() and table["coverage"].str.len().min() > 0


def test_announced_amounts_leave_acquisitions_out_and_count_who_states_an_amount(parts):
    table, listed = parts()
    row = table[(table["year"] == "2022") & (table["step"] == "announced_list")].iloc[0]
    mine = listed[(listed["year"] == "2022") & (listed["mode"] != "acquisition")]
    assert row["value_musd"] == float(mine["first_musd"].sum())
    assert f"{len(mine)} projects state an amount" in row["coverage"]


def test_the_two_invested_steps_are_eximbanks_and_one_contains_the_other(parts):
    wide = parts()[0].pivot(index="year", columns="step", values="value_musd")
    assert wide.loc["2022", ["invested_manufacturing", "invested_all"]].tolist() == [7_600, 29_820]
    assert (wide["invested_manufacturing"].dropna() <= wide["invested_all"].dropna().loc[["2022", "2024"]]).all()


def test_a_year_that_is_not_printed_may_follow_from_a_printed_change(parts):
    limits = pd.DataFrame([{"test": "korea_total", "year": "2022", "bound_lower_musd": 4.0, "bound_upper_musd": 6.0,
                            "bound_vintage": DAY, "bound_tier": 3, "bound_ref": "t#L2"}])
    table, _ = parts(limits=limits)
    row = table[(table["year"] == "2022") & (table["step"] == "first_year_korea")].iloc[0]
    assert (row["value_musd"], row["lower_musd"], row["upper_musd"]) == (5, 4, 6) and "change" in row["coverage"]


def test_official_sources_alone_leave_announcements_and_korea_by_bea_unheld(parts):
    table, _ = parts(max_tier=2)
    held = table[table["held"]]
    assert held["tier"].max() == 2
    assert not set(held["step"]) & {"announced_list", "announced_cim", "first_year_korea"}


def test_an_earlier_day_knows_less(parts):
    early = parts(as_of="2023-12-31")[0]
    assert early.loc[early["held"], "vintage"].max() <= "2023-12-31"
    assert not early.loc[early["year"] == "2024", "held"].any()


def test_the_chart_has_a_row_for_every_step(parts):
    data = charts.ladder_data(parts()[0])
    assert data["label"].notna().all() and set(data["of"]) == {"Korea", "all countries"}
    assert charts.ladder(data).to_dict()["title"]


def test_every_step_held_is_recorded_with_its_bounds(parts):
    table, values = parts()[0], Values("25_mirror", DAY)
    ladder.record(values, table)
    assert len(values.rows) == table["held"].sum()
    row = values.rows["investment.ladder.invested_all.2022"]
    assert row["value"] == 29_820 and row["lower"] <= row["value"] <= row["upper"]
