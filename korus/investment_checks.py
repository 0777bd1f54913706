"""The shift of investment under other choices, against other regions, over years; and what revisions add.

Amounts are Korea Eximbank's gross outflows in million USD.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus import investment_effect, revisions, synthetic
from korus.greenfield import outflows
from korus.selection import selected

FIRST, LAST = "2022Q1", "2025Q2"
PRESS_FROM = "2018Q1"
TARIFFS = "2025Q2"
ACTS = "2022Q3"
BEFORE_TARIFFS = "2025Q1"
YEARS_FROM = "2013"
YEAR_OF_ACTS = "2022"
YEARS_TO = "2024"
# Regions as Korea Eximbank names them. North America is taken without the United States.
REGIONS = {"아시아": "Asia", "유럽": "Europe", "중남미": "Latin America", "대양주": "Oceania", "중동": "Middle East",
           "아프리카": "Africa"}
NORTH = "북미"
LEAST_MUSD = 100           # below it the rounding of the source is more than five per cent
COLUMNS = ["id", "question", "specification", "role", "shift", "refused", "tier", "ref"]


@dataclass(frozen=True)
class Choice:
    """One specification of the quarterly or yearly series."""

    id: str
    question: str
    words: str
    role: str
    date: str
    first: str
    last: str
    frequency: str = "Q"
    without: tuple[str, ...] = ()
    column: str = "log_ratio"
    trend: bool = False
    seasons: bool = False
    persistence: float = 0.0
    press: bool = False        # takes quarters that only press texts print


def _choices() -> list[Choice]:
    tariffs = {"question": "tariffs", "date": TARIFFS, "first": FIRST, "last": LAST, "role": "robustness"}
    acts = {"question": "acts", "date": ACTS, "first": FIRST, "last": BEFORE_TARIFFS, "role": "robustness"}
    years = {"question": "years", "date": "2023", "first": YEARS_FROM, "last": YEARS_TO, "frequency": "A",
             "without": (YEAR_OF_ACTS,), "role": "robustness"}
    return [
        Choice(id="main", words="log of the United States over all other countries; one level and a shift",
               **{**tariffs, "role": "main"}),
        Choice(id="trend", words="with a straight line in time", trend=True, **tariffs),
        Choice(id="seasons", words="with quarters of the year", seasons=True, **tariffs),
        Choice(id="alike", words="errors of neighbouring quarters alike (correlation 0.5)", persistence=0.5, **tariffs),
        Choice(id="alone", words="log of the United States alone", column="log_part", **tariffs),
        Choice(id="from-2023", words="from the first quarter of 2023", **{**tariffs, "first": "2023Q1"}),
        Choice(id="press-quarter", words="with the third quarter of 2025, a first print read in the press",
               press=True, **{**tariffs, "last": "2025Q3"}),
        Choice(id="placebo-2024", words="as if the tariffs had begun in the second quarter of 2024",
               **{**tariffs, "date": "2024Q2", "last": BEFORE_TARIFFS, "role": "placebo"}),
        Choice(id="main", words="the first half of 2022 against the quarters from the third on",
               **{**acts, "role": "main"}),
        Choice(id="press-quarters", words="with earlier quarters read in the press, some missing between",
               press=True, **{**acts, "first": PRESS_FROM}),
        Choice(id="press-quarters-trend", words="the same with a straight line in time", trend=True, press=True,
               **{**acts, "first": PRESS_FROM}),
        Choice(id="main", words="years 2013 to 2021 against 2023 and 2024, 2022 left out", **years),
        Choice(id="trend", words="the same with a straight line in time", trend=True, **years),
    ]


def series_of(investment: pd.DataFrame, as_of: str, max_tier: int, frequency: str = "Q") -> pd.DataFrame:
    """`investment_effect.balance` of the outflows held, with log_part (the logarithm of the United States alone)."""
    amounts = outflows(investment, as_of, max_tier, destinations=("USA", "WLD"), frequency=frequency)
    series = investment_effect.balance(amounts)
    return series.assign(log_part=np.log(series["part_musd"]))


def compared(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Every choice, by question (tariffs, acts, years): COLUMNS; `shift` is None where it is `refused`.

    A choice about press quarters that are not held has no row.
    """
    series = {often: series_of(investment, as_of, max_tier, often) for often in ("Q", "A")}
    rows = []
    for choice in _choices():
        own = series[choice.frequency]
        own = own[own["period"].between(choice.first, choice.last) & ~own["period"].isin(choice.without)]
        if choice.press and len(own) and own["period"].between(FIRST, LAST).all():
            continue                                     # the press quarters it is about are not held
        found, refused = None, ""
        try:
            found = investment_effect.shift(own, choice.date, trend=choice.trend, seasons=choice.seasons,
                                            persistence=choice.persistence, column=choice.column)
        except investment_effect.EffectError as error:
            refused = str(error)
        rows.append((choice.id, choice.question, choice.words, choice.role, found, refused,
                     own["tier"].max() if len(own) else None, " ".join(own["ref"])))
    return pd.DataFrame(rows, columns=COLUMNS)


