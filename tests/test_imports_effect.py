"""Estimators of the import chapter: known answers on synthetic panels, another implementation, and refusals."""

import itertools

import numpy as np
import pandas as pd
import pytest

from korus import (
    cars_effect,
    cars_text,
    imports_curve,
    imports_effect,
    imports_panel,
    imports_text,
    randomization,
    study_imports,
)
from korus.charts import imports as charts
from korus.estimates import COLUMNS, Estimates
from korus.imports_panel import DesignError
from korus.values import ValueProblem, Values, merge

BETA = -3.0


def synthetic(partners: int = 8, months: int = 30, beta: float = BETA, noise: float = 0.1, seed: int = 1) -> pd.DataFrame:
    """A synthetic panel with known elasticity: levels by partner, a trend, and rates that rise half-way."""
    rng = np.random.default_rng(seed)
    names = [str(p) for p in pd.period_range("2023-01", periods=months, freq="M")]
    rate = np.where(np.arange(months) >= months // 2, 1.0, 0.0) * rng.uniform(0.0, 0.3, (partners, 1)) + 0.01
    level = rng.uniform(18, 22, (partners, 1)) + 0.01 * np.arange(months)
    value = np.exp(level + beta * np.log1p(rate) + noise * rng.standard_normal((partners, months)) - noise**2 / 2)
    return pd.DataFrame({
        "partner": np.repeat([f"P{k:02d}" for k in range(partners)], months), "month": names * partners,
        "value_usd": value.ravel(), "duty_usd": (value * rate).ravel(), "rate": np.repeat(rate, 1, axis=1).ravel(),
        "log_rate": np.log1p(rate).ravel(), "tier": 1, "ref": "census/imports_monthly#L2"})


@pytest.mark.parametrize("method", imports_effect.METHODS)
def test_without_noise_the_elasticity_is_found_exactly(method):
    found = imports_effect.fit(synthetic(noise=0.0), method)
    assert found.estimate == pytest.approx(BETA, abs=1e-6)
    assert (found.n, found.clusters) == (240, 8)


def test_an_independent_implementation_agrees_to_a_millionth():
    import statsmodels.api as sm

    frame = synthetic()
    design = pd.get_dummies(frame[["partner", "month"]], drop_first=True, dtype=float).assign(
        log_rate=frame["log_rate"], one=1.0)
    scaled = frame["value_usd"] / frame["value_usd"].mean()
    poisson = sm.GLM(scaled, design, family=sm.families.Poisson()).fit(tol=1e-12, maxiter=200)
    assert imports_effect.fit(frame).estimate == pytest.approx(poisson.params["log_rate"], abs=1e-6)
    linear = sm.OLS(np.log(frame["value_usd"]), design).fit()
    assert imports_effect.fit(frame, "log-linear").estimate == pytest.approx(linear.params["log_rate"], abs=1e-6)


def test_the_clustered_error_agrees_with_the_independent_one():
    import statsmodels.api as sm

    frame = synthetic()
    design = pd.get_dummies(frame[["partner", "month"]], drop_first=True, dtype=float).assign(
        log_rate=frame["log_rate"], one=1.0)
    linear = sm.OLS(np.log(frame["value_usd"]), design).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["partner"])[0], "df_correction": True})
    ours = imports_effect.fit(frame, "log-linear").error
    # The packages count the effects nested in the clusters differently: the ratio is that of their corrections.
    n, full, nested = len(frame), design.shape[1], design.shape[1] - frame["partner"].nunique()
    expected = linear.bse["log_rate"] * np.sqrt((n - full) / (n - nested - 1))
    assert ours == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("change", [
    lambda f: f.sample(frac=1, random_state=3), lambda f: f.assign(value_usd=f["value_usd"] / 1e6),
    lambda f: f.assign(partner=f["partner"].map(lambda p: f"X{9 - int(p[1:])}"))], ids=["order", "units", "labels"])
