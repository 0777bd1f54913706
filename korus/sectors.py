"""Announced Korean projects by the sectors of the commentaries: counts, amounts, modes, status, whose money.

Every project of the list is in one sector of SECTORS or in OTHER. Pledges and stakes are in no count and no sum:
`pledges` shows those that name a sector. Amounts are what was announced for whole projects, million USD of the day.
"""

import re

import pandas as pd

from korus import projects
from korus.clean.projects import known_by
from korus.projects import TIER

SECTORS = {
    "shipbuilding": "Shipbuilding", "nuclear": "Nuclear power", "pharmaceuticals": "Pharmaceuticals",
    "ai-infrastructure": "AI infrastructure", "chips": "Chips", "batteries": "Batteries",
    "vehicles": "Vehicles and parts",
}
OTHER = "other"
NAMES = SECTORS | {OTHER: "All other sectors"}
# Sectors as the list prints them. A new one is an error: it has to be put somewhere by hand.
SECTOR_OF = {
    "shipbuilding": "shipbuilding", "biopharma": "pharmaceuticals", "semiconductors": "chips",
    "batteries": "batteries", "batteries and vehicles": "batteries", "battery materials": "batteries",
    "battery recycling": "batteries", "vehicles": "vehicles", "auto parts": "vehicles",
} | dict.fromkeys((
    "appliances", "critical minerals", "defence", "food", "grid equipment", "internet", "machinery", "robotics",
    "solar", "special alloys", "steel", "tyres"), OTHER)
# Words by which a pledge names a sector, looked for in its sector, its product and what is known of its status.
NAMED = {
    "shipbuilding": r"\bship", "nuclear": r"\bSMRs?\b|nuclear|reactor", "pharmaceuticals": r"\bbio|pharma",
    "ai-infrastructure": r"\bAI\b|data cent", "chips": r"\bchips?\b|semiconductor", "batteries": r"\bbatter",
    "vehicles": r"\bautos?\b|vehicle",
}
MODES = {"greenfield": "greenfield", "expansion": "expansion", "joint_venture": "joint venture",
         "acquisition": "acquisition"}
STATUSES = {"running": "operating or completed", "being_built": "being built", "planned": "planned or signed",
            "ending": "joint venture ending", "unstated": projects.NOT_STATED}
# Whose money: what the list says of each dollar announced.
STATED, ALONE, UNSPLIT, PARTNERS = (
    "stated as Korean", "Korean firms alone", "ventures, split not stated", "stated as partners'")
WHOSE = {"stated": STATED, "alone": ALONE, "unsplit": UNSPLIT, "partners": PARTNERS}
# "P052+P053 = 11,400: Ford about 7,000, SK about 4,300": what partners bring to several projects together.
TOGETHER = re.compile(r"^(P\d+(?:\+P\d+)+) = ([\d,]+): (.*?)\.$")
PART = re.compile(r"(\w[\w ]*?) about ([\d,]+)")
HALVES = re.compile(r"\b50/50\b(?! between)")
STATES = {
    "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California", "GA": "Georgia", "IN": "Indiana",
    "KY": "Kentucky", "LA": "Louisiana", "MD": "Maryland", "MI": "Michigan", "MN": "Minnesota",
    "NC": "North Carolina", "ND": "North Dakota", "NJ": "New Jersey", "NY": "New York", "OH": "Ohio",
    "PA": "Pennsylvania", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
    "VA": "Virginia",
}


def coded(listed: pd.DataFrame) -> pd.DataFrame:
    """Projects (projects.listed) with `group`: one of SECTORS or OTHER. Raises ValueError for an unknown sector."""
    unknown = sorted(set(listed["sector"]) - set(SECTOR_OF))
    if unknown:
        raise ValueError(f"data/raw/projects/projects, column sector: {unknown} have no place in SECTOR_OF of "
                         "korus/sectors.py.")
    return listed.assign(group=listed["sector"].map(SECTOR_OF))


def shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Whose money each project is, by what the list states: project, one column for each of WHOSE, million USD.

    The four add up to the amount after updates. A stated Korean share or split is of the first amount; what an update
    adds is a venture's, or a Korean firm's alone. A firm alone is one that builds or buys without a partner in the
    venture: how it finances the plant is not stated either.
    """
    stated = rows["korean_share_musd"].fillna(_halves(rows)).fillna(_together(rows))
    stated = pd.concat([stated, rows["first_musd"]], axis=1).min(axis=1, skipna=False).fillna(0).astype(float)
    first, amount = (rows[name].astype("Float64") for name in ("first_musd", "amount_musd"))
    partners = (first.astype("Float64") - stated).where(stated > 0, 0).fillna(0).astype(float)
    rest = (amount - stated - partners).fillna(0).astype(float)
    venture = _ventures(rows)
    return pd.DataFrame({
        "project": rows["project"], STATED: stated, ALONE: rest.where(~venture, 0.0),
        UNSPLIT: rest.where(venture, 0.0), PARTNERS: partners})


def _ventures(rows: pd.DataFrame) -> pd.Series:
    """Joint ventures, and expansions of one."""
    ventures = set(rows.loc[rows["mode"] == "joint venture", "project"])
    return rows["project"].isin(ventures) | rows["parent"].isin(ventures)


def _halves(rows: pd.DataFrame) -> pd.Series:
    """Half the first amount of a venture whose basis says 50/50 without saying between whom."""
    equal = rows["amount_basis"].str.contains(HALVES) & _ventures(rows)
    return (rows["first_musd"] / 2).astype("Float64").where(equal)


def _together(rows: pd.DataFrame) -> pd.Series:
    """The Korean part a note states for several projects together, spread over them by their amounts.

    Nothing where one of them is not among the rows or in another sector, or where the sum is not that of the note.
    """
    found = pd.Series(pd.NA, index=rows.index, dtype="Float64")
    for row in rows.itertuples():
        match = TOGETHER.match(row.note)
        if not match:
            continue
        own = rows[rows["project"].isin(match[1].split("+"))]
        whole = float(own["first_musd"].sum())
        korean = [float(amount.replace(",", "")) for name, amount in PART.findall(match[3])
                  if name in row.investor_group.split("; ")]
        if len(own) == match[1].count("+") + 1 and own["group"].nunique() == 1 and korean \
                and whole == float(match[2].replace(",", "")):
            found[own.index] = own["first_musd"] * (sum(korean) / whole)
    return found


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per sector and OTHER, projects or none: counts, amounts, whose money, states, tier and ref.

    group, projects, with_amount, first_musd, amount_musd (after updates; missing where no project states one),
    one column for each of WHOSE, korean_lower and korean_upper, states, tier, ref. `rows` from `coded`. The Korean
    share lies between what is stated as Korean and all that is not stated as partners'.
    """
    whose = shares(rows).set_index("project")
    with_money = rows.join(whose, on="project")
    found = []
    for group in NAMES:
        own = with_money[with_money["group"] == group]
        parts = {name: float(own[name].sum()) for name in WHOSE.values()}
        known = int(own["amount_musd"].notna().sum())
        first, amount = (float(own[name].sum()) if known or own.empty else float("nan")
                         for name in ("first_musd", "amount_musd"))
        found.append({
            "group": group, "projects": len(own), "with_amount": known, "first_musd": first, "amount_musd": amount,
            **parts, "korean_lower": parts[STATED], "korean_upper": amount - parts[PARTNERS],
            "states": by_state_words(own), "tier": TIER, "ref": " ".join(own["ref"] if len(own) else rows["ref"])})
    return pd.DataFrame(found)


def by_state_words(rows: pd.DataFrame, most: int = 4) -> str:
    """The states with most projects, in words: `Georgia 11, Alabama 7 and 2 more states`; empty for no project."""
    counts = rows.loc[rows["state"] != "", "state"].value_counts().rename_axis("state").reset_index(name="n")
    counts = counts.sort_values(["n", "state"], ascending=[False, True])
    words = [f"{STATES.get(row.state, row.state)} {row.n}" for row in counts.head(most).itertuples()]
    rest = len(counts) - most
    words += [f"{rest} more state{'s' if rest > 1 else ''}"] if rest > 0 else []
    missing = int((rows["state"] == "").sum())
    words += [f"no state named {missing}"] if missing else []
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def cells(rows: pd.DataFrame, column: str, kinds: dict[str, str]) -> pd.DataFrame:
    """Projects and amounts by sector and one column, every pair of NAMES and `kinds`: group, kind, projects,
    with_amount, amount_musd (missing where projects state none), tier, ref.
    """
    found = []
    for group in NAMES:
        for kind, words in kinds.items():
            own = rows[(rows["group"] == group) & (rows[column] == words)]
            known = int(own["amount_musd"].notna().sum())
            amount = float(own["amount_musd"].sum()) if known or own.empty else float("nan")
            refs = own["ref"] if len(own) else rows["ref"]
            found.append([group, kind, len(own), known, amount, TIER, " ".join(refs)])
    return pd.DataFrame(found, columns=["group", "kind", "projects", "with_amount", "amount_musd", "tier", "ref"])


