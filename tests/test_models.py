"""The small models answer where they should, and their sizes are what is said."""

import re

import pytest
import torch
from torch import nn

from rnn_utils.models import (
    LanguageModel,
    ManyToMany,
    ManyToOne,
    Seq2Seq,
    count_parameters,
    hidden_size_for,
)

CELLS = {"rnn": (nn.RNN, 1), "lstm": (nn.LSTM, 4), "gru": (nn.GRU, 3)}  # and blocks of weights
B, T, D, H, K = 3, 6, 2, 5, 4

each_cell = pytest.mark.parametrize("cell", CELLS)
each_model = pytest.mark.parametrize("model", [ManyToOne, ManyToMany])
each_depth = pytest.mark.parametrize("num_layers", [1, 2])
each_direction = pytest.mark.parametrize("bidirectional", [False, True])


@pytest.fixture
def x():
    return torch.randn(B, T, D, generator=torch.Generator().manual_seed(0))


def equal(one, other):
    torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


# --------------------------------------------------------------------------------------- answers


@each_cell
@each_depth
@each_direction
def test_shapes(cell, num_layers, bidirectional, x):
    options = {"num_layers": num_layers, "bidirectional": bidirectional}
    one = ManyToOne(cell, D, H, K, **options)
    assert type(one.network) is CELLS[cell][0]
    assert type(one.readout) is nn.Linear
    assert one(x).shape == (B, K)
    many = ManyToMany(cell, D, H, K, **options)
    answers, state = many(x)
    assert answers.shape == (B, T, K)
    N = num_layers * (2 if bidirectional else 1)
    for part in state if cell == "lstm" else (state,):
        assert part.shape == (N, B, H)


@each_cell
@each_depth
def test_the_answer_is_that_after_the_last_step(cell, num_layers, x):
    one = ManyToOne(cell, D, H, K, num_layers=num_layers, seed=1)
    output, _ = one.network(x)
    equal(one(x), output[:, -1] @ one.readout.weight.T + one.readout.bias)
    many = ManyToMany(cell, D, H, K, num_layers=num_layers, seed=1)
    for t in range(T):
        equal(many(x)[0][:, t], one(x[:, : t + 1]))


@each_cell
@each_depth
def test_both_directions_have_read_everything(cell, num_layers, x):
    """From left to right this is the output at the last step, from right to left at the first."""
    model = ManyToOne(cell, D, H, K, num_layers=num_layers, bidirectional=True, seed=1)
    output, _ = model.network(x)
    last = torch.cat([output[:, -1, :H], output[:, 0, H:]], dim=-1)
    equal(model(x), last @ model.readout.weight.T + model.readout.bias)


@each_cell
@each_depth
@each_direction
def test_lengths_cut(cell, num_layers, bidirectional, x):
    model = ManyToOne(cell, D, H, K, num_layers=num_layers, bidirectional=bidirectional, seed=1)
    lengths = torch.tensor([4, 6, 1])  # in no order
    answers = model(x, lengths)
    for sequence, length, answer in zip(x, lengths, answers, strict=True):
        equal(answer, model(sequence[None, :length])[0])
    assert (answers[0] - model(x)[0]).abs().max() > 1e-3  # what is cut off would have mattered
    equal(answers[1], model(x)[1])


@each_cell
@each_depth
def test_a_carried_state_goes_on(cell, num_layers, x):
    model = ManyToMany(cell, D, H, K, num_layers=num_layers, seed=1)
    whole, last = model(x)
    pieces, state = [], None
    for piece in x.split(4, dim=1):
        answers, state = model(piece, state)
        pieces.append(answers)
    equal(torch.cat(pieces, dim=1), whole)
    equal(state, last)
    assert (model(x[:, 4:])[0] - whole[:, 4:]).abs().max() > 1e-3  # from zero it is another


def test_options_reach_the_network():
    model = ManyToOne("rnn", D, H, K, num_layers=2, nonlinearity="relu", dropout=0.25, bias=False)
    network = model.network
    assert (network.nonlinearity, network.dropout, network.bias) == ("relu", 0.25, False)
    assert network.batch_first


# ----------------------------------------------------------------------------------------- seeds


