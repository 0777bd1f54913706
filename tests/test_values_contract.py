"""What other programs may rely on, read from the built baseline: tables, values, figures, notebooks."""

import datetime as dt
import json
import re
import xml.etree.ElementTree as xml
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml

from korus.values import formatted

PROJECT = Path(__file__).resolve().parent.parent
RAW = PROJECT / "data" / "raw"
PROCESSED = PROJECT / "data" / "processed"
FIGURES = PROCESSED / "results" / "figures"
VALUES = PROCESSED / "results" / "values.csv"
SOURCES = sorted((PROJECT / "notebooks").glob("*.ipynb"))
CHAPTERS = sorted(path for path in (PROJECT / "book" / "chapters").glob("*.ipynb")
                  if not path.name.endswith(".failed.ipynb"))
PARAMETERS = yaml.safe_load((PROJECT / "params" / "baseline.yml").read_text(encoding="utf-8"))

built = pytest.mark.skipif(
    not VALUES.exists(), reason="nothing is built here: run `make`, or `make test`, which builds it"
)

COLUMNS = {
    "investment": "source series investor destination mode measure frequency period industry state "
                  "value_musd vintage maturity tier status ref",
    "trade_monthly": "month partner general_usd consumption_usd duty_usd vintage tier ref",
    "trade_products": "hs level partner window general_usd consumption_usd duty_usd vintage tier ref",
    "bilateral_trade": "period frequency exports_usd imports_usd balance_usd vintage tier ref",
    "measures": "measure authority instrument scope effective until published rate_pct basis status "
                "ref",
    "projects": "project parent kind announced investor state sector mode amount_musd "
                "korean_share_musd jobs status ref",
    "io": "year industry commodity use_musd imported_musd total_requirement domestic_requirement ref",
    "world_imports": "year importer imports_usd vintage tier ref",
    "tariff_lines": "hs general_pct korus_pct specific specific_general sectors ref",
    "tariff_groups": "group code whole first last tier ref",
    "tariff_rules": "measure effective group role extent layer order ref",
    "import_weights": "kind code year value_usd vintage tier ref",
}
VALUE_COLUMNS = "id value lower upper unit text period as_of tier notebook refs"
# Partners whose imports and duty are held for every month from January 2017 to August 2026.
WHOLE = "KOR JPN CHN CAN MEX TWN VNM DEU GBR FRA ITA IRL IND THA AUS WLD".split()
MONTHS = [f"{year}-{month:02}" for year in range(2017, 2027) for month in range(1, 13)
          if (year, month) <= (2026, 8)]
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    """The values of the report by id."""
    text = {"period": str, "refs": str, "as_of": str}
    return pd.read_csv(VALUES, dtype=text, keep_default_na=False,
                       na_values={"lower": "", "upper": "", "value": ""}).set_index("id")


def table(name: str) -> pd.DataFrame:
    """A processed table of the baseline."""
    return pd.read_parquet(PROCESSED / f"{name}.parquet")


def periods(values: pd.DataFrame, prefix: str) -> set[str]:
    """Last parts of the ids that begin with a prefix."""
    return {id.removeprefix(prefix) for id in values.index if id.startswith(prefix)}


def raw_lines() -> dict[str, int]:
    """Lines of every raw table, the header included."""
    return {path.relative_to(RAW).with_suffix("").as_posix(): path.read_bytes().count(b"\n")
            for path in RAW.rglob("*.csv")}


def unresolved(refs: pd.Series) -> list[str]:
    """Those of many refs (blanks between several in one cell) that name no line of a raw table."""
    single = pd.Series(refs[refs != ""].str.split(" ").explode().unique())
    parts = single.str.extract(r"^([a-z0-9_]+/[a-z0-9_]+)#L([1-9]\d*)$")
    last = parts[0].map(raw_lines())
    good = last.notna() & parts[1].astype("Float64").between(2, last).fillna(False)
    return list(single[~good])


# ---- Tables --------------------------------------------------------------------------------------


