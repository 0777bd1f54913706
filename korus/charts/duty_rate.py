"""The rate on Korean goods, by law and as collected, in one picture; and what explains the distance."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, INK, MUTED, PALE, WIDTH, title

# Characters of a subtitle that fit the width.
LINE = 46
BAND, BARE, COLLECTED, YALE = "law", "law without metal", "collected", "Yale"

# The dated measures drawn over the rate: words with a place for each rate, and the measures it is of; the first's day.
MARKS = (
    ("steel, aluminium {:g}%", (("s232.steel", "2025-03-12"),)),
    ("cars {:g}%, then reciprocal {:g}%", (("s232.cars", "2025-04-03"), ("ieepa.reciprocal", "2025-04-05"))),
    ("reciprocal {:g}%", (("ieepa.reciprocal", "2025-08-07"),)),
    ("cars cut to {:g}%", (("s232.cars", "2025-11-01"),)),
    ("reciprocal void, Section 122 {:g}%", (("s122.surcharge", "2026-02-24"),)),
    ("Section 301 {:g}%", (("s301.forced-labour", "2026-07-24"),)),
)


def dated_marks(measures: pd.DataFrame) -> pd.DataFrame:
    """The measures marked in the chart, with the rates of the coded table: number, date, label; those that it has."""
    rates = measures.drop_duplicates(["measure", "effective"]).set_index(["measure", "effective"])["rate_pct"]
    found = []
    for number, (words, named) in enumerate(MARKS, start=1):
        if all(one in rates.index for one in named):
            label = words.format(*(float(rates[one]) for one in named))
            found.append({"number": str(number), "date": named[0][1], "label": f"{number} {label}"})
    return pd.DataFrame(found, columns=["number", "date", "label"])


def rate_data(
    path: pd.DataFrame, collected: pd.DataFrame, yale: pd.DataFrame | None, first: str, last: str
) -> pd.DataFrame:
    """What the picture shows, long: series, date, lower_pct, upper_pct (law), rate_pct (the others), tier, ref.

    The law stands at its days of change (a step each) and at the last day; collected and Yale's rates, which are
    of months, in the middle of the month.
    """
    parts = []
    for metal, series in (("open", BAND), ("none", BARE)):
        own = path[(path["authority"] == "all") & (path["goods"] == "placed") & (path["metal"] == metal)]
        if own.empty:
            continue
        before, inside = own[own["day"] <= first].tail(1).assign(day=first), own[own["day"] > first]
        steps = pd.concat([before, inside, own.tail(1).assign(day=last)])
        parts.append(pd.DataFrame({"series": series, "date": steps["day"], "lower_pct": steps["lower_pct"],
                                   "upper_pct": steps["upper_pct"]}))
    for frame, series in ((collected[collected["partner"] == "KOR"], COLLECTED), (yale, YALE)):
        if frame is None or frame.empty:
            continue
        rows = frame[(frame["month"] >= first[:7]) & (frame["month"] <= last[:7])]
        parts.append(pd.DataFrame({"series": series, "date": rows["month"] + "-15", "rate_pct": rows["rate_pct"],
                                   "tier": rows["tier"], "ref": rows["ref"]}))
    columns = ["series", "date", "lower_pct", "upper_pct", "rate_pct", "tier", "ref"]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns) if parts else pd.DataFrame(columns=columns)


def rate(data: pd.DataFrame, marks: pd.DataFrame, question: list[str]) -> alt.LayerChart:
    """Bands of the law, lines of the collected rate and of Yale's series, and numbered days of the measures."""
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%b %y", tickCount=8, labelFlush=False))
    top = 5 * (int(pd.concat([data["upper_pct"], data["rate_pct"]]).max()) // 5 + 1)
    scale = alt.Scale(domain=[0, top + 2])
    y = alt.Y("lower_pct:Q", title=None, scale=scale, axis=alt.Axis(labelExpr="datum.value + '%'"))
    layers = []
    for series, opacity, dash in ((BAND, 0.35, [3, 3]), (BARE, 0.8, [1, 0])):
        rows = data[data["series"] == series]
        if len(rows):
            layers.append(alt.Chart(rows).mark_area(
                interpolate="step-after", fill=PALE["blue"], fillOpacity=opacity, stroke=COLOURS["blue"],
                strokeWidth=0.9, strokeDash=dash,
            ).encode(x=x, y=y, y2="upper_pct:Q"))
    for series, colour, dash, shape in ((YALE, "purple", [5, 3], "diamond"), (COLLECTED, "orange", [1, 0], "circle")):
        rows = data[data["series"] == series]
        if rows.empty:
            continue
        base = alt.Chart(rows).encode(x=x, y=alt.Y("rate_pct:Q", title=None, scale=scale))
        layers += [base.mark_line(color=COLOURS[colour], strokeWidth=2.4, strokeDash=dash),
                   base.mark_point(color=COLOURS[colour], filled=True, size=34, shape=shape, opacity=1)]
    rules = alt.Chart(marks.assign(top=top + 2)).encode(x="date:T")
    layers += [rules.mark_rule(color=MUTED, strokeDash=[2, 2]),
               rules.mark_text(dy=-7, fontSize=12, fontWeight="bold").encode(
                   y=alt.Y("top:Q", scale=scale), text="number:N")]
    return alt.layer(*layers).properties(
        width=WIDTH - 40, height=300, title=title(question, _words(data, marks)))


def _words(data: pd.DataFrame, marks: pd.DataFrame) -> list[str]:
    """The subtitle: what each form stands for, and the key to the numbered days, in lines that fit."""
    held = set(data["series"])
    lines = ["Per cent of customs value."]
    if COLLECTED in held:
        lines.append("Orange line, dots: collected, by month")
    if YALE in held:
        lines.append("Purple dashes, diamonds: Yale's series")
    if BAND in held:
        lines += ["Blue: least to most the law can charge;", "dashed part: duty on metal inside articles"]
    key = [""]
    for label in marks["label"]:
        joined = f"{key[-1]} · {label}" if key[-1] else label
        key = [*key[:-1], joined] if len(joined) <= LINE else [*key, label]
    return [*lines, *filter(None, key)]


def parts_data(table: pd.DataFrame) -> pd.DataFrame:
    """What the decomposition shows: change (from → to), part, least, most; percentage points."""
    rows = []
    for row in table.itertuples():
        change = f"{row.title_from} → {row.title_to}"
        rows.append((change, "change", row.change_pp, row.change_pp))
        rows += [(change, name, getattr(row, f"{key}_least"), getattr(row, f"{key}_most"))
                 for name, key in (("law", "law"), ("goods", "goods"), ("rest", "rest"))]
    return pd.DataFrame(rows, columns=["change", "part", "least_pp", "most_pp"]).dropna()


def parts(data: pd.DataFrame) -> alt.VConcatChart:
    """For each change between regimes: the change itself, and what law, goods and the rest contribute."""
    names = ["change", "law", "goods", "rest"]
    colour = alt.Color("part:N", legend=None, scale=alt.Scale(domain=names, range=[
        COLOURS["black"], COLOURS["blue"], COLOURS["green"], COLOURS["grey"]]))
    low, high = float(data["least_pp"].min()), float(data["most_pp"].max())
    scale = alt.Scale(domain=[5 * ((low - 0.5) // 5), 5 * (high // 5 + 1)])
    changes, panels = list(dict.fromkeys(data["change"])), []
    for change in changes:
        last = change == changes[-1]
        base = alt.Chart(data[data["change"] == change]).encode(
            y=alt.Y("part:N", sort=names, title=None), color=colour)
        axis = alt.Axis(labels=last, ticks=last, labelExpr="datum.value + ' pp'", tickCount=6)
        spans = base.mark_bar(height=7).encode(
            x=alt.X("least_pp:Q", title=None, scale=scale, axis=axis), x2="most_pp:Q")
        ends = base.mark_point(filled=True, size=38, opacity=1).encode(x=alt.X("least_pp:Q", scale=scale))
        others = base.mark_point(filled=True, size=38, opacity=1).encode(x=alt.X("most_pp:Q", scale=scale))
        zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=INK).encode(x=alt.X("x:Q", scale=scale))
        panels.append(alt.layer(zero, spans, ends, others).properties(
            width=WIDTH - 90, height=17 * int((data["change"] == change).sum()),
            title=alt.TitleParams(change, fontSize=13, anchor="start", offset=3)))
    return alt.vconcat(*panels, spacing=4).properties(title=title(
        ["What moved the collected rate:", "law or goods?"],
        ["Percentage points; a bar is a range", "from least to most"]))
