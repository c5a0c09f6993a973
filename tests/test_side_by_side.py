"""Several cells beside each other: what they share, and what each says of its memory."""

import itertools
import json

import ipywidgets
import numpy as np
import pytest
import torch
from pages import assert_accessible, assert_no_page_scroll, load_module
from playwright.sync_api import expect
from stepper import (
    MODULES,
    WORDS,
    Stepper,
    assert_same_numbers,
    random_stepper,
    state_of,
    torch_table,
)

from rnn_utils.widgets import GateStepper, base, side_by_side
from rnn_utils.widgets.base import _show_box
from rnn_utils.widgets.gate_stepper import PRESETS

D, H = 3, 2
SIZES = {"rnn": 4, "lstm": 2, "gru": 3}  # as many units as give each about as many parameters


def three(asked=False, words=WORDS[:5], **state):
    """An RNN, an LSTM and a GRU of different sizes on one sequence; asked for a word, or not."""
    if asked:
        state["targets"] = [0, None, 1, 0, 0]
    steppers = []
    for n, (cell, size) in enumerate(SIZES.items()):
        rng = np.random.default_rng(n)
        readout = {"weight": rng.normal(size=(2, size)), "bias": [0, 0], "labels": ["was", "were"]}
        inputs = np.random.default_rng(9).normal(size=(len(words), D))
        shared = {"vocabulary": None} | ({"readout": readout} if asked else {}) | state
        one = random_stepper(D, size, words, cell=cell, seed=n, **shared)
        steppers.append(GateStepper(**{**one.page_state(), "inputs": inputs}))
    return steppers


def test_it_is_a_row_of_compact_steppers_that_share_what_is_walked():
    steppers = three()
    box = side_by_side(*steppers)
    assert isinstance(box, ipywidgets.HBox)
    assert list(box.children) == steppers
    assert all(one.compact and one.page_state()["compact"] is True for one in steppers)
    html = _show_box(box)[0]["text/html"]
    assert html.count("data-links") == 3
    for trait in ("step", "direction", "tokens", "inputs"):
        assert html.count(f"&quot;trait&quot;: &quot;{trait}&quot;") == 4  # two links, two ends
    assert "targets&quot;" not in html


def test_right_answers_are_shared_if_all_choose_from_the_same(widget_page):
    assert _show_box(side_by_side(*three(asked=True)))[0]["text/html"].count("targets&quot;") == 4
    first, second, third = three(asked=True)
    third.readout = {**third.readout, "labels": ["is", "are"]}
    assert "targets&quot;" not in _show_box(side_by_side(first, second, third))[0]["text/html"]


@pytest.mark.parametrize(
    ("steppers", "words"),
    [
        (lambda: three()[:1], ["two or more", "got 1"]),
        (lambda: [*three(), ipywidgets.IntSlider()], ["must be GateSteppers", "got IntSlider"]),
        (lambda: three()[:1] * 2, ["different objects"]),
        (lambda: [three()[0], three(words=WORDS[:4])[1]], ["same tokens", "'which'"]),
        (lambda: [three()[0], random_stepper(D, H, WORDS[:5])], ["same inputs"]),
    ],
)
def test_it_refuses(steppers, words):
    with pytest.raises(ValueError, match="steppers must") as error:
        side_by_side(*steppers())
    assert all(word in str(error.value) for word in words)


def test_what_a_refused_row_would_have_changed_is_left_alone():
    steppers = [three()[0], three(words=WORDS[:4])[1]]
    with pytest.raises(ValueError, match="same tokens"):
        side_by_side(*steppers)
    assert not any(one.compact for one in steppers)


def torch_states(widget, inputs):
    """The state after each step, (T, H) or (T, 2H), from torch.nn."""
    cell, H = widget.cell, len(widget.h0)
    module = MODULES[cell](D, H, dtype=torch.float64).requires_grad_(False)
    module.load_state_dict(
        {f"{k}_l0": torch.tensor(v, dtype=torch.float64) for k, v in widget.weights.items()}
    )
    state = torch.tensor([widget.h0], dtype=torch.float64)
    if cell == "lstm":
        state = (state, torch.tensor([widget.c0], dtype=torch.float64))
    states = []
    for x in inputs:
        _, state = module(torch.tensor([x], dtype=torch.float64), state)
        states.append(torch.cat(state if cell == "lstm" else (state,), dim=-1)[0])
    return torch.stack(states)


