"""Months go to the regime of most of their days; sums of twelve months and ended advantages are exact."""

import pandas as pd
import pytest

from korus import raw, regimes, tariffs
from korus.clean import measures as clean_measures
from korus.clean.origin import CleaningError
from korus.values import Values

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def measures() -> pd.DataFrame:
    """The real table of measures."""
    return clean_measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))


def law(*rows: tuple) -> pd.DataFrame:
    """Measures from (measure, effective, published, status)."""
    return pd.DataFrame(rows, columns=["measure", "effective", "published", "status"]).assign(until=None)


def division(*rows: tuple) -> pd.DataFrame:
    """A table like policy/regimes from (regime, measure, effective)."""
    frame = pd.DataFrame(rows, columns=["regime", "measure", "effective"])
    refs = [f"policy/regimes#L{line}" for line in range(2, len(frame) + 2)]
    return frame.assign(title=frame["regime"].str.upper(), ref=refs)


def spans(*days: str) -> pd.DataFrame:
    """Regimes r1, r2 … that begin on these days."""
    names = [(f"r{n}", f"m{n}", day) for n, day in enumerate(days, start=1)]
    return regimes.spans(division(*names), law(*[(m, day, None, "in force") for _, m, day in names]), DAY)


def of_month(days: tuple, month: str) -> tuple[str, bool]:
    """The regime of a month, and whether it is mixed."""
    row = regimes.months(spans(*days), month).iloc[-1]
    return row["regime"], row["mixed"]


def rates(partner: str, months: list[str], value: float = 100.0, duty: float = 5.0) -> pd.DataFrame:
    """Months of one partner with the same value and duty."""
    return pd.DataFrame({
        "month": months, "partner": partner, "general_usd": value, "consumption_usd": value, "duty_usd": duty,
        "rate_pct": 100 * duty / value, "vintage": "2026-10-06", "tier": 1,
        "ref": [f"census/imports_monthly#{partner}{month}" for month in months]})


def months_between(first: str, last: str) -> list[str]:
    return [str(period) for period in pd.period_range(first, last, freq="M")]


# ---- Spans ---------------------------------------------------------------------------------------


def test_the_real_regimes_are_all_known_today_and_follow_one_another_without_a_day_between(measures):
    held = regimes.spans(raw.read("policy/regimes"), measures, DAY)
    assert held["regime"].tolist() == ["before", *raw.read("policy/regimes")["regime"]]
    assert held["first"].iloc[0] == "2017-01-01" and held["last"].iloc[-1] is None
    next_day = pd.to_datetime(held["last"].iloc[:-1]) + pd.Timedelta(days=1)
    assert next_day.dt.strftime("%Y-%m-%d").tolist() == held["first"].iloc[1:].tolist()


def test_a_reader_of_september_2025_knows_no_later_regime_and_the_one_in_force_has_no_end(measures):
    held = regimes.spans(raw.read("policy/regimes"), measures, "2025-09-26")
    assert held["regime"].tolist() == ["before", "metals-25", "reciprocal-10", "reciprocal-15"]
    assert held["last"].iloc[-1] is None


def test_a_regime_is_known_from_the_day_its_measure_was_published_not_from_the_day_it_began():
    table = division(("deal", "cars", "2025-11-01"))
    coded = law(("cars", "2025-11-01", "2025-12-04", "in force"))
    assert len(regimes.spans(table, coded, "2025-12-03")) == 1
    assert len(regimes.spans(table, coded, "2025-12-04")) == 2


def test_regimes_out_of_order_in_the_table_are_put_in_order():
    table = division(("later", "b", "2025-08-07"), ("earlier", "a", "2025-04-05"))
    coded = law(("a", "2025-04-05", None, "in force"), ("b", "2025-08-07", None, "in force"))
    held = regimes.spans(table, coded, DAY)
    assert held["regime"].tolist() == ["before", "earlier", "later"]
    assert held["last"].tolist() == ["2025-04-04", "2025-08-06", None]


