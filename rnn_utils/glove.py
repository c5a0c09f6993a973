"""GloVe: word vectors whose dot products are logarithms of counts.

The model (Pennington, Socher and Manning 2014) has two vectors and two biases for each word, one
for the word in the middle and one for the word beside it, and asks that

    w_i · w̃_j + b_i + b̃_j = log X_ij

wherever words i and j were seen together, X_ij times. `Glove` trains it.

Shapes: ``V`` words, ``D`` numbers in each vector, ``B`` entries of X in one update.
"""

from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from rnn_utils.checks import finite_array, integer_from, positive_integer, positive_number
from rnn_utils.cooccurrence import cooccurrence
from rnn_utils.embeddings import WordVectors
from rnn_utils.progress import shows_bar
from rnn_utils.row_sums import sum_rows
from rnn_utils.text import Vocab


class GloveStep(NamedTuple):
    """Loss and gradients of some entries of X, from `least_squares`."""

    error: np.ndarray  # (B,), w · w̃ + b + b̃ - log X
    loss: np.ndarray  # (B,), f(X) error² / 2
    d_bias: np.ndarray  # (B,), gradient for b, and the same for b̃
    d_center: np.ndarray  # (B, D), gradient for w
    d_context: np.ndarray  # (B, D), gradient for w̃


def weight(x, x_max=100, alpha=0.75):
    """How much an entry of X counts: f(x) = (x / x_max)^alpha, and 1 from x_max on (equation 9).

    Rare pairs are noise, so they count less; frequent ones must not drown all others, so there is
    a largest weight. What was never seen has weight 0, and log 0 is never asked for.

    Parameters
    ----------
    x : array_like
        Counts, 0 or above, of any shape.
    x_max, alpha : float
        Above 0. The paper has 100 and 3/4.

    Returns
    -------
    numpy.ndarray
        From 0 to 1, float64, shape of ``x``.

    Raises
    ------
    ValueError
        If a count is below 0 or NaN, or a number is not above 0.

    Examples
    --------
    >>> weight([0, 1, 10, 100, 1000]).round(3)
    array([0.   , 0.032, 0.178, 1.   , 1.   ])
    """
    x = np.asarray(x, dtype=np.float64)
    if not (x >= 0).all():
        raise ValueError(f"x must be counts >= 0, got {x.min()}")
    x_max, alpha = positive_number("x_max", x_max), positive_number("alpha", alpha)
    return (np.minimum(x, x_max) / x_max) ** alpha


def least_squares(center, context, biases, log_counts, weights):
    """Loss and gradients of some entries of X (equation 8).

    The loss is half of the paper's, as in the authors' program, so no 2 is left in the gradients.

    Parameters
    ----------
    center, context : numpy.ndarray, shape (B, D)
        w_i and w̃_j of each entry.
    biases : numpy.ndarray, shape (B,)
        b_i + b̃_j.
    log_counts : numpy.ndarray, shape (B,)
        log X_ij.
    weights : numpy.ndarray, shape (B,)
        f(X_ij), from `weight`.

    Returns
    -------
    GloveStep

    Examples
    --------
    >>> w, b, x = np.array([[1.0, 2.0]]), np.array([0.5]), np.array([4.0])
    >>> step = least_squares(w, w, b, np.log(x), weight(x))
    >>> print(f"error {step.error[0]:.3f}, loss {step.loss[0]:.3f}")
    error 4.114, loss 0.757
    """
    error = (center * context).sum(axis=1) + biases - log_counts
    pull = weights * error  # the derivative of the loss by what stands left of log X
    return GloveStep(
        error=error,
        loss=pull * error / 2,
        d_bias=pull,
        d_center=pull[:, None] * context,
        d_context=pull[:, None] * center,
    )


