"""From published figures to linear constraints on Korea's greenfield investment abroad.

Variables are gross outflows in million USD: `T.USA.2024` of all modes, `G.USA.2024` greenfield, with
the places USA, CHN, REST (everywhere else) and WLD, and the years since 1968, when the cumulative
totals begin. A part of a year is `T.USA.2010Q1-Q2`. Each printed figure is an interval of half a unit
of its last digit on either side; "about" and "roughly" are taken to mean just that rounding.
"""

import re

import numpy as np
import pandas as pd

from korus.bounds import COLUMNS, Target
from korus.clean.kexim import UNITS
from korus.clean.origin import CleaningError, printed_number, with_origin
from korus.selection import known_by, selected

FIRST_YEAR = 1968
OFFICIAL = 1
COMMENTARY = 4
PARTS = ("USA", "CHN", "REST")
NAMES = {"USA": "the United States", "CHN": "China", "WLD": "the world", "REST": "all other countries"}
LETTERS = {"all": "T", "greenfield": "G"}
WORDS = {"T": "outflow", "G": "greenfield outflow"}
FACTORS = {"percent": 0.01, "times": 1.0}
EXAMPLES = {"value": "G.USA.2024", "mean": "G.USA.2000-2015", "ratio": "G.CHN.2016/G.USA.2016"}
TERM = re.compile(r"(?P<letter>[TG])\.(?P<place>USA|CHN|WLD|REST)\.(?P<first>\d{4})(-(?P<last>\d{4}))?")


