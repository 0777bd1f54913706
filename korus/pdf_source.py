"""The rendered pages of the report as one HTML document, in reading order, for pandoc and Typst.

The document is made of the very pages that the HTML shows, so that both carry the same words and numbers.
(Sphinx's own `singlehtml` would render all of them once more, and leave the links of raw HTML, the entries of
values among them, pointing to pages.) What only a screen can use goes: code behind a switch, downloads, filters. Every anchor becomes a label that no other page
has, and every link leads to a label of the document or out of it.
"""

import posixpath
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html
from lxml.etree import SubElement

from korus import pdf_inline, pdf_tables, provenance

# Nothing of these is of use on paper.
SCREEN_ONLY = (
    "//a[contains(@class, 'headerlink')] | //*[contains(concat(' ', @class, ' '), ' korus-files ')]"
    " | //*[contains(concat(' ', @class, ' '), ' legend ')][.//a[contains(@class, 'download')]]"
    " | //details[contains(@class, 'hide')] | //fieldset | //style | //script | //button | //input"
    # Thousands of lines on the pages of provenance; each value that a page prints has an entry above them.
    f" | //table[caption='{provenance.OTHERS}']"
)
ARTICLE = re.compile(r'<article class="bd-article"[^>]*>(.*?)</article>', flags=re.S)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Pages to look something up in, rather than to read: smaller type, two columns.
REFERENCE = ("sources", "data", "status")
HALF = 0.46
# Small spaces of formulas as pandoc knows them; it makes nothing of their widths.
SPACES = {"0.167em": "\u2009", "0.222em": "\u2005", "0.278em": "\u2004"}
# A part is a heading of level 1, a page one of level 2, a page below a page one of level 3.
DEEPEST = 6


class SourceProblem(Exception):
    """A page can not be printed; the text names the page and what is wrong with it."""


@dataclass
class Page:
    """A page of the report: its name, the level of its title in the document, its content."""

    name: str
    level: int
    body: html.HtmlElement
    labels: dict[str, str] = field(default_factory=dict)


def label(page: str, anchor: str = "") -> str:
    """The label of an anchor of a page, or of the page; that of a value is the same wherever it stands."""
    if anchor.startswith("value-"):
        return anchor
    return re.sub(r"[^\w.-]", "-", f"{page}.{anchor}" if anchor else f"page-{page}")


def outline(toc: dict, folder: Path) -> list[tuple[int, str]]:
    """Level and title of the parts (1), level and name of the pages (2, and 3 for those of provenance)."""
    found = [(2, toc["root"])]
    for part in toc.get("parts", []):
        found.append((1, part["caption"]))
        for entry in part["chapters"]:
            found.append((2, entry["file"]))
            if entry["file"] == provenance.PAGE:
                below = sorted((folder / provenance.PAGE).glob("*.html"))
                found += [(3, f"{provenance.PAGE}/{path.stem}") for path in below]
    return found


def read_page(folder: Path, name: str, level: int) -> Page:
    """The content of a rendered page without what only a screen can use. Raises SourceProblem."""
    path = folder / f"{name}.html"
    found = ARTICLE.search(path.read_text(encoding="utf-8")) if path.exists() else None
    if found is None:
        raise SourceProblem(f"{path}: no such page, or it has no article. Run `make html`.")
    body = html.fromstring(f"<div>{found[1]}</div>")
    for element in body.xpath(SCREEN_ONLY):
        element.drop_tree()
    return Page(name, level, body)


def document(folder: Path, toc: dict) -> tuple[list[str], list[str]]:
    """The whole report as blocks of HTML, one for each page and title of a part, and the pictures it shows.

    `folder` holds the rendered pages; a picture is a path below it. Raises SourceProblem.
    """
    order = outline(toc, folder)
    pages = {title: read_page(folder, title, level) for level, title in order if level > 1}
    wanted = wanted_anchors(pages)
    for page in pages.values():
        _place_labels(page, wanted[page.name])
    for page in pages.values():
        _lead_links(page, pages)
    pictures = [_picture(page, image) for page in pages.values() for image in page.body.iter("img")]
    blocks = []
    for level, title in order:
        if level == 1:
            blocks.append(f"<h1>{escape(title)}</h1>")
        else:
            _prepare(pages[title])
            blocks.append(_written(pages[title]))
    return blocks, list(dict.fromkeys(pictures))


