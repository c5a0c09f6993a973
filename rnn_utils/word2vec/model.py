"""Training, fast: whole minibatches as matrix products."""

from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from rnn_utils.cells import sigmoid
from rnn_utils.checks import float_dtype, integer_from, positive_integer, positive_number
from rnn_utils.embeddings import WordVectors
from rnn_utils.progress import shows_bar
from rnn_utils.row_sums import sum_rows
from rnn_utils.text import Vocab
from rnn_utils.word2vec.frequencies import huffman_codes, keep_probability, noise_distribution
from rnn_utils.word2vec.settings import finite_number, sentence_lists, switch

_BLOCK = 16  # centers that share one band of contexts, and their negatives
_DRAWN = 12  # negatives of a block, at least
_LARGEST = 512  # centers of a minibatch, at most
_LARGEST_TREE = 64  # the same for the hierarchical softmax: all pairs share the root


class _Minibatch(NamedTuple):
    """What one update learns from; n blocks of L centers, each with the w contexts around them."""

    centers: np.ndarray  # word indices, (n, L); -1 where there is none
    contexts: np.ndarray  # word indices, (n, L + 2w); -1 where there is none
    band: np.ndarray  # which context is paired with which center, bool (n, L, L + 2w)
    negatives: np.ndarray  # word indices drawn for each block, (n, R)
    alpha: float  # learning rate


