"""What a reader's browser pays for a widget page: weight, time to the first widget, one step.

    python -m benchmarks.page

Prints each measure beside its budget. It measures the built book (``make book``) over http on this
machine; nothing fails when a bound is missed.
"""

import functools
import gzip
import statistics
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import ADVICE, LAUNCH_ARGS, find_browser

ROOT = Path(__file__).resolve().parents[1]

HTML = ROOT / "_build" / "html"
PAGE = "notebooks/07_lstm.html"
RUNS = 5
STEPS = 200

# Looked at before each frame; the time counts from the navigation.
FIRST_WIDGET = """() =>
  document.querySelector('[data-alive] [aria-label="Next step"]') && performance.now()"""

# One step as the reader sees it: the handler and the layout that it causes.
STEP_TIMES = """(steps) => {
  const root = document.querySelector('[data-widget-key="gate-stepper-3"] .gate-stepper');
  const press = (key) => {
    root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    root.getBoundingClientRect();
  };
  return Array.from({ length: steps }, (_, n) => {
    if (n % 10 === 0) press("Home");
    const start = performance.now();
    press("ArrowRight");
    return performance.now() - start;
  });
}"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def row(name, value, bound, unit):
    print(
        f"{name:42} {value:8.1f} {unit:3}  budget {bound:6.1f} {unit:3}  ratio {value / bound:.2f}"
    )


def main():
    if not (HTML / PAGE).exists():
        sys.exit("the book is not built: run `make book` first")
    executable = find_browser()
    if executable is None:
        sys.exit(ADVICE)
    handler = functools.partial(QuietHandler, directory=str(HTML))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/{PAGE}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGS)
        times, bodies = [], {}
        for _ in range(RUNS):
            page = browser.new_page()
            if not bodies:
                page.on("response", lambda response: bodies.update({response.url: response}))
                page.goto(url, wait_until="networkidle")
                page.wait_for_function(FIRST_WIDGET)
                sizes = {u: len(gzip.compress(r.body())) for u, r in list(bodies.items())}
                step_times = page.evaluate(STEP_TIMES, STEPS)
            page.close()
            page = browser.new_page()
            page.goto(url, wait_until="commit")
            times.append(page.wait_for_function(FIRST_WIDGET).json_value())
            page.close()
        browser.close()
    server.shutdown()
    own = sum(n for u, n in sizes.items() if "/widgets/" in u or "widget_host" in u)
    state = gzip.compress(
        "".join(
            part.split("</script>")[0]
            for part in (HTML / PAGE).read_text().split('<script type="application/json">')[1:]
        ).encode()
    )
    row("everything the page loads, gzip", sum(sizes.values()) / 1000, 1200, "kB")
    row("own scripts and state, gzip", (own + len(state)) / 1000, 60, "kB")
    row("first widget usable, median of 5", statistics.median(times), 1500, "ms")
    row("one step, 95th percentile of 200", statistics.quantiles(step_times, n=20)[-1], 16, "ms")


if __name__ == "__main__":
    main()
