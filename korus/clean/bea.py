"""BEA: new foreign direct investment (BE-13), positions and flows, and the survey of 1980–2008.

Investment by ultimate beneficial owner, positions by country of foreign parent: two concepts, kept
apart by `series` and `basis`, and never added up.
"""

import pandas as pd

from korus.clean.frame import LeftOut, tidy
from korus.clean.origin import SUPPRESSED, numbers_musd, with_origin
from korus.clean.places import WORLD, Places, state_code

UNITS = {"USD billions": 1000.0, "USD millions": 1.0}

NEW_FDI_MEASURES = {
    "first-year expenditures": "first_year",
    "planned total expenditures (first-year + planned future)": "planned",
}
MODES = {
    "total": "all", "greenfield": "greenfield", "acquired": "acquisition",
    "established": "established", "expanded": "expanded",
}
POSITION_MEASURES = {
    "inward direct investment position, historical cost": "position",
    "FDI inflow (international transactions)": "flow",
    "financial transactions (flow) into the United States": "flow",
}
OUTWARD_MEASURES = {
    "U.S. direct investment position in South Korea (outward)": "position",
    "U.S. outward financial transactions to South Korea": "flow",
}
MATURITIES = {"preliminary": "preliminary", "revised": "revised"}


def _breakdown(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns industry, state and basis from BEA's `breakdown` as printed."""
    industry, state, basis = [], [], []
    for ref, text in zip(frame["ref"], frame["breakdown"], strict=True):
        kind, _, name = text.partition(": ")
        industry.append(name if kind == "industry" else "")
        state.append(state_code(name, ref) if kind == "state" else "")
        basis.append(text if kind not in ("industry", "state", "total", "outward", "") else "")
    return pd.DataFrame({"industry": industry, "state": state, "basis": basis}, index=frame.index)


def _status(value: pd.Series) -> list[str]:
    return ["suppressed" if text in SUPPRESSED else "published" for text in value]


def new_fdi(raw: pd.DataFrame, sources: pd.DataFrame, places: Places, release_days: dict[str, str],
            table: str = "bea/new_fdi"):
    """New foreign direct investment in the United States since 2014, in million USD; `table` is what `raw` was read of.

    Returns (rows in the columns of investment.parquet, what was left out and why).
    """
    left = LeftOut(table, raw)
    rows = left.keep(raw["measure"].isin(NEW_FDI_MEASURES), "counts, employment, shares and changes")
    rows = left.keep(rows["year"].str.fullmatch(r"\d{4}"), "means and changes over several years", rows)
    investor = places.countries(rows, "country")
    return tidy(
        rows,
        _breakdown(rows),
        numbers_musd(rows, UNITS, table),
        with_origin(rows, sources, "vintage", release_days),
        source="bea",
        series="new foreign direct investment (BE-13)",
        investor=investor,
        region=rows["country"].where(investor == "", ""),
        destination="USA",
        mode=rows["type"].map(MODES),
        measure=rows["measure"].map(NEW_FDI_MEASURES),
        frequency="A",
        period=rows["year"],
        maturity=rows["status"].map(MATURITIES).fillna("unknown"),
        status=_status(rows["value"]),
    ), left


def positions(
    raw: pd.DataFrame, sources: pd.DataFrame, places: Places, release_days: dict[str, str],
    table: str = "bea/position_and_flows",
):
    """Direct investment positions and flows at historical cost, in million USD.

    Inward rows have the foreign country as investor; outward ones have the United States.
    Returns (rows, what was left out and why).
    """
    left = LeftOut(table, raw)
    measures = POSITION_MEASURES | OUTWARD_MEASURES
    rows = left.keep(raw["measure"].isin(measures), "shares, growth rates, income, changes of position")
    quarter = rows["year"].str.fullmatch(r"\d{4}Q[1-4]")
    rows = left.keep(quarter | rows["year"].str.fullmatch(r"\d{4}"), "spans of several years", rows)
    country = places.countries(rows, "country")
    outward = rows["measure"].isin(OUTWARD_MEASURES)
    return tidy(
        rows,
        _breakdown(rows),
        numbers_musd(rows, UNITS, table),
        with_origin(rows, sources, "vintage", release_days),
        source="bea",
        series="direct investment, historical cost",
        investor=country.mask(outward, "USA"),
        region=rows["country"].where(country == "", ""),
        destination=country.where(outward, "USA"),
        mode="all",
        measure=rows["measure"].map(measures),
        frequency=rows["year"].str.contains("Q").map({True: "Q", False: "A"}),
        period=rows["year"],
        maturity="unknown",
        status=_status(rows["value"]),
    ), left


def old_outlays(raw: pd.DataFrame, sources: pd.DataFrame, places: Places):
    """Outlays to acquire or establish US businesses 1990–2000 (the earlier BE-13), in million USD.

    Expansions were not surveyed, so the rows stand under a series of their own.
    """
    left = LeftOut("bea/outlays_1990_2000", raw)
    rows = left.keep(raw["value"] != "(NA)", "not available in the source")
    country = places.countries(rows, "country")
    return tidy(
        rows,
        _breakdown(rows),
        numbers_musd(rows, UNITS, "bea/outlays_1990_2000"),
        with_origin(rows, sources, "vintage"),
        source="bea",
        series="outlays to acquire or establish (BE-13 until 2008)",
        investor=country,
        region=rows["country"].where(country == "", ""),
        destination="USA",
        mode="all",
        measure="invested",
        frequency="A",
        period=rows["year"],
        maturity=rows["status"].map(MATURITIES).fillna("unknown"),
        status=_status(rows["value"]),
    ), left


