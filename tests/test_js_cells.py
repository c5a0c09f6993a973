"""The widgets' arithmetic, run in a browser, equals PyTorch: forwards and backwards."""

from pathlib import Path

import numpy as np
import pytest
import torch

import rnn_utils

SOURCE = Path(rnn_utils.__file__).parent / "widgets" / "lib" / "cells.js"

CELLS = {
    "tanh": ("rnn", {}),
    "relu": ("rnn", {"nonlinearity": "relu"}),
    "lstm": ("lstm", {}),
    "gru": ("gru", {}),
    "gru, reset before": ("gru", {"resetAfter": False}),
}
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}
STATES = {"rnn": ["h"], "lstm": ["h", "c"], "gru": ["h"]}
# what the backward step returns a gradient of, besides x, the old state and the parameters
INSIDE = {
    "rnn": ["a"],
    "lstm": ["i", "f", "g", "o", "c", "squashed"],
    "gru": ["r", "z", "n", "shown"],
}

# Any number can be put in by hand, also one that σ never gives; None leaves the unit free.
HELD = {
    "lstm": [
        {"i": [0, None, 2]},
        {"f": [1, 1, 1]},
        {"o": [None, 0.5, -1]},
        {"i": [None, 0, 0.25], "f": [0.75, None, None], "o": [3, None, 0]},
    ],
    "gru": [
        {"r": [0, None, 0.5]},
        {"z": [1, 1, 1]},
        {"r": [None, 1, -2], "z": [None, 0.25, 2]},
    ],
}

