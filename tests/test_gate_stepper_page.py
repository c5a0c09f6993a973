"""The gate stepper on a page: its numbers are PyTorch's, and everyone can use it."""

import itertools
import math
import re
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from pages import (
    assert_accessible,
    assert_no_page_scroll,
    built_pages,
    stored_states,
    unfold,
    write_page,
)
from playwright.sync_api import expect
from stepper import (
    OPERATIONS,
    WORDS,
    Stepper,
    assert_same_numbers,
    assert_same_scripts,
    random_stepper,
    script_runner,
    state_of,
    torch_table,
)

from rnn_utils.widgets import GateStepper, base

T, H = len(WORDS), 4
each_page = pytest.mark.parametrize("name", built_pages('data-widget="gate-stepper"'))


@pytest.fixture
def stepper(widget_page):
    """A stepper with random weights, on a page of its own."""
    return Stepper(widget_page(random_stepper()))


# ------------------------------------------------------------------------------------- numbers
def a_weight_of_the_input(stepper, state):
    stepper.fill("weight_ih[5][1]", -1.25)
    state["weights"]["weight_ih"][5][1] = -1.25


def a_weight_of_the_state(stepper, state):
    stepper.fill("weight_hh[15][3]", 2)
    state["weights"]["weight_hh"][15][3] = 2


def a_weight_where_it_is_added_up(stepper, state):
    stepper.go(3)
    stepper.choose("candidate", unit=2)
    stepper.inspector.get_by_label("weight_hh[10][1]", exact=True).fill("0.625")
    state["weights"]["weight_hh"][10][1] = 0.625


def a_bias_of_the_input(stepper, state):
    stepper.fill("bias_ih[0]", 3.5)
    state["weights"]["bias_ih"][0] = 3.5


def a_bias_of_the_state(stepper, state):
    stepper.fill("bias_hh[11]", -0.1)
    state["weights"]["bias_hh"][11] = -0.1


def a_known_word(stepper, state):
    stepper.type_token(1, "mice")
    state["inputs"][0] = state["vocabulary"]["mice"]
    assert state["inputs"][0] != state["vocabulary"]["the"]


def an_unknown_word(stepper, state):
    """Leaves the numbers as they were."""
    stepper.type_token(2, "dog")
    expect(stepper.editor.get_by_role("status")).to_contain_text("no vector of its own")


def a_component_of_an_input(stepper, state):
    stepper.fill("x[2] of step 4", 1e-3)
    state["inputs"][3][2] = 1e-3


def a_component_where_it_is_read(stepper, state):
    stepper.go(2)
    stepper.choose("combine")
    stepper.inspector.get_by_label("x[0]", exact=True).fill("-4")
    state["inputs"][1][0] = -4


def the_first_cell_state(stepper, state):
    stepper.fill("c0[3]", 12)
    state["c0"][3] = 12


def the_first_cell_state_where_it_is_used(stepper, state):
    stepper.go(1)
    stepper.choose("keep", unit=1)
    stepper.inspector.get_by_label("c0[1]", exact=True).fill("-2.5")
    state["c0"][1] = -2.5


def the_first_hidden_state(stepper, state):
    stepper.fill("h0[0]", 0)
    state["h0"][0] = 0


def one_more_token(stepper, state):
    stepper.open("editor")
    stepper.button("Add a token").click()
    state["inputs"].append([0, 0, 0])


def one_token_less(stepper, state):
    stepper.open("editor")
    stepper.button("Remove the last token").click()
    state["inputs"].pop()


