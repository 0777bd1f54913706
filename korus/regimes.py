"""Tariff regimes: the spans between the main changes of US duties on Korean goods, and the rate in each."""

import calendar
import datetime as dt

import pandas as pd

from korus.clean.measures import IDLE, known_by
from korus.clean.origin import CleaningError
from korus.tariffs import rate_over

START = "2017-01-01"
BEFORE = {"regime": "before", "title": "Before the new duties", "first": START}
COLUMNS = ["regime", "partner", "months", "mixed", "first_month", "last_month", "consumption_usd", "duty_usd",
           "rate_pct", "tier", "ref"]


def spans(regimes: pd.DataFrame, measures: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Regimes known by a day, in order: regime, title, first, last (ISO days, inclusive; last None: open).

    `regimes` is policy/regimes, `measures` the whole table of measures; a regime whose measure was not
    published by `as_of` is left out, so the one before it is open. Raises CleaningError naming every row of
    `regimes` whose measure never applied from its first day, or whose first day is not its own.
    """
    _require_measures(regimes, measures)
    known = known_by(measures, as_of)
    published = set(zip(known["measure"], known["effective"], strict=True))
    rows = [BEFORE] + [
        {"regime": row.regime, "title": row.title, "first": row.effective}
        for row in regimes.sort_values("effective").itertuples() if (row.measure, row.effective) in published
    ]
    last = [_day_before(row["first"]) for row in rows[1:]]
    return pd.DataFrame(rows).assign(last=pd.Series([*last, None], dtype=object))


def _require_measures(regimes: pd.DataFrame, measures: pd.DataFrame) -> None:
    applied = measures[~measures["status"].isin(IDLE)]
    pairs = set(zip(applied["measure"], applied["effective"], strict=True))
    shared = set(regimes.loc[regimes["effective"].duplicated(keep=False), "effective"])
    problems = []
    for row in regimes.itertuples():
        place = f"data/raw/{row.ref}"
        if (row.measure, row.effective) not in pairs:
            problems.append(
                f"{place}: no measure {row.measure!r} applied from effective {row.effective}; name a measure "
                "and an effective day that stand together in policy/measures_coded")
        elif row.effective <= START:
            problems.append(f"{place}: effective {row.effective} is not after {START}, the first day of all")
        elif row.effective in shared:
            problems.append(f"{place}: effective {row.effective} is the first day of another regime too")
    if problems:
        raise CleaningError("\n".join(problems))


def _day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def months(regimes: pd.DataFrame, last: str) -> pd.DataFrame:
    """The regime of each month from January 2017 to `last` (`2025-03`): month, regime, mixed.

    A month belongs to the regime in force on most of its days, to the earliest of those with as many;
    it is mixed when a regime begins inside it, after its first day.
    """
    rows = []
    for period in pd.period_range(START[:7], last, freq="M"):
        month = str(period)
        ends = f"{month}-{calendar.monthrange(period.year, period.month)[1]}"
        days = [_days(max(row.first, f"{month}-01"), min(row.last or ends, ends))
                for row in regimes.itertuples()]
        rows.append({"month": month, "regime": regimes["regime"].iloc[days.index(max(days))],
                     "mixed": sum(count > 0 for count in days) > 1})
    return pd.DataFrame(rows, columns=["month", "regime", "mixed"])


def _days(first: str, last: str) -> int:
    return max(0, (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days + 1)


def rates_by_regime(rates: pd.DataFrame, regimes: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Collected rate of each partner over the months of each regime: COLUMNS, amounts in US dollars.

    The months are those up to the latest held for Korea; a partner that lacks one of them has no row.
    """
    korea = rates[rates["partner"] == "KOR"]
    if korea.empty:
        return pd.DataFrame(columns=COLUMNS)
    dated = months(regimes, korea["month"].max())
    rows = []
    for regime in regimes["regime"]:
        own = dated[dated["regime"] == regime]
        for partner in partners:
            held = rates[(rates["partner"] == partner) & rates["month"].isin(own["month"])]
            if len(own) and len(held) == len(own):
                rows.append([
                    regime, partner, len(own), int(own["mixed"].sum()),
                    own["month"].min(), own["month"].max(),
                    float(held["consumption_usd"].sum()), float(held["duty_usd"].sum()), rate_over(held),
                    int(held["tier"].max()), " ".join(held["ref"])])
    return pd.DataFrame(rows, columns=COLUMNS)


def record(values, summary: pd.DataFrame) -> None:
    """Record the collected rate of each partner and regime; the period is that of the months counted."""
    for row in summary.itertuples():
        period = row.first_month if row.months == 1 else f"{row.first_month}/{row.last_month}"
        values.add(f"tariffs.collected_rate.{row.partner}.regime.{row.regime}", row.rate_pct, "per cent",
                   period, tier=row.tier, refs=row.ref)


def table(regimes: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """One row per regime: title, two rates, days, months counted and mixed, Korea's imports and duty."""
    korea = summary[summary["partner"] == "KOR"].set_index("regime")
    world = summary[summary["partner"] == "WLD"].set_index("regime")
    names = regimes["regime"]
    return pd.DataFrame({
        "regime": regimes["title"],
        "Korea, %": names.map(korea["rate_pct"]), "all countries, %": names.map(world["rate_pct"]),
        "first day": regimes["first"], "last day": regimes["last"],
        "months": names.map(korea["months"]), "mixed months": names.map(korea["mixed"]),
        "imports, $bn": names.map(korea["consumption_usd"]) / 1e9,
        "duty, $bn": names.map(korea["duty_usd"]) / 1e9,
    })


def by_partner(regimes: pd.DataFrame, summary: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Collected rate of each partner (columns) in each regime (rows), per cent; no rows without any."""
    regimes = regimes[regimes["regime"].isin(summary["regime"])]
    wide = summary.pivot(index="regime", columns="partner", values="rate_pct")
    return pd.DataFrame({"regime": regimes["title"], **{
        partner: regimes["regime"].map(wide[partner]) if partner in wide else None for partner in partners}})
