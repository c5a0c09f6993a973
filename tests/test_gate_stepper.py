"""The gate stepper in Python: what it takes, what it refuses, what it computes and shows."""

import copy
import inspect
import itertools
import json
import math
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
import torch
import traitlets
from IPython.core.formatters import DisplayFormatter

from rnn_utils.cells import GRUCell, GRUStep, LSTMCell, LSTMStep, RNNCell, RNNStep
from rnn_utils.widgets import GateStepper, base
from rnn_utils.widgets.gate_stepper import GATES, OPERATIONS, PRESETS, STRINGS

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
T, D, H = 4, 3, 2
SPECS = (base.FOLDER / "lib" / "cell_specs.js").read_text(encoding="utf-8")
ROWS = {"rnn": 1, "lstm": 4, "gru": 3}
STEPS = {"rnn": RNNStep, "lstm": LSTMStep, "gru": GRUStep}
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
MODULE_CELLS = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}
FORMS = {
    "rnn, tanh": {"cell": "rnn", "nonlinearity": "tanh"},
    "rnn, relu": {"cell": "rnn", "nonlinearity": "relu"},
    "lstm": {"cell": "lstm"},
    "gru, reset after": {"cell": "gru", "reset_after": True},
    "gru, reset before": {"cell": "gru", "reset_after": False},
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets and links live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


def problem(seed=0, T=T, D=D, H=H, cell="lstm"):
    """Random weights, inputs and first states, as arrays."""
    rng = np.random.default_rng(seed)
    n = ROWS[cell]
    shapes = ((n * H, D), (n * H, H), (n * H,), (n * H,))
    weights = {n: rng.normal(size=s) for n, s in zip(PARAMETERS, shapes, strict=True)}
    given = {"weights": weights, "inputs": rng.normal(size=(T, D)), "h0": rng.normal(size=H)}
    return given | ({"c0": rng.normal(size=H)} if cell == "lstm" else {})


def stepper(**changes):
    return GateStepper(**{**problem(cell=changes.get("cell", "lstm")), **changes})


def everything():
    """A state in which no trait has its default."""
    rng = np.random.default_rng(1)
    return {
        **problem(),
        "tokens": ["the", "cats", ",", "which"],
        "vocabulary": {"cats": rng.normal(size=D), "mice": rng.normal(size=D)},
        "readout": {"weight": rng.normal(size=(2, H)), "bias": [0.5, 0], "labels": ["was", "were"]},
        "step": 3,
        "operation": "forget",
        "unit": 1,
        "overrides": [{"q": "f", "k": 0, "t": None, "value": 0.25}],
        "preset": "latch",
        "direction": "backward",
        "targets": [0, None, 1, None],
    }


def as_lists(value):
    if isinstance(value, dict):
        return {key: as_lists(inner) for key, inner in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value


def assert_equal_steps(steps, expected):
    assert len(steps) == len(expected)
    for step, right in zip(steps, expected, strict=True):
        for name, value in step._asdict().items():
            np.testing.assert_allclose(value, right[name], rtol=0, atol=1e-12, err_msg=name)


# ------------------------------------------------------------------------------------- making


@pytest.mark.parametrize(
    "make",
    [as_lists, lambda a: a, torch.from_numpy, lambda a: torch.from_numpy(a).requires_grad_()],
    ids=["lists", "arrays", "tensors", "tensors with a gradient"],
)
def test_takes_lists_arrays_and_tensors(make):
    given = problem()
    made = {name: make(value) for name, value in given.items() if name != "weights"}
    made["weights"] = {name: make(value) for name, value in given["weights"].items()}
    assert GateStepper(**made).page_state() == GateStepper(**as_lists(given)).page_state()


def test_every_trait_is_plain_json_and_as_given():
    given = everything()
    state = GateStepper(**given).page_state()
    assert json.loads(json.dumps(state)) == state == {"cell": "lstm", **as_lists(given)}


def test_what_is_not_given():
    given = problem()
    widget = GateStepper(given["weights"], given["inputs"])
    assert widget.tokens == ["1", "2", "3", "4"]
    assert widget.h0 == widget.c0 == [0.0, 0.0]
    assert (widget.step, widget.unit, widget.operation, widget.preset) == (0, 0, "", "")
    assert (widget.vocabulary, widget.readout, widget.overrides) == (None, None, [])


def test_tokens_of_any_kind_become_texts():
    assert stepper(tokens=range(4)).tokens == ["0", "1", "2", "3"]
    assert stepper(tokens=np.array(list("abcd"))).tokens == list("abcd")


def test_what_was_given_is_copied():
    given = as_lists(everything())
    before = copy.deepcopy(given)
    widget = GateStepper(**given)
    widget.inputs[0][0] = widget.weights["bias_ih"][0] = widget.readout["bias"][0] = 99.0
    assert given == before


def test_from_cell():
    cell = LSTMCell(D, H, seed=1)
    widget = GateStepper.from_cell(cell, np.eye(D), list("abc"), step=2)
    assert widget.weights == {name: getattr(cell, name).tolist() for name in PARAMETERS}
    assert (widget.tokens, widget.step) == (["a", "b", "c"], 2)


def test_from_cell_in_single_precision():
    cell = LSTMCell(D, H, seed=1, dtype=np.float32)
    widget = GateStepper.from_cell(cell, np.eye(D))
    for name in PARAMETERS:
        np.testing.assert_array_equal(widget.weights[name], getattr(cell, name))


@each_form
def test_from_cell_takes_every_cell_in_every_form(form):
    name, options = form["cell"], {key: form[key] for key in form if key != "cell"}
    make = {"rnn": RNNCell, "lstm": LSTMCell, "gru": GRUCell}[name]
    cell = make(D, H, seed=1, **options)
    widget = GateStepper.from_cell(cell, np.eye(D))
    assert {key: getattr(widget, key) for key in form} == form
    assert widget.weights == {name: getattr(cell, name).tolist() for name in PARAMETERS}
    first = cell.step(np.eye(D)[0])
    [step, *_] = widget.trace()
    assert type(step) is type(first)
    np.testing.assert_array_equal(step, first)


@pytest.mark.parametrize("cell", [LSTMCell(D, H, peephole=True), 3, None])
def test_from_cell_refuses(cell):
    with refuses(ValueError, "cell must be an LSTMCell without peepholes", repr(cell)):
        GateStepper.from_cell(cell, np.eye(D))


def torch_steps(module, inputs, h0=None, c0=None):
    """h and c of every step, from PyTorch in float64."""
    module = copy.deepcopy(module).double()
    state = tuple(torch.zeros(module.hidden_size) if s is None else s for s in (h0, c0))
    state = tuple(torch.as_tensor(s, dtype=torch.float64)[None] for s in state)
    steps = []
    with torch.no_grad():
        for x in torch.as_tensor(inputs, dtype=torch.float64):
            if isinstance(module, torch.nn.LSTM):
                _, state = module(x[None], state)  # a sequence of one, without a batch axis
            else:
                state = module(x[None], state)
            steps.append({"h": state[0][0].numpy(), "c": state[1][0].numpy()})
    return steps


@pytest.mark.parametrize("make", [torch.nn.LSTM, torch.nn.LSTMCell])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("D", "H", "T"), [(1, 1, 1), (3, 2, 5), (2, 8, 20), (16, 5, 3)])
def test_trace_equals_torch(make, bias, dtype, D, H, T):
    torch.manual_seed(D * H * T)
    module = make(D, H, bias=bias, dtype=dtype)
    inputs, h0, c0 = torch.randn(T, D, dtype=dtype), torch.randn(H), torch.randn(H)
    for states in ({}, {"h0": h0, "c0": c0}):
        widget = GateStepper.from_torch(module, inputs=inputs, **states)
        steps, expected = widget.trace(), torch_steps(module, inputs, **states)
        for step, right in zip(steps, expected, strict=True):
            np.testing.assert_allclose(step.h, right["h"], rtol=0, atol=1e-12)
            np.testing.assert_allclose(step.c, right["c"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("D", "H", "T"), [(1, 1, 1), (3, 2, 5), (2, 8, 20)])
@pytest.mark.parametrize("one_step", [True, False])
@pytest.mark.parametrize("name", ["rnn, tanh", "rnn, relu", "gru, reset after"])
def test_trace_equals_torch_for_a_cell_that_carries_h_only(name, one_step, D, H, T, bias):
    torch.manual_seed(D * H * T)
    cell = FORMS[name]["cell"]
    options = {"nonlinearity": FORMS[name]["nonlinearity"]} if cell == "rnn" else {}
    make = (MODULE_CELLS if one_step else MODULES)[cell]
    module = make(D, H, bias=bias, dtype=torch.float64, **options)
    inputs, h0 = torch.randn(T, D, dtype=torch.float64), torch.randn(H, dtype=torch.float64)
    for state in ({}, {"h0": h0}):
        widget = GateStepper.from_torch(module, inputs=inputs, **state)
        assert (widget.cell, widget.c0) == (cell, [])
        assert {key: getattr(widget, key) for key in options} == options
        h = state.get("h0", torch.zeros(H, dtype=torch.float64))[None]
        for x, step in zip(inputs, widget.trace(), strict=True):
            with torch.no_grad():
                h = module(x[None], h)
            h = h if one_step else h[1]
            np.testing.assert_allclose(step.h, h[0], rtol=0, atol=1e-12)


def test_from_torch_with_the_reset_gate_before_the_product_is_another_function():
    module, inputs = torch.nn.GRU(D, H, dtype=torch.float64), torch.randn(T, D)
    after = GateStepper.from_torch(module, inputs=inputs)
    before = GateStepper.from_torch(module, inputs=inputs, reset_after=False)
    assert (after.reset_after, before.reset_after) == (True, False)
    assert after.weights == before.weights
    assert not np.allclose(after.trace()[-1].h, before.trace()[-1].h)


def test_from_torch_takes_half_precision():
    module = torch.nn.LSTM(D, H, dtype=torch.bfloat16)
    widget = GateStepper.from_torch(module, inputs=torch.ones(T, D, dtype=torch.bfloat16))
    assert widget.weights["weight_ih"] == module.weight_ih_l0.tolist()


@pytest.mark.parametrize("bias", [True, False])
def test_from_torch_takes_a_readout(bias):
    module, readout = torch.nn.LSTM(D, H), torch.nn.Linear(H, 3, bias=bias)
    widget = GateStepper.from_torch(
        module, inputs=torch.ones(T, D), readout=readout, labels=("a", "b", "c"), tokens="wxyz"
    )
    assert widget.readout == {
        "weight": readout.weight.tolist(),
        "bias": readout.bias.tolist() if bias else [0.0] * 3,
        "labels": ["a", "b", "c"],
    }


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (torch.nn.LSTM(D, 4, proj_size=H), ["no projection", f"proj_size={H}"]),
        (torch.nn.Linear(D, H), ["RNN, LSTM, GRU", "got Linear"]),
        (3, ["LSTM", "LSTMCell", "got int"]),
    ],
)
def test_from_torch_refuses_another_module(module, words):
    with refuses(ValueError, "module must", *words):
        GateStepper.from_torch(module, inputs=np.ones((T, D)))


