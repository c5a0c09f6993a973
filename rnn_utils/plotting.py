"""The book's figures: one palette, one style.

The colors are chosen to be told apart by color-blind readers and to have a contrast of at least
4.5 : 1 on their background; a quantity has the same color in equations, plots, widgets and CSS.
"""

import json
from functools import cache
from pathlib import Path


@cache
def _palettes():
    return json.loads((Path(__file__).parent / "palette.json").read_text(encoding="utf-8"))


def palette(mode="light"):
    """Colors by the name of what they stand for: quantities (``"f"``, ``"c"``, …) and surfaces.

    Parameters
    ----------
    mode : {"light", "dark"}

    Returns
    -------
    dict of str to str
        ``#rrggbb`` by name.
    """
    return dict(_palettes()[mode])


def book_style():
    """Settings of matplotlib for the book's figures, for ``plt.rcParams.update``.

    The background is opaque, so a figure can be read on a dark page as well.

    Returns
    -------
    dict
    """
    colors = palette()
    return {
        "figure.figsize": (7, 3.2),
        "figure.dpi": 110,
        "figure.facecolor": colors["bg"],
        "savefig.facecolor": colors["bg"],
        "figure.constrained_layout.use": True,
        "axes.facecolor": colors["bg"],
        "axes.edgecolor": colors["muted"],
        "axes.labelcolor": colors["fg"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": "#e6e8ec",
        "text.color": colors["fg"],
        "xtick.color": colors["fg"],
        "ytick.color": colors["fg"],
        "font.size": 11,
        "lines.linewidth": 2,
        "legend.frameon": False,
    }
