"""The whole chain with its real figures, in a temporary copy: what runs, what stays, what is refused."""

import calendar
import csv
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest
from toy_project import PROJECT, clean_environment, wait_until

from korus.bench import runs_of, working_copy

PROFILE = "kiep-2025-09"
AS_OF = "2025-09-26"
NO_PYTHON = ("PY=false", "PYTHON=false")


def run_make(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run make in a copy of the project."""
    return subprocess.run(
        ["make", *arguments], cwd=root, env=clean_environment(), text=True, capture_output=True,
        timeout=300, check=False,
    )


def made(root: Path, *arguments: str) -> set[str]:
    """Run make, which must succeed; the notebooks that ran, as `_build/run-times.csv` records them."""
    before = len(runs_of(root))
    done = run_make(root, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return {run["notebook"] for run in runs_of(root)[before:]}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A copy of the working tree with the report built in it."""
    root = working_copy(
        PROJECT, tmp_path_factory.mktemp("chain") / "korus", environment=Path(sys.prefix)
    )
    made(root)
    return root


@pytest.fixture
def tree(finished, tmp_path):
    """A finished project of its own for each test, with all time stamps."""
    return Path(shutil.copytree(finished, tmp_path / "korus", symlinks=True))


def products(root: Path) -> dict[str, int]:
    """Everything the baseline's chain and pages have made, with time stamps in nanoseconds."""
    found = {}
    for folder in ("data/processed", "book/chapters", "_build/html"):
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not name.startswith(f"data/processed/{PROFILE}/"):
                found[name] = path.stat().st_mtime_ns
    return found


def changed(root: Path, before: dict[str, int]) -> set[str]:
    """Products whose time stamps are not as before, the new and the missing among them."""
    after = products(root)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def replace_once(path: Path, old: str, new: str) -> None:
    """Change one place of a file, as an editor does."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def add_comment(root: Path, notebook: str) -> None:
    """Put a comment before the imports of a notebook."""
    replace_once(root / "notebooks" / f"{notebook}.ipynb", '"from korus import',
                 '"# a comment\\n",\n    "from korus import')


def values_of(root: Path, profile: str = "") -> dict[str, dict[str, str]]:
    """The values of the report in a tree, by id."""
    path = root / "data" / "processed" / profile / "results" / "values.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


# ---- What runs -----------------------------------------------------------------------------------


def test_with_nothing_to_do_no_notebook_runs_and_no_python_starts(tree):
    before, runs = products(tree), runs_of(tree)
    done = run_make(tree, *NO_PYTHON)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "The report is in _build/html/index.html and _build/korus.pdf"
    assert "…" not in done.stdout
    assert runs_of(tree) == runs
    assert changed(tree, before) == set()


def test_one_changed_raw_cell_is_refused_until_accepted_and_then_runs_what_depends_on_it(tree):
    name = "data/raw/world/import_shares.csv"
    before, old = products(tree), values_of(tree)
    replace_once(tree / name, "2024,USA,3359,", "2024,USA,3459,")

    assert f"15_clean_structure would run: {name} is newer" in run_make(tree, "why").stdout
    refused = run_make(tree, "chain")
    assert refused.returncode != 0
    assert f"{name}: its content was changed. Expected " in refused.stderr
    assert f"make accept FILE={name}" in refused.stderr
    assert f"git checkout -- {name}" in refused.stderr
    assert changed(tree, before) == set()

    accepted = run_make(tree, "accept", f"FILE={name}")
    assert accepted.returncode == 0, accepted.stderr
    assert "-2024,USA,3359," in accepted.stdout and "+2024,USA,3459," in accepted.stdout
    assert made(tree, "chain") == {
        "15_clean_structure", "19_coverage", "35_markets", "47_threshold", "50_claims", "51_commentary", "90_summary"
    }
    moved = changed(tree, before)
    assert "data/processed/world_imports.parquet" in moved
    assert "data/processed/results/values/35_markets.csv" in moved
    others = ("io.parquet", "investment.parquet", "trade_monthly.parquet", "measures.parquet",
              "results/values/21_greenfield.csv", "results/values/31_tariffs.csv",
              "results/figures/balance.svg", "runs/31_tariffs.json", "runs/11_clean_investment.json")
    assert not moved & {f"data/processed/{other}" for other in others}
    assert not [chapter for chapter in moved if re.search(r"chapters/(11|12|13|14|21|31)", chapter)]

    new = values_of(tree)
    share = "world.import_share.USA.2024"
    assert float(old[share]["value"]) == pytest.approx(100 * 3359 / 24700, abs=1e-6)
    assert float(new[share]["value"]) == pytest.approx(100 * 3459 / 24700, abs=1e-6)
    different = {id for id in old if old[id] != new[id]}
    latest = {"world.import_share.USA.latest", "world.import_lead_pct.USA-CHN.latest"}
    threshold = {id for id in different if id.startswith("effects.threshold.")}
    assert "effects.threshold.import_fall_pct.2024" in threshold
    assert different - threshold == {share, "world.import_lead_pct.USA-CHN.2024"} | latest
    assert new[share]["text"] in (tree / "book/chapters/51_commentary.ipynb").read_text(encoding="utf-8")


def test_a_figure_that_makes_a_sentence_untrue_stops_the_build_names_the_sentence_and_keeps_the_report(tree):
    name = "data/raw/world/import_shares.csv"
    before = products(tree)
    replace_once(tree / name, "2024,CHN,2585,", "2024,CHN,3585,")
    assert run_make(tree, "accept", f"FILE={name}").returncode == 0
    stopped = run_make(tree)
    assert stopped.returncode != 0
    assert re.search(r"'[^']+' is no longer true: .*world\.import_", stopped.stderr)
    assert "in the sentence: " in stopped.stderr
    moved = changed(tree, before)
    assert not [path for path in moved if path.startswith("_build/html/")]
    assert "book/chapters/90_summary.ipynb" not in moved

    replace_once(tree / name, "2024,CHN,3585,", "2024,CHN,2585,")
    assert run_make(tree, "accept", f"FILE={name}").returncode == 0
    assert run_make(tree).returncode == 0


def test_a_comment_in_a_cleaning_notebook_runs_it_alone_and_makes_only_the_page_stale(tree):
    before = products(tree)
    add_comment(tree, "13_clean_measures")
    assert made(tree, "chain") == {"13_clean_measures"}
    assert changed(tree, before) == {
        "book/chapters/13_clean_measures.ipynb", "data/processed/runs/13_clean_measures.json"
    }
    answer = run_make(tree, "why").stdout.splitlines()
    assert len(answer) == 2 and answer[0].startswith("the pages would run: ")
    assert answer[1] == "the PDF would run: _build/html/index.html is made anew"
    assert "book/chapters/13_clean_measures.ipynb is newer" in answer[0]


def test_a_chain_killed_half_way_leaves_good_files_and_the_next_make_finishes(tree):
    before, runs = products(tree), len(runs_of(tree))
    notebooks = {"13_clean_measures", "14_clean_projects", "15_clean_structure"}
    for notebook in notebooks:
        add_comment(tree, notebook)
    process = subprocess.Popen(
        ["make", "-j1", "chain"], cwd=tree, env=clean_environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    running = tree / "_build" / "baseline" / "running"
    assert wait_until(lambda: len(runs_of(tree)) > runs and any(running.iterdir()), 60)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    finished_first = {run["notebook"] for run in runs_of(tree)[runs:]}
    assert finished_first < notebooks
    for name in products(tree):
        if name.endswith(".parquet"):
            pd.read_parquet(tree / name)
        elif name.endswith((".ipynb", ".json")):
            json.loads((tree / name).read_text(encoding="utf-8"))
    may_differ = {f"book/chapters/{n}.ipynb" for n in notebooks}
    may_differ |= {f"data/processed/runs/{n}.json" for n in notebooks}
    assert changed(tree, before) <= may_differ

    assert notebooks - finished_first <= made(tree, "chain") <= notebooks
    assert changed(tree, before) == may_differ
    assert not list(running.iterdir())
    assert made(tree, "chain", *NO_PYTHON) == set()


# ---- The report as of another day ----------------------------------------------------------------


@pytest.fixture(scope="module")
def variant(finished, tmp_path_factory):
    """The report as of 26 September 2025, built beside the baseline; the tree and what it changed."""
    root = tmp_path_factory.mktemp("variant") / "korus"
    shutil.copytree(finished, root, symlinks=True)
    before = products(root)
    shutil.rmtree(root / "_build" / PROFILE, ignore_errors=True)
    shutil.rmtree(root / "data" / "processed" / PROFILE, ignore_errors=True)
    ran = made(root, f"PROFILE={PROFILE}")
    return root, changed(root, before), ran


def last_day(printed: str) -> str:
    """The last day a printed date may mean: `2025-09` may be any day of September 2025."""
    if day := re.search(r"\d{4}-\d\d-\d\d", printed):
        return day[0]
    if month := re.match(r"(\d{4})-(\d\d)(?!\d)", printed):
        return f"{month[0]}-{calendar.monthrange(int(month[1]), int(month[2]))[1]}"
    return max(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", printed)) + "-12-31"


def raw_table(root: Path, table: str) -> list[dict[str, str]]:
    """The rows of a raw table."""
    with (root / "data" / "raw" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def publication_day(root: Path, ref: str, tables: dict, sources: dict, releases: dict) -> str:
    """The day a raw row was published by what data/raw itself says, without the project's cleaning."""
    table, _, line = ref.partition("#L")
    if table not in tables:
        tables[table] = raw_table(root, table)
    row = tables[table][int(line) - 2]
    if table == "claims/claims":
        return ""  # a statement under test is no evidence: it is judged on any day
    # An announcement was published when it was made, whoever reported it later; a measure when it was proclaimed, or
    # when it took effect at the latest.
    printed = (row.get("vintage") or row.get("announce_date") or row.get("published") or row.get("effective")
               or sources[row["source"]])
    resource = table.replace("/", ".")
    return releases.get((resource, printed)) or last_day(printed)


def words_of(notebook: Path) -> str:
    """Prose and results of an executed notebook as a reader sees them: no code, no markup."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    parts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    for cell in cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            parts += ["".join(data[key]) for key in ("text/markdown", "text/html") if key in data]
    return text_of("\n".join(parts))


def text_of(markup: str) -> str:
    """A page without its markup, scripts and code."""
    plain = re.sub(r"(?s)<(script|style|pre|head)\b.*?</\1>", " ", markup)
    return html.unescape(re.sub(r"<[^>]+>", " ", plain))


def test_another_day_builds_the_whole_report_beside_the_baseline_and_touches_none_of_it(variant):
    root, touched, ran = variant
    assert ran == {path.stem for path in (root / "notebooks").glob("*.ipynb")}
    assert touched == set()
    assert (root / "_build" / PROFILE / "html" / "index.html").exists()
    values = values_of(root, PROFILE)
    assert {row["as_of"] for row in values.values()} == {AS_OF}
    assert values["investment.kexim.invested.USA.2024"]["text"] == "$22.4 billion"


def test_no_value_of_another_day_rests_on_a_figure_published_after_it(variant):
    root, _, _ = variant
    sources = {row["source"]: row["date"] for row in raw_table(root, "sources")}
    releases = {(row["resource"], row["vintage"]): row["released"]
                for row in raw_table(root, "bea/release_days")}
    tables, late = {}, {}
    for id, row in values_of(root, PROFILE).items():
        for ref in row["refs"].split():
            day = publication_day(root, ref, tables, sources, releases)
            if day > AS_OF:
                late[id] = (ref, day)
    assert late == {}

    processed = pd.concat(
        pd.read_parquet(path, columns=["vintage", "ref"])
        for path in (root / "data" / "processed" / PROFILE).glob("*.parquet")
        if "vintage" in pyarrow.parquet.read_schema(path).names
    )
    def lines_of(refs: pd.Series) -> set[str]:
        return {ref for several in refs for ref in several.split()}

    later = lines_of(processed.loc[processed["vintage"] > AS_OF, "ref"])
    used = {ref for row in values_of(root, PROFILE).values() for ref in row["refs"].split()}
    assert len(used & lines_of(processed["ref"])) > 50
    assert used & later == set()


def test_figures_published_later_have_no_value_on_the_earlier_day(variant):
    root, _, _ = variant
    ids = values_of(root, PROFILE)
    later = ("tariffs.", "trade.", "investment.kexim.invested.USA.2025", "world.import_share.",
             "investment.kexim.invested.WLD.2025", "greenfield.upper.USA.2025")
    allowed = {"investment.kexim.invested.USA.2025Q1", "investment.kexim.invested.USA.2025Q2",
               "trade.exports_korean_customs.KOR-USA.2024"}  # printed in January 2025
    assert [id for id in ids if id.startswith(later) and id not in allowed] == []
    assert allowed <= set(ids)


def test_no_number_of_the_baseline_that_was_published_later_is_printed_on_the_earlier_day(variant):
    root, _, _ = variant
    then, now = values_of(root, PROFILE), values_of(root)
    said = {row["text"] for row in then.values()}
    later = {}
    for id, row in now.items():
        # A rate as short as `4.2%` may stand for something else as well.
        if id not in then and row["text"] not in said and len(re.findall(r"\d", row["text"])) >= 3:
            later.setdefault(row["text"], set()).add(row["notebook"])
    assert len(later) > 100

    def sought(page: str) -> list[str]:
        # With thousands of values a short number (`24.8%`, `1.24`) is some other number too: it is sought where it
        # is stated.
        stem = page.partition(".")[0]
        return [text for text, books in later.items()
                if len(text) > 5 or text.startswith("$") or stem in {*books, "90_summary"}]

    chapters = sorted((root / "_build" / PROFILE / "chapters").glob("*.ipynb"))
    pages = sorted((root / "_build" / PROFILE / "html" / "chapters").glob("*.html"))
    assert len(chapters) == len(pages) == len(list((root / "notebooks").glob("*.ipynb")))
    texts = {path.name: words_of(path) for path in chapters}
    texts |= {path.name: text_of(path.read_text(encoding="utf-8")) for path in pages}
    printed = {
        name: sorted(t for t in sought(name) if re.search(rf"(?<![\d.,]){re.escape(t)}(?!\d)", text))
        for name, text in texts.items()
    }
    assert {name: found for name, found in printed.items() if found} == {}
    figures = root / "data" / "processed" / PROFILE / "results" / "figures"
    for path in figures.glob("*.csv"):
        plotted = pd.read_csv(path, dtype=str)
        if "vintage" in plotted and len(plotted):
            assert plotted["vintage"].dropna().max() <= AS_OF, path.name


def test_measures_published_later_are_not_listed_on_the_earlier_day(variant):
    root, _, _ = variant
    measures = pd.read_parquet(root / "data" / "processed" / PROFILE / "measures.parquet")
    day = measures["published"].fillna(measures["effective"])
    later = set(measures.loc[day > AS_OF, "effective"]) - set(measures.loc[day <= AS_OF, "effective"])
    assert len(later) > 5
    text = words_of(root / "_build" / PROFILE / "chapters" / "31_tariffs.ipynb")
    assert "2025-08-07" in text
    assert [effective for effective in later if effective in text] == []


# ---- nbval ---------------------------------------------------------------------------------------


def run_nbval(root: Path, *notebooks: Path) -> subprocess.CompletedProcess:
    """Rerun executed notebooks as `make test` does, in a copy of the project."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         "--color=no", "--nbval", "--nbval-current-env", "--nbval-sanitize-with",
         str(root / "tests" / "nbval-sanitize.cfg"), *map(str, notebooks)],
        cwd=root, env=clean_environment(PYTHONPATH=str(root)), text=True, capture_output=True,
        timeout=120, check=False,
    )


