"""Exports of a statistics portal: every layout gives the same figures, and what is not understood is refused."""

import datetime as dt

import pytest
import toy_arrival
import toy_portal as toy
from conftest import contents
from hypothesis import given
from hypothesis import strategies as st
from toy_project import PROJECT, make

from korus import raw, verify
from korus.sources import difference, kind, portal, portal_file, portal_layout
from korus.sources.portal_words import Words, key, number

TODAY = dt.date(2026, 11, 26)
WIDE = toy.Layout(("place",), ("year", "mode"))


@pytest.fixture(scope="module")
def words() -> Words:
    """The words the project knows."""
    return Words(*(raw.read(name) for name in
                   ("reference/portal_headings", "reference/countries", "reference/regions")))


@pytest.fixture
def folder(tmp_path):
    """A copy of data/raw."""
    return toy_arrival.raw_copy(tmp_path)


def read(content: bytes, words: Words) -> dict:
    """(place, year, mode) → digits of the table in a file."""
    [grid] = portal_file.grids(content, kind.kind_of(content), "export")
    found = portal_layout.table(grid, words)
    return {(f.place, f.year, f.mode): f.value for f in found.figures}


def added(folder, content: bytes, name: str = "export.csv", **options) -> tuple[bool, str]:
    """(whether data/raw was written, what was said), on the day of these tests."""
    return toy_arrival.added(folder, content, name, **({"today": TODAY} | options))


def refusal(folder, content: bytes, name: str = "export.csv", **options) -> str:
    """Why a file is refused on that day."""
    return toy_arrival.refusal(folder, content, name, **({"today": TODAY} | options))


def table(*lines: str, encoding: str = "utf-8") -> bytes:
    """A text table from its lines, separated by bars so that amounts may hold commas."""
    return toy.as_csv([[cell.strip() for cell in line.split("|")] for line in lines], encoding)


HEAD = ("합성 시험자료 투자금액 (단위: 천달러)", "국가 | 연도 | 설립형태 | 금액")
USA = ("미국 | 2024 | 신규법인설립 | 14,800,000", "미국 | 2024 | 인수합병 | 7,610,000", "미국 | 2024 | 합계 | 22,410,000")


# ---- Layouts ---------------------------------------------------------------------------------------


@st.composite
def layouts(draw):
    """Any order of the dimensions, any of them across, any order of their values, and lines around the table."""
    dimensions = draw(st.permutations(["place", "year", "mode"]))
    cut = draw(st.integers(1, 3))
    language = draw(st.sampled_from(["ko", "en"]))
    lines = [[""], ["조회기간", "2022", "2024"], ["조회일: 2026-11-20"], ["Statistics on overseas direct investment"]]
    above = [[toy.TITLE], *draw(st.lists(st.sampled_from(lines), max_size=4))]
    order = {"place": draw(st.permutations(["USA", "CHN", "WLD"])),
             "year": draw(st.permutations(["2022", "2023", "2024"])),
             "mode": draw(st.permutations(["greenfield", "mna", "total"]))}
    return toy.Layout(
        tuple(dimensions[:cut]), tuple(dimensions[cut:]), language,
        [*above, [toy.WORDS[language]["unit"]]], [[""], [toy.NOTE]] if draw(st.booleans()) else [],
        draw(st.booleans()), draw(st.booleans()), order)


@given(layouts(), st.sampled_from(["utf-8", "utf-8-sig", "cp949", "xlsx"]), st.sampled_from([",", ";", "\t"]))
def test_every_layout_gives_the_same_figures(words, layout, form, mark):
    amounts = toy.figures(("2022", "2023", "2024"))
    rows, merged = toy.cells(amounts, layout)
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    content = toy.as_xlsx(rows, merged) if form == "xlsx" else toy.as_csv(rows, form, mark)
    assert read(content, words) == amounts


def test_measures_and_counts_may_stand_side_by_side(words):
    content = table("번호 | 연도 | 국가 | 설립형태 | 신고건수 | 신고금액(천달러) | 투자금액(천달러) | 비고",
                    "1 | 2024 | 미국 | 신규법인설립 | 12 | 300 | 200 | 잠정", "2 | 2024 | 미국 | M&A | 3 | - | 100 | ")
    [grid] = portal_file.grids(content, kind.CSV_UTF8, "export")
    found = portal_layout.table(grid, words)
    assert [(f.mode, f.measure, f.unit, f.value, f.mark) for f in found.figures] == [
        ("greenfield", "reported", "thousand USD", "300", ""), ("greenfield", "invested", "thousand USD", "200", ""),
        ("mna", "reported", "thousand USD", "", "none"), ("mna", "invested", "thousand USD", "100", "")]
    assert found.aside == {"counts, shares, sums over years": 5}


