"""The gradient check finds right gradients right, and above all wrong ones wrong.

Right are the layers' own backward passes, in every variant. Wrong ones are planted here: each array
that `backward` gives back is spoiled in turn, and three backward passes are written out by hand,
one step after the other, which are right but for one mistake at a time.
"""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils.gradcheck import gradcheck, numerical_gradient, relative_error
from rnn_utils.layers import GRU, LSTM, RNN, Gradients

RIGHT, WRONG = 1e-6, 1e-3  # below the one for a right gradient, above the other for a wrong one

VARIANTS = {
    "tanh": (RNN, {}),
    "relu": (RNN, {"nonlinearity": "relu"}),
    "lstm": (LSTM, {}),
    "peephole": (LSTM, {"peephole": True}),
    "gru": (GRU, {}),
    "reset before": (GRU, {"reset_after": False}),
}

seeds = st.integers(0, 2**32 - 1)


def build(variant, D, H, seed=1, **options):
    """A layer with weights well above the initial ones."""
    make, more = VARIANTS[variant]
    layer, rng = make(D, H, **more, **options), np.random.default_rng(seed)
    for name, shape in layer.parameter_shapes().items():
        setattr(layer, name, rng.normal(size=shape) * 0.7)
    return layer


def random_state(layer, *batch, seed=2):
    rng = np.random.default_rng(seed)
    size = (len(layer.cells), *batch, layer.hidden_size)
    parts = [rng.normal(size=size) for _ in layer.state_names]
    return tuple(parts) if len(parts) == 2 else parts[0]


def random_x(*size, seed=3):
    return np.random.default_rng(seed).normal(size=size)


def names_of(layer):
    states = ["h", "c"] if isinstance(layer, LSTM) else ["state"]
    return ["x", *states, *layer.parameter_shapes()]


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


# -------------------------------------------------------------------------- numerical_gradient


@given(shape=st.sampled_from([(), (1,), (5,), (2, 3), (2, 1, 3)]), seed=seeds)
def test_gradients_of_known_functions(shape, seed):
    rng = np.random.default_rng(seed)
    w, a, b, k = rng.uniform(-2, 2, (4, *shape))
    w = np.array(w)  # and not a number, for the shape ()
    before = w.copy()
    for loss, expected in [
        (lambda: np.sum(a * w**3 + b * w**2 + k * w + 1), 3 * a * w**2 + 2 * b * w + k),
        (lambda: np.sum(a * np.sin(k * w)), a * k * np.cos(k * w)),
        (lambda: np.prod(np.cos(w)), -np.tan(w) * np.prod(np.cos(w))),
        (lambda: 3.0, np.zeros(shape)),
    ]:
        got = numerical_gradient(loss, w)
        assert got.shape == shape
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8)
        np.testing.assert_array_equal(w, before)  # to the last bit


def test_the_step_is_the_step():
    """A cubic's central difference is 3w² + ε², exactly."""
    w = np.array([1.0, -2.0])
    got = numerical_gradient(lambda: np.sum(w**3), w, step=0.5)
    np.testing.assert_allclose(got, 3 * w**2 + 0.25, rtol=1e-14)


def test_a_view_is_nudged_in_place():
    whole = np.arange(12.0).reshape(3, 4)
    got = numerical_gradient(lambda: np.sum(whole**2), whole[::2, 1::2])
    np.testing.assert_allclose(got, [[2, 6], [18, 22]], rtol=1e-8)
    np.testing.assert_array_equal(whole, np.arange(12.0).reshape(3, 4))


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_the_array_is_put_back_if_the_loss_fails(call):
    w, calls = np.array([1e-12, 0.7]), []  # 1e-12 would not survive adding a step and taking it

    def loss():
        calls.append(w.copy())
        if len(calls) == call:
            raise KeyError("the loss's own")
        return w.sum()

    with pytest.raises(KeyError, match="own"):
        numerical_gradient(loss, w)
    assert w.tolist() == [1e-12, 0.7]
    assert calls[-1].tolist() != [1e-12, 0.7]  # it failed while a number was nudged


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones(3, np.float32), ["float64", "got float32"]),
        (np.ones(3, int), ["float64", "got int64"]),
        (np.array([1.0, np.nan]), ["finite", "NaN"]),
        ([1.0, 2.0], ["numpy.ndarray", "got list"]),
        (1.0, ["numpy.ndarray", "got float"]),
        (np.float64(1), ["numpy.ndarray", "got float64"]),
        (torch.ones(3, dtype=torch.float64), ["numpy.ndarray", "got Tensor"]),
        (None, ["numpy.ndarray", "got NoneType"]),
    ],
)
def test_what_cannot_be_nudged(array, words):
    with refuses("array must", *words):
        numerical_gradient(lambda: pytest.fail("the loss must not be asked"), array)