class Glove:
    """Train GloVe vectors with AdaGrad.

    AdaGrad (Duchi et al. 2011) divides every parameter's gradient by the root of the sum of all its
    squares so far, which starts at 1. So words that come often slow down, and rare ones still move
    at the full learning rate.

    Parameters
    ----------
    sentences : list of lists of str, optional
        What to train on at once. Without it nothing happens until `fit` gets a matrix of counts.
    vector_size : int
        D.
    window : int
        How far a neighbor may be; a neighbor at distance d counts 1/d.
    min_count : int
        Words that come less often are left out before neighbors are counted.
    x_max, alpha : float
        For `weight`. x_max = 100 is for billions of words; a small corpus has few counts as large,
        and may do better with less.
    learning_rate : float
    epochs : int
        How often each entry of X is seen.
    batch_size : int
        Entries in one update. The gradients of entries that share a word are added up.
    seed : int
        For the first vectors and the order of the entries. Same seed, same vectors.
    progress : bool, optional
        Show a bar; by default where a person can watch it, in a terminal or a notebook. The
        environment variable TQDM_DISABLE=1 switches all bars off.

    Attributes
    ----------
    losses : list of float
        For each epoch, the mean loss of an entry, each before its update; see `least_squares`.

    Raises
    ------
    ValueError
        If an argument cannot work, or no two words come together; the text says what would do.

    Examples
    --------
    >>> sentences = ["the cat drinks milk".split(), "the dog drinks water".split()] * 10
    >>> model = Glove(sentences, vector_size=8, window=2, x_max=10, epochs=50)
    >>> model
    Glove(6 words, 8 numbers each, 50 epochs)
    >>> model.losses[-1] < model.losses[0] / 10
    True
    >>> model.wv["cat"].shape
    (8,)
    """

    def __init__(
        self,
        sentences=None,
        *,
        vector_size=50,
        window=10,
        min_count=5,
        x_max=100,
        alpha=0.75,
        learning_rate=0.05,
        epochs=25,
        batch_size=256,
        seed=1,
        progress=None,
    ):
        self.vector_size = positive_integer("vector_size", vector_size)
        self.window = positive_integer("window", window)
        self.min_count = integer_from("min_count", min_count, 1)
        self.x_max = positive_number("x_max", x_max)
        self.alpha = positive_number("alpha", alpha)
        self.learning_rate = positive_number("learning_rate", learning_rate)
        self.epochs = positive_integer("epochs", epochs)
        self.batch_size = positive_integer("batch_size", batch_size)
        self.seed = integer_from("seed", seed, 0)
        self.progress = progress
        self.losses = []
        self._tables = self._wv = None
        if sentences is not None:
            sentences = list(sentences)
            vocab = Vocab(sentences, min_count=self.min_count, specials=())
            if len(vocab) == 0:
                raise ValueError(
                    "sentences must have a word that comes at least min_count = "
                    f"{self.min_count} times, got none"
                )
            self.fit(cooccurrence(sentences, vocab, self.window, weighting="harmonic"), vocab)

    def fit(self, counts, words):
        """Train from the beginning on a matrix of counts.

        Parameters
        ----------
        counts : array_like, shape (V, V)
            X, finite, 0 or above, with at least one entry above 0; need not be symmetric.
        words : sequence of str
            V words, as for `rnn_utils.embeddings.WordVectors`; a ``Vocab`` will do.

        Returns
        -------
        Glove
            The model itself.

        Raises
        ------
        ValueError
            If the counts or the words are not as said above.
        """
        words = tuple(words)
        counts = finite_array("counts", np.asarray(counts, dtype=np.float64), np.float64)
        if counts.shape != (len(words), len(words)):
            raise ValueError(f"counts must have shape (V, V), V = {len(words)}, got {counts.shape}")
        weights = weight(counts, self.x_max, self.alpha)
        seen = np.nonzero(counts)
        if not len(seen[0]):
            raise ValueError("counts must have an entry above 0, got zeros only")
        rng = np.random.default_rng(self.seed)
        # As in the authors' program: a bias is the number behind its vector, and starts like it.
        size = self.vector_size + 1
        tables = (rng.random((2, len(words), size)) - 0.5) / size
        WordVectors(words, tables[0])  # refuses words that are none before any time is spent
        self.losses = self._train(tables, rng, *seen, np.log(counts[seen]), weights[seen])
        self._tables, self._wv = tables, WordVectors(words, tables.sum(axis=0)[:, :-1])
        return self

    def _train(self, tables, rng, rows, columns, log_counts, weights):
        """All epochs over entries of X, given by places, logarithms and weights; their losses."""
        squares, losses = np.ones_like(tables), []
        disable = not shows_bar(self.progress)
        for _ in tqdm(range(self.epochs), leave=False, unit="epoch", disable=disable):
            order, total = rng.permutation(len(rows)), 0.0
            for start in range(0, len(rows), self.batch_size):
                batch = order[start : start + self.batch_size]
                places = rows[batch], columns[batch]
                step = _step(tables, places, log_counts[batch], weights[batch])
                for k, d_vectors in enumerate((step.d_center, step.d_context)):
                    gradients = np.column_stack([d_vectors, step.d_bias])
                    _adagrad(tables[k], squares[k], places[k], gradients, self.learning_rate)
                total += step.loss.sum()
            losses.append(float(total / len(rows)))
        return losses

    @property
    def wv(self):
        """The vectors w + w̃ of all words, a `rnn_utils.embeddings.WordVectors`.

        If X is symmetric, w and w̃ differ by their random start only, and their sum is mostly a
        little better than either (Pennington et al. 2014, section 4.2).
        """
        self._trained()
        return self._wv

    @property
    def center_vectors(self):
        """The vectors w of the words in the middle, (V, D)."""
        return self._trained()[0, :, :-1]

    @property
    def context_vectors(self):
        """The vectors w̃ of the words beside it, (V, D)."""
        return self._trained()[1, :, :-1]

    @property
    def biases(self):
        """The biases b and b̃ of all words, (2, V)."""
        return self._trained()[:, :, -1]

    def log_counts(self):
        """What the model says about log X: w_i · w̃_j + b_i + b̃_j.

        Returns
        -------
        numpy.ndarray, shape (V, V)
            Also for pairs that were never seen, about which it learned nothing.
        """
        b_center, b_context = self.biases
        return self.center_vectors @ self.context_vectors.T + b_center[:, None] + b_context

    def _trained(self):
        if self._tables is None:
            raise ValueError("Glove must be trained first: give it sentences, or call fit")
        return self._tables

    def __repr__(self):
        if self._tables is None:
            return "Glove(not trained)"
        n, epochs = len(self._wv), len(self.losses)
        return f"Glove({n} words, {self.vector_size} numbers each, {epochs} epochs)"


def _step(tables, places, log_counts, weights):
    """Loss and gradients of the entries at some places, (B,) and (B,), for vectors with biases."""
    center, context = tables[0][places[0]], tables[1][places[1]]
    biases = center[:, -1] + context[:, -1]
    return least_squares(center[:, :-1], context[:, :-1], biases, log_counts, weights)


def _adagrad(table, squares, rows, gradients, learning_rate):
    """Change some rows of a table in place, each by the sum of its gradients.

    table, squares : (V, D); rows : (B,), a row may come several times; gradients : (B, D).
    """
    touched, totals = sum_rows(rows, gradients)
    squares[touched] += totals**2
    table[touched] -= learning_rate * totals / np.sqrt(squares[touched])
