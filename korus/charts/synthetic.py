"""Charts of Korea against its weighted pool: fit, gap, placebos, other choices."""

import altair as alt
import numpy as np
import pandas as pd

from korus.charts.common import COLOURS, INK, MUTED, NAMES, PALE, PAPER, RULE, WIDTH, title
from korus.synthetic import Effect, per_cent

KOREA, POOL = "Korea", "pool"
DATE = "2025-04-01"


def fit_data(found: Effect | None, wide: pd.DataFrame) -> pd.DataFrame:
    """Before the date: month, date, name (Korea, pool), index (100 is the geometric mean before the date)."""
    if found is None:
        return pd.DataFrame()
    own = found.fit
    months = list(own.gaps.index[:own.before])
    logs = np.log(wide[own.unit].loc[months])
    korea = logs - logs.mean()
    parts = [pd.DataFrame({"month": months, "name": name, "index": 100 * np.exp(values.to_numpy())})
             for name, values in ((KOREA, korea), (POOL, korea - own.gaps.loc[months]))]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(date=rows["month"] + "-01")[["month", "date", "name", "index"]].round({"index": 4})


def fit(data: pd.DataFrame) -> alt.LayerChart:
    """Korea and its pool before the date, on one index."""
    names = [KOREA, POOL]
    colour = alt.Color("name:N", title=None, scale=alt.Scale(domain=names, range=[COLOURS["blue"], COLOURS["orange"]]))
    dash = alt.StrokeDash("name:N", title=None, scale=alt.Scale(domain=names, range=[[1, 0], [4, 3]]))
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount=alt.TimeIntervalStep(interval="year", step=2)))
    y = alt.Y("index:Q", title=None, scale=alt.Scale(zero=False))
    lines = alt.Chart(data).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash)
    return alt.layer(lines).properties(
        width=WIDTH - 50, height=230, title=title(
            ["How well does the pool follow Korea", "before the tariffs?"],
            ["US imports for consumption, by month;", "mean of January 2017 to March 2025 = 100"]))


def gap_data(found: Effect | None) -> pd.DataFrame:
    """Every month: month, date, gap_pct, and from the date on lower_pct, upper_pct."""
    if found is None:
        return pd.DataFrame()
    gaps = found.fit.gaps.map(per_cent).rename("gap_pct").rename_axis("month").reset_index()
    ends = found.months[["month"]].assign(lower_pct=found.months["lower"].map(per_cent),
                                          upper_pct=found.months["upper"].map(per_cent))
    rows = gaps.merge(ends, on="month", how="left")
    return rows.assign(date=rows["month"] + "-01").round(4)


def gap(data: pd.DataFrame) -> alt.LayerChart:
    """Gap between Korea and its pool by month, with the interval after the date."""
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount=alt.TimeIntervalStep(interval="year", step=2)))
    y = alt.Y("gap_pct:Q", title=None, axis=alt.Axis(labelExpr="replace(datum.label, '-', '−') + '%'"))
    band = alt.Chart(data[data["lower_pct"].notna()]).mark_area(
        fill=PALE["blue"], fillOpacity=0.5, stroke=COLOURS["blue"], strokeWidth=0.7).encode(
        x=x, y=alt.Y("lower_pct:Q", title=None), y2="upper_pct:Q")
    zero = alt.Chart(pd.DataFrame({"gap_pct": [0]})).mark_rule(color=INK).encode(y=y)
    begin = alt.Chart(pd.DataFrame({"date": [DATE]})).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x="date:T")
    line = alt.Chart(data).mark_line(color=COLOURS["blue"], strokeWidth=2).encode(x=x, y=y)
    points = alt.Chart(data[data["lower_pct"].notna()]).mark_point(
        color=COLOURS["blue"], filled=True, size=30, opacity=1).encode(x=x, y=y)
    return alt.layer(band, zero, begin, line, points).properties(width=WIDTH - 60, height=260, title=title(
        ["How far are imports from Korea", "from the pool of other partners?"],
        ["Per cent of the pool. Dashed: April 2025.", "Band: interval from the placebos"]))


