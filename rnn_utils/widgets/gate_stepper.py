"""The gate stepper: a recurrent cell, step by step, with every number."""

import json
import math

import numpy as np
import traitlets

from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html
from rnn_utils.widgets.stepper_state import (
    DEFAULTS,
    GATES,
    KINDS,
    OPERATIONS,
    PARAMETERS,
    PRESETS,
    checked,
    items,
)
from rnn_utils.widgets.torch_cells import cell_of

__all__ = ["GATES", "OPERATIONS", "PRESETS", "GateStepper"]

FORGOTTEN = 0.1  # less than this share left, and the first token counts as forgotten
STRINGS = json.loads((FOLDER / "gate_stepper.strings.json").read_text(encoding="utf-8"))


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
    compact : bool
        Whether the stepper stands beside others: it says how many parameters it has and how long
        it remembers, and folds away what is inside a step. See `side_by_side`.

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

    cell = traitlets.Enum([*KINDS], default_value="lstm").tag(sync=True)
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
    compact = traitlets.Bool(False).tag(sync=True)

    def __init__(self, weights, inputs, tokens=None, *, h0=None, c0=None, cell="lstm", **state):
        if unknown := sorted(set(state) - set(self.class_trait_names())):
            raise TypeError(f"GateStepper has no argument {', '.join(unknown)}")
        given = {"weights": weights, "inputs": inputs, "tokens": tokens, "h0": h0, "c0": c0}
        if state.get("direction") == "backward":
            state = {"step": len(items("inputs", inputs)), **state}
        plain = checked({**DEFAULTS, **given, **state, "cell": cell})
        try:
            super().__init__(**{**state, **plain})
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

        Returns
        -------
        GateStepper

        Raises
        ------
        ValueError
            If the cell is another one or has peepholes, or as for the class.
        """
        names = [name for name, kind in KINDS.items() if isinstance(cell, kind.make)]
        if not names or getattr(cell, "peephole", False):
            raise ValueError(
                f"cell must be an LSTMCell without peepholes, an RNNCell or a GRUCell, got {cell!r}"
            )
        options = {option: getattr(cell, option) for option in KINDS[names[0]].options}
        weights = {name: getattr(cell, name) for name in PARAMETERS}
        return cls(weights, inputs, tokens, **{"cell": names[0], **options, **state})

    @classmethod
    def from_torch(
        cls,
        module,
        *,
        inputs,
        tokens=None,
        layer=0,
        reverse=False,
        readout=None,
        labels=None,
        **state,
    ):
        """A stepper with the weights of one layer and one direction of a PyTorch module.

        Parameters
        ----------
        module : torch.nn.RNN, LSTM, GRU, RNNCell, LSTMCell or GRUCell
            Without projection. Dropout between layers is off, as when the module is used.
        inputs : tensor or array_like, shape (T, D)
            What the module reads. For a model with an embedding: the embedded tokens.
        tokens : sequence of str, optional
            T labels.
        layer : int
            From 0, as in PyTorch's names. Above 0 the stepper's inputs are what the layers below
            put out, (T, H) or (T, 2H).
        reverse : bool
            The direction that reads from the end, of a bidirectional module. The stepper's first
            token is the last one then.
        readout : torch.nn.Linear, optional
            From H to the K answers of the model; it needs ``labels``.
        labels : sequence of str, optional
            What the K answers are called.
        **state
            As for the class. ``h0`` and ``c0`` may also be those of the whole module, shape (N, H)
            with N layers times directions in PyTorch's order.

        Returns
        -------
        GateStepper

        Raises
        ------
        ValueError
            If the module, its layer or direction, or the readout cannot be shown, or as for the
            class.
        """
        starts = {name: state.pop(name) for name in ("h0", "c0") if state.get(name) is not None}
        arguments = cell_of(module, inputs, tokens, layer, reverse, starts)
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
        return cls(**{**arguments, **state})

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
        plain = checked({trait: getattr(self, trait) for trait in DEFAULTS})
        kind = KINDS[self.cell]
        without = () if "c" in kind.states else ("c0",)
        state = {name: value for name, value in super().page_state().items() if name not in without}
        options = {name: getattr(self, name) for name in kind.options}
        if self.compact:
            options["compact"] = True
        return {name: plain.get(name, value) for name, value in {**state, **options}.items()}

    @property
    def n_parameters(self):
        """How many numbers the cell's weights and biases are."""
        return sum(np.size(value) for value in self.weights.values())

    def left_of_first(self):
        """What is left of the first token after each step.

        The sequence runs a second time with a vector of zeros in the first token's place. The
        distance of the two states (of h, and c if there is one) is given as a share of what it was
        after step 1.

        Returns
        -------
        list of float
            T of them, the first one 1; empty if no state tells the first token from zeros.
        """
        without = self._run([[0.0] * len(self.inputs[0]), *self.inputs[1:]])
        apart = [
            math.hypot(*(d for q in KINDS[self.cell].states for d in getattr(a, q) - getattr(b, q)))
            for a, b in zip(self.trace(), without, strict=True)
        ]
        return [] if apart[0] == 0 else [distance / apart[0] for distance in apart]

    def forgets_at(self):
        """The first step after which less than a tenth of the first token is left.

        Returns
        -------
        int or None
            From 1, see `left_of_first`; None if more is left to the end.
        """
        below = [t for t, share in enumerate(self.left_of_first(), start=1) if share < FORGOTTEN]
        return below[0] if below else None

    def trace(self):
        """Every quantity of every step, as the page shows it.

        Returns
        -------
        list of RNNStep, LSTMStep or GRUStep of rnn_utils.cells
            T of them, each with vectors of shape (H,).
        """
        return self._run(self.inputs)

    def _run(self, inputs):
        names = KINDS[self.cell].states
        states = [np.array(getattr(self, f"{name}0"), dtype=float) for name in names]
        steps = []
        for t, x in enumerate(inputs, start=1):
            state = tuple(states) if len(states) > 1 else states[0]
            steps.append(self._cell_at(t).step(np.array(x, dtype=float), state))
            states = [getattr(steps[-1], name) for name in names]
        return steps

    def _cell_at(self, t):
        """The cell of step t; a held gate is one whose weights are 0 and whose bias says so."""
        kind, size = KINDS[self.cell], len(self.h0)
        parameters = {name: np.array(self.weights[name], dtype=float) for name in PARAMETERS}
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
        names = KINDS[self.cell].shown
        rows = [
            [str(t), token, *(", ".join(map(_short, getattr(step, q))) for q in names)]
            for t, (token, step) in enumerate(zip(self.tokens, self.trace(), strict=True), start=1)
        ]
        caption = words["fallback"][self.cell]
        if self.compact:
            caption = f"{self._summary(words)} {caption}"
        return table_html(caption, [words["step"], words["token"], *names], rows)

    def _summary(self, words):
        """What a compact stepper says of its cell."""
        t, token = self.forgets_at(), self.tokens[0]
        says = "firstIsNothing" if not self.left_of_first() else "forgetsAt" if t else "keeps"
        n = words["parameters"].format(n=self.n_parameters)
        return f"{words['cells'][self.cell]}, {n}. {words[says].format(t=t, token=token)}"

    @traitlets.validate(
        "cell", "weights", "tokens", "inputs", "h0", "c0", "vocabulary", "readout", "step",
        "operation", "unit", "overrides", "preset", "targets",
    )  # fmt: skip
    def _validate(self, proposal):
        name = proposal["trait"].name
        state = {trait: getattr(self, trait) for trait in DEFAULTS} | {name: proposal["value"]}
        with as_trait_error():
            return checked(state)[name]

    def __repr__(self):
        T, D, H = len(self.tokens), len(self.inputs[0]), len(self.h0)
        return f"GateStepper(cell={self.cell!r}, T={T}, D={D}, H={H})"


def _logit(p):
    """The pre-activation of a gate held at p; ±1000 is where the sigmoid is exactly 0 or 1."""
    return math.log(p / (1 - p)) if 0 < p < 1 else 2000.0 * p - 1000.0


def _short(value):
    """Three decimals; a zero has no sign, which would differ from computer to computer."""
    return f"{round(float(value), 3) + 0.0:.3f}"
