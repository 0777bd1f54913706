"""Make `.venv` from requirements.lock. Standard library only: it runs before anything is installed.

`.venv/korus-ready` is written last and holds the digest of what was installed, so a failed or
killed installation is never taken for a finished one. No index address is named here or in the
lock; whatever pip and uv are configured to use on this machine is used, and every file is checked
against the hashes of the lock.
"""

import sys

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        "korus needs Python %d.%d or newer; %s is %s.\n"
        "Install a newer Python, or name one: make PYTHON=/path/to/python3.12"
        % (OLDEST + (sys.executable, sys.version.split()[0]))
    )

import fcntl
import hashlib
import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class EnvironmentFailure(Exception):
    """The environment could not be made; the message says at which step and what to do."""


def pinned_block(lock_text: str, package: str) -> str:
    """The lines of the lock that pin one package with its hashes, as a requirements file."""
    block = []
    for line in lock_text.splitlines():
        if line.startswith(f"{package}=="):
            block.append(line)
        elif block and line.startswith("    --hash="):
            block.append(line)
        elif block:
            break
    if len(block) < 2:
        raise EnvironmentFailure(
            f"requirements.lock pins no {package} with hashes. Restore it: git checkout "
            "requirements.lock"
        )
    return "\n".join(block).removesuffix(" \\") + "\n"


def digest(lock: Path) -> str:
    """What a finished environment records: the lock it was made from and the Python it is for."""
    version = "%d.%d" % sys.version_info[:2]
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} python{version}\n"


def run(step: str, command: list, remedy: str) -> None:
    """Run one command; on failure stop with the step, the end of its output and the remedy.

    The command inherits the lock, so that one left behind by a killed make is waited for.
    """
    done = subprocess.run(
        [str(part) for part in command], close_fds=False,
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise EnvironmentFailure(f"{tail}\n{step} failed. {remedy}")


def create(venv: Path, lock: Path) -> None:
    """A new virtual environment that holds uv, of the version and hashes of the lock."""
    shutil.rmtree(venv, ignore_errors=True)
    venv.parent.mkdir(parents=True, exist_ok=True)
    run(
        "Creating .venv",
        [sys.executable, "-m", "venv", venv],
        "On Debian and Ubuntu the module venv is a package of its own: python3-venv.",
    )
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "uv.txt"
        pinned.write_text(pinned_block(lock.read_text(encoding="utf-8"), "uv"), encoding="utf-8")
        command = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps",
                   "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
        run(
            "Installing uv",
            [*command, "-r", pinned],
            "It needs a package index that pip can reach; `make` tries again.",
        )


def install(venv: Path, lock: Path) -> None:
    """Bring `venv` to exactly what the lock says, bytecode included (imports are slow without)."""
    python = venv / "bin" / "python"
    run(
        "Installing the packages of requirements.lock",
        [venv / "bin" / "uv", "pip", "sync", "--quiet", "--python", python, "--require-hashes",
         "--compile-bytecode", lock],
        "It needs a package index that uv can reach; `make` tries again.",
    )
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(venv), "platbase": str(venv)}))
    up = os.path.relpath(venv.parent, site)
    (site / "korus.pth").write_text(up + "\n", encoding="utf-8")


def build(venv: Path, lock: Path) -> None:
    """Make or update the environment; a marker shows the next run that this one was killed."""
    stamp, marker = venv / "korus-ready", venv / "korus-unfinished"
    stamp.unlink(missing_ok=True)
    fresh = not (venv / "bin" / "uv").exists() or marker.exists() or not same_python(venv)
    what = "creating" if fresh else "updating"
    print(f"environment: {what} .venv from requirements.lock (a minute or so)", flush=True)
    if fresh:
        create(venv, lock)
    marker.touch()
    try:
        install(venv, lock)
    except EnvironmentFailure:
        marker.unlink(missing_ok=True)  # it ended by itself: what is installed is whole
        raise
    marker.unlink(missing_ok=True)
    temporary = venv / "korus-ready.new"
    temporary.write_text(digest(lock), encoding="utf-8")
    temporary.replace(stamp)


def same_python(venv: Path) -> bool:
    """Whether the environment runs, on the minor version of Python that makes it now."""
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(venv / "bin" / "python"), "-c", probe], text=True, capture_output=True
        )
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == "%d.%d" % sys.version_info[:2]


def ensure(root: Path = ROOT) -> None:
    """Leave `root/.venv` ready. One process builds; others wait for it and then find it done."""
    venv, lock = root / ".venv", root / "requirements.lock"
    if not lock.exists():
        raise EnvironmentFailure("requirements.lock is missing. Restore it: git checkout "
                                 "requirements.lock")
    (root / "_build").mkdir(exist_ok=True)
    with open(root / "_build" / "environment.lock", "w") as handle:
        os.set_inheritable(handle.fileno(), True)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("environment: another make is building .venv; waiting for it", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        stamp = venv / "korus-ready"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == digest(lock):
            os.utime(stamp)
        else:
            build(venv, lock)


def main() -> int:
    """Make the environment; 0 when it is ready."""
    try:
        ensure()
    except EnvironmentFailure as failure:
        print(f"environment: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("environment: stopped; `make` starts it again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
