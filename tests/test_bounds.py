"""Identified intervals by linear programming: exact, stable, and at odds only where figures are."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from korus import bounds
from korus.bounds import Target

INF = math.inf


def rows(*specified) -> pd.DataFrame:
    """Constraints from (id, terms, lower, upper); an id that starts with = belongs to no figure."""
    return pd.DataFrame(
        [{"id": name, "figure": "" if name.startswith("=") else name.split(",")[0], "kind": "value",
          "text": f"the words of {name}", "terms": terms, "lower": lower, "upper": upper,
          "source": "a table", "ref": f"folder/table#{name}", "tier": 2, "vintage": "2025-01-31"}
         for name, terms, lower, upper in specified], columns=bounds.COLUMNS)


def signs(*names: str) -> list[tuple]:
    return [(f"={name} ≥ 0", {name: 1.0}, 0.0, INF) for name in names]


def interval(table: pd.DataFrame, terms: dict, per: dict | None = None) -> pd.Series:
    return bounds.intervals(table, [Target("asked", terms, per)]).iloc[0]


# Brute force: a bounded polytope attains every linear and every linear-fractional bound at a vertex.

def vertices(table: pd.DataFrame, names: list[str]) -> list[np.ndarray]:
    """Every vertex of the constraints, by solving each choice of as many tight rows as variables."""
    planes = [([terms.get(name, 0.0) for name in names], limit)
              for terms, *limits in table[["terms", "lower", "upper"]].itertuples(index=False)
              for limit in limits if math.isfinite(limit)]
    chosen = np.array(list(itertools.combinations(range(len(planes)), len(names))))
    matrices, limits = np.array([a for a, _ in planes])[chosen], np.array([b for _, b in planes])[chosen]
    proper = np.abs(np.linalg.det(matrices)) > 1e-9
    points = np.linalg.solve(matrices[proper], limits[proper][..., None])[..., 0]
    coefficients = np.array([[terms.get(name, 0.0) for name in names] for terms in table["terms"]])
    values = points @ coefficients.T
    inside = (table["lower"].to_numpy() - 1e-9 <= values) & (values <= table["upper"].to_numpy() + 1e-9)
    return list(points[inside.all(axis=1)])


NAMES = ["x.1", "x.2", "y.1"]
WHOLE = st.integers(-3, 3).map(float)


@st.composite
def systems(draw):
    """A box of three variables cut by up to three rows, with limits far enough from rounding."""
    specified = [(f"box {name}", {name: 1.0}, 0.0, float(draw(st.integers(1, 9)))) for name in NAMES]
    for number in range(draw(st.integers(0, 3))):
        terms = {name: a for name in NAMES if (a := draw(WHOLE))}
        assume(terms)
        lower = float(draw(st.integers(-12, 12)))
        specified.append((f"cut {number}", terms, lower, lower + draw(st.integers(0, 9))))
    return rows(*specified)


@given(systems(), WHOLE, WHOLE, WHOLE)
def test_every_bound_is_that_of_the_vertices_or_there_are_none(table, a, b, c):
    coefficients = dict(zip(NAMES, (a, b, c), strict=True))
    corners = vertices(table, NAMES)
    if not corners:
        with pytest.raises(bounds.Contradiction):
            interval(table, coefficients)
        return
    found = interval(table, coefficients)
    values = [sum(coefficients[name] * x for name, x in zip(NAMES, point, strict=True)) for point in corners]
    assert found["lower"] == pytest.approx(min(values), abs=1e-6)
    assert found["upper"] == pytest.approx(max(values), abs=1e-6)


@given(systems())
def test_a_ratio_is_bounded_as_at_the_vertices_when_its_denominator_is_positive(table):
    table = pd.concat([table, rows(("floor", {"x.2": 1.0}, 0.5, INF))], ignore_index=True)
    corners = vertices(table, NAMES)
    assume(corners)
    found = interval(table, {"x.1": 1.0, "y.1": -2.0}, {"x.2": 1.0})
    values = [(point[0] - 2 * point[2]) / point[1] for point in corners]
    assert found["lower"] == pytest.approx(min(values), abs=1e-6)
    assert found["upper"] == pytest.approx(max(values), abs=1e-6)


@settings(max_examples=40)
@given(systems(), WHOLE, WHOLE)
def test_the_rows_a_bound_rests_on_imply_it_alone(table, a, b):
    assume(vertices(table, NAMES))
    terms = {"x.1": a, "y.1": b}
    found = interval(table, terms)
    idle = rows(*((f"idle {name}", {name: 1.0}, -1e6, 1e6) for name in NAMES))
    for end in ("lower", "upper"):
        alone = table[table["id"].isin(found[f"{end}_rests_on"])]
        assert interval(pd.concat([alone, idle]), terms)[end] == pytest.approx(found[end], abs=1e-6)


@settings(max_examples=40)
@given(systems())
def test_the_smallest_conflict_is_at_odds_and_no_smaller_set_of_figures_is(table):
    conflict = bounds.smallest_conflict(table)
    if vertices(table, NAMES):
        assert conflict.empty
        return
    size = conflict["figure"].nunique()
    assert len(bounds.smallest_conflict(conflict)) == len(conflict) > 0
    for smaller in itertools.combinations(table["figure"], size - 1):
        assert bounds.smallest_conflict(table[table["figure"].isin(smaller)]).empty


@given(systems(), st.randoms(use_true_random=False), st.sampled_from([1e-3, 1.0, 1e3, 1e6]))
def test_neither_the_order_of_rows_nor_the_unit_matters(table, random, unit):
    assume(vertices(table, NAMES))
    order = list(range(len(table)))
    random.shuffle(order)
    targets = [Target("x", {"x.1": 1.0}), Target("d", {"x.2": 1.0, "y.1": -1.0})]
    found = bounds.intervals(table, targets)
    pd.testing.assert_frame_equal(found, bounds.intervals(table.iloc[order], targets))
    other = bounds.intervals(table.assign(lower=table["lower"] * unit, upper=table["upper"] * unit), targets)
    for end in ("lower", "upper"):
        np.testing.assert_allclose(other[end], found[end] * unit, rtol=1e-6, atol=1e-6 * unit)


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_a_conflict_does_not_depend_on_the_order_of_rows(random):
    table = rows(*signs("x.1", "x.2"), ("a", {"x.1": 1.0}, 5.0, 6.0), ("b", {"x.1": 1.0}, 1.0, 2.0),
                 ("c", {"x.2": 1.0}, 8.0, 9.0), ("d", {"x.2": 1.0}, 3.0, 4.0))
    order = list(range(len(table)))
    random.shuffle(order)
    assert list(bounds.smallest_conflict(table.iloc[order])["id"]) == ["a", "b"]


# Worked by hand.

def test_a_total_bounds_its_part_and_the_other_part_is_the_rest():
    table = rows(("total", {"t.1": 1.0}, 9.5, 10.5), *signs("g.1", "a.1"),
                 ("=sum", {"g.1": 1.0, "a.1": 1.0, "t.1": -1.0}, 0.0, 0.0))
    found = interval(table, {"g.1": 1.0})
    assert (found["lower"], found["upper"]) == (0.0, 10.5)
    assert found["lower_rests_on"] == ("=g.1 ≥ 0",)
    assert found["upper_rests_on"] == ("=a.1 ≥ 0", "=sum", "total")
    known = pd.concat([table, rows(("bought", {"a.1": 1.0}, 3.5, 4.5))])
    found = interval(known, {"g.1": 1.0})
    assert (found["lower"], found["upper"]) == (5.0, 7.0)


def test_a_mean_of_two_years_and_the_total_of_one_bound_the_other():
    table = rows(*signs("g.1", "g.2"), ("mean", {"g.1": 0.5, "g.2": 0.5}, 2.95, 3.05),
                 ("total 1", {"g.1": 1.0}, -INF, 2.0))
    found = interval(table, {"g.2": 1.0})
    assert (found["lower"], found["upper"]) == (3.9, 6.1)
    assert found["lower_rests_on"] == ("mean", "total 1")
    assert found["upper_rests_on"] == ("=g.1 ≥ 0", "mean")


def test_figures_that_leave_one_value_collapse_the_interval():
    table = rows(*signs("g.1", "g.2"), ("sum", {"g.1": 1.0, "g.2": 1.0}, 7.0, 7.0),
                 ("one", {"g.1": 1.0}, 3.0, 3.0))
    found = interval(table, {"g.2": 1.0})
    assert (found["lower"], found["upper"]) == (4.0, 4.0)
    share = interval(table, {"g.1": 1.0}, {"g.1": 1.0, "g.2": 1.0})
    assert share["lower"] == share["upper"] == pytest.approx(3 / 7)


def test_a_ratio_whose_denominator_may_vanish_is_unbounded_and_says_so():
    table = rows(*signs("g.1", "g.2"), ("one", {"g.1": 1.0}, 1.0, 2.0), ("two", {"g.2": 1.0}, -INF, 4.0))
    found = interval(table, {"g.1": 1.0}, {"g.2": 1.0})
    assert (found["lower"], found["lower_status"]) == (0.25, "bounded")
    assert (found["upper"], found["upper_status"], found["upper_rests_on"]) == (INF, "unbounded", ())


def test_a_share_stays_below_one_though_its_denominator_may_vanish():
    table = rows(*signs("g.1"), ("=part", {"t.1": 1.0, "g.1": -1.0}, 0.0, INF),
                 ("t", {"t.1": 1.0}, -INF, 4.0))
    found = interval(table, {"g.1": 1.0}, {"t.1": 1.0})
    assert (found["lower"], found["upper"]) == (0.0, 1.0)


def test_a_denominator_that_can_only_be_zero_leaves_the_ratio_undefined():
    table = rows(*signs("g.1"), ("nothing", {"t.1": 1.0}, 0.0, 0.0))
    found = interval(table, {"g.1": 1.0}, {"t.1": 1.0})
    assert found["lower_status"] == found["upper_status"] == "undefined"
    assert math.isnan(found["lower"]) and math.isnan(found["upper"])


def test_a_denominator_that_can_be_negative_is_refused():
    table = rows(*signs("g.1"), ("net", {"n.1": 1.0}, -1.0, 5.0))
    with pytest.raises(ValueError, match=r"ratio per n\.1: the denominator can be negative"):
        interval(table, {"g.1": 1.0}, {"n.1": 1.0})


def test_a_target_across_years_that_share_no_row_takes_each_year_s_own_bounds():
    table = rows(("one", {"g.1": 1.0}, 2.0, 3.0), ("two", {"g.2": 1.0}, 4.0, 9.0))
    found = interval(table, {"g.2": 1.0}, {"g.1": 1.0})
    assert (found["lower"], found["upper"]) == pytest.approx((4 / 3, 4.5))
    assert found["lower_rests_on"] == ("one", "two")


def test_years_that_nothing_tells_apart_share_a_bound_and_each_names_its_own_rows():
    years = ["1", "2", "3", "4"]
    table = rows(
        *signs(*(f"g.{y}" for y in years)),
        *((f"=t ≥ g {y}", {f"t.{y}": 1.0, f"g.{y}": -1.0}, 0.0, INF) for y in years),
        ("since", {f"t.{y}": 1.0 for y in years}, 9.5, 10.5), ("known", {"t.4": 1.0}, 4.0, 4.0),
        ("mean", {f"g.{y}": 0.25 for y in years}, 2.25, 2.5))
    targets = [Target(y, {f"g.{y}": 1.0}) for y in years] + [Target("1+2", {"g.1": 1.0, "g.2": 1.0})]
    found = bounds.intervals(table, targets).set_index("target")
    assert set(found.loc[["1", "2", "3"], "upper"]) == {6.5}
    assert found.loc["2", "upper_rests_on"] == (
        "=g.1 ≥ 0", "=g.3 ≥ 0", "=t ≥ g 1", "=t ≥ g 2", "=t ≥ g 3", "known", "since")
    assert found.loc["4", "lower"] == 2.5      # 9 of greenfield at least, 6.5 in the others at most
    assert found.loc["1+2", "upper"] == 6.5
    apart = pd.concat([table, *(rows((f"label {y}", {f"g.{y}": 1.0}, -1000.0 - int(y), INF))
                                for y in years)])
    pd.testing.assert_frame_equal(bounds.intervals(apart, targets)[["lower", "upper"]],
                                  found.reset_index()[["lower", "upper"]])


# Contradictions.

def test_the_smaller_of_two_conflicts_is_named_though_the_other_comes_first():
    table = rows(*signs("a.1", "a.2", "a.3", "b.1"),
                 ("a1", {"a.1": 1.0}, 3.0, 3.0), ("a2", {"a.2": 1.0}, 3.0, 3.0),
                 ("a3", {"a.1": 1.0, "a.2": 1.0}, 0.0, 5.0),
                 ("b1", {"b.1": 1.0}, 7.0, 8.0), ("b2", {"b.1": 1.0}, 1.0, 2.0))
    with pytest.raises(bounds.Contradiction) as failure:
        interval(table, {"a.3": 1.0})
    assert list(failure.value.conflict["id"]) == ["b1", "b2"]
    words = str(failure.value)
    assert words.startswith("2 published figures can not hold together, and no smaller set is at odds:")
    assert "- the words of b1 (a table, tier 2, folder/table#b1)" in words and "a1" not in words


def test_the_smallest_conflict_within_one_web_of_rows_is_found_past_a_larger_one():
    table = rows(*signs("x.1", "x.2", "x.3"), ("a", {"x.1": 1.0}, 4.0, 5.0), ("b", {"x.2": 1.0}, 4.0, 5.0),
                 ("c", {"x.3": 1.0}, 4.0, 5.0), ("d", {"x.1": 1.0, "x.2": 1.0, "x.3": 1.0}, 0.0, 10.0),
                 ("e", {"x.1": 1.0, "x.2": 1.0, "x.3": 1.0}, 40.0, 50.0))
    assert list(bounds.smallest_conflict(table)["id"]) == ["d", "e"]


def test_the_two_rows_of_one_ratio_count_as_one_figure():
    table = rows(*signs("x.1", "y.1"), ("ratio, at least", {"x.1": 1.0, "y.1": -0.4}, 0.0, INF),
                 ("ratio, at most", {"x.1": 1.0, "y.1": -0.5}, -INF, 0.0),
                 ("x", {"x.1": 1.0}, 10.0, 10.0), ("y", {"y.1": 1.0}, 10.0, 10.0))
    conflict = bounds.smallest_conflict(table)
    assert list(conflict["id"]) == ["ratio, at least", "ratio, at most", "x", "y"]
    assert conflict["figure"].nunique() == 3


def test_one_figure_may_contradict_the_signs_alone_and_the_signs_are_not_named():
    table = rows(*signs("x.1"), ("negative", {"x.1": 1.0}, -5.0, -1.0))
    assert list(bounds.smallest_conflict(table)["id"]) == ["negative"]


def test_identities_that_contradict_one_another_are_an_error_of_their_own():
    table = rows(("=one", {"x.1": 1.0}, 1.0, 1.0), ("=two", {"x.1": 1.0}, 2.0, 2.0))
    with pytest.raises(ValueError, match="no figure is to blame"):
        bounds.smallest_conflict(table)


@pytest.mark.parametrize(("table", "message"), [
    (rows(("a", {"x.1": 1.0}, 2.0, 1.0)), "'a': lower 2.0 is not below upper 1.0"),
    (rows(("a", {}, 0.0, 1.0)), "'a': terms {} are no linear combination"),
    (rows(("a", {"x.1": math.nan}, 0.0, 1.0)), "'a': terms"),
    (rows(("a", {"x.1": 1.0}, 0.0, 1.0), ("a", {"x.1": 1.0}, 0.0, 2.0)), "'a' stands twice"),
    (rows(("a", {"x.2": 1.0}, 0.0, 1.0)), r"no constraint speaks of x\.1"),
])
def test_constraints_and_targets_that_can_not_be_used_are_named(table, message):
    with pytest.raises(ValueError, match=message):
        interval(table, {"x.1": 1.0})
