"""Docstrings: whole in form, and the examples in them come out as they say."""

import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from numpydoc.validate import validate

import rnn_utils

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

PACKAGE = Path(rnn_utils.__file__).parent
MODULES = {
    ".".join(("rnn_utils", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
TOPICS = sorted({".".join(name.split(".")[:2]) for name in MODULES})


@pytest.mark.parametrize("topic", TOPICS)
def test_examples(topic):
    """All of them are found, and all come out."""
    wanted = attempted = 0
    for name, path in MODULES.items():
        if f"{name}.".startswith(f"{topic}."):
            wanted += len(re.findall(r"^ *>>> ", path.read_text(encoding="utf-8"), re.M))
            results = doctest.testmod(import_module(name.removesuffix(".__init__")))
            attempted += results.attempted
            assert results.failed == 0, name
    assert attempted == wanted


# ------------------------------------------------------------------------------------------ form

ROOT = PACKAGE.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LEFT_OUT = set(PYPROJECT["tool"]["numpydoc_validation"]["checks"]) - {"all"}
SHOWN = [
    name
    for page in sorted((ROOT / "book" / "api").glob("*.md"))
    for name in re.findall(r"^.. automodule:: (\S+)", page.read_text(encoding="utf-8"), re.M)
]


def is_of(value, module):
    return str(getattr(value, "__module__", None)).startswith(module)


def takes_fields(value):
    """Its parameters are explained elsewhere: fields where they stand, or those of its base."""
    is_class = inspect.isclass(value)
    return is_class and (issubclass(value, tuple) or "__init__" not in vars(value))


def shown(module):
    """What a page shows of a module: functions, classes and their methods, by full name."""
    here = import_module(module)
    ours = [name for name, value in vars(here).items() if is_of(value, module)]
    for name in getattr(here, "__all__", ours):
        value = getattr(here, name)
        if name.startswith("_") or not is_of(value, "rnn_utils") or not callable(value):
            continue
        yield f"{module}.{name}", value
        if inspect.isclass(value):
            for method, function in vars(value).items():
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield f"{module}.{name}.{method}", function


def test_every_topic_is_shown():
    """But for what only the package itself uses."""
    inside = {f"rnn_utils.{name}" for name in ("checks", "progress", "public", "row_sums")}
    assert set(SHOWN) == {topic for topic in TOPICS if not topic.endswith("__init__")} - inside


@pytest.mark.filterwarnings("ignore:Widget:DeprecationWarning")  # numpydoc looks at everything
@pytest.mark.parametrize("module", SHOWN)
def test_docstrings_are_whole(module):
    faults = []
    for name, value in shown(module):
        for code, fault in validate(name)["errors"]:
            arguments = re.findall(r"'([^']+)'", fault)
            told = takes_fields(value) or all(name.startswith(("_", "**")) for name in arguments)
            missing = code == "PR01" and not told
            if missing or code not in LEFT_OUT:
                faults.append(f"{name}: {code} {fault}")
    assert faults == []
