"""Conditions behind words: read as written, true or false as numbers say, refused when they can not be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus import conditions

NUMBERS = {"a.b.2024": 2.0, "a.b.2025-01/2025-06": 3.0, "a.c-d": -1.0, "a.b.2024:upper": 5.0}
number = NUMBERS.__getitem__


@pytest.mark.parametrize(("condition", "true"), [
    ("a.b.2024 < a.b.2025-01/2025-06", True), ("a.b.2024 > a.b.2025-01/2025-06", False),
    ("a.b.2024 = 2", True), ("a.b.2024 <= 2", True), ("a.b.2024 >= 2.01", False),
    ("0.6 < a.b.2024 / a.b.2025-01/2025-06 < 0.7", True), ("a.c-d * a.c-d = 1", True),
    ("a.b.2024 - a.b.2025-01/2025-06 < 0 and a.c-d < 0", True), ("a.c-d < 0 and a.c-d > 0", False),
    ("( a.b.2024 + a.b.2025-01/2025-06 ) / 2 = 2.5", True), ("a.b.2024:upper > a.b.2024", True),
    ("0 - a.c-d = 1", True),
])
def test_a_condition_is_read_as_written(condition, true):
    assert conditions.holds(condition, number) is true


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_comparison_is_that_of_the_numbers(first, second):
    held = {"x.a": first, "x.b": second}.__getitem__
    assert conditions.holds("x.a < x.b", held) == (first < second)
    assert conditions.holds("x.a >= x.b", held) != conditions.holds("x.a < x.b", held)


@pytest.mark.parametrize("condition", ["a.b.2024", "", "a.b.2024 + 1"])
def test_a_condition_that_compares_nothing_is_refused(condition):
    with pytest.raises(conditions.ConditionProblem, match="compares nothing"):
        conditions.holds(condition, number)


@pytest.mark.parametrize("condition", ["a.b.2024 < < 2", "a.b.2024 < ( 2", "a.b.2024 a.c-d < 1", "< 2"])
def test_a_condition_that_can_not_be_read_is_refused(condition):
    with pytest.raises(conditions.ConditionProblem, match="can not be read"):
        conditions.holds(condition, number)


def test_operands_without_blanks_are_taken_for_an_id_nobody_knows():
    with pytest.raises(KeyError):
        conditions.holds("a.b.2024<3 < 4", number)


def test_nothing_but_values_and_operators_is_evaluated():
    with pytest.raises(KeyError):
        conditions.holds("__import__('os') < 1", number)


def test_words_follow_the_condition():
    assert conditions.words_of("fell | a.b.2024 < a.b.2025-01/2025-06", number) == "fell"
    assert conditions.words_of("fell | a.b.2024 > a.b.2025-01/2025-06 | rose", number) == "rose"
    with pytest.raises(conditions.ConditionProblem, match="'fell' is no longer true"):
        conditions.words_of("fell | a.b.2024 > a.b.2025-01/2025-06", number)


def test_the_operands_of_a_condition_are_its_ids():
    assert conditions.operands("0.5 < ( a.b / c.d:upper ) and x.y = 2") == ["a.b", "c.d:upper", "x.y"]
