"""Put new figures beside those held: a vintage more where a figure is new or has changed, else nothing."""

import datetime as dt

from korus import raw

Row = dict[str, str]


def held(table: str, columns: list[str], folder=raw.RAW) -> list[Row]:
    """Rows of a raw table as plain texts; none where the data package does not have it.

    Raises RawDataError when the table's columns are not `columns`: what is added must fit what is there.
    """
    if not raw.recorded(table, folder):
        return []
    frame = raw.read(table, folder).drop(columns="ref")
    if list(frame.columns) != columns:
        raise raw.RawDataError(
            f"data/raw/{table}.csv: its columns are {', '.join(frame.columns)}, new rows have "
            f"{', '.join(columns)}. Bring the table and its record to the new columns first.")
    return frame.to_dict("records")


def beside(before: list[Row], fetched: list[Row], key: list[str], figures: list[str]) -> list[Row]:
    """The rows held, unchanged and in their order, then each fetched row that says something else than the last
    held row of its key (or whose key is not held).

    Figures are compared as numbers where both are: `1,200` and `1200` are one figure.
    """
    last = {tuple(row[name] for name in key): row for row in before}

    def new(row: Row) -> bool:
        known = last.get(tuple(row[name] for name in key))
        return known is None or any(_plain(known[name]) != _plain(row[name]) for name in figures)

    return [*before, *(row for row in fetched if new(row))]


def _plain(text: str) -> str:
    """A figure without separators and without zeros at the end of its decimals."""
    plain = text.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def source_row(source: str, title: str, url: str, kind: str, day: dt.date | str) -> Row:
    """A row of the register of sources for what a service answered on a day."""
    return {"source": source, "title": title, "url": url, "commit": "", "date": str(day), "kind": kind,
            "accessed": str(day)}


def named(rows: list[Row], sources: list[Row]) -> list[Row]:
    """The sources that rows name, each once."""
    used = {row["source"] for row in rows}
    return [row for row in {row["source"]: row for row in sources}.values() if row["source"] in used]
