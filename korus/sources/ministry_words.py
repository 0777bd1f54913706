"""The words of the ministry's releases on overseas direct investment: periods, measures, units, days, labels.

Spaces and line breaks within a word are the typesetter's and are dropped before anything is compared.
"""

import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

from korus.clean.places import WORLD
from korus.sources.refusal import Refused

# Between the syllables of a label any of these may stand, or none: 도·소매업, 도ㆍ소매업, 도소매업.
DOTS = re.compile(r"[·‧ㆍ・∙•,]")
YEAR = r"(?:(?P<year>(?:19|20)[0-9]{2})|['’‘`](?P<short>[0-9]{2}))(?:년도|년)?"
PART = {
    r"": "A", r"연간|년간|\(연간\)": "A",
    r"(?P<quarter>[1-4])(?:/4)?분기|[.,]?(?P<q>[1-4])Q|[.](?P<dotted>[1-4])분기": "quarter",
    r"1[~∼～\-–]3월": "1", r"1[~∼～\-–]6월|상반기": "1-2", r"1[~∼～\-–]9월|1[~∼～\-–]3분기": "1-3",
    r"1[~∼～\-–]2분기": "1-2", r"1[~∼～\-–]12월|1[~∼～\-–]4분기": "A",
}
PROVISIONAL = re.compile(r"(?:\(?(?:p|e|잠정|잠정치|속보)\)?)$", re.IGNORECASE)
NOT_AMOUNTS = re.compile(r"증감|비중|구성비|대비|증가율|%")
RATE_ROW = re.compile(r"증감|전년|증가율|\(%\)|대비")
WEEKDAYS = "월화수목금토일"
LONGEST_PERIOD = 16
MEASURE = re.compile(r"(?:총투자|순투자|투자)(?:액|금액)?기준")
WORLD_LABELS = {
    "전체": "", "합계": "", "총계": "", "계": "", "전세계": "", "투자액": "", "투자금액": "",
    "총투자": "invested", "총투자액": "invested", "순투자": "net", "순투자액": "net",
}
SERIES_HEADINGS = (("업종별", "industry_world"), ("산업별", "industry_world"), ("국가별", "country_total"),
                   ("지역별", "region"), ("분기별", "world_total"), ("연도별", "world_total"),
                   ("연간", "world_total"))
UNITS = {"억달러": "100 million USD", "억불": "100 million USD", "억US달러": "100 million USD",
         "억미달러": "100 million USD"}


@dataclass(frozen=True)
class Meaning:
    """What the label of a row stands for; columns of kexim/releases, and the measure it names, if any."""

    series: str
    country: str = ""
    industry: str = ""
    region: str = ""
    measure: str = ""


def squashed(text: str) -> str:
    """A text without its spaces and line breaks."""
    return re.sub(r"\s+", "", text)


def unmarked(label: str) -> str:
    """A label without the marks of footnotes behind it: 저지*, 저지1)."""
    return re.sub(r"(\*+|[†‡]+|주?[0-9]\))+$", "", squashed(label))


def spelling(label: str) -> str:
    """A label in the form in which labels are compared."""
    return DOTS.sub("", squashed(label))


class Labels:
    """Rows' labels and what they mean, from the tables of data/raw/reference."""

    def __init__(self, countries: pd.DataFrame, regions: pd.DataFrame, industries: pd.DataFrame):
        self.known: dict[str, Meaning] = {}
        for names, iso3 in zip(countries["also_printed_as"], countries["iso3"], strict=True):
            if iso3 != WORLD:
                self._learn(names, Meaning("country_total", country=iso3))
        ministry = regions[regions["region"].str.startswith("moef-")]
        for printed in ministry["printed_as"]:
            self._learn(printed, Meaning("region", region=printed))
        for names, industry in zip(industries["printed_as"], industries["industry"], strict=True):
            self._learn(names, Meaning("industry_world", country=WORLD, industry=industry))

    def _learn(self, names: str, meaning: Meaning) -> None:
        for name in names.split(";"):
            if spelling(name):
                self.known[spelling(name)] = meaning

    def meaning(self, label: str, series: str, where: str) -> Meaning:
        """What a row's label stands for; `series` is what the heading above the table says, or "".

        Refused where the label is unknown, or is no label of what the heading announces.
        """
        key = spelling(label)
        # Also a total row in another table: the world is printed again, and must be the same.
        if key in WORLD_LABELS:
            return Meaning("world_total", country=WORLD, measure=WORLD_LABELS[key])
        found = self.known.get(key)
        if found is None:
            table, column, what = {
                "industry_world": ("reference/industries.csv", "printed_as", "industry"),
                "region": ("reference/regions.csv", "printed_as (with an id moef-…)", "region"),
            }.get(series, ("reference/countries.csv", "also_printed_as", "country"))
            raise Refused(f"{where}: unknown {what} {label!r}. Add it to data/raw/{table}, column {column}, "
                          f"then make accept FILE=data/raw/{table}, and add the release again.")
        if series and found.series != series:
            raise Refused(f"{where}: {label!r} stands under a heading for {series}, but is known as a label of "
                          f"{found.series}. If the reference tables are right, the release mixes up its tables.")
        return found


