"""The text encoder: in JavaScript it counts as rnn_utils.text does, and every reader can use it."""

import json
import re
import sys
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import assert_accessible, assert_no_page_scroll, load_module, open_with_kernel
from playwright.sync_api import expect

import rnn_utils
from rnn_utils.text import (
    Vocab,
    bag_of_words,
    byte_pairs,
    learn_byte_pairs,
    ngrams,
    one_hot,
    tokenize,
)
from rnn_utils.widgets import TextEncoder
from rnn_utils.widgets.base import module_text
from rnn_utils.widgets.text_encoder import CORPUS, LEVELS, STRINGS

SOURCE = Path(rnn_utils.__file__).parent / "widgets" / "lib" / "text.js"

# A sign that Python's table of Unicode does not know yet may be known to the browser.
ASSIGNED = st.characters(exclude_categories=["Cs", "Cn"])
# Letters with and without marks, capitals with a lower case of two signs or two forms, Chinese,
# emoji, digits of several scripts, numbers that are letters, signs, spaces of both languages.
SIGNS = "aBéE\u0301ΣσςİI\u0327ßﬁ中〇。𠀀'’,.19٣½Ⅷ²_-👋🏽\u0915\u093f"
SIGNS += " \t\n\x1c\x85\u00a0\u2028\u3000\ufeff\u200b"
TEXTS = st.text(ASSIGNED) | st.text(SIGNS)
WORDS = st.lists(st.text("ab\ue000\uffff\U00010000\U0001f44b", max_size=4) | TEXTS, max_size=12)


def refuses(error, *parts):
    """An error with these parts in its text, in this order."""
    return pytest.raises(error, match=".*".join(map(re.escape, parts)))


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


