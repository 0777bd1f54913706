"""The ledger of claims: verdicts over boundaries, invented claims, refusals, and what a changed figure changes."""

import csv
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_project import PROJECT, clean_environment

from korus import claims, claims_pages, claims_text, claims_values, raw
from korus.bench import working_copy
from korus.values import Values
from korus.verdicts import (
    CLOSE,
    CONSISTENT,
    CONTRADICTED,
    DOCUMENTED,
    MISATTRIBUTED,
    NOT_TESTABLE,
    REPRODUCED,
    VERDICTS,
    Range,
    VerdictProblem,
    allowed,
    factor,
    stated,
    verdict,
)

RESULT = PROJECT / "data" / "processed" / "results" / "claims.csv"
built = pytest.mark.skipif(not RESULT.exists(), reason="nothing is built here: run `make`")
CONTRACT = ["claim", "document", "quotation", "stated", "unit", "value_id", "computed", "lower", "upper",
            "verdict", "reason", "would_settle"]
NAN = math.nan


def judged_as(text: str, lower: float, upper: float | None = None, compare="equals", tolerance=10.0, other=None) -> str:
    """The verdict on a figure in per cent, from a point or a range."""
    held = Range(lower, lower if upper is None else upper)
    return verdict(stated(text, "percent"), compare, held, tolerance, other)


# ---- The verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text, lower, upper", [
    ("14", 13.5, 14.5), ("38.7", 38.65, 38.75), ("2.30", 2.295, 2.305), ("1,200", 1199.5, 1200.5), ("0", -0.5, 0.5),
])
def test_a_stated_figure_stands_for_what_rounds_to_its_last_digit(text, lower, upper):
    rounding = stated(text, "percent").rounding
    assert (rounding.lower, rounding.upper) == pytest.approx((lower, upper))


def test_a_step_of_its_own_takes_the_place_of_the_last_digit():
    assert stated("10", "percent", "10").rounding == Range(5, 15)
    with pytest.raises(VerdictProblem, match="'about 10' is not a number"):
        stated("about 10", "percent")
    with pytest.raises(VerdictProblem, match="unit 'euro' is none of"):
        stated("10", "euro")


@pytest.mark.parametrize("figure, expected", [
    (13.5, REPRODUCED), (14.5, REPRODUCED), (13.4999, CLOSE), (14.5001, CLOSE), (12.6, CLOSE), (15.4, CLOSE),
    (12.599, CONTRADICTED), (15.401, CONTRADICTED), (-14.0, CONTRADICTED),
])
def test_points_at_the_edges_of_rounding_and_tolerance(figure, expected):
    assert judged_as("14", figure) == expected


@pytest.mark.parametrize("lower, upper, expected", [
    (13.6, 14.4, REPRODUCED),           # all inside the rounding
    (13.6, 14.6, CLOSE),                # all inside the tolerance
    (13.0, 16.0, CONSISTENT),           # straddles an edge
    (0.0, 100.0, CONSISTENT),           # around everything
    (0.0, math.inf, CONSISTENT),
    (15.4, 20.0, CONSISTENT),           # touches the edge of the tolerance
    (15.5, math.inf, CONTRADICTED),
    (0.0, 12.5, CONTRADICTED),
])
def test_ranges_inside_straddling_and_apart(lower, upper, expected):
    assert judged_as("14", lower, upper) == expected


def test_an_estimate_off_the_statement_is_consistent_when_its_bounds_reach_it():
    held = allowed(2023.0, 2014.0, 2023.0)
    assert verdict(stated("2016", "year"), "equals", held, 0.0) == CONSISTENT
    assert verdict(stated("2012", "year"), "equals", held, 0.0) == CONTRADICTED
    assert allowed(5.0, NAN, NAN) == Range(5.0, 5.0)
    assert allowed(NAN, 1.0, math.inf) == Range(1.0, math.inf)


