"""Fetch new figures from an official service and offer them to data/raw: `make fetch SOURCE=bea|census`.

Nothing is written below data/raw but what a person has seen and agreed to (korus/sources/arrival.py). What was
fetched is kept below data/panel, so that a run that was cut or refused goes on where it stopped.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from korus import raw
from korus.parameters import read_profile
from korus.paths import RAW, ROOT
from korus.sources import bea, bea_fetch, census, census_panel, census_tables, records
from korus.sources.client import Client
from korus.sources.keys import KeyProblem, redacted
from korus.sources.partitions import PanelProblem
from korus.sources.refusal import Refused
from korus.sources.sending import ServiceProblem
from korus.sources.vintages import Row

# What the report's chapters read: all goods and end uses of all partners, products of Korea as weights.
SERIES = ("total", "EU1", "EU5", f"HS10-{census.KOREA}")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What to fetch of the Census panel: series by name, first and last month, from where to ask anew."""

    series: tuple[str, ...] = SERIES
    first: str = census.FIRST
    last: str = ""
    again: str | None = None


Found = tuple[dict[str, list[Row]], list[Row]]


def from_bea(client: Client, folder: Path = RAW, kept: Path = bea_fetch.KEPT, say: Say = print) -> Found:
    """(tables of data/raw that would change with all their rows, sources): BEA's dataset MNE."""
    return bea_fetch.proposals(bea_fetch.fetch(client, kept, say=say), folder, say)


def from_census(client: Client, wanted: Wanted = Wanted(), folder: Path = RAW, panel: Path = census_panel.PANEL,
                say: Say = print) -> Found:
    """(tables of data/raw that would change with all their rows, sources): the Census trade API."""
    last = wanted.last or f"{client.today():%Y-%m}"
    done = census_panel.fetch(
        client, [census.series(name) for name in wanted.series], wanted.first, last, wanted.again, panel, say
    )
    held = ", ".join(f"{name} to {month}" for name, month in done.last.items()) or "nothing"
    say(f"Census panel: {done.written} months fetched ({done.rows:,} rows), {done.held} were there; held: {held}. "
        "The service revises what it has published: AGAIN=2025-01 asks anew for the months from then on.")
    return census_tables.proposals(panel, folder)


def offered(found: Found, offer: Callable, proposal: Callable, folder: Path = RAW, yes: bool = False,
            say: Say = print) -> bool:
    """Hand what was found to `offer` of korus.sources.arrival; whether data/raw was changed.

    A table that is not held yet comes with its whole record; of one that is, the days change.
    """
    tables, sources = found
    if not tables:
        say("Nothing new: data/raw holds all that the service gives.")
        return False
    day = max(row["accessed"] for row in sources)
    proposals = []
    for table, rows in tables.items():
        name = table.removesuffix(".csv")
        known = raw.recorded(name, folder)
        record = {"date_accessed": day} if known else records.template(name, day, folder)
        proposals.append(proposal(table=table, rows=rows, record=record))
    if not offer(proposals, sources, folder=folder, yes=yes, say=say):
        return False
    if hint := too_early(day):
        say(hint)
    return True


def too_early(day: str, root: Path = ROOT) -> str:
    """What to say when the report is built as of a day before the new figures; "" when it is not."""
    as_of = read_profile("baseline", root).as_of
    if dt.date.fromisoformat(str(as_of)) >= dt.date.fromisoformat(day):
        return ""
    return (f"The report is built as of {as_of}; figures answered on {day} enter it when as_of in "
            "params/baseline.yml and in the notebooks is that day or later.")


def _offered(found: Found, yes: bool) -> bool:
    """`offered`, with the one way into data/raw. Other commands need not load it."""
    from korus.sources.arrival import Proposal, offer

    return offered(found, offer, Proposal, yes=yes, say=said)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make fetch", description=__doc__)
    parser.add_argument("source", choices=("bea", "census"))
    parser.add_argument("--levels", default=" ".join(SERIES),
                        help=f"series of the Census panel: {', '.join(census.LEVELS)}, alone for all partners or "
                             "with a "
                        f"country's code (HS10-{census.KOREA})")
    parser.add_argument("--first", default=census.FIRST, help="first month (2017-01)")
    parser.add_argument("--last", default="", help="last month; default: what is published")
    parser.add_argument("--again", help="ask anew for the months held from this one on")
    parser.add_argument("--yes", action="store_true", help="agree beforehand to what is shown")
    given = parser.parse_args(argv)
    given.levels = tuple(given.levels.split())
    try:
        for name in given.levels:
            census.series(name)
        for month in filter(None, (given.first, given.last, given.again)):
            dt.datetime.strptime(month, "%Y-%m")
    except ValueError as error:
        parser.error(str(error))
    return given


def said(text: object) -> None:
    """Print a line at once, without any key that slipped into it."""
    print(redacted(text), flush=True)


def main(
    argv: list[str] | None = None,
    base: str | None = None,
    hand_over: Callable[[Found, bool], bool] = _offered,
    **places,
) -> int:
    """0 when all went well, changed or not; 1 when a service, a key or a file stands in the way.

    `base`, `hand_over` and `places` are for tests: another address, another way into data/raw, other folders.
    """
    given = arguments(argv)
    at = {"say": said} | ({"base": base} if base else {})
    try:
        if given.source == "bea":
            found = from_bea(bea.client(**at), say=said, **places)
        else:
            wanted = Wanted(given.levels, given.first, given.last, given.again)
            found = from_census(census.client(**at), wanted, say=said, **places)
        hand_over(found, given.yes)
    except (ServiceProblem, KeyProblem, PanelProblem, Refused, raw.RawDataError) as problem:
        print(redacted(problem), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was fetched is kept; the same command goes on from there.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
