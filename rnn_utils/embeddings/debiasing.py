"""Bias in word vectors: find its direction, take it out, measure associations."""

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.embeddings.arguments import listed, word_pairs
from rnn_utils.embeddings.geometry import unit

_TINY = 1e-6  # of a unit vector: less than this is rounding, and no direction can be taken from it


class WeatResult(NamedTuple):
    """What `WordVectors.weat` found."""

    effect_size: float  # in standard deviations, between -2 and 2
    statistic: float  # sum of the first targets' associations minus that of the second's
    p_value: float  # share of partitions of the targets with a statistic at least as large


class Debiasing:
    """The part of `WordVectors` that finds, removes and measures bias."""

    def bias_direction(self, pairs):
        """The direction in which the words of each pair differ.

        It is the first principal component of the pairs, each moved so that its middle is at zero
        (Bolukbasi et al. 2016, section 5).

        Parameters
        ----------
        pairs : sequence of (str, str)
            At least one, such as ``[("she", "he"), ("woman", "man")]``.

        Returns
        -------
        numpy.ndarray
            Shape (D,), float64, length 1. It points from the second words to the first.

        Raises
        ------
        KeyError
            If a word is unknown.
        ValueError
            If there is no pair, one is not a pair of words, or no pair differs.

        Examples
        --------
        >>> from rnn_utils.embeddings import WordVectors
        >>> wv = WordVectors(["she", "he"], [[3, 4], [-3, -4]])
        >>> wv.bias_direction([("she", "he")]).round(3).tolist()
        [0.6, 0.8]
        """
        pairs = word_pairs("pairs", pairs)
        if not pairs:
            raise ValueError("pairs must be one pair or more, got none")
        first, second = (unit(self._double(words)) for words in zip(*pairs, strict=True))
        differences = first - second
        if np.abs(differences).max() < _TINY:
            raise ValueError(f"pairs must differ in direction, got {pairs}")
        # Around its middle a pair is plus and minus half of its difference: no mean to subtract.
        direction = np.linalg.svd(differences, full_matrices=False)[2][0]
        return direction if (differences @ direction).sum() >= 0 else -direction

    def debias(self, direction_pairs, *, neutralize=(), equalize=()):
        """Take a bias direction out of some words (hard debiasing, Bolukbasi et al. 2016).

        All is done with vectors of length 1. **Neutralize**: a word loses its component along the
        direction and is brought back to length 1. **Equalize**: the two words of a pair get the
        same vector but for that component, and there they are each other's opposite: with mu the
        mean of the two and mu_perp what is left of it without the direction b, they become
        mu_perp ± sqrt(1 - \\|mu_perp\\|²) b. So a neutralized word is equally far from both.

        This does not make the vectors fair. It removes what lies along one direction. The bias is
        also in which words are neighbors of which, and that stays: words that were stereotyped
        alike still lie together, and a classifier still tells them apart (Gonen and Goldberg 2019).
        Words that are not named keep their bias entirely, and the list of pairs decides what counts
        as bias.

        Parameters
        ----------
        direction_pairs : sequence of (str, str)
            The pairs that define the direction, see `bias_direction`.
        neutralize : str or sequence of str
            Words in which the direction should play no part, such as occupations.
        equalize : sequence of (str, str)
            Pairs that should differ in the direction only, such as ``("grandmother",
            "grandfather")``. No word may come twice in ``neutralize`` and ``equalize``.

        Returns
        -------
        WordVectors
            The same words in the same type. The named ones have length 1, the others are as they
            were. This object does not change.

        Raises
        ------
        KeyError
            If a word is unknown.
        ValueError
            If the direction is not defined (see `bias_direction`), a word is named twice, a word to
            neutralize is nothing but the direction, or the words of a pair to equalize do not
            differ along it.

        Examples
        --------
        >>> from rnn_utils.embeddings import WordVectors
        >>> words = ["she", "he", "nurse", "aunt", "uncle"]
        >>> vectors = [[2, 0, 0], [-2, 0, 0], [3, 4, 0], [3, 0, 4], [-1, 2, 2]]
        >>> wv = WordVectors(words, vectors)
        >>> fairer = wv.debias([("she", "he")], neutralize="nurse", equalize=[("aunt", "uncle")])
        >>> fairer["nurse"].tolist()
        [0.0, 1.0, 0.0]
        >>> for word in ("aunt", "uncle"):
        ...     print(round(wv.similarity("nurse", word), 3), end=" -> ")
        ...     print(round(fairer.similarity("nurse", word), 3))
        0.36 -> 0.333
        0.333 -> 0.333
        """
        direction = self.bias_direction(direction_pairs)
        neutralize, equalize = listed(neutralize), word_pairs("equalize", equalize)
        named = [*neutralize, *(word for pair in equalize for word in pair)]
        if twice := sorted({word for word in named if named.count(word) > 1}):
            raise ValueError(f"neutralize and equalize must name a word once, got twice: {twice}")
        vectors = self._vectors.copy()
        for word in neutralize:
            vectors[self.index(word)] = _neutral(word, unit(self._double(word)), direction)
        for a, b in equalize:
            rows = self._rows((a, b))
            vectors[rows] = _equalized((a, b), unit(self._double([a, b])), direction)
        return type(self)(self._words, vectors)

    def weat(
        self,
        targets_1,
        targets_2,
        attributes_1,
        attributes_2,
        *,
        n_permutations=10_000,
        seed=0,
    ):
        """Word embedding association test (Caliskan, Bryson and Narayanan 2017).

        The association of a word is its mean cosine with the words of ``attributes_1`` minus that
        with the words of ``attributes_2``. Is it larger for ``targets_1`` than for ``targets_2``,
        and is that more than chance? For chance all targets are dealt out again into two sets of
        equal size.

        Parameters
        ----------
        targets_1, targets_2 : str or sequence of str
            Equally many, no word twice, such as names of flowers and of insects.
        attributes_1, attributes_2 : str or sequence of str
            At least one each, such as pleasant and unpleasant words.
        n_permutations : int
            If there are at most so many ways to deal out, all are tried and the p-value is exact.
            Otherwise so many are drawn.
        seed : int
            For the draws.

        Returns
        -------
        WeatResult
            ``effect_size``: the difference between the two sets' mean associations, divided by the
            standard deviation of all targets' associations. The paper does not say which; here it
            is that with n - 1, as in the program of May et al. (2019). NaN if all are equal.
            ``statistic``: the difference between the two sums. ``p_value``: one-sided, the share of
            deals with a statistic as large or larger. The deal in question is always among them, so
            it is above 0 (Phipson and Smyth 2010); the paper's formula counts only larger ones.

        Raises
        ------
        KeyError
            If a word is unknown.
        ValueError
            If a list is empty, the targets are not equally many, or one is named twice.

        Examples
        --------
        >>> from rnn_utils.embeddings import WordVectors
        >>> words = ["rose", "tulip", "wasp", "flea", "nice", "nasty"]
        >>> vectors = [[3, 1], [4, 2], [1, 3], [1, 2], [1, 0], [0, 1]]
        >>> result = WordVectors(words, vectors).weat(words[:2], words[2:4], ["nice"], ["nasty"])
        >>> round(result.effect_size, 2), round(result.p_value, 3)  # 1 of 6 deals
        (1.71, 0.167)
        """
        targets = [listed(targets_1), listed(targets_2)]
        attributes = [listed(attributes_1), listed(attributes_2)]
        _check_weat(targets, attributes)
        n_permutations = integer_from("n_permutations", n_permutations, 1)
        first, second = (unit(self._double(words)).mean(axis=0) for words in attributes)
        # The mean of cosines is the cosine with the mean of unit vectors, up to its length.
        associations = unit(self._double([*targets[0], *targets[1]])) @ (first - second)
        n = len(targets[0])
        difference = associations[:n].sum() - associations[n:].sum()
        deviation = associations.std(ddof=1)
        return WeatResult(
            effect_size=float(difference / n / deviation) if deviation > 1e-12 else math.nan,
            statistic=float(difference),
            p_value=_permutation_p(associations, n_permutations, seed),
        )

    def _double(self, words):
        """Their vectors in float64, so that what cancels leaves as little rounding as it can."""
        return self[words].astype(np.float64)


