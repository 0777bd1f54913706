"""What an implied Korean amount is held against: totals it is part of, and sums it may be compared with.

A strict test follows from definitions and can refute. An indicative one compares two concepts, which
can differ without either being wrong, and never refutes. A test that no share could fail, because the
bound is above the total of all countries, says nothing and is not counted. Amounts in million USD.
"""

import pandas as pd

from korus.readings import OUTSIDE_EUROPE, READINGS, Interval, new_fdi, printed

TESTS = {
    "korea_total": ("strict", "is part of Korea's total first-year expenditures of the year"),
    "asia_total": ("strict", "is part of Asia's total first-year expenditures of the year"),
    "rest_of_world": ("strict", "is part of what Europe and other countries printed leave of the total"),
    "region_greenfield": ("strict", "is part of the greenfield of Asia and the Pacific"),
    "later_spending": ("strict", "is at most Korea's first year and all that all countries plan for later"),
    "eximbank": ("indicative", "beside the money sent from Korea in the year, all modes: another concept"),
    "announced": ("indicative", "beside new plants and expansions announced in the year, partners' money "
                  "included, as far as listed: another concept"),
}
NAMES = {
    "korea_total": "Korea's total", "asia_total": "Asia's total", "rest_of_world": "what others leave",
    "region_greenfield": "greenfield of Asia and the Pacific", "later_spending": "later spending",
    "eximbank": "money sent", "announced": "projects announced",
}
COLUMNS = ["year", "test", "bound_lower_musd", "bound_upper_musd", "bound_vintage", "bound_tier",
           "bound_ref"]


def bounds(
    investment: pd.DataFrame, related: pd.DataFrame, totals: pd.DataFrame, outflow: pd.DataFrame,
    announced: pd.DataFrame, as_of: str, max_tier: int,
) -> pd.DataFrame:
    """One row per year and test held, with the bounds of what the amount is held against.

    `related` and `totals` come from readings, `outflow` from greenfield.outflows (the United States),
    `announced` has columns year, amount_musd, tier, ref (see projects.announced_by_year). Where a level is
    not printed but a change on it is, the level follows: the later year ÷ (1 + change).
    """
    rows = new_fdi(investment, as_of, max_tier)
    rows = rows[rows["measure"] == "first_year"]
    every = rows[rows["mode"] == "all"]
    asia = every["region"].str.startswith("Asia")
    found = [
        *_levels("korea_total", every[every["investor"] == "KOR"], related[related["investor"] == "KOR"]),
        *_levels("asia_total", every[asia], related[related["region"].str.startswith("Asia")]),
        *_rest(every, related),
        *_levels("region_greenfield", rows[(rows["mode"] == "greenfield")
                                           & rows["region"].str.startswith("Asia")], related.iloc[:0]),
    ]
    found += _later(totals, found)
    for row in outflow.itertuples():
        found.append(("eximbank", row.period, row.vintage, printed(outflow.loc[[row.Index]])))
    for row in announced[announced["tier"] <= max_tier].itertuples():
        amount = float(row.amount_musd)
        found.append(("announced", row.year, str(as_of), Interval(amount, amount, int(row.tier), (row.ref,))))
    table = [
        {"year": year, "test": test, "bound_lower_musd": bound.lower, "bound_upper_musd": bound.upper,
         "bound_vintage": vintage, "bound_tier": bound.tier, "bound_ref": " ".join(bound.refs)}
        for test, year, vintage, bound in found
    ]
    return pd.DataFrame(table, columns=COLUMNS).sort_values(["year", "test"]).reset_index(drop=True)


