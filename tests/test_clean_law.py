"""Cleaning the law: rates of duty, product groups, rules, weights; and what is wrong is named with its place."""

import pandas as pd
import pytest

from korus import rate_path, raw
from korus.clean import law, measures
from korus.clean.origin import CleaningError


@pytest.mark.parametrize(("printed", "expected"), [
    ("Free", (0.0, False)), ("2.5%", (2.5, False)), ("6.5% ", (6.5, False)), ("14.3¢/kg", (0.0, True)),
    ("30.5¢/kg + 8.5%", (8.5, True)), ("$2.146/kg", (0.0, True)),
    ("The rate applicable to the natural juice in heading 2009", (0.0, True)),
    ("3.9% on the movement and case + 5.3% on the battery", (0.0, True)),
    ("2.5% on the value of the lead content", (2.5, True)),
])
def test_a_printed_duty_is_its_share_of_value_and_whether_more_is_due(printed, expected):
    assert law.duty(printed) == expected


SCHEDULE = pd.DataFrame({
    "hts8": ["01012100", "01013000", "87032301"], "general_rate": ["Free", "6.8%", "2.5%"],
    "korus_rate": ["", "", "Free"], "ref": ["hs/hts8_rates_2025#L2", "hs/hts8_rates_2025#L3", "hs/hts8_rates_2025#L4"]})


def test_the_general_rate_stands_where_the_schedule_names_no_rate_of_the_agreement():
    sectors = pd.DataFrame({"hs6": ["010121", "870323"], "gtap_codes": ["CTL", "MVH"]})
    lines = law.tariff_lines(SCHEDULE, sectors).set_index("hs")
    assert list(lines["korus_pct"]) == [0.0, 6.8, 0.0]
    # 010130 is not in the map: it may belong to any sector of its heading.
    assert lines.at["01013000", "sectors"] == "ctl"


def test_a_line_without_any_sector_is_named():
    with pytest.raises(CleaningError, match=r"hts8_rates_2025#L4, column hts8: no sector for line 87032301"):
        law.tariff_lines(SCHEDULE, pd.DataFrame({"hs6": ["010121"], "gtap_codes": ["CTL"]}))


SOURCES = pd.DataFrame({"kind": ["official notice"]}, index=["s"])
ANNEX = pd.DataFrame({
    "hts_prefix": ["84271040", "8427", "73011000", "7301100010"], "annex": ["1b", "1b", "1a", "1a"],
    "effective_date": ["2026-04-06", "2026-04-06", "2026-04-06", ""], "source": "s",
    "ref": [f"hs/annex#L{n}" for n in range(2, 6)]})
LATER = pd.concat([ANNEX, pd.DataFrame({
    "hts_prefix": ["84271040"], "annex": ["1c"], "effective_date": ["2026-06-08"], "source": "s",
    "ref": ["hs/annex#L6"]})], ignore_index=True)


def group(where: str, dates: str = "list", digits: str = "10") -> pd.DataFrame:
    return pd.DataFrame([{"group": "g", "table": "hs/annex", "where": where, "digits": digits, "dates": dates,
                          "ref": "policy/product_groups#L2"}])


def test_a_ten_digit_code_is_a_part_of_its_line_unless_the_law_works_with_eight():
    found = law.product_groups(group("annex=1a"), lambda name: ANNEX, SOURCES)
    assert found.set_index("code")["whole"].to_dict() == {"73011000": True, "7301100010": False}
    found = law.product_groups(group("annex=1a", digits="8"), lambda name: ANNEX, SOURCES)
    assert set(found["code"]) == {"73011000"} and found["whole"].all()


def test_a_later_row_of_the_list_ends_an_earlier_one_for_the_same_goods_only():
    found = law.product_groups(group("annex=1b", "replace"), lambda name: LATER, SOURCES).set_index("code")
    assert found.at["84271040", "last"] == "2026-06-07"
    assert pd.isna(found.at["8427", "last"])
    kept = law.product_groups(group("annex=1b"), lambda name: LATER, SOURCES).set_index("code")
    assert kept["last"].isna().all()


def test_days_of_the_measure_leave_those_of_the_list_aside():
    found = law.product_groups(group("annex=1b", "measure"), lambda name: LATER, SOURCES)
    assert found["first"].isna().all()


@pytest.mark.parametrize(("where", "message"), [
    ("annex=9", "no row of data/raw/hs/annex.csv has 'annex=9'"),
    ("colour=red", "has no column 'colour'; it has hts_prefix, annex"),
])
def test_a_condition_that_selects_nothing_is_named_with_its_row(where, message):
    with pytest.raises(CleaningError, match=rf"policy/product_groups#L2, column where: .*{message}"):
        law.product_groups(group(where), lambda name: ANNEX, SOURCES)


