"""Word vectors: gensim's answers and gensim's files, and what debiasing promises."""

import copy
import itertools
import math
import os
import re
import statistics

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors
from gensim.test.utils import datapath
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special, stats

from rnn_utils.embeddings import WordVectors, correlations

PAIRS, QUESTIONS = datapath("wordsim353.tsv"), datapath("questions-words.txt")
PEOPLE = ["she", "he", "nurse", "doctor", "aunt", "uncle", "sea", "stone"]


def random_vectors(words, size=12, dtype=np.float32, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(len(words), size)).astype(dtype)
    return WordVectors(words, vectors)


def in_gensim(wv):
    theirs = KeyedVectors(wv.vector_size, dtype=wv.vectors.dtype)
    theirs.add_vectors(list(wv.words), wv.vectors)
    return theirs


def words_of(path, skip):
    """The words of a file in the order in which they come, without the lines that are none."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if not line.startswith(skip)]
    return list(dict.fromkeys(word for line in lines for word in line if word[0].isalpha()))


@pytest.fixture(scope="module")
def people():
    return random_vectors(PEOPLE, dtype=np.float64, seed=3)


@pytest.fixture(scope="module")
def many():
    return random_vectors([f"w{k}" for k in range(300)], seed=1)


# ------------------------------------------------------------------------------------ the object


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_it_holds(dtype):
    vectors = np.arange(6, dtype=dtype).reshape(3, 2)
    wv = WordVectors(iter(["a", "é", "日本"]), vectors)
    assert wv.words == tuple(wv) == ("a", "é", "日本")
    assert (len(wv), wv.vector_size, wv.vectors.dtype) == (3, 2, dtype)
    assert "é" in wv
    assert "e" not in wv
    assert wv.index("日本") == 2
    np.testing.assert_array_equal(wv["é"], [2, 3])
    np.testing.assert_array_equal(wv[["日本", "a"]], [[4, 5], [0, 1]])
    np.testing.assert_array_equal(wv["a", "a"], [[0, 1], [0, 1]])
    assert wv[[]].shape == (0, 2)
    assert repr(wv) == f"WordVectors(3 words, 2 numbers each, {np.dtype(dtype)})"


def test_vectors_are_a_copy_that_cannot_be_written_to():
    vectors = np.ones((2, 2))
    wv = WordVectors(["a", "b"], vectors)
    vectors[:] = 7
    np.testing.assert_array_equal(wv.vectors, np.ones((2, 2)))
    for part in (wv.vectors, wv["a"]):
        with pytest.raises(ValueError, match="read-only"):
            part[:] = 0
    wv[["a"]][:] = 0  # a copy: yours to change
    np.testing.assert_array_equal(wv["a"], [1, 1])


def test_tensors_are_taken():
    wv = WordVectors(["a", "b"], torch.ones(2, 3))
    assert isinstance(wv.vectors, np.ndarray)
    assert wv.vectors.dtype == np.float32
    with pytest.raises(ValueError, match="vectors must have dtype float32 or float64, got float16"):
        WordVectors(["a", "b"], torch.ones(2, 3, dtype=torch.float16))


@pytest.mark.parametrize(
    "ask",
    [
        lambda wv: wv["tree"],
        lambda wv: wv[["sea", "tree"]],
        lambda wv: wv.index("tree"),
        lambda wv: wv.similarity("sea", "tree"),
        lambda wv: wv.most_similar("tree"),
        lambda wv: wv.most_similar("sea", ["tree"]),
        lambda wv: wv.analogy("sea", "stone", "tree"),
        lambda wv: wv.bias_direction([("she", "tree")]),
        lambda wv: wv.debias([("she", "he")], neutralize=["tree"]),
        lambda wv: wv.debias([("she", "he")], equalize=[("aunt", "tree")]),
        lambda wv: wv.weat(["nurse"], ["tree"], ["she"], ["he"]),
        lambda wv: wv.weat(["nurse"], ["doctor"], ["she", "tree"], ["he"]),
    ],
)
def test_unknown_words_are_named(people, ask):
    with pytest.raises(KeyError, match="'tree' is not one of the 8 words"):
        ask(people)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ab", "words must be a sequence of words, got 'ab'"),
        ([], "words must be one word or more, got none"),
        (["a", 3], "words must be strings, got 3 at 1"),
        (["", "b"], "words must be neither empty nor with whitespace, got '' at 0"),
        (["a", "b c"], "words must be neither empty nor with whitespace, got 'b c' at 1"),
        (["a", "b\n"], "words must be neither empty nor with whitespace, got 'b"),
        (["a", "a"], "words must be different from each other, got 'a' at 1"),
    ],
)
def test_words_are_checked(words, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        WordVectors(words, np.ones((2, 3)))


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((3, 2)), "vectors must have shape (2, D), D >= 1, got (3, 2)"),
        (np.ones(2), "vectors must have shape (2, D), D >= 1, got (2,)"),
        (np.ones((2, 0)), "vectors must have shape (2, D), D >= 1, got (2, 0)"),
        (np.ones((2, 2), dtype=int), "vectors must have dtype float32 or float64, got int64"),
        ([[1, np.nan], [1, 2]], "vectors must be finite numbers"),
        ([[1, 2], [1]], "vectors must be an array of float64 numbers"),
    ],
)
def test_vectors_are_checked(vectors, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        WordVectors(["a", "b"], vectors)


# ------------------------------------------------------------------------------------- neighbors


def same_neighbors(ours, theirs):
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    np.testing.assert_allclose([c for _, c in ours], [c for _, c in theirs], rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("positive", "negative"),
    [("w7", []), ([], "w7"), (["w1", "w2"], []), (["w1", "w2"], ["w3"]), (["w5"], ["w5", "w6"])],
)
@pytest.mark.parametrize("topn", [1, 10, 295, 1000])
def test_neighbors_are_those_of_gensim(many, dtype, positive, negative, topn):
    ours = WordVectors(many.words, many.vectors.astype(dtype))
    same_neighbors(
        ours.most_similar(positive, negative, topn),
        in_gensim(ours).most_similar(positive, negative, topn),
    )


def test_similarity_and_analogy_are_those_of_gensim(many):
    theirs = in_gensim(many)
    for a, b in [("w1", "w2"), ("w3", "w3"), ("w99", "w0")]:
        assert many.similarity(a, b) == pytest.approx(theirs.similarity(a, b), abs=1e-6)
    same_neighbors(
        many.analogy("w1", "w2", "w3"), theirs.most_similar(["w2", "w3"], ["w1"], topn=1)
    )


def test_words_of_the_question_are_kept_if_asked(many):
    kept = many.most_similar(["w1", "w2"], ["w3"], topn=300, exclude=False)
    assert {word for word, _ in kept} == {*many.words}
    left = [(word, c) for word, c in kept if word not in ("w1", "w2", "w3")]
    assert left == many.most_similar(["w1", "w2"], ["w3"], topn=300)
    [(word, cosine)] = many.most_similar("w4", topn=1, exclude=False)
    assert word == "w4"
    assert cosine == pytest.approx(1, abs=1e-6)
    assert many.analogy("w1", "w1", "w4", exclude=False)[0][0] == "w4"


def test_zeros_have_no_neighbors_and_no_nan():
    wv = WordVectors(["zero", "a", "b"], [[0, 0], [1, 0], [3, 4]])
    assert wv.similarity("zero", "a") == wv.similarity("zero", "zero") == 0
    assert wv.most_similar("zero") == [("a", 0.0), ("b", 0.0)]
    assert wv.most_similar("a", "a", exclude=False) == [("zero", 0.0), ("a", 0.0), ("b", 0.0)]
    assert wv.most_similar("a") == [("b", pytest.approx(0.6)), ("zero", 0.0)]


@given(
    arrays(
        np.float32,
        (4, 3),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    )
)
def test_cosines_of_any_finite_vectors(vectors):
    """Neither huge nor tiny numbers overflow, and only zeros have no direction."""
    wv = WordVectors(list("abcd"), vectors)
    for word, vector in zip(wv, vectors, strict=True):
        assert wv.similarity(word, word) == pytest.approx(float(vector.any()), abs=1e-5)
        cosines = [cosine for _, cosine in wv.most_similar(word, exclude=False)]
        assert cosines == sorted(cosines, reverse=True)
        assert all(-1 - 1e-5 <= cosine <= 1 + 1e-5 for cosine in cosines)


@given(st.floats(1e-3, 1e3), st.integers(0, 2**32 - 1))
def test_lengths_do_not_matter(factor, seed):
    wv = random_vectors(PEOPLE, dtype=np.float64, seed=seed)
    longer = WordVectors(PEOPLE, wv.vectors * np.linspace(1, factor, len(PEOPLE))[:, None])
    same_neighbors(longer.most_similar("she", "he"), wv.most_similar("she", "he"))


def test_questions_are_checked(many):
    with pytest.raises(ValueError, match="positive and negative must name at least one word"):
        many.most_similar()
    for topn in (0, -1, 2.0, None):
        with pytest.raises(ValueError, match=f"topn must be an integer >= 1, got {topn}"):
            many.most_similar("w1", topn=topn)


# -------------------------------------------------------------------------------- word similarity


def same_evaluation(ours, theirs, tolerance=1e-6):
    for our, their in zip(ours[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(our, (their[0], their[1]), rtol=1e-4, atol=tolerance)
    assert ours[2] == pytest.approx(theirs[2], abs=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dummy4unknown", [False, True])
@pytest.mark.parametrize("known", [1.0, 0.7])
def test_word_pairs_as_in_gensim(dtype, dummy4unknown, known):
    words = words_of(PAIRS, "#")
    wv = random_vectors(words[: int(known * len(words))], dtype=dtype, seed=5)
    ours = wv.evaluate_word_pairs(PAIRS, dummy4unknown=dummy4unknown)
    same_evaluation(ours, in_gensim(wv).evaluate_word_pairs(PAIRS, dummy4unknown=dummy4unknown))
    assert (ours[2] > 0) == (known < 1)


@pytest.mark.parametrize("case_insensitive", [False, True])
@pytest.mark.parametrize("restrict_vocab", [5, 300_000])
def test_odd_lines_and_spellings_as_in_gensim(tmp_path, case_insensitive, restrict_vocab):
    path = tmp_path / "pairs.csv"
    path.write_text(
        "# a comment, b, 3\n\nsea;lake;9\nSea;stone;1\nonly two;words\nsea;stone;high\n"
        "a;b;c;d\nsea; lake;4\nSTRASSE;stone;2\nlake;stone;2.5\nlake;pen;0.5\nsea;sea;10",
        encoding="utf-8",
    )
    wv = random_vectors(["sea", "lake", "Sea", "stone", "straße", "pen"], seed=8)
    options = {"case_insensitive": case_insensitive, "restrict_vocab": restrict_vocab}
    same_evaluation(
        wv.evaluate_word_pairs(path, ";", **options),
        in_gensim(wv).evaluate_word_pairs(path, ";", **options),
    )


@pytest.mark.parametrize("n", [3, 4, 10, 353, 100_000])
@pytest.mark.parametrize("pull", [0, 0.02, 1, -1])
def test_correlations_are_those_of_scipy(n, pull):
    rng = np.random.default_rng(n)
    x = rng.integers(0, max(4, n // 3), n).astype(float)  # with ties
    y = pull * x / x.std() + rng.normal(size=n)
    ranks = correlations.ranks(x)
    np.testing.assert_array_equal(ranks, stats.rankdata(x))
    np.testing.assert_allclose(correlations.correlation(x, y), stats.pearsonr(x, y), rtol=1e-8)
    np.testing.assert_allclose(
        correlations.correlation(ranks, correlations.ranks(y)), stats.spearmanr(x, y), rtol=1e-8
    )


@given(st.floats(0, 1 - 1e-9), st.integers(1, 5000))
def test_the_incomplete_beta_function_is_that_of_scipy(x, twice_a):
    """Up to 1 - 1e-9: closer to 1 SciPy is off in the ninth digit, see the next test."""
    ours = correlations.incomplete_beta(x, twice_a / 2, 0.5)
    assert ours == pytest.approx(special.betainc(twice_a / 2, 0.5, x), rel=1e-9, abs=1e-14)


@given(st.floats(0, 1))
def test_the_incomplete_beta_function_where_it_is_an_angle(x):
    angle = 2 / np.pi * np.arctan2(np.sqrt(x), np.sqrt(1 - x))
    assert correlations.incomplete_beta(x, 0.5, 0.5) == pytest.approx(angle, rel=1e-12)


def test_correlations_at_the_edge():
    one_two, two_one = np.array([1.0, 2.0]), np.array([2.0, 1.0])
    assert correlations.correlation(one_two, two_one) == (pytest.approx(-1), 1.0)
    assert np.isnan(correlations.correlation(np.ones(5), np.arange(5.0))).all()
    r, p = correlations.correlation(np.arange(4.0), np.arange(4.0))
    assert r == pytest.approx(1)
    assert p == pytest.approx(0, abs=1e-12)


def test_word_pairs_are_checked(people, tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("she\the\t3\nshe\ttree\t5\n", encoding="utf-8")
    with pytest.raises(ValueError, match="must hold at least two pairs of known words, got 1"):
        people.evaluate_word_pairs(path)
    with pytest.raises(ValueError, match="delimiter must be a string, not empty, got ''"):
        people.evaluate_word_pairs(path, "")
    with pytest.raises(ValueError, match="restrict_vocab must be an integer >= 1, got 0"):
        people.evaluate_word_pairs(path, restrict_vocab=0)
    with pytest.raises(FileNotFoundError):
        people.evaluate_word_pairs(tmp_path / "none")


# -------------------------------------------------------------------------------------- analogies


@pytest.fixture(scope="module")
def structured():
    """Words of the questions with vectors in which some of the analogies hold."""
    rng = np.random.default_rng(4)
    words = words_of(QUESTIONS, ":")[:-100]
    vectors = dict(zip(words, rng.normal(size=(len(words), 30)), strict=True))
    shifts = {}
    with open(QUESTIONS, encoding="utf-8") as file:
        for line in file:
            if line.startswith(":"):
                name = line
                shifts[name] = rng.normal(size=30)
            elif {*line.split()[:2]} <= vectors.keys():
                a, b = line.split()[:2]
                vectors[b] = vectors[a] + shifts[name] + 0.8 * rng.normal(size=30)
    return WordVectors(words, np.array([*vectors.values()], dtype=np.float32))


def short_file(path, step):
    """Every so many lines of the questions, since gensim takes them one by one."""
    with open(QUESTIONS, encoding="utf-8") as file:
        lines = [line for k, line in enumerate(file) if line[0] == ":" or k % step == 0]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("options", [{}, {"restrict_vocab": 500}, {"case_insensitive": False}])
def test_analogies_as_in_gensim(structured, tmp_path, options):
    path = short_file(tmp_path / "questions.txt", 9)
    score, sections = structured.evaluate_word_analogies(path, **options)
    expected, theirs = in_gensim(structured).evaluate_word_analogies(str(path), **options)
    assert score == expected
    assert sections == theirs
    assert 0.1 < score < 0.9  # both answers are tested


def test_all_questions_and_their_sections(structured):
    score, sections = structured.evaluate_word_analogies(QUESTIONS)
    assert len(sections) == 15
    assert [section["section"] for section in sections][::7] == [
        "capital-common-countries",
        "gram3-comparative",
        "Total accuracy",
    ]
    total = sections[-1]
    assert len(total["correct"]) + len(total["incorrect"]) > 15_000
    assert score == len(total["correct"]) / (len(total["correct"]) + len(total["incorrect"]))


def test_odd_questions_as_in_gensim(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text(
        ": odd: ones\nking queen man woman\nking queen man man\nking queen\n\nKing QUEEN x y\n"
        "straße queen STRASSE man\n:no section\n: empty\n: again\nman woman king queen\n",
        encoding="utf-8",
    )
    words = ["king", "Queen", "KING", "man", "queen", "woman", "straße", "Woman", "pen", "Man"]
    for seed in range(20):
        wv = random_vectors(words, 2, seed=seed)
        for options in ({}, {"case_insensitive": False}, {"restrict_vocab": 8}):
            ours = wv.evaluate_word_analogies(path, **options)
            assert ours == in_gensim(wv).evaluate_word_analogies(path, **options)


def test_analogies_in_many_steps_are_the_same(structured, tmp_path, monkeypatch):
    path = short_file(tmp_path / "questions.txt", 40)
    at_once = structured.evaluate_word_analogies(path)
    one_by_one = copy.copy(structured)
    monkeypatch.setattr(
        one_by_one,
        "_answers_are_right",
        lambda q, same: np.concatenate(
            [WordVectors._answers_are_right(structured, row[None], same) for row in q]
        ),
    )
    assert one_by_one.evaluate_word_analogies(path) == at_once


def test_nothing_known_and_nothing_left(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text(": s\nking queen man woman\n", encoding="utf-8")
    empty = {"correct": [], "incorrect": []}
    sections = [{"section": "s", **empty}, {"section": "Total accuracy", **empty}]
    assert random_vectors(["a"]).evaluate_word_analogies(path) == (0, sections)
    path.write_text(": s\nking queen man king\n", encoding="utf-8")  # no word is left to answer
    assert random_vectors(["king", "queen", "man"]).evaluate_word_analogies(path)[0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must hold at least one line of four words, got none"),
        (": s\na b c\n", "must hold at least one line of four words, got none"),
        ("a b c d\n", "line 1: expected the first section, a line ': name', got 'a b c d'"),
    ],
)
def test_files_of_analogies_are_checked(people, tmp_path, text, message):
    path = tmp_path / "questions.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        people.evaluate_word_analogies(path)


# ------------------------------------------------------------------------------------------ files

FOREIGN = ["straße", "naïve", "日本語", "Ω", "🙂", "a", "don't", "#", "0.5"]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gensim_reads_and_writes_the_same_files(tmp_path, binary, dtype):
    wv = random_vectors(FOREIGN, 7, dtype)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    wv.save_word2vec_format(ours, binary=binary)
    in_gensim(wv).save_word2vec_format(str(theirs), binary=binary)
    assert ours.read_bytes() == theirs.read_bytes()
    loaded = WordVectors.load_word2vec_format(theirs, binary=binary)
    in_theirs = KeyedVectors.load_word2vec_format(str(ours), binary=binary)
    assert loaded.words == wv.words == tuple(in_theirs.index_to_key)
    assert loaded.vectors.dtype == np.float32
    np.testing.assert_array_equal(loaded.vectors, wv.vectors.astype(np.float32))
    np.testing.assert_array_equal(loaded.vectors, in_theirs.vectors)


def test_a_file_without_a_first_line_is_read_as_gensim_reads_it_with_one(tmp_path):
    """The form of GloVe's files. (gensim can read them, too, but leaves them open.)"""
    path, with_header = tmp_path / "glove.txt", tmp_path / "word2vec.txt"
    text = "the 0.418 0.25 -0.4\nof 1 2.5e-3 .5\n— 0 0 -1\n"
    path.write_text(text, encoding="utf-8")
    with_header.write_text(f"3 3\n{text}", encoding="utf-8")
    ours = WordVectors.load_word2vec_format(path, no_header=True)
    theirs = KeyedVectors.load_word2vec_format(with_header)
    assert list(ours.words) == theirs.index_to_key == ["the", "of", "—"]
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected a word and its numbers, got an empty file"),
        ("a\n", "line 1: expected a word and 1 numbers, got 0 after b'a'"),
        ("a 1 2\nb 1\n", "line 2: expected a word and 2 numbers, got 1 after b'b'"),
        ("a 1 2\nb 1 x\n", "line 2: expected a word and 2 numbers, but could not convert"),
        ("a 1 2\na 1 2\n", "line 2"),
    ],
)
def test_a_broken_file_without_a_first_line_is_refused(tmp_path, text, message):
    path = tmp_path / "glove.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        WordVectors.load_word2vec_format(path, no_header=True)


