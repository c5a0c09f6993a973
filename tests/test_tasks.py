"""The toy tasks: what they promise, and that there is no way around remembering."""

import doctest
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils import tasks
from rnn_utils.tasks import (
    AGREEMENT_VERBS,
    AGREEMENT_VOCABULARY,
    IGNORE,
    NAMES_BARE,
    NAMES_EITHER,
    NAMES_VOCABULARY,
    REVIEW_VOCABULARY,
    TEDDY_VOCABULARY,
    adding,
    agreement,
    anbn,
    bracket_depth,
    copy,
    counting,
    delayed_echo,
    encode,
    last_marked,
    marked_echo,
    names,
    parity,
    reviews,
    teddies,
)

SINGULAR = {"cat", "dog", "mouse"}
PLURAL = {"cats", "dogs", "mice"}


def number(words):
    """The nouns of a sentence in order: 0 for singular, 1 for plural."""
    return [int(word in PLURAL) for word in words if word in SINGULAR | PLURAL]


@pytest.fixture(scope="module")
def many():
    return agreement(4000, max_objects=5, seed=7)


def right(guesses, data):
    return np.mean(np.array(guesses) == data.targets)


def test_same_seed_same_sentences():
    first, again, other = agreement(50, seed=3), agreement(50, seed=3), agreement(50, seed=4)
    assert first.tokens == again.tokens
    np.testing.assert_array_equal(first.targets, again.targets)
    assert first.tokens != other.tokens


def test_global_generator_is_left_alone():
    np.random.seed(0)  # noqa: NPY002 (the point of the test)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    agreement(10)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_shape_of_a_sentence(many):
    for words in many.tokens:
        assert words[0] == "the"
        assert words[1] in SINGULAR | PLURAL
        assert words[2:5] == [",", "which", "already"]
        assert words[5] in {"ate", "saw", "chased"}
        assert words[-1] == ","
        assert len(words) == 6 + 3 * (len(number(words)) - 1)


def test_vocabulary_is_what_is_used(many):
    used = {word for words in many.tokens for word in words}
    assert used | {"<pad>"} == set(AGREEMENT_VOCABULARY)
    assert len(AGREEMENT_VOCABULARY) == len(set(AGREEMENT_VOCABULARY)) == 15
    assert not used & set(AGREEMENT_VERBS)  # the answer is never shown


def test_verb_agrees_with_the_subject(many):
    assert AGREEMENT_VERBS == ("was", "were")
    np.testing.assert_array_equal(many.targets, [number(words)[0] for words in many.tokens])


@pytest.mark.parametrize("n_sentences", [1, 2, 7, 100])
def test_verbs_are_balanced(n_sentences):
    data = agreement(n_sentences)
    assert len(data.tokens) == len(data.targets) == n_sentences
    assert np.issubdtype(data.targets.dtype, np.integer)
    assert data.targets.sum() == n_sentences // 2


def test_numbers_of_objects():
    data = agreement(2000, min_objects=6, max_objects=12, seed=1)
    counts = np.bincount([len(number(words)) - 1 for words in data.tokens], minlength=13)
    assert counts[:6].sum() == 0
    assert counts[6:].min() > 0.8 * 2000 / 7
    assert {len(words) for words in agreement(20, min_objects=2, max_objects=2).tokens} == {12}


# 4000 fair coins: the standard deviation of their mean is 0.008, so 0.03 is almost four of them.
def test_last_noun_is_no_help(many):
    assert right([number(words)[-1] for words in many.tokens], many) == pytest.approx(0.5, abs=0.03)


def test_most_objects_are_no_help(many):
    guesses = [np.mean(number(words)[1:]) > 0.5 for words in many.tokens]
    assert right(guesses, many) == pytest.approx(0.5, abs=0.03)


def test_length_and_verb_are_no_help(many):
    lengths = np.array([len(words) for words in many.tokens])
    for length in np.unique(lengths):
        assert many.targets[lengths == length].mean() == pytest.approx(0.5, abs=0.07)
    for verb in ("ate", "saw", "chased"):
        rows = np.array([words[5] == verb for words in many.tokens])
        assert many.targets[rows].mean() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, "3", None, True])
