"""Growth rates printed beside amounts, used as checks of the amounts; the report takes none of them over.

A rate is held against the amount and the amount one year before, both anywhere within their rounding, so
that only what no unrounded figures could give is reported.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from korus.clean.origin import printed_number
from korus.sources.ministry_tables import Figure

PARTS = {"A": ("1", "2", "3", "4"), "1-2": ("1", "2"), "1-3": ("1", "2", "3")}


@dataclass(frozen=True)
class Rate:
    """A printed rate: the figure it stands with, what the amounts allow (per cent), whether they agree."""

    figure: Figure
    low: float
    high: float
    agrees: bool


Span = tuple[float, float]


def rates(figures: list[Figure]) -> list[Rate]:
    """Every printed rate whose base the release holds, as an amount or as the sum of its quarters.

    A base that may be zero within its rounding allows any rate, and is left out.
    """
    amounts = {figure.key: _span(figure.value) for figure in figures}
    found = []
    for figure in figures:
        if not figure.growth:
            continue
        base = _base(figure, amounts)
        if base is None or base[0] <= 0 <= base[1]:
            continue
        rate, (low, high) = _span(figure.growth), _growth(_span(figure.value), base)
        found.append(Rate(figure, low, high, rate[0] <= high + 1e-9 and rate[1] >= low - 1e-9))
    return found


def _span(printed: str) -> Span:
    """Lowest and highest number that is printed so."""
    number = printed_number(printed)
    return number.value - number.half_digit, number.value + number.half_digit


def _base(figure: Figure, amounts: dict[tuple, Span]) -> Span | None:
    """The amount of the same period one year before."""
    def before(quarter: str) -> tuple:
        return (*figure.key[:4], str(int(figure.year) - 1), quarter, figure.measure)

    if before(figure.quarter) in amounts:
        return amounts[before(figure.quarter)]
    parts = [amounts.get(before(quarter)) for quarter in PARTS.get(figure.quarter, ())]
    return _sum(parts) if parts and all(parts) else None


def _sum(parts: Iterable[Span]) -> Span:
    lows, highs = zip(*parts, strict=True)
    return sum(lows), sum(highs)


def _growth(amount: Span, base: Span) -> Span:
    """Lowest and highest growth in per cent from a base that is not zero."""
    corners = [100 * (a / b - 1) for a in amount for b in base]
    return min(corners), max(corners)
