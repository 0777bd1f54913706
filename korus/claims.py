"""The ledger of claims: the tables of data/raw/claims, how each claim is tested, and the verdict on it.

A table of claims for any document can be added: it is read, checked and judged in the same way. A row says how its
claim is tested. *computed*: a value is compared with the statement. *documented*: a cited document settles it.
*open*: what would settle it is not held; it may name the value that will, and is judged the day that value is recorded.
"""

import math
import re

import pandas as pd

from korus import claims_text as text
from korus import raw
from korus.claims_text import FINDINGS
from korus.clean.origin import tier_of_kind, vintage_day
from korus.values import unknown_id
from korus.verdicts import (
    CLOSE,
    COMPARISONS,
    CONTRADICTED,
    DOCUMENTED,
    NOT_TESTABLE,
    REPRODUCED,
    Range,
    Stated,
    VerdictProblem,
    allowed,
    default_tolerance,
    factor,
    stated,
    verdict,
)

FOLDER = "claims"
DOCUMENTS = "claims/documents"
TESTS = ("computed", "documented", "open")
# Columns that every table of claims has, and those it may leave out.
COLUMNS = (
    "claim", "document", "quotation", "subject", "metric", "stated_value", "unit", "period", "would_settle",
    "test",
)
OPTIONAL = (
    "compare", "value_id", "against", "stated_step", "tolerance_pct", "may_be", "finding", "evidence_value",
    "source", "note",
)
# A quotation for criticism is short.
MOST_WORDS = 40
# What the documents say themselves is what is tested; it settles nothing.
OWN_WORDS = "document under test"
WORST_TIER = 3

# Columns of results/claims.csv: those of the contract, then what the pages need.
RESULT = [
    "claim", "document", "quotation", "stated", "unit", "value_id", "computed", "lower", "upper", "verdict",
    "reason", "would_settle", "test", "compare", "number", "rounding_lower", "rounding_upper",
    "tolerance_pct", "finding", "may_be", "subject", "metric", "period", "value_text", "value_period", "tier",
    "evidence", "source", "source_title", "source_date", "background", "document_title", "document_author",
    "document_published", "document_note", "ref",
]


class ClaimProblem(ValueError):
    """Rows of a claims table can not be judged as they are written; the message names file, line and column of each."""


# ---- Reading and checking ------------------------------------------------------------------------


def tables(folder=raw.RAW) -> list[str]:
    """Names of the recorded tables of claims, without that of the documents."""
    names = [record["path"].removesuffix(".csv") for record in raw.package(folder)["resources"]]
    return sorted(name for name in names if name.startswith(f"{FOLDER}/") and name != DOCUMENTS)


def together(folder=raw.RAW) -> pd.DataFrame:
    """All claims of all tables, with `ref`. Raises ClaimProblem when a table lacks a column or an id stands twice."""
    frames = []
    for name in tables(folder):
        frame = raw.read(name, folder)
        missing = [column for column in COLUMNS if column not in frame]
        if missing:
            raise ClaimProblem(
                f"data/raw/{name}.csv: no column {', '.join(missing)}. A table of claims has at least the "
                f"columns {', '.join(COLUMNS)}."
            )
        frames.append(frame.assign(**{column: "" for column in OPTIONAL if column not in frame}))
    every = pd.concat(frames, ignore_index=True)
    twice = every[every["claim"].duplicated(keep=False)]
    if len(twice):
        raise ClaimProblem(
            "\n".join(
                _where(row, "claim") + "this id stands more than once; choose another" for row in twice.itertuples()
            )
        )
    return every


def _where(row, column: str) -> str:
    """`data/raw/claims/x.csv, line 7 (claim-id), column y: `"""
    table, _, line = row.ref.partition("#L")
    return f"data/raw/{table}.csv, line {line} ({row.claim}), column {column}: "


def require_sound(claims: pd.DataFrame, documents: pd.DataFrame, known: dict[str, dict], strict: bool) -> None:
    """Raise ClaimProblem with everything that is wrong in the rows; `strict`: a value that is not known is wrong too.

    `known` are rows of values.csv by id. A variant of the report holds less, so there a missing value is no mistake.
    """
    found = []
    for row in claims.itertuples():
        found += [
            _where(row, column) + words for column, words in _problems(row, set(documents["document"]), known, strict)
        ]
    if found:
        raise ClaimProblem("\n".join(found))


