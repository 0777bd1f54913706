"""Each change of the collected rate between regimes: how much is law, how much the goods, and what is left.

The law part holds the goods fixed and changes the law, the goods part the other way round, each taken at both
ends and averaged. Both answer every open question of the law once with the least and once with the most, so they
are ranges. Goods are known by heading in two windows only, January to August of 2025 and of 2026: within a window
their change can not be seen, and stays in the rest.
"""

import numpy as np
import pandas as pd

from korus import gap, rate_path, statutory

COLUMNS = ["from", "to", "change_pp", "law_least", "law_most", "goods_least", "goods_most", "rest_least", "rest_most"]
NOTHING = pd.DataFrame(columns=COLUMNS)


def window_of(first: str, last: str) -> str:
    """The window whose goods stand for a span: 2026 when most of its days lie after October 2025."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return gap.LATE if (days >= np.datetime64("2025-11-01")).mean() > 0.5 else gap.EARLY


def mean_rates(rates: statutory.Rates, first: str, last: str) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of every line, averaged over the days of a span, per cent."""
    days, rows = statutory.in_force(rates.days, first, last)
    used, count = np.unique(rows, return_counts=True)
    return count @ rates.lower[used] / len(days), count @ rates.upper[used] / len(days)


def between(law: rate_path.Law, spans: pd.DataFrame, windows: dict[str, pd.Series]) -> pd.DataFrame:
    """One row per change from a regime to the next (COLUMNS), percentage points; goods missing where not seen.

    `spans` has regime, first, last and rate_pct (collected over its months), in order; `windows` as
    gap.two_windows gives them. Rates are taken without duty on the metal in articles.
    """
    found = law.rates["none"]
    rows = []
    for early, late in zip(spans.itertuples(), spans.iloc[1:].itertuples(), strict=False):
        laws = [mean_rates(found, span.first, span.last) for span in (early, late)]
        goods = [windows[window_of(span.first, span.last)] for span in (early, late)]
        # mean[law][goods] is a pair: least and most.
        mean = np.array([[gap.placed_means(found.codes, basket, *rates) for basket in goods] for rates in laws])
        by_law = (mean[1] - mean[0]).mean(axis=0)
        by_goods = (mean[:, 1] - mean[:, 0]).mean(axis=0)
        change = late.rate_pct - early.rate_pct
        rest = sorted(change - by_law - by_goods)
        seen = sorted(by_goods) if goods[0] is not goods[1] else (float("nan"), float("nan"))
        rows.append((early.regime, late.regime, change, *sorted(by_law), *seen, *rest))
    return pd.DataFrame(rows, columns=COLUMNS)


def regime_spans(spans: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Korea's regimes with days and collected rate, as `between` wants them; those without a rate left out.

    `spans` and `summary` come from korus.regimes. The law is taken from SCHEDULE_FROM on, and to the end of the
    last month with a rate.
    """
    korea = summary[summary["partner"] == "KOR"]
    both = spans.merge(korea[["regime", "rate_pct", "first_month", "last_month", "tier", "ref"]], on="regime")
    if both.empty:
        return both
    end = str(pd.Period(both["last_month"].max(), "M").end_time.date())
    return both.assign(first=both["first"].clip(lower=statutory.SCHEDULE_FROM), last=both["last"].fillna(end))


def record(values, law: rate_path.Law, path: pd.DataFrame, spans: pd.DataFrame, found: pd.DataFrame) -> None:
    """Record the law's mean rate in each regime, and the parts of each change between regimes."""
    for span in spans.itertuples():
        mean = rate_path.by_day(path, span.first, span.last)[["lower_pct", "upper_pct"]].mean()
        values.add_interval(f"tariffs.statutory_rate.KOR.regime.{span.regime}", mean["lower_pct"], mean["upper_pct"],
                            "per cent", f"{span.first}/{span.last}", tier=law.tier,
                            refs=rate_path.refs_on(law, span.first))
    refs = spans.set_index("regime")["ref"]
    for row in found.itertuples(index=False):
        change = f"{row[0]}-to-{row[1]}"
        origin = {"tier": law.tier, "refs": f"{refs[row[0]]} {refs[row[1]]}"}
        values.add(f"tariffs.change.KOR.{change}", row.change_pp, "percentage points", row[1], **origin)
        for part in ("law", "goods", "rest"):
            if pd.isna(getattr(row, f"{part}_least")):
                continue
            values.add_interval(f"tariffs.change_{part}.KOR.{change}", getattr(row, f"{part}_least"),
                                getattr(row, f"{part}_most"), "percentage points", row[1], **origin)


def table(found: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """The parts of each change with the titles of its regimes (title_from, title_to)."""
    return found.assign(title_from=found["from"].map(titles), title_to=found["to"].map(titles))
