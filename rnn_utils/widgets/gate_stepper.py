"""The gate stepper: a recurrent cell, step by step, with every number."""

import json
import math
from typing import NamedTuple

import numpy as np
import traitlets

from rnn_utils.cells import GRUCell, LSTMCell, RNNCell
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html

GATES = {"rnn": (), "lstm": ("i", "f", "o"), "gru": ("r", "z")}
OPERATIONS = {
    "rnn": ("combine", "squash"),
    "lstm": (
        "combine", "forget", "input", "candidate", "keep", "write", "output", "squash", "hidden",
    ),
    "gru": ("combine", "reset", "update", "candidate", "mix"),
}  # fmt: skip
PRESETS = json.loads((FOLDER / "gate_stepper.presets.json").read_text(encoding="utf-8"))
STRINGS = json.loads((FOLDER / "gate_stepper.strings.json").read_text(encoding="utf-8"))

_PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Kind(NamedTuple):
    """What the stepper must know of a kind of cell."""

    make: type  # of rnn_utils.cells
    blocks: str  # a letter for each block of H rows of the weights
    states: tuple  # what is carried from step to step
    shown: tuple  # what a step computes, in the order of the tables
    options: tuple = ()  # traits that choose between forms of the cell


_KINDS = {
    "rnn": _Kind(RNNCell, "a", ("h",), ("a", "h"), ("nonlinearity",)),
    "lstm": _Kind(LSTMCell, "ifgo", ("h", "c"), ("i", "f", "g", "o", "c", "h")),
    "gru": _Kind(GRUCell, "rzn", ("h",), ("r", "z", "n", "h"), ("reset_after",)),
}


