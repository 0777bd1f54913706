"""One place chooses a vintage: the best tier, then the latest figure published by a day."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus import raw, selection
from korus.clean import structure

DAYS = ["2024-06-21", "2024-09-13", "2025-03-14", "2025-06-20", "2025-09-19"]
KEYS = ["place", "period"]


@st.composite
def tables(draw):
    """Rows of two places and two years in several vintages, tiers and roundings, each with its line."""
    lines = draw(st.lists(st.integers(2, 30), unique=True, max_size=14))
    return pd.DataFrame(
        [{"place": draw(st.sampled_from(["USA", "CHN"])), "period": draw(st.sampled_from(["2023", "2024"])),
          "vintage": draw(st.sampled_from(DAYS)), "tier": draw(st.integers(1, 4)),
          "rounding_musd": draw(st.sampled_from([5.0, 50.0, float("nan")])),
          "ref": f"kexim/releases#L{line}"} for line in lines],
        columns=[*KEYS, "vintage", "tier", "rounding_musd", "ref"],
    )


AS_OF = st.dates(dt.date(2024, 6, 1), dt.date(2025, 10, 31)).map(str)
TIER = st.integers(1, 4)


@given(tables(), AS_OF, TIER)
def test_no_row_was_published_later_and_none_is_of_a_worse_tier_than_admitted(table, as_of, tier):
    chosen = selection.select(table, KEYS, as_of, tier)
    assert (chosen["vintage"] <= as_of).all() and (chosen["tier"] <= tier).all()


@given(tables(), AS_OF, TIER)
def test_each_figure_known_by_then_is_chosen_once_and_no_worse_than_any_other_known(table, as_of, tier):
    known = selection.known_by(table, as_of, tier)
    chosen = selection.select(table, KEYS, as_of, tier)
    assert not chosen.duplicated(KEYS).any()
    assert set(map(tuple, chosen[KEYS].to_numpy())) == set(map(tuple, known[KEYS].to_numpy()))
    for row in chosen.itertuples():
        rivals = known[(known["place"] == row.place) & (known["period"] == row.period)]
        best = rivals[rivals["tier"] == rivals["tier"].min()]
        assert row.tier == rivals["tier"].min()
        assert row.vintage == best["vintage"].max()
        same_day = best[best["vintage"] == row.vintage]["rounding_musd"].fillna(1e9)
        assert pd.Series([row.rounding_musd]).fillna(1e9)[0] == same_day.min()


@given(tables(), AS_OF, AS_OF)
def test_a_later_day_never_gives_an_older_vintage_within_a_tier_nor_a_worse_tier(table, one, other):
    earlier, later = (selection.select(table, KEYS, day).set_index(KEYS) for day in sorted([one, other]))
    assert set(earlier.index) <= set(later.index)
    for key, before in earlier.iterrows():
        now = later.loc[key]
        assert now["tier"] <= before["tier"]
        assert now["tier"] < before["tier"] or now["vintage"] >= before["vintage"]


@given(tables(), AS_OF, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(table, as_of, random):
    order = list(range(len(table)))
    random.shuffle(order)
    chosen = selection.select(table, KEYS, as_of)
    shuffled = selection.select(table.iloc[order], KEYS, as_of)
    assert sorted(chosen["ref"]) == sorted(shuffled["ref"])
    assert list(shuffled["ref"]) == [ref for ref in table.iloc[order]["ref"] if ref in set(chosen["ref"])]


@given(tables(), AS_OF, TIER)
def test_choosing_again_changes_nothing_and_rows_stay_as_they_were(table, as_of, tier):
    chosen = selection.select(table, KEYS, as_of, tier)
    pd.testing.assert_frame_equal(selection.select(chosen, KEYS, as_of, tier), chosen)
    pd.testing.assert_frame_equal(table[table["ref"].isin(chosen["ref"])], chosen)


@given(tables(), AS_OF)
def test_tables_put_below_each_other_with_repeated_row_numbers_are_chosen_from_alike(table, as_of):
    double = table.assign(place="not " + table["place"], ref=table["ref"].str.replace("eases", "orts"))
    stacked = pd.concat([table, double])
    assert len(selection.select(stacked, KEYS, as_of)) == 2 * len(selection.select(table, KEYS, as_of))


def rows(*changes: dict) -> pd.DataFrame:
    """Rows of one figure with something changed in each."""
    same = {"place": "USA", "period": "2024", "vintage": "2025-03-14", "tier": 2, "rounding_musd": 5.0}
    return pd.DataFrame([same | {"ref": f"kexim/releases#L{n + 2}"} | c for n, c in enumerate(changes)])


@pytest.mark.parametrize(("one", "other", "why"), [
    ({"rounding_musd": 50.0}, {}, "the more precise of two prints of one day"),
    ({"rounding_musd": float("nan")}, {"rounding_musd": 50.0}, "a suppressed cell only if nothing else is"),
    ({"ref": "kexim/releases#L10"}, {"ref": "kexim/releases#L9"}, "the first line, counted as a number"),
    ({"tier": 3, "vintage": "2025-09-19"}, {}, "a better tier though older"),
    ({}, {"vintage": "2025-06-20"}, "the later vintage of one tier"),
])
def test_of_two_prints_the_second_is_taken(one, other, why):
    table = rows(one, other)
    assert selection.select(table, KEYS, "2025-09-26")["ref"].tolist() == [table["ref"][1]], why


def test_the_day_may_be_a_date_or_text_and_counts_itself():
    table = rows({"vintage": "2025-09-26"})
    assert len(selection.select(table, KEYS, dt.date(2025, 9, 26))) == 1
    assert len(selection.select(table, KEYS, "2025-09-25")) == 0


def annual(investment: pd.DataFrame, as_of: str, destination: str, max_tier: int = 4) -> dict[str, float]:
    """Korea's annual investment in a country, gross, all modes and industries, by year."""
    chosen = selection.selected("investment", investment, as_of, max_tier)
    chosen = chosen[
        (chosen["source"] == "kexim") & (chosen["destination"] == destination) & (chosen["mode"] == "all")
        & (chosen["measure"] == "invested") & (chosen["frequency"] == "A") & (chosen["industry"] == "")
        & (chosen["basis"] == "")
    ]
    assert not chosen["period"].duplicated().any()
    return dict(zip(chosen["period"], chosen["value_musd"], strict=True))


