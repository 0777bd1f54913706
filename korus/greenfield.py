"""Korean investment abroad and greenfield investment in the United States: what is held, selected as of a day."""

import pandas as pd

from korus.selection import known_by, selected

NEW_FDI = "new foreign direct investment (BE-13)"


def outflows(
    investment: pd.DataFrame, as_of: str, max_tier: int, *, destinations: tuple[str, ...] = ("USA",),
    measure: str = "invested", frequency: str = "A",
) -> pd.DataFrame:
    """Korea Eximbank's all-mode, all-industry outflows to some destinations, one row per period.

    Values in million USD; the best tier and latest vintage published by `as_of`. Missing years are
    absent. `measure` is invested (gross), net or reported: they are never mixed.
    """
    return selected("investment", _totals(investment, destinations, measure, frequency), as_of, max_tier)


def _totals(investment, destinations, measure, frequency) -> pd.DataFrame:
    return investment[
        (investment["source"] == "kexim") & investment["destination"].isin(destinations)
        & (investment["industry"] == "") & (investment["region"] == "") & (investment["mode"] == "all")
        & (investment["measure"] == measure) & (investment["frequency"] == frequency)
        & (investment["basis"] == "")
    ]


def by_measure(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Annual outflow to the United States gross, net and as reported, side by side, million USD."""
    parts = {measure: outflows(investment, as_of, max_tier, measure=measure).set_index("period")["value_musd"]
             for measure in ("invested", "net", "reported")}
    return pd.DataFrame(parts).sort_index().rename_axis("year").reset_index()


def prints(
    investment: pd.DataFrame, as_of: str, max_tier: int, destinations: tuple[str, ...] = ("USA",)
) -> pd.DataFrame:
    """Every print of the annual invested totals to some destinations published by `as_of`.

    One row per destination, year and vintage (the best tier, then the most precise), million USD.
    """
    rows = known_by(_totals(investment, destinations, "invested", "A"), as_of, max_tier)
    key = ["destination", "period", "vintage"]
    ranked = rows.sort_values([*key, "tier", "rounding_musd", "ref"], kind="stable")
    return ranked.drop_duplicates(key).reset_index(drop=True)


def panel(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Net flows from Korea to the United States and China of the academic panel, million USD.

    Another concept than Eximbank's invested amounts: shown beside them, never joined to them.
    """
    rows = investment[(investment["source"] == "abn2018") & (investment["investor"] == "KOR")]
    return selected("investment", rows, as_of, max_tier)


def bea_greenfield(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """BEA's greenfield investment in the United States, all countries, first-year, in every vintage.

    Columns period, vintage, tier, value_musd, lower_musd, upper_musd, derivation, total_musd, share_pct,
    status, ref. Greenfield is established plus expanded where a vintage prints both, else the total
    less acquisitions, else the printed greenfield figure; all terms are of one vintage and tier.
    Bounds are what the rounding of the printed figures allows.
    """
    rows = known_by(investment, as_of, max_tier)
    rows = rows[
        (rows["series"] == NEW_FDI) & (rows["investor"] == "WLD") & (rows["industry"] == "")
        & (rows["state"] == "") & (rows["measure"] == "first_year") & (rows["status"] == "published")
    ].sort_values(["rounding_musd", "ref"], kind="stable")
    found = []
    for (period, vintage, tier), group in rows.groupby(["period", "vintage", "tier"]):
        modes = group.drop_duplicates("mode").set_index("mode")
        if (figure := _greenfield(modes)) is not None:
            found.append({"period": period, "vintage": vintage, "tier": int(tier), **figure})
    columns = ["period", "vintage", "tier", "value_musd", "lower_musd", "upper_musd", "derivation",
               "total_musd", "share_pct", "status", "ref"]
    return pd.DataFrame(found, columns=columns)


def _greenfield(modes: pd.DataFrame) -> dict | None:
    """Greenfield from the modes that one vintage prints, or None when it can not be had."""
    routes = (
        (("established", 1), ("expanded", 1), "established + expanded", "derived"),
        (("all", 1), ("acquisition", -1), "total − acquired", "derived"),
        (("greenfield", 1), None, "as printed", "published"),
    )
    for first, second, derivation, status in routes:
        terms = [first] if second is None else [first, second]
        if not all(mode in modes.index for mode, _ in terms):
            continue
        value = sum(sign * float(modes.at[mode, "value_musd"]) for mode, sign in terms)
        slack = sum(float(modes.at[mode, "rounding_musd"]) for mode, _ in terms)
        total = float(modes.at["all", "value_musd"]) if "all" in modes.index else float("nan")
        return {
            "value_musd": value, "lower_musd": value - slack, "upper_musd": value + slack,
            "derivation": derivation, "total_musd": total, "share_pct": 100 * value / total,
            "status": status, "ref": " ".join(modes.at[mode, "ref"] for mode, _ in terms),
        }
    return None


def latest(by_vintage: pd.DataFrame) -> pd.DataFrame:
    """Per period the best tier, and within it the latest vintage, of a table with several."""
    ranked = by_vintage.sort_values(["tier", "vintage"], ascending=[True, False], kind="stable")
    return ranked.drop_duplicates("period").sort_values("period").reset_index(drop=True)


def pair_of_one_vintage(
    printed: pd.DataFrame, first: tuple[str, str], second: tuple[str, str]
) -> pd.DataFrame | None:
    """Two totals (destination, year) in the latest vintage that prints both, or None.

    A ratio or change must take both terms from one vintage: revisions are as large as some changes.
    """
    def of(destination: str, year: str) -> pd.DataFrame:
        return printed[(printed["destination"] == destination) & (printed["period"] == year)]

    common = set(of(*first)["vintage"]) & set(of(*second)["vintage"])
    if not common:
        return None
    terms = [rows[rows["vintage"] == max(common)] for rows in (of(*first), of(*second))]
    return pd.concat(terms)


def record_balance(values, printed: pd.DataFrame) -> None:
    """Record shares, ratios and changes of the outflows, each from one vintage."""
    for year in sorted(printed["period"].unique()):
        for kind, other, unit, scale in (
            ("share_of_world.USA", ("WLD", year), "per cent", 100), ("ratio.USA-CHN", ("CHN", year), "ratio", 1)
        ):
            pair = pair_of_one_vintage(printed, ("USA", year), other)
            if pair is not None:
                value = scale * pair["value_musd"].iloc[0] / pair["value_musd"].iloc[1]
                values.add(f"investment.kexim.{kind}.{year}", value, unit, year, pair)


def record_highest(values, annual: pd.DataFrame, printed: pd.DataFrame) -> None:
    """Record the year of the highest outflow to the United States, and the change from it to 2024."""
    american = annual[annual["destination"] == "USA"]
    if american.empty:
        return
    top = american.nlargest(1, "value_musd")
    year = top["period"].iloc[0]
    values.add("investment.kexim.invested.USA.highest", top["value_musd"].iloc[0], "million USD", year, top)
    pair = pair_of_one_vintage(printed, ("USA", "2024"), ("USA", year))
    if pair is not None and year != "2024":
        change = 100 * (pair["value_musd"].iloc[0] / pair["value_musd"].iloc[1] - 1)
        values.add("investment.kexim.change_pct.USA.highest-2024", change, "per cent", f"{year}/2024", pair)
