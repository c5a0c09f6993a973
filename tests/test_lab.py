"""The widgets in a live JupyterLab: state goes both ways between page and Python."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from playwright.sync_api import expect

from rnn_utils.widgets import GateStepper

TOKEN = "for-this-test-only"
START = 60  # seconds that the server and the first kernel may take on a slow machine

MAKE = """
from rnn_utils.widgets import GateStepper

w = GateStepper.from_preset("count", step=1)
w
"""
WORDS = """
import numpy as np
from rnn_utils.embeddings import WordVectors
from rnn_utils.widgets import EmbeddingExplorer, SkipGramTrainer, TextEncoder

wv = WordVectors(list("abcdef"), np.random.default_rng(0).normal(size=(6, 4)))
encoder, explorer, trainer = TextEncoder("dog bites man"), EmbeddingExplorer(wv), SkipGramTrainer()
display(encoder, explorer, trainer)
"""
STORED = GateStepper.from_preset("latch")  # as a notebook that is opened, and not run, holds it
# One cell after another is run; each prints or changes what the page and Python share.
CELLS = {
    "stored": "GateStepper.from_preset('latch')",
    "make": MAKE,
    "show step": "print('step is', w.step)",
    "set step": "w.step = 3",
    "set weight": "w.weights = {**w.weights, 'bias_ih': [0.5, *w.weights['bias_ih'][1:]]}",
    "show holds": "print('held', [(h['q'], h['k'], float(h['value'])) for h in w.overrides])",
    "words": WORDS,
    "show words": "print(encoder.text, explorer.selected, trainer.step)",
    "set words": "encoder.text, explorer.selected, trainer.step = 'man bites dog', 'c', 40",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address of a JupyterLab with one notebook; it touches no settings of the user's."""
    folder = tmp_path_factory.mktemp("lab")
    root = folder / "root"
    root.mkdir()
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in CELLS.values()]
    )
    data = {"text/html": STORED.to_html(), "text/plain": repr(STORED)}
    notebook.cells[0].outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    }
    nbformat.write(notebook, root / "live.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.news_url=",
    ]
    log = (folder / "lab.log").open("w+")
    server = subprocess.Popen(
        command,
        env={**os.environ, **{place: str(folder / place) for place in places}},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for_server(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, log)
        yield f"http://127.0.0.1:{port}/lab/tree/live.ipynb?token={TOKEN}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def _wait_for_server(url, server, log):
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    pytest.fail(f"JupyterLab did not start:\n{log.read()}", pytrace=False)


def run(page, name):
    """Run the cell of that name, once a kernel is there and free, and wait until it is done."""
    # Without a kernel JupyterLab would ask for one, in a dialog that takes all further keys.
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=START * 1000)
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(list(CELLS).index(name))
    prompt = cell.locator(".jp-InputPrompt")
    prompt.click()
    page.keyboard.press("Control+Enter")
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=START * 1000)
    return cell


def value(page, q, t, k=0):
    cell = page.locator(f'.gate-stepper table [data-q="{q}"][data-t="{t}"][data-k="{k}"]')
    return float(cell.first.get_attribute("data-value"))


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def test_page_and_python_share_one_state(page, lab):
    page.goto(lab)

    # Before anything is run, a stored stepper is a table to read.
    stored = page.locator(".jp-CodeCell").first.locator(".jp-OutputArea-output")
    expect(stored.locator("tbody tr")).to_have_count(len(STORED.tokens), timeout=START * 1000)
    expect(stored).to_contain_text("gates i, f, o, candidate g, cell state c and hidden state h")
    assert "weight_ih" not in stored.inner_text()

    run(page, "make")
    stepper = page.locator(".gate-stepper")
    stepper.wait_for(timeout=START * 1000)
    current = stepper.locator(".token[aria-current=step]")

    # The page tells Python.
    stepper.get_by_role("button", name="Next step").click()
    expect(stepper.locator(".where").first).to_have_text("Step 2 of 7")
    expect(run(page, "show step")).to_contain_text("step is 2")

    # Python tells the page.
    run(page, "set step")
    expect(stepper.locator(".where").first).to_have_text("Step 3 of 7")
    expect(current).to_have_count(1)

    # A weight changed in Python: i of unit 0 is σ(20 + 0.5) no longer σ(20 - 10).
    before = value(page, "i", 1)
    run(page, "set weight")
    expect(
        stepper.locator('table [data-q="i"][data-t="1"][data-k="0"]').first
    ).not_to_have_attribute("data-value", f"{before:.17g}")
    assert value(page, "i", 1) > before

    # A gate held in the page arrives in Python.
    stepper.locator("[data-operation=forget]").click()
    stepper.get_by_role("button", name="0 · shut").click()
    expect(stepper.locator(".holding")).to_contain_text("Held at 0")
    expect(run(page, "show holds")).to_contain_text("held [('f', 0, 0.0)]")


def test_the_widgets_on_words_share_their_state_with_python(page, lab):
    page.goto(lab)
    run(page, "words")
    encoder, explorer, trainer = (
        page.locator(f".{name}")
        for name in ("text-encoder", "embedding-explorer", "skip-gram-trainer")
    )
    for widget in (encoder, explorer, trainer):
        widget.wait_for(timeout=START * 1000)

    # The page tells Python.
    encoder.get_by_role("textbox").first.fill("the cat sat")
    trainer.get_by_role("button", name="Step", exact=True).click()
    expect(run(page, "show words")).to_contain_text("the cat sat a 1")

    # Python tells the page.
    run(page, "set words")
    expect(encoder.get_by_role("textbox").first).to_have_value("man bites dog")
    expect(trainer.get_by_role("spinbutton").first).to_have_value("40")
    expect(run(page, "show words")).to_contain_text("man bites dog c 40")
