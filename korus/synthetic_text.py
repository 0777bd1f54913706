"""Values, estimates and tables of the chapter on Korea and its weighted pool."""

import math

import pandas as pd

from korus import investment_effect, synthetic, synthetic_checks
from korus.charts.common import NAMES

GAP = "effects.synthetic.gap.KOR"
INTERVAL = "inverted placebo test in space: gaps in units of the fit before the date, level donors over donors and Korea"
CAVEAT = ("Korea relative to partners that pay new US duties too, not the effect of the duties; goods are not told "
          "apart, and computing goods weigh more in some partners than in others")
FEWER = 0.001              # a donor with a smaller weight counts as none


def record(values, found: synthetic.Effect | None, wide: pd.DataFrame, trade: pd.DataFrame) -> None:
    """Record fit, weights, gaps with their bounds, and where Korea ranks.

    A month's value names the rows of Korea and of the donors used, the others Korea's rows of their months.
    """
    if found is None:
        return
    own, first, last = found.fit, found.months["month"].iloc[0], found.months["month"].iloc[-1]
    begin, end = wide.index[0], own.gaps.index[own.before - 1]
    used = [own.unit, *own.weights.index[own.weights > FEWER]]
    rows = trade[trade["partner"].isin(used) & trade["month"].between(begin, last)]
    korea = rows[rows["partner"] == own.unit]
    for place, period, months, figures in (
        ("before", f"{begin}/{end}", korea[korea["month"] <= end], fit_figures(found)),
        ("after", f"{first}/{last}", korea[korea["month"] >= first], rank_figures(found)),
    ):
        for name, (value, unit) in figures.items():
            values.add(f"effects.synthetic.{name}", value, unit, period, months)
        values.add(f"effects.synthetic.months_{place}", len(months), "count", period, months)
    for row in found.months.itertuples():
        _gap(values, f"{GAP}.{row.month}", (row.gap, row.lower, row.upper), row.month, rows[rows["month"] == row.month])
    _gap(values, f"{GAP}.mean", (own.mean_gap, found.lower, found.upper), f"{first}/{last}",
         korea[korea["month"] >= first])


def fit_figures(found: synthetic.Effect) -> dict[str, tuple[float, str]]:
    """What is said of the fit: name → value, unit."""
    weights = found.fit.weights
    return {"rmspe": (synthetic.per_cent(found.fit.rmspe), "per cent"), "donors": (len(weights), "count"),
            "donors_used": (int((weights > FEWER).sum()), "count"),
            "weight.largest": (100 * weights.max(), "per cent"),
            **{f"weight.{name}": (100 * weight, "per cent") for name, weight in weights.items()}}


def rank_figures(found: synthetic.Effect) -> dict[str, tuple[float, str]]:
    """What is said of the gaps after the date and of Korea's place: name → value, unit."""
    outside = (found.months["lower"] > 0) | (found.months["upper"] < 0)
    return {"rmspe_after": (synthetic.per_cent(found.fit.rmspe_after), "per cent"),
            "rank": (found.rank, "count"), "partners": (len(found.placebos), "count"), "p": (found.p_ratio, "ratio"),
            "p_smallest": (1 / len(found.placebos), "ratio"), "p_mean": (found.p_mean, "ratio"),
            "level": (found.level, "per cent"), "mde": (investment_effect.fall(found.mde), "per cent"),
            "months_outside": (int(outside.sum()), "count")}


def _gap(values, id: str, gap: tuple[float, float, float], period: str, rows: pd.DataFrame) -> None:
    middle, lower, upper = (round(synthetic.per_cent(part), 6) for part in gap)
    values.add(id, middle, "per cent", period, rows, lower=lower, upper=upper)


def largest_donors(found: synthetic.Effect | None, number: int = 3) -> list[str]:
    """The donors with the largest weights, largest first."""
    if found is None:
        return [""] * number
    return list(found.fit.weights.sort_values(ascending=False, kind="stable").index[:number])


def record_choices(values, choices: pd.DataFrame, found: synthetic.Effect | None) -> None:
    """Record the mean gap of every choice, of the one without the largest donor, and the ends of all but placebos."""
    summary = synthetic_checks.summary(choices)
    held = summary[summary["gap_pct"].notna() & (summary["id"] != "main")]
    if found is None or held.empty:
        return
    mean = values.row(f"{GAP}.mean")
    origin = {"tier": mean["tier"], "refs": mean["refs"]}
    effects = choices.set_index("id")["effect"]
    for row in held.itertuples():
        months = effects[row.id].months["month"]
        span = f"{months.iloc[0]}/{months.iloc[-1]}"
        bounds = {"lower": round(row.lower_pct, 6), "upper": round(row.upper_pct, 6)}
        values.add(f"{GAP}.{row.id}", row.gap_pct, "per cent", span, **bounds, **origin)
        values.add(f"effects.synthetic.p.{row.id}", row.p, "ratio", span, **origin)
        if row.id == f"without-{largest_donors(found)[0]}":
            values.add(f"{GAP}.without-largest", row.gap_pct, "per cent", span, **bounds, **origin)
    everyone = summary[summary["role"].isin(["main", "robustness"])]
    span = mean["period"]
    for name, value in (("lowest", everyone["gap_pct"].min()), ("highest", everyone["gap_pct"].max())):
        values.add(f"{GAP}.{name}", value, "per cent", span, **origin)
    values.add("effects.synthetic.choices", len(everyone), "count", span, **origin)
    clear = (everyone["lower_pct"] > 0) | (everyone["upper_pct"] < 0)
    values.add("effects.synthetic.choices_outside", int(clear.sum()), "count", span, **origin)