def _problems(row, documents: set[str], known: dict, strict: bool):
    """(column, what is wrong and what to do) of one row."""
    if row.document not in documents:
        yield "document", f"{row.document!r} is not in data/raw/{DOCUMENTS}.csv; add a row there"
    words = len(row.quotation.split())
    if not 0 < words <= MOST_WORDS:
        yield "quotation", f"{words} words; quote at least one and at most {MOST_WORDS}"
    if row.test not in TESTS:
        yield "test", f"{row.test!r} is none of {', '.join(TESTS)}"
    elif row.test == "documented":
        yield from _documented_problems(row)
    elif row.test == "computed" or row.value_id:
        yield from _computed_problems(row, known, strict)
    if row.test == "open" and not row.would_settle:
        yield "would_settle", "empty; name the table or text that would settle the claim"


def _documented_problems(row):
    if not row.source:
        yield "source", "empty; name the source of the document that settles the claim, or set test to open"
    if row.finding and row.finding not in FINDINGS:
        yield "finding", f"{row.finding!r} is none of {', '.join(FINDINGS)}"
    if not row.finding:
        try:
            _evidence(row)
        except VerdictProblem as problem:
            yield "finding", f"empty, and the evidence gives no number to compare ({problem}); write a finding"


def _computed_problems(row, known: dict, strict: bool):
    if row.compare not in COMPARISONS:
        yield "compare", f"{row.compare!r} is none of {', '.join(COMPARISONS)}"
        return
    try:
        claim = statement(row)
        float(row.tolerance_pct or 0)
    except (VerdictProblem, ValueError) as problem:
        yield "against" if row.against else "stated_value", str(problem)
        return
    for column, id in (("value_id", row.value_id), ("may_be", row.may_be)):
        if not id and column == "may_be":
            continue
        if id in known:
            try:
                factor(known[id]["unit"], claim.unit)
            except VerdictProblem as problem:
                yield column, f"{problem} (value {id}); name another value, or say in `against` what to compare with"
        elif strict and row.test == "computed":
            yield column, f"{unknown_id(id, known)}. Name a value of values.csv, or set test to open."


# ---- Judging -------------------------------------------------------------------------------------


def statement(row) -> Stated:
    """What a claim states as a number: `against` (`1 ratio`) where it is given, else stated_value and unit."""
    if row.against:
        number, _, unit = row.against.partition(" ")
        return stated(number, unit, row.stated_step)
    return stated(row.stated_value, row.unit, row.stated_step)


def _evidence(row) -> tuple[Stated, Range]:
    """The statement and the number its documentary evidence begins with, in the statement's unit."""
    number = re.match(r"[\d,]*\d(?:\.\d+)?(?=%| |$)", row.evidence_value)
    if not number:
        raise VerdictProblem(f"{row.evidence_value[:30]!r} does not begin with a number")
    point = stated(number[0], row.unit).number
    return statement(row), Range(point, point)


def tolerance(row, claim: Stated) -> float:
    """The tolerance of a row in per cent: its own, else that of its unit."""
    return float(row.tolerance_pct) if row.tolerance_pct else default_tolerance(claim.unit)


def figures(row: dict, unit: str) -> Range:
    """What a value allows, in a unit."""
    return allowed(row["value"], row["lower"], row["upper"]).times(factor(row["unit"], unit))


def computed(row, known: dict[str, dict]) -> dict:
    """Verdict on a claim that a value tests, with the numbers and the reason in words."""
    claim = statement(row)
    base = {
        "unit": claim.unit,
        "number": claim.number,
        "rounding_lower": claim.rounding.lower,
        "rounding_upper": claim.rounding.upper,
        "tolerance_pct": tolerance(row, claim),
    }
    value = known.get(row.value_id)
    if value is None:
        return base | {"verdict": NOT_TESTABLE, "reason": text.not_held(row.value_id, row.would_settle)}
    held = figures(value, claim.unit)
    point = value["value"] * factor(value["unit"], claim.unit)
    bounded = not (math.isnan(value["lower"]) or math.isnan(value["upper"]))
    base |= {
        "computed": point,
        "lower": held.lower if bounded else math.nan,
        "upper": held.upper if bounded else math.nan,
        "value_text": value["text"],
        "value_period": value["period"],
        "tier": int(value["tier"]),
    }
    if value["tier"] > WORST_TIER:
        return base | {"verdict": NOT_TESTABLE, "reason": text.own_words(row.value_id)}
    other = known.get(row.may_be)
    elsewhere = figures(other, claim.unit) if other is not None and other["tier"] <= WORST_TIER else None
    found = verdict(claim, row.compare, held, base["tolerance_pct"], elsewhere)
    reason = text.computed_reason(claim, row.compare, held, point, base["tolerance_pct"], found, elsewhere, row.may_be)
    return base | {"verdict": found, "reason": reason}


