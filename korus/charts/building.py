"""Charts of the chapter on the cost of a plant."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, PALE, WIDTH, slider, title

# What readers may try: the limits of the parameter (korus/parameters.py).
PASSED = (0, 100)


def costs_data(table: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows: industry, direct, least, most, and the same if all duty is passed on; cents per dollar.

    `table` is korus.building_text.latest_table at the pass-through of the report, `whole` at 100 per cent; no rows
    without them.
    """
    if table.empty:
        return table
    names = {"own imports": "direct", "with suppliers, least": "least", "most": "most"}
    passed, full = table.rename(columns=names), whole.rename(columns=names)
    return passed[["industry", *names.values()]].assign(**{f"full_{name}": full[name] for name in names.values()})


def costs(data: pd.DataFrame, pass_through_pct: float) -> alt.LayerChart:
    """Cents added per dollar by industry: a point for own imports, a bar for all suppliers.

    The pass-through is a number that a reader may move; costs are proportional to it.
    """
    order = data.sort_values("full_most", ascending=False)["industry"].tolist()
    top = 1.25 * float(data["full_most"].max())
    passed = {name: f"datum.full_{name} * pass_through_pct / 100" for name in ("direct", "least", "most")}
    base = alt.Chart(data).transform_calculate(**passed).encode(
        y=alt.Y("industry:N", sort=order, title=None, axis=alt.Axis(labelLimit=170)))
    x = alt.X("least:Q", title="cents per dollar", scale=alt.Scale(domain=[0, top]))
    bars = base.mark_bar(color=PALE["blue"], stroke=COLOURS["blue"], height=12).encode(x=x, x2="most:Q")
    own = base.mark_point(shape="diamond", filled=True, color=COLOURS["black"], size=70, opacity=1).encode(x="direct:Q")
    ends = base.mark_text(align="left", dx=6, fontSize=13).encode(x="most:Q", text=alt.Text("most:Q", format=".1f"))
    share = slider("pass_through_pct", pass_through_pct, PASSED, 1, "Part of the duty that buyers pay, %")
    return alt.layer(bars, own, ends).add_params(share).properties(
        width=WIDTH - 190, height=27 * len(data), title=title(
            ["What do the duties add", "to a dollar of cost?"],
            ["Cents above 2024. Diamond: own imports.", "Bar: with suppliers, least to most (number)."]))


def protection_data(table: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows: name, all_pct (duty on the product), least, most (duty on inputs)."""
    return table[["name", "all_pct", "least", "most"]]


def protection(data: pd.DataFrame) -> alt.LayerChart:
    """Duty on a product beside the duty on what its maker buys."""
    order = data.sort_values("all_pct", ascending=False)["name"].tolist()
    base = alt.Chart(data).encode(y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=180)))
    x = alt.X("least:Q", title="cents per dollar", scale=alt.Scale(domain=[0, 1.15 * float(data["all_pct"].max())]))
    bars = base.mark_bar(color=PALE["orange"], stroke=COLOURS["orange"], height=10).encode(x=x, x2="most:Q")
    own = base.mark_point(shape="circle", filled=True, color=COLOURS["blue"], size=95, opacity=1).encode(x="all_pct:Q")
    ends = base.mark_text(align="left", dx=8, fontSize=13, color=COLOURS["blue"]).encode(
        x="end:Q", text=alt.Text("all_pct:Q", format=".1f")).transform_calculate(end="max(datum.all_pct, datum.most)")
    return alt.layer(bars, own, ends).properties(
        width=WIDTH - 195, height=27 * len(data), title=title(
            ["Does protection outweigh", "dearer inputs?"],
            ["Point: duty collected on the product. Bar: duty on", "all inputs of its industry, least to most."]))
