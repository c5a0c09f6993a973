"""The shapes of sequence networks: what is shown is what PyTorch's modules do."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import ipywidgets
import pytest
import torch
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import assert_accessible, assert_no_page_scroll, load_module, open_with_kernel, weight
from playwright.sync_api import expect
from torch import nn
from torch.nn.functional import cross_entropy, one_hot
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnn_utils
from rnn_utils.widgets import SequenceShapes, shapes
from rnn_utils.widgets.base import module_text, style_text
from rnn_utils.widgets.sequence_shapes import EXAMPLES, LARGEST, STRINGS
from rnn_utils.widgets.shapes import CELLS, SHAPES

SOURCE = Path(rnn_utils.__file__).parent / "widgets" / "lib" / "shapes.js"
MODULES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
CELL_MODULES = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}
WORDS = STRINGS["en"]

each_shape = pytest.mark.parametrize("shape", SHAPES)
each_example = pytest.mark.parametrize("example", EXAMPLES)


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


def made(example, **state):
    return SequenceShapes(EXAMPLES[example]["shape"], example, **state)


def refuses(error, *parts):
    """An error with these parts in its text, in this order."""
    return pytest.raises(error, match=".*".join(map(re.escape, parts)))


# ------------------------------------------------------------------------------- real networks


class Network(nn.Module):
    """A network of one of the five shapes, that gives every tensor it makes."""

    def __init__(self, shape, cell, batch_first, D, H, V):
        super().__init__()
        self.shape, self.batch_first = shape, batch_first

        def recurrent():
            return MODULES[cell](D, H, batch_first=batch_first)

        if shape == "one-to-one":
            self.hidden = nn.Linear(D, H)
        elif shape == "encoder-decoder":
            self.encoder, self.decoder = recurrent(), recurrent()
        else:
            setattr(self, cell, recurrent())
            self.recurrent = cell
        if shape in ("one-to-many", "encoder-decoder"):
            self.embedding = nn.Embedding(V, D)
        self.readout = nn.Linear(H, V)

    def read(self, module, x, states=None, lengths=None):
        """Output and states; with lengths, padding is left out."""
        if lengths is None:
            output, states = module(x, states)
        else:
            options = {"batch_first": self.batch_first}
            packed = pack_padded_sequence(x, lengths, enforce_sorted=False, **options)
            output, states = module(packed, states)
            output, _ = pad_packed_sequence(output, **options)
        return output, states

    def forward(self, x, target, lengths=None):
        if self.shape == "one-to-one":
            h = torch.tanh(self.hidden(x))
            return {"x": x, "h": h, "logits": self.readout(h)}
        time = 1 if self.batch_first else 0
        if self.shape == "encoder-decoder":
            return self.translate(x, target, lengths)
        if self.shape == "one-to-many":  # one vector, then the words written so far
            words = self.embedding(target.narrow(time, 0, target.shape[time] - 1))
            x = torch.cat([x.unsqueeze(time), words], dim=time)
            lengths = None
        output, states = self.read(getattr(self, self.recurrent), x, lengths=lengths)
        made = {"x": x, "output": output, **named(states, "n")}
        last = made["h_n"][0] if self.shape == "many-to-one" else output
        return made | {"logits": self.readout(last)}

    def translate(self, x, target, lengths):
        output, states = self.read(self.encoder, x, lengths=lengths)
        words = self.embedding(target)  # as many as are written: the start token, and all but one
        output_decoder, end = self.read(self.decoder, words, states)
        return {
            **{"x": x, "output": output, **named(states, "n")},
            **{"x_decoder": words, "output_decoder": output_decoder, **named(end, "decoder")},
            "logits": self.readout(output_decoder),
        }


def named(states, part):
    states = states if isinstance(states, tuple) else (states,)
    return {f"{name}_{part}": state for name, state in zip("hc", states, strict=False)}


def run(shape, cell, batch_first, sizes, lengths=None, answers=None):
    """Everything that a network of this kind makes: (tensors, parameters, terms of the loss)."""
    B, D, H, V, T, T_y = (sizes[name] for name in ("B", "D", "H", "V", "T", "T_y"))
    network = Network(shape, cell, batch_first, D, H, V)

    def order(tensor):
        return tensor.transpose(0, 1) if batch_first else tensor

    steps = T_y if shape == "encoder-decoder" else T
    per_sample = shape in ("one-to-one", "many-to-one")
    target = (
        torch.arange(B) % V if per_sample else order(torch.arange(steps * B).view(steps, B) % V)
    )
    x = torch.randn(B, D) if shape in ("one-to-one", "one-to-many") else order(torch.randn(T, B, D))
    with torch.no_grad():
        tensors = network(x, target, None if lengths is None else torch.tensor(lengths))
        tensors |= {"target": target}
        if lengths is not None and shape != "one-to-many":
            tensors["lengths"] = torch.tensor(lengths)
        losses = cross_entropy(tensors["logits"].movedim(-1, 1), target, reduction="none")
        if answers is not None and not per_sample:
            n = torch.tensor(answers)
            tensors["mask"] = order((torch.arange(steps)[:, None] < n).long())
            losses = losses[tensors["mask"] == 1]
    return tensors, dict(network.named_parameters()), losses.numel()


def shapes_of(tensors):
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def check(widget):
    """A widget against a network with its sizes."""
    padded = widget.padded and widget.shape != "one-to-one"
    given = widget.lengths() if padded else (None, None)
    sizes = widget.dimensions()
    tensors, parameters, terms = run(widget.shape, widget.cell, widget.batch_first, sizes, *given)
    assert widget.tensors() == shapes_of(tensors)
    assert widget.parameters() == shapes_of(parameters)
    assert widget.loss_terms() == terms


@each_example
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_every_example_is_what_torch_makes(example, cell, batch_first, padded):
    # A large vocabulary makes no other shape, only a slower test.
    sizes = {"V": min(EXAMPLES[example]["V"], 50)}
    check(made(example, cell=cell, batch_first=batch_first, padded=padded, sizes=sizes))


SIZES = st.fixed_dictionaries({name: st.integers(1, 9) for name in LARGEST})


@settings(max_examples=60)
@given(st.sampled_from(list(EXAMPLES)), st.sampled_from(CELLS), st.booleans(), SIZES)
def test_any_sizes_are_what_torch_makes(example, cell, batch_first, sizes):
    widget = made(example, cell=cell, batch_first=batch_first, sizes=sizes)
    if widget.shape != "one-to-one":
        assert widget.dimensions() == sizes
    check(widget)


@pytest.mark.parametrize("cell", CELLS)
def test_one_step_is_what_a_cell_of_torch_takes(cell):
    B, D, H, V = 3, 5, 4, 2
    sizes = {"B": B, "D": D, "H": H, "V": V, "T": 7, "T_y": 6}
    module, x = CELL_MODULES[cell](D, H), torch.randn(B, D)
    state = module(x)
    expected = shapes_of({"x": x, **named(state, "n")})
    for batch_first in (False, True):
        axes = shapes.tensor_axes("aligned", cell=cell, batch_first=batch_first)
        step = {name: shapes.measure(shapes.step_axes(axes[name]), sizes) for name in axes}
        assert {name: step[name] for name in expected} == expected
        assert step["output"] == step["h_n"] == (B, H)
        assert step["logits"] == (B, V)
        assert step["target"] == (B,)


def test_a_one_hot_target_would_have_the_shape_of_the_logits():
    tensors, *_ = run("aligned", "gru", False, made("names").dimensions())
    assert one_hot(tensors["target"], 2).shape == tensors["logits"].shape


@each_shape
@pytest.mark.parametrize("cell", CELLS)
def test_the_number_of_parameters(shape, cell):
    D, H, V = 5, 4, 3
    widget = SequenceShapes(shape, cell=cell, sizes={"D": D, "H": H, "V": V})
    total = sum(torch.Size(parameter).numel() for parameter in widget.parameters().values())
    recurrent = {"rnn": 1, "gru": 3, "lstm": 4}[cell] * (H * D + H * H + 2 * H)
    inside = {"one-to-one": H * D + H, "encoder-decoder": 2 * recurrent}.get(shape, recurrent)
    embedding = V * D if shape in ("one-to-many", "encoder-decoder") else 0
    assert total == inside + embedding + V * H + V


# -------------------------------------------------------------------------- steps, and the mask


def test_names_are_marked_in_step():
    """The nine words of the sources, and y for each."""
    steps = made("names").steps()
    sentence = "Harry Potter and Hermione Granger invented a new spell"
    assert [step["reads"] for step in steps] == sentence.split()
    assert [int(step["writes"]) for step in steps] == [1, 1, 0, 1, 1, 0, 0, 0, 0]
    assert [step["t"] for step in steps] == list(range(1, 10))


def test_one_to_many_reads_what_it_wrote():
    steps = made("caption").steps()
    assert [step["reads"] for step in steps] == "photo a cat on a mat".split()
    assert [step["writes"] for step in steps] == "a cat on a mat <eos>".split()
    assert [step["fed"] for step in steps] == [False, *[True] * 5]


def test_many_to_one_answers_once():
    steps = made("stars").steps()
    assert [step["writes"] for step in steps] == [None] * 7 + ["1★"]
    assert not any(step["fed"] for step in steps)
    short = made("stars", sizes={"T": 3}).steps()
    assert [step["writes"] for step in short] == [None, None, "1★"]


def test_an_encoder_decoder_reads_first_and_then_writes():
    steps = made("translation").steps()
    assert [(step["part"], step["t"]) for step in steps] == [
        (part, t) for part in ("encoder", "decoder") for t in range(1, 6)
    ]
    assert [step["reads"] for step in steps[:5]] == "le chat boit du lait".split()
    assert [step["reads"] for step in steps[5:]] == "<bos> the cat drinks milk".split()
    assert [step["writes"] for step in steps] == [None] * 5 + "the cat drinks milk <eos>".split()
    assert [step["fed"] for step in steps] == [False] * 6 + [True] * 4


def test_steps_beyond_the_example_have_no_text():
    steps = made("names", sizes={"T": 11}).steps()
    assert [(step["reads"], step["writes"]) for step in steps[8:]] == [
        ("spell", "0"),
        ("", ""),
        ("", ""),
    ]


@each_example
def test_examples_make_sense(example):
    widget = made(example)
    for sample in EXAMPLES[example]["batch"]:
        n_in, n_out = len(sample["inputs"]), len(sample["outputs"])
        assert {
            "one-to-one": n_in == n_out == 1,
            "one-to-many": n_in == 1 < n_out,
            "many-to-one": n_in > 1 == n_out,
            "aligned": n_in == n_out > 1,
            "encoder-decoder": n_in > 1 < n_out,
        }[widget.shape]
        words = [*sample["outputs"]]
        if words[-1] == "<eos>":
            words.pop()
        assert len(set(words)) <= EXAMPLES[example]["V"]
        fed = widget.shape in ("one-to-many", "encoder-decoder")
        assert (sample["outputs"][-1] == "<eos>") == fed
    if widget.shape != "one-to-one":
        assert len(EXAMPLES[example]["batch"]) == 3
        lengths = [list(side) for side in zip(*map(count, EXAMPLES[example]["batch"]), strict=True)]
        assert all(side[0] == max(side) for side in lengths)  # what is drawn has no padding
        assert any(len(set(side)) == 3 for side in lengths) or example == "translation"
    assert example in WORDS["examples"]
    assert example in WORDS["notes"]


def count(sample):
    return len(sample["inputs"]), len(sample["outputs"])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.sampled_from(SHAPES))
def test_the_mask_is_where_the_steps_are(lengths, shape):
    steps = max(lengths) + 1
    mask = torch.tensor(shapes.loss_mask(shape, lengths, steps))
    assert mask.shape == (len(lengths), steps)
    if shape == "many-to-one":
        assert torch.equal(mask, one_hot(torch.tensor(lengths) - 1, steps))
    else:
        assert mask.sum(1).tolist() == lengths
        assert torch.equal(mask, mask.sort(dim=1, descending=True).values)


@pytest.mark.parametrize(
    ("example", "terms"),
    [("photo", 4), ("caption", 13), ("stars", 3), ("names", 17), ("translation", 13)],
)
def test_how_many_answers_count(example, terms):
    assert made(example, padded=True).loss_terms() == terms


# ---------------------------------------------------------------------- the same in JavaScript


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of shapes.js: ``js("measure", axes, sizes)``."""
    page = browser.new_page()
    load_module(page, SOURCE.read_text(encoding="utf-8"), "shapes")
    yield lambda name, *values: page.evaluate(
        "([name, values]) => shapes[name](...values)", [name, values]
    )
    page.close()


