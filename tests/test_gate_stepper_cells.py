"""The gate stepper of the RNN and of both GRUs on a page: numbers, arithmetic, code, use."""

import inspect
import math
import re

import numpy as np
import pytest
from pages import assert_accessible, assert_no_page_scroll
from playwright.sync_api import expect
from stepper import (
    WORDS,
    Stepper,
    assert_same_numbers,
    assert_same_scripts,
    random_stepper,
    script_runner,
    state_of,
    torch_table,
)

from rnn_utils.cells import GRUCell, RNNCell, blocks, sigmoid
from rnn_utils.widgets import GateStepper
from rnn_utils.widgets.gate_stepper import GATES, OPERATIONS, PRESETS

FORMS = {
    "rnn, tanh": {"cell": "rnn", "nonlinearity": "tanh"},
    "rnn, relu": {"cell": "rnn", "nonlinearity": "relu"},
    "gru, reset after": {"cell": "gru", "reset_after": True},
    "gru, reset before": {"cell": "gru", "reset_after": False},
}
GRUS = [form for form in FORMS.values() if form["cell"] == "gru"]
QUANTITIES = {"rnn": ["x", "a", "h"], "gru": ["x", "r", "z", "n", "h"]}
OPERATION_OF = {"r": "reset", "z": "update"}
OTHER = {"tanh": "ReLU", "relu": "tanh", True: "before it (2014 paper)", False: "after the product"}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
each_gru = pytest.mark.parametrize("form", GRUS, ids=["reset after", "reset before"])
T, H = len(WORDS), 4


def row_of(form, unit):
    """The last block of rows: the candidate's, or the only one."""
    return (2 * H if form["cell"] == "gru" else 0) + unit


def number(text):
    """A printed number."""
    return float(text.replace("−", "-").replace("×", "").strip())


# ------------------------------------------------------------------------------------- numbers
@each_form
def test_every_number_is_that_of_torch_before_and_after_edits(widget_page, form):
    widget = random_stepper(**form)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    before = torch_table(state)
    assert {q for q, _, _ in before} == set(QUANTITIES[form["cell"]])
    assert_same_numbers(stepper.table(), before)
    row = row_of(form, 1)
    stepper.fill(f"weight_ih[{row}][2]", -1.25)
    state["weights"]["weight_ih"][row][2] = -1.25
    stepper.fill(f"weight_hh[{row}][3]", 0.75)
    state["weights"]["weight_hh"][row][3] = 0.75
    stepper.fill(f"bias_ih[{row}]", 0.5)
    state["weights"]["bias_ih"][row] = 0.5
    stepper.fill(f"bias_hh[{row + 1}]", -0.1)
    state["weights"]["bias_hh"][row + 1] = -0.1
    stepper.fill("h0[3]", 0.25)
    state["h0"][3] = 0.25
    stepper.type_token(1, "mice")
    state["inputs"][0] = state["vocabulary"]["mice"]
    stepper.fill("x[2] of step 4", 1e-3)
    state["inputs"][3][2] = 1e-3
    stepper.button("Add a token").click()
    state["inputs"].append([0, 0, 0])
    assert stepper.editor.get_by_label("c0[0]", exact=True).count() == 0
    assert_same_numbers(stepper.table(), torch_table(state))
    stepper.button("Restore").click()
    assert_same_numbers(stepper.table(), before)


@each_form
@pytest.mark.parametrize(("D", "H", "T"), [(1, 1, 1), (2, 9, 3), (12, 5, 20)])
def test_numbers_are_those_of_torch_at_any_size(widget_page, form, D, H, T):
    widget = random_stepper(D, H, words=[f"w{t}" for t in range(T)], **form)
    assert_same_numbers(Stepper(widget_page(widget)).table(), torch_table(state_of(widget)))


@each_gru
def test_numbers_follow_a_gate_that_is_held_and_given_back(widget_page, form):
    widget = random_stepper(**form)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    before = torch_table(state)
    stepper.go(3)
    for gate, operation in OPERATION_OF.items():
        for value, every_step in [(0, True), (0.3, False), (1, True)]:
            stepper.hold(operation, 2, value, every_step)
            held = {"q": gate, "k": 2, "t": None if every_step else 3, "value": value}
            assert_same_numbers(stepper.table(), torch_table({**state, "overrides": [held]}))
            marks = stepper.root.locator(".picture .held", has_text="held")
            expect(marks).to_have_count(2 if gate == "z" else 1)  # z has two valves
            stepper.button("Give back").click()
            assert_same_numbers(stepper.table(), before)


