"""Charts of the greenfield chapter."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, NAMES, PALE, PAPER, WIDTH, official_points, title, with_segments

DESTINATION = alt.Color(
    "name:N", legend=None,
    scale=alt.Scale(domain=["United States", "China"], range=[COLOURS["blue"], COLOURS["orange"]]),
)


def outflows_data(rows: pd.DataFrame) -> pd.DataFrame:
    """What the outflow chart shows: period, name, billion_usd, tier, vintage, ref."""
    return rows.assign(
        year=rows["period"].astype(int), name=rows["destination"].map(NAMES),
        billion_usd=(rows["value_musd"] / 1000).astype(float),
    )[["year", "name", "billion_usd", "tier", "vintage", "ref"]]


def outflows(data: pd.DataFrame) -> alt.LayerChart:
    """Annual invested outflows to the United States and China, gaps left open."""
    data = with_segments(data, "name", "year")
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d", tickCount=8),
              scale=alt.Scale(domain=[1990, int(data["year"].max()) + 1], nice=False))
    y = alt.Y("billion_usd:Q", title=None)
    lines = alt.Chart(data).mark_line(strokeWidth=2).encode(
        x=x, y=y, color=DESTINATION, detail="segment:N",
        strokeDash=alt.StrokeDash("name:N", legend=None, scale=alt.Scale(
            domain=["United States", "China"], range=[[1, 0], [5, 3]])),
    )
    before_the_rise = data[(data["name"] == "United States") & (data["year"] <= 2017)].tail(1)
    highest = data[data["name"] == "China"].nlargest(1, "billion_usd")
    labels = [
        alt.Chart(place).mark_text(align=align, dx=dx, dy=dy, fontWeight="bold").encode(
            x=x, y=y, text="name:N", color=DESTINATION)
        for place, align, dx, dy in ((before_the_rise, "right", -10, -4), (highest, "center", 0, -14))
    ]
    return alt.layer(lines, official_points(data, x, y, DESTINATION), *labels).properties(
        width=WIDTH - 45, height=300,
        title=title(["Since when does Korea invest more", "in the United States than in China?"],
                    ["Billion US dollars of direct investment from", "Korea, all modes, gross invested (투자액)",
                     "Filled: official release. Hollow: secondary text."]))


def panel(data: pd.DataFrame) -> alt.LayerChart:
    """Net flows of the academic panel to the United States and China; dashed, as another concept."""
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d", tickCount=8),
              scale=alt.Scale(domain=[1990, 2013], nice=False))
    y = alt.Y("billion_usd:Q", title=None)
    points = alt.Chart(data).encode(x=x, y=y, color=DESTINATION)
    last = data.sort_values("year").groupby("name").tail(1)
    labels = alt.Chart(last).mark_text(align="left", dx=8, fontWeight="bold").encode(
        x=x, y=y, text="name:N", color=DESTINATION)
    lines = points.mark_line(strokeWidth=1.4, strokeDash=[2, 2])
    marks = points.mark_point(size=34, strokeWidth=1.6, opacity=1).encode(
        shape=alt.Shape("name:N", legend=None, scale=alt.Scale(
            domain=["United States", "China"], range=["triangle-up", "square"])))
    return (lines + marks + labels).properties(
        width=WIDTH - 110, height=230,
        title=title(["What does another count show", "for 1990 to 2012?"],
                    ["Net flows from Korea in an academic panel,", "billion US dollars. Another concept:",
                     "not to be joined to invested amounts."]))


def quarters_data(rows: pd.DataFrame) -> pd.DataFrame:
    """What the quarterly chart shows: name, every quarter in the span, billion_usd (missing in gaps), tier."""
    if rows.empty:
        return pd.DataFrame(columns=["name", "quarter", "period", "billion_usd", "tier", "vintage", "ref"])
    span = pd.period_range(rows["period"].min(), rows["period"].max(), freq="Q").astype(str)
    parts = []
    for name, group in rows.assign(name=rows["destination"].map(NAMES)).groupby("name"):
        held = group.set_index("period").reindex(span)
        parts.append(pd.DataFrame({
            "name": name, "quarter": [f"{p[2:4]} {p[4:]}" for p in span], "period": span,
            "billion_usd": (held["value_musd"] / 1000).astype("Float64").to_numpy(),
            "tier": held["tier"].astype("Int64").to_numpy(), "vintage": held["vintage"].to_numpy(),
            "ref": held["ref"].to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def quarters(data: pd.DataFrame) -> alt.VConcatChart:
    """Quarterly outflows as bars, one panel per country; secondary figures hollow, gaps open."""
    def panel(name: str, colour: str) -> alt.LayerChart:
        rows = data[data["name"] == name]
        base = alt.Chart(rows[rows["billion_usd"].notna()]).encode(
            x=alt.X("quarter:N", sort=list(rows["quarter"]), title=None,
                    scale=alt.Scale(domain=list(rows["quarter"])),
                    axis=alt.Axis(labelAngle=-90, labelFontSize=12)),
            y=alt.Y("billion_usd:Q", title=None))
        return alt.layer(
            base.transform_filter("datum.tier <= 2").mark_bar(color=colour),
            base.transform_filter("datum.tier >= 3").mark_bar(fill=PAPER, stroke=colour, strokeWidth=1.4),
        ).properties(width=WIDTH - 45, height=150, title=alt.TitleParams(name, fontSize=14))

    shown = [(name, colour) for name, colour in (
        ("United States", COLOURS["blue"]), ("China", COLOURS["orange"])) if name in set(data["name"])]
    return alt.vconcat(*[panel(*one) for one in shown], spacing=12).properties(
        title=title(["How much did each quarter bring?"],
                    ["Billion US dollars, gross invested (투자액)", "Filled: official release. Hollow: secondary text.",
                     "No bar: not held. Scales differ."]))


def vintages_data(by_vintage: pd.DataFrame) -> pd.DataFrame:
    """What the vintage chart shows: year, print (first, between, latest), billion_usd, vintage, ref."""
    frame = by_vintage.sort_values(["period", "vintage"], kind="stable")
    groups = frame.groupby("period")["vintage"]
    several = frame[groups.transform("nunique") > 1]
    first = several["vintage"] == several.groupby("period")["vintage"].transform("min")
    latest = several["vintage"] == several.groupby("period")["vintage"].transform("max")
    kind = pd.Series("in between", index=several.index).mask(first, "first print").mask(latest, "latest")
    return several.assign(
        year=several["period"], billion_usd=(several["value_musd"] / 1000).astype(float), print=kind,
    )[["year", "print", "billion_usd", "vintage", "tier", "ref"]]


def vintages(data: pd.DataFrame) -> alt.LayerChart:
    """Every print of each year's outflow to the United States."""
    kinds = ["first print", "in between", "latest"]
    x = alt.X("billion_usd:Q", title="billion US dollars", scale=alt.Scale(zero=False),
              axis=alt.Axis(tickCount=6))
    y = alt.Y("year:N", title=None)
    spans = alt.Chart(data).mark_rule(strokeWidth=1.4, color=COLOURS["grey"]).encode(
        x=alt.X("min(billion_usd):Q"), x2="max(billion_usd):Q", y=y)
    points = alt.Chart(data).mark_point(filled=True, size=90, opacity=1).encode(
        x=x, y=y,
        shape=alt.Shape("print:N", title=None, scale=alt.Scale(
            domain=kinds, range=["circle", "cross", "diamond"])),
        color=alt.Color("print:N", title=None, scale=alt.Scale(
            domain=kinds, range=[COLOURS["orange"], COLOURS["grey"], COLOURS["blue"]])),
    )
    return (spans + points).properties(
        width=WIDTH - 45, height=34 * data["year"].nunique() + 10,
        title=title(["How far do later releases", "move the first figure?"],
                    ["Every print of Korean investment in the US", "by year, gross invested (투자액)"]))


