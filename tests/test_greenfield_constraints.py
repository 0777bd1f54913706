"""Published figures become constraints, each once, and what is added tightens without a change of code."""

import re
import time

import pandas as pd
import pytest

from korus import bounds, raw
from korus import greenfield_constraints as gc
from korus.clean.origin import CleaningError

TODAY = "2026-11-22"
HEADER = ["statement", "kind", "measure", "stated", "unit", "printed", "vintage", "source", "note"]
SOURCE = "kexim.koreaonpoint-2025-09"
SAID = [
    ["mean-USA", "mean", "G.USA.2000-2015", "2.6", "billion USD", "averaged about $2.6 billion annually"],
    ["mean-CHN", "mean", "G.CHN.2000-2015", "2.6", "billion USD", "averaged about $2.6 billion annually"],
    ["ratio-2016", "ratio", "G.CHN.2016/G.USA.2016", "38.7", "percent", "just 38.7 percent"],
    ["ratio-2024", "ratio", "G.USA.2024/G.CHN.2024", "9.3", "times", "9.3 times the level"],
]


def table_of(*said: list[str]) -> pd.DataFrame:
    """Raw statements as korus.raw.read gives them."""
    frame = pd.DataFrame([[*row, "2025-09-26", SOURCE, ""] for row in said], columns=HEADER)
    frame.insert(0, "ref", [f"kexim/statements#L{line}" for line in range(2, len(frame) + 2)])
    return frame


@pytest.fixture(scope="module")
def said():
    """The commentary's means and ratios."""
    return gc.stated(table_of(*SAID), raw.sources())


@pytest.fixture(scope="module")
def tables(investment, said):
    """Constraints without (3) and with (4) the commentary."""
    return {tier: gc.constraints(investment, TODAY, tier, said) for tier in (3, 4)}


@pytest.fixture(scope="module")
def found(tables):
    """Intervals without (3) and with (4) the commentary, by target."""
    return {tier: bounds.intervals(table, gc.targets(table)).set_index("target")
            for tier, table in tables.items()}


def figure(value: float, rounding: float = 5.0, **other) -> dict:
    """A row of the investment table."""
    return {"source": "kexim", "series": "overseas direct investment", "investor": "KOR",
            "destination": "USA", "mode": "all", "measure": "invested", "frequency": "A",
            "period": "2024", "industry": "", "state": "", "region": "", "basis": "", "item": "",
            "value_musd": value, "rounding_musd": rounding, "vintage": "2025-03-14", "tier": 2,
            "maturity": "revised", "status": "published", "prices": "current USD",
            "ref": "kexim/reports#L900", **other}


def with_rows(investment: pd.DataFrame, *added: dict) -> pd.DataFrame:
    extra = pd.DataFrame(added)[investment.columns].astype(investment.dtypes.to_dict())
    return pd.concat([investment, extra], ignore_index=True)


def published(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["figure"] != ""]


def asked(table: pd.DataFrame, name: str) -> tuple[float, float]:
    row = bounds.intervals(table, [bounds.Target(name, {name: 1.0})]).iloc[0]
    return row["lower"], row["upper"]


def only(investment: pd.DataFrame, *added: dict) -> pd.DataFrame:
    """Constraints of just these figures."""
    nothing = gc.stated(table_of(), raw.sources())
    return gc.constraints(with_rows(investment.iloc[:0], *added), TODAY, 3, nothing)


# What the figures in hand say.

def test_without_the_commentary_greenfield_lies_between_nothing_and_the_total(found):
    row = found[3].loc["G.USA.2024"]
    assert (row["lower"], row["upper"]) == (0.0, 22415.0)
    assert row["lower_rests_on"] == ("sign: G.USA.2024 ≥ 0",)
    assert row["upper_rests_on"] == ("all USA 2024 (kexim/releases#L3070)", "sign: T.USA.2024 ≥ G.USA.2024")
    assert (found[3].loc["G.CHN/G.USA.2024", ["lower", "upper"]] == [0.0, float("inf")]).all()