# ------------------------------------------------------------------------------ relative_error

numbers = st.floats(-1e3, 1e3).map(lambda v: round(v, 6))
pairs = st.integers(1, 6).flatmap(
    lambda n: st.tuples(*2 * [st.lists(numbers, min_size=n, max_size=n)])
)


@given(pair=pairs, factor=st.sampled_from([-1024.0, -1.0, 0.5, 4.0]))
def test_relative_error(pair, factor):
    a, b = map(np.array, pair)
    error = relative_error(a, b)
    assert type(error) is float
    assert 0 <= error <= 2
    assert (error == 0) == (a == b).all()
    assert relative_error(b, a) == error
    assert relative_error(factor * a, factor * b) == error  # powers of two: no rounding
    assert relative_error(a[::-1], b[::-1]) == error
    assert relative_error([*a, 0], [*b, 0]) == error


@pytest.mark.parametrize(
    ("claimed", "numerical", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0),
        ([0.0, 0.0], [0.0, 0.0], 0),
        ([0.0, 4.0], [1.0, 4.0], 0.25),  # by the largest number of all, not by its own
        ([4.04], [4.0], 0.01 / 1.01),
        ([-3.0], [3.0], 2),
        ([0.0], [1e-30], 1),
        ([[0.0, 5.0]], [[0.0, 0.0]], 1),
        (2.0, 1.0, 0.5),
    ],
)
def test_relative_error_of_known_numbers(claimed, numerical, error):
    assert relative_error(claimed, numerical) == pytest.approx(error, rel=1e-12)


@pytest.mark.parametrize("claimed", [np.ones((3, 2)), np.ones(6), np.ones((1, 2, 3)), 1.0])
def test_relative_error_of_different_shapes(claimed):
    with refuses("claimed must have the shape of numerical, (2, 3)", f"got {np.shape(claimed)}"):
        relative_error(claimed, np.ones((2, 3)))


# ------------------------------------------------------------------------------- right gradients

CASES = {
    "plain": ({}, False, None),
    "with a state": ({}, True, None),
    "with lengths": ({}, True, [2, 4, 1]),
    "two layers": ({"num_layers": 2}, True, None),
    "both directions": ({"bidirectional": True}, True, [2, 4, 1]),
    "from right to left": ({"reverse": True}, True, [2, 3, 1]),
    "two layers, both directions": ({"num_layers": 2, "bidirectional": True}, False, [4, 1, 2]),
    "batch first": ({"batch_first": True}, True, [2, 4, 1]),
    "dropout, but off": ({"num_layers": 2, "dropout": 0.5}, True, None),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES)
