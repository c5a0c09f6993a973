"""One time step in NumPy equals one time step in PyTorch, and says clearly what it cannot do."""

import math
import re
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import linear

from rnn_utils.cells import GRUCell, LSTMCell, RNNCell, sigmoid

CELLS = {
    "tanh": (RNNCell, torch.nn.RNNCell),
    "relu": (
        partial(RNNCell, nonlinearity="relu"),
        partial(torch.nn.RNNCell, nonlinearity="relu"),
    ),
    "lstm": (LSTMCell, torch.nn.LSTMCell),
    "gru": (GRUCell, torch.nn.GRUCell),
}
ALL = [RNNCell, LSTMCell, GRUCell]

sizes = st.integers(1, 7)
batches = st.none() | st.integers(1, 5)  # None: vectors, without a batch axis
steps = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)


def shape(batch, size):
    return (size,) if batch is None else (batch, size)


def randomize(cell, rng):
    """Weights larger than the initial ones, so that gates go well away from 1/2."""
    for name, size in cell.parameter_shapes().items():
        setattr(cell, name, rng.normal(size=size).astype(cell.dtype))
    return cell


def torch_twin(cell, make):
    """The same cell in PyTorch, with the same weights and type."""
    dtype = {"float64": torch.float64, "float32": torch.float32}[str(cell.dtype)]
    twin = make(cell.input_size, cell.hidden_size, dtype=dtype)
    twin.load_state_dict(
        {name: torch.from_numpy(getattr(cell, name)) for name in cell.parameter_shapes()}
    )
    return twin.requires_grad_(False)


