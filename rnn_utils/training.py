"""The training loop of the book: plain PyTorch, on the CPU, with what recurrent networks need.

One loop serves two ways of feeding a network. `fit` takes whole sequences in shuffled batches and
backpropagates through all their steps. `fit_truncated` walks along few very long sequences in
short pieces, carries the state from piece to piece and cuts the gradient between them.
"""

import math
from typing import NamedTuple

import torch
from torch import nn
from tqdm.auto import tqdm

from rnn_utils.checks import integer_from, positive_integer, positive_number
from rnn_utils.progress import shows_bar
from rnn_utils.tasks import IGNORE


class History(NamedTuple):
    """What happened during training, an entry for each epoch."""

    loss: list[float]  # mean over the batches, each before its update
    validation: list[float]  # loss on the validation data after the epoch; empty without them
    gradient_norm: list[float]  # largest norm of all gradients together, before clipping
    best_epoch: int  # whose weights the model has, from 1

    def __repr__(self):
        text = f"{len(self.loss)} epochs, loss {self.loss[-1]:.3g}"
        if self.validation:
            best = self.validation[self.best_epoch - 1]
            text += f", validation {best:.3g} in epoch {self.best_epoch}"
        return f"History({text})"


class DivergenceError(ArithmeticError):
    """The loss or a gradient became NaN or infinite; the model keeps its last finite weights."""


def fit(
    model,
    inputs,
    targets,
    loss,
    *,
    validation=None,
    epochs=10,
    batch_size=32,
    learning_rate=1e-3,
    clip=1.0,
    patience=None,
    goal=None,
    seed=0,
    progress=None,
):
    """Train a model on whole sequences with Adam (Kingma and Ba 2015).

    Parameters
    ----------
    model : torch.nn.Module
        Called as ``model(*inputs)``. If it returns a tuple, as `ManyToMany` and PyTorch's own
        layers do, the first entry is what the loss sees.
    inputs : torch.Tensor or tuple of torch.Tensor
        The first axis of each counts the sequences, n.
    targets : torch.Tensor
        First axis n.
    loss : callable
        ``loss(answers, targets)`` returns a mean as a tensor with one number, such as
        `cross_entropy` or ``torch.nn.functional.mse_loss``.
    validation : pair (inputs, targets), optional
        Data that are not trained on.
    epochs : int
        How often all sequences are read, at least 1.
    batch_size : int
        Sequences in one update.
    learning_rate : float
    clip : float or None
        Longest gradient: if the norm of all gradients together is larger, they are scaled down to
        it (Pascanu et al. 2013). None does not clip.
    patience : int, optional
        Stop when the validation loss has not fallen for so many epochs. With validation data the
        model always ends with the weights of its best epoch.
    goal : float, optional
        Stop as soon as the validation loss is at or below this.
    seed : int
        For the order of the sequences and for dropout; PyTorch's own random numbers are left
        alone.
    progress : bool, optional
        Show a bar; by default where a person can watch it, in a terminal or a notebook. The
        environment variable TQDM_DISABLE=1 switches all bars off.

    Returns
    -------
    History

    Raises
    ------
    DivergenceError
        If a loss or a gradient becomes NaN or infinite. The model keeps the weights it had before
        that batch.
    ValueError
        If an argument cannot work; the text names it.
    """
    inputs = _sequences("inputs and targets", inputs, targets)
    positive_integer("batch_size", batch_size)
    if validation is not None:
        held_out = _sequences("validation", *_two("validation", validation))
    generator = torch.Generator().manual_seed(seed)

    def losses():
        for batch in torch.randperm(len(targets), generator=generator).split(batch_size):
            answers = _answers(model(*(part[batch] for part in inputs)))
            yield loss(answers, targets[batch])

    def validate():
        parts = [part.split(batch_size) for part in (*held_out, validation[1])]
        total = sum(
            loss(_answers(model(*batch)), wanted).item() * len(wanted)
            for *batch, wanted in zip(*parts, strict=True)
        )
        return total / len(validation[1])

    return _train(
        model,
        losses,
        None if validation is None else validate,
        epochs=epochs,
        batches=math.ceil(len(targets) / batch_size),
        learning_rate=learning_rate,
        clip=clip,
        patience=patience,
        goal=goal,
        seed=seed,
        progress=progress,
    )


