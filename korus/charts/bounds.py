"""Chart of the identified intervals."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, NAMES, PALE, WIDTH, title

# The commentary is shown where it takes off at least a tenth of an interval.
NARROWED = 0.9


def intervals_data(yearly: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows: name, year, evidence, lower and upper in billion USD."""
    return pd.DataFrame({
        "name": yearly["place"].map(NAMES), "year": yearly["year"], "evidence": yearly["evidence"],
        "lower_billion_usd": yearly["lower"] / 1000, "upper_billion_usd": yearly["upper"] / 1000,
    }).sort_values(["name", "year", "evidence"], kind="stable")


def intervals(data: pd.DataFrame) -> alt.VConcatChart:
    """Where greenfield must lie by year: pale from published figures, dark with the commentary's."""
    def panel(name: str) -> alt.LayerChart:
        rows = data[data["name"] == name]
        x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-90))
        published = alt.Chart(rows[rows["evidence"] == "published"]).mark_bar(
            fill=PALE["faint"], stroke=COLOURS["blue"], strokeDash=[4, 3], strokeWidth=1.3,
        ).encode(x=x, y=alt.Y("lower_billion_usd:Q", title=None), y2="upper_billion_usd:Q")
        widths = rows.assign(width=rows["upper_billion_usd"] - rows["lower_billion_usd"]).pivot(
            index="year", columns="evidence", values="width").reindex(columns=["published", "with commentary"])
        gained = widths.index[widths["with commentary"] < NARROWED * widths["published"]]
        tighter = rows[(rows["evidence"] == "with commentary") & rows["year"].isin(gained)]
        stated = alt.Chart(tighter).mark_rule(color=COLOURS["orange"], strokeWidth=5).encode(
            x=x, y="lower_billion_usd:Q", y2="upper_billion_usd:Q")
        caps = alt.Chart(tighter).mark_tick(
            color=COLOURS["orange"], thickness=3, width=22, opacity=1, orient="horizontal").encode(x=x, y="upper_billion_usd:Q")
        return alt.layer(published, stated, caps).properties(
            width=WIDTH - 45, height=150, title=alt.TitleParams(name, fontSize=14))

    return alt.vconcat(*[panel(name) for name in ("United States", "China")], spacing=14).properties(
        title=title(["Where must Korea's greenfield", "investment lie?"],
                    ["Dashed: the interval that published figures allow.", "Solid bar: with the commentary's own statements,",
                     "where they narrow it. Billion US dollars."]))
