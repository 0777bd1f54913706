"""Trade and structure tables agree with the published arithmetic, figure by figure."""

import pandas as pd
import pytest

from korus import raw
from korus.clean import origin, structure, trade


def one(table: pd.DataFrame, **where) -> pd.Series:
    """The only row that meets the conditions."""
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1, table
    return table.iloc[0]


def test_koreas_duty_of_july_2025_is_the_published_one(monthly):
    row = one(monthly, partner="KOR", month="2025-07")
    assert (row["duty_usd"], row["consumption_usd"]) == (1_316_197_178, 10_756_838_666)
    assert round(100 * row["duty_usd"] / row["consumption_usd"], 2) == 12.24
    assert row["tier"] == 1 and row["vintage"] == "2026-10-06"


def test_the_balance_of_2024_is_the_published_one(bilateral):
    row = one(bilateral, period="2024", frequency="A")
    assert (row["imports_usd"] / 1e6, row["exports_usd"] / 1e6) == (131_457.3, 65_771.3)
    assert row["balance_usd"] / 1e6 == -65_686.0
    assert round(131_457.3 - 65_771.3, 1) == 65_686.0


def test_the_panel_holds_every_month_of_fifteen_partners_and_the_world(monthly):
    expected = {f"{year}-{month:02d}" for year in range(2017, 2027) for month in range(1, 13)}
    expected -= {"2026-09", "2026-10", "2026-11", "2026-12"}
    months = monthly.groupby("partner")["month"].agg(set)
    complete = {partner for partner, held in months.items() if held == expected}
    assert complete == set("KOR JPN CHN CAN MEX TWN VNM DEU GBR FRA ITA IRL IND THA AUS WLD".split())


def test_an_amount_that_is_not_held_is_missing_and_not_zero(monthly):
    held = raw.read("census/imports_monthly")["gen_val_mo"] != ""
    assert (~held).any() and monthly.loc[~held, "general_usd"].isna().all()
    assert (monthly.loc[held, "general_usd"] > 0).all()


def test_every_cell_of_the_panel_is_the_printed_one(monthly):
    table = raw.read("census/imports_monthly")
    for column, name in (("con_val_mo", "consumption_usd"), ("cal_dut_mo", "duty_usd"),
                         ("gen_val_mo", "general_usd")):
        held = table[column] != ""
        assert (table.loc[held, column].astype(float) == monthly.loc[held, name].astype(float)).all()
        assert monthly.loc[~held, name].isna().all()


@pytest.mark.parametrize(("printed", "period"), [
    ("2026 Jan-Jul", "2026-01/2026-07"), ("2025 Jan-Dec", "2025-01/2025-12"), ("2024", "2024"),
    ("2000-01", "2000-01"),
])
def test_printed_spans_of_months_are_periods(printed, period):
    raw_rows = pd.DataFrame([{"ref": "x#L2", "period": printed, "frequency": "A", "exports_musd": "1.0",
                              "imports_musd": "2.0", "balance_musd": "-1.0", "source": "s"}])
    sources = pd.DataFrame({"date": "2026-10-01", "kind": "Census API", "accessed": "2026-11-22"}, index=["s"])
    row = trade.bilateral(raw_rows, sources).iloc[0]
    assert row["period"] == period and row["balance_usd"] == -1e6


@pytest.fixture(scope="module")
def products() -> pd.DataFrame:
    """Imports by product."""
    names = ("census/imports_hs6", "census/imports_cars_hs6", "census/imports_korea_hs4_ytd")
    return trade.products({name: raw.read(name) for name in names}, raw.sources())


def test_product_codes_keep_their_leading_zeros_and_say_their_level(products):
    assert (products["hs"].str.len() == products["level"]).all()
    assert set(products["level"]) == {4, 6}
    codes = raw.read("census/imports_korea_hs4_ytd")["hs4"]
    assert set(products[products["level"] == 4]["hs"]) == set(codes)


def test_each_window_of_a_product_is_a_row_and_duty_stands_only_where_it_was_read(products):
    cars = raw.read("census/imports_cars_hs6")
    rows = products[products["ref"] == cars["ref"][0]].set_index("window")
    assert list(rows.index) == ["2024-09/2025-08", "2025-09/2026-08"]
    assert rows.loc["2025-09/2026-08", "duty_usd"] == float(cars["cal_dut_12m"][0])
    assert pd.isna(rows.loc["2024-09/2025-08", "duty_usd"])


def test_world_imports_of_2024_give_the_published_shares():
    table = structure.world_imports(
        raw.read("world/merchandise_imports"), raw.read("world/import_shares"), raw.sources())
    wto = table[(table["basis"] == structure.WTO_BASIS) & (table["year"] == 2024)]
    amounts = {iso3: set(wto[wto["importer"] == iso3]["imports_usd"] / 1e9) for iso3 in ("USA", "CHN")}
    assert 3_359 in amounts["USA"] and 2_585 in amounts["CHN"]
    assert round(100 * 3_359 / 24_700, 1) == 13.6
    census = table[(table["basis"] == structure.CENSUS_BASIS) & (table["year"] == 2024)]
    assert (census["importer"] == "USA").all() and (census["imports_usd"] / 1e9).round(1).tolist() == [3_263.9]


def test_the_census_concept_and_the_wtos_are_kept_apart():
    table = structure.world_imports(
        raw.read("world/merchandise_imports"), raw.read("world/import_shares"), raw.sources())
    assert set(table["basis"]) == {structure.WTO_BASIS, structure.CENSUS_BASIS}


def test_every_cell_of_the_input_output_tables_is_taken_once():
    use, requirements = raw.read("io/use_2024"), raw.read("io/requirements_2024")
    table = structure.input_output(use, requirements)
    refs = table["ref"].str.split().explode()
    assert sorted(refs) == sorted([*use["ref"], *requirements["ref"]])
    assert table["use_musd"].notna().sum() == len(use)
    assert table["total_requirement"].notna().sum() == len(requirements)
    assert one(table, industry="23", commodity="111CA")["use_musd"] == 3_493


def test_beas_mark_for_nothing_imported_is_zero():
    use, requirements = raw.read("io/use_2024"), raw.read("io/requirements_2024")
    dash = use[use["imports_used_musd"] == "---"].iloc[0]
    row = structure.input_output(use, requirements).set_index(["industry", "commodity"])
    assert row.loc[(dash["industry_code"], dash["commodity_code"]), "imported_musd"] == 0


def test_a_word_in_a_trade_table_is_named_with_its_line_and_column():
    table = raw.read("census/imports_monthly")
    table.loc[3, "cal_dut_mo"] = "n/a"
    with pytest.raises(origin.CleaningError, match="imports_monthly#L5, column cal_dut_mo: 'n/a'"):
        trade.monthly(table, raw.sources())