@pytest.mark.parametrize("compare, lower, upper, expected", [
    ("more than", 10.0, 12.0, CONSISTENT), ("more than", 10.001, 12.0, REPRODUCED),
    ("more than", 8.0, 10.0, CONTRADICTED),
    ("at least", 10.0, math.inf, REPRODUCED), ("at least", 9.9, 10.0, CONSISTENT), ("at least", 8.0, 9.9, CONTRADICTED),
    ("less than", 8.0, 10.0, CONSISTENT), ("less than", 8.0, 9.9, REPRODUCED),
    ("less than", 10.0, math.inf, CONTRADICTED),
    ("at most", 8.0, 10.0, REPRODUCED), ("at most", 10.0, 11.0, CONSISTENT), ("at most", 10.1, 11.0, CONTRADICTED),
    ("more than", 10.0, 10.0, CONTRADICTED), ("at least", 10.0, 10.0, REPRODUCED),
])
def test_one_sided_statements_are_decided_where_everything_lies_on_one_side(compare, lower, upper, expected):
    assert judged_as("10", lower, upper, compare) == expected


def test_a_contradicted_number_that_is_the_figure_of_something_else_is_misattributed():
    assert judged_as("127.8", 65.8, other=Range(127.79, 127.79)) == MISATTRIBUTED
    assert judged_as("127.8", 65.8, other=Range(127.9, 127.9)) == CONTRADICTED
    assert judged_as("127.8", 127.8, other=Range(127.8, 127.8)) == REPRODUCED
    assert judged_as("127.8", 0.0, 200.0, other=Range(127.8, 127.8)) == CONSISTENT


def test_units_convert_within_what_they_measure_and_not_beyond():
    assert factor("million USD", "USD billion") == pytest.approx(1e-3)
    assert factor("USD", "USD million") == pytest.approx(1e-6)
    assert factor("ratio", "percent") == pytest.approx(100)
    assert factor("per cent", "times") == pytest.approx(0.01)
    assert factor("count", "rank") == factor("count", "years") == 1
    for pair in (("per cent", "USD billion"), ("count", "year"), ("percentage points", "percent"), ("days", "years")):
        with pytest.raises(VerdictProblem, match="can not be compared"):
            factor(*pair)


POINTS = st.floats(-1e4, 1e4).map(lambda number: round(number, 4))


@given(POINTS, POINTS, st.floats(0, 100), st.floats(0, 100), st.sampled_from([0.0, 10.0]))
def test_widening_what_the_figures_allow_never_decides_what_was_open(first, second, down, up, tolerance):
    held = Range(min(first, second), max(first, second))
    wider = Range(held.lower - down, held.upper + up)
    for text in ("14", "38.7", "0"):
        before, after = (verdict(stated(text, "percent"), "equals", part, tolerance) for part in (held, wider))
        order = [REPRODUCED, CLOSE, CONSISTENT]
        if before == CONSISTENT:
            assert after == CONSISTENT
        if before in order:
            assert after in order[order.index(before):]


@given(st.floats(0.01, 1e4), st.floats(0, 50), st.sampled_from(["2.6", "14.8", "280"]))
def test_a_verdict_does_not_depend_on_the_unit_of_the_value(lower, width, text):
    claim = stated(text, "USD billion")
    found = {verdict(claim, "equals", Range(lower, lower + width).times(scale).times(factor(unit, "USD billion")), 10.0)
             for unit, scale in (("USD billion", 1.0), ("million USD", 1e3), ("USD", 1e9))}
    assert len(found) == 1


# ---- Invented claims -----------------------------------------------------------------------------
# Every claim, value and document below is synthetic.

DOCUMENTS = pd.DataFrame({"document": ["d"], "title": ["An invented text"], "author": [""], "published": ["2025-01-01"],
                          "note": [""]})
SOURCES = pd.DataFrame(
    {"title": ["A release", "The text itself"], "date": ["2025-06-30", "2025-01-01"],
     "kind": ["official text or its copy", "document under test"], "accessed": ["2026-01-01"] * 2},
    index=["claims.release", "claims.d"])


