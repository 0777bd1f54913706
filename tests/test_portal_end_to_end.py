"""The day an export of Eximbank's portal is held: intervals become points, and statements are judged.

The export is synthetic, says so in its title and its note, and is added to a copy of data/raw only.
"""

import datetime as dt
import json
import shutil

import pandas as pd
import pytest
import toy_portal as toy
from toy_project import PROJECT

from korus import claims, claims_values, coverage, greenfield, intervals, missing, raw, selection, verify
from korus.clean import investment as clean
from korus.greenfield_constraints import stated
from korus.paths import RAW
from korus.sources import add
from korus.values import Values
from korus.verdicts import CLOSE, CONSISTENT, CONTRADICTED, NOT_TESTABLE, REPRODUCED

AS_OF, TIER = "2026-11-22", 3
DAY = "2026-11-20"
TODAY = dt.date(2026, 11, 26)
# By how much a synthetic table departs from the commentary, for each verdict.
WORDS = {REPRODUCED: 1.0, CLOSE: 1.02, CONTRADICTED: 1.4}
CLAIM = "kiep-gf-2024-us"
MEANS = ("kiep-gf-2000-2015-us", "kiep-gf-2000-2015-cn")


def amounts(american: float = 14_800.0, mean: float = 2_600.0) -> toy.Figures:
    """Made-up amounts for 2000 to 2024, thousand US dollars; totals as printed elsewhere where they are.

    `american` is greenfield in the US in 2024, `mean` that of 2000 to 2015 in both countries, million US dollars.
    """
    rows = clean.assemble(set())[0]
    rows = selection.selected("investment", rows[
        (rows["source"] == "kexim") & (rows["measure"] == "invested") & (rows["mode"] == "all")
        & (rows["frequency"] == "A") & (rows[["industry", "region", "basis"]] == "").all(axis=1)], AS_OF, TIER)
    known = {(row.destination, row.period): row.value_musd for row in rows.itertuples()}
    built = {("USA", "2024"): american, ("CHN", "2024"): min(american / 9.3, 1_750.0), ("CHN", "2016"): 2_300.0,
             ("USA", "2016"): 5_943.0}
    found = {}
    for year in map(str, range(2000, 2025)):
        for place in ("USA", "CHN", "WLD"):
            early = place != "WLD" and int(year) <= 2015
            least = {"USA": 7_000.0, "CHN": 5_000.0, "WLD": 30_000.0}[place]
            total = known.get((place, year), least)
            if place == "WLD":
                total = max(total, known.get(("USA", year), 0) + known.get(("CHN", year), 0), least)
            total = max(total, mean) if early else total
            green = mean if early else built.get((place, year), 0.5 * total)
            whole, part = round(1000 * total) + 7, round(1000 * green)
            found |= {(place, year, "greenfield"): str(part), (place, year, "mna"): str(whole - part),
                      (place, year, "total"): str(whole)}
    return found


class Report:
    """A copy of data/raw, and what the chapters on greenfield and on claims compute from it."""

    def __init__(self, folder, content: bytes | None, name: str = "export.csv"):
        self.folder, self.said = folder, []
        if content:
            file = folder.parent.parent / name
            file.write_bytes(content)
            assert add.add(file, folder, say=self.said.append, ask=lambda _: True, today=TODAY)
        self.residuals, withdrawn = clean.totals(folder)
        self.investment = clean.assemble(withdrawn, folder)[0]
        self.found = intervals.both(self.investment, AS_OF, TIER, stated(raw.read("kexim/statements"), raw.sources()))
        self.bounds = Values("22_bounds", AS_OF)
        intervals.record(self.bounds, self.found)
        mine = Values("50_claims", AS_OF)
        mine.borrowed |= self.bounds.rows
        claims_values.record_greenfield(mine)
        judged = claims.judge(claims.together(folder), raw.read("claims/documents", folder), raw.sources(folder),
                              mine.borrowed | mine.rows, AS_OF, TIER, strict=False)
        self.verdicts = judged.set_index("claim")["verdict"]

    def interval(self, target: str) -> tuple[float, float]:
        """What published figures leave of a target."""
        table = self.found.intervals
        row = table[(table["target"] == target) & (table["evidence"] == intervals.PUBLISHED)].iloc[0]
        return row["lower"], row["upper"]


@pytest.fixture(scope="module")
def without() -> Report:
    """The report as it is."""
    return Report(RAW, None)


@pytest.fixture
def folder(tmp_path):
    """A copy of data/raw."""
    return shutil.copytree(RAW, tmp_path / "project" / "data" / "raw")


def export(form: str, language: str, made: toy.Figures) -> bytes:
    """A synthetic export of country by year and mode, one row a country and year, a column a mode."""
    title = [[toy.TITLE], ["조회일: 2026-11-20" if language == "ko" else "Downloaded on: 2026-11-20"],
             ["투자금액 (단위: 천달러)" if language == "ko" else "Invested amount (thousand US dollars)"]]
    rows, merged = toy.cells(made, toy.Layout(("place", "year"), ("mode",), language, title, sparse=True))
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    return toy.as_xlsx(rows, merged) if form == "xlsx" else toy.as_csv(rows, form)


def test_without_the_table_nothing_is_settled(without):
    assert not raw.recorded("kexim/portal")
    assert missing.MODES in missing.missing(without.investment, pd.DataFrame(), AS_OF, TIER)
    assert without.interval("G.USA.2024")[0] == 0 and not intervals.settled(without.found, "G.USA.2024")
    assert without.verdicts[CLAIM] == CONSISTENT
    assert {without.verdicts[claim] for claim in MEANS} <= {CONSISTENT, NOT_TESTABLE}


