"""BEA input–output tables and the world's merchandise imports."""

import pandas as pd

from korus.clean.origin import number_column, with_origin

WTO_BASIS = "merchandise imports (WTO concept)"
CENSUS_BASIS = "US general imports, customs value"


def input_output(use: pd.DataFrame, requirements: pd.DataFrame) -> pd.DataFrame:
    """io: what each industry buys, and what a dollar of its final demand requires, BEA summary level.

    `industry` is the using industry of the use table and the final-demand commodity of the
    requirements table (the same summary codes); `commodity` is what is used, or the producing row.
    use_musd and imported_musd in million USD; requirements in dollars per dollar. A cell that only
    one of the two tables has is missing in the other's columns. `---` is BEA's mark for zero.
    """
    bought = pd.DataFrame({
        "year": use["year"].astype(int),
        "industry": use["industry_code"],
        "commodity": use["commodity_code"],
        "industry_name": use["industry"],
        "commodity_name": use["commodity"],
        "use_musd": number_column(use.replace("---", "0"), "use_musd"),
        "imported_musd": number_column(use.replace("---", "0"), "imports_used_musd"),
        "industry_output_musd": number_column(use, "industry_output_basic_musd"),
        "ref_use": use["ref"],
    })
    required = pd.DataFrame({
        "year": requirements["year"].astype(int),
        "industry": requirements["final_demand_commodity_code"],
        "commodity": requirements["industry_code_row"],
        "row_name": requirements["industry_row"],
        "total_requirement": number_column(requirements, "total_requirement"),
        "domestic_requirement": number_column(requirements, "domestic_requirement"),
        "ref_required": requirements["ref"],
    })
    frame = bought.merge(required, on=["year", "industry", "commodity"], how="outer", validate="1:1")
    refs = frame[["ref_use", "ref_required"]].fillna("")
    frame["ref"] = [" ".join(filter(None, pair)) for pair in refs.itertuples(index=False)]
    frame["commodity_name"] = frame["commodity_name"].fillna(frame["row_name"])
    names = bought.drop_duplicates("industry").set_index("industry")["industry_name"]
    frame["industry_name"] = frame["industry"].map(names)
    columns = ["year", "industry", "commodity", "use_musd", "imported_musd", "total_requirement",
               "domestic_requirement", "ref", "industry_name", "commodity_name",
               "industry_output_musd"]
    return frame[columns].sort_values(columns[:3], kind="stable").reset_index(drop=True)


def world_imports(wdi: pd.DataFrame, shares: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """world_imports: merchandise imports of an importer (ISO3 or WLD) in a year, US dollars.

    `basis` separates the WTO concept from the Census Bureau's own: the two are never put in one ratio.
    Rows of the share table that print no amount are left out.
    """
    amounts = shares[shares["goods_imports_bn_usd"] != ""]
    census = amounts["source"].map(sources["title"]).str.contains("Census")
    parts = [
        _amounts(wdi, "merchandise_imports_usd", 1.0, sources).assign(basis=WTO_BASIS),
        _amounts(amounts, "goods_imports_bn_usd", 1e9, sources).assign(
            basis=census.map({True: CENSUS_BASIS, False: WTO_BASIS})
        ),
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(["year", "importer", "tier", "vintage", "ref"], kind="stable").reset_index(
        drop=True
    )


def _amounts(
    raw: pd.DataFrame, column: str, scale: float, sources: pd.DataFrame
) -> pd.DataFrame:
    frame = pd.DataFrame({
        "year": raw["year"].astype(int),
        "importer": raw["iso3"],
        "imports_usd": number_column(raw, column, scale),
    })
    return frame.join(with_origin(raw, sources, "source")).assign(ref=raw["ref"])
