"""Korea against a weighted pool: exact weights, placebos counted by hand, coverage; all data here are simulated."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from korus import study_synthetic, synthetic, synthetic_checks, synthetic_text
from korus.estimates import Estimates
from korus.values import Values

MONTHS = [str(m) for m in pd.period_range("2017-01", "2026-07", freq="M")]
DATE = "2025-04"
NAMES = ["AUS", "BRA", "CAN", "CHE", "CHN", "DEU", "FRA", "GBR", "IDN", "IND", "IRL", "ITA", "JPN", "KOR", "MEX", "THA",
         "TWN", "VNM"]
TRUE = {"THA": 0.5, "BRA": 0.3, "ITA": 0.2}


def panel(seed=5, gap=0.0, noise=0.03, names=NAMES) -> pd.DataFrame:
    """A simulated panel in which Korea is TRUE's weighted mean plus noise, and `gap` log points from DATE on."""
    rng = np.random.default_rng(seed)
    common = np.cumsum(rng.normal(0.003, 0.02, (len(MONTHS), 3)), axis=0)
    logs = common @ rng.normal(0.5, 0.6, (3, len(names))) + 0.06 * rng.standard_normal((len(MONTHS), len(names)))
    wide = pd.DataFrame(logs, index=MONTHS, columns=names)
    after = np.array(MONTHS) >= DATE
    wide["KOR"] = sum(weight * wide[name] for name, weight in TRUE.items()) + gap * after
    wide["KOR"] += noise * rng.standard_normal(len(MONTHS))
    return np.exp(wide + 22)


def trade(wide: pd.DataFrame) -> pd.DataFrame:
    """The panel as trade_monthly has it."""
    long = wide.rename_axis("month").melt(ignore_index=False, var_name="partner", value_name="consumption_usd")
    long = long.reset_index()
    return long.assign(general_usd=long["consumption_usd"], tier=1,
                       ref=[f"census/imports_monthly#L{n + 2}" for n in range(len(long))])


def test_weights_are_recovered_where_korea_is_such_a_mean():
    found = synthetic.fit(panel(noise=0.0), "KOR", DATE)
    assert found.rmspe < 1e-9 and found.weights.sum() == pytest.approx(1, abs=1e-12)
    assert found.weights[list(TRUE)].to_dict() == pytest.approx(TRUE, abs=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_weights_agree_with_a_general_solver_and_with_the_conditions_of_a_minimum(seed):
    rng = np.random.default_rng(seed)
    target, pool = rng.normal(size=99), rng.normal(size=(99, 17)) + rng.normal(size=17)
    weights = synthetic.simplex_weights(target, pool)
    general = optimize.minimize(
        lambda w: ((target - pool @ w) ** 2).sum(), np.full(17, 1 / 17), method="SLSQP", bounds=[(0, 1)] * 17,
        jac=lambda w: -2 * pool.T @ (target - pool @ w), constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 1000}).x
    assert weights == pytest.approx(general, abs=1e-6)
    slope = -pool.T @ (target - pool @ weights)
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    assert (slope >= slope[weights > 0].max() - 1e-7).all()       # no donor left out would help


def test_a_gap_put_in_is_found_month_by_month_and_moves_nothing_else():
    without, with_gap = (synthetic.effect(panel(gap=g), "KOR", DATE) for g in (0.0, -0.25))
    difference = with_gap.months["gap"] - without.months["gap"]
    assert difference.to_numpy() == pytest.approx(np.full(16, -0.25), abs=1e-9)
    assert with_gap.fit.mean_gap == pytest.approx(without.fit.mean_gap - 0.25)
    pd.testing.assert_frame_equal(with_gap.placebos.iloc[1:], without.placebos.iloc[1:])
    assert with_gap.mde == pytest.approx(without.mde) and with_gap.fit.rmspe == pytest.approx(without.fit.rmspe)
    assert with_gap.rank == 1 and with_gap.p_ratio == pytest.approx(1 / 18) and with_gap.upper < 0


def test_rank_and_interval_are_those_counted_by_hand():
    wide = panel(gap=-0.02)
    found = synthetic.effect(wide, "KOR", DATE)
    ratios, scores = [], []
    for name in [n for n in NAMES if n != "KOR"]:
        own = synthetic.fit(wide.drop(columns="KOR"), name, DATE)
        ratios.append(own.rmspe_after / own.rmspe)
        scores.append(abs(own.mean_gap) / own.rmspe)
    assert found.rank == 1 + sum(r >= found.fit.rmspe_after / found.fit.rmspe for r in ratios)
    assert found.p_ratio == pytest.approx(found.rank / 18)
    assert found.mde == pytest.approx(max(scores) * found.fit.rmspe)
    assert (found.lower, found.upper) == pytest.approx((found.fit.mean_gap - found.mde, found.fit.mean_gap + found.mde))
    assert found.level == pytest.approx(100 * 17 / 18)


