"""The size of markets: shares of the world's merchandise imports."""

import pandas as pd

from korus.clean.structure import WTO_BASIS
from korus.selection import known_by


def shares(world_imports: pd.DataFrame, as_of: str, max_tier: int, importers=("USA", "CHN")) -> pd.DataFrame:
    """Share of an importer in the world's merchandise imports by year, per cent, WTO concept.

    The world's figure of a year is the best tier and latest vintage; the importer's is taken from the
    same tier where it exists, so that a ratio does not mix an official table with a press report.
    Columns year, importer, share_pct, imports_usd, world_usd, tier, ref.
    """
    rows = known_by(world_imports, as_of, max_tier)
    rows = rows[rows["basis"] == WTO_BASIS].sort_values(
        ["tier", "vintage", "ref"], ascending=[True, False, True], kind="stable")
    world = rows[rows["importer"] == "WLD"].drop_duplicates("year")
    of_tier = rows[rows["importer"].isin(importers)].drop_duplicates(["year", "importer", "tier"])
    same = of_tier.merge(world, on=["year", "tier"], suffixes=("", "_world"))
    frame = pd.DataFrame({
        "year": same["year"],
        "importer": same["importer"],
        "share_pct": (100 * same["imports_usd"] / same["imports_usd_world"]).astype(float),
        "imports_usd": same["imports_usd"].astype(float),
        "world_usd": same["imports_usd_world"].astype(float),
        "tier": same["tier"],
        "ref": same["ref"] + " " + same["ref_world"],
    })
    return frame.sort_values(["year", "importer"], kind="stable").reset_index(drop=True)


def leads(by_importer: pd.DataFrame) -> pd.DataFrame:
    """By how much US imports exceed China's, per cent, in the years both are held in one tier."""
    wide = by_importer.pivot(index="year", columns="importer", values=["imports_usd", "tier", "ref"])
    columns = ["year", "lead_pct", "tier", "ref"]
    if by_importer["importer"].nunique() < 2:
        return pd.DataFrame(columns=columns)
    wide = wide.dropna()
    lead = 100 * (wide[("imports_usd", "USA")] / wide[("imports_usd", "CHN")] - 1)
    return pd.DataFrame({
        "year": wide.index, "lead_pct": lead.astype(float).to_numpy(),
        "tier": wide["tier"].max(axis=1).astype(int).to_numpy(),
        "ref": (wide[("ref", "USA")] + " " + wide[("ref", "CHN")]).to_numpy(),
    }, columns=columns)


def record(values, by_importer: pd.DataFrame) -> None:
    """Record shares and the lead by year, and once more for the latest year with both importers."""
    for row in by_importer.itertuples():
        values.add(f"world.import_share.{row.importer}.{row.year}", row.share_pct, "per cent", str(row.year),
                   tier=row.tier, refs=row.ref)
    lead = leads(by_importer)
    for row in lead.itertuples():
        values.add(f"world.import_lead_pct.USA-CHN.{row.year}", row.lead_pct, "per cent", str(row.year),
                   tier=row.tier, refs=row.ref)
    if lead.empty:
        return
    year = lead["year"].max()
    for row in by_importer[by_importer["year"] == year].itertuples():
        values.add(f"world.import_share.{row.importer}.latest", row.share_pct, "per cent", str(year),
                   tier=row.tier, refs=row.ref)
    last = lead[lead["year"] == year].iloc[0]
    values.add("world.import_lead_pct.USA-CHN.latest", last["lead_pct"], "per cent", str(year),
               tier=last["tier"], refs=last["ref"])


def record_concepts(values, world_imports: pd.DataFrame, as_of: str, max_tier: int) -> None:
    """Record US imports of the latest year known in both concepts, the WTO's and the Census Bureau's; US dollars."""
    rows = known_by(world_imports, as_of, max_tier)
    rows = rows[rows["importer"] == "USA"].sort_values(["tier", "vintage", "ref"], ascending=[True, False, True],
                                                       kind="stable").drop_duplicates(["basis", "year"])
    both = rows[rows["year"].isin(rows.loc[rows["basis"] != WTO_BASIS, "year"])]
    both = both[both["year"].isin(both.loc[both["basis"] == WTO_BASIS, "year"])]
    for row in both[both["year"] == both["year"].max()].itertuples():
        name = "wto" if row.basis == WTO_BASIS else "census"
        values.add(f"world.imports.USA.{name}.latest", row.imports_usd, "USD", str(row.year), tier=row.tier,
                   refs=row.ref)