def looked_up(page: Page) -> bool:
    """Whether a page is one of reference; those below another page, of the values of a notebook, are."""
    return page.name in REFERENCE or page.level > 2


def _written(page: Page) -> str:
    """A page as HTML; what follows the title of a page of reference is marked as such."""
    blocks = [html.tostring(child, encoding="unicode", method="html") for child in page.body]
    if looked_up(page):
        return f'{blocks[0]}\n<div class="reference">{"".join(blocks[1:])}</div>'
    return "\n".join(blocks)


# ---- Links ---------------------------------------------------------------------------------------


def target_of(page: str, address: str) -> tuple[str, str] | None:
    """Page and anchor that an address on a page leads to inside the report; None for any other."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
        return None
    if not parts.path:
        return page, unquote(parts.fragment)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    return (path.removesuffix(".html"), unquote(parts.fragment)) if path.endswith(".html") else None


def wanted_anchors(pages: dict[str, Page]) -> dict[str, set[str]]:
    """For each page the anchors that some page leads to."""
    wanted = {name: set() for name in pages}
    for page in pages.values():
        for link in page.body.iter("a"):
            target = target_of(page.name, link.get("href", ""))
            if target and target[1] and target[0] in wanted:
                wanted[target[0]].add(target[1])
    return wanted


def _place_labels(page: Page, wanted: set[str]) -> None:
    """Put the labels of a page where Typst can attach them: to headings, figures, blocks and words."""
    page.labels[""] = label(page.name)
    for section in page.body.iter("section"):
        heading = next((child for child in section if child.tag in HEADINGS), None)
        if heading is None:
            continue
        ids = [section.get("id"), *(el.get("id") for el in heading.itersiblings("span", preceding=True))]
        first = "" if heading.tag == "h1" else next((id for id in ids if id in wanted), None)
        for id in ids:
            page.labels[id] = label(page.name, first or "")
        if first is not None:
            heading.set("data-label", label(page.name, first))
    for element in page.body.xpath(".//*[@id]"):
        id = element.attrib.pop("id")
        if id in wanted and id not in page.labels:
            page.labels[id] = label(page.name, id)
            _attach(element, page.labels[id])
    for heading in page.body.xpath(".//*[@data-label]"):
        heading.set("id", heading.attrib.pop("data-label"))


def _attach(element: html.HtmlElement, name: str) -> None:
    """Give an element its label; a paragraph or a term passes it to its first words."""
    if element.tag not in ("p", "dt", "li", "td", "th"):
        element.set("id", name)
        return
    span = html.Element("span", id=name)
    if element.text and element.text.strip():
        span.text, element.text = element.text, None
    elif len(element):
        first = element[0]
        span.append(first)
        span.tail, first.tail = first.tail, None
    element.insert(0, span)


def _lead_links(page: Page, pages: dict[str, Page]) -> None:
    """Lead the links of a page to labels; those to files, which lie beside the HTML, become plain words."""
    for link in list(page.body.iter("a")):
        address = link.get("href", "")
        if urlsplit(address).scheme:
            continue
        target = target_of(page.name, address)
        if target is None or target[0] not in pages:
            link.drop_tag()
        elif target[1] not in pages[target[0]].labels:
            raise SourceProblem(f"{page.name}: a link leads to {address}, where the printed report has nothing.")
        else:
            link.set("href", f"#{pages[target[0]].labels[target[1]]}")


def _picture(page: Page, image: html.HtmlElement) -> str:
    """Name the picture by its path below the folder of the pages, for Typst; that path."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), unquote(image.get("src"))))
    image.set("src", path)
    return path


# ---- For pandoc ----------------------------------------------------------------------------------


