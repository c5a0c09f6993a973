"""CTC by hand: equal to PyTorch's and to the sum over all paths."""

from itertools import pairwise, product
from math import comb

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import ctc_loss

from rnn_utils.ctc import collapse, greedy_decode, log_probability


def frames(T, V, seed=0):
    a = np.random.default_rng(seed).normal(size=(T, V))
    return a - np.logaddexp.reduce(a, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("path", "text"),
    [("", ""), ("---", ""), ("aa", "a"), ("a-a", "aa"), ("-aab--b", "abb"), ("abab", "abab")],
)
def test_what_a_path_says(path, text):
    assert "".join(collapse(path, blank="-")) == text


@pytest.mark.parametrize("blank", [0, 2])
def test_a_text_has_the_probability_of_its_paths(blank):
    T, V = 5, 3
    log_probs = frames(T, V)
    total = {}
    for path in product(range(V), repeat=T):
        said = tuple(collapse(path, blank))
        p = np.exp(log_probs[range(T), path].sum())
        total[said] = total.get(said, 0) + p
    for said, p in total.items():
        assert np.exp(log_probability(log_probs, said, blank)) == pytest.approx(p, rel=1e-12)
    assert sum(total.values()) == pytest.approx(1)


@settings(deadline=None)
@given(st.lists(st.integers(1, 3), max_size=5), st.integers(0, 5), st.integers(0, 99))
def test_it_is_pytorchs_loss(target, more, seed):
    doubles = sum(a == b for a, b in pairwise(target))
    log_probs = frames(max(1, len(target) + doubles) + more, 4, seed)
    theirs = ctc_loss(
        torch.from_numpy(log_probs)[:, None],
        torch.tensor([target], dtype=torch.int64),
        [len(log_probs)],
        [len(target)],
        reduction="sum",
    )
    assert log_probability(log_probs, target) == pytest.approx(-theirs.item(), abs=1e-10)


@pytest.mark.parametrize(("target", "least"), [([], 1), ([1], 1), ([1, 2], 2), ([1, 1], 3)])
def test_the_fewest_frames(target, least):
    assert np.isfinite(log_probability(frames(least, 3), target))
    if least > 1:
        assert log_probability(frames(least - 1, 3), target) == -np.inf


def test_ways_of_different_symbols():
    even = np.zeros((7, 5))  # every path counts 1
    assert np.exp(log_probability(even, [1, 2, 3])) == pytest.approx(comb(7 + 3, 2 * 3))


def test_no_underflow_in_long_recordings():
    log_probs = np.log(np.full((3000, 30), 1 / 30))
    found = log_probability(log_probs, np.arange(200) % 29 + 1)
    assert np.isfinite(found)
    assert found < -1000


def test_greedy_is_the_best_path():
    log_probs = np.log([[0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.9, 0.05, 0.05], [0.1, 0.5, 0.4]])
    assert greedy_decode(log_probs) == [1, 1]
    assert greedy_decode(log_probs, blank=1) == [0]


def test_greedy_is_not_always_the_best_text():
    log_probs = np.log([[0.6, 0.4]] * 2)
    assert greedy_decode(log_probs) == []
    assert log_probability(log_probs, [1]) > log_probability(log_probs, [])


@pytest.mark.parametrize(
    "function", [greedy_decode, lambda p, blank=0: log_probability(p, [], blank)]
)
def test_what_cannot_work_is_refused(function):
    with pytest.raises(ValueError, match=r"log_probs must have shape \(T, V\), got \(3,\)"):
        function([1, 2, 3])
    with pytest.raises(ValueError, match="log_probs must have shape"):
        function(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="blank must be from 0 to 2, got 3"):
        function(np.zeros((4, 3)), blank=3)
    with pytest.raises(ValueError, match="blank must be an integer >= 0, got -1"):
        function(np.zeros((4, 3)), blank=-1)


@pytest.mark.parametrize("target", [[0], [3], [-1], [1, 0]])
def test_a_target_that_cannot_be_is_refused(target):
    with pytest.raises(ValueError, match="target must be symbols from 0 to 2 without the blank, 0"):
        log_probability(frames(4, 3), target)
