"""The stepper of an encoder and a decoder: numbers as in PyTorch, for every reader."""

import itertools
import json
import re

import ipywidgets
import numpy as np
import pytest
import torch
import traitlets
from pages import (
    assert_accessible,
    assert_large_enough,
    assert_no_page_scroll,
    assert_not_cut_off,
    data_table,
    load_module,
    open_with_kernel,
    weight,
)
from playwright.sync_api import expect

from rnn_utils import model_files
from rnn_utils.decoding import beam_search, log_probability
from rnn_utils.models import Seq2Seq
from rnn_utils.widgets import Seq2SeqStepper, seq2seq_stepper
from rnn_utils.widgets.base import FOLDER, module_text, style_text
from rnn_utils.widgets.bundle import bundle

SOURCE = ["<pad>", "<unk>", "<en>", *" ,./-0123456789", *"abcdefghijklmnopqrstuvwxyzDJMS"]
TARGET = ["<s>", "</s>", "-", *"0123456789"]
WORDS = ["<pad>", "<unk>", *"le chat noir dort bien".split()]
TRANSLATION = [
    "<s>",
    "</s>",
    *"the black cat sleeps well".split(),
    *(f"word{n}" for n in range(20)),
]
EXAMPLES = [("12 June 1984", "1984-06-12"), ("3/4/07", "2007-04-03")]


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


