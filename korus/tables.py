"""Read and write the processed tables; every one is checked against its schema on both ways."""

import os
import tempfile
from pathlib import Path

import pandas as pd

from korus.paths import output_dir, processed_dir, require_declared

DIGITS = 10


def write_bytes(relative: str, content: bytes) -> Path:
    """Write a file under the output folder, whole or not at all; the same bytes are left alone."""
    path = output_dir() / relative
    if path.is_file() and path.read_bytes() == content:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def significant(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its floats at DIGITS significant digits, integers among them unchanged.

    The digits after these are the arithmetic's: they differ between processors and versions of libraries.
    """
    frame = frame.copy()
    for name in frame:
        if pd.api.types.is_float_dtype(frame[name]) or pd.api.types.is_object_dtype(frame[name]):
            frame[name] = frame[name].map(_significant)
    return frame


def _significant(cell):
    if not isinstance(cell, float) or cell != cell or abs(cell) >= 10**DIGITS:
        return cell
    return float(f"{cell:.{DIGITS}g}")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8, LF, no index, floats at DIGITS significant digits."""
    return significant(frame).to_csv(index=False, lineterminator="\n").encode("utf-8")


def write(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Check `frame` against the schema of contract table `name`, write it, return it as written."""
    from korus.schemas import checked

    frame = checked(name, frame)
    write_bytes(f"{name}.parquet", frame.to_parquet(None, index=False))
    return frame


def read(name: str) -> pd.DataFrame:
    """A processed table by its contract name (see the schema for columns and units)."""
    path = require_declared(processed_dir() / f"{name}.parquet")
    if not path.exists():
        raise FileNotFoundError(f"{path}: not built yet. Run `make chain`.")
    return pd.read_parquet(path)