def test_the_layers_are_right(variant, case):
    options, with_state, lengths = CASES[case]
    layer = build(variant, 2, 2, **options).eval()
    x = random_x(3, 4, 2) if "batch_first" in options else random_x(4, 3, 2)
    state = random_state(layer, 3) if with_state else None
    errors = gradcheck(layer, x, state, lengths)
    assert list(errors) == names_of(layer)
    assert {name: error for name, error in errors.items() if not error < RIGHT} == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_sequence(variant):
    layer = build(variant, 2, 2, bidirectional=True)
    for state in (None, random_state(layer)):
        errors = gradcheck(layer, random_x(4, 2).tolist(), state)
        assert list(errors) == names_of(layer)
        assert {name: error for name, error in errors.items() if not error < RIGHT} == {}


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_changed(variant):
    layer = build(variant, 2, 2)
    x, state, lengths = random_x(4, 2, 2), random_state(layer, 2), [2, 4]
    given = [x, *(state if isinstance(state, tuple) else [state])]
    given += [getattr(layer, name) for name in layer.parameter_shapes()]
    before = [array.copy() for array in given]
    for array in given[: -len(layer.parameter_shapes())]:
        array.setflags(write=False)  # x and the state are not even nudged
    gradcheck(layer, x, state, lengths)
    for got, expected in zip(given, before, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_the_arguments_of_the_check_count():
    layer, x = build("tanh", 2, 3), random_x(4, 1, 2)
    errors = gradcheck(layer, x)
    assert gradcheck(layer, x) == errors
    assert gradcheck(layer, x, seed=1) != errors
    assert gradcheck(layer, x, step=1e-2)["x"] > 100 * errors["x"]  # the formula's own error


def test_what_cannot_be_checked():
    x = random_x(4, 2, 2)
    for make in (RNN, LSTM, GRU):
        layer = make(2, 3, num_layers=2, dropout=0.5)
        with refuses("layer must have its dropout off", "layer.eval()"):
            gradcheck(layer, x)
        with refuses("layer must have dtype float64", "got float32"):
            gradcheck(make(2, 3, dtype=np.float32), x)


# ---------------------------------------------------------------------- planted: a wrong number


def largest_off(a):
    """One number of the array alone, and by 1 %."""
    a = a.copy()
    place = np.unravel_index(np.abs(a).argmax(), a.shape)
    a[place] *= 1.01
    return a


SPOILERS = {
    "1 % too large": lambda a: a * 1.01,
    "one number 1 % too large": largest_off,
    "of the other sign": lambda a: -a,
    "one place on": lambda a: np.roll(a, 1, axis=0),  # of x, one step
    "forgotten": np.zeros_like,
}
SPOILED = ["tanh", "peephole", "reset before"]  # these have all the names there are


class Spoiled:
    """A layer whose backward pass gives one wrong array."""

    def __init__(self, layer, name, spoil):
        self._layer, self._name, self._spoil = layer, name, spoil

    def __getattr__(self, name):
        return getattr(self._layer, name)

    def backward(self, d_output, d_state=None):
        gradients = self._layer.backward(d_output, d_state)
        x, state, parameters = gradients
        if self._name == "x":
            return gradients._replace(x=self._spoil(x))
        if self._name == "state":
            return gradients._replace(state=self._spoil(state))
        if self._name == "h":
            return gradients._replace(state=(self._spoil(state[0]), state[1]))
        if self._name == "c":
            return gradients._replace(state=(state[0], self._spoil(state[1])))
        spoiled = self._spoil(parameters[self._name])
        return gradients._replace(parameters={**parameters, self._name: spoiled})


def found(errors):
    """The names that the check calls wrong; nothing may lie between right and wrong."""
    wrong = {name for name, error in errors.items() if error > WRONG}
    assert all(error < RIGHT for name, error in errors.items() if name not in wrong), errors
    return wrong


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        (variant, name)
        for variant in SPOILED
        for name in names_of(build(variant, 1, 2, bidirectional=True))
    ],
)
@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_wrong_number_is_found(variant, name, spoiler):
    layer = build(variant, 1, 2, bidirectional=True)
    x, state = random_x(3, 2, 1), random_state(layer, 2)
    spoiled = Spoiled(layer, name, SPOILERS[spoiler])
    assert found(gradcheck(spoiled, x, state, [3, 2])) == {name}


def test_a_gradient_of_the_wrong_shape_is_found():
    layer = Spoiled(build("tanh", 2, 3), "weight_ih_l0", np.transpose)
    with refuses("shape of numerical, (3, 2)", "got (2, 3)"):
        gradcheck(layer, random_x(3, 1, 2))


# ------------------------------------------------------------------- planted: a wrong derivation


def before_each_step(first, after):
    return np.concatenate([first, after[:-1]])


def products(layer, x, h_prev, d_a, d_a_h, fault):
    """The gradients of x and of what all three networks have, summed over the steps."""
    weight_hh, bias_hh = np.einsum("tbk,tbh->kh", d_a_h, h_prev), d_a_h.sum((0, 1))
    if fault == "bias_hh of the last step only":
        bias_hh = d_a_h[-1].sum(0)
    if fault == "weight_hh without the first step":
        weight_hh = np.einsum("tbk,tbh->kh", d_a_h[1:], h_prev[1:])
    return d_a @ layer.weight_ih_l0, {
        "weight_ih_l0": np.einsum("tbk,tbd->kd", d_a, x),
        "weight_hh_l0": weight_hh,
        "bias_ih_l0": d_a.sum((0, 1)),
        "bias_hh_l0": bias_hh,
    }