EDITS = [
    a_weight_of_the_input, a_weight_of_the_state, a_weight_where_it_is_added_up,
    a_bias_of_the_input, a_bias_of_the_state, a_known_word, an_unknown_word,
    a_component_of_an_input, a_component_where_it_is_read, the_first_cell_state,
    the_first_cell_state_where_it_is_used, the_first_hidden_state, one_more_token, one_token_less,
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_every_number_is_that_of_torch_before_and_after_an_edit(widget_page, edit):
    widget = random_stepper()
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    before = torch_table(state)
    assert_same_numbers(stepper.table(), before)
    edit(stepper, state)
    after = torch_table(state)
    assert (after == before) == (edit is an_unknown_word)
    assert_same_numbers(stepper.table(), after)
    stepper.button("Restore").click()
    assert_same_numbers(stepper.table(), before)


@pytest.mark.parametrize("gate", ["f", "i", "o"])
def test_numbers_follow_a_gate_that_is_held_and_given_back(stepper, gate):
    state = state_of(random_stepper())
    before = torch_table(state)
    stepper.go(3)
    operation = {"f": "forget", "i": "input", "o": "output"}[gate]
    for value, every_step in itertools.product([0, 0.3, 1], [True, False]):
        stepper.hold(operation, 2, value, every_step)
        held = {"q": gate, "k": 2, "t": None if every_step else 3, "value": value}
        after = stepper.table()
        assert_same_numbers(after, torch_table({**state, "overrides": [held]}))
        assert after[gate, 3, 2] == value
        assert (after[gate, 4, 2] == value) == every_step
        stepper.button("Give back").click()
        assert_same_numbers(stepper.table(), before)


def test_holding_one_unit_of_a_held_gate_leaves_the_others_held(widget_page):
    widget = random_stepper()
    widget.hold("f", 0.0)
    widget.hold("i", 0.25, step=2)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    assert_same_numbers(stepper.table(), torch_table(state))
    stepper.go(2)
    stepper.hold("forget", 1, 1)
    state["overrides"].append({"q": "f", "k": 1, "t": None, "value": 1})
    assert_same_numbers(stepper.table(), torch_table(state))
    stepper.button("Give back").click()
    state["overrides"] = [held for held in state["overrides"] if held["q"] == "i"]
    assert_same_numbers(stepper.table(), torch_table(state))


@pytest.mark.parametrize(("D", "H", "T"), [(1, 1, 1), (2, 9, 3), (12, 5, 20)])
def test_numbers_are_those_of_torch_at_any_size(widget_page, D, H, T):
    widget = random_stepper(D, H, words=[f"w{t}" for t in range(T)])
    stepper = Stepper(widget_page(widget))
    assert_same_numbers(stepper.table(), torch_table(state_of(widget)))


@each_page
def test_numbers_in_the_book_are_those_of_torch(open_page, book, book_url, name):
    page = open_page(f"{book_url}/{name}")
    states = stored_states(book / name)
    expect(page.locator("[data-widget=gate-stepper]")).to_have_count(len(states))
    assert states
    unfold(page)
    for number, state in enumerate(states, start=1):
        table, expected = Stepper(page, number).table(), torch_table(state)
        if state["direction"] == "backward":  # its gradients: see test_gate_stepper_backward.py
            names = {q for q, _, _ in expected}
            table = {key: value for key, value in table.items() if key[0] in names}
        assert_same_numbers(table, expected)


# ------------------------------------------------------------------------------------- presets
def a_latch_holds(stepper):
    c = stepper.column("c")
    assert abs(c[0]) < 1e-2
    assert all(abs(value - c[1]) < 1e-2 and value > 0.9 for value in c[1:5])
    assert all(abs(value - c[5]) < 1e-2 and value < -0.9 for value in c[5:7])
    assert all(value > 0.9 for value in c[7:])


def a_reset_forgets(stepper):
    c, g = stepper.column("c"), math.tanh(2)
    np.testing.assert_allclose(c, [g, 2 * g, g, 2 * g, 0, g, 2 * g, 0, -g], atol=1e-2)


def a_counter_counts(stepper):
    np.testing.assert_allclose(stepper.column("c"), [1, 2, 3, 3, 2, 1, 0], atol=1e-2)
    np.testing.assert_allclose(stepper.column("c", 1), [1, 2, 3, 3, 4, 5, 6], atol=1e-2)


def only_the_last_token_shows(stepper):
    x = stepper.column("x")
    np.testing.assert_allclose(stepper.column("c"), np.tanh(x), atol=1e-3)


def nothing_moves(stepper):
    for k, start in enumerate([0.7, -0.4]):
        np.testing.assert_allclose(stepper.column("c", k), start, atol=1e-6)


PROMISES = {
    "latch": a_latch_holds,
    "reset": a_reset_forgets,
    "count": a_counter_counts,
    "pass": only_the_last_token_shows,
    "remember-forever": nothing_moves,
}


@pytest.mark.parametrize(("preset", "promise"), PROMISES.items(), ids=PROMISES)
def test_a_preset_does_what_it_promises(stepper, preset, promise):
    before = stepper.table()
    stepper.go(3)
    stepper.preset.select_option(preset)
    promise(stepper)
    assert_same_numbers(stepper.table(), torch_table(state_of(GateStepper.from_preset(preset))))
    stepper.expect_place(1)
    stepper.preset.select_option("")
    assert_same_numbers(stepper.table(), before)


def test_every_preset_is_offered_and_tested(stepper):
    offered = stepper.preset.locator("option").all()
    assert [option.get_attribute("value") for option in offered] == ["", *PROMISES]


# ------------------------------------------------------------------------------------ stepping
def test_the_mouse_steps_through_time_and_operations(stepper):
    stepper.expect_place(0)
    stepper.button("Next step").click()
    stepper.button("Next step").click()
    stepper.expect_place(2)
    stepper.button("Next operation").click()
    stepper.expect_place(3, "combine")
    stepper.button("Previous operation").click()
    stepper.expect_place(2)
    stepper.button("Previous operation").click()
    stepper.expect_place(2, "hidden")
    stepper.button("Previous step").click()
    stepper.expect_place(1)
    stepper.root.locator(".token", has_text="already").click()
    stepper.expect_place(5)
    stepper.choose("write")
    stepper.expect_place(5, "write")
    stepper.button("Reset to the start").click()
    stepper.expect_place(0)
    stepper.choose("keep")  # before the first token there is nothing to keep
    stepper.expect_place(1, "keep")


def test_the_keyboard_steps_through_time(stepper):
    keys = stepper.page.keyboard
    keys.press("Tab")
    expect(stepper.root).to_be_focused()
    for key, step in [
        ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", T), ("ArrowRight", T),
        ("ArrowLeft", T - 1), ("Home", 0), ("ArrowLeft", 0), ("ArrowUp", 0),
    ]:  # fmt: skip
        keys.press(key)
        stepper.expect_place(step)


def test_the_keyboard_steps_through_the_operations_and_across_time_steps(stepper):
    keys = stepper.page.keyboard
    keys.press("Tab")
    way = [[t, operation] for t in (1, 2) for operation in [*OPERATIONS, ""]]
    for place in way:
        keys.press("ArrowDown")
        stepper.expect_place(*place)
    for place in [*reversed(way[:-1]), [0, ""]]:
        keys.press("ArrowUp")
        stepper.expect_place(*place)
    keys.press("End")
    keys.press("ArrowDown")
    stepper.expect_place(T)


@pytest.mark.parametrize(
    ("name", "step", "place", "key_then", "place_then"),
    [
        ("Next step", T - 1, (T,), "ArrowLeft", (T - 1,)),
        ("Previous step", 1, (0,), "ArrowRight", (1,)),
        ("Reset to the start", 3, (0,), "End", (T,)),
        ("Next operation", 0, (1, "combine"), "ArrowDown", (1, "forget")),
        ("Previous operation", 1, (1, "hidden"), "ArrowUp", (1, "squash")),
    ],
)
def test_enter_presses_buttons_and_the_keyboard_goes_on_from_there(
    stepper, name, step, place, key_then, place_then
):
    """Also where the button has nothing more to do."""
    stepper.go(step)
    stepper.button(name).focus()
    stepper.page.keyboard.press("Enter")
    stepper.expect_place(*place)
    stepper.page.keyboard.press(key_then)
    stepper.expect_place(*place_then)


def test_the_keyboard_is_not_lost_when_the_part_it_is_in_changes(stepper):
    stepper.go(1)
    stepper.choose("forget")
    stepper.button("0 · shut").focus()
    stepper.page.keyboard.press("Enter")
    stepper.button("Give back").focus()
    stepper.page.keyboard.press("Enter")
    stepper.page.keyboard.press("ArrowDown")
    stepper.expect_place(1, "input")
    stepper.page.keyboard.press("ArrowDown")
    stepper.expect_place(1, "candidate")


def test_everything_is_reached_with_tab(widget_page):
    stepper = Stepper(widget_page(random_stepper(1, 1, words=["word"])))
    stepper.go(1)
    stepper.choose("forget")
    stepper.open("editor")
    stepper.open("data")
    wanted = stepper.root.locator(
        "button:enabled, input:enabled, select:enabled, summary, [tabindex='0']"
    )
    wanted = [node for node in wanted.element_handles() if node.is_visible()]
    assert len(wanted) > 30
    stepper.root.focus()
    reached = "(node) => node === document.activeElement"
    for node in wanted:  # in the order in which they stand
        stepper.page.keyboard.press("Tab")
        assert node.evaluate(reached), node.evaluate("(node) => node.outerHTML")


def test_inputs_keep_the_arrow_keys_to_themselves(stepper):
    stepper.go(3)
    keys = stepper.page.keyboard
    for label in ("weight_ih[0][0]", "Token 2"):
        stepper.field(label).focus()
        for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"):
            keys.press(key)
        stepper.expect_place(3)
    stepper.unit.focus()
    keys.press("ArrowDown")
    expect(stepper.unit).to_have_value("1")
    stepper.expect_place(3)
    stepper.choose("forget")
    slider = stepper.root.get_by_label("Hold the gate at")
    slider.focus()
    keys.press("Home")
    keys.press("ArrowRight")
    expect(slider).to_have_value("0.01")
    stepper.expect_place(3, "forget")
    assert stepper.table()["f", 3, 1] == 0.01


def test_other_keys_and_shortcuts_are_left_to_the_browser(stepper):
    stepper.root.focus()
    for key in ("a", "Alt+ArrowRight", "Control+End", "Meta+ArrowRight", "PageDown"):
        stepper.page.keyboard.press(key)
    stepper.expect_place(0)


def test_play_goes_on_until_the_end_or_until_it_is_paused(stepper):
    clock = stepper.page.clock
    clock.install()
    stepper.button("Play").click()
    clock.run_for(2500)
    stepper.expect_place(2)
    stepper.button("Pause").click()
    clock.run_for(60_000)
    stepper.expect_place(2)
    stepper.button("Play").click()
    clock.run_for(60_000)
    stepper.expect_place(T)
    expect(stepper.button("Play")).to_be_visible()
    stepper.button("Play").click()  # from the end it begins again
    stepper.expect_place(0)
    clock.run_for(1300)
    stepper.expect_place(1)


# ------------------------------------------------- equation, picture and numbers of an operation
LIT = {
    "combine": {"combine"},
    "forget": {"f"},
    "input": {"i"},
    "candidate": {"g"},
    "keep": {"f", "c_prev", "kept"},
    "write": {"f", "c_prev", "i", "g", "written", "c"},
    "output": {"o"},
    "squash": {"c", "squashed"},
    "hidden": {"o", "squashed", "h"},
}
EQUATIONS = {
    "combine": "at = Wih xt + bih + Whh ht−1 + bhh",
    "forget": "ft = σ(Wif xt + bif + Whf ht−1 + bhf)",
    "input": "it = σ(Wii xt + bii + Whi ht−1 + bhi)",
    "candidate": "gt = tanh(Wig xt + big + Whg ht−1 + bhg)",
    "keep": "ft ⊙ ct−1",
    "write": "ct = ft ⊙ ct−1 + it ⊙ gt",
    "output": "ot = σ(Wio xt + bio + Who ht−1 + bho)",
    "squash": "tanh(ct)",
    "hidden": "ht = ot ⊙ tanh(ct)",
}


def lit_parts(stepper):
    """What the picture lights up: {quantity}."""
    parts = stepper.root.locator(".picture .part[data-state=now]")
    return set(parts.evaluate_all("(parts) => parts.map((part) => part.dataset.part)"))


def test_equation_code_and_picture_of_an_operation_light_up_together(stepper):
    stepper.go(2)
    pressed = stepper.root.locator(".operation[aria-pressed=true]")
    expect(pressed).to_have_count(0)
    assert lit_parts(stepper) == set()
    for operation in OPERATIONS:
        stepper.choose(operation)
        expect(pressed).to_have_count(1)
        assert pressed.locator(".formula").text_content() == EQUATIONS[operation]
        assert pressed.locator("code").text_content()
        assert lit_parts(stepper) == LIT[operation]
        title = pressed.locator(".title").text_content()
        expect(stepper.inspector.locator(".head")).to_have_text(title)


def test_what_comes_later_in_the_step_is_dimmed_and_what_is_done_is_not(stepper):
    stepper.go(2)
    stepper.choose("keep")
    states = {
        part: stepper.root.locator(f".picture .part[data-part={part}]").first.get_attribute(
            "data-state"
        )
        for part in ("combine", "f", "i", "g", "kept", "written", "c", "o", "squashed", "h")
    }
    assert [part for part in states if states[part] == "later"] == [
        "written", "c", "o", "squashed", "h",
    ]  # fmt: skip
    assert [part for part in states if states[part] == "done"] == ["combine", "i", "g"]


def number(text):
    """A printed number."""
    return float(text.replace("−", "-").replace("×", "").strip())


@pytest.mark.parametrize(("gate", "unit"), [("f", 0), ("i", 2), ("o", 3)])
def test_a_valve_opens_the_arithmetic_of_its_unit_and_the_terms_add_up(stepper, gate, unit):
    stepper.go(4)
    stepper.root.locator(f".picture .valve[data-part={gate}]").nth(unit).click()
    stepper.expect_place(4, {"f": "forget", "i": "input", "o": "output"}[gate])
    expect(stepper.unit).to_have_value(str(unit))
    table = stepper.inspector.locator("table.terms")
    terms = []
    for row in table.locator("tbody tr").all():
        weight, value, product = row.locator("td").all()
        weight = float(weight.locator("input").input_value())
        factor = value.text_content()
        product = number(product.text_content())
        assert product == pytest.approx(weight * (number(factor) if factor else 1), abs=5e-3)
        terms.append(product)
    assert len(terms) == 3 + 1 + H + 1
    total, squashed = (number(cell.text_content()) for cell in table.locator("tfoot td").all())
    assert total == pytest.approx(sum(terms), abs=0.0005 * (len(terms) + 1))
    value = stepper.table()[gate, 4, unit]
    assert squashed == pytest.approx(value, abs=0.0005)
    assert squashed == pytest.approx(1 / (1 + math.exp(-total)), abs=0.001)


def test_the_arithmetic_after_the_gates_adds_up(stepper):
    table = torch_table(state_of(random_stepper()))
    i, f, g, o, c, h = (table[q, 4, 1] for q in "ifgoch")
    results = {"keep": f * table["c", 3, 1], "write": c, "squash": math.tanh(c), "hidden": h}
    assert results["write"] == pytest.approx(results["keep"] + i * g)
    assert results["hidden"] == pytest.approx(o * results["squash"])
    stepper.go(4)
    for operation, expected in results.items():
        stepper.choose(operation, unit=1)
        line = stepper.inspector.locator(".line").nth(1).text_content()
        terms, result = line.split(" = ")
        assert number(result) == pytest.approx(expected, abs=0.0005)
        terms = terms.replace("−", "-").replace("×", "*").replace("tanh", "math.tanh")
        assert eval(terms, {"math": math}) == pytest.approx(number(result), abs=0.005)


def test_a_part_of_the_picture_clicked_at_the_start_opens_the_first_step(stepper):
    stepper.root.locator(".picture .valve[data-part=f]").first.click()
    stepper.expect_place(1, "forget")


def test_the_spoken_sentence_follows_the_step(stepper):
    said = {stepper.live.text_content()}
    assert said == {"Before the first token: the initial states."}
    for t, word in enumerate(WORDS, start=1):
        stepper.button("Next step").click()
        expect(stepper.live).to_contain_text(f"Step {t} of {T}, “{word}”. Unit 0: forget gate ")
        c = stepper.table()["c", t, 0]
        expect(stepper.live).to_contain_text(f" to {c:.2f};".replace("-", "−"))
        said.add(stepper.live.text_content())
    assert len(said) == T + 1
    stepper.choose("output", unit=2)
    expect(stepper.live).to_contain_text("Unit 2: output gate, ")


def test_a_model_that_says_a_word_says_torchs_softmax(widget_page):
    readout = {
        "weight": [[1, 2, 3, 4], [-1, 0.5, 2, -3]],
        "bias": [0.1, -0.2],
        "labels": ["was", "were"],
    }
    widget = random_stepper(readout=readout)
    stepper = Stepper(widget_page(widget))
    table = torch_table(state_of(widget))
    for t in (1, 5, T):
        stepper.go(t)
        h = [table["h", t, k] for k in range(H)]
        logits = np.array(readout["weight"]) @ h + readout["bias"]
        p = np.exp(logits) / np.exp(logits).sum()
        shown = [
            number(row.text_content().removesuffix("%"))
            for row in stepper.root.locator(".says-row .percent").all()
        ]
        np.testing.assert_allclose(shown, 100 * p, atol=0.051)
        best = readout["labels"][p.argmax()]
        expect(stepper.root.locator(".token[aria-current] .says")).to_contain_text(best)


# ----------------------------------------------------------------------------------- addresses
def test_an_address_brings_back_the_whole_state(stepper, open_page):
    stepper.type_token(2, "& = # % + “dog” 猫")
    stepper.fill("weight_hh[6][2]", -0.12345678901234567)
    stepper.fill("bias_ih[1]", 1e-9)
    stepper.fill("x[0] of step 3", -7)
    stepper.fill("h0[1]", 0.5)
    stepper.fill("c0[1]", -0.5)
    stepper.go(6)
    stepper.hold("forget", 1, 0.3)
    stepper.hold("input", 2, 0, every_step=False)
    address = stepper.address()
    assert address == stepper.page.url
    other = Stepper(open_page(address))
    assert other.table() == stepper.table()
    other.expect_place(6, "input")
    expect(other.unit).to_have_value("2")
    expect(other.root.locator(".token").nth(2)).to_contain_text("& = # % + “dog” 猫")
    assert other.address() == address


def test_an_address_brings_back_a_preset_and_what_was_changed_in_it(stepper, open_page):
    stepper.preset.select_option("latch")
    stepper.fill("bias_ih[1]", -3)
    stepper.go(4)
    other = Stepper(open_page(stepper.address()))
    expect(other.preset).to_have_value("latch")
    other.expect_place(4)
    assert other.table() == stepper.table()
    other.button("Restore").click()
    a_latch_holds(other)


def test_an_address_keeps_more_and_fewer_tokens(stepper, open_page):
    stepper.open("editor")
    stepper.button("Add a token").click()
    stepper.fill(f"x[1] of step {T + 1}", 2)
    stepper.go(T + 1)
    longer = Stepper(open_page(stepper.address()))
    longer.expect_place(T + 1)
    assert longer.table() == stepper.table()
    longer.open("editor")
    for _ in range(3):
        longer.button("Remove the last token").click()
    shorter = Stepper(open_page(longer.address()))
    shorter.expect_place(T - 2)
    assert shorter.table() == longer.table()


def test_the_address_follows_every_change_and_is_empty_when_nothing_differs(stepper):
    plain = stepper.page.url
    stepper.go(3)
    expect(stepper.page).to_have_url(f"{plain}#gate-stepper-1.step=3")
    stepper.choose("forget")
    expect(stepper.page).to_have_url(
        f"{plain}#gate-stepper-1.step=3&gate-stepper-1.operation=forget"
    )
    stepper.root.focus()
    stepper.page.keyboard.press("Home")
    expect(stepper.page).to_have_url(plain)


def test_a_new_address_on_the_same_page_is_followed(stepper):
    stepper.page.evaluate(
        "() => { location.hash = 'gate-stepper-1.step=5&gate-stepper-1.unit=2'; }"
    )
    expect(stepper.live).to_contain_text("Step 5 of")
    expect(stepper.live).to_contain_text("Unit 2")
    stepper.page.evaluate("() => { location.hash = 'gate-stepper-1.step=2'; }")
    expect(stepper.live).to_contain_text("Step 2 of")
    expect(stepper.live).to_contain_text("Unit 0")


MALFORMED = [
    "step", "step=", "step=-1e9", "step=abc", "step=[1]", "step=2.5", "step={}", "step=null",
    "unit=99", "unit=-1", "unit=x", "unit=0.5", "operation=dance", "operation=__proto__",
    "preset=none", "preset=constructor", "preset=__proto__", "predicting=maybe", "predicting=1",
    "tokens=[]", "tokens=[1,2]", 'tokens=["a"]', "tokens={}", "tokens=null",
    "inputs=[]", "inputs=[[1,2,3]]", "inputs=[[1e999,0,0]]", "inputs=[[null]]", "inputs=7",
    "h0=[1]", "h0=[1,2,3,null]", 'h0=["1","2","3","4"]', "c0={}", "c0=[1,2,3,1e999]",
    "weights=1", "weights=null", "weights=[1]", "weights=[null]", "weights=[[]]", "weights={}",
    'weights=[["weight_ih",0,null,5]]', 'weights=[["bias_ih",0,0,5]]',
    'weights=[["weight_ih","length",null,5]]', 'weights=[["weight_ih",0,"length",1]]',
    'weights=[["weight_ih",99,0,5]]', 'weights=[["weight_ih",0,99,5]]',
    'weights=[["weight_ih",0,0,1e999]]', 'weights=[["weight_ih",0,0,"5"]]',
    'weights=[["nothing",0,0,5]]', 'weights=[["__proto__","toString",null,5]]',
    'weights=[["constructor","name",null,5]]',
    "overrides=[null]", "overrides=[1]", "overrides={}", 'overrides=[{"q":"f"}]',
    'overrides=[{"q":"f","k":0,"t":1,"value":2}]', 'overrides=[{"q":"f","k":9,"t":1,"value":0}]',
    'overrides=[{"q":"f","k":0,"t":0.5,"value":0}]', 'overrides=[{"q":"f","k":0,"value":"0"}]',
    'overrides=[{"q":"f","k":0,"t":99,"value":0}]', 'overrides=[{"q":"g","k":0,"t":1,"value":0}]',
    'overrides=[{"q":"import os #","k":0,"t":1,"value":0}]', "overrides=[", "nothing=1", "=", "%",
    "%E0%A4%A", "step=1&step",
]  # fmt: skip


def test_a_malformed_address_is_ignored(widget_page):
    """One page takes them all, one after the other; errors fail in ``open_page``."""
    stepper = Stepper(widget_page(random_stepper(words=WORDS[:2])))
    before = stepper.table()
    script = stepper.copied("Copy as NumPy")
    for text in MALFORMED:
        stepper.page.evaluate(
            """(text) => new Promise((done) => {
                addEventListener("hashchange", () => setTimeout(done), {once: true});
                location.hash = `${text}&n=${Math.random()}`; // another one each time
            })""",
            text if text.startswith("%") else f"gate-stepper-1.{text}",
        )
        assert stepper.table() == before, text
        assert stepper.place()[1] == "", text
        assert stepper.copied("Copy as NumPy") == script, text
    assert stepper.page.evaluate("() => ({}).toString() === '[object Object]'")
    stepper.go(1)
    stepper.root.press("ArrowDown")
    stepper.expect_place(2, "combine")


@pytest.mark.parametrize("text", ["preset=constructor", "operation=dance", "weights=[1]"])
def test_a_malformed_address_does_not_keep_a_page_from_coming_alive(widget_page, text):
    stepper = Stepper(widget_page(random_stepper(), fragment=f"#gate-stepper-1.{text}"))
    stepper.button("Next step").click()
    stepper.expect_place(1)


def test_a_widget_that_cannot_start_stays_a_table_and_holds_up_no_other(browser, tmp_path):
    broken = GateStepper.from_preset("latch").to_html().replace('"inputs":', '"lost":')
    path = write_page(tmp_path, [broken, GateStepper.from_preset("count").to_html()])
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator("[data-widget-key=gate-stepper-2][data-alive]").wait_for()
    first = page.locator("[data-widget-key=gate-stepper-1]")
    expect(first.locator(".rnn-fallback table")).to_be_visible()
    assert first.get_attribute("data-alive") is None
    page.close()


def test_two_steppers_on_a_page_do_not_mix(widget_page, open_page):
    page = widget_page(random_stepper(seed=1), GateStepper.from_preset("count"))
    first, second = Stepper(page, 1), Stepper(page, 2)
    first.go(4)
    second.go(2)
    second.hold("forget", 1, 0)
    first.fill("c0[0]", 2)
    first.expect_place(4)
    second.expect_place(2, "forget")
    copy = open_page(second.address())
    for number, stepper in enumerate((first, second), start=1):
        other = Stepper(copy, number)
        assert other.place() == stepper.place()
        assert other.table() == stepper.table()


@each_page
def test_an_address_brings_back_the_steppers_of_a_page_in_the_book(open_page, book_url, name):
    page = open_page(f"{book_url}/{name}")
    unfold(page)
    number = page.locator("[data-widget=gate-stepper]").count()
    last = Stepper(page, number)
    last.look_inside()
    last.go(2)
    last.root.locator(".operation").last.click()
    if last.root.locator("[data-operation=write]").count():  # an LSTM
        last.choose("write")
        last.hold("forget", 0, 0.3)
    last.fill("h0[0]", 0.3)
    last.fill("bias_ih[0]", -0.7)
    copy = open_page(last.address())
    unfold(copy)
    other = Stepper(copy, number)
    assert other.place() == last.place()
    assert other.table() == last.table()


@each_page
def test_a_page_of_the_book_opened_as_a_file_steps_with_the_keyboard(open_page, book, name):
    stepper = Stepper(open_page((book / name).as_uri()))
    stepper.root.press("Home")
    stepper.root.press("ArrowRight")
    stepper.root.press("ArrowDown")
    back = stored_states(book / name)[0]["direction"] == "backward"
    stepper.expect_place(*((0, "") if back else (2, "combine")))


# ------------------------------------------------------------------------------- copied scripts
@pytest.fixture(scope="module")
def run_script():
    with script_runner() as run_script:
        yield run_script


def nothing(stepper):
    pass


def edits(stepper):
    stepper.fill("weight_hh[6][2]", -0.1234567890123456)
    stepper.fill("bias_ih[1]", 1e-9)
    stepper.fill("bias_ih[2]", 1e22)
    stepper.fill("c0[1]", 3)


def holds(stepper):
    stepper.go(3)
    stepper.hold("forget", 1, 0.3)
    stepper.hold("forget", 1, 1, every_step=False)
    stepper.hold("input", 2, 0, every_step=False)
    stepper.hold("output", 0, 1)


def whole_numbers(stepper):
    stepper.preset.select_option("count")


def whole_numbers_and_holds(stepper):
    whole_numbers(stepper)
    stepper.go(2)
    stepper.hold("forget", 0, 0.3)


@pytest.mark.parametrize("change", [nothing, edits, holds, whole_numbers, whole_numbers_and_holds])
def test_copied_scripts_give_the_numbers_of_the_table(stepper, run_script, change):
    change(stepper)
    assert_same_scripts(stepper, run_script)


HOSTILE = [
    "\"\"\"", "'''", "a\nraise SystemExit", "b\rraise SystemExit", "c\u2028raise SystemExit",
    "d\x0craise SystemExit", "\\", "</script><script>window.hacked = 1</script>", "<!--", "{t}",
    "<img src=x onerror=window.hacked=1>", "\x00", "#", "%s", "&lt;", "",
]  # fmt: skip


def test_copied_scripts_run_whatever_the_tokens_are(widget_page, run_script):
    widget = random_stepper(words=HOSTILE)
    assert_same_scripts(Stepper(widget_page(widget)), run_script)
    widget.hold("f", 0.5)
    widget.hold("i", 0.0, step=2)
    assert_same_scripts(Stepper(widget_page(widget)), run_script)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_text_stands_ready_where_the_clipboard_is_closed(widget_page, allowed):
    permissions = ["clipboard-read", "clipboard-write"] if allowed else []
    page = widget_page(random_stepper(), permissions=permissions)
    if not allowed:
        page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
        )
    stepper = Stepper(page)
    text = stepper.copied("Copy as NumPy")
    status = stepper.root.locator(".copied").get_by_role("status")
    if allowed:
        expect(status).to_have_text("Copied.")
        assert page.evaluate("() => navigator.clipboard.readText()") == text
    else:
        expect(status).to_have_text("Select and copy:")
        assert page.evaluate("() => getSelection().toString()") == text