def test_a_binary_file_has_its_first_line(tmp_path):
    with pytest.raises(ValueError, match="no_header must be False for a binary file, got True"):
        WordVectors.load_word2vec_format(tmp_path / "x.bin", binary=True, no_header=True)


@pytest.mark.parametrize("binary", [False, True])
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
            lambda word: word.split() == [word]
        ),
        min_size=1,
        unique=True,
    ),
    st.data(),
)
def test_there_and_back(tmp_path_factory, binary, words, data):
    finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
    vectors = data.draw(arrays(np.float32, (len(words), 3), elements=finite))
    path = tmp_path_factory.getbasetemp() / f"there-and-back-{binary}"
    WordVectors(words, vectors).save_word2vec_format(path, binary=binary)
    loaded = WordVectors.load_word2vec_format(path, binary=binary)
    assert loaded.words == tuple(words)
    np.testing.assert_array_equal(loaded.vectors, vectors)


@pytest.mark.parametrize("binary", [False, True])
def test_the_first_tool_puts_something_behind_each_vector(tmp_path, binary):
    path = tmp_path / "vectors"
    one, two = np.float32([1, 2]).tobytes(), np.float32([3, 4]).tobytes()
    in_binary = b"2 2\na " + one + b"\nb " + two + b"\n"
    path.write_bytes(in_binary if binary else b"2 2\na 1.0 2.0 \r\nb 3.0 4.0 \r\n\n")
    loaded = WordVectors.load_word2vec_format(path, binary=binary)
    assert loaded.words == ("a", "b")
    np.testing.assert_array_equal(loaded.vectors, [[1, 2], [3, 4]])


