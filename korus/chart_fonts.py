"""The packaged fonts of the charts: text is measured and drawn with them on every machine."""

import html
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

LATIN, KOREAN = "rinoh_typeface_texgyreheros", "rinoh_typeface_notosanscjk"
# A run of Hangul with the brackets, dots and blanks inside and around it.
_HANGUL = re.compile(r"[(]?[가-힣][가-힣·, ]*(?<! )[)]?")
_LINE = re.compile(r"<(text|tspan)([^<>]*)>([^<>]*[가-힣][^<>]*)</\1>")


def folder(package: str) -> str:
    """Folder of an installed font package, which is not imported."""
    return str(Path(find_spec(package).origin).parent)


@cache
def register() -> None:
    """Let vl-convert measure and draw with the packaged fonts; once for a process."""
    import vl_convert

    for package in (LATIN, KOREAN):
        vl_convert.register_font_directory(folder(package))


@cache
def _face(package: str, bold: bool):
    from fontTools.ttLib import TTFont

    names = {LATIN: "texgyreheros", KOREAN: "notosanscjkjp"}
    return TTFont(Path(folder(package)) / f"{names[package]}-{'bold' if bold else 'regular'}.otf", lazy=True)


def _width(text: str, package: str, bold: bool) -> int:
    """Width of a text in thousandths of the type size."""
    face = _face(package, bold)
    names, glyphs = face.getBestCmap(), face.getGlyphSet()
    return sum(glyphs[names[ord(letter)]].width for letter in text)


def _outline(text: str, bold: bool) -> str:
    """The outline of a Korean text as path commands, in thousandths of the type size, from its left end."""
    from fontTools.misc.transform import Transform
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    face = _face(KOREAN, bold)
    names, glyphs = face.getBestCmap(), face.getGlyphSet()
    pen, left = SVGPathPen(glyphs, ntos=lambda number: f"{number:.0f}"), 0
    for letter in text:
        glyph = glyphs[names[ord(letter)]]
        glyph.draw(TransformPen(pen, Transform(1, 0, 0, -1, left, 0)))
        left += glyph.width
    return pen.getCommands()


def with_drawn_korean(svg: str) -> str:
    """The picture with its Hangul as outlines, which every reader draws, with the words as their label.

    A reader of SVG without a Korean font would show boxes, and those of the PNG and the PDF would set the whole line
    in another face. Korean stands at the end of a line that is set from the left or from the right; raises ValueError
    elsewhere.
    """
    for element in re.findall(r"<text[^<>]*>(?:(?!</text>).)*[가-힣](?:(?!</text>).)*</text>", svg, re.S):
        svg = svg.replace(element, _drawn(element))
    return svg


def _drawn(element: str) -> str:
    """A text element with the Hangul of its lines taken out, and the outlines after it."""
    head = re.match(r"<text([^<>]*)>", element)[1]
    size, bold = float(re.search(r'font-size="([\d.]+)px"', head)[1]), 'font-weight="bold"' in head
    place, paint = re.search(r'transform="([^"]+)"', head)[1], re.search(r'fill="([^"]+)"', head)[1]
    paths, down = [], 0.0

    def line(found: re.Match) -> str:
        nonlocal down
        tag, attributes, text = found.groups()
        down += float((re.search(r'dy="([\d.]+)"', attributes) or [0, 0])[1])
        words = html.unescape(text)
        korean = _HANGUL.search(words)
        if korean is None:
            return found[0]
        before, after = words[:korean.start()], words[korean.end():]
        right = 'text-anchor="end"' in head
        if after or not (right or 'text-anchor="start"' in head):
            raise ValueError(f"{words!r}: Korean is drawn at the end of a line that is set from the left or the right")
        width = _width(korean[0], KOREAN, bold) * size / 1000
        left = -width if right else _width(before, LATIN, bold) * size / 1000
        if right:
            # A blank at the end of a text takes no room.
            attributes += f' dx="{-width - _width(" ", LATIN, bold) * size / 1000:.1f}"'
            before = before.rstrip()
        paths.append(f'<path aria-label="{korean[0]}" fill="{paint}" transform="{place} translate({left:.1f},{down:g}) '
                     f'scale({size / 1000:g})" d="{_outline(korean[0], bold)}"/>')
        return f"<{tag}{attributes}>{html.escape(before, quote=False)}</{tag}>"

    return re.sub(r"<(text|tspan)([^<>]*)>([^<>]+)</\1>", line, element) + "".join(paths)