@pytest.mark.parametrize("name", ["n_sentences", "min_objects", "max_objects"])
def test_agreement_refuses(name, value):
    arguments = {"n_sentences": 5, "min_objects": 1, "max_objects": 3, name: value}
    with pytest.raises(ValueError, match=f"{name} must be an integer >= .*got {value!r}"):
        agreement(**arguments)


def test_agreement_refuses_an_empty_range():
    with pytest.raises(
        ValueError, match=r"max_objects must be an integer >= min_objects = 4, got 3"
    ):
        agreement(5, min_objects=4)


def test_agreement_takes_numpy_integers():
    assert (
        agreement(np.int64(3), max_objects=np.int32(2)).tokens == agreement(3, max_objects=2).tokens
    )


def test_encode_there_and_back(many):
    indices, lengths = encode(many.tokens, AGREEMENT_VOCABULARY)
    assert indices.shape == (4000, 6 + 3 * 5)
    assert indices.dtype == lengths.dtype == np.int64
    for row, length, words in zip(indices, lengths, many.tokens, strict=True):
        assert [AGREEMENT_VOCABULARY[k] for k in row[:length]] == words
        assert all(AGREEMENT_VOCABULARY[k] == "<pad>" for k in row[length:])


def test_encode_one_length_needs_no_padding():
    indices, lengths = encode([["a", "b"], ["b", "b"]], ["b", "a"])
    assert indices.tolist() == [[1, 0], [0, 0]]
    assert lengths.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("tokens", "vocabulary", "message"),
    [
        ([], ["a"], "tokens must be one sentence or more, none empty, got"),
        ([["a"], []], ["<pad>", "a"], "tokens must be one sentence or more, none empty, got"),
        ([["a", "bird"]], ["a"], r"vocabulary must contain every word, got one without \['bird'\]"),
        ([["a"], ["a", "a"]], ["a"], r"got one without \['<pad>'\]"),
        ("a b", ["a", "b"], "tokens must be lists of words, got 'a b'"),
        (["a b"], ["a", "b"], r"tokens must be lists of words, got \['a b'\]"),
    ],
)
def test_encode_refuses(tokens, vocabulary, message):
    with pytest.raises(ValueError, match=message):
        encode(tokens, vocabulary)


# ------------------------------------------------------------------- all tasks that are arrays

# Every task with arguments that no default has, so that none of them is there by chance.
TASKS = {
    delayed_echo: {"delay": 3, "length": 9, "n_symbols": 3},
    marked_echo: {"delay": 3, "length": 9, "n_symbols": 3},
    copy: {"n_copied": 3, "delay": 4, "n_symbols": 5},
    adding: {"length": 9},
    last_marked: {"length": 9},
    parity: {"length": 9},
    anbn: {"min_count": 2, "max_count": 7},
    counting: {"min_count": 2, "max_count": 7},
    bracket_depth: {"length": 9, "max_depth": 3},
}
counts = st.integers(1, 6)
seeds = st.integers(0, 2**32 - 1)


def each_task(function):
    return pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)(function)


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


def check_shapes(data, inputs, targets):
    """Shapes and types; and every sequence goes to the end."""
    assert data.inputs.shape == inputs
    assert data.targets.shape == targets
    floats = len(inputs) == 3
    assert data.inputs.dtype == (np.float64 if floats else np.int64)
    assert data.targets.dtype == (np.float64 if floats else np.int64)
    assert data.lengths.dtype == np.int64
    assert data.lengths.tolist() == [inputs[1]] * inputs[0]


def test_the_table_names_every_task():
    named = re.findall(r"^`(\w+)` ", tasks.__doc__, re.M)
    assert named == [task.__name__ for task in [*TASKS, agreement, names, teddies, reviews]]


@each_task
def test_every_task_shows_an_example(task):
    assert len(doctest.DocTestFinder().find(task)[0].examples) >= 1


