"""Where things lie. The runner moves outputs aside with environment variables; by hand the defaults hold.

Nothing here is a parameter of the report: the same notebook gives the same bytes wherever it runs.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "data" / "raw"
SCRATCH = ROOT / "_build" / "scratch"


def profile() -> str:
    """Name of the profile being built; `baseline` when a notebook is run by hand."""
    return os.environ.get("KORUS_PROFILE", "baseline")


def processed_dir(profile_name: str | None = None) -> Path:
    """Folder of the finished tables of a profile (the baseline's lie in data/processed itself)."""
    if profile_name is None and (given := os.environ.get("KORUS_PROCESSED")):
        return Path(given)
    name = profile_name or profile()
    base = ROOT / "data" / "processed"
    return base if name == "baseline" else base / name


def build_dir(profile_name: str) -> Path:
    """Folder of the built pages of a profile (`_build`, or `_build/<profile>`)."""
    base = ROOT / "_build"
    return base if profile_name == "baseline" else base / profile_name


def chapters_dir(profile_name: str) -> Path:
    """Folder of the executed notebooks of a profile."""
    if profile_name == "baseline":
        return ROOT / "book" / "chapters"
    return build_dir(profile_name) / "chapters"


def output_dir() -> Path:
    """Folder a notebook writes to: the runner's temporary one, or a scratch folder by hand.

    A notebook opened by hand, or re-run by nbval, never touches the finished tables.
    """
    return Path(os.environ.get("KORUS_OUTPUT", SCRATCH))


def declared_inputs() -> set[Path] | None:
    """Files the Makefile declares for the running notebook, or None when run by hand."""
    given = os.environ.get("KORUS_INPUTS")
    if given is None:
        return None
    return {(ROOT / item).resolve() for item in given.split(os.pathsep) if item}


def require_declared(path: Path) -> Path:
    """Return `path`, or stop: a notebook may read only what the Makefile says it reads."""
    declared = declared_inputs()
    if declared is not None and path.resolve() not in declared:
        shown = path.resolve().relative_to(ROOT) if path.is_relative_to(ROOT) else path
        raise PermissionError(
            f"{shown}: this notebook reads a file it does not declare. "
            "Add it to the notebook's inputs in the Makefile."
        )
    return path