each_cell = pytest.mark.parametrize(("cell", "options"), CELLS.values(), ids=CELLS)
each_size = pytest.mark.parametrize(("D", "H"), [(1, 1), (2, 3), (3, 2), (5, 4), (8, 16)])
each_held = pytest.mark.parametrize(
    ("cell", "options", "held"),
    [(*CELLS[name], held) for name in CELLS for held in HELD.get(CELLS[name][0], [])],
)


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of cells.js: ``js("softmax", [1, 2])``.

    The arguments arrive frozen: a function that changes one of them raises.
    """
    page = browser.new_page()
    page.evaluate(
        """async (source) => {
            const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
            window.cells = await import(url);
            window.freeze = (value) => {
                if (value && typeof value === "object") Object.values(value).forEach(freeze);
                return Object.freeze(value);
            };
        }""",
        SOURCE.read_text(encoding="utf-8"),
    )

    def call(name, *values, options=None, held=None):
        return page.evaluate(
            """([name, values, options, held]) => {
                const hold = (q, free) => free.map((v, k) => held[q]?.[k] ?? v);
                return cells[name](...freeze(values), {...options, hold});
            }""",
            [name, values, options or {}, held or {}],
        )

    yield call
    page.close()


def assert_same(actual, expected):
    """Two dicts hold the same quantities with the same numbers."""
    assert set(actual) == set(expected)
    for name, value in expected.items():
        assert np.shape(actual[name]) == np.shape(value), name
        np.testing.assert_allclose(actual[name], value, rtol=1e-10, atol=1e-10, err_msg=name)


def lists(tensors):
    """What crosses over to the browser."""
    return {name: tensor.tolist() for name, tensor in tensors.items()}


def values(tensors):
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}


def gradients(tensors):
    return {name: tensor.grad.numpy() for name, tensor in tensors.items()}


def problem(cell, D, H, T=4):
    """Random weights, first state, T inputs, and the gradient that each new state is given."""
    rng = np.random.default_rng(D * H)

    def leaf(*shape):
        return torch.from_numpy(rng.normal(size=shape)).requires_grad_()

    rows = BLOCKS[cell] * H
    weights = {"weight_ih": leaf(rows, D), "weight_hh": leaf(rows, H)}
    weights |= {"bias_ih": leaf(rows), "bias_hh": leaf(rows)}
    state = {name: leaf(H) for name in STATES[cell]}
    inputs = [leaf(D) for _ in range(T)]
    given = [{name: rng.normal(size=H) for name in STATES[cell]} for _ in range(T)]
    return weights, state, inputs, given


def torch_step(cell, weights, x, state, nonlinearity="tanh", resetAfter=True, held=None):
    """A step written out, so that autograd can be asked about every quantity in it."""

    def gate(name, a):
        if name not in (held or {}):
            return a.sigmoid()
        by_hand = torch.tensor([np.nan if v is None else v for v in held[name]]).double()
        return torch.where(by_hand.isnan(), a.sigmoid(), by_hand)

    h_prev = state["h"]
    a_x = weights["weight_ih"] @ x + weights["bias_ih"]
    a_h = weights["weight_hh"] @ h_prev + weights["bias_hh"]
    if cell == "rnn":
        a = a_x + a_h
        return {"a": a, "h": a.relu() if nonlinearity == "relu" else a.tanh()}
    if cell == "lstm":
        a_i, a_f, a_g, a_o = (a_x + a_h).chunk(4)
        step = {"a_i": a_i, "a_f": a_f, "a_g": a_g, "a_o": a_o}
        i, f, g, o = gate("i", a_i), gate("f", a_f), a_g.tanh(), gate("o", a_o)
        kept, written = f * state["c"], i * g
        c = kept + written
        squashed = c.tanh()
        h = o * squashed
        step |= {"i": i, "f": f, "g": g, "o": o, "kept": kept, "written": written}
        return step | {"c": c, "squashed": squashed, "h": h}
    (x_r, x_z, x_n), (h_r, h_z, h_n) = a_x.chunk(3), a_h.chunk(3)
    a_r, a_z = x_r + h_r, x_z + h_z
    r, z = gate("r", a_r), gate("z", a_z)
    if resetAfter:
        shown = r * h_n
        a_n = x_n + shown
    else:
        shown = r * h_prev
        a_n = x_n + weights["weight_hh"].chunk(3)[2] @ shown + weights["bias_hh"].chunk(3)[2]
    n = a_n.tanh()
    renew, kept = 1 - z, z * h_prev
    written = renew * n
    h = written + kept
    step = {"a_r": a_r, "a_z": a_z, "a_n": a_n, "x_n": x_n, "h_n": h_n, "r": r, "z": z, "n": n}
    return step | {"shown": shown, "renew": renew, "kept": kept, "written": written, "h": h}


def check(js, cell, options, D, H, held=None, error=0.0):
    """A chain of steps and the way back through it, in JavaScript and in PyTorch.

    ``error`` is added to one weight on the JavaScript side, to see that this check can fail.
    """
    weights, state, inputs, given = problem(cell, D, H)
    ours = lists(weights)
    ours["weight_hh"][0][0] += error

    # forwards
    states, steps, loss = [state], [], 0
    js_states, js_steps = [lists(state)], []
    for x, gradient in zip(inputs, given, strict=True):
        step = torch_step(cell, weights, x, states[-1], **options, held=held)
        for quantity in step.values():
            quantity.retain_grad()
        steps.append(step)
        states.append({name: step[name] for name in STATES[cell]})
        loss = loss + sum(states[-1][name] @ torch.from_numpy(gradient[name]) for name in gradient)
        arguments = (ours, x.tolist(), js_states[-1])
        js_steps.append(js(f"{cell}Step", *arguments, options=options, held=held))
        js_states.append({name: js_steps[-1][name] for name in STATES[cell]})
        assert_same(js_steps[-1], values(step))

    # backwards: PyTorch through the whole chain at once, JavaScript step by step
    loss.backward()
    total = {name: np.zeros(weight.shape) for name, weight in weights.items()}
    arriving = {name: np.zeros(H) for name in STATES[cell]}
    for t in reversed(range(len(inputs))):
        arriving = {name: arriving[name] + given[t][name] for name in STATES[cell]}
        assert_same({"h": arriving["h"]}, gradients({"h": steps[t]["h"]}))  # c: see INSIDE
        arguments = (ours, inputs[t].tolist(), js_states[t], js_steps[t])
        result = js(
            f"{cell}StepBackward",
            *arguments,
            {name: gradient.tolist() for name, gradient in arriving.items()},
            options=options,
            held=held,
        )
        arriving = {name: np.array(result.pop(f"{name}_prev")) for name in STATES[cell]}
        total = {name: total[name] + result.pop(name) for name in weights}
        after = cell == "gru" and options.get(
            "resetAfter", True
        )  # only then h_n is a sum of its own
        names = [*INSIDE[cell], *(["h_n"] if after else [])]
        inside = {name: steps[t][name] for name in names}
        assert_same(result, gradients(inside | {"x": inputs[t]}))
    assert_same(arriving, gradients(state))
    assert_same(total, gradients(weights))


@each_cell
@each_size
def test_equals_torch(js, cell, options, D, H):
    check(js, cell, options, D, H)


@each_held
def test_held_gates(js, cell, options, held):
    """A gate that is held has its value by hand, and is a constant on the way back."""
    check(js, cell, options, 2, 3, held)


def test_a_gate_held_at_its_own_value_is_a_constant_too(js):
    zero = {"weight_ih": [[0]] * 4, "weight_hh": [[0]] * 4, "bias_ih": [0] * 4, "bias_hh": [0] * 4}
    state = {"h": [1], "c": [1]}
    step = js("lstmStep", zero, [1], state)
    assert step["f"] == [0.5]
    free = js("lstmStepBackward", zero, [1], state, step, state)
    held = js("lstmStepBackward", zero, [1], state, step, state, held={"f": [0.5]})
    assert held["f"] == free["f"]
    assert free["bias_ih"][1] != 0
    assert held["bias_ih"][1] == 0


@each_cell
def test_an_error_is_caught(js, cell, options):
    with pytest.raises(AssertionError, match="Mismatched elements"):
        check(js, cell, options, 2, 3, error=1e-6)


@pytest.mark.parametrize("name", ["tanh", "relu", "lstm", "gru"])
def test_the_steps_written_out_here_are_those_of_torch(name):
    cell, options = CELLS[name]
    module = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[cell]
    module = module(3, 4, **options, dtype=torch.float64)
    _, state, [x], _ = problem(cell, 3, 4, T=1)
    step = torch_step(cell, dict(module.named_parameters()), x, state, **options)
    new = module(x, (state["h"], state["c"]) if cell == "lstm" else state["h"])
    for ours, theirs in zip(STATES[cell], new if cell == "lstm" else [new], strict=True):
        torch.testing.assert_close(step[ours], theirs, rtol=1e-14, atol=1e-14)


def test_sigmoid(js):
    a = [-1e308, -1e4, -745.0, -40.0, -1.0, -1e-300, 0.0, 0.3, 5.0, 37.0, 745.0, 1e4, 1e308]
    actual = [js("sigmoid", v) for v in a]
    np.testing.assert_allclose(
        actual, torch.tensor(a, dtype=torch.float64).sigmoid(), rtol=1e-10, atol=1e-10
    )
    assert actual[0] == 0
    assert actual[-1] == 1


@pytest.mark.parametrize(
    "logits",
    [
        [3.0],
        [0.1, -2.0, 5.0],
        [7.0] * 5,
        [1e4, 9999.0, -1e4],
        [-1e4, -10001.0],
        [1e308, 0.0, -1e308],
        [-float("inf"), 0.0, 1.0],  # a choice that is ruled out
        np.linspace(-50, 50, 2000).tolist(),
    ],
)
def test_softmax(js, logits):
    actual = js("softmax", logits)
    expected = torch.tensor(logits, dtype=torch.float64).softmax(0)
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10)


def test_affine(js):
    assert js("affine", [[1, 2], [3, 4], [5, 6]], [10, 1], [0.5, 0, -0.5]) == [12.5, 34, 55.5]
