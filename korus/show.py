"""Show tables in notebooks and in the book: plain HTML that scrolls inside its own box on a phone."""

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus.tables import csv_bytes, significant

SHORT = 12


@dataclass(frozen=True)
class Shown:
    """A table for display; numbers stand right, missing cells are shown as an en dash.

    `csv` holds the same cells at korus.tables.DIGITS, for readers to download; None where there is nothing to show.
    """

    html: str
    text: str
    csv: str | None = None

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        shown = {"text/html": self.html, "text/plain": self.text}
        return shown if self.csv is None else shown | {"text/csv": self.csv}


def table(frame: pd.DataFrame, caption: str, formats: dict[str, str] | None = None) -> Shown:
    """`frame` as a table with a caption, or a line that says there is nothing to show.

    `formats` maps columns to format strings (`{:,.0f}`).
    """
    if frame.empty:
        words = f"{caption}: nothing is held for this report."
        return Shown(f"<p>{html.escape(words)}</p>", words)
    formats = formats or {}
    frame = significant(frame)
    cells = pd.DataFrame(
        {name: [_cell(value, formats.get(name)) for value in frame[name]] for name in frame},
        columns=frame.columns,
    )
    kinds = {name: _kind(frame[name], cells[name]) for name in frame}
    head = "".join(
        f'<th scope="col"{kinds[name]}>{html.escape(str(name).replace("_", " "))}</th>' for name in frame)
    body = "\n".join(
        "<tr>" + "".join(
            f"<td{kinds[name]}>{html.escape(value)}</td>" for name, value in zip(frame, row, strict=True)
        ) + "</tr>"
        for row in cells.itertuples(index=False, name=None)
    )
    markup = (
        f'<div class="korus-scroll" tabindex="0"><table class="korus"><caption>{html.escape(caption)}'
        f"</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )
    return Shown(markup, caption + "\n" + cells.to_csv(index=False, sep="\t", lineterminator="\n"),
                 csv_bytes(frame).decode())


def _kind(column: pd.Series, shown: pd.Series) -> str:
    """Class of a column's cells: numbers stand right, short words and dates do not break."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return ' class="number"'
    return ' class="short"' if shown.str.len().max() <= SHORT else ""


def _cell(value, form: str | None) -> str:
    if value is None or pd.isna(value):
        return "–"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if form:
        return form.format(value).replace("-", "−") if not isinstance(value, str) else form.format(value)
    return str(value)


def in_words(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Codes of some columns with blanks for their underscores (`all_first_year`: all first year)."""
    return frame.assign(**{name: frame[name].str.replace("_", " ") for name in columns})
