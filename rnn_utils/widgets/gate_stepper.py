"""The gate stepper: a recurrent cell, step by step, with every number."""

import json
import math

import numpy as np
import traitlets

from rnn_utils.cells import LSTMCell
from rnn_utils.widgets.base import FOLDER, BookWidget, table_html

GATES = ("i", "f", "o")
OPERATIONS = (
    "combine", "forget", "input", "candidate", "keep", "write", "output", "squash", "hidden",
)  # fmt: skip
PRESETS = json.loads((FOLDER / "gate_stepper.presets.json").read_text(encoding="utf-8"))
STRINGS = json.loads((FOLDER / "gate_stepper.strings.json").read_text(encoding="utf-8"))

_PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class GateStepper(BookWidget):
    """Step through an LSTM: over time, and over the operations inside one step.

    Everything that is shown is computed from the traits below; change one and the picture follows.
    With a kernel the traits are two-way: a click on the page changes them here as well.

    Parameters
    ----------
    weights : mapping of str to array_like
        ``weight_ih`` (4H, D), ``weight_hh`` (4H, H), ``bias_ih`` (4H,), ``bias_hh`` (4H,), with
        PyTorch's order of the gates: i, f, g, o.
    inputs : array_like, shape (T, D)
        One vector for each token; T >= 1.
    tokens : sequence of str, optional
        T labels; numbers if not given.
    h0, c0 : array_like, shape (H,), optional
        Initial states; zero if not given.
    cell : {"lstm"}
        The kind of cell.
    vocabulary : mapping of str to array_like, optional
        Vectors, shape (D,), of the words a reader may type.
    readout : mapping, optional
        ``weight`` (K, H), ``bias`` (K,) and ``labels`` (K texts): what the model says from h, as
        softmax(weight h + bias).
    step : int
        The time step that is shown, 0 (before the first token) to T.
    operation : str
        The operation that is lit up, one of `OPERATIONS`; ``""`` shows the whole step.
    unit : int
        The unit whose arithmetic is shown, from 0.
    overrides : list of dict
        Gates held by hand: ``{"q": "f", "k": 0, "t": None, "value": 0.0}`` holds the forget gate
        of unit 0 at 0 at every step; ``k`` None means every unit, ``value`` is in [0, 1]. See
        `hold`.

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
        "step", "operation", "unit", "overrides", "preset",
    )  # fmt: skip

    cell = traitlets.Enum(["lstm"], default_value="lstm").tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    inputs = traitlets.List().tag(sync=True)
    h0 = traitlets.List().tag(sync=True)
    c0 = traitlets.List().tag(sync=True)
    vocabulary = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    readout = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    operation = traitlets.Enum(["", *OPERATIONS], default_value="").tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)
    overrides = traitlets.List().tag(sync=True)
    preset = traitlets.Enum(["", *PRESETS], default_value="").tag(sync=True)

    def __init__(self, weights, inputs, tokens=None, *, h0=None, c0=None, cell="lstm", **state):
        if cell != "lstm":
            raise ValueError(f"cell must be 'lstm', got {cell!r}")
        if not isinstance(weights, dict) or set(weights) != set(_PARAMETERS):
            got = sorted(weights) if isinstance(weights, dict) else type(weights).__name__
            raise ValueError(f"weights must have {', '.join(_PARAMETERS)}, got {got}")
        inputs = _numbers("inputs", inputs, 2)
        weights = {
            name: _numbers(name, weights[name], 1 + (name[0] == "w")) for name in _PARAMETERS
        }
        size = len(weights["bias_ih"]) // 4
        if tokens is None:
            tokens = [str(t + 1) for t in range(len(inputs))]
        traits = {
            "cell": cell,
            "weights": weights,
            "tokens": [str(token) for token in tokens],
            "inputs": inputs,
            "h0": [0.0] * size if h0 is None else _numbers("h0", h0, 1),
            "c0": [0.0] * size if c0 is None else _numbers("c0", c0, 1),
            **_plain(state),
        }
        _check({**_DEFAULTS, **traits})
        super().__init__(**traits)

    @classmethod
    def from_cell(cls, cell, inputs, tokens=None, **state):
        """A stepper with the weights of an `rnn_utils.cells.LSTMCell`.

        Parameters
        ----------
        cell : LSTMCell
            Without peepholes.
        inputs, tokens, **state
            As for the class.
        """
        if not isinstance(cell, LSTMCell) or cell.peephole:
            raise ValueError(f"cell must be an LSTMCell without peepholes, got {cell!r}")
        return cls({name: getattr(cell, name) for name in _PARAMETERS}, inputs, tokens, **state)

    @classmethod
    def from_torch(cls, module, *, inputs, tokens=None, readout=None, labels=None, **state):
        """A stepper with the weights of a PyTorch module.

        Parameters
        ----------
        module : torch.nn.LSTM or torch.nn.LSTMCell
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
        parameters = {
            name.removesuffix("_l0"): value.detach().cpu().numpy()
            for name, value in module.state_dict().items()
        }
        _require_plain_lstm(module, parameters)
        zero = np.zeros(4 * module.hidden_size)
        weights = {name: parameters.get(name, zero) for name in _PARAMETERS}
        if readout is not None:
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
        return cls(weights, inputs, tokens, **state)

    @classmethod
    def from_preset(cls, name, **state):
        """A stepper with weights set by hand to do one thing: see `PRESETS` for the names."""
        if name not in PRESETS:
            raise ValueError(f"name must be one of {', '.join(PRESETS)}, got {name!r}")
        preset = dict(PRESETS[name])
        inputs = [preset["vocabulary"][token] for token in preset["tokens"]]
        return cls(inputs=inputs, preset=name, **{**preset, **state})

    def hold(self, gate, value, *, unit=None, step=None):
        """Hold a gate by hand.

        Parameters
        ----------
        gate : {"i", "f", "o"}
        value : float or None
            0 (shut) to 1 (open); None gives the gate back.
        unit : int, optional
            One unit, from 0; every unit if not given.
        step : int, optional
            One time step, from 1; every step if not given.
        """
        same_place = {"q": gate, "k": unit, "t": step}
        kept = [held for held in self.overrides if {**held, **same_place} != held]
        self.overrides = [*kept, {**same_place, "value": value}] if value is not None else kept

    def trace(self):
        """Every quantity of every step, as the page shows it.

        Returns
        -------
        list of rnn_utils.cells.LSTMStep
            T of them, each with vectors of shape (H,).
        """
        state = np.array(self.h0), np.array(self.c0)
        steps = []
        for t, x in enumerate(self.inputs, start=1):
            steps.append(self._cell_at(t).step(np.array(x), state))
            state = steps[-1].h, steps[-1].c
        return steps

    def _cell_at(self, t):
        """The cell of step t; a held gate is one whose weights are 0 and whose bias says so."""
        size = len(self.h0)
        parameters = {name: np.array(self.weights[name], dtype=float) for name in _PARAMETERS}
        for held in self.overrides:
            if held.get("t") not in (None, t):
                continue
            first = "ifgo".index(held["q"]) * size
            k = held.get("k")
            rows = slice(first, first + size) if k is None else first + k
            for values in parameters.values():
                values[rows] = 0.0
            parameters["bias_ih"][rows] = _logit(held["value"])
        cell = LSTMCell(len(self.inputs[0]), size)
        for name, values in parameters.items():
            setattr(cell, name, values)
        return cell

    def _fallback(self):
        words = STRINGS["en"]
        names = ("i", "f", "g", "o", "c", "h")
        rows = [
            [str(t), token, *(", ".join(f"{v:.3f}" for v in getattr(step, q)) for q in names)]
            for t, (token, step) in enumerate(zip(self.tokens, self.trace(), strict=True), start=1)
        ]
        return table_html(words["fallback"], [words["step"], words["token"], *names], rows)

    @traitlets.validate(
        "weights", "tokens", "inputs", "h0", "c0", "vocabulary", "readout", "step", "unit",
        "overrides",
    )  # fmt: skip
    def _validate(self, proposal):
        name, value = proposal["trait"].name, _plain(proposal["value"])
        if self.inputs or not self._cross_validation_lock:
            try:
                _check({trait: getattr(self, trait) for trait in _DEFAULTS} | {name: value})
            except ValueError as error:
                raise traitlets.TraitError(str(error)) from None
        return value

    def __repr__(self):
        T, D, H = len(self.tokens), len(self.inputs[0]), len(self.h0)
        return f"GateStepper(cell={self.cell!r}, T={T}, D={D}, H={H})"


