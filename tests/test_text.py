"""From text to numbers: each step against a slow loop, a known result, or what it promises."""

import re
import subprocess
import sys
import types
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils import text
from rnn_utils.text import (
    Vocab,
    bag_of_words,
    batches,
    byte_pairs,
    edit_distance,
    error_rate,
    learn_byte_pairs,
    ngrams,
    one_hot,
    skip_gram_pairs,
    tokenize,
    tokenize_chinese,
    windows,
    without_repeats,
)

WORDS = st.lists(st.sampled_from("the cat saw a dog".split()), max_size=20)
INDICES = st.lists(st.integers(0, 9), max_size=25)
# Short words of two letters: the same parts come again and again.
SHORT_WORDS = st.lists(st.text("ab", min_size=1, max_size=6), max_size=8)
# Letters with and without marks, Chinese, digits, signs, spaces.
TEXTS = st.text() | st.text("aBé\u0301ΣİI\u0327中。'’,.19 _\n\u0915\u093f")

ABC = st.text("abc", max_size=5)

NOT_A_COUNT = [0, -1, 1.0, "3", None, True, [2]]


def refuses(*parts):
    """A ValueError with these parts in its text, in this order."""
    return pytest.raises(ValueError, match=".*".join(map(re.escape, parts)))


# ---------------------------------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("", []),
        (" \n\t\u3000", []),
        ("The CAT sat.", ["the", "cat", "sat", "."]),
        ("don't, we'll", ["don't", ",", "we'll"]),
        ("don’t", ["don’t"]),
        ("the dogs' 'food'", ["the", "dogs", "'", "'", "food", "'"]),
        ("1,000.5 is 3. Or 2, 4", ["1,000.5", "is", "3", ".", "or", "2", ",", "4"]),
        ("GPT2 a_b -5%", ["gpt", "2", "a", "_", "b", "-", "5", "%"]),
        ("well-known...", ["well", "-", "known", ".", ".", "."]),
        ("<unk>", ["<", "unk", ">"]),
    ],
)
def test_english_words(written, tokens):
    assert tokenize(written) == tokens


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("我爱你。", ["我", "爱", "你", "。"]),
        ("用PyTorch2写LSTM", ["用", "pytorch", "2", "写", "lstm"]),
        ("二〇〇六", ["二", "〇", "〇", "六"]),
        ("\u3400\U00020000\U00030000", ["\u3400", "\U00020000", "\U00030000"]),
        ("中'a", ["中", "'", "a"]),
    ],
)
def test_chinese_becomes_single_characters(written, tokens):
    assert tokenize(written) == tokens


def test_a_mark_belongs_to_its_letter():
    assert tokenize("cafe\u0301") == ["café"]
    assert tokenize("q\u0303e x") == ["q\u0303e", "x"]  # no composed form
    assert tokenize("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]
    assert tokenize("1\u20e3!") == ["1\u20e3", "!"]


def test_the_list_of_marks_is_complete():
    every = [chr(k) for k in range(0x110000) if unicodedata.category(chr(k))[0] == "M"]
    assert len(every) > 2000
    assert all(text.tokens.word_pattern().fullmatch(f"a{mark}b") for mark in every)


@given(TEXTS)
def test_words_are_the_text_in_lower_case_without_spaces(written):
    lower = unicodedata.normalize("NFC", unicodedata.normalize("NFC", written).lower())
    assert "".join(tokenize(written)) == "".join(lower.split())
    assert all(tokenize(written))


@given(TEXTS)
def test_tokens_do_not_depend_on_how_a_letter_was_typed(written):
    composed, apart = (unicodedata.normalize(form, written) for form in ("NFC", "NFD"))
    for level in ("word", "character"):
        tokens = tokenize(written, level)
        assert tokens == tokenize(composed, level) == tokenize(apart, level)
        assert all(unicodedata.is_normalized("NFC", token) for token in tokens)


@given(TEXTS)
def test_characters_are_the_whole_text(written):
    tokens = tokenize(written, level="character")
    assert "".join(tokens) == unicodedata.normalize("NFC", written)
    assert all(len(token) == 1 for token in tokens)


@pytest.mark.parametrize("value", [None, 3, b"the cat", ["the", "cat"]])
@pytest.mark.parametrize("function", [tokenize, tokenize_chinese])
def test_what_is_no_text(function, value):
    with refuses("text must be a str, got", type(value).__name__):
        function(value)


@pytest.mark.parametrize("level", ["sentence", "char", None, 1])
def test_bad_level(level):
    with refuses("level must be 'word' or 'character', got", repr(level)):
        tokenize("the cat", level)


def test_without_jieba_the_reader_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "jieba", None)  # so it cannot be imported
    with pytest.raises(ImportError, match=r"pip install jieba.*tokenize splits .* characters"):
        tokenize_chinese("我爱自然语言处理")


