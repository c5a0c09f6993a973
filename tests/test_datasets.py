"""The data are whole, what the chapters quote from them holds, and nothing broken is kept."""

import contextlib
import gzip
import hashlib
import importlib.machinery
import io
import itertools
import os
import re
import socket
import subprocess
import sys
import threading
import types
import zipfile
from collections import Counter
from datetime import date, datetime
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
import pooch
import pytest
import scipy.stats
import torch
from babel import localedata
from gensim.models import KeyedVectors, Word2Vec
from gensim.test.utils import datapath
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import ablation as ablation_bench
from benchmarks import memory
from rnn_utils import ablation, datasets, models
from rnn_utils.datasets import (
    KINGDOM_FEATURES,
    KINGDOM_PHRASES,
    Source,
    analogies_path,
    cache_dir,
    kingdom_analogies,
    load_ablation_results,
    load_analogies,
    load_dates,
    load_digits,
    load_french_english,
    load_kingdom,
    load_language_names,
    load_lee,
    load_memory_results,
    load_names,
    load_place_names,
    load_places,
    load_sentence_polarity,
    load_sunspots,
    load_time_machine,
    load_tiny_shakespeare,
    load_wikigold,
    load_wordsim353,
    wordsim353_path,
)
from rnn_utils.embeddings import WordVectors
from rnn_utils.variants import VARIANTS

TABLE = load_memory_results()
ROWS = {(row.task, row.cell, row.start): row for row in TABLE}
PLACES = list(itertools.product(memory.SETUPS, models.CELLS, memory.STARTS))


def test_every_task_cell_and_start_has_its_row():
    assert list(ROWS) == PLACES
    assert len(TABLE) == len(ROWS)


@pytest.mark.parametrize("place", PLACES)
def test_a_row_is_possible(place):
    row = ROWS[place]
    assert row.seeds == 5
    assert 0 <= row.solved <= row.seeds
    assert 0 <= row.lowest <= row.median <= row.highest
    assert row.measure == ("squared error" if row.task == "adding" else "accuracy")
    assert row.highest <= 1
    right = memory.SETUPS[row.task].is_solved
    worst, best = sorted((row.lowest, row.highest), key=right)
    assert right(best) == (row.solved > 0)
    assert right(worst) == (row.solved == row.seeds)
    assert right(row.median) == (row.solved >= 3)


@pytest.mark.parametrize("task", memory.SETUPS)
def test_the_cells_have_equally_many_parameters(task):
    counts = [row.parameters for row in TABLE if row.task == task]
    assert max(counts) <= 1.05 * min(counts)


@pytest.mark.parametrize("task", memory.SETUPS)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gated_cells_that_start_as_advised_solve_every_task(task, cell):
    row = ROWS[task, cell, "advised"]
    assert row.solved == row.seeds


def test_the_plain_rnn_does_not():
    """Not adding from any start; from PyTorch's own start, hardly anything."""
    for start in memory.STARTS:
        assert ROWS["adding", "rnn", start].solved == 0
    for task in memory.SETUPS:
        assert ROWS[task, "rnn", "default"].solved <= 1
    assert ROWS["marked echo", "rnn", "advised"].solved < 5


def test_a_row_comes_out_again():
    """One of the trainings of the table, done anew: what it claims holds on this machine too."""
    row = ROWS["agreement", "gru", "advised"]
    threads = torch.get_num_threads()
    try:
        result = memory.train(memory.Run(*row[:3], row.learning_rate, memory.SEEDS[0]))
    finally:
        torch.set_num_threads(threads)
    assert (result.hidden_size, result.n_parameters) == (row.hidden_size, row.parameters)
    assert memory.SETUPS[row.task].is_solved(result.score)


def test_the_summary_of_results():
    run = memory.Run("agreement", "gru", "default", 0.01, 0)
    results = [memory.Result(29, 4062, score, 1.5) for score in (0.5, 1.0, 0.995, 0.75, 0.99)]
    ((row, seconds),) = memory.summaries((run, result) for result in results)
    assert row[:7] == ("agreement", "gru", "default", 29, 4062, 0.01, 2)
    assert (row.lowest, row.median, row.highest) == (0.5, 0.99, 1.0)
    assert seconds == 7.5
    assert "solved 2 of 5" in memory.line(row, seconds)