@pytest.mark.parametrize("given", ["nothing", "the module's", "one h0"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("make", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
def test_from_torch_takes_every_layer_and_direction(make, bidirectional, bias, given):
    """Against PyTorch's output of a module that ends with the layer in question."""
    torch.manual_seed(3)
    options = {"bidirectional": bidirectional, "bias": bias, "dtype": torch.float64}
    module = make(D, H, num_layers=3, dropout=0.5, **options)
    directions = 2 if bidirectional else 1
    names = ["h0", "c0"] if make is torch.nn.LSTM else ["h0"]
    names = {"nothing": [], "the module's": names, "one h0": ["h0"]}[given]
    states = {name: torch.randn(3 * directions, H, dtype=torch.float64) for name in names}
    inputs = torch.randn(T, D, dtype=torch.float64)
    tokens = [f"word {t}" for t in range(T)]
    for layer in range(3):
        top = make(D, H, num_layers=layer + 1, **options)
        top.load_state_dict({name: module.state_dict()[name] for name in top.state_dict()})
        zero = torch.zeros(3 * directions, H, dtype=torch.float64)
        start = [states.get(name, zero)[: directions * (layer + 1)] for name in ("h0", "c0")]
        with torch.no_grad():
            output, _ = top(inputs, tuple(start) if make is torch.nn.LSTM else start[0])
        for reverse in [False, True][:directions]:
            widget = GateStepper.from_torch(
                module, inputs=inputs, tokens=tokens, layer=layer, reverse=reverse, **states
            )
            h = np.array([step.h for step in widget.trace()])
            half = output[:, H:].flip(0) if reverse else output[:, :H]
            np.testing.assert_allclose(h, half, rtol=0, atol=1e-12)
            assert widget.tokens == (tokens[::-1] if reverse else tokens)
            assert len(widget.inputs[0]) == (directions * H if layer else D)


def test_from_torch_of_an_upper_layer_may_start_from_a_state_of_its_own():
    module = torch.nn.LSTM(D, H, num_layers=2, dtype=torch.float64)
    own = GateStepper.from_torch(module, inputs=np.ones((T, D)), layer=1, h0=[0.5] * H)
    assert own.h0 == [0.5] * H
    assert own.inputs == GateStepper.from_torch(module, inputs=np.ones((T, D)), layer=1).inputs


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"layer": 2}, ["layer must be an integer from 0 to 1", "got 2"]),
        ({"layer": -1}, ["layer must be an integer from 0 to 1", "got -1"]),
        ({"layer": True}, ["layer must be an integer", "got True"]),
        ({"reverse": True}, ["reverse must be", "False for a module that reads in one direction"]),
        ({"reverse": 0}, ["reverse must be True or False", "got 0"]),
        ({"h0": np.zeros((3, H))}, ["h0 must have shape (2, 2)", "got (3, 2)"]),
        ({"layer": 1, "inputs": np.ones((T, D + 1))}, ["inputs must have shape", f"(T, {D})"]),
    ],
)
def test_from_torch_refuses_a_place_that_is_not_there(choice, words):
    module = torch.nn.GRU(D, H, num_layers=2)
    with refuses(ValueError, *words):
        GateStepper.from_torch(module, **{"inputs": np.ones((T, D)), **choice})


