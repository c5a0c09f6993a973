"""The package imports downwards only, loads what it needs only, and says what each part does."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import rnn_utils

PACKAGE = Path(rnn_utils.__file__).parent
LAYERS = [
    set("checks public progress row_sums model_files cells tasks dates text".split()),
    set("layers gradcheck initialization embeddings cooccurrence tagging ctc morse".split()),
    set("word2vec glove models variants ablation training decoding".split())
    | set("datasets entities crf scan".split()),
    {"plotting"},
    {"widgets"},
]
LAYER = {name: n for n, names in enumerate(LAYERS) for name in names}
NUMPY_ONLY = LAYERS[0] | LAYERS[1]

MODULES = {
    ".".join(("rnn_utils", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
MODULES = {name.removesuffix(".__init__"): path for name, path in MODULES.items()}


def topic(module):
    """The part of the package that a module belongs to: ``rnn_utils.widgets.base``: widgets."""
    return module.split(".")[1]


def imported(text):
    """The modules that a module's text imports anywhere in it, by their full names."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "import by the full name"
            if node.module == "rnn_utils":
                yield from (f"rnn_utils.{alias.name}" for alias in node.names)
            else:
                yield node.module


def test_the_root_imports_nothing():
    assert list(imported((PACKAGE / "__init__.py").read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", [name for name in MODULES if "." in name])
def test_imports_go_downwards(name):
    assert topic(name) in LAYER, "a new module: give it a layer here and in CONTRIBUTING.md"
    for other in imported(MODULES[name].read_text(encoding="utf-8")):
        if other.startswith("rnn_utils"):
            assert LAYER[topic(other)] <= LAYER[topic(name)], f"{name} imports {other}"


@pytest.mark.parametrize(
    "name", [name for name in MODULES if "." in name and topic(name) in NUMPY_ONLY]
)
def test_the_first_layers_need_numpy_only(name):
    """One exception: ``to_torch`` makes a PyTorch module, so it imports PyTorch when called."""
    text = MODULES[name].read_text(encoding="utf-8")
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef) and function.name == "to_torch":
            text = text.replace(ast.get_source_segment(text, function), "pass")
    for other in imported(text):
        root = other.partition(".")[0]
        assert root in {"numpy", "rnn_utils", *sys.stdlib_module_names}, other


HEAVY = {"numpy", "torch", "matplotlib", "ipywidgets", "anywidget", "IPython"}


@pytest.mark.parametrize(
    ("module", "may_load"),
    [
        ("rnn_utils", set()),
        ("rnn_utils.cells", {"numpy"}),
        ("rnn_utils.tasks", {"numpy"}),
        ("rnn_utils.text", {"numpy"}),
        ("rnn_utils.layers", {"numpy"}),
        ("rnn_utils.gradcheck", {"numpy"}),
        ("rnn_utils.initialization", {"numpy"}),
        ("rnn_utils.cooccurrence", {"numpy"}),
        ("rnn_utils.glove", {"numpy"}),
        ("rnn_utils.datasets", {"numpy"}),
        ("rnn_utils.decoding", {"numpy"}),
        ("rnn_utils.training", {"numpy", "torch"}),
        ("rnn_utils.plotting", {"numpy", "matplotlib"}),
        ("rnn_utils.widgets", {"numpy", "ipywidgets", "anywidget", "IPython"}),
    ],
)
def test_importing_loads_no_more_than_it_needs(module, may_load):
    code = f"import sys, {module}; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert HEAVY & set(answer.stdout.split()) <= may_load


# ------------------------------------------------------------------------------------ docstrings


def public(name):
    """Whatever is public in a module and written there: (name, object)."""
    module = import_module(name)
    yield name, module
    for attribute, value in vars(module).items():
        ours = getattr(value, "__module__", None) == name
        if attribute.startswith("_") or not ours or not callable(value):
            continue
        yield f"{name}.{attribute}", value
        if inspect.isclass(value):
            yield from methods(f"{name}.{attribute}", value)


def methods(name, cls):
    for attribute, value in vars(cls).items():
        function = getattr(value, "__func__", value)  # a classmethod holds one
        if not attribute.startswith("_") and (
            inspect.isfunction(function) or isinstance(function, property)
        ):
            yield f"{name}.{attribute}", function


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name):
    """A method that overrides another may keep that one's."""
    assert [full for full, value in public(name) if not inspect.getdoc(value)] == []


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_names_as_public_is_there(name):
    module = import_module(name)
    for attribute in getattr(module, "__all__", []):
        assert hasattr(module, attribute)
        assert not attribute.startswith("_")