def test_every_place_has_a_learning_rate():
    assert list(memory.LEARNING_RATES) == list(itertools.product(memory.SETUPS, models.CELLS))
    used = {rate for pair in memory.LEARNING_RATES.values() for rate in pair}
    assert used <= set(memory.RATES)
    for (task, cell), pair in memory.LEARNING_RATES.items():
        for start, rate in zip(memory.STARTS, pair, strict=True):
            assert ROWS[task, cell, start].learning_rate == rate
    assert not set(memory.SEEDS) & set(memory.TUNING_SEEDS)


# ------------------------------------------------------------------------------- which gate can go

ABLATION = load_ablation_results()
PARTS = {(row.task, row.variant): row for row in ABLATION}


def test_every_task_and_variant_has_its_row():
    assert list(PARTS) == list(itertools.product(ablation.SETUPS, VARIANTS))
    assert len(ABLATION) == len(PARTS)


@pytest.mark.parametrize("row", ABLATION, ids=lambda row: f"{row.task}-{row.variant}")
def test_a_row_of_the_ablation_is_possible(row):
    setup = ablation.SETUPS[row.task]
    assert row.networks == ablation_bench.NETWORKS
    assert 0 <= row.lowest <= row.median <= row.highest <= 1
    assert (row.measure, row.chance) == (setup.measure, round(setup.chance, 4))
    assert abs(row.parameters - ablation.N_PARAMETERS) <= 25
    worst, best = sorted((row.lowest, row.highest), key=setup.is_solved)
    assert setup.is_solved(best) == (row.solved > 0)
    assert setup.is_solved(worst) == (row.solved == row.networks)
    assert setup.is_solved(row.median) == (row.solved >= 3)


def test_what_the_chapter_says_about_the_gates():
    def median(variant, task="last marked"):
        return PARTS[task, variant].median

    assert median("no forget gate") > 10 * median("LSTM")
    assert max(median("no reset gate"), median("no update gate")) < 4 * median("GRU")
    assert median("plain RNN") > 10 * median("GRU")
    for variant in VARIANTS:
        assert median(variant, "parity") > 0.99
    for variant in ("coupled gates", "GRU", "reset before", "minimal gated unit"):
        assert PARTS["counting", variant].highest < 0.3
    for variant in ("LSTM", "peepholes", "no input gate", "no forget gate"):
        assert median(variant, "counting") >= 0.6


def test_a_row_of_the_ablation_comes_out_again():
    """On this machine, too; the numbers themselves differ between processors."""
    threads = torch.get_num_threads()
    try:
        row, _ = ablation_bench.measure(("parity", "coupled gates"))
    finally:
        torch.set_num_threads(threads)
    assert row[:4] == PARTS["parity", "coupled gates"][:4]
    assert row.median > 0.99
    assert "solved" in ablation_bench.line(row, 1.0)


# ------------------------------------------------------------------------------------- docstrings


def refuses(*parts, error=ValueError):
    """An error with these parts in its text, in this order."""
    return pytest.raises(error, match="(?s)" + ".*".join(map(re.escape, parts)))


def test_importing_loads_none_of_the_packages_that_bring_data():
    code = "import sys, rnn_utils.datasets; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"gensim", "babel", "sklearn", "pooch", "requests", "scipy", "tqdm"}
    assert not heavy & set(answer.stdout.split())


# ------------------------------------------------------------------------- counted by astronomers


def test_sunspots_are_whole():
    years, numbers = load_sunspots()
    assert years.tolist() == list(range(1700, 2009))
    assert numbers.shape == years.shape
    assert (years.dtype, numbers.dtype) == (np.int64, np.float64)
    assert numbers.mean() == pytest.approx(49.752104, abs=1e-6)  # of statsmodels' table
    assert numbers.std(ddof=1) == pytest.approx(40.452595, abs=1e-6)


def test_sunspots_that_history_tells_of():
    years, numbers = load_sunspots()
    assert years[numbers == 0].tolist() == [1711, 1712, 1810]
    assert numbers.max() == numbers[years == 1957] == 190.2  # the highest maximum on record
    assert (numbers >= 0).all()
    spectrum = np.abs(np.fft.rfft(numbers - numbers.mean()))
    assert 10 < len(numbers) / spectrum.argmax() < 12  # years in a cycle


# ------------------------------------------------------------------- real text that gensim brings


def test_lee_is_what_gensim_has():
    with open(datapath("lee_background.cor"), encoding="iso-8859-1") as file:
        lines = [line.rstrip("\n") for line in file]
    articles = load_lee()
    assert articles == lines
    assert len(articles) == 300
    assert all(len(article) > 100 for article in articles)


