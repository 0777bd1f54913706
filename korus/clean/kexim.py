"""Korea Eximbank: overseas direct investment as the Ministry of Economy and Finance and its own portal give it.

Gross invested (총투자액), net (순투자액) and reported (신고액) are three measures, never mixed.
"""

import calendar
import datetime as dt

import pandas as pd

from korus.clean.frame import LeftOut, tidy
from korus.clean.origin import numbers_musd, with_origin

UNITS = {"100 million USD": 100.0, "million USD": 1.0, "billion USD": 1000.0, "thousand USD": 0.001, "USD": 1e-6}
MEASURES = {
    "invested": "invested", "net": "net", "reported": "reported", "cumulative_invested": "invested",
}
MODES = {"total": "all", "greenfield": "greenfield", "mna": "acquisition"}
BANK_OF_KOREA = "BOK IIP"
# A trade association's figures do not say whether they are invested amounts; they stay apart.
BASIS_UNKNOWN = "not stated"

# A first print appears within this many days of the period's end; what is published later is a
# revision. The ministry releases quarters after some 80 days and years in the following March.
FIRST_PRINT_DAYS = 110


def period_of(year: str, quarter: str) -> tuple[str, str]:
    """(frequency, period) of a printed year and quarter.

    A and Q are years and quarters; C is a span from its first to its last period:
    `2024Q1/2024Q3` within a year, `1968/2013-03` from the first investment on.
    """
    if quarter == "A":
        return "A", year
    if quarter in ("1", "2", "3", "4"):
        return "Q", f"{year}Q{quarter}"
    if quarter in ("1-2", "1-3"):
        return "C", f"{year}Q1/{year}Q{quarter[-1]}"
    if quarter.startswith("cumulative "):
        return "C", f"1968/{quarter[-7:]}"
    raise ValueError(f"quarter {quarter!r}: expected A, 1–4, 1-2, 1-3 or 'cumulative … YYYY-MM'")


def period_end(period: str) -> dt.date:
    """Last day of a period (`2024`, `2024Q2`, `2024Q1/2024Q3`, `1968/2013-03`)."""
    last = period.partition("/")[2] or period
    year = int(last[:4])
    if "Q" in last:
        month = 3 * int(last[-1])
    else:
        month = int(last[5:7]) if len(last) == 7 else 12
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def maturity(period: str, vintage: str) -> str:
    """`preliminary` for a period's first print, `revised` for what is published later."""
    age = (dt.date.fromisoformat(vintage) - period_end(period)).days
    return "preliminary" if age <= FIRST_PRINT_DAYS else "revised"


def outflows(raw: pd.DataFrame, sources: pd.DataFrame, table: str, withdrawn: set[str]):
    """Overseas direct investment from Korea in million USD, of kexim/releases, kexim/reports or kexim/portal.

    `withdrawn` holds refs that the corrections ledger takes out. Returns (rows, what was left out).
    """
    left = LeftOut(table, raw)
    rows = left.keep(~raw["ref"].isin(withdrawn), "misprints withdrawn by the corrections ledger")
    bank = rows["series"].str.startswith(BANK_OF_KOREA)
    known = rows["measure"].isin(MEASURES) | bank
    rows = left.keep(known, "cases, entities, shares, withdrawals, growth rates", rows)
    rows = left.keep(rows["year"].str.fullmatch(r"\d{4}"), "means over several years", rows)
    bank = rows["series"].str.startswith(BANK_OF_KOREA)
    periods = [period_of(y, q) for y, q in zip(rows["year"], rows["quarter"], strict=True)]
    origin = with_origin(rows, sources, "vintage")
    ends = [period for _, period in periods]
    return tidy(
        rows,
        numbers_musd(rows, UNITS, table),
        origin,
        source=bank.map({True: "bok", False: "kexim"}),
        series=bank.map({True: "international investment position, direct investment assets",
                         False: "overseas direct investment"}),
        investor="KOR",
        destination=rows["country"],
        region=rows["region"],
        mode=rows["mode"].map(MODES),
        measure=rows["measure"].map(MEASURES).mask(bank, "position"),
        frequency=[frequency for frequency, _ in periods],
        period=ends,
        industry=rows["industry"],
        basis=rows["source"].map(sources["kind"]).str.contains(BASIS_UNKNOWN, regex=False).map(
            {True: BASIS_UNKNOWN, False: ""}),
        maturity=[maturity(p, v) for p, v in zip(ends, origin["vintage"], strict=True)],
        status="published",
    ), left


def net_flows_panel(raw: pd.DataFrame, sources: pd.DataFrame):
    """Net flows between Korea, the United States and China 1990–2012, an academic panel, million USD.

    Another concept than Eximbank's invested amounts: a comparator, never spliced with them.
    """
    left = LeftOut("kexim/net_flows_panel", raw)
    direction = raw["series"].str.extract(r"([A-Z]{3}) -> ([A-Z]{3})$")
    return tidy(
        raw,
        numbers_musd(raw, UNITS, "kexim/net_flows_panel"),
        with_origin(raw, sources, "vintage"),
        source="abn2018",
        series="net FDI flow (Aisbett, Busse and Nunnenkamp 2018)",
        investor=direction[0],
        destination=direction[1],
        mode="all",
        measure="flow",
        frequency="A",
        period=raw["year"],
        maturity="unknown",
        status="published",
    ), left
