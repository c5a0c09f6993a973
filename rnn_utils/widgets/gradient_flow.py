"""The gradient flow: how much of the gradient is left, step by step back through time.

An RNN, an LSTM and a GRU read the same random inputs. The loss reads the last state only, so what
reaches an early state has come back through every step between. Weights and inputs come from a
small generator, so the page makes the very same ones and needs no file of numbers.
"""

import json
import math
from typing import NamedTuple

import numpy as np
import traitlets

from rnn_utils.checks import integer_from, number_between
from rnn_utils.layers import GRU, LSTM
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html
from rnn_utils.widgets.plain_rnn import slope, step
from rnn_utils.widgets.random_stream import symmetric

STRINGS = json.loads((FOLDER / "gradient_flow.strings.json").read_text(encoding="utf-8"))

D, H = 4, 8  # numbers in an input, numbers in a state
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}
KEEPS = {"lstm": ("forget_bias", 1), "gru": ("keep_bias", 1)}  # which block of the bias it fills
CHOICES = {
    "recurrent": ("orthogonal", "random", "identity"),
    "nonlinearity": ("tanh", "relu", "linear"),
}
# The ends of the numbers that need not be whole, and of those that must be.
NUMBERS = {
    "scale": (0.1, 4), "forget_bias": (-4, 8), "keep_bias": (-4, 8), "input_scale": (0, 3),
    "clip": (0.01, 100),
}  # fmt: skip
INTEGERS = {"length": (5, 100), "seed": (0, 2**32 - 1), "back": (0, 99)}
EPSILON = 1e-6  # PyTorch adds it to the norm, so that clipping never divides by 0


class Problem(NamedTuple):
    """What is drawn from a seed."""

    inputs: np.ndarray  # x_1 to x_T, (T, D)
    readout: np.ndarray  # v of the loss v · h_T, (H,), of length 1
    weights: dict  # for each cell a dict of weight_ih, weight_hh, bias_ih, bias_hh as in PyTorch


class Clipping(NamedTuple):
    """Norms of the gradient of all of a cell's weights together, and of its early part."""

    before: float
    after: float  # never above the threshold
    early: float  # what the first T // 2 steps add to it
    early_after: float


class Flow(NamedTuple):
    """One cell, from the loss back to the first step."""

    h: np.ndarray  # ∂L/∂h_t for t = 1 to T, (T, H)
    c: np.ndarray | None  # ∂L/∂c_t, (T, H); for the LSTM only
    jacobians: np.ndarray  # of each new state by the old one, (T, S, S); S = 2H for (h, c)
    weights: float  # norm of the gradient of all weights
    early: float  # of what the first T // 2 steps add to it


