"""Clean Investment Monitor: announced clean-technology plants with a Korean parent."""

import pandas as pd

from korus.clean.frame import LeftOut, tidy
from korus.clean.origin import numbers_musd, with_origin

UNITS = {"million 2024 USD": 1.0, "million 2023 USD": 1.0}
MODES = {"New": "established", "Expansion": "expanded", "Restart": "expanded"}


def facilities(raw: pd.DataFrame, sources: pd.DataFrame):
    """Announced capital expenditure by plant, million USD at constant prices (`prices` says of when).

    The amount is the plant's, partners included; it is not Korea's share and not a flow.
    Returns (rows, what was left out and why).
    """
    left = LeftOut("projects/cim_facilities", raw)
    rows = left.keep(raw["capex_musd"] != "", "no amount in the source")
    printed = rows.rename(columns={"capex_musd": "value"})
    return tidy(
        printed,
        numbers_musd(printed, UNITS, "projects/cim_facilities"),
        with_origin(rows, sources, "vintage"),
        source="cim",
        series="Clean Investment Monitor, announced facilities",
        investor="KOR",
        destination="USA",
        mode=rows["project_type"].map(MODES),
        measure="announced",
        frequency="A",
        period=rows["announce_date"].str[:4],
        industry=rows["technology"] + ": " + rows["subcategory"],
        state=rows["state"],
        basis=rows["ownership_class"],
        item=rows["unique_id"],
        prices="constant " + rows["dollar_year"] + " USD",
        maturity="unknown",
        status="published",
    ), left
