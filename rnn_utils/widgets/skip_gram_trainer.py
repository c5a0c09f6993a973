"""The skip-gram trainer: word vectors learned with negative sampling, one pair of words at a time.

Everything is a function of a few numbers and the sentences: the tables at the start, the order of
the pairs and the words that are drawn come from a small generator that is written in the same way
here and in ``lib/skip_gram.js``. So each step can be made again, and gone back to.
"""

import json
import math
from collections import Counter
from typing import NamedTuple

import numpy as np
import traitlets

from rnn_utils.checks import integer_from, positive_number
from rnn_utils.embeddings import WordVectors
from rnn_utils.text import skip_gram_pairs
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html
from rnn_utils.widgets.random_stream import uniform
from rnn_utils.word2vec import PairStep, negative_sampling

STRINGS = json.loads((FOLDER / "skip_gram_trainer.strings.json").read_text(encoding="utf-8"))
SENTENCES = json.loads((FOLDER / "skip_gram_trainer.sentences.json").read_text(encoding="utf-8"))

# The page redraws all of it in a moment; more than this and it would not.
MOST_WORDS = 200
LARGEST = {
    "vector_size": 32, "window": 10, "negative": 20, "seed": 2**32 - 1, "step": 50_000,
}  # fmt: skip
LEAST = {"vector_size": 1, "window": 1, "negative": 1, "seed": 0, "step": 0}


class Pair(NamedTuple):
    """A center word, one of its neighbors, and the words that were drawn to tell it from."""

    center: str
    context: str
    negatives: tuple  # K words; never the context word, but maybe another neighbor
    sentence: int  # which sentence the pair is from, from 0
    center_place: int  # where the center word stands in it, from 0
    context_place: int


class Trace(NamedTuple):
    """The tables as they are now, the next pair, and what its update does."""

    input: np.ndarray  # E, (V, d), a row for each of `SkipGramTrainer.words`
    output: np.ndarray  # U, (V, d)
    pair: Pair
    before: PairStep  # rows: the context word, then the negatives
    after: PairStep  # the same words, after the update
    losses: np.ndarray  # of the pairs so far, (step,)


class SkipGramTrainer(BookWidget):
    """Train word vectors with skip-gram and negative sampling, and watch each update.

    Pairs are taken in the order of the text, again and again: every word with every neighbor
    within the window. Each pair is one step of gradient descent on eq. 4 of Mikolov et al. 2013b,
    for which K words are drawn from counts ** 0.75; the true context word is drawn again, and
    nothing else is. All rows are updated with the gradient at the old values; a word that was
    drawn twice is updated by the sum. The start is that of word2vec.c: input vectors uniform in
    ±1 / (2 vector_size), output vectors zero.

    Parameters
    ----------
    sentences : list of lists of str, optional
        2 to 200 different words, and one sentence at least with two. If not given: 32 short
        sentences about royalty and fruit, `SENTENCES`.
    vector_size : int
        d, how many numbers a vector has, 1 to 32.
    window : int
        How far a neighbor may be, 1 to 10.
    negative : int
        K, how many words are drawn for each pair, 1 to 20.
    learning_rate : float
        Above 0, at most 1.
    seed : int
        0 to 2³² - 1. Same state, same numbers.
    step : int
        How many pairs have been trained, 0 to 50 000.
    word : str, optional
        The word whose nearest words are shown. If not given, or not there: the word "king" if it
        is there, else the most frequent word.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> w = SkipGramTrainer([["we", "eat", "apples"], ["we", "eat", "pears"]], window=1, negative=2)
    >>> w.pair()[:2]
    ('we', 'eat')
    >>> w.trace().before.probabilities  # all scores are 0 at the start
    array([0.5, 0.5, 0.5])
    >>> w.step = 1000
    >>> w.word_vectors().similarity("apples", "pears") > 0.9
    True
    """

    _name = "skip_gram_trainer"
    _page_traits = (
        "sentences", "vector_size", "window", "negative", "learning_rate", "seed", "step", "word",
    )  # fmt: skip

    sentences = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    vector_size = traitlets.Int(8).tag(sync=True)
    window = traitlets.Int(2).tag(sync=True)
    negative = traitlets.Int(4).tag(sync=True)
    learning_rate = traitlets.Float(0.1).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    word = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        sentences=None,
        *,
        vector_size=8,
        window=2,
        negative=4,
        learning_rate=0.1,
        seed=1,
        step=0,
        word="",
    ):
        given = {
            "sentences": SENTENCES if sentences is None else sentences,
            "vector_size": vector_size, "window": window, "negative": negative,
            "learning_rate": learning_rate, "seed": seed, "step": step, "word": word,
        }  # fmt: skip
        super().__init__(**{name: _checked(name, value) for name, value in given.items()})

    @property
    def words(self):
        """The words in the order of the tables' rows, by falling count, then as they come."""
        return tuple(_counts(self.sentences))

    def word_vectors(self):
        """The input table after ``step`` pairs.

        Returns
        -------
        rnn_utils.embeddings.WordVectors
        """
        return WordVectors(self.words, _replayed(self, self.step).input)

    def pair(self, step=None):
        """The pair that comes next.

        Parameters
        ----------
        step : int, optional
            After how many pairs; that of the widget if not given.

        Returns
        -------
        Pair
        """
        return self.trace(step).pair

    def trace(self, step=None):
        """The tables, the pair that comes next, and its update, as the page shows them.

        Parameters
        ----------
        step : int, optional
            After how many pairs; that of the widget if not given.

        Returns
        -------
        Trace
        """
        return _replayed(self, self.step if step is None else _checked("step", step))

    def _fallback(self):
        labels, (*_, pair, before, after, _) = STRINGS["en"], self.trace()
        rows = [
            [word, str(target), *(f"{value + 0.0:.3f}" for value in values)]
            for word, target, *values in zip(
                (pair.context, *pair.negatives),
                _labels(self.negative),
                before.scores.round(6),
                before.probabilities,
                after.probabilities,
                strict=True,
            )
        ]
        caption = labels["fallback"].format(n=self.step + 1, center=pair.center)
        head = [labels[key] for key in ("word", "target", "score", "sigma", "afterwards")]
        return table_html(caption, head, rows)

    @traitlets.validate(*_page_traits)
    def _validate(self, proposal):
        with as_trait_error():
            return _checked(proposal["trait"].name, proposal["value"])

    def __repr__(self):
        return (
            f"SkipGramTrainer({len(self.sentences)} sentences, {len(self.words)} words, "
            f"vector_size={self.vector_size}, step={self.step})"
        )