# ---------------------------------------------------------------------------- predict, then reveal
def test_numbers_are_hidden_until_the_reader_has_guessed(stepper):
    everything = stepper.table()
    stepper.go(2)
    stepper.button("Predict first").click()
    stepper.button("Next step").click()
    known = {key: value for key, value in everything.items() if key[1] <= 2 or key[0] == "x"}
    assert stepper.table() == known
    assert secrets_on(stepper, everything, t=3) == []

    guess = stepper.root.get_by_label("what will c of unit 0 be?")
    stepper.button("Reveal").click()
    expect(stepper.root.locator(".feedback")).to_have_text("Type a number first.")
    expect(guess).to_be_focused()
    guess.fill("0.25")
    guess.press("Enter")
    c = everything["c", 3, 0]
    text = f"You said 0.25; it is {c:.2f}. Off by {abs(c - 0.25):.2f}.".replace("-", "−")
    expect(stepper.root.locator(".feedback")).to_have_text(text)
    known |= {key: value for key, value in everything.items() if key[1] == 3}
    assert stepper.table() == known

    # The next step is hidden again, until all is shown.
    stepper.root.focus()
    stepper.page.keyboard.press("ArrowRight")
    expect(stepper.live).to_contain_text("hidden until you have guessed")
    assert stepper.table() == known
    stepper.button("Predict first").click()
    assert stepper.table() == everything


