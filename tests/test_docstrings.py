"""Docstrings: the examples in them come out as they say."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

import rnn_utils

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
