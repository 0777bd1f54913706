"""Values that claims are tested by and that no other chapter records: amounts of projects, positions, order of years.

Million USD, per cent, counts. Every function records nothing where the figures of the day do not give the value.
"""

import math
import re

import pandas as pd

from korus.clean.origin import number_column, with_origin
from korus.clean.structure import CENSUS_BASIS, WTO_BASIS
from korus.selection import known_by, selected

# Projects that a statement names together: added up, and the smallest of them.
TOGETHER = (("P052", "P053"),)
SMALLEST = (("P001", "P004"),)
POSITION = "direct investment, historical cost"
INFLOW_SHARE = "Korea share of FDI in the United States (KITA)"


def record_evidence(values, evidence: pd.DataFrame, sources: pd.DataFrame, as_of: str, max_tier: int) -> None:
    """Record what the figures of benchmarks/claims_evidence give: shares, a rank, exports by Korean customs."""
    known = known_by(evidence.join(with_origin(evidence, sources, "source")), as_of, max_tier)
    rows = known.assign(number=number_column(known, "value")).set_index("figure", drop=False)

    def add(id: str, names: list[str], unit: str, number) -> None:
        if set(names) <= set(rows.index):
            some = rows.loc[names]
            values.add(f"{id}.{some['period'].iloc[0]}", float(number(some["number"])), unit, some["period"].iloc[0],
                       some)

    add("claims.capacity_share_in_korea.samsung-biologics",
        ["production capacity, Korea", "production capacity, Rockville"], "per cent",
        lambda litres: 100 * litres.iloc[0] / litres.sum())
    add("trade.exports_korean_customs.KOR-USA", ["exports of Korea, United States"], "million USD",
        lambda billions: 1000 * billions.iloc[0])
    orders = rows["number"].reindex(["ship orders, Korea", "ship orders, China", "ship orders, all others"])
    # Only where all others together order less than Korea can none of them stand before it.
    if orders.notna().all() and orders.iloc[2] < orders.iloc[0]:
        add("claims.shipbuilding_rank.KOR", list(orders.index), "count",
            lambda orders: 1 + (orders.iloc[1] > orders.iloc[0]))
    grants = rows[rows.index.str.startswith("grant, ")]
    costs = rows.reindex(grants.index.str.replace("grant, ", "project cost, ")).dropna(subset="number")
    if len(grants) and len(costs) == len(grants):
        shares = 100 * grants["number"].to_numpy() / costs["number"].to_numpy()
        both = pd.concat([grants, costs])
        values.add_interval(f"claims.grant_share.korean-awards.{both['period'].max()}", shares.min(), shares.max(),
                            "per cent", both["period"].max(), tier=int(both["tier"].max()), refs=" ".join(both["ref"]))


def record_projects(values, listed: pd.DataFrame) -> None:
    """Record the amount first announced of every listed project, what it stands at, and those of TOGETHER, SMALLEST.

    `listed` comes from projects.listed. Partners' money is included.
    """
    rows = listed[listed["first_musd"].notna()].set_index("project")
    for name, row in rows.iterrows():
        origin = {"tier": int(row["tier"]), "refs": row["ref"]}
        values.add(f"projects.amount.{name}", float(row["first_musd"]), "million USD", row["announced"][:7], **origin)
        if row["amount_musd"] != row["first_musd"]:
            values.add(f"projects.amount_now.{name}", float(row["amount_musd"]), "million USD", values.as_of, **origin)
    for names, kind, combined in [(n, "amount", "sum") for n in TOGETHER] + [(n, "smallest", "min") for n in SMALLEST]:
        if set(names) <= set(rows.index):
            some = rows.loc[list(names)]
            values.add(
                f"projects.{kind}.{'-'.join(names)}",
                float(some["first_musd"].agg(combined)),
                "million USD",
                some["announced"].max()[:7],
                tier=int(some["tier"].max()),
                refs=" ".join(some["ref"]),
            )


def record_exports(values, bilateral: pd.DataFrame, as_of: str, max_tier: int) -> None:
    """Record US goods exports to Korea by year, USD (Census)."""
    rows = selected("bilateral_trade", bilateral[bilateral["frequency"] == "A"], as_of, max_tier)
    for index, row in rows[rows["exports_usd"].notna()].iterrows():
        values.add(
            f"trade.exports.USA-KOR.{row['period']}", float(row["exports_usd"]), "USD", row["period"], rows.loc[[index]]
        )