def test_lee_is_found_without_importing_gensim():
    code = "import sys; from rnn_utils.datasets import load_lee; load_lee()"
    code += "; assert 'gensim' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def random_vectors(words):
    """The same random vectors for gensim and for this package."""
    vectors = np.random.default_rng(0).normal(size=(len(words), 8)).astype(np.float32)
    theirs = KeyedVectors(vector_size=8)
    theirs.add_vectors(words, vectors)
    return WordVectors(words, vectors), theirs


def test_wordsim353_as_a_list_and_as_a_file():
    """Evaluated from the file by this package and by gensim, and from the list by SciPy."""
    pairs = load_wordsim353()
    assert len(pairs) == 353
    assert pairs[0] == ("love", "sex", 6.77)
    assert all(0 <= pair.score <= 10 for pair in pairs)
    words = sorted({word for pair in pairs for word in pair[:2]})
    ours, theirs = random_vectors(words)
    measured = ours.evaluate_word_pairs(wordsim353_path())
    expected = theirs.evaluate_word_pairs(str(wordsim353_path()))
    np.testing.assert_allclose(measured[0], expected[0], rtol=1e-5)
    assert measured[2] == expected[2] == 0  # no pair has an unknown word
    cosines = [theirs.similarity(pair.word1, pair.word2) for pair in pairs]
    r = scipy.stats.pearsonr(cosines, [pair.score for pair in pairs])
    np.testing.assert_allclose(measured[0], tuple(r), rtol=1e-5)


def test_analogies_as_lists_and_as_a_file():
    sections = load_analogies()
    assert len(sections) == 14
    assert sum(map(len, sections.values())) == 19_544
    assert sections["family"][0] == ("boy", "girl", "brother", "sister")
    assert {len(q) for questions in sections.values() for q in questions} == {4}
    words = sorted({w for name in ("family", "currency") for q in sections[name] for w in q})
    ours, theirs = random_vectors(words)
    score, found = ours.evaluate_word_analogies(analogies_path())
    expected_score, expected = theirs.evaluate_word_analogies(str(analogies_path()))
    assert score == expected_score
    assert [part["section"] for part in found] == [*sections, "Total accuracy"]
    for mine, other in zip(found, expected, strict=True):
        assert sorted(mine["correct"]) == sorted(other["correct"])
        assert sorted(mine["incorrect"]) == sorted(other["incorrect"])
    family = next(part for part in found if part["section"] == "family")
    asked = {tuple(w.upper() for w in question) for question in sections["family"]}
    assert {*family["correct"], *family["incorrect"]} == asked


@pytest.mark.parametrize("load", [load_lee, load_wordsim353, load_analogies])
def test_without_gensim(monkeypatch, load):
    monkeypatch.setitem(sys.modules, "gensim", None)
    with refuses("need gensim", "pip install gensim", error=ImportError):
        load()


def test_gensim_without_its_test_data(monkeypatch, tmp_path):
    module = types.ModuleType("gensim")
    module.__spec__ = importlib.machinery.ModuleSpec("gensim", None, is_package=True)
    module.__spec__.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "gensim", module)
    with refuses("lee_background.cor", str(tmp_path), "pip install", error=FileNotFoundError):
        load_lee()


# ------------------------------------------------------- names and dates in hundreds of languages


def test_place_names():
    english, german = load_place_names(), load_place_names("de")
    assert {"Germany", "Japan", "New Zealand", "Kosovo", "Hong Kong SAR China"} <= {*english}
    assert {"Deutschland", "Japan", "Neuseeland", "Kosovo"} <= {*german}
    assert "日本" in load_place_names("zh_Hant")
    nowhere = {"Eurozone", "European Union", "United Nations", "world", "Unknown Region"}
    nowhere |= {"Outlying Oceania", "Pseudo-Accents", "Pseudo-Bidi", "Europe", "Latin America"}
    assert not nowhere & {*english}
    assert 250 <= len(english) <= 265


def test_places_have_the_same_code_in_every_language():
    english, german = load_places(), load_places("de")
    assert (english["DE"], german["DE"]) == ("Germany", "Deutschland")
    assert len(english.keys() ^ german.keys()) <= 3  # a new place has not got its name everywhere
    assert list(english) == sorted(english)
    assert sorted(set(english.values())) == load_place_names()


def test_language_names():
    english, french = load_language_names(), load_language_names("fr")
    assert {"English", "French", "Quechua", "Esperanto"} <= {*english}
    assert {"anglais", "français", "quechua", "espéranto"} <= {*french}
    assert not {"British English", "Swiss High German", "Unknown language"} & {*english}
    assert not {"Multiple languages", "No linguistic content"} & {*english}
    assert len(english) > 600


