"""The verdict on a stated figure, from what the held figures allow: pure functions of numbers.

A stated figure is the interval that the rounding of its last printed digit leaves. What the figures allow is an
interval too: a point, identified bounds (the upper one may be infinite), or an estimate with its bounds.
"""

import math
from dataclasses import dataclass

from korus.clean.origin import printed_number

REPRODUCED = "reproduced"
CLOSE = "close"
CONTRADICTED = "contradicted"
MISATTRIBUTED = "misattributed"
CONSISTENT = "consistent, not testable yet"
DOCUMENTED = "documented"
NOT_TESTABLE = "not testable with the figures held"
VERDICTS = (REPRODUCED, CLOSE, CONTRADICTED, MISATTRIBUTED, CONSISTENT, DOCUMENTED, NOT_TESTABLE)

# How far a figure may lie from the statement and still be called close, in per cent of the stated figure.
TOLERANCE_PCT = 10.0
# Units in which nearly is wrong: a tenth of the year 2016 is two centuries.
EXACT = ("year", "rank")
COMPARISONS = ("equals", "more than", "less than", "at least", "at most")

# What each unit measures, and how many of its base unit it is.
UNITS = {
    "USD": ("money", 1.0),
    "USD million": ("money", 1e6),
    "USD billion": ("money", 1e9),
    "USD trillion": ("money", 1e12),
    "million USD": ("money", 1e6),
    "percent": ("ratio", 0.01),
    "per cent": ("ratio", 0.01),
    "times": ("ratio", 1.0),
    "ratio": ("ratio", 1.0),
    "percentage points": ("points", 1.0),
    "cents per dollar": ("ratio", 0.01),
    "count": ("number", 1.0),
    "rank": ("number", 1.0),
    "years": ("number", 1.0),
    "year": ("year", 1.0),
    "days": ("days", 1.0),
    "elasticity": ("elasticity", 1.0),
}
# Two bounds that differ by less than this share of their size are the same bound.
EDGE = 1e-9


class VerdictProblem(ValueError):
    """A statement can not be compared with a value as it is written; the message says why."""


@dataclass(frozen=True)
class Range:
    """All numbers from `lower` to `upper`, both included."""

    lower: float
    upper: float

    def inside(self, other: "Range") -> bool:
        """Whether all of it lies in another range."""
        return not (_below(self.lower, other.lower) or _below(other.upper, self.upper))

    def apart(self, other: "Range") -> bool:
        """Whether no number is in both."""
        return _below(self.upper, other.lower) or _below(other.upper, self.lower)

    def times(self, factor: float) -> "Range":
        """Every number times a positive factor."""
        return Range(self.lower * factor, self.upper * factor)


def _below(first: float, second: float) -> bool:
    """Whether one number is smaller than another by more than floating-point noise."""
    if math.isinf(first) or math.isinf(second):
        return first < second
    return first < second - EDGE * max(abs(first), abs(second))


@dataclass(frozen=True)
class Stated:
    """A stated figure: its number, its unit, and the step it is rounded to."""

    number: float
    unit: str
    step: float

    @property
    def rounding(self) -> Range:
        """What rounds to the stated figure."""
        return Range(self.number - self.step / 2, self.number + self.step / 2)

    def near(self, tolerance_pct: float) -> Range:
        """What lies within a tolerance, in per cent of the figure; never less than its rounding."""
        slack = max(abs(self.number) * tolerance_pct / 100, self.step / 2)
        return Range(self.number - slack, self.number + slack)


def stated(text: str, unit: str, step: str = "") -> Stated:
    """A figure as printed (`38.7`, `1,200`). `step` is what it is rounded to, where that is not its last digit.

    Raises VerdictProblem when there is no number, or the unit is none of UNITS.
    """
    if unit not in UNITS:
        raise VerdictProblem(f"unit {unit!r} is none of {', '.join(UNITS)}")
    try:
        number, width = printed_number(text.strip()), printed_number(step.strip())
    except ValueError as error:
        raise VerdictProblem(f"{error}; write digits alone, or say in `against` what to compare with") from None
    if number is None:
        raise VerdictProblem(f"{text!r} is no number")
    return Stated(number.value, unit, width.value if width else 2 * number.half_digit)


def factor(unit: str, to: str) -> float:
    """What one of a unit is in another unit. Raises VerdictProblem when they measure different things."""
    for name in (unit, to):
        if name not in UNITS:
            raise VerdictProblem(f"unit {name!r} is none of {', '.join(UNITS)}")
    if UNITS[unit][0] != UNITS[to][0]:
        raise VerdictProblem(f"a value in {unit} can not be compared with a statement in {to}")
    return UNITS[unit][1] / UNITS[to][1]


def allowed(value: float, lower: float, upper: float) -> Range:
    """What a value allows: its bounds where it has any, else its number alone."""
    if math.isnan(lower) or math.isnan(upper):
        return Range(value, value)
    return Range(lower, upper)


def default_tolerance(unit: str) -> float:
    """The tolerance of a unit in per cent: none for years and ranks."""
    return 0.0 if unit in EXACT else TOLERANCE_PCT


def verdict(claim: Stated, comparison: str, figures: Range, tolerance_pct: float, other: Range | None = None) -> str:
    """The verdict on a stated figure. `figures` is what the held figures allow, in the statement's unit.

    `other` is what the figures allow for something else, whose number the stated one may really be.
    """
    if comparison != "equals":
        found = _one_sided(claim.number, comparison, figures)
    elif figures.inside(claim.rounding):
        found = REPRODUCED
    elif figures.inside(claim.near(tolerance_pct)):
        found = CLOSE
    elif figures.apart(claim.near(tolerance_pct)):
        found = CONTRADICTED
    else:
        found = CONSISTENT
    if found == CONTRADICTED and other is not None and other.inside(claim.rounding):
        return MISATTRIBUTED
    return found


def _one_sided(number: float, comparison: str, figures: Range) -> str:
    """Decided where all that the figures allow lies on one side of the number."""
    least, most = figures.lower, figures.upper
    holds, fails = {
        "more than": (_below(number, least), not _below(number, most)),
        "at least": (not _below(least, number), _below(most, number)),
        "less than": (_below(most, number), not _below(least, number)),
        "at most": (not _below(number, most), _below(number, least)),
    }[comparison]
    return REPRODUCED if holds else CONTRADICTED if fails else CONSISTENT