def test_the_latest_release_gives_the_published_totals_to_the_united_states_and_china(investment):
    for as_of in ("2025-09-26", "2026-11-22"):
        usa = annual(investment, as_of, "USA", max_tier=2)
        assert [usa[year] for year in ("2022", "2023", "2024")] == [29_820, 28_820, 22_410]
        assert annual(investment, as_of, "CHN")["2024"] == 1_810


def test_earlier_days_see_the_figures_of_their_own_release(investment):
    assert [annual(investment, day, "USA")["2023"] for day in (
        "2024-03-31", "2024-06-20", "2024-06-21", "2024-09-12", "2024-09-13", "2025-09-18", "2025-09-19",
    )] == [27_720, 27_700, 27_840, 27_840, 28_040, 27_990, 28_820]


def test_the_commentary_knew_no_total_of_2025_and_today_does(investment):
    known = selection.known_by(investment, "2025-09-26")
    assert not ((known["frequency"] == "A") & (known["period"] >= "2025")).any()
    assert annual(investment, "2026-11-22", "USA")["2025"] == 25_300
    assert annual(investment, "2026-11-22", "WLD")["2025"] == 71_880


def test_the_census_snapshot_of_october_2026_was_not_known_to_the_commentary(monthly, bilateral):
    assert selection.selected("trade_monthly", monthly, "2025-09-26").empty
    assert selection.selected("bilateral_trade", bilateral, "2025-09-26").empty
    assert not selection.selected("trade_monthly", monthly, "2026-11-22").empty


def test_no_contract_table_gives_two_figures_for_one_key(investment, monthly, bilateral):
    imports = structure.world_imports(
        raw.read("world/merchandise_imports"), raw.read("world/import_shares"), raw.sources())
    for name, table in {"investment": investment, "trade_monthly": monthly, "bilateral_trade": bilateral,
                        "world_imports": imports}.items():
        chosen = selection.selected(name, table, "2026-11-22")
        assert len(chosen) and not chosen.duplicated(selection.KEYS[name]).any()
