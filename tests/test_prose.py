"""Typed numbers and unchecked findings are found; years, dates, section numbers and quotations are left alone."""

import json

import pytest

from korus import prose
from korus.notebook_text import as_text
from korus.paths import ROOT

# One trap a line: what a page of the report must not say by hand.
TYPED = """\
Duty was 12.5% of value.
Korea invested $22 billion.
It was 22.4 billion dollars, then 1,810.
The share is twelve per cent.
About two thirds of it are cars.
A third of imports paid nothing.
Half of the duty fell on cars.
Imports were twice as large.
A fourfold rise.
The rate doubled within a month.
Some ½ of it.
The rate rose to １２ per cent.
**7.6** is the latest.
[7.6](/sources.md) is linked.
| Korea | 15.0 |
> Said to be 40 million.
- 3 projects were cancelled.
# Why 7.6 per cent
![Bars up to 33 dollars](x.svg)
An elasticity of −5.5 is shown.
Between 2024 and 30 per cent of trade.
In 2024 it was 2000 dollars more, about 1999.5 in all.
It was three hundred thousand.
In ninety per cent of cases.
``` {note}
Forty per cent.
```
""".splitlines()

FREE = """\
In 2024 and from 2014 to 2023, in the 1990s, 2024Q3 and 2013–2023.
On 26 September 2025, in August 2026, by 2026-11-22, over 2025-09/2026-08.
Section 232, Sections 301 and 122, heading 8703, HS 8471, 8473 and 8542, chapter 99.
It says “24 per cent in 2023” and "2.6 billion".
The three tables that are missing; one of them; twelve releases.
See {value}`trade.duty.KOR.2025` and {holds}`more than a third | a.b > 0.33`.
`make -j2`, [link](/page-2.md), <https://example.org/5>.
BE-13, Q2, ISO 3166, CC BY 4.0, Python 3.11, tier 3, tiers 1 and 2.
1. First step.
## 2. Second section
(label-3)=
% 5 per cent, in a comment
<!-- 7 per cent -->
Rounded to half a unit.
""".splitlines()


@pytest.mark.parametrize("line", [line for line in TYPED if "`" not in line])
def test_a_typed_number_is_found(line):
    assert prose.typed_numbers(line), line


def test_a_number_inside_a_directive_is_found_and_one_in_code_is_not():
    assert prose.typed_numbers("```{note}\nForty per cent.\n```")
    assert not prose.typed_numbers("```text\nmake -j2 and 40 per cent\n```")
    assert not prose.typed_numbers("```{csv-table} Title\n:file: x.csv\n:widths: 9 33\n```")


@pytest.mark.parametrize("line", FREE)
def test_what_is_no_finding_is_left_alone(line):
    assert prose.typed_numbers(line) == [], line


@pytest.mark.parametrize("line", [
    "Imports fell in 2025.", "The share is larger than China's.", "The duty rises in May.", "It has the largest share.",
    "Outflows increased.", "Japan pays less than Korea.", "Investment peaked in 2022.", "Korea's lead widened.",
])
def test_an_unchecked_finding_is_found(line):
    assert prose.unchecked_findings(line)


@pytest.mark.parametrize("line", [
    "Imports {holds}`fell | a.b.2025 < a.b.2024` in 2025.", "Duty falls on imports for consumption.",
    "It says “fell”.", "A fall would be a rise elsewhere.",
    "Did imports fall more where rates rose more than elsewhere?", "The duty fell on the metal in it.",
])
def test_a_checked_or_quoted_finding_is_left_alone(line):
    assert prose.unchecked_findings(line) == []


def test_a_finding_names_its_place_and_its_line():
    (found,) = prose.typed_numbers("First line.\nDuty was 12.5% of value.\n", "book/x.md")
    assert str(found) == "book/x.md: '12.5%' in “Duty was 12.5% of value.”"


def test_sentences_captions_and_alternative_texts_in_code_are_read():
    code = (
        "values.say('Duty was 5%. {a.b} {fell | a.b < c.d}', otherwise=f'It was {x:.1f} or 7%.')\n"
        "figures.publish(draw, 'n', data, caption='Up to 8%. ' + note, alt_text=values.told('About 9%'))\n"
        "other('10%')\nshow.table(frame, 'Share, at most 11%')\n")
    found = [finding.words for text in prose.spoken(code) for finding in prose.typed_numbers(text)]
    assert sorted(found) == sorted(["5%", "7%", "8%", "9%", "11%"])
    assert not any(prose.unchecked_findings(text) for text in prose.spoken(code))


def test_sentences_of_a_module_are_read_and_its_docstrings_are_not():
    module = '"""Up to 5% of all cases."""\nTEXT = "It was about 6% of all."\ndef f():\n    """No 7% of this here."""\n'
    assert prose.sentences(module) == ["It was about 6% of all."]


def test_sentences_for_what_a_variant_does_not_hold_are_known_by_their_argument():
    assert prose.instead_of_values("v.say('It was {a.b}.', otherwise='It is ' 'not held.')\nv.say('x', otherwise='')") == [
        "It is not held."]


def project(folder, page: str, rows: str = ""):
    """A project with one page and a list of allowed words."""
    (folder / "book").mkdir()
    (folder / "book" / "page.md").write_text(page, encoding="utf-8")
    (folder / prose.ALLOWED).write_text("place,words,reason\n" + rows, encoding="utf-8")
    return folder


def test_allowed_words_need_a_reason_and_a_place_where_they_stand(tmp_path):
    rows = "book/page.md,a test at five per cent,a convention\nbook/page.md,in 7 cases,\nbook/page.md,gone: 8,x\n"
    found = prose.problems(project(tmp_path, "It is a test at five per cent.\nIt held in 7 cases and in 9.\n", rows))
    assert len(found) == 3
    assert found[0].startswith("typed number: book/page.md: '9") and "in “It held in 7 cases and in 9.”" in found[0]
    assert "'in 7 cases' at book/page.md has no reason" in found[1]
    assert "'gone: 8' at book/page.md stands nowhere any more" in found[2]


def test_the_report_types_no_number_and_no_finding():
    assert prose.problems(ROOT) == []


def test_the_published_report_shows_no_sentence_that_is_meant_for_its_variants():
    shown = {}
    for path in sorted((ROOT / "book" / "chapters").glob("*.ipynb")):
        if path.stem.endswith(".failed"):
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        outputs = [as_text(output["data"].get("text/markdown", "")) for cell in cells
                   for output in cell.get("outputs", []) if "data" in output]
        for cell in cells:
            if cell["cell_type"] == "code":
                instead = prose.instead_of_values(as_text(cell["source"]))
                shown |= {text: path.stem for text in instead if text in outputs}
    assert shown == {}
