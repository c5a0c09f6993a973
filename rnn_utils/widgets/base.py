"""What every widget of the book shares: one text of JavaScript, and a static form of itself.

In Jupyter, VS Code and Colab a widget is an ordinary `anywidget`. Beside that view it gives a
piece of HTML that holds its state and a table to read; the book's host script brings that to life
in the built page, where there is no kernel.
"""

import html
import json
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import anywidget
import ipywidgets
import traitlets
from IPython import get_ipython
from IPython.display import display

from rnn_utils.plotting import palette
from rnn_utils.widgets.bundle import bundle

FOLDER = Path(__file__).parent


@cache
def module_text(name):
    """The widget's JavaScript with all that it imports, as one ES module."""
    return bundle(FOLDER / f"{name}.js")


@cache
def palette_text():
    """The palette as custom properties of every widget, for light and dark pages."""
    light, dark = (
        ";".join(f"--q-{key}:{color}" for key, color in palette(mode).items())
        for mode in ("light", "dark")
    )
    dark_pages = ("html[data-theme=dark]", "[data-jp-theme-light=false]", "html[theme=dark]")
    selectors = ",".join(f"{page} .rnn-widget" for page in (*dark_pages, ".vscode-dark"))
    return f".rnn-widget{{{light}}}\n{selectors}{{{dark}}}\n"


def own_style_text(name):
    """The widget's CSS, which takes its colors from the palette."""
    return (FOLDER / f"{name}.css").read_text(encoding="utf-8")


@cache
def style_text(name):
    """The widget's CSS with the palette before it."""
    return palette_text() + own_style_text(name)


class BookWidget(anywidget.AnyWidget):
    """A widget that is alive with a kernel and without one.

    A subclass sets ``_name`` (the stem of its ``.js`` and ``.css`` files) and, in ``_page_traits``,
    the state that the page needs; and it writes ``_fallback()``: HTML to read where no script
    runs, as in print, on GitHub and in a browser without JavaScript.
    """

    _name = ""
    _page_traits = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "_name" in vars(cls):  # not the class that traitlets makes for an instance
            cls._esm = module_text(cls._name)
            cls._css = style_text(cls._name)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.add_class("rnn-widget")
        if not _on_colab():
            if hasattr(self, "_ipython_display_"):  # ipywidgets 7: it goes before _repr_mimebundle_
                self._ipython_display_ = None
            _teach_ipython()

    def page_state(self):
        """The state that the page needs, as a dict of JSON values."""
        return {name: getattr(self, name) for name in self._page_traits}

    def to_html(self):
        """The widget as static HTML; the host script of the book brings it to life.

        Returns
        -------
        str
            The same text for the same state.
        """
        return (
            f'<div class="rnn-widget" data-widget="{self._name.replace("_", "-")}"'
            f"{_link_attribute(self)}>"
            f'<script type="application/json">{script_json(self.page_state())}</script>'
            f'<div class="rnn-fallback">{self._fallback()}</div></div>'
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle_and_metadata = super()._repr_mimebundle_(**kwargs)
        return (
            bundle_and_metadata if _on_colab() else _with_html(bundle_and_metadata, self.to_html())
        )


def _on_colab():
    """Whether Google Colab shows the widgets: in its own way, and with nothing else beside them."""
    return "google.colab" in sys.modules


@contextmanager
def as_trait_error():
    """A ValueError becomes the `traitlets.TraitError` that a later change of a trait raises."""
    try:
        yield
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None


def script_json(value):
    """JSON that can stand inside a script element, whatever the text in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def table_html(caption, head, rows):
    """A plain table; ``rows`` are lists of texts."""
    head_row = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in row)}</tr>" for row in rows
    )
    return (
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head_row}</tr></thead><tbody>{body}</tbody></table>"
    )


# ------------------------------------------------------------ boxes and links, without a kernel


def _with_html(bundle_and_metadata, text):
    """Add text/html to what a widget's ``_repr_mimebundle_`` returned."""
    pair = isinstance(bundle_and_metadata, tuple)
    data, metadata = bundle_and_metadata if pair else (bundle_and_metadata, {})
    return {**(data or {}), "text/html": text}, metadata


def _live_links():
    """The jslink and jsdlink widgets between the book's widgets, in the order they were made."""
    registry = getattr(ipywidgets.widgets.widget, "_instances", None)
    if registry is None:  # ipywidgets 7
        registry = ipywidgets.Widget.widgets
    return [
        widget
        for widget in registry.values()
        if isinstance(widget, ipywidgets.widgets.widget_link.Link)
        and isinstance(widget.source[0], BookWidget)
        and isinstance(widget.target[0], BookWidget)
    ]


def _link_attribute(widget):
    """Which traits of the widget are linked, for the host script; links are numbered."""
    ends = []
    for number, link in enumerate(_live_links(), start=1):
        two_way = not isinstance(link, ipywidgets.widgets.widget_link.DirectionalLink)
        for role, (owner, trait) in (("source", link.source), ("target", link.target)):
            if owner is widget:
                ends.append({"link": number, "role": role, "trait": trait, "twoWay": two_way})
    return f' data-links="{html.escape(json.dumps(ends))}"' if ends else ""


def _box_html(box):
    """An HBox or VBox of the book's widgets as static HTML; None if it holds anything else."""
    parts = []
    for child in box.children:
        if isinstance(child, BookWidget):
            parts.append(child.to_html())
        elif isinstance(child, ipywidgets.Box) and (inner := _box_html(child)) is not None:
            parts.append(inner)
        else:
            return None
    row = isinstance(box, ipywidgets.HBox)
    return f'<div class="rnn-box" data-box="{"row" if row else "column"}">{"".join(parts)}</div>'


def _show_box(box, include=None, exclude=None):
    text = _box_html(box)
    if hasattr(box, "_repr_mimebundle_"):
        bundle_and_metadata = box._repr_mimebundle_(include=include, exclude=exclude)
    else:  # ipywidgets 7
        view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
        mime_type = "application/vnd.jupyter.widget-view+json"
        bundle_and_metadata = {mime_type: view, "text/plain": repr(box)}, {}
    if text is None:
        return bundle_and_metadata
    data, metadata = _with_html(bundle_and_metadata, text)
    data["text/plain"] = f"{type(box).__name__} of {len(box.children)}"
    return data, metadata


def _display_box(box):
    data, metadata = _show_box(box)
    display(data, metadata=metadata, raw=True)


def _teach_ipython():
    """Have boxes of the book's widgets shown with their static form, too."""
    shell = get_ipython()
    if shell is not None:
        formatters = shell.display_formatter
        formatters.mimebundle_formatter.for_type(ipywidgets.Box, _show_box)
        if hasattr(ipywidgets.Box, "_ipython_display_"):  # ipywidgets 7: it would go before
            formatters.ipython_display_formatter.for_type(ipywidgets.Box, _display_box)
