"""What the ledger of claims says in words: reasons made from the numbers, and the tables of its chapter."""

import math
import re

import pandas as pd

from korus.verdicts import (
    CLOSE,
    CONSISTENT,
    CONTRADICTED,
    DOCUMENTED,
    EXACT,
    MISATTRIBUTED,
    NOT_TESTABLE,
    REPRODUCED,
    UNITS,
    Range,
    Stated,
    allowed,
)

# Each verdict in short, and a mark that does not rest on colour.
SHORT = {
    REPRODUCED: "reproduced",
    CLOSE: "close",
    CONTRADICTED: "contradicted",
    MISATTRIBUTED: "misattributed",
    CONSISTENT: "consistent",
    DOCUMENTED: "documented",
    NOT_TESTABLE: "not testable",
}
MARKS = {
    REPRODUCED: "✓",
    CLOSE: "≈",
    CONTRADICTED: "✗",
    MISATTRIBUTED: "⇄",
    CONSISTENT: "◐",
    DOCUMENTED: "§",
    NOT_TESTABLE: "?",
}
MEANINGS = {
    REPRODUCED: "everything the figures allow lies within the rounding of the statement",
    CLOSE: "not within the rounding, but within the tolerance",
    CONTRADICTED: "nothing the figures allow comes within the tolerance",
    MISATTRIBUTED: "contradicted, and the number is that of something else",
    CONSISTENT: "possible; the figures allow other numbers too",
    DOCUMENTED: "settled by a cited document instead of a computation",
    NOT_TESTABLE: "no admitted figure or document bears on it",
}
# What a cited document can say of a claim.
FINDINGS = ("as stated", "nearly as stated", "partly", "not as stated")
OTHERWISE = (CONTRADICTED, MISATTRIBUTED)
# Words of `would_settle`, and the table they ask for. The first that is found counts.
SETTLING = (
    (r"KEXIM", "Korean outflows by country and mode (Korea Eximbank)"),
    (r"BEA", "new investment in the United States by country and type (BEA)"),
    (r"Census", "US trade and duty by partner and end use (Census Bureau)"),
)
OTHER_TEXTS = "single texts, one for each statement"
# What a document is called where its title is too long; a document without such a name keeps its id.
DOCUMENT_NAMES = {
    "samsung-biologics-2025-12-22": "Samsung Biologics post",
    "kiep-2025-09-27": "KIEP essay",
    "csis-rewrite": "CSIS rewrite",
}


def slug(label: str) -> str:
    """A verdict or finding as part of an id: `not_testable`."""
    return re.sub(r"[^a-z]+", "_", SHORT.get(label, label))


def document_name(document: str) -> str:
    """A document in few words, for headings of tables and charts."""
    return DOCUMENT_NAMES.get(document, document)


# ---- Numbers in words ----------------------------------------------------------------------------


def number_text(number: float, decimals: int) -> str:
    """A number with at most so many decimals, without zeros at its end."""
    shown = f"{number:,.{decimals}f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return shown.replace("-", "−") if re.search("[1-9]", shown) else "0"


def amount(number: float, unit: str, decimals: int) -> str:
    """A number with its unit: `$2.3 billion`, `38.7 per cent`, `9.3 times`, `rank 1`, `10 years`."""
    shown = number_text(number, decimals)
    if UNITS[unit][0] == "money":
        return "$0" if shown == "0" else f"${shown} {re.sub('USD', '', unit).strip()}".strip().replace("$−", "−$")
    if unit == "year":
        return f"{number:.0f}"
    if unit == "rank":
        return f"rank {shown}"
    words = {"percent": " per cent", "count": "", "ratio": ""}
    return shown + words.get(unit, f" {unit}")


def span(held: Range, unit: str, decimals: int) -> str:
    """A range with its unit: `13.5 to 14.5 per cent`, `rank 4 or later`, `$3 billion or more`."""
    if held.lower == held.upper:
        return amount(held.lower, unit, decimals)
    if math.isinf(held.upper):
        return amount(held.lower, unit, decimals) + (" or later" if unit == "rank" else " or more")
    first, last = amount(held.lower, unit, decimals), amount(held.upper, unit, decimals)
    tail = re.search(r"( [a-z ]+)$", last)
    if tail and first.endswith(tail[0]):
        first = first.removesuffix(tail[0])
    return f"{first} to {last.removeprefix('rank ')}"