@pytest.mark.parametrize(
    ("readout", "labels", "words"),
    [
        (torch.nn.Linear(H, 2), None, ["labels must name the 2 outputs", "got None"]),
        (torch.nn.Linear(H, 2), ["a"], ["labels must name the 2 outputs", "got ['a']"]),
        (torch.nn.Linear(H + 1, 2), ["a", "b"], ["readout['weight']", "(2, 2)", "got (2, 3)"]),
        (3, ["a"], ["readout must be a torch.nn.Linear", "got 3"]),
    ],
)
def test_from_torch_refuses_another_readout(readout, labels, words):
    with refuses(ValueError, *words):
        GateStepper.from_torch(
            torch.nn.LSTM(D, H), inputs=np.ones((T, D)), readout=readout, labels=labels
        )


@pytest.mark.parametrize("name", PRESETS)
def test_from_preset(name):
    widget = GateStepper.from_preset(name, step=1)
    assert (widget.preset, widget.step) == (name, 1)
    assert widget.tokens == PRESETS[name]["tokens"]
    assert widget.inputs == [widget.vocabulary[token] for token in widget.tokens]
    assert np.isfinite(widget.trace()).all()
    assert widget.cell == PRESETS[name]["cell"]


@pytest.mark.parametrize("name", ["Latch", "", None, ["latch"]])
def test_from_preset_refuses(name):
    with refuses(ValueError, "name must be one of", "latch, reset", f"got {name!r}"):
        GateStepper.from_preset(name)


def values(name, quantity):
    return np.array([getattr(step, quantity) for step in GateStepper.from_preset(name).trace()])


def test_the_presets_do_what_they_are_named_for():
    latch = values("latch", "c")[:, 0]
    np.testing.assert_allclose(latch, [0, 1, 1, 1, 1, -1, -1, 1, 1], atol=0.05)
    tokens = PRESETS["reset"]["tokens"]
    sums = values("reset", "c")[:, 0]
    assert all(abs(c) < 1e-3 for c, token in zip(sums, tokens, strict=True) if token == "|")
    assert sums[1] == pytest.approx(2 * sums[0], abs=1e-3)
    np.testing.assert_allclose(values("count", "c")[-1], [0, 6], atol=0.05)
    np.testing.assert_allclose(values("pass", "c")[:, 0], np.tanh([-1, 1, 0, 1, -1]), atol=1e-3)
    np.testing.assert_allclose(values("remember-forever", "c")[-1], [0.7, -0.4], atol=1e-6)

    said = [PRESETS["rnn-echo"]["vocabulary"][word][0] for word in PRESETS["rnn-echo"]["tokens"]]
    for late in range(3):
        expected = [0] * late + said[: len(said) - late]
        np.testing.assert_allclose(values("rnn-echo", "h")[:, late], expected, atol=0.01)
    fade = values("rnn-fade", "h")
    assert (np.diff(fade, axis=0) < 0).all()
    assert fade[-1, 0] > 0.25 > 0.01 > fade[-1, 1] > 0
    bits = np.array(PRESETS["rnn-parity"]["tokens"], dtype=int)
    parity = values("rnn-parity", "h") @ [1, -2]
    np.testing.assert_array_equal(parity, np.cumsum(bits) % 2)
    latch = values("gru-latch", "h")[:, 0]
    np.testing.assert_allclose(latch, [0, 1, 1, 1, 1, -1, -1, 1, 1], atol=0.01)
    toggle = values("gru-toggle", "h")[:, 0]
    np.testing.assert_allclose(toggle, [1, 1, -1, -1, 1, -1, 1, 1, -1], atol=0.01)
    tokens = np.array(PRESETS["gru-toggle"]["tokens"])
    np.testing.assert_allclose(values("gru-toggle", "r")[:, 0], tokens != "on", atol=1e-4)


# ---------------------------------------------------------------------------- the numbers, held


def by_hand(weights, inputs, h0, c0, held=()):
    """The equations of the LSTM, one unit and one number at a time; the last hold wins."""

    def net(row, x, h):
        terms = [w * v for w, v in zip(weights["weight_ih"][row], x, strict=True)]
        terms += [w * v for w, v in zip(weights["weight_hh"][row], h, strict=True)]
        return math.fsum([*terms, weights["bias_ih"][row], weights["bias_hh"][row]])

    def gate(q, a, k, t):
        value = (1 + math.tanh(a / 2)) / 2
        for name, unit, step, by_hand in held:
            if name == q and unit in (None, k) and step in (None, t):
                value = by_hand
        return value

    size = len(h0)
    h, c = list(h0), list(c0)
    steps = []
    for t, x in enumerate(inputs, start=1):
        units = []
        for k in range(size):
            i = gate("i", net(k, x, h), k, t)
            f = gate("f", net(size + k, x, h), k, t)
            g = math.tanh(net(2 * size + k, x, h))
            o = gate("o", net(3 * size + k, x, h), k, t)
            new = f * c[k] + i * g
            units.append((i, f, g, o, new, o * math.tanh(new)))
        steps.append(
            dict(zip(("i", "f", "g", "o", "c", "h"), zip(*units, strict=True), strict=True))
        )
        h, c = steps[-1]["h"], steps[-1]["c"]
    return steps


def by_hand_rnn(weights, inputs, h0, nonlinearity):
    """The equations of the RNN, one unit and one number at a time."""
    h, steps = list(h0), []
    for x in inputs:
        a = [sums(weights, k, x, h) for k in range(len(h0))]
        h = [math.tanh(v) if nonlinearity == "tanh" else max(v, 0.0) for v in a]
        steps.append({"a": a, "h": h})
    return steps


