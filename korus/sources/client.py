"""One polite client for all services: what is asked goes out once more when it may help, and never for ever.

Every question has a time limit in all (a server that sends a byte a second is a server that does not answer) and a
size limit (korus/sources/sending.py). Cut connections, 5xx and short refusals are tried again after growing
pauses; a refusal for an hour ends the run. The key goes to the service's own host alone.
"""

import datetime as dt
import email.utils
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from korus.sources.budget import Budget, Limits
from korus.sources.keys import Key, KeyProblem, guard_logs, redacted, without_known
from korus.sources.sending import Reply, ServiceProblem, TryAgain, Waiting, asked

# A refusal up to this many seconds is waited for; a longer one ends the run.
PATIENCE = 120.0
PAUSES = (1.0, 2.0, 4.0, 8.0)
REDIRECTS = 3
# A clock that differs from the service's by more than this is said to be wrong.
SKEW = dt.timedelta(hours=12)
# What a page says that stands in place of an answer because of the key.
NO_KEY = re.compile(r"\b(missing|(in)?valid|unknown|required)\b[^<]{0,30}\bkey\b"
                    r"|\bkey\b[^<]{0,60}\b(missing|invalid|required|included|activated)\b", re.IGNORECASE)


class Refused(ServiceProblem):
    """The service refuses further requests for longer than is worth waiting for; run again later."""


class NotJson(ServiceProblem):
    """An answer is no JSON: an error page, or a text that ends in the middle."""


@dataclass(frozen=True)
class Answer:
    """What a service said: the decoded JSON (None where it has nothing), the day it said so, its size in bytes."""

    value: object
    day: dt.date
    size: int


