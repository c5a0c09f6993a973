"""The character sampler: the page computes what PyTorch computes, and every reader can use it."""

import gzip
import hashlib
import json
import math
import re
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pages import (
    assert_accessible,
    assert_large_enough,
    assert_no_page_scroll,
    data_table,
    load_module,
    stored_states,
    write_page,
)
from playwright.sync_api import expect

from rnn_utils import decoding, model_files
from rnn_utils.models import LanguageModel, load_language_model
from rnn_utils.widgets import CharSampler, char_sampler
from rnn_utils.widgets.base import FOLDER, module_text
from rnn_utils.widgets.bundle import bundle
from rnn_utils.widgets.random_stream import uniform

NAMES = ("place-names", "news")
TEXTS = {"place-names": "Nuova Zelan", "news": 'Police say the "new'}
each_model = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


@pytest.fixture
def tiny():
    """A small model of one's own, with weights that tell its units apart."""
    model = LanguageModel(4, 2, 3, seed=1)
    with torch.no_grad():
        for values in model.parameters():
            values *= 4
    return model.eval()


@pytest.fixture
def sampler_page(widget_page):
    """Open a page with a sampler that has its weights; gives the page and the sampler's root."""

    def sampler_page(sampler, **options):
        page = widget_page(sampler, **options)
        root = page.locator(".char-sampler")
        expect(root.locator(".strip .cell").first).to_be_visible(timeout=15_000)
        return page, root

    return sampler_page


def read_by_torch(name, text):
    """(h, c, logits, p) after the start and each character, in float64, by torch.nn.LSTM."""
    model, tokens = load_language_model(name, torch.float64)
    indices = torch.tensor([[0, *(tokens.index(sign) for sign in text)]])
    state, steps = None, []
    with torch.no_grad():
        for index in indices[0]:
            logits, state = model(index.view(1, 1), state)
            steps.append((state[0][0, 0], state[1][0, 0], logits[0, 0]))
    h, c, logits = (torch.stack(parts).numpy() for parts in zip(*steps, strict=True))
    return h, c, logits, torch.softmax(torch.tensor(logits), -1).numpy(), indices[0].tolist()


def text_of(root):
    """The text as it is shown, without the start; a space is a space."""
    return "".join(root.locator(".strip .cell b").all_text_contents())[1:]


def written_greedily(text, most):
    """The text and what the model finds most likely after it, to the end or ``most`` characters."""
    model, tokens = load_language_model("place-names", torch.float64)

    def step(token, state):
        logits, state = model(torch.tensor([[token]]), state)
        return logits[0, 0].detach().numpy(), state

    state = None
    for sign in "\n" + text[:-1]:
        _, state = step(tokens.index(sign), state)
    found = decoding.greedy(step, state, tokens.index(text[-1]), 0, most)
    return (text + "".join(tokens[k] for k in found)).replace("\n", "⏎")


def press(root, name):
    root.get_by_role("button", name=name, exact=True).click()


