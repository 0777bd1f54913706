"""`make check`: everything that can be checked without running a notebook.

Raw tables against their records, cleaned tables against their schemas, control totals against the
corrections ledger, the notebooks in git: without outputs, with the baseline's parameters, and the prose:
no typed number, no unchecked finding.
"""

import json
import sys
from pathlib import Path

from korus import prose, raw, verify
from korus.clean import end_use, investment, law, measures, projects, structure, trade
from korus.parameters import declared, read_profile, values_for
from korus.paths import ROOT
from korus.schemas import checked


def cleaned_tables() -> list[str]:
    """Names and sizes of all cleaned tables, made anew from raw and held against their schemas."""
    sources = raw.sources()
    residuals, withdrawn = investment.totals()
    rows, _ = investment.assemble(withdrawn)
    monthly = checked("trade_monthly", trade.monthly(raw.read("census/imports_monthly"), sources))
    bilateral = checked(
        "bilateral_trade", trade.bilateral(raw.read("census/bilateral_goods"), sources))
    coded = measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))
    tables = {
        "investment": rows,
        "trade_products": trade.products({n: raw.read(n) for n in trade.PRODUCT_TABLES}, sources),
        "measures": coded,
        **law.tables(coded),
        "projects": projects.announced(raw.read("projects/projects")),
        "io": structure.input_output(raw.read("io/use_2024"), raw.read("io/requirements_2024")),
        "world_imports": structure.world_imports(
            raw.read("world/merchandise_imports"), raw.read("world/import_shares"), sources),
    }
    lines = [f"{name}: {len(checked(name, frame))} rows keep their schema" for name, frame in tables.items()]
    lines += [f"trade_monthly: {len(monthly)} rows, bilateral_trade: {len(bilateral)} rows keep theirs"]
    if uses := len(end_use.monthly(end_use.held(), sources)):
        lines.append(f"imports by end use: {uses} rows can be read")
    agreeing = int(residuals["agrees"].sum()) + len(trade.totals(monthly, bilateral))
    explained = int((residuals["explained_by"] != "").sum())
    return [*lines, f"control totals: {agreeing} agree, {explained} are explained by the ledger"]


def notebook_problems(folder: Path, parameters: dict) -> list[str]:
    """What is wrong with the notebooks in git: outputs, counts, parameter defaults."""
    problems = []
    for path in sorted(folder.glob("*.ipynb")):
        where = f"notebooks/{path.name}"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for number, cell in enumerate(notebook["cells"], start=1):
            if cell.get("outputs") or cell.get("execution_count"):
                problems.append(f"{where}, cell {number}: has an output; clear it before committing.")
        for name, default in declared(notebook, where).items():
            if default != parameters[name]:
                problems.append(
                    f"{where}: {name} defaults to {default!r}, params/baseline.yml says "
                    f"{parameters[name]!r}. Make them equal.")
    return problems


def main() -> int:
    """Print what was checked; 1 and the list of problems when something is wrong."""
    if status := verify.main():
        return status
    baseline = read_profile("baseline", ROOT)
    problems = notebook_problems(
        ROOT / "notebooks", values_for(type(baseline).model_fields, baseline))
    try:
        print("\n".join(cleaned_tables()))
    except ValueError as error:
        problems.append(str(error))
    problems += prose.problems(ROOT)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    print(f"notebooks: {len(list((ROOT / 'notebooks').glob('*.ipynb')))} without outputs, "
          "parameters as in params/baseline.yml")
    print(f"prose: {len(prose.texts_of(ROOT))} texts without a typed number or an unchecked finding, "
          f"{len(prose.allowed(ROOT))} allowances")
    return 0


if __name__ == "__main__":
    sys.exit(main())