_DEFAULTS = {
    "weights": {}, "tokens": [], "inputs": [], "h0": [], "c0": [], "vocabulary": None,
    "readout": None, "step": 0, "unit": 0, "overrides": [],
}  # fmt: skip


def _logit(p):
    """The pre-activation of a gate held at p; ±1000 is where the sigmoid is exactly 0 or 1."""
    return math.log(p / (1 - p)) if 0 < p < 1 else 2000.0 * p - 1000.0


def _plain(value):
    """Arrays and tensors, however deep, as lists: what JSON can carry."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def _numbers(name, value, ndim):
    """Nested lists of finite floats, or a ValueError that says what is wrong with ``name``."""
    try:
        array = np.array(_plain(value), dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be an array of numbers, got {value!r}") from None
    if array.ndim != ndim or array.size == 0:
        raise ValueError(f"{name} must have {ndim} dimensions and not be empty, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers, got NaN or infinity in it")
    return array.tolist()


def _check(state):
    """Raise a ValueError unless all parts of the state fit together."""
    T, D = np.shape(_numbers("inputs", state["inputs"], 2))
    H = len(state["h0"])
    shapes = {
        "weight_ih": (4 * H, D),
        "weight_hh": (4 * H, H),
        "bias_ih": (4 * H,),
        "bias_hh": (4 * H,),
    }
    for name, shape in shapes.items():
        _same_shape(f"weights[{name!r}]", state["weights"].get(name, []), shape)
    _same_shape("h0", state["h0"], (H,))
    _same_shape("c0", state["c0"], (H,))
    if len(state["tokens"]) != T:
        raise ValueError(f"tokens must be {T}, one for each input, got {len(state['tokens'])}")
    for word, vector in (state["vocabulary"] or {}).items():
        _same_shape(f"vocabulary[{word!r}]", vector, (D,))
    if state["readout"]:
        labels = state["readout"].get("labels", [])
        _same_shape("readout['weight']", state["readout"].get("weight", []), (len(labels), H))
        _same_shape("readout['bias']", state["readout"].get("bias", []), (len(labels),))
    _in_range("step", state["step"], 0, T)
    _in_range("unit", state["unit"], 0, H - 1)
    for held in state["overrides"]:
        if held.get("q") not in GATES:
            raise ValueError(
                f"overrides: q must be one of {', '.join(GATES)}, got {held.get('q')!r}"
            )
        if held.get("k") is not None:
            _in_range("overrides: k", held["k"], 0, H - 1)
        if held.get("t") is not None:
            _in_range("overrides: t", held["t"], 1, T)
        value = held.get("value")
        if not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise ValueError(f"overrides: value must be between 0 and 1, got {value!r}")


def _same_shape(name, value, shape):
    got = np.shape(_numbers(name, value, len(shape)))
    if got != shape:
        raise ValueError(f"{name} must have shape {shape}, got {got}")


def _in_range(name, value, low, high):
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")


def _require_plain_lstm(module, parameters):
    kind = type(module).__name__
    if kind not in ("LSTM", "LSTMCell"):
        raise ValueError(f"module must be a torch.nn.LSTM or torch.nn.LSTMCell, got {kind}")
    extra = sorted(set(parameters) - set(_PARAMETERS))
    if extra:
        raise ValueError(
            "module must have one layer, one direction and no projection, "
            f"got one with {', '.join(extra)}"
        )
