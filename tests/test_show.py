"""Tables as readers see them."""

import pandas as pd

from korus import show


def test_missing_cells_are_dashes_truth_is_a_word_and_markup_is_escaped():
    frame = pd.DataFrame({"name_of": ["<b>", None], "sure": [True, False], "value_musd": [-1234.5, None]})
    shown = show.table(frame, "A & B", {"value_musd": "{:,.0f}"})
    assert "<caption>A &amp; B</caption>" in shown.html and "&lt;b&gt;" in shown.html
    assert ">yes<" in shown.html and ">no<" in shown.html
    assert ">−1,234<" in shown.html and shown.html.count(">–<") == 2
    assert "<th scope=\"col\" class=\"short\">name of</th>" in shown.html
    assert "<th scope=\"col\" class=\"number\">value musd</th>" in shown.html


def test_codes_are_shown_in_words():
    frame = show.in_words(pd.DataFrame({"reading": ["all_first_year"], "other": ["a_b"]}), ["reading"])
    assert frame.iloc[0].tolist() == ["all first year", "a_b"]


def test_the_table_behind_what_is_shown_keeps_ten_digits_and_an_empty_one_has_none():
    frame = pd.DataFrame({"name_of": ["a, b"], "value_musd": [1234.5678901234567], "held": [True]})
    shown = show.table(frame, "A caption", {"value_musd": "{:,.0f}"})._repr_mimebundle_()
    assert shown["text/csv"] == "name_of,value_musd,held\n\"a, b\",1234.56789,True\n"
    assert "text/csv" not in show.table(frame.iloc[:0], "A caption")._repr_mimebundle_()
