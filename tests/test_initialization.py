"""First values: what is set is what the papers ask for, and nothing else is touched."""

import math
import re

import numpy as np
import pytest
import torch
from torch import nn

from rnn_utils import cells, layers
from rnn_utils.initialization import chrono, forget_bias, identity, orthogonal
from rnn_utils.models import ManyToOne

D, H = 3, 5
BOTH = {"num_layers": 2, "bidirectional": True}
TORCH = {np.float32: torch.float32, np.float64: torch.float64}


class Translator(nn.Module):
    """Recurrent networks somewhere inside a larger module."""

    def __init__(self, *networks, dtype):
        super().__init__()
        self.embedding = nn.Embedding(7, D, dtype=dtype)
        self.parts = nn.ModuleList(networks)
        self.readout = nn.Sequential(nn.Linear(H, H, dtype=dtype), nn.Linear(H, 2, dtype=dtype))


def theirs(make, **options):
    return lambda dtype: make(D, H, dtype=TORCH[dtype], **options)


def ours(make, **options):
    return lambda dtype: make(D, H, dtype=dtype, seed=1, **options)


def inside(*makes):
    return lambda dtype: Translator(
        *(make(D, H, dtype=TORCH[dtype]) for make in makes), dtype=TORCH[dtype]
    )


RNNS = {
    "layer": ours(layers.RNN),
    "stacked relu layer": ours(layers.RNN, nonlinearity="relu", **BOTH),
    "cell": ours(cells.RNNCell),
    "torch": theirs(nn.RNN),
    "stacked torch": theirs(nn.RNN, **BOTH),
    "torch cell": theirs(nn.RNNCell),
    "inside": inside(nn.RNN),
}
LSTMS = {
    "layer": ours(layers.LSTM),
    "stacked layer": ours(layers.LSTM, **BOTH),
    "reverse layer": ours(layers.LSTM, reverse=True),
    "peephole layer": ours(layers.LSTM, peephole=True),
    "cell": ours(cells.LSTMCell),
    "peephole cell": ours(cells.LSTMCell, peephole=True),
    "torch": theirs(nn.LSTM),
    "stacked torch": theirs(nn.LSTM, **BOTH),
    "torch cell": theirs(nn.LSTMCell),
    "inside": inside(nn.LSTM),
}
GRUS = {
    "layer": ours(layers.GRU),
    "stacked layer": ours(layers.GRU, **BOTH),
    "2014 layer": ours(layers.GRU, reset_after=False),
    "cell": ours(cells.GRUCell),
    "torch": theirs(nn.GRU),
    "stacked torch": theirs(nn.GRU, **BOTH),
    "inside": inside(nn.GRU),
}
ALL = {
    f"{kind}: {name}": make
    for kind, makes in (("RNN", RNNS), ("LSTM", LSTMS), ("GRU", GRUS))
    for name, make in makes.items()
}


def numbers(module):
    """A copy of every parameter, by name."""
    if isinstance(module, nn.Module):
        return {name: p.detach().numpy().copy() for name, p in module.named_parameters()}
    return {name: getattr(module, name).copy() for name in module.parameter_shapes()}


def changed(before, after):
    assert list(before) == list(after)
    return {name for name in before if not np.array_equal(before[name], after[name])}


def biases(parameters, blocks):
    """b_ih + b_hh of every layer and direction with so many blocks, as arrays (blocks, H)."""
    return {
        name: (bias + parameters[name.replace("bias_ih", "bias_hh")]).reshape(blocks, H)
        for name, bias in parameters.items()
        if "bias_ih" in name and len(bias) == blocks * H
    }


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


each_dtype = pytest.mark.parametrize("dtype", TORCH, ids=lambda dtype: dtype.__name__)

# ------------------------------------------------------------------------------------ orthogonal


