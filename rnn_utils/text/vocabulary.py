"""Give each word an index, and make vectors of words and texts."""

from collections import Counter

import numpy as np

from rnn_utils.checks import integer_from, positive_integer
from rnn_utils.text.arguments import all_tokens, indices_below, one_row, sequences_of, token_list

UNKNOWN = "<unk>"


class Vocab:
    """The words that a model knows, each with an index.

    Parameters
    ----------
    tokens_or_sequences : list of str, or list of lists of str
        The words of a text, or of many. An empty list gives the special words alone.
    min_count : int
        Words that come less often are left out; at least 1.
    max_size : int, optional
        How many words there may be, the special ones included. The rarest are left out.
    specials : sequence of str
        Words that are in the vocabulary in any case, from index 0 on. With ``"<unk>"`` among them,
        every word that is left out has its index.

    Attributes
    ----------
    words : tuple of str
        By index: first the special words, then by falling count, equal counts in alphabetical
        order.
    counts : numpy.ndarray, shape (len(vocab),), int64
        How often each word came, by index; read-only. A special word that never came has 0:
        ``"<unk>"`` does not count the words left out.

    Raises
    ------
    ValueError
        If the tokens are not str, a number is not an integer in its range, or a special word is
        given twice.

    Examples
    --------
    >>> vocab = Vocab("the cat saw the dog".split(), max_size=3)
    >>> vocab
    Vocab(3 words: '<unk>', 'the', 'cat')
    >>> vocab["the"], vocab["dog"], "dog" in vocab
    (1, 0, False)
    >>> vocab.decode(vocab.encode(["the", "dog"]))
    ['the', '<unk>']
    """

    def __init__(self, tokens_or_sequences, *, min_count=1, max_size=None, specials=(UNKNOWN,)):
        counted = Counter(all_tokens("tokens_or_sequences", tokens_or_sequences))
        specials = token_list("specials", specials)
        if len(set(specials)) < len(specials):
            raise ValueError(f"specials must be different words, got {specials!r}")
        min_count = integer_from("min_count", min_count, 1)
        if max_size is not None:
            least = len(specials)
            max_size = integer_from("max_size", max_size, least, "number of specials = ")
        kept = {word for word, count in counted.items() if count >= min_count}.difference(specials)
        ordered = sorted(kept, key=lambda word: (-counted[word], word))
        self.words = (*specials, *ordered)[:max_size]
        self.counts = np.array([counted[word] for word in self.words], dtype=np.int64)
        self.counts.flags.writeable = False
        self._index = {word: k for k, word in enumerate(self.words)}
        self._unknown = self._index[UNKNOWN] if UNKNOWN in specials else None

    def __len__(self):
        return len(self.words)

    def __iter__(self):
        return iter(self.words)

    def __contains__(self, word):
        return word in self._index

    def __getitem__(self, word):
        """The index of a word; that of ``"<unk>"`` for an unknown one."""
        if not isinstance(word, str):
            raise ValueError(f"word must be a str, got {word!r}; decode goes from index to word")
        index = self._index.get(word, self._unknown)
        if index is None:
            raise ValueError(
                f"word must be in the vocabulary, which has no {UNKNOWN!r} among its special "
                f"words, got {word!r}"
            )
        return index

    def __repr__(self):
        n, shown = len(self), [repr(word) for word in self.words[:5]]
        more = [f"and {n - 5} more"] if n > 5 else []
        return f"Vocab({n} word{'s' * (n != 1)}{': ' * (n > 0)}{', '.join([*shown, *more])})"

    def encode(self, tokens):
        """Words as indices.

        Parameters
        ----------
        tokens : list of str, T of them

        Returns
        -------
        numpy.ndarray, shape (T,), int64

        Raises
        ------
        ValueError
            If the tokens are not a list of str, or one is unknown and there is no ``"<unk>"``.
        """
        return np.array([self[word] for word in token_list("tokens", tokens)], dtype=np.int64)

    def decode(self, indices):
        """Indices as words.

        Parameters
        ----------
        indices : array_like of int, shape (T,)

        Returns
        -------
        list of str, T of them

        Raises
        ------
        ValueError
            If the indices are not integers from 0 to ``len(vocab) - 1`` in one row.
        """
        return [
            self.words[k] for k in one_row("indices", indices_below("indices", indices, len(self)))
        ]


def one_hot(indices, size):
    """Vectors that are 1 at one place and 0 at all others.

    Parameters
    ----------
    indices : array_like of int, shape (...)
        From 0 to size - 1.
    size : int
        Length of a vector, at least 1.

    Returns
    -------
    numpy.ndarray, shape (..., size), float64

    Raises
    ------
    ValueError
        If the size is not a positive integer or an index is not an integer in its range.

    Examples
    --------
    >>> one_hot([2, 0], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    size = positive_integer("size", size)
    return (indices_below("indices", indices, size)[..., None] == np.arange(size)).astype(
        np.float64
    )


def bag_of_words(sequences, vocab):
    """How often each text has each word; their order is forgotten.

    Parameters
    ----------
    sequences : list of lists of str
        n texts, cut into words.
    vocab : Vocab
        Words that it does not have count as ``"<unk>"``.

    Returns
    -------
    numpy.ndarray, shape (n, len(vocab)), int64

    Raises
    ------
    ValueError
        If the texts are not cut into words, or a word is unknown and there is no ``"<unk>"``.

    Examples
    --------
    >>> vocab = Vocab(["dog", "bites", "man"])
    >>> vocab.words
    ('<unk>', 'bites', 'dog', 'man')
    >>> bag_of_words([["dog", "bites", "man"], ["man", "bites", "big", "dog"]], vocab).tolist()
    [[0, 1, 1, 1], [1, 1, 1, 1]]
    """
    if not isinstance(vocab, Vocab):
        raise ValueError(f"vocab must be a Vocab, got {type(vocab).__name__}")
    sequences = sequences_of("sequences", sequences)
    counts = np.zeros((len(sequences), len(vocab)), dtype=np.int64)
    for row, tokens in zip(counts, sequences, strict=True):
        row[:] = np.bincount(vocab.encode(tokens), minlength=len(vocab))
    return counts
