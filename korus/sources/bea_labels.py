"""Which column of a BEA answer says what: found by the words in it, not by its name.

The dataset on multinational enterprises spreads a table's headings over columns called Row, Column, ColumnParent
and ColumnGParent; which of them holds the type of investment differs from table to table.
"""

import re
from dataclasses import dataclass

from korus.sources.sending import ServiceProblem

# What a heading is called, and what the report calls it. The first pattern that is found counts.
TYPES = (
    (r"acqui", "acquired"), (r"establish", "established"), (r"expan", "expanded"), (r"greenfield", "greenfield"),
    (r"^(grand )?total( all types)?$|^all types( of investment)?( total)?$", "total"),
)
MEASURES = (
    (r"^first[- ]year\b", "first-year expenditures"),
    (r"^(total planned|planned total)\b", "planned total expenditures (first-year + planned future)"),
)
# Other headings that stand beside these measures: kept in the words of the source.
OTHER_MEASURES = (
    r"\b(planned|expenditures?|employment|employees|sales|net income|assets|liabilities|equity|position"
    r"|number of|transactions|income|earnings|inflows?|debt|property|taxes|owners)\b"
)
UNITS = {
    "millions of dollars": "USD millions", "billions of dollars": "USD billions",
    "thousands of employees": "thousand employees", "number": "count", "count": "count",
}
# Cells of a heading that say nothing.
BLANK = ("", "none", "null")
# Columns of codes and of the order of display.
NO_LABEL = re.compile(r"(code|id|order|unformatted|noteref|footnote\w*)$", re.IGNORECASE)


class LabelProblem(ServiceProblem):
    """A heading or column of an answer is not known; the message names it and the table to mend."""


@dataclass(frozen=True)
class Columns:
    """Names of an answer's columns by what they hold; `kinds`: type and measure, `subject`: what the rows are."""

    year: str
    value: str
    unit: str
    subject: str
    kinds: tuple[str, ...]
    series: str | None


def label(cell: object) -> str:
    """A heading without the marks of its depth (`--- All Countries Total`); "" where it says nothing."""
    text = re.sub(r"^[-–—.\s]+", "", "" if cell is None else str(cell)).strip()
    return "" if text.lower() in BLANK else text


def _known(text: str, patterns: tuple[tuple[str, str], ...]) -> str | None:
    return next((meaning for pattern, meaning in patterns if re.search(pattern, text, flags=re.IGNORECASE)), None)


def type_of(text: str) -> str | None:
    """The type of investment a heading names, or None."""
    return (
        _known(text, TYPES)
        if not measure_of(text) or re.search(r"acqui|establish|expan|greenfield", text, re.I)
        else None
    )


def measure_of(text: str) -> str | None:
    """The measure a heading names: of MEASURES, or in its own words where it is another; None for none."""
    if meaning := _known(text, MEASURES):
        return meaning
    return text if re.search(OTHER_MEASURES, text, flags=re.IGNORECASE) else None


def columns(rows: list[dict], dimensions: list[dict], where: str) -> Columns:
    """Find the columns of an answer. Raises LabelProblem naming the columns there are and what they hold."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    values = [d["Name"] for d in dimensions if str(d.get("IsValue")) == "1" and d.get("Name") in names]
    value = next((name for name in values if not name.lower().endswith("unformatted")), None)
    value = value or _only(names, lambda name: name.lower() == "datavalue", "figures", where)
    words = {name: {label(row.get(name)) for row in rows} - {""} for name in names if name != value}
    year = _only(
        words, lambda n: words[n] and all(re.fullmatch(r"(19|20)\d{2}", w) for w in words[n]), "years", where
    )
    unit = _only(words, lambda n: words[n] and all(w.lower() in UNITS for w in words[n]), "units", where,
                 "UNITS in korus/sources/bea_labels.py")
    texts = {name: found for name, found in words.items()
             if name not in (year, unit) and found and not NO_LABEL.search(name) and not _numbers(found)}
    series = next((name for name in texts if name.lower() == "seriesname"), None)
    texts.pop(series, None)
    kinds = tuple(name for name, found in texts.items() if all(type_of(w) or measure_of(w) for w in found))
    left = [name for name in texts if name not in kinds]
    # A heading that is the same in all rows is none that the rows are told apart by.
    several = [name for name in left if len(texts[name]) > 1] or left
    if len(several) != 1:
        what = "; ".join(f"{name}: {', '.join(sorted(texts[name])[:4])}" for name in left) or "none"
        raise LabelProblem(f"{where}: one column of places, industries or states is expected beside types and "
                           f"measures; found {what}. If a word here names a type or a measure, add it to TYPES or "
                           "MEASURES in korus/sources/bea_labels.py.")
    return Columns(year, value, unit, several[0], kinds, series)


def _only(names, wanted, what: str, where: str, remedy: str = "korus/sources/bea_labels.py") -> str:
    """The one column that is wanted."""
    found = [name for name in names if wanted(name)]
    if len(found) != 1:
        raise LabelProblem(f"{where}: one column of {what} is expected, {len(found)} were found among "
                           f"{', '.join(names)}. See what the service calls it now and mend {remedy}.")
    return found[0]


def _numbers(found: set[str]) -> bool:
    return all(re.fullmatch(r"[\d.,]+", word) for word in found)


def kind(row: dict, known: Columns, where: str) -> tuple[str, str | None]:
    """(type, measure or None) of a row, from all its headings that name one.

    Of several types the narrowest counts (`Greenfield` above `Established`). Raises LabelProblem when two exclude
    each other.
    """
    texts = [text for name in known.kinds if (text := label(row.get(name)))]
    types = {found for text in texts if (found := type_of(text))} - {"total"}
    if len(types) > 1:
        types -= {"greenfield"}
    if len(types) > 1:
        raise LabelProblem(f"{where}: a row is called {' and '.join(sorted(types))} at once ({'; '.join(texts)}). "
                           "Mend TYPES in korus/sources/bea_labels.py.")
    measures = list(dict.fromkeys(found for text in texts if (found := measure_of(text)) and not type_of(text)))
    return next(iter(types), "total"), " / ".join(measures) or None
