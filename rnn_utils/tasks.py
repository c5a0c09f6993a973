"""Toy tasks on which a recurrent network has to remember something.

A task is drawn from a seeded generator and needs NumPy only, so a chapter can train on it in
seconds and a reader can make it longer or harder by changing one number.
"""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from

PADDING = "<pad>"

# Singular, plural. "mice" has no s: the number of a noun has to be learned word by word.
_NOUNS = (("cat", "cats"), ("dog", "dogs"), ("mouse", "mice"))
_PAST = ("ate", "saw", "chased")  # the same form for one and for many

AGREEMENT_VOCABULARY = (
    *(PADDING, "the", *_PAST, "which", "already", "and", ","),
    *(noun for pair in _NOUNS for noun in pair),
)
AGREEMENT_VERBS = ("was", "were")


class Agreement(NamedTuple):
    """Sentences that break off, and which verb has to come next."""

    tokens: list[list[str]]  # n lists of words, each ending just before the verb
    targets: np.ndarray  # (n,), int: 0 = was, 1 = were


def agreement(n_sentences, *, min_objects=1, max_objects=3, seed=0):
    """Sentences in which a clause stands between the subject and its verb.

    "the cat , which already ate the dogs and the mice ," goes on with *was*, and with *were* if it
    begins with "the cats". Only the second word decides: the nouns in the clause are drawn from
    the same six words, and their number does not depend on the subject's, so neither the last of
    them nor most of them give the verb away. The task is that of Linzen, Dupoux and Goldberg
    (2016), made small.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1. The two verbs are needed equally often (for an odd number *was* once
        more), so guessing is right half of the time.
    min_objects, max_objects : int
        The clause has at least and at most so many nouns, each count equally likely;
        1 <= min_objects <= max_objects. With k of them a sentence has 6 + 3k tokens.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Agreement
        ``tokens``, a list of n_sentences lists of words, and ``targets``, an integer array of
        shape (n_sentences,): 0 where *was* comes next, 1 where *were* does.

    Raises
    ------
    ValueError
        If a count is not an integer in its range.

    Examples
    --------
    >>> tokens, targets = agreement(3, seed=2)
    >>> for words, target in zip(tokens, targets):
    ...     print(*words, "->", AGREEMENT_VERBS[target])
    the mouse , which already saw the dog , -> was
    the dog , which already chased the mice , -> was
    the cats , which already ate the mouse and the dog , -> were
    """
    integer_from("n_sentences", n_sentences, 1)
    integer_from("min_objects", min_objects, 1)
    integer_from("max_objects", max_objects, min_objects, "min_objects = ")
    rng = np.random.default_rng(seed)
    targets = rng.permutation(np.arange(n_sentences) % 2)
    n_objects = rng.integers(min_objects, max_objects + 1, n_sentences)
    tokens = [_sentence(rng, *drawn) for drawn in zip(targets, n_objects, strict=True)]
    return Agreement(tokens, targets)


def _sentence(rng, plural, n_objects):
    """One sentence: the number of the subject is given, everything else is drawn."""
    subject = _NOUNS[rng.integers(len(_NOUNS))][plural]
    objects = [_NOUNS[a][b] for a, b in rng.integers((len(_NOUNS), 2), size=(n_objects, 2))]
    clause = " and ".join(f"the {noun}" for noun in objects)
    return f"the {subject} , which already {rng.choice(_PAST)} {clause} ,".split()


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
