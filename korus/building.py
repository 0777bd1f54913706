"""What the tariffs add to the cost of building and running a plant in the United States, and what protects it."""

from dataclasses import dataclass

import pandas as pd

from korus import input_costs
from korus.clean.measures import IDLE, known_by
from korus.clean.origin import number_column, with_origin
from korus.regimes import rates_by_regime, spans
from korus.tariff_products import CAR_NAMES, WINDOW
from korus.tariff_products import held as held_products
from korus.tariffs import complete_years, rate_over
from korus.tariffs import rates as collected

BASE_YEAR = "2024"
SOURCES = ("io.bea-use-2024", "io.bea-requirements-2024")
CONSTRUCTION, MACHINERY = "23", "333"
# Industry → word in ids and short name in tables and charts. Semiconductors lie in 334, batteries and transformers in
# 335, ships in 3364OT: the summary level has nothing finer.
INDUSTRIES = {
    "23": ("construction", "Construction"), "325": ("chemicals", "Chemicals"),
    "331": ("primary-metals", "Primary metals"), "332": ("fabricated-metal", "Fabricated metal"),
    "333": ("machinery", "Machinery"), "334": ("electronics", "Computers and chips"),
    "335": ("electrical", "Electrical equipment"), "3361MV": ("vehicles", "Motor vehicles"),
    "3364OT": ("other-transport", "Ships, aircraft, trains"),
}
AVERAGE, SPARED, METALS, LAW, HELD = "average", "electronics spared", "metals in full", "law for Korea", "products held"
# Measures whose rate is charged on a good under a reading; the first group that applies on a day.
GENERAL = ("ieepa.reciprocal", "s122.surcharge", "s301.forced-labour")
ON_GOODS = {"331": ("s232.steel", "s232.metals-primary"), "332": ("s232.steel", "s232.metals-derivatives"),
            "3361MV": ("s232.car-parts",)}
# Six-digit products held that lie in a commodity, by the first digits of their code. Products whose place is
# doubtful (office machines, car lamps) are in none.
PRODUCTS_OF = {
    "325": ("3002", "3304", "3305"), "331": ("7304", "7604", "7605", "7606", "7607"), "332": ("7307",),
    "333": ("8486",), "334": ("8471", "8473", "8523", "8525", "8526", "8542"), "335": ("8504", "8507"),
    "3361MV": ("8703", "8708"),
}
SECTORS_OF = {"325": ("chm", "bph", "s232_pharma_imports"), "331": ("i_s", "nfm"), "332": ("fmp",), "333": ("ome",),
              "334": ("ele",), "335": ("eeq",), "3361MV": ("mvh",)}
# What a plant of the industry would sell: industry, word in ids, name, codes.
PLANT_PRODUCTS = (
    ("3361MV", "cars", "Passenger cars", tuple(CAR_NAMES)), ("3361MV", "car-parts", "Car parts", ("8708",)),
    ("335", "batteries", "Lithium-ion batteries", ("850760",)),
    ("335", "transformers", "Large transformers", ("850422", "850423")),
    ("325", "cosmetics", "Skin care, make-up", ("330499",)),
    ("333", "chip-machines", "Chip-making machines", ("8486",)),
    ("334", "chips", "Integrated circuits", ("8542",)), ("334", "storage", "Solid-state storage", ("852351",)),
)
COSTS = ["regime", "title", "first", "period", "rate_pct", "added_pct", "reading", "industry", "direct", "least",
         "most", "used", "tier", "ref"]


def tables_tier(sources: pd.DataFrame, as_of: str, max_tier: int) -> int | None:
    """Tier of the input–output tables; None when they were not published by `as_of` or are of a worse tier."""
    rows = pd.DataFrame({"source": SOURCES})
    rows = rows.join(with_origin(rows, sources, "source"))
    known = (rows["vintage"] <= str(as_of)).all() and (rows["tier"] <= max_tier).all()
    return int(rows["tier"].max()) if known else None


def mean_rate(measures: pd.DataFrame, names: tuple[str, ...], first: str, last: str) -> float:
    """Mean over the days `first` to `last` of the highest rate of some measures in force, per cent.

    Each measure's own rows follow one another; a day with none counts as nothing.
    """
    days = pd.Series(0.0, index=pd.date_range(first, last).strftime("%Y-%m-%d"))
    rows = measures[measures["measure"].isin(names) & ~measures["status"].isin(IDLE) & measures["rate_pct"].notna()]
    for row in rows.itertuples():
        on = (days.index >= row.effective) & (days.index <= (row.until if isinstance(row.until, str) else "9999"))
        days[on] = days[on].clip(lower=float(row.rate_pct))
    return float(days.mean())


