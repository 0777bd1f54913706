"""Charts of the announced projects: a map of states, sectors and modes, the Monitor beside the list."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, INK, MUTED, PALE, PAPER, RAMP, RULE, WIDTH, title

# One square per state: column and row. Neighbours stay neighbours where they can.
TILES = {
    "AK": (0, 0), "ME": (10, 0),
    "VT": (9, 1), "NH": (10, 1),
    "WA": (0, 2), "ID": (1, 2), "MT": (2, 2), "ND": (3, 2), "MN": (4, 2), "WI": (5, 2), "MI": (7, 2),
    "NY": (8, 2), "MA": (9, 2), "RI": (10, 2),
    "OR": (0, 3), "NV": (1, 3), "WY": (2, 3), "SD": (3, 3), "IA": (4, 3), "IL": (5, 3), "IN": (6, 3),
    "OH": (7, 3), "PA": (8, 3), "NJ": (9, 3), "CT": (10, 3),
    "CA": (0, 4), "UT": (1, 4), "CO": (2, 4), "NE": (3, 4), "MO": (4, 4), "KY": (5, 4), "WV": (6, 4),
    "VA": (7, 4), "MD": (8, 4), "DE": (9, 4),
    "AZ": (1, 5), "NM": (2, 5), "KS": (3, 5), "AR": (4, 5), "TN": (5, 5), "NC": (6, 5), "SC": (7, 5),
    "DC": (8, 5),
    "OK": (3, 6), "LA": (4, 6), "MS": (5, 6), "AL": (6, 6), "GA": (7, 6),
    "HI": (0, 7), "TX": (3, 7), "FL": (8, 7),
}
MODES = ["greenfield", "joint venture", "expansion", "acquisition"]


def states_data(by_state: pd.DataFrame, shows: str = "projects") -> pd.DataFrame:
    """What the map shows, one row per state and DC: column, row, value, label, projects, amount, ref.

    `shows` is projects (a count) or billion_usd (announced amounts after updates). Projects whose state
    is not stated have no square; `elsewhere` counts them. An unknown state is an error.
    """
    unknown = sorted(set(by_state["state"]) - set(TILES) - {""})
    if unknown:
        raise ValueError(f"states {unknown} have no square in TILES of korus/charts/projects.py")
    tiles = pd.DataFrame([(s, c, r) for s, (c, r) in TILES.items()], columns=["state", "column", "row"])
    frame = tiles.merge(by_state[["state", "projects", "amount_musd", "tier", "ref"]], on="state", how="left")
    counts = frame["projects"].fillna(0).astype(int)
    billions = (frame["amount_musd"].astype(float) / 1000).round(6)
    value = counts.astype(float) if shows == "projects" else billions.fillna(0)
    label = [f"{v:.0f}" if shows == "projects" or v >= 10 else f"{v:.1f}" if v >= 0.05 else "<0.1" for v in value]
    label = ["–" if n and shows != "projects" and pd.isna(b) else text
             for text, n, b in zip(label, counts, billions, strict=True)]
    missing = by_state.loc[by_state["state"] == "", "projects"].sum()
    return frame.assign(
        projects=counts, billion_usd=billions, value=value, shows=shows, elsewhere=int(missing),
        label=[text if n else "" for text, n in zip(label, counts, strict=True)],
    ).drop(columns="amount_musd")


def states(data: pd.DataFrame) -> alt.LayerChart:
    """A square per state, shaded by number or amount, which it also prints; states without are white."""
    counted = data["shows"].iloc[0] == "projects"
    size = WIDTH // 11
    top = float(data["value"].max()) or 1.0
    data = data.assign(dark=data["value"] >= top / 2)
    x = alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.06, paddingOuter=0))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.06, paddingOuter=0))
    ink = alt.condition("datum.dark", alt.value(PAPER), alt.value(INK))
    base = alt.Chart(data).encode(x=x, y=y)
    squares = base.mark_rect(stroke=RULE, strokeWidth=1).encode(
        color=alt.condition("datum.value > 0", alt.Color("value:Q", legend=None, scale=alt.Scale(
            type="quantize", domain=[0, top], range=RAMP)), alt.value(PAPER)))
    some = base.transform_filter("datum.projects > 0")
    names = some.mark_text(dy=-9, fontSize=14).encode(text="state:N", color=ink)
    none = base.transform_filter("datum.projects == 0").mark_text(fontSize=14, color=COLOURS["grey"]).encode(
        text="state:N")
    numbers = some.mark_text(dy=10, fontSize=16, fontWeight="bold").encode(text="label:N", color=ink)
    elsewhere = int(data["elsewhere"].iloc[0])
    rest = f"{elsewhere} projects without a stated state are not on the map." if elsewhere else ""
    question = ["In which states do Korean firms announce projects?"] if counted else [
        "In which states are the announced amounts?"]
    words = ["Number of announced projects since 2017;", "no updates, stakes, pledges."] if counted else [
        "Announced amounts since 2017, billion US dollars,", "partners' money included."]
    return (squares + none + names + numbers).properties(
        width=size * 11, height=size * 8, title=title(question, [line for line in [*words, rest] if line]))


def sectors_data(by_sector_and_mode: pd.DataFrame) -> pd.DataFrame:
    """What the sector chart shows: sector, mode, projects, billion_usd; sectors by amount, largest first."""
    frame = by_sector_and_mode.assign(
        billion_usd=(by_sector_and_mode["amount_musd"].astype(float) / 1000).round(6))
    total = frame.groupby("sector")["billion_usd"].sum()
    count = frame.groupby("sector")["projects"].sum()
    frame = frame.assign(
        sector_billion_usd=frame["sector"].map(total), sector_projects=frame["sector"].map(count),
        mode_order=frame["mode"].map({m: n for n, m in enumerate(MODES)}))
    columns = ["sector", "mode", "mode_order", "projects", "billion_usd", "sector_billion_usd",
               "sector_projects", "tier", "ref"]
    return frame.sort_values(["sector_billion_usd", "sector", "mode_order"],
                             ascending=[False, True, True])[columns].reset_index(drop=True)


def sectors(data: pd.DataFrame) -> alt.LayerChart:
    """Announced amounts by sector, stacked by mode (colour and letter), number of projects at the end."""
    order = list(dict.fromkeys(data["sector"]))
    colours = [COLOURS["blue"], PALE["blue"], PALE["grey"], COLOURS["orange"]]
    letters = {"greenfield": "G", "joint venture": "J", "expansion": "E", "acquisition": "A"}
    drawn = data[data["billion_usd"] > 0].sort_values(["sector", "mode_order"], kind="stable")
    end = drawn.groupby("sector")["billion_usd"].cumsum()
    drawn = drawn.assign(start=end - drawn["billion_usd"], end=end, letter=drawn["mode"].map(letters))
    y = alt.Y("sector:N", sort=order, title=None, axis=alt.Axis(labelLimit=200, ticks=False, domain=False))
    top = float(data["sector_billion_usd"].max())
    scale = alt.Scale(domain=[0, top * 1.5], nice=False)
    bars = alt.Chart(drawn).mark_bar(stroke=COLOURS["blue"], strokeWidth=0.8).encode(
        y=y, x=alt.X("start:Q", title="billion US dollars", scale=scale, axis=alt.Axis(tickCount=6)), x2="end:Q",
        color=alt.Color("mode:N", title=None, scale=alt.Scale(domain=MODES, range=colours),
                        legend=alt.Legend(columns=2, labelExpr="datum.label + ' (' + {'greenfield':'G',"
                                          "'joint venture':'J','expansion':'E','acquisition':'A'}[datum.label] + ')'")))
    wide = drawn[drawn["billion_usd"] > 0.06 * top].assign(middle=lambda t: (t["start"] + t["end"]) / 2)
    marks = alt.Chart(wide).mark_text(fontSize=12, fontWeight="bold").encode(
        y=y, x=alt.X("middle:Q", scale=scale), text="letter:N",
        color=alt.condition("datum.mode == 'greenfield'", alt.value(PAPER), alt.value(INK)))
    found = data.groupby("sector")["mode"].agg(lambda modes: " ".join(letters[mode] for mode in modes))
    ends = data.drop_duplicates("sector").assign(
        label=lambda t: [f"{n} project{'s' if n > 1 else ''}: {found[sector]}"
                         for n, sector in zip(t["sector_projects"], t["sector"], strict=True)])
    labels = alt.Chart(ends).mark_text(align="left", dx=5, fontSize=12, color=MUTED).encode(
        y=y, x=alt.X("sector_billion_usd:Q", scale=scale), text="label:N")
    return (bars + marks + labels).properties(
        width=WIDTH - 190, height=23 * len(order),
        title=title("What do the announced projects make, and how?",
                    ["Announced amounts since 2017 by sector and mode, after updates,",
                     "partners' money included. Some projects state no amount."]))


def monitor_data(beside: pd.DataFrame) -> pd.DataFrame:
    """What the comparison shows: facilities with their relation to the list, by the Monitor's year."""
    frame = beside.assign(year=beside["announced"].str[:4])
    table = frame.groupby(["year", "relation"]).agg(
        plants=("facility", "size"), tier=("tier", "max"), ref=("ref", " ".join)).reset_index()
    return table