def record_growth(values, growth: pd.DataFrame) -> None:
    """Record the change of imports from the early to the late window with and without computing goods, per cent."""
    for row in growth.itertuples():
        origin = {"tier": row.tier, "refs": row.ref}
        for name, value, unit in (
            ("change", row.change_pct, "per cent"), ("rest_change", row.rest_change_pct, "per cent"),
            ("computing", row.computing_pp, "percentage points"),
        ):
            values.add(f"effects.synthetic.{name}.{row.partner}.{synthetic_checks.LATE}", value, unit,
                       synthetic_checks.LATE, **origin)


def record_estimates(estimates, choices: pd.DataFrame) -> None:
    """A row of estimates.csv per choice that could be estimated, per cent of the pool."""
    for row in choices.itertuples():
        found = row.effect
        if found is None:
            continue
        estimates.add(
            f"effects.synthetic.gap.{row.id}", method="synthetic control, no negative weights, adding to one, least squares",
            specification=row.specification, role=row.role, estimate=synthetic.per_cent(found.fit.mean_gap),
            lower=synthetic.per_cent(found.lower), upper=synthetic.per_cent(found.upper), level=round(found.level, 4),
            interval_method=INTERVAL, n=len(found.fit.gaps) * len(found.placebos), clusters=len(found.placebos),
            p_randomization=found.p_ratio, mde=investment_effect.fall(found.mde), unit="per cent of the pool",
            caveat=CAVEAT)


def weights_table(found: synthetic.Effect | None) -> pd.DataFrame:
    """Donors and their weights in per cent, largest first; donors below FEWER are counted as none."""
    if found is None:
        return pd.DataFrame()
    weights = found.fit.weights.sort_values(ascending=False, kind="stable")
    return pd.DataFrame({"donor": [NAMES.get(name, name) for name in weights.index],
                         "weight, %": [100 * w if w > FEWER else 0.0 for w in weights]})


def months_table(found: synthetic.Effect | None) -> pd.DataFrame:
    """Gap and bounds by month, per cent of the pool."""
    if found is None:
        return pd.DataFrame()
    parts = {name: found.months[column].map(synthetic.per_cent)
             for name, column in (("gap", "gap"), ("from", "lower"), ("to", "upper"))}
    return pd.DataFrame({"month": found.months["month"], **parts})


def choices_table(choices: pd.DataFrame) -> pd.DataFrame:
    """Every choice in words and numbers."""
    summary = synthetic_checks.summary(choices)
    if summary.empty:
        return pd.DataFrame()
    refused = choices.set_index("id")["refused"]
    words = [f"{row.specification} (not estimated: {refused[row.id]})" if math.isnan(row.gap_pct) else row.specification
             for row in summary.itertuples()]
    return pd.DataFrame({
        "choice": words, "mean gap": summary["gap_pct"], "from": summary["lower_pct"], "to": summary["upper_pct"],
        "fit": summary["rmspe_pct"], "rank": [rank_words(row) for row in summary.itertuples()], "p": summary["p"]})


def rank_words(row) -> str:
    """`4 of 18`, or nothing where not estimated."""
    return "" if math.isnan(row.gap_pct) else f"{int(row.rank)} of {int(row.partners)}"


def growth_table(growth: pd.DataFrame) -> pd.DataFrame:
    """Change of imports with and without computing goods, per cent and percentage points."""
    if growth.empty:
        return pd.DataFrame()
    return pd.DataFrame({
        "partner": growth["partner"].map(NAMES).fillna(growth["partner"]), "totals": growth["basis"],
        "change": growth["change_pct"], "of it computing goods held": growth["computing_pp"],
        "change without them": growth["rest_change_pct"]})


GAP_FORMATS = {name: "{:+.1f}" for name in ("gap", "from", "to", "mean gap")} | {"fit": "{:.1f}", "p": "{:.2f}"}
GROWTH_FORMATS = {name: "{:+.1f}" for name in ("change", "of it computing goods held", "change without them")}
