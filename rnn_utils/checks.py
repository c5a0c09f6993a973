"""What the package says when an argument cannot work: its name, what came, what would do."""

from numbers import Real

import numpy as np


def _is_integer(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def positive_integer(name, value):
    """``value`` as an int of at least 1."""
    if not _is_integer(value) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)


def integer_from(name, value, least, origin=""):
    """``value`` as an int of at least ``least``; ``origin`` says where that bound is from."""
    if not _is_integer(value) or value < least:
        raise ValueError(f"{name} must be an integer >= {origin}{least}, got {value!r}")
    return int(value)


def positive_number(name, value):
    """``value`` as a float, finite and above 0."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < np.inf:
        raise ValueError(f"{name} must be a finite number above 0, got {value!r}")
    return float(value)


def number_between(name, value, least, most):
    """``value`` as a float from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, Real) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}, got {value!r}")
    return float(value)


def plain_text(name, value):
    """The value, if it is a text that a page can hold."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a str, got {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be a str without lone surrogates, got {value!r}") from None
    return value


def float_dtype(dtype):
    """``dtype`` as one of the two NumPy types that the package computes in."""
    try:
        known = np.dtype(dtype)
    except TypeError:
        known = np.dtype(object)  # and not None, which NumPy takes for float64
    if known not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise ValueError(f"dtype must be numpy.float64 or numpy.float32, got {dtype!r}")
    return known


def pair(name, state):
    """An LSTM's state (h, c) as it came, or two Nones."""
    if state is None:
        return None, None
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        got = f"{len(state)} of them" if isinstance(state, (tuple, list)) else type(state).__name__
        raise ValueError(f"{name} must be a pair (h, c), got {got}")
    return state


def finite_array(name, value, dtype, shape=None):
    """``value`` as an array, or a ValueError that says what is wrong with ``name``.

    Lists are converted; an array or tensor must already have the cell's type, so that nothing is
    rounded behind your back.
    """
    if not isinstance(value, np.ndarray):
        try:
            value = np.asarray(value, dtype=None if hasattr(value, "dtype") else dtype)
        except (TypeError, ValueError, RuntimeError) as error:  # Runtime: a tensor with gradient
            raise ValueError(f"{name} must be an array of {dtype} numbers: {error}") from None
    if value.dtype != dtype:
        raise ValueError(
            f"{name} must have dtype {dtype}, got {value.dtype}; "
            f"convert it with np.asarray(..., np.{dtype})"
        )
    if shape is not None and value.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {value.shape}")
    if not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite numbers, got NaN or infinity in it")
    return value
