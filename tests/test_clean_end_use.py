"""The day duty by end use is held, the claim on industrial supplies is judged by itself. All rows here are
synthetic.
"""

import json

import pandas as pd
import pytest
from toy_project import PROJECT

from korus import claims, missing, raw
from korus.clean import end_use
from korus.values import Values
from korus.verdicts import CLOSE, CONTRADICTED, NOT_TESTABLE, REPRODUCED

CLAIM, VALUE = "kiep-etr-industrial-supplies", "tariffs.collected_rate_end_use.KOR.1.2025-07"
SOURCE = "census.synthetic-for-a-test"


def synthetic(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Rows of census/imports_enduse: partner, end use, value, duty, source; made up, July 2025."""
    frame = pd.DataFrame(
        [
            {
                "month": "2025-07",
                "cty_code": "5800" if partner == "KOR" else "5880",
                "iso3": partner,
                "end_use": code,
                "level": str(len(code)),
                "gen_val_mo": "",
                "con_val_mo": value,
                "cal_dut_mo": duty,
                "source": source,
                "note": "",
            }
            for partner, code, value, duty, source in rows
        ]
    )
    frame.insert(0, "ref", [f"{end_use.TABLE}#L{line}" for line in range(2, len(frame) + 2)])
    return frame


def register(*dates: str) -> pd.DataFrame:
    """The real register of sources with synthetic answers of these days."""
    more = pd.DataFrame([{"source": SOURCE + "-" * bool(number) + "b" * number, "title": "synthetic", "url": "",
                          "commit": "", "date": date, "kind": "Census API", "accessed": date}
                         for number, date in enumerate(dates)])
    return pd.concat([raw.sources(), more.set_index("source")])


ROWS = synthetic(
    ("KOR", "1", "1000", "103", SOURCE),
    ("KOR", "2", "2000", "", SOURCE),
    ("KOR", "12345", "10", "9", SOURCE),
    ("JPN", "1", "1000", "500", SOURCE),
)


def test_a_rate_is_duty_over_value_of_one_digit_and_one_partner():
    rows = end_use.monthly(ROWS, register("2026-11-01"))
    found = end_use.rates(rows, "2026-11-22", 3)
    assert found[["end_use", "rate_pct", "tier", "ref"]].values.tolist() == [["1", 10.3, 1, f"{end_use.TABLE}#L2"]]
    assert end_use.rates(rows, "2026-10-31", 3).empty and end_use.rates(rows, "2026-11-22", 0).empty
    assert end_use.table(found).to_dict("records") == [
        {"end use": "industrial supplies and materials", "2025-07": 10.3}]


def test_of_two_answers_the_latest_known_counts():
    later = SOURCE + "-b"
    rows = end_use.monthly(synthetic(("KOR", "1", "1000", "103", SOURCE), ("KOR", "1", "1000", "110", later)),
                           register("2026-11-01", "2027-01-01"))
    assert end_use.rates(rows, "2026-11-22", 3)["rate_pct"].tolist() == [10.3]
    assert end_use.rates(rows, "2027-06-01", 3)["rate_pct"].tolist() == [11.0]


def test_without_the_table_nothing_is_said():
    assert not raw.recorded(end_use.TABLE)
    rows = end_use.monthly(end_use.held(), raw.sources())
    values = Values("31_tariffs", "2026-11-22")
    end_use.record(values, end_use.rates(rows, "2026-11-22", 3))
    assert values.rows == {}


def cell(id: str) -> str:
    """Source of a code cell of the chapter on tariffs."""
    notebook = json.loads((PROJECT / "notebooks" / "31_tariffs.ipynb").read_text(encoding="utf-8"))
    return next("".join(c["source"]) for c in notebook["cells"] if c["id"] == id)


def chapter(as_of: str = "2026-11-22") -> Values:
    """Run the chapter's two cells on end use; what they record, and what they print is kept as `said`."""
    values = Values("31_tariffs", as_of)
    values.add("tariffs.collected_rate.KOR.2025-07", 12.24, "per cent", "2025-07", tier=1, refs="x/y#L2")
    values.say_was, values.said = values.say, []

    def say(*words, **more):
        values.said.append(values.say_was(*words, **more).data)

    from korus import show

    values.say = say
    names = {"values": values, "raw": raw, "end_use": end_use, "show": show, "as_of": as_of, "max_tier": 3}
    for id in ("cell-37", "cell-38"):
        exec(cell(id), names)  # noqa: S102
    return values


def verdict(values: Values) -> str:
    """The verdict on the claim, judged with these values."""
    every = claims.together()
    judged = claims.judge(
        every, raw.read("claims/documents"), raw.sources(), values.rows, "2026-11-22", 3, strict=False
    )
    return judged.set_index("claim").at[CLAIM, "verdict"]


def test_as_long_as_it_is_not_held_the_claim_is_not_testable():
    values = chapter()
    assert VALUE not in values.rows and verdict(values) == NOT_TESTABLE
    assert "can not be given" in values.said[0]


@pytest.mark.parametrize(("duty", "expected"), [("103", REPRODUCED), ("110", CLOSE), ("122", CONTRADICTED)])
def test_with_synthetic_rows_the_verdict_follows_from_them(monkeypatch, duty, expected):
    added = synthetic(("KOR", "1", "1000", duty, SOURCE), ("KOR", "2", "2000", "1", SOURCE))
    read, sources = raw.read, register("2026-11-01")
    monkeypatch.setattr(raw, "recorded", lambda table, *rest: table == end_use.TABLE)
    monkeypatch.setattr(raw, "read", lambda table, *rest: added if table == end_use.TABLE else read(table, *rest))
    monkeypatch.setattr(raw, "sources", lambda *rest: sources)
    values = chapter()
    assert values.rows[VALUE]["value"] == int(duty) / 10 and verdict(values) == expected
    assert f"paid [{int(duty) / 10:.1f}%]" in values.said[0]
    assert VALUE not in chapter("2026-10-01").rows


def test_the_claim_names_the_value_that_settles_it():
    row = raw.read("claims/claims").set_index("claim").loc[CLAIM]
    assert row["value_id"] == VALUE and row["test"] == "open"


# ---- What is said to be missing ------------------------------------------------------------------


def test_a_table_that_is_held_is_not_called_missing(investment):
    nothing, some = (
        end_use.rates(end_use.monthly(end_use.held(), raw.sources()), "2026-11-22", 3),
        pd.DataFrame({"a": [1]}),
    )
    everything = missing.missing(investment, nothing, "2026-11-22", 3)
    assert everything == [missing.MODES, missing.TYPES, missing.END_USES]
    assert missing.in_short(everything) == (
        "Three tables are missing: Korean outflows by country and mode, BEA's new investment by country and type, "
        "and Census duties by end use and partner.")
    assert "can not be tested" in missing.in_full(everything)
    left = missing.missing(investment, some, "2026-11-22", 3)
    assert missing.in_short(left).startswith("Two tables are missing: Korean outflows")
    assert "end use" not in missing.in_full(left) + missing.no_mark(left) + missing.not_among(left)
    korean = investment[investment["series"].str.startswith("new foreign")].head(1).assign(
        investor="KOR", mode="acquisition", industry="", state="", value_musd=1.0, vintage="2026-11-01", tier=1)
    left = missing.missing(pd.concat([investment, korean]), some, "2026-11-22", 3)
    assert left == [missing.MODES] and missing.in_short(left).startswith("One table is missing")
    assert missing.in_short([]) and missing.in_full([]) and missing.not_among([]) and missing.no_mark([]) == ""
