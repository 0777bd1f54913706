"""Several files of data/raw replaced together, or none: whatever fails in between, all is put back.

New contents are written beside the files (`.name.arriving`), the old ones kept beside (`.name.before`, or
`.name.absent` where there was none) until every file is replaced; a marker says that it is not finished.
A process that is killed in between leaves these; the next arrival finds them under the same lock and puts
everything back first.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from korus.paths import RAW
from korus.sources.refusal import Refused

NEW = ".arriving"
OLD = ".before"
ABSENT = ".absent"
MARKER = ".unfinished" + NEW
TRIED = "arriving-"


def build_folder(folder: Path) -> Path:
    """`_build` of the project whose data/raw `folder` is: where the lock and tried copies lie."""
    return folder.parent.parent / "_build"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the right to change data/raw; what a killed arrival left is put back first.

    Raises Refused at once where another arrival holds it.
    """
    path = build_folder(folder) / "arriving.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = open(path, "a+", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path.name}: the lock can not be taken: {_words(error)}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "another process"
            raise Refused(f"data/raw: another arrival is being added ({owner}), and may be waiting for an "
                          "answer. Let it end, then add this one. Nothing was changed.") from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()}, since {time.strftime('%Y-%m-%d %H:%M:%S')}")
        handle.flush()
        put_back(folder)
        for stale in build_folder(folder).glob(TRIED + "*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield


def write_together(contents: dict[str, bytes], folder: Path) -> None:
    """Replace files of data/raw, named by their paths below it, in the order given; all of them or none.

    A file that is not there yet is made. On any failure the old files stand again, byte for byte, and new ones are
    gone: an interruption is raised again, everything else (a full disk, a missing permission) as Refused.
    """
    marker = folder / MARKER
    try:
        _write(marker, b"", 0o644)
        for path, content in contents.items():
            there = folder / path
            _write(_beside(there, NEW), content, there.stat().st_mode & 0o777 if there.exists() else 0o644)
        for path in contents:
            _keep(folder / path)
        for path in contents:
            os.replace(_beside(folder / path, NEW), folder / path)
            _sync((folder / path).parent)
        with _uninterrupted():
            # The new files stand from the moment the marker is gone.
            marker.unlink()
    except BaseException as error:
        with _uninterrupted():
            put_back(folder)
        if isinstance(error, OSError):
            raise Refused(f"data/raw: nothing was changed, because writing failed: {_words(error)}") from error
        raise
    # What follows only tidies up, and the next arrival would do it.
    with _uninterrupted(), contextlib.suppress(OSError):
        for path in contents:
            _beside(folder / path, OLD).unlink(missing_ok=True)
            _beside(folder / path, ABSENT).unlink(missing_ok=True)


def put_back(folder: Path) -> bool:
    """Undo a replacement that was not finished; whether there was anything to do.

    While the marker is there the replacement is unfinished, and every old content kept is put back;
    without it it was finished, and the old contents are deleted.
    """
    marker = folder / MARKER
    unfinished = marker.exists()
    waiting = sorted(set(folder.rglob(f".*{NEW}")) - {marker})
    kept = sorted(folder.rglob(f".*{OLD}"))
    absent = sorted(folder.rglob(f".*{ABSENT}"))
    for mark in absent:
        if unfinished:
            mark.with_name(mark.name.removeprefix(".").removesuffix(ABSENT)).unlink(missing_ok=True)
        mark.unlink(missing_ok=True)
    for old in kept:
        if unfinished:
            os.replace(old, old.with_name(old.name.removeprefix(".").removesuffix(OLD)))
        # Where the file was not yet replaced both names are one file, and replacing leaves both.
        old.unlink(missing_ok=True)
    # The marker last, so that after a second interruption it is still seen that this is unfinished.
    for new in [*waiting, marker]:
        new.unlink(missing_ok=True)
    return bool(unfinished or waiting or kept or absent)


def tried_copy(contents: dict[str, bytes], folder: Path) -> Path:
    """A copy of data/raw with new contents, to be checked as a whole; the caller removes its project folder.

    The copy lies at data/raw of a folder of its own below `_build`, as the checks expect. Raises Refused
    where it can not be written.
    """
    project = build_folder(folder) / f"{TRIED}{os.getpid()}"
    copy = project / "data" / "raw"
    try:
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(folder, copy)
        for path, content in contents.items():
            (copy / path).write_bytes(content)
    except OSError as error:
        shutil.rmtree(project, ignore_errors=True)
        raise Refused(f"{project.name}: a copy of data/raw to try the new figures in can not be written: "
                      f"{_words(error)}") from error
    return copy


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}{ending}")


def _write(path: Path, content: bytes, mode: int) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(path, mode)


def _keep(path: Path) -> None:
    """Keep the old content beside the file: a second name where the disk allows it, else a copy; or that there is none."""
    if not path.exists():
        _beside(path, ABSENT).touch()
        return
    old = _beside(path, OLD)
    try:
        os.link(path, old)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS):
            raise
        shutil.copy2(path, old)


def _sync(folder: Path) -> None:
    """Make a renaming last: without this it may be lost with the machine's power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until this is over (only the main thread can be told to wait)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _words(error: OSError) -> str:
    """What an error of the operating system means and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full. Make room and add it again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no permission to write {error.filename}. Mend that and add it again."
    return f"{error.strerror} ({error.filename})."


def main() -> int:
    """`python -m korus.sources.writing`: put back what an arrival that was cut off left half done."""
    try:
        with locked(RAW):
            print("data/raw: nothing is half written; `make check` says whether it is in order")
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
