"""What make does: no more and no less than needed, whatever fails, stops or runs beside it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from toy_project import (
    CLEAN_A,
    CLEAN_B,
    IMPORTS,
    PROJECT,
    ages,
    clean_environment,
    make,
    make_project,
    wait_until,
    write_notebook,
)

from korus.why import explanation


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    """A toy project, built."""
    root = make_project(tmp_path_factory.mktemp("make") / "toy")
    done = make(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def toy(built_once, tmp_path):
    """A copy of the built toy project with all its time stamps."""
    root = tmp_path / "toy"
    shutil.copytree(built_once, root, symlinks=True)
    return root


def ran(done: subprocess.CompletedProcess) -> set[str]:
    """The notebooks a make ran to their end."""
    assert done.returncode == 0, done.stdout + done.stderr
    return set(re.findall(r"(?m)^  (\w+) [\d.]+ s", done.stdout))


def replace_in(path, old, new):
    """Change a file as an editor does, noticeably later."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


TABLES = ("data/processed/a.parquet", "data/processed/b.parquet",
          "data/processed/results/values/21_show.csv", "data/processed/results/values.csv")


def test_with_nothing_to_do_no_python_starts_and_a_fifth_of_a_second_is_enough(toy):
    python = ("PY=/bin/false", "PYTHON=/bin/false")
    assert ran(make(toy, *python)) == set()
    spent = []
    for _ in range(3):
        begun = time.monotonic()
        make(toy, *python)
        spent.append(time.monotonic() - begun)
    assert min(spent) < 0.2


def test_a_comment_in_a_cleaning_notebook_runs_it_and_the_page_but_nothing_downstream(toy):
    before = ages(toy, *TABLES)
    page = ages(toy, "_build/html/index.html")
    write_notebook(toy, "12_clean", "# a comment\n" + IMPORTS, CLEAN_B)
    assert ran(make(toy)) == {"12_clean"}
    assert ages(toy, *TABLES) == before
    assert ages(toy, "_build/html/index.html") != page
    assert ran(make(toy, "PY=/bin/false")) == set()


def test_the_pdf_follows_the_pages_and_its_own_template_and_nothing_else(toy):
    page = ages(toy, "_build/html/index.html")
    (toy / "_build/korus.pdf").unlink()
    assert ran(make(toy)) == set()
    assert (toy / "_build/korus.pdf").read_text() == (toy / "_build/html/index.html").read_text()
    (toy / "book/pdf").mkdir()
    (toy / "book/pdf/report.typ").write_text("new")
    before = ages(toy, "_build/korus.pdf")
    make(toy)
    assert ages(toy, "_build/korus.pdf") != before
    assert ages(toy, "_build/html/index.html") == page
    (toy / "book/page.md").write_text("# New")
    make(toy, "html")
    assert ages(toy, "_build/html/index.html") != page
    assert why(toy) == ["the PDF would run: _build/html/index.html is newer"]
    make(toy, "pdf")
    assert why(toy) == ["nothing would run"]


def test_a_changed_cell_runs_the_notebooks_that_depend_on_it_and_no_other(toy):
    before = ages(toy, *TABLES)
    replace_in(toy / "data/raw/bea/a.csv", "1", "7")
    assert ran(make(toy)) == {"11_clean", "21_show"}
    after = ages(toy, *TABLES)
    assert [name for name in TABLES if after[name] == before[name]] == ["data/processed/b.parquet"]
    assert "7" in (toy / "_build/html/index.html").read_text()


def test_a_new_file_in_a_folder_a_notebook_reads_runs_it(toy):
    (toy / "data/raw/bea/new.csv").write_text("x\n")
    os.utime(toy / "data/raw/bea/new.csv", (1, 1))
    assert ran(make(toy)) == {"11_clean"}


def test_a_changed_module_runs_those_that_import_it_however_far_away(toy):
    replace_in(toy / "korus/raw.py", "from", "# comment\nfrom")
    assert ran(make(toy)) == {"11_clean"}
    replace_in(toy / "korus/paths.py", "import os", "# comment\nimport os")
    assert ran(make(toy)) == {"11_clean", "12_clean", "21_show"}


def test_changed_parameters_run_only_those_that_take_some(toy):
    replace_in(toy / "params/baseline.yml", "2026-11-22", "2026-11-21")
    assert ran(make(toy)) == {"21_show"}
    assert "2026-11-21" in (toy / "_build/html/index.html").read_text()


@pytest.mark.parametrize(
    "name", ["data/processed/b.parquet", "book/chapters/12_clean.ipynb",
             "data/processed/runs/12_clean.json"],
)
def test_a_missing_output_is_made_again(toy, name):
    (toy / name).unlink()
    assert "12_clean" in ran(make(toy))
    assert (toy / name).exists()


def test_a_missing_values_file_is_merged_again_without_a_notebook(toy):
    (toy / "data/processed/results/values.csv").unlink()
    assert ran(make(toy)) == set()
    assert (toy / "data/processed/results/values.csv").exists()


def test_bad_parameters_stop_everything_before_any_notebook(toy):
    replace_in(toy / "params/baseline.yml", "max_tier", "max_teir")
    replace_in(toy / "data/raw/bea/a.csv", "1", "7")
    done = make(toy)
    assert done.returncode != 0
    assert "did you mean 'max_tier'" in done.stderr
    assert "…" not in done.stdout


