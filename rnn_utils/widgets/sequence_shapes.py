"""The five shapes of sequence networks, unrolled: what each step reads, keeps and writes."""

import json
from collections.abc import Mapping

import traitlets

from rnn_utils.checks import integer_from, positive_integer
from rnn_utils.widgets.base import FOLDER, BookWidget, as_trait_error, table_html
from rnn_utils.widgets.shapes import (
    CELLS,
    SHAPES,
    loss_mask,
    measure,
    parameter_axes,
    step_axes,
    tensor_axes,
    unroll,
)

_GIVEN = json.loads((FOLDER / "sequence_shapes.examples.json").read_text(encoding="utf-8"))
EXAMPLES, LARGEST = _GIVEN["examples"], _GIVEN["largest"]
STRINGS = json.loads((FOLDER / "sequence_shapes.strings.json").read_text(encoding="utf-8"))


class SequenceShapes(BookWidget):
    """Step through one-to-one, one-to-many, many-to-one and both kinds of many-to-many.

    At each step the page says what the network reads, keeps and writes, and gives the shape of
    every tensor, at that step and for the whole batch. All of it is computed from the traits
    below. With a kernel the traits are two-way.

    Parameters
    ----------
    shape : {"one-to-one", "one-to-many", "many-to-one", "aligned", "encoder-decoder"}
        ``"aligned"`` is many-to-many with one answer for each step; ``"encoder-decoder"`` is
        many-to-many with the answer after the whole input. One-to-one is a feedforward network.
    example : str, optional
        One of `EXAMPLES` that has this shape; the first of them if not given.
    step : int
        The step that is lit, from 1; 0 shows the whole network.
    sizes : mapping of str to int, optional
        Sizes in place of the example's: B samples, D input numbers, H units, V classes or words,
        T steps and, for an encoder-decoder, T_y steps of the decoder; from 1 to `LARGEST`.
    cell : {"rnn", "lstm", "gru"}
        The kind of cell; an LSTM keeps two states.
    batch_first : bool
        Whether the batch axis comes before the time axis.
    padded : bool
        Show the example's batch of three samples of different lengths, padded; it sets B, T and
        T_y. One-to-one has nothing to pad.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> w = SequenceShapes("aligned", sizes={"H": 64})
    >>> w.tensors()["output"]
    (9, 4, 64)
    >>> w.parameters()["rnn.weight_ih_l0"]
    (64, 50)
    >>> w.steps()[4]["reads"], w.steps()[4]["writes"]
    ('Granger', '1')
    """

    _name = "sequence_shapes"
    _page_traits = ("shape", "example", "step", "sizes", "cell", "batch_first", "padded")

    shape = traitlets.Unicode("aligned").tag(sync=True)
    example = traitlets.Unicode("names").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    sizes = traitlets.Dict().tag(sync=True)
    cell = traitlets.Unicode("rnn").tag(sync=True)
    batch_first = traitlets.Bool(False).tag(sync=True)
    padded = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        shape="aligned",
        example=None,
        *,
        step=0,
        sizes=None,
        cell="rnn",
        batch_first=False,
        padded=False,
    ):
        state = {
            "shape": shape,
            "example": _first(shape) if example is None else example,
            "sizes": {} if sizes is None else sizes,
            "cell": cell,
            "batch_first": batch_first,
            "padded": padded,
            "step": step,  # last, for its bound follows from the others
        }
        for name in state:
            state[name] = _checked(name, state)
        super().__init__(**state)

    def dimensions(self):
        """The sizes that hold now.

        Returns
        -------
        dict of str to int
            B, D, H, V, T and T_y.
        """
        return _dimensions(self._state())

    def lengths(self):
        """The number of real steps of each of the B samples: (steps read, answers).

        Returns
        -------
        list of int, list of int
        """
        sizes = self.dimensions()
        if self._is_padded():
            batch = EXAMPLES[self.example]["batch"]
            read, written = ([len(sample[side]) for sample in batch] for side in _SIDES)
        else:
            read, written = [sizes["T"]] * sizes["B"], [sizes["T_y"]] * sizes["B"]
        if self.shape == "one-to-many":
            read = written if self._is_padded() else read
        return read, written if self.shape == "encoder-decoder" else read

    def loss_terms(self):
        """How many answers the loss is a sum over.

        Returns
        -------
        int
        """
        sizes, (_, lengths) = self.dimensions(), self.lengths()
        steps = sizes["T_y"] if self.shape == "encoder-decoder" else sizes["T"]
        return sum(map(sum, loss_mask(self.shape, lengths, steps)))

    def tensors(self):
        """The shape of every tensor of a whole batch, as PyTorch has it.

        Returns
        -------
        dict of str to tuple of int
            ``h_n`` is the last state (and the first, ``h_0``, has its shape).
        """
        sizes = self.dimensions()
        return {name: measure(axes, sizes) for name, axes in self._axes().items()}

    def parameters(self):
        """The shape of every parameter.

        Returns
        -------
        dict of str to tuple of int
        """
        axes = parameter_axes(self.shape, self.cell)
        return {name: measure(parameter, self.dimensions()) for name, parameter in axes.items()}

    def steps(self):
        """What each step of the network reads and writes; see `rnn_utils.widgets.shapes.unroll`.

        Returns
        -------
        list of dict
        """
        return _steps(self._state())

    def _state(self):
        return {name: getattr(self, name) for name in self._page_traits}

    def _is_padded(self):
        return _is_padded(self._state())

    def _axes(self):
        options = {"cell": self.cell, "batch_first": self.batch_first, "padded": self.padded}
        return tensor_axes(self.shape, **options)

    def _fallback(self):
        labels = STRINGS["en"]
        sizes, axes = self.dimensions(), self._axes()
        reads = str(measure(step_axes(axes["x"]), sizes))
        logits = str(measure(step_axes(axes["logits"]), sizes))
        state = str((sizes["B"], sizes["H"]))
        kept = "h, c" if self.cell == "lstm" and self.shape != "one-to-one" else "h"
        rows = [
            [
                str(t),
                f"{step['reads']} {reads}",
                f"{kept} {state}",
                "–" if step["writes"] is None else f"{step['writes']} {logits}",
            ]
            for t, step in enumerate(self.steps(), start=1)
        ]
        head = [labels["step"], labels["reads"], labels["keeps"], labels["writes"]]
        title = labels["examples"][self.example]
        whole = [[name, str(size)] for name, size in self.tensors().items()]
        return table_html(f"{title}. {labels['fallback']}", head, rows) + table_html(
            labels["wholeBatch"], [labels["tensor"], labels["shape"]], whole
        )

    @traitlets.validate(*_page_traits)
    def _validate(self, proposal):
        name = proposal["trait"].name
        with as_trait_error():
            return _checked(name, self._state() | {name: proposal["value"]})

    @traitlets.observe("shape", "example", "sizes", "padded")
    def _follow(self, change):
        """Another network: an example of its shape, and a step that it has."""
        if EXAMPLES[self.example]["shape"] != self.shape:
            self.example = _first(self.shape)
        self.step = min(self.step, len(self.steps()))

    def __repr__(self):
        sizes = self.dimensions()
        times = ("T", "T_y") if self.shape == "encoder-decoder" else ("T",)
        shown = ", ".join(f"{name}={sizes[name]}" for name in ("B", *times, "D", "H", "V"))
        return (
            f"SequenceShapes({self.shape!r}, example={self.example!r}, cell={self.cell!r}, {shown})"
        )


