"""The words of an export of Eximbank's statistics portal: what headings, labels, units, marks and days mean.

All of them are rows of data/raw/reference/portal_headings.csv; countries are those of reference/countries.csv and
regions those of reference/regions.csv. Case, spaces and dots tell no two words apart.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

import pandas as pd

from korus.clean.places import WORLD
from korus.sources.ministry_words import DOTS, unmarked
from korus.sources.refusal import Refused

HEADINGS = "reference/portal_headings"
# A longer text is a title or a footnote.
LONGEST_HEADING = 80
# The last year is often marked as provisional.
YEAR = re.compile(r"((?:19|20)\d\d)(?:년도|년)?(?:\(?(?:p|잠정|잠정치)\)?)?")
DAY = r"((?:19|20)\d\d)\s*[.년/-]\s*(\d{1,2})\s*[.월/-]\s*(\d{1,2})"
NUMBER = re.compile(r"(?P<sign>[-−△▲+]?)\s*(?P<digits>\d{1,3}(?:[, ]\d{3})+|\d+)(?P<decimals>\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Meaning:
    """One thing a word means: `field` as in the table of headings, or year, place, region; and its value."""

    field: str
    value: str = ""


def key(text: str) -> str:
    """The form in which words are compared; what is nothing but dots stays."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", "", DOTS.sub("", plain)).strip(":.").replace(".", "") or plain.strip()


