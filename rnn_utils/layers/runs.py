"""What a pass through a sequence leaves behind, and the products that all cells share."""

from typing import NamedTuple

import numpy as np

from rnn_utils.cells import GRUCell, LSTMCell, RNNCell


class Gradients(NamedTuple):
    """Derivatives of a loss with respect to everything that went in."""

    x: np.ndarray  # shape of x
    state: np.ndarray | tuple[np.ndarray, np.ndarray]  # shape of the state; (d_h, d_c) for LSTM
    parameters: dict[str, np.ndarray]  # under PyTorch's names


class Run(NamedTuple):
    """What one cell did along time, in the order in which it read."""

    cell: RNNCell | LSTMCell | GRUCell  # as it was then, so later changes do no harm
    x: np.ndarray  # what it read, (T, B, D)
    active: np.ndarray  # for each step, how many sequences have not ended; the longest come first
    gates: dict[str, np.ndarray]  # all but the states, each (T, B, H); 0 where a sequence has ended
    states: dict[str, np.ndarray]  # h (and c) before the first step and after each, (T + 1, B, H)

    def output(self):
        """h after each step, and 0 where a sequence has ended; (T, B, H)."""
        still = np.arange(self.x.shape[1]) < self.active[:, None]
        return np.where(still[..., None], self.states["h"][1:], 0)

    def backwards(self):
        """The steps from the last to the first, each with its number of active sequences."""
        return reversed(list(enumerate(self.active)))


class Tape(NamedTuple):
    """What the last forward pass leaves for the backward pass."""

    runs: dict[str, Run]  # one for each cell
    masks: list  # of each layer's input: what dropout lets through
    order: np.ndarray  # the sequences from the longest to the shortest, (B,)
    back: np.ndarray  # and how to put them back
    one: bool  # whether x was a single sequence without a batch axis
    shape: tuple  # of the output, as it was given back


def pace_of(suffix):
    """How a direction goes through time: 1 from left to right, -1 from right to left."""
    return -1 if suffix.endswith("_reverse") else 1


def rows(a):
    """(T, B, ...) as (T * B, -1): all steps of all sequences one below the other."""
    return a.reshape(a.shape[0] * a.shape[1], -1)


def through_products(run, d_a, h_prev, d_a_h):
    """From the sums of all steps back to x and to the weights, in one product each.

    ``d_a`` belongs to W_ih x + b_ih, ``d_a_h`` to W_hh h_prev + b_hh.
    """
    d_a, d_a_h = rows(d_a), rows(d_a_h)
    d_x = (d_a @ run.cell.weight_ih).reshape(run.x.shape)
    return d_x, {
        "weight_ih": d_a.T @ rows(run.x),
        "weight_hh": d_a_h.T @ rows(h_prev),
        "bias_ih": d_a.sum(0),
        "bias_hh": d_a_h.sum(0),
    }
