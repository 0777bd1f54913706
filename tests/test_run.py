"""The runner: all outputs or none, under failure, interruption and company."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from toy_project import (
    IMPORTS,
    PROJECT,
    bare_project,
    clean_environment,
    run,
    run_command,
    wait_until,
    write_notebook,
)

from korus.lock import claim

T = "data/processed/t.csv"
WRITE = "(out / 't.csv').write_text('1\\n')"
HANG = "(root / 'reached').touch()\nimport time\ntime.sleep(60)"


@pytest.fixture
def root(tmp_path):
    """A project folder whose name has everything in it that breaks careless programs."""
    return bare_project(tmp_path / "a {b} $c d")


def good_run(root, source=WRITE):
    write_notebook(root, "01_toy", IMPORTS, source)
    done = run(root, "01_toy", "--outputs", T)
    assert done.returncode == 0, done.stderr
    return done


def tree(root):
    """Content and time stamp of every file that a run must not touch when it fails."""
    kept = [p for folder in ("data", "book") for p in (root / folder).rglob("*") if p.is_file()]
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in kept if "failed" not in p.name}


def test_a_good_run_leaves_outputs_notebook_manifest_stamp_and_nothing_else(root):
    done = good_run(root)
    files = {
        p.relative_to(root).as_posix() for p in root.rglob("*")
        if p.is_file() and p.parent.name != "params"
    } - {"notebooks/01_toy.ipynb"}
    assert files == {
        T, "data/processed/runs/01_toy.json", "book/chapters/01_toy.ipynb",
        "_build/baseline/done/01_toy", "_build/baseline/owner.lock", "_build/run-times.csv",
    }
    times = (root / "_build/run-times.csv").read_text().splitlines()
    assert times[0] == "start,profile,notebook,seconds,imports_seconds"
    assert ",baseline,01_toy," in times[1]
    first, last = done.stdout.splitlines()
    assert first == "  01_toy …"
    assert last.startswith("  01_toy ") and "imports" in last


def test_two_runs_give_the_same_bytes_and_touch_no_file(root):
    noisy = (
        "import sys, warnings\n"
        "for n in range(40):\n"
        "    print(n, flush=n % 3 == 0)\n"
        "    print('e', n, file=sys.stderr, flush=n % 7 == 0)\n"
        "warnings.warn('noise')\n"
        "print(out, hash('text'), id(out) > 0)\n"
        "display(object())\n"
        f"{WRITE}"
    )
    good_run(root, noisy)
    before = tree(root)
    assert run(root, "01_toy", "--outputs", T).returncode == 0
    assert tree(root) == before
    text = (root / "book/chapters/01_toy.ipynb").read_text(encoding="utf-8")
    for trace in (str(root), "ipykernel_", "papermill", "0x7", "/running/"):
        assert trace not in text


def test_a_changed_output_is_replaced_and_an_unchanged_one_keeps_its_time_stamp(root):
    same = "(out / 'same.csv').write_text('same')\n"
    declared = ("--outputs", T, "data/processed/same.csv")
    write_notebook(root, "01_toy", IMPORTS, same + WRITE)
    assert run(root, "01_toy", *declared).returncode == 0
    old = (root / "data/processed/same.csv").stat().st_mtime_ns
    write_notebook(root, "01_toy", IMPORTS, same + "(out / 't.csv').write_text('2')")
    assert run(root, "01_toy", *declared).returncode == 0
    assert (root / "data/processed/same.csv").stat().st_mtime_ns == old
    assert (root / T).read_text() == "2"


def test_the_stamp_is_as_old_as_the_beginning_of_the_run(root):
    before = time.time_ns()
    good_run(root, "import time; time.sleep(0.5)\n" + WRITE)
    stamp = (root / "_build/baseline/done/01_toy").stat().st_mtime_ns
    assert before - 1e8 < stamp < (root / T).stat().st_mtime_ns - 4e8


def test_a_failing_cell_is_named_last_and_the_previous_outputs_stay_until_a_success(root):
    good_run(root)
    before = tree(root)
    write_notebook(
        root, "01_toy", IMPORTS + "\n" + WRITE, "\n# a comment\n1 / 0", parameters="max_tier = 3"
    )
    done = run(root, "01_toy", "--outputs", T)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-4:] == [
        "notebook 01_toy failed (profile baseline)",
        "  cell 3: # a comment",
        "  ZeroDivisionError: division by zero",
        "  the notebook as far as it came: book/chapters/01_toy.failed.ipynb",
    ]
    assert tree(root) == before
    failed = json.loads((root / "book/chapters/01_toy.failed.ipynb").read_text())
    assert any("ZeroDivisionError" in str(cell.get("outputs")) for cell in failed["cells"])
    assert (root / "_build/baseline/failed/01_toy.txt").read_text() in done.stderr
    assert not list((root / "_build/baseline/running").iterdir())
    good_run(root)
    assert not (root / "book/chapters/01_toy.failed.ipynb").exists()
    assert not (root / "_build/baseline/failed/01_toy.txt").exists()


def test_a_kernel_that_dies_is_a_failure_that_names_the_cell(root):
    write_notebook(root, "01_toy", IMPORTS, WRITE, "os.kill(os.getpid(), 9)")
    done = run(root, "01_toy", "--outputs", T)
    assert done.returncode == 1
    assert "  cell 3: os.kill(os.getpid(), 9)" in done.stderr
    assert "Kernel died" in done.stderr
    assert not (root / T).exists()


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (WRITE + "\n(out / 'extra.csv').touch()",
         "wrote extra.csv, which the Makefile does not declare. Add it to 01_toy.writes (Makefile"),
        ("(out / 'results/figures').mkdir(parents=True)\n"
         "(out / 'results/figures/map.vl.json').touch()\n" + WRITE,
         "results/figures/map.vl.json, which the Makefile does not declare. Add it to "
         "01_toy.figures (Makefile, line 2)"),
        ("pass", "did not write t.csv, which the Makefile declares"),
        ("handle = (out / 't.csv').open('w')\nhandle.write('x')", "ended with t.csv still open"),
        ("(root / 'notebooks' / '01_toy.ipynb').touch()\n" + WRITE,
         "changed while the notebook ran: notebooks/01_toy.ipynb"),
    ],
)
def test_outputs_that_are_not_as_declared_are_refused(root, source, complaint):
    (root / "Makefile").write_text("01_toy.writes_not\n01_toy.figures := chart\n")
    write_notebook(root, "01_toy", IMPORTS, source)
    done = run(root, "01_toy", "--outputs", T)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert not (root / T).exists()
    assert not (root / "_build/baseline/done/01_toy").exists()


def test_a_missing_input_is_named_before_a_kernel_starts(root):
    write_notebook(root, "01_toy", "pass")
    done = run(root, "01_toy", "--inputs", "data/processed/a.parquet")
    assert done.returncode == 1
    assert "missing: data/processed/a.parquet. Run `make`" in done.stderr
    assert "01_toy …" not in done.stdout


@pytest.mark.parametrize(
    ("line", "declared", "complaint"),
    [
        ("max_tear: 3", "max_tier = 3", "unknown parameter 'max_tear' (did you mean 'max_tier'?)"),
        ("max_tier: 9", "max_tier = 3", "parameter 'max_tier' is 9"),
        ("max_tier: 3", "max_teir = 3", "which korus/parameters.py does not know (did you mean"),
        ("max_tier: 3", "api_token = 'x'", "looks like a secret"),
    ],
)
def test_bad_parameters_stop_the_run_before_a_kernel_starts(root, line, declared, complaint):
    path = root / "params/baseline.yml"
    path.write_text(path.read_text().replace("max_tier: 3", line))
    write_notebook(root, "01_toy", "pass", parameters=declared)
    done = run(root, "01_toy")
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "01_toy …" not in done.stdout


def test_a_notebook_is_told_its_places_and_given_only_the_parameters_it_declares(root):
    shown = "print(sorted(k for k in globals() if k in ('as_of', 'max_tier', 'rivals')), as_of)"
    names = "['KORUS_PROFILE', 'KORUS_PROCESSED', 'KORUS_INPUTS', 'TZ', 'PYTHONHASHSEED']"
    write_notebook(
        root, "01_toy", IMPORTS, shown, f"for n in {names}:\n    print(os.environ[n])", WRITE,
        parameters="as_of = '1999-01-01'",
    )
    (root / "data").mkdir()
    (root / "data/in.csv").touch()
    done = run(
        root, "01_toy", "--profile", "kiep-2025-09", "--inputs", "data/in.csv",
        "--outputs", "data/processed/kiep-2025-09/t.csv",
    )
    assert done.returncode == 0, done.stderr
    chapter = json.loads((root / "_build/kiep-2025-09/chapters/01_toy.ipynb").read_text())
    printed = [
        output["text"] for cell in chapter["cells"] for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    ]
    assert printed == [
        "['as_of'] 2025-09-26\n",
        "kiep-2025-09\ndata/processed/kiep-2025-09\ndata/in.csv\nUTC\n0\n",
    ]
    manifest = json.loads((root / "data/processed/kiep-2025-09/runs/01_toy.json").read_text())
    assert manifest["parameters"] == {"as_of": "2025-09-26"}
    assert [item["path"] for item in manifest["inputs"]] == ["data/in.csv"]


def start_hanging(root):
    """A run that is under way in its last cell, after it has written its output."""
    write_notebook(root, "01_toy", IMPORTS, "(out / 't.csv').write_text('half')", HANG)
    process = subprocess.Popen(
        run_command(root, "01_toy", "--outputs", T), cwd=PROJECT, env=clean_environment(),
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    assert wait_until((root / "reached").exists)
    return process, psutil.Process(process.pid).children(recursive=True)


def gone(processes):
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_says_so_and_leaves_the_previous_outputs(root, number):
    good_run(root)
    before = tree(root)
    process, kernels = start_hanging(root)
    assert kernels
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert f"01_toy stopped ({number.name}): nothing was changed" in said
    assert tree(root) == before
    assert not list((root / "_build/baseline/running").iterdir())
    assert wait_until(lambda: gone(kernels), 5)


def test_a_killed_run_leaves_the_previous_outputs_and_the_next_one_tidies_up(root):
    good_run(root)
    before = tree(root)
    process, kernels = start_hanging(root)
    process.kill()
    process.communicate()
    assert tree(root) == before
    assert wait_until(lambda: gone(kernels), 10)
    assert list((root / "_build/baseline/running").iterdir())
    good_run(root)
    assert not list((root / "_build/baseline/running").iterdir())


KILLED_WHILE_MOVING = """
import os, sys, signal
import korus.execute
from korus import run
real, calls = os.replace, []
def replace(*given):
    calls.append(given)
    if len(calls) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    real(*given)