# ------------------------------------------------------------------ the arithmetic in JavaScript


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of text.js with each of many lists of arguments: ``js("encode", calls)``."""
    page = browser.new_page()
    load_module(page, SOURCE.read_text(encoding="utf-8"), "text")

    def call(name, calls, then="(result) => result"):
        script = f"([name, calls]) => calls.map((values) => ({then})(text[name](...values)))"
        return page.evaluate(script, [name, calls])

    yield call
    page.close()


@given(st.lists(TEXTS, max_size=20))
def test_tokens_are_those_of_python(js, texts):
    for level in ("word", "character"):
        found = js("tokenize", [[text, level] for text in texts])
        assert found == [tokenize(text, level) for text in texts]


def test_every_sign_that_both_know_is_cut_alike(js):
    """All of Unicode, each sign between letters, doubled, between digits, after an apostrophe."""
    nothing = ("Cs", "Cn", "Co")  # half a sign, not assigned, for private use
    every = map(chr, range(sys.maxunicode + 1))
    signs = [sign for sign in every if unicodedata.category(sign) not in nothing]
    assert len(signs) > 140_000
    frames = [f"a{sign}b {sign}{sign} 1{sign}2’{sign} " for sign in signs]
    texts = ["".join(frames[n : n + 200]) for n in range(0, len(frames), 200)]
    # No token of this level has a space, so joined they say as much, and travel faster.
    found = js("tokenize", [[text] for text in texts], then="(tokens) => tokens.join(' ')")
    wrong = [t for t, tokens in zip(texts, found, strict=True) if tokens != " ".join(tokenize(t))]
    assert wrong == []


@given(WORDS)
def test_a_vocabulary_is_that_of_python(js, words):
    words = [*words, *words[::2], "<unk>"]
    assert js("vocabularyOf", [[words]]) == [list(Vocab(words).words)]


@settings(max_examples=50)
@given(st.lists(st.text("ab\uffff\U00010000", max_size=6), max_size=8), st.integers(0, 30))
def test_byte_pairs_are_those_of_python(js, words, n_merges):
    merges = learn_byte_pairs(words, n_merges)
    assert js("learnBytePairs", [[words, n_merges]]) == [[list(pair) for pair in merges]]
    some = [*words, "abab", "bbb", ""]
    found = js("bytePairs", [[word, merges] for word in some])
    assert found == [byte_pairs(word, merges) for word in some]


@given(WORDS, WORDS)
def test_indices_and_bags_are_those_of_python(js, words, others):
    vocab = Vocab(words)
    [indices] = js("encode", [[others, vocab.words]])
    assert indices == vocab.encode(others).tolist()
    [bag] = js("bagOfWords", [[indices, len(vocab)]])
    assert [bag] == bag_of_words([others], vocab).tolist()
    np.testing.assert_array_equal(bag, one_hot(indices, len(vocab)).sum(axis=0))


def test_without_a_place_for_unknown_words_they_have_none(js):
    assert js("encode", [[["b", "x", "a"], ["a", "b"]]]) == [[1, None, 0]]
    assert js("bagOfWords", [[[1, None, 1], 2]]) == [[0, 2]]


SHORT = st.lists(st.sampled_from("the dog bites a man".split()), max_size=8)


@given(SHORT, SHORT, st.integers(1, 4))
def test_ngrams_and_what_is_lost_of_them(js, words, others, n):
    [grams], [other] = (js("ngrams", [[tokens, n]]) for tokens in (words, others))
    assert [tuple(gram) for gram in grams] == ngrams(words, n)
    [lost] = js("without", [[grams, other]])
    expected = Counter(ngrams(words, n)) - Counter(ngrams(others, n))
    assert Counter(map(tuple, lost)) == expected


# ---------------------------------------------------------------------------------- in Python


def test_what_is_not_given():
    widget = TextEncoder()
    assert widget.page_state() == {
        "text": "dog bites man",
        "level": "word",
        "corpus": list(CORPUS),
        "vocabulary": None,
        "merges": None,
        "n_merges": 20,
        "order": [],
        "selected": -1,
    }
    assert json.loads(json.dumps(widget.page_state())) == widget.page_state()
    assert repr(widget) == "TextEncoder('dog bites man', level='word', 3 tokens, 13 words)"


@pytest.mark.parametrize("level", LEVELS)
def test_tokens_and_indices_fit_the_vocabulary(level):
    widget = TextEncoder("The cat bites Bob, too!", level=level)
    words = widget.words()
    assert len(set(words)) == len(words)
    for token, k in zip(widget.tokens(), widget.indices(), strict=True):
        assert words[k] == (token if token in words else "<unk>")
    assert 0 in widget.indices()
    assert sum(widget.indices()) > 0


def test_words_and_characters_have_the_vocabulary_of_the_corpus():
    corpus = ["One fish, two fish", "red fish"]
    for level in ("word", "character"):
        widget = TextEncoder("", corpus=corpus, level=level)
        assert widget.words() == list(Vocab([tokenize(line, level) for line in corpus]).words)


def test_byte_pairs_have_characters_and_what_each_merge_made():
    corpus = ["low low low low low lower lower newest newest newest newest newest newest"]
    merges = learn_byte_pairs(tokenize(corpus[0]), 3)
    widget = TextEncoder("lowest", corpus=corpus, level="byte pair", n_merges=3)
    characters = "e </w> w l o n s t r".split()
    assert widget.words() == ["<unk>", *characters, *map("".join, merges)]
    assert widget.tokens() == byte_pairs("lowest", merges)
    assert 0 not in widget.indices()
    twice = TextEncoder("abc", corpus=["abc"], level="byte pair", merges=[("a", "b"), ("a", "b")])
    assert twice.words() == ["<unk>", "</w>", "a", "b", "c", "ab"]


def test_merges_that_are_given_are_made_as_far_as_asked():
    merges = [("l", "o"), ("lo", "w"), ("e", "s")]
    widget = TextEncoder("lowest", level="byte pair", merges=merges)
    assert widget.n_merges == 3
    assert widget.tokens() == ["low", "es", "t", "</w>"]
    widget.n_merges = 1
    assert widget.tokens() == ["lo", "w", "e", "s", "t", "</w>"]
    assert widget.merges == [list(pair) for pair in merges]


def test_a_vocabulary_that_is_given_stays():
    vocab = Vocab(["dog", "man"], specials=("<pad>",))
    widget = TextEncoder("dog bites man", vocab=vocab)
    assert widget.words() == widget.vocabulary == ["<pad>", "dog", "man"]
    assert widget.indices() == [1, None, 2]
    assert widget.corpus == []


def test_an_order_of_another_length_is_none():
    widget = TextEncoder("dog bites man", order=[2, 1, 0])
    assert widget.tokens() == ["man", "bites", "dog"]
    widget.text = "a dog bites a man"
    assert widget.tokens() == ["a", "dog", "bites", "a", "man"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": 3}, ["text must be a str", "got 3"]),
        ({"text": "\ud800"}, ["text must be a str without lone surrogates", "got '\\ud800'"]),
        ({"level": "sentence"}, ["level must be one of word, character, byte pair", "'sentence'"]),
        ({"vocab": ["dog"]}, ["vocab must be a Vocab, got list"]),
        ({"vocab": Vocab(["a"]), "corpus": ["a"]}, ["vocab and corpus must not both be given"]),
        ({"vocab": Vocab([], specials=())}, ["vocabulary must be different words, got []"]),
        ({"vocab": Vocab(["a"]), "level": "byte pair"}, ["merges must be given", "got None"]),
        ({"corpus": "a dog"}, ["corpus must be a list of str, got 'a dog'"]),
        ({"corpus": 3}, ["corpus must be a list of str, got 3"]),
        ({"corpus": ["a dog", 3]}, ["each of corpus must be a str, got 3"]),
        ({"merges": "es"}, ["merges must be a list of pairs of str, got 'es'"]),
        ({"merges": [("e", "s", "t")]}, ["merges must be pairs of str, got ['e', 's', 't']"]),
        ({"merges": [("e", 3)]}, ["each of merges must be a str, got 3"]),
        ({"n_merges": -1}, ["n_merges must be an integer >= 0, got -1"]),
        ({"n_merges": 1001}, ["n_merges must be at most 1000, got 1001"]),
        ({"order": [0, 0, 1]}, ["order must have each place from 0 to T - 1 once", "[0, 0, 1]"]),
        ({"order": [1, 2, 3]}, ["order must have each place from 0 to T - 1 once", "[1, 2, 3]"]),
        ({"order": [0.0]}, ["each of order must be an integer >= 0, got 0.0"]),
        ({"selected": -2}, ["selected must be an integer >= -1, got -2"]),
    ],
)
def test_what_is_refused(arguments, words):
    with refuses(ValueError, *words):
        TextEncoder(**arguments)


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("text", "\udfff", ["text must be a str without lone surrogates"]),
        ("level", "letters", ["level must be one of", "got 'letters'"]),
        ("corpus", [3], ["each of corpus must be a str, got 3"]),
        ("vocabulary", ["a", "a"], ["vocabulary must be different words, got ['a', 'a']"]),
        ("merges", [["a"]], ["merges must be pairs of str"]),
        ("n_merges", 2000, ["n_merges must be at most 1000"]),
        ("order", [1], ["order must have each place"]),
        ("selected", -5, ["selected must be an integer >= -1"]),
    ],
)
def test_what_is_refused_later(trait, value, words):
    widget = TextEncoder()
    before = widget.page_state()
    with refuses(traitlets.TraitError, *words):
        setattr(widget, trait, value)
    assert widget.page_state() == before


def test_the_table_to_read_without_javascript():
    html = TextEncoder("a <b> bites", order=[1, 0, 2, 3, 4]).to_html()
    table = html[html.index("<table") :]
    cells = re.findall(r"<td>(.*?)</td>", table)
    expected = [("1", "&lt;", "0"), ("2", "a", "4"), ("3", "b", "0"), ("4", "&gt;", "0")]
    expected = [(*row, "a" if row[2] == "4" else "&lt;unk&gt;") for row in expected]
    assert list(zip(*[iter(cells)] * 4, strict=True)) == [*expected, ("5", "bites", "7", "bites")]
    bare = TextEncoder("cat", vocab=Vocab(["dog"], specials=()))
    assert re.findall(r"<td>(.*?)</td>", bare.to_html()) == ["1", "cat", "–", "–"]


def test_equal_states_are_equal_texts():
    merges = [("d", "o"), ("do", "g")]
    one, other = (
        TextEncoder("dog", level="byte pair", corpus=corpus, merges=pairs, order=order)
        for corpus, pairs, order in (
            (("a dog",), merges, (1, 0)),
            (["a dog"], [list(pair) for pair in merges], np.array([1, 0])),
        )
    )
    assert one.to_html() == other.to_html()


# ---------------------------------------------------------------------------------- on a page


class Encoder:
    """One text encoder on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=text-encoder-{number}] .text-encoder")
        self.field = self.root.get_by_label("Type a sentence")
        self.live = self.root.locator("[aria-live=polite]")
        self.chips = self.root.locator(".chip")
        self.facts = self.root.locator(".facts")
        self.report = self.root.get_by_role("region", name="What notices the swap?")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def open_table(self):
        if self.root.locator("details").get_attribute("open") is None:
            self.root.locator("summary").click()
        expect(self.root.locator("table").last).to_be_visible()

    def numbers(self):
        """The tables: {(q, t, k): value}."""
        self.open_table()
        cells = self.root.locator("[data-q]").evaluate_all(
            "(cells) => cells.map(({dataset: d}) => [d.q, +d.t, +d.k, d.value])"
        )
        assert len({tuple(cell[:3]) for cell in cells}) == len(cells)
        return {(q, t, k): float(value) for q, t, k, value in cells}

    def tokens(self):
        return self.chips.locator(".token").all_inner_texts()

    def drawn(self):
        """What the picture shows: the places of its ones, the sums, the words above."""
        return self.root.locator(".picture").evaluate(
            """(picture) => {
                const texts = (name) => [...picture.querySelectorAll(name)];
                const at = (node, name) => Number(node.getAttribute(name));
                const number = (node) => Number(node.textContent);
                const heads = texts(".k");
                const column = (node) => number(heads.find((k) => at(k, "x") === at(node, "x")));
                const sums = texts(".count, svg > .zero");
                const heights = new Set(texts(".one").map((node) => at(node, "y")));
                const rows = [...heights].sort((a, b) => a - b);
                return {
                    ones: texts(".one").map((node) => [rows.indexOf(at(node, "y")), column(node)]),
                    sums: sums.map((node) => [column(node), number(node)]),
                    words: texts(".word").map((node) => node.textContent),
                };
            }"""
        )

    def expect_state(self, state):
        """Everything shown is what Python says of this state."""
        widget = TextEncoder(**state)
        tokens, words, indices = widget.tokens(), widget.words(), widget.indices()
        counts = Counter(indices)
        expected = {("count", 0, k): counts[k] for k in range(len(words))}
        for t, k in enumerate(indices, start=1):
            expected |= {("index", t, 0): k, ("onehot", t, k): 1}
        assert self.numbers() == expected
        assert self.tokens() == [token.replace(" ", "␣") for token in tokens]
        drawn = self.drawn()
        assert drawn["ones"] == [[t, k] for t, k in enumerate(indices)]
        assert dict(drawn["sums"]) == {k: counts[k] for k in range(len(words))}
        unknown = [token not in words for token in tokens]
        marks = self.chips.evaluate_all(
            "(chips) => chips.map((chip) => chip.hasAttribute('data-unknown'))"
        )
        assert marks == unknown
        n, size = len(tokens), len(words)
        said = self.facts.inner_text()
        assert said.startswith(f"{n} tokens · {len(set(tokens))} different · vocabulary {size} · ")
        assert f"{sum(unknown)} unknown ({100 * sum(unknown) / n:.0f} %)" in said
        assert said.endswith(f"{n} × {size} = {n * size} numbers, {n} of them not zero")


