"""Estimates, values and tables of the chapter on imports and the duty rate."""

import numpy as np
import pandas as pd

from korus import imports_curve, imports_effect, imports_panel, randomization
from korus.charts.common import NAMES
from korus.clean.origin import number_column, with_origin
from korus.tariffs import COMPUTING

SEED = 20261125
PERMUTATIONS = 4999
REACH = 60.0
# Size of a normal test at 5 per cent with power 80: what an estimate must be for a test to find it four times in five.
POWER_FACTOR = 1.959964 + 0.841621
NORMAL = 1.959964
DEFINITION = ("imports for consumption on the logarithm of one plus the collected rate, all partners, 2017 on; "
              "partner and month effects")
CAVEAT = ("Rates were not assigned by chance, and exempt computing goods lower a partner's rate while its imports grow; "
          "placebo rates placed before 2025 are not near zero.")
QUESTION = "How do imports move with the duty rate?"


def main_estimate(frame: pd.DataFrame) -> dict:
    """The main specification with its wild score interval and permutation p: a row for Estimates.add, without texts.

    estimate, lower, upper, level, n, clusters, p_randomization, mde.
    """
    fit = imports_effect.fit(frame)
    values, treatment, partners, _ = imports_panel.wide(frame)
    rng = np.random.default_rng(SEED)
    patterns = randomization.signs(len(partners), PERMUTATIONS, rng)
    orders = randomization.permutations(len(partners), PERMUTATIONS, rng)
    low, high = randomization.interval(
        lambda beta: randomization.wild_p(values, treatment, beta, patterns), fit.estimate, REACH)
    half = (high - low) / 2
    return {"estimate": fit.estimate, "lower": low, "upper": high, "level": 95.0, "n": fit.n, "clusters": fit.clusters,
            "p_randomization": randomization.permutation_p(values, treatment, 0.0, orders),
            "mde": half * POWER_FACTOR / NORMAL}


def add_fit(estimates, id: str, fit: imports_effect.Fit, specification: str, role: str, method: str = "PPML",
            caveat: str = CAVEAT) -> None:
    """Record a robustness or placebo fit with its clustered interval, and say that this interval is too narrow."""
    low, high = (fit.estimate + sign * NORMAL * fit.error for sign in (-1, 1))
    estimates.add(id, method=method, specification=specification, role=role, estimate=fit.estimate, lower=low, upper=high,
                  level=95.0, interval_method="CRV1 by partner, normal; too narrow with few partners", n=fit.n,
                  clusters=fit.clusters, mde=POWER_FACTOR * fit.error, unit="elasticity", caveat=caveat)


def record_curve(estimates, found: pd.DataFrame) -> None:
    """Record every fit of the curve as a robustness row."""
    for row in found.itertuples():
        sample = row.sample.replace(" ", "-")
        id = (f"effects.imports.curve.{sample}.{row.method}.{'seasonal' if row.seasonal else 'plain'}."
              f"{row.start}/{row.end}")
        fit = imports_effect.Fit(pd.Series({"log_rate": row.estimate}), pd.Series({"log_rate": row.error}), row.n,
                                 row.clusters)
        add_fit(estimates, id, fit, f"{row.sample}; {row.start} to {row.end}; "
                f"{'partner by calendar month' if row.seasonal else 'partner'} and month effects", "robustness",
                "PPML" if row.method == "ppml" else "log-linear least squares")


