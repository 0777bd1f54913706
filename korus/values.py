"""The numbers the report states: each a row with its id, unit, period, tier and raw references.

A notebook records its values with `Values`, prints them with `say`, and saves them; `merge` puts the
notebooks' files together as results/values.csv.
"""

import argparse
import calendar
import difflib
import math
import os
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from korus import conditions
from korus.paths import processed_dir, profile, require_declared
from korus.tables import csv_bytes, write_bytes

COLUMNS = ["id", "value", "lower", "upper", "unit", "text", "period", "as_of", "tier", "notebook",
           "refs"]
ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_/-]+)+")
# `{id}` or `{id:lower}` in a sentence, and `{words | condition}` (korus/conditions.py); not a role, as {term}`position`.
REFERENCE = re.compile(r"\{([^{}]+)\}(?!`)")
PARTS = ("period", "lower", "upper", "tier")
# Where a printed number leads: the value's entry on the page of its notebook (korus/provenance.py).
TARGET = "#value-"
UNITS = ("per cent", "percentage points", "USD", "million USD", "ratio", "count", "days", "year",
         "elasticity", "cents per dollar")


# In a variant of the report, in place of a sentence that was written for the published one.
LEFT_OUT = "*A sentence of the published report is left out: the figures of this variant do not bear it out.*"

# An interval narrower than this share of its middle is printed as its middle.
CLOSE = 0.02


class ValueProblem(ValueError):
    """A value is recorded twice, unknown, or not a number; the message names it."""


class NotHeld(ValueProblem):
    """A value that this report does not have, or not as a single number; the message names it or the nearest."""


def formatted(value: float, unit: str) -> str:
    """A number as the report prints it: `12.2%`, `$29.8 billion`, `−$562 million`."""
    size = abs(value)
    if unit in ("per cent", "percentage points"):
        text = f"{size:.{1 if size >= 1 else 2}f}" + ("%" if unit == "per cent" else f" {unit}")
    elif unit in ("USD", "million USD"):
        text = _dollars(size if unit == "USD" else size * 1e6)
    elif unit == "cents per dollar":
        text = f"{size:.{1 if size >= 1 else 2}f} cents"
    elif unit == "year":
        text = f"{size:.0f}"
    elif unit == "days":
        text = f"{size:.0f} day" + ("" if size == 1 else "s")
    else:
        text = f"{size:,.0f}" if unit == "count" else f"{size:.2f}"
    return f"−{text}" if value < 0 and re.search("[1-9]", text) else text


def _dollars(size: float) -> str:
    for limit, divisor, word in ((1e12, 1e12, " trillion"), (1e9, 1e9, " billion"), (1e6, 1e6, " million")):
        if size >= limit * 0.99995:
            scaled = size / divisor
            digits = 2 if scaled < 10 else 1 if scaled < 1000 else 0
            return f"${scaled:.{digits}f}{word}"
    return f"${size:,.0f}"


def period_in_words(period: str) -> str:
    """`2025-09` as September 2025, `2026-01/2026-08` as January to August 2026, `2024Q3` as printed."""
    first, _, last = period.partition("/")
    if re.fullmatch(r"\d{4}-\d{2}", first):
        year, month = first.split("-")
        name = calendar.month_name[int(month)]
        if not last:
            return f"{name} {year}"
        end_year, end_month = last.split("-")
        start = name if end_year == year else f"{name} {year}"
        return f"{start} to {calendar.month_name[int(end_month)]} {end_year}"
    return f"{first} to {last}" if last else first


def reference(text: str) -> tuple[str, str | None]:
    """Id and part of `id` or `id:part`; the part is None or one of PARTS."""
    id, _, part = text.strip().partition(":")
    if part and part not in PARTS:
        raise ValueProblem(f"{text!r}: the part of a value is one of {', '.join(PARTS)}")
    return id, part or None


def first_id(sentence: str) -> str | None:
    """The first value id in the braces of a sentence."""
    for found in REFERENCE.finditer(sentence):
        _, bar, condition = found[1].partition("|")
        texts = conditions.operands(condition.split("|")[0]) if bar else [found[1]]
        if texts:
            return reference(texts[0])[0]
    return None