def test_the_commentary_s_statements_bound_what_they_speak_of_within_their_rounding(found):
    row = found[4].loc["G.USA.2016"]
    assert (row["lower"], row["upper"]) == pytest.approx((2250 / 0.3875, 2350 / 0.3865))
    assert any("ratio-2016" in name for name in row["lower_rests_on"])
    assert any("kexim/reports#L554" in name for name in row["lower_rests_on"])
    china = found[4].loc["G.CHN.2024"]
    assert (china["lower"], china["upper"]) == pytest.approx((14750 / 9.35, 14850 / 9.25))
    growth = found[4].loc["G.USA.2024/G.USA.2016"]
    assert growth["lower"] == pytest.approx(14750 / 2350 * 0.3865, rel=1e-6)
    assert growth["upper"] == pytest.approx(14850 / 2250 * 0.3875, rel=1e-6)


def test_leaving_out_the_commentary_widens_every_interval_or_leaves_it(found):
    assert list(found[3].index) == list(found[4].index)
    assert (found[3]["lower"] <= found[4]["lower"] + 1e-6).all()
    assert (found[3]["upper"] >= found[4]["upper"] - 1e-6).all()
    names = {name for ids in found[3]["upper_rests_on"] for name in ids}
    assert not any("statements" in name or "#L554" in name or "#L555" in name for name in names)


def test_years_not_held_are_bounded_by_the_totals_since_1968_and_the_half_year(found):
    row = found[3].loc["T.USA.2011"]
    assert row["upper"] == pytest.approx(43775 - 30158.235)      # everything between the two dates
    assert found[3].loc["T.USA.2010", "lower"] == 750.0
    assert found[3].loc["T.USA.2018", "lower"] == 8355.0
    assert found[3].loc["T.USA.2018", "upper"] == 49785 - 3075


def test_each_published_figure_is_used_once_and_carries_words_reference_tier_and_day(tables):
    rows = published(tables[4])
    twice = rows[rows["ref"].duplicated(keep=False)]
    assert set(twice["kind"]) <= {"ratio", "part of total"}
    assert rows[["text", "source", "ref", "vintage"]].ne("").all(axis=None)
    assert set(rows["tier"]) == {2, 3, 4} and set(published(tables[3])["tier"]) == {2, 3}
    assert (tables[4].loc[tables[4]["figure"] == "", "kind"].isin(["identity", "sign"])).all()
    assert not tables[4]["id"].duplicated().any()


def test_reported_amounts_net_flows_and_unstated_bases_are_no_constraints(tables, investment):
    used = " ".join(published(tables[4])["ref"]).split()
    rows = investment[investment["ref"].isin(used) & (investment["source"] == "kexim")]
    assert set(rows["measure"]) == {"invested"} and set(rows["basis"]) == {""}
    assert not any("2016" in text and "world" in text and "greenfield" in text
                   for text in tables[4]["text"])


def test_nothing_published_later_is_used(investment, said):
    table = published(gc.constraints(investment, "2025-06-30", 4, said))
    assert table["vintage"].max() <= "2025-06-30"
    assert not table["kind"].isin(["mean", "ratio"]).any()


def test_all_intervals_of_both_settings_take_less_than_three_seconds(investment, said):
    start = time.process_time()
    for tier in (3, 4):
        table = gc.constraints(investment, TODAY, tier, said)
        bounds.intervals(table, gc.targets(table))
    assert time.process_time() - start < 3


def test_neither_the_order_of_rows_nor_the_unit_changes_an_interval(investment, said, tables, found):
    shuffled = gc.constraints(investment.sample(frac=1, random_state=7), TODAY, 4, said)
    again = bounds.intervals(shuffled, gc.targets(shuffled)).set_index("target")
    pd.testing.assert_frame_equal(again, found[4])
    thousands = tables[4].assign(lower=tables[4]["lower"] * 1000, upper=tables[4]["upper"] * 1000)
    other = bounds.intervals(thousands, gc.targets(tables[4])).set_index("target")
    ratios = found[4].index.str.contains("/")
    for end in ("lower", "upper"):
        pd.testing.assert_series_equal(other.loc[ratios, end], found[4].loc[ratios, end], rtol=1e-6)
        pd.testing.assert_series_equal(other.loc[~ratios, end] / 1000, found[4].loc[~ratios, end], rtol=1e-6)


# What an added figure does.