def _levels(test: str, rows: pd.DataFrame, related: pd.DataFrame):
    """(test, year, vintage, interval) of printed levels, and of the year before from a printed change."""
    latest = {}
    for (year, vintage), group in rows.groupby(["period", "vintage"]):
        latest[year] = (vintage, printed(group))
    for year, (vintage, level) in list(latest.items()):
        changes = related[(related["kind"] == "change_pct") & (related["year"] == year)
                          & (related["vintage"] == vintage)]
        before = str(int(year) - 1)
        if before in latest or changes.empty:
            continue
        earlier = None
        for row in changes.itertuples():
            one = level.times(1 / (1 + row.upper / 100), 1 / (1 + row.lower / 100))
            one = Interval(one.lower, one.upper, max(level.tier, int(row.tier)),
                           tuple(dict.fromkeys((*level.refs, row.ref))))
            earlier = one if earlier is None else earlier.narrowed(one)
        latest[before] = (vintage, earlier)
    return [(test, year, vintage, level) for year, (vintage, level) in sorted(latest.items())]


def _rest(every: pd.DataFrame, related: pd.DataFrame):
    """What Europe and the countries outside it that are printed leave of the total, per year."""
    latest = {}
    for (year, vintage), group in every.groupby(["period", "vintage"]):
        total = printed(group[group["investor"] == "WLD"])
        europe = printed(group[group["region"] == "Europe"])
        share = related[(related["kind"] == "share_pct") & (related["region"] == "Europe")
                        & (related["year"] == year) & (related["vintage"] == vintage)]
        if europe is None and total is not None and len(share):
            europe = total.times(share["lower"].iloc[0] / 100, share["upper"].iloc[0] / 100)
            europe = Interval(europe.lower, europe.upper, max(total.tier, int(share["tier"].iloc[0])),
                              (*total.refs, share["ref"].iloc[0]))
        if total is None or europe is None:
            continue
        rest = total.plus(europe, -1)
        for code in OUTSIDE_EUROPE:
            country = printed(group[group["investor"] == code])
            rest = rest if country is None else rest.plus(country, -1)
        latest[year] = (vintage, rest)
    return [("rest_of_world", year, vintage, rest) for year, (vintage, rest) in latest.items()]


def _later(totals: pd.DataFrame, first_year: list):
    """Bounds of planned amounts: Korea's first year, and the later spending of all countries together.

    Acquisitions have no later spending, so the bound holds for greenfield and for the total alike.
    """
    measures = totals[totals["reading"].isin(["all_planned", "all_first_year"])]
    found = {}
    for (year, vintage), group in measures.groupby(["year", "vintage"]):
        group = group.set_index("reading")
        firsts = [bound for test, bound_year, _, bound in first_year
                  if bound_year == year and test != "region_greenfield"]
        if len(group) < 2 or not firsts:
            continue
        planned, begun = (
            Interval(row.total_lower_musd, row.total_upper_musd, int(row.tier), tuple(row.ref.split()))
            for row in (group.loc["all_planned"], group.loc["all_first_year"]))
        least = min(firsts, key=lambda bound: bound.upper)
        found[year] = ("later_spending", year, vintage, least.plus(planned.plus(begun, -1)))
    return list(found.values())


def _applies(test: str, reading: str) -> bool:
    """Whether a test says anything of a reading: planned amounts reach beyond the totals of one year."""
    mode, measure = READINGS[reading]
    if TESTS[test][0] == "indicative":
        return True
    if test == "later_spending":
        return measure == "planned"
    return measure == "first_year" and (test != "region_greenfield" or mode != "all")


