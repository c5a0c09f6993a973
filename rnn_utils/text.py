"""From text to numbers: tokens, a vocabulary, counts, pairs, and pieces to train on.

A network reads numbers, so a text goes three steps: it is cut into tokens, every token gets an
index in a vocabulary, and the indices are cut into the arrays that a model trains on. Each step is
a function here that does this one thing.

====================================  =====================================================
step                                  functions
====================================  =====================================================
cut a text into tokens                `tokenize`, `tokenize_chinese`
cut words into parts that come often  `learn_byte_pairs`, `byte_pairs`
give each word an index               `Vocab`
make a vector of a word or a text     `one_hot`, `bag_of_words`
keep the neighbors                    `ngrams`, `skip_gram_pairs`
keep the order                        `windows`, `batches`
say how far a text is off another     `edit_distance`, `error_rate`
====================================  =====================================================
"""

import importlib
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import numpy as np

from rnn_utils.checks import integer_from, positive_integer

UNKNOWN = "<unk>"
END_OF_WORD = "</w>"

# Chinese characters: the number zero, the unified ideographs with their extensions, and those
# that are here for compatibility.
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"


# ---------------------------------------------------------------------------------------- tokens


def tokenize(text, level="word"):
    """Cut a text into words, or into characters.

    The text is brought into Unicode's form NFC first: "é" is one character, however it was typed.

    Parameters
    ----------
    text : str
    level : {"word", "character"}
        Words are in lower case. An apostrophe inside a word stays ("don't"), and so does a point
        or a comma between digits ("1,000.5"). Digits next to letters are a token of their own, and
        so is every other sign and every Chinese character. Spaces are gone.
        Characters are all that there are (code points), spaces and capital letters too.

    Returns
    -------
    list of str
        Words: joined, they are the text in lower case without its spaces. Characters: joined, they
        are the text. Both in the form NFC.

    Raises
    ------
    ValueError
        If the text is not a str or there is no such level.

    Examples
    --------
    >>> tokenize("Don't pay $3.50 for GPT2!")
    ["don't", 'pay', '$', '3.50', 'for', 'gpt', '2', '!']
    >>> tokenize("我爱RNN。")
    ['我', '爱', 'rnn', '。']
    >>> tokenize("A cat", level="character")
    ['A', ' ', 'c', 'a', 't']
    """
    text = _normal("text", text)
    if level not in ("word", "character"):
        raise ValueError(f"level must be 'word' or 'character', got {level!r}")
    return list(text) if level == "character" else _word_pattern().findall(_lower(text))


def tokenize_chinese(text):
    """Cut a Chinese text into words with jieba, which is not installed with this package.

    Chinese is written without spaces, so where a word ends takes a dictionary and a guess.

    Parameters
    ----------
    text : str
        Brought into Unicode's form NFC first.

    Returns
    -------
    list of str
        Words and punctuation marks without spaces; Latin letters are in lower case.

    Raises
    ------
    ImportError
        If jieba cannot be imported.
    ValueError
        If the text is not a str.
    """
    text = _normal("text", text)
    try:
        jieba = importlib.import_module("jieba")
    except ImportError as error:
        raise ImportError(
            "tokenize_chinese needs jieba, which could not be imported: run pip install jieba "
            "(in a notebook %pip install jieba). Without it, tokenize splits Chinese into single "
            "characters."
        ) from error
    # Lower case comes last: jieba's dictionary has words such as T恤.
    return [_lower(word) for word in jieba.lcut(text) if not word.isspace()]


def _normal(name, text):
    """``text`` in the form NFC."""
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a str, got {type(text).__name__}")
    return unicodedata.normalize("NFC", text)


def _lower(text):
    """``text`` in lower case and, as some letters fall apart in it, in the form NFC again."""
    return unicodedata.normalize("NFC", text.lower())


