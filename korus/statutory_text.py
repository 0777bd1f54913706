"""Values, tables and words of the chapter on the statutory rate."""

import pandas as pd

from korus import baskets, rate_path
from korus.clean.measures import IDLE

NOTE = ("Sources: US tariff schedule of January 2025 (USITC); legal annexes and imports of 2024 by sector as held by "
        "the tariff-rate-tracker (tier 3); measures as coded here ([sources](/sources.md)).")
# What leaves the rate open, in the order of rate_path.why_open: heading of the table, and name in a value's id.
REASONS = {"place in the sector": "sector", "part of a line": "line", "metal in articles": "metal"}
MONTH_COLUMNS = ["least", "most", "most without metal"]

# A line of passenger cars, and the day on which the Korean deal cut the duty on cars.
CAR, DEAL = "87032301", "2025-11-01"

# Lines shown one by one: goods that Korea sells, in plain words.
GOODS = {
    CAR: "car, petrol, 1.5 to 3 litres",
    "87043101": "light truck, petrol",
    "87083050": "brake part",
    "40111010": "car tyre, radial",
    "85076000": "lithium-ion battery",
    "85423200": "memory chip",
    "85235100": "solid-state drive",
    "84733011": "computer board",
    "85042300": "large transformer",
    "84181000": "refrigerator-freezer",
    "84295210": "excavator",
    "72104900": "galvanised steel sheet",
    "76061230": "aluminium alloy sheet",
    "27101916": "kerosene-type fuel",
    "33049950": "skin care",
    "30021500": "immunological product, packed",
    "19023000": "instant noodles",
}


def landmarks(law: rate_path.Law | None, last: str) -> list[tuple[str, str]]:
    """Days on which a general or a car duty began, with a label: the first day of 2025, then each change."""
    if law is None:
        return []
    kept = law.measures[~law.measures["status"].isin(IDLE) & (law.measures["effective"] <= last)]
    days = [("2025-01-01", "1 January 2025")]
    for measure, words in (("s232.steel", "metals"), ("ieepa.reciprocal", "reciprocal duty"),
                           ("s232.cars", "cars"), ("s122.surcharge", "Section 122"),
                           ("s301.forced-labour", "Section 301")):
        for day in kept.loc[(kept["measure"] == measure) & (kept["effective"] > "2025-01-01"), "effective"]:
            days.append((day, f"{int(day[8:])} {pd.Timestamp(day):%B %Y}: {words}"))
    return sorted(day for day in days if day[0] <= last)


def record(values, law: rate_path.Law | None, path: pd.DataFrame, last: str, month: str | None) -> None:
    """Record the rate by day and month, today's with its variants, and the share of the basket that is placed.

    `month` is the latest month with a collected rate (missing when there is none), recorded once more for a comparison that moves with it.
    """
    if law is None or not law.held:
        return
    rate_path.record(values, law, path, last)
    origin = {"tier": law.tier, "refs": rate_path.refs_on(law, last)}

    def add(id: str, rows: pd.DataFrame, period: str) -> None:
        row = rows.iloc[-1]
        values.add_interval(id, row["lower_pct"], row["upper_pct"], "per cent", period, **origin)

    if pd.notna(month):
        own = rate_path.whole_months(rate_path.by_day(path, f"{month}-01", last))
        add("tariffs.statutory_rate.KOR.month_of_latest_collected", own.head(1), month)
    add("tariffs.statutory_rate.KOR.latest", rate_path.by_day(path, last, last), last)
    add("tariffs.statutory_rate_sectors.KOR.latest", rate_path.by_day(path, last, last, goods="sectors"), last)
    for row in rate_path.whole_months(rate_path.by_day(path, rate_path.FIRST, last, metal="none")).itertuples():
        values.add_interval(f"tariffs.statutory_rate_no_metal.KOR.{row.month}", row.lower_pct, row.upper_pct,
                            "per cent", row.month, **origin)
    placed = baskets.pinned(law.held["placed"]).set_index("level")["least_pct"]
    for level, share in placed.items():
        values.add(f"tariffs.weights_placed.KOR.{level}", share, "per cent", "2024", tier=law.tier,
                   refs=law.weights_ref)
    for authority in sorted(set(path["authority"]) - {rate_path.ALL}):
        slug = authority.lower().replace(" ", "-")
        add(f"tariffs.statutory_by_authority.KOR.{slug}.latest", rate_path.by_day(path, last, last, authority), last)