def tested(amounts: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """Every implied amount against every test: outcome, the figures of both sides, tier and refs.

    Outcomes: passes, fails, can not fail (strict); within, beyond (indicative); not held; not applicable.
    An amount fails only when its whole interval lies above the bound, or, where the reading is Korea's
    total itself, apart from it. `one_vintage` says whether both sides are of one release.
    """
    every = amounts[amounts["total_upper_musd"].notna()].merge(
        pd.DataFrame({"test": list(TESTS)}), how="cross").merge(limits, on=["year", "test"], how="left")
    outcomes = []
    for row in every.itertuples():
        strict = TESTS[row.test][0] == "strict"
        above = row.lower_musd > row.bound_upper_musd
        if row.test == "korea_total" and READINGS[row.reading][0] == "all":
            above = above or row.upper_musd < row.bound_lower_musd
        if not _applies(row.test, row.reading):
            outcomes.append("not applicable")
        elif pd.isna(row.bound_upper_musd):
            outcomes.append("not held")
        elif strict and row.bound_upper_musd >= row.total_upper_musd:
            outcomes.append("can not fail")
        else:
            outcomes.append(("fails" if above else "passes") if strict else ("beyond" if above else "within"))
    every["outcome"] = outcomes
    every["kind"] = every["test"].map({name: kind for name, (kind, _) in TESTS.items()})
    every["meaning"] = every["test"].map({name: words for name, (_, words) in TESTS.items()})
    every["one_vintage"] = every["vintage"] == every["bound_vintage"]
    every["ratio"] = every["value_musd"] / every["bound_upper_musd"]
    return every


def verdicts(amounts: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """`amounts` with verdict, by (the strict tests that decide), beyond (indicative), worst tier, refs.

    Infeasible when a strict test fails, feasible when at least one could have failed and none did, else
    not testable; `no total held` where the reading's total is not held. Feasible is not confirmed.
    """
    found = []
    for row in amounts.itertuples():
        mine = results[(results["year"] == row.year) & (results["reading"] == row.reading)
                       & (results["vintage"] == row.vintage)]
        by = {outcome: list(mine.loc[mine["outcome"] == outcome, "test"])
              for outcome in ("fails", "passes", "beyond", "within")}
        verdict = ("no total held" if pd.isna(row.total_upper_musd) else "infeasible" if by["fails"]
                   else "feasible" if by["passes"] else "not testable")
        used = mine[mine["test"].isin(by["fails"] or by["passes"])]
        refs = " ".join(filter(None, [row.stated_ref, row.ref if isinstance(row.ref, str) else "",
                                      *used["bound_ref"]]))
        worst = pd.Series([row.tier, *used["bound_tier"]]).max()
        found.append({"verdict": verdict, "by": ", ".join(by["fails"] or by["passes"]),
                      "beyond": ", ".join(by["beyond"]), "within": ", ".join(by["within"]),
                      "tier": worst, "ref": " ".join(dict.fromkeys(refs.split()))})
    return pd.concat([amounts.drop(columns=["tier", "ref"]).reset_index(drop=True),
                      pd.DataFrame(found, columns=["verdict", "by", "beyond", "within", "tier", "ref"])],
                     axis=1)


def share_ceilings(totals: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """The most Korea's share of first-year greenfield can have been, where a strict bound is held.

    Both terms of one vintage: year, ceiling_pct, test, vintage, tier, ref. Years without such a pair are
    absent. It bears on "unprecedented": a stated share above these ceilings was higher in those years.
    """
    strict = [name for name, (kind, _) in TESTS.items() if kind == "strict"]
    pairs = totals[totals["reading"] == "first_year"].merge(
        limits[limits["test"].isin(strict)], left_on=["year", "vintage"],
        right_on=["year", "bound_vintage"])
    pairs = pairs.assign(
        ceiling_pct=100 * pairs["bound_upper_musd"] / pairs["total_lower_musd"],
        tier=pairs[["tier", "bound_tier"]].max(axis=1), ref=pairs["ref"] + " " + pairs["bound_ref"])
    pairs = pairs[pairs["ceiling_pct"] < 100].sort_values(["year", "ceiling_pct"], kind="stable")
    columns = ["year", "ceiling_pct", "test", "vintage", "tier", "ref"]
    return pairs.drop_duplicates("year")[columns].reset_index(drop=True)


def in_words(tests: pd.Series) -> pd.Series:
    """Names of tests, alone or separated by commas, in words."""
    return tests.map(lambda names: ", ".join(NAMES[name] for name in names.split(", ") if name))


def record_verdicts(values, judged: pd.DataFrame, results: pd.DataFrame, ceilings: pd.DataFrame) -> None:
    """Record stated shares, ceilings of other years, and of each year and reading what the tests say.

    `feasible` is 1 or 0, and missing where no test could fail or releases disagree; `tests` counts the strict
    tests that could have failed, over all releases. `ceilings` comes from share_ceilings.
    """
    for year, rows in judged.groupby("year"):
        values.add(f"greenfield.stated_share.KOR.{year}", rows["share_pct"].iloc[0], "per cent", year, tier=4,
                   refs=rows["stated_ref"].iloc[0])
    for row in ceilings.itertuples():
        values.add(f"greenfield.bea.ceiling.{row.year}", row.ceiling_pct, "per cent", row.year, tier=int(row.tier),
                   refs=" ".join(dict.fromkeys(row.ref.split())))
    for (year, reading), rows in judged[judged["total_upper_musd"].notna()].groupby(["year", "reading"]):
        origin = {"tier": int(rows["tier"].max()), "refs": " ".join(dict.fromkeys(" ".join(rows["ref"]).split()))}
        mine = results[(results["year"] == year) & (results["reading"] == reading)]
        values.add(f"greenfield.bea.tests.{year}.{reading}", int(mine["outcome"].isin(["passes", "fails"]).sum()),
                   "count", year, **origin)
        verdicts = set(rows["verdict"])
        if verdicts in ({"feasible"}, {"infeasible"}):
            values.add(f"greenfield.bea.feasible.{year}.{reading}", int(verdicts == {"feasible"}), "count", year, **origin)


def record_implied(values, judged: pd.DataFrame) -> None:
    """Record the Korean amounts implied by greenfield, first-year and planned, in the latest vintage held."""
    rows = judged[judged["reading"].isin(["first_year", "planned"]) & judged["value_musd"].notna()]
    latest = rows.sort_values("vintage").drop_duplicates(["year", "reading"], keep="last")
    for row in latest.sort_values(["year", "reading"]).itertuples():
        values.add(f"greenfield.bea.implied_korea.{row.year}.{row.reading}", row.value_musd, "million USD",
                   row.year, tier=int(row.tier), refs=row.ref, lower=float(row.lower_musd),
                   upper=float(row.upper_musd))


def record_share_bounds(values, results: pd.DataFrame, ceilings: pd.DataFrame) -> None:
    """Record what the figures allow for Korea's share of US greenfield investment, in years a share is stated for.

    `results` comes from tested, `ceilings` from share_ceilings. Which measure a text means is not known, so the
    wider of the first-year and the planned reading is taken. Recorded too is the largest share of any year from
    2014 to the year before the first stated one. A year without a ceiling allows everything.
    """
    years = sorted(set(results["year"]))
    for year in years:
        highest, used = 0.0, set()
        for reading in ("first_year", "planned"):
            rows = results[(results["year"] == year) & (results["reading"] == reading)
                           & results["outcome"].isin(["passes", "fails"])]
            tops = 100 * rows["bound_upper_musd"] / rows["total_lower_musd"]
            highest = max(highest, min([100.0, *tops]))
            if len(tops) and min(tops) < 100:
                used.add(tops.idxmin())
        rows = results.loc[sorted(used)] if highest < 100 else results.iloc[:0]
        _record_share(values, f"greenfield.bea.share_korea.{year}", highest, year,
                      [*rows["tier"], *rows["bound_tier"]], [*rows["ref"], *rows["bound_ref"]])
    if years:
        before = [str(year) for year in range(2014, int(years[0]))]
        rows = ceilings[ceilings["year"].isin(before)]
        whole = len(rows) == len(before)
        rows = rows if whole else rows.iloc[:0]
        _record_share(values, f"greenfield.bea.share_korea.highest_before_{years[0]}",
                      rows["ceiling_pct"].max() if whole else 100.0, f"2014/{int(years[0]) - 1}", [*rows["tier"]],
                      [*rows["ref"]])


def _record_share(values, id: str, upper: float, period: str, tiers: list, refs: list) -> None:
    """A share between nothing and a ceiling; without one it rests on no figure."""
    words = " ".join(dict.fromkeys(" ".join(refs).split()))
    values.add_interval(id, 0.0, upper, "per cent", period, tier=int(max([1, *tiers])), refs=words)
