"""What else the series of korus.breaks allows: other dates, two breaks, a slope, other errors, other years.

Alternatives to the main set of break years; functions from arrays (sorted by year) to tables.
"""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from korus.breaks import (
    FEWEST, TIE, BreakError, ConfidenceSet, Design, SupF, aligned, at_partition, checked, confidence_set,
    design, f_path, no_break_p, share_of, signs_for, sup_f, variation,
)


def posterior(y, years, trim: int = 2, *, level: float = 0.95, per_year: bool = False) -> pd.DataFrame:
    """Exact posterior over partitions given one break: span, probability, in_set (smallest set).

    Errors normal; prior flat in both means and in log σ; flat over partitions, or with `per_year`
    over calendar years, so that a gap of ten missing years counts ten times.
    """
    form = design(years, trim)
    data = checked(y, form)
    table = form.spans
    n, residual = len(data), f_path(data, form)[1]
    if not residual.min() > 0:
        raise BreakError("two levels fit without any scatter: the posterior has no variance to work with")
    weight = -0.5 * np.log(form.cuts * (n - form.cuts)) - 0.5 * (n - 2) * np.log(residual)
    if per_year:
        weight = weight + np.log(table["last_year"] - table["first_year"] + 1).to_numpy()
    share = np.exp(weight - weight.max())
    share /= share.sum()
    order = np.argsort(-share, kind="stable")
    kept = np.empty(len(share), dtype=bool)
    kept[order] = np.cumsum(share[order]) - share[order] < level
    return table.assign(probability=share, in_set=kept)


def two_breaks(y, years, trim: int = 2, *, rng=None, draws: int = 9999) -> pd.DataFrame:
    """The best pair of breaks and whether it beats one: spans, means, F (1 and n−3 degrees), p_value.

    The p-value is from the wild bootstrap with the best single break in place. One row.
    """
    form = design(years, trim)
    data = checked(y, form)
    pairs = _pairs(form, trim)
    n = len(data)

    def residuals(rows):
        total, single = variation(rows, form)
        double = np.maximum.reduce([((rows @ basis) ** 2).sum(axis=-1) for basis in pairs["basis"]])
        return total - single.max(axis=-1), total - double

    one, two = residuals(data[None])
    f = ((one - two) / (two / (n - 3)))[0] if two[0] > 0 else np.inf
    best = int(np.argmax([((data @ basis) ** 2).sum() for basis in pairs["basis"]]))
    fitted, residual = at_partition(data, form, int(np.argmax((form.steps @ data) ** 2)))
    signs, exact = signs_for(n, rng, draws)
    alone, both = residuals(fitted + signs * residual)
    saved = np.divide(alone - both, alone, out=np.zeros_like(alone), where=alone > 0)
    count = (saved >= (one - two)[0] / one[0] * (1 - TIE)).sum() if one[0] > 0 else len(saved)
    i, j = pairs["cuts"][best]
    names, y = form.spans["span"].tolist(), np.asarray(y, dtype=float)
    a, b = form.cuts[i], form.cuts[j]
    return pd.DataFrame([{
        "first": names[i], "second": names[j], "mean_1": y[:a].mean(), "mean_2": y[a:b].mean(),
        "mean_3": y[b:].mean(), "f": f, "p_value": share_of(count, len(saved), exact),
    }])


def fits(y, years, trim: int = 2) -> pd.DataFrame:
    """What a break competes with: model, parameters (dates counted), residual_ss, bic.

    A straight line in calendar years is a gradual change. The information criterion ranks fits; it is
    no test, and counts a date as one parameter, which is generous to breaks.
    """
    form = design(years, trim)
    data = checked(y, form)
    n, time = len(data), form.years - form.years.mean()
    total = data @ data
    rows = [("one level", 1, total), ("straight line", 2, total - (time @ data) ** 2 / (time @ time)),
            ("one break", 3, f_path(data, form)[1].min())]
    if n >= 3 * trim:
        pairs = [((data @ basis) ** 2).sum() for basis in _pairs(form, trim)["basis"]]
        rows.append(("two breaks", 5, max(total - max(pairs), 0.0)))
    table = pd.DataFrame(rows, columns=["model", "parameters", "residual_ss"])
    with np.errstate(divide="ignore"):
        return table.assign(bic=n * np.log(table["residual_ss"] / n) + table["parameters"] * np.log(n))