@pytest.fixture
def encoder(widget_page):
    return Encoder(widget_page(TextEncoder()))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("text", ["dog bites man", "The cat, the DOG & 3.5 我"])
def test_typed_text_becomes_numbers(encoder, text, level):
    encoder.button(STRINGS["en"]["levels"][level]).click()
    encoder.field.fill(text)
    encoder.expect_state({"text": text, "level": level})


def test_the_vocabulary_follows_the_level_and_the_merges(encoder):
    encoder.button("byte pairs").click()
    slider = encoder.root.get_by_role("slider", name="Merges")
    words = [word for line in CORPUS for word in tokenize(line)]
    assert slider.get_attribute("max") == str(len(learn_byte_pairs(words, 100)))
    for n in (0, 7, 22):
        slider.fill(str(n))
        encoder.expect_state({"text": "dog bites man", "level": "byte pair", "n_merges": n})
    slider.fill("28")
    first, second = learn_byte_pairs(words, 28)[-1]
    said = f"28 of 28; the last one: {first} + {second} → {first + second}"
    expect(encoder.root.locator(".merges-say")).to_have_text(said)
    encoder.button("characters").click()
    expect(slider).to_be_hidden()
    encoder.button("words").click()
    encoder.expect_state({"text": "dog bites man"})


def test_an_unknown_word_is_marked_by_more_than_color(encoder):
    encoder.field.fill("the zebra")
    chip = encoder.chips.nth(1)
    expect(chip).to_contain_text("zebra")
    expect(chip).to_contain_text("<unk> 0")
    expect(chip).to_have_css("border-style", "dashed")
    expect(chip).to_have_accessible_name("zebra, token 2, unknown, index 0")
    expect(encoder.chips.nth(0)).to_have_css("border-style", "solid")
    chip.click()
    expect(encoder.live).to_contain_text("“zebra”, is not in the vocabulary")
    expect(encoder.live).to_contain_text("it becomes <unk>, column 0")
    expect(encoder.facts).to_contain_text("1 unknown (50 %)")


