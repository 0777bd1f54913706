"""Tariff measures are coded as printed, and projects are dated no earlier than announced."""

import pandas as pd
import pytest

from korus import raw
from korus.clean import measures, projects
from korus.clean.origin import CleaningError


@pytest.fixture
def coding() -> pd.DataFrame:
    """Our coding of the timeline."""
    return raw.read("policy/measures_coded")


@pytest.fixture
def timeline() -> pd.DataFrame:
    """The timeline as printed."""
    return raw.read("policy/tariff_timeline")


def test_every_coded_row_is_kept_with_the_printed_action_it_cites(coding, timeline):
    table = measures.coded(coding, timeline)
    assert sorted(table["ref"]) == sorted(coding["ref"])
    printed = timeline.set_index("ref")["rate_for_korea"]
    assert (table["rate_printed"] == table["timeline_ref"].map(printed)).all()


def broken(coding: pd.DataFrame, timeline: pd.DataFrame) -> list[str]:
    """What a wrong coding is refused with."""
    with pytest.raises(CleaningError) as failure:
        measures.coded(coding, timeline)
    return str(failure.value).splitlines()


def test_a_rate_that_is_not_printed_is_caught(coding, timeline):
    row = coding.index[coding["measure"] == "s232.cars"][0]
    coding.loc[row, "rate_pct"] = "17.3"
    message, = broken(coding, timeline)
    assert message.startswith(f"data/raw/{coding['ref'][row]}: rate 17.3 is not in ")


def test_a_month_that_is_not_printed_an_unknown_action_and_an_end_before_its_beginning_are_caught_at_once(
        coding, timeline):
    dated = coding.index[coding["effective_from_timeline"] == "yes"]
    coding.loc[dated[0], "effective"] = "2031-01-31"
    coding.loc[dated[1], "action"] = "no-such-action"
    ended = coding.index[coding["until"] > coding["effective"]][0]
    coding.loc[ended, "until"] = "1999-01-01"
    messages = "\n".join(broken(coding, timeline))
    for row, said in ((dated[0], "effective 2031-01-31, printed"), (dated[1], "action 'no-such-action'"),
                      (ended, "ends 1999-01-01 before it begins")):
        assert f"data/raw/{coding['ref'][row]}: {said}" in messages


def test_periods_of_one_measure_and_scope_do_not_overlap(coding, timeline):
    table = measures.coded(coding, timeline)
    for key, group in table.groupby(["measure", "scope"]):
        group = group.sort_values("effective")
        begins = group["effective"].iloc[1:].tolist()
        ends = group["until"].fillna("9999-12-31").iloc[:-1].tolist()
        assert all(end < begin for end, begin in zip(ends, begins, strict=True)), (key, ends, begins)


def test_a_reader_of_september_2025_knows_no_later_measure_and_no_later_end(coding, timeline):
    as_of = "2025-09-26"
    table = measures.coded(coding, timeline)
    known = measures.known_by(table, as_of)
    assert 0 < len(known) < len(table)
    assert (known["published"].fillna(known["effective"]) <= as_of).all()
    cars = known[known["measure"] == "s232.cars"].iloc[-1]
    assert (cars["rate_pct"], cars["status"]) == (25, "in force") and pd.isna(cars["until"])


def test_a_reader_of_today_knows_everything_published_as_it_is(coding, timeline):
    table = measures.coded(coding, timeline)
    known = measures.known_by(table, "2027-12-31")
    pd.testing.assert_frame_equal(known, table)


@pytest.mark.parametrize(("printed", "day"), [
    ("2021", "2021-12-31"), ("2024-04", "2024-04-30"), ("2024-02", "2024-02-29"),
    ("2017-06-28", "2017-06-28"),
])
def test_an_imprecise_announcement_takes_the_last_day_it_may_mean(printed, day):
    assert projects.announced_day(printed, "x#L2") == day


@pytest.mark.parametrize("printed", ["", "soon", "2024-13", "2024-Q2"])
def test_an_announcement_without_a_date_is_named_with_its_line(printed):
    with pytest.raises(CleaningError, match=f"data/raw/x#L2, column announce_date: '{printed}' is no date"):
        projects.announced_day(printed, "x#L2")


def test_every_project_is_kept_under_its_kind():
    table = raw.read("projects/projects")
    rows = projects.announced(table)
    assert sorted(rows["ref"]) == sorted(table["ref"])
    assert rows["kind"].value_counts().to_dict() == {"project": 82, "pledge": 14, "update": 4, "stake": 2}


def test_an_update_of_a_project_that_is_not_listed_is_refused():
    table = raw.read("projects/projects")
    table.loc[table["project"] == "P002", "parent"] = "P999"
    with pytest.raises(CleaningError, match="parents not in the list: .*P999"):
        projects.announced(table)


def test_what_was_announced_later_is_not_known():
    rows = projects.announced(raw.read("projects/projects"))
    known = projects.known_by(rows, "2025-09-26")
    assert 0 < len(known) < len(rows) and (known["announced"] <= "2025-09-26").all()