def leave_one_out(y, years, trim: int = 2, *, rng, asked: int, draws: int = 9999,
                  method: str = "normal") -> pd.DataFrame:
    """Test, estimate and set with each year left out; `contains` says whether `asked` is in the set."""
    y, years = aligned(y, years)
    rows = [{"left_out": int(year), **_answers(y[years != year], years[years != year], trim, rng, asked,
                                               draws, method)} for year in years]
    return pd.DataFrame(rows)


def gap_effect(y, years, trim: int = 2, *, rng, asked: int, draws: int = 9999,
               method: str = "normal") -> pd.DataFrame:
    """The answers from ever longer stretches: no gap allowed, short gaps allowed, … the whole series.

    `gap_allowed` is the most missing years in a row within the stretch (the one with most
    observations, the latest of equals). A stretch too short for a test says so in `refused`.
    """
    y, years = aligned(y, years)
    missing = np.diff(years) - 1
    rows, seen = [], set()
    for allowed in sorted({0, *missing.tolist()}):
        parts = np.split(np.arange(len(years)), np.flatnonzero(missing > allowed) + 1)
        part = max(parts, key=lambda rows: (len(rows), rows[-1]))
        if (key := (part[0], part[-1])) in seen:
            continue
        seen.add(key)
        row = {"from": int(years[part[0]]), "to": int(years[part[-1]]), "gap_allowed": int(allowed),
               "n": len(part), "refused": ""}
        try:
            row |= _answers(y[part], years[part], trim, rng, asked, draws, method)
        except BreakError as error:
            row["refused"] = str(error)
        rows.append(row)
    return pd.DataFrame(rows)


def persistence(y, years, trim: int = 2, *, rng, asked: int, rhos=(0.0, 0.2, 0.4, 0.6),
                draws: int = 9999) -> pd.DataFrame:
    """The answers if errors fade as rho**(years apart) instead of being independent; rho is assumed.

    Test and set weigh the years accordingly (generalised least squares) and are exact for normal
    errors at each rho; the p-value at 0 therefore differs a little from the wild bootstrap's.
    """
    rows = []
    for rho in rhos:
        found = confidence_set(y, years, trim, rng=rng, draws=draws, persistence=rho)
        form = design(years, trim, rho)
        p = no_break_p(checked(y, form), form, rng, draws, normal=True)[0]
        rows.append({"rho": rho, "p_value": p, "estimate": found.estimate,
                     "set": ", ".join(found.spans), "contains": found.contains(asked)})
    return pd.DataFrame(rows)


def _answers(y, years, trim, rng, asked, draws, method) -> dict:
    test = sup_f(y, years, trim, rng=rng, draws=draws)
    found = confidence_set(y, years, trim, rng=rng, draws=draws, method=method)
    return {"f": test.statistic, "p_value": test.p_value, "estimate": found.estimate,
            "set": ", ".join(found.spans), "contains": found.contains(asked),
            "no_break_compatible": found.no_break_compatible}


def _pairs(form: Design, trim: int) -> dict[str, list]:
    """Every admissible pair of breaks: positions among the cuts, and an orthonormal basis of its steps."""
    cuts = [(i, j) for i, j in combinations(range(len(form.cuts)), 2)
            if form.cuts[j] - form.cuts[i] >= trim]
    if not cuts:
        raise BreakError(f"no admissible partition: three segments of at least {trim} do not fit into "
                         f"{len(form.years)} observations")
    bases = [np.linalg.qr(form.steps[[i, j]].T)[0] for i, j in cuts]
    return {"cuts": cuts, "basis": bases}


