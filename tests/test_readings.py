"""A stated share times a published total is an amount, and an amount can be refuted by what it is part of."""

import pandas as pd
import pytest

from korus import feasibility, greenfield, raw, readings
from korus.charts import mirror as charts
from korus.clean.places import Places
from korus.greenfield import NEW_FDI
from korus.values import Values

DAY = "2025-07-11"
NOTHING = pd.DataFrame(columns=["year", "amount_musd", "tier", "ref"])


def figures(*rows: tuple) -> pd.DataFrame:
    """BEA rows of 2023: (mode, measure, billion, [investor, region, vintage, tier])."""
    table = []
    for n, (mode, measure, billion, *rest) in enumerate(rows):
        investor, region, vintage, tier = [*rest, *["WLD", "", DAY, 2][len(rest):]]
        table.append({
            "series": NEW_FDI, "investor": investor, "region": region, "industry": "", "state": "",
            "status": "published", "mode": mode, "measure": measure, "period": "2023", "vintage": vintage,
            "tier": tier, "value_musd": 1000.0 * billion, "rounding_musd": 50.0, "ref": f"bea/new_fdi#L{n + 2}"})
    return pd.DataFrame(table)


def relations(*rows: dict) -> pd.DataFrame:
    same = {"year": "2024", "investor": "KOR", "region": "", "mode": "all", "kind": "change_pct", "lower": -90.5,
            "upper": -89.5, "vintage": DAY, "tier": 3, "ref": "bea/new_fdi#L90"}
    return pd.DataFrame([same | row for row in rows], columns=list(same))


def total(rows: pd.DataFrame, reading: str = "first_year", related=None) -> pd.Series:
    table = readings.denominators(rows, relations() if related is None else related, "2025-12-31", 4)
    return table[table["reading"] == reading].iloc[0]


def test_greenfield_lies_in_every_route_to_it_at_once():
    rows = figures(("established", "first_year", 3.8), ("expanded", "first_year", 4.4),
                   ("all", "first_year", 177.5), ("acquisition", "first_year", 169.4))
    row = total(rows)
    assert (row["total_lower_musd"], row["total_upper_musd"]) == (8_100, 8_200)
    printed = total(pd.concat([rows, figures(("greenfield", "first_year", 8.1)).assign(ref="x#L99")]))
    assert (printed["total_lower_musd"], printed["total_upper_musd"]) == (8_100, 8_150)


def test_planned_greenfield_is_the_planned_total_less_first_year_acquisitions():
    row = total(figures(("all", "planned", 255.1), ("acquisition", "first_year", 169.4)), "planned")
    assert row["total_lower_musd"] == pytest.approx(85_600) and row["total_upper_musd"] == pytest.approx(85_800)
    assert row["ref"].split() == ["bea/new_fdi#L2", "bea/new_fdi#L3"]


def test_a_print_that_contradicts_a_better_one_is_put_aside_and_named():
    row = total(figures(("all", "first_year", 10.0), ("all", "first_year", 12.0, "WLD", "", DAY, 3)),
                "all_first_year")
    assert (row["total_lower_musd"], row["put_aside"]) == (9_950, "bea/new_fdi#L3")


def test_a_revised_year_follows_from_the_change_to_the_next():
    change = relations({"year": "2023", "investor": "WLD", "mode": "greenfield", "kind": "change_musd",
                        "lower": -738.5, "upper": -737.5})
    table = readings.denominators(figures(("greenfield", "first_year", 12.4)), change, "2025-12-31", 4)
    row = table[table["year"] == "2022"].iloc[0]
    assert (row["total_lower_musd"], row["total_upper_musd"], row["tier"]) == (13_087.5, 13_188.5, 3)


@pytest.fixture()
def shares() -> pd.DataFrame:
    claims = pd.DataFrame({
        "claim": ["a", "b"], "metric": [readings.SHARE_METRIC, "record high share"], "unit": "percent",
        "stated_value": ["24", "record"], "period": "2023", "ref": ["claims/claims#L24", "claims/claims#L25"]})
    return readings.stated_shares(claims)


def judged(shares, rows, related=None, **other):
    related = relations() if related is None else related
    totals = readings.denominators(rows, related, "2025-12-31", 4)
    amounts = readings.implied(shares, totals)
    outflow = other.get("outflow", pd.DataFrame(columns=["period", "vintage"]))
    limits = feasibility.bounds(rows, related, totals, outflow, other.get("announced", NOTHING), "2025-12-31", 4)
    results = feasibility.tested(amounts, limits)
    return feasibility.verdicts(amounts, results).set_index("reading"), results, totals, limits