class GradientFlow(BookWidget):
    """See gradients vanish, explode or stay on their way back through an RNN, an LSTM and a GRU.

    All three read the same random inputs x_1 to x_T (4 numbers each) with 8 units. The loss is
    v · h_T with a random v of length 1, so the gradient starts with norm 1 at h_T, and the norm of
    ∂L/∂h_t is the share that is left of it. W_ih is uniform with variance 1/4. Biases are 0 but
    for those named below. The GRU's reset gate acts after the product, as in PyTorch.

    Parameters
    ----------
    scale : float
        What every H x H block of W_hh is multiplied by, 0.1 to 4.
    recurrent : {"orthogonal", "random", "identity"}
        Such a block before that: all singular values 1; or uniform with variance 1/8, so that the
        spectral radius is about 1 and the largest singular value nearer to 2; or the identity.
    nonlinearity : {"tanh", "relu", "linear"}
        φ of the plain RNN.
    forget_bias : float
        Bias of the LSTM's forget gate, -4 to 8; 1 keeps about σ(1) = 0.73 of c a step.
    keep_bias : float
        Bias of the GRU's update gate z, which keeps where it is 1; -4 to 8.
    input_scale : float
        Standard deviation of the inputs, 0 to 3.
    length : int
        T, 5 to 100.
    clip : float
        The norm to which the gradient of the weights is clipped, 0.01 to 100.
    seed : int
        0 to 2³² - 1. Same state, same numbers.
    back : int
        How many steps back the numbers are read, 0 to 99; at most T - 1 is shown.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> w = GradientFlow(length=20, recurrent="orthogonal", nonlinearity="linear", scale=0.9)
    >>> left = w.norms()["rnn"]
    >>> bool(np.allclose(left, 0.9 ** np.arange(19, -1, -1)))  # 0.9 a step, exactly
    True
    """

    _name = "gradient_flow"
    _page_traits = (
        "scale", "recurrent", "nonlinearity", "forget_bias", "keep_bias", "input_scale",
        "length", "clip", "seed", "back",
    )  # fmt: skip

    scale = traitlets.Float(0.9).tag(sync=True)
    recurrent = traitlets.Unicode("orthogonal").tag(sync=True)
    nonlinearity = traitlets.Unicode("tanh").tag(sync=True)
    forget_bias = traitlets.Float(4.0).tag(sync=True)
    keep_bias = traitlets.Float(4.0).tag(sync=True)
    input_scale = traitlets.Float(1.0).tag(sync=True)
    length = traitlets.Int(50).tag(sync=True)
    clip = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    back = traitlets.Int(40).tag(sync=True)

    def __init__(
        self,
        *,
        scale=0.9,
        recurrent="orthogonal",
        nonlinearity="tanh",
        forget_bias=4.0,
        keep_bias=4.0,
        input_scale=1.0,
        length=50,
        clip=1.0,
        seed=1,
        back=40,
    ):
        given = {
            "scale": scale, "recurrent": recurrent, "nonlinearity": nonlinearity,
            "forget_bias": forget_bias, "keep_bias": keep_bias, "input_scale": input_scale,
            "length": length, "clip": clip, "seed": seed, "back": back,
        }  # fmt: skip
        super().__init__(**{name: _checked(name, value) for name, value in given.items()})

    def problem(self):
        """The inputs, the loss and the weights that are drawn from the seed.

        Returns
        -------
        Problem
        """
        return _drawn(self)

    def norms(self):
        """The norm of the gradient at every step; the last is where it starts.

        Returns
        -------
        dict of str to numpy.ndarray, shape (T,)
            ``rnn``, ``lstm`` and ``gru``: of ∂L/∂h_t; ``lstm_c``: of ∂L/∂c_t.
        """
        flows = _flows(self)
        gradients = {name: flow.h for name, flow in flows.items()} | {"lstm_c": flows["lstm"].c}
        return {name: np.linalg.norm(rows, axis=1) for name, rows in gradients.items()}

    def jacobians(self):
        """How much one step can stretch a gradient at most: the largest singular value.

        Returns
        -------
        dict of str to numpy.ndarray, shape (T,)
            For each cell s_max of ∂h_t/∂h_{t-1}; for the LSTM of ∂(h_t, c_t)/∂(h_{t-1}, c_{t-1}).
        """
        return {
            name: np.linalg.svd(flow.jacobians, compute_uv=False)[:, 0]
            for name, flow in _flows(self).items()
        }

    def clipping(self):
        """What clipping by norm (Pascanu et al. 2013, Algorithm 1) does to the weights' gradient.

        All is multiplied by one number, so the share of the early steps stays what it was.

        Returns
        -------
        dict of str to Clipping
        """
        clipped = {}
        for name, flow in _flows(self).items():
            factor = min(1, self.clip / (flow.weights + EPSILON))
            clipped[name] = Clipping(
                flow.weights, factor * flow.weights, flow.early, factor * flow.early
            )
        return clipped

    def _fallback(self):
        labels, norms, T = STRINGS["en"], self.norms(), self.length
        steps = sorted({1, T, *range(T, 0, -10)}, reverse=True)
        rows = [
            [str(t), *(f"{norms[name][t - 1]:.1e}" for name in ("rnn", "lstm", "lstm_c", "gru"))]
            for t in steps
        ]
        head = [labels["t"], *(labels["names"][name] for name in ("rnn", "lstm", "lstm_c", "gru"))]
        return table_html(labels["fallback"].format(T=T), head, rows)

    @traitlets.validate(*_page_traits)
    def _validate(self, proposal):
        with as_trait_error():
            return _checked(proposal["trait"].name, proposal["value"])

    def __repr__(self):
        return (
            f"GradientFlow(scale={self.scale:g}, recurrent={self.recurrent!r}, "
            f"nonlinearity={self.nonlinearity!r}, length={self.length}, seed={self.seed})"
        )


# ------------------------------------------------------------------------------ what is drawn


def _drawn(state):
    """The `Problem` of a state. Inputs come last, so a longer sequence begins like a short one."""
    take = symmetric(state.seed)
    weights = {}
    for cell, n_blocks in BLOCKS.items():
        weight_ih = math.sqrt(3 / D) * take(n_blocks * H, D)  # 3: uniform in ±1 has variance 1/3
        blocks = [_square(state.recurrent, take(H, H)) for _ in range(n_blocks)]
        bias = np.zeros((n_blocks, H))
        if cell in KEEPS:
            trait, block = KEEPS[cell]
            bias[block] = getattr(state, trait)
        weights[cell] = {
            "weight_ih": weight_ih,
            "weight_hh": state.scale * np.concatenate(blocks),
            "bias_ih": bias.ravel(),
            "bias_hh": np.zeros(n_blocks * H),
        }
    readout = take(H)
    inputs = math.sqrt(3) * state.input_scale * take(state.length, D)
    return Problem(inputs, readout / np.linalg.norm(readout), weights)