def module(attention=True, source=SOURCE, target=TARGET, hidden_size=9, seed=5):
    """A network with large weights, so that nothing is near nothing."""
    network = Seq2Seq(len(source), len(target), 6, hidden_size, attention=attention, seed=seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter *= 2.5
    return network


def stepper(attention=True, *, examples=EXAMPLES, longest=12, **settings):
    return Seq2SeqStepper.from_torch(
        module(attention), SOURCE, TARGET, examples=examples, longest=longest, **settings
    )


def of_words(**settings):
    network = module(source=WORDS, target=TRANSLATION)
    return Seq2SeqStepper.from_torch(
        network, WORDS, TRANSLATION, **{"text": "le chat  noir mange", **settings}
    )


# ----------------------------------------------------------------- what PyTorch says of the same


class Expected:
    """Everything that a page shows of a widget, from PyTorch in float64."""

    def __init__(self, widget):
        self.widget, self.about = widget, widget.network["about"]
        self.network = Seq2Seq.from_file(model_files.unpack(widget.network), torch.float64)
        source = self.about["source"]
        tokens = seq2seq_stepper._cut(widget.text, source)
        self.read = [source.index(token) if token in source else 1 for token in tokens]
        self.lengths = torch.tensor([len(self.read)])
        with torch.no_grad():
            self.memory, self.start = self.network.encode(torch.tensor([self.read]), self.lengths)
        self.end = self.about["target"].index("</s>")

    def step(self, token, state):
        """One step of the decoder: {q: values}."""
        network = self.network
        with torch.no_grad():
            logits, after, weights = network.decode(
                torch.tensor([[token]]), state, self.memory, self.lengths
            )
            h = after[0, 0]
            found = {"h": h, "logit": logits[0, 0], "p": logits[0, 0].softmax(dim=-1)}
            if weights is not None:
                v = weights[0, 0] @ self.memory[0]
                found |= {
                    "alpha": weights[0, 0], "v": v, "e": network.score(self.memory)[0] @ h,
                    "u": network.combine(torch.cat([v, h])).tanh(),
                }  # fmt: skip
        return found, after

    def steps(self, tokens):
        """The steps that write these tokens."""
        state, found = self.start, []
        for token in [self.about["target"].index("<s>"), *tokens[:-1]]:
            values, state = self.step(token, state)
            found.append(values)
        return found

    def greedy(self):
        tokens = []
        while len(tokens) < self.about["longest"] and self.end not in tokens:
            tokens.append(int(self.steps([*tokens, 0])[-1]["p"].argmax()))
        return tokens

    def beam(self, beam, length_penalty):
        """What is best after each step, from searches that are cut there: [[Hypothesis]]."""
        deepest = 0

        def step(token, state):
            nonlocal deepest
            depth, before = state
            deepest = max(deepest, depth + 1)
            values, after = self.step(token, before)
            return values["logit"].numpy(), (depth + 1, after)

        def search(max_length):
            start = self.about["target"].index("<s>")
            return beam_search(
                step, (0, self.start), start, self.end, max_length, beam, length_penalty
            )

        search(self.about["longest"])
        return [search(t) for t in range(1, deepest + 1)]

    def table(self, tokens, forced=False, rounds=()):
        """What the data table holds when these tokens are written: {(q, t, k): value}."""
        table = {
            ("s", t, k): value
            for t, s in enumerate(self.memory[0].tolist(), start=1)
            for k, value in enumerate(s)
        }
        table |= {("h", 0, k): value for k, value in enumerate(self.start[0, 0].tolist())}
        steps = self.steps(tokens)
        for t, step in enumerate(steps, start=1):
            for q, values in step.items():
                table |= {(q, t, k): value for k, value in enumerate(values.tolist())}
        if forced:
            losses = [
                -step["logit"].log_softmax(dim=-1)[token].item()
                for step, token in zip(steps, tokens, strict=True)
            ]
            table |= {("loss", t, 0): loss for t, loss in enumerate(losses, start=1)}
            table["loss", 0, 0] = sum(losses)
        for t, found in enumerate(rounds, start=1):
            for k, one in enumerate(found):
                table |= {("log_p", t, k): one.log_probability, ("score", t, k): one.score}
        return table


BEAM = ("log_p", "score")


def assert_table(found, expected):
    assert found.keys() == expected.keys()
    np.testing.assert_allclose(
        [found[key] for key in expected], list(expected.values()), rtol=0, atol=1e-10
    )


# ------------------------------------------------------------------ the arithmetic in JavaScript


@pytest.fixture(scope="module")
def js(browser):
    """Evaluate an expression with what lib/seq2seq.js and lib/beam.js export."""
    page = browser.new_page()
    for name in ("seq2seq", "beam"):
        path = FOLDER / "lib" / f"{name}.js"
        exported = re.findall(r"^export (?:function|const) (\w+)", path.read_text(), re.M)
        load_module(page, f"{bundle(path)}\nexport {{ {', '.join(exported)} }};", name)
    yield page.evaluate
    page.close()


TEXTS = ["", "12 June 1984", "<en>3/4", "<pad><unk>", "e\u0301", "a\U0001f600b", "<en", "a\n b"]


@pytest.mark.parametrize("text", [*TEXTS, "le chat  noir ", "chat"])
@pytest.mark.parametrize("words", [SOURCE, WORDS, TARGET])
def test_a_text_is_cut_as_in_python(js, text, words):
    tokens = js("([text, words]) => seq2seq.cut(text, words)", [text, words])
    assert tokens == seq2seq_stepper._cut(text, words)


def test_a_token_in_brackets_is_one():
    assert seq2seq_stepper._cut("<en>3", SOURCE) == ["<en>", "3"]
    assert seq2seq_stepper._cut("<s>3", TARGET) == ["<", "s", ">", "3"]


def test_log_softmax(js):
    logits = [1000.0, 998.0, -1000.0, 3.5]
    expected = torch.tensor(logits, dtype=torch.float64).log_softmax(0).tolist()
    assert js("(l) => seq2seq.logSoftmax(l)", logits) == pytest.approx(expected, abs=1e-12)


CHAIN = """([table, options]) => beam.beamSearch(
    ({token}) => ({logP: table[token ?? 0]}), options,
).map(({candidates, found}) => [candidates, found.map((one) => [
    beam.pathOf(one).map(({token}) => token), one.logP, one.score, one.length, one.done])])"""


def chain(seed, V=4):
    """log P of the next token after each token."""
    logits = 2 * torch.randn(V, V, generator=torch.Generator().manual_seed(seed)).double()
    return logits.log_softmax(dim=-1).tolist()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("beam", [1, 2, 3, 5, 500])
@pytest.mark.parametrize("length_penalty", [0, 0.6, 2])
def test_the_beam_is_that_of_python(js, seed, beam, length_penalty):
    table = chain(seed)
    options = {"beam": beam, "lengthPenalty": length_penalty, "end": 1, "most": 5}
    rounds = js(CHAIN, [table, options])
    for t, (_, found) in enumerate(rounds, start=1):
        expected = beam_search(
            lambda token, _: (table[token], None), None, 0, 1, t, beam, length_penalty
        )
        assert [one[0] for one in found[:beam]] == [one.tokens for one in expected]
        numbers = [list(one[1:]) for one in expected]
        np.testing.assert_allclose([one[1:3] for one in found[:beam]], numbers, atol=1e-12)
        scores = [one[2] for one in found]
        assert scores == sorted(scores, reverse=True)
        assert all(one[4] == (one[0][-1] == 1) and one[3] == len(one[0]) for one in found)
    assert len(rounds[-1][1]) <= beam


@pytest.mark.parametrize("length_penalty", [0, 0.6, 2])
def test_a_wide_beam_finds_the_best_of_all(js, length_penalty):
    table, most = chain(7), 5
    options = {"beam": 5000, "lengthPenalty": length_penalty, "end": 1, "most": most}
    best = js(CHAIN, [table, options])[-1][1][0]
    scores = {
        log_probability(lambda token, _: (table[token], None), None, 0, tokens)
        / ((5 + length) / 6) ** length_penalty
        for length in range(1, most + 1)
        for tokens in itertools.product(range(4), repeat=length)
        if 1 not in tokens[:-1] and (tokens[-1] == 1 or length == most)
    }
    assert best[2] == pytest.approx(max(scores), abs=1e-12)


def test_equal_ones_keep_their_order(js):
    half = float(np.log(0.5))
    table = [[half, half], [half, half]]
    rounds = js(CHAIN, [table, {"beam": 2, "lengthPenalty": 0, "end": 1, "most": 3}])
    assert [n for n, _ in rounds] == [2, 2, 2]
    assert [one[0] for one in rounds[0][1]] == [[1], [0]]
    assert [one[0] for one in rounds[2][1]] == [[1], [0, 1]]


# ---------------------------------------------------------------------------------- in Python


def test_what_a_page_is_given():
    widget = stepper(step=3)
    state = widget.page_state()
    assert state.pop("network") == widget.network
    assert state == {
        "model": "own", "models": [{"name": "own", "title": ""}], "text": "12 June 1984",
        "answer": "1984-06-12", "step": 3, "forcing": False, "beam": 1,
        "length_penalty": 0.0, "place": -1, "token": -1, "unit": -1, "hypothesis": 0,
    }  # fmt: skip
    assert json.loads(json.dumps(widget.page_state())) == widget.page_state()
    assert repr(widget) == "Seq2SeqStepper('own', text='12 June 1984', step=3)"


def test_the_answer_of_an_example_is_known():
    assert stepper(text="3/4/07").answer == "2007-04-03"
    assert stepper(text="3/4/08").answer == ""
    assert stepper(text="3/4/07", answer="no").answer == "no"
    assert stepper(examples=()).text == ""
    assert stepper(examples=["7", ("8", "9")]).answer == ""


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("text", ["12 June 1984", "¿?", "7"])
def test_the_output_is_that_of_torch(attention, text):
    widget = stepper(attention, text=text)
    written = [TARGET[token] for token in Expected(widget).greedy()]
    assert widget.output() == "".join(token for token in written if token != "</s>")


def test_the_output_of_words():
    widget = of_words(longest=5)
    written = [TRANSLATION[token] for token in Expected(widget).greedy()]
    assert widget.output() == " ".join(token for token in written if token != "</s>")


@pytest.mark.parametrize("attention", [True, False])
def test_the_table_to_read_without_javascript(attention):
    widget = stepper(attention, text="<b>12")
    expected = Expected(widget)
    tokens = expected.greedy()
    html = widget.to_html()
    cells = re.findall(r"<td>(.*?)</td>", html[html.index("<table") :])
    rows = list(zip(*[iter(cells)] * 4, strict=True))
    assert [row[0] for row in rows] == [str(t) for t in range(1, len(tokens) + 1)]
    for row, token, step in zip(rows, tokens, expected.steps(tokens), strict=True):
        look = (
            f"{step['alpha'].argmax() + 1}: {'<b>12'[step['alpha'].argmax()]}" if attention else "–"
        )
        escaped = [text.replace("<", "&lt;").replace(">", "&gt;") for text in (TARGET[token], look)]
        assert row[1:] == (escaped[0], f"{step['p'][token]:.3f}", escaped[1])
    assert stepper(text="").to_html().count("<td>") == 0


BAD = [
    ("model", "dates", "model must be one of own, got 'dates'"),
    ("text", 3, "text must be a str"),
    ("text", "x" * 81, "text must have at most 80 characters, got 81"),
    ("text", "\ud800", "text must be a str without lone surrogates"),
    ("answer", "1" * 41, "answer must have at most 40 characters"),
    ("step", -1, "step must be an integer >= 0, got -1"),
    ("forcing", 1, "forcing must be True or False, got 1"),
    ("beam", 0, "beam must be an integer >= 1, got 0"),
    ("beam", 6, "beam must be at most 5, got 6"),
    ("length_penalty", -0.1, "length_penalty must be a number from 0 to 2, got -0.1"),
    ("length_penalty", float("nan"), "length_penalty must be a number from 0 to 2"),
    ("place", -2, "place must be an integer >= -1, got -2"),
    ("token", 1.5, "token must be an integer >= -1, got 1.5"),
    ("unit", None, "unit must be an integer >= -1, got None"),
    ("hypothesis", 10, "hypothesis must be at most 9, got 10"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_what_does_not_fit_is_refused(name, value, message):
    if name != "model":
        with pytest.raises(ValueError, match=re.escape(message)):
            stepper(**{name: value})
    widget = stepper()
    before = widget.page_state()
    if name == "forcing":
        return  # a trait of this kind takes 1 for True
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)
    assert widget.page_state() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"module": torch.nn.GRU(2, 3)}, "module must be a rnn_utils.models.Seq2Seq, got GRU"),
        ({"source": SOURCE[:-1]}, f"source must have {len(SOURCE)} tokens"),
        ({"target": [*TARGET, "x"]}, f"target must have {len(TARGET)} tokens"),
        ({"source": SOURCE[::-1]}, "source must begin with <pad>, <unk>"),
        ({"target": ["a", *TARGET[1:]]}, "target must hold <s> and </s>"),
        ({"source": [*SOURCE[:-1], 3]}, "each of source must be a str, got 3"),
        ({"examples": [("a", "b", "c")]}, "examples must be texts or pairs of texts"),
        ({"examples": [("a", 3)]}, "each text of examples must be a str, got 3"),
        ({"longest": 0}, "longest must be an integer >= 1, got 0"),
        ({"longest": 81}, "longest must be at most 80, got 81"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(arguments, message):
    given = {"module": module(), "source": SOURCE, "target": TARGET, **arguments}
    with pytest.raises(ValueError, match=re.escape(message)):
        Seq2SeqStepper.from_torch(**given)


# ---------------------------------------------------------------------------------- on a page


class Page:
    """A stepper on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=seq2seq-stepper-{number}] .seq2seq-stepper")
        self.live = self.root.locator("[aria-live]").first
        self.where = self.root.locator(".where")
        self.field = self.root.get_by_role("textbox", name="Type something to read")
        self.sources = self.root.locator(".source")
        self.chips = self.root.locator(".chip")
        self.map = self.root.get_by_role("group", name="Attention: a row")
        self.bars = self.root.locator(".bars li")
        expect(self.where).not_to_have_text("")  # the network is there

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, *keys):
        self.root.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def table(self):
        return data_table(self.root)

    def values(self, selector):
        texts = self.root.locator(selector).evaluate_all(
            "(nodes) => nodes.map((node) => node.dataset.value)"
        )
        return [float(text) for text in texts]


@pytest.fixture
def shown(widget_page):
    """A page with one stepper made of these settings."""

    def shown(*arguments, theme="light", fragment="", **settings):
        return Page(widget_page(stepper(*arguments, **settings), theme=theme, fragment=fragment))

    return shown


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize(
    "text", ["12 June 1984", "¿<en>M<pad>?", "7", "Sunday 3/4/07 " * 4 + "1984"]
)
def test_every_number_is_that_of_torch(shown, attention, text):
    widget = stepper(attention, text=text)
    expected = Expected(widget)
    page = shown(attention, text=text)
    page.press("End")
    assert_table(page.table(), expected.table(expected.greedy()))


@pytest.mark.parametrize("name", model_files.of_kind("seq2seq"))
def test_every_number_of_the_networks_of_the_book(widget_page, name):
    widget = Seq2SeqStepper(name)
    assert widget.answer
    expected = Expected(widget)
    page = Page(widget_page(widget))
    page.press("End")
    expect(page.live).to_contain_text(f"Written: “{widget.output()}”")
    assert_table(page.table(), expected.table(expected.greedy()))


def test_every_number_of_a_model_of_words(widget_page):
    widget = of_words(longest=6)
    expected = Expected(widget)
    assert len(expected.read) == 4
    assert expected.read[-1] == 1
    page = Page(widget_page(widget))
    page.press("End")
    assert_table(page.table(), expected.table(expected.greedy()))
    expect(page.sources).to_have_text(["le", "chat", "noir", "mange"])
    expect(page.bars).to_have_count(12)  # the likeliest of 27


@pytest.mark.parametrize("attention", [True, False])
def test_the_loss_of_the_right_answer(shown, attention):
    widget = stepper(attention, forcing=True)
    expected = Expected(widget)
    page = shown(attention, forcing=True)
    tokens = [TARGET.index(sign) for sign in "1984-06-12"] + [1]
    page.press("End")
    table = expected.table(tokens, forced=True)
    assert_table(page.table(), table)
    assert page.values(".loss") == pytest.approx([table["loss", 0, 0]], abs=1e-10)
    expect(page.chips).to_have_text([*"1984-06-12", "</s>"])
    missed = [
        int(step["p"].argmax()) != token
        for step, token in zip(expected.steps(tokens), tokens, strict=True)
    ]
    assert any(missed)
    expect(page.root.locator(".chip[data-missed]")).to_have_count(sum(missed))
    page.press("ArrowLeft")
    said = [sum(table["loss", t, 0] for t in some) for some in ([10], range(1, 11), range(1, 12))]
    numbers = [f"{value:.3f}" for value in said]
    expect(page.root.locator(".loss")).to_have_text(
        f"Loss −log p: {numbers[0]} at this step, {numbers[1]} so far, "
        f"{numbers[2]} for the whole answer."
    )


@pytest.mark.parametrize(("beam", "length_penalty"), [(2, 0), (5, 0), (4, 0.6), (3, 2)])
def test_the_beam_is_that_of_torch(shown, beam, length_penalty):
    settings = {"text": "3/4", "beam": beam, "length_penalty": length_penalty, "longest": 5}
    expected = Expected(stepper(**settings))
    rounds = expected.beam(beam, length_penalty)

    def best(table):
        return {key: v for key, v in table.items() if key[0] not in BEAM or key[2] < beam}

    page = shown(**settings)
    page.press("End")
    for rank, one in enumerate(rounds[-1]):
        page.root.locator(".hypothesis").nth(rank).click()
        expect(page.chips).to_have_text([TARGET[token] for token in one.tokens])
        assert_table(best(page.table()), expected.table(one.tokens, rounds=rounds))
    expect(page.root.locator(".hypothesis")).to_have_count(beam)
    expect(page.root.locator(".hypotheses caption")).to_contain_text("the best by score")
    page.press("ArrowLeft")
    names = page.root.locator(".hypothesis").all_text_contents()
    ended = [
        "".join(TARGET[token] for token in one.tokens if token != 1) + " ■" * (1 in one.tokens)
        for one in rounds[-2]
    ]
    assert names[: len(ended)] == ended
    logs = page.values(".hypotheses td:nth-child(2)")[: len(ended)]
    assert logs == pytest.approx([one.log_probability for one in rounds[-2]], abs=1e-10)


def test_a_beam_of_one_is_greedy():
    expected = Expected(stepper(longest=6))
    assert expected.beam(1, 1)[-1][0].tokens == expected.greedy()


def test_steps_go_on_and_back(shown):
    page = shown()
    expect(page.where).to_have_text("start")
    expect(page.live).to_contain_text("Nothing is read yet")
    expect(page.button("Previous step")).to_be_disabled()
    page.button("Next step").click()
    expect(page.where).to_have_text("encoder 1 of 12")
    expect(page.live).to_contain_text("Encoder, step 1 of 12: it reads “1”")
    expect(page.root.locator(".source[aria-current=step]")).to_have_text("1")
    page.press("ArrowRight", "ArrowRight")
    expect(page.where).to_have_text("encoder 3 of 12")
    expect(page.root.locator(".source[data-later]")).to_have_count(9)
    expect(page.bars).to_have_count(0)
    page.press("End")
    expect(page.where).to_have_text(re.compile(r"decoder (\d+) of \1"))
    expect(page.button("Next step")).to_be_disabled()
    N = int(page.where.text_content().split()[-1])
    expect(page.chips).to_have_count(N)
    expect(page.map.locator(".map-row")).to_have_count(N)
    page.press("ArrowLeft")
    expect(page.chips).to_have_count(N - 1)
    page.chips.nth(1).click()
    expect(page.where).to_have_text(f"decoder 2 of {N}")
    expect(page.map.locator(".map-row[data-now]")).to_contain_text("2")
    page.button("Reset").click()
    expect(page.where).to_have_text("start")
    page.root.get_by_label("Step", exact=True).fill("13")
    expect(page.where).to_have_text(f"decoder 1 of {N}")
    page.page.wait_for_function("() => location.hash.includes('seq2seq-stepper-1.step=13')")


def test_what_is_said_of_a_step(shown):
    widget = stepper()
    expected = Expected(widget)
    tokens = expected.greedy()
    second = expected.steps(tokens)[1]
    look = int(second["alpha"].argmax())
    page = shown(step=14)
    expect(page.live).to_have_text(
        f"Decoder, step 2: it reads “{TARGET[tokens[0]]}”, looks most at character {look + 1}, "
        f"“{'12␣June␣1984'[look]}” ({second['alpha'][look]:.2f}), and writes “{TARGET[tokens[1]]}” "
        f"with probability {second['p'][tokens[1]]:.3f}."
    )
    page.press("End")
    expect(page.live).to_contain_text(f"Written: “{widget.output()}”; right is “1984-06-12”.")
    plain = shown(False, step=14)
    expect(plain.live).to_contain_text("Of the source it knows only h₀ = s₁₂.")
    forced = shown(step=14, forcing=True)
    expect(forced.live).to_contain_text("The right answer is “9”")


def test_it_plays(shown):
    page = shown(text="7", longest=2)
    page.page.clock.install(time=0)
    page.page.clock.pause_at(1000)
    page.button("Play").click()
    expect(page.button("Pause")).to_be_visible()
    expect(page.live).to_have_attribute("aria-live", "off")
    page.page.clock.run_for(800)
    expect(page.where).to_have_text("encoder 1 of 1")
    page.page.clock.run_for(2000)
    expect(page.where).to_have_text(re.compile("decoder 2 of 2|decoder 1 of 1"))
    expect(page.button("Play")).to_be_visible()
    page.button("Play").click()  # from the start again
    expect(page.where).to_have_text("start")
    page.press("ArrowRight")
    expect(page.button("Play")).to_be_visible()
    expect(page.live).to_have_attribute("aria-live", "polite")


def test_the_map_and_the_arrows_are_the_weights(shown):
    widget = stepper()
    expected = Expected(widget)
    steps = expected.steps(expected.greedy())
    page = shown(step=15)
    weights = page.values(".weight")
    drawn = [a for step in steps[:3] for a in step["alpha"].tolist()]
    np.testing.assert_allclose(weights, drawn, rtol=0, atol=1e-10)
    sides = page.root.locator(".weight i").evaluate_all(
        "(nodes) => nodes.map((node) => [node.offsetWidth, node.parentNode.offsetWidth])"
    )
    for (side, column), a in zip(sides, drawn, strict=True):
        assert abs(side - np.sqrt(a) * (column - 4)) <= 1
    arrows = page.root.locator(".arrow").evaluate_all(
        "(nodes) => nodes.map((node) => +node.dataset.weight)"
    )
    assert arrows == pytest.approx([a for a in steps[2]["alpha"].tolist() if a >= 0.02], abs=1e-10)
    plain = shown(False, step=15)
    expect(plain.root.locator(".arrow")).to_have_count(1)  # from the last state
    expect(plain.map).to_be_hidden()


def test_where_a_weight_comes_from(shown):
    step = Expected(stepper()).steps(Expected(stepper()).greedy())[1]
    page = shown(step=15)
    expect(page.root.locator(".says").first).to_contain_text("Press one to see where")
    page.map.locator(".map-row").nth(1).locator(".weight").nth(4).click()
    expect(page.where).to_contain_text("decoder 2 of")
    e, alpha = step["e"], step["alpha"]
    found = page.values(".says >> nth=0 >> td[data-value]")
    assert found == pytest.approx(
        [e[4].item(), e[4].exp().item(), e.exp().sum().item(), alpha[4].item()], rel=1e-9
    )
    expect(page.sources.nth(4)).to_have_attribute("aria-pressed", "true")
    page.sources.nth(7).click()
    assert page.values(".says >> nth=0 >> td[data-value]")[-1] == pytest.approx(alpha[7].item())
    page.sources.nth(7).click()
    expect(page.root.locator(".says").first).to_contain_text("Press one")


def test_where_a_probability_comes_from(shown):
    step = Expected(stepper()).steps(Expected(stepper()).greedy())[1]
    page = shown(step=14)
    assert page.values(".bars .number") == pytest.approx(step["p"].tolist(), abs=1e-10)
    page.bars.nth(5).get_by_role("button").click()
    logits, p = step["logit"], step["p"][5].item()
    found = page.values(".pane .says >> nth=0 >> td[data-value]")
    expected = [logits[5].item(), logits[5].exp().item(), logits.exp().sum().item(), p, -np.log(p)]
    assert found == pytest.approx(expected, rel=1e-9)
    expect(page.bars.nth(5).get_by_role("button")).to_have_attribute("aria-pressed", "true")


def test_the_states_are_drawn(shown):
    expected = Expected(stepper())
    steps = expected.steps(expected.greedy())
    page = shown(step=14)
    drawn = page.values(".state.encoder [data-value]"), page.values(".state.decoder [data-value]")
    np.testing.assert_allclose(drawn[0], expected.memory[0, -1], rtol=0, atol=1e-10)
    np.testing.assert_allclose(drawn[1], steps[1]["h"], rtol=0, atol=1e-10)
    page.root.locator(".state.decoder").click(position={"x": 5 * 11 + 4, "y": 6})
    says = page.root.locator(".column .says")
    expect(says).to_contain_text(f"= {steps[1]['h'][5]:.3f}".replace("-", "−"))
    expect(says).to_contain_text(f"= {expected.memory[0, -1, 5]:.3f}".replace("-", "−"))
    page.root.get_by_label("Unit", exact=True).press("ArrowRight")
    expect(says).to_contain_text(f"= {steps[1]['h'][6]:.3f}".replace("-", "−"))
    page.sources.nth(2).click()  # another state of the encoder
    expect(says).to_contain_text(f"= {expected.memory[0, 2, 6]:.3f}".replace("-", "−"))
    page.press("Home")
    expect(says).to_contain_text("s₀[6] = 0.000")


def test_the_keys_of_the_board(shown):
    page = shown(step=15)
    stops = page.root.locator(".board button[tabindex='0']")
    expect(stops).to_have_count(1)
    page.sources.first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.page.keyboard.press(key)
    expect(page.map.locator(".map-row").nth(1).locator(".weight").nth(1)).to_be_focused()
    expect(page.where).to_contain_text("decoder 3 of")  # the widget's own keys wait
    page.page.keyboard.press("Enter")
    expect(page.where).to_contain_text("decoder 2 of")
    page.page.keyboard.press("End")
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("ArrowUp")
    expect(page.sources.last).to_be_focused()
    expect(stops).to_have_count(1)
    page.page.keyboard.press("Home")
    expect(page.sources.first).to_be_focused()


def test_typing_begins_anew(shown):
    page = shown(step=5)
    page.field.fill("3/4/07")
    expect(page.where).to_have_text("start")
    expect(page.sources).to_have_text(list("3/4/07"))
    page.field.focus()
    page.page.keyboard.press("Home")  # a field keeps its keys
    page.press("End")
    widget = stepper(text="Mon 5")
    page.field.fill("Mon 5")  # the whole answer was to be seen: here it is
    expect(page.live).to_contain_text(f"Written: “{widget.output()}”.")
    expected = Expected(widget)
    assert_table(page.table(), expected.table(expected.greedy()))
    page.button("12 June 1984").click()
    expect(page.field).to_have_value("12 June 1984")
    expect(page.button("12 June 1984")).to_have_attribute("aria-pressed", "true")


def test_unknown_characters_are_marked(shown):
    page = shown(text="5 ñandú 中")
    expect(page.root.locator(".source[data-unknown]")).to_have_text(["ñ", "ú", "中"])
    expect(page.root.locator(".unknown")).to_contain_text("“ñ”, “ú”, “中”")
    expect(page.button("source 3, “ñ”, unknown")).to_be_visible()
    page.press("ArrowRight", "ArrowRight", "ArrowRight")
    expect(page.live).to_contain_text("“ñ” is unknown, so it reads <unk>")
    page.field.fill("5")
    expect(page.root.locator(".unknown")).to_be_hidden()


def test_no_text_is_no_trouble(shown):
    page = shown()
    page.press("End")
    page.field.fill("")
    expect(page.live).to_have_text("Type something first: there is nothing to read.")
    page.press("End", "ArrowRight")
    for name in ("Next step", "Previous step", "Play", "Reset"):
        expect(page.button(name)).to_be_disabled()
    expect(page.sources).to_have_count(0)
    assert page.table() == {}
    page.root.get_by_label("Teacher forcing").check()
    expect(page.live).to_contain_text("nothing to read")
    page.field.fill("7")
    expect(page.sources).to_have_count(1)


def test_the_answer_is_typed(shown):
    page = shown(text="Mon 5", step=6)
    answer = page.root.get_by_role("textbox", name="Right answer")
    expect(answer).to_be_hidden()
    page.root.get_by_label("Teacher forcing").check()
    note = page.root.locator("fieldset .muted").first
    expect(note).to_contain_text("An empty one has only its end")
    answer.fill("19x8y")
    expect(note).to_have_text("The network cannot write “x”, “y”; this is left out.")
    page.press("End")
    tokens = [TARGET.index(token) for token in ("1", "9", "8", "</s>")]
    assert_table(page.table(), Expected(stepper(text="Mon 5")).table(tokens, forced=True))
    expect(page.root.get_by_label("Beam")).to_be_hidden()


def test_two_networks(widget_page, tmp_path, monkeypatch):
    """The book's networks come as files, and the reader may change between them."""
    monkeypatch.setattr(model_files, "FOLDER", tmp_path / "models")
    model_files.FOLDER.mkdir()
    for name, attention in (("with", True), ("without", False)):
        model_files.save(
            model_files.FOLDER / f"{name}.json", "seq2seq", module(attention).state_dict(),
            name=name, title=f"{name} it", source=SOURCE, target=TARGET, longest=12,
            examples=EXAMPLES,
        )  # fmt: skip
    model_files.save(model_files.FOLDER / "other.json", "language-model", {}, name="other")
    widget = Seq2SeqStepper("with", step=99)
    assert "network" not in widget.page_state()
    page = Page(widget_page(widget))
    expected = Expected(widget)
    assert_table(page.table(), expected.table(expected.greedy()))
    page.button("without it").click()
    expect(page.map).to_be_hidden()
    expected = Expected(Seq2SeqStepper("without"))
    assert_table(page.table(), expected.table(expected.greedy()))
    expect(page.button("without it")).to_have_attribute("aria-pressed", "true")
    page.page.wait_for_function("() => location.hash.includes('model=without')")
    widget.model = "without"
    assert widget.network["about"]["name"] == "without"
    with pytest.raises(ValueError, match="model must be one of with, without, got 'other'"):
        Seq2SeqStepper("other")


def test_the_address_holds_the_state(shown, open_page):
    page = shown()
    page.field.fill("3/4/07")
    page.root.get_by_label("Beam").fill("3")
    page.root.get_by_label("Length penalty").fill("0.7")
    page.press("End", "ArrowLeft")
    page.sources.nth(1).click()
    page.bars.nth(3).get_by_role("button").click()
    page.root.get_by_label("Unit", exact=True).fill("4")
    page.root.locator(".hypothesis").nth(1).click()
    page.bars.nth(2).get_by_role("button").click()
    page.page.wait_for_function(
        "() => location.hash.includes('hypothesis=1') && location.hash.includes('token=2')"
    )
    other = Page(open_page(page.page.url))
    for part in (".live", ".where", ".says >> nth=0", ".pane .says >> nth=0", ".hypotheses"):
        expect(other.root.locator(part)).to_have_text(page.root.locator(part).text_content())
    expect(other.root.get_by_label("Unit", exact=True)).to_have_value("4")
    assert other.table() == page.table()


@pytest.mark.parametrize(
    "entry",
    ["beam=9", "length_penalty=-1", "step=x", "hypothesis=10", "model=no", "forcing=1", "place=-3"],
)
def test_an_address_that_does_not_fit_is_left_out(shown, entry):
    page = shown(step=14, fragment=f"#seq2seq-stepper-1.{entry}")
    expect(page.where).to_contain_text("decoder 2 of")


# ------------------------------------------------------------------------------- for everyone

HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


def test_what_is_typed_stays_text(shown):
    page = shown(text=HOSTILE, examples=[(HOSTILE, "1")])
    page.root.get_by_label("Teacher forcing").check()
    page.root.get_by_role("textbox", name="Right answer").fill("<b>1</b>")
    page.press("End")
    page.table()
    expect(page.sources.nth(1)).to_have_text("i")
    assert page.root.locator("img, script, b").count() == 0
    assert page.page.evaluate("() => window.hacked") is None


LOOKS = {
    "start": {},
    "reading": {"text": "Monday, Sept. 21ñ 1998", "step": 17, "unit": 5},
    "attention": {"step": 16, "place": 4, "token": 4, "unit": 8},
    "forcing": {"text": "3/4/07", "step": 12, "forcing": True},
    "beam": {"step": 18, "beam": 5, "length_penalty": 0.6, "hypothesis": 1},
    "long": {"text": "Sunday, the 03.04.2007 and again " * 2, "step": 70, "place": 60},
    "empty": {"text": ""},
}
each_look = pytest.mark.parametrize("settings", LOOKS.values(), ids=LOOKS)


@pytest.mark.parametrize("look", ["reading", "attention", "forcing", "beam", "empty"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(widget_page, theme, look):
    settings = LOOKS[look]
    # Two of them, because names and ids must differ.
    page = widget_page(stepper(**settings), stepper(False, **settings), theme=theme)
    for number in (1, 2):
        Page(page, number).table()
    assert_accessible(page)


@each_look
def test_it_fits_the_page_and_a_finger(widget_page, settings):
    page = widget_page(stepper(**settings), stepper(False, **settings), of_words(step=7))
    for number in (1, 2, 3):
        Page(page, number).table()
    for width in (1280, 390, 320):
        assert_no_page_scroll(page, width)
        assert_large_enough(page.locator("main"))
        assert_not_cut_off(page.locator(".arrows text"))


def test_a_long_text_scrolls_in_its_box(shown):
    page = shown(text="Sunday, the 03.04.2007 and again " * 2, step=1)
    page.page.set_viewport_size({"width": 390, "height": 800})
    for step in (60, 5, 70):
        page.root.get_by_label("Step", exact=True).fill(str(step))
        at = page.root.locator(".source[aria-current=step]") if step < 66 else page.sources.last
        if step < 66:
            box, frame = at.bounding_box(), page.root.locator(".board").bounding_box()
            assert frame["x"] + 50 <= box["x"]
            assert box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_nothing_moves(shown):
    moving = """(root) => [...root.querySelectorAll("*")].filter((node) => {
        const {transitionDuration, animationName} = getComputedStyle(node);
        return animationName !== "none" || transitionDuration.split(", ").some((d) => d !== "0s");
    }).length"""
    assert shown(step=14).root.evaluate(moving) == 0


def test_less_motion_is_slower(widget_page):
    page = Page(widget_page(stepper(), reduced_motion="reduce"))
    page.page.clock.install(time=0)
    page.page.clock.pause_at(1000)
    page.button("Play").click()
    page.page.clock.run_for(1000)
    expect(page.where).to_have_text("start")
    page.page.clock.run_for(500)
    expect(page.where).to_have_text("encoder 1 of 12")


def test_it_is_light_and_quick(shown):
    assert weight([module_text("seq2seq_stepper"), style_text("seq2seq_stepper")]) < 30_000
    page = shown(text="Sunday, the 03.04.2007 and again " * 2)
    times = page.page.evaluate(
        """() => {
            const next = document.querySelector("[aria-label='Next step']");
            return Array.from({length: 70}, () => {
                const start = performance.now();
                next.click();
                return performance.now() - start;
            });
        }"""
    )
    assert sorted(times)[66] < 150  # 16 ms on a quiet computer; this one may be busy


def test_with_a_kernel_traits_go_both_ways(open_page, tmp_path):
    state = {**stepper().page_state(), "network": {"about": {"name": "another"}}}
    page = open_with_kernel(open_page, tmp_path, module_text("seq2seq_stepper"), state)
    expect(page.get_by_role("status")).to_contain_text("on its way")
    page.evaluate("(network) => model.arrive('network', network)", stepper().network)
    page.get_by_role("button", name="Next step").click()
    assert page.evaluate("saved.at(-1).step") == 1
    page.evaluate("model.arrive('step', 14)")
    expect(page.locator(".where")).to_contain_text("decoder 2 of")
    page.evaluate("model.arrive('text', '7')")
    expect(page.locator(".source")).to_have_text(["7"])
    assert page.evaluate("model.listening()") == 13
    page.evaluate("leave()")
    assert page.evaluate("model.listening()") == 0
    expect(page.locator("main > *")).to_have_count(0)
