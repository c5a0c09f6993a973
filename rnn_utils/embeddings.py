"""Words as vectors: neighbors, analogies, evaluation, debiasing and files, in NumPy alone.

`WordVectors` holds trained vectors, wherever they come from, and asks them questions. Names, rules
and results are those of gensim's ``KeyedVectors``, and so are the files. How the vectors are
trained is the business of other modules.

Shapes: ``V`` words, ``D`` numbers in each vector.
"""

import math
import os
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_utils.checks import finite_array, integer_from

_TINY = 1e-6  # of a unit vector: less than this is rounding, and no direction can be taken from it


class WeatResult(NamedTuple):
    """What `WordVectors.weat` found."""

    effect_size: float  # in standard deviations, between -2 and 2
    statistic: float  # sum of the first targets' associations minus that of the second's
    p_value: float  # share of partitions of the targets with a statistic at least as large


class WordVectors:
    """Words and one vector for each; to change either, make a new object.

    Parameters
    ----------
    words : sequence of str
        V different words, at least one, none empty and none with whitespace in it. Put frequent
        words first: the evaluations may look at the first words only.
    vectors : array_like
        Shape (V, D), D at least 1, finite. float32 and float64 stay what they are; lists become
        float64. The object keeps a copy that cannot be written to.

    Raises
    ------
    ValueError
        If words or vectors are not as said above.

    Examples
    --------
    >>> wv = WordVectors(["man", "woman", "king", "queen"], [[1, 0], [1, 2], [4, 0], [4, 2]])
    >>> wv
    WordVectors(4 words, 2 numbers each, float64)
    >>> wv["queen"], "prince" in wv
    (array([4., 2.]), False)
    >>> wv[["king", "man"]] - wv[["queen", "woman"]]
    array([[ 0., -2.],
           [ 0., -2.]])
    """

    def __init__(self, words, vectors):
        if isinstance(words, str):
            raise ValueError(f"words must be a sequence of words, got {words!r}; split() makes one")
        self._words = tuple(words)
        if not self._words:
            raise ValueError("words must be one word or more, got none")
        self._index = {}
        for k, word in enumerate(self._words):
            if fault := _fault(word, self._index):
                raise ValueError(f"words must be {fault}, got {word!r} at {k}")
            self._index[word] = k
        self._vectors = _matrix(vectors, len(self._words))

    @property
    def words(self):
        """All words, a tuple of V strings."""
        return self._words

    @property
    def vectors(self):
        """All vectors in the order of the words, (V, D), read-only."""
        return self._vectors

    @property
    def vector_size(self):
        """D, how many numbers a vector has."""
        return self._vectors.shape[1]

    def __len__(self):
        return len(self._words)

    def __iter__(self):
        return iter(self._words)

    def __contains__(self, word):
        return word in self._index

    def __repr__(self):
        return (
            f"{type(self).__name__}({len(self)} words, {self.vector_size} numbers each, "
            f"{self._vectors.dtype})"
        )

    def index(self, word):
        """The place of a word, which is the row of its vector; KeyError if it is unknown."""
        try:
            return self._index[word]
        except KeyError:
            raise KeyError(f"{word!r} is not one of the {len(self)} words") from None

    def __getitem__(self, word):
        """The vector of a word, (D,), or those of a list of words, (n, D)."""
        if isinstance(word, (list, tuple)):
            return self._vectors[self._rows(word)]
        return self._vectors[self.index(word)]

    def _rows(self, words):
        """The rows of some words, an integer array."""
        return np.array([self.index(word) for word in words], dtype=np.int64)

    @cached_property
    def _units(self):
        """All vectors at length 1, (V, D); a vector of zeros stays one instead of becoming NaN."""
        return _unit(self._vectors)

    # ------------------------------------------------------------------------------- neighbors

    def similarity(self, a, b):
        """Cosine of the angle between the vectors of two words.

        Parameters
        ----------
        a, b : str
            Two words.

        Returns
        -------
        float
            From -1 to 1, up to rounding; 0 if one of the vectors is zero.

        Raises
        ------
        KeyError
            If a word is unknown.

        Examples
        --------
        >>> wv = WordVectors(["east", "north", "northeast"], [[2, 0], [0, 5], [3, 3]])
        >>> wv.similarity("east", "north")
        0.0
        >>> round(wv.similarity("east", "northeast"), 3)
        0.707
        """
        return float(self._units[self.index(a)] @ self._units[self.index(b)])

    def most_similar(self, positive=(), negative=(), topn=10, *, exclude=True):
        """The words nearest to a sum of words, by cosine.

        Vectors are brought to length 1, those of ``positive`` added, those of ``negative``
        subtracted (Mikolov, Yih and Zweig 2013). The words in the question are left out of the
        answer. This is more than a detail: the nearest word is often one of them, and then an
        analogy is right only because of this rule (Linzen 2016).

        Parameters
        ----------
        positive, negative : str or sequence of str
            One word or several; at least one in total.
        topn : int
            How many words to return, at least 1.
        exclude : bool
            If False, the words in the question are kept in.

        Returns
        -------
        list of (str, float)
            Words with their cosine, the nearest first, the first word first among equals. It is
            shorter than ``topn`` if there are not as many words. If the sum is zero, every cosine
            is 0.

        Raises
        ------
        KeyError
            If a word is unknown.
        ValueError
            If there is no word, or ``topn`` is not an integer in its range.

        Examples
        --------
        >>> words = ["man", "woman", "king", "queen"]
        >>> wv = WordVectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
        >>> [word for word, _ in wv.most_similar(["king", "woman"], "man", topn=1)]
        ['queen']
        >>> [word for word, _ in wv.most_similar("king", topn=2, exclude=False)]
        ['king', 'queen']
        """
        topn = integer_from("topn", topn, 1)
        added, subtracted = self._rows(_listed(positive)), self._rows(_listed(negative))
        if not len(added) + len(subtracted):
            raise ValueError("positive and negative must name at least one word, got none")
        total = self._units[added].sum(axis=0) - self._units[subtracted].sum(axis=0)
        cosines = self._units @ _unit(total)
        order = np.argsort(-cosines, kind="stable")
        if exclude:
            order = order[~np.isin(order, np.concatenate([added, subtracted]))]
        return [(self._words[k], float(cosines[k])) for k in order[:topn]]

    def analogy(self, a, b, c, topn=1, *, exclude=True):
        """``a`` is to ``b`` as ``c`` is to what?

        Short for ``most_similar(positive=[b, c], negative=[a])``.

        Parameters
        ----------
        a, b, c : str
            Three words.
        topn, exclude
            As in `most_similar`.

        Returns
        -------
        list of (str, float)
            Words with their cosine, the best first.

        Raises
        ------
        KeyError, ValueError
            As in `most_similar`.

        Examples
        --------
        >>> words = ["man", "woman", "king", "queen"]
        >>> wv = WordVectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
        >>> [word for word, _ in wv.analogy("man", "king", "woman")]
        ['queen']
        """
        return self.most_similar([b, c], [a], topn, exclude=exclude)

    # ------------------------------------------------------------------------------ evaluation

    def _known(self, restrict_vocab, case_insensitive):
        """The rows of the first words by what an evaluation calls them; the first one wins."""
        words = self._words[: integer_from("restrict_vocab", restrict_vocab, 1)]
        pairs = [(w.upper() if case_insensitive else w, k) for k, w in enumerate(words)]
        return dict(reversed(pairs))

    def evaluate_word_pairs(
        self,
        path,
        delimiter="\t",
        dummy4unknown=False,
        *,
        restrict_vocab=300_000,
        case_insensitive=True,
    ):
        r"""How well cosines agree with what people say about the similarity of words.

        Returns what gensim's method of this name does, for files such as WordSim-353 (Finkelstein
        et al. 2002).

        Parameters
        ----------
        path : str or os.PathLike
            A UTF-8 file with two words and a number in each line. Lines that begin with ``#`` or
            are anything else are skipped.
        delimiter : str
            What stands between the three, not empty.
        dummy4unknown : bool
            If True, a pair with an unknown word counts with a cosine of 0. If False, it is skipped.
        restrict_vocab : int
            Only so many words, the first, count as known; at least 1.
        case_insensitive : bool
            If True, words are compared in upper case. Among several spellings the first one counts.

        Returns
        -------
        pearson : (float, float)
            Pearson's r and its two-sided p-value: how often a correlation at least as far from 0
            comes about by chance, if both are normally distributed and independent. NaN and NaN if
            all cosines or all numbers are the same. With two pairs p is 1.
        spearman : (float, float)
            The same for Spearman's rho, which is r of the ranks. Its p is an approximation, poor
            for a handful of pairs.
        oov_ratio : float
            Percentage of the pairs with an unknown word.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If fewer than two pairs are left, the file is not UTF-8, or an argument is not in its
            range.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> wv = WordVectors(["sea", "lake", "pen"], [[4, 0], [4, 2], [-1, 4]])
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "pairs.tsv"
        ...     _ = path.write_text("sea\tlake\t9\nlake\tpen\t2\nsea\tpen\t3\npen\tink\t8\n")
        ...     pearson, spearman, oov_ratio = wv.evaluate_word_pairs(path)
        >>> round(pearson[0], 3), round(spearman[0], 3), oov_ratio
        (0.855, 0.5, 25.0)
        """
        known = self._known(restrict_vocab, case_insensitive)
        human, cosines, unknown = [], [], 0
        for a, b, number in _judged_pairs(path, delimiter, case_insensitive):
            if a in known and b in known:
                cosines.append(self.similarity(self._words[known[a]], self._words[known[b]]))
                human.append(number)
                continue
            unknown += 1
            if dummy4unknown:
                cosines.append(0.0)
                human.append(number)
        if len(human) < 2:
            raise ValueError(
                f"{path} must hold at least two pairs of known words, got {len(human)}"
            )
        human, cosines = np.array(human), np.array(cosines)
        pearson = _correlation(human, cosines)
        spearman = _correlation(_ranks(human), _ranks(cosines))
        pairs = len(human) if dummy4unknown else len(human) + unknown
        return pearson, spearman, unknown / pairs * 100

    def evaluate_word_analogies(self, path, restrict_vocab=300_000, case_insensitive=True):
        """How many analogies come out right.

        Returns what gensim's method of this name does, for files such as ``questions-words.txt``
        (Mikolov et al. 2013). The rule is that of `most_similar`. A question with an unknown word
        is skipped. (gensim looks at the five nearest words only; here the first one that is not in
        the question is found even behind more than five other spellings of the question's words.)

        Parameters
        ----------
        path : str or os.PathLike
            A UTF-8 file with four words in each line, "a is to b as c is to d". A line
            ``: name`` opens a section. Other lines are skipped.
        restrict_vocab : int
            Only so many words, the first, count as known and can be answers; at least 1.
        case_insensitive : bool
            If True, words are compared in upper case. Among several spellings the first one counts.

        Returns
        -------
        score : float
            The share of right answers, 0 to 1; 0 if every question was skipped.
        sections : list of dict
            For each section its name under ``"section"``, and under ``"correct"`` and
            ``"incorrect"`` lists of questions, each a tuple of four words, in upper case if case
            does not count. The last one, ``"Total accuracy"``, holds them all.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If there is no question, a line stands before the first section, the file is not UTF-8,
            or ``restrict_vocab`` is not an integer in its range.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> words = ["man", "woman", "king", "queen"]
        >>> wv = WordVectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "questions.txt"
        ...     _ = path.write_text(": royals\\nman king woman queen\\nman men woman women\\n")
        ...     score, sections = wv.evaluate_word_analogies(path)
        >>> score, sections[0]["correct"]
        (1.0, [('MAN', 'KING', 'WOMAN', 'QUEEN')])
        """
        known = self._known(restrict_vocab, case_insensitive)
        sections, asked = [], []
        for name, questions in _analogy_sections(path, case_insensitive):
            sections.append({"section": name, "correct": [], "incorrect": []})
            asked += [(sections[-1], words) for words in questions if known.keys() >= {*words}]
        total = {"section": "Total accuracy", "correct": [], "incorrect": []}
        rows = np.array([[known[w] for w in words] for _, words in asked], dtype=np.int64)
        spellings = [w.upper() if case_insensitive else w for w in self._words[:restrict_vocab]]
        same = np.array([known[spelling] for spelling in spellings])
        right = self._answers_are_right(rows.reshape(-1, 4), same)
        for (section, words), is_right in zip(asked, right, strict=True):
            for answers in (section, total):
                answers["correct" if is_right else "incorrect"].append(words)
        return len(total["correct"]) / max(len(asked), 1), [*sections, total]

    def _answers_are_right(self, questions, same):
        """For each row (a, b, c, d) of words: is d the answer? Shape (n, 4) to (n,), bool.

        ``same`` has a number for each of the first words, equal for the spellings of one word; only
        these words can be answers, and the questions consist of such numbers.
        """
        spellings = {}
        for k, number in enumerate(same.tolist()):
            spellings.setdefault(number, []).append(k)
        units, right = self._units[: len(same)], np.zeros(len(questions), dtype=bool)
        step = max(1, 2**23 // len(same))  # so that the cosines of one step fit into 64 MB
        for start in range(0, len(questions), step):
            part = questions[start : start + step]
            a, b, c, d = part.T
            # Not brought to length 1: that changes all cosines of a question by the same factor.
            cosines = (units[b] + units[c] - units[a]) @ units.T
            for row, words in zip(cosines, part[:, :3].tolist(), strict=True):
                row[[k for word in words for k in spellings[word]]] = -np.inf
            found = np.isfinite(cosines.max(axis=1))  # False if no other word is left
            right[start : start + step] = found & (same[cosines.argmax(axis=1)] == d)
        return right

    # ----------------------------------------------------------------------------------- files

    def save_word2vec_format(self, path, binary=False):
        """Write a file in the format of the word2vec tool, which gensim and many others read.

        The first line holds V and D. Then comes a line for each word in text, or in binary the
        word, a space and D little-endian float32 numbers. The new file is written beside the old
        one and put in its place when it is complete, so a failure leaves the old one as it was.

        Parameters
        ----------
        path : str or os.PathLike
            The file; one that is there is replaced.
        binary : bool
            The binary form is smaller and quicker to read, and always float32. Text has all digits
            of the vectors' type.

        Raises
        ------
        OSError
            If the file cannot be written.
        ValueError
            If a word cannot be written in UTF-8, or a number of a binary file does not fit into
            float32.
        """
        path = Path(os.path.realpath(path))  # a link stays one: its target is replaced
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with open(beside, "wb") as file:
                file.write(f"{len(self)} {self.vector_size}\n".encode())
                for word, vector in zip(self._words, self._vectors, strict=True):
                    numbers = _four_bytes_each(word, vector) if binary else _digits(vector)
                    file.write(word.encode() + b" " + numbers)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def load_word2vec_format(cls, path, binary=False, *, no_header=False):
        """Read a file in the format of the word2vec tool, as it or gensim or this class writes it.

        Parameters
        ----------
        path : str or os.PathLike
            The file, words in UTF-8. Only numbers and words are read from it, nothing is run.
        binary : bool
            Which of the two forms it has, see `save_word2vec_format`.
        no_header : bool
            True for a text file without the first line, such as the vectors of GloVe.

        Returns
        -------
        WordVectors
            With float32 vectors, as in gensim.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If the file is broken: the line or byte, what was expected and what was there. (gensim
            lets two things pass: a word that comes twice, and more words than the first line
            announces.)

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "vectors.txt"
        ...     WordVectors(["a", "b"], [[1, 2], [3, 4]]).save_word2vec_format(path)
        ...     print(path.read_text(), WordVectors.load_word2vec_format(path), sep="")
        2 2
        a 1.0 2.0
        b 3.0 4.0
        WordVectors(2 words, 2 numbers each, float32)
        """
        if binary and no_header:
            raise ValueError("no_header must be False for a binary file, got True")
        entries = _binary_entries if binary else _bare_entries if no_header else _text_entries
        words, rows = {}, []
        try:
            with open(path, "rb") as file:
                for place, word, numbers in entries(file):
                    words[_decoded(place, word, words)] = len(rows)
                    rows.append(_float32(place, numbers))
            if not rows:
                raise ValueError("line 1: expected a word and its numbers, got an empty file")
        except ValueError as error:
            raise ValueError(f"{path}, {error}") from None
        return cls(words, np.array(rows))

    # ------------------------------------------------------------------------------- debiasing

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
        >>> wv = WordVectors(["she", "he"], [[3, 4], [-3, -4]])
        >>> wv.bias_direction([("she", "he")]).round(3).tolist()
        [0.6, 0.8]
        """
        pairs = _pairs("pairs", pairs)
        if not pairs:
            raise ValueError("pairs must be one pair or more, got none")
        first, second = (_unit(self._double(words)) for words in zip(*pairs, strict=True))
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
        neutralize, equalize = _listed(neutralize), _pairs("equalize", equalize)
        named = [*neutralize, *(word for pair in equalize for word in pair)]
        if twice := sorted({word for word in named if named.count(word) > 1}):
            raise ValueError(f"neutralize and equalize must name a word once, got twice: {twice}")
        vectors = self._vectors.copy()
        for word in neutralize:
            vectors[self.index(word)] = _neutral(word, _unit(self._double(word)), direction)
        for a, b in equalize:
            rows = self._rows((a, b))
            vectors[rows] = _equalized((a, b), _unit(self._double([a, b])), direction)
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
        >>> words = ["rose", "tulip", "wasp", "flea", "nice", "nasty"]
        >>> vectors = [[3, 1], [4, 2], [1, 3], [1, 2], [1, 0], [0, 1]]
        >>> result = WordVectors(words, vectors).weat(words[:2], words[2:4], ["nice"], ["nasty"])
        >>> round(result.effect_size, 2), round(result.p_value, 3)  # 1 of 6 deals
        (1.71, 0.167)
        """
        targets = [_listed(targets_1), _listed(targets_2)]
        attributes = [_listed(attributes_1), _listed(attributes_2)]
        _check_weat(targets, attributes)
        n_permutations = integer_from("n_permutations", n_permutations, 1)
        first, second = (_unit(self._double(words)).mean(axis=0) for words in attributes)
        # The mean of cosines is the cosine with the mean of unit vectors, up to its length.
        associations = _unit(self._double([*targets[0], *targets[1]])) @ (first - second)
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


# ------------------------------------------------------------------------------------- arguments


def _fault(word, seen):
    """What is wrong with a word that comes after those already seen; None if nothing is."""
    if not isinstance(word, str):
        return "strings"
    if word.split() != [word]:
        return "neither empty nor with whitespace"
    return "different from each other" if word in seen else None


def _matrix(vectors, n_words):
    """A read-only copy of the vectors, or a ValueError."""
    dtype = str(getattr(vectors, "dtype", "float64")).removeprefix("torch.")
    if dtype not in ("float32", "float64"):
        raise ValueError(
            f"vectors must have dtype float32 or float64, got {dtype}; "
            "convert them with np.asarray(..., np.float64)"
        )
    vectors = np.array(finite_array("vectors", vectors, dtype), order="C")
    if vectors.ndim != 2 or len(vectors) != n_words or not vectors.shape[1]:
        raise ValueError(f"vectors must have shape ({n_words}, D), D >= 1, got {vectors.shape}")
    vectors.setflags(write=False)
    return vectors


def _listed(words):
    """One word or several as a list."""
    return [words] if isinstance(words, str) else list(words)


def _pairs(name, pairs):
    """A list of tuples of two words, or a ValueError."""
    pairs = _listed(pairs)
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"{name} must be pairs of words, got {pair!r}")
    return [tuple(pair) for pair in pairs]


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


