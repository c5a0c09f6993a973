"""The pages of names: docstrings as they stand in the code, with the fields of tuples from it."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path

import rnn_utils

PACKAGE = Path(rnn_utils.__file__).parent
FIELD = re.compile(r"^    (\w+): ([^#\n]+?)  # (.*)$")


@cache
def fields():
    """By class name: the fields of each named tuple, (name, type, what its comment says)."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and "NamedTuple" in map(ast.unparse, node.bases):
                lines = text.splitlines()[node.lineno : node.end_lineno]
                found[node.name] = [
                    match.groups() for line in lines if (match := FIELD.match(line))
                ]
    return found


def add_fields(app, what, name, obj, options, lines):
    if inspect.isclass(obj) and issubclass(obj, tuple):
        rows = fields().get(obj.__name__, [])
        if rows:
            lines += ["", ":Fields:"]
            lines += [f"   * **{field}** (*{kind}*): {says}" for field, kind, says in rows]
            lines += [""]


def skip(app, what, name, obj, skipped, options):
    """Python's own text on a field of a named tuple says nothing."""
    text = getattr(obj, "__doc__", None) or ""
    return True if text.startswith("Alias for field number") else None


def leave_unlinked(app, env, node, contnode):
    """A name that is no entry here, such as an argument or a type, stays plain text."""
    if node.get("refdomain") != "py":
        return None
    ours = node["reftarget"].startswith("rnn_utils.") and node["reftype"] != "obj"
    return None if ours else contnode


def setup(app):
    app.connect("autodoc-process-docstring", add_fields, priority=900)
    app.connect("autodoc-skip-member", skip)
    app.connect("missing-reference", leave_unlinked)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
