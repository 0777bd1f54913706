"""The basket of goods that weighs the rates: imports from Korea in 2024, placed on products as far as held.

Certain is the amount of each GTAP sector in 2024. Where within a sector the goods lie is known from later
windows: headings and subheadings with their values, and a list that leaves out headings below a threshold. So
a sector has amounts that are placed, and open ones: headings of which only an upper limit is known. A weighted
rate is an interval, with every open amount where it moves the rate most.

Exact amounts of products in 2024 (the optional table census/imports_2024_by_product) take the place of what was
inferred for their headings, and narrow the interval by themselves.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

# The window whose composition stands for 2024 (the earliest held by heading), and the one for cars.
WINDOW = "2025-01/2025-08"
CARS_WINDOW = "2024-09/2025-08"
# The list of headings leaves out those below this amount, in January to August 2026 (US dollars).
UNLISTED_BELOW = 100e6
TOLERANCE = 1.0


class BasketProblem(ValueError):
    """Exact amounts of products that exceed the sector they belong to."""


@dataclass(frozen=True)
class Basket:
    """Sectors with their value in 2024, and the leaves that share it out.

    `sectors`: value_usd by GTAP code. `leaves`: sector, code, level (digits; 0 = nothing known), kind (exact: US
    dollars of 2024; placed: an amount in the window; open: at most this amount in the window), amount_usd.
    `places`: for each leaf, the places of the lines it may lie on.
    """

    sectors: pd.Series
    leaves: pd.DataFrame
    places: list[np.ndarray]


def with_products(lines: pd.DataFrame, exact: pd.DataFrame) -> pd.DataFrame:
    """Lines with, for every exact product of more than eight digits, a line of its own with its parent's rates."""
    finer = sorted(set(exact.loc[exact["code"].str.len() > 8, "code"]) - set(lines["hs"]))
    parents = lines.set_index("hs")
    rows = [parents.loc[code[:8]].to_dict() | {"hs": code} for code in finer if code[:8] in parents.index]
    if not rows:
        return lines
    return pd.concat([lines, pd.DataFrame(rows)[list(lines.columns)]]).sort_values("hs").reset_index(drop=True)


def window_total(months: pd.DataFrame, window: str) -> float | None:
    """General imports from Korea over a window of months, US dollars; None when a month is not held."""
    first, last = window.split("/")
    rows = months[(months["partner"] == "KOR") & months["month"].between(first, last)]
    wanted = 12 * (int(last[:4]) - int(first[:4])) + int(last[5:]) - int(first[5:]) + 1
    if len(rows) < wanted or rows["general_usd"].isna().any():
        return None
    return float(rows["general_usd"].sum())


def in_window(products: pd.DataFrame, months: pd.DataFrame, window: str = WINDOW) -> pd.DataFrame:
    """Products from Korea in a window: code, amount_usd, tier, ref; headings first.

    A subheading held only for twelve months takes its share of these months' imports. `products` and `months`
    are selected rows of trade_products and trade_monthly. Empty when the window's total is not held.
    """
    total, longer = window_total(months, window), window_total(months, CARS_WINDOW)
    korea = products[(products["partner"] == "KOR") & products["general_usd"].notna()]
    own = korea[korea["window"] == window]
    scaled = korea[(korea["window"] == CARS_WINDOW) & ~korea["hs"].isin(own["hs"])]
    if total is None:
        own, scaled = own.iloc[:0], scaled.iloc[:0]
    factor = total / longer if total and longer else 0.0
    amounts = pd.concat([own["general_usd"].astype(float), scaled["general_usd"].astype(float) * factor])
    both = pd.concat([own, scaled])
    frame = pd.DataFrame({"code": both["hs"], "amount_usd": amounts, "tier": both["tier"], "ref": both["ref"]})
    return frame[frame["amount_usd"] > 0].sort_values("code").reset_index(drop=True)


