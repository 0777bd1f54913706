"""Chart of the market-size chapter."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, NAMES, WIDTH, official_points, title


def shares_data(shares: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows: year, name, share_pct, tier, ref."""
    return shares.assign(name=shares["importer"].map(NAMES))[["year", "name", "share_pct", "tier", "ref"]]


def shares(data: pd.DataFrame) -> alt.LayerChart:
    """Shares of the United States and China in the world's merchandise imports."""
    names = ["United States", "China"]
    colour = alt.Color("name:N", legend=None, scale=alt.Scale(
        domain=names, range=[COLOURS["blue"], COLOURS["orange"]]))
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d"), scale=alt.Scale(nice=False))
    y = alt.Y("share_pct:Q", title=None, axis=alt.Axis(labelExpr="datum.value + '%'"))
    lines = alt.Chart(data).mark_line(strokeWidth=2).encode(
        x=x, y=y, color=colour, strokeDash=alt.StrokeDash("name:N", legend=None, scale=alt.Scale(
            domain=names, range=[[1, 0], [5, 3]])))
    last = data[data["year"] == data["year"].max()]
    labels = alt.Chart(last).mark_text(align="left", dx=8, fontWeight="bold").encode(
        x=x, y=y, text="name:N", color=colour)
    return alt.layer(lines, official_points(data, x, y, colour), labels).properties(
        width=WIDTH - 145, height=280, title=title(
            ["How far is the US still ahead of China", "as a market for the world's goods?"],
            ["Share of world merchandise imports, per cent.",
             "Filled: official table. Hollow: secondary text."]))
