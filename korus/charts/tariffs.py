"""Charts of the tariff chapter."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, NAMES, PALE, PAPER, RULE, WIDTH, title

def collected_data(rates: pd.DataFrame) -> pd.DataFrame:
    """What the first chart shows: month, partner, rate_pct, duty and value in USD, ref."""
    rows = rates[rates["partner"].isin(["KOR", "WLD"])]
    return rows.assign(
        date=rows["month"] + "-01", name=rows["partner"].map({"KOR": "Korea", "WLD": "all countries"}),
    )[["month", "date", "name", "rate_pct", "duty_usd", "consumption_usd", "tier", "ref"]]


def collected(data: pd.DataFrame) -> alt.LayerChart:
    """Collected rate on goods from Korea and from all countries since 2017."""
    names = ["Korea", "all countries"]
    colour = alt.Color("name:N", legend=None, scale=alt.Scale(
        domain=names, range=[COLOURS["blue"], COLOURS["grey"]]))
    dash = alt.StrokeDash("name:N", legend=None, scale=alt.Scale(domain=names, range=[[1, 0], [4, 3]]))
    x = alt.X("date:T", title=None, axis=alt.Axis(
        format="%Y", tickCount=alt.TimeIntervalStep(interval="year", step=2), labelFlush=False))
    y = alt.Y("rate_pct:Q", title=None, axis=alt.Axis(labelExpr="datum.value + '%'"))
    lines = alt.Chart(data).mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash)
    last = data.sort_values("date").groupby("name").tail(1).sort_values("rate_pct")
    ends = [
        alt.Chart(last.iloc[[place]]).mark_text(
            align="left", dx=6, dy=dy, fontWeight="bold").encode(x=x, y=y, text="name:N", color=colour)
        for place, dy in zip(range(len(last)), (8, -8), strict=False)
    ]
    return alt.layer(lines, *ends).properties(width=WIDTH - 130, height=200, title=title(
        ["What does the United States", "collect on Korean goods?"],
        ["Calculated duty as a share of imports for", "consumption, by month"]))


def partners_data(rates: pd.DataFrame, months: tuple[str, ...]) -> pd.DataFrame:
    """What the partner chart shows: partner, month, rate_pct, for partners held in all the months."""
    rows = rates[rates["month"].isin(months)]
    complete = rows.groupby("partner")["month"].nunique()
    rows = rows[rows["partner"].isin(complete[complete == len(months)].index)]
    return rows.assign(name=rows["partner"].map(NAMES).fillna(rows["partner"]))[
        ["partner", "name", "month", "rate_pct", "tier", "ref"]]


def partners(data: pd.DataFrame, months: tuple[str, ...]) -> alt.LayerChart:
    """Collected rate of each partner in three months, sorted by the last."""
    order = list(data[data["month"] == months[-1]].sort_values("rate_pct", ascending=False)["name"])
    y = alt.Y("name:N", sort=order, title=None)
    x = alt.X("rate_pct:Q", title=None, axis=alt.Axis(labelExpr="datum.value + '%'", orient="top"))
    spans = alt.Chart(data).mark_rule(color=RULE).encode(
        y=y, x=alt.X("min(rate_pct):Q"), x2="max(rate_pct):Q")
    korea = alt.Chart(data.query("partner == 'KOR'")).mark_rule(
        color=COLOURS["blue"], strokeWidth=9, opacity=0.18,
    ).encode(y=y, x=alt.X("min(rate_pct):Q"), x2="max(rate_pct):Q")
    points = alt.Chart(data).mark_point(filled=True, size=80, opacity=1).encode(
        x=x, y=y,
        shape=alt.Shape("month:N", title=None, sort=list(months), scale=alt.Scale(
            domain=list(months), range=["circle", "triangle-up", "diamond"])),
        color=alt.Color("month:N", title=None, sort=list(months), scale=alt.Scale(
            domain=list(months), range=[COLOURS["grey"], COLOURS["orange"], COLOURS["blue"]])),
    )
    return (korea + spans + points).properties(
        width=WIDTH - 130, height=24 * len(order),
        title=title("Who pays more than Korea, and who less?",
                    ["Collected duty rate on imports from each", "partner, in three months"]))


def rivals_data(rates: pd.DataFrame, rivals: list[str]) -> pd.DataFrame:
    """What the comparison shows: for each rival, its months and Korea's, under the rival's name."""
    held = [rival for rival in rivals if rival in set(rates["partner"]) and rival != "KOR"]
    parts = [
        rates[rates["partner"] == code].assign(panel=NAMES.get(rival, rival), line=line)
        for rival in held for code, line in ((rival, "competitor"), ("KOR", "Korea"))
    ]
    columns = ["panel", "line", "partner", "month", "date", "rate_pct", "tier", "ref"]
    if not parts:
        return pd.DataFrame(columns=columns)
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(date=frame["month"] + "-01")[columns]


def rivals(data: pd.DataFrame) -> alt.FacetChart:
    """One small chart per competitor, Korea's line in each, since 2017; scales differ."""
    lines = ["Korea", "competitor"]
    order = list(dict.fromkeys(data["panel"]))
    return alt.Chart(data).mark_line(strokeWidth=1.8).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%y", tickCount=5)),
        y=alt.Y("rate_pct:Q", title=None, axis=alt.Axis(labelExpr="datum.value + '%'", tickCount=4)),
        color=alt.Color("line:N", title=None, scale=alt.Scale(
            domain=lines, range=[COLOURS["blue"], COLOURS["orange"]])),
        strokeDash=alt.StrokeDash("line:N", title=None, scale=alt.Scale(
            domain=lines, range=[[1, 0], [4, 2]])),
    ).properties(width=WIDTH // 2 - 40, height=110).facet(
        facet=alt.Facet("panel:N", title=None, sort=order, header=alt.Header(
            labelAnchor="start", labelFontWeight="bold", labelFontSize=13)),
        columns=2, spacing=14,
    ).resolve_scale(y="independent").properties(title=title(
        ["How has Korea's rate moved", "beside each competitor's?"],
        ["Collected duty rate by month, 2017 to 2026.", "Scales differ from panel to panel."]))


