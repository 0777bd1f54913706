"""The break in a short series with gaps: tests and sets that hold at the sample size in hand."""

import numpy as np
import pandas as pd
import pytest

from korus import break_checks, breaks, study
from korus.values import Values

YEARS = np.array([1992, 2000, 2001, *range(2013, 2018), *range(2019, 2025)])
# Scatter and break of about the size found in the series of the report.
SERIES = np.array([-0.92, -1.14, 0.14, -0.12, -0.62, -0.85, -1.41, -1.64, -1.0, -1.29, -1.43, -1.51,
                   -2.72, -2.52])
DRAWS = 999


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_f_and_segment_means_agree_with_least_squares_partition_by_partition():
    found = breaks.sup_f(SERIES, YEARS)
    n = len(SERIES)
    constant = np.ones((n, 1))
    none = np.linalg.lstsq(constant, SERIES, rcond=None)[1][0]
    for row, cut in zip(found.path.itertuples(), range(2, n - 1)):
        after = (np.arange(n) >= cut).astype(float)
        beta, residual, *_ = np.linalg.lstsq(np.column_stack([constant, after]), SERIES, rcond=None)
        assert row.f == pytest.approx((none - residual[0]) / (residual[0] / (n - 2)), rel=1e-9)
        assert (row.mean_before, row.mean_after) == pytest.approx((beta[0], beta.sum()), rel=1e-9)
        assert row.residual_ss == pytest.approx(residual[0], rel=1e-9)
    assert found.statistic == found.path["f"].max()


def test_wild_p_value_is_the_share_over_all_sign_patterns_counted_one_by_one():
    y, years = SERIES[-8:], YEARS[-8:]

    def largest(values):
        return max((values.var() * 8 - rest) / rest for k in range(2, 7)
                   for rest in [values[:k].var() * k + values[k:].var() * (8 - k)])

    deviation = y - y.mean()
    signs = [[1 - 2 * (code >> bit & 1) for bit in range(8)] for code in range(2**8)]
    share = np.mean([largest(deviation * row) >= largest(y) * (1 - 1e-9) for row in signs])
    found = breaks.sup_f(y, years)
    assert found.exact and found.p_value == pytest.approx(share, abs=1e-12)


def test_two_breaks_agree_with_least_squares_over_all_pairs():
    row = break_checks.two_breaks(SERIES, YEARS).iloc[0]
    n = len(SERIES)

    def rest(*cuts):
        x = np.column_stack([np.ones(n), *[(np.arange(n) >= cut) for cut in cuts]]).astype(float)
        return np.linalg.lstsq(x, SERIES, rcond=None)[1][0]

    pairs = {(a, b): rest(a, b) for a in range(2, n - 3) for b in range(a + 2, n - 1)}
    best = min(pairs, key=pairs.get)
    one = min(rest(cut) for cut in range(2, n - 1))
    assert row["f"] == pytest.approx((one - pairs[best]) / (pairs[best] / (n - 3)), rel=1e-9)
    assert (row["first"], row["second"]) == (str(YEARS[best[0]]), str(YEARS[best[1]]))


def test_posterior_agrees_with_integration_over_means_and_scatter():
    y, years = SERIES[-6:], YEARS[-6:]
    means = np.linspace(-8, 5, 521)
    scatter = np.exp(np.linspace(-6, 3, 241))
    mass = []
    for cut in (2, 3, 4):
        part = [sum((value - means[:, None]) ** 2 for value in half) for half in (y[:cut], y[cut:])]
        likelihood = [np.exp(-squares / (2 * scatter**2)).sum(axis=0) for squares in part]
        mass.append((likelihood[0] * likelihood[1] * scatter ** -6.0).sum())
    expected = np.array(mass) / sum(mass)
    found = break_checks.posterior(y, years)["probability"].to_numpy()
    assert found == pytest.approx(expected, abs=2e-3)
    assert found.sum() == pytest.approx(1)


