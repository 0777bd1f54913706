"""Send one request and read its reply, within limits of time and size, and let no key out.

The library's errors hold the address with the key, so they are turned into words where they arise and are not
kept: no message, cause or frame that leaves this module has one.
"""

import threading
from dataclasses import dataclass, field
from urllib.parse import urlencode

from korus.sources.keys import Key, redacted, without_known

AGENT = "korus (reproducible report; one request at a time)"
PIECE = 65_536


class ServiceProblem(Exception):
    """A service did not give what was asked; the message says what it did instead and what to do."""


class Unreachable(ServiceProblem):
    """No whole answer after all attempts: cut, silent, too slow, or the service's own failure."""


class TooLarge(ServiceProblem):
    """An answer is larger than the limit; ask for less at once."""


class TryAgain(Exception):
    """A failure that may pass. `reason` in words, without a key; `after`: seconds the service asks for."""

    def __init__(self, reason: str, after: float | None = None, kind: type[ServiceProblem] = Unreachable):
        super().__init__(reason)
        self.reason, self.after, self.kind = reason, after, kind


@dataclass(frozen=True)
class Waiting:
    """Seconds to wait: for a connection, between two pieces, for the whole; and the largest answer in bytes."""

    connect: float = 15.0
    read: float = 60.0
    total: float = 600.0
    size: int = 400_000_000


@dataclass(frozen=True)
class Reply:
    """Status, headers (lower case) and body of one request."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


def asked(address: str, query: dict[str, str], key: Key | None, key_name: str, waiting: Waiting) -> Reply:
    """Send one request and read its reply within `waiting.total`, in a thread that is left behind beyond it.

    Only so does a server that drips its headers end too. Raises TryAgain or TooLarge, in words.
    """
    found: list = []
    stop = threading.Event()
    thread = threading.Thread(
        target=_read, args=(found, stop, address, query, key, key_name, waiting), daemon=True
    )
    thread.start()
    thread.join(waiting.total)
    stop.set()
    if not found:
        raise TryAgain(f"no whole answer within {waiting.total:g} seconds")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _read(found: list, stop: threading.Event, address: str, query: dict[str, str], key: Key | None, key_name: str,
          waiting: Waiting) -> None:
    """Put a Reply, or a failure in words, into `found`. The key and the library's errors stay inside."""
    import requests

    try:
        with requests.Session() as session:
            sent = query | ({key_name: key.sent()} if key else {})
            reply = session.get(address, params=urlencode(sent, safe="*,-:"), stream=True, allow_redirects=False,
                                timeout=(waiting.connect, waiting.read),
                                headers={"User-Agent": AGENT, "Accept": "application/json"})
            body = bytearray()
            while not stop.is_set() and (piece := reply.raw.read1(PIECE, decode_content=True)):
                body += piece
                if len(body) > waiting.size:
                    found.append(TooLarge(redacted(f"{address}: more than {waiting.size:,} bytes in one answer. "
                                                   "Ask for less at once.")))
                    return
            if stop.is_set():
                return
            headers = {name.lower(): without_known(value) for name, value in reply.headers.items()}
            found.append(Reply(reply.status_code, headers, bytes(body)))
    except Exception as error:  # whatever it was, it holds the address with the key
        found.append(TryAgain(_in_words(error)))


def _in_words(error: Exception) -> str:
    """A library's error as a few words: its kind, not its text."""
    kinds = {"ConnectTimeout": "no connection in time", "ReadTimeout": "the service fell silent",
             "ReadTimeoutError": "the service fell silent", "ConnectionError": "no connection, or it was cut",
             "ProtocolError": "the connection was cut", "IncompleteRead": "the connection was cut",
             "ChunkedEncodingError": "the connection was cut", "SSLError": "no secure connection",
             "ProxyError": "the proxy gave no connection", "DecodeError": "the answer can not be unpacked"}
    return kinds.get(type(error).__name__, f"the request failed ({type(error).__name__})")