@each_dtype
@pytest.mark.parametrize("gain", [1, 0.5])
@pytest.mark.parametrize("name", ALL)
def test_orthogonal(name, gain, dtype):
    module = ALL[name](dtype)
    before = numbers(module)
    assert orthogonal(module, gain=gain, seed=4) is module
    after = numbers(module)
    weights = {name for name in before if "weight_hh" in name}
    assert weights
    assert changed(before, after) == weights
    for weight in weights:
        assert after[weight].dtype == dtype
        for block in after[weight].reshape(-1, H, H):
            product = block @ block.T
            tolerance = 1e-6 if dtype == np.float32 else 1e-12
            np.testing.assert_allclose(product, gain**2 * np.eye(H), rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", ALL)
def test_orthogonal_is_one_by_default(name):
    plain, one = orthogonal(ALL[name](np.float64)), orthogonal(ALL[name](np.float64), gain=1)
    hh = [name for name in numbers(one) if "weight_hh" in name]
    for weight in hh:
        np.testing.assert_array_equal(numbers(plain)[weight], numbers(one)[weight])


@pytest.mark.parametrize("name", ["stacked layer", "stacked torch"])
def test_every_block_is_another_matrix(name):
    after = numbers(orthogonal(LSTMS[name](np.float64)))
    blocks = [b for n, w in after.items() if "weight_hh" in n for b in w.reshape(-1, H, H)]
    assert len(blocks) == 4 * 4
    for k, block in enumerate(blocks):
        for other in blocks[:k]:
            assert np.abs(block - other).max() > 0.1


@pytest.mark.parametrize("name", ["layer", "cell", "torch", "inside"])
def test_orthogonal_is_seeded(name):
    def weights(seed):
        after = numbers(orthogonal(GRUS[name](np.float64), seed=seed))
        [weight] = [w for n, w in after.items() if "weight_hh" in n]
        return weight

    np.testing.assert_array_equal(weights(1), weights(1))
    assert np.abs(weights(1) - weights(2)).max() > 0.1


def test_the_three_homes_get_the_same_matrices():
    layer, cell, torch_layer = (
        orthogonal(make(np.float64), seed=2) for make in map(GRUS.get, ["layer", "cell", "torch"])
    )
    np.testing.assert_array_equal(layer.weight_hh_l0, cell.weight_hh)
    np.testing.assert_array_equal(layer.weight_hh_l0, torch_layer.weight_hh_l0.detach())


def test_all_orthogonal_matrices_are_equally_likely():
    """So are W and -W, and rotations and reflections; an entry's variance is 1 / H."""
    drawn = np.array([orthogonal(cells.RNNCell(1, 3), seed=seed).weight_hh for seed in range(1000)])
    assert np.abs(drawn.mean(axis=0)).max() < 4 / math.sqrt(3 * 1000)
    np.testing.assert_allclose((drawn**2).mean(axis=0), 1 / 3, atol=4 * 0.3 / math.sqrt(1000))
    rotations = np.linalg.det(drawn) > 0
    assert rotations.mean() == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(1000))


def test_no_length_is_changed():
    layer = orthogonal(layers.RNN(D, H, nonlinearity="relu", seed=1))
    h = np.random.default_rng(0).normal(size=(H, 20))
    np.testing.assert_allclose(
        np.linalg.norm(layer.weight_hh_l0 @ h, axis=0), np.linalg.norm(h, axis=0), rtol=1e-12
    )


# -------------------------------------------------------------------------------------- identity


@each_dtype
@pytest.mark.parametrize("gain", [1, 0.5])
@pytest.mark.parametrize("name", RNNS)
def test_identity(name, gain, dtype):
    module = RNNS[name](dtype)
    before = numbers(module)
    assert identity(module, gain=gain) is module
    after = numbers(module)
    recurrent = {n for n in before if "weight_hh" in n or "bias_ih" in n or "bias_hh" in n}
    assert changed(before, after) == recurrent
    for n in recurrent:
        wanted = gain * np.eye(H) if "weight_hh" in n else np.zeros(H)
        np.testing.assert_array_equal(after[n], wanted)


