"""US tariff measures bearing on Korea: the published timeline, coded field by field.

The coding is our reading of each action, kept as data (policy/measures_coded); this module checks
that every coded date and rate stands in the printed action it cites.
"""

import re

import pandas as pd

from korus.clean.origin import CleaningError

COLUMNS = ["measure", "authority", "instrument", "scope", "effective", "until", "published",
           "rate_pct", "basis", "status", "ref", "citation", "rate_printed", "timeline_ref", "note"]


def coded(coding: pd.DataFrame, timeline: pd.DataFrame) -> pd.DataFrame:
    """measures: one row per measure, scope and period, rates in per cent, dates inclusive.

    Raises CleaningError naming every coded row whose action, date or rate the timeline does not show.
    """
    actions = timeline.set_index("action")
    problems = []
    for row in coding.itertuples():
        if row.action not in actions.index:
            problems.append(f"data/raw/{row.ref}: action {row.action!r} is not in policy/tariff_timeline")
            continue
        printed = actions.loc[row.action]
        text = " ".join([printed["rate_for_korea"], printed["product_scope"], printed["note"]])
        figures = re.findall(r"\d+(?:\.\d+)?", text)
        if row.rate_pct and row.basis != "exempt" and row.rate_pct not in figures:
            problems.append(f"data/raw/{row.ref}: rate {row.rate_pct} is not in {text!r}")
        if row.effective_from_timeline == "yes" and row.effective[:7] != printed["effective_date"][:7]:
            problems.append(
                f"data/raw/{row.ref}: effective {row.effective}, printed {printed['effective_date']}")
        if row.until and row.until < row.effective:
            problems.append(f"data/raw/{row.ref}: ends {row.until} before it begins {row.effective}")
    if problems:
        raise CleaningError("\n".join(problems))
    printed = actions.loc[coding["action"]].reset_index()
    frame = coding.assign(
        instrument=printed["legal_instrument"].to_numpy(),
        citation=printed["fr_citation"].to_numpy(),
        rate_printed=printed["rate_for_korea"].to_numpy(),
        timeline_ref=printed["ref"].to_numpy(),
        rate_pct=pd.to_numeric(coding["rate_pct"].replace("", None)).astype("Float64"),
    )
    for column in ("until", "published", "basis"):
        frame[column] = frame[column].replace("", None)
    return frame[COLUMNS].sort_values(["effective", "measure"], kind="stable").reset_index(drop=True)


IDLE = ("announced", "suspended", "scheduled")


def known_by(measures: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Measures as a reader of a day could have known them.

    A row appears once it was published (or in effect, where no day of publication is stated). Its end,
    when it lies after that day, was set by something later: it is taken off, and the row is in force.
    """
    known = measures[measures["published"].fillna(measures["effective"]) <= str(as_of)].copy()
    later = known["until"].notna() & (known["until"] >= str(as_of)) & ~known["status"].isin(IDLE)
    later &= known["status"] != "in force"
    known.loc[later, "status"] = "in force"
    known.loc[later, "until"] = None
    return known.reset_index(drop=True)
