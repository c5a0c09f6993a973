"""The page on porting: its code runs, and carries weights over from Keras, D2L and Ng exactly."""

import doctest
import json
import re

import numpy as np
import pytest
import torch
from pages import ROOT
from torch import nn

from rnn_utils.cells import sigmoid
from rnn_utils.layers import GRU

PAGE = (ROOT / "book" / "porting.md").read_text(encoding="utf-8")
KERAS = json.loads((ROOT / "tests" / "keras_numbers.json").read_text(encoding="utf-8"))


def carry_out(page):
    """Run the page's dialogue: how many examples fail, the report, and the names it defines."""
    code = "".join(re.findall(r"^```pycon\n(.*?)^```$", page, re.M | re.S))
    test = doctest.DocTestParser().get_doctest(code, {}, "page", "porting.md", 0)
    report = []
    runner = doctest.DocTestRunner(verbose=False)
    failed = runner.run(test, out=report.append, clear_globs=False).failed
    return failed, "".join(report), test.globs


FAILED, REPORT, NAMES = carry_out(PAGE)
load, from_keras, to_keras = NAMES["load"], NAMES["from_keras"], NAMES["to_keras"]
from_d2l, from_ng, GRUResetBefore = NAMES["from_d2l"], NAMES["from_ng"], NAMES["GRUResetBefore"]


def test_the_code_of_the_page_does_what_the_page_says():
    assert not FAILED, REPORT
    assert len(re.findall(r"^```", PAGE, re.M)) == 2 * PAGE.count("```pycon")
    assert "doctest:" not in PAGE  # no option that loosens or skips
    assert carry_out(PAGE.replace("[0.4391175555", "[0.4391175556"))[0] == 1


def close(got, wanted):
    """Equal up to rounding in float64; ``got`` may still hang on its gradient."""
    got = got.detach() if isinstance(got, torch.Tensor) else got
    return np.shape(got) == np.shape(wanted) and np.allclose(got, wanted, rtol=0, atol=1e-12)


# ---------------------------------------------------------------------------------------- Keras


def keras(name):
    """What Keras was given and what it gave: x, weights, returned."""
    numbers = KERAS[name]
    x = torch.tensor(numbers["x"], dtype=torch.float64)
    return x, [np.array(w) for w in numbers["weights"]], numbers["returned"]


@pytest.mark.parametrize(
    ("name", "module", "given", "wanted"),
    [
        ("LSTM", nn.LSTM, "ifco", "ifco"),
        ("GRU", nn.GRU, "zrh", "rzh"),
        ("SimpleRNN", nn.RNN, "h", "h"),
    ],
)
def test_a_layer_of_keras_there_and_back(name, module, given, wanted):
    x, weights, (output, *states) = keras(name)
    layer = load(module(3, 2, batch_first=True), *from_keras(*weights, given, wanted))
    got, last = layer(x)
    assert close(got, output)
    for state, keras_state in zip(last if len(states) == 2 else [last], states, strict=True):
        assert close(state[0], keras_state)
    for back, weight in zip(to_keras(layer, wanted, given), weights, strict=True):
        assert close(back, weight)


def test_the_gru_of_keras_with_the_reset_before_the_matrix():
    x, weights, (output, state) = keras("GRU, reset before")
    parameters = from_keras(*weights, "zrh", "rzh")
    layer = load(GRUResetBefore(3, 2), *parameters)
    got, last = layer(x.transpose(0, 1), torch.zeros(2, 2, dtype=torch.float64))
    assert close(got.transpose(0, 1), output)
    assert close(last, state)
    for back, weight in zip(to_keras(layer, "rzh", "zrh"), weights, strict=True):
        assert close(back, weight)
    # In this book's NumPy it is the same, and in PyTorch's own GRU another.
    ours = GRU(3, 2, reset_after=False)
    ours.load_state_dict(dict(zip(ours.state_dict(), parameters, strict=True)))
    assert close(ours.forward(x.numpy().swapaxes(0, 1))[0].swapaxes(0, 1), output)
    assert not close(load(nn.GRU(3, 2, batch_first=True), *parameters)(x)[0], output)


