"""Put together investment.parquet: every agency's rows, one below the other, never added up."""

from pathlib import Path

import pandas as pd

from korus import controls, corrections, raw
from korus.clean import bea, cim, kexim
from korus.clean.places import Places
from korus.paths import RAW

# Tables that may be added: answers of BEA's service, of the columns of the tables named after them.
FROM_SERVICE = (("bea/new_fdi_api", bea.new_fdi), ("bea/position_and_flows_api", bea.positions))
OUTFLOW_TABLES = ("kexim/releases", "kexim/reports")
# An export of Eximbank's portal, by country and mode of establishment: may be added, of the releases' columns.
PORTAL = "kexim/portal"


def assemble(withdrawn: set[str], folder: Path = RAW) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(rows of investment.parquet, account of raw rows taken and left out).

    `withdrawn` holds the refs that the corrections ledger takes out; with an empty set the table is
    what the sources printed, misprints included. `folder` is data/raw, or a copy of it to be tried.
    """
    def read(table: str) -> pd.DataFrame:
        return raw.read(table, folder)

    sources = raw.sources(folder)
    places = Places(read("reference/countries"), read("reference/regions"))
    parts = [
        bea.new_fdi(read("bea/new_fdi"), sources, places, raw.release_days("bea.new_fdi", folder)),
        bea.positions(read("bea/position_and_flows"), sources, places,
                      raw.release_days("bea.position_and_flows", folder)),
        bea.old_outlays(read("bea/outlays_1990_2000"), sources, places),
        *(kexim.outflows(read(name), sources, name, withdrawn) for name in OUTFLOW_TABLES),
        *(kexim.outflows(read(name), sources, name, withdrawn) for name in (PORTAL,) if raw.recorded(name, folder)),
        kexim.net_flows_panel(read("kexim/net_flows_panel"), sources),
        cim.facilities(read("projects/cim_facilities"), sources),
        *(clean(read(name), sources, places, {}, name) for name, clean in FROM_SERVICE if raw.recorded(name, folder)),
    ]
    rows = pd.concat([frame for frame, _ in parts], ignore_index=True)
    account = pd.concat([left.table_rows(len(frame)) for frame, left in parts], ignore_index=True)
    return rows, account


def totals(folder: Path = RAW) -> tuple[pd.DataFrame, set[str]]:
    """(residuals of all investment totals as printed, refs that the ledger withdraws).

    Raises ControlFailure when a total fails that no entry of the ledger explains, or when an entry
    explains nothing any more.
    """
    as_printed, _ = assemble(set(), folder)
    entries = corrections.ledger(folder)
    printed = {name: raw.read(name, folder) for name in OUTFLOW_TABLES}
    refs = corrections.refs_by_entry(entries, printed)
    residuals = controls.together(
        controls.quarters_against_years(as_printed),
        controls.regions_against_world(as_printed),
        controls.types_against_totals(as_printed),
        controls.modes_within_totals(as_printed),
    )
    return corrections.explained(residuals, entries, refs), corrections.withdrawn(entries, refs)