@pytest.mark.parametrize(("form", "language", "expected"), [
    ("xlsx", "ko", REPRODUCED), ("cp949", "ko", CLOSE), ("utf-8", "en", CONTRADICTED)])
def test_with_a_synthetic_export_intervals_are_points_and_verdicts_follow(without, folder, form, language, expected):
    times = WORDS[expected]
    made = amounts(14_800 * times, 2_600 * times)
    report = Report(folder, export(form, language, made), "export.xlsx" if form == "xlsx" else "export.csv")
    assert verify.problems(folder)[0] == [] and raw.recorded("kexim/portal", folder)
    assert "SYNTHETIC" in raw.sources(folder).loc[f"kexim.portal-{DAY}", "title"]
    mine = report.investment[report.investment["ref"].str.startswith("kexim/portal#")]
    assert set(mine["mode"]) == {"all", "greenfield", "acquisition"} and set(mine["tier"]) == {1}
    assert len(mine) == len(made) and set(mine["vintage"]) == {DAY}
    for place in ("USA", "CHN"):
        for year in ("2000", "2010", "2016", "2024"):
            lower, upper = report.interval(f"G.{place}.{year}")
            assert upper - lower <= 0.0011
            assert lower <= int(made[place, year, "greenfield"]) / 1000 <= upper
            assert intervals.settled(report.found, f"G.{place}.{year}")
    for target in ("G.CHN/G.USA.2016", "G.USA.2024/G.USA.2016", "G.USA.2000-2015", "G/T.USA.2024"):
        assert intervals.settled(report.found, target), target
    changed = {claim for claim in report.verdicts.index if report.verdicts[claim] != without.verdicts[claim]}
    assert {CLAIM, *(f"kiep-gf-{name}" for name in ("2024-trend", "2016-cn", "2016-ratio", "2024-ratio")),
            *MEANS} <= changed
    assert {report.verdicts[claim] for claim in (CLAIM, *MEANS)} == {expected}
    assert report.verdicts["kiep-gf-2024-trend"] == REPRODUCED
    assert (report.verdicts["kiep-gf-2024-ratio"] == REPRODUCED) == (expected != CONTRADICTED)
    assert (report.found.conflict is None) == (expected == REPRODUCED)


def test_before_its_day_the_export_is_not_known(folder):
    report = Report(folder, export("utf-8", "ko", amounts()))
    earlier = intervals.both(report.investment, "2026-11-19", TIER, stated(raw.read("kexim/statements"), raw.sources()))
    assert not intervals.settled(earlier, "G.USA.2024")
    lacking = [missing.missing(report.investment, pd.DataFrame(), day, TIER) for day in ("2026-11-19", DAY)]
    assert [missing.MODES in tables for tables in lacking] == [True, False]
    columns = ["vintage", "tier", "basis", "partner", "month", "frequency", "importer", "period", "year"]
    held = coverage.cells({name: pd.DataFrame(columns=columns)
                           for name in ("trade_monthly", "bilateral_trade", "world_imports", "end_use")}
                          | {"investment": report.investment}, AS_OF, TIER)
    assert set(held.loc[held["series"] == "country and mode", "year"]) == set(range(2000, 2025))


# ---- What the chapters say -------------------------------------------------------------------------


def chapter(report: Report, monkeypatch) -> list[str]:
    """What the chapter on bounds says of a report, in its own cells; charts and tables are left out."""
    from korus import figures, show, tables

    said: list[str] = []
    monkeypatch.setattr(tables, "read", lambda name: report.investment)
    monkeypatch.setattr(figures, "publish", lambda *_, **words: said.append(words["alt_text"]))
    monkeypatch.setattr(show, "table", lambda table, caption, *_: said.append(caption))
    monkeypatch.setattr(Values, "save", lambda self: None)
    say = Values.say
    monkeypatch.setattr(Values, "say", lambda self, *words, **more: said.append(
        (found := say(self, *words, **more)) and found.data) or found)
    notebook = json.loads((PROJECT / "notebooks" / "22_bounds.ipynb").read_text(encoding="utf-8"))
    names: dict = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102
    return [text for text in said if text]


def test_the_chapter_on_bounds_says_what_the_table_says(without, folder, monkeypatch):
    before = "\n".join(chapter(without, monkeypatch))
    assert "They can be neither confirmed nor refuted" in before and "Eximbank's table" not in before
    monkeypatch.undo()
    agreeing = "\n".join(chapter(Report(folder, export("utf-8", "ko", amounts())), monkeypatch))
    assert "in 2024 [$14.8 billion](" in agreeing and "agree with what is published" in agreeing
    assert "is [$2.60 billion](" in agreeing and "China took [0.11](" in agreeing


def test_the_chapter_on_bounds_shows_figures_at_odds(folder, monkeypatch):
    said = "\n".join(chapter(Report(folder, export("utf-8", "ko", amounts(20_000))), monkeypatch))
    assert "contradict it; the figures at odds are listed" in said and "Figures that can not hold together" in said


def test_other_chapters_count_the_exports_totals_once(folder):
    report = Report(folder, export("utf-8", "ko", amounts()))
    annual = greenfield.outflows(report.investment, AS_OF, TIER, destinations=("USA", "CHN", "WLD"))
    row = annual[(annual["destination"] == "USA") & (annual["period"] == "2024")]
    assert row["value_musd"].tolist() == [22_410.007] and row["ref"].str.startswith("kexim/portal#").all()