TWELVE = {"KOR": ("blue", [1, 0]), "WLD": ("grey", [4, 3]), "JPN": ("orange", [8, 2]),
          "DEU": ("green", [2, 2]), "MEX": ("purple", [6, 2, 1, 2])}


def twelve_months_data(sums: pd.DataFrame) -> pd.DataFrame:
    """What the twelve-month chart shows: partner, name, month, date, rate_pct, from 2024 on."""
    rows = sums[sums["partner"].isin(TWELVE) & (sums["month"] >= "2024-01")]
    return rows.assign(date=rows["month"] + "-01", name=rows["partner"].map(NAMES))[
        ["partner", "name", "month", "date", "rate_pct", "tier", "ref"]]


def twelve_months(data: pd.DataFrame) -> alt.LayerChart:
    """Collected rate over twelve months of Korea, all countries and three competitors, by last month."""
    held = [code for code in TWELVE if code in set(data["partner"])]
    names = [NAMES[code] for code in held]
    colour = alt.Color("name:N", legend=None, scale=alt.Scale(
        domain=names, range=[COLOURS[TWELVE[code][0]] for code in held]))
    dash = alt.StrokeDash("name:N", legend=None, scale=alt.Scale(
        domain=names, range=[TWELVE[code][1] for code in held]))
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%b %y", tickCount=6))
    axis = alt.Axis(labelExpr="datum.value + '%'")
    lines = alt.Chart(data).mark_line().encode(
        x=x, y=alt.Y("rate_pct:Q", title=None, axis=axis), color=colour, strokeDash=dash,
        strokeWidth=alt.condition("datum.partner == 'KOR'", alt.value(3.2), alt.value(2)))
    last = data.sort_values("month").groupby("partner").tail(1).sort_values("rate_pct")
    gap, places = 0.065 * float(data["rate_pct"].max()), []
    for rate in last["rate_pct"]:
        places.append(max(rate, places[-1] + gap) if places else rate)
    labels = alt.Chart(last.assign(place=places)).mark_text(align="left", dx=6, fontWeight="bold").encode(
        x=x, y="place:Q", text="name:N", color=colour)
    return (lines + labels).properties(width=WIDTH - 138, height=240, title=title(
        ["Over a whole year, who", "pays more than Korea?"],
        ["Calculated duty as a share of imports, sums", "of the twelve months that end with the one shown"]))


