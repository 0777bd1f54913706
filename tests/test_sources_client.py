"""A service that cuts, drips, refuses, lies about its type or its clock: every fault ends, in words, without a
key.
"""

import datetime as dt
import gzip
import json
import logging
import socket
import threading
import time
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from korus.sources import client as clients
from korus.sources import keys
from korus.sources.budget import Budget, Limits
from korus.sources.client import Client, NotJson, Refused
from korus.sources.keys import Key, KeyProblem, redacted
from korus.sources.sending import ServiceProblem, TooLarge, Unreachable, Waiting

SECRET = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
QUICK = Waiting(connect=2, read=2, total=3, size=10_000)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def key(monkeypatch) -> Key:
    monkeypatch.setenv("A_KEY", SECRET)
    return Key("A_KEY", "https://example.org/signup")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def asking(base: str, clock: Clock, key=None, waiting=QUICK, **more) -> Client:
    """A client of a local server that waits in no time."""
    return Client(base, key, waiting=waiting, clock=clock, sleep=clock.sleep, **{"say": lambda text: None, **more})


def replies(server, *answers) -> list:
    """Let the server give these answers in turn, the last one ever after; the requests are kept."""
    asked, left = [], list(answers)

    def answer(request):
        asked.append(request.args.to_dict())
        given = left.pop(0) if len(left) > 1 else left[0]
        return given if isinstance(given, Response) else given(request)

    server.expect_request("/data").respond_with_handler(answer)
    return asked


def everything(error: BaseException) -> str:
    """An error as every tool could show it: message, causes, contexts, the locals of all frames."""
    shown = ["".join(traceback.format_exception(error))]
    seen, here = set(), error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        shown += [repr(here), str(here), repr(here.args)]
        shown += [repr(frame.f_locals) for frame, _ in traceback.walk_tb(here.__traceback__)
                  if "korus/sources" in frame.f_code.co_filename]
        here = here.__cause__ or here.__context__
    return "\n".join(shown)


GOOD = Response(json.dumps([["A"], ["1"]]), content_type="application/json")


def test_what_passes_is_tried_again_after_growing_pauses(httpserver, clock):
    page = Response("<html><title>Oops</title></html>", status=200)
    asked = replies(httpserver, Response("x", status=503), Response('[["A"', status=200), page, GOOD)
    assert asking(httpserver.url_for("/"), clock).json("data", {}).value == [["A"], ["1"]]
    assert len(asked) == 4 and clock.slept == [1, 2, 4]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Response("x", status=502), Unreachable, "status 502"),
        (Response('{"a": [1, 2', content_type="application/json"), NotJson, "no whole JSON"),
        (
            Response("<!DOCTYPE html><title>Maintenance</title>", content_type="application/json"),
            NotJson,
            "Maintenance",
        ),
        (Response("", status=200), NotJson, "empty answer"),
    (Response("[" * 9_000 + "]" * 900, status=200), NotJson, "RecursionError|JSONDecodeError"),
    ],
)
def test_what_does_not_pass_ends_in_words(httpserver, clock, key, answer, kind, words):
    asked = replies(httpserver, answer)
    with pytest.raises(kind, match=words) as failure:
        asking(httpserver.url_for("/"), clock, key).json("data", {"time": "2025-07"})
    assert len(asked) == 5 and "time=2025-07" in str(failure.value) and SECRET not in everything(failure.value)


def test_a_short_refusal_is_waited_for_and_an_hour_ends_the_run(httpserver, clock):
    replies(httpserver, Response("", status=429, headers={"Retry-After": "30"}), GOOD,
            Response("", status=429, headers={"Retry-After": "3600"}))
    client = asking(httpserver.url_for("/"), clock, today=lambda: dt.datetime(2026, 11, 22, 10, 5, tzinfo=dt.UTC))
    client.json("data", {})
    assert clock.slept == [30]
    with pytest.raises(Refused, match="60 minutes.*after 11:05 UTC; what was fetched"):
        client.json("data", {})
    assert clock.slept == [30]


