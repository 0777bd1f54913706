"""What every observation carries: its value as a number, its vintage, its tier, its place in raw.

These are interpretations of printed text, so they are made here, once, and tested.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

SUPPRESSED = ("(D)", "(*)")
NOT_SHOWN = ("", "(NA)", "---")

# The first pattern found in a source's `kind` decides. 1 official table or API, 2 official release
# text (also where it was read in a reprint or mirror), 3 secondary text, 4 the commentary under test.
TIER_BY_KIND = (
    (r"claim in commentary", 4),
    (r"quoting|press report|press figure|press summary|tertiary|thesis|think-tank|op-ed|handout", 3),
    (r"third-party (summary|transcription|ledger)|machine translation|academic|analysis|secondary", 3),
    (r"law-firm page", 3),
    (r"fDi Markets|White House|Clean Investment Monitor|company|tracker|news|article on", 3),
    (r"API|Census country tables|official table|schedule|input–output|input-output|WDI|World Bank", 1),
    (r"\bBEA\b|official press release|official|regulation|public law|proclamation|notice", 2),
)


class CleaningError(ValueError):
    """A raw cell can not be interpreted; the message names file, line, column and the remedy."""


@dataclass(frozen=True)
class Number:
    """A printed figure: its value, and half a unit of its last printed digit."""

    value: float
    half_digit: float


def tier_of_kind(kind: str) -> int:
    """Tier (1–4) of a source from the words in which sources.csv describes it."""
    for pattern, tier in TIER_BY_KIND:
        if re.search(pattern, kind, flags=re.IGNORECASE):
            return tier
    raise CleaningError(
        f"data/raw/sources.csv, column kind: no tier for {kind!r}. "
        "Add its words to TIER_BY_KIND in korus/clean/origin.py."
    )


def printed_number(text: str) -> Number | None:
    """The number in a printed cell, or None where the source shows none.

    `(D)` (suppressed) and `(*)` (rounds to zero) give None: the caller keeps the row with its status.
    Raises ValueError for words where a number belongs.
    """
    if text in SUPPRESSED or text in NOT_SHOWN:
        return None
    if not re.fullmatch(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", text, flags=re.ASCII):
        raise ValueError(f"{text!r} is not a number")
    plain = text.replace(",", "")
    decimals = len(plain.partition(".")[2])
    return Number(float(plain), 0.5 * 10.0**-decimals)


def numbers_musd(frame: pd.DataFrame, units: dict[str, float], where: str) -> pd.DataFrame:
    """Columns value_musd and rounding_musd from `value` and `unit` as printed.

    `units` gives million US dollars per printed unit. All bad cells are reported at once.
    """
    values, roundings, problems = [], [], []
    for ref, text, unit in zip(frame["ref"], frame["value"], frame["unit"], strict=True):
        try:
            number = printed_number(text)
            scale = units[unit]
        except (ValueError, KeyError) as error:
            problems.append(f"data/raw/{ref}: value {text!r}, unit {unit!r}: {error}")
            continue
        values.append(number.value * scale if number else float("nan"))
        roundings.append(number.half_digit * scale if number else float("nan"))
    if problems:
        raise CleaningError(f"{where}: {len(problems)} cells can not be read:\n" + "\n".join(problems))
    return pd.DataFrame(
        {"value_musd": [round(v, 6) for v in values], "rounding_musd": [round(v, 6) for v in roundings]},
        index=frame.index,
    )


def number_column(frame: pd.DataFrame, column: str, scale: float = 1.0) -> pd.Series:
    """A printed column as numbers times `scale`, missing where the source shows none.

    All cells that hold no number are reported at once.
    """
    values, problems = [], []
    for ref, text in zip(frame["ref"], frame[column], strict=True):
        try:
            number = printed_number(text)
        except ValueError as error:
            problems.append(f"data/raw/{ref}, column {column}: {error}")
            number = None
        values.append(round(number.value * scale, 6) if number else None)
    if problems:
        raise CleaningError("\n".join(problems))
    return pd.Series(values, index=frame.index, dtype="Float64")


def vintage_day(printed: str, release_days: dict[str, str] | None = None) -> dt.date:
    """The day a figure was published, from the vintage as printed.

    A full date is taken as it is. A month is the release day where one is recorded, else its last
    day; a year (`c. 1999`, `2005-2006`) is its last day: an imprecise date is never made too early,
    so that a report built `as_of` a day holds nothing published after it.
    """
    if release_days and printed in release_days:
        return dt.date.fromisoformat(release_days[printed])
    try:
        if day := re.search(r"(\d{4})-(\d{2})-(\d{2})", printed):
            return dt.date(*map(int, day.groups()))
        if compact := re.search(r"\.(20\d{2})(\d{2})(\d{2})\.", printed):
            return dt.date(*map(int, compact.groups()))
    except ValueError:
        raise CleaningError(f"vintage {printed!r} is not a day of the calendar") from None
    if month := re.match(r"(\d{4})-(0[1-9]|1[0-2])(?!\d)", printed):
        year, number = map(int, month.groups())
        return dt.date(year, number, calendar.monthrange(year, number)[1])
    if years := re.match(r"(?:c\. |panel of )?(\d{4})(?:-(\d{4}))?(?![-\d])", printed):
        return dt.date(int(years.group(2) or years.group(1)), 12, 31)
    raise CleaningError(f"vintage {printed!r} is not a date, a month or a year")


def with_origin(
    frame: pd.DataFrame, sources: pd.DataFrame, vintage: str, release_days: dict[str, str] | None = None
) -> pd.DataFrame:
    """Columns vintage (ISO date, text) and tier (1–4) for each row of a raw table.

    `vintage` names the column that holds the printed vintage; "source" takes the source's own date.
    A version known only by the last year of its data was certainly published by the day it was read,
    and takes that day.
    """
    unknown = sorted(set(frame["source"]) - set(sources.index))
    if unknown:
        raise CleaningError(f"sources {unknown} are not in data/raw/sources.csv: add a row for each")
    dates = frame["source"].map(sources["date"]) if vintage == "source" else frame[vintage]
    undated = dates.str.startswith("version with data to")
    dates = dates.mask(undated, frame["source"].map(sources["accessed"]))
    days = {text: vintage_day(text, release_days).isoformat() for text in dates.unique()}
    tiers = {kind: tier_of_kind(kind) for kind in sources["kind"].loc[frame["source"].unique()].unique()}
    return pd.DataFrame(
        {"vintage": dates.map(days), "tier": frame["source"].map(sources["kind"]).map(tiers)},
        index=frame.index,
    )