@each_form
def test_the_reader_chooses_the_form_of_the_cell(widget_page, open_page, form):
    [trait] = set(form) - {"cell"}
    widget = random_stepper(**form)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    name = {"nonlinearity": "Activation", "reset_after": "Reset gate"}[trait]
    choice = stepper.root.get_by_role("combobox", name=name)
    other = [
        option
        for option in choice.locator("option").all_text_contents()
        if option.startswith(OTHER[form[trait]])
    ]
    choice.focus()
    choice.select_option(other[0])
    expect(choice).to_be_focused()
    value = {"tanh": "relu", "relu": "tanh", True: False, False: True}[form[trait]]
    expected = torch_table({**state, trait: value})
    assert_same_numbers(stepper.table(), expected)
    copy = Stepper(open_page(stepper.address()))
    assert_same_numbers(copy.table(), expected)
    assert copy.root.get_by_role("combobox", name=name).input_value() == choice.input_value()
    stepper.button("Restore").click()
    assert_same_numbers(stepper.table(), torch_table(state))


# ------------------------------------------------------------------------------------- presets
@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_the_presets_of_the_cell_are_offered_and_are_torchs(widget_page, cell):
    stepper = Stepper(widget_page(random_stepper(cell=cell)))
    names = [name for name in PRESETS if PRESETS[name]["cell"] == cell]
    offered = stepper.preset.locator("option").all()
    assert [option.get_attribute("value") for option in offered] == ["", *names]
    before = stepper.table()
    for name in names:
        stepper.preset.select_option(name)
        stepper.expect_place(1)
        assert_same_numbers(stepper.table(), torch_table(state_of(GateStepper.from_preset(name))))
    stepper.preset.select_option("")
    assert stepper.table() == before


@pytest.mark.parametrize("name", ["rnn-parity", "gru-toggle"])
def test_an_address_brings_back_a_preset_and_not_that_of_another_cell(widget_page, open_page, name):
    stepper = Stepper(widget_page(random_stepper(cell=PRESETS[name]["cell"])))
    before = stepper.table()
    plain = stepper.page.url
    stepper.preset.select_option(name)
    other = Stepper(open_page(stepper.address()))
    expect(other.preset).to_have_value(name)
    assert other.table() == stepper.table()
    foreign = Stepper(open_page(f"{plain}#gate-stepper-1.preset=latch"))
    assert foreign.table() == before


MALFORMED = [
    "nonlinearity=gelu", "nonlinearity=__proto__", "reset_after=1", "reset_after=", "c0=[1,2,3,4]",
    "operation=forget", "operation=write", 'overrides=[{"q":"f","k":0,"t":1,"value":0}]',
    'overrides=[{"q":"n","k":0,"t":1,"value":0}]', "unit=9", 'weights=[["bias_ih",99,null,5]]',
]  # fmt: skip


@each_form
def test_a_malformed_address_is_ignored(widget_page, form):
    stepper = Stepper(widget_page(random_stepper(words=WORDS[:2], **form)))
    before = stepper.table()
    for text in MALFORMED:
        stepper.page.evaluate(
            """(text) => new Promise((done) => {
                addEventListener("hashchange", () => setTimeout(done), {once: true});
                location.hash = `gate-stepper-1.${text}&n=${Math.random()}`;
            })""",
            text,
        )
        assert stepper.table() == before, text
        assert stepper.place()[1] == "", text


# ------------------------------------------------- operations: picture, arithmetic, code, words
LIT = {
    "rnn": {"combine": {"combine", "h_prev", "a"}, "squash": {"a", "squash", "h"}},
    True: {
        "combine": {"combine", "h_prev", "h_n"},
        "reset": {"r"},
        "update": {"z", "renew"},
        "candidate": {"r", "h_n", "n"},
    },
    False: {
        "combine": {"combine", "h_prev"},
        "reset": {"r"},
        "update": {"z", "renew"},
        "candidate": {"h_prev", "r", "shown", "n"},
    },
}
for lit in (LIT[True], LIT[False]):
    lit["mix"] = {"h_prev", "z", "kept", "n", "renew", "written", "h"}


