"""Dates in eight languages and in ISO 8601: the pairs that an encoder and a decoder learn from.

`rnn_utils.datasets.load_dates` draws them. Here is which of them have an answer, which days are
kept for testing, and how characters become indices.
"""

import re
from datetime import date

import numpy as np

from rnn_utils.tasks import PADDING, UNKNOWN, encode

LOCALES = ("en", "de", "fr", "es", "pl", "ru", "hu", "zh")
START, END = "<s>", "</s>"
TARGET = (START, END, "-", *"0123456789")  # an index for each token that the decoder can write
SLASHES = r"\d+/\d+/\d{4}"  # 6/5/1987: in June in the United States, in May in France


def has_answer(pair):
    """Whether the text alone tells the day: with slashes the month comes first, as in English.

    Parameters
    ----------
    pair : rnn_utils.datasets.DatePair

    Returns
    -------
    bool

    Examples
    --------
    >>> from rnn_utils.datasets import DatePair
    >>> has_answer(DatePair("05/06/1987", "1987-06-05", "fr"))
    False
    """
    return pair.locale == "en" or not re.fullmatch(SLASHES, pair.text)


def held_out(pair):
    """Whether the day is one for testing: every fifth is, however it is written.

    Parameters
    ----------
    pair : rnn_utils.datasets.DatePair

    Returns
    -------
    bool
    """
    return date.fromisoformat(pair.iso).toordinal() % 5 == 0


def source_tokens(pairs):
    """The tokens that an encoder of these texts needs: padding, unknown, then all characters.

    Parameters
    ----------
    pairs : sequence of rnn_utils.datasets.DatePair

    Returns
    -------
    list of str
        Characters in the order of their code points.
    """
    return [PADDING, UNKNOWN, *sorted({character for pair in pairs for character in pair.text})]


def encode_texts(texts, tokens):
    """Texts as rows of indices.

    Parameters
    ----------
    texts : sequence of str
        None of them empty.
    tokens : sequence of str
        From `source_tokens`; any other character is ``"<unk>"``.

    Returns
    -------
    source : numpy.ndarray of int64, shape (n, T)
        Padded at the end.
    lengths : numpy.ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        If there is no text, or an empty one.
    """
    known = set(tokens)
    return encode([[c if c in known else UNKNOWN for c in text] for text in texts], tokens)


def encode_dates(dates):
    """ISO dates as rows of indices of `TARGET`, a start token before each and an end token after.

    Parameters
    ----------
    dates : sequence of str
        Like "1987-06-05".

    Returns
    -------
    numpy.ndarray of int64, shape (n, 12)

    Raises
    ------
    ValueError
        If there is none, or another character in one.

    Examples
    --------
    >>> encode_dates(["1987-06-05"])
    array([[ 0,  4, 12, 11, 10,  2,  3,  9,  2,  3,  8,  1]])
    """
    return encode([[START, *iso, END] for iso in dates], TARGET)[0]


def decode_date(indices):
    """What a decoder wrote, as text up to the end token.

    Parameters
    ----------
    indices : sequence of int
        Into `TARGET`, without the start token.

    Returns
    -------
    str

    Examples
    --------
    >>> decode_date([4, 12, 11, 10, 1, 5])
    '1987'
    """
    written = [TARGET[index] for index in np.asarray(indices)]
    return "".join(written[: written.index(END)] if END in written else written)