def by_hand_gru(weights, inputs, h0, reset_after, held=()):
    """The equations of both GRUs, one unit and one number at a time; the last hold wins."""

    def gate(q, a, k, t):
        value = (1 + math.tanh(a / 2)) / 2
        for name, unit, step, by_hand in held:
            if name == q and unit in (None, k) and step in (None, t):
                value = by_hand
        return value

    size = len(h0)
    units, zero = range(size), [0.0] * size
    no_bias = {**weights, "bias_hh": [0.0] * 3 * size}
    h, steps = list(h0), []
    for t, x in enumerate(inputs, start=1):
        r = [gate("r", sums(weights, k, x, h), k, t) for k in units]
        z = [gate("z", sums(weights, size + k, x, h), k, t) for k in units]
        n = []
        for k in units:
            row = 2 * size + k
            from_input = sums(no_bias, row, x, zero)
            if reset_after:
                seen = r[k] * (sums(weights, row, x, h) - from_input)
            else:
                reset = [a * b for a, b in zip(r, h, strict=True)]
                seen = sums(weights, row, x, reset) - from_input
            n.append(math.tanh(from_input + seen))
        h = [(1 - z[k]) * n[k] + z[k] * h[k] for k in units]
        steps.append({"r": r, "z": z, "n": n, "h": h})
    return steps


def sums(weights, row, x, h):
    terms = [w * v for w, v in zip(weights["weight_ih"][row], x, strict=True)]
    terms += [w * v for w, v in zip(weights["weight_hh"][row], h, strict=True)]
    return math.fsum([*terms, weights["bias_ih"][row], weights["bias_hh"][row]])


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_the_equations_of_the_rnn(nonlinearity):
    given = {**problem(seed=2, cell="rnn"), "nonlinearity": nonlinearity}
    assert_equal_steps(GateStepper(**given, cell="rnn").trace(), by_hand_rnn(**given))


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("gate", GATES["gru"])
@pytest.mark.parametrize("value", [None, 0, 0.3, 1])
@pytest.mark.parametrize("place", [(None, None), (1, None), (None, 2), (0, 3)])
def test_the_equations_of_the_gru_with_a_gate_held_or_free(reset_after, gate, value, place):
    given = {**problem(seed=2, cell="gru"), "reset_after": reset_after}
    widget = GateStepper(**given, cell="gru")
    unit, step = place
    widget.hold(gate, value, unit=unit, step=step)
    held = [] if value is None else [(gate, unit, step, value)]
    assert_equal_steps(widget.trace(), by_hand_gru(**given, held=held))


def test_an_rnn_has_no_gate_to_hold():
    widget = stepper(cell="rnn")
    with refuses(traitlets.TraitError, "overrides must be empty", "an RNN has no gates"):
        widget.hold("f", 0.0)
    assert widget.overrides == []


def test_a_gru_holds_its_own_gates_only():
    widget = stepper(cell="gru")
    for gate in ("f", "n", "h"):
        with refuses(traitlets.TraitError, "q must be one of r, z", f"got '{gate}'"):
            widget.hold(gate, 0.0)


PLACES = {"every unit": (None, None), "one unit": (1, None), "one step": (None, 2)}
PLACES["one unit at one step"] = (0, 3)


@pytest.mark.parametrize("gate", GATES["lstm"])
@pytest.mark.parametrize("value", [0, 0.3, 1])
@pytest.mark.parametrize("place", PLACES)
def test_a_held_gate_has_its_value_and_all_else_follows(gate, value, place):
    unit, step = PLACES[place]
    given = problem(seed=2)
    widget = GateStepper(**given)
    widget.hold(gate, value, unit=unit, step=step)
    steps = widget.trace()
    assert_equal_steps(steps, by_hand(**given, held=[(gate, unit, step, value)]))
    if value != 0.3:  # exactly shut, exactly open
        held = [getattr(s, gate) for t, s in enumerate(steps, 1) if step in (None, t)]
        assert (np.array(held)[:, slice(None) if unit is None else unit] == value).all()


def test_nothing_held():
    given = problem(seed=2)
    assert_equal_steps(GateStepper(**given).trace(), by_hand(**given))


def test_several_holds_and_the_last_one_wins():
    given = problem(seed=2)
    held = [("f", None, None, 0.0), ("i", 0, 2, 0.4), ("f", 1, None, 1.0), ("o", None, 4, 0.5)]
    widget = GateStepper(**given)
    for gate, unit, step, value in held:
        widget.hold(gate, value, unit=unit, step=step)
    assert_equal_steps(widget.trace(), by_hand(**given, held=held))
    widget.hold("f", 0.5)  # every unit: the hold of unit 1 has no say any more
    assert_equal_steps(widget.trace(), by_hand(**given, held=[*held, ("f", None, None, 0.5)]))


@pytest.mark.parametrize("value", [1e-320, 1e-12, 0.5, 1 - 1e-12, np.nextafter(1, 0)])
def test_any_value_between_can_be_held(value):
    widget = stepper()
    widget.hold("i", value)
    assert np.array([step.i for step in widget.trace()]) == pytest.approx(value, abs=1e-15)


def held(widget):
    return [(o["q"], o["k"], o["t"], o["value"]) for o in widget.overrides]


def test_hold_and_give_back():
    widget = stepper()
    before = widget.page_state()
    widget.hold("f", 0)
    widget.hold("f", 1)  # in its place, not beside it
    assert held(widget) == [("f", None, None, 1)]
    widget.hold("i", 0.5, unit=1, step=2)
    assert held(widget) == [("f", None, None, 1), ("i", 1, 2, 0.5)]
    widget.hold("f", None)
    widget.hold("i", None, unit=1, step=2)
    assert widget.page_state() == before


def test_giving_back_takes_what_lies_within():
    widget = stepper()
    for unit, step in [(0, None), (1, 2), (None, 3)]:
        widget.hold("f", 0, unit=unit, step=step)
    widget.hold("o", 0)
    widget.hold("f", None, unit=1)
    assert held(widget) == [("f", 0, None, 0), ("f", None, 3, 0), ("o", None, None, 0)]
    widget.hold("f", None)
    assert held(widget) == [("o", None, None, 0)]


def test_giving_back_needs_no_keys_that_were_left_out():
    widget = stepper(overrides=[{"q": "f", "value": 0}])
    assert widget.overrides == [{"q": "f", "k": None, "t": None, "value": 0.0}]
    widget.hold("f", None)
    assert widget.overrides == []


def test_hold_takes_numpy_numbers():
    widget = stepper()
    widget.hold("f", np.float32(0.5), unit=np.int64(1), step=np.int32(2))
    assert held(widget) == [("f", 1, 2, 0.5)]
    assert json.dumps(widget.overrides)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("g", 0), ["q must be one of i, f, o", "got 'g'"]),
        (("f", 1.5), ["value must be a number between 0 and 1", "got 1.5"]),
        (("f", "open"), ["value must be a number between 0 and 1", "got 'open'"]),
        (("f", 0, 2), ["k must be an integer from 0 to 1", "got 2"]),
        (("f", 0, None, 5), ["t must be an integer from 1 to 4", "got 5"]),
        (("f", 0, None, 0), ["t must be an integer from 1 to 4", "got 0"]),
    ],
)
def test_hold_refuses(arguments, words):
    widget = stepper()
    names = dict(zip(("unit", "step"), arguments[2:], strict=False))
    with refuses(traitlets.TraitError, *words):
        widget.hold(*arguments[:2], **names)
    assert widget.overrides == []


