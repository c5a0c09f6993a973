"""The skip-gram trainer: what it draws and trains, in Python, in PyTorch and on a page."""

import json
import re
from collections import Counter

import gensim
import ipywidgets
import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from pages import assert_accessible, assert_no_page_scroll, follow, load_module, weight
from playwright.sync_api import expect
from scipy.stats import chisquare
from sklearn.decomposition import PCA

from rnn_utils.embeddings import WordVectors
from rnn_utils.widgets import SkipGramTrainer
from rnn_utils.widgets.base import module_text, style_text
from rnn_utils.widgets.skip_gram_trainer import SENTENCES, STRINGS, uniform

FARM = [
    "the cat drinks milk".split(),
    "the dog drinks water".split(),
    "a cat and a dog sleep".split(),
    ["hello"],
]
RUN = 20 * (10 + 10 + 18)  # pairs of the three sentences, twenty times
SETTINGS = {"vector_size": 5, "window": 2, "negative": 3, "learning_rate": 0.3, "seed": 7}


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


def farm(**state):
    return SkipGramTrainer(FARM, **SETTINGS | state)


# -------------------------------------------------------------------------------- in PyTorch


def torch_training(words, input_table, pairs, rate):
    """The tables after some pairs, from PyTorch's autograd, and the loss of each pair."""
    row = {word: k for k, word in enumerate(words)}
    tables = torch.tensor(input_table), torch.zeros(np.shape(input_table), dtype=torch.float64)
    for table in tables:
        table.requires_grad_()
    optimizer = torch.optim.SGD(tables, lr=rate)
    losses = []
    for center, context, negatives in pairs:
        rows = [row[context], *(row[word] for word in negatives)]
        targets = torch.tensor([1.0] + [0.0] * len(negatives), dtype=torch.float64)
        optimizer.zero_grad()
        scores = tables[1][rows] @ tables[0][row[center]]
        loss = torch.nn.BCEWithLogitsLoss(reduction="sum")(scores, targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return *(table.detach().numpy() for table in tables), losses


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "settings",
    [{}, {"vector_size": 1}, {"window": 4, "negative": 12}, {"learning_rate": 1.0, "seed": 0}],
    ids=str,
)
def test_training_is_that_of_torch(settings):
    widget = farm(**settings)
    pairs = [widget.pair(step)[:3] for step in range(60)]
    trace = widget.trace(60)
    start = widget.trace(0).input
    expected = torch_training(widget.words, start, pairs, widget.learning_rate)
    for ours, theirs in zip((trace.input, trace.output, trace.losses), expected, strict=True):
        assert_close(ours, theirs)
    last = widget.trace(59)
    assert_close(last.before.loss, trace.losses[-1])
    row = {word: k for k, word in enumerate(widget.words)}
    rows = [row[word] for word in (last.pair.context, *last.pair.negatives)]
    scores = trace.output[rows] @ trace.input[row[last.pair.center]]
    assert_close(last.after.scores, scores)


def test_a_word_that_is_drawn_twice_is_moved_by_the_sum():
    """Among three words and twelve draws there are always some."""
    widget = SkipGramTrainer([["a", "b", "c"]], negative=12, learning_rate=0.5)
    pairs = [widget.pair(step)[:3] for step in range(20)]
    assert any(max(Counter(negatives).values()) > 1 for *_, negatives in pairs)
    expected = torch_training(widget.words, widget.trace(0).input, pairs, 0.5)
    assert_close(widget.trace(20).output, expected[1])


# ------------------------------------------------------------------------------ what is drawn


def test_the_stream_is_mulberry32():
    """The first numbers of seed 1, as its author's own code gives them."""
    assert [uniform(1, n) * 2**32 for n in range(3)] == [2693262067, 11749833, 2265367787]