def test_no_operation_gives_a_hidden_number_away(stepper):
    everything = stepper.table()
    stepper.go(3)
    stepper.button("Predict first").click()
    stepper.go(4)
    assert secrets_on(stepper, everything, t=4) == []
    for operation in OPERATIONS:
        stepper.choose(operation, unit=1)
        assert secrets_on(stepper, everything, t=4) == [], operation
    # nor does the strip, by the sign of a bar
    signs = stepper.root.locator(".token").evaluate_all(
        "(tokens) => tokens.map((token) => token.querySelectorAll('[data-minus]').length)"
    )
    assert min(signs[1:4]) > 0
    assert max(signs[4:]) == 0


def secrets_on(stepper, everything, t):
    """The hidden numbers of step t that can be found on the page, as text or as a value."""
    shown = stepper.root.evaluate(
        """(root) => {
            const result = ".inspect tfoot td, .inspect .line b";
            const texts = root.querySelectorAll(`.picture .number, [aria-live], ${result}`);
            const values = root.querySelectorAll("input[type=range]");
            return [...[...texts].map((n) => n.textContent), ...[...values].map((n) => n.value)];
        }"""
    )
    kept = {f"{everything[q, s, k]:.2f}" for q, s, k in everything if s < t or q == "x"}
    secrets = {f"{everything[q, t, k]:.2f}" for q in "ifgoch" for k in range(H)} - kept
    text = "\n".join(shown).replace("−", "-")
    return sorted(
        secret for secret in secrets if re.search(rf"(?<![\d.-]){re.escape(secret)}", text)
    )


