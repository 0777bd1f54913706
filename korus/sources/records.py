"""Records (datapackage.json) of tables that may be fetched or added and are not held yet.

Each is like the record of the table it stands beside; what differs is said here. Bytes and hash come with the
rows.
"""

import copy
import datetime as dt
from collections.abc import Callable

from korus import raw
from korus.clean.kexim import UNITS
from korus.sources import bea, census, census_tables

CODE = {"name": "end_use", "type": "string", "description": "End-use category, one digit or five",
        "constraints": {"required": True, "pattern": r"^\d(\d{4})?$"}}
LEVEL = {"name": "level", "type": "string", "description": "Digits of the end-use category",
         "constraints": {"required": True, "enum": ["1", "5"]}}
HS = {"name": "hs", "type": "string", "description": "HS code, leading zeros kept",
      "constraints": {"required": True, "pattern": r"^\d{4}(\d{2}){0,3}$"}}
YEAR = {
    "name": "year",
    "type": "string",
    "description": "Year",
    "constraints": {"required": True, "pattern": r"^\d{4}$"},
}
VALUE = {
    "name": "consumption_usd",
    "type": "integer",
    "unit": "USD",
    "constraints": {"required": True, "minimum": 0},
    "description": "Imports for consumption of the year, customs value: sum of the months' CON_VAL_MO",
}


def template(table: str, day: dt.date | str, folder=raw.RAW) -> dict:
    """A record for a table (`census/imports_enduse`) that was read on a day, without bytes and hash.

    Raises RawDataError for a table that no service and no export gives.
    """
    if table not in MAKERS:
        raise raw.RawDataError(
            f"data/raw/{table}.csv: no service or export gives this table; those given are {', '.join(MAKERS)}."
        )
    model, change = MAKERS[table]
    record = copy.deepcopy(raw.record(model, folder))
    record |= {"name": table.replace("/", "."), "path": f"{table}.csv", "date_published": str(day),
               "date_accessed": str(day)}
    change(record)
    del record["bytes"], record["hash"]
    return record


def _fields(record: dict, columns: list[str], own: tuple[dict, ...] = ()) -> None:
    """Give a record the fields of its columns: its own, else those of its model."""
    known = {field["name"]: field for field in [*record["schema"]["fields"], *own]}
    record["schema"]["fields"] = [known[name] for name in columns]


def _free(record: dict, name: str, **constraints) -> None:
    """Give a field new constraints beside being required."""
    field = next(field for field in record["schema"]["fields"] if field["name"] == name)
    field["constraints"] = {"required": True, **constraints}


def _service(record: dict, title: str, path: str) -> None:
    record |= {"published_at": path, "sources": [{"title": title, "path": path}]}


def _bea(record: dict, title: str, description: str) -> None:
    """What both tables of BEA's service have in common."""
    record |= {"title": title, "description": description,
               "citation": "Bureau of Economic Analysis, API, dataset MNE (data on multinational enterprises)"}
    _service(record, "BEA API, dataset MNE", bea.BASE)
    _free(record, "measure")
    _free(record, "unit", enum=sorted(set(bea.bea_labels.UNITS.values())))
    _free(record, "status", enum=["as published", "suppressed"])
    _free(record, "vintage", pattern=r"^\d{4}-\d{2}-\d{2}$")
    field = next(field for field in record["schema"]["fields"] if field["name"] == "vintage")
    field["description"] = (
        "Day the service gave the figure; a figure that did not change since keeps its first day"
    )
    record["schema"]["missingValues"] = ["", bea.SUPPRESSED, bea.ROUNDS_TO_ZERO]
    value = next(field for field in record["schema"]["fields"] if field["name"] == "value")
    value.pop("constraints", None)


def _new_fdi(record: dict) -> None:
    _bea(
        record,
        "New foreign direct investment in the United States by type, from BEA's API",
        "First-year and planned expenditures and other series of the survey BE-13 by type of investment: by "
        "country of ultimate owner, by industry and by state. Figures as the service shows them; (D) is "
        "suppressed, (*) rounds to zero; figures it does not show have no row. Places the report does not know "
        "are left out.",
    )


