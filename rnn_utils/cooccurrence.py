"""Count which words come together, and make vectors of the counts, in NumPy alone.

Words that keep the same company are alike (Firth 1957). So count the company, see which pairs come
more often than chance, and keep the few directions in which words differ most. Nothing is trained.

=========================================  ==========================
step                                       function
=========================================  ==========================
how often do two words come together?      `cooccurrence`
how much more often than by chance?        `pmi`, `ppmi`
the same in few numbers for each word      `svd_vectors`
=========================================  ==========================

Shapes: ``V`` words, ``D`` numbers in each vector.
"""

import numpy as np

from rnn_utils.checks import finite_array, number_between, positive_integer, positive_number
from rnn_utils.text import UNKNOWN, Vocab

# What a pair at distance d adds to its count, 1 <= d <= window.
_WEIGHT = {
    "uniform": lambda d, window: 1.0,
    "harmonic": lambda d, window: 1 / d,
    "linear": lambda d, window: (window - d + 1) / window,
}


def cooccurrence(sequences, vocab, window=5, *, weighting="uniform"):
    """How often each word has each other word near it.

    Parameters
    ----------
    sequences : list of lists of str
        Texts, cut into words. Words of two texts are never near each other.
    vocab : rnn_utils.text.Vocab
        Words that it does not have count as ``"<unk>"`` if that is in it. If not, they are left
        out and their neighbors move together, as in the programs word2vec and GloVe.
    window : int
        How far a neighbor may be to the left and to the right, at least 1.
    weighting : {"uniform", "harmonic", "linear"}
        What a pair of words at distance d counts. Uniform: 1. Harmonic: 1/d, as in GloVe
        (Pennington et al. 2014). Linear: (window - d + 1) / window, which is what word2vec's
        windows of random size come to on average (Levy, Goldberg and Dagan 2015).

    Returns
    -------
    numpy.ndarray, shape (V, V), float64
        X, symmetric: row i, column j has how often word j is a neighbor of word i. A word that is
        its own neighbor counts from both places. All zeros if no word has a neighbor.

    Raises
    ------
    ValueError
        If the texts are not cut into words, there is no such weighting, or the window is not a
        positive integer.

    Examples
    --------
    >>> vocab = Vocab(["the", "cat", "sat"], specials=())
    >>> vocab.words
    ('cat', 'sat', 'the')
    >>> cooccurrence([["the", "cat", "sat"]], vocab, window=2, weighting="harmonic")
    array([[0. , 1. , 1. ],
           [1. , 0. , 0.5],
           [1. , 0.5, 0. ]])
    """
    if not isinstance(vocab, Vocab):
        raise ValueError(f"vocab must be a Vocab, got {type(vocab).__name__}")
    window = positive_integer("window", window)
    if weighting not in _WEIGHT:
        raise ValueError(f"weighting must be 'uniform', 'harmonic' or 'linear', got {weighting!r}")
    texts = [_encoded(tokens, vocab) for tokens in sequences]
    lengths = [len(text) for text in texts]
    # One row of all words, with the number of its text under each, so that NumPy does the loop.
    words = np.concatenate([np.zeros(0, dtype=np.int64), *texts])
    text_of = np.repeat(np.arange(len(texts)), lengths)
    V = len(vocab)
    counts = np.zeros(V * V)
    for d in range(1, min(window, max(lengths, default=0) - 1) + 1):
        pairs = words[:-d] * V + words[d:]
        near = text_of[:-d] == text_of[d:]
        np.add.at(counts, pairs[near], _WEIGHT[weighting](d, window))
    counts = counts.reshape(V, V)
    return counts + counts.T  # so far each pair was counted from its left word only


def pmi(counts, *, alpha=1.0):
    """Pointwise mutual information: how much more often a pair comes than by chance.

    PMI(w, c) = log p(w, c) / (p(w) p(c)), in nats (Church and Hanks 1990). It is 0 where two words
    come together as often as independent words would, above 0 where more often.

    Skip-gram with K negative samples has its optimum where the score u_c · e_w of every pair is
    PMI(w, c) - log K, if the vectors are long enough (Levy and Goldberg 2014). The chance p(c) is
    then that of the noise the negatives are drawn from, so noise from counts to the power 0.75
    belongs to ``alpha=0.75``.

    Parameters
    ----------
    counts : array_like, shape (V, C)
        How often each word (row) came with each context (column); 0 or above. A bag of words works
        as well: its rows are texts.
    alpha : float
        The chance of a context is taken from its count to this power, above 0 and at most 1. Below
        1 rare contexts get a larger share, and so pairs with them a smaller PMI (Levy, Goldberg
        and Dagan 2015).

    Returns
    -------
    numpy.ndarray, shape (V, C), float64
        Minus infinity wherever the count is 0, also for words that never came at all.

    Raises
    ------
    ValueError
        If the counts are not a matrix of finite numbers from 0, or alpha is not in its range.

    Examples
    --------
    >>> pmi([[3, 1], [1, 3]]).round(3)  # twice log(3/2) and log(1/2)
    array([[ 0.405, -0.693],
           [-0.693,  0.405]])
    """
    counts = _matrix("counts", counts)
    if (counts < 0).any():
        raise ValueError(f"counts must be 0 or above, got {counts.min()}")
    if positive_number("alpha", alpha) > 1:
        raise ValueError(f"alpha must be at most 1, got {alpha!r}")
    w, c = np.nonzero(counts)
    smoothed = counts.sum(axis=0) ** alpha
    information = np.full(counts.shape, -np.inf)
    # p(w, c) / p(w) is the share of c among all that came with w.
    shares = np.log(counts[w, c]) - np.log(counts.sum(axis=1)[w])
    information[w, c] = shares - np.log(smoothed[c] / smoothed.sum())
    return information


