"""One cell out of a PyTorch module: its weights, what it reads, and where it starts."""

from copy import deepcopy

import numpy as np

from rnn_utils import layers
from rnn_utils.widgets.stepper_state import KINDS, PARAMETERS, integer, items, numbers

_ONE_STEP = ("RNNCell", "LSTMCell", "GRUCell")
_SEQUENCES = ("RNN", "LSTM", "GRU")


def cell_of(module, inputs, tokens, layer, reverse, states):
    """The cell of one layer and one direction of a module, as a gate stepper takes it.

    Parameters
    ----------
    module : torch.nn.RNN, LSTM, GRU, RNNCell, LSTMCell or GRUCell
        Without projection. A bias that it has not is zero; dropout is off.
    inputs : array_like, shape (T, D)
        What the module reads.
    tokens : sequence of str or None
    layer : int
        From 0, as in PyTorch's names. Above 0, the cell reads what the layers below put out.
    reverse : bool
        The direction that reads from the end. Its first step reads the last token.
    states : dict
        h0 and c0, if given: the cell's own, (H,), or those of the whole module, (N, H) in PyTorch's
        order.

    Returns
    -------
    dict
        Arguments of `GateStepper`.

    Raises
    ------
    ValueError
        If the module is of another kind or has a projection, or has no such layer or direction.
    """
    name = type(module).__name__
    if name not in _ONE_STEP + _SEQUENCES:
        raise ValueError(
            f"module must be a torch.nn.RNN, LSTM, GRU, RNNCell, LSTMCell or GRUCell, got {name}"
        )
    if getattr(module, "proj_size", 0):
        raise ValueError(f"module must have no projection, got proj_size={module.proj_size}")
    directions = 2 if getattr(module, "bidirectional", False) else 1
    n_layers = getattr(module, "num_layers", 1)
    integer("layer", layer, 0, n_layers - 1)
    if not isinstance(reverse, bool) or (reverse and directions == 1):
        raise ValueError(
            "reverse must be True or False, and False for a module that reads in one direction, "
            f"got {reverse!r}"
        )
    shape = (directions * n_layers, module.hidden_size)
    whole = {
        state: np.array(numbers(state, value, shape))
        for state, value in states.items()
        if np.ndim(value) == 2
    }
    if layer:
        inputs = _below(module, layer, numbers("inputs", inputs, ("T", module.input_size)), whole)
    cell = name.removesuffix("Cell").lower()
    suffix = "" if name in _ONE_STEP else f"_l{layer}{'_reverse' if reverse else ''}"
    parameters = module.state_dict()
    zero = np.zeros(len(KINDS[cell].blocks) * module.hidden_size)
    own = {state: values[directions * layer + reverse] for state, values in whole.items()}
    return {
        "cell": cell,
        "weights": {key: parameters.get(key + suffix, zero) for key in PARAMETERS},
        "inputs": items("inputs", inputs)[::-1] if reverse else inputs,
        "tokens": items("tokens", tokens)[::-1] if reverse and tokens is not None else tokens,
        **({"nonlinearity": module.nonlinearity} if cell == "rnn" else {}),
        **states,
        **own,
    }


def _below(module, layer, inputs, states):
    """What a module's layer ``layer`` reads: the output of the one below, (T, H) or (T, 2H)."""
    exact = deepcopy(module).double().cpu().eval()
    network = getattr(layers, type(module).__name__).from_torch(exact)
    directions = 2 if module.bidirectional else 1
    zero = np.zeros((directions * module.num_layers, module.hidden_size))
    start = tuple(states.get(f"{q}0", zero) for q in network.state_names)
    h = network.trace(np.array(inputs), start if len(start) > 1 else start[0]).h  # (N, T, H)
    return np.concatenate(h[directions * (layer - 1) : directions * layer], axis=-1)