def fit_truncated(
    model,
    inputs,
    targets,
    loss,
    *,
    steps=35,
    validation=None,
    epochs=10,
    learning_rate=1e-3,
    clip=1.0,
    patience=None,
    goal=None,
    seed=0,
    progress=None,
):
    """Train on long sequences by truncated backpropagation through time (Williams and Peng 1990).

    Each epoch starts with a zero state and reads the sequences from their beginning, ``steps``
    steps at a time. The state is carried on from piece to piece, so the network can use what it
    read earlier. The gradient stops at the start of the piece, so it cannot learn across that
    border what to keep.

    Parameters
    ----------
    model : torch.nn.Module
        Called as ``model(x, state)``, returns answers and the new state, like `ManyToMany`.
    inputs : torch.Tensor, shape (B, T, ...)
        B long sequences side by side.
    targets : torch.Tensor, shape (B, T, ...)
    loss : callable
        As for `fit`.
    steps : int
        How many steps back a gradient goes at most, at least 1.
    validation : pair (inputs, targets), optional
        Shaped as those two; read from a zero state.
    epochs, learning_rate, clip, patience, goal, seed, progress
        As for `fit`.

    Returns
    -------
    History

    Raises
    ------
    DivergenceError, ValueError
        As for `fit`.
    """
    positive_integer("steps", steps)
    _check_streams("inputs and targets", inputs, targets)
    if validation is not None:
        _check_streams("validation", *_two("validation", validation))

    def pieces(x, y):
        state = None
        for x_piece, y_piece in zip(x.split(steps, 1), y.split(steps, 1), strict=True):
            answers, state = model(x_piece, state)
            yield loss(answers, y_piece), y_piece.shape[1]
            state = detach(state)

    def losses():
        return (value for value, _ in pieces(inputs, targets))

    def validate():
        return sum(value.item() * n for value, n in pieces(*validation)) / validation[1].shape[1]

    return _train(
        model,
        losses,
        None if validation is None else validate,
        epochs=epochs,
        batches=math.ceil(inputs.shape[1] / steps),
        learning_rate=learning_rate,
        clip=clip,
        patience=patience,
        goal=goal,
        seed=seed,
        progress=progress,
    )


def detach(state):
    """A state that keeps its numbers and forgets how they came about, so gradients end here.

    Parameters
    ----------
    state : torch.Tensor or tuple of torch.Tensor

    Returns
    -------
    torch.Tensor or tuple of torch.Tensor
    """
    if isinstance(state, tuple):
        return tuple(detach(part) for part in state)
    return state.detach()


def cross_entropy(answers, targets):
    """Mean cross-entropy over all places that ask for an answer.

    Parameters
    ----------
    answers : torch.Tensor, shape (..., K)
        Logits.
    targets : torch.Tensor of int64, shape (...)
        0 to K - 1; `rnn_utils.tasks.IGNORE` where nothing is asked.

    Returns
    -------
    torch.Tensor
        One number, in nats; 0 if nothing is asked anywhere.
    """
    total = nn.functional.cross_entropy(answers.flatten(0, -2), targets.flatten(), reduction="sum")
    return total / (targets != IGNORE).sum().clamp(min=1)


def accuracy(answers, targets):
    """The share of right answers among the places that ask for one.

    Parameters
    ----------
    answers : torch.Tensor, shape (..., K)
        Logits; the largest is the answer.
    targets : torch.Tensor of int64, shape (...)
        Negative (`rnn_utils.tasks.IGNORE`) where nothing is asked.

    Returns
    -------
    float
        0 to 1.
    """
    asked = targets >= 0
    return (answers.argmax(-1) == targets)[asked].float().mean().item()