def torch_step(twin, x, h, c=None):
    """Every quantity of a step: the states from PyTorch's cell, the rest from its chunks."""
    a_x = linear(x, twin.weight_ih, twin.bias_ih)
    a_h = linear(h, twin.weight_hh, twin.bias_hh)
    if isinstance(twin, torch.nn.LSTMCell):
        i, f, g, o = (a_x + a_h).chunk(4, -1)
        h, c = twin(x, (h, c))
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid(), "c": c, "h": h}
    if isinstance(twin, torch.nn.GRUCell):
        (x_r, x_z, x_n), (h_r, h_z, h_n) = a_x.chunk(3, -1), a_h.chunk(3, -1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        return {"r": r, "z": z, "n": (x_n + r * h_n).tanh(), "h": twin(x, h)}
    return {"a": a_x + a_h, "h": twin(x, h)}


def check_chain(kind, dtype, tolerance, D, H, B, T, seed):
    """T steps, each from the state before it; every field of every step is compared."""
    ours, theirs = CELLS[kind]
    rng = np.random.default_rng(seed)
    cell = randomize(ours(D, H, dtype=dtype), rng)
    twin = torch_twin(cell, theirs)
    names = ["h", "c"] if kind == "lstm" else ["h"]
    state = [rng.normal(size=shape(B, H)).astype(dtype) for _ in names]
    expected = {name: torch.from_numpy(s) for name, s in zip(names, state, strict=True)}
    for _ in range(T):
        x = rng.normal(size=shape(B, D)).astype(dtype)
        step = cell.step(x, tuple(state) if kind == "lstm" else state[0])
        expected = torch_step(twin, torch.from_numpy(x), *(expected[name] for name in names))
        assert set(step._fields) == set(expected)
        for name, value in step._asdict().items():
            assert value.dtype == dtype
            np.testing.assert_allclose(
                value, expected[name], rtol=tolerance, atol=tolerance, err_msg=name
            )
            assert value.shape == shape(B, H)
        state = [getattr(step, name) for name in names]


@pytest.mark.parametrize("kind", CELLS)
@given(D=sizes, H=sizes, B=batches, T=steps, seed=seeds)
def test_equals_torch(kind, D, H, B, T, seed):
    check_chain(kind, np.float64, 1e-12, D, H, B, T, seed)


@pytest.mark.parametrize("kind", CELLS)
@given(D=sizes, H=sizes, B=batches, T=steps, seed=seeds)
def test_equals_torch_in_single_precision(kind, D, H, B, T, seed):
    check_chain(kind, np.float32, 1e-4, D, H, B, T, seed)


# ------------------------------------------------------------- the variants that torch has not


def peephole_numbers(cell, x, h_prev, c_prev):
    """Gers, Schraudolph and Schmidhuber (2002), one unit and one number at a time."""
    H = cell.hidden_size
    i, f, g, o, c, h = step = np.zeros((6, H))

    def net(row):
        terms = [w * v for w, v in zip(cell.weight_ih[row], x, strict=True)]
        terms += [w * v for w, v in zip(cell.weight_hh[row], h_prev, strict=True)]
        return math.fsum([*terms, cell.bias_ih[row], cell.bias_hh[row]])

    def logistic(a):
        return (1 + math.tanh(a / 2)) / 2

    for k in range(H):
        i[k] = logistic(net(k) + cell.weight_peephole[k] * c_prev[k])
        f[k] = logistic(net(H + k) + cell.weight_peephole[H + k] * c_prev[k])
        g[k] = math.tanh(net(2 * H + k))
        c[k] = f[k] * c_prev[k] + i[k] * g[k]
        o[k] = logistic(net(3 * H + k) + cell.weight_peephole[2 * H + k] * c[k])  # the new c
        h[k] = o[k] * math.tanh(c[k])
    return step


@given(D=sizes, H=sizes, B=batches, T=steps, seed=seeds)
def test_peephole(D, H, B, T, seed):
    rng = np.random.default_rng(seed)
    cell = randomize(LSTMCell(D, H, peephole=True), rng)
    h, c = rng.normal(size=(2, *shape(B, H)))
    for _ in range(T):
        x = rng.normal(size=shape(B, D))
        step = cell.step(x, (h, c))
        rows = zip(np.atleast_2d(x), np.atleast_2d(h), np.atleast_2d(c), strict=True)
        expected = np.stack([peephole_numbers(cell, *row) for row in rows], axis=1)
        np.testing.assert_allclose(np.stack(step).reshape(expected.shape), expected, 1e-12, 1e-12)
        h, c = step.h, step.c


def test_peephole_of_zero_is_the_plain_cell():
    plain, peeping = LSTMCell(3, 4, seed=1), LSTMCell(3, 4, peephole=True)
    for name in plain.parameter_shapes():
        setattr(peeping, name, getattr(plain, name))
    peeping.weight_peephole = np.zeros(12)
    x, h, c = np.ones(3), np.ones(4), -np.ones(4)
    np.testing.assert_array_equal(peeping.step(x, (h, c)), plain.step(x, (h, c)))
    peeping.weight_peephole = np.ones(12)
    assert not np.allclose(peeping.step(x, (h, c)), plain.step(x, (h, c)))


def gru_2014(cell, x, h_prev):
    """Cho et al. (2014), equations 5 to 8, with the weights cut up by gate."""
    D, H = cell.input_size, cell.hidden_size
    W, U = cell.weight_ih.reshape(3, H, D), cell.weight_hh.reshape(3, H, H)
    b = (cell.bias_ih + cell.bias_hh).reshape(3, H)

    def net(gate, h):
        return np.einsum("hd,...d->...h", W[gate], x) + np.einsum("hk,...k->...h", U[gate], h)

    r = 1 / (1 + np.exp(-net(0, h_prev) - b[0]))
    z = 1 / (1 + np.exp(-net(1, h_prev) - b[1]))
    n = np.tanh(net(2, r * h_prev) + b[2])
    return {"r": r, "z": z, "n": n, "h": z * h_prev + (1 - z) * n}


@given(D=sizes, H=sizes, B=batches, T=steps, seed=seeds)
def test_reset_before(D, H, B, T, seed):
    rng = np.random.default_rng(seed)
    cell = randomize(GRUCell(D, H, reset_after=False), rng)
    h = rng.normal(size=shape(B, H))
    for _ in range(T):
        x = rng.normal(size=shape(B, D))
        step = cell.step(x, h)
        expected = gru_2014(cell, x, h)
        assert set(step._fields) == set(expected)
        for name, value in step._asdict().items():
            np.testing.assert_allclose(value, expected[name], 1e-12, 1e-12, err_msg=name)
        h = step.h


def test_where_the_reset_acts_matters():
    after, before = GRUCell(3, 4, seed=1), GRUCell(3, 4, reset_after=False, seed=1)
    x, h = np.ones(3), np.array([1.0, -1.0, 0.5, 2.0])
    ours, papers = after.step(x, h), before.step(x, h)
    np.testing.assert_array_equal(ours[:2], papers[:2])  # r and z are the same
    assert np.abs(ours.n - papers.n).max() > 0.01
    assert np.abs(ours.h - papers.h).max() > 0.01
    # A reset that resets nothing can act anywhere.
    for cell in (after, before):
        cell.bias_ih = [100.0] * 4 + [0.0] * 8
    np.testing.assert_allclose(after.step(x, h), before.step(x, h), 1e-14, 1e-14)


# ------------------------------------------------------------------------ states and parameters


@pytest.mark.parametrize("peephole", [False, True])
def test_lstm_starts_at_zero(peephole):
    cell = LSTMCell(3, 4, peephole=peephole, seed=1)
    for x in (np.ones(3), np.ones((2, 3))):
        zero = np.zeros((*x.shape[:-1], 4))
        np.testing.assert_array_equal(cell.step(x), cell.step(x, (zero, zero)))


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, partial(GRUCell, reset_after=False)])
def test_starts_at_zero(cell):
    cell = cell(3, 4, seed=1)
    for x in (np.ones(3), np.ones((2, 3))):
        zero = np.zeros((*x.shape[:-1], 4))
        np.testing.assert_array_equal(cell.step(x), cell.step(x, zero))


