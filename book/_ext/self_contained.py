"""Keeps the built pages free of scripts from other hosts: thebe is dropped."""

from docutils import nodes


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


def setup(app):
    # After sphinx_thebe's own handlers, whatever the order in which extensions are listed.
    app.connect("doctree-resolved", drop_thebe_settings, priority=900)
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