def test_jieba_cuts_where_it_is_installed(monkeypatch):
    def lcut(written):
        assert written == "我爱 PyTorch, \u00e9"  # this is jieba 0.42's answer to it
        return ["我", "爱", " ", "PyTorch", ",", " ", "\u00e9"]

    jieba = types.ModuleType("jieba")
    jieba.lcut = lcut
    monkeypatch.setitem(sys.modules, "jieba", jieba)
    words = tokenize_chinese("我爱 PyTorch, e\u0301")
    assert words == ["我", "爱", "pytorch", ",", "\u00e9"]


def test_the_module_loads_numpy_only():
    code = "import sys, rnn_utils.text; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"jieba", "torch", "matplotlib", "ipywidgets"} & {*answer.stdout.split()}


# ------------------------------------------------------------------------------------ vocabulary


def test_order_of_the_words():
    vocab = Vocab("b c a b c d c".split())
    assert vocab.words == ("<unk>", "c", "b", "a", "d")
    assert vocab.counts.tolist() == [0, 3, 2, 1, 1]
    assert vocab.counts.dtype == np.int64
    assert [vocab[word] for word in vocab] == list(range(len(vocab)))


@given(st.lists(WORDS, max_size=5), st.randoms())
def test_one_list_or_many_in_any_order(sequences, random):
    flat = [word for words in sequences for word in words]
    shuffled = random.sample(flat, len(flat))
    vocab = Vocab(sequences)
    assert vocab.words == Vocab(flat).words == Vocab(shuffled).words
    assert dict(zip(vocab.words, vocab.counts, strict=True)) == {"<unk>": 0, **Counter(flat)}


def test_rare_words_are_left_out():
    tokens = "a a a b b c c d".split()
    assert Vocab(tokens, min_count=2).words == ("<unk>", "a", "b", "c")
    assert Vocab(tokens, min_count=9).words == ("<unk>",)
    assert Vocab(tokens, max_size=3).words == ("<unk>", "a", "b")
    assert Vocab(tokens, max_size=1).words == ("<unk>",)
    assert Vocab(tokens, max_size=100).words == Vocab(tokens).words
    assert Vocab(tokens, min_count=2, max_size=4, specials=()).words == ("a", "b", "c")


def test_special_words():
    vocab = Vocab("a <pad> a <pad> b".split(), min_count=2, specials=["<pad>", "<unk>", "b"])
    assert vocab.words == ("<pad>", "<unk>", "b", "a")
    assert vocab.counts.tolist() == [2, 0, 1, 2]
    assert vocab["never seen"] == 1


def test_unknown_words():
    vocab = Vocab(["cat"])
    assert "dog" not in vocab
    assert "cat" in vocab
    assert 0 not in vocab
    assert vocab["dog"] == vocab["<unk>"] == 0
    assert vocab.decode(vocab.encode(["dog", "cat"])) == ["<unk>", "cat"]


@pytest.mark.parametrize("specials", [(), ["<pad>"]])
def test_unknown_words_without_an_index_for_them(specials):
    vocab = Vocab(["cat"], specials=specials)
    for ask in (vocab.__getitem__, lambda word: vocab.encode(["cat", word])):
        with refuses("word must be in the vocabulary, which has no '<unk>' among", "got 'dog'"):
            ask("dog")
    with refuses("got 'dog'"):
        bag_of_words([["dog"]], vocab)