def plain(value):
    return json.loads(json.dumps(value))


@each_shape
@pytest.mark.parametrize("cell", CELLS)
def test_axes_are_those_of_python(js, shape, cell):
    assert js("parameterAxes", {"shape": shape, "cell": cell}) == plain(
        shapes.parameter_axes(shape, cell)
    )
    for batch_first in (False, True):
        for padded in (False, True):
            options = {"cell": cell, "batch_first": batch_first, "padded": padded}
            axes = shapes.tensor_axes(shape, **options)
            found = js("tensorAxes", {"shape": shape, **options})
            assert (found, list(found)) == (plain(axes), list(axes))
            for tensor in axes.values():
                assert js("stepAxes", tensor) == list(shapes.step_axes(tensor))


AXES = st.lists(
    st.sampled_from(["B", "T", "T_y", "D", "H", "V", "1", "3H", "4H", "12V"]), max_size=4
)
TEXTS = st.lists(st.text("ab", max_size=2), min_size=1, max_size=6)


@given(AXES, SIZES)
def test_sizes_are_those_of_python(js, axes, sizes):
    expected = [{"1": 1, "3H": 3 * sizes["H"], "4H": 4 * sizes["H"], "12V": 12 * sizes["V"]}]
    expected = [(expected[0] | sizes)[axis] for axis in axes]
    assert js("measure", axes, sizes) == list(shapes.measure(axes, sizes)) == expected
    assert js("product", expected) == torch.Size(expected).numel()


