"""The statutory rate less the collected one, month by month, and explanations that can be tested."""

import numpy as np
import pandas as pd

from korus import baskets, rate_path, statutory

EARLY, LATE = "2025-01/2025-08", "2026-01/2026-08"
YEAR = "2025-09/2026-08"
LONGEST_LAG = 90
NO_PRODUCTS = pd.DataFrame(columns=["hs", "share_pct", "lower_pct", "upper_pct", "rate_pct", "least_pp", "most_pp",
                                    "tier", "ref"])


def by_month(path: pd.DataFrame, collected: pd.DataFrame, first: str = "2024-12") -> pd.DataFrame:
    """One row per month with both rates: month, lower_pct, upper_pct, bare_pct, rate_pct, gap_lower, gap_upper.

    `path` is the table statutory, `collected` Korea's monthly rates; bare_pct is the upper bound without duty on
    metal in articles. Gaps in percentage points: statutory less collected.
    """
    columns = ["month", "lower_pct", "upper_pct", "bare_pct", "rate_pct", "gap_lower", "gap_upper"]
    own = collected[(collected["partner"] == "KOR") & (collected["month"] >= first)]
    if path.empty or own.empty:
        return pd.DataFrame({name: pd.Series(dtype="str" if name == "month" else "float64") for name in columns})
    last = str((pd.Period(own["month"].max(), "M") + 1).start_time.date() - pd.Timedelta(days=1))[:10]
    full, bare = (rate_path.whole_months(rate_path.by_day(path, f"{first}-01", last, metal=metal))
                  for metal in ("open", "none"))
    both = full.assign(bare_pct=bare["upper_pct"]).merge(own[["month", "rate_pct", "tier", "ref"]], on="month")
    return both.assign(gap_lower=both["lower_pct"] - both["rate_pct"], gap_upper=both["upper_pct"] - both["rate_pct"])


def lag_needed(path: pd.DataFrame, month: str, rate_pct: float) -> int | None:
    """Least number of days by which the law would have to lag for a month's collected rate to be within it.

    Each day of the month is charged by the law of that many days before: as if goods entered at the rate of the
    day they were loaded. 0 when the rate is not below the law; None when no lag up to LONGEST_LAG is enough.
    """
    first = np.datetime64(f"{month}-01")
    last = np.datetime64(str(pd.Period(month, "M").end_time.date()))
    held = rate_path.by_day(path, str(first - LONGEST_LAG), str(last))
    lower = held["lower_pct"].to_numpy()
    days = int((last - first).astype(int)) + 1
    for lag in range(LONGEST_LAG + 1):
        if lower[len(lower) - days - lag:len(lower) - lag].mean() <= rate_pct + 1e-9:
            return lag
    return None


def outside(months: pd.DataFrame) -> pd.DataFrame:
    """Months whose collected rate lies outside the bounds of the law: month, side (below, above), distance_pp."""
    below, above = months["gap_lower"] > 1e-9, months["gap_upper"] < -1e-9
    found = months[below | above]
    side = np.where(found["gap_lower"] > 0, "below", "above")
    distance = np.where(side == "below", found["gap_lower"], -found["gap_upper"])
    return pd.DataFrame({"month": found["month"], "side": side, "distance_pp": distance}).reset_index(drop=True)


def placed_means(codes: np.ndarray, amounts: pd.Series, lower: np.ndarray, upper: np.ndarray) -> tuple[float, float]:
    """Bounds of the mean rate of the headings in `amounts` (by code), for one rate per line, per cent.

    Subheadings that are held stand for themselves, what is left of a heading for its other lines.
    """
    sums, mass = np.zeros(2), 0.0

    def add(where: np.ndarray, amount: float) -> None:
        nonlocal mass
        if len(where) and amount > 0:
            sums[0] += amount * lower[where].min()
            sums[1] += amount * upper[where].max()
            mass += amount

    for heading, whole in amounts[amounts.index.str.len() == 4].items():
        inner = amounts[[c for c in amounts.index if c.startswith(heading) and c != heading]]
        inner = inner * min(1.0, whole / inner.sum()) if len(inner) else inner
        spans = [baskets.span(codes, code) for code in inner.index]
        for where, amount in zip(spans, inner, strict=True):
            add(where, amount)
        rest = np.setdiff1d(baskets.span(codes, heading), np.concatenate(spans) if spans else [])
        add(rest.astype(int), whole - inner.sum())
    return (sums / mass).tolist() if mass else (float("nan"), float("nan"))


def two_windows(products: pd.DataFrame, months: pd.DataFrame) -> dict[str, pd.Series]:
    """Amounts by product in the two January–August windows, for products held in both; US dollars."""
    held = {window: baskets.in_window(products, months, window).set_index("code")["amount_usd"]
            for window in (EARLY, LATE)}
    shared = held[EARLY].index.intersection(held[LATE].index)
    return {window: amounts[shared].sort_index() for window, amounts in held.items()}


def composition(law: rate_path.Law, windows: dict[str, pd.Series], day: str) -> tuple[float, float]:
    """What the change of the goods between the windows does to the rate under one day's law, percentage points.

    The two numbers answer every open question of the law once with the least and once with the most (without duty
    on metal in articles); headings held in both windows only.
    """
    found = law.rates["none"]
    row = found.row(day)
    early, late = (placed_means(found.codes, windows[w], found.lower[row], found.upper[row]) for w in (EARLY, LATE))
    return late[0] - early[0], late[1] - early[1]


def product_gaps(law: rate_path.Law, products: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Six-digit products over twelve months: hs, share_pct, lower_pct, upper_pct, rate_pct, least_pp, most_pp.

    The bounds are means of the law over the days of the window; least_pp and most_pp are the product's share of
    imports times its gap: what it adds to the gap of all goods.
    """
    first, last = YEAR.split("/")
    korea = months[(months["partner"] == "KOR") & months["month"].between(first, last)]
    own = products[(products["partner"] == "KOR") & (products["level"] == 6) & (products["window"] == YEAR)
                   & products["duty_usd"].notna() & (products["consumption_usd"] > 0)]
    if own.empty or len(korea) < 12:
        return NO_PRODUCTS
    found = law.rates["open"]
    days, rows = statutory.in_force(found.days, f"{first}-01", str(pd.Period(last, "M").end_time.date()))
    used, weight = np.unique(rows, return_counts=True)
    table = []
    total = float(korea["consumption_usd"].sum())
    for product in own.itertuples():
        where = baskets.span(found.codes, product.hs)
        if not len(where):
            continue
        low = found.lower[np.ix_(used, where)].min(axis=1) @ weight / len(days)
        high = found.upper[np.ix_(used, where)].max(axis=1) @ weight / len(days)
        rate = 100 * float(product.duty_usd) / float(product.consumption_usd)
        share = 100 * float(product.consumption_usd) / total
        table.append((product.hs, share, low, high, rate, share * (low - rate) / 100, share * (high - rate) / 100,
                      product.tier, product.ref))
    return pd.DataFrame(table, columns=NO_PRODUCTS.columns)


def change_on_year(months: pd.DataFrame, first: str, last: str) -> float | None:
    """Imports for consumption from Korea over some months against the same a year before, per cent."""
    def amount(shift: int) -> float | None:
        span = [str(month) for month in pd.period_range(pd.Period(first, "M") - shift, pd.Period(last, "M") - shift)]
        rows = months[(months["partner"] == "KOR") & months["month"].isin(span)]
        return float(rows["consumption_usd"].sum()) if len(rows) == len(span) else None

    now, before = amount(0), amount(12)
    return 100 * (now / before - 1) if now and before else None