def monitor(data: pd.DataFrame) -> alt.LayerChart:
    """Plants of the Monitor by year: matched with the list, possibly the same, not in the list."""
    kinds = ["matched", "possible", "unmatched"]
    words = {"matched": "in the list", "possible": "possibly in the list", "unmatched": "not in the list"}
    data = data.assign(word=data["relation"].map(words), rank=data["relation"].map(kinds.index)).sort_values(
        ["year", "rank"])
    end = data.groupby("year")["plants"].cumsum()
    data = data.assign(start=end - data["plants"], end=end, middle=end - data["plants"] / 2)
    x = alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0))
    bars = alt.Chart(data).mark_bar(strokeWidth=1.4, stroke=COLOURS["blue"]).encode(
        x=x, y=alt.Y("start:Q", title="plants"), y2="end:Q",
        color=alt.Color("word:N", title=None, scale=alt.Scale(
            domain=list(words.values()), range=[COLOURS["blue"], PALE["blue"], PAPER]),
            legend=alt.Legend(symbolStrokeColor=COLOURS["blue"])))
    labels = alt.Chart(data).mark_text(fontSize=12).encode(
        x=x, y="middle:Q", text="plants:Q",
        color=alt.condition("datum.relation == 'matched'", alt.value(PAPER), alt.value(INK)))
    return (bars + labels).properties(
        width=WIDTH - 60, height=350,
        title=title(["How much of the Clean Investment Monitor", "is in the list of projects?"],
                    ["Plants with a Korean parent by year of", "announcement; counts, no amounts"]))