def measure_of(text: str) -> str:
    """invested or net where a heading announces a basis (`(총투자 기준)`); "" for any other text."""
    plain = re.sub(r"[^0-9A-Za-z가-힣()]", "", text)
    bare = re.sub(r"[^가-힣]", "", plain)
    within = re.search(r"\(((?:총투자|순투자|투자)(?:액|금액)?)기준[^가-힣]", plain + ")")
    if MEASURE.fullmatch(bare) or (within and "동향" in bare and len(bare) <= 40):
        return "net" if "순투자" in bare else "invested"
    return ""


def series_of(text: str) -> str:
    """The series a heading announces (`□ 업종별 동향(상위 5개)`), or ""."""
    bare = squashed(text)
    if len(bare) > 40 or "동향" not in bare and "추이" not in bare:
        return ""
    return next((series for word, series in SERIES_HEADINGS if word in bare), "")


def unit_in(text: str) -> str:
    """The unit a text states (`(단위: 억 달러, %)`), in its own words; "" where it states none."""
    found = re.search(r"단위[:：]?(?P<unit>[^,()]+)", squashed(text))
    return found["unit"] if found else ""


def unit_of(printed: str, where: str) -> str:
    """A unit as kexim/releases writes it, from the words of the release. Refused where it is not known."""
    unit = UNITS.get(printed.replace("$", "달러"))
    if unit:
        return unit
    raise Refused(f"{where}: unit {printed!r} is not known. Known are {', '.join(UNITS)}. Add it to UNITS "
                  "in korus/sources/ministry_words.py, and its words to the column unit of kexim/releases in "
                  "data/raw/datapackage.json and to UNITS in korus/clean/kexim.py.")


def period_of(heading: str, where: str) -> tuple[str, str] | None:
    """(year, quarter) as kexim/releases writes them, from the words over a column; None for no amounts.

    A column that names no time, or has words of comparison (증감률, 비중), holds no amounts of a period.
    Refused where a year is followed by words that are not understood, or a quarter has no year: they could
    head amounts.
    """
    words = squashed(heading)
    if not words or NOT_AMOUNTS.search(words):
        return None
    found = re.match(YEAR, words)
    if not found and re.search(r"분기|반기|\d월|[1-4]Q|연간", words):
        raise Refused(f"{where}: the period {heading!r} names no year, nor does a cell above it. The layout is "
                      "not known.")
    if not found:
        return None
    year = found["year"] or f"20{found['short']}"
    rest = PROVISIONAL.sub("", words[found.end():]).strip("()")
    for pattern, quarter in PART.items():
        if part := re.fullmatch(pattern, rest):
            numbers = [number for number in part.groups() if number]
            return year, numbers[0] if quarter == "quarter" else quarter
    raise Refused(f"{where}: the period {heading!r} is not understood. Periods are years, quarters, and spans "
                  "from January to June or September; add its words to PART in korus/sources/ministry_words.py.")


def looks_like_period(text: str) -> bool:
    """Whether a cell names a year or a part of one."""
    words = squashed(text)
    # A day (2024.9.13) begins like a quarter ('24.1Q), a title ('24.1분기 해외직접투자 세부통계) like both.
    return len(words) <= LONGEST_PERIOD and bool(
        re.match(YEAR + r"(?!\d)(?![.]\d{1,2}[.])", words)
        or re.fullmatch(r"[1-4](/4)?분기|연간|[상하]반기", words))


def release_day(text: str, where: str) -> dt.date | None:
    """The day after the words 보도시점, 보도일시 or 보도일 in a text; None where they are not followed by one.

    Refused where the day is none of the calendar, or not the day of the week printed beside it.
    """
    found = re.search(r"보도(?:시점|일시|일자|일)[^0-9]{0,8}(20\d\d)[.년/-](\d{1,2})[.월/-](\d{1,2})[.일]?"
                      rf"(?:\(([{WEEKDAYS}])\))?", squashed(text))
    if not found:
        return None
    try:
        day = dt.date(*(int(number) for number in found.groups()[:3]))
    except ValueError:
        raise Refused(f"{where}: {found[0]!r} is not a day of the calendar.") from None
    if found[4] and WEEKDAYS[day.weekday()] != found[4]:
        raise Refused(f"{where}: {day.isoformat()} is printed as {found[4]}요일, but is a "
                      f"{WEEKDAYS[day.weekday()]}요일. Check the day of publication with the ministry's page.")
    return day
