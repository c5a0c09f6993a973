"""Docstrings: the examples in them come out as they say."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

import rnn_utils

PACKAGE = Path(rnn_utils.__file__).parent
WITH_EXAMPLES = {
    ".".join(("rnn_utils", *path.relative_to(PACKAGE).with_suffix("").parts)): count
    for path in sorted(PACKAGE.rglob("*.py"))
    if (count := len(re.findall(r"^ *>>> ", path.read_text(encoding="utf-8"), re.M)))
}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name):
    results = doctest.testmod(import_module(name.removesuffix(".__init__")))
    assert (results.attempted, results.failed) == (WITH_EXAMPLES[name], 0)
