"""Keep something, and say it later."""

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.tasks.sequences import IGNORE, Task, full


def delayed_echo(n_sequences, *, delay=10, length=None, n_symbols=2, seed=0):
    """Repeat at every step the symbol of ``delay`` steps before.

    This is how Jaeger (2001) measured the memory of a network. Every step brings a new symbol,
    each equally likely. With the default length only the last step asks, for the first symbol;
    all symbols between are in its way. With every further step one more symbol has to be kept at
    the same time.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    delay : int
        How many steps a symbol must be kept, at least 1.
    length : int, optional
        T, the number of steps, at least and by default ``delay + 1``. The last
        ``length - delay`` steps ask.
    n_symbols : int
        At least 2.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T) and ``targets`` (n, T), which are `IGNORE` for the first ``delay``
        steps. Chance: an accuracy of 1 / n_symbols.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = delayed_echo(1, delay=2, length=6, n_symbols=5, seed=1)
    >>> task.inputs[0].tolist(), task.targets[0].tolist()
    ([2, 2, 3, 4, 0, 0], [-100, -100, 2, 2, 3, 4])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    delay = integer_from("delay", delay, 1)
    length = delay + 1 if length is None else length
    length = integer_from("length", length, delay + 1, "delay + 1 = ")
    n_symbols = integer_from("n_symbols", n_symbols, 2)
    inputs = np.random.default_rng(seed).integers(n_symbols, size=(n_sequences, length))
    targets = np.full_like(inputs, IGNORE)
    targets[:, delay:] = inputs[:, :-delay]
    return Task(inputs, targets, full(inputs), 1 / n_symbols)


def marked_echo(n_sequences, *, delay=10, length=None, n_symbols=4, seed=0):
    """Repeat the one symbol that is marked, ``delay`` steps after it.

    In `delayed_echo` a fixed time tells what to say, here the input tells what to keep: the mark
    comes anywhere, and every other symbol must be let go by.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    delay : int
        How many steps the symbol must be kept, at least 1.
    length : int, optional
        T, the number of steps, at least ``delay + 1``, by default ``2 * delay``.
        The mark is equally likely on each of the first ``length - delay`` steps.
    n_symbols : int
        At least 2. Input k is the symbol k, input n_symbols + k the symbol k with the mark.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T) and ``targets`` (n, T), which are `IGNORE` but for one step. Chance: an
        accuracy of 1 / n_symbols.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = marked_echo(1, delay=3, length=7, n_symbols=2, seed=3)
    >>> task.inputs[0].tolist(), task.targets[0].tolist()
    ([1, 0, 2, 0, 0, 1, 1], [-100, -100, -100, -100, -100, 0, -100])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    delay = integer_from("delay", delay, 1)
    length = 2 * delay if length is None else length
    length = integer_from("length", length, delay + 1, "delay + 1 = ")
    n_symbols = integer_from("n_symbols", n_symbols, 2)
    rng = np.random.default_rng(seed)
    inputs = rng.integers(n_symbols, size=(n_sequences, length))
    rows, marked = np.arange(n_sequences), rng.integers(length - delay, size=n_sequences)
    targets = np.full_like(inputs, IGNORE)
    targets[rows, marked + delay] = inputs[rows, marked]
    inputs[rows, marked] += n_symbols
    return Task(inputs, targets, full(inputs), 1 / n_symbols)


