"""Morse code as a receiver hears it: a tone that is on and off, at a human pace, in noise.

A dot is one unit long and a dash three; one unit of silence lies between them, three between two
letters, seven between two words (ITU-R M.1677). How long a unit is, is the sender's affair, and no
hand keeps it exactly. The sound is cut into frames of `FRAME` seconds, and each frame becomes the
strengths of a few frequencies, a short piece of a spectrogram.
"""

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
RATE = 2000  # samples per second
FRAME = 0.02  # seconds
_SAMPLES = round(RATE * FRAME)  # in a frame; so its frequencies are 1 / FRAME = 50 Hz apart
BANDS = np.arange(500, 701, 50)  # the frequencies that are looked at, in Hz
# A frame's strength at a frequency is its product with this wave, faded in and out (Hann window).
_WAVES = np.hanning(_SAMPLES)[:, None] * np.exp(
    -2j * np.pi * np.arange(_SAMPLES)[:, None] / RATE * BANDS
)
_WAVES = _WAVES.astype(np.complex64)
MARKS = ("silence", "dot", "dash")  # what a frame can belong to


class Signals(NamedTuple):
    """Pieces of sound, all equally long, with what is in them."""

    texts: list[str]  # n texts, letters and spaces
    sounds: np.ndarray  # (n, T * samples), float32, the waves
    frames: np.ndarray  # (n, T, 9), float32, for each frame the logarithm of the strength of `BANDS`
    marks: np.ndarray  # (n, T), int64, for each frame its place in `MARKS`


def keying(text, rng, *, unit, jitter):
    """When the key is down: the pieces of a text, one after the other.

    Parameters
    ----------
    text : str
        Letters A to Z and single spaces between words.
    rng : numpy.random.Generator
    unit : float
        Seconds of a dot.
    jitter : float
        How far a piece is off its length, as a standard deviation of its logarithm.

    Returns
    -------
    list of tuple
        Pairs (mark, seconds); the mark is a place in `MARKS`.
    """
    pieces = []
    for letter, following in zip(text, [*text[1:], ""], strict=True):
        if letter == " ":
            continue
        for k, symbol in enumerate(MORSE[letter]):
            pieces += [(0, 1)] if k else []
            pieces.append((1, 1) if symbol == "." else (2, 3))
        pieces.append((0, 7 if following == " " else 3))
    return [
        (mark, unit * units * np.exp(jitter * rng.normal())) for mark, units in pieces
    ]


def signals(texts, *, steps, noise=1.0, jitter=0.1, units=(0.04, 0.06), seed=0):
    """Sound and frames of texts in Morse code, each sent in its own way.

    Every text has its own speed, pitch, strength and moment of beginning; what is left of the time
    is noise.

    Parameters
    ----------
    texts : sequence of str
        Letters A to Z and single spaces.
    steps : int
        T, frames of each sound.
    noise : float
        Standard deviation of the noise; the tone's amplitude is 1 on the average.
    jitter : float
        As for `keying`.
    units : pair of float
        Shortest and longest dot, in seconds.
    seed : int

    Returns
    -------
    Signals

    Raises
    ------
    ValueError
        If a text has another character, or takes longer than the frames last.
    """
    steps, rng = positive_integer("steps", steps), np.random.default_rng(integer_from("seed", seed, 0))
    n, samples = len(texts), steps * _SAMPLES
    marks = np.zeros((n, samples), dtype=np.int64)
    sounds = np.float32(noise) * rng.standard_normal((n, samples), dtype=np.float32)
    clock = np.arange(samples) / RATE
    for row, sound, text in zip(marks, sounds, texts, strict=True):
        if unknown := set(text) - {*MORSE, " "}:
            raise ValueError(f"texts must be of letters A to Z and spaces, got {sorted(unknown)}")
        pieces = keying(text, rng, unit=rng.uniform(*units), jitter=jitter)
        said = np.repeat(
            [mark for mark, _ in pieces], [round(length * RATE) for _, length in pieces]
        )
        if len(said) > samples:
            raise ValueError(
                f"steps must be at least {-(-len(said) // _SAMPLES)} for {text!r}, got {steps}"
            )
        start = rng.integers(samples - len(said) + 1)
        row[start : start + len(said)] = said
        tone = rng.uniform(0.7, 1.3) * np.sin(
            2 * np.pi * rng.uniform(580, 620) * clock + rng.uniform(0, 2 * np.pi)
        )
        sound += tone * (row > 0)
    cut = sounds.reshape(n, steps, _SAMPLES)
    strengths = np.hypot(cut @ _WAVES.real, cut @ _WAVES.imag)
    middle = marks.reshape(n, steps, _SAMPLES)[..., _SAMPLES // 2]
    return Signals(
        list(texts), sounds, np.log(strengths + 1), middle
    )