def test_the_exact_set_has_the_distribution_of_residuals_turned_at_random(rng):
    """Residuals in a random direction keep both means and the residual sum of squares."""
    form = breaks.design(YEARS)
    data = SERIES - SERIES.mean()
    i = 4
    fitted, residual = breaks.at_partition(data, form, i)
    for method in ("normal", "permutation"):
        drawn = fitted + breaks._noise(residual, form, i, method, rng, 50)[0]
        cut = form.cuts[i]
        assert drawn[:, :cut].mean(axis=1) == pytest.approx(np.full(50, data[:cut].mean()))
        assert drawn[:, cut:].mean(axis=1) == pytest.approx(np.full(50, data[cut:].mean()))
        assert ((drawn - fitted) ** 2).sum(axis=1) == pytest.approx(np.full(50, residual @ residual))


def test_generalised_least_squares_weighs_years_by_the_time_between_them():
    rho = 0.5
    form = breaks.design(YEARS, persistence=rho)
    inverse = np.linalg.inv(rho ** np.abs(YEARS[:, None] - YEARS).astype(float))
    f, residual = breaks.f_path(breaks.checked(SERIES, form), form)
    for cut, found in zip(form.cuts, residual):
        x = np.column_stack([np.ones(14), np.arange(14) >= cut]).astype(float)
        beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ SERIES)
        assert found == pytest.approx((SERIES - x @ beta) @ inverse @ (SERIES - x @ beta), rel=1e-9)


def answers(y, years=YEARS):
    """Everything that must not depend on units or labels, with one seed."""
    found = breaks.confidence_set(y, years, rng=np.random.default_rng(3), draws=DRAWS)
    test = breaks.sup_f(y, years)
    double = break_checks.two_breaks(y, years).drop(columns=["mean_1", "mean_2", "mean_3"])
    return {
        "f": test.path["f"].to_numpy(), "p": test.p_value, "set": found.spans, "estimate": found.estimate,
        "posterior": break_checks.posterior(y, years)["probability"].to_numpy(),
        "two": double[["f", "p_value"]].to_numpy()[0],
        "pair": double[["first", "second"]].to_numpy().tolist(),
    }


@pytest.mark.parametrize("change", [lambda y: y + 6.9, lambda y: -y, lambda y: y / np.log(10)],
                         ids=["another unit", "the ratio turned round", "another logarithm"])
def test_units_and_labels_change_no_answer(change):
    one, other = answers(SERIES), answers(change(SERIES))
    for name, value in one.items():
        if isinstance(value, (str, list)):
            assert other[name] == value, name
        else:
            assert other[name] == pytest.approx(value, rel=1e-8), name


def annual(rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["destination", "period", "value_musd", "tier"])
    return table.assign(ref=[f"kexim/reports#L{line}" for line in range(2, len(rows) + 2)])


ROWS = [("USA", "2016", 13550.0, 3), ("CHN", "2016", 3300.0, 2), ("CHN", "2001", 466.0, 3),
        ("USA", "2001", 406.0, 2), ("USA", "2025", 25300.0, 3), ("WLD", "2016", 39000.0, 3)]


def test_the_balance_takes_years_with_both_amounts_whatever_the_order_of_rows():
    table = annual(ROWS)
    found = breaks.balance(table)
    assert found["year"].tolist() == [2001, 2016]
    assert found["log_ratio"].tolist() == pytest.approx([np.log(466 / 406), np.log(3300 / 13550)])
    assert found["tier"].tolist() == [3, 3]
    assert found["ref"].iloc[1] == "kexim/reports#L3 kexim/reports#L2"
    pd.testing.assert_frame_equal(breaks.balance(table.iloc[::-1]), found)


def test_the_balance_refuses_two_amounts_of_a_year_and_amounts_without_logarithm():
    with pytest.raises(breaks.BreakError, match="USA 2016 has two amounts: select one vintage"):
        breaks.balance(annual([*ROWS, ("USA", "2016", 12900.0, 3)]))
    with pytest.raises(breaks.BreakError, match="kexim/reports#L8: -5.0 million USD has no logarithm"):
        breaks.balance(annual([*ROWS, ("CHN", "2025", -5.0, 3)]))