def test_a_word_of_the_text_may_be_the_unknown_one():
    vocab = Vocab(["<unk>", "cat", "<unk>"], specials=())
    assert vocab.words == ("<unk>", "cat")
    with refuses("which has no '<unk>' among its special words, got 'dog'"):
        vocab["dog"]


@given(WORDS)
def test_decode_is_the_way_back(tokens):
    vocab = Vocab(tokens)
    indices = vocab.encode(tokens)
    assert (indices.dtype, indices.shape) == (np.int64, (len(tokens),))
    assert vocab.decode(indices) == vocab.decode(indices.tolist()) == tokens


def test_nothing_at_all():
    for empty in ([], [[]], [[], []], iter([])):
        vocab = Vocab(empty)
        assert vocab.words == ("<unk>",)
        assert vocab.encode([]).shape == (0,)
        assert vocab.decode([]) == []
    assert len(Vocab([], specials=())) == 0


def test_counts_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        Vocab(["cat"]).counts[0] = 3


@pytest.mark.parametrize(
    ("tokens", "written"),
    [
        ([], "Vocab(1 word: '<unk>')"),
        (["it's"], """Vocab(2 words: '<unk>', "it's")"""),
        (list("abcd"), "Vocab(5 words: '<unk>', 'a', 'b', 'c', 'd')"),
        (list("gfedcba"), "Vocab(8 words: '<unk>', 'a', 'b', 'c', 'd', and 3 more)"),
    ],
)
def test_what_a_vocabulary_shows(tokens, written):
    assert repr(Vocab(tokens)) == written
    assert repr(Vocab([], specials=())) == "Vocab(0 words)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"tokens_or_sequences": "the cat"},
            "tokens_or_sequences must be a list of words, got str",
        ),
        (
            {"tokens_or_sequences": None},
            "tokens_or_sequences must be a list of words, got NoneType",
        ),
        (
            {"tokens_or_sequences": ["a", 1]},
            "tokens_or_sequences must be a list of words, got 1 in",
        ),
        ({"tokens_or_sequences": ["a", ["b"]]}, "tokens_or_sequences must be a list of words"),
        ({"tokens_or_sequences": [1, 2]}, "each of tokens_or_sequences must be a list of words"),
        ({"tokens_or_sequences": [["a"], [2]]}, "each of tokens_or_sequences must be a list of"),
        ({"specials": "<unk>"}, "specials must be a list of words, got str"),
        ({"specials": ("<unk>", 1)}, "specials must be a list of words, got 1 in it"),
        ({"specials": ("a", "a")}, "specials must be different words, got ['a', 'a']"),
        ({"max_size": 0}, "max_size must be an integer >= number of specials = 1, got 0"),
        ({"max_size": 2.0}, "max_size must be an integer >= number of specials = 1, got 2.0"),
        *[({"min_count": v}, f"min_count must be an integer >= 1, got {v!r}") for v in NOT_A_COUNT],
    ],
)
def test_bad_vocabulary(arguments, message):
    with refuses(message):
        Vocab(**{"tokens_or_sequences": ["a"], **arguments})


@pytest.mark.parametrize("word", [0, None, ("the", "cat"), ["cat"]])
def test_only_words_have_an_index(word):
    with refuses("word must be a str, got", repr(word)):
        Vocab(["cat"])[word]


@pytest.mark.parametrize("tokens", ["cat", None, 3, ["cat", 3], [["cat"]]])
def test_what_cannot_be_encoded(tokens):
    with refuses("tokens must be a list of words, got"):
        Vocab(["cat"]).encode(tokens)


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        ([2], "indices must be integers from 0 to 1, got 2"),
        ([0, -1], "indices must be integers from 0 to 1, got -1"),
        ([1.0], "indices must be integers, got float64"),
        ([True], "indices must be integers, got bool"),
        (["cat"], "indices must be integers, got <U3"),
        ([[0, 1]], "indices must be one row of shape (T,), got shape (1, 2)"),
        ([[0], [0, 1]], "indices must be an array"),
        (0, "indices must be one row"),
    ],
)
def test_what_cannot_be_decoded(indices, message):
    with refuses(message):
        Vocab(["cat"]).decode(indices)


