"""Find numbers and findings that are typed into prose instead of being computed.

A number in a page or a notebook's text must come from values.csv (`{value}`, `values.say`), and a word that
states a sign or an order ("fell", "larger than") must stand in a condition (korus/conditions.py). Years,
dates, section numbers and quotations are not findings. `book/allowed-words.csv` lists what else may
stand, each with a reason.
"""

import ast
import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

from korus.notebook_text import as_text

ALLOWED = Path("book") / "allowed-words.csv"
# Calls of a notebook whose texts are prose, with the position and names of the arguments that are.
SPOKEN = {"say": (0, ("otherwise",)), "publish": (None, ("caption", "alt_text")), "table": (1, ("caption",)),
          "origin_note": (1, ("agency",))}
SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
MONTHS = ("January|February|March|April|May|June|July|August|September|October|November|December")

# Blotted out in this order before anything is looked for; what they match states no finding.
EXEMPT = [re.compile(pattern, flags) for pattern, flags in [
    (r"^(`{3,}|~{3,}|:{3,})\{?(code|text|python|csv-table|figure|toctree|equation)\b.*?^\1", re.M | re.S),  # code and files
    (r"^(`{3,}|~{3,})(?!\{).*?^\1", re.M | re.S),
    (r"^\s*(`{3,}|:{3,}).*$", re.M),                          # directives; their contents stay
    (r"^\s*:[\w-]+:.*$", re.M),                               # options of a directive
    (r"^%.*$|<!--.*?-->", re.M | re.S),                       # comments
    (r"^\([\w.-]+\)=$", re.M),                                # labels
    (r"\{[\w:.-]+\}`[^`]*`", 0),                              # roles: values, conditions, references
    (r"`[^`]*`", 0),                                          # code
    (r"\]\([^)]*\)|<https?://[^>]*>|https?://\S+", 0),        # addresses
    (r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?=\W)|「[^」]*」", 0),        # quotations
    (r"^\s*\d+\.(?=\s)", re.M),                               # numbers of a list
    (r"^#+\s+\d+(\.\d+)*\.?\s", re.M),                        # numbers of a heading
    (rf"\b\d{{1,2}}(–\d{{1,2}})? ({MONTHS})( \d{{4}})?\b|\b({MONTHS}) \d{{1,2}}(, \d{{4}})?\b", 0),
    (r"\b\d{4}-\d{2}(-\d{2})?(/\d{4}-\d{2}(-\d{2})?)?\b|\b(19|20)\d{2}(Q[1-4]|s)?(?:[–/-](19|20)?\d{2}(Q[1-4])?)?\b(?![.,]?\d|\s?%|\s(per cent|billion|million))", 0),
    (r"\b(Sections?|Chapters?|Annex(es)?|Title|(?:sub)?headings?|HS|HTS|Public Law|P\.L\.|USC|CFR|FR|"
     r"Article|Proclamation|Order|series|tiers?|step|level)\s\d[\d.A-Z-]*"
     r"((,| and| or| to|–|,? and) ?\d[\d.A-Z-]*)*", re.I),
    (r"\b[A-Z][A-Za-z]*[-‑]?\d+[A-Za-z]*\b", 0),              # names: BE-13, Q2, G20, Python3
    (r"\b(ISO|CC BY|Python|UTF) ?-?[\d.]+", 0),              # standards and versions
    (r"\bhalf an? (unit|sentence|page)\b", 0),               # rounding: half a unit of the last digit
]]
NUMBERS = [re.compile(pattern, flags) for pattern, flags in [
    (r"[$€₩£]?\s?\d+(?:[.,]\d+)*\s?(%|‰|per cent|percent|percentage points?|points?|billion|million|trillion|times|fold)?", 0),
    (r"[½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞]|[\u2460-\u24ff]", 0),
    (rf"\b({SMALL}|\w+teen|\w+ty|hundred)([ -](\w+))? (per cent|percent|percentage points?|hundred|thousand|million|"
     r"billion|trillion)\b", re.I),
    (rf"\b({SMALL}|a|an)[ -](half|halves|thirds?|quarters?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)(?=\W+of\b)|"
     rf"\b(two|three|four|five)[ -](thirds|quarters|fifths|tenths)\b", re.I),
    (r"\bhalf (of|the|as|its|their|an?)\b|\b\w+[- ]?fold\b|\btwice\b|\bthrice\b|\b(double|triple|treble|quadruple)d?\b|"
     r"\bhalved\b", re.I),
]]
FINDINGS = re.compile(
    r"\b(rose|fell(?! on\b)|grew|shrank|(?:in|de)creased|declined|climbed|dropped|surged|soared|plunged|overtook|exceeded|outgrew|"
    r"widened|narrowed|rebounded|peaked|rises|falls(?! on\b| under\b)|grows|shrinks|climbs|drops|jumps|jumped|peaks)\b|"
    r"\b(larger|smaller|higher|lower|more|less|fewer|greater|longer|shorter|better|worse|faster|slower) than\b(?! \w+ing\b)|"
    r"\b(the|its|their) (largest|smallest|highest|lowest)\b", re.I)


