"""The tables that would settle the report's main questions: which of them are still not held, in words."""

from dataclasses import dataclass

import pandas as pd

from korus.selection import known_by

WORDS = ("No table", "One table", "Two tables", "Three tables")


@dataclass(frozen=True)
class Table:
    """A table: in few words, in full, who keeps it, what it would settle, its row in the map of what is held."""

    short: str
    full: str
    keeper: str
    settles: str
    mark: str


MODES = Table(
    "Korean outflows by country and mode",
    "Overseas direct investment by country *and* mode of establishment",
    "Korea Eximbank, statistics portal",
    "Korea's greenfield investment in the United States and China, year by year",
    "Outflows by country and mode",
)
TYPES = Table(
    "BEA's new investment by country and type", "New foreign direct investment by country of owner *and* type",
    "US Bureau of Economic Analysis, survey BE-13", "Korea's share of greenfield investment in the United States",
    "BEA figures for Korea by type")
END_USES = Table(
    "Census duties by end use and partner",
    "Imports and calculated duty by end use *and* partner",
    "US Census Bureau, trade data service",
    "The duty rate on Korean industrial supplies that the commentary quotes",
    "Census duty by end use",
)


def korean_types(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """BEA's figures on new Korean investment by type known by a day: rows of investment.parquet with a value."""
    rows = known_by(investment, as_of, max_tier)
    return rows[
        rows["series"].str.startswith("new foreign")
        & (rows["investor"] == "KOR")
        & (rows["mode"] != "all")
        & (rows["industry"] == "")
        & (rows["state"] == "")
        & rows["value_musd"].notna()
    ]


def country_modes(investment: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Korea's greenfield outflows to a country as an agency gives them by a day: rows of investment.parquet.

    What the commentary under test says of them (tier 4) is no table of them.
    """
    rows = known_by(investment, as_of, min(max_tier, 3))
    return rows[(rows["source"] == "kexim") & (rows["mode"] == "greenfield") & ~rows["destination"].isin(["", "WLD"])
                & (rows["industry"] == "") & rows["value_musd"].notna()]


def missing(investment: pd.DataFrame, end_uses: pd.DataFrame, as_of: str, max_tier: int) -> list[Table]:
    """The tables not held as of a day. `end_uses`: collected rates by end use (clean.end_use.rates)."""
    return [table for table, held in (
        (MODES, len(country_modes(investment, as_of, max_tier)) > 0),
        (TYPES, len(korean_types(investment, as_of, max_tier)) > 0),
        (END_USES, len(end_uses) > 0),
    ) if not held]


def listed(texts: list[str]) -> str:
    """`a`, `a and b`, `a, b, and c`."""
    if len(texts) < 3:
        return " and ".join(texts)
    return ", ".join(texts[:-1]) + ", and " + texts[-1]


def in_short(tables: list[Table]) -> str:
    """A sentence that says which tables are missing."""
    if not tables:
        return "No table that would settle a main question is missing."
    return (
        f"{WORDS[len(tables)]} {'is' if len(tables) == 1 else 'are'} missing: {listed([t.short for t in tables])}."
    )


def not_among(tables: list[Table]) -> str:
    """The sentence after what is held."""
    if not tables:
        return "No table that would settle a main question is missing among them."
    verb = "is" if len(tables) == 1 else "are"
    return f"{WORDS[len(tables)]} that would settle its main questions {verb} not among them."


def no_mark(tables: list[Table]) -> str:
    """What the map of what is held shows of them, for its alternative text."""
    return (
        f"{listed([t.mark for t in tables])} {'has' if len(tables) == 1 else 'have'} no mark at all."
        if tables
        else ""
    )


def in_full(tables: list[Table]) -> str:
    """The section on what is not held, as Markdown."""
    if not tables:
        return "Every table that would settle a main question is held."
    one = len(tables) == 1
    rows = [f"| {table.full} | {table.keeper} | {table.settles} |" for table in tables]
    open_ = [
        words
        for table, words in (
            (MODES, "greenfield figures for Korea can only be bounded"),
            (TYPES, "Korea's share of US greenfield can only be read in several ways"),
            (END_USES, "the duty rate by end use can not be tested"),
        )
        if table in tables
    ]
    return "\n".join(
        [
            f"{WORDS[len(tables)]} {'was' if one else 'were'} found nowhere this report could look. "
            f"{'It is' if one else 'They are'} published or could be, but {'was' if one else 'were'} not in "
            "reach.",
            "",
            "| Table | Kept by | What it would settle |",
            "| --- | --- | --- |",
            *rows,
            "",
            f"Until {'it arrives' if one else 'they arrive'}, {listed(open_)}. Nothing is filled in meanwhile.",
        ]
    )
