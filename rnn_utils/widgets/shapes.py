"""Shapes of the tensors and parameters in the five kinds of sequence networks.

Axes are named: B samples, D input numbers, H units, V classes or words, T steps, and T_y steps of
a decoder. A name may carry a factor, as "4H"; "1" is an axis of one. `measure` puts sizes in.

The same functions in JavaScript are in ``lib/shapes.js``.
"""

SHAPES = ("one-to-one", "one-to-many", "many-to-one", "aligned", "encoder-decoder")
CELLS = ("rnn", "lstm", "gru")
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}  # gates and candidates, stacked in each parameter

_TIMES = ("T", "T_y", "1")


def tensor_axes(shape, *, cell="rnn", batch_first=False, padded=False):
    """The axes of every tensor that a network of this kind reads, keeps and writes.

    Parameters
    ----------
    shape : {"one-to-one", "one-to-many", "many-to-one", "aligned", "encoder-decoder"}
    cell : {"rnn", "lstm", "gru"}
        Without effect on one-to-one, which is a feedforward network.
    batch_first : bool
        Put the batch before time. As in `torch.nn.RNN` the states stay as they are.
    padded : bool
        Whether sequences of different lengths are padded to one: then there are lengths, and a
        mask over the steps that count in the loss.

    Returns
    -------
    dict of str to tuple of str
        In the order in which they are made; ``"logits"`` come before the softmax.

    Examples
    --------
    >>> tensor_axes("many-to-one", batch_first=True)["output"]
    ('B', 'T', 'H')
    """
    if shape == "one-to-one":
        return {"x": ("B", "D"), "h": ("B", "H"), "logits": ("B", "V"), "target": ("B",)}

    def over(time, *rest):
        return ("B", time, *rest) if batch_first else (time, "B", *rest)

    def states(part):
        return {f"{name}_{part}": ("1", "B", "H") for name in ("hc" if cell == "lstm" else "h")}

    axes = {"x": over("T", "D"), "output": over("T", "H"), **states("n")}
    time = "T"
    if shape == "encoder-decoder":
        time = "T_y"
        axes |= {"x_decoder": over(time, "D"), "output_decoder": over(time, "H")}
        axes |= states("decoder")
    one_answer = shape == "many-to-one"
    axes["logits"] = ("B", "V") if one_answer else over(time, "V")
    axes["target"] = ("B",) if one_answer else over(time)
    if padded:
        if shape != "one-to-many":  # there, every sample reads one thing
            axes["lengths"] = ("B",)
        if not one_answer:
            axes["mask"] = over(time)
    return axes


def step_axes(axes):
    """The axes of the part that belongs to one time step: the same without time."""
    return tuple(axis for axis in axes if axis not in _TIMES)


def parameter_axes(shape, cell="rnn"):
    """The axes of every parameter, under PyTorch's names.

    Parameters
    ----------
    shape, cell
        As for `tensor_axes`.

    Returns
    -------
    dict of str to tuple of str
        A network that reads its own words back also has the embedding that makes them vectors.
    """
    readout = {"readout.weight": ("V", "H"), "readout.bias": ("V",)}
    if shape == "one-to-one":
        return {"hidden.weight": ("H", "D"), "hidden.bias": ("H",), **readout}
    rows = f"{BLOCKS[cell]}H" if BLOCKS[cell] > 1 else "H"
    names = {
        "weight_ih_l0": (rows, "D"),
        "weight_hh_l0": (rows, "H"),
        "bias_ih_l0": (rows,),
        "bias_hh_l0": (rows,),
    }
    parts = ("encoder", "decoder") if shape == "encoder-decoder" else (cell,)
    axes = {f"{part}.{name}": rest for part in parts for name, rest in names.items()}
    if shape in ("one-to-many", "encoder-decoder"):
        axes["embedding.weight"] = ("V", "D")
    return axes | readout


def measure(axes, sizes):
    """The axes as numbers.

    Examples
    --------
    >>> measure(("4H", "D"), {"H": 16, "D": 50})
    (64, 50)
    """
    return tuple(_size(axis, sizes) for axis in axes)


def _size(axis, sizes):
    name = axis.lstrip("0123456789")
    factor = int(axis[: len(axis) - len(name)] or 1)
    return factor * sizes[name] if name else factor


def loss_mask(shape, lengths, steps):
    """Which answers count in the loss: 1, or 0 for padding and for steps that answer nothing.

    Parameters
    ----------
    shape : str
        As for `tensor_axes`.
    lengths : sequence of int
        The number of real steps of each of B samples.
    steps : int
        T, the steps that all of them are padded to.

    Returns
    -------
    list of list of int
        B rows of T; many-to-one answers once, at a sample's own last step.
    """
    first = [n if shape == "many-to-one" else 1 for n in lengths]
    return [
        [int(start <= t <= n) for t in range(1, steps + 1)]
        for start, n in zip(first, lengths, strict=True)
    ]


def unroll(shape, inputs, outputs, sizes):
    """The network step by step, for one sample.

    Parameters
    ----------
    shape : str
        As for `tensor_axes`.
    inputs, outputs : sequence of str
        What is read and what is to be written; steps beyond them have no text.
    sizes : mapping of str to int
        T, and T_y for an encoder-decoder.

    Returns
    -------
    list of dict
        ``part`` (``"encoder"``, ``"decoder"`` or ``""``), ``t`` (its own count of the steps, from
        1), ``reads`` (a text), ``fed`` (whether that is what the step before wrote) and ``writes``
        (a text; None if the step writes nothing).
    """

    def at(texts, n):
        return texts[n] if n < len(texts) else ""

    if shape == "encoder-decoder":
        encoder = [
            {"part": "encoder", "t": n + 1, "reads": at(inputs, n), "fed": False, "writes": None}
            for n in range(sizes["T"])
        ]
        return encoder + [
            {
                "part": "decoder",
                "t": n + 1,
                "reads": at(outputs, n - 1) if n else "<bos>",
                "fed": n > 0,
                "writes": at(outputs, n),
            }
            for n in range(sizes["T_y"])
        ]
    T = 1 if shape == "one-to-one" else sizes["T"]
    steps = []
    for n in range(T):
        fed = shape == "one-to-many" and n > 0
        writes = at(outputs, n)
        if shape == "many-to-one":
            writes = outputs[0] if n == T - 1 else None
        reads = at(outputs, n - 1) if fed else at(inputs, n)
        steps.append({"part": "", "t": n + 1, "reads": reads, "fed": fed, "writes": writes})
    return steps