def test_order_units_and_labels_do_not_matter(change):
    frame = synthetic()
    assert imports_effect.fit(change(frame)).estimate == pytest.approx(imports_effect.fit(frame).estimate, abs=1e-8)


@pytest.mark.parametrize(("frame", "message"), [
    (synthetic(partners=1), "1 partner: with month effects at least two"),
    (synthetic().assign(log_rate=0.1), "does not vary between partners"),
    (synthetic().assign(value_usd=lambda f: f["value_usd"].where(f["partner"] != "P03", 0.0)),
     r"partner P03 has no imports at all.*separation"),
])
def test_what_can_not_be_estimated_is_refused_with_the_reason(frame, message):
    with pytest.raises(DesignError, match=message):
        imports_effect.fit(frame)


def test_an_unknown_method_is_refused():
    with pytest.raises(DesignError, match="'probit' is none of ppml, log-linear"):
        imports_effect.fit(synthetic(), "probit")


def test_a_placebo_finds_nothing_where_rates_come_by_chance():
    frame = synthetic(partners=12, months=40)
    early = imports_effect.placebo(frame, 12, "2024-06")
    assert early["month"].max() == "2024-05"
    fit = imports_effect.fit(early)
    assert abs(fit.estimate) < 3 * fit.error + 0.2


def test_lags_and_leads_drop_the_months_that_lack_them():
    framed = imports_effect.with_lags(synthetic(), 2, 1)
    assert framed.groupby("partner")["month"].agg(["min", "max"]).drop_duplicates().values.tolist() == [
        ["2023-03", "2025-05"]]
    one = framed[framed["partner"] == "P00"]
    assert (one["lag1"].to_numpy()[1:] == one["log_rate"].to_numpy()[:-1]).all()


def test_a_long_difference_finds_the_elasticity_and_refuses_a_span_not_held():
    frame = synthetic(noise=0.0)
    fit = imports_effect.long_difference(frame, ("2023-01", "2023-12"), ("2024-06", "2025-05"))
    assert fit.estimate == pytest.approx(BETA, abs=1e-6)
    with pytest.raises(DesignError, match="no months from 2019-01 to 2019-12"):
        imports_effect.long_difference(frame, ("2019-01", "2019-12"), ("2024-06", "2025-05"))


def test_other_rates_take_the_place_of_collected_ones_where_held():
    frame = synthetic(partners=2, months=2)
    other = pd.DataFrame({"month": ["2023-01"], "partner": ["P00"], "rate_pct": [10.0]})
    changed = imports_effect.with_rates(frame, other)
    assert changed["log_rate"].iloc[0] == pytest.approx(np.log(1.1))
    assert (changed["log_rate"].iloc[1:] == frame["log_rate"].iloc[1:]).all()


# ---- The panel -----------------------------------------------------------------------------------


def monthly(**partners: list[float]) -> pd.DataFrame:
    """Rates of made-up partners, two months each: values, a duty of one tenth."""
    rows = [(p, f"2024-0{m + 1}", v, v / 10) for p, values in partners.items() for m, v in enumerate(values) if v]
    return pd.DataFrame(rows, columns=["partner", "month", "consumption_usd", "duty_usd"]).assign(tier=1, ref="x#L2")


def test_the_rest_of_the_world_is_the_world_less_the_partners_held_throughout():
    frame = imports_panel.panel(monthly(WLD=[100, 100], AAA=[30, 40], BBB=[20, 20], CCC=[5, 0]), "2024-01")
    assert sorted(frame["partner"].unique()) == ["AAA", "BBB", "ROW"]
    assert frame[frame["partner"] == "ROW"]["value_usd"].tolist() == [50, 40]


def test_a_partner_taken_out_is_not_put_into_the_rest():
    frame = imports_panel.panel(monthly(WLD=[100, 100], AAA=[30, 40], BBB=[20, 20]), "2024-01", without=("AAA",))
    assert frame[frame["partner"] == "ROW"]["value_usd"].tolist() == [50, 40]