LOCALES = st.sampled_from(sorted(localedata.locale_identifiers()))


@given(LOCALES)
@settings(max_examples=40)
def test_names_in_every_locale_are_sorted_and_different(locale):
    for names in (load_place_names(locale), load_language_names(locale)):
        assert names == sorted(set(names))
        assert all(isinstance(name, str) and name for name in names)


@given(LOCALES, st.integers(0, 2**40))
@settings(max_examples=40)
def test_dates_in_every_locale_tell_the_year(locale, seed):
    for text, iso, name in load_dates(8, [locale], seed):
        assert name == locale
        assert iso[:4] in text
        assert date(1900, 1, 1) <= date.fromisoformat(iso) <= date(2099, 12, 31)


FORMATS = {
    "en": ["%m/%d/%Y", "%b %d, %Y", "%B %d, %Y", "%A, %B %d, %Y"],
    "en_GB": ["%d/%m/%Y", "%d %b %Y", "%d %B %Y", "%A, %d %B %Y", "%A %d %B %Y"],
}


def test_english_dates_read_back():
    """The standard library reads what Babel wrote, every format comes, and every century half."""
    used, dates = set(), load_dates(1000, ["en", "en_GB"], seed=3)
    for text, iso, locale in dates:
        text = text.replace("Sept", "Sep") if "September" not in text else text
        for form in FORMATS[locale]:
            with contextlib.suppress(ValueError):
                assert datetime.strptime(text, form).date().isoformat() == iso
                used.add((locale, form))
                break
        else:
            pytest.fail(f"{text!r} is in no known format")
    assert {form for locale, form in used if locale == "en"} == {*FORMATS["en"]}
    assert not any(text.startswith("0") for text, _, locale in dates if locale == "en")
    years = [int(pair.iso[:4]) for pair in dates]
    assert min(years) < 1910
    assert max(years) > 2090
    counts = Counter(pair.locale for pair in dates)
    assert min(counts.values()) > 400


def test_dates_are_drawn_by_the_seed():
    assert load_dates(20, ("en", "ja"), seed=1) == load_dates(20, ["en", "ja"], seed=1)
    assert load_dates(20, seed=1) != load_dates(20, seed=2)
    assert load_dates(5, "fr") == load_dates(5, ["fr"])
    assert load_dates(0) == []


@pytest.mark.parametrize("locale", ["xx", "en-GB", "", None, 3, "../en", "de_DE_XX_YY"])
def test_unknown_locales(locale):
    for load in (load_place_names, load_language_names, lambda name: load_dates(0, ["en", name])):
        with refuses("locale must be one that Babel knows", f"got {locale!r}"):
            load(locale)


def test_date_arguments():
    with refuses("locales must be one locale or more, got none"):
        load_dates(3, [])
    with refuses("n must be an integer >= 0, got -1"):
        load_dates(-1)
    with refuses("seed must be an integer >= 0, got 1.5"):
        load_dates(1, seed=1.5)


def test_without_babel(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel.core", None)
    with refuses("need babel", "pip install babel", error=ImportError):
        load_place_names()


# -------------------------------------------------------------- pictures that scikit-learn brings


def test_digits_are_the_table_that_scikit_learn_has():
    packed = files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",")
    images, labels = load_digits()
    assert (images.shape, images.dtype) == ((1797, 8, 8), np.float64)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    np.testing.assert_array_equal(images.reshape(1797, 64), table[:, :64])
    np.testing.assert_array_equal(labels, table[:, 64])
    assert (images.min(), images.max()) == (0, 16)


def test_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with refuses("need scikit-learn", "pip install scikit-learn", error=ImportError):
        load_digits()


# ------------------------------------------------------------------------- made by a small grammar


VALUES = [value for features in KINGDOM_FEATURES.values() for value in features.values()]


def test_the_grammar_is_whole():
    meanings = [frozenset(features.items()) for features in KINGDOM_FEATURES.values()]
    assert len(set(meanings)) == len(meanings), "no two words mean the same"
    assert {*VALUES} == {*KINGDOM_PHRASES}
    feature_of = {}
    for features in KINGDOM_FEATURES.values():
        for feature, value in features.items():
            assert feature_of.setdefault(value, feature) == feature
    for phrases in KINGDOM_PHRASES.values():
        for phrase in phrases:
            words = phrase.split()
            assert words.count("{}") == 1
            assert not {*words} & {*KINGDOM_FEATURES}, "the company has no meaning of its own"


