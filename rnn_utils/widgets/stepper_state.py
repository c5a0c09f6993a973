"""The state of a gate stepper: what it may hold, checked and made plain JSON."""

import json
from typing import NamedTuple

import numpy as np

from rnn_utils.cells import GRUCell, LSTMCell, RNNCell
from rnn_utils.widgets.base import FOLDER

GATES = {"rnn": (), "lstm": ("i", "f", "o"), "gru": ("r", "z")}
OPERATIONS = {
    "rnn": ("combine", "squash"),
    "lstm": (
        "combine", "forget", "input", "candidate", "keep", "write", "output", "squash", "hidden",
    ),
    "gru": ("combine", "reset", "update", "candidate", "mix"),
}  # fmt: skip
PRESETS = json.loads((FOLDER / "gate_stepper.presets.json").read_text(encoding="utf-8"))

PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Kind(NamedTuple):
    """What the stepper must know of a kind of cell."""

    make: type  # of rnn_utils.cells
    blocks: str  # a letter for each block of H rows of the weights
    states: tuple  # what is carried from step to step
    shown: tuple  # what a step computes, in the order of the tables
    options: tuple = ()  # traits that choose between forms of the cell


KINDS = {
    "rnn": Kind(RNNCell, "a", ("h",), ("a", "h"), ("nonlinearity",)),
    "lstm": Kind(LSTMCell, "ifgo", ("h", "c"), ("i", "f", "g", "o", "c", "h")),
    "gru": Kind(GRUCell, "rzn", ("h",), ("r", "z", "n", "h"), ("reset_after",)),
}

DEFAULTS = {
    "cell": "lstm", "weights": {}, "inputs": [], "tokens": None, "h0": None, "c0": None,
    "vocabulary": None, "readout": None, "step": 0, "operation": "", "unit": 0, "overrides": (),
    "preset": "", "targets": None,
}  # fmt: skip


def checked(state):
    """The state as plain JSON values, or a ValueError that names what does not fit."""
    cell = _choice("cell", state["cell"], KINDS)
    kind = KINDS[cell]
    inputs = numbers("inputs", state["inputs"], ("T", "D"))
    T, D = np.shape(inputs)
    given = _fields("weights", state["weights"], PARAMETERS)
    n = len(kind.blocks)
    shape = (f"{n}H" if n > 1 else "H", "H")
    H = np.shape(numbers("weights['weight_hh']", given["weight_hh"], shape))[1]
    shapes = ((n * H, D), (n * H, H), (n * H,), (n * H,))
    weights = {
        name: numbers(f"weights[{name!r}]", given[name], shape)
        for name, shape in zip(PARAMETERS, shapes, strict=True)
    }
    tokens = range(1, T + 1) if state["tokens"] is None else state["tokens"]
    tokens = [str(token) for token in items("tokens", tokens)]
    if len(tokens) != T:
        raise ValueError(f"tokens must be {T}, one for each input, got {len(tokens)}")
    presets = [name for name, preset in PRESETS.items() if preset["cell"] == cell]
    return {
        "cell": cell,
        "operation": _choice("operation", state["operation"], ["", *OPERATIONS[cell]]),
        "preset": _choice("preset", state["preset"], ["", *presets]),
        "weights": weights,
        "inputs": inputs,
        "tokens": tokens,
        **{name: _initial(name, state[name], kind.states, H) for name in ("h0", "c0")},
        "vocabulary": _vocabulary(state["vocabulary"], D),
        "readout": (readout := _readout(state["readout"], H)),
        "targets": _targets(state["targets"], T, H, readout),
        "step": integer("step", state["step"], 0, T),
        "unit": integer("unit", state["unit"], 0, H - 1),
        "overrides": [
            _override(held, cell, H, T) for held in items("overrides", state["overrides"])
        ],
    }


def _choice(name, value, allowed):
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def _initial(name, value, states, size):
    """A first state; empty where the cell has no such state."""
    if name[0] in states:
        return [0.0] * size if value is None else numbers(name, value, (size,))
    if value is not None and len(items(name, value)) > 0:
        raise ValueError(f"{name} must be left out: this cell carries h only, got {value!r}")
    return []


def _vocabulary(value, size):
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"vocabulary must be a dict of words to vectors, got {value!r}")
    return {
        str(word): numbers(f"vocabulary[{word!r}]", vector, (size,))
        for word, vector in value.items()
    }


def _readout(value, size):
    if value is None:
        return None
    given = _fields("readout", value, ("weight", "bias", "labels"))
    labels = [str(label) for label in items("readout['labels']", given["labels"])]
    return {
        "weight": numbers("readout['weight']", given["weight"], (len(labels), size)),
        "bias": numbers("readout['bias']", given["bias"], (len(labels),)),
        "labels": labels,
    }


def _targets(value, steps, size, readout):
    if value is None:
        return None
    targets = items("targets", value)
    if len(targets) != steps:
        raise ValueError(f"targets must be {steps}, one for each token, got {len(targets)}")
    if readout is not None:
        last = len(readout["labels"]) - 1
        return [None if y is None else integer("targets: a label", y, 0, last) for y in targets]
    return [None if y is None else numbers("targets: a state", y, (size,)) for y in targets]


def _override(held, cell, size, steps):
    """A held gate with all four of its keys."""
    if not isinstance(held, dict) or not {"q", "value"} <= set(held) <= {"q", "k", "t", "value"}:
        raise ValueError(f"overrides must be dicts with q, value and perhaps k, t, got {held!r}")
    q, k, t, value = (held.get(key) for key in ("q", "k", "t", "value"))
    if not GATES[cell]:
        raise ValueError(f"overrides must be empty: an RNN has no gates, got {held!r}")
    if q not in GATES[cell]:
        raise ValueError(f"overrides: q must be one of {', '.join(GATES[cell])}, got {q!r}")
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"overrides: value must be a number between 0 and 1, got {value!r}")
    return {
        "q": q,
        "k": None if k is None else integer("overrides: k", k, 0, size - 1),
        "t": None if t is None else integer("overrides: t", t, 1, steps),
        "value": float(value),
    }


def plain(value):
    """Arrays and tensors, however deep, as lists."""
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value.tolist() if hasattr(value, "tolist") else value


def numbers(name, value, shape):
    """Nested lists of finite floats; in the shape, a letter stands for any size but 0."""
    try:
        array = np.array(plain(value), dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be an array of numbers, got {value!r}") from None
    fits = array.ndim == len(shape) and all(
        got > 0 if isinstance(size, str) else got == size
        for got, size in zip(array.shape, shape, strict=True)
    )
    if not fits:
        wanted = str(shape).replace("'", "")
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers, got NaN or infinity in it")
    return array.tolist()


def integer(name, value, low, high):
    """The value as an int, or a ValueError unless it is one from low to high."""
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")
    return value


def items(name, value):
    """The value as a list, or a ValueError if it is not a sequence."""
    try:
        return list(value)
    except TypeError:
        raise ValueError(f"{name} must be a list, got {value!r}") from None


def _fields(name, value, keys):
    """The value, if it is a dict with just these keys."""
    if not isinstance(value, dict) or set(value) != set(keys):
        got = ", ".join(map(repr, value)) if isinstance(value, dict) else type(value).__name__
        raise ValueError(f"{name} must be a dict with {', '.join(keys)}, got {got or 'none'}")
    return value
