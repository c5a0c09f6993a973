"""Word2Vec: gradients of PyTorch, gensim's trees, and a language whose odds are known."""

import io
import math
import re
import sys
from fractions import Fraction
from functools import cache, partial
from itertools import combinations, pairwise

import gensim
import numpy as np
import pytest
import torch
from gensim.utils import simple_preprocess
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, logsigmoid

from rnn_utils import word2vec
from rnn_utils.datasets import kingdom_analogies, load_kingdom, load_lee
from rnn_utils.gradcheck import numerical_gradient
from rnn_utils.text import Vocab
from rnn_utils.word2vec import (
    PairByPair,
    Word2Vec,
    full_softmax,
    hierarchical_softmax,
    huffman_codes,
    keep_probability,
    negative_sampling,
    noise_contrastive,
    noise_distribution,
)

KINDS = {
    "negative sampling": {"negative": 5},
    "noise-contrastive estimation": {"negative": 3, "nce": 1},
    "hierarchical softmax": {"hs": 1},
    "full softmax": {"negative": 0},
}
MODELS = {
    "skip-gram": {"sg": 1},
    "CBOW, mean": {"sg": 0, "cbow_mean": 1},
    "CBOW, sum": {"sg": 0, "cbow_mean": 0},
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """The numbers here are few: a second thread would cost more than it does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def refuses(message):
    return pytest.raises(ValueError, match=re.escape(message))


def random_text(V=12, n_sentences=12, longest=14, seed=0):
    """Ragged sentences, one of them empty, of words that come unequally often."""
    rng = np.random.default_rng(seed)
    odds = rng.dirichlet(np.ones(V))
    lengths = rng.integers(0, longest + 1, n_sentences)
    sentences = [[f"w{k}" for k in rng.choice(V, n, p=odds)] for n in lengths]
    return [[], ["w0", "w1", "w0", "w1"], *sentences]


def small(text=None, cls=Word2Vec, **options):
    """Training without a bar, in double precision, of few and short vectors."""
    settings = {"vector_size": 4, "window": 2, "min_count": 1, "sample": 0, "epochs": 2}
    settings |= {"dtype": np.float64, "progress": False}
    return cls(random_text() if text is None else text, **{**settings, **options})


def tables(model):
    """All that was learned."""
    return model.wv.vectors, model.output_vectors, model.output_bias


def same_tables(one, other, tolerance):
    for a, b in zip(tables(one), tables(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


# ------------------------------------------------------------------- one pair, loss and gradients


def pair_case(name, scale=1.0, R=7, d=5, seed=0):
    """A step's function of (e, u), and the same loss in PyTorch."""
    rng = np.random.default_rng(seed)
    e, u = rng.normal(size=d) * scale, rng.normal(size=(R, d))
    word = int(rng.integers(R))
    labels = rng.permutation(np.arange(R) < max(1, R // 3)).astype(int)
    log_noise = np.log(rng.uniform(0.01, 3, R))
    signs = torch.from_numpy(1 - 2 * labels)

    def telling_apart(logits):
        wanted = torch.from_numpy(labels).double()
        return binary_cross_entropy_with_logits(logits, wanted, reduction="sum")

    return (e, u), *{
        "full": (
            lambda e, u: full_softmax(e, u, word),
            lambda e, u: cross_entropy(u @ e, torch.tensor(word)),
        ),
        "negative": (
            lambda e, u: negative_sampling(e, u, labels),
            lambda e, u: telling_apart(u @ e),
        ),
        "nce": (
            lambda e, u: noise_contrastive(e, u, labels, log_noise),
            lambda e, u: telling_apart(u @ e - torch.from_numpy(log_noise)),
        ),
        "tree": (  # bit 0 with probability σ(u · e), so bit 1 with σ(-u · e)
            lambda e, u: hierarchical_softmax(e, u, labels),
            lambda e, u: -logsigmoid(signs * (u @ e)).sum(),
        ),
    }[name]


every_loss = pytest.mark.parametrize("name", ["full", "negative", "nce", "tree"])


@every_loss
@given(R=st.integers(2, 9), d=st.integers(1, 6), seed=st.integers(0, 999))
def test_losses_and_gradients_are_those_of_autograd(name, R, d, seed):
    (e, u), ours, theirs = pair_case(name, R=R, d=d, seed=seed)
    leaves = [torch.from_numpy(array).requires_grad_() for array in (e, u)]
    loss = theirs(*leaves)
    loss.backward()
    step = ours(e, u)
    assert isinstance(step.loss, float)
    assert step.loss == pytest.approx(loss.item(), rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(step.scores, u @ e, rtol=1e-12)
    np.testing.assert_allclose(step.d_e, leaves[0].grad, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(step.d_u, leaves[1].grad, rtol=1e-12, atol=1e-12)


@every_loss
def test_gradients_are_what_the_loss_does(name):
    (e, u), ours, _ = pair_case(name)
    step = ours(e, u)
    for array, gradient in ((e, step.d_e), (u, step.d_u)):
        nudged = numerical_gradient(lambda: ours(e, u).loss, array)
        np.testing.assert_allclose(gradient, nudged, rtol=1e-7, atol=1e-8)


@every_loss
def test_scores_in_the_thousands(name):
    """Neither an overflow nor the logarithm of zero."""
    (e, u), ours, theirs = pair_case(name, scale=2000.0)
    assert np.abs(u @ e).max() > 2000
    expected = theirs(torch.from_numpy(e), torch.from_numpy(u)).item()
    assert expected > 1000
    assert ours(e, u).loss == pytest.approx(expected, rel=1e-12)


def test_probabilities():
    (e, u), *_ = pair_case("full")
    scores = torch.from_numpy(u @ e)
    noise = np.linspace(-1, 1, len(u))
    labels = [1, 0, 0, 0, 0, 0, 1]
    for step, expected in (
        (full_softmax(e, u, 0), scores.softmax(0)),
        (negative_sampling(e, u, labels), scores.sigmoid()),
        (noise_contrastive(e, u, labels, noise), (scores - torch.from_numpy(noise)).sigmoid()),
        (hierarchical_softmax(e, u, labels), scores.sigmoid()),
    ):
        np.testing.assert_allclose(step.probabilities, expected, rtol=1e-12)


# ------------------------------------------------------------------------- the tree of the words

some_counts = st.lists(st.integers(1, 1000), min_size=2, max_size=40)


def ways(codes):
    """Each word's way as a list of nodes and a tuple of bits."""
    for nodes, bits, used in zip(*codes, strict=True):
        assert (used == (np.arange(len(used)) < used.sum())).all()  # the rest is padding
        yield nodes[used].tolist(), tuple(bits[used].tolist())


@given(counts=some_counts)
def test_no_way_is_the_beginning_of_another(counts):
    codes = list(ways(huffman_codes(counts)))
    bits = [way for _, way in codes]
    assert not any(a == b[: len(a)] or b == a[: len(b)] for a, b in combinations(bits, 2))
    assert sum(Fraction(1, 2 ** len(way)) for way in bits) == 1  # Kraft: no way is left unused


@given(counts=some_counts)
def test_a_node_is_a_place_in_the_tree(counts):
    """Two words share a node just as long as their ways agree."""
    V, places = len(counts), {}
    for nodes, bits in ways(huffman_codes(counts)):
        assert nodes[0] == V - 2  # the root
        for k, node in enumerate(nodes):
            assert places.setdefault(node, bits[:k]) == bits[:k]
    assert sorted(places) == list(range(V - 1))
    assert len(set(places.values())) == V - 1


@given(counts=some_counts)
def test_frequent_words_are_near_the_root(counts):
    counts = np.array(counts)
    lengths = huffman_codes(counts).lengths
    share = counts / counts.sum()
    entropy = -(share @ np.log2(share))
    assert entropy - 1e-9 <= share @ lengths < entropy + 1
    pairs = combinations(range(len(counts)), 2)
    assert not any((counts[a] - counts[b]) * (lengths[a] - lengths[b]) > 0 for a, b in pairs)


def shortest(counts):
    """The smallest total length of all binary trees, by trying all of them."""

    @cache
    def total(words):
        if len(words) == 1:
            return 0
        first, *rest = words
        halves = ((first, *some) for size in range(len(rest)) for some in combinations(rest, size))
        parts = (total(half) + total(tuple(w for w in words if w not in half)) for half in halves)
        return sum(counts[w] for w in words) + min(parts)

    return total(tuple(range(len(counts))))


@given(counts=st.lists(st.integers(1, 30), min_size=2, max_size=6))
def test_no_tree_is_shorter(counts):
    assert huffman_codes(counts).lengths @ np.array(counts) == shortest(counts)


def gensim_of(counts, **options):
    """A model of gensim's of words w000, w001, … with these counts, ready to be trained."""
    options = {"min_count": 1, "workers": 1, "vector_size": 2, **options}
    model = gensim.models.Word2Vec(**options)
    model.build_vocab_from_freq({f"w{k:03}": int(count) for k, count in enumerate(counts)})
    return model


@pytest.mark.parametrize("seed", range(3))
def test_as_long_as_gensims_ways(seed):
    counts = np.sort(np.random.default_rng(seed).zipf(1.5, 200).clip(max=10**6))[::-1]
    theirs = gensim_of(counts, hs=1, negative=0).wv
    lengths = [len(theirs.get_vecattr(f"w{k:03}", "code")) for k in range(len(counts))]
    assert huffman_codes(counts).lengths @ counts == np.array(lengths) @ counts


@given(counts=some_counts, seed=st.integers(0, 99))
def test_the_probabilities_of_all_words_add_up_to_one(counts, seed):
    rng = np.random.default_rng(seed)
    codes = huffman_codes(counts)
    e, u = rng.normal(size=3) * 2, rng.normal(size=(len(counts) - 1, 3))
    losses = [hierarchical_softmax(e, u[nodes], bits).loss for nodes, bits in ways(codes)]
    assert sum(math.exp(-loss) for loss in losses) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("counts", [[], [3]])
def test_a_tree_has_two_words(counts):
    with refuses(f"counts must be of at least two words, got {len(counts)}"):
        huffman_codes(counts)


# ------------------------------------------------------------------------- drawing and thinning


def test_noise_of_the_book():
    """0.9, 0.09 and 0.01 to the power of 3/4 are 0.924, 0.164 and 0.0316."""
    expected = np.array([0.924, 0.164, 0.0316])
    found = noise_distribution([90, 9, 1])
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=2e-3)


@given(counts=some_counts, exponent=st.floats(-1, 2))
def test_noise(counts, exponent):
    counts = np.array(counts)
    noise = noise_distribution(counts, exponent)
    assert noise.sum() == pytest.approx(1, rel=1e-12)
    expected = exponent * np.log(counts / counts[0])
    np.testing.assert_allclose(np.log(noise / noise[0]), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(noise_distribution(counts, 1), counts / counts.sum())
    np.testing.assert_allclose(noise_distribution(counts, 0), 1 / len(counts))


@pytest.mark.parametrize("exponent", [0.75, 0.5, -0.5])
def test_the_noise_of_gensim(exponent):
    counts = [500, 100, 33, 7, 7, 1]
    table = gensim_of(counts, ns_exponent=exponent).cum_table
    expected = np.diff(table / table[-1], prepend=0)
    np.testing.assert_allclose(noise_distribution(counts, exponent), expected, atol=1e-8)


def test_a_word_of_5_percent_is_kept_16_times_of_100():
    found = keep_probability([50, 950], 1e-3)
    assert found[0] == pytest.approx(0.1614, abs=1e-4)


@pytest.mark.parametrize("sample", [1e-1, 1e-3, 1e-5])
def test_as_many_are_kept_as_in_gensim(sample):
    counts = [5000, 1000, 330, 70, 7, 1]
    theirs = gensim_of(counts, sample=sample).wv
    found = [theirs.get_vecattr(f"w{k:03}", "sample_int") for k in range(len(counts))]
    expected = np.array(found) / (2**32 - 1)
    np.testing.assert_allclose(keep_probability(counts, sample), expected, atol=1e-8)


@given(counts=some_counts, sample=st.floats(1e-6, 1))
def test_rare_words_are_kept_more_often(counts, sample):
    kept = keep_probability(np.sort(counts), sample)
    assert (kept > 0).all()
    assert (kept <= 1).all()
    assert (np.diff(kept) <= 1e-15).all()
    assert (keep_probability(counts, 0) == 1).all()


# ------------------------------------------------------------------------- what is learned from


class Watched(Word2Vec):
    """Notes the minibatches and learns nothing."""

    def _update(self, minibatch):
        self.__dict__.setdefault("minibatches", []).append(minibatch)
        return 0.0, 1

    @property
    def pairs(self):
        """All pairs of a center and a context word, (n, 2)."""
        found = []
        for centers, contexts, band, *_ in self.minibatches:
            block, center, place = band.nonzero()
            found.append(np.stack([centers[block, center], contexts[block, place]], axis=1))
        return np.concatenate(found)

    @property
    def word_pairs(self):
        return {(self.vocab.words[a], self.vocab.words[b]) for a, b in self.pairs}

    def drawn(self, name):
        return np.concatenate([getattr(part, name).ravel() for part in self.minibatches])


def numbered(n):
    """n different words whose indices are their places."""
    return [f"w{k:05}" for k in range(n)]


@pytest.mark.parametrize("window", [1, 2, 5, 9])
def test_near_words_are_paired_more_often(window):
    """A word at distance d is in reach for (c - d + 1) of c equally probable reaches."""
    n, epochs = 1000, 30
    model = small([numbered(n)], Watched, window=window, epochs=epochs)
    distance = model.pairs[:, 1] - model.pairs[:, 0]
    for d in range(1, window + 1):
        odds = (window - d + 1) / window
        possible = epochs * (n - d)  # near an end there is none
        bound = 5 * math.sqrt(possible * odds * (1 - odds))
        for side in (d, -d):
            assert abs((distance == side).sum() - possible * odds) <= bound
    assert set(distance) == {*range(-window, 0), *range(1, window + 1)}


def test_a_reach_is_drawn_anew_in_each_epoch():
    def pairs(epochs):
        return {*map(tuple, small([numbered(200)], Watched, window=5, epochs=epochs).pairs)}

    assert pairs(1) < pairs(2) < pairs(9)


def test_left_and_right_have_the_same_reach():
    model = small([numbered(300)], Watched, window=4, epochs=1)
    pairs = {*map(tuple, model.pairs)}
    inside = range(4, 296)
    assert all(((k, k + d) in pairs) == ((k, k - d) in pairs) for k in inside for d in range(1, 5))


@given(
    lengths=st.lists(st.integers(0, 40), min_size=2, max_size=12).filter(lambda n: sum(n) > 1),
    window=st.integers(1, 20),
)
@settings(max_examples=40)
def test_windows_stay_in_their_sentence(lengths, window):
    words, ends = numbered(sum(lengths)), np.cumsum([0, *lengths])
    sentences = [words[a:b] for a, b in pairwise(ends)]
    model = small(sentences, Watched, window=window, epochs=3, vector_size=1)
    if max(lengths) < 2:
        assert not hasattr(model, "minibatches")  # nobody has a neighbor
        return
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    centers, contexts = model.pairs.T
    assert (sentence[centers] == sentence[contexts]).all()
    assert {*centers} == {k for k in range(len(words)) if lengths[sentence[k]] > 1}


def test_each_word_is_a_center_once_in_an_epoch():
    text = random_text()
    model = small(text, Watched, epochs=3)
    centers = model.drawn("centers")
    counts = np.bincount(centers[centers >= 0], minlength=len(model.vocab))
    np.testing.assert_array_equal(counts, 3 * model.vocab.counts)


def test_rare_words_leave_no_gap():
    """gensim and the released program: neighbors are counted after rare words are gone."""
    model = small([["a", "rare", "b"], ["a", "b"]], Watched, window=1, min_count=2)
    assert model.vocab.words == ("a", "b")
    assert model.word_pairs == {("a", "b"), ("b", "a")}
    alone = small([["a", "rare", "b"], ["a"], ["b"]], Watched, window=1, min_count=2)
    assert alone.word_pairs == {("a", "b"), ("b", "a")}


def test_thinned_words_leave_no_gap():
    text = [["the", "cat", "the", "dog", "the", "mouse", "the"] * 20] * 10
    assert ("cat", "dog") not in small(text, Watched, window=1, epochs=5).word_pairs
    assert ("cat", "dog") in small(text, Watched, window=1, epochs=5, sample=0.2).word_pairs


def test_frequent_words_are_thinned():
    text = random_text(V=8, n_sentences=300)
    model = small(text, Watched, sample=0.02, epochs=20)
    centers = model.drawn("centers")
    found = np.bincount(centers[centers >= 0], minlength=len(model.vocab))
    kept = keep_probability(model.vocab.counts, 0.02)
    assert kept.min() < 0.5
    trials = 20 * model.vocab.counts
    np.testing.assert_array_less(
        np.abs(found - trials * kept), 5 * np.sqrt(trials * kept * (1 - kept)) + 1
    )


@pytest.mark.parametrize("exponent", [0.75, 0])
def test_negatives_come_from_the_noise(exponent):
    model = small(random_text(n_sentences=100), Watched, epochs=30, ns_exponent=exponent)
    np.testing.assert_array_equal(model.noise, noise_distribution(model.vocab.counts, exponent))
    negatives = model.drawn("negatives")
    found = np.bincount(negatives, minlength=len(model.vocab))
    expected = len(negatives) * model.noise
    assert len(negatives) > 5000
    assert (np.abs(found - expected) < 5 * np.sqrt(expected) + 1).all()


def test_the_learning_rate_falls_in_a_straight_line():
    model = small([numbered(1600)], Watched, epochs=4, alpha=0.08, min_alpha=0.02)
    alphas = [part.alpha for part in model.minibatches]
    assert len(alphas) >= 12
    assert alphas[0] == pytest.approx(0.08, rel=1e-12)
    np.testing.assert_allclose(alphas[:: len(alphas) // 4], [0.08, 0.065, 0.05, 0.035], rtol=1e-9)
    assert (np.diff(alphas) < 0).all()
    assert 0.02 < alphas[-1] < 0.03


@pytest.mark.parametrize("V", [2, 20, 2000])
def test_no_word_comes_too_often_in_a_minibatch(V):
    """Else its step is as long as that of many words, and the vectors jump about."""
    model = small([[f"w{k % V}" for k in range(6000)]], Watched, epochs=1)
    centers = max(part.centers.size for part in model.minibatches)
    assert centers == {2: 16, 20: 160, 2000: 512}[V]


def test_bold_steps_are_shared_by_fewer():
    """Twice the learning rate or the negatives: a quarter of the centers, twice the draws."""

    def sizes(**options):
        first = small([numbered(3000)], Watched, epochs=1, **options).minibatches[0]
        return first.centers.size, first.negatives.shape[1]

    assert sizes() == sizes(negative=2) == sizes(alpha=0.01) == (512, 12)
    assert sizes(alpha=0.05) == sizes(negative=10) == (128, 24)
    assert sizes(alpha=0.05, negative=10) == (32, 48)
    assert sizes(alpha=0.05, negative=0)[0] == 128
    assert sizes(hs=1)[0] == sizes(hs=1, negative=20)[0] == 64  # all pairs share the root
    assert sizes(hs=1, alpha=0.05)[0] == 16
    assert sizes(alpha=10)[0] == 16
    assert sizes(sg=0, alpha=0.1) == (512, 12)  # CBOW has one pair where skip-gram has several
    assert sizes(sg=0, alpha=0.2) == (128, 24)
    assert sizes(sg=0, alpha=0.05, cbow_mean=0) == (128, 24)  # but there each gets it all


def test_words_are_numbered_by_falling_count():
    text = random_text()
    vocab, expected = small(text).vocab, Vocab(text, specials=())
    assert vocab.words == expected.words
    np.testing.assert_array_equal(vocab.counts, expected.counts)


# -------------------------------------------------------------------------------------- one update


class ByAutograd(Word2Vec):
    """The same minibatches, but the gradients are PyTorch's."""

    def _update(self, minibatch):
        leaves = (self._vectors, self.output_vectors, self.output_bias)
        leaves = [torch.from_numpy(array).requires_grad_() for array in leaves]
        losses = []
        for centers, contexts, band, negatives in zip(*minibatch[:4], strict=True):
            for center, row in zip(centers, band, strict=True):
                around = contexts[row]
                if self.sg:
                    losses += [
                        self.loss(leaves, leaves[0][center], word, negatives) for word in around
                    ]
                elif len(around):
                    e = leaves[0][around]
                    e = e.mean(dim=0) if self.cbow_mean else e.sum(dim=0)
                    losses.append(self.loss(leaves, e, center, negatives))
        loss = torch.stack(losses).sum()
        loss.backward()
        with torch.no_grad():
            for leaf in leaves:
                if leaf.grad is not None:
                    leaf -= minibatch.alpha * leaf.grad
        return loss.item(), len(losses)

    def loss(self, leaves, e, word, negatives):
        _, u, bias = leaves
        if self.hs:
            used = self.codes.used[word]
            signs = torch.from_numpy(1 - 2 * self.codes.bits[word][used])
            return -logsigmoid(signs * (u[self.codes.nodes[word][used]] @ e)).sum()
        if not self.negative:
            return cross_entropy(u @ e, torch.tensor(word))
        logits = u @ e
        if self.nce:
            logits = logits + bias - torch.from_numpy(np.log(self.negative * self.noise))
        negative = self.negative * logsigmoid(-logits[negatives]).mean()
        return -logsigmoid(logits[word]) - negative


@every_kind
@every_model
def test_an_update_follows_the_gradient_of_autograd(model, kind):
    options = {**MODELS[model], **KINDS[kind], "alpha": 0.3, "compute_loss": True, "epochs": 3}
    text = random_text(V=30, n_sentences=10)
    ours, theirs = (small(text, cls, **options) for cls in (Word2Vec, ByAutograd))
    same_tables(ours, theirs, 1e-10)
    np.testing.assert_allclose(ours.losses, theirs.losses, rtol=1e-10)
    assert np.abs(ours.output_vectors).max() > 0.01  # there was something to compare
    assert ours.output_bias.any() == bool(ours.nce)


@every_kind
@every_model
@given(
    V=st.integers(2, 40),
    n_sentences=st.integers(0, 12),
    window=st.integers(1, 6),
    sample=st.sampled_from([0, 0.05]),
    seed=st.integers(0, 999),
)
@settings(max_examples=6)
def test_pair_by_pair_comes_to_the_same_vectors(model, kind, V, n_sentences, window, sample, seed):
    text = random_text(V, n_sentences, seed=seed)
    options = {**MODELS[model], **KINDS[kind], "window": window, "sample": sample, "seed": seed}
    options |= {"alpha": 0.2, "compute_loss": True}
    fast, slow = (small(text, cls, **options) for cls in (Word2Vec, PairByPair))
    same_tables(fast, slow, 1e-10)
    np.testing.assert_allclose(fast.losses, slow.losses, rtol=1e-10)


@pytest.mark.parametrize("negative", [1, 5, 20])
@every_model
def test_a_pair_has_k_negatives(model, negative):
    """At first all scores are 0: the true word and each negative then cost log 2."""
    options = {**MODELS[model], "negative": negative, "alpha": 1e-12, "min_alpha": 0}
    losses = small(**options, compute_loss=True).losses
    np.testing.assert_allclose(losses, (1 + negative) * math.log(2), rtol=1e-6)


def test_what_the_first_loss_is_otherwise():
    text = [["a", "b"], ["a", "c"], ["a", "b"]] * 9  # ways: a 1, b 2, c 2
    options = {"alpha": 1e-12, "min_alpha": 0, "compute_loss": True}
    assert small(text, negative=0, **options).losses[0] == pytest.approx(math.log(3))
    tree = small(text, hs=1, **options)
    assert tree.losses[0] == pytest.approx(1.5 * math.log(2))
    flat = small(text, nce=1, negative=4, **options)
    assert np.log(flat.vocab.counts / 54) == pytest.approx(flat.output_bias)


@every_kind
@every_model
def test_the_loss_falls(model, kind):
    text = [["the", "king", "rules"], ["the", "queen", "reigns"], ["a", "cat", "sleeps"]] * 60
    options = {**MODELS[model], **KINDS[kind], "alpha": 0.1, "epochs": 6}
    losses = small(text, compute_loss=True, **options).losses
    assert len(losses) == 6
    assert losses[-1] < 0.75 * losses[0]
    silent = small(text, **options)
    assert silent.losses == []
    same_tables(silent, small(text, compute_loss=True, **options), 1e-12)


# ------------------------------------------------------------------ a language whose odds are known

# How often each word comes with each; nothing else is in the text.
TOGETHER = np.array([[2, 9, 4, 2], [9, 3, 1, 6], [4, 1, 6, 3], [2, 6, 3, 8]])
ODDS = TOGETHER / TOGETHER.sum(axis=1, keepdims=True)  # of a word, given the one beside it


@cache
def trained_on_pairs(kind):
    words, text = numbered(len(ODDS)), []
    for a, b in np.ndindex(ODDS.shape):
        text += [[words[a], words[b]]] * (8 * TOGETHER[a, b])
    np.random.default_rng(0).shuffle(text)
    options = {"vector_size": 8, "window": 1, "epochs": 120, "alpha": 0.1, "min_alpha": 1e-3}
    return small(text, **options, **KINDS[kind])


def scores_and_noise(kind):
    """What u · e and the bias say, or the tree, of each word, given each; and the noise."""
    model = trained_on_pairs(kind)
    order = [model.vocab[word] for word in numbered(len(ODDS))]
    e, u, bias = tables(model)
    if not model.hs:
        return e[order] @ u[order].T + bias[order], model.noise[order]
    tree = [list(ways(model.codes))[k] for k in order]
    losses = [[hierarchical_softmax(row, u[n], b).loss for n, b in tree] for row in e[order]]
    return -np.array(losses), model.noise[order]


@pytest.mark.parametrize("kind", ["hierarchical softmax", "noise-contrastive estimation"])
def test_what_is_said_are_the_probabilities(kind):
    """They add up to 1, though nothing was divided by their sum."""
    said = np.exp(scores_and_noise(kind)[0])
    np.testing.assert_allclose(said, ODDS, atol=0.03)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=0.03)


def test_a_full_softmax_says_the_probabilities():
    shares = np.exp(scores_and_noise("full softmax")[0])
    np.testing.assert_allclose(shares / shares.sum(axis=1, keepdims=True), ODDS, atol=0.01)


def test_negative_sampling_says_something_else():
    """Its scores become log p(w | c) - log K P_n(w), a shifted PMI (Levy and Goldberg 2014)."""
    scores, noise = scores_and_noise("negative sampling")
    np.testing.assert_allclose(scores, np.log(ODDS) - np.log(5 * noise), atol=0.1)
    assert np.abs(np.exp(scores).sum(axis=1) - 1).min() > 0.1


# -------------------------------------------------------------------------------------- real text


@cache
def lee():
    return [simple_preprocess(article) for article in load_lee()]


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 0.1},
        {"negative": 20},
        {"hs": 1, "alpha": 0.1},
        {"sg": 0, "alpha": 0.2},
        {"sg": 0, "alpha": 0.1, "cbow_mean": 0},
        {"nce": 1, "alpha": 0.05, "negative": 10},
    ],
    ids=str,
)
def test_bold_settings_do_not_explode(options):
    model = Word2Vec(lee(), vector_size=32, epochs=5, progress=False, compute_loss=True, **options)
    assert np.linalg.norm(model.wv.vectors, axis=1).max() < 10
    assert model.losses == sorted(model.losses, reverse=True)


# --------------------------------------------------------------------------- king - man + woman

ANALOGIES = [question for part in kingdom_analogies().values() for question in part]
SETTINGS = {"vector_size": 16, "window": 4, "min_count": 1, "sample": 0, "epochs": 10}
# CBOW and the tree need more of a learning rate than the default for so short a text.
KINGDOMS = {
    "negative sampling": {},
    "noise-contrastive estimation": {"nce": 1},
    "full softmax": {"negative": 0},
    "hierarchical softmax": {"hs": 1, "alpha": 0.1, "epochs": 6},
    "CBOW": {"sg": 0, "alpha": 0.1},
}


@cache
def kingdom():
    return load_kingdom()


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", KINGDOMS)
def test_king_minus_man_plus_woman_is_queen(name, seed):
    wv = Word2Vec(kingdom(), **{**SETTINGS, **KINGDOMS[name]}, seed=seed, progress=False).wv
    assert wv.analogy("man", "king", "woman")[0][0] == "queen"
    right = sum(wv.analogy(a, b, c)[0][0] == d for a, b, c, d in ANALOGIES)
    assert right >= 0.9 * len(ANALOGIES)


# ------------------------------------------------------------------------------ the whole training


def test_same_seed_same_vectors():
    one, two, other = (small(seed=seed) for seed in (3, 3, 4))
    for a, b, c in zip(tables(one)[:2], tables(two), tables(other), strict=False):
        np.testing.assert_array_equal(a, b)
        assert (a != c).all()


def test_vectors_start_small():
    """As in the released program: evenly between -1/2d and 1/2d, and the outputs at zero."""
    model = small([numbered(500)], Watched, vector_size=10, epochs=1)
    start = model.wv.vectors
    assert 0.0499 < start.max() <= 0.05
    assert -0.05 <= start.min() < -0.0499
    assert abs(start.mean()) < 0.002
    assert not model.output_vectors.any()


@every_kind
@every_model
def test_types_and_shapes(model, kind):
    text = random_text(V=9)
    for dtype in (np.float32, np.float64):
        options = {**MODELS[model], **KINDS[kind], "alpha": 0.2, "dtype": dtype}
        trained = small(text, vector_size=6, **options)
        V = len(trained.vocab)
        vectors, outputs, bias = tables(trained)
        assert vectors.shape == (V, 6)
        assert outputs.shape == (V - 1 if trained.hs else V, 6)
        assert bias.shape == (V,)
        assert {array.dtype for array in tables(trained)} == {np.dtype(dtype)}
        assert (trained.codes is not None) == bool(trained.hs)
        assert trained.wv.words == trained.vocab.words
    single = small(text, **{**options, "vector_size": 6, "dtype": np.float32})
    same_tables(single, trained, 1e-4)
    assert kind in repr(trained)
    assert f"{V} words, vector_size=6, {model.split(',')[0]}, " in repr(trained)


def test_float32_is_the_default():
    text = [["a", "b"]] * 5
    assert Word2Vec(text, vector_size=2, progress=False).wv.vectors.dtype == np.float32


def test_sentences_may_come_from_a_generator():
    text = random_text()
    expected = small(text)
    for sentences in (
        (sentence for sentence in text),
        (iter(sentence) for sentence in text),
        tuple(map(tuple, text)),
    ):
        same_tables(small(sentences), expected, 0)


def test_sentences_stay_as_they_are():
    text = random_text()
    small(text)
    assert text == random_text()


@pytest.mark.parametrize("binary", [True, False])
def test_gensim_reads_the_vectors(binary, tmp_path):
    wv = small(dtype=np.float32).wv
    wv.save_word2vec_format(tmp_path / "vectors", binary=binary)
    load = gensim.models.KeyedVectors.load_word2vec_format
    theirs = load(str(tmp_path / "vectors"), binary=binary)
    assert theirs.index_to_key == list(wv.words)
    np.testing.assert_array_equal(theirs.vectors, wv.vectors)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vector_size": 0}, "vector_size must be a positive integer, got 0"),
        ({"vector_size": 2.0}, "vector_size must be a positive integer, got 2.0"),
        ({"window": 0}, "window must be a positive integer, got 0"),
        ({"negative": -1}, "negative must be an integer >= 0, got -1"),
        ({"epochs": 0}, "epochs must be a positive integer, got 0"),
        ({"min_count": 0}, "min_count must be an integer >= 1, got 0"),
        ({"seed": -1}, "seed must be an integer >= 0, got -1"),
        ({"seed": None}, "seed must be an integer >= 0, got None"),
        ({"sg": 2}, "sg must be 0 or 1, got 2"),
        ({"hs": "yes"}, "hs must be 0 or 1, got 'yes'"),
        ({"nce": -1}, "nce must be 0 or 1, got -1"),
        ({"cbow_mean": 0.5}, "cbow_mean must be 0 or 1, got 0.5"),
        ({"nce": 1, "hs": 1}, "nce must be 0 with hs=1 or negative=0, got 1"),
        ({"nce": 1, "negative": 0}, "nce must be 0 with hs=1 or negative=0, got 1"),
        ({"alpha": 0}, "alpha must be a finite number above 0, got 0"),
        ({"alpha": math.inf}, "alpha must be a finite number above 0, got inf"),
        ({"min_alpha": -1}, "min_alpha must be a finite number >= 0, got -1"),
        ({"sample": -1e-3}, "sample must be a finite number >= 0, got -0.001"),
        ({"ns_exponent": math.nan}, "ns_exponent must be a finite number, got nan"),
        ({"ns_exponent": "3/4"}, "ns_exponent must be a finite number, got '3/4'"),
        ({"dtype": np.int64}, "dtype must be numpy.float64 or numpy.float32"),
    ],
)
def test_settings_out_of_range(options, message):
    with refuses(message):
        small(**options)


@pytest.mark.parametrize("text", [[], [[]], [["a", "a", "a"]], [["a", "b"], ["a"]]])
def test_a_text_has_two_words(text):
    got = int(sum(sentence.count("a") for sentence in text) > 1)
    message = "sentences must have two words or more that come min_count = 2 times, got "
    with refuses(f"{message}{got}"):
        small(text, min_count=2)


@pytest.mark.parametrize("text", ["the king", ["the king", "the queen"], ["the", "king"]])
def test_letters_are_not_taken_for_words(text):
    with refuses("sentences must be lists of words, got the str 'the"):
        small(text)


def test_a_switch_may_be_a_truth_value():
    same_tables(small(sg=False, hs=True), small(sg=0, hs=1), 0)


# ----------------------------------------------------------------------------------------- progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(monkeypatch, stream):
    """The stream in place of stderr; in a test, not before it."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    return stream


def test_the_bar_counts_epochs_and_goes_away(monkeypatch):
    terminal = watched(monkeypatch, Terminal())
    monkeypatch.setattr(word2vec.model, "tqdm", partial(word2vec.model.tqdm, mininterval=0))
    small(progress=None, epochs=3)
    *shown, wiped, rest = terminal.getvalue().split("\r")[1:]
    assert "0.0/3 epochs" in shown[0]
    assert "3.0/3 epochs" in shown[-1]
    assert len(shown) > 9  # there is more than one update in an epoch
    assert wiped.strip() == rest == ""


def test_no_bar_where_nobody_watches(monkeypatch):
    paper = watched(monkeypatch, io.StringIO())
    small(progress=None)
    assert paper.getvalue() == ""
    small(progress=True)
    assert "/2 epochs" in paper.getvalue()


def test_the_bar_can_be_switched_off(monkeypatch):
    terminal = watched(monkeypatch, Terminal())
    small(progress=False)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    small(progress=True)
    assert terminal.getvalue() == ""
