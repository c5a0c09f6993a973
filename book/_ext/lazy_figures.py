"""Figures are loaded when the reader comes near them, and their place is kept until then."""

import re
from pathlib import Path

import imagesize
from self_contained import rewrite_pages

FIGURE = re.compile(r'<img (?=[^>]*src="(?:\.\./)*(_images/[^"]+)")(?![^>]*\b(?:width|loading)=)')


def make_lazy(app, exception):
    folder = Path(app.outdir)

    def lazy(text):
        return FIGURE.sub(lambda match: f"<img {attributes(folder / match[1])}", text)

    rewrite_pages(app, exception, lazy)


def attributes(path):
    """Width and height, so that nothing moves when the picture comes; the page may shrink it."""
    width, height = imagesize.get(path)
    return f'loading="lazy" width="{width}" height="{height}" '


def setup(app):
    app.connect("build-finished", make_lazy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