def test_with_relu_the_state_and_the_gradient_are_copied():
    layer = identity(layers.RNN(D, H, nonlinearity="relu", seed=0))
    h_0 = np.arange(1.0, H + 1)[None]
    output, _ = layer.forward(np.zeros((100, D)), h_0)
    np.testing.assert_array_equal(output[-1], h_0[0])
    gradient = layer.backward(None, np.ones((1, H))).state
    np.testing.assert_array_equal(gradient, np.ones((1, H)))


def test_identity_leaves_gates_alone():
    model = Translator(nn.RNN(D, H), nn.LSTM(D, H), nn.GRU(D, H), dtype=torch.float32)
    before = numbers(model)
    identity(model)
    assert {name.split("_l0")[0] for name in changed(before, numbers(model))} == {
        "parts.0.weight_hh", "parts.0.bias_ih", "parts.0.bias_hh",
    }  # fmt: skip


def test_identity_without_biases():
    module = identity(nn.RNN(D, H, bias=False))
    np.testing.assert_array_equal(module.weight_hh_l0.detach(), np.eye(H))


@pytest.mark.parametrize("name", [*(f"LSTM: {n}" for n in LSTMS), *(f"GRU: {n}" for n in GRUS)])
def test_identity_needs_a_plain_rnn(name):
    with refuses("plain RNN"):
        identity(ALL[name](np.float64))


@pytest.mark.parametrize("gain", [0, -1, math.nan, math.inf])
def test_identity_with_a_bad_gain(gain):
    with refuses("gain"):
        identity(nn.RNN(D, H), gain=gain)


# ----------------------------------------------------------------------------------- forget gate


@each_dtype
@pytest.mark.parametrize("value", [1.0, -0.5, 3])
@pytest.mark.parametrize("name", LSTMS)
def test_forget_bias(name, value, dtype):
    module = LSTMS[name](dtype)
    before = numbers(module)
    assert forget_bias(module, value) is module
    after = numbers(module)
    assert changed(before, after) == {name for name in before if "bias_" in name}
    was, now = biases(before, 4), biases(after, 4)
    assert was
    for bias, sums in now.items():
        i, f, g, o = sums
        assert (f == value).all()
        for block, other in zip((i, g, o), was[bias][[0, 2, 3]], strict=True):
            np.testing.assert_array_equal(block, other)


def test_forget_bias_is_one_by_default():
    [sums] = biases(numbers(forget_bias(cells.LSTMCell(D, H))), 4).values()
    assert (sums[1] == 1).all()


def test_the_forget_gate_starts_where_the_bias_puts_it():
    """With nothing to read and nothing remembered, its value is that of its bias."""
    wanted = pytest.approx(1 / (1 + math.exp(-1)), abs=1e-12)
    cell = forget_bias(cells.LSTMCell(D, H, seed=1))
    assert cell.step(np.zeros(D)).f.tolist() == [wanted] * H
    layer = forget_bias(layers.LSTM(D, H, seed=1))
    assert layer.trace(np.zeros((1, D))).f[0].tolist() == [wanted] * H
    network = nn.LSTM(D, H, dtype=torch.float64)
    with torch.no_grad():
        forget_bias(network).weight_hh_l0.zero_()
    x, h, c = (torch.zeros(1, 1, n, dtype=torch.float64) for n in (D, H, H))
    kept = network(x, (h, c + 1))[1][1] - network(x, (h, c))[1][1]  # c = f * c_prev + i * g
    assert kept.flatten().tolist() == [wanted] * H


def test_only_the_lstm_gets_a_forget_bias():
    module = inside(nn.RNN, nn.LSTM, nn.GRU)(np.float64)
    before = numbers(module)
    after = numbers(forget_bias(module))
    assert changed(before, after) == {"parts.1.bias_ih_l0", "parts.1.bias_hh_l0"}


# ---------------------------------------------------------------------------------------- chrono


