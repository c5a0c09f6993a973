"""One module text out of a widget's JavaScript files.

Jupyter takes a widget's module as a single text and resolves no imports in it, and a page opened
from a folder may not import files at all. So the modules that a widget imports are put before it
and the import lines are dropped. Names are shared then; a clash is an error.
"""

import json
import re
from pathlib import Path

_IMPORT = re.compile(
    r'^import \{(\s*\w+(?:,\s*\w+)*,?\s*)\} from "(\./[^"]+\.js)";\n', re.MULTILINE
)
_JSON_IMPORT = re.compile(r'^import (\w+) from "(\./[^"]+\.json)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_EXPORTED = re.compile(rf"{_EXPORT.pattern}{_TOP_LEVEL.pattern[1:]}", re.MULTILINE)


def bundle(entry, shared=frozenset()):
    """The module ``entry`` with everything that it imports, as one module text.

    Parameters
    ----------
    entry : pathlib.Path
        A JavaScript module. It and its imports use relative paths only, one import a line:
        ``import { a, b } from "./lib/x.js";`` or ``import TABLE from "./x.json";``.
    shared : set of pathlib.Path, optional
        Modules that are left out, because a page with several widgets loads them once (see
        `share`). What is imported from them is taken from an object named ``shared``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If two modules declare the same name at their top level, or an import is of another form.
    """
    entry = Path(entry).resolve()
    found = {}
    _collect(entry, found, shared)
    borrowed = sorted(
        {
            name
            for _, imports in found.values()
            for module, names in imports.items()
            if module in shared
            for name in names
        }
    )
    text = _joined(entry, found, borrowed)
    return f"const {{ {', '.join(borrowed)} }} = shared;\n{text}" if borrowed else text


def modules(entry):
    """The paths of the modules that ``entry`` is bundled from, itself the last."""
    found = {}
    _collect(Path(entry).resolve(), found, frozenset())
    return list(found)


def share(paths):
    """The body of a function that returns an object with all that some modules export.

    Parameters
    ----------
    paths : set of pathlib.Path
        Modules, and with each of them all those that it imports.

    Returns
    -------
    str
        JavaScript.

    Raises
    ------
    ValueError
        If a module is missing that one of them imports, or they cannot be joined.
    """
    found, exported = {}, []
    for path in sorted(paths):
        _collect(path, found, frozenset())
        exported += _EXPORTED.findall(path.read_text(encoding="utf-8"))
    if beside := sorted(path.name for path in set(found) - set(paths)):
        raise ValueError(f"paths must hold what its modules import, but {', '.join(beside)} is not")
    return f"{_joined(None, found, [])}\nreturn {{ {', '.join(exported)} }};"


def _joined(entry, found, borrowed):
    """The texts that were found as one; no name may stand in it twice."""
    for path, (text, _) in found.items():
        form = r"^(?:import|export)\b.*" if path != entry else r"^(?:import|export(?! default))\b.*"
        if stray := re.search(form, text, re.MULTILINE):
            raise ValueError(f"cannot bundle {path.name}: unknown form {stray.group()!r}")
    text = "\n".join(text for text, _ in found.values())
    names = [*borrowed, *_TOP_LEVEL.findall(text)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        name = "the shared modules" if entry is None else entry.name
        raise ValueError(f"cannot bundle {name}: {', '.join(twice)} declared twice")
    return text


def _collect(path, found, shared):
    """Put {path: (text, imports)} into ``found`` after what it imports, but for shared ones."""
    if path in found or path in shared:
        return
    source = path.read_text(encoding="utf-8")
    imports = {
        (path.parent / module).resolve(): re.findall(r"\w+", names)
        for names, module in _IMPORT.findall(source)
    }
    for module in imports:
        _collect(module, found, shared)

    def constant(match):
        table = json.loads((path.parent / match[2]).read_text(encoding="utf-8"))
        text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
        return f"const {match[1]} = {text};\n"

    source = _JSON_IMPORT.sub(constant, source)
    found[path] = _EXPORT.sub("", _IMPORT.sub("", source)), imports
