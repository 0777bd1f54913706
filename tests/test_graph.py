"""The Makefile declares what is really imported, read and written, and names no package index."""

import ast
import json
import re

import pytest
from toy_project import PROJECT, make

# Modules that no notebook, page or table depends on, and so no rule names.
OUTSIDE = {"environment", "why", "bench", "check"}


def graph() -> dict[tuple[str, str], list[str]]:
    """The Makefile's declarations: (notebook or module, kind) → words."""
    done = make(PROJECT, "-s", "graph")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    return {(row[0], row[1]): row[2:] for row in rows if len(row) > 1}


GRAPH = graph()
NOTEBOOKS = sorted({name for name, kind in GRAPH if kind == "files"})
DECLARED_IMPORTS = {
    name.removeprefix("imports."): words for (name, kind), words in GRAPH.items()
    if kind == "imports"
}


def module_file(name: str):
    """File of a module of korus, or None when there is no such module."""
    base = PROJECT / "korus" / name.replace(".", "/")
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


MODULES = sorted(
    ".".join(path.relative_to(PROJECT / "korus").with_suffix("").parts).removesuffix(".__init__")
    for path in (PROJECT / "korus").rglob("*.py")
    if path != PROJECT / "korus" / "__init__.py"
)


def imported(source: str, package: str = "korus") -> set[str]:
    """Modules of korus a source imports, anywhere in it. `package` is where it lies."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            inside = [f"{base}.{alias.name}" for alias in node.names]
            names = [n if module_file(n.removeprefix("korus.")) else base for n in inside]
        else:
            continue
        found |= {n.removeprefix("korus.") for n in names if n.startswith("korus.")}
    return found


def notebook_source(name: str) -> str:
    """All code of a notebook, without the lines that only IPython reads."""
    notebook = json.loads((PROJECT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    lines = "\n".join(code).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def test_the_imports_of_a_source_are_found_wherever_they_stand():
    source = (
        "import korus.raw\nfrom korus import paths, clean\nfrom korus.paths import ROOT\n"
        "def f():\n    from korus.clean import kexim\n    import os\n"
    )
    assert imported(source) == {"raw", "paths", "clean", "clean.kexim"}
    assert imported("from . import bea\nfrom .kexim import x\nfrom ..raw import y",
                    "korus.clean") == {"clean.bea", "clean.kexim", "raw"}


def test_every_notebook_is_declared_and_every_declared_one_is_there():
    assert NOTEBOOKS == sorted(path.stem for path in (PROJECT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_declares_the_modules_it_imports(name):
    assert sorted(GRAPH[name, "modules"]) == sorted(imported(notebook_source(name))), (
        f"mend {name}.modules in the Makefile"
    )


@pytest.mark.parametrize("name", [m for m in MODULES if m not in OUTSIDE])
def test_a_module_declares_the_modules_it_imports(name):
    path = module_file(name)
    inside = path.parent.relative_to(PROJECT).as_posix().replace("/", ".")
    found = imported(path.read_text(encoding="utf-8"), inside) - {name}
    assert name in DECLARED_IMPORTS, f"add `imports.{name} := {' '.join(sorted(found))}`"
    assert sorted(DECLARED_IMPORTS[name]) == sorted(found), f"mend imports.{name} in the Makefile"


def test_no_declaration_names_a_module_that_is_not_there():
    named = set(DECLARED_IMPORTS).union(*DECLARED_IMPORTS.values())
    named = named.union(*(GRAPH[name, "modules"] for name in NOTEBOOKS))
    assert {name for name in named if not module_file(name)} == set()


def test_the_files_of_a_notebook_are_all_it_imports_however_far_away():
    for name in NOTEBOOKS:
        todo, reached = {"run", *GRAPH[name, "modules"]}, set()
        while todo:
            module = todo.pop()
            reached.add(module)
            todo |= set(DECLARED_IMPORTS[module]) - reached
        files = {module_file(m).relative_to(PROJECT).as_posix() for m in reached}
        assert files <= set(GRAPH[name, "files"])


def test_what_notebooks_read_is_written_by_an_earlier_one_and_nothing_is_written_twice():
    written = []
    for name in NOTEBOOKS:
        assert set(GRAPH[name, "reads"]) <= set(written), name
        written += GRAPH[name, "writes"]
        written += [f"results/figures/{figure}.csv" for figure in GRAPH[name, "figures"]]
    assert len(written) == len(set(written))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_declares_the_parameters_of_its_tagged_cell_and_raw_files_that_exist(name):
    from korus.parameters import declared

    path = PROJECT / "notebooks" / f"{name}.ipynb"
    found = declared(json.loads(path.read_text(encoding="utf-8")), path.name)
    assert sorted(GRAPH[name, "parameters"]) == sorted(found)
    for raw in GRAPH[name, "raw"]:
        assert (PROJECT / "data" / "raw" / raw).exists(), raw


def test_the_lock_and_the_makefile_name_no_package_index():
    for name in ("requirements.lock", "Makefile", "pyproject.toml", "korus/environment.py"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        text = re.sub(r"--no-emit-\S+", "", text)
        assert not re.search(r"https?://|--(extra-)?index|--find-links", text), name
