"""The estimates the report makes: each a row with its interval, method, role and caveat.

A notebook records its estimates with `Estimates` and saves them; `python -m korus.estimates merge` puts the
notebooks' files together as results/estimates.csv, as korus.values does with values. An estimate without an interval says why it has
none.
"""

import math

import pandas as pd

from korus.paths import processed_dir, require_declared
from korus.tables import csv_bytes, write_bytes
from korus.values import ID, ValueProblem, main

COLUMNS = ["id", "question", "method", "specification", "role", "estimate", "lower", "upper", "level", "interval_method",
           "n", "clusters", "p_randomization", "mde", "unit", "caveat", "notebook"]
ROLES = ("main", "robustness", "placebo")
NO_INTERVAL = "none: "


class Estimates:
    """The estimates of one notebook, in the order they are recorded."""

    def __init__(self, notebook: str, question: str):
        self.notebook = notebook
        self.question = question
        self.rows: dict[str, dict] = {}

    def add(
        self, id: str, *, method: str, specification: str, role: str, estimate: float, unit: str, interval_method: str,
        n: int, caveat: str, lower: float = math.nan, upper: float = math.nan, level: float = math.nan,
        clusters: int | None = None, p_randomization: float = math.nan, mde: float = math.nan,
    ) -> None:
        """Record an estimate. `level` is the interval's nominal coverage in per cent.

        Raises ValueProblem for a malformed or repeated id, an unknown role, a number that is none, or bounds that
        are missing without a reason (`interval_method` then begins with `none: `) or do not bracket the estimate.
        """
        if not ID.fullmatch(id):
            raise ValueProblem(f"estimate id {id!r}: expected dotted words such as effects.imports.elasticity.main")
        if id in self.rows:
            raise ValueProblem(f"estimate {id} is recorded twice in {self.notebook}")
        if role not in ROLES:
            raise ValueProblem(f"estimate {id}: role {role!r} is none of {', '.join(ROLES)}")
        if not math.isfinite(estimate):
            raise ValueProblem(f"estimate {id}: {estimate!r} is no number; leave out what can not be estimated")
        missing = math.isnan(lower) or math.isnan(upper)
        if missing != interval_method.startswith(NO_INTERVAL):
            raise ValueProblem(f"estimate {id}: bounds {lower} to {upper} and interval_method {interval_method!r} do not "
                               f"fit; an estimate without an interval says why, beginning with {NO_INTERVAL!r}")
        if not missing and not lower <= estimate <= upper:
            raise ValueProblem(f"estimate {id}: {estimate} lies outside its interval {lower} to {upper}")
        for what, text in (("method", method), ("specification", specification), ("caveat", caveat), ("unit", unit)):
            if not text.strip():
                raise ValueProblem(f"estimate {id}: the {what} is missing")
        numbers = {"estimate": estimate, "lower": lower, "upper": upper, "p_randomization": p_randomization, "mde": mde}
        self.rows[id] = {
            "id": id, "question": self.question, "method": method, "specification": specification, "role": role,
            **{name: round(float(value), 6) for name, value in numbers.items()}, "level": level,
            "interval_method": interval_method, "n": int(n), "clusters": clusters, "unit": unit, "caveat": caveat,
            "notebook": self.notebook,
        }

    def frame(self) -> pd.DataFrame:
        """The estimates as a table with the columns of estimates.csv."""
        return pd.DataFrame(list(self.rows.values()), columns=COLUMNS).astype({"clusters": "Int64", "n": "Int64"})

    def save(self) -> None:
        """Write results/estimates/<notebook>.csv."""
        write_bytes(f"results/estimates/{self.notebook}.csv", csv_bytes(self.frame()))


def load(notebook: str) -> pd.DataFrame:
    """Estimates saved by another notebook, as a table (COLUMNS)."""
    path = require_declared(processed_dir() / "results" / "estimates" / f"{notebook}.csv")
    return pd.read_csv(path).astype({"clusters": "Int64", "n": "Int64"})


if __name__ == "__main__":
    main("estimate")