@each_task
def test_same_seed_same_data(task):
    first, again, other = (task(50, **TASKS[task], seed=seed) for seed in (3, 3, 4))
    for name in ("inputs", "targets", "lengths"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.inputs, other.inputs)
    assert not np.array_equal(first.targets, other.targets)


@each_task
def test_no_task_draws_from_the_global_generator(task):
    np.random.seed(0)  # noqa: NPY002 (the point of the test)
    first = task(10, **TASKS[task])
    drawn = np.random.random()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert drawn == np.random.random()  # noqa: NPY002
    np.testing.assert_array_equal(first.inputs, task(10, **TASKS[task]).inputs)


@each_task
def test_tasks_take_numpy_integers(task):
    theirs = {name: np.int64(value) for name, value in TASKS[task].items()}
    ours, again = task(5, **TASKS[task]), task(np.int32(5), **theirs)
    for one, other in zip(ours, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.targets.dtype == ours.targets.dtype


# ------------------------------------------------------------------------- names in a sentence


def labels_of(word, data):
    """Every label that a word has somewhere."""
    pairs = zip(data.tokens, data.targets, strict=True)
    return {
        label
        for words, labels in pairs
        for said, label in zip(words, labels, strict=True)
        if said == word
    }


def test_names_have_a_label_for_every_word():
    data = names(200, seed=1)
    assert len(data.tokens) == len(data.targets) == 200
    assert all(map(len, data.tokens))
    assert [len(words) for words in data.tokens] == [len(labels) for labels in data.targets]
    assert {label for labels in data.targets for label in labels} == {0, 1}


def test_names_use_their_vocabulary_and_nothing_else():
    used = {word for words in names(4000).tokens for word in words}
    assert used | {"<pad>", "<unk>"} == set(NAMES_VOCABULARY)
    assert len(set(NAMES_VOCABULARY)) == len(NAMES_VOCABULARY)


def test_held_out_names_and_nouns_are_new():
    data = names(2000, held_out=True)
    new = {word for words in data.tokens for word in words} - set(NAMES_VOCABULARY)
    assert {"hermione", "granger", "kettle"} <= new
    assert {label for word in new for label in labels_of(word, data)} == {0, 1}
    assert all(len(labels_of(word, data)) == 1 for word in new)
    assert all(word not in {w for ws in names(2000).tokens for w in ws} for word in new)


@pytest.mark.parametrize("word", NAMES_EITHER)
def test_a_word_that_is_a_name_or_not(word):
    assert labels_of(word, names(2000)) == {0, 1}


def test_the_past_tells_all_but_what_bears_tell():
    place = {}  # what came before, and an ambiguous word: which labels it had
    for words, labels in zip(*names(4000), strict=True):
        for t, (word, label) in enumerate(zip(words, labels, strict=True)):
            follows = words[t + 1] if t + 1 < len(words) else ""
            if word in NAMES_EITHER and follows not in NAMES_BARE:
                place.setdefault(tuple(words[: t + 1]), set()).add(label)
    assert max(map(len, place.values())) == 1


def test_same_seed_same_names():
    assert names(20, seed=3) == names(20, seed=3) != names(20, seed=4)


@pytest.mark.parametrize("n_sentences", [0, 1.5, "2", True])
def test_names_refuse(n_sentences):
    with refuses("n_sentences", repr(n_sentences)):
        names(n_sentences)


# ------------------------------------------------------- every definition, one number at a time


@given(n=counts, delay=counts, more=counts, n_symbols=st.integers(2, 5), seed=seeds)
def test_delayed_echo(n, delay, more, n_symbols, seed):
    T = delay + more
    data = delayed_echo(n, delay=delay, length=T, n_symbols=n_symbols, seed=seed)
    check_shapes(data, (n, T), (n, T))
    assert set(data.inputs.ravel()) <= set(range(n_symbols))
    for symbols, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        for t in range(T):
            assert wanted[t] == (symbols[t - delay] if t >= delay else IGNORE)


def test_delayed_echo_asks_once_by_default():
    data = delayed_echo(5, delay=7)
    assert data.inputs.shape == (5, 8)
    assert (data.targets != IGNORE).sum(axis=1).tolist() == [1] * 5


@given(n=counts, delay=counts, more=counts, n_symbols=st.integers(2, 5), seed=seeds)
def test_marked_echo(n, delay, more, n_symbols, seed):
    T = delay + more
    data = marked_echo(n, delay=delay, length=T, n_symbols=n_symbols, seed=seed)
    check_shapes(data, (n, T), (n, T))
    for symbols, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        [marked] = [t for t in range(T) if symbols[t] >= n_symbols]
        assert min(symbols) >= 0
        assert max(symbols) < 2 * n_symbols
        for t in range(T):
            assert wanted[t] == (symbols[marked] - n_symbols if t == marked + delay else IGNORE)


def test_marked_echo_is_twice_its_delay_by_default():
    assert marked_echo(5, delay=7).inputs.shape == (5, 14)
    assert marked_echo(5, delay=1).inputs.shape == (5, 2)


def test_the_mark_comes_anywhere():
    data = marked_echo(6000, delay=4, length=10, seed=5)
    at = np.bincount((data.inputs >= 4).argmax(axis=1), minlength=10)
    assert at[6:].sum() == 0
    assert np.abs(at[:6] - 1000).max() < 5 * np.sqrt(6000 * 1 / 6 * 5 / 6)


@given(n=counts, n_copied=counts, delay=counts, n_symbols=st.integers(2, 5), seed=seeds)
def test_copy(n, n_copied, delay, n_symbols, seed):
    T = n_copied + delay + n_copied
    data = copy(n, n_copied=n_copied, delay=delay, n_symbols=n_symbols, seed=seed)
    check_shapes(data, (n, T), (n, T))
    wait, begin = n_symbols, n_symbols + 1
    for symbols, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        string = symbols[:n_copied]
        assert set(string) <= set(range(n_symbols))
        assert symbols[n_copied:] == [wait] * (delay - 1) + [begin] + [wait] * n_copied
        assert wanted == [IGNORE] * (n_copied + delay) + string


@given(n=counts, T=st.integers(2, 9), seed=seeds)
def test_adding(n, T, seed):
    data = adding(n, length=T, seed=seed)
    check_shapes(data, (n, T, 2), (n,))
    assert set(data.inputs[..., 1].ravel()) <= {0, 1}
    assert data.inputs[..., 0].min() >= 0
    assert data.inputs[..., 0].max() < 1
    for steps, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        first, second = (t for t in range(T) if steps[t][1] == 1)
        assert first < T // 2 <= second
        assert wanted == steps[first][0] + steps[second][0]


@pytest.mark.parametrize("length", [8, 9])
def test_both_marks_of_adding_come_anywhere_in_their_half(length):
    marks = adding(4000, length=length, seed=5).inputs[..., 1].sum(axis=0)
    half = length // 2
    for of_half in (marks[:half], marks[half:]):
        assert of_half.sum() == 4000
        assert np.abs(of_half - 4000 / len(of_half)).max() < 5 * np.sqrt(4000 / len(of_half))


@given(n=counts, T=st.integers(1, 9), rate=st.floats(0, 1), seed=seeds)
def test_last_marked(n, T, rate, seed):
    data = last_marked(n, length=T, rate=rate, seed=seed)
    check_shapes(data, (n, T, 2), (n, T))
    for steps, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        assert steps[0][1] == 1
        held = None
        for (value, mark), answer in zip(steps, wanted, strict=True):
            assert -1 <= value < 1
            assert mark in (0, 1)
            held = value if mark else held
            assert answer == held


def test_the_rate_of_marks():
    """The first is always marked; of the others so many; a guess of 0 errs by a third."""
    data = last_marked(2000, length=50, rate=0.3, seed=1)
    assert data.inputs[:, 1:, 1].mean() == pytest.approx(0.3, abs=0.01)
    assert np.square(data.targets).mean() == pytest.approx(data.chance, abs=0.01)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_out_of_its_range(rate):
    with refuses("rate must be between 0 and 1", f"got {rate!r}"):
        last_marked(2, rate=rate)


@given(n=counts, T=st.integers(1, 9), seed=seeds)
def test_parity(n, T, seed):
    data = parity(n, length=T, seed=seed)
    check_shapes(data, (n, T), (n, T))
    assert set(data.inputs.ravel()) <= {0, 1}
    for bits, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        for t in range(T):
            ones = bits[: t + 1].count(1)
            assert wanted[t] == (1 if ones in (1, 3, 5, 7, 9) else 0)


@given(n=counts, least=counts, more=st.integers(3, 6), seed=seeds)
def test_anbn(n, least, more, seed):
    most = least + more
    data = anbn(n, min_count=least, max_count=most, seed=seed)
    assert data.inputs.shape == (n, 2 * most)
    assert data.targets.shape == data.lengths.shape == (n,)
    assert data.inputs.dtype == data.targets.dtype == data.lengths.dtype == np.int64
    assert data.targets.tolist().count(1) == (n + 1) // 2
    for symbols, length, wanted in zip(*data[:1], data.lengths, data.targets, strict=True):
        string = "".join("ab"[k] for k in symbols[:length])
        n_a, n_b = string.count("a"), string.count("b")
        assert string == "a" * n_a + "b" * n_b
        assert least <= n_a <= most
        assert least <= n_b <= most
        assert len(string) == length
        assert length % 2 == 0
        assert wanted == int(n_a == n_b)
        assert symbols[length:].tolist() == [0] * (2 * most - length)


@given(n=counts, least=counts, more=st.integers(0, 6), seed=seeds)
def test_counting(n, least, more, seed):
    most = least + more
    data = counting(n, min_count=least, max_count=most, seed=seed)
    assert data.inputs.shape == data.targets.shape == (n, 2 * most)
    assert data.inputs.dtype == data.targets.dtype == data.lengths.dtype == np.int64
    for symbols, length, wanted in zip(data.inputs, data.lengths, data.targets, strict=True):
        string = "".join("ab"[k] for k in symbols[:length])
        count = string.count("a")
        assert least <= count <= most
        assert string == "a" * count + "b" * count
        assert symbols[length:].tolist() == [0] * (2 * most - length)
        answers = [IGNORE] * count + [0] * (count - 1) + [1] + [IGNORE] * (2 * most - length)
        assert wanted.tolist() == answers
    assert data.chance == 1 / (more + 1)


@given(n=counts, T=st.integers(1, 9), max_depth=st.integers(1, 4), seed=seeds)
def test_bracket_depth(n, T, max_depth, seed):
    data = bracket_depth(n, length=T, max_depth=max_depth, seed=seed)
    check_shapes(data, (n, T), (n, T))
    for symbols, wanted in zip(data.inputs.tolist(), data.targets.tolist(), strict=True):
        depth = 0
        for symbol, answer in zip(symbols, wanted, strict=True):
            depth += {0: 1, 1: -1}[symbol]
            assert 0 <= depth <= max_depth
            assert answer == depth


def test_the_coin_of_the_brackets_is_fair_between_the_borders():
    data = bracket_depth(2000, length=30, max_depth=3, seed=5)
    before = np.concatenate([np.zeros((2000, 1), np.int64), data.targets[:, :-1]], axis=1)
    assert not data.inputs[before == 0].any()
    assert data.inputs[before == 3].all()
    for depth in (1, 2):
        closed = data.inputs[before == depth]
        assert len(closed) > 10000
        assert closed.mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(len(closed)))


