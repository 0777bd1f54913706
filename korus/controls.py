"""Control totals: what the published figures must add up to, within the rounding they are printed with.

Each function returns a table of residuals, one row per total that can be checked, with columns
control, item, vintage, total, parts, residual, tolerance (all in the table's unit), agrees, refs.
The tolerance is what rounding alone can explain: half a unit of the last digit of every figure added.
"""

import pandas as pd

COLUMNS = ["control", "item", "vintage", "total", "parts", "residual", "tolerance", "agrees", "refs"]
REGIONS_OF_THE_WORLD = 7
# Dollars lost in the conversion of decimal text to binary numbers.
EXACT = 1e-6


def _residuals(control: str, joined: pd.DataFrame, item: list[str]) -> pd.DataFrame:
    """Rows of the residual table from totals joined with the sums of their parts."""
    if joined.empty:
        return pd.DataFrame(columns=COLUMNS)
    label = [" ".join(str(x) for x in row if x != "") for row in joined[item].itertuples(index=False)]
    frame = pd.DataFrame({
        "control": control,
        "item": label,
        "vintage": joined["vintage"],
        "total": joined["value_musd"].astype(float),
        "parts": joined["parts"].astype(float),
        "tolerance": (joined["rounding_musd"] + joined["parts_rounding"]).astype(float),
        "refs": joined["ref"] + " " + joined["parts_refs"],
    })
    frame["residual"] = (frame["parts"] - frame["total"]).round(6)
    frame["agrees"] = frame["residual"].abs() <= frame["tolerance"] + EXACT
    return frame[COLUMNS].reset_index(drop=True)


def _sums(rows: pd.DataFrame, by: list[str], count: int) -> pd.DataFrame:
    """Sums of groups that are complete (`count` parts), with their rounding and refs."""
    groups = rows.groupby(by, sort=True)
    sums = groups.agg(
        parts=("value_musd", "sum"), parts_rounding=("rounding_musd", "sum"),
        parts_refs=("ref", " ".join), size=("ref", "size"),
    )
    return sums[sums["size"] == count].drop(columns="size").reset_index()