def test_the_secret_is_found_when_it_is_shown(stepper):
    """So that the two tests above can fail."""
    everything = stepper.table()
    stepper.go(4)
    assert secrets_on(stepper, everything, t=4)


def test_a_word_is_guessed_with_the_keyboard_alone(widget_page):
    readout = {"weight": [[9, 0, 0, 0], [-9, 0, 0, 0]], "bias": [0, 0], "labels": ["was", "were"]}
    stepper = Stepper(widget_page(random_stepper(seed=5, words=WORDS[:3], readout=readout)))
    answers = ["was" if h > 0 else "were" for h in stepper.column("h")]
    assert set(answers) == {"was", "were"}
    keys = stepper.page.keyboard
    stepper.button("Predict first").focus()
    keys.press("Enter")
    stepper.root.focus()
    for t, answer in enumerate(answers, start=1):
        keys.press("ArrowRight")
        stepper.expect_place(t)
        for row in stepper.root.locator(".says-row .percent").all():
            expect(row).to_have_text("?")
        choice = stepper.root.get_by_label("which word will the model say?")
        while not choice.evaluate("(node) => node === document.activeElement"):
            keys.press("Tab")
        keys.type("was")
        keys.press("Tab")
        keys.press("Enter")
        expected = "Yes: “was”." if answer == "was" else "You said “was”; the model says “were”."
        expect(stepper.root.locator(".feedback")).to_have_text(expected)
        expect(stepper.root.locator(".says-row .percent").first).not_to_have_text("?")


