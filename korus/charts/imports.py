"""Charts of the chapter on imports and the duty rate."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, INK, NAMES, RULE, WIDTH, title

ONE_OUT = "one other partner out"
SAMPLES = ["all", "without China", "without computing partners", "without bullion and medicine",
           "without China and computing", ONE_OUT]
# Points that are nearer than this stand in the way of a name: percentage points of the rate, per cent of imports.
NEAR = (1.5, 6)


def curve_data(found: pd.DataFrame) -> pd.DataFrame:
    """What the curve shows: sample, start, end, method, seasonal, estimate; single partners left out are one group."""
    own = found.assign(group=found["sample"].where(found["sample"].isin(SAMPLES), ONE_OUT))
    return own[["group", "sample", "start", "end", "method", "seasonal", "estimate"]]


def curve(data: pd.DataFrame) -> alt.LayerChart:
    """A tick per fit, by sample; shape and colour by the first month of the panel."""
    starts = sorted(data["start"].unique())
    order = [name for name in SAMPLES if name in set(data["group"])]
    points = alt.Chart(data).mark_point(size=36, opacity=0.75, strokeWidth=1.4).encode(
        x=alt.X("estimate:Q", title="elasticity", axis=alt.Axis(tickCount=7)),
        y=alt.Y("group:N", sort=order, title=None, axis=alt.Axis(
            labelLimit=200, labelExpr="datum.label == 'all' ? 'all partners' : datum.label")),
        yOffset=alt.YOffset("start:N", sort=starts),
        shape=alt.Shape("start:N", title="from", sort=starts, scale=alt.Scale(
            domain=starts, range=["circle", "triangle-up", "square"][:len(starts)])),
        color=alt.Color("start:N", title="from", sort=starts, scale=alt.Scale(
            domain=starts, range=[COLOURS["blue"], COLOURS["orange"], COLOURS["green"]][:len(starts)])))
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=INK).encode(x="x:Q")
    return (zero + points).properties(width=WIDTH - 190, height=44 * len(order), title=title(
        ["What does the elasticity depend on?"],
        ["One mark per fit: imports on the duty rate,", "by who is in the sample and since when"]))


def scatter_data(frame: pd.DataFrame, early: tuple[str, str], late: tuple[str, str]) -> pd.DataFrame:
    """What the scatter shows: partner, name, rate change in percentage points, change of imports in per cent."""
    sums = []
    for first, last in (early, late):
        rows = frame[frame["month"].between(first, last)]
        sums.append(rows.groupby("partner")[["value_usd", "duty_usd"]].sum())
    if any(table.empty for table in sums):
        return pd.DataFrame(columns=["partner", "name", "rate_pp", "change_pct"])
    before, after = sums
    return pd.DataFrame({
        "partner": before.index, "name": [NAMES.get(p, "rest of the world") for p in before.index],
        "rate_pp": 100 * (after["duty_usd"] / after["value_usd"] - before["duty_usd"] / before["value_usd"]),
        "change_pct": 100 * (after["value_usd"] / before["value_usd"] - 1)}).reset_index(drop=True)


def scatter(data: pd.DataFrame, labelled: tuple[str, ...]) -> alt.LayerChart:
    """Change of imports against change of the rate, one point per partner; some are named."""
    x = alt.X("rate_pp:Q", title="change of the duty rate", axis=alt.Axis(labelExpr="datum.value + ' pp'"))
    y = alt.Y("change_pct:Q", title=None, scale=alt.Scale(padding=12),
              axis=alt.Axis(labelExpr="replace(datum.label, '-', '−') + '%'"))
    points = alt.Chart(data).mark_point(filled=True, size=60, opacity=0.9).encode(
        x=x, y=y, color=alt.condition("datum.partner == 'KOR'", alt.value(COLOURS["orange"]), alt.value(COLOURS["blue"])))
    # A name stands right of its point, and left where another point would lie under it.
    named = data[data["partner"].isin(labelled)]
    crowded = [bool(((data["rate_pp"] - row.rate_pp).between(0.05, NEAR[0])
                     & ((data["change_pct"] - row.change_pct).abs() < NEAR[1])).any()) for row in named.itertuples()]
    names = [alt.Chart(named[[side is left for left in crowded]]).mark_text(fontSize=12, align=align, dx=dx).encode(
        x=x, y=y, text="name:N") for side, align, dx in ((False, "left", 7), (True, "right", -7))]
    zero = alt.Chart(pd.DataFrame({"y": [0]})).mark_rule(color=RULE).encode(y="y:Q")
    return alt.layer(zero, points, *names).properties(width=WIDTH - 90, height=260, title=title(
        ["Did imports fall where rates rose?"],
        ["Change of imports and of the collected rate,", "January to August 2024 to the same of 2026"]))


def timing_data(placebos: pd.DataFrame, timing: pd.DataFrame) -> pd.DataFrame:
    """What the check of timing shows: kind, label, elasticity, lower, upper."""
    parts = [placebos.rename(columns={"rates placed": "label"}).assign(kind="Later rates, put at earlier dates"),
             timing.rename(columns={"rate of the month": "label"}).assign(kind="Rates of nearby months together")]
    return pd.concat(parts, ignore_index=True)[["kind", "label", "elasticity", "lower", "upper"]]


def timing(data: pd.DataFrame) -> alt.VConcatChart:
    """Elasticities with clustered intervals: placebos above, leads and lags below."""
    scale = alt.Scale(domain=[float(data["lower"].min()) - 0.3, max(0.5, float(data["upper"].max()) + 0.3)])
    panels = []
    for kind in data["kind"].unique():
        own = data[data["kind"] == kind]
        base = alt.Chart(own).encode(y=alt.Y("label:N", sort=list(own["label"]), title=None))
        spans = base.mark_rule(strokeWidth=2.2, color=COLOURS["blue"]).encode(
            x=alt.X("lower:Q", title="elasticity" if kind == data["kind"].iloc[-1] else None, scale=scale), x2="upper:Q")
        points = base.mark_point(filled=True, size=60, color=COLOURS["orange"], opacity=1).encode(
            x=alt.X("elasticity:Q", scale=scale))
        zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=INK).encode(x=alt.X("x:Q", scale=scale))
        panels.append((zero + spans + points).properties(
            width=WIDTH - 190, height=22 * len(own), title=alt.TitleParams(kind, fontSize=13, anchor="start")))
    return alt.vconcat(*panels, spacing=8).properties(title=title(
        ["Did imports move", "before the rates did?"],
        ["Points, and intervals that are too narrow", "with so few partners"]))
