"""The picture of the whole journey on the welcome page: ``{journey}``.

Each line of its content is a chapter and the question that it answers,
``07_lstm: How does a gate protect a memory?``. Parts, their order and the chapters' numbers are
those of ``_toc.yml``; a chapter without a line is an error, so that the picture stays whole.
"""

from pathlib import Path

import yaml
from docutils import nodes
from markupsafe import Markup, escape
from sphinx.util.docutils import SphinxDirective

from rnn_utils.plotting import palette
from rnn_utils.widgets.base import palette_text

# A motif for each chapter on a ground of 48 x 48; colors are those of the palette.
SQUARES = '<path d="{}" fill="none" stroke="var(--q-fg)" stroke-width="1.5"/>'
ARROW = '<path d="{0}" fill="none" stroke="var(--q-{1})" stroke-width="{2}" {3}/>'
TIP = 'marker-end="url(#journey-tip-{})"'
DOT = '<circle cx="{}" cy="{}" r="{}" fill="var(--q-{})"/>'
BOX = '<rect x="{}" y="{}" width="{}" height="{}" rx="2" fill="var(--q-{})"/>'
VALVE = '<path d="M{0} {1}l7 4.5v-9l-7 4.5l-7 -4.5v9z" fill="var(--q-{2})"/>'
ROAD = '<path d="M2 {}H46" stroke="var(--q-{})" stroke-width="5"/>'


def squares(y, n=6, size=7):
    """A row of empty boxes."""
    return SQUARES.format(" ".join(f"M{3 + 7 * k} {y}h{size}v{size}h-{size}z" for k in range(n)))


def arrow(path, color="fg", width=1.8):
    return ARROW.format(path, color, width, TIP.format(color))


MOTIFS = {
    # One box of six is filled; below, a table of short vectors.
    "01_word_representation": squares(12) + BOX.format(17, 12, 7, 7, "x") + squares(27),
    # Two arrows from one origin, with neighbors at their tips.
    "02_embedding_intuition": arrow("M8 40L34 12", "c")
    + arrow("M8 40L40 32", "o")
    + "".join(DOT.format(x, y, 2.4, c) for x, y, c in [(40, 14, "c"), (33, 6, "c"), (43, 40, "o")]),
    # A center word and arcs to the words beside it.
    "03_word2vec": "".join(
        f'<path d="M24 30Q{(24 + x) / 2} {30 - abs(24 - x)} {x} 30" fill="none" '
        f'stroke="var(--q-g)" stroke-width="1.8"/>'
        for x in (6, 15, 33, 42)
    )
    + "".join(DOT.format(x, 30, 3.2, "x") for x in (6, 15, 33, 42))
    + DOT.format(24, 30, 4.4, "g"),
    # Steps in a row: inputs below, states, answers above.
    "04_sequence_data": "".join(
        BOX.format(x, 36, 8, 6, "x") + BOX.format(x, 20, 8, 8, "h") + BOX.format(x, 6, 8, 6, "o")
        for x in (4, 20, 36)
    )
    + arrow("M13 24H17")
    + arrow("M29 24H33"),
    # A circle with an arrow back to itself.
    "05_rnn": DOT.format(24, 30, 9, "h") + arrow("M17 21C6 2 42 2 32 19", "h", 2.2),
    # Three steps, and an arrow back that fades.
    "06_bptt_and_gradients": "".join(DOT.format(x, 32, 5, "h") for x in (8, 24, 40))
    + "".join(
        f'<g opacity="{opacity}">{arrow(f"M{x} 23Q{x - 8} 10 {x - 14} 22", "f", width)}</g>'
        for x, opacity, width in [(40, 1, 3), (24, 0.6, 1.8)]
    ),
    # A thick road with a valve on it, and a second valve that lets something in.
    "07_lstm": ROAD.format(18, "c")
    + VALVE.format(15, 18, "f")
    + arrow("M34 42V23", "i", 2.2)
    + VALVE.format(34, 34, "i"),
    # One road, two valves.
    "08_gru": ROAD.format(24, "h") + VALVE.format(14, 24, "r") + VALVE.format(34, 24, "z"),
    # One reads to the right, one to the left, and a layer stands on top.
    "09_bidirectional_and_deep": arrow("M4 26H41", "h", 2.6)
    + arrow("M44 38H7", "o", 2.6)
    + BOX.format(6, 8, 36, 8, "g"),
    # Bars of probability, and a cursor.
    "10_language_models": "".join(
        BOX.format(x, 40 - height, 6, height, "o")
        for x, height in [(4, 10), (13, 28), (22, 16), (31, 6)]
    )
    + BOX.format(42, 10, 2.5, 30, "fg"),
    # What is asked looks at all that was read.
    "11_applications": "".join(
        f'<path d="M24 12L{x} 36" stroke="var(--q-c)" stroke-width="{width}"/>'
        for x, width in [(6, 1), (18, 4.5), (30, 2), (42, 1)]
    )
    + "".join(BOX.format(x - 4, 34, 8, 8, "x") for x in (6, 18, 30, 42))
    + DOT.format(24, 11, 6, "h"),
}


def tips():
    """The arrow heads of all motifs, once for the page."""
    colors = sorted(c for c in palette("light") if TIP.format(c) in "".join(MOTIFS.values()))
    markers = (
        f'<marker id="journey-tip-{color}" viewBox="0 0 6 6" refX="4" refY="3" markerWidth="4" '
        f'markerHeight="4" orient="auto"><path d="M0 0L6 3L0 6z" fill="var(--q-{color})"/></marker>'
        for color in colors
    )
    return f'<svg class="tips" aria-hidden="true"><defs>{"".join(markers)}</defs></svg>'


def picture(chapter):
    return f'<svg viewBox="0 0 48 48" aria-hidden="true">{MOTIFS[chapter]}</svg>'


class Journey(SphinxDirective):
    has_content = True

    def run(self):
        questions = dict(line.split(": ", 1) for line in self.content if line.strip())
        toc_file = Path(self.env.srcdir) / "_toc.yml"
        self.env.note_dependency(str(toc_file))
        toc = yaml.safe_load(toc_file.read_text(encoding="utf-8"))
        parts, number = [], 0
        for part in toc["parts"]:
            stations = []
            for entry in part["chapters"]:
                folder, _, chapter = entry["file"].partition("/")
                if folder != "notebooks":
                    continue
                number += 1
                if chapter not in questions:
                    raise self.error(f"no question for chapter {chapter}")
                stations.append(station(number, chapter, questions.pop(chapter)))
            if stations:
                caption = escape(part["caption"])
                parts.append(f"<li><p>{caption}</p><ol>{''.join(stations)}</ol></li>")
        if questions:
            raise self.error(f"no chapter for {', '.join(questions)}")
        style = f"<style>{palette_text()}</style>"
        road = f'<ol class="journey">{"".join(parts)}</ol>'
        text = f'{style}<div class="rnn-widget">{tips()}{road}</div>'
        return [nodes.raw("", text, format="html")]


def station(number, chapter, question):
    return Markup(
        '<li><a href="../notebooks/{}.html">{}<span class="number">{}</span> {}</a></li>'
    ).format(chapter, Markup(picture(chapter)), number, question)


def setup(app):
    app.add_directive("journey", Journey)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
