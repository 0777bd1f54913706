"""The Census Bureau's international trade API: what to ask, and what an answer means.

US imports by month, partner and product (`imports/hs`, two to ten digits) or end use (`imports/enduse`, one digit
and five): general imports and imports for consumption at customs value, and calculated duty, in US dollars. An
answer is a list of lists, header first, every cell a text; columns asked for and filtered by come twice.
"""

import datetime as dt
import re
from dataclasses import dataclass

from korus.sources.budget import Limits
from korus.sources.client import Client
from korus.sources.keys import Key
from korus.sources.sending import ServiceProblem

BASE = "https://api.census.gov/data/timeseries/intltrade/"
VARIABLE, SIGNUP = "CENSUS_API_KEY", "https://api.census.gov/data/key_signup.html"
DOCUMENTED = "https://api.census.gov/data/timeseries/intltrade/imports/{}/variables.html"
# The service names no limit for those who have a key; five questions a second burden nobody.
LIMITS = Limits(requests=200, pause=0.2)
AMOUNTS = ("GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO")
ALL, KOREA = "-", "5800"
FIRST = "2017-01"
# Months appear some five weeks after they end; a shutdown has delayed them by three months more.
UNPUBLISHED_MONTHS = 6
# Partners that add up to less or more than the total, by more than this share, are not a whole answer.
ALLOWED_GAP = 0.005


class AnswerProblem(ServiceProblem):
    """An answer does not have the form the service documents; the message names row, column and remedy."""


@dataclass(frozen=True)
class Level:
    """One classification at one number of digits. `variable` is None for all goods together."""

    name: str
    dataset: str
    variable: str | None = None
    digits: int = 0


LEVELS = {level.name: level for level in (
    Level("total", "hs"),
    Level("EU1", "enduse", "I_ENDUSE", 1), Level("EU5", "enduse", "I_ENDUSE", 5),
    *(Level(f"HS{digits}", "hs", "I_COMMODITY", digits) for digits in (2, 4, 6, 10)),
)}


@dataclass(frozen=True)
class Series:
    """What one folder of the panel holds: a level, of all partners or of one."""

    level: Level
    partner: str | None = None

    @property
    def name(self) -> str:
        """`HS10`, or `HS10-5800` for one partner."""
        return self.level.name + (f"-{self.partner}" if self.partner else "")


def series(name: str) -> Series:
    """The series of a name such as `EU1` or `HS10-5800`. Raises ValueError naming those there are."""
    level, _, partner = name.partition("-")
    if level not in LEVELS or (partner and (not re.fullmatch(r"\d{4}", partner) or is_group(partner))):
        raise ValueError(f"{name!r}: expected one of {', '.join(LEVELS)}, alone or with a country's Census code "
                         f"(HS10-{KOREA})")
    return Series(LEVELS[level], partner or None)


def client(base: str = BASE, **more) -> Client:
    """A client of the service. Raises KeyProblem without a key in the environment."""
    return Client(base, Key(VARIABLE, SIGNUP), limits=LIMITS, **more)


def is_group(code: str) -> bool:
    """Whether a partner code stands for several countries: `-`, `0003`, `5XXX`."""
    return not re.fullmatch(r"[1-9]\d{3}", code)


def question(asked: Series, month: str, chapter: str | None = None) -> tuple[str, dict[str, str]]:
    """(path, parameters without the key) for a month; `chapter` limits it to codes that begin so."""
    level = asked.level
    columns = ["CTY_CODE", *([level.variable] if level.variable else []), *AMOUNTS]
    parameters = {"get": ",".join(columns), "time": month}
    if level.variable:
        parameters["COMM_LVL"] = level.name
    if asked.partner:
        parameters["CTY_CODE"] = asked.partner
    if chapter:
        parameters[level.variable] = f"{chapter}*"
    return f"imports/{level.dataset}", parameters


def schema():
    """Columns of the panel: texts, a mark for groups of countries, US dollars (null where none is given)."""
    import pyarrow as pa

    return pa.schema([
        ("month", pa.string()), ("cty_code", pa.string()), ("is_group", pa.bool_()), ("code", pa.string()),
        *((name.lower(), pa.int64()) for name in AMOUNTS),
    ])


