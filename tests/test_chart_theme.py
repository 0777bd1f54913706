"""Charts are readable on light and dark pages, by readers with any of the common colour deficiencies."""

import itertools
import re
import xml.etree.ElementTree as xml

import numpy as np
import pytest
from toy_project import PROJECT

from korus.chart_theme import COLOURS, DARK, GRID, INK, MUTED, PALE, PAPER, RAMP, RULE, NoDarkColour, with_dark_colours

FIGURES = PROJECT / "data" / "processed" / "results" / "figures"
PICTURES = sorted(FIGURES.glob("*.svg"))
built = pytest.mark.skipif(not PICTURES, reason="the chain has not run: make")
SCHEMES = {"light": lambda colour: colour, "dark": DARK.__getitem__}

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}
# A difference between two colours (CIE 1976) that nobody overlooks; 2.3 is just noticeable.
TOLD_APART = 14


def encoded(colour: str) -> np.ndarray:
    """Red, green and blue of `#rrggbb`, 0 to 1."""
    return np.array([int(colour[place:place + 2], 16) for place in (1, 3, 5)]) / 255


def linear(colour) -> np.ndarray:
    rgb = encoded(colour) if isinstance(colour, str) else colour
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other) -> float:
    """Contrast of WCAG 2.2 between two colours."""
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def difference(one: str, other: str, deficiency: str) -> float:
    """Distance in CIELAB of two colours as seen with a deficiency."""
    seen = []
    for colour in (one, other):
        rgb = np.clip(DEFICIENCIES[deficiency] @ linear(colour), 0, 1)
        x, y, z = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb / [
            0.9505, 1, 1.089]
        f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
        seen.append(np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]))
    return float(np.linalg.norm(seen[0] - seen[1]))


def blended(colour: str, opacity: float, paper: str) -> np.ndarray:
    return opacity * encoded(colour) + (1 - opacity) * encoded(paper)


def test_the_contrast_is_that_of_the_standard():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_can_be_read_and_marks_seen(scheme):
    seen = SCHEMES[scheme]
    for colour in (*COLOURS.values(), INK, MUTED):
        assert contrast(seen(colour), seen(PAPER)) >= 4.5, colour
    for colour in (*PALE.values(), *RAMP[:3]):
        assert contrast(seen(INK), seen(colour)) >= 4.5, f"words on {colour}"
    for colour in (*COLOURS.values(), *RAMP[3:]):
        assert contrast(seen(PAPER), seen(colour)) >= 4.5, f"words on {colour}"
    assert contrast(seen(RULE), seen(PAPER)) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_series_are_told_apart_by_everyone(scheme, deficiency):
    seen = SCHEMES[scheme]
    for (one, first), (other, second) in itertools.combinations(COLOURS.items(), 2):
        assert difference(seen(first), seen(second), deficiency) >= TOLD_APART, f"{one}, {other}"


def test_shades_deepen_step_by_step_on_both_pages():
    for scheme, darker in (("light", True), ("dark", False)):
        light = [float(linear(SCHEMES[scheme](colour)) @ [0.2126, 0.7152, 0.0722]) for colour in RAMP]
        assert light == sorted(light, reverse=darker)


def test_a_colour_without_a_dark_partner_is_refused_by_name():
    with pytest.raises(NoDarkColour, match="#ABCDEF"):
        with_dark_colours('<svg><rect fill="#ABCDEF"/></svg>')


def test_the_picture_keeps_its_light_colours_and_says_the_dark_ones():
    svg = with_dark_colours('<svg width="1"><rect fill="#FFFFFF" stroke="none"/></svg>')
    assert svg.startswith('<svg width="1"><style>@media screen and (prefers-color-scheme:dark){')
    assert '[fill="#FFFFFF"]{fill:#121212}' in svg and svg.endswith('<rect fill="#FFFFFF" stroke="none"/></svg>')


def painted(root) -> list[tuple[str, dict]]:
    """Kind (text or mark) and attributes of everything that a chart's marks paint, axes and legends' frames aside."""
    found = []

    def walk(element, inside):
        name = element.tag.rpartition("}")[2]
        role = element.get("class", "")
        inside = inside or "role-mark" in role or "role-legend-symbol" in role
        if name == "text" and element.get("opacity") != "0":
            found.append(("text", element.attrib))
        elif inside and name in ("path", "line", "rect") and "background" not in role and "foreground" not in role:
            found.append(("mark", element.attrib))
        for child in element:
            walk(child, inside)

    walk(root, False)
    return found


def strengths(attributes: dict) -> dict[str, float]:
    """Opacity of the fill and the stroke that an element paints with."""
    return {paint: float(attributes.get("opacity", 1)) * float(attributes.get(f"{paint}-opacity", 1))
            for paint in ("fill", "stroke")
            if attributes.get(paint, "none") not in ("none", "transparent") and attributes.get("opacity") != "0"}


@built
@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_everything_a_published_picture_paints_can_be_seen_in_both_schemes(picture):
    for kind, attributes in painted(xml.parse(picture).getroot()):
        paints = {attributes[paint] for paint in strengths(attributes)}
        # Lines of a grid only help the eye; shades of a map and words on them are tested above.
        if not paints or paints <= {GRID} or paints & set(RAMP) or (kind == "text" and paints == {PAPER}):
            continue
        for scheme, seen in SCHEMES.items():
            paper = seen(PAPER)
            best = max(contrast(blended(seen(attributes[paint]), opacity, paper), encoded(paper))
                       for paint, opacity in strengths(attributes).items())
            assert best >= (4.5 if kind == "text" else 3), f"{scheme}: {kind} {attributes}"


@built
def test_every_published_picture_has_its_dark_colours():
    for picture in PICTURES:
        svg = picture.read_text(encoding="utf-8")
        style = re.search(r"<style>(.*?)</style>", svg)[1]
        painted = set(re.findall(r'(?:fill|stroke)="(#\w+|[a-z]+)"', svg.replace(style, "")))
        for colour in painted - {"none", "transparent"}:
            assert f'[fill="{colour}"]{{fill:{DARK[colour]}}}' in style, f"{picture.name}: {colour}"
