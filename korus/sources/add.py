"""`make add FILE=…`: take the figures of a document into data/raw: `python -m korus.sources.add FILE`.

What the file is is told by its bytes. Each kind that can be read has one function here, which makes
proposals of it; korus.sources.arrival shows, checks and writes them.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from korus import raw
from korus.paths import RAW
from korus.sources import arrival, difference, hwp, kind, ministry, ministry_checks, portal, writing
from korus.sources.ministry_words import Labels
from korus.sources.refusal import Refused

RELEASES = "kexim/releases.csv"
LEDGER = "corrections.csv"
NO_ADDRESS = "read from the ministry's document; no address recorded"
REMEDIES = {
    kind.XLS: "Download it again, or save it in the program it comes from in a form that is read: a release as "
              "HWPX, an export of Eximbank's portal as xlsx.",
    kind.ZIP: "Unpack it and add the document inside.",
    kind.GZIP: "Unpack it and add the document inside.",
    kind.PDF: "A PDF holds no tables that can be read without guessing. The ministry's page offers the release as "
              "HWPX: add that file.",
    kind.HTML: "The server sent a page, perhaps an error or a log-in, in place of the document. Open the address "
               "in a browser and save the document itself.",
    kind.JSON: "This is an answer of a service, not a document. Official services are read by make fetch.",
    kind.EMPTY: "Download it again.",
}
UNKNOWN = ("Files that can be added are the ministry's releases as HWPX or HWP, and exports of Korea Eximbank's "
           "statistics portal as xlsx, or as text tables in UTF-8 or CP949.")

NOTHING_SAID = portal.Said()
NO_ADDRESS_OF_EXPORT = "saved from the portal; no address recorded"

Arrival = tuple[list[arrival.Proposal], list[dict[str, str]], list[str], list[str]]


def add(
    file: Path, folder: Path = RAW, address: str = NO_ADDRESS, yes: bool = False,
    say: Callable[[str], None] = print, ask: Callable[[str], bool] = arrival.ask_on_terminal,
    today: dt.date | None = None, said: portal.Said = NOTHING_SAID,
) -> bool:
    """Offer the figures of a file for data/raw; whether they were written.

    `address` is where the document was got, for sources.csv. `said` gives what an export of the portal does
    not say itself. Raises Refused with the reason and the remedy.
    """
    content = kind.read_file(file)
    found = kind.kind_of(content)
    reader = READERS.get(found)
    if reader is None:
        raise Refused(f"{file.name}: is {found.words}. {REMEDIES.get(found, UNKNOWN)}")
    more = {"said": said} if reader is portal.export else {}
    if not more and (said.unit or said.measure or said.day):
        raise Refused(f"{file.name}: is {found.words}. UNIT, MEASURE and DAY are for exports of Korea Eximbank's "
                      "portal; leave them out.")
    if more and address == NO_ADDRESS:
        address = NO_ADDRESS_OF_EXPORT
    with writing.locked(folder):
        proposals, sources, doubts, notes = reader(
            content, file.name, folder, address, today or dt.date.today(), **more)
        for note in notes:
            say(note)
        return arrival.offer_under_lock(proposals, sources, folder, yes, say, doubts, ask)


def release(content: bytes, name: str, folder: Path, address: str, today: dt.date) -> Arrival:
    """(proposals, sources, doubts, notes) of a ministry release on overseas direct investment."""
    labels = Labels(*(raw.read(f"reference/{table}", folder) for table in ("countries", "regions", "industries")))
    document = ministry.read(content, name, labels)
    if document.day > today:
        raise Refused(f"{name}: published {document.day.isoformat()} by its own text, but today is "
                      f"{today.isoformat()} by this machine's clock. One of the two is wrong.")
    ledger = difference.rows_of(raw.read_verified(LEDGER.removesuffix(".csv"), folder))
    verdict = ministry_checks.judge(document, ledger)
    rows = ministry.rows(document, verdict.misprinted)
    held = difference.rows_of(raw.read_verified(RELEASES.removesuffix(".csv"), folder))
    days = sorted({row["vintage"] for row in [*held, *rows]})
    accessed = today.isoformat()
    record = {"date_published": f"{days[0]} to {days[-1]}", "date_accessed": accessed}
    proposals = [arrival.Proposal(RELEASES, rows, record)]
    if verdict.entries:
        days_of_ledger = {"date_published": accessed, "date_accessed": accessed}
        proposals.append(arrival.Proposal(LEDGER, verdict.entries, days_of_ledger))
    notes = [f"{name}: {document.title}", f"published {document.day.isoformat()}, {len(rows)} figures",
             *verdict.notes]
    notes += [f"not taken, a column without a period: {heading}" for heading in document.extra]
    return proposals, [ministry.source_row(document, address, accessed)], verdict.doubts, notes


def old_release(content: bytes, name: str, folder: Path, address: str, today: dt.date) -> Arrival:
    """`release`, of a document in the old HWP form."""
    return release(hwp.as_hwpx(content, name), name, folder, address, today)


READERS: dict[kind.Kind, Callable[..., Arrival]] = {
    kind.HWPX: release, kind.HWP: old_release,
    kind.XLSX: portal.export, kind.CSV_UTF8: portal.export, kind.CSV_CP949: portal.export,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Add the file named on the command line; 0 written or nothing new, 1 refused, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="make add", description="Take the figures of a document into data/raw.")
    parser.add_argument("file", type=Path, help="the document, for example a release of the ministry as HWPX")
    parser.add_argument("--address", default=NO_ADDRESS, help="where it was got, for data/raw/sources.csv")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--unit", default="", help="unit of a portal export that states none: thousand, million, "
                                                   "…")
    parser.add_argument("--measure", default="", help="measure of one that states none: invested, net or reported")
    parser.add_argument("--day", default="", help="day it was downloaded, where the file does not say: 2026-11-20")
    given = parser.parse_args(arguments)
    try:
        said = portal.Said(given.unit, given.measure, given.day)
        add(given.file, address=given.address, yes=given.yes, said=said)
    except (Refused, raw.RawDataError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; data/raw is as it was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