def answer(wide, unit="KOR", scale="log"):
    """What must not depend on order, units or labels."""
    found = synthetic.effect(wide, unit, DATE, scale)
    return [found.fit.mean_gap, found.fit.rmspe, found.mde, found.p_ratio, *np.sort(found.fit.weights),
            *found.months["gap"], *found.months["lower"]]


@pytest.mark.parametrize("scale", ["log", "index"])
def test_units_order_and_labels_change_no_answer(scale):
    wide = panel()
    expected = answer(wide, scale=scale)
    units = wide * np.linspace(0.001, 1000, len(NAMES))
    assert answer(units, scale=scale) == pytest.approx(expected, abs=1e-8)
    assert answer(wide[NAMES[::-1]], scale=scale) == pytest.approx(expected, abs=1e-8)
    renamed = wide.rename(columns=lambda name: "X" + name[::-1])
    assert answer(renamed, "XROK", scale) == pytest.approx(expected, abs=1e-8)
    shuffled = trade(wide).sample(frac=1, random_state=3)
    again = synthetic.panel(shuffled, "2017-01", DATE)
    pd.testing.assert_frame_equal(again, wide[sorted(NAMES)], check_names=False)


def test_the_panel_keeps_partners_held_throughout_and_ends_where_one_of_them_does():
    rows = trade(panel())
    world = rows[rows["partner"] == "KOR"].assign(partner="WLD")
    late = rows[(rows["partner"] == "AUS") & (rows["month"] >= "2019-01")]
    short = rows[(rows["partner"] == "BRA") & (rows["month"] <= "2026-05")]
    rest = rows[~rows["partner"].isin(["AUS", "BRA"])]
    wide = synthetic.panel(pd.concat([rest, late, short, world]), "2017-01", DATE)
    assert "AUS" not in wide and "BRA" in wide and "WLD" not in wide and wide.index.max() == "2026-05"
    assert synthetic.panel(rows, "2017-01", DATE, last="2025-12", without=("CHN",)).shape == (108, 17)


@pytest.mark.parametrize(("change", "message"), [
    (lambda w: w[w.index >= "2024-10"], "6 months before 2025-04, and the fit needs at least 12"),
    (lambda w: w[w.index < DATE], "no month from 2025-04 on is held"),
    (lambda w: w[["KOR", "JPN"]], "1 donor: a pool has at least two"),
    (lambda w: w[w.index >= "2024-01"], "17 donors and 15 months"),
    (lambda w: w.assign(JPN=5.0), "JPN does not vary before 2025-04"),
    (lambda w: w.assign(KOR=5.0), "KOR does not vary before 2025-04"),
    (lambda w: w.assign(JPN=w["JPN"].where(w.index != "2020-02", 0.0)), "JPN 2020-02: 0.0 has no logarithm"),
    (lambda w: w.drop(columns="KOR"), "KOR is not in the panel"),
    (lambda w: w.assign(JPN=w["DEU"]), "is fitted without any gap before"),
])
def test_what_can_not_be_estimated_is_refused_with_the_reason(change, message):
    with pytest.raises(synthetic.SyntheticError, match=message):
        synthetic.effect(change(panel()), "KOR", DATE)


def test_a_panel_that_can_not_be_made_is_refused_with_the_reason():
    rows = trade(panel())
    with pytest.raises(synthetic.SyntheticError, match="two amounts: select one vintage"):
        synthetic.panel(pd.concat([rows, rows.tail(1)]), "2017-01", DATE)
    with pytest.raises(synthetic.SyntheticError, match="KOR is not held for every month"):
        synthetic.panel(rows[(rows["partner"] != "KOR") | (rows["month"] != "2018-03")], "2017-01", DATE)
    with pytest.raises(synthetic.SyntheticError, match="is held for no partner"):
        synthetic.panel(rows[rows["month"] != "2025-09"], "2017-01", DATE)
    with pytest.raises(synthetic.SyntheticError, match="'root' is none of log, index, level"):
        synthetic.effect(panel(), "KOR", DATE, "root")