@each_cell
@each_model
def test_the_seed_decides(model, cell):
    def weights(**seed):
        return nn.utils.parameters_to_vector(model(cell, D, H, K, **seed).parameters())

    torch.manual_seed(1)
    first = weights(seed=3)
    torch.manual_seed(2)  # must not matter
    assert torch.equal(first, weights(seed=3))
    assert not torch.isclose(first, weights(seed=4)).any()
    assert torch.equal(weights(), weights(seed=0))


@each_model
def test_the_weights_are_as_torch_draws_them(model):
    torch.manual_seed(3)
    network, readout = nn.GRU(D, H), nn.Linear(H, K)
    made = model("gru", D, H, K, seed=3)
    for ours, theirs in ((made.network, network), (made.readout, readout)):
        for name, value in theirs.state_dict().items():
            assert torch.equal(ours.state_dict()[name], value)


@each_model
def test_torch_random_numbers_are_left_alone(model):
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    model("lstm", D, H, K, seed=9)
    hidden_size_for(300, "lstm", D, K)
    assert torch.equal(torch.rand(3), wanted)


# ----------------------------------------------------------------------------------------- sizes


def size_by_hand(cell, D, H, K, num_layers=1, directions=1):
    """Every block has a weight for each input and each unit, and two biases."""
    total = 0
    for layer in range(num_layers):
        width = D if layer == 0 else directions * H
        total += directions * CELLS[cell][1] * (H * width + H * H + 2 * H)
    return total + K * directions * H + K


@each_cell
@each_model
@each_depth
@each_direction
def test_count_parameters(model, cell, num_layers, bidirectional):
    made = model(cell, D, H, K, num_layers=num_layers, bidirectional=bidirectional)
    directions = 2 if bidirectional else 1
    assert count_parameters(made) == size_by_hand(cell, D, H, K, num_layers, directions)


def test_what_is_frozen_does_not_count():
    model = ManyToOne("gru", D, H, K)
    model.network.requires_grad_(False)
    assert count_parameters(model) == H * K + K
    assert count_parameters(nn.Tanh()) == 0


@each_cell
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (10, 3), (2, 20)])
@pytest.mark.parametrize("wanted", [1, 100, 137, 1000, 5000, 20000])
def test_hidden_size_for(cell, inputs, outputs, wanted):
    found = hidden_size_for(wanted, cell, inputs, outputs)
    assert isinstance(found, int)
    assert found >= 1
    off = [abs(size_by_hand(cell, inputs, size, outputs) - wanted) for size in range(1, 200)]
    assert off[found - 1] == min(off)


@each_cell
@pytest.mark.parametrize("size", [1, 2, 17, 64])
def test_hidden_size_for_what_a_model_has(cell, size):
    n_parameters = count_parameters(ManyToMany(cell, 3, size, 2))
    assert hidden_size_for(n_parameters, cell, 3, 2) == size


def test_cells_of_equal_size_are_equal():
    for cell in CELLS:
        size = hidden_size_for(10000, cell, 10, 5)
        assert count_parameters(ManyToOne(cell, 10, size, 5)) == pytest.approx(10000, rel=0.02)


# ------------------------------------------------------------------------------------- bad input


@each_model
@pytest.mark.parametrize("cell", ["LSTM", "transformer", "", None, nn.LSTM])
def test_bad_cell(model, cell):
    with refuses("cell must be one of rnn, lstm, gru", f"got {cell!r}"):
        model(cell, D, H, K)


@each_model
@pytest.mark.parametrize("name", ["input_size", "hidden_size", "output_size"])
@pytest.mark.parametrize("size", [0, -1, 1.5, 2.0, "3", None, True])
def test_bad_size(model, name, size):
    with refuses(name, "must be a positive integer", f"got {size!r}"):
        model("gru", **{"input_size": D, "hidden_size": H, "output_size": K, name: size})


@pytest.mark.parametrize("name", ["n_parameters", "input_size", "output_size"])
@pytest.mark.parametrize("size", [0, -1, 1.5, 2.0, "3", None, True])
def test_bad_size_for(name, size):
    with refuses(name, "must be a positive integer", f"got {size!r}"):
        hidden_size_for(
            **{"n_parameters": 100, "cell": "rnn", "input_size": D, "output_size": K, name: size}
        )


