"""Each project is in one sector, no pledge is in a sum, and what is Korean money stays between its bounds."""

import pandas as pd
import pytest

from korus import projects, rate_path, raw, sector_duties, sectors, tables
from korus.charts import sectors as charts
from korus.clean import projects as clean
from korus.values import Values

DAY = "2026-11-22"
NEEDS_LAW = pytest.mark.skipif(not (tables.processed_dir() / "tariff_rules.parquet").exists(),
                               reason="run `make` first")


@pytest.fixture(scope="module")
def announced() -> pd.DataFrame:
    """The real list."""
    return clean.announced(raw.read("projects/projects"))


@pytest.fixture(scope="module")
def coded(announced) -> pd.DataFrame:
    """Its projects, with their sector."""
    return sectors.coded(projects.listed(announced, DAY, 3))


def rows(*changes: dict) -> pd.DataFrame:
    """Projects of a small list with their sector; P1 is LG's battery plant of 100 in Georgia unless changed."""
    same = {"project": "P1", "parent": "", "kind": "project", "record_type": "project", "announced": "2022-03-15",
            "date_precision": "day", "investor": "LG", "investor_group": "LG", "partner": "", "product": "cells",
            "state": "GA", "place": "Dalton", "sector": "batteries", "mode": "greenfield", "amount_musd": 100.0,
            "korean_share_musd": pd.NA, "status": "", "status_as_of": "", "amount_basis": "announced", "note": "",
            "ref": "projects/projects#L2"}
    table = pd.DataFrame([same | {"project": f"P{n + 1}", "ref": f"projects/projects#L{n + 2}"} | change
                          for n, change in enumerate(changes)])
    table = table.astype({"amount_musd": "Float64", "korean_share_musd": "Float64"})
    return sectors.coded(projects.listed(table, DAY, 3))


def whose(*changes: dict) -> list[list[float]]:
    """Stated as Korean, alone, split open, stated as partners', of each project."""
    return sectors.shares(rows(*changes))[list(sectors.WHOSE.values())].values.tolist()


def test_every_sector_of_the_list_has_one_place_and_an_unknown_one_is_refused(announced):
    listed = announced[announced["kind"] == "project"]
    assert set(listed["sector"]) == set(sectors.SECTOR_OF)
    assert set(sectors.SECTOR_OF.values()) <= set(sectors.NAMES)
    with pytest.raises(ValueError, match=r"\['space'\] have no place in SECTOR_OF"):
        rows({"sector": "space"})


def test_every_project_is_counted_once_and_sums_are_those_of_the_list(coded):
    table = sectors.table(coded)
    assert table["group"].tolist() == list(sectors.NAMES)
    assert table["projects"].sum() == len(coded) == coded["project"].nunique()
    assert table["amount_musd"].sum() == pytest.approx(float(coded["amount_musd"].sum()))
    for column, kinds in (("mode", sectors.MODES), ("status_group", sectors.STATUSES)):
        assert set(coded[column]) <= set(kinds.values())
        cells = sectors.cells(coded, column, kinds)
        assert cells.groupby("group")["projects"].sum()[table["group"]].tolist() == table["projects"].tolist()
        assert cells["amount_musd"].sum() == pytest.approx(table["amount_musd"].sum())


def test_no_pledge_stake_or_update_is_in_a_count_or_a_sum():
    table = sectors.table(rows({}, {"kind": "pledge", "amount_musd": 9e5, "mode": "pledge"}, {"kind": "stake"},
                               {"kind": "update", "parent": "P1", "amount_musd": 30.0, "amount_basis": "additional"}))
    batteries = table.set_index("group").loc["batteries"]
    assert (batteries["projects"], batteries["first_musd"], batteries["amount_musd"]) == (1, 100, 130)


def test_a_stated_share_is_korean_and_the_rest_of_the_first_amount_is_the_partners():
    assert whose({"korean_share_musd": 60.0, "mode": "joint venture"}) == [[60, 0, 0, 40]]


def test_what_an_update_adds_is_not_stated_as_anybodys():
    grown = {"kind": "update", "parent": "P1", "amount_musd": 30.0, "amount_basis": "additional",
             "announced": "2023-01-01"}
    assert whose({"korean_share_musd": 60.0, "mode": "joint venture"}, grown) == [[60, 0, 30, 40]]
    assert whose({}, grown) == [[0, 130, 0, 0]]


