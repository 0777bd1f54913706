"""Announced projects are counted once, pledges apart, and no plant of the Monitor is merged with another."""

from pathlib import Path

import pandas as pd
import pytest

from korus import project_matches as matches
from korus import projects, raw
from korus.charts import projects as charts
from korus.clean import projects as clean
from korus.values import Values

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def announced() -> pd.DataFrame:
    """The real list."""
    return clean.announced(raw.read("projects/projects"))


def rows(*changes: dict) -> pd.DataFrame:
    """Rows of a small list; P1 is a battery plant of 100 in Georgia unless changed."""
    same = {"project": "P1", "parent": "", "kind": "project", "record_type": "project", "announced": "2022-03-15",
            "date_precision": "day", "investor": "LG", "investor_group": "LG", "partner": "", "state": "GA",
            "place": "Dalton", "sector": "batteries", "mode": "greenfield", "amount_musd": 100.0,
            "korean_share_musd": pd.NA, "status": "", "status_as_of": "", "amount_basis": "announced", "note": "",
            "ref": "projects/projects#L2"}
    table = pd.DataFrame([same | {"ref": f"projects/projects#L{n + 2}"} | c for n, c in enumerate(changes)])
    return table.astype({"amount_musd": "Float64", "korean_share_musd": "Float64"})


@pytest.mark.parametrize(("basis", "effect", "amount"), [
    ("total, includes P1", "replaces", 70), ("additional", "adds", 170), ("part of the programme", "inside", 100)])
def test_an_update_replaces_adds_to_or_lies_inside_its_projects_amount(basis, effect, amount):
    table = rows({}, {"project": "P2", "parent": "P1", "kind": "update", "amount_musd": 70.0,
                      "announced": "2023-01-01", "amount_basis": basis})
    assert projects.updates(table, DAY)["effect"].tolist() == [effect]
    row = projects.listed(table, DAY, 3).iloc[0]
    assert (row["first_musd"], row["amount_musd"]) == (100, amount)
    assert projects.listed(table, "2022-12-31", 3)["amount_musd"].tolist() == [100]


def test_an_update_older_than_its_project_changes_nothing():
    table = rows({}, {"project": "P2", "parent": "P1", "kind": "update", "amount_musd": 70.0,
                      "announced": "2021-01-01", "amount_basis": "additional"})
    assert projects.updates(table, DAY)["effect"].tolist() == ["superseded"]
    assert projects.listed(table, DAY, 3)["amount_musd"].tolist() == [100]


def test_an_update_that_does_not_say_what_it_does_is_refused():
    table = rows({}, {"project": "P2", "parent": "P1", "kind": "update", "announced": "2023-01-01",
                      "amount_basis": "new figure"})
    with pytest.raises(ValueError, match=r"projects#L3, column amount_basis: 'new figure'.*EFFECTS"):
        projects.listed(table, DAY, 3)


def test_pledges_stakes_and_updates_are_in_no_sum():
    table = rows({}, {"project": "U1", "kind": "pledge", "amount_musd": 9e5}, {"project": "S1", "kind": "stake"})
    listed = projects.listed(table, DAY, 3)
    assert projects.summary(listed, ["state"])["amount_musd"].tolist() == [100]
    assert projects.apart(table, DAY, 3)["kind"].tolist() == ["pledge", "stake"]


def test_a_sum_says_how_many_of_its_projects_state_an_amount():
    table = projects.summary(projects.listed(rows({}, {"project": "P2", "amount_musd": pd.NA}), DAY, 3), ["state"])
    assert table[["projects", "with_amount", "amount_musd"]].values.tolist() == [[2, 1, 100]]
    none = projects.summary(projects.listed(rows({"amount_musd": pd.NA}), DAY, 3), ["state"])
    assert none["amount_musd"].isna().all()


def test_nothing_is_listed_when_secondary_texts_are_not_admitted():
    assert projects.listed(rows({}), DAY, 2).empty
    assert projects.account(rows({}), DAY, 2)["what"].tolist() == ["of a worse tier than admitted"]