def decimals_of(claim: Stated) -> int:
    """Decimals that tell a figure from its rounding: one more than the step it is rounded to, and at least two."""
    return max(2, math.ceil(-math.log10(round(claim.step, 9))) + 1)


# ---- Reasons -------------------------------------------------------------------------------------


def computed_reason(
    claim: Stated,
    comparison: str,
    held: Range,
    point: float,
    tolerance_pct: float,
    found: str,
    elsewhere: Range | None,
    may_be: str,
) -> str:
    """Why a computed claim has its verdict, from the numbers alone."""
    decimals = decimals_of(claim)
    says = amount(claim.number, claim.unit, decimals)
    shown = span(held, claim.unit, decimals)
    one = held.lower == held.upper
    gives = f"The figures {'give' if one else 'allow'} {shown}"
    if comparison != "equals":
        outcome = {REPRODUCED: "so it does", CONSISTENT: "which lies on both sides"}.get(found, "so it does not")
        return f"The statement holds if the figure is {comparison} {says}. {gives}, {outcome}."
    if not one and not math.isnan(point):
        gives = f"The figures give {amount(point, claim.unit, decimals)}, with bounds of {shown}"
    rounding = f"The statement is {says}"
    if claim.unit not in EXACT:
        rounding += f", which stands for {span(claim.rounding, claim.unit, decimals)}"
    if found == REPRODUCED:
        return f"{rounding}. {gives}, {'the same' if claim.unit in EXACT else 'inside that'}."
    if found == CONSISTENT:
        reached = not held.apart(claim.rounding)
        return f"{rounding}. {gives}. " + (
            "The statement is possible, and so are other numbers."
            if reached
            else "They reach the tolerance, and other numbers are possible too."
        )
    if found == CLOSE and not one:
        return f"{rounding}. {gives}, all within the tolerance of {number_text(tolerance_pct, 1)} per cent."
    limit = f"the tolerance is {number_text(tolerance_pct, 1)} per cent" if tolerance_pct else "no tolerance applies"
    reason = f"{rounding}. {gives}, {distance(claim, held)}; {limit}."
    if elsewhere is None or found == CLOSE:
        return reason
    other = span(elsewhere, claim.unit, decimals)
    if found == MISATTRIBUTED:
        return f"{reason} The number is that of something else: the value {may_be} is {other}."
    return f"{reason} It is not that of the value {may_be} either, which is {other}."


def distance(claim: Stated, held: Range) -> str:
    """How far the nearest of the figures lies from the statement."""
    nearest = min(max(claim.number, held.lower), held.upper)
    side = "above" if nearest > claim.number else "below"
    least = "" if held.lower == held.upper else "at least "
    if claim.unit in EXACT or not claim.number:
        words = {"rank": ("places lower", "places higher"), "year": ("years later", "years earlier")}.get(
            claim.unit, ("above it", "below it")
        )
        return f"{least}{number_text(abs(nearest - claim.number), 2)} {words[side == 'below']}"
    return f"{least}{number_text(100 * abs(nearest / claim.number - 1), 1)} per cent {side} the statement"


def documented_reason(finding: str, title: str, date: str, evidence: str) -> str:
    """What a cited document says of the claim."""
    words = {
        "as stated": "bears the statement out",
        "nearly as stated": "gives nearly the same number",
        "partly": "bears the statement out in part",
        "not as stated": "says otherwise",
    }[finding]
    return f"A document {words}: {title.rstrip('.')} ({date}). It says: {evidence.rstrip('.')}."


def not_held(id: str, would_settle: str) -> str:
    """Why a claim whose value is missing can not be tested."""
    return f"The value that would test it, {id}, is not held." + (
        f" It would take: {would_settle.rstrip('.')}." if would_settle else ""
    )


def own_words(id: str) -> str:
    """Why a value that rests on the commentary decides nothing."""
    return f"The value {id} rests on the commentary itself, which can not confirm its own statement."


def not_admitted(as_of: str, max_tier: int) -> str:
    """Why a document of a later day or a worse tier decides nothing."""
    return f"The document that bears on it was published after {as_of}, or is of a worse tier than {max_tier}."


def open_reason(would_settle: str) -> str:
    """Why a claim without a value or document is open."""
    if would_settle.startswith("none"):
        return "No figure or document decides it, and none that could be published would."
    return f"No figure or document that is held decides it. It would take: {would_settle.rstrip('.')}."


# ---- Tables of the chapter -----------------------------------------------------------------------