def test_brackets_of_depth_one_alternate():
    assert bracket_depth(3, length=5, max_depth=1).inputs.tolist() == [[0, 1, 0, 1, 0]] * 3


# --------------------------------------------------------------------------------------- chance


def within(share, n):
    """Four standard deviations of an average over n draws that are right with this chance."""
    return 4 * np.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize(
    ("task", "chance"),
    [(delayed_echo, 1 / 3), (marked_echo, 1 / 3), (copy, 1 / 5), (parity, 1 / 2), (anbn, 1 / 2)],
)
def test_a_guess_reaches_the_chance_level(task, chance):
    data = task(4000, **TASKS[task], seed=7)
    assert data.chance == chance
    asked = data.targets[data.targets != IGNORE]
    best = max(np.mean(asked == answer) for answer in set(asked))
    assert best == pytest.approx(chance, abs=within(chance, len(asked)))


@pytest.mark.parametrize(
    ("task", "chance"),
    [(delayed_echo, 1 / 3), (marked_echo, 1 / 3), (copy, 1 / 5), (parity, 1 / 2)],
)
def test_to_know_the_step_is_no_help(task, chance):
    for column in task(4000, **TASKS[task], seed=7).targets.T:
        asked = column[column != IGNORE]
        for answer in set(asked):
            assert np.mean(asked == answer) == pytest.approx(chance, abs=within(chance, len(asked)))


