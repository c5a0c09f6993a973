"""One step of a plain RNN as the widgets have it: also without an activation.

The JavaScript twin is ``rnnStep`` in ``lib/cells.js``; the tests of the widgets hold them together.
"""

import numpy as np

from rnn_utils.cells import RNNCell, RNNStep


def step(weights, x, h, nonlinearity):
    """The step of `rnn_utils.cells.RNNCell`, or with "linear" the same without tanh.

    Parameters
    ----------
    weights : mapping of str to array_like
        weight_ih (H, D), weight_hh (H, H), bias_ih (H,), bias_hh (H,).
    x : numpy.ndarray, shape (D,) or (B, D)
    h : numpy.ndarray, shape (H,) or (B, H)
    nonlinearity : {"tanh", "relu", "linear"}

    Returns
    -------
    RNNStep
    """
    weight_ih = np.asarray(weights["weight_ih"])
    cell = RNNCell(
        *weight_ih.shape[::-1], nonlinearity="relu" if nonlinearity == "relu" else "tanh"
    )
    for name, value in weights.items():
        setattr(cell, name, np.asarray(value))
    a, after = cell.step(x, h)
    return RNNStep(a, a if nonlinearity == "linear" else after)


def slope(a, h, nonlinearity):
    """φ'(a), from the pre-activation a and h = φ(a), of any shape."""
    return {"tanh": 1 - h**2, "relu": (a > 0) * 1.0, "linear": np.ones_like(a)}[nonlinearity]