def _train(
    model,
    losses,
    validate,
    *,
    epochs,
    batches,
    learning_rate,
    clip,
    patience,
    goal,
    seed,
    progress,
):
    """The loop itself: ``losses`` yields one epoch's losses, and each is followed by an update."""
    _check_settings(epochs, learning_rate, clip, patience, goal, validate)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    history = History([], [], [], 0)
    best, best_epoch, best_weights = math.inf, 0, None
    bar = tqdm(total=epochs * batches, leave=False, disable=not shows_bar(progress), unit="batch")
    with bar, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for epoch in range(1, epochs + 1):
            model.train()
            total, largest = 0.0, 0.0
            for batch, value in enumerate(losses(), start=1):
                optimizer.zero_grad()
                value.backward()
                norm = nn.utils.clip_grad_norm_(parameters, math.inf if clip is None else clip)
                if not (value.isfinite() and norm.isfinite()):
                    cure = f"a smaller learning_rate (now {learning_rate:g}) or clip (now {clip})"
                    if epoch == batch == 1:
                        cure = "inputs and targets without NaN, or other first weights"
                    raise DivergenceError(
                        f"training diverged in epoch {epoch}, batch {batch}: "
                        f"loss {value.item():g}, norm of the gradients {norm.item():g}; "
                        f"{cure} would do. The model has the weights from before this batch"
                    )
                optimizer.step()
                total, largest = total + value.item(), max(largest, norm.item())
                bar.update()
            history.loss.append(total / batches)
            history.gradient_norm.append(largest)
            bar.set_postfix(loss=f"{history.loss[-1]:.3g}")
            if validate is None:
                best_epoch = epoch
                continue
            model.eval()
            with torch.no_grad():
                history.validation.append(validate())
            if not math.isfinite(history.validation[-1]):
                raise DivergenceError(
                    f"the validation loss became {history.validation[-1]:g} in epoch {epoch}. "
                    f"A smaller learning_rate (now {learning_rate:g}) would do"
                )
            if history.validation[-1] < best:
                best, best_epoch = history.validation[-1], epoch
                best_weights = {k: v.clone() for k, v in model.state_dict().items()}
            met = goal is not None and best <= goal
            if met or (patience is not None and epoch - best_epoch >= patience):
                break
    if best_weights is not None:
        model.load_state_dict(best_weights)
    model.eval()
    return history._replace(best_epoch=best_epoch)


def _check_settings(epochs, learning_rate, clip, patience, goal, validate):
    positive_integer("epochs", epochs)
    positive_number("learning_rate", learning_rate)
    if clip is not None:
        positive_number("clip", clip)
    if patience is not None:
        integer_from("patience", patience, 1)
    if validate is None and not (patience is None and goal is None):
        raise ValueError("patience and goal must come with validation data, got none")


def _two(name, pair):
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"{name} must be a pair (inputs, targets), got {type(pair).__name__}")
    return pair


def _sequences(name, inputs, targets):
    """The inputs as a tuple, after a look at how many sequences there are."""
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    sizes = [len(part) for part in (*inputs, targets)]
    if len(set(sizes)) != 1 or 0 in sizes:
        raise ValueError(f"{name} must have equally many sequences, at least 1, got {sizes}")
    return inputs


def _check_streams(name, inputs, targets):
    shapes = [tuple(part.shape) for part in (inputs, targets)]
    if shapes[0][:2] != shapes[1][:2] or any(len(s) < 2 or 0 in s for s in shapes):
        raise ValueError(
            f"{name} must both begin with (B, T), neither of them 0, "
            f"got {shapes[0]} and {shapes[1]}"
        )


def _answers(result):
    return result[0] if isinstance(result, tuple) else result