def readings(sentence):
    """All (word, value) from which the grammar can have made a sentence."""
    for word in {*sentence} & {*KINGDOM_FEATURES}:
        for value in KINGDOM_FEATURES[word].values():
            if any(p.format(word).split() == sentence for p in KINGDOM_PHRASES[value]):
                yield word, value


def test_each_sentence_shows_one_feature_of_one_word_and_all_come_equally_often():
    sentences = load_kingdom(20_000, seed=7)
    counts, phrases = Counter(), Counter()
    for sentence in sentences:
        (reading,) = readings(sentence)
        counts[reading] += 1
        if reading[1] == "royal":
            phrases["crown" in sentence] += 1
    places = [(w, v) for w, features in KINGDOM_FEATURES.items() for v in features.values()]
    expected = [
        len(sentences) / len(KINGDOM_FEATURES) / len(KINGDOM_FEATURES[w]) for w, _ in places
    ]
    assert scipy.stats.chisquare([counts[place] for place in places], expected).pvalue > 0.001
    assert scipy.stats.binomtest(phrases[True], phrases.total()).pvalue > 0.001


def test_the_sentences_are_small_and_come_again():
    sentences = load_kingdom()
    assert len(sentences) == 10_000
    assert {len(sentence) for sentence in sentences} == {4, 5, 6}
    counts = Counter(word for sentence in sentences for word in sentence)
    assert len(counts) == 81
    assert min(counts.values()) > 100
    assert load_kingdom(50) == sentences[:50]
    assert load_kingdom(50, seed=1) != sentences[:50]


@pytest.mark.parametrize("n", [0, -1, 2.5, "3", True])
def test_kingdom_arguments(n):
    with refuses("n_sentences must be an integer >= 1", f"got {n!r}"):
        load_kingdom(n)
    with refuses("seed must be an integer >= 0, got -1"):
        load_kingdom(3, seed=-1)


def company(word):
    """The words that the grammar puts around a word, each with its expected share."""
    shares = Counter()
    values = KINGDOM_FEATURES[word].values()
    for value in values:
        for phrase in KINGDOM_PHRASES[value]:
            for neighbor in phrase.replace("{}", "").split():
                shares[neighbor] += Fraction(1, len(values) * len(KINGDOM_PHRASES[value]))
    return shares


def test_the_analogies_hold_exactly_for_the_company_of_the_words():
    """What the docstring promises: the company of a, b, c gives that of d."""
    companies = {word: company(word) for word in KINGDOM_FEATURES}
    questions = [q for section in kingdom_analogies().values() for q in section]
    for a, b, c, d in questions:
        difference = Counter(companies[b])
        difference.update(companies[c])
        difference.subtract(companies[a])
        difference.subtract(companies[d])
        assert not any(difference.values()), (a, b, c, d)


def test_the_analogies_are_all_that_there_are():
    sections = kingdom_analogies()
    sizes = {"gender": 112, "age": 112, "group": 144, "kind": 24, "language": 24}
    sizes |= {"number": 12, "color": 12}
    assert {name: len(questions) for name, questions in sections.items()} == sizes
    for feature, questions in sections.items():
        assert len({*questions}) == len(questions)
        for question in questions:
            assert len({*question}) == 4
            a, b, c, d = (dict(KINGDOM_FEATURES[word]) for word in question)
            assert (a[feature], b[feature]) == (c.pop(feature), d.pop(feature))
            assert a.pop(feature) != b.pop(feature)
            assert (a, c) == (b, d)  # all else is the same


def test_word2vec_learns_the_analogies():
    model = Word2Vec(
        load_kingdom(),
        sg=1,
        negative=5,
        vector_size=16,
        window=4,
        sample=0,
        epochs=10,
        min_count=1,
        seed=1,
        workers=1,
    )
    vectors = model.wv.get_normed_vectors()
    index = model.wv.key_to_index
    questions = [q for section in kingdom_analogies().values() for q in section]
    a, b, c, d = np.array([[index[word] for word in q] for q in questions]).T
    cosines = (vectors[b] - vectors[a] + vectors[c]) @ vectors.T
    with_question_words = (cosines.argmax(axis=1) == d).mean()
    for asked in (a, b, c):
        cosines[np.arange(len(questions)), asked] = -np.inf
    assert (cosines.argmax(axis=1) == d).mean() > 0.95
    assert with_question_words > 0.9
    assert model.wv.most_similar(positive=["king", "woman"], negative=["man"])[0][0] == "queen"


