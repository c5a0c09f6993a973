"""The loop does what a hand-written one does, stops where it should and never fails silently."""

import copy
import io
import math
import re
import sys

import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss
from torch.optim.optimizer import register_optimizer_step_pre_hook

from rnn_utils import tasks
from rnn_utils.models import ManyToMany, ManyToOne
from rnn_utils.training import (
    DivergenceError,
    accuracy,
    cross_entropy,
    detach,
    fit,
    fit_truncated,
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """The numbers here are few: a second thread would cost more than it does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def refuses(*words):
    """A ValueError whose text holds all of these words."""
    return pytest.raises(ValueError, match="".join(f"(?=.*{re.escape(word)})" for word in words))


def diverges(*words):
    return pytest.raises(
        DivergenceError, match="".join(f"(?=.*{re.escape(word)})" for word in words)
    )


def weights(model):
    """A copy of all parameters, as one vector."""
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def equal(one, other, tolerance=1e-7):
    torch.testing.assert_close(one, other, rtol=0, atol=tolerance)


def numbers(*size, seed=0):
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


def adding(n, *, length=6, seed=0):
    task = tasks.adding(n, length=length, seed=seed)
    return torch.from_numpy(task.inputs).float(), torch.from_numpy(task.targets).float()[:, None]


def parity(n, *, length=5, seed=0):
    task = tasks.parity(n, length=length, seed=seed)
    x = torch.from_numpy(task.inputs)
    return nn.functional.one_hot(x, 2).float(), torch.from_numpy(task.targets)


class Recorder:
    """A loss that remembers what it saw and what it said, while the model trains and apart."""

    def __init__(self, model, loss=mse_loss):
        self.model, self.loss = model, loss
        self.answers, self.targets, self.values, self.weights = [], [], [], []
        self.validation, self.weights_after = [], []

    def __call__(self, answers, targets):
        value = self.loss(answers, targets)
        if self.model.training:
            self.answers.append(answers.detach().clone())
            self.targets.append(targets.clone())
            self.values.append(value.item())
            self.weights.append(weights(self.model))
        else:
            assert not torch.is_grad_enabled()
            self.validation.append(value.item())
            self.weights_after.append(weights(self.model))
        return value


@pytest.fixture
def norms():
    """The norm of all gradients together at every step of any optimizer."""
    found = []

    def note(optimizer, args, kwargs):
        gradients = [p.grad.flatten() for g in optimizer.param_groups for p in g["params"]]
        found.append(torch.cat(gradients).norm().item())

    hook = register_optimizer_step_pre_hook(note)
    yield found
    hook.remove()


def by_hand(model, batches, loss=mse_loss, *, learning_rate, clip):
    """What every tutorial writes."""
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for *inputs, targets in batches:
        optimizer.zero_grad()
        loss(model(*inputs), targets).backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    return model


# -------------------------------------------------------------------------------------- learning


def test_adding_is_learned():
    x, y = adding(512)
    held_out = adding(128, seed=1)
    model = ManyToOne("gru", 2, 16, 1)
    history = fit(
        model, x, y, mse_loss, validation=held_out, epochs=25, learning_rate=1e-2, progress=False
    )
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert min(history.validation) < 0.1 * tasks.adding(1).chance


def test_parity_is_learned():
    x, y = parity(256)
    model = ManyToMany("rnn", 2, 16, 2)  # a tuple of answers and state
    history = fit(model, x, y, cross_entropy, epochs=30, learning_rate=1e-2, progress=False)
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert accuracy(model(x)[0], y) == 1


@pytest.mark.parametrize("clip", [0.1, None])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_equals_a_loop_by_hand(cell, clip):
    x, y = adding(21)
    model, twin = (ManyToOne(cell, 2, 5, 1, seed=1) for _ in range(2))
    recorder = Recorder(model)
    fit(model, x, y, recorder, epochs=2, batch_size=8, learning_rate=0.02, clip=clip)
    assert [len(targets) for targets in recorder.targets] == [8, 8, 5] * 2
    rows = [[y.flatten().tolist().index(v) for v in ys.flatten()] for ys in recorder.targets]
    by_hand(twin, [(x[row], y[row]) for row in rows], learning_rate=0.02, clip=clip)
    equal(weights(model), weights(twin))
    assert (weights(model) - weights(ManyToOne(cell, 2, 5, 1, seed=1))).abs().max() > 0.01


def test_what_is_frozen_stays():
    x, y = adding(16)
    model = ManyToOne("gru", 2, 5, 1)
    model.network.requires_grad_(False)
    before = copy.deepcopy(model)
    fit(model, x, y, mse_loss, epochs=2, learning_rate=0.1)
    assert torch.equal(weights(model.network), weights(before.network))
    assert not torch.equal(weights(model.readout), weights(before.readout))


def test_several_inputs_stay_side_by_side():
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.readout = nn.Linear(1, 1)

        def forward(self, one, other):
            assert torch.equal(10 * one, other)
            seen.append(one)
            return self.readout(one)

    n = torch.arange(20.0)[:, None]
    seen, model = [], Pair()
    recorder = Recorder(model)
    fit(model, (n, 10 * n), n + 5, recorder, validation=((n, 10 * n), n), epochs=2, batch_size=7)
    trained = [*seen[:3], *seen[6:9]]
    for x, y in zip(trained, recorder.targets, strict=True):
        assert torch.equal(x + 5, y)
    assert len(seen) == 12


def test_sequences_of_several_lengths():
    """What is past the end of a sequence plays no part."""
    x, y = adding(30)
    lengths = torch.arange(30) % 5 + 2
    other = x.clone()
    for row, length in zip(other, lengths, strict=True):
        row[length:] = 100
    model, twin = (ManyToOne("lstm", 2, 5, 1) for _ in range(2))
    history = fit(model, (x, lengths), y, mse_loss, epochs=2)
    assert history.loss == fit(twin, (other, lengths), y, mse_loss, epochs=2).loss
    assert torch.equal(weights(model), weights(twin))


def test_of_a_tuple_the_first_is_the_answer():
    class First(nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model(x)[0]

    x, y = parity(20)
    model, twin = ManyToMany("lstm", 2, 5, 2), First(ManyToMany("lstm", 2, 5, 2))
    runs = [fit(m, x, y, cross_entropy, validation=(x[:9], y[:9]), epochs=2) for m in (model, twin)]
    assert runs[0] == runs[1]
    assert torch.equal(weights(model), weights(twin))


# ------------------------------------------------------------------------- the order and the seed


def order(seed, *, n=20, batch_size=6, epochs=2):
    """The sequences of every batch, by their numbers."""
    model = nn.Linear(1, 1)
    recorder = Recorder(model)
    n = torch.arange(float(n))[:, None]
    fit(model, n, n, recorder, epochs=epochs, batch_size=batch_size, seed=seed)
    return [targets.flatten().int().tolist() for targets in recorder.targets]


def test_every_epoch_reads_every_sequence_once():
    batches = order(3)
    assert [len(batch) for batch in batches] == [6, 6, 6, 2] * 2
    first, second = ([k for batch in half for k in batch] for half in (batches[:4], batches[4:]))
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert first != list(range(20))


def test_the_seed_decides_the_order():
    assert order(3) == order(3)
    assert order(3) != order(4)


def dropped_out(seed, elsewhere):
    """All sequences are one batch, so that the order does not matter."""
    torch.manual_seed(elsewhere)
    model = ManyToOne("gru", 2, 8, 1, num_layers=2, dropout=0.5)
    fit(model, *adding(16), mse_loss, epochs=3, learning_rate=0.01, seed=seed)
    return weights(model)


def test_the_seed_decides_what_drops_out():
    first = dropped_out(3, elsewhere=1)
    assert torch.equal(first, dropped_out(3, elsewhere=2))
    assert (first - dropped_out(4, elsewhere=1)).abs().max() > 1e-3


@pytest.mark.parametrize("breaks", [False, True])
def test_torch_random_numbers_are_left_alone(breaks):
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    model = ManyToOne("gru", 2, 8, 1, num_layers=2, dropout=0.5)
    x, y = adding(16)
    if breaks:
        with diverges("epoch 1"):
            fit(model, x, y * math.nan, mse_loss)
    else:
        fit(model, x, y, mse_loss, epochs=2)
    assert torch.equal(torch.rand(3), wanted)


# --------------------------------------------------------------------------------------- history


def test_history_has_an_entry_for_each_epoch():
    x, y = adding(16)
    history = fit(ManyToOne("gru", 2, 5, 1), x, y, mse_loss, validation=(x, y), epochs=3)
    assert len(history.loss) == len(history.validation) == len(history.gradient_norm) == 3
    assert 1 <= history.best_epoch <= 3
    assert repr(history) == (
        f"History(3 epochs, loss {history.loss[-1]:.3g}, "
        f"validation {min(history.validation):.3g} in epoch {history.best_epoch})"
    )


def test_history_without_validation():
    history = fit(ManyToOne("gru", 2, 5, 1), *adding(16), mse_loss, epochs=3)
    assert history.validation == []
    assert history.best_epoch == 3
    assert repr(history) == f"History(3 epochs, loss {history.loss[-1]:.3g})"


def test_the_loss_is_the_mean_over_the_batches():
    model = ManyToOne("gru", 2, 5, 1)
    recorder = Recorder(model)
    history = fit(model, *adding(20), recorder, epochs=2, batch_size=8, learning_rate=0.1)
    values = recorder.values
    assert history.loss == pytest.approx([sum(values[:3]) / 3, sum(values[3:]) / 3], rel=1e-12)


# -------------------------------------------------------------------------------------- clipping


def first_gradient(model, x, y):
    """The norm at the initial weights."""
    mse_loss(model(x), y).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()


@pytest.mark.parametrize("clip", [1e-3, 1e-2])
def test_a_long_gradient_is_clipped(clip, norms):
    x, y = adding(20)
    long = first_gradient(ManyToOne("gru", 2, 5, 1), x, y)
    assert long > 10 * clip
    history = fit(ManyToOne("gru", 2, 5, 1), x, y, mse_loss, epochs=1, clip=clip)
    assert norms == pytest.approx([clip], rel=1e-2)
    assert history.gradient_norm == pytest.approx([long], rel=1e-5)  # before it was clipped


@pytest.mark.parametrize("clip", [None, 100.0])
def test_a_short_gradient_is_not_clipped(clip, norms):
    x, y = adding(20)
    long = first_gradient(ManyToOne("gru", 2, 5, 1), x, y)
    fit(ManyToOne("gru", 2, 5, 1), x, y, mse_loss, epochs=1, clip=clip)
    assert norms == pytest.approx([long], rel=1e-5)


def test_without_clip_nothing_is_clipped(norms):
    x, y = adding(20)
    fit(ManyToOne("gru", 2, 5, 1), x, 1e6 * y, mse_loss, epochs=1, clip=None)
    assert norms[0] > 1e6


def test_clipping_is_on_by_default(norms):
    x, y = adding(20)
    history = fit(ManyToOne("gru", 2, 5, 1), x, 100 * y, mse_loss, epochs=1)
    assert norms == pytest.approx([1], rel=1e-5)
    assert history.gradient_norm[0] > 10


def test_the_largest_norm_of_an_epoch_is_told(norms):
    x, y = adding(20)
    model = ManyToOne("gru", 2, 5, 1)
    history = fit(model, x, y, mse_loss, epochs=2, batch_size=8, learning_rate=0.1, clip=None)
    assert len(norms) == 6
    assert history.gradient_norm == pytest.approx([max(norms[:3]), max(norms[3:])], rel=1e-5)


# ------------------------------------------------------------------------------------ validation


def test_the_weights_are_those_of_the_best_epoch():
    x, y = adding(24)
    held_out = adding(17, seed=1)
    model = ManyToOne("gru", 2, 8, 1)
    recorder = Recorder(model)
    history = fit(
        model, x, y, recorder, validation=held_out, epochs=10, batch_size=24, learning_rate=0.3
    )
    best = history.best_epoch
    assert 1 < best < 10  # so the last weights are others
    assert history.validation[best - 1] == min(history.validation)
    assert history.validation == pytest.approx(recorder.validation)
    assert torch.equal(weights(model), recorder.weights_after[best - 1])
    with torch.no_grad():
        assert mse_loss(model(held_out[0]), held_out[1]).item() == pytest.approx(
            min(history.validation), rel=1e-6
        )


def test_validation_is_the_mean_over_sequences():
    """Even where the last batch is smaller than the others."""
    x, y = numbers(7, 3), numbers(7, 1, seed=1)
    y[6] = 20  # alone in its batch
    model = nn.Linear(3, 1)
    history = fit(model, x, y, mse_loss, validation=(x, y), epochs=1, batch_size=3)
    wanted = mse_loss(model(x), y).item()
    batches = [mse_loss(model(x[k : k + 3]), y[k : k + 3]).item() for k in (0, 3, 6)]
    assert history.validation == pytest.approx([wanted], rel=1e-5)
    assert abs(sum(batches) / 3 - wanted) > 1


def test_validation_does_not_change_what_is_learned():
    x, y = adding(24)
    runs = []
    for validation in (None, adding(9, seed=1)):
        model = ManyToOne("gru", 2, 8, 1, num_layers=2, dropout=0.5)
        runs.append(fit(model, x, y, mse_loss, validation=validation, epochs=3, batch_size=10))
    assert runs[0].loss == runs[1].loss


class Told:
    """A loss for the training, and told numbers in place of the validation loss."""

    def __init__(self, model, told, loss=mse_loss):
        self.model, self.told, self.loss = model, iter(told), loss
        self.weights = []

    def __call__(self, answers, targets):
        if self.model.training:
            return self.loss(answers, targets)
        self.weights.append(weights(self.model))
        return torch.tensor(float(next(self.told)))


@pytest.mark.parametrize(
    ("told", "options", "epochs", "best"),
    [
        ([3, 2, 2.5, 2.2, 1], {"patience": 2}, 4, 2),
        ([3, 2, 2.5, 1, 1.5, 1.2], {"patience": 2}, 6, 4),  # a new best starts the count again
        ([2, 2, 2, 2], {"patience": 3}, 4, 1),  # to stay is not to fall
        ([3, 3, 1], {"patience": 1}, 2, 1),
        ([3, 4, 5, 6, 7], {"patience": 9}, 5, 1),
        ([3, 4, 5, 6, 7], {}, 5, 1),
        ([3, 2, 1], {"goal": 2}, 2, 2),  # at it
        ([3, 2, 1], {"goal": 2.5}, 2, 2),  # below it
        ([3, 2, 1], {"goal": 0.5}, 3, 3),
        ([3, 1, 0.2], {"goal": 0.0, "patience": 1}, 3, 3),
        ([1, 2, 3], {"goal": 1.5, "patience": 9}, 1, 1),
    ],
)
def test_where_it_stops(told, options, epochs, best):
    x, y = numbers(8, 3), numbers(8, 1, seed=1)
    model = nn.Linear(3, 1)
    loss = Told(model, told)
    history = fit(model, x, y, loss, validation=(x, y), epochs=len(told), **options)
    assert history.validation == pytest.approx(told[:epochs])
    assert len(history.loss) == len(history.gradient_norm) == epochs
    assert history.best_epoch == best
    assert torch.equal(weights(model), loss.weights[best - 1])
    assert len({tuple(w.tolist()) for w in loss.weights}) == epochs


@pytest.mark.parametrize("validated", [False, True])
def test_the_model_trains_in_training_and_ends_in_eval(validated):
    class Modes(nn.Linear):
        def forward(self, x):
            seen.append((self.training, torch.is_grad_enabled()))
            return super().forward(x)

    x, y = numbers(8, 3), numbers(8, 1, seed=1)
    seen, model = [], Modes(3, 1).eval()
    fit(model, x, y, mse_loss, validation=(x, y) if validated else None, epochs=2, batch_size=4)
    epoch = [(True, True)] * 2 + [(False, False)] * 2 * validated
    assert seen == epoch * 2
    assert not model.training


# ------------------------------------------------------------------------------------ divergence


class Bursts(Recorder):
    """A loss that breaks at one batch, counted from 1 over all epochs."""

    def __init__(self, model, at, value=math.nan, *, gradient=None):
        super().__init__(model)
        self.at, self.value, self.gradient = at, value, gradient

    def __call__(self, answers, targets):
        if self.model.training and len(self.values) + 1 == self.at and self.gradient is not None:
            answers.register_hook(lambda d: d.abs() * self.gradient)
        value = super().__call__(answers, targets)
        if self.model.training and len(self.values) == self.at and self.gradient is None:
            return value + self.value
        return value


BROKEN = {
    "NaN": ({"value": math.nan}, "loss nan"),
    "infinite": ({"value": math.inf}, "loss inf"),
    "gradient infinite": ({"gradient": math.inf}, "gradients inf"),
    "gradient NaN": ({"gradient": math.nan}, "gradients nan"),
}


@pytest.mark.parametrize("clip", [0.5, None])
@pytest.mark.parametrize("case", BROKEN)
def test_divergence_is_an_error(case, clip):
    options, said = BROKEN[case]
    x, y = numbers(12, 3).abs(), numbers(12, 1, seed=1)
    model = nn.Linear(3, 1)
    loss = Bursts(model, 7, **options)  # of four in an epoch
    with diverges(
        "epoch 2, batch 3", said, "smaller learning_rate (now 0.02)", f"clip (now {clip})"
    ):
        fit(model, x, y, loss, epochs=3, batch_size=3, learning_rate=0.02, clip=clip)
    assert len(loss.weights) == 7
    assert torch.equal(weights(model), loss.weights[-1])  # from before this batch
    assert not torch.equal(weights(model), loss.weights[-2])
    assert weights(model).isfinite().all()


def test_what_is_broken_from_the_start_is_the_data():
    said = r"batch 1: loss nan.* inputs and targets without NaN"
    with pytest.raises(ArithmeticError, match=said):
        fit(nn.Linear(3, 1), numbers(4, 3), numbers(4, 1) * math.nan, mse_loss)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_validation_that_diverges_is_an_error(broken):
    x, y = numbers(8, 3), numbers(8, 1, seed=1)
    model = nn.Linear(3, 1)
    with diverges(
        f"the validation loss became {broken:g} in epoch 3", "smaller learning_rate (now 0.02)"
    ):
        fit(
            model,
            x,
            y,
            Told(model, [3, 2, broken, 1]),
            validation=(x, y),
            epochs=4,
            learning_rate=0.02,
        )
    assert weights(model).isfinite().all()


def test_too_large_a_learning_rate_is_not_silent():
    x, y = adding(64, length=30)
    model = ManyToOne("rnn", 2, 8, 1, nonlinearity="relu")
    recorder = Recorder(model)
    with diverges("training diverged in epoch", "smaller learning_rate (now 100)", "now None"):
        fit(model, x, y, recorder, epochs=20, learning_rate=100.0, clip=None)
    assert weights(model).isfinite().all()
    assert torch.equal(weights(model), recorder.weights[-1])


# -------------------------------------------------------------------------------------- progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(monkeypatch, stream):
    """The stream in place of stderr; in a test, not before it."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    return stream


def run(**options):
    fit(nn.Linear(3, 1), numbers(8, 3), numbers(8, 1), mse_loss, epochs=3, batch_size=4, **options)


def run_truncated(**options):
    model = ManyToMany("rnn", 3, 2, 1)
    fit_truncated(model, numbers(1, 6, 3), numbers(1, 6, 1), mse_loss, epochs=2, steps=2, **options)


@pytest.mark.parametrize("train", [run, run_truncated])
def test_a_bar_counts_the_batches(train, capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    train(progress=True)
    printed = capsys.readouterr()
    assert "batch" in printed.err
    assert "/6 " in printed.err
    assert printed.out == ""


def test_the_bar_goes_away(monkeypatch):
    terminal = watched(monkeypatch, Terminal())
    run(progress=True)
    *_, shown, wiped, rest = terminal.getvalue().split("\r")
    assert "6/6" in shown
    assert "loss=" in shown
    assert wiped.strip() == rest == ""


@pytest.mark.parametrize("train", [run, run_truncated])
def test_a_terminal_gets_a_bar(train, monkeypatch):
    terminal = watched(monkeypatch, Terminal())
    train()
    assert "batch" in terminal.getvalue()


@pytest.mark.parametrize("train", [run, run_truncated])
def test_the_bar_can_be_switched_off(train, monkeypatch):
    terminal = watched(monkeypatch, Terminal())
    train(progress=False)
    assert terminal.getvalue() == ""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    train()
    train(progress=True)
    assert terminal.getvalue() == ""
    monkeypatch.setenv("TQDM_DISABLE", "0")
    train()
    assert "batch" in terminal.getvalue()


@pytest.mark.parametrize("train", [run, run_truncated])
def test_no_bar_where_nobody_watches(train, monkeypatch, capsys):
    train()
    assert capsys.readouterr().err == ""
    paper = watched(monkeypatch, io.StringIO())
    train()
    assert paper.getvalue() == ""


def test_a_bar_in_a_notebook(monkeypatch):
    page = watched(monkeypatch, io.StringIO())
    monkeypatch.setattr("IPython.get_ipython", lambda: "a notebook's shell")
    run()
    assert "batch" in page.getvalue()


# --------------------------------------------------------------------------- truncated, in pieces


def stream(B=3, T=10, D=2, K=4):
    x = numbers(B, T, D)
    return x, torch.randint(K, (B, T), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("steps", [10, 25])
@pytest.mark.parametrize("clip", [0.05, None])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_one_piece_is_full_backpropagation(cell, clip, steps):
    x, y = stream()
    model, twin = (ManyToMany(cell, 2, 5, 4, seed=1) for _ in range(2))
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.02)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        value = nn.functional.cross_entropy(twin(x)[0].transpose(1, 2), y)
        value.backward()
        losses.append(value.item())
        nn.utils.clip_grad_norm_(twin.parameters(), clip or math.inf)
        optimizer.step()
    history = fit_truncated(
        model, x, y, cross_entropy, steps=steps, epochs=3, learning_rate=0.02, clip=clip
    )
    assert history.loss == pytest.approx(losses, abs=1e-5)
    equal(weights(model), weights(twin), 1e-5)
    assert (weights(model) - weights(ManyToMany(cell, 2, 5, 4, seed=1))).abs().max() > 0.03


def frozen(cell, steps, epochs=1, **options):
    """A run that learns next to nothing, with its recorder."""
    x, y = stream()
    model = ManyToMany(cell, 2, 5, 4, **options)
    recorder = Recorder(model, cross_entropy)
    history = fit_truncated(
        model, x, y, recorder, steps=steps, epochs=epochs, learning_rate=1e-30, validation=(x, y)
    )
    return model, recorder, history


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("steps", [1, 3, 5])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_state_is_carried_on(cell, steps, num_layers):
    x, y = stream()
    model, recorder, history = frozen(cell, steps, num_layers=num_layers)
    whole = model(x)[0].detach()
    sizes = [answers.shape[1] for answers in recorder.answers]
    assert sizes == {1: [1] * 10, 3: [3, 3, 3, 1], 5: [5, 5]}[steps]
    equal(torch.cat(recorder.answers, dim=1), whole, 1e-6)
    assert torch.equal(torch.cat(recorder.targets, dim=1), y)
    pieces = [
        cross_entropy(whole[:, t : t + steps], y[:, t : t + steps]).item()
        for t in range(0, 10, steps)
    ]
    assert history.loss == pytest.approx([sum(pieces) / len(pieces)], abs=1e-5)


@pytest.mark.parametrize("steps", [1, 3, 25])
def test_validation_is_the_mean_over_the_steps(steps):
    """From a zero state and with a carried one, even where the last piece is shorter."""
    x, y = stream()
    model, _, history = frozen("lstm", steps, epochs=2)
    wanted = cross_entropy(model(x)[0], y).item()
    assert history.validation == pytest.approx([wanted, wanted], abs=1e-5)


def test_every_epoch_starts_from_zero():
    model, recorder, _ = frozen("gru", 5, epochs=2)
    assert len(recorder.answers) == 4
    equal(recorder.answers[2], recorder.answers[0], 1e-6)
    equal(recorder.answers[3], recorder.answers[1], 1e-6)
    assert (model(stream()[0][:, 5:])[0] - recorder.answers[1]).abs().max() > 1e-3


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_gradient_ends_at_the_border(cell):
    x, y = stream()
    x.requires_grad_()
    reach = []

    def loss(answers, targets):
        value = cross_entropy(answers, targets)
        [d_x] = torch.autograd.grad(value, x, retain_graph=True)
        reach.append(d_x.abs().amax(dim=(0, 2)).gt(0).tolist())
        return value

    fit_truncated(ManyToMany(cell, 2, 5, 4), x, y, loss, steps=4, epochs=1)
    assert [[t for t in range(10) if piece[t]] for piece in reach] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]


def echo_learned(steps, epochs):
    """The share of right answers when the bit of four steps ago is asked for."""
    bits = torch.randint(2, (16, 48), generator=torch.Generator().manual_seed(0))
    wanted = torch.cat([torch.zeros(16, 4, dtype=torch.int64), bits[:, :-4]], dim=1)
    x = nn.functional.one_hot(bits, 2).float()
    model = ManyToMany("gru", 2, 16, 2)
    options = {"epochs": epochs, "learning_rate": 0.03, "progress": False}
    fit_truncated(model, x, wanted, cross_entropy, steps=steps, **options)
    return accuracy(model(x)[0], wanted)


def test_what_lies_beyond_the_piece_is_not_learned():
    assert echo_learned(steps=16, epochs=50) > 0.95  # 150 updates
    assert echo_learned(steps=2, epochs=8) < 0.75  # 192 updates


def test_truncated_is_seeded_and_leaves_torch_alone():
    def run(seed):
        x, y = stream()
        model = ManyToMany("gru", 2, 5, 4, num_layers=2, dropout=0.5)
        fit_truncated(model, x, y, cross_entropy, steps=4, epochs=2, learning_rate=0.01, seed=seed)
        return weights(model)

    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    first = run(1)
    assert torch.equal(torch.rand(3), wanted)
    assert torch.equal(first, run(1))
    assert (first - run(2)).abs().max() > 1e-3


def test_truncated_diverges_with_an_error():
    x, y = stream()
    x[:, 7] = math.nan
    model = ManyToMany("gru", 2, 5, 4)
    recorder = Recorder(model, cross_entropy)
    with diverges("epoch 1, batch 2", "loss nan", "smaller learning_rate (now 0.02)"):
        fit_truncated(model, x, y, recorder, steps=5, learning_rate=0.02)
    assert torch.equal(weights(model), recorder.weights[1])
    assert not torch.equal(weights(model), recorder.weights[0])


def test_truncated_stops_at_its_goal_with_the_best_weights():
    x, y = stream()
    model = ManyToMany("gru", 2, 5, 4)
    loss = Told(model, [3, 2, 2.5, 2.2, 1], cross_entropy)
    history = fit_truncated(model, x, y, loss, steps=10, validation=(x, y), epochs=5, patience=2)
    assert history.validation == [3, 2, 2.5, pytest.approx(2.2)]
    assert history.best_epoch == 2
    assert torch.equal(weights(model), loss.weights[1])
    assert not model.training


# ---------------------------------------------------------------------------------------- helpers


def test_detach():
    a, b = (numbers(2, 3, seed=seed).requires_grad_() for seed in (0, 1))
    one = detach(2 * a)
    assert torch.equal(one, (2 * a).detach())
    assert not one.requires_grad
    nested = detach((2 * a, (3 * b, (a + b,))))
    assert type(nested) is type(nested[1]) is type(nested[1][1]) is tuple
    wanted = (2 * a, 3 * b, a + b)
    for part, value in zip((nested[0], nested[1][0], *nested[1][1]), wanted, strict=True):
        assert torch.equal(part, value.detach())
        assert part.grad_fn is None
        assert not part.requires_grad


SHAPES = [(6,), (3, 4), (2, 3, 4)]


def answers_and_targets(shape):
    """Five kinds of answers; a third of the places asks for nothing."""
    answers = numbers(*shape, 5)
    targets = torch.randint(5, shape, generator=torch.Generator().manual_seed(2))
    targets.flatten()[::3] = tasks.IGNORE
    return answers, targets


@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy(shape):
    answers, targets = answers_and_targets(shape)
    each = [
        math.log(sum(math.exp(a) for a in row)) - row[target]
        for row, target in zip(answers.reshape(-1, 5).tolist(), targets.flatten(), strict=True)
        if target != tasks.IGNORE
    ]
    assert len(each) == targets.numel() * 2 // 3
    value = cross_entropy(answers, targets)
    assert value.shape == ()
    assert value.item() == pytest.approx(sum(each) / len(each), rel=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_accuracy(shape):
    answers, targets = answers_and_targets(shape)
    best = answers.reshape(-1, 5).argmax(dim=1)
    asked = torch.nonzero(targets.flatten() >= 0).flatten().tolist()
    targets.flatten()[asked[0]] = best[asked[0]]  # at least one is right and one is wrong
    targets.flatten()[asked[1]] = (best[asked[1]] + 1) % 5
    right = [best[k].item() == targets.flatten()[k].item() for k in asked]
    assert 0 < sum(right) < len(right)
    value = accuracy(answers, targets)
    assert type(value) is float
    assert value == pytest.approx(sum(right) / len(right), rel=1e-6)


def test_where_nothing_is_asked_nothing_counts():
    answers, targets = answers_and_targets((3, 4))
    value, share = cross_entropy(answers, targets), accuracy(answers, targets)
    answers[targets == tasks.IGNORE] = 1000 * numbers(4, 5, seed=3)
    assert torch.equal(cross_entropy(answers, targets), value)
    assert accuracy(answers, targets) == share


# -------------------------------------------------------------------------------------- bad input


def check_refused(train, words, **options):
    """Refused before anything is learned."""
    model = ManyToMany("rnn", 2, 3, 1)
    before = weights(model)
    data = {"inputs": numbers(4, 6, 2), "targets": numbers(4, 6, 1), **options}
    with refuses(*words):
        train(model, loss=mse_loss, **data)
    assert torch.equal(weights(model), before)


each_loop = pytest.mark.parametrize("train", [fit, fit_truncated])


@each_loop
@pytest.mark.parametrize("value", [0, -1, 1.5, 2.0, "3", None, True])
def test_bad_epochs(train, value):
    check_refused(train, ["epochs must be a positive integer", f"got {value!r}"], epochs=value)


@pytest.mark.parametrize("value", [0, -1, 1.5, 2.0, "3", None, True])
def test_bad_batch_size_and_steps(value):
    words = ["must be a positive integer", f"got {value!r}"]
    check_refused(fit, ["batch_size", *words], batch_size=value)
    check_refused(fit_truncated, ["steps", *words], steps=value)


@each_loop
@pytest.mark.parametrize("value", [0, 0.0, -1e-3, math.nan, math.inf, "1", True, None])
def test_bad_learning_rate(train, value):
    words = ["learning_rate must be a finite number above 0", f"got {value!r}"]
    check_refused(train, words, learning_rate=value)


@each_loop
@pytest.mark.parametrize("value", [0, 0.0, -1.0, math.nan, math.inf, "1"])
def test_bad_clip(train, value):
    words = ["clip must be a finite number above 0", f"got {value!r}"]
    check_refused(train, words, clip=value)


@each_loop
@pytest.mark.parametrize("value", [0, -1, 1.5, "3", True])
def test_bad_patience(train, value):
    data = numbers(4, 6, 2), numbers(4, 6, 1)
    words = ["patience must be an integer >= 1", f"got {value!r}"]
    check_refused(train, words, patience=value, validation=data)


@each_loop
@pytest.mark.parametrize("options", [{"patience": 3}, {"goal": 0.1}, {"patience": 3, "goal": 0}])
def test_nothing_to_stop_by(train, options):
    check_refused(train, ["patience and goal", "validation data", "got none"], **options)


@pytest.mark.parametrize(
    ("inputs", "n_targets", "got"),
    [
        (numbers(5, 6, 2), 4, "got [5, 4]"),
        ((numbers(4, 6, 2), numbers(3)), 4, "got [4, 3, 4]"),
        (numbers(0, 6, 2), 0, "got [0, 0]"),
        (numbers(4, 6, 2), 0, "got [4, 0]"),
    ],
)
def test_bad_numbers_of_sequences(inputs, n_targets, got):
    words = ["must have equally many sequences, at least 1", got]
    targets = numbers(n_targets, 6, 1)
    check_refused(fit, ["inputs and targets", *words], inputs=inputs, targets=targets)
    check_refused(fit, ["validation", *words], validation=(inputs, targets))


@each_loop
@pytest.mark.parametrize("validation", [numbers(4, 6, 2), (numbers(4, 6, 2),), "xy z"])
def test_validation_is_a_pair(train, validation):
    words = ["validation must be a pair (inputs, targets)", type(validation).__name__]
    check_refused(train, words, validation=validation)


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [
        ((4, 6, 2), (4, 5, 1)),
        ((4, 6, 2), (3, 6, 1)),
        ((6,), (6,)),
        ((4, 6, 2), (4,)),
        ((4, 0, 2), (4, 0, 1)),
        ((0, 6, 2), (0, 6, 1)),
    ],
)
def test_bad_shapes_of_a_stream(inputs, targets):
    words = ["must both begin with (B, T), neither of them 0", f"got {inputs} and {targets}"]
    x, y = numbers(*inputs), numbers(*targets)
    check_refused(fit_truncated, ["inputs and targets", *words], inputs=x, targets=y)
    check_refused(fit_truncated, ["validation", *words], validation=(x, y))


def test_a_piece_that_asks_nothing_teaches_nothing():
    task = tasks.delayed_echo(4, delay=10, length=20)
    x = nn.functional.one_hot(torch.from_numpy(task.inputs), 2).float()
    model, y = ManyToMany("rnn", 2, 3, 2), torch.from_numpy(task.targets)
    answers, _ = model(x)
    nothing = cross_entropy(answers[:, :5], y[:, :5])
    nothing.backward()
    assert nothing.item() == 0
    assert all(torch.count_nonzero(p.grad) == 0 for p in model.parameters() if p.grad is not None)
    history = fit_truncated(model, x, y, cross_entropy, steps=5, epochs=1)
    assert 0 < history.loss[0] < 1