def test_without_unk_an_unknown_word_is_a_row_of_zeros(widget_page):
    vocab = Vocab(["dog", "man"], specials=())
    encoder = Encoder(widget_page(TextEncoder("dog bites man", vocab=vocab, selected=1)))
    expect(encoder.chips.nth(1)).to_have_accessible_name("bites, token 2, unknown, no index")
    expect(encoder.live).to_contain_text("its row holds only zeros")
    assert encoder.numbers() == {
        ("index", 1, 0): 0, ("onehot", 1, 0): 1, ("index", 3, 0): 1, ("onehot", 3, 1): 1,
        ("count", 0, 0): 1, ("count", 0, 1): 1,
    }  # fmt: skip
    expect(encoder.button("characters")).to_be_hidden()  # a given vocabulary is for one level
    expect(encoder.facts).to_contain_text("3 × 2 = 6 numbers, 2 of them not zero")


def test_no_text_is_no_trouble(encoder):
    for text in ("", "  "):
        encoder.field.fill(text)
        expect(encoder.live).to_have_text("Type something, and watch it become numbers.")
        expect(encoder.chips).to_have_count(0)
        for part in (".matrix-part", ".facts", ".actions", ".report"):
            expect(encoder.root.locator(part)).to_be_hidden()
        assert {key for key, value in encoder.numbers().items() if value} == set()
    encoder.field.fill("dog")
    expect(encoder.facts).to_contain_text("1 token · 1 different")