def stated(raw: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Statements of kexim/statements as numbers: means, ratios and values that no table row holds.

    Columns statement, kind, measure, lower, upper (million USD, or a ratio without unit), printed,
    source, note, vintage, tier, ref. Raises CleaningError naming file, row and field.
    """
    limits = []
    for row in raw.itertuples():
        where = f"data/raw/{row.ref}"
        parse_measure(row.kind, row.measure, where)
        factors = FACTORS if row.kind == "ratio" else UNITS
        if row.unit not in factors:
            raise CleaningError(f"{where}, column unit: {row.unit!r} is none of {', '.join(factors)}")
        try:
            number = printed_number(row.stated)
        except ValueError as error:
            raise CleaningError(f"{where}, column stated: {error}") from None
        if number is None:
            raise CleaningError(f"{where}, column stated: no figure; give the printed digits")
        ends = number.value - number.half_digit, number.value + number.half_digit
        limits.append([factors[row.unit] * end for end in ends])
    frame = pd.DataFrame(limits, columns=["lower", "upper"], index=raw.index, dtype=float)
    columns = ["statement", "kind", "measure", "printed", "source", "note", "ref"]
    origin = with_origin(raw, sources, "vintage").astype({"vintage": str, "tier": int})
    return raw[columns].join(frame).join(origin)


def parse_measure(kind: str, measure: str, where: str) -> list[dict[str, float]]:
    """The linear combinations a measure names: one, or for a ratio numerator and denominator."""
    expected = {"value": 1, "mean": 1, "ratio": 2}
    if kind not in expected:
        raise CleaningError(f"{where}, column kind: {kind!r} is none of {', '.join(expected)}")
    texts = measure.split("/")
    found = [TERM.fullmatch(text) for text in texts]
    if len(texts) != expected[kind] or not all(found):
        raise CleaningError(f"{where}, column measure: {measure!r} is no {kind}; write {EXAMPLES[kind]}")
    terms = []
    for match in found:
        first, last = int(match["first"]), int(match["last"] or match["first"])
        if last < first or first < FIRST_YEAR or (kind == "mean") != (last > first):
            raise CleaningError(f"{where}, column measure: years {first} to {last} do not suit a {kind}")
        years = range(first, last + 1)
        terms.append({f"{match['letter']}.{match['place']}.{y}": 1 / len(years) for y in years})
    return terms


def constraints(
    investment: pd.DataFrame, as_of: str, max_tier: int, statements: pd.DataFrame
) -> pd.DataFrame:
    """One row per linear constraint known by `as_of` from evidence of `max_tier` or better.

    Columns id, figure (the printed figure it comes from; "" for identities and signs), kind, text,
    terms (variable → coefficient), lower, upper (million USD; zero for ratios, whose two ends are two
    rows), source, ref, tier, vintage. Totals are gross invested amounts whose basis is stated, the
    best tier's latest vintage. Figures of the commentary never replace other evidence nor are
    replaced by it: they stand beside it, so that a contradiction between them comes to light.
    Years that an official table prints are not held against older cumulative totals over them, nor against
    older acquisitions: between the two lie revisions.
    """
    mine = _gross(investment)
    known = known_by(mine, as_of, max_tier)
    years = range(FIRST_YEAR, _last_year(known_by(mine, as_of, COMMENTARY), statements) + 1)
    evidence = mine[mine["tier"] < COMMENTARY]
    annual = [selected("investment", evidence[evidence["frequency"] == "A"], as_of, max_tier)]
    if max_tier >= COMMENTARY:
        said = mine[(mine["tier"] == COMMENTARY) & (mine["frequency"] == "A")]
        annual.append(selected("investment", said, as_of, COMMENTARY))
    rows = [_annual(row) for row in pd.concat(annual).itertuples()]
    official = {name for row in rows if row["tier"] == OFFICIAL and len(row["terms"]) == 1 for name in row["terms"]}
    spans = selected("investment", evidence[evidence["frequency"] == "C"], as_of, max_tier)
    for row in spans[spans["period"].str.startswith(f"{FIRST_YEAR}/")].itertuples():
        since = _cumulative(row, known)
        rows += [] if _overtaken(since[0], official) else since
    held = {variable for row in rows if row["kind"] in ("total", "value", "mode total")
            for variable in row["terms"] if len(row["terms"]) == 1}
    rows = [row for row in rows if not _overtaken(row, official)]
    rows += _parts_of_years(known[known["tier"] < COMMENTARY], held)
    for row in known_by(statements, as_of, max_tier).itertuples():
        rows += _statement(row)
    table = pd.DataFrame([*rows, *_always(years)], columns=COLUMNS)
    return table.astype({"lower": float, "upper": float}).reset_index(drop=True)


def _gross(investment: pd.DataFrame) -> pd.DataFrame:
    """Korea's gross outflows to the United States, China and the world, all industries, basis stated."""
    whole = (investment[["industry", "region", "state", "basis"]] == "").all(axis=1)
    return investment[
        whole & (investment["source"] == "kexim") & (investment["measure"] == "invested")
        & investment["destination"].isin(["USA", "CHN", "WLD"]) & investment["value_musd"].notna()
    ]


def _last_year(known: pd.DataFrame, statements: pd.DataFrame) -> int:
    texts = pd.concat([known["period"], statements["measure"]])
    return max((int(y) for text in texts for y in re.findall(r"(?<!\d)\d{4}(?!\d)", text)),
               default=FIRST_YEAR)


def _row(figure, kind, text, terms, lower, upper, *, name=None, source, ref, tier, vintage) -> dict:
    return {"id": name or figure, "figure": figure, "kind": kind, "text": text, "terms": terms,
            "lower": lower, "upper": upper, "source": source, "ref": ref, "tier": tier,
            "vintage": vintage}


def _origin(row) -> dict:
    return {"source": row.source, "ref": row.ref, "tier": int(row.tier), "vintage": row.vintage}


def _amount(row) -> tuple[float, float, str]:
    """Lower, upper and words of a printed amount in million USD."""
    value, slack = float(row.value_musd), float(row.rounding_musd)
    return value - slack, value + slack, f"{value:,.10g} ± {slack:,.4g} million USD"


def _annual(row) -> dict:
    """A printed amount of one year: an equality within its rounding, or a floor under acquisitions."""
    lower, upper, words = _amount(row)
    place, year = NAMES[row.destination], row.period
    figure = f"{row.mode} {row.destination} {year} ({row.ref})"
    if row.mode == "acquisition":
        # Greenfield and acquisitions need not make up the whole: other forms have been counted.
        terms = {f"T.{row.destination}.{year}": 1.0, f"G.{row.destination}.{year}": -1.0}
        return _row(figure, "mode total", f"acquisitions in {place} in {year}: {words}", terms,
                    lower, np.inf, **_origin(row))
    letter = LETTERS[row.mode]
    kind = "total" if letter == "T" else "mode total" if row.destination == "WLD" else "value"
    text = f"{WORDS[letter]} to {place} in {year}: {words}"
    return _row(figure, kind, text, {f"{letter}.{row.destination}.{year}": 1.0}, lower, upper,
                **_origin(row))


def _cumulative(row, known: pd.DataFrame) -> list[dict]:
    """A total since 1968: all years before its last, and of that year a part between nothing and all.

    Where the same vintage prints that part of the year, it is a constraint too.
    """
    lower, upper, words = _amount(row)
    letter, end = LETTERS[row.mode], row.period.partition("/")[2]
    stem, year, month = f"{letter}.{row.destination}", int(end[:4]), int(end[5:7] or 12)
    whole = {f"{stem}.{y}": 1.0 for y in range(FIRST_YEAR, year + (month == 12))}
    figure = f"cumulative {row.mode} {row.destination} {end} ({row.ref})"
    text = f"{WORDS[letter]} to {NAMES[row.destination]} since {FIRST_YEAR}, up to {end}: {words}"
    if month == 12:
        return [_row(figure, "cumulative", text, whole, lower, upper, **_origin(row))]
    quarter = month // 3
    label = f"{year}Q1" + (f"-Q{quarter}" if quarter > 1 else "")
    if month % 3:
        label = f"{year}-to-{month:02d}"
    part = f"{stem}.{label}"
    rows = [
        _row(figure, "cumulative", text, {**whole, part: 1.0}, lower, upper, **_origin(row)),
        _always_row("sign", f"{part} ≥ 0", {part: 1.0}, 0.0, np.inf),
        _always_row("sign", f"{stem}.{year} ≥ {part}", {f"{stem}.{year}": 1.0, part: -1.0}, 0.0,
                    np.inf),
    ]
    printed = f"{year}Q1" if quarter == 1 else f"{year}Q1/{year}Q{quarter}"
    same = known[(known["destination"] == row.destination) & (known["mode"] == row.mode)
                 & (known["period"] == printed) & (known["vintage"] == row.vintage)]
    if month % 3 == 0 and len(same):
        best = next(same.sort_values(["tier", "rounding_musd", "ref"]).itertuples())
        low, high, amount = _amount(best)
        rows.append(_row(f"part {row.mode} {row.destination} {label} ({best.ref})", "part of total",
                         f"{WORDS[letter]} to {NAMES[row.destination]} in {label}: {amount}",
                         {part: 1.0}, low, high, **_origin(best)))
    return rows


def _overtaken(row: dict, official: set[str]) -> bool:
    """Whether a sum over years, or what acquisitions leave of a year, is older than the official table of them."""
    if row["kind"] not in ("cumulative", "mode total") or row["tier"] == OFFICIAL or len(row["terms"]) == 1:
        return False
    overlap = official & set(row["terms"])
    return bool(overlap) if row["kind"] == "cumulative" else len(overlap) == len(row["terms"])


def _parts_of_years(known: pd.DataFrame, held: set[str]) -> list[dict]:
    """Years not held: at least the quarters that one vintage prints, and equal to all four of them."""
    parts = known[known["period"].str.fullmatch(r"(\d{4})Q\d(/\1Q\d)?") & known["mode"].isin(LETTERS)]
    parts = parts.sort_values(["tier", "rounding_musd", "ref"], kind="stable")
    parts = parts.drop_duplicates(["mode", "destination", "period", "vintage"])
    rows = []
    keys = ["mode", "destination", parts["period"].str[:4].rename("year"), "vintage"]
    for (mode, place, year, vintage), group in parts.groupby(keys):
        variable = f"{LETTERS[mode]}.{place}.{year}"
        if variable in held:
            continue
        cover = _widest_cover(list(group.itertuples()))
        lower, upper = (sum(_amount(row)[end] for row in cover) for end in (0, 1))
        complete = sum(_span(row.period)[1] - _span(row.period)[0] + 1 for row in cover) == 4
        refs, words = " ".join(row.ref for row in cover), "the sum of" if complete else "at least"
        periods = " + ".join(row.period.replace("/", " to ") for row in cover)
        rows.append(_row(
            f"parts {mode} {place} {year} ({refs})", "part of total",
            f"{WORDS[LETTERS[mode]]} to {NAMES[place]} in {year}: {words} {periods}, "
            f"{(lower + upper) / 2:,.10g} ± {(upper - lower) / 2:,.4g} million USD",
            {variable: 1.0}, lower, upper if complete else np.inf, source=cover[0].source, ref=refs,
            tier=max(int(row.tier) for row in cover), vintage=vintage))
    return rows


def _span(period: str) -> tuple[int, int]:
    """First and last quarter of `2018Q3` or `2018Q1/2018Q3`."""
    return int(period[5]), int(period[-1])


def _widest_cover(rows: list, after: int = 0) -> list:
    """Parts of one year that do not overlap, covering most quarters; among equals the surest bound."""
    best: list = []
    for row in rows:
        first, last = _span(row.period)
        if first > after:
            chosen = [row, *_widest_cover(rows, last)]
            if _cover_merit(chosen) > _cover_merit(best):
                best = chosen
    return best


def _cover_merit(rows: list) -> tuple[int, float]:
    quarters = sum(_span(row.period)[1] - _span(row.period)[0] + 1 for row in rows)
    return quarters, sum(_amount(row)[0] for row in rows)


def _statement(row) -> list[dict]:
    """Rows of a stated value, mean or ratio; a ratio gives one row for each of its ends."""
    figure, text = f"{row.statement} ({row.ref})", f"“{row.printed}”"
    terms = parse_measure(row.kind, row.measure, f"data/raw/{row.ref}")
    if row.kind != "ratio":
        return [_row(figure, row.kind, text, terms[0], row.lower, row.upper, **_origin(row))]
    over, under = terms
    kind = "share" if row.measure.startswith("G") and "/T" in row.measure else "ratio"

    def less(times: float) -> dict[str, float]:
        return {**over, **{name: over.get(name, 0.0) - times * a for name, a in under.items()}}

    return [
        _row(figure, kind, text, less(row.lower), 0.0, np.inf, name=f"{figure}, at least",
             **_origin(row)),
        _row(figure, kind, text, less(row.upper), -np.inf, 0.0, name=f"{figure}, at most",
             **_origin(row)),
    ]


def _always_row(kind: str, text: str, terms: dict, lower: float, upper: float) -> dict:
    return _row("", kind, text, terms, lower, upper, name=f"{kind}: {text}", source="", ref="", tier=0,
                vintage="")


def _always(years) -> list[dict]:
    """What holds in every year: the world is the sum of its parts, and 0 ≤ greenfield ≤ total."""
    rows = []
    for year in years:
        for letter in ("T", "G"):
            parts = {f"{letter}.{place}.{year}": 1.0 for place in PARTS}
            rows.append(_always_row("identity", " + ".join(parts) + f" = {letter}.WLD.{year}",
                                    {**parts, f"{letter}.WLD.{year}": -1.0}, 0.0, 0.0))
        for place in PARTS:
            greenfield, total = f"G.{place}.{year}", f"T.{place}.{year}"
            rows.append(_always_row("sign", f"{greenfield} ≥ 0", {greenfield: 1.0}, 0.0, np.inf))
            rows.append(_always_row("sign", f"{total} ≥ {greenfield}", {total: 1.0, greenfield: -1.0},
                                    0.0, np.inf))
    return rows


def targets(table: pd.DataFrame, first: int = 1990) -> list[Target]:
    """What the chapter asks of the constraints, for the years from `first` to their last.

    `G.<place>.<year>`, `T.<place>.<year>` where that year's total is not held (million USD),
    `G/T.<place>.<year>` (the greenfield share of the outflow), `G.CHN/G.USA.<year>` for 2016 and 2024,
    `G.USA.2024/G.USA.2016` (how many times as much), and the mean `G.<place>.2000-2015`, where those
    years exist.
    """
    totals = table[table["kind"] == "total"]
    held = {name for terms in totals["terms"] for name in terms}
    variables = {name for terms in table["terms"] for name in terms}
    last = max(int(name[-4:]) for name in variables if re.fullmatch(r"G\.USA\.\d{4}", name))
    found = []
    for year in range(first, last + 1):
        for place in ("USA", "CHN"):
            greenfield, total = f"G.{place}.{year}", f"T.{place}.{year}"
            found.append(Target(greenfield, {greenfield: 1.0}))
            if total not in held:
                found.append(Target(total, {total: 1.0}))
            found.append(Target(f"G/T.{place}.{year}", {greenfield: 1.0}, {total: 1.0}))
    for year in (2016, 2024):
        if first <= year <= last:
            found.append(Target(f"G.CHN/G.USA.{year}", {f"G.CHN.{year}": 1.0}, {f"G.USA.{year}": 1.0}))
    if first <= 2016 and last >= 2024:
        found.append(Target("G.USA.2024/G.USA.2016", {"G.USA.2024": 1.0}, {"G.USA.2016": 1.0}))
    if first <= 2000 and last >= 2015:
        for place in ("USA", "CHN"):
            terms = {f"G.{place}.{year}": 1 / 16 for year in range(2000, 2016)}
            found.append(Target(f"G.{place}.2000-2015", terms))
    return found