def test_the_shares_are_read_from_the_claims_with_the_rounding_of_the_statement(shares):
    assert shares[["year", "share_pct", "lower_pct", "upper_pct"]].values.tolist() == [["2023", 24, 23.5, 24.5]]


def test_the_implied_amount_carries_the_rounding_of_share_and_total(shares):
    table, *_ = judged(shares, figures(("greenfield", "first_year", 10.0)))
    row = table.loc["first_year"]
    assert row["value_musd"] == pytest.approx(2_400)
    assert (row["lower_musd"], row["upper_musd"]) == pytest.approx((0.235 * 9_950, 0.245 * 10_050))
    assert table.loc["planned", "verdict"] == "no total held"


def test_an_amount_above_koreas_total_is_infeasible_and_one_below_it_feasible(shares):
    rows = figures(("greenfield", "first_year", 12.4), ("all", "first_year", 150.0),
                   ("all", "first_year", 5.0, "KOR"))
    table, *_ = judged(shares, rows)
    assert table.loc["first_year", ["verdict", "by"]].tolist() == ["feasible", "korea_total"]
    assert table.loc["all_first_year", ["verdict", "by"]].tolist() == ["infeasible", "korea_total"]
    assert "bea/new_fdi#L4" in table.loc["all_first_year", "ref"]


def test_a_bound_above_the_total_of_all_countries_decides_nothing(shares):
    rows = figures(("greenfield", "first_year", 12.4), ("all", "first_year", 30.0, "KOR"))
    table, results, *_ = judged(shares, rows)
    assert table.loc["first_year", "verdict"] == "not testable"
    assert results.loc[results["test"] == "korea_total", "outcome"].tolist() == ["can not fail"]


def test_last_years_level_follows_from_this_years_and_the_fall(shares):
    rows = figures(("all", "first_year", 0.562, "KOR")).assign(period="2024", rounding_musd=0.5)
    limits = judged(shares, rows, relations({}))[3]
    row = limits[(limits["year"] == "2023") & (limits["test"] == "korea_total")].iloc[0]
    assert (row["bound_lower_musd"], row["bound_upper_musd"]) == pytest.approx((561.5 / 0.105, 562.5 / 0.095))
    assert row["bound_ref"].split() == ["bea/new_fdi#L2", "bea/new_fdi#L90"] and row["bound_tier"] == 3


def test_europe_and_others_printed_bound_what_is_left_for_korea(shares):
    rows = figures(("all", "first_year", 100.0), ("all", "first_year", 60.0, "", "Europe"),
                   ("all", "first_year", 30.0, "CAN"))
    limits = judged(shares, rows)[3]
    row = limits[limits["test"] == "rest_of_world"].iloc[0]
    assert (row["bound_lower_musd"], row["bound_upper_musd"]) == pytest.approx((9_850, 10_150))


def test_planned_amounts_are_bounded_by_the_first_year_and_everybodys_later_spending(shares):
    rows = figures(("all", "planned", 170.0), ("all", "first_year", 150.0), ("acquisition", "first_year", 140.0),
                   ("all", "first_year", 5.0, "KOR"))
    table, *_ = judged(shares, rows)
    assert table.loc["all_planned", ["verdict", "by"]].tolist() == ["infeasible", "later_spending"]
    assert table.loc["planned", ["verdict", "by"]].tolist() == ["feasible", "later_spending"]


def test_another_concept_never_refutes(shares):
    small = pd.DataFrame({"year": ["2023"], "amount_musd": [1.0], "tier": [3], "ref": ["projects/projects#L2"]})
    table, *_ = judged(shares, figures(("greenfield", "first_year", 12.4)), announced=small)
    assert table.loc["first_year", ["verdict", "beyond"]].tolist() == ["not testable", "announced"]


@pytest.fixture(scope="module")
def held(investment):
    """The tables of the report as of a day and a worst tier."""
    places = Places(raw.read("reference/countries"), raw.read("reference/regions"))
    days = raw.read("bea/release_days")
    days = days[days["resource"] == "bea.new_fdi"]

    def of(as_of: str = "2026-11-22", max_tier: int = 3, **other):
        related = readings.relations(raw.read("bea/new_fdi"), raw.sources(),
                                     dict(zip(days["vintage"], days["released"], strict=True)), places, as_of,
                                     max_tier, **other)
        totals = readings.denominators(investment, related, as_of, max_tier)
        amounts = readings.implied(readings.stated_shares(raw.read("claims/claims")), totals)
        limits = feasibility.bounds(investment, related, totals,
                                    greenfield.outflows(investment, as_of, max_tier), NOTHING, as_of, max_tier)
        table = feasibility.verdicts(amounts, feasibility.tested(amounts, limits))
        return table, totals, limits

    return of


