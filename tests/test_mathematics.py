"""Equations: MathML with the words for it, and a clear refusal of what can not be read."""

from xml.etree import ElementTree

import pytest

from korus.mathematics import MATHML, EquationProblem, mathml


def test_an_equation_is_mathml_with_the_words_for_it():
    formula = ElementTree.fromstring(mathml(r"r = \frac{d}{v}", "r is d\n over v"))
    assert formula.tag == f"{{{MATHML}}}math"
    assert (formula.get("display"), formula.get("alttext")) == ("block", "r is d over v")
    top, bottom = formula.find(f".//{{{MATHML}}}mfrac")
    assert ("".join(top.itertext()), "".join(bottom.itertext())) == ("d", "v")


def test_it_is_the_same_twice():
    assert mathml(r"\sum_i x_i", "sum") == mathml(r"\sum_i x_i", "sum")


def test_an_unknown_command_is_named():
    with pytest.raises(EquationProblem, match=r"\\unknown is not a command"):
        mathml(r"\unknown = 1", "x")


@pytest.mark.parametrize("tex", ["a_b_c", r"\left( a", "a^b^c"])
def test_what_is_not_an_equation_is_quoted(tex):
    with pytest.raises(EquationProblem) as raised:
        mathml(tex, "a")
    assert repr(tex) in str(raised.value)
