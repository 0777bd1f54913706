"""Run one notebook: all of its outputs, or none.

`python -m korus.run NOTEBOOK --profile P --modules m … --inputs a … --outputs x …` with paths as
the Makefile writes them, relative to the project folder. The steps: check the parameters; execute
through papermill in a temporary folder; check that exactly the declared files were written; move
them in; leave a stamp. A run that fails or is killed leaves the previous good outputs.
"""

import argparse
import gc
import json
import os
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

import psutil

from korus import outputs
from korus.lock import BuildRunning, claim
from korus.outputs import OutputError, Places, Refused
from korus.paths import ROOT

LONGEST_MESSAGE = 60
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m korus.run", description=__doc__)
    parser.add_argument("notebook", help="name without .ipynb, for example 21_greenfield")
    parser.add_argument("--profile", default="baseline")
    parser.add_argument("--inputs", nargs="*", default=[], help="files the notebook may read")
    parser.add_argument("--modules", nargs="*", default=[], help="files of korus it depends on")
    parser.add_argument("--outputs", nargs="*", default=[], help="files it must write")
    parser.add_argument("--root", type=Path, default=ROOT, help="project folder (for tests)")
    return parser.parse_args(argv)


def stop_on_signals(places: Places) -> None:
    """From now on Ctrl-C and friends end the kernel, remove the temporary folder and say so."""

    def stop(number, frame):
        from korus.kernel import kill

        kill()
        shutil.rmtree(places.running, ignore_errors=True)
        os.write(2, (f"  {places.notebook} stopped ({signal.Signals(number).name}): nothing was "
                     "changed; `make` runs it again\n").encode())
        os._exit(130)

    for number in SIGNALS:
        signal.signal(number, stop)