def record_summary(estimates, values, found: pd.DataFrame, main: dict, frame: pd.DataFrame) -> None:
    """Record the main value and the least, median and largest estimate of the curve, and those without China."""
    korea = frame[frame["partner"] == "KOR"]
    origin = {"tier": int(frame["tier"].max()), "refs": " ".join(sorted(set(korea["ref"])))}
    span = f"{frame['month'].min()}/{frame['month'].max()}"
    values.add("effects.imports.elasticity.main", main["estimate"], "elasticity", span, lower=main["lower"],
               upper=main["upper"], **origin)
    for name, word, number in (("min", "least", found["estimate"].min()), ("median", "middle", found["estimate"].median()),
                               ("max", "largest", found["estimate"].max())):
        values.add(f"effects.imports.elasticity.{name}", number, "elasticity", span, **origin)
        estimates.add(f"effects.imports.elasticity.{name}", method="specification curve",
                      specification=f"{word} of {len(found)} fits", role="robustness", estimate=float(number),
                      interval_method="none: a summary of the curve, whose fits have their own rows", n=len(found),
                      unit="elasticity", caveat=CAVEAT)
    base = of_main(found)
    for name, sample in (("without_china", "without China"), ("without_computing", "without computing partners"),
                         ("without_both", "without China and computing")):
        if sample in base.index:
            values.add(f"effects.imports.elasticity.{name}", base.at[sample, "estimate"], "elasticity", span, **origin)
            record_ends(values, f"effects.imports.elasticity.{name}", found[found["sample"] == sample], span, origin)
    record_ends(values, "effects.imports.elasticity.all", found[found["sample"] == "all"], span, origin)
    one_out = [name for name in base.index if name not in imports_curve.NAMED or name == "without China"]
    record_ends(values, "effects.imports.elasticity.one_out", base.loc[one_out], span, origin)
    values.add("effects.imports.p_permutation", 100 * main["p_randomization"], "per cent", span, **origin)
    values.add("effects.imports.fits", len(found), "count", span, **origin)
    values.add("effects.imports.partners", main["clusters"], "count", span, **origin)
    for row in imports_curve.shares(found).itertuples():
        values.add(f"effects.imports.spread_share.{row.choice}", row.share_pct, "per cent", span, **origin)
    if len(base) and "without China and computing" in base.index:
        for name, part in imports_curve.swing(base["estimate"].to_dict()).items():
            values.add(f"effects.imports.swing.{name.replace(' ', '_')}", part, "elasticity", span, **origin)


def record_ends(values, id: str, fits: pd.DataFrame, span: str, origin: dict) -> None:
    """Record the least and the largest estimate of some fits of the curve."""
    if len(fits):
        values.add(f"{id}.min", fits["estimate"].min(), "elasticity", span, **origin)
        values.add(f"{id}.max", fits["estimate"].max(), "elasticity", span, **origin)