def methods(y, years, main, trim: int = 2, *, rng, draws: int = 9999) -> pd.DataFrame:
    """p-value of each break year under the main set's test and two others, and its posterior in per cent."""
    others = {name: confidence_set(y, years, trim, rng=rng, method=name, draws=draws).table["p_value"]
              for name in ("permutation", "wild")}
    return pd.DataFrame({
        "break in": main.table["span"], "normal (main)": main.table["p_value"], **others,
        "posterior, %": 100 * posterior(y, years, trim)["probability"],
    })


@dataclass(frozen=True)
class Answers:
    """Everything the chapter says about one series; all tables are empty where too few years are held."""

    test: SupF | None = None
    chosen: ConfidenceSet | None = None
    compared: pd.DataFrame = field(default_factory=pd.DataFrame)
    two: pd.DataFrame = field(default_factory=pd.DataFrame)
    fits: pd.DataFrame = field(default_factory=pd.DataFrame)
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    persistence: pd.DataFrame = field(default_factory=pd.DataFrame)


def answers(series: pd.DataFrame, rng, asked: int) -> Answers:
    """The main test and set, and every alternative, for `breaks.balance`'s series."""
    if len(series) < FEWEST:
        return Answers()
    y, years = series["log_ratio"].to_numpy(), series["year"].to_numpy()
    chosen = confidence_set(y, years, rng=rng)
    return Answers(
        test=sup_f(y, years, rng=rng), chosen=chosen, compared=methods(y, years, chosen, rng=rng),
        two=two_breaks(y, years, rng=rng), fits=fits(y, years),
        gaps=gap_effect(y, years, rng=rng, asked=asked),
        left_out=leave_one_out(y, years, rng=rng, asked=asked) if len(series) > FEWEST else pd.DataFrame(),
        persistence=persistence(y, years, rng=rng, asked=asked))


def record(values, series: pd.DataFrame, found: Answers, asked: int) -> None:
    """Record the estimate, its set, the tests, the p-values of `asked`, the best pair of breaks and the balance.

    The balance is the ratio of the two outflows, by year; `p_alike.0-6` is the p-value of a break if the errors of
    neighbouring years have a correlation of 0.6.
    """
    if found.chosen is None:
        return
    inside = found.chosen.table[found.chosen.table["in_set"]]
    best = found.chosen.table[found.chosen.table["span"] == found.chosen.estimate].iloc[0]
    first, last = int(inside["first_year"].min()), int(inside["last_year"].max())
    values.add("greenfield.break.year", best["last_year"], "year", found.chosen.estimate, series,
               lower=first, upper=last)
    values.add("greenfield.break.first", first, "year", str(first), series)
    values.add("greenfield.break.last", last, "year", str(last), series)
    span = f"{series['year'].min()}/{series['year'].max()}"
    values.add("greenfield.break.observations", len(series), "count", span, series)
    values.add("greenfield.break.f", found.test.statistic, "ratio", span, series)
    values.add("greenfield.break.p_pct", 100 * found.test.p_value, "per cent", span, series)
    values.add(f"greenfield.break.contains.{asked}", int(found.chosen.contains(asked)), "count", str(asked), series)
    row = found.compared[found.compared["break in"] == str(asked)]
    for name, column in (("normal", "normal (main)"), ("permutation", "permutation"), ("wild", "wild")):
        if len(row):
            values.add(f"greenfield.break.p_{asked}.{name}", row[column].iloc[0], "ratio", str(asked), series)
    two = found.two.iloc[0]
    values.add("greenfield.break.two.p", two["p_value"], "ratio", span, series)
    for name in ("first", "second"):
        values.add(f"greenfield.break.two.{name}", int(two[name][-4:]), "year", two[name], series)
    for row in found.persistence.itertuples():
        values.add("greenfield.break.p_alike." + f"{row.rho:.1f}".replace(".", "-"), row.p_value, "ratio", span, series)
    for row in series.itertuples():
        values.add(f"greenfield.break.balance.{row.year}", float(np.exp(row.log_ratio)), "ratio", str(row.year),
                   series.loc[[row.Index]])