def read_source(places: Places) -> dict:
    """The notebook before execution."""
    where = places.shown(places.source)
    try:
        return json.loads(places.source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(f"{where}: there is no such notebook.") from None
    except ValueError as error:
        raise OutputError(f"{where}: not a notebook: {error}") from None


def parameters_of(places: Places, source: dict) -> dict:
    """Values of the parameters the notebook declares, from the checked file of the profile.

    A notebook without a cell tagged `parameters` takes none; `make` checks the file once for all.
    """
    if not any("parameters" in c.get("metadata", {}).get("tags", []) for c in source["cells"]):
        return {}
    from korus.parameters import declared, read_profile, values_for

    profile = read_profile(places.profile, places.root)
    return values_for(declared(source, places.shown(places.source)), profile)


def below_processed(places: Places, names: list[str]) -> list[str]:
    """Declared outputs as paths below the folder of finished tables."""
    prefix = places.shown(places.processed) + "/"
    outside = [name for name in names if not name.startswith(prefix)]
    if outside:
        raise OutputError(f"outputs outside {prefix}: {', '.join(outside)}")
    return [name.removeprefix(prefix) for name in names]


def run(places: Places, given: argparse.Namespace) -> tuple[float, float | None]:
    """Run the notebook; its seconds and those of its imports. Raises on any failure."""
    source = read_source(places)
    parameters = parameters_of(places, source)
    claim(places.profile, places.root)
    outputs.remove_stale(places.state / "running")
    wanted = below_processed(places, given.outputs)
    places.running.mkdir(parents=True)
    for name in wanted:
        (places.output / name).parent.mkdir(parents=True, exist_ok=True)
    places.output.mkdir(exist_ok=True)
    begun = os.stat(places.running).st_mtime_ns
    read = [places.shown(places.source), *given.inputs, *given.modules]
    before = {name: _version(places.root / name) for name in read}
    manifest = {
        "notebook": places.notebook,
        "profile": places.profile,
        "parameters": parameters,
        "source": outputs.hashes(places.root, [places.shown(places.source)])[0],
        "inputs": outputs.hashes(places.root, given.inputs),
        "modules": outputs.hashes(places.root, given.modules),
    }
    say(f"  {places.notebook} …")
    from korus.execute import execute  # papermill and its kin: late, because slow

    os.chdir(places.root)
    executed, imports = execute(places, given.inputs, parameters)
    outputs.check_declared(places, wanted)
    changed = [name for name in read if _version(places.root / name) != before[name]]
    if changed:
        raise OutputError(f"changed while the notebook ran: {', '.join(changed)}. Run `make`.")
    finish(places, executed, source, wanted, manifest, begun)
    return time.time() - psutil.Process().create_time(), imports


def _version(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written: its time stamp and size; None when missing."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def finish(places, executed, source, wanted, manifest, begun) -> None:
    """Move everything in, the stamp last. It takes milliseconds; signals no longer count."""
    import nbformat

    from korus.notebook_text import normalised, notebook_bytes

    shown = {
        str(places.output): places.shown(places.processed),
        str(places.running): "_build/running",
        str(places.root) + "/": "",
        str(places.root): ".",
    }
    chapter = normalised(executed, source, shown)
    nbformat.validate(nbformat.from_dict(chapter))
    chapter_file = places.running / "chapter.ipynb"
    chapter_file.write_bytes(notebook_bytes(chapter))
    prefix = places.shown(places.processed)
    manifest["outputs"] = [
        {"path": f"{prefix}/{name}", "sha256": outputs.sha256(places.output / name)}
        for name in sorted(wanted)
    ]
    manifest["executed"] = {
        "path": places.shown(places.chapter), "sha256": outputs.sha256(chapter_file)
    }
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    places.stamp.unlink(missing_ok=True)
    for name in wanted:
        outputs.put(places.output / name, places.processed / name)
    outputs.remove_undeclared(places, wanted)
    outputs.put(chapter_file, places.chapter)
    outputs.put_bytes(
        outputs.manifest_bytes(manifest), places.manifest, places.running / "manifest.json"
    )
    places.failed.unlink(missing_ok=True)
    places.failure.unlink(missing_ok=True)
    places.stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp = places.running / "stamp"
    stamp.touch()
    # The moment the run began, so that whatever was edited since is newer than the stamp.
    os.utime(stamp, ns=(begun, begun))
    os.replace(stamp, places.stamp)


def say(line: str, stream=None) -> None:
    """Print a line in one piece: two notebooks may be running."""
    stream = stream or sys.stdout
    stream.write(line + "\n")
    stream.flush()


def report_failure(places: Places, error: Exception) -> None:
    """Keep the failed notebook, and say what failed: on the terminal and for the end of make."""
    lines = [f"notebook {places.notebook} failed (profile {places.profile})"]
    as_far = places.running / "executed.ipynb"
    if as_far.exists():
        places.chapters.mkdir(parents=True, exist_ok=True)
        os.replace(as_far, places.failed)
        kept = f"  the notebook as far as it came: {places.shown(places.failed)}"
    else:
        places.failed.unlink(missing_ok=True)
        kept = None
    if getattr(error, "cell", None):
        lines.append(f"  cell {error.cell}: {error.line}")
    message = [f"  {line}" for line in str(error).splitlines()]
    if len(message) > LONGEST_MESSAGE:
        rest = len(message) - LONGEST_MESSAGE
        message = [*message[:LONGEST_MESSAGE], f"  … and {rest} more lines"]
    lines += message + ([kept] if kept else [])
    places.failure.parent.mkdir(parents=True, exist_ok=True)
    places.failure.write_text("\n".join(lines) + "\n", encoding="utf-8")
    announce("\n".join(lines))


def announce(text: str) -> None:
    """Say why this run stopped, now and (through the file make names) once more as last words."""
    say(text, sys.stderr)
    collected = os.environ.get("KORUS_FAILURES")
    if collected:
        with open(collected, "a+", encoding="utf-8") as handle:
            handle.seek(0)
            if text not in handle.read():
                handle.write(text + "\n")


def main(argv: list[str] | None = None) -> int:
    """Run a notebook; 0 when its outputs are in place, 1 when it failed, 130 when stopped."""
    gc.disable()  # nothing lives long here, and imports are a fifth faster
    given = arguments(argv)
    places = Places(given.root.resolve(), given.profile, given.notebook)
    stop_on_signals(places)
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        seconds, imports = run(places, given)
    except BuildRunning as refusal:
        announce(f"korus: {refusal}")
        return 1
    except Exception as error:
        if not isinstance(error, Refused):
            traceback.print_exc()
        report_failure(places, error)
        return 1
    finally:
        shutil.rmtree(places.running, ignore_errors=True)
    outputs.record_time(places, start, seconds, imports)
    spent = f" (imports {imports:.1f} s)" if imports is not None else ""
    say(f"  {places.notebook} {seconds:.1f} s{spent}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