def record_starts(values, found: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Record the main specification in panels that begin later, by the year they begin."""
    end = found["end"].max()
    own = found[(found["sample"] == "all") & (found["end"] == end) & (found["method"] == "ppml") & ~found["seasonal"]]
    rows = frame[frame["partner"] == "KOR"]
    for row in own[own["start"] > own["start"].min()].itertuples():
        values.add(f"effects.imports.elasticity.since_{row.start[:4]}", row.estimate, "elasticity",
                   f"{row.start}/{row.end}", rows[rows["month"] >= row.start])


def record_changes(values, changes: pd.DataFrame, frame: pd.DataFrame, late: tuple[str, str]) -> None:
    """Record change of imports and of the rate by partner (`charts.imports.scatter_data`), and the largest of a rate."""
    span, last = "/".join(late), frame[frame["month"].between(*late)]
    for row in changes.itertuples():
        own = last[last["partner"] == row.partner]
        values.add(f"effects.imports.change.{row.partner}", row.change_pct, "per cent", span, own)
        values.add(f"effects.imports.rate_change.{row.partner}", row.rate_pp, "percentage points", span, own)
    if len(changes):
        top = changes.loc[changes["rate_pp"].idxmax()]
        values.add("effects.imports.rate_change.largest", top["rate_pp"], "percentage points", span,
                   last[last["partner"] == top["partner"]])


def of_main(found: pd.DataFrame) -> pd.DataFrame:
    """The fits that differ from the main one in their sample alone, by sample."""
    own = found[(found["start"] == found["start"].min()) & (found["end"] == found["end"].max())
                & (found["method"] == "ppml") & ~found["seasonal"]]
    return own.set_index("sample")


def record_placebos(estimates, values, frame: pd.DataFrame, before: str) -> pd.DataFrame:
    """Fits with later rates placed before `before`: months, estimate, lower, upper."""
    rows = []
    for months, first in ((12, "2017-01"), (18, "2017-01"), (24, "2017-01"), (12, "2022-01")):
        early = imports_effect.placebo(frame[frame["month"] >= first], months, before)
        fit = imports_effect.fit(early)
        since = "" if first == "2017-01" else f", since {first[:4]}"
        add_fit(estimates, f"effects.imports.placebo.{months}{'.since-2022' if since else ''}", fit,
                f"rates of {months} months later, imports before {before}{since}", "placebo",
                caveat="Should be near zero; where it is not, partners with rising rates were already losing ground.")
        rows.append((f"{months} months early{since}", fit.estimate, fit.estimate - NORMAL * fit.error,
                     fit.estimate + NORMAL * fit.error))
    table = pd.DataFrame(rows, columns=["rates placed", "elasticity", "lower", "upper"])
    for id, row in zip(("12", "18", "24", "12_since_2022"), table.itertuples(), strict=True):
        values.add(f"effects.imports.placebo.{id}", row.elasticity, "elasticity",
                   f"{frame['month'].min()}/{before}", lower=row.lower, upper=row.upper,
                   tier=int(frame["tier"].max()), refs=frame["ref"].iloc[0])
    return table


def record_timing(estimates, frame: pd.DataFrame) -> pd.DataFrame:
    """The rate of the same month with those of three months before and after: month, elasticity, lower, upper."""
    names = {**{f"lead{k}": f"{k} later" for k in (3, 2, 1)}, "log_rate": "same month",
             **{f"lag{k}": f"{k} earlier" for k in (1, 2, 3)}}
    fit = imports_effect.fit(imports_effect.with_lags(frame, 3, 3), extra=tuple(n for n in names if n != "log_rate"))
    rows = []
    for name, words in names.items():
        one = imports_effect.Fit(pd.Series({"log_rate": fit.coefficients[name]}),
                                 pd.Series({"log_rate": fit.errors[name]}), fit.n, fit.clusters)
        add_fit(estimates, f"effects.imports.timing.{name}", one,
                f"rates of seven months in one regression; that of the month: {words}", "robustness")
        rows.append((words, one.estimate, one.estimate - NORMAL * one.error, one.estimate + NORMAL * one.error))
    return pd.DataFrame(rows, columns=["rate of the month", "elasticity", "lower", "upper"])


def record_differences(estimates, frame: pd.DataFrame) -> None:
    """Long differences over partners, between the same months of two years."""
    for early, late in ((("2024-01", "2024-08"), ("2026-01", "2026-08")),
                        (("2024-09", "2025-02"), ("2025-09", "2026-02"))):
        if late[1] <= frame["month"].max():
            fit = imports_effect.long_difference(frame, early, late)
            add_fit(estimates, f"effects.imports.difference.{late[0]}/{late[1]}", fit,
                    f"change from {early[0]}–{early[1]} to {late[0]}–{late[1]}", "robustness",
                    "long difference, least squares")


def record_statutory(estimates, values, frame: pd.DataFrame, statutory: pd.DataFrame) -> None:
    """The main specification with the Yale Budget Lab's statutory rates where held (2025 on), from September 2023."""
    own = frame[frame["month"] >= "2023-09"].reset_index(drop=True)
    if statutory.empty:
        return
    fits = {"collected": imports_effect.fit(own),
            "statutory": imports_effect.fit(imports_effect.with_rates(own, statutory))}
    words = {"collected": "collected rates, from 2023-09",
             "statutory": f"statutory rates of {statutory['partner'].nunique()} partners from 2025 on, collected before; "
                          "from 2023-09"}
    for name, fit in fits.items():
        add_fit(estimates, f"effects.imports.{name}_since_2023", fit, words[name], "robustness",
                caveat=CAVEAT if name == "collected" else
                "Statutory rates are another institute's estimate; they do not fall with the basket.")
        values.add(f"effects.imports.elasticity.{name}_since_2023", fit.estimate, "elasticity",
                   f"2023-09/{own['month'].max()}", tier=int(statutory["tier"].max()), refs=statutory["ref"].iloc[0])


def statutory_rates(printed: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The Yale Budget Lab's statutory rates of all its partners: month, partner, rate_pct, vintage, tier, ref."""
    return pd.DataFrame({"month": printed["month"], "partner": printed["iso3"], "ref": printed["ref"],
                         "rate_pct": 100 * number_column(printed, "weighted_etr").astype(float)}).join(
        with_origin(printed, sources, "source"))


def without_computing(products: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Imports of two twelve-month spans by partner, all goods and without the computing goods held.

    partner, all_change, rest_change (log changes of general imports), log_rate (change of log(1 + collected rate)).
    Partners whose general imports and duties of all 24 months are held; the rest of the world is not among them, as
    its computing goods are not held by product.
    """
    spans = {"before": ("2024-09", "2025-08"), "after": ("2025-09", "2026-08")}
    goods = products[(products["level"] == 6) & products["hs"].str[:4].isin(COMPUTING)]
    rows = []
    for partner in sorted(set(goods["partner"]) - {imports_panel.WORLD}):
        own = months[(months["partner"] == partner)]
        sums = {name: own[own["month"].between(*span)] for name, span in spans.items()}
        if any(len(year) < 12 or year[["general_usd", "duty_usd"]].isna().any(axis=None) for year in sums.values()):
            continue
        held = {name: float(goods.loc[(goods["partner"] == partner) & (goods["window"] == "/".join(span)),
                                      "general_usd"].sum()) for name, span in spans.items()}
        total = {name: float(year["general_usd"].sum()) for name, year in sums.items()}
        rate = {name: float(year["duty_usd"].sum() / year["consumption_usd"].sum()) for name, year in sums.items()}
        rows.append((partner, np.log(total["after"] / total["before"]),
                     np.log((total["after"] - held["after"]) / (total["before"] - held["before"])),
                     np.log1p(rate["after"]) - np.log1p(rate["before"])))
    frame = pd.DataFrame(rows, columns=["partner", "all_change", "rest_change", "log_rate"])
    frame.attrs["refs"] = " ".join(sorted(set(goods.loc[goods["partner"] == "KOR", "ref"])))
    return frame


def split_table(split: pd.DataFrame) -> pd.DataFrame:
    """Rows of `without_computing` for display, per cent."""
    changes = {"imports, all goods": "all_change", "without computing goods": "rest_change",
               "one plus the duty rate": "log_rate"}
    return pd.DataFrame({"partner": split["partner"].map(NAMES).fillna(split["partner"])} | {
        name: 100 * np.expm1(split[column]) for name, column in changes.items()})


def record_without_computing(estimates, values, table: pd.DataFrame) -> None:
    """Least squares of the change of imports on the change of the rate, with and without computing goods.

    The interval is that of slopes not rejected when partners receive each other's changes (permutation test).
    """
    if len(table) < 5:
        return
    rng = np.random.default_rng(SEED)
    orders = np.array([rng.permutation(len(table)) for _ in range(PERMUTATIONS)])
    rate = table["log_rate"].to_numpy() - table["log_rate"].mean()
    for name, column in (("all", "all_change"), ("without_computing", "rest_change")):
        change = table[column].to_numpy() - table[column].mean()
        slope = float(rate @ change / (rate @ rate))

        def p_of(beta: float, change=change) -> float:
            left = change - beta * rate
            drawn = np.abs((rate[orders] * left).sum(axis=1))
            return float((1 + (drawn >= abs(rate @ left) - 1e-12).sum()) / (1 + len(orders)))

        low, high = randomization.interval(p_of, slope, 200.0, 0.01)
        estimates.add(f"effects.imports.twelve_months.{name}", method="long difference, least squares",
                      specification=f"general imports, September to August, {name.replace('_', ' ')}; "
                      f"{len(table)} partners", role="robustness", estimate=slope, lower=low, upper=high, level=95.0,
                      interval_method="inverted permutation test over partners", n=len(table), clusters=len(table),
                      p_randomization=p_of(0.0), unit="elasticity",
                      caveat="The first span already holds five months of new duties, and the rate is that of all goods.")
        values.add(f"effects.imports.twelve_months.{name}", slope, "elasticity", "2025-09/2026-08", lower=low, upper=high,
                   tier=1, refs=table.attrs["refs"])
