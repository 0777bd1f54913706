"""The intervals of the report: with and without the commentary, and when it contradicts the figures."""

import math

import pandas as pd
import pytest

from korus import intervals, tables
from korus.bounds import Contradiction
from korus.greenfield_constraints import stated
from korus.raw import read, sources
from korus.values import Values

AS_OF = "2026-11-22"


@pytest.fixture(scope="module")
def investment():
    """The real table, as the chain built it."""
    try:
        return tables.read("investment")
    except FileNotFoundError:
        pytest.skip("the chain is not built: run `make chain`")


@pytest.fixture(scope="module")
def statements():
    return stated(read("kexim/statements"), sources())


@pytest.fixture(scope="module")
def found(investment, statements):
    return intervals.both(investment, AS_OF, 3, statements)


def official(investment, value, mode="greenfield", tier=2):
    """A made-up official row by country and mode, as Eximbank's portal would give it (synthetic)."""
    like = investment[(investment["source"] == "kexim") & (investment["destination"] == "USA")
                      & (investment["period"] == "2024") & (investment["measure"] == "invested")
                      & (investment["mode"] == "all") & (investment["industry"] == "")
                      & (investment["tier"] == 2)].tail(1)
    return pd.concat([investment, like.assign(
        mode=mode, value_musd=float(value), rounding_musd=0.05, tier=tier, ref="kexim/reports#L9999")],
        ignore_index=True)


def interval(found, target, evidence=intervals.PUBLISHED):
    table = found.intervals
    row = table[(table["target"] == target) & (table["evidence"] == evidence)].iloc[0]
    return row["lower"], row["upper"]


def test_without_the_commentary_a_year_with_a_total_lies_between_nothing_and_the_total(found):
    assert interval(found, "G.USA.2024") == (0.0, 22415.0)
    assert interval(found, "G.CHN.2024") == (0.0, 1815.0)


def test_the_commentary_narrows_the_years_it_speaks_of_and_no_interval_gets_wider(found):
    assert interval(found, "G.USA.2024", intervals.STATED) == (14750.0, 14850.0)
    wide = found.intervals.pivot(index="target", columns="evidence", values=["lower", "upper"])
    assert (wide["lower"][intervals.STATED] >= wide["lower"][intervals.PUBLISHED] - 1e-3).all()
    assert (wide["upper"][intervals.STATED] <= wide["upper"][intervals.PUBLISHED] + 1e-3).all()


def test_an_official_figure_collapses_its_year_without_a_change_of_code(investment, statements):
    found = intervals.both(official(investment, 14810.0), AS_OF, 3, statements)
    assert interval(found, "G.USA.2024") == pytest.approx((14809.95, 14810.05))


def test_an_official_figure_against_the_commentary_is_shown_and_does_not_stop_the_report(
    investment, statements
):
    found = intervals.both(official(investment, 9000.0), AS_OF, 3, statements)
    assert found.conflict is not None and set(found.conflict["tier"]) == {2, 4}
    assert intervals.STATED not in set(found.intervals["evidence"])
    assert interval(found, "G.USA.2024") == pytest.approx((8999.95, 9000.05))


def test_published_figures_against_each_other_stop_it_and_are_named(investment, statements):
    with pytest.raises(Contradiction, match="kexim/reports#L9999"):
        intervals.both(official(investment, 25000.0), AS_OF, 3, statements)


def test_an_open_interval_has_no_value_and_says_its_bounds(found):
    values = Values("22_bounds", AS_OF)
    intervals.record(values, found)
    row = values.rows["greenfield.interval.USA.2024"]
    assert math.isnan(row["value"]) and (row["lower"], row["upper"]) == (0.0, 22415.0)
    assert row["text"] == "$0 to $22.4 billion" and row["tier"] == 2
    assert values.rows["greenfield.ratio_chn_usa.2024"]["text"] == "0.00 or more"
    pinned = values.rows["greenfield.interval_stated.USA.2024"]
    assert pinned["value"] == 14800.0 and pinned["text"] == "$14.8 billion" and pinned["tier"] == 4


def test_statements_published_later_are_not_known(investment, statements):
    found = intervals.both(investment, "2025-09-25", 3, statements)
    assert interval(found, "G.USA.2024", intervals.STATED) == interval(found, "G.USA.2024")


def test_a_mean_that_nothing_bounds_above_is_left_out(investment, statements):
    values = Values("22_bounds", AS_OF)
    intervals.record(values, intervals.both(investment, AS_OF, 2, statements))
    assert "greenfield.mean.USA.2000-2015" not in values.rows
    assert "greenfield.interval.USA.2024" in values.rows
    assert not any(".stated_mean_needs." in id for id in values.rows)


def test_a_stated_mean_needs_at_least_its_least_over_the_most_that_figures_allow(found):
    values = Values("22_bounds", AS_OF)
    intervals.record(values, found)
    needed = values.number("greenfield.stated_mean_needs.USA.2000-2015")
    allowed, meant = (values.rows[f"greenfield.{kind}.USA.2000-2015"] for kind in ("mean", "mean_stated"))
    assert needed == pytest.approx(100 * meant["lower"] / allowed["upper"], abs=1e-5)
    assert values.rows["greenfield.stated_mean_needs.USA.2000-2015"]["tier"] == 4
