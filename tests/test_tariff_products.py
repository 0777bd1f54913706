"""Rates by product: sums only over what is held, bounds where it is not, and shares of the whole bill."""

import pandas as pd
import pytest

from korus import raw, tariffs
from korus import tariff_products as products
from korus.charts import tariff_products as charts
from korus.clean import trade as clean_trade
from korus.values import Values

DAY = "2026-11-22"
W = products.WINDOW


def goods(*rows: tuple) -> pd.DataFrame:
    """Products from (hs, partner, value, duty), as `held` gives them."""
    frame = pd.DataFrame(rows, columns=["hs", "partner", "consumption_usd", "duty_usd"])
    return frame.assign(rate_pct=100.0 * frame["duty_usd"] / frame["consumption_usd"],
                        vintage="2026-10-06", tier=1,
                        ref=[f"census/imports_hs6#L{n + 2}" for n in range(len(frame))])


def trade(*rows: tuple) -> pd.DataFrame:
    """trade_products from (hs, partner, window, general, value, duty)."""
    names = ["hs", "partner", "window", "general_usd", "consumption_usd", "duty_usd"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(level=frame["hs"].str.len(), vintage="2026-10-06", tier=1,
                        ref=[f"census/imports_hs6#L{n + 2}" for n in range(len(frame))])


def covered(hs: str, pct: float, *subheadings: str) -> pd.DataFrame:
    """One row as `coverage` gives it."""
    return pd.DataFrame({"hs": [hs], "covered_pct": [pct], "subheadings": [subheadings], "tier": [2],
                         "ref": ["census/imports_hs4#L9"]})


def korea(months: int = 12, value: float = 100.0, duty: float = 10.0) -> pd.DataFrame:
    """Collected rates of Korea's first months of the window."""
    names = [str(period) for period in pd.period_range(W[:7], periods=months, freq="M")]
    return pd.DataFrame({
        "month": pd.Series(names, dtype=str), "partner": "KOR", "general_usd": value,
        "consumption_usd": value, "duty_usd": duty, "tier": 1, "ref": [f"census/imports_monthly#L{n + 2}" for n in range(months)]})


BOTH = [("760611", "KOR", 10.0, 5.0), ("760612", "KOR", 90.0, 15.0), ("760611", "WLD", 40.0, 8.0),
        ("760612", "WLD", 160.0, 32.0)]


@pytest.fixture(scope="module")
def real() -> dict[str, pd.DataFrame]:
    """The real products, their headings, and Korea's twelve months."""
    sources = raw.sources()
    table = clean_trade.products({name: raw.read(name) for name in clean_trade.PRODUCT_TABLES}, sources)
    rates = tariffs.rates(clean_trade.monthly(raw.read("census/imports_monthly"), sources), DAY, 3)
    single = products.held(table, DAY, 3)
    sums = products.headings(single, products.coverage(raw.read("census/imports_hs4"), sources, DAY, 3))
    return {"table": table, "rates": rates, "held": single, "sums": sums,
            "months": products.korea_months(rates)}


# ---- What is held --------------------------------------------------------------------------------


def test_only_six_digits_of_the_twelve_months_with_value_and_duty_are_held():
    rows = trade(("870322", "KOR", W, 1, 100, 15), ("870322", "KOR", "2026-01/2026-08", 1, 50, 7),
                 ("8703", "KOR", W, 1, 100, 15), ("870323", "KOR", W, 1, 100, None),
                 ("870324", "KOR", W, 1, 0, 0))
    found = products.held(rows, DAY, 3)
    assert found["hs"].tolist() == ["870322"] and found["rate_pct"].tolist() == [15.0]
    assert products.held(rows, "2026-10-05", 3).empty and products.held(rows.iloc[:0], DAY, 3).empty


def test_coverage_takes_koreas_rows_and_leaves_out_what_is_not_printed_or_not_yet_published():
    found = products.coverage(raw.read("census/imports_hs4"), raw.sources(), DAY, 3).set_index("hs")
    assert found.loc["3002", "covered_pct"] == 99.99
    assert found.loc["7606", "subheadings"] == ("760611", "760612")
    assert "3305" not in found.index  # no share is printed of it
    assert found["ref"].is_unique and found["ref"].iloc[0] == "census/imports_hs4#L2"
    assert products.coverage(raw.read("census/imports_hs4"), raw.sources(), "2025-09-26", 3).empty


# ---- Headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("pct, shown", [(95.0, True), (94.99, False), (100.0, True)])
def test_a_heading_is_shown_from_the_threshold_on(pct, shown):
    sums = products.headings(goods(*BOTH), covered("7606", pct, "760611", "760612"))
    assert ("7606" in set(sums["hs"])) == shown


def test_a_headings_rate_is_its_duty_over_its_value_with_the_ref_and_tier_of_its_coverage():
    sums = products.headings(goods(*BOTH), covered("7606", 99.0, "760611", "760612")).set_index("partner")
    assert (sums.loc["KOR", "rate_pct"], sums.loc["WLD", "rate_pct"]) == (20.0, 20.0)
    assert sums.loc["KOR", "ref"] == "census/imports_hs6#L2 census/imports_hs6#L3 census/imports_hs4#L9"
    assert sums.loc["KOR", "tier"] == 2


def test_a_heading_of_which_a_subheading_read_is_not_held_for_korea_or_the_world_is_left_out():
    for missing in (0, 3):
        rows = [row for n, row in enumerate(BOTH) if n != missing]
        assert products.headings(goods(*rows), covered("7606", 99.0, "760611", "760612")).empty


@pytest.mark.parametrize("other, shown", [(35.0, True), (34.0, False)])
def test_a_partner_not_listed_in_a_subheading_is_shown_where_the_others_leave_little_for_it(other, shown):
    # The world's 760611 is 50; Korea and Germany take 10 and `other`, so up to 5 (or 6) may be Japan's.
    rows = goods(("760611", "KOR", 10.0, 1.0), ("760612", "KOR", 10.0, 1.0), ("760611", "WLD", 50.0, 5.0),
                 ("760612", "WLD", 500.0, 5.0), ("760611", "DEU", other, 1.0), ("760612", "DEU", 1.0, 1.0),
                 ("760612", "JPN", 95.0, 9.5))
    sums = products.headings(rows, covered("7606", 99.0, "760611", "760612")).set_index("partner")
    assert ("JPN" in sums.index) == shown
    if shown:
        assert sums.loc["JPN", "covered_pct"] == 95.0 and sums.loc["JPN", "rate_pct"] == pytest.approx(10)


def test_without_rows_there_are_no_headings_shares_groups_or_marks():
    nothing = goods()
    sums = products.headings(nothing, covered("7606", 99.0, "760611"))
    parts = products.shares(nothing, sums, korea())
    assert sums.empty and parts.empty and products.bill(parts).empty
    assert products.table(nothing, parts, {}, ["KOR", "JPN"]).empty
    assert charts.cars_data(nothing, sums).empty and charts.beside_world_data(nothing).empty
    values = Values("33_products", DAY)
    products.record(values, nothing, sums, parts, korea(), ["KOR"])
    assert values.rows == {}


def test_the_real_headings_are_those_nearly_all_read_and_eight_seven_zero_three_is_not_among_them(real):
    assert set(real["sums"]["hs"]) == {"cars", "3002", "7606", "8473", "8523", "8542"}
    cars = real["sums"][real["sums"]["hs"] == "cars"].set_index("partner")
    assert set(cars.index) == {"KOR", "WLD", "JPN", "DEU", "MEX", "CAN"}
    assert 95 <= cars.loc["MEX", "covered_pct"] < 96 and cars.loc["KOR", "covered_pct"] == 100


def test_real_sums_of_headings_are_those_printed_by_the_reader_of_the_census_tables(real):
    printed = raw.read("census/imports_hs4").set_index(["hs4", "iso3"])
    sums = real["sums"]
    for row in sums[(sums["hs"] != "cars") & sums["partner"].isin(["KOR", "WLD"])].itertuples():
        shown = printed.loc[(row.hs, row.partner)]
        assert row.consumption_usd == float(shown["con_val_12m"])
        assert row.duty_usd == float(shown["cal_dut_12m"])


# ---- Cars ----------------------------------------------------------------------------------------


def cars(general: float, heading: float, *others: tuple) -> pd.DataFrame:
    """Seven car subheadings of the same size over twelve months, and their heading over eight."""
    return trade(*[(hs, "KOR", W, general, 1, 1) for hs in products.CAR_NAMES],
                 ("8703", "KOR", "2026-01/2026-08", heading, None, None), *others)


def test_what_cars_are_of_their_heading_is_bounded_by_the_total_of_the_four_months_that_are_not_held():
    table = cars(100.0, 500.0)
    bounds = products.cars_coverage(table, korea(value=125.0), DAY, 3)
    assert (bounds["lower"], bounds["upper"]) == (70.0, 100.0)  # 700 of 500 + 4 × 125
    others = [("847330", "KOR", W, 300.0, 1, 1), ("847330", "KOR", "2026-01/2026-08", 100.0, None, None),
              ("850760", "KOR", W, 300.0, 1, 1)]  # the second is not held for January to August
    bounds = products.cars_coverage(cars(100.0, 500.0, *others), korea(value=125.0), DAY, 3)
    assert bounds["lower"] == 87.5  # 700 of 500 + 500 − 200


def test_cars_of_a_heading_larger_than_they_are_have_an_upper_bound_too():
    assert products.cars_coverage(cars(10.0, 140.0), korea(), DAY, 3)["upper"] == 50.0


def test_cars_are_not_bounded_when_a_figure_is_missing():
    assert products.cars_coverage(cars(100.0, 500.0).iloc[1:], korea(), DAY, 3) is None
    assert products.cars_coverage(cars(100.0, 500.0).iloc[:7], korea(), DAY, 3) is None
    assert products.cars_coverage(cars(100.0, 500.0), korea(3), DAY, 3) is None
    assert products.cars_coverage(cars(100.0, 500.0), korea(), "2025-09-26", 3) is None


def test_the_real_bound_is_too_wide_to_call_the_seven_the_heading(real):
    values = Values("33_products", DAY)
    products.record_cars_coverage(values, real["table"], real["rates"], DAY, 3)
    row = values.rows[f"tariffs.cars_coverage.KOR.{W}"]
    assert 60 < row["lower"] < products.COVERED_PCT and row["upper"] == 100


# ---- The bill ------------------------------------------------------------------------------------


def test_shares_are_of_all_of_koreas_duty_and_imports_and_headings_are_not_counted_twice():
    single = goods(*BOTH)
    sums = products.headings(single, covered("7606", 99.0, "760611", "760612"))
    parts = products.shares(single, sums, korea()).set_index("hs")
    assert parts.loc["760611", "duty_share_pct"] == pytest.approx(100 * 5 / 120)
    assert parts.loc["7606", "import_share_pct"] == pytest.approx(100 * 100 / 1200)
    assert parts.loc["held", "duty_share_pct"] == parts.loc["7606", "duty_share_pct"]
    assert len(parts.loc["760611", "ref"].split()) == 13


@pytest.mark.parametrize("months", [0, 11])
def test_there_is_no_share_when_a_month_of_koreas_total_is_missing(months):
    assert products.korea_months(korea(months)).empty
    assert products.shares(goods(*BOTH), goods(), products.korea_months(korea(months))).empty


def test_groups_begin_with_cars_go_by_duty_and_end_with_what_is_not_held():
    single = goods(("870322", "KOR", 10.0, 1.0), ("760612", "KOR", 10.0, 5.0), ("870829", "KOR", 10.0, 3.0),
                   ("851290", "KOR", 10.0, 50.0))
    groups = products.bill(products.shares(single, single.iloc[:0], korea())).set_index("group")
    assert groups.index.tolist() == ["cars", "aluminium", "car parts", products.OTHER, products.NOT_HELD]
    assert groups["duty_share_pct"].sum() == pytest.approx(100)
    assert groups.loc[products.NOT_HELD, "products"] == 0
    assert groups.loc[products.NOT_HELD, "duty_share_pct"] == pytest.approx(100 * 61 / 120)


def test_every_real_product_is_in_one_group_and_cars_pay_more_than_a_third_of_the_bill(real):
    parts = products.shares(real["held"], real["sums"], real["months"])
    groups = products.bill(parts)
    assert groups["products"].sum() == (real["held"]["partner"] == "KOR").sum()
    assert groups["group"].iloc[0] == "cars" and 33 < groups["duty_share_pct"].iloc[0] < 36
    assert groups["import_share_pct"].sum() == pytest.approx(100)


def test_a_basket_at_the_worlds_rates_weighs_each_product_by_its_value():
    rows = goods(("760611", "KOR", 10.0, 0.0), ("760612", "KOR", 30.0, 0.0), ("760611", "WLD", 1.0, 0.4),
                 ("760612", "WLD", 1.0, 0.2))
    assert products.at_world_rates(rows) == pytest.approx(25)
    assert pd.isna(products.at_world_rates(goods(("760611", "KOR", 10.0, 0.0), ("760612", "WLD", 1.0, 0.2))))


def test_values_are_recorded_for_the_partners_asked_for_and_held(real):
    values = Values("33_products", DAY)
    parts = products.shares(real["held"], real["sums"], real["months"])
    products.record(values, real["held"], real["sums"], parts, real["months"], ["KOR", "WLD", "JPN", "GBR"])
    ids = {id for id in values.rows if id.startswith("tariffs.product_rate.")}
    assert {id.split(".")[2] for id in ids} == {"KOR", "WLD", "JPN", "GBR"}
    assert f"tariffs.product_rate.GBR.cars.{W}" not in ids and f"tariffs.product_rate.KOR.8703.{W}" not in ids
    held = values.number(f"tariffs.product_duty_share.KOR.held.{W}")
    rest, whole = values.number(f"tariffs.product_rate.KOR.rest.{W}"), tariffs.rate_over(real["months"])
    imports = values.number(f"trade.product_import_share.KOR.held.{W}")
    together = imports * values.number(f"tariffs.product_rate.KOR.held.{W}") + (100 - imports) * rest
    assert together / 100 == pytest.approx(whole, abs=1e-4) and 48 < held < 49


# ---- Pictures and tables -------------------------------------------------------------------------


def test_the_picture_of_cars_leaves_out_small_amounts_and_other_countries():
    single = goods(("870322", "KOR", 100e6, 15e6), ("870322", "DEU", 99e6, 15e6),
                   ("870322", "WLD", 500e6, 50e6), ("870370", "KOR", 200e6, 15e6))
    assert charts.cars_data(single, single.iloc[:0])["partner"].tolist() == ["KOR"]


def test_products_beside_the_world_are_those_with_most_duty_in_its_order(real):
    data = charts.beside_world_data(real["held"])
    own = real["held"][real["held"]["partner"] == "KOR"].sort_values("duty_usd", ascending=False)
    assert list(dict.fromkeys(data["hs"])) == own["hs"].head(charts.TOP).tolist()
    assert data.groupby("hs")["line"].nunique().eq(2).all()
    assert (data["label"].str.len() > 6).all()  # each has a short name


def test_a_table_has_a_row_per_korean_product_by_duty_and_a_dash_where_a_partner_is_not_held():
    single = goods(*BOTH, ("760612", "JPN", 10.0, 1.0), ("330499", "WLD", 10.0, 1.0))
    shown = products.table(single, products.shares(single, single.iloc[:0], korea()), {"760612": "Sheet"},
                           ["KOR", "JPN", "DEU"])
    assert shown["HS code"].tolist() == ["760612", "760611"] and shown["product"].iloc[0] == "Sheet"
    assert shown["JPN"].iloc[0] == 10 and pd.isna(shown["JPN"].iloc[1]) and shown["DEU"].isna().all()