def test_subtotals_of_regions_and_sums_over_years_are_set_aside(words):
    content = table("지역 | 국가 | 설립형태 | 2023 | 2024 | 합계", "북미 | 미국 | 그린필드 | 1 | 2 | 3",
                    "북미 | 소계 | 그린필드 | 1 | 2 | 3", "총계 | | | 9 | 9 | 18")
    assert read(content, words) == {
        ("USA", "2023", "greenfield"): "1", ("USA", "2024", "greenfield"): "2",
        ("WLD", "2023", "total"): "9", ("WLD", "2024", "total"): "9"}


def test_a_line_above_the_table_may_say_what_all_of_it_is_about(words):
    content = table("국가: 미국", "설립형태 | 신규법인설립", "연도 | 투자금액", "2023 | 10", "2024 | 20")
    assert read(content, words) == {("USA", "2023", "greenfield"): "10", ("USA", "2024", "greenfield"): "20"}


def test_commas_within_amounts_and_titles_separate_no_cells(words):
    lines = ["합성, 시험, 자료", "국가\t설립형태\t2023년\t2024년(p)", "미국\t그린필드\t1,234\t12,345", "미국\tM&A\t1,000\t2"]
    assert read("\n".join(lines).encode(), words) == {
        ("USA", "2023", "greenfield"): "1234", ("USA", "2024", "greenfield"): "12345",
        ("USA", "2023", "mna"): "1000", ("USA", "2024", "mna"): "2"}


def test_amounts_that_look_like_years_are_amounts(words):
    content = table("연도 | 국가 | 신규법인설립 | 인수합병 | 합계", "2023 | 미국 | 2010 | 1999 | 4009", "2024 | 미국 | 2000 | 1 | 2001")
    assert read(content, words)["USA", "2023", "greenfield"] == "2010"
    content = table("국가 | 설립형태 | 2001 | 2002", "미국 | 그린필드 | 2001 | 2002", "중국 | 그린필드 | 1990 | 1991")
    assert read(content, words)["CHN", "2002", "greenfield"] == "1991"


def test_units_and_measures_may_stand_in_rows_of_headings(words):
    content = table("국가 | 설립형태 | 2023 | | 2024 | ", " | | 신고금액 | 투자금액 | 신고금액 | 투자금액",
                    " | | 천달러 | 천달러 | 천달러 | 천달러", "미국 | 합계 | 1 | 2 | 3 | 4")
    [grid] = portal_file.grids(content, kind.CSV_UTF8, "export")
    assert [(f.year, f.measure, f.unit, f.value) for f in portal_layout.table(grid, words).figures] == [
        ("2023", "reported", "thousand USD", "1"), ("2023", "invested", "thousand USD", "2"),
        ("2024", "reported", "thousand USD", "3"), ("2024", "invested", "thousand USD", "4")]


@pytest.mark.parametrize(("text", "digits"), [
    ("1,234", "1234"), ("1234.50", "1234.50"), ("△1,234", "-1234"), ("(12)", "-12"), ("－5", "-5"), ("１２", "12"),
    ("1.234.567", None), ("12,34", None), ("", None), ("-", None), ("1e5", None), ("(−5)", None), ("12%", None),
])
def test_amounts_are_read_as_printed(text, digits):
    assert number(text) == digits


@pytest.mark.parametrize(("line", "units"), [
    ("(단위 : 천달러)", {"thousand USD"}), ("단위: 건, 천 달러", {"thousand USD"}), ("[백만달러]", {"million USD"}),
    ("Unit: thousand US dollars", {"thousand USD"}), ("(in thousands of US dollars)", {"thousand USD"}),
    ("USD thousand", {"thousand USD"}), ("(단위：억달러, %)", {"100 million USD"}), ("（천미불）", {"thousand USD"}),
    ("해외직접투자 (US$ million)", {"million USD"}), ("달러 환산 기준 (추정)", set()), ("단위 천달러", {"thousand USD"}),
    ("자료: 한국수출입은행, 단위: 천불", {"thousand USD"}),
])
def test_units_are_recognised(words, line, units):
    assert words.units(line, "export") == units