@each_form
def test_the_operations_light_up_in_their_order(widget_page, form):
    stepper = Stepper(widget_page(random_stepper(**form)))
    expected = LIT[form.get("reset_after", "rnn")]
    assert list(OPERATIONS[form["cell"]]) == list(expected)
    stepper.go(1)
    parts = stepper.root.locator(".picture .part")
    later = stepper.root.locator(".picture [data-state=later]")
    expect(later).to_have_count(0)
    valves = stepper.root.locator(".picture .valve")
    drawn = set(valves.evaluate_all("(all) => all.map((valve) => valve.dataset.part)"))
    assert drawn - {"renew"} == set(GATES[form["cell"]])
    done = set()
    for operation, lit in expected.items():
        stepper.root.press("ArrowDown")
        stepper.expect_place(2, operation)
        states = parts.evaluate_all("(all) => all.map(({dataset: d}) => [d.part, d.state])")
        assert {part for part, state in states if state == "now"} == lit
        assert {part for part, state in states if state == "later"}.isdisjoint(done)
        done |= lit
    expect(later).to_have_count(0)
    stepper.root.press("ArrowDown")
    stepper.expect_place(2)


SOURCES = {"rnn": RNNCell, "gru": GRUCell}


@each_form
def test_the_lines_of_numpy_run_and_stand_in_the_package(widget_page, form):
    """Together they compute what the cell's own step computes; none is missing."""
    stepper = Stepper(widget_page(random_stepper(H=3, **form)))
    rows = stepper.root.locator(".operation").all()
    assert [row.get_attribute("data-operation") for row in rows] == [*OPERATIONS[form["cell"]]]
    lines = [line for row in rows for line in row.locator("code").text_content().split("\n")]
    make = SOURCES[form["cell"]]
    cell = make(3, 3, seed=1, **{key: form[key] for key in form if key != "cell"})
    rng = np.random.default_rng(0)
    x, h_prev = rng.normal(size=3), rng.normal(size=3)
    names = {name: getattr(cell, name) for name in cell.parameter_shapes()}
    names |= {"x": x, "h_prev": h_prev, "np": np, "sigmoid": sigmoid, "blocks": blocks}
    names |= {"gates": slice(None, 6), "rest": slice(6, None)}
    exec("\n".join(lines), names)
    for q, value in cell.step(x, h_prev)._asdict().items():
        np.testing.assert_allclose(names[q], value, rtol=1e-12, atol=1e-12)
    source = (inspect.getsource(make.step) + inspect.getsource(make.advance)).replace("self.", "")
    source = source.replace("a_x, 3", "x @ weight_ih.T + bias_ih, 3")
    for line in lines:
        value = line.split(" = ")[1]
        assert value in source, line


def terms_of(stepper):
    """The products in the inspector's table, each checked to be weight times value."""
    terms = []
    for row in stepper.inspector.locator("table.terms tbody tr").all():
        weight, value, product = row.locator("td").all()
        factor = value.text_content()
        product = number(product.text_content())
        weight = float(weight.locator("input").input_value())
        assert product == pytest.approx(weight * (number(factor) if factor else 1), abs=5e-3)
        terms.append(product)
    return terms


def results_of(stepper):
    cells = stepper.inspector.locator("table.terms tfoot td").all()
    return [number(cell.text_content()) for cell in cells]


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_the_arithmetic_of_an_rnn_adds_up(widget_page, nonlinearity):
    stepper = Stepper(widget_page(random_stepper(cell="rnn", nonlinearity=nonlinearity)))
    table = stepper.table()
    stepper.go(4)
    for unit in range(H):
        stepper.choose("combine", unit=unit)
        [total] = results_of(stepper)
        assert total == pytest.approx(sum(terms_of(stepper)), abs=6e-3)
        assert total == pytest.approx(table["a", 4, unit], abs=6e-4)
        stepper.choose("squash")
        line = stepper.inspector.locator(".line").nth(1).text_content()
        name = {"tanh": "tanh", "relu": "ReLU"}[nonlinearity]
        given, result = re.fullmatch(rf"{name}\(\(?([^)]*)\)+ = (.*)", line).groups()
        assert number(given) == pytest.approx(table["a", 4, unit], abs=6e-4)
        assert number(result) == pytest.approx(table["h", 4, unit], abs=6e-4)