class Word2Vec:
    """Word vectors from raw text, with gensim's names for the settings.

    Skip-gram (``sg=1``) predicts each word around the center from the center's vector. CBOW
    (``sg=0``) predicts the center from the mean of the vectors around it. How it predicts is
    chosen by ``hs``, ``negative`` and ``nce``.

    The text is taken in minibatches. Within one, the pairs are a band in the matrix of all scores
    between centers and contexts, and neighbors share their negatives (Ji et al. 2016), each
    weighted so that a pair has ``negative`` of them. That turns the work into matrix products.
    `PairByPair` does the same in plain loops.

    Parameters
    ----------
    sentences : iterable of lists of str
        Windows do not reach from one to the next.
    vector_size : int
        d, the length of a vector.
    window : int
        How far a context word may be from the center. For each center a reach from 1 to
        ``window`` is drawn, so near words are paired more often.
    sg : {1, 0}
        1 skip-gram, 0 CBOW.
    negative : int
        K, negatives for each pair. 0 with ``hs=0`` is the full softmax, whose cost grows with the
        vocabulary.
    hs : {0, 1}
        1 takes the hierarchical softmax over a Huffman tree, and no negatives.
    nce : {0, 1}
        1 takes noise-contrastive estimation with K draws from the noise in place of negative
        sampling. Each word has a bias then, which starts at the log of its share of the text.
    sample : float
        Frequent words are thinned out above about this share, see `keep_probability`; 0 keeps all.
    ns_exponent : float
        See `noise_distribution`.
    min_count : int
        Rarer words are left out.
    epochs : int
        How often the text is read.
    alpha, min_alpha : float
        The learning rate falls from the first to the second in a straight line.
    cbow_mean : {1, 0}
        CBOW's input is the mean of the context vectors, or with 0 their sum. The gradient is that
        of the mean: each of n vectors gets 1/n of it. The released program and gensim give each
        the whole (Irsoy et al. 2021), so here CBOW bears, and wants, a larger ``alpha``.
    seed : int
        Same seed, same vectors on the same machine.
    compute_loss : bool
        Keep the mean loss of each epoch.
    dtype : dtype
        np.float32 or np.float64.
    progress : bool, optional
        A progress bar; by default one is shown where a person watches.

    Attributes
    ----------
    wv : WordVectors
        The rows of E, the result.
    vocab : Vocab
        By falling count; without special words.
    output_vectors : numpy.ndarray, shape (V, d), or (V - 1, d) for the nodes of the tree
        U.
    output_bias : numpy.ndarray, shape (V,)
        Zero except with ``nce=1``.
    codes : HuffmanCodes or None
        With ``hs=1``.
    noise : numpy.ndarray, shape (V,)
        What negatives are drawn from.
    losses : list of float
        Mean loss of a pair (CBOW: of a center) in each epoch, in nats, if asked for.

    Raises
    ------
    ValueError
        If a setting is out of its range, or fewer than two words are left.

    Examples
    --------
    >>> sentences = [["the", "king", "rules"], ["the", "queen", "rules"]] * 50
    >>> model = Word2Vec(sentences, vector_size=5, window=2, epochs=3, progress=False)
    >>> model
    Word2Vec(4 words, vector_size=5, skip-gram, negative sampling)
    >>> model.wv["king"].shape
    (5,)
    """

    def __init__(
        self,
        sentences,
        *,
        vector_size=100,
        window=5,
        sg=1,
        negative=5,
        hs=0,
        nce=0,
        sample=1e-3,
        ns_exponent=0.75,
        min_count=5,
        epochs=5,
        alpha=0.025,
        min_alpha=1e-4,
        cbow_mean=1,
        seed=1,
        compute_loss=False,
        dtype=np.float32,
        progress=None,
    ):
        self.vector_size = positive_integer("vector_size", vector_size)
        self.window = positive_integer("window", window)
        self.negative = integer_from("negative", negative, 0)
        self.epochs = positive_integer("epochs", epochs)
        self.sg, self.hs, self.nce, self.cbow_mean = (
            switch(name, value)
            for name, value in (("sg", sg), ("hs", hs), ("nce", nce), ("cbow_mean", cbow_mean))
        )
        if self.nce and (self.hs or not self.negative):
            raise ValueError("nce must be 0 with hs=1 or negative=0, got 1")
        self.alpha = positive_number("alpha", alpha)
        self.min_alpha = finite_number("min_alpha", min_alpha, 0)
        self.sample = finite_number("sample", sample, 0)
        self.compute_loss = bool(compute_loss)
        self.losses = []

        sentences = sentence_lists(sentences)
        self.vocab = Vocab(sentences, min_count=min_count, specials=())
        V = len(self.vocab)
        if V < 2:
            raise ValueError(
                f"sentences must have two words or more that come min_count = {min_count} times, "
                f"got {V}"
            )
        rng = np.random.default_rng(integer_from("seed", seed, 0))
        dtype = float_dtype(dtype)
        # A step is the sum over the pairs that share a row. Where steps are longer than with the
        # defaults, fewer may share it, or the vectors grow without end.
        negatives = 0 if self.hs else self.negative
        boldness = self.alpha / 0.025 * (negatives / 5 if negatives else 1)
        if not self.sg and self.cbow_mean:
            boldness /= 4  # fewer pairs, and each context word gets its share of the step
        self._boldness = max(1.0, boldness)
        self._drawn = int(np.ceil(_DRAWN * self._boldness))
        self.codes = huffman_codes(self.vocab.counts) if self.hs else None
        self.noise = noise_distribution(
            self.vocab.counts, finite_number("ns_exponent", ns_exponent)
        )
        self._vectors = ((rng.random((V, vector_size)) - 0.5) / vector_size).astype(dtype)
        self.output_vectors = np.zeros((V - 1 if self.hs else V, vector_size), dtype)
        self.output_bias = np.zeros(V, dtype)
        self._log_noise = np.zeros(V, dtype)
        if self.nce:
            self.output_bias += np.log(self.vocab.counts / self.vocab.counts.sum())
            self._log_noise += np.log(self.negative * self.noise)
        self._train(sentences, rng, progress)
        self.wv = WordVectors(self.vocab.words, self._vectors)

    def __repr__(self):
        model = "skip-gram" if self.sg else "CBOW"
        return (
            f"{type(self).__name__}({len(self.vocab)} words, vector_size={self.vector_size}, "
            f"{model}, {self._kind()})"
        )

    def _kind(self):
        if self.hs:
            return "hierarchical softmax"
        if not self.negative:
            return "full softmax"
        return "noise-contrastive estimation" if self.nce else "negative sampling"

    # ------------------------------------------------------------------------- what is learned from

    def _train(self, sentences, rng, progress):
        text = self._with_gaps(sentences)
        bar = tqdm(
            total=self.epochs,
            leave=False,
            disable=not shows_bar(progress),
            bar_format="{percentage:3.0f}%|{bar}| {n:.1f}/{total} epochs [{elapsed}<{remaining}]",
        )
        # Threads do not help with matrices this small, and harm when the processor is busy.
        with bar, threadpool_limits(1):
            for epoch in range(self.epochs):
                total = weight = 0.0
                for minibatch, done in self._minibatches(text, epoch, rng):
                    loss, terms = self._update(minibatch)
                    total, weight = total + loss, weight + terms
                    bar.update(epoch + done - bar.n)
                if self.compute_loss:
                    self.losses.append(float(total / max(weight, 1)))

    def _with_gaps(self, sentences):
        """All words as indices in one row, with -1 between sentences, as many as a window needs."""
        gap = [-1] * self.window
        index = {word: k for k, word in enumerate(self.vocab)}
        row = []
        for words in sentences:
            known = [index[word] for word in words if word in index]
            if known:
                row += gap + known
        return np.array(row)

    def _minibatches(self, text, epoch, rng):
        """The minibatches of an epoch, each with how much of the epoch is done after it."""
        w = self.window
        keep = keep_probability(self.vocab.counts, self.sample)
        kept = text[(text < 0) | (rng.random(len(text)) < keep[text])]
        blocks = -(-len(kept) // _BLOCK)
        padded = np.full(w + blocks * _BLOCK + w, -1)
        padded[w : w + len(kept)] = kept
        reach = rng.integers(1, w + 1, size=len(padded))
        places = np.arange(blocks)[:, None] * _BLOCK + np.arange(_BLOCK + 2 * w)
        distance = np.abs(np.arange(_BLOCK + 2 * w) - w - np.arange(_BLOCK)[:, None])
        cumulative = np.cumsum(self.noise)
        step = self._blocks_at_once(keep)
        for first in range(0, blocks, step):
            contexts = padded[places[first : first + step]]
            centers = contexts[:, w:-w]
            near = reach[places[first : first + step, w:-w]]
            band = (distance > 0) & (distance <= near[..., None])
            band &= (centers >= 0)[..., None] & (contexts >= 0)[:, None]
            drawn = rng.random((len(centers), self._drawn)) * cumulative[-1]
            negatives = np.searchsorted(cumulative, drawn)
            progress = (epoch + first / blocks) / self.epochs
            alpha = self.alpha - (self.alpha - self.min_alpha) * progress
            done = min(first + step, blocks) / blocks
            if band.any():
                yield _Minibatch(centers, contexts, band, negatives, alpha), done

    def _blocks_at_once(self, keep):
        """Fewer if some word would come so often in a minibatch that its step gets too long."""
        share = self.vocab.counts * keep
        largest = _LARGEST_TREE if self.hs else _LARGEST
        centers = min(largest, 8 * share.sum() / share.max()) / self._boldness**2
        return max(1, int(centers) // _BLOCK)

    # ------------------------------------------------------------------------------- one update

    def _update(self, minibatch):
        """Move both tables against the gradient of the minibatch's loss; return loss and pairs."""
        centers, contexts, band, negatives, alpha = minibatch
        if self.sg:
            inputs, outputs, paired = self._vectors[centers], contexts, band
            pairs = band.sum(axis=2)
        else:
            shares = self._context_shares(band)
            inputs, outputs = shares @ self._vectors[contexts], centers
            pairs = band.any(axis=2)  # a center without a context teaches nothing
            paired = pairs[..., None] & np.eye(_BLOCK, dtype=bool)
        outputs = np.maximum(outputs, 0)  # what stands for no word is not paired
        if self.hs:
            step = self._way_down(inputs, outputs, paired)
        elif self.negative:
            step = self._tell_apart(inputs, outputs, paired, pairs, negatives)
        else:
            step = self._one_of_all(inputs, outputs, paired, pairs)
        if self.sg:
            _add_rows(self._vectors, centers, alpha * step.inputs)
        else:
            _add_rows(self._vectors, contexts, alpha * (shares.swapaxes(1, 2) @ step.inputs))
        _add_rows(self.output_vectors, step.rows, alpha * step.outputs)
        if self.nce:
            _add_rows(self.output_bias, step.rows, alpha * step.bias)
        return step.loss, pairs.sum()

    def _context_shares(self, band):
        """With what weights the context vectors make CBOW's input, (n, L, L + 2w)."""
        shares = band.astype(self._vectors.dtype)
        if self.cbow_mean:
            shares /= np.maximum(shares.sum(axis=2, keepdims=True), 1)
        return shares

    def _tell_apart(self, inputs, outputs, paired, pairs, negatives):
        """Negative sampling and noise-contrastive estimation: true context words against draws."""
        rows = np.concatenate([outputs, negatives], axis=1)
        drawn = negatives.shape[1]
        labels = np.repeat(np.array([1, 0], inputs.dtype), [outputs.shape[1], drawn])
        shares = np.repeat(pairs[..., None] * (self.negative / drawn), drawn, axis=2)
        weights = np.concatenate([paired, shares], axis=2).astype(inputs.dtype)
        vectors = self.output_vectors[rows]
        offset = (self.output_bias - self._log_noise)[rows]
        logits = inputs @ vectors.swapaxes(1, 2) + offset[:, None]
        errors = weights * (labels - sigmoid(logits))
        loss = 0.0
        if self.compute_loss:
            loss = (weights * np.logaddexp(0, np.where(labels, -logits, logits))).sum()
        outputs = errors.swapaxes(1, 2) @ inputs
        return _Step(errors @ vectors, rows, outputs, errors.sum(axis=1), loss)

    def _way_down(self, inputs, outputs, paired):
        """The hierarchical softmax: which way at each node that lies on the way of some pair."""
        inputs = inputs.reshape(-1, self.vector_size)
        centers, words = _pairs(outputs, paired)
        used = self.codes.used[words]
        nodes, columns = np.unique(self.codes.nodes[words][used], return_inverse=True)
        cells = np.repeat(centers, used.sum(axis=1)) * len(nodes) + columns
        size = len(inputs) * len(nodes)
        visits, ones = (
            np.bincount(cells, weights, size).reshape(-1, len(nodes)).astype(inputs.dtype)
            for weights in (None, self.codes.bits[words][used])
        )
        vectors = self.output_vectors[nodes]
        scores = inputs @ vectors.T
        errors = visits - ones - visits * sigmoid(scores)
        loss = 0.0
        if self.compute_loss:
            loss = (visits * np.logaddexp(0, scores) - (visits - ones) * scores).sum()
        steps = (errors @ vectors).reshape(len(outputs), _BLOCK, -1)
        return _Step(steps, nodes, errors.T @ inputs, errors.sum(axis=0), loss)

    def _one_of_all(self, inputs, outputs, paired, pairs):
        """The full softmax: every word's score, for every pair."""
        V = len(self.vocab)
        inputs, pairs = inputs.reshape(-1, self.vector_size), pairs.reshape(-1, 1)
        centers, words = _pairs(outputs, paired)
        wanted = np.bincount(centers * V + words, minlength=len(inputs) * V).reshape(-1, V)
        scores = inputs @ self.output_vectors.T
        scores -= scores.max(axis=1, keepdims=True)
        sums = np.exp(scores).sum(axis=1, keepdims=True)
        errors = (wanted - pairs * (np.exp(scores) / sums)).astype(inputs.dtype)
        loss = (pairs * np.log(sums)).sum() - (wanted * scores).sum()
        steps = (errors @ self.output_vectors).reshape(len(outputs), _BLOCK, -1)
        return _Step(steps, np.arange(V), errors.T @ inputs, errors.sum(axis=0), loss)


def _pairs(outputs, paired):
    """The pairs of a minibatch: the center's place among all centers, and the output word."""
    block, center, place = paired.nonzero()
    return block * _BLOCK + center, outputs[block, place]


class _Step(NamedTuple):
    """Minus the gradient of a minibatch's loss."""

    inputs: np.ndarray  # for the input vectors, (n, L, d)
    rows: np.ndarray  # which rows of U, (...); a row may come several times
    outputs: np.ndarray  # for each of them, (..., d)
    bias: np.ndarray  # for their biases, (...)
    loss: float


def _add_rows(table, rows, steps):
    """``table[rows] += steps``, where a row that comes several times gets all of its steps."""
    rows = rows.ravel()
    touched, totals = sum_rows(rows, steps.reshape(len(rows), *table.shape[1:]))
    table[touched] += totals
