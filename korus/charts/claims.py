"""Chart of the ledger of claims: verdicts by document, as small multiples."""

import altair as alt
import pandas as pd

from korus.charts.common import COLOURS, WIDTH, title
from korus.claims_text import SHORT, document_name


def verdicts_data(judged: pd.DataFrame) -> pd.DataFrame:
    """What the chart shows, one row per document and verdict: document, verdict, claims."""
    rows = [
        {"document": document_name(document), "verdict": short, "claims": int((part["verdict"] == verdict).sum())}
        for document, part in judged.groupby("document", sort=False)
        for verdict, short in SHORT.items()
    ]
    return pd.DataFrame(rows, columns=["document", "verdict", "claims"])


def verdicts(data: pd.DataFrame) -> alt.FacetChart:
    """Bars with their number beside them; a verdict has the same place in every document."""
    x = alt.X("claims:Q", axis=None)
    y = alt.Y(
        "verdict:N",
        title=None,
        sort=list(SHORT.values()),
        axis=alt.Axis(domain=False, ticks=False, labelPadding=6, labelLimit=200),
    )
    base = alt.Chart(data).encode(x=x, y=y)
    bars = base.mark_bar(color=COLOURS["blue"], height=13)
    numbers = base.mark_text(align="left", dx=5).encode(text="claims:Q")
    return (
        alt.layer(bars, numbers)
        .properties(width=WIDTH - 180, height=7 * 20)
        .facet(
            row=alt.Row(
                "document:N",
                title=None,
                sort=list(dict.fromkeys(data["document"])),
                header=alt.Header(labelOrient="top", labelAnchor="start", labelFontWeight="bold", labelPadding=2),
            ),
            spacing=14,
        )
        .properties(
            title=title(
                ["How do the statements of each document", "stand against the figures held?"],
                ["Number of statements by verdict."],
            )
        )
    )
