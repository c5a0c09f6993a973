"""Counts of pairs against slow loops and gensim's text, PMI and SVD against SciPy and others."""

import math
import re
from itertools import product

import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import mutual_info_score

from rnn_utils import cooccurrence as module
from rnn_utils.cooccurrence import cooccurrence, pmi, ppmi, svd_vectors
from rnn_utils.text import Vocab, bag_of_words, skip_gram_pairs

WEIGHTINGS = {
    "uniform": lambda d, window: 1,
    "harmonic": lambda d, window: 1 / d,
    "linear": lambda d, window: (window - d + 1) / window,
}


def vocab_of(words):
    """A vocabulary of these words in this order."""
    return Vocab([], specials=words.split())


TEXTS = st.lists(st.lists(st.sampled_from("abcd"), max_size=9), max_size=5)
VOCABS = st.sampled_from([*map(vocab_of, ("a b c d", "a b", "<unk> a"))])
COUNTS = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.integers(0, 6) | st.floats(0.01, 1e4),
)


def refuses(message):
    return pytest.raises(ValueError, match=re.escape(message))


# ---------------------------------------------------------------------------------------- counts


def slow_counts(texts, vocab, window, weighting):
    """The definition: every place, every neighbor of it."""
    counts = np.zeros((len(vocab), len(vocab)))
    for text in texts:
        if "<unk>" not in vocab:
            text = [word for word in text if word in vocab]
        for i, j in product(range(len(text)), repeat=2):
            if 0 < abs(i - j) <= window:
                weight = WEIGHTINGS[weighting](abs(i - j), window)
                counts[vocab[text[i]], vocab[text[j]]] += weight
    return counts


@given(TEXTS, VOCABS, st.integers(1, 12), st.sampled_from([*WEIGHTINGS]))
def test_counts_are_those_of_a_loop(texts, vocab, window, weighting):
    counts = cooccurrence(texts, vocab, window, weighting=weighting)
    expected = slow_counts(texts, vocab, window, weighting)
    assert counts.dtype == np.float64
    np.testing.assert_allclose(counts, expected, rtol=1e-12)
    np.testing.assert_array_equal(counts, counts.T)


@given(TEXTS, st.integers(1, 5))
def test_uniform_counts_are_those_of_the_pairs_of_skip_gram(texts, window):
    vocab = vocab_of("a b c d")
    counts = np.zeros((4, 4))
    for text in texts:
        pairs = skip_gram_pairs(vocab.encode(text), window).T
        counts += scipy.sparse.coo_array((np.ones(pairs.shape[1]), pairs), shape=(4, 4)).toarray()
    np.testing.assert_array_equal(cooccurrence(texts, vocab, window), counts)


def test_linear_counts_are_dynamic_windows_on_average():
    vocab = vocab_of("a b c d")
    text = [*"abacddcbab"]
    total, n = np.zeros((4, 4)), 4000
    for seed in range(n):
        pairs = skip_gram_pairs(vocab.encode(text), 4, dynamic=True, seed=seed).T
        np.add.at(total, (pairs[0], pairs[1]), 1 / n)
    linear = cooccurrence([text], vocab, 4, weighting="linear")
    np.testing.assert_allclose(total, linear, atol=0.1)
    assert linear.max() > 3


def test_five_neighbors_are_the_usual_window():
    vocab, text = vocab_of("a b c d e f g"), [*"abcdefg"]
    counts = cooccurrence([text], vocab)
    np.testing.assert_array_equal(counts, cooccurrence([text], vocab, 5, weighting="uniform"))
    assert counts[0].tolist() == [0, 1, 1, 1, 1, 1, 0]


def test_unknown_words_count_or_leave_their_neighbors_closer():
    text = "the cat quietly sat".split()
    with_unknown = vocab_of("<unk> the cat sat")
    counts = cooccurrence([text], with_unknown, 1)
    assert counts[with_unknown["cat"]].tolist() == [1, 1, 0, 0]
    without = vocab_of("the cat sat")
    assert cooccurrence([text], without, 1)[without["cat"]].tolist() == [1, 0, 1]


def test_texts_do_not_mix():
    vocab = vocab_of("a b")
    assert cooccurrence([["a"], [], ["b"]], vocab, 3).sum() == 0
    assert cooccurrence([["a", "b"]], vocab, 3).sum() == 2


def test_a_word_beside_itself_counts_from_both_places():
    assert cooccurrence([["a", "a"]], Vocab(["a"], specials=())).tolist() == [[2]]


def test_nothing_to_count():
    vocab = vocab_of("a b")
    for texts in ([], [[]], [["a"]], [["x", "y"]]):
        assert cooccurrence(texts, vocab).tolist() == [[0, 0], [0, 0]]
    assert cooccurrence([["x", "y"]], Vocab([], specials=())).shape == (0, 0)