@pytest.mark.parametrize(("change", "expected"), [
    ({"mode": "joint venture", "amount_basis": "total, 50/50"}, [50, 0, 0, 50]),
    ({"mode": "joint venture", "amount_basis": "total, 50/50 between two Korean groups"}, [0, 0, 100, 0]),
    ({"amount_basis": "total, 50/50"}, [0, 100, 0, 0]),
    ({"mode": "joint venture"}, [0, 0, 100, 0]),
    ({"mode": "acquisition", "partner": "GM (seller)"}, [0, 100, 0, 0]),
    ({"mode": "joint venture", "amount_musd": pd.NA, "amount_basis": "50/50"}, [0, 0, 0, 0])])
def test_half_of_an_equal_venture_is_korean_and_an_open_split_stays_open(change, expected):
    assert whose(change) == [expected]


def test_an_expansion_of_a_venture_is_the_ventures():
    assert whose({"mode": "joint venture"}, {"parent": "P1", "mode": "expansion"})[1] == [0, 0, 100, 0]


def test_a_split_stated_for_two_projects_together_is_spread_by_their_amounts_or_left_open():
    venture = {"mode": "joint venture", "investor_group": "SK", "amount_musd": 300.0}
    note = {"note": "P1+P2 = 400: Ford about 240, SK about 160."}
    assert whose(venture | note, venture | {"amount_musd": 100.0}) == [[120, 0, 0, 180], [40, 0, 0, 60]]
    assert whose(venture | note)[0] == [0, 0, 300, 0]
    assert whose(venture | note, venture)[0] == [0, 0, 300, 0]
    other = venture | {"amount_musd": 100.0, "sector": "vehicles"}
    assert whose(venture | note, other)[0] == [0, 0, 300, 0]
    assert whose(venture | note | {"investor_group": "LG"}, venture | {"amount_musd": 100.0})[0] == [0, 0, 300, 0]


def test_the_korean_part_of_the_real_list_lies_within_its_amounts(coded):
    parts = sectors.shares(coded).set_index("project")
    whole = coded.set_index("project")["amount_musd"].astype(float).fillna(0)
    assert (parts >= 0).all(axis=None)
    assert parts.sum(axis=1).to_dict() == pytest.approx(whole.to_dict())
    table = sectors.table(coded)
    assert (table["korean_lower"] <= table["korean_upper"]).all()
    assert (table["korean_upper"] <= table["amount_musd"]).all()
    stated = coded.set_index("project")["korean_share_musd"].dropna()
    assert parts.loc[stated.index, sectors.STATED].to_dict() == pytest.approx(stated.astype(float).to_dict())
    # Ford and SK state what each brings to the two sites together.
    assert parts.loc[["P052", "P053"], sectors.STATED].sum() == pytest.approx(4300)
    ventures = coded.loc[coded["mode"] == "joint venture", "project"]
    assert (parts.loc[ventures, sectors.ALONE] == 0).all()


def test_states_are_named_by_number_and_what_is_not_named_is_said():
    assert sectors.by_state_words(rows({"state": "TX"}, {}, {}, {"state": ""})) == (
        "Georgia 2, Texas 1 and no state named 1")
    assert sectors.by_state_words(rows({"state": "TX"}, {}, {}), most=1) == "Georgia 2 and 1 more state"
    assert sectors.by_state_words(rows({}).iloc[:0]) == ""


def test_every_state_of_the_list_has_a_name(coded):
    assert set(coded["state"]) - set(sectors.STATES) == {""}


def test_pledges_are_shown_with_the_sector_they_name_and_only_what_was_known(announced):
    found = sectors.pledges(announced, DAY, 3)
    named = set(zip(found["group"], found["project"], strict=True))
    assert {("shipbuilding", "G03"), ("nuclear", "G05"), ("chips", "U04"), ("pharmaceuticals", "U04"),
            ("vehicles", "U07")} == named
    assert found.loc[found["own"], "project"].tolist() == ["G03"]
    assert set(sectors.pledges(announced, "2025-09-26", 3)["project"]) == {"U04", "U07"}
    assert sectors.pledges(announced, DAY, 2).empty


def test_what_is_recorded_keeps_pledges_apart_and_states_no_amount_where_none_is_held(announced, coded):
    values = Values("48_sectors", DAY)
    sectors.record(values, coded, sectors.pledges(announced, DAY, 3), DAY)
    assert values.number("sectors.projects.nuclear") == values.number("sectors.projects.ai-infrastructure") == 0
    assert "sectors.current.nuclear" not in values.rows
    assert values.number("sectors.pledge.shipbuilding") > values.number("sectors.current.shipbuilding")
    for group in sectors.NAMES:
        assert sum(values.number(f"sectors.count_{kind}.{group}") for kind in sectors.MODES) == values.number(
            f"sectors.projects.{group}")
    silent = Values("48_sectors", DAY)
    sectors.record(silent, rows({"amount_musd": pd.NA}), sectors.pledges(announced, DAY, 2), DAY)
    assert silent.number("sectors.projects.batteries") == 1
    assert "sectors.current.batteries" not in silent.rows


