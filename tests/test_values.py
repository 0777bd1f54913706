"""The numbers the report states: printed one way, recorded once, traced to their raw rows."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus import values
from korus.values import LEFT_OUT, Values, ValueProblem


@pytest.mark.parametrize(("value", "unit", "text"), [
    (12.236, "per cent", "12.2%"), (99.96, "per cent", "100.0%"), (0.634, "per cent", "0.63%"),
    (-3.21, "per cent", "−3.2%"), (0, "per cent", "0.00%"), (-0.001, "per cent", "0.00%"),
    (-1.5, "percentage points", "−1.5 percentage points"),
    (29_820, "million USD", "$29.8 billion"), (562, "million USD", "$562.0 million"),
    (1_810, "million USD", "$1.81 billion"), (24_700_000, "million USD", "$24.7 trillion"),
    (1_316_197_178, "USD", "$1.32 billion"), (999_960_000, "USD", "$1.00 billion"),
    (999_900_000, "USD", "$999.9 million"), (950_000, "USD", "$950,000"), (-65_686e6, "USD", "−$65.7 billion"),
    (0.4, "USD", "$0"), (-0.4, "USD", "$0"), (11_413, "count", "11,413"), (-2_000, "count", "−2,000"),
    (12.384, "ratio", "12.38"), (-0.5, "ratio", "−0.50"), (-0.001, "ratio", "0.00"),
])
def test_a_number_is_printed_with_its_unit_and_a_true_minus_sign(value, unit, text):
    assert values.formatted(value, unit) == text


@given(st.floats(-1e15, 1e15), st.sampled_from(values.UNITS))
def test_any_number_is_printed_as_itself_to_two_digits(value, unit):
    text = values.formatted(value, unit)
    assert "-" not in text and "−0%" not in text
    size = float(re.search(r"[\d.,]+", text)[0].replace(",", ""))
    for word, scale in (("trillion", 1e12), ("billion", 1e9), ("million", 1e6)):
        size *= scale if word in text else 1
    expected = abs(value) * (1e6 if unit == "million USD" else 1)
    assert math.isclose(size, expected, rel_tol=0.06, abs_tol=0.51)


@pytest.mark.parametrize(("period", "words"), [
    ("2024", "2024"), ("2024Q3", "2024Q3"), ("2025-09", "September 2025"),
    ("2026-01/2026-08", "January to August 2026"), ("2025-09/2026-08", "September 2025 to August 2026"),
    ("2014/2024", "2014 to 2024"),
])
def test_a_period_is_said_in_words(period, words):
    assert values.period_in_words(period) == words


ROWS = pd.DataFrame({"tier": [1, 3, 2], "ref": ["a/b#L2", "a/b#L3 c/d#L4", "a/b#L2"]})


@pytest.fixture
def recorded() -> Values:
    """Two values of one notebook."""
    held = Values("31_tariffs", "2026-11-22")
    held.add("trade.duty.KOR.2025", 1_316_197_178, "USD", "2025", ROWS)
    held.add("tariffs.collected_rate.KOR.2025-07", 12.236, "per cent", "2025-07", tier=1, refs="a/b#L9")
    return held


def test_a_value_keeps_the_worst_tier_and_every_reference_of_the_rows_it_rests_on(recorded):
    row = recorded.rows["trade.duty.KOR.2025"]
    assert (row["tier"], row["refs"]) == (3, "a/b#L2 a/b#L3 c/d#L4")
    assert (row["as_of"], row["notebook"], row["period"]) == ("2026-11-22", "31_tariffs", "2025")


def test_a_value_recorded_twice_is_refused(recorded):
    with pytest.raises(ValueProblem, match="trade.duty.KOR.2025 is recorded twice in 31_tariffs"):
        recorded.add("trade.duty.KOR.2025", 1, "USD", "2025", tier=1)


@pytest.mark.parametrize("bad", ["duty", "trade..KOR", "trade.duty KOR", "1.trade", "trade.duty.", ""])
def test_a_malformed_id_is_refused(recorded, bad):
    with pytest.raises(ValueProblem, match="expected dotted words"):
        recorded.add(bad, 1, "USD", "2025", tier=1)


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), pd.NA])
def test_what_is_not_known_is_no_value(recorded, bad):
    with pytest.raises(ValueProblem, match="leave out what is not known"):
        recorded.add("trade.duty.KOR.2030", bad, "USD", "2030", tier=1)


def test_an_unknown_unit_is_refused_with_the_known_ones(recorded):
    with pytest.raises(ValueProblem, match="unit 'euro' is none of per cent, percentage points, USD"):
        recorded.add("trade.duty.KOR.2030", 1, "euro", "2030", tier=1)


def test_an_unknown_id_is_answered_with_the_nearest(recorded):
    with pytest.raises(ValueProblem, match=r"no value 'trade.duty.KOR.2026'; the nearest is "
                                           r"'trade.duty.KOR.2025'"):
        recorded.text("trade.duty.KOR.2026")
    with pytest.raises(ValueProblem, match="no values at all"):
        Values("x", "2026-11-22").text("trade.duty.KOR.2025")


def test_a_sentence_shows_values_and_their_periods(recorded):
    said = recorded.say("In {tariffs.collected_rate.KOR.2025-07:period} the rate was "
                        "{tariffs.collected_rate.KOR.2025-07}; the duty {trade.duty.KOR.2025}.")
    assert said.data == (
        "In July 2025 the rate was [12.2%](#value-tariffs.collected_rate.KOR.2025-07); "
        "the duty [$1.32 billion](#value-trade.duty.KOR.2025).")
    assert recorded.told("It was {trade.duty.KOR.2025} (in full).") == "It was $1.32 billion (in full)."


def test_checked_words_are_printed_while_their_condition_holds(recorded):
    said = recorded.told("Duty {passed | trade.duty.KOR.2025 > 1000000000} a billion and was "
                         "{large | trade.duty.KOR.2025 > 2000000000 | small}.")
    assert said == "Duty passed a billion and was small."
    assert recorded.told("It is {official | trade.duty.KOR.2025:tier < 3 | quoted} ({trade.duty.KOR.2025:tier}).") == (
        "It is quoted (3).")


def test_words_that_are_no_longer_true_stop_the_run_and_name_the_sentence(recorded):
    with pytest.raises(ValueProblem) as problem:
        recorded.say("The duty of 2025 {fell | trade.duty.KOR.2025 < 1000} for once.")
    assert "'fell' is no longer true: trade.duty.KOR.2025 < 1000" in str(problem.value)
    assert "(trade.duty.KOR.2025 = 1.3162e+09)" in str(problem.value)
    assert "in the sentence: The duty of 2025 {fell" in str(problem.value)


def test_in_a_variant_a_sentence_that_the_figures_do_not_bear_out_is_left_out(recorded, monkeypatch):
    monkeypatch.setenv("KORUS_PROFILE", "mine")
    untrue = "It {shrank | trade.duty.KOR.2025 < 0}."
    assert recorded.say(untrue).data == LEFT_OUT
    assert recorded.say(untrue, otherwise="Nothing can be said.").data == "Nothing can be said."
    assert recorded.say("In 2026 it was {trade.duty.KOR.2026}.").data == LEFT_OUT


def test_in_a_variant_a_condition_that_can_not_be_read_still_stops(recorded, monkeypatch):
    monkeypatch.setenv("KORUS_PROFILE", "mine")
    with pytest.raises(ValueProblem, match="compares nothing"):
        recorded.say("It {shrank | trade.duty.KOR.2025}.")


def test_a_condition_on_a_value_known_by_its_bounds_must_name_the_bound(recorded):
    recorded.add_interval("greenfield.interval.USA.2024", 0, 22_410, "million USD", "2024", tier=2, refs="a/b#L2")
    assert recorded.told("{open | greenfield.interval.USA.2024:lower < greenfield.interval.USA.2024:upper}") == "open"
    with pytest.raises(ValueProblem, match="compare greenfield.interval.USA.2024:lower or"):
        recorded.say("{open | greenfield.interval.USA.2024 > 0}")


def test_a_sentence_whose_first_condition_rests_on_what_is_not_held_says_something_else(recorded):
    said = recorded.told("Duty {rose | trade.duty.KOR.2026 > trade.duty.KOR.2025}.", otherwise="Not known.")
    assert said == "Not known."
    with pytest.raises(ValueProblem, match="the nearest is 'trade.duty.KOR.2025'"):
        recorded.say("{trade.duty.KOR.2025} {rose | trade.duty.KOR.2026 > trade.duty.KOR.2025}", otherwise="x")


def test_an_unknown_part_of_a_value_is_refused(recorded):
    with pytest.raises(ValueProblem, match="period, lower, upper, tier"):
        recorded.say("{trade.duty.KOR.2025:middle}")


def test_a_sentence_about_what_is_not_held_says_something_else_or_stops(recorded):
    assert recorded.say("It was {trade.duty.KOR.2026}.", otherwise="It is not known.").data == (
        "It is not known.")
    assert recorded.say("It was {trade.duty.KOR.2026}.", otherwise="") is None  # no empty output on the page
    assert recorded.told("It was {trade.duty.KOR.2026}.", otherwise="") == ""
    for reference in ("{trade.duty.KOR.2026}", "{trade.duty.KOR.2026:period}"):
        with pytest.raises(ValueProblem, match="nearest"):
            recorded.say(f"It was {reference}.")


@pytest.fixture
def results(tmp_path, monkeypatch):
    """An output folder that is also where finished tables are read from."""
    monkeypatch.setenv("KORUS_OUTPUT", str(tmp_path))
    monkeypatch.setenv("KORUS_PROCESSED", str(tmp_path))
    return tmp_path / "results"


def test_saved_values_are_loaded_as_they_were(recorded, results):
    recorded.save()
    loaded = Values.load(["31_tariffs"], "2026-11-22")
    for id, row in recorded.rows.items():
        assert loaded.text(id) == row["text"] and loaded.number(id) == row["value"]
        assert loaded.rows[id]["period"] == row["period"] and loaded.rows[id]["refs"] == row["refs"]


def test_merged_values_are_sorted_by_id_and_nothing_of_them_changes(recorded, results):
    recorded.save()
    other = Values("21_greenfield", "2026-11-22")
    other.add("investment.kexim.invested.USA.2024", 22_410, "million USD", "2024", ROWS)
    other.save()
    merged = values.merge(sorted((results / "values").glob("*.csv")))
    assert list(merged.columns) == values.COLUMNS
    assert merged["id"].tolist() == sorted([*recorded.rows, *other.rows])
    saved = (results / "values/21_greenfield.csv").read_text().splitlines()
    assert saved[1] in merged.to_csv(index=False).splitlines()


def test_an_id_that_two_notebooks_record_is_an_error_naming_both(recorded, results):
    recorded.save()
    other = Values("35_markets", "2026-11-22")
    other.add("trade.duty.KOR.2025", 1, "USD", "2025", tier=1)
    other.save()
    with pytest.raises(ValueProblem, match="trade.duty.KOR.2025 is recorded in 31_tariffs and 35_markets"):
        values.merge(sorted((results / "values").glob("*.csv")))


def test_merging_before_the_chain_ran_says_what_to_do(results):
    with pytest.raises(ValueProblem, match="Run `make chain`"):
        values.merge(sorted((results / "values").glob("*.csv")))