def test_a_service_that_always_refuses_for_an_hour_is_believed_without_being_told(httpserver, clock):
    asked = replies(httpserver, Response("", status=429))
    with pytest.raises(Refused, match="60 minutes"):
        asking(httpserver.url_for("/"), clock, always_an_hour=True).json("data", {})
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [
    Response("", status=302, headers={"Location": "/data/missing_key.html"}),
    Response("<html><head><title>Missing Key</title></head></html>", status=200),
    Response("<html><title>Invalid Key</title></html>", status=200, content_type="application/json"),
    Response("error: invalid key", status=400),
])
def test_a_key_that_is_not_accepted_is_said_at_once(httpserver, clock, key, answer):
    asked = replies(httpserver, answer)
    with pytest.raises(KeyProblem, match="does not accept A_KEY") as failure:
        asking(httpserver.url_for("/"), clock, key).json("data", {})
    assert len(asked) == 1 and SECRET not in everything(failure.value)


def test_a_key_goes_to_no_other_host_and_follows_within_its_own(httpserver, clock, key):
    replies(httpserver, Response("", status=302, headers={"Location": f"http://example.invalid/x?key={SECRET}"}))
    with pytest.raises(ServiceProblem, match="another host") as failure:
        asking(httpserver.url_for("/"), clock, key).json("data", {})
    assert SECRET not in everything(failure.value)
    httpserver.expect_request("/moved").respond_with_data("", status=301, headers={"Location": "/there"})
    httpserver.expect_request("/there").respond_with_json([1])
    assert asking(httpserver.url_for("/"), clock, key).json("moved", {}).value == [1]
    httpserver.expect_request("/round").respond_with_data("", status=301, headers={"Location": "/round"})
    with pytest.raises(ServiceProblem, match="more than 3 times"):
        asking(httpserver.url_for("/"), clock, key).json("round", {})


def test_a_mistake_in_the_question_is_said_and_not_repeated(httpserver, clock, key):
    asked = replies(httpserver, Response(f"error: unknown variable 'X' in X&UserID={SECRET}", status=400))
    with pytest.raises(ServiceProblem, match="status 400: error: unknown variable 'X'") as failure:
        asking(httpserver.url_for("/"), clock).json("data", {})
    assert len(asked) == 1 and SECRET not in everything(failure.value)


def test_nothing_to_say_is_no_failure(httpserver, clock):
    replies(httpserver, Response("", status=204))
    assert asking(httpserver.url_for("/"), clock).json("data", {}).value is None


def test_a_packed_answer_is_unpacked_within_the_same_limit(httpserver, clock):
    packed = {"Content-Encoding": "gzip"}
    replies(httpserver, Response(gzip.compress(b"[1, 2]"), headers=packed),
            Response(gzip.compress(b"[" + b" " * 3_000_000 + b"]"), headers=packed))
    client = asking(httpserver.url_for("/"), clock)
    assert client.json("data", {}).value == [1, 2]
    with pytest.raises(TooLarge):
        client.json("data", {})