# ------------------------------------------------------------------------------------ bad input


def refuses(error, *words):
    """An error of just this class whose text holds all of these words."""
    return pytest.raises(error, match="(?s)" + "".join(f"(?=.*{re.escape(w)})" for w in words))


def weights(**changes):
    return {**problem()["weights"], **changes}


def readout(**changes):
    return {"weight": np.ones((3, H)), "bias": np.ones(3), "labels": ["a", "b", "c"], **changes}


def hold(**changes):
    return [{"q": "f", "k": None, "t": None, "value": 0.5, **changes}]


# name of the trait, a bad value, and what the message has to say
BAD = {
    "weights, no dict": ("weights", 3, ["dict"]),
    "weights, one missing": (
        "weights",
        {name: problem()["weights"][name] for name in PARAMETERS[:3]},
        ["weight_ih, weight_hh, bias_ih, bias_hh", "got 'weight_ih', 'weight_hh', 'bias_ih'"],
    ),
    "weights, one too many": ("weights", weights(bias=[0]), ["bias_hh", "'bias'"]),
    "weights, none": ("weights", {}, ["weight_ih, weight_hh, bias_ih, bias_hh", "got none"]),
    "weight_ih, wide": (
        "weights",
        weights(weight_ih=np.ones((8, 4))),
        ["weights['weight_ih']", "(8, 3)", "got (8, 4)"],
    ),
    "weight_hh, long": (
        "weights",
        weights(weight_hh=np.ones((9, 2))),
        ["weights['weight_hh']", "(8, 2)", "got (9, 2)"],
    ),
    "weight_hh, flat": (
        "weights",
        weights(weight_hh=np.ones(8)),
        ["weights['weight_hh']", "(4H, H)", "got (8,)"],
    ),
    "bias_ih": ("weights", weights(bias_ih=[1]), ["weights['bias_ih']", "(8,)", "got (1,)"]),
    "bias_hh": ("weights", weights(bias_hh=[]), ["weights['bias_hh']", "(8,)", "got (0,)"]),
    "bias, words": ("weights", weights(bias_hh="b"), ["weights['bias_hh']", "numbers", "got 'b'"]),
    "inputs, none": ("inputs", [], ["inputs", "(T, D)", "got (0,)"]),
    "inputs, empty": ("inputs", [[]] * 4, ["inputs", "(T, D)", "got (4, 0)"]),
    "inputs, flat": ("inputs", [1.0, 2.0], ["inputs", "(T, D)", "got (2,)"]),
    "inputs, ragged": ("inputs", [[1.0], [1.0, 2.0]], ["inputs", "numbers", "[1.0, 2.0]"]),
    "inputs, words": ("inputs", [["a"] * 3] * 4, ["inputs", "numbers", "'a'"]),
    "inputs, huge": ("inputs", [[10**400] * 3] * 4, ["inputs", "numbers"]),
    "inputs, too few": ("inputs", [[0] * 3], ["tokens must be 1, one for each input", "got 4"]),
    "inputs, wide": ("inputs", [[0] * 4] * 4, ["weights['weight_ih']", "(8, 4)", "got (8, 3)"]),
    "tokens, too few": ("tokens", ["a"], ["tokens must be 4, one for each input", "got 1"]),
    "tokens, no list": ("tokens", 7, ["tokens", "list", "7"]),
    "h0, long": ("h0", [0.0] * 3, ["h0", "(2,)", "got (3,)"]),
    "h0, deep": ("h0", [[0.0], [0.0]], ["h0", "(2,)", "got (2, 1)"]),
    "c0, short": ("c0", [0.0], ["c0", "(2,)", "got (1,)"]),
    "c0, words": ("c0", ["a", "b"], ["c0", "numbers", "got ['a', 'b']"]),
    "vocabulary, no dict": ("vocabulary", ["cat"], ["vocabulary", "dict", "['cat']"]),
    "vocabulary, short": (
        "vocabulary",
        {"cat": [0.0]},
        ["vocabulary['cat']", "(3,)", "got (1,)"],
    ),
    "readout, no dict": ("readout", 5, ["readout", "dict"]),
    "readout, empty": ("readout", {}, ["readout", "weight, bias, labels", "got none"]),
    "readout, unknown key": ("readout", readout(words=[]), ["readout", "labels", "'words'"]),
    "readout, weight": (
        "readout",
        readout(weight=np.ones((3, 1))),
        ["readout['weight']", "(3, 2)", "got (3, 1)"],
    ),
    "readout, bias": ("readout", readout(bias=[0]), ["readout['bias']", "(3,)", "got (1,)"]),
    "readout, labels": ("readout", readout(labels=3), ["readout['labels']", "list", "got 3"]),
    "step, after the end": ("step", 5, ["step must be an integer from 0 to 4", "got 5"]),
    "step, before the start": ("step", -1, ["step must be an integer from 0 to 4", "got -1"]),
    "step, a fraction": ("step", 1.5, ["step", "1.5"]),
    "step, a text": ("step", "1", ["step", "'1'"]),
    "unit, too large": ("unit", 2, ["unit must be an integer from 0 to 1", "got 2"]),
    "unit, a truth": ("unit", False, ["unit must be an integer from 0 to 1", "got False"]),
    "cell": ("cell", "tcn", ["cell", "'rnn', 'lstm', 'gru'", "'tcn'"]),
    "cell, another": ("cell", "gru", ["weights['weight_ih']", "(6, 3)", "got (8, 3)"]),
    "nonlinearity": ("nonlinearity", "gelu", ["nonlinearity", "'tanh'", "'gelu'"]),
    "reset_after": ("reset_after", "yes", ["reset_after", "'yes'"]),
    "operation of another cell": ("operation", "mix", ["operation", "'forget'", "'mix'"]),
    "preset of another cell": ("preset", "gru-latch", ["preset", "'latch'", "'gru-latch'"]),
    "operation": ("operation", "erase", ["operation", "'forget'", "'erase'"]),
    "preset": ("preset", "lock", ["preset", "'latch'", "'lock'"]),
    "overrides, no list": ("overrides", 5, ["overrides", "list", "5"]),
    "overrides, no dicts": ("overrides", [5], ["overrides", "dicts", "got 5"]),
    "overrides, unknown key": ("overrides", hold(unit=0), ["overrides", "k, t", "'unit': 0"]),
    "overrides, no value": ("overrides", [{"q": "f"}], ["overrides", "value", "got {'q': 'f'}"]),
    "overrides, gate": ("overrides", hold(q="g"), ["overrides: q", "i, f, o", "got 'g'"]),
    "overrides, list as gate": ("overrides", hold(q=["f"]), ["overrides: q", "i, f, o", "['f']"]),
    "overrides, unit": ("overrides", hold(k=2), ["overrides: k", "from 0 to 1", "got 2"]),
    "overrides, step": ("overrides", hold(t=0), ["overrides: t", "from 1 to 4", "got 0"]),
    "overrides, value": ("overrides", hold(value=2), ["overrides: value", "0 and 1", "got 2"]),
    "overrides, truth": ("overrides", hold(value=True), ["overrides: value", "got True"]),
    "overrides, None": ("overrides", hold(value=None), ["overrides: value", "got None"]),
}
BAD |= {
    f"{number} in {name}": (trait, make(number), [name, "finite", "NaN or infinity"])
    for number in (math.nan, math.inf, -math.inf)
    for trait, name, make in [
        *(
            (
                "weights",
                f"weights['{p}']",
                lambda n, p=p: weights(**{p: problem()["weights"][p] * n}),
            )
            for p in PARAMETERS
        ),
        ("inputs", "inputs", lambda n: [[0, 0, n]] * 4),
        ("h0", "h0", lambda n: [0.0, n]),
        ("c0", "c0", lambda n: [0.0, n]),
        ("vocabulary", "vocabulary['a']", lambda n: {"a": [0, n, 0]}),
        ("readout", "readout['weight']", lambda n: readout(weight=[[n, 0]] * 3)),
        ("readout", "readout['bias']", lambda n: readout(bias=[0, 0, n])),
    ]
}
BAD |= {
    f"{number} in overrides": ("overrides", hold(value=number), ["overrides: value", f"{number}"])
    for number in (math.nan, math.inf, -math.inf)
}