def test_chance_of_adding():
    data = adding(20000, length=5, seed=7)
    assert data.chance == 1 / 6
    errors = {guess: np.mean((data.targets - guess) ** 2) for guess in (0.9, 1, 1.1)}
    assert errors[1] == pytest.approx(1 / 6, abs=4 * 0.2 / np.sqrt(20000))
    assert min(errors, key=errors.get) == 1


def test_chance_of_agreement(many):
    assert many.chance == 0.5
    assert many.targets.mean() == 0.5


@pytest.mark.parametrize("max_depth", [1, 2, 4, 7])
def test_chance_of_bracket_depth(max_depth):
    """The most frequent depth of each step, in many sequences."""
    data = bracket_depth(6000, length=20, max_depth=max_depth, seed=7)
    best = [np.bincount(column).max() / len(column) for column in data.targets.T]
    assert data.chance == pytest.approx(np.mean(best), abs=0.01)


@pytest.fixture(scope="module")
def strings():
    """Two drawings of aⁿbᵐ, each as the counts of a and b and the answers."""
    drawn = []
    for seed in (7, 8):
        data = anbn(12000, min_count=2, max_count=8, seed=seed)
        n_b = data.inputs.sum(axis=1)
        drawn.append((data.lengths - n_b, n_b, data.targets))
    return drawn