@pytest.mark.parametrize("n", range(3))
def test_left_of_first_is_what_torch_has_left(n):
    widget = three()[n]
    with_it = torch_states(widget, widget.inputs)
    without = torch_states(widget, [[0.0] * D, *widget.inputs[1:]])
    apart = (with_it - without).norm(dim=-1)
    np.testing.assert_allclose(widget.left_of_first(), apart / apart[0], rtol=1e-10)
    below = [t for t, share in enumerate(widget.left_of_first(), start=1) if share < 0.1]
    assert widget.forgets_at() == (below[0] if below else None)


def test_a_first_token_of_zeros_leaves_nothing():
    widget = GateStepper.from_preset("latch")
    assert widget.inputs[0] == [0.0, 0.0]
    assert (widget.left_of_first(), widget.forgets_at()) == ([], None)


def set_latch(preset):
    """A latch that hears "set" and then nothing, five times."""
    tokens = ["set", *"·····"]
    inputs = [PRESETS[preset]["vocabulary"][token] for token in tokens]
    return GateStepper(**{**PRESETS[preset], "tokens": tokens, "inputs": inputs})


def test_a_held_gate_forgets():
    widget = set_latch("gru-latch")
    assert widget.forgets_at() is None
    widget.hold("z", 0.0, step=4)
    assert widget.forgets_at() == 4


@pytest.mark.parametrize("asked", [False, True])
def test_the_table_to_read_says_it_too(asked):
    for widget in three(asked=asked):
        assert "parameters" not in widget.to_html().split("<caption>")[1].split("</caption>")[0]
        widget.compact = True
        caption = widget.to_html().split("<caption>")[1].split("</caption>")[0]
        assert caption.startswith(f"{widget.cell.upper()}, {widget.n_parameters} parameters.")
        t = widget.forgets_at()
        assert (f"Forgets at step {t}" if t else "Remembers") in caption


# ------------------------------------------------------------------------------------ on a page


@pytest.fixture
def open_three(widget_page):
    def open_three(*steppers, **options):
        html = _show_box(side_by_side(*(steppers or three())))[0]["text/html"]
        page = widget_page(html, **options)
        return [Stepper(page, number) for number in (1, 2, 3)]

    return open_three


def memory_of(stepper):
    """What the page says of a stepper's memory: parameters, share left now, forgetting."""
    read = stepper.root.locator
    forgets = read("[data-forgets]").get_attribute("data-forgets")
    return (
        int(read("[data-count]").get_attribute("data-count")),
        float(read("[data-share]").get_attribute("data-share")),
        None if forgets == "never" else int(forgets),
    )


@pytest.mark.parametrize("asked", [False, True])
def test_each_says_what_python_says(open_three, asked):
    steppers = three(asked=asked, step=2)
    for widget, shown in zip(steppers, open_three(*steppers), strict=True):
        counted, left, forgets = memory_of(shown)
        parameters = torch.nn.utils.parameters_to_vector(
            MODULES[widget.cell](D, len(widget.h0)).parameters()
        )
        assert counted == widget.n_parameters == len(parameters)
        np.testing.assert_allclose(left, widget.left_of_first()[1], rtol=1e-12)
        assert forgets == widget.forgets_at()
        expect(shown.root.locator(".memory .count")).to_have_text(f"{counted} parameters")
        says = shown.root.locator(".verdict")
        expect(says).to_contain_text(f"step {forgets}" if forgets else "Remembers")


@pytest.mark.parametrize("number", range(3))
def test_one_step_is_a_step_of_all(open_three, number):
    shown = open_three()
    moved = shown[number]
    moved.button("Next step").click()
    for one in shown:
        one.expect_place(1)
    moved.root.focus()
    moved.root.press("End")
    for one in shown:
        one.expect_place(5)
    moved.button("Gradient backwards").click()
    moved.button("Previous step").click()
    for one in shown:
        one.expect_place(4)
        expect(one.button("Gradient backwards")).to_have_attribute("aria-pressed", "true")


