"""Widgets in the built book: their scripts as files, a directive and a link for plain pages.

The scripts are written where Sphinx does not add them to every page; the host script loads those
that a page needs. What several widgets are made of stands in a script of its own, so that a page
with more than one of them loads it once, and all are without comments and indentation. Trained
networks are scripts, too, so that a page opened from a folder may load them.
"""

import json
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective, SphinxRole

from rnn_utils import model_files
from rnn_utils.widgets import GateStepper
from rnn_utils.widgets.base import FOLDER, own_style_text, palette_text
from rnn_utils.widgets.bundle import bundle, modules, share

try:
    import minify
except ImportError:  # there is none for Macs with Apple silicon: their pages weigh more, no more
    minify = None

NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.js")))


@cache
def shared_modules():
    """The modules that two widgets or more are made of."""
    uses = Counter(path for name in NAMES for path in modules(FOLDER / f"{name}.js"))
    return frozenset(path for path, widgets in uses.items() if widgets > 1)


def shared_script():
    """What widgets share, as a script that a page opened from a folder may load."""
    body = share(shared_modules())
    return script(f'RNNBook.share((() => {{\n"use strict";\n{body}\n}})(), STYLE);', palette_text())


def classic_script(name):
    """The widget's module as such a script; it needs the shared one before it."""
    body = bundle(FOLDER / f"{name}.js", shared_modules()).replace("export default {", "return {")
    page_name = json.dumps(name.replace("_", "-"))
    module = f'((shared) => {{\n"use strict";\n{body}\n}})(RNNBook.shared)'
    return script(f"RNNBook.define({page_name}, {module}, STYLE);", own_style_text(name))


def minified(kind, text):
    return minify.string(kind, text) if minify else text


def script(text, style):
    """A script without what only its authors read; STYLE in it stands for the text of a style."""
    style = json.dumps(minified("text/css", style), ensure_ascii=False)
    start, end = minified("text/javascript", text).rsplit("STYLE", 1)
    return f"{start}{style}{end}\n"


@cache
def scripts():
    """All of them: {name of the file: text}."""
    widgets = {f"{name.replace('_', '-')}.js": classic_script(name) for name in NAMES}
    return {"shared.js": shared_script(), **widgets}


@cache
def network_script(name):
    """A trained network as such a script."""
    packed = json.dumps(model_files.packed(name), ensure_ascii=False, separators=(",", ":"))
    return f"RNNBook.network({json.dumps(name)}, {packed});\n"


class GateStepperDirective(SphinxDirective):
    """``{gate-stepper} latch`` puts a stepper with that preset into a page.

    The option ``:step:`` names the time step that it shows first.
    """

    required_arguments = 1
    option_spec: ClassVar = {"step": directives.nonnegative_int}

    def run(self):
        stepper = GateStepper.from_preset(self.arguments[0], **self.options)
        return [nodes.raw("", stepper.to_html(), format="html")]


class WidgetState(SphinxRole):
    """``{widget}`a latch, shut <notebooks/07_lstm#gate-stepper-1.step=3>` `` links to a state.

    What stands after the sign is what a widget writes into the address of its page.
    """

    def run(self):
        label, _, target = self.text.removesuffix(">").rpartition(" <")
        page, _, state = target.partition("#")
        if page not in self.env.found_docs or "=" not in state:
            error = self.inliner.reporter.error(f"no page with a state: {self.text}")
            return [], [error]
        page_address = self.env.app.builder.get_relative_uri(self.env.docname, page)
        return [nodes.reference("", label, refuri=f"{page_address}#{state}")], []


def script_folder():
    """A new folder with all of them, as it is copied into the built book."""
    folder = Path(tempfile.mkdtemp(prefix="book-widgets-"))
    (folder / "widgets").mkdir()
    for name, text in scripts().items():
        (folder / "widgets" / name).write_text(text, encoding="utf-8")
    (folder / "models").mkdir()
    for name in model_files.names():
        (folder / "models" / f"{name}.js").write_text(network_script(name), encoding="utf-8")
    return folder


def write_scripts(app, config):
    config.html_static_path.append(str(script_folder()))


def strip_host(app, exception):
    """The host script is copied as it stands in book/_static; readers get it without comments."""
    path = Path(app.outdir) / "_static" / "widget_host.js"
    if exception is None and path.is_file():
        text = minified("text/javascript", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")


def setup(app):
    app.add_directive("gate-stepper", GateStepperDirective)
    app.add_role("widget", WidgetState())
    app.connect("config-inited", write_scripts)
    app.connect("build-finished", strip_host)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
