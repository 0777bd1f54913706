"""A panel in monthly Parquet files, written whole or not at all, and summed up in bounded memory.

A panel is a cache of what a service answered (data/panel, not in git): `<folder>/<month>.parquet`. A month is
there or it is not: rows stream into a file of another name, which takes its place when the last of them is
written. What the report reads are the small tables of data/raw that are made from it.
"""

import json
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
# Rows kept in memory before they are written.
GROUP = 131_072
MEMORY = "512MB"


class PanelProblem(Exception):
    """A partition can not be read or written; the message names the file and what to do."""


class FetchRunning(PanelProblem):
    """Another fetch writes to the same panel."""


def place(folder: Path, month: str) -> Path:
    """The file of a month (`2025-07`)."""
    if not MONTH.fullmatch(month):
        raise ValueError(f"{month!r} is no month; expected such as 2025-07")
    return folder / f"{month}.parquet"


def months(folder: Path) -> list[str]:
    """The months that are wholly there, in order."""
    return sorted(path.stem for path in folder.glob("*.parquet") if MONTH.fullmatch(path.stem))


def write(folder: Path, month: str, schema, batches: Iterable, about: dict[str, str]) -> int:
    """Write a month from Arrow tables or record batches of `schema`, streaming; the number of rows.

    `about` is kept in the file (see `about_month`). Whatever goes wrong, an older file of the month stays.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = place(folder, month)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{month}.{os.getpid()}.part")
    kept = schema.with_metadata({"korus": json.dumps(about, sort_keys=True)})
    count, waiting, held = 0, [], 0
    try:
        with pq.ParquetWriter(part, kept, compression="zstd") as writer:
            for batch in batches:
                waiting.append(pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch)
                held += batch.num_rows
                if held >= GROUP:
                    writer.write_table(pa.concat_tables(waiting).cast(kept), row_group_size=GROUP)
                    count, waiting, held = count + held, [], 0
            if waiting or not count:
                left = pa.concat_tables(waiting) if waiting else kept.empty_table()
                writer.write_table(left.cast(kept), row_group_size=GROUP)
                count += held
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise PanelProblem(f"{path}: can not be written ({error.strerror or type(error).__name__}). The month is "
                           "as it was before; make room, then run the same command again.") from None
    finally:
        part.unlink(missing_ok=True)
    return count


def about_month(folder: Path, month: str) -> dict[str, str] | None:
    """What was noted of a month when it was written, None where it is not there.

    Raises PanelProblem for a file that is no partition of ours: cut by hand, or of something else.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = place(folder, month)
    if not path.exists():
        return None
    try:
        return json.loads((pq.read_schema(path).metadata or {})[b"korus"])
    except (pa.ArrowInvalid, KeyError, ValueError, OSError):
        raise PanelProblem(
            f"{path}: no partition of the panel. Delete it, then run the same command again."
        ) from None


def leftovers(folder: Path) -> int:
    """Remove what killed runs left half-written below a folder; call it only as the one writer. Their number."""
    found = list(folder.rglob(".*.part"))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


@contextmanager
def only_writer(folder: Path):
    """Hold the panel for one fetch. Raises FetchRunning at once while another holds it, however it was started."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".writer", "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise FetchRunning(f"another fetch is running (process {handle.read().strip() or 'not known'}): wait "
                               "for it to end. What it has fetched will not be asked for again.") from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


@contextmanager
def engine(scratch: Path, memory: str = MEMORY, threads: int = 2):
    """A DuckDB connection of bounded memory that spills to `scratch`, later removed, and asks no network."""
    import duckdb

    settings = {"memory_limit": memory, "threads": threads, "temp_directory": str(scratch),
                "preserve_insertion_order": False, "autoinstall_known_extensions": False,
                "autoload_known_extensions": False}
    try:
        with duckdb.connect(":memory:", config=settings) as connection:
            yield connection
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def aggregate(
    folder: Path, by: dict[str, str], where: str, amounts: list[str], memory: str = MEMORY
) -> list[dict]:
    """Sums of `amounts` over the rows of all months that meet `where`, by the expressions of `by` (name to SQL).

    One dictionary per group, in the order of the groups: texts and whole numbers, None where no row had the
    amount. `by`, `where` and `amounts` come from this program, never from outside.
    """
    held = months(folder)
    if not held:
        return []
    names = ", ".join(by)
    chosen = ", ".join(f"{expression} AS {name}" for name, expression in by.items())
    sums = ", ".join(f"CAST(sum({amount}) AS BIGINT) AS {amount}" for amount in amounts)
    with engine(folder / f".spill-{os.getpid()}", memory) as connection:
        answer = connection.execute(
            f"SELECT {chosen}, {sums} FROM read_parquet(?) WHERE {where} GROUP BY ALL ORDER BY {names}",
            [[str(place(folder, month)) for month in held]],
        )
        columns = [column[0] for column in answer.description]
        rows = []
        while piece := answer.fetchmany(10_000):
            rows += [dict(zip(columns, row, strict=True)) for row in piece]
    return rows
