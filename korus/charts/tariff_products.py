"""Charts of the chapter on products: who pays the bill, cars beside their rivals, Korea beside the world."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, NAMES, PALE, PAPER, RULE, WIDTH, title
from korus.tariff_products import CARS

# Makers beside which Korean cars are shown, and the smallest imports shown, in US dollars.
MAKERS = ["KOR", "JPN", "DEU", "MEX", "CAN"]
SHOWN_USD = 100e6
# Products shown beside the world's rate.
TOP = 16
# Room for a number between a bar and the line beyond it, in per cent of the axis.
ROOM = 15
PANELS = {
    CARS: "All seven kinds", "870322": "Petrol, over 1 to 1.5 litres",
    "870323": "Petrol, over 1.5 to 3 litres", "870324": "Petrol, over 3 litres", "870340": "Hybrid",
    "870360": "Plug-in hybrid, petrol", "870380": "Electric",
}
SHORT = {
    "330499": "skin care", "730791": "steel flanges", "730723": "steel fittings", "730729": "tube fittings",
    "760612": "aluminium sheet", "760711": "aluminium foil", "847330": "computer parts",
    "850422": "transformers, mid", "850423": "transformers, large", "850760": "lithium batteries",
    "852589": "cameras", "870829": "car body parts", "870830": "brakes", "870840": "gear boxes",
    "870850": "drive axles", "870899": "other car parts", "870322": "cars to 1.5 litres",
    "870323": "cars to 3 litres", "870324": "cars over 3 litres", "870340": "hybrid cars",
    "870360": "plug-in cars", "870370": "diesel plug-ins", "870380": "electric cars",
}


def bill_data(groups: pd.DataFrame) -> pd.DataFrame:
    """What the first chart shows: group, duty_share_pct, import_share_pct, held, tier, ref."""
    return groups.assign(held=groups["products"] > 0)[
        ["group", "products", "held", "duty_share_pct", "import_share_pct", "tier", "ref"]]


def bill(data: pd.DataFrame) -> alt.LayerChart:
    """Share of Korea's duty (bars) and of its imports (ticks) by group of products."""
    y = alt.Y("group:N", title=None, sort=list(data["group"]), axis=alt.Axis(labelLimit=170))
    axis = alt.Axis(labelExpr="datum.value + '%'", orient="top", tickCount=5)
    largest = float(data[["duty_share_pct", "import_share_pct"]].max().max())
    scale = alt.Scale(domain=[0, 10 * (largest // 10 + 1)])
    bars = alt.Chart(data).encode(y=y, x=alt.X("duty_share_pct:Q", title=None, axis=axis, scale=scale))
    solid = bars.transform_filter("datum.held").mark_bar(color=COLOURS["blue"], height=14)
    hollow = bars.transform_filter("!datum.held").mark_bar(
        fill=PAPER, stroke=COLOURS["blue"], strokeDash=[4, 2], strokeWidth=1.5, height=14)
    ticks = alt.Chart(data).mark_tick(
        color=COLOURS["orange"], thickness=3.5, size=22, opacity=1).encode(
        y=y, x="import_share_pct:Q")
    # The number stands right of the bar, and of the upright line where that would run through it.
    ends = data["duty_share_pct"].where(data["import_share_pct"] - data["duty_share_pct"] > ROOM,
                                        data[["duty_share_pct", "import_share_pct"]].max(axis=1))
    words = alt.Chart(data.assign(end=ends)).mark_text(align="left", dx=6).encode(
        y=y, x="end:Q", text="label:N").transform_calculate(label="format(datum.duty_share_pct, '.1f') + '%'")
    return (solid + hollow + ticks + words).properties(
        width=WIDTH - 170, height=26 * len(data), title=title(
            ["Which products pay the duty", "on Korean goods?"],
            ["Bar and number: share of the duty. Upright", "line: share of imports. Twelve months to",
             "August 2026; dashed: not held by product."]))


def cars_data(products: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """What the chart of cars shows: hs, panel, partner, name, rate_pct, consumption_usd, tier, ref."""
    both = pd.concat([sums, products])
    rows = both[both["hs"].isin(PANELS) & both["partner"].isin(MAKERS)
                & (both["consumption_usd"] >= SHOWN_USD)].reset_index(drop=True)
    return rows.assign(panel=rows["hs"].map(PANELS), name=rows["partner"].map(NAMES))[
        ["hs", "panel", "partner", "name", "rate_pct", "consumption_usd", "tier", "ref"]]


def cars(data: pd.DataFrame) -> alt.FacetChart:
    """One small chart per kind of car, with the rate of each maker's country."""
    makers = [NAMES[code] for code in MAKERS]
    panels = [panel for panel in PANELS.values() if panel in set(data["panel"])]
    base = alt.Chart().encode(
        y=alt.Y("name:N", title=None, sort=makers),
        x=alt.X("rate_pct:Q", title=None, axis=alt.Axis(labels=False, ticks=False, domain=False, grid=False),
                scale=alt.Scale(domain=[0, 1.3 * float(data["rate_pct"].max())])))
    korea = alt.condition("datum.partner == 'KOR'", alt.value(COLOURS["blue"]), alt.value(PALE["grey"]))
    bars = base.mark_bar(height=14, stroke=RULE, strokeWidth=0.5).encode(color=korea)
    words = base.mark_text(align="left", dx=4).encode(text="label:N").transform_calculate(
        label="format(datum.rate_pct, '.1f') + '%'")
    return alt.layer(bars, words, data=data).properties(width=(WIDTH - 100) // 2, height=100).facet(
        facet=alt.Facet("panel:N", title=None, sort=panels, header=alt.Header(
            labelAnchor="start", labelFontWeight="bold", labelFontSize=13)),
        columns=2, spacing=12,
    ).properties(title=title(
        ["What do Korean cars pay beside Japanese,", "German, Mexican and Canadian ones?"],
        ["Calculated duty as a share of imports, twelve", "months to August 2026, by kind of car.",
         "No bar: less than $100 million held."]))


def beside_world_data(products: pd.DataFrame) -> pd.DataFrame:
    """What the last chart shows: the TOP products by Korea's duty, hs, label, line, rate_pct, tier, ref."""
    korea = products[products["partner"] == "KOR"].sort_values("duty_usd", ascending=False, kind="stable")
    order = {hs: place for place, hs in enumerate(korea["hs"].head(TOP))}
    rows = products[products["hs"].isin(order) & products["partner"].isin(["KOR", "WLD"])]
    rows = rows.assign(place=rows["hs"].map(order), line=rows["partner"].map(NAMES),
                       label=(rows["hs"] + " " + rows["hs"].map(SHORT).fillna("")).str.strip())
    return rows.sort_values(["place", "partner"])[
        ["hs", "label", "line", "rate_pct", "tier", "ref"]].reset_index(drop=True)


def beside_world(data: pd.DataFrame) -> alt.LayerChart:
    """Korea's rate and the rate of all countries on the same products, joined by a line."""
    lines = ["Korea", "all countries"]
    order = list(dict.fromkeys(data["label"]))
    y = alt.Y("label:N", title=None, sort=order, axis=alt.Axis(labelLimit=190))
    scale = alt.Scale(domain=[0, 10 * (float(data["rate_pct"].max()) // 10 + 1)])
    x = alt.X("rate_pct:Q", title=None, scale=scale, axis=alt.Axis(
        labelExpr="datum.value + '%'", orient="top", tickCount=6))
    spans = alt.Chart(data).mark_rule(color=RULE, strokeWidth=2).encode(
        y=y, x=alt.X("min(rate_pct):Q"), x2="max(rate_pct):Q")
    points = alt.Chart(data).mark_point(size=80, opacity=1, strokeWidth=2).encode(
        x=x, y=y,
        shape=alt.Shape("line:N", title=None, sort=lines, scale=alt.Scale(
            domain=lines, range=["circle", "diamond"])),
        color=alt.Color("line:N", title=None, sort=lines, scale=alt.Scale(
            domain=lines, range=[COLOURS["blue"], COLOURS["orange"]])),
        fill=alt.Fill("line:N", title=None, sort=lines, scale=alt.Scale(
            domain=lines, range=[COLOURS["blue"], PAPER])),
    )
    return (spans + points).properties(width=WIDTH - 206, height=24 * len(order), title=title(
        ["On which products does Korea pay more", "than the world, and on which less?"],
        ["Calculated duty as a share of imports, twelve", "months to August 2026; the six-digit products",
         "that bring the most duty from Korea"]))
