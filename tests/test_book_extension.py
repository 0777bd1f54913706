"""Numbers, checked words, tables of values and figures on pages: printed, linked, and refused when they are wrong."""

import re
import shutil
from dataclasses import replace

import pytest
from toy_book import CAPTION, FIGURE_ALT, toy_material

from korus import provenance, render, stage
from korus.paths import ROOT

PAGE = """

It was {value}`toy.amount.2021` in {value}`toy.amount.2021:period`, at least {value}`toy.amount.2021:lower`, and
{value}`toy.interval.2021` at most. It {holds}`rose | toy.amount.2020 < toy.amount.2021` and was
{holds}`small | toy.amount.2021 > 5 | not large`.

```{value-table} Two amounts
The first year | toy.amount.2020
What is possible | toy.interval.2021
```

```{published-figure} figure-3
```

```{table} A & B
| a | b |
| --- | --- |
| 1,234.5 | c |
```

| without a title | d |
| --- | --- |
| e | f |

See {published-file}`claims.csv`.

```{equation}
:words: a is b

a = b
```
"""


def build(folder, addition: str = PAGE, profile: str = "baseline"):
    """The toy book with something added to a page; the folder of its HTML."""
    book = folder / "book"
    shutil.copytree(ROOT / "book", book, ignore=shutil.ignore_patterns("chapters"))
    page = book / "how-to-read.md"
    page.write_text(page.read_text(encoding="utf-8") + addition, encoding="utf-8")
    given = replace(toy_material(folder / "material", book), profile=profile)
    stage.build(given, folder / "html")
    return folder / "html"


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The toy book with every role and directive, built once."""
    return build(tmp_path_factory.mktemp("extension"))


def words(text: str) -> str:
    """A page's text without mark-up."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def test_a_value_is_printed_with_its_bounds_and_leads_to_its_entry(html):
    text = (html / "how-to-read.html").read_text(encoding="utf-8")
    assert ("It was $2.00 million ($1.50 million to $2.50 million) in 2021, at least $1.50 million, and "
            "$0 to $2.00 million at most.") in words(text)
    assert 'href="provenance/31_tariffs.html#value-toy.amount.2021"' in text
    assert 'href="provenance/35_markets.html#value-toy.interval.2021"' in text


def test_checked_words_follow_their_condition(html):
    assert "It rose and was not large." in words((html / "how-to-read.html").read_text(encoding="utf-8"))


def test_a_table_of_values_shows_period_and_tier(html):
    text = (html / "how-to-read.html").read_text(encoding="utf-8")
    table = words(text[text.index("Two amounts"):text.index("</table>", text.index("Two amounts"))])
    assert "The first year $1.00 million 2020 2" in table
    assert "What is possible $0 to $2.00 million 2021 3" in table


def test_a_figure_of_a_chapter_can_be_shown_on_a_page_with_its_files(html):
    text = (html / "how-to-read.html").read_text(encoding="utf-8")
    assert f'alt="{FIGURE_ALT}"' in text and 'src="files/figures/figure-3.svg"' in text
    assert words(CAPTION.partition(" Source")[0]) in words(text)
    for ending in (".csv", ".svg", ".png", ".vl.json"):
        assert f'href="files/figures/figure-3{ending}" download>' in text


def test_the_file_of_a_table_of_values_has_the_values_with_all_digits_and_bounds(html):
    text = (html / "how-to-read.html").read_text(encoding="utf-8")
    assert 'aria-label="Download table: Two amounts"' in text
    assert 'href="files/tables/how-to-read-two-amounts.csv" download>' in text
    rows = (html / "files" / "tables" / "how-to-read-two-amounts.csv").read_text(encoding="utf-8").splitlines()
    assert rows == ["label,id,value,lower,upper,unit,period,tier",
                    "The first year,toy.amount.2020,1.0,,,million USD,2020,2",
                    "What is possible,toy.interval.2021,,0.0,2.0,million USD,2021,3"]


def test_a_table_with_a_title_has_its_cells_as_a_file_and_one_without_is_part_of_the_text(html):
    text = (html / "how-to-read.html").read_text(encoding="utf-8")
    assert (html / "files" / "tables" / "how-to-read-a-b.csv").read_text() == "a,b\n1234.5,c\n"
    assert "without a title" in text and text.count('<details class="korus-files">') == 3


def test_a_file_of_the_report_is_a_link_with_its_size(html):
    text = (html / "how-to-read.html").read_text(encoding="utf-8")
    assert re.search(r'<a class="reference internal" href="files/claims.csv">claims.csv \(\d+ bytes\)</a>', text)


def test_a_file_that_the_report_does_not_have_stops_it(tmp_path):
    with pytest.raises(render.BookFailed, match=r"how-to-read.md:.*no file 'nothing.csv' below files/"):
        build(tmp_path, "\n\nSee {published-file}`nothing.csv`.\n")


