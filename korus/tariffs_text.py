"""Sentences that name competitors, built from whichever are compared: the list of them is a parameter."""

import pandas as pd

from korus.charts.common import NAMES
from korus.values import period_in_words

ARTICLE = {"GBR", "NLD"}


def called(code: str) -> str:
    """A country's name inside a sentence: `Japan`, `the United Kingdom`."""
    return ("the " if code in ARTICLE else "") + NAMES.get(code, code)


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def of_year(sums: pd.DataFrame, rivals: list[str]) -> str:
    """What Korea, all countries and the competitors paid over the latest twelve months, from the highest rate down.

    `sums` is tariffs.rolling; the sentence is for values.say, and empty where Korea or all countries are not held.
    """
    month = sums.loc[sums["partner"] == "KOR", "month"].max()
    rates = sums[sums["month"] == month].set_index("partner")["rate_pct"]
    if not {"KOR", "WLD"} <= set(rates.index):
        return ""
    korea, world = (f"tariffs.collected_rate_12m.{code}.{month}" for code in ("KOR", "WLD"))
    order = rates[rates.index.isin(rivals)].sort_values(ascending=False).index
    others = listed([f"{called(code)} {{tariffs.collected_rate_12m.{code}.{month}}}" for code in order])
    sentence = (f"From {{{korea}:period}} goods from Korea paid {{{korea}}}, {{more than | {korea} > {world} | "
                f"no more than}} the {{{world}}} of all countries.")
    return sentence + (f" The competitors, in falling order: {others}." if others else "")


def beside(rates: pd.DataFrame, rivals: list[str], months: tuple[str, ...]) -> str:
    """Which competitors paid more than Korea in each month, and which did not: a list for values.say.

    `rates` is tariffs.rates. Months in which Korea or every competitor is missing are left out.
    """
    lines = []
    for month in months:
        now = rates[rates["month"] == month].set_index("partner")["rate_pct"].sort_values(ascending=False)
        others = now[now.index.isin(rivals)]
        if "KOR" not in now or others.empty:
            continue
        parts = [f"In {period_in_words(month)} goods from Korea paid {{tariffs.collected_rate.KOR.{month}}}."]
        for held, words in ((others > now["KOR"], "paid more"), (others <= now["KOR"], "did not pay more")):
            if held.any():
                names = listed([f"{called(code)} ({{tariffs.collected_rate.{code}.{month}}})"
                                for code in others[held].index])
                parts.append(f"Those from {names} {words}.")
        lines.append("- " + " ".join(parts))
    return "\n".join(lines)


def endings(fates: pd.DataFrame) -> str:
    """What became of Korea's advantage over each competitor, one line each; `fates` is tariffs.advantage."""
    lines = []
    for row in fates.itertuples():
        if row.base_pp >= 0:
            words = "there was none in 2024"
        elif not isinstance(row.ended, str):
            words = "it never ended"
        else:
            words = f"it ended in {period_in_words(row.ended)}"
            if isinstance(row.back, str):
                now = "has held" if row.latest_pp < 0 else "has been gone"
                words += (f", was first back in {period_in_words(row.back)}, and {now} since "
                          f"{period_in_words(row.since)}")
            else:
                words += " and has not come back"
        lines.append(f"- Over {called(row.rival)} {words}.")
    return "\n".join(lines)
