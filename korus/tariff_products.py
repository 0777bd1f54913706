"""Duty on US imports by product over twelve months: rates beside the world's, and shares of Korea's bill."""

import pandas as pd

from korus.clean.origin import number_column, with_origin
from korus.selection import known_by, selected
from korus.tariffs import COMPUTING, rate_over

WINDOW = "2025-09/2026-08"

# A heading, or a partner's sum over several subheadings, is shown when at least this much of it is held.
COVERED_PCT = 95.0

CARS = "cars"
CAR_NAMES = {
    "870322": "petrol, over 1.0 to 1.5 litres", "870323": "petrol, over 1.5 to 3 litres",
    "870324": "petrol, over 3 litres", "870340": "hybrid", "870360": "plug-in hybrid, petrol",
    "870370": "plug-in hybrid, diesel", "870380": "electric",
}
HEADINGS = {
    "3002": "Blood products and vaccines", "7606": "Aluminium sheet", "8473": "Computer parts",
    "8523": "Solid-state and other storage", "8542": "Integrated circuits",
    CARS: "Passenger cars, seven subheadings",
}
# Groups of the six-digit products held, by the headings they belong to; the first that fits.
GROUPS = {
    "cars": ("8703",), "car parts": ("8708",), "aluminium": ("7604", "7605", "7606", "7607"),
    "cosmetics": ("3304", "3305"), "batteries": ("8507",), "transformers": ("8504",),
    "steel pipes, fittings": ("7304", "7307"), "computing goods": COMPUTING, "blood products": ("3002",),
}
OTHER, NOT_HELD = "other products held", "products not held"

RATES = ["hs", "partner", "consumption_usd", "duty_usd", "rate_pct", "vintage", "tier", "ref"]


