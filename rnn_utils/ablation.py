"""Which gate can go? Three small tasks, and the training that `make ablation` measures.

=============  ==========================================  =====================  ==================
task           what has to be done                         trained on             tested on
=============  ==========================================  =====================  ==================
last marked    hold a value, replace it on cue             15 steps               75 steps
counting       count up a's, count down b's                n = 1 to 10            n = 11 to 20
parity         turn a bit around at every one              20 steps               100 steps
=============  ==========================================  =====================  ==================
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from rnn_utils import tasks
from rnn_utils.variants import VariantNetworks, hidden_size_for

N_PARAMETERS = 500
UPDATES = 1000
BATCH_SIZE = 32
LEARNING_RATE = 0.03  # at first; it falls to 0 along half a cosine
N_TRAINING, N_TEST = 2000, 500


class Setup(NamedTuple):
    """One task: its data, as arrays (n, T, D) and (n, T), and what counts as right."""

    training: Callable  # seed -> Task
    test: Callable  # the same, with longer sequences
    input_size: int
    measure: str  # "squared error" or "accuracy"
    whole: bool = False  # a sequence is right only if every answer in it is

    @property
    def chance(self):
        """What a guess scores that reads nothing."""
        return self.test(0).chance

    def tensors(self, task):
        """Inputs and targets of a task as a network reads them; symbols become one-hot vectors.

        Parameters
        ----------
        task : rnn_utils.tasks.Task
            With n sequences of T steps.

        Returns
        -------
        x : torch.Tensor, shape (T, n, D)
            The inputs, float32.
        y : torch.Tensor, shape (T, n, 1)
            The targets.
        """
        x, y = torch.from_numpy(task.inputs), torch.from_numpy(task.targets)
        if x.ndim == 2:
            x = torch.nn.functional.one_hot(x, self.input_size)
        return x.movedim(0, 1).float(), y.T[..., None].float()

    def losses(self, answers, targets):
        """The mean loss of each network over the places that ask for an answer.

        Parameters
        ----------
        answers : torch.Tensor
            What S networks put out for the inputs of `tensors`.
        targets : torch.Tensor
            From `tensors`.

        Returns
        -------
        torch.Tensor, shape (S,)
            Squared error or cross-entropy, as the measure asks for.
        """
        asked = (targets != tasks.IGNORE).expand_as(answers)
        wanted = targets.expand_as(answers)
        if self.measure == "squared error":
            each = (answers - wanted).square()
        else:
            each = binary_cross_entropy_with_logits(answers, wanted.clamp(min=0), reduction="none")
        return torch.where(asked, each, 0).sum((0, 2, 3)) / asked.sum((0, 2, 3))

    def scores(self, answers, targets):
        """Each network's squared error, or its share of right answers.

        Parameters
        ----------
        answers : torch.Tensor
            What S networks put out for the inputs of `tensors`.
        targets : torch.Tensor
            From `tensors`.

        Returns
        -------
        list of float
            One number for each of the S networks.
        """
        if self.measure == "squared error":
            return self.losses(answers, targets).tolist()
        asked = (targets != tasks.IGNORE).expand_as(answers)
        right = (answers > 0) == (targets > 0)
        if self.whole:
            return (right | ~asked).all(dim=0).float().mean((1, 2)).tolist()
        return ((right & asked).sum((0, 2, 3)) / asked.sum((0, 2, 3))).tolist()

    def is_solved(self, score):
        """Whether a score counts as solved: an error below 0.01, or more than 99 % right.

        Parameters
        ----------
        score : float
            One of `scores`.

        Returns
        -------
        bool
            Whether the network has solved the task.
        """
        return score < 0.01 if self.measure == "squared error" else score > 0.99


def _lengths(make, training, test):
    """Two makers of data, (seed) -> Task, from one of `tasks` and its settings."""
    return (
        lambda seed: make(N_TRAINING, seed=seed, **training),
        lambda seed: make(N_TEST, seed=seed, **test),
    )


SETUPS = {
    "last marked": Setup(
        *_lengths(tasks.last_marked, {"length": 15}, {"length": 75}), 2, "squared error"
    ),
    "counting": Setup(
        *_lengths(tasks.counting, {"max_count": 10}, {"min_count": 11, "max_count": 20}),
        2,
        "accuracy",
        whole=True,
    ),
    "parity": Setup(*_lengths(tasks.parity, {"length": 20}, {"length": 100}), 2, "accuracy"),
}


def train(task, variant, *, copies=5, updates=UPDATES, seed=0):
    """Train networks of one variant on one task, and test them.

    Parameters
    ----------
    task : str
        One of `SETUPS`.
    variant : str
        One of `rnn_utils.variants.VARIANTS`.
    copies : int
        How many networks, side by side.
    updates : int
        How often the weights are changed.
    seed : int
        Decides data, first weights and order.

    Returns
    -------
    networks : VariantNetworks
    scores : list of float
        Of each network, on longer sequences than it was trained on.
    """
    setup = SETUPS[task]
    size = hidden_size_for(N_PARAMETERS, variant, setup.input_size, 1)
    networks = VariantNetworks(variant, setup.input_size, size, 1, copies=copies, seed=seed)
    x, y = setup.tensors(setup.training(1000 + seed))
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(networks.parameters())
    for update in range(updates):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 + np.cos(np.pi * update / updates)) / 2
        batch = torch.randint(x.shape[1], (copies, BATCH_SIZE), generator=generator)
        loss = setup.losses(networks(x[:, batch]), y[:, batch]).sum()  # the networks do not meet
        optimizer.zero_grad()
        loss.backward()
        networks.clip_gradients(1.0)
        optimizer.step()
    x, y = (part[:, None] for part in setup.tensors(setup.test(2000 + seed)))
    with torch.no_grad():
        return networks, setup.scores(networks(x), y)
