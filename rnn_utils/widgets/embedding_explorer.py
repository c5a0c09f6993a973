"""The embedding explorer: word vectors as a cloud to turn, with neighbors, analogies and axes."""

import json
import math

import numpy as np
import traitlets

from rnn_utils.checks import integer_from
from rnn_utils.embeddings import WordVectors
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html

STRINGS = json.loads((FOLDER / "embedding_explorer.strings.json").read_text(encoding="utf-8"))
FIRST_WORDS = 100  # that are shown if none are named
MOST_GROUPS = 8  # as many markers can be told apart

_FALLBACK_WORDS = 12


class EmbeddingExplorer(BookWidget):
    """A cloud of word vectors, in three dimensions, in two, and along an axis between two words.

    The picture shows three directions of many; neighbors and analogies are computed in all of
    them. Everything is computed on the page from the traits below. With a kernel the traits are
    two-way: a click on the page changes them here as well.

    Parameters
    ----------
    wv : WordVectors or gensim.models.KeyedVectors
        Anything with ``words`` (or ``index_to_key``) and ``wv[word]``.
    words : sequence of str, optional
        The words to show, two or more; the first 100 if not given.
    groups : mapping of str to str, optional
        The group of a word: it gives its mark, its color and an entry in the legend. At most 8
        groups; words may be without one.
    projection : {"pca", "raw"}
        "pca" draws the first three principal components of these words. "raw" draws the numbers
        of the vectors themselves, of which there must be two or three.
    decimals : int
        Vectors are rounded to so many decimals, which keeps the page light. Every number, here
        and on the page, is computed from the rounded vectors: see `wv`.
    mode : {"3d", "2d", "axis"}
        What the picture shows: three components, two, or every word along `axis`.
    yaw, pitch : float
        How the view is turned, in degrees; pitch is from -90 to 90.
    selected : str
        The word whose neighbors are listed; ``""`` for none. The first word if not given.
    topn : int
        How many neighbors are listed, at least 1.
    metric : {"cosine", "distance"}
        What near means: a large cosine, or a small Euclidean distance.
    analogy : sequence of three str
        "a is to b as c is to ?"; ``""`` stands for a word that is still to be chosen.
    exclude : bool
        Whether the three words of the question are left out of its answers.
    axis : sequence of two str
        The words at the left and the right end of the axis, or ``""``.
    panel : {"", "neighbors", "analogy"}
        Which question is asked beside the cloud; ``""`` takes the analogy if there is one. With
        ``mode="axis"`` it is the axis.
    turn : float
        In degrees, 0 to 360: with ``projection="raw"`` and three numbers a vector, the data (and
        not the view) is turned about the direction (1, 2, 3).

    Raises
    ------
    KeyError
        If ``wv`` does not have one of the words.
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> words = ["man", "woman", "king", "queen"]
    >>> wv = WordVectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
    >>> explorer = EmbeddingExplorer(wv, selected="king", analogy=["man", "king", "woman"])
    >>> explorer
    EmbeddingExplorer(4 words, vector_size=3)
    >>> [(word, round(cosine, 2)) for word, cosine in explorer.neighbors(topn=2)]
    [('queen', 0.91), ('man', 0.45)]
    >>> [word for word, _ in explorer.answers()]
    ['queen']
    """

    _name = "embedding_explorer"
    _page_traits = (
        "words", "vectors", "groups", "projection", "mode", "yaw", "pitch", "selected", "topn",
        "metric", "analogy", "exclude", "axis", "panel", "turn",
    )  # fmt: skip

    words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    vectors = traitlets.List().tag(sync=True)
    groups = traitlets.Dict().tag(sync=True)
    projection = traitlets.Enum(["pca", "raw"], default_value="pca").tag(sync=True)
    mode = traitlets.Enum(["3d", "2d", "axis"], default_value="3d").tag(sync=True)
    yaw = traitlets.Float(-30.0).tag(sync=True)
    pitch = traitlets.Float(20.0).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    topn = traitlets.Int(8).tag(sync=True)
    metric = traitlets.Enum(["cosine", "distance"], default_value="cosine").tag(sync=True)
    analogy = traitlets.List(traitlets.Unicode(), default_value=["", "", ""]).tag(sync=True)
    exclude = traitlets.Bool(True).tag(sync=True)
    axis = traitlets.List(traitlets.Unicode(), default_value=["", ""]).tag(sync=True)
    panel = traitlets.Enum(["", "neighbors", "analogy"], default_value="").tag(sync=True)
    turn = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self, wv, words=None, *, groups=None, projection="pca", decimals=4, selected=None, **state
    ):
        if unknown := sorted(set(state) - set(_DEFAULTS)):
            raise TypeError(f"EmbeddingExplorer has no argument {', '.join(unknown)}")
        words = _chosen(wv, words)
        given = {
            "words": words,
            "vectors": _rounded(wv, words, integer_from("decimals", decimals, 0)),
            "groups": {} if groups is None else groups,
            "projection": projection,
            "selected": words[0] if selected is None else selected,
        }
        checked = _checked({**_DEFAULTS, **given, **state})
        try:
            super().__init__(**{**state, "projection": projection, **checked})
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None

    @property
    def wv(self):
        """The words and the rounded vectors of the page, as `WordVectors` in float64."""
        return WordVectors(self.words, np.array(self.vectors))

    def neighbors(self, word=None, topn=None, *, metric=None):
        """The words nearest to a word, as the page lists them.

        Parameters
        ----------
        word : str, optional
            The selected word if not given.
        topn : int, optional
            How many; as many as the page lists if not given.
        metric : {"cosine", "distance"}, optional
            What near means; that of the page if not given.

        Returns
        -------
        list of (str, float)
            Words with their cosine or their Euclidean distance, the nearest first.

        Raises
        ------
        KeyError
            If the word is unknown.
        ValueError
            If ``topn`` or ``metric`` is not one of those above.
        """
        wv = self.wv
        word = self.selected if word is None else word
        topn = self.topn if topn is None else integer_from("topn", topn, 1)
        metric = self.metric if metric is None else metric
        if metric not in ("cosine", "distance"):
            raise ValueError(f"metric must be 'cosine' or 'distance', got {metric!r}")
        if metric == "cosine":
            return wv.most_similar(word, topn=topn)
        distances = np.linalg.norm(wv.vectors - wv[word], axis=1)
        order = [k for k in np.argsort(distances, kind="stable") if k != wv.index(word)]
        return [(self.words[k], float(distances[k])) for k in order[:topn]]

    def answers(self, a=None, b=None, c=None, topn=5, *, exclude=None):
        """``a`` is to ``b`` as ``c`` is to what? As the page answers it.

        Parameters
        ----------
        a, b, c : str, optional
            Three words; those of the trait ``analogy`` if not given.
        topn : int
            How many answers, at least 1.
        exclude : bool, optional
            Whether the three words are left out; as on the page if not given.

        Returns
        -------
        list of (str, float)
            Words with their cosine, the best first: `WordVectors.analogy`.

        Raises
        ------
        KeyError
            If a word is unknown, or still to be chosen.
        ValueError
            If ``topn`` is not an integer of at least 1.
        """
        given = zip((a, b, c), self.analogy, strict=True)
        question = [trait if word is None else word for word, trait in given]
        exclude = self.exclude if exclude is None else exclude
        return self.wv.analogy(*question, topn=topn, exclude=exclude)

    def page_state(self):
        """The state that the page needs; equal states are equal texts, as 1 and 1.0 are not."""
        state = super().page_state()
        return {**state, **_checked(state)}

    def _fallback(self):
        words, wv = STRINGS["en"], self.wv
        head = [words["word"], *(words["nearest"].format(rank=rank) for rank in (1, 2, 3))]
        first = [self.selected] if self.selected else []
        shown = list(dict.fromkeys([*first, *self.words]))[:_FALLBACK_WORDS]
        rows = []
        for word in shown:
            near = [
                f"{other} ({_short(cosine)})" for other, cosine in wv.most_similar(word, topn=3)
            ]
            rows.append([word, *near, *[""] * (3 - len(near))])
        caption = words["fallback"].format(V=len(wv), D=wv.vector_size)
        return table_html(caption, head, rows)

    @traitlets.validate(
        "words", "vectors", "groups", "projection", "yaw", "pitch", "selected", "topn", "analogy",
        "axis", "turn",
    )  # fmt: skip
    def _validate(self, proposal):
        name = proposal["trait"].name
        state = {trait: getattr(self, trait) for trait in self._page_traits}
        with as_trait_error():
            return {
                "projection": proposal["value"],
                **_checked({**state, name: proposal["value"]}),
            }[name]

    def __repr__(self):
        return f"EmbeddingExplorer({len(self.words)} words, vector_size={len(self.vectors[0])})"


