"""Tags that mark names in a sentence, and a fair score for who finds the names.

A name may have several words, so a tag says two things of its word: to which kind of name it
belongs, and whether a name **begins** here (``B-PER``) or goes on (``I-PER``, inside). All other
words are ``O``, outside (Ramshaw and Marcus 1995; this form is also called IOB2). Without the B
two neighboring names are one.
"""

from typing import NamedTuple

OUTSIDE = "O"


class Span(NamedTuple):
    """A name in a sentence: words ``start`` to ``end - 1``, counted from 0."""

    kind: str  # "PER"
    start: int
    end: int


class Scores(NamedTuple):
    """How well names were found, each from 0 to 1."""

    precision: float  # of the names that were claimed, the share that is true
    recall: float  # of the true names, the share that was found
    f1: float  # their harmonic mean


def bio_tags(kinds):
    """All tags for some kinds of names, outside first.

    Parameters
    ----------
    kinds : iterable of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> bio_tags(["PER", "LOC"])
    ['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC']
    """
    return [OUTSIDE, *(f"{place}-{kind}" for kind in kinds for place in "BI")]


def may_follow(tag, previous=OUTSIDE):
    """Whether a tag is legal after another: I of a kind only after B or I of the same kind.

    Parameters
    ----------
    tag : str
    previous : str
        ``"O"`` for the first word of a sentence.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If one of them is not a tag.

    Examples
    --------
    >>> may_follow("I-PER", "B-PER"), may_follow("I-PER", "B-LOC"), may_follow("I-PER")
    (True, False, False)
    """
    (place, kind), (_, previous_kind) = _parts(tag), _parts(previous)
    return place != "I" or kind == previous_kind


def illegal_places(tags):
    """The words of a sentence whose tag may not follow the one before.

    Parameters
    ----------
    tags : sequence of str

    Returns
    -------
    list of int
        Counted from 0.

    Raises
    ------
    ValueError
        If something in it is not a tag.

    Examples
    --------
    >>> illegal_places(["O", "I-PER", "I-LOC", "O"])
    [1, 2]
    """
    pairs = zip(tags, [OUTSIDE, *tags], strict=False)
    return [place for place, (tag, previous) in enumerate(pairs) if not may_follow(tag, previous)]


def spans(tags):
    """The names that a row of tags marks.

    An I that may not stand where it stands begins a name, as in the program with which names are
    commonly scored, conlleval. So one mistake is not counted as two, and data that have no B
    (such as `rnn_utils.datasets.load_wikigold`) can be read.

    Parameters
    ----------
    tags : sequence of str

    Returns
    -------
    list of Span

    Raises
    ------
    ValueError
        If something in it is not a tag.

    Examples
    --------
    >>> spans(["B-PER", "I-PER", "B-PER", "O", "I-LOC"])  # doctest: +NORMALIZE_WHITESPACE
    [Span(kind='PER', start=0, end=2), Span(kind='PER', start=2, end=3),
     Span(kind='LOC', start=4, end=5)]
    """
    found, open_since = [], None
    previous = OUTSIDE
    for place, tag in enumerate([*tags, OUTSIDE]):
        goes_on = _parts(tag)[0] == "I" and may_follow(tag, previous)
        if open_since is not None and not goes_on:
            found.append(Span(_parts(previous)[1], open_since, place))
            open_since = None
        if tag != OUTSIDE and not goes_on:
            open_since = place
        previous = tag
    return found


def entity_f1(true, predicted):
    """Precision, recall and F1 of whole names, over all sentences together.

    A name counts as found only if its kind, its first and its last word are right. Words outside
    all names count for nothing, however many there are (Tjong Kim Sang and De Meulder 2003).

    Parameters
    ----------
    true, predicted : sequence of sequences of str
        For each sentence its tags.

    Returns
    -------
    Scores
        A share of nothing is 0.

    Raises
    ------
    ValueError
        If the two differ in length, or something is not a tag.

    Examples
    --------
    >>> entity_f1([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]])
    Scores(precision=0.0, recall=0.0, f1=0.0)
    """
    lengths = [[len(tags) for tags in sentences] for sentences in (true, predicted)]
    if lengths[0] != lengths[1]:
        raise ValueError(
            "predicted must have a tag for each word of true: "
            f"got {len(predicted)} sentences of together {sum(lengths[1])} words, "
            f"not {len(true)} of together {sum(lengths[0])}"
        )
    there, claimed = (
        {(sentence, span) for sentence, tags in enumerate(rows) for span in spans(tags)}
        for rows in (true, predicted)
    )
    right = len(there & claimed)
    precision = right / len(claimed) if claimed else 0.0
    recall = right / len(there) if there else 0.0
    f1 = 2 * right / (len(there) + len(claimed)) if right else 0.0
    return Scores(precision, recall, f1)


def _parts(tag):
    """A tag's place ("B", "I" or "O") and kind."""
    place, dash, kind = tag.partition("-")
    if tag != OUTSIDE and not (place in ("B", "I") and dash and kind):
        raise ValueError(f"a tag must be O, B-kind or I-kind, got {tag!r}")
    return place, kind
