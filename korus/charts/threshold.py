"""Charts of the chapter on the threshold."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, MUTED, WIDTH, official_points, slider, title

# What readers may try: the limits of the grid of elasticities (korus/parameters.py), just short of nothing.
ELASTICITY = (-20, -0.05)
# The curve is shown from here, and up to this rate.
FROM, MOST = -8, 100


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


def rates_data(curve: pd.DataFrame, found: pd.DataFrame, most: float = MOST) -> pd.DataFrame:
    """What the chart of duties shows: kind (curve or point), label, elasticity, rate_pct up to `most` per cent."""
    names = {"main": "main", "min": "least", "median": "middle"}
    points = found[found["name"].isin(names)].assign(kind="point", label=lambda rows: rows["name"].map(names))
    rows = pd.concat([curve.assign(kind="curve", label=""), points])
    return rows.loc[rows["rate_pct"] <= most, ["kind", "label", "elasticity", "rate_pct"]].reset_index(drop=True)


def rates(data: pd.DataFrame, fall: float, base_rate: float) -> alt.LayerChart:
    """The duty rate that would bring the fall about, by elasticity, with the estimates on the curve.

    `fall` and `base_rate` are the curve's, as shares. A reader may try an elasticity; at the main estimate, as in the
    picture, nothing is added. What is computed in the chart must equal korus.threshold.duty_rate.
    """
    main = data.loc[(data["kind"] == "point") & (data["label"] == "main"), "elasticity"]
    published = float(main.iloc[0]) if len(main) else float(data["elasticity"].median())
    tried = slider("elasticity", round(published, 2), ELASTICITY, 0.01, "Elasticity of imports")
    x = alt.X("elasticity:Q", title="elasticity of imports", scale=alt.Scale(
        nice=False, domain=alt.ExprRef(f"[min({FROM}, elasticity), 0]")))
    y = alt.Y("rate_pct:Q", title=None, scale=alt.Scale(domain=[0, MOST]), axis=alt.Axis(labelExpr="datum.value + '%'"))
    base = alt.Chart(data).encode(x=x, y=y)
    line = base.transform_filter("datum.kind == 'curve'").mark_line(strokeWidth=2.4, color=COLOURS["orange"], clip=True)
    points = base.transform_filter("datum.kind == 'point'")
    duty = f"100 * ({1 + base_rate!r} * pow({1 - fall!r}, 1 / elasticity) - 1)"
    one = alt.Chart(pd.DataFrame({"tried": [1]})).transform_filter(
        f"elasticity != {round(published, 2)!r}").transform_calculate(
        elasticity="elasticity", exact=duty).transform_calculate(
        rate_pct=f"min(datum.exact, {MOST})", words="'duty of ' + format(datum.exact, ',.0f') + '%'")
    drop = one.mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x=x)
    here = one.mark_point(filled=True, size=110, opacity=1, color=COLOURS["black"]).encode(x=x, y=y)
    told = one.mark_text(align="center", dy=-14, fontWeight="bold").encode(x=x, y=y, text="words:N")
    return alt.layer(
        line, drop, here, told,
        points.mark_point(filled=True, size=80, opacity=1, color=COLOURS["blue"], shape="diamond"),
        points.mark_text(align="left", angle=300, dx=10, dy=-2, fontSize=13, color=COLOURS["blue"]).encode(
            text="text:N").transform_calculate(text="datum.label + ' ' + format(datum.rate_pct, '.0f') + '%'"),
    ).add_params(tried).properties(width=WIDTH - 60, height=260, title=title(
        ["Which duty would bring that about?"],
        ["Duty rate on all US imports, by an elasticity that", "stays the same. Diamonds: chapter on imports."]))
