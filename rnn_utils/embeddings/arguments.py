"""What `WordVectors` is made of and asked about: words, pairs of words, and a table of vectors."""

import numpy as np

from rnn_utils.checks import finite_array


def fault(word, seen):
    """What is wrong with a word that comes after those already seen; None if nothing is."""
    if not isinstance(word, str):
        return "strings"
    if word.split() != [word]:
        return "neither empty nor with whitespace"
    return "different from each other" if word in seen else None


def matrix(vectors, n_words):
    """A read-only copy of the vectors, or a ValueError."""
    dtype = str(getattr(vectors, "dtype", "float64")).removeprefix("torch.")
    if dtype not in ("float32", "float64"):
        raise ValueError(
            f"vectors must have dtype float32 or float64, got {dtype}; "
            "convert them with np.asarray(..., np.float64)"
        )
    vectors = np.array(finite_array("vectors", vectors, dtype), order="C")
    if vectors.ndim != 2 or len(vectors) != n_words or not vectors.shape[1]:
        raise ValueError(f"vectors must have shape ({n_words}, D), D >= 1, got {vectors.shape}")
    vectors.setflags(write=False)
    return vectors


def listed(words):
    """One word or several as a list."""
    return [words] if isinstance(words, str) else list(words)


def word_pairs(name, pairs):
    """A list of tuples of two words, or a ValueError."""
    pairs = listed(pairs)
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"{name} must be pairs of words, got {pair!r}")
    return [tuple(pair) for pair in pairs]