def test_other_values_and_the_ledger_lead_to_their_files(html):
    assert 'href="files/claims.csv" download>' in (html / "ledger.html").read_text(encoding="utf-8")
    assert 'href="../files/values/35_markets.csv" download>' in (
        html / "chapters" / "35_markets.html").read_text(encoding="utf-8")


def test_a_number_in_a_chapter_leads_to_its_entry_from_one_folder_down(html):
    text = (html / "chapters" / "35_markets.html").read_text(encoding="utf-8")
    assert 'href="../provenance/31_tariffs.html#value-toy.amount.2020">$1.00 million</a>' in text


def test_an_entry_shows_printed_lines_source_tier_and_where_the_value_is_printed(html):
    text = (html / "provenance" / "31_tariffs.html").read_text(encoding="utf-8")
    entry = text[text.index('id="value-toy.amount.2021"'):].partition("</div>")[0]
    said = words(entry)
    assert "$2.00 million ($1.50 million to $2.50 million)" in said
    assert "Period 2021; unit million USD; tier 2; known by 2026-11-22" in said
    assert "kexim/releases (2 lines)" in said and "line 2. year: 2020; value: 1. Source: 보도자료, 2025-09-19" in said
    assert 'href="../data.html#data-kexim-releases"' in entry
    assert 'href="../sources.html#source-kexim-moef-2025-09-19"' in entry
    assert 'href="https://example.org/보도"' in entry
    assert "Printed in How to read this report" in said


def test_values_that_no_sentence_prints_are_listed_too(tmp_path):
    given = toy_material(tmp_path)
    stage.stage(given, tmp_path / "source")
    text = (tmp_path / "source" / "provenance" / "31_tariffs.md").read_text(encoding="utf-8")
    table = text[text.index("Values that no sentence prints"):]
    assert 'id="value-toy.amount.2021"' in table and 'id="value-toy.amount.2020"' not in table
    assert 'class="korus-entry" id="value-toy.amount.2020"' in text


def test_the_page_over_them_counts_what_is_computed_and_printed(html):
    said = words((html / "provenance.html").read_text(encoding="utf-8"))
    assert "Chapter 31_tariffs 2 2" in said and "Chapter 35_markets 1 1" in said


def test_an_equation_is_drawn_without_a_script_and_can_be_read_aloud(html):
    page = (html / "how-to-read.html").read_text(encoding="utf-8")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block" alttext="a is b">' in page


WRONG = [
    ("{value}`toy.amount.2012`", "no value 'toy.amount.2012'; the nearest is 'toy.amount.202"),
    ("{value}`toy.amount.2021:middle`", "the part of a value is one of period, lower, upper, tier"),
    ("It {holds}`fell | toy.amount.2020 > toy.amount.2021`.", "'fell' is no longer true"),
    ("It {holds}`shrank | toy.interval.2021 > 0`.", "compare toy.interval.2021:lower"),
    ("[1](#value-toy.amount.1999)", "no value 'toy.amount.1999'"),
    ("```{value-table} T\na | toy.nothing\n```", "no value 'toy.nothing'"),
    ("```{published-figure} figure-33\n```", "no figure 'figure-33'; the nearest is 'figure-3"),
    ("```{equation}\n:words: a\n\na = \\nothing\n```", r"\nothing is not a command"),
    ("```{equation}\na = b\n```", "an equation needs `:words:`"),
]


@pytest.fixture(scope="module")
def failure(tmp_path_factory) -> str:
    """What the build says of a page with everything that can be wrong."""
    with pytest.raises(render.BookFailed) as failed:
        build(tmp_path_factory.mktemp("wrong"), "\n\n" + "\n\n".join(text for text, _ in WRONG) + "\n")
    return str(failed.value)


@pytest.mark.parametrize("said", [said for _, said in WRONG])
def test_what_is_wrong_stops_the_book_and_names_page_and_line(failure, said):
    line = next(line for line in failure.splitlines() if said in line)
    assert re.match(r"how-to-read\.md:\d+: (WARNING|ERROR)", line)


def test_a_variant_says_what_it_does_not_hold_or_bear_out(tmp_path):
    text = "It was {value}`toy.amount.2012` and {holds}`fell | toy.amount.2020 > toy.amount.2021`."
    page = build(tmp_path, f"\n\n{text}\n", "official") / "how-to-read.html"
    assert "It was not held and fell (not so in this variant)." in words(page.read_text(encoding="utf-8"))


def test_ids_that_a_page_prints_are_found_in_text_roles_and_tables():
    text = "[1](#value-a.b) {value}`c.d:lower`\n```{value-table} T\nx | e.f\n```\n[2](#value-a.b)"
    assert provenance.printed_ids(text) == ["a.b", "c.d", "e.f"]
