"""Pages for the browser tests: served, made, watched and read."""

import functools
import gzip
import importlib.util
import json
import re
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from rnn_utils import model_files

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "_build" / "html"
BUILT_SLIDES = ROOT / "_build" / "slides"
# What a page loads that is the book's own.
OWN = ("/_static/widget_host.js", "/_static/print.js", "/_static/widgets/", "/_static/book.css")

_spec = importlib.util.spec_from_file_location("book_widgets", ROOT / "book/_ext/book_widgets.py")
book_widgets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(book_widgets)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def serve(folder):
    """Serve a folder on this computer, on any free port; gives the address without a slash."""
    handler = functools.partial(_Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def built_pages(containing=""):
    """Names of the pages of the built book; with ``containing``, of those that hold this text."""
    pages = sorted(
        path.relative_to(BUILT).as_posix()
        for path in BUILT.rglob("*.html")
        if "_static" not in path.parts and containing in path.read_text(encoding="utf-8")
    )
    return pages or ["index.html"]  # a book that is not built fails in the fixture, not silently


def write_page(folder, parts, theme="light"):
    """A page that holds the given pieces of HTML and what the book gives to its widgets."""
    widgets = folder / "_static" / "widgets"
    widgets.mkdir(parents=True, exist_ok=True)
    for name in ("widget_host.js", "book.css"):
        text = (ROOT / "book" / "_static" / name).read_text(encoding="utf-8")
        (folder / "_static" / name).write_text(text, encoding="utf-8")
    for name, text in book_widgets.scripts().items():
        (widgets / name).write_text(text, encoding="utf-8")
    models = folder / "_static" / "models"
    models.mkdir(exist_ok=True)
    for name in model_files.names():
        (models / f"{name}.js").write_text(book_widgets.network_script(name), encoding="utf-8")
    path = folder / "page.html"
    path.write_text(
        f'<!doctype html><html lang="en" data-content_root="./" data-theme="{theme}"><head>'
        '<meta charset="utf-8"><title>A page with widgets</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="_static/book.css">'
        '<script src="_static/widget_host.js"></script></head>'
        f"<body><main><h1>A page with widgets</h1>{''.join(parts)}</main></body></html>",
        encoding="utf-8",
    )
    return path


def watch(context):
    """What goes wrong on the context's pages, as a list that grows; other hosts are blocked."""
    problems = []

    def is_elsewhere(url):
        return urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname != "127.0.0.1"

    def block(route):
        problems.append(f"request to another host: {route.request.url}")
        route.abort()

    def on_console(message):
        if message.type == "error":
            problems.append(f"console: {message.text} ({message.location})")

    context.route(is_elsewhere, block)
    context.on("console", on_console)
    context.on("weberror", lambda event: problems.append(f"error: {event.error}"))
    return problems


def load_module(page, source, name):
    """Have the page run the text of an ES module; what it exports is then ``window[name]``."""
    page.evaluate(
        """async ([source, name]) => {
            const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
            window[name] = await import(url);
        }""",
        [source, name],
    )


def open_with_kernel(open_page, folder, source, state):
    """A page with a widget's module on a model like that of Jupyter, which has no address.

    ``saved`` on the page holds the state after each change that the widget saved;
    ``model.arrive(trait, value)`` is a change that comes from Python.
    """
    path = folder / "empty.html"
    path.write_text('<!doctype html><html lang="en"><title>Empty</title><main></main>')
    page = open_page(path.as_uri())
    page.evaluate(
        """async ([source, state]) => {
            const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
            const module = (await import(url)).default;
            let listeners = [];
            window.saved = [];
            window.model = {
                get: (trait) => state[trait],
                on: (event, listener) => listeners.push([event, listener]),
                off: (event, listener) => {
                    listeners = listeners.filter(([e, l]) => e !== event || l !== listener);
                },
                set: (trait, value) => { state[trait] = value; },
                save_changes: () => saved.push(structuredClone(state)),
                arrive: (trait, value) => {
                    state[trait] = value;
                    for (const [e, listener] of listeners) if (e === `change:${trait}`) listener();
                },
                listening: () => listeners.length,
            };
            window.leave = module.render({model, el: document.querySelector("main")});
        }""",
        [source, state],
    )
    return page


def data_table(root):
    """The numbers of a widget's data table, opened if it is folded: {(q, t, k): value}."""
    details = root.locator("details.data")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    expect(details.locator("table").last).to_be_visible()
    cells = root.locator("[data-q]").evaluate_all(
        "(cells) => cells.map(({dataset: d}) => [d.q, +d.t, +d.k, d.value])"
    )
    for *_, text in cells:
        digits = re.sub(r"e.*|[-.]", "", text)
        assert len(digits.lstrip("0")) == 17 or float(text) == 0, text
    assert len({cell[:3] for cell in map(tuple, cells)}) == len(cells)
    return {(q, t, k): float(value) for q, t, k, value in cells}


def assert_large_enough(root):
    """Every button and field that is shown can be hit: 24 pixels each way."""
    small = root.locator("button, input").evaluate_all(
        """(nodes) => nodes.map((node) => node.getBoundingClientRect())
            .filter(({width, height}) => height > 0 && (width < 24 || height < 24)).length"""
    )
    assert small == 0


def assert_not_cut_off(texts):
    """The texts of drawings, a locator, lie within their drawings."""
    lost = texts.evaluate_all(
        """(texts) => texts.filter((text) => {
            const [box, all] = [text, text.ownerSVGElement].map((n) => n.getBoundingClientRect());
            return box.left < all.left - 1 || box.right > all.right + 1
                || box.top < all.top - 1 || box.bottom > all.bottom + 1;
        }).map((text) => text.textContent)"""
    )
    assert lost == []


def settle(page):
    """Wait until the widgets are alive, the formulas are set and the fonts are there."""
    expect(page.locator("[data-widget]:not([data-alive])")).to_have_count(0)
    page.evaluate(
        "async () => { await window.MathJax?.startup?.promise; await document.fonts.ready; }"
    )


def follow(page, name):
    """Click a link to another state of the page, and wait until the widgets have heard of it."""
    page.evaluate(
        """() => { window.heard = new Promise((done) =>
            addEventListener("hashchange", () => setTimeout(done), { once: true })); }"""
    )
    page.get_by_role("link", name=name).click()
    page.evaluate("() => window.heard")


def unfold(page):
    """Open everything that is folded on a page, except the parts of the widgets."""
    page.evaluate(
        """() => {
            for (const button of document.querySelectorAll(".toggle-button-hidden")) button.click();
            for (const fold of document.querySelectorAll("details:not([open]) > summary")) {
                if (!fold.closest("[data-widget]")) fold.click();
            }
        }"""
    )
    expect(page.locator(".toggle-hidden")).to_have_count(0)
    page.wait_for_function(
        "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
    )
    page.wait_for_function(  # what scrolls sideways is reached by the keyboard
        """() => [...document.querySelectorAll("pre[tabindex='-1']")]
            .every((pre) => pre.scrollWidth <= pre.clientWidth)"""
    )


def show_each_color_of_code_once(page):
    """Leave one piece of code of each look on a page; the others become plain text of their block.

    To measure contrast, axe takes as long for every one of thousands of them as for a paragraph.
    Pieces with the same color, size and weight on the same grounds have the same contrast.
    """
    page.evaluate(
        """() => {
            const looks = (node, names) => names.map((name) => getComputedStyle(node)[name]).join();
            const ground = ["backgroundColor", "backgroundImage", "opacity"];
            const grounds = (node) =>
                node === null ? "" : `${looks(node, ground)}/${grounds(node.parentElement)}`;
            const seen = new Set();
            const pieces = [...document.querySelectorAll("pre span:not(:has(*))")];
            const again = pieces.filter((piece) => {
                const look = looks(piece, ["color", "fontSize", "fontWeight"]) + grounds(piece);
                if (seen.has(look)) return true;
                seen.add(look);
                return false;
            });
            for (const piece of again) piece.replaceWith(piece.textContent);
        }"""
    )


def shorten_data_tables(page, rows=3):
    """Leave the first rows of every data table of the widgets, for the same reason."""
    page.evaluate(
        """(rows) => {
            const later = `[data-widget] details.data tbody tr:nth-child(n + ${rows + 1})`;
            for (const row of document.querySelectorAll(later)) row.remove();
        }""",
        rows,
    )


def stored_states(path, widget="gate-stepper"):
    """The states of a page's widgets of one kind, as its HTML holds them."""
    text = Path(path).read_text(encoding="utf-8")
    pattern = rf'data-widget="{widget}"[^>]*><script type="application/json">(.*?)</script>'
    return [json.loads(state) for state in re.findall(pattern, text)]


def assert_accessible(page, within=None, rules=None):
    """axe-core finds nothing to complain about; ``rules`` are its names of those to look at."""
    # Style sheets of a page opened as a file cannot be fetched again, which axe would try.
    options = {"preload": False, "resultTypes": ["violations"]}
    if rules is not None:
        options["runOnly"] = rules
    results = Axe().run(page, context=within, options=options).response
    problems = [
        f"{rule['id']} ({rule['impact']}): {rule['help']}\n"
        + "\n".join(f"    {node['target']} {node['html'][:200]}" for node in rule["nodes"])
        for rule in results["violations"]
    ]
    assert not problems, "\n".join(problems)


def assert_no_page_scroll(page, width):
    """The page can be read at this width without scrolling sideways."""
    page.set_viewport_size({"width": width, "height": 800})
    # Twice, because a widget may draw itself anew for its new width.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.body.querySelectorAll("*")]
                .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
                .map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert not wide, "\n".join(wide[:5])


def weight(parts):
    """Bytes that texts or bytes weigh when a server sends each with gzip."""
    return sum(len(gzip.compress(p.encode() if isinstance(p, str) else p)) for p in parts)