def rnn_by_hand(layer, x, state, d_output, d_state, fault):
    h = layer.trace(x, state).h
    h_prev, d_h, d_a = before_each_step(state, h), d_state[0], np.empty_like(h)
    for t in reversed(range(len(x))):
        d_h = d_output[t] if fault == "d_h not carried" else d_h + d_output[t]
        seen = h_prev if fault == "slope of the step before" else h
        d_a[t] = d_h * (1 - seen[t] ** 2)
        weight = layer.weight_hh_l0
        d_h = d_a[t] @ (weight.T if fault == "weight_hh transposed" else weight)
    read = h if fault == "weight_hh with the new h" else h_prev
    d_x, parameters = products(layer, x, read, d_a, d_a, fault)
    return Gradients(d_x, d_h[None], parameters)


def lstm_by_hand(layer, x, state, d_output, d_state, fault):
    """With peepholes."""
    i, f, g, o, c, h = layer.trace(x, state)
    h_prev, c_prev = before_each_step(state[0], h), before_each_step(state[1], c)
    p_i, p_f, p_o = layer.weight_peephole_l0.reshape(3, -1)
    d_h, d_c = d_state[0][0], d_state[1][0]
    d_a = np.empty((*h.shape[:2], 4 * layer.hidden_size))
    d_peephole = 0
    for t in reversed(range(len(x))):
        d_h = d_output[t] if fault == "d_h not carried" else d_h + d_output[t]
        d_o = d_h * np.tanh(c[t]) * o[t] * (1 - o[t])
        slope = 1 if fault == "no slope of tanh(c)" else 1 - np.tanh(c[t]) ** 2
        d_c = d_h * o[t] * slope + (0 if fault == "d_c not carried" else d_c)
        if fault != "o's peephole leads nowhere":
            d_c = d_c + d_o * p_o
        seen = c if fault == "f with the new c" else c_prev
        d_f = d_c * seen[t] * f[t] * (1 - f[t])
        d_i = d_c * g[t] * i[t] * (1 - i[t])
        d_g = d_c * i[t] * (g[t] * (1 - g[t]) if fault == "g as a gate" else 1 - g[t] ** 2)
        d_a[t] = np.concatenate([d_i, d_f, d_g, d_o], axis=-1)
        d_h = d_a[t] @ layer.weight_hh_l0
        d_c = d_c * f[t]
        if fault != "the peepholes of i and f lead nowhere":
            d_c = d_c + d_i * p_i + d_f * p_f
        o_sees = c_prev if fault == "o's peephole with the old c" else c
        terms = [d_i * c_prev[t], d_f * c_prev[t], d_o * o_sees[t]]
        d_peephole = d_peephole + np.concatenate(terms, axis=-1).sum(0)
    d_x, parameters = products(layer, x, h_prev, d_a, d_a, fault)
    if fault == "peephole gradient dropped":
        d_peephole = np.zeros_like(d_peephole)
    parameters["weight_peephole_l0"] = d_peephole
    return Gradients(d_x, (d_h[None], d_c[None]), parameters)


def gru_by_hand(layer, x, state, d_output, d_state, fault):
    """As in PyTorch, with the reset after the product."""
    r, z, n, h = layer.trace(x, state)
    h_prev, d_h, H = before_each_step(state, h), d_state[0], layer.hidden_size
    a_n = h_prev @ layer.weight_hh_l0[2 * H :].T + layer.bias_hh_l0[2 * H :]
    d_a, d_a_h = np.empty((2, *h.shape[:2], 3 * H))
    for t in reversed(range(len(x))):
        d_h = d_output[t] if fault == "d_h not carried" else d_h + d_output[t]
        d_n = d_h * (z[t] if fault == "z kept the wrong way round" else 1 - z[t]) * (1 - n[t] ** 2)
        d_z = d_h * (h_prev[t] - n[t]) * z[t] * (1 - z[t])
        stopped = h_prev if fault == "r with h instead of the product" else a_n
        d_r = d_n * stopped[t] * r[t] * (1 - r[t])
        behind = d_n if fault == "no r in the hidden product" else d_n * r[t]
        d_a[t] = np.concatenate([d_r, d_z, d_n], axis=-1)
        d_a_h[t] = np.concatenate([d_r, d_z, behind], axis=-1)
        kept = 0 if fault == "what z keeps is forgotten" else d_h * z[t]
        d_h = d_a_h[t] @ layer.weight_hh_l0 + kept
    d_x, parameters = products(layer, x, h_prev, d_a, d_a_h, fault)
    return Gradients(d_x, d_h[None], parameters)