ONE = np.float32([1, 2]).tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: expected two positive integers, "),
        (b"\n", "line 1: expected two positive integers, "),
        (b"a 1 2\nb 3 4\n", "line 1: expected two positive integers, "),
        (b"2 -2\n", "line 1: expected two positive integers, "),
        (b"0 2\n", "line 1: expected two positive integers, "),
        (b"9" * 5000 + b" 2\n", "line 1: expected two positive integers, "),
        (b"2 2\na 1 2\n", "line 3: expected a word and 2 numbers, got the end of the file"),
        (b"2 2\na 1 2\nb 3\n", "line 3: expected a word and 2 numbers, got 1 after b'b'"),
        (b"2 2\na 1 2 3\nb 3 4\n", "line 2: expected a word and 2 numbers, got 3 after b'a'"),
        (b"2 2\na 1 2\nb c 4\n", "line 3: expected a word and 2 numbers, but could not convert"),
        (b"2 2\na 1 2\n\nb 3 4\n", "line 3: expected a word and 2 numbers, got 0 after b''"),
        (b"2 2\na 1 2\na 3 4\n", "line 3: expected words that are different from each other"),
        (b"1 2\n 3 4\n", "line 2: expected words that are neither empty nor with whitespace"),
        (b"1 2\n\xff 3 4\n", r"line 2: expected a word in UTF-8, got b'\xff'"),
        (b"1 2\na nan 4\n", "line 2: expected finite float32 numbers, got NaN or infinity"),
        (b"1 2\na 1e99 4\n", "line 2: expected finite float32 numbers, got NaN or infinity"),
        (b"1 2\na 1 2\nb 3 4\n", "line 3: expected the end after 1 words, got more"),
        (b"1 999999999999\na 1 2\n", "line 2: expected a word and 999999999999 numbers, got 2"),
        (b"999999999999 2\na 1 2\n", "line 3: expected a word and 2 numbers, got the end"),
    ],
)
def test_broken_text_is_refused(tmp_path, content, message):
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(f"{path}, {message}")):
        WordVectors.load_word2vec_format(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: expected two positive integers, "),
        (b"a " + ONE, "line 1: expected two positive integers, "),
        (b"1 2\n", "byte 4: expected a word, a space and 8 bytes of numbers, got the end"),
        (b"1 2\nabc", "byte 4: expected a word, a space and 8 bytes of numbers, got the end"),
        (b"2 2\na " + ONE + b"b " + ONE[:7], "byte 14: expected a word, a space and 8 bytes"),
        (b"1 2\n " + ONE, "byte 4: expected words that are neither empty nor with whitespace"),
        (b"2 2\na " + ONE + b"a " + ONE, "byte 14: expected words that are different from each"),
        (b"1 2\n\xff " + ONE, r"byte 4: expected a word in UTF-8, got b'\xff'"),
        (b"1 1\na \0\0\xc0\x7f", "byte 4: expected finite float32 numbers"),
        (b"1 2\na " + ONE + b"b", "byte 14: expected the end after 1 words, got more"),
        (b"1 999999999999\na " + ONE, "byte 15: expected a word, a space and 3999999999996 bytes"),
    ],
)
def test_broken_binary_is_refused(tmp_path, content, message):
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(f"{path}, {message}")):
        WordVectors.load_word2vec_format(path, binary=True)
    assert path.read_bytes() == content


