"""The gap and its explanations, on made-up laws with known answers (synthetic) and on the real tables."""

import numpy as np
import pandas as pd
import pytest

from korus import baskets, benchmark, decomposition, gap, raw, statutory, statutory_text, tracker
from korus import rate_path as paths
from korus.clean import law as clean_law
from korus.clean import measures as clean_measures
from korus.values import Values

PATH = pd.DataFrame({
    "day": ["2024-01-01", "2025-04-11"] * 2, "authority": "all", "goods": "placed",
    "metal": ["open", "open", "none", "none"], "lower_pct": [0.0, 10.0, 0.0, 10.0],
    "upper_pct": [1.0, 20.0, 1.0, 15.0]})


def collected(**rates: float) -> pd.DataFrame:
    """Korea's collected rates by month (written 2025_04 with a leading m)."""
    return pd.DataFrame({"partner": "KOR", "month": [name[1:].replace("_", "-") for name in rates],
                         "rate_pct": list(rates.values()), "tier": 1, "ref": "census/imports_monthly#L2"})


def test_the_gap_of_a_month_is_the_mean_law_of_its_days_less_what_was_collected():
    months = gap.by_month(PATH, collected(m2025_03=0.4, m2025_04=5.0), "2025-03").set_index("month")
    assert months.loc["2025-03", ["gap_lower", "gap_upper"]].tolist() == pytest.approx([-0.4, 0.6])
    # Twenty of thirty days at 10 to 20, ten at 0 to 1.
    assert months.loc["2025-04", ["lower_pct", "upper_pct"]].tolist() == pytest.approx([200 / 30, 410 / 30])
    assert months.at["2025-04", "bare_pct"] == pytest.approx(310 / 30)


def test_months_outside_the_law_are_named_with_their_side():
    months = gap.by_month(PATH, collected(m2025_02=2.0, m2025_03=0.5, m2025_04=5.0), "2025-02")
    found = gap.outside(months)
    assert found.values.tolist() == [["2025-02", "above", pytest.approx(1.0)],
                                     ["2025-04", "below", pytest.approx(200 / 30 - 5)]]


@pytest.mark.parametrize(("rate", "lag"), [(200 / 30, 0), (7.0, 0), (190 / 30, 1), (5.0, 5), (0.0, 20)])
def test_the_lag_is_the_least_number_of_days_that_brings_the_law_down_to_what_was_collected(rate, lag):
    assert gap.lag_needed(PATH, "2025-04", rate) == lag


def test_a_rate_below_any_lagged_law_has_no_lag():
    assert gap.lag_needed(PATH.assign(lower_pct=5.0), "2025-04", 1.0) is None


CODES = np.array(["10101000", "10102000", "20101000"])


def test_the_mean_of_headings_takes_subheadings_for_themselves_and_the_rest_at_its_extremes():
    amounts = pd.Series({"1010": 100.0, "101010": 60.0, "2010": 100.0})
    low, high = gap.placed_means(CODES, amounts, np.array([10.0, 0, 5]), np.array([20.0, 0, 7]))
    assert (low, high) == pytest.approx(((60 * 10 + 100 * 5) / 200, (60 * 20 + 100 * 7) / 200))


def made_up_law(early: float, late: float) -> paths.Law:
    """Two measures on two lines: 1010 pays `early` and from March 2025 `late`, 2010 pays nothing."""
    lines = pd.DataFrame({"hs": ["10100000", "20100000"], "general_pct": 4.0, "korus_pct": 0.0, "sectors": "aaa"})
    groups = pd.DataFrame({"group": ["g"], "code": ["1010"], "whole": True, "first": None, "last": None})
    rules = pd.DataFrame([
        {"measure": "m", "effective": "2025-01-01", "until": "2025-02-28", "rate_pct": early},
        {"measure": "m", "effective": "2025-03-01", "until": "9999-12-31", "rate_pct": late}]).assign(
        group="g", role="covers", extent="whole", layer="section 232", order=1, basis="additive",
        authority="Section 232", ref="policy/rules#L2", ref_measure="policy/measures_coded#L2")
    rates = {name: statutory.rates(lines, groups, rules, "2025-01-01", "2025-12-31") for name in ("open", "none")}
    held = baskets.basket(lines, pd.DataFrame({"code": ["aaa"], "value_usd": [1e9]}),
                          pd.DataFrame({"code": [], "value_usd": []}),
                          pd.DataFrame({"code": ["1010", "2010"], "amount_usd": [50e6, 150e6]}))
    return paths.Law(lines, groups, rules, rules, {"placed": held, "sectors": held}, 3, "hs/x#L2", rates)


SPANS = pd.DataFrame({"regime": ["one", "two"], "first": ["2025-01-01", "2025-11-01"],
                      "last": ["2025-02-28", "2025-12-31"], "rate_pct": [10.0, 4.0]})