def held(products: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Six-digit products by partner over the twelve months: RATES, amounts in US dollars."""
    rows = selected("trade_products", products, as_of, max_tier)
    rows = rows[(rows["level"] == 6) & (rows["window"] == WINDOW) & rows["duty_usd"].notna()
                & (rows["consumption_usd"] > 0)]
    return rows.assign(rate_pct=(100 * rows["duty_usd"] / rows["consumption_usd"]).astype(float))[
        RATES].reset_index(drop=True)


def coverage(hs4: pd.DataFrame, sources: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """What the subheadings read cover of each heading: hs, covered_pct, subheadings (tuple), tier, ref.

    `hs4` is census/imports_hs4, whose share is of Korea's general imports, January to August 2026. A heading
    of which no share is printed has no row.
    """
    rows = hs4.join(with_origin(hs4, sources, "source"))
    rows = known_by(rows[rows["iso3"] == "KOR"], as_of, max_tier)
    covered = number_column(rows, "korea_ytd_coverage_of_hs4_pct")
    frame = pd.DataFrame({"hs": rows["hs4"], "covered_pct": covered,
                          "subheadings": rows["hs6_list"].str.split(";").map(tuple)})
    return frame.join(rows[["tier", "ref"]])[covered.notna()].reset_index(drop=True)


def headings(products: pd.DataFrame, covered: pd.DataFrame) -> pd.DataFrame:
    """Sums over the subheadings of each covered heading, and of cars, by partner: RATES and covered_pct.

    Only headings of which COVERED_PCT per cent are read, and all that was read is held for Korea and all
    countries. `cars` are seven subheadings of 8703, which are not shown to be the heading. covered_pct bounds
    from below how much of a partner's sum is held: what it may sell in a subheading where it is not listed is
    at most what the listed partners leave of the imports from all countries. Sums below COVERED_PCT are left
    out.
    """
    wanted = covered[covered["covered_pct"] >= COVERED_PCT]
    parts = [(row.hs, row.subheadings, row.tier, row.ref) for row in wanted.itertuples()]
    rows = []
    for hs, subheadings, tier, ref in [(CARS, tuple(CAR_NAMES), 0, ""), *parts]:
        group = products[products["hs"].isin(subheadings)]
        complete = group.groupby("partner")["hs"].nunique() == len(subheadings)
        if not all(complete.get(partner, False) for partner in ("KOR", "WLD")):
            continue
        for partner, own in group.groupby("partner", sort=True):
            value = float(own["consumption_usd"].sum())
            share = 100 * value / (value + _left_over(group, set(subheadings) - set(own["hs"])))
            if share >= COVERED_PCT:
                rows.append([
                    hs, partner, value, float(own["duty_usd"].sum()), rate_over(own), own["vintage"].max(),
                    max(tier, int(own["tier"].max())), " ".join([*own["ref"], ref]).strip(), share])
    return pd.DataFrame(rows, columns=[*RATES, "covered_pct"])


def _left_over(group: pd.DataFrame, subheadings: set[str]) -> float:
    """Imports from all countries less those of every partner listed, over some subheadings, US dollars."""
    rows = group[group["hs"].isin(subheadings)]
    world = rows["partner"] == "WLD"
    amounts = rows["consumption_usd"]
    return max(0.0, float(amounts[world].sum() - amounts[~world].sum()))


def cars_coverage(products: pd.DataFrame, rates: pd.DataFrame, as_of: str, max_tier: int) -> dict | None:
    """How much of heading 8703 the seven car subheadings are, over twelve months of Korea's general imports.

    The heading is held for January to August only. From September to December it was at least nothing, and at
    most Korea's total less the other six-digit products held for both windows: so the share, per cent, lies
    between `lower` and `upper`. Also tier and refs. None when one of the figures is not held.
    """
    first, last = WINDOW.split("/")
    eight = f"{last[:4]}-01/{last}"
    rows = selected("trade_products", products, as_of, max_tier)
    rows = rows[(rows["partner"] == "KOR") & rows["window"].isin([WINDOW, eight])]
    heading = rows[(rows["hs"] == "8703") & (rows["window"] == eight)]
    cars = rows[rows["hs"].isin(CAR_NAMES) & (rows["window"] == WINDOW)]
    months = rates[(rates["partner"] == "KOR") & rates["month"].between(first, f"{first[:4]}-12")]
    if heading.empty or len(cars) < len(CAR_NAMES) or len(months) < 4 or months["general_usd"].isna().any():
        return None
    others = rows[(rows["level"] == 6) & ~rows["hs"].isin(CAR_NAMES)].pivot(
        index="hs", columns="window", values="general_usd").dropna()
    amount, known = float(cars["general_usd"].sum()), float(heading["general_usd"].sum())
    most = float(months["general_usd"].sum())
    if len(others):
        most -= float((others[WINDOW] - others[eight]).sum())
    used = pd.concat([heading, cars, months, rows[rows["hs"].isin(others.index)]])
    return {"lower": 100 * amount / (known + most), "upper": min(100.0, 100 * amount / known),
            "tier": int(used["tier"].max()), "refs": _together(used["ref"])}


def korea_months(rates: pd.DataFrame) -> pd.DataFrame:
    """Korea's twelve months of the window among collected rates by month; no rows when one is missing."""
    first, last = WINDOW.split("/")
    months = rates[(rates["partner"] == "KOR") & rates["month"].between(first, last)]
    return months if months["month"].nunique() == 12 else months.iloc[:0]


def shares(products: pd.DataFrame, sums: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Each product's and heading's part of Korea's duty and imports of the twelve months, per cent.

    Columns hs, duty_share_pct, import_share_pct, duty_usd, consumption_usd, tier, ref; `held` is all
    six-digit products together. Empty when a month of Korea's total is missing.
    """
    columns = ["hs", "duty_usd", "consumption_usd", "tier", "ref"]
    korea = pd.concat([rows.loc[rows["partner"] == "KOR", columns] for rows in (products, sums)])
    if months.empty or korea.empty:
        return pd.DataFrame(columns=["hs", "duty_share_pct", "import_share_pct", *columns[1:]])
    single = korea[korea["hs"].str.len() == 6]
    everything = pd.DataFrame([{
        "hs": "held", "duty_usd": single["duty_usd"].sum(),
        "consumption_usd": single["consumption_usd"].sum(), "tier": single["tier"].max(),
        "ref": " ".join(single["ref"])}])
    rows = pd.concat([korea, everything], ignore_index=True)
    return rows.assign(
        duty_share_pct=(100 * rows["duty_usd"] / months["duty_usd"].sum()).astype(float),
        import_share_pct=(100 * rows["consumption_usd"] / months["consumption_usd"].sum()).astype(float),
        tier=rows["tier"].clip(lower=int(months["tier"].max())),
        ref=rows["ref"] + " " + " ".join(months["ref"]),
    )


def bill(parts: pd.DataFrame) -> pd.DataFrame:
    """`shares` by group of products: group, products (number), duty_share_pct, import_share_pct, tier, ref.

    Cars first, the other groups by duty, then the products of no group and, last, all that is not held.
    """
    if parts.empty:
        return pd.DataFrame(
            columns=["group", "products", "duty_share_pct", "import_share_pct", "tier", "ref"])
    single = parts[parts["hs"].str.fullmatch(r"\d{6}")]
    grouped = single.groupby(single["hs"].map(group_of)).agg(
        products=("hs", "size"), duty_share_pct=("duty_share_pct", "sum"),
        import_share_pct=("import_share_pct", "sum"), tier=("tier", "max"), ref=("ref", _together))
    grouped.loc[NOT_HELD] = [
        0, 100 - grouped["duty_share_pct"].sum(), 100 - grouped["import_share_pct"].sum(),
        grouped["tier"].max(), _together(single["ref"])]
    order = sorted(grouped.index, key=lambda name: (
        name == NOT_HELD, name == OTHER, name != CARS, -grouped.at[name, "duty_share_pct"]))
    return grouped.loc[order].rename_axis("group").reset_index()


def group_of(hs: str) -> str:
    """The group of GROUPS a six-digit product belongs to."""
    return next((name for name, prefixes in GROUPS.items() if hs.startswith(tuple(prefixes))), OTHER)


def _together(refs: pd.Series) -> str:
    return " ".join(dict.fromkeys(" ".join(refs).split()))


def at_world_rates(products: pd.DataFrame) -> float:
    """What Korea's six-digit products would pay together at the rates of all countries, per cent.

    Missing when the rate of all countries is not held for one of them.
    """
    korea, world = (products[products["partner"] == partner].set_index("hs") for partner in ("KOR", "WLD"))
    value = korea["consumption_usd"].astype(float)
    return float((value * world["rate_pct"].reindex(value.index)).sum(skipna=False) / value.sum())


def record(values, products: pd.DataFrame, sums: pd.DataFrame, parts: pd.DataFrame, months: pd.DataFrame,
           partners: list[str]) -> None:
    """Record rates by product and partner, and each product's share of Korea's duty and imports, per cent.

    `held` is all six-digit products together, `rest` everything Korea sells but these.
    """
    both = pd.concat([products, sums])
    for row in both[both["partner"].isin(partners)].itertuples():
        values.add(f"tariffs.product_rate.{row.partner}.{row.hs}.{WINDOW}", row.rate_pct, "per cent", WINDOW,
                   tier=row.tier, refs=row.ref)
    for row in parts.itertuples():
        for id, share in (("tariffs.product_duty_share", row.duty_share_pct),
                          ("trade.product_import_share", row.import_share_pct)):
            values.add(f"{id}.KOR.{row.hs}.{WINDOW}", share, "per cent", WINDOW, tier=row.tier, refs=row.ref)
    for row in parts[parts["hs"] == "held"].itertuples():
        rest = 100 * (months["duty_usd"].sum() - row.duty_usd) / (
            months["consumption_usd"].sum() - row.consumption_usd)
        world = products[products["partner"].isin(["KOR", "WLD"])]
        values.add(f"tariffs.product_rate.KOR.rest.{WINDOW}", rest, "per cent", WINDOW,
                   tier=row.tier, refs=row.ref)
        values.add(f"tariffs.product_rate.KOR.held.{WINDOW}", 100 * row.duty_usd / row.consumption_usd,
                   "per cent", WINDOW, products[products["partner"] == "KOR"])
        if pd.notna(rate := at_world_rates(products)):
            values.add(f"tariffs.product_rate.KOR.held-at-world-rates.{WINDOW}", rate, "per cent", WINDOW,
                       world)


def record_cars_coverage(
    values, products: pd.DataFrame, rates: pd.DataFrame, as_of: str, max_tier: int
) -> None:
    """Record the bounds of `cars_coverage`, where it has any."""
    bounds = cars_coverage(products, rates, as_of, max_tier)
    if bounds:
        values.add_interval(f"tariffs.cars_coverage.KOR.{WINDOW}", bounds["lower"], bounds["upper"],
                            "per cent", WINDOW, tier=bounds["tier"], refs=bounds["refs"])


def record_groups(values, groups: pd.DataFrame) -> None:
    """Record the share of the duty bill of each group of products, per cent."""
    for row in groups.itertuples():
        name = row.group.replace(",", "").replace(" ", "-")
        values.add(f"tariffs.group_duty_share.KOR.{name}.{WINDOW}", row.duty_share_pct, "per cent", WINDOW,
                   tier=row.tier, refs=row.ref)


def names(hs6: pd.DataFrame) -> dict[str, str]:
    """Short descriptions by code: those of census/imports_hs6, of the cars, and of the headings."""
    cars = {hs: f"Cars, {name}" for hs, name in CAR_NAMES.items()}
    return dict(zip(hs6["hs6"], hs6["label"], strict=True)) | cars | HEADINGS


def table(rows: pd.DataFrame, parts: pd.DataFrame, described: dict[str, str],
          partners: list[str]) -> pd.DataFrame:
    """One row per product by its duty: code, words, Korea's imports and duty, share of the bill, rates."""
    korea = rows[rows["partner"] == "KOR"].sort_values("duty_usd", ascending=False, kind="stable")
    wide = rows.pivot(index="hs", columns="partner", values="rate_pct")
    share = parts.set_index("hs")["duty_share_pct"]
    return pd.DataFrame({
        "HS code": korea["hs"], "product": korea["hs"].map(described),
        "imports, $m": korea["consumption_usd"].astype(float) / 1e6,
        "duty, $m": korea["duty_usd"].astype(float) / 1e6, "share of bill, %": korea["hs"].map(share),
        **{partner: korea["hs"].map(wide[partner]) if partner in wide else None for partner in partners},
    })
