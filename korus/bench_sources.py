"""Times the panel of the Census service: `python -m korus.bench_sources [--rows N …]`, one line of JSON.

Rows of the panel's form are generated (numbers without meaning), written month by month as the fetch writes them,
and summed up by DuckDB in bounded memory; each step in a process of its own, whose peak memory is the kernel's
count. A size that the disk has no room for is left out and named.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from korus.sources import census, partitions

SIZES = (1_000_000, 10_000_000, 100_000_000)
MONTHS = census.months_between("2017-01", "2026-08")
PARTNERS = 240
# Such rows take some 12 bytes each on the disk; twice that is asked for.
ROOM_PER_ROW = 24
BATCH = 131_072
STEPS = ("write", "aggregate")


def generated(month: str, rows: int) -> Iterator:
    """Batches of generated rows of a month: all partners and groups in turn, ten-digit codes, any amounts."""
    import numpy as np
    import pyarrow as pa

    known = np.array([census.ALL, "0003", "5XXX", *(str(1000 + 25 * number) for number in range(PARTNERS))])
    groups = np.array([census.is_group(code) for code in known])
    generator = np.random.default_rng(int(month.replace("-", "")))
    for start in range(0, rows, BATCH):
        numbers = np.arange(start, min(start + BATCH, rows))
        partner, code = numbers % len(known), numbers // len(known)
        value = generator.lognormal(10, 2, len(numbers)).astype("int64")
        yield pa.table([
            pa.array(np.full(len(numbers), month)), pa.array(known[partner]), pa.array(groups[partner]),
            pa.array(np.char.zfill((code * 1021).astype(str), 10)), pa.array(value + value // 50), pa.array(value),
            pa.array(value // 10),
        ], schema=census.schema())


def write(folder: Path, rows: int) -> int:
    """Write so many rows over all months; the number written."""
    each, more = divmod(rows, len(MONTHS))
    return sum(
        partitions.write(folder, month, census.schema(), generated(month, each + (place < more)), {"day": ""})
        for place, month in enumerate(MONTHS)
    )


def aggregate(folder: Path, rows: int) -> int:
    """Sum up value and duty by partner and month, without groups; the number of sums."""
    return len(partitions.aggregate(folder, {"month": "month", "cty_code": "cty_code"}, "NOT is_group",
                                    ["con_val_mo", "cal_dut_mo"]))


def step(name: str, folder: Path, rows: int) -> dict[str, float]:
    """One step in this process: seconds, peak memory in MB, what it counted."""
    begun = time.perf_counter()
    counted = {"write": write, "aggregate": aggregate}[name](folder, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": time.perf_counter() - begun, "peak_mb": peak / 1000, "counted": counted}


def measured(rows: int, folder: Path) -> dict[str, float]:
    """Both steps, each in a process of its own."""
    found: dict[str, float] = {"rows": rows}
    for name in STEPS:
        command = [sys.executable, "-m", "korus.bench_sources", "--step", name, "--folder", str(folder),
                   "--rows", str(rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        result = json.loads(done.stdout)
        found |= {f"{name}_rows_per_second": rows / result["seconds"], f"{name}_peak_mb": result["peak_mb"]}
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    return found | {"bytes_per_row": size / rows}


def main() -> None:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(prog="python -m korus.bench_sources", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--runs", type=int, default=1, help="taken for the other benches' sake; each size runs once")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(step(given.step, given.folder, given.rows[0])))
        return
    found, skipped = [], []
    for rows in given.rows:
        with tempfile.TemporaryDirectory(prefix="korus-panel-") as folder:
            if shutil.disk_usage(folder).free < ROOM_PER_ROW * rows:
                skipped.append(rows)
            else:
                found.append(measured(rows, Path(folder)))
    print(json.dumps({"sizes": found, "no_room": skipped}))


if __name__ == "__main__":
    main()