def record_customs_lead(values, world: pd.DataFrame, as_of: str, max_tier: int) -> None:
    """Record by how much US imports at customs value exceed China's at the border price: two bases in one ratio.

    No finding of this report, but what a table that mixes the two gives.
    """
    rows = known_by(world, as_of, max_tier).sort_values(["tier", "vintage"], ascending=[True, False], kind="stable")
    american = rows[(rows["basis"] == CENSUS_BASIS) & (rows["importer"] == "USA")].drop_duplicates("year")
    chinese = rows[(rows["basis"] == WTO_BASIS) & (rows["importer"] == "CHN")].drop_duplicates("year")
    for year in sorted(set(american["year"]) & set(chinese["year"])):
        pair = pd.concat([american[american["year"] == year], chinese[chinese["year"] == year]])
        lead = 100 * (float(pair["imports_usd"].iloc[0]) / float(pair["imports_usd"].iloc[1]) - 1)
        values.add(f"world.import_lead_mixed_bases.USA-CHN.{year}", lead, "per cent", str(year), pair)


def record_inflow_share(values, benchmarks: pd.DataFrame, sources: pd.DataFrame, as_of: str, max_tier: int) -> None:
    """Record Korea's share of investment flowing into the United States over several years, as a trade body gives it.

    `benchmarks` is benchmarks/announced_investment.
    """
    rows = benchmarks[(benchmarks["series"] == INFLOW_SHARE) & benchmarks["year"].str.fullmatch(r"\d{4}-\d{4}")]
    rows = known_by(rows.drop(columns="vintage").join(with_origin(rows, sources, "source")), as_of, max_tier)
    for row in rows.assign(number=number_column(rows, "value")).itertuples():
        values.add(
            f"investment.kita.inflow_share.KOR.{row.year}",
            float(row.number),
            "per cent",
            row.year.replace("-", "/"),
            tier=int(row.tier),
            refs=row.ref,
        )


# ---- Order of years ------------------------------------------------------------------------------


def record_years_above(values, printed: pd.DataFrame, first: int, last: int) -> None:
    """Record in how many years of a span outflows to the United States were above those to China: an interval.

    `printed` comes from greenfield.prints. A year counts when every print of the one is above every print of the other;
    a year in which one of them is not held may count or not.
    """
    above, open_, used = 0, 0, []
    for year in range(first, last + 1):
        rows = printed[printed["period"] == str(year)]
        american, chinese = (rows.loc[rows["destination"] == place, "value_musd"] for place in ("USA", "CHN"))
        if american.empty or chinese.empty:
            open_ += 1
            continue
        used.append(rows[rows["destination"].isin(["USA", "CHN"])])
        above += american.min() > chinese.max()
        open_ += american.min() <= chinese.max() and american.max() > chinese.min()
    if used:
        rows = pd.concat(used)
        values.add_interval(
            f"investment.kexim.years_above.USA-CHN.{first}-{last}",
            int(above),
            int(above + open_),
            "count",
            f"{first}/{last}",
            tier=int(rows["tier"].max()),
            refs=" ".join(dict.fromkeys(rows["ref"])),
        )


def record_smallest_ratio(values, known: dict[str, dict], first: int) -> None:
    """Record the smallest yearly ratio of outflows to the United States over China since a year, from recorded ones."""
    rows = [
        row
        for id, row in known.items()
        if re.fullmatch(r"investment\.kexim\.ratio\.USA-CHN\.\d{4}", id) and int(row["period"]) >= first
    ]
    if rows:
        least = min(rows, key=lambda row: row["value"])
        refs = " ".join(dict.fromkeys(" ".join(row["refs"] for row in rows).split()))
        values.add(
            f"investment.kexim.ratio.USA-CHN.smallest_since_{first}",
            least["value"],
            "ratio",
            least["period"],
            tier=int(max(row["tier"] for row in rows)),
            refs=refs,
        )


# ---- Positions -----------------------------------------------------------------------------------


