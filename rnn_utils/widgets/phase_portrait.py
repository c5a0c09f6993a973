"""The phase portrait: where a plain RNN of two units goes when nothing more is read.

Without input the state moves by itself, h ↦ φ(W_hh h + b). Two units can be drawn: a plane with
an arrow at every place, the path from a start, and the points that stand still. Whether such a
point draws its neighborhood in is what the eigenvalues of the Jacobian say.
"""

import json
from typing import NamedTuple

import numpy as np
import traitlets

from rnn_utils.checks import integer_from, number_between
from rnn_utils.widgets import plain_rnn
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html

STRINGS = json.loads((FOLDER / "phase_portrait.strings.json").read_text(encoding="utf-8"))
PRESETS = json.loads((FOLDER / "phase_portrait.presets.json").read_text(encoding="utf-8"))

NONLINEARITIES = ("tanh", "linear", "relu")
LARGEST_WEIGHT, LARGEST_BIAS, MOST_STEPS = 3, 2, 200

# How fixed points are searched for, as in lib/dynamics.js.
GRID = 21  # starts of Newton's method along each axis of the square
MOST_NEWTON = 120
RESIDUAL = 1e-12  # of what counts as a fixed point
APART = 1e-4  # nearer than that, two are one
NEUTRAL = 1e-7  # |λ| this near to 1 says nothing about growing or shrinking


class FixedPoint(NamedTuple):
    """A state that stays where it is."""

    h: np.ndarray  # (2,)
    eigenvalues: np.ndarray  # of the Jacobian there, (2,), complex
    radius: float  # the larger |λ|: the factor by which a small distance grows or shrinks
    kind: str  # "stable", "saddle", "unstable", or "neutral" if an |λ| is 1


class PhasePortrait(BookWidget):
    """See where the state of an RNN of two units goes: h_t = φ(W_hh h_{t-1} + b).

    Parameters
    ----------
    weight_hh : sequence of two rows of two numbers, optional
        The recurrent weights, each from -3 to 3.
    bias : sequence of two numbers, optional
        b, the sum of both biases and of an input that stays the same; each from -2 to 2.
    nonlinearity : {"tanh", "linear", "relu"}, optional
        φ.
    start : sequence of two numbers, optional
        h_0, each from -1 to 1.
    steps : int, optional
        How many steps the path has, 1 to 200.
    step : int, optional
        The step that is shown, 0 to ``steps``; the last one if not given.
    preset : str, optional
        One of `PRESETS`: what is not given is as there. Otherwise it is as in "cycle", but with
        40 steps from (0.8, 0.1).

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> latch = PhasePortrait.from_preset("two-memories")
    >>> [(point.h.round(2).tolist(), point.kind) for point in latch.fixed_points()]
    [([-0.96, 0.0], 'stable'), ([0.0, 0.0], 'saddle'), ([0.96, 0.0], 'stable')]
    """

    _name = "phase_portrait"
    _page_traits = ("weight_hh", "bias", "nonlinearity", "start", "steps", "step")

    weight_hh = traitlets.List().tag(sync=True)
    bias = traitlets.List().tag(sync=True)
    nonlinearity = traitlets.Unicode("tanh").tag(sync=True)
    start = traitlets.List().tag(sync=True)
    steps = traitlets.Int(40).tag(sync=True)
    step = traitlets.Int(40).tag(sync=True)

    def __init__(
        self,
        weight_hh=None,
        bias=None,
        *,
        nonlinearity=None,
        start=None,
        steps=None,
        step=None,
        preset="",
    ):
        state = {**PRESETS["cycle"], "start": [0.8, 0.1], "steps": 40}
        if preset:
            if not isinstance(preset, str) or preset not in PRESETS:
                raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
            state = PRESETS[preset]
        given = {
            "weight_hh": weight_hh, "bias": bias, "nonlinearity": nonlinearity, "start": start,
            "steps": steps, "step": step,
        }  # fmt: skip
        state = {**state, **{name: value for name, value in given.items() if value is not None}}
        state["step"] = state.get("step", state["steps"])
        super().__init__(**_checked(state))

    @classmethod
    def from_preset(cls, name, **changes):
        """One of `PRESETS`, with what is given changed.

        Parameters
        ----------
        name : {"one-memory", "two-memories", "four-memories", "spiral", "cycle", "forgets-slowly"}
        **changes
            As for the class.

        Returns
        -------
        PhasePortrait

        Raises
        ------
        ValueError
            If there is no such preset.
        """
        if not isinstance(name, str) or name not in PRESETS:
            raise ValueError(f"name must be one of {', '.join(PRESETS)}, got {name!r}")
        return cls(preset=name, **changes)

    def trajectory(self):
        """The path: the state at step 0, the start, and after each step.

        Returns
        -------
        numpy.ndarray, shape (steps + 1, 2)
        """
        path = [np.array(self.start)]
        for _ in range(self.steps):
            path.append(_step(self, path[-1])[1])
        return np.array(path)

    def jacobian(self, h):
        """How the next state changes with this one: diag(φ'(a)) W_hh.

        Parameters
        ----------
        h : array_like, shape (..., 2)

        Returns
        -------
        numpy.ndarray, shape (..., 2, 2)
        """
        return _jacobian(self, np.asarray(h, dtype=float))

    def fixed_points(self):
        """All states with h = φ(W_hh h + b), from the left to the right.

        For tanh they are found by Newton's method from many starts, otherwise by solving a linear
        equation for each pattern of units that are on. Where a whole line stands still, as with
        W_hh = I and no tanh, no single point is given.

        Returns
        -------
        list of FixedPoint
        """
        found = _by_newton(self) if self.nonlinearity == "tanh" else _by_pieces(self)
        points = []
        for h in sorted(found, key=tuple):
            values = np.linalg.eigvals(self.jacobian(h)).astype(complex)
            values = np.array(sorted(values, key=lambda z: (-z.real, -z.imag)))
            sizes = abs(values)
            neutral = (abs(sizes - 1) < NEUTRAL).any()
            kind = "neutral" if neutral else ("stable", "saddle", "unstable")[(sizes > 1).sum()]
            points.append(FixedPoint(h, values, float(sizes.max()), kind))
        return points

    def _fallback(self):
        labels, path = STRINGS["en"], self.trajectory()
        steps = sorted({*range(0, self.steps + 1, 5), self.steps})
        rows = [[str(t), *(f"{value:.4f}" for value in path[t])] for t in steps]
        rows += [
            [labels["kinds"][point.kind], *(f"{value:.4f}" for value in point.h)]
            for point in self.fixed_points()
        ]
        return table_html(labels["fallback"], [labels["t"], "h[0]", "h[1]"], rows)

    @traitlets.validate(*_page_traits)
    def _validate(self, proposal):
        name = proposal["trait"].name
        with as_trait_error():
            return _checked({**self.page_state(), name: proposal["value"]})[name]

    def __repr__(self):
        return (
            f"PhasePortrait({self.weight_hh}, {self.bias}, nonlinearity={self.nonlinearity!r}, "
            f"start={self.start}, steps={self.steps})"
        )