def test_a_break_in_a_gap_is_named_by_every_year_it_may_be(rng):
    found = breaks.sup_f(SERIES, YEARS).path
    assert found["span"].tolist()[:3] == ["2001", "2002–2013", "2014"]
    assert found["span"].tolist()[6] == "2018–2019"
    y = np.where(YEARS < 2005, 0.0, -2.0) + 0.01 * np.cos(YEARS * 1.7)
    chosen = breaks.confidence_set(y, YEARS, rng=rng, draws=DRAWS)
    assert chosen.spans == ["2002–2013"] and chosen.estimate == "2002–2013"
    assert chosen.contains(2007) and chosen.contains(2013) and not chosen.contains(2016)
    assert not chosen.no_break_compatible


def test_noise_leaves_no_break_compatible_and_almost_every_year_in_the_set(rng):
    y = np.array([0.1, -0.2, 0.15, -0.1, 0.2, -0.15, 0.05, -0.05, 0.1, -0.2, 0.2, -0.1, 0.1, -0.1])
    chosen = breaks.confidence_set(y, YEARS, rng=rng, draws=DRAWS)
    assert chosen.no_break_compatible and len(chosen.spans) > 8


def test_a_large_break_without_scatter_is_found_and_has_no_posterior(rng):
    y = np.where(YEARS < 2016, 1.0, -1.0)
    chosen = breaks.confidence_set(y, YEARS, rng=rng, draws=DRAWS)
    assert chosen.spans == ["2016"] and breaks.sup_f(y, YEARS).p_value == 2 / 2**13
    with pytest.raises(breaks.BreakError, match="without any scatter"):
        break_checks.posterior(y, YEARS)


def test_a_year_left_out_and_a_shorter_stretch_give_what_the_shorter_series_gives(rng):
    table = break_checks.leave_one_out(SERIES, YEARS, rng=rng, asked=2016, draws=199)
    assert table["left_out"].tolist() == YEARS.tolist()
    without = YEARS != 2015
    alone = breaks.sup_f(SERIES[without], YEARS[without])
    row = table[table["left_out"] == 2015].iloc[0]
    assert (row["f"], row["p_value"]) == (alone.statistic, alone.p_value)
    assert "2015–2016" in row["set"].split(", ") and row["contains"]
    stretches = break_checks.gap_effect(SERIES, YEARS, rng=rng, asked=2016, draws=199)
    assert stretches[["from", "to", "n"]].to_numpy().tolist() == [
        [2019, 2024, 6], [2013, 2024, 11], [1992, 2024, 14]]
    short = break_checks.gap_effect(SERIES[:-1], YEARS[:-1], rng=rng, asked=2016, draws=199)
    assert short["refused"].iloc[0] == "5 observations, and a break needs at least 6"


