"""Digits that a table keeps."""

import pandas as pd
import pytest

from korus import tables


@pytest.mark.parametrize(("given", "kept"), [
    (0.1 + 0.2, 0.3), (1234.5678901234567, 1234.56789), (-2 / 3 * 1e-9, -6.666666667e-10),
    (3_359_000_123_456.0, 3_359_000_123_456.0), (10_756_838_666.0, 10_756_838_666.0), (float("inf"), float("inf")), (0.0, 0.0)])
def test_a_float_keeps_ten_digits_and_a_large_amount_all(given, kept):
    assert tables.significant(pd.DataFrame({2024: [given]}))[2024].tolist() == [kept]


def test_what_differs_in_the_last_digits_only_is_written_alike():
    one, other = pd.DataFrame({"a": [0.1 + 0.2]}), pd.DataFrame({"a": [0.3]})
    assert not one.equals(other) and tables.csv_bytes(one) == tables.csv_bytes(other)


def test_other_cells_and_kinds_of_columns_stay_as_they_are():
    frame = pd.DataFrame({"n": [1, 2], "s": ["0.30000000000000004", None], "o": [0.1 + 0.2, "x"],
                          "m": pd.array([1, None], dtype="Int64"), "f": [None, 1 / 3]})
    kept = tables.significant(frame)
    assert kept.dtypes.equals(frame.dtypes)
    assert kept["s"].tolist()[0] == "0.30000000000000004" and kept["o"].tolist() == [0.3, "x"]
    assert kept["m"].tolist() == [1, pd.NA] and kept["f"].tolist()[1] == 0.3333333333
    assert frame["o"].tolist() == [0.1 + 0.2, "x"]