@pytest.mark.parametrize("half", [0, 1])
def test_both_counts_are_uniform_in_both_halves(strings, half):
    n_a, n_b, targets = strings[0]
    for counted in (n_a, n_b):
        times = np.bincount(counted[targets == half], minlength=9)
        assert times.sum() == 6000
        assert times[:2].sum() == 0
        assert np.abs(times[2:] - 6000 / 7).max() < 5 * np.sqrt(6000 / 7)


SHORTCUTS = {
    "n": lambda n_a, n_b: n_a,
    "m": lambda n_a, n_b: n_b,
    "parity of the length": lambda n_a, n_b: (n_a + n_b) % 2,
    "parity of n": lambda n_a, n_b: n_a % 2,
}


@pytest.mark.parametrize("name", SHORTCUTS)
def test_no_number_alone_tells_as_many_from_not(strings, name):
    """The best rule found on one drawing is tried on the other."""
    (n_a, n_b, targets), (new_a, new_b, new_targets) = strings
    seen, new = SHORTCUTS[name](n_a, n_b), SHORTCUTS[name](new_a, new_b)
    rule = {value: targets[seen == value].mean() > 0.5 for value in np.unique(seen)}
    score = np.mean([rule[value] == target for value, target in zip(new, new_targets, strict=True)])
    assert score == pytest.approx(0.5, abs=within(0.5, 12000))


def test_both_numbers_together_tell(strings):
    for n_a, n_b, targets in strings:
        np.testing.assert_array_equal(n_a == n_b, targets == 1)


