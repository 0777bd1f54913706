"""Values and tables of the chapter on the distance between the law and what is collected."""

import pandas as pd

from korus import baskets, benchmark, gap, rate_path
from korus.tariffs import COMPUTING

PRODUCT_RATES = ["share of imports, %", "law, least", "law, most", "collected"]
PRODUCT_PARTS = ["adds to the gap, least", "most"]
# A collected rate this near to the least the law charges is called near (percentage points).
NEAR_PP = 2.0
GAP_COLUMNS = ["law, least", "law, most without metal", "law, most", "collected", "Yale Budget Lab"]


def record_gap(values, months: pd.DataFrame, law: rate_path.Law | None) -> None:
    """Record the gap of every month (percentage points, an interval) and which months lie outside the law."""
    for row in months.itertuples():
        values.add_interval(f"tariffs.gap.KOR.{row.month}", row.gap_lower, row.gap_upper, "percentage points",
                            row.month, tier=max(law.tier, row.tier),
                            refs=f"{row.ref} {rate_path.refs_on(law, row.month + '-15')}")
    if months.empty:
        return
    apart = gap.outside(months)
    span = f"{months['month'].min()}/{months['month'].max()}"
    origin = {"tier": law.tier, "refs": _refs(months, law)}
    values.add("tariffs.gap_months.KOR.all", len(months), "count", span, **origin)
    values.add("tariffs.gap_months.KOR.below", int((apart["side"] == "below").sum()), "count", span, **origin)
    values.add("tariffs.gap_months.KOR.above", int((apart["side"] == "above").sum()), "count", span, **origin)
    values.add("tariffs.gap_months.KOR.inside", len(months) - len(apart), "count", span, **origin)
    near = months["gap_lower"].abs() <= NEAR_PP
    values.add("tariffs.gap_months.KOR.near_least", int(near.sum()), "count", span, **origin)
    values.add("tariffs.gap_months.KOR.near", NEAR_PP, "percentage points", span, **origin)


def _refs(months: pd.DataFrame, law: rate_path.Law) -> str:
    """Raw rows that a count of months rests on: what was collected in each, and the measures charged in any."""
    return " ".join([*months["ref"], rate_path.refs_over(law, months["month"])])


def record_transit(values, path: pd.DataFrame, months: pd.DataFrame, law: rate_path.Law | None) -> None:
    """Record, for months in which the law rose, by how many days it would have to lag."""
    own = months.set_index("month")
    for month in ("2025-04", "2025-05", "2025-08"):
        if month not in own.index:
            continue
        lag = gap.lag_needed(path, month, float(own.at[month, "rate_pct"]))
        if lag is not None:
            values.add(f"tariffs.transit_lag.KOR.{month}", lag, "days", month, tier=law.tier,
                       refs=f"{own.at[month, 'ref']} {rate_path.refs_on(law, month + '-15')}")


def record_front_loading(values, months: pd.DataFrame) -> None:
    """Record how imports from Korea stood to a year before, before and after April 2025; per cent."""
    for first, last in (("2025-01", "2025-03"), ("2025-04", "2025-06"), ("2025-08", "2025-10")):
        change = gap.change_on_year(months, first, last)
        if change is not None:
            rows = months[(months["partner"] == "KOR") & months["month"].between(first, last)]
            values.add(f"trade.consumption_change.KOR.{first}/{last}", change, "per cent", f"{first}/{last}", rows)


def record_composition(
    values, law: rate_path.Law | None, windows: dict[str, pd.Series], products: pd.DataFrame, months: pd.DataFrame
) -> None:
    """Record what the change of goods from 2025 to 2026 does to the rate under one law (percentage points), and the
    share of computing goods in both windows (per cent)."""
    if law is None or not len(windows[gap.EARLY]):
        return
    for window, amounts in windows.items():
        own = amounts[amounts.index.isin(COMPUTING)].sum()
        rows = products[(products["partner"] == "KOR") & products["hs"].isin(COMPUTING) & (products["window"] == window)]
        total = baskets.window_total(months, window)
        values.add(f"trade.computing_share_general.KOR.{window}", 100 * own / total, "per cent", window, rows)
    origin = {"tier": max(law.tier, int(products["tier"].max())), "refs": rate_path.refs_on(law, "2025-09-15")}
    for day in ("2025-09-15", "2026-08-15"):
        if day <= values.as_of:
            low, high = sorted(gap.composition(law, windows, day))
            values.add_interval(f"tariffs.composition.KOR.{day}", low, high, "percentage points", day, **origin)


