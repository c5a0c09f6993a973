"""Morse code as a receiver hears it: a tone that goes on and off, at a human pace, in noise.

A dot is one unit long and a dash three. One unit of silence lies between the two, three between
letters, seven between words (ITU-R M.1677-1). How long a unit is, is the sender's affair, and no
hand keeps it exactly. The sound is cut into frames of `FRAME` seconds, and each frame becomes the
strengths of a few frequencies: a narrow strip of a spectrogram.
"""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from, positive_integer

MORSE = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- "
            "...- .-- -..- -.-- --.."
        ).split(),
        strict=True,
    )
)
MARKS = ("silence", "dot", "dash", "pause")  # what a frame belongs to; a pause is within a letter
SILENCE, DOT, DASH, PAUSE = range(4)

RATE = 2000  # samples per second
FRAME = 0.02  # seconds
_SAMPLES = round(RATE * FRAME)  # in a frame
BANDS = np.arange(500, 701, 50)  # the frequencies that are looked at, in Hz
# A frame's strength at a frequency is its product with such a wave, faded in and out.
_WAVES = (
    np.hanning(_SAMPLES)[:, None]
    * np.exp(-2j * np.pi * np.arange(_SAMPLES)[:, None] / RATE * BANDS)
).astype(np.complex64)


class Signals(NamedTuple):
    """Pieces of sound, all equally long, and what is in them."""

    texts: list[str]  # n of them
    sounds: np.ndarray  # (n, T * samples in a frame), float32: the waves
    frames: np.ndarray  # (n, T, 5), float32: log(1 + strength) of each of `BANDS`
    marks: np.ndarray  # (n, T), int64: places in `MARKS`


def signals(texts, *, steps=160, noise=0.6, jitter=0.15, units=(0.035, 0.07), seed=0):
    """Sound and frames of texts in Morse code, each sent in its own way.

    Every text has its own speed, pitch (580 to 620 Hz), strength and moment of beginning. What is
    left of the time is noise.

    Parameters
    ----------
    texts : sequence of str
        Letters A to Z, with single spaces between words.
    steps : int
        T, the frames of each sound.
    noise : float
        Standard deviation of the noise, sample by sample; a tone's amplitude is 0.7 to 1.3.
    jitter : float
        How far the pieces are off their lengths: the standard deviation of the logarithm.
    units : pair of float
        Shortest and longest dot, in seconds.
    seed : int
        Same seed, same sounds.

    Returns
    -------
    Signals

    Raises
    ------
    ValueError
        If a text has another character, or takes longer than the frames last.

    Examples
    --------
    >>> data = signals(["SOS", "E"])
    >>> data.frames.shape, data.marks.shape
    ((2, 160, 5), (2, 160))
    """
    steps = positive_integer("steps", steps)
    rng = np.random.default_rng(integer_from("seed", seed, 0))
    n, samples = len(texts), steps * _SAMPLES
    sounds = np.float32(noise) * rng.standard_normal((n, samples), dtype=np.float32)
    marks = np.full((n, samples), SILENCE)
    clock = np.arange(samples) / RATE
    for row, sound, text in zip(marks, sounds, texts, strict=True):
        sent = _keying(text, rng, rng.uniform(*units), jitter)
        if len(sent) > samples:
            least = -(-len(sent) // _SAMPLES)
            raise ValueError(f"steps must be at least {least} for {text!r}, got {steps}")
        start = rng.integers(samples - len(sent) + 1)
        row[start : start + len(sent)] = sent
        pitch, phase = rng.uniform(580, 620), rng.uniform(0, 2 * np.pi)
        tone = rng.uniform(0.7, 1.3) * np.sin(2 * np.pi * pitch * clock + phase)
        sound += tone * np.isin(row, (DOT, DASH))
    strengths = np.abs(sounds.reshape(n, steps, _SAMPLES) @ _WAVES)
    in_the_middle = marks.reshape(n, steps, _SAMPLES)[:, :, _SAMPLES // 2]
    return Signals(list(texts), sounds, np.log1p(strengths), in_the_middle)


def _keying(text, rng, unit, jitter):
    """The mark of each sample while a text is sent, without the silence after it."""
    pieces = []  # pairs of a mark and its length in units
    for letter in text:
        if letter == " ":
            pieces[-1:] = [(SILENCE, 7)]
            continue
        if letter not in MORSE:
            raise ValueError(f"texts must be of letters A to Z and single spaces, got {text!r}")
        for symbol in MORSE[letter]:
            pieces += [(DOT, 1) if symbol == "." else (DASH, 3), (PAUSE, 1)]
        pieces[-1] = (SILENCE, 3)
    lengths = [units * unit * RATE * np.exp(jitter * rng.normal()) for _, units in pieces[:-1]]
    return np.repeat([mark for mark, _ in pieces[:-1]], np.round(lengths).astype(int))


def read_marks(marks):
    """The letters that a row of marks spells.

    Each run of dots or dashes is one of them, and silence ends a letter; pauses say nothing.

    Parameters
    ----------
    marks : sequence of int
        For each frame a place in `MARKS`.

    Returns
    -------
    str
        With "?" for what is no letter; without the spaces between words.

    Examples
    --------
    >>> read_marks([0, 2, 2, 3, 1, 0, 0, 1, 3, 3, 1, 3, 1, 1, 0])
    'NS'
    """
    letters = {code: letter for letter, code in MORSE.items()}
    runs = [mark for mark, _ in groupby(marks)]
    codes = "".join({SILENCE: " ", DOT: ".", DASH: "-", PAUSE: ""}[mark] for mark in runs)
    return "".join(letters.get(code, "?") for code in codes.split())