def test_the_start_is_that_of_word2vec():
    """Uniform in ±1/(2d), output zero, as in word2vec.c."""
    trace = SkipGramTrainer(vector_size=32).trace()
    assert not trace.output.any()
    assert 0.99 / 64 < trace.input.max() <= 1 / 64
    assert -1 / 64 <= trace.input.min() < -0.99 / 64
    np.testing.assert_allclose(trace.input.std(), 1 / 64 / np.sqrt(3), rtol=0.05)
    np.testing.assert_array_equal(trace.before.probabilities, 0.5)
    assert_close(trace.before.loss, 5 * np.log(2))


def test_words_are_drawn_by_their_counts_to_the_power_of_three_quarters():
    counts = {"a": 40, "b": 40, "c": 8, "d": 8, "e": 1, "f": 1}
    pairs = [[x, y] for x, y in ("ab", "cd", "ef") for _ in range(counts[x])]
    widget = SkipGramTrainer(pairs, negative=20)
    drawn = Counter()
    for step in range(0, 80, 2):  # "a" with its neighbor "b"
        pair = widget.pair(step)
        assert pair[:2] == ("a", "b")
        drawn.update(pair.negatives)
    others = "acdef"  # the true neighbor is drawn again, the center word is not
    assert set(drawn) == set(others)
    observed = [drawn[word] for word in others]
    for power, fits in ((0.75, True), (1, False), (0.5, False)):
        shares = np.array([counts[word] ** power for word in others])
        p = chisquare(observed, shares / shares.sum() * sum(observed)).pvalue
        assert (p > 0.01) if fits else (p < 1e-4), power


def test_pairs_come_in_the_order_of_the_text_again_and_again():
    widget = farm(window=1)
    pairs = [widget.pair(step) for step in range(22 + 2)]
    assert [pair[:2] for pair in pairs[:3]] == [("the", "cat"), ("cat", "the"), ("cat", "drinks")]
    assert [pair[:2] for pair in pairs[22:]] == [pair[:2] for pair in pairs[:2]]
    assert pairs[22].negatives != pairs[0].negatives or pairs[23].negatives != pairs[1].negatives
    for pair in pairs:
        sentence = FARM[pair.sentence]
        assert sentence[pair.center_place] == pair.center
        assert sentence[pair.context_place] == pair.context
        assert abs(pair.center_place - pair.context_place) == 1


def test_words_are_ordered_by_count_then_as_they_come():
    words = "the cat drinks dog a milk water and sleep hello".split()
    assert farm().words == tuple(words)


# --------------------------------------------------------------------------- what is learned


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_brings_related_words_together(seed):
    vectors = SkipGramTrainer(seed=seed, step=10_560).word_vectors()
    assert isinstance(vectors, WordVectors)
    royal, fruit = "king queen prince princess".split(), "apple pear plum cherry".split()
    for group, other in ((royal, fruit), (fruit, royal)):
        for word in group:
            near = min(vectors.similarity(word, friend) for friend in group)
            far = max(vectors.similarity(word, stranger) for stranger in other)
            assert near > far + 0.1, word
    losses = SkipGramTrainer(seed=seed).trace(10_560).losses
    assert losses[:200].mean() > 3.4
    assert losses[-200:].mean() < 2


def test_the_run_is_twenty_times_through_the_sentences():
    """10 560 steps, which the tests and the page's own end of a run take for granted."""
    pairs = [SkipGramTrainer().pair(step)[3:] for step in (0, 527, 528)]
    assert pairs[0] == pairs[2] == (0, 0, 1)
    assert pairs[1] == (31, 4, 3)


# ------------------------------------------------------------------------- what it takes


def test_everything_is_plain_json_and_as_given():
    state = farm(step=3, word="cat").page_state()
    assert json.loads(json.dumps(state)) == {
        "sentences": FARM,
        "step": 3,
        "word": "cat",
        **SETTINGS,
    }


def test_what_was_given_is_copied():
    sentences = [["a", "b"], ["c"]]
    widget = SkipGramTrainer(sentences)
    widget.sentences[0].append("d")
    assert sentences == [["a", "b"], ["c"]]
    SkipGramTrainer().sentences[0].append("more")
    assert SkipGramTrainer().sentences == SENTENCES
    assert "more" not in SENTENCES[0]