def basket(
    lines: pd.DataFrame, sectors: pd.DataFrame, exact: pd.DataFrame, products: pd.DataFrame
) -> Basket:
    """The basket of 2024: `sectors` and `exact` (code, value_usd), `products` as `in_window` gives them.

    Without products a sector is one open amount. Raises BasketProblem when exact amounts exceed their sector.
    """
    codes = lines["hs"].to_numpy(dtype=str)
    cells = lines["sectors"].to_numpy(dtype=str)
    values = sectors.set_index("code")["value_usd"].astype(float)
    leaves, places = [], []

    def keep(sector: str, code: str, kind: str, amount: float, where: np.ndarray) -> None:
        if amount > TOLERANCE and len(where):
            leaves.append({"sector": sector, "code": code, "level": len(code), "kind": kind, "amount_usd": amount})
            places.append(where)

    taken = _place_exact(codes, cells, exact, values, keep)
    known = products.set_index("code")["amount_usd"] if len(products) else pd.Series(dtype=float)
    for heading in sorted({code[:4] for code in codes}):
        _place_heading(codes, cells, heading, known, taken, keep)
    return Basket(values, pd.DataFrame(leaves, columns=["sector", "code", "level", "kind", "amount_usd"]), places)


def span(codes: np.ndarray, code: str) -> np.ndarray:
    """Places of the lines of a product."""
    return np.arange(np.searchsorted(codes, code), np.searchsorted(codes, code + "~"))


def _by_sector(cells: np.ndarray, where: np.ndarray) -> dict[str, np.ndarray]:
    """Places by the sector they may belong to; a line of several sectors stands under each."""
    return {sector: np.array([place for place in where if sector in cells[place].split()])
            for sector in sorted({name for place in where for name in cells[place].split()})}


def _place_exact(codes, cells, exact: pd.DataFrame, values: pd.Series, keep) -> set[int]:
    """Exact products as leaves, each less those inside it; the places they take. Checks them against sectors."""
    amounts = exact.set_index("code")["value_usd"].astype(float) if len(exact) else pd.Series(dtype=float)
    taken, spent = set(), {}
    for code in sorted(amounts.index, key=len, reverse=True):
        inside = [other for other in amounts.index if other != code and other.startswith(code)]
        nearest = [c for c in inside if not any(c != o and c.startswith(o) for o in inside)]
        where = np.array([place for place in span(codes, code) if place not in taken], dtype=int)
        left = amounts[code] - amounts[nearest].sum()
        own = _by_sector(cells, span(codes, code))
        if len(own) != 1:
            continue
        sector = next(iter(own))
        keep(sector, code, "exact", left, where)
        taken |= set(where)
        spent[sector] = spent.get(sector, 0.0) + max(left, 0.0)
    for sector, amount in spent.items():
        if amount > values[sector] + TOLERANCE:
            raise BasketProblem(
                f"sector {sector}: the exact amounts of its products are {amount:,.0f} dollars, the sector has "
                f"{values[sector]:,.0f}. Check data/raw/census/imports_2024_by_product.csv against "
                "data/raw/hs/imports_by_gtap_sector_2024.csv.")
    return taken


def _place_heading(codes, cells, heading: str, known: pd.Series, taken: set[int], keep) -> None:
    """Leaves of one heading: its subheadings that are held, and what is left of it, sector by sector.

    A heading in one sector is placed whole. One that straddles sectors is placed as far as its subheadings
    are held; what is left is open in each of its sectors. A heading not listed is open up to the threshold.
    """
    around = np.array([place for place in span(codes, heading) if place not in taken], dtype=int)
    partly_exact = len(around) < len(span(codes, heading))
    own = _by_sector(cells, around)
    whole = known.get(heading)
    inner = known[[code for code in known.index if code.startswith(heading) and code != heading]]
    if partly_exact:
        inner = inner.iloc[:0]
    if whole is not None and inner.sum() > whole:
        inner = inner * (whole / inner.sum())
    covered = set()
    for code, amount in inner.items():
        where = span(codes, code)
        for sector in (found := _by_sector(cells, where)):
            keep(sector, code, "placed" if len(found) == 1 else "open", amount, found[sector])
        covered |= set(where)
    limit = UNLISTED_BELOW if len(known) else np.inf
    left = limit if whole is None else whole - inner.sum()
    certain = whole is not None and len(own) == 1 and not partly_exact
    for sector, where in own.items():
        free = np.array([place for place in where if place not in covered], dtype=int)
        keep(sector, heading if len(known) else "", "placed" if certain else "open", left, free)