@pytest.mark.parametrize("row, said", [
    (("x", "no-such", "2025-04-05"), "no measure 'no-such' applied from effective 2025-04-05"),
    (("x", "a", "2025-04-06"), "no measure 'a' applied from effective 2025-04-06"),
    (("x", "threat", "2026-01-26"), "no measure 'threat' applied from effective 2026-01-26"),
    (("x", "old", "2012-03-31"), "effective 2012-03-31 is not after 2017-01-01"),
    (("x", "b", "2025-03-12"), "effective 2025-03-12 is the first day of another regime too"),
])
def test_a_regime_without_its_measure_is_refused_naming_file_row_and_field(row, said):
    coded = law(("a", "2025-04-05", None, "in force"), ("m", "2025-03-12", None, "in force"),
                ("b", "2025-03-12", None, "in force"), ("old", "2012-03-31", None, "in force"),
                ("threat", "2026-01-26", None, "announced"))
    with pytest.raises(CleaningError) as failure:
        regimes.spans(division(("first", "m", "2025-03-12"), row), coded, "2020-01-01")
    assert f"data/raw/policy/regimes#L3: {said}" in str(failure.value)


# ---- Months --------------------------------------------------------------------------------------


@pytest.mark.parametrize("day, month, regime", [
    ("2025-02-15", "2025-02", "before"),  # 14 days each: the month stays with the one it began under
    ("2025-02-14", "2025-02", "r1"),
    ("2024-02-15", "2024-02", "r1"),  # a leap year: 14 days against 15
    ("2025-04-16", "2025-04", "before"),  # 15 each
    ("2025-03-17", "2025-03", "before"),
    ("2025-03-16", "2025-03", "r1"),
    ("2025-03-31", "2025-03", "before"),
    ("2025-03-02", "2025-03", "r1"),
])
def test_a_month_with_a_change_inside_is_mixed_and_goes_to_the_regime_of_most_of_its_days(day, month, regime):
    assert of_month((day,), month) == (regime, True)


def test_a_change_on_the_first_of_a_month_mixes_neither_month():
    assert of_month(("2025-11-01",), "2025-10") == ("before", False)
    assert of_month(("2025-11-01",), "2025-11") == ("r1", False)


def test_three_regimes_in_one_month_leave_it_to_the_longest():
    assert of_month(("2025-03-11", "2025-03-22"), "2025-03") == ("r1", True)


# ---- Rates by regime -----------------------------------------------------------------------------


def test_the_rate_of_a_regime_is_its_duty_over_its_value_and_not_a_mean_of_months():
    held = pd.concat([rates("KOR", months_between("2017-01", "2025-02")),
                      rates("KOR", ["2025-03"], 300.0, 30.0), rates("KOR", ["2025-04"], 100.0, 50.0)])
    summary = regimes.rates_by_regime(held, spans("2025-03-12"), ["KOR"]).set_index("regime")
    counted = ["months", "mixed", "first_month", "last_month"]
    assert summary.loc["r1", counted].tolist() == [2, 1, "2025-03", "2025-04"]
    assert summary.loc["r1", "rate_pct"] == pytest.approx(20)
    assert summary.loc["before", ["months", "mixed"]].tolist() == [98, 0]


def test_a_partner_that_lacks_a_month_of_a_regime_has_no_rate_in_it_and_the_others_keep_theirs():
    everything = months_between("2017-01", "2025-05")
    held = pd.concat([rates("KOR", everything), rates("JPN", [m for m in everything if m != "2025-04"])])
    summary = regimes.rates_by_regime(held, spans("2025-03-12"), ["KOR", "JPN", "DEU"])
    assert list(zip(summary["regime"], summary["partner"], strict=True)) == [
        ("before", "KOR"), ("before", "JPN"), ("r1", "KOR")]


def test_a_regime_of_which_no_month_is_held_is_listed_without_figures():
    held = rates("KOR", months_between("2017-01", "2025-02"))
    summary = regimes.rates_by_regime(held, spans("2025-03-12"), ["KOR", "WLD"])
    shown = regimes.table(spans("2025-03-12"), summary)
    assert shown["regime"].tolist() == [regimes.BEFORE["title"], "R1"]
    assert pd.isna(shown["Korea, %"].iloc[1]) and pd.isna(shown["all countries, %"].iloc[0])