def readings(rate_pct: float, base_pct: float, measures: pd.DataFrame, first: str, last: str) -> dict[str, pd.Series]:
    """Rates added to those of the base, by good (shares), under four readings of what is open.

    average: the collected rate on all goods from all countries less that of the base. electronics spared: the same,
    nothing on computers and chips. metals in full: the same, and the metal duty on all metal. law for Korea: every
    good as if it came from Korea and no exemption applied. The duties of the last two are additions by law.
    """
    plain = input_costs.uniform((rate_pct - base_pct) / 100)
    law = {good: mean_rate(measures, names, first, last) / 100 for good, names in ON_GOODS.items()}
    general = input_costs.uniform(mean_rate(measures, GENERAL, first, last) / 100)
    metal = {good: law[good] for good in ("331", "332")}
    spared, metals, everything = plain.copy(), plain.copy(), general.copy()
    spared["334"] = 0.0
    for good, rate in metal.items():
        metals[good] = max(rate, plain[good])
    for good, rate in law.items():
        everything[good] = max(rate, general[good])
    return {AVERAGE: plain, SPARED: spared, METALS: metals, LAW: everything}


def costs_of(held: input_costs.Structure, rates: pd.Series) -> pd.DataFrame:
    """Cents per dollar at full pass-through, by industry: direct, least, most (with suppliers), used."""
    return input_costs.cost_bounds(held, rates).assign(
        direct=lambda frame: frame["industry"].map(input_costs.imported_cost(held, rates)),
        used=lambda frame: frame["industry"].map(input_costs.used_cost(held, rates)))


def by_regime(
    held: input_costs.Structure, rates: pd.DataFrame, regimes: pd.DataFrame, measures: pd.DataFrame, as_of: str,
    tier: int
) -> pd.DataFrame:
    """Cents added since BASE_YEAR per dollar, at full pass-through, by regime, reading and industry: COSTS.

    `rates` are collected rates (korus.tariffs.rates), `regimes` their spans (korus.regimes.spans), `tier` that of the
    input–output tables. No rows where the base year or the rate on all countries is not held.
    """
    base = complete_years(rates).get(("WLD", BASE_YEAR))
    if base is None:
        return pd.DataFrame(columns=COSTS)
    world = rates_by_regime(rates, regimes, ["WLD"]).set_index("regime")
    known = known_by(measures, as_of)
    charged = known[known["measure"].isin([*GENERAL, *(name for names in ON_GOODS.values() for name in names)])]
    of_base = " ".join([*base["ref"], *charged["ref"]])
    parts = []
    for span in regimes[regimes["first"] > f"{BASE_YEAR}-12-31"].itertuples():
        if span.regime not in world.index:
            continue
        row = world.loc[span.regime]
        last = span.last if isinstance(span.last, str) else str(as_of)
        period = row["first_month"] if row["months"] == 1 else f"{row['first_month']}/{row['last_month']}"
        for reading, added in readings(row["rate_pct"], rate_over(base), known, span.first, last).items():
            frame = costs_of(held, added)
            parts.append(frame.assign(
                regime=span.regime, title=span.title, first=span.first, period=period, rate_pct=row["rate_pct"],
                added_pct=row["rate_pct"] - rate_over(base), reading=reading,
                tier=max(tier, int(row["tier"]), int(base["tier"].max())),
                ref=frame["industry"].map(lambda code, own=f"{row['ref']} {of_base}": f"{held.refs[code]} {own}")))
    return pd.concat(parts, ignore_index=True)[COSTS] if parts else pd.DataFrame(columns=COSTS)


def latest(costs: pd.DataFrame) -> pd.DataFrame:
    """Rows of the regime that began last."""
    return costs[costs["first"] == costs["first"].max()]


