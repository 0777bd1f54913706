"""Chart of the chapter on incentive and penalty."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, WIDTH, title

DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]


def packages(data: pd.DataFrame) -> alt.LayerChart:
    """The tariff that does the same as each package, by capital share, and the tariff that closes the whole gap."""
    names = list(dict.fromkeys(data["package"]))
    palette = [COLOURS[name] for name in ("orange", "blue", "green", "purple")]
    domain = {"domain": names}
    x = alt.X("capital_pct:Q", title="capital in the cost of a unit", axis=alt.Axis(labelExpr="datum.value + '%'"))
    y = alt.Y("tariff_pct:Q", title=None, axis=alt.Axis(labelExpr="datum.value + '%'"))
    legend = alt.Legend(title=None, orient="top", direction="vertical", symbolType="stroke", symbolSize=600)
    lines = alt.Chart(data).mark_line(strokeWidth=2.6).encode(
        x=x, y=y,
        color=alt.Color("package:N", legend=legend, scale=alt.Scale(
            **domain, range=[palette[i % 4] for i in range(len(names))])),
        strokeDash=alt.StrokeDash("package:N", legend=legend, scale=alt.Scale(
            **domain, range=[DASHES[i % 4] for i in range(len(names))])))
    gap = data.head(1)
    rule = alt.Chart(gap).mark_rule(color=COLOURS["black"], strokeWidth=1.4).encode(y="gap_pct:Q")
    label = alt.Chart(gap.assign(text="closes the whole gap")).mark_text(align="left", dx=4, dy=-9, fontSize=13).encode(
        x=alt.datum(0), y="gap_pct:Q", text="text:N")
    return alt.layer(lines, rule, label).properties(width=WIDTH - 60, height=260, title=title(
        ["Which tariff does the work", "of the incentives?"],
        ["Tariff on the twin's product that helps as much,", "by the share of capital in the cost of a unit."]))