def test_words_are_compared_without_case_spaces_and_dots():
    assert key(" Mergers and  Acquisitions ") == key("mergers and acquisitions") and key("인수·합병") == key("인수합병")
    assert key("…") != "" and key("-") == "-"


# ---- From the file to data/raw ---------------------------------------------------------------------


@pytest.mark.parametrize(("form", "layout"), [("cp949", toy.Layout()), ("xlsx", WIDE), (
    "utf-8", toy.Layout(("year",), ("place", "mode"), "en", [[toy.TITLE], ["Invested amount (thousand US dollars)"]]))])
def test_a_synthetic_export_gets_into_a_copy_of_data_raw(folder, form, layout):
    rows, merged = toy.cells(toy.figures(), layout)
    content = toy.as_xlsx(rows, merged) if form == "xlsx" else toy.as_csv(rows, form)
    written, said = added(folder, content, address="https://example.org/portal")
    assert written and "vintage 2026-11-26, the day it was added" in said and "18 figures, 18 new" in said
    assert "modes of establishment against totals: 6 of 6 add up" in said and "5 compared, 5 within rounding" in said
    held = difference.rows_of((folder / "kexim/portal.csv").read_bytes())
    assert {(row["country"], row["year"], row["mode"]): row["value"] for row in held} == toy.figures()
    assert {(row["unit"], row["measure"], row["vintage"], row["quarter"]) for row in held} == {
        ("thousand USD", "invested", "2026-11-26", "A")}
    source = raw.sources(folder).loc["kexim.portal-2026-11-26"]
    assert "SYNTHETIC" in source["title"] and source["url"] == "https://example.org/portal"
    assert verify.problems(folder)[0] == []


def test_the_same_export_twice_is_nothing_new_and_a_changed_figure_is_a_new_vintage(folder):
    amounts = toy.figures()
    added(folder, toy.as_csv(toy.cells(amounts, WIDE)[0]))
    before = contents(folder)
    later = TODAY + dt.timedelta(30)
    written, said = added(folder, toy.as_csv(toy.cells(amounts, WIDE)[0]), today=later)
    assert not written and "18 figures, 0 new or changed" in said and contents(folder) == before
    for place in ("USA", "WLD"):
        for mode in ("greenfield", "total"):
            amounts[place, "2024", mode] = str(int(amounts[place, "2024", mode]) + 1000)
    written, said = added(folder, toy.as_csv(toy.cells(amounts, WIDE)[0]), today=later)
    held = difference.rows_of((folder / "kexim/portal.csv").read_bytes())
    assert written and "4 new or changed" in said and [row["vintage"] for row in held[18:]] == ["2026-12-26"] * 4
    assert raw.record("kexim/portal", folder)["date_published"] == "2026-11-26 to 2026-12-26"
    assert verify.problems(folder)[0] == []
    # What an old export says is held against what was known on its day.
    written, said = added(folder, toy.as_csv(toy.cells(toy.figures(), WIDE)[0]), today=later,
                          said=portal.Said(day="2026-11-27"))
    assert not written and "Nothing new" in said


def test_the_day_is_that_of_the_file_where_it_states_one(folder):
    lines = [[toy.TITLE], ["조회일자: 2026.11.20"], ["투자금액 (단위: 천달러)"]]
    content = toy.as_csv(toy.cells(toy.figures(), toy.Layout(above=lines))[0])
    assert "states 2026-11-20 as its day, but DAY=2026-11-19" in refusal(
        folder, content, said=portal.Said(day="2026-11-19"))
    assert "its day is 2026-11-20, but today is 2026-11-01" in refusal(folder, content, today=dt.date(2026, 11, 1))
    written, said = added(folder, content)
    assert written and "vintage 2026-11-20, by the file itself" in said


def test_blank_dash_and_suppressed_cells_have_no_row(folder):
    content = table(*HEAD, *USA, "중국 | 2024 | 신규법인설립 | -", "중국 | 2024 | 인수합병 | ", "중국 | 2024 | 합계 | 1,810,000",
                    "중국 | 2023 | 신규법인설립 | 비공개", "주: 합성 자료")
    written, said = added(folder, content)
    held = difference.rows_of((folder / "kexim/portal.csv").read_bytes())
    assert written and [(row["country"], row["mode"]) for row in held] == [
        ("USA", "greenfield"), ("USA", "mna"), ("USA", "total"), ("CHN", "total")]
    assert "1 cells, without a figure (blank, dash)" in said and "1 cells, suppressed" in said


