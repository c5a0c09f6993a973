"""One time step of the RNN, the LSTM and the GRU, in NumPy and nothing else.

Names, shapes and gate order are those of :mod:`torch.nn`, so weights can be carried over as they
are. Formulas in the book use columns; code uses rows ``(B, D)``, so each matrix W of a formula
appears here as ``x @ W.T``.

Shapes: ``B`` sequences side by side, ``D`` = ``input_size``, ``H`` = ``hidden_size``.
"""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import finite_array, float_dtype, pair, positive_integer


class RNNStep(NamedTuple):
    """Every quantity of one RNN time step, in the order it is computed."""

    a: np.ndarray  # pre-activation, (B, H)
    h: np.ndarray  # hidden state,   (B, H); in (-1, 1) for tanh


class LSTMStep(NamedTuple):
    """Every quantity of one LSTM time step, in PyTorch's order of the gates."""

    i: np.ndarray  # input gate,   (B, H), in (0, 1)
    f: np.ndarray  # forget gate,  (B, H), in (0, 1); 1 keeps, 0 forgets
    g: np.ndarray  # candidate,    (B, H), in (-1, 1)
    o: np.ndarray  # output gate,  (B, H), in (0, 1)
    c: np.ndarray  # cell state,   (B, H)
    h: np.ndarray  # hidden state, (B, H), in (-1, 1)


class GRUStep(NamedTuple):
    """Every quantity of one GRU time step, in the order it is computed."""

    r: np.ndarray  # reset gate,   (B, H), in (0, 1)
    z: np.ndarray  # update gate,  (B, H), in (0, 1); 1 keeps the old state
    n: np.ndarray  # candidate,    (B, H), in (-1, 1)
    h: np.ndarray  # hidden state, (B, H)


def sigmoid(a):
    """Logistic function 1 / (1 + exp(-a)), without overflow for any finite ``a``.

    Parameters
    ----------
    a : array_like of float
        Pre-activations, any shape.

    Returns
    -------
    numpy.ndarray or numpy.floating
        Values between 0 and 1, same shape. Mathematically the ends are never reached; in float64
        the result rounds to exactly 1 from about a = 37.

    Examples
    --------
    >>> sigmoid(np.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(a))  # the same curve; tanh cannot overflow


def blocks(a, n):
    """The last axis cut into ``n`` blocks of equal size, one after the other: views, not copies.

    Parameters
    ----------
    a : numpy.ndarray, shape (..., n * H)
    n : int

    Returns
    -------
    numpy.ndarray, shape (n, ..., H)
    """
    return np.moveaxis(a.reshape(*a.shape[:-1], n, a.shape[-1] // n), -2, 0)


class _Cell:
    """Parameters, their checks and their initial values: what the three cells share."""

    n_blocks = 1  # how many H-row blocks the weight matrices stack

    def __init__(self, input_size, hidden_size, *, dtype=np.float64, seed=None):
        self.input_size = positive_integer("input_size", input_size)
        self.hidden_size = positive_integer("hidden_size", hidden_size)
        self.dtype = float_dtype(dtype)
        rng = np.random.default_rng(seed)
        bound = 1 / np.sqrt(hidden_size)  # PyTorch's default, for every parameter
        for name, shape in self.parameter_shapes().items():
            setattr(self, name, rng.uniform(-bound, bound, shape).astype(self.dtype))

    def parameter_shapes(self):
        """Names and shapes of the parameters, as a dict in PyTorch's order."""
        rows = self.n_blocks * self.hidden_size
        return {
            "weight_ih": (rows, self.input_size),
            "weight_hh": (rows, self.hidden_size),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
        }

    def __setattr__(self, name, value):
        if name.startswith(("weight", "bias")):
            shapes = self.parameter_shapes()
            if name not in shapes:
                raise ValueError(f"{name} is not a parameter; this cell has {', '.join(shapes)}")
            value = finite_array(name, value, self.dtype, shapes[name]).copy()
        super().__setattr__(name, value)

    def __repr__(self):
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size})"

    def _start(self, x, **states):
        """Check the weights, the input and the states; a missing state is zero."""
        for name, shape in self.parameter_shapes().items():
            finite_array(name, getattr(self, name), self.dtype, shape)
        x = finite_array("x", x, self.dtype)
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"x must have shape ({self.input_size},) or (B, {self.input_size}), got {x.shape}"
            )
        shape = (*x.shape[:-1], self.hidden_size)
        return x, *(
            np.zeros(shape, self.dtype)
            if s is None
            else finite_array(f"{name} of state", s, self.dtype, shape)
            for name, s in states.items()
        )


