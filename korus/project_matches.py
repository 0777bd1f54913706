"""Clean Investment Monitor beside the project list: which facility is which listed project.

The Monitor's amounts are in constant dollars and by plant, the list's in dollars of the day and by
announcement: a band of amounts may confirm a pair, equality to the cent never can. The rule would
rather miss a pair than merge two plants: what it is not sure of is `possible`, and nothing is added up.
"""

import calendar
import datetime as dt
import re

import pandas as pd

from korus.clean.origin import number_column, with_origin
from korus.clean.projects import known_by
from korus.projects import TIER

# Sectors of the list, and the Monitor's technologies (with the subcategory where it matters) that a
# plant of that sector can stand under. EAM: electrode active materials, electrolytes, other inputs.
FITS = {
    "batteries": r"Batteries: (?!EAM)",
    "batteries and vehicles": r"Batteries: (?!EAM)|Zero Emission Vehicles",
    "battery materials": r"Batteries: EAM|Critical Minerals",
    "battery recycling": r"Batteries: EAM|Critical Minerals",
    "vehicles": r"Zero Emission Vehicles",
    "auto parts": r"Batteries: (?!EAM)|Zero Emission Vehicles",
    "solar": r"Solar",
    "critical minerals": r"Critical Minerals",
}
# Days that two dates of one announcement may lie apart, by how precisely the list dates it, and where
# both name the same partner in a joint venture.
SLACK_DAYS = {"day": 60, "month": 31, "year": 0}
SLACK_DAYS_PARTNER = 180
BAND = (2 / 3, 3 / 2)
# A date that the list's note calls something else than the announcement's says nothing here.
OTHER_DATE = r"not announcement, date|Ground-breaking date"
# Beyond this many days an amount alone does not make a pair worth a look.
POSSIBLE_DAYS = 400


def facilities(raw: pd.DataFrame, sources: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """The Monitor's facilities in its latest edition by `as_of`: amount in million constant USD.

    `raw` is projects/cim_facilities. One edition only: a plant may change its id between editions.
    """
    frame = raw.join(with_origin(raw, sources, "vintage").rename(columns={"vintage": "day"}))
    known = frame[(frame["day"] <= str(as_of)) & (frame["tier"] <= max_tier)]
    rows = known[known["day"] == known["day"].max()].copy()
    return pd.DataFrame({
        "facility": rows["unique_id"], "state": rows["state"], "parents": rows["korean_parent"],
        "partner": rows["partner"], "technology": rows["technology"] + ": " + rows["subcategory"],
        "announced": rows["announce_date"], "amount_musd": number_column(rows, "capex_musd"),
        "prices": "constant " + rows["dollar_year"] + " USD", "status": rows["status"],
        "ownership": rows["ownership_class"], "vintage": rows["day"], "tier": rows["tier"],
        "ref": rows["ref"],
    }).reset_index(drop=True)


def groups(names: str) -> frozenset[str]:
    """The business groups in `Hyundai Motor Group; LG Energy Solution`: the first word of each name."""
    found = (re.split(r"[ /(]", name.strip())[0] for name in names.split(";") if name.strip())
    return frozenset("HD Hyundai" if word == "HD" else word for word in found)


def _span(announced: str, precision: str) -> tuple[dt.date, dt.date]:
    """First and last day an announcement dated to a day, month or year may have been made."""
    day = dt.date.fromisoformat(announced)
    if precision == "year":
        return dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)
    if precision == "month":
        return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day, day


def days_apart(one: str, announced: str, precision: str) -> int:
    """Days between a date and the nearest day of an announcement's span; 0 within it."""
    first, last = _span(announced, precision)
    day = dt.date.fromisoformat(one)
    return max((first - day).days, (day - last).days, 0)