# ----------------------------------------------------------------------------- what is drawn


def _draw(cumulative, seed, n):
    """A word, as likely as its share; ``cumulative`` are the shares added up, in any unit."""
    return int(np.searchsorted(cumulative, uniform(seed, n) * cumulative[-1], side="right"))


def _negatives(cumulative, context, how_many, seed, n):
    """Words other than ``context``, and how many numbers of the stream are used up then."""
    drawn = []
    while len(drawn) < how_many:
        word = _draw(cumulative, seed, n)
        n += 1
        if word != context:
            drawn.append(word)
    return drawn, n


# -------------------------------------------------------------------------------- the training


def _counts(sentences):
    """How often each word comes: {word: count} by falling count, then as they come."""
    return dict(Counter(word for sentence in sentences for word in sentence).most_common())


def _labels(negative):
    return [1] + [0] * negative


def _all_pairs(sentences, window):
    """(sentence, place of the center, place of the context) of every pair, in order."""
    return [
        (s, *places)
        for s, sentence in enumerate(sentences)
        for places in skip_gram_pairs(range(len(sentence)), window).tolist()
    ]


def _replayed(state, step):
    """The `Trace` after ``step`` pairs; training begins anew for it."""
    counts = _counts(state.sentences)
    words, d, rate = list(counts), state.vector_size, state.learning_rate
    row = {word: k for k, word in enumerate(words)}
    # A square root is rounded in the same way everywhere, which a power is not.
    cumulative = np.cumsum([math.sqrt(n * math.sqrt(n)) for n in counts.values()])
    pairs, labels = _all_pairs(state.sentences, state.window), _labels(state.negative)
    drawn, losses = len(words) * d, []
    start = [(uniform(state.seed, n) - 0.5) / d for n in range(drawn)]
    inputs, outputs = np.reshape(start, (len(words), d)), np.zeros((len(words), d))
    for n in range(step + 1):
        s, i, j = pairs[n % len(pairs)]
        center, context = (row[state.sentences[s][place]] for place in (i, j))
        negatives, drawn = _negatives(cumulative, context, state.negative, state.seed, drawn)
        rows = [context, *negatives]
        before = negative_sampling(inputs[center], outputs[rows], labels)
        if n < step:
            losses.append(before.loss)
            new_inputs, new_outputs = inputs, outputs
        else:
            new_inputs, new_outputs = inputs.copy(), outputs.copy()
        new_inputs[center] -= rate * before.d_e
        np.subtract.at(new_outputs, rows, rate * before.d_u)
    after = negative_sampling(new_inputs[center], new_outputs[rows], labels)
    pair = Pair(words[center], words[context], tuple(words[k] for k in negatives), s, i, j)
    return Trace(inputs, outputs, pair, before, after, np.array(losses))


# ------------------------------------------------------------------ what is given, and checked


def _checked(name, value):
    """One trait as a plain JSON value, or a ValueError that names what does not fit."""
    if name == "sentences":
        return _checked_sentences(value)
    if name == "word":
        if not isinstance(value, str):
            raise ValueError(f"word must be a str, got {value!r}")
        return value
    if name == "learning_rate":
        value = positive_number(name, value)
        if value > 1:
            raise ValueError(f"learning_rate must be at most 1, got {value}")
        return value
    value = integer_from(name, value, LEAST[name])
    if value > LARGEST[name]:
        raise ValueError(f"{name} must be at most {LARGEST[name]}, got {value}")
    return value


def _checked_sentences(value):
    if not isinstance(value, (list, tuple)) or not all(isinstance(s, (list, tuple)) for s in value):
        raise ValueError(f"sentences must be a list of lists of words, got {value!r:.60}")
    sentences = [list(sentence) for sentence in value]
    for word in (word for sentence in sentences for word in sentence):
        if not isinstance(word, str) or not word or word.split() != [word]:
            raise ValueError(f"sentences must hold words without spaces, got {word!r}")
    n_words = len(_counts(sentences))
    if not 2 <= n_words <= MOST_WORDS or max(map(len, sentences)) < 2:
        raise ValueError(
            f"sentences must hold 2 to {MOST_WORDS} different words and one sentence of two words "
            f"or more, got {n_words} different words in {len(sentences)} sentences"
        )
    return sentences