class RNNCell(_Cell):
    """One step of the plain RNN (Elman 1990), equal to :class:`torch.nn.RNNCell`.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, at least 1.
    nonlinearity : {"tanh", "relu"}
        The activation φ.
    dtype : numpy.float64 or numpy.float32
        Type of the parameters; inputs and states must have the same.
    seed : int, optional
        For the initial parameters, uniform between -1/√H and 1/√H as in PyTorch.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : numpy.ndarray
        Shapes (H, D), (H, H), (H,), (H,). A new value is checked and copied.

    Raises
    ------
    ValueError
        For a size, type, shape or NaN that cannot work; the text names the argument.
    """

    def __init__(
        self, input_size, hidden_size, *, nonlinearity="tanh", dtype=np.float64, seed=None
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, dtype=dtype, seed=seed)

    def step(self, x, state=None):
        """One time step.

        Parameters
        ----------
        x : array, shape (D,) or (B, D)
        state : array, shape (H,) or (B, H), optional
            h of the step before; zero if not given.

        Returns
        -------
        RNNStep
        """
        x, h_prev = self._start(x, h=state)
        a = x @ self.weight_ih.T + self.bias_ih + h_prev @ self.weight_hh.T + self.bias_hh
        return self.advance(a)

    def advance(self, a):
        """The rest of a step, once the pre-activations are known; nothing is checked.

        Parameters
        ----------
        a : numpy.ndarray, shape (..., H)

        Returns
        -------
        RNNStep
        """
        h = np.tanh(a) if self.nonlinearity == "tanh" else np.maximum(a, 0)
        return RNNStep(a, h)


class LSTMCell(_Cell):
    """One step of the LSTM (Gers et al. 2000), equal to :class:`torch.nn.LSTMCell`.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, at least 1.
    peephole : bool
        Let the gates see the cell state (Gers et al. 2002): i and f see the old one, o the new.
    dtype : numpy.float64 or numpy.float32
        Type of the parameters; inputs and states must have the same.
    seed : int, optional
        For the initial parameters, uniform between -1/√H and 1/√H as in PyTorch.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : numpy.ndarray
        Shapes (4H, D), (4H, H), (4H,), (4H,); blocks of H rows in the order i, f, g, o.
    weight_peephole : numpy.ndarray
        Only with ``peephole=True``: shape (3H,), blocks in the order i, f, o. Each unit's gates
        see that unit's own cell state.

    Raises
    ------
    ValueError
        For a size, type, shape or NaN that cannot work; the text names the argument.
    """

    n_blocks = 4

    def __init__(self, input_size, hidden_size, *, peephole=False, dtype=np.float64, seed=None):
        self.peephole = bool(peephole)
        super().__init__(input_size, hidden_size, dtype=dtype, seed=seed)

    def parameter_shapes(self):
        """Names and shapes of the parameters; the peepholes come last, if there are any."""
        shapes = super().parameter_shapes()
        if self.peephole:
            shapes["weight_peephole"] = (3 * self.hidden_size,)
        return shapes

    def step(self, x, state=None):
        """One time step.

        Parameters
        ----------
        x : array, shape (D,) or (B, D)
        state : tuple of two arrays, each of shape (H,) or (B, H), optional
            (h, c) of the step before; zero if not given.

        Returns
        -------
        LSTMStep
        """
        h_prev, c_prev = pair("state", state)
        x, h_prev, c_prev = self._start(x, h=h_prev, c=c_prev)
        a = x @ self.weight_ih.T + self.bias_ih + h_prev @ self.weight_hh.T + self.bias_hh
        return self.advance(a, c_prev)

    def advance(self, a, c_prev):
        """The rest of a step, once the pre-activations are known; nothing is checked.

        Parameters
        ----------
        a : numpy.ndarray, shape (..., 4H)
        c_prev : numpy.ndarray, shape (..., H)

        Returns
        -------
        LSTMStep
        """
        a_i, a_f, a_g, a_o = blocks(a, 4)
        if self.peephole:
            p_i, p_f, p_o = blocks(self.weight_peephole, 3)
            a_i, a_f = a_i + p_i * c_prev, a_f + p_f * c_prev
        f = sigmoid(a_f)
        i = sigmoid(a_i)
        g = np.tanh(a_g)
        c = f * c_prev + i * g  # keep part of the old, write part of the new
        if self.peephole:
            a_o = a_o + p_o * c  # the output gate acts last, so it sees the new cell state
        o = sigmoid(a_o)
        h = o * np.tanh(c)
        return LSTMStep(i, f, g, o, c, h)