@pytest.mark.parametrize("cell", [*ALL, partial(LSTMCell, peephole=True)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, "float32"])
def test_initial_parameters(cell, dtype):
    first, same, other = (cell(30, 25, dtype=dtype, seed=seed) for seed in (1, 1, 2))
    for name, size in first.parameter_shapes().items():
        value = getattr(first, name)
        assert value.shape == size
        assert value.dtype == dtype
        assert np.abs(value).max() <= 1 / 5
        assert value.min() < -0.1  # on both sides of zero, and not all near it
        assert value.max() > 0.1
        np.testing.assert_array_equal(value, getattr(same, name))
        assert not np.array_equal(value, getattr(other, name))


@pytest.mark.parametrize("kind", CELLS)
def test_parameters_are_named_and_shaped_as_in_torch(kind):
    ours, theirs = (make(3, 4) for make in CELLS[kind])
    shapes = {name: tuple(value.shape) for name, value in theirs.named_parameters()}
    assert list(ours.parameter_shapes().items()) == list(shapes.items())


@pytest.mark.parametrize("cell", ALL)
def test_assigning_copies(cell):
    cell = cell(3, 4)
    value = np.ones_like(cell.weight_ih)
    cell.weight_ih = value
    value[:] = 9
    assert (cell.weight_ih == 1).all()


def test_lists_are_taken():
    cell = RNNCell(1, 2, seed=1)
    cell.weight_ih = [[1], [2]]
    assert cell.weight_ih.dtype == np.float64
    np.testing.assert_array_equal(cell.step([1], [0, 0]), cell.step(np.ones(1)))


@pytest.mark.parametrize("cell", ALL)
def test_a_step_changes_nothing(cell):
    cell = cell(3, 4, seed=1)
    x, h, c = np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))
    before = [getattr(cell, name).copy() for name in cell.parameter_shapes()]
    cell.step(x, (h, c) if isinstance(cell, LSTMCell) else h)
    for value in (x, h, c):
        assert (value == 1).all()
    for name, value in zip(cell.parameter_shapes(), before, strict=True):
        np.testing.assert_array_equal(getattr(cell, name), value)


@pytest.mark.parametrize("cell", ALL)
def test_repr_is_stable(cell):
    assert repr(cell(3, 4)) == f"{cell.__name__}(3, 4)"


# ------------------------------------------------------------------------------------ bad input


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


@pytest.mark.parametrize("cell", ALL)
@pytest.mark.parametrize("name", ["input_size", "hidden_size"])
@pytest.mark.parametrize("size", [0, -1, 1.5, 2.0, True, np.True_, "3", None])
def test_bad_size(cell, name, size):
    with refuses(name, "must be a positive integer", f"got {size!r}"):
        cell(**{"input_size": 3, "hidden_size": 4, name: size})


@pytest.mark.parametrize("cell", ALL)
@pytest.mark.parametrize("dtype", [int, complex, np.float16, "number", ">f4"])
def test_bad_dtype(cell, dtype):
    with refuses("dtype must be", "numpy.float64", "numpy.float32", f"got {dtype!r}"):
        cell(3, 4, dtype=dtype)


@pytest.mark.parametrize("nonlinearity", ["sigmoid", "Tanh", "", None])
def test_bad_nonlinearity(nonlinearity):
    with refuses("nonlinearity must be", "'tanh'", "'relu'", f"got {nonlinearity!r}"):
        RNNCell(3, 4, nonlinearity=nonlinearity)


BAD_X = {
    "too wide": (np.ones(5), ["(3,) or (B, 3)", "got (5,)"]),
    "too narrow, in a batch": (np.ones((2, 1)), ["(3,) or (B, 3)", "got (2, 1)"]),
    "no axis": (np.float64(1), ["(3,) or (B, 3)", "got ()"]),
    "three axes": (np.ones((2, 2, 3)), ["(3,) or (B, 3)", "got (2, 2, 3)"]),
    "integers": (np.ones(3, int), ["float64", "got int64", "np.asarray"]),
    "single precision": (np.ones(3, np.float32), ["float64", "got float32", "np.asarray"]),
    "complex": (np.ones(3, complex), ["float64", "got complex128"]),
    "words": (["a", "b", "c"], ["array of float64 numbers"]),
    "ragged": ([[1.0, 2.0, 3.0], [1.0]], ["array of float64 numbers"]),
    "NaN": (np.array([0.0, np.nan, 0.0]), ["finite", "NaN"]),
    "infinite": (np.array([0.0, np.inf, 0.0]), ["finite", "infinity"]),
    "nothing": (None, ["x must be"]),
    "single-precision tensor": (torch.ones(3), ["float64", "got float32"]),
    "tensor with gradient": (torch.ones(3, requires_grad=True), ["detach"]),
}


