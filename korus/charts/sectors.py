"""Charts of the sectors: a grid of bars, one row per sector, one column per status or per whose money it is."""

import altair as alt
import pandas as pd

from korus import sectors
from korus.charts.common import COLOURS, GRID, INK, MUTED, title

# Pixels: room for the names of the rows, and one column.
LEFT, ROW, TOP = 98, 40, 72
WIDE, NARROW = 82, 66
HEADS = {
    "running": ["operating,", "completed"], "being_built": ["being", "built"], "planned": ["planned,", "signed"],
    "ending": ["venture", "ending"], "unstated": ["not", "stated"],
    "stated": ["stated", "as Korean"], "alone": ["Korean", "firm alone"], "unsplit": ["venture,", "split open"],
    "partners": ["stated as", "partners'"],
}
ROWS = {"shipbuilding": "Shipbuilding", "nuclear": "Nuclear power", "pharmaceuticals": "Pharmaceuticals",
        "ai-infrastructure": "AI infrastructure", "chips": "Chips", "batteries": "Batteries",
        "vehicles": "Vehicles, parts", "other": "All other"}


def status_data(rows: pd.DataFrame) -> pd.DataFrame:
    """What the chart of statuses shows, one row per sector and status: group, kind, projects, billion_usd, label,
    tier, ref. `rows` from sectors.coded; a sector without any project has one row that says so.
    """
    if rows.empty:
        return pd.DataFrame()
    table = sectors.cells(rows, "status_group", sectors.STATUSES)
    label = [f"{_printed(amount / 1000)} ({n})" if pd.notna(amount) else f"? ({n})"
             for amount, n in zip(table["amount_musd"], table["projects"], strict=True)]
    return _drawn(table.assign(billion_usd=table["amount_musd"] / 1000, label=label), table["projects"] > 0)


def money_data(rows: pd.DataFrame) -> pd.DataFrame:
    """What the chart of whose money shows, one row per sector and part: group, kind, billion_usd, label, tier, ref."""
    if rows.empty:
        return pd.DataFrame()
    whole = sectors.table(rows)
    table = pd.concat([whole[["group", "projects", "tier", "ref"]].assign(kind=kind, billion_usd=whole[name] / 1000)
                       for kind, name in sectors.WHOSE.items()], ignore_index=True)
    table["label"] = [_printed(value) for value in table["billion_usd"]]
    return _drawn(table, table["billion_usd"] > 0)


def _printed(billions: float) -> str:
    """As the values print billions."""
    return f"{billions:.{2 if billions < 10 else 1}f}"


def _drawn(table: pd.DataFrame, shown: pd.Series) -> pd.DataFrame:
    """Cells with something in them, and one row for each sector in which no project is listed."""
    order = list(sectors.NAMES)
    empty = table.groupby("group")["projects"].transform("sum") == 0
    none = table[empty].drop_duplicates("group").assign(kind="", billion_usd=0.0, label="no project in the list")
    both = pd.concat([table[shown & ~empty], none])
    both = both.assign(row=both["group"].map(order.index), billion_usd=both["billion_usd"].astype(float))
    return both.sort_values(["row", "kind"], kind="stable")[
        ["row", "group", "kind", "projects", "billion_usd", "label", "tier", "ref"]].reset_index(drop=True)


def status(data: pd.DataFrame) -> alt.LayerChart:
    """How far projects have come: columns are statuses, labels give the amount and the number of projects."""
    return _grid(data, list(sectors.STATUSES), NARROW, title(
        "How far have the announced projects come?",
        ["Announced amounts after updates, billion US dollars, partners'",
         "money included; in brackets the number of projects"]))


def money(data: pd.DataFrame) -> alt.LayerChart:
    """Whose money: columns are what the list states of it."""
    return _grid(data, list(sectors.WHOSE), WIDE, title(
        "How much of it is Korean money?",
        ["Announced amounts after updates by what the list states of them,", "billion US dollars"]))


def _grid(data: pd.DataFrame, kinds: list[str], column: int, words: alt.TitleParams) -> alt.LayerChart:
    """A bar in each cell on one scale, its label above it; position says which kind it is, not colour."""
    height = TOP + ROW * len(ROWS) - ROW + 14
    place = {kind: LEFT + n * column for n, kind in enumerate(kinds)}
    top = max(float(data["billion_usd"].max()), 1e-9)
    drawn = data.assign(x=data["kind"].map(place).fillna(LEFT), y=data["row"] * ROW + TOP)
    drawn = drawn.assign(end=drawn["x"] + drawn["billion_usd"].fillna(0) / top * (column - 8))
    x, y = (alt.X("x:Q", scale=alt.Scale(domain=[0, LEFT + column * len(kinds)], nice=False), axis=None),
            alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None))
    base = alt.Chart(drawn)
    labels = base.mark_text(align="left", baseline="bottom", dy=-7, fontSize=12, color=INK).encode(
        x=x, y=y, text="label:N")
    bars = base.transform_filter("datum.kind !== ''").mark_bar(
        height=9, color=COLOURS["blue"], stroke=COLOURS["blue"], strokeWidth=1).encode(x=x, x2="end:Q", y=y)
    names = pd.DataFrame({"x": 0, "y": [n * ROW + TOP for n in range(len(ROWS))], "text": list(ROWS.values())})
    heads = pd.DataFrame([(place[kind], 6 + 14 * n, line) for kind in kinds for n, line in enumerate(HEADS[kind])],
                         columns=["x", "y", "text"])
    rules = pd.DataFrame({"x": 0, "end": LEFT + column * len(kinds), "y": names["y"] + 9})
    lines = alt.Chart(rules).mark_rule(color=GRID).encode(x=x, x2="end:Q", y=y)
    left = alt.Chart(names).mark_text(align="left", fontSize=12, color=INK, dy=-6).encode(
        x=x, y=y, text="text:N")
    above = alt.Chart(heads).mark_text(align="left", baseline="top", fontSize=12, color=MUTED).encode(
        x=x, y=y, text="text:N")
    return alt.layer(lines, left, above, bars, labels).properties(
        width=LEFT + column * len(kinds), height=height, title=words)
