"""A revision is a later print against the first; its usual size says which changes mean something."""

import pandas as pd
import pytest

from korus import revisions
from korus.charts import mirror as charts
from korus.values import Values

DAY = "2026-11-22"


def prints(*values: tuple, **changes) -> pd.DataFrame:
    """Rows of Eximbank's annual US total: (period, vintage, value, [tier, rounding, maturity])."""
    table = []
    for n, (period, vintage, value, *rest) in enumerate(values):
        tier, rounding, maturity = [*rest, *[2, 0.5, "preliminary" if n == 0 else "revised"][len(rest):]]
        table.append({
            "source": "kexim", "series": "overseas direct investment", "investor": "KOR", "destination": "USA",
            "region": "", "mode": "all", "measure": "invested", "frequency": "A", "period": period, "industry": "",
            "state": "", "item": "", "basis": "", "status": "published", "value_musd": float(value),
            "rounding_musd": rounding, "vintage": vintage, "maturity": maturity, "tier": tier,
            "ref": f"kexim/releases#L{n + 2}"} | changes)
    return pd.DataFrame(table)


def moves(table: pd.DataFrame) -> pd.DataFrame:
    return revisions.pairs(revisions.triangle(table, DAY, 3))


def test_the_first_print_is_compared_with_each_later_one():
    table = moves(prints(("2020", "2021-03-01", 100), ("2020", "2021-06-01", 110), ("2020", "2021-09-01", 95)))
    assert table["change_pct"].tolist() == pytest.approx([10, -5])
    assert table["direction"].tolist() == ["up", "down"] and table["latest"].tolist() == [False, True]


def test_a_move_within_the_rounding_of_both_prints_is_no_revision():
    table = moves(prints(("2020", "2021-03-01", 27.7, 2, 0.05), ("2020", "2021-06-01", 27.72, 2, 0.005)))
    assert table["direction"].tolist() == ["none"]


def test_of_two_prints_of_one_day_the_better_stands_and_a_text_does_not_revise_a_release():
    table = revisions.triangle(prints(
        ("2020", "2021-03-01", 101, 3), ("2020", "2021-03-01", 100), ("2020", "2021-06-01", 120, 3)), DAY, 3)
    assert table[["vintage", "value_musd"]].values.tolist() == [["2021-03-01", 100.0]]


def test_a_period_whose_first_print_is_not_held_gives_no_size_and_is_counted():
    table = moves(prints(("2020", "2024-06-01", 100, 2, 0.5, "revised"), ("2020", "2024-09-01", 150)))
    row = revisions.sizes(table).iloc[0]
    assert (row["pairs"], row["left_out"]) == (0, 1) and pd.isna(row["median_abs_pct"])


def five() -> pd.DataFrame:
    """Five years revised by 1, −2, 3, 4 and 10 per cent."""
    parts = [prints((str(2015 + n), f"{2016 + n}-03-01", 100), (str(2015 + n), f"{2016 + n}-06-01", 100 + change))
             for n, change in enumerate((1, -2, 3, 4, 10))]
    return pd.concat(parts, ignore_index=True)


def test_the_typical_size_is_the_median_and_nine_tenths_of_absolute_changes():
    row = revisions.sizes(moves(five())).iloc[0]
    assert (row["series"], row["pairs"], row["periods"]) == ("kexim.invested.USA", 5, 5)
    assert (row["median_abs_pct"], row["p90_abs_pct"]) == pytest.approx((3, 7.6))
    assert (row["mean_pct"], row["up_pct"], row["median_latest_abs_pct"]) == pytest.approx((3.2, 60, 3))


def test_a_rise_of_one_that_rounding_can_make_is_not_counted_as_a_rise():
    assert moves(five())["direction"].tolist() == ["none", "down", "up", "up", "up"]


def test_a_change_below_the_noise_floor_is_not_large():
    table = revisions.sizes(moves(five()))
    assert revisions.noise_floor(table, "kexim.invested.USA") == pytest.approx(7.6)
    assert revisions.is_large(-8, table, "kexim.invested.USA")
    assert not revisions.is_large(7, table, "kexim.invested.USA")


def test_no_floor_is_stated_from_fewer_than_five_revisions():
    table = revisions.sizes(moves(five().iloc[:8]))
    for series in ("kexim.invested.USA", "unknown"):
        with pytest.raises(ValueError, match="fewer than 5; say that no noise floor"):
            revisions.noise_floor(table, series)


def test_a_change_of_the_dollars_of_the_monitor_is_no_revision():
    rows = [(f"f{n}", day, value * factor) for n, value in enumerate((100, 200, 300, 400))
            for day, factor in (("2025-02-18", 1), ("2026-08-05", 1.01 if n < 3 else 2.02))]
    table = pd.concat([prints((item, day, value), source="cim", series=revisions.MONITOR, item=item, investor="KOR",
                              industry="Batteries: Cells", state="GA", measure="announced", maturity="unknown")
                       for item, day, value in rows], ignore_index=True)
    assert moves(table).sort_values("period")["change_pct"].round(9).tolist() == [0, 0, 0, 100]


def test_quarters_and_years_gross_and_net_are_series_of_their_own(investment):
    names = set(revisions.triangle(investment, DAY, 3)["series"])
    assert {"kexim.invested.USA", "kexim.invested.USA.Q", "kexim.net.USA", "bea.first_year.all",
            "bea.planned.greenfield", "bea.position.KOR", "cim.announced"} <= names


def test_the_real_triangle_has_one_print_per_period_and_vintage_and_none_after_the_day(investment):
    table = revisions.triangle(investment, "2025-06-30", 2)
    assert not table.duplicated(["series", "period", "vintage"]).any()
    assert table["vintage"].max() <= "2025-06-30" and table["tier"].max() <= 2


def test_the_order_of_the_rows_does_not_matter(investment):
    sizes = [revisions.sizes(revisions.pairs(revisions.triangle(rows, DAY, 3))).drop(columns="ref")
             for rows in (investment, investment.sample(frac=1, random_state=3))]
    pd.testing.assert_frame_equal(*sizes)


def test_every_pair_is_used_or_left_out(investment):
    table = moves(investment)
    sizes = revisions.sizes(table)
    assert sizes["pairs"].sum() + sizes["left_out"].sum() == len(table)


def test_values_and_chart_show_series_with_enough_revisions(investment):
    table = moves(investment)
    sizes = revisions.sizes(table)
    values = Values("n", DAY)
    revisions.record(values, sizes, DAY)
    assert 0 < values.number("investment.revision.median_abs_pct.kexim.invested.USA") < 10
    assert values.number("investment.revision.upward_pct.kexim.invested.WLD.Q") == 100
    data = charts.revisions_data(table, sizes)
    assert set(data["series"]) == set(sizes.loc[sizes["pairs"] >= 5, "series"])
    assert charts.revisions(data).to_dict()["title"]
