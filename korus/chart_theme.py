"""The look of every chart: colours for light and dark pages, type, and the theme that Altair applies."""

import re

import altair as alt

# Text of 4.5:1 on white, and told apart in the common colour deficiencies; colour is never the only cue.
COLOURS = {"blue": "#1059C4", "orange": "#B85C00", "green": "#008450", "purple": "#9A3D94",
           "grey": "#666666", "black": "#1A1A1A"}
# Surfaces, which an outline or a number always goes with.
PALE = {"blue": "#A9CDF0", "faint": "#DFE8F1", "grey": "#CFCFCF", "orange": "#F0B98A"}
# Words, axes and rules.
INK, MUTED, RULE, GRID, PAPER = "#1A1A1A", "#555555", "#8A8A8A", "#E3E3E3", "#FFFFFF"
# Shades of a map or a table, least first; on the last three, words are PAPER.
RAMP = ["#EAF2FB", "#CFE2F6", "#A3C6EC", "#2F6FC0", "#1059C4", "#0A3A85"]

# What takes each colour's place on a dark page; PAPER becomes the page's own background.
DARK = {
    "#1059C4": "#6BA2FF", "#B85C00": "#F09A3E", "#008450": "#2BD18C", "#9A3D94": "#DE9CE6",
    "#666666": "#8F8F8F", "#1A1A1A": "#ECECEC",
    "#A9CDF0": "#2B5280", "#DFE8F1": "#1C2C3E", "#CFCFCF": "#4A4A4A", "#F0B98A": "#7A4A1C",
    "#555555": "#B8B8B8", "#8A8A8A": "#7D7D7D", "#E3E3E3": "#363636", "#FFFFFF": "#121212",
    "#EAF2FB": "#182635", "#CFE2F6": "#203A57", "#A3C6EC": "#2E5789", "#2F6FC0": "#5C93DA", "#0A3A85": "#C0D8FF",
}

# Names of one set of widths: the packaged font first, then what readers' systems have in its place.
FONT = "TeX Gyre Heros, Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH = 440

_PAINT = re.compile(r'(?<=[ "])(fill|stroke)="([^"]+)"')


class NoDarkColour(ValueError):
    """A chart uses a colour that has no partner for dark pages; the message names it."""


def theme() -> alt.theme.ThemeConfig:
    """One look for every chart: large type that stays readable when a phone shrinks the picture."""
    words = {"labelColor": INK, "titleColor": INK, "labelFontSize": 14, "titleFontSize": 14,
             "titleFontWeight": "normal"}
    return alt.theme.ThemeConfig(
        config={
            "background": PAPER,
            "font": FONT,
            "padding": 6,
            "mark": {"color": COLOURS["blue"]},
            "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 300},
            "title": {"anchor": "start", "frame": "bounds", "color": INK, "fontSize": 16, "subtitleFontSize": 14,
                      "subtitleColor": MUTED, "offset": 12, "lineHeight": 20, "subtitleLineHeight": 17},
            "axis": {**words, "gridColor": GRID, "domainColor": RULE, "tickColor": RULE, "labelFlush": False},
            "legend": {**words, "orient": "top", "symbolStrokeWidth": 2, "labelLimit": 300},
            "text": {"fontSize": 14, "color": INK},
            "rule": {"color": RULE},
            "header": {"labelColor": INK, "titleColor": INK, "labelFontSize": 14, "titleFontSize": 14},
        }
    )


def colours_of(svg: str) -> list[str]:
    """Every colour that a picture paints with, sorted."""
    return sorted({paint for _, paint in _PAINT.findall(svg)} - {"none", "transparent"})


def dark_rules(colours: list[str], scope: str = "") -> str:
    """Style rules that put the dark partner in each colour's place, in elements below `scope`.

    Raises NoDarkColour.
    """
    missing = [colour for colour in colours if colour not in DARK]
    if missing:
        raise NoDarkColour(f"the chart paints with {', '.join(missing)}: take a colour of korus.chart_theme, or give "
                           "it a partner in DARK there")
    return "".join(f'{scope}[{paint}="{colour}"]{{{paint}:{DARK[colour]}}}'
                   for colour in colours for paint in ("fill", "stroke"))


def with_dark_colours(svg: str) -> str:
    """The picture with its dark colours beside its light ones, for pages and systems that are dark.

    Readers of SVG that know no media queries (the PDF's, the PNG's) show the light ones. Raises NoDarkColour.
    """
    head, end, body = svg.partition(">")
    rules = dark_rules(colours_of(svg))
    return f"{head}{end}<style>@media screen and (prefers-color-scheme:dark){{{rules}}}</style>{body}"


alt.theme.register("korus", enable=True)(theme)
alt.data_transformers.disable_max_rows()
