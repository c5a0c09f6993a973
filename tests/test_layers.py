"""Whole sequences in NumPy equal PyTorch's, forwards and backwards, whatever the options are.

The numbers compared are the outputs, the last state and the gradients of everything that went in.
What PyTorch lacks (peepholes, the GRU of 2014, the reverse direction on its own) is compared with
PyTorch's automatic derivatives of the same formulas. The rest holds what the docstrings promise:
padding counts for nothing, dropout acts only between layers and only in training, parameters have
PyTorch's names, a refused call changes nothing, and nobody's arrays are written to.
"""

import copy
import re
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_utils.layers import GRU, LSTM, RNN

LAYERS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
VARIANTS = {
    "tanh": RNN,
    "relu": partial(RNN, nonlinearity="relu"),
    "lstm": LSTM,
    "peephole": partial(LSTM, peephole=True),
    "gru": GRU,
    "reset before": partial(GRU, reset_after=False),
}

seeds = st.integers(0, 2**32 - 1)
SPACE = {
    "D": st.integers(1, 5),
    "H": st.integers(1, 6),
    "T": st.integers(1, 7),
    "B": st.none() | st.integers(1, 4),  # None: one sequence, without a batch axis
    "num_layers": st.integers(1, 3),
    "bidirectional": st.booleans(),
    "batch_first": st.booleans(),
    "bias": st.sampled_from([True, True, True, False]),
    "nonlinearity": st.sampled_from(["tanh", "relu"]),  # for the RNN only
    "with_lengths": st.booleans(),
    "with_state": st.booleans(),
    "loss_of": st.sampled_from(["output", "state", "both"]),
    "seed": seeds,
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small gain nothing from more, and lose much on a busy computer."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def randomize(layer, rng, scale=0.7):
    """Weights larger than the initial ones, so that gates go well away from 1/2."""
    for name, size in layer.parameter_shapes().items():
        setattr(layer, name, (rng.normal(size=size) * scale).astype(layer.dtype))
    return layer


def torch_module(kind, D, H, rng, scale=0.7, dtype=torch.float64, **options):
    """A PyTorch network with such weights."""
    module = getattr(torch.nn, kind)(D, H, dtype=dtype, **options)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.from_numpy(rng.normal(size=p.shape) * scale))
    return module


def random_state(layer, B, rng):
    """A state for B sequences (or one, without a batch axis): an array, or a pair for LSTM."""
    batch = () if B is None else (B,)
    size = (len(layer.cells), *batch, layer.hidden_size)
    parts = [rng.normal(size=size).astype(layer.dtype) for _ in layer.state_names]
    return tuple(parts) if len(parts) == 2 else parts[0]


def zero_like(state):
    return tuple(map(np.zeros_like, state)) if isinstance(state, tuple) else np.zeros_like(state)


def random_lengths(B, T, rng):
    """From 1 to T, not sorted, and often all below T."""
    return rng.integers(1, T + 1, B)


def parts_of(state, prefix):
    """A state as a dict, h alone or h and c."""
    parts = state if isinstance(state, tuple) else (state,)
    return dict(zip((f"{prefix} h", f"{prefix} c"), parts, strict=False))


def numbers(layer, x, state=None, lengths=None, d_output=None, d_state=None):
    """All that comes out of a forward and a backward pass, by name."""
    output, last = layer.forward(x, state, lengths)
    gradients = layer.backward(d_output, d_state)
    return {
        "output": output,
        **parts_of(last, "last"),
        "gradient of x": gradients.x,
        **parts_of(gradients.state, "gradient of"),
        **gradients.parameters,
    }


def leaf(array):
    return torch.from_numpy(array.copy()).requires_grad_()


def torch_loss(output, last, d_output, d_state):
    """The sum of everything put out, weighted; its derivatives are the weights."""
    d_last = parts_of(d_state, "last") if d_state is not None else {}
    pairs = [(last[name], weight) for name, weight in d_last.items()]
    if d_output is not None:
        pairs.append((output, d_output))
    return sum((part * torch.from_numpy(weight)).sum() for part, weight in pairs)


def torch_numbers(module, x, state, lengths=None, d_output=None, d_state=None):
    """The same from PyTorch. A state of zeros is given as such, for its gradient."""
    x = leaf(x)
    state = {name: leaf(s) for name, s in parts_of(state, "gradient of").items()}
    given = tuple(state.values()) if len(state) == 2 else next(iter(state.values()))
    if lengths is None:
        output, last = module(x, given)
    else:
        first = module.batch_first
        packed = pack_padded_sequence(x, torch.tensor(lengths), first, enforce_sorted=False)
        output, last = module(packed, given)
        T = x.shape[1 if first else 0]
        output, _ = pad_packed_sequence(output, first, total_length=T)
    last = parts_of(last, "last")
    torch_loss(output, last, d_output, d_state).backward()
    return {
        "output": output.detach().numpy(),
        **{name: s.detach().numpy() for name, s in last.items()},
        "gradient of x": x.grad.numpy(),
        **{name: s.grad.numpy() for name, s in state.items()},
        **{name: p.grad.numpy() for name, p in module.named_parameters()},
    }


def agree(got, expected, tolerance=1e-10):
    assert list(got) == list(expected)
    for name, value in got.items():
        assert value.shape == expected[name].shape, name
        np.testing.assert_allclose(
            value, expected[name], rtol=tolerance, atol=tolerance, err_msg=name
        )


def same(got, expected):
    """To the last bit."""
    assert list(got) == list(expected)
    for name, value in got.items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name, strict=True)


# ------------------------------------------------------------------------- the same as PyTorch


def check_against_torch(
    kind,
    dtype,
    tolerance,
    *,
    D,
    H,
    T,
    B,
    with_lengths,
    with_state,
    loss_of,
    seed,
    nonlinearity,
    scale=0.7,
    **options,
):
    if kind == "RNN":
        options["nonlinearity"] = nonlinearity
        scale = 0.35 if nonlinearity == "relu" else scale  # else its numbers grow without bound
    rng = np.random.default_rng(seed)
    module = torch_module(kind, D, H, rng, scale, dtype, **options)
    layer = LAYERS[kind].from_torch(module)
    leading = (T,) if B is None else (B, T) if module.batch_first else (T, B)
    x = rng.normal(size=(*leading, D)).astype(layer.dtype)
    state = random_state(layer, B, rng)
    lengths = random_lengths(B, T, rng) if with_lengths and B else None
    width = H * (2 if module.bidirectional else 1)
    d_output = rng.normal(size=(*leading, width)).astype(layer.dtype)
    d_state = random_state(layer, B, rng)
    d_output = None if loss_of == "state" else d_output
    d_state = None if loss_of == "output" else d_state
    got = numbers(layer, x, state if with_state else None, lengths, d_output, d_state)
    first = state if with_state else zero_like(state)
    expected = torch_numbers(module, x, first, lengths, d_output, d_state)
    for name, value in got.items():
        assert value.dtype == layer.dtype, name
    if not module.bias:  # PyTorch then has none; here they are zero, and have gradients
        got = {name: value for name, value in got.items() if not name.startswith("bias")}
    agree(got, expected, tolerance)


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=300)
@given(drawn=st.fixed_dictionaries(SPACE))
def test_equals_torch(kind, drawn):
    check_against_torch(kind, torch.float64, 1e-10, **drawn)


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=60)
@given(drawn=st.fixed_dictionaries(SPACE))
def test_equals_torch_in_single_precision(kind, drawn):
    check_against_torch(kind, torch.float32, 1e-4, scale=0.4, **drawn)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_single_precision_stays_single(variant, bidirectional):
    rng = np.random.default_rng(1)
    options = {"num_layers": 2, "bidirectional": bidirectional, "dropout": 0.5, "seed": 3}
    double = randomize(VARIANTS[variant](3, 4, **options), rng, 0.4)
    single = VARIANTS[variant](3, 4, dtype=np.float32, **options)
    single.load_state_dict({n: v.astype(np.float32) for n, v in double.state_dict().items()})
    x, state = rng.normal(size=(5, 2, 3)), random_state(single, 2, rng)
    d_output = rng.normal(size=(5, 2, 8 if bidirectional else 4))
    assert {v.dtype for v in single.state_dict().values()} == {np.dtype(np.float32)}
    for step in single.trace(x.astype(np.float32), state, [5, 3]):
        assert step.dtype == np.float32
    for layer in (single, double):
        layer._rng = np.random.default_rng(5)  # the same dropout
    got = numbers(single, x.astype(np.float32), state, [5, 3], d_output.astype(np.float32), state)
    assert {value.dtype for value in got.values()} == {np.dtype(np.float32)}
    wide = tuple(s.astype(float) for s in parts_of(state, "").values())
    wide = wide if len(wide) == 2 else wide[0]
    agree(got, numbers(double, x, wide, [5, 3], d_output, wide), 1e-4)