def test_without_the_world_there_is_no_panel():
    with pytest.raises(DesignError, match="imports of all countries"):
        imports_panel.panel(monthly(AAA=[30, 40], BBB=[1, 2]), "2024-01")
    assert imports_panel.panel_or_none(monthly(AAA=[30, 40])) is None


# ---- Randomization -------------------------------------------------------------------------------


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return imports_panel.wide(frame)[:2]


def test_the_null_fit_has_the_margins_of_the_data_and_is_that_of_the_regression():
    values, rates = arrays(synthetic())
    beta = imports_effect.fit(synthetic()).estimate
    fitted = randomization.null_fit(values, beta * rates)
    assert np.allclose(fitted.sum(axis=0), values.sum(axis=0)) and np.allclose(fitted.sum(axis=1), values.sum(axis=1))
    # At the estimate the score of the treatment is zero.
    assert ((values - fitted) * rates).sum() == pytest.approx(0, abs=1e-5 * values.sum())


def test_effects_are_taken_out_as_by_weighted_least_squares():
    rng = np.random.default_rng(2)
    weights, variable = rng.uniform(1, 3, (4, 6)), rng.standard_normal((3, 4, 6))
    left = randomization.Residual(weights).of(variable)
    assert np.allclose((left * weights).sum(axis=-1), 0) and np.allclose((left * weights).sum(axis=-2), 0)
    assert np.allclose(randomization.Residual(weights).of(left), left)


def test_all_sign_patterns_are_used_where_partners_are_few():
    patterns = randomization.signs(4, 0, np.random.default_rng(1))
    assert patterns.shape == (8, 4) and (patterns[0] == 1).all()
    assert len({tuple(row) for row in patterns}) == 8
    assert randomization.signs(40, 99, np.random.default_rng(1)).shape == (99, 40)


def test_the_interval_holds_the_estimate_and_its_ends_are_just_not_rejected():
    values, rates = arrays(synthetic(noise=0.2))
    estimate = imports_effect.fit(synthetic(noise=0.2)).estimate
    patterns = randomization.signs(8, 0, np.random.default_rng(1))

    def p_of(beta: float) -> float:
        return randomization.wild_p(values, rates, beta, patterns)

    low, high = randomization.interval(p_of, estimate, 30.0)
    assert low < estimate < high
    assert p_of(low) > 0.05 >= p_of(low - 0.01) and p_of(high) > 0.05 >= p_of(high + 0.01)


def test_a_side_on_which_nothing_is_rejected_is_open():
    assert randomization.interval(lambda beta: 1.0 if beta < 2 else 0.0, 0.0, 10.0)[0] == -np.inf


def test_a_month_without_any_imports_is_refused():
    with pytest.raises(DesignError, match="separation"):
        randomization.null_fit(np.array([[1.0, 0], [2, 0]]), np.zeros((2, 2)))


@pytest.mark.parametrize("method", ["wild score", "permutation"])
def test_intervals_cover_about_as_often_as_they_claim_on_synthetic_panels(method):
    values, rates = arrays(synthetic(partners=12, months=24))
    setting = study_imports.design(values, rates, BETA, "independent")
    hits = study_imports.coverage(setting, method, 300, np.random.default_rng(5))
    assert 0.90 <= hits.mean() <= 0.995


def test_the_study_says_what_was_drawn_and_is_the_same_every_time():
    values, rates = arrays(synthetic(partners=6, months=12))
    table = pd.DataFrame(study_imports.cells(values, rates, BETA, 6))
    assert set(table["question"]) == {"coverage", "mean estimate"}
    pd.testing.assert_frame_equal(table, pd.DataFrame(study_imports.cells(values, rates, BETA, 6)))


def test_the_exact_interval_of_cars_covers_as_often_as_it_claims():
    frame = cars()
    frame["change"] += 0.2 * np.random.default_rng(4).standard_normal(len(frame))
    for row in study_imports.cars_cells(frame, 600):
        # Of 24 orders one is rejected at most: the level is 23 of 24.
        assert row["result"] == pytest.approx(23 / 24, abs=0.03), row["errors"]


