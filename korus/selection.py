"""The one place where a vintage is chosen: what a reader could have known on a given day."""

import datetime as dt
import math

import pandas as pd

KEYS = {
    "investment": ["source", "series", "investor", "destination", "region", "mode", "measure",
                   "frequency", "period", "industry", "state", "item", "basis"],
    "trade_monthly": ["month", "partner"],
    "trade_products": ["hs", "level", "partner", "window"],
    "bilateral_trade": ["period", "frequency"],
    "import_weights": ["kind", "code", "year"],
    "world_imports": ["year", "importer", "basis"],
}


def known_by(table: pd.DataFrame, as_of: dt.date | str, max_tier: int = 4) -> pd.DataFrame:
    """Rows published by `as_of` and of tier `max_tier` or better; every vintage of them."""
    return table[(table["vintage"] <= str(as_of)) & (table["tier"] <= max_tier)]


def select(
    table: pd.DataFrame, keys: list[str], as_of: dt.date | str, max_tier: int = 4
) -> pd.DataFrame:
    """One row per key: the best tier, and within it the latest vintage published by `as_of`.

    Where one vintage prints a figure twice the more precise one is taken, a suppressed one last, then
    the first in the raw table. Rows keep their order in `table`; a key with nothing published by
    then has no row.
    """
    known = known_by(table.assign(_position=range(len(table))), as_of, max_tier)
    place = known["ref"].str.extract(r"^(?P<_table>[^#]*)#L(?P<_line>\d+)")
    ranked = known.assign(
        _rounding=known["rounding_musd"].fillna(math.inf) if "rounding_musd" in known else 0.0,
        _table=place["_table"],
        _line=place["_line"].astype("int64"),
    ).sort_values(
        ["tier", "vintage", "_rounding", "_table", "_line"],
        ascending=[True, False, True, True, True], kind="stable",
    )
    return table.iloc[sorted(ranked.drop_duplicates(keys)["_position"])]


def selected(
    name: str, table: pd.DataFrame, as_of: dt.date | str, max_tier: int = 4
) -> pd.DataFrame:
    """`select` with the keys of a contract table, by its name."""
    return select(table, KEYS[name], as_of, max_tier)