# ---------------------------------------------------------------------------------- bad arguments

ARGUMENTS = [(task, name) for task in TASKS for name in ["n_sequences", *TASKS[task]]]


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, "3", True, np.True_, [3]])
@pytest.mark.parametrize(("task", "name"), ARGUMENTS)
def test_bad_argument(task, name, value):
    with refuses(f"{name} must be an integer >= ", f"got {value!r}"):
        task(**{"n_sequences": 5, **TASKS[task], name: value})


@pytest.mark.parametrize(
    ("task", "bad", "least"),
    [
        (delayed_echo, {"delay": 5, "length": 5}, "length must be an integer >= delay + 1 = 6"),
        (marked_echo, {"delay": 5, "length": 5}, "length must be an integer >= delay + 1 = 6"),
        (delayed_echo, {"n_symbols": 1}, "n_symbols must be an integer >= 2"),
        (marked_echo, {"n_symbols": 1}, "n_symbols must be an integer >= 2"),
        (copy, {"n_symbols": 1}, "n_symbols must be an integer >= 2"),
        (adding, {"length": 1}, "length must be an integer >= 2"),
        (
            anbn,
            {"min_count": 4, "max_count": 6},
            "max_count must be an integer >= min_count + 3 = 7",
        ),
        (
            counting,
            {"min_count": 4, "max_count": 3},
            "max_count must be an integer >= min_count = 4",
        ),
    ],
)
def test_just_too_small(task, bad, least):
    *_, value = bad.values()
    with refuses(least, f"got {value}"):
        task(5, **bad)


@each_task
def test_the_smallest_that_works(task):
    smallest = {
        delayed_echo: {"delay": 1, "length": 2, "n_symbols": 2},
        marked_echo: {"delay": 1, "length": 2, "n_symbols": 2},
        copy: {"n_copied": 1, "delay": 1, "n_symbols": 2},
        adding: {"length": 2},
        last_marked: {"length": 1},
        parity: {"length": 1},
        anbn: {"min_count": 1, "max_count": 4},
        counting: {"min_count": 1, "max_count": 1},
        bracket_depth: {"length": 1, "max_depth": 1},
    }
    assert len(task(1, **smallest[task]).inputs) == 1


# ------------------------------------------------------------- what the past tells, and the future


def test_teddies_use_their_vocabulary_and_nothing_else():
    used = {word for words in teddies(2000).tokens for word in words}
    assert used | {"<pad>"} == set(TEDDY_VOCABULARY)
    assert len(set(TEDDY_VOCABULARY)) == len(TEDDY_VOCABULARY)


def test_teddies_have_a_label_for_every_word():
    data = teddies(500, seed=1)
    assert [len(words) for words in data.tokens] == [len(labels) for labels in data.targets]
    for words, labels in zip(*data, strict=True):
        assert words.count("teddy") == 1
        named = {word for word, label in zip(words, labels, strict=True) if label}
        assert named <= {"teddy", "roosevelt", "rose"}
        assert ("roosevelt" not in words) or labels[words.index("roosevelt")] == 1


def labels_by(word, key):
    """The labels that a word has, by what ``key`` sees of the sentence: (before, after)."""
    found = {}
    for words, labels in zip(*teddies(4000), strict=True):
        if word in words:
            place = words.index(word)
            seen = tuple(words[:place] if key == "before" else words[place + 1 :])
            found.setdefault(seen, []).append(labels[place])
    return found


def test_only_what_comes_after_tells_which_teddy():
    for labels in labels_by("teddy", "before").values():
        assert 0.4 < np.mean(labels) < 0.6
    assert all(len(set(labels)) == 1 for labels in labels_by("teddy", "after").values())


def test_only_what_comes_before_tells_which_rose():
    assert list(labels_by("rose", "after")) == [()]  # it is the last word
    assert 0.4 < np.mean(labels_by("rose", "after")[()]) < 0.6
    assert all(len(set(labels)) == 1 for labels in labels_by("rose", "before").values())