@pytest.mark.parametrize("binary", [False, True])
def test_every_truncated_file_is_refused(tmp_path, binary):
    path = tmp_path / "vectors"
    WordVectors(["ab", "c"], [[1.5, 2.5], [3.5, 4.5]]).save_word2vec_format(path, binary=binary)
    content = path.read_bytes()
    for end in range(len(content) - (0 if binary else 3)):  # "4." and "4.5" are numbers as well
        path.write_bytes(content[:end])
        with pytest.raises(ValueError, match=r"(line|byte) \d+: expected"):
            WordVectors.load_word2vec_format(path, binary=binary)


def fails_to_replace(*_):
    raise OSError("no space left")


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("fault", ["word", "number", "disk"])
def test_a_failed_save_keeps_the_old_file(tmp_path, monkeypatch, binary, fault):
    path = tmp_path / "vectors"
    WordVectors(["a"], [[1, 2]]).save_word2vec_format(path, binary=binary)
    before = path.read_bytes()
    words = ["a", "\ud800" if fault == "word" else "b"]  # half of a character
    wv = WordVectors(words, [[1, 2], [3, 1e99 if fault == "number" else 4]])
    if fault == "disk":
        monkeypatch.setattr(os, "replace", fails_to_replace)
    if fault == "number" and not binary:
        wv.save_word2vec_format(path)  # text has room for it
        assert b"b 3.0 1e+99\n" in path.read_bytes()
    else:
        error = OSError if fault == "disk" else ValueError
        with pytest.raises(error, match=r"no space|surrogates|fit into float32 .* that of 'b'"):
            wv.save_word2vec_format(path, binary=binary)
        assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["vectors"]  # nothing is left lying about