@pytest.mark.parametrize("case", BAD)
def test_constructor_refuses(case):
    trait, value, words = BAD[case]
    with refuses(ValueError, *words):
        GateStepper(**{**everything(), trait: value})


@pytest.mark.parametrize("case", BAD)
def test_assignment_refuses_and_the_old_state_stays(case):
    trait, value, words = BAD[case]
    widget = GateStepper(**everything())
    state, text = copy.deepcopy(widget.page_state()), widget.to_html()
    with refuses(traitlets.TraitError, *words):
        setattr(widget, trait, value)
    assert widget.page_state() == state
    assert widget.to_html() == text


@pytest.mark.parametrize("case", BAD)
def test_a_bad_value_among_good_ones_takes_all_of_them_back(case):
    trait, value, _ = BAD[case]
    widget = GateStepper(**everything())
    state = copy.deepcopy(widget.page_state())
    for change in (widget.set_state, lambda new: set_together(widget, new)):
        with pytest.raises(traitlets.TraitError):
            change({"step": 1, "operation": "write", trait: value})
        assert widget.page_state() == state


@pytest.mark.parametrize(
    ("cell", "change", "words"),
    [
        ("rnn", {"c0": [0.0, 0.0]}, ["c0 must be left out", "h only", "got [0.0, 0.0]"]),
        ("gru", {"c0": [1]}, ["c0 must be left out", "h only", "got [1]"]),
        ("gru", {"weights": problem()["weights"]}, ["weights['weight_ih']", "(6, 3)", "(8, 3)"]),
        ("rnn", {"weights": problem()["weights"]}, ["weights['weight_ih']", "(2, 3)", "(8, 3)"]),
        ("gru", {"weights": {**problem(cell="gru")["weights"], "weight_hh": [1.0]}}, ["(3H, H)"]),
        ("rnn", {"weights": {**problem(cell="rnn")["weights"], "weight_hh": [1.0]}}, ["(H, H)"]),
        ("gru", {"operation": "forget"}, ["operation", "'reset'", "got 'forget'"]),
        ("rnn", {"operation": "mix"}, ["operation", "'squash'", "got 'mix'"]),
        ("gru", {"preset": "latch"}, ["preset", "'gru-latch'", "got 'latch'"]),
        ("rnn", {"overrides": [{"q": "z", "value": 1}]}, ["overrides must be empty", "no gates"]),
        ("gru", {"overrides": [{"q": "f", "value": 1}]}, ["q must be one of r, z", "got 'f'"]),
    ],
)
def test_what_does_not_fit_the_cell_is_refused(cell, change, words):
    with refuses(ValueError, *words):
        stepper(cell=cell, **change)
    widget = stepper(cell=cell)
    [(name, value)] = change.items()
    with refuses(traitlets.TraitError, *words):
        setattr(widget, name, value)
    assert widget.page_state() == stepper(cell=cell).page_state()


def test_constructor_knows_its_arguments():
    with pytest.raises(TypeError, match="GateStepper has no argument stpe"):
        stepper(stpe=1)


def test_constructor_takes_what_every_widget_takes():
    assert stepper(layout={"width": "50%"}).layout.width == "50%"


# -------------------------------------------------------------------------- changes afterwards


def set_together(widget, state):
    with widget.hold_trait_notifications():
        for name, value in state.items():
            setattr(widget, name, value)


@pytest.mark.parametrize("together", [set_together, GateStepper.set_state])
@pytest.mark.parametrize(("old", "new"), [*itertools.permutations(PRESETS, 2)])
def test_a_preset_of_other_sizes_is_taken(together, old, new):
    """As when a reader picks it on the page: every trait at once, step and unit among them."""
    widget, other = GateStepper.from_preset(old), GateStepper.from_preset(new)
    widget.step, widget.unit = len(widget.tokens), len(widget.h0) - 1
    for gate in GATES[widget.cell]:
        widget.hold(gate, 0.5, unit=widget.unit, step=widget.step)
    forms = {name: getattr(other, name) for name in ("c0", "nonlinearity", "reset_after")}
    state = json.loads(json.dumps({**forms, **other.page_state()}))
    together(widget, dict(reversed(state.items())))  # in any order
    assert widget.page_state() == other.page_state()
    assert widget.to_html() == other.to_html()
    np.testing.assert_array_equal(widget.trace(), other.trace())


def test_numbers_from_a_page_are_floats_again():
    """JavaScript writes 1.0 as 1; the same state has the same text all the same."""
    widget = GateStepper.from_preset("count")
    text = widget.to_html()
    widget.set_state(json.loads(text.split('json">')[1].split("</script>")[0].replace(".0", "")))
    assert widget.to_html() == text


def test_a_change_is_heard():
    widget, heard = stepper(), []
    widget.observe(lambda change: heard.append((change.name, change.new)), ["step", "overrides"])
    widget.step = 2
    widget.hold("f", 0)
    assert heard == [("step", 2), ("overrides", widget.overrides)]


def test_what_is_computed_follows_the_traits():
    given = problem(seed=3)
    widget = stepper()
    widget.inputs, widget.h0, widget.c0 = (as_lists(given[n]) for n in ("inputs", "h0", "c0"))
    widget.weights = given["weights"]
    assert_equal_steps(widget.trace(), by_hand(**given))


# ------------------------------------------------------------------------------ as static HTML