# -------------------------------------------------------------------- downloaded when you first ask

GOOD = b"emma\nolivia\nava\n" * 500  # several of the pieces in which a download arrives
NAMES = ["emma", "olivia", "ava"] * 500
PAGE = b"<!DOCTYPE html>\n<title>Welcome to the hotel's network</title>"


def source(data, urls=(), file_name="names.txt"):
    return Source(file_name, len(data), hashlib.sha256(data).hexdigest(), tuple(urls))


def answer(data, *, status=200, length=None):
    """An answer with these bytes; with another length announced, the connection breaks off."""

    def send(request):
        request.send_response(status)
        request.send_header("Content-Length", str(length or len(data)))
        request.end_headers()
        request.wfile.write(data)

    return send


ANSWERS = {
    "good": answer(GOOD),
    "wrong": answer(GOOD.replace(b"emma", b"anna")),
    "half": answer(GOOD[: len(GOOD) // 2]),
    "cut": answer(GOOD[: len(GOOD) // 2], length=len(GOOD)),
    "cut at once": lambda request: None,
    "page": answer(PAGE),
    "missing": answer(b"Not here", status=404),
    "empty": answer(b""),
}

FAULTS = {
    "wrong": ["got 8000 bytes, with SHA-256", "expected 8000 with"],
    "half": ["got 4000 bytes, with SHA-256", "expected 8000 with"],
    "cut": ["the connection failed after", "of 8000 bytes"],
    "cut at once": ["the connection failed after 0 of 8000 bytes"],
    "page": [f"got {len(PAGE)} bytes, which are an HTML page"],
    "missing": ["the server answered 404 Not Found"],
    "empty": ["got 0 bytes"],
}


@pytest.fixture
def server(monkeypatch):
    """A server on this computer that answers an address /name as ANSWERS says."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name = unquote(self.path[1:])
            asked.append(name)
            running.answers[name](self)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked, running.answers = asked, dict(ANSWERS)
        running.url = lambda name: f"http://127.0.0.1:{running.server_port}/{quote(name)}"
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache folder that does not exist yet."""
    folder = tmp_path / "cache" / "rnn_utils"
    monkeypatch.setenv("RNN_UTILS_DATA", str(folder))
    return folder


@pytest.fixture
def names_at(monkeypatch, server, cache):
    """Let `load_names` look at the given addresses of the server, and expect GOOD there."""

    def names_at(*names):
        urls = [name if "://" in name else server.url(name) for name in names]
        monkeypatch.setitem(datasets.SOURCES, "names", source(GOOD, urls))
        return urls

    return names_at


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*")} if folder.exists() else {}


def test_a_file_is_downloaded_once(names_at, server, cache):
    names_at("good")
    assert load_names() == NAMES
    assert contents(cache) == {"names.txt": GOOD}
    assert load_names() == NAMES
    assert server.asked == ["good"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_arrives_broken_is_not_kept(names_at, cache, fault):
    (url,) = names_at(fault)
    place = str(cache / "names.txt")
    with refuses(
        "names.txt could not be downloaded", url, *FAULTS[fault], "put it at", place, error=OSError
    ) as caught:
        load_names()
    assert contents(cache) == {}
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_address_is_asked(names_at, server, cache, fault):
    names_at(fault, "good", "missing")
    assert load_names() == NAMES
    assert contents(cache) == {"names.txt": GOOD}
    assert server.asked == [fault, "good"]


def test_every_address_is_in_the_error(names_at):
    urls = names_at("missing", "page", "cut")
    with refuses(*urls, error=OSError):
        load_names()


def test_without_a_network(names_at, cache):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/names.txt"
    names_at(url)
    parts = [url, "the connection failed after 0 of 8000 bytes", "put it at", str(cache)]
    with refuses(*parts, error=OSError):
        load_names()
    assert contents(cache) == {}


def test_a_good_file_is_not_asked_for_and_not_touched(names_at, server, cache):
    names_at("page")
    cache.mkdir(parents=True)
    path = cache / "names.txt"
    path.write_bytes(GOOD)
    os.utime(path, ns=(1, 1))
    assert load_names() == NAMES
    assert server.asked == []
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (GOOD, 1)


@pytest.mark.parametrize("damaged", [GOOD[:-1], b"", PAGE, GOOD.replace(b"emma", b"anna")])
def test_a_damaged_file_is_downloaded_anew(names_at, cache, damaged):
    cache.mkdir(parents=True)
    (cache / "names.txt").write_bytes(damaged)
    names_at("good")
    assert load_names() == NAMES
    assert contents(cache) == {"names.txt": GOOD}


def test_a_damaged_file_that_cannot_be_replaced_is_told_and_not_used(names_at, cache):
    cache.mkdir(parents=True)
    path = cache / "names.txt"
    path.write_bytes(GOOD[:100])
    names_at("cut")
    parts = [f"{path} is damaged: got 100 bytes", "expected 8000", "could not be downloaded"]
    with refuses(*parts, error=OSError):
        load_names()
    assert contents(cache) == {"names.txt": GOOD[:100]}


def test_a_cache_folder_that_is_a_file(monkeypatch, names_at, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RNN_UTILS_DATA", str(tmp_path / "file"))
    names_at("good")
    parts = ["names.txt was downloaded but could not be kept in", "file", "RNN_UTILS_DATA"]
    with refuses(*parts, error=OSError):
        load_names()
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_in_the_place_of_the_file(names_at, cache):
    (cache / "names.txt").mkdir(parents=True)
    names_at("good")
    with refuses("could not be kept", error=OSError):
        load_names()
    assert [path.name for path in cache.iterdir()] == ["names.txt"]


@pytest.mark.parametrize("step", ["mkdir", "write_bytes", "replace"])
def test_a_cache_folder_that_cannot_be_written_to(monkeypatch, names_at, cache, step):
    """As a superuser may write anywhere, the refusal is made up."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    names_at("good")
    monkeypatch.setattr(os if step == "replace" else Path, step, refuse)
    parts = ["could not be kept in", str(cache), "Permission denied", "RNN_UTILS_DATA"]
    with refuses(*parts, error=OSError):
        load_names()
    assert contents(cache) == {}


def test_a_disk_that_fills_up_leaves_nothing(monkeypatch, names_at, cache):
    write = Path.write_bytes

    def write_half(path, data):
        write(path, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    cache.mkdir(parents=True)
    (cache / "names.txt").write_bytes(b"damaged")
    names_at("good")
    monkeypatch.setattr(Path, "write_bytes", write_half)
    with refuses("could not be kept", "No space left on device", error=OSError):
        load_names()
    assert contents(cache) == {"names.txt": b"damaged"}


def test_the_file_appears_all_at_once(monkeypatch, names_at, cache):
    """Until it is whole, it stands beside, under a name of its own."""
    replace, seen = os.replace, []

    def look(beside, path):
        assert f".{os.getpid()}-" in Path(beside).name
        seen.append((Path(beside).read_bytes(), Path(path).read_bytes(), Path(beside).parent))
        replace(beside, path)

    cache.mkdir(parents=True)
    (cache / "names.txt").write_bytes(b"damaged")
    names_at("good")
    monkeypatch.setattr(os, "replace", look)
    load_names()
    assert seen == [(GOOD, b"damaged", cache)]
    assert contents(cache) == {"names.txt": GOOD}


def test_another_process_was_faster(monkeypatch, names_at, cache):
    """Windows refuses to replace a file that is being read."""

    def refuse(_, path):
        Path(path).write_bytes(GOOD)
        raise PermissionError(13, "Permission denied")

    names_at("good")
    monkeypatch.setattr(os, "replace", refuse)
    assert load_names() == NAMES
    assert contents(cache) == {"names.txt": GOOD}


def test_two_processes_at_once(names_at, server, cache):
    """Both have asked before either is answered."""
    both = threading.Barrier(2, timeout=60)

    def together(request):
        both.wait()
        ANSWERS["good"](request)

    server.answers["together"] = together
    names_at("together")
    code = (
        "from rnn_utils import datasets\n"
        f"datasets.SOURCES['names'] = datasets.Source(*{tuple(datasets.SOURCES['names'])!r})\n"
        "print(len(datasets.load_names()))"
    )
    command = [sys.executable, "-c", code]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as first, subprocess.Popen(command, **pipes) as second:
        answers = [process.communicate(timeout=120) for process in (first, second)]
    assert answers == [("1500\n", "")] * 2  # no progress bar either: nobody watches
    assert server.asked == ["together"] * 2
    assert contents(cache) == {"names.txt": GOOD}


@pytest.mark.parametrize("watched", [True, False])
def test_a_progress_bar_for_who_watches(monkeypatch, names_at, capsys, watched):
    monkeypatch.setattr(datasets.downloads, "shows_bar", lambda progress: watched)
    names_at("good")
    load_names()
    assert ("8.00k" in capsys.readouterr().err) == watched


def test_without_pooch(monkeypatch, names_at, cache):
    names_at("good")
    monkeypatch.setitem(sys.modules, "pooch", None)
    with refuses("need pooch", "pip install pooch", error=ImportError):
        load_names()
    cache.mkdir(parents=True)
    (cache / "names.txt").write_bytes(GOOD)
    assert load_names() == NAMES  # a file that is there needs nothing
    monkeypatch.delenv("RNN_UTILS_DATA")
    with refuses("need pooch", error=ImportError):
        cache_dir()


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("RNN_UTILS_DATA", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.setenv("RNN_UTILS_DATA", os.path.join("~", "data"))
    assert cache_dir() == Path.home() / "data"
    for unset in (lambda: monkeypatch.setenv("RNN_UTILS_DATA", ""), monkeypatch.undo):
        unset()
        monkeypatch.delenv("RNN_UTILS_DATA", raising=False)
        assert cache_dir() == Path(pooch.os_cache("rnn_utils"))


def test_the_sources():
    for each in datasets.SOURCES.values():
        assert re.fullmatch("[0-9a-f]{64}", each.sha256)
        assert re.fullmatch(r"[\w.-]+", each.file_name)
        assert len(each.urls) == len({*each.urls}) >= 2
        assert all(url.startswith("https://") for url in each.urls)
    assert len({each.file_name for each in datasets.SOURCES.values()}) == len(datasets.SOURCES)


# ----------------------------------------------------------------------- what is read from a file


@pytest.fixture
def cached(monkeypatch, cache):
    """Put a file into the cache folder in the place of a real one."""

    def cached(name, data):
        file_name = datasets.SOURCES[name].file_name
        monkeypatch.setitem(datasets.SOURCES, name, source(data, file_name=file_name))
        cache.mkdir(parents=True, exist_ok=True)
        (cache / file_name).write_bytes(data)

    return cached


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def test_tiny_shakespeare(cached):
    cached("tiny_shakespeare", b"First Citizen:\nSpeak, speak.\n\nAll:\r\n")
    assert load_tiny_shakespeare() == "First Citizen:\nSpeak, speak.\n\nAll:\r\n"


def test_the_time_machine_starts_and_ends_with_the_novel(cached):
    text = b"""The Project Gutenberg EBook\n\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n
The Time Machine\n\n  I\n\nEnd of story.\n\n\nEnd of Project Gutenberg's The Time Machine\n
*** END OF THIS PROJECT GUTENBERG EBOOK X ***\n\n*** START: FULL LICENSE ***\n"""
    cached("time_machine", text)
    assert load_time_machine() == "The Time Machine\n\n  I\n\nEnd of story."


def test_names(cached):
    cached("names", b"emma\nolivia\nemma")
    assert load_names() == ["emma", "olivia", "emma"]


def test_sentence_polarity_reads_the_zip_in_memory(cached, cache, tmp_path):
    members = {
        "sentence_polarity/rt-polarity.neg": "too dull . \nno fun\n",
        "sentence_polarity/rt-polarity.pos": "a \u2028déjà vu , but good ! \n",
        "../../escaped.txt": "a path that leads out of the folder",
    }
    cached("sentence_polarity", zipped(members))
    assert load_sentence_polarity() == [
        ("a \u2028déjà vu , but good !", 1),
        ("too dull .", 0),
        ("no fun", 0),
    ]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [
        "sentence_polarity.zip"
    ]


def test_wikigold(cached):
    text = "Ann I-PER\nsaw O\nZürich I-LOC\n\n-DOCSTART- O\n\n\u2028 O\n. O\n\n-DOCSTART- O\n\n"
    cached("wikigold", text.encode())
    assert load_wikigold() == [
        [("Ann", "I-PER"), ("saw", "O"), ("Zürich", "I-LOC")],
        [("\u2028", "O"), (".", "O")],
    ]


def test_french_english(cached):
    text = "Go.\tVa !\nGo.\tBouge\u202f!\nI see.\tAh\u2028je vois.\n"
    cached("french_english", zipped({"fra-eng/fra.txt": text, "fra-eng/_about.txt": "x"}))
    pairs = load_french_english()
    assert pairs == [("Go.", "Va !"), ("Go.", "Bouge\u202f!"), ("I see.", "Ah\u2028je vois.")]
    assert pairs[1].french == "Bouge\u202f!"