@given(st.sampled_from(SHAPES), TEXTS, TEXTS, SIZES, st.lists(st.integers(1, 9), max_size=4))
def test_steps_and_masks_are_those_of_python(js, shape, inputs, outputs, sizes, lengths):
    found = js("unroll", shape, inputs, outputs, sizes)
    assert found == shapes.unroll(shape, inputs, outputs, sizes)
    assert js("lossMask", shape, lengths, 9) == shapes.loss_mask(shape, lengths, 9)


# ------------------------------------------------------------------------------------ in Python


def test_what_is_not_given():
    widget = SequenceShapes()
    assert widget.page_state() == {
        "shape": "aligned",
        "example": "names",
        "step": 0,
        "sizes": {},
        "cell": "rnn",
        "batch_first": False,
        "padded": False,
    }
    assert repr(widget) == (
        "SequenceShapes('aligned', example='names', cell='rnn', B=4, T=9, D=50, H=16, V=2)"
    )
    later = SequenceShapes("encoder-decoder", cell="gru", padded=True)
    assert repr(later) == (
        "SequenceShapes('encoder-decoder', example='translation', cell='gru', "
        "B=3, T=5, T_y=5, D=64, H=16, V=8000)"
    )


@each_shape
def test_each_shape_has_a_first_example(shape):
    widget = SequenceShapes(shape)
    assert EXAMPLES[widget.example]["shape"] == shape
    assert widget.example == next(n for n, e in EXAMPLES.items() if e["shape"] == shape)


