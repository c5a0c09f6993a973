"""The gate stepper on the way back: every gradient beside autograd, and how a reader walks it."""

import numpy as np
import pytest
import torch
import traitlets
from pages import assert_accessible, assert_no_page_scroll, built_pages, stored_states, unfold
from playwright.sync_api import expect
from stepper import (
    BLOCKS,
    WORDS,
    Stepper,
    cho_2014,
    held_weights,
    inner_quantities,
    random_stepper,
    state_of,
)

from rnn_utils.widgets import GateStepper, side_by_side
from rnn_utils.widgets.base import _show_box
from rnn_utils.widgets.gate_stepper import OPERATIONS

T, H = len(WORDS), 4
FORMS = {
    "rnn, tanh": {"cell": "rnn", "nonlinearity": "tanh"},
    "rnn, relu": {"cell": "rnn", "nonlinearity": "relu"},
    "lstm": {"cell": "lstm"},
    "gru, reset after": {"cell": "gru", "reset_after": True},
    "gru, reset before": {"cell": "gru", "reset_after": False},
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
READOUT = {
    "weight": np.random.default_rng(5).normal(size=(3, H)),
    "bias": [0.1, -0.2, 0.3],
    "labels": ["one", "two", "three"],
}
GATES = {"lstm": "ifo", "gru": "rz", "rnn": ""}
ROAD = {"lstm": "f", "gru": "z"}


def states_at(state, t):
    """A wished state for each token but the second."""
    return [None if n == 1 else [0.1 * (n - k) for k in range(H)] for n in range(t)]


LOSSES = {
    "sum of the last state": {},
    "wished states": {"targets": states_at({}, T)},
    "right answers": {
        "readout": READOUT,
        "targets": [None, 2, None, 0, None, None, 1, None, 2],
    },
}


def torch_gradients(state):
    """What the page must show, {(q, t, k): value} and {(name, row, column): value}, by autograd.

    The cells are written out here, with every quantity a tensor that keeps its gradient.
    """
    cell = state["cell"]
    weights = {n: torch.tensor(v, dtype=torch.float64) for n, v in state["weights"].items()}
    for weight in weights.values():
        weight.requires_grad_()
    starts = {
        q: torch.tensor(state[f"{q}0"], dtype=torch.float64, requires_grad=True)
        for q in ("hc" if cell == "lstm" else "h")
    }
    h, c = starts["h"], starts.get("c")
    kept, loss = {}, torch.zeros((), dtype=torch.float64)
    targets = state["targets"]
    for t, values in enumerate(state["inputs"], start=1):
        x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        step = written_out(state, weights, x, h, c, t)
        h, c = step["h"], step.get("c")
        for q, value in {**step, "x": x}.items():
            value.retain_grad()
            kept[q, t] = value
        loss = loss + loss_at(state, targets, h, t)
    loss.backward()
    table = {(f"d{q}", 0, k): g for q, v in starts.items() for k, g in enumerate(grad(v))}
    for (q, t), value in kept.items():
        table |= {(f"d{q}", t, k): g for k, g in enumerate(grad(value))}
    sums = {
        (name, row, column): g
        for name, weight in weights.items()
        for row, values in enumerate(weight.grad.reshape(len(weight), -1).tolist())
        for column, g in enumerate(values)
    }
    return table, sums, loss.item()


def grad(tensor):
    return (torch.zeros_like(tensor) if tensor.grad is None else tensor.grad).tolist()


def loss_at(state, targets, h, t):
    if targets is None:
        return h.sum() if t == len(state["tokens"]) else 0
    if targets[t - 1] is None:
        return 0
    if state["readout"] is None:
        return 0.5 * (h - torch.tensor(targets[t - 1], dtype=torch.float64)).square().sum()
    weight, bias = (
        torch.as_tensor(state["readout"][n], dtype=torch.float64) for n in ("weight", "bias")
    )
    return torch.nn.functional.cross_entropy(weight @ h + bias, torch.tensor(targets[t - 1]))


def written_out(state, weights, x, h, c, t):
    """One step with every quantity that the table has a gradient of; held gates are constants."""
    a_x = weights["weight_ih"] @ x + weights["bias_ih"]
    a_h = weights["weight_hh"] @ h + weights["bias_hh"]

    def gate(q, a):
        value = torch.sigmoid(a)
        for held in state["overrides"]:
            if held["q"] == q and held["t"] in (None, t):
                units = range(len(h)) if held["k"] is None else [held["k"]]
                mask = torch.zeros(len(h), dtype=torch.bool)
                mask[list(units)] = True
                value = torch.where(mask, torch.tensor(held["value"], dtype=torch.float64), value)
        return value

    if state["cell"] == "rnn":
        a = a_x + a_h
        return {"a": a, "h": a.relu() if state["nonlinearity"] == "relu" else a.tanh()}
    if state["cell"] == "lstm":
        a_i, a_f, a_g, a_o = (a_x + a_h).chunk(4)
        i, f, g, o = gate("i", a_i), gate("f", a_f), a_g.tanh(), gate("o", a_o)
        c = f * c + i * g
        return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": o * c.tanh()}
    (x_r, x_z, x_n), (h_r, h_z, h_n) = a_x.chunk(3), a_h.chunk(3)
    r, z = gate("r", x_r + h_r), gate("z", x_z + h_z)
    if state["reset_after"]:
        n = torch.tanh(x_n + r * h_n)
    else:
        W_hn, b_hn = weights["weight_hh"].chunk(3)[2], weights["bias_hh"].chunk(3)[2]
        n = torch.tanh(x_n + W_hn @ (r * h) + b_hn)
    return {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * h}


def shown(stepper):
    """The gradients of the data table: of quantities, of parameters, and the loss."""
    stepper.open("data")
    cells = stepper.root.locator("[data-q]").evaluate_all(
        "(cells) => cells.map(({dataset: d}) => [d.q, +d.t, +d.k, d.j ?? null, +d.value])"
    )
    table = {(q, t, k): v for q, t, k, j, v in cells if q[0] == "d" and j is None}
    sums = {(q[1:], k, int(j)): v for q, t, k, j, v in cells if j is not None}
    [loss] = [v for q, *_, v in cells if q == "L"]
    return table, sums, loss


def assert_same(actual, expected):
    assert actual.keys() == expected.keys(), sorted(actual.keys() ^ expected.keys())
    keys = list(expected)
    np.testing.assert_allclose(
        [actual[key] for key in keys], [expected[key] for key in keys], rtol=1e-9, atol=1e-12
    )


def assert_shows_gradients(stepper, state):
    table, sums, loss = shown(stepper)
    expected, expected_sums, expected_loss = torch_gradients(state)
    along = {key: table.pop(key) for key in list(table) if key[0] == "dalong"}
    assert_same(table, expected)
    assert_same(sums, expected_sums)
    assert abs(loss - expected_loss) < 1e-10
    return along


# ------------------------------------------------------------------------------------- numbers
@each_form
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_every_gradient_is_that_of_autograd(widget_page, form, loss):
    widget = random_stepper(direction="backward", **form, **loss)
    assert widget.step == T
    stepper = Stepper(widget_page(widget))
    along = assert_shows_gradients(stepper, state_of(widget))
    assert bool(along) == (form["cell"] != "rnn")


@pytest.mark.parametrize("name", built_pages('"direction":"backward"'))
def test_gradients_in_the_book_are_those_of_autograd(open_page, book, book_url, name):
    page = open_page(f"{book_url}/{name}")
    unfold(page)
    states = stored_states(book / name)
    back = [n for n, state in enumerate(states) if state["direction"] == "backward"]
    assert back
    for n in back:
        assert_shows_gradients(Stepper(page, n + 1), states[n])


def test_gradients_of_three_cells_beside_each_other(widget_page):
    """One is turned around; all three show theirs, each of its own size."""
    sizes = {"rnn": 4, "lstm": 2, "gru": 3}
    steppers = []
    for seed, (cell, size) in enumerate(sizes.items()):
        readout = {"weight": np.eye(2, size), "bias": [0, 0.5], "labels": ["was", "were"]}
        targets = [None, 1, *[0] * (T - 2)]
        steppers.append(
            random_stepper(
                3, size, cell=cell, seed=seed, readout=readout, targets=targets, vocabulary=None
            )
        )
    inputs = np.random.default_rng(9).normal(size=(T, 3)).tolist()
    for one in steppers:
        one.inputs = inputs
    page = widget_page(_show_box(side_by_side(*steppers))[0]["text/html"])
    beside = [Stepper(page, number) for number in (1, 2, 3)]
    beside[1].button("Gradient backwards").click()
    for widget, stepper in zip(steppers, beside, strict=True):
        assert_shows_gradients(stepper, {**state_of(widget), "direction": "backward"})


def test_the_written_out_cells_of_this_test_are_those_of_torch():
    for form in FORMS.values():
        state = state_of(random_stepper(**form))
        weights = held_weights(state, 1)
        x = torch.tensor(state["inputs"][0]).double()
        h = torch.tensor(state["h0"]).double()
        c = torch.tensor(state["c0"]).double() if form["cell"] == "lstm" else None
        ours = written_out(state, weights, x, h, c, 1)
        theirs = inner_quantities(state, weights, x[None], h[None])
        if form["cell"] == "gru" and not form["reset_after"]:
            theirs = cho_2014(weights, x[None], h[None])
        for q, value in theirs.items():
            torch.testing.assert_close(ours[q], value[0])


@each_form
def test_gradients_follow_edits_and_held_gates(widget_page, form):
    widget = random_stepper(direction="backward", step=4, **form)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    row = (len(BLOCKS[form["cell"]]) - 1) * H + 1
    stepper.fill(f"weight_hh[{row}][3]", 0.75)
    state["weights"]["weight_hh"][row][3] = 0.75
    stepper.fill("h0[2]", -0.5)
    state["h0"][2] = -0.5
    assert_shows_gradients(stepper, state)
    for gate in GATES[form["cell"]]:
        held = [{"q": gate, "k": 2, "t": None, "value": 0.3}]
        widget = random_stepper(direction="backward", overrides=held, **form)
        assert_shows_gradients(Stepper(stepper.page), state)  # the page is as it was
        other = Stepper(widget_page(widget))
        assert_shows_gradients(other, state_of(widget))


@pytest.mark.parametrize("cell", ROAD)
def test_along_the_road_alone_is_a_product_of_gates(widget_page, cell):
    widget = random_stepper(cell=cell, direction="backward")
    along = {k: v for k, v in shown(Stepper(widget_page(widget)))[0].items() if k[0] == "dalong"}
    steps = widget.trace()
    last = steps[-1]
    expected = last.o * (1 - np.tanh(last.c) ** 2) if cell == "lstm" else np.ones(H)
    for t in range(T, 0, -1):
        got = [along["dalong", t, k] for k in range(H)]
        np.testing.assert_allclose(got, expected, rtol=1e-10)
        expected = expected * getattr(steps[t - 1], ROAD[cell])


# --------------------------------------------------------------------------------------- a walk
def test_the_reader_walks_back_by_mouse_and_keyboard(widget_page):
    stepper = Stepper(widget_page(random_stepper(cell="rnn")))
    turn = stepper.button("Gradient backwards")
    expect(turn).to_have_attribute("aria-pressed", "false")
    turn.click()
    expect(turn).to_have_attribute("aria-pressed", "true")
    stepper.expect_place(T, "squash")
    expect(stepper.live).to_contain_text(f"Back at step {T} of {T}")
    expect(stepper.button("Previous operation")).to_be_disabled()
    expect(stepper.button("Predict first")).to_be_disabled()
    stepper.button("Next operation").click()
    stepper.expect_place(T, "combine")
    stepper.root.press("ArrowDown")
    stepper.expect_place(T, "")
    stepper.root.press("ArrowDown")
    stepper.expect_place(T - 1, "squash")
    stepper.root.press("ArrowUp")
    stepper.expect_place(T, "")
    stepper.root.press("ArrowLeft")
    stepper.expect_place(T - 1)
    stepper.root.press("Home")
    stepper.expect_place(0)
    expect(stepper.live).to_contain_text("reached the initial states")
    expect(stepper.button("Next operation")).to_be_disabled()
    stepper.root.press("ArrowUp")
    stepper.expect_place(1)
    turn.click()
    expect(stepper.live).to_contain_text("weighted sum")


@each_form
def test_every_operation_shows_its_arithmetic(widget_page, form):
    widget = random_stepper(direction="backward", **form)
    stepper = Stepper(widget_page(widget))
    names = [
        row.get_attribute("data-operation") for row in stepper.root.locator(".operation").all()
    ]
    assert names == list(reversed(OPERATIONS[form["cell"]]))
    table = shown(stepper)[0]
    for name in names:
        for t in (1, 5, T):
            stepper.go(t)
            stepper.choose(name, unit=2)
            lines = stepper.inspector.locator(".line b").all_text_contents()
            text = stepper.inspector.inner_text()
            assert "NaN" not in text
            assert "undefined" not in text
            if name == "combine":
                result = number(stepper.inspector.locator(".result").inner_text())
                if form["cell"] != "lstm" or t > 1:
                    own = table["dh", t - 1, 2] if t - 1 < T else None
                    assert result == pytest.approx(own, rel=0.06, abs=6e-4)
            elif name in ("squash", "mix") and form["cell"] != "lstm":
                assert number(lines[0]) == pytest.approx(table["dh", t, 2], rel=0.06, abs=6e-4)


def number(text):
    """A printed number, such as −3·10⁻⁴."""
    digits, _, power = text.replace("−", "-").partition("·10")
    exponent = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return float(digits) * 10.0 ** int(exponent or 0)


def test_the_reader_chooses_the_right_answers(widget_page):
    widget = random_stepper(direction="backward", readout=READOUT)
    stepper, state = Stepper(widget_page(widget)), state_of(widget)
    stepper.root.get_by_label("Right answer after step 9").select_option("two")
    state["targets"] = [None] * 8 + [1]
    assert_shows_gradients(stepper, state)
    stepper.go(3)
    stepper.root.get_by_label("Right answer after step 3").select_option("one")
    state["targets"][2] = 0
    assert_shows_gradients(stepper, state)
    stepper.root.get_by_label("Right answer after step 3").select_option("none")
    state["targets"][2] = None
    stepper.open("editor")
    stepper.button("Add a token").click()
    state["inputs"].append([0, 0, 0])
    state["tokens"].append("…")
    state["targets"].append(None)
    assert_shows_gradients(stepper, state)


def test_the_way_back_is_in_the_address(widget_page, open_page):
    stepper = Stepper(widget_page(random_stepper(cell="gru")))
    stepper.button("Gradient backwards").click()
    stepper.go(3)
    stepper.choose("candidate", 1)
    address = stepper.address()
    other = Stepper(open_page(address))
    other.expect_place(3, "candidate")
    expect(other.button("Gradient backwards")).to_have_attribute("aria-pressed", "true")
    bad = address.split("#")[0] + "#gate-stepper-1.direction=sideways&gate-stepper-1.targets=[1]"
    expect(Stepper(open_page(bad)).button("Gradient backwards")).to_have_attribute(
        "aria-pressed", "false"
    )


@each_form
def test_it_is_accessible_and_narrow(widget_page, form):
    for theme in ("light", "dark"):
        page = widget_page(random_stepper(direction="backward", **form), theme=theme)
        Stepper(page).open("data")
        assert_accessible(page)
        assert_no_page_scroll(page, 320)


# ------------------------------------------------------------------------------------ in Python
@pytest.mark.parametrize(
    ("targets", "says"),
    [
        ([1], "targets must be 9, one for each token, got 1"),
        (5, "targets must be a list, got 5"),
        ([[0.0]] * 9, r"targets: a state must have shape \(4,\)"),
        ([[float("nan")] * 4] * 9, "targets: a state must be finite"),
    ],
)
def test_targets_that_do_not_fit_are_named(targets, says):
    with pytest.raises(ValueError, match=says):
        random_stepper(targets=targets)
    widget = random_stepper()
    with pytest.raises(traitlets.TraitError):
        widget.targets = targets
    assert widget.targets is None


def test_a_label_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="targets: a label must be an integer from 0 to 2, got 3"):
        random_stepper(readout=READOUT, targets=[None] * 8 + [3])
    with pytest.raises(ValueError, match="direction"):
        GateStepper.from_preset("rnn-fade", direction="up")