def test_bad_cell_for():
    with refuses("cell must be one of rnn, lstm, gru", "got 'mgu'"):
        hidden_size_for(100, "mgu", D, K)


@pytest.mark.parametrize("model", [ManyToOne, ManyToMany])
def test_options_that_change_the_output(model):
    with pytest.raises(ValueError, match="proj_size must be 0, got 2"):
        model("lstm", 2, 3, 1, proj_size=2)
    with pytest.raises(ValueError, match="cell must be one of rnn, lstm, gru, got \\[\\]"):
        model([], 2, 3, 1)
    double = model("lstm", 2, 3, 1, dtype=torch.float64)
    answers = double(torch.ones(4, 5, 2, dtype=torch.float64))
    assert (answers if model is ManyToOne else answers[0]).dtype == torch.float64


# ------------------------------------------------------------------------------- language models


@each_depth
def test_a_language_model_never_looks_ahead(num_layers):
    model = LanguageModel(7, D, H, num_layers, seed=3)
    tokens = torch.randint(7, (B, T), generator=torch.Generator().manual_seed(0))
    logits, _ = model(tokens)
    assert logits.shape == (B, T, 7)
    changed = tokens.clone()
    changed[:, 3:] = (changed[:, 3:] + 1) % 7
    equal(model(changed)[0][:, :3], logits[:, :3])
    assert not torch.allclose(model(changed)[0][:, 3:], logits[:, 3:], atol=1e-3)


@each_depth
def test_a_language_model_goes_on_where_it_stopped(num_layers):
    model = LanguageModel(7, D, H, num_layers)
    tokens = torch.randint(7, (B, T), generator=torch.Generator().manual_seed(1))
    whole, _ = model(tokens)
    first, state = model(tokens[:, :2])
    rest, _ = model(tokens[:, 2:], state)
    equal(torch.cat([first, rest], 1), whole)


def test_dropout_of_a_language_model_is_for_training_only():
    model = LanguageModel(7, D, H, 2, dropout=0.5)
    tokens = torch.zeros(B, T, dtype=torch.long)
    assert not torch.equal(model(tokens)[0], model(tokens)[0])
    model.eval()
    assert torch.equal(model(tokens)[0], model(tokens)[0])


@pytest.mark.parametrize("name", ["n_tokens", "embedding_size", "hidden_size", "num_layers"])
def test_sizes_of_a_language_model(name):
    sizes = {"n_tokens": 7, "embedding_size": 2, "hidden_size": 3, "num_layers": 1, name: 0}
    with refuses(name, "positive", "0"):
        LanguageModel(**sizes)


# ------------------------------------------------------------------------- encoder and decoder

