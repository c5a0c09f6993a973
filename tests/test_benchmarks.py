"""What the bench compares computes the same thing, so that its ratios mean something."""

import numpy as np
import pytest
import torch

from benchmarks import layers as bench
from benchmarks import word2vec as word_bench
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