def part_of(row: dict, what: str | None) -> str:
    """A value (a row of values.csv) as printed, or its period, its tier or one of its bounds."""
    if what == "period":
        return period_in_words(row["period"])
    if what == "tier":
        return f"{float(row['tier']):.0f}"
    return formatted(float(row[what]), row["unit"]) if what else row["text"]


class Values:
    """The values of one notebook, in the order they are recorded."""

    def __init__(self, notebook: str, as_of: str):
        self.notebook = notebook
        self.as_of = str(as_of)
        self.rows: dict[str, dict] = {}
        self.borrowed: dict[str, dict] = {}

    def add(self, id: str, value, unit: str, period: str, rows: pd.DataFrame | None = None, *,
            tier: int | None = None, refs: str = "", lower: float = math.nan,
            upper: float = math.nan) -> None:
        """Record a value. `rows` are the table rows it rests on: their worst tier and their refs are kept.

        Raises ValueProblem on a malformed or repeated id, an unknown unit, or a value that is no number.
        """
        if not ID.fullmatch(id):
            raise ValueProblem(f"value id {id!r}: expected dotted words such as trade.duty.KOR.2025")
        if id in self.rows:
            raise ValueProblem(f"value {id} is recorded twice in {self.notebook}")
        if unit not in UNITS:
            raise ValueProblem(f"value {id}: unit {unit!r} is none of {', '.join(UNITS)}")
        if value is None or pd.isna(value) or not math.isfinite(float(value)):
            raise ValueProblem(f"value {id}: {value!r} is no number; leave out what is not known")
        if rows is not None:
            tier, refs = int(rows["tier"].max()), " ".join(dict.fromkeys(rows["ref"]))
        # Printed as it is kept: an unrounded 23.7499999 would print another digit than the 23.75 in the table.
        value = round(float(value), 6)
        self.rows[id] = {
            "id": id, "value": value, "lower": lower, "upper": upper, "unit": unit,
            "text": formatted(value, unit), "period": period, "as_of": self.as_of,
            "tier": tier, "notebook": self.notebook, "refs": refs,
        }

    def add_interval(self, id: str, lower: float, upper: float, unit: str, period: str, *, tier: int,
                     refs: str) -> None:
        """Record what is known only to lie between two bounds; `upper` may be infinite.

        The value itself is missing, unless the bounds are so close that the middle stands for both.
        """
        if math.isnan(lower) or math.isnan(upper):
            raise ValueProblem(f"value {id}: an interval from {lower} to {upper}; leave out what is not known")
        middle = (lower + upper) / 2
        close = math.isfinite(upper) and upper - lower <= CLOSE * abs(middle)
        self.add(id, middle if close else lower, unit, period, tier=tier, refs=refs,
                 lower=round(lower, 6), upper=round(upper, 6))
        if close:
            return
        words = f"{formatted(lower, unit)} or more"
        if math.isfinite(upper):
            first = formatted(lower, unit).removesuffix(" percentage points").removesuffix(" cents")
            words = f"{first} to {formatted(upper, unit)}"
        self.rows[id] |= {"value": math.nan, "text": words}

    def borrow(self, notebooks: list[str]) -> None:
        """Let sentences print the values of other notebooks too; they are not saved again."""
        self.borrowed |= Values.load(notebooks, self.as_of).rows

    def row(self, id: str) -> dict:
        """A value's row; raises NotHeld naming the nearest id when there is none."""
        known = self.borrowed | self.rows
        if id not in known:
            raise NotHeld(unknown_id(id, known))
        return known[id]

    def text(self, id: str) -> str:
        """A value as printed."""
        return self.row(id)["text"]

    def number(self, id: str) -> float:
        """A value as a number."""
        return self.row(id)["value"]

    def operand(self, text: str) -> float:
        """The number a condition compares: a value (`id`) or one of its bounds (`id:lower`).

        Raises NotHeld for a value that is only known to lie between two bounds.
        """
        return compared(text, self.row)

    def say(self, sentence: str, otherwise: str | None = None):
        """Show a sentence whose `{id}` are replaced by values, each a link to where it comes from.

        `{id:period}`, `{id:tier}`, `{id:lower}` and `{id:upper}` print a value's period, tier and bounds. `{fell | a.2024 < a.2023}`
        prints its words if the condition holds and stops the run, naming the sentence, if it does not;
        `{fell | a.2024 < a.2023 | rose}` prints the other words then.

        Where the first value of the sentence is not held, `otherwise` is shown, or nothing if it is empty.
        Any other value that is missing is an error naming the nearest id, so that a slip does not pass for a
        missing figure. In a variant, whose figures may differ, the sentence gives way to `otherwise` or LEFT_OUT.
        """
        from IPython.display import Markdown

        if otherwise is not None and (first := first_id(sentence)) and first not in self.borrowed | self.rows:
            return Markdown(otherwise) if otherwise else None  # an empty one would show the name of its class
        try:
            return Markdown(REFERENCE.sub(lambda found: self.printed(found[1]), sentence))
        except (conditions.ConditionProblem, NotHeld) as problem:
            if profile() != "baseline" and isinstance(problem, (conditions.NotTrue, NotHeld)):
                return Markdown(otherwise or LEFT_OUT)
            raise ValueProblem(f"{problem}\nin the sentence: {' '.join(sentence.split())}") from None

    def told(self, sentence: str, otherwise: str | None = None) -> str:
        """The same sentence as plain text, for captions and alternative texts."""
        said = self.say(sentence, otherwise)
        return re.sub(rf"\[([^\]]*)\]\({TARGET}[^)]*\)", r"\1", said.data) if said else ""

    def printed(self, text: str) -> str:
        """What stands between two braces of a sentence, as Markdown."""
        if "|" in text:
            return conditions.words_of(text, self.operand)
        id, part = reference(text)
        words = part_of(self.row(id), part)
        return words if part == "period" else f"[{words}]({TARGET}{id})"

    def frame(self) -> pd.DataFrame:
        """The values as a table with the columns of values.csv."""
        return pd.DataFrame(list(self.rows.values()), columns=COLUMNS)

    def save(self) -> None:
        """Write results/values/<notebook>.csv."""
        write_bytes(f"results/values/{self.notebook}.csv", csv_bytes(self.frame()))

    @classmethod
    def load(cls, notebooks: list[str], as_of: str) -> "Values":
        """Values saved by other notebooks, for reading."""
        values = cls("", as_of)
        for notebook in notebooks:
            path = require_declared(processed_dir() / "results" / "values" / f"{notebook}.csv")
            frame = pd.read_csv(path, dtype={"refs": str, "period": str}, keep_default_na=True)
            values.rows.update({row["id"]: row for row in frame.to_dict("records")})
        return values