def positions(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Inward positions of all industries: investor, year, lower, upper (million USD), tier, ref.

    Where a year of Korea's is not printed but the years on both sides are, it lies between these two.
    """
    rows = investment[
        (investment["series"] == POSITION)
        & (investment["measure"] == "position")
        & (investment["destination"] == "USA")
        & (investment["industry"] == "")
        & (investment["status"] == "published")
    ]
    rows = selected("investment", rows, as_of, max_tier)
    rows = rows.sort_values(["tier", "vintage"], ascending=[True, False], kind="stable").drop_duplicates(
        ["investor", "period"]
    )
    slack = rows["rounding_musd"].astype(float)
    frame = pd.DataFrame(
        {
            "investor": rows["investor"],
            "year": rows["period"].astype(int),
            "lower": rows["value_musd"].astype(float) - slack,
            "upper": rows["value_musd"].astype(float) + slack,
            "tier": rows["tier"],
            "ref": rows["ref"],
        }
    )
    korea = frame[frame["investor"] == "KOR"].set_index("year")
    between = [
        {
            "investor": "KOR",
            "year": year,
            "lower": pair["lower"].min(),
            "upper": pair["upper"].max(),
            "tier": pair["tier"].max(),
            "ref": " ".join(pair["ref"]),
        }
        for year in (y + 1 for y in korea.index if y + 2 in korea.index and y + 1 not in korea.index)
        for pair in [korea.loc[[year - 1, year + 1]]]
    ]
    return (
        pd.concat([frame, pd.DataFrame(between, columns=frame.columns)] if between else [frame])
        .sort_values(["year", "investor"], kind="stable")
        .reset_index(drop=True)
    )


def record_positions(values, held: pd.DataFrame) -> None:
    """Record Korea's share of all positions in the United States, and its rank among countries, by year.

    Of countries that are not held nothing is known, so the rank is a lower bound.
    """
    for year, group in held.groupby("year"):
        by = group.set_index("investor")
        if "KOR" not in by.index:
            continue
        korea, period = by.loc["KOR"], str(year)
        if "WLD" in by.index:
            world = by.loc["WLD"]
            values.add_interval(
                f"investment.bea.position_share.KOR.{year}",
                100 * korea["lower"] / world["upper"],
                100 * korea["upper"] / world["lower"],
                "per cent",
                period,
                tier=int(max(korea["tier"], world["tier"])),
                refs=f"{korea['ref']} {world['ref']}",
            )
        larger = by[(by["lower"] > korea["upper"]) & (by.index != "WLD")]
        if len(larger):
            values.add_interval(
                f"investment.bea.position_rank.KOR.{year}",
                1 + len(larger),
                math.inf,
                "count",
                period,
                tier=int(max(korea["tier"], larger["tier"].max())),
                refs=" ".join([korea["ref"], *larger["ref"]]),
            )


# ---- Greenfield ----------------------------------------------------------------------------------


def record_greenfield(values) -> None:
    """Record what the intervals of greenfield allow for the change to the US from 2016 to 2024, and for US over China.

    Both terms are bounded one by one, so the bounds hold and may be wider than need be.
    """
    known = values.borrowed
    names = [f"greenfield.interval.{place}" for place in ("USA.2016", "USA.2024", "CHN.2024")]
    if not set(names) <= set(known):
        return
    before, after, chinese = (known[name] for name in names)

    def origin(*rows: dict) -> dict:
        refs = " ".join(str(row["refs"]) for row in rows if isinstance(row["refs"], str))
        return {"tier": int(max(row["tier"] for row in rows)), "refs": " ".join(dict.fromkeys(refs.split()))}

    if math.isfinite(before["upper"]):
        values.add_interval(
            "greenfield.change.USA.2016-2024",
            after["lower"] - before["upper"],
            after["upper"] - before["lower"],
            "million USD",
            "2016/2024",
            **origin(before, after),
        )
    values.add_interval(
        "greenfield.ratio_usa_chn.2024",
        after["lower"] / chinese["upper"],
        after["upper"] / chinese["lower"] if chinese["lower"] > 0 else math.inf,
        "ratio",
        "2024",
        **origin(after, chinese),
    )
