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
PAGES = {  # the widget whose steps are timed, by its place on the page
    "notebooks/01_word_representation.html": "text-encoder-1",
    "notebooks/02_embedding_intuition.html": "embedding-explorer-1",
    "notebooks/03_word2vec.html": "skip-gram-trainer-1",
    "notebooks/04_sequence_data.html": "sequence-shapes-1",
    "notebooks/05_rnn.html": "gate-stepper-1",
    "notebooks/06_bptt_and_gradients.html": "gate-stepper-1",
    "notebooks/07_lstm.html": "gate-stepper-3",
}
RUNS = 5
STEPS = 200

# Looked at before each frame; the time counts from the navigation.
FIRST_WIDGET = "() => document.querySelector('[data-alive] button') && performance.now()"

# One step as the reader sees it: the handler and the layout that it causes.
STEP_TIMES = """([key, steps]) => {
  const root = document.querySelector(`[data-widget-key="${key}"] [role=group][tabindex="0"]`);
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


def measure(browser, url, key):
    """Everything that the page loads, {address: body}, and milliseconds: to start, for a step."""
    page = browser.new_page()
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto(url)
    settle(page)
    bodies = {response.url: response.body() for response in responses}
    steps = page.evaluate(STEP_TIMES, [key, STEPS])
    page.close()
    starts = []
    for _ in range(RUNS):
        page = browser.new_page()
        page.goto(url, wait_until="commit")
        starts.append(page.wait_for_function(FIRST_WIDGET).json_value())
        page.close()
    return bodies, statistics.median(starts), statistics.quantiles(steps, n=20)[-1]


def main():
    if missing := [name for name in PAGES if not (BUILT / name).exists()]:
        sys.exit(f"the book is not built ({missing[0]} is not there): run `make book` first")
    executable = find_browser()
    if executable is None:
        sys.exit(ADVICE)
    with serve(BUILT) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGS)
        for name, key in PAGES.items():
            bodies, start, step = measure(browser, f"{address}/{name}", key)
            own = [body for url, body in bodies.items() if any(place in url for place in OWN)]
            widget = key.rpartition("-")[0]
            states = json.dumps(stored_states(BUILT / name, widget))
            print(name)
            row("everything the page loads, gzip", weight(bodies.values()) / 1000, 1200, "kB")
            row("own scripts and state, gzip", weight([*own, states]) / 1000, 60, "kB")
            row(f"first widget usable, median of {RUNS}", start, 1500, "ms")
            row(f"one step, 95th percentile of {STEPS}", step, 16, "ms")
        browser.close()


if __name__ == "__main__":
    main()
