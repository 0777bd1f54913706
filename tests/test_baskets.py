"""The basket: exact where it is known, and its bounds against every corner of what it leaves open."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus import baskets

# Six lines of two made-up sectors; heading 2010 lies in both.
LINES = pd.DataFrame({
    "hs": ["10101000", "10102000", "10201000", "20101000", "20102000", "30301000"],
    "general_pct": 0.0, "korus_pct": 0.0,
    "sectors": ["aaa", "aaa", "aaa", "aaa", "bbb", "bbb"]})
SECTORS = pd.DataFrame({"code": ["aaa", "bbb"], "value_usd": [900e6, 100e6]})
NONE = pd.DataFrame({"code": [], "value_usd": []})
NO_PRODUCTS = pd.DataFrame({"code": [], "amount_usd": []})


def products(**amounts: float) -> pd.DataFrame:
    """Amounts in the window by code (written with a leading underscore)."""
    return pd.DataFrame({"code": [code[1:] for code in amounts], "amount_usd": list(amounts.values())})


def means(basket: baskets.Basket, rates: list[float], upper: list[float] | None = None) -> tuple[float, float]:
    low, high = np.array([rates]), np.array([upper or rates])
    found = baskets.weighted(basket, low, high)
    return float(found[0][0]), float(found[1][0])


def test_without_products_a_sector_may_lie_on_any_of_its_lines():
    basket = baskets.basket(LINES, SECTORS, NONE, NO_PRODUCTS)
    assert means(basket, [0, 5, 10, 20, 40, 2]) == pytest.approx((0.9 * 0 + 0.1 * 2, 0.9 * 20 + 0.1 * 40))


def test_a_rate_that_is_the_same_everywhere_is_a_point():
    basket = baskets.basket(LINES, SECTORS, NONE, NO_PRODUCTS)
    assert means(basket, [15] * 6) == pytest.approx((15, 15))


def test_products_place_a_sector_and_leave_open_what_is_not_listed():
    basket = baskets.basket(LINES, SECTORS, NONE, products(_1010=300e6, _101010=200e6))
    kinds = basket.leaves.set_index(["sector", "code"])["kind"].to_dict()
    assert kinds["aaa", "101010"] == kinds["aaa", "1010"] == "placed"
    assert kinds["aaa", "1020"] == kinds["aaa", "2010"] == "open"
    # 1010 is placed: 200 on its first line, 100 on the second. 1020 and 2010 hold up to 100 each.
    low, high = means(basket, [10, 10, 40, 0, 0, 0])
    assert low == pytest.approx(0.9 * 300 * 10 / 400)
    assert high == pytest.approx(0.9 * (300 * 10 + 100 * 40) / 400)


def test_a_subheading_larger_than_its_heading_is_cut_to_it():
    basket = baskets.basket(LINES, SECTORS, NONE, products(_1010=100e6, _101010=150e6))
    leaves = basket.leaves.set_index("code")["amount_usd"]
    assert leaves["101010"] == pytest.approx(100e6)
    assert "1010" not in leaves.index


def test_a_heading_of_two_sectors_is_open_in_both():
    basket = baskets.basket(LINES, SECTORS, NONE, products(_2010=50e6, _1010=50e6, _3030=50e6))
    own = basket.leaves[basket.leaves["code"] == "2010"]
    assert list(own["sector"]) == ["aaa", "bbb"] and set(own["kind"]) == {"open"}


CORNERS = st.lists(st.sampled_from([0.0, 10.0, 15.0, 25.0, 50.0]), min_size=6, max_size=6)


@given(CORNERS, st.sampled_from([20e6, 150e6, 400e6]), st.sampled_from([None, 60e6, 90e6]))
def test_the_bounds_are_those_of_the_worst_and_the_best_corner(rates, placed, straddling):
    amounts = {"_1010": placed} | ({"_2010": straddling} if straddling else {})
    basket = baskets.basket(LINES, SECTORS, NONE, products(**amounts))
    corners = [0.0, 0.0]
    for sector, share in (("aaa", 0.9), ("bbb", 0.1)):
        own = basket.leaves[basket.leaves["sector"] == sector]
        found = []
        # Each leaf on each of its lines, each open one at nothing or at its limit.
        spots = [list(basket.places[row]) for row in own.index]
        sizes = [[0.0, a] if kind == "open" else [a] for kind, a in zip(own["kind"], own["amount_usd"], strict=True)]
        for choice, amount in product(product(*spots), product(*sizes)):
            if sum(amount):
                found.append(sum(a * rates[place] for place, a in zip(choice, amount, strict=True)) / sum(amount))
        corners[0] += share * min(found)
        corners[1] += share * max(found)
    assert means(basket, rates) == pytest.approx(tuple(corners))


def exact(**amounts: float) -> pd.DataFrame:
    return pd.DataFrame({"code": [code[1:] for code in amounts], "value_usd": list(amounts.values())})


def test_exact_amounts_take_the_place_of_what_was_inferred_and_narrow_the_bounds():
    rates = [0, 10, 25, 50, 5, 15]
    inferred = products(_1010=300e6)
    loose = means(baskets.basket(LINES, SECTORS, NONE, inferred), rates)
    tight = means(baskets.basket(LINES, SECTORS, exact(_10101000=400e6, _10102000=200e6), inferred), rates)
    assert loose[0] - 1e-9 <= tight[0] <= tight[1] <= loose[1] + 1e-9
    assert tight[1] - tight[0] < loose[1] - loose[0]


def test_exact_amounts_of_all_goods_leave_a_point():
    full = exact(_10101000=400e6, _1020=300e6, _20101000=200e6, _20102000=60e6, _303010=40e6)
    basket = baskets.basket(LINES, SECTORS, full, products(_1010=300e6))
    expected = (400 * 1 + 300 * 3 + 200 * 4 + 60 * 5 + 40 * 6) / 1000
    assert means(basket, [1, 2, 3, 4, 5, 6]) == pytest.approx((expected, expected))


def test_an_exact_product_holds_what_is_left_of_it_once_its_parts_are_taken_out():
    basket = baskets.basket(LINES, SECTORS, exact(_1010=500e6, _10101000=400e6), NO_PRODUCTS)
    leaves = basket.leaves[basket.leaves["kind"] == "exact"].set_index("code")["amount_usd"]
    assert leaves.to_dict() == {"10101000": 400e6, "1010": 100e6}


def test_exact_amounts_above_their_sector_are_refused_by_name():
    with pytest.raises(baskets.BasketProblem, match="sector aaa.*imports_2024_by_product"):
        baskets.basket(LINES, SECTORS, exact(_1010=901e6), NO_PRODUCTS)


def test_a_product_of_ten_digits_becomes_a_line_with_the_rates_of_its_parent():
    lines = baskets.with_products(LINES, exact(_1010100010=1e6, _9999999999=1e6))
    assert list(lines["hs"]) == ["10101000", "1010100010", *LINES["hs"][1:]]
    assert lines.set_index("hs").at["1010100010", "sectors"] == "aaa"


def test_the_share_placed_counts_every_open_amount_at_its_limit():
    basket = baskets.basket(LINES, SECTORS, NONE, products(_1010=300e6, _101010=200e6, _3030=50e6))
    placed = baskets.pinned(basket).set_index("level")["least_pct"]
    # aaa: 200 and 100 of 300 + 2 × 100 open. bbb: 50 of 50 + 100 open.
    assert placed[6] == pytest.approx(100 * 0.9 * 200 / 500)
    assert placed[4] == pytest.approx(100 * (0.9 * 100 / 500 + 0.1 * 50 / 150))


MONTHS = pd.DataFrame({"partner": "KOR", "month": [str(p) for p in pd.period_range("2024-09", "2025-08", freq="M")],
                       "general_usd": 10.0})


def test_a_window_is_held_only_with_all_its_months():
    assert baskets.window_total(MONTHS, "2025-01/2025-08") == 80
    assert baskets.window_total(MONTHS.drop(index=6), "2025-01/2025-08") is None


def test_a_subheading_held_for_twelve_months_takes_its_share_of_the_window():
    table = pd.DataFrame({
        "hs": ["8703", "870323"], "partner": "KOR", "window": ["2025-01/2025-08", "2024-09/2025-08"],
        "general_usd": [40.0, 30.0], "tier": 1, "ref": "x#L2", "level": [4, 6]})
    found = baskets.in_window(table, MONTHS).set_index("code")["amount_usd"]
    assert found.to_dict() == {"8703": 40.0, "870323": 30.0 * 80 / 120}
    assert baskets.in_window(table, MONTHS.iloc[:3]).empty