RULE = {"measure": "m", "effective": "2025-01-01", "group": "g", "role": "covers", "extent": "whole",
        "layer": "general", "order": "0", "note": "", "ref": "policy/rules#L2"}
MEASURE = {"measure": "m", "effective": "2025-01-01", "rate_pct": 10.0, "status": "in force",
           "ref": "policy/measures_coded#L2"}
GROUPS = pd.DataFrame({"group": ["g"]})


@pytest.mark.parametrize(("rule", "measure", "message"), [
    ({"effective": "2025-01-02"}, {}, "m of 2025-01-02 is not in data/raw/policy/measures_coded.csv"),
    ({"group": "h"}, {}, "column group: 'h' is not in data/raw/policy/product_groups.csv"),
    ({}, {"rate_pct": None}, "m of 2025-01-01 has no rate to apply"),
])
def test_a_rule_that_can_not_apply_is_named(rule, measure, message):
    with pytest.raises(CleaningError, match=rf"policy/rules#L2.*{message}"):
        law.rules(pd.DataFrame([RULE | rule]), pd.DataFrame([MEASURE | measure]), GROUPS)


def test_a_measure_that_applies_and_has_no_rule_is_not_forgotten():
    two = pd.DataFrame([MEASURE, MEASURE | {"measure": "n", "ref": "policy/measures_coded#L3"}])
    with pytest.raises(CleaningError, match=r"measures_coded#L3: n of 2025-01-01 applies at 10 per cent"):
        law.rules(pd.DataFrame([RULE]), two, GROUPS)
    announced = two.assign(status=["in force", "announced"])
    assert len(law.rules(pd.DataFrame([RULE]), announced, GROUPS)) == 1


def test_weights_are_sectors_without_their_sums_and_exact_products_where_given():
    sectors = raw.read("hs/imports_by_gtap_sector_2024")
    exact = pd.DataFrame({"hs": ["8703230150"], "iso3": ["KOR"], "year": ["2024"], "consumption_usd": ["1,000"],
                          "source": [sectors["source"].iloc[0]], "ref": ["census/imports_2024_by_product#L2"]})
    alone = law.weights(sectors, None, raw.sources())
    assert alone["value_usd"].sum() == 128_337_686_302 and set(alone["kind"]) == {"sector"}
    both = law.weights(sectors, exact, raw.sources())
    assert both[both["kind"] == "product"]["value_usd"].tolist() == [1000.0]


def test_the_real_law_says_of_every_applied_measure_to_which_goods_it_applies():
    coded = measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))
    tables = law.tables(coded)
    assert set(tables) == {"tariff_lines", "tariff_groups", "tariff_rules", "import_weights"}
    assert len(tables["tariff_lines"]) == 11_413
    assert (tables["tariff_lines"]["korus_pct"] == 0).mean() > 0.98


def test_a_table_of_exact_weights_narrows_the_statutory_rate_without_a_change_of_code(monkeypatch):
    """Synthetic: all of the largest sector on four lines, as a table added to data/raw would say."""
    coded = measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))
    sources = raw.sources()
    loose = law.tables(coded)
    cars = loose["import_weights"].set_index("code").at["mvh", "value_usd"]
    added = pd.DataFrame({
        "hs": ["87032301", "8708295160", "87084050", "87085065"], "iso3": "KOR", "year": "2024",
        "consumption_usd": [str(int(cars * share)) for share in (0.8, 0.1, 0.06, 0.039)],
        "source": "hs.tracker-imports-gtap-2024",
        "ref": [f"census/imports_2024_by_product#L{line}" for line in range(2, 6)]})
    read = raw.read
    monkeypatch.setattr(raw, "recorded", lambda table: table == law.EXACT)
    monkeypatch.setattr(raw, "read", lambda table, *rest: added if table == law.EXACT else read(table, *rest))
    tight = law.tables(coded)
    assert set(tight["import_weights"]["kind"]) == {"sector", "product"}
    assert sources.index.is_unique

    def bounds(tables: dict) -> tuple[float, float]:
        no_trade = {"trade_products": pd.DataFrame(columns=["hs", "partner", "window", "level", "general_usd", "tier",
                                                            "vintage", "ref"]),
                    "trade_monthly": pd.DataFrame(columns=["month", "partner", "general_usd", "tier", "vintage", "ref"])}
        known = rate_path.law_known((tables | no_trade | {"measures": coded}).__getitem__, "2026-11-22", 3)
        day = rate_path.by_day(rate_path.path(known), "2025-05-15", "2025-05-15").iloc[0]
        return day["lower_pct"], day["upper_pct"]

    (low, high), (low_tight, high_tight) = bounds(loose), bounds(tight)
    assert low <= low_tight <= high_tight <= high
    assert (high - low) - (high_tight - low_tight) > 5