NUMBERS = {
    "vector_size": [0, 33, 2.5, True], "window": [0, 11, None], "negative": [0, 21, "4"],
    "learning_rate": [0, -0.1, 1.01, float("nan"), "fast"], "seed": [-1, 2**32, 0.5],
    "step": [-1, 50_001, 1.5],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in NUMBERS.items() for value in values]
)
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got {value!r}$"):
        SkipGramTrainer(**{name: value})
    widget = SkipGramTrainer()
    before = widget.page_state()
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(widget, name, value)
    assert widget.page_state() == before


@pytest.mark.parametrize(
    "sentences",
    [
        "a b", 5, [], [[]], ["a b"], [["a"]], [["a", "a"]], [["a"], ["b"]], [["a", "b c"]],
        [["a", ""]], [["a", 1]], [[str(n) for n in range(201)]],
    ],
    ids=lambda sentences: str(sentences)[:20],
)  # fmt: skip
def test_sentences_that_cannot_be_trained_on_are_refused(sentences):
    with pytest.raises(ValueError, match=r"^sentences must .*, got "):
        SkipGramTrainer(sentences)
    widget = SkipGramTrainer()
    with pytest.raises(traitlets.TraitError, match="sentences"):
        widget.sentences = sentences


def test_a_word_is_a_text():
    with pytest.raises(ValueError, match=r"^word must be a str, got 3$"):
        SkipGramTrainer(word=3)
    with pytest.raises(ValueError, match=r"^step must be an integer >= 0, got -1$"):
        SkipGramTrainer().trace(-1)


def test_repr():
    text = "SkipGramTrainer(32 sentences, 36 words, vector_size=8, step=5)"
    assert repr(SkipGramTrainer(step=5)) == text


def test_the_table_for_pages_without_scripts():
    html = SkipGramTrainer(step=1).to_html()
    table = html[html.index("<table>") :]
    pair = SkipGramTrainer(step=1).pair()
    cells = re.findall(r"<td>(.*?)</td>", table)
    assert [cells[k] for k in range(0, 25, 5)] == [pair.context, *pair.negatives]
    assert [cells[k] for k in range(1, 25, 5)] == ["1", "0", "0", "0", "0"]
    assert "-0.000" not in cells
    assert f"“{pair.center}”" in table


# -------------------------------------------------------------------------------- on a page


class Trainer:
    """A trainer on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=skip-gram-trainer-{number}] .skip-gram-trainer")
        self.step = self.root.get_by_label("Pairs trained")
        self.live = self.root.locator("[aria-live=polite]")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def table(self):
        """The data table: {q: {(t, k): value}}."""
        details = self.root.locator("details.data")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        expect(details.locator("table").last).to_be_visible()
        cells = self.root.locator("[data-q]").evaluate_all(
            "(cells) => cells.map(({dataset: d}) => [d.q, +d.t, +d.k, +d.value, d.value])"
        )
        table = {}
        for q, t, k, value, text in cells:
            digits = re.sub(r"e.*|[-.]", "", text)
            assert len(digits.lstrip("0")) == 17 or float(text) == 0, text
            table.setdefault(q, {})[t, k] = value
        return table

    def address(self, contains):
        self.page.wait_for_function("(text) => location.hash.includes(text)", arg=contains)


def matrix(quantity):
    rows = max(t for t, _ in quantity)
    columns = 1 + max(k for _, k in quantity)
    return np.array([[quantity[t, k] for k in range(columns)] for t in range(1, rows + 1)])


def vector(quantity, t):
    assert {row for row, _ in quantity} == {t}
    return np.array([quantity[t, k] for k in range(len(quantity))])


def assert_same_numbers(table, widget):
    """Every number of the data table is that of the widget's replay in Python."""
    trace, words, t = widget.trace(), list(widget.words), widget.step + 1
    assert set(table) == {
        *("e", "u", "map", "row", "center", "target", "score", "p", "error", "p_after"),
        *("loss", "loss_after"),
    }
    assert_close(matrix(table["e"]), trace.input)
    assert_close(matrix(table["u"]), trace.output)
    rows = [words.index(word) for word in (trace.pair.context, *trace.pair.negatives)]
    targets = np.array([1] + [0] * widget.negative)
    expected = {
        "row": rows, "center": [words.index(trace.pair.center)], "target": targets,
        "score": trace.before.scores, "p": trace.before.probabilities,
        "error": trace.before.probabilities - targets, "p_after": trace.after.probabilities,
        "loss": [trace.before.loss], "loss_after": [trace.after.loss],
    }  # fmt: skip
    for q, values in expected.items():
        assert_close(vector(table[q], t), values)