def value(number=NAN, lower=NAN, upper=NAN, unit="per cent", tier=1) -> dict:
    """A row of values.csv."""
    return {"value": number, "lower": lower, "upper": upper, "unit": unit, "tier": tier, "text": "x", "period": "2024",
            "refs": ""}


KNOWN = {
    "a.share.2024": value(13.6), "a.other.2024": value(2.3), "a.range.2024": value(NAN, 0.0, 40.0),
    "a.amount.2024": value(2600.0, unit="million USD"), "a.own.2024": value(14.0, tier=4),
    "a.open.2024": value(NAN, 4.0, math.inf, "count"),
}


def rows(*changes: dict) -> pd.DataFrame:
    """Rows of a synthetic claims table."""
    base = dict.fromkeys((*claims.COLUMNS, *claims.OPTIONAL), "") | {
        "document": "d", "quotation": "an invented sentence", "subject": "Nobody", "metric": "a share",
        "stated_value": "14", "unit": "percent", "period": "2024", "would_settle": "a table", "test": "computed",
        "compare": "equals", "value_id": "a.share.2024"}
    return pd.DataFrame([base | {"claim": f"c{n}", "ref": f"claims/d#L{n + 2}"} | change
                         for n, change in enumerate(changes)])


def judged(*changes: dict, known=KNOWN, as_of="2026-01-01", max_tier=3, strict=True) -> pd.DataFrame:
    """Synthetic claims, judged."""
    return claims.judge(rows(*changes), DOCUMENTS, SOURCES, known, as_of, max_tier, strict=strict)


@pytest.mark.parametrize("change, expected", [
    ({}, REPRODUCED),
    ({"stated_value": "13"}, CLOSE),
    ({"stated_value": "20"}, CONTRADICTED),
    ({"stated_value": "20", "tolerance_pct": "50"}, CLOSE),
    ({"stated_value": "2.3", "may_be": "a.other.2024"}, MISATTRIBUTED),
    ({"value_id": "a.range.2024"}, CONSISTENT),
    ({"stated_value": "2.6", "unit": "USD billion", "value_id": "a.amount.2024"}, REPRODUCED),
    ({"stated_value": "1", "unit": "rank", "value_id": "a.open.2024"}, CONTRADICTED),
    ({"stated_value": "large", "against": "10 percent", "compare": "more than"}, REPRODUCED),
    ({"value_id": "a.own.2024"}, NOT_TESTABLE),
    ({"test": "open", "value_id": "", "compare": ""}, NOT_TESTABLE),
    ({"test": "open", "value_id": "a.not_yet.2024"}, NOT_TESTABLE),
    ({"test": "open"}, REPRODUCED),     # the value it waited for is held
    ({"test": "documented", "source": "claims.release", "finding": "partly", "value_id": ""}, DOCUMENTED),
])
def test_an_invented_claim_true_false_or_out_of_reach_gets_its_verdict(change, expected):
    row = judged(change).iloc[0]
    assert row["verdict"] == expected
    assert row["reason"].endswith(".") and "nan" not in row["reason"]


@pytest.mark.parametrize("stated_value, evidence, finding", [
    ("14", "14% of all", "as stated"), ("14", "13", "nearly as stated"), ("14", "20 (about)", "not as stated"),
])
def test_a_number_in_documentary_evidence_is_compared_by_the_same_rules(stated_value, evidence, finding):
    row = judged({"test": "documented", "source": "claims.release", "stated_value": stated_value,
                  "evidence_value": evidence}).iloc[0]
    assert (row["verdict"], row["finding"]) == (DOCUMENTED, finding)
    assert "A release (2025-06-30)" in row["reason"] and evidence in row["reason"]


def test_a_document_of_a_later_day_or_worse_tier_settles_nothing_and_is_not_shown():
    change = {"test": "documented", "source": "claims.release", "finding": "as stated", "evidence_value": "it says so"}
    for given_ in ({"as_of": "2025-06-29"}, {"max_tier": 1}):
        row = judged(change, **given_).iloc[0]
        assert (row["verdict"], row["evidence"], row["source"]) == (NOT_TESTABLE, "", "")
    own = judged(change | {"source": "claims.d"}).iloc[0]
    assert own["verdict"] == NOT_TESTABLE