def test_both_directions_of_keras():
    x, weights, (output, *states) = keras("Bidirectional")
    layer = nn.LSTM(3, 2, batch_first=True, bidirectional=True)
    load(layer, *from_keras(*weights[:3], "ifco", "ifco"))
    load(layer, *from_keras(*weights[3:], "ifco", "ifco"), suffix="_l0_reverse")
    got, (h, c) = layer(x)
    assert close(got, output)
    assert close(torch.stack([h[0], c[0], h[1], c[1]]), states)
    # Without return_sequences Keras gives the states with which each direction ends.
    x, weights, last = keras("Bidirectional, last")
    load(layer, *from_keras(*weights[:3], "ifco", "ifco"))
    load(layer, *from_keras(*weights[3:], "ifco", "ifco"), suffix="_l0_reverse")
    got, (h, c) = layer(x)
    assert close(torch.cat([*h], dim=-1), last)
    assert not close(got[:, -1], last)


def test_a_mask_makes_the_state_wait_and_packing_leaves_zeros():
    x, weights, (output, *states) = keras("LSTM, masked")
    output = np.array(output)
    layer = load(nn.LSTM(3, 2, batch_first=True), *from_keras(*weights, "ifco", "ifco"))
    packed = nn.utils.rnn.pack_padded_sequence(x, [4, 2], batch_first=True)
    got, last = layer(packed)
    got, _ = nn.utils.rnn.pad_packed_sequence(got, batch_first=True)
    assert close(got[0], output[0])
    assert close(got[1, :2], output[1, :2])
    assert not got[1, 2:].any()
    assert (output[1, 2:] == output[1, 1]).all()
    assert close(torch.cat(last), states)


def test_the_numbers_of_keras_on_the_page_are_its_own():
    x, weights, (output, *_) = keras("LSTM, one unit")
    assert all(map(np.array_equal, NAMES["keras_lstm"], weights))
    assert x.flatten().tolist() == [1, -1]
    for value in np.ravel(output):
        assert f" {value:.10f}" in PAGE.replace("\n", " ")
    assert f"Keras {KERAS['keras']} " in PAGE.replace("\n", " ")


def test_how_keras_starts():
    kernel, recurrent, bias = map(np.array, KERAS["LSTM"]["start"])
    bound = np.sqrt(6 / (3 + 8))  # Glorot's, all four blocks as one matrix
    assert bound / 2 < abs(kernel).max() <= bound
    assert np.allclose(recurrent @ recurrent.T, np.eye(2), atol=1e-6)
    assert not np.allclose(recurrent[:, :2] @ recurrent[:, :2].T, np.eye(2), atol=0.1)
    assert bias.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    assert not np.any(KERAS["GRU"]["start"][2])
    assert np.shape(KERAS["GRU"]["start"][2]) == (2, 6)
    assert np.shape(KERAS["GRU, reset before"]["start"][2]) == (6,)


# ------------------------------------------------------------------------------ D2L, Ng's course

D, H, B, T = 3, 2, 5, 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(T, B, D))


def d2l_parameters(letters):
    shapes = {"W_x": (D, H), "W_h": (H, H), "b_": H}
    return {name + k: RNG.normal(size=shapes[name]) for name in shapes for k in letters}


def d2l(step, p):
    """All hidden states (T, B, H) of a network in D2L's letters, from a step (p, X, H, C)."""
    h, c = np.zeros((2, B, H))
    states = []
    for x in X:
        h, c = step(p, x, h, c)
        states.append(h)
    return np.stack(states)


def d2l_lstm(p, x, h, c):
    i, f, o, c_tilde = (x @ p[f"W_x{k}"] + h @ p[f"W_h{k}"] + p[f"b_{k}"] for k in "ifoc")
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(c_tilde)
    return sigmoid(o) * np.tanh(c), c


