"""Sphinx extension of the book: numbers, checked words, tables of values, figures and equations on its pages.

`{value}` prints a value of values.csv and links it to its entry on the provenance pages; `{holds}` prints
words that a condition bears out; `{value-table}` and `{published-figure}` are their block forms. An
unknown id or a condition that no longer holds is a warning, and a warning fails the build. In a variant of
the report, which may lack figures, a missing value is printed as not held.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from korus import conditions, figures, menus, provenance
from korus.mathematics import EquationProblem, mathml
from korus.values import TARGET, NotHeld, ValueProblem, compared, part_of, reference, unknown_id

LOGGER = logging.getLogger(__name__)
NOT_HELD = "not held"
NOT_SO = "not so in this variant"


def row_of(env, id: str) -> dict:
    """The row of values.csv with an id. Raises NotHeld."""
    values = env.korus_values
    if id not in values.index:
        raise NotHeld(unknown_id(id, values.index))
    return values.loc[id].to_dict()


def printed(env, text: str) -> tuple[str, str]:
    """Words and id of `id` or `id:part`; a value with a point and bounds is printed with both."""
    id, part = reference(text)
    row = row_of(env, id)
    words = part_of(row, part)
    return words + (provenance.bounds(row) if part is None else ""), id


def linked(env, docname: str, words: str, id: str) -> nodes.reference:
    """A printed number as a link to its provenance entry."""
    page = provenance.page_of(row_of(env, id)["notebook"])
    address = env.app.builder.get_relative_uri(docname, page) + f"{TARGET}{id}"
    return nodes.reference("", words, refuri=address, internal=True, classes=["korus-number"])


def complain(env, problem: Exception, location, variant_words: str) -> nodes.Node:
    """The node in place of what can not be printed: a warning, except for what a variant does not hold or bear out."""
    if not (isinstance(problem, (NotHeld, conditions.NotTrue)) and env.config.korus_variant):
        LOGGER.warning("%s", problem, location=location, type="korus", subtype="value")
    return nodes.emphasis("", variant_words)


class ValueRole(SphinxRole):
    """{value}`trade.duty.KOR.2025`, {value}`…:period`, {value}`…:lower`, {value}`…:upper`."""

    def run(self):
        try:
            words, id = printed(self.env, self.text)
        except ValueProblem as problem:
            return [complain(self.env, problem, self.get_location(), NOT_HELD)], []
        return [linked(self.env, self.env.docname, words, id)], []


class HoldsRole(SphinxRole):
    """{holds}`fell | a.2024 < a.2023` and {holds}`fell | a.2024 < a.2023 | rose`."""

    def number(self, text: str) -> float:
        return compared(text, lambda id: row_of(self.env, id))

    def run(self):
        words = self.text.partition("|")[0].strip()
        try:
            words = conditions.words_of(self.text, self.number)
        except (ValueProblem, conditions.ConditionProblem) as problem:
            return [complain(self.env, problem, self.get_location(), f"{words} ({NOT_SO})")], []
        return [nodes.inline("", words, classes=["korus-holds"])], []


class ValueTable(SphinxDirective):
    """A table of values with period, tier and bounds; one `label | id` a line, the title as argument."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        lines = ["| | Value | Period | Tier |", "| --- | ---: | --- | --- |"]
        file = [["label", "id", "value", "lower", "upper", "unit", "period", "tier"]]
        for line in filter(None, map(str.strip, self.content)):
            label, _, id = (part.strip() for part in line.rpartition("|"))
            try:
                row = row_of(self.env, reference(id)[0])
            except ValueProblem as problem:
                complain(self.env, problem, self.get_location(), NOT_HELD)
                lines.append(f"| {label} | {NOT_HELD} | – | – |")
                continue
            lines.append(f"| {label} | {{value}}`{id}` | {{value}}`{reference(id)[0]}:period` | "
                         f"{row['tier'].removesuffix('.0')} |")
            file.append([label, *(row[name] for name in file[0][1:])])
        made = parsed(self, [f"````{{table}} {self.arguments[0]}", *lines, "````"])
        for table in [table for node in made for table in node.findall(nodes.table)]:
            table["korus_rows"] = file
        return made


class PublishedFigure(SphinxDirective):
    """A chart of the chain by its name: picture, caption and alternative text.

    With `:label:` it is the place that `{numref}` points to, which a figure has once.
    """

    required_arguments = 1
    option_spec = {"label": directives.flag}

    def run(self):
        name = self.arguments[0]
        folder = Path(self.env.srcdir) / "figures"
        if not (folder / f"{name}.svg").exists():
            near = unknown_id(name, [path.stem for path in folder.glob("*.svg")])
            message = near.replace("no value", "no figure", 1).replace("no values", "no figures")
            return [complain(self.env, ValueProblem(message), self.get_location(), NOT_HELD)]
        alt = json.loads((folder / f"{name}.vl.json").read_text(encoding="utf-8"))["description"]
        caption = (folder / f"{name}.md").read_text(encoding="utf-8").strip()
        return parsed(self, figures.directive(name, alt, caption, label="label" in self.options).splitlines())


def parsed(directive: SphinxDirective, lines: list[str]) -> list[nodes.Node]:
    """The nodes of some lines of MyST Markdown."""
    holder = nodes.Element()
    source, line = directive.get_source_info()
    directive.state.nested_parse(StringList(lines, source=source), line, holder)
    return holder.children


class Equation(SphinxDirective):
    """A displayed equation: TeX in, MathML out, which needs no script; `:words:` is how it is read aloud.

    latex2mathml knows TeX's commands; one that it does not know is an error on the page's line.
    """

    has_content = True
    option_spec = {"words": directives.unchanged_required}

    def run(self):
        if "words" not in self.options:
            raise self.error("an equation needs `:words:`, which say it to those who can not see it")
        try:
            formula = mathml("\n".join(self.content), self.options["words"])
        except EquationProblem as problem:
            raise self.error(str(problem)) from None
        return [nodes.raw("", f'<div class="korus-equation" tabindex="0" role="group" aria-label="Equation">{formula}</div>', format="html")]


class LinkNumbers(SphinxTransform):
    """Lead the links `[12.2%](#value-id)`, which the sentences of notebooks print, to the entries.

    Runs before MyST looks for these targets on the page itself.
    """

    default_priority = 870

    def apply(self, **kwargs):
        for node in list(self.document.findall(nodes.reference)):
            address = node.get("refuri", "")
            if not address.startswith(TARGET):
                continue
            try:
                found = linked(self.env, self.env.docname, node.astext(), address.removeprefix(TARGET))
            except ValueProblem as problem:
                found = complain(self.env, problem, node, node.astext())
            node.replace_self(found)


def load_values(app) -> None:
    """Read the staged values.csv once."""
    app.env.korus_values = provenance.read_values(Path(app.srcdir) / "values.csv")


def setup(app):
    """Register roles and directives with Sphinx."""
    app.add_config_value("korus_variant", False, "env", bool)
    app.add_role("value", ValueRole())
    app.add_role("holds", HoldsRole())
    app.add_directive("value-table", ValueTable)
    app.add_directive("published-figure", PublishedFigure)
    app.add_directive("equation", Equation)
    app.add_transform(LinkNumbers)
    app.connect("builder-inited", load_values)
    menus.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
