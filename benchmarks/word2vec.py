"""How fast Word2Vec learns, and how well, beside gensim.

    python -m benchmarks.word2vec

Both read the same text, 300 news articles, with the same settings, on one thread, in turns within
this one run. Words per second are the words of the text times the epochs, over the time of the
whole training. The quality is Spearman's correlation with what people say about the similarity of
words (WordSim-353, pairs whose words are both known); it differs from seed to seed, so the means
are compared. Nothing fails when a budget is missed.
"""

import statistics
import time
from typing import NamedTuple

import gensim
from gensim.utils import simple_preprocess
from threadpoolctl import threadpool_limits

from benchmarks.budgets import Measure
from rnn_utils.datasets import load_lee, wordsim353_path
from rnn_utils.embeddings import WordVectors
from rnn_utils.word2vec import Word2Vec

SEEDS = (1, 2, 3)
SETTINGS = {"vector_size": 100, "window": 5, "sample": 1e-3, "min_count": 5, "alpha": 0.025}
SHORT = 5  # epochs where only the speed counts
ROWS = {  # options that both know
    "skip-gram, negative sampling": {"sg": 1, "hs": 0, "negative": 5, "epochs": 40},
    "CBOW, negative sampling": {"sg": 0, "hs": 0, "negative": 5, "epochs": SHORT},
    "skip-gram, hierarchical": {"sg": 1, "hs": 1, "negative": 0, "epochs": SHORT},
    "CBOW, hierarchical": {"sg": 0, "hs": 1, "negative": 0, "epochs": SHORT},
}
MAIN = "skip-gram, negative sampling"  # the row with budgets
BUDGET_SPEED = 1.0  # times gensim's words per second, at least
BUDGET_QUALITY = -0.03  # Spearman's correlation above gensim's, at least


class Run(NamedTuple):
    """One training."""

    speed: float  # words per second
    vectors: WordVectors


def ours(sentences, options):
    return Word2Vec(sentences, progress=False, **options).wv


def theirs(sentences, options):
    wv = gensim.models.Word2Vec(sentences, workers=1, **options).wv
    return WordVectors(wv.index_to_key, wv.vectors)


def measure(train, sentences, options):
    """Train once."""
    words = sum(map(len, sentences)) * options["epochs"]
    start = time.perf_counter()
    vectors = train(sentences, options)
    return Run(words / (time.perf_counter() - start), vectors)


def compare(sentences, options, seeds=SEEDS):
    """Runs of ours and of gensim's, in turns: two lists, one Run for each seed."""
    mine, other = [], []
    for seed in seeds:
        for train, runs in ((ours, mine), (theirs, other)):
            runs.append(measure(train, sentences, {**SETTINGS, **options, "seed": seed}))
    return mine, other


def spearman(vectors):
    """Agreement with people on WordSim-353."""
    return vectors.evaluate_word_pairs(wordsim353_path())[1][0]


def main():
    """Measure, print and return what has a budget."""
    sentences = [simple_preprocess(article) for article in load_lee()]
    print("words per second, median                   ours     gensim  ratio")
    with threadpool_limits(1):
        for name, options in ROWS.items():
            runs = compare(sentences, options)
            mine, other = (statistics.median(run.speed for run in side) for side in runs)
            budget = f"  budget {BUDGET_SPEED:.2f} or more" if name == MAIN else ""
            print(f"{name:35}{mine:11,.0f}{other:11,.0f}{mine / other:7.2f}{budget}", flush=True)
            if name == MAIN:
                speed = mine / other
                qualities = [[spearman(run.vectors) for run in side] for side in runs]
    print(f"\nWordSim-353, Spearman, {MAIN}")
    for side, values in zip(("ours", "gensim"), qualities, strict=True):
        each = "  ".join(f"{value:.3f}" for value in values)
        print(f"{side:7} {each}   mean {statistics.mean(values):.3f}")
    difference = statistics.mean(qualities[0]) - statistics.mean(qualities[1])
    print(f"difference {difference:+.3f}  budget {BUDGET_QUALITY:+.3f} or more")
    return [
        Measure("Word2Vec, words per second, times gensim", speed, BUDGET_SPEED, "", 2, True),
        Measure("Word2Vec, WordSim-353 above gensim", difference, BUDGET_QUALITY, "", 3, True),
    ]


if __name__ == "__main__":
    main()
