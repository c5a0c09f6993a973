"""GloVe: gradients and updates of PyTorch, a slow loop, and the counts that it was trained on."""

import io
import math
import re
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils import glove
from rnn_utils.cooccurrence import cooccurrence
from rnn_utils.embeddings import WordVectors
from rnn_utils.glove import Glove, least_squares, weight
from rnn_utils.gradcheck import numerical_gradient
from rnn_utils.text import Vocab


def refuses(message):
    return pytest.raises(ValueError, match=re.escape(message))


def small_counts(V=6, seed=0, zeros=True):
    """A symmetric matrix of counts, some of them far above the others."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0 if zeros else 1, 5, (V, V)) * rng.uniform(0.5, 20, (V, V))
    return counts + counts.T


def small(counts=None, **options):
    counts = small_counts() if counts is None else counts
    words = [f"w{k}" for k in range(len(counts))]
    return Glove(**{"vector_size": 3, "epochs": 3, "x_max": 20, **options}).fit(counts, words)


def tables_of(model):
    """Vectors with the bias behind, (2, V, D + 1), from what is public."""
    vectors = np.stack([model.center_vectors, model.context_vectors])
    return np.concatenate([vectors, model.biases[..., None]], axis=-1)


# --------------------------------------------------------------------------------- loss, gradients


def test_weights_of_the_paper():
    """Its figure 1 and equation 9: x_max = 100, alpha = 3/4."""
    x = np.array([0, 1, 10, 50, 99, 100, 101, 1e300])
    expected = [0, 0.0316228, 0.1778279, 0.5946036, 0.9924906, 1, 1, 1]
    np.testing.assert_allclose(weight(x), expected, rtol=1e-6)


@given(st.floats(0, 1e308), st.floats(1e-3, 1e6), st.floats(0.1, 3))
def test_weights_are_their_definition(x, x_max, alpha):
    expected = (x / x_max) ** alpha if x < x_max else 1
    assert weight(x, x_max, alpha) == pytest.approx(expected, rel=1e-12)


def test_weights_are_checked():
    for x in (-1, [1, -1], np.nan):
        with refuses("x must be counts >= 0, got"):
            weight(x)
    for name in ("x_max", "alpha"):
        with refuses(f"{name} must be a finite number above 0, got 0"):
            weight(1, **{name: 0})


def entries(B=7, D=4, seed=0):
    """Made-up arguments for `least_squares`."""
    rng = np.random.default_rng(seed)
    log_counts, weights = rng.normal(size=B), rng.uniform(0, 1, B)
    return rng.normal(size=(B, D)), rng.normal(size=(B, D)), rng.normal(size=B), log_counts, weights


@given(st.integers(0, 2**32 - 1))
def test_gradients_are_those_of_pytorch(seed):
    center, context, biases, log_counts, weights = map(torch.tensor, entries(seed=seed))
    parameters = [part.requires_grad_() for part in (center, context, biases)]
    error = torch.einsum("bd,bd->b", center, context) + biases - log_counts
    loss = 0.5 * weights * error**2
    loss.sum().backward()
    step = least_squares(*entries(seed=seed))
    np.testing.assert_allclose(step.error, error.detach(), rtol=1e-12)
    np.testing.assert_allclose(step.loss, loss.detach(), rtol=1e-12)
    ours = (step.d_center, step.d_context, step.d_bias)
    for gradient, parameter in zip(ours, parameters, strict=True):
        np.testing.assert_allclose(gradient, parameter.grad, rtol=1e-10, atol=1e-12)


def test_gradients_are_slopes():
    center, *rest = entries()
    slopes = numerical_gradient(lambda: least_squares(center, *rest).loss.sum(), center)
    np.testing.assert_allclose(least_squares(center, *rest).d_center, slopes, atol=1e-6)


# --------------------------------------------------------------------------------------- training


@pytest.mark.parametrize("batch_size", [1, 5, 1000])
def test_training_is_adagrad_of_pytorch(batch_size):
    """Whole trainings, with all entries in the order that the seed gives."""
    counts = small_counts()
    model = small(counts, batch_size=batch_size, seed=4, learning_rate=0.2)
    rng, V, D = np.random.default_rng(4), 6, 3
    tables = torch.tensor((rng.random((2, V, D + 1)) - 0.5) / (D + 1), requires_grad=True)
    optimizer = torch.optim.Adagrad([tables], lr=0.2, initial_accumulator_value=1, eps=0)
    rows, columns = map(torch.tensor, np.nonzero(counts))
    x = torch.tensor(counts)[rows, columns]
    weights = torch.clamp(x / 20, max=1) ** 0.75
    losses = []
    for _ in range(3):
        order, total = torch.tensor(rng.permutation(len(x))), 0
        for batch in order.split(batch_size):
            optimizer.zero_grad()
            w, c = tables[0, rows[batch]], tables[1, columns[batch]]
            error = (w[:, :D] * c[:, :D]).sum(1) + w[:, D] + c[:, D] - x[batch].log()
            loss = (weights[batch] * error**2).sum() / 2
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(x))
    np.testing.assert_allclose(model.losses, losses, rtol=1e-10)
    np.testing.assert_allclose(tables_of(model), tables.detach(), rtol=1e-9, atol=1e-12)


def test_single_entries_are_a_loop_that_one_can_read():
    counts = small_counts()
    model = small(counts, batch_size=1, seed=9)
    rng, V, D, rate = np.random.default_rng(9), 6, 3, 0.05
    center, context = (rng.random((2, V, D + 1)) - 0.5) / (D + 1)
    (w, b), (w_, b_) = ((table[:, :D], table[:, D]) for table in (center, context))
    G_w, G_b, G_w_, G_b_ = (np.ones_like(part) for part in (w, b, w_, b_))
    entries = [(i, j) for i in range(V) for j in range(V) if counts[i, j] > 0]
    assert 20 < len(entries) < V * V
    for epoch in range(3):
        J = 0
        for k in rng.permutation(len(entries)):
            i, j = entries[k]
            f = min(1, (counts[i, j] / 20) ** 0.75)
            error = w[i] @ w_[j] + b[i] + b_[j] - math.log(counts[i, j])
            J += f * error**2 / 2
            d_w, d_w_, d_b = f * error * w_[j], f * error * w[i], f * error
            G_w[i] += d_w**2
            G_w_[j] += d_w_**2
            G_b[i] += d_b**2
            G_b_[j] += d_b**2
            w[i] -= rate * d_w / np.sqrt(G_w[i])
            w_[j] -= rate * d_w_ / np.sqrt(G_w_[j])
            b[i] -= rate * d_b / np.sqrt(G_b[i])
            b_[j] -= rate * d_b / np.sqrt(G_b_[j])
        assert model.losses[epoch] == pytest.approx(J / len(entries), rel=1e-12)
    np.testing.assert_allclose(tables_of(model), np.stack([center, context]), rtol=1e-10)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_gradients_of_the_same_row_are_added_up(rows, seed):
    rng, rows = np.random.default_rng(seed), np.array(rows)
    table, gradients = rng.normal(size=(5, 2)), rng.normal(size=(len(rows), 2))
    squares = rng.uniform(1, 2, (5, 2))
    totals = np.zeros((5, 2))
    np.add.at(totals, rows, gradients)
    summed = squares + totals**2
    expected = table - 0.1 * totals / np.sqrt(summed)
    glove._adagrad(table, squares, rows, gradients, 0.1)
    np.testing.assert_allclose(squares, summed, rtol=1e-12)
    np.testing.assert_allclose(table, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("symmetric", [True, False])
def test_with_enough_numbers_it_says_log_x(symmetric):
    counts = small_counts(V=5, zeros=False)
    if not symmetric:
        counts[:, 0] *= 3
    model = small(counts, vector_size=5, epochs=1500, learning_rate=0.5, batch_size=25)
    np.testing.assert_allclose(model.log_counts(), np.log(counts), atol=1e-6)
    assert model.losses[-1] < 1e-12
    assert model.losses[0] > 0.1


def test_what_was_never_seen_is_not_learned():
    """An entry of zero adds nothing: neither a loss nor a log 0."""
    counts = np.array([[0, 3, 0], [3, 0, 0], [0, 0, 0.0]])
    model = small(counts, seed=2)
    start = (np.random.default_rng(2).random((2, 3, 4)) - 0.5) / 4
    np.testing.assert_array_equal(tables_of(model)[:, 2], start[:, 2])
    assert (tables_of(model)[:, :2] != start[:, :2]).all()


def test_losses_fall():
    model = small(small_counts(V=30), vector_size=10, epochs=40)
    assert len(model.losses) == 40
    assert all(isinstance(loss, float) for loss in model.losses)
    assert model.losses[-1] < model.losses[0] / 10
    assert (np.diff(model.losses[:15]) < 0).all()


# ------------------------------------------------------------------------------------ from a text


def test_sentences_become_harmonic_counts():
    options = {"vector_size": 4, "window": 2, "min_count": 5, "epochs": 2, "seed": 5}
    sentences = [f"a {k} b {k % 3} c".split() for k in range(9)] * 5 + [["a", "rare", "b"]] * 4
    model = Glove(iter(sentences), **options)
    vocab = Vocab(sentences, min_count=5, specials=())
    counts = cooccurrence(sentences, vocab, 2, weighting="harmonic")
    same = Glove(**options).fit(counts, vocab)
    assert model.wv.words == same.wv.words == vocab.words
    assert "rare" not in model.wv
    np.testing.assert_array_equal(model.wv.vectors, same.wv.vectors)
    assert model.losses == same.losses


def test_words_in_the_same_places_are_neighbors():
    """Two groups of things, each eaten or driven nine times as often as the other."""
    food, traffic = ("bread", "rice", "soup"), ("car", "bus", "truck")
    sentences = [
        f"{who} {does} {what}".split()
        for who in ("she", "he") * 4
        for does, often, seldom in (("eats", food, traffic), ("drives", traffic, food))
        for what in often * 9 + seldom
    ]
    wv = Glove(sentences, vector_size=10, window=2, x_max=10, epochs=300, batch_size=32).wv
    for group, other in ((food, traffic), (traffic, food)):
        for word in group:
            within = min(wv.similarity(word, another) for another in group)
            across = max(wv.similarity(word, another) for another in other)
            assert within > 0.95 > 0.8 > across


def test_the_vector_of_a_word_is_the_sum_of_both():
    model = small()
    assert isinstance(model.wv, WordVectors)
    assert model.wv.words == ("w0", "w1", "w2", "w3", "w4", "w5")
    assert model.wv is model.wv
    np.testing.assert_array_equal(model.wv.vectors, model.center_vectors + model.context_vectors)
    assert model.center_vectors.shape == model.context_vectors.shape == (6, 3)
    assert model.biases.shape == (2, 6)
    i, j = 1, 4
    said = model.center_vectors[i] @ model.context_vectors[j]
    said += model.biases[0, i] + model.biases[1, j]
    assert model.log_counts()[i, j] == pytest.approx(said)


def test_defaults_are_those_of_the_paper():
    model = Glove()
    assert (model.x_max, model.alpha, model.learning_rate) == (100, 0.75, 0.05)
    assert (model.vector_size, model.window, model.min_count, model.epochs) == (50, 10, 5, 25)
    assert (model.batch_size, model.seed, model.losses) == (256, 1, [])


def test_same_seed_same_vectors():
    first, again, other = small(seed=1), small(seed=1), small(seed=2)
    np.testing.assert_array_equal(first.wv.vectors, again.wv.vectors)
    assert (first.wv.vectors != other.wv.vectors).all()
    before = first.wv
    first.fit(small_counts(), before.words)  # from the beginning, not from where it was
    np.testing.assert_array_equal(first.wv.vectors, before.vectors)
    assert len(first.losses) == 3


def test_it_says_what_it_is():
    assert repr(Glove()) == "Glove(not trained)"
    assert repr(small()) == "Glove(6 words, 3 numbers each, 3 epochs)"


# -------------------------------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.wv,
        lambda model: model.center_vectors,
        lambda model: model.context_vectors,
        lambda model: model.biases,
        lambda model: model.log_counts(),
    ],
)
def test_an_untrained_model_has_nothing_to_say(ask):
    with refuses("Glove must be trained first: give it sentences, or call fit"):
        ask(Glove())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("vector_size", "a positive integer"),
        ("window", "a positive integer"),
        ("epochs", "a positive integer"),
        ("batch_size", "a positive integer"),
        ("min_count", "an integer >= 1"),
        ("seed", "an integer >= 0"),
        ("x_max", "a finite number above 0"),
        ("alpha", "a finite number above 0"),
        ("learning_rate", "a finite number above 0"),
    ],
)
def test_settings_are_checked(name, wanted):
    for value in (-1, "1", None):
        with refuses(f"{name} must be {wanted}, got {value!r}"):
            Glove(**{name: value})


def test_sentences_are_checked():
    with refuses("sentences must have a word that comes at least min_count = 5 times, got none"):
        Glove([["a", "b"]] * 4)
    with refuses("counts must have an entry above 0, got zeros only"):
        Glove([["a"]] * 9)
    with refuses("each of sequences must be a list of words, got 'a'"):
        Glove(["a", "b"], min_count=1)


def test_counts_are_checked_before_any_training(monkeypatch):
    model = small()
    before = model.wv
    monkeypatch.setattr(glove, "_adagrad", None)
    for counts, words, message in (
        (np.ones((2, 3)), "ab", "counts must have shape (V, V), V = 2, got (2, 3)"),
        (np.ones((2, 2)), "abc", "counts must have shape (V, V), V = 3, got (2, 2)"),
        ([[0, 0], [0, 0]], "ab", "counts must have an entry above 0, got zeros only"),
        ([[1, -2], [1, 1]], "ab", "x must be counts >= 0, got -2.0"),
        ([[1, np.inf], [1, 1]], "ab", "counts must be finite numbers"),
        (np.ones((2, 2)), "aa", "words must be different from each other, got 'a' at 1"),
    ):
        with refuses(message):
            model.fit(counts, list(words))
    assert model.wv is before
    assert len(model.losses) == 3


# --------------------------------------------------------------------------------------- progress


def test_a_bar_counts_the_epochs(monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    small(progress=True)
    assert "/3 " in sys.stderr.getvalue()
    assert "epoch" in sys.stderr.getvalue()


def test_no_bar_where_nobody_watches(monkeypatch, capsys):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    small()
    small(progress=False)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    small(progress=True)
    assert capsys.readouterr().err == ""
