"""The layer with a cell state and three gates."""

import numpy as np

from rnn_utils.cells import LSTMCell, LSTMStep, blocks
from rnn_utils.layers.base import Layer
from rnn_utils.layers.runs import through_products


class LSTM(Layer):
    """The LSTM (Gers et al. 2000) over whole sequences, equal to :class:`torch.nn.LSTM`.

    Parameters
    ----------
    peephole : bool
        Let the gates see the cell state (Gers et al. 2002), see `rnn_utils.cells.LSTMCell`.
    input_size, hidden_size, num_layers, bidirectional, reverse, batch_first, dropout, dtype, seed
        As for `RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : numpy.ndarray
        Shapes (4H, D), (4H, H), (4H,), (4H,); blocks of H rows in the order i, f, g, o. With
        ``peephole=True`` there is ``weight_peephole_l0`` too, shape (3H,), in the order i, f, o.
        Names as for `RNN`.
    cells : dict of str to LSTMCell
        The cell of each layer and direction.

    Raises
    ------
    ValueError
        For an argument that cannot work; the text names it.

    Examples
    --------
    Two sequences of five steps, read forwards; then the gradient of the sum of all outputs.

    >>> import numpy as np
    >>> lstm = LSTM(3, 4, seed=0)
    >>> output, (h, c) = lstm.forward(np.ones((5, 2, 3)))
    >>> output.shape, h.shape, c.shape
    ((5, 2, 4), (1, 2, 4), (1, 2, 4))
    >>> gradients = lstm.backward(np.ones_like(output))
    >>> gradients.x.shape, gradients.parameters["weight_hh_l0"].shape
    ((5, 2, 3), (16, 4))
    >>> lstm.trace(np.ones((5, 2, 3))).f.shape
    (5, 2, 4)
    """

    torch_name, cell_type, step_type = "LSTM", LSTMCell, LSTMStep
    state_names = ("h", "c")

    def __init__(self, input_size, hidden_size, num_layers=1, *, peephole=False, **options):
        self.peephole = bool(peephole)
        cell_options = {"peephole": peephole}
        super().__init__(input_size, hidden_size, num_layers, cell_options, **options)

    def _walk_back(self, run, d_output, d_h, d_c):
        cell = run.cell
        i, f, g, o = run.gates.values()
        h, c = run.states["h"], run.states["c"]
        tanh_c = np.tanh(c[1:])
        c_by_h = o * (1 - tanh_c**2)  # what of d_h reaches c through the tanh
        # How c depends on the sums of i, f and g, and h on that of o. The walk multiplies by d_c
        # and d_h. Where a sequence has ended, the gates are 0 and so are these.
        d_a = np.empty((*i.shape[:2], 4, self.hidden_size), self.dtype)
        d_a[:, :, 0] = g * i * (1 - i)
        d_a[:, :, 1] = c[:-1] * f * (1 - f)
        d_a[:, :, 2] = i * (1 - g**2)
        d_a[:, :, 3] = tanh_c * o * (1 - o)
        if cell.peephole:
            p_i, p_f, p_o = blocks(cell.weight_peephole, 3)
        for t, n in run.backwards():
            d_a_t = d_a[t, :n]  # (n, 4, H)
            d_h[:n] += d_output[t, :n]  # what comes from the next step, and from this output
            d_a_t[:, 3] *= d_h[:n]  # into o
            d_c[:n] += d_h[:n] * c_by_h[t, :n]  # and into c, which the next step has reached too
            if cell.peephole:
                d_c[:n] += d_a_t[:, 3] * p_o
            d_a_t[:, :3] *= d_c[:n, None]  # from c into i, f and g
            d_h[:n] = d_a_t.reshape(n, 4 * self.hidden_size) @ cell.weight_hh  # to the step before
            d_c[:n] *= f[t, :n]  # along the road: what was kept
            if cell.peephole:
                d_c[:n] += d_a_t[:, 0] * p_i + d_a_t[:, 1] * p_f
        d_x, gradients = through_products(run, d_a, h[:-1], d_a)
        if cell.peephole:
            seen = np.stack([c[:-1], c[:-1], c[1:]], axis=2)
            gradients["weight_peephole"] = (d_a[:, :, [0, 1, 3]] * seen).sum((0, 1)).ravel()
        return d_x, gradients

    def _torch_options(self):
        if self.peephole:
            raise ValueError(
                "peephole=True cannot become a PyTorch module: torch.nn.LSTM has no weights from "
                "the cell state to the gates"
            )
        return {}
