"""Words with their neighbors: n-grams, pairs, and texts that repeat each other."""

import numpy as np

from rnn_utils.checks import positive_integer
from rnn_utils.text.arguments import indices_below, one_row, token_list


def ngrams(tokens, n):
    """All runs of ``n`` tokens.

    Parameters
    ----------
    tokens : list of str, T of them
    n : int
        At least 1.

    Returns
    -------
    list of tuples of str
        max(0, T - n + 1) of them, in order.

    Raises
    ------
    ValueError
        If the tokens are not a list of str or n is not a positive integer.

    Examples
    --------
    >>> ngrams(["the", "cat", "sat"], 2)
    [('the', 'cat'), ('cat', 'sat')]
    """
    tokens, n = token_list("tokens", tokens), positive_integer("n", n)
    return [tuple(tokens[t : t + n]) for t in range(len(tokens) - n + 1)]


def without_repeats(texts, n=12):
    """Texts without those that repeat an earlier one, wholly or in part.

    News agencies send an article again, with a sentence more. If one of the two is trained on and
    the other is held out, the model is tested on what it has seen.

    Parameters
    ----------
    texts : sequence of str
    n : int
        A text is left out if it shares a run of so many words with an earlier text that was kept.
        Shorter texts are left out only if they are equal to one.

    Returns
    -------
    list of str
        In their order.

    Raises
    ------
    ValueError
        If n is not a positive integer.

    Examples
    --------
    >>> without_repeats(["The cat sat.", "The cat ran.", "Then the cat sat."], n=2)
    ['The cat sat.']
    """
    n = positive_integer("n", n)
    seen, kept = set(), []
    for text in texts:
        words = text.split()
        runs = set(ngrams(words, n)) | {tuple(words)}
        if seen.isdisjoint(runs):
            kept.append(text)
            seen |= runs
    return kept


def skip_gram_pairs(indices, window, *, dynamic=False, seed=0):
    """Every word with each of its neighbors: what word2vec's skip-gram model trains on.

    Parameters
    ----------
    indices : array_like of int, shape (T,)
        One text, from 0. Pairs of two texts must not mix, so call this for each of them.
    window : int
        How far a neighbor may be to the left and to the right, at least 1.
    dynamic : bool
        Draw a window for each center, each from 1 to ``window`` equally likely. So near neighbors
        are paired more often than far ones (Mikolov et al. 2013).
    seed : int
        Same seed, same windows; it matters for ``dynamic=True`` only.

    Returns
    -------
    numpy.ndarray, shape (n, 2), int64
        Pairs of center and context, in order of the center's place, then of the context's.

    Raises
    ------
    ValueError
        If the indices are not integers from 0 in one row, or the window is not a positive integer.

    Examples
    --------
    >>> skip_gram_pairs([7, 8, 9], 1).tolist()
    [[7, 8], [8, 7], [8, 9], [9, 8]]
    """
    indices = one_row("indices", indices_below("indices", indices))
    window = positive_integer("window", window)
    T = len(indices)
    reach = np.full(T, window)
    if dynamic:
        reach = np.random.default_rng(seed).integers(1, window + 1, size=T)
    farthest = min(window, max(T - 1, 0))  # there is nobody beyond, however wide the window
    offsets = np.arange(-farthest, farthest + 1)
    offsets = offsets[offsets != 0]
    places = np.arange(T)[:, None] + offsets
    paired = (places >= 0) & (places < T) & (np.abs(offsets) <= reach[:, None])
    centers, _ = np.nonzero(paired)
    return np.stack([indices[centers], indices[places[paired]]], axis=1)