def duty_data(rates: pd.DataFrame) -> pd.DataFrame:
    """What the duty chart shows: month, duty in million USD on Korean goods."""
    rows = rates[(rates["partner"] == "KOR") & (rates["month"] >= "2024-01")]
    return rows.assign(date=rows["month"] + "-01", duty_musd=(rows["duty_usd"] / 1e6).astype(float))[
        ["month", "date", "duty_musd", "tier", "ref"]]


def duty(data: pd.DataFrame) -> alt.Chart:
    """Duty assessed on Korean goods by month."""
    return alt.Chart(data).mark_bar(color=PALE["blue"], stroke=COLOURS["blue"]).encode(
        x=alt.X("yearmonth(date):T", title=None, axis=alt.Axis(format="%b %y", tickCount=8)),
        y=alt.Y("duty_musd:Q", title=None),
    ).properties(width=WIDTH - 45, height=220, title=title(
        "How large is the monthly bill?",
        ["Calculated duty on imports from Korea,", "million US dollars, before refunds"]))


def balance_data(balance: pd.DataFrame) -> pd.DataFrame:
    """What the balance chart shows: year, name of the flow, billion USD."""
    long = balance.rename(columns={"imports_usd": "imports from Korea", "exports_usd": "exports to Korea",
                                   "deficit_usd": "US deficit"}).melt(
        id_vars=["period", "tier", "ref"], value_name="usd", var_name="name",
        value_vars=["imports from Korea", "exports to Korea", "US deficit"])
    return long.assign(year=long["period"].astype(int), billion_usd=(long["usd"] / 1e9).astype(float))[
        ["year", "name", "billion_usd", "tier", "ref"]]


def balance(data: pd.DataFrame) -> alt.LayerChart:
    """US goods imports from Korea, exports to Korea and the deficit by year."""
    names = ["imports from Korea", "exports to Korea", "US deficit"]
    colour = alt.Color("name:N", legend=None, scale=alt.Scale(
        domain=names, range=[COLOURS["blue"], COLOURS["green"], COLOURS["orange"]]))
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d"), scale=alt.Scale(nice=False))
    y = alt.Y("billion_usd:Q", title=None)
    lines = alt.Chart(data).mark_line(strokeWidth=2.2).encode(
        x=x, y=y, color=colour, strokeDash=alt.StrokeDash("name:N", legend=None, scale=alt.Scale(
            domain=names, range=[[1, 0], [6, 3], [2, 2]])))
    last = data[data["year"] == data["year"].max()]
    labels = alt.Chart(last).mark_text(align="left", dx=6, fontWeight="bold").encode(
        x=x, y=y, text="name:N", color=colour)
    return (lines + labels).properties(width=WIDTH - 180, height=260, title=title(
        ["How has the US goods deficit", "with Korea moved?"],
        "Goods trade, Census basis, billion US dollars"))


def computing_data(windows: pd.DataFrame) -> pd.DataFrame:
    """What the composition chart shows: kind of goods, period, billion USD."""
    sums = windows.groupby("computing")[["before_usd", "after_usd"]].sum()
    rows = []
    for computing, name in ((True, "computing goods"), (False, "other headings held")):
        for column, period in (("before_usd", "Jan–Aug 2025"), ("after_usd", "Jan–Aug 2026")):
            if computing in sums.index:
                rows.append({"name": name, "period": period,
                             "billion_usd": float(sums.at[computing, column]) / 1e9})
    return pd.DataFrame(rows, columns=["name", "period", "billion_usd"])


def computing(data: pd.DataFrame) -> alt.LayerChart:
    """General imports from Korea, computing goods against the rest, in two windows."""
    periods = ["Jan–Aug 2025", "Jan–Aug 2026"]
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", title=None, axis=alt.Axis(labelLimit=200)),
        yOffset=alt.YOffset("period:N", sort=periods),
        x=alt.X("billion_usd:Q", title="billion US dollars", axis=alt.Axis(tickCount=6)),
    )
    bars = base.mark_bar(stroke=COLOURS["blue"]).encode(
        fill=alt.Fill("period:N", title=None, sort=periods, scale=alt.Scale(
            domain=periods, range=[PAPER, PALE["blue"]])))
    labels = base.mark_text(align="left", dx=4).encode(text=alt.Text("billion_usd:Q", format=".1f"))
    return (bars + labels).properties(width=WIDTH - 150, height=150, title=title(
        ["Which goods drive imports", "from Korea in 2026?"],
        ["General imports by HS heading; computing", "goods are HS 8471, 8473, 8486, 8523, 8542"]))