def table(value: object, asked: Series, month: str):
    """An answer as a table of `schema`. Raises AnswerProblem naming row, column and what to do.

    Totals over all products are left out where products are asked for; groups of countries are kept and marked, so
    that a sum that takes countries alone counts nothing twice.
    """
    import pyarrow as pa

    where = f"imports/{asked.level.dataset}, {asked.name}, {month}"
    columns = _columns(value, asked, where)
    if any(found != month for found in columns.get("time", [])):
        other = next(found for found in columns["time"] if found != month)
        raise AnswerProblem(f"{where}: the answer holds {other!r} in column time; only {month} was asked for.")
    codes = columns.get(asked.level.variable) or [ALL] * len(columns["CTY_CODE"])
    if asked.level.variable:
        kept = [code not in (ALL, "", None) for code in codes]
        columns = {name: [cell for cell, keep in zip(cells, kept, strict=True) if keep]
                   for name, cells in columns.items()}
        codes = columns[asked.level.variable]
        _require_digits(codes, asked, where)
    partners = columns["CTY_CODE"]
    if asked.partner and set(partners) - {asked.partner}:
        raise AnswerProblem(f"{where}: the answer holds other partners than {asked.partner}.")
    pairs = list(zip(partners, codes, strict=True))
    if len(set(pairs)) != len(pairs):
        twice = next(pair for pair in pairs if pairs.count(pair) > 1)
        raise AnswerProblem(f"{where}: partner {twice[0]} and code {twice[1]} stand twice; a sum would count them "
                            "twice. Ask for fewer variables: one that is not asked for may split the rows.")
    known = {code: is_group(code) for code in set(partners)}
    return pa.table([
        pa.array([month] * len(partners), pa.string()), pa.array(partners, pa.string()),
        pa.array([known[code] for code in partners], pa.bool_()), pa.array(codes, pa.string()),
        *(_dollars(columns[name], name, where) for name in AMOUNTS),
    ], schema=schema())


def _columns(value: object, asked: Series, where: str) -> dict[str, list]:
    """Columns of an answer by name; those that come twice must agree. Raises AnswerProblem on any other form."""
    if (not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value)
            or not all(isinstance(name, str) for name in value[0])):
        raise AnswerProblem(f"{where}: the answer is no list of rows with a header.")
    header, rows = value[0], value[1:]
    if len(ragged := {len(row) for row in rows} - {len(header)}):
        line = next(line for line, row in enumerate(rows, start=2) if len(row) in ragged)
        raise AnswerProblem(f"{where}: row {line} of the answer has not the {len(header)} cells of its header.")
    needed = ["CTY_CODE", *([asked.level.variable] if asked.level.variable else []), *AMOUNTS]
    if missing := [name for name in needed if name not in header]:
        raise AnswerProblem(f"{where}: no column {', '.join(missing)} in the answer, which has "
                            f"{', '.join(header)}. See {DOCUMENTED.format(asked.level.dataset)} for what it is "
                            "called now, and mend AMOUNTS or LEVELS in korus/sources/census.py.")
    cells = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    found: dict[str, list] = {}
    for name, column in zip(header, cells, strict=True):
        if found.setdefault(name, column) != column:
            raise AnswerProblem(f"{where}: column {name} comes twice and with different cells; which is meant can "
                                "not be told.")
    return found


def _require_digits(codes: list[str], asked: Series, where: str) -> None:
    """Raise AnswerProblem for a code of another level, which would count goods twice."""
    digits = asked.level.digits
    bad = next((code for code in codes if not isinstance(code, str) or len(code) != digits), None)
    if bad is not None:
        raise AnswerProblem(f"{where}: code {bad!r} in column {asked.level.variable} has not {digits} digits.")


def _dollars(cells: list, name: str, where: str):
    """A column of whole US dollars; null where the service gives none."""
    import pyarrow as pa

    for line, cell in enumerate(cells, start=2):
        if cell is not None and not (isinstance(cell, str) and cell.isascii() and cell.isdigit()):
            raise AnswerProblem(f"{where}: {cell!r} in row {line}, column {name}, is no amount of whole dollars.")
    return pa.array([None if cell is None else int(cell) for cell in cells], pa.int64())


def require_whole(month_table, where: str) -> None:
    """Raise AnswerProblem when the countries of a month do not add up to the total in the same answer."""
    import pyarrow.compute as pc

    total = month_table.filter(pc.equal(month_table["cty_code"], ALL))
    countries = month_table.filter(pc.invert(month_table["is_group"]))
    if not total.num_rows or not countries.num_rows:
        return
    for name in map(str.lower, AMOUNTS):
        whole, parts = (pc.sum(part[name]).as_py() or 0 for part in (total, countries))
        if abs(whole - parts) > ALLOWED_GAP * max(whole, 1):
            raise AnswerProblem(f"{where}: the countries add up to {parts:,} in {name.upper()}, the total says "
                                f"{whole:,}. Not all rows have come; run the same command again.")


def months_between(first: str, last: str) -> list[str]:
    """All months from `2017-01` to `2026-09`, both included."""
    begin, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(begin, end + 1)]


def may_be_unpublished(month: str, day: dt.date) -> bool:
    """Whether nothing said of a month means not published yet, on a day."""
    return len(months_between(month, f"{day:%Y-%m}")) <= UNPUBLISHED_MONTHS
