"""Widgets in the built book: their scripts as files, and a directive for plain pages.

The scripts are written where Sphinx does not add them to every page; the host script loads the
one that a page needs.
"""

import json
import tempfile
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from rnn_utils.widgets import GateStepper
from rnn_utils.widgets.base import FOLDER, module_text, style_text

NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.js")))


def classic_script(name):
    """The widget's module as a script that a page opened from a folder may load."""
    body = module_text(name).replace("export default {", "return {")
    page_name = json.dumps(name.replace("_", "-"))
    style = json.dumps(style_text(name), ensure_ascii=False)
    return f'RNNBook.define({page_name}, (() => {{\n"use strict";\n{body}\n}})(), {style});\n'


class GateStepperDirective(SphinxDirective):
    """``{gate-stepper} latch`` puts a stepper with that preset into a page.

    The option ``:step:`` names the time step that it shows first.
    """

    required_arguments = 1
    option_spec: ClassVar = {"step": directives.nonnegative_int}

    def run(self):
        stepper = GateStepper.from_preset(self.arguments[0], **self.options)
        return [nodes.raw("", stepper.to_html(), format="html")]


def write_scripts(app, config):
    folder = Path(tempfile.mkdtemp(prefix="book-widgets-"))
    (folder / "widgets").mkdir()
    for name in NAMES:
        path = folder / "widgets" / f"{name.replace('_', '-')}.js"
        path.write_text(classic_script(name), encoding="utf-8")
    config.html_static_path.append(str(folder))


def setup(app):
    app.add_directive("gate-stepper", GateStepperDirective)
    app.connect("config-inited", write_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
