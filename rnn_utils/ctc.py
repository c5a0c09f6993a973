"""Reading a text off frames that are not lined up with it: CTC (Graves et al. 2006).

At every frame a network gives a probability to each symbol, and to one more that stands for
nothing new, the blank. A **path** is one choice at each frame. It says a text: repetitions are
joined, then blanks dropped. A text's probability is the sum over all paths that say it.
"""

from itertools import groupby

import numpy as np

from rnn_utils.checks import integer_from


def collapse(path, blank=0):
    """What a path says: repetitions joined, then blanks dropped.

    Parameters
    ----------
    path : iterable
        A symbol for each frame.
    blank
        The symbol for nothing new.

    Returns
    -------
    list

    Examples
    --------
    >>> "".join(collapse("-hheel-llo-", blank="-")), "".join(collapse("hhelllo", blank="-"))
    ('hello', 'helo')
    """
    return [symbol for symbol, _ in groupby(path) if symbol != blank]


def greedy_decode(log_probs, blank=0):
    """What the single most probable path says, frame by frame the best symbol.

    It is not always the most probable text, which may have many paths that share its probability.

    Parameters
    ----------
    log_probs : array_like, shape (T, V)
        For each frame the log probabilities of all symbols, or any scores in their order.
    blank : int

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        If the shape is another or ``blank`` is not one of the V symbols.
    """
    log_probs = _frames(log_probs, blank)
    return [int(symbol) for symbol in collapse(log_probs.argmax(axis=1), blank)]


def log_probability(log_probs, target, blank=0):
    """The log probability of a text: the sum over all its paths, by the forward algorithm.

    The text is written with a blank at both ends and between any two symbols. A path walks along
    it: at each frame it stays, goes one place on, or skips a blank between two different symbols
    (Graves et al. 2006, equations 6 and 7).

    Parameters
    ----------
    log_probs : array_like, shape (T, V)
        For each frame the log probabilities of all symbols.
    target : sequence of int
        The text, L symbols without blanks; it may be empty.
    blank : int

    Returns
    -------
    float
        Minus infinity if the frames are too few: a text needs a frame for each symbol, and one
        more between two equal ones.

    Raises
    ------
    ValueError
        If the shape is another, or ``blank`` or the target is not among the V symbols.

    Examples
    --------
    >>> even = np.log(np.full((8, 4), 1 / 4))
    >>> round(np.exp(log_probability(even, [1, 2, 3])) * 4**8)  # ways to say abc in 8 frames
    462
    """
    log_probs = _frames(log_probs, blank)
    target = np.asarray(target, dtype=np.int64)
    if ((target < 0) | (target >= log_probs.shape[1]) | (target == blank)).any():
        raise ValueError(
            f"target must be symbols from 0 to {log_probs.shape[1] - 1} "
            f"without the blank, {blank}, got {target.tolist()}"
        )
    places = np.full(2 * len(target) + 1, blank)  # blank, first symbol, blank, second symbol, ...
    places[1::2] = target
    may_skip = np.zeros(len(places), dtype=bool)
    may_skip[2:] = (places[2:] != blank) & (places[2:] != places[:-2])

    alpha = np.full(len(places), -np.inf)  # paths so far, by the place where they stand
    alpha[:2] = log_probs[0, places[:2]]  # a path begins with the blank or the first symbol
    for frame in log_probs[1:]:
        one_on = np.concatenate(([-np.inf], alpha))[:-1]
        two_on = np.concatenate(([-np.inf, -np.inf], alpha))[:-2]
        skipping = np.where(may_skip, two_on, -np.inf)
        alpha = np.logaddexp(np.logaddexp(alpha, one_on), skipping) + frame[places]
    return float(np.logaddexp.reduce(alpha[-2:]))  # it ends at the last symbol or the last blank


def _frames(log_probs, blank):
    """``log_probs`` as an array of frames, in which ``blank`` is one of the symbols."""
    log_probs = np.asarray(log_probs, dtype=np.float64)
    if log_probs.ndim != 2 or 0 in log_probs.shape:
        raise ValueError(f"log_probs must have shape (T, V), got {log_probs.shape}")
    if integer_from("blank", blank, 0) >= log_probs.shape[1]:
        raise ValueError(f"blank must be from 0 to {log_probs.shape[1] - 1}, got {blank}")
    return log_probs
