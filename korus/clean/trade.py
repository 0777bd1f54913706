"""US Census: imports and calculated duty by partner and month, by product, and the balance with Korea.

General imports count goods on arrival, imports for consumption when they enter the customs
territory; calculated duty is assessed on the latter, and refunds are not taken off it.
"""

import calendar
import re
from pathlib import Path

import pandas as pd

from korus import controls, corrections
from korus import raw as raw_tables
from korus.clean.origin import number_column, with_origin
from korus.paths import RAW

# Raw tables of products; census/imports_hs4 is not among them (see `products`).
PRODUCT_TABLES = ("census/imports_hs6", "census/imports_cars_hs6", "census/imports_korea_hs4_ytd")
WINDOWS = {"12m": "2025-09/2026-08", "prev12m": "2024-09/2025-08",
           "ytd_2026_08": "2026-01/2026-08", "ytd_2025_08": "2025-01/2025-08"}


def monthly(raw: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """trade_monthly: one row per partner, month and vintage, in US dollars, not seasonally adjusted."""
    return pd.DataFrame({
        "month": raw["month"],
        "partner": raw["iso3"],
        "general_usd": number_column(raw, "gen_val_mo"),
        "consumption_usd": number_column(raw, "con_val_mo"),
        "duty_usd": number_column(raw, "cal_dut_mo"),
    }).join(with_origin(raw, sources, "source")).assign(ref=raw["ref"])


def _window(raw: pd.DataFrame, sources: pd.DataFrame, code: str, window: str) -> pd.DataFrame:
    """One window of a product table; consumption and duty only where the table has them."""
    missing = pd.Series(pd.NA, index=raw.index, dtype="Float64")

    def amount(prefix: str) -> pd.Series:
        column = f"{prefix}_{window}"
        return number_column(raw, column) if column in raw else missing

    partner = raw["iso3"] if "iso3" in raw else pd.Series("KOR", index=raw.index)
    return pd.DataFrame({
        "hs": raw[code],
        "level": raw[code].str.len(),
        "partner": partner,
        "window": WINDOWS[window],
        "general_usd": amount("gen_val"),
        "consumption_usd": amount("con_val"),
        "duty_usd": amount("cal_dut"),
    }).join(with_origin(raw, sources, "source")).assign(ref=raw["ref"])


def products(tables: dict[str, pd.DataFrame], sources: pd.DataFrame) -> pd.DataFrame:
    """trade_products: HS products by partner and twelve-month or January–August window, US dollars.

    `tables` maps raw table names to raw tables. census/imports_hs4 is not among them: its sums over the
    subheadings that were read are not always a heading's total.
    """
    parts = []
    for raw in tables.values():
        code = "hs6" if "hs6" in raw else "hs4"
        for window in WINDOWS:
            if f"gen_val_{window}" in raw:
                parts.append(_window(raw, sources, code, window))
    frame = pd.concat(parts, ignore_index=True)
    key = ["hs", "level", "partner", "window", "vintage"]
    return frame.sort_values([*key, "tier", "ref"], kind="stable").reset_index(drop=True)


def _period(printed: str) -> str:
    """`2026 Jan-Jul` as 2026-01/2026-07; years and months stay as they are."""
    span = re.fullmatch(r"(\d{4}) Jan-([A-Z][a-z]{2})", printed)
    if not span:
        return printed
    return f"{span[1]}-01/{span[1]}-{list(calendar.month_abbr).index(span[2]):02d}"


def bilateral(raw: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """bilateral_trade: US goods exports to Korea, general imports from Korea, balance; US dollars."""
    frame = pd.DataFrame({
        "period": raw["period"].map(_period),
        "frequency": raw["frequency"],
        "exports_usd": number_column(raw, "exports_musd", 1e6),
        "imports_usd": number_column(raw, "imports_musd", 1e6),
        "balance_usd": number_column(raw, "balance_musd", 1e6),
    })
    return frame.join(with_origin(raw, sources, "source")).assign(ref=raw["ref"])


def heading_sums(
    hs4: pd.DataFrame, hs6: pd.DataFrame, sources: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Printed sums of HS6 groups and the HS6 themselves as numbers, and the amounts both show."""
    amounts = [name for name in hs4 if name in hs6 and name.split("_")[0] in ("gen", "con", "cal")]
    tables = [
        raw.assign(**{name: number_column(raw, name) for name in amounts}).join(
            with_origin(raw, sources, "source"))
        for raw in (hs4, hs6)
    ]
    return *tables, amounts


def totals(monthly: pd.DataFrame, bilateral: pd.DataFrame, folder: Path = RAW) -> pd.DataFrame:
    """Residuals of all trade totals; raises ControlFailure when one is beyond rounding."""
    sums, products, amounts = heading_sums(
        raw_tables.read("census/imports_hs4", folder), raw_tables.read("census/imports_hs6", folder),
        raw_tables.sources(folder))
    residuals = controls.together(
        controls.bilateral_identities(bilateral),
        controls.panel_against_bilateral(monthly, bilateral),
        controls.partners_against_world(monthly),
        controls.subheadings_against_headings(sums, products, amounts),
    )
    return corrections.explained(residuals, corrections.ledger(folder), {})