@each_dtype
@pytest.mark.parametrize("name", LSTMS)
def test_chrono_of_an_lstm(name, dtype):
    module = LSTMS[name](dtype)
    before = numbers(module)
    assert chrono(module, 50, seed=3) is module
    after = numbers(module)
    assert all("bias" in name for name in changed(before, after))
    was, now = biases(before, 4), biases(after, 4)
    assert was
    for bias, (i, f, g, o) in now.items():
        assert f.min() >= 0
        assert f.max() <= math.log(49) + 1e-6
        assert len(set(f.tolist())) == H
        np.testing.assert_array_equal(i, -f)
        np.testing.assert_array_equal([g, o], was[bias][2:])


@each_dtype
@pytest.mark.parametrize("name", GRUS)
def test_chrono_of_a_gru(name, dtype):
    module = GRUS[name](dtype)
    before = numbers(module)
    assert chrono(module, 50, seed=3) is module
    after = numbers(module)
    assert all("bias" in name for name in changed(before, after))
    was, now = biases(before, 3), biases(after, 3)
    assert was
    for bias, (r, z, n) in now.items():
        assert z.min() >= 0
        assert z.max() <= math.log(49) + 1e-6
        assert len(set(z.tolist())) == H
        np.testing.assert_array_equal([r, n], was[bias][[0, 2]])
        # The candidate has r between its two biases: neither of them may move.
        for side in (bias, bias.replace("bias_ih", "bias_hh")):
            np.testing.assert_array_equal(before[side][2 * H :], after[side][2 * H :])


@pytest.mark.parametrize("kind", [LSTMS, GRUS])
def test_chrono_is_seeded_and_differs_between_layers(kind):
    def keeps(seed):
        module = chrono(kind["stacked layer"](np.float64), 50, seed=seed)
        sums = biases(numbers(module), 4 if kind is LSTMS else 3).values()
        return np.array([b[1] for b in sums])

    np.testing.assert_array_equal(keeps(1), keeps(1))
    assert not np.isclose(keeps(1), keeps(2)).any()
    assert len(np.unique(keeps(1))) == 4 * H


@pytest.mark.parametrize("longest", [3, 101])
def test_the_times_are_spread_evenly(longest):
    """exp(b) is uniform from 1 to longest - 1: no part of them is further off than by chance."""
    drawn = [
        chrono(cells.LSTMCell(1, 50), longest, seed=seed).bias_ih[50:100] for seed in range(40)
    ]
    times = (np.sort(np.exp(np.ravel(drawn))) - 1) / (longest - 2)
    assert np.abs(times - (np.arange(2000) + 0.5) / 2000).max() < 1.95 / math.sqrt(2000)


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU])
def test_a_unit_keeps_for_about_so_many_steps(kind):
    """With nothing else to do, what a unit has falls to 1/e after about exp(b) steps."""
    layer = kind(1, 20, seed=1)
    for name, shape in layer.parameter_shapes().items():
        setattr(layer, name, np.zeros(shape))
    chrono(layer, 200, seed=5)
    b = layer.bias_ih_l0[20:40]
    assert b.max() > 4  # some of them keep for long
    x, start = np.zeros((220, 1)), np.ones((1, 20))
    trace = layer.trace(x, (0 * start, start) if kind is layers.LSTM else start)
    kept = trace.c if kind is layers.LSTM else trace.h
    steps = 1 + np.count_nonzero(kept > 1 / math.e, axis=0)  # the first that is below
    np.testing.assert_allclose(steps, np.exp(b) + 1, rtol=0, atol=1)


def test_chrono_leaves_a_plain_rnn_beside_a_gate_alone():
    module = inside(nn.RNN, nn.LSTM, nn.GRU)(np.float64)
    before = numbers(module)
    after = numbers(chrono(module, 10))
    assert changed(before, after) == {
        f"parts.{k}.bias_{side}_l0" for k in (1, 2) for side in ("ih", "hh")
    }


# ---------------------------------------------------------------------------- together, in a model