def bea_greenfield_data(by_vintage: pd.DataFrame) -> pd.DataFrame:
    """What the BEA chart shows: year, vintage, order of the print, greenfield and bounds, billion USD."""
    frame = by_vintage[by_vintage["tier"] <= 2].sort_values(["period", "vintage"])
    latest_print = frame["vintage"] == frame.groupby("period")["vintage"].transform("max")
    return pd.DataFrame({
        "year": frame["period"], "vintage": frame["vintage"],
        "print": latest_print.map({True: "latest", False: "earlier"}),
        "greenfield_billion_usd": frame["value_musd"] / 1000,
        "lower_billion_usd": frame["lower_musd"] / 1000,
        "upper_billion_usd": frame["upper_musd"] / 1000,
        "share_pct": frame["share_pct"], "derivation": frame["derivation"], "ref": frame["ref"],
    })


def bea_greenfield(data: pd.DataFrame) -> alt.LayerChart:
    """BEA greenfield by year: bars for the latest print, dashes for earlier ones, share as label."""
    x = alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0))
    y = alt.Y("greenfield_billion_usd:Q", title=None)
    newest = alt.Chart(data).transform_filter("datum.print == 'latest'")
    bars = newest.mark_bar(color=PALE["blue"], stroke=COLOURS["blue"]).encode(x=x, y=y)
    earlier = alt.Chart(data).transform_filter("datum.print == 'earlier'").mark_tick(
        color=COLOURS["black"], thickness=2, width=26).encode(x=x, y=y)
    labels = newest.transform_calculate(label="format(datum.share_pct, '.1f') + '%'").mark_text(
        dy=-8, fontSize=12).encode(x=x, y=y, text="label:N")
    return (bars + earlier + labels).properties(
        width=WIDTH - 45, height=260,
        title=title(["How much new foreign investment in the US", "builds something new?"],
                    ["Greenfield (established + expanded), first year,", "all countries, billion US dollars.",
                     "Label: share of all new investment.", "Dash: earlier print."]))
