"""Releases are read by their words: every vintage held, printed anew in many layouts, gives the rows held."""

import datetime as dt
import io
import zipfile

import pytest
import toy_release as toy
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_release import VINTAGES, held

from korus import raw
from korus.sources import difference, ministry, ministry_checks
from korus.sources.ministry_words import Labels, measure_of, period_of, release_day, series_of, unit_in, unit_of
from korus.sources.refusal import Refused

LEDGER = difference.rows_of(raw.read_verified("corrections"))
LABELS = Labels(*(raw.read(f"reference/{table}") for table in ("countries", "regions", "industries")))
MISPRINTED = "2024-09-13"


def read(content: bytes) -> ministry.Release:
    """A release made for a test, read."""
    return ministry.read(content, "release.hwpx", LABELS)


def rows(content: bytes, ledger: list[dict[str, str]] = LEDGER) -> list[dict[str, str]]:
    """The rows a release gives, judged and marked."""
    release = read(content)
    return ministry.rows(release, ministry_checks.judge(release, ledger).misprinted)


def in_order(found: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return sorted(tuple(row.values()) for row in found)


def refusal(content: bytes) -> str:
    """Why a document is refused."""
    with pytest.raises(Refused) as refused:
        rows(content)
    return str(refused.value)


def changed(vintage: str, value: str, **where: str) -> list[dict[str, str]]:
    """Rows of a vintage with another value in those that meet conditions."""
    return [
        row | {"value": value} if all(row[name] == cell for name, cell in where.items()) else row
        for row in held(vintage)
    ]


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_vintage_held_printed_in_the_usual_layout_gives_its_rows_in_their_order(vintage):
    assert rows(toy.release(held(vintage))) == held(vintage)


LAYOUTS = st.builds(
    toy.Layout,
    periods=st.sampled_from(["tall", "wide", "short"]), rates=st.sampled_from(["below", "beside", "none"]),
    shuffle=st.none() | st.permutations(range(16)),
    extra=st.lists(st.sampled_from(["비중(%)", "비고", "증감", "전년동기 대비 증감률"]), max_size=2, unique=True),
    unit=st.sampled_from(["(단위: 억 달러, 전년동기 대비 %)", "(단위 : 억불, (전년동기 대비 %))", "(단위: 억달러)",
                          "〔단위：억 US$, %〕"]),
    bases=st.sampled_from([
        {"invested": "(총투자 기준)", "net": "(순투자 기준)"}, {"invested": "□ 총투자액 기준", "net": "□ 순투자액 기준"},
        {"invested": "1. 해외직접투자 동향 (투자액 기준)", "net": "2. 해외직접투자 동향 (순투자액 기준)"},
    ]),
    frame=st.booleans(), heading_after_table=st.booleans(), captions=st.booleans(), spaced=st.booleans(),
    published=st.sampled_from(["보도시점", "보도 일시", "보 도 일"]), minus=st.sampled_from(["-", "△", "−"]),
    namespace=st.sampled_from([toy.HP, toy.HP.replace("2011", "2016")]),
)


@settings(max_examples=20)
@given(layout=LAYOUTS, vintage=st.sampled_from(VINTAGES))
def test_the_figures_do_not_depend_on_the_layout(layout, vintage):
    assert in_order(rows(toy.release(held(vintage), layout))) == in_order(held(vintage))


OTHERS = {"LUX": ("IRL", "아일랜드"), "CYM": ("HKG", "홍콩"), "USA": ("CHN", "중국")}


def test_another_quarter_with_other_countries_and_industries_is_read():
    later = []
    for row in held("2024-12-13"):
        year = str(int(row["year"]) + 1)
        iso3, label = OTHERS.get(row["country"], (row["country"], toy.label_of(row)))
        industry = row["industry"]
        if industry == "mining":
            industry, label = "transport & storage", "운수·창고업"
        later.append(row | {
            "year": year, "country": iso3, "industry": industry, "vintage": "2025-12-12",
            "source": "kexim.moef-2025-12-12", "note": f"label in source: {label}"})
    found = rows(toy.release(later, title="‘25년 3분기 해외직접투자는 시험용"))
    assert found == later
    assert {"HKG", "IRL", "CHN"} <= {row["country"] for row in found}
    assert {row["quarter"] for row in found if row["year"] == "2025"} == {"1", "2", "3", "1-3"}


def test_tables_of_the_text_in_front_are_not_read():
    front = [toy.paragraph("< 업종별 동향(억 달러, %) >"), toy.paragraph(toy.table([
        ["구분", "금융보험업", "제조업"], ["‘23.2Q", "64.5", "40.3"], ["‘24.2Q", "53.3", "36.1"]])),
        toy.paragraph("< 연도별 동향 >"), toy.paragraph(toy.table([["구분", "2023년", "2024년"], ["총투자", "1.0", "2.0"]])),
        toy.paragraph("2024년 2분기 해외직접투자액은 총투자액 기준 156.6억 달러로")]
    assert rows(toy.release(held("2024-12-13"), front=front)) == held("2024-12-13")


def test_the_title_and_the_row_of_sources_are_those_of_the_document():
    release = read(toy.release(held("2025-06-20"), title="‘25년 1분기 해외직접투자는\n시험용  자료"))
    assert ministry.source_row(release, "https://example.org", "2025-06-21") == {
        "source": "kexim.moef-2025-06-20", "title": "기획재정부 보도자료: '25년 1분기 해외직접투자는 시험용 자료",
        "url": "https://example.org", "commit": "", "date": "2025-06-20",
        "kind": "official press release (provisional, revised each quarter)", "accessed": "2025-06-21"}


@pytest.mark.parametrize(("old", "new", "said"), [
    ("label in source: 룩셈부르크", "label in source: 아틀란티스",
     "unknown country '아틀란티스'. Add it to data/raw/reference/countries.csv, column also_printed_as"),
    ("label in source: 광업", "label in source: 연금술업",
     "unknown industry '연금술업'. Add it to data/raw/reference/industries.csv, column printed_as"),
    ("label in source: 중동", "label in source: 남극",
     "unknown region '남극'. Add it to data/raw/reference/regions.csv"),
    ("label in source: 중동", "label in source: 미국", "known as a label of country_total"),
])
def test_an_unknown_label_is_refused_by_name_with_the_table_to_extend(old, new, said):
    document = [row | {"note": row["note"].replace(old, new)} for row in held("2024-12-13")]
    assert said in refusal(toy.release(document))


@pytest.mark.parametrize(("layout", "said"), [
    (toy.Layout(unit=""), "no unit is stated"),
    (toy.Layout(unit="(단위: 천 달러)"), "unit '천달러' is not known"),
    (toy.Layout(bases={"invested": "세부", "net": "세부"}), "no tables under a heading (총투자 기준)"),
    (toy.Layout(published="배포일"), "no day after 보도시점"),
    (toy.Layout(extra=["2024년 하반기"]), "the period '2024년하반기' is not understood"),
])
def test_what_a_release_must_say_is_missed_by_name(layout, said):
    assert said in refusal(toy.release(held("2024-12-13"), layout))


def test_a_document_on_another_subject_is_refused():
    assert "does not speak of 해외직접투자" in refusal(toy.document(toy.paragraph("수출입 동향")))


@pytest.mark.parametrize("day", ["2024-09-30", "2024-06-21", "2025-08-01"])
def test_a_day_that_does_not_fit_the_last_period_is_refused(day):
    assert "by its own text, but its last period ends 2024-09-30" in refusal(
        toy.release(held("2024-12-13"), day=day))


def test_a_day_that_is_not_the_day_of_the_week_printed_with_it_is_refused():
    content = toy.document(toy.paragraph("해외직접투자"), toy.paragraph("보도시점 2024. 9. 13.(목) 11:00"))
    with pytest.raises(Refused, match="printed as 목요일, but is a 금요일"):
        release_day("보도시점 2024. 9. 13.(목) 11:00", "x")
    assert "(총투자 기준)" in refusal(content)


def test_an_amount_that_is_no_number_is_refused_with_its_place():
    document = changed("2024-12-13", "12..3", country="USA", year="2023", quarter="4", measure="net")
    assert "미국, 2023-4: '12..3' is not an amount" in refusal(toy.release(document))


def test_two_columns_for_one_period_are_refused():
    rows_ = [["구분", "2023년", "2023년"], ["전체", "1.0", "2.0"]]
    content = toy.document(
        toy.paragraph("해외직접투자"), toy.paragraph("(총투자 기준)"), toy.paragraph("(단위: 억 달러)"),
        toy.paragraph(toy.table(rows_)))
    assert "two columns for 2023-A" in refusal(content)


def test_the_shifted_table_of_2024_is_found_by_its_totals_and_kept_as_printed():
    release = read(toy.release(held(MISPRINTED)))
    verdict = ministry_checks.judge(release, [])
    [entry] = verdict.entries
    assert entry["rows"] == LEDGER[0]["rows"] and entry["action"] == "withdraw"
    assert entry["guard"] == LEDGER[0]["guard"]
    assert "printed as 북미: the world total" in entry["what"]
    assert "printed as 유럽: the figures of 북미" in entry["what"]
    assert "대양주" not in entry["what"]
    [doubt] = verdict.doubts
    assert doubt.startswith("MISPRINT in table ") and "goes into data/raw/corrections.csv" in doubt
    found = ministry.rows(release, verdict.misprinted)
    assert found == held(MISPRINTED)
    assert sum(row["note"].endswith("see corrections.csv") for row in found) == 42


def test_a_misprint_that_the_ledger_knows_is_no_doubt():
    verdict = ministry_checks.judge(read(toy.release(held(MISPRINTED))), LEDGER)
    assert verdict.entries == [] and verdict.doubts == [] and len(verdict.misprinted) == 42
    assert any(note.startswith("MISPRINT, known to data/raw/corrections.csv: 42") for note in verdict.notes)


def test_a_shift_in_a_first_quarter_that_is_printed_twice_is_told_as_well():
    vintage = "2025-06-20"
    regions = list(dict.fromkeys(row["region"] for row in held(vintage) if row["region"]))
    world = {(row["year"], row["quarter"]): row["value"] for row in held(vintage)
             if row["series"] == "world_total" and row["measure"] == "invested"}
    by_place = {(row["region"], row["year"], row["quarter"]): row["value"] for row in held(vintage)
                if row["region"] and row["measure"] == "invested"}
    document = []
    for row in held(vintage):
        if row["region"] and row["measure"] == "invested" and row["quarter"] == "A":
            place = regions.index(row["region"])
            period = (row["year"], row["quarter"])
            row = row | {"value": by_place[(regions[place - 1], *period)] if place else world[period]}
        document.append(row)
    verdict = ministry_checks.judge(read(toy.release(document)), LEDGER)
    [entry] = verdict.entries
    assert entry["rows"] == f"vintage={vintage};series=region;measure=invested;quarter=A"


@pytest.mark.parametrize(("where", "said"), [
    ({"region": "유럽", "year": "2024", "quarter": "2", "measure": "invested"},
     "regions against the world: invested 2024Q2: parts add up to"),
    ({"country": "USA", "industry": "", "year": "2023", "quarter": "A", "measure": "net"},
     "quarters against years: USA net 2023: parts add up to"),
    ({"series": "world_total", "year": "2023", "quarter": "A", "measure": "net"},
     "regions against the world: net 2023: parts add up to"),
])
def test_a_figure_that_contradicts_the_others_refuses_the_release_and_says_what_to_do(where, said):
    message = refusal(toy.release(changed("2024-12-13", "99.9", **where)))
    assert said in message and "make accept FILE=data/raw/corrections.csv, and add the release again" in message


def test_a_misprint_that_a_person_entered_in_the_ledger_is_kept_and_marked():
    document = changed("2024-12-13", "99.9", country="USA", industry="", year="2023", quarter="A", measure="net")
    entry = LEDGER[0] | {
        "correction": "one-cell", "guard": "quarters against years",
        "rows": "vintage=2024-12-13;series=country_total;country=USA;measure=net;quarter=A;year=2023"}
    found = rows(toy.release(document, toy.Layout(rates="none")), [*LEDGER, entry])
    marked = [row for row in found if row["note"].endswith("see corrections.csv")]
    assert [(row["country"], row["value"]) for row in marked] == [("USA", "99.9")]


SOME = [(vintage, place) for vintage in ("2024-12-13", "2025-06-20") for place, row in enumerate(held(vintage))
        if row["series"] in ("world_total", "region")]


@settings(max_examples=20)
@given(st.sampled_from(SOME), st.sampled_from([-1, 1]), st.floats(0.1, 3))
def test_a_misprint_of_one_figure_of_the_world_or_a_region_never_passes(place, sign, share):
    vintage, number = place
    document = [dict(row) for row in held(vintage)]
    value = float(document[number]["value"])
    document[number]["value"] = f"{value + sign * max(1.0, share * abs(value)):.1f}"
    release = read(toy.release(document))
    with pytest.raises(Refused, match="parts add up to|in table"):
        ministry_checks.judge(release, LEDGER)


def test_two_prints_of_one_figure_that_differ_refuse_the_release():
    document = held("2025-06-20")
    document = [row | {"value": "150.0"} if toy.label_of(row) == "투자액" and row["quarter"] == "1"
                and row["measure"] == "invested" else row for row in document]
    assert "전체, 2025-1, invested is 151.3 in table" in refusal(toy.release(document))


def test_a_rate_that_the_figures_do_not_give_is_a_note_where_totals_confirm_them():
    content = toy.release(held("2025-06-20"))
    usual = ministry_checks.judge(read(content), LEDGER)
    assert usual.doubts == [] and "0 do not fit their figures" in " ".join(usual.notes)
    rate = toy.growth({("2023", "A"): "651.8", ("2024", "A"): "653.6"}, ("2024", "A"))
    verdict = ministry_checks.judge(read(_with_text(content, rate, "(77.7)")), LEDGER)
    assert any("투자액, 2024-A, invested: growth printed as +77.7 %" in line and "the rate is misprinted" in line
               for line in verdict.notes)
    assert verdict.doubts == []


def test_a_rate_that_the_figures_do_not_give_is_a_doubt_where_nothing_confirms_them():
    # An industry in 2021: no quarters of that year are printed.
    rate = toy.growth({("2020", "A"): "191.6", ("2021", "A"): "300.4"}, ("2021", "A"))
    content = _with_text(toy.release(held("2025-06-20")), rate, "(5.7)")
    [doubt] = ministry_checks.judge(read(content), LEDGER).doubts
    assert "금융보험업, 2021-A, invested: growth printed as +5.7 %" in doubt
    assert "Nothing else in the release confirms" in doubt


SHORT = [toy.paragraph("해외직접투자"), toy.paragraph("(총투자 기준)"), toy.paragraph("(단위: 억 달러)")]


def read_table(rows_: list, *more: str) -> tuple[list, list[str]]:
    """(amounts, columns not taken) of one table under a basis and a unit, without what a release needs beside."""
    blocks = ministry.hwpx.read(toy.document(*SHORT, *more, toy.paragraph(toy.table(rows_))), "release.hwpx")
    return ministry._amounts(blocks, "release.hwpx", LABELS)


def values(rows_: list, *more: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """(label, year, quarter) → (amount, growth) of such a table."""
    return {(f.label, f.year, f.quarter): (f.value, f.growth) for f in read_table(rows_, *more)[0]}


def test_marks_of_footnotes_thousands_and_words_in_place_of_rates_are_read():
    assert values([
        ["구분", "2023년", "2024년"], [("저지*", 2, 1), "1,234.5", "△0.3p"], [None, "(12,032.6)", "(순증)"],
        ["도 ㆍ 소매업1)", "-", "2.0\n(△1.5%)"],
    ]) == {("저지", "2023", "A"): ("1234.5", "12032.6"), ("저지", "2024", "A"): ("-0.3", ""),
           ("도ㆍ소매업", "2024", "A"): ("2.0", "-1.5")}


def test_two_columns_of_labels_and_rows_of_rates_by_name_are_read():
    assert values([
        [("구분", 1, 2), None, "’23.4Q", "’24.4Q"], [("미국", 2, 1), "금액", "60.6", "57.4"],
        [None, "증감률(%)", "9.6", "△5.3"], [("중국", 2, 1), "금액", "1.0", "2.0"], [None, "증감률(%)", "-", "100.0"],
    ]) == {("미국", "2023", "4"): ("60.6", "9.6"), ("미국", "2024", "4"): ("57.4", "-5.3"),
           ("중국", "2023", "4"): ("1.0", ""), ("중국", "2024", "4"): ("2.0", "100.0")}


def test_a_total_row_in_another_table_is_the_world_again():
    [total, _] = read_table([["구분", "2023년"], ["전체", "651.5"], ["미국", "279.9"]],
                            toy.paragraph("□ 국가별 동향"))[0]
    assert (total.series, total.country) == ("world_total", "WLD")


def test_a_unit_of_other_tables_does_not_matter():
    assert values([["구분", "2023년"], ["미국", "1.0"]], toy.paragraph("(단위: 건)"), toy.paragraph("(단위: 억불)"))


@pytest.mark.parametrize(("rows_", "said"), [
    ([["구분", "2023년"], ["미국", "(1.0)"], ["미국", "1.0"]], "has no row of headings|is not understood"),
    ([["구분", "2023년", "2024년"], ["증감률", "1.0", "2.0"]], "growth rates with no row of amounts above them"),
    ([["구분", "2023년"], ["미국", "1.0"], ["중국", "(1.0)"]], "growth rates of '중국' below the amounts of '미국'"),
    ([["구분", "2023년"], ["", "1.0"]], "amounts without a label"),
    ([["구분", "2023년"], ["중국", "1.0"], ["미국", "12.31)"]], "'12.31\\)' is not an amount"),
    ([["구분", "2023년"], ["미국", "1２.3"]], "no row of headings above rows of amounts"),
    ([["", "미국", "중국"], ["2023년", "1.0", "2.0"]], "amounts of countries, industries or regions with no periods"),
    ([["구분", "1분기", "2분기"], ["미국", "1.0", "2.0"]], "names no year, nor does a cell above it"),
    ([["2023년", "2024년"], ["1.0", "2.0"]], "no column of labels"),
])
def test_a_layout_that_is_not_known_is_refused(rows_, said):
    with pytest.raises(Refused, match=said):
        read_table(rows_)


@pytest.mark.parametrize("years", [True, False])
def test_a_release_of_years_or_of_quarters_alone_is_read(years):
    document = [row for row in held("2024-12-13") if (row["quarter"] in ("A", "1-3")) == years]
    assert rows(toy.release(document)) == document


def test_amounts_under_no_period_are_refused_and_not_left_out():
    rows_ = [["구분", "이번", "지난"], ["미국", "1.5", "2.5"]]
    assert "table 1: amounts of countries" in refusal(toy.document(*SHORT, toy.paragraph(toy.table(rows_))))


def _with_text(content: bytes, old: str, new: str) -> bytes:
    """A document with a text replaced once."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("Contents/section0.xml").decode()
    start = text.index(f"<hp:t>{old}</hp:t>")
    return toy.container((text[:start] + text[start:].replace(old, new, 1)).encode())


def test_a_release_without_a_table_is_a_doubt():
    document = [row for row in held("2024-12-13") if row["series"] != "region" or row["measure"] == "invested"]
    verdict = ministry_checks.judge(read(toy.release(document)), LEDGER)
    assert any("no total of the net figures could be checked" in doubt for doubt in verdict.doubts)
    assert any("no net table for region" in doubt for doubt in verdict.doubts)


@pytest.mark.parametrize(("heading", "period"), [
    ("2024년", ("2024", "A")), ("2024", ("2024", "A")), ("’24년", ("2024", "A")), ("2024년(p)", ("2024", "A")),
    ("2024년 연간", ("2024", "A")), ("2024년 1분기", ("2024", "1")), ("2024년 3/4분기", ("2024", "3")),
    ("‘24.2Q", ("2024", "2")), ("'24.4분기", ("2024", "4")), ("2024년 1~6월", ("2024", "1-2")),
    ("2024년 상반기", ("2024", "1-2")), ("2024년 1∼9월", ("2024", "1-3")), ("2024년 1~3분기", ("2024", "1-3")),
    ("2024년 1~12월", ("2024", "A")), ("2023년 1분기(잠정)", ("2023", "1")),
    ("증감률", None), ("비중(%)", None), ("2024년 비중", None), ("비고", None), ("전년대비", None),
])
def test_periods_are_read_from_the_words_over_a_column(heading, period):
    assert period_of(heading, "x") == period


@pytest.mark.parametrize("heading", ["2024년 하반기", "2024년 5분기", "2024년 1~4월", "2024년 누계", "2024년말", "2분기",
                                     "상반기", "1~6월"])
def test_a_period_that_is_not_understood_is_refused(heading):
    with pytest.raises(Refused, match="is not understood|names no year"):
        period_of(heading, "x")


@pytest.mark.parametrize(("text", "measure", "series", "unit"), [
    ("(총투자 기준)", "invested", "", ""), ("(순투자 기준)", "net", "", ""), ("□ 투자액 기준", "invested", "", ""),
    ("업종별 동향(순투자액 기준)", "net", "industry_world", ""), ("□ 국가별 동향(상위 5개)", "", "country_total", ""),
    ("2024년 2분기(4~6월) 해외직접투자액은 총투자액 기준 156.6억 달러로", "", "", ""),
    ("(단위 : 억불, (전년동기 대비 %))", "", "", "100 million USD"), ("2. 연도별 동향", "", "world_total", ""),
])
def test_headings_say_the_basis_the_series_and_the_unit(text, measure, series, unit):
    assert (measure_of(text), series_of(text)) == (measure, series)
    printed = unit_in(text)
    assert (unit_of(printed, "x") if printed else "") == unit


@pytest.mark.parametrize(("text", "day"), [
    ("보도시점 2024. 12. 13.(금) 10:00 배포 2024. 12. 12.(목) 09:00", dt.date(2024, 12, 13)),
    ("보도 일시\n2023년 6월 21일(수)", dt.date(2023, 6, 21)), ("보도일: 2023-06-21", dt.date(2023, 6, 21)),
    ("배포 2024. 12. 12.", None), ("보도자료", None),
])
def test_the_day_of_publication_is_the_one_after_its_own_words(text, day):
    assert release_day(text, "x") == day


def test_a_day_that_the_calendar_does_not_have_is_refused():
    with pytest.raises(Refused, match="not a day of the calendar"):
        release_day("보도시점 2024. 2. 30.(금)", "x")
