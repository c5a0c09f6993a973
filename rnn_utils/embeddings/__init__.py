"""Words as vectors: neighbors, analogies, evaluation, debiasing and files, in NumPy alone.

`WordVectors` holds trained vectors, wherever they come from, and asks them questions. Names, rules
and results are those of gensim's ``KeyedVectors``, and so are the files. How the vectors are
trained is the business of other modules.

Shapes: ``V`` words, ``D`` numbers in each vector.
"""

from functools import cached_property

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.embeddings.arguments import fault, listed, matrix
from rnn_utils.embeddings.debiasing import Debiasing, WeatResult
from rnn_utils.embeddings.evaluation import Evaluation
from rnn_utils.embeddings.files import Files
from rnn_utils.embeddings.geometry import unit
from rnn_utils.public import present

__all__ = ["WeatResult", "WordVectors"]


class WordVectors(Evaluation, Debiasing, Files):
    """Words and one vector for each; to change either, make a new object.

    Parameters
    ----------
    words : sequence of str
        V different words, at least one, none empty and none with whitespace in it. Put frequent
        words first: the evaluations may look at the first words only.
    vectors : array_like
        Shape (V, D), D at least 1, finite. float32 and float64 stay what they are; lists become
        float64. The object keeps a copy that cannot be written to.

    Raises
    ------
    ValueError
        If words or vectors are not as said above.

    Examples
    --------
    >>> wv = WordVectors(["man", "woman", "king", "queen"], [[1, 0], [1, 2], [4, 0], [4, 2]])
    >>> wv
    WordVectors(4 words, 2 numbers each, float64)
    >>> wv["queen"], "prince" in wv
    (array([4., 2.]), False)
    >>> wv[["king", "man"]] - wv[["queen", "woman"]]
    array([[ 0., -2.],
           [ 0., -2.]])
    """

    def __init__(self, words, vectors):
        if isinstance(words, str):
            raise ValueError(f"words must be a sequence of words, got {words!r}; split() makes one")
        self._words = tuple(words)
        if not self._words:
            raise ValueError("words must be one word or more, got none")
        self._index = {}
        for k, word in enumerate(self._words):
            if wrong := fault(word, self._index):
                raise ValueError(f"words must be {wrong}, got {word!r} at {k}")
            self._index[word] = k
        self._vectors = matrix(vectors, len(self._words))

    @property
    def words(self):
        """All words, a tuple of V strings."""
        return self._words

    @property
    def vectors(self):
        """All vectors in the order of the words, (V, D), read-only."""
        return self._vectors

    @property
    def vector_size(self):
        """D, how many numbers a vector has."""
        return self._vectors.shape[1]

    def __len__(self):
        return len(self._words)

    def __iter__(self):
        return iter(self._words)

    def __contains__(self, word):
        return word in self._index

    def __repr__(self):
        return (
            f"{type(self).__name__}({len(self)} words, {self.vector_size} numbers each, "
            f"{self._vectors.dtype})"
        )

    def index(self, word):
        """The place of a word, which is the row of its vector.

        Parameters
        ----------
        word : str
            One of the words.

        Returns
        -------
        int
            From 0 to V - 1.

        Raises
        ------
        KeyError
            If the word is unknown.
        """
        try:
            return self._index[word]
        except KeyError:
            raise KeyError(f"{word!r} is not one of the {len(self)} words") from None

    def __getitem__(self, word):
        """The vector of a word, (D,), or those of a list of words, (n, D)."""
        if isinstance(word, (list, tuple)):
            return self._vectors[self._rows(word)]
        return self._vectors[self.index(word)]

    def _rows(self, words):
        """The rows of some words, an integer array."""
        return np.array([self.index(word) for word in words], dtype=np.int64)

    @cached_property
    def _units(self):
        """All vectors at length 1, (V, D); a vector of zeros stays one instead of becoming NaN."""
        return unit(self._vectors)

    def similarity(self, a, b):
        """Cosine of the angle between the vectors of two words.

        Parameters
        ----------
        a, b : str
            Two words.

        Returns
        -------
        float
            From -1 to 1, up to rounding; 0 if one of the vectors is zero.

        Raises
        ------
        KeyError
            If a word is unknown.

        Examples
        --------
        >>> wv = WordVectors(["east", "north", "northeast"], [[2, 0], [0, 5], [3, 3]])
        >>> wv.similarity("east", "north")
        0.0
        >>> round(wv.similarity("east", "northeast"), 3)
        0.707
        """
        return float(self._units[self.index(a)] @ self._units[self.index(b)])

    def most_similar(self, positive=(), negative=(), topn=10, *, exclude=True):
        """The words nearest to a sum of words, by cosine.

        Vectors are brought to length 1, those of ``positive`` added, those of ``negative``
        subtracted (Mikolov, Yih and Zweig 2013). The words in the question are left out of the
        answer. This is more than a detail: the nearest word is often one of them, and then an
        analogy is right only because of this rule (Linzen 2016).

        Parameters
        ----------
        positive, negative : str or sequence of str
            One word or several; at least one in total.
        topn : int
            How many words to return, at least 1.
        exclude : bool
            If False, the words in the question are kept in.

        Returns
        -------
        list of (str, float)
            Words with their cosine, the nearest first, the first word first among equals. It is
            shorter than ``topn`` if there are not as many words. If the sum is zero, every cosine
            is 0.

        Raises
        ------
        KeyError
            If a word is unknown.
        ValueError
            If there is no word, or ``topn`` is not an integer in its range.

        Examples
        --------
        >>> words = ["man", "woman", "king", "queen"]
        >>> wv = WordVectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
        >>> [word for word, _ in wv.most_similar(["king", "woman"], "man", topn=1)]
        ['queen']
        >>> [word for word, _ in wv.most_similar("king", topn=2, exclude=False)]
        ['king', 'queen']
        """
        topn = integer_from("topn", topn, 1)
        added, subtracted = self._rows(listed(positive)), self._rows(listed(negative))
        if not len(added) + len(subtracted):
            raise ValueError("positive and negative must name at least one word, got none")
        total = self._units[added].sum(axis=0) - self._units[subtracted].sum(axis=0)
        cosines = self._units @ unit(total)
        order = np.argsort(-cosines, kind="stable")
        if exclude:
            order = order[~np.isin(order, np.concatenate([added, subtracted]))]
        return [(self._words[k], float(cosines[k])) for k in order[:topn]]

    def analogy(self, a, b, c, topn=1, *, exclude=True):
        """``a`` is to ``b`` as ``c`` is to what?

        Short for ``most_similar(positive=[b, c], negative=[a])``.

        Parameters
        ----------
        a, b, c : str
            Three words.
        topn, exclude
            As in `most_similar`.

        Returns
        -------
        list of (str, float)
            Words with their cosine, the best first.

        Raises
        ------
        KeyError, ValueError
            As in `most_similar`.

        Examples
        --------
        >>> words = ["man", "woman", "king", "queen"]
        >>> wv = WordVectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
        >>> [word for word, _ in wv.analogy("man", "king", "woman")]
        ['queen']
        """
        return self.most_similar([b, c], [a], topn, exclude=exclude)


present(globals(), __all__)
