"""Announced Korean projects in the United States: counts, amounts, status; pledges and stakes apart.

An amount is what was announced for the whole project, partners' money included; it is no flow and not
Korea's share unless a source says so. Amounts of projects are added up, never across record types.
Announcements are read in press, company and state texts: tier 3. Million USD of the day.
"""

import re

import pandas as pd

from korus.clean.projects import known_by

TIER = 3

# Ordered: the first pattern found at the beginning of a status decides. A new wording is an error.
STATUS_GROUPS = (
    ("joint venture ending", r"JV to be dissolved"),
    ("operating or completed", r"completed|operating|opened|producing|campus opened|normal panel output|"
     r"ground broken \w+ \d{4}; production from|site investment later put|total at site"),
    ("being built", r"under construction|being built|construction;|ground broken|98% complete|"
     r"JV sells building|phase 1 plant|temporary occupancy|storage part put on hold"),
    ("planned or signed", r"planned|production planned|commercial production planned|start moved|site not named|"
     r"142-acre|to start at once|conditional commitment|signed|selected|capital increase approved|"
     r"CHIPS award|superseded|DOE conditional"),
)
NOT_STATED = "not stated"

# What an update does to the amount of the project it belongs to, by the words of its amount_basis.
EFFECTS = (
    ("replaces", r"\btotal\b|includes|replaces"),
    ("adds", r"additional"),
    ("inside", r"part of"),
)


def status_group(status: str, status_as_of: str, as_of: str, ref: str) -> str:
    """The group of a printed status; `not stated` where there is none, or none was known by `as_of`."""
    known = re.match(r"\d{4}(-\d{2}){0,2}", status_as_of)
    if not status or (known and known[0] > str(as_of)[:len(known[0])]):
        return NOT_STATED
    for group, pattern in STATUS_GROUPS:
        if re.match(pattern, status):
            return group
    raise ValueError(f"data/raw/{ref}, column status: {status!r} belongs to no group. Add its first words "
                     "to STATUS_GROUPS in korus/projects.py.")


