"""Small tables of data/raw made from the Census panel: dollars as texts, each with the day of the answer."""

from pathlib import Path

from korus import raw
from korus.sources import census, partitions, vintages
from korus.sources.census import ALL, KOREA, AnswerProblem
from korus.sources.vintages import Row

MONTHLY, END_USE, BY_PRODUCT = "census/imports_monthly", "census/imports_enduse", "census/imports_2024_by_product"
COLUMNS = {
    MONTHLY: ["month", "iso3", "cty_code", "country", "gen_val_mo", "con_val_mo", "cal_dut_mo", "source", "note"],
    END_USE: ["month", "cty_code", "iso3", "end_use", "level", "gen_val_mo", "con_val_mo", "cal_dut_mo", "source",
              "note"],
    BY_PRODUCT: ["hs", "iso3", "year", "consumption_usd", "source"],
}
KEYS = {MONTHLY: ["month", "iso3"], END_USE: ["month", "cty_code", "end_use"], BY_PRODUCT: ["hs", "iso3", "year"]}
AMOUNTS = ["gen_val_mo", "con_val_mo", "cal_dut_mo"]
WEIGHT_YEAR = "2024"
# Five digits are kept of Korea and of all countries together; of other partners one digit.
DETAILED = (KOREA, ALL)
# End uses of one digit and all goods are the same money; beyond this share one of them is not whole.
ALLOWED_GAP = 0.005


def partners(folder: Path = raw.RAW) -> dict[str, tuple[str, str]]:
    """Census code to (ISO3, name) of the partners the report knows; `-` is the world."""
    known = raw.read("reference/countries", folder)
    codes = zip(known["census_code"], known["iso3"], known["name"], strict=True)
    return {code: (iso3, name) for code, iso3, name in codes if code} | {ALL: ("WLD", "World")}


def _days(folder: Path) -> dict[str, str]:
    """The day each month of a series was answered."""
    return {month: partitions.about_month(folder, month)["day"] for month in partitions.months(folder)}


def _source(dataset: str, day: str) -> Row:
    return vintages.source_row(
        f"census.api-imports-{dataset}-{day}", f"Census International Trade API, imports/{dataset}, as answered "
                                               f"on {day}",
        f"{census.BASE}imports/{dataset}", "Census API", day)


def _sums(folder: Path, codes) -> list[dict]:
    """Amounts by month, given partner and code: one row of the panel each, so no group is added up."""
    chosen = ", ".join(f"'{code}'" for code in sorted(codes))
    return partitions.aggregate(folder, {"month": "month", "cty_code": "cty_code", "code": "code"},
                                f"cty_code IN ({chosen})", AMOUNTS)


def _text(amount: int | None) -> str:
    return "" if amount is None else str(amount)


def monthly(panel: Path, folder: Path = raw.RAW) -> tuple[list[Row], list[Row]]:
    """(rows of census/imports_monthly, sources): all goods, by partner and month."""
    known, days = partners(folder), _days(panel / "total")
    printed = {row["cty_code"]: row["country"] for row in vintages.held(MONTHLY, COLUMNS[MONTHLY], folder)}
    rows = [
        {
            "month": row["month"],
            "iso3": known[row["cty_code"]][0],
            "cty_code": row["cty_code"],
            "country": printed.get(row["cty_code"], known[row["cty_code"]][1]),
            **{name: _text(row[name]) for name in AMOUNTS},
            "source": _source("hs", days[row["month"]])["source"],
            "note": "",
        }
        for row in _sums(panel / "total", known)
        if row["con_val_mo"] is not None and row["cal_dut_mo"] is not None
    ]
    return rows, [_source("hs", day) for day in sorted(set(days.values()))]


def end_use(panel: Path, folder: Path = raw.RAW) -> tuple[list[Row], list[Row]]:
    """(rows of census/imports_enduse, sources): one digit for all known partners, five for DETAILED.

    Raises AnswerProblem when the end uses of a partner and month do not add up to all its goods.
    """
    known, rows, sources = partners(folder), [], []
    for name, codes in (("EU1", list(known)), ("EU5", list(DETAILED))):
        days, sums = _days(panel / name), _sums(panel / name, codes)
        _require_all_goods(name, sums, panel)
        rows += [
            {
                "month": row["month"],
                "cty_code": row["cty_code"],
                "iso3": known[row["cty_code"]][0],
                "end_use": row["code"],
                "level": str(len(row["code"])),
                **{amount: _text(row[amount]) for amount in AMOUNTS},
                "source": _source("enduse", days[row["month"]])["source"],
                "note": "",
            }
            for row in sums
        ]
        sources += [_source("enduse", day) for day in sorted(set(days.values()))]
    return rows, sources


def _require_all_goods(name: str, sums: list[dict], panel: Path) -> None:
    """Hold the end uses of each partner and month against the total of all goods, where that is held.

    A month whose two answers are of different days may have been revised between them, and is not compared.
    """
    same_day = _days(panel / name).items() & _days(panel / "total").items()
    months = {month for month, _ in same_day}
    totals = (
        {(row["month"], row["cty_code"]): row for row in _sums(panel / "total", {row["cty_code"] for row in sums})}
        if months and sums
        else {}
    )
    parts: dict[tuple, int] = {}
    for row in sums:
        key = row["month"], row["cty_code"]
        parts[key] = parts.get(key, 0) + (row["con_val_mo"] or 0)
    for key, added in parts.items():
        whole = totals.get(key, {}).get("con_val_mo")
        if key[0] in months and whole and abs(added - whole) > ALLOWED_GAP * whole:
            raise AnswerProblem(
                f"imports/enduse, {name}, {key[0]}, partner {key[1]}: its end uses add up to {added:,} dollars, "
                f"all goods are {whole:,}. Fetch the month anew (AGAIN={key[0]}) before it is taken.")


def by_product(panel: Path, folder: Path = raw.RAW) -> tuple[list[Row], list[Row]]:
    """(rows of census/imports_2024_by_product, sources): consumption imports from Korea in 2024 by ten-digit code.

    None unless all twelve months are there: a part of a year is no weight.
    """
    for name in (f"HS10-{KOREA}", "HS10"):
        days = {month: day for month, day in _days(panel / name).items() if month.startswith(WEIGHT_YEAR)}
        if len(days) == 12:
            break
    else:
        return [], []
    source = _source("hs", max(days.values()))
    sums = partitions.aggregate(panel / name, {"code": "code"},
                                f"cty_code = '{KOREA}' AND month LIKE '{WEIGHT_YEAR}-%'", ["con_val_mo"])
    iso3 = partners(folder)[KOREA][0]
    return [{"hs": row["code"], "iso3": iso3, "year": WEIGHT_YEAR, "consumption_usd": _text(row["con_val_mo"]),
             "source": source["source"]} for row in sums if row["con_val_mo"]], [source]


MAKERS = {MONTHLY: monthly, END_USE: end_use, BY_PRODUCT: by_product}


def proposals(panel: Path, folder: Path = raw.RAW) -> tuple[dict[str, list[Row]], list[Row]]:
    """(tables that would change, by path, with all their rows; sources of the new rows)."""
    tables, sources = {}, []
    for table, make in MAKERS.items():
        rows, known = make(panel, folder)
        before = vintages.held(table, COLUMNS[table], folder)
        after = vintages.beside(
            before, rows, KEYS[table], [n for n in (*AMOUNTS, "consumption_usd") if n in COLUMNS[table]]
        )
        if len(after) > len(before):
            tables[f"{table}.csv"] = after
            sources += vintages.named(after[len(before):], known)
    return tables, list({row["source"]: row for row in sources}.values())
