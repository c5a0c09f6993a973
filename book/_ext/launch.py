"""Buttons for Colab and Binder only in a book that says where its notebooks are.

The theme makes their addresses from ``repository.url`` in ``_config.yml`` and needs one; while it
is empty, it is not asked for buttons.
"""


def drop_buttons_without_repository(app, config):
    options = config.html_theme_options
    if not options.get("repository_url"):
        options.pop("launch_buttons", None)


def setup(app):
    app.connect("config-inited", drop_buttons_without_repository)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
