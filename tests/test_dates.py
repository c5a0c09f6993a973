"""Dates as indices and back; which of them have an answer, and which are for testing."""

import numpy as np
import pytest

from rnn_utils.datasets import DatePair, load_dates
from rnn_utils.dates import (
    LOCALES,
    TARGET,
    decode_date,
    encode_dates,
    encode_texts,
    has_answer,
    held_out,
    source_tokens,
)


@pytest.fixture(scope="module")
def pairs():
    return load_dates(4000, LOCALES, seed=3)


def test_only_slashes_with_the_year_at_the_end_are_ambiguous(pairs):
    without = [pair for pair in pairs if not has_answer(pair)]
    assert {pair.locale for pair in without} == {"fr", "es"}
    assert all("/" in pair.text and pair.text[-4:] == pair.iso[:4] for pair in without)
    assert has_answer(DatePair("6/5/1987", "1987-06-05", "en"))
    assert has_answer(DatePair("1987/6/5", "1987-06-05", "zh"))
    assert not has_answer(DatePair("25/12/1987", "1987-12-25", "fr"))


def test_what_has_an_answer_has_one(pairs):
    """No text stands for two days, whoever wrote it."""
    answers = {}
    for pair in filter(has_answer, pairs):
        assert answers.setdefault(pair.text, pair.iso) == pair.iso


def test_every_fifth_day_is_held_out(pairs):
    kept = {pair.iso for pair in pairs if held_out(pair)}
    assert not kept & {pair.iso for pair in pairs if not held_out(pair)}
    assert sum(map(held_out, pairs)) == pytest.approx(len(pairs) / 5, rel=0.1)
    days = [DatePair("", f"1999-12-{day:02}", "en") for day in range(1, 31)]
    assert sum(map(held_out, days)) == 6


def test_texts_there_and_back(pairs):
    tokens = source_tokens(pairs)
    assert tokens[:2] == ["<pad>", "<unk>"]
    assert tokens[2:] == sorted(set(tokens[2:]))
    texts = [pair.text for pair in pairs[:50]]
    source, lengths = encode_texts(texts, tokens)
    for row, length, text in zip(source, lengths, texts, strict=True):
        assert "".join(tokens[index] for index in row[:length]) == text
        assert not row[length:].any()
    assert source.shape[1] == max(map(len, texts))


def test_an_unknown_character():
    source, lengths = encode_texts(["5 ♥ 6"], source_tokens([DatePair("5 6", "", "en")]))
    assert source.tolist() == [[3, 2, 1, 2, 4]]
    assert lengths.tolist() == [5]


@pytest.mark.parametrize("texts", [[], ["5 June", ""]])
def test_no_text(texts):
    with pytest.raises(ValueError, match="none empty"):
        encode_texts(texts, ["<pad>", "<unk>", *"5 June"])


def test_dates_there_and_back(pairs):
    dates = [pair.iso for pair in pairs[:50]]
    rows = encode_dates(dates)
    assert rows.shape == (50, 12)
    assert (rows[:, 0] == TARGET.index("<s>")).all()
    assert (rows[:, -1] == TARGET.index("</s>")).all()
    assert [decode_date(row[1:]) for row in rows] == dates
    assert decode_date(rows[0, 1:5]) == dates[0][:4]
    assert decode_date(np.array([], dtype=int)) == ""
    with pytest.raises(ValueError, match="vocabulary must contain every word"):
        encode_dates(["1987/06/05"])