def test_nothing_admitted_gives_empty_tables_charts_and_no_value(announced):
    none = sectors.coded(projects.listed(announced, DAY, 2))
    values = Values("48_sectors", DAY)
    sectors.record(values, none, sectors.pledges(announced, DAY, 2), DAY)
    assert values.rows == {}
    assert sectors.table(none)["projects"].sum() == 0
    for empty in (sectors.side_by_side(none), sectors.projects_table(none, "chips"), charts.status_data(none),
                  charts.money_data(none)):
        assert empty.empty


def test_a_sector_without_projects_says_so_in_the_charts(coded):
    for data, draw in ((charts.status_data(coded), charts.status), (charts.money_data(coded), charts.money)):
        nuclear = data[data["group"] == "nuclear"]
        assert nuclear["label"].tolist() == ["no project in the list"]
        assert set(data["group"]) == set(sectors.NAMES) == set(charts.ROWS)
        specification = draw(data).to_dict()
        assert specification["width"] <= 440
        assert specification["title"]["text"].endswith("?")
    status = charts.status_data(coded)
    assert status["projects"].sum() == len(coded)


# ---- Duties ---------------------------------------------------------------------------------------


def test_every_sector_has_goods_measures_and_an_industry():
    assert {goods.sector for goods in sector_duties.GOODS} == set(sectors.SECTORS)
    assert set(sector_duties.MEASURES) == set(sector_duties.INDUSTRY) == set(sectors.SECTORS)
    words = [goods.word for goods in sector_duties.GOODS]
    assert len(words) == len(set(words))
    assert set(sector_duties.INDUSTRY.values()) <= set(sector_duties.INDUSTRY_NAMES)


@NEEDS_LAW
def test_the_measures_of_a_sector_are_those_whose_lists_reach_its_goods_since_2025():
    law = rate_path.law_known(tables.read, DAY, 3)
    found = {group: set() for group in sectors.SECTORS}
    for day in [day for day in law.rates["open"].days if day >= "2025-01-01"]:
        for goods in sector_duties.GOODS:
            found[goods.sector] |= sector_duties.reached(law, goods, day)
    # The agreement's own rate for cars is no duty: it is nothing.
    found["vehicles"] -= {"korus.cars"}
    assert {group: set(names) for group, names in sector_duties.MEASURES.items()} == found


@NEEDS_LAW
def test_only_measures_in_force_on_the_day_are_shown():
    measures = tables.read("measures")
    for day, general in (("2025-09-26", "ieepa.reciprocal"), ("2026-03-20", "s122.surcharge"),
                         (DAY, "s301.forced-labour")):
        now = sector_duties.measures_of(measures, day)
        assert (now["effective"] <= day).all()
        assert not now.duplicated(["group", "measure"]).any()
        assert set(now["measure"]) & set(sector_duties.GENERAL) == {general}
        assert set(now["group"]) <= set(sectors.SECTORS)


@NEEDS_LAW
def test_the_law_charges_cars_the_rate_of_the_deal_and_leaves_chips_open():
    law = rate_path.law_known(tables.read, DAY, 3)
    table = sector_duties.by_law(law, DAY).set_index("word")
    assert table.loc["cars", ["lower_pct", "upper_pct"]].tolist() == [15, 15]
    assert table.loc["integrated-circuits", ["lower_pct", "upper_pct"]].tolist() == [0, 12.5]
    assert (table["lower_pct"] <= table["upper_pct"]).all()
    assert sector_duties.by_law(None, DAY).empty


def test_what_is_not_held_is_said_and_no_id_that_is_missing_is_printed():
    values = Values("48_sectors", DAY)
    for group in sectors.SECTORS:
        text = sector_duties.words(values, group)
        assert "{" not in text
        assert "can not be stated" in text and "is not held" in text
    window = sector_duties.WINDOW
    for id in (f"tariffs.product_rate.KOR.850760.{window}", f"tariffs.product_rate.WLD.850760.{window}",
               f"tariffs.product_duty_share.KOR.850760.{window}", f"trade.product_import_share.KOR.850760.{window}"):
        values.add(id, 5, "per cent", window, tier=1, refs="")
    assert "batteries from Korea paid {tariffs.product_rate.KOR.850760" in sector_duties.words(values, "batteries")
    assert sector_duties.goods_table(values).set_index("goods").loc["lithium-ion batteries", "collected, Korea"] == 5
