"""LSTM and GRU with parts taken out, in PyTorch, to see which parts are needed.

`VARIANTS` says what each variant is: the blocks of weights that it has and the rule of its step.
A gate without a block stands open or shut for good, as the rule says. Everything else, from the
first weights to the readout, is the same for all, so that they can be compared.

Shapes: ``T`` steps, ``S`` networks side by side, ``B`` sequences, ``D``, ``H`` and ``K`` the sizes
of input, state and answer.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from rnn_utils.checks import positive_integer
from rnn_utils.models import closest_hidden_size

KEEP_BIAS = 1.0  # of the gate that keeps, f or z (Jozefowicz et al. 2015)


def _lstm(net, x, h, c, coupled=False, output_tanh=True):
    """LSTM (Gers et al. 2000); without its block, a gate stands at 1."""
    a = x + net.product(h)
    a = dict(zip(net.blocks, a.chunk(len(net.blocks), dim=-1), strict=True))
    peep = net.peepholes  # (3, S, 1, H) in the order i, f, o: zero except in that variant
    f = torch.sigmoid(a["f"] + peep[1] * c) if "f" in a else 1.0
    i = torch.sigmoid(a["i"] + peep[0] * c) if "i" in a else 1.0
    if coupled:
        i = 1 - f
    c = f * c + i * torch.tanh(a["g"])
    o = torch.sigmoid(a["o"] + peep[2] * c) if "o" in a else 1.0
    return o * (torch.tanh(c) if output_tanh else c), c


def _gru(net, x, h, c, reset_after=False):
    """GRU (Cho et al. 2014), z keeps; without its block, r stands at 1 and z at 0."""
    gates = net.blocks[:-1]
    a_x, x_n = x.split([len(gates) * net.hidden_size, net.hidden_size], dim=-1)
    a = a_x + net.product(h, gates) if gates else a_x
    a = dict(zip(gates, a.chunk(max(len(gates), 1), dim=-1), strict=False))
    r = torch.sigmoid(a["r"]) if "r" in a else 1.0
    z = torch.sigmoid(a["z"]) if "z" in a else 0.0
    n = torch.tanh(x_n + (r * net.product(h, "n") if reset_after else net.product(r * h, "n")))
    return (1 - z) * n + z * h, c


def _minimal(net, x, h, c):
    """Minimal gated unit (Zhou et al. 2016): what is written over is what the candidate sees."""
    x_z, x_n = x.chunk(2, dim=-1)
    z = torch.sigmoid(x_z + net.product(h, "z"))
    n = torch.tanh(x_n + net.product((1 - z) * h, "n"))
    return (1 - z) * n + z * h, c


class Variant(NamedTuple):
    """What a variant is made of."""

    family: str  # "LSTM", "GRU" or "RNN"
    blocks: str  # a letter for each H rows of the weights, in PyTorch's order
    step: Callable  # (net, x's share of the sums, h, c) -> h, c
    options: tuple = ()  # pairs of name and value, for the step


VARIANTS = {
    "LSTM": Variant("LSTM", "ifgo", _lstm),
    "peepholes": Variant("LSTM", "ifgo", _lstm),
    "coupled gates": Variant("LSTM", "fgo", _lstm, (("coupled", True),)),
    "no input gate": Variant("LSTM", "fgo", _lstm),
    "no forget gate": Variant("LSTM", "igo", _lstm),
    "no output gate": Variant("LSTM", "ifg", _lstm),
    "no output tanh": Variant("LSTM", "ifgo", _lstm, (("output_tanh", False),)),
    "GRU": Variant("GRU", "rzn", _gru, (("reset_after", True),)),
    "reset before": Variant("GRU", "rzn", _gru),
    "minimal gated unit": Variant("GRU", "zn", _minimal),
    "no reset gate": Variant("GRU", "zn", _gru),
    "no update gate": Variant("GRU", "rn", _gru, (("reset_after", True),)),
    "plain RNN": Variant("RNN", "n", _gru),
}


class VariantNetworks(nn.Module):
    """Several networks of one variant side by side, with a linear readout at every step.

    They do not meet: each has its own weights, and no gradient goes from one to another. Side by
    side they are trained in little more time than one of them.

    Parameters
    ----------
    variant : str
        One of `VARIANTS`.
    input_size, hidden_size, output_size : int
        D, H and K.
    copies : int
        S.
    seed : int
        For the first weights, uniform between -1/√H and 1/√H as in PyTorch; then the gate that
        keeps, f or z, gets a bias of `KEEP_BIAS`. PyTorch's own random numbers are left alone.
    dtype : torch.dtype

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : torch.nn.Parameter
        PyTorch's shapes with the axis S in front; H rows for each letter of ``blocks``.
    peepholes : torch.Tensor
        Shape (3, S, 1, H), for i, f and o. Learned if the variant is "peepholes", else zero.
    weight_hy, bias_y : torch.nn.Parameter
        Shapes (S, K, H) and (S, K).

    Raises
    ------
    ValueError
        For an unknown variant or a size that is not a positive integer.
    """

    def __init__(
        self,
        variant,
        input_size,
        hidden_size,
        output_size,
        *,
        copies=1,
        seed=0,
        dtype=torch.float32,
    ):
        super().__init__()
        if not isinstance(variant, str) or variant not in VARIANTS:
            raise ValueError(f"variant must be one of {', '.join(VARIANTS)}, got {variant!r}")
        sizes = {
            "input_size": input_size,
            "hidden_size": hidden_size,
            "output_size": output_size,
            "copies": copies,
        }
        for name, size in sizes.items():
            positive_integer(name, size)
        self.variant, self.hidden_size = VARIANTS[variant], hidden_size
        self.blocks = self.variant.blocks
        H, rows = hidden_size, len(self.blocks) * hidden_size
        generator = torch.Generator().manual_seed(seed)

        def drawn(*shape):
            values = torch.rand(copies, *shape, generator=generator, dtype=torch.float64)
            return nn.Parameter(((2 * values - 1) / H**0.5).to(dtype))

        self.weight_ih, self.weight_hh = drawn(rows, input_size), drawn(rows, H)
        self.bias_ih, self.bias_hh = drawn(rows), drawn(rows)
        self.weight_hy, self.bias_y = drawn(output_size, H), drawn(output_size)
        peepholes = torch.zeros(3, copies, 1, H, dtype=dtype)
        if variant == "peepholes":
            self.peepholes = nn.Parameter(peepholes)
        else:
            self.register_buffer("peepholes", peepholes)
        with torch.no_grad():
            for k, letter in enumerate(self.blocks):
                if letter in "fz":
                    self.bias_ih[:, k * H : (k + 1) * H] = KEEP_BIAS
                    self.bias_hh[:, k * H : (k + 1) * H] = 0

    def product(self, h, letters=None):
        """W_hh h + b_hh, or the rows of some neighboring blocks of it.

        Parameters
        ----------
        h : torch.Tensor, shape (S, B, H)
        letters : str, optional
            All blocks if not given.

        Returns
        -------
        torch.Tensor, shape (S, B, len(letters) * H)
        """
        letters = self.blocks if letters is None else letters
        first = self.blocks.index(letters) * self.hidden_size
        rows = slice(first, first + len(letters) * self.hidden_size)
        return h @ self.weight_hh[:, rows].mT + self.bias_hh[:, None, rows]

    def states(self, x):
        """The hidden state after every step, from a zero state.

        Parameters
        ----------
        x : torch.Tensor, shape (T, S, B, D)
            Or (T, 1, B, D), the same for all networks.

        Returns
        -------
        torch.Tensor, shape (T, S, B, H)
        """
        a_x = x @ self.weight_ih.mT + self.bias_ih[:, None]
        h = c = a_x.new_zeros(*a_x.shape[1:-1], self.hidden_size)
        shown = []
        for a in a_x:
            h, c = self.variant.step(self, a, h, c, **dict(self.variant.options))
            shown.append(h)
        return torch.stack(shown)

    def forward(self, x):
        """The answers at every step.

        Parameters
        ----------
        x : torch.Tensor, shape (T, S, B, D) or (T, 1, B, D)

        Returns
        -------
        torch.Tensor, shape (T, S, B, K)
        """
        return self.states(x) @ self.weight_hy.mT + self.bias_y[:, None]

    def clip_gradients(self, longest):
        """Scale down the gradient of every network whose norm is larger than ``longest``.

        Parameters
        ----------
        longest : float
            Above 0.
        """
        gradients = [(p, p.grad.movedim(self._axis(p), -1)) for p in self.parameters()]
        squares = sum(g.square().flatten(0, -2).sum(0) for _, g in gradients)  # (S,)
        factor = (longest / (squares.sqrt() + 1e-6)).clamp(max=1)
        for _, gradient in gradients:
            gradient.mul_(factor)

    @property
    def n_parameters(self):
        """How many numbers one of the networks learns."""
        return sum(p.numel() for p in self.parameters()) // len(self.weight_ih)

    def _axis(self, parameter):
        """Which axis of a parameter counts the networks."""
        return 1 if parameter is self.peepholes else 0


def hidden_size_for(n_parameters, variant, input_size, output_size):
    """The hidden size with which one network comes closest to a number of parameters.

    Parameters
    ----------
    n_parameters : int
        At least 1.
    variant : str
        One of `VARIANTS`.
    input_size, output_size : int
        D and K.

    Returns
    -------
    int
        H, at least 1.

    Raises
    ------
    ValueError
        For an unknown variant or a number that is not a positive integer.
    """
    return closest_hidden_size(
        n_parameters,
        lambda size: VariantNetworks(variant, input_size, size, output_size).n_parameters,
    )