@built
@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_has_the_columns_of_the_contract_first_and_in_order(name):
    columns = COLUMNS[name].split()
    held = table(name)
    assert len(held) > 0
    assert list(held.columns)[: len(columns)] == columns


@built
@pytest.mark.parametrize("name", COLUMNS)
def test_every_row_of_a_table_names_lines_of_raw_files_that_exist(name):
    refs = table(name)["ref"]
    assert (refs != "").all()
    assert unresolved(refs) == []


@built
@pytest.mark.parametrize("name", [n for n in COLUMNS if "vintage" in COLUMNS[n]])
def test_every_vintage_is_a_day_of_the_calendar_not_in_the_future_of_the_report(name):
    days = {text: dt.date.fromisoformat(text) for text in table(name)["vintage"].unique()}
    assert all(DAY.fullmatch(text) for text in days)
    assert max(days.values()) <= PARAMETERS["as_of"]


@built
def test_months_of_trade_are_those_printed_on_the_lines_they_name():
    held = table("trade_monthly")
    raw = pd.read_csv(RAW / "census" / "imports_monthly.csv", dtype=str, keep_default_na=False)
    lines = held["ref"].str.extract(r"^census/imports_monthly#L(\d+)$")[0].astype(int) - 2
    printed = raw.iloc[lines].reset_index(drop=True)
    assert (printed["month"] == held["month"]).all() and (printed["iso3"] == held["partner"]).all()
    for column, cell in (("consumption_usd", "con_val_mo"), ("duty_usd", "cal_dut_mo")):
        shown = pd.to_numeric(printed[cell].replace("", None)).astype("Float64")
        assert shown.equals(held[column].astype("Float64").reset_index(drop=True)), column


@built
def test_releases_of_the_ministry_are_converted_from_hundred_millions_and_nothing_else():
    held = table("investment")
    held = held[held["ref"].str.fullmatch(r"kexim/releases#L\d+")]
    raw = pd.read_csv(RAW / "kexim" / "releases.csv", dtype=str, keep_default_na=False)
    printed = raw.iloc[held["ref"].str.split("#L").str[1].astype(int) - 2].reset_index(drop=True)
    assert set(printed["unit"]) == {"100 million USD"}
    assert len(held) > 3000
    shown = printed["value"].str.replace(",", "").astype(float) * 100
    assert (shown - held["value_musd"].reset_index(drop=True).astype(float)).abs().max() < 1e-6
    assert (printed["vintage"] == held["vintage"].reset_index(drop=True)).all()


@built
def test_revisions_stand_side_by_side():
    held = table("investment")
    world = held[(held["source"] == "kexim") & (held["destination"] == "WLD") & (held["mode"] == "all")
                 & (held["measure"] == "invested") & (held["period"] == "2025Q1")
                 & (held["industry"] == "") & (held["region"] == "")].drop_duplicates("vintage")
    assert dict(zip(world["vintage"], world["value_musd"].astype(float), strict=True)) == pytest.approx(
        {"2025-06-20": 15_130, "2025-09-19": 15_740, "2025-12-23": 15_920})


@built
def test_what_the_commentary_states_for_2024_is_held_as_a_statement_of_two_thirds_of_the_total(values):
    held = table("investment")
    stated = held[(held["tier"] == 4) & (held["mode"] == "greenfield") & (held["destination"] == "USA")
                  & (held["period"] == "2024")]
    assert set(stated["value_musd"]) == {14_800}
    total = values.loc["investment.kexim.invested.USA.2024", "value"]
    assert 100 * 14_800 / total == pytest.approx(66, abs=0.1)


# ---- Values --------------------------------------------------------------------------------------


@built
def test_values_have_the_columns_of_the_contract_and_unlike_ids_in_order():
    held = pd.read_csv(VALUES, dtype=str, keep_default_na=False)
    assert list(held.columns) == VALUE_COLUMNS.split()
    assert held["id"].is_unique and held["id"].is_monotonic_increasing
    assert held["id"].str.fullmatch(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_/-]+)+").all()