class ByHand:
    """A layer with a backward pass of this file."""

    def __init__(self, layer, backward, fault):
        self._layer, self._backward, self._fault = layer, backward, fault

    def __getattr__(self, name):
        return getattr(self._layer, name)

    def forward(self, x, state=None, lengths=None):
        self._read = x, state
        return self._layer.forward(x, state, lengths)

    def backward(self, d_output, d_state=None):
        return self._backward(self._layer, *self._read, d_output, d_state, self._fault)


BY_HAND = {"tanh": rnn_by_hand, "peephole": lstm_by_hand, "gru": gru_by_hand}
ALL = "all"
FAULTS = {  # and the names that each one reaches
    ("tanh", "d_h not carried"): ALL,
    ("tanh", "slope of the step before"): ALL,
    ("tanh", "weight_hh transposed"): ALL,
    ("tanh", "weight_hh with the new h"): {"weight_hh_l0"},
    ("tanh", "weight_hh without the first step"): {"weight_hh_l0"},
    ("tanh", "bias_hh of the last step only"): {"bias_hh_l0"},
    ("peephole", "d_h not carried"): ALL,
    ("peephole", "d_c not carried"): ALL,
    ("peephole", "no slope of tanh(c)"): ALL,
    ("peephole", "f with the new c"): ALL,
    ("peephole", "g as a gate"): ALL,
    ("peephole", "o's peephole leads nowhere"): ALL,
    ("peephole", "the peepholes of i and f lead nowhere"): ALL,
    ("peephole", "o's peephole with the old c"): {"weight_peephole_l0"},
    ("peephole", "peephole gradient dropped"): {"weight_peephole_l0"},
    ("peephole", "weight_hh without the first step"): {"weight_hh_l0"},
    ("peephole", "bias_hh of the last step only"): {"bias_hh_l0"},
    ("gru", "d_h not carried"): ALL,
    ("gru", "z kept the wrong way round"): ALL,
    ("gru", "r with h instead of the product"): ALL,
    ("gru", "no r in the hidden product"): ALL,
    ("gru", "what z keeps is forgotten"): ALL,
    ("gru", "weight_hh without the first step"): {"weight_hh_l0"},
    ("gru", "bias_hh of the last step only"): {"bias_hh_l0"},
}


def check_by_hand(variant, fault):
    layer = build(variant, 2, 3)
    by_hand = ByHand(layer, BY_HAND[variant], fault)
    return layer, gradcheck(by_hand, random_x(4, 2, 2), random_state(layer, 2))


@pytest.mark.parametrize("variant", BY_HAND)
def test_written_by_hand_without_a_fault(variant):
    """So what is found below is the fault, and not the hand."""
    layer, errors = check_by_hand(variant, None)
    assert list(errors) == names_of(layer)
    assert found(errors) == set()


@pytest.mark.parametrize(("variant", "fault"), FAULTS)
def test_a_wrong_derivation_is_found(variant, fault):
    layer, errors = check_by_hand(variant, fault)
    reached = FAULTS[variant, fault]
    assert found(errors) == (set(names_of(layer)) if reached == ALL else reached)


def test_padding_that_counts_is_found():
    """A backward pass that knows no lengths, behind a forward pass that does."""
    layer = build("tanh", 2, 3)
    by_hand = ByHand(layer, rnn_by_hand, None)
    assert "x" in found(gradcheck(by_hand, random_x(4, 2, 2), random_state(layer, 2), [2, 4]))


def test_layers_in_the_wrong_order_are_found():
    """The states' gradients of two layers, put back upside down."""
    layer = build("gru", 2, 3, num_layers=2)
    swapped = Spoiled(layer, "state", lambda d: d[::-1])
    assert found(gradcheck(swapped, random_x(4, 2, 2))) == {"state"}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("deaf_to", ["d_output", "d_state"])
def test_a_backward_pass_that_ignores_an_argument_is_found(variant, deaf_to):
    layer = build(variant, 2, 2)

    class Deaf(Spoiled):
        def backward(self, d_output, d_state=None):
            if deaf_to == "d_output":
                return layer.backward(None, d_state)
            return layer.backward(d_output)

    errors = gradcheck(Deaf(layer, None, None), random_x(3, 2, 2), random_state(layer, 2))
    assert found(errors) == set(names_of(layer))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_as_wrong_as_can_be(bad):
    assert relative_error([1.0, bad], [1.0, 2.0]) == np.inf
    assert relative_error([1.0, 2.0], [bad, 2.0]) == np.inf
