"""Linear programmes of many small questions over the same rows, solved side by side by HiGHS."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, coo_array, csr_array, hstack, vstack

BOUNDED, UNBOUNDED, UNDEFINED = "bounded", "unbounded", "undefined"

TOLERANCE = 1e-9     # of HiGHS, in scaled units (near billions): about one dollar
DUAL_ZERO = 1e-7     # a dual below this carries no bound
OPTIONS = {"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE}


@dataclass
class Programme:
    """Rows `lower ≤ A x ≤ upper` in scaled units; x ≥ 0 where `sign_row` names a row saying so."""

    variables: list[str]
    ids: list[str]
    matrix: csr_array
    lower: np.ndarray
    upper: np.ndarray
    sign_row: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.position = {name: j for j, name in enumerate(self.variables)}
        equal = self.lower == self.upper
        above = np.flatnonzero(np.isfinite(self.upper) & ~equal)
        below = np.flatnonzero(np.isfinite(self.lower) & ~equal)
        self.ub_rows, self.eq_rows = np.concatenate([above, below]), np.flatnonzero(equal)
        sign = np.concatenate([np.ones(len(above)), -np.ones(len(below))])
        self.a_ub = csr_array(self.matrix[self.ub_rows] * sign[:, None])
        self.b_ub = np.concatenate([self.upper[above], -self.lower[below]])
        self.a_eq, self.b_eq = self.matrix[self.eq_rows], self.upper[self.eq_rows]
        self.bounds = np.array([[0 if name in self.sign_row else -np.inf, np.inf]
                                for name in self.variables]).reshape(-1, 2)

    def vector(self, terms: dict[str, float]) -> np.ndarray:
        """Coefficients of a linear combination."""
        row = np.zeros(len(self.variables))
        for name, coefficient in terms.items():
            row[self.position[name]] += coefficient
        return row

    @cached_property
    def homogeneous(self):
        """(A_ub, A_eq) of y = x t with t as last column: every limit moves to the left."""
        return (hstack([self.a_ub, -self.b_ub[:, None]], format="csr"),
                hstack([self.a_eq, -self.b_eq[:, None]], format="csr"))

    def named(self, unequal: np.ndarray, equal: np.ndarray, below: np.ndarray) -> tuple[str, ...]:
        """Sorted ids of the rows whose dual is not zero."""
        names = {self.ids[row] for row in self.ub_rows[np.abs(unequal) > DUAL_ZERO]}
        names |= {self.ids[row] for row in self.eq_rows[np.abs(equal) > DUAL_ZERO]}
        names |= {self.sign_row[self.variables[j]] for j in np.flatnonzero(np.abs(below) > DUAL_ZERO)
                  if self.variables[j] in self.sign_row}
        return tuple(sorted(names))


@dataclass
class Problem:
    """The least value of costs·x over a programme, or with `per` of costs·x / per·x.

    The ratio is solved after Charnes and Cooper: y = x t with per·y = 1 and t ≥ 0.
    """

    programme: Programme
    costs: np.ndarray
    per: np.ndarray | None = None

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return len(self.costs) + (self.per is not None)

    def form(self):
        """(costs, A_ub, b_ub, A_eq, b_eq, bounds) for linprog."""
        p = self.programme
        if self.per is None:
            return self.costs, p.a_ub, p.b_ub, p.a_eq, p.b_eq, p.bounds
        a_ub, a_eq = p.homogeneous
        return (np.append(self.costs, 0.0), a_ub, np.zeros(len(p.b_ub)),
                vstack([a_eq, csr_array(np.append(self.per, 0.0)[None, :])], format="csr"),
                np.append(np.zeros(len(p.b_eq)), 1.0), np.vstack([p.bounds, [0, np.inf]]))


def solve_all(problems: list[Problem], most: int = 1500):
    """(status, least value, ids of the rows with a dual) of each problem.

    Problems are solved side by side, up to `most` columns in one call, because a call costs more
    than a small problem does. A stack in which one has no optimum is halved until that one is alone.
    """
    answers, stack, columns = [], [], 0
    for problem in problems:
        if stack and columns + problem.columns > most:
            answers += _stacked(stack)
            stack, columns = [], 0
        stack.append(problem)
        columns += problem.columns
    return answers + (_stacked(stack) if stack else [])


def _stacked(problems: list[Problem]):
    costs, a_ub, b_ub, a_eq, b_eq, bounds = zip(*(p.form() for p in problems), strict=True)
    answer = solved(np.concatenate(costs), block_diag(a_ub, format="csr"), np.concatenate(b_ub),
                     block_diag(a_eq, format="csr"), np.concatenate(b_eq), np.vstack(bounds))
    if answer.status and len(problems) > 1:
        half = len(problems) // 2
        return _stacked(problems[:half]) + _stacked(problems[half:])
    if answer.status:
        return [(UNBOUNDED, -np.inf, ()) if answer.status == 3 else (UNDEFINED, np.nan, ())]

    def split(values, pieces):
        return np.split(values[: sum(map(len, pieces))], np.cumsum([len(p) for p in pieces])[:-1])

    pieces = zip(problems, costs, split(answer.x, costs), split(answer.ineqlin.marginals, b_ub),
                 split(answer.eqlin.marginals, b_eq), split(answer.lower.marginals, costs), strict=True)
    return [(BOUNDED, float(c @ x), p.programme.named(
                unequal, equal[: len(p.programme.eq_rows)], below[: len(p.costs)]))
            for p, c, x, unequal, equal, below in pieces]


def solved(costs, a_ub, b_ub, a_eq, b_eq, bounds):
    """linprog's answer, optimal (0), infeasible (2) or unbounded (3); anything else is an error."""
    for presolve in (True, False):
        answer = linprog(
            costs, A_ub=a_ub if a_ub.shape[0] else None, b_ub=b_ub if len(b_ub) else None,
            A_eq=a_eq if a_eq.shape[0] else None, b_eq=b_eq if len(b_eq) else None, bounds=bounds,
            method="highs-ds", options={**OPTIONS, "presolve": presolve})
        if answer.status in (0, 2, 3):
            return answer
    raise RuntimeError(f"linear programme of {len(costs)} variables not solved: {answer.message}")


def feasible(rows: Programme) -> bool:
    """Whether any solution exists."""
    return solve_all([Problem(rows, np.zeros(len(rows.variables)))])[0][0] != UNDEFINED


def programme(rows: list[tuple]) -> Programme:
    """The programme of rows (id, terms, lower, upper); a row `x ≥ 0` becomes a bound of x."""
    sign_row, kept = {}, []
    for name, terms, lower, upper in rows:
        if len(terms) == 1 and lower == 0 and upper == np.inf and next(iter(terms.values())) > 0:
            sign_row.setdefault(next(iter(terms)), name)
        else:
            kept.append((name, terms, lower, upper))
    variables = sorted({variable for _, terms, _, _ in rows for variable in terms})
    position = {name: j for j, name in enumerate(variables)}
    entries = [(i, position[v], a) for i, (_, terms, _, _) in enumerate(kept) for v, a in terms.items()]
    i, j, a = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = coo_array((np.array(a, float), (np.array(i, int), np.array(j, int))),
                       shape=(len(kept), len(variables))).tocsr()
    return Programme(variables, [r[0] for r in kept], matrix, np.array([r[2] for r in kept], float),
                     np.array([r[3] for r in kept], float), sign_row)
