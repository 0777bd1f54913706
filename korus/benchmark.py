"""The Yale Budget Lab's statutory rate for Korea beside ours, and the size of what is coded differently."""

import pandas as pd

from korus import baskets, rate_path, statutory
from korus.clean.origin import number_column, with_origin

SERIES_FROM = "2025-01-01"
# What the series codes otherwise, in words; see `otherwise`.
DIFFERENCES = {
    "deal": "the Korean deal dated 5 December 2025",
    "aluminium": "Korean aluminium exempt before 12 March 2025",
    "ruling": "the reciprocal duty ends on the day of the ruling, 20 February 2026",
    "section-301": "no Section 301 duty from 24 July 2026",
}


def yale(raw: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The series for Korea by month: month, rate_pct (per cent), vintage, tier, ref."""
    own = raw[raw["iso3"] == "KOR"]
    return pd.DataFrame({"month": own["month"], "rate_pct": 100 * number_column(own, "weighted_etr").astype(float),
                         "ref": own["ref"]}).join(with_origin(own, sources, "source")).reset_index(drop=True)


def otherwise(rules: pd.DataFrame, difference: str) -> pd.DataFrame:
    """Our rules changed in one way to what the series codes; `difference` is a key of DIFFERENCES."""
    changed = rules.copy()
    own = changed["measure"]
    if difference == "deal":
        # What the notice began in November begins on 5 December; what it ended goes on until the 4th.
        begun = changed["effective"].isin(["2025-11-01", "2025-11-14"]) & ~own.isin(["s232.trucks", "s232.buses"])
        ended = changed["until"].isin(["2025-10-31", "2025-11-13"])
        changed.loc[begun, "effective"] = "2025-12-05"
        changed.loc[ended, "until"] = "2025-12-04"
    elif difference == "aluminium":
        changed = changed[~((own == "s232.aluminium") & (changed["effective"] < "2025-03-12"))]
    elif difference == "ruling":
        changed.loc[(changed["authority"] == "IEEPA") & (changed["until"] == "2026-02-23"), "until"] = "2026-02-19"
    elif difference == "section-301":
        changed = changed[changed["authority"] != "Section 301"]
    else:
        raise ValueError(f"{difference!r} is none of {', '.join(DIFFERENCES)}")
    return changed


def sizes(law: rate_path.Law, last: str) -> pd.DataFrame:
    """What each difference does to our bounds, by month: month, difference, lower_pp, upper_pp (theirs less ours).

    Bounds without duty on the metal in articles, months with an effect only.
    """
    def months(rules: pd.DataFrame) -> pd.DataFrame:
        found = statutory.rates(law.lines, law.groups, rules, SERIES_FROM, last, metal=False)
        low, high = baskets.weighted(law.held["placed"], found.lower, found.upper)
        days, rows = statutory.in_force(found.days, SERIES_FROM, last)
        by_day = pd.DataFrame({"day": days.astype(str), "lower_pct": low[rows], "upper_pct": high[rows]})
        return rate_path.by_month(by_day)

    ours, parts = months(law.rules), []
    for difference in DIFFERENCES:
        theirs = months(otherwise(law.rules, difference))
        parts.append(pd.DataFrame({"month": ours["month"], "difference": difference,
                                   "lower_pp": theirs["lower_pct"] - ours["lower_pct"],
                                   "upper_pp": theirs["upper_pct"] - ours["upper_pct"]}))
    frame = pd.concat(parts, ignore_index=True)
    return frame[(frame["lower_pp"].abs() > 0.005) | (frame["upper_pp"].abs() > 0.005)].reset_index(drop=True)