def placebo_data(found: Effect | None) -> pd.DataFrame:
    """Each partner in Korea's place: partner, name, ratio, score, rmspe_pct, mean_gap_pct, korea; largest first."""
    if found is None:
        return pd.DataFrame()
    rows = found.placebos
    table = pd.DataFrame({
        "partner": rows["unit"], "name": rows["unit"].map(NAMES).fillna(rows["unit"]), "ratio": rows["ratio"],
        "score": rows["score"], "rmspe_pct": rows["rmspe"].map(per_cent),
        "mean_gap_pct": rows["mean_gap"].map(per_cent), "korea": rows["unit"] == found.fit.unit})
    return table.sort_values(["ratio", "partner"], ascending=[False, True]).reset_index(drop=True).round(4)


def placebos(data: pd.DataFrame) -> alt.LayerChart:
    """Gap after the date over gap before it, by partner."""
    order = data["name"].tolist()
    y = alt.Y("name:N", sort=order, title=None)
    x = alt.X("ratio:Q", title=None, axis=alt.Axis(orient="top"), scale=alt.Scale(domainMin=0))
    stems = alt.Chart(data.assign(zero=0)).mark_rule(color=RULE).encode(x=alt.X("zero:Q"), x2="ratio:Q", y=y)
    others = alt.Chart(data[~data["korea"]]).mark_point(
        filled=True, size=60, color=COLOURS["grey"], opacity=1).encode(x=x, y=y)
    korea = alt.Chart(data[data["korea"]]).mark_point(
        filled=True, size=150, color=COLOURS["blue"], shape="diamond", opacity=1).encode(x=x, y=y)
    return alt.layer(stems, others, korea).properties(width=WIDTH - 130, height=18 * len(data), title=title(
        ["Is Korea's gap unusual", "among the partners?"],
        ["Typical gap since April 2025 over typical", "gap before, each partner in Korea's place"]))


def choices_data(summary: pd.DataFrame, kept: list[str]) -> pd.DataFrame:
    """Some rows of the table of choices: id, label, role, gap_pct, lower_pct, upper_pct."""
    if summary.empty:
        return pd.DataFrame()
    rows = summary[summary["id"].isin(kept) & summary["gap_pct"].notna()]
    return rows.assign(label=rows["id"].map(CHOICE_LABELS).fillna(
        "without " + rows["id"].str.removeprefix("without-").map(NAMES).fillna("")))[
        ["id", "label", "role", "gap_pct", "lower_pct", "upper_pct"]].round(4)


CHOICE_LABELS = {
    "main": "main", "index": "index, no log", "level": "plain log", "from-2018": "fitted from 2018",
    "from-2022": "fitted from 2022", "fit-to-2024": "fitted to 2024", "to-2025": "gaps of 2025 only",
    "without-bullion": "no bullion partners", "without-computing": "no computing partners",
    "without-computing-and-thailand": "… and no Thailand", "placebo-2023": "false date 2023",
    "placebo-2024": "false date 2024",
}


def choices(data: pd.DataFrame) -> alt.LayerChart:
    """Mean gap and interval under each choice; placebos hollow."""
    y = alt.Y("label:N", sort=data["label"].tolist(), title=None, axis=alt.Axis(labelLimit=160))
    axis = alt.Axis(orient="top", tickCount=5, labelExpr="replace(datum.label, '-', '−') + '%'")
    spans = alt.Chart(data).mark_rule(color=RULE, strokeWidth=2).encode(
        y=y, x=alt.X("lower_pct:Q", title=None, axis=axis), x2="upper_pct:Q")
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=INK).encode(x="x:Q")
    layers = [zero, spans]
    for role, style in (("main", {"shape": "diamond", "size": 150, "filled": True, "color": COLOURS["blue"]}),
                        ("robustness", {"shape": "circle", "size": 60, "filled": True, "color": COLOURS["blue"]}),
                        ("placebo", {"shape": "square", "size": 60, "filled": False, "fill": PAPER,
                                     "color": COLOURS["orange"], "strokeWidth": 2})):
        layers.append(alt.Chart(data[data["role"] == role]).mark_point(opacity=1, **style).encode(x="gap_pct:Q", y=y))
    return alt.layer(*layers).properties(width=WIDTH - 170, height=22 * len(data), title=title(
        ["How much does the mean gap", "depend on our choices?"],
        ["Per cent of the pool, with interval.", "Diamond: main. Square: false dates."]))
