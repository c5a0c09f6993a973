"""What a reader's browser pays for a widget page: weight, time to the first widget, one step.

    python -m benchmarks.page

Prints each measure beside its budget. It measures the built book (``make book``) over http on this
machine; nothing fails when a bound is missed.
"""

import json
import statistics
import sys

from playwright.sync_api import sync_playwright

from tests.browser import ADVICE, LAUNCH_ARGS, find_browser
from tests.pages import BUILT, serve, settle, stored_states, weight

OWN = ("/_static/widget_host.js", "/_static/widgets/", "/_static/book.css")
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


def row(name, value, bound, unit):
    print(
        f"{name:42} {value:8.1f} {unit:3}  budget {bound:6.1f} {unit:3}  ratio {value / bound:.2f}"
    )


def main():
    if not (BUILT / PAGE).exists():
        sys.exit("the book is not built: run `make book` first")
    executable = find_browser()
    if executable is None:
        sys.exit(ADVICE)
    with serve(BUILT) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGS)
        url = f"{address}/{PAGE}"
        page = browser.new_page()
        responses = []
        page.on("response", lambda response: responses.append(response))
        page.goto(url)
        settle(page)
        bodies = {response.url: response.body() for response in responses}
        step_times = page.evaluate(STEP_TIMES, STEPS)
        page.close()
        times = []
        for _ in range(RUNS):
            page = browser.new_page()
            page.goto(url, wait_until="commit")
            times.append(page.wait_for_function(FIRST_WIDGET).json_value())
            page.close()
        browser.close()
    own = [body for url, body in bodies.items() if any(place in url for place in OWN)]
    states = json.dumps(stored_states(BUILT / PAGE))
    row("everything the page loads, gzip", weight(bodies.values()) / 1000, 1200, "kB")
    row("own scripts and state, gzip", weight([*own, states]) / 1000, 60, "kB")
    row("first widget usable, median of 5", statistics.median(times), 1500, "ms")
    row("one step, 95th percentile of 200", statistics.quantiles(step_times, n=20)[-1], 16, "ms")


if __name__ == "__main__":
    main()
