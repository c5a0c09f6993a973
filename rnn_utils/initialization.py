"""First values of the weights that make it easier to learn long dependencies.

Every function changes the parameters of a module in place and returns the module. A module is a
layer of :mod:`rnn_utils.layers`, a cell of :mod:`rnn_utils.cells`, or a PyTorch module on the CPU
with ``torch.nn.RNN``, ``LSTM`` or ``GRU`` anywhere inside. Which of the three it is shows in the
shape of its weights: W_hh stacks one block of H x H (RNN), three (GRU) or four (LSTM).

PyTorch has two biases for each sum, b_ih and b_hh. What counts is what they add up to, so a bias
for a gate goes into b_ih and that block of b_hh becomes zero.
"""

from math import isfinite

import numpy as np

from rnn_utils.checks import integer_from, positive_number

LSTM_BLOCKS, GRU_BLOCKS = 4, 3


def orthogonal(module, *, gain=1.0, seed=0):
    """Make every H x H block of W_hh a random orthogonal matrix (Saxe, McClelland, Ganguli 2014).

    An orthogonal matrix changes no vector's length, so at first the recurrent product makes
    gradients neither vanish nor explode; what the activations do to them remains.

    Parameters
    ----------
    module : layer, cell or torch.nn.Module
    gain : float
        Every singular value of every block, above 0.
    seed : int
        Same seed, same matrices.

    Returns
    -------
    module

    Raises
    ------
    ValueError
        If there is no recurrent weight in the module, or the gain is not above 0.
    """
    gain = positive_number("gain", gain)
    rng = np.random.default_rng(seed)
    for weight_hh, _, _ in _recurrent(module):
        H = weight_hh.shape[1]
        for block in weight_hh.reshape(-1, H, H):
            q, r = np.linalg.qr(rng.normal(size=(H, H)))
            block[...] = gain * q * np.sign(np.diag(r))  # with these signs all are equally likely
    return module


def identity(module, *, gain=1.0):
    """Make W_hh of every plain RNN the identity and its biases zero (Le, Jaitly, Hinton 2015).

    With ReLU this is the paper's IRNN: without input the state is copied from step to step, and
    the gradient on its way back as well. Gates have better ways to copy, so an LSTM or a GRU in
    the module is left alone.

    Parameters
    ----------
    module : layer, cell or torch.nn.Module
        With at least one plain RNN in it; W_ih stays as it is.
    gain : float
        What the identity is multiplied by, above 0; below 1 the memory fades.

    Returns
    -------
    module

    Raises
    ------
    ValueError
        If there is no plain RNN in the module, or the gain is not above 0.

    Examples
    --------
    >>> from rnn_utils.layers import RNN
    >>> identity(RNN(1, 2, nonlinearity="relu", seed=0)).weight_hh_l0.tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    gain = positive_number("gain", gain)
    found = False
    for weight_hh, *biases in _recurrent(module):
        H = weight_hh.shape[1]
        if len(weight_hh) != H:
            continue
        found = True
        weight_hh[...] = gain * np.eye(H)
        for bias in biases:
            if bias is not None:
                bias[...] = 0
    if not found:
        raise ValueError(f"module must have a plain RNN in it, got {type(module).__name__}")
    return module


def forget_bias(module, value=1.0):
    """Set the bias of every LSTM's forget gate, so that at first it keeps (Gers et al. 2000).

    Parameters
    ----------
    module : layer, cell or torch.nn.Module
        With at least one LSTM in it.
    value : float
        Sum of the two biases; with 1 a forget gate starts around sigmoid(1) = 0.73 (Jozefowicz et
        al. 2015).

    Returns
    -------
    module

    Raises
    ------
    ValueError
        If there is no LSTM in the module, it has no biases, or the value is not finite.
    """
    if not isfinite(value):
        raise ValueError(f"value must be a finite number, got {value!r}")
    found = False
    for weight_hh, bias_ih, bias_hh in _recurrent(module):
        if len(weight_hh) == LSTM_BLOCKS * weight_hh.shape[1]:
            found = True
            _set_block(bias_ih, bias_hh, LSTM_BLOCKS, 1, value)
    if not found:
        raise ValueError(f"module must have an LSTM in it, got {type(module).__name__}")
    return module


def chrono(module, longest, *, seed=0):
    """Spread the times for which the units remember (Tallec and Ollivier 2018).

    A gate that keeps with constant bias b holds what it has for about exp(b) steps. For an LSTM
    the forget gate's bias is drawn as log(U(1, longest - 1)) for each unit, and the input gate's is
    its negative. A GRU's update gate, which keeps where z is 1, gets log(U(1, longest - 1)).

    Parameters
    ----------
    module : layer, cell or torch.nn.Module
        With at least one LSTM or GRU in it.
    longest : int
        T_max, the longest dependency that is expected, in steps; at least 3.
    seed : int
        Same seed, same biases.

    Returns
    -------
    module

    Raises
    ------
    ValueError
        If there is no gate in the module, it has no biases, or ``longest`` is too small.
    """
    integer_from("longest", longest, 3)
    rng = np.random.default_rng(seed)
    found = False
    for weight_hh, bias_ih, bias_hh in _recurrent(module):
        H = weight_hh.shape[1]
        blocks = len(weight_hh) // H
        if blocks not in (LSTM_BLOCKS, GRU_BLOCKS):
            continue
        found = True
        keep = np.log(rng.uniform(1, longest - 1, H))
        _set_block(bias_ih, bias_hh, blocks, 1, keep)  # f of i, f, g, o; z of r, z, n
        if blocks == LSTM_BLOCKS:
            _set_block(bias_ih, bias_hh, blocks, 0, -keep)  # i
    if not found:
        raise ValueError(f"module must have an LSTM or a GRU in it, got {type(module).__name__}")
    return module


def _set_block(bias_ih, bias_hh, blocks, k, value):
    if bias_ih is None:
        raise ValueError("module must have biases, got one with bias=False")
    bias_ih.reshape(blocks, -1)[k] = value
    bias_hh.reshape(blocks, -1)[k] = 0


def _recurrent(module):
    """For every recurrent layer in the module: W_hh, b_ih and b_hh, as arrays to write into."""
    if hasattr(module, "parameter_shapes"):
        parameters = {name: getattr(module, name) for name in module.parameter_shapes()}
    elif hasattr(module, "named_parameters"):
        parameters = {name: p.detach().numpy() for name, p in module.named_parameters()}
    else:
        raise ValueError(
            f"module must be a layer, a cell or a torch.nn.Module, got {type(module).__name__}"
        )
    found = []
    for name, weight_hh in parameters.items():
        if "weight_hh" not in name:
            continue
        if len(weight_hh) not in (n * weight_hh.shape[1] for n in (1, GRU_BLOCKS, LSTM_BLOCKS)):
            raise ValueError(
                f"module must have square blocks in {name}, got shape {weight_hh.shape}, as with "
                "proj_size"
            )
        biases = (name.replace("weight_hh", bias) for bias in ("bias_ih", "bias_hh"))
        found.append((weight_hh, *(parameters.get(bias) for bias in biases)))
    if not found:
        raise ValueError(f"module must have a recurrent weight, got {type(module).__name__}")
    return found