@cache
def _word_pattern():
    r"""What one token is: a word, a number, or any other character but a space.

    Marks that are written onto a letter belong to it, but ``\w`` leaves them out, so they are
    listed from Unicode's own table. That takes some milliseconds, hence the cache.
    """
    codes = (*range(0x300, 0x1F000), *range(0xE0100, 0xE01F0))  # no mark is anywhere else
    marks = "".join(chr(code) for code in codes if unicodedata.category(chr(code))[0] == "M")
    letter = rf"[^\W\d_{_HAN}][{marks}]*"
    word = rf"(?:{letter})+(?:['’](?:{letter})+)*"
    number = r"\d+(?:[.,]\d+)*"
    return re.compile(rf"{word}|(?:{number}|\S)[{marks}]*")


# ------------------------------------------------------------------------------------ vocabulary


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
        counted = Counter(_all_tokens("tokens_or_sequences", tokens_or_sequences))
        specials = _token_list("specials", specials)
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
        return np.array([self[word] for word in _token_list("tokens", tokens)], dtype=np.int64)

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
        return [self.words[k] for k in _row("indices", _indices("indices", indices, len(self)))]


def _token_list(name, tokens):
    """``tokens`` as a list of str. A str itself is refused: its items are not words."""
    if isinstance(tokens, str) or not isinstance(tokens, Iterable):
        raise ValueError(
            f"{name} must be a list of words, got {type(tokens).__name__}; "
            "tokenize makes one from a text"
        )
    tokens = list(tokens)
    for token in tokens:
        if not isinstance(token, str):
            raise ValueError(f"{name} must be a list of words, got {token!r} in it")
    return tokens


def _sequences(name, sequences):
    """``sequences`` as a list of lists of str."""
    if isinstance(sequences, str) or not isinstance(sequences, Iterable):
        raise ValueError(f"{name} must be lists of words, got {type(sequences).__name__}")
    return [_token_list(f"each of {name}", tokens) for tokens in sequences]


def _all_tokens(name, tokens_or_sequences):
    """All words in one list, whether they came in one list or in many."""
    if isinstance(tokens_or_sequences, str) or not isinstance(tokens_or_sequences, Iterable):
        return _token_list(name, tokens_or_sequences)
    items = list(tokens_or_sequences)
    if any(isinstance(item, str) for item in items):
        return _token_list(name, items)
    return [token for tokens in _sequences(name, items) for token in tokens]


# ---------------------------------------------------------------------------------------- counts


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
    return (_indices("indices", indices, size)[..., None] == np.arange(size)).astype(np.float64)


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
    sequences = _sequences("sequences", sequences)
    counts = np.zeros((len(sequences), len(vocab)), dtype=np.int64)
    for row, tokens in zip(counts, sequences, strict=True):
        row[:] = np.bincount(vocab.encode(tokens), minlength=len(vocab))
    return counts


def _indices(name, values, size=sys.maxsize):
    """``values`` as an int64 array of numbers from 0 to size - 1."""
    values = _array(name, values)
    if values.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got {values.dtype}")
    if outside := values[(values < 0) | (values >= size)].tolist():
        bound = "integers >= 0" if size == sys.maxsize else f"integers from 0 to {size - 1}"
        raise ValueError(f"{name} must be {bound}, got {outside[0]}")
    return values.astype(np.int64)