def plant(costs: pd.DataFrame, structure_share_pct: float) -> pd.DataFrame:
    """Cents added per dollar of plant at full pass-through, by regime and reading `average`: first, least, most.

    A plant is buildings (construction) and equipment. At least: all equipment is made in the United States and bears
    what machinery bears. At most: all of it is imported and bears the average added rate itself.
    """
    rows = costs[costs["reading"] == AVERAGE]
    wide = rows.pivot(index="first", columns="industry", values=["least", "most"])
    if wide.empty:
        return pd.DataFrame(columns=["first", "least", "most"])
    # A dollar of imported goods costs the added rate; this is what the table has for no industry.
    imported = rows.drop_duplicates("first").set_index("first")["added_pct"]
    share = structure_share_pct / 100
    return pd.DataFrame({
        "least": share * wide[("least", CONSTRUCTION)] + (1 - share) * wide[("least", MACHINERY)],
        "most": share * wide[("most", CONSTRUCTION)]
        + (1 - share) * pd.concat([wide[("most", MACHINERY)], imported], axis=1).max(axis=1),
    }).reset_index()


@dataclass(frozen=True)
class Detail:
    """Rates on inputs over WINDOW by commodity, from the six-digit products held: a table and a reading.

    `table`: commodity, products, consumption_usd, rate_pct, share_pct (of the commodity's imports of 2024; missing
    where these are not held), tier, ref. `rates`: shares by good, or None without the sectors of 2024. `rest_pct`: the
    rate on all goods not held. `tier` is the worst of all that is used.
    """

    table: pd.DataFrame
    rates: pd.Series | None
    rest_pct: float
    tier: int


