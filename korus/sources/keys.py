"""Keys of the services: read from the environment, sent, and never shown.

A key is not a text: it has no readable form but the one that is sent. Whatever is said, logged or raised about a
service passes through `redacted`, the one place where a key that slipped into a text is taken out again.
"""

import logging
import os
import re
from urllib.parse import quote, quote_plus

# Names under which services take a key, in addresses and in answers that repeat the question.
NAMED = re.compile(r"(?i)\b((?:api_?)?key|user_?id)(=|%3D)[^&\s'\"<>)\]]+")
HIDDEN = "***"
SHORTEST = 8
_known: set[str] = set()


class KeyProblem(Exception):
    """A key is missing, malformed, or refused by its service; the message says which and what to do."""


class Key:
    """A key from an environment variable; printed as its variable's name only."""

    def __init__(self, variable: str, signup: str):
        """Read `variable`. Raises KeyProblem when it is not set or can be no key; `signup` is where to get one."""
        self.variable = variable
        found = os.environ.get(variable, "").strip()
        if not found:
            raise KeyProblem(f"{variable} is not set. A key is free: {signup}. Then: export {variable}=… (in the "
                             "shell, never in a file of the project).")
        _remember(found)
        if len(found) < SHORTEST or not re.fullmatch(r"[A-Za-z0-9-]+", found):
            raise KeyProblem(f"{variable} holds no key: letters, digits and hyphens, at least {SHORTEST}, are "
                             f"expected, {len(found)} characters were found. Set it anew; keys come from "
                             f"{signup}.")
        self._found = found

    def __repr__(self) -> str:
        return f"<key of {self.variable}>"

    __str__ = __repr__

    def sent(self) -> str:
        """The key itself, for the request alone."""
        return self._found

    def __reduce__(self):
        raise TypeError(f"{self!r} is not written anywhere")


def configured(variable: str) -> bool:
    """Whether an environment variable holds anything; says nothing of what."""
    return bool(os.environ.get(variable, "").strip())


def _remember(value: str) -> None:
    """Take a value for secret from here on, also in the forms an address gives it."""
    _known.update({value, quote(value, safe=""), quote_plus(value), value.lower(), value.upper()})


def without_known(text: str) -> str:
    """A text without the keys read by this program; cheap enough for whole answers, some of which hold one."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


def redacted(text: object) -> str:
    """A text without any key: those read by this program, and whatever stands where a key is sent."""
    return NAMED.sub(lambda found: f"{found[1]}{found[2]}{HIDDEN}", without_known(str(text)))


class _Redacting(logging.Filter):
    """Takes keys out of log records: the library that sends requests logs whole addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def guard_logs() -> None:
    """Let the loggers of the request libraries say nothing of a key, whatever level someone sets."""
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests"):
        logger = logging.getLogger(name)
        if not any(isinstance(there, _Redacting) for there in logger.filters):
            logger.addFilter(_Redacting())