def execute(places, inputs, parameters):
    (places.output / "t.csv").write_text("new")
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "", "outputs": []}
    return {"cells": [cell]}, None
os.replace, korus.execute.execute = replace, execute
sys.exit(run.main(sys.argv[2:]))
"""


def test_what_a_run_no_longer_writes_is_removed_with_it(root):
    write_notebook(root, "01_toy", IMPORTS, WRITE)
    assert run(root, "01_toy", "--outputs", T).returncode == 0
    assert (root / T).exists()
    write_notebook(root, "01_toy", "pass")
    assert run(root, "01_toy").returncode == 0
    assert not (root / T).exists()


@pytest.mark.parametrize("step", range(1, 6))
def test_a_kill_while_outputs_are_moved_in_leaves_whole_files_and_no_stamp(root, step):
    """The n-th of four replacements (output, notebook, manifest, stamp) kills the runner."""
    write_notebook(root, "01_toy", "")
    old = {T: "old", "book/chapters/01_toy.ipynb": "{}", "data/processed/runs/01_toy.json": "{}",
           "_build/baseline/done/01_toy": ""}
    for name, text in old.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_MOVING, str(step), "01_toy", "--root", str(root),
         "--outputs", T],
        cwd=PROJECT, env=clean_environment(), capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == (-signal.SIGKILL if step < 5 else 0), done.stderr
    assert (root / "_build/baseline/done/01_toy").exists() == (step == 5)
    assert (root / T).read_text() == ("old" if step == 1 else "new")
    chapter = json.loads((root / "book/chapters/01_toy.ipynb").read_text())
    assert bool(chapter) == (step > 2)
    assert bool(json.loads((root / "data/processed/runs/01_toy.json").read_text())) == (step > 3)


def test_a_second_build_of_the_same_profile_is_refused_and_one_of_another_is_not(root):
    process, _ = start_hanging(root)
    try:
        write_notebook(root, "02_toy", "pass")
        refused = run(root, "02_toy")
        assert refused.returncode == 1
        assert f"another build of the profile baseline is running (process {process.pid}, since " \
            in refused.stderr
        assert run(root, "02_toy", "--profile", "kiep-2025-09").returncode == 0
        same_make = run(root, "02_toy", KORUS_MAKE=str(process.pid))
        assert same_make.returncode == 0, same_make.stderr
    finally:
        process.terminate()
        process.communicate()
    assert run(root, "02_toy").returncode == 0


@pytest.mark.parametrize(
    "record", [json.dumps({"pid": 1, "started": 1.0}), '{"pid": 1', "", '{"pid": 999999999}']
)
def test_an_owner_that_is_dead_or_whose_record_is_cut_short_does_not_block(tmp_path, record):
    path = tmp_path / "_build/baseline/owner.lock"
    path.parent.mkdir(parents=True)
    path.write_text(record)
    claim("baseline", tmp_path)
    assert json.loads(path.read_text())["pid"] == os.getpid()


def test_a_notebook_without_cell_ids_gets_stable_ones(root):
    write_notebook(root, "01_toy", "1", "2", parameters="max_tier = 1", ids=False)
    assert run(root, "01_toy").returncode == 0
    chapter = json.loads((root / "book/chapters/01_toy.ipynb").read_text())
    assert [cell["id"] for cell in chapter["cells"]] == [
        "cell-1", "injected-parameters", "cell-2", "cell-3"
    ]
    assert [cell["execution_count"] for cell in chapter["cells"]] == [1, 2, 3, 4]
