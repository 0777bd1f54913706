"""Publish a chart as five files: SVG, PNG, Vega-Lite specification, the data it plots, and its caption."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import pandas as pd

from korus import chart_fonts
from korus.chart_theme import MUTED, WIDTH, with_dark_colours
from korus.tables import csv_bytes, significant, write_bytes

# Pixels of the PNG for one of the SVG: sharp on a dense screen and on a slide.
PNG_SCALE = 2

NOTHING_HELD = "No figure for this chart that was published by the day of this report is held."


def nothing_held() -> alt.Chart:
    """The picture of a chart that has nothing to show, and says so."""
    words = alt.Chart(pd.DataFrame({"text": [NOTHING_HELD]}))
    return words.mark_text(fontSize=14, color=MUTED).encode(text="text:N").properties(
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
    """Write results/figures/<name>.{svg,png,vl.json,csv,md} and return the figure for display.

    `draw` makes the chart from `data`, what the chart shows, one row per mark; `caption` says what it
    is, its sources, tiers and vintage; `alt_text` says in words what the chart shows. Where nothing is
    held (no rows), the picture says so instead. Raises ValueError when a text is missing or the name
    is not lower case with hyphens, NoDarkColour for a colour that dark pages have no partner for.
    """
    import vl_convert

    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(f"figure name {name!r}: use lower case letters, digits and hyphens")
    for what, text in (("caption", caption), ("alternative text", alt_text)):
        if not text.strip():
            raise ValueError(f"figure {name}: the {what} is missing")
    if data.empty:
        caption = alt_text = NOTHING_HELD
    data = significant(data)
    alt_text = " ".join(alt_text.split())
    caption = " ".join(caption.split())
    specification = (nothing_held() if data.empty else draw(data)).to_dict()
    specification["description"] = alt_text
    chart_fonts.register()
    svg = chart_fonts.with_drawn_korean(vl_convert.vegalite_to_svg(specification))
    folder = f"results/figures/{name}"
    write_bytes(f"{folder}.png", vl_convert.svg_to_png(svg, scale=PNG_SCALE))
    svg = with_dark_colours(svg)
    write_bytes(f"{folder}.svg", svg.encode("utf-8"))
    text = json.dumps(specification, ensure_ascii=False, sort_keys=True, indent=1)
    write_bytes(f"{folder}.vl.json", (text + "\n").encode("utf-8"))
    # A table without columns would be a file that no reader of CSV opens.
    write_bytes(f"{folder}.csv", csv_bytes(data if len(data.columns) else pd.DataFrame(columns=["nothing_held"])))
    write_bytes(f"{folder}.md", (caption + "\n").encode("utf-8"))
    return Figure(name, svg, alt_text, caption)