def d2l_gru(p, x, h, c):
    r, z = (sigmoid(x @ p[f"W_x{k}"] + h @ p[f"W_h{k}"] + p[f"b_{k}"]) for k in "rz")
    h_tilde = np.tanh(x @ p["W_xh"] + (r * h) @ p["W_hh"] + p["b_h"])
    return z * h + (1 - z) * h_tilde, c


def d2l_rnn(p, x, h, c):
    return np.tanh(x @ p["W_xh"] + h @ p["W_hh"] + p["b_h"]), c


def ng_parameters(letters):
    return {
        **{f"W{k}": RNG.normal(size=(H, H + D)) for k in letters},
        **{f"b{k}": RNG.normal(size=(H, 1)) for k in letters},
    }


def ng(step, p):
    """All activations of a network in the letters of Ng's course, as (T, B, H)."""
    x = X.transpose(2, 1, 0)  # n_x, m, T_x
    a, c = np.zeros((2, H, B))
    states = []
    for t in range(T):
        a, c = step(p, x[:, :, t], a, c)
        states.append(a.T)
    return np.stack(states)


def ng_lstm(p, x, a, c):
    gate = {k: p[f"W{k}"] @ np.vstack([a, x]) + p[f"b{k}"] for k in "fico"}
    c = sigmoid(gate["i"]) * np.tanh(gate["c"]) + sigmoid(gate["f"]) * c
    return sigmoid(gate["o"]) * np.tanh(c), c


def ng_gru(p, x, a, c):
    u, r = (sigmoid(p[f"W{k}"] @ np.vstack([c, x]) + p[f"b{k}"]) for k in "ur")
    c_tilde = np.tanh(p["Wc"] @ np.vstack([r * c, x]) + p["bc"])
    c = u * c_tilde + (1 - u) * c
    return c, c


def ng_rnn(p, x, a, c):
    return np.tanh(p["Wax"] @ x + p["Waa"] @ a + p["ba"]), c


def run(layer):
    """All hidden states (T, B, H) of a layer of PyTorch."""
    start = [torch.zeros(B, H).double()] if isinstance(layer, GRUResetBefore) else []
    return layer(torch.tensor(X), *start)[0]


def test_the_lstm_of_d2l_and_of_ng():
    p = d2l_parameters("ifoc")
    assert close(run(load(nn.LSTM(D, H), *from_d2l(p, "ifco"))), d2l(d2l_lstm, p))
    p = ng_parameters("fico")
    assert close(run(load(nn.LSTM(D, H), *from_ng(p, "ifco"))), ng(ng_lstm, p))


def test_the_gru_of_d2l_and_of_ng_is_not_pytorchs():
    p = d2l_parameters("zrh")
    assert close(run(load(GRUResetBefore(D, H), *from_d2l(p, "rzh"))), d2l(d2l_gru, p))
    assert not close(run(load(nn.GRU(D, H), *from_d2l(p, "rzh"))), d2l(d2l_gru, p))
    p = ng_parameters("cur")
    kept = p | {"Wz": -p["Wu"], "bz": -p["bu"]}
    assert close(run(load(GRUResetBefore(D, H), *from_ng(kept, "rzc"))), ng(ng_gru, p))
    assert not close(run(load(GRUResetBefore(D, H), *from_ng(p, "ruc"))), ng(ng_gru, p))


def test_the_plain_rnn_of_d2l_and_of_ng():
    p = d2l_parameters("h")
    assert close(run(load(nn.RNN(D, H), *from_d2l(p, "h"))), d2l(d2l_rnn, p))
    p = {"Wax": RNG.normal(size=(H, D)), "Waa": RNG.normal(size=(H, H))}
    p["ba"] = RNG.normal(size=(H, 1))
    b = p["ba"].ravel()
    assert close(run(load(nn.RNN(D, H), p["Wax"], p["Waa"], b, 0 * b)), ng(ng_rnn, p))