def number(text: str) -> str | None:
    """The digits of a printed amount, without separators of thousands; None for a text that is none.

    `(1,234)`, `△1,234` and `-1,234` are below nought.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    inside = re.fullmatch(r"\((.*)\)", plain)
    found = NUMBER.fullmatch(inside[1].strip() if inside else plain)
    if not found or (inside and found["sign"]):
        return None
    below = bool(inside) or found["sign"] not in ("", "+")
    return ("-" if below else "") + re.sub(r"[, ]", "", found["digits"]) + (found["decimals"] or "")


class Words:
    """Look-up of everything an export may print, from three tables of data/raw/reference."""

    def __init__(self, headings: pd.DataFrame, countries: pd.DataFrame, regions: pd.DataFrame):
        self.known: dict[str, tuple[Meaning, ...]] = {}
        self.parts: dict[str, tuple[Meaning, ...]] = {}
        for heading, field, value in zip(headings["heading"], headings["field"], headings["value"], strict=True):
            self._learn(heading, Meaning(field, value))
        self.places: dict[str, Meaning] = {}
        for printed in regions["printed_as"]:
            self.places.update({key(name): Meaning("region", name) for name in printed.split(";")})
        columns = (countries[column] for column in ("iso3", "name", "also_printed_as"))
        for iso3, name, more in zip(*columns, strict=True):
            # The world's names in other tables (투자액) are names of measures here; it has rows among the headings.
            for one in [iso3, name, *more.split(";")] if iso3 != WORLD else ():
                if one:
                    self.places[key(one)] = Meaning("place", iso3)

    def _learn(self, heading: str, meaning: Meaning) -> None:
        self.known[key(heading)] = (*self.known.get(key(heading), ()), meaning)

    def fields(self, text: str) -> set[str]:
        """The fields of all a heading may mean; empty where it is not known."""
        return {meaning.field for meaning in self.heading(text)}

    def whole(self, text: str) -> tuple[Meaning, ...]:
        """What a text means as one word: a row of the table of headings, else a year, a country or a region."""
        for spelling in (text, unmarked(text)):
            if found := self.known.get(key(spelling)):
                return found
        if year := YEAR.fullmatch(key(text)):
            return (Meaning("year", year[1]),)
        return (found,) if (found := self.place(text)) else ()

    def place(self, text: str) -> Meaning | None:
        """The country or region a label names; all others together are the place `other`. None: not known."""
        for spelling in (key(text), key(unmarked(text))):
            for meaning in self.known.get(spelling, ()):
                if meaning.field == "place":
                    return meaning
                if meaning == Meaning("mode", "other"):
                    return Meaning("place", "other")
            if spelling in self.places:
                return self.places[spelling]
        return None

    def mark(self, text: str) -> str:
        """`none` or `suppressed` where a cell holds such a mark in place of a figure, else ""."""
        return next((m.field for m in self.known.get(key(text), ()) if m.field in ("none", "suppressed")), "")

    def heading(self, text: str) -> tuple[Meaning, ...]:
        """What a heading means, taken apart where it is made of known words: `2024 투자금액 (천달러)`. Empty: unknown."""
        plain = unicodedata.normalize("NFKC", text).strip()
        if len(plain) > LONGEST_HEADING:
            return ()
        if plain not in self.parts:
            self.parts[plain] = ()
            self.parts[plain] = self._apart(plain)
        return self.parts[plain]

    def _apart(self, text: str) -> tuple[Meaning, ...]:
        if found := self.whole(text):
            return found
        if bracketed := re.fullmatch(r"([^()\[\]]*)[(\[]([^()\[\]]+)[)\]]", text):
            before, inside = (part.strip() for part in bracketed.groups())
            found = self.heading(inside)
            if found and not before:
                return found
            if found and (first := self.heading(before)):
                return (*first, *found)
        for cut in re.finditer(r"\s*[\s_/:,·|-]\s*", text):
            left, right = text[:cut.start()], text[cut.end():]
            if left and right and (first := self.heading(left)) and (second := self.heading(right)):
                return (*first, *second)
        return ()

    def units(self, line: str, where: str) -> set[str]:
        """The units a line outside the table states: `(단위: 건, 천달러)`, `Unit: thousand US dollars`, `[USD million]`.

        Refused where words announce a unit that is not known.
        """
        plain = unicodedata.normalize("NFKC", line).strip()
        announced = "|".join(re.escape(word) for word in self._printed("unit", ""))
        found = set()
        for piece in [*re.findall(r"[(\[<]([^()\[\]<>]*)[)\]>]", plain), plain]:
            said = re.search(rf"(?:^\s*[※*]*\s*(?:{announced})\s*:?|(?:^|[\s,;(\[])(?:{announced})\s*:)\s*"
                             r"([^()\[\]<>;:]+)", piece, re.IGNORECASE)
            if said and said[1].strip():
                found |= self._stated(said[1], where)
            else:
                found |= self._unit(piece)
        return found

    def _printed(self, field: str, value: str) -> list[str]:
        """The compared forms of the words with one meaning, the longest first."""
        words = [word for word, meanings in self.known.items() if Meaning(field, value) in meanings]
        return sorted(words, key=len, reverse=True)

    def _unit(self, text: str) -> set[str]:
        for spelling in (key(text), key(text).removeprefix("in")):
            if units := {m.value for m in self.known.get(spelling, ()) if m.field == "unit" and m.value}:
                return units
        return set()

    def _stated(self, text: str, where: str) -> set[str]:
        """The units in the words after `단위:`; beside them may stand what counts and shares are given in."""
        if units := self._unit(text):
            return units
        found = set()
        for part in re.split(r"[,/·]", text):
            if units := self._unit(part):
                found |= units
            elif "skip" not in self.fields(part):
                raise Refused(f"{where}: unit {part.strip()!r} is not known. {self.remedy(part, 'unit')}")
        return found

    def day(self, line: str, where: str) -> dt.date | None:
        """The day a line gives for the download (`조회일: 2026-11-20`), or None. Refused for a day that is none."""
        words = "|".join(r"\s*".join(map(re.escape, word)) for word in self._printed("day", ""))
        said = re.search(rf"(?:^|[^0-9A-Za-z가-힣])(?:{words})\s*[:\s]\s*{DAY}",
                         unicodedata.normalize("NFKC", line), re.IGNORECASE)
        if not said:
            return None
        try:
            return dt.date(*(int(part) for part in said.groups()))
        except ValueError:
            raise Refused(f"{where}: {said[0].strip()!r} is not a day of the calendar. Download the export again."
                          ) from None

    def measures(self, line: str) -> set[str]:
        """The measures a title names anywhere in it, longer words before those they contain."""
        left, found = key(line), set()
        for value in ("net", "reported", "invested"):
            for word in self._printed("measure", value):
                if len(word) > 2 and word in left:
                    left = left.replace(word, " ")
                    found.add(value)
        return found

    @staticmethod
    def remedy(text: str, field: str = "axis, mode, measure, unit, total, skip, …") -> str:
        """What to do about a word that is not known."""
        return (f"Add {text.strip()[:LONGEST_HEADING]!r} to data/raw/{HEADINGS}.csv, column heading, with its "
                "field "
                f"({field}) and value, then make accept FILE=data/raw/{HEADINGS}.csv, and add the export again.")