def verdict(table: pd.DataFrame, year: str, reading: str) -> set[str]:
    return set(table.loc[(table["year"] == year) & (table["reading"] == reading), "verdict"])


def test_of_the_real_shares_the_one_of_all_new_investment_is_refuted_and_greenfield_is_not(held):
    table, *_ = held()
    assert verdict(table, "2022", "all_first_year") == verdict(table, "2023", "all_first_year") == {"infeasible"}
    assert verdict(table, "2023", "first_year") == {"feasible"}
    assert verdict(table, "2022", "first_year") == verdict(table, "2022", "planned") == {"not testable"}


def test_no_refutation_hangs_on_whether_the_text_rounded_ninety_to_the_nearest_ten(held):
    fine, coarse = held()[0], held(percent_slack=5.0)[0]
    assert (fine["verdict"] == "infeasible").tolist() == (coarse["verdict"] == "infeasible").tolist()
    assert verdict(coarse, "2023", "first_year") == {"feasible"}


def test_without_secondary_texts_koreas_total_is_not_held_and_the_reading_not_testable(held):
    table, *_ = held(max_tier=2)
    assert verdict(table, "2023", "first_year") == {"not testable"}


def test_before_the_release_the_later_vintages_are_unknown(held):
    table, *_ = held(as_of="2024-06-30")
    assert verdict(table, "2023", "first_year") == {"no total held"}
    assert set(table.loc[table["year"] == "2022", "vintage"].dropna()) == {"2023-07-31"}


def test_states_and_industries_do_not_pass_for_the_whole(held, investment):
    _, totals, limits = held()
    assert not limits.duplicated(["year", "test"]).any() and not totals.duplicated(["year", "reading", "vintage"]).any()


def test_the_ceilings_of_other_years_take_both_terms_from_one_release(held):
    _, totals, limits = held()
    table = feasibility.share_ceilings(totals, limits).set_index("year")["ceiling_pct"]
    assert table["2021"] == pytest.approx(100 * 650 / 3350) and table["2024"] == pytest.approx(100 * 562.5 / 8050)
    assert "2020" not in table.index


def test_the_implied_amounts_are_recorded_once_per_year_and_reading_with_bounds(held):
    values = Values("n", "2026-11-22")
    feasibility.record_implied(values, held()[0])
    frame = values.frame().set_index("id")
    assert set(frame.index) == {f"greenfield.bea.implied_korea.{year}.{reading}" for year in ("2022", "2023")
                                for reading in ("first_year", "planned")}
    assert (frame["lower"] < frame["value"]).all() and (frame["value"] < frame["upper"]).all()


def test_verdicts_are_recorded_as_one_or_zero_and_not_at_all_where_no_test_could_fail(held):
    table, totals, limits = held()
    results = feasibility.tested(table, limits)
    values = Values("n", "2026-11-22")
    feasibility.record_verdicts(values, table, results, feasibility.share_ceilings(totals, limits))
    known = {id: row["value"] for id, row in values.rows.items()}
    assert known["greenfield.stated_share.KOR.2022"] == 38 and known["greenfield.stated_share.KOR.2023"] == 24
    assert known["greenfield.bea.feasible.2023.first_year"] == 1 and known["greenfield.bea.feasible.2023.all_first_year"] == 0
    assert "greenfield.bea.feasible.2022.first_year" not in known and known["greenfield.bea.tests.2022.first_year"] == 0
    assert known["greenfield.bea.ceiling.2021"] == pytest.approx(100 * 650 / 3350, abs=1e-5)


def test_tests_are_named_in_words():
    named = feasibility.in_words(pd.Series(["", "korea_total, asia_total"]))
    assert named.tolist() == ["", "Korea's total, Asia's total"] and set(feasibility.NAMES) == set(feasibility.TESTS)


def test_the_order_of_the_rows_does_not_matter(held, investment, shares):
    rows = figures(("established", "first_year", 3.8), ("expanded", "first_year", 4.4),
                   ("all", "first_year", 177.5), ("acquisition", "first_year", 169.4))
    pd.testing.assert_frame_equal(judged(shares, rows)[0], judged(shares, rows.iloc[::-1])[0])


def test_the_chart_of_readings_shows_every_row_with_an_amount(held):
    table, *_ = held()
    data = charts.readings_data(table)
    assert len(data) == table["value_musd"].notna().sum() and charts.readings(data).to_dict()["title"]
