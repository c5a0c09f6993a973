"""Several cells on the same sequence, stepping together."""

import ipywidgets

from rnn_utils.widgets.gate_stepper import GateStepper

_SHARED = ("step", "direction", "tokens", "inputs")
_COLUMN = "290px"  # the narrowest that the picture of a cell can be read at


def side_by_side(*steppers):
    """Gate steppers in a row that step together, each with its size and how long it remembers.

    Their time step, direction, tokens and inputs are linked with `ipywidgets.jslink`, in the built
    book as well; so are the right answers, if all have the same ones to choose from. Each stepper
    becomes a compact one.

    Parameters
    ----------
    *steppers : GateStepper
        Two or more, with the same tokens and inputs: one sequence for all.

    Returns
    -------
    ipywidgets.HBox

    Raises
    ------
    ValueError
        If there are fewer than two, or they do not read the same.

    Examples
    --------
    >>> row = side_by_side(*(GateStepper.from_preset(name) for name in ("latch", "gru-latch")))
    >>> [stepper.compact for stepper in row.children]
    [True, True]
    """
    if len(steppers) < 2:
        raise ValueError(f"steppers must be two or more, got {len(steppers)}")
    if other := [type(one).__name__ for one in steppers if not isinstance(one, GateStepper)]:
        raise ValueError(f"steppers must be GateSteppers, got {', '.join(other)}")
    if len(set(map(id, steppers))) < len(steppers):
        raise ValueError("steppers must be different objects, got one twice")
    first, *others = steppers
    for trait in ("tokens", "inputs"):
        for one in others:
            if getattr(one, trait) != getattr(first, trait):
                raise ValueError(
                    f"steppers must have the same {trait}, "
                    f"got {getattr(first, trait)} and {getattr(one, trait)}"
                )
    labels = [one.readout and one.readout["labels"] for one in steppers]
    asked_alike = labels[0] is not None and all(names == labels[0] for names in labels)
    shared = (*_SHARED, "targets") if asked_alike else _SHARED
    for one in steppers:
        one.compact = True
        one.layout.flex = f"1 1 {_COLUMN}"
    for one in others:
        for trait in shared:
            ipywidgets.jslink((first, trait), (one, trait))
    return ipywidgets.HBox(steppers, layout={"flex_flow": "row wrap", "grid_gap": "12px"})