def test_a_save_follows_a_link(tmp_path, people):
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    people.save_word2vec_format(link)
    assert link.is_symlink()
    assert WordVectors.load_word2vec_format(target).words == people.words


def test_files_that_cannot_be(tmp_path, people):
    with pytest.raises(FileNotFoundError):
        WordVectors.load_word2vec_format(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        people.save_word2vec_format(tmp_path / "no folder" / "vectors")
    with pytest.raises(OSError, match="directory"):
        people.save_word2vec_format(tmp_path)


# -------------------------------------------------------------------------------------- debiasing

GENDER = [("she", "he"), ("aunt", "uncle")]


def length(vector):
    return np.linalg.norm(vector.astype(np.float64))


def test_the_direction_is_the_first_principal_component(people):
    direction = people.bias_direction(GENDER)
    units = people.vectors / np.linalg.norm(people.vectors, axis=1, keepdims=True)
    rows = []
    for pair in GENDER:
        both = units[[people.index(word) for word in pair]]
        rows += [*(both - both.mean(axis=0))]
    values, vectors = np.linalg.eigh(np.cov(np.array(rows).T, bias=True))
    assert values[-1] > values[-2]
    assert abs(direction @ vectors[:, -1]) == pytest.approx(1)
    assert length(direction) == pytest.approx(1)
    turned = people.bias_direction([pair[::-1] for pair in GENDER])
    np.testing.assert_allclose(turned, -direction, atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_the_direction_of_one_pair_is_its_difference(seed):
    wv = random_vectors(PEOPLE, dtype=np.float64, seed=seed)
    she, he = (wv[word] / length(wv[word]) for word in ("she", "he"))
    expected = (she - he) / length(she - he)
    np.testing.assert_allclose(wv.bias_direction([["she", "he"]]), expected, atol=1e-12)
    np.testing.assert_allclose(wv.bias_direction([["he", "she"]]), -expected, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(st.integers(0, 2**32 - 1))
def test_debiasing_keeps_its_promises(dtype, seed):
    wv = random_vectors(PEOPLE, 5, dtype, seed)
    before, tolerance = wv.vectors.copy(), 2e-6 if dtype == np.float32 else 1e-12
    fair = wv.debias(GENDER, neutralize=["nurse", "doctor"], equalize=GENDER)
    direction = wv.bias_direction(GENDER)
    assert (fair.words, fair.vectors.dtype) == (wv.words, dtype)
    for word in ("nurse", "doctor"):
        assert fair[word] @ direction == pytest.approx(0, abs=tolerance)
        assert length(fair[word]) == pytest.approx(1, abs=tolerance)
        kept = wv[word] - (wv[word] @ direction) * direction
        np.testing.assert_allclose(fair[word] * length(kept), kept, atol=10 * tolerance)
        for a, b in GENDER:
            assert length(fair[word] - fair[a]) == pytest.approx(
                length(fair[word] - fair[b]), abs=tolerance
            )
            assert fair.similarity(word, a) == pytest.approx(
                fair.similarity(word, b), abs=tolerance
            )
    for a, b in GENDER:
        assert length(fair[a]) == pytest.approx(1, abs=tolerance)
        across = fair[a] - fair[b]
        assert abs(across @ direction) == pytest.approx(length(across), abs=tolerance)
        unit = [wv[word] / length(wv[word]) for word in (a, b)]
        assert np.sign(across @ direction) == np.sign((unit[0] - unit[1]) @ direction)
    for word in ("sea", "stone"):
        np.testing.assert_array_equal(fair[word], wv[word])
    np.testing.assert_array_equal(wv.vectors, before)


def test_nothing_named_nothing_changed(people):
    np.testing.assert_array_equal(people.debias(GENDER).vectors, people.vectors)


def test_what_debiasing_leaves():
    """Words that were stereotyped alike are still neighbors (Gonen and Goldberg 2019)."""
    words = ["she", "he", "nurse", "dancer", "smith", "pilot"]
    vectors = np.zeros((6, 4))
    vectors[:, 0] = [3, -3, 1, 1, -1, -1]  # the direction
    vectors[2:4, 1], vectors[4:, 2] = 1, 1  # and what goes along with it
    vectors[:, 3] = [0, 0, 0.3, -0.3, 0.3, -0.3]
    fair = WordVectors(words, vectors).debias([("she", "he")], neutralize=words[2:])
    assert fair.most_similar("nurse", topn=1)[0][0] == "dancer"
    assert fair.similarity("nurse", "dancer") > 0.8 > fair.similarity("nurse", "smith")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"direction_pairs": []}, "pairs must be one pair or more, got none"),
        ({"direction_pairs": ["she"]}, "pairs must be pairs of words, got 'she'"),
        ({"direction_pairs": "she"}, "pairs must be pairs of words, got 'she'"),
        ({"direction_pairs": [("she", "he", "nurse")]}, "pairs must be pairs of words, got ('she'"),
        ({"direction_pairs": [("she", "she")]}, "pairs must differ in direction"),
        ({"neutralize": ["nurse", "nurse"]}, "must name a word once, got twice: ['nurse']"),
        ({"neutralize": "aunt", "equalize": GENDER}, "must name a word once, got twice: ['aunt']"),
        ({"equalize": [("he", "he")]}, "must name a word once, got twice: ['he']"),
        ({"equalize": ["he"]}, "equalize must be pairs of words, got 'he'"),
        (
            {"neutralize": "same"},
            "neutralize must name words beyond the bias direction, got 'same'",
        ),
        (
            {"neutralize": "zero"},
            "neutralize must name words beyond the bias direction, got 'zero'",
        ),
        ({"equalize": [("sea", "zero")]}, "equalize must be pairs that differ along the direction"),
    ],
)
def test_debiasing_refuses(arguments, message):
    words = ["she", "he", "nurse", "aunt", "uncle", "same", "zero", "sea"]
    vectors = [[1, 0], [-1, 0], [1, 2], [2, 1], [-2, 1], [7, 0], [0, 0], [0, 3]]
    wv = WordVectors(words, vectors)
    with pytest.raises(ValueError, match=re.escape(message)):
        wv.debias(**{"direction_pairs": [("she", "he")], **arguments})
    np.testing.assert_array_equal(wv.vectors, vectors)