def weighted(held: Basket, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Import-weighted bounds of rates (days × lines), one pair a day, per cent.

    A sector's exact amounts count as they are. The rest of the sector is shared out like the window: placed
    amounts as they are, open ones from nothing to their limit, whichever moves the rate further.
    """
    bounds = leaf_bounds(held, lower, upper)
    total = held.sectors.sum()
    sums = [np.zeros(len(lower)), np.zeros(len(lower))]
    groups = held.leaves.groupby("sector").groups
    for sector, value in held.sectors[held.sectors > 0].items():
        rows = groups.get(sector)
        if rows is None:
            raise BasketProblem(f"sector {sector} has imports and no line of the schedule: see hs/hs6_gtap")
        for side, sign in ((0, -1.0), (1, 1.0)):
            sums[side] += _sector_extreme(held.leaves.loc[rows], bounds[side][:, rows], float(value), sign)
    return sums[0] / total, sums[1] / total


def leaf_bounds(held: Basket, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of the rate of every leaf (days × leaves), per cent."""
    index = np.concatenate(held.places)
    starts = np.cumsum([0, *[len(lines) for lines in held.places[:-1]]])
    return (np.minimum.reduceat(lower[:, index], starts, axis=1),
            np.maximum.reduceat(upper[:, index], starts, axis=1))


def _sector_extreme(leaves: pd.DataFrame, rates: np.ndarray, value: float, sign: float) -> np.ndarray:
    """Value times the extreme mean rate of a sector, by day; the highest (sign 1) or the lowest (sign -1)."""
    kind, amount = leaves["kind"].to_numpy(), leaves["amount_usd"].to_numpy()
    exact, placed, loose = kind == "exact", kind == "placed", kind == "open"
    fixed = rates[:, exact] @ amount[exact]
    rest = max(value - amount[exact].sum(), 0.0)
    means = np.empty(len(rates))
    for day, row in enumerate(rates):
        weight, mass = amount[placed].sum(), float(row[placed] @ amount[placed])
        order = np.argsort(-sign * row[loose], kind="stable")
        for rate, limit in zip(row[loose][order], amount[loose][order], strict=True):
            # Adding more of a rate moves the mean outward only while it lies outside it.
            if weight > 0 and sign * rate <= sign * mass / weight:
                break
            if np.isinf(limit):
                weight, mass = 1.0, rate
                break
            weight, mass = weight + limit, mass + rate * limit
        means[day] = mass / weight if weight > 0 else 0.0
    return fixed + rest * means


def pinned(held: Basket) -> pd.DataFrame:
    """Share of the basket placed at each level, per cent: level (digits), least_pct, headings.

    The least share: as if every open amount were at its limit. The remainder is known by its sector alone.
    """
    rows = []
    for sector, value in held.sectors[held.sectors > 0].items():
        own = held.leaves[held.leaves["sector"] == sector]
        exact = own[own["kind"] == "exact"]
        rest, shared = max(value - exact["amount_usd"].sum(), 0.0), own[own["kind"] != "exact"]
        around = shared["amount_usd"].sum()
        for leaf in exact.itertuples():
            rows.append((leaf.level, leaf.amount_usd))
        for leaf in shared[shared["kind"] == "placed"].itertuples():
            rows.append((leaf.level, rest * leaf.amount_usd / around if np.isfinite(around) else 0.0))
    frame = pd.DataFrame(rows, columns=["level", "usd"])
    sums = frame.groupby("level")["usd"].agg(["sum", "size"])
    table = pd.DataFrame({"level": sums.index, "least_pct": 100 * sums["sum"] / held.sectors.sum(),
                          "products": sums["size"]}).reset_index(drop=True)
    return table