class GateStepper(BookWidget):
    """Step through an RNN, LSTM or GRU: over time, and over the operations inside one step.

    Everything that is shown is computed from the traits below; change one and the picture follows.
    With a kernel the traits are two-way: a click on the page changes them here as well.

    Parameters
    ----------
    weights : mapping of str to array_like
        ``weight_ih`` (4H, D), ``weight_hh`` (4H, H), ``bias_ih`` (4H,), ``bias_hh`` (4H,), with
        PyTorch's order of the gates: i, f, g, o. A GRU has 3H rows (r, z, n), an RNN has H.
    inputs : array_like, shape (T, D)
        One vector for each token; T >= 1.
    tokens : sequence of str, optional
        T labels; numbers if not given.
    h0, c0 : array_like, shape (H,), optional
        Initial states; zero if not given. Only the LSTM has a ``c0``.
    cell : {"lstm", "rnn", "gru"}
        The kind of cell.
    nonlinearity : {"tanh", "relu"}
        The activation of an RNN.
    reset_after : bool
        Where the reset gate of a GRU acts: after the matrix product as in PyTorch (True), or
        before it as in the 2014 paper.
    vocabulary : mapping of str to array_like, optional
        Vectors, shape (D,), of the words a reader may type.
    readout : mapping, optional
        ``weight`` (K, H), ``bias`` (K,) and ``labels`` (K texts): what the model says from h, as
        softmax(weight h + bias).
    step : int
        The time step that is shown, 0 (before the first token) to T.
    operation : str
        The operation that is lit up, one of ``OPERATIONS[cell]``; ``""`` shows the whole step.
    unit : int
        The unit whose arithmetic is shown, from 0.
    overrides : list of dict
        Gates held by hand: ``{"q": "f", "k": 0, "t": None, "value": 0.0}`` holds the forget gate
        of unit 0 at 0 at every step; ``k`` None means every unit, ``value`` is in [0, 1]. See
        `hold`.
    direction : {"forward", "backward"}
        What is walked: the step, or the gradient of the loss back through it. Backwards, ``step``
        is the last one if it is not given.
    targets : list, optional
        What the loss L is made of, one entry for each token, None where it asks for nothing. With
        a readout, an entry is the number of the right label, and L the sum of the cross-entropies;
        without one it is a state, shape (H,), and L the sum of ½‖h_t − target‖². If not given, L
        is the sum of the last hidden state.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> w = GateStepper.from_preset("latch")
    >>> w.hold("f", 0.0)
    >>> [round(float(step.c[0]), 2) for step in w.trace()[:3]]
    [0.0, 1.0, 0.0]
    """

    _name = "gate_stepper"
    _page_traits = (
        "cell", "weights", "tokens", "inputs", "h0", "c0", "vocabulary", "readout",
        "step", "operation", "unit", "overrides", "preset", "direction", "targets",
    )  # fmt: skip

    cell = traitlets.Enum([*_KINDS], default_value="lstm").tag(sync=True)
    nonlinearity = traitlets.Enum(["tanh", "relu"], default_value="tanh").tag(sync=True)
    reset_after = traitlets.Bool(True).tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    inputs = traitlets.List().tag(sync=True)
    h0 = traitlets.List().tag(sync=True)
    c0 = traitlets.List().tag(sync=True)
    vocabulary = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    readout = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    operation = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)
    overrides = traitlets.List().tag(sync=True)
    preset = traitlets.Enum(["", *PRESETS], default_value="").tag(sync=True)
    direction = traitlets.Enum(["forward", "backward"], default_value="forward").tag(sync=True)
    targets = traitlets.List(allow_none=True, default_value=None).tag(sync=True)

    def __init__(self, weights, inputs, tokens=None, *, h0=None, c0=None, cell="lstm", **state):
        if unknown := sorted(set(state) - set(self.class_trait_names())):
            raise TypeError(f"GateStepper has no argument {', '.join(unknown)}")
        given = {"weights": weights, "inputs": inputs, "tokens": tokens, "h0": h0, "c0": c0}
        if state.get("direction") == "backward":
            state = {"step": len(_items("inputs", inputs)), **state}
        checked = _checked({**_DEFAULTS, **given, **state, "cell": cell})
        try:
            super().__init__(**{**state, **checked})
        except traitlets.TraitError as error:
            raise ValueError(str(error)) from None

    @classmethod
    def from_cell(cls, cell, inputs, tokens=None, **state):
        """A stepper with the weights of a cell of `rnn_utils.cells`.

        Parameters
        ----------
        cell : RNNCell, LSTMCell or GRUCell
            An LSTMCell without peepholes.
        inputs, tokens, **state
            As for the class.
        """
        names = [name for name, kind in _KINDS.items() if isinstance(cell, kind.make)]
        if not names or getattr(cell, "peephole", False):
            raise ValueError(
                f"cell must be an LSTMCell without peepholes, an RNNCell or a GRUCell, got {cell!r}"
            )
        options = {option: getattr(cell, option) for option in _KINDS[names[0]].options}
        weights = {name: getattr(cell, name) for name in _PARAMETERS}
        return cls(weights, inputs, tokens, **{"cell": names[0], **options, **state})

    @classmethod
    def from_torch(cls, module, *, inputs, tokens=None, readout=None, labels=None, **state):
        """A stepper with the weights of a PyTorch module.

        Parameters
        ----------
        module : torch.nn.RNN, LSTM, GRU, RNNCell, LSTMCell or GRUCell
            One layer, one direction, no projection.
        inputs : tensor or array_like, shape (T, D)
            For a model with an embedding: the embedded tokens.
        tokens : sequence of str, optional
            T labels.
        readout : torch.nn.Linear, optional
            From H to the K answers of the model; it needs ``labels``.
        labels : sequence of str, optional
            What the K answers are called.
        **state
            As for the class.
        """
        cell, weights = _torch_weights(module)
        options = {"nonlinearity": module.nonlinearity} if cell == "rnn" else {}
        if readout is not None:
            if not hasattr(readout, "out_features"):
                raise ValueError(f"readout must be a torch.nn.Linear, got {readout!r}")
            if labels is None or len(labels) != readout.out_features:
                raise ValueError(
                    f"labels must name the {readout.out_features} outputs of readout, "
                    f"got {labels!r}"
                )
            state["readout"] = {
                "weight": readout.weight,
                "bias": np.zeros(readout.out_features) if readout.bias is None else readout.bias,
                "labels": list(labels),
            }
        return cls(weights, inputs, tokens, **{"cell": cell, **options, **state})

    @classmethod
    def from_preset(cls, name, **state):
        """A stepper with weights set by hand to do one thing: see `PRESETS` for the names."""
        if not isinstance(name, str) or name not in PRESETS:
            raise ValueError(f"name must be one of {', '.join(PRESETS)}, got {name!r}")
        preset = dict(PRESETS[name])
        inputs = [preset["vocabulary"][token] for token in preset["tokens"]]
        return cls(inputs=inputs, preset=name, **{**preset, **state})

    def hold(self, gate, value, *, unit=None, step=None):
        """Hold a gate by hand.

        Parameters
        ----------
        gate : str
            One of ``GATES[cell]``: i, f, o of an LSTM, r, z of a GRU. An RNN has none.
        value : float or None
            0 (shut) to 1 (open); None gives back every hold within the units and steps named.
        unit : int, optional
            One unit, from 0; every unit if not given.
        step : int, optional
            One time step, from 1; every step if not given.
        """
        place = {"q": gate, "k": unit, "t": step}
        kept = [
            held
            for held in self.overrides
            if any(wanted not in (None, held[key]) for key, wanted in place.items())
        ]
        self.overrides = kept if value is None else [*kept, {**place, "value": value}]

    def page_state(self):
        """The state that the page needs; equal states are equal texts, as 1 and 1.0 are not."""
        checked = _checked({trait: getattr(self, trait) for trait in _DEFAULTS})
        kind = _KINDS[self.cell]
        without = () if "c" in kind.states else ("c0",)
        state = {name: value for name, value in super().page_state().items() if name not in without}
        options = {name: getattr(self, name) for name in kind.options}
        return {name: checked.get(name, value) for name, value in {**state, **options}.items()}

    def trace(self):
        """Every quantity of every step, as the page shows it.

        Returns
        -------
        list of RNNStep, LSTMStep or GRUStep of rnn_utils.cells
            T of them, each with vectors of shape (H,).
        """
        names = _KINDS[self.cell].states
        states = [np.array(getattr(self, f"{name}0"), dtype=float) for name in names]
        steps = []
        for t, x in enumerate(self.inputs, start=1):
            state = tuple(states) if len(states) > 1 else states[0]
            steps.append(self._cell_at(t).step(np.array(x, dtype=float), state))
            states = [getattr(steps[-1], name) for name in names]
        return steps

    def _cell_at(self, t):
        """The cell of step t; a held gate is one whose weights are 0 and whose bias says so."""
        kind, size = _KINDS[self.cell], len(self.h0)
        parameters = {name: np.array(self.weights[name], dtype=float) for name in _PARAMETERS}
        for held in self.overrides:
            if held["t"] not in (None, t):
                continue
            first = kind.blocks.index(held["q"]) * size
            rows = slice(first, first + size) if held["k"] is None else first + held["k"]
            for values in parameters.values():
                values[rows] = 0.0
            parameters["bias_ih"][rows] = _logit(held["value"])
        options = {option: getattr(self, option) for option in kind.options}
        cell = kind.make(len(self.inputs[0]), size, **options)
        for name, values in parameters.items():
            setattr(cell, name, values)
        return cell

    def _fallback(self):
        words = STRINGS["en"]
        names = _KINDS[self.cell].shown
        rows = [
            [str(t), token, *(", ".join(map(_short, getattr(step, q))) for q in names)]
            for t, (token, step) in enumerate(zip(self.tokens, self.trace(), strict=True), start=1)
        ]
        return table_html(
            words["fallback"][self.cell], [words["step"], words["token"], *names], rows
        )

    @traitlets.validate(
        "cell", "weights", "tokens", "inputs", "h0", "c0", "vocabulary", "readout", "step",
        "operation", "unit", "overrides", "preset", "targets",
    )  # fmt: skip
    def _validate(self, proposal):
        name = proposal["trait"].name
        state = {trait: getattr(self, trait) for trait in _DEFAULTS} | {name: proposal["value"]}
        with as_trait_error():
            return _checked(state)[name]

    def __repr__(self):
        T, D, H = len(self.tokens), len(self.inputs[0]), len(self.h0)
        return f"GateStepper(cell={self.cell!r}, T={T}, D={D}, H={H})"


