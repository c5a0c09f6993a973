"""Data for the chapters: what is measured, what is installed, what is made, what is downloaded.

Only the last group needs a network, once for each file. Every file is known by its SHA-256, so you
get exactly the bytes that the chapters were written with, or an error.

=======================================  ======================================================
measured for this book                   `load_memory_results`, `load_ablation_results`
counted by astronomers                   `load_sunspots`
real text that gensim brings             `load_lee`, `load_wordsim353`, `load_analogies`
names and dates in many languages        `load_place_names`, `load_language_names`, `load_dates`
pictures that scikit-learn brings        `load_digits`
made by a small grammar                  `load_kingdom`, `kingdom_analogies`
downloaded when you first ask            `load_tiny_shakespeare`, `load_time_machine`,
                                         `load_names`, `load_sentence_polarity`,
                                         `load_wikigold`, `load_french_english`
=======================================  ======================================================
"""

from rnn_utils.datasets.digits import Digits, load_digits
from rnn_utils.datasets.downloads import (
    SOURCES,
    LabeledSentence,
    SentencePair,
    Source,
    cache_dir,
    load_french_english,
    load_names,
    load_sentence_polarity,
    load_time_machine,
    load_tiny_shakespeare,
    load_wikigold,
)
from rnn_utils.datasets.english import (
    WordPair,
    analogies_path,
    load_analogies,
    load_lee,
    load_wordsim353,
    wordsim353_path,
)
from rnn_utils.datasets.kingdom import (
    KINGDOM_FEATURES,
    KINGDOM_PHRASES,
    kingdom_analogies,
    load_kingdom,
)
from rnn_utils.datasets.locales import (
    DatePair,
    load_dates,
    load_language_names,
    load_place_names,
    load_places,
)
from rnn_utils.datasets.measured import (
    ABLATION_RESULTS,
    MEMORY_RESULTS,
    SUNSPOTS,
    AblationResult,
    MemoryResult,
    Sunspots,
    load_ablation_results,
    load_memory_results,
    load_sunspots,
)
from rnn_utils.public import present

__all__ = [
    "ABLATION_RESULTS",
    "KINGDOM_FEATURES",
    "KINGDOM_PHRASES",
    "MEMORY_RESULTS",
    "SOURCES",
    "SUNSPOTS",
    "AblationResult",
    "DatePair",
    "Digits",
    "LabeledSentence",
    "MemoryResult",
    "SentencePair",
    "Source",
    "Sunspots",
    "WordPair",
    "analogies_path",
    "cache_dir",
    "kingdom_analogies",
    "load_ablation_results",
    "load_analogies",
    "load_dates",
    "load_digits",
    "load_french_english",
    "load_kingdom",
    "load_language_names",
    "load_lee",
    "load_memory_results",
    "load_names",
    "load_place_names",
    "load_places",
    "load_sentence_polarity",
    "load_sunspots",
    "load_time_machine",
    "load_tiny_shakespeare",
    "load_wikigold",
    "load_wordsim353",
    "wordsim353_path",
]

present(globals(), __all__)