def test_the_same_seed_gives_the_same_answer():
    one, other = (breaks.confidence_set(SERIES, YEARS, rng=np.random.default_rng(5), draws=DRAWS).table
                  for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_a_straight_line_is_weighed_against_a_break():
    table = break_checks.fits(-0.1 * (YEARS - 2000) + 0.01 * np.cos(YEARS), YEARS).set_index("model")
    assert table["bic"].idxmin() == "straight line"
    assert table.loc["one break", "residual_ss"] == pytest.approx(
        breaks.sup_f(-0.1 * (YEARS - 2000) + 0.01 * np.cos(YEARS), YEARS).path["residual_ss"].min())


@pytest.mark.parametrize(("y", "years", "trim", "message"), [
    (SERIES[:5], YEARS[:5], 2, "5 observations, and a break needs at least 6"),
    (np.full(14, 0.3), YEARS, 2, "constant"),
    (np.where(YEARS == 2014, np.nan, SERIES), YEARS, 2, "no number for 2014"),
    (SERIES, YEARS[::-1], 2, "increase: sort the series"),
    (SERIES, np.where(YEARS == 2017, 2016, YEARS), 2, "one row a year"),
    (SERIES, YEARS, 8, "no admissible partition: two segments of at least 8"),
    (SERIES, YEARS, 0, "no admissible partition"),
    (SERIES[:13], YEARS, 2, "13 values for 14 years"),
])
@pytest.mark.parametrize("question", [
    lambda *given: breaks.sup_f(*given),
    lambda *given: breaks.confidence_set(*given, rng=np.random.default_rng(1), draws=9),
    lambda *given: break_checks.posterior(*given),
    lambda *given: break_checks.two_breaks(*given),
], ids=["sup_f", "set", "posterior", "two breaks"])
def test_what_can_not_be_answered_is_refused_with_the_reason(question, y, years, trim, message):
    with pytest.raises(breaks.BreakError, match=message):
        question(y, years, trim)


def test_other_impossible_questions_are_refused(rng):
    with pytest.raises(breaks.BreakError, match="level 95 is not between 0 and 1"):
        breaks.confidence_set(SERIES, YEARS, rng=rng, level=95)
    with pytest.raises(breaks.BreakError, match="'guess' is not normal, permutation or wild"):
        breaks.confidence_set(SERIES, YEARS, rng=rng, method="guess")
    with pytest.raises(breaks.BreakError, match="use 'normal' with persistence"):
        breaks.confidence_set(SERIES, YEARS, rng=rng, method="wild", persistence=0.4)
    with pytest.raises(breaks.BreakError, match="three segments of at least 3 do not fit"):
        break_checks.two_breaks(SERIES[-8:], YEARS[-8:], 3)
    long = np.arange(2000, 2020)
    with pytest.raises(breaks.BreakError, match="pass a generator"):
        breaks.sup_f(np.cos(long), long)


@pytest.fixture(scope="module")
def simulated():
    return study.Study(SERIES, YEARS)


def test_the_sup_f_test_rejects_no_break_in_five_of_a_hundred_series_without_one(simulated):
    row = simulated.rejection(simulated.best, 0.0, "normal", 4000)
    assert row["errors"] == "normal" and 0.04 <= row["rate"] <= 0.06, row


@pytest.mark.parametrize("i", [4, 10], ids=["2016", "2023"])
def test_the_set_contains_the_true_break_in_95_of_a_hundred_series(simulated, i):
    """Sample size, gaps, scatter and break size as estimated at that partition."""
    row = simulated.coverage(i, 1.0, "normal", "normal", 4000)
    assert 0.93 <= row["rate"] <= 0.97, row
    half = simulated.coverage(i, 0.5, "normal", "normal", 2000)
    assert 0.93 <= half["rate"] <= 0.97, half
    double = simulated.coverage(i, 2.0, "normal", "normal", 2000)
    assert double["rate"] >= 0.93, double


def test_the_study_covers_every_question_and_says_how_sure_it_is(simulated):
    table = pd.DataFrame(study.cells(simulated, 20))
    assert set(table["question"]) == {"size of sup-F", "power of sup-F", "coverage of the set",
                                      "partitions in the set", "size of two against one"}
    first = table.iloc[0]
    assert first["mc_se"] == pytest.approx(np.sqrt(first["rate"] * (1 - first["rate"]) / first["draws"]))
    pd.testing.assert_frame_equal(table, pd.DataFrame(study.cells(simulated, 20)))


def balance_of(n):
    """The last n years of the series, as `breaks.balance` gives it."""
    return pd.DataFrame({"year": YEARS[-n:], "log_ratio": SERIES[-n:], "tier": 3, "ref": "kexim/reports#L2"})


def test_too_few_years_give_no_answer_instead_of_an_error_and_no_value():
    values = Values("23_break", "2026-11-22")
    found = break_checks.answers(balance_of(breaks.FEWEST - 1), np.random.default_rng(1), 2016)
    break_checks.record(values, balance_of(breaks.FEWEST - 1), found, 2016)
    assert found.chosen is None and found.compared.empty and not values.rows


def test_the_year_found_is_recorded_with_the_ends_of_its_set():
    values, series = Values("23_break", "2026-11-22"), balance_of(len(YEARS))
    found = break_checks.answers(series, np.random.default_rng(1), 2016)
    break_checks.record(values, series, found, 2016)
    row = values.rows["greenfield.break.year"]
    assert row["lower"] <= row["value"] <= row["upper"] and row["text"] == f"{row['value']:.0f}"
    assert values.number("greenfield.break.contains.2016") == int(found.chosen.contains(2016))
    assert values.number(f"greenfield.break.balance.{YEARS[-1]}") == pytest.approx(np.exp(SERIES[-1]), abs=1e-6)
    assert {f"greenfield.break.p_alike.{rho}" for rho in ("0-0", "0-2", "0-4", "0-6")} <= set(values.rows)
