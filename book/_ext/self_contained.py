"""Keeps the built pages free of scripts from other hosts, and of one heavy script of the theme."""

import re
from pathlib import Path

from docutils import nodes

# The theme's style sheet draws the same icons from a font; the script would weigh half the page.
# The theme for Python 3.10 also asks for the fonts ahead, which a browser refuses to a file.
ICON_SCRIPT = re.compile(
    r'\s*<script (?:defer )?src="[^"]*(?:fontawesome\.js|fontawesome/[^"]*\.js)[^"]*"></script>'
    r'|\s*<link rel="preload" as="font"[^>]*>'
)


def drop_thebe(app, pagename, templatename, context, doctree):
    """Thebe would load its scripts from a CDN, and declares its settings twice on a page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in str(script.filename or "").lower()
        and "THEBE" not in str(script.attributes.get("body", ""))
    ]
    context["css_files"] = [
        style for style in context["css_files"] if "thebe" not in str(style.filename)
    ]


def drop_thebe_settings(app, doctree, docname):
    """Its settings for a page name a repository of somebody else's."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext() or node.astext().startswith("<script>kernelName"):
            node.parent.remove(node)


def drop_icon_script(app, exception):
    """The script stands in a template of the theme that takes no option."""
    rewrite_pages(app, exception, lambda text: ICON_SCRIPT.sub("", text))


def rewrite_pages(app, exception, change):
    """Put every page of a finished HTML build through ``change``, text to text."""
    if exception is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        changed = change(text)
        if changed != text:
            page.write_text(changed, encoding="utf-8")


def setup(app):
    # After sphinx_thebe's own handlers, whatever the order in which extensions are listed.
    app.connect("doctree-resolved", drop_thebe_settings, priority=900)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", drop_icon_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
