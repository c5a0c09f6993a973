"""What a search engine and a shared link say about a page: its description, and a picture.

A description is the page's line in ``book/descriptions.yml`` or, without one, the beginning of its
first paragraph. Links in these tags must be absolute, so the address of a page and its picture are
given only where the book knows its own address: ``html_baseurl``, or BOOK_URL in the environment.
"""

import hashlib
import os
import shutil
import textwrap
from pathlib import Path

import yaml
from docutils import nodes
from markupsafe import Markup

from rnn_utils.plotting import palette

LONGEST = 160  # characters; what is longer is cut off by those who show it
WIDTH, HEIGHT = 1200, 630  # pixels of a picture
STEPS = 12  # of the motif


def read_address(app, config):
    if address := os.environ.get("BOOK_URL"):
        config.html_baseurl = address.rstrip("/") + "/"


def read_descriptions(app):
    path = Path(app.srcdir) / "book" / "descriptions.yml"
    app.env.book_descriptions = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(app.env.book_descriptions) - app.env.found_docs
    if unknown:
        raise ValueError(f"{path.name} describes {sorted(unknown)}, which are no pages")


def description(doctree, written):
    """The line that was written for a page, or what its first paragraph begins with."""
    if written:
        return " ".join(written.split())
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and paragraph.astext().strip():
            text = " ".join(paragraph.astext().split())
            return textwrap.shorten(text, LONGEST, placeholder=" …")
    return ""


def add_tags(app, pagename, templatename, context, doctree):
    if doctree is None:
        return
    title = Markup(context["title"]).striptags()
    text = description(doctree, app.env.book_descriptions.get(pagename))
    site = app.config.html_title or app.config.project
    tags = [("name", "description", text)] if text else []
    tags += [("property", "og:type", "article"), ("property", "og:title", title)]
    tags += [("property", "og:site_name", site)]
    if text:
        tags.append(("property", "og:description", text))
    if base := app.config.html_baseurl:
        picture = f"_static/cards/{pagename}.png"
        make_card(app, site, title, Path(app.outdir) / picture)
        tags += [
            ("property", "og:url", f"{base}{app.builder.get_target_uri(pagename)}"),
            ("property", "og:image", f"{base}{picture}"),
            ("property", "og:image:width", WIDTH),
            ("property", "og:image:height", HEIGHT),
            ("property", "og:image:alt", f"{title}. {site}"),
            ("name", "twitter:card", "summary_large_image"),
        ]
    context["metatags"] = context.get("metatags", "") + "".join(
        Markup('\n<meta {}="{}" content="{}" />').format(*tag) for tag in tags
    )


def make_card(app, site, title, path):
    """Put the picture for a page there; one that was drawn before is taken from the cache."""
    drawing = f"{Path(__file__).read_text(encoding='utf-8')}{palette('light')}{site}\n{title}"
    name = hashlib.sha256(drawing.encode()).hexdigest()[:16]
    cached = Path(app.outdir).parent / ".cards" / f"{name}.png"
    if not cached.exists():
        cached.parent.mkdir(exist_ok=True)
        draw_card(site, title, cached)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cached, path)


def draw_card(site, title, path):
    """The title, the name of the book, and a memory that is kept from step to step."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle, Rectangle

    colors = palette("light")
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor=colors["bg"])
    FigureCanvasAgg(figure)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axis.axis("off")
    axis.add_patch(Rectangle((0, HEIGHT - 16), WIDTH, 16, color=colors["c"]))
    lines = textwrap.wrap(title, 24)
    size = 46 if len(lines) < 4 else 36
    axis.text(
        80, HEIGHT - 90, "\n".join(lines), size=size, weight="bold", color=colors["fg"], va="top"
    )
    axis.text(80, 60, site, size=26, color=colors["muted"], va="center")
    road = 200
    axis.plot((80, WIDTH - 80), (road, road), color=colors["c"], linewidth=12, zorder=1)
    for step in range(STEPS):
        x = 110 + step * (WIDTH - 220) / (STEPS - 1)
        gate = "ifo"[step % 3]
        axis.plot((x, x), (road - 62, road), color=colors[gate], linewidth=4, zorder=1)
        axis.add_patch(Circle((x, road - 62), 15, color=colors["x"], zorder=3))
        ring = {"facecolor": colors["bg"], "edgecolor": colors["fg"], "linewidth": 3}
        axis.add_patch(Circle((x, road), 22, **ring, zorder=3))
        axis.add_patch(Circle((x, road), 11, color=colors[gate], zorder=4))
    figure.savefig(path, pil_kwargs={"optimize": True})


def setup(app):
    app.connect("config-inited", read_address)
    app.connect("env-updated", lambda app, env: read_descriptions(app))
    app.connect("html-page-context", add_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
