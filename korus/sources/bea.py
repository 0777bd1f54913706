"""BEA's API, dataset MNE: new foreign direct investment by type, and positions and flows, as rows of raw tables.

Of the package beaapi its reading of errors and its limits are used. Not its requests: they have no time limit,
turn `(D)` and `(*)` into nothing and zero, and show the key in what they raise. What is asked and how it is asked
(parameters, MNE) are the same.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass
from types import SimpleNamespace

from korus.sources import bea_labels, vintages
from korus.sources.bea_labels import LabelProblem
from korus.sources.budget import Limits
from korus.sources.client import Client
from korus.sources.keys import Key, KeyProblem, redacted
from korus.sources.sending import ServiceProblem
from korus.sources.vintages import Row

BASE = "https://apps.bea.gov/api/data"
VARIABLE, SIGNUP = "BEA_API_KEY", "https://apps.bea.gov/API/signup/"
NEW_FDI, POSITIONS = "bea/new_fdi_api", "bea/position_and_flows_api"
COLUMNS = {
    NEW_FDI: [
        "year",
        "country",
        "type",
        "breakdown",
        "measure",
        "value",
        "unit",
        "status",
        "vintage",
        "source",
        "note",
    ],
    POSITIONS: ["year", "country", "breakdown", "measure", "value", "unit", "status", "vintage", "source", "note"],
}
KEYS = {NEW_FDI: COLUMNS[NEW_FDI][:5], POSITIONS: COLUMNS[POSITIONS][:4]}
FIGURES = ["value", "unit", "status"]

SUPPRESSED, ROUNDS_TO_ZERO = "(D)", "(*)"
# Figures that a table does not show: no rows, for there is nothing to hold.
NOT_SHOWN = ("", "(NA)", "(NM)", "n.a.", "n.s.", "---", "--")
WHOLE = {"country": "All countries", "other": ""}
POSITION_MEASURES = {
    "22": "inward direct investment position, historical cost",
    "23": "financial transactions (flow) into the United States",
}


@dataclass(frozen=True)
class Query:
    """One table of the service: series, classification, and what its rows are (country, industry or state)."""

    table: str
    series: str
    classification: str
    rows: str
    basis: str = ""

    @property
    def name(self) -> str:
        """For messages: `MNE, series 62, CountryofUBObyType`."""
        return f"MNE, series {self.series}, {self.classification}"

    def parameters(self) -> dict[str, str]:
        """What is sent, without the key; all years and, by default, all rows."""
        return {
            "method": "GetData",
            "datasetname": "MNE",
            "DirectionOfInvestment": "inward",
            "SeriesID": self.series,
            "Classification": self.classification,
            "Year": "all",
            "GetFootnotes": "yes",
            "ResultFormat": "json",
        }


UBO = "country of UBO"
QUERIES = (
    *(
        Query(NEW_FDI, series, classification, rows, basis)
        for series in ("62", "64", "66", "68", "69")
        for classification, rows, basis in (
            ("CountryofUBObyType", "country", UBO),
            ("IndustrybyType", "industry", ""),
            ("StatebyType", "state", ""),
        )
    ),
    *(
        Query(POSITIONS, series, classification, rows, basis)
        for series in ("22", "23", "24", "25", "26", "27")
        for classification, rows, basis in (
            ("Country", "country", "country of foreign parent"),
            ("CountryofUBO", "country", UBO),
            ("Industry", "industry", ""),
        )
    ),
)


class Declared(ServiceProblem):
    """The service itself says that it can not answer this question; others it may answer."""


class NotOffered(Declared):
    """The service has no such table."""


def client(base: str = BASE, **more) -> Client:
    """A client of the service within its limits. Raises KeyProblem without a key in the environment."""
    import beaapi

    limits = Limits(beaapi.MAX_REQUESTS_PER_MINUTE, beaapi.MAX_DATA_PER_MINUTE, beaapi.MAX_ERRORS_PER_MINUTE)
    return Client(base, Key(VARIABLE, SIGNUP), "UserID", limits, always_an_hour=True, **more)


# ---- One answer ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Data:
    """Rows of one table as sent, with the dimensions the answer declares, the words of its notes, and its day."""

    rows: list[dict]
    dimensions: list[dict]
    notes: dict[str, str]
    day: dt.date


def get(asking: Client, query: Query) -> Data:
    """One table. Raises Declared (NotOffered) where the service gives none, else what the client raises."""
    answer = asking.json("", query.parameters())
    where = asking.shown("", query.parameters())
    if not isinstance(answer.value, dict) or not isinstance(answer.value.get("BEAAPI"), dict):
        raise ServiceProblem(f"{where}: the answer has no part BEAAPI. See the service's user guide.")
    content, problem = _read(answer.value, where, asking)
    if problem:
        asking.budget.spent(0, failed=True)
        raise problem
    rows, detail = content["Data"], content["detail"]
    rows = rows if isinstance(rows, list) else [rows]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise ServiceProblem(f"{where}: the answer's Data holds no rows.")
    notes = detail.get("Notes") or []
    notes = notes if isinstance(notes, list) else [notes]
    dimensions = detail.get("Dimensions") or []
    return Data(rows, dimensions if isinstance(dimensions, list) else [dimensions],
                {str(note.get("NoteRef", "")).strip(): str(note.get("NoteText", "")).strip() for note in notes},
                answer.day)


def _read(value: dict, where: str, asking: Client) -> tuple[dict, Exception | None]:
    """(rows and detail as beaapi reads them, None), or ({}, what the service says is wrong).

    An error comes with status 200, in one of two places, one or several.
    """
    import beaapi
    from beaapi.response_to_dict import response_to_dict

    # beaapi decodes bytes as Latin-1; what is escaped reads the same in every encoding.
    payload = SimpleNamespace(url="", read=lambda: json.dumps(value, ensure_ascii=True).encode())
    try:
        return response_to_dict(payload), None
    except beaapi.BEAAPIError as error:
        said = "; ".join(map(str, getattr(error, "messages", []) or [str(error)]))
        code = str(getattr(error, "APIErrorCode", ""))
    except (KeyError, TypeError, AttributeError) as error:
        return {}, ServiceProblem(f"{where}: the answer has another form ({type(error).__name__}: "
                                  f"{redacted(error)}).")
    return {}, _problem(" ".join(redacted(said).split())[:300], code, where, asking)


def _problem(said: str, code: str, where: str, asking: Client) -> Exception:
    """What the words of the service's error mean."""
    if code == "1" or re.search(r"user ?id", said, flags=re.IGNORECASE):
        return KeyProblem(f"{where}: the service does not accept {asking.key.variable} ({said}). Set it to a key "
                          "that is activated, then run the same command again.")
    if re.search(r"\bno data\b|could not find data|not (available|valid) for|does not exist|no results", said,
                 flags=re.IGNORECASE):
        return NotOffered(f"{where}: {said}")
    return Declared(f"{where}: the service answers with an error{f' {code}' if code else ''}: {said}")


