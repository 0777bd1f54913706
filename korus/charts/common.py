"""What the charts share: how tiers, partners and gaps are drawn."""

import altair as alt
import pandas as pd

from korus.chart_theme import COLOURS, GRID, INK, MUTED, PALE, PAPER, RAMP, RULE, WIDTH

NAMES = {"USA": "United States", "CHN": "China", "WLD": "all countries", "KOR": "Korea", "JPN": "Japan",
         "CAN": "Canada", "MEX": "Mexico", "TWN": "Taiwan", "VNM": "Viet Nam", "DEU": "Germany",
         "GBR": "United Kingdom", "FRA": "France", "ITA": "Italy", "IND": "India", "IRL": "Ireland",
         "THA": "Thailand", "AUS": "Australia", "BRA": "Brazil", "CHE": "Switzerland",
         "IDN": "Indonesia", "NLD": "Netherlands", "BEL": "Belgium", "BGD": "Bangladesh",
         "KHM": "Cambodia", "ESP": "Spain"}


def title(question: str | list[str], subtitle: str | list[str]) -> alt.TitleParams:
    """A chart's title (the question it answers) and subtitle (what is measured, in which unit)."""
    return alt.TitleParams(text=question, subtitle=subtitle)


def slider(name: str, value: float, limits: tuple[float, float], step: float, words: str) -> alt.Parameter:
    """A number that a reader may move where scripts run, at `value` in the picture; `words` end in its unit."""
    low, high = limits
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=words))


def with_segments(frame: pd.DataFrame, series: str, year: str) -> pd.DataFrame:
    """Number the unbroken runs of years of each series, so that a line does not cross a gap."""
    frame = frame.sort_values([series, year], kind="stable")
    jump = frame.groupby(series)[year].diff().fillna(1) > 1
    return frame.assign(segment=jump.groupby(frame[series]).cumsum().astype(int))


def official_points(frame: pd.DataFrame, x: alt.X, y: alt.Y, colour: alt.Color) -> alt.LayerChart:
    """Filled points for official figures (tiers 1 and 2), hollow ones for secondary text."""
    points = alt.Chart(frame).encode(x=x, y=y, color=colour)
    return alt.layer(
        points.transform_filter("datum.tier <= 2").mark_point(filled=True, size=46, opacity=1),
        points.transform_filter("datum.tier >= 3").mark_point(
            filled=False, fill=PAPER, size=40, strokeWidth=1.8, opacity=1),
    )


__all__ = ["COLOURS", "GRID", "INK", "MUTED", "NAMES", "PALE", "PAPER", "RAMP", "RULE", "WIDTH",
           "official_points", "slider", "title", "with_segments"]