def updates(projects: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """What each update known by `as_of` does to its project's amount.

    Columns project, update, announced, effect (replaces, adds, inside, superseded), first_musd,
    update_musd, amount_musd (after it), ref. An update older than its project is superseded by it.
    """
    known = known_by(projects, as_of).set_index("project")
    rows = known[known["kind"] == "update"].sort_values("announced", kind="stable")
    current = known["amount_musd"].astype("Float64").to_dict()
    found = []
    for name, row in rows.iterrows():
        if row["parent"] not in current:
            effect, first = "superseded", pd.NA
        else:
            first = current[row["parent"]]
            older = row["announced"] < known.at[row["parent"], "announced"]
            effect = "superseded" if older else _effect(row)
        after = {"replaces": row["amount_musd"], "adds": first + row["amount_musd"]}.get(effect, first)
        if effect in ("replaces", "adds"):
            current[row["parent"]] = after
        found.append({"project": row["parent"], "update": name, "announced": row["announced"],
                      "effect": effect, "first_musd": first, "update_musd": row["amount_musd"],
                      "amount_musd": after, "amount_basis": row["amount_basis"], "ref": row["ref"]})
    columns = ["project", "update", "announced", "effect", "first_musd", "update_musd", "amount_musd",
               "amount_basis", "ref"]
    return pd.DataFrame(found, columns=columns)


def _effect(row: pd.Series) -> str:
    for effect, pattern in EFFECTS:
        if re.search(pattern, row["amount_basis"]):
            return effect
    raise ValueError(f"data/raw/{row['ref']}, column amount_basis: {row['amount_basis']!r} does not say whether "
                     "the update replaces, adds to or lies inside its project's amount. Add its words "
                     "to EFFECTS in korus/projects.py.")


def listed(projects: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """The projects known by `as_of`, one row each; no updates, stakes or pledges among them.

    Adds year, status_group, first_musd (as announced first) and amount_musd (after updates that replace
    it or add to it), tier, and ref with the updates' lines.
    """
    known = known_by(projects, as_of) if max_tier >= TIER else projects.iloc[:0]
    rows = known[known["kind"] == "project"]
    changed = updates(projects, as_of)
    changed = changed[changed["effect"].isin(["replaces", "adds"])]
    latest = changed.drop_duplicates("project", keep="last").set_index("project")["amount_musd"]
    extra = changed.groupby("project")["ref"].agg(" ".join)
    groups = [status_group(status, since, as_of, ref) for status, since, ref in zip(
        rows["status"], rows["status_as_of"], rows["ref"], strict=True)]
    refs = [" ".join([ref, *([extra[name]] if name in extra.index else [])])
            for name, ref in zip(rows["project"], rows["ref"], strict=True)]
    return rows.assign(
        year=rows["announced"].str[:4], status_group=groups, first_musd=rows["amount_musd"],
        amount_musd=rows["project"].map(latest).astype("Float64").fillna(rows["amount_musd"]),
        tier=TIER, ref=refs,
    ).reset_index(drop=True)


def summary(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Counts and announced amounts of projects by some columns.

    projects, with_amount, first_musd, amount_musd (after updates), with_korean_share and
    korean_share_musd (of those alone), tier, ref. A sum over projects of which some state no amount is
    a lower bound of what was announced; the two counts say how far.
    """
    table = rows.groupby(by, sort=True).agg(
        projects=("project", "size"), with_amount=("amount_musd", "count"),
        first_musd=("first_musd", "sum"), amount_musd=("amount_musd", "sum"),
        with_korean_share=("korean_share_musd", "count"), korean_share_musd=("korean_share_musd", "sum"),
        tier=("tier", "max"), ref=("ref", " ".join),
    ).reset_index()
    return table.assign(
        korean_share_musd=table["korean_share_musd"].mask(table["with_korean_share"] == 0),
        amount_musd=table["amount_musd"].mask(table["with_amount"] == 0),
        first_musd=table["first_musd"].mask(table["with_amount"] == 0))


def announced_by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """First announced amounts of new plants, expansions and joint ventures (no acquisitions), by year."""
    builds = rows[rows["mode"] != "acquisition"]
    table = summary(builds, ["year"]).drop(columns="amount_musd")
    return table.rename(columns={"first_musd": "amount_musd"}).dropna(subset=["amount_musd"])


def apart(projects: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Pledges, stakes and updates, each a row of its own: they contain or overlap projects, so no sum."""
    known = known_by(projects, as_of) if max_tier >= TIER else projects.iloc[:0]
    columns = ["kind", "record_type", "announced", "investor", "amount_musd", "amount_basis", "parent",
               "status", "ref"]
    return known.loc[known["kind"] != "project", columns].assign(tier=TIER).sort_values(
        ["kind", "announced"], kind="stable").reset_index(drop=True)


def account(projects: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Every row of the list: taken as a project, or left out and why. Columns what, rows."""
    later = projects["announced"] > str(as_of)
    what = projects["kind"].map({
        "project": "projects, counted", "update": "updates: change their project's amount, not counted",
        "stake": "stakes: shown apart", "pledge": "pledges: shown apart"})
    what = what.mask(later, "announced after the day of the report")
    if max_tier < TIER:
        what = what.mask(~later, "of a worse tier than admitted")
    return what.value_counts().rename_axis("what").rename("rows").reset_index().sort_values(
        "what").reset_index(drop=True)


def acquisitions(rows: pd.DataFrame) -> pd.DataFrame:
    """Acquisitions by amount, largest first, with rank and share of all acquisitions' stated amounts.

    Buying a plant adds none: an acquisition stands beside greenfield, never in it.
    """
    bought = rows[rows["mode"] == "acquisition"].sort_values(
        ["amount_musd", "announced"], ascending=[False, True], na_position="last", kind="stable")
    total = float(bought["amount_musd"].sum())
    columns = ["announced", "investor", "partner", "state", "place", "sector", "amount_musd",
               "amount_basis", "status_group", "tier", "ref"]
    table = bought[columns].assign(
        rank=range(1, len(bought) + 1),
        share_pct=(100 * bought["amount_musd"] / total).astype("Float64") if total else pd.NA)
    return table.reset_index(drop=True)


def in_its_place(rows: pd.DataFrame, place: str, partner: str) -> pd.DataFrame:
    """One purchase (place and seller) beside acquisitions and new building of its sector and of all.

    Columns what, projects, with_amount, amount_musd, tier, ref: rows that contain each other or differ in
    kind, for comparison and not for addition. Raises ValueError unless exactly one project fits.
    """
    one = rows[(rows["place"] == place) & rows["partner"].str.contains(partner, regex=False)]
    if len(one) != 1:
        raise ValueError(f"{len(one)} projects in {place!r} bought from {partner!r}; expected one")
    bought, sector = rows["mode"] == "acquisition", rows["sector"] == one["sector"].iloc[0]
    same_year = rows["year"] == one["year"].iloc[0]
    name = one["sector"].iloc[0]
    parts = (("the purchase", rows.index.isin(one.index)), (f"acquisitions in {name}", bought & sector),
             (f"new building in {name}", ~bought & sector), ("all acquisitions of the year", bought & same_year),
             ("all new building of the year", ~bought & same_year))
    return pd.concat([
        summary(rows[mask].assign(what=what), ["what"]) for what, mask in parts if mask.any()
    ])[["what", "projects", "with_amount", "amount_musd", "tier", "ref"]].reset_index(drop=True)


def record(values, rows: pd.DataFrame, as_of: str) -> None:
    """Record the number of projects, in all, by mode and by state, and their amounts by year and by sector.

    `announced` is what was first announced, `current` and `amount_in` what the same projects stand at after updates.
    """
    if rows.empty:
        return
    values.add("projects.count", len(rows), "count", str(as_of), rows)
    for row in summary(rows, ["year"]).dropna(subset=["first_musd"]).itertuples():
        for kind, amount in (("announced", row.first_musd), ("current", row.amount_musd)):
            values.add(f"projects.{kind}.{row.year}", amount, "million USD", row.year, tier=int(row.tier),
                       refs=row.ref)
    for row in summary(rows, ["mode"]).itertuples():
        name = row.mode.replace(" ", "_")
        values.add(f"projects.count.{name}", row.projects, "count", str(as_of), tier=int(row.tier), refs=row.ref)
    for row in summary(rows[rows["state"] != ""], ["state"]).itertuples():
        values.add(f"projects.count_in.{row.state}", row.projects, "count", str(as_of), tier=int(row.tier), refs=row.ref)
    sectors = summary(rows, ["sector"]).dropna(subset=["amount_musd"])
    for row in sectors.itertuples():
        values.add(f"projects.amount_in.{row.sector.replace(' ', '_')}", row.amount_musd, "million USD", str(as_of),
                   tier=int(row.tier), refs=row.ref)
    values.add("projects.amount_in.all", sectors["amount_musd"].sum(), "million USD", str(as_of), rows)
    shared = rows[rows["korean_share_musd"].notna()]
    if len(shared):
        values.add("projects.with_korean_share", len(shared), "count", str(as_of), shared)
