"""Charts of the chapter on the threshold."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, WIDTH, official_points, title


def falls_data(by_year: pd.DataFrame) -> pd.DataFrame:
    """What the chart of years shows: year, fall_pct, tier, ref."""
    return by_year[["year", "fall_pct", "tier", "ref"]]


def falls(data: pd.DataFrame) -> alt.LayerChart:
    """The fall of US imports that would bring them down to China's, by year."""
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d"), scale=alt.Scale(nice=False))
    y = alt.Y("fall_pct:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(labelExpr="datum.value + '%'"))
    colour = alt.value(COLOURS["blue"])
    line = alt.Chart(data).mark_line(strokeWidth=2, color=COLOURS["blue"]).encode(x=x, y=y)
    last = data[data["year"] == data["year"].max()]
    label = alt.Chart(last).mark_text(align="left", dx=8, fontWeight="bold", color=COLOURS["blue"]).encode(
        x=x, y=y, text=alt.Text("label:N")).transform_calculate(label="format(datum.fall_pct, '.0f') + '%'")
    return alt.layer(line, official_points(data, x, y, colour), label).properties(
        width=WIDTH - 90, height=250, title=title(
            ["How far would US imports have to fall", "for China to be the larger market?"],
            ["Per cent of US merchandise imports of the year.", "Filled: official table. Hollow: secondary text."]))


def rates_data(curve: pd.DataFrame, found: pd.DataFrame, most: float = 100.0) -> pd.DataFrame:
    """What the chart of duties shows: kind (curve or point), label, elasticity, rate_pct up to `most` per cent."""
    names = {"main": "main", "min": "least", "median": "middle"}
    points = found[found["name"].isin(names)].assign(kind="point", label=lambda rows: rows["name"].map(names))
    rows = pd.concat([curve.assign(kind="curve", label=""), points])
    return rows.loc[rows["rate_pct"] <= most, ["kind", "label", "elasticity", "rate_pct"]].reset_index(drop=True)


def rates(data: pd.DataFrame) -> alt.LayerChart:
    """The duty rate that would bring the fall about, by elasticity, with the estimates on the curve."""
    x = alt.X("elasticity:Q", title="elasticity of imports", scale=alt.Scale(nice=False, domainMax=0))
    y = alt.Y("rate_pct:Q", title=None, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(labelExpr="datum.value + '%'"))
    base = alt.Chart(data).encode(x=x, y=y)
    line = base.transform_filter("datum.kind == 'curve'").mark_line(strokeWidth=2.4, color=COLOURS["orange"])
    points = base.transform_filter("datum.kind == 'point'")
    return alt.layer(
        line, points.mark_point(filled=True, size=80, opacity=1, color=COLOURS["blue"], shape="diamond"),
        points.mark_text(align="left", angle=300, dx=10, dy=-2, fontSize=13, color=COLOURS["blue"]).encode(
            text="text:N").transform_calculate(text="datum.label + ' ' + format(datum.rate_pct, '.0f') + '%'"),
    ).properties(width=WIDTH - 60, height=260, title=title(
        ["Which duty would bring that about?"],
        ["Duty rate on all US imports, by an elasticity that", "stays the same. Diamonds: chapter on imports."]))
