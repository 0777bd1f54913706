"""Charts of concepts side by side: mirror, ladder, readings, revisions and composition."""

import altair as alt
import pandas as pd

from korus import composition as parts
from korus.charts.common import COLOURS, INK, PALE, PAPER, RAMP, RULE, WIDTH, title

CONCEPTS = {
    "eximbank": ("sent from Korea, gross (투자액)", "circle", "blue"),
    "eximbank_net": ("sent from Korea, net (순투자)", "diamond", "black"),
    "bea_new": ("BEA: new investment", "square", "orange"),
    "bea_flow": ("BEA: transactions", "triangle-up", "green"),
    "bea_change": ("BEA: change of position", "cross", "purple"),
}


def mirror_data(held: pd.DataFrame, since: int = 2013) -> pd.DataFrame:
    """What the mirror shows: year, concept, name, billion_usd, tier, how, vintage, ref."""
    frame = held[held["year"].astype(int) >= since]
    return frame.assign(
        name=frame["concept"].map({key: name for key, (name, _, _) in CONCEPTS.items()}),
        billion_usd=(frame["value_musd"] / 1000).round(6),
    )[["year", "concept", "name", "billion_usd", "tier", "how", "vintage", "ref"]]


def mirror(data: pd.DataFrame) -> alt.LayerChart:
    """One dot per concept and year, joined by no line: filled for official releases, hollow for secondary."""
    years = [str(y) for y in range(int(data["year"].min()), int(data["year"].max()) + 1)]
    names = [name for name, _, _ in CONCEPTS.values() if name in set(data["name"])]
    shapes = [shape for name, shape, _ in CONCEPTS.values() if name in names]
    colours = [COLOURS[colour] for name, _, colour in CONCEPTS.values() if name in names]
    legend = alt.Legend(columns=2, symbolSize=110, symbolFillColor="transparent")
    base = alt.Chart(data).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-90, grid=True), scale=alt.Scale(domain=years)),
        y=alt.Y("billion_usd:Q", title=None),
        shape=alt.Shape("name:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=shapes)),
        color=alt.Color("name:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=colours)),
    )
    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=RULE).encode(y="at:Q")
    filled = base.transform_filter("datum.tier <= 2").mark_point(filled=True, size=95, opacity=1)
    hollow = base.transform_filter("datum.tier >= 3").mark_point(filled=False, size=95, strokeWidth=2, opacity=1)
    return (zero + filled + hollow).properties(
        width=WIDTH - 50, height=330,
        title=title(["Do Korea and the United States count", "the same investment?"],
                    ["Korean investment in the US by concept,", "billion US dollars; never to be added.",
                     "Filled: official release. Hollow: secondary text.", "Gaps: not held."]))


LADDER = [("announced_list", "announced: project list"), ("announced_cim", "announced: Clean Inv. Monitor*"),
          ("planned_all", "planned: BEA greenfield, all countries"),
          ("first_year_all", "first year: BEA greenfield, all countries"),
          ("first_year_korea", "first year: BEA, Korea, all modes"),
          ("invested_manufacturing", "invested: Eximbank, manufacturing"),
          ("invested_all", "invested: Eximbank, all industries")]


def ladder_data(steps: pd.DataFrame) -> pd.DataFrame:
    """What the ladder shows: year, step, label, of (Korea or all countries), billion_usd, tier, vintage."""
    frame = steps.assign(
        label=steps["step"].map(dict(LADDER)), billion_usd=(steps["value_musd"] / 1000).round(6),
        of=steps["step"].str.endswith("_all").where(steps["step"] != "invested_all", False).map(
            {True: "all countries", False: "Korea"}))
    return frame[["year", "step", "label", "of", "billion_usd", "held", "tier", "vintage", "ref"]]


def ladder(data: pd.DataFrame) -> alt.FacetChart:
    """Bars by step in a panel per year: solid official, white secondary, pale outline for all countries."""
    order = [label for _, label in LADDER]
    top = float(data["billion_usd"].fillna(0.0).max()) or 1.0
    data = data.assign(
        kind=[("all countries" if of == "all countries" else "Korea, official" if tier <= 2 else "Korea, secondary")
              if held else "not held"
              for of, tier, held in zip(data["of"], data["tier"].fillna(9), data["held"], strict=True)],
        words=[f"{v:.1f}" if held else "not held" for v, held in zip(data["billion_usd"], data["held"], strict=True)],
        drawn=data["billion_usd"].fillna(0.0))
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=270, labelFontSize=12, ticks=False,
                                                              domain=False))
    x = alt.X("drawn:Q", title=None, axis=None, scale=alt.Scale(domain=[0, top * 1.2], nice=False))
    base = alt.Chart(data).encode(x=x, y=y)

    def bars(kind: str, **look) -> alt.Chart:
        return base.transform_filter(f"datum.kind == '{kind}'").mark_bar(**look)

    layers = [
        bars("Korea, official", color=COLOURS["blue"], stroke=COLOURS["blue"]),
        bars("Korea, secondary", color=PAPER, stroke=COLOURS["blue"], strokeWidth=1.6),
        bars("all countries", color=PALE["faint"], stroke=COLOURS["grey"], strokeDash=[3, 2]),
        base.transform_filter("datum.held").mark_text(align="left", dx=5, fontSize=12).encode(text="words:N"),
        base.transform_filter("!datum.held").mark_text(
            align="left", dx=5, fontSize=12, fontStyle="italic", color=COLOURS["grey"]).encode(text="words:N"),
    ]
    return alt.layer(*layers).properties(width=WIDTH - 280, height=19 * len(order)).facet(
        row=alt.Row("year:N", title=None, header=alt.Header(
            labelAngle=0, labelAnchor="start", labelOrient="top", labelFontWeight="bold", labelPadding=2)),
        spacing=26,
    ).properties(title=title(
        "What becomes of an announcement?",
        ["Four concepts of one year, billion US dollars;", "not parts of one another. Solid: official.",
         "White: secondary. Dashed: all countries,", "Korea not held. * constant dollars."]))


