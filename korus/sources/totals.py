"""Control totals and schemas of the tables that an arrival changes, tried in a copy of data/raw.

These are the checks of `make check`, run before anything is written.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from korus import raw
from korus.clean import investment, trade
from korus.clean.origin import CleaningError
from korus.corrections import ControlFailure
from korus.revisions import pairs, sizes, triangle
from korus.schemas import checked

EVER = "9999-12-31"
ALL_TIERS = 4
INVESTMENT = ("kexim/", "bea/", "projects/cim_facilities.csv", "corrections.csv", "reference/")
TRADE = ("census/",)


def problems(tables: list[str], folder: Path) -> list[str]:
    """What the cleaned tables and control totals say against the changed `tables` of a copy of data/raw."""
    found = []
    for places, check in ((INVESTMENT, _investment), (TRADE, _trade)):
        if any(table.startswith(places) for table in tables) and _complete(places, folder):
            try:
                check(folder)
            except (CleaningError, ControlFailure, raw.RawDataError, ValueError) as error:
                found += str(error).splitlines()
    return found


def _complete(places: tuple[str, ...], folder: Path) -> bool:
    """Whether the package is the report's own: a part of it can not be added up."""
    needed = {INVESTMENT: "kexim/releases", TRADE: "census/imports_hs4"}[places]
    return raw.recorded(needed, folder)


def _investment(folder: Path) -> None:
    _, withdrawn = investment.totals(folder)
    checked("investment", investment.assemble(withdrawn, folder)[0])


def _trade(folder: Path) -> None:
    sources = raw.sources(folder)
    monthly = checked("trade_monthly", trade.monthly(raw.read("census/imports_monthly", folder), sources))
    bilateral = checked("bilateral_trade", trade.bilateral(raw.read("census/bilateral_goods", folder), sources))
    trade.totals(monthly, bilateral, folder)


def revision_sizes(folder: Path, before: Path) -> pd.DataFrame:
    """Each print that a copy of data/raw has and `before` has not, against the print before it.

    Columns series, period, vintage, before_vintage, before_musd, value_musd, change_pct, and the usual
    size of a first print's revision in that series as held before: median_abs_pct, p90_abs_pct, pairs.
    Series are those of korus.revisions: world and countries, not industries or regions.
    """
    known_rows = investment.assemble(set(), before)[0]
    _, withdrawn = investment.totals(folder)
    prints = triangle(investment.assemble(withdrawn, folder)[0], EVER, ALL_TIERS)
    key = ["series", "period", "vintage"]
    prints = prints.sort_values(key, kind="stable")
    earlier = prints.groupby(["series", "period"])[["vintage", "value_musd"]].shift()
    prints = prints.assign(before_vintage=earlier["vintage"], before_musd=earlier["value_musd"])
    known = set(triangle(known_rows, EVER, ALL_TIERS)[key].itertuples(index=False, name=None))
    arrived = np.array([row not in known for row in prints[key].itertuples(index=False, name=None)])
    moves = prints[arrived].dropna(subset="before_musd")
    moves = moves.assign(change_pct=100 * (moves["value_musd"] / moves["before_musd"].where(lambda v: v > 0) - 1))
    usual = sizes(pairs(prints[~arrived]))[["series", "median_abs_pct", "p90_abs_pct", "pairs"]]
    columns = [*key, "before_vintage", "before_musd", "value_musd", "change_pct"]
    return moves[columns].merge(usual, on="series", how="left").reset_index(drop=True)
