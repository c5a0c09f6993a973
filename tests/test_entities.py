"""Sentences with names: tags that fit, and test names that were never seen."""

from itertools import pairwise

import pytest

from rnn_utils.entities import ENTITY_KINDS, ENTITY_TAGS, entity_names, tagged_sentences
from rnn_utils.tagging import illegal_places, spans


@pytest.fixture(scope="module", params=[False, True], ids=["training", "held out"])
def held_out(request):
    return request.param


@pytest.fixture(scope="module")
def data(held_out):
    return tagged_sentences(800, held_out=held_out, seed=5)


def test_every_word_has_a_legal_tag(data):
    for words, tags in zip(*data, strict=True):
        assert len(words) == len(tags)
        assert set(tags) <= set(ENTITY_TAGS)
        assert illegal_places(tags) == []
        assert all(words)


def test_what_is_tagged_is_a_name_of_its_kind(data, held_out):
    known = {
        kind: {name.lower() for name in names}
        for kind, names in entity_names(held_out=held_out).items()
    }
    for words, tags in zip(*data, strict=True):
        for kind, start, end in spans(tags):
            assert " ".join(words[start:end]).lower() in known[kind]


def test_training_and_test_share_no_name():
    training, test = entity_names(), entity_names(held_out=True)
    for kind in ENTITY_KINDS:
        assert not set(training[kind]) & set(test[kind])
        assert 0 < len(test[kind]) < len(training[kind])


def test_no_slot_is_left_open(data):
    left = {word for words in data.tokens for word in words if word.isupper() and len(word) > 2}
    assert not left & {"JOB", "THING", "VERB", "DAY", "MONTH", "PER", "LOC", "LANG", "PERS", "LOCS"}


def test_about_a_fifth_is_without_capitals(data):
    small = [all(word == word.lower() for word in words) for words in data.tokens]
    assert 0.15 < sum(small) / len(small) < 0.25


def test_neighboring_names_of_one_kind_exist(data):
    """They are what 0 and 1 cannot mark."""
    assert any(
        one.end == other.start and one.kind == other.kind
        for tags in data.tags
        for one, other in pairwise(spans(tags))
    )


def test_same_seed_same_sentences():
    assert tagged_sentences(30, seed=1) == tagged_sentences(30, seed=1)
    assert tagged_sentences(30, seed=1) != tagged_sentences(30, seed=2)


@pytest.mark.parametrize("n", [0, -1, 1.5, True])
def test_a_number_that_cannot_be_is_refused(n):
    with pytest.raises(ValueError, match="n_sentences must be an integer >= 1, got"):
        tagged_sentences(n)