def test_reasons_are_made_from_the_numbers():
    reasons = judged({}, {"stated_value": "20"}, {"value_id": "a.range.2024"}, {"value_id": "a.nowhere.2024"},
                     strict=False)["reason"]
    assert list(reasons) == [
        "The statement is 14 per cent, which stands for 13.5 to 14.5 per cent. The figures give 13.6 per cent, inside "
        "that.",
        "The statement is 20 per cent, which stands for 19.5 to 20.5 per cent. The figures give 13.6 per cent, 32 per "
        "cent below the statement; the tolerance is 10 per cent.",
        "The statement is 14 per cent, which stands for 13.5 to 14.5 per cent. The figures allow 0 to 40 per cent. The "
        "statement is possible, and so are other numbers.",
        "The value that would test it, a.nowhere.2024, is not held. It would take: a table.",
    ]


@pytest.mark.parametrize("change, words", [
    ({"value_id": "a.shar.2024"}, "column value_id: no value 'a.shar.2024'; the nearest is 'a.share.2024'. Name a"),
    ({"may_be": "a.othr.2024"}, "column may_be: no value 'a.othr.2024'; the nearest is 'a.other.2024'"),
    ({"unit": "USD billion"}, "a value in per cent can not be compared with a statement in USD billion"),
    ({"unit": "parrots"}, "column stated_value: unit 'parrots' is none of"),
    ({"against": "some"}, "column against: unit '' is none of"),
    ({"tolerance_pct": "much"}, "could not convert"),
    ({"compare": "exceeds"}, "column compare: 'exceeds' is none of equals, more than"),
    ({"test": "guessed"}, "column test: 'guessed' is none of"),
    ({"document": "e"}, "column document: 'e' is not in data/raw/claims/documents.csv"),
    ({"quotation": "word " * 41}, "column quotation: 41 words; quote at least one and at most 40"),
    ({"quotation": " "}, "column quotation: 0 words"),
    ({"test": "open", "value_id": "", "would_settle": ""}, "column would_settle: empty"),
    ({"test": "documented", "finding": "partly"}, "column source: empty"),
    ({"test": "documented", "source": "claims.release", "finding": "maybe"}, "column finding: 'maybe' is none of"),
    ({"test": "documented", "source": "claims.release", "evidence_value": "in 1999"}, "column finding: empty"),
    ({"source": "claims.lost"}, "column source: 'claims.lost' is not in data/raw/sources.csv"),
])
def test_a_row_that_can_not_be_judged_is_refused_with_file_line_and_remedy(change, words):
    with pytest.raises(claims.ClaimProblem) as refused:
        judged({}, change)
    assert str(refused.value).startswith("data/raw/claims/d.csv, line 3 (c1), column ")
    assert words in str(refused.value)


def test_all_bad_rows_are_named_at_once_and_a_variant_may_lack_a_value():
    with pytest.raises(claims.ClaimProblem) as refused:
        judged({"value_id": "a.b.1"}, {}, {"document": "e"})
    assert len(str(refused.value).splitlines()) == 2
    assert judged({"value_id": "a.b.1"}, strict=False).iloc[0]["verdict"] == NOT_TESTABLE


def test_tables_are_read_together_and_an_id_stands_once(package):
    head = [*claims.COLUMNS]
    package.add("claims/documents", [["document"], ["d"]])
    package.add("claims/one", [head, ["c1", *["x"] * (len(head) - 1)]])
    package.add("claims/two", [head, ["c2", *["x"] * (len(head) - 1)]])
    both = claims.together(package.folder)
    assert list(both["claim"]) == ["c1", "c2"] and set(both["value_id"]) == {""}
    package.add("claims/three", [head, ["c1", *["x"] * (len(head) - 1)]])
    with pytest.raises(claims.ClaimProblem, match=r"claims/one.csv, line 2 \(c1\), column claim: this id stands more"):
        claims.together(package.folder)
    package.add("claims/four", [["claim"], ["c4"]])
    with pytest.raises(claims.ClaimProblem, match="claims/four.csv: no column document, quotation"):
        claims.together(package.folder)