def _square(recurrent, numbers):
    """An H x H matrix of the wished kind, from H x H numbers in ±1."""
    if recurrent == "identity":
        return np.eye(H)
    if recurrent == "random":
        return math.sqrt(3 / H) * numbers
    q, r = np.linalg.qr(numbers)
    return q * np.sign(np.diag(r))  # with these signs it is what Gram and Schmidt get


# ------------------------------------------------------------------------------- the way back


def _flows(state):
    problem = _drawn(state)
    return {
        "rnn": _through_rnn(problem, state.nonlinearity),
        "lstm": _through_gates(LSTM(D, H), problem, "lstm"),
        "gru": _through_gates(GRU(D, H), problem, "gru"),
    }


def _norm_of_all(parameters):
    return math.sqrt(sum(np.vdot(gradient, gradient) for gradient in parameters))


def _walk_back(jacobians, readout):
    """∂L/∂s_t for t = 1 to T, (T, S): one product with a Jacobian for each step back."""
    gradient = np.zeros(jacobians.shape[-1])
    gradient[:H] = readout
    gradients = [gradient]
    for jacobian in jacobians[:0:-1]:
        gradients.append(gradients[-1] @ jacobian)
    return np.array(gradients[::-1])


def _through_rnn(problem, nonlinearity):
    weights, inputs = problem.weights["rnn"], problem.inputs
    states, slopes = [np.zeros(H)], []
    for x in inputs:
        a, h = step(weights, x, states[-1], nonlinearity)
        states.append(h)
        slopes.append(slope(a, h, nonlinearity))
    slopes, h_prev = np.array(slopes), np.array(states[:-1])
    jacobians = slopes[:, :, None] * weights["weight_hh"]  # diag(φ'(a_t)) W_hh
    gradients = _walk_back(jacobians, problem.readout)
    d_a = slopes * gradients

    def norm(T):  # of the gradient of the weights, from the first T steps
        d_b = d_a[:T].sum(axis=0)
        return _norm_of_all([d_a[:T].T @ inputs[:T], d_a[:T].T @ h_prev[:T], d_b, d_b])

    return Flow(gradients, None, jacobians, norm(len(inputs)), norm(len(inputs) // 2))


def _through_gates(layer, problem, name):
    layer.load_state_dict({f"{key}_l0": value for key, value in problem.weights[name].items()})
    inputs = problem.inputs
    T, trace = len(inputs), layer.trace(inputs)
    old = np.hstack([np.vstack([np.zeros(H), getattr(trace, s)[:-1]]) for s in layer.state_names])
    S = old.shape[1]
    # Each step by itself, once for each number of its new state: the rows of its Jacobian.
    layer.forward(np.repeat(inputs, S, axis=0)[None], _as_state(np.repeat(old, S, axis=0)))
    rows = layer.backward(None, _as_state(np.tile(np.eye(S), (T, 1)))).state
    jacobians = np.concatenate(rows if S > H else [rows], axis=-1).reshape(T, S, S)
    gradients = _walk_back(jacobians, problem.readout)

    def norm(T):  # of the gradient of the weights, from the first T steps
        layer.forward(inputs[:T, None])
        d_weights = layer.backward(None, _as_state(gradients[T - 1 : T])).parameters
        return _norm_of_all(d_weights.values())

    h, c = gradients[:, :H], None
    if S > H:  # c_t acts on the next step, and through h_t
        c = gradients[:, H:] + h * trace.o * (1 - np.tanh(trace.c) ** 2)
    return Flow(h, c, jacobians, norm(T), norm(T // 2))


def _as_state(rows):
    """Rows of H or 2H numbers as a layer's state of shape (1, B, H), or a pair (h, c) of them."""
    h, c = rows[None, :, :H], rows[None, :, H:]
    return (h, c) if c.size else h


# ------------------------------------------------------------------ what is given, and checked


def _checked(name, value):
    """One trait as a plain JSON value, or a ValueError that names what does not fit."""
    if name in CHOICES:
        if not isinstance(value, str) or value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(CHOICES[name])}, got {value!r}")
        return value
    if name in INTEGERS:
        least, most = INTEGERS[name]
        if integer_from(name, value, least) > most:
            raise ValueError(f"{name} must be at most {most}, got {value}")
        return int(value)
    return number_between(name, value, *NUMBERS[name])
