"""Settings of the slides; ``make slides`` builds them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_ext")]

project = "Recurrent Neural Networks, Step by Step"
author = "the authors of Recurrent Neural Networks, Step by Step"
language = "en"
extensions = [
    "myst_parser",
    "sphinx.ext.mathjax",
    "sphinx_revealjs",
    "sphinx-mathjax-offline",
    "slides",
]
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
exclude_patterns = ["_static", "_templates"]
templates_path = ["_templates"]
html_show_sourcelink = False
html_copy_source = False
pygments_style = "a11y-high-contrast-light"

revealjs_static_path = ["_static"]
revealjs_style_theme = "slides.css"
revealjs_script_files = ["revealjs/dist/reveal.js"]
revealjs_script_plugins = [{"name": "RevealNotes", "src": "revealjs/plugin/notes/notes.js"}]
revealjs_css_files = ["pygments.css"]
revealjs_js_files = ["widget_host.js", "slides.js"]
# The slides fill the window without being scaled, so that a widget finds the pointer where it is.
revealjs_script_conf = {
    "disableLayout": True,
    "transition": "none",
    "progress": False,
    "overview": False,
    "touch": False,
}