def pledges(announced: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Pledges that name a sector, one row per sector and pledge; no sum of them means anything.

    group, project, announced, investor, text (what is pledged), own (whether all of it is for the sector),
    amount_musd, amount_basis, tier, ref.
    """
    known = known_by(announced, as_of) if max_tier >= TIER else announced.iloc[:0]
    known = known[known["kind"] == "pledge"]
    status = known["status"].where(known["status_as_of"] <= str(as_of), "")
    texts = (known["sector"] + "; " + known["product"] + "; " + status).str.strip("; ")
    found = []
    for group, pattern in NAMED.items():
        for row, text in zip(known.itertuples(), texts, strict=True):
            if re.search(pattern, text):
                found.append([group, row.project, row.announced, row.investor, text, SECTOR_OF.get(row.sector) == group,
                              row.amount_musd, row.amount_basis, TIER, row.ref])
    return pd.DataFrame(found, columns=["group", "project", "announced", "investor", "text", "own", "amount_musd",
                                        "amount_basis", "tier", "ref"])


def record(values, rows: pd.DataFrame, promised: pd.DataFrame, as_of: str) -> None:
    """Record counts and amounts by sector, mode and status, whose money they are, and pledges made to one sector.

    Ids are sectors.<measure>.<sector>. Amounts in million USD, where a project states one; counts always, nothing
    included. Nothing at all is recorded without a list.
    """
    if rows.empty:
        return
    day = str(as_of)
    for row in table(rows).to_dict("records"):
        origin = {"tier": row["tier"], "refs": row["ref"]}
        values.add(f"sectors.projects.{row['group']}", row["projects"], "count", day, **origin)
        values.add(f"sectors.with_amount.{row['group']}", row["with_amount"], "count", day, **origin)
        if not row["with_amount"]:
            continue
        values.add(f"sectors.announced.{row['group']}", row["first_musd"], "million USD", day, **origin)
        values.add(f"sectors.current.{row['group']}", row["amount_musd"], "million USD", day, **origin)
        values.add_interval(f"sectors.korean_money.{row['group']}", row["korean_lower"], row["korean_upper"],
                            "million USD", day, **origin)
        for word, name in WHOSE.items():
            values.add(f"sectors.money_{word}.{row['group']}", row[name], "million USD", day, **origin)
    for column, kinds in (("mode", MODES), ("status_group", STATUSES)):
        for row in cells(rows, column, kinds).itertuples():
            origin = {"tier": row.tier, "refs": row.ref}
            values.add(f"sectors.count_{row.kind}.{row.group}", row.projects, "count", day, **origin)
            if row.with_amount:
                values.add(f"sectors.amount_{row.kind}.{row.group}", row.amount_musd, "million USD", day, **origin)
    for group, own in promised[promised["own"] & promised["amount_musd"].notna()].groupby("group"):
        if len(own) == 1:
            values.add(f"sectors.pledge.{group}", float(own["amount_musd"].iloc[0]), "million USD", day, own)


def side_by_side(rows: pd.DataFrame) -> pd.DataFrame:
    """The table of all sectors for display."""
    if rows.empty:
        return pd.DataFrame(columns=["sector", "projects by state"])
    whole = table(rows)
    amounts = ["first_musd", "amount_musd", "korean_lower", "korean_upper"]
    whole[amounts] = whole[amounts].where(whole["with_amount"] > 0)
    return pd.DataFrame({
        "sector": whole["group"].map(NAMES), "projects": whole["projects"],
        "stating an amount": whole["with_amount"],
        "first announced, $m": whole["first_musd"], "after updates, $m": whole["amount_musd"],
        "Korean money, least, $m": whole["korean_lower"], "most, $m": whole["korean_upper"],
        "projects by state": whole["states"].replace("", "–")})


def projects_table(rows: pd.DataFrame, group: str) -> pd.DataFrame:
    """The projects of one sector for display, largest first."""
    own = rows[rows["group"] == group].sort_values(
        ["amount_musd", "announced"], ascending=[False, True], na_position="last", kind="stable")
    if own.empty:
        return pd.DataFrame()
    whose = shares(rows).set_index("project").loc[own["project"]]
    place = [", ".join(filter(None, pair)) for pair in zip(own["place"], own["state"], strict=True)]
    return pd.DataFrame({
        "announced": own["year"].to_numpy(), "investor": own["investor"].to_numpy(),
        "partner": own["partner"].replace("", "–").to_numpy(), "place": place,
        "product": own["product"].replace("", "–").to_numpy(),
        "mode": own["mode"].to_numpy(), "$m": own["amount_musd"].to_numpy(),
        "Korean part, $m": whose[STATED].where(whose[STATED] > 0).to_numpy(),
        "status": own["status_group"].to_numpy()})


def pledges_table(promised: pd.DataFrame) -> pd.DataFrame:
    """Pledges that name a sector, for display; the list's numbers of other pledges are put in words."""
    basis = promised["amount_basis"].str.replace(r"part of [GU]\d+", "part of a larger pledge", regex=True)
    return pd.DataFrame({
        "sector": promised["group"].map(NAMES), "announced": promised["announced"], "by": promised["investor"],
        "words": promised["text"], "whole pledge, $m": promised["amount_musd"], "basis": basis})