@pytest.mark.parametrize(("status", "since", "group"), [
    ("", "", "not stated"), ("ground broken July 2021", "", "being built"),
    ("ground broken Aug 2017; production from 2019", "2017-08", "operating or completed"),
    ("completed 2024", "2027-01", "not stated"), ("JV to be dissolved: both plants to Ford", "", "joint venture ending"),
])
def test_a_status_falls_in_the_group_its_first_words_say_if_it_was_known(status, since, group):
    assert projects.status_group(status, since, DAY, "projects/projects#L2") == group


def test_an_unknown_status_is_refused_with_its_line():
    with pytest.raises(ValueError, match=r"projects/projects#L2, column status: 'abandoned'.*STATUS_GROUPS"):
        projects.status_group("abandoned", "", DAY, "projects/projects#L2")


def test_every_row_of_the_list_is_counted_or_left_out_with_a_reason(announced):
    for day in (DAY, "2025-09-26", "2016-12-31"):
        table = projects.account(announced, day, 3)
        assert table["rows"].sum() == len(announced) and table["what"].notna().all()
        counted = table.loc[table["what"] == "projects, counted", "rows"].sum()
        assert counted == len(projects.listed(announced, day, 3))


def test_the_real_updates_do_what_their_words_say(announced):
    effects = projects.updates(announced, DAY).set_index("update")["effect"].to_dict()
    assert effects == {"P002": "replaces", "P012": "adds", "P046": "inside", "P036": "superseded"}


def test_sums_by_any_column_agree(announced):
    listed = projects.listed(announced, DAY, 3)
    sums = {by: projects.summary(listed, [by])["amount_musd"].sum() for by in
            ("year", "state", "sector", "mode", "status_group")}
    assert len({round(float(total), 6) for total in sums.values()}) == 1
    assert len(listed) == (announced["kind"] == "project").sum()


def test_rockville_is_an_acquisition_and_no_new_plant(announced):
    listed = projects.listed(announced, DAY, 3)
    place = projects.in_its_place(listed, "Rockville", "GSK").set_index("what")["amount_musd"]
    assert place["the purchase"] == 280 < place["acquisitions in biopharma"]
    bought = projects.acquisitions(listed)
    assert "Rockville" in set(bought["place"]) and bought["amount_musd"].max() == bought["amount_musd"].iloc[0]
    year = projects.announced_by_year(listed).set_index("year")["amount_musd"]
    without = projects.announced_by_year(listed[listed["place"] != "Rockville"]).set_index("year")["amount_musd"]
    assert year["2025"] == without["2025"]
    with pytest.raises(ValueError, match="0 projects in 'Nowhere'"):
        projects.in_its_place(listed, "Nowhere", "GSK")


def test_values_name_the_count_and_the_amount_of_each_year(announced):
    values = Values("n", DAY)
    projects.record(values, projects.listed(announced, DAY, 3), DAY)
    assert values.number("projects.count") == 82
    assert values.number("projects.current.2021") - values.number("projects.announced.2021") == 20_000


def test_values_by_state_and_sector_leave_out_what_is_not_stated(announced):
    values, listed = Values("n", DAY), projects.listed(announced, DAY, 3)
    projects.record(values, listed, DAY)
    states = sum(row["value"] for id, row in values.rows.items() if id.startswith("projects.count_in."))
    assert states == len(listed) - (listed["state"] == "").sum() and values.number("projects.with_korean_share") == 3
    sectors = sum(row["value"] for id, row in values.rows.items() if id.startswith("projects.amount_in."))
    assert sectors == pytest.approx(2 * values.number("projects.amount_in.all")) == pytest.approx(
        2 * float(listed["amount_musd"].sum()))


def plant(**changes) -> pd.DataFrame:
    row = {"facility": "F1", "state": "GA", "parents": "LG Energy Solution", "partner": "",
           "technology": "Batteries: Cells", "announced": "2022-03-20", "amount_musd": 105.0, "tier": 3,
           "ref": "projects/cim_facilities#L2"}
    return pd.DataFrame([row | changes])


