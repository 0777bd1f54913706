"""Collected duty rates, the duty bill and the balance of trade, selected as of a day."""

import pandas as pd

from korus.selection import selected


def rates(monthly: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Collected rate by month and partner: calculated duty over imports for consumption, per cent.

    One row per month and partner for which both are held; keeps consumption_usd, duty_usd, tier, ref.
    """
    rows = selected("trade_monthly", monthly, as_of, max_tier)
    rows = rows[rows["consumption_usd"].notna() & rows["duty_usd"].notna() & (rows["consumption_usd"] > 0)]
    return rows.assign(
        rate_pct=(100 * rows["duty_usd"] / rows["consumption_usd"]).astype(float)
    ).reset_index(drop=True)


def rate_over(rows: pd.DataFrame) -> float:
    """Collected rate of several months together: the sum of duty over the sum of value, per cent."""
    return float(100 * rows["duty_usd"].sum() / rows["consumption_usd"].sum())


def complete_years(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Months of each partner and year of which all twelve are held."""
    groups = rows.groupby([rows["partner"], rows["month"].str[:4]])
    return {key: group for key, group in groups if group["month"].nunique() == 12}


def against(rows: pd.DataFrame, partner: str, rivals: list[str]) -> pd.DataFrame:
    """Collected rate of a partner minus each rival's in the same month, percentage points."""
    if partner not in set(rows["partner"]):
        return pd.DataFrame(columns=["month", "rival", "gap_pp"])
    wide = rows.pivot(index="month", columns="partner", values="rate_pct")
    held = [rival for rival in rivals if rival in wide]
    gaps = wide[held].rsub(wide[partner], axis=0).melt(
        ignore_index=False, var_name="rival", value_name="gap_pp").dropna()
    return gaps.reset_index()


def balance(bilateral: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """US goods trade with Korea by year, US dollars; `deficit_usd` is imports less exports."""
    rows = selected("bilateral_trade", bilateral, as_of, max_tier)
    rows = rows[rows["frequency"] == "A"]
    return rows.assign(deficit_usd=-rows["balance_usd"]).reset_index(drop=True)


COMPUTING = ("8471", "8473", "8486", "8523", "8542")


def product_windows(products: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """General imports from Korea by HS4 in the two January–August windows, US dollars.

    Columns hs, before_usd, after_usd, computing (the headings of the computing boom), tier, ref.
    """
    rows = selected("trade_products", products, as_of, max_tier)
    rows = rows[(rows["partner"] == "KOR") & (rows["level"] == 4)]
    early, late = "2025-01/2025-08", "2026-01/2026-08"
    table = rows[rows["window"] == early].merge(
        rows[rows["window"] == late], on="hs", suffixes=("_before", "_after"))
    return pd.DataFrame({
        "hs": table["hs"],
        "before_usd": table["general_usd_before"].astype(float),
        "after_usd": table["general_usd_after"].astype(float),
        "computing": table["hs"].isin(COMPUTING),
        "tier": table["tier_after"],
        "ref": table["ref_after"],
    })


def record_rates(values, rates: pd.DataFrame) -> None:
    """Record collected rates by month and complete year, and Korea's duty and value of imports."""
    for row in rates.itertuples():
        origin = {"tier": row.tier, "refs": row.ref}
        values.add(f"tariffs.collected_rate.{row.partner}.{row.month}", row.rate_pct, "per cent", row.month,
                   **origin)
        if row.partner == "KOR":
            values.add(f"trade.duty.KOR.{row.month}", row.duty_usd, "USD", row.month, **origin)
            values.add(f"trade.consumption.KOR.{row.month}", row.consumption_usd, "USD", row.month, **origin)
    for (partner, year), months in complete_years(rates).items():
        values.add(f"tariffs.collected_rate.{partner}.{year}", rate_over(months), "per cent", year, months)
        if partner == "KOR":
            values.add(f"trade.duty.KOR.{year}", months["duty_usd"].sum(), "USD", year, months)
    korea = rates[rates["partner"] == "KOR"]
    if korea.empty:
        return
    for kind, place in (("highest", korea["rate_pct"].idxmax()), ("latest", korea["month"].idxmax())):
        row = korea.loc[[place]]
        month = row["month"].iloc[0]
        values.add(f"tariffs.collected_rate.KOR.{kind}", row["rate_pct"].iloc[0], "per cent", month, row)
        everyone = rates[(rates["partner"] == "WLD") & (rates["month"] == month)]
        values.add(f"tariffs.collected_rate.WLD.{kind}-of-KOR", everyone["rate_pct"].iloc[0], "per cent", month,
                   everyone)
    year = korea["month"].max()[:4]
    part = korea[korea["month"].str[:4] == year]
    if len(part) < 12:
        span = f"{part['month'].min()}/{part['month'].max()}"
        values.add(f"trade.duty.KOR.{span}", part["duty_usd"].sum(), "USD", span, part)
        values.add(f"tariffs.collected_rate.KOR.{span}", rate_over(part), "per cent", span, part)


def landmarks(rates: pd.DataFrame) -> tuple[str, ...]:
    """December 2024, the month of Korea's highest rate since, and the latest month; () without rates."""
    korea = rates[(rates["partner"] == "KOR") & (rates["month"] >= "2024-12")]
    if korea.empty:
        return ()
    highest = korea.loc[korea["rate_pct"].idxmax(), "month"]
    return tuple(dict.fromkeys(("2024-12", highest, korea["month"].max())))


def record_computing(values, windows: pd.DataFrame, rates: pd.DataFrame) -> None:
    """Record imports of computing goods from Korea in both windows, and the change of all the rest.

    The rest is Korea's general imports of the window's months less the computing headings.
    """
    computing = windows[windows["computing"]]
    korea = rates[rates["partner"] == "KOR"]
    rest = {}
    for column, window in (("before_usd", "2025-01/2025-08"), ("after_usd", "2026-01/2026-08")):
        first, last = window.split("/")
        months = korea[korea["month"].between(first, last)]
        if computing.empty or len(months) < 8 or months["general_usd"].isna().any():
            return
        amount = computing[column].sum()
        values.add(f"trade.computing.KOR.{window}", amount, "USD", window, computing)
        rest[window] = float(months["general_usd"].sum()) - amount
    before, after = rest.values()
    values.add("trade.not_computing.change_pct.KOR.2026-01/2026-08", 100 * (after / before - 1), "per cent",
               "2026-01/2026-08", computing)


def record_without_computing(
    values, products: pd.DataFrame, rates: pd.DataFrame, as_of: str, max_tier: int
) -> None:
    """Record Korea's collected rate on computing goods, and on all others, over twelve months.

    Computing goods are the six-digit products held of the computing headings: a part of these headings,
    so the rate on the others is, if anything, a little too low.
    """
    window = "2025-09/2026-08"
    rows = selected("trade_products", products, as_of, max_tier)
    goods = rows[(rows["partner"] == "KOR") & (rows["level"] == 6) & (rows["window"] == window)
                 & rows["hs"].str[:4].isin(COMPUTING) & rows["duty_usd"].notna()]
    first, last = window.split("/")
    months = rates[(rates["partner"] == "KOR") & rates["month"].between(first, last)]
    if goods.empty or len(months) < 12:
        return
    both = pd.concat([goods, months])
    duty, value = months["duty_usd"].sum(), months["consumption_usd"].sum()
    rest = 100 * (duty - goods["duty_usd"].sum()) / (value - goods["consumption_usd"].sum())
    values.add(f"tariffs.collected_rate.KOR.{window}", rate_over(months), "per cent", window, months)
    values.add(f"tariffs.computing_rate.KOR.{window}", rate_over(goods), "per cent", window, goods)
    values.add(f"tariffs.not_computing_rate.KOR.{window}", rest, "per cent", window, both)
    values.add(f"trade.computing_share.KOR.{window}", 100 * goods["consumption_usd"].sum() / value,
               "per cent", window, both)


def record_gaps(values, rates: pd.DataFrame, rivals: list[str]) -> None:
    """Record Korea's collected rate minus each rival's, month by month, in percentage points."""
    origins = {(row.partner, row.month): (row.tier, row.ref) for row in rates.itertuples()}
    for row in against(rates, "KOR", [r for r in rivals if r != "KOR"]).itertuples():
        tiers, refs = zip(origins["KOR", row.month], origins[row.rival, row.month], strict=True)
        values.add(f"tariffs.advantage.KOR-{row.rival}.{row.month}", row.gap_pp, "percentage points",
                   row.month, tier=max(tiers), refs=" ".join(refs))


def yearly_table(rates: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Collected rate by complete year (rows) and partner (columns), per cent."""
    cells = {key: rate_over(months) for key, months in complete_years(rates).items()}
    years = sorted({year for _, year in cells})
    return pd.DataFrame(
        {"year": years, **{p: [cells.get((p, year)) for year in years] for p in partners}})