@pytest.mark.parametrize("cell", ALL)
@pytest.mark.parametrize("case", BAD_X)
def test_bad_x(cell, case):
    x, words = BAD_X[case]
    with refuses("x must", *words):
        cell(3, 4).step(x)


def test_nothing_is_rounded_behind_your_back():
    for value in (np.ones(3), torch.ones(3, dtype=torch.float64)):
        with refuses("x must have dtype float32", "got float64", "np.float32"):
            RNNCell(3, 4, dtype=np.float32).step(value)


BAD_STATE = {
    "too wide": (np.ones((2, 5)), ["shape (2, 4)", "got (2, 5)"]),
    "another batch": (np.ones((3, 4)), ["shape (2, 4)", "got (3, 4)"]),
    "no batch": (np.ones(4), ["shape (2, 4)", "got (4,)"]),
    "integers": (np.ones((2, 4), int), ["float64", "got int64"]),
    "NaN": (np.full((2, 4), np.nan), ["finite", "NaN"]),
}


@pytest.mark.parametrize("cell", [RNNCell, GRUCell])
@pytest.mark.parametrize("case", BAD_STATE)
def test_bad_state(cell, case):
    state, words = BAD_STATE[case]
    with refuses("h of state must", *words):
        cell(3, 4).step(np.ones((2, 3)), state)


@pytest.mark.parametrize("name", ["h", "c"])
@pytest.mark.parametrize("case", BAD_STATE)
def test_bad_lstm_state(name, case):
    bad, words = BAD_STATE[case]
    state = {"h": np.ones((2, 4)), "c": np.ones((2, 4)), name: bad}
    with refuses(f"{name} of state must", *words):
        LSTMCell(3, 4).step(np.ones((2, 3)), tuple(state.values()))


@pytest.mark.parametrize(
    ("state", "got"),
    [
        (np.ones((2, 4)), "got ndarray"),
        ((np.ones(4),), "got 1 of them"),
        ((np.ones(4), np.ones(4), np.ones(4)), "got 3 of them"),
        (LSTMCell(3, 4).step(np.ones(3)), "got 6 of them"),  # the step is not its state
        (1.0, "got float"),
    ],
)
def test_lstm_state_must_be_a_pair(state, got):
    with refuses("state must be a pair (h, c)", got):
        LSTMCell(3, 4).step(np.ones(3), state)


PEEPHOLE = partial(LSTMCell, peephole=True)
PARAMETERS = [(cell, name) for cell in [*ALL, PEEPHOLE] for name in cell(3, 4).parameter_shapes()]


@pytest.mark.parametrize(("cell", "name"), PARAMETERS)
def test_bad_parameter(cell, name):
    cell = cell(3, 4)
    good = getattr(cell, name).copy()
    with refuses(name, f"shape {good.shape}", f"got {good.T[1:].shape}"):
        setattr(cell, name, good.T[1:])
    with refuses(name, "float64", "got float32"):
        setattr(cell, name, good.astype(np.float32))
    with refuses(name, "finite", "NaN"):
        setattr(cell, name, np.full_like(good, np.nan))
    np.testing.assert_array_equal(getattr(cell, name), good)  # a refused value is not taken
    getattr(cell, name)[0] = np.nan  # written in place, so only the next step can see it
    with refuses(name, "finite", "NaN"):
        cell.step(np.ones(3))


@pytest.mark.parametrize("cell", ALL)
@pytest.mark.parametrize("name", ["weight_peephole", "weight_xh", "bias", "weights_ih"])
def test_unknown_parameter(cell, name):
    with refuses(name, "is not a parameter", "weight_ih, weight_hh, bias_ih, bias_hh"):
        setattr(cell(3, 4), name, np.ones((4, 3)))


# -------------------------------------------------------------------------------------- sigmoid


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_of_large_numbers(dtype):
    # exp(-10000) is 0: that underflow is the right answer, and NumPy is silent about it too.
    with np.errstate(all="raise", under="ignore"):
        value = sigmoid(np.array([-1e4, -800, 0, 800, 1e4], dtype))
    assert value.dtype == dtype
    assert value.tolist() == [0, 0, 0.5, 1, 1]


def test_sigmoid_equals_torch():
    a = np.concatenate([np.linspace(-745, 745, 2001), np.linspace(-5, 5, 2001), [-1e4, 1e4]])
    np.testing.assert_allclose(sigmoid(a), torch.from_numpy(a).sigmoid(), rtol=0, atol=1e-15)
    assert sigmoid(0.0) == 0.5
