"""The page of the ledger of claims, written from results/claims.csv: a table to filter, and an entry for each claim."""

import html
import re
from pathlib import Path

import pandas as pd

from korus.claims_text import MARKS, SHORT, amount, decimals_of, document_name, number_text, slug, span
from korus.pages import linked, plain
from korus.values import TARGET
from korus.verdicts import CONSISTENT, DOCUMENTED, NOT_TESTABLE, Stated, allowed

INTRODUCTION = (
    "Every checkable statement of the documents under test, with the test it is put to and the verdict. Verdicts on "
    "statements that a value tests are computed at every build. The chapter [Which statements can be "
    "reproduced](chapters/50_claims.ipynb) says what the verdicts mean and where they end. In each entry *First source* is "
    "where the fact was first published, whether it was seen or not; *Background* is a remark of ours and decides "
    "nothing. *ODI* is [overseas direct investment](glossary.md), *KEXIM* Korea Eximbank, *BEA* the US Bureau of Economic "
    "Analysis, *UBO* the [ultimate owner](glossary.md), *CDMO* a firm that makes medicines for others. The same table "
    "as a file: "
    "{published-file}`claims.csv`."
)


def read(path: Path) -> pd.DataFrame:
    """results/claims.csv with empty texts as empty texts and numbers as numbers."""
    numbers = ("computed", "lower", "upper", "number", "rounding_lower", "rounding_upper", "tolerance_pct", "tier")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return frame.assign(**{name: pd.to_numeric(frame[name].replace("", None)) for name in numbers})


def value_link(id: str, text: str) -> str:
    """A value as Markdown: its text as a link to where it comes from, and its id."""
    return f"[{plain(text)}]({TARGET}{id}) (`{id}`)"


def quoted(text: str, markup) -> str:
    """A quotation in quotation marks; `markup` makes its text safe. Korean is marked as such."""
    shown = f"“{markup(text)}”"
    return f'<span lang="ko">{shown}</span>' if re.search("[가-힣]", text) else shown


def verdict_words(row) -> str:
    """Mark and word of a verdict; for a documented claim what the document says."""
    words = f"{MARKS[row.verdict]} {SHORT[row.verdict]}"
    return f"{words}: {row.finding}" if row.verdict == DOCUMENTED else words


def figures_words(row) -> str:
    """What the figures give or allow, in the statement's unit; empty where no number is held."""
    if pd.isna(row.computed) and pd.isna(row.lower):
        return ""
    return span(allowed(row.computed, row.lower, row.upper), row.unit, _decimals(row))


def _decimals(row) -> int:
    return decimals_of(Stated(row.number, row.unit, row.rounding_upper - row.rounding_lower))


def stated_words(row) -> str:
    """What a claim states, as a number with its unit where it is one."""
    return (
        row.stated
        if pd.isna(row.number)
        else (
            ("" if row.compare in ("", "equals") else f"{row.compare} ") + amount(row.number, row.unit, _decimals(row))
        )
    )


def ledger_page(judged: pd.DataFrame) -> str:
    """The page as MyST Markdown: the table, then the entries by document."""
    blocks = ["# The ledger of claims", INTRODUCTION, f"```{{raw}} html\n{_table(judged)}\n```"]
    for _, group in judged.groupby("document", sort=False):
        first = group.iloc[0]
        facts = filter(None, [first["document_author"], first["document_published"], first["document_note"]])
        titled = first["document_title"] != first["document"]
        name = first["document_title"] if titled else document_name(first["document"])
        blocks += [f"## {plain(name)}", linked("; ".join(facts))]
        blocks += [_entry(row) for row in group.itertuples()]
    return "\n\n".join(block for block in blocks if block) + "\n"


# ---- The table -----------------------------------------------------------------------------------


def _table(judged: pd.DataFrame) -> str:
    """All claims as an HTML table with two groups of radio buttons that filter it by style sheet alone."""
    verdicts = [
        (slug(verdict), f"{MARKS[verdict]} {short}", int((judged["verdict"] == verdict).sum()))
        for verdict, short in SHORT.items()
    ]
    documents = [(name, document_name(name), len(part)) for name, part in judged.groupby("document", sort=False)]
    groups = (("verdict", "Verdict", verdicts), ("document", "Document", documents))
    rules = "\n".join(
        f'.korus-ledger:has(#{kind}-{key}:checked) tbody tr:not([data-{kind}="{key}"]) {{ display: none; }}'
        for kind, _, options in groups
        for key, _, _ in options
    )
    rows = "\n".join(_row(row) for row in judged.itertuples())
    head = "".join(
        f'<th scope="col" role="columnheader">{name}</th>'
        for name in ("Statement", "Document", "States", "The figures give", "Verdict")
    )
    caption = f"{len(judged)} statements; each links to its entry below"
    return (
        f'<style>\n{rules}\n</style>\n<div class="korus-ledger">\n'
        + "\n".join(_choices(kind, legend, options, len(judged)) for kind, legend, options in groups)
        + '\n<div class="korus-scroll" tabindex="0">\n<table class="korus ledger" role="table">'
        f"<caption>{caption}</caption>\n"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody></table>\n'
        "</div>\n</div>"
    )