# ------------------------------------------------------------- the variants that torch has not


def peephole_step(p, x, h, c):
    """Gers, Schraudolph and Schmidhuber (2002)."""
    a = x @ p["weight_ih"].T + p["bias_ih"] + h @ p["weight_hh"].T + p["bias_hh"]
    a_i, a_f, a_g, a_o = a.chunk(4, -1)
    p_i, p_f, p_o = p["weight_peephole"].chunk(3)
    new = torch.sigmoid(a_f + p_f * c) * c + torch.sigmoid(a_i + p_i * c) * torch.tanh(a_g)
    return torch.sigmoid(a_o + p_o * new) * torch.tanh(new), new


def gru_2014_step(p, x, h):
    """Cho et al. (2014)."""
    W_r, W_z, W_n = p["weight_ih"].chunk(3)
    U_r, U_z, U_n = p["weight_hh"].chunk(3)
    b_r, b_z, b_n = (p["bias_ih"] + p["bias_hh"]).chunk(3)
    r = torch.sigmoid(x @ W_r.T + h @ U_r.T + b_r)
    z = torch.sigmoid(x @ W_z.T + h @ U_z.T + b_z)
    n = torch.tanh(x @ W_n.T + (r * h) @ U_n.T + b_n)
    return (z * h + (1 - z) * n,)


def autograd_numbers(step, layer, x, state, lengths, d_output, d_state):
    """One layer, one step after the other; PyTorch derives the gradients."""
    weights = {name: leaf(value) for name, value in layer.state_dict().items()}
    x = leaf(x)
    state = {name: leaf(s) for name, s in parts_of(state, "gradient of").items()}
    T = len(x)
    halves, last = [], []
    for k, suffix in enumerate(layer.cells):
        p = {n.removesuffix(f"_{suffix}"): w for n, w in weights.items() if n.endswith(suffix)}
        now, outputs = [s[k] for s in state.values()], [None] * T
        for t in reversed(range(T)) if suffix.endswith("_reverse") else range(T):
            going = torch.tensor(t < lengths)[:, None]
            new = step(p, x[t], *now)
            now = [torch.where(going, n, s) for n, s in zip(new, now, strict=True)]
            outputs[t] = torch.where(going, now[0], 0)
        halves.append(torch.stack(outputs))
        last.append(now)
    output = torch.cat(halves, -1)
    last = [torch.stack(parts) for parts in zip(*last, strict=True)]
    last = parts_of(tuple(last) if len(last) == 2 else last[0], "last")
    torch_loss(output, last, d_output, d_state).backward()
    return {
        "output": output.detach().numpy(),
        **{name: s.detach().numpy() for name, s in last.items()},
        "gradient of x": x.grad.numpy(),
        **{name: s.grad.numpy() for name, s in state.items()},
        **{name: w.grad.numpy() for name, w in weights.items()},
    }


@pytest.mark.parametrize(
    ("variant", "step"), [("peephole", peephole_step), ("reset before", gru_2014_step)]
)
@given(
    D=st.integers(1, 4),
    H=st.integers(1, 5),
    T=st.integers(1, 6),
    B=st.integers(1, 4),
    direction=st.sampled_from(["bidirectional", "reverse", "forward"]),
    seed=seeds,
)
def test_equals_autograd(variant, step, D, H, T, B, direction, seed):
    rng = np.random.default_rng(seed)
    options = {} if direction == "forward" else {direction: True}
    layer = randomize(VARIANTS[variant](D, H, **options), rng)
    arguments = (
        rng.normal(size=(T, B, D)),
        random_state(layer, B, rng),
        random_lengths(B, T, rng),
        rng.normal(size=(T, B, H * len(layer.cells))),
        random_state(layer, B, rng),
    )
    agree(numbers(layer, *arguments), autograd_numbers(step, layer, *arguments))


# -------------------------------------------------------------------- the reverse direction alone


def reverse_alone(kind, module, **options):
    """A layer that has the second half of a bidirectional module's weights."""
    layer = LAYERS[kind](module.input_size, module.hidden_size, reverse=True, **options)
    weights = module.state_dict()
    layer.load_state_dict({name: weights[name] for name in weights if name.endswith("_reverse")})
    return layer


def second_half(numbers, H):
    """What of a bidirectional module's numbers belongs to the reverse direction."""
    half = {}
    for name, value in numbers.items():
        if name == "output":
            half[name] = value[..., H:]
        elif name == "gradient of x":
            half[name] = value
        elif name.endswith((" h", " c")):
            half[name] = value[1:]
        elif name.endswith("_reverse"):
            half[name] = value
    return half


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=30)
@given(T=st.integers(1, 6), B=st.integers(1, 4), with_lengths=st.booleans(), seed=seeds)
def test_reverse_is_the_second_half_of_both_directions(kind, T, B, with_lengths, seed):
    rng = np.random.default_rng(seed)
    module = torch_module(kind, 3, 4, rng, bidirectional=True)
    layer = reverse_alone(kind, module)
    x, d_output = rng.normal(size=(T, B, 3)), rng.normal(size=(T, B, 4))
    state, d_state = random_state(layer, B, rng), random_state(layer, B, rng)
    lengths = random_lengths(B, T, rng) if with_lengths else None

    def widened(part):  # nothing comes from the first half
        return np.concatenate([np.zeros_like(part), part])

    both = [tuple(map(widened, s)) if kind == "LSTM" else widened(s) for s in (state, d_state)]
    d_both = np.concatenate([np.zeros_like(d_output), d_output], axis=-1)
    expected = torch_numbers(module, x, both[0], lengths, d_both, both[1])
    got = numbers(layer, x, state, lengths, d_output, d_state)
    assert all(name.endswith("_l0_reverse") for name in layer.parameter_shapes())
    agree(got, second_half(expected, 4))