READINGS = [("first_year", "greenfield, first year"), ("planned", "greenfield, planned"),
            ("established_first_year", "establishments, first year"),
            ("expanded_first_year", "expansions, first year"), ("all_first_year", "all new investment, first year"),
            ("all_planned", "all new investment, planned")]


def readings_data(judged: pd.DataFrame) -> pd.DataFrame:
    """What the readings chart shows: year, label (reading and release), interval in billion USD, verdict."""
    rows = judged[judged["value_musd"].notna()]
    frame = rows.assign(
        label=rows["reading"].map(dict(READINGS)) + " (" + rows["vintage"].str[:4] + ")",
        order=rows["reading"].map({key: n for n, (key, _) in enumerate(READINGS)}),
        **{f"{end}_billion_usd": (rows[f"{end}_musd"] / 1000).round(6) for end in ("value", "lower", "upper")})
    columns = ["year", "reading", "vintage", "order", "label", "share_pct", "value_billion_usd",
               "lower_billion_usd", "upper_billion_usd", "verdict", "by", "beyond", "tier", "ref"]
    return frame.sort_values(["year", "order", "vintage"])[columns].reset_index(drop=True)


def readings(data: pd.DataFrame) -> alt.FacetChart:
    """Implied Korean amounts by reading on a logarithmic scale, the verdict by form and in words."""
    verdicts = ["feasible", "not testable", "infeasible"]
    order = list(dict.fromkeys(data.sort_values(["order", "vintage"])["label"]))
    data = data.assign(
        words=[f"{v:.1f}{'*' if 'eximbank' in far and 'announced' in far else ''} {verdict}" for v, verdict, far in
               zip(data["value_billion_usd"], data["verdict"], data["beyond"], strict=True)],
        stated=[f"{year}: {share:.0f} per cent" for year, share in zip(data["year"], data["share_pct"], strict=True)])
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, labelFontSize=12, grid=True))
    high = float(data["value_billion_usd"].max()) * 14
    x = alt.X("value_billion_usd:Q", title="billion US dollars (each step tenfold)",
              scale=alt.Scale(type="log", domain=[1, high], nice=False),
              axis=alt.Axis(values=[1, 10, 100], format="d"))
    points = alt.Chart(data).mark_point(filled=True, size=90, opacity=1).encode(
        x=x, y=y,
        shape=alt.Shape("verdict:N", title=None, scale=alt.Scale(
            domain=verdicts, range=["circle", "diamond", "cross"])),
        color=alt.Color("verdict:N", title=None, scale=alt.Scale(
            domain=verdicts, range=[COLOURS["blue"], COLOURS["grey"], COLOURS["orange"]])))
    words = alt.Chart(data).mark_text(align="left", dx=9, fontSize=12).encode(x=x, y=y, text="words:N")
    return alt.layer(points, words).properties(width=WIDTH - 260, height=alt.Step(23)).facet(
        row=alt.Row("stated:N", title=None, header=alt.Header(
            labelAngle=0, labelAnchor="start", labelOrient="top", labelFontWeight="bold")),
    ).resolve_scale(y="independent").properties(title=title(
        "Which reading of the shares is possible?",
        ["Korean investment in the US that the stated share of US",
         "greenfield would mean, by what the share is taken of",
         "and year of the BEA release, billion US dollars.", "* more than Korea sent to the US, and than its firms",
         "announced, in the year."]))


def revisions_data(moves: pd.DataFrame, sizes: pd.DataFrame, few: int = 5) -> pd.DataFrame:
    """What the range chart shows: series with at least `few` pairs, every pair's change, median and p90."""
    used = moves[moves["first_held"] & moves["change_pct"].notna()]
    frame = used.merge(sizes[["series", "pairs", "median_abs_pct", "p90_abs_pct"]], on="series")
    frame = frame[frame["pairs"] >= few]
    columns = ["series", "period", "first_vintage", "vintage", "change_pct", "pairs", "median_abs_pct",
               "p90_abs_pct", "tier", "ref"]
    return frame.sort_values(["p90_abs_pct", "series", "period", "vintage"])[columns].reset_index(drop=True)