@built
def test_every_value_is_a_number_or_an_interval_and_printed_in_its_unit(values):
    points = values[values["value"].notna()]
    assert not (points["value"] < points["lower"]).any()
    assert not (points["value"] > points["upper"]).any()
    printed = [formatted(row.value, row.unit) for row in points.itertuples()]
    assert printed == points["text"].tolist()
    intervals = values[values["value"].isna()]
    assert intervals["lower"].notna().all() and (intervals["lower"] <= intervals["upper"]).all()
    for row in intervals.itertuples():
        # A unit in words is named once, after the upper bound.
        assert row.text.startswith(re.sub(r" (percentage points|cents)$", "", formatted(row.lower, row.unit)))
        assert np.isinf(row.upper) or row.text.endswith(formatted(row.upper, row.unit))
    assert set(values["as_of"]) == {str(PARAMETERS["as_of"])}


@built
def test_every_value_names_lines_of_raw_files_that_exist_and_the_notebook_it_is_from(values):
    assert unresolved(values["refs"]) == []
    without = values[(values["refs"] == "") & ~values.index.str.startswith("coverage.")]
    # What no figure bounds rests on none: from nothing on without end, or a share between all and nothing.
    open_ended = (without["lower"] == 0) & (np.isinf(without["upper"]) | (without["upper"] == 100))
    assert list(without.index[~open_ended]) == []
    assert set(values["notebook"]) <= {path.stem for path in SOURCES}


@built
def test_no_value_rests_on_a_worse_tier_than_admitted_but_the_statements_under_test(values):
    assert values["tier"].between(1, 4).all()
    worse = values[values["tier"] > PARAMETERS["max_tier"]]
    assert list(worse[~worse.index.str.match(r"greenfield\.\w*stated")].index) == []
    assert len(worse) > 0


@built
def test_collected_rates_exist_for_every_month_and_partner_held(values):
    for partner in WHOLE:
        expected = {f"tariffs.collected_rate.{partner}.{month}" for month in MONTHS}
        assert not expected - set(values.index), partner
    held = table("trade_monthly").dropna(subset=["consumption_usd", "duty_usd"])
    held = held[held["consumption_usd"] > 0]
    ids = "tariffs.collected_rate." + held["partner"] + "." + held["month"]
    assert not set(ids) - set(values.index)
    rates = (100 * held["duty_usd"] / held["consumption_usd"]).astype(float)
    assert values.loc[ids, "value"].to_numpy() == pytest.approx(rates.to_numpy(), abs=1e-6)


@built
def test_collected_rates_and_duty_exist_for_every_whole_year(values):
    years = {str(year) for year in range(2017, 2026)}
    for partner in WHOLE:
        found = {p for p in periods(values, f"tariffs.collected_rate.{partner}.") if len(p) == 4}
        assert found == years, partner
    assert {p for p in periods(values, "trade.duty.KOR.") if len(p) == 4} == years


@built
def test_balances_bea_greenfield_and_shares_of_world_imports_exist_for_their_years(values):
    def years(first: int, last: int) -> set[str]:
        return {str(year) for year in range(first, last + 1)}

    assert periods(values, "trade.balance.KOR.") == years(2000, 2025)
    assert periods(values, "investment.bea.greenfield.first_year.") == years(2014, 2024)
    for importer in ("USA", "CHN"):
        shares = periods(values, f"world.import_share.{importer}.")
        assert shares == years(2000, 2024) | {"latest"}


@built
def test_eximbank_totals_exist_for_every_year_held_and_american_quarters(values):
    held = table("investment")
    held = held[(held["source"] == "kexim") & (held["measure"] == "invested") & (held["mode"] == "all")
                & (held["industry"] == "") & (held["region"] == "") & (held["basis"] == "")
                & (held["tier"] <= PARAMETERS["max_tier"])]
    for place, frequencies in (("USA", "AQ"), ("CHN", "A"), ("WLD", "A")):
        rows = held[(held["destination"] == place) & held["frequency"].isin(list(frequencies))]
        found = {p for p in periods(values, f"investment.kexim.invested.{place}.") if p[0].isdigit()}
        assert found == set(rows["period"]), place
        assert {str(year) for year in range(2019, 2025)} <= found, place
    quarters = {p for p in periods(values, "investment.kexim.invested.USA.") if "Q" in p}
    assert {"2022Q1", "2023Q3", "2024Q4", "2025Q2"} <= quarters


