"""The unfolder: a loop that becomes a row of copies, one for each token, under your hand."""

import json

import numpy as np
import traitlets

from rnn_utils.checks import finite_array, integer_from, positive_integer
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html
from rnn_utils.widgets.plain_rnn import step
from rnn_utils.widgets.random_stream import symmetric

STRINGS = json.loads((FOLDER / "unfolder.strings.json").read_text(encoding="utf-8"))

MOST_TOKENS, MOST_UNITS, MOST_INPUTS, LONGEST_TOKEN = 12, 6, 24, 16
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
LIT = ("", "weight_ih", "weight_hh", "bias")


class Unfolder(BookWidget):
    """Pull the copies of a plain RNN out of its loop, one for each step.

    Each copy computes h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), with the same numbers.

    Parameters
    ----------
    tokens : sequence of str
        What is read, 1 to 12 tokens.
    unfolded : int
        How many copies have left the loop, 0 to T.
    hidden_size : int
        H, 1 to 6; not needed with ``weights``.
    step : int
        The step whose numbers are shown, 0 (nothing read yet) to T.
    unit : int
        The unit whose sum is shown, from 0.
    lit : {"", "weight_ih", "weight_hh", "bias"}
        The parameter that is lit in all copies.
    output : bool
        Draw what each step gives to the layer above.
    inputs : array_like of float, shape (T, D), optional
        x_1 to x_T. If not given, each different token is one-hot, in the order in which they come.
    weights : mapping of str to array_like, optional
        weight_ih (H, D), weight_hh (H, H), bias_ih (H,) and bias_hh (H,), as in PyTorch. If not
        given, they are uniform between -1 and 1, from ``seed``.
    seed : int
        0 to 2³² - 1.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> w = Unfolder("the cat sat".split())
    >>> w.states().shape  # h_1 to h_3, of three units
    (3, 3)
    """

    _name = "unfolder"
    _page_traits = ("tokens", "inputs", "weights", "unfolded", "step", "unit", "lit", "output")

    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    inputs = traitlets.List().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    unfolded = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)
    lit = traitlets.Unicode("").tag(sync=True)
    output = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        tokens,
        *,
        unfolded=0,
        hidden_size=3,
        step=0,
        unit=0,
        lit="",
        output=False,
        inputs=None,
        weights=None,
        seed=1,
    ):
        tokens = _checked_tokens(tokens)
        if inputs is None:
            words = list(dict.fromkeys(tokens))
            inputs = np.eye(len(words))[[words.index(token) for token in tokens]].tolist()
        inputs = _checked_inputs(inputs, len(tokens))
        if weights is None:
            if positive_integer("hidden_size", hidden_size) > MOST_UNITS:
                raise ValueError(f"hidden_size must be at most {MOST_UNITS}, got {hidden_size}")
            if integer_from("seed", seed, 0) >= 2**32:
                raise ValueError(f"seed must be below 2**32, got {seed}")
            weights = _drawn(len(inputs[0]), hidden_size, seed)
        state = {
            "tokens": tokens, "inputs": inputs, "weights": weights, "unfolded": unfolded,
            "step": step, "unit": unit, "lit": lit, "output": output,
        }  # fmt: skip
        super().__init__(**_checked(state))

    def states(self):
        """The state after each step.

        Returns
        -------
        numpy.ndarray, shape (T, H)
        """
        return np.array([step.h for step in self._steps()])

    def _steps(self):
        steps, h = [], np.zeros(len(self.weights["bias_ih"]))
        for x in self.inputs:
            steps.append(step(self.weights, np.array(x), h, "tanh"))
            h = steps[-1].h
        return steps

    def _fallback(self):
        labels, states = STRINGS["en"], self.states()
        head = [labels["step"], labels["token"], *(f"h[{k}]" for k in range(states.shape[1]))]
        rows = [
            [str(t), token, *(f"{value:.4f}" for value in h)]
            for t, (token, h) in enumerate(zip(self.tokens, states, strict=True), start=1)
        ]
        return table_html(labels["fallback"], head, rows)

    @traitlets.validate(*_page_traits)
    def _validate(self, proposal):
        name = proposal["trait"].name
        with as_trait_error():
            return _checked({**self.page_state(), name: proposal["value"]})[name]

    def __repr__(self):
        return f"Unfolder({self.tokens}, unfolded={self.unfolded}, step={self.step})"


def _drawn(D, H, seed):
    """Weights and biases uniform in ±1: large enough that what was read is still to be seen."""
    take = symmetric(seed)
    return {name: take(*shape).tolist() for name, shape in _shapes(D, H).items()}


def _shapes(D, H):
    return {"weight_ih": (H, D), "weight_hh": (H, H), "bias_ih": (H,), "bias_hh": (H,)}


# ------------------------------------------------------------------ what is given, and checked


def _checked_tokens(tokens):
    if isinstance(tokens, str) or not hasattr(tokens, "__iter__"):
        raise ValueError(f"tokens must be a list of texts, got {tokens!r}")
    tokens = list(tokens)
    if not 1 <= len(tokens) <= MOST_TOKENS:
        raise ValueError(f"tokens must be 1 to {MOST_TOKENS} texts, got {len(tokens)} of them")
    for token in tokens:
        if not isinstance(token, str) or not 1 <= len(token) <= LONGEST_TOKEN:
            raise ValueError(
                f"tokens must be texts of 1 to {LONGEST_TOKEN} characters, got {token!r}"
            )
    return tokens


def _numbers(name, values, shape=None):
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers, in rows of equal length") from None
    return finite_array(name, array, np.dtype(float), shape)


def _checked_inputs(inputs, T):
    array = _numbers("inputs", inputs)
    if array.ndim != 2 or array.shape[0] != T or not 1 <= array.shape[1] <= MOST_INPUTS:
        raise ValueError(
            f"inputs must have shape ({T}, D): a row of 1 to {MOST_INPUTS} numbers for each "
            f"token, got {array.shape}"
        )
    return array.tolist()


def _checked(state):
    """The whole state as plain JSON values, or a ValueError that names what does not fit."""
    tokens = _checked_tokens(state["tokens"])
    T = len(tokens)
    inputs = _checked_inputs(state["inputs"], T)
    weights = state["weights"]
    if not isinstance(weights, dict) or set(weights) != set(PARAMETERS):
        raise ValueError(f"weights must be a dict of {', '.join(PARAMETERS)}")
    H = len(_numbers("bias_ih", weights["bias_ih"]).ravel())
    if not 1 <= H <= MOST_UNITS:
        raise ValueError(f"weights must be for 1 to {MOST_UNITS} units, got {H}")
    shapes = _shapes(len(inputs[0]), H)
    if state["lit"] not in LIT:
        raise ValueError(f"lit must be one of {', '.join(map(repr, LIT))}, got {state['lit']!r}")
    if not isinstance(state["output"], bool):
        raise ValueError(f"output must be True or False, got {state['output']!r}")
    most = {"unfolded": T, "step": T, "unit": H - 1}
    for name, bound in most.items():
        if integer_from(name, state[name], 0) > bound:
            raise ValueError(f"{name} must be at most {bound}, got {state[name]}")
    return {
        "tokens": tokens,
        "inputs": inputs,
        "weights": {
            name: _numbers(name, weights[name], shapes[name]).tolist() for name in PARAMETERS
        },
        **{name: int(state[name]) for name in most},
        "lit": state["lit"],
        "output": state["output"],
    }
