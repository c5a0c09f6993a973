"""Morse code: the table, the lengths, and that what is sent can be heard."""

from itertools import groupby

import numpy as np
import pytest

from rnn_utils.morse import BANDS, DASH, DOT, FRAME, MORSE, PAUSE, SILENCE, read_marks, signals


def test_the_table():
    assert len(set(MORSE.values())) == len(MORSE) == 26
    assert [MORSE[letter] for letter in "SOEQ"] == ["...", "---", ".", "--.-"]


def test_marks_spell_every_letter():
    data = signals([*MORSE], seed=3)
    assert [read_marks(row) for row in data.marks] == [*MORSE]


def test_shapes_types_and_seeds():
    one, again, other = (signals(["SOS", "TEA"], steps=200, seed=s) for s in (0, 0, 1))
    assert one.frames.shape == (2, 200, len(BANDS))
    assert one.frames.dtype == one.sounds.dtype == np.float32
    assert one.sounds.shape == (2, 200 * 40)
    np.testing.assert_array_equal(one.frames, again.frames)
    assert not np.array_equal(one.frames, other.frames)


def test_lengths_without_jitter():
    unit = 5 * FRAME
    [row] = signals(["A N"], steps=200, jitter=0, units=(unit, unit)).marks
    runs = [(mark, round(len(list(run)) / 5)) for mark, run in groupby(row)]
    assert runs[1:-1] == [
        *((DOT, 1), (PAUSE, 1), (DASH, 3)),
        (SILENCE, 7),
        *((DASH, 3), (PAUSE, 1), (DOT, 1)),
    ]
    assert read_marks(row) == "AN"


def test_the_tone_is_loudest_near_600_hertz_and_only_when_it_sounds():
    data = signals(["OO"] * 20, noise=0.1, steps=220)
    sounding = np.isin(data.marks, (DOT, DASH))
    strength = np.expm1(data.frames)
    assert BANDS[strength[sounding].mean(axis=0).argmax()] == 600
    assert strength[sounding][:, 2].mean() > 5 * strength[~sounding][:, 2].mean()


def test_what_is_no_letter_is_a_question_mark():
    assert read_marks([DOT, PAUSE] * 7) == "?"
    assert read_marks([SILENCE, SILENCE]) == ""


@pytest.mark.parametrize(
    ("texts", "options", "words"),
    [
        (["sos"], {}, "texts must be of letters A to Z and single spaces, got 'sos'"),
        (["OOOOOO"], {}, "steps must be at least"),
        (["E"], {"steps": 0}, "steps must be a positive integer, got 0"),
        (["E"], {"seed": -1}, "seed must be an integer >= 0, got -1"),
    ],
)
def test_what_cannot_work_is_refused(texts, options, words):
    with pytest.raises(ValueError, match=words):
        signals(texts, **options)