# ---------------------------------------------------------------------------------------- counts


@given(INDICES)
def test_one_hot_vectors_add_up_to_the_counts(indices):
    vectors = one_hot(indices, 10)
    assert (vectors.dtype, vectors.shape) == (np.float64, (len(indices), 10))
    for k, vector in zip(indices, vectors, strict=True):
        assert vector.tolist() == [float(place == k) for place in range(10)]
    expected = np.bincount(np.array(indices, dtype=int), minlength=10)
    np.testing.assert_array_equal(vectors.sum(axis=0), expected)


@pytest.mark.parametrize("shape", [(), (4,), (0,), (2, 3), (2, 0, 3), (2, 3, 4)])
def test_one_hot_keeps_the_axes(shape):
    indices = np.random.default_rng(0).integers(5, size=shape)
    vectors = one_hot(indices, 5)
    assert vectors.shape == (*shape, 5)
    np.testing.assert_array_equal(vectors.argmax(axis=-1), indices)


@pytest.mark.parametrize("indices", [np.uint8([0, 4]), np.int32([0, 4]), [0, np.int64(4)], (0, 4)])
def test_one_hot_takes_any_integers(indices):
    assert one_hot(indices, 5).argmax(axis=-1).tolist() == [0, 4]


@pytest.mark.parametrize("indices", [[5], -1, [[0], [7]], [0.0], [None], "3", [True]])
def test_bad_index(indices):
    with refuses("indices must be integers"):
        one_hot(indices, 5)


@given(st.lists(WORDS, max_size=5))
def test_a_bag_holds_what_a_slow_count_finds(sequences):
    vocab = Vocab("the cat saw".split(), specials=("<pad>", "<unk>"))
    bags = bag_of_words(sequences, vocab)
    assert (bags.dtype, bags.shape) == (np.int64, (len(sequences), 5))
    for bag, words in zip(bags, sequences, strict=True):
        known = [words.count(word) for word in ("cat", "saw", "the")]
        assert bag.tolist() == [0, len(words) - sum(known), *known]
        np.testing.assert_array_equal(bag, one_hot(vocab.encode(words), 5).sum(axis=0))


@given(WORDS, st.randoms())
def test_a_bag_forgets_the_order(words, random):
    vocab = Vocab(["cat", "dog"])
    one, other = bag_of_words([words, random.sample(words, len(words))], vocab)
    np.testing.assert_array_equal(one, other)


def test_bags_of_the_text_are_the_counts_of_the_vocabulary():
    sequences = [tokenize(line) for line in ("The cat sat.", "The dog sat on the cat!", "")]
    vocab = Vocab(sequences)
    np.testing.assert_array_equal(bag_of_words(sequences, vocab).sum(axis=0), vocab.counts)


@pytest.mark.parametrize("sequences", ["the cat", ["the", "cat"], None, [["cat"], 3], [[3]]])
def test_bad_texts_for_a_bag(sequences):
    with refuses("sequences must be"):
        bag_of_words(sequences, Vocab(["cat"]))


def test_bad_vocabulary_for_a_bag():
    with refuses("vocab must be a Vocab, got list"):
        bag_of_words([["cat"]], ["cat"])


# ------------------------------------------------------------------------------------- neighbors


@given(WORDS, st.integers(1, 6))
def test_ngrams_are_shifted_copies_side_by_side(tokens, n):
    shifted = zip(*(tokens[k:] for k in range(n)), strict=False)
    assert ngrams(tokens, n) == list(shifted)


def slow_pairs(indices, reach):
    pairs = []
    for t, center in enumerate(indices):
        for s, context in enumerate(indices):
            if s != t and abs(s - t) <= reach[t]:
                pairs.append([center, context])
    return pairs


@given(INDICES, st.integers(1, 30))
def test_pairs_against_two_loops(indices, window):
    pairs = skip_gram_pairs(indices, window)
    assert pairs.dtype == np.int64
    assert pairs.shape[1:] == (2,)
    assert pairs.tolist() == slow_pairs(indices, [window] * len(indices))