def goods_table(law: rate_path.Law | None, days: list[tuple[str, str]]) -> pd.DataFrame:
    """Rates of the chosen goods (rows) on the chosen days (columns, the latest first) as text, per cent."""
    if law is None or not days:
        return pd.DataFrame()
    held = {hs: name for hs, name in GOODS.items() if hs in set(law.lines["hs"])}
    rates = rate_path.of_goods(law, held, [day for day, _ in days])
    rates["text"] = [_range(low, high) for low, high in zip(rates["lower_pct"], rates["upper_pct"], strict=True)]
    wide = rates.pivot(index="hs", columns="day", values="text").loc[list(held)]
    dated = {f"{int(day[8:])} {pd.Timestamp(day):%b %Y}": wide[day].tolist() for day, _ in reversed(days)}
    return pd.DataFrame({"HS line": [f"{hs[:4]}.{hs[4:6]}.{hs[6:]}" for hs in held], "goods": list(held.values()),
                         **dated})


def _range(low: float, high: float) -> str:
    """One number, or the two ends: `15`, `15 to 25`."""
    return f"{low:g}" if abs(high - low) < 1e-9 else f"{low:g} to {high:g}"


def width_table(law: rate_path.Law | None, days: list[tuple[str, str]]) -> pd.DataFrame:
    """What leaves the rate open on each chosen day, percentage points by reason."""
    if law is None or not law.held:
        return pd.DataFrame()
    rows = [[label, *rate_path.why_open(law, day)["width_pp"]] for day, label in days]
    return pd.DataFrame(rows, columns=["day", *REASONS])


def record_open(values, law: rate_path.Law | None, days: list[tuple[str, str]], last: str) -> None:
    """Record what leaves the rate open on each chosen day, and today (`latest`); percentage points by reason."""
    if law is None or not law.held:
        return
    for day, name in [*((day, day) for day, _ in days), (last, "latest")]:
        widths = rate_path.why_open(law, day)["width_pp"]
        for reason, width in zip(REASONS.values(), widths, strict=True):
            values.add(f"tariffs.statutory_open.KOR.{reason}.{name}", width, "percentage points", day, tier=law.tier,
                       refs=rate_path.refs_on(law, day))


def month_table(path: pd.DataFrame, last: str) -> pd.DataFrame:
    """Mean bounds of each whole month since December 2024, with and without duty on metal in articles."""
    if path.empty:
        return pd.DataFrame()
    full, bare = (rate_path.whole_months(rate_path.by_day(path, "2024-12-01", last, metal=metal))
                  for metal in rate_path.METAL)
    return pd.DataFrame({"month": full["month"], "least": full["lower_pct"], "most": full["upper_pct"],
                         "most without metal": bare["upper_pct"]})


def record_preference(values, law: rate_path.Law | None, worth: pd.DataFrame) -> None:
    """Record what the agreement saves on every day of change since 2025, and today; percentage points.

    Also what the law charges on a car: the ordinary duty, and the rate of the Korean deal; per cent.
    """
    for row in worth.itertuples():
        values.add_interval(f"tariffs.korus_preference.KOR.{row.day}", row.lower_pp, row.upper_pp,
                            "percentage points", row.day, tier=law.tier, refs=rate_path.refs_on(law, row.day))
    if len(worth):
        row = worth.iloc[-1]
        values.add_interval("tariffs.korus_preference.KOR.latest", row["lower_pp"], row["upper_pp"],
                            "percentage points", row["day"], tier=law.tier, refs=rate_path.refs_on(law, row["day"]))
        line = law.lines[law.lines["hs"] == CAR].iloc[0]
        values.add("tariffs.law.cars.ordinary", line["general_pct"], "per cent", "2025", tier=law.tier,
                   refs=line["ref"])
        deal = law.measures[(law.measures["measure"] == "s232.cars") & (law.measures["effective"] == DEAL)]
        for measure in deal.itertuples():
            values.add("tariffs.law.cars.korea-deal", measure.rate_pct, "per cent", DEAL, tier=law.tier,
                       refs=measure.ref)
