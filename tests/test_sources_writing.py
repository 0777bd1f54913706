"""Several raw files are replaced together or not at all, whatever fails and whenever."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import contents
from toy_project import PROJECT

from korus import verify
from korus.sources import writing
from korus.sources.refusal import Refused

NEW = {"census/trade.csv": b"new trade\n", "sources.csv": b"new sources\n", "datapackage.json": b"{}\n"}


class Faults:
    """Counts the steps by which files are written, and lets one of them fail."""

    STEPS = ("replace", "link", "fsync", "chmod", "open")

    def __init__(self, monkeypatch, at: int = 0, error: BaseException | None = None):
        self.count, self.at, self.error = 0, at, error
        for name in self.STEPS:
            monkeypatch.setattr(writing.os, name, self.step(getattr(os, name)))
        monkeypatch.setattr(writing, "open", self.step(open), raising=False)

    def step(self, function):
        def counted(*arguments, **options):
            self.count += 1
            if self.count == self.at:
                raise self.error
            return function(*arguments, **options)

        return counted


def number_of_steps(folder: Path) -> int:
    """How many steps it takes to write NEW."""
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch)
        before = contents(folder)
        writing.write_together(NEW, folder)
        for path, content in before.items():
            (folder / path).write_bytes(content)
        return faults.count


def test_all_files_are_replaced_and_nothing_is_left_beside_them(trade):
    before = contents(trade.folder)
    (trade.folder / "sources.csv").chmod(0o640)
    writing.write_together(NEW, trade.folder)
    assert contents(trade.folder) == before | NEW
    assert (trade.folder / "sources.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("error", [
    OSError(errno.ENOSPC, "No space left on device"), PermissionError(errno.EACCES, "Permission denied", "f"),
    OSError(errno.EIO, "Input/output error", "f"), KeyboardInterrupt(), MemoryError(),
], ids=repr)
def test_whatever_fails_at_any_step_data_raw_is_as_before(trade, error):
    before = contents(trade.folder)
    steps = number_of_steps(trade.folder)
    assert steps > 15
    for step in range(1, steps + 1):
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, step, error)
            raised = Refused if isinstance(error, OSError) else type(error)
            with pytest.raises(raised) as refused:
                writing.write_together(NEW, trade.folder)
        assert contents(trade.folder) == before, f"step {step}"
        if isinstance(error, OSError):
            assert "nothing was changed" in str(refused.value)
    assert "the disk is full. Make room" in str(refused.value) or getattr(error, "errno", 0) != errno.ENOSPC
    writing.write_together(NEW, trade.folder)
    assert contents(trade.folder) == before | NEW


class Killed(BaseException):
    """The process ends at once: nothing is tidied up."""


def test_what_a_killed_process_leaves_is_put_back_by_the_next_or_was_complete(trade):
    before = contents(trade.folder)
    outcomes = []
    for step in range(1, number_of_steps(trade.folder) + 1):
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, step, Killed())
            patch.setattr(writing, "put_back", lambda folder: None)
            with pytest.raises(Killed):
                writing.write_together(NEW, trade.folder)
        with writing.locked(trade.folder):
            outcomes.append(contents(trade.folder))
        assert outcomes[-1] in (before, before | NEW), f"step {step}"
        for path, content in before.items():
            (trade.folder / path).write_bytes(content)
    # Every step before the marker goes leads back; what is done after it is not one of these steps.
    assert set(map(str, outcomes)) == {str(before)}


def test_a_process_killed_while_tidying_up_has_written_everything(trade):
    before = contents(trade.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_beside", _killed_at(writing._beside, 1 + 3 * len(NEW)))
        with pytest.raises(Killed):
            writing.write_together(NEW, trade.folder)
    with writing.locked(trade.folder):
        assert contents(trade.folder) == before | NEW


def _killed_at(function, call: int):
    """A function that ends the process at one of its calls."""
    calls = iter(range(1, call + 1))

    def counted(*arguments):
        if next(calls) == call:
            raise Killed
        return function(*arguments)

    return counted


def test_putting_back_can_itself_be_cut_off_and_is_finished_the_next_time(trade):
    before = contents(trade.folder)
    for step in range(1, 4):
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, number_of_steps(trade.folder) - 1, Killed())
            patch.setattr(writing, "put_back", lambda folder: None)
            with pytest.raises(Killed):
                writing.write_together(NEW, trade.folder)
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, step, Killed())
            with pytest.raises(Killed):
                writing.put_back(trade.folder)
        assert writing.put_back(trade.folder)
        assert contents(trade.folder) == before
    assert not writing.put_back(trade.folder)


def test_where_old_files_could_not_be_removed_the_new_ones_stand_and_the_next_removes_them(trade, monkeypatch):
    before = contents(trade.folder)
    unlink = Path.unlink

    def refusing(path, missing_ok=False):
        if path.name.endswith(writing.OLD):
            raise OSError(errno.EIO, "Input/output error")
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refusing)
        writing.write_together(NEW, trade.folder)
    assert any(name.endswith(writing.OLD) for name in contents(trade.folder))
    with writing.locked(trade.folder):
        assert contents(trade.folder) == before | NEW


def test_without_second_names_the_old_files_are_copied(trade, monkeypatch):
    before = contents(trade.folder)

    def none(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(writing.os, "link", none)
    writing.write_together(NEW, trade.folder)
    assert contents(trade.folder) == before | NEW


def test_the_check_of_data_raw_tells_what_a_cut_off_arrival_left(trade):
    (trade.folder / "census" / ".trade.csv.before").write_text("x")
    [problem] = verify.problems(trade.folder)[0]
    assert "left by an arrival" in problem and "python -m korus.sources.writing" in problem


def test_a_second_arrival_is_told_of_the_first_and_does_not_wait(trade):
    with writing.locked(trade.folder), pytest.raises(Refused) as refused, writing.locked(trade.folder):
        pytest.fail("both have the lock")
    assert f"another arrival is being added (process {os.getpid()}, since " in str(refused.value)
    with writing.locked(trade.folder):
        pass


def test_a_copy_that_a_killed_arrival_left_is_removed(trade):
    left = writing.build_folder(trade.folder) / "arriving-1"
    left.mkdir(parents=True)
    with writing.locked(trade.folder):
        assert not left.exists()


def test_a_lock_that_can_not_be_taken_is_refused(trade):
    writing.build_folder(trade.folder).write_text("not a folder")
    with pytest.raises(Refused, match="the lock can not be taken"), writing.locked(trade.folder):
        pytest.fail("there is no lock")


def test_an_arrival_in_another_process_is_seen_and_its_death_frees_the_lock(trade):
    code = ("import sys, time, pathlib\nfrom korus.sources import writing\n"
            "with writing.locked(pathlib.Path(sys.argv[1])):\n    print('locked', flush=True); time.sleep(60)")
    process = subprocess.Popen([sys.executable, "-c", code, str(trade.folder)], cwd=PROJECT,
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(Refused, match=f"process {process.pid}"), writing.locked(trade.folder):
            pytest.fail("both have the lock")
    finally:
        process.kill()
        process.communicate()
    with writing.locked(trade.folder):
        pass


def test_of_two_that_write_at_once_each_is_whole(trade):
    """Two threads replace the same files many times; a mixture is never seen under the lock."""
    other = {path: content.replace(b"new", b"other") for path, content in NEW.items()}
    seen, before = [], contents(trade.folder)

    def work(mine):
        for _ in range(20):
            try:
                with writing.locked(trade.folder):
                    writing.write_together(mine, trade.folder)
                    seen.append(contents(trade.folder) == before | mine)
            except Refused:
                pass

    threads = [threading.Thread(target=work, args=(mine,)) for mine in (NEW, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen and all(seen)


def test_a_copy_to_try_new_contents_in_leaves_data_raw_alone(trade):
    before = contents(trade.folder)
    copy = writing.tried_copy({"sources.csv": b"tried\n"}, trade.folder)
    assert contents(copy) == before | {"sources.csv": b"tried\n"}
    assert contents(trade.folder) == before and copy.is_relative_to(writing.build_folder(trade.folder))


def test_a_copy_that_can_not_be_written_is_refused(trade, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.shutil, "copytree", full)
    with pytest.raises(Refused, match="the disk is full"):
        writing.tried_copy({}, trade.folder)
    assert not list(writing.build_folder(trade.folder).glob("*"))


MORE = {"census/new.csv": b"a\n1\n", **NEW}


def test_a_file_that_was_not_there_is_made_or_is_gone_again_whatever_fails(trade):
    before = contents(trade.folder)
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch)
        writing.write_together(MORE, trade.folder)
    assert contents(trade.folder) == before | MORE and faults.count > 10
    for step in range(1, faults.count + 1):
        for path in contents(trade.folder):
            (trade.folder / path).unlink()
        for path, content in before.items():
            (trade.folder / path).write_bytes(content)
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, step, OSError(errno.ENOSPC, "full"))
            try:
                writing.write_together(MORE, trade.folder)
            except Refused:
                assert contents(trade.folder) == before, step
            else:
                assert contents(trade.folder).items() >= (before | MORE).items(), step


def test_what_a_killed_arrival_left_of_a_new_file_is_undone(trade):
    before = contents(trade.folder)
    (trade.folder / "census" / "new.csv").write_bytes(b"a\n")
    (trade.folder / "census" / ".new.csv.absent").touch()
    (trade.folder / writing.MARKER).touch()
    assert writing.put_back(trade.folder) and contents(trade.folder) == before