# --------------------------------------------------------------------------------------- geometry


def _unit(vectors):
    """The same directions at length 1; zeros stay zeros."""
    # Divided by the largest number first, so that no square leaves the range of the type.
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    scaled = vectors / np.where(largest > 0, largest, 1)
    return scaled / np.maximum(np.linalg.norm(scaled, axis=-1, keepdims=True), 1)


def _neutral(word, vector, direction):
    """A unit vector without its component along the direction, at length 1."""
    rest = vector - (vector @ direction) * direction
    if np.linalg.norm(rest) < _TINY:
        raise ValueError(f"neutralize must name words beyond the bias direction, got {word!r}")
    rest = _unit(rest)
    return rest - (rest @ direction) * direction  # again: a small rest had lost digits


def _equalized(pair, vectors, direction):
    """Two unit vectors (2, D) that differ along the direction only."""
    along = (vectors - vectors.mean(axis=0)) @ direction
    if np.abs(along).max() < _TINY:
        raise ValueError(f"equalize must be pairs that differ along the direction, got {pair}")
    middle = vectors.mean(axis=0)
    middle = middle - (middle @ direction) * direction
    return middle + np.outer(np.sign(along), math.sqrt(max(0, 1 - middle @ middle)) * direction)


# -------------------------------------------------------------------------------------- statistics


