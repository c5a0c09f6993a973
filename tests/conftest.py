"""What all tests share."""

import pytest
from browser import ADVICE, LAUNCH_ARGS, find_browser
from hypothesis import settings

# The same examples in every run, and no time limit: a slow computer is not a failing test.
settings.register_profile("book", derandomize=True, deadline=None)
settings.load_profile("book")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """How pytest-playwright starts the browser: the one that is there, without a window."""
    path = find_browser()
    if path is None:
        pytest.fail(ADVICE, pytrace=False)  # skipping would look like a pass
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": LAUNCH_ARGS,
        "headless": True,
    }
