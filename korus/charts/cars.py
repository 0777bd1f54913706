"""Chart of the chapter on cars."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, NAMES, RULE, WIDTH, title


def scatter_data(frame: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows: hs, origin, name, rate_pct, change_pct, billion USD before."""
    return pd.DataFrame({
        "hs": frame["hs"], "origin": frame["origin"], "name": [NAMES.get(o, "others") for o in frame["origin"]],
        "rate_pct": 100 * frame["rate"].astype(float),
        "change_pct": 100 * (frame["after_usd"].astype(float) / frame["before_usd"].astype(float) - 1),
        "billion_usd": frame["before_usd"].astype(float) / 1e9})


def scatter(data: pd.DataFrame) -> alt.LayerChart:
    """Change of imports against the rate, one point per subheading and origin, larger with the trade before."""
    names = list(dict.fromkeys(data["name"]))
    colours = [COLOURS[c] for c in ("grey", "green", "purple", "blue", "orange", "black")][:len(names)]
    shapes = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross"][:len(names)]
    legend = alt.Legend(columns=3)
    points = alt.Chart(data).mark_point(filled=True, opacity=0.85).encode(
        x=alt.X("rate_pct:Q", title="collected duty rate", axis=alt.Axis(labelExpr="datum.value + '%'")),
        y=alt.Y("change_pct:Q", title=None, scale=alt.Scale(domain=[-100, 100], clamp=True),
                axis=alt.Axis(labelExpr="replace(datum.label, '-', '−') + '%'")),
        size=alt.Size("billion_usd:Q", legend=None, scale=alt.Scale(range=[30, 500])),
        color=alt.Color("name:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=colours)),
        shape=alt.Shape("name:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=shapes)))
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=RULE).encode(y="y:Q")
    return (zero + points).properties(width=WIDTH - 75, height=260, title=title(
        ["Did the cars with higher", "duties sell less?"],
        ["Change of imports, September–August to the next,", "by subheading and origin; cut at ±100%"]))
