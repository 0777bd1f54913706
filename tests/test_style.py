"""Style sheets lose the rules that no page can use, and nothing else."""

import pytest

from korus import style

WORDS = {"a", "b", "b-c"}


def test_a_rule_goes_where_every_selector_needs_a_class_that_nobody_has():
    assert style.without_unused(".x{color:red}.a .x,p>.y{color:red}", WORDS) == ""
    assert style.without_unused(".a,.x{color:red}", WORDS) == ".a{color:red}"
    assert style.without_unused("p.a .b-c:hover::before{color:red}", WORDS) == "p.a .b-c:hover::before{color:red}"


@pytest.mark.parametrize("sheet", [
    "p:not(.x) a{b:c}", "html[data-theme=dark] p{b:c}", "a[href$='.pdf']{b:c}", "p:is(.x,.y):not(.z){b:c}",
    "@font-face{src:url(a.woff2)}", "@keyframes x{0%{a:b}50.5%{a:c}}", '@import "basic.css";', '@charset "UTF-8";',
    ":root{--a:url(\"data:image/svg+xml,%3csvg viewBox='0 0 {1} 2'/%3e\");--b: ;}", "p{content:'}'}",
    "a{b:url(\"data:x,fill='rgba(0, 0, 0, .5)' ; }\")}q{b:c}", "a{b:url(x;y.png)}"])
def test_what_needs_no_class_stays_as_it_is(sheet):
    assert style.without_unused(sheet, WORDS) == sheet


def test_rules_inside_conditions_are_looked_at_one_by_one():
    sheet = "@media print{.x{a:b}.a{a:b}@supports (a:b){.y{c:d}}}@media (min-width:1px){.x{a:b}}"
    assert style.without_unused(sheet, WORDS) == "@media print{.a{a:b}}"


def test_comments_go_but_a_licence_stays():
    assert style.without_unused("/*! by them */p{a:b}/* .a{ */q{/* } */a:b}", WORDS) == "/*! by them */p{a:b}q{a:b}"


def test_a_class_that_only_a_script_names_is_kept():
    words = style.words_of(['<p class="a  b">', "<i class='c'>"], ['el.classList.add("show-now")'])
    assert {"a", "b", "c", "show-now"} <= words
    assert style.without_unused(".show-now .c{a:b}", words)


def test_escaped_characters_belong_to_a_class():
    assert style.needed(r".w-1\.5 .a") == {r"w-1\.5", "a"}


def test_rules_for_dark_pages_follow_the_system_where_no_script_chose():
    sheet = ('html[data-theme="dark"] .a,p{color:red}.b{c:d}@media print{html[data-theme=dark]{e:f}}'
             "@media (min-width:9px){.g{h:i}}")
    assert style.following_the_system(sheet) == (
        sheet + "\n@media screen and (prefers-color-scheme:dark){html:not([data-mode]) .a{color:red}"
        "@media print{html:not([data-mode]){e:f}}}\n")
    assert style.following_the_system(".b{c:d}") == ".b{c:d}"