def test_an_address_may_ask_for_a_prediction(stepper, open_page):
    stepper.button("Predict first").click()
    stepper.go(3)
    other = Stepper(open_page(stepper.address()))
    expect(other.root.get_by_label("what will c of unit 0 be?")).to_be_visible()
    assert ("c", 3, 0) not in other.table()
    assert ("c", 2, 0) in other.table()


# ---------------------------------------------------------------------------------------- safety
def test_typed_text_stays_text(stepper):
    text = "<img src=x onerror=window.hacked=1>"
    stepper.type_token(1, text)
    stepper.go(1)
    expect(stepper.root.locator(".token").nth(1)).to_contain_text(text)
    expect(stepper.live).to_contain_text(text)
    expect(stepper.editor.get_by_role("status")).to_contain_text(text)
    stepper.open("data")
    expect(stepper.root.locator(".data tbody").get_by_text(text).first).to_be_visible()
    stepper.button("Predict first").click()
    stepper.button("Previous step").click()
    stepper.button("Next step").click()
    assert stepper.page.locator("img").count() == 0
    assert stepper.page.evaluate("() => window.hacked") is None


def test_tokens_words_and_labels_from_python_stay_text(widget_page, open_page):
    labels = ["</script><img src=x onerror=window.hacked=1>", "<!--<script>"]
    readout = {"weight": [[1] * H, [2] * H], "bias": [0, 0], "labels": labels}
    widget = random_stepper(words=HOSTILE, readout=readout)
    stepper = Stepper(widget_page(widget))
    stepper.open("editor")
    stepper.open("data")
    stepper.button("Predict first").click()
    for t in range(1, len(HOSTILE) + 1):
        stepper.go(t)
    for page in (stepper.page, open_page(stepper.address())):
        assert page.locator("img, main script").count() == 0
        assert page.evaluate("() => window.hacked") is None
    stepper.button("Predict first").click()
    assert_same_numbers(stepper.table(), torch_table(state_of(widget)))


