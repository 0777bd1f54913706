"""The shift of a short series: exact intervals, permutations counted by hand; all data here are simulated."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from korus import investment_checks, investment_effect, investment_text, study_synthetic, synthetic
from korus.estimates import Estimates
from korus.values import Values

QUARTERS = [str(q) for q in pd.period_range("2022Q1", "2025Q2", freq="Q")]
NOISE = np.array([-0.21, -0.04, 0.14, -0.03, 0.55, 0.12, 0.34, 0.03, 0.08, 0.0, -0.5, -0.2, -0.27, -0.01])


def series(y=NOISE, periods=QUARTERS) -> pd.DataFrame:
    """A simulated balance, as `investment_effect.balance` gives it."""
    return pd.DataFrame({"period": periods, "log_ratio": y, "tier": 2, "ref": "kexim/releases#L2"})


def test_a_single_quarter_after_the_date_gets_the_prediction_interval_of_the_textbook():
    found = investment_effect.shift(series(), "2025Q2")
    before = NOISE[:-1]
    error = before.std(ddof=1) * np.sqrt(1 + 1 / 13)
    assert (found.gap, found.error, found.freedom) == pytest.approx((NOISE[-1] - before.mean(), error, 12))
    assert found.upper - found.gap == pytest.approx(error * stats.t.ppf(0.975, 12))
    assert (found.before, found.after) == (13, 1)


def test_two_levels_agree_with_the_two_sample_t_test_of_scipy():
    found = investment_effect.shift(series(), "2022Q3")
    other = stats.ttest_ind(NOISE[2:], NOISE[:2])
    assert found.gap / found.error == pytest.approx(other.statistic, abs=1e-9)
    interval = other.confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high), abs=1e-9)


@pytest.mark.parametrize("terms", [{"trend": True}, {"seasons": True}, {"trend": True, "seasons": True}])
def test_further_terms_agree_with_least_squares(terms):
    found = investment_effect.shift(series(), "2024Q3", **terms)
    x = investment_effect.covariates(QUARTERS, terms.get("trend", False), terms.get("seasons", False))
    x = np.column_stack([x, np.array(QUARTERS) >= "2024Q3"])
    beta, rest, rank, _ = np.linalg.lstsq(x, NOISE, rcond=None)
    variance = rest[0] / (14 - rank) * np.linalg.inv(x.T @ x)[-1, -1]
    assert (found.gap, found.error) == pytest.approx((beta[-1], np.sqrt(variance)), rel=1e-9)


def test_assumed_persistence_is_generalised_least_squares():
    found = investment_effect.shift(series(), "2024Q3", persistence=0.5)
    inverse = np.linalg.inv(0.5 ** np.abs(np.subtract.outer(np.arange(14), np.arange(14))).astype(float))
    x = np.column_stack([np.ones(14), np.array(QUARTERS) >= "2024Q3"])
    beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ NOISE)
    assert found.gap == pytest.approx(beta[-1]) and found.arrangements == 0 and np.isnan(found.p_permutation)


def test_the_permutation_p_is_the_share_of_arrangements_counted_one_by_one():
    found = investment_effect.shift(series(), "2025Q1")
    size = abs(NOISE[-2:].mean() - NOISE[:-2].mean())
    shares = [abs(NOISE[list(pair)].mean() - np.delete(NOISE, list(pair)).mean()) >= size - 1e-12
              for pair in itertools.combinations(range(14), 2)]
    assert found.p_permutation == pytest.approx(np.mean(shares)) and found.arrangements == 91
    alone = investment_effect.shift(series(), "2025Q2")
    assert alone.arrangements == 14 and alone.p_permutation >= 1 / 14


def test_the_detectable_effect_is_found_in_four_of_five_cases():
    found = investment_effect.shift(series(), "2024Q3")
    limit, size = stats.t.ppf(0.975, found.freedom), found.mde / found.error
    power = stats.nct.sf(limit, found.freedom, size) + stats.nct.cdf(-limit, found.freedom, size)
    assert power == pytest.approx(0.8, abs=1e-4)


def test_order_units_and_a_constant_change_no_answer():
    expected = investment_effect.shift(series(), "2024Q2", trend=True)
    other = investment_effect.shift(series(NOISE + 4.2).sample(frac=1, random_state=2), "2024Q2", trend=True)
    for name in ("gap", "error", "mde", "p_permutation", "lower", "neighbours"):
        assert getattr(other, name) == pytest.approx(getattr(expected, name), abs=1e-9), name
    turned = investment_effect.shift(series(-NOISE), "2024Q2", trend=True)
    assert (turned.gap, turned.error) == pytest.approx((-expected.gap, expected.error))


@pytest.mark.parametrize(("frame", "date", "more", "message"), [
    (series(), "2025Q3", {}, "nothing is held from 2025Q3"),
    (series(), "2022Q1", {}, "nothing is held before 2022Q1"),
    (series(NOISE[:5], QUARTERS[:5]), "2023Q1", {}, "5 observations, and 2 coefficients"),
    (series(np.r_[np.zeros(13), 1.0]), "2025Q2", {}, "does not vary around the model"),
    (series(np.r_[NOISE[:-1], np.nan]), "2025Q2", {}, "no number for 2025Q2"),
    (pd.concat([series(), series().tail(1)]), "2025Q2", {}, "a period has two values"),
    (series(), "2025Q2", {"persistence": 1.0}, "persistence 1.0 is not at least 0 and below 1"),
    (series(NOISE[:8], [f"{y}Q1" for y in range(2017, 2023)] + ["2022Q2", "2023Q2"]), "2022Q2", {"seasons": True},
     "can not be told from the other terms"),
])
def test_what_can_not_be_estimated_is_refused_with_the_reason(frame, date, more, message):
    with pytest.raises(investment_effect.EffectError, match=message):
        investment_effect.shift(frame, date, **more)


def outflow(destination, period, value, **more) -> dict:
    """A simulated row of the investment table."""
    return {"source": "kexim", "series": "s", "investor": "KOR", "destination": destination, "region": "",
            "mode": "all", "measure": "invested", "frequency": "Q", "period": period, "industry": "", "state": "",
            "item": "", "basis": "", "value_musd": value, "rounding_musd": 5.0,
            "vintage": "2025-09-19", "maturity": "preliminary", "tier": 2,
            "status": "published", "ref": "kexim/releases#L2"} | more


def investment() -> pd.DataFrame:
    """Simulated outflows: the balance is NOISE, regions are large or small."""
    rows = []
    for quarter, noise in zip(QUARTERS, NOISE, strict=True):
        american = 6000 * np.exp(noise)
        rows += [outflow("USA", quarter, american), outflow("WLD", quarter, 6000 + american)]
        for place, (region, size) in enumerate((("아시아", 3000), ("유럽", 2000), ("중남미", 900), ("중동", 20))):
            wave = 1 + 0.1 * np.sin(len(rows) * (place + 1.7))
            rows.append(outflow("", quarter, size * wave, region=region))
        rows.append(outflow("", quarter, american + 500 * (1 + 0.2 * np.cos(len(rows))), region="북미"))
    frame = pd.DataFrame(rows)
    return frame.assign(ref=[f"kexim/releases#L{line + 2}" for line in range(len(frame))])


def test_the_balance_takes_the_united_states_out_of_the_world():
    table = investment()
    found = investment_checks.series_of(table, "2026-11-22", 3)
    assert found["log_ratio"].to_numpy() == pytest.approx(NOISE)
    assert found["rest_musd"].to_numpy() == pytest.approx(np.full(14, 6000.0))
    again = investment_checks.series_of(table.sample(frac=1, random_state=1), "2026-11-22", 3)
    assert again["log_ratio"].to_numpy() == pytest.approx(NOISE)
    assert investment_checks.series_of(table, "2024-01-01", 3).empty
    amounts = table[table["region"] == ""]
    with pytest.raises(investment_effect.EffectError, match="two amounts: select one vintage"):
        investment_effect.balance(pd.concat([amounts, amounts.tail(1)]))
    with pytest.raises(investment_effect.EffectError, match="is not positive"):
        investment_effect.balance(amounts.assign(value_musd=100.0))


def test_regions_too_small_for_the_rounding_are_no_donors_and_north_america_goes_without_the_united_states():
    wide = investment_checks.regions(investment(), "2026-11-22", 3)
    assert list(wide.columns) == ["Asia", "Europe", "Latin America", "North America less the United States", "USA"]
    assert wide["North America less the United States"].max() < 700
    assert isinstance(investment_checks.pool(wide), synthetic.Effect)
    assert investment_checks.pool(wide[["USA", "Asia"]]) is None


def test_the_slope_before_the_acts_is_that_of_a_straight_line_and_needs_six_observations():
    rows = [outflow(place, f"{year}Q{quarter}", value) for year in (2020, 2021) for quarter in (1, 2, 3, 4)
            for place, value in (("USA", 100 * np.exp(0.2 * (year - 2020 + (quarter - 1) / 4))),
                                 ("WLD", 100 + 100 * np.exp(0.2 * (year - 2020 + (quarter - 1) / 4))))]
    found = investment_checks.slopes_before(pd.DataFrame(rows), "2026-11-22", 3)
    assert found["question"].tolist() == ["acts"] and found["period"].tolist() == ["2020Q1/2021Q4"]
    values = Values("x", "2026-11-22")
    investment_text.record_slopes(values, found)
    assert values.number("effects.investment.acts.slope_before") == pytest.approx(100 * np.expm1(0.2), abs=1e-5)
    assert investment_checks.slopes_before(pd.DataFrame(rows[:10]), "2026-11-22", 3).empty


def test_every_choice_is_recorded_and_those_without_figures_say_why_or_are_left_out():
    compared = investment_checks.compared(investment(), "2026-11-22", 3)
    assert not compared["id"].str.startswith("press").any()
    years = compared[compared["question"] == "years"]
    assert years["shift"].isna().all() and years["refused"].str.contains("nothing is held").all()
    values, estimates = Values("45_investment", "2026-11-22"), Estimates("45_investment", "a question")
    investment_text.record(values, compared)
    investment_text.record_estimates(estimates, compared)
    row = values.row("effects.investment.gap.2025Q2")
    assert row["lower"] < row["value"] < row["upper"] and values.number("effects.investment.mde") > 0
    assert list(values.rows)[0] == "effects.investment.mde"       # before any estimate
    frame = estimates.frame()
    assert (frame["role"] == "main").sum() == 2 and frame["lower"].le(frame["estimate"]).all()
    nothing = investment_checks.compared(investment().iloc[:0], "2026-11-22", 3)
    assert nothing["shift"].isna().all() and investment_text.could_be_found(nothing).empty


@pytest.mark.parametrize("date", ["2025Q2", "2022Q3"])
def test_the_interval_covers_in_95_of_a_hundred_series_of_this_length(date):
    """Length, dates and scatter as in the report; errors independent and normal."""
    simulated = study_synthetic.Quarters(series(), date)
    table = pd.DataFrame(simulated.trial("normal", 1500)).set_index("question")
    covered = table.loc["coverage, Student's interval (main)", "rate"]
    assert 0.935 <= covered <= 0.965
    assert table.loc["found at the minimum detectable effect", "rate"] == pytest.approx(0.8, abs=0.035)
    row = table.loc["permutation test finds what is not there"]
    assert abs(row["rate"] - row["target"]) < 4 * row["mc_se"]
