"""What is done to the rendered pages before they take the place of the previous ones.

Each page gets a content security policy that lets it load nothing but the files of the report; pictures get
their size, so that nothing moves while they load; wide tables can be scrolled by keyboard; Korean is marked as
such; files and styles of the theme that no page uses are removed.
"""

import base64
import hashlib
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from korus import style

STATIC = "_static"
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", flags=re.S)
# Scripts of these types are data that no browser runs.
DATA_TYPES = re.compile(r"""type=["']?(application/(ld\+)?json|text/plain)""")
TAG = re.compile(r"""<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", flags=re.I)
QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
HANDLER = re.compile(r"\son[a-z]+\s*=", flags=re.I)
CHARSET = re.compile(r"<meta charset=[^>]*>")
# A box around a table that may be wider than the page, and the table's caption.
TABLE_BOX = re.compile(r'<div class="(korus-scroll|pst-scrollable-table-container)"(?: tabindex="0")?>'
                       r'(?=\s*<table\b[^>]*>\s*(?:<caption>(.*?)</caption>)?)', flags=re.S)
MARKUP = re.compile(r"<[^>]+>")
# Korean words of a page's text with what stands between them, tried last: heads, scripts, texts that are marked
# already and tags are found before it and stay as they are.
KOREAN = re.compile(r'<(head|script|style|option|textarea)\b.*?</\1>|<(\w+)[^<>]* lang="ko"[^<>]*>[^<>]*</\2>|<[^>]+>'
                    r"|(?P<words>\d*[가-힣](?:[^<>a-zA-Z]*[가-힣])?)", flags=re.S)
CONTENTS = '<nav class="bd-toc-nav'
IMAGE = re.compile(r"<img\b[^>]*>")
ADDRESS = re.compile(r"""\b(?:src|href)=["']([^"']+)["']""")
STYLE_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s*["']([^"']+)""")
SVG_SIZE = re.compile(r'<svg\b[^>]*?\swidth="([\d.]+)"[^>]*?\sheight="([\d.]+)"', flags=re.S)


class Unsafe(Exception):
    """A page holds script in an attribute, which the policy would not let run."""


def policy(scripts: list[str]) -> str:
    """The content security policy of a page, given the texts of its own scripts.

    `'self'` is the server's host, or with `file:` the files of this computer (so Chromium and Firefox).
    Styles may stand in the page: the theme, MathML and Vega write them, and a style fetches nothing that
    the other rules do not let it.
    """
    hashes = sorted({base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts})
    return "; ".join([
        "default-src 'none'",
        " ".join(["script-src 'self'", *(f"'sha256-{value}'" for value in hashes)]),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
    ])


def with_policy(text: str) -> str:
    """A page with its policy, before anything that the policy is about. Raises Unsafe."""
    for tag in TAG.findall(text):
        if HANDLER.search(QUOTED.sub('""', tag)):
            raise Unsafe(f"script in an attribute: {tag[:200]}")
    own = [body for attributes, body in SCRIPT.findall(text)
           if not re.search(r"\bsrc=", attributes) and not DATA_TYPES.search(attributes)]
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(own)}">'
    return CHARSET.sub(lambda found: f"{found[0]}\n    {meta}", text, count=1)


def size_of(picture: Path) -> tuple[int, int] | None:
    """Width and height of an SVG in pixels, rounded; None for what is not one of ours."""
    if picture.suffix != ".svg" or not picture.is_file():
        return None
    found = SVG_SIZE.search(picture.read_text(encoding="utf-8")[:2000])
    return (round(float(found[1])), round(float(found[2]))) if found else None


def with_sizes(text: str, folder: Path) -> str:
    """A page (in `folder`) whose pictures state their size; all after the first load when they come near."""
    count = 0

    def sized(found: re.Match) -> str:
        nonlocal count
        source = re.search(r'\bsrc="([^"]+)"', found[0])
        size = size_of(folder / unquote(source[1])) if source else None
        if size is None or re.search(r"\bwidth=", found[0]):
            return found[0]
        count += 1
        lazy = ' loading="lazy"' if count > 1 else ""
        return found[0].replace("<img", f'<img width="{size[0]}" height="{size[1]}"{lazy}', 1)

    return IMAGE.sub(sized, text)


def with_reachable_tables(text: str) -> str:
    """A page whose tables can be scrolled by keyboard, each box named by its table's caption."""
    def named(found: re.Match) -> str:
        words = " ".join(MARKUP.sub("", found[2] or "").replace("#", "").split()).replace('"', "&quot;") or "Table"
        return f'<div class="{found[1]}" tabindex="0" role="group" aria-label="{words}">'

    return TABLE_BOX.sub(named, text)


def with_korean_marked(text: str) -> str:
    """A page that says which of its words are Korean, so that they are read aloud and set as Korean."""
    return KOREAN.sub(lambda found: f'<span lang="ko">{found[0]}</span>' if found["words"] else found[0], text)


def without_idle_spy(text: str) -> str:
    """A page without contents of its own no longer watches them.

    The theme's script would take every link of the page for one of them, and stop at an anchor with a point in it.
    """
    return text if CONTENTS in text else text.replace(' data-bs-spy="scroll"', "", 1)


def reached(pages: dict[Path, str]) -> set[Path]:
    """Every file that the pages name, and that the style sheets they name name in turn."""
    found = set()
    waiting = {_target(path, address) for path, text in pages.items() for address in ADDRESS.findall(text)}
    while waiting := {path for path in waiting - found if path}:
        found |= waiting
        sheets = [path for path in waiting if path.suffix == ".css" and path.is_file()]
        waiting = {_target(sheet, "".join(address)) for sheet in sheets
                   for address in STYLE_ADDRESS.findall(sheet.read_text(encoding="utf-8"))}
    return found


def _target(page: Path, address: str) -> Path | None:
    """The file that an address on a page names; None for one outside the report."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return None
    return Path(os.path.normpath(page.parent / unquote(parts.path)))


def remove_unreached(html: Path, wanted: set[Path]) -> None:
    """Remove the files below _static that are not wanted, and folders that are then empty."""
    for path in sorted((html / STATIC).rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()


def slim_styles(html: Path, pages: list[str], own: set[Path]) -> None:
    """Take out of the theme's style sheets what no page can use; all follow the system where there are no scripts."""
    scripts = [path.read_text(encoding="utf-8") for path in sorted((html / STATIC).rglob("*.js"))]
    words = style.words_of(pages, scripts)
    for sheet in sorted((html / STATIC).rglob("*.css")):
        text = sheet.read_text(encoding="utf-8")
        used = text if sheet in own else style.without_unused(text, words)
        sheet.write_text(style.following_the_system(used), encoding="utf-8")


def finish(html: Path, own: Path) -> None:
    """Finish the rendered book in `html`; `own` is the folder of the book's own static files, which all stay.

    Raises Unsafe naming the page.
    """
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(html.rglob("*.html"))
             if STATIC not in path.relative_to(html).parts}
    for path, text in pages.items():
        try:
            text = without_idle_spy(with_korean_marked(with_reachable_tables(with_sizes(text, path.parent))))
            path.write_text(with_policy(text), encoding="utf-8")
        except Unsafe as problem:
            raise Unsafe(f"{path.relative_to(html)}: {problem}") from None
    kept = {html / STATIC / path.relative_to(own) for path in own.rglob("*") if path.is_file()}
    remove_unreached(html, reached(pages) | kept)
    slim_styles(html, list(pages.values()), kept)
