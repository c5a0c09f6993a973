"""The text encoder: a sentence as tokens, indices, one-hot rows and a bag of words, live."""

import json

import traitlets

from rnn_utils.checks import integer_from, plain_text
from rnn_utils.text import UNKNOWN, Vocab, byte_pairs, learn_byte_pairs, tokenize
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html

LEVELS = ("word", "character", "byte pair")
CORPUS = (
    "The dog bites the man.",
    "The man feeds the dog.",
    "A man sees a cat.",
    "The cat sat on the mat.",
)
STRINGS = json.loads((FOLDER / "text_encoder.strings.json").read_text(encoding="utf-8"))

_LARGEST = 1000  # merges; the page learns them anew when a reader changes the level


class TextEncoder(BookWidget):
    """Type a sentence; see its tokens, their indices, the one-hot matrix and the bag of words.

    Then let two tokens change places, and see which of the representations notices.

    Everything that is shown is computed from the traits below; change one and the picture follows.
    With a kernel the traits are two-way: what is typed on the page arrives here as well.

    Parameters
    ----------
    text : str
        What is typed at first; may be empty.
    vocab : rnn_utils.text.Vocab, optional
        A vocabulary that stays as it is, for tokens of ``level``; the reader cannot change the
        level then. It needs no ``"<unk>"``: an unknown token has a row of zeros without it.
    corpus : sequence of str, optional
        Texts that the vocabulary of each level is made from, with `Vocab`; four friendly
        sentences if neither this nor ``vocab`` is given. With byte pairs the vocabulary is
        ``"<unk>"``, the characters by falling count, and what each merge made, in order.
    level : {"word", "character", "byte pair"}
        What the text is cut into; see `rnn_utils.text.tokenize` and `rnn_utils.text.byte_pairs`.
    merges : sequence of pairs of str, optional
        Merges of byte pairs that stay as they are; learned from the corpus if not given.
    n_merges : int
        How many of the merges are made, 0 to 1000, or all if there are fewer. The default is 20,
        or all that are given.
    order : sequence of int
        The tokens in another order: place t shows token ``order[t]`` of the text, from 0. An
        empty order, or one of another length than the text, leaves them as typed.
    selected : int
        The place of the token that is lit up, from 0; -1 for none.

    Attributes
    ----------
    text, corpus, level, n_merges, order, selected
        As above; lists in place of other sequences.
    vocabulary : list of str or None
        The words of ``vocab``, by index.
    merges : list of [str, str] or None
        The merges, if they are given.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> w = TextEncoder("the cat bites Bob")
    >>> w.tokens()
    ['the', 'cat', 'bites', 'bob']
    >>> w.indices()
    [1, 5, 7, 0]
    >>> w.order = [1, 0, 2, 3]
    >>> w.tokens()
    ['cat', 'the', 'bites', 'bob']
    """

    _name = "text_encoder"
    _page_traits = (
        "text", "level", "corpus", "vocabulary", "merges", "n_merges", "order", "selected",
    )  # fmt: skip

    text = traitlets.Unicode("").tag(sync=True)
    level = traitlets.Unicode("word").tag(sync=True)
    corpus = traitlets.List().tag(sync=True)
    vocabulary = traitlets.List(allow_none=True, default_value=None).tag(sync=True)
    merges = traitlets.List(allow_none=True, default_value=None).tag(sync=True)
    n_merges = traitlets.Int(20).tag(sync=True)
    order = traitlets.List().tag(sync=True)
    selected = traitlets.Int(-1).tag(sync=True)

    def __init__(
        self,
        text="dog bites man",
        *,
        vocab=None,
        corpus=None,
        level="word",
        merges=None,
        n_merges=None,
        order=(),
        selected=-1,
    ):
        if vocab is not None and corpus is not None:
            raise ValueError("vocab and corpus must not both be given: one makes the vocabulary")
        if not isinstance(vocab, Vocab | None):
            raise ValueError(f"vocab must be a Vocab, got {type(vocab).__name__}")
        merges = _pairs(merges)
        if n_merges is None:
            n_merges = 20 if merges is None else min(len(merges), _LARGEST)
        if vocab is None and corpus is None:
            corpus = CORPUS
        state = {
            "text": text,
            "level": level,
            "corpus": () if corpus is None else corpus,
            "vocabulary": None if vocab is None else vocab.words,
            "merges": merges,
            "n_merges": n_merges,
            "order": order,
            "selected": selected,
        }
        super().__init__(**_checked(state))

    def tokens(self):
        """The tokens in the order in which the page shows them.

        Returns
        -------
        list of str, T of them
        """
        tokens = _tokens(self.text, self.level, self._merges())
        return [tokens[t] for t in self.order] if len(self.order) == len(tokens) else tokens

    def words(self):
        """The vocabulary.

        Returns
        -------
        list of str
            By index.
        """
        if self.vocabulary is not None:
            return list(self.vocabulary)
        if self.level != "byte pair":
            return list(Vocab([tokenize(text, self.level) for text in self.corpus]).words)
        words = [word for text in self.corpus for word in tokenize(text)]
        characters = Vocab([byte_pairs(word, []) for word in words]).words
        return list(dict.fromkeys([*characters, *map("".join, self._merges())]))

    def indices(self):
        """The index of each token.

        Returns
        -------
        list of int or None, T of them
            None where a token is unknown and the vocabulary has no ``"<unk>"``.
        """
        index = {word: k for k, word in enumerate(self.words())}
        return [index.get(token, index.get(UNKNOWN)) for token in self.tokens()]

    def _merges(self):
        """The merges that are made."""
        if self.level != "byte pair":
            return []
        if self.merges is not None:
            return self.merges[: self.n_merges]
        words = [word for text in self.corpus for word in tokenize(text)]
        return learn_byte_pairs(words, self.n_merges)

    def page_state(self):
        """The state that the page needs; equal states are equal texts."""
        return _checked(super().page_state())

    def _fallback(self):
        labels, words = STRINGS["en"], self.words()
        rows = [
            [str(t), token, "–" if k is None else str(k), "–" if k is None else words[k]]
            for t, (token, k) in enumerate(zip(self.tokens(), self.indices(), strict=True), 1)
        ]
        head = [labels["place"], labels["token"], labels["index"], labels["wordThere"]]
        return table_html(labels["fallback"], head, rows)

    @traitlets.validate(*_page_traits)
    def _validate(self, proposal):
        name = proposal["trait"].name
        state = {trait: getattr(self, trait) for trait in self._page_traits}
        with as_trait_error():
            return _checked(state | {name: proposal["value"]})[name]

    def __repr__(self):
        T, V = len(self.tokens()), len(self.words())
        return f"TextEncoder({self.text!r}, level={self.level!r}, {T} tokens, {V} words)"