def test_counting_is_checked():
    vocab = Vocab(["a"])
    with refuses("vocab must be a Vocab, got list"):
        cooccurrence([["a"]], ["a"])
    with refuses("window must be a positive integer, got 0"):
        cooccurrence([["a"]], vocab, 0)
    with refuses("weighting must be 'uniform', 'harmonic' or 'linear', got 'near'"):
        cooccurrence([["a"]], vocab, weighting="near")
    for known in (vocab, Vocab(["a"], specials=())):
        with refuses("each of sequences must be a list of words, got 'a b'"):
            cooccurrence(["a b"], known)
    with refuses("tokens must be a list of words, got 3 in it"):
        cooccurrence([["a", 3]], vocab)


# ------------------------------------------------------------------------------------------- PMI


def slow_pmi(counts, alpha):
    """The definition, pair by pair."""
    total = counts.sum()
    contexts = [column.sum() ** alpha for column in counts.T]
    values = np.full(counts.shape, -math.inf)
    for w, c in zip(*np.nonzero(counts), strict=True):
        p_w, p_c = counts[w].sum() / total, contexts[c] / sum(contexts)
        values[w, c] = math.log(counts[w, c] / total / (p_w * p_c))
    return values


@given(COUNTS, st.sampled_from([1, 0.75, 0.3]))
def test_pmi_is_its_definition(counts, alpha):
    np.testing.assert_allclose(pmi(counts, alpha=alpha), slow_pmi(counts, alpha), atol=1e-10)


@given(COUNTS.map(np.ceil))
def test_mean_pmi_is_the_mutual_information_of_scikit_learn(counts):
    """It takes whole numbers only."""
    assume(counts.any())
    seen = counts > 0
    mean = (counts[seen] * pmi(counts)[seen]).sum() / counts.sum()
    expected = mutual_info_score(None, None, contingency=scipy.sparse.csr_matrix(counts))
    assert mean == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=6), st.floats(0.1, 100))
def test_independent_words_have_no_information(counts, factor):
    values = pmi(np.outer(counts, counts) * factor)
    np.testing.assert_allclose(values, np.zeros_like(values), atol=1e-10)


@given(COUNTS, st.floats(0.1, 100))
def test_only_shares_matter(counts, factor):
    np.testing.assert_allclose(pmi(counts * factor), pmi(counts), atol=1e-10)


def test_pmi_of_symmetric_counts_is_symmetric():
    counts = np.random.default_rng(0).integers(0, 4, (30, 30))
    values = pmi(counts + counts.T)
    np.testing.assert_allclose(values, values.T, atol=1e-12)


def test_smoothing_lowers_the_pmi_of_rare_contexts():
    counts = np.array([[90, 9, 1], [80, 20, 2.0]])
    change = pmi(counts, alpha=0.75) - pmi(counts)
    assert (change[:, 2] < 0).all()
    assert (change[:, 0] > 0).all()


def test_what_never_came_has_no_pmi():
    with np.errstate(all="raise"):
        values = pmi([[0, 2, 0], [0, 0, 0], [1, 0, 0]])
        assert np.isneginf(pmi(np.zeros((2, 3)))).all()
    assert np.isneginf(values).tolist() == [[True, False, True], [True] * 3, [False, True, True]]


def test_skip_gram_with_negative_samples_has_its_optimum_at_shifted_pmi():
    """Levy and Goldberg 2014: the gradient of the expected loss by each score is zero there."""
    K, counts = 4, np.random.default_rng(1).integers(1, 50, (6, 6)).astype(float)
    for alpha in (1, 0.75):
        noise = counts.sum(axis=0) ** alpha
        noise /= noise.sum()
        sigmoid = 1 / (1 + np.exp(-(pmi(counts, alpha=alpha) - math.log(K))))
        negatives = K * counts.sum(axis=1)[:, None] * noise
        np.testing.assert_allclose(counts * (1 - sigmoid), negatives * sigmoid, rtol=1e-10)


@given(COUNTS, st.floats(0, 3), st.sampled_from([1, 0.75]))
def test_positive_pmi(counts, shift, alpha):
    values = ppmi(counts, shift=shift, alpha=alpha)
    expected = [[max(0, x - shift) for x in row] for row in slow_pmi(counts, alpha)]
    np.testing.assert_allclose(values, expected, atol=1e-10)
    np.testing.assert_array_equal(ppmi(counts), ppmi(counts, shift=0, alpha=1))


def test_a_bag_of_words_can_be_weighed_too():
    texts = ["the cat".split(), "the dog the".split()]
    bag = bag_of_words(texts, Vocab(texts, specials=()))
    np.testing.assert_array_equal(pmi(bag), pmi(bag.astype(float).tolist()))
    np.testing.assert_array_equal(pmi(bag.astype(np.float32)), pmi(bag))