def record_preference(values, months: pd.DataFrame, law: rate_path.Law | None, year_rate, worth: pd.DataFrame) -> None:
    """Record duty that only goods outside the agreement can have paid (January 2025), and a bound on their share.

    The bound: all duty of 2024, as if none were owed on goods that claimed, over the least the agreement saves.
    """
    own = months.set_index("month")
    if "2025-01" in own.index:
        least = max(0.0, -float(own.at["2025-01", "gap_upper"]))
        values.add("tariffs.unclaimed_duty.KOR.2025-01", least, "percentage points", "2025-01", tier=law.tier,
                   refs=own.at["2025-01", "ref"])
    if year_rate is not None and len(worth):
        share = 100 * year_rate / float(worth["lower_pp"].iloc[0])
        values.add("tariffs.unclaimed_share.KOR.2024", share, "per cent", "2024", tier=law.tier,
                   refs=rate_path.refs_on(law, "2025-01-01"))


def month_table(months: pd.DataFrame, yale: pd.DataFrame) -> pd.DataFrame:
    """The three rates side by side, by month, per cent."""
    if months.empty:
        return pd.DataFrame()
    both = months.merge(yale[["month", "rate_pct"]], on="month", how="left", suffixes=("", "_yale"))
    return pd.DataFrame({"month": both["month"], "law, least": both["lower_pct"],
                         "law, most without metal": both["bare_pct"], "law, most": both["upper_pct"],
                         "collected": both["rate_pct"], "Yale Budget Lab": both["rate_pct_yale"]})


def product_table(products: pd.DataFrame, names: dict[str, str], rows: int = 16) -> pd.DataFrame:
    """The largest products: rate by law over twelve months, collected, and what they add to the gap."""
    if products.empty:
        return pd.DataFrame()
    top = products.sort_values("share_pct", ascending=False).head(rows)
    return pd.DataFrame({
        "HS code": top["hs"], "goods": top["hs"].map(names).fillna(""), "share of imports, %": top["share_pct"],
        "law, least": top["lower_pct"], "law, most": top["upper_pct"], "collected": top["rate_pct"],
        # No minus before a nought in the two places shown.
        "adds to the gap, least": top["least_pp"].round(2) + 0.0, "most": top["most_pp"].round(2) + 0.0})


def record_products(values, products: pd.DataFrame, law: rate_path.Law | None) -> None:
    """Record what the law asks over twelve months of each product, and what was paid; per cent."""
    if products.empty:
        return
    first, last = gap.YEAR.split("/")
    measures = rate_path.refs_over(law, pd.period_range(first, last, freq="M").astype(str))
    for row in products.itertuples():
        values.add_interval(f"tariffs.law_over_year.KOR.{row.hs}", row.lower_pct, row.upper_pct, "per cent", gap.YEAR,
                            tier=3, refs=f"{row.ref} {measures}")
        values.add(f"tariffs.paid_over_year.KOR.{row.hs}", row.rate_pct, "per cent", gap.YEAR, tier=row.tier, refs=row.ref)


def record_yale(values, months: pd.DataFrame, law: rate_path.Law | None) -> None:
    """Record in how many months Yale's rate lies within our bounds, and above what was collected."""
    if "rate_pct_yale" not in months or months.empty:
        return
    theirs = months["rate_pct_yale"]
    span = f"{months['month'].min()}/{months['month'].max()}"
    counts = {"all": len(months), "inside": int(theirs.between(months["lower_pct"], months["upper_pct"]).sum()),
              "above_collected": int((theirs > months["rate_pct"]).sum())}
    for name, count in counts.items():
        values.add(f"tariffs.yale_months.KOR.{name}", count, "count", span, tier=law.tier, refs=_refs(months, law))


def record_coding(values, rows: pd.DataFrame, found: pd.DataFrame) -> None:
    """Record how many of the tracker's coded rates agree with ours, and how many disagreements are open."""
    if rows.empty:
        return
    counts = {"rows": len(rows), "agree": int(rows["agrees"].sum()), "runs": len(found),
              "open": int((found["verdict"] == "open").sum())}
    for name, count in counts.items():
        values.add(f"tariffs.coding.KOR.{name}", count, "count", f"{rows['day'].min()}/{rows['day'].max()}", tier=3,
                   refs=rows["ref"].iloc[0])


def sizes_table(sizes: pd.DataFrame) -> pd.DataFrame:
    """Known differences with Yale's series: theirs less ours, percentage points."""
    if sizes.empty:
        return pd.DataFrame()
    return pd.DataFrame({"difference": sizes["difference"].map(benchmark.DIFFERENCES), "month": sizes["month"],
                         "at the least": sizes["lower_pp"], "at the most": sizes["upper_pp"]})


def coding_table(found: pd.DataFrame) -> pd.DataFrame:
    """Disagreements on the coding of the law, in words."""
    if found.empty:
        return pd.DataFrame()
    return pd.DataFrame({
        "from": found["first"], "to": found["last"], "rate": found["name"].str.replace("_", " "),
        "ours, %": found["ours_pct"], "theirs, %": found["theirs_pct"],
        "borne out by law": found["verdict"],
        "reason": found["reason"]})