# ---------------------------------------------------------------------------------- for everyone
def open_everything(stepper):
    for part in ("editor", "data"):
        stepper.open(part)
    stepper.copied("Copy as NumPy")


def at_the_start(stepper):
    pass


def inside_a_step(stepper):
    stepper.go(4)
    stepper.choose("forget", unit=1)
    stepper.hold("forget", 1, 0.3)


def at_the_combination(stepper):
    stepper.go(1)
    stepper.choose("combine")


def before_a_guess(stepper):
    stepper.button("Predict first").click()
    stepper.go(2)


def after_a_guess(stepper):
    before_a_guess(stepper)
    stepper.button("Reveal").click()


STATES = [at_the_start, inside_a_step, at_the_combination, before_a_guess, after_a_guess]
each_state = pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)


def speaking_stepper():
    readout = {"weight": [[9, 0], [-9, 0]], "bias": [0, 0], "labels": ["was", "were"]}
    return random_stepper(H=2, words=WORDS[:4], readout=readout)


@each_state
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_stepper(widget_page, theme, reach):
    # Two of them, because names and ids must differ.
    steppers = [speaking_stepper(), GateStepper.from_preset("pass")]
    page = widget_page(*steppers, theme=theme, reduced_motion="reduce")
    stepper = Stepper(page)
    reach(stepper)
    open_everything(stepper)
    assert_accessible(page)


@each_state
def test_targets_are_large_enough_for_a_finger(widget_page, reach):
    page = widget_page(speaking_stepper())
    stepper = Stepper(page)
    reach(stepper)
    open_everything(stepper)
    for width in (1000, 320):
        page.set_viewport_size({"width": width, "height": 800})
        sizes = stepper.root.locator("button, input, select, summary, textarea").evaluate_all(
            """(nodes) => nodes.filter((node) => node.checkVisibility()).map((node) => {
                const {width, height} = node.getBoundingClientRect();
                return [width, height, node.outerHTML.slice(0, 120)];
            })"""
        )
        assert len(sizes) > 20
        assert [entry for entry in sizes if min(entry[:2]) < 24] == []