@each_gru
def test_the_arithmetic_of_a_gru_adds_up(widget_page, form):
    stepper = Stepper(widget_page(random_stepper(**form)))
    table = stepper.table()
    stepper.go(4)
    for unit in range(H):
        for gate, operation in OPERATION_OF.items():
            stepper.choose(operation, unit=unit)
            total, squashed = results_of(stepper)
            assert total == pytest.approx(sum(terms_of(stepper)), abs=6e-3)
            assert squashed == pytest.approx(table[gate, 4, unit], abs=6e-4)
        stepper.choose("candidate")
        terms = terms_of(stepper)
        *parts, total, squashed = results_of(stepper)
        if form["reset_after"]:
            from_x, from_h, shown = parts
            assert from_x == pytest.approx(sum(terms[:4]), abs=4e-3)
            assert from_h == pytest.approx(sum(terms[4:]), abs=4e-3)
            assert shown == pytest.approx(table["r", 4, unit] * from_h, abs=2e-3)
            assert total == pytest.approx(from_x + shown, abs=2e-3)
        else:
            assert parts == []
            values = stepper.inspector.locator("table.terms tbody tr td:nth-child(3)")
            shown = [number(text) for text in values.all_text_contents()[4:-1]]
            expected = [table["r", 4, k] * table["h", 3, k] for k in range(H)]
            assert shown == pytest.approx(expected, abs=6e-4)
            assert total == pytest.approx(sum(terms), abs=6e-3)
        assert squashed == pytest.approx(table["n", 4, unit], abs=6e-4)
        assert squashed == pytest.approx(math.tanh(total), abs=1e-3)
        stepper.choose("mix")
        line = stepper.inspector.locator(".line").nth(1).text_content()
        sums, result = line.replace("−", "-").replace("×", "*").split(" = ")
        assert eval(sums) == pytest.approx(table["h", 4, unit], abs=2e-3)
        assert float(result) == pytest.approx(table["h", 4, unit], abs=6e-4)


@each_form
def test_inputs_and_the_first_state_change_where_they_are_used(widget_page, form):
    widget = random_stepper(**form)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    stepper.go(1)
    stepper.choose("combine", unit=1)
    stepper.inspector.get_by_label("x[0]", exact=True).fill("-4")
    state["inputs"][0][0] = -4
    stepper.choose("mix" if form["cell"] == "gru" else "combine")
    stepper.inspector.get_by_label("h0[1]", exact=True).fill("0.125")
    state["h0"][1] = 0.125
    assert_same_numbers(stepper.table(), torch_table(state))


@each_form
def test_the_spoken_sentence_follows_the_step(widget_page, form):
    stepper = Stepper(widget_page(random_stepper(**form)))
    for t in (1, 2, T):
        stepper.go(t)
        table = stepper.table()
        expect(stepper.live).to_contain_text(f"Step {t} of {T}, “{WORDS[t - 1]}”. Unit 0: ")
        h = f"{table['h', t, 0]:.2f}".replace("-0.00", "0.00").replace("-", "−")
        expect(stepper.live).to_contain_text(f" to {h}.")
    for operation in OPERATIONS[form["cell"]]:
        stepper.choose(operation, unit=2)
        title = stepper.root.locator(".operation[aria-pressed=true] .title").text_content()
        expect(stepper.live).to_contain_text(f"Unit 2: {title}, ")
        assert "NaN" not in stepper.root.text_content()
        assert "undefined" not in stepper.root.text_content()


# ------------------------------------------------------------------------------ the picture
def test_the_threads_of_an_rnn_are_as_thick_as_their_terms(widget_page):
    widget = random_stepper(cell="rnn")
    stepper = Stepper(widget_page(widget))
    stepper.go(3)
    h = [stepper.table()["h", 2, k] for k in range(H)]
    terms = np.array(widget.weights["weight_hh"]) * h  # [to, from]
    widths = stepper.root.locator(".picture .weave").evaluate_all(
        """(weaves) => weaves.map((weave) => [...weave.querySelectorAll(".flow")]
            .map((flow) => parseFloat(flow.style.strokeWidth)))"""
    )
    flows, dashes = np.array(widths)[:, ::2], np.array(widths)[:, 1::2]
    np.testing.assert_allclose(flows, 9 * abs(terms) / abs(terms).max(), atol=0.01)
    np.testing.assert_allclose(dashes, np.where(terms < 0, flows, 0), atol=0.01)


