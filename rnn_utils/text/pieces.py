"""Pieces of a long sequence to train on, in order."""

import numpy as np

from rnn_utils.checks import positive_integer
from rnn_utils.text.arguments import one_row


def windows(sequence, length, step=1):
    """All pieces of a fixed length, which overlap if ``step`` is smaller than it.

    Parameters
    ----------
    sequence : array_like, shape (T,)
    length : int
        At least 1.
    step : int
        From the start of one piece to the start of the next, at least 1.

    Returns
    -------
    numpy.ndarray, shape (n, length)
        A copy, of the same type as the sequence. There is no piece (n = 0) if T < length; what is
        left at the end and too short for a piece is not in it.

    Raises
    ------
    ValueError
        If the sequence has not one axis, or a number is not a positive integer.

    Examples
    --------
    >>> windows([1, 2, 3, 4, 5, 6], 3, step=2).tolist()
    [[1, 2, 3], [3, 4, 5]]
    """
    sequence = one_row("sequence", sequence)
    length, step = positive_integer("length", length), positive_integer("step", step)
    starts = np.arange(0, len(sequence) - length + 1, step)
    return sequence[starts[:, None] + np.arange(length)]


def batches(sequence, batch_size, steps):
    """A long sequence for a language model: rows side by side, read in pieces from the left.

    The sequence is cut into ``batch_size`` rows of equal length. A piece goes on in every row
    where the piece before ended, so the state of the network can be carried over. Targets are the
    inputs one symbol later; the target of a row's last input is the first input of the next row.

    Parameters
    ----------
    sequence : array_like, shape (T,)
        Longer than ``batch_size``.
    batch_size : int
        B, at least 1.
    steps : int
        Length of a piece, at least 1.

    Returns
    -------
    iterator of pairs of numpy.ndarray
        Inputs and targets, both (B, steps), the last pair shorter if the rows do not come out even;
        copies, of the same type as the sequence. It can be gone through once. The last symbol is a
        target only. Only the remainder that does not fill all rows is lost: the last
        (T - 1) modulo B symbols.

    Raises
    ------
    ValueError
        If the sequence has not one axis or is too short, or a number is not a positive integer.

    Examples
    --------
    >>> for inputs, targets in batches([0, 1, 2, 3, 4, 5, 6], batch_size=2, steps=2):
    ...     print(inputs.tolist(), "->", targets.tolist())
    [[0, 1], [3, 4]] -> [[1, 2], [4, 5]]
    [[2], [5]] -> [[3], [6]]
    """
    sequence = one_row("sequence", sequence)
    batch_size = positive_integer("batch_size", batch_size)
    steps = positive_integer("steps", steps)
    if len(sequence) <= batch_size:
        raise ValueError(
            f"sequence must be longer than batch_size = {batch_size}, got {len(sequence)} of it"
        )
    length = (len(sequence) - 1) // batch_size
    inputs = sequence[: batch_size * length].reshape(batch_size, length)
    targets = sequence[1 : batch_size * length + 1].reshape(batch_size, length)
    pieces = (slice(t, t + steps) for t in range(0, length, steps))
    return ((inputs[:, piece].copy(), targets[:, piece].copy()) for piece in pieces)
