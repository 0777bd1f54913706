"""What is held, by series and year, with the best tier; and what no source held shows."""

import pandas as pd

from korus.clean.structure import WTO_BASIS
from korus.missing import country_modes, korean_types
from korus.selection import known_by

# Where the figures of investment.parquet come from, by their column `source`.
AGENCIES = {"bea": "US Bureau of Economic Analysis", "kexim": "Korea Eximbank", "bok": "Bank of Korea",
            "cim": "Clean Investment Monitor", "abn2018": "academic panel (Aisbett, Busse and Nunnenkamp)"}

# What each processed table holds, in words.
CONTENTS = {
    "investment": "figures on direct investment, all agencies",
    "trade_monthly": "US imports and calculated duty by partner and month",
    "trade_products": "US imports and calculated duty by product",
    "bilateral_trade": "US goods trade with Korea",
    "world_imports": "merchandise imports of the world and of large importers",
    "measures": "tariff measures that bear on Korea",
    "projects": "announced Korean projects in the United States",
    "io": "what industries buy to make their goods",
}

# Tables that would settle open questions; a row without a mark as long as none is held (see the data chapter).
NOT_HELD = (
    ("Eximbank", "country and mode"),
    ("BEA new FDI", "Korea by type"),
    ("Census", "duty by end use"),
)


def cells(tables: dict[str, pd.DataFrame], as_of: str, max_tier: int) -> pd.DataFrame:
    """One row per series and year held: agency, series, year, tier (the best), figures.

    `tables` are the processed tables by contract name, and `end_use`: collected rates by end use, without rows where
    they are not held.
    """
    investment = known_by(tables["investment"], as_of, max_tier)
    whole = investment[(investment["industry"] == "") & (investment["region"] == "")]
    kexim = whole[(whole["source"] == "kexim") & (whole["mode"] == "all") & (whole["basis"] == "")]
    new_fdi = whole[whole["series"].str.startswith("new foreign") & (whole["state"] == "")]
    positions = whole[whole["series"].str.startswith("direct investment, hist")]
    monthly = known_by(tables["trade_monthly"], as_of, max_tier)
    bilateral = known_by(tables["bilateral_trade"], as_of, max_tier)
    world = known_by(tables["world_imports"], as_of, max_tier)
    world = world[world["basis"] == WTO_BASIS]  # the Census Bureau's customs value is another concept
    parts = []

    def add(agency: str, series: str, rows: pd.DataFrame, year: pd.Series) -> None:
        parts.append(pd.DataFrame({"agency": agency, "series": series, "year": year.astype(int),
                                   "tier": rows["tier"].astype(int)}))

    for code, name in (("USA", "US"), ("CHN", "China"), ("WLD", "world")):
        for frequency, often in (("A", "years"), ("Q", "quarters")):
            rows = kexim[(kexim["destination"] == code) & (kexim["frequency"] == frequency)
                         & (kexim["measure"] == "invested")]
            add("Eximbank", f"{name}, {often}", rows, rows["period"].str[:4])
    rows = kexim[(kexim["destination"] == "USA") & (kexim["measure"] == "net")]
    add("Eximbank", "US, net", rows, rows["period"].str[:4])
    rows = country_modes(investment, as_of, max_tier)
    add(*NOT_HELD[0], rows, rows["period"].str[:4])
    everyone = new_fdi[new_fdi["investor"] == "WLD"]
    rows = everyone[everyone["mode"] == "all"]
    add("BEA new FDI", "all countries", rows, rows["period"])
    rows = everyone[everyone["mode"].isin(["greenfield", "established"])]
    add("BEA new FDI", "greenfield", rows, rows["period"])
    rows = new_fdi[(new_fdi["investor"] == "KOR") & (new_fdi["mode"] == "all")]
    add("BEA new FDI", "Korea", rows, rows["period"])
    rows = korean_types(investment, as_of, max_tier)
    add(*NOT_HELD[1], rows, rows["period"])
    rows = positions[(positions["investor"] == "KOR") & (positions["measure"] == "position")]
    add("BEA positions", "Korea", rows, rows["period"].str[:4])
    for code, name in (("KOR", "Korea"), ("WLD", "all countries")):
        rows = monthly[monthly["partner"] == code]
        add("Census", f"duty, {name}", rows, rows["month"].str[:4])
    rows = tables["end_use"]
    add(*NOT_HELD[2], rows, rows["month"].str[:4])
    rows = bilateral[bilateral["frequency"] == "A"]
    add("Census", "trade with Korea", rows, rows["period"])
    for code, name in (("USA", "US"), ("CHN", "China"), ("WLD", "world")):
        rows = world[world["importer"] == code]
        add("World imports", name, rows, rows["year"])
    frame = pd.concat(parts, ignore_index=True)
    return frame.groupby(["agency", "series", "year"], sort=False).agg(
        tier=("tier", "min"), figures=("tier", "size")).reset_index()