def test_every_choice_is_made_and_recorded_and_nothing_without_imports():
    rows, values = trade(panel(gap=-0.3)), Values("43_synthetic", "2026-11-22")
    choices = synthetic_checks.compared(rows, {"JPN": "Japan"})
    found = choices["effect"].iloc[0]
    assert set(choices["role"]) == {"main", "robustness", "placebo"}
    assert "without Japan" in set(choices["specification"])
    synthetic_text.record(values, found, synthetic.panel(rows, "2017-01", DATE), rows)
    synthetic_text.record_choices(values, choices, found)
    row = values.row("effects.synthetic.gap.KOR.2025-10")
    assert row["lower"] <= row["value"] <= row["upper"] and row["period"] == "2025-10"
    mean = values.number("effects.synthetic.gap.KOR.mean")
    assert mean == pytest.approx(100 * np.expm1(found.fit.mean_gap), abs=1e-6)
    assert abs(values.number("effects.synthetic.gap.KOR.placebo-2024")) < 10
    estimates = Estimates("43_synthetic", "a question")
    synthetic_text.record_estimates(estimates, choices)
    assert (estimates.frame()["role"] == "main").sum() == 1 and len(estimates.rows) == choices["effect"].notna().sum()
    nothing, empty = synthetic_checks.compared(rows.iloc[:0], {}), Values("43_synthetic", "2025-09-26")
    assert nothing.empty
    synthetic_text.record(empty, None, None, rows.iloc[:0])
    synthetic_text.record_choices(empty, nothing, None)
    assert not empty.rows and synthetic_text.choices_table(nothing).empty


def test_growth_leaves_out_computing_goods_and_partners_that_are_not_whole():
    months = [f"{year}-{m:02}" for year in (2025, 2026) for m in range(1, 9)]
    def monthly(partner, late, general=True):
        return pd.DataFrame({"month": months, "partner": partner, "consumption_usd": [10.0] * 8 + [late] * 8,
                             "general_usd": [10.0] * 8 + [late] * 8 if general else np.nan, "tier": 1, "ref": "a#L2"})
    rows = pd.concat([monthly("KOR", 15.0), monthly("THA", 20.0, general=False), monthly("BRA", 9.0).iloc[:-1]])
    goods = pd.DataFrame([(hs, partner, window, amount) for partner in ("KOR", "THA", "BRA") for hs, window, amount in (
        ("847330", synthetic_checks.EARLY, 20.0), ("847330", synthetic_checks.LATE, 60.0),
        ("870323", synthetic_checks.EARLY, 30.0), ("870323", synthetic_checks.LATE, 10.0))],
        columns=["hs", "partner", "window", "general_usd"]).assign(level=6, tier=1, ref="b#L2")
    table = synthetic_checks.growth(rows, goods, ["KOR", "THA", "BRA"]).set_index("partner")
    assert list(table.index) == ["KOR", "THA"] and table["basis"].tolist() == ["general", "consumption"]
    changes = table.loc["KOR", ["change_pct", "rest_change_pct", "computing_pp"]].tolist()
    assert changes == pytest.approx([50, 0, 50])


def test_the_interval_covers_and_the_rank_rejects_as_often_as_they_say():
    """Simulated panels of the report's size in which any partner may be the treated one."""
    simulated = study_synthetic.Panels(panel(noise=0.05))
    table = pd.DataFrame(simulated.trial("any partner", 400)).set_index(["question", "effect_pct"])
    covered = table.loc[("coverage, gaps in units of the fit (main)", 0.0)]
    assert covered["target"] == pytest.approx(17 / 18) and abs(covered["rate"] - 17 / 18) < 3 * covered["mc_se"] + 0.01
    assert table.loc[("largest of all ratios", 0.0), "rate"] < 0.10
    assert table.loc[("largest of all ratios", -30.0), "rate"] > 0.5


def test_the_study_asks_every_question_and_gives_the_same_answer_again():
    quarters = pd.DataFrame({"period": [str(q) for q in pd.period_range("2022Q1", "2025Q2", freq="Q")],
                             "log_ratio": np.cos(np.arange(14))})
    designs = study_synthetic.Panels(panel(noise=0.05)), [study_synthetic.Quarters(quarters, "2025Q2")]
    table = pd.DataFrame(study_synthetic.cells(*designs, 4))
    assert set(table["errors"]) == {*study_synthetic.PANELS, *study_synthetic.SERIES}
    pd.testing.assert_frame_equal(table, pd.DataFrame(study_synthetic.cells(*designs, 4)))