@each_form
def test_names_and_numbers_in_the_picture_do_not_overlap(widget_page, form):
    page = widget_page(random_stepper(H=2, **form))
    stepper = Stepper(page)
    stepper.go(3)
    for width in (1200, 700, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(100)
        clashes = stepper.root.locator(".picture").evaluate(
            """(picture) => {
                const boxes = [...picture.querySelectorAll("text")]
                    .map((text) => [text.textContent, text.getBoundingClientRect()])
                    .filter(([text, box]) => text && box.width > 0);
                const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1
                    || a.bottom <= b.top + 5 || b.bottom <= a.top + 5;
                return boxes.flatMap(([one, a], n) => boxes.slice(n + 1)
                    .filter(([, b]) => !apart(a, b)).map(([other]) => `${one} / ${other}`));
            }"""
        )
        assert clashes == [], width


# -------------------------------------------------------------------- scripts, predicting, access
@pytest.fixture(scope="module")
def run_script():
    with script_runner() as run_script:
        yield run_script


@each_form
def test_copied_scripts_give_the_numbers_of_the_table(widget_page, run_script, form):
    widget = random_stepper(**form)
    stepper = Stepper(widget_page(widget))
    assert_same_scripts(stepper, run_script)
    whole = next(name for name in PRESETS if PRESETS[name]["cell"] == form["cell"])
    stepper.preset.select_option(whole)
    assert_same_scripts(stepper, run_script)
    stepper.preset.select_option("")
    if form["cell"] == "gru":
        stepper.go(3)
        stepper.hold("reset", 1, 0.3)
        stepper.hold("update", 2, 0, every_step=False)
        assert_same_scripts(stepper, run_script)


@each_form
def test_no_operation_gives_a_hidden_number_away(widget_page, form):
    stepper = Stepper(widget_page(random_stepper(**form)))
    everything = stepper.table()
    stepper.go(3)
    stepper.button("Predict first").click()
    stepper.go(4)
    known = {key: value for key, value in everything.items() if key[1] <= 3 or key[0] == "x"}
    assert stepper.table() == known
    names = QUANTITIES[form["cell"]][1:]
    for operation in OPERATIONS[form["cell"]]:
        stepper.choose(operation, unit=1)
        texts = stepper.root.locator(
            ".picture .part:not([data-part=h_prev]):not([data-part=combine]) .number, "
            ".inspect tfoot td, .inspect .line b, [aria-live]"
        ).all_text_contents()
        text = "\n".join(texts).replace("−", "-")
        secrets = {f"{everything[q, 4, k]:.2f}" for q in names for k in range(H)}
        assert [s for s in secrets if re.search(rf"(?<![\d.-]){re.escape(s)}", text)] == []
    if form == FORMS["gru, reset before"]:  # what the reset gate shows would give r away
        stepper.choose("candidate")
        values = stepper.inspector.locator("table.terms tbody td:nth-child(3)").all_text_contents()
        assert values[4:] == [""] * (H + 1)
        assert all(values[:3])
    stepper.root.get_by_label("what will h of unit 1 be?").fill("0.25")
    stepper.button("Reveal").click()
    h = everything["h", 4, 1]
    said = f"You said 0.25; it is {h:.2f}. Off by {abs(h - 0.25):.2f}.".replace("-", "−")
    expect(stepper.root.locator(".feedback")).to_have_text(said)
    assert stepper.table().keys() - known.keys() == {(q, 4, k) for q in names for k in range(H)}


@each_form
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_the_page_fits(widget_page, theme, form):
    page = widget_page(random_stepper(H=2, **form), theme=theme, reduced_motion="reduce")
    stepper = Stepper(page)
    for operation in ("combine", "candidate" if form["cell"] == "gru" else "squash"):
        stepper.go(2)
        stepper.choose(operation)
        stepper.open("editor")
        stepper.open("data")
        assert_accessible(page)
    for width in (390, 320):
        assert_no_page_scroll(page, width)
