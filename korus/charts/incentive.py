"""Chart of the chapter on incentive and penalty."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, MUTED, WIDTH, slider, title

DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]
HUES = ["orange", "blue", "green", "purple"]
# What readers may try: the limits of the parameters, where a scenario of them is one (korus/parameters.py).
GAP, GRANT, CREDIT, CAPITAL = (0, 300), (0, 99), (0, 99), (1, 100)
# A tie goes to the even digit, as in the sentences of the report: 26.25 is 26.2 in both.
ROUNDED = ("(abs(datum.tariff_pct * 10 % 1 - 0.5) < 1e-9 ? 2 * round(datum.tariff_pct * 5 - 0.25) / 10 : "
           "datum.tariff_pct)")


def packages_data(lines: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows: credit (first, second, …), package, capital_pct, tariff_pct, gap_pct."""
    order = {package: str(place) for place, package in enumerate(dict.fromkeys(lines["package"]), start=1)}
    columns = ["credit", "package", "capital_pct", "tariff_pct", "gap_pct"]
    return lines.assign(credit=lines["package"].map(order))[columns]


def packages(
    data: pd.DataFrame, gap_pct: float, grant_pct: float, credits_pct: list[float], capital_pct: float
) -> alt.LayerChart:
    """The tariff that does the same as each package, by capital share, and the one that closes the gap.

    The tariff is computed in the chart, from numbers that a reader may move; korus.incentive is what it must equal.
    """
    sliders = [slider("cost_gap_pct", gap_pct, GAP, 1, "Cost gap, %"),
               slider("grant_pct", grant_pct, GRANT, 1, "Grant, %"),
               *(slider(f"credit_{place}_pct", credit, CREDIT, 1, f"Tax credit {place}, %")
                 for place, credit in enumerate(credits_pct, start=1)),
               slider("capital_share_pct", capital_pct, CAPITAL, 1, "Capital in the cost of a unit, %")]
    credit = f"[{', '.join(f'credit_{place}_pct' for place in range(1, len(credits_pct) + 1))}][toNumber(%s) - 1]"
    own = credit % "datum.credit"
    # Support of all capital cost or more is no scenario, so no line is drawn.
    tariff = f"grant_pct + {own} < 100 ? (1 + cost_gap_pct / 100) * datum.%s * (grant_pct + {own}) / 100 : null"
    names = list(dict.fromkeys(data["credit"]))
    words = f"format(grant_pct, '~g') + '% grant, ' + format({credit % 'datum.value'}, '~g') + '% credit'"
    legend = alt.Legend(title=None, orient="top", direction="vertical", symbolType="stroke", symbolSize=600,
                        labelExpr=words)
    colour = alt.Color("credit:N", legend=legend, scale=alt.Scale(
        domain=names, range=[COLOURS[HUES[i % 4]] for i in range(len(names))]))
    x = alt.X("capital_pct:Q", title="capital in the cost of a unit", axis=alt.Axis(labelExpr="datum.value + '%'"))
    y = alt.Y("tariff_pct:Q", title=None, axis=alt.Axis(labelExpr="datum.value + '%'"))
    lines = alt.Chart(data).transform_calculate(tariff_pct=tariff % "capital_pct").mark_line(strokeWidth=2.6).encode(
        x=x, y=y, color=colour, strokeDash=alt.StrokeDash("credit:N", legend=legend, scale=alt.Scale(
            domain=names, range=[DASHES[i % 4] for i in range(len(names))])))
    one = alt.Chart(data.drop_duplicates("credit")).transform_calculate(
        capital_pct="capital_share_pct").transform_calculate(
        tariff_pct=tariff % "capital_pct").transform_calculate(
        words=f"format({ROUNDED}, '.1f') + '%'").transform_filter("isValid(datum.tariff_pct)")
    here = one.mark_point(filled=True, size=80, opacity=1, shape="diamond").encode(x=x, y=y, color=colour)
    # Outside the bundle of lines: over the steepest, under the others.
    steepest = f"datum.credit == '{1 + credits_pct.index(max(credits_pct))}'"
    told = [one.transform_filter(which).mark_text(fontSize=13, fontWeight="bold", **place).encode(
        x=x, y=y, text="words:N", color=colour) for which, place in (
        (steepest, {"align": "right", "dx": -9, "dy": -8}), (f"!({steepest})", {"align": "left", "dx": 8, "dy": 10}))]
    gap = alt.Chart(data.head(1)).transform_calculate(gap_pct="cost_gap_pct", share="capital_share_pct")
    share = gap.mark_rule(color=MUTED, strokeDash=[2, 2]).encode(x=alt.X("share:Q"))
    rule = gap.mark_rule(color=COLOURS["black"], strokeWidth=1.4).encode(y="gap_pct:Q")
    label = gap.transform_calculate(text="'closes the whole gap'").mark_text(
        align="left", dx=4, dy=-9, fontSize=13).encode(x=alt.datum(0), y="gap_pct:Q", text="text:N")
    return alt.layer(share, lines, rule, here, *told, label).add_params(*sliders).properties(
        width=WIDTH - 60, height=260, title=title(
            ["Which tariff does the work", "of the incentives?"],
            ["Tariff on the twin's product that helps as much,", "by the share of capital in the cost of a unit.",
             "Diamonds: at the share chosen."]))