def _positions(record: dict) -> None:
    _bea(
        record,
        "Foreign direct investment position in the United States and flows, from BEA's API",
        "Positions at historical cost, financial transactions and income by country of foreign parent, by country "
        "of ultimate owner and by industry (column breakdown). Another concept than new investment: never to be "
        "added to it. (D) is suppressed; figures the service does not show have no row.",
    )


def _end_use(record: dict) -> None:
    record |= {
        "title": "US imports and calculated duty by partner, month and end use",
        "description": "End use at one digit for the partners of the report and all countries together, at five "
        "digits for Korea and all countries. Nominal dollars, not seasonally adjusted. A figure the service has "
        "revised since stands again below, under a later source. Calculated duty is assessed at entry.",
        "citation": "US Census Bureau, International Trade API, imports by end use",
    }
    _service(record, "Census International Trade API, imports/enduse", f"{census.BASE}imports/enduse")
    _fields(record, census_tables.COLUMNS[census_tables.END_USE], (CODE, LEVEL))
    for name in census_tables.AMOUNTS:
        next(f for f in record["schema"]["fields"] if f["name"] == name)["constraints"] = {"minimum": 0}
    record["schema"]["primaryKey"] = ["month", "cty_code", "end_use", "source"]


def _by_product(record: dict) -> None:
    record |= {
        "title": "US imports for consumption from Korea in 2024 by ten-digit product",
        "description": "Sums of the twelve months as the service gives them; products without imports have no "
                       "row. "
        "Weights of the statutory rate.",
        "citation": "US Census Bureau, International Trade API, imports by HS",
    }
    _service(record, "Census International Trade API, imports/hs", f"{census.BASE}imports/hs")
    _fields(record, census_tables.COLUMNS[census_tables.BY_PRODUCT], (HS, YEAR, VALUE))
    record["schema"]["primaryKey"] = ["hs", "iso3", "year", "source"]


def _portal(record: dict) -> None:
    record |= {
        "title": "Korean outward direct investment by country and mode of establishment: exports of Eximbank's "
                 "portal",
        "description": "Countries and the world by year and mode of establishment: greenfield (신규법인설립), mna "
                       "(인수합병), "
        "total. Figures as the export shows them, without separators of thousands. Cells that are blank, hold a "
        "dash or are suppressed have no row; nor has a year that may not have been complete on the export's day.",
        "producer": "Export-Import Bank of Korea",
        "citation": "한국수출입은행, 해외직접투자 통계, export of the statistics portal",
        "licence_note": "Official statistics of the Export-Import Bank of Korea; terms of use are not recorded",
    }
    _service(record, "exports of the statistics portal: sources.csv, ids kexim.portal-…", "sources.csv")
    record["sources"] = [{"title": record["sources"][0]["title"]}]
    for name, values in (("series", ["country_total", "world_total"]), ("quarter", ["A"]),
                         ("mode", ["greenfield", "mna", "total"]), ("measure", ["invested", "net", "reported"]),
                         ("unit", sorted(UNITS))):
        _free(record, name, enum=values)
    field = next(field for field in record["schema"]["fields"] if field["name"] == "vintage")
    field["description"] = ("Day of the export: stated by it, or of its download; a figure that did not change "
                            "since keeps its first day")
    record["schema"]["primaryKey"] = [name for name in record["schema"]["primaryKey"] if name != "note"]


MAKERS: dict[str, tuple[str, Callable[[dict], None]]] = {
    bea.NEW_FDI: ("bea/new_fdi", _new_fdi), bea.POSITIONS: ("bea/position_and_flows", _positions),
    census_tables.END_USE: (census_tables.MONTHLY, _end_use),
    census_tables.BY_PRODUCT: (census_tables.MONTHLY, _by_product), "kexim/portal": ("kexim/releases", _portal),
}