def test_a_padded_batch_sets_its_own_sizes():
    sizes = {"B": 7, "T": 2, "T_y": 2, "H": 5, "D": 6, "V": 9}
    widget = made("speech", sizes=sizes, padded=True)
    assert widget.dimensions() == {**sizes, "B": 3, "T": 8, "T_y": 4}
    assert widget.lengths() == ([8, 5, 3], [4, 4, 3])
    widget.padded = False
    assert widget.dimensions() == sizes
    assert widget.lengths() == ([2] * 7, [2] * 7)


def test_one_to_one_has_no_time():
    widget = SequenceShapes("one-to-one", sizes={"T": 5, "T_y": 5}, padded=True)
    assert (widget.dimensions()["T"], widget.dimensions()["T_y"]) == (1, 1)
    assert widget.dimensions()["B"] == 4
    assert len(widget.steps()) == 1


WRONG = [
    ({"shape": "many"}, ["shape must be one of one-to-one,", "got 'many'"]),
    ({"shape": None}, ["shape must be one of", "got None"]),
    ({"shape": []}, ["shape must be one of", "got []"]),
    ({"example": "music"}, ["example must be one of names, video, audio, dna, got 'music'"]),
    ({"example": 3}, ["example must be one of", "got 3"]),
    ({"cell": "LSTM"}, ["cell must be one of rnn, lstm, gru, got 'LSTM'"]),
    ({"batch_first": 2}, ["batch_first must be True or False, got 2"]),
    ({"padded": "yes"}, ["padded must be True or False, got 'yes'"]),
    ({"step": 10}, ["step must be at most 9, got 10"]),
    ({"step": -1}, ["step must be an integer >= 0, got -1"]),
    ({"step": 1.5}, ["step must be an integer >= 0, got 1.5"]),
    ({"sizes": [4]}, ["sizes must be a mapping of names to integers, got [4]"]),
    ({"sizes": {"N": 4}}, ["sizes must be of B, D, H, V, T, T_y, got 'N'"]),
    ({"sizes": {"H": 0}}, ["sizes['H'] must be a positive integer, got 0"]),
    ({"sizes": {"H": True}}, ["sizes['H'] must be a positive integer, got True"]),
    ({"sizes": {"T": 13}}, ["sizes['T'] must be at most 12, got 13"]),
    ({"sizes": {"V": 100_001}}, ["sizes['V'] must be at most 100000, got 100001"]),
]


@pytest.mark.parametrize(("wrong", "parts"), WRONG, ids=[str(wrong) for wrong, _ in WRONG])
def test_what_does_not_fit_is_refused(wrong, parts):
    with refuses(ValueError, *parts):
        SequenceShapes(**wrong)
    widget = SequenceShapes()
    before = widget.page_state()
    [(name, value)] = wrong.items()
    with pytest.raises(traitlets.TraitError):
        setattr(widget, name, value)
    assert widget.page_state() == before


def test_the_largest_sizes_are_taken():
    assert SequenceShapes(sizes=LARGEST, step=12).dimensions() == LARGEST


def test_another_shape_brings_its_example_and_keeps_a_step_that_is_there():
    widget = made("dna", step=12)
    widget.example = "names"
    assert widget.step == 9
    widget.sizes = {"T": 4}
    assert widget.step == 4
    widget.shape = "one-to-many"
    assert (widget.example, widget.step) == ("caption", 4)
    widget.padded = True
    widget.shape = "one-to-one"
    assert (widget.example, widget.step) == ("photo", 1)


def test_what_arrives_together_is_checked_together():
    """As from a page: none of these fits without the others."""
    widget = SequenceShapes(step=9)
    widget.set_state({"step": 10, "example": "speech", "shape": "encoder-decoder"})
    assert (widget.shape, widget.example, widget.step) == ("encoder-decoder", "speech", 10)


def test_what_was_given_is_copied():
    sizes = {"H": 3}
    widget = SequenceShapes(sizes=sizes)
    sizes["H"] = 5
    assert widget.sizes == {"H": 3}


def test_a_table_to_read_without_a_script():
    text = made("names", cell="lstm").to_html()
    assert "<td>4</td><td>Hermione (4, 50)</td><td>h, c (4, 16)</td><td>1 (4, 2)</td>" in text
    assert "<td>output</td><td>(9, 4, 16)</td>" in text
    text = made("stars").to_html()
    assert "<td>7</td><td>this (4, 50)</td><td>h (4, 16)</td><td>–</td>" in text
    assert "<td>8</td><td>movie (4, 50)</td><td>h (4, 16)</td><td>1★ (4, 5)</td>" in text
    assert "<td>target</td><td>(4,)</td>" in text
    assert made("photo", cell="lstm").to_html().count("h, c") == 0
    assert made("names").to_html() == made("names").to_html()


# ------------------------------------------------------------------------------------ on a page