def test_a_year_that_may_not_be_complete_is_not_taken(folder):
    content = table(*HEAD, *USA, *(line.replace("2024", "2025").replace("14,8", "4,8").replace("22,4", "12,4")
                                   for line in USA))
    written, said = added(folder, content, today=dt.date(2026, 2, 1))
    held = difference.rows_of((folder / "kexim/portal.csv").read_bytes())
    assert written and {row["year"] for row in held} == {"2024"}
    assert "3 cells, 2025 may not be complete on the export's day" in said


def test_units_and_measures_that_the_file_does_not_say_are_asked_for(folder):
    bare = table("합성 시험자료", HEAD[1], *USA)
    asked: list[str] = []

    def ask(question: str, option: str) -> str:
        asked.append(option)
        return "천달러" if option.startswith("UNIT") else "invested"

    written, said = added(folder, bare, said=portal.Said(ask=ask))
    assert written and [option.partition("=")[0] for option in asked] == ["UNIT", "MEASURE"]
    assert "unit thousand USD" in said


@pytest.mark.parametrize("said", [portal.Said("thousand", "invested"), portal.Said("USD thousand", "invested")])
def test_units_and_measures_may_be_said_beforehand(folder, said):
    assert added(folder, table("합성 시험자료", HEAD[1], *USA), said=said)[0]


# ---- What is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(("lines", "said"), [
    ((HEAD[0], "국가 | 연도 | 설립형태 | 금액 | 새로운열", *(line + " | 1" for line in USA)),
     "heading '새로운열' is not known.\nAdd '새로운열' to data/raw/reference/portal_headings.csv"),
    (("합성", "땡땡 | 무슨 | 이상한", "미국 | 2024 | 5"), "'땡땡', '무슨', '이상한', not known"),
    ((*HEAD, *USA, "아틀란티스 | 2024 | 합계 | 5"), "unknown country '아틀란티스'. Add each to data/raw/reference/countries.csv"),
    ((*HEAD, *USA, "미국 | 2024 | 순간이동 | 5"), "unknown mode of establishment '순간이동'"),
    ((*HEAD, *USA, "미국 | 2024.1~9 | 합계 | 5"), "unknown year '2024.1~9'"),
    ((*HEAD, "미국 | 2024 | 합계 | 많음", *USA), "'많음' is neither an amount"),
    ((*HEAD, *USA, "미국 | 2024 | 합계 | 22,410,001"), "is 22410001 here and 22410000 in"),
    ((*HEAD, "미국 | 2024 | 신규법인설립 | -14,800,000"), "below nought"),
    ((*HEAD, *USA, "미국 | 2031 | 합계 | 5"), "the year 2031 had not begun"),
    ((*HEAD, USA[0], "미국 | 2024 | 인수합병 | 7,610,009", USA[2]), "the modes of establishment add up to 22,410.009"),
    ((*HEAD, USA[0], "미국 | 2024 | 인수합병 | 7,600,000", "미국 | 2024 | 기타 | 9,000", USA[2]),
     "the modes of establishment add up to 22,409.000"),
    ((*HEAD, USA[0], "미국 | 2024 | 인수합병 | 7,600,000", USA[2]), "for a person to judge"),
    ((*HEAD, USA[2]), "for a person to judge"),
    (("합성 시험자료 투자금액 (단위: 백만달러)", HEAD[1], *USA), "the first is 1,000 times as much"),
    (("합성 시험자료 투자금액 (단위: 조달러)", HEAD[1], *USA), "unit '조달러' is not known"),
    (("합성 시험자료 투자금액", HEAD[1], *USA), "there is no terminal to ask on: run the command again with UNIT="),
    (("합성 시험자료 (단위: 천달러)", HEAD[1], *USA), "run the command again with MEASURE="),
    (("합성 투자금액 (천달러)", "단위: 백만달러", HEAD[1], *USA), "states two units"),
    (("합성 투자금액", "국가 | 설립형태 | 금액(천달러)", "미국 | 합계 | 5"), "says the year of this amount"),
    (("합성 투자금액", "국가 | 연도 | 금액(천달러)", "미국 | 2024 | 5"), "says the mode of establishment of this amount"),
    (("합성 투자금액", "연도 | 설립형태 | 금액(천달러)", "2024 | 합계 | 5"), "says the country of this amount"),
    (("합성 투자금액 (천달러)", "국가 | 설립형태 | 2024 | ", "미국 | 합계 | 5 | 7"), "a column without a heading"),
    ((*HEAD, *USA, "=HYPERLINK(1) | 2024 | 합계 | 5"), "holds a formula"),
    ((*HEAD, *USA, "x" * 2001), "2,001 characters"),
    ((*HEAD, *USA, "", "국가 | 설립형태 | 연도 | 금액", "중국 | 합계 | 2024 | 5"), "line 7, column 1: a second table begins here"),
    ((HEAD[0], "구분 | 2024", "미국 신규법인설립 | 5"), "unknown country '미국 신규법인설립'"),
    (("합성 국가: 미국", "국가: 중국", "설립형태 | 2024 | 2023", "미국 신규법인설립 | 5 | 6"),
     "unknown mode of establishment '미국 신규법인설립'"),
    (("합성 투자금액", "국가 | 설립형태 | 2024 (천달러)", "미국 | 신규 법인 설립 | 5", "조회일: 2026-13-40", "a | b"),
     "not a day of the calendar"),
])
def test_what_is_not_understood_is_refused_with_the_reason(folder, lines, said):
    assert said in refusal(folder, table(*lines))