@pytest.mark.parametrize("variant", VARIANTS)
def test_reverse_layers_read_from_right_to_left(variant):
    """Two layers equal two forward ones that are given each sequence the other way round."""
    rng = np.random.default_rng(2)
    make = partial(VARIANTS[variant], 3, 4, num_layers=2)
    forward, backward = randomize(make(), rng, 0.5), make(reverse=True)
    backward.load_state_dict({f"{n}_reverse": v for n, v in forward.state_dict().items()})
    lengths = [3, 6, 1, 4]

    def flip(a):
        a = a.copy()
        for b, length in enumerate(lengths):
            a[:length, b] = a[:length, b][::-1]
        return a

    x, d_output = rng.normal(size=(6, 4, 3)), rng.normal(size=(6, 4, 4))
    state, d_state = random_state(forward, 4, rng), random_state(forward, 4, rng)
    expected = numbers(forward, flip(x), state, lengths, flip(d_output), d_state)
    for name in ("output", "gradient of x"):
        expected[name] = flip(expected[name])
    got = numbers(backward, x, state, lengths, d_output, d_state)
    agree({name.removesuffix("_reverse"): value for name, value in got.items()}, expected)


# -------------------------------------------------------------------------------------- padding


def padded_case(variant, rng):
    """Both directions, two layers, and a batch in which every sequence is shorter than T."""
    layer = VARIANTS[variant](3, 4, num_layers=2, bidirectional=True)
    randomize(layer, rng, 0.5)
    lengths = np.array([2, 5, 1, 5, 3])
    padding = np.arange(7)[:, None] >= lengths
    x, d_output = rng.normal(size=(7, 5, 3)), rng.normal(size=(7, 5, 8))
    state, d_state = random_state(layer, 5, rng), random_state(layer, 5, rng)
    return layer, x, state, lengths, d_output, d_state, padding


@pytest.mark.parametrize("variant", VARIANTS)
def test_padding_counts_for_nothing(variant):
    layer, x, state, lengths, d_output, d_state, padding = padded_case(
        variant, np.random.default_rng(3)
    )
    expected = numbers(layer, x, state, lengths, d_output, d_state)
    assert (expected["output"][padding] == 0).all()
    assert (expected["gradient of x"][padding] == 0).all()
    assert (expected["output"][~padding] != 0).any(axis=-1).all()
    assert (expected["gradient of x"][~padding] != 0).any(axis=-1).all()
    for other in (x, d_output):
        other[padding] = 1e6
        same(numbers(layer, x, state, lengths, d_output, d_state), expected)


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_sequence_alone_gives_the_same(variant):
    *case, _ = padded_case(variant, np.random.default_rng(4))
    layer, x, state, lengths, d_output, d_state = case
    together = numbers(layer, x, state, lengths, d_output, d_state)
    parameters = dict.fromkeys(layer.parameter_shapes(), 0)
    for b, n in enumerate(lengths):

        def only(s, b=b):
            return tuple(part[:, b] for part in s) if isinstance(s, tuple) else s[:, b]

        alone = numbers(layer, x[:n, b], only(state), None, d_output[:n, b], only(d_state))
        parameters = {name: parameters[name] + alone.pop(name) for name in parameters}
        parts = {}
        for name in alone:
            by_time = name in ("output", "gradient of x")
            parts[name] = together[name][:n, b] if by_time else together[name][:, b]
        agree(alone, parts)
    agree(parameters, {name: together[name] for name in parameters})


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("batch_first", [False, True])
def test_the_last_state_is_that_of_the_last_step_that_counts(variant, batch_first):
    rng = np.random.default_rng(5)
    layer = VARIANTS[variant](3, 4, bidirectional=True, batch_first=batch_first)
    randomize(layer, rng, 0.5)
    lengths = [2, 5, 1]
    x = rng.normal(size=(3, 6, 3) if batch_first else (6, 3, 3))
    output, last = layer.forward(x, lengths=lengths)
    h = last[0] if isinstance(last, tuple) else last
    for b, n in enumerate(lengths):
        sequence = output[b] if batch_first else output[:, b]
        np.testing.assert_array_equal(h[0, b], sequence[n - 1, :4])  # forward ends there
        np.testing.assert_array_equal(h[1, b], sequence[0, 4:])  # reverse ends at the first step


@pytest.mark.parametrize("kind", LAYERS)
def test_lengths_of_T_are_no_lengths(kind):
    rng = np.random.default_rng(6)
    layer = randomize(LAYERS[kind](3, 4, bidirectional=True), rng)
    x, d_output = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 8))
    expected = numbers(layer, x, None, None, d_output)
    for lengths in ([5, 5], (5, 5), np.array([5, 5], np.uint8), torch.tensor([5, 5])):
        same(numbers(layer, x, None, lengths, d_output), expected)


# ---------------------------------------------------------------------------------------- trace


def stepped(cell, x, state, lengths=None):
    """Each quantity (T, B, H) from the cell's own steps, one vector at a time."""
    T, B, _ = x.shape
    traced = {}
    for b in range(B):
        now = [s[b] for s in state]
        for t in range(T):
            if lengths is None or t < lengths[b]:
                step = cell.step(x[t, b], tuple(now) if len(now) == 2 else now[0])._asdict()
                now = [step[name] for name in ("h", "c")[: len(now)]]
            else:  # it has ended: nothing opens, and the state stays
                step = dict.fromkeys(step, np.zeros_like(now[0]))
                step |= dict(zip(("h", "c"), now, strict=False))
            for name, value in step.items():
                traced.setdefault(name, np.empty((T, B, len(value))))[t, b] = value
    return traced


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("lengths", [None, [2, 5, 1]])
@pytest.mark.parametrize("batch_first", [False, True])
def test_trace_is_one_step_after_the_other(variant, lengths, batch_first):
    rng = np.random.default_rng(7)
    layer = randomize(VARIANTS[variant](2, 4, batch_first=batch_first), rng)
    x, state = rng.normal(size=(6, 3, 2)), random_state(layer, 3, rng)
    parts = [s[0] for s in parts_of(state, "").values()]
    expected = stepped(layer.cells["l0"], x, parts, lengths)
    turn = partial(np.swapaxes, axis1=0, axis2=1) if batch_first else np.asarray
    trace = layer.trace(turn(x), state, lengths)
    assert isinstance(trace, layer.step_type)
    agree(trace._asdict(), {name: turn(value) for name, value in expected.items()}, 1e-12)
    if lengths is None:
        np.testing.assert_array_equal(trace.h, layer.forward(turn(x), state)[0])


@pytest.mark.parametrize("variant", VARIANTS)
def test_trace_of_one_sequence(variant):
    rng = np.random.default_rng(8)
    layer = randomize(VARIANTS[variant](2, 4), rng)
    x = rng.normal(size=(6, 2))
    zero = [np.zeros((1, 4)) for _ in layer.state_names]
    expected = stepped(layer.cells["l0"], x[:, None], zero)
    trace = layer.trace(x)
    agree(trace._asdict(), {name: value[:, 0] for name, value in expected.items()}, 1e-12)
    np.testing.assert_array_equal(trace.h, layer.forward(x)[0])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("directions", [("",), ("", "_reverse"), ("_reverse",)])
def test_trace_of_several_layers_and_directions(variant, directions):
    rng = np.random.default_rng(9)
    options = {"bidirectional": len(directions) == 2, "reverse": directions == ("_reverse",)}
    layer = randomize(VARIANTS[variant](2, 4, num_layers=2, **options), rng)
    x, state = rng.normal(size=(5, 3, 2)), random_state(layer, 3, rng)
    trace = layer.trace(x, state)
    read, k = x, 0
    for number in range(2):
        halves = []
        for direction in directions:
            pace = -1 if direction else 1
            initial = [s[k] for s in parts_of(state, "").values()]
            expected = stepped(layer.cells[f"l{number}{direction}"], read[::pace], initial)
            agree(
                {name: value[k] for name, value in trace._asdict().items()},
                {name: value[::pace] for name, value in expected.items()},
                1e-12,
            )
            halves.append(expected["h"][::pace])
            k += 1
        read = np.concatenate(halves, axis=-1)
    assert trace.h.shape == (2 * len(directions), 5, 3, 4)
    output, _ = layer.forward(x, state)
    np.testing.assert_array_equal(np.concatenate(trace.h[-len(directions) :], axis=-1), output)


