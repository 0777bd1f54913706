"""The environment: made from the lock, never half made, and by one process at a time."""

import fcntl
import os
import shutil
import subprocess
import sys

import pytest
from toy_project import PROJECT, clean_environment

from korus.environment import EnvironmentFailure, digest, pinned_block

SCRIPT = "korus/environment.py"
FAKE_LOCK = "uv==0.0.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def root(tmp_path):
    """A folder with the script and a lock that no index can satisfy."""
    (tmp_path / "korus").mkdir()
    shutil.copy2(PROJECT / SCRIPT, tmp_path / "korus")
    (tmp_path / "requirements.lock").write_text(FAKE_LOCK)
    return tmp_path


def command(root, **more):
    """Run the script without any index."""
    nothing = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    return subprocess.run(
        [sys.executable, SCRIPT], cwd=root, env=clean_environment(**nothing, **more), text=True,
        capture_output=True, timeout=120,
    )


def finished(root):
    """Make the folder look as if its environment had been made."""
    (root / ".venv").mkdir()
    (root / ".venv" / "korus-ready").write_text(digest(root / "requirements.lock"))


def test_the_lock_pins_uv_with_hashes_and_every_package_has_one():
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    block = pinned_block(text, "uv")
    assert block.startswith("uv==") and "--hash=sha256:" in block and not block.endswith("\\\n")
    packages = [line for line in text.splitlines() if line[:1].isalnum()]
    assert all(line.endswith("\\") for line in packages)


def test_a_lock_without_the_package_or_without_hashes_is_refused():
    for text in ("", "uv==1.0\n", "uvloop==1.0 \\\n    --hash=sha256:00\n"):
        with pytest.raises(EnvironmentFailure, match="git checkout requirements.lock"):
            pinned_block(text, "uv")


def test_a_failed_installation_says_what_failed_and_leaves_no_stamp(root):
    done = command(root)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Installing uv failed. It needs a package index that pip can reach; `make` tries again."
    )
    assert not (root / ".venv" / "korus-ready").exists()


def test_a_finished_environment_is_left_alone_and_only_looked_at_when_the_lock_is_touched(root):
    finished(root)
    os.utime(root / ".venv" / "korus-ready", (1, 1))
    done = command(root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (root / ".venv" / "korus-ready").stat().st_mtime > 1


def test_a_changed_lock_makes_a_finished_environment_unfinished(root):
    finished(root)
    (root / "requirements.lock").write_text(FAKE_LOCK + "# changed\n")
    assert command(root).returncode == 1
    assert not (root / ".venv" / "korus-ready").exists()


def test_a_missing_lock_is_named_with_the_remedy(root):
    (root / "requirements.lock").unlink()
    done = command(root)
    assert done.returncode == 1
    assert "requirements.lock is missing. Restore it: git checkout" in done.stderr


def test_a_second_process_waits_for_the_first_and_says_so(root):
    finished(root)
    (root / "_build").mkdir()
    with open(root / "_build" / "environment.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "-u", SCRIPT], cwd=root, stdout=subprocess.PIPE, text=True
        )
        assert "waiting for it" in process.stdout.readline()
        assert process.poll() is None
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_python_that_is_too_old_is_told_which_one_is_needed(root):
    code = f"import sys; sys.version_info = (3, 9, 2); exec(open({SCRIPT!r}).read())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, text=True, capture_output=True, timeout=60
    )
    assert done.returncode == 1
    assert "korus needs Python 3.11 or newer" in done.stderr
    assert "make PYTHON=" in done.stderr
