"""Conditions behind words: what "fell" or "larger than" rests on, checked whenever the report is built.

A condition compares values by their ids: `trade.duty.KOR.2024 < trade.duty.KOR.2025`. All its parts are
separated by blanks, because ids contain `-` and `/`.
"""

import re
from collections.abc import Callable

COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=="}
OTHERS = {"+", "-", "*", "/", "(", ")", "and"}
NUMBER = re.compile(r"\d+(\.\d+)?")
# `words | condition` or `words | condition | other words`, in braces in a notebook, in a role on a page.
PARTS = re.compile(r"\s*\|\s*")


class ConditionProblem(ValueError):
    """A condition can not be read; the message shows it and says what is wrong."""


class NotTrue(ConditionProblem):
    """A condition that can be read and does not hold."""


def operands(condition: str) -> list[str]:
    """Ids (with their part, `:lower`) that a condition compares, in order."""
    return [token for token in condition.split()
            if token not in COMPARISONS and token not in OTHERS and not NUMBER.fullmatch(token)]


def holds(condition: str, number: Callable[[str], float]) -> bool:
    """Whether a condition is true; `number` gives the value of an id, or raises what it has to say of it.

    Raises ConditionProblem when there is no comparison, or when it can not be read.
    """
    tokens = condition.split()
    if not COMPARISONS.keys() & set(tokens):
        raise ConditionProblem(f"the condition {condition!r} compares nothing: it needs one of "
                               f"{' '.join(COMPARISONS)} with blanks around it")
    names: dict[str, float] = {}
    parts = []
    for token in tokens:
        if token in COMPARISONS or token in OTHERS or NUMBER.fullmatch(token):
            parts.append(COMPARISONS.get(token, token))
        else:
            names[f"v{len(names)}"] = number(token)
            parts.append(f"v{len(names) - 1}")
    try:
        # Only names, numbers and the operators above can be in it.
        return bool(eval(" ".join(parts), {"__builtins__": {}}, names))  # noqa: S307
    except SyntaxError:
        raise ConditionProblem(f"the condition {condition!r} can not be read: separate ids, numbers, operators and "
                               "brackets by blanks") from None


def words_of(text: str, number: Callable[[str], float]) -> str:
    """The words of `words | condition | other words` that are true.

    Raises NotTrue when the condition does not hold and there are no other words.
    """
    words, condition, *others = PARTS.split(text)
    if holds(condition, number):
        return words
    if len(others) != 1:
        shown = ", ".join(f"{id} = {number(id):g}" for id in operands(condition))
        raise NotTrue(f"{words!r} is no longer true: {condition} does not hold ({shown})")
    return others[0]
