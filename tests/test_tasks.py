"""The toy tasks: what they promise, and that there is no way around remembering."""

import doctest

import numpy as np
import pytest

from rnn_utils import tasks
from rnn_utils.tasks import AGREEMENT_VERBS, AGREEMENT_VOCABULARY, agreement, encode

SINGULAR = {"cat", "dog", "mouse"}
PLURAL = {"cats", "dogs", "mice"}


def number(words):
    """The nouns of a sentence in order: 0 for singular, 1 for plural."""
    return [int(word in PLURAL) for word in words if word in SINGULAR | PLURAL]


@pytest.fixture(scope="module")
def many():
    return agreement(4000, max_objects=5, seed=7)


def right(guesses, data):
    return np.mean(np.array(guesses) == data.targets)


def test_docstrings():
    assert doctest.testmod(tasks).failed == 0


def test_same_seed_same_sentences():
    first, again, other = agreement(50, seed=3), agreement(50, seed=3), agreement(50, seed=4)
    assert first.tokens == again.tokens
    np.testing.assert_array_equal(first.targets, again.targets)
    assert first.tokens != other.tokens


def test_global_generator_is_left_alone():
    np.random.seed(0)  # noqa: NPY002 (the point of the test)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    agreement(10)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_shape_of_a_sentence(many):
    for words in many.tokens:
        assert words[0] == "the"
        assert words[1] in SINGULAR | PLURAL
        assert words[2:5] == [",", "which", "already"]
        assert words[5] in {"ate", "saw", "chased"}
        assert words[-1] == ","
        assert len(words) == 6 + 3 * (len(number(words)) - 1)


def test_vocabulary_is_what_is_used(many):
    used = {word for words in many.tokens for word in words}
    assert used | {"<pad>"} == set(AGREEMENT_VOCABULARY)
    assert len(AGREEMENT_VOCABULARY) == len(set(AGREEMENT_VOCABULARY)) == 15
    assert not used & set(AGREEMENT_VERBS)  # the answer is never shown


def test_verb_agrees_with_the_subject(many):
    assert AGREEMENT_VERBS == ("was", "were")
    np.testing.assert_array_equal(many.targets, [number(words)[0] for words in many.tokens])


@pytest.mark.parametrize("n_sentences", [1, 2, 7, 100])
def test_verbs_are_balanced(n_sentences):
    data = agreement(n_sentences)
    assert len(data.tokens) == len(data.targets) == n_sentences
    assert np.issubdtype(data.targets.dtype, np.integer)
    assert data.targets.sum() == n_sentences // 2


def test_numbers_of_objects():
    data = agreement(2000, min_objects=6, max_objects=12, seed=1)
    counts = np.bincount([len(number(words)) - 1 for words in data.tokens], minlength=13)
    assert counts[:6].sum() == 0
    assert counts[6:].min() > 0.8 * 2000 / 7
    assert {len(words) for words in agreement(20, min_objects=2, max_objects=2).tokens} == {12}


# 4000 fair coins: the standard deviation of their mean is 0.008, so 0.03 is almost four of them.
def test_last_noun_is_no_help(many):
    assert right([number(words)[-1] for words in many.tokens], many) == pytest.approx(0.5, abs=0.03)


def test_most_objects_are_no_help(many):
    guesses = [np.mean(number(words)[1:]) > 0.5 for words in many.tokens]
    assert right(guesses, many) == pytest.approx(0.5, abs=0.03)


def test_length_and_verb_are_no_help(many):
    lengths = np.array([len(words) for words in many.tokens])
    for length in np.unique(lengths):
        assert many.targets[lengths == length].mean() == pytest.approx(0.5, abs=0.07)
    for verb in ("ate", "saw", "chased"):
        rows = np.array([words[5] == verb for words in many.tokens])
        assert many.targets[rows].mean() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, "3", None, True])
@pytest.mark.parametrize("name", ["n_sentences", "min_objects", "max_objects"])
def test_agreement_refuses(name, value):
    arguments = {"n_sentences": 5, "min_objects": 1, "max_objects": 3, name: value}
    with pytest.raises(ValueError, match=f"{name} must be an integer >= .*got {value!r}"):
        agreement(**arguments)


def test_agreement_refuses_an_empty_range():
    with pytest.raises(
        ValueError, match=r"max_objects must be an integer >= min_objects = 4, got 3"
    ):
        agreement(5, min_objects=4)


def test_agreement_takes_numpy_integers():
    assert (
        agreement(np.int64(3), max_objects=np.int32(2)).tokens == agreement(3, max_objects=2).tokens
    )


def test_encode_there_and_back(many):
    indices, lengths = encode(many.tokens, AGREEMENT_VOCABULARY)
    assert indices.shape == (4000, 6 + 3 * 5)
    assert indices.dtype == lengths.dtype == np.int64
    for row, length, words in zip(indices, lengths, many.tokens, strict=True):
        assert [AGREEMENT_VOCABULARY[k] for k in row[:length]] == words
        assert all(AGREEMENT_VOCABULARY[k] == "<pad>" for k in row[length:])


def test_encode_one_length_needs_no_padding():
    indices, lengths = encode([["a", "b"], ["b", "b"]], ["b", "a"])
    assert indices.tolist() == [[1, 0], [0, 0]]
    assert lengths.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("tokens", "vocabulary", "message"),
    [
        ([], ["a"], "tokens must be one sentence or more, none empty, got"),
        ([["a"], []], ["<pad>", "a"], "tokens must be one sentence or more, none empty, got"),
        ([["a", "bird"]], ["a"], r"vocabulary must contain every word, got one without \['bird'\]"),
        ([["a"], ["a", "a"]], ["a"], r"got one without \['<pad>'\]"),
        ("a b", ["a", "b"], "tokens must be lists of words, got 'a b'"),
        (["a b"], ["a", "b"], r"tokens must be lists of words, got \['a b'\]"),
    ],
)
def test_encode_refuses(tokens, vocabulary, message):
    with pytest.raises(ValueError, match=message):
        encode(tokens, vocabulary)
