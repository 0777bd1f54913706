"""Incentive and tariff: the equal-cost condition holds when its answers are put back; boundaries and refusals."""

import pandas as pd
import pytest
from hypothesis import given, strategies

from korus import incentive, incentive_text
from korus.estimates import Estimates
from korus.incentive import Plant
from korus.values import Values

SHARES = strategies.floats(0.01, 1.0)
PARTS = strategies.floats(0.0, 0.49)
GAPS = strategies.floats(0.0, 3.0)


def test_the_commentary_s_figures():
    plant = Plant(0.5, 1.0)
    assert incentive.equivalent_tariff(plant, incentive.support(0.1, 0.25)) == pytest.approx(0.525)
    assert incentive.equivalent_tariff(plant, incentive.support(0.1, 0.35)) == pytest.approx(0.675)
    assert incentive.support_needed(plant, 0.0) == pytest.approx(1 / 3)
    assert incentive.closing_capital_share(0.5, 0.35) == pytest.approx(0.5 / (1.5 * 0.35))
    assert incentive.support(0.1, 0.25, on_what_is_left=True) == pytest.approx(0.325)


@given(GAPS, SHARES, PARTS, PARTS)
def test_both_units_cost_the_same_with_the_tariff_that_is_still_needed(gap, capital, grant, credit):
    plant, paid = Plant(gap, capital), incentive.support(grant, credit)
    tariff = incentive.remaining_tariff(plant, paid)
    assert incentive.unit_cost(plant, paid) == pytest.approx(1 + tariff)
    # The package and its equivalent close the same part of the gap.
    assert incentive.equivalent_tariff(plant, paid) + tariff == pytest.approx(gap)
    assert incentive.support_needed(plant, tariff) == pytest.approx(paid)


@given(GAPS, SHARES, strategies.floats(0.0, 3.0))
def test_the_support_needed_beside_a_tariff_makes_both_units_cost_the_same(gap, capital, tariff):
    plant = Plant(gap, capital)
    paid = incentive.support_needed(plant, tariff)
    assert incentive.unit_cost(plant, paid) == pytest.approx(1 + tariff)


@given(strategies.floats(0.01, 3.0), strategies.floats(0.01, 0.98))
def test_at_the_closing_share_of_capital_no_tariff_is_needed(gap, paid):
    share = incentive.closing_capital_share(gap, paid)
    if share <= 1:
        assert incentive.remaining_tariff(Plant(gap, share), paid) == pytest.approx(0, abs=1e-12)
    else:
        assert incentive.remaining_tariff(Plant(gap, 1.0), paid) > 0


def test_boundaries():
    assert incentive.remaining_tariff(Plant(0.5, 0.5), 0.0) == 0.5
    assert incentive.equivalent_tariff(Plant(0.5, 0.5), 0.0) == 0
    assert incentive.remaining_tariff(Plant(0.0, 0.5), 0.2) < 0
    assert incentive.closing_capital_share(0.5, 0.0) == float("inf")
    assert incentive.closing_capital_share(0.0, 0.2) == 0


@pytest.mark.parametrize(("gap", "capital"), [(-0.1, 0.5), (0.5, 0.0), (0.5, 1.1)])
def test_an_impossible_plant_is_refused(gap, capital):
    with pytest.raises(ValueError, match="the gap must be at least 0"):
        Plant(gap, capital)


@pytest.mark.parametrize(("grant", "credit"), [(0.5, 0.5), (-0.1, 0.2), (0.1, -0.2)])
def test_support_of_all_cost_or_below_nothing_is_refused(grant, credit):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        incentive.support(grant, credit)


@given(SHARES, strategies.floats(0.0, 0.9), strategies.floats(0.0, 1.0))
def test_the_tariff_costs_net_of_what_returns_what_the_support_costs(capital, paid, share):
    found = incentive.costs(Plant(0.5, capital), paid, share)
    assert found["buyers"] - found["treasury"] == pytest.approx(found["taxpayers"])


CLAIMS = pd.DataFrame({
    "claim": ["kiep-tsmc-50", "kiep-chips-grant-10"],
    "evidence_value": ["50% more expensive than in Taiwan; Chang said costs would double",
                       "SK hynix 458/3,870 = 11.8%; Samsung 4,745/37,000 = 12.8%; programme guidance 5-15%"],
    "source": ["claims.a", "claims.b"], "ref": ["claims/claims#L2", "claims/claims#L3"]})
SOURCES = pd.DataFrame({"date": ["2022-04", "2024-12"], "accessed": "2026-11-22",
                        "kind": "press or secondary text cited as evidence"}, index=["claims.a", "claims.b"])


def test_alternatives_are_those_the_evidence_states_by_the_day_and_of_the_tier():
    found = incentive.alternatives(CLAIMS, SOURCES, "2026-11-22", 3)
    assert found["pct"].tolist() == [50.0, 100.0, 5.0, 11.8, 12.8, 15.0]
    assert incentive.alternatives(CLAIMS, SOURCES, "2023-01-01", 3)["what"].unique().tolist() == ["cost gap"]
    assert incentive.alternatives(CLAIMS, SOURCES, "2026-11-22", 2).empty
    assert incentive_text.alternatives_table(found.iloc[:0], Plant(0.5, 0.5), 0.1, [0.25]).empty


def test_evidence_that_changed_stops_the_build_and_is_named():
    other = CLAIMS.assign(evidence_value=CLAIMS["evidence_value"].str.replace("double", "rise"))
    with pytest.raises(incentive.EvidenceChanged, match="kiep-tsmc-50, evidence_value: no longer says 'costs would"):
        incentive.alternatives(other, SOURCES, "2026-11-22", 3)
    with pytest.raises(incentive.EvidenceChanged, match="kiep-chips-grant-10"):
        incentive.alternatives(CLAIMS.iloc[:1], SOURCES, "2026-11-22", 3)


def test_every_package_is_recorded_with_its_range_and_a_gap_it_can_not_close_is_said_so():
    plant = Plant(1.0, 0.5)
    table = incentive.packages(plant, 0.1, [0.25, 0.45])
    values, estimates = Values("x", "2026-01-01"), Estimates("x", "q")
    incentive_text.record(values, estimates, plant, table, {"tier": 3, "refs": "claims/claims#L2"})
    first = values.row("effects.incentive.equivalent_tariff")
    assert (first["value"], first["lower"], first["upper"]) == (35.0, 0.0, 70.0)
    assert values.number("effects.incentive.remaining_tariff.credit-25") == 65.0
    assert "effects.incentive.closing_capital_share.credit-25" not in values.rows
    words = incentive_text.closing_words(table)
    assert "25% credit the package closes the gap alone at no capital share" in words
    assert "{effects.incentive.closing_capital_share.credit-45}" in words
    assert len(estimates.frame()) == 4


def test_a_chart_s_line_passes_through_the_equivalent_tariff():
    data = incentive.lines(0.5, 0.1, [0.25, 0.35])
    half = data[(data["capital_pct"] == 50) & data["package"].str.contains("25%")]
    assert half["tariff_pct"].iloc[0] == pytest.approx(100 * incentive.equivalent_tariff(Plant(0.5, 0.5), 0.35))