def test_nbval_finds_a_single_changed_value_in_an_executed_notebook_and_nothing_else(tree):
    before = products(tree)
    text = values_of(tree)["investment.kexim.invested.USA.2024"]["text"]
    summary = tree / "book" / "chapters" / "90_summary.ipynb"
    content = summary.read_text(encoding="utf-8")
    link = f"[{text}](#value-investment.kexim.invested.USA.2024)"
    assert link in content
    altered = summary.with_name("90_altered.ipynb")
    altered.write_text(content.replace(link, link.replace(text, f"{text[:-9]}1 billion")), encoding="utf-8")
    done = run_nbval(tree, summary, altered)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout and "Cell outputs differ" in done.stdout
    assert "FAILED book/chapters/90_altered.ipynb" in done.stdout
    assert changed(tree, before) == {"book/chapters/90_altered.ipynb"}


def sanitized(text: str) -> str:
    """A text as nbval compares it."""
    from nbval.plugin import get_sanitize_patterns

    rules = (PROJECT / "tests" / "nbval-sanitize.cfg").read_text(encoding="utf-8")
    for pattern, replacement in get_sanitize_patterns(rules):
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize(
    "one, other",
    [
        ("12.236079123456", "12.236079123461"),
        ("<Chart at 0x7f30aa12bc10>", "<Chart at 0x…>"),
        ("/var/ipykernel_812/331.py:4: Warning", "<cell>:4: Warning"),
        ("a <svg width='1'>\n<g/></svg> b", "a <svg width='2'></svg> b"),
    ],
)
def test_nbval_does_not_see_last_digits_addresses_and_pictures(one, other):
    assert sanitized(one) == sanitized(other)


@pytest.mark.parametrize(
    "one, other", [("12.2%", "12.3%"), ("$29.8 billion", "$28.8 billion"), ("0.107148", "0.107149"),
                   ("2026-08", "2026-07"), ("<td>4,368</td>", "<td>4,369</td>")],
)
def test_nbval_does_see_values_periods_and_cells_of_tables(one, other):
    assert sanitized(one) != sanitized(other)
