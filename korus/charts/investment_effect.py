"""Charts of the chapter on tariffs and investment: the quarterly balance, and the shifts with what could be seen."""

import altair as alt
import numpy as np
import pandas as pd

from korus.charts.common import COLOURS, INK, MUTED, PALE, PAPER, WIDTH, official_points, title
from korus.investment_effect import Shift, rise

DATES = (("2022Q3", "IRA, CHIPS"), ("2025Q2", "tariffs"))
TICKS = [0.25, 0.5, 1.0, 2.0]


def balance_data(series: pd.DataFrame, main: Shift | None, tariffs: str) -> pd.DataFrame:
    """Quarters with the ratio to the rest of the world, and before the tariffs the level: period, date, ratio, level.

    `undetected` is the range the first quarter must leave for its shift to be found in four of five cases.
    """
    if main is None or series.empty:
        return pd.DataFrame()
    rows = pd.DataFrame({"period": series["period"], "ratio": np.exp(series["log_ratio"]), "tier": series["tier"],
                         "ref": series["ref"]})
    before = series.loc[series["period"] < tariffs, "log_ratio"]
    rows["date"] = pd.PeriodIndex(rows["period"], freq="Q").start_time.strftime("%Y-%m-%d")
    rows["level"] = np.exp(before.mean())
    after = rows["period"] == tariffs
    rows["undetected_from"] = np.where(after, np.exp(before.mean() - main.mde), np.nan)
    rows["undetected_to"] = np.where(after, np.exp(before.mean() + main.mde), np.nan)
    return rows.round({"ratio": 4, "level": 4, "undetected_from": 4, "undetected_to": 4})


def balance(data: pd.DataFrame) -> alt.LayerChart:
    """Outflow to the United States per dollar to all other countries, with both dates and what can not be seen."""
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount=alt.TimeIntervalStep(interval="year", step=1)))
    scale = alt.Scale(type="log", domain=[0.2, 2.4], nice=False)
    y = alt.Y("ratio:Q", title=None, scale=scale, axis=alt.Axis(values=TICKS, format="~g"))
    marks = pd.DataFrame([{"date": str(pd.Period(q, "Q").start_time.date()), "label": label} for q, label in DATES])
    begin = alt.Chart(marks).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x="date:T")
    top = alt.Y("top:Q", scale=scale)
    labels = [alt.Chart(marks.iloc[[place]].assign(top=2.2)).mark_text(align=align, dx=dx, fontSize=13).encode(
        x="date:T", y=top, text="label:N") for place, align, dx in ((0, "left", 5), (1, "right", -5))]
    level = alt.Chart(data).mark_line(color=COLOURS["orange"], strokeDash=[5, 3]).encode(
        x=x, y=alt.Y("level:Q", scale=scale))
    unseen = alt.Chart(data[data["undetected_from"].notna()]).mark_bar(
        fill=PALE["blue"], stroke=COLOURS["blue"], strokeWidth=0.8, size=14).encode(
        x=x, y=alt.Y("undetected_from:Q", scale=scale), y2="undetected_to:Q")
    line = alt.Chart(data).mark_line(color=COLOURS["blue"], strokeWidth=2).encode(x=x, y=y)
    points = official_points(data, x, y, alt.value(COLOURS["blue"]))
    return alt.layer(unseen, begin, level, line, points, *labels).properties(
        width=WIDTH - 70, height=260, title=title(
            ["Has Korean investment turned to the US", "since the tariffs?"],
            ["Outflow to the US per dollar to all other", "countries, by quarter, log scale. Pale bar:",
             "shifts too small to be found. Dashes: level."]))