def _ranks(numbers):
    """1 for the smallest; equal numbers share the mean of their ranks. Shape (n,) to (n,)."""
    _, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _correlation(x, y):
    """Pearson's r of two arrays (n,), n at least 2, and its two-sided p-value."""
    if (x == x[0]).all() or (y == y[0]).all():
        return math.nan, math.nan
    r = float(np.clip(_unit(x - x.mean()) @ _unit(y - y.mean()), -1, 1))
    if len(x) == 2:
        return r, 1.0  # two points lie on a line, whatever they are
    # Student's t with n - 2 degrees of freedom, written with r itself (DLMF 8.17).
    return r, _incomplete_beta((1 - r) * (1 + r), (len(x) - 2) / 2, 0.5)


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


def _incomplete_beta(x, a, b):
    """The regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22).

    SciPy has it as ``scipy.special.betainc``; this saves a reader the installation.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction converges slowly
        return 1 - _incomplete_beta(1 - x, b, a)
    log_front = a * math.log(x) + b * math.log1p(-x)
    log_front += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    fraction = 1.0
    for k in range(100 + int(5 * math.sqrt(a + b)), 0, -1):  # more steps than ever needed
        m, odd = divmod(k, 2)
        top = -(a + m) * (a + b + m) if odd else m * (b - m)
        fraction = 1 + top * x / ((a + k - 1) * (a + k) * fraction)
    return math.exp(log_front) / (a * fraction)


# ------------------------------------------------------------------------------------------ files


def _judged_pairs(path, delimiter, case_insensitive):
    """The lines of a file that are two words and a finite number."""
    if not isinstance(delimiter, str) or not delimiter:
        raise ValueError(f"delimiter must be a string, not empty, got {delimiter!r}")
    with open(path, encoding="utf-8") as file:
        for line in file:
            parts = [w.upper() if case_insensitive else w for w in line.split(delimiter)]
            try:
                a, b, number = *parts[:2], float(parts[2])
            except (ValueError, IndexError):
                continue
            if len(parts) == 3 and math.isfinite(number) and not line.startswith("#"):
                yield a, b, number


def _analogy_sections(path, case_insensitive):
    """A file of analogies as a list of (name, questions), each question a tuple of four words."""
    sections = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith(": "):
                sections.append((line.lstrip(": ").strip(), []))
            elif not sections:
                raise ValueError(
                    f"{path}, line {number}: expected the first section, a line ': name', "
                    f"got {line.strip()!r:.60}"
                )
            else:
                words = (line.upper() if case_insensitive else line).split()
                if len(words) == 4:
                    sections[-1][1].append(tuple(words))
    if not any(questions for _, questions in sections):
        raise ValueError(f"{path} must hold at least one line of four words, got none")
    return sections


def _digits(vector):
    """A vector in text: as few digits as tell it from its neighbors in its type."""
    return " ".join(map(str, vector)).encode() + b"\n"


def _four_bytes_each(word, vector):
    """A vector as little-endian float32."""
    with np.errstate(over="ignore"):
        numbers = vector.astype("<f4")
    if not np.isfinite(numbers).all():
        raise ValueError(f"vectors must fit into float32 for a binary file, got that of {word!r}")
    return numbers.tobytes()


def _header(line):
    """V and D from the first line of a file."""
    parts = line.split()
    if len(parts) != 2 or not all(p.isdigit() and 0 < len(p) < 16 and int(p) for p in parts):
        raise ValueError(
            "line 1: expected two positive integers, the number of words and the length of a "
            f"vector, got {line.strip()!r:.60}"
        )
    return map(int, parts)


def _text_entries(file):
    """Each line after the first as (place, word, numbers)."""
    n_words, size = _header(file.readline())
    for number in range(2, n_words + 2):
        line = file.readline()
        if not line:
            raise ValueError(
                f"line {number}: expected a word and {size} numbers, got the end of the file; "
                f"line 1 announces {n_words} words"
            )
        yield _entry(number, line, size)
    if any(line.strip() for line in file):
        raise ValueError(f"line {n_words + 2}: expected the end after {n_words} words, got more")


def _bare_entries(file):
    """Each line as (place, word, numbers); the first one says how many numbers there are."""
    size = None
    for number, line in enumerate(file, start=1):
        if size is None:
            size = max(1, len(line.split()) - 1)
        yield _entry(number, line, size)


def _entry(number, line, size):
    wanted = f"expected a word and {size} numbers"
    word, *numbers = line.rstrip().split(b" ")
    if len(numbers) != size:
        raise ValueError(f"line {number}: {wanted}, got {len(numbers)} after {word!r:.60}")
    try:
        return f"line {number}", word, [float(digits) for digits in numbers]
    except ValueError as error:
        raise ValueError(f"line {number}: {wanted}, but {error}") from None


def _binary_entries(file):
    """Each word as (place, word, numbers)."""
    n_words, size = _header(file.readline())
    start, data, at = file.tell(), file.read(), 0
    for _ in range(n_words):
        space = data.find(b" ", at)
        end = space + 1 + 4 * size
        if space < 0 or end > len(data):
            raise ValueError(
                f"byte {start + at}: expected a word, a space and {4 * size} bytes of numbers, "
                f"got the end of the file after {len(data) - at} bytes"
            )
        # The word2vec tool ends each vector with a line feed, gensim does not.
        yield (
            f"byte {start + at}",
            data[at:space].lstrip(b"\n"),
            np.frombuffer(data, "<f4", size, space + 1),
        )
        at = end
    if data[at:].strip(b"\n"):
        raise ValueError(f"byte {start + at}: expected the end after {n_words} words, got more")


def _decoded(place, data, seen):
    """A word from a file, or a ValueError that says where."""
    try:
        word = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{place}: expected a word in UTF-8, got {data!r:.60}") from None
    if fault := _fault(word, seen):
        raise ValueError(f"{place}: expected words that are {fault}, got {word!r:.60}")
    return word


def _float32(place, numbers):
    """A vector from a file, or a ValueError that says where."""
    with np.errstate(over="ignore"):
        vector = np.array(numbers, dtype=np.float32)
    if not np.isfinite(vector).all():
        raise ValueError(f"{place}: expected finite float32 numbers, got NaN or infinity")
    return vector