@pytest.mark.parametrize(("late_rate", "late_goods", "law", "goods"), [
    (40.0, 50.0, 0.0, 0.0), (20.0, 50.0, -5.0, 0.0), (40.0, 0.0, 0.0, -10.0), (20.0, 0.0, -2.5, -7.5)])
def test_a_change_splits_into_law_and_goods_and_the_rest_closes_it(late_rate, late_goods, law, goods):
    windows = {gap.EARLY: pd.Series({"1010": 50.0, "2010": 150.0}),
               gap.LATE: pd.Series({"1010": late_goods, "2010": 150.0 if late_goods else 200.0})}
    row = decomposition.between(made_up_law(40.0, late_rate), SPANS, windows).iloc[0]
    assert (row["law_least"], row["law_most"]) == pytest.approx((law, law))
    assert (row["goods_least"], row["goods_most"]) == pytest.approx((goods, goods))
    assert row["change_pp"] == pytest.approx(-6.0)
    assert row["rest_least"] == pytest.approx(-6.0 - law - goods)


def test_within_one_window_the_change_of_goods_is_not_seen():
    spans = SPANS.assign(first=["2025-01-01", "2025-03-01"], last=["2025-02-28", "2025-06-30"])
    windows = {gap.EARLY: pd.Series({"1010": 50.0}), gap.LATE: pd.Series({"1010": 10.0})}
    row = decomposition.between(made_up_law(40.0, 20.0), spans, windows).iloc[0]
    assert np.isnan(row["goods_least"]) and row["law_least"] == pytest.approx(-20.0)


def test_the_agreement_saves_the_base_under_an_additive_duty():
    worth = paths.preference(made_up_law(40.0, 20.0), "2025-12-31")
    assert worth[["lower_pp", "upper_pp"]].to_numpy() == pytest.approx(4.0)


def test_the_path_of_a_closed_law_is_a_point_by_day_and_month():
    table = paths.path(made_up_law(40.0, 20.0))
    days = paths.by_day(table, "2025-02-27", "2025-03-02")
    assert days["day"].tolist() == ["2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02"]
    assert days["lower_pct"].tolist() == days["upper_pct"].tolist() == pytest.approx([10, 10, 5, 5])
    months = paths.whole_months(paths.by_day(table, "2025-02-10", "2025-03-31"))
    assert months["month"].tolist() == ["2025-03"]


def test_nothing_is_open_in_a_closed_law():
    assert paths.why_open(made_up_law(40.0, 20.0), "2025-02-01")["width_pp"].tolist() == pytest.approx([0, 0, 0])


def test_what_is_open_is_recorded_by_reason_for_every_day_and_for_today():
    values = Values("30_statutory", "2025-12-31")
    statutory_text.record_open(values, made_up_law(40.0, 20.0), [("2025-02-01", "metals")], "2025-12-31")
    assert {(id, row["value"], row["period"]) for id, row in values.rows.items()} == {
        (f"tariffs.statutory_open.KOR.{reason}.{name}", 0.0, day) for reason in ("sector", "line", "metal")
        for name, day in (("2025-02-01", "2025-02-01"), ("latest", "2025-12-31"))}
    none = Values("30_statutory", "2025-12-31")
    statutory_text.record_open(none, None, [], "2025-12-31")
    assert none.rows == {}


def test_a_list_of_a_worse_tier_than_admitted_leaves_no_law():
    tables = {"tariff_groups": pd.DataFrame({"tier": [2, 3]})}
    assert paths.law_known(tables.__getitem__, "2026-11-22", 2) is None
    assert paths.path(None).empty and paths.preference(None, "2026-11-22").empty


def test_imports_on_the_year_need_every_month_of_both_years():
    months = pd.DataFrame({"partner": "KOR", "month": [str(p) for p in pd.period_range("2024-01", "2025-03", freq="M")],
                           "consumption_usd": [10.0] * 12 + [11.0] * 3})
    assert gap.change_on_year(months, "2025-01", "2025-03") == pytest.approx(10.0)
    assert gap.change_on_year(months.drop(index=1), "2025-01", "2025-03") is None


# ---- The other coding ----------------------------------------------------------------------------

MEASURES = pd.DataFrame({
    "measure": ["car", "car", "steel", "letter"], "effective": ["2025-04-03", "2025-11-01", "2018-05-01", "2025-08-01"],
    "until": ["2025-10-31", None, None, None], "rate_pct": [25.0, 15.0, 0.0, 25.0],
    "basis": ["additive", "inclusive", "quota", "additive"],
    "status": ["superseded", "in force", "in force", "announced"], "ref": "policy/measures_coded#L2"})