@pytest.fixture
def trainer(widget_page):
    return Trainer(widget_page(farm()))


@pytest.mark.parametrize(
    "state",
    [
        {}, {"step": 1}, {"step": 700}, {"step": 1200, "seed": 2**32 - 1},
        {"step": 90, "vector_size": 1}, {"step": 33, "window": 10, "negative": 20},
    ],
    ids=str,
)  # fmt: skip
def test_numbers_on_the_page_are_those_of_python(widget_page, state):
    widget = farm(**state)
    assert_same_numbers(Trainer(widget_page(widget)).table(), widget)


def test_numbers_after_a_whole_run_are_those_of_python(widget_page):
    widget = SkipGramTrainer(step=10_560)
    assert_same_numbers(Trainer(widget_page(widget)).table(), widget)


def test_numbers_on_the_page_are_those_of_torch(trainer):
    """With the page's own start, pairs and negatives."""
    words, pairs = farm().words, []
    table = trainer.table()
    start = matrix(table["e"])
    for t in range(1, 13):
        rows = [int(row) for row in vector(table["row"], t)]
        pairs.append(
            (words[int(table["center"][t, 0])], words[rows[0]], [words[k] for k in rows[1:]])
        )
        trainer.button("Step").click()
        loss, table = table["loss"][t, 0], trainer.table()
        inputs, outputs, losses = torch_training(words, start, pairs, 0.3)
        assert_close(matrix(table["e"]), inputs)
        assert_close(matrix(table["u"]), outputs)
        assert_close(loss, losses[-1])


def test_the_map_shows_the_vectors_along_the_components_of_the_end(widget_page):
    widget = farm(step=50)
    table = Trainer(widget_page(widget)).table()
    end = PCA(2).fit(widget.trace(RUN).input)
    axes = (
        end.components_ * np.sign([axis[abs(axis).argmax()] for axis in end.components_])[:, None]
    )
    vectors = widget.trace().input
    np.testing.assert_allclose(
        matrix(table["map"]), (vectors - vectors.mean(axis=0)) @ axes.T, rtol=1e-6, atol=1e-8
    )


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of the widget's module: ``js("uniform", 1, 2)``."""
    page = browser.new_page()
    source = module_text("skip_gram_trainer").replace("export default", "const entry =")
    source += "\nexport { uniform, negativeSampling };"
    load_module(page, source, "module")
    yield lambda name, *values: page.evaluate(
        "([name, values]) => module[name](...values)", [name, values]
    )
    page.close()


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 2**31 - 2))
def test_both_generators_are_equal_to_the_last_bit(js, seed, n):
    assert js("uniform", seed, n) == uniform(seed, n)


def test_the_loss_in_javascript_is_that_of_torch_for_any_score(js):
    scores = [0.0, 1e-9, -3.0, 40.0, -40.0, 800.0, -800.0]
    for labels in ([1] * 7, [0] * 7, [1, 0, 1, 0, 1, 0, 1]):
        step = js("negativeSampling", [1.0], [[score] for score in scores], labels)
        logits = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
        targets = torch.tensor(labels, dtype=torch.float64)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, targets, reduction="sum"
        )
        loss.backward()
        assert_close(step["loss"], loss.item())
        assert_close(step["errors"], logits.grad)
        assert_close(step["d_u"], logits.grad[:, None])
        assert_close(step["d_e"], [(logits.grad * logits.detach()).sum()])