def slopes_before(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Slope of the log balance before the acts, log points a year, least squares: question, slope, period, tier, ref.

    Quarters from 2018 (acts) and years from YEARS_FROM (years); no row for fewer than FEWEST observations.
    """
    rows = []
    for question, often, first, end in (("acts", "Q", PRESS_FROM, ACTS), ("years", "A", YEARS_FROM, YEAR_OF_ACTS)):
        series = series_of(investment, as_of, max_tier, often)
        own = series[(series["period"] >= first) & (series["period"] < end)]
        if len(own) >= investment_effect.FEWEST:
            place = [investment_effect.position(period) for period in own["period"]]
            span = f"{own['period'].iloc[0]}/{own['period'].iloc[-1]}"
            rows.append((question, float(np.polyfit(place, own["log_ratio"], 1)[0]), span, int(own["tier"].max()),
                         " ".join(own["ref"])))
    return pd.DataFrame(rows, columns=["question", "slope", "period", "tier", "ref"])


def regions(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Outflows by quarter (rows) to the United States (USA) and to other regions large enough, million USD.

    North America is the region less the United States. Regions with a quarter missing or below LEAST_MUSD are left
    out: the source's rounding alone would move them. Empty where the United States is not held for every quarter.
    """
    quarters = [str(q) for q in pd.period_range(FIRST, LAST, freq="Q")]
    held = investment[(investment["source"] == "kexim") & (investment["measure"] == "invested")
                      & (investment["frequency"] == "Q") & (investment["industry"] == "")
                      & (investment["mode"] == "all") & (investment["basis"] == "")]
    rows = selected("investment", held[held["region"].isin([*REGIONS, NORTH])], as_of, max_tier)
    wide = rows.pivot(index="period", columns="region", values="value_musd").reindex(quarters).astype(float)
    wide = wide.rename(columns=REGIONS)
    american = outflows(investment, as_of, max_tier, frequency="Q").set_index("period")["value_musd"]
    wide["USA"] = american.reindex(quarters).astype(float)
    if NORTH in wide:
        wide["North America less the United States"] = wide.pop(NORTH) - wide["USA"]
    kept = [name for name in sorted(wide.columns) if (wide[name] >= LEAST_MUSD).all()]
    return wide[kept] if "USA" in kept else wide.iloc[:0]


def pool(wide: pd.DataFrame) -> synthetic.Effect | None:
    """The United States against a weighted pool of the other regions, or None where it can not be fitted."""
    try:
        return synthetic.effect(wide, "USA", TARIFFS)
    except synthetic.SyntheticError:
        return None


def ratio_revisions(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Change of log(United States / rest) from its first to its latest common print: period, change, tier, ref.

    Both terms of each print are of one vintage; quarters with two such prints, the first not itself a revision.
    """
    prints = revisions.triangle(investment, as_of, max_tier)
    one, whole = (prints[prints["series"] == f"kexim.invested.{place}.Q"] for place in ("USA", "WLD"))
    both = one.merge(whole, on=["period", "vintage"], suffixes=("", "_whole")).sort_values(["period", "vintage"])
    value = both["value_musd"].astype(float)
    both = both.assign(log_ratio=np.log(value / (both["value_musd_whole"].astype(float) - value)))
    rows = []
    for period, group in both.groupby("period"):
        first, last = group.iloc[0], group.iloc[-1]
        if len(group) > 1 and first["maturity"] != "revised" and first["maturity_whole"] != "revised":
            rows.append((period, last["log_ratio"] - first["log_ratio"], int(group["tier"].max()),
                         f"{first['ref']} {last['ref']}"))
    return pd.DataFrame(rows, columns=["period", "change", "tier", "ref"])