def series_order() -> list[tuple[str, str]]:
    """All series of the map in the order shown, those not held included, so that an empty row shows."""
    order = [("Eximbank", f"{name}, {often}")
             for name in ("US", "China", "world") for often in ("years", "quarters")]
    order += [("Eximbank", "US, net"), NOT_HELD[0],
              ("BEA new FDI", "all countries"), ("BEA new FDI", "greenfield"),
              ("BEA new FDI", "Korea"), NOT_HELD[1], ("BEA positions", "Korea"),
              ("Census", "duty, Korea"),
              ("Census", "duty, all countries"),
              ("Census", "trade with Korea"), NOT_HELD[2]]
    return order + [("World imports", name) for name in ("US", "China", "world")]


# Agency, what of it is shown, table, column of the period, and the rows it means (None: all).
LATEST = (
    ("Korea Eximbank", "investment by year", "investment", "period", {"source": "kexim", "frequency": "A"}),
    ("Korea Eximbank", "investment by quarter", "investment", "period", {"source": "kexim", "frequency": "Q"}),
    ("US Bureau of Economic Analysis", "new foreign direct investment", "investment", "period",
     {"source": "bea", "series": "new foreign direct investment (BE-13)"}),
    ("US Bureau of Economic Analysis", "positions and flows by year", "investment", "period",
     {"source": "bea", "series": "direct investment, historical cost", "frequency": "A"}),
    ("US Census Bureau", "imports and duty by month", "trade_monthly", "month", {}),
    ("US Census Bureau", "imports and duty by product", "trade_products", "window", {}),
    ("US Census Bureau", "trade with Korea by year", "bilateral_trade", "period", {"frequency": "A"}),
    ("World Bank and World Trade Organization", "world imports by year", "world_imports", "year",
     {"importer": "WLD", "basis": WTO_BASIS}),
    ("Clean Investment Monitor", "clean-technology plants", "investment", "period", {"source": "cim"}),
)


def latest(tables: dict[str, pd.DataFrame], as_of: str, max_tier: int) -> pd.DataFrame:
    """The last period held of each agency's series and when it was published.

    One row per line of LATEST: agency, figures, last period, published (of that period, the latest), tier (the
    best of it). A series with nothing published by `as_of` has dashes.
    """
    rows = []
    for agency, figures, name, column, wanted in LATEST:
        table = known_by(tables[name], as_of, max_tier)
        for key, value in wanted.items():
            table = table[table[key] == value]
        # A window is as recent as its last month.
        ends = table[column].astype(str).str.replace(r"^.*/", "", regex=True)
        last = table[ends == ends.max()] if len(table) else table
        rows.append({
            "agency": agency, "figures": figures,
            "last period": last[column].astype(str).min() if len(last) else None,
            "published": last["vintage"].max() if len(last) else None,
            "tier": str(int(last["tier"].min())) if len(last) else None,
        })
    return pd.DataFrame(rows)


def record(values, tables: dict[str, pd.DataFrame], as_of: str, max_tier: int) -> None:
    """Record how many figures on investment were published by `as_of` and are admitted."""
    known = known_by(tables["investment"], as_of, max_tier)
    if len(known):
        values.add("coverage.investment.published", len(known), "count", as_of, tier=1)