# -------------------------------------------------------------------------------- by hand


def test_the_mouse_steps_on_and_back_and_to_the_start(trainer):
    expect(trainer.button("Back")).to_be_disabled()
    expect(trainer.button("To the start")).to_be_disabled()
    for _ in range(3):
        trainer.button("Step").click()
    expect(trainer.step).to_have_value("3")
    assert_same_numbers(trainer.table(), farm(step=3))
    trainer.button("Back").click()
    assert_same_numbers(trainer.table(), farm(step=2))
    trainer.button("To the start").click()
    assert_same_numbers(trainer.table(), farm())


def test_a_step_number_is_gone_to_forwards_and_backwards(trainer):
    for step in (1700, 1234, 500, 499, 1501, 3):
        trainer.step.fill(str(step))
        assert_same_numbers(trainer.table(), farm(step=step))


@pytest.mark.parametrize("text", ["-1", "1.5", "50001", "", "1e9"])
def test_a_step_number_that_does_not_fit_is_not_taken(trainer, text):
    trainer.step.fill("7")
    trainer.step.fill(text)
    trainer.button("Step").focus()
    expect(trainer.step).to_have_value("7")
    assert_same_numbers(trainer.table(), farm(step=7))


def test_keys(trainer):
    trainer.root.focus()
    for key, step in [
        *[("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("Home", 0), ("ArrowLeft", 0)],
        *[("End", RUN), ("ArrowRight", RUN + 1)],
    ]:
        trainer.page.keyboard.press(key)
        expect(trainer.step).to_have_value(str(step))
    trainer.step.focus()
    trainer.page.keyboard.press("Home")  # moves in the field
    expect(trainer.step).to_have_value(str(RUN + 1))


def test_space_runs_and_pauses_and_the_run_can_be_gone_back_from(widget_page):
    trainer = Trainer(widget_page(SkipGramTrainer()))
    trainer.root.focus()
    trainer.page.keyboard.press("Space")
    expect(trainer.button("Pause")).to_be_visible()
    expect(trainer.live).to_have_text("Running.")
    trainer.page.wait_for_function("() => +document.querySelector('input.step').value > 300")
    trainer.page.keyboard.press("Space")
    expect(trainer.button("Run")).to_be_visible()
    step = int(trainer.step.input_value())
    assert 300 < step < 10_560
    assert_same_numbers(trainer.table(), SkipGramTrainer(step=step))
    trainer.address(f"skip-gram-trainer-1.step={step}")
    trainer.button("Back").click()
    assert_same_numbers(trainer.table(), SkipGramTrainer(step=step - 1))


def test_a_run_ends_by_itself_and_can_go_on(widget_page):
    trainer = Trainer(widget_page(farm(step=RUN - 5)))
    trainer.button("Run").click()
    expect(trainer.button("Run")).to_be_visible()
    expect(trainer.step).to_have_value(str(RUN))
    trainer.button("Run").click()
    expect(trainer.button("Pause")).to_be_visible()
    trainer.button("To the start").click()
    expect(trainer.button("Run")).to_be_visible()
    expect(trainer.step).to_have_value("0")


def test_less_motion_means_fewer_pictures(widget_page):
    trainer = Trainer(widget_page(SkipGramTrainer(), reduced_motion="reduce"))
    trainer.page.evaluate(
        """() => {
            window.seen = new Set();
            const input = document.querySelector("input.step");
            const look = () => { seen.add(input.value); requestAnimationFrame(look); };
            look();
        }"""
    )
    trainer.button("Run").click()
    trainer.page.wait_for_function("() => seen.size >= 3")
    trainer.button("Pause").click()
    steps = sorted(int(value) for value in trainer.page.evaluate("() => [...seen]"))
    assert min(np.diff(steps)) > 500  # a second each


@pytest.mark.parametrize(
    ("label", "trait", "value"),
    [
        ("learning rate", "learning_rate", 0.05),
        ("negatives K", "negative", 6),
        ("window", "window", 1),
    ],
)
def test_a_setting_trains_again_from_the_start(trainer, label, trait, value):
    trainer.step.fill("40")
    trainer.root.get_by_label(label).fill(str(value))
    assert_same_numbers(trainer.table(), farm(step=40, **{trait: value}))
    trainer.address(f"skip-gram-trainer-1.{trait}={value}")


@pytest.mark.parametrize(
    ("label", "bad"),
    [("learning rate", "2"), ("negatives K", "0"), ("window", "1.5"), ("seed", "-3")],
)
def test_a_setting_that_does_not_fit_is_not_taken(trainer, label, bad):
    field = trainer.root.get_by_label(label)
    before = field.input_value()
    field.fill(bad)
    trainer.button("Step").focus()
    expect(field).to_have_value(before)
    assert_same_numbers(trainer.table(), farm())


def test_a_link_sets_the_state(widget_page):
    key = "skip-gram-trainer-1"
    link = f"#{key}.step=120&{key}.negative=2&{key}.word=dog&{key}.window=99&{key}.nonsense=1"
    trainer = Trainer(
        widget_page(farm(), f'<p><a href="#{key}.step=9">nine</a></p>', fragment=link)
    )
    assert_same_numbers(trainer.table(), farm(step=120, negative=2))
    expect(trainer.root.get_by_label("Nearest to")).to_have_value("dog")
    follow(trainer.page, "nine")
    assert_same_numbers(trainer.table(), farm(step=9))


def test_the_pair_is_told_in_words_and_numbers(widget_page):
    widget = farm(step=200)
    trainer = Trainer(widget_page(widget))
    trace = widget.trace()
    rows = trainer.root.locator(".pair tbody tr")
    expect(rows).to_have_count(4)
    for n, word in enumerate((trace.pair.context, *trace.pair.negatives)):
        error = trace.before.probabilities[n] - (n == 0)
        effect = "almost at rest" if abs(error) < 0.05 else "push apart" if n else "pull together"
        expect(rows.nth(n)).to_contain_text(word)
        expect(rows.nth(n)).to_contain_text(effect)
        expect(rows.nth(n)).to_contain_text(f"{trace.before.probabilities[n]:.3f}")
    before, after = (f"{step.probabilities[0]:.3f}" for step in (trace.before, trace.after))
    said = trainer.live.text_content()
    assert f"σ {before}; after the update {after}" in said
    assert f"center “{trace.pair.center}”, neighbor “{trace.pair.context}”" in said
    result = trainer.root.locator(".result")
    for step in (trace.before, trace.after):
        expect(result).to_contain_text(f"{step.probabilities[0]:.4f}")
        expect(result).to_contain_text(f"{step.loss:.4f}")
    chips = trainer.root.locator(".chip")
    expect(chips.nth(trace.pair.center_place)).to_contain_text("center")
    expect(chips.nth(trace.pair.context_place)).to_contain_text("neighbor")


@pytest.mark.parametrize("reach", [2, 9], ids=["in the window", "only farther away"])
def test_a_neighbor_that_was_drawn_is_called_one(widget_page, reach):
    widget = farm()

    def drawn_within(step, reach):
        """Which of the drawn words stand at most so far from the center word."""
        pair = widget.pair(step)
        sentence, place = FARM[pair.sentence], pair.center_place
        near = {w for k, w in enumerate(sentence) if k != place and abs(k - place) <= reach}
        return [n for n, word in enumerate(pair.negatives, 1) if word in near - {pair.center}]

    step = next(
        step
        for step in range(80)
        if drawn_within(step, reach) and (reach == 2 or not drawn_within(step, 2))
    )
    trainer = Trainer(widget_page(farm(step=step)))
    texts = trainer.root.locator(".pair .tag").all_text_contents()
    said = [n for n, text in enumerate(texts) if text == STRINGS["en"]["alsoNeighbor"]]
    assert said == drawn_within(step, 2)


def test_a_score_is_added_up_on_request(widget_page):
    widget = farm(step=100)
    trainer = Trainer(widget_page(widget))
    score = trainer.root.locator(".col-score button").nth(2)
    score.click()
    expect(score).to_have_attribute("aria-expanded", "true")
    terms = trainer.root.locator(".terms")
    products = [
        float(text.replace("−", "-")) for text in terms.locator(".product td").all_text_contents()
    ]
    assert len(products) == 5
    np.testing.assert_allclose(sum(products), widget.trace().before.scores[2], atol=5e-3)
    trainer.button("Step").click()  # stays open
    expect(terms).to_contain_text(
        f"sum: {widget.trace(101).before.scores[2]:.3f}".replace("-", "−")
    )
    score.click()
    expect(terms).to_be_hidden()


def test_the_nearest_words_are_those_of_gensim(widget_page):
    widget = SkipGramTrainer(step=3000)
    trainer = Trainer(widget_page(widget))
    vectors = gensim.models.KeyedVectors(8)
    vectors.add_vectors(list(widget.words), widget.trace().input)
    for word in ("king", "apple"):
        trainer.root.get_by_label("Nearest to").select_option(word)
        expected = [f"{near} {cosine:.2f}" for near, cosine in vectors.most_similar(word, topn=5)]
        assert trainer.root.locator(".near > .neighbor").all_text_contents() == expected


def test_a_word_is_chosen_on_the_map_and_in_the_tables(trainer):
    chosen = trainer.root.get_by_label("Nearest to")
    expect(chosen).to_have_value("the")
    trainer.root.locator(".two-tables").click(position={"x": 60, "y": 24 + 16 * 3 + 13})
    expect(chosen).to_have_value("dog")
    trainer.root.locator(".word-map path").nth(4).click(force=True)
    expect(chosen).to_have_value("a")
    trainer.address("word=a")


def test_the_mouse_on_a_square_shows_its_number(widget_page):
    widget = farm(step=80)
    trainer = Trainer(widget_page(widget))
    box = trainer.root.locator(".two-tables .row.center").bounding_box()
    row = widget.words.index(widget.pair().center)
    trainer.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 13)  # the third of five
    value = f"{widget.trace().input[row][2]:.4f}".replace("-", "−")
    expect(trainer.root.locator(".numbers")).to_have_text(f"E[{widget.pair().center}][2] = {value}")


def test_typed_sentences_are_trained_on_and_stay_text(trainer):
    evil = "<img/src=x/onerror=alert(1)>"
    trainer.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    trainer.root.locator("details.own summary").click()
    field = trainer.root.get_by_role("textbox", name="One sentence a line")
    assert field.input_value() == "\n".join(" ".join(sentence) for sentence in FARM)
    typed = f"we  eat {evil}\n\n  we eat 苹果 \n"
    field.fill(typed)
    trainer.button("Train on these").click()
    trainer.step.fill("60")
    expected = SkipGramTrainer([["we", "eat", evil], ["we", "eat", "苹果"]], **SETTINGS, step=60)
    assert_same_numbers(trainer.table(), expected)
    expect(trainer.root.locator("img")).to_have_count(0)
    expect(trainer.root.get_by_role("status")).to_have_text("4 different words, 12 pairs.")
    field.fill("alone")
    trainer.button("Train on these").click()
    expect(trainer.root.get_by_role("status")).to_contain_text("Please give 2 to 200")
    assert_same_numbers(trainer.table(), expected)
    trainer.button("Back to the first sentences").click()
    assert_same_numbers(trainer.table(), farm())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("step", [0, 3000])
def test_everyone_can_read_it(widget_page, theme, step):
    trainer = Trainer(widget_page(SkipGramTrainer(step=step), theme=theme))
    trainer.root.locator(".col-score button").first.click()
    trainer.root.locator("details.own summary").click()
    trainer.table()
    assert_accessible(trainer.page)


@pytest.mark.parametrize("width", [320, 390, 700, 1280])
def test_it_fits_the_page(widget_page, width):
    long = [["Donaudampfschiffahrtsgesellschaft", "fährt", "auf", "der", "Donau"], *FARM]
    trainers = [SkipGramTrainer(step=900), SkipGramTrainer(long, vector_size=32, negative=20)]
    page = widget_page(*trainers)
    for number in (1, 2):
        trainer = Trainer(page, number)
        trainer.root.locator(".col-score button").first.click()
        trainer.table()
    assert_no_page_scroll(page, width)
    small = page.locator(".skip-gram-trainer button, .skip-gram-trainer input").evaluate_all(
        """(nodes) => nodes.map((node) => node.getBoundingClientRect())
            .filter(({width, height}) => height > 0 && (width < 24 || height < 24)).length"""
    )
    assert small == 0
    lost = page.locator(".pair > table td, .pair > table th").evaluate_all(
        "(cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length"
    )
    assert lost == 0


def test_nothing_on_the_map_covers_another_name(widget_page):
    trainer = Trainer(widget_page(SkipGramTrainer(step=10_560)))
    boxes = trainer.root.locator(".word-map text:not([visibility=hidden])").evaluate_all(
        """(texts) => texts.map((text) => text.getBoundingClientRect())
            .map((box) => [box.x, box.y, box.right, box.bottom])"""
    )
    assert len(boxes) > 20
    named = trainer.root.locator(".word-map text:not([visibility=hidden])").all_text_contents()
    assert {"king", "the"} <= set(named)  # chosen and neighbor, center
    for n, (left, top, right, bottom) in enumerate(boxes):
        for x, y, end, low in boxes[n + 1 :]:
            assert right < x + 2 or end < left + 2 or bottom < y + 3 or low < top + 3


def test_the_loss_curve_ends_at_the_mean_of_the_last_losses(widget_page):
    widget = SkipGramTrainer(step=2500)
    trainer = Trainer(widget_page(widget))
    mean = widget.trace().losses[-200:].mean()
    text = f"The mean loss over the pairs so far: {mean:.2f} after 2500 pairs. It begins at 3.47."
    expect(trainer.root.get_by_role("img", name=text)).to_be_visible()
    points = trainer.root.locator(".loss-curve .line").get_attribute("d").removeprefix("M")
    heights = [float(point.split()[1]) for point in points.split("L")]
    start, ground = 20.0, 92.0
    np.testing.assert_allclose(heights[-1], ground - (ground - start) * mean / np.log(32), atol=0.3)


def test_two_trainers_on_a_page_do_not_mix(widget_page):
    page = widget_page(farm(), farm(seed=8))
    second = Trainer(page, 2)
    second.button("Step").click()
    assert_same_numbers(Trainer(page, 1).table(), farm())
    assert_same_numbers(second.table(), farm(seed=8, step=1))


def test_linked_trainers_go_together(widget_page):
    widgets = farm(), farm(negative=1)
    link = ipywidgets.jslink((widgets[0], "step"), (widgets[1], "step"))
    page = widget_page(*widgets)
    link.close()
    Trainer(page, 1).step.fill("12")
    assert_same_numbers(Trainer(page, 2).table(), farm(negative=1, step=12))
    Trainer(page, 2).button("Back").click()
    assert_same_numbers(Trainer(page, 1).table(), farm(step=11))


def test_it_is_light():
    """Scripts and styles, as a server sends them; the state adds about a kilobyte."""
    assert weight([module_text("skip_gram_trainer"), style_text("skip_gram_trainer")]) < 26_000
    assert weight([SkipGramTrainer().to_html()]) < 2_000
