"""Two countries' figures stand side by side: gaps stay gaps, differences are named, nothing is added."""

import pandas as pd
import pytest

from korus import composition, mirror, raw
from korus.charts import mirror as charts
from korus.values import Values

DAY = "2026-11-22"


def rows(*changes: dict) -> pd.DataFrame:
    same = {"source": "bea", "series": mirror.POSITIONS, "investor": "KOR", "destination": "USA", "region": "",
            "mode": "all", "measure": "position", "frequency": "A", "period": "2020", "industry": "", "state": "",
            "item": "", "basis": "", "status": "published", "value_musd": 100.0, "rounding_musd": 0.5,
            "vintage": "2021-07-31", "tier": 3, "ref": "t#L2"}
    return pd.DataFrame([same | {"ref": f"t#L{n + 2}"} | change for n, change in enumerate(changes)])


SENT = {"source": "kexim", "series": "overseas direct investment", "measure": "invested", "value_musd": 900.0,
        "rounding_musd": 5.0, "tier": 2}


def test_a_change_of_position_takes_both_years_from_one_release():
    one = rows({"period": "2019", "value_musd": 70.0}, {}, {"period": "2021", "vintage": "2022-07-31"})
    held = mirror.concepts(one, DAY, 3)
    assert held[["year", "value_musd", "lower_musd", "upper_musd"]].values.tolist() == [["2020", 30.0, 29.0, 31.0]]


def test_each_pair_of_a_year_differs_by_the_difference_with_its_rounding_and_reasons():
    held = mirror.concepts(rows(SENT, {"measure": "flow", "value_musd": 200.0}), DAY, 3)
    row = mirror.differences(held).iloc[0]
    assert (row["difference_musd"], row["lower_musd"], row["upper_musd"], row["tier"]) == (700, 694.5, 705.5, 3)
    assert "repayment and withdrawal" in row["reasons"] and row["ref"] == "t#L2 t#L3"


def test_a_year_with_one_concept_has_no_difference():
    assert mirror.differences(mirror.concepts(rows(SENT), DAY, 3)).empty


def test_a_year_without_a_figure_is_a_row_without_values():
    held = mirror.concepts(rows(SENT | {"period": "2018"}, SENT), DAY, 3)
    wide = mirror.side_by_side(held)
    assert wide["year"].tolist() == ["2018", "2019", "2020"] and pd.isna(wide["eximbank"][1])


def test_a_printed_change_fills_only_years_without_two_positions():
    changes = pd.DataFrame({"year": ["2020", "2023"], "concept": "bea_change", "value_musd": [1.0, 6700.0],
                            "rounding_musd": 50.0, "ref": ["t#L8", "t#L9"], "vintage": "2024-07-31", "tier": 3})
    held = mirror.concepts(rows({"period": "2019", "value_musd": 70.0}, {}), DAY, 3, changes=changes)
    assert held[["year", "value_musd", "how"]].values.tolist() == [
        ["2020", 30.0, "difference of two positions of one release"], ["2023", 6700.0, "change as printed"]]


def test_every_reason_names_two_concepts_and_says_which_it_makes_larger():
    table = mirror.REASONS
    assert set(table["first"]) | set(table["second"]) == set(mirror.CONCEPTS)
    assert set(table["makes_larger"]) <= {"first", "second", "either"} and not table.duplicated(
        ["reason", "first", "second"]).any()


def test_the_real_mirror_knows_only_what_was_published_by_the_day(investment):
    held = mirror.concepts(investment, "2022-06-30", 3)
    assert held["vintage"].max() <= "2022-06-30" and "bea_new" not in set(held["concept"])
    assert set(mirror.concepts(investment, DAY, 2)["concept"]) == {"eximbank", "eximbank_net"}


def test_the_real_differences_are_first_less_second_with_reasons(investment):
    held = mirror.concepts(investment, DAY, 3)
    assert not held.duplicated(["year", "concept"]).any()
    table = mirror.differences(held)
    assert ((table["first_musd"] - table["second_musd"] - table["difference_musd"]).abs() < 1e-9).all()
    assert table["reasons"].str.len().min() > 0
    assert len(charts.mirror_data(held)) <= len(held) and charts.mirror(charts.mirror_data(held)).to_dict()["title"]


def test_the_printed_change_of_position_is_read_from_the_raw_table():
    days = raw.read("bea/release_days")
    days = days[days["resource"] == "bea.position_and_flows"]
    table = mirror.printed_changes(raw.read("bea/position_and_flows"), raw.sources(),
                                   dict(zip(days["vintage"], days["released"], strict=True)), DAY, 3)
    assert set(table["value_musd"]) == {6700.0} and (table["rounding_musd"] == 50).all()


PART = SENT | {"destination": "WLD", "vintage": "2025-09-19"}


def test_parts_are_shares_of_the_total_of_their_release_and_leave_a_remainder():
    years = [{"period": year} for year in ("2020", "2021")]
    table = rows(*[PART | y | {"value_musd": 1000.0} for y in years],
                 *[PART | y | {"industry": "manufacturing", "value_musd": 250.0} for y in years])
    shares = composition.shares(table, DAY, 3, by="industry")
    assert shares[["year", "part", "share_pct"]].values.tolist() == [
        ["2020", "manufacturing", 25.0], ["2020", "all other", 75.0],
        ["2021", "manufacturing", 25.0], ["2021", "all other", 75.0]]
    assert shares["lower_pct"][0] == pytest.approx(100 * 245 / 1005)


def test_parts_above_their_total_are_refused():
    years = [{"period": year} for year in ("2020", "2021")]
    table = rows(*[PART | y for y in years], *[PART | y | {"industry": "mining", "value_musd": 950.0} for y in years])
    with pytest.raises(ValueError, match="2020, industry: the parts exceed the total by 50"):
        composition.shares(table, DAY, 3, by="industry")


def test_the_real_regions_fill_the_world_and_industries_leave_a_rest(investment):
    regions = composition.shares(investment, DAY, 3, by="region")
    assert regions.groupby("year")["share_pct"].sum().sub(100).abs().max() < 0.1
    industries = composition.shares(investment, DAY, 3, by="industry")
    assert industries.groupby("year")["share_pct"].sum().sub(100).abs().max() < 1e-9
    assert regions["vintage"].nunique() == industries["vintage"].nunique() == 1
    american = composition.shares(investment, DAY, 3, by="industry", destination="USA")
    assert set(american["part"]) == {"manufacturing", "finance & insurance", "all other"}
    assert composition.shares(investment, "2000-01-01", 3, by="region").empty
    values = Values("21_greenfield", DAY)
    composition.record(values, "share.USA", american)
    row = values.rows["share.USA.finance_insurance.2024"]
    assert row["lower"] < row["value"] < row["upper"] and "share.USA.all_other.2020" in values.rows
    data = charts.composition_data(regions)
    assert charts.composition(data, "Where?", "the world").to_dict()["title"]
