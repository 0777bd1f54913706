"""The threshold: its fall makes the two equal, its duty brings the fall about, and an open interval stays open."""

import math

import pandas as pd
import pytest
from hypothesis import given, strategies

from korus import threshold
from korus.charts import threshold as charts
from korus.estimates import COLUMNS, Estimates
from korus.values import Values


def shares(*rows) -> pd.DataFrame:
    """Rows (year, importer, billion dollars, tier) as korus.markets.shares gives them (synthetic)."""
    frame = pd.DataFrame(rows, columns=["year", "importer", "imports_usd", "tier"])
    return frame.assign(imports_usd=1e9 * frame["imports_usd"], share_pct=1.0, world_usd=1e13,
                        ref=[f"world/merchandise_imports#L{line}" for line in range(2, len(frame) + 2)])


TWO = shares((2023, "USA", 100.0, 1), (2023, "CHN", 80.0, 1), (2024, "USA", 100.0, 3), (2024, "CHN", 125.0, 3))


def test_the_fall_makes_us_imports_equal_to_china_s():
    found = threshold.falls(TWO).set_index("year")
    assert found.loc[2023, "fall_pct"] == pytest.approx(20.0)
    assert (found["usa_usd"] * (1 - found["fall_pct"] / 100)).tolist() == pytest.approx(found["chn_usd"].tolist())
    assert found.loc[2024, "fall_pct"] == pytest.approx(-25.0) and found.loc[2024, "tier"] == 3


def test_a_year_without_one_of_the_two_has_no_threshold():
    assert threshold.falls(TWO.iloc[:3])["year"].tolist() == [2023]
    assert threshold.falls(TWO[TWO["importer"] == "USA"]).empty and threshold.falls(TWO.iloc[:0]).empty


@given(strategies.floats(0.0, 0.95), strategies.floats(0.0, 0.5), strategies.floats(-15.0, -0.1))
def test_the_duty_put_back_gives_the_fall(fall, base, elasticity):
    rate = threshold.duty_rate(fall, base, elasticity)
    if math.isfinite(rate):
        # Imports at that rate, by the definition of the elasticity.
        assert 1 - ((1 + rate) / (1 + base)) ** elasticity == pytest.approx(fall, abs=1e-9)
        assert rate >= base - 1e-12


def test_a_known_duty():
    # Half the imports under an elasticity of -1: the price with duty doubles.
    assert threshold.duty_rate(0.5, 0.1, -1.0) == pytest.approx(1.2)
    assert threshold.duty_rate(0.75, 0.0, -2.0) == pytest.approx(1.0)


def test_boundaries_of_the_duty():
    assert threshold.duty_rate(0.2, 0.05, 0.0) == threshold.duty_rate(0.2, 0.05, 1.5) == math.inf
    assert threshold.duty_rate(0.0, 0.05, 1.0) == threshold.duty_rate(-0.3, 0.05, -1.0) == 0.05
    assert threshold.duty_rate(0.9, 0.05, -1e-4) == math.inf
    for fall, base, elasticity in ((1.0, 0.05, -1.0), (0.2, -1.0, -1.0), (0.2, 0.05, math.nan)):
        with pytest.raises(ValueError, match="the fall must be below 1"):
            threshold.duty_rate(fall, base, elasticity)


