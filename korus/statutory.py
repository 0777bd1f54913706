"""The statutory rate on Korean goods: what the law charges on each line of the schedule on each day.

Measures are data (tariff_rules with measures): nothing here knows a country, a product or a date but the
day of the schedule. A rate is an interval [lower, upper]: a measure that covers a part of a line, or the
metal in it, leaves open which of two rates a shipment pays, and both are kept. How measures stack:

* the base is the rate of the free-trade agreement; a rule of layer `base` sets it where the date is known;
* a `general` measure (reciprocal duty, Section 122, Section 301) is charged on all goods it does not exempt;
* an article covered by `section 232` pays the first such measure instead of the general one;
* a safeguard comes `on top` of everything.

All rates are in per cent of customs value.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from korus.clean.measures import IDLE

# The schedule held is of January 2025: before, rates of the agreement were still being phased in.
SCHEDULE_FROM = "2025-01-01"
BASE = "base"
OPEN = "9999-12-31"
NONE, PART, WHOLE = 0, 1, 2


@dataclass(frozen=True)
class Rates:
    """Rates by day of change (rows) and line (columns), per cent; `parts` the same by authority."""

    days: list[str]
    codes: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    parts: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def row(self, day: str) -> int:
        """The row in force on a day. Raises ValueError for a day before the first."""
        place = int(np.searchsorted(self.days, str(day), side="right")) - 1
        if place < 0:
            raise ValueError(f"{day}: rates are held from {self.days[0]}")
        return place


def applied(rules: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Rules with the rate, basis, authority and days of their measures; measures that never applied left out.

    `measures` are those a reader knew (clean.measures.known_by). A rule whose measure is not among them drops.
    """
    lawful = measures[~measures["status"].isin(IDLE)]
    columns = ["measure", "effective", "until", "rate_pct", "basis", "authority", "ref"]
    joined = rules.merge(lawful[columns], on=["measure", "effective"], suffixes=("", "_measure"), validate="m:1")
    return joined.assign(until=joined["until"].fillna(OPEN), rate_pct=joined["rate_pct"].astype(float))


def days_of_change(rules: pd.DataFrame, groups: pd.DataFrame, first: str, last: str) -> list[str]:
    """Days from `first` to `last` on which a rule or a product group begins or ends, `first` included."""
    used = groups[groups["group"].isin(rules["group"])]
    begins = {*rules["effective"], *used["first"].dropna(), SCHEDULE_FROM}
    ends = {*rules["until"], *used["last"].dropna()} - {OPEN}
    begins |= {str(np.datetime64(day) + 1) for day in ends}
    return [first, *sorted(day for day in begins if first < day <= last)]


def extents(codes: np.ndarray, group: pd.DataFrame) -> np.ndarray:
    """NONE, PART or WHOLE for each code (sorted, eight digits or more) and the rows of one group.

    A group's code takes in every line that begins with it, whole unless it says otherwise; a code longer than
    a line is a part of that line.
    """
    found = np.zeros(len(codes), dtype=np.int8)
    own = group["code"].to_numpy(dtype=str)
    begins, ends = np.searchsorted(codes, own), np.searchsorted(codes, np.char.add(own, "~"))
    for code, whole, begin, end in zip(own, group["whole"], begins, ends, strict=True):
        if end > begin:
            extent = WHOLE if whole or len(code) > 8 else PART
            found[begin:end] = np.maximum(found[begin:end], extent)
        elif len(code) > 8:
            line = np.searchsorted(codes, code[:8])
            if line < len(codes) and codes[line] == code[:8]:
                found[line] = max(found[line], PART)
    return found


class Scopes:
    """The extent of each product group on each day, computed once per group and set of dates."""

    def __init__(self, codes: np.ndarray, groups: pd.DataFrame):
        self.codes = codes
        dated = groups.assign(first=groups["first"].fillna(""), last=groups["last"].fillna(OPEN))
        self.parts = {
            name: [(*days, extents(codes, rows)) for days, rows in group.groupby(["first", "last"])]
            for name, group in dated.groupby("group")}
        self.everything = np.full(len(codes), WHOLE, dtype=np.int8)

    def on(self, group: str, day: str) -> np.ndarray:
        """Extents of a group on a day; the group `all` takes in every line."""
        if group == "all":
            return self.everything
        now = [found for first, last, found in self.parts[group] if first <= day <= last]
        return np.maximum.reduce(now) if now else np.zeros(len(self.codes), dtype=np.int8)


def charge(base: np.ndarray, rate: float, basis: str | None) -> np.ndarray:
    """Total rate when a measure is charged: on top of the base, up to its own rate, or nothing more."""
    if basis == "inclusive":
        return np.maximum(base, rate)
    return base if basis in ("exempt", "quota") else base + rate


def merged(held: np.ndarray, new: np.ndarray, extent: np.ndarray, pick) -> np.ndarray:
    """`held` where a measure does not reach, `new` where it takes whole lines, the wider of both between."""
    return np.where(extent == WHOLE, new, np.where(extent == PART, pick(held, new), held))