def test_counts_add_up_to_the_claims_of_each_document():
    values = Values("50_claims", "2026-01-01")
    frame = judged({}, {"stated_value": "20"}, {"test": "open", "value_id": ""})
    claims.record_counts(values, frame)
    assert values.number("claims.count") == values.number("claims.count.d") == 3
    assert sum(values.number(f"claims.verdict.d.{claims_text.slug(name)}") for name in VERDICTS) == 3
    assert values.number("claims.verdict.contradicted") == 1


# ---- Values that only claims need ----------------------------------------------------------------


def position(investor: str, year: str, amount: float) -> dict:
    """A printed position, synthetic."""
    return {"source": "bea", "series": claims_values.POSITION, "investor": investor, "destination": "USA", "region": "",
            "mode": "all", "measure": "position", "frequency": "A", "period": year, "industry": "", "state": "",
            "item": "", "basis": "", "status": "published", "value_musd": amount, "rounding_musd": 0.5,
            "vintage": "2025-01-01", "tier": 3, "ref": f"bea/position_and_flows#L{int(year)}"}


def test_a_position_between_two_printed_years_is_an_interval_and_the_rank_a_lower_bound():
    table = pd.DataFrame([position("KOR", "2023", 78_000), position("KOR", "2025", 95_000),
                          position("WLD", "2024", 5_710_000), position("JPN", "2024", 800_000),
                          position("DEU", "2024", 90_000)])
    values = Values("x", "2026-01-01")
    claims_values.record_positions(values, claims_values.positions(table, "2026-01-01", 3))
    share = values.row("investment.bea.position_share.KOR.2024")
    expected = (100 * 77_999.5 / 5_710_000.5, 100 * 95_000.5 / 5_709_999.5)
    assert (share["lower"], share["upper"]) == pytest.approx(expected)
    rank = values.row("investment.bea.position_rank.KOR.2024")
    # Germany's lies inside Korea's interval, so only Japan is surely larger.
    assert (rank["lower"], rank["upper"]) == (2, math.inf)
    early = claims_values.positions(table[table["period"] < "2025"], "2026-01-01", 3)
    assert not (early["year"].eq(2024) & early["investor"].eq("KOR")).any()


def test_years_above_count_only_where_every_print_agrees():
    def flow(place, year, amount, vintage):
        return {"destination": place, "period": year, "value_musd": amount, "vintage": vintage, "tier": 2,
                "ref": "a/b#L2"}

    printed = pd.DataFrame([
        flow("USA", "2015", 7.0, "1"), flow("CHN", "2015", 3.0, "2"),
        flow("USA", "2016", 5.0, "1"), flow("USA", "2016", 7.0, "2"), flow("CHN", "2016", 6.0, "1"),
        flow("USA", "2017", 1.0, "1"), flow("CHN", "2017", 2.0, "1"),
    ])
    values = Values("x", "2026-01-01")
    claims_values.record_years_above(values, printed, 2015, 2018)
    row = values.row("investment.kexim.years_above.USA-CHN.2015-2018")
    # 2015 counts, 2016 is disputed, 2017 does not count, 2018 is not held.
    assert (row["lower"], row["upper"]) == (1, 3)


def test_figures_of_the_evidence_give_shares_a_rank_and_exports():
    values = Values("x", "2026-11-22")
    table = raw.read("benchmarks/claims_evidence")
    claims_values.record_evidence(values, table, raw.sources(), "2026-11-22", 3)
    assert values.number("claims.capacity_share_in_korea.samsung-biologics.2025-12") == pytest.approx(92.899408)
    assert values.number("trade.exports_korean_customs.KOR-USA.2024") == 127_790
    assert values.number("claims.shipbuilding_rank.KOR.2024") == 2
    awards = values.row("claims.grant_share.korean-awards.2024-12")
    assert (awards["lower"], awards["upper"]) == (pytest.approx(11.834625), pytest.approx(12.824324))
    assert len(awards["refs"].split()) == 4
    without = Values("x", "2026-11-22")
    claims_values.record_evidence(without, table[table["figure"] != "production capacity, Rockville"], raw.sources(),
                                  "2026-11-22", 3)
    assert set(values.rows) - set(without.rows) == {"claims.capacity_share_in_korea.samsung-biologics.2025-12"}
    late = Values("x", "2024-06-30")
    claims_values.record_evidence(late, table, raw.sources(), "2024-06-30", 3)
    assert late.rows == {}


