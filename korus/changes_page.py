"""The page that says what changed: between this build and the last edition, over editions, and over past days."""

from pathlib import Path

import pandas as pd

from korus import changes, editions, moved, show
from korus.pages import page
from korus.values import formatted

SHOWN = 60
NOT_STATED = "not stated"
FIRST = (
    "This is the first edition: there is none before it to compare with. The next one will list here every value, "
    "estimate and verdict that was added, has gone or has moved, with the reason."
)
NONE_FROZEN = (
    "No edition has been frozen yet, so there is nothing to compare with. Once there is one, this page lists every "
    "value, estimate and verdict that was added, has gone or has moved since."
)
HOW = (
    "A value has moved when it, or one of its bounds, would be printed differently. *Usual revisions* gives the move "
    "in units of the change that nine in ten later prints of the series stay below ([How far figures "
    "move](/chapters/27_revisions.ipynb)); most series have too few prints for that. *Data*, *parameters* and *code* "
    "say how far each moves the value alone, everything else as before. *Interaction* is what only they together do. "
    "Verdicts come first, then values and estimates by the size of their move."
)


def changes_page(root: Path, results: Path, vintages: pd.DataFrame) -> str:
    """The page as MyST Markdown. `results` is the folder with this build's tables, `vintages` korus.vintages' table."""
    existing = editions.versions(root)
    name = editions.label(root)
    blocks = [f"**{opening(name, existing)}**"]
    if name.startswith("Edition"):
        blocks += since_the_edition_before(root, name.removeprefix("Edition "), existing)
    elif existing:
        blocks += since_the_last(root, existing[-1], results)
        blocks += since_the_edition_before(root, existing[-1], existing[:-1])
    else:
        blocks.append(NONE_FROZEN)
    headlines = pd.read_csv(root / "book" / "headlines.csv")
    blocks += over_editions(root, existing, name, results, headlines)
    blocks += over_days(vintages, headlines)
    return page("What has changed", *blocks)


def opening(name: str, existing: list[str]) -> str:
    """What this build is, in a sentence."""
    if name.startswith("Edition"):
        return f"This is {name[0].lower() + name[1:]}" + (f"; the one before it is {existing[-1]}." if existing else ".")
    return "This is a working version of the report" + (f"; the last edition is {existing[-1]}." if existing else ".")


def since_the_edition_before(root: Path, version: str, before: list[str]) -> list[str]:
    """What moved from the edition before `version` to it, and why, as recorded when it was frozen."""
    path = root / editions.FOLDER / version / "changes.csv"
    if not path.exists():
        return [] if before else [FIRST]
    table = pd.read_csv(path, dtype={"old_text": str, "new_text": str}, keep_default_na=True)
    table[["old_text", "new_text", "unit"]] = table[["old_text", "new_text", "unit"]].fillna("")
    return [f"## From edition {before[-1]} to {version}, and why", *described(table)]


def since_the_last(root: Path, version: str, results: Path) -> list[str]:
    """What moved from the last edition to this working version; why is not part of a build."""
    table = moved.moved(moved.read(root / editions.FOLDER / version), moved.read(results))
    return [f"## Since edition {version}", *described(table),
            "The reasons are found by building mixtures of the old and the new report, which takes minutes: "
            f"`make changes FROM={version}`."]


def described(table: pd.DataFrame) -> list[str]:
    """Counts and the largest movements of a table of movements."""
    if table.empty:
        return ["Nothing that the report prints has moved."]
    counts = show.table(moved.summary(table), "Values, estimates and verdicts that changed").html
    some = f", the first {SHOWN}" if len(table) > SHOWN else ""
    shown = changes.shown(table, SHOWN)
    largest = show.table(shown, f"What moved, most important first{some}", {"usual revisions": "{:.1f}"}).html
    return [HOW if "because" in table else HOW.split(" *Data*")[0], counts, largest]


def over_editions(root: Path, existing: list[str], name: str, results: Path, headlines: pd.DataFrame) -> list[str]:
    """The headline values of every edition and of this build."""
    builds = {version: moved.read(root / editions.FOLDER / version) for version in existing}
    builds[name.removeprefix("Edition ") if name.startswith("Edition") else "this build"] = moved.read(results)
    columns = {version: [words_of(build.values, id) for id in headlines["id"]] for version, build in builds.items()}
    table = pd.DataFrame({"value": headlines["label"], **columns})
    return ["## Headline values over editions",
            "The same values in every edition, as each printed them.",
            show.table(table, "Headline values, by edition").html]


def over_days(vintages: pd.DataFrame, headlines: pd.DataFrame) -> list[str]:
    """The headline values as past days would have had them."""
    words = vintages.assign(words=[words_in(row) for row in vintages.itertuples()])
    wide = words.pivot(index="id", columns="day", values="words").reindex(headlines["id"])
    table = pd.DataFrame({"value": headlines["label"].to_numpy(), **{day: wide[day].fillna(NOT_STATED).to_numpy()
                                                                     for day in wide.columns}})
    return ["## The same values as of past days",
            "The whole report was built again for each of these days, with nothing that was published later "
            "(`as_of`). The code and the reading of the law are today's. A table whose day of publication is not "
            "known counts from the day on which it was read, so some values that a reader of that day could have "
            "computed are *not stated* here. How the sources themselves revised their figures is in "
            "[How far figures move](/chapters/27_revisions.ipynb). This table is made by `make study` and kept "
            "with the project.",
            show.table(table, "Headline values, by the day up to which figures were published").html]


def words_of(values: pd.DataFrame, id: str) -> str:
    """A value as an edition printed it, or that it stated none."""
    return words_in(values.loc[id]) if id in values.index else NOT_STATED


def words_in(row) -> str:
    """The printed text of a row of values, with bounds where it has both."""
    if pd.notna(row.value) and pd.notna(row.lower) and pd.notna(row.upper):
        return f"{row.text} ({formatted(row.lower, row.unit)} to {formatted(row.upper, row.unit)})"
    return str(row.text)