# ---- The curve -----------------------------------------------------------------------------------


def test_the_two_parts_of_the_swing_add_up_to_it():
    parts = imports_curve.swing({"all": -5.0, "without China": -4.0, "without computing partners": -3.0,
                                 "without China and computing": 0.5})
    assert parts["China"] == pytest.approx((1.0 + 3.5) / 2) and parts["computing partners"] == pytest.approx((2 + 4.5) / 2)
    assert parts["China"] + parts["computing partners"] == pytest.approx(parts["whole"]) == pytest.approx(5.5)


def test_a_spread_made_by_one_choice_alone_is_put_down_to_it():
    rows = [(s, b, e, m, q, {"x": 0.0, "y": 4.0}[s], 1.0, 9, 3)
            for s, b, e, m, q in itertools.product("xy", "ab", "c", "d", (False, True))]
    shares = imports_curve.shares(pd.DataFrame(rows, columns=imports_curve.COLUMNS)).set_index("choice")["share_pct"]
    assert shares["sample"] == pytest.approx(100) and shares.drop("sample").abs().max() < 1e-9


def test_changes_are_recorded_by_partner_and_the_largest_rate_is_one_of_them():
    frame, values = synthetic(4, months=24), Values("x", "2026-01-01")
    late = ("2024-01", "2024-12")
    changes = charts.scatter_data(frame, ("2023-01", "2023-12"), late)
    imports_text.record_changes(values, changes, frame, late)
    by = [values.number(f"effects.imports.rate_change.{name}") for name in sorted(set(frame["partner"]))]
    assert values.number("effects.imports.rate_change.largest") == max(by)
    assert values.number("effects.imports.change.P00") == pytest.approx(changes["change_pct"].iloc[0], abs=1e-5)
    nothing = Values("x", "2026-01-01")
    imports_text.record_changes(nothing, changes.iloc[:0], frame, late)
    assert not nothing.rows


def test_the_ends_of_some_fits_and_the_panels_that_begin_later_are_recorded():
    rows = [("all", start, "2024-12", "ppml", False, estimate, 1.0, 9, 3)
            for start, estimate in (("2017-01", -5.0), ("2022-01", -4.0), ("2023-09", -3.0))]
    found, values = pd.DataFrame(rows, columns=imports_curve.COLUMNS), Values("x", "2026-01-01")
    imports_text.record_ends(values, "a.b", found, "2024", {"tier": 1, "refs": "r"})
    imports_text.record_ends(values, "a.c", found.iloc[:0], "2024", {"tier": 1, "refs": "r"})
    imports_text.record_starts(values, found, synthetic(2).assign(partner="KOR"))
    assert {id: values.number(id) for id in values.rows} == {
        "a.b.min": -5.0, "a.b.max": -3.0, "effects.imports.elasticity.since_2022": -4.0,
        "effects.imports.elasticity.since_2023": -3.0}


def test_the_table_with_and_without_computing_goods_is_in_per_cent():
    split = pd.DataFrame({"partner": ["KOR"], "all_change": [np.log(1.5)], "rest_change": [np.log(0.9)],
                          "log_rate": [np.log(1.05)]})
    shown = imports_text.split_table(split)
    assert shown.iloc[0, 0] == "Korea" and shown.iloc[0, 1:].tolist() == pytest.approx([50.0, -10.0, 5.0])


# ---- Cars ----------------------------------------------------------------------------------------


def cars(beta: float = -2.0, seed: int = 3) -> pd.DataFrame:
    """Synthetic cars: four subheadings of four origins, growth by subheading, an exact elasticity."""
    rng = np.random.default_rng(seed)
    rows = []
    for place, hs in enumerate(("870321", "870322", "870323", "870340")):
        for origin in ("AAA", "BBB", "CCC", "ROW"):
            rate = rng.uniform(0.0, 0.3)
            rows.append((hs, origin, 100.0, rate, 0.1 * place + beta * np.log1p(rate), np.log1p(rate)))
    return pd.DataFrame(rows, columns=["hs", "origin", "before_usd", "rate", "change", "log_rate"])