class Reader(HTMLParser):
    """A piece of HTML: its tags with their attributes, its scripts, the texts of its cells."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.cells, self.open = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag in ("td", "th", "script"):
            (self.scripts if tag == "script" else self.cells).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] == "script":
            self.scripts[-1] += data
        elif self.open[-1] in ("td", "th"):
            self.cells[-1] += data

    def having(self, attribute):
        return [attrs for _, attrs in self.tags if attribute in attrs]


def test_html_parses_back_to_the_traits():
    widget = GateStepper(**everything())
    reader = Reader(widget.to_html())
    assert reader.tags[0][1]["data-widget"] == "gate-stepper"
    [script] = reader.scripts
    state = json.loads(script)
    assert list(state) == list(GateStepper._page_traits)
    assert set(state) <= set(widget.trait_names())
    assert state == {name: getattr(widget, name) for name in state}
    assert GateStepper(**state).to_html() == widget.to_html()


@each_form
def test_html_of_every_cell_parses_back_to_its_own_traits(form):
    widget = stepper(**form, step=2)
    [script] = Reader(widget.to_html()).scripts
    state = json.loads(script)
    expected = set(GateStepper._page_traits) - ({"c0"} if form["cell"] != "lstm" else set())
    assert set(state) == expected | set(form)
    assert {key: state[key] for key in form} == form
    assert GateStepper(**state).to_html() == widget.to_html()
    np.testing.assert_array_equal(GateStepper(**state).trace(), widget.trace())


def test_the_page_has_every_trait_that_the_module_reads():
    source = (base.FOLDER / "gate_stepper.js").read_text(encoding="utf-8")
    data, rest = (
        re.search(rf"^const {name} = \[(.*)\];$", source, re.M)[1] for name in ("DATA", "TRAITS")
    )
    names = re.findall(r'"(\w+)"', data + rest)
    assert sorted(names) == sorted(
        {key for form in FORMS.values() for key in form} | {*GateStepper._page_traits}
    )
    synced = GateStepper.class_traits(sync=True)
    assert set(names) <= set(synced)


def test_same_state_same_text():
    assert GateStepper(**everything()).to_html() == GateStepper(**everything()).to_html()
    widget = GateStepper(**everything())
    text = widget.to_html()
    widget.weights = dict(reversed(widget.weights.items()))
    widget.step, widget.step = 0, 3
    assert widget.to_html() == text


def test_same_text_in_every_process():
    code = (
        "from rnn_utils.widgets.gate_stepper import GateStepper, PRESETS\n"
        "for name in PRESETS: print(ascii(GateStepper.from_preset(name).to_html()))"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert texts[0].splitlines() == [ascii(GateStepper.from_preset(n).to_html()) for n in PRESETS]


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "&lt;b&gt; \" ' ` \u2028 \u2029 ]]>",
]


def test_what_a_reader_types_stays_text():
    words = {word: [0.0] * D for word in HOSTILE}
    labels = readout(labels=HOSTILE[:3])
    widget = stepper(tokens=HOSTILE, vocabulary=words, readout=labels)
    reader = Reader(widget.to_html())
    assert {tag for tag, _ in reader.tags} == {
        *("div", "script", "table", "caption", "thead", "tbody", "tr", "th", "td")
    }
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)
    [script] = reader.scripts
    state = json.loads(script)
    assert state["tokens"] == list(state["vocabulary"]) == HOSTILE
    assert state["readout"]["labels"] == HOSTILE[:3]
    assert [cell for cell in reader.cells if cell in HOSTILE] == HOSTILE
    assert "\u2028" not in script  # JavaScript once took these for the end of a line
    assert "\u2029" not in script


@each_form
def test_without_javascript_there_is_a_table_with_the_numbers(form):
    widget = GateStepper(**everything()) if form["cell"] == "lstm" else stepper(**form)
    cells = iter(Reader(widget.to_html()).cells)
    names = STEPS[form["cell"]]._fields
    assert list(itertools.islice(cells, 2 + len(names))) == ["step", "token", *names]
    for t, (token, step) in enumerate(zip(widget.tokens, widget.trace(), strict=True), start=1):
        assert [next(cells), next(cells)] == [str(t), token]
        for name in names:
            shown = [float(text) for text in next(cells).split(", ")]
            np.testing.assert_allclose(shown, getattr(step, name), rtol=0, atol=5.1e-4)
    assert list(cells) == []


def test_a_zero_in_the_table_has_no_sign():
    """Its sign is that of a rounding error, which is not the same on every computer."""
    widget = GateStepper.from_preset("remember-forever", c0=[-1e-9, 1e-9])
    cells = Reader(widget.to_html()).cells
    assert "0.000, 0.000" in cells
    assert not any("-0.000" in cell for cell in cells)


# ------------------------------------------------------------------------------- shown in Jupyter

VIEW = "application/vnd.jupyter.widget-view+json"


def test_shown_as_a_widget_and_as_html():
    widget = stepper()
    data, metadata = widget._repr_mimebundle_()
    assert data["text/html"] == widget.to_html()
    assert data[VIEW]["model_id"] == widget.model_id
    assert data["text/plain"] == "GateStepper(cell='lstm', T=4, D=3, H=2)"
    assert metadata == {}


def test_on_colab_nothing_stands_beside_the_widget(monkeypatch):
    output = SimpleNamespace(
        enable_custom_widget_manager=lambda: None, _widgets=SimpleNamespace(_installed_url=None)
    )
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(output=output))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    data, _ = stepper()._repr_mimebundle_()
    assert data.keys() == {VIEW, "text/plain"}


def test_plain_text_is_the_same_every_time():
    first, second = stepper(), stepper()
    assert repr(first) == str(first) == repr(second)
    assert "0x" not in repr(first)


@pytest.fixture
def show(monkeypatch):
    """What IPython makes of an object; every stepper made meanwhile teaches it."""
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr(base, "get_ipython", lambda: shell)
    displayed = []  # with ipywidgets 7 a box shows itself
    monkeypatch.setattr(base, "display", lambda data, **_: displayed.append(data))
    return lambda thing: shell.display_formatter.format(thing)[0] or displayed.pop()


@pytest.mark.parametrize(("box", "way"), [(ipywidgets.HBox, "row"), (ipywidgets.VBox, "column")])
def test_a_box_of_steppers_is_html_too(show, box, way):
    steppers = [stepper(step=step) for step in (1, 2)]
    data = show(box(steppers))
    assert data["text/plain"] == f"{box.__name__} of 2"
    assert VIEW in data
    assert Reader(data["text/html"]).having("data-box") == [{"class": "rnn-box", "data-box": way}]
    assert "".join(widget.to_html() for widget in steppers) in data["text/html"]


def test_boxes_in_boxes(show):
    a, b, c = (stepper(step=step) for step in (1, 2, 3))
    data = show(ipywidgets.VBox([ipywidgets.HBox([a, b]), c]))
    reader = Reader(data["text/html"])
    assert [attrs["data-box"] for attrs in reader.having("data-box")] == ["column", "row"]
    assert [json.loads(script)["step"] for script in reader.scripts] == [1, 2, 3]


@pytest.mark.parametrize("wrap", [lambda box: box, lambda box: ipywidgets.VBox([box])])
def test_a_box_with_something_else_keeps_its_form(show, wrap):
    box = wrap(ipywidgets.HBox([stepper(), ipywidgets.IntSlider()]))
    data = show(box)
    assert data.keys() == {VIEW, "text/plain"}
    assert data[VIEW]["model_id"] == box.model_id
    if hasattr(box, "_repr_mimebundle_"):  # not in ipywidgets 7
        assert data == box._repr_mimebundle_()


def ends(widget):
    """The links of a widget, as its HTML names them."""
    [root] = Reader(widget.to_html()).having("data-widget")
    return json.loads(root.get("data-links", "[]"))


@pytest.mark.parametrize(("link", "both"), [(ipywidgets.jslink, True), (ipywidgets.jsdlink, False)])
def test_a_link_is_in_the_html(link, both):
    a, b, c = stepper(), stepper(), stepper()
    made = link((a, "step"), (b, "unit"))
    assert ends(a) == [{"link": 1, "role": "source", "trait": "step", "twoWay": both}]
    assert ends(b) == [{"link": 1, "role": "target", "trait": "unit", "twoWay": both}]
    assert ends(c) == []
    made.close()
    assert ends(a) == ends(b) == []


def test_three_steppers_move_together(show):
    a, b, c = stepper(), stepper(), stepper()
    links = [ipywidgets.jslink((a, "step"), (other, "step")) for other in (b, c)]
    both = {"trait": "step", "twoWay": True}
    assert ends(a) == [{"link": n, "role": "source", **both} for n in (1, 2)]
    assert ends(b) == [{"link": 1, "role": "target", **both}]
    assert ends(c) == [{"link": 2, "role": "target", **both}]
    roots = Reader(show(ipywidgets.VBox([a, b, c]))["text/html"]).having("data-links")
    assert [json.loads(root["data-links"]) for root in roots] == [ends(a), ends(b), ends(c)]
    assert len(links) == 2  # alive until here


def test_a_link_to_another_widget_needs_a_kernel():
    widget, slider = stepper(), ipywidgets.IntSlider()
    links = [ipywidgets.jslink((slider, "value"), (widget, "step"))]
    assert ends(widget) == []
    assert len(links) == 1


# ----------------------------------------------------------------- one set of names, three places


def names_in(pattern):
    """The names in each list that the pattern finds, by the cell of the spec it stands in."""
    cells = re.findall(r'\bcell: "(\w+)"', SPECS)
    lists = [re.findall(r'"(\w+)"', found) for found in re.findall(pattern, SPECS)]
    return dict(zip(cells, lists, strict=True))


# The operations of all cells, and their code, are read from the page: test_gate_stepper_cells.
LSTM_SPEC = SPECS.split("const LSTM =")[1].split("// The plain RNN")[0]


def test_operations_are_those_of_the_page():
    assert re.findall(r'{ id: "(\w+)"', LSTM_SPEC) == list(OPERATIONS["lstm"])


def test_gates_are_those_of_the_page():
    gates = names_in(r"\bgates: \[(.*?)\]")
    assert {cell: sorted(q) for cell, q in gates.items()} == {
        cell: sorted(q) for cell, q in GATES.items()
    }


def test_quantities_of_a_step_are_those_of_the_page():
    tables = names_in(r"\btable: \[(.*?)\]")
    assert tables == {cell: ["x", *step._fields] for cell, step in STEPS.items()}


def test_every_cell_has_its_gates_and_operations():
    assert list(GATES) == list(OPERATIONS) == GateStepper.cell.values


def test_page_and_package_say_the_same():
    """Each line of NumPy that the page shows stands in the package, in the same order."""
    source = inspect.getsource(LSTMCell.step) + inspect.getsource(LSTMCell.advance)
    package = source.replace("self.", "").splitlines()
    shown = re.findall(r'\bcode: "(.*?)"', LSTM_SPEC)
    assert len(shown) == len(OPERATIONS["lstm"])
    lines = []
    for code in shown:
        found = [n for n, line in enumerate(package) if re.search(rf"\b{re.escape(code)}", line)]
        assert len(found) == 1, code
        lines += found
    assert lines == sorted(lines)


@pytest.mark.parametrize("language", STRINGS)
def test_strings_are_complete(language):
    words = STRINGS[language]
    assert {cell: tuple(table) for cell, table in words["operations"].items()} == OPERATIONS
    for table in words["operations"].values():
        for operation in table.values():
            assert set(operation) == {"title", "sentence"}
            assert re.fullmatch(r".+[.。]", operation["sentence"])
    assert list(words["presets"]) == list(words["presetHints"]) == list(PRESETS)
    assert list(words["blocks"]) == ["a", "i", "f", "g", "o", "r", "z", "n"]
    assert {c: set(table) for c, table in words["operationsBack"].items()} == {
        cell: set(names) for cell, names in OPERATIONS.items()
    }
    for table in ("widget", "picture", "reads", "saysWhole", "saysBack", "fallback"):
        assert list(words[table]) == GateStepper.cell.values
    for trait in ("nonlinearity", "reset_after"):
        assert set(words["forms"][trait]) == set(STRINGS["en"]["forms"][trait])
    assert set(words) == set(STRINGS["en"])
    assert all(texts(words))


def texts(table):
    for value in table.values():
        yield from texts(value) if isinstance(value, dict) else [value]


def test_every_string_that_the_page_asks_for_is_there_and_no_other():
    text = re.sub(r"^const STRINGS = .*$", "", base.module_text("gate_stepper"), flags=re.M)
    assert "labels.widget" in text
    asked = set(re.findall(r"(?<!readout\.)(?<!/)\blabels\.(\w+)", text))
    handed_on = {
        name
        for table in re.findall(r"\blabels: {(.*?)}", text, flags=re.S)
        for name in re.findall(r"(\w+):", table)
    }
    assert asked - handed_on - set(STRINGS["en"]) == set()
    in_the_fallback = {"fallback", "step", "token"}
    used = {name for name in STRINGS["en"] if re.search(rf'\.{name}\b|"{name}"', text)}
    assert set(STRINGS["en"]) - used - in_the_fallback == set()


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_holds_what_it_needs_and_no_more(name):
    own = {"rnn": {"nonlinearity"}, "lstm": {"c0"}, "gru": {"reset_after"}}[PRESETS[name]["cell"]]
    assert set(PRESETS[name]) == {"cell", "weights", "tokens", "vocabulary", "h0"} | own
    assert list(PRESETS[name]["weights"]) == list(PARAMETERS)