def _choices(kind: str, legend: str, options: list[tuple[str, str, int]], total: int) -> str:
    """One group of radio buttons; the first shows everything."""
    every = [("all", "all", total), *options]
    buttons = "".join(
        f'<span><input type="radio" name="ledger-{kind}" id="{kind}-{key}"{" checked" if key == "all" else ""}>'
        f'<label for="{kind}-{key}">{html.escape(label)} ({count})</label></span>\n'
        for key, label, count in every
        if count or key == "all"
    )
    return f'<fieldset class="korus-choices"><legend>{legend}</legend>\n{buttons}</fieldset>'


def _row(row) -> str:
    """One claim as a row; on a phone its cells are labelled by `data-label`."""
    cells = (
        ("Document", html.escape(document_name(row.document))),
        ("States", html.escape(stated_words(row))),
        ("The figures give", html.escape(figures_words(row)) or "–"),
        ("Verdict", html.escape(verdict_words(row))),
    )
    shown = "".join(f'<td role="cell" data-label="{label}">{text}</td>' for label, text in cells)
    link = f'<a href="#claim-{row.claim}">{quoted(row.quotation, html.escape)}</a>'
    return (
        f'<tr role="row" data-verdict="{slug(row.verdict)}" data-document="{row.document}">'
        f'<th scope="row" role="rowheader">{link}</th>{shown}</tr>'
    )


# ---- Entries -------------------------------------------------------------------------------------


def _entry(row) -> str:
    """One claim: quotation, what it states, test, figures, verdict, reason, what would settle it, source."""
    settles = "Would settle it" if row.verdict in (CONSISTENT, NOT_TESTABLE) else "First source"
    facts = {
        "States": plain(
            f"{row.stated} ({row.unit}), {row.period}" if pd.isna(row.number) else f"{stated_words(row)}, {row.period}"
        ),
        "Test": _test_words(row),
        "Figures": value_link(row.value_id, figures_words(row)) if row.value_id and figures_words(row) else "",
        "Verdict": f"**{plain(verdict_words(row))}**",
        "Why": _reason(row),
        settles: "" if row.would_settle.startswith("none") else plain(row.would_settle),
        "Background": plain(row.background),
        **_evidence(row),
    }
    lines = "\n".join(f"- *{name}.* {text}" for name, text in facts.items() if text)
    title = f"{row.subject}: {row.metric}"
    return f"(claim-{row.claim})=\n### {plain(title)}\n\n> {quoted(row.quotation, plain)}\n\n{lines}"


def _evidence(row) -> dict[str, str]:
    """The text that was seen. The reason of a documented claim quotes it already, so there only its source is named."""
    if not row.source:
        return {}
    source = f"[{plain(row.source_title)}](source-{row.source}), {plain(row.source_date)}"
    if row.verdict == DOCUMENTED:
        return {"Document": source}
    return {"Evidence seen": f"{plain(row.evidence)} ({source})"}


def _reason(row) -> str:
    """The reason, with the ids of the values it names as code."""
    text = plain(row.reason)
    for id in filter(None, (row.value_id, row.may_be)):
        text = text.replace(plain(id), f"`{id}`")
    return text


def _test_words(row) -> str:
    """How the claim is tested, in words."""
    if row.test == "documented":
        return "A cited document" + (
            ", whose number is compared with the stated one." if pd.notna(row.computed) else "."
        )
    if not row.value_id:
        return "None; what would settle it is not held."
    if row.compare != "equals":
        return f"The value `{row.value_id}` must be {plain(stated_words(row))}."
    if not row.tolerance_pct:
        return f"The value `{row.value_id}` must be {plain(stated_words(row))}; no tolerance applies."
    claim = Stated(row.number, row.unit, row.rounding_upper - row.rounding_lower)
    shown = [span(part, row.unit, _decimals(row)) for part in (claim.rounding, claim.near(row.tolerance_pct))]
    if shown[0] == shown[1]:
        return plain(f"The value must round to {stated_words(row)} ({shown[0]}).")
    return plain(
        f"The value must round to {stated_words(row)} ({shown[0]}); within "
        f"{number_text(row.tolerance_pct, 1)} per cent ({shown[1]}) it is called close."
    )