@built
@pytest.mark.parametrize(
    "id, expected, printed",
    [
        ("trade.duty.KOR.2025-07", 1_316_197_178, "$1.32 billion"),
        ("trade.consumption.KOR.2025-07", 10_756_838_666, "$10.8 billion"),
        ("tariffs.collected_rate.KOR.2025-07", 100 * 1_316_197_178 / 10_756_838_666, "12.2%"),
        ("trade.balance.KOR.2024", (65_771.3 - 131_457.3) * 1e6, "−$65.7 billion"),
        ("trade.deficit.KOR.2024", 65_686.0e6, "$65.7 billion"),
        ("world.import_share.USA.2024", 100 * 3_359 / 24_700, "13.6%"),
        ("world.import_share.CHN.2024", 100 * 2_585 / 24_700, "10.5%"),
        ("world.import_lead_pct.USA-CHN.2024", 100 * (3_359 / 2_585 - 1), "29.9%"),
        ("investment.kexim.invested.USA.2022", 29_820, "$29.8 billion"),
        ("investment.kexim.invested.USA.2023", 28_820, "$28.8 billion"),
        ("investment.kexim.invested.USA.2024", 22_410, "$22.4 billion"),
        ("investment.kexim.invested.CHN.2024", 1_810, "$1.81 billion"),
        ("investment.bea.greenfield.first_year.2014", 17_907, "$17.9 billion"),
    ],
)
def test_a_value_is_what_its_sources_give(values, id, expected, printed):
    assert values.loc[id, "value"] == pytest.approx(expected, abs=1e-5, rel=1e-9)
    assert values.loc[id, "text"] == printed


@built
def test_computing_goods_rose_and_all_other_imports_fell_a_little(values):
    assert values.loc["trade.computing.KOR.2025-01/2025-08", "text"] == "$10.1 billion"
    assert values.loc["trade.computing.KOR.2026-01/2026-08", "text"] == "$35.3 billion"
    assert values.loc["trade.not_computing.change_pct.KOR.2026-01/2026-08", "text"] == "−1.3%"


@built
def test_controls_of_both_kinds_were_written_and_what_fails_is_explained():
    for name in ("investment", "trade"):
        held = pd.read_csv(PROCESSED / "results" / "controls" / f"{name}.csv", keep_default_na=False)
        assert len(held) > 100
        assert (held.loc[~held["agrees"].astype(bool), "explained_by"] != "").all()


# ---- Figures -------------------------------------------------------------------------------------


def shown_figures() -> list[str]:
    """Names of the figures that the executed chapters show."""
    text = "".join(path.read_text(encoding="utf-8") for path in CHAPTERS)
    return sorted(set(re.findall(r"/figures/([a-z0-9-]+)\.svg", text)))


def local_name(name: str) -> str:
    """A name of SVG without its namespace."""
    return name.rpartition("}")[2].lower()


@built
def test_the_figures_written_are_those_shown_each_as_five_files():
    names = {path.name.partition(".")[0] for path in FIGURES.iterdir()}
    assert names == set(shown_figures())
    for name in names:
        for ending in ("svg", "png", "vl.json", "csv", "md"):
            assert (FIGURES / f"{name}.{ending}").stat().st_size > 0, f"{name}.{ending}"


@built
@pytest.mark.parametrize("name", shown_figures())
def test_a_picture_stands_alone_without_scripts_or_anything_from_elsewhere(name):
    root = xml.parse(FIGURES / f"{name}.svg").getroot()
    assert local_name(root.tag) == "svg"
    for element in root.iter():
        assert local_name(element.tag) not in ("script", "foreignobject", "iframe")
        assert not re.search(r"url\(|@import", element.text or "") or local_name(element.tag) != "style"
        for key, value in element.attrib.items():
            assert not local_name(key).startswith("on"), key
            if local_name(key) in ("href", "src"):
                assert value.startswith(("#", "data:")), value
            assert not re.search(r"url\((?!['\"]?#)", value), value


