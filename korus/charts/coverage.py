"""The coverage map: which years of which series are held, and how good the best source is."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, MUTED, WIDTH, title

LABELS = {1: "1 official table", 2: "2 official release", 3: "3 secondary text"}


def coverage_data(cells: pd.DataFrame, order: list[tuple[str, str]]) -> pd.DataFrame:
    """What the map shows: row label, year, tier label; series without a cell keep an empty row."""
    rows = pd.DataFrame(order, columns=["agency", "series"])
    frame = rows.merge(cells, on=["agency", "series"], how="left")
    frame["label"] = frame["agency"] + ": " + frame["series"]
    frame["best"] = frame["tier"].map(LABELS)
    return frame[["agency", "series", "label", "year", "tier", "best", "figures"]]


def coverage(data: pd.DataFrame) -> alt.LayerChart:
    """Years by series; the mark's form and colour give the tier; a cross says: not held anywhere."""
    order = list(dict.fromkeys(data["label"]))
    empty = data[data["year"].isna()].assign(year=1990, note="not held in any year")
    y = alt.Y("label:N", sort=order, title=None, scale=alt.Scale(domain=order),
              axis=alt.Axis(labelLimit=260, labelFontSize=13, grid=True, ticks=False, domain=False))
    x = alt.X("year:Q", title=None, scale=alt.Scale(domain=[1989, 2027], nice=False),
              axis=alt.Axis(format="d", tickCount=8, orient="top"))
    best = list(LABELS.values())
    points = alt.Chart(data[data["year"].notna()]).mark_point(filled=True, size=34, opacity=1).encode(
        x=x, y=y,
        shape=alt.Shape("best:N", title=None, legend=alt.Legend(columns=2), scale=alt.Scale(
            domain=best, range=["square", "circle", "triangle-up"])),
        color=alt.Color("best:N", title=None, legend=alt.Legend(columns=2), scale=alt.Scale(
            domain=best, range=[COLOURS["blue"], COLOURS["green"], COLOURS["orange"]])),
    )
    missing = alt.Chart(empty).mark_text(align="left", fontStyle="italic", color=MUTED, fontSize=13
                                         ).encode(x=x, y=y, text="note:N")
    return (points + missing).properties(
        width=WIDTH - 185, height=21 * len(order),
        title=title(["Which years are held,", "and how good is the source?"],
                    ["One mark per series and year; its form is", "the tier of the best figure held"]))
