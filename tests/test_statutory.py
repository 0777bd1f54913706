"""The calculator: the law's own boundaries on the real tables, and its logic against a slow one of its own."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus import raw, statutory
from korus.clean import law as clean_law
from korus.clean import measures as clean_measures

TODAY = "2026-11-22"


@pytest.fixture(scope="module")
def coded():
    """Measures as coded from the real timeline."""
    return clean_measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))


@pytest.fixture(scope="module")
def tables(coded):
    """The real schedule, product groups and rules."""
    return clean_law.tables(coded)


@pytest.fixture(scope="module")
def rules(coded, tables):
    """The rules with their measures, as a reader of today knows them."""
    return statutory.applied(tables["tariff_rules"], clean_measures.known_by(coded, TODAY))


def computed(tables, rules, **options) -> statutory.Rates:
    return statutory.rates(tables["tariff_lines"], tables["tariff_groups"], rules, "2017-01-01", TODAY, **options)


@pytest.fixture(scope="module")
def rates(tables, rules):
    """Rates of every line, by authority too."""
    return computed(tables, rules, by_authority=True)


@pytest.fixture(scope="module")
def twin(tables, rules):
    """Rates of the same goods from a country without the agreement."""
    return computed(tables, rules, preference=False)


def bounds(rates: statutory.Rates, hs: str, day: str) -> tuple[float, float]:
    place = int(np.searchsorted(rates.codes, hs))
    assert rates.codes[place] == hs
    row = rates.row(day)
    return rates.lower[row, place], rates.upper[row, place]


# Goods: a car, instant noodles (general rate 6.4), galvanised sheet, aluminium sheet (general rate 3), a light truck,
# a refrigerator-freezer, an excavator, a memory chip, a brake part.
CAR, NOODLES, STEEL, ALUMINIUM, TRUCK = "87032301", "19023000", "72104900", "76061230", "87043101"
FRIDGE, EXCAVATOR, CHIP, BRAKE = "84181000", "84295210", "85423200", "87083050"

# What the law says on the day before, the day and the day after each boundary; with the action of the timeline.
BOUNDARIES = [
    ("the base of a good under the agreement is zero", "korus-2012-03", CAR, [("2025-01-01", 0)]),
    ("light trucks keep their 25 per cent", "korus-2012-03", TRUCK, [("2025-01-01", 25)]),
    ("cars at 25 per cent", "s232-autos-2025-04-03", CAR,
     [("2025-04-02", 0), ("2025-04-03", 25), ("2025-04-04", 25)]),
    ("cars at 15 per cent in all, retroactive to 1 November", "s232-autos-korea-deal-2025-11-01", CAR,
     [("2025-10-31", 25), ("2025-11-01", 15), ("2025-11-02", 15)]),
    ("an inclusive rate below the base adds nothing", "s232-autos-korea-deal-2025-11-01", TRUCK,
     [("2025-10-31", 50), ("2025-11-01", 25), ("2025-11-02", 25)]),
    ("goods of Section 232 stay outside the reciprocal duty", "ieepa-reciprocal-2025-04-05", CAR,
     [("2025-04-04", 25), ("2025-04-05", 25), ("2025-04-06", 25)]),
    ("the reciprocal duty at 10 per cent", "ieepa-reciprocal-2025-04-05", NOODLES,
     [("2025-04-04", 0), ("2025-04-05", 10), ("2025-04-06", 10)]),
    ("the country rate of April 2025 was suspended the same day", "ieepa-reciprocal-country-rate-2025-04-09",
     NOODLES, [("2025-04-08", 10), ("2025-04-09", 10), ("2025-04-10", 10)]),
    ("the 25 per cent of the letter of July 2025 were never charged", "ieepa-reciprocal-letter-2025-07-07",
     NOODLES, [("2025-07-31", 10), ("2025-08-01", 10), ("2025-08-02", 10)]),
    ("the reciprocal duty at 15 per cent", "ieepa-reciprocal-2025-08-07", NOODLES,
     [("2025-08-06", 10), ("2025-08-07", 15), ("2025-08-08", 15)]),
    ("the 25 per cent announced in January 2026 were never charged", "threat-25-percent-2026-01-26", NOODLES,
     [("2026-01-25", 15), ("2026-01-26", 15), ("2026-01-27", 15)]),
    ("and not on cars either", "threat-25-percent-2026-01-26", CAR,
     [("2026-01-25", 15), ("2026-01-26", 15), ("2026-01-27", 15)]),
    ("the ruling of 20 February 2026 does not change what is assessed", "ieepa-struck-down-2026-02-20", NOODLES,
     [("2026-02-19", 15), ("2026-02-20", 15), ("2026-02-21", 15), ("2026-02-23", 15)]),
    ("Section 122 takes over on the 24th", "s122-surcharge-2026-02-24", NOODLES,
     [("2026-02-23", 15), ("2026-02-24", 10), ("2026-02-25", 10), ("2026-07-23", 10)]),
    ("Section 301 from 24 July 2026", "s301-forced-labour-2026-07-24", NOODLES,
     [("2026-07-23", 10), ("2026-07-24", 12.5), ("2026-07-25", 12.5)]),
    ("goods of Section 232 stay outside Section 301", "s301-forced-labour-2026-07-24", CAR,
     [("2026-07-23", 15), ("2026-07-24", 15), ("2026-07-25", 15)]),
    ("steel within its quota is free", "s232-steel-quota-2018-05-01", STEEL,
     [("2025-01-01", 0), ("2025-03-11", 0)]),
    ("aluminium at 10 per cent since 2018", "s232-steel-quota-2018-05-01", ALUMINIUM,
     [("2025-01-01", 10), ("2025-03-11", 10)]),
    ("steel at 25 per cent", "s232-metals-2025-03-12", STEEL,
     [("2025-03-11", 0), ("2025-03-12", 25), ("2025-03-13", 25)]),
    ("aluminium at 25 per cent", "s232-metals-2025-03-12", ALUMINIUM,
     [("2025-03-11", 10), ("2025-03-12", 25), ("2025-03-13", 25)]),
    ("metals at 50 per cent", "s232-metals-2025-06-04", STEEL,
     [("2025-06-03", 25), ("2025-06-04", 50), ("2025-06-05", 50)]),
    ("metals stay at 50 per cent in April 2026", "s232-metals-restructured-2026-04-06", STEEL,
     [("2026-04-05", 50), ("2026-04-06", 50), ("2026-04-07", 50)]),
    ("appliances of steel: 50 per cent on their steel, the reciprocal duty on the rest",
     "s232-steel-appliances-2025-06-23", FRIDGE,
     [("2025-06-22", 10), ("2025-06-23", (10, 50)), ("2025-06-24", (10, 50))]),
    ("derivatives on their full value from April 2026", "s232-metals-restructured-2026-04-06", FRIDGE,
     [("2026-04-06", 25), ("2026-04-07", 25)]),
    ("mobile equipment at 15 per cent from June 2026", "s232-metals-annex-1c-2026-06-08", EXCAVATOR,
     [("2026-06-07", 25), ("2026-06-08", 15), ("2026-06-09", 15)]),
    ("the exempt list keeps chips out of the reciprocal duty", "ieepa-reciprocal-2025-04-05", CHIP,
     [("2025-04-04", 0), ("2025-04-05", 0), ("2025-11-14", 0)]),
    ("copper: 50 per cent on the copper, no longer exempt from the reciprocal duty", "s232-copper-2025-08-01",
     "74111010", [("2025-07-31", 0), ("2025-08-01", (10, 50)), ("2025-08-02", (10, 50))]),
    ("upholstered furniture is a part of its line", "s232-lumber-furniture-2025-10-14", "94016140",
     [("2025-10-13", 15), ("2025-10-14", (15, 25)), ("2025-10-15", (15, 25))]),
    ("furniture at 15 per cent in all", "ieepa-reciprocal-korea-deal-2025-11-14", "94016140",
     [("2025-11-13", (15, 25)), ("2025-11-14", 15), ("2025-11-15", 15)]),
    ("heavy trucks at 25 per cent in place of the duty on their metal", "s232-trucks-2025-11-01", "87012100",
     [("2025-10-31", (15, 50)), ("2025-11-01", 25), ("2025-11-02", 25)]),
    ("buses at 10 per cent in place of the duty on their metal", "s232-trucks-2025-11-01", "87021031",
     [("2025-10-31", (15, 50)), ("2025-11-01", 10), ("2025-11-02", 10)]),
    ("a narrow list of chips within a line", "s232-semiconductors-2026-01-15", "84733011",
     [("2026-01-14", 0), ("2026-01-15", (0, 25)), ("2026-01-16", (0, 25))]),
    ("patented medicine within a line", "s232-pharmaceuticals-2026-07-31", "30021500",
     [("2026-07-23", 0), ("2026-07-30", (0, 12.5)), ("2026-07-31", (0, 15)), ("2026-08-01", (0, 15))]),
    ("a line that is a car part or not is open", "s232-auto-parts-2025-05-03", BRAKE,
     [("2025-05-02", 10), ("2025-05-03", (10, 25)), ("2025-05-04", (10, 25))]),
]


@pytest.mark.parametrize(("rule", "action", "hs", "days"), BOUNDARIES, ids=[row[0] for row in BOUNDARIES])
def test_the_law_on_the_day_before_the_day_and_the_day_after(rates, rule, action, hs, days):
    for day, expected in days:
        assert bounds(rates, hs, day) == (expected if isinstance(expected, tuple) else (expected, expected)), day


@pytest.mark.parametrize("action", sorted({row[1] for row in BOUNDARIES}))
def test_every_rule_under_test_has_a_legal_instrument_and_a_source(action):
    timeline = raw.read("policy/tariff_timeline").set_index("action")
    assert timeline.loc[action, "legal_instrument"] != ""
    assert timeline.loc[action, "source"] in raw.sources().index


@pytest.mark.parametrize(("day", "expected"), [
    ("2025-04-05", 16.4), ("2025-08-07", 21.4), ("2025-11-13", 21.4), ("2025-11-14", 15.0), ("2026-02-24", 16.4),
    ("2026-07-24", 12.5)])
def test_an_additive_duty_comes_on_top_of_the_base_and_an_inclusive_one_contains_it(twin, day, expected):
    assert bounds(twin, NOODLES, day) == pytest.approx((expected, expected))


def test_the_ruling_is_in_the_timeline_and_the_announcements_too(coded):
    ruling = coded[coded["measure"] == "ieepa.ruling"].iloc[0]
    assert (ruling["effective"], ruling["authority"]) == ("2026-02-20", "IEEPA")
    announced = coded[coded["status"].isin(clean_measures.IDLE) & (coded["rate_pct"] == 25)]
    assert set(announced["effective"].str[:7]) == {"2025-04", "2025-08", "2026-01"}


def test_a_measure_only_announced_never_gets_a_rule(coded, tables, rules):
    idle = coded[coded["status"].isin(clean_measures.IDLE)]
    assert len(idle) >= 4
    assert not set(idle["measure"]) & (set(rules["measure"]) - set(coded.loc[~coded.index.isin(idle.index), "measure"]))


def test_before_the_schedule_the_base_is_open_except_where_the_agreement_is_dated(rates):
    assert bounds(rates, NOODLES, "2024-12-31") == (0.0, 6.4)
    assert bounds(rates, CAR, "2024-12-31") == (0.0, 0.0)
    assert bounds(rates, TRUCK, "2017-01-01") == (25.0, 25.0)


def test_the_parts_of_a_closed_rate_add_up_to_it(rates):
    total = sum(low for low, _ in rates.parts.values())
    closed = (rates.upper - rates.lower) < 1e-12
    closed &= sum(high - low for low, high in rates.parts.values()) < 1e-12
    assert closed.mean() > 0.5
    assert np.allclose(total[closed], rates.lower[closed])


def test_a_day_before_the_first_is_refused(rates):
    with pytest.raises(ValueError, match="rates are held from 2017-01-01"):
        rates.row("2016-12-31")


def test_days_before_the_first_change_are_refused_and_not_given_the_last_rate(rates):
    with pytest.raises(ValueError, match="2016-12-31: rates are held from 2017-01-01"):
        statutory.each_day(rates, "2016-12-31", "2017-01-02")


def test_lines_out_of_order_are_refused(tables, rules):
    lines = tables["tariff_lines"].iloc[::-1].reset_index(drop=True)
    with pytest.raises(ValueError, match="sorted"):
        statutory.rates(lines, tables["tariff_groups"], rules, "2025-01-01", TODAY)


def test_each_day_repeats_the_rate_of_its_last_change(rates):
    days, lower, upper = statutory.each_day(rates, "2025-04-01", "2025-04-07")
    place = int(np.searchsorted(rates.codes, NOODLES))
    assert days[0] == np.datetime64("2025-04-01")
    assert list(lower[:, place]) == [0, 0, 0, 0, 10, 10, 10]
    assert (lower <= upper).all()


# ---- Against a slow implementation ---------------------------------------------------------------


def slow(hs, base, groups, rules, day, side):
    """The bound of one line on one day, written out: prefixes compared as text, one measure after the other."""
    pick = (min, max)[side]

    def reach(group):
        if group == "all":
            return "whole"
        found = "no"
        for row in groups[groups["group"] == group].itertuples():
            if (pd.notna(row.first) and day < row.first) or (pd.notna(row.last) and day > row.last):
                continue
            if hs.startswith(row.code):
                found = "whole" if row.whole or len(row.code) > 8 else found if found == "whole" else "part"
            elif row.code.startswith(hs) and found == "no":
                found = "part"
        return found

    def limited(rule):
        extent = reach(rule.group)
        return "part" if extent == "whole" and rule.extent != "whole" else extent

    def due(start, rule):
        return max(start, rule.rate_pct) if rule.basis == "inclusive" else (
            start if rule.basis in ("exempt", "quota") else start + rule.rate_pct)

    now = [r for r in rules.itertuples() if r.effective <= day <= r.until]
    rate = base
    for rule in (r for r in now if r.layer == "general" and r.role == "covers"):
        extent = limited(rule)
        for other in (r for r in now if r.role == "exempts" and r.authority == rule.authority):
            out = limited(other)
            extent = "no" if out == "whole" else "part" if out == "part" and extent == "whole" else extent
        new = due(rate, rule)
        rate = new if extent == "whole" else pick(rate, new) if extent == "part" else rate
    special = sorted((r for r in now if r.layer == "section 232"), key=lambda r: (r.order, r.measure, r.group))
    for rule in reversed(special):
        new, extent = due(base, rule), limited(rule)
        rate = new if extent == "whole" else pick(rate, new) if extent == "part" else rate
    for rule in (r for r in now if r.layer == "on top"):
        extent = limited(rule)
        rate = rate + rule.rate_pct if extent == "whole" else pick(rate, rate + rule.rate_pct) if (
            extent == "part") else rate
    return rate


def test_the_real_law_agrees_with_the_slow_calculation_on_a_sample_of_lines_and_days(tables, rules, rates):
    lines = tables["tariff_lines"]
    # Every 397th line, and lines of the headings where measures meet.
    chosen = [*range(0, len(lines), 397), *lines.index[lines["hs"].str[:6].isin(["870829", "847330", "730890"])]]
    days = ["2025-03-12", "2025-06-23", "2025-09-08", "2025-11-20", "2026-03-01", "2026-06-08", "2026-08-01"]
    for place in chosen:
        line = lines.iloc[place]
        for day in days:
            expected = [slow(line["hs"], line["korus_pct"], tables["tariff_groups"], rules, day, side)
                        for side in (0, 1)]
            assert list(bounds(rates, line["hs"], day)) == pytest.approx(expected), (line["hs"], day)


CODES = ["10101000", "10102000", "10201000", "20101000", "20102000", "30301000"]
RULE = st.fixed_dictionaries({
    "rate_pct": st.sampled_from([5.0, 10.0, 25.0]), "basis": st.sampled_from(["additive", "inclusive"]),
    "group": st.sampled_from(["all", "a", "b", "c"]), "role": st.just("covers"),
    "extent": st.sampled_from(["whole", "part", "content"]),
    "layer": st.sampled_from(["section 232", "on top"]),
    "order": st.integers(0, 3)})
GROUP_ROWS = st.lists(st.tuples(
    st.sampled_from("abc"), st.sampled_from(["1010", "10101000", "1020100010", "20", "2010200055", "3030"]),
    st.booleans()), min_size=1, max_size=6)


def small_law(group_rows, rule_rows, general):
    """A law of made-up measures on six made-up lines."""
    lines = pd.DataFrame({"hs": CODES, "general_pct": [0.0, 3, 6, 0, 2, 25], "korus_pct": [0.0, 0, 0, 0, 0, 25]})
    groups = pd.DataFrame(
        [{"group": name, "code": code, "whole": whole and len(code) <= 8, "first": None, "last": None}
         for name, code, whole in [*group_rows, *((name, "9999", True) for name in "abc")]])
    rows = [{**rule, "authority": "Section 232" if rule["layer"] == "section 232" else "Section 201"}
            for rule in rule_rows]
    for extent in general:
        rows.append({"rate_pct": 10.0, "basis": "additive", "group": "all", "role": "covers", "extent": extent,
                     "layer": "general", "order": 0, "authority": "IEEPA"})
    rules = pd.DataFrame(rows).assign(effective="2025-02-01", until="9999-12-31", ref="x#L2")
    rules["measure"] = [f"m{number}" for number in range(len(rules))]
    return lines, groups, rules


@given(GROUP_ROWS, st.lists(RULE, min_size=1, max_size=5), st.lists(st.sampled_from(["whole", "part"]), max_size=1))
def test_any_small_law_agrees_with_the_slow_calculation(group_rows, rule_rows, general):
    lines, groups, rules = small_law(group_rows, rule_rows, general)
    found = statutory.rates(lines, groups, rules, "2025-01-01", "2025-03-01")
    for place, line in lines.iterrows():
        expected = [slow(line["hs"], line["korus_pct"], groups, rules, "2025-02-15", side)
                    for side in (0, 1)]
        assert [found.lower[-1, place], found.upper[-1, place]] == pytest.approx(expected)


@given(GROUP_ROWS, st.lists(RULE, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(group_rows, rule_rows, random):
    lines, groups, rules = small_law(group_rows, rule_rows, ["whole"])
    found = statutory.rates(lines, groups, rules, "2025-01-01", "2025-03-01")
    shuffled = statutory.rates(lines, groups.sample(frac=1, random_state=random.randint(0, 99)),
                               rules.sample(frac=1, random_state=random.randint(0, 99)), "2025-01-01", "2025-03-01")
    assert np.allclose(found.lower, shuffled.lower) and np.allclose(found.upper, shuffled.upper)


@given(GROUP_ROWS, st.lists(RULE, min_size=1, max_size=5), st.integers(0, 4))
def test_an_open_question_answered_either_way_stays_within_the_bounds(group_rows, rule_rows, which):
    lines, groups, rules = small_law(group_rows, rule_rows, ["whole"])
    rules.loc[rules.index[which % len(rules)], "extent"] = "part"
    loose = statutory.rates(lines, groups, rules, "2025-01-01", "2025-03-01")
    closed = rules.assign(extent=rules["extent"].where(rules.index != which % len(rules), "whole"))
    dropped = rules.drop(rules.index[which % len(rules)])
    for answer in (closed, dropped):
        tight = statutory.rates(lines, groups, answer, "2025-01-01", "2025-03-01")
        assert (tight.lower[-1] >= loose.lower[-1] - 1e-9).all()
        assert (tight.upper[-1] <= loose.upper[-1] + 1e-9).all()


def test_without_metal_no_duty_on_the_metal_in_an_article_is_counted(tables, rules, rates):
    bare = computed(tables, rules, metal=False)
    assert bounds(bare, FRIDGE, "2025-09-15") == (15.0, 15.0)
    assert bounds(rates, FRIDGE, "2025-09-15") == (15.0, 50.0)
    # Metal itself is charged on its whole value, and from April 2026 articles are too.
    assert bounds(bare, STEEL, "2025-09-15") == (50.0, 50.0)
    assert bounds(bare, FRIDGE, "2026-04-06") == bounds(rates, FRIDGE, "2026-04-06")
