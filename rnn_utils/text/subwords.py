"""Cut words into parts that come often."""

from collections import Counter, defaultdict
from itertools import pairwise

from rnn_utils.checks import integer_from
from rnn_utils.text.arguments import token_list

END_OF_WORD = "</w>"


def learn_byte_pairs(words, n_merges):
    """Find the parts of words that come often: byte-pair encoding (Sennrich et al. 2016).

    Every word starts as its characters and a mark for its end. Then the two neighbors that come
    together most often become one part, again and again.

    Parameters
    ----------
    words : list of str
        With repetitions: how often a word comes counts.
    n_merges : int
        At least 0. If all words are in one part before, there are fewer.

    Returns
    -------
    list of pairs of str
        What was put together, in order. Of pairs that are equally frequent the first in
        alphabetical order is taken.

    Raises
    ------
    ValueError
        If the words are not a list of str or n_merges is not an integer >= 0.

    Examples
    --------
    >>> words = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
    >>> learn_byte_pairs(words, 4)
    [('e', 's'), ('es', 't'), ('est', '</w>'), ('l', 'o')]
    """
    counts = Counter(token_list("words", words))
    n_merges = integer_from("n_merges", n_merges, 0)
    split = {word: [*word, END_OF_WORD] for word in counts}
    pairs, found_in = Counter(), defaultdict(set)

    def count(word, sign):
        for pair in pairwise(split[word]):
            pairs[pair] += sign * counts[word]
            found_in[pair].add(word)

    for word in counts:
        count(word, +1)
    merges = []
    for _ in range(n_merges):
        best = min(pairs, key=lambda pair: (-pairs[pair], pair), default=None)
        if best is None or not pairs[best]:
            break
        merges.append(best)
        for word in found_in.pop(best):  # only these are cut anew
            count(word, -1)
            split[word] = _merged(split[word], best)
            count(word, +1)
        del pairs[best]
    return merges


def byte_pairs(word, merges):
    """Cut a word into parts, known or not: put together what `learn_byte_pairs` put together.

    Parameters
    ----------
    word : str
    merges : list of pairs of str
        From `learn_byte_pairs`, in its order.

    Returns
    -------
    list of str
        Joined, they are the word and ``"</w>"``.

    Raises
    ------
    ValueError
        If the word is not a str or the merges are not pairs of str.

    Examples
    --------
    >>> byte_pairs("lowest", [("e", "s"), ("es", "t"), ("est", "</w>"), ("l", "o"), ("lo", "w")])
    ['low', 'est</w>']
    """
    if not isinstance(word, str):
        raise ValueError(f"word must be a str, got {word!r}")
    parts = [*word, END_OF_WORD]
    for pair in merges:
        if not (isinstance(pair, tuple | list) and [type(part) for part in pair] == [str, str]):
            raise ValueError(f"merges must be pairs of str, got {pair!r} among them")
        parts = _merged(parts, tuple(pair))
    return parts


def _merged(parts, pair):
    """The parts with every ``pair`` in one, from the left."""
    merged = []
    for part in parts:
        if merged and (merged[-1], part) == pair:
            merged[-1] += part
        else:
            merged.append(part)
    return merged