@pytest.mark.parametrize("jobs", [(), ("-j1",)])
def test_a_failure_is_the_last_thing_said_and_what_was_running_is_kept(toy, jobs):
    write_notebook(toy, "12_clean", "raise ValueError('no such month: 2025-13')")
    write_notebook(toy, "11_clean", "import time; time.sleep(1)\n" + IMPORTS, CLEAN_A)
    before = ages(toy, *TABLES)
    done = make(toy, *jobs)
    assert done.returncode != 0
    said = done.stderr.strip().splitlines()
    assert said[-1].startswith("make: ***")
    assert said[-5:-1] == [
        "notebook 12_clean failed (profile baseline)",
        "  cell 1: raise ValueError('no such month: 2025-13')",
        "  ValueError: no such month: 2025-13",
        "  the notebook as far as it came: book/chapters/12_clean.failed.ipynb",
    ]
    assert "  11_clean " in done.stdout
    assert ages(toy, *TABLES) == before
    assert not list((toy / "_build").glob("failures.*"))
    write_notebook(toy, "12_clean", IMPORTS, CLEAN_B)
    assert ran(make(toy)) == {"12_clean"}


MEET = """import pathlib, time
pathlib.Path('_build/{mine}').touch()
for _ in range(300):
    if pathlib.Path('_build/{other}').exists():
        break
    time.sleep(0.1)
else:
    raise TimeoutError('the other notebook does not run beside this one')
"""


@pytest.mark.parametrize("jobs", [(), ("-j3",)])
def test_as_many_jobs_run_beside_each_other_as_were_asked_for(toy, jobs):
    write_notebook(toy, "11_clean", MEET.format(mine="a", other="b") + IMPORTS, CLEAN_A)
    write_notebook(toy, "12_clean", MEET.format(mine="b", other="a") + IMPORTS, CLEAN_B)
    done = make(toy, *jobs)
    assert ran(done) >= {"11_clean", "12_clean"} and "jobserver" not in done.stderr


def test_a_variant_is_built_beside_the_baseline_which_stays_as_it_is(toy):
    before = ages(toy, *TABLES, "_build/html/index.html", "book/chapters/21_show.ipynb")
    done = make(toy, "PROFILE=kiep-2025-09", "chain")
    assert ran(done) == {"11_clean", "12_clean", "21_show"}
    text = (toy / "data/processed/kiep-2025-09/results/values/21_show.csv").read_text()
    assert text.startswith("2025-09-26")
    assert (toy / "_build/kiep-2025-09/chapters/21_show.ipynb").exists()
    assert ages(toy, *before) == before
    assert ran(make(toy, "PY=/bin/false")) == set()


def test_an_unknown_profile_is_answered_with_those_there_are(toy):
    done = make(toy, "PROFILE=kiep")
    assert done.returncode != 0
    assert "Profiles: baseline kiep-2025-09" in done.stderr


def test_make_help_lists_the_commands():
    done = make(PROJECT, "help")
    for command in ("make all", "make chain", "make why", "make check", "make test", "PROFILE="):
        assert command in done.stdout


# ---- Interruption and company --------------------------------------------------------------------


def start_hanging(root):
    """A make that is in the middle of 11_clean; its process group is its own."""
    wait = (
        "import time\n(root / 'reached').touch()\n"
        "while not (root / 'go').exists(): time.sleep(0.02)\n"
    )
    write_notebook(root, "11_clean", IMPORTS, wait + CLEAN_A + "\n# again")
    process = subprocess.Popen(
        ["make"], cwd=root, env=clean_environment(), start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    assert wait_until((root / "reached").exists)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_after_an_interruption_the_tree_is_good_and_the_next_make_finishes(toy, number):
    before = ages(toy, *TABLES)
    process = start_hanging(toy)
    os.killpg(process.pid, number)
    process.communicate(timeout=20)
    assert process.returncode != 0
    assert ages(toy, *TABLES) == before
    (toy / "go").touch()
    assert ran(make(toy)) == {"11_clean"}
    assert not list((toy / "_build/baseline/running").iterdir())
    assert ran(make(toy, "PY=/bin/false")) == set()


def test_two_makes_at_once_do_not_disturb_each_other(toy):
    process = start_hanging(toy)
    replace_in(toy / "data/raw/b.csv", "2", "8")
    second = make(toy)
    assert second.returncode != 0
    assert "another build of the profile baseline is running (process " in second.stderr
    assert second.stderr.strip().splitlines()[-2].startswith("korus: another build")
    (toy / "go").touch()
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    assert ran(make(toy)) == {"12_clean", "21_show"}


# ---- make why ------------------------------------------------------------------------------------


def why(root) -> list[str]:
    """The lines `make why` prints."""
    done = make(root, "why", PATH=os.path.dirname(sys.executable) + ":" + os.environ["PATH"])
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_why_says_nothing_would_run_also_after_a_run_that_changed_nothing(toy):
    assert why(toy) == ["nothing would run"]
    (toy / "data/raw/b.csv").touch()
    assert ran(make(toy)) == {"12_clean"}
    assert why(toy) == ["nothing would run"]


def test_why_names_the_file_and_what_may_follow_and_changes_nothing(toy):
    (toy / "data/raw/b.csv").touch()
    expected = [
        "verifying data/raw would run: data/raw/b.csv is newer",
        "12_clean would run: data/raw/b.csv is newer",
        "then, only if what it reads changes: 21_show, values.csv, the pages, the PDF",
    ]
    assert why(toy) == expected
    assert why(toy) == expected
    (toy / "data/raw/bea/new.csv").touch()
    (toy / "data/processed/a.parquet").unlink()
    answer = why(toy)
    assert any(
        line.startswith("11_clean would run: an output is missing; a file was added to or removed "
                        "from data/raw/bea") for line in answer
    )
    assert any(line == "21_show would run: data/processed/a.parquet is made anew"
               for line in answer)


def test_why_says_what_would_stop_make():
    text = "make: *** No rule to make target 'notebooks/x.ipynb', needed by 'y'.  Stop.\n-- supp"
    assert explanation(text).startswith("make would stop: No rule to make target 'notebooks/x")