def ppmi(counts, *, shift=0.0, alpha=1.0):
    """Positive PMI: `pmi` minus a shift, and 0 wherever that is below 0.

    Pairs that were never seen have a PMI of minus infinity, with which nothing can be computed, and
    what is below 0 rests on few counts. So both are set to 0 (Bullinaria and Levy 2007).

    Parameters
    ----------
    counts : array_like, shape (V, C)
        As for `pmi`.
    shift : float
        0 or above. ``math.log(K)`` gives what skip-gram with K negative samples factorizes, without
        what is below 0 (Levy and Goldberg 2014).
    alpha : float
        As for `pmi`.

    Returns
    -------
    numpy.ndarray, shape (V, C), float64
        0 or above, finite.

    Raises
    ------
    ValueError
        As for `pmi`, and if the shift is not a number from 0.

    Examples
    --------
    >>> ppmi([[3, 1], [1, 3]]).round(3)
    array([[0.405, 0.   ],
           [0.   , 0.405]])
    """
    return np.maximum(pmi(counts, alpha=alpha) - number_between("shift", shift, 0, np.inf), 0)


def svd_vectors(matrix, vector_size, *, p=0.5):
    """A short vector for each row, by truncated singular value decomposition.

    With M = U S Vᵀ, the rows of U_D S_D^p, where U_D and S_D are the first D columns and singular
    values. No matrix of rank D is nearer to M than U_D S_D V_Dᵀ (Eckart and Young 1936). With p = 1
    dot products of the vectors are those of the rows of that matrix. Smaller p makes the directions
    more equal, and p = 0.5 or 0 does better on word similarity (Levy, Goldberg and Dagan 2015).

    Parameters
    ----------
    matrix : array_like, shape (V, C)
        Such as that of `ppmi`; finite.
    vector_size : int
        D, from 1 to min(V, C).
    p : float
        From 0 to 1.

    Returns
    -------
    numpy.ndarray, shape (V, D), float64
        By falling singular value. A column's sign is free, so its largest entry is made positive:
        every computer gives the same vectors, up to rounding, as long as no two singular values
        are equal.

    Raises
    ------
    ValueError
        If the matrix is not a matrix of finite numbers, or a number is not in its range.

    Examples
    --------
    >>> svd_vectors([[3, 0], [0, 4], [0, 0]], 2, p=1)
    array([[0., 3.],
           [4., 0.],
           [0., 0.]])
    """
    matrix = _matrix("matrix", matrix)
    D, most = positive_integer("vector_size", vector_size), min(matrix.shape)
    if most < D:
        raise ValueError(f"vector_size must be at most {most}, got {vector_size}")
    p = number_between("p", p, 0, 1)
    # A symmetric matrix, but for rounding, is decomposed several times faster.
    symmetric = matrix.shape[0] == matrix.shape[1] and np.allclose(
        matrix, matrix.T, rtol=0, atol=1e-13 * np.abs(matrix).max()
    )
    U, S, _ = np.linalg.svd(matrix, full_matrices=False, hermitian=symmetric)
    return _fixed_signs(U[:, :D]) * S[:D] ** p


def _fixed_signs(columns):
    """Columns (V, D), each turned so that its largest entry by absolute value is positive."""
    sizes = np.abs(columns)
    # The first among those that are equal but for rounding, which differs between computers.
    first = (sizes > (1 - 1e-6) * sizes.max(axis=0)).argmax(axis=0)
    return columns * np.sign(columns[first, np.arange(columns.shape[1])])


def _encoded(tokens, vocab):
    """The indices of a text's words; those without an index are left out."""
    if isinstance(tokens, str):
        raise ValueError(f"each of sequences must be a list of words, got {tokens!r}")
    if UNKNOWN not in vocab:
        tokens = [word for word in tokens if word in vocab]
    return vocab.encode(tokens)


def _matrix(name, values):
    """``values`` as a float64 matrix of finite numbers; whole numbers and float32 are converted."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        values = values.astype(np.float64)
    values = finite_array(name, values, np.float64)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"{name} must have shape (V, C), neither of them 0, got {values.shape}")
    return values
