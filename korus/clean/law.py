"""The law of tariffs as tables: schedule lines, product groups, rules, and the weights of goods.

A line is an eight-digit subheading of the US tariff schedule. A list names goods by four to ten digits:
a code of up to eight digits takes in whole lines; a ten-digit code is a part of its line, unless the line
has no further division (its last two digits are 00) or the legal text works with eight digits.
"""

import datetime as dt
import re

import pandas as pd

from korus import raw
from korus.clean.measures import IDLE
from korus.clean.origin import CleaningError, number_column, tier_of_kind, with_origin

WHOLE_LINE = "00"
EXACT = "census/imports_2024_by_product"
# Rows of the sector table that are sums or parts of sectors.
NOT_SECTORS = ("total_imports", "s232_pharma_imports")


def duty(printed: str) -> tuple[float, bool]:
    """The share of value in a printed rate of duty, in per cent, and whether more than it is due.

    `Free` is zero; `8.8¢/kg + 20%` is 20 per cent and more; words that refer elsewhere are zero and more.
    """
    text = printed.strip()
    if text == "Free":
        return 0.0, False
    if re.fullmatch(r"\d+(\.\d+)?%", text):
        return float(text[:-1]), False
    shares = [float(share) for share in re.findall(r"(\d+(?:\.\d+)?)%", text)]
    return (shares[0] if len(shares) == 1 else 0.0), True


def tariff_lines(schedule: pd.DataFrame, sectors: pd.DataFrame) -> pd.DataFrame:
    """tariff_lines: one row per line; rates in per cent, sectors a line may belong to (GTAP, by blanks).

    `korus_pct` is the rate under the free-trade agreement, the general rate where the schedule names none.
    `specific` marks lines whose rate for Korea has a part that is not a share of value: that part is left out.
    A line whose subheading is not in the sector map may belong to any sector of its heading's other lines.
    """
    known = sectors.assign(sector=sectors["gtap_codes"].str.lower()).set_index("hs6")["sector"]
    rows = []
    for line in schedule.itertuples():
        general, more_general = duty(line.general_rate)
        special = line.korus_rate.strip() != ""
        korus, more_korus = duty(line.korus_rate) if special else (general, more_general)
        rows.append((line.hts8, general, korus, more_korus, more_general, line.ref))
    frame = pd.DataFrame(rows, columns=["hs", "general_pct", "korus_pct", "specific",
                                        "specific_general", "ref"])
    own = frame["hs"].str[:6].map(known)
    for digits in (4, 2):
        place = frame["hs"].str[:digits]
        own = own.fillna(place.map(own.dropna().groupby(place).agg(_each_once)))
    if own.isna().any():
        bad = frame[own.isna()].iloc[0]
        raise CleaningError(f"data/raw/{bad.ref}, column hts8: no sector for line {bad.hs}. Add its subheading "
                            "to data/raw/hs/hs6_gtap.csv.")
    columns = ["hs", "general_pct", "korus_pct", "specific", "specific_general", "sectors", "ref"]
    return frame.assign(sectors=own)[columns].sort_values("hs").reset_index(drop=True)


def _each_once(sectors: pd.Series) -> str:
    """Sectors of several lines, each once, by blanks."""
    return " ".join(sorted({name for cell in sectors for name in cell.split()}))


def product_groups(groups: pd.DataFrame, read, sources: pd.DataFrame) -> pd.DataFrame:
    """tariff_groups: the codes of each product group; group, code, whole, first, last (ISO or None), tier, ref.

    `read` gives a raw table by its name. `whole` is False for a code that is a part of its line. Where the
    group says so, a row of a list with a later date ends an earlier one for the same goods, in any group.
    Raises CleaningError when a group selects no row or names a column its list does not have.
    """
    ends = {table: _replaced(read(table)) for table in
            groups.loc[groups["dates"] == "replace", "table"].unique()}
    parts = []
    for group in groups.itertuples():
        table = read(group.table)
        rows = table[_selected(table, group)]
        if rows.empty:
            raise CleaningError(f"data/raw/{group.ref}, column where: no row of data/raw/{group.table}.csv has "
                                f"{group.where!r}; mend the condition")
        code = rows[_code_column(table)].str[:int(group.digits)]
        whole = (code.str.len() <= 8) | code.str[8:10].eq(WHOLE_LINE)
        first, last = _days(rows) if group.dates != "measure" else (None, None)
        if group.dates == "replace":
            last = ends[group.table].loc[rows.index]
        parts.append(pd.DataFrame({
            "group": group.group, "code": code.where(~whole, code.str[:8]), "whole": whole,
            "first": first, "last": last, "tier": rows["source"].map(sources["kind"]).map(tier_of_kind),
            "ref": rows["ref"]}))
    frame = pd.concat(parts, ignore_index=True)
    for column in ("first", "last"):
        frame[column] = [day if isinstance(day, str) else None for day in frame[column]]
    kept = frame.drop_duplicates(["group", "code", "whole", "first", "last"])
    return kept.sort_values(["group", "code", "ref"], kind="stable").reset_index(drop=True)


def _code_column(table: pd.DataFrame) -> str:
    return next(name for name in ("hts_prefix", "hts10", "hts8", "hts") if name in table)


