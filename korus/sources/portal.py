"""An export of Korea Eximbank's statistics portal: overseas direct investment by country, year and mode.

Its rows go to kexim/portal. What the headings mean stands in reference/portal_headings; unit and measure are read
from the file, told by whoever adds it, or asked for.
"""

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from korus import raw
from korus.clean.kexim import UNITS
from korus.sources import difference, kind, portal_checks, portal_file, portal_layout, records, vintages
from korus.sources.arrival import Proposal
from korus.sources.portal_checks import WORLD, Figure
from korus.sources.portal_words import HEADINGS, Words
from korus.sources.refusal import Refused

TABLE = "kexim/portal"
KIND = "official table: export of the statistics portal of the Export-Import Bank of Korea"
TITLE = "한국수출입은행 해외직접투자 통계"
KEY = ["series", "country", "year", "quarter", "mode", "measure", "unit"]
MODES = ("total", "greenfield", "mna")
MEASURES = ("invested", "net", "reported")
# The ministry releases a year in its March: until then the portal may show a part of it under the year's name.
YEAR_IS_COMPLETE_AFTER = dt.timedelta(days=90)


def ask_on_terminal(question: str, option: str) -> str:
    """What the person at the terminal answers. Refused where there is no terminal, naming the option instead."""
    if not sys.stdin.isatty():
        raise Refused(f"{question} The file does not say, and there is no terminal to ask on: run the command "
                      f"again with {option}.")
    try:
        return input(f"{question} ").strip()
    except EOFError:
        return ""


@dataclass(frozen=True)
class Said:
    """What whoever adds the file says of it, for what it does not say itself; empty where nothing is said."""

    unit: str = ""
    measure: str = ""
    day: str = ""
    ask: Callable[[str, str], str] = field(default=ask_on_terminal)


def export(content: bytes, name: str, folder: Path, address: str, today: dt.date, said: Said):
    """(proposals, sources, doubts, notes) of an export, in the form korus.sources.add takes them."""
    words = Words(*(raw.read(table, folder) for table in (HEADINGS, "reference/countries", "reference/regions")))
    grid, table = _only_table(portal_file.grids(content, kind.kind_of(content), name), words, name)
    day, day_note = _day([*table.above, *table.below], words, said, today, name)
    figures = _with_unit(table, words, said, name)
    figures = _with_measure(figures, table, words, said, name)
    figures = portal_checks.once(_complete(figures, name))
    notes, doubts = portal_checks.within(figures)
    taken, aside = _taken(figures, day)
    more_notes, more_doubts = portal_checks.against_releases(taken, day, folder)
    title = _title(table.above, words, name)
    rows = _new(_rows(taken, day), folder, day)
    counts = table.aside | aside
    units = ", ".join(sorted({figure.unit for figure in taken}))
    said_notes = [f"{name}: {title}", f"{day_note}; unit {units}; {len(taken)} figures, {len(rows)} new or "
                                      "changed"]
    said_notes += [f"not taken: {count} cells, {why}" for why, count in counts.items() if count]
    source = {"source": _source(day), "title": f"{TITLE}, export: {title}", "url": address, "commit": "",
              "date": day.isoformat(), "kind": KIND, "accessed": today.isoformat()}
    proposals = [Proposal(f"{TABLE}.csv", rows, _record(rows, day, today, folder))] if rows else []
    return proposals, [source] if rows else [], [*doubts, *more_doubts], [*said_notes, *notes, *more_notes]