@each_state
def test_the_stepper_fits_a_narrow_page(widget_page, reach):
    long_words = ["Donaudampfschifffahrtsgesellschaftskapitän" * 2, *WORDS[1:]]
    page = widget_page(random_stepper(words=long_words, D=7), speaking_stepper())
    stepper = Stepper(page, 2)
    reach(stepper)
    open_everything(stepper)
    open_everything(Stepper(page, 1))
    for width in (390, 320):
        assert_no_page_scroll(page, width)


MOVING = """(root) => [...root.querySelectorAll("*")].filter((node) => {
    const {transitionDuration, animationName} = getComputedStyle(node);
    return animationName !== "none" || transitionDuration.split(", ").some((d) => d !== "0s");
}).length"""


def test_nothing_moves_for_readers_who_ask_for_less_motion(widget_page):
    calm = Stepper(widget_page(random_stepper(), reduced_motion="reduce"))
    assert calm.root.evaluate(MOVING) == 0
    lively = Stepper(widget_page(random_stepper(), reduced_motion="no-preference"))
    assert lively.root.evaluate(MOVING) > 0


def test_colors_follow_the_theme(widget_page):
    grounds = {
        Stepper(widget_page(random_stepper(), theme=theme)).root.evaluate(
            "(root) => getComputedStyle(root).backgroundColor"
        )
        for theme in ("light", "dark")
    }
    assert len(grounds) == 2


def test_a_negative_number_is_told_by_more_than_its_color(stepper):
    """Bars of negative states are hatched, in the strip and in the picture."""
    stepper.go(2)
    c = [stepper.table()["c", 2, k] for k in range(H)]
    assert min(c) < 0 < max(c)
    bars = stepper.root.locator(".token[aria-current] .mini")
    marks = bars.evaluate_all("(bars) => bars.map((bar) => bar.hasAttribute('data-minus'))")
    assert marks == [value < 0 for value in c]


def test_a_picture_is_hatched_by_its_own_pattern(widget_page):
    """That of another stepper may be in a folded part, where it draws nothing."""
    page = widget_page(random_stepper(seed=1), random_stepper(seed=2))
    for number in (1, 2):
        stepper = Stepper(page, number)
        stepper.open("editor")
        stepper.go(2)
        assert stepper.root.locator(".picture").evaluate(
            """(picture) => [...picture.querySelectorAll(".flow")]
                .map((flow) => getComputedStyle(flow).stroke.match(/url\\("(#[^"]*)"\\)/)?.[1])
                .filter((id) => id).every((id) => picture.querySelector(id))"""
        )
    ids = page.locator("[id]").evaluate_all("(nodes) => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) >= 4


# ------------------------------------------------------------------------------- boxes and links
@pytest.fixture
def shown(monkeypatch):
    """What IPython would show of an object, as HTML."""
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr(base, "get_ipython", lambda: shell)
    return lambda shown: shell.display_formatter.format(shown)[0]["text/html"]


@pytest.fixture
def links():
    """jslink and jsdlink that are gone when the test is over."""
    made = []

    def make(kind, *ends):
        made.append(getattr(ipywidgets, kind)(*ends))

    yield make
    for link in made:
        link.close()


def test_linked_steppers_move_together_both_ways(widget_page, links):
    widgets = [random_stepper(seed=seed) for seed in (1, 2, 3)]
    links("jslink", (widgets[0], "step"), (widgets[1], "step"))
    links("jslink", (widgets[1], "step"), (widgets[2], "step"))
    page = widget_page(*widgets)
    steppers = [Stepper(page, number) for number in (1, 2, 3)]
    for leader, step in zip(steppers, (5, 2, 7), strict=True):
        leader.go(step)
        for stepper in steppers:
            expect(stepper.live).to_contain_text(f"Step {step} of {T}")


def test_a_one_way_link_leads_one_way(widget_page, links):
    first, second = random_stepper(seed=1, step=3), random_stepper(seed=2)
    links("jsdlink", (first, "step"), (second, "step"))
    page = widget_page(first, second)
    source, target = Stepper(page, 1), Stepper(page, 2)
    target.expect_place(3)
    target.go(6)
    expect(target.live).to_contain_text("Step 6 of")
    source.expect_place(3)
    source.go(1)
    expect(target.live).to_contain_text("Step 1 of")


def test_linked_holds_reach_the_other_steppers_numbers(widget_page, links):
    first, second = random_stepper(seed=1), random_stepper(seed=2)
    links("jslink", (first, "overrides"), (second, "overrides"))
    page = widget_page(first, second)
    Stepper(page, 1).go(1)
    Stepper(page, 1).hold("forget", 2, 0)
    state = {**state_of(second), "overrides": [{"q": "f", "k": 2, "t": None, "value": 0}]}
    assert_same_numbers(Stepper(page, 2).table(), torch_table(state))


def test_boxes_of_steppers_stand_in_rows_and_columns_and_move_together(widget_page, links, shown):
    widgets = [random_stepper(seed=seed) for seed in (1, 2, 3)]
    for one, other in itertools.pairwise(widgets):
        links("jslink", (one, "step"), (other, "step"))
    box = ipywidgets.VBox([widgets[0], ipywidgets.HBox(widgets[1:])])
    page = widget_page(shown(box), viewport={"width": 1600, "height": 900})
    steppers = [Stepper(page, number) for number in (1, 2, 3)]
    steppers[2].go(4)
    for stepper in steppers:
        expect(stepper.live).to_contain_text("Step 4 of")
    top, left, right = (stepper.root.bounding_box() for stepper in steppers)
    assert top["y"] + top["height"] <= left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert_no_page_scroll(page, 320)


def test_a_box_that_holds_something_else_is_shown_as_ever(shown):
    random_stepper()
    box = ipywidgets.HBox([random_stepper(), ipywidgets.IntSlider()])
    with pytest.raises(KeyError, match="text/html"):
        shown(box)
