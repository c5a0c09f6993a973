"""What a task is, and words as indices."""

from typing import NamedTuple

import numpy as np

PADDING = "<pad>"
UNKNOWN = "<unk>"
IGNORE = -100  # as a target: nothing is asked here; PyTorch's losses skip it by default


class Task(NamedTuple):
    """Sequences with what a network should answer."""

    inputs: np.ndarray  # (n, T), int symbols from 0; or (n, T, D), float64
    targets: np.ndarray  # (n, T) for an answer at every step, (n,) for one at the end
    lengths: np.ndarray  # (n,), int: how many steps of each sequence count
    chance: float  # what the best guess that reads no input scores: accuracy, or squared error


def full(inputs):
    """Lengths of sequences that all go to the end."""
    return np.full(len(inputs), inputs.shape[1])


def encode(tokens, vocabulary):
    """Words as indices into a vocabulary, one row per sentence.

    Parameters
    ----------
    tokens : sequence of sequences of str
        n sentences, each a list of words and none of them empty; T is the length of the longest.
    vocabulary : sequence of str
        The index of a word is its place here. ``"<pad>"`` has to be among them if the sentences
        differ in length.

    Returns
    -------
    indices : numpy.ndarray
        Shape (n, T), int64; shorter sentences are filled with the index of ``"<pad>"`` on the
        right, where a network that reads from the left meets them only after the last word.
    lengths : numpy.ndarray
        Shape (n,), int64; the state after the last word of sentence k is that of step
        ``lengths[k] - 1``, counted from 0.

    Raises
    ------
    ValueError
        If there is no sentence, a sentence is empty or not split into words, or a word is not in
        the vocabulary.

    Examples
    --------
    >>> indices, lengths = encode([["the", "mice"], ["mice"]], ("<pad>", "the", "mice"))
    >>> indices.tolist(), lengths.tolist()
    ([[1, 2], [2, 0]], [2, 1])
    """
    if isinstance(tokens, str) or any(isinstance(words, str) for words in tokens):
        raise ValueError(f"tokens must be lists of words, got {tokens!r}; split() makes them")
    lengths = np.array([len(words) for words in tokens], dtype=np.int64)
    if lengths.size == 0 or lengths.min() == 0:
        raise ValueError(f"tokens must be one sentence or more, none empty, got {tokens!r}")
    index = {word: k for k, word in enumerate(vocabulary)}
    needed = {word for words in tokens for word in words}
    if lengths.min() < lengths.max():
        needed.add(PADDING)
    if missing := sorted(needed - index.keys()):
        raise ValueError(f"vocabulary must contain every word, got one without {missing}")
    indices = np.full((len(lengths), lengths.max()), index.get(PADDING, 0), dtype=np.int64)
    for row, words in zip(indices, tokens, strict=True):
        row[: len(words)] = [index[word] for word in words]
    return indices, lengths