@pytest.mark.parametrize("weighted", [False, True])
def test_the_elasticity_of_cars_is_found_exactly_and_the_test_calls_it_unusual(weighted):
    found = cars_effect.estimate(cars(), weighted)
    assert found["estimate"] == pytest.approx(-2.0)
    assert found["p_randomization"] == pytest.approx(1 / 24)
    assert (found["n"], found["clusters"]) == (16, 4)


def test_the_spread_of_cars_takes_the_rest_into_the_ends_and_leaves_it_out_of_the_means():
    frame, values = cars().assign(after_usd=lambda rows: 100 * np.exp(rows["change"])), Values("x", "2026-01-01")
    cars_text.record_spread(values, frame, {"tier": 1, "refs": "r"})
    number = {id.removeprefix("effects.cars."): values.number(id) for id in values.rows}
    assert (number["origins"], number["kinds"]) == (3, 4)
    assert number["rate.lowest"] < number["mean_rate.lowest"] < number["mean_rate.highest"] < number["rate.highest"]
    assert number["change.highest"] == pytest.approx(100 * np.expm1(frame["change"].max()), abs=1e-5)


def test_every_order_of_the_origins_is_counted_once():
    change, rate, _ = cars_effect.arrays(cars())
    p, orders = cars_effect.exact_p(change, rate, -2.0)
    assert orders == 24 and p == 1.0


def test_cars_with_an_origin_missing_or_equal_rates_are_refused():
    with pytest.raises(DesignError, match="same three or more origins"):
        cars_effect.estimate(cars().iloc[:-1])
    with pytest.raises(DesignError, match="does not differ between origins"):
        cars_effect.estimate(cars().assign(log_rate=0.1))


# ---- The table of estimates ----------------------------------------------------------------------

ROW = {"method": "m", "specification": "s", "role": "main", "estimate": 1.0, "unit": "elasticity", "n": 5, "caveat": "c"}
BOUNDS = {"lower": 0.0, "upper": 2.0, "level": 95.0, "interval_method": "exact"}


def test_an_estimate_has_an_interval_or_says_why_not():
    table = Estimates("41_x", "why?")
    table.add("effects.a.b", **ROW, **BOUNDS)
    table.add("effects.a.c", **ROW, interval_method="none: a scenario")
    assert list(table.frame().columns) == COLUMNS


@pytest.mark.parametrize(("change", "message"), [
    ({"interval_method": "none: no reason"}, "do not fit"), ({"lower": float("nan")}, "do not fit"),
    ({"estimate": 3.0}, "lies outside its interval"), ({"role": "side"}, "none of main, robustness, placebo"),
    ({"estimate": float("inf")}, "is no number"), ({"caveat": " "}, "the caveat is missing"),
])
def test_a_row_that_breaks_the_rules_is_refused(change, message):
    with pytest.raises(ValueProblem, match=message):
        Estimates("41_x", "why?").add("effects.a.b", **(ROW | BOUNDS | change))


def test_an_id_recorded_twice_is_refused_within_and_between_notebooks(tmp_path):
    table = Estimates("41_x", "why?")
    table.add("effects.a.b", **ROW, **BOUNDS)
    with pytest.raises(ValueProblem, match="recorded twice in 41_x"):
        table.add("effects.a.b", **ROW, **BOUNDS)
    for name in ("one", "two"):
        table.frame().assign(notebook=name).to_csv(tmp_path / f"{name}.csv", index=False)
    with pytest.raises(ValueProblem, match="effects.a.b is recorded in one and two"):
        merge([tmp_path / "one.csv", tmp_path / "two.csv"], "estimate")
