"""Real text, and judgments about words, that gensim brings."""

from typing import NamedTuple

from rnn_utils.datasets.packages import gensim_path


class WordPair(NamedTuple):
    """Two words and how similar people find them."""

    word1: str
    word2: str
    score: float  # mean over the people asked, 0 (unrelated) to 10 (the same)


def load_lee():
    """300 short news articles of the Australian Broadcasting Corporation.

    The background corpus of Lee, Pincombe and Welsh (2005), about 60 000 words, published for
    research. gensim brings it, so it needs no network.

    Returns
    -------
    list of str, 300 of them
        One article each.

    Raises
    ------
    ImportError
        If gensim is not installed.
    FileNotFoundError
        If gensim was installed without its test data.
    """
    return gensim_path("lee_background.cor").read_text(encoding="latin-1").splitlines()


def wordsim353_path():
    """Where WordSim-353 is on this computer, for `WordVectors.evaluate_word_pairs`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ImportError, FileNotFoundError
        As `load_lee`.
    """
    return gensim_path("wordsim353.tsv")


def load_wordsim353():
    """353 pairs of English words, each judged by 13 people or more (Finkelstein et al. 2002).

    gensim brings them, so they need no network. License CC BY 4.0.

    Returns
    -------
    list of WordPair, 353 of them

    Raises
    ------
    ImportError, FileNotFoundError
        As `load_lee`.
    """
    lines = wordsim353_path().read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [WordPair(word1, word2, float(score)) for word1, word2, score in rows]


def analogies_path():
    """Where the analogy questions are on this computer.

    They are for `WordVectors.evaluate_word_analogies`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ImportError, FileNotFoundError
        As `load_lee`.
    """
    return gensim_path("questions-words.txt")


def load_analogies():
    """19 544 analogy questions in 14 sections (Mikolov et al. 2013).

    gensim brings them, so they need no network. License Apache 2.0, as the word2vec tool.

    Returns
    -------
    dict of str to list of tuple
        For each section its questions (a, b, c, d), four str: a is to b as c is to d. Sections
        whose names begin with "gram" are about grammar, the others about meaning.

    Raises
    ------
    ImportError, FileNotFoundError
        As `load_lee`.
    """
    sections = {}
    for line in analogies_path().read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            questions = sections.setdefault(line[1:].strip(), [])
        else:
            questions.append(tuple(line.split()))
    return sections