def test_countries_must_make_up_the_world_once_they_do_in_some_year(folder):
    def line(place, year, amount):
        return f"{place} | {year} | 합계 | {amount}"

    rows = [line("미국", 2023, 60), line("중국", 2023, 40), line("전세계", 2023, 100),
            line("미국", 2024, 60), line("중국", 2024, 30), line("전세계", 2024, 100)]
    assert "the countries add up to 0.090, the total is 0.100" in refusal(folder, table(*HEAD, *rows))
    above = [line("미국", 2024, 60), line("중국", 2024, 50), line("전세계", 2024, 100)]
    assert "the countries add up to 0.110" in refusal(folder, table(*HEAD, *above))


def test_a_total_beyond_the_usual_revision_is_for_a_person(folder):
    lines = [line.replace("22,410,000", "29,410,000").replace("7,610,000", "14,610,000") for line in USA]
    china = [line.replace("미국", "중국").replace("14,800,000", "1,700,000").replace("7,610,000", "110,000")
             .replace("22,410,000", "1,810,000") for line in USA]
    content = table(*HEAD, *lines, *china)
    assert "for a person to judge" in refusal(folder, content)
    written, said = added(folder, content, yes=False, ask=lambda _: True)
    assert written and "DOUBT: " in said and "22,410.0 in the release of 2025-09-19; revisions are usually up to 6.7 %" in said


def test_a_total_within_the_usual_revision_is_taken(folder):
    lines = [line.replace("22,410,000", "23,010,000").replace("7,610,000", "8,210,000") for line in USA]
    written, said = added(folder, table(*HEAD, *lines))
    assert written and "1 compared, 0 within rounding, 1 within the usual revision, 0 beyond it" in said


def test_options_of_an_export_are_refused_for_another_file(folder):
    import toy_release

    assert "are for exports" in refusal(folder, toy_release.release(toy_release.held("2025-09-19")),
                                        said=portal.Said("thousand"))


@pytest.mark.parametrize(("said", "message"), [
    (portal.Said("stone"), "UNIT=stone: not a unit"), (portal.Said("million"), "UNIT says million USD"),
    (portal.Said(measure="net"), "MEASURE says net"), (portal.Said(day="yesterday"), "DAY=yesterday"),
    (portal.Said(day="2027-01-01"), "its day is 2027-01-01"),
])
def test_what_is_said_must_fit_the_file(folder, said, message):
    assert message in refusal(folder, table(*HEAD, *USA), said=said)


def test_make_add_hands_its_options_on():
    done = make(PROJECT, "-s", "-n", "add", "FILE=a.xlsx", "UNIT=100 million", "MEASURE=net", "DAY=2026-11-20")
    assert '--unit "100 million"' in done.stdout and '--measure "net" --day "2026-11-20" -- "a.xlsx"' in done.stdout