def estimated(**numbers: float) -> pd.DataFrame:
    """Rows of estimates.csv for elasticities by name; the main one with an interval of one to each side (synthetic)."""
    rows = [{"id": f"effects.imports.elasticity.{name}", "estimate": number,
             "lower": number - 1 if name == "main" else math.nan, "upper": number + 1 if name == "main" else math.nan}
            for name, number in numbers.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def world(rate: float = 0.02) -> pd.DataFrame:
    """Two years of months of all countries' imports; the second larger by a tenth (synthetic)."""
    names = pd.period_range("2023-01", "2024-12", freq="M").astype(str)
    value = [100.0] * 12 + [110.0] * 12
    return pd.DataFrame({"partner": "WLD", "month": names, "consumption_usd": value, "tier": 1,
                         "duty_usd": [rate * amount for amount in value], "rate_pct": 100 * rate,
                         "ref": "census/imports_monthly#L2"})


def recorded(estimates: pd.DataFrame, months: pd.DataFrame) -> tuple[Values, Estimates]:
    values, rows = Values("x", "2026-01-01"), Estimates("x", "q")
    threshold.record(values, rows, threshold.falls(TWO.iloc[:2]), months, threshold.elasticities(estimates))
    return values, rows


def test_the_interval_over_elasticities_is_open_where_one_is_nothing_or_above():
    months = threshold.base_rate(world(), 2023)
    values, rows = recorded(estimated(main=-2.0, min=-4.0, median=-2.0, max=0.5), months)
    row = values.row("effects.threshold.duty_rate")
    assert row["lower"] == pytest.approx(100 * threshold.duty_rate(0.2, 0.02, -4.0), abs=1e-5)
    assert row["upper"] == math.inf and row["text"].endswith("or more")
    main = rows.frame().set_index("id").loc["effects.threshold.duty_rate.main"]
    assert main["lower"] < main["estimate"] < main["upper"]
    assert rows.frame().set_index("id").at["effects.threshold.duty_rate", "upper"] == math.inf
    assert values.number("effects.threshold.import_fall_pct.latest") == pytest.approx(20.0)


def test_a_closed_interval_is_closed():
    values, _ = recorded(estimated(main=-2.0, min=-4.0, median=-2.0, max=-1.0), threshold.base_rate(world(), 2023))
    assert values.row("effects.threshold.duty_rate")["upper"] == pytest.approx(
        100 * threshold.duty_rate(0.2, 0.02, -1.0), abs=1e-5)


def test_no_duty_is_recorded_without_an_elasticity_that_lowers_imports():
    months = threshold.base_rate(world(), 2023)
    for given_ in (estimated(), estimated(main=0.5, min=0.0, median=0.5, max=2.0)):
        values, rows = recorded(given_, months)
        assert not [id for id in values.rows if "duty_rate" in id]
        assert len(rows.frame()) == 1


def test_without_months_only_the_fall_is_recorded_and_without_years_nothing():
    values, _ = recorded(estimated(main=-2.0), threshold.base_rate(world().iloc[1:], 2023))
    assert set(values.rows) == {f"effects.threshold.import_fall_pct.{word}" for word in (2023, "latest", "lowest")}
    nothing, rows = Values("x", "2026-01-01"), Estimates("x", "q")
    threshold.record(nothing, rows, threshold.falls(TWO.iloc[:0]), world().iloc[:0], {})
    assert not nothing.rows and not rows.rows


def test_the_latest_twelve_months_stand_beside_a_whole_year_before_them():
    now = threshold.since(world(), 2023)
    assert now["change_pct"] == pytest.approx(10.0) and now["period"] == "2024-01/2024-12"
    assert threshold.since(world(), 2024) is None and threshold.since(world().iloc[:0], 2023) is None


def test_the_table_says_where_no_duty_does_and_the_chart_leaves_it_out():
    found = threshold.rates(0.2, 0.02, {"main": -2.0, "max": 0.5})
    grid = threshold.rates(0.2, 0.02, {"grid": -1.0})
    shown = threshold.rates_table(found, grid)
    assert shown["duty rate, %"].tolist() == ["14.0", "27.5", "no duty does"]
    assert shown["whose elasticity"].tolist() == ["main estimate", "grid", "largest of all specifications"]
    data = charts.rates_data(threshold.curve(0.2, 0.02, [-2.0, -1.0, 0.0]), found)
    assert data["kind"].tolist() == ["curve", "curve", "point"]
    assert charts.rates_data(threshold.curve(0.0, 0.0, []), threshold.rates(0.0, 0.0, {})).empty
    assert threshold.rates_table(threshold.rates(0.0, 0.0, {}), threshold.rates(0.0, 0.0, {})).empty
