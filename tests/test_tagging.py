"""Tags and names: what they say of each other, and a score that counts whole names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils.tagging import (
    Span,
    bio_tags,
    entity_f1,
    illegal_places,
    may_follow,
    spans,
)

TAGS = bio_tags(["PER", "LOC"])
any_tags = st.lists(st.sampled_from(TAGS), max_size=12)


def written(names, length):
    """Tags of names that do not overlap."""
    tags = ["O"] * length
    for kind, start, end in names:
        tags[start:end] = [f"B-{kind}"] + [f"I-{kind}"] * (end - start - 1)
    return tags


@given(any_tags)
def test_names_written_as_tags_are_read_again(tags):
    found = spans(tags)
    legal = written(found, len(tags))
    assert spans(legal) == found
    assert illegal_places(legal) == []
    if not illegal_places(tags):
        assert legal == tags


@given(any_tags)
def test_names_cover_what_is_not_outside(tags):
    covered = {t for span in spans(tags) for t in range(span.start, span.end)}
    assert covered == {t for t, tag in enumerate(tags) if tag != "O"}


@given(any_tags)
def test_a_place_is_illegal_if_its_tag_may_not_follow(tags):
    before = ["O", *tags]
    assert illegal_places(tags) == [
        t for t, tag in enumerate(tags) if not may_follow(tag, before[t])
    ]


def test_the_rules():
    illegal = {(a, b) for a in TAGS for b in TAGS if not may_follow(b, a)}
    assert illegal == {
        *(("O", "I-PER"), ("O", "I-LOC")),
        *(("B-PER", "I-LOC"), ("I-PER", "I-LOC"), ("B-LOC", "I-PER"), ("I-LOC", "I-PER")),
    }


def test_data_without_b_can_be_read():
    assert spans(["I-PER", "I-PER", "O", "I-LOC", "I-ORG"]) == [
        Span("PER", 0, 2),
        Span("LOC", 3, 4),
        Span("ORG", 4, 5),
    ]


def test_a_kind_may_hold_a_dash():
    assert spans(["B-a-b", "I-a-b"]) == [Span("a-b", 0, 2)]


def test_scores_by_hand():
    true = [["B-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "O"]]
    read = [["B-PER", "I-PER", "O", "B-PER"], ["B-LOC", "B-LOC"]]
    precision, recall, f1 = entity_f1(true, read)
    assert (precision, recall) == (2 / 4, 2 / 3)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_a_border_that_is_off_by_one_is_a_miss():
    assert entity_f1([["B-PER", "I-PER"]], [["B-PER", "B-PER"]]) == (0, 0, 0)


@given(st.lists(any_tags, max_size=4))
def test_the_truth_scores_one(rows):
    names = sum(len(spans(tags)) for tags in rows)
    assert entity_f1(rows, rows) == ((1, 1, 1) if names else (0, 0, 0))


def test_the_same_name_in_another_sentence_does_not_count():
    assert entity_f1([["B-PER"], ["O"]], [["O"], ["B-PER"]]).f1 == 0


@pytest.mark.parametrize("tag", ["", "PER", "X-PER", "B-", "B", "o", "O-PER"])
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(ValueError, match="a tag must be O, B-kind or I-kind, got"):
        spans([tag])
    with pytest.raises(ValueError, match="a tag must be"):
        illegal_places([tag])


@pytest.mark.parametrize("read", [[["O"]], [["O", "O"], ["O"]], [["O"], ["O", "O"]]])
def test_rows_of_other_lengths_are_refused(read):
    with pytest.raises(ValueError, match="predicted must have a tag for each word of true"):
        entity_f1([["O", "O"], ["O", "O"]], read)