# ---------------------------------------------------------------------------------- two swapped


def lines(encoder, kind):
    part = encoder.report.locator(f"[data-kind={kind}]")
    return [part.locator(".verdict").inner_text(), *part.locator(".what").all_inner_texts()]


def expect_swapped(encoder):
    """Man bites dog: what each representation says of it."""
    encoder.expect_state({"text": "dog bites man", "order": [2, 1, 0]})
    assert lines(encoder, "indices") == ["≠ changed", "6  7  3", "3  7  6"]
    bigrams = ["dog bites · bites man", "man bites · bites dog"]
    assert lines(encoder, "bigrams") == ["≠ 2 lost, 2 new", *bigrams]
    assert lines(encoder, "bag") == ["= the same", *["man 1 · dog 1 · bites 1"] * 2]
    assert lines(encoder, "onehot")[0] == "≠ rows reordered"
    expect(encoder.report.locator("[data-kind=onehot] .thumbnail")).to_have_count(2)


SAME = "Same bag: the counts cannot tell “dog bites man” from “man bites dog”."


def test_two_words_are_swapped_with_the_mouse(encoder):
    expect(encoder.report).to_be_hidden()
    encoder.button("Swap two tokens").click()
    expect(encoder.live).to_have_text("Press the first of the two tokens.")
    encoder.chips.nth(0).click()
    expect(encoder.live).to_have_text("Now press the token that changes places with “dog”.")
    encoder.chips.nth(2).click()
    expect(encoder.live).to_have_text(SAME)
    expect_swapped(encoder)
    expect(encoder.field).to_have_value("dog bites man")
    encoder.chips.nth(1).click()  # the swap is over: now a press chooses
    expect(encoder.live).to_contain_text("Token 2, “bites”, is column 7")
    encoder.button("Put back").click()
    expect(encoder.live).to_have_text("As typed: “dog bites man”.")
    expect(encoder.report).to_be_hidden()
    encoder.expect_state({"text": "dog bites man"})


def test_a_swap_may_start_from_the_chosen_token_and_be_given_up(encoder):
    encoder.chips.nth(2).click()
    encoder.button("Swap two tokens").click()
    expect(encoder.live).to_contain_text("changes places with “man”")
    encoder.chips.nth(2).click()  # not this one after all
    expect(encoder.live).to_have_text("Press the first of the two tokens.")
    encoder.button("Swap two tokens").click()
    expect(encoder.live).to_contain_text("Token 3, “man”")
    assert encoder.tokens() == ["dog", "bites", "man"]