def test_all_numbers_are_those_of_torch_after_an_edit_of_one(open_three):
    steppers = three()
    shown = open_three(*steppers)
    states = [state_of(widget) for widget in steppers]
    shown[1].look_inside()
    shown[1].open("editor")
    shown[1].fill("x[0] of step 1", 2.5)
    for one, state in zip(shown, states, strict=True):
        state["inputs"][0][0] = 2.5
        assert_same_numbers(one.table(), torch_table(state))
    before = memory_of(shown[0])
    shown[1].type_token(1, "a dog")
    for one in shown:
        expect(one.root.locator(".token .word").nth(1)).to_have_text("a dog")
        expect(one.root.locator(".left-text")).to_contain_text("“a dog”")
    assert memory_of(shown[0]) == before
    shown[1].button("Add a token").click()
    for one in shown:
        expect(one.root.locator(".token")).to_have_count(7)


def test_an_edit_moves_the_step_at_which_it_forgets(open_three):
    widget = set_latch("gru-latch")
    other = set_latch("latch")
    third = set_latch("gru-latch")
    shown = open_three(widget, other, third)
    assert [memory_of(one)[2] for one in shown] == [None, None, None]
    shown[0].go(4)
    shown[0].look_inside()
    shown[0].hold("update", 0, 0, every_step=False)
    assert [memory_of(one)[2] for one in shown] == [4, None, None]
    expect(shown[0].root.locator(".verdict")).to_contain_text("Forgets at step 4")


def test_the_address_brings_all_back_to_the_last_place(open_three):
    shown = open_three()
    page = shown[0].root.page
    for number in (2, 0, 2, 1):
        shown[number].button("Next step").click()
    page.wait_for_function("[1, 2, 3].every((n) => location.hash.includes(`stepper-${n}.step=4`))")
    page.reload()
    for one in shown:
        one.expect_place(4)


@pytest.mark.parametrize("compact", [False, True])
def test_with_a_kernel_linked_steppers_keep_their_length(widget_page, compact):
    """A link there carries one trait at a time, and tokens without inputs are refused."""
    widget = three()[0]
    widget.compact = compact
    page = widget_page("<main></main>")
    load_module(page, base.module_text("gate_stepper"), "stepper")
    page.evaluate(
        """(state) => {
            const nothing = () => {};
            const set = (name, value) => { state[name] = value; };
            const get = (name) => state[name];
            const model = {get, set, on: nothing, off: nothing, save_changes: nothing};
            stepper.default.render({model, el: document.querySelector("main")});
            document.querySelectorAll("details").forEach((details) => { details.open = true; });
        }""",
        {**widget.page_state(), "vocabulary": None},
    )
    expect(page.get_by_label("Token 1")).to_be_visible()
    expect(page.get_by_role("button", name="Add a token")).to_have_count(0 if compact else 1)


def test_a_guess_is_not_given_away(open_three):
    shown = open_three()
    shown[0].go(2)
    shown[0].look_inside()
    shown[0].button("Predict first").click()
    shown[0].button("Next step").click()
    expect(shown[0].root.locator("[data-share]")).to_have_count(0)
    expect(shown[0].root.locator(".verdict")).to_be_empty()
    assert memory_of(shown[1])


def test_a_stepper_alone_says_nothing_of_it(widget_page):
    page = widget_page(three()[0])
    expect(page.locator(".gate-stepper")).to_have_count(1)
    expect(page.locator(".memory, .more")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 900])
def test_the_page_fits(open_three, width):
    shown = open_three(*three(asked=True, step=3))
    assert_no_page_scroll(shown[0].root.page, width)
    boxes = [one.root.bounding_box() for one in shown]
    for above, below in itertools.pairwise(boxes):
        apart = (
            above["x"] + above["width"] <= below["x"] or above["y"] + above["height"] <= below["y"]
        )
        assert apart


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_three, theme):
    shown = open_three(*three(asked=True, step=3), theme=theme, reduced_motion="reduce")
    shown[1].look_inside()
    assert_accessible(shown[0].root.page)


def test_it_is_json(open_three):
    for widget in three():
        widget.compact = True
        assert json.loads(json.dumps(widget.page_state()))["compact"] is True