def sector_imports(sectors: pd.DataFrame, sources: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """US imports of 2024 by commodity of SECTORS_OF (index): imports_usd, tier; empty when not known.

    `sectors` is the raw table hs/imports_by_gtap_sector_2024.
    """
    rows = sectors[(sectors["iso3"] == "WLD") & (sectors["year"] == BASE_YEAR)]
    rows = rows.join(with_origin(rows, sources, "source"))
    rows = rows[(rows["vintage"] <= str(as_of)) & (rows["tier"] <= max_tier)]
    amounts = number_column(rows, "imports_usd").astype(float).groupby(rows["gtap_code"]).sum()
    sums = {good: sum(amounts.get(code, 0.0) for code in codes) for good, codes in SECTORS_OF.items()}
    frame = pd.DataFrame({"imports_usd": pd.Series(sums, dtype=float)}).assign(tier=rows["tier"].max())
    return frame if len(rows) else frame.iloc[:0]


def detail(products: pd.DataFrame, months: pd.DataFrame, sectors: pd.DataFrame) -> Detail | None:
    """Rates over WINDOW by commodity; None when a month of the imports from all countries is missing.

    `products` are six-digit products (korus.tariff_products.held), `months` the collected rates of all countries. A
    good pays the rate of its products held on their share of its imports, and the rate on all goods not held on the
    rest.
    """
    first, last = WINDOW.split("/")
    months = months[(months["partner"] == "WLD") & months["month"].between(first, last)]
    world = products[products["partner"] == "WLD"]
    if months["month"].nunique() < 12 or world.empty:
        return None
    rest = 100 * (months["duty_usd"].sum() - world["duty_usd"].sum()) / (
        months["consumption_usd"].sum() - world["consumption_usd"].sum())
    rows, rates = [], input_costs.uniform(float(rest) / 100)
    for good, codes in PRODUCTS_OF.items():
        own = world[world["hs"].str.startswith(codes)]
        if own.empty:
            continue
        value, whole = float(own["consumption_usd"].sum()), float(sectors["imports_usd"].get(good, float("nan")))
        share = min(1.0, value / whole) if whole > 0 else float("nan")
        rows.append([good, len(own), value, rate_over(own), 100 * share, int(own["tier"].max()), " ".join(own["ref"])])
        rates[good] = share * rate_over(own) / 100 + (1 - share) * rates[good]
    table = pd.DataFrame(rows, columns=[
        "commodity", "products", "consumption_usd", "rate_pct", "share_pct", "tier", "ref"])
    tiers = [*world["tier"], *months["tier"], *sectors["tier"]]
    return Detail(table, None if rates.isna().any() else rates, float(rest), int(max(tiers)))


def pinned_pct(held: input_costs.Structure, found: Detail) -> pd.Series:
    """Part of an industry's imported goods whose rate the products held state, per cent, by industry."""
    share = found.table.set_index("commodity")["share_pct"].reindex(list(input_costs.GOODS)).fillna(0.0)
    return held.imported.mul(share, axis=0).sum() / held.imported.sum()


def levels(
    held: input_costs.Structure, found: Detail, months: pd.DataFrame, measures: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """Cents of all duty (not only what was added) per dollar over WINDOW, by reading and industry.

    Columns reading, industry, direct, least, most, used. Readings: average, products held (where possible), metals in
    full.
    """
    first, last = WINDOW.split("/")
    own = months[(months["partner"] == "WLD") & months["month"].between(first, last)]
    average = input_costs.uniform(rate_over(own) / 100)
    day = pd.Period(last, freq="M").end_time.strftime("%Y-%m-%d")
    metals = average.copy()
    known = known_by(measures, as_of)
    for good in ("331", "332"):
        metals[good] = max(average[good], mean_rate(known, ON_GOODS[good], f"{first}-01", day) / 100)
    kinds = {AVERAGE: average, METALS: metals} | ({} if found.rates is None else {HELD: found.rates})
    return pd.concat([costs_of(held, rates).assign(reading=name) for name, rates in kinds.items()], ignore_index=True)


def protection(products: pd.DataFrame, costs: pd.DataFrame, refs: dict[str, str]) -> pd.DataFrame:
    """The duty rivals pay on a plant's product over WINDOW, and the duty on what the plant itself buys.

    `costs` are `levels`, `refs` the rows of the input–output tables by industry. Columns industry, product, name,
    all_pct and korea_pct (collected rates), least and most (cents per dollar, over all readings), eaten_least and
    eaten_most (per cent of the duty on the product, all countries), tier, ref. A product has a row when all
    countries' rate is held and above nothing.
    """
    bounds = costs.groupby("industry").agg(least=("least", "min"), most=("most", "max"))
    rows = []
    for industry, word, name, codes in PLANT_PRODUCTS:
        own = products[products["hs"].str.startswith(codes)]
        world, korea = own[own["partner"] == "WLD"], own[own["partner"] == "KOR"]
        if world.empty or industry not in bounds.index or rate_over(world) <= 0:
            continue
        rate, cost = rate_over(world), bounds.loc[industry]
        rows.append([industry, word, name, rate, rate_over(korea) if len(korea) else float("nan"), cost["least"],
                     cost["most"], 100 * cost["least"] / rate, 100 * cost["most"] / rate, int(world["tier"].max()),
                     " ".join([*world["ref"], refs[industry]])])
    return pd.DataFrame(rows, columns=["industry", "product", "name", "all_pct", "korea_pct", "least", "most",
                                       "eaten_least", "eaten_most", "tier", "ref"])


def capital_cost(capital_share_pct: float, plant_cents: float) -> float:
    """Cents per dollar of product that a dearer plant adds, when capital is this part of the cost of the product."""
    return capital_share_pct / 100 * plant_cents


@dataclass(frozen=True)
class Found:
    """All of the chapter's results; tables without rows where the day or the tier admits nothing.

    `held` and `products` (Detail) are None then. See `by_regime`, `plant`, `levels`, `protection`.
    """

    held: input_costs.Structure | None
    costs: pd.DataFrame
    plants: pd.DataFrame
    products: Detail | None
    levels: pd.DataFrame
    protection: pd.DataFrame


def found(
    read, sources: pd.DataFrame, regimes: pd.DataFrame, sectors: pd.DataFrame, as_of: str, max_tier: int,
    structure_share_pct: float
) -> Found:
    """The chapter's results as of a day. `read` gives a processed table by name; the others are raw tables."""
    measures = read("measures")
    rates = collected(read("trade_monthly"), as_of, max_tier)
    products = held_products(read("trade_products"), as_of, max_tier)
    tier = tables_tier(sources, as_of, max_tier)
    held = None if tier is None else input_costs.structure(read("io"))
    nothing = pd.DataFrame(columns=COSTS)
    costs = nothing if held is None else by_regime(held, rates, spans(regimes, measures, as_of), measures, as_of, tier)
    seen = None if held is None else detail(products, rates, sector_imports(sectors, sources, as_of, max_tier))
    over = nothing if seen is None else levels(held, seen, rates, measures, as_of)
    return Found(held, costs, plant(costs, structure_share_pct), seen, over,
                 protection(products, over, {} if held is None else held.refs))