@built
@pytest.mark.parametrize("name", shown_figures())
def test_a_figure_has_data_a_caption_with_its_source_and_words_for_what_it_shows(name):
    plotted = pd.read_csv(FIGURES / f"{name}.csv")
    assert len(plotted) > 0
    caption = (FIGURES / f"{name}.md").read_text(encoding="utf-8")
    assert re.search(r"[Ss]ource", caption), caption
    specification = json.loads((FIGURES / f"{name}.vl.json").read_text(encoding="utf-8"))
    assert len(specification["description"]) > 40
    addresses = set(re.findall(r'"(?:https?:)?//[^"]+"', json.dumps(specification)))
    assert addresses <= {f'"{specification["$schema"]}"'}


# ---- Notebooks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_in_git_holds_no_outputs_has_ids_and_short_cells(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert len(cell.source.splitlines()) <= 40, cell.id
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None, cell.id


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_parameters_a_notebook_declares_default_to_those_of_the_baseline(path):
    from korus.parameters import declared

    for name, default in declared(json.loads(path.read_text(encoding="utf-8")), path.name).items():
        expected = PARAMETERS[name]
        assert default == (str(expected) if isinstance(expected, dt.date) else expected), name


@built
def test_every_notebook_has_been_executed():
    assert [path.name for path in CHAPTERS] == [path.name for path in SOURCES]