# ------------------------------------------------------------------------------------ association

LISTS = [["w1", "w2", "w3"], ["w4", "w5", "w6"], ["w7", "w8"], ["w9", "w10", "w11"]]


def slow_weat(wv, targets_1, targets_2, attributes_1, attributes_2):
    """Effect size, statistic and exact p-value as the paper writes them, but for "or equal"."""

    def cosine(a, b):
        return wv[a] @ wv[b] / length(wv[a]) / length(wv[b])

    def s(w):
        near_1 = [cosine(w, a) for a in attributes_1]
        return statistics.mean(near_1) - statistics.mean(cosine(w, b) for b in attributes_2)

    def statistic(X, Y):
        return math.fsum(map(s, X)) - math.fsum(map(s, Y))

    together = [*targets_1, *targets_2]
    means = [statistics.mean(map(s, words)) for words in (targets_1, targets_2)]
    observed, reached, deals = statistic(targets_1, targets_2), 0, 0
    for X in itertools.combinations(together, len(targets_1)):
        Y = [word for word in together if word not in X]
        deals += 1
        reached += statistic(X, Y) >= observed - 1e-12
    effect_size = (means[0] - means[1]) / statistics.stdev(map(s, together))
    return effect_size, observed, reached / deals


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(st.integers(0, 2**32 - 1))
def test_weat_is_its_definition(dtype, seed):
    wv = random_vectors([f"w{k}" for k in range(12)], 4, np.float64, seed)
    result = WordVectors(wv.words, wv.vectors.astype(dtype)).weat(*LISTS)
    expected = slow_weat(WordVectors(wv.words, wv.vectors.astype(dtype).astype(float)), *LISTS)
    assert result == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert [type(number) for number in result] == [float] * 3


