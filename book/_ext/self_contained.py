"""Keeps the built pages free of scripts from other hosts: thebe's are dropped."""


def drop_thebe(app, pagename, templatename, context, doctree):
    """Thebe would load its scripts from a CDN, and declares its settings twice on a page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in str(script.filename or "").lower()
        and "THEBE" not in str(script.attributes.get("body", ""))
    ]


def setup(app):
    # After sphinx_thebe's own handler, whatever the order in which extensions are listed.
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