# ---- The page ------------------------------------------------------------------------------------


def test_the_page_has_a_row_and_an_entry_for_each_claim_and_escapes_what_it_quotes(tmp_path):
    frame = judged({"quotation": "<b>bold</b> & *stars* $5"}, {"quotation": "2025년", "value_id": "a.range.2024"})
    path = tmp_path / "claims.csv"
    frame.to_csv(path, index=False)
    page = claims_pages.ledger_page(claims_pages.read(path))
    assert page.count('<tr role="row" data-verdict=') == page.count("(claim-c") == 2
    assert "“&lt;b&gt;bold&lt;/b&gt; &amp; *stars* $5”" in page
    assert r"\<b\>bold\</b\> \& \*stars\* \$5" in page
    assert page.count('<span lang="ko">“2025년”</span>') == 2
    assert "<script" not in page
    for kind in ("verdict", "document"):
        assert re.search(rf'<input type="radio" name="ledger-{kind}" id="{kind}-all" checked>', page)
    labels = set(re.findall(r'<label for="([^"]+)"', page))
    assert labels == set(re.findall(r'<input [^>]*id="([^"]+)"', page))
    for label in labels - {"verdict-all", "document-all"}:
        kind, _, key = label.partition("-")
        assert f'.korus-ledger:has(#{label}:checked) tbody tr:not([data-{kind}="{key}"]) {{ display: none; }}' in page


# ---- The real ledger -----------------------------------------------------------------------------


def test_quotations_are_there_and_short_and_each_document_is_known():
    table = claims.together()
    assert len(table) >= 59 and table["claim"].is_unique
    assert table["quotation"].str.split().str.len().between(1, claims.MOST_WORDS).all()
    assert set(table["document"]) <= set(raw.read("claims/documents")["document"])


@built
def test_every_claim_has_a_verdict_and_a_reason_and_open_ones_say_what_would_settle_them():
    held = pd.read_csv(RESULT, keep_default_na=False)
    assert list(held.columns)[: len(CONTRACT)] == CONTRACT
    assert list(held["claim"]) == list(claims.together()["claim"])
    assert set(held["verdict"]) <= set(VERDICTS)
    assert held["reason"].str.len().min() > 20 and not held["reason"].str.contains(r"\b(?:nan|inf)\b").any()
    undecided = held[held["verdict"].isin([CONSISTENT, NOT_TESTABLE])]
    assert (undecided["would_settle"] != "").all()
    assert (held.loc[held["verdict"] == DOCUMENTED, "finding"] != "").all()


@built
@pytest.mark.parametrize("claim, expected", [
    ("kiep-us-import-share", REPRODUCED), ("kiep-cn-import-share", CLOSE), ("kiep-import-gap", CONTRADICTED),
    ("csis-deficit-66", REPRODUCED), ("csis-exports-1278", MISATTRIBUTED), ("csis-largest-investor", CONTRADICTED),
    ("kiep-gf-2024-us", CONSISTENT), ("kiep-gf-2000-2015-us", CONSISTENT),
    ("kiep-etr-industrial-supplies", NOT_TESTABLE), ("csis-fdi-share", MISATTRIBUTED),
    ("csis-hyundai-54", CLOSE), ("csis-skhynix-387", REPRODUCED),
])
def test_what_the_figures_of_this_edition_say_of_some_claims(claim, expected):
    held = pd.read_csv(RESULT).set_index("claim")
    assert held.at[claim, "verdict"] == expected


