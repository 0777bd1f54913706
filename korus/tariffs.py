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
            _record_bill(values, months, year)
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
        _record_bill(values, part, span)
        values.add(f"tariffs.collected_rate.KOR.{span}", rate_over(part), "per cent", span, part)


def _record_bill(values, months: pd.DataFrame, period: str) -> None:
    for id in ("trade.duty", "tariffs.duty_bill"):
        values.add(f"{id}.KOR.{period}", months["duty_usd"].sum(), "USD", period, months)


def landmarks(rates: pd.DataFrame) -> tuple[str, ...]:
    """December 2024, the month of Korea's highest rate since, and the latest month; () without rates."""
    korea = rates[(rates["partner"] == "KOR") & (rates["month"] >= "2024-12")]
    if korea.empty:
        return ()
    highest = korea.loc[korea["rate_pct"].idxmax(), "month"]
    return tuple(dict.fromkeys(("2024-12", highest, korea["month"].max())))


ROLLING = ["partner", "first_month", "month", "consumption_usd", "duty_usd", "rate_pct", "tier", "ref"]


def rolling(rates: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Collected rate over twelve months that follow one another, by partner and last month: ROLLING.

    Amounts in US dollars, rates in per cent. Where one of the twelve months is not held there is no row.
    """
    rows = []
    for partner in partners:
        held = rates[rates["partner"] == partner].sort_values("month")
        months = pd.PeriodIndex(held["month"], freq="M")
        place = 12 * months.year + months.month
        for end in range(11, len(held)):
            if place[end] - place[end - 11] == 11:
                year = held.iloc[end - 11:end + 1]
                rows.append([partner, year["month"].iloc[0], year["month"].iloc[-1],
                             float(year["consumption_usd"].sum()), float(year["duty_usd"].sum()),
                             rate_over(year), int(year["tier"].max()), " ".join(year["ref"])])
    return pd.DataFrame(rows, columns=ROLLING)


def record_rolling(values, sums: pd.DataFrame) -> None:
    """Record the rates of `rolling`, each under its last month."""
    for row in sums.itertuples():
        values.add(f"tariffs.collected_rate_12m.{row.partner}.{row.month}", row.rate_pct, "per cent",
                   f"{row.first_month}/{row.month}", tier=row.tier, refs=row.ref)


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
        amount, total = computing[column].sum(), float(months["general_usd"].sum())
        values.add(f"trade.computing.KOR.{window}", amount, "USD", window, computing)
        values.add(f"trade.headings_held.KOR.{window}", 100 * windows[column].sum() / total, "per cent", window,
                   windows)
        rest[window] = total - amount
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


BASE_YEAR = "2024"
ADVANTAGE = ["rival", "base_pp", "ended", "ended_pp", "back", "months", "below", "since", "latest",
             "latest_pp"]


def advantage(rates: pd.DataFrame, rivals: list[str]) -> pd.DataFrame:
    """What became of Korea's advantage over each rival, whose 2024 is whole: ADVANTAGE, percentage points.

    A gap is Korea's rate minus the rival's, so an advantage is negative. base_pp: over 2024, by sums of duty
    and value; ended: first month after 2024 in which Korea's rate was not below, with its gap; back: first
    month after it in which it was below again; months: held after 2024, `below` of them with Korea below;
    since: first of the months to the latest that are all like it. Without an advantage in 2024 none ended.
    """
    whole = complete_years(rates)
    gaps = against(rates, "KOR", rivals)
    rows = []
    for rival in rivals:
        gap = gaps[(gaps["rival"] == rival) & (gaps["month"] > f"{BASE_YEAR}-12")]
        gap = gap.set_index("month")["gap_pp"]
        if ("KOR", BASE_YEAR) not in whole or (rival, BASE_YEAR) not in whole or gap.empty:
            continue
        below = gap.sort_index() < 0
        base = rate_over(whole["KOR", BASE_YEAR]) - rate_over(whole[rival, BASE_YEAR])
        ended = _first(below, False) if base < 0 else None
        unlike = below.index[below != below.iloc[-1]]
        rows.append({
            "rival": rival, "base_pp": base, "ended": ended, "ended_pp": gap[ended] if ended else None,
            "back": _first(below[below.index > ended], True) if ended else None,
            "months": len(below), "below": int(below.sum()),
            "since": below.index[below.index > unlike.max()].min() if len(unlike) else below.index[0],
            "latest": below.index[-1], "latest_pp": gap[below.index[-1]],
        })
    return pd.DataFrame(rows, columns=ADVANTAGE)


def _first(below: pd.Series, state: bool) -> str | None:
    return next((month for month, held in below.items() if held == state), None)


def advantage_table(fates: pd.DataFrame) -> pd.DataFrame:
    """`advantage` for display: gaps in percentage points, months, and how it stands now in words."""
    now = [("" if row.latest_pp < 0 else "not ") + "below "
           + ("throughout" if row.below in (0, row.months) else f"since {row.since}")
           for row in fates.itertuples()]
    return pd.DataFrame({
        "competitor": fates["rival"], BASE_YEAR: fates["base_pp"], "ended": fates["ended"],
        "then": fates["ended_pp"], "first back": fates["back"], "months below": fates["below"],
        "of": fates["months"], "Korea now": now, "latest": fates["latest_pp"],
    })


def record_advantage(values, rates: pd.DataFrame, fates: pd.DataFrame) -> None:
    """Record each gap of 2024, and the gap in the month the advantage ended, in percentage points."""
    for row in fates.itertuples():
        both = rates[rates["partner"].isin(["KOR", row.rival])]
        values.add(f"tariffs.advantage.KOR-{row.rival}.{BASE_YEAR}", row.base_pp, "percentage points",
                   BASE_YEAR, both[both["month"].str[:4] == BASE_YEAR])
        if isinstance(row.ended, str):
            values.add(f"tariffs.advantage_ended.KOR-{row.rival}", row.ended_pp, "percentage points",
                       row.ended, both[both["month"] == row.ended])


def yearly_table(rates: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Collected rate by complete year (rows) and partner (columns), per cent."""
    cells = {key: rate_over(months) for key, months in complete_years(rates).items()}
    years = sorted({year for _, year in cells})
    return pd.DataFrame(
        {"year": years, **{p: [cells.get((p, year)) for year in years] for p in partners}})