NAMES = pd.DataFrame({"authority": "s232", "name": ["autos", "steel", "letter"], "measure": ["car", "steel", "letter"]})
CODED = pd.DataFrame({"policy_effective_date": ["2025-05-01", "2025-11-01", "2025-11-14", "2025-12-05"],
                      "authority": "s232", "name": "autos", "rate": ["0.25", "0.25", "0.25", "0.15"],
                      "ref": [f"benchmarks/tracker_korea_rates#L{n}" for n in range(2, 6)]})
LEDGER = pd.DataFrame({"authority": ["s232"], "name": ["autos"], "first": ["2025-11-01"], "verdict": ["ours"],
                       "reason": ["retroactive"], "source": ["s"], "ref": ["policy/tracker_disagreements#L2"]})


def test_a_run_of_dates_coded_otherwise_is_one_disagreement():
    rows = tracker.side_by_side(CODED, NAMES, MEASURES)
    assert rows["agrees"].tolist() == [True, False, False, True]
    found = tracker.disagreements(rows)
    assert found[["name", "ours_pct", "theirs_pct", "first", "last", "dates"]].values.tolist() == [
        ["autos", 15.0, 25.0, "2025-11-01", "2025-11-14", 2]]


def test_a_quota_and_an_announcement_are_no_rates():
    assert set(tracker.side_by_side(CODED, NAMES, MEASURES)["name"]) == {"autos"}


def test_a_disagreement_the_ledger_does_not_know_stops_and_is_named():
    with pytest.raises(tracker.LedgerProblem, match="s232 autos from 2025-11-01: we have 15.0, the tracker 25.0"):
        tracker.compared(CODED, NAMES, LEDGER.iloc[:0], MEASURES)


def test_a_ledger_row_without_a_disagreement_stops_and_is_named():
    mended = CODED.assign(rate=["0.25", "0.15", "0.15", "0.15"])
    with pytest.raises(tracker.LedgerProblem, match=r"tracker_disagreements#L2: s232 autos from 2025-11-01 no longer"):
        tracker.compared(mended, NAMES, LEDGER, MEASURES)


def test_a_name_we_do_not_know_stops_and_is_named():
    with pytest.raises(tracker.LedgerProblem, match="s232 ships.*tracker_names"):
        tracker.compared(CODED.assign(name="ships"), NAMES, LEDGER, MEASURES)


def test_the_real_coding_agrees_or_is_in_the_ledger():
    coded = clean_measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))
    rows, found = tracker.compared(raw.read("benchmarks/tracker_korea_rates"), raw.read("policy/tracker_names"),
                                   raw.read("policy/tracker_disagreements"), coded)
    assert len(rows) > 380 and rows["agrees"].mean() > 0.9
    assert set(found["verdict"]) <= {"ours", "theirs", "open"}


@pytest.fixture(scope="module")
def rules():
    """The real rules with their measures."""
    coded = clean_measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))
    return statutory.applied(clean_law.tables(coded)["tariff_rules"], clean_measures.known_by(coded, "2026-11-22"))


def rate_of(rules: pd.DataFrame, measure: str, day: str) -> list[float]:
    now = rules[(rules["measure"] == measure) & (rules["effective"] <= day) & (day <= rules["until"])]
    return sorted(set(now["rate_pct"]))


@pytest.mark.parametrize(("difference", "measure", "day", "ours", "theirs"), [
    ("deal", "s232.cars", "2025-11-15", [15.0], [25.0]), ("deal", "s232.cars", "2025-12-05", [15.0], [15.0]),
    ("deal", "s232.trucks", "2025-11-15", [25.0], [25.0]),
    ("aluminium", "s232.aluminium", "2025-01-15", [10.0], []),
    ("aluminium", "s232.aluminium", "2025-03-12", [25.0], [25.0]),
    ("ruling", "ieepa.reciprocal", "2026-02-20", [15.0], []),
    ("ruling", "ieepa.reciprocal", "2026-02-19", [15.0], [15.0]),
    ("section-301", "s301.forced-labour", "2026-08-01", [12.5], []),
])
def test_a_known_difference_changes_what_it_says_and_nothing_else(rules, difference, measure, day, ours, theirs):
    assert rate_of(rules, measure, day) == ours
    assert rate_of(benchmark.otherwise(rules, difference), measure, day) == theirs


def test_under_the_other_dating_no_day_is_without_a_car_duty_or_under_two(rules):
    changed = benchmark.otherwise(rules, "deal")
    for day in ("2025-10-31", "2025-11-01", "2025-12-04", "2025-12-05"):
        assert len(rate_of(changed, "s232.cars", day)) == 1 == len(rate_of(changed, "ieepa.reciprocal", day))


def test_an_unknown_difference_is_refused(rules):
    with pytest.raises(ValueError, match="'weather' is none of deal"):
        benchmark.otherwise(rules, "weather")