_DEFAULTS = {
    "projection": "pca", "mode": "3d", "yaw": -30.0, "pitch": 20.0, "selected": "", "topn": 8,
    "metric": "cosine", "analogy": ("", "", ""), "exclude": True, "axis": ("", ""), "panel": "",
    "turn": 0.0,
}  # fmt: skip


def _chosen(wv, words):
    """The words to show, as a list."""
    known = getattr(wv, "words", None)
    known = getattr(wv, "index_to_key", None) if known is None else known
    if known is None:
        raise ValueError(
            f"wv must have words or index_to_key, as WordVectors does, got {type(wv).__name__}"
        )
    if isinstance(words, str):
        raise ValueError(f"words must be a sequence of words, got {words!r}; split() makes one")
    return list(known)[:FIRST_WORDS] if words is None else list(words)


def _rounded(wv, words, decimals):
    """The vectors of the words as lists of floats."""
    vectors = [np.asarray(wv[word], dtype=np.float64) for word in words]
    # A zero has no sign, so that equal pages are equal texts.
    return [(np.round(vector, decimals) + 0.0).tolist() for vector in vectors]


def _short(value):
    """Two decimals; a zero has no sign, which would differ from computer to computer."""
    return f"{round(float(value), 2) + 0.0:.2f}"


# ------------------------------------------------------- what is given, checked and made plain