_DEFAULTS = {
    "cell": "lstm", "weights": {}, "inputs": [], "tokens": None, "h0": None, "c0": None,
    "vocabulary": None, "readout": None, "step": 0, "operation": "", "unit": 0, "overrides": (),
    "preset": "", "targets": None,
}  # fmt: skip


def _logit(p):
    """The pre-activation of a gate held at p; ±1000 is where the sigmoid is exactly 0 or 1."""
    return math.log(p / (1 - p)) if 0 < p < 1 else 2000.0 * p - 1000.0


def _short(value):
    """Three decimals; a zero has no sign, which would differ from computer to computer."""
    return f"{round(float(value), 3) + 0.0:.3f}"


# ------------------------------------------------------- what is given, checked and made plain


def _checked(state):
    """The state as plain JSON values, or a ValueError that names what does not fit."""
    cell = _choice("cell", state["cell"], _KINDS)
    kind = _KINDS[cell]
    inputs = _numbers("inputs", state["inputs"], ("T", "D"))
    T, D = np.shape(inputs)
    given = _fields("weights", state["weights"], _PARAMETERS)
    n = len(kind.blocks)
    shape = (f"{n}H" if n > 1 else "H", "H")
    H = np.shape(_numbers("weights['weight_hh']", given["weight_hh"], shape))[1]
    shapes = ((n * H, D), (n * H, H), (n * H,), (n * H,))
    weights = {
        name: _numbers(f"weights[{name!r}]", given[name], shape)
        for name, shape in zip(_PARAMETERS, shapes, strict=True)
    }
    tokens = range(1, T + 1) if state["tokens"] is None else state["tokens"]
    tokens = [str(token) for token in _items("tokens", tokens)]
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
        "step": _integer("step", state["step"], 0, T),
        "unit": _integer("unit", state["unit"], 0, H - 1),
        "overrides": [
            _override(held, cell, H, T) for held in _items("overrides", state["overrides"])
        ],
    }