def _array(name, values):
    """``values`` as an array; of int64 if it is an empty list, which NumPy takes for floats."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array: {error}") from None
    return array.astype(np.int64) if array.size == 0 and array is not values else array


def _row(name, values):
    """``values`` as an array with one axis."""
    values = _array(name, values)
    if values.ndim != 1:
        raise ValueError(f"{name} must be one row of shape (T,), got shape {values.shape}")
    return values


# ------------------------------------------------------------------------------------- neighbors


def ngrams(tokens, n):
    """All runs of ``n`` tokens.

    Parameters
    ----------
    tokens : list of str, T of them
    n : int
        At least 1.

    Returns
    -------
    list of tuples of str
        max(0, T - n + 1) of them, in order.

    Raises
    ------
    ValueError
        If the tokens are not a list of str or n is not a positive integer.

    Examples
    --------
    >>> ngrams(["the", "cat", "sat"], 2)
    [('the', 'cat'), ('cat', 'sat')]
    """
    tokens, n = _token_list("tokens", tokens), positive_integer("n", n)
    return [tuple(tokens[t : t + n]) for t in range(len(tokens) - n + 1)]


def without_repeats(texts, n=12):
    """Texts without those that repeat an earlier one, wholly or in part.

    News agencies send an article again, with a sentence more. If one of the two is trained on and
    the other is held out, the model is tested on what it has seen.

    Parameters
    ----------
    texts : sequence of str
    n : int
        A text is left out if it shares a run of so many words with an earlier text that was kept.
        Shorter texts are left out only if they are equal to one.

    Returns
    -------
    list of str
        In their order.

    Examples
    --------
    >>> without_repeats(["The cat sat.", "The cat ran.", "Then the cat sat."], n=2)
    ['The cat sat.']
    """
    n = positive_integer("n", n)
    seen, kept = set(), []
    for text in texts:
        words = text.split()
        runs = set(ngrams(words, n)) | {tuple(words)}
        if seen.isdisjoint(runs):
            kept.append(text)
            seen |= runs
    return kept


def skip_gram_pairs(indices, window, *, dynamic=False, seed=0):
    """Every word with each of its neighbors: what word2vec's skip-gram model trains on.

    Parameters
    ----------
    indices : array_like of int, shape (T,)
        One text, from 0. Pairs of two texts must not mix, so call this for each of them.
    window : int
        How far a neighbor may be to the left and to the right, at least 1.
    dynamic : bool
        Draw a window for each center, each from 1 to ``window`` equally likely. So near neighbors
        are paired more often than far ones (Mikolov et al. 2013).
    seed : int
        Same seed, same windows; it matters for ``dynamic=True`` only.

    Returns
    -------
    numpy.ndarray, shape (n, 2), int64
        Pairs of center and context, in order of the center's place, then of the context's.

    Raises
    ------
    ValueError
        If the indices are not integers from 0 in one row, or the window is not a positive integer.

    Examples
    --------
    >>> skip_gram_pairs([7, 8, 9], 1).tolist()
    [[7, 8], [8, 7], [8, 9], [9, 8]]
    """
    indices = _row("indices", _indices("indices", indices))
    window = positive_integer("window", window)
    T = len(indices)
    reach = np.full(T, window)
    if dynamic:
        reach = np.random.default_rng(seed).integers(1, window + 1, size=T)
    farthest = min(window, max(T - 1, 0))  # there is nobody beyond, however wide the window
    offsets = np.arange(-farthest, farthest + 1)
    offsets = offsets[offsets != 0]
    places = np.arange(T)[:, None] + offsets
    paired = (places >= 0) & (places < T) & (np.abs(offsets) <= reach[:, None])
    centers, _ = np.nonzero(paired)
    return np.stack([indices[centers], indices[places[paired]]], axis=1)


# ---------------------------------------------------------------------------------- pieces of text


def windows(sequence, length, step=1):
    """All pieces of a fixed length, which overlap if ``step`` is smaller than it.

    Parameters
    ----------
    sequence : array_like, shape (T,)
    length : int
        At least 1.
    step : int
        From the start of one piece to the start of the next, at least 1.

    Returns
    -------
    numpy.ndarray, shape (n, length)
        A copy, of the same type as the sequence. There is no piece (n = 0) if T < length; what is
        left at the end and too short for a piece is not in it.

    Raises
    ------
    ValueError
        If the sequence has not one axis, or a number is not a positive integer.

    Examples
    --------
    >>> windows([1, 2, 3, 4, 5, 6], 3, step=2).tolist()
    [[1, 2, 3], [3, 4, 5]]
    """
    sequence = _row("sequence", sequence)
    length, step = positive_integer("length", length), positive_integer("step", step)
    starts = np.arange(0, len(sequence) - length + 1, step)
    return sequence[starts[:, None] + np.arange(length)]


def batches(sequence, batch_size, steps):
    """A long sequence for a language model: rows side by side, read in pieces from the left.

    The sequence is cut into ``batch_size`` rows of equal length. A piece goes on in every row
    where the piece before ended, so the state of the network can be carried over. Targets are the
    inputs one symbol later; the target of a row's last input is the first input of the next row.

    Parameters
    ----------
    sequence : array_like, shape (T,)
        Longer than ``batch_size``.
    batch_size : int
        B, at least 1.
    steps : int
        Length of a piece, at least 1.

    Returns
    -------
    iterator of pairs of numpy.ndarray
        Inputs and targets, both (B, steps), the last pair shorter if the rows do not come out even;
        copies, of the same type as the sequence. It can be gone through once. The last symbol is a
        target only. Only the remainder that does not fill all rows is lost: the last
        (T - 1) modulo B symbols.

    Raises
    ------
    ValueError
        If the sequence has not one axis or is too short, or a number is not a positive integer.

    Examples
    --------
    >>> for inputs, targets in batches([0, 1, 2, 3, 4, 5, 6], batch_size=2, steps=2):
    ...     print(inputs.tolist(), "->", targets.tolist())
    [[0, 1], [3, 4]] -> [[1, 2], [4, 5]]
    [[2], [5]] -> [[3], [6]]
    """
    sequence = _row("sequence", sequence)
    batch_size = positive_integer("batch_size", batch_size)
    steps = positive_integer("steps", steps)
    if len(sequence) <= batch_size:
        raise ValueError(
            f"sequence must be longer than batch_size = {batch_size}, got {len(sequence)} of it"
        )
    length = (len(sequence) - 1) // batch_size
    inputs = sequence[: batch_size * length].reshape(batch_size, length)
    targets = sequence[1 : batch_size * length + 1].reshape(batch_size, length)
    pieces = (slice(t, t + steps) for t in range(0, length, steps))
    return ((inputs[:, piece].copy(), targets[:, piece].copy()) for piece in pieces)


# ------------------------------------------------------------------------------ parts of words


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
    counts = Counter(_token_list("words", words))
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


def edit_distance(one, other):
    """How many symbols have to be inserted, deleted or replaced to make one sequence the other.

    Levenshtein's distance (1966), by the table of Wagner and Fischer (1974), a row at a time.

    Parameters
    ----------
    one, other : sequence
        Texts, lists of words, lists of indices, ...

    Returns
    -------
    int

    Examples
    --------
    >>> edit_distance("kitten", "sitting"), edit_distance(["a", "new", "map"], ["a", "map"])
    (3, 1)
    """
    row = list(range(len(other) + 1))  # from the empty beginning of one
    for k, symbol in enumerate(one, start=1):
        above, row = row, [k]
        for j, wanted in enumerate(other, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (symbol != wanted)))
    return row[-1]


def error_rate(true, read):
    """Mistakes in texts that were read, as a share of what should be there.

    The sum of the edit distances, divided by the sum of the true lengths. With texts of characters
    it is the character error rate, with lists of words the word error rate.

    Parameters
    ----------
    true, read : sequence of sequences
        As many texts.

    Returns
    -------
    float
        0 without a mistake; it can be above 1.

    Raises
    ------
    ValueError
        If there are not as many texts, or all true ones are empty.

    Examples
    --------
    >>> error_rate(["a cat", "hello"], ["a cat", "helo"])
    0.1
    """
    if len(true) != len(read):
        raise ValueError(f"read must have as many texts as true, {len(true)}, got {len(read)}")
    if not (length := sum(map(len, true))):
        raise ValueError("true must have at least one symbol, got none")
    return sum(map(edit_distance, true, read)) / length