@given(INDICES, st.integers(1, 30), st.integers(0, 99))
def test_pairs_with_drawn_windows_against_two_loops(indices, window, seed):
    reach = np.random.default_rng(seed).integers(1, window + 1, size=len(indices))
    pairs = skip_gram_pairs(indices, window, dynamic=True, seed=seed)
    assert pairs.tolist() == slow_pairs(indices, reach)


def test_far_neighbors_are_drawn_less_often():
    """A neighbor at distance d is within a window of 1 to 5 in (6 - d) of 5 cases."""
    T = 20000
    center, context = skip_gram_pairs(np.arange(T), 5, dynamic=True, seed=1).T
    shares = np.bincount(np.abs(center - context), minlength=6) / (2 * T)
    assert shares[0] == 0
    # At most half of T draws: the standard deviation of a share is at most 0.0036.
    np.testing.assert_allclose(shares[1:], [1, 0.8, 0.6, 0.4, 0.2], atol=0.015)


def test_drawn_windows_come_from_the_seed():
    one, again, other = (
        skip_gram_pairs(np.arange(50), 5, dynamic=True, seed=seed).tolist() for seed in (3, 3, 4)
    )
    assert one == again != other
    fixed = skip_gram_pairs(np.arange(50), 5, seed=3)
    np.testing.assert_array_equal(fixed, skip_gram_pairs(np.arange(50), 5, seed=4))


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_window_far_wider_than_the_text(dynamic):
    pairs = skip_gram_pairs([1, 2, 3], 10**12, dynamic=dynamic)
    assert pairs.tolist() == [[1, 2], [1, 3], [2, 1], [2, 3], [3, 1], [3, 2]]


@pytest.mark.parametrize("indices", [[], [4]])
@pytest.mark.parametrize("dynamic", [False, True])
def test_who_has_no_neighbor_makes_no_pair(indices, dynamic):
    assert skip_gram_pairs(indices, 2, dynamic=dynamic).shape == (0, 2)


@pytest.mark.parametrize("indices", [[0, -1], [0.5], ["cat"], [[0, 1]], 3])
def test_bad_indices_for_pairs(indices):
    with refuses("indices must be"):
        skip_gram_pairs(indices, 1)


# ---------------------------------------------------------------------------------- pieces of text


@given(INDICES, st.integers(1, 30), st.integers(1, 30))
def test_windows_against_a_loop(sequence, length, step):
    expected = [
        sequence[t : t + length]
        for t in range(0, len(sequence), step)
        if t + length <= len(sequence)
    ]
    found = windows(sequence, length, step)
    assert found.shape == (len(expected), length)
    assert found.tolist() == expected


def test_windows_are_a_copy_of_the_same_type():
    for sequence in (np.arange(6, dtype=np.int32), np.linspace(0, 1, 6), np.array(list("abcdef"))):
        before = sequence.copy()
        found = windows(sequence, 2)
        assert found.dtype == sequence.dtype
        found[:] = found[0, 0]
        np.testing.assert_array_equal(sequence, before)


@given(st.integers(2, 60), st.integers(1, 8), st.integers(1, 9))
def test_batches_read_every_row_from_left_to_right(T, batch_size, steps):
    batch_size = min(batch_size, T - 1)
    pieces = list(batches(range(T), batch_size, steps))
    widths = [inputs.shape[1] for inputs, _ in pieces]
    assert widths[:-1] == [steps] * (len(pieces) - 1)
    assert 1 <= widths[-1] <= steps
    rows = np.concatenate([inputs for inputs, _ in pieces], axis=1)
    targets = np.concatenate([targets for _, targets in pieces], axis=1)
    np.testing.assert_array_equal(targets, rows + 1)  # the next symbol, as symbols count up
    # One row after the other is the sequence again: only what does not fill all rows is missing.
    read = rows.size
    assert rows.ravel().tolist() == list(range(read))
    assert T - 1 - read == (T - 1) % batch_size