def test_the_two_sentences_of_the_chapter_are_among_them():
    said = {" ".join(words) for words in teddies(2000).tokens}
    assert "he said teddy bears are on sale" in said
    assert "he said teddy roosevelt was a great president" in said


def test_same_seed_same_teddies():
    assert teddies(20, seed=3) == teddies(20, seed=3) != teddies(20, seed=4)


@pytest.mark.parametrize("n_sentences", [0, -1, 1.5, True, "3"])
def test_teddies_refuse(n_sentences):
    with pytest.raises(ValueError, match="n_sentences"):
        teddies(n_sentences)


# --------------------------------------------------------------------- what a negation turns around

GOOD = set("good great lovely fine perfect pleasant wonderful excellent".split())
BAD = set("bad awful dull sad horrible nasty dreadful poor".split())


def forms(data):
    """Each review with its adjectives, and what is reviewed, replaced by one sign."""
    reviewed = set("taste service ambience food staff menu wine music".split())
    for words, target in zip(data.tokens, data.targets, strict=True):
        shape = " ".join("A" if w in GOOD | BAD else "thing" if w in reviewed else w for w in words)
        for start in ("in short : ", "we came on monday : ", "my friends say : "):
            shape = shape.removeprefix(start)
        for end in (" last night", " on our second visit", " , as we told the owner"):
            shape = shape.removesuffix(end)
        yield shape, [w for w in words if w in GOOD | BAD], int(target)


def test_reviews_use_their_vocabulary_and_nothing_else():
    used = {word for words in reviews(3000).tokens for word in words}
    assert used | {"<pad>"} == set(REVIEW_VOCABULARY)
    assert len(set(REVIEW_VOCABULARY)) == len(REVIEW_VOCABULARY)


def test_without_a_negation_reviews_mean_what_their_adjectives_say():
    data = reviews(2000, seed=1)
    for (_, adjectives, target), negated in zip(forms(data), data.negated, strict=True):
        if not negated:
            assert set(adjectives) <= (GOOD if target else BAD)


@pytest.mark.parametrize(
    ("words", "turned"),
    [
        ("completely lacking in A thing , A thing , and A thing", True),
        ("nobody could say that the thing was A", True),
        ("nobody could say that the thing was not A", False),
        ("the thing was not A", True),
        ("the thing was A", False),
    ],
)
def test_a_form_turns_its_adjectives_always_or_never(words, turned):
    found = [(a[0] in GOOD, t == 1) for shape, a, t in forms(reviews(4000)) if shape == words]
    assert {good for good, _ in found} == {True, False}
    assert all((good != praised) == turned for good, praised in found)


@pytest.mark.parametrize("held_out", [False, True])
def test_a_form_alone_tells_nothing(held_out):
    labels = {}
    for shape, _, target in forms(reviews(4000, held_out=held_out, seed=2)):
        labels.setdefault(shape, []).append(target)
    assert len(labels) == (9 if held_out else 13)
    assert all(0.4 < np.mean(found) < 0.6 for found in labels.values())


def test_held_out_combinations_are_never_in_the_other_reviews():
    seen = {(shape, a) for shape, adjectives, _ in forms(reviews(6000)) for a in adjectives}
    data = reviews(3000, held_out=True, seed=1)
    new = {(shape, a) for shape, adjectives, _ in forms(data) for a in adjectives}
    assert not seen & new
    assert {a for _, a in new} == GOOD | BAD
    assert len(new) == 9 * 4  # a quarter of eight, of either sign
    assert data.negated.all()


def test_same_seed_same_reviews():
    first, again, other = reviews(30, seed=3), reviews(30, seed=3), reviews(30, seed=4)
    assert first.tokens == again.tokens != other.tokens
    np.testing.assert_array_equal(first.targets, again.targets)
    assert first.chance == 0.5


@pytest.mark.parametrize("n_sentences", [0, -1, 1.5, True, "3"])
def test_reviews_refuse(n_sentences):
    with pytest.raises(ValueError, match="n_sentences"):
        reviews(n_sentences)