# ------------------------------------------------------------------------------ the dynamics


def _step(system, h):
    """The step from states (..., 2), without input."""
    weights = {
        "weight_ih": np.zeros((2, 1)),
        "weight_hh": system.weight_hh,
        "bias_ih": np.zeros(2),
        "bias_hh": system.bias,
    }
    return plain_rnn.step(weights, np.zeros((*h.shape[:-1], 1)), h, system.nonlinearity)


def _jacobian(system, h):
    a, after = _step(system, h)
    slopes = plain_rnn.slope(a, after, system.nonlinearity)
    return slopes[..., None] * np.array(system.weight_hh)


def _by_newton(system):
    ticks = np.linspace(-1, 1, GRID)
    h = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(-1, 2)
    for _ in range(MOST_NEWTON):
        M = np.eye(2) - _jacobian(system, h)
        off = _step(system, h)[1] - h
        det = M[:, 0, 0] * M[:, 1, 1] - M[:, 0, 1] * M[:, 1, 0]
        fine = abs(det) >= 1e-14
        change = np.zeros_like(h)
        change[fine] = np.linalg.solve(M[fine], off[fine, :, None])[..., 0]
        moved = np.clip(h + change, -1, 1)  # tanh stays there
        if (abs(moved - h) < 1e-15).all():
            break
        h = moved
    off = abs(_step(system, h)[1] - h).max(axis=1)
    found = []
    for n in np.argsort(off, kind="stable"):
        if off[n] <= RESIDUAL and all(np.hypot(*(h[n] - point)) >= APART for point in found):
            found.append(h[n])
    return found


def _by_pieces(system):
    """Each unit is on (slope 1) or off (slope 0): one linear equation for each pattern."""
    W, b = np.array(system.weight_hh), np.array(system.bias)
    linear = system.nonlinearity == "linear"
    found = []
    for on in [[1, 1]] if linear else [[0, 0], [0, 1], [1, 0], [1, 1]]:
        on = np.array(on, dtype=float)
        M = np.eye(2) - on[:, None] * W
        if abs(M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]) < 1e-14:
            continue
        h = np.where(on == 1, np.linalg.solve(M, on * b), 0)  # off is 0, without rounding
        if linear or ((_step(system, h)[0] > 0) == on).all():
            found.append(h)
    return found


# ------------------------------------------------------------------ what is given, and checked


def _checked(state):
    """The whole state as plain JSON values, or a ValueError that names what does not fit."""
    if state["nonlinearity"] not in NONLINEARITIES:
        raise ValueError(
            f"nonlinearity must be one of {', '.join(NONLINEARITIES)}, "
            f"got {state['nonlinearity']!r}"
        )
    steps = integer_from("steps", state["steps"], 1)
    if steps > MOST_STEPS:
        raise ValueError(f"steps must be at most {MOST_STEPS}, got {steps}")
    rows = _items("weight_hh", state["weight_hh"], "two rows of two numbers")
    return {
        "weight_hh": [
            _numbers(f"weight_hh[{k}]", row, LARGEST_WEIGHT) for k, row in enumerate(rows)
        ],
        "bias": _numbers("bias", state["bias"], LARGEST_BIAS),
        "nonlinearity": state["nonlinearity"],
        "start": _numbers("start", state["start"], 1),
        "steps": steps,
        "step": min(integer_from("step", state["step"], 0), steps),
    }


def _items(name, values, what):
    values = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(values, (list, tuple)) or len(values) != 2:
        raise ValueError(f"{name} must be {what}, got {values!r}")
    return values


def _numbers(name, values, most):
    values = _items(name, values, "two numbers")
    return [number_between(f"{name}[{k}]", value, -most, most) for k, value in enumerate(values)]