def _only_table(sheets: list[portal_file.Grid], words: Words, name: str):
    """The one sheet with a table, and the table. Refused for none or more."""
    fitting = [(grid, found) for grid in sheets if (found := portal_layout.table(grid, words))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise Refused(f"{name}: {len(fitting)} sheets hold a table of this kind ("
                      + ", ".join(grid.name.rpartition("sheet ")[2] for grid, _ in fitting)
                      + "). Keep one in the file and add it; add the others after it.")
    unknown = next((u for grid in sheets if (u := portal_layout.unknown_first_row(grid, words))), "")
    said = f"Above the first amounts stand {unknown}, not known. {words.remedy('each')}" if unknown else (
        "Files that can be added are releases of the ministry and exports of Korea Eximbank's statistics portal.")
    raise Refused(f"{name}: no row of headings such as 국가, 연도, 설립형태 (Country, Year, Mode) was found. {said}")


def _day(lines, words: Words, said: Said, today: dt.date, name: str) -> tuple[dt.date, str]:
    """(vintage, where it comes from): the day the file states, else the one said, else today."""
    stated = {day for text, where in lines if (day := words.day(text, where))}
    if len(stated) > 1:
        raise Refused(f"{name}: states two days, {' and '.join(sorted(map(str, stated)))}. Download the export "
                      "again.")
    try:
        given = dt.date.fromisoformat(said.day) if said.day else None
    except ValueError:
        raise Refused(f"DAY={said.day}: not a day of the calendar; write DAY=2026-11-20.") from None
    if stated and given and given not in stated:
        raise Refused(f"{name}: states {next(iter(stated))} as its day, but DAY={given}. Leave DAY out.")
    day = next(iter(stated), given or today)
    if day > today:
        raise Refused(f"{name}: its day is {day.isoformat()}, but today is {today.isoformat()} by this machine's "
                      "clock. One of the two is wrong.")
    why = "by the file itself" if stated else "as said" if given else "the day it was added; DAY=… says another"
    return day, f"vintage {day.isoformat()}, {why}"


def _with_unit(table, words: Words, said: Said, name: str) -> list[Figure]:
    """The figures, each with its unit: of its heading, else of a line beside the table, else as said or asked."""
    around = set().union(*(words.units(text, where) for text, where in [*table.above, *table.below]), set())
    stated = around | {figure.unit for figure in table.figures if figure.unit}
    given = _unit_said(said.unit, words) if said.unit else ""
    if len(around) > 1 or (around and len(stated) > 1):
        raise Refused(f"{name}: states two units, {' and '.join(sorted(stated))}. Download the export with one.")
    if given and stated - {given}:
        raise Refused(f"{name}: is in {', '.join(sorted(stated))} by its own words, but UNIT says {given}. Leave "
                      "UNIT out, or find out which is right.")
    if not all(figure.unit or around for figure in table.figures) and not given:
        given = _unit_said(said.ask(f"{name}: which unit are the amounts in (thousand, million, 100 million, "
                                    "billion US dollars)?", "UNIT=thousand (or million, …)"), words)
    unit = next(iter(around), given)
    if strange := sorted((stated | {unit}) - {*UNITS, ""}):
        raise Refused(f"{name}: unit {strange[0]!r} of data/raw/{HEADINGS}.csv is none of {', '.join(UNITS)}. "
                      "Add it to UNITS in korus/clean/kexim.py.")
    return [replace(figure, unit=figure.unit or unit) for figure in table.figures]


def _unit_said(text: str, words: Words) -> str:
    """A unit a person names: `thousand`, `천달러`."""
    for spelling in (text, f"{text} USD"):
        units = words.units(f"({spelling})", "UNIT")
        if len(units) == 1 and units <= set(UNITS):
            return units.pop()
    raise Refused(f"UNIT={text}: not a unit that is known; write UNIT=thousand, million, 100 million or billion.")


def _with_measure(figures: list[Figure], table, words: Words, said: Said, name: str) -> list[Figure]:
    """The figures, each with its measure: of its heading, else of a title, else as said or asked."""
    if all(figure.measure for figure in figures):
        return figures
    # A footnote may speak of a measure that the table does not show, unless it names the basis.
    lines = [text for text, _ in table.above] + [t for t, _ in table.below if "기준" in t or "basis" in t.casefold()]
    titles = set().union(*(words.measures(text) for text in lines), set())
    if said.measure and len(titles) == 1 and said.measure not in titles:
        raise Refused(f"{name}: its title speaks of amounts {titles.pop()}, but MEASURE says {said.measure}. "
                      "Leave MEASURE out, or find out which is right.")
    measure = titles.pop() if len(titles) == 1 else said.measure
    measure = measure or said.ask(f"{name}: are the amounts invested (투자금액), net (순투자) or reported (신고금액)?",
                                  "MEASURE=invested (or net, reported)")
    if measure not in MEASURES:
        raise Refused(f"MEASURE={measure}: write one of {', '.join(MEASURES)}.")
    return [replace(figure, measure=figure.measure or measure) for figure in figures]


def _complete(figures: list[Figure], name: str) -> list[Figure]:
    """The figures, once each is known to have a country, a year and a mode, and no impossible amount."""
    for figure in figures:
        for part, what, words in ((figure.place, "country", "국가 or Country"), (figure.year, "year", "연도 or Year"),
                                  (figure.mode, "mode of establishment", "설립형태 or Mode")):
            if not part:
                raise Refused(f"{figure.where}: no heading, label or line says the {what} of this amount. "
                              "Download the export by country, year and mode, with a heading such as "
                              f"{words}; a line above the table (국가: 미국) will do.")
        if figure.value.startswith("-") and figure.measure != "net":
            raise Refused(f"{figure.where}: {figure.value} is below nought, which amounts {figure.measure} can "
                          "not be. Is it net investment? Then its heading must say so.")
    if not any(figure.value for figure in figures):
        raise Refused(f"{name}: no amount by country, year and mode in it.")
    return figures


def _taken(figures: list[Figure], day: dt.date) -> tuple[list[Figure], dict[str, int]]:
    """(figures for the raw table, how many others there are and why). Refused for a year that has not begun."""
    taken, aside = [], {}
    for figure in figures:
        end = dt.date(int(figure.year), 12, 31)
        if int(figure.year) > day.year and figure.value:
            raise Refused(f"{figure.where}: the year {figure.year} had not begun on {day.isoformat()}, the "
                          "export's day. A heading or the day is wrong.")
        why = ("without a figure (blank, dash)" if figure.mark in ("none", "blank") else
               "suppressed" if figure.mark else
               f"{figure.year} may not be complete on the export's day" if day < end + YEAR_IS_COMPLETE_AFTER else
               "other modes, other countries "
               "together" if figure.mode not in MODES or figure.place == "other" else "")
        if why:
            aside[why] = aside.get(why, 0) + 1
        else:
            taken.append(figure)
    return taken, aside


def _title(lines, words: Words, name: str) -> str:
    """The first line that is a title, or the name of the file."""
    for text, where in lines:
        if not words.day(text, where) and not words.fields(text.partition(":")[0]) and not text.startswith("("):
            return text
    return name


def _source(day: dt.date) -> str:
    return f"kexim.portal-{day.isoformat()}"


def _rows(figures: list[Figure], day: dt.date) -> list[dict[str, str]]:
    """Rows of kexim/portal."""
    return [{
        "series": "world_total" if figure.place == WORLD else "country_total", "country": figure.place,
        "industry": "", "region": "", "year": figure.year, "quarter": "A", "mode": figure.mode,
        "measure": figure.measure, "value": figure.value, "unit": figure.unit, "vintage": day.isoformat(),
        "source": _source(day), "note": f"label in source: {figure.labels}" if figure.labels else "",
    } for figure in figures]


def _new(rows: list[dict[str, str]], folder: Path, day: dt.date) -> list[dict[str, str]]:
    """The rows that say something else than the last figure held by that day."""
    if not raw.recorded(TABLE, folder):
        return rows
    held = difference.rows_of(raw.read_verified(TABLE, folder))
    before = sorted((row for row in held if row["vintage"] <= day.isoformat()), key=lambda row: row["vintage"])
    return vintages.beside(before, rows, KEY, ["value"])[len(before):]


def _record(rows: list[dict[str, str]], day: dt.date, today: dt.date, folder: Path) -> dict:
    """What changes in the table's record, or the whole of it where the table is not held yet."""
    if not raw.recorded(TABLE, folder):
        return records.template(TABLE, day, folder) | {"date_accessed": today.isoformat()}
    held = difference.rows_of(raw.read_verified(TABLE, folder))
    days = sorted({row["vintage"] for row in [*held, *rows]})
    return {"date_published": days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
            "date_accessed": today.isoformat()}
