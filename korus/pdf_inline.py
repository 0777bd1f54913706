"""Words of a page as Typst code: what stands in the cells of tables and in the entries of values.

Prose goes through pandoc. Tables and entries are thousands of short pieces of the same few kinds, for which
pandoc takes longer than for all the rest.
"""

import re

from lxml import html

WRAPPED = {"strong": "strong", "b": "strong", "em": "emph", "i": "emph", "sub": "sub", "sup": "super"}


class NotInline(Exception):
    """An element that can not stand in a line; the text names it."""


def quoted(text: str) -> str:
    """A text as a string of Typst, in which blanks are as in HTML and apostrophes as in print."""
    text = re.sub(r"[ \t\r\n\f]+", " ", text)
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(element: html.HtmlElement) -> str:
    """The words inside an element as an expression of Typst. Raises NotInline."""
    parts = [quoted(element.text)] if element.text and element.text.strip() else []
    for child in element:
        parts.append(_one(child))
        if child.tail:
            parts.append(quoted(child.tail))
    return " + ".join(filter(None, parts)) or "[]"


def _one(element: html.HtmlElement) -> str:
    """An element in a line, with its label if it has one."""
    if element.tag == "a":
        address = element.get("href", "")
        target = f"label({quoted(address[1:])})" if address.startswith("#") else quoted(address)
        written = f"link({target}, {inline(element)})"
    elif element.tag == "code":
        written = f"raw({quoted(element.text_content())})"
    elif element.tag == "br":
        written = "linebreak()"
    elif element.tag in WRAPPED:
        written = f"{WRAPPED[element.tag]}({inline(element)})"
    elif element.tag in ("span", "p"):
        written = inline(element) + (" + parbreak()" if element.tag == "p" and element.getnext() is not None else "")
    else:
        raise NotInline(f"<{element.tag}> can not stand in a cell of a table or in an entry")
    return f"[#({written}){labelled(element)}]" if element.get("id") else written


def labelled(element: html.HtmlElement) -> str:
    """The label of an element after what it is on; nothing where it has none."""
    return f" #label({quoted(element.get('id'))})" if element.get("id") else ""


def as_typst(element: html.HtmlElement, code: str) -> html.HtmlElement:
    """Put Typst in place of an element, as the filter of pandoc knows it (book/pdf/report.lua)."""
    block = html.Element("pre", {"class": "typst"})
    block.text, block.tail = f"#{code}{labelled(element)}", element.tail
    element.getparent().replace(element, block)
    return block


def entry(element: html.HtmlElement) -> str:
    """The entry of a value as a call of the template's function. Raises NotInline."""
    parts = []
    for child in element:
        if child.tag == "ul":
            parts.append(f"list({', '.join(inline(line) for line in child)})")
        else:
            parts.append(f"{inline(child)} + parbreak()")
    return f"entry({' + '.join(parts)})"
