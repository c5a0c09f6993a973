"""What the bench compares computes the same thing, so that its ratios mean something."""

import sys

import nbformat
import numpy as np
import pytest
import torch
from pages import book_widgets

from benchmarks import book as book_bench
from benchmarks import layers as bench
from benchmarks import page as page_bench
from benchmarks import word2vec as word_bench
from benchmarks.budgets import Measure, show
from rnn_utils.embeddings import WordVectors


@pytest.mark.parametrize("name", bench.STEPS)
def test_the_loop_over_gates_is_the_layer(name):
    """Its output and its gradients are those of torch.nn."""
    torch.manual_seed(1)
    module = getattr(torch.nn, name)(3, 4, dtype=torch.float64)
    x = torch.randn(6, 2, 3, dtype=torch.float64, requires_grad=True)
    d_output = torch.randn(6, 2, 4, dtype=torch.float64)
    output = bench.gate_loop(name, module, x)(d_output)
    by_loop = x.grad.clone()
    x.grad = None
    theirs, _ = module(x)
    theirs.backward(d_output)
    torch.testing.assert_close(output, theirs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(by_loop, x.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", bench.STEPS)
def test_four_times_are_measured(name, monkeypatch):
    monkeypatch.setattr(bench, "RUNS", 1)
    times = bench.compare(name, (3, 2, 2, 2), torch.float64)
    assert len(times) == 4
    assert all(np.isfinite(time) and time > 0 for time in times)


def test_the_budgets_are_for_the_sizes_that_are_run():
    assert set(bench.BUDGETS) == set(bench.SIZES)


TEXT = [["the", "king", "rules"], ["the", "queen", "rules"]] * 40
SETTINGS = {**word_bench.SETTINGS, "epochs": 2, "seed": 1}


@pytest.mark.parametrize("name", word_bench.ROWS)
@pytest.mark.parametrize("train", [word_bench.ours, word_bench.theirs])
def test_both_are_trained_with_the_settings(train, name):
    wv = train(TEXT, {**SETTINGS, **word_bench.ROWS[name], "epochs": 2})
    assert isinstance(wv, WordVectors)
    assert {*wv.words} == {"the", "king", "queen", "rules"}
    assert wv.vectors.shape == (4, 100)
    assert wv.vectors.any()


def test_gensim_learns_what_it_is_told(monkeypatch):
    """Each of the settings reaches it, and one worker."""
    told = {}

    def model(sentences, **options):
        told.update(options)
        return original(sentences, **options)

    original = word_bench.gensim.models.Word2Vec
    monkeypatch.setattr(word_bench.gensim.models, "Word2Vec", model)
    word_bench.theirs(TEXT, SETTINGS)
    assert told == {**SETTINGS, "workers": 1}


def test_both_take_turns_at_the_same_words(monkeypatch):
    turns = []
    for side in ("ours", "theirs"):

        def train(sentences, options, side=side):
            turns.append((side, options["seed"], options["epochs"], len(sentences)))
            return side

        monkeypatch.setattr(word_bench, side, train)
    monkeypatch.setattr(word_bench.time, "perf_counter", iter(range(100)).__next__)
    mine, other = word_bench.compare(TEXT, {"epochs": 7}, seeds=(4, 5))
    assert turns == [(side, seed, 7, 80) for seed in (4, 5) for side in ("ours", "theirs")]
    assert [run.vectors for run in mine + other] == ["ours"] * 2 + ["theirs"] * 2
    assert {run.speed for run in mine + other} == {80 * 3 * 7}  # words in a second


def test_the_quality_is_the_agreement_with_people():
    pairs = [("tiger", "cat"), ("book", "paper"), ("king", "cabbage")]  # 7.35, 7.46 and 0.23
    words = [word for pair in pairs for word in pair]
    vectors = np.repeat(np.eye(3), 2, axis=0)
    vectors[[1, 3, 5]] += np.roll(np.eye(3), 1, axis=1) * [[0.5], [0.1], [3]]
    assert word_bench.spearman(WordVectors(words, vectors)) == pytest.approx(1)


def test_the_row_with_budgets_is_run():
    assert word_bench.MAIN in word_bench.ROWS


def test_a_measure_is_marked_by_its_bound(capsys):
    measures = [Measure("a", 60, 60, "s"), Measure("b", 60.1, 60, "s")]
    measures += [Measure("c", 0.97, 1, "", 2, True), Measure("d", 1, 1, "", 2, True)]
    show(measures)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines[:4]] == ["ok", "over", "under", "ok"]
    assert lines[1].split() == ["b", "60.1", "s", "≤", "60.0", "s", "over"]
    assert lines[4] == "2 of 4 within their budgets"


def test_the_time_of_every_cell_is_read(tmp_path):
    cells = [nbformat.v4.new_code_cell(text) for text in ("import time", "time.sleep(0.3)")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, tmp_path / "01_small.ipynb")
    together, times = book_bench.run_notebooks([tmp_path / "01_small.ipynb"])
    assert set(times) == {("01_small", 0), ("01_small", 1)}
    assert 0.3 < times["01_small", 1] < together


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(SystemExit, match="oh no"):
        book_bench.timed([sys.executable, "-c", "raise SystemExit('oh no')"])


@pytest.fixture(scope="module")
def cost(browser, book, book_url):
    name = "notebooks/05_rnn.html"
    return page_bench.measure(browser, f"{book_url}/{name}", (book / name).read_text("utf-8"))


def test_what_a_page_costs_is_measured(cost):
    assert 0 < cost.own < cost.everything
    assert cost.elsewhere == 0
    assert cost.start > 0
    assert set(cost.steps) == {"gate-stepper", "phase-portrait", "unfolder"}
    assert all(len(times) == page_bench.STEPS and min(times) >= 0 for times in cost.steps.values())


def test_a_request_to_another_host_is_counted(browser, book_url):
    page, bodies, elsewhere = page_bench.open_and_count(browser, f"{book_url}/book/index.html")
    assert elsewhere == 0
    assert bodies
    page.close()
    address = "data:text/html,<img src='http://127.0.0.2/a.png'><img src='http://localhost/b.png'>"
    page, _, elsewhere = page_bench.open_and_count(browser, address)
    page.close()
    assert elsewhere == 2


def test_a_widget_counts_where_it_is_slowest(cost):
    slow = cost._replace(steps={"unfolder": [50.0] * 20})
    measures = page_bench.measures_of({"a.html": cost, "b.html": slow})
    [unfolder] = [m for m in measures if m.what.startswith("unfolder")]
    assert unfolder.value == 50
    assert not unfolder.ok
    assert len([m for m in measures if m.what.startswith("a: ")]) == 4


def test_every_widget_stands_in_the_book(book):
    """So that each of them is measured."""
    pages = "".join((book / name).read_text("utf-8") for name in page_bench.built_pages())
    for name in book_widgets.NAMES:
        assert f'data-widget="{name.replace("_", "-")}"' in pages, name
