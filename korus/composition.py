"""What Korea's investment abroad consists of: regions and industries, every share within one release.

The ministry's industry table names the five largest industries of the release only; what they leave of
the total is one remainder. Gross invested, million USD; shares with the bounds that rounding allows.
"""

import re

import pandas as pd

from korus.selection import known_by

REGIONS = {"북미": "North America", "아시아": "Asia", "유럽": "Europe", "중남미": "Latin America",
           "중동": "Middle East", "아프리카": "Africa", "대양주": "Oceania"}
INDUSTRIES = {"금융보험업": "finance & insurance", "제조업": "manufacturing", "부동산업": "real estate", "광업": "mining",
              "정보통신업": "information & communication", "도·소매업": "wholesale & retail"}
REST = "all other"


def _annual(investment: pd.DataFrame, as_of: str, max_tier: int, destinations: tuple[str, ...]) -> pd.DataFrame:
    rows = known_by(investment, as_of, max_tier)
    return rows[(rows["source"] == "kexim") & (rows["measure"] == "invested") & (rows["frequency"] == "A")
                & (rows["mode"] == "all") & (rows["basis"] == "") & rows["destination"].isin(destinations)
                & (rows["state"] == "")]


def shares(
    investment: pd.DataFrame, as_of: str, max_tier: int, *, by: str, destination: str = "WLD"
) -> pd.DataFrame:
    """Shares of regions or industries (`by`) in the outflow to the world or to one country, by year.

    All years and terms come from the latest release that prints parts of more than one year. Columns
    year, part, value_musd, share_pct, lower_pct, upper_pct, vintage, tier, ref; where parts do not fill
    the total, a part `all other` holds the rest. Empty where nothing is held.
    """
    rows = _annual(investment, as_of, max_tier, (destination, "") if by == "region" else (destination,))
    parts = rows[(rows[by] != "") & (rows["region" if by == "industry" else "industry"] == "")]
    if by == "region":
        parts = parts[parts["region"].isin(REGIONS)]
    columns = ["year", "part", "value_musd", "share_pct", "lower_pct", "upper_pct", "vintage", "tier", "ref"]
    several = parts.groupby("vintage")["period"].nunique()
    several = several[several > 1]
    if several.empty:
        return pd.DataFrame(columns=columns)
    vintage = several.index.max()
    totals = rows[(rows["destination"] == destination) & (rows["industry"] == "") & (rows["region"] == "")
                  & (rows["vintage"] == vintage)]
    found = []
    for year, group in parts[parts["vintage"] == vintage].groupby("period"):
        total = _best(totals[totals["period"] == year])
        if total is None:
            continue
        group = group.sort_values(["tier", "rounding_musd", "ref"], kind="stable").drop_duplicates(by)
        found += _of_year(year, group, by, total)
    return pd.DataFrame(found, columns=columns)


def _best(rows: pd.DataFrame) -> pd.Series | None:
    ranked = rows.sort_values(["tier", "rounding_musd", "ref"], kind="stable")
    return None if ranked.empty else ranked.iloc[0]


def _of_year(year: str, group: pd.DataFrame, by: str, total: pd.Series) -> list[dict]:
    """The parts of one year as shares of its total, and the rest where the parts leave one."""
    amount, slack = float(total["value_musd"]), float(total["rounding_musd"])

    def share(part: str, value: float, half: float, tier: int, ref: str) -> dict:
        return {"year": year, "part": part, "value_musd": value, "share_pct": 100 * value / amount,
                "lower_pct": 100 * max(value - half, 0.0) / (amount + slack),
                "upper_pct": 100 * (value + half) / (amount - slack), "vintage": total["vintage"],
                "tier": max(tier, int(total["tier"])), "ref": f"{ref} {total['ref']}"}

    found = [share(REGIONS.get(row[by], row[by]), float(row["value_musd"]), float(row["rounding_musd"]),
                   int(row["tier"]), row["ref"]) for _, row in group.iterrows()]
    rest = amount - float(group["value_musd"].sum())
    room = slack + float(group["rounding_musd"].sum())
    if rest < -room:
        raise ValueError(f"{year}, {by}: the parts exceed the total by {-rest:,.0f} million USD ({total['ref']})")
    if rest > room:
        found.append(share(REST, rest, room, int(group["tier"].max()), " ".join(group["ref"])))
    return found


def korean(part: str) -> str:
    """The name of a part in the ministry's tables; nothing for the remainder."""
    return next((name for name, english in (REGIONS | INDUSTRIES).items() if english == part), "")


def record(values, prefix: str, table: pd.DataFrame) -> None:
    """Record every share of `shares` in per cent, with the bounds of its rounding: `<prefix>.<part>.<year>`.

    A part is named by its letters: `finance & insurance` as finance_insurance.
    """
    for row in table.itertuples():
        part = re.sub(r"\W+", "_", row.part.lower())
        values.add(f"{prefix}.{part}.{row.year}", row.share_pct, "per cent", row.year, tier=int(row.tier), refs=row.ref,
                   lower=round(row.lower_pct, 6), upper=round(row.upper_pct, 6))