def test_weat_is_the_permutation_test_of_scipy():
    """The exact one, one-sided, of the difference between means."""
    wv = random_vectors([f"w{k}" for k in range(12)], 5, np.float64, 7)
    units = wv.vectors / np.linalg.norm(wv.vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    association = cosines[:, [7, 8]].mean(axis=1) - cosines[:, [9, 10, 11]].mean(axis=1)
    theirs = stats.permutation_test(
        (association[1:4], association[4:7]),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        alternative="greater",
        vectorized=True,
    )
    result = wv.weat(*LISTS)
    assert result.p_value == pytest.approx(theirs.pvalue, abs=1e-12)
    assert result.statistic == pytest.approx(3 * theirs.statistic)
    spread = association[1:7].std(ddof=1)
    assert result.effect_size == pytest.approx(theirs.statistic / spread)


@given(st.integers(0, 2**32 - 1))
def test_weat_turns_around(seed):
    wv = random_vectors([f"w{k}" for k in range(12)], 4, np.float64, seed)
    X, Y, A, B = LISTS
    result, swapped, both = wv.weat(X, Y, A, B), wv.weat(Y, X, A, B), wv.weat(Y, X, B, A)
    np.testing.assert_allclose(swapped[:2], [-number for number in result[:2]], atol=1e-9)
    np.testing.assert_allclose(both, result, atol=1e-9)
    assert result.p_value + swapped.p_value == pytest.approx(1 + 1 / 20)  # no two sums are equal
    assert -2 < result.effect_size < 2


def clear_case(n):
    """Targets that belong to one attribute each, with different strength."""
    words = [*(f"x{k}" for k in range(n)), *(f"y{k}" for k in range(n)), "a", "b"]
    angles = [*np.linspace(0.1, 0.5, n), *np.linspace(1.1, 1.4, n), 0, np.pi / 2]
    wv = WordVectors(words, np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return wv, (words[:n], words[n : 2 * n], ["a"], ["b"])


def test_the_smallest_p_value_is_one_deal_of_all():
    wv, lists = clear_case(4)
    result = wv.weat(*lists)
    assert result.p_value == 1 / 70
    assert result.effect_size > 1.7
    assert wv.weat(lists[1], lists[0], *lists[2:]).p_value == 1


def test_many_deals_are_drawn():
    wv, lists = clear_case(8)
    assert math.comb(16, 8) == 12_870
    assert wv.weat(*lists).p_value in (1 / 10_001, 2 / 10_001, 3 / 10_001)
    assert wv.weat(*lists, n_permutations=12_870).p_value == 1 / 12_870
    assert wv.weat(*lists, n_permutations=9_998).p_value in (1 / 9_999, 2 / 9_999, 3 / 9_999)
    assert wv.weat(*lists, n_permutations=1).p_value == 0.5  # that one, and the one in question


def test_drawn_deals_come_near_the_exact_p_value():
    wv = random_vectors([f"w{k}" for k in range(12)], 4, np.float64, 1)
    lists = [["w0", "w1", "w2", "w3"], ["w4", "w5", "w6", "w7"], ["w8", "w9"], ["w10", "w11"]]
    exact = wv.weat(*lists).p_value
    assert 0.1 < exact < 0.9
    drawn = [wv.weat(*lists, n_permutations=69, seed=seed).p_value for seed in range(60)]
    assert np.mean(drawn) == pytest.approx((1 + 69 * exact) / 70, abs=0.03)
    assert len(set(drawn)) > 5
    assert wv.weat(*lists, n_permutations=69, seed=3).p_value == drawn[3]
    assert wv.weat(*lists, n_permutations=69).p_value == drawn[0]


@given(st.integers(0, 2**32 - 1))
def test_equal_sums_count_whatever_their_rounding(seed):
    """Two vectors under three names each: nine other deals have the same sum."""
    vectors = random_vectors(["x", "y", "a", "b"], 6, np.float64, seed).vectors
    words = ["x1", "x2", "x3", "y1", "y2", "y3", "a", "b"]
    wv = WordVectors(words, vectors[[0, 0, 1, 1, 1, 0, 2, 3]])
    X, Y = words[:3], words[3:6]
    p_values = {wv.weat(*targets, ["a"], ["b"]).p_value for targets in ((X, Y), (Y, X))}
    assert p_values == {(1 + 9) / 20, (1 + 9 + 9) / 20}


def test_targets_that_are_all_alike_have_no_effect():
    words = ["x1", "x2", "x3", "y1", "y2", "y3", "a", "b"]
    vectors = random_vectors(["x", "a", "b"], 6, np.float64, 2).vectors
    vectors = vectors[[0] * 6 + [1, 2]] * np.arange(1, 9)[:, None] / 3  # equal but for rounding
    result = WordVectors(words, vectors).weat(words[:3], words[3:6], "a", "b")
    assert math.isnan(result.effect_size)
    assert result.statistic == pytest.approx(0, abs=1e-12)
    assert result.p_value == 1


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ((["she"], ["he", "sea"], ["aunt"], ["uncle"]), "equally many, at least one each, got [1,"),
        (([], [], ["aunt"], ["uncle"]), "equally many, at least one each, got [0, 0]"),
        ((["she"], ["he"], [], ["uncle"]), "attributes_1 must be one word or more, got none"),
        ((["she"], ["he"], ["aunt"], []), "attributes_2 must be one word or more, got none"),
        ((["she"], ["she"], ["aunt"], ["uncle"]), "must name a word once, got twice: ['she']"),
    ],
)
def test_weat_refuses(people, lists, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        people.weat(*lists)


def test_weat_counts_its_permutations(people):
    with pytest.raises(ValueError, match="n_permutations must be an integer >= 1, got 0"):
        people.weat("she", "he", "aunt", "uncle", n_permutations=0)
    assert people.weat("she", "he", "aunt", "uncle") == people.weat(
        ["she"], ["he"], ["aunt"], ["uncle"]
    )
