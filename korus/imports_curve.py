"""The specification curve: every combination of the choices, and how much of the spread each choice makes."""

import itertools

import numpy as np
import pandas as pd

from korus import imports_effect, imports_panel

CHINA = ("CHN",)
COMPUTING = ("MEX", "TWN", "VNM")
BULLION = ("AUS", "IRL")
NAMED = {"all": (), "without China": CHINA, "without computing partners": COMPUTING,
         "without bullion and medicine": BULLION, "without China and computing": (*CHINA, *COMPUTING)}
STARTS = ("2017-01", "2022-01", "2023-09")
COLUMNS = ["sample", "start", "end", "method", "seasonal", "estimate", "error", "n", "clusters"]


def samples(partners: list[str]) -> dict[str, tuple[str, ...]]:
    """Samples by name: all, without China, without groups, and without each partner."""
    held = {name: tuple(p for p in out if p in partners) for name, out in NAMED.items()}
    return held | {f"without {partner}": (partner,) for partner in sorted(partners) if (partner,) != CHINA}


def curve(rates: pd.DataFrame, ends: list[str]) -> pd.DataFrame:
    """Combinations of sample, first and last month, method and seasonality: COLUMNS, one row per fit.

    `rates` comes from tariffs.rates; `ends` are last months, the first of them the latest. A single partner is left
    out up to the latest month only. A combination that can not be estimated has no row.
    """
    rows = []
    for start in STARTS:
        try:
            whole = imports_panel.panel(rates, start)
        except imports_panel.DesignError:
            continue
        for (name, out), end in itertools.product(samples(sorted(whole["partner"].unique())).items(), ends):
            if end != ends[0] and name not in NAMED:
                continue
            frame = whole[~whole["partner"].isin(out) & (whole["month"] <= end)].reset_index(drop=True)
            for method, seasonal in itertools.product(imports_effect.METHODS, (False, True)):
                try:
                    fit = imports_effect.fit(frame, method, seasonal=seasonal)
                except imports_panel.DesignError:
                    continue
                rows.append((name, start, end, method, seasonal, fit.estimate, fit.error, fit.n, fit.clusters))
    return pd.DataFrame(rows, columns=COLUMNS)


def shares(found: pd.DataFrame) -> pd.DataFrame:
    """Share of the spread of the estimates that each choice makes by itself, per cent: choice, share_pct.

    The sum of squares between the means of a choice's options over the total; what is left is their interplay.
    """
    total = ((found["estimate"] - found["estimate"].mean()) ** 2).sum()
    rows = []
    for choice in ("sample", "start", "end", "method", "seasonal"):
        means = found.groupby(choice)["estimate"].transform("mean")
        rows.append((choice, 100 * float(((means - found["estimate"].mean()) ** 2).sum() / total)))
    rows.append(("interplay", 100 - sum(share for _, share in rows)))
    return pd.DataFrame(rows, columns=["choice", "share_pct"])


def swing(estimates: dict[str, float]) -> dict[str, float]:
    """What taking out China and the computing partners each does, averaged over the two orders, and both together.

    `estimates` by the sample names of `samples`. The two parts add up to the whole.
    """
    start, china = estimates["all"], estimates["without China"]
    computing, both = estimates["without computing partners"], estimates["without China and computing"]
    return {"China": float(np.mean([china - start, both - computing])),
            "computing partners": float(np.mean([computing - start, both - china])), "whole": both - start}
