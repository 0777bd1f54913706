"""How soon the first page can be read, and what it and the largest page weigh: `python -m korus.bench_page --runs N`.

The built report is served on this machine and opened by Chromium with an empty cache, once for each turn. Prints
JSON: `paint` and `ready` (medians, milliseconds from the request to the first text on the screen and to the
document being complete), `bytes` and `requests` of the first page, `largest` and `largest_bytes`. Without a
Chromium it prints `skipped` and why.
"""

import argparse
import functools
import http.server
import json
import re
import shutil
import threading
from pathlib import Path
from statistics import median

from korus.paths import build_dir

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TIMES = """() => {
    const opened = performance.getEntriesByType("navigation")[0];
    const painted = performance.getEntriesByName("first-contentful-paint")[0];
    return [painted ? painted.startTime : NaN, opened.domContentLoadedEventEnd];
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that does not report each request."""

    def log_message(self, *arguments):
        """Nothing."""


def opened(browser, address: str) -> tuple[list[float], dict[str, int]]:
    """Times of a page with an empty cache, and the bytes of everything it loaded by address."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address, wait_until="networkidle")
    times, sizes = page.evaluate(TIMES), {
        answer.url: len(answer.body()) for answer in answers if answer.url.startswith("http")}
    context.close()
    return times, sizes


def measured(html: Path, runs: int, executable: str) -> dict:
    """The figures of the built report in `html`."""
    from playwright.sync_api import sync_playwright

    first = re.search(r'url=([^"]+)', (html / "index.html").read_text(encoding="utf-8"))[1]
    largest = max(html.rglob("*.html"), key=lambda path: path.stat().st_size).relative_to(html).as_posix()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-background-networking"])
        turns = [opened(browser, f"{base}/{first}") for _ in range(runs)]
        whole = opened(browser, f"{base}/{largest}")[1]
        browser.close()
    server.shutdown()
    return {"paint": median(times[0] for times, _ in turns), "ready": median(times[1] for times, _ in turns),
            "bytes": sum(turns[0][1].values()), "requests": len(turns[0][1]),
            "largest": largest, "largest_bytes": sum(whole.values())}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        print(json.dumps({"skipped": f"no browser: none of {', '.join(BROWSERS)} is installed"}))
        return
    print(json.dumps(measured(build_dir("baseline") / "html", runs, executable)))


if __name__ == "__main__":
    main()
