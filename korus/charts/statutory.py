"""Charts of the statutory rate: bands, because the law and the figures held leave it open."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, PALE, WIDTH, title

# In the order they came.
AUTHORITIES = ["base", "Section 201", "Section 232", "IEEPA", "Section 122", "Section 301"]
# Contributions below this are not drawn (percentage points).
SMALL = 0.15


def by_authority_data(table: pd.DataFrame, days: list[tuple[str, str]]) -> pd.DataFrame:
    """What the chart by authority shows: day, label, authority, lower_pct, upper_pct; `days` are (day, label).

    Contributions that can not reach SMALL are left out: the base and the safeguards on few goods.
    """
    own = table[(table["goods"] == "placed") & (table["metal"] == "open") & (table["authority"] != "all")]
    rows = []
    for day, label in days:
        now = own[own["day"] <= day].sort_values("day").groupby("authority").tail(1)
        rows += [(day, label, row.authority, row.lower_pct, row.upper_pct) for row in now.itertuples()
                 if row.upper_pct >= SMALL]
    return pd.DataFrame(rows, columns=["day", "label", "authority", "lower_pct", "upper_pct"])


def by_authority(data: pd.DataFrame) -> alt.VConcatChart:
    """For each chosen day a bar from the lower to the upper bound of every authority's contribution."""
    top = 5 * (int(data["upper_pct"].max()) // 5 + 1)
    days = list(dict.fromkeys(data["label"]))
    panels = []
    for label in days:
        rows = data[data["label"] == label]
        base = alt.Chart(rows).encode(y=alt.Y("authority:N", sort=AUTHORITIES, title=None))
        x = alt.X("lower_pct:Q", title=None, scale=alt.Scale(domain=[0, top]), axis=alt.Axis(
            labels=label == days[-1], ticks=label == days[-1], labelExpr="datum.value + ' pp'", tickCount=4))
        bars = base.mark_bar(color=PALE["blue"], stroke=COLOURS["blue"], height=12).encode(x=x, x2="upper_pct:Q")
        ends = base.mark_text(align="left", dx=5, fontSize=12).encode(x="upper_pct:Q", text="range:N")
        panels.append(alt.layer(bars, ends.transform_calculate(
            range="format(datum.lower_pct, '.1f') + ' to ' + format(datum.upper_pct, '.1f')")).properties(
            width=WIDTH - 175, height=20 * len(rows), title=alt.TitleParams(
                label, fontSize=13, anchor="start", offset=2)))
    return alt.vconcat(*panels, spacing=2).properties(title=title(
        ["Which law charges how much?"],
        ["Contribution to the rate on all Korean goods,", "percentage points, least to most"]))


def preference_data(table: pd.DataFrame, last: str) -> pd.DataFrame:
    """What the chart of the agreement's worth shows: day, lower_pp, upper_pp; the last day repeats the bounds."""
    if table.empty:
        return table
    return pd.concat([table, table.tail(1).assign(day=last)], ignore_index=True)


def preference(data: pd.DataFrame) -> alt.LayerChart:
    """What the agreement saves by day, as a band of steps."""
    base = alt.Chart(data).encode(x=alt.X("day:T", title=None, axis=alt.Axis(format="%b %y", tickCount=8)))
    low = alt.Y("lower_pp:Q", title=None, axis=alt.Axis(labelExpr="datum.value + ' pp'"))
    band = base.mark_area(
        fill=PALE["blue"], fillOpacity=0.5, stroke=COLOURS["blue"], strokeWidth=1.3, strokeDash=[4, 3],
        interpolate="step-after").encode(
        y=low, y2="upper_pp:Q")
    least = base.mark_line(color=COLOURS["blue"], strokeWidth=2.6, interpolate="step-after").encode(y=low)
    return alt.layer(band, least).properties(width=WIDTH - 40, height=220, title=title(
        ["How much does the agreement", "still save?"],
        ["Rate without the agreement less the rate with it:", "solid line at least, dashed line at most"]))
