"""Progress bars, never the same twice, stay off while nbval compares outputs."""

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    # Just before a kernel starts, which inherits it. No sooner: other tests look at
    # progress bars, in processes that begin here.
    os.environ["TQDM_DISABLE"] = "1"
