"""Are the vectors any good? Compared with what people say, and asked for analogies."""

import math

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.embeddings.correlations import correlation, ranks


class Evaluation:
    """The part of `WordVectors` that compares with files of human judgments and analogies."""

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
        >>> from rnn_utils.embeddings import WordVectors
        >>> from pathlib import Path
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
        pearson = correlation(human, cosines)
        spearman = correlation(ranks(human), ranks(cosines))
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
        >>> from rnn_utils.embeddings import WordVectors
        >>> from pathlib import Path
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