def shifts_data(compared: pd.DataFrame, labels: dict[tuple[str, str], str]) -> pd.DataFrame:
    """Every shift that was estimated: question, label, gap with ends, fall and rise that could be found; per cent."""
    rows = []
    for row in compared.itertuples():
        if row.shift is not None:
            found = row.shift
            rows.append((row.question, labels.get((row.question, row.id), row.specification), row.role, rise(found.gap),
                         rise(found.lower), rise(found.upper), rise(-found.mde), rise(found.mde), row.tier, row.ref))
    columns = ["question", "label", "role", "gap_pct", "lower_pct", "upper_pct", "mde_low_pct", "mde_high_pct", "tier",
               "ref"]
    table = pd.DataFrame(rows, columns=columns)
    return table.round(4)


def shifts(data: pd.DataFrame) -> alt.VConcatChart:
    """Shift and interval under each choice, over the range that could not be found, one panel per question."""
    words = {"tariffs": "From the second quarter of 2025", "acts": "From the third quarter of 2022",
             "years": "Years from 2023"}
    axis = alt.Axis(values=[0.5, 1, 2], labelExpr="datum.value == 1 ? '0%' : datum.value == 0.5 ? '−50%' : '+100%'")
    scale = alt.Scale(type="log", domain=[0.28, 3.3], nice=False)
    panels = []
    ratio = {name: 1 + data[f"{name}_pct"] / 100 for name in ("gap", "lower", "upper", "mde_low", "mde_high")}
    data = data.assign(**ratio)
    for question in [q for q in words if q in set(data["question"])]:
        rows = data[data["question"] == question]
        y = alt.Y("label:N", sort=rows["label"].tolist(), title=None, axis=alt.Axis(labelLimit=170, minExtent=130))
        layers = [
            alt.Chart(rows).mark_bar(
                fill=PALE["blue"], fillOpacity=0.6, stroke=COLOURS["blue"], strokeWidth=0.7, height=13).encode(
                y=y, x=alt.X("mde_low:Q", title=None, scale=scale, axis=axis), x2="mde_high:Q"),
            alt.Chart(pd.DataFrame({"x": [1]})).mark_rule(color=INK).encode(x=alt.X("x:Q", scale=scale)),
            alt.Chart(rows).mark_rule(color=MUTED, strokeWidth=2).encode(
                y=y, x=alt.X("lower:Q", scale=scale), x2="upper:Q"),
        ]
        for role, style in (("main", {"shape": "diamond", "size": 150, "filled": True, "color": COLOURS["blue"]}),
                            ("robustness", {"shape": "circle", "size": 60, "filled": True, "color": COLOURS["blue"]}),
                            ("placebo", {"shape": "square", "size": 60, "filled": False, "fill": PAPER,
                                         "color": COLOURS["orange"], "strokeWidth": 2})):
            layers.append(alt.Chart(rows[rows["role"] == role]).mark_point(opacity=1, **style).encode(
                x=alt.X("gap:Q", scale=scale), y=y))
        panels.append(alt.layer(*layers).properties(
            width=WIDTH - 165, height=24 * len(rows),
            title=alt.TitleParams(words[question], fontSize=13, anchor="start", frame="group", offset=4)))
    return alt.vconcat(*panels, spacing=8).properties(title=title(
        ["Is any shift larger than", "what could be found?"],
        ["Shift against all other countries, log scale.", "Line: interval. Pale bar: too small to be",
         "found. Diamond: main. Square: false date."]))


LABELS = {
    ("tariffs", "main"): "main", ("tariffs", "trend"): "with a trend", ("tariffs", "seasons"): "with seasons",
    ("tariffs", "alike"): "neighbours alike", ("tariffs", "alone"): "US alone", ("tariffs", "from-2023"): "from 2023",
    ("tariffs", "press-quarter"): "with 2025Q3 (press)", ("tariffs", "placebo-2024"): "false date 2024Q2",
    ("acts", "main"): "main", ("acts", "press-quarters"): "earlier (press)",
    ("acts", "press-quarters-trend"): "the same, trend", ("years", "main"): "2013–2021 before",
    ("years", "trend"): "the same, trend",
}
