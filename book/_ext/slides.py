"""Slides made of the chapters: ``{show}`` brings what a cell of a notebook holds, with its widgets.

``{show} 07_lstm#latch`` shows what that cell shows: a widget, a figure, a text. Options:

- ``:state: step=4&operation=forget`` opens the widget as a link with this state would;
- ``:code:`` shows the cell's code in place of what it gives, ``:lines: 3-9`` some lines of it;
- ``:formula: 1`` shows the first displayed formula of a text cell.
"""

import re
from html import escape
from pathlib import Path
from typing import ClassVar

import nbformat
from book_widgets import script_folder
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
HOST = Path(__file__).resolve().parents[1] / "_static"
WIDGET = re.compile(r'<div class="rnn-widget" data-widget="[^"]*"')


class Show(SphinxDirective):
    """A cell of a notebook, or what it shows."""

    required_arguments = 1
    option_spec: ClassVar = {
        "state": directives.unchanged_required,
        "code": directives.flag,
        "lines": directives.unchanged_required,
        "formula": directives.positive_int,
    }

    def run(self):
        name, _, identifier = self.arguments[0].partition("#")
        path = NOTEBOOKS / f"{name}.ipynb"
        if not path.is_file():
            raise self.error(f"there is no notebook {path.name}")
        self.env.note_dependency(str(path))
        cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
        if identifier not in cells:
            raise self.error(f"{path.name} has no cell {identifier!r}")
        cell = cells[identifier]
        if "formula" in self.options:
            return self.formula(cell)
        return self.code(cell) if "code" in self.options else self.outputs(cell)

    def formula(self, cell):
        found = re.findall(r"\$\$(.*?)\$\$", cell.source, re.DOTALL)
        number = self.options["formula"]
        if len(found) < number:
            raise self.error(f"this cell has {len(found)} formulas, so no formula {number}")
        math = nodes.math_block("", found[number - 1].strip(), nowrap=False, number=None)
        return [math]

    def code(self, cell):
        lines = cell.source.splitlines()
        if "lines" in self.options:
            first, _, last = self.options["lines"].partition("-")
            if not 1 <= int(first) <= int(last) <= len(lines):
                raise self.error(f"this cell has lines 1 to {len(lines)}")
            lines = lines[int(first) - 1 : int(last)]
        return [self.highlighted("\n".join(lines), "python")]

    def highlighted(self, text, language):
        """Colored when the book is built; the slides' own form waits for a script in the page."""
        html = self.env.app.builder.highlighter.highlight_block(text, language)
        return nodes.raw("", html, format="html")

    def outputs(self, cell):
        if "state" in self.options and "data-widget" not in str(cell.get("outputs")):
            raise self.error("only a widget has a state")
        shown = [self.picture(cell, output) for output in cell.get("outputs", [])]
        # Words stand beside a picture in the chapter; a slide has room for one.
        shown = [*filter(None, shown)] or [self.words(output) for output in cell.get("outputs", [])]
        if not shown:
            raise self.error("this cell shows nothing")
        return shown

    def picture(self, cell, output):
        """A widget or a figure."""
        data = output.get("data", {})
        if "data-widget" in data.get("text/html", ""):
            return nodes.raw("", self.with_state(data["text/html"]), format="html")
        if "image/png" in data:
            alt, address = escape(cell.metadata.mystnb.image.alt), "data:image/png;base64,"
            html = f'<img alt="{alt}" src="{address}{data["image/png"].strip()}">'
            return nodes.raw("", html, format="html")
        return None

    def words(self, output):
        return self.highlighted(output.get("text") or output.data["text/plain"], "text")

    def with_state(self, html):
        if "state" not in self.options:
            return html
        attribute = f' data-opens-in="{escape(self.options["state"])}"'
        return WIDGET.sub(lambda match: match[0] + attribute, html, count=1)


def add_scripts(app, config):
    """Before the builder reads where its files are: those of the widgets, and their host."""
    config.revealjs_static_path += [str(script_folder()), str(HOST / "widget_host.js")]


def setup(app):
    app.add_directive("show", Show)
    app.connect("config-inited", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