class Client:
    """Asks one service at `base`; `key_name` is the parameter its key goes under.

    `always_an_hour`: the service refuses for an hour whenever it refuses (429), whatever it says.
    """

    def __init__(self, base: str, key: Key | None = None, key_name: str = "key", limits: Limits = Limits(),
                 waiting: Waiting = Waiting(), always_an_hour: bool = False, say: Callable[[str], None] = print,
                 clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep,
                 today: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)):
        guard_logs()
        self.base, self.key, self.key_name = base, key, key_name
        self.waiting, self.always_an_hour, self.say = waiting, always_an_hour, say
        self.budget, self.sleep, self.today = Budget(limits, clock, sleep), sleep, today
        self._skew_said = False

    def __repr__(self) -> str:
        return f"Client({self.base})"

    def json(self, path: str, parameters: dict[str, str]) -> Answer:
        """The answer to one question, as JSON. Raises ServiceProblem or KeyProblem, naming the address."""
        shown = self.shown(path, parameters)
        failed = None
        for pause in (*PAUSES, None):
            failed, answer = self._attempt(path, parameters, shown)
            if failed is None:
                return answer
            wait = failed.after if failed.after is not None else pause
            if wait is not None and wait > PATIENCE:
                raise self._refusal(shown, wait)
            if pause is None:
                break
            self.sleep(wait)
        # Raised outside any handler, so that no library error hangs on to it.
        raise failed.kind(f"{shown}: {failed.reason}, after {len(PAUSES) + 1} attempts. Run the same command "
                          "again later; what was fetched is kept.")

    def shown(self, path: str, parameters: dict[str, str]) -> str:
        """The address of a question as it may be shown."""
        return redacted(urljoin(self.base, path) + "?" + urlencode(parameters, safe="*,-:"))

    def _attempt(self, path: str, parameters: dict[str, str], shown: str) -> tuple[TryAgain | None, Answer | None]:
        """One attempt: (what may pass, None) or (None, the answer)."""
        self.budget.wait()
        size, good = 0, False
        try:
            reply = self._sent(path, parameters, shown)
            size = len(reply.body)
            answer = Answer(self._decoded(reply, shown), self._day(reply.headers), size)
            good = True
            return None, answer
        except TryAgain as failure:
            return failure, None
        finally:
            self.budget.spent(size, failed=not good)

    def _refusal(self, shown: str, seconds: float) -> Refused:
        """The words for a refusal of so many seconds."""
        when = (self.today() + dt.timedelta(seconds=seconds)).strftime("%H:%M UTC")
        return Refused(f"{shown}: the service refuses further requests for {seconds / 60:.0f} minutes. Run the "
                       f"same command again after {when}; what was fetched until now is kept and not asked for "
                       "again.")

    # ---- One request -----------------------------------------------------------------------------

    def _sent(self, path: str, parameters: dict[str, str], shown: str) -> Reply:
        """The reply to one request, following redirects within the host."""
        address, query = urljoin(self.base, path), dict(parameters)
        for _ in range(REDIRECTS):
            reply = asked(address, query, self.key, self.key_name, self.waiting)
            if reply.status not in (301, 302, 303, 307, 308):
                return reply
            target = urljoin(address, reply.headers.get("location", ""))
            if "key" in urlsplit(target).path.lower():
                raise self._key_problem(shown)
            if urlsplit(target)[:2] != urlsplit(address)[:2]:
                raise ServiceProblem(f"{shown}: the service sends us on to {redacted(target)}, another host. No "
                                     "key goes there. Look the address up in the service's documentation.")
            address, query = target.partition("?")[0], query
        raise ServiceProblem(f"{shown}: the service sends us on more than {REDIRECTS} times in a row.")

    def _key_problem(self, shown: str) -> KeyProblem:
        name = self.key.variable if self.key else "the service's key"
        return KeyProblem(f"{shown}: the service does not accept {name}. Set it to a key that is activated (a new "
                          "one is, by the link in its mail), then run the same command again.")

    def _decoded(self, reply: Reply, shown: str) -> object:
        """The JSON of a reply, None for an empty one. Looks at the bytes: what is called JSON need not be."""
        text = _text(reply.body)
        start = text.lstrip("\ufeff \t\r\n")[:400].lower()
        html = start.startswith("<")
        if reply.status in (200, 400, 401, 403) and (html or reply.status != 200) and NO_KEY.search(text[:4000]):
            raise self._key_problem(shown)
        if reply.status == 429:
            raise TryAgain("the service refuses further requests", self._wait_asked(reply.headers))
        if reply.status >= 500:
            raise TryAgain(f"the service failed (status {reply.status})", _asked_wait(reply.headers, self.today()))
        if reply.status >= 400:
            said = " ".join(redacted(text).split())[:300]
            raise ServiceProblem(f"{shown}: refused with status {reply.status}: {said}")
        if reply.status == 204:
            return None
        if html:
            raise TryAgain(f"an HTML page came in place of JSON ({_title(text)})", kind=NotJson)
        if not start:
            raise TryAgain("an empty answer came in place of JSON", kind=NotJson)
        try:
            return json.loads(text.lstrip("\ufeff"))
        except (ValueError, RecursionError) as error:
            reason = redacted(f"the answer is no whole JSON ({error.__class__.__name__} in {len(text)} "
                              "characters)")
        raise TryAgain(reason, kind=NotJson)

    def _wait_asked(self, headers: dict[str, str]) -> float | None:
        """Seconds to wait after a refusal."""
        asked = _asked_wait(headers, self.today())
        return max(asked or 0.0, 3600.0) if self.always_an_hour else asked

    def _day(self, headers: dict[str, str]) -> dt.date:
        """The day of an answer by the service's clock; ours where it shows none. Says so when they differ."""
        own, theirs = self.today(), _date(headers.get("date", ""))
        if theirs and abs(theirs - own) > SKEW and not self._skew_said:
            self._skew_said = True
            self.say(f"The clock of this machine says {own:%Y-%m-%d %H:%M} UTC, the service's "
                     f"{theirs:%Y-%m-%d %H:%M}: the service's day is taken for the day of the figures.")
        return (theirs or own).date()


def _text(body: bytes) -> str:
    """Bytes as text: UTF-8, or what older services send in place of it; without our key, which some repeat."""
    try:
        return without_known(body.decode("utf-8"))
    except UnicodeDecodeError:
        return without_known(body.decode("cp1252", errors="replace"))


def _title(page: str) -> str:
    """The title of an HTML page, in a few words and without a key."""
    before, tag, rest = page.partition("<title>")
    return redacted(" ".join(rest.partition("</title>")[0].split())[:120]) if tag else "without a title"


def _date(text: str) -> dt.datetime | None:
    """A date of a header, or None where it can not be read."""
    try:
        found = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _asked_wait(headers: dict[str, str], own: dt.datetime) -> float | None:
    """Seconds of Retry-After: a number, or a date, which is counted from the service's own clock."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    until = _date(text)
    return max((until - (_date(headers.get("date", "")) or own)).total_seconds(), 0.0) if until else None