def test_all_of_them_on_a_model_of_the_book():
    model = chrono(orthogonal(ManyToOne("lstm", D, H, 2, num_layers=2)), 30)
    assert type(model) is ManyToOne
    assert model(torch.zeros(2, 4, D)).shape == (2, 2)
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())
    model(torch.ones(2, 4, D)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


# -------------------------------------------------------------------------------------- bad input

NO_MODULE = [5, None, "lstm", np.ones((4, 4)), [1.0], {"weight_hh": np.ones((4, 4))}]
INITIALIZERS = {
    "orthogonal": orthogonal,
    "forget_bias": forget_bias,
    "chrono": lambda module: chrono(module, 10),
}


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("module", NO_MODULE, ids=lambda module: type(module).__name__)
def test_what_is_no_module(name, module):
    with refuses(
        "module must be a layer, a cell or a torch.nn.Module", f"got {type(module).__name__}"
    ):
        INITIALIZERS[name](module)


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("make", [nn.Linear, nn.Bilinear, nn.Conv1d])
def test_a_module_without_recurrence(name, make):
    module = make(2, 3, 1)
    before = numbers(module)
    with refuses("module must have a recurrent weight", f"got {make.__name__}"):
        INITIALIZERS[name](module)
    assert changed(before, numbers(module)) == set()


def test_a_module_without_parameters():
    with refuses("module must have a recurrent weight", "got Tanh"):
        orthogonal(nn.Tanh())


@pytest.mark.parametrize("gain", [0, 0.0, -1, math.nan, math.inf, "2", True])
@pytest.mark.parametrize("name", ["RNN: layer", "LSTM: cell", "GRU: torch"])
def test_bad_gain(name, gain):
    module = ALL[name](np.float64)
    before = numbers(module)
    with refuses("gain must be a finite number above 0", f"got {gain!r}"):
        orthogonal(module, gain=gain)
    assert changed(before, numbers(module)) == set()


@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("LSTM")])
def test_no_forget_gate(name):
    module = ALL[name](np.float64)
    before = numbers(module)
    with refuses("module must have an LSTM in it", f"got {type(module).__name__}"):
        forget_bias(module)
    assert changed(before, numbers(module)) == set()


@pytest.mark.parametrize("name", RNNS)
def test_no_gate_at_all(name):
    module = RNNS[name](np.float64)
    before = numbers(module)
    with refuses("module must have an LSTM or a GRU in it", f"got {type(module).__name__}"):
        chrono(module, 10)
    assert changed(before, numbers(module)) == set()


@pytest.mark.parametrize("longest", [2, 0, -3, 3.0, "10", True, None])
@pytest.mark.parametrize("name", ["LSTM: layer", "LSTM: cell", "GRU: torch"])
def test_bad_longest(name, longest):
    module = ALL[name](np.float64)
    before = numbers(module)
    with refuses("longest must be an integer >= 3", f"got {longest!r}"):
        chrono(module, longest)
    assert changed(before, numbers(module)) == set()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_bad_forget_bias(bad):
    module = ALL["LSTM: cell"](np.float64)
    before = numbers(module)
    with refuses("value must be a finite number", f"got {bad!r}"):
        forget_bias(module, bad)
    assert changed(before, numbers(module)) == set()


def test_a_bias_needs_a_place():
    for module in (torch.nn.LSTM(3, 8, bias=False), torch.nn.GRU(3, 8, bias=False)):
        with refuses("module must have biases", "bias=False"):
            chrono(module, 10)
    with refuses("module must have biases", "bias=False"):
        forget_bias(torch.nn.LSTM(3, 8, bias=False))


@pytest.mark.parametrize("change", [orthogonal, forget_bias, lambda module: chrono(module, 10)])
@pytest.mark.parametrize("proj_size", [1, 2, 3])
def test_a_projection_is_refused(change, proj_size):
    with refuses("square blocks in weight_hh_l0", "proj_size"):
        change(torch.nn.LSTM(3, 4, proj_size=proj_size))
