"""A real Chromium and a server of the built pages. Where the machine has no Chromium these tests are skipped."""

import functools
import http.server
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from korus.paths import ROOT

HTML = ROOT / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]
NO_BROWSER = ("no Chromium on this machine, so the pages were not tried in a browser. Install one, for example "
              "`apt-get install chromium`, and run the tests again")


def chromium() -> str | None:
    """Path of the machine's Chromium."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def pages() -> list[str]:
    """Every page of the built report by its path, without the search page and the one that leads to the summary."""
    found = sorted(path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html"))
    return [name for name in found if not name.startswith("_static/") and name not in ("search.html", "index.html")]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def serve():
    """A function that serves a folder and gives its address."""
    servers = []

    def start(folder: Path) -> str:
        handler = functools.partial(Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def site(serve) -> str:
    """Address of the built report."""
    return serve(HTML)


@pytest.fixture(scope="session")
def browser():
    """The machine's Chromium, once for all tests of a file."""
    path = chromium()
    if path is None:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Watched:
    """A page with what went wrong on it: messages of the console, errors of scripts, requests elsewhere or in vain."""

    page: object
    home: str
    problems: list[str] = field(default_factory=list)

    def open(self, address: str, **how):
        """Go there and wait until nothing is loading."""
        self.page.goto(address, wait_until="load", **how)
        return self.page


def watch(context, home: str) -> Watched:
    """A new page that may ask nothing but the site at `home`; everything else is cut off and noted."""
    watched = Watched(context.new_page(), home)
    page, problems = watched.page, watched.problems

    def decide(route):
        address = urlsplit(route.request.url)
        if f"{address.scheme}://{address.netloc}" == home or address.scheme in ("data", "blob", "file"):
            route.continue_()
        else:
            problems.append(f"asks {route.request.url}")
            route.abort()

    page.route("**/*", decide)
    page.on("console", lambda said: problems.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("response", lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    return watched


@pytest.fixture(scope="module")
def tab(browser):
    """A function that opens a watched page in a context with given settings (kept for the whole file)."""
    contexts = {}

    def new(home: str, **settings) -> Watched:
        key = repr(sorted(settings.items()))
        if key not in contexts:
            # At rest, or a box is measured on its way to its place.
            contexts[key] = browser.new_context(reduced_motion="reduce", **settings)
        return watch(contexts[key], home)

    yield new
    for context in contexts.values():
        context.close()


@pytest.fixture
def first_sight(tab, site):
    """A function that opens a page of the report as it is before a chart becomes interactive."""
    opened = []

    def open_page(name: str, scheme: str):
        watched = tab(site, color_scheme=scheme)
        # The scripts that draw charts are answered with nothing, so that every picture stays.
        watched.page.route("**/_static/charts/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        opened.append(watched.page)
        watched.open(f"{site}/{name}")
        return watched

    yield open_page
    for page in opened:
        page.close()
