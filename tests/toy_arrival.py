"""A file added to a copy of data/raw, for tests of what make add takes and refuses."""

import shutil
from pathlib import Path

import pytest
from conftest import contents

from korus.paths import RAW
from korus.sources import add
from korus.sources.refusal import Refused


def raw_copy(tmp_path: Path) -> Path:
    """data/raw of a project of its own."""
    return shutil.copytree(RAW, tmp_path / "project" / "data" / "raw")


def added(folder: Path, content: bytes, name: str, **options) -> tuple[bool, str]:
    """(whether data/raw was written, what was said); agreed to beforehand unless the options say otherwise."""
    file = folder.parent.parent / name
    file.write_bytes(content)
    said: list[str] = []
    return add.add(file, folder, say=said.append, **({"yes": True} | options)), "\n".join(said)


def refusal(folder: Path, content: bytes, name: str, **options) -> str:
    """Why a file is refused; data/raw must be as it was."""
    before = contents(folder)
    with pytest.raises(Refused) as refused:
        added(folder, content, name, **options)
    assert contents(folder) == before
    return str(refused.value)