# ------------------------------------------------------------------------------ in JavaScript


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of decoding.js with each of many lists of arguments."""
    page = browser.new_page()
    load_module(page, bundle(FOLDER / "lib" / "decoding.js") + EXPORTS, "decoding")

    def call(name, calls):
        script = "([name, calls]) => calls.map((values) => decoding[name](...values))"
        return page.evaluate(script, [name, calls])

    yield call
    page.close()


EXPORTS = "\nexport { withTemperature, topK, nucleus, distribution, draw, ranked };"
LOGITS = st.integers(1, 9).flatmap(lambda n: arrays(float, n, elements=st.floats(-30, 30)))
CASES = st.lists(
    st.tuples(
        LOGITS,
        st.sampled_from([0, 0.05, 0.5, 1, 2]),
        st.integers(0, 10),
        st.sampled_from([0.01, 0.3, 0.5, 0.9, 1]),
        st.floats(0, 1, exclude_max=True),
    ),
    min_size=5,
    max_size=30,
)


@given(CASES)
def test_the_page_decodes_as_python_does(js, cases):
    found = js(
        "distribution",
        [[logits.tolist(), {"temperature": t, "k": k, "p": p}] for logits, t, k, p, _ in cases],
    )
    for (logits, t, k, p, _), q in zip(cases, found, strict=True):
        wanted = decoding.distribution(logits, t, k or None, p if p < 1 else None)
        np.testing.assert_allclose(q, wanted, atol=1e-12)
    drawn = js("draw", [[q, case[-1]] for q, case in zip(found, cases, strict=True)])
    for q, token, case in zip(found, drawn, cases, strict=True):
        assert token == decoding.draw(q, case[-1])


@pytest.mark.parametrize(
    ("probabilities", "k", "p", "left"),
    [
        ([0.25, 0.5, 0.25], 2, 1, [1 / 3, 2 / 3, 0]),  # of equals the first stays
        ([0.1, 0.5, 0.3, 0.1], 0, 0.8, [0, 0.625, 0.375, 0]),  # the sum is 0.8 but for rounding
        ([0.1, 0.5, 0.3, 0.1], 0, 0.81, [1 / 9, 5 / 9, 1 / 3, 0]),
        ([0.1, 0.5, 0.3, 0.1], 1, 0.9, [0, 1, 0, 0]),
    ],
)
def test_cuts_made_by_hand(js, probabilities, k, p, left):
    [found] = js("distribution", [[np.log(probabilities).tolist(), {"k": k, "p": p}]])
    assert found == pytest.approx(left, abs=1e-12)


# --------------------------------------------------------------------------------- the weights


@each_model
def test_the_file_of_a_model_is_small(name):
    text = (model_files.FOLDER / f"{name}.json").read_bytes()
    assert len(gzip.compress(text)) <= 250_000


def test_files_are_those_of_the_list():
    sums = (model_files.FOLDER / "SHA256SUMS").read_text("utf-8").split("\n")[:-1]
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in model_files.FOLDER.glob("*.json")
    }
    assert dict(reversed(line.split("  ")) for line in sums) == found


@each_model
def test_python_reads_as_torch_does(name):
    reading = CharSampler(name, beginning=TEXTS[name]).read()
    for found, wanted in zip(reading, read_by_torch(name, TEXTS[name]), strict=False):
        np.testing.assert_allclose(found, wanted, atol=1e-12)


# ----------------------------------------------------------------------------------- the page


@each_model
def test_every_number_is_that_of_torch(sampler_page, name):
    text = TEXTS[name]
    sampler = CharSampler(name, beginning=text, temperature=0.7, k=12, p=0.9, unit=5)
    _, root = sampler_page(sampler)
    h, c, logits, p, indices = read_by_torch(name, text)
    table, T = data_table(root), len(text) + 1
    q = decoding.distribution(logits[-1], 0.7, 12, 0.9)
    wanted = {}
    for k in range(len(p[0])):
        wanted |= {("logit", T, k): logits[-1, k], ("p", T, k): p[-1, k], ("q", T, k): q[k]}
    for k in range(h.shape[1]):
        wanted |= {("c", T, k): c[-1, k], ("h", T, k): h[-1, k]}
    for t in range(T):
        wanted |= {("c", t + 1, 5): c[t, 5], ("h", t + 1, 5): h[t, 5]}
        if t:
            read = p[t - 1, indices[t]]
            wanted |= {("p_read", t + 1, indices[t]): read, ("bits", t + 1, 0): -math.log2(read)}
    assert set(table) == set(wanted)
    assert max(abs(table[key] - wanted[key]) for key in wanted) < 1e-10


def test_what_it_writes_is_what_the_stream_draws(sampler_page):
    """Character after character as Python draws them from the same seed."""
    sampler = CharSampler(beginning="San ", seed=7, temperature=0.8, p=0.95)
    _, root = sampler_page(sampler)
    text = "San "
    for _ in range(12):
        press(root, "Next character")
        logits = read_by_torch("place-names", text)[2][-1]
        token = decoding.draw(decoding.distribution(logits, 0.8, p=0.95), uniform(7, len(text)))
        text += sampler.tokens[token]
    assert text_of(root) == text.replace("\n", "⏎")


def test_without_temperature_it_is_greedy(sampler_page):
    _, root = sampler_page(CharSampler(beginning="New Z", temperature=0))
    for _ in range(6):
        press(root, "Next character")
    assert text_of(root) == written_greedily("New Z", 6)


def test_the_buttons(sampler_page):
    _, root = sampler_page(CharSampler(beginning="Pa"))
    for _ in range(4):
        press(root, "Next character")
    written = text_of(root)
    assert len(written) == 6
    press(root, "Previous character")
    assert text_of(root) == written  # it goes there and takes nothing back
    expect(root.locator(".cell[data-now]")).to_have_attribute("data-at", "6")
    press(root, "Take back")
    assert text_of(root) == written[:-1]
    press(root, "Start over")
    assert text_of(root) == "Pa"
    for _ in range(4):
        press(root, "Next character")
    assert text_of(root) == written  # the same seed
    press(root, "Draw again")
    assert text_of(root)[:2] == "Pa"
    assert text_of(root) != written


def test_play_writes_until_the_name_ends(sampler_page):
    _, root = sampler_page(CharSampler(beginning="New Zealan", temperature=0))
    press(root, "Play")
    expect(root.get_by_role("button", name="Pause")).to_be_visible()
    expect(root.get_by_role("button", name="Play")).to_be_visible(timeout=15_000)
    assert text_of(root) == written_greedily("New Zealan", 100)
    assert text_of(root).endswith("⏎")


def test_the_reader_may_write_a_character(sampler_page):
    _, root = sampler_page(CharSampler(beginning="New "))
    bars = root.locator(".bar")
    sign = bars.nth(2).locator(".sign").text_content()
    bars.nth(2).click()
    assert text_of(root) == f"New {sign}"


def test_keys(sampler_page):
    page, root = sampler_page(CharSampler(beginning="Par"))
    root.focus()
    page.keyboard.press("ArrowRight")
    assert len(text_of(root)) == 4
    now = root.locator(".cell[data-now]")
    for key, at in [("Home", "1"), ("ArrowRight", "2"), ("End", "5"), ("ArrowLeft", "4")]:
        page.keyboard.press(key)
        expect(now).to_have_attribute("data-at", at)
    assert len(text_of(root)) == 4


def test_every_step_is_said(sampler_page):
    page, root = sampler_page(CharSampler(beginning="Pa", step=2))
    live = root.locator(".live[aria-live=polite]")
    p = read_by_torch("place-names", "Pa")[3]
    tokens = CharSampler().tokens
    expect(live).to_contain_text("Read: “P”.")
    expect(live).to_contain_text(
        f"Here “a” came next; the model gave it {p[1, tokens.index('a')]:.3f}"
    )
    root.focus()
    page.keyboard.press("ArrowRight")
    expect(live).to_contain_text("Read: “Pa”.")
    expect(live).to_contain_text("On average")


def test_a_unit_is_followed_through_the_text(sampler_page):
    _, root = sampler_page(CharSampler(beginning="Österreich"))
    root.locator(".unit-grid button").nth(9).click()
    c = read_by_torch("place-names", "Österreich")[1][:, 9]
    heights = root.locator(".cell").evaluate_all(
        "(cells) => cells.map((cell) => parseFloat(cell.children[1].firstChild.style.height)"
        " - parseFloat(cell.children[2].firstChild.style.height))"
    )
    assert heights == pytest.approx(100 * c / (1 + abs(c)), abs=0.01)
    expect(root.get_by_text("Bars: c[9] after each character")).to_be_visible()
    press(root, "hidden state h")
    expect(root.get_by_text("Bars: h[9] after each character")).to_be_visible()
    press(root, "Show the surprise")
    expect(root.get_by_text("how surprising each character was")).to_be_visible()


def test_another_model(sampler_page):
    page, root = sampler_page(CharSampler(beginning="Pa", unit=100))
    root.get_by_label("Trained on").select_option("news")
    expect(root.get_by_text("LSTM with 192 units")).to_be_visible(timeout=15_000)
    assert text_of(root) == ""
    root.get_by_role("button", name="“Police say”").click()
    assert text_of(root) == "Police say "
    assert page.evaluate("document.querySelectorAll('script[src*=\"models/\"]').length") == 2


def test_weights_wait_until_the_widget_is_seen(widget_page):
    far = '<div style="height: 6000px"></div>'
    page = widget_page(far, CharSampler())
    scripts = page.locator("script[src*='models/']")
    page.wait_for_timeout(300)
    expect(scripts).to_have_count(0)
    page.locator(".char-sampler").scroll_into_view_if_needed()
    expect(scripts).to_have_count(1)
    expect(page.locator(".strip .cell").first).to_be_visible(timeout=15_000)


def test_weights_that_do_not_come(browser, tmp_path):
    """It says so, and the page goes on."""
    path = write_page(tmp_path, [CharSampler().to_html()])
    (tmp_path / "_static" / "models" / "place-names.js").unlink()
    page = browser.new_page()
    page.goto(path.as_uri())
    expect(page.get_by_text("could not be loaded")).to_be_visible()
    page.close()


def test_weights_are_not_in_the_page(tmp_path):
    path = write_page(tmp_path, [CharSampler().to_html()])
    [state] = stored_states(path, "char-sampler")
    assert "network" not in state
    assert len(path.read_text("utf-8")) < 4000


def test_typed_text_is_text(sampler_page):
    page, root = sampler_page(CharSampler())
    typed = "<b>Ā¿</b>"
    root.get_by_label("You begin").fill(typed)
    assert text_of(root) == typed
    assert page.locator(".strip b b").count() == 0
    unknown = root.locator(".cell[data-unknown]")
    expect(unknown.first).to_be_visible()
    known = "".join(sign for sign in typed if sign in CharSampler().tokens)
    wanted = read_by_torch("place-names", known)[3][-1]
    table = data_table(root)
    T = len(typed) + 1
    assert [table["p", T, k] for k in range(len(wanted))] == pytest.approx(wanted, abs=1e-10)


def test_an_unknown_character_is_named(sampler_page):
    _, root = sampler_page(CharSampler(beginning="中"))
    expect(root.get_by_text("The network does not know “中” and skips it.")).to_be_visible()


def test_a_full_text(sampler_page):
    _, root = sampler_page(CharSampler(beginning="a" * 399))
    press(root, "Next character")
    expect(root.get_by_text("The text is full.")).to_be_visible()
    expect(root.get_by_role("button", name="Next character")).to_be_disabled()


def test_address(sampler_page):
    page, root = sampler_page(CharSampler())
    root.get_by_label("You begin").fill("San ")
    press(root, "Next character")
    root.get_by_label("Temperature").fill("0.5")
    root.get_by_label("Top-k").fill("7")
    root.locator(".unit-grid button").nth(3).click()
    page.wait_for_function("() => location.hash.includes('unit=3')")
    written = text_of(root)
    page.goto("about:blank")
    page.go_back()
    expect(root.locator(".strip .cell").first).to_be_visible(timeout=15_000)
    assert text_of(root) == written
    expect(root.get_by_label("Temperature")).to_have_value("0.5")
    expect(root.get_by_label("Top-k")).to_have_value("7")
    expect(root.locator(".unit-grid [aria-pressed=true]")).to_have_accessible_name(
        re.compile("^unit 3:")
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(sampler_page, theme):
    sampler = CharSampler(beginning="New ", written="Foo\n中", unit=3, k=4)
    page, root = sampler_page(sampler, theme=theme, reduced_motion="reduce")
    assert_large_enough(root)
    for width in (1000, 390, 320):
        assert_no_page_scroll(page, width)
    root.locator("summary").click()
    assert_accessible(page)


# ------------------------------------------------------------------------------- one's own model


def test_ones_own_model(sampler_page, tiny):
    sampler = CharSampler.from_torch(tiny, "\nabc", beginning="abca", seed=3)
    weights = model_files.unpack(sampler.network).parameters
    tiny.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})
    tiny.double()
    with torch.no_grad():
        logits, (h, c) = tiny(torch.tensor([[0, 1, 2, 3, 1]]))
    np.testing.assert_allclose(sampler.read().logits, logits[0], atol=1e-12)
    _, root = sampler_page(sampler)
    table = data_table(root)
    for k in range(4):
        assert table["logit", 5, k] == pytest.approx(logits[0, -1, k].item(), abs=1e-10)
    for k in range(3):
        assert table["c", 5, k] == pytest.approx(c[0, 0, k].item(), abs=1e-10)
        assert table["h", 5, k] == pytest.approx(h[0, 0, k].item(), abs=1e-10)
    expect(root.get_by_text("LSTM with 3 units, 108 weights")).to_be_visible()


def test_modules_that_are_none(tiny):
    with pytest.raises(ValueError, match=r"module must be a rnn_utils\.models\.LanguageModel"):
        CharSampler.from_torch(torch.nn.Linear(2, 2), "ab")
    with pytest.raises(ValueError, match="with one layer"):
        CharSampler.from_torch(LanguageModel(4, 2, 3, 2), "\nabc")
    with pytest.raises(ValueError, match="tokens must be 4, one for each logit, got 2"):
        CharSampler.from_torch(tiny, "ab")


# ---------------------------------------------------------------------------------- in Python


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"model": "no such"}, "model must be one of place-names, news, got 'no such'"),
        ({"beginning": 3}, "beginning must be a text, got 3"),
        ({"written": "a" * 401}, "400 characters at most, got 401"),
        ({"temperature": -1}, "temperature must be a number from 0 to 2, got -1"),
        ({"temperature": float("nan")}, "temperature must be a number from 0 to 2, got nan"),
        ({"k": -1}, "k must be an integer >= 0, got -1"),
        ({"p": 0}, "p must be a number from 0.01 to 1, got 0"),
        ({"seed": 2**32}, "seed must be below"),
        ({"step": -1}, "step must be an integer >= 0, got -1"),
        ({"unit": -2}, "unit must be an integer >= -1, got -2"),
        ({"show": "x"}, "show must be c or h, got 'x'"),
    ],
)
def test_what_cannot_work_is_said(setting, text):
    with pytest.raises(ValueError, match=text):
        CharSampler(**setting)
    sampler = CharSampler()
    [(name, value)] = setting.items()
    before = getattr(sampler, name)
    with pytest.raises(traitlets.TraitError):
        setattr(sampler, name, value)
    assert getattr(sampler, name) == before


def test_with_a_kernel_the_weights_follow_the_name():
    sampler = CharSampler()
    assert sampler.network["about"]["name"] == "place-names"
    sampler.model = "news"
    assert sampler.network["about"]["name"] == "news"


def test_the_same_state_gives_the_same_html():
    html = CharSampler(beginning="Pa").to_html()
    assert html == CharSampler(beginning="Pa").to_html()
    assert "<table>" in html
    assert repr(CharSampler()) == "CharSampler('place-names', beginning='', seed=1)"


def test_strings_are_used():
    source = module_text("char_sampler").replace(json.dumps(char_sampler.STRINGS), "")
    python = Path(char_sampler.__file__).read_text("utf-8")
    for key in char_sampler.STRINGS["en"]:
        assert f"labels.{key}" in source or f'"{key}"' in source + python, key
