"""Charts of the break in the balance between China and the United States."""

import altair as alt
import numpy as np
import pandas as pd

from korus.breaks import ConfidenceSet
from korus.charts.common import COLOURS, PALE, PAPER, RULE, WIDTH, official_points, title, with_segments

TICKS = [0.05, 0.1, 0.2, 0.5, 1.0]


def series_data(series: pd.DataFrame, chosen: ConfidenceSet | None) -> pd.DataFrame:
    """What the chart shows: years with the ratio, and the break years with p-value and membership.

    Nothing where no set could be computed.
    """
    if chosen is None:
        return pd.DataFrame()
    seen = pd.DataFrame({
        "what": "ratio", "year": series["year"], "ratio": np.exp(series["log_ratio"]),
        "tier": series["tier"], "ref": series["ref"],
    })
    dates = pd.DataFrame({
        "what": "break year", "year": chosen.table["first_year"], "last_year": chosen.table["last_year"],
        "span": chosen.table["span"], "p_value": chosen.table["p_value"], "in_set": chosen.table["in_set"],
    })
    return pd.concat([seen, dates], ignore_index=True)


def series(data: pd.DataFrame) -> alt.VConcatChart:
    """The ratio by year with the set of break years shaded, and below the p-value of each break year."""
    seen = data[data["what"] == "ratio"].assign(name="ratio")
    seen = with_segments(seen.astype({"year": int, "tier": int}), "name", "year")
    dates = data[data["what"] == "break year"].astype({"in_set": bool})
    dates = dates.assign(begin=dates["year"] - 0.5, end=dates["last_year"] + 0.5)
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d", tickCount=8),
              scale=alt.Scale(domain=[1991, 2026], nice=False))
    y = alt.Y("ratio:Q", title=None, axis=alt.Axis(values=TICKS, format="~g"),
              scale=alt.Scale(type="log", domain=[0.04, 2.2], nice=False))
    chosen = dates[dates["in_set"]].sort_values("begin")
    runs = (chosen["begin"] > chosen["end"].shift()).cumsum()
    inside = alt.Chart(chosen.groupby(runs).agg(begin=("begin", "min"), end=("end", "max"))).mark_rect(
        fill=PALE["orange"], fillOpacity=0.4, stroke=COLOURS["orange"], strokeWidth=0.8).encode(
        x=alt.X("begin:Q", scale=alt.Scale(domain=[1991, 2026], nice=False)), x2="end:Q")
    line = alt.Chart(seen).mark_line(color=COLOURS["blue"], strokeWidth=2).encode(
        x=x, y=y, detail="segment:N")
    equal = alt.Chart(pd.DataFrame({"ratio": [1.0]})).mark_rule(color=RULE, strokeDash=[3, 3]).encode(y=y)
    points = official_points(seen, x, y, alt.value(COLOURS["blue"]))
    above = alt.layer(inside, equal, line, points).properties(width=WIDTH - 45, height=210)
    bars = alt.Chart(dates).mark_rect(stroke=PAPER).encode(
        x=alt.X("begin:Q", title=None, axis=alt.Axis(format="d", tickCount=8),
                scale=alt.Scale(domain=[1991, 2026], nice=False)),
        x2="end:Q", y=alt.Y("p_value:Q", title=None, scale=alt.Scale(domain=[0, 1])), y2=alt.datum(0),
        color=alt.condition("datum.in_set", alt.value(COLOURS["orange"]), alt.value(RULE)))
    limit = alt.Chart(pd.DataFrame({"p": [0.05]})).mark_rule(color=COLOURS["black"]).encode(y="p:Q")
    below = alt.layer(bars, limit).properties(width=WIDTH - 45, height=110, title=alt.TitleParams(
        "p-value of a single break in each year; line: 5%", fontSize=14, fontWeight="normal"))
    return alt.vconcat(above, below, spacing=16).properties(title=title(
        ["In which year did the balance", "between China and the US break?"],
        ["Korean outflow to China per dollar to the US,", "log scale. Shaded: break years that can not",
         "be rejected. Hollow: secondary text."]))