@pytest.mark.parametrize("kind", LAYERS)
def test_trace_of_several_layers_has_the_shape_of_x(kind):
    rng = np.random.default_rng(10)
    for options, size, expected in [
        ({"num_layers": 3}, (5, 2, 3), (3, 5, 2, 4)),
        ({"bidirectional": True, "batch_first": True}, (2, 5, 3), (2, 2, 5, 4)),
        ({"num_layers": 2, "bidirectional": True}, (5, 3), (4, 5, 4)),
    ]:
        trace = LAYERS[kind](3, 4, seed=1, **options).trace(rng.normal(size=size))
        assert {q.shape for q in trace} == {expected}


@pytest.mark.parametrize("variant", VARIANTS)
def test_trace_leaves_what_backward_needs(variant):
    rng = np.random.default_rng(11)
    layer = randomize(VARIANTS[variant](3, 4, num_layers=2), rng, 0.5)
    x, d_output = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))
    layer.forward(x)
    expected = layer.backward(d_output).parameters
    layer.forward(-x)
    for q in layer.trace(x):
        q[...] = 99  # what was returned is the caller's
    same(layer.backward(d_output).parameters, expected)


# -------------------------------------------------------------------------------------- dropout


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_dropout_multiplies_between_layers(kind, bidirectional, batch_first):
    """A stack of single PyTorch layers, with this forward pass's own masks in between."""
    rng = np.random.default_rng(12)
    options = {"bidirectional": bidirectional, "batch_first": batch_first}
    layer = LAYERS[kind](3, 4, num_layers=3, dropout=0.4, seed=1, **options)
    randomize(layer, rng)
    directions = 2 if bidirectional else 1
    leading = (2, 5) if batch_first else (5, 2)
    x, d_output = rng.normal(size=(*leading, 3)), rng.normal(size=(*leading, 4 * directions))
    state, d_state = random_state(layer, 2, rng), random_state(layer, 2, rng)
    got = numbers(layer, x, state, None, d_output, d_state)
    masks = layer._tape.masks
    assert len(masks) == 3
    assert all(len(np.unique(mask)) == 2 for mask in masks[1:])  # both happened

    weights, inside = {name: leaf(value) for name, value in layer.state_dict().items()}, leaf(x)
    initial = {name: leaf(s) for name, s in parts_of(state, "gradient of").items()}
    read, last = inside, []
    for number, mask in enumerate(masks):
        mask = torch.from_numpy(np.asarray(mask, float))
        if number and batch_first:
            mask = mask.swapaxes(0, 1)
        module = getattr(torch.nn, kind)(read.shape[-1], 4, dtype=torch.float64, **options)
        mine = {
            n.replace(f"_l{number}", "_l0"): w for n, w in weights.items() if f"_l{number}" in n
        }
        first = [s[number * directions : (number + 1) * directions] for s in initial.values()]
        first = tuple(first) if kind == "LSTM" else first[0]
        read, end = torch.func.functional_call(module, mine, (read * mask, first))
        last.append(end if kind == "LSTM" else (end,))
    last = [torch.cat(parts) for parts in zip(*last, strict=True)]
    last = parts_of(tuple(last) if kind == "LSTM" else last[0], "last")
    torch_loss(read, last, d_output, d_state).backward()
    expected = {
        "output": read.detach().numpy(),
        **{name: s.detach().numpy() for name, s in last.items()},
        "gradient of x": inside.grad.numpy(),
        **{name: s.grad.numpy() for name, s in initial.items()},
        **{name: w.grad.numpy() for name, w in weights.items()},
    }
    agree(got, expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_dropout_is_off_outside_training(kind):
    rng = np.random.default_rng(13)
    layer = randomize(LAYERS[kind](3, 4, num_layers=2, dropout=0.5, seed=1), rng)
    plain = LAYERS[kind](3, 4, num_layers=2)
    plain.load_state_dict(layer.state_dict())
    x, d_output = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))
    expected = numbers(plain, x, None, None, d_output)
    assert layer.training
    assert not np.allclose(layer.forward(x)[0], expected["output"])
    assert layer.eval() is layer
    assert not layer.training
    same(numbers(layer, x, None, None, d_output), expected)
    assert layer.train() is layer
    assert not np.allclose(layer.forward(x)[0], expected["output"])


@pytest.mark.parametrize("kind", LAYERS)
def test_dropout_has_no_place_in_one_layer(kind):
    """Nor before the first layer and after the last."""
    x = np.random.default_rng(14).normal(size=(5, 2, 3))
    single, plain = (LAYERS[kind](3, 4, dropout=p, seed=1) for p in (0.9, 0))
    np.testing.assert_array_equal(single.forward(x)[0], plain.forward(x)[0])
    double, plain = (LAYERS[kind](3, 4, num_layers=2, dropout=p, seed=1) for p in (0.9, 0))
    got, expected = double.trace(x).h, plain.trace(x).h
    np.testing.assert_array_equal(got[0], expected[0])  # the first layer reads all of x
    assert not np.allclose(got[1], expected[1])
    assert (double.forward(x)[0] != 0).all()


def test_dropout_preserves_the_mean():
    layer = LSTM(1, 50, num_layers=2, bidirectional=True, dropout=0.3, seed=1)
    layer.forward(np.ones((20, 20, 1)))
    mask = layer._tape.masks[1]
    assert mask.shape == (20, 20, 100)  # each number falls on its own
    assert set(np.unique(mask)) == {0, 1 / 0.7}
    assert abs(mask.mean() - 1) < 0.01  # about three standard deviations
    for axes in ((0, 1), (0, 2), (1, 2)):  # at every place
        assert np.abs(mask.mean(axes) - 1).max() < 0.15


@pytest.mark.parametrize("kind", LAYERS)
def test_the_seed_decides_what_is_dropped(kind):
    x = np.random.default_rng(15).normal(size=(5, 2, 3))
    first, twin, other = (LAYERS[kind](3, 4, 2, dropout=0.5, seed=seed) for seed in (1, 1, 2))
    other.load_state_dict(first.state_dict())
    outputs = [first.forward(x)[0], first.forward(x)[0]]
    assert not np.array_equal(*outputs)  # each call anew
    for expected in outputs:
        np.testing.assert_array_equal(twin.forward(x)[0], expected)
    assert not np.array_equal(other.forward(x)[0], outputs[0])


# ----------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_parameters_are_named_and_shaped_as_in_torch(kind, num_layers, bidirectional):
    options = {"num_layers": num_layers, "bidirectional": bidirectional}
    layer, module = LAYERS[kind](3, 4, **options), getattr(torch.nn, kind)(3, 4, **options)
    expected = [(name, tuple(value.shape)) for name, value in module.state_dict().items()]
    assert list(layer.parameter_shapes().items()) == expected
    assert [(name, value.shape) for name, value in layer.state_dict().items()] == expected


