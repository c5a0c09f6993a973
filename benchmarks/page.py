"""What a reader's browser pays for a widget page: weight, time to the first widget, one step.

    python -m benchmarks.page

Prints each measure beside its budget. It measures the built book (``make book``) over http on this
machine: every page with a widget, and the steps of every widget. Nothing fails when a bound is
missed.
"""

import re
import statistics
import sys
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from benchmarks.budgets import Measure, show
from tests.browser import ADVICE, LAUNCH_ARGS, find_browser
from tests.pages import BUILT, OWN, built_pages, serve, settle, weight

RUNS = 5
STEPS = 200

# Looked at before each frame; the time counts from the navigation.
FIRST_WIDGET = "() => document.querySelector('[data-alive] button') && performance.now()"

# One step as the reader sees it: the handler and the layout that it causes. Where there is no
# further step it turns round; a press that changes nothing is no step.
STEP_TIMES = """async ([key, steps]) => {
  const root = document.querySelector(`[data-widget-key="${key}"] [role=group][tabindex="0"]`);
  root.scrollIntoView();
  const watch = new MutationObserver(() => {});
  const look = { subtree: true, childList: true, attributes: true, characterData: true };
  watch.observe(root, look);
  const press = (key) => {
    root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    root.getBoundingClientRect();
  };
  const ways = ["ArrowRight", "ArrowLeft"];
  const times = [];
  for (let still = 0; times.length < steps && still < 100; ) {
    if (still > 2) await new Promise((done) => setTimeout(done, 100)); // its network is on the way
    watch.takeRecords();
    const start = performance.now();
    press(ways[0]);
    const time = performance.now() - start;
    if (watch.takeRecords().length) {
      times.push(time);
      still = 0;
    } else {
      ways.reverse();
      still += 1;
    }
  }
  return times;
}"""


class Cost(NamedTuple):
    """What one page costs."""

    everything: int  # bytes with gzip
    own: int  # of these our scripts, styles and states
    elsewhere: int  # requests to other hosts
    start: float  # milliseconds until the first widget can be used, median
    steps: dict  # {widget: milliseconds of each step of the slowest of them on the page}


def percentile(times):
    return statistics.quantiles(times, n=20)[-1]


def open_and_count(browser, url):
    """The page, {address: body} of all it loads, and how many requests left this computer."""
    page = browser.new_page()
    responses, requests = [], []
    page.on("response", lambda response: responses.append(response))
    page.on("request", lambda request: requests.append(urlsplit(request.url)))
    page.goto(url)
    settle(page)
    elsewhere = sum(r.scheme.startswith("http") and r.hostname != "127.0.0.1" for r in requests)
    bodies = {r.url: r.body() for r in responses if r.url.startswith("http")}
    return page, bodies, elsewhere


def step_times(page):
    """Times of the steps of the page's widgets: {name: those of the slowest of this name}."""
    keys = page.locator("[data-widget]").evaluate_all(
        "(all) => all.map((w) => w.dataset.widgetKey)"
    )
    slowest = {}
    for key in keys:
        times = page.evaluate(STEP_TIMES, [key, STEPS])
        if len(times) < 2:
            raise RuntimeError(f"{key} on {page.url} makes no step with the arrow keys")
        name = key.rpartition("-")[0]
        slowest[name] = max(slowest.get(name, times), times, key=percentile)
    return slowest


def measure(browser, url, text):
    """The `Cost` of the page with this HTML."""
    page, bodies, elsewhere = open_and_count(browser, url)
    own = [body for address, body in bodies.items() if any(place in address for place in OWN)]
    states = re.findall('<script type="application/json">(.*?)</script>', text)
    steps = step_times(page)
    page.close()
    starts = []
    for _ in range(RUNS):
        page = browser.new_page()
        page.goto(url, wait_until="commit")
        starts.append(page.wait_for_function(FIRST_WIDGET).json_value())
        page.close()
    everything = weight(bodies.values())
    own = weight([*own, "".join(states)])
    return Cost(everything, own, elsewhere, statistics.median(starts), steps)


def measures_of(costs):
    """The budgets of {name of a page: Cost}; a widget counts where it is slowest."""
    rows = [
        ("everything it loads, gzip", "kB", 1200, lambda cost: cost.everything / 1000),
        ("own scripts and state, gzip", "kB", 60, lambda cost: cost.own / 1000),
        ("requests to other hosts", "", 0, lambda cost: cost.elsewhere),
        (f"first widget usable, median of {RUNS}", "ms", 1500, lambda cost: cost.start),
    ]
    measures = [
        Measure(
            f"{name.removesuffix('.html').rpartition('/')[-1]}: {what}", value(cost), bound, unit
        )
        for what, unit, bound, value in rows
        for name, cost in costs.items()
    ]
    for widget in sorted({widget for cost in costs.values() for widget in cost.steps}):
        times = [percentile(cost.steps[widget]) for cost in costs.values() if widget in cost.steps]
        measures.append(Measure(f"{widget}: one step, 95th percentile", max(times), 16, "ms"))
    return measures


def main():
    """Measure, print and return what has a budget."""
    pages = built_pages("data-widget=")
    if not (BUILT / pages[0]).exists():
        sys.exit("the book is not built: run `make book` first")
    executable = find_browser()
    if executable is None:
        sys.exit(ADVICE)
    with serve(BUILT) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGS)
        costs = {
            name: measure(browser, f"{address}/{name}", (BUILT / name).read_text(encoding="utf-8"))
            for name in pages
        }
        browser.close()
    measures = measures_of(costs)
    show(measures)
    return measures


if __name__ == "__main__":
    main()
