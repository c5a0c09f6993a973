"""The variants: with everything on they are PyTorch's, and each lacks what it is said to lack."""

import re

import pytest
import torch

from rnn_utils.ablation import SETUPS, train
from rnn_utils.cells import GRUCell, LSTMCell
from rnn_utils.variants import VARIANTS, VariantNetworks, hidden_size_for

T, S, B, D, H, K = 7, 2, 3, 2, 5, 1
FULL = {"LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU, "plain RNN": torch.nn.RNN}

each_variant = pytest.mark.parametrize("variant", VARIANTS)


def networks(variant, **options):
    options = {"copies": S, "seed": 1, "dtype": torch.float64, **options}
    return VariantNetworks(variant, D, H, K, **options)


@pytest.fixture
def x():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(T, 1, B, D, generator=generator, dtype=torch.float64)


def equal(one, other):
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def weights(net, k):
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return {name: getattr(net, name)[k].detach() for name in names}


@pytest.mark.parametrize("variant", FULL)
def test_with_everything_on_it_is_pytorchs(variant, x):
    net = networks(variant)
    for k in range(S):
        module = FULL[variant](D, H, dtype=torch.float64)
        module.load_state_dict({f"{name}_l0": w for name, w in weights(net, k).items()})
        equal(net.states(x)[:, k], module(x[:, 0])[0])


def by_cell(net, cell, x, k):
    for name, values in weights(net, k).items():
        setattr(cell, name, values.numpy())
    state, shown = None, []
    for x_t in x[:, 0].numpy():
        step = cell.step(x_t, state)
        state = (step.h, step.c) if hasattr(step, "c") else step.h
        shown.append(torch.from_numpy(step.h))
    return torch.stack(shown)


def test_reset_before_is_the_cell_of_the_paper(x):
    net = networks("reset before")
    equal(net.states(x)[:, 1], by_cell(net, GRUCell(D, H, reset_after=False), x, 1))


def test_peepholes_are_those_of_the_cell(x):
    net = networks("peepholes")
    torch.nn.init.normal_(net.peepholes)
    cell = LSTMCell(D, H, peephole=True)
    cell.weight_peephole = net.peepholes[:, 1, 0].detach().flatten().numpy()
    equal(net.states(x)[:, 1], by_cell(net, cell, x, 1))


GATES_OUT = {
    "no input gate": ("LSTM", 1),
    "no forget gate": ("LSTM", 1),
    "no output gate": ("LSTM", 1),
    "no reset gate": ("GRU", 1),
    "no update gate": ("GRU", 0),
}


@pytest.mark.parametrize("variant", GATES_OUT)
def test_a_gate_taken_out_is_one_that_stands_still(variant, x):
    whole, value = GATES_OUT[variant]
    part, full = networks(variant), networks(whole)
    with torch.no_grad():
        for name, values in weights(part, slice(None)).items():
            rows = dict(zip(part.blocks, values.chunk(len(part.blocks), dim=1), strict=True))
            bias = 1000.0 * (2 * value - 1) if name == "bias_ih" else 0.0
            still = torch.full_like(rows["n" if whole == "GRU" else "g"], bias)
            stacked = [rows.get(block, still) for block in full.blocks]
            getattr(full, name).copy_(torch.cat(stacked, dim=1))
    equal(part.states(x), full.states(x))


def test_coupled_gates_stay_within_one_and_free_ones_do_not(x):
    for variant, bounded in (("coupled gates", True), ("LSTM", False)):
        net = networks(variant)
        h = c = torch.zeros(S, B, H, dtype=torch.float64)
        with torch.no_grad():
            net.bias_ih += 5.0
            for _ in range(50):
                a = net.bias_ih[:, None].expand(S, B, -1)
                h, c = net.variant.step(net, a, h, c, **dict(net.variant.options))
        assert (c.abs().max() <= 1) == bounded


def test_without_the_output_tanh_the_state_can_leave_one(x):
    net = networks("no output tanh")
    with torch.no_grad():
        net.bias_ih += 5.0
    assert net.states(x.expand(T, 1, B, D).repeat(5, 1, 1, 1)).abs().max() > 2


def test_the_minimal_unit_is_a_gru_whose_reset_gate_is_one_minus_z():
    net = networks("minimal gated unit")
    h = torch.rand(S, B, H, dtype=torch.float64)
    a = torch.randn(S, B, 2 * H, dtype=torch.float64)
    z = torch.sigmoid(a[..., :H] + net.product(h, "z"))
    n = torch.tanh(a[..., H:] + net.product((1 - z) * h, "n"))
    equal(net.variant.step(net, a, h, h)[0], z * h + (1 - z) * n)


@each_variant
def test_gradients_are_finite_and_stay_in_their_network(variant, x):
    net = networks(variant)
    answers = net(x)
    assert answers.shape == (T, S, B, K)
    answers[:, 0].square().sum().backward()
    for name, parameter in net.named_parameters():
        gradient = parameter.grad.movedim(net._axis(parameter), 0)
        assert gradient.isfinite().all()
        assert gradient[0].any(), name
        assert not gradient[1].any(), name


@each_variant
def test_networks_side_by_side_are_networks_alone(variant, x):
    net = networks(variant)
    two = x.expand(T, 2, B, D)
    equal(net(x), net(two))


@each_variant
def test_the_gate_that_keeps_starts_open(variant):
    net = networks(variant)
    bias = net.bias_ih + net.bias_hh
    for k, letter in enumerate(net.blocks):
        block = bias[:, k * H : (k + 1) * H]
        assert (letter in "fz") == bool((block == 1).all())


def test_the_same_seed_gives_the_same_weights_and_leaves_pytorchs_numbers_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    one, other = networks("GRU"), networks("GRU")
    assert torch.equal(torch.rand(1), expected)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(networks("GRU", seed=2).weight_hh, one.weight_hh)


def test_each_gradient_is_clipped_for_itself(x):
    net = networks("LSTM")
    answers = net(x)
    (1000 * answers[:, 0].square().sum() + 1e-3 * answers[:, 1].square().sum()).backward()
    before = [p.grad.clone() for p in net.parameters()]
    net.clip_gradients(1.0)
    after = [p.grad for p in net.parameters()]
    norm = sum(g[0].square().sum() for g in after).sqrt()
    assert norm == pytest.approx(1, abs=1e-4)
    for old, new in zip(before, after, strict=True):
        equal(new[1], old[1])


@each_variant
def test_sizes_are_chosen_for_equal_parameters(variant):
    H = hidden_size_for(500, variant, 2, 1)
    assert abs(VariantNetworks(variant, 2, H, 1, copies=3).n_parameters - 500) < 60


@pytest.mark.parametrize("sizes", [(0, 5, 1), (2, 0, 1), (2, 5, 0), (2, 5.5, 1)])
def test_sizes_are_checked(sizes):
    with pytest.raises(ValueError, match="must be a positive integer"):
        VariantNetworks("LSTM", *sizes)


@pytest.mark.parametrize("variant", ["gru", None, ["LSTM"]])
def test_an_unknown_variant_is_refused(variant):
    with pytest.raises(ValueError, match=re.escape(f"got {variant!r}")):
        VariantNetworks(variant, 2, 5, 1)


# --------------------------------------------------------------------------- the three tasks


@pytest.mark.parametrize("task", SETUPS)
def test_training_makes_it_better(task):
    setup = SETUPS[task]
    x, y = setup.tensors(setup.training(7))
    fresh = VariantNetworks("GRU", setup.input_size, 8, 1, copies=2, seed=0)
    trained, scores = train(task, "GRU", copies=2, updates=60)
    assert len(scores) == 2
    with torch.no_grad():
        at_first = setup.losses(fresh(x[:, None]), y[:, None])
        afterwards = setup.losses(trained(x[:, None]), y[:, None])
    assert (afterwards < at_first).all()


@pytest.mark.parametrize("task", SETUPS)
def test_right_answers_score_best(task):
    setup = SETUPS[task]
    _, y = setup.tensors(setup.test(0))
    wanted = y[:, None]
    right = wanted if setup.measure == "squared error" else 20 * wanted.clamp(min=0) - 10
    wrong = 1 + right if setup.measure == "squared error" else -right
    answers = torch.cat([right, wrong], dim=1)
    best, worst = setup.scores(answers, wanted)
    assert setup.is_solved(best)
    assert not setup.is_solved(worst)
    good, bad = setup.losses(answers, wanted)
    assert good < 1e-3 < bad


def test_one_wrong_answer_spoils_a_string():
    setup = SETUPS["counting"]
    _, y = setup.tensors(setup.test(0))
    answers = 20 * y[:, None].clamp(min=0) - 10
    last = y[:, 0, 0].argmax()
    answers[last, 0, 0] = -10
    assert setup.scores(answers, y[:, None]) == [pytest.approx(1 - 1 / 500)]