def test_batches_are_copies_of_the_same_type():
    sequence = np.arange(9, dtype=np.int16)
    for inputs, targets in batches(sequence, 2, 3):
        assert inputs.dtype == targets.dtype == np.int16
        assert not np.shares_memory(inputs, sequence)
        assert not np.shares_memory(inputs, targets)
        assert not np.shares_memory(targets, sequence)


def test_batches_can_be_gone_through_once():
    pieces = batches(range(9), 2, 3)
    assert len(list(pieces)) == 2
    assert list(pieces) == []


@pytest.mark.parametrize("length", [0, 1, 3])
def test_batches_of_too_little(length):
    """The complaint comes at once, not when the first piece is asked for."""
    with refuses(f"sequence must be longer than batch_size = 3, got {length} of it"):
        batches(range(length), 3, 1)
    assert [piece.tolist() for piece in next(batches(range(4), 3, 1))] == [
        [[0], [1], [2]],
        [[1], [2], [3]],
    ]


@pytest.mark.parametrize("sequence", [3, "the cat", [[1, 2], [3, 4]], None, [[1], [2, 3]]])
@pytest.mark.parametrize("function", [lambda s: windows(s, 1), lambda s: batches(s, 1, 1)])
def test_bad_sequence(function, sequence):
    with refuses("sequence must be"):
        function(sequence)


# ---------------------------------------------------------------------------------- parts of words

SENNRICH = Counter({"low": 5, "lower": 2, "newest": 6, "widest": 3})


def replaced(spelling, pair):
    """The paper's way: a word is a str with spaces, and a regular expression finds the pair."""
    pattern = r"(?<!\S)" + re.escape(" ".join(pair)) + r"(?!\S)"
    return re.sub(pattern, lambda _: "".join(pair), spelling)


def slow_merges(words, n_merges):
    """The program of Sennrich et al. 2016, with the ties in alphabetical order."""
    spellings = Counter({" ".join([*w, "</w>"]): count for w, count in Counter(words).items()})
    merges = []
    while len(merges) < n_merges:
        pairs = Counter()
        for spelling, count in spellings.items():
            symbols = spelling.split()
            for k in range(len(symbols) - 1):
                pairs[symbols[k], symbols[k + 1]] += count
        if not pairs:
            break
        most = max(pairs.values())
        merges.append(sorted(pair for pair, count in pairs.items() if count == most)[0])
        spellings = Counter({replaced(s, merges[-1]): count for s, count in spellings.items()})
    return merges


def test_the_example_of_sennrich():
    merges = learn_byte_pairs(list(SENNRICH.elements()), 8)
    assert merges[:5] == [("e", "s"), ("es", "t"), ("est", "</w>"), ("l", "o"), ("lo", "w")]
    # Here three pairs come six times each; the program of the paper takes what it saw first.
    assert merges[5:] == [("e", "w"), ("ew", "est</w>"), ("n", "ewest</w>")]
    assert byte_pairs("newest", merges) == ["newest</w>"]
    assert byte_pairs("lowest", merges[:5]) == ["low", "est</w>"]  # never seen
    assert byte_pairs("lower", merges) == ["low", "e", "r", "</w>"]


@given(SHORT_WORDS, st.integers(0, 30))
def test_merges_against_the_program_of_the_paper(words, n_merges):
    assert learn_byte_pairs(words, n_merges) == slow_merges(words, n_merges)


@given(SHORT_WORDS, st.text("abc", max_size=8), st.integers(0, 30))
def test_parts_against_the_program_of_the_paper(words, word, n_merges):
    merges = learn_byte_pairs(words, n_merges)
    spelling = " ".join([*word, "</w>"])
    for pair in merges:
        spelling = replaced(spelling, pair)
    assert byte_pairs(word, merges) == spelling.split()
    assert "".join(byte_pairs(word, merges)) == word + "</w>"


@given(SHORT_WORDS)
def test_with_enough_merges_every_word_is_one_part(words):
    merges = learn_byte_pairs(words, 1000)
    assert len(merges) < 1000
    assert all(byte_pairs(word, merges) == [word + "</w>"] for word in words)


@given(SHORT_WORDS, st.randoms())
def test_the_order_of_the_words_does_not_matter(words, random):
    shuffled = random.sample(words, len(words))
    assert learn_byte_pairs(words, 9) == learn_byte_pairs(shuffled, 9)