def series_words(name: str) -> str:
    """A series' name in words: `kexim.invested.USA.Q` as US, gross, quarters."""
    places = {"USA": "US", "WLD": "world", "CYM": "Cayman Is.", "LUX": "Luxembourg", "CAN": "Canada",
              "VNM": "Viet Nam", "CHN": "China", "KOR": "Korea", "JEY": "Jersey", "NLD": "Netherlands", "SGP": "Singapore",
              "MEX": "Mexico"}
    parts = name.split(".")
    if parts[0] == "kexim":
        often = "quarters" if parts[-1] == "Q" else "years"
        kind = {"invested": "gross", "net": "net"}[parts[1]]
        return f"{places.get(parts[2], parts[2])}, {kind}, {often}"
    if parts[0] == "cim":
        return "Monitor, plants"
    words = places | {"first_year": "first year", "all": "all modes"}
    return ", ".join(["BEA", *(words.get(p, p) for p in parts[1:])])


def revisions(data: pd.DataFrame, limit: float = 40.0) -> alt.LayerChart:
    """Each revision as a tick, the range in which nine of ten lie as a bar; beyond the axis, an arrow."""
    data = data.assign(name=data["series"].map(series_words), shown=data["change_pct"].clip(-limit, limit),
                       beyond=data["change_pct"].abs() > limit)
    floors = data.drop_duplicates("series").assign(
        low=lambda t: -t["p90_abs_pct"].clip(upper=limit), high=lambda t: t["p90_abs_pct"].clip(upper=limit),
        words=lambda t: [f"±{v:.1f}" for v in t["p90_abs_pct"]], at=limit * 1.04)
    y = alt.Y("name:N", sort=list(floors["name"]), title=None,
              axis=alt.Axis(labelLimit=200, ticks=False, domain=False))
    scale = alt.Scale(domain=[-limit * 1.08, limit * 1.32], nice=False)
    x = alt.X("shown:Q", title="per cent of the first print", scale=scale, axis=alt.Axis(values=[-40, -20, 0, 20, 40]))
    bars = alt.Chart(floors).mark_bar(color=PALE["faint"], stroke=COLOURS["blue"], height=15).encode(
        y=y, x=alt.X("low:Q", scale=scale), x2="high:Q")
    ticks = alt.Chart(data).mark_tick(color=COLOURS["blue"], thickness=1.4, size=13, opacity=0.75).encode(x=x, y=y)
    arrows = alt.Chart(data[data["beyond"]].assign(up=lambda t: t["change_pct"] > 0)).mark_point(
        filled=True, color=COLOURS["orange"], size=60, opacity=1).encode(
        x=x, y=y, shape=alt.condition("datum.up", alt.value("triangle-right"), alt.value("triangle-left")))
    words = alt.Chart(floors).mark_text(align="left", fontSize=12, dx=6).encode(y=y, x="at:Q", text="words:N")
    return (bars + ticks + arrows + words).properties(
        width=WIDTH - 150, height=24 * len(floors),
        title=title(["How large must a change be", "to mean something?"],
                    ["Revisions of first prints by series: a tick each.", "Bar and number: nine of ten are smaller.",
                     "Triangle: beyond the axis."]))


def composition_data(shares: pd.DataFrame) -> pd.DataFrame:
    """What the composition shows: year, part, share_pct, vintage, tier, ref; largest part first."""
    mean = shares.groupby("part")["share_pct"].mean().sort_values(ascending=False)
    order = [part for part in mean.index if part != "all other"] + ["all other"] * ("all other" in mean.index)
    frame = shares.assign(rank=shares["part"].map({part: n for n, part in enumerate(order)}))
    return frame.sort_values(["rank", "year"])[
        ["year", "part", "share_pct", "lower_pct", "upper_pct", "rank", "vintage", "tier", "ref"]]


def composition(data: pd.DataFrame, question: str | list[str], of: str) -> alt.LayerChart:
    """Shares by part and year as shaded cells that print them; rounded to whole per cent."""
    top = float(data["share_pct"].max())
    data = data.assign(dark=data["share_pct"] >= top / 2,
                       named=[f"{part} {parts.korean(part)}".strip() for part in data["part"]],
                       words=[f"{v:.0f}" if v >= 1 else f"{v:.1f}" for v in data["share_pct"]])
    order = list(dict.fromkeys(data.sort_values("rank")["named"]))
    base = alt.Chart(data).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, orient="top", domain=False, ticks=False)),
        y=alt.Y("named:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, domain=False, ticks=False)))
    cells = base.mark_rect(stroke=PAPER, strokeWidth=2).encode(color=alt.Color(
        "share_pct:Q", legend=None, scale=alt.Scale(type="quantize", domain=[0, top], range=RAMP)))
    words = base.mark_text(fontSize=14).encode(
        text="words:N", color=alt.condition("datum.dark", alt.value(PAPER), alt.value(INK)))
    return (cells + words).properties(
        width=WIDTH - 230, height=32 * len(order),
        title=title(question, [f"Per cent of {of}, gross (투자액)", f"Release of {data['vintage'].max()}"]))