def test_peepholes_come_last_in_each_cell():
    layer = LSTM(3, 4, num_layers=2, peephole=True, reverse=True)
    shapes = layer.parameter_shapes()
    assert list(shapes)[4::5] == ["weight_peephole_l0_reverse", "weight_peephole_l1_reverse"]
    assert shapes["weight_peephole_l1_reverse"] == (12,)
    assert shapes["weight_ih_l1_reverse"] == (16, 4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_initial_parameters(variant):
    make = partial(VARIANTS[variant], 30, 25, num_layers=2, bidirectional=True)
    first, same_seed, other = (make(seed=seed).state_dict() for seed in (1, 1, 2))
    same(first, same_seed)
    for name, value in first.items():
        assert np.abs(value).max() <= 1 / 5
        assert value.min() < -0.1  # on both sides of zero, and not all near it
        assert value.max() > 0.1
        assert not np.array_equal(value, other[name])
    for kind in ("weight_hh", "bias_ih"):  # no two cells start alike
        for a, b in [("l0", "l0_reverse"), ("l0", "l1"), ("l1", "l1_reverse")]:
            assert not np.array_equal(first[f"{kind}_{a}"], first[f"{kind}_{b}"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_state_dict_round_trip(variant):
    make = partial(VARIANTS[variant], 3, 4, num_layers=2, bidirectional=True)
    one, two = make(seed=1), make(seed=2)
    x = np.random.default_rng(16).normal(size=(5, 2, 3))
    assert not np.array_equal(one.forward(x)[0], two.forward(x)[0])
    two.load_state_dict(one.state_dict())
    np.testing.assert_array_equal(one.forward(x)[0], two.forward(x)[0])
    two.load_state_dict({n: torch.from_numpy(-v) for n, v in one.state_dict().items()})
    same(two.state_dict(), {name: -value for name, value in one.state_dict().items()})
    two.load_state_dict({name: value.tolist() for name, value in one.state_dict().items()})
    same(two.state_dict(), one.state_dict())
    two.load_state_dict(dict(reversed(one.state_dict().items())))  # names count, not the order
    assert list(two.state_dict()) == list(one.state_dict())


@pytest.mark.parametrize("kind", LAYERS)
def test_a_state_dict_holds_copies(kind):
    layer = LAYERS[kind](3, 4, seed=1)
    before, taken = copy.deepcopy(layer).state_dict(), layer.state_dict()
    for value in taken.values():
        value[...] = 9
    same(layer.state_dict(), before)
    layer.load_state_dict(taken)
    for value in taken.values():
        value[...] = 5
    assert all((value == 9).all() for value in layer.state_dict().values())


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


def changed(state_dict, **entries):
    return {**state_dict, **entries}


BAD_ENTRIES = {
    "too small": (lambda v: v[1:], ["must have shape", "got (2,)"]),
    "a wrong axis": (lambda v: v[:, None], ["must have shape", "got (3, 1)"]),
    "single precision": (lambda v: v.astype(np.float32), ["dtype float64", "got float32"]),
    "integers": (lambda v: v.astype(int), ["dtype float64", "got int64"]),
    "NaN": (lambda v: v * np.nan, ["finite", "NaN"]),
    "infinite": (lambda v: v + np.inf, ["finite", "infinity"]),
    "None": (lambda v: None, []),
}


@pytest.mark.parametrize("case", BAD_ENTRIES)
def test_load_state_dict_refuses_a_value(case):
    """The last parameter of all is bad, so the others would have been taken already."""
    layer, other = RNN(2, 3, 2, seed=1), RNN(2, 3, 2, seed=2)
    bad, words = BAD_ENTRIES[case]
    value = other.bias_hh_l1
    with refuses("bias_hh_l1", *words):
        layer.load_state_dict(changed(other.state_dict(), bias_hh_l1=bad(value)))
    same(layer.state_dict(), RNN(2, 3, 2, seed=1).state_dict())


def test_load_state_dict_refuses_names():
    layer, other = LSTM(2, 3, seed=1), LSTM(2, 3, seed=2).state_dict()
    without = {name: value for name, value in other.items() if name != "bias_ih_l0"}
    with refuses("must have bias_ih_l0 for LSTM(2, 3)", "got only weight_ih_l0"):
        layer.load_state_dict(without)
    with refuses("must have weight_ih_l0, weight_hh_l0", "an empty one"):
        layer.load_state_dict({})
    with refuses("no other names than those of LSTM(2, 3)", "got also weight_ih_l1"):
        layer.load_state_dict(changed(other, weight_ih_l1=np.ones((12, 3))))
    with refuses("no other names", "weight_peephole_l0"):
        layer.load_state_dict(LSTM(2, 3, peephole=True).state_dict())
    same(layer.state_dict(), LSTM(2, 3, seed=1).state_dict())


# ----------------------------------------------------------------------- to PyTorch and from it


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_to_torch_and_back(kind, dtype, bidirectional):
    options = {"bidirectional": bidirectional, "batch_first": True, "dropout": 0.25}
    if kind == "RNN":
        options["nonlinearity"] = "relu"
    layer = LAYERS[kind](3, 4, 2, dtype=dtype, seed=1, **options).eval()
    module = layer.to_torch()
    assert type(module) is getattr(torch.nn, kind)
    assert (module.input_size, module.hidden_size, module.num_layers) == (3, 4, 2)
    assert {name: getattr(module, name) for name in options} == options
    assert module.weight_ih_l0.dtype == {"f": torch.float32, "d": torch.float64}[layer.dtype.char]
    assert not module.training
    x = np.random.default_rng(17).normal(size=(2, 5, 3)).astype(dtype)
    with torch.no_grad():
        expected = module(torch.from_numpy(x))[0].numpy()
    np.testing.assert_allclose(layer.forward(x)[0], expected, 1e-6, 1e-6)

    again = LAYERS[kind].from_torch(module)
    assert (again.input_size, again.hidden_size, again.num_layers) == (3, 4, 2)
    assert {name: getattr(again, name) for name in options} == options
    assert again.dtype == dtype
    assert not again.training
    same(again.state_dict(), layer.state_dict())
    assert layer.train().to_torch().training
    assert LAYERS[kind].from_torch(module.train()).training


@pytest.mark.parametrize("kind", LAYERS)
def test_torch_gets_a_copy_and_gives_one(kind):
    layer = LAYERS[kind](3, 4, seed=1)
    before = copy.deepcopy(layer).state_dict()
    module = layer.to_torch()
    again = LAYERS[kind].from_torch(module)
    with torch.no_grad():
        for p in module.parameters():
            p.fill_(9)
    same(layer.state_dict(), before)
    same(again.state_dict(), before)
    module = layer.to_torch()
    for name in before:
        getattr(layer, name)[...] = 5
    same({name: p.detach().numpy() for name, p in module.named_parameters()}, before)


@pytest.mark.parametrize("kind", LAYERS)
def test_without_biases_they_are_zero(kind):
    layer = LAYERS[kind].from_torch(getattr(torch.nn, kind)(3, 4, bias=False))
    assert layer.dtype == np.float32
    assert (layer.bias_ih_l0 == 0).all()
    assert (layer.bias_hh_l0 == 0).all()


def test_what_torch_cannot_express():
    with refuses("peephole=True cannot become a PyTorch module", "no weights from the cell state"):
        LSTM(3, 4, peephole=True).to_torch()
    with refuses("reset_after=False cannot become a PyTorch module", "after the matrix product"):
        GRU(3, 4, reset_after=False).to_torch()
    for make in LAYERS.values():
        with refuses("reverse=True cannot become a PyTorch module", "bidirectional=True"):
            make(3, 4, reverse=True).to_torch()


OTHERS = [
    torch.nn.RNN(3, 4),
    torch.nn.LSTM(3, 4),
    torch.nn.GRU(3, 4),
    torch.nn.LSTMCell(3, 4),
    torch.nn.Linear(3, 4),
    LSTM(3, 4),
    "LSTM",
    None,
]


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        (kind, module)
        for kind in LAYERS
        for module in OTHERS
        if type(module) is not getattr(torch.nn, kind)
    ],
)
def test_from_torch_refuses_other_things(kind, module):
    with refuses(f"module must be a torch.nn.{kind}", f"got {type(module).__name__}"):
        LAYERS[kind].from_torch(module)


def test_from_torch_refuses_a_projection():
    with refuses("module must have no projection", "proj_size=2"):
        LSTM.from_torch(torch.nn.LSTM(3, 4, proj_size=2))


# ----------------------------------------------------------------------- parameters as attributes


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_parameter_can_be_read_and_set(variant):
    make = partial(VARIANTS[variant], 3, 4, num_layers=2, bidirectional=True)
    layer, rng = make(seed=1), np.random.default_rng(18)
    x = rng.normal(size=(5, 2, 3))
    for name, size in layer.parameter_shapes().items():
        output, _ = layer.forward(x)
        value = rng.normal(size=size)
        setattr(layer, name, value)
        expected = value.copy()
        value[...] = 99  # the layer has its own
        np.testing.assert_array_equal(getattr(layer, name), expected)
        np.testing.assert_array_equal(layer.state_dict()[name], expected)
        kind, _, place = name.rpartition("_l")
        np.testing.assert_array_equal(getattr(layer.cells[f"l{place}"], kind), expected)
        after, _ = layer.forward(x)
        assert not np.array_equal(after, output), name  # and it is used


@pytest.mark.parametrize("variant", VARIANTS)
def test_bad_parameter(variant):
    layer = VARIANTS[variant](3, 4, num_layers=2, seed=1)
    before = layer.state_dict()
    for name, good in before.items():
        with refuses(name, f"shape {good.shape}", f"got {good.T[1:].shape}"):
            setattr(layer, name, good.T[1:])
        with refuses(name, "float64", "got float32"):
            setattr(layer, name, good.astype(np.float32))
        with refuses(name, "finite", "NaN"):
            setattr(layer, name, np.full_like(good, np.nan))
    same(layer.state_dict(), before)
    layer.weight_hh_l1[0] = np.inf  # written in place, so only the next pass can see it
    with refuses("weight_hh_l1", "finite", "infinity"):
        layer.forward(np.ones((5, 3)))


UNKNOWN = ["weight_hh", "weight_hh_l1", "weight_hh_l0_reverse", "weights", "bias", "bias_xh_l0"]


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_parameter(kind, name):
    layer = LAYERS[kind](3, 4)
    assert not hasattr(layer, name)
    with pytest.raises(AttributeError, match=f"'{name}' is no parameter of {kind}"):
        getattr(layer, name)
    with refuses(name, "is not a parameter", "weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0"):
        setattr(layer, name, np.ones((4, 4)))
    assert not hasattr(layer, name)


@pytest.mark.parametrize("kind", LAYERS)
def test_unknown_attribute(kind):
    layer = LAYERS[kind](3, 4)
    assert hasattr(layer, "weight_hh_l0")
    for name in ("parameters", "hidden", "_weight", "l0"):
        assert not hasattr(layer, name)
    with pytest.raises(AttributeError, match=f"'{kind}' object has no attribute 'hidden'"):
        _ = layer.hidden


@pytest.mark.parametrize("kind", LAYERS)
def test_backward_needs_a_forward_pass(kind):
    layer = LAYERS[kind](3, 4, seed=1)
    assert layer.kept_bytes == 0
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        layer.backward(np.ones((5, 2, 4)))


def write_in_place(layer):
    layer.weight_hh_l0[...] = 0


@pytest.mark.parametrize(
    "change",
    [
        write_in_place,
        lambda layer: setattr(layer, "weight_hh_l0", -layer.weight_hh_l0),
        lambda layer: setattr(layer.cells["l0"], "weight_hh", -layer.weight_hh_l0),
        lambda layer: layer.load_state_dict(
            {name: -value for name, value in layer.state_dict().items()}
        ),
    ],
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_backward_belongs_to_the_parameters_of_its_forward_pass(variant, change):
    rng = np.random.default_rng(23)
    layer, d_output = VARIANTS[variant](3, 4, seed=1), rng.normal(size=(5, 2, 4))
    layer.forward(rng.normal(size=(5, 2, 3)))
    before = layer.backward(d_output)
    change(layer)
    after = layer.backward(d_output)
    same(after.parameters, before.parameters)
    np.testing.assert_array_equal(after.x, before.x)


@pytest.mark.parametrize(
    ("kind", "per_step", "states"), [("RNN", 2, 1), ("LSTM", 6, 2), ("GRU", 4, 1)]
)
def test_what_is_kept(kind, per_step, states):
    """For each step and sequence what the docstring says; the states once more, at the start."""
    T, B, D, H = 6, 3, 5, 4
    layer = LAYERS[kind](D, H)
    layer.forward(np.ones((T, B, D)))
    assert layer.kept_bytes == 8 * B * (T * (per_step * H + D) + states * H)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_deep_copy_is_on_its_own(variant):
    rng = np.random.default_rng(19)
    layer = VARIANTS[variant](3, 4, 2, bidirectional=True, dropout=0.5, seed=1)
    x, d_output = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 8))
    layer.forward(x)
    twin = copy.deepcopy(layer)
    same(twin.backward(d_output).parameters, layer.backward(d_output).parameters)
    same(numbers(twin, x, None, None, d_output), numbers(layer, x, None, None, d_output))
    before = layer.state_dict()
    twin.bias_hh_l0 = twin.bias_hh_l0 + 1
    twin.weight_ih_l1[...] = 0
    same(layer.state_dict(), before)
    layer.backward(d_output)