def rates(
    lines: pd.DataFrame, groups: pd.DataFrame, rules: pd.DataFrame, first: str, last: str, *,
    preference: bool = True, metal: bool = True, by_authority: bool = False,
) -> Rates:
    """Statutory rates of all lines from `first` to `last`, one row per day of change.

    `lines` has hs (sorted), general_pct and korus_pct; `rules` come from `applied`. Without `preference` the
    base is the general rate: what the same goods would pay from a country without the agreement. A duty on the metal
    in an article falls on anything from none of its value to all; without `metal` it is left out of both bounds.
    The rates by authority take several times the memory and are kept on request.
    """
    codes = lines["hs"].to_numpy(dtype=str)
    if (codes[:-1] >= codes[1:]).any():
        raise ValueError("lines: codes must be sorted and each stand once")
    scopes = Scopes(codes, groups)
    authorities = [BASE, *sorted(set(rules.loc[rules["layer"] != "base", "authority"]))] if by_authority else []
    days = days_of_change(rules, groups, first, last)
    shape = (len(days), len(codes))
    result = Rates(days, codes, np.empty(shape), np.empty(shape),
                   {name: (np.zeros(shape), np.zeros(shape)) for name in authorities})
    ordered = list(rules.sort_values(["order", "measure", "group"]).itertuples())
    for row, day in enumerate(days):
        now = [rule for rule in ordered if rule.effective <= day <= rule.until
               and (metal or rule.extent != "content")]
        bounds = [_on_day(lines, now, scopes, day, preference, side) for side in (0, 1)]
        for side, (total, parts) in enumerate(bounds):
            (result.lower, result.upper)[side][row] = total
            for name in authorities:
                result.parts[name][side][row] = parts.get(name, 0.0)
    return result


def _on_day(
    lines: pd.DataFrame, now: list, scopes: Scopes, day: str, preference: bool, side: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Total rate and rate by authority of each line on a day: the lower bound (side 0) or the upper (1).

    The bound of the total and of each authority is taken for itself: the bounds of the parts need not add up.
    """
    pick = (np.minimum, np.maximum)[side]
    base, far_base = _bases(lines, now, scopes, day, preference, side)
    nothing = np.zeros(len(base))
    total, parts = base, {BASE: base}
    for rule in (r for r in now if r.layer == "general" and r.role == "covers"):
        extent = _less_exempt(rule, now, scopes, day)
        total = merged(total, charge(total, rule.rate_pct, rule.basis), extent, pick)
        extra = charge(far_base, rule.rate_pct, rule.basis) - far_base
        parts[rule.authority] = merged(parts.get(rule.authority, nothing), extra, extent, pick)
    for rule in (r for r in reversed(now) if r.layer == "section 232"):
        extent = _extent(rule, scopes, day)
        total = merged(total, charge(base, rule.rate_pct, rule.basis), extent, pick)
        extra = charge(far_base, rule.rate_pct, rule.basis) - far_base
        for name in {*parts, rule.authority} - {BASE}:
            due = extra if name == rule.authority else nothing
            parts[name] = merged(parts.get(name, nothing), due, extent, pick)
    for rule in (r for r in now if r.layer == "on top"):
        added = merged(nothing, nothing + rule.rate_pct, _extent(rule, scopes, day), pick)
        total = total + added
        parts[rule.authority] = parts.get(rule.authority, nothing) + added
    return total, parts


def _extent(rule, scopes: Scopes, day: str) -> np.ndarray:
    """Extent of a rule: that of its group, at most a part where the rule reaches a part of the value."""
    extent = scopes.on(rule.group, day)
    return extent if rule.extent == "whole" else np.minimum(extent, PART)


def _bases(
    lines: pd.DataFrame, now: list, scopes: Scopes, day: str, preference: bool, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Base rate of each line: the bound of this side, and the opposite bound."""
    general = lines["general_pct"].to_numpy(dtype=float)
    if not preference:
        return general, general
    korus = lines["korus_pct"].to_numpy(dtype=float)
    if day >= SCHEDULE_FROM:
        return korus, korus
    bounds = [np.minimum(korus, general), np.maximum(korus, general)]
    for rule in (r for r in now if r.layer == "base"):
        known = scopes.on(rule.group, day) == WHOLE
        bounds = [np.where(known, rule.rate_pct, bound) for bound in bounds]
    return bounds[side], bounds[1 - side]


def _less_exempt(rule, now: list, scopes: Scopes, day: str) -> np.ndarray:
    """Extent of a general measure once the exemptions of its authority are taken out."""
    extent = _extent(rule, scopes, day)
    for other in (r for r in now if r.role == "exempts" and r.authority == rule.authority):
        out = _extent(other, scopes, day)
        extent = np.where(out == WHOLE, NONE, np.where(out == PART, np.minimum(extent, PART), extent))
    return extent


def in_force(changes: list[str], first: str, last: str) -> tuple[np.ndarray, np.ndarray]:
    """Every day from `first` to `last`, and for each the place of the last of `changes` (sorted days) up to it.

    Raises ValueError for days before the first change: nothing is known of them.
    """
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    rows = np.searchsorted(np.array(changes, dtype="datetime64[D]"), days, side="right") - 1
    if len(rows) and rows[0] < 0:
        raise ValueError(f"{first}: rates are held from {changes[0] if len(changes) else 'no day'}")
    return days, rows


def each_day(rates: Rates, first: str, last: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days from `first` to `last`, and the bounds of every line on each: two arrays (days, lines)."""
    days, rows = in_force(rates.days, first, last)
    return days, rates.lower[rows], rates.upper[rows]