def test_information_is_checked():
    for call in (pmi, ppmi):
        with refuses("counts must be 0 or above, got -1.0"):
            call([[1, -1]])
        with refuses("counts must have shape (V, C), neither of them 0, got (2,)"):
            call([1, 2])
        with refuses("counts must have shape (V, C), neither of them 0, got (0, 3)"):
            call(np.zeros((0, 3)))
        with refuses("counts must be finite numbers"):
            call([[np.nan]])
        with refuses("counts must be an array of"):
            call([[1, 2], [3]])
        with refuses("alpha must be at most 1, got 1.5"):
            call([[1]], alpha=1.5)
        with refuses("alpha must be a finite number above 0, got 0"):
            call([[1]], alpha=0)
    for shift in (-0.1, np.nan, "1", True, None):
        with refuses(f"shift must be a number from 0 to inf, got {shift!r}"):
            ppmi([[1]], shift=shift)


# ------------------------------------------------------------------------------------------- SVD


def random_matrix(shape, seed=0, symmetric=False):
    matrix = np.random.default_rng(seed).normal(size=shape)
    return matrix + matrix.T if symmetric else matrix


@pytest.mark.parametrize(
    ("shape", "symmetric"), [((9, 9), True), ((9, 9), False), ((12, 5), False), ((5, 12), False)]
)
@pytest.mark.parametrize("size", [1, 3, 4])
def test_vectors_are_those_of_scikit_learn(shape, symmetric, size):
    matrix = random_matrix(shape, 2, symmetric)
    vectors = svd_vectors(matrix, size, p=1)
    theirs = TruncatedSVD(size, algorithm="arpack", random_state=0).fit_transform(matrix)
    assert vectors.shape == (shape[0], size)
    np.testing.assert_allclose(np.abs(vectors), np.abs(theirs), atol=1e-9)
    np.testing.assert_allclose(pdist(vectors), pdist(theirs), atol=1e-9)


@pytest.mark.parametrize("symmetric", [True, False])
def test_powers_scale_the_columns(symmetric):
    matrix = random_matrix((8, 8), 3, symmetric)
    singular = scipy.linalg.svdvals(matrix)[:4]
    U = svd_vectors(matrix, 4, p=0)
    np.testing.assert_allclose(U.T @ U, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(svd_vectors(matrix, 4, p=1), U * singular, atol=1e-12)
    np.testing.assert_allclose(svd_vectors(matrix, 4), U * np.sqrt(singular), atol=1e-12)


def test_all_directions_together_lose_nothing():
    matrix = random_matrix((6, 4), 4)
    vectors = svd_vectors(matrix, 4, p=1)
    np.testing.assert_allclose(vectors @ vectors.T, matrix @ matrix.T, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_largest_entry_of_a_column_is_positive(seed, symmetric):
    vectors = svd_vectors(random_matrix((6, 6), seed, symmetric), 6)
    assert (vectors.max(axis=0) == np.abs(vectors).max(axis=0)).all()


def test_signs_do_not_hang_on_rounding():
    """Two entries of the same size but for rounding: the first one decides."""
    columns = np.array([[0.1, 0.2], [-0.7, 0.7], [0.7, -0.7]])
    for noise in (1e-15, -1e-15):
        columns[1] *= 1 + noise
        signs = np.sign(module._fixed_signs(columns))
        np.testing.assert_array_equal(signs, [[-1, 1], [1, 1], [-1, -1]])


def test_counts_that_are_symmetric_but_for_rounding_take_the_fast_way(monkeypatch):
    asked, svd = [], np.linalg.svd
    monkeypatch.setattr(
        np.linalg, "svd", lambda *args, **options: asked.append(options) or svd(*args, **options)
    )
    counts = np.random.default_rng(0).integers(1, 9, (7, 7)) / 3
    values = ppmi(counts + counts.T)
    values[0, 1] *= 1 + 1e-15
    svd_vectors(values, 2)
    svd_vectors(values * np.arange(1, 8), 2)
    assert [options["hermitian"] for options in asked] == [True, False]


def test_one_company_one_place():
    """Words that come in the same sentences end up side by side (chapter 2's small experiment)."""
    texts = [
        f"{verb} {article} {noun}".split()
        for article in ("the", "a")
        for verb, nouns in (("eat", ("bread", "rice")), ("drive", ("car", "bus")))
        for noun in nouns
    ]
    vocab = Vocab(texts, specials=())
    vectors = svd_vectors(ppmi(cooccurrence(texts, vocab, 2)), 3)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    bread, rice, car, bus = (vocab[word] for word in "bread rice car bus".split())
    assert cosines[bread, rice] > 0.99
    assert cosines[car, bus] > 0.99
    assert cosines[bread, car] < 0.5


def test_decomposition_is_checked():
    with refuses("vector_size must be at most 2, got 3"):
        svd_vectors(np.ones((2, 5)), 3)
    with refuses("vector_size must be a positive integer, got 0"):
        svd_vectors(np.ones((2, 5)), 0)
    with refuses("matrix must be finite numbers"):
        svd_vectors(pmi([[1, 0]]), 1)
    with refuses("matrix must have shape (V, C), neither of them 0, got (3,)"):
        svd_vectors([1, 2, 3], 1)
    for p in (-0.5, 1.5, np.nan, "1"):
        with refuses(f"p must be a number from 0 to 1, got {p!r}"):
            svd_vectors(np.ones((2, 5)), 1, p=p)