def test_repr_is_stable():
    assert repr(RNN(3, 4)) == "RNN(3, 4)"
    expected = "LSTM(3, 4, num_layers=2, bidirectional=True)"
    assert repr(LSTM(3, 4, num_layers=2, bidirectional=True)) == expected
    assert repr(GRU(3, 4, reverse=True)) == "GRU(3, 4, reverse=True)"


# ------------------------------------------------------------------- what calls leave as it was


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("lengths", [None, [5, 5], [2, 4]])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
def test_nobodys_arrays_are_written_to(variant, lengths, options):
    rng = np.random.default_rng(20)
    layer = randomize(VARIANTS[variant](3, 4, **options), rng, 0.5)
    state, d_state = random_state(layer, 2, rng), random_state(layer, 2, rng)
    given = {
        "x": rng.normal(size=(5, 2, 3)),
        "d_output": rng.normal(size=(5, 2, 8 if options else 4)),
        **parts_of(state, "state"),
        **parts_of(d_state, "d_state"),
        **layer.state_dict(),
    }
    if lengths:
        lengths = given["lengths"] = np.array(lengths)
    before = copy.deepcopy(given)
    first = numbers(layer, given["x"], state, lengths, given["d_output"], d_state)
    kept = copy.deepcopy(first)
    layer.trace(given["x"], state, lengths)
    same(given, before)
    same(layer.state_dict(), {name: before[name] for name in layer.parameter_shapes()})
    numbers(layer, -given["x"], state, lengths, given["d_output"], d_state)
    same(first, kept)  # results of an earlier call stay too


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_backward_goes_by_what_forward_read(variant, one, batch_first):
    rng = np.random.default_rng(21)
    layer = randomize(VARIANTS[variant](3, 4, 2, batch_first=batch_first), rng, 0.5)
    B, leading = (None, (5,)) if one else (2, (2, 5) if batch_first else (5, 2))
    x, d_output = rng.normal(size=(*leading, 3)), rng.normal(size=(*leading, 4))
    state, d_state = random_state(layer, B, rng), random_state(layer, B, rng)
    lengths = None if one else np.array([2, 5])
    expected = numbers(layer, x, state, lengths, d_output, d_state)
    output, last = layer.forward(x, state, lengths)
    mine = [x, output, *parts_of(state, "").values(), *parts_of(last, "").values()]
    for array in mine if one else [*mine, lengths]:
        array[...] = 3
    for _ in range(2):  # and each time anew
        gradients = layer.backward(d_output, d_state)
        got = {
            "gradient of x": gradients.x,
            **parts_of(gradients.state, "gradient of"),
            **gradients.parameters,
        }
        same(got, {name: expected[name] for name in got})
        for value in got.values():
            value[...] = 7  # what was returned is the caller's