def test_an_official_figure_by_country_and_mode_is_an_equality_within_its_rounding(investment, said):
    official = figure(14790.0, mode="greenfield")
    table = gc.constraints(with_rows(investment, official), TODAY, 3, said)
    row = bounds.intervals(table, gc.targets(table)).set_index("target").loc["G.USA.2024"]
    assert (row["lower"], row["upper"]) == (14785.0, 14795.0)
    assert row["upper_rests_on"] == ("greenfield USA 2024 (kexim/reports#L900)",)
    share = bounds.intervals(table, gc.targets(table)).set_index("target").loc["G/T.USA.2024"]
    assert (share["lower"], share["upper"]) == pytest.approx((14785 / 22415, 14795 / 22405))


def test_an_official_figure_of_acquisitions_lowers_the_ceiling_of_greenfield(investment, said):
    table = gc.constraints(with_rows(investment, figure(6000.0, mode="acquisition")), TODAY, 3, said)
    assert asked(table, "G.USA.2024") == (0.0, 22415.0 - 5995.0)


def test_an_added_statement_tightens_without_a_change_of_code(investment):
    share = ["share", "ratio", "G.USA.2023/T.USA.2023", "40", "percent", "two fifths"]
    table = gc.constraints(investment, TODAY, 4, gc.stated(table_of(*SAID, share), raw.sources()))
    assert set(table.loc[table["figure"].str.startswith("share"), "kind"]) == {"share"}
    assert asked(table, "G.USA.2023") == pytest.approx((0.395 * 28815, 0.405 * 28825))


def test_a_better_or_later_print_of_a_figure_replaces_the_other(investment):
    later = figure(22500.0, vintage="2025-09-19", ref="kexim/reports#L901")
    press = figure(20000.0, tier=3, vintage="2026-01-31", ref="kexim/reports#L902")
    table = only(investment, figure(22410.0), later, press)
    assert list(published(table)["ref"]) == ["kexim/reports#L901"]


def test_a_year_not_held_is_at_least_the_parts_that_one_vintage_prints(investment):
    parts = [figure(100.0, frequency="C", period="2024Q1/2024Q2", ref="kexim/reports#L901"),
             figure(60.0, frequency="Q", period="2024Q2", ref="kexim/reports#L902"),
             figure(70.0, frequency="Q", period="2024Q3", ref="kexim/reports#L903"),
             figure(500.0, frequency="Q", period="2024Q4", vintage="2025-09-19", ref="kexim/reports#L904")]
    world = figure(900.0, destination="WLD", ref="kexim/reports#L905")
    table = only(investment, *parts, world)
    parts_used = table[table["kind"] == "part of total"].set_index("vintage")
    assert parts_used.loc["2025-03-14", "ref"] == "kexim/reports#L901 kexim/reports#L903"
    assert parts_used.loc["2025-03-14", ["lower", "upper"]].tolist() == [160.0, float("inf")]
    assert asked(table, "T.USA.2024") == (495.0, 905.0)
    assert (only(investment, *parts, world, figure(800.0))["kind"] != "part of total").all()


def test_four_quarters_of_one_vintage_are_the_year(investment):
    quarters = [figure(10.0 * q, 0.5, frequency="Q", period=f"2024Q{q}", ref=f"kexim/reports#L90{q}")
                for q in (1, 2, 3, 4)]
    assert asked(only(investment, *quarters), "T.USA.2024") == (98.0, 102.0)


def test_a_total_up_to_march_counts_all_earlier_years_and_part_of_that_one(investment):
    since = figure(1000.0, frequency="C", period="1968/1970-03", vintage="1970-06-30")
    before = figure(400.0, period="1969", vintage="1970-03-31", ref="kexim/reports#L902")
    year = figure(300.0, period="1970", vintage="1971-03-31", ref="kexim/reports#L901")
    table = only(investment, since, before, year)
    assert asked(table, "T.USA.1968") == (1000 - 5 - 405 - 305, 1000 + 5 - 395)
    quarter = figure(50.0, frequency="Q", period="1970Q1", vintage="1970-06-30", ref="kexim/reports#L903")
    table = only(investment, since, before, quarter)
    assert asked(table, "T.USA.1968") == (1000 - 5 - 405 - 55, 1000 + 5 - 395 - 45)


# Contradictions.

