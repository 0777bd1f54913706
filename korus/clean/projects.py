"""Korean investment projects in the United States, as announced.

A project's amount includes its partners' money; pledges contain projects. Nothing is added up
across record types.
"""

import calendar

import pandas as pd

from korus.clean.origin import CleaningError, number_column

COLUMNS = ["project", "parent", "kind", "announced", "investor", "state", "sector", "mode",
           "amount_musd", "korean_share_musd", "jobs", "status", "ref", "record_type",
           "investor_group", "partner", "product", "place", "amount_basis", "status_as_of",
           "date_precision", "source", "second_source_url", "note"]

KINDS = {"project": "project", "update": "update", "stake": "stake",
         "corporate_pledge": "pledge", "government_pledge": "pledge", "purchase_pledge": "pledge"}


def announced_day(printed: str, ref: str) -> str:
    """The day of announcement; months and years take their last day (see `date_precision`)."""
    parts = printed.split("-")
    if len(parts) == 3:
        return printed
    try:
        year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 12
        return f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"
    except (ValueError, calendar.IllegalMonthError):
        raise CleaningError(f"data/raw/{ref}, column announce_date: {printed!r} is no date") from None


def announced(raw: pd.DataFrame) -> pd.DataFrame:
    """projects: one row per announced project, update, stake or pledge, amounts in million USD."""
    dates = [announced_day(d, r) for d, r in zip(raw["announce_date"], raw["ref"], strict=True)]
    orphans = raw[(raw["parent"] != "") & ~raw["parent"].isin(raw["project"])]
    if len(orphans):
        raise CleaningError(f"parents not in the list: {dict(zip(orphans.ref, orphans.parent))}")
    frame = raw.assign(
        kind=raw["record_type"].map(KINDS),
        announced=dates,
        amount_musd=number_column(raw, "amount_usd_million"),
        korean_share_musd=number_column(raw, "korean_share_usd_million"),
        jobs=number_column(raw, "jobs"),
        partner=raw["us_partner_or_seller"],
        place=raw["city_county"],
    )
    return frame[COLUMNS].sort_values(["announced", "project"], kind="stable").reset_index(drop=True)


def known_by(projects: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Announcements made by a day. Later updates of an amount are rows of their own."""
    return projects[projects["announced"] <= str(as_of)]