@built
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_an_executed_notebook_is_valid_complete_and_free_of_this_machine(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert kinds <= {"display_data", "execute_result"}, "something was printed, or failed"
    for part in (notebook, *notebook.cells):
        assert not {"papermill", "execution", "widgets"} & set(part.metadata)
    text = path.read_text(encoding="utf-8")
    assert str(PROJECT) not in text
    assert not re.search(r'(?<![\w.:/])/(?:tmp|home|root|Users|usr|var|work|private)/', text)
    assert not re.search(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text)
    assert not re.search(r"\b0x[0-9a-f]{6,}|ipykernel_\d", text)


# ---- Tariffs by law ------------------------------------------------------------------------------


@built
def test_the_statutory_rate_is_held_for_every_day_since_2017_with_bounds(values):
    days = pd.date_range("2017-01-01", PARAMETERS["as_of"]).strftime("%Y-%m-%d")
    own = values.loc[[f"tariffs.statutory_rate.KOR.{day}" for day in days]]
    assert own["lower"].notna().all() and (own["lower"] <= own["upper"]).all()
    # A step at each boundary of the law that moves every shipment, and none at an announcement or a ruling.
    rates = own["lower"].set_axis(days)
    for day, moved in (("2025-04-03", True), ("2025-04-05", True), ("2025-08-07", True), ("2025-11-01", True),
                       ("2026-02-24", True), ("2026-07-24", True), ("2025-04-09", False), ("2025-08-02", False),
                       ("2026-01-26", False), ("2026-02-20", False)):
        before = str(dt.date.fromisoformat(day) - dt.timedelta(days=1))
        assert bool(rates[day] != rates[before]) == moved, day


@built
def test_a_months_statutory_rate_is_the_mean_of_its_days(values):
    days = pd.date_range("2025-04-01", "2025-04-30").strftime("%Y-%m-%d")
    own = values.loc[[f"tariffs.statutory_rate.KOR.{day}" for day in days], ["lower", "upper"]]
    month = values.loc["tariffs.statutory_rate.KOR.2025-04", ["lower", "upper"]].astype(float)
    assert month.tolist() == pytest.approx(own.mean().tolist(), abs=1e-5)


@built
def test_the_gap_is_the_law_less_the_till(values):
    months = periods(values, "tariffs.gap.KOR.")
    assert months >= {month for month in MONTHS if month >= "2024-12"}
    for month in months:
        law = values.loc[f"tariffs.statutory_rate.KOR.{month}"]
        till = values.at[f"tariffs.collected_rate.KOR.{month}", "value"]
        gap = values.loc[f"tariffs.gap.KOR.{month}"]
        assert [gap["lower"], gap["upper"]] == pytest.approx([law["lower"] - till, law["upper"] - till], abs=1e-5)


@built
def test_the_named_values_of_the_tariff_chapter_exist(values):
    regimes = [row.split(",")[0] for row in (RAW / "policy" / "regimes.csv").read_text().splitlines()[1:]]
    for regime in ["before", *regimes]:
        assert f"tariffs.collected_rate.KOR.regime.{regime}" in values.index
        assert f"tariffs.statutory_rate.KOR.regime.{regime}" in values.index
    for year in range(2017, 2026):
        assert f"tariffs.duty_bill.KOR.{year}" in values.index
    assert {f"{year}-{month:02}" for year in (2025,) for month in range(1, 13)} <= periods(
        values, "tariffs.benchmark.yale.KOR.")
    assert periods(values, "tariffs.product_rate.KOR.") >= {f"{hs}.2025-09/2026-08" for hs in ("7606", "8542", "870323")}


@built
def test_what_moved_the_rate_adds_up_to_the_change(values):
    for id in [id for id in values.index if id.startswith("tariffs.change.KOR.")]:
        change = id.removeprefix("tariffs.change.KOR.")
        parts = [values.loc[f"tariffs.change_{part}.KOR.{change}", ["lower", "upper"]].astype(float)
                 for part in ("law", "goods", "rest") if f"tariffs.change_{part}.KOR.{change}" in values.index]
        least, most = sum(p["lower"] for p in parts), sum(p["upper"] for p in parts)
        assert least - 1e-5 <= values.at[id, "value"] <= most + 1e-5


# ---- Estimates -----------------------------------------------------------------------------------

ESTIMATES = PROCESSED / "results" / "estimates.csv"
ESTIMATE_COLUMNS = ("id question method specification role estimate lower upper level interval_method n clusters "
                    "p_randomization mde unit caveat notebook")


@pytest.fixture(scope="module")
def estimates() -> pd.DataFrame:
    """The estimates of the report by id."""
    return pd.read_csv(ESTIMATES).set_index("id")


@built
def test_estimates_have_the_columns_of_the_contract_and_say_what_they_are(estimates):
    assert list(estimates.reset_index().columns) == ESTIMATE_COLUMNS.split()
    assert estimates.index.is_unique and len(estimates) > 400
    assert set(estimates["role"]) == {"main", "robustness", "placebo"}
    for column in ("question", "method", "specification", "interval_method", "unit", "caveat"):
        assert (estimates[column].str.strip() != "").all(), column
    assert set(estimates["notebook"]) <= {path.stem for path in SOURCES}


@built
def test_every_estimate_lies_in_its_interval_or_says_why_it_has_none(estimates):
    without = estimates["interval_method"].str.startswith("none: ")
    assert estimates.loc[without, ["lower", "upper"]].isna().all(axis=None)
    bounded = estimates[~without]
    assert (bounded["lower"] <= bounded["estimate"]).all() and (bounded["estimate"] <= bounded["upper"]).all()


@built
def test_no_main_estimate_with_few_clusters_rests_on_clustered_normal_errors(estimates):
    main = estimates[estimates["role"] == "main"]
    few = main[main["clusters"].fillna(99) < 30]
    assert len(few) >= 3
    assert not few["interval_method"].str.contains("CRV1|clustered", regex=True).any()


@built
def test_the_named_values_of_the_effects_exist_and_agree_with_their_estimates(values, estimates):
    for id in ("effects.imports.elasticity.main", "effects.cars.elasticity", "effects.imports.elasticity.min",
               "effects.imports.elasticity.median", "effects.imports.elasticity.max"):
        assert values.at[id, "value"] == pytest.approx(estimates.at[id, "estimate"], abs=1e-5)
    for id in ("effects.imports.elasticity.without_china", "effects.investment.mde", "effects.threshold.duty_rate",
               "effects.incentive.equivalent_tariff", "effects.threshold.import_fall_pct.2024",
               "effects.synthetic.gap.KOR.2026-07", "effects.build_cost.construction.2025-08-07"):
        assert id in values.index, id