def pairs(plants: pd.DataFrame, projects: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Facility and listed project of one state, of the same groups, of fitting sector: candidates.

    Columns facility, project, days, ratio (constant over nominal dollars), date_fits, amount_fits, relation.
    Updates count as announcements of their own; pledges and stakes are no plants. Two different named
    partners exclude a pair.
    """
    known = known_by(projects, as_of)
    known = known[known["kind"].isin(["project", "update"]) & (known["state"] != "")]
    found = []
    for plant in plants.itertuples():
        for row in known[known["state"] == plant.state].itertuples():
            if groups(plant.parents) != groups(row.investor_group) or row.sector not in FITS:
                continue
            if not re.match(FITS[row.sector], plant.technology) or row.mode == "acquisition":
                continue
            if plant.partner and row.partner and plant.partner not in row.partner:
                continue
            days = days_apart(plant.announced, row.announced, row.date_precision)
            same_partner = bool(plant.partner) and plant.partner in row.partner
            slack = SLACK_DAYS_PARTNER if same_partner else SLACK_DAYS[row.date_precision]
            known_amounts = pd.notna(plant.amount_musd) and pd.notna(row.amount_musd)
            ratio = float(plant.amount_musd / row.amount_musd) if known_amounts else float("nan")
            found.append({
                "facility": plant.facility, "project": row.project, "days": days, "ratio": ratio,
                "date_fits": days <= slack and not re.search(OTHER_DATE, row.note),
                "amount_fits": BAND[0] <= ratio <= BAND[1],
                "ref": f"{plant.ref} {row.ref}", "tier": max(int(plant.tier), TIER),
            })
    columns = ["facility", "project", "days", "ratio", "date_fits", "amount_fits", "ref", "tier"]
    table = pd.DataFrame(found, columns=columns)
    return _judged(table.astype({"date_fits": bool, "amount_fits": bool}))


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """matched: date and amount fit, and neither side fits another so well; possible: one of the two."""
    both = table["date_fits"] & table["amount_fits"]
    rivals = [table[both].groupby(side)[side].transform("size").reindex(table.index, fill_value=0)
              for side in ("facility", "project")]
    unique = (rivals[0] <= 1) & (rivals[1] <= 1)
    relation = pd.Series("unmatched", index=table.index)
    near = table["amount_fits"] & (table["days"] <= POSSIBLE_DAYS)
    relation = relation.mask(table["date_fits"] | near, "possible")
    relation = relation.mask(both & unique, "matched")
    taken = table[relation == "matched"]
    of_others = ~(both & unique) & (table["facility"].isin(taken["facility"])
                                   | table["project"].isin(taken["project"]))
    exact = table["date_fits"] & (table["days"] == 0)
    relation = relation.mask(of_others & ~exact & (relation == "possible"), "unmatched")
    return table.assign(relation=relation)


def beside(plants: pd.DataFrame, projects: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Every facility once, with its relation to the list, the project it goes with and both amounts.

    The amounts stand side by side in their own prices; no column is their sum.
    """
    order = {"matched": 0, "possible": 1, "unmatched": 2}
    ranked = matches.assign(_order=matches["relation"].map(order)).sort_values(
        ["_order", "days"], kind="stable")
    best = ranked[ranked["relation"] != "unmatched"].drop_duplicates("facility")
    listed = projects[["project", "investor", "sector", "announced", "amount_musd"]].rename(
        columns={"announced": "listed_announced", "amount_musd": "listed_musd"})
    table = plants.rename(columns={"amount_musd": "constant_musd"}).merge(
        best[["facility", "project", "relation", "days", "ratio"]], on="facility", how="left").merge(
        listed, on="project", how="left")
    return table.assign(relation=table["relation"].fillna("unmatched"))


def record(values, table: pd.DataFrame, as_of: str) -> None:
    """Record how many facilities of `beside` there are, in all and by their relation to the list."""
    for name, rows in [("all", table), *table.groupby("relation")]:
        if len(rows):
            values.add(f"projects.monitor.{name}", len(rows), "count", str(as_of), rows)


def scored(matches: pd.DataFrame, labels: pd.DataFrame) -> dict[str, float]:
    """Precision and recall of `matched` on pairs labelled by hand (relation: same, part, different)."""
    table = labels.merge(matches[["facility", "project", "relation"]], on=["facility", "project"],
                         how="left", suffixes=("_label", ""))
    said, same = table["relation"] == "matched", table["relation_label"] == "same"
    return {"pairs": len(table), "matched": int(said.sum()), "same": int(same.sum()),
            "precision": float((said & same).sum() / said.sum()) if said.any() else float("nan"),
            "recall": float((said & same).sum() / same.sum()) if same.any() else float("nan")}