# ---- Rows of raw tables --------------------------------------------------------------------------


def figure(row: dict, column: str) -> tuple[str, str]:
    """(value as printed, status) of a row. What is suppressed stays so, whatever number stands beside it."""
    text = " ".join(str(row.get(column, "") if row.get(column) is not None else "").split())
    refs = re.findall(r"\([^)]*\)", str(row.get("NoteRef") or ""))
    if text == SUPPRESSED or SUPPRESSED in refs:
        return SUPPRESSED, "suppressed"
    return text, "as published"


def rows_of(data: Data, query: Query) -> tuple[list[Row], int]:
    """(rows of the query's raw table, number of figures the service does not show).

    The headings as printed stand in the note, with the words of footnotes. Raises LabelProblem for what is not
    known.
    """
    known = bea_labels.columns(data.rows, data.dimensions, query.name)
    shared = _shared(data.rows, known.subject)
    found, not_shown = [], 0
    for row in data.rows:
        value, status = figure(row, known.value)
        if value in NOT_SHOWN:
            not_shown += 1
            continue
        if status != "suppressed" and value != ROUNDS_TO_ZERO and not re.fullmatch(r"-?[\d,]*\.?\d+", value):
            raise LabelProblem(f"{query.name}: {value!r} in column {known.value} "
                               f"({bea_labels.label(row[known.subject])}, {row[known.year]}) is no figure and "
                               "none of the known marks. Add it to NOT_SHOWN in korus/sources/bea.py if it stands "
                               "for a figure that is not shown.")
        found.append(_raw_row(row, known, query, data, shared, value, status))
    return found, not_shown


