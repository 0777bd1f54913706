"""Publish a chart as four files: SVG, Vega-Lite specification, the data it plots, and its caption."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import pandas as pd

from korus.tables import csv_bytes, write_bytes

# Okabe and Ito's colours, distinguishable with any common colour blindness; never the only cue.
COLOURS = {"blue": "#0072B2", "orange": "#D55E00", "green": "#009E73", "purple": "#AA4499",
           "yellow": "#B8860B", "sky": "#56B4E9", "grey": "#767676", "black": "#1A1A1A"}
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 440


def theme() -> alt.theme.ThemeConfig:
    """One look for every chart: large type that stays readable when a phone shrinks the picture."""
    return alt.theme.ThemeConfig(
        config={
            "background": "white",
            "font": FONT,
            "padding": 6,
            "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 300},
            "title": {"anchor": "start", "frame": "bounds", "fontSize": 16, "subtitleFontSize": 14,
                      "subtitleColor": "#444", "offset": 12, "lineHeight": 20,
                      "subtitleLineHeight": 17},
            "axis": {"labelFontSize": 14, "titleFontSize": 14, "titleFontWeight": "normal",
                     "labelColor": "#333", "titleColor": "#333", "gridColor": "#e3e3e3",
                     "domainColor": "#888", "tickColor": "#888",
                     "labelFlush": False},
            "legend": {"labelFontSize": 14, "titleFontSize": 14, "titleFontWeight": "normal",
                       "orient": "top", "symbolStrokeWidth": 2, "labelLimit": 300},
            "text": {"fontSize": 14},
            "header": {"labelFontSize": 14, "titleFontSize": 14},
        }
    )


alt.theme.register("korus", enable=True)(theme)
alt.data_transformers.disable_max_rows()


NOTHING_HELD = "No figure for this chart that was published by the day of this report is held."


def nothing_held() -> alt.Chart:
    """The picture of a chart that has nothing to show, and says so."""
    words = alt.Chart(pd.DataFrame({"text": [NOTHING_HELD]}))
    return words.mark_text(fontSize=14, color="#555").encode(text="text:N").properties(
        width=WIDTH, height=60)


def origin_note(rows: pd.DataFrame, agency: str) -> str:
    """Words for a caption: agency, tiers and the span of vintages of the rows shown."""
    if rows.empty:
        return f"Source: {agency}."
    tiers = " and ".join(str(tier) for tier in sorted(rows["tier"].unique()))
    first, last = rows["vintage"].min(), rows["vintage"].max()
    when = first if first == last else f"{first} to {last}"
    return f"Source: {agency}; tier {tiers}; published {when} ([sources](/sources.md))."


def directive(name: str, alt: str, caption: str, label: bool) -> str:
    """A figure as a MyST directive; `label` makes it the target of `{numref}`. The book adds the menu of its files."""
    # Quoted as JSON: options are read as YAML, where `#` begins a comment.
    alternative = json.dumps(alt, ensure_ascii=False)
    target = f":name: fig-{name}\n" if label else ""
    return f"```{{figure}} /figures/{name}.svg\n{target}:alt: {alternative}\n\n{caption}\n```"


@dataclass(frozen=True)
class Figure:
    """A published figure; shown in a notebook as a picture, in the book with caption and links."""

    name: str
    svg: str
    alt: str
    caption: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        shown = directive(self.name, self.alt, self.caption, label=True)
        return {"text/markdown": shown, "text/plain": f"Figure {self.name}"}


def publish(
    draw: Callable[[pd.DataFrame], alt.TopLevelMixin], name: str, data: pd.DataFrame, caption: str,
    alt_text: str,
) -> Figure:
    """Write results/figures/<name>.{svg,vl.json,csv,md} and return the figure for display.

    `draw` makes the chart from `data`, what the chart shows, one row per mark; `caption` says what it
    is, its sources, tiers and vintage; `alt_text` says in words what the chart shows. Where nothing is
    held (no rows), the picture says so instead. Raises ValueError when a text is missing or the name
    is not lower case with hyphens.
    """
    import vl_convert

    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(f"figure name {name!r}: use lower case letters, digits and hyphens")
    for what, text in (("caption", caption), ("alternative text", alt_text)):
        if not text.strip():
            raise ValueError(f"figure {name}: the {what} is missing")
    if data.empty:
        caption = alt_text = NOTHING_HELD
    alt_text = " ".join(alt_text.split())
    caption = " ".join(caption.split())
    specification = (nothing_held() if data.empty else draw(data)).to_dict()
    specification["description"] = alt_text
    svg = vl_convert.vegalite_to_svg(specification)
    folder = f"results/figures/{name}"
    write_bytes(f"{folder}.svg", svg.encode("utf-8"))
    text = json.dumps(specification, ensure_ascii=False, sort_keys=True, indent=1)
    write_bytes(f"{folder}.vl.json", (text + "\n").encode("utf-8"))
    # A table without columns would be a file that no reader of CSV opens.
    write_bytes(f"{folder}.csv", csv_bytes(data if len(data.columns) else pd.DataFrame(columns=["nothing_held"])))
    write_bytes(f"{folder}.md", (caption + "\n").encode("utf-8"))
    return Figure(name, svg, alt_text, caption)
