"""US imports by end use: the optional table census/imports_enduse, and the rates collected on each use."""

import pandas as pd

from korus import raw
from korus.clean.origin import number_column, with_origin
from korus.selection import select

TABLE = "census/imports_enduse"
KEY = ["month", "partner", "end_use"]
# End-use categories of imports at one digit (Census Bureau, end-use classification).
NAMES = {"0": "foods, feeds and beverages", "1": "industrial supplies and materials", "2": "capital goods",
         "3": "vehicles and parts", "4": "consumer goods", "5": "other goods"}
TESTED = "1"


def held() -> pd.DataFrame:
    """The raw table as it is; without rows where it has not been fetched."""
    if raw.recorded(TABLE):
        return raw.read(TABLE)
    return pd.DataFrame(
        columns=["ref", "month", "iso3", "end_use", "con_val_mo", "cal_dut_mo", "source"], dtype=str
    )


def monthly(printed: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """One row per month, partner, end use and vintage: consumption_usd, duty_usd, vintage, tier, ref."""
    frame = pd.DataFrame({
        "month": printed["month"], "partner": printed["iso3"], "end_use": printed["end_use"],
        "consumption_usd": number_column(printed, "con_val_mo"), "duty_usd": number_column(printed, "cal_dut_mo"),
    })
    return frame.join(with_origin(printed, sources, "source")).assign(ref=printed["ref"])


def rates(rows: pd.DataFrame, as_of: str, max_tier: int, partner: str = "KOR") -> pd.DataFrame:
    """Collected rate by month and one-digit end use of a partner, as of a day: rows of `monthly` with rate_pct."""
    own = rows[(rows["partner"] == partner) & (rows["end_use"].str.len() == 1)].reset_index(drop=True)
    if own.empty:
        return own.assign(rate_pct=pd.Series(dtype=float))
    own = select(own, KEY, as_of, max_tier)
    own = own[own["duty_usd"].notna() & (own["consumption_usd"] > 0)]
    return own.assign(rate_pct=(100 * own["duty_usd"] / own["consumption_usd"]).astype(float)).reset_index(
        drop=True
    )


def record(values, found: pd.DataFrame) -> None:
    """Record `tariffs.collected_rate_end_use.<partner>.<end use>.<month>` of every row of `rates`, per cent."""
    for row in found.itertuples():
        values.add(
            f"tariffs.collected_rate_end_use.{row.partner}.{row.end_use}.{row.month}",
            row.rate_pct,
            "per cent",
            row.month,
            tier=row.tier,
            refs=row.ref,
        )


def table(found: pd.DataFrame) -> pd.DataFrame:
    """The last six months of `rates` for display: a row per end use, per cent, months as columns."""
    last = found[found["month"].isin(sorted(found["month"].unique())[-6:])]
    wide = last.pivot(index="end_use", columns="month", values="rate_pct")
    wide.insert(0, "end use", [NAMES.get(code, code) for code in wide.index])
    return wide.reset_index(drop=True).rename_axis(columns=None)