def test_pairs_that_overlap_are_put_together_from_the_left():
    assert byte_pairs("aaaaa", [("a", "a")]) == ["aa", "aa", "a", "</w>"]
    assert byte_pairs("aaaaa", [["a", "a"], ["aa", "a"]]) == ["aa", "aaa", "</w>"]


def test_byte_pairs_of_nothing_and_of_chinese():
    assert learn_byte_pairs([], 5) == learn_byte_pairs(["low"], 0) == []
    assert byte_pairs("", []) == ["</w>"]
    assert learn_byte_pairs(["北京", "北京人"], 1) == [("北", "京")]


@pytest.mark.parametrize("merges", [["es"], [("e",)], [("e", 1)], [3], [("e", "s", "t")]])
def test_bad_merges(merges):
    with refuses("merges must be pairs of str, got", repr(merges[0])):
        byte_pairs("newest", merges)


@pytest.mark.parametrize("word", [None, 3, ["l", "o"]])
def test_bad_word(word):
    with refuses("word must be a str, got", repr(word)):
        byte_pairs(word, [])


@pytest.mark.parametrize("value", [-1, 1.0, "3", None, True])
def test_bad_number_of_merges(value):
    with refuses("n_merges must be an integer >= 0, got", repr(value)):
        learn_byte_pairs(["low"], value)


# ---------------------------------------------------------------------------------- bad arguments


@pytest.mark.parametrize("value", NOT_A_COUNT)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("size", lambda value: one_hot([0], value)),
        ("n", lambda value: ngrams(["cat"], value)),
        ("window", lambda value: skip_gram_pairs([0, 1], value)),
        ("length", lambda value: windows([0, 1], value)),
        ("step", lambda value: windows([0, 1], 1, value)),
        ("batch_size", lambda value: batches([0, 1], value, 1)),
        ("steps", lambda value: batches([0, 1], 1, value)),
    ],
)
def test_bad_number(name, call, value):
    with refuses(f"{name} must be a positive integer, got", repr(value)):
        call(value)


@pytest.mark.parametrize("tokens", ["the cat", None, 3, ["cat", 3]])
@pytest.mark.parametrize(
    ("name", "function"),
    [("tokens", lambda t: ngrams(t, 1)), ("words", lambda t: learn_byte_pairs(t, 1))],
)
def test_bad_tokens(name, function, tokens):
    with refuses(f"{name} must be a list of words, got"):
        function(tokens)


def test_repeats_are_left_out():
    a = "one two three four five six"
    assert without_repeats([a, "new", a, "new", "old"]) == [a, "new", "old"]
    more = f"But {a}, said seven"
    assert without_repeats([a, more], n=5) == [a]
    assert without_repeats([a, more], n=7) == [a, more]
    assert without_repeats([]) == []
    with pytest.raises(ValueError, match="n must be a positive integer, got 0"):
        without_repeats([a], 0)


# ---------------------------------------------------------------------- how far off a text is


def listed_distance(one, other):
    """By the definition, without a table."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        listed_distance(one[1:], other) + 1,
        listed_distance(one, other[1:]) + 1,
        listed_distance(one[1:], other[1:]) + (one[0] != other[0]),
    )


@given(ABC, ABC)
def test_edit_distance_is_its_definition(one, other):
    assert edit_distance(one, other) == listed_distance(one, other)


@given(ABC, ABC, ABC)
def test_edit_distance_is_a_distance(a, b, c):
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert edit_distance(a, b) <= max(len(a), len(b))


def test_error_rate_weighs_texts_by_their_length():
    assert error_rate(["aaaa", "b"], ["aaaa", ""]) == 1 / 5
    assert error_rate([["a", "new", "map"]], [["a", "map"]]) == 1 / 3
    assert error_rate(["a"], ["bcd"]) == 3


def test_error_rate_of_nothing_is_refused():
    with pytest.raises(ValueError, match="read must have as many texts as true, 1, got 2"):
        error_rate(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="true must have at least one symbol, got none"):
        error_rate([""], ["a"])