def _prepare(page: Page) -> None:
    """Leave of a page's markup what pandoc and the filter book/pdf/report.lua give a meaning."""
    body = page.body
    for number in body.xpath(".//*[@class='caption-number']"):
        owner = next(el for el in number.iterancestors() if el.tag in ("figure", "table"))
        (owner if owner.tag == "table" else owner.find(".//img")).set("data-number", number.text_content().strip())
        number.drop_tree()
    _give_words_to_formulas(body)
    for summary in body.xpath(".//details/summary"):
        summary.drop_tree()
    _collect_notes(body)
    for entry in body.xpath(".//div[contains(@class, 'korus-entry')]"):
        _shorten(entry)
    for element in list(body.iter("div", "section", "details")):
        if element is not body and not _meant(element):
            element.drop_tag()
    for code in body.xpath(".//code//span"):
        code.drop_tag()
    for alone in body.xpath("(.//td | .//th | .//figcaption | .//*[@class='simple']/li)/p[last()=1 and not(../ul)]"):
        alone.drop_tag()
    try:
        for table in list(body.iter("table")):
            pdf_inline.as_typst(table, pdf_tables.listing(table, HALF if looked_up(page) else 1))
        for entry in list(body.iterfind(".//div[@class='korus-entry']")):
            pdf_inline.as_typst(entry, pdf_inline.entry(entry))
    except pdf_inline.NotInline as problem:
        raise SourceProblem(f"{page.name}: {problem}.") from None
    for heading in body.iter(*HEADINGS):
        heading.tag = f"h{min(int(heading.tag[1]) + page.level - 1, DEEPEST)}"


def _give_words_to_formulas(body: html.HtmlElement) -> None:
    """Put each formula where the filter finds its words, with spaces that pandoc knows."""
    for space in body.xpath(".//mspace"):
        if space.get("width") in SPACES:
            space.tag, space.text = "mtext", SPACES[space.get("width")]
    for formula in body.xpath(".//math[@alttext]"):
        around = html.Element("span", {"class": "korus-math", "data-words": formula.get("alttext")})
        around.tail, formula.tail = formula.tail, None
        formula.getparent().replace(formula, around)
        around.append(formula)


def _collect_notes(body: html.HtmlElement) -> None:
    """Bring the footnotes of a page into the form in which pandoc knows them."""
    notes = body.xpath(".//aside[@role='doc-footnote']")
    if notes:
        section = SubElement(body, "section", role="doc-endnotes")
        listed = SubElement(section, "ol")
        for note in notes:
            for mark in note.xpath("./span[@class='label']"):
                mark.drop_tree()
            note.tag = "li"
            note.set("role", "doc-endnote")
            note.tail = None
            listed.append(note)


def _shorten(entry: html.HtmlElement) -> None:
    """Say of the printed lines of an entry where they stand and in which source, once for each source.

    What the lines say is left to the HTML and to the raw tables: on paper it would fill a hundred pages.
    """
    together: dict[tuple[str, ...], html.HtmlElement] = {}
    for korean in entry.xpath(".//li//span[@lang]"):
        korean.drop_tag()
    for line in entry.iter("li"):
        table, *links = line.iter("code", "a")
        place = re.match(r", line (\d+)\.", table.tail)
        if place is None:
            continue
        role = re.search(r"(Source|Set against): $", table.tail)
        key = (table.text, role[0] if role else "", *(link.get("href") for link in links))
        if key in together:
            first = together[key].find("code")
            first.tail = re.sub(r"^, lines? ([\d, ]+)\.", rf", lines \1, {place[1]}.", first.tail)
            line.set("class", "again")
            continue
        together[key] = line
        table.tail = f", line {place[1]}. {key[1]}"
        for link in links[1:]:
            link.text = urlsplit(link.get("href")).netloc.removeprefix("www.")
    for line in entry.xpath(".//li[@class='again']"):
        line.drop_tree()


def _meant(element: html.HtmlElement) -> bool:
    """Whether a block is more than a box for the style sheet."""
    kinds = element.get("class", "").split()
    return (element.get("id") is not None or element.get("role") == "doc-endnotes"
            or "admonition" in kinds or "korus-entry" in kinds)
