"""Equations as MathML: browsers draw it without a script, screen readers speak it, and the PDF is set from it."""

import re
from xml.etree import ElementTree

from latex2mathml import exceptions
from latex2mathml.converter import convert

MATHML = "http://www.w3.org/1998/Math/MathML"
# They share no base of their own.
UNREADABLE = tuple(kind for kind in vars(exceptions).values() if isinstance(kind, type))


class EquationProblem(ValueError):
    """An equation that can not be set; the message quotes it."""


def mathml(tex: str, words: str) -> str:
    """A displayed equation from TeX; `words`, how it is read aloud, become its `alttext`.

    Raises EquationProblem for TeX that latex2mathml can not read, or a command it passes on unread.
    """
    try:
        formula = ElementTree.fromstring(convert(tex, display="block"))
    except UNREADABLE as problem:
        raise EquationProblem(f"{tex!r} is not an equation: {type(problem).__name__}") from None
    if unread := re.search(r"\\[A-Za-z]+", "".join(formula.itertext())):
        raise EquationProblem(f"{tex!r}: {unread[0]} is not a command that latex2mathml knows")
    formula.set("alttext", " ".join(words.split()))
    ElementTree.register_namespace("", MATHML)
    return ElementTree.tostring(formula, encoding="unicode")
