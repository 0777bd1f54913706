"""How far published figures move after their first print, series by series, and when a change is large.

A series is one figure at every period it is printed for (one concept, place, mode and frequency). Its
triangle has a row per period and vintage. Rounding and re-quotation are no revisions: of two prints of
one day the better tier and the finer stands, and a move within both roundings counts as none.
"""

import numpy as np
import pandas as pd

from korus.greenfield import NEW_FDI
from korus.selection import known_by

POSITIONS = "direct investment, historical cost"
MONITOR = "Clean Investment Monitor, announced facilities"
FEW_PAIRS = 5


def with_series(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """The rows that belong to a series, with its name in `series_id` and its period in `at`.

    Names: kexim.<measure>.<destination>[.Q], bea.<first_year|planned>.<mode>, bea.position.<investor>,
    cim.announced (a period is a facility). Years have no suffix. Figures by industry, region, state and
    on an unstated basis are no series here.
    """
    rows = known_by(investment, as_of, max_tier)
    rows = rows[rows["value_musd"].notna() & (rows["status"] == "published")]
    whole = (rows["industry"] == "") & (rows["region"] == "") & (rows["state"] == "")
    bank = (rows["source"] == "kexim") & whole & (rows["mode"] == "all") & (rows["basis"] == "") & (
        rows["frequency"].isin(["A", "Q"]) & rows["measure"].isin(["invested", "net"]))
    begun = (rows["series"] == NEW_FDI) & whole & (rows["investor"] == "WLD")
    held = (rows["series"] == POSITIONS) & whole & (rows["measure"] == "position") & (
        rows["destination"] == "USA") & rows["investor"].isin(["KOR", "WLD"])
    plants = rows["series"] == MONITOR
    often = rows["frequency"].map({"A": "", "Q": ".Q"}).fillna("")
    name = pd.Series("", index=rows.index)
    name = name.mask(bank, "kexim." + rows["measure"] + "." + rows["destination"] + often)
    name = name.mask(begun, "bea." + rows["measure"] + "." + rows["mode"])
    name = name.mask(held, "bea.position." + rows["investor"]).mask(plants, "cim.announced")
    at = rows["period"].mask(plants, rows["item"])
    return rows.assign(series_id=name, at=at)[name != ""]


def triangle(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Every print of every series: series, period, vintage, value, rounding, maturity, tier, ref.

    One row per series, period and vintage; a print of a worse tier than an earlier vintage's is left
    out, because a text quoting a release does not revise it. The Monitor's vintages are in dollars of
    different years: the later ones are divided by the median ratio of all facilities, so that a change
    of prices is no revision.
    """
    rows = with_series(investment, as_of, max_tier)
    key = ["series_id", "at", "vintage"]
    ranked = rows.sort_values([*key, "tier", "rounding_musd", "ref"], kind="stable").drop_duplicates(key)
    best_before = ranked.groupby(["series_id", "at"])["tier"].cummin()
    ranked = ranked[ranked["tier"] <= best_before]
    ranked = ranked.assign(value_musd=ranked["value_musd"].astype(float).mask(
        ranked["series_id"] == "cim.announced", _at_first_prices(ranked)))
    columns = ["series_id", "at", "vintage", "value_musd", "rounding_musd", "maturity", "tier", "ref"]
    return ranked[columns].rename(columns={"series_id": "series", "at": "period"}).reset_index(drop=True)


def _at_first_prices(rows: pd.DataFrame) -> pd.Series:
    """The Monitor's amounts divided by the median ratio of their vintage to the first."""
    plants = rows[rows["series_id"] == "cim.announced"]
    wide = plants.pivot(index="at", columns="vintage", values="value_musd").astype(float)
    if wide.empty:
        return rows["value_musd"].astype(float)
    factor = wide.div(wide.iloc[:, 0], axis=0).median()
    return rows["value_musd"].astype(float) / rows["vintage"].map(factor).fillna(1.0)


def pairs(prints: pd.DataFrame) -> pd.DataFrame:
    """First print against each later one: series, period, both vintages and values, change_pct, direction.

    `first_held` is False where the earliest print held is itself a revision: its pairs understate, and
    no typical size is taken from them. `direction` is up, down or none (within both roundings).
    """
    found = []
    for (series, period), rows in prints.sort_values("vintage", kind="stable").groupby(["series", "period"]):
        first = rows.iloc[0]
        for row in rows.iloc[1:].itertuples():
            change = float(row.value_musd) - float(first["value_musd"])
            slack = float(row.rounding_musd) + float(first["rounding_musd"])
            moved = abs(change) > slack
            found.append({
                "series": series, "period": period, "first_vintage": first["vintage"],
                "first_musd": float(first["value_musd"]), "vintage": row.vintage,
                "value_musd": float(row.value_musd),
                "change_pct": 100 * change / float(first["value_musd"]) if first["value_musd"] else np.nan,
                "direction": "none" if not moved else "up" if change > 0 else "down",
                "latest": row.vintage == rows["vintage"].iloc[-1],
                "first_held": first["maturity"] != "revised",
                "tier": max(int(first["tier"]), int(row.tier)), "ref": f"{first['ref']} {row.ref}",
            })
    columns = ["series", "period", "first_vintage", "first_musd", "vintage", "value_musd", "change_pct",
               "direction", "latest", "first_held", "tier", "ref"]
    table = pd.DataFrame(found, columns=columns)
    return table.astype({"latest": bool, "first_held": bool})


def sizes(moves: pd.DataFrame) -> pd.DataFrame:
    """Typical size of a revision by series, over all pairs from a first print held.

    pairs, periods, median_abs_pct, p90_abs_pct, mean_pct (signed), up_pct (share of pairs that moved up),
    median_latest_abs_pct (first against latest, one per period), left_out (pairs whose first print is
    not held), tier, ref. A series with no pair from a first print keeps its row without sizes.
    """
    found = []
    for series, rows in moves.groupby("series"):
        used = rows[rows["first_held"] & rows["change_pct"].notna()]
        size, latest = used["change_pct"].abs(), used[used["latest"]]
        found.append({
            "series": series, "pairs": len(used), "periods": used["period"].nunique(),
            "median_abs_pct": size.median(), "p90_abs_pct": size.quantile(0.9),
            "mean_pct": used["change_pct"].mean(),
            "up_pct": 100 * (used["direction"] == "up").mean() if len(used) else np.nan,
            "median_latest_abs_pct": latest["change_pct"].abs().median(),
            "left_out": len(rows) - len(used), "tier": int(rows["tier"].max()),
            "ref": " ".join(dict.fromkeys(" ".join(used["ref"]).split())),
        })
    columns = ["series", "pairs", "periods", "median_abs_pct", "p90_abs_pct", "mean_pct", "up_pct",
               "median_latest_abs_pct", "left_out", "tier", "ref"]
    return pd.DataFrame(found, columns=columns)


def noise_floor(table: pd.DataFrame, series: str) -> float:
    """The size in per cent below which a change of a series is not called large.

    Nine tenths of the revisions of a first print are smaller; `table` comes from `sizes`. Raises
    ValueError where fewer than five pairs are held: no floor can be stated then.
    """
    rows = table[table["series"] == series]
    pairs_held = int(rows["pairs"].iloc[0]) if len(rows) else 0
    if pairs_held < FEW_PAIRS:
        raise ValueError(f"series {series!r}: {pairs_held} revisions of a first print are held, fewer than "
                         f"{FEW_PAIRS}; say that no noise floor can be stated. Series with enough: "
                         f"{', '.join(table.loc[table['pairs'] >= FEW_PAIRS, 'series'])}")
    return float(rows["p90_abs_pct"].iloc[0])


def is_large(change_pct: float, table: pd.DataFrame, series: str) -> bool:
    """Whether a change between two periods is larger than revisions make of nothing."""
    return abs(change_pct) > noise_floor(table, series)


def record(values, table: pd.DataFrame, as_of: str) -> None:
    """Record of each series median and 90th percentile of the absolute revision, the share of pairs that moved up,
    and the number of pairs."""
    for row in table[table["pairs"] >= FEW_PAIRS].itertuples():
        for kind, value, unit in (("median_abs_pct", row.median_abs_pct, "per cent"),
                                  ("p90_abs_pct", row.p90_abs_pct, "per cent"),
                                  ("upward_pct", row.up_pct, "per cent"), ("pairs", row.pairs, "count")):
            values.add(f"investment.revision.{kind}.{row.series}", value, unit, str(as_of), tier=row.tier,
                       refs=row.ref)
