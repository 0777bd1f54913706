"""Fetch months of the Census panel, one file each: what is there is not asked for again.

A run that was cut, refused or killed goes on where it stopped. A month that is too large for one answer is asked
for chapter by chapter. A month the service has nothing of is not published yet, and ends its series.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from korus.paths import ROOT
from korus.sources import census, partitions
from korus.sources.census import Series
from korus.sources.client import Client
from korus.sources.sending import ServiceProblem, TooLarge, Unreachable

PANEL = ROOT / "data" / "panel" / "census"
CHAPTERS = tuple(f"{number:02d}" for number in range(1, 100))
# The chapters of end use are its first digits.
PREFIXES = {"hs": CHAPTERS, "enduse": tuple("0123456789")}
SAY_EVERY = 5.0


@dataclass
class Fetched:
    """What a run did: months written and rows in them, months held before, last month by series."""

    written: int = 0
    rows: int = 0
    held: int = 0
    last: dict[str, str] = field(default_factory=dict)


def fetch(client: Client, wanted: list[Series], first: str, last: str, again: str | None = None,
          folder: Path = PANEL, say: Callable[[str], None] = print,
          clock: Callable[[], float] = time.monotonic) -> Fetched:
    """Fetch the months of all series that are not held, oldest first.

    `again` (a month): those from it on are asked for anew, for the service revises; one that was fetched today is
    not, by this machine's clock. Raises ServiceProblem, KeyProblem or PanelProblem; what was written until then
    stays.
    """
    with partitions.only_writer(folder):
        partitions.leftovers(folder)
        due = {asked: [month for month in census.months_between(first, last)
                       if _due(folder / asked.name, month, again, client.today().date())] for asked in wanted}
        found = Fetched(held=len(wanted) * len(census.months_between(first, last)) - sum(map(len, due.values())))
        progress = _Progress(sum(map(len, due.values())), say, clock)
        for asked, months in due.items():
            for position, month in enumerate(months):
                rows = _month(client, asked, month, folder / asked.name)
                if rows is None:
                    progress.skip(asked.name, month, len(months) - position)
                    break
                found.written, found.rows = found.written + 1, found.rows + rows
                progress.done(asked.name, month, rows)
            if held := partitions.months(folder / asked.name):
                found.last[asked.name] = held[-1]
    return found


def _due(folder: Path, month: str, again: str | None, today: dt.date) -> bool:
    """Whether a month has to be asked for."""
    about = partitions.about_month(folder, month)
    if about is None:
        return True
    return again is not None and month >= again and about["fetched"] < today.isoformat()


def _month(client: Client, asked: Series, month: str, folder: Path) -> int | None:
    """Fetch and write one month; its rows, or None when the service has nothing of it yet."""
    import pyarrow as pa

    where = f"imports/{asked.level.dataset}, {asked.name}, {month}"
    try:
        answer = client.json(*census.question(asked, month))
    except (TooLarge, Unreachable) as problem:
        if asked.level.digits < 4:
            raise
        pieces, why = _by_chapter(client, asked, month), problem
    else:
        if answer.value is None:
            if census.may_be_unpublished(month, answer.day):
                return None
            raise ServiceProblem(f"{where}: the service has nothing of a month that must long be published. Run "
                                 "the same command again later; ask the service if it stays so.")
        pieces, why = iter([(census.table(answer.value, asked, month), answer.day)]), None
    found = list(pieces)
    if not sum(piece.num_rows for piece, _ in found):
        raise why or ServiceProblem(f"{where}: an answer without a single row. Run the same command again later.")
    day = max(day for _, day in found)
    together = pa.concat_tables([piece for piece, _ in found])
    census.require_whole(together, where)
    return partitions.write(folder, month, census.schema(), [together],
                            {"day": day.isoformat(), "fetched": client.today().date().isoformat()})


def _by_chapter(client: Client, asked: Series, month: str) -> Iterator:
    """The pieces of a month by the first digits of its codes; a chapter without trade has none."""
    for chapter in PREFIXES[asked.level.dataset]:
        answer = client.json(*census.question(asked, month, chapter))
        if answer.value is not None:
            yield census.table(answer.value, asked, month), answer.day


class _Progress:
    """Says how far a run is and how long it will take, at most every few seconds."""

    def __init__(self, jobs: int, say: Callable[[str], None], clock: Callable[[], float]):
        self.jobs, self.say, self.clock = jobs, say, clock
        self.begun, self.count, self.said = clock(), 0, None

    def done(self, name: str, month: str, rows: int) -> None:
        """A month was written."""
        self.count += 1
        now = self.clock()
        if self.count < self.jobs and self.said is not None and now - self.said < SAY_EVERY:
            return
        self.said = now
        left = (now - self.begun) / self.count * (self.jobs - self.count)
        self.say(f"{name} {month}: {rows:,} rows; {self.count} of {self.jobs} months, {duration(left)} left")

    def skip(self, name: str, month: str, jobs: int) -> None:
        """A month and those after it are not published."""
        self.jobs -= jobs
        self.say(f"{name} {month}: not published yet")


def duration(seconds: float) -> str:
    """Seconds in words: `40 s`, `12 min`, `3 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