@pytest.mark.parametrize(("changes", "listed", "relation"), [
    ({}, {}, "matched"),
    ({"amount_musd": 300.0}, {}, "possible"),
    ({"amount_musd": float("nan")}, {}, "possible"),
    ({"announced": "2022-09-20"}, {}, "possible"),
    ({"announced": "2024-09-20"}, {}, "unmatched"),
    ({"partner": "General Motors", "announced": "2022-08-20"}, {"partner": "General Motors"}, "matched"),
    ({}, {"note": "Opening, not announcement, date."}, "possible"),
])
def test_a_pair_is_matched_when_date_and_amount_fit(changes, listed, relation):
    assert matches.pairs(plant(**changes), rows(listed), DAY)["relation"].tolist() == [relation]


@pytest.mark.parametrize(("changes", "listed"), [
    ({"state": "TN"}, {}), ({"parents": "SK On"}, {}), ({"parents": "LG Chem; Hyundai Mobis"}, {}),
    ({"technology": "Batteries: EAM"}, {}), ({"partner": "Honda"}, {"partner": "Ford"}),
    ({}, {"kind": "pledge"}), ({}, {"mode": "acquisition"}), ({}, {"announced": "2027-01-01"}),
])
def test_another_state_group_technology_or_partner_is_no_pair(changes, listed):
    assert matches.pairs(plant(**changes), rows(listed), DAY).empty


def test_two_projects_that_fit_one_plant_are_not_merged_with_it():
    table = matches.pairs(plant(), rows({}, {"project": "P2", "amount_musd": 110.0}), DAY)
    assert table["relation"].tolist() == ["possible", "possible"]


def test_groups_are_the_first_words_of_the_names():
    assert matches.groups("Hyundai Motor Group; LG Energy Solution") == matches.groups("Hyundai; LG")
    assert matches.groups("HD Hyundai") != matches.groups("Hyundai")


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parent / "data/project_matches.csv")


@pytest.mark.parametrize("day", [DAY, "2025-09-26"])
def test_no_false_merge_among_the_pairs_labelled_by_hand_and_no_match_without_a_label(announced, labels, day):
    plants = matches.facilities(raw.read("projects/cim_facilities"), raw.sources(), day, 3)
    found = matches.pairs(plants, announced, day)
    mine = labels[labels["facility"].isin(plants["facility"])]
    score = matches.scored(found, mine)
    assert score["pairs"] >= 25 and score["precision"] == 1.0 and score["recall"] >= 0.75
    assert (found["relation"] == "matched").sum() == score["matched"]


def test_every_plant_of_one_edition_stands_beside_the_list_once(announced):
    plants = matches.facilities(raw.read("projects/cim_facilities"), raw.sources(), DAY, 3)
    assert plants["vintage"].nunique() == 1 and set(plants["prices"]) == {"constant 2024 USD"}
    table = matches.beside(plants, announced, matches.pairs(plants, announced, DAY))
    assert sorted(table["facility"]) == sorted(plants["facility"])
    assert set(table["relation"]) == {"matched", "possible", "unmatched"}
    assert charts.monitor_data(table)["plants"].sum() == len(plants)
    values = Values("n", DAY)
    matches.record(values, table, DAY)
    parts = [values.number(f"projects.monitor.{name}") for name in ("matched", "possible", "unmatched")]
    assert sum(parts) == values.number("projects.monitor.all") == len(plants)


def test_the_map_has_a_square_for_every_state_and_no_two_share_one(announced):
    assert len(charts.TILES) == 51 == len(set(charts.TILES.values()))
    by_state = projects.summary(projects.listed(announced, DAY, 3), ["state"])
    data = charts.states_data(by_state)
    assert data["projects"].sum() + data["elsewhere"].iloc[0] == 82
    assert charts.states(data).to_dict()["width"] <= 520
    with pytest.raises(ValueError, match=r"\['ZZ'\] have no square"):
        charts.states_data(by_state.assign(state="ZZ"))


def test_the_sector_chart_shows_every_sector(announced):
    listed = projects.listed(announced, DAY, 3)
    data = charts.sectors_data(projects.summary(listed, ["sector", "mode"]))
    assert set(data["sector"]) == set(listed["sector"]) and charts.sectors(data).to_dict()["title"]