def compared(text: str, row_of: Callable[[str], dict]) -> float:
    """The number that a condition compares, of `id` or `id:lower`; `row_of` gives a row of values.csv by its id.

    Raises NotHeld for a value that is only known to lie between two bounds.
    """
    id, part = reference(text)
    cell = row_of(id)["value" if part is None else part]
    if cell == "" or math.isnan(number := float(cell)):
        raise NotHeld(f"value {id} is known by its bounds only: compare {id}:lower or {id}:upper")
    return number


def unknown_id(id: str, known) -> str:
    """What to say of an id that no value has."""
    near = difflib.get_close_matches(id, list(known), n=1, cutoff=0.0)
    return f"no value {id!r}" + (f"; the nearest is {near[0]!r}" if near else "; no values at all")


def merge(files: list[Path], what: str = "value") -> pd.DataFrame:
    """The values (or estimates: `what`) of several notebooks, sorted by id; a repeated id is an error."""
    if not files:
        raise ValueProblem(f"no {what}s to merge. Run `make chain`.")
    frame = pd.concat([pd.read_csv(f, dtype=str, keep_default_na=False) for f in files])
    repeated = frame[frame["id"].duplicated(keep=False)]
    if len(repeated):
        pairs = repeated.groupby("id")["notebook"].agg(" and ".join)
        raise ValueProblem("\n".join(f"{what} {id} is recorded in {books}" for id, books in pairs.items()))
    return frame.sort_values("id", kind="stable")


def main(what: str = "value") -> None:
    """`python -m korus.values merge --profile NAME FILE …` writes results/values.csv; korus.estimates likewise."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", choices=["merge"])
    parser.add_argument("files", nargs="*", type=Path, help="files of one notebook each")
    parser.add_argument("--profile", default="baseline")
    arguments = parser.parse_args()
    os.environ["KORUS_OUTPUT"] = str(processed_dir(arguments.profile))
    write_bytes(f"results/{what}s.csv", csv_bytes(merge(arguments.files, what)))


if __name__ == "__main__":
    main()