def _tokens(text, level, merges):
    """The text cut at a level, in the order in which it was typed."""
    if level != "byte pair":
        return tokenize(text, level)
    return [part for word in tokenize(text) for part in byte_pairs(word, merges)]


# ------------------------------------------------------- what is given, checked and made plain


def _checked(state):
    """The state as plain JSON values, or a ValueError that names what does not fit."""
    if state["level"] not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {state['level']!r}")
    vocabulary, merges = state["vocabulary"], _pairs(state["merges"])
    if vocabulary is not None:
        vocabulary = _texts("vocabulary", vocabulary)
        if len(set(vocabulary)) < len(vocabulary) or not vocabulary:
            raise ValueError(f"vocabulary must be different words, got {vocabulary!r}")
        if state["level"] == "byte pair" and merges is None:
            raise ValueError("merges must be given with a vocabulary of byte pairs, got None")
    n_merges = integer_from("n_merges", state["n_merges"], 0)
    if n_merges > _LARGEST:
        raise ValueError(f"n_merges must be at most {_LARGEST}, got {n_merges}")
    return {
        "text": plain_text("text", state["text"]),
        "level": state["level"],
        "corpus": _texts("corpus", state["corpus"]),
        "vocabulary": vocabulary,
        "merges": merges,
        "n_merges": n_merges,
        "order": _order(state["order"]),
        "selected": integer_from("selected", state["selected"], -1),
    }


def _items(name, value, of):
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ValueError(f"{name} must be a list of {of}, got {value!r}")
    return list(value)


def _texts(name, value):
    return [plain_text(f"each of {name}", text) for text in _items(name, value, "str")]


def _pairs(value):
    """Merges as lists of two texts; None stays None."""
    if value is None:
        return None
    pairs = [_texts("merges", pair) for pair in _items("merges", value, "pairs of str")]
    if wrong := [pair for pair in pairs if len(pair) != 2]:
        raise ValueError(f"merges must be pairs of str, got {wrong[0]!r} among them")
    return pairs


def _order(value):
    order = [integer_from("each of order", t, 0) for t in _items("order", value, "int")]
    if sorted(order) != list(range(len(order))):
        raise ValueError(f"order must have each place from 0 to T - 1 once, got {order}")
    return order