def test_greenfield_above_the_total_is_named_with_the_total_and_nothing_else(investment, said):
    stated = figure(25000.0, 50.0, mode="greenfield", tier=3, vintage="2025-10-01")
    table = gc.constraints(with_rows(investment, stated), TODAY, 3, said)
    with pytest.raises(bounds.Contradiction) as failure:
        bounds.intervals(table, gc.targets(table))
    assert set(failure.value.conflict["ref"]) == {"kexim/reports#L900", "kexim/releases#L3070"}
    words = str(failure.value)
    assert "greenfield outflow to the United States in 2024: 25,000 ± 50 million USD" in words
    assert "outflow to the United States in 2024: 22,410 ± 5 million USD" in words
    assert words.count("\n- ") == 2 and "tier 3" in words and "tier 2" in words


def test_an_official_figure_at_odds_with_the_commentary_is_named_beside_it(investment, said):
    rows = with_rows(investment, figure(12000.0, mode="greenfield"))
    conflict = bounds.smallest_conflict(gc.constraints(rows, TODAY, 4, said))
    assert set(conflict["ref"]) == {"kexim/reports#L900", "kexim/reports#L555"}
    assert bounds.smallest_conflict(gc.constraints(rows, TODAY, 3, said)).empty


def test_a_stated_ratio_at_odds_with_two_official_figures_is_named_with_both(investment, said):
    china = figure(2300.0, 50.0, mode="greenfield", period="2016", destination="CHN",
                   ref="kexim/reports#L901")
    rows = with_rows(investment, figure(8000.0, mode="greenfield", period="2016"), china)
    rows = rows[rows["ref"] != "kexim/reports#L554"]      # the commentary's own value for China
    conflict = bounds.smallest_conflict(gc.constraints(rows, TODAY, 4, said))
    assert set(conflict["ref"]) == {"kexim/reports#L900", "kexim/reports#L901", "kexim/statements#L4"}


# Statements that can not be read.

@pytest.mark.parametrize(("change", "message"), [
    ({"measure": "G.USA.2016"}, r"statements#L2, column measure: 'G\.USA\.2016' is no ratio; write G\.CHN"),
    ({"measure": "G.FRA.2016/G.USA.2016"}, "column measure"),
    ({"measure": "G.CHN.2015-2016/G.USA.2016"}, "years 2015 to 2016 do not suit a ratio"),
    ({"kind": "mean", "measure": "G.USA.2016"}, "years 2016 to 2016 do not suit a mean"),
    ({"kind": "median"}, "column kind: 'median' is none of value, mean, ratio"),
    ({"unit": "billion USD"}, "column unit: 'billion USD' is none of percent, times"),
    ({"stated": "about 38.7"}, "column stated: 'about 38.7' is not a number"),
    ({"stated": ""}, "column stated: no figure"),
])
def test_a_statement_that_can_not_be_read_is_named_by_file_line_and_column(change, message):
    frame = table_of(SAID[2]).assign(**change)
    with pytest.raises(CleaningError, match=message) as failure:
        gc.stated(frame, raw.sources())
    assert re.match("data/raw/kexim/statements#L2, column ", str(failure.value))


def test_an_official_table_is_not_held_against_older_sums_over_its_years(investment, said):
    official = [figure(value, 0.0005, period=str(year), mode=mode, tier=1, vintage="2026-11-20",
                       ref=f"kexim/portal#L{10 * year + line}")
                for year in range(2002, 2007) for line, (mode, value) in enumerate(
                    (("all", 9000.0), ("greenfield", 4000.0), ("acquisition", 5000.0)))]
    before = gc.constraints(investment, TODAY, 3, said)
    table = gc.constraints(with_rows(investment, *official), TODAY, 3, said)
    sums = before[before["kind"] == "cumulative"]
    american = sums["terms"].map(lambda terms: "T.USA.2005" in terms)
    # Sums over other places stay.
    assert american.any() and set(table.loc[table["kind"] == "cumulative", "id"]) == set(sums.loc[~american, "id"])
    rows = bounds.intervals(table, [target for target in gc.targets(table) if target.name == "G.USA.2005"])
    assert rows[["lower", "upper"]].values.tolist() == [[3999.9995, 4000.0005]]