def _check_weat(targets, attributes):
    """Lists of words that `WordVectors.weat` can compare, or a ValueError."""
    for k, words in enumerate(attributes, 1):
        if not words:
            raise ValueError(f"attributes_{k} must be one word or more, got none")
    sizes = [len(words) for words in targets]
    if sizes[0] != sizes[1] or not sizes[0]:
        raise ValueError(f"targets must be equally many, at least one each, got {sizes}")
    together = [*targets[0], *targets[1]]
    if twice := sorted({word for word in together if together.count(word) > 1}):
        raise ValueError(f"targets must name a word once, got twice: {twice}")


def _neutral(word, vector, direction):
    """A unit vector without its component along the direction, at length 1."""
    rest = vector - (vector @ direction) * direction
    if np.linalg.norm(rest) < _TINY:
        raise ValueError(f"neutralize must name words beyond the bias direction, got {word!r}")
    rest = unit(rest)
    return rest - (rest @ direction) * direction  # again: a small rest had lost digits


def _equalized(pair, vectors, direction):
    """Two unit vectors (2, D) that differ along the direction only."""
    along = (vectors - vectors.mean(axis=0)) @ direction
    if np.abs(along).max() < _TINY:
        raise ValueError(f"equalize must be pairs that differ along the direction, got {pair}")
    middle = vectors.mean(axis=0)
    middle = middle - (middle @ direction) * direction
    return middle + np.outer(np.sign(along), math.sqrt(max(0, 1 - middle @ middle)) * direction)


def _permutation_p(numbers, n_permutations, seed):
    """How often half of the numbers, (2n,), has a sum as large as the first half or larger."""
    n = len(numbers) // 2
    # Sums that are equal but for the order of the summands must count as equal.
    least = float(numbers[:n].sum() - 1e-12 * np.abs(numbers).sum())
    if (deals := math.comb(2 * n, n)) <= n_permutations:
        halves = combinations(numbers.tolist(), n)
        return sum(sum(half) >= least for half in halves) / deals
    rng = np.random.default_rng(seed)
    reached = sum(rng.permutation(numbers)[:n].sum() >= least for _ in range(n_permutations))
    return float((1 + reached) / (1 + n_permutations))  # the deal in question is one more
