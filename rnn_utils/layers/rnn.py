"""The plain recurrent layer."""

import numpy as np

from rnn_utils.cells import RNNCell, RNNStep
from rnn_utils.layers.base import Layer
from rnn_utils.layers.runs import through_products


class RNN(Layer):
    """The plain RNN (Elman 1990) over whole sequences, equal to :class:`torch.nn.RNN`.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, at least 1.
    num_layers : int
        How many layers are stacked, each reading the output of the one below.
    nonlinearity : {"tanh", "relu"}
        The activation φ.
    bidirectional : bool
        Read from both ends, with weights for each direction; outputs are joined to width 2H.
    reverse : bool
        Read from right to left only; outputs stay at their places. The parameters' names end in
        ``_reverse``, as those of the second direction do.
    batch_first : bool
        Sequences first, (B, T, ...), in x and output; the state stays (N, B, H).
    dropout : float
        Between layers, while `training` (see `train` and `eval`), each number of a layer's output
        is dropped with this probability; 0 to below 1. One layer has no place for it.
    dtype : numpy.float64 or numpy.float32
        Type of the parameters; inputs and states must have the same.
    seed : int, optional
        For the initial parameters, uniform between -1/√H and 1/√H as in PyTorch, and for dropout.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : numpy.ndarray
        Shapes (H, D), (H, H), (H,), (H,) under PyTorch's names: ``_l1`` for the second layer,
        whose input width is that of the output below, ``_reverse`` at the end for the direction
        from right to left. A new value is checked and copied.
    cells : dict of str to RNNCell
        The cell of each layer and direction: ``"l0"``, ``"l0_reverse"``, ``"l1"``, ...

    Raises
    ------
    ValueError
        For an argument that cannot work; the text names it.
    """

    torch_name, cell_type, step_type = "RNN", RNNCell, RNNStep

    def __init__(self, input_size, hidden_size, num_layers=1, *, nonlinearity="tanh", **options):
        self.nonlinearity = nonlinearity
        cell_options = {"nonlinearity": nonlinearity}
        super().__init__(input_size, hidden_size, num_layers, cell_options, **options)

    def _walk_back(self, run, d_output, d_h):
        cell, h = run.cell, run.states["h"]
        slope = 1 - h[1:] ** 2 if cell.nonlinearity == "tanh" else (h[1:] > 0).astype(self.dtype)
        d_a = np.zeros_like(slope)
        for t, n in run.backwards():
            d_h[:n] += d_output[t, :n]  # what comes from the next step, and from this output
            d_a[t, :n] = slope[t, :n] * d_h[:n]
            d_h[:n] = d_a[t, :n] @ cell.weight_hh  # to the step before
        return through_products(run, d_a, h[:-1], d_a)

    @staticmethod
    def _options_of(module):
        return {"nonlinearity": module.nonlinearity}

    def _torch_options(self):
        return {"nonlinearity": self.nonlinearity}