def test_two_words_are_swapped_with_the_keyboard(encoder):
    keys = encoder.page.keyboard
    encoder.root.focus()
    for key in ("Home", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowLeft", "Shift+ArrowLeft"):
        keys.press(key)
    assert encoder.tokens() == ["man", "bites", "dog"]
    expect(encoder.live).to_have_text(SAME)
    expect_swapped(encoder)
    encoder.root.focus()
    keys.press("End")
    expect(encoder.chips.nth(2)).to_have_attribute("aria-pressed", "true")
    keys.press("Escape")
    expect(encoder.root.locator(".chip[aria-pressed=true]")).to_have_count(0)


def test_the_focus_goes_with_the_token(encoder):
    encoder.chips.nth(1).focus()
    for key in ("Enter", "Shift+ArrowRight"):
        encoder.page.keyboard.press(key)
    expect(encoder.chips.nth(2)).to_be_focused()
    assert encoder.tokens() == ["dog", "man", "bites"]
    encoder.page.keyboard.press("ArrowRight")  # there is no further place
    encoder.page.keyboard.press("Shift+ArrowRight")
    assert encoder.tokens() == ["dog", "man", "bites"]


def test_the_field_keeps_its_keys(encoder):
    encoder.field.focus()
    for key in ("Home", "ArrowRight", "x", "Shift+ArrowRight", "Delete"):
        encoder.page.keyboard.press(key)
    expect(encoder.field).to_have_value("dxg bites man")
    assert encoder.tokens() == ["dxg", "bites", "man"]
    expect(encoder.root.locator(".chip[aria-pressed=true]")).to_have_count(0)


def test_buttons_move_a_token(encoder):
    left, right = encoder.button("Move left"), encoder.button("Move right")
    for button in (left, right, encoder.button("Put back")):
        expect(button).to_be_disabled()
    encoder.chips.nth(0).click()
    expect(left).to_be_disabled()
    right.click()
    right.click()
    assert encoder.tokens() == ["bites", "man", "dog"]
    expect(right).to_be_disabled()
    expect(encoder.root).to_be_focused()  # not lost with the button
    left.click()
    left.click()
    assert encoder.tokens() == ["dog", "bites", "man"]
    expect(encoder.report).to_be_hidden()
    expect(encoder.live).to_have_text("As typed: “dog bites man”.")
    assert "order" not in encoder.page.url


def test_two_equal_words_change_nothing(encoder):
    encoder.field.fill("the dog bites the man")
    encoder.chips.nth(0).click()
    encoder.button("Swap two tokens").click()
    encoder.chips.nth(3).click()
    expect(encoder.live).to_contain_text("No representation can notice")
    expect(encoder.report.locator("[data-differs]")).to_have_count(0)
    assert lines(encoder, "bigrams") == ["= the same", "none", "none"]


def test_what_the_report_says_of_any_order(encoder):
    rng = np.random.default_rng(4)
    address = encoder.page.url
    for _ in range(12):
        words = rng.choice("the dog bites a zebra".split(), size=rng.integers(2, 8)).tolist()
        text, order = " ".join(words), rng.permutation(len(words)).tolist()
        key = "text-encoder-1"
        encoder.page.goto(f"{address}#{key}.text={text.replace(' ', '+')}&{key}.order={order}")
        encoder.expect_state({"text": text, "order": order})
        tokens = [words[t] for t in order]
        if order == sorted(order):
            expect(encoder.report).to_be_hidden()
            continue
        known = [word if word != "zebra" else "<unk>" for word in words]
        same = known == [known[t] for t in order]
        assert lines(encoder, "indices")[0] == ("= the same" if same else "≠ changed")
        assert lines(encoder, "onehot")[0] == ("= the same" if same else "≠ rows reordered")
        lost = (Counter(pairwise(words)) - Counter(pairwise(tokens))).total()
        said = f"≠ {lost} lost, {lost} new" if lost else "= the same"
        assert lines(encoder, "bigrams")[0] == said
        assert lines(encoder, "bag")[0] == "= the same"


# ------------------------------------------------------------------------------- choosing, reading


def test_a_token_is_found_in_the_matrix(encoder):
    encoder.chips.nth(1).click()
    expect(encoder.live).to_have_text("Token 2, “bites”, is column 7: a 1 there, and 12 zeros.")
    bands = encoder.root.locator(".picture .band")
    expect(bands.first).to_be_visible()
    encoder.chips.nth(1).click()
    expect(encoder.live).to_contain_text("Press a token")
    expect(bands.first).to_be_hidden()


def test_the_mouse_reads_any_cell(encoder):
    ones, read = encoder.root.locator(".lit"), encoder.root.locator(".reads")
    ones.nth(1).hover()
    expect(read).to_have_text("Row 2 “bites”, column 7 “bites”: 1")
    box = ones.nth(0).bounding_box()
    bites = ones.nth(1).bounding_box()
    encoder.page.mouse.move(box["x"] + 5, bites["y"] + 5)
    expect(read).to_have_text("Row 2 “bites”, column 6 “dog”: 0")
    encoder.root.locator(".picture .count").first.hover(force=True)
    expect(read).to_have_text("Column 3 “man” adds up to 1")
    encoder.field.hover()
    expect(read).to_have_text(
        "Rows: the tokens. Columns: the vocabulary. Column sums: the bag of words."
    )
    ones.nth(2).click()
    expect(encoder.live).to_contain_text("Token 3, “man”")


def test_a_long_text_is_drawn_in_part_and_counted_in_full(widget_page):
    words = ("the dog bites a man " * 8).split()
    encoder = Encoder(widget_page(TextEncoder(" ".join(words))))
    expect(encoder.chips).to_have_count(24)
    expect(encoder.root.locator(".more").first).to_have_text("… and 16 more")
    expect(encoder.root.locator(".matrix-part + .more")).to_contain_text("16 more rows")
    expect(encoder.root.locator(".picture .one")).to_have_count(24)
    assert dict(encoder.drawn()["sums"])[1] == 8
    numbers = encoder.numbers()
    assert len([key for key in numbers if key[0] == "index"]) == 40
    assert [value for (q, *_), value in numbers.items() if q == "count"].count(8) == 5
    encoder.root.focus()
    encoder.page.keyboard.press("End")
    expect(encoder.live).to_contain_text("Token 24, “a”")


def test_a_long_vocabulary_shows_the_columns_in_use(widget_page):
    vocab = Vocab([f"word{n:04}" for n in range(3000)] + ["dog", "man", "zoo"])
    encoder = Encoder(widget_page(TextEncoder("dog bites man", vocab=vocab)))
    assert encoder.drawn() == {
        "ones": [[0, 1], [1, 0], [2, 2]],
        "sums": [[0, 1], [1, 1], [2, 1]],
        "words": ["<unk>", "dog", "man", "⋯"],
    }
    rest = encoder.root.locator(".matrix-part + .more")
    expect(rest).to_have_text("… and 3,001 more columns of zeros.")
    expect(encoder.facts).to_contain_text("3 × 3,004 = 9,012 numbers, 3 of them not zero")
    counts = [key for key in encoder.numbers() if key[0] == "count"]
    assert counts == [("count", 0, 0), ("count", 0, 1), ("count", 0, 2)]
    encoder.field.fill("zoo dog")
    assert encoder.drawn()["words"] == ["⋯", "dog", "⋯", "zoo"]


# --------------------------------------------------------------------- the address, and a kernel


def test_the_address_holds_the_state(encoder, open_page):
    start = encoder.page.url
    encoder.field.fill("the cat sat")
    encoder.button("characters").click()
    encoder.chips.nth(0).click()
    encoder.button("Move right").click()
    other = Encoder(open_page(encoder.page.url))
    order = [1, 0, *range(2, 11)]
    other.expect_state({"text": "the cat sat", "level": "character", "order": order})
    expect(other.chips.nth(1)).to_have_attribute("aria-pressed", "true")
    other.page.goto(f"{start}#text-encoder-1.level=byte+pair&text-encoder-1.n_merges=3")
    other.expect_state({"text": "dog bites man", "level": "byte pair", "n_merges": 3})


@pytest.mark.parametrize(
    "entry",
    ["level=letters", "order=[0,0,1]", "order=3", "n_merges=-1", "n_merges=x", "selected=99"],
)
def test_an_address_that_does_not_fit_is_left_out(widget_page, entry):
    encoder = Encoder(widget_page(TextEncoder(), fragment=f"#text-encoder-1.{entry}"))
    encoder.expect_state({"text": "dog bites man"})


def test_the_level_of_a_given_vocabulary_stays(widget_page):
    widget = TextEncoder("dog", vocab=Vocab(["dog"]))
    encoder = Encoder(widget_page(widget, fragment="#text-encoder-1.level=character"))
    assert encoder.tokens() == ["dog"]


def test_with_a_kernel_traits_go_both_ways(open_page, tmp_path):
    page = open_with_kernel(
        open_page, tmp_path, module_text("text_encoder"), TextEncoder().page_state()
    )
    page.get_by_role("button", name="man, token 3, index 3").click()
    page.get_by_role("button", name="Move left").click()
    saved = page.evaluate("saved.at(-1)")
    assert saved == {**TextEncoder().page_state(), "order": [0, 2, 1], "selected": 1}
    TextEncoder(text=saved["text"], order=saved["order"], selected=saved["selected"])
    page.get_by_role("button", name="Swap two tokens").click()
    page.evaluate("model.arrive('text', 'Dog'); model.arrive('selected', -1)")
    expect(page.locator(".live")).to_contain_text("Press a token")
    page.evaluate("model.arrive('text', 'A cat'); model.arrive('level', 'character')")
    expect(page.locator(".chip .token")).to_have_text(list("A␣cat"))
    page.evaluate("model.arrive('corpus', ['cat'])")
    expect(page.locator(".chip[data-unknown]")).to_have_count(2)
    assert page.evaluate("model.listening()") == 8
    page.evaluate("leave()")
    assert page.evaluate("model.listening()") == 0
    expect(page.locator("main > *")).to_have_count(0)


# ------------------------------------------------------------------------------- for everyone

HOSTILE = "<img src=x onerror=window.hacked=1> </script><script>window.hacked=1</script>"


def test_typed_text_stays_text(widget_page):
    widgets = [TextEncoder(HOSTILE, corpus=[HOSTILE], level=level) for level in LEVELS]
    page = widget_page(*widgets)
    for number in (1, 2, 3):
        encoder = Encoder(page, number)
        encoder.field.fill(f"{HOSTILE} again")
        encoder.chips.nth(1).click()
        encoder.button("Move right").click()
        encoder.open_table()
        expect(encoder.chips.first).to_contain_text("<")
    assert page.locator("img, main script").count() == 0
    assert page.evaluate("() => window.hacked") is None


def as_it_comes(encoder):
    pass


def swapped(encoder):
    encoder.field.fill("The zebra bites the man")
    encoder.chips.nth(1).click()
    encoder.button("Move right").click()


def in_parts(encoder):
    encoder.button("byte pairs").click()
    encoder.chips.nth(1).click()


def swapping(encoder):
    encoder.button("Swap two tokens").click()
    encoder.chips.nth(1).click()


def long(encoder):
    encoder.field.fill("Donaudampfschifffahrtsgesellschaftskapitän " + "the dog bites 我 " * 12)
    encoder.chips.nth(0).click()


def empty(encoder):
    encoder.field.fill("")


STATES = [as_it_comes, swapped, in_parts, swapping, long, empty]
each_state = pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)