# ---- In a copy of the project --------------------------------------------------------------------


def run_make(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run make in a copy of the project."""
    return subprocess.run(["make", *arguments], cwd=root, env=clean_environment(), text=True, capture_output=True,
                          timeout=300, check=False)


def made(root: Path, *arguments: str) -> str:
    """Run make, which must succeed; what it said."""
    done = run_make(root, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def verdicts_in(root: Path) -> dict[str, str]:
    """Verdicts by claim."""
    with (root / "data/processed/results/claims.csv").open(encoding="utf-8", newline="") as lines:
        return {row["claim"]: row["verdict"] for row in csv.DictReader(lines)}


LEDGER = "data/processed/results/claims.csv"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A copy of the working tree with the ledger built in it."""
    root = working_copy(PROJECT, tmp_path_factory.mktemp("claims") / "korus", environment=Path(sys.prefix))
    made(root, LEDGER)
    return root


@pytest.fixture
def tree(finished, tmp_path):
    """A finished project of its own for each test."""
    return Path(shutil.copytree(finished, tmp_path / "korus", symlinks=True))


@built
def test_a_changed_cell_turns_the_verdicts_that_rest_on_it_and_no_other(tree):
    before = verdicts_in(tree)
    name = "data/raw/world/import_shares.csv"
    text = (tree / name).read_text(encoding="utf-8")
    assert text.count("2024,CHN,2585,") == 1
    (tree / name).write_text(text.replace("2024,CHN,2585,", "2024,CHN,2660,"), encoding="utf-8")
    made(tree, "accept", f"FILE={name}")
    made(tree, LEDGER)
    after = verdicts_in(tree)
    assert {claim: (before[claim], after[claim]) for claim in before if before[claim] != after[claim]} == {
        "kiep-cn-import-share": (CLOSE, REPRODUCED), "kiep-import-gap": (CONTRADICTED, REPRODUCED)}


@built
def test_the_example_of_the_readme_is_judged_and_a_wrong_id_is_refused_with_the_nearest(tree):
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Judge another text")[2].partition("\n## ")[0]
    document, table = re.findall(r"```csv\n(.*?)```", section, flags=re.S)
    folder = tree / "data" / "raw" / "claims"
    with (folder / "documents.csv").open("a", encoding="utf-8") as file:
        file.write(document)
    (folder / "my-article.csv").write_text(table, encoding="utf-8")
    made(tree, "accept", "FILE=data/raw/claims/documents.csv")

    refused = run_make(tree, "accept", "FILE=data/raw/claims/my-article.csv")
    record = json.JSONDecoder().raw_decode(refused.stderr[refused.stderr.index("{\n"):])[0]
    asked = re.findall(r"<fill in: [^>]*>", json.dumps(record))
    assert len(asked) == 2
    package = tree / "data" / "raw" / "datapackage.json"
    descriptor = json.loads(package.read_text(encoding="utf-8"))
    record |= {"date_published": "2026-01-31", "date_accessed": "2026-02-01"}
    paths = [resource["path"] for resource in descriptor["resources"]]
    descriptor["resources"].insert(paths.index("claims/documents.csv") + 1, record)
    package.write_text(json.dumps(descriptor, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    made(tree, "accept", "FILE=data/raw/claims/my-article.csv")
    made(tree, LEDGER)
    found = verdicts_in(tree)
    assert [found[claim] for claim in ("my-deficit", "my-rate", "my-bases")] == [REPRODUCED, CONTRADICTED, NOT_TESTABLE]

    (folder / "my-article.csv").write_text(table.replace("collected_rate.KOR", "colected_rate.KOR"), encoding="utf-8")
    made(tree, "accept", "FILE=data/raw/claims/my-article.csv")
    wrong = run_make(tree, LEDGER)
    assert wrong.returncode != 0
    assert "data/raw/claims/my-article.csv, line 3 (my-rate), column value_id: no value " in wrong.stderr
    assert "the nearest is 'tariffs.collected_rate.KOR.2025-07'" in wrong.stderr
