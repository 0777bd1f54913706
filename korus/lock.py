"""Who is building a profile: one make at a time, told apart by process id and start time.

Every recipe that writes calls `claim` with the process id of its make. A make that died, however
it died, does not block: its start time no longer matches any living process.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path

import psutil


class BuildRunning(Exception):
    """Another build of the same profile is running."""


def started(pid: int) -> float | None:
    """When a living process started (seconds since 1970), or None when there is none."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def claim(profile: str, root: Path, pid: int | None = None) -> None:
    """Make process `pid` (the make in KORUS_MAKE, or this one) the owner of the profile's build.

    Raises BuildRunning when another living process owns it.
    """
    pid = pid or int(os.environ.get("KORUS_MAKE") or os.getpid())
    path = root / "_build" / profile / "owner.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        owner = _owner(handle.read())
        # Start times come from the kernel's clock ticks: equal for one process, to rounding.
        if owner and owner["pid"] != pid:
            since = started(owner["pid"])
            if since is not None and abs(since - owner["started"]) < 1:
                clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since))
                raise BuildRunning(
                    f"another build of the profile {profile} is running (process {owner['pid']}, "
                    f"since {clock}): wait for it to end, or stop it (kill {owner['pid']})."
                )
        handle.seek(0)
        handle.truncate()
        json.dump({"pid": pid, "started": started(pid) or 0}, handle)


def _owner(text: str) -> dict | None:
    """The recorded owner, or None when the file is new or was cut short by a kill."""
    try:
        owner = json.loads(text)
        return {"pid": int(owner["pid"]), "started": float(owner["started"])}
    except (ValueError, KeyError, TypeError):
        return None


def main() -> int:
    """`python -m korus.lock PROFILE`: the same check for recipes that are no notebook."""
    try:
        claim(sys.argv[1] if len(sys.argv) > 1 else "baseline", Path.cwd())
    except BuildRunning as refusal:
        print(f"korus: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
