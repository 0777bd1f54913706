"""What duties on imported inputs add to an industry's costs, from input–output tables: exact parts and bounds.

A *rate* is a duty as a share of the value of an imported commodity, a *cost* is cents per dollar of the
industry's output. Costs are linear in rates: twice the rate, or half the pass-through, is twice or half the cost.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

# Commodities that cross the border as goods and can bear a duty, BEA summary codes. Left out besides services:
# `Other` (imports without a domestic counterpart) and `Used` (scrap), which have no row of requirements.
GOODS = ("111CA", "113FF", "211", "212", "311FT", "313TT", "315AL", "321", "322", "323", "324", "325", "326", "327",
         "331", "332", "333", "334", "335", "3361MV", "3364OT", "337", "339")
# The use table is before and the requirements after BEA's redefinitions, and both are rounded: a row of the
# requirements may fall short of what the use table needs by this much, in dollars per dollar, and is then opened.
MISFIT = 1e-3


class TablesDisagree(ValueError):
    """The tables of use and of requirements do not fit together; the message names the industry and the row."""


@dataclass(frozen=True)
class Structure:
    """What is held of the input–output tables, in dollars per dollar.

    `imported` and `used`: goods (rows, GOODS) an industry (columns) buys per dollar of its output, the imported part
    and all. `total` and `domestic`: output of every supplying industry (rows) per dollar of final demand for a
    commodity (columns). Columns are the same codes in all four.
    """

    imported: pd.DataFrame
    used: pd.DataFrame
    total: pd.DataFrame
    domestic: pd.DataFrame
    names: pd.Series
    refs: dict[str, str]


def structure(io: pd.DataFrame) -> Structure:
    """The tables as matrices. Raises ValueError naming an industry that lacks its output or its requirements."""
    wide = {name: io.pivot(index="commodity", columns="industry", values=name).astype(float)
            for name in ("use_musd", "imported_musd", "total_requirement", "domestic_requirement")}
    output = io.groupby("industry")["industry_output_musd"].max().astype(float)
    if lacking := sorted(output.index[output.isna() | (output <= 0)]):
        raise ValueError(f"io: no output of industry {', '.join(lacking)}; a cost per dollar can not be taken")
    per_dollar = {name: wide[name].reindex(list(GOODS)).fillna(0.0) / output for name in ("use_musd", "imported_musd")}
    total, domestic = (wide[name].dropna(how="all") for name in ("total_requirement", "domestic_requirement"))
    bare = sorted(set(output.index) - set(total.columns[total.notna().all()]))
    if bare:
        raise ValueError(f"io: no whole column of requirements for {', '.join(bare)}")
    own = io[io["commodity"].isin([*GOODS, "T005"])]
    return Structure(per_dollar["imported_musd"], per_dollar["use_musd"], total, domestic.clip(lower=0.0),
                     io.groupby("industry")["industry_name"].first(),
                     {code: " ".join(rows["ref"]) for code, rows in own.groupby("industry")})


def imported_cost(held: Structure, rates: pd.Series) -> pd.Series:
    """Cents of duty on the imports an industry buys itself, per dollar of output, by industry. `rates` by good."""
    return 100 * held.imported.mul(_rates(rates), axis=0).sum()


def used_cost(held: Structure, rates: pd.Series) -> pd.Series:
    """The same if US makers of these goods raise their prices by the duty too: on all goods bought, not on imports."""
    return 100 * held.used.mul(_rates(rates), axis=0).sum()


def least_imports(held: Structure) -> pd.DataFrame:
    """Imports of each good per dollar of final demand, at least: those of the industries whose imports are held.

    Exact for these suppliers (their imports per dollar times their domestic requirement), nothing for all others.
    Goods by industry, dollars per dollar.
    """
    codes = list(held.imported.columns)
    return held.imported @ held.domestic.reindex(codes)[codes]


def cost_bounds(held: Structure, rates: pd.Series) -> pd.DataFrame:
    """Cents of duty per dollar of final demand, all US suppliers of suppliers included: industry, least, most.

    Total requirements T and domestic requirements D differ by what imports M require: T − D = T M. Columns of T are
    held for few commodities; for any other good its own row holds at least one dollar per dollar. Each row of T − D
    is thus at least the sum over the columns held, plus the good's own imports. The most is the dearest M ≥ least
    that these rows allow, by linear programming. US makers keep their prices but for dearer inputs.

    Raises TablesDisagree when a row falls short of the least by more than MISFIT.
    """
    tax = _rates(rates)
    least = least_imports(held)
    codes = list(held.imported.columns)
    rows = _rows_of_totals(held, codes)
    found = []
    for code in codes:
        lower = least[code].to_numpy()
        needed = rows @ lower
        room = (held.total[code] - held.domestic[code]).to_numpy()
        short = needed - room
        if short.max() > MISFIT:
            row = held.total.index[short.argmax()]
            raise TablesDisagree(
                f"io: row {row} of the requirements of {code} leaves {room[short.argmax()]:.4f} dollars per dollar for "
                f"imports, and the use table needs {needed[short.argmax()]:.4f}")
        # In cents: the solver's tolerances are absolute. A rate may be below zero where it is a change.
        ends = [linprog(sign * tax.to_numpy(), A_ub=rows, b_ub=100 * np.maximum(room, needed) + 1e-9,
                        bounds=[(100 * low, None) for low in lower]) for sign in (1, -1)]
        if any(done.status != 0 for done in ends):
            raise TablesDisagree(f"io: no bound for industry {code} ({ends[0].message.strip()})")
        found.append((code, float(ends[0].fun), float(-ends[1].fun)))
    return pd.DataFrame(found, columns=["industry", "least", "most"])


def _rows_of_totals(held: Structure, codes: list[str]) -> np.ndarray:
    """Coefficients of the imports of each good in the rows of T − D, at least: suppliers by GOODS."""
    rows = np.zeros((len(held.total), len(GOODS)))
    for column, good in enumerate(GOODS):
        if good in codes:
            rows[:, column] = held.total[good].to_numpy()
        elif good in held.total.index:
            rows[held.total.index.get_loc(good), column] = 1.0
    return rows


def uniform(rate: float) -> pd.Series:
    """One rate for every good, a share."""
    return pd.Series(float(rate), index=list(GOODS))


def _rates(rates: pd.Series) -> pd.Series:
    missing = sorted(set(GOODS) - set(rates.index))
    if missing or rates.reindex(list(GOODS)).isna().any():
        raise ValueError(f"rates: none for {', '.join(missing) or 'some goods'}; give one for every good")
    return rates.reindex(list(GOODS)).astype(float)
