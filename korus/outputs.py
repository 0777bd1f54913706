"""Where a run of a notebook puts things, and how its outputs replace the previous ones.

Outputs are written to a temporary folder on the same file system and moved in one by one when the
notebook has succeeded. A file whose bytes did not change is left alone, so its time stamp stays
and nothing downstream runs. The stamp goes first and comes back last: whatever kills a run in
between, every file is a whole file and the next make runs the notebook again.
"""

import csv
import errno
import fcntl
import filecmp
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from korus.lock import started


class Refused(Exception):
    """A run fails for a reason that its message explains in full."""


class OutputError(Refused):
    """What a notebook wrote or read is not what the Makefile declares."""


@dataclass(frozen=True)
class Places:
    """Every path of one run of one notebook. `root` is the project folder."""

    root: Path
    profile: str
    notebook: str

    @property
    def state(self) -> Path:
        """What make knows about the profile: stamps, locks, runs under way."""
        return self.root / "_build" / self.profile

    @property
    def source(self) -> Path:
        """The notebook as its author wrote it."""
        return self.root / "notebooks" / f"{self.notebook}.ipynb"

    @property
    def processed(self) -> Path:
        """Finished tables and results of the profile."""
        base = self.root / "data" / "processed"
        return base if self.profile == "baseline" else base / self.profile

    @property
    def chapters(self) -> Path:
        """Executed notebooks of the profile."""
        if self.profile == "baseline":
            return self.root / "book" / "chapters"
        return self.state / "chapters"

    @property
    def chapter(self) -> Path:
        """The executed notebook."""
        return self.chapters / f"{self.notebook}.ipynb"

    @property
    def failed(self) -> Path:
        """The executed notebook of a run that failed, kept for reading."""
        return self.chapters / f"{self.notebook}.failed.ipynb"

    @property
    def manifest(self) -> Path:
        """Parameters and hashes of the last good run."""
        return self.processed / "runs" / f"{self.notebook}.json"

    @property
    def stamp(self) -> Path:
        """Its time stamp is the moment the last good run began."""
        return self.state / "done" / self.notebook

    @property
    def failure(self) -> Path:
        """The report of the last failure, until the notebook succeeds."""
        return self.state / "failed" / f"{self.notebook}.txt"

    @property
    def running(self) -> Path:
        """The temporary folder of this process."""
        return self.state / "running" / f"{self.notebook}-{os.getpid()}"

    @property
    def output(self) -> Path:
        """Where the notebook writes: laid out as the folder of finished tables."""
        return self.running / "output"

    def shown(self, path: Path) -> str:
        """A path as messages show it: relative to the project folder."""
        return os.path.relpath(path, self.root)


def remove_stale(running: Path) -> None:
    """Remove the temporary folders of processes that are no longer there."""
    for folder in running.glob("*-*"):
        pid = folder.name.rpartition("-")[2]
        if pid.isdigit() and (int(pid) == os.getpid() or not _runs_notebooks(int(pid))):
            shutil.rmtree(folder, ignore_errors=True)


def _runs_notebooks(pid: int) -> bool:
    """Whether a living process is a runner (a reused process number is not one)."""
    import psutil

    try:
        return started(pid) is not None and "korus.run" in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def hashes(root: Path, names) -> list[dict]:
    """Path and hash of each file, sorted by path; a missing one is an error naming it."""
    missing = [name for name in names if not (root / name).is_file()]
    if missing:
        raise OutputError(
            f"missing: {', '.join(missing)}. Run `make`, which builds what is needed in order."
        )
    return [{"path": name, "sha256": sha256(root / name)} for name in sorted(set(names))]


def check_declared(places: Places, declared: list[str]) -> None:
    """Stop unless the notebook wrote exactly the declared files.

    `declared` are paths below the folder of finished tables. Both directions are errors: a file
    make does not know of is never rebuilt, and one that was not written would stay old.
    """
    written = {
        path.relative_to(places.output).as_posix()
        for path in places.output.rglob("*") if not path.is_dir()
    }
    problems = [
        f"{places.notebook} wrote {name}, which the Makefile does not declare. "
        f"Add it to {makefile_line(places, name)}, or do not write it."
        for name in sorted(written - set(declared))
    ]
    problems += [
        f"{places.notebook} did not write {name}, which the Makefile declares. "
        f"Write it, or take it out of {makefile_line(places, name)}."
        for name in sorted(set(declared) - written)
    ]
    if problems:
        raise OutputError("\n".join(problems))


def makefile_line(places: Places, name: str) -> str:
    """The variable of the Makefile that declares such an output, with its line number."""
    figure = re.fullmatch(r"results/figures/[^/]+\.(svg|vl\.json|csv|md)", name)
    variable = f"{places.notebook}.{'figures' if figure else 'writes'}"
    makefile = places.root / "Makefile"
    lines = makefile.read_text(encoding="utf-8").splitlines() if makefile.exists() else []
    for number, line in enumerate(lines, start=1):
        if line.startswith(variable):
            return f"{variable} (Makefile, line {number})"
    return f"{variable} (Makefile)"


def put(new: Path, place: Path) -> bool:
    """Move `new` to `place` unless the same bytes are there already; whether it changed."""
    if place.is_file() and filecmp.cmp(new, place, shallow=False):
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(new, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The folder of finished tables lies on another disk: copy beside, then replace at once.
        beside = place.with_name(f".{place.name}.new")
        shutil.copyfile(new, beside)
        os.replace(beside, place)
    return True


def put_bytes(content: bytes, place: Path, temporary: Path) -> bool:
    """Write `content` to `place` in one step, unless it is there already; whether it changed."""
    temporary.write_bytes(content)
    return put(temporary, place)


def remove_undeclared(places: Places, wanted: list[str]) -> None:
    """Remove what the notebook's last good run wrote and this one does not: nobody would renew it."""
    if not places.manifest.exists():
        return
    former = json.loads(places.manifest.read_text(encoding="utf-8")).get("outputs", [])
    prefix = places.shown(places.processed) + "/"
    for name in {entry["path"].removeprefix(prefix) for entry in former} - set(wanted):
        (places.processed / name).unlink(missing_ok=True)


def manifest_bytes(content: dict) -> bytes:
    """A manifest as JSON that depends on its content only."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def record_time(places: Places, start: str, seconds: float, imports: float | None) -> None:
    """Append one run to `_build/run-times.csv`, which no page reads.

    `start` is UTC; `seconds` is the whole run, `imports_seconds` its first code cell.
    """
    path = places.root / "_build" / "run-times.csv"
    with path.open("a", encoding="utf-8", newline="") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0, os.SEEK_END)
        rows = csv.writer(handle, lineterminator="\n")
        if handle.tell() == 0:
            rows.writerow(["start", "profile", "notebook", "seconds", "imports_seconds"])
        shown = "" if imports is None else f"{imports:.2f}"
        rows.writerow([start, places.profile, places.notebook, f"{seconds:.2f}", shown])