@pytest.mark.parametrize("kind", LAYERS)
def test_lists_and_tensors_are_taken(kind):
    rng = np.random.default_rng(22)
    layer = randomize(LAYERS[kind](3, 4), rng)
    x, d_output = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))
    expected = numbers(layer, x, None, None, d_output)
    same(numbers(layer, x.tolist(), None, None, d_output.tolist()), expected)
    same(numbers(layer, torch.from_numpy(x), None, None, torch.from_numpy(d_output)), expected)


# ------------------------------------------------------------------------------- two pieces of one


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("cut", [1, 4, 6])
def test_two_pieces_give_what_the_whole_gives(variant, cut):
    """The state is carried forward and its derivative back: nothing is truncated."""
    rng = np.random.default_rng(23)
    layer = randomize(VARIANTS[variant](3, 4, num_layers=2), rng, 0.5)
    x, d_output = rng.normal(size=(7, 2, 3)), rng.normal(size=(7, 2, 4))
    state, d_state = random_state(layer, 2, rng), random_state(layer, 2, rng)
    whole = numbers(layer, x, state, None, d_output, d_state)

    _, between = layer.forward(x[:cut], state)
    second = numbers(layer, x[cut:], between, None, d_output[cut:], d_state)
    d_between = tuple(second[f"gradient of {s}"] for s in layer.state_names)
    d_between = d_between if len(d_between) == 2 else d_between[0]
    first = numbers(layer, x[:cut], state, None, d_output[:cut], d_between)
    joined = {}
    for name in whole:
        if name in ("output", "gradient of x"):
            joined[name] = np.concatenate([first[name], second[name]])
        elif name.startswith("last"):
            joined[name] = second[name]
        elif name.startswith("gradient of"):
            joined[name] = first[name]
        else:
            joined[name] = first[name] + second[name]
    agree(joined, whole)


# ------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("name", ["input_size", "hidden_size", "num_layers"])
@pytest.mark.parametrize("size", [0, -1, 2.5, 2.0, True, "3", None])
def test_bad_size(kind, name, size):
    with refuses(name, "must be a positive integer", f"got {size!r}"):
        LAYERS[kind](**{"input_size": 3, "hidden_size": 4, "num_layers": 1, name: size})


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("dropout", [1, 1.0, 1.5, -0.1, "0.5", True, False, None, np.nan])
def test_bad_dropout(kind, dropout):
    with refuses("dropout must be a number from 0 to below 1", f"got {dropout!r}"):
        LAYERS[kind](3, 4, num_layers=2, dropout=dropout)


@pytest.mark.parametrize("kind", LAYERS)
def test_bad_options(kind):
    with refuses("reverse is one direction", "bidirectional must be False"):
        LAYERS[kind](3, 4, bidirectional=True, reverse=True)
    with refuses("dtype must be numpy.float64 or numpy.float32", "float16"):
        LAYERS[kind](3, 4, dtype=np.float16)
    for unknown in ("bias", "proj_size", "hidden"):
        with pytest.raises(TypeError, match=unknown):
            LAYERS[kind](3, 4, **{unknown: 1})


def test_options_of_another_network():
    with refuses("nonlinearity must be 'tanh' or 'relu'", "got 'sigmoid'"):
        RNN(3, 4, nonlinearity="sigmoid")
    for make, unknown in [(RNN, "peephole"), (LSTM, "reset_after"), (GRU, "nonlinearity")]:
        with pytest.raises(TypeError, match=unknown):
            make(3, 4, **{unknown: "tanh"})


def ready(kind, **options):
    """A layer after a forward pass, and what it would answer; to be asked again afterwards."""
    layer = LAYERS[kind](3, 4, seed=1, **options)
    rng = np.random.default_rng(24)
    layer.forward(rng.normal(size=(5, 2, 3)))
    d_output = rng.normal(size=(5, 2, 4))

    def answer():
        return {**layer.backward(d_output).parameters, **layer.state_dict()}

    return layer, answer


