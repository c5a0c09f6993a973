"""What counting the words gives: a Huffman tree, the noise, and which words to thin out."""

import heapq
from itertools import count
from typing import NamedTuple

import numpy as np


class HuffmanCodes(NamedTuple):
    """A word's way from the root of the Huffman tree, for all words.

    The ways are of different lengths: where one has ended, ``used`` is False.
    """

    nodes: np.ndarray  # inner nodes on the way, (V, longest), 0 to V - 2
    bits: np.ndarray  # 0 or 1, which way it goes there, (V, longest)
    used: np.ndarray  # bool, (V, longest)

    @property
    def lengths(self):
        """How long each word's way is, shape (V,)."""
        return self.used.sum(axis=1)


def huffman_codes(counts):
    """The Huffman tree: frequent words near the root, so the mean way is as short as it can be.

    Parameters
    ----------
    counts : array_like, shape (V,)
        How often each word comes; V >= 2.

    Returns
    -------
    HuffmanCodes
        Node V - 2 is the root.

    Raises
    ------
    ValueError
        If there are fewer than two words.

    Examples
    --------
    >>> huffman_codes([5, 2, 1, 1]).lengths.tolist()
    [1, 2, 3, 3]
    """
    counts = np.asarray(counts).tolist()
    V = len(counts)
    if V < 2:
        raise ValueError(f"counts must be of at least two words, got {V}")
    order = count()  # equal weights: the one that came first
    heap = [(weight, next(order), word) for word, weight in enumerate(counts)]
    heapq.heapify(heap)
    parent, bit = {}, {}
    for node in range(V, 2 * V - 1):  # words are 0 to V - 1, inner nodes follow
        (light, _, left), (heavy, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        parent[left] = parent[right] = node
        bit[left], bit[right] = 0, 1
        heapq.heappush(heap, (light + heavy, next(order), node))
    ways = []
    for word in range(V):
        way, at = [], word
        while at in parent:
            way.append((parent[at] - V, bit[at]))
            at = parent[at]
        ways.append(way[::-1])
    longest = max(map(len, ways))
    padded = np.array([way + [(0, 0)] * (longest - len(way)) for way in ways])
    used = np.arange(longest) < np.array([len(way) for way in ways])[:, None]
    return HuffmanCodes(padded[..., 0], padded[..., 1], used)


def noise_distribution(counts, exponent=0.75):
    """From what negatives are drawn: P_n(w) ∝ count(w)^exponent (Mikolov et al. 2013b).

    Parameters
    ----------
    counts : array_like, shape (V,)
    exponent : float
        1 draws words as often as they come in the text, 0 all equally often.

    Returns
    -------
    numpy.ndarray, shape (V,)
        Adds up to 1.
    """
    weights = np.asarray(counts, dtype=float) ** exponent
    return weights / weights.sum()


def keep_probability(counts, sample):
    """With what probability an occurrence of a word is kept, when frequent words are thinned out.

    This is the rule of the released program, (sqrt(f/t) + 1) t/f, f being the word's share of the
    text and t ``sample``; the paper's is sqrt(t/f) (Mikolov et al. 2013b, eq. 5).

    Parameters
    ----------
    counts : array_like, shape (V,)
    sample : float
        About the largest share that is kept whole; 0 keeps everything.

    Returns
    -------
    numpy.ndarray, shape (V,), in (0, 1]
    """
    counts = np.asarray(counts, dtype=float)
    if sample == 0:
        return np.ones(len(counts))
    excess = counts / counts.sum() / sample
    return np.minimum((np.sqrt(excess) + 1) / excess, 1)
