"""Style sheets without the rules that no page of the report can use, and with those for dark pages without scripts.

The theme brings the whole of Bootstrap; the report shows a tenth of it. A rule goes only where each of its
selectors needs a class that no page has and no script names, so what scripts add later keeps its style. The theme
makes a page dark by a script; without one its rules for dark pages follow the reader's system.
"""

import re
from collections.abc import Iterator

STRING = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
TOKEN = re.compile(rf"""/\*.*?\*/|{STRING}|url\(\s*{STRING}\s*\)|url\([^)"']*\)|\\.|[{{}};]|[^{{}};"'\\/u]+|.""",
                   flags=re.S)
CLASSES = re.compile(r"""\bclass=["']([^"']*)["']""")
WORD = re.compile(r"[A-Za-z_][\w-]*")
IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]")
DARK = re.compile(r"""html\[data-theme=["']?dark["']?\]""")
# The script that chooses a theme says by this attribute how it was chosen.
WITHOUT_SCRIPTS = "html:not([data-mode])"
# Rules around other rules; what is inside is looked at one by one.
NESTING = ("@media", "@supports", "@layer")


def statements(sheet: str) -> Iterator[tuple[str, str | None]]:
    """The statements of a style sheet without comments: (selector or at-rule, what stands in its braces or None)."""
    head, body, depth = "", "", 0
    for token in TOKEN.findall(sheet):
        if token.startswith("/*"):
            # Licences stay: they have to.
            if token.startswith("/*!") and not depth and not head.strip():
                yield token, None
            continue
        if token == "}":
            depth -= 1
            if not depth:
                yield head.strip(), body
                head = body = ""
                continue
        if token == ";" and not depth:
            yield head.strip() + ";", None
            head = ""
            continue
        if depth:
            body += token
        elif token != "{":
            head += token
        depth += token == "{"


def words_of(pages: list[str], scripts: list[str]) -> set[str]:
    """Every class that the pages give, and every word of the scripts, which may give one later."""
    found = {name for page in pages for classes in CLASSES.findall(page) for name in classes.split()}
    return found | {word for script in scripts for word in WORD.findall(script)}


def needed(selector: str) -> set[str]:
    """The classes that an element and those around it must have for a selector to match."""
    while (bare := IN_BRACKETS.sub("", selector)) != selector:
        selector = bare
    return set(re.findall(r"\.(-?[A-Za-z_](?:[\w-]|\\.)*)", selector))


def parts_of(selector: str) -> list[str]:
    """The selectors of a list, split at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for character in selector:
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def without_unused(sheet: str, words: set[str]) -> str:
    """A style sheet less the selectors that need a class which is not among `words`."""
    kept = []
    for head, body in statements(sheet):
        if body is None:
            kept.append(head)
        elif head.startswith(NESTING):
            if inside := without_unused(body, words):
                kept.append(f"{head}{{{inside}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        elif parts := [part for part in parts_of(head) if needed(part) <= words]:
            kept.append(f"{','.join(parts)}{{{body}}}")
    return "".join(kept)


def following_the_system(sheet: str) -> str:
    """A style sheet whose rules for dark pages also hold on a screen that is dark where no script chose a theme."""
    dark = _dark(sheet)
    return f"{sheet}\n@media screen and (prefers-color-scheme:dark){{{dark}}}\n" if dark else sheet


def _dark(sheet: str) -> str:
    """The rules of a style sheet for dark pages, as rules for pages whose theme no script chose."""
    found = []
    for head, body in statements(sheet):
        if body is not None and head.startswith(NESTING):
            body = _dark(body)
        elif body is not None:
            head = ",".join(DARK.sub(WITHOUT_SCRIPTS, part) for part in parts_of(head) if DARK.search(part))
        if head and body:
            found.append(f"{head}{{{body}}}")
    return "".join(found)
