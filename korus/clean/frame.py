"""Assemble the rows of investment.parquet, and keep account of what was left out."""

import pandas as pd

INVESTMENT_COLUMNS = [
    "source", "series", "investor", "destination", "mode", "measure", "frequency", "period",
    "industry", "state", "value_musd", "vintage", "maturity", "tier", "status", "ref",
    "region", "basis", "item", "prices", "rounding_musd",
]


class LeftOut:
    """Account of raw rows that a table does not take: nothing vanishes without a reason."""

    def __init__(self, table: str, raw: pd.DataFrame):
        self.table = table
        self.raw = raw
        self.reasons: list[tuple[str, int]] = []

    def keep(self, kept: pd.Series, reason: str, rows: pd.DataFrame | None = None) -> pd.DataFrame:
        """Rows where `kept` holds; the others are counted under `reason`."""
        rows = self.raw if rows is None else rows
        if dropped := int((~kept).sum()):
            self.reasons.append((reason, dropped))
        return rows[kept].copy()

    def table_rows(self, taken: int) -> pd.DataFrame:
        """Columns table, what, rows: the rows taken, then each reason for leaving rows out."""
        counts = [("taken", taken), *self.reasons]
        if sum(n for _, n in counts) != len(self.raw):
            raise AssertionError(f"{self.table}: {len(self.raw)} raw rows, but {counts}")
        return pd.DataFrame(counts, columns=["what", "rows"]).assign(table=self.table)[
            ["table", "what", "rows"]
        ]


def tidy(raw: pd.DataFrame, *parts: pd.DataFrame, **columns) -> pd.DataFrame:
    """Rows of investment.parquet from computed parts and given columns; absent text columns are ""."""
    frame = pd.DataFrame({"ref": raw["ref"]}, index=raw.index)
    for part in parts:
        frame = frame.join(part)
    frame = frame.assign(**columns)
    for name in INVESTMENT_COLUMNS:
        if name not in frame:
            frame[name] = "current USD" if name == "prices" else ""
    return frame[INVESTMENT_COLUMNS].reset_index(drop=True)