BAD_X = {
    "one axis": (np.ones(3), ["(T, B, 3), or (T, 3)", "got (3,)"]),
    "no axis": (np.float64(1), ["(T, B, 3)", "got ()"]),
    "four axes": (np.ones((5, 2, 1, 3)), ["(T, B, 3)", "got (5, 2, 1, 3)"]),
    "too wide": (np.ones((5, 2, 4)), ["(T, B, 3)", "got (5, 2, 4)"]),
    "one, too narrow": (np.ones((5, 2)), ["(T, 3)", "got (5, 2)"]),
    "no step": (np.ones((0, 2, 3)), ["at least one step", "got (0, 2, 3)"]),
    "no sequence": (np.ones((5, 0, 3)), ["(T, B, 3)", "got (5, 0, 3)"]),
    "one, without a step": (np.ones((0, 3)), ["at least one step", "got (0, 3)"]),
    "single precision": (np.ones((5, 2, 3), np.float32), ["float64", "got float32", "np.asarray"]),
    "integers": (np.ones((5, 2, 3), int), ["float64", "got int64", "np.asarray"]),
    "NaN": (np.full((5, 2, 3), np.nan), ["finite", "NaN"]),
    "infinite": (np.full((5, 2, 3), np.inf), ["finite", "infinity"]),
    "ragged": ([[[1.0, 2.0, 3.0]], []], ["array of float64 numbers"]),
    "tensor with gradient": (torch.ones(5, 2, 3, requires_grad=True), ["detach"]),
    "nothing": (None, []),
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("case", BAD_X)
def test_bad_x(kind, case):
    layer, answer = ready(kind)
    expected = answer()
    x, words = BAD_X[case]
    for call in (layer.forward, layer.trace):
        with refuses("x must", *words):
            call(x)
    same(answer(), expected)


def test_bad_x_with_the_batch_first():
    with refuses("x must have shape (B, T, 3), or (T, 3) for one sequence", "got (2, 5, 4)"):
        GRU(3, 4, batch_first=True).forward(np.ones((2, 5, 4)))


def test_nothing_is_rounded_behind_your_back():
    with refuses("x must have dtype float32", "got float64", "np.float32"):
        RNN(3, 4, dtype=np.float32).forward(np.ones((5, 3)))


BAD_STATE = {
    "too wide": (np.ones((1, 2, 5)), ["shape (1, 2, 4)", "got (1, 2, 5)"]),
    "another batch": (np.ones((1, 3, 4)), ["shape (1, 2, 4)", "got (1, 3, 4)"]),
    "too many layers": (np.ones((2, 2, 4)), ["shape (1, 2, 4)", "got (2, 2, 4)"]),
    "no layer axis": (np.ones((2, 4)), ["shape (1, 2, 4)", "got (2, 4)"]),
    "single precision": (np.ones((1, 2, 4), np.float32), ["float64", "got float32"]),
    "integers": (np.ones((1, 2, 4), int), ["float64", "got int64"]),
    "NaN": (np.full((1, 2, 4), np.nan), ["finite", "NaN"]),
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("case", BAD_STATE)
def test_bad_state(kind, case):
    layer, answer = ready(kind)
    expected, good = answer(), np.ones((1, 2, 4))
    bad, words = BAD_STATE[case]
    x, d_output = np.ones((5, 2, 3)), np.ones((5, 2, 4))
    states = {"h": (bad, good), "c": (good, bad)} if kind == "LSTM" else {"h": bad}
    for part, state in states.items():
        with refuses(f"{part} of state must", *words):
            layer.forward(x, state)
        with refuses(f"{part} of d_state must", *words):
            layer.backward(d_output, state)
    same(answer(), expected)


@pytest.mark.parametrize("kind", ["RNN", "GRU"])
def test_a_pair_is_no_state_of_one_part(kind):
    layer, answer = ready(kind)
    expected, h = answer(), np.ones((1, 2, 4))
    with refuses("h of state must have shape (1, 2, 4)", "got (2, 1, 2, 4)"):
        layer.forward(np.ones((5, 2, 3)), (h, h))
    with refuses("h of d_state must have shape (1, 2, 4)", "got (2, 1, 2, 4)"):
        layer.backward(None, (h, h))
    same(answer(), expected)


@pytest.mark.parametrize(
    ("state", "got"),
    [
        (np.ones((1, 2, 4)), "got ndarray"),
        (np.ones((2, 1, 2, 4)), "got ndarray"),
        ((np.ones((1, 2, 4)),), "got 1 of them"),
        ([np.ones((1, 2, 4))] * 3, "got 3 of them"),
    ],
)
def test_lstm_state_must_be_a_pair(state, got):
    layer, answer = ready("LSTM")
    expected = answer()
    with refuses("state must be a pair (h, c)", got):
        layer.forward(np.ones((5, 2, 3)), state)
    same(answer(), expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_the_state_of_one_sequence_has_no_batch_axis(kind):
    layer = LAYERS[kind](3, 4)
    h = np.ones((1, 1, 4))
    with refuses("h of state must have shape (1, 4)", "got (1, 1, 4)"):
        layer.forward(np.ones((5, 3)), (h, h) if kind == "LSTM" else h)


BAD_LENGTHS = {
    "zero": ([5, 0], ["between 1 and T = 5", "got [5, 0]"]),
    "negative": ([-1, 5], ["between 1 and T = 5", "got [-1, 5]"]),
    "longer than T": ([6, 5], ["between 1 and T = 5", "got [6, 5]"]),
    "too few": ([5], ["2 integers, one for each sequence", "(1,)"]),
    "too many": ([5, 5, 5], ["2 integers, one for each sequence", "(3,)"]),
    "one number": (5, ["2 integers, one for each sequence", "()"]),
    "two axes": ([[5, 5]], ["2 integers, one for each sequence", "(1, 2)"]),
    "none at all": ([], ["2 integers, one for each sequence", "(0,)"]),
    "floats": ([5.0, 4.0], ["2 integers", "got float64"]),
    "bools": ([True, True], ["2 integers", "got bool"]),
    "words": (["5", "4"], ["2 integers", "got <U1"]),
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("case", BAD_LENGTHS)
def test_bad_lengths(kind, case):
    layer, answer = ready(kind)
    expected = answer()
    lengths, words = BAD_LENGTHS[case]
    with refuses("lengths must", *words):
        layer.forward(np.ones((5, 2, 3)), lengths=lengths)
    same(answer(), expected)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("lengths", [5, [5], [5, 5]])
def test_one_sequence_has_no_lengths(kind, lengths):
    layer, answer = ready(kind)
    expected = answer()
    with refuses("lengths must be None for one sequence", f"got {lengths}"):
        layer.forward(np.ones((5, 3)), lengths=lengths)
    same(answer(), expected)


BAD_D_OUTPUT = {
    "too wide": (np.ones((5, 2, 8)), ["shape (5, 2, 4)", "got (5, 2, 8)"]),
    "too short": (np.ones((4, 2, 4)), ["shape (5, 2, 4)", "got (4, 2, 4)"]),
    "batch first": (np.ones((2, 5, 4)), ["shape (5, 2, 4)", "got (2, 5, 4)"]),
    "the last step's": (np.ones((2, 4)), ["shape (5, 2, 4)", "got (2, 4)"]),
    "one number": (1.0, ["shape (5, 2, 4)", "got ()"]),
    "single precision": (np.ones((5, 2, 4), np.float32), ["float64", "got float32"]),
    "NaN": (np.full((5, 2, 4), np.nan), ["finite", "NaN"]),
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("case", BAD_D_OUTPUT)
def test_bad_d_output(kind, case):
    layer, answer = ready(kind)
    expected = answer()
    d_output, words = BAD_D_OUTPUT[case]
    with refuses("d_output must", *words):
        layer.backward(d_output)
    same(answer(), expected)


@pytest.mark.parametrize("kind", LAYERS)
def test_d_output_has_the_shape_of_the_output(kind):
    layer = LAYERS[kind](3, 4, bidirectional=True, batch_first=True)
    layer.forward(np.ones((2, 5, 3)))
    with refuses("d_output must have shape (2, 5, 8)", "got (5, 2, 8)"):
        layer.backward(np.ones((5, 2, 8)))
    layer.forward(np.ones((5, 3)))
    with refuses("d_output must have shape (5, 8)", "got (5, 1, 8)"):
        layer.backward(np.ones((5, 1, 8)))


def test_a_kind_of_layer_of_ones_own_becomes_the_same_torch_module():
    class Mine(LSTM):
        pass

    module = Mine(2, 3, seed=0).to_torch()
    assert type(module) is torch.nn.LSTM
    same(Mine.from_torch(module).state_dict(), LSTM.from_torch(module).state_dict())


def test_one_layer_with_dropout_becomes_a_torch_module_that_does_not_warn():
    assert RNN(3, 4, dropout=0.5).to_torch().dropout == 0


def test_half_precision_is_refused():
    for dtype in (torch.bfloat16, torch.float16):
        with refuses("must", "float"):
            LSTM.from_torch(torch.nn.LSTM(3, 4, dtype=dtype))


@pytest.mark.parametrize("state_dict", [None, 3, [("weight_ih_l0", 1)]])
def test_a_state_dict_is_a_mapping(state_dict):
    with refuses("state_dict must be a dict of names and arrays", type(state_dict).__name__):
        RNN(3, 4).load_state_dict(state_dict)


def test_ragged_lengths():
    with refuses("lengths must be 2 integers", "[[1], [1, 2]]"):
        RNN(3, 4).forward(np.ones((5, 2, 3)), lengths=[[1], [1, 2]])


def test_the_derivative_of_a_state_is_named():
    layer = LSTM(3, 4)
    layer.forward(np.ones((5, 2, 3)))
    with refuses("d_state must be a pair (h, c)", "ndarray"):
        layer.backward(None, np.ones((1, 2, 4)))
