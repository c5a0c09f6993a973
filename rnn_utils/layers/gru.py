"""The layer with two gates, in both of its variants."""

import numpy as np

from rnn_utils.cells import GRUCell, GRUStep
from rnn_utils.layers.base import Layer
from rnn_utils.layers.runs import rows, through_products


class GRU(Layer):
    """The GRU (Cho et al. 2014) over whole sequences, equal to :class:`torch.nn.GRU`.

    Parameters
    ----------
    reset_after : bool
        Where the reset gate acts: True as PyTorch, False as the published paper, see
        `rnn_utils.cells.GRUCell`.
    input_size, hidden_size, num_layers, bidirectional, reverse, batch_first, dropout, dtype, seed
        As for `RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : numpy.ndarray
        Shapes (3H, D), (3H, H), (3H,), (3H,); blocks of H rows in the order r, z, n. Names as for
        `RNN`.
    cells : dict of str to GRUCell
        The cell of each layer and direction.

    Raises
    ------
    ValueError
        For an argument that cannot work; the text names it.
    """

    torch_name, cell_type, step_type = "GRU", GRUCell, GRUStep

    def __init__(self, input_size, hidden_size, num_layers=1, *, reset_after=True, **options):
        self.reset_after = bool(reset_after)
        cell_options = {"reset_after": reset_after}
        super().__init__(input_size, hidden_size, num_layers, cell_options, **options)

    @staticmethod
    def _step(cell, a_x, h_prev):
        return cell.advance(a_x, h_prev)

    def _walk_back(self, run, d_output, d_h):
        _, z, n = run.gates.values()
        h_prev = run.states["h"][:-1]
        # How h depends on the sums of z and n. The walk multiplies by d_h.
        h_by_z = (h_prev - n) * z * (1 - z)
        h_by_n = (1 - z) * (1 - n**2)
        walk = self._walk_reset_after if run.cell.reset_after else self._walk_reset_before
        return walk(run, d_output, d_h, h_by_z, h_by_n)

    def _walk_reset_after(self, run, d_output, d_h, h_by_z, h_by_n):
        cell = run.cell
        r, z, _ = run.gates.values()
        h_prev, H = run.states["h"][:-1], self.hidden_size
        a_n = h_prev @ cell.weight_hh[2 * H :].T + cell.bias_hh[2 * H :]  # what r is multiplied by
        h_by = np.empty((*r.shape[:2], 3, H), self.dtype)
        h_by[:, :, 0] = h_by_n * a_n * r * (1 - r)
        h_by[:, :, 1] = h_by_z
        h_by[:, :, 2] = h_by_n
        d_a = np.zeros_like(h_by)
        d_a_h = np.zeros_like(h_by)  # on the side of h the sum of n stands behind r
        for t, k in run.backwards():
            d_h[:k] += d_output[t, :k]  # what comes from the next step, and from this output
            d_a[t, :k] = d_a_h[t, :k] = h_by[t, :k] * d_h[:k, None]
            d_a_h[t, :k, 2] *= r[t, :k]
            # To the step before: what was kept, and through the sums.
            d_h[:k] = d_h[:k] * z[t, :k] + d_a_h[t, :k].reshape(k, 3 * H) @ cell.weight_hh
        return through_products(run, d_a, h_prev, d_a_h)

    def _walk_reset_before(self, run, d_output, d_h, h_by_z, h_by_n):
        cell = run.cell
        r, z, _ = run.gates.values()
        h_prev, H = run.states["h"][:-1], self.hidden_size
        reset_by_r = h_prev * r * (1 - r)  # how r * h_prev depends on the sum of r
        gates_hh, candidate_hh = cell.weight_hh[: 2 * H], cell.weight_hh[2 * H :]
        d_a = np.zeros((*r.shape[:2], 3, H), self.dtype)
        for t, k in run.backwards():
            d_h[:k] += d_output[t, :k]  # what comes from the next step, and from this output
            d_a[t, :k, 1] = h_by_z[t, :k] * d_h[:k]
            d_a[t, :k, 2] = h_by_n[t, :k] * d_h[:k]
            d_reset = d_a[t, :k, 2] @ candidate_hh  # of r * h_prev
            d_a[t, :k, 0] = reset_by_r[t, :k] * d_reset
            d_gates = d_a[t, :k, :2].reshape(k, 2 * H)
            # To the step before: what was kept, through the reset state, and through the gates.
            d_h[:k] = d_h[:k] * z[t, :k] + d_reset * r[t, :k] + d_gates @ gates_hh
        d_x, gradients = through_products(run, d_a, h_prev, d_a)
        gradients["weight_hh"][2 * H :] = rows(d_a[:, :, 2]).T @ rows(r * h_prev)
        return d_x, gradients

    def _torch_options(self):
        if not self.reset_after:
            raise ValueError(
                "reset_after=False cannot become a PyTorch module: torch.nn.GRU multiplies by r "
                "after the matrix product, which is another function of the same weights"
            )
        return {}
