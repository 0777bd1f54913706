"""The cost of a plant: made-up tables with known answers (synthetic), and the real ones where they must agree."""

import math

import numpy as np
import pandas as pd
import pytest

from korus import building, building_text, input_costs, tables
from korus.estimates import Estimates
from korus.input_costs import GOODS, uniform
from korus.values import Values

NEEDS_IO = pytest.mark.skipif(not (tables.processed_dir() / "io.parquet").exists(), reason="run `make` first")


def economy(industries: int = len(GOODS), seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Input shares (all, imported) of a made-up economy whose goods and industries are GOODS."""
    draw = np.random.default_rng(seed)
    inputs = draw.uniform(0, 0.6 / industries, (industries, industries))
    return inputs, inputs * draw.uniform(0, 0.6, (industries, industries))


def made_up_io(held: list[str], seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """io of a made-up economy of which only some columns are held, and its true imports per dollar of final demand."""
    inputs, imported = economy(seed=seed)
    one = np.eye(len(GOODS))
    total, domestic = np.linalg.inv(one - inputs), np.linalg.inv(one - (inputs - imported))
    rows = [{"year": 2024, "industry": code, "commodity": good, "use_musd": 1000 * inputs[i, j],
             "imported_musd": 1000 * imported[i, j], "total_requirement": total[i, j],
             "domestic_requirement": domestic[i, j], "industry_output_musd": 1000.0, "industry_name": code,
             "ref": f"io/use_2024#L{i + 2}"}
            for j, code in enumerate(GOODS) if code in held for i, good in enumerate(GOODS)]
    return pd.DataFrame(rows), imported @ domestic


@pytest.mark.parametrize("seed", range(5))
def test_the_bounds_hold_the_truth_and_meet_it_when_every_column_is_held(seed):
    rates = pd.Series(np.random.default_rng(seed).uniform(0, 0.5, len(GOODS)), index=list(GOODS))
    for held, exact in ((["331", "333", "334"], False), (list(GOODS), True)):
        io, true = made_up_io(held, seed)
        found = input_costs.cost_bounds(input_costs.structure(io), rates).set_index("industry")
        cost = pd.Series(100 * rates.to_numpy() @ true, index=list(GOODS))[held]
        assert (found["least"] <= cost + 1e-6).all() and (cost <= found["most"] + 1e-6).all()
        if exact:
            assert found["least"].to_numpy() == pytest.approx(cost[found.index].to_numpy(), abs=1e-6)
            assert found["most"].to_numpy() == pytest.approx(cost[found.index].to_numpy(), abs=1e-4)
        else:
            assert (found["most"] > found["least"] + 1e-3).all()


def test_the_direct_cost_is_the_sum_of_duty_on_what_is_imported():
    io, _ = made_up_io(["331", "334"])
    held = input_costs.structure(io)
    rates = uniform(0).mask(pd.Series(list(GOODS), index=list(GOODS)) == "334", 0.25)
    row = io[(io["industry"] == "331") & (io["commodity"] == "334")].iloc[0]
    assert input_costs.imported_cost(held, rates)["331"] == pytest.approx(100 * 0.25 * row["imported_musd"] / 1000)
    assert input_costs.used_cost(held, rates)["331"] == pytest.approx(100 * 0.25 * row["use_musd"] / 1000)


def test_no_duty_adds_nothing_and_costs_are_proportional_to_the_rate_and_so_to_pass_through():
    held = input_costs.structure(made_up_io(["331", "333"])[0])
    none, one, half = (building.costs_of(held, uniform(rate)).set_index("industry") for rate in (0.0, 0.2, 0.1))
    assert np.abs(none.to_numpy()).max() == pytest.approx(0, abs=1e-9)
    assert half.to_numpy() == pytest.approx(0.5 * one.to_numpy(), abs=1e-6)
    assert (one["direct"] < one["least"]).all() and (one["direct"] < one["used"]).all()


def test_a_rate_below_zero_turns_the_bounds_round():
    held = input_costs.structure(made_up_io(["331", "333"])[0])
    up, down = (input_costs.cost_bounds(held, uniform(rate)) for rate in (0.1, -0.1))
    assert down["least"].to_numpy() == pytest.approx(-up["most"].to_numpy(), abs=1e-6)
    assert down["most"].to_numpy() == pytest.approx(-up["least"].to_numpy(), abs=1e-6)


def test_what_can_not_be_computed_is_refused_with_its_reason():
    io, _ = made_up_io(["331", "333"])
    held = input_costs.structure(io)
    with pytest.raises(ValueError, match="no output of industry 331, 333"):
        input_costs.structure(io.assign(industry_output_musd=0.0))
    with pytest.raises(ValueError, match="no whole column of requirements for 331"):
        input_costs.structure(io.assign(total_requirement=io["total_requirement"].where(io["industry"] != "331")))
    with pytest.raises(ValueError, match="rates: none for 334"):
        input_costs.imported_cost(held, uniform(0.1).drop("334"))
    with pytest.raises(input_costs.TablesDisagree, match="leaves 0.0000 dollars"):
        same = io.assign(domestic_requirement=io["total_requirement"])
        input_costs.cost_bounds(input_costs.structure(same), uniform(0.1))


MEASURES = pd.DataFrame({
    "measure": ["ieepa.reciprocal", "ieepa.reciprocal", "s122.surcharge", "s232.steel", "s122.surcharge"],
    "effective": ["2025-04-05", "2025-08-07", "2026-02-24", "2025-04-05", "2025-04-05"],
    "until": ["2025-08-06", "2026-02-23", None, None, None], "status": ["in force"] * 4 + ["announced"],
    "published": None, "rate_pct": [10.0, 15.0, 10.0, 50.0, 99.0], "ref": "policy/measures_coded#L2"})


def test_the_law_s_rate_is_the_mean_of_its_days_and_an_announced_one_is_none():
    rate = building.mean_rate
    assert rate(MEASURES, building.GENERAL, "2025-04-05", "2025-08-06") == 10
    assert rate(MEASURES, building.GENERAL, "2025-08-06", "2025-08-07") == 12.5
    assert rate(MEASURES, building.GENERAL, "2025-04-01", "2025-04-04") == 0
    assert rate(MEASURES, ("s232.steel",), "2026-01-01", "2026-12-31") == 50


def test_the_readings_differ_only_where_their_names_say():
    found = building.readings(8.0, 2.0, MEASURES, "2025-05-01", "2025-05-31")
    assert (found["average"] == 0.06).all()
    spared, metals, law = (found[name] for name in ("electronics spared", "metals in full", "law for Korea"))
    assert spared["334"] == 0 and (spared.drop("334") == 0.06).all()
    assert metals[["331", "332"]].tolist() == [0.5, 0.5] and (metals.drop(["331", "332"]) == 0.06).all()
    assert law[["331", "332"]].tolist() == [0.5, 0.5] and (law.drop(["331", "332"]) == 0.1).all()


def test_a_plant_lies_between_equipment_made_at_home_and_imported():
    costs = pd.DataFrame({
        "first": "2025-01-01", "reading": "average", "industry": ["23", "333"], "least": [1.0, 3.0], "most": [2.0, 4.0],
        "added_pct": 10.0})
    assert building.plant(costs, 50.0)[["least", "most"]].iloc[0].tolist() == [2.0, 6.0]
    assert building.plant(costs, 100.0)[["least", "most"]].iloc[0].tolist() == [1.0, 2.0]
    assert building.plant(costs, 0.0)[["least", "most"]].iloc[0].tolist() == [3.0, 10.0]
    assert building.plant(costs.iloc[:0], 50.0).empty
    assert building.capital_cost(50.0, 3.0) == 1.5


def months(rate: float = 0.1, value: float = 100.0) -> pd.DataFrame:
    """Twelve months of all countries' imports (synthetic)."""
    names = pd.period_range("2025-09", "2026-08", freq="M").astype(str)
    return pd.DataFrame({"partner": "WLD", "month": names, "consumption_usd": value, "duty_usd": rate * value,
                         "tier": 1, "ref": "census/imports_monthly#L2"})


PRODUCTS = pd.DataFrame({"hs": ["854231", "870323"], "partner": "WLD", "consumption_usd": [200.0, 100.0],
                         "duty_usd": [2.0, 15.0], "tier": 1, "ref": ["census/imports_hs6#L2", "census/imports_hs6#L3"]})


def test_the_products_held_state_the_rate_of_their_share_and_the_rest_takes_that_of_all_others():
    sectors = pd.DataFrame({"imports_usd": 400.0, "tier": 3}, index=list(building.SECTORS_OF))
    found = building.detail(PRODUCTS, months(), sectors)
    assert found.rest_pct == pytest.approx(100 * (120 - 17) / (1200 - 300)) and found.tier == 3
    assert found.rates["334"] == pytest.approx(0.5 * 0.01 + 0.5 * found.rest_pct / 100)
    assert found.rates["3361MV"] == pytest.approx(0.25 * 0.15 + 0.75 * found.rest_pct / 100)
    assert found.rates["327"] == pytest.approx(found.rest_pct / 100)
    without = building.detail(PRODUCTS, months(), sectors.iloc[:0])
    assert without.rates is None and without.table["share_pct"].isna().all() and without.tier == 1
    assert building.detail(PRODUCTS, months().iloc[1:], sectors) is None


def test_protection_is_eaten_in_the_proportion_of_the_two_duties():
    costs = pd.DataFrame({"industry": ["334", "334", "3361MV"], "reading": ["average", "metals in full", "average"],
                          "least": [0.5, 0.8, 3.0], "most": [0.6, 2.0, 4.5]})
    refs = {"334": "io/use_2024#L2", "3361MV": "io/use_2024#L3"}
    found = building.protection(PRODUCTS, costs, refs).set_index("product")
    assert found.loc["chips", ["all_pct", "least", "most", "eaten_least", "eaten_most"]].tolist() == pytest.approx(
        [1.0, 0.5, 2.0, 50.0, 200.0])
    assert found.at["cars", "eaten_most"] == pytest.approx(30.0) and math.isnan(found.at["cars", "korea_pct"])


@NEEDS_IO
def test_the_real_tables_fit_together_and_give_more_with_suppliers_than_without():
    held = input_costs.structure(pd.read_parquet(tables.processed_dir() / "io.parquet"))
    assert set(held.imported.columns) == set(building.INDUSTRIES)
    # What is assumed of the goods whose column is not held: a dollar of its own industry per dollar.
    assert all(held.total.at[code, code] >= 1 for code in held.total.columns)
    found = building.costs_of(held, uniform(1.0))
    assert (found["direct"] <= found["least"]).all() and (found["least"] <= found["most"]).all()
    assert (held.imported <= held.used + 1e-9).all().all()


@NEEDS_IO
def test_what_is_recorded_scales_with_pass_through_and_keeps_its_range():
    held = input_costs.structure(pd.read_parquet(tables.processed_dir() / "io.parquet"))
    rates = building.readings(8.0, 2.0, MEASURES, "2025-05-01", "2025-05-31")
    costs = pd.concat([building.costs_of(held, own).assign(
        regime="r", title="R", first="2025-04-05", period="2025-05", rate_pct=8.0, added_pct=6.0, reading=name, tier=1,
        ref="io/use_2024#L2") for name, own in rates.items()], ignore_index=True)
    full, half = (Values("x", "2026-01-01"), Values("x", "2026-01-01"))
    for values, passed in ((full, 100.0), (half, 50.0)):
        estimates = Estimates("x", "q")
        building_text.record(values, estimates, costs, passed)
        assert len(estimates.frame()) == 5 * len(building.INDUSTRIES)
    name = "effects.build_cost.machinery.2025-04-05"
    assert half.number(name) == pytest.approx(0.5 * full.number(name), abs=1e-6)
    assert half.row(name)["upper"] == full.row(name)["upper"] and half.row(name)["lower"] == 0
    assert full.text(name).endswith("cents")


def test_nothing_is_recorded_and_nothing_fails_where_nothing_is_held():
    nothing = building.Found(None, pd.DataFrame(columns=building.COSTS), building.plant(
        pd.DataFrame(columns=building.COSTS), 50.0), None, pd.DataFrame(columns=building.COSTS),
        building.protection(PRODUCTS.iloc[:0], pd.DataFrame(columns=building.COSTS), {}))
    values, estimates = Values("x", "2025-01-01"), Estimates("x", "q")
    building_text.record(values, estimates, nothing.costs, 100.0)
    building_text.record_plant(values, estimates, nothing.costs, nothing.plants,
                               {"passed": 100.0, "structure": 50.0, "capital": 50.0})
    building_text.record_protection(values, estimates, nothing)
    assert not values.rows and not estimates.rows
    assert building_text.latest_table(None, nothing.costs, 100.0).empty
    assert building_text.regime_table(nothing.costs, nothing.plants, 100.0).empty


def test_the_tables_are_not_known_before_the_day_they_were_read():
    sources = pd.DataFrame({"date": "2026-07-22", "accessed": "2026-11-22", "kind": "BEA input-output tables"},
                           index=list(building.SOURCES))
    assert building.tables_tier(sources, "2026-07-22", 3) == 1
    assert building.tables_tier(sources, "2026-07-21", 3) is None
