"""The number of a noun, and which words a negation turns around: one answer for a sentence."""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.tasks.sequences import PADDING

# Singular, plural. "mice" has no s: the number of a noun has to be learned word by word.
_NOUNS = (("cat", "cats"), ("dog", "dogs"), ("mouse", "mice"))
_PAST = ("ate", "saw", "chased")  # the same form for one and for many

AGREEMENT_VOCABULARY = (
    *(PADDING, "the", *_PAST, "which", "already", "and", ","),
    *(noun for pair in _NOUNS for noun in pair),
)

AGREEMENT_VERBS = ("was", "were")

# Of `reviews`: a sentence, and whether its adjectives {a} mean the opposite of what they say. {b}
# has the opposite sign of {a}; {0}, {1}, {2} are what is reviewed. What stands beside a negation
# also stands elsewhere ("completely", "in"), so that it gives nothing away.
_PLAIN_FORMS = (
    ("the {0} was {a}", False),
    ("the {0} was very {a} and the {1} was {a2}", False),
    ("{a} {0} , {a2} {1} , and {a3} {2}", False),
    ("completely {a} {0} and {a2} {1}", False),
)

_NEGATED_FORMS = (
    ("completely lacking in {a} {0} , {a2} {1} , and {a3} {2}", True),
    ("the {0} was not {a}", True),
    ("the {0} was never very {a} , and the {1} was not {a2}", True),
    ("nobody could say that the {0} was {a}", True),
    ("nobody could say that the {0} was not {a}", False),
    ("we do not think that the {0} , which came with the {1} and the {2} , was {a}", True),
    ("the {0} was {a} , not {b}", False),
    ("the {0} was not {b} , it was {a}", False),
    ("lacking in {a} {0} and {a2} {1}", True),
)

_PRAISES = "good great lovely fine perfect pleasant wonderful excellent".split()
_BLAMES = "bad awful dull sad horrible nasty dreadful poor".split()
_REVIEWED = "taste service ambience food staff menu wine music".split()
_REVIEW_STARTS = ("", "in short :", "we came on monday :", "my friends say :")
_REVIEW_ENDS = ("", "last night", "on our second visit", ", as we told the owner")
REVIEW_LABELS = ("complaint", "praise")

REVIEW_VOCABULARY = (
    PADDING,
    *dict.fromkeys(
        word
        for text in (
            *(*_REVIEW_STARTS, *dict((*_PLAIN_FORMS, *_NEGATED_FORMS)), *_REVIEW_ENDS),
            *(*_PRAISES, *_BLAMES, *_REVIEWED),
        )
        for word in text.split()
        if "{" not in word
    ),
)


class Agreement(NamedTuple):
    """Sentences that break off, and which verb has to come next."""

    tokens: list[list[str]]  # n lists of words, each ending just before the verb
    targets: np.ndarray  # (n,), int: 0 = was, 1 = were

    @property
    def chance(self):
        """The accuracy of a guess, 0.5."""
        return 0.5