def counts_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Claims by verdict (rows) and document (columns), with the total: every verdict, in the order of MEANINGS."""
    documents = list(dict.fromkeys(judged["document"]))
    table = pd.crosstab(judged["verdict"], judged["document"]).reindex(
        index=list(SHORT), columns=documents, fill_value=0
    )
    table = table.assign(all=table.sum(axis=1))
    return table.rename(columns=document_name).rename_axis(index="verdict", columns=None).reset_index()


def findings_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Documented claims by finding and document."""
    rows = judged[judged["verdict"] == DOCUMENTED]
    documents = [name for name in dict.fromkeys(judged["document"]) if name in set(rows["document"])]
    order = [finding for finding in FINDINGS if finding in set(rows["finding"])]
    table = pd.crosstab(rows["finding"], rows["document"]).loc[order, documents]
    table = table.rename(columns=document_name).rename_axis(index="finding", columns=None)
    return table.assign(all=table.sum(axis=1)).reset_index()


def decided_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Claims a value was compared with: what they are about, stated, what the figures give, verdict."""
    rows = judged[judged["value_text"].notna()]
    given = [span(allowed(row.computed, row.lower, row.upper), row.unit, 2) for row in rows.itertuples()]
    said = [
        ("" if row.compare == "equals" else f"{row.compare} ") + amount(row.number, row.unit, 3)
        for row in rows.itertuples()
    ]
    return pd.DataFrame(
        {
            "what": rows["subject"] + ": " + rows["metric"],
            "period": rows["period"],
            "stated": said,
            "the figures give": given,
            "verdict": rows["verdict"].map(SHORT),
        }
    )


def documents_words(judged: pd.DataFrame) -> str:
    """One line per document for `Values.say`: what it is, and how many of its statements fared how."""
    lines = []
    for name, part in judged.groupby("document", sort=False):
        first = part.iloc[0]
        signed = ", ".join(filter(None, [first["document_author"], first["document_published"]]))
        titled = first["document_title"] != name
        about = (
            (f"*{first['document_title']}*" + (f" ({signed})" if signed else ""))
            if titled
            else f"The {document_name(name)}, unsigned and untitled"
        )
        found = set(part["verdict"])
        counts = ", ".join(
            f"{{claims.verdict.{name}.{slug(verdict)}}} {short}" for verdict, short in SHORT.items() if verdict in found
        )
        lines.append(f"- {about}: {{claims.count.{name}}} statements, {counts}.")
    return "\n".join(lines)


def with_ids(text: str, row) -> str:
    """A reason as Markdown, with the ids of the values it names as code."""
    for id in filter(None, (row.value_id, row.may_be)):
        text = text.replace(id, f"`{id}`")
    return text


def reasons_words(judged: pd.DataFrame, verdicts: tuple[str, ...]) -> str:
    """Claims with one of some verdicts as a list: quotation, verdict with a link to its entry, reason, our note."""
    rows = judged[judged["verdict"].isin(verdicts)]
    if rows.empty:
        return "With the figures held, no statement has such a verdict."
    return "\n".join(
        f"- “{row.quotation.strip('“”,')}” ([{SHORT[row.verdict]}](claim-{row.claim})). {with_ids(row.reason, row)}"
        + (f" *Background:* {row.background}" if row.background else "")
        for row in rows.itertuples()
    )


def meanings_table() -> pd.DataFrame:
    """Each verdict with its mark and meaning."""
    return pd.DataFrame({"mark": list(MARKS.values()), "verdict": list(MEANINGS), "meaning": list(MEANINGS.values())})


def settling_table(judged: pd.DataFrame) -> pd.DataFrame:
    """Undecided claims by the table that would settle them, most first, and what they are about."""
    rows = judged[judged["verdict"].isin((CONSISTENT, NOT_TESTABLE))]
    kinds = [
        next((name for pattern, name in SETTLING if re.search(pattern, words)), OTHER_TEXTS)
        for words in rows["would_settle"]
    ]
    asked = rows["subject"] + ": " + rows["metric"] + ", " + rows["period"]
    table = rows.assign(table=kinds, asked=asked).groupby("table")["asked"].agg(["size", "; ".join]).reset_index()
    table.columns = ["table or text", "statements", "which"]
    last = table["table or text"] == OTHER_TEXTS
    return (
        table.assign(last=last)
        .sort_values(["last", "statements"], ascending=[True, False], kind="stable")
        .drop(columns="last")
        .reset_index(drop=True)
    )
