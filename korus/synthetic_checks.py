"""The synthetic control under other choices, at dates when nothing happened, and without single donors.

Also what product windows say about computing goods, which the monthly series can not leave out.
"""

from dataclasses import dataclass

import pandas as pd

from korus import synthetic
from korus.tariffs import COMPUTING

FIRST, DATE = "2017-01", "2025-04"
EARLY, LATE = "2025-01/2025-08", "2026-01/2026-08"
COLUMNS = ["id", "specification", "role", "effect", "refused"]
GROWTH = ["partner", "basis", "early_usd", "late_usd", "computing_early_usd", "computing_late_usd", "change_pct",
          "rest_change_pct", "computing_pp", "tier", "ref"]


@dataclass(frozen=True)
class Choice:
    """One specification: what differs from the main one, and the same in words."""

    id: str
    words: str
    role: str = "robustness"
    first: str = FIRST
    date: str = DATE
    last: str | None = None
    scale: str = "log"
    without: tuple[str, ...] = ()


MAIN = Choice("main", "log imports less their mean before April 2025, from January 2017, all partners held", "main")
CHOICES = (
    MAIN,
    Choice("index", "imports over their mean before April 2025, without logarithm", scale="index"),
    Choice("level", "plain logarithm: the pool must also match the size of imports", scale="level"),
    Choice("from-2018", "fitted from January 2018", first="2018-01"),
    Choice("from-2022", "fitted from January 2022, two more donors held", first="2022-01"),
    Choice("fit-to-2024", "fitted to December 2024, before buying ahead of the tariffs", date="2025-01"),
    Choice("to-2025", "gaps of 2025 only, before the boom in computing goods of 2026", last="2025-12"),
    Choice("without-bullion", "without Switzerland, Australia, Ireland (bullion, medicines)",
           without=("CHE", "AUS", "IRL")),
    Choice("without-computing", "without Taiwan, Viet Nam, Mexico (computing goods)", without=("TWN", "VNM", "MEX")),
    Choice("without-computing-and-thailand", "without Taiwan, Viet Nam, Mexico, Thailand",
           without=("TWN", "VNM", "MEX", "THA")),
    Choice("placebo-2023", "as if the tariffs had begun in April 2023; gaps to July 2024", "placebo",
           date="2023-04", last="2024-07"),
    Choice("placebo-2024", "as if the tariffs had begun in April 2024; gaps to March 2025", "placebo", date="2024-04",
           last="2025-03"),
)


def compared(trade: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Every choice, and the main one without each donor: COLUMNS; `effect` is None where it is `refused`.

    `trade` is trade_monthly with one vintage chosen, `names` the partners' names. No row where the main one can not
    be estimated.
    """
    try:
        wide = synthetic.panel(trade, FIRST, DATE)
    except synthetic.SyntheticError:
        return pd.DataFrame(columns=COLUMNS)
    donors = [name for name in wide.columns if name != "KOR"]
    single = [Choice(f"without-{name}", f"without {names.get(name, name)}", without=(name,)) for name in donors]
    return pd.DataFrame([_row(trade, choice) for choice in (*CHOICES, *single)], columns=COLUMNS)


def _row(trade: pd.DataFrame, choice: Choice) -> tuple:
    try:
        wide = synthetic.panel(trade, choice.first, choice.date, choice.last, choice.without)
        found = synthetic.effect(wide, "KOR", choice.date, choice.scale)
    except synthetic.SyntheticError as error:
        return (choice.id, choice.words, choice.role, None, str(error))
    return (choice.id, choice.words, choice.role, found, "")


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `compared` in numbers: mean gap with interval, fit, rank and p; per cent of the pool."""
    table = []
    for row in rows.itertuples():
        found = row.effect
        if found is None:
            table.append({"id": row.id, "specification": row.specification, "refused": row.refused})
            continue
        table.append({
            "id": row.id, "specification": row.specification, "role": row.role,
            "gap_pct": synthetic.per_cent(found.fit.mean_gap), "lower_pct": synthetic.per_cent(found.lower),
            "upper_pct": synthetic.per_cent(found.upper), "rmspe_pct": synthetic.per_cent(found.fit.rmspe),
            "rank": found.rank, "partners": len(found.placebos), "p": found.p_ratio, "months": len(found.months)})
    columns = ["id", "specification", "role", "gap_pct", "lower_pct", "upper_pct", "rmspe_pct", "rank", "partners", "p",
               "months"]
    return pd.DataFrame(table).reindex(columns=columns)


def growth(trade: pd.DataFrame, products: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Imports of January–August 2025 and 2026 with and without computing goods, for partners held: GROWTH.

    Computing goods are the six-digit products held of the computing headings. Totals are general imports where all
    sixteen months are held, else imports for consumption. computing_pp: what these goods add to the change, in
    percentage points. A partner of whom no such product or not every month is held has no row.
    """
    goods = products[(products["level"] == 6) & products["hs"].str[:4].isin(COMPUTING)
                     & products["general_usd"].notna()]
    rows = []
    for partner in partners:
        own = goods[goods["partner"] == partner]
        both = own[own["window"] == EARLY].merge(own[own["window"] == LATE], on="hs", suffixes=("", "_late"))
        basis, totals, used = _totals(trade[trade["partner"] == partner])
        if both.empty or totals is None:
            continue
        early, late = totals
        first, second = float(both["general_usd"].sum()), float(both["general_usd_late"].sum())
        origin = pd.concat([used, own])
        rows.append((partner, basis, early, late, first, second, 100 * (late / early - 1),
                     100 * ((late - second) / (early - first) - 1), 100 * (second - first) / early,
                     int(origin["tier"].max()), " ".join(dict.fromkeys(origin["ref"]))))
    return pd.DataFrame(rows, columns=GROWTH)


def _totals(own: pd.DataFrame):
    """Basis and sums of both windows, and the rows they rest on."""
    for basis, column in (("general", "general_usd"), ("consumption", "consumption_usd")):
        parts = [own[own["month"].between(*window.split("/")) & own[column].notna()] for window in (EARLY, LATE)]
        if all(len(part) == 8 for part in parts):
            return basis, tuple(float(part[column].sum()) for part in parts), pd.concat(parts)
    return None, None, None