def _shared(rows: list[dict], subject: str) -> set[str]:
    """Names that rows of several codes bear (`Other` stands below many industries)."""
    codes: dict[str, set] = {}
    for row in rows:
        codes.setdefault(bea_labels.label(row.get(subject)), set()).add(row.get(f"{subject}Code"))
    return {name for name, found in codes.items() if len(found) > 1}


def _raw_row(row: dict, known: bea_labels.Columns, query: Query, data: Data, shared: set[str], value: str,
             status: str) -> Row:
    """One row of a raw table; a name that several codes bear is told apart by its code."""
    subject = bea_labels.label(row[known.subject])
    type_, measure = bea_labels.kind(row, known, query.name)
    name = subject_name(subject, query.rows)
    name += f" ({row[f'{known.subject}Code']})" if name and subject in shared else ""
    breakdown = query.basis if query.rows == "country" else f"{query.rows}: {name}" if name else ""
    headings = [f"{column}={bea_labels.label(row.get(column))}" for column in (known.subject, *known.kinds)]
    refs = re.findall(r"\([^)]*\)|\w+", str(row.get("NoteRef") or ""))
    notes = [f"{ref}: {data.notes[ref]}" for ref in refs if data.notes.get(ref)]
    series = bea_labels.label(row.get(known.series)) if known.series else f"series {query.series}"
    raw = {
        "year": str(row[known.year]),
        "country": name if query.rows == "country" else WHOLE["country"],
        "type": type_,
        "breakdown": ""
        if query.rows == "country" and name == WHOLE["country"] and query.table == NEW_FDI
        else breakdown,
        "measure": measure_name(query, measure, series),
        "value": value,
        "unit": bea_labels.UNITS[bea_labels.label(row[known.unit]).lower()],
        "status": status,
        "vintage": data.day.isoformat(),
        "source": source(data.day)["source"],
        "note": "; ".join([*headings, *notes]),
    }
    return {column: raw[column] for column in COLUMNS[query.table]}


def subject_name(label: str, rows: str) -> str:
    """A row's place, industry or state as raw tables print it; for all of them `All countries` or nothing."""
    if re.fullmatch(r"(all countries|all industries|all states|total states and areas|total|united states|all "
                     "areas)"
                    r"(,? total)?", label, flags=re.IGNORECASE):
        return WHOLE["country"] if rows == "country" else ""
    return label


def measure_name(query: Query, measure: str | None, series: str) -> str:
    """What is measured: first-year or planned expenditures, position or flow; else the series and its heading."""
    if query.table == POSITIONS:
        return POSITION_MEASURES.get(query.series, series)
    if query.series == "62" and measure:
        return measure
    return series if not measure or measure.lower() == series.lower() else f"{series}: {measure}"


def source(day: dt.date) -> Row:
    """The row of the register of sources for a day's answers."""
    return vintages.source_row(
        f"bea.api-mne-{day}", f"BEA API, dataset MNE, as answered on {day}", BASE, "BEA API", day
    )