class GRUCell(_Cell):
    """One step of the GRU (Cho et al. 2014), equal to :class:`torch.nn.GRUCell`.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, at least 1.
    reset_after : bool
        Where the reset gate acts. True: after the matrix product, r ⊙ (W_hn h + b_hn), as PyTorch
        and cuDNN do. False: before it, W_hn (r ⊙ h) + b_hn, as in the published paper. The two
        are different functions of the same weights.
    dtype : numpy.float64 or numpy.float32
        Type of the parameters; inputs and states must have the same.
    seed : int, optional
        For the initial parameters, uniform between -1/√H and 1/√H as in PyTorch.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : numpy.ndarray
        Shapes (3H, D), (3H, H), (3H,), (3H,); blocks of H rows in the order r, z, n.

    Raises
    ------
    ValueError
        For a size, type, shape or NaN that cannot work; the text names the argument.
    """

    n_blocks = 3

    def __init__(self, input_size, hidden_size, *, reset_after=True, dtype=np.float64, seed=None):
        self.reset_after = bool(reset_after)
        super().__init__(input_size, hidden_size, dtype=dtype, seed=seed)

    def step(self, x, state=None):
        """One time step; z is the share of the old state that is kept.

        Parameters
        ----------
        x : array, shape (D,) or (B, D)
        state : array, shape (H,) or (B, H), optional
            h of the step before; zero if not given.

        Returns
        -------
        GRUStep
        """
        x, h_prev = self._start(x, h=state)
        return self.advance(x @ self.weight_ih.T + self.bias_ih, h_prev)

    def advance(self, a_x, h_prev):
        """The rest of a step, once W x + b is known, the input's share of the pre-activations.

        The state's share cannot be added to it beforehand, as r acts between the two. Nothing is
        checked.

        Parameters
        ----------
        a_x : numpy.ndarray, shape (..., 3H)
        h_prev : numpy.ndarray, shape (..., H)

        Returns
        -------
        GRUStep
        """
        x_r, x_z, x_n = blocks(a_x, 3)
        if self.reset_after:
            h_r, h_z, h_n = blocks(h_prev @ self.weight_hh.T + self.bias_hh, 3)
            r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
            n = np.tanh(x_n + r * h_n)
        else:
            gates = slice(None, 2 * self.hidden_size)
            rest = slice(2 * self.hidden_size, None)
            h_r, h_z = blocks(h_prev @ self.weight_hh[gates].T + self.bias_hh[gates], 2)
            r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
            n = np.tanh(x_n + (r * h_prev) @ self.weight_hh[rest].T + self.bias_hh[rest])
        h = (1 - z) * n + z * h_prev
        return GRUStep(r, z, n, h)
