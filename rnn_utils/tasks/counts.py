"""Count: ones, pairs of symbols, brackets."""

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.tasks.sequences import IGNORE, Task, full


def parity(n_sequences, *, length=20, seed=0):
    """Say at every step whether the number of ones so far is odd.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 1. A network that has solved the task on short sequences has solved it on all.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T), fair bits, and ``targets`` (n, T), their sum modulo 2 up to each step.
        Chance: an accuracy of 0.5.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = parity(1, length=6, seed=3)
    >>> task.inputs[0].tolist(), task.targets[0].tolist()
    ([1, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 0])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 1)
    inputs = np.random.default_rng(seed).integers(2, size=(n_sequences, length))
    return Task(inputs, inputs.cumsum(axis=1) % 2, full(inputs), 0.5)


def anbn(n_sequences, *, min_count=1, max_count=10, seed=0):
    """Say after the last symbol whether there were as many b as a.

    Half of the strings are aⁿbⁿ, half aⁿbᵐ with m ≠ n. In both halves n is uniform between the
    two counts, and so is m, and n + m is even: neither number alone tells, nor whether the length
    is odd. (Very short and very long strings are more often aⁿbⁿ, so who looks at the length alone
    is right in about 0.65 with the default counts.) Train on small counts and test on larger ones
    (Gers and Schmidhuber 2001).

    Parameters
    ----------
    n_sequences : int
        How many, at least 1; for an odd number there is one more aⁿbⁿ.
    min_count, max_count : int
        Range of n and m; 1 <= min_count and min_count + 3 <= max_count.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T), 0 for a, 1 for b, and 0 past each length; T = 2 max_count.
        ``targets`` (n,): 1 for aⁿbⁿ, else 0. Chance: an accuracy of 0.5.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = anbn(2, max_count=4, seed=1)
    >>> for symbols, length, target in zip(task.inputs, task.lengths, task.targets):
    ...     print("".join("ab"[k] for k in symbols[:length]), target)
    aaabbb 1
    aaaabb 0
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    min_count = integer_from("min_count", min_count, 1)
    max_count = integer_from("max_count", max_count, min_count + 3, "min_count + 3 = ")
    rng = np.random.default_rng(seed)
    targets = rng.permutation(np.arange(1, n_sequences + 1) % 2)
    n_a = rng.integers(min_count, max_count + 1, n_sequences)
    n_b = n_a.copy()
    for k in np.flatnonzero(targets == 0):
        even = np.arange(min_count, max_count + 1)
        n_b[k] = rng.choice(even[(even != n_a[k]) & ((even - n_a[k]) % 2 == 0)])
    steps = np.arange(2 * max_count)
    is_b = (steps >= n_a[:, None]) & (steps < (n_a + n_b)[:, None])
    return Task(is_b.astype(np.int64), targets, n_a + n_b, 0.5)


def counting(n_sequences, *, min_count=1, max_count=10, seed=0):
    """Say at every b of aⁿbⁿ whether it is the last one.

    Only who has counted the a's knows. Train on small counts and test on larger ones (Gers and
    Schmidhuber 2001). Unlike in `anbn`, there is an answer at every b, so it is learned quickly.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    min_count, max_count : int
        n is uniform between them; 1 <= min_count <= max_count.
    seed : int
        Same seed, same strings.

    Returns
    -------
    Task
        ``inputs`` (n, T), 0 for a, 1 for b, and 0 past each length; T = 2 max_count. ``targets``
        (n, T): 1 at the last b, 0 at those before, `IGNORE` elsewhere. Chance: who always
        calls the same b the last is right throughout in 1 / (max_count - min_count + 1) of the
        strings.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = counting(1, max_count=3, seed=3)
    >>> "".join("ab"[k] for k in task.inputs[0, : task.lengths[0]]), task.targets[0].tolist()
    ('aaabbb', [-100, -100, -100, 0, 0, 1])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    min_count = integer_from("min_count", min_count, 1)
    max_count = integer_from("max_count", max_count, min_count, "min_count = ")
    count = np.random.default_rng(seed).integers(min_count, max_count + 1, (n_sequences, 1))
    steps = np.arange(2 * max_count)
    is_b = (steps >= count) & (steps < 2 * count)
    targets = np.where(is_b, steps == 2 * count - 1, IGNORE)
    return Task(is_b.astype(np.int64), targets, 2 * count[:, 0], 1 / (max_count - min_count + 1))


def bracket_depth(n_sequences, *, length=20, max_depth=4, seed=0):
    """Say after every bracket how many are open.

    A fair coin decides between "(" and ")", except that nothing is closed at depth 0 and nothing
    opened at ``max_depth``.

    Parameters
    ----------
    n_sequences : int
        How many, at least 1.
    length : int
        T, at least 1.
    max_depth : int
        At least 1.
    seed : int
        Same seed, same sequences.

    Returns
    -------
    Task
        ``inputs`` (n, T), 0 for "(" and 1 for ")"; ``targets`` (n, T), the depth after each, 0 to
        max_depth. Chance: the accuracy of the best guess for each step. It is above
        1 / (max_depth + 1), because the depth is odd after an odd number of brackets and even after
        an even number.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> task = bracket_depth(1, length=8, max_depth=2, seed=0)
    >>> "".join("()"[k] for k in task.inputs[0]), task.targets[0].tolist()
    ('()(()()(', [1, 0, 1, 2, 1, 2, 1, 2])
    """
    n_sequences = integer_from("n_sequences", n_sequences, 1)
    length = integer_from("length", length, 1)
    max_depth = integer_from("max_depth", max_depth, 1)
    coins = np.random.default_rng(seed).integers(2, size=(n_sequences, length))
    inputs, targets = np.empty_like(coins), np.empty_like(coins)
    depth = np.zeros(n_sequences, dtype=np.int64)
    for t in range(length):
        closes = np.where(depth == 0, 0, np.where(depth == max_depth, 1, coins[:, t]))
        depth = depth + 1 - 2 * closes
        inputs[:, t], targets[:, t] = closes, depth
    return Task(inputs, targets, full(inputs), _guessed_depths(length, max_depth))


def _guessed_depths(length, max_depth):
    """How often the most probable depth of each step is right."""
    opens = np.full(max_depth + 1, 0.5)
    opens[0], opens[-1] = 1, 0
    share, right = np.eye(max_depth + 1)[0], 0.0  # of the sequences that are at each depth
    for _ in range(length):
        up, down = share * opens, share * (1 - opens)
        share = np.append(0, up[:-1]) + np.append(down[1:], 0)
        right += share.max()
    return float(right / length)
