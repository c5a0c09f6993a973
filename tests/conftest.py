"""What all tests share."""

import pytest
from browser import ADVICE, LAUNCH_ARGS, find_browser
from hypothesis import settings
from pages import BUILT, BUILT_SLIDES, serve, settle, watch, write_page

# The same examples in every run, and no time limit: a slow computer is not a failing test.
settings.register_profile("book", derandomize=True, deadline=None)
settings.load_profile("book")


def pytest_collection_modifyitems(items):
    """Mark the tests that need a browser or the built book; -m "not pages" leaves them out."""
    for item in items:
        if {"browser", "book", "slides"} & {*getattr(item, "fixturenames", ())}:
            item.add_marker("pages")


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


@pytest.fixture(scope="session")
def book():
    """The folder of the built book."""
    if not (BUILT / "index.html").is_file():
        pytest.fail(f"There is no book in {BUILT}: run make book first.", pytrace=False)
    return BUILT


@pytest.fixture(scope="session")
def slides():
    """The folder of the built slides."""
    if not (BUILT_SLIDES / "index.html").is_file():
        pytest.fail(f"There are no slides in {BUILT_SLIDES}: run make slides.", pytrace=False)
    return BUILT_SLIDES


@pytest.fixture(scope="session")
def book_url(book):
    """The address of the built book, served from this computer."""
    with serve(book) as address:
        yield address


@pytest.fixture
def open_page(browser):
    """Open an address; what the page complains about, at any time, fails the test."""
    opened = []

    def open_page(address, **options):
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        opened.append((context, watch(context)))
        page = context.new_page()
        page.goto(address)
        settle(page)
        return page

    yield open_page
    for context, _ in opened:
        context.close()
    assert [complaint for _, complaints in opened for complaint in complaints] == []


@pytest.fixture
def widget_page(open_page, tmp_path):
    """Open a page made of the given widgets (or pieces of HTML) and nothing else."""

    def widget_page(*parts, theme="light", fragment="", **options):
        parts = [part if isinstance(part, str) else part.to_html() for part in parts]
        return open_page(write_page(tmp_path, parts, theme).as_uri() + fragment, **options)

    return widget_page