def _distinct(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row per figure: a release prints some of them in two tables."""
    return rows.drop_duplicates(by)


def quarters_against_years(investment: pd.DataFrame) -> pd.DataFrame:
    """Four quarters against the year, and quarters against spans within the year, in every vintage."""
    series = ["destination", "region", "industry", "measure", "mode", "vintage", "tier"]
    rows = _distinct(investment[investment["source"] == "kexim"], [*series, "period"])
    quarters = rows[rows["frequency"] == "Q"]
    parts = []
    years = quarters.assign(period=quarters["period"].str[:4])
    parts.append((_sums(years, [*series, "period"], 4), rows[rows["frequency"] == "A"]))
    for last in (2, 3):
        first = quarters[quarters["period"].str[-1].astype(int) <= last]
        span = first["period"].str[:4] + "Q1/" + first["period"].str[:4] + f"Q{last}"
        parts.append((
            _sums(first.assign(period=span), [*series, "period"], last), rows[rows["frequency"] == "C"]
        ))
    joined = [totals.merge(sums, on=[*series, "period"]) for sums, totals in parts]
    item = ["destination", "region", "industry", "measure", "period"]
    return _residuals("quarters against years", pd.concat(joined), item)


def regions_against_world(investment: pd.DataFrame) -> pd.DataFrame:
    """The seven regions against the world, in every ministry release."""
    key = ["measure", "frequency", "period", "vintage", "tier"]
    kexim = investment[(investment["source"] == "kexim") & (investment["mode"] == "all")]
    world = kexim[(kexim["destination"] == "WLD") & (kexim["industry"] == "")]
    sums = _sums(kexim[kexim["region"] != ""], key, REGIONS_OF_THE_WORLD)
    joined = _distinct(world, key).merge(sums, on=key)
    return _residuals("regions against the world", joined, ["measure", "period"])


def types_against_totals(investment: pd.DataFrame) -> pd.DataFrame:
    """BEA new investment: acquired, established and expanded against all; the latter two against greenfield."""
    rows = investment[
        (investment["series"] == "new foreign direct investment (BE-13)")
        & (investment["investor"] == "WLD") & (investment["industry"] == "")
        & (investment["state"] == "") & investment["value_musd"].notna()
    ]
    key = ["measure", "period", "vintage"]
    rows = _distinct(rows.sort_values(["tier", "ref"]), [*key, "mode"])
    tables = []
    for total, members in (
        ("all", ["acquisition", "established", "expanded"]), ("greenfield", ["established", "expanded"])
    ):
        sums = _sums(rows[rows["mode"].isin(members)], key, len(members))
        joined = rows[rows["mode"] == total].merge(sums, on=key)
        tables.append(_residuals(f"types against {total}", joined, ["measure", "period"]))
    return pd.concat(tables, ignore_index=True)


def modes_within_totals(investment: pd.DataFrame) -> pd.DataFrame:
    """Greenfield and acquisitions in exports of Eximbank's portal never exceed the total of their country and year.

    Here `agrees` means a rest (other forms) that is not negative. Of each figure the latest vintage is taken, because
    one that did not change keeps its first.
    """
    rows = investment[investment["ref"].str.startswith("kexim/portal#") & investment["value_musd"].notna()]
    key = ["destination", "measure", "period"]
    rows = rows.sort_values("vintage", kind="stable").drop_duplicates([*key, "mode"], keep="last")
    sums = _sums(rows[rows["mode"] != "all"], key, 2)
    table = _residuals("modes within totals", rows[rows["mode"] == "all"].merge(sums, on=key), key)
    return table.assign(agrees=table["residual"] <= table["tolerance"] + EXACT)


def bilateral_identities(bilateral: pd.DataFrame) -> pd.DataFrame:
    """Exports less imports against the balance; months against years. US dollars, printed to 0.1 million."""
    half_digit = 50_000.0
    table = bilateral.astype({c: float for c in ("exports_usd", "imports_usd", "balance_usd")})
    balance = table.assign(
        value_musd=table["balance_usd"], parts=table["exports_usd"] - table["imports_usd"],
        rounding_musd=half_digit, parts_rounding=2 * half_digit, parts_refs="",
    )
    results = [_residuals("exports less imports against balance", balance, ["period"])]
    months = table[table["frequency"] == "M"].assign(year=lambda t: t["period"].str[:4])
    for column in ("exports_usd", "imports_usd"):
        sums = months.groupby("year").agg(
            parts=(column, "sum"), size=("ref", "size"), parts_refs=("ref", " ".join)
        )
        sums = sums[sums["size"] == 12].reset_index()
        years = table[table["frequency"] == "A"].rename(columns={"period": "year"})
        joined = years.merge(sums, on="year").assign(
            value_musd=lambda t, c=column: t[c], rounding_musd=half_digit, parts_rounding=12 * half_digit
        )
        results.append(_residuals(f"months against years, {column[:7]}", joined, ["year"]))
    return pd.concat(results, ignore_index=True)


def panel_against_bilateral(monthly: pd.DataFrame, bilateral: pd.DataFrame) -> pd.DataFrame:
    """Korea's general imports in the partner panel against the bilateral table, month by month.

    Of a month's vintages the first is compared: the bilateral table is of those days, and later revisions of the one
    are not in the other.
    """
    korea = _one_vintage(monthly[(monthly["partner"] == "KOR") & monthly["general_usd"].notna()], "first")
    months = bilateral[bilateral["frequency"] == "M"]
    joined = korea.merge(months, left_on="month", right_on="period", suffixes=("", "_bilateral"))
    joined = joined.assign(
        value_musd=joined["imports_usd"], parts=joined["general_usd"], rounding_musd=50_000.0,
        parts_rounding=0.5, parts_refs=joined["ref_bilateral"],
    )
    return _residuals("partner panel against bilateral table", joined, ["month"])


def _one_vintage(monthly: pd.DataFrame, which: str) -> pd.DataFrame:
    """The first or the last vintage of each partner's month."""
    ordered = monthly.sort_values("vintage", kind="stable")
    return ordered.drop_duplicates(["month", "partner"], keep=which).sort_index()


def partners_against_world(monthly: pd.DataFrame) -> pd.DataFrame:
    """The partners held never exceed the world, in value or in duty; the residual is the rest of the world.

    Here `agrees` means a rest of the world that is not negative. The latest vintage of each month is taken.
    """
    monthly = _one_vintage(monthly, "last")
    results = []
    for column in ("consumption_usd", "duty_usd"):
        held = monthly[monthly["partner"] != "WLD"].groupby("month")[column].sum()
        world = monthly[monthly["partner"] == "WLD"].set_index("month")
        frame = pd.DataFrame({
            "control": f"partners within the world, {column.removesuffix('_usd')}",
            "item": world.index,
            "vintage": world["vintage"].to_numpy(),
            "total": world[column].astype(float).to_numpy(),
            "parts": held.reindex(world.index).astype(float).to_numpy(),
            "tolerance": 0.0,
            "refs": world["ref"].to_numpy(),
        })
        frame["residual"] = frame["parts"] - frame["total"]
        frame["agrees"] = frame["residual"] <= 0
        results.append(frame[COLUMNS])
    return pd.concat(results, ignore_index=True)


def subheadings_against_headings(
    hs4: pd.DataFrame, hs6: pd.DataFrame, columns: list[str]
) -> pd.DataFrame:
    """Sums printed for groups of HS6 against the HS6 printed one by one, where all are held.

    `hs4` and `hs6` are raw tables as numbers with a `ref`; `columns` names the amounts that both show.
    """
    rows = []
    amounts = hs6.set_index(["hs6", "iso3"])
    for group in hs4.itertuples():
        keys = [(code, group.iso3) for code in group.hs6_list.split(";")]
        if not all(key in amounts.index for key in keys):
            continue
        for column in columns:
            parts = amounts.loc[keys, column].astype(float).sum()
            total = float(getattr(group, column))
            rows.append({
                "control": "subheadings against printed sums", "item": f"{group.hs4} {group.iso3} {column}",
                "vintage": group.vintage, "total": total, "parts": parts, "residual": parts - total,
                "tolerance": 0.0, "agrees": parts == total, "refs": group.ref,
            })
    return pd.DataFrame(rows, columns=COLUMNS)


def together(*residuals: pd.DataFrame) -> pd.DataFrame:
    """Residual tables one below the other."""
    return pd.concat([table for table in residuals if len(table)], ignore_index=True)