class Shapes:
    """The widget on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(".sequence-shapes").nth(number - 1)
        self.live = self.root.locator("[aria-live=polite]")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def choose(self, shape, example=None):
        self.button(WORDS["shapes"][shape]).click()
        if example:
            choice = self.root.get_by_role("combobox", name="Example", exact=True)
            choice.select_option(WORDS["examples"][example])

    def size(self, name):
        return self.root.get_by_label(f"{name} {WORDS['size'][name]}", exact=True)

    def open_table(self):
        if self.root.locator("details").get_attribute("open") is None:
            self.root.locator("summary").click()
        expect(self.root.locator("details table").last).to_be_visible()

    def numbers(self):
        """{(q, t): values by k}."""
        cells = self.root.locator("[data-q]").evaluate_all(
            "(cells) => cells.map(({dataset: d}) => [d.q, +d.t, +d.k, +d.value])"
        )
        assert len({tuple(cell[:3]) for cell in cells}) == len(cells)
        found = {}
        for q, t, k, value in cells:
            found.setdefault((q, t), {})[k] = value
        return {
            key: tuple(value for _, value in sorted(values.items()))
            for key, values in found.items()
        }

    def expect_state(self, widget):
        """Everything that is shown is what Python says of this state."""
        self.open_table()
        assert self.numbers() == expected_numbers(widget)
        drawn = self.root.locator(".unrolled .column").evaluate_all(
            """(columns) => columns.map((column) => [
                ...["x", "fed", "y"].map((kind) =>
                    column.querySelector(`.${kind} .word`)?.textContent ?? ""),
                column.dataset.phase, column.querySelectorAll(".h .symbol").length,
            ])"""
        )
        states = 2 if widget.cell == "lstm" and widget.shape != "one-to-one" else 1
        expected = []
        for n, step in enumerate(widget.steps(), start=1):
            again = step["part"] == "decoder" or step["fed"]
            reads = ["", step["reads"]] if again else [step["reads"], ""]
            phase = "future" if n > widget.step else "now" if n == widget.step else "past"
            phase = phase if widget.step else "whole"
            expected.append([*reads, step["writes"] or "", phase, states])
        assert drawn == expected
        lit = self.root.locator("details tr[data-now] th").all_inner_texts()
        assert lit == ([str(widget.step)] if widget.step else [])


def expected_numbers(widget):
    """What the page must show: {(q, t): values by k}."""
    sizes, step = widget.dimensions(), widget.step
    tensors, parameters = widget.tensors(), widget.parameters()
    numbers = {(name, 0): shape for name, shape in (tensors | parameters).items()}
    total = sum(torch.Size(shape).numel() for shape in parameters.values())
    numbers |= {("parameters", 0): (total,), ("loss_terms", 0): (widget.loss_terms(),)}
    if widget.shape == "one-to-one":
        return numbers
    if widget.padded:
        length = sizes["T_y" if widget.shape == "encoder-decoder" else "T"]
        counts = shapes.loss_mask(widget.shape, widget.lengths()[1], length)
        numbers |= {("counts", t): at for t, at in enumerate(zip(*counts, strict=True), start=1)}
    if step == 0:
        return numbers
    now = widget.steps()[step - 1]
    there = {"decoder": ["x_decoder", "output_decoder", "h_decoder", "c_decoder"]}
    there = there.get(now["part"], ["x", "output", "h_n", "c_n"])
    there += ["logits", "target", "mask"] if now["writes"] is not None else []
    last = {"x": "D", "logits": "V", "target": None, "mask": None}
    for name in there:
        if name in tensors:
            axis = last.get(name.removesuffix("_decoder"), "H")
            numbers[name, step] = (sizes["B"], sizes[axis]) if axis else (sizes["B"],)
    return numbers


@pytest.fixture
def page_of(widget_page):
    return lambda widget, **options: Shapes(widget_page(widget, **options))


@each_example
def test_a_page_shows_what_python_says(page_of, example):
    widget = made(example)
    page = page_of(widget)
    for cell, batch_first, padded in (("rnn", False, True), ("lstm", True, False)):
        if widget.shape != "one-to-one":
            page.root.get_by_label("Cell").select_option(WORDS["cells"][cell])
            page.root.get_by_label("batch_first").set_checked(batch_first)
            page.root.get_by_label(WORDS["padded"]).set_checked(padded)
            widget.set_trait("cell", cell)
            widget.batch_first, widget.padded = batch_first, padded
        for step in range(len(widget.steps()) + 1):
            widget.step = step
            page.expect_state(widget)
            if step < len(widget.steps()):
                page.button("Next step").click()
        page.button("Reset to the start").click()


def test_every_shape_and_example_can_be_chosen(page_of):
    page = page_of(SequenceShapes(sizes={"B": 3, "H": 7, "D": 9, "T": 4}))
    for example, entry in EXAMPLES.items():
        page.choose(entry["shape"], example)
        page.expect_state(made(example, sizes={"B": 3, "H": 7}))
        expect(page.button(WORDS["shapes"][entry["shape"]])).to_have_attribute(
            "aria-pressed", "true"
        )
        assert page.root.locator("[aria-pressed=true]").count() == 1
        expect(page.root.locator(".note")).to_have_text(WORDS["notes"][example])
        choice = page.root.get_by_role("combobox", name="Example", exact=True)
        options = choice.locator("option").all_inner_texts()
        same = [n for n, e in EXAMPLES.items() if e["shape"] == entry["shape"]]
        assert options == [WORDS["examples"][n] for n in same]
        intro = f"{WORDS['intro'][entry['shape']]} {WORDS['go']}"
        expect(page.live).to_have_text(intro)


def test_steps_by_keyboard_and_by_mouse(page_of):
    page = page_of(SequenceShapes())
    page.root.focus()
    keys = page.page.keyboard
    where = page.root.locator(".where")
    for key, text in (
        ("ArrowRight", "Step 1 of 9"), ("ArrowRight", "Step 2 of 9"), ("ArrowLeft", "Step 1 of 9"),
        ("End", "Step 9 of 9"), ("ArrowRight", "Step 9 of 9"), ("Home", "The whole network"),
        ("ArrowLeft", "The whole network"),
    ):  # fmt: skip
        keys.press(key)
        expect(where).to_have_text(text)
    expect(page.button("Previous step")).to_be_disabled()
    page.button("Last step").click()
    expect(page.button("Next step")).to_be_disabled()
    expect(page.root).to_be_focused()  # not lost with the button
    page.button("Previous step").click()
    expect(where).to_have_text("Step 8 of 9")
    page.root.locator(".ground").nth(3).click()
    expect(page.live).to_have_text("Step 4 of 9: reads x₄ “Hermione”, keeps h₄, writes ŷ₄ “1”.")
    keys.press("Control+ArrowRight")
    expect(where).to_have_text("Step 4 of 9")


def test_a_field_keeps_its_keys(page_of):
    page = page_of(SequenceShapes(step=2))
    page.size("H").focus()
    for key in ("Home", "End", "ArrowLeft", "ArrowRight"):
        page.page.keyboard.press(key)
    expect(page.root.locator(".where")).to_have_text("Step 2 of 9")


SAID = [
    ("caption", {"step": 1}, "reads x₁ “photo”, keeps h₁, writes ŷ₁ “a”."),
    ("caption", {"step": 3}, "reads w₂ “cat”, keeps h₃, writes ŷ₃ “on”."),
    ("stars", {"step": 2}, "reads x₂ “is”, keeps h₂, writes nothing."),
    ("names", {"step": 3, "cell": "lstm"}, "reads x₃ “and”, keeps h₃ and c₃, writes ŷ₃ “0”."),
    ("photo", {"step": 1, "cell": "lstm"}, "reads x “photo”, keeps h, writes ŷ “cat”."),
    ("translation", {"step": 5}, ", encoder: reads x₅ “lait”, keeps h₅, writes nothing."),
    ("translation", {"step": 6}, ", decoder: reads w₀ “<bos>”, keeps h′₁, writes ŷ₁ “the”."),
    ("dna", {"step": 12}, "reads x₁₂ “T”, keeps h₁₂, writes ŷ₁₂ “0”."),
]


@pytest.mark.parametrize(("example", "state", "said"), SAID)
def test_what_is_said_of_a_step(page_of, example, state, said):
    page = page_of(made(example, **state))
    expect(page.live).to_contain_text(said)
    expect(page.live).to_contain_text(f"Step {state['step']} of ")


def card(page, kind):
    return page.root.locator(f".deed.{kind} p:not(.title)").all_inner_texts()


def test_the_cards_say_it_with_shapes(page_of):
    page = page_of(made("translation", cell="lstm", step=7))
    before = "what it wrote before, and h′₁ and c′₁ from before"
    assert card(page, "x") == ["w₁ “the”", "(B, D) = (4, 64)", before]
    assert card(page, "h") == ["h′₂ and c′₂", "(B, H) = (4, 16)", "for the next step"]
    assert card(page, "y") == ["ŷ₂ “cat”", "(B, V) = (4, 8000)", "the right answer"]
    page.root.locator(".ground").nth(4).click()
    assert card(page, "h")[2] == "for the decoder: all it gets to know of the input"
    assert card(page, "y") == ["nothing"]
    page.root.locator(".ground").nth(5).click()
    assert card(page, "x")[2] == "the start token, and h₅ and c₅ from before"
    page.button("Last step").click()
    assert card(page, "h")[2] == "and lets go of it"
    page.button("Reset to the start").click()
    assert card(page, "h") == ["h₀ and c₀ = 0", "(B, H) = (4, 16)"]
    page.button("Next step").click()
    assert card(page, "x")[2] == "and h₀ and c₀ from before"


def test_sizes_are_changed_and_bad_ones_are_not_taken(page_of):
    page = page_of(SequenceShapes(step=9))
    sizes = {"B": 2, "D": 7, "H": 5, "V": 3, "T": 11}
    for name, value in sizes.items():
        page.size(name).fill(str(value))
    widget = SequenceShapes(sizes=sizes, step=9)
    page.expect_state(widget)
    for name, value in (("H", "0"), ("D", "4097"), ("B", ""), ("V", "2.5"), ("T", "13")):
        page.size(name).fill(value)
        page.expect_state(widget)
        page.size(name).blur()
        expect(page.size(name)).to_have_value(str(sizes[name]))
    page.size("T").fill("4")
    page.expect_state(SequenceShapes(sizes=sizes | {"T": 4}, step=4))
    for name, most in LARGEST.items():
        if name != "T_y":
            expect(page.size(name)).to_have_attribute("max", str(most))
    expect(page.size("T_y")).to_be_hidden()


def test_a_padded_batch_is_a_grid(page_of):
    page = page_of(made("names", padded=True, step=4))
    rows = page.root.locator(".grid tbody tr")
    expect(rows).to_have_count(3)
    cells = rows.nth(2).locator("td")
    assert cells.locator(".token").all_inner_texts() == ["Ron", "Weasley", "laughed"] + [""] * 6
    expect(cells.nth(3)).to_contain_text("padding")
    expect(rows.nth(1).locator("td").nth(3)).to_contain_text("✓ counts")
    expect(page.root.locator(".grid td[data-padding]")).to_have_count(10)
    expect(page.root.locator(".grid td[data-now]")).to_have_count(3)
    loss = "In the loss: 17 of 27 answers. The other 10 are padding and count 0."
    expect(page.root.locator(".loss")).to_have_text(loss)
    for name in ("B", "T"):
        expect(page.size(name)).to_be_disabled()
    expect(page.size("H")).to_be_enabled()
    page.root.get_by_label(WORDS["padded"]).uncheck()
    expect(page.root.locator(".grid")).to_have_count(0)
    all_of_them = "In the loss: a sum over 36 answers, T × B = 9 × 4."
    expect(page.root.locator(".loss")).to_have_text(all_of_them)


def test_padding_of_the_other_shapes(page_of):
    page = page_of(made("stars", padded=True))
    ticked = page.root.locator(".grid td[data-counts] .token")
    assert ticked.all_inner_texts() == ["movie", "minute", "good"]
    expect(page.root.locator(".loss")).to_contain_text("3 answers, one for each sample")
    page.choose("one-to-many")
    assert page.root.locator(".grid tr:last-child .token").all_inner_texts()[:4] == [
        *("a", "red", "bus", "<eos>"),
    ]
    page.choose("encoder-decoder")
    page.button("Last step").click()
    heads = page.root.locator(".grid .head").all_inner_texts()
    assert heads == ["What is read", "What is to be written"]
    first, second = (page.root.locator(".grid").nth(n) for n in (0, 1))
    expect(first.locator("td[data-padding]")).to_have_count(4)
    expect(first.locator("[data-counts]")).to_have_count(0)
    expect(second.locator("[data-counts]")).to_have_count(13)
    expect(first.locator("td[data-now]")).to_have_count(0)
    expect(second.locator("td[data-now]")).to_have_count(3)
    page.choose("one-to-one")
    expect(page.root.locator(".grids")).to_be_hidden()
    expect(page.root.get_by_label(WORDS["padded"])).to_be_hidden()


def test_on_a_narrow_page_time_runs_down(page_of):
    page = page_of(made("names", padded=True))

    def grounds():
        boxes = [box.bounding_box() for box in page.root.locator(".ground").all()[:2]]
        return [box["x"] for box in boxes], [box["y"] for box in boxes]

    (x1, x2), (y1, y2) = grounds()
    assert (x2 > x1 + 30, y1 == y2) == (True, True)
    expect(page.root.locator(".grid tbody tr")).to_have_count(3)
    page.page.set_viewport_size({"width": 390, "height": 800})
    expect(page.root.locator(".grid tbody tr")).to_have_count(9)
    (x1, x2), (y1, y2) = grounds()
    assert (x1 == x2, y2 > y1 + 30) == (True, True)
    page.expect_state(made("names", padded=True))


# --------------------------------------------------------------------- the address, and a kernel


def address(**state):
    entries = [f"sequence-shapes-1.{n}={quote(v, safe='')}" for n, v in state.items()]
    return "#" + "&".join(entries)


def test_the_address_holds_the_state(page_of):
    text = address(shape="encoder-decoder", example="speech", step="9", sizes='{"H":8}', cell="gru",
                   batch_first="true", padded="true")  # fmt: skip
    page = page_of(SequenceShapes(), fragment=text)
    state = {"step": 9, "sizes": {"H": 8}, "cell": "gru", "batch_first": True, "padded": True}
    page.expect_state(made("speech", **state))
    page.button("Next step").click()
    assert "sequence-shapes-1.step=10" in page.page.url
    page.page.reload()
    page.expect_state(made("speech", **state | {"step": 10}))
    page.page.evaluate(
        "(text) => { location.hash = text; }", address(shape="many-to-one", step="2")
    )
    expect(page.live).to_contain_text("Step 2 of 8")
    page.expect_state(made("stars", step=2))


BAD = {
    "shape": "two", "example": "constructor", "step": "-1", "sizes": '{"H":0}', "cell": "toString",
    "batch_first": "1", "padded": "{",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_an_address_that_does_not_fit_is_left_out(page_of, name):
    page = page_of(SequenceShapes(), fragment=address(**{name: BAD[name]}))
    page.expect_state(SequenceShapes())


@pytest.mark.parametrize("sizes", ["null", "[3]", '{"N":2}', '{"T":13}', '{"B":"4"}', '{"D":1.5}'])
def test_sizes_in_an_address_are_checked(page_of, sizes):
    page_of(SequenceShapes(), fragment=address(sizes=sizes)).expect_state(SequenceShapes())


def test_a_step_beyond_the_last_is_the_last(page_of):
    page_of(SequenceShapes(), fragment=address(step="40")).expect_state(SequenceShapes(step=9))


def test_with_a_kernel_traits_go_both_ways(open_page, tmp_path):
    page = open_with_kernel(
        open_page, tmp_path, module_text("sequence_shapes"), SequenceShapes(step=9).page_state()
    )
    shown = Shapes(page)
    shown.choose("encoder-decoder", "speech")
    shown.size("T").fill("3")
    shown.button("Last step").click()
    saved = page.evaluate("saved.at(-1)")
    widget = SequenceShapes(step=9)
    widget.set_state(saved)
    assert widget.page_state() == saved
    assert (widget.example, widget.sizes, widget.step) == ("speech", {"T": 3}, 7)
    shown.size("T").fill("1")  # the step goes back with the network
    assert page.evaluate("saved.at(-1).step") == 5
    page.evaluate("model.arrive('cell', 'lstm'); model.arrive('step', 2)")
    expect(shown.live).to_contain_text("Step 2 of 5")
    expect(shown.live).to_contain_text("h′₁ and c′₁")
    assert page.evaluate("model.listening()") == 7
    page.evaluate("leave()")
    assert page.evaluate("model.listening()") == 0
    expect(page.locator("main > *")).to_have_count(0)


# ------------------------------------------------------------------------------- for everyone

STATES = {
    "whole": made("names"),
    "lit and padded": made("names", step=4, padded=True),
    "two states": made("translation", cell="lstm", step=7, padded=True, batch_first=True),
    "fed": made("music", step=3, cell="gru"),
    "one answer": made("polarity", step=8, padded=True),
    "no time": made("photo", step=1),
    "large": made("dna", sizes={**LARGEST, "T": 12}, step=12),
}
STATES = {name: widget.to_html() for name, widget in STATES.items()}
each_state = pytest.mark.parametrize("html", STATES.values(), ids=STATES)


@each_state
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(widget_page, theme, html):
    # Two of them, because names and ids must differ.
    page = widget_page(html, html, theme=theme, reduced_motion="reduce")
    Shapes(page).open_table()
    assert_accessible(page)


@each_state
def test_it_fits_a_narrow_page_and_a_finger(page_of, html):
    page = page_of(html)
    page.open_table()
    for width in (1000, 700, 390, 320):
        assert_no_page_scroll(page.page, width)
        drawing = page.root.locator(".unrolled").bounding_box()
        outer = page.root.bounding_box()
        assert drawing["x"] >= outer["x"]
        assert drawing["x"] + drawing["width"] <= outer["x"] + outer["width"]
        sizes = page.root.locator("button, input, select, summary").evaluate_all(
            """(nodes) => nodes.filter((node) => node.checkVisibility()).map((node) => {
                const {width, height} = node.getBoundingClientRect();
                return [width, height, node.outerHTML.slice(0, 120)];
            })"""
        )
        assert len(sizes) >= 12
        assert [entry for entry in sizes if min(entry[:2]) < 24] == []


@each_example
def test_words_stay_in_their_boxes(page_of, example):
    widget = made(example, cell="lstm")
    page = page_of(widget)
    for width in (1000, 390, 320):
        page.page.set_viewport_size({"width": width, "height": 800})
        for name in ("Last step", "Reset to the start"):
            page.button(name).click()
            wide = page.root.locator(".unrolled .box").evaluate_all(
                """(boxes) => boxes.flatMap((box) => {
                    const frame = box.querySelector("rect").getBoundingClientRect();
                    return [...box.querySelectorAll("text")].filter((text) => {
                        const {left, right} = text.getBoundingClientRect();
                        return left < frame.left || right > frame.right;
                    }).map((text) => text.textContent);
                })"""
            )
            assert wide == []
        assert "…" not in page.root.locator(".unrolled").text_content()


def test_nothing_moves(page_of):
    moving = """(root) => [...root.querySelectorAll("*")].filter((node) => {
        const {transitionDuration, animationName} = getComputedStyle(node);
        return animationName !== "none" || transitionDuration.split(", ").some((d) => d !== "0s");
    }).length"""
    assert page_of(SequenceShapes(step=3)).root.evaluate(moving) == 0


def test_colors_follow_the_theme(page_of):
    grounds = {
        page_of(SequenceShapes(), theme=theme).root.evaluate(
            "(root) => getComputedStyle(root).backgroundColor"
        )
        for theme in ("light", "dark")
    }
    assert len(grounds) == 2


def test_it_is_light():
    state = SequenceShapes().to_html()
    assert weight([module_text("sequence_shapes"), style_text("sequence_shapes"), state]) < 20_000


def test_a_language_would_need_no_other_words():
    """Every text of the script comes from the table of strings."""
    source = (SOURCE.parents[1] / "sequence_shapes.js").read_text(encoding="utf-8")
    used = set(re.findall(r"labels\.(?!js)(\w+)", source)) | {"picture", "encoder", "decoder"}
    assert set(WORDS) - used == {"fallback"}
    assert used - set(WORDS) == set()