@each_state
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(widget_page, theme, reach):
    # Two of them, because names and ids must differ.
    page = widget_page(TextEncoder(), TextEncoder(), theme=theme, reduced_motion="reduce")
    encoder = Encoder(page)
    reach(encoder)
    encoder.open_table()
    assert_accessible(page)
    ids = page.locator("[id]").evaluate_all("(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 0


@each_state
def test_it_fits_a_narrow_page_and_a_finger(encoder, reach):
    reach(encoder)
    encoder.open_table()
    for width in (1000, 390, 320):
        assert_no_page_scroll(encoder.page, width)
        sizes = encoder.root.locator("button, input, summary").evaluate_all(
            """(nodes) => nodes.filter((node) => node.checkVisibility()).map((node) => {
                const {width, height} = node.getBoundingClientRect();
                return [width, height, node.outerHTML.slice(0, 120)];
            })"""
        )
        assert len(sizes) >= 5
        assert [entry for entry in sizes if min(entry[:2]) < 24] == []


def test_nothing_moves(encoder):
    moving = """(root) => [...root.querySelectorAll("*")].filter((node) => {
        const {transitionDuration, animationName} = getComputedStyle(node);
        return animationName !== "none" || transitionDuration.split(", ").some((d) => d !== "0s");
    }).length"""
    assert encoder.root.evaluate(moving) == 0


def test_colors_follow_the_theme(widget_page):
    grounds = {
        Encoder(widget_page(TextEncoder(), theme=theme)).root.evaluate(
            "(root) => getComputedStyle(root).backgroundColor"
        )
        for theme in ("light", "dark")
    }
    assert len(grounds) == 2