def documented(row, origin: dict, as_of: str, max_tier: int) -> dict:
    """Verdict on a claim that a cited document settles, if the document was published by then and is admitted."""
    base = {"tier": origin["tier"]}
    if origin["vintage"] > str(as_of) or origin["tier"] > min(max_tier, WORST_TIER):
        return base | {"tier": math.nan, "verdict": NOT_TESTABLE, "reason": text.not_admitted(as_of, max_tier)}
    finding = row.finding
    if not finding:
        claim, held = _evidence(row)
        found = verdict(claim, "equals", held, tolerance(row, claim))
        finding = {REPRODUCED: "as stated", CLOSE: "nearly as stated", CONTRADICTED: "not as stated"}[found]
        base |= {
            "unit": claim.unit,
            "number": claim.number,
            "computed": held.lower,
            "rounding_lower": claim.rounding.lower,
            "rounding_upper": claim.rounding.upper,
            "tolerance_pct": tolerance(row, claim),
        }
    return base | {
        "verdict": DOCUMENTED,
        "finding": finding,
        "reason": text.documented_reason(finding, origin["title"], origin["date"], row.evidence_value),
    }


def origins(claims: pd.DataFrame, sources: pd.DataFrame) -> dict[str, dict]:
    """Of each source the claims cite: title, printed date, vintage (the day it was read where it has no date), tier.

    Raises ClaimProblem for a source that is not in the register.
    """
    cited = claims[claims["source"] != ""]
    lost = [
        _where(row, "source") + f"{row.source!r} is not in data/raw/sources.csv; add a row there"
        for row in cited.itertuples()
        if row.source not in sources.index
    ]
    if lost:
        raise ClaimProblem("\n".join(lost))
    return {
        row.Index: {
            "title": row.title,
            "date": row.date or "undated",
            "tier": 4 if row.kind == OWN_WORDS else tier_of_kind(row.kind),
            "vintage": vintage_day(row.date or row.accessed).isoformat(),
        }
        for row in sources.loc[cited["source"].unique()].itertuples()
    }


def judge(
    claims: pd.DataFrame,
    documents: pd.DataFrame,
    sources: pd.DataFrame,
    known: dict[str, dict],
    as_of: str,
    max_tier: int,
    *,
    strict: bool,
) -> pd.DataFrame:
    """Every claim with its verdict: the table results/claims.csv (RESULT), in the order of the raw tables.

    Numbers (number, computed, lower, upper, rounding) are in `unit`. Raises ClaimProblem (see require_sound).
    """
    require_sound(claims, documents, known, strict)
    about, by = origins(claims, sources), documents.set_index("document")
    rows = []
    for row in claims.itertuples():
        origin = about.get(row.source)
        if row.test == "documented":
            found = documented(row, origin, as_of, max_tier)
        elif row.value_id:
            found = computed(row, known)
        else:
            found = {"verdict": NOT_TESTABLE, "reason": text.open_reason(row.would_settle)}
        # What was published later, or is not admitted, is not shown either; nor what we noted on it.
        held = origin is None or (origin["vintage"] <= str(as_of) and origin["tier"] <= max_tier)
        cited = origin if origin and held else {"title": "", "date": ""}
        own = origin is not None and origin["tier"] > WORST_TIER
        document = by.loc[row.document]
        rows.append(
            {
                "claim": row.claim,
                "document": row.document,
                "quotation": row.quotation,
                "stated": row.stated_value,
                "unit": row.unit,
                "value_id": row.value_id,
                "would_settle": row.would_settle,
                "test": row.test,
                "compare": row.compare,
                "may_be": row.may_be,
                "subject": row.subject,
                "metric": row.metric,
                "period": row.period,
                "evidence": row.evidence_value if cited["title"] else "",
                "source": row.source if cited["title"] else "",
                "source_title": cited["title"],
                "source_date": cited["date"],
                "background": row.note if held or own else "",
                "document_title": document["title"] or row.document,
                "document_author": document["author"],
                "document_published": document["published"],
                "document_note": document["note"],
                "ref": row.ref,
                **found,
            }
        )
    return pd.DataFrame(rows, columns=RESULT)


# ---- Counting ------------------------------------------------------------------------------------


def record_counts(values, judged: pd.DataFrame) -> None:
    """Record the number of claims by verdict and by finding of documents, in all and by document."""
    parts = [("", judged), *((f".{name}", part) for name, part in judged.groupby("document", sort=False))]
    for name, part in parts:
        tiers = part["tier"].dropna()
        origin = {"tier": int(min(tiers.max(), WORST_TIER)) if len(tiers) else 1, "refs": " ".join(part["ref"])}
        values.add(f"claims.count{name}", len(part), "count", str(values.as_of), **origin)
        for column, known in (("verdict", text.SHORT), ("finding", dict.fromkeys(FINDINGS))):
            for label in known:
                slug = text.slug(label)
                values.add(
                    f"claims.{column}{name}.{slug}",
                    int((part[column] == label).sum()),
                    "count",
                    str(values.as_of),
                    **origin,
                )