def _checked(state):
    """The traits that need more than their type, or a ValueError that names what does not fit."""
    vectors = [list(vector) for vector in state["vectors"]]
    wv = WordVectors(state["words"], vectors)
    if len(wv) < 2:
        raise ValueError(f"words must be two words or more, got {len(wv)}")
    _check_axes(state["projection"], wv.vector_size)
    return {
        "words": list(wv.words),
        "vectors": wv.vectors.tolist(),
        "groups": _groups(state["groups"], wv),
        "yaw": _number("yaw", state["yaw"]),
        "pitch": _number("pitch", state["pitch"], -90, 90),
        "selected": _known("selected", state["selected"], wv),
        "topn": integer_from("topn", state["topn"], 1),
        "analogy": _several("analogy", state["analogy"], 3, wv),
        "axis": _several("axis", state["axis"], 2, wv),
        "turn": _number("turn", state["turn"], 0, 360),
    }


def _check_axes(projection, size):
    if projection == "raw" and size not in (2, 3):
        raise ValueError(
            f"projection must be 'pca' for vectors of {size} numbers; 'raw' takes 2 or 3"
        )


def _groups(groups, wv):
    if not isinstance(groups, dict):
        raise ValueError(f"groups must be a dict of words to groups, got {groups!r}")
    if strangers := [word for word in groups if word not in wv]:
        raise ValueError(f"groups must name words that are shown, got {strangers[0]!r}")
    groups = {word: str(groups[word]) for word in wv if word in groups}
    if len(set(groups.values())) > MOST_GROUPS:
        raise ValueError(
            f"groups must be at most {MOST_GROUPS} different ones, got {len(set(groups.values()))}"
        )
    return groups


def _number(name, value, low=-math.inf, high=math.inf):
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise ValueError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(value) or not low <= value <= high:
        between = "a finite number" if low == -math.inf else f"a number from {low} to {high}"
        raise ValueError(f"{name} must be {between}, got {value!r}")
    return float(value)


def _known(name, word, wv):
    if word != "" and word not in wv:
        raise ValueError(f"{name} must be one of the {len(wv)} words, got {word!r}")
    return word


def _several(name, words, count, wv):
    """So many words, each known or still to be chosen."""
    if isinstance(words, str) or len(words) != count:
        raise ValueError(f"{name} must be {count} words, got {words!r}")
    return [_known(name, word, wv) for word in words]
