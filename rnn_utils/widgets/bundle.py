"""One module text out of a widget's JavaScript files.

Jupyter takes a widget's module as a single text and resolves no imports in it, and a page opened
from a folder may not import files at all. So the modules that a widget imports are put before it
and the import lines are dropped. Names are shared then; a clash is an error.
"""

import json
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{\s*\w+(?:,\s*\w+)*,?\s*\} from "(\./[^"]+\.js)";\n', re.MULTILINE)
_JSON_IMPORT = re.compile(r'^import (\w+) from "(\./[^"]+\.json)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def bundle(entry):
    """The module ``entry`` with everything that it imports, as one module text.

    Parameters
    ----------
    entry : pathlib.Path
        A JavaScript module. It and its imports use relative paths only, one import a line:
        ``import { a, b } from "./lib/x.js";`` or ``import TABLE from "./x.json";``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If two modules declare the same name at their top level, or an import is of another form.
    """
    texts = {}
    entry = Path(entry).resolve()
    _collect(entry, texts)
    for path, text in texts.items():
        form = r"^(?:import|export)\b.*" if path != entry else r"^(?:import|export(?! default))\b.*"
        if stray := re.search(form, text, re.MULTILINE):
            raise ValueError(f"cannot bundle {path.name}: unknown form {stray.group()!r}")
    text = "\n".join(texts.values())
    names = _TOP_LEVEL.findall(text)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"cannot bundle {entry.name}: {', '.join(twice)} declared twice")
    return text


def _collect(path, texts):
    """Put the text of ``path`` into ``texts`` after those of its imports."""
    if path in texts:
        return
    source = path.read_text(encoding="utf-8")
    for module in _IMPORT.findall(source):
        _collect((path.parent / module).resolve(), texts)

    def constant(match):
        table = json.loads((path.parent / match[2]).read_text(encoding="utf-8"))
        text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
        return f"const {match[1]} = {text};\n"

    source = _JSON_IMPORT.sub(constant, source)
    texts[path] = _EXPORT.sub("", _IMPORT.sub("", source))