def test_without_any_rates_the_regimes_are_listed_and_nothing_is_recorded():
    summary = regimes.rates_by_regime(rates("KOR", []), spans("2025-03-12"), ["KOR", "WLD"])
    values = Values("31_tariffs", DAY)
    regimes.record(values, summary)
    assert values.rows == {} and len(regimes.table(spans("2025-03-12"), summary)) == 2
    assert regimes.by_partner(spans("2025-03-12"), summary, ["KOR"]).empty


def test_a_value_of_a_regime_names_its_months_and_every_row_it_rests_on():
    held = rates("KOR", months_between("2017-01", "2025-03"))
    values = Values("31_tariffs", DAY)
    regimes.record(values, regimes.rates_by_regime(held, spans("2025-03-12"), ["KOR"]))
    before, one = (values.rows[f"tariffs.collected_rate.KOR.regime.{name}"] for name in ("before", "r1"))
    assert (before["period"], len(before["refs"].split())) == ("2017-01/2025-02", 98)
    assert (one["period"], one["refs"]) == ("2025-03", "census/imports_monthly#KOR2025-03")


def test_the_regimes_share_out_every_month_and_dollar_of_korea(monthly, measures):
    held = tariffs.rates(monthly, DAY, 3)
    summary = regimes.rates_by_regime(held, regimes.spans(raw.read("policy/regimes"), measures, DAY), ["KOR"])
    korea = held[held["partner"] == "KOR"]
    assert summary["months"].sum() == len(korea) == 116
    assert summary["duty_usd"].sum() == float(korea["duty_usd"].sum())
    march = summary.set_index("regime").loc["metals-25"]
    assert (march["first_month"], march["last_month"], march["mixed"]) == ("2025-03", "2025-03", 1)


# ---- Twelve months -------------------------------------------------------------------------------


def test_twelve_months_need_twelve_that_follow_one_another():
    months = months_between("2024-01", "2025-03")
    assert tariffs.rolling(rates("KOR", months), ["KOR"])["month"].tolist() == [
        "2024-12", "2025-01", "2025-02", "2025-03"]
    assert tariffs.rolling(rates("KOR", months[:11]), ["KOR"]).empty
    with_a_gap = [m for m in months if m != "2024-02"]
    assert tariffs.rolling(rates("KOR", with_a_gap), ["KOR"])["month"].tolist() == ["2025-02", "2025-03"]
    assert tariffs.rolling(rates("KOR", months), ["JPN"]).empty


def test_a_rate_over_twelve_months_is_sum_over_sum_and_names_its_first_and_last_month():
    held = pd.concat([rates("KOR", months_between("2024-02", "2024-12")),
                      rates("KOR", ["2025-01"], 900.0, 145.0)])
    values = Values("31_tariffs", DAY)
    tariffs.record_rolling(values, tariffs.rolling(held.sample(frac=1, random_state=1), ["KOR"]))
    row = values.rows["tariffs.collected_rate_12m.KOR.2025-01"]
    assert (row["value"], row["period"]) == (pytest.approx(10), "2024-02/2025-01")
    assert len(row["refs"].split()) == 12


def test_the_twelve_months_to_december_are_the_year(monthly):
    held = tariffs.rates(monthly, DAY, 3)
    rolling = tariffs.rolling(held, ["KOR"]).set_index("month")["rate_pct"]
    year = tariffs.yearly_table(held, ["KOR"]).set_index("year")["KOR"]
    assert rolling["2024-12"] == pytest.approx(year["2024"]) and len(rolling) == 105


def test_the_duty_bill_is_the_duty_of_whole_years_and_of_the_part_year(monthly):
    values = Values("31_tariffs", DAY)
    tariffs.record_rates(values, tariffs.rates(monthly, DAY, 3))
    bills = {id.removeprefix("tariffs.duty_bill.KOR."): row for id, row in values.rows.items()
             if id.startswith("tariffs.duty_bill.")}
    assert list(bills) == [str(year) for year in range(2017, 2026)] + ["2026-01/2026-08"]
    for period, row in bills.items():
        assert row["value"] == values.rows[f"trade.duty.KOR.{period}"]["value"]


