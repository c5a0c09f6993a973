"""Is a gradient right? Nudge every number a little and look at what the loss does.

The derivative of a loss L with respect to one number w is, but for an error of order ε²,

    (L(w + ε) - L(w - ε)) / 2ε.

It costs two evaluations of the loss for each number, so it is a check for small networks and no way
to train. What it finds does not depend on how the gradient was derived.
"""

import numpy as np

from rnn_utils.checks import finite_array


def numerical_gradient(loss, array, step=1e-5):
    """Central differences of a loss with respect to every number of an array.

    Parameters
    ----------
    loss : callable without arguments
        Returns a number and reads ``array`` anew each time. It must give the same number for the
        same array, so anything random (dropout) has to be off.
    array : numpy.ndarray of float64
        Changed in place, one number at a time, and given back as it was.
    step : float
        ε. The formula's error grows with ε², that of rounding with 1/ε; for losses and numbers
        around 1 both are about 1e-10 here.

    Returns
    -------
    numpy.ndarray, shape of ``array``

    Raises
    ------
    ValueError
        If ``array`` is not a float64 array of finite numbers: in float32 the differences would
        drown in rounding.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> numerical_gradient(lambda: np.sum(w**3), w).round(6).tolist()
    [3.0, 12.0]
    """
    if not isinstance(array, np.ndarray):
        raise ValueError(f"array must be a numpy.ndarray, got {type(array).__name__}")
    finite_array("array", array, np.dtype(np.float64))
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        before = array[place]
        try:
            array[place] = before + step
            above = loss()
            array[place] = before - step
            below = loss()
        finally:
            array[place] = before
        gradient[place] = (above - below) / (2 * step)
    return gradient


def relative_error(claimed, numerical):
    """The largest difference of two gradients, measured by their largest number.

    Parameters
    ----------
    claimed, numerical : array_like, same shape

    Returns
    -------
    float
        ``max |claimed - numerical| / max(|claimed|, |numerical|)``; 0 if both are zero everywhere,
        infinite if a number is NaN or infinite. A right gradient of a smooth loss comes out below
        1e-6, a wrong one mostly above 1e-2.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    claimed, numerical = np.asarray(claimed), np.asarray(numerical)
    if claimed.shape != numerical.shape:
        raise ValueError(
            f"claimed must have the shape of numerical, {numerical.shape}, got {claimed.shape}"
        )
    if not (np.isfinite(claimed).all() and np.isfinite(numerical).all()):
        return np.inf  # and not NaN, for which no comparison holds
    scale = max(np.abs(claimed).max(), np.abs(numerical).max())
    return float(np.abs(claimed - numerical).max() / scale) if scale else 0.0


def gradcheck(layer, x, state=None, lengths=None, *, step=1e-5, seed=0):
    """Compare a layer's `backward` with central differences, for all that it gives back.

    The loss is a random weighted sum of every output and every number of the last state, so no
    error can hide behind a weight of zero.

    Parameters
    ----------
    layer : RNN, LSTM or GRU of `rnn_utils.layers`
        In float64, and without dropout (or after ``layer.eval()``).
    x, state, lengths
        As for ``layer.forward``; a state that is not given is zero, and its gradient is checked
        all the same.
    step : float
        ε of `numerical_gradient`.
    seed : int
        For the weights of the sum.

    Returns
    -------
    dict of str to float
        The `relative_error` of each gradient: ``"x"``, ``"state"`` (``"h"`` and ``"c"`` for LSTM)
        and the parameters under their names.

    Raises
    ------
    ValueError
        If dropout is on, or the numbers are not float64.

    Examples
    --------
    >>> from rnn_utils.layers import LSTM
    >>> errors = gradcheck(LSTM(2, 3, peephole=True, seed=0), np.ones((4, 1, 2)))
    >>> max(errors.values()) < 1e-6
    True
    """
    if layer.training and layer.dropout:
        raise ValueError("layer must have its dropout off: call layer.eval() first")
    if layer.dtype != np.float64:
        raise ValueError(f"layer must have dtype float64, got {layer.dtype}")
    x = np.array(x, np.float64)
    rng = np.random.default_rng(seed)
    output, last = layer.forward(x, state, lengths)
    lstm = isinstance(last, tuple)
    last = last if lstm else (last,)
    if state is None:
        first = [np.zeros_like(s) for s in last]
    else:
        first = [np.array(s, np.float64) for s in (state if lstm else (state,))]
    d_output = rng.normal(size=output.shape)
    d_last = [rng.normal(size=s.shape) for s in last]
    parameters = {name: getattr(layer, name) for name in layer.parameter_shapes()}

    def loss():
        y, s = layer.forward(x, tuple(first) if lstm else first[0], lengths)
        parts = zip((y, *(s if lstm else (s,))), (d_output, *d_last), strict=True)
        return sum(np.sum(part * weight) for part, weight in parts)

    claimed = layer.backward(d_output, tuple(d_last) if lstm else d_last[0])
    names = ("h", "c") if lstm else ("state",)
    nudged = {"x": x, **dict(zip(names, first, strict=True)), **parameters}
    said = {
        "x": claimed.x,
        **dict(zip(names, claimed.state if lstm else (claimed.state,), strict=True)),
        **claimed.parameters,
    }
    return {
        name: relative_error(said[name], numerical_gradient(loss, array, step))
        for name, array in nudged.items()
    }
