"""What `Word2Vec` is given, checked."""

from numbers import Real

import numpy as np


def sentence_lists(sentences):
    """The sentences as lists; they are read several times, so a generator would not do."""
    sentences = [sentences] if isinstance(sentences, str) else list(sentences)
    for words in sentences:
        if isinstance(words, str):  # its letters would pass for words
            raise ValueError(
                f"sentences must be lists of words, got the str {words!r:.60}; "
                "tokenize makes a list from a text"
            )
    return [list(words) for words in sentences]


def switch(name, value):
    """0 or 1, or a ValueError."""
    if isinstance(value, bool | int) and value in (0, 1):
        return int(value)
    raise ValueError(f"{name} must be 0 or 1, got {value!r}")


def finite_number(name, value, least=-np.inf):
    """A number as a float, or a ValueError."""
    if isinstance(value, bool) or not isinstance(value, Real) or not least <= value < np.inf:
        bound = "" if least == -np.inf else f" >= {least}"
        raise ValueError(f"{name} must be a finite number{bound}, got {value!r}")
    return float(value)
