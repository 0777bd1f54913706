"""What linear constraints say of quantities nobody published: their identified intervals.

A constraint is one row of a table: `lower ≤ sum of coefficient × variable ≤ upper`, with the
published figure it comes from. The interval of a target holds exactly the values that some
solution of all constraints gives it; each bound names the rows it rests on. When no solution
exists the smallest set of figures that can not hold together is named instead.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from korus.programme import (
    BOUNDED, TOLERANCE, UNDEFINED, Problem, feasible, programme, solve_all, solved,
)

COLUMNS = ["id", "figure", "kind", "text", "terms", "lower", "upper", "source", "ref", "tier",
           "vintage"]


@dataclass(frozen=True)
class Target:
    """A linear combination of variables, or with `per` the ratio of two.

    A linear target has the unit of the constraints' limits, a ratio has none.
    """

    name: str
    terms: dict[str, float]
    per: dict[str, float] | None = None

    def variables(self) -> set[str]:
        """Every variable the target depends on."""
        return set(self.terms) | set(self.per or {})


class Contradiction(ValueError):
    """No solution exists; `conflict` holds the rows of the smallest set of figures at odds."""

    def __init__(self, conflict: pd.DataFrame):
        self.conflict = conflict
        figures = conflict.drop_duplicates("figure")
        words = [f"- {r.text} ({r.source}, tier {r.tier}, {r.ref})" for r in figures.itertuples()]
        super().__init__(
            f"{len(figures)} published figures can not hold together, and no smaller set is at odds:\n"
            + "\n".join(words)
            + "\nDrop a tier (max_tier), or correct the figure that was misread.")


def intervals(constraints: pd.DataFrame, targets: list[Target]) -> pd.DataFrame:
    """Identified interval of each target, one row per target in the order given.

    Columns target, lower, upper (unit of the constraints' limits; ratios without unit; ±inf where
    nothing bounds them), lower_status, upper_status (bounded, unbounded; undefined with lower and
    upper missing where a ratio's denominator can only be zero), lower_rests_on, upper_rests_on
    (sorted ids of constraints with non-zero duals: these rows alone imply the bound). A ratio is
    taken over the solutions with a positive denominator: where that can come near zero while the
    numerator does not, nothing bounds it above. Raises Contradiction when no solution exists.
    """
    table = checked(constraints)
    _require_known(table, targets)
    scale = scale_of(table)
    parts = [part for _, part in _components(table)]
    reduced = {(number,): Reduced(part, scale) for number, part in enumerate(parts)}
    tests = [Problem(r.programme, np.zeros(len(r.programme.variables))) for r in reduced.values()]
    if any(status == UNDEFINED for status, _, _ in solve_all(tests)):
        raise Contradiction(smallest_conflict(constraints))
    home = {name: number for number, part in enumerate(parts)
            for terms in part["terms"] for name in terms}
    placed = [_placed(target, home, parts, reduced, scale) for target in targets]
    ends = _ends(placed)
    rows = [_interval(target, *ends[key], lambda names, key=key, here=here:
                      reduced[key[0]].originals(names, here), scale)
            for target, (key, _, here) in zip(targets, placed, strict=True)]
    return pd.DataFrame(rows, columns=["target", "lower", "upper", "lower_status", "upper_status",
                                       "lower_rests_on", "upper_rests_on"])


def _placed(target: Target, home: dict, parts: list, reduced: dict, scale: float):
    """(key, problem, block it was moved from) of a target in the components it touches, joined."""
    numbers = tuple(sorted({home[name] for name in target.variables()}))
    for place in (numbers, ("whole", *numbers)):
        if place not in reduced:
            joined = pd.concat([parts[number] for number in numbers])
            reduced[place] = Reduced(joined, scale, merge=place == numbers)
        if (moved := reduced[place].moved(target)) is not None:
            break
    terms, per, here = moved
    key = (place, frozenset(terms.items()), None if per is None else frozenset(per.items()))
    programme = reduced[place].programme
    below = None if per is None else programme.vector(per)
    return key, Problem(programme, programme.vector(terms), below), here


def _ends(placed: list) -> dict:
    """The lower and upper answers of each different problem, by its key."""
    problems = {key: problem for key, problem, _ in placed}
    denominators = {(key[0], key[2]): Problem(p.programme, p.per)
                    for key, p in problems.items() if p.per is not None}
    answers = solve_all(list(denominators.values()))
    for (_, terms), (status, value, _) in zip(denominators, answers, strict=True):
        if status != BOUNDED or value < -10 * TOLERANCE:
            names = " + ".join(sorted(name for name, _ in terms))
            raise ValueError(f"ratio per {names}: the denominator can be negative")
    both = [Problem(p.programme, sign * p.costs, p.per) for p in problems.values() for sign in (1, -1)]
    found = solve_all(both)
    return {key: (found[2 * n], found[2 * n + 1]) for n, key in enumerate(problems)}


def _interval(target: Target, low: tuple, high: tuple, originals, scale: float) -> dict:
    """One row of `intervals` from the least value of the target and of its negative."""
    unit = scale if target.per is None else 1.0
    row: dict = {"target": target.name}
    for end, sign, (status, value, rests_on) in (("lower", 1, low), ("upper", -1, high)):
        value = sign * value * unit
        row[end] = 0.0 if abs(value) < 10 * TOLERANCE * unit else float(f"{value:.9g}")
        row[f"{end}_status"] = status
        row[f"{end}_rests_on"] = originals(rests_on)
    return row


class Reduced:
    """A component in which years that nothing tells apart are solved once.

    A variable's block is what follows its last dot: the year. Blocks are twins when their own rows
    are the same but for the year, and every other row holds them with the same coefficients. One of
    the twins stays as it is, and the others may be taken as equal: their mean is a solution whenever
    they are. So the twins but one become one block, and every target is moved to the first.
    """

    def __init__(self, part: pd.DataFrame, scale: float, merge: bool = True):
        rows = _rows(part, scale)
        self.twin_of: dict[str, str] = {}
        self.families: dict[str, dict[str, str]] = {}
        self.programme = programme(self._merged(rows) if merge else rows)

    def _merged(self, rows: list) -> list:
        own, shared, long = defaultdict(dict), defaultdict(set), []
        for name, terms, lower, upper in rows:
            blocks = {block(variable) for variable in terms}
            if len(blocks) == 1:
                key = (frozenset((stem(v), a) for v, a in terms.items()), lower, upper)
                own[blocks.pop()].setdefault(key, name)
                continue
            long.append((name, terms, lower, upper))
            for each in blocks:
                piece = frozenset((stem(v), a) for v, a in terms.items() if block(v) == each)
                shared[each].add((name, piece))
        classes = defaultdict(list)
        for each in sorted(set(own) | set(shared)):
            classes[frozenset(own[each]), frozenset(shared[each])].append(each)
        weight = {}
        for members in classes.values():
            self.twin_of.update(dict.fromkeys(members, members[0]))
            weight.update(zip(members[:2], (1.0, len(members) - 1.0), strict=False))
            for key, name in own[members[0]].items():
                family = {each: own[each][key] for each in members}
                self.families.update({name: family for name in list(family.values())[:2]})
        return [row for row in rows if row[0] in self.families] + [
            (name, {v: a * weight[block(v)] for v, a in terms.items() if block(v) in weight},
             lower, upper)
            for name, terms, lower, upper in long]

    def moved(self, target: Target):
        """(terms, per, block) of a target put on first twins from its block; None if it can not be.

        The block is "" where the target stays where it is.
        """
        blocks = {block(name) for name in target.variables()}
        if all(self.twin_of.get(each, each) == each for each in blocks):
            return target.terms, target.per, ""
        if len(blocks) > 1:
            return None
        here = blocks.pop()

        def move(terms):
            return None if terms is None else {
                f"{stem(v)}.{self.twin_of[here]}": a for v, a in terms.items()}

        return move(target.terms), move(target.per), here

    def originals(self, names: tuple[str, ...], here: str) -> tuple[str, ...]:
        """Sorted ids of the rows that rows of the reduced programme stand for, for a target moved
        from `here`: the first twin's row for its own, the second twin's for those of all others."""
        found = set()
        for name in names:
            family = self.families.get(name)
            if family is None:
                found.add(name)
                continue
            first = next(iter(family))
            own = here if here in family else first
            others = {row for each, row in family.items() if each != own}
            found |= {family[own]} if name == family[first] else others
        return tuple(sorted(found))


def block(variable: str) -> str:
    """The part of a variable's name after its last dot: the year in `G.USA.2024`."""
    return variable.rpartition(".")[2]


def stem(variable: str) -> str:
    """The part of a variable's name before its last dot."""
    return variable.rpartition(".")[0]


def checked(constraints: pd.DataFrame) -> pd.DataFrame:
    """The constraints sorted by id, each usable; raises ValueError naming the first that is not."""
    table = constraints.sort_values("id", kind="stable").reset_index(drop=True)
    for row in table[table["id"].duplicated()].itertuples():
        raise ValueError(f"constraint {row.id!r} stands twice: ids name rows, give each its own")
    for row in table.itertuples():
        if not row.terms or not np.isfinite(list(row.terms.values())).all():
            raise ValueError(f"constraint {row.id!r}: terms {row.terms!r} are no linear combination")
        if not row.lower <= row.upper:
            raise ValueError(f"constraint {row.id!r}: lower {row.lower} is not below upper {row.upper}")
    return table


def scale_of(table: pd.DataFrame) -> float:
    """The power of ten nearest the median limit: figures in millions are solved in about billions."""
    limits = table[["lower", "upper"]].to_numpy(float)
    limits = np.abs(limits[np.isfinite(limits) & (limits != 0)])
    return float(10 ** np.floor(np.log10(np.median(limits)))) if len(limits) else 1.0


def _components(table: pd.DataFrame):
    """Groups of rows that share no variable with one another."""
    names = sorted({name for terms in table["terms"] for name in terms})
    position = {name: j for j, name in enumerate(names)}
    links = [(position[next(iter(terms))], position[name])
             for terms in table["terms"] for name in terms]
    i, j = np.array(links).T
    graph = coo_array((np.ones(len(links)), (i, j)), shape=(len(names), len(names)))
    _, labels = connected_components(graph, directed=False)
    return table.groupby([labels[position[next(iter(terms))]] for terms in table["terms"]])


def _require_known(table: pd.DataFrame, targets: list[Target]) -> None:
    known = {name for terms in table["terms"] for name in terms}
    for target in targets:
        if unknown := sorted(target.variables() - known):
            raise ValueError(f"target {target.name!r}: no constraint speaks of {', '.join(unknown)}")


def smallest_conflict(constraints: pd.DataFrame) -> pd.DataFrame:
    """Rows of the smallest set of published figures that can not hold together; empty if all can.

    Rows without a figure (identities, signs) always hold. A figure that gives several rows (a ratio)
    counts once. Among sets of one size the one whose figures come first by name is taken.

    Every set at odds contains a figure of each correction set (figures whose removal leaves a
    solution), so the smallest set that hits all correction sets found is a lower bound; once it is
    itself at odds it is the smallest. Correction sets come from the programme with elastic rows.
    """
    table = checked(constraints)
    scale = scale_of(table)
    at_odds = [part for _, part in _components(table)
               if not feasible(programme(_rows(part, scale)))]
    if not at_odds:
        return constraints.iloc[:0]
    part = pd.concat(at_odds).sort_values("id", kind="stable")
    figures = sorted(set(part["figure"]) - {""})
    elastic = Elastic(part, scale)
    corrections: list[set[str]] = []
    while True:
        chosen = _smallest_hitting(figures, corrections)
        found = elastic.correction(chosen)
        if found is None:
            break
        held = set(chosen)
        while found:
            corrections.append(found)
            held |= found
            found = elastic.correction(held)
    if not chosen:
        raise ValueError("the identities and signs contradict one another: no figure is to blame")
    return table[table["figure"].isin(chosen)].reset_index(drop=True)


def _rows(part: pd.DataFrame, scale: float) -> list[tuple]:
    return [(r.id, r.terms, r.lower / scale, r.upper / scale) for r in part.itertuples()]


def _smallest_hitting(figures: list[str], sets: list[set[str]]) -> set[str]:
    """The fewest figures that meet every set; among equals those that come first."""
    if not sets:
        return set()
    n = len(figures)
    weights = 1 + np.arange(n) / (n * (n + 1))
    meets = np.array([[figure in each for figure in figures] for each in sets], float)
    answer = milp(weights, constraints=LinearConstraint(meets, lb=1), integrality=np.ones(n),
                  bounds=Bounds(0, 1), options={"mip_rel_gap": 0})
    if answer.x is None:
        raise RuntimeError(f"smallest conflict not found: {answer.message}")
    return {figure for figure, taken in zip(figures, answer.x, strict=True) if taken > 0.5}


class Elastic:
    """The programme in which each published row may be missed at a cost of its distance."""

    def __init__(self, part: pd.DataFrame, scale: float):
        soft = part[part["figure"] != ""].reset_index(drop=True)
        rows, self.slacks = [], []
        for number, (name, terms, lower, upper) in enumerate(_rows(soft, scale)):
            up, down = f"slack.{number}.up", f"slack.{number}.down"
            rows.append((name, {**terms, up: -1.0, down: 1.0}, lower, upper))
            self.slacks += [(up, soft["figure"][number]), (down, soft["figure"][number])]
        signs = [(f"{slack} ≥ 0", {slack: 1.0}, 0.0, np.inf) for slack, _ in self.slacks]
        self.programme = programme(_rows(part[part["figure"] == ""], scale) + rows + signs)
        self.costs = self.programme.vector({slack: 1.0 for slack, _ in self.slacks})

    def correction(self, held: set[str]) -> set[str] | None:
        """Figures missed by a nearest solution in which those of `held` hold; None if they can not."""
        p = self.programme
        bounds = p.bounds.copy()
        for slack, figure in self.slacks:
            if figure in held:
                bounds[p.position[slack], 1] = 0.0
        answer = solved(self.costs, p.a_ub, p.b_ub, p.a_eq, p.b_eq, bounds)
        if answer.status == 2:
            return None
        return {figure for slack, figure in self.slacks if answer.x[p.position[slack]] > 2 * TOLERANCE}
