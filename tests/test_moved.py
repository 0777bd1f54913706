"""What moved between two builds: found, measured against the usual revision, and put in order."""

import numpy as np
import pandas as pd
import pytest

from korus import moved

VALUES = pd.DataFrame([
    ("investment.kexim.invested.USA.2023", 27000.0, np.nan, np.nan, "million USD"),
    ("investment.kexim.invested.USA.2024Q1", 6000.0, np.nan, np.nan, "million USD"),
    ("investment.revision.p90_abs_pct.kexim.invested.USA", 5.0, np.nan, np.nan, "per cent"),
    ("investment.revision.p90_abs_pct.kexim.invested.USA.Q", 2.0, np.nan, np.nan, "per cent"),
    ("tariffs.collected_rate.KOR.2025-07", 10.0, np.nan, np.nan, "per cent"),
    ("greenfield.interval.USA.2020", np.nan, 0.0, 100.0, "million USD"),
], columns=["id", "value", "lower", "upper", "unit"]).set_index("id")
ESTIMATES = pd.DataFrame([("effects.imports.elasticity.main", -1.0, -2.0, 0.5, "elasticity")],
                         columns=["id", "estimate", "lower", "upper", "unit"]).set_index("id")
CLAIMS = pd.DataFrame([("a-claim", "close"), ("b-claim", "contradicted")],
                      columns=["claim", "verdict"]).set_index("claim")
OLD = moved.Build(VALUES, ESTIMATES, CLAIMS)


def changed(**cells) -> moved.Build:
    """The build with some values replaced, by the last words of their ids."""
    values = VALUES.copy()
    for id, value in cells.items():
        values.loc[id.replace("__", "."), "value"] = value
    return moved.Build(values, ESTIMATES, CLAIMS)


def test_the_same_build_twice_moves_nothing():
    assert moved.moved(OLD, moved.Build(VALUES.copy(), ESTIMATES.copy(), CLAIMS.copy())).empty


def test_a_move_is_measured_in_its_unit_and_against_the_revision_of_its_own_frequency():
    new = changed(investment__kexim__invested__USA__2023=28350.0, investment__kexim__invested__USA__2024Q1=6300.0)
    found = moved.moved(OLD, new).set_index("id")
    year, quarter = (found.loc[f"investment.kexim.invested.USA.{at}"] for at in ("2023", "2024Q1"))
    assert (year["difference"], year["noise_pct"]) == (1350.0, 5.0) and year["times_noise"] == pytest.approx(1.0)
    assert (quarter["difference"], quarter["noise_pct"]) == (300.0, 2.0) and quarter["times_noise"] == pytest.approx(2.5)
    assert found.index[0] == "investment.kexim.invested.USA.2024Q1"      # the larger one in units of its noise


def test_a_move_below_the_printed_digit_is_none():
    assert moved.moved(OLD, changed(**{"tariffs__collected_rate__KOR__2025-07": 10.04})).empty
    assert len(moved.moved(OLD, changed(**{"tariffs__collected_rate__KOR__2025-07": 10.06}))) == 1


def test_verdicts_come_first_and_added_and_gone_are_told_apart():
    claims = CLAIMS.assign(verdict=["reproduced", "contradicted"]).drop("b-claim")
    values = pd.concat([VALUES.drop("tariffs.collected_rate.KOR.2025-07"),
                        VALUES.loc[["tariffs.collected_rate.KOR.2025-07"]].rename(index=lambda _: "tariffs.new.KOR.2025-08")])
    found = moved.moved(OLD, moved.Build(values, ESTIMATES, claims))
    assert list(zip(found["kind"], found["id"], found["change"])) == [
        ("verdict", "a-claim", "moved"), ("verdict", "b-claim", "gone"),
        ("value", "tariffs.collected_rate.KOR.2025-07", "gone"), ("value", "tariffs.new.KOR.2025-08", "added")]
    assert moved.summary(found).set_index("kind").loc["value"].to_dict() == {"added": 1, "gone": 1, "moved": 0}


def test_a_bound_that_moves_is_a_move():
    values = VALUES.copy()
    values.loc["greenfield.interval.USA.2020", "upper"] = 80.0
    (row,) = moved.moved(OLD, moved.Build(values, ESTIMATES, CLAIMS)).to_dict("records")
    assert (row["old"], row["new"], row["difference"]) == (50.0, 40.0, -10.0)
    assert (row["old_text"], row["new_text"]) == ("$0 to $100.0 million", "$0 to $80.0 million")


def test_an_estimate_moves_by_its_own_number():
    estimates = ESTIMATES.assign(estimate=-1.2)
    (row,) = moved.moved(OLD, moved.Build(VALUES, estimates, CLAIMS)).to_dict("records")
    assert row["kind"] == "estimate" and row["difference"] == pytest.approx(-0.2)


def test_a_folder_without_the_tables_is_named(tmp_path):
    with pytest.raises(moved.NotABuild, match="values.csv: missing"):
        moved.read(tmp_path)
