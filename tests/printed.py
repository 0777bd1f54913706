"""What a reader meets, in reading order, in the pages and in the PDF: values, figures and tables.

The pages are read from their HTML; the PDF from its tags, with the text that pdfium finds for each. Neither
knows of the other, nor of how the one is made from the other.
"""

import ctypes
import re
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pypdfium2
import yaml
from lxml import html
from pypdfium2 import raw as pdfium

# Values that no sentence prints; the PDF leaves this table to the HTML.
LEFT_OUT = "Values that no sentence prints"
# How far below a link's destination, and beside it, the first line of its entry may begin (points).
BELOW, BESIDE = 15, 3
PERIOD = r"Period|Asofthedayofthereport"


@dataclass(frozen=True)
class Item:
    """A value (name: its id), a figure (its alternative text) or a table (its caption), and what it shows."""

    kind: str
    name: str
    words: str | tuple


def bare(text: str) -> str:
    """A text without blanks and without what only line breaks and typefaces make of it."""
    # pdfium marks a hyphen at the end of a line.
    text = text.replace("\x02", "-")
    text = re.sub(r"[\s\u00ad\u200b\u2060\ufeff]+", "", text)
    for printed, typed in (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"'), ("−", "-")):
        text = text.replace(printed, typed)
    return text


# ---- The pages -----------------------------------------------------------------------------------


def pages(folder: Path) -> list[Path]:
    """The pages of a book in reading order, without those that only list values."""
    toc = yaml.safe_load((Path(__file__).parent.parent / "book" / "_toc.yml").read_text(encoding="utf-8"))
    names = [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]
    return [folder / f"{name}.html" for name in names]


def article(path: Path) -> html.HtmlElement:
    """The content of a page as a reader of paper should have it: no code, no downloads, no filters."""
    body = html.parse(str(path)).getroot().find_class("bd-article")[0]
    for element in body.xpath(".//details[contains(@class, 'hide')] | .//a[contains(@class, 'headerlink')] | .//style"
                              " | .//*[contains(@class, 'korus-files')] | .//div[@class='legend'] | .//fieldset"):
        element.drop_tree()
    return body


def in_pages(folder: Path) -> list[Item]:
    """What the pages of a book show."""
    return [item for path in pages(folder) for item in in_page(article(path))]


def in_page(body: html.HtmlElement) -> list[Item]:
    """What a page shows."""
    found = []
    for element in body.iter("a", "figure", "table"):
        id = element.get("href", "").partition("#value-")[2]
        if id:
            found.append(Item("value", id, bare(element.text_content())))
        elif element.tag == "figure":
            found.append(Item("figure", bare(element.find(".//img").get("alt")),
                              bare(element.find("figcaption").text_content())))
        elif element.tag == "table":
            rows = tuple(tuple(bare(cell.text_content()) for cell in row.iter("td", "th"))
                         for row in element.iter("tr"))
            caption = element.find("caption")
            found.append(Item("table", bare(caption.text_content()) if caption is not None else "", rows))
    return found


def entries(folder: Path) -> dict[str, str]:
    """The value as its entry prints it, for each value that a page prints, by id."""
    found = {}
    for path in (folder / "provenance").glob("*.html"):
        for entry in article(path).find_class("korus-entry"):
            found[entry.get("id").removeprefix("value-")] = bare(entry.findtext(".//strong"))
    return found


# ---- The PDF -------------------------------------------------------------------------------------


@dataclass(eq=False)
class Tag:
    """An element of the PDF's structure: its role, alternative text, parts, and where links below it lead."""

    role: str
    alt: str
    parts: list = field(default_factory=list)
    target: tuple[int, float, float] | None = None
    place: tuple[int, float, float] | None = None
    # Page and box (left, bottom, right, top) of a figure.
    box: tuple[int, tuple[float, ...]] | None = None

    def text(self) -> str:
        """The words of the element, without blanks."""
        return "".join(part if isinstance(part, str) else part.text() for part in self.parts)

    def walk(self):
        """The element and all below it, in reading order."""
        yield self
        for part in self.parts:
            if isinstance(part, Tag):
                yield from part.walk()

    def below(self, *roles: str) -> list["Tag"]:
        """All elements of some roles below this one."""
        return [tag for tag in self.walk() if tag.role in roles]


class Document:
    """A tagged PDF: its structure as tags with their text."""

    def __init__(self, path: Path):
        self.pdf = pikepdf.open(path)
        self.drawn = pypdfium2.PdfDocument(path)
        self.numbers = {page.objgen: number for number, page in enumerate(self.pdf.pages)}
        self.texts = [self._texts(self.drawn[number]) for number in range(len(self.drawn))]
        self.root = self._tag(self.pdf.Root.StructTreeRoot.K, None)

    @staticmethod
    def _texts(page: pypdfium2.PdfPage) -> dict[int, tuple[str, float, float]]:
        """Text, left and top of each marked content of a page, by its number."""
        shown, found = page.get_textpage(), {}
        for piece in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=1):
            number = pdfium.FPDFPageObj_GetMarkedContentID(piece.raw)
            length = pdfium.FPDFTextObj_GetText(piece.raw, shown.raw, None, 0)
            buffer = (ctypes.c_ushort * (length // 2))()
            pdfium.FPDFTextObj_GetText(piece.raw, shown.raw, buffer, length)
            text = bytes(buffer).decode("utf-16-le").rstrip("\0")
            left, _, _, top = piece.get_bounds()
            before = found.get(number, ("", left, top))
            found[number] = (before[0] + bare(text), *before[1:])
        return found

    def _tag(self, node, page) -> Tag:
        """The tag of a structure element; `page` is the page of the element above."""
        if isinstance(node, pikepdf.Array):
            node = pikepdf.Dictionary(S=pikepdf.Name.Document, K=node)
        page = node.get("/Pg", page)
        tag = Tag(str(node.get("/S", "/"))[1:], str(node.get("/Alt", "")))
        if "/A" in node:
            boxes = [given.BBox for given in node.A if "/BBox" in given]
            tag.box = (self.numbers[page.objgen], tuple(map(float, boxes[0]))) if boxes and page is not None else None
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int) or kid.get("/Type") == "/MCR":
                number = int(kid) if isinstance(kid, int) else int(kid.MCID)
                at = self.numbers[(page if isinstance(kid, int) else kid.get("/Pg", page)).objgen]
                text, left, top = self.texts[at].get(number, ("", 0, 0))
                tag.parts.append(text)
                tag.place = tag.place or ((at, left, top) if text else None)
            elif kid.get("/Type") == "/OBJR":
                tag.target = self._target(kid.Obj)
            else:
                below = self._tag(kid, page)
                tag.parts.append(below)
                tag.place = tag.place or below.place
        return tag

    def _target(self, annotation) -> tuple[int, float, float] | None:
        """Page, left and top of the destination of a link that leads to a place without a name."""
        given = annotation.get("/Dest")
        if not isinstance(given, pikepdf.Array):
            return None
        return self.numbers[given[0].objgen], float(given[2]), float(given[3])

    def words(self) -> str:
        """Everything the pages show, page by page, as pdfium reads it."""
        return "\n".join(page.get_textpage().get_text_bounded() for page in self.drawn)

    def entries(self) -> dict[tuple[int, float, float], tuple[str, str]]:
        """Id and words of the entries by where these begin: a paragraph of a value, its id and its period."""
        found = {}
        for tag in self.root.walk():
            below = [part for part in tag.parts if isinstance(part, Tag)][:2]
            if tag.role == "P" and [part.role for part in below] == ["Strong", "Code"] and tag.place:
                if re.match(PERIOD, tag.text().removeprefix(below[0].text() + below[1].text())):
                    found[tag.place] = below[1].text(), below[0].text()
        return found

    def items(self) -> list[Item]:
        """What the document shows, in reading order; a figure's caption stands before it, a table's inside."""
        begun: dict[int, list] = {}
        for (page, left, top), (id, _) in self.entries().items():
            begun.setdefault(page, []).append((left, top, id))
        found, caption, known = [], "", []
        for tag in self.root.walk():
            if tag.role == "Link" and tag.target:
                page, left, top = tag.target
                near = [(top - y, id) for x, y, id in begun.get(page, ())
                        if abs(x - left) < BESIDE and -1 < top - y < BELOW]
                found += [Item("value", min(near)[1], tag.text())] if near else []
            elif tag.role == "Table":
                rows = tuple(tuple(cell.text() for cell in row.below("TD", "TH")) for row in tag.below("TR"))
                inside = tag.below("Caption")
                found.append(Item("table", caption_of(inside[0]) if inside else caption, rows))
                known, caption = known + inside, ""
            elif tag.role == "Caption" and tag not in known:
                caption = caption_of(tag)
            elif tag.role == "Figure":
                found.append(Item("figure", bare(tag.alt), caption))
                caption = ""
        return found


def caption_of(tag: Tag) -> str:
    """A caption without the full stop after its number."""
    return re.sub(r"^((?:Figure|Table)\d+)\.", r"\1", tag.text())