# ---- Where the advantage ended -------------------------------------------------------------------


def rival(name: str, year: float, *later: float) -> pd.DataFrame:
    """A rival's rates: one through 2024, then one by month from January 2025; value 100 throughout."""
    months = [rates(name, [f"2025-{n:02}"], duty=duty) for n, duty in enumerate(later, start=1)]
    return pd.concat([rates(name, months_between("2024-01", "2024-12"), duty=year), *months])


def fate(*later: float, year: float = 8.0, korea: float = 5.0) -> dict:
    """What became of the advantage over a rival; Korea pays 5 per cent in every month of 2025."""
    held = pd.concat([rival("KOR", korea, *[5.0] * len(later)), rival("JPN", year, *later)])
    return tariffs.advantage(held, ["JPN"]).iloc[0].to_dict()


def test_an_advantage_ends_in_the_first_month_korea_is_not_below_even_by_nothing():
    found = fate(8.0, 5.0, 4.0)
    assert (found["base_pp"], found["ended"], found["ended_pp"]) == (-3.0, "2025-02", 0.0)
    assert (found["back"], found["since"], found["below"], found["months"]) == (None, "2025-02", 1, 3)
    assert (found["latest"], found["latest_pp"]) == ("2025-03", 1.0)


def test_an_advantage_that_came_back_and_went_again_shows_both():
    found = fate(8.0, 4.0, 6.0, 7.0, 4.0)
    assert (found["ended"], found["back"], found["since"]) == ("2025-02", "2025-03", "2025-05")
    assert found["below"] == 3
    found = fate(4.0, 6.0, 4.0, 6.0)
    assert (found["ended"], found["back"], found["since"]) == ("2025-01", "2025-02", "2025-04")


def test_an_advantage_that_never_ended_and_one_that_never_was_have_no_end():
    kept = fate(8.0, 9.0)
    assert kept["ended"] is None and (kept["below"], kept["since"]) == (2, "2025-01")
    never = fate(4.0, 4.0, year=5.0)
    assert never["base_pp"] == 0 and never["ended"] is None and never["back"] is None
    values = Values("31_tariffs", DAY)
    held = pd.concat([rival("KOR", 5.0, 5.0, 5.0), rival("JPN", 8.0, 9.0, 9.0), rival("DEU", 8.0, 9.0, 4.0)])
    tariffs.record_advantage(values, held, tariffs.advantage(held, ["JPN", "DEU"]))
    assert set(values.rows) == {"tariffs.advantage.KOR-JPN.2024", "tariffs.advantage.KOR-DEU.2024",
                                "tariffs.advantage_ended.KOR-DEU"}
    row = values.rows["tariffs.advantage_ended.KOR-DEU"]
    assert (row["value"], row["period"], row["unit"]) == (1.0, "2025-02", "percentage points")
    assert row["refs"] == "census/imports_monthly#KOR2025-02 census/imports_monthly#DEU2025-02"


def test_a_rival_whose_2024_is_not_whole_or_that_is_not_held_has_no_row():
    held = pd.concat([rival("KOR", 5.0, 5.0), rival("JPN", 8.0, 4.0).iloc[1:]])
    assert tariffs.advantage(held, ["JPN", "DEU"]).empty
    assert tariffs.advantage_table(tariffs.advantage(held.iloc[:0], ["JPN"])).empty


def test_the_table_says_how_korea_stands_now():
    held = pd.concat([rival("KOR", 5.0, 5.0, 5.0), rival("JPN", 8.0, 9.0, 9.0), rival("DEU", 8.0, 9.0, 4.0),
                      rival("CAN", 4.0, 4.0, 4.0), rival("MEX", 8.0, 4.0, 9.0)])
    shown = tariffs.advantage_table(tariffs.advantage(held, ["JPN", "DEU", "CAN", "MEX"]))
    assert shown["Korea now"].tolist() == [
        "below throughout", "not below since 2025-02", "not below throughout", "below since 2025-02"]
