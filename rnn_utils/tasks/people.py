"""Is this word part of a person's name? One answer for every word."""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.tasks.sequences import PADDING, UNKNOWN

# Content words of `names`: those in the vocabulary, and those kept for testing.
_FIRST = (
    "harry ron anna peter lucy omar nina hugo clara ivan mei tom ruth".split(),
    "hermione luna draco priya leon greta yusuf".split(),
)

_LAST = (
    "potter weasley smith chen novak silva khan berg rossi".split(),
    "granger malfoy okafor lund mori".split(),
)

_THINGS = (
    "spell book map owl potion wand lamp stone song clock letter".split(),
    "mirror cloak recipe violin ladder kettle".split(),
)

_KINDS_OF = "new small red strange".split()
NAMES_EITHER = ("rose", "mark", "grace", "will", "hope", "teddy")
NAMES_VERBS = tuple("invented saw found painted lost praised followed".split())
NAMES_BARE = ("bears", "petals", "prices", "gardens")
NAMES_CONTENT = (*_FIRST[0], *_LAST[0], *_THINGS[0])  # what has a held-out counterpart

NAMES_VOCABULARY = (
    *(PADDING, UNKNOWN, "and", "a", "the"),
    *(*NAMES_CONTENT, *NAMES_EITHER),
    *(*NAMES_VERBS, *_KINDS_OF, *NAMES_BARE),
)

NAMES_LABELS = ("no name", "name")

# Around "teddy" in `teddies`: what may come before, and after it if it is a toy or a person.
_TEDDY_BEFORE = ("he said", "she said", "we heard that", "i wrote that")

_TEDDY_AFTER = (
    ("bears are on sale", "bears are soft", "was on sale", "was sewn by hand"),
    ("roosevelt was a great president", "roosevelt was tall", "was elected", "was a president"),
)

_ROSE_BEFORE = (("with a", "like a", "beside a"), ("with", "like", "beside", "said"))

TEDDY_VOCABULARY = (
    PADDING,
    *dict.fromkeys(
        " ".join(
            (*_TEDDY_BEFORE, "teddy", *sum(_TEDDY_AFTER, ()), *sum(_ROSE_BEFORE, ()), "rose")
        ).split()
    ),
)


class Names(NamedTuple):
    """Sentences with a label for every word."""

    tokens: list[list[str]]  # n lists of words, small letters only
    targets: list[list[int]]  # for each word: 1 if it is part of a person's name, else 0


def names(n_sentences, *, held_out=False, seed=0):
    """Sentences in which every word is to be tagged: part of a person's name, or not.

    "harry potter and hermione granger invented a new spell" in small letters. Somebody or
    something, a verb, somebody or something. Six words (`NAMES_EITHER`) are names in one place and
    nouns in another, and with ``held_out`` names and nouns are ones that are not in
    `NAMES_VOCABULARY`, so the word alone does not tell. What came before does: nouns follow an
    article, an adjective or a noun with "and". One thing only what comes after can tell: whether
    "teddy" begins "teddy granger" or "teddy bears".

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    held_out : bool
        Draw names and nouns from lists that are not in the vocabulary.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Names
        Lists of words and lists of labels, of equal lengths.

    Raises
    ------
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> for words, labels in zip(*names(3, seed=0)):
    ...     print(*(word.upper() if label else word for word, label in zip(words, labels)))
    the small mark praised the song
    grace gardens painted a new clock and potion
    HARRY praised a letter
    """
    return _tagged(n_sentences, seed, lambda rng: _about_people(rng, int(held_out)))


def teddies(n_sentences, *, seed=0):
    """Sentences to be tagged as in `names`, which no reader of one direction can get all right.

    "he said teddy bears are on sale" or "he said teddy roosevelt was a great president", in three
    of four sentences with an end such as "beside a rose" (a flower) or "beside rose" (a person).
    What comes before "teddy" does not tell which teddy it is; what comes after does, and not
    always the next word. With "rose" it is the other way around: it is the last word, so that
    only the past can tell.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Names
        Lists of words, all from `TEDDY_VOCABULARY`, and lists of labels, of equal lengths. Either
        teddy and either rose are equally likely.

    Raises
    ------
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> for words, labels in zip(*teddies(3, seed=1)):
    ...     print(*(word.upper() if label else word for word, label in zip(words, labels)))
    she said TEDDY was a president said ROSE
    i wrote that teddy bears are soft beside a rose
    she said teddy was on sale said ROSE
    """
    return _tagged(n_sentences, seed, _about_teddy)


def _tagged(n_sentences, seed, draw):
    """Sentences with their labels, each a pair that ``draw(rng)`` returns."""
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = np.random.default_rng(seed)
    drawn = [draw(rng) for _ in range(n_sentences)]
    return Names(*(list(part) for part in zip(*drawn, strict=True)))


def _about_teddy(rng):
    """One sentence of `teddies` with its labels."""

    def one_of(texts):
        return texts[rng.integers(len(texts))].split()

    before, teddy = one_of(_TEDDY_BEFORE), int(rng.integers(2))
    after = one_of(_TEDDY_AFTER[teddy])
    words = [*before, "teddy", *after]
    labels = [0] * len(before) + [teddy] + [int(word == "roosevelt") for word in after]
    if rng.random() < 0.75:
        rose = int(rng.integers(2))
        end = one_of(_ROSE_BEFORE[rose])
        words += [*end, "rose"]
        labels += [0] * len(end) + [rose]
    return words, labels


def _about_people(rng, which):
    """One sentence of `names` with its labels; ``which`` of the two lists of content words."""
    said = []  # pairs of word and label

    def one_of(words):
        return words[rng.integers(len(words))]

    def content(lists):
        return one_of(NAMES_EITHER if rng.random() < 0.25 else lists[which])

    def person():
        said.append((content(_FIRST), 1))
        if rng.random() < 0.5:
            said.append((content(_LAST), 1))

    def thing(article=True):
        if article:
            said.append((one_of(("a", "the")), 0))
            if rng.random() < 0.5:
                said.append((one_of(_KINDS_OF), 0))
        said.append((content(_THINGS), 0))

    for place in range(2):
        kind = rng.random()
        if kind < 0.06:
            said.extend([(one_of(NAMES_EITHER), 0), (one_of(NAMES_BARE), 0)])
        else:
            is_person = kind < 0.53
            person() if is_person else thing()
            if rng.random() < 0.4:
                said.append(("and", 0))
                person() if is_person else thing(article=False)
        if place == 0:
            said.append((one_of(NAMES_VERBS), 0))
    words, labels = zip(*said, strict=True)
    return list(words), list(labels)