def test_a_packed_answer_that_is_broken_is_tried_again(httpserver, clock, monkeypatch):
    monkeypatch.setattr(clients, "PAUSES", ())
    replies(httpserver, Response(b"no gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(Unreachable, match="can not be unpacked"):
        asking(httpserver.url_for("/"), clock).json("data", {})


def test_an_answer_beyond_the_limit_is_not_read_to_its_end(httpserver, clock, key):
    asked = replies(httpserver, lambda request: Response((b"[" + b"1," * 5_000 for _ in range(1000)), status=200))
    with pytest.raises(TooLarge, match="more than 10,000 bytes") as failure:
        asking(httpserver.url_for("/"), clock, key).json("data", {})
    assert len(asked) == 1 and SECRET not in everything(failure.value)


# ---- Below HTTP ----------------------------------------------------------------------------------


@pytest.fixture
def raw_server():
    """Give bytes on a plain socket: `raw_server(pieces, pause)` returns a base address and counts connections."""
    opened = []

    def serve(pieces: list[bytes], pause: float = 0.0) -> tuple[str, list]:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)
        count: list = []

        def run():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                count.append(1)
                with connection:
                    connection.recv(65536)
                    try:
                        for piece in pieces:
                            connection.sendall(piece)
                            time.sleep(pause)
                    except OSError:
                        pass

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/", count

    yield serve
    for listening in opened:
        listening.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"


def reply(status: str, body: bytes, *headers: str) -> bytes:
    """A whole reply with headers of our choice (the other server sets its own date)."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


DATED = "Date: Tue, 06 Oct 2026 12:00:00 GMT"


def test_an_answer_is_its_json_and_the_day_the_service_gave_it(httpserver, raw_server, clock, key):
    base, _ = raw_server([reply("200 OK", b"[1, 2]", DATED)])
    client = asking(base, clock, key, today=lambda: dt.datetime(2026, 10, 6, 13, tzinfo=dt.UTC))
    answer = client.json("data", {"time": "2025-07"})
    assert (answer.value, answer.day, answer.size) == ([1, 2], dt.date(2026, 10, 6), 6)
    asked = replies(httpserver, GOOD)
    asking(httpserver.url_for("/"), clock, key).json("data", {"time": "2025-07"})
    assert asked == [{"time": "2025-07", "key": SECRET}] and clock.slept == []


def test_a_refusal_until_a_time_is_counted_from_the_services_clock(raw_server, clock, monkeypatch):
    monkeypatch.setattr(clients, "PAUSES", (1.0,))
    base, _ = raw_server([reply("429 No", b"", DATED, "Retry-After: Tue, 06 Oct 2026 12:00:20 GMT")])
    with pytest.raises(Unreachable, match="refuses further requests"):
        asking(base, clock, today=lambda: dt.datetime(1999, 1, 1, tzinfo=dt.UTC)).json("data", {})
    assert clock.slept == [20]


def test_a_wrong_clock_of_this_machine_is_said_once_and_not_taken(raw_server, clock):
    said = []
    base, _ = raw_server([reply("200 OK", b"[]", DATED)])
    client = asking(base, clock, say=said.append, today=lambda: dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
    assert {client.json("data", {}).day for _ in range(2)} == {dt.date(2026, 10, 6)}
    assert len(said) == 1 and "2031-01-01" in said[0] and "2026-10-06" in said[0]


@pytest.mark.parametrize("pieces", [
    [HEAD + b'[["A"],'],
    [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2\r\n"],
    [b""],
    [b"HTTP/1.1 200"],
], ids=["body", "chunks", "nothing", "headers"])
def test_a_cut_connection_is_tried_again_and_then_said(raw_server, clock, key, pieces):
    base, count = raw_server(pieces)
    with pytest.raises((Unreachable, NotJson), match="after 5 attempts") as failure:
        asking(base, clock, key).json("data", {})
    assert len(count) == 5 and clock.slept == [1, 2, 4, 8] and SECRET not in everything(failure.value)


@pytest.mark.parametrize("pieces", [
    [HEAD, *[b" "] * 100], [bytes([byte]) for byte in HEAD],
], ids=["body", "headers"])
def test_a_slow_drip_ends(raw_server, clock, monkeypatch, pieces):
    monkeypatch.setattr(clients, "PAUSES", ())
    base, _ = raw_server(pieces, pause=0.1)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="no whole answer within 0.5 seconds"):
        asking(base, clock, waiting=Waiting(connect=2, read=2, total=0.5)).json("data", {})
    assert time.monotonic() - begun < 3


def test_a_service_that_falls_silent_or_is_not_there_is_left(raw_server, clock, monkeypatch, key):
    monkeypatch.setattr(clients, "PAUSES", ())
    base, _ = raw_server([HEAD, b"["], pause=5)
    with pytest.raises(Unreachable, match="fell silent"):
        asking(base, clock, waiting=Waiting(connect=1, read=0.2, total=5)).json("data", {})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="no connection") as failure:
        asking(f"http://127.0.0.1:{port}/", clock, key).json("data", {})
    assert SECRET not in everything(failure.value)


# ---- Keys ----------------------------------------------------------------------------------------


def test_a_key_stands_in_no_log_at_any_level_and_no_repr(httpserver, clock, key, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    replies(httpserver, GOOD)
    client = asking(httpserver.url_for("/"), clock, key, say=print)
    client.json("data", {"a": "b"})
    assert any("urllib3" in record.name for record in caplog.records)
    ours = [record for record in caplog.records if record.name != "werkzeug"]  # which is the service, here
    shown = [
        *(record.getMessage() for record in ours),
        *map(repr, map(vars, ours)),
        repr(client),
        repr(key),
        str(key),
        f"{key}",
        *capfd.readouterr(),
        client.shown("data", {"key": SECRET, "UserID": SECRET}),
    ]
    assert SECRET not in "\n".join(shown) and "A_KEY" in repr(key)


def test_a_key_can_not_be_written_and_is_refused_where_it_can_be_none(monkeypatch, key):
    import pickle

    with pytest.raises(TypeError, match="not written"):
        pickle.dumps(key)
    monkeypatch.setenv("B_KEY", "")
    with pytest.raises(KeyProblem, match="B_KEY is not set.*https://signup"):
        Key("B_KEY", "https://signup")
    monkeypatch.setenv("B_KEY", "with blank and Ünïcode")
    with pytest.raises(KeyProblem, match="22 characters were found") as failure:
        Key("B_KEY", "x")
    assert "blank" not in str(failure.value) and not keys.configured("C_KEY") and keys.configured("B_KEY")


@given(
    st.text(alphabet="abcdefXYZ0123456789-", min_size=12, max_size=40), st.text(max_size=30), st.text(max_size=30)
)
def test_whatever_stands_around_a_key_it_is_taken_out(secret, before, after):
    keys._remember(secret)
    for shape in (f"{before} {secret} {after}", f"{before}?key={secret}&{after}", f"UserID%3D{secret}"):
        assert secret not in redacted(shape)
    keys._known.discard(secret)


# ---- Budget --------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=80),
    st.integers(2, 10),
    st.integers(60, 200),
    st.integers(1, 5),
)
def test_no_minute_holds_more_requests_or_errors_than_allowed(asked, requests, size, errors):
    clock, made = Clock(), []
    budget = Budget(Limits(requests, size, errors), clock, clock.sleep)
    for bytes_, failed in asked:
        budget.wait()
        made.append((clock.now, bytes_, failed))
        budget.spent(bytes_, failed)
        clock.now += 0.1
    for start, _, _ in made:
        within = [entry for entry in made if start <= entry[0] < start + 59.9]
        assert len(within) <= requests and sum(entry[2] for entry in within) <= errors


def test_the_size_of_the_next_answer_is_expected_to_be_the_largest_so_far():
    clock = Clock()
    budget = Budget(Limits(size=100), clock, clock.sleep)
    for _ in range(3):
        budget.wait()
        budget.spent(40)
    assert clock.now == pytest.approx(60) and budget.wait() == pytest.approx(0)
    assert Budget(Limits(), clock, clock.sleep).wait() == 0


def test_a_pause_between_requests_is_kept():
    clock = Clock()
    budget = Budget(Limits(pause=0.5), clock, clock.sleep)
    for _ in range(3):
        budget.wait()
        budget.spent(1)
    assert clock.now == pytest.approx(1.0)