def _selected(table: pd.DataFrame, group) -> pd.Series:
    """Rows of a list that belong to a group, by its conditions."""
    chosen = pd.Series(True, index=table.index)
    for condition in filter(None, group.where.split(";")):
        column, _, wanted = condition.partition("=")
        if column not in table:
            raise CleaningError(f"data/raw/{group.ref}, column where: data/raw/{group.table}.csv has no column "
                                f"{column!r}; it has {', '.join(table.columns)}")
        chosen &= table[column] == wanted
    return chosen


def _days(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """First and last day of each row as printed, None where none is."""
    def day(*names: str) -> pd.Series:
        for name in names:
            if name in rows:
                return rows[name].where(~rows[name].isin(["", "NA"]), None)
        return pd.Series(None, index=rows.index, dtype=object)

    return day("effective_date_start", "effective_date"), day("effective_date_end")


def _replaced(table: pd.DataFrame) -> pd.Series:
    """The last day of each row: the day before a later row for the same goods or for all of them."""
    code, first = table[_code_column(table)], table["effective_date"]
    later = sorted(set(first))[1:]
    last = pd.Series(None, index=table.index, dtype=object)
    for day in reversed(later):
        new = tuple(code[first == day])
        ends = (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
        covered = code.map(lambda own, new=new: own.startswith(new)) & (first < day)
        last = last.mask(covered, ends)
    return last


def rules(printed: pd.DataFrame, measures: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """tariff_rules: how each coded measure applies; measure, effective, group, role, extent, layer, order, ref.

    Raises CleaningError listing every rule whose measure or group does not exist, whose measure has no
    rate, and every applied measure with a rate that has no rule: a duty must not be forgotten silently.
    """
    problems = []
    coded = measures.set_index(["measure", "effective"])
    known = {*groups["group"], "all"}
    for rule in printed.itertuples():
        where = f"data/raw/{rule.ref}"
        if (rule.measure, rule.effective) not in coded.index:
            problems.append(f"{where}, columns measure and effective: {rule.measure} of {rule.effective} is not in "
                            "data/raw/policy/measures_coded.csv")
        elif rule.role == "covers" and pd.isna(coded.at[(rule.measure, rule.effective), "rate_pct"]):
            problems.append(f"{where}: {rule.measure} of {rule.effective} has no rate to apply; code one, or drop "
                            "the rule")
        if rule.group not in known:
            problems.append(f"{where}, column group: {rule.group!r} is not in data/raw/policy/product_groups.csv")
    ruled = set(zip(printed["measure"], printed["effective"], strict=True))
    for row in measures[measures["rate_pct"].fillna(0) > 0].itertuples():
        if row.status not in IDLE and (row.measure, row.effective) not in ruled:
            problems.append(f"data/raw/{row.ref}: {row.measure} of {row.effective} applies at {row.rate_pct:g} per "
                            "cent and no row of data/raw/policy/rules.csv says to which goods")
    if problems:
        raise CleaningError("\n".join(problems))
    columns = ["measure", "effective", "group", "role", "extent", "layer", "order", "ref", "note"]
    return printed.assign(order=printed["order"].astype(int))[columns]


def weights(sectors: pd.DataFrame, exact: pd.DataFrame | None, sources: pd.DataFrame) -> pd.DataFrame:
    """import_weights: imports for consumption from Korea in 2024 by GTAP sector and, where held, by product.

    kind `sector` or `product`, code (GTAP sector or HS code of four to ten digits), value_usd. Without `exact`
    products have to be inferred from later windows.
    """
    named = sectors[(sectors["iso3"] == "KOR") & ~sectors["gtap_code"].isin(NOT_SECTORS)]
    parts = [pd.DataFrame({"kind": "sector", "code": named["gtap_code"], "year": named["year"].astype(int),
                           "value_usd": number_column(named, "imports_usd"), "ref": named["ref"]}).join(
        with_origin(named, sources, "source"))]
    if exact is not None:
        own = exact[exact["iso3"] == "KOR"]
        parts.append(pd.DataFrame({"kind": "product", "code": own["hs"], "year": 2024,
                                   "value_usd": number_column(own, "consumption_usd"), "ref": own["ref"]}).join(
            with_origin(own, sources, "source")))
    columns = ["kind", "code", "year", "value_usd", "vintage", "tier", "ref"]
    return pd.concat(parts, ignore_index=True)[columns].sort_values(["kind", "code"]).reset_index(drop=True)


def tables(measures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The four tables of this module by their contract names, made from raw and the coded measures.

    census/imports_2024_by_product is read when the data package records it: exact amounts of 2024 by HS code
    (columns hs, iso3, year, consumption_usd, source) narrow the weighted rates without a change of code.
    """
    sources = raw.sources()
    groups = product_groups(raw.read("policy/product_groups"), raw.read, sources)
    exact = raw.read(EXACT) if raw.recorded(EXACT) else None
    return {
        "tariff_lines": tariff_lines(raw.read("hs/hts8_rates_2025"), raw.read("hs/hs6_gtap")),
        "tariff_groups": groups,
        "tariff_rules": rules(raw.read("policy/rules"), measures, groups),
        "import_weights": weights(raw.read("hs/imports_by_gtap_sector_2024"), exact, sources),
    }
