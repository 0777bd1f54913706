"""The page that says what changed: since the last edition, over editions, over past days, and at the sources."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from korus import changes, editions, moved
from korus.pages import markdown_table, page
from korus.values import TARGET, formatted

PAGE = "changes"
SHOWN = 60
NOT_STATED = "not stated"
# Series whose every print the page shows, and what it calls them.
SERIES = {
    "kexim.invested.USA": "Korean outflow to the United States by year (Korea Eximbank)",
    "kexim.invested.USA.Q": "Korean outflow to the United States by quarter (Korea Eximbank)",
    "bea.first_year.all": "New foreign direct investment in the United States, all countries, first-year expenditures (BEA)",
}
FIRST_SERIES_YEAR = "2021"
FIRST = (
    "This is the first edition: there is none before it to compare with. The next one will list here every value, "
    "estimate and verdict that was added, has gone or has moved, with the reason."
)
NONE_FROZEN = (
    "No edition has been frozen yet, so there is nothing to compare with. Once there is one, this page lists every "
    "value, estimate and verdict that was added, has gone or has moved since."
)
MEASURE = (
    "A value has moved when it, or one of its bounds, would be printed differently. *Usual revisions* gives the move "
    "in units of the {term}`noise floor` of its series, the change that nine in ten later prints stay below; most "
    "series have too few prints for that. Verdicts come first, then values and estimates by the size of their move."
)
FACTORS = (
    "*Data*, *parameters* and *code* say how far each moves the value alone, everything else as before: the old "
    "report is built once more with that one part new. *Interaction* is what only they together do."
)
DAYS = (
    "The whole report was built again for each of these days, with nothing that was published later ({term}`as_of`). "
    "The code and the reading of the law are today's. A table whose day of publication is not known counts from the "
    "day on which it was read. So some values that a reader of that day could have computed are *not stated* here. "
    "This table is made by `make study` and kept with the project."
)
PRINTS = (
    "Each row is a period, each column a day of publication, in million US dollars. Along a row stand the {term}`prints "
    "<print>` of one figure. [How far figures move](/chapters/27_revisions.ipynb) measures their differences."
)


@dataclass(frozen=True)
class Current:
    """What the page is part of: how the build calls itself, the name of a variant or "", and its results."""

    label: str
    variant: str
    build: moved.Build


def changes_page(root: Path, current: Current, headlines: pd.DataFrame, vintages: pd.DataFrame,
                 prints: pd.DataFrame) -> str:
    """The page as MyST Markdown, from the editions below `root`.

    `headlines` has id and label, `vintages` korus.vintages.COLUMNS, `prints` the columns of revisions.triangle.
    """
    existing = editions.versions(root)
    blocks = [f"**{opening(current, existing)}**"]
    if current.variant:
        blocks.append("Editions are kept of the published report only.")
    elif current.label.startswith("Edition"):
        blocks += since_the_edition_before(root, current, current.label.removeprefix("Edition "), existing)
    elif existing:
        blocks += since_the_last(root, existing[-1], current)
        blocks += since_the_edition_before(root, current, existing[-1], existing[:-1])
    else:
        blocks.append(NONE_FROZEN)
    blocks += over_editions(root, existing, current, headlines)
    blocks += over_days(vintages, headlines)
    blocks += over_prints(prints)
    return page("What has changed", *blocks)


def opening(current: Current, existing: list[str]) -> str:
    """What this build is, in a sentence."""
    last = existing[-1] if existing else ""
    if current.variant:
        return f"This is the variant {current.variant} of the report."
    if current.label.startswith("Edition"):
        return f"This is edition {current.label.removeprefix('Edition ')}" + (f"; the one before it is {last}." if last else ".")
    return "This is a working version of the report" + (f"; the last edition is {last}." if last else ".")


def since_the_edition_before(root: Path, current: Current, version: str, before: list[str]) -> list[str]:
    """What moved from the edition before `version` to it, and why, as recorded when it was frozen."""
    path = root / editions.FOLDER / version / "changes.csv"
    if not path.exists():
        return [] if before else [FIRST] if current.label.startswith("Edition") else []
    table = pd.read_csv(path, dtype={"old_text": str, "new_text": str})
    table[["old_text", "new_text", "unit"]] = table[["old_text", "new_text", "unit"]].fillna("")
    return [f"## From edition {before[-1]} to {version}, and why", *described(table, current.build)]


def since_the_last(root: Path, version: str, current: Current) -> list[str]:
    """What moved from the last edition to this working version; why is not part of a build."""
    table = moved.moved(moved.read(root / editions.FOLDER / version), current.build)
    return [f"## Since edition {version}", *described(table, current.build),
            "The reasons are found by building mixtures of the old report and the new one, which takes minutes: "
            f"`make changes FROM={version}`."]


def described(table: pd.DataFrame, build: moved.Build) -> list[str]:
    """Counts and the largest movements of a table of movements."""
    if table.empty:
        return ["Nothing that the report prints has moved."]
    some = f"What moved, most important first ({SHOWN} of {len(table):,})" if len(table) > SHOWN else \
        "What moved, most important first"
    shown = changes.shown(table, SHOWN)
    shown["usual revisions"] = [f"{times:.1f}" if pd.notna(times) else "–" for times in shown["usual revisions"]]
    shown["id"] = [entry(id, id, build) if kind == moved.VALUE else f"[{id}](/ledger.md#claim-{id})"
                   if kind == moved.VERDICT and id in build.claims.index else id
                   for kind, id in zip(shown["what"], shown["id"])]
    return [MEASURE + (f" {FACTORS}" if "because" in table else ""),
            titled("Values, estimates and verdicts that changed", moved.summary(table)), titled(some, shown)]


def over_editions(root: Path, existing: list[str], current: Current, headlines: pd.DataFrame) -> list[str]:
    """The headline values of every edition and of this build."""
    builds = {version: moved.read(root / editions.FOLDER / version) for version in existing}
    own = "this variant" if current.variant else \
        current.label.removeprefix("Edition ") if current.label.startswith("Edition") else "this build"
    builds[own] = current.build
    columns = {version: [words_of(build.values, id) for id in headlines["id"]] for version, build in builds.items()}
    columns[own] = [entry(words, id, current.build) for words, id in zip(columns[own], headlines["id"])]
    return ["## Headline values over editions",
            "The same values in every edition, as each printed them.",
            titled("Headline values, by edition", pd.DataFrame({"value": headlines["label"], **columns}))]


def over_days(vintages: pd.DataFrame, headlines: pd.DataFrame) -> list[str]:
    """The headline values as past days would have had them."""
    words = vintages.assign(words=[words_in(row) for row in vintages.itertuples()])
    wide = words.pivot(index="id", columns="day", values="words").reindex(headlines["id"])
    table = pd.DataFrame({"value": headlines["label"].to_numpy(), **{
        day: wide[day].fillna(NOT_STATED).to_numpy() for day in wide.columns}})
    return ["## The same values as of past days", DAYS,
            titled("Headline values, by the day up to which figures were published", table)]


def over_prints(prints: pd.DataFrame) -> list[str]:
    """Every print of SERIES that was revised: a triangle each, of periods and days of publication."""
    blocks = ["## How the sources revised their figures", PRINTS]
    for series, caption in SERIES.items():
        rows = prints[(prints["series"] == series) & (prints["period"] >= FIRST_SERIES_YEAR)]
        wide = rows.pivot(index="period", columns="vintage", values="value_musd").astype(float)
        wide = wide[wide.notna().sum(axis=1) > 1].dropna(axis=1, how="all")
        if not wide.empty:
            cells = wide.map(lambda amount: f"{amount:,.0f}" if pd.notna(amount) else "")
            blocks.append(titled(caption, cells.rename_axis("period").reset_index()))
    return blocks if len(blocks) > 2 else []


def titled(caption: str, table: pd.DataFrame) -> str:
    """A table with a caption, so that it has a number and a file to download."""
    rows = [[str(cell) for cell in row] for row in table.itertuples(index=False, name=None)]
    return f"````{{table}} {caption}\n{markdown_table([str(name) for name in table.columns], rows)}\n````"


def entry(words: str, id: str, build: moved.Build) -> str:
    """Words that lead to the entry of a value, where this build has it."""
    return f"[{words}]({TARGET}{id})" if id in build.values.index else words


def words_of(values: pd.DataFrame, id: str) -> str:
    """A value as an edition printed it, or that it stated none."""
    return words_in(values.loc[id]) if id in values.index else NOT_STATED


def words_in(row) -> str:
    """The printed text of a row of values, with bounds where it has both."""
    if pd.notna(row.value) and pd.notna(row.lower) and pd.notna(row.upper):
        return f"{row.text} ({formatted(row.lower, row.unit)} to {formatted(row.upper, row.unit)})"
    return str(row.text)