def agreement(n_sentences, *, min_objects=1, max_objects=3, seed=0):
    """Sentences in which a clause stands between the subject and its verb.

    "the cat , which already ate the dogs and the mice ," goes on with *was*, and with *were* if it
    begins with "the cats". Only the second word decides: the nouns in the clause are drawn from
    the same six words, and their number does not depend on the subject's, so neither the last of
    them nor most of them give the verb away. The task is that of Linzen, Dupoux and Goldberg
    (2016), made small.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1. The two verbs are needed equally often (for an odd number *was* once
        more), so guessing is right half of the time.
    min_objects, max_objects : int
        The clause has at least and at most so many nouns, each count equally likely;
        1 <= min_objects <= max_objects. With k of them a sentence has 6 + 3k tokens.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Agreement
        ``tokens``, a list of n_sentences lists of words, and ``targets``, an integer array of
        shape (n_sentences,): 0 where *was* comes next, 1 where *were* does.

    Raises
    ------
    ValueError
        If a count is not an integer in its range.

    Examples
    --------
    >>> tokens, targets = agreement(3, seed=2)
    >>> for words, target in zip(tokens, targets):
    ...     print(*words, "->", AGREEMENT_VERBS[target])
    the mouse , which already saw the dog , -> was
    the dog , which already chased the mice , -> was
    the cats , which already ate the mouse and the dog , -> were
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    min_objects = integer_from("min_objects", min_objects, 1)
    max_objects = integer_from("max_objects", max_objects, min_objects, "min_objects = ")
    rng = np.random.default_rng(seed)
    targets = rng.permutation(np.arange(n_sentences) % 2)
    n_objects = rng.integers(min_objects, max_objects + 1, n_sentences)
    tokens = [_sentence(rng, *drawn) for drawn in zip(targets, n_objects, strict=True)]
    return Agreement(tokens, targets)


def _sentence(rng, plural, n_objects):
    """One sentence: the number of the subject is given, everything else is drawn."""
    subject = _NOUNS[rng.integers(len(_NOUNS))][plural]
    objects = [_NOUNS[a][b] for a, b in rng.integers((len(_NOUNS), 2), size=(n_objects, 2))]
    clause = " and ".join(f"the {noun}" for noun in objects)
    return f"the {subject} , which already {rng.choice(_PAST)} {clause} ,".split()


class Reviews(NamedTuple):
    """Sentences that praise or complain."""

    tokens: list[list[str]]  # n lists of words, small letters only
    targets: np.ndarray  # (n,), int: 0 = complaint, 1 = praise
    negated: np.ndarray  # (n,), bool: whether there is a negation in it

    @property
    def chance(self):
        """The accuracy of a guess, 0.5."""
        return 0.5


def reviews(n_sentences, *, held_out=False, seed=0):
    """Reviews of a restaurant in which negations turn adjectives around.

    "completely lacking in good taste , good service , and good ambience" is a complaint, "nobody
    could say that the food was not good" is praise. Half of the reviews have a negation, of nine
    forms. Praise and complaint are equally likely in each form, so neither the negation nor the
    adjective alone decides. Each form has a quarter of the adjectives of either sign held out:
    they stand in the other forms, but in this one only if ``held_out`` asks for them.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    held_out : bool
        Draw only reviews with a negation whose adjectives are held out for it. Their words are all
        in the other reviews, their combinations are not.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    Reviews
        Lists of words, all from `REVIEW_VOCABULARY`; ``targets`` and ``negated``, arrays of shape
        (n_sentences,).

    Raises
    ------
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> for words, target, _ in zip(*reviews(3, seed=8)):
    ...     print(*words, "->", REVIEW_LABELS[target])
    lacking in lovely menu and lovely food on our second visit -> complaint
    in short : the music was not fine , it was dull on our second visit -> complaint
    bad food , poor taste , and horrible staff last night -> complaint
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = np.random.default_rng(seed)
    tokens, targets, negated = [], [], []
    for _ in range(n_sentences):
        negated.append(held_out or rng.random() < 0.5)
        targets.append(int(rng.integers(2)))
        tokens.append(_review(rng, targets[-1], negated[-1], held_out))
    return Reviews(tokens, np.array(targets), np.array(negated))


def _review(rng, praise, negated, held_out):
    """One sentence of `reviews`; everything but its label and kind is drawn."""
    forms = _NEGATED_FORMS if negated else _PLAIN_FORMS
    place = rng.integers(len(forms))
    form, turned = forms[place]
    allowed = [k for k in range(8) if not negated or ((k + place) % 4 == 0) == held_out]
    meant, opposite = (_PRAISES, _BLAMES) if praise != turned else (_BLAMES, _PRAISES)
    a, a2, a3, b = rng.choice(allowed, size=4)
    adjectives = {"a": meant[a], "a2": meant[a2], "a3": meant[a3], "b": opposite[b]}
    sentence = form.format(*rng.permutation(_REVIEWED), **adjectives)
    return [
        *_REVIEW_STARTS[rng.integers(len(_REVIEW_STARTS))].split(),
        *sentence.split(),
        *_REVIEW_ENDS[rng.integers(len(_REVIEW_ENDS))].split(),
    ]
