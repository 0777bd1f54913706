"""The benchmark table of the README: `python -m korus.bench [--runs N] [--only NAME]`.

Everything runs in a temporary copy of the working tree; the tree itself is only read. What is
compared is measured in turns within one run, so that a busy machine slows both sides. Times are
medians; ratios are medians of each turn's own ratio.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Made by a build, a test or a tool; of these the built state alone is copied, on request.
NOT_COPIED = (".venv", ".git", "_build", "panel", "__pycache__", ".pytest_cache", ".hypothesis",
              ".ipynb_checkpoints")
BUILT = ("data/processed", "book/chapters")
# What would reach from this build into the measured one. Without the last Python keeps bytecode.
DROPPED = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PROFILE", "VIRTUAL_ENV",
           "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
EDITED = "12_clean_trade"
STAGE = """\
import sys, pathlib, yaml
from korus import stage
folder, execute = pathlib.Path(sys.argv[1]), sys.argv[2]
stage.stage(stage.material("baseline"), folder)
config = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))
config["execute"]["execute_notebooks"] = execute
(folder / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
if execute == "force":
    for chapter in (folder / "chapters").glob("*.ipynb"):
        chapter.write_bytes(pathlib.Path("notebooks", chapter.name).read_bytes())
"""
RENDER = "from jupyter_book.cli.main import main; main()"


class BenchFailed(Exception):
    """A measured command failed; the message holds the command and the end of what it printed."""


# ---- A copy to measure in ----------------------------------------------------------------------


def working_copy(root: Path, to: Path, built: bool = True, environment: Path | None = None) -> Path:
    """Copy the project at `root` to `to`, time stamps and all, so that make finds nothing to do.

    `built` brings what the chain has made; `environment` is a finished virtual environment to use
    (none: make will install one). The copy has the commit and the uncommitted changes of `root`.
    """
    def left_out(folder: str, names: list[str]) -> set[str]:
        below = {name: os.path.relpath(os.path.join(folder, name), root) for name in names}
        return {n for n in names if n in NOT_COPIED or (below[n] in BUILT and not built)}

    shutil.copytree(root, to, symlinks=True, ignore=left_out)
    if built and (root / "_build").exists():
        temporary = shutil.ignore_patterns("running", ".*-rendering", "failures.*", "owner.lock")
        shutil.copytree(root / "_build", to / "_build", symlinks=True, ignore=temporary)
    if (root / ".git").exists():
        commands = (["clone", "--quiet", "--no-checkout", "--shared", str(root), "clone"],
                    ["reset", "--quiet"])
        subprocess.run(["git", *commands[0]], cwd=to, check=True, capture_output=True)
        os.rename(to / "clone" / ".git", to / ".git")
        os.rmdir(to / "clone")
        subprocess.run(["git", *commands[1]], cwd=to, check=False, capture_output=True)
    if environment:
        # A folder of links rather than a link: only so can its stamp be the copy's own, and make
        # in the copy never touches the environment it borrows.
        (to / ".venv").mkdir()
        for entry in environment.iterdir():
            if entry.name != "korus-ready":
                (to / ".venv" / entry.name).symlink_to(entry)
        shutil.copyfile(environment / "korus-ready", to / ".venv" / "korus-ready")
    return to


def surroundings(copy: Path) -> dict[str, str]:
    """Environment variables for measured commands: none of this build, and korus from the copy."""
    kept = {name: value for name, value in os.environ.items()
            if name not in DROPPED and not name.startswith("KORUS_")}
    return kept | {"PYTHONPATH": str(copy)}


def seconds(copy: Path, *command: str) -> float:
    """How long a command takes in the copy. Raises BenchFailed when it fails."""
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=copy, env=surroundings(copy), text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False,
    )
    spent = time.monotonic() - begun
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise BenchFailed(f"{' '.join(command)} failed:\n{tail}")
    return spent


# ---- What is measured --------------------------------------------------------------------------


@dataclass
class Figures:
    """What was measured, in seconds, one entry per turn."""

    nothing: list[float] = field(default_factory=list)
    comment: list[float] = field(default_factory=list)
    comment_page: list[float] = field(default_factory=list)
    comment_ran: set[str] = field(default_factory=set)
    chain: list[float] = field(default_factory=list)
    book: list[float] = field(default_factory=list)
    notebooks: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    clean: dict[str, float] = field(default_factory=dict)
    calculator: dict[str, float] = field(default_factory=dict)
    effects: dict[str, float] = field(default_factory=dict)
    page: dict = field(default_factory=dict)
    pdf: dict[str, float | str] = field(default_factory=dict)
    editions: dict = field(default_factory=dict)
    verify: float | None = None
    panel: dict = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def runs_of(copy: Path) -> list[dict[str, str]]:
    """Every run of a notebook the copy has recorded."""
    path = copy / "_build" / "run-times.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def measure_nothing(copy: Path, found: Figures, runs: int) -> None:
    """`make` with nothing to do; it fails if it were to start any Python."""
    for _ in range(runs):
        found.nothing.append(seconds(copy, "make", "PY=false", "PYTHON=false"))


def measure_comment(copy: Path, found: Figures, runs: int) -> None:
    """A comment added to one cleaning notebook: the chain, and then the pages."""
    notebook = copy / "notebooks" / f"{EDITED}.ipynb"
    text = notebook.read_text(encoding="utf-8")
    mark = '"from korus import'
    if text.count(mark) != 1:
        raise BenchFailed(f"{notebook.name}: expected one line that begins with {mark}")
    for turn in range(runs):
        before = len(runs_of(copy))
        notebook.write_text(text.replace(mark, f'"# turn {turn}\\n",\n    {mark}'), encoding="utf-8")
        found.comment.append(seconds(copy, "make", "chain"))
        found.comment_ran |= {run["notebook"] for run in runs_of(copy)[before:]}
        found.comment_page.append(seconds(copy, "make", "html"))
    notebook.write_text(text, encoding="utf-8")
    seconds(copy, "make")


def force_chain(copy: Path) -> float:
    """Seconds of the whole chain, every notebook run because the lock is newer than its stamp."""
    before = len(runs_of(copy))
    (copy / "requirements.lock").touch()
    (copy / ".venv" / "korus-ready").touch()
    spent = seconds(copy, "make", "chain")
    ran, there = runs_of(copy)[before:], list((copy / "notebooks").glob("*.ipynb"))
    if len(ran) != len(there):
        raise BenchFailed(f"a forced chain ran {len(ran)} of {len(there)} notebooks")
    return spent


def render(copy: Path, source: Path) -> float:
    """Seconds Jupyter Book takes for a staged book, from nothing."""
    with tempfile.TemporaryDirectory(dir=copy / "_build") as output:
        return seconds(source, str(copy / ".venv/bin/python"), "-c", RENDER, "build", ".",
                       "--path-output", output, "-W", "-n", "--keep-going", "--all", "-q")


def measure_chain(copy: Path, found: Figures, runs: int) -> None:
    """The whole chain against Jupyter Book executing the same notebooks, less its rendering."""
    staged = {}
    for execute in ("off", "force"):
        staged[execute] = copy / "_build" / f"bench-{execute}"
        seconds(copy, str(copy / ".venv/bin/python"), "-c", STAGE, str(staged[execute]), execute)
    before = len(runs_of(copy))
    for turn in range(runs):
        found.chain.append(force_chain(copy))
        rendering = render(copy, staged["off"])
        found.book.append(render(copy, staged["force"]) - rendering)
        note(f"turn {turn + 1} of {runs}: chain {found.chain[-1]:.1f} s, "
             f"Jupyter Book {found.book[-1]:.1f} s and {rendering:.1f} s of rendering")
    for run in runs_of(copy)[before:]:
        found.notebooks.setdefault(run["notebook"], []).append(
            (float(run["seconds"]), float(run["imports_seconds"] or 0)))
    for folder in staged.values():
        shutil.rmtree(folder)


def measured_by(copy: Path, module: str, runs: int, cores: str) -> dict[str, float]:
    """What a bench module of its own prints, run in a process of its own with so many threads."""
    command = [str(copy / ".venv/bin/python"), "-m", module, "--runs", str(runs)]
    threads = {name: cores for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}
    done = subprocess.run(command, cwd=copy, env=surroundings(copy) | threads, text=True, capture_output=True,
                          check=False)
    if done.returncode:
        raise BenchFailed(f"{' '.join(command[1:])} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def measure_calculator(copy: Path, found: Figures, runs: int) -> None:
    """The statutory calculator on one core."""
    found.calculator = measured_by(copy, "korus.bench_statutory", runs, "1")


def measure_effects(copy: Path, found: Figures, runs: int) -> None:
    """The specification curve on two cores, and single fits beside statsmodels."""
    found.effects = measured_by(copy, "korus.bench_effects", runs, "2")


def measure_page(copy: Path, found: Figures, runs: int) -> None:
    """The first page in a browser, where there is one."""
    found.page = measured_by(copy, "korus.bench_page", runs, "2")
    if "skipped" in found.page:
        found.skipped.append(f"The first page was left out: {found.page['skipped']}.")


def measure_pdf(copy: Path, found: Figures, runs: int) -> None:
    """The PDF of the built pages, beside Jupyter Book's builder where TeX is installed."""
    found.pdf = measured_by(copy, "korus.bench_pdf", runs, "2")


def measure_editions(copy: Path, found: Figures, runs: int) -> None:
    """The comparison of two editions of the same code, where one has been frozen."""
    found.editions = measured_by(copy, "korus.bench_editions", runs, "2")
    if "skipped" in found.editions:
        found.skipped.append(f"Editions were left out: {found.editions['skipped']}.")


def measure_panel(copy: Path, found: Figures, runs: int) -> None:
    """A panel of generated rows written and summed up, in rows per second and peak memory."""
    found.panel = measured_by(copy, "korus.bench_sources", runs, "2")
    for rows in found.panel["no_room"]:
        found.skipped.append(f"A panel of {rows:,} rows was left out: no room on the disk.")


def measure_clean(root: Path, folder: Path, found: Figures) -> None:
    """From a clean copy without an environment to the report: once, in four parts; then the last edition again."""
    copy = working_copy(root, folder / "clean", built=False)
    try:
        found.clean["environment"] = seconds(copy, "make", ".venv/korus-ready")
    except BenchFailed as failure:
        found.skipped.append(f"The clean clone was left out: no package index in reach.\n{failure}")
        return
    found.clean["chain"] = seconds(copy, "make", "chain")
    found.clean["HTML"] = seconds(copy, "make", "html")
    found.clean["PDF"] = seconds(copy, "make", "pdf")
    if any((root / "editions").glob("*/manifest.json")):
        found.verify = seconds(copy, "make", "verify")


# ---- What is printed ---------------------------------------------------------------------------


def note(text: str) -> None:
    """Progress, beside the table."""
    print(text, file=sys.stderr, flush=True)


def rows(found: Figures) -> list[tuple[str, str, str]]:
    """The table's rows: what, how much, and the most it may be."""
    table = []
    if found.nothing:
        table.append(("`make` with nothing to do, no Python started",
                      f"{median(found.nothing):.2f} s", "0.2 s"))
    if found.chain:
        ratio = median(a / b for a, b in zip(found.chain, found.book, strict=True))
        table += [
            (f"The whole chain, {len(found.notebooks)} notebooks, two at a time",
             f"{median(found.chain):.1f} s", ""),
            ("Jupyter Book executing the same notebooks (`execute_notebooks: force`, less "
             "its rendering)",
             f"{median(found.book):.1f} s", ""),
            ("The chain as a share of that", f"{ratio:.2f}", "0.6"),
        ]
    if found.comment:
        ran = ", ".join(f"`{name}`" for name in sorted(found.comment_ran))
        share = ""
        if found.chain:
            share = f", {median(found.comment) / median(found.chain):.2f} of the chain"
        alone = " alone" if len(found.comment_ran) == 1 else ""
        table.append((f"A comment changed in `{EDITED}`: ran {ran}{alone}",
                      f"{median(found.comment):.1f} s{share}", ""))
        table.append(("… and the pages", f"{median(found.comment_page):.1f} s", ""))
    if found.notebooks:
        spent = [median(s for s, _ in turns) for turns in found.notebooks.values()]
        imports = [median(i for _, i in turns) for turns in found.notebooks.values()]
        table.append(("First code cell (imports) of all notebooks, share of their run time",
                      f"{sum(imports):.1f} s, {sum(imports) / sum(spent):.2f}", ""))
    if found.calculator:
        spent = found.calculator
        growth = ", ".join(f"{spent[name] / spent['lines']:.1f}" for name in ("lines10", "lines100", "rules10"))
        table.append((f"Statutory rate of all {spent['lines_held']:,} lines on every day of 2018 to 2026, one core",
                      f"{spent['days']:.2f} s", "2 s"))
        table.append(("… its cost with 10 and 100 times the lines, and 10 times the measures, as multiples", growth,
                      ""))
    if found.effects:
        spent = found.effects
        table.append((f"All {spent['fits']:.0f} fits of the specification curve, two cores", f"{spent['curve']:.1f} s",
                      "20 s"))
        table.append(("… fits a second of the main regression, beside statsmodels with dummy variables",
                      f"{spent['ours']:.0f} against {spent['statsmodels']:.1f}", ""))
    if "paint" in found.page:
        seen = found.page
        table.append((f"First page readable from a local server ({seen['bytes'] / 1000:.0f} kB, {seen['requests']} files)",
                      f"{seen['paint'] / 1000:.2f} s", "1 s"))
        table.append((f"… the largest page, `{seen['largest']}`, with all it loads",
                      f"{seen['largest_bytes'] / 1000:.0f} kB", ""))
    if found.pdf:
        spent = found.pdf
        table.append((f"PDF of the whole report: pandoc and Typst ({spent['pandoc']:.1f} s and {spent['typst']:.1f} s)",
                      f"{spent['pandoc'] + spent['typst']:.1f} s", "3 s"))
        table.append(("… beside it the pdflatex builder of Jupyter Book",
                      spent["tex"], ""))
    for size in found.panel.get("sizes", []):
        table.append((f"A Census panel of {size['rows']:,} generated rows written by month: rows a second, peak memory",
                      f"{size['write_rows_per_second']:,.0f}, {size['write_peak_mb']:.0f} MB", ""))
        table.append(("… and summed up by partner and month, memory bounded",
                      f"{size['aggregate_rows_per_second']:,.0f}, {size['aggregate_peak_mb']:.0f} MB", ""))
    if found.clean:
        parts = ", ".join(f"{name} {spent:.0f} s" for name, spent in found.clean.items())
        table.append((f"A clean clone to the finished report, packages cached ({parts})",
                      f"{sum(found.clean.values()):.0f} s", "180 s"))
    if found.verify:
        table.append(("`make verify`, which builds the last edition anew and compares it, as a multiple of that",
                      f"{found.verify / sum(found.clean.values()):.2f}", "1.2"))
    if "changes" in found.editions:
        table.append((f"`make changes` between two editions of the same code ({found.editions['rows']:,} values moved)",
                      f"{found.editions['changes']:.1f} s", "5 s"))
    return table


def markdown(found: Figures, runs: int) -> str:
    """The tables, ready for the README."""
    version = ".".join(map(str, sys.version_info[:3]))
    lines = ["| | measured | at most |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {value} | {limit} |" for what, value, limit in rows(found)]
    if found.notebooks:
        lines += ["", "| notebook | seconds | of which first code cell (imports) |",
                  "| --- | ---: | ---: |"]
        for name, turns in sorted(found.notebooks.items()):
            whole, imports = (median(column) for column in zip(*turns, strict=True))
            lines.append(f"| `{name}` | {whole:.1f} | {imports:.1f} |")
    lines += ["", f"Medians of {runs} (the clean clone: once), {os.cpu_count()} cores, "
                  f"Python {version}.", *found.skipped]
    return "\n".join(lines)


MEASURES = ("nothing", "comment", "chain", "calculator", "effects", "page", "pdf", "editions", "panel", "clean")


def main(argv: list[str] | None = None) -> int:
    """The command line; 0 when all that was asked for was measured, 1 when a command failed."""
    parser = argparse.ArgumentParser(prog="python -m korus.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="turns of each measurement (default 5)")
    parser.add_argument("--only", choices=MEASURES, action="append", help="leave out the others")
    given = parser.parse_args(argv)
    wanted, found = given.only or MEASURES, Figures()
    with tempfile.TemporaryDirectory(prefix="korus-bench-") as folder:
        try:
            if set(wanted) - {"clean"}:
                copy = working_copy(ROOT, Path(folder, "copy"), environment=Path(sys.prefix))
                seconds(copy, "make")
                for name, measure in (("nothing", measure_nothing), ("chain", measure_chain),
                                      ("comment", measure_comment), ("calculator", measure_calculator),
                                      ("effects", measure_effects), ("page", measure_page),
                                      ("pdf", measure_pdf), ("editions", measure_editions),
                                      ("panel", measure_panel)):
                    if name in wanted:
                        note(f"measuring: {name}")
                        measure(copy, found, given.runs)
            if "clean" in wanted:
                note("measuring: clean")
                measure_clean(ROOT, Path(folder), found)
        except BenchFailed as failure:
            print(f"bench: {failure}", file=sys.stderr)
            return 1
    print(markdown(found, given.runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