def copy(n_sequences, *, n_copied=10, delay=10, n_symbols=8, seed=0):
    """Repeat a string of symbols after a pause.

    First come ``n_copied`` symbols, then ``delay`` steps of waiting, the last of them the sign to
    begin, then ``n_copied`` steps in which the string is asked for (Arjovsky et al. 2016, section
    5.1; there the answer "blank" was asked for in all other steps, here nothing is).

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    n_copied : int
        Length of the string, at least 1.
    delay : int
        Steps between the string and the answer, at least 1.
    n_symbols : int
        At least 2. The symbols are 0 to n_symbols - 1, n_symbols means wait and n_symbols + 1
        begin.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` and ``targets`` of shape (n, T), T = 2 n_copied + delay; targets are `IGNORE`
        before the last ``n_copied`` steps. Chance: an accuracy of 1 / n_symbols.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = copy(1, n_copied=3, delay=2, n_symbols=4, seed=0)
    >>> task.inputs[0].tolist()
    [3, 2, 2, 4, 5, 4, 4, 4]
    >>> task.targets[0, -3:].tolist()
    [3, 2, 2]
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    n_copied = integer_from("n_copied", n_copied, 1)
    delay = integer_from("delay", delay, 1)
    n_symbols = integer_from("n_symbols", n_symbols, 2)
    symbols = np.random.default_rng(seed).integers(n_symbols, size=(n_sequences, n_copied))
    inputs = np.full((n_sequences, 2 * n_copied + delay), n_symbols)
    inputs[:, :n_copied] = symbols
    inputs[:, n_copied + delay - 1] = n_symbols + 1
    targets = np.full_like(inputs, IGNORE)
    targets[:, -n_copied:] = symbols
    return Task(inputs, targets, full(inputs), 1 / n_symbols)


def adding(n_sequences, *, length=100, seed=0):
    """Add the two numbers that are marked.

    Every step brings a number between 0 and 1 and a mark, 0 or 1. Two steps are marked, one in
    each half. After the last step the sum of their numbers is asked for. The task is that of
    Hochreiter and Schmidhuber (1997, experiment 4) in the form of Arjovsky et al. (2016).

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 2.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T, 2), float64: number and mark; ``targets`` (n,), float64, between 0 and
        2. Chance: a mean squared error of 1/6, that of always answering 1.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = adding(1, length=4, seed=0)
    >>> task.inputs[0].round(2).tolist(), task.targets.round(2).tolist()
    ([[0.64, 1.0], [0.27, 0.0], [0.04, 0.0], [0.02, 1.0]], [0.65])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 2)
    rng = np.random.default_rng(seed)
    numbers = rng.random((n_sequences, length))
    marks = np.zeros_like(numbers)
    rows = np.arange(n_sequences)
    marks[rows, rng.integers(length // 2, size=n_sequences)] = 1
    marks[rows, rng.integers(length // 2, length, size=n_sequences)] = 1
    inputs = np.stack([numbers, marks], axis=-1)
    return Task(inputs, (numbers * marks).sum(axis=1), full(inputs), 1 / 6)


def last_marked(n_sequences, *, length=15, rate=0.15, seed=0):
    """Say at every step the value that was marked last.

    Values go by; now and then one is marked. The network has to hold the last marked one, and to
    replace it when another is marked.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 1. A network that has learned the rule is right on longer sequences, too.
    rate : float
        How often a value is marked, 0 to 1; the first one always is.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T, 2): a value, uniform between -1 and 1, and its mark, 0 or 1. ``targets``
        (n, T), float64. Chance: a mean squared error of 1/3, that of always answering 0.

    Raises
    ------
    ValueError
        If a number is not in its range.

    Examples
    --------
    >>> task = last_marked(1, length=4, rate=0.5, seed=0)
    >>> task.inputs[0].round(2).tolist()
    [[0.27, 1.0], [-0.46, 0.0], [-0.92, 0.0], [-0.97, 0.0]]
    >>> task.targets.round(2).tolist()
    [[0.27, 0.27, 0.27, 0.27]]
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 1)
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must be between 0 and 1, got {rate!r}")
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (n_sequences, length))
    marks = rng.random((n_sequences, length)) < rate
    marks[:, 0] = True
    place = np.maximum.accumulate(np.where(marks, np.arange(length), 0), axis=1)
    inputs = np.stack([values, marks], axis=-1)
    return Task(inputs, np.take_along_axis(values, place, axis=1), full(inputs), 1 / 3)