each_attention = pytest.mark.parametrize("attention", [True, False])
SOURCE = torch.tensor([[3, 4, 5, 6], [2, 1, 0, 0], [6, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])
TOKENS = torch.tensor([[0, 2, 3], [0, 1, 1], [0, 4, 2]])


def seq2seq(attention=True, seed=1):
    return Seq2Seq(7, 5, D, H, attention=attention, seed=seed)


@each_attention
def test_shapes_of_seq2seq(attention):
    model = seq2seq(attention)
    memory, state = model.encode(SOURCE, LENGTHS)
    assert memory.shape == (3, 4, H)
    assert state.shape == (1, 3, H)
    logits, state, weights = model.decode(TOKENS, state, memory, LENGTHS)
    assert logits.shape == (3, 3, 5)
    assert state.shape == (1, 3, H)
    assert weights.shape == (3, 3, 4) if attention else weights is None
    equal(model(SOURCE, LENGTHS, TOKENS), logits)
    names = {name.partition(".")[0] for name in model.state_dict()}
    assert ({"score", "combine"} <= names) == attention


@each_attention
def test_padding_changes_nothing(attention):
    model = seq2seq(attention)
    logits = model(SOURCE, LENGTHS, TOKENS)
    for k, n in enumerate(LENGTHS):
        alone = model(SOURCE[k : k + 1, :n], LENGTHS[k : k + 1], TOKENS[k : k + 1])
        equal(alone[0], logits[k])
    equal(model(nn.functional.pad(SOURCE, (0, 3)), LENGTHS, TOKENS), logits)


@each_attention
def test_step_by_step_is_all_at_once(attention):
    model = seq2seq(attention)
    memory, state = model.encode(SOURCE, LENGTHS)
    steps = []
    for token in TOKENS.split(1, dim=1):
        logits, state, _ = model.decode(token, state, memory, LENGTHS)
        steps.append(logits)
    equal(torch.cat(steps, dim=1), model(SOURCE, LENGTHS, TOKENS))


def test_attention_is_the_formula():
    """Luong et al. 2015, eq. 5, 7 and 8, one sequence and one step at a time."""
    model = seq2seq()
    k, n = 1, 2
    memory, state = model.encode(SOURCE, LENGTHS)
    logits, _, weights = model.decode(TOKENS, state, memory, LENGTHS)
    states, _ = model.decoder(model.target_embedding(TOKENS[k]), state[:, k])
    for t, h in enumerate(states):
        scores = torch.stack([h @ model.score.weight @ s for s in memory[k, :n]])
        a = scores.exp() / scores.exp().sum()
        summary = sum(weight * s for weight, s in zip(a, memory[k, :n], strict=True))
        u = torch.tanh(model.combine.weight @ torch.cat([summary, h]))
        equal(weights[k, t, :n], a)
        equal(logits[k, t], model.readout.weight @ u + model.readout.bias)
    assert not weights[k, :, n:].any()
    equal(weights.sum(-1), torch.ones(3, 3))


def test_without_attention_only_the_last_state_counts():
    model = seq2seq(attention=False)
    memory, state = model.encode(SOURCE, LENGTHS)
    equal(state[0], torch.stack([memory[0, 3], memory[1, 1], memory[2, 0]]))
    logits, _, _ = model.decode(TOKENS, state, memory, LENGTHS)
    equal(model.decode(TOKENS, state, torch.zeros_like(memory), LENGTHS)[0], logits)
    with_attention = seq2seq()
    memory, state = with_attention.encode(SOURCE, LENGTHS)
    one = with_attention.decode(TOKENS, state, memory, LENGTHS)[0]
    other = with_attention.decode(TOKENS, state, torch.zeros_like(memory), LENGTHS)[0]
    assert (one - other).abs().max() > 1e-3


@each_attention
def test_the_decoder_never_looks_ahead(attention):
    model = seq2seq(attention)
    changed = TOKENS.clone()
    changed[:, 2] = (changed[:, 2] + 1) % 5
    one, other = (model(SOURCE, LENGTHS, tokens) for tokens in (TOKENS, changed))
    equal(one[:, :2], other[:, :2])
    assert (one[:, 2] - other[:, 2]).abs().max() > 1e-3


@each_attention
def test_every_parameter_learns_and_padding_does_not(attention):
    model = seq2seq(attention)
    model(SOURCE, LENGTHS, TOKENS).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().max() > 0, name
    assert not model.source_embedding.weight[0].any()
    assert not model.source_embedding.weight.grad[0].any()


def test_the_seed_of_seq2seq_decides():
    def weights(seed):
        return nn.utils.parameters_to_vector(seq2seq(seed=seed).parameters())

    torch.manual_seed(1)
    wanted = torch.rand(3)
    torch.manual_seed(1)
    first = weights(3)
    assert torch.equal(torch.rand(3), wanted)
    assert torch.equal(first, weights(3))
    assert not torch.equal(first, weights(4))


def test_sizes_of_seq2seq():
    assert count_parameters(Seq2Seq(80, 13, 32, 64)) == (
        (80 + 13) * 32 + 2 * 3 * 64 * (32 + 64 + 2) + 64 * 64 + 64 * 128 + 13 * 64 + 13
    )
    for name in ("n_source", "n_target", "embedding_size", "hidden_size"):
        sizes = {"n_source": 7, "n_target": 5, "embedding_size": 2, "hidden_size": 3, name: 0}
        with refuses(name, "positive", "0"):
            Seq2Seq(**sizes)


@pytest.mark.parametrize("lengths", [[4, 2, 0], [4, 5, 1]])
def test_lengths_of_seq2seq(lengths):
    with refuses("lengths must be 1 to T = 4", f"got {lengths}"):
        seq2seq().encode(SOURCE, torch.tensor(lengths))
