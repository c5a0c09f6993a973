"""What the functions on texts accept: lists of words, and arrays of indices."""

import sys
from collections.abc import Iterable

import numpy as np


def token_list(name, tokens):
    """``tokens`` as a list of str. A str itself is refused: its items are not words."""
    if isinstance(tokens, str) or not isinstance(tokens, Iterable):
        raise ValueError(
            f"{name} must be a list of words, got {type(tokens).__name__}; "
            "tokenize makes one from a text"
        )
    tokens = list(tokens)
    for token in tokens:
        if not isinstance(token, str):
            raise ValueError(f"{name} must be a list of words, got {token!r} in it")
    return tokens


def sequences_of(name, sequences):
    """``sequences`` as a list of lists of str."""
    if isinstance(sequences, str) or not isinstance(sequences, Iterable):
        raise ValueError(f"{name} must be lists of words, got {type(sequences).__name__}")
    return [token_list(f"each of {name}", tokens) for tokens in sequences]


def all_tokens(name, tokens_or_sequences):
    """All words in one list, whether they came in one list or in many."""
    if isinstance(tokens_or_sequences, str) or not isinstance(tokens_or_sequences, Iterable):
        return token_list(name, tokens_or_sequences)
    items = list(tokens_or_sequences)
    if any(isinstance(item, str) for item in items):
        return token_list(name, items)
    return [token for tokens in sequences_of(name, items) for token in tokens]


def indices_below(name, values, size=sys.maxsize):
    """``values`` as an int64 array of numbers from 0 to size - 1."""
    values = _array(name, values)
    if values.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got {values.dtype}")
    if outside := values[(values < 0) | (values >= size)].tolist():
        bound = "integers >= 0" if size == sys.maxsize else f"integers from 0 to {size - 1}"
        raise ValueError(f"{name} must be {bound}, got {outside[0]}")
    return values.astype(np.int64)


def _array(name, values):
    """``values`` as an array; of int64 if it is an empty list, which NumPy takes for floats."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array: {error}") from None
    return array.astype(np.int64) if array.size == 0 and array is not values else array


def one_row(name, values):
    """``values`` as an array with one axis."""
    values = _array(name, values)
    if values.ndim != 1:
        raise ValueError(f"{name} must be one row of shape (T,), got shape {values.shape}")
    return values