def _choice(name, value, allowed):
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def _initial(name, value, states, size):
    """A first state; empty where the cell has no such state."""
    if name[0] in states:
        return [0.0] * size if value is None else _numbers(name, value, (size,))
    if value is not None and len(_items(name, value)) > 0:
        raise ValueError(f"{name} must be left out: this cell carries h only, got {value!r}")
    return []


def _vocabulary(value, size):
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"vocabulary must be a dict of words to vectors, got {value!r}")
    return {
        str(word): _numbers(f"vocabulary[{word!r}]", vector, (size,))
        for word, vector in value.items()
    }


def _readout(value, size):
    if value is None:
        return None
    given = _fields("readout", value, ("weight", "bias", "labels"))
    labels = [str(label) for label in _items("readout['labels']", given["labels"])]
    return {
        "weight": _numbers("readout['weight']", given["weight"], (len(labels), size)),
        "bias": _numbers("readout['bias']", given["bias"], (len(labels),)),
        "labels": labels,
    }


def _targets(value, steps, size, readout):
    if value is None:
        return None
    targets = _items("targets", value)
    if len(targets) != steps:
        raise ValueError(f"targets must be {steps}, one for each token, got {len(targets)}")
    if readout is not None:
        last = len(readout["labels"]) - 1
        return [None if y is None else _integer("targets: a label", y, 0, last) for y in targets]
    return [None if y is None else _numbers("targets: a state", y, (size,)) for y in targets]


def _override(held, cell, size, steps):
    """A held gate with all four of its keys."""
    if not isinstance(held, dict) or not {"q", "value"} <= set(held) <= {"q", "k", "t", "value"}:
        raise ValueError(f"overrides must be dicts with q, value and perhaps k, t, got {held!r}")
    q, k, t, value = (held.get(key) for key in ("q", "k", "t", "value"))
    if not GATES[cell]:
        raise ValueError(f"overrides must be empty: an RNN has no gates, got {held!r}")
    if q not in GATES[cell]:
        raise ValueError(f"overrides: q must be one of {', '.join(GATES[cell])}, got {q!r}")
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"overrides: value must be a number between 0 and 1, got {value!r}")
    return {
        "q": q,
        "k": None if k is None else _integer("overrides: k", k, 0, size - 1),
        "t": None if t is None else _integer("overrides: t", t, 1, steps),
        "value": float(value),
    }


def _plain(value):
    """Arrays and tensors, however deep, as lists."""
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _numbers(name, value, shape):
    """Nested lists of finite floats; in the shape, a letter stands for any size but 0."""
    try:
        array = np.array(_plain(value), dtype=float)
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


def _integer(name, value, low, high):
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")
    return value


def _items(name, value):
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


def _torch_weights(module):
    """Kind and parameters of a PyTorch module of one layer; a bias that it has not is zero."""
    given = type(module).__name__
    cell = given.removesuffix("Cell").lower()
    if given not in ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"):
        raise ValueError(
            f"module must be a torch.nn.RNN, LSTM, GRU, RNNCell, LSTMCell or GRUCell, got {given}"
        )
    parameters = {name.removesuffix("_l0"): value for name, value in module.state_dict().items()}
    if extra := sorted(set(parameters) - set(_PARAMETERS)):
        raise ValueError(
            "module must have one layer, one direction and no projection, "
            f"got one with {', '.join(extra)}"
        )
    zero = np.zeros(len(_KINDS[cell].blocks) * module.hidden_size)
    return cell, {name: parameters.get(name, zero) for name in _PARAMETERS}