_SIDES = ("inputs", "outputs")


def _first(shape):
    """The first example of a shape; none if there is no such shape, which is said elsewhere."""
    return next((name for name, example in EXAMPLES.items() if example["shape"] == shape), "")


def _is_padded(state):
    return state["padded"] and state["shape"] != "one-to-one"


def _dimensions(state):
    """The example's sizes, those that were given in their place, and those of a padded batch."""
    example = EXAMPLES[state["example"]]
    longest = {side: max(len(sample[side]) for sample in example["batch"]) for side in _SIDES}
    read = "outputs" if state["shape"] == "one-to-many" else "inputs"
    times = {"T": longest[read], "T_y": longest["outputs"]}
    sizes = {**_GIVEN["start"], "D": example["D"], "V": example["V"], **times, **state["sizes"]}
    if state["shape"] == "one-to-one":
        sizes |= {"T": 1, "T_y": 1}
    return sizes | {"B": len(example["batch"]), **times} if _is_padded(state) else sizes


def _steps(state):
    sample = EXAMPLES[state["example"]]["batch"][0]
    return unroll(state["shape"], sample["inputs"], sample["outputs"], _dimensions(state))


# ------------------------------------------------------- what is given, checked and made plain


def _checked(name, state):
    """The trait's value as plain JSON, or a ValueError that says what does not fit."""
    value = state[name]
    if name == "shape":
        return _one_of("shape", value, SHAPES)
    if name == "example":
        known = [key for key, example in EXAMPLES.items() if example["shape"] == state["shape"]]
        return _one_of("example", value, known)
    if name == "cell":
        return _one_of("cell", value, CELLS)
    if name == "sizes":
        return _sizes(value)
    if name in ("batch_first", "padded"):
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be True or False, got {value!r}")
        return value
    step, last = integer_from("step", value, 0), len(_steps(state))
    if step > last:
        raise ValueError(f"step must be at most {last}, got {step}")
    return step


def _one_of(name, value, known):
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
    return value


def _sizes(value):
    if not isinstance(value, Mapping):
        raise ValueError(f"sizes must be a mapping of names to integers, got {value!r}")
    if unknown := [name for name in value if name not in LARGEST]:
        raise ValueError(f"sizes must be of {', '.join(LARGEST)}, got {unknown[0]!r}")
    sizes = {name: positive_integer(f"sizes[{name!r}]", size) for name, size in value.items()}
    for name, size in sizes.items():
        if size > LARGEST[name]:
            raise ValueError(f"sizes[{name!r}] must be at most {LARGEST[name]}, got {size}")
    return sizes