@dataclass(frozen=True)
class Finding:
    """A typed number or an unchecked word: where it stands, what it is, and the line around it."""

    place: str
    words: str
    line: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words!r} in “{self.line}”"


def blotted(text: str) -> str:
    """`text` with everything that states no finding as blanks, so that positions stay."""
    for pattern in EXEMPT:
        text = pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return text


def _found(patterns: list[re.Pattern], text: str, place: str) -> list[Finding]:
    bare, result = blotted(text), []
    for pattern in patterns:
        for match in pattern.finditer(bare):
            words = match[0].strip()
            start = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", match.end())
            line = text[start:end if end >= 0 else None].strip()
            result.append(Finding(place, words, _around(line, words)))
    return result


def _around(line: str, words: str, width: int = 110) -> str:
    """A line, shortened around the words it was found for."""
    at = line.find(words)
    if len(line) <= width or at < 0:
        return line[:width]
    start = max(0, at - width // 2)
    return ("…" if start else "") + line[start:start + width] + "…"


def typed_numbers(text: str, place: str = "") -> list[Finding]:
    """Numbers typed into a page or a sentence: digits, fractions, per cents in words."""
    return _found(NUMBERS, text, place)


def unchecked_findings(text: str, place: str = "") -> list[Finding]:
    """Words that state a sign or an order outside a condition; a question states nothing."""
    asked = re.sub(r"[^.!?:\n]*\?", lambda found: " " * len(found[0]), text)
    return _found([FINDINGS], asked, place)


def spoken(code: str) -> list[str]:
    """The prose in a cell's or module's code: what it says, and captions and alternative texts of its figures.

    Values and conditions in braces are left out; of an f-string, so are its computed parts.
    """
    texts = []
    for node in ast.walk(ast.parse(code)):
        name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if name not in SPOKEN:
            continue
        position, keywords = SPOKEN[name]
        given = node.args[position:position + 1] if position is not None else []
        given += [word.value for word in node.keywords if word.arg in keywords]
        for argument in given:
            texts += _strings(argument)
    return [re.sub(r"\{[^{}]*\}(?!`)", "", text) for text in texts if text]


def instead_of_values(code: str) -> list[str]:
    """Texts that `say` shows in place of a sentence whose value is not held, as code writes them."""
    return [word.value.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)
            for word in node.keywords
            if word.arg == "otherwise" and isinstance(word.value, ast.Constant) and word.value.value]


def _strings(node: ast.AST) -> list[str]:
    """The texts below a node of code; those of an f-string as one, without its computed parts."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value for part in node.values if isinstance(part, ast.Constant))]
    return [text for child in ast.iter_child_nodes(node) for text in _strings(child)]


def sentences(module: str) -> list[str]:
    """Texts of a module that are sentences: strings of several words, docstrings left out."""
    tree = ast.parse(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:] or [ast.Pass()]
    texts = _strings(tree)
    return [re.sub(r"\{[^{}]*\}(?!`)", "", text) for text in texts if len(text.split()) > 3]


def texts_of(root: Path) -> list[tuple[str, str]]:
    """Every text that is checked, with its place: pages, notebooks' text and sentences, modules of sentences."""
    found = [(f"book/{path.name}", path.read_text(encoding="utf-8")) for path in sorted((root / "book").glob("*.md"))]
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"], start=1):
            source = as_text(cell["source"])
            place = f"notebooks/{path.name}, cell {number}"
            texts = [source] if cell["cell_type"] == "markdown" else spoken(source)
            found += [(place, text) for text in texts]
    for path in sorted((root / "korus").glob("*_text.py")):
        found += [(f"korus/{path.name}", text) for text in sentences(path.read_text(encoding="utf-8"))]
    return found


def allowed(root: Path) -> list[dict]:
    """The rows of book/allowed-words.csv: place (beginning of a place), words, reason."""
    with (root / ALLOWED).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def problems(root: Path) -> list[str]:
    """Every typed number and unchecked word of the project, and allowances that nothing needs any more."""
    rows, used, result = allowed(root), set(), []
    for place, text in texts_of(root):
        for what, found in (("typed number", typed_numbers(text, place)),
                            ("unchecked finding", unchecked_findings(text, place))):
            for finding in found:
                fits = [number for number, row in enumerate(rows)
                        if place.startswith(row["place"]) and row["words"] in text
                        and finding.words in row["words"]]
                used |= set(fits)
                if not fits:
                    result.append(f"{what}: {finding}")
    for number, row in enumerate(rows):
        if number not in used:
            result.append(f"{ALLOWED}: {row['words']!r} at {row['place']} stands nowhere any more; delete the row")
        if not row["reason"].strip():
            result.append(f"{ALLOWED}: {row['words']!r} at {row['place']} has no reason")
    return result
