"""The gradient flow: its norms and clipping beside PyTorch, in Python and on a page."""

import copy
import json
import math
import re

import ipywidgets
import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from pages import (
    assert_accessible,
    assert_large_enough,
    assert_no_page_scroll,
    assert_not_cut_off,
    data_table,
    follow,
    weight,
)
from playwright.sync_api import expect

from rnn_utils.widgets import GradientFlow
from rnn_utils.widgets.base import module_text, style_text

CELLS = ["rnn", "lstm", "gru"]
SETTINGS = {
    "as it comes": {},
    "relu": {"nonlinearity": "relu", "recurrent": "random", "scale": 1.4, "length": 21},
    "linear": {"nonlinearity": "linear", "scale": 1.3, "length": 40},
    "identity": {"recurrent": "identity", "nonlinearity": "relu", "scale": 1.0, "seed": 9},
    "random": {"recurrent": "random", "scale": 0.8, "seed": 2**32 - 1, "length": 100, "back": 7},
    "gates half open": {"forget_bias": 0.0, "keep_bias": -1.5, "input_scale": 0.3, "clip": 0.05},
    "no inputs": {"scale": 3.0, "input_scale": 0.0, "keep_bias": 0.0, "clip": 100.0},
    "short": {"length": 5, "seed": 0, "clip": 0.01, "recurrent": "random", "scale": 2.0},
    "large inputs": {"input_scale": 3.0, "scale": 0.1, "length": 12, "forget_bias": 8.0},
}
each_setting = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


# -------------------------------------------------------------------------------- in PyTorch


class LinearCell(torch.nn.RNNCell):
    """The plain cell without its tanh."""

    def forward(self, x, h):
        return (
            torch.nn.functional.linear(x, self.weight_ih, self.bias_ih)
            + torch.nn.functional.linear(h, self.weight_hh, self.bias_hh)
        )  # fmt: skip


class OpenLSTMCell(torch.nn.LSTMCell):
    """PyTorch's cell in single operations: its own hides c_t, on the way to h_t, from autograd."""

    def forward(self, x, state):
        h, c = state
        a = torch.nn.functional.linear(x, self.weight_ih, self.bias_ih)
        a = a + torch.nn.functional.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = a.chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        torch.testing.assert_close((h, c), super().forward(x, state), rtol=1e-12, atol=1e-12)
        return h, c


def torch_cell(name, weights, nonlinearity):
    sizes = {"input_size": 4, "hidden_size": 8, "dtype": torch.float64}
    if name == "rnn" and nonlinearity == "linear":
        cell = LinearCell(**sizes)
    elif name == "rnn":
        cell = torch.nn.RNNCell(**sizes, nonlinearity=nonlinearity)
    else:
        cell = {"lstm": OpenLSTMCell, "gru": torch.nn.GRUCell}[name](**sizes)
    cell.load_state_dict({key: torch.tensor(value) for key, value in weights.items()})
    return cell


def norm_of_gradients(module):
    """All of them as one vector: what PyTorch returns when it clips, here to nothing less."""
    return torch.nn.utils.clip_grad_norm_(module.parameters(), math.inf).item()


def torch_stretch(cell, x, old):
    """The largest singular value of the new state's Jacobian by the old one."""

    def step(*old):
        return cell(x, old) if len(old) == 2 else (cell(x, *old),)

    blocks = torch.autograd.functional.jacobian(step, tuple(s.detach() for s in old))
    return torch.linalg.matrix_norm(torch.cat([torch.cat(row, 1) for row in blocks]), 2).item()


def torch_flow(widget):
    """Every number of the data table, {(q, t, k): value}, from PyTorch's autograd."""
    problem, T = widget.problem(), widget.length
    inputs, readout = torch.tensor(problem.inputs), torch.tensor(problem.readout)
    table = {}
    for k, name in enumerate(CELLS):
        cell = torch_cell(name, problem.weights[name], widget.nonlinearity)
        early = copy.deepcopy(cell)  # the same weights for the first half, with their own gradient
        zero = torch.zeros(8, dtype=torch.float64)
        states = [(zero, zero) if name == "lstm" else (zero,)]
        for t, x in enumerate(inputs, start=1):
            old = states[-1]
            module = early if t <= T // 2 else cell
            new = module(x, old) if name == "lstm" else (module(x, *old),)
            for s in new:
                s.retain_grad()
            states.append(new)

            table["jacobian", t, k] = torch_stretch(cell, x, old)
        (readout @ states[-1][0]).backward()
        for t, state in enumerate(states[1:], start=1):
            for q, s in zip(("grad", "grad_c"), state, strict=False):
                table[q, t, k] = s.grad.norm().item()
        early_norm = norm_of_gradients(early)
        for whole, part in zip(cell.parameters(), early.parameters(), strict=True):
            whole.grad += part.grad
        before = torch.nn.utils.clip_grad_norm_(cell.parameters(), widget.clip).item()
        after = norm_of_gradients(cell)
        table |= {
            ("clip_before", T, k): before,
            ("clip_after", T, k): after,
            ("early_before", T, k): early_norm,
            ("early_after", T, k): early_norm * after / before,
        }
    return table


def python_flow(widget):
    """The same table from the widget's own methods."""
    T, norms, jacobians = widget.length, widget.norms(), widget.jacobians()
    table = {("grad_c", t, 1): norms["lstm_c"][t - 1] for t in range(1, T + 1)}
    for k, name in enumerate(CELLS):
        for t in range(1, T + 1):
            table["grad", t, k] = norms[name][t - 1]
            table["jacobian", t, k] = jacobians[name][t - 1]
        quantities = ("clip_before", "clip_after", "early_before", "early_after")
        table |= {
            (q, T, k): value
            for q, value in zip(quantities, widget.clipping()[name], strict=True)
        }  # fmt: skip
    return table


def assert_same_numbers(actual, expected, rtol=1e-10):
    assert actual.keys() == expected.keys(), sorted(actual.keys() ^ expected.keys())[:9]
    keys = list(expected)
    actual, expected = ([table[key] for key in keys] for table in (actual, expected))
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-300)


@each_setting
def test_all_numbers_are_those_of_torch(settings):
    widget = GradientFlow(**settings)
    assert_same_numbers(python_flow(widget), torch_flow(widget))


def test_where_gradients_explode_rounding_errors_do_as_well(widget_page):
    """A gradient says how much a small change grows, be it the rounding of another library."""
    widget = GradientFlow(recurrent="random", scale=4, input_scale=0.1, keep_bias=-1, seed=10)
    largest = max(norms.max() for norms in widget.norms().values())
    assert 1e3 < largest < 1e7
    expected = torch_flow(widget)
    assert_same_numbers(python_flow(widget), expected, rtol=1e-12 * largest)
    assert_same_numbers(Page(widget_page(widget)).table(), expected, rtol=1e-12 * largest)


# ------------------------------------------------------------------------------ what is drawn


def test_blocks_are_what_they_are_called():
    problem = GradientFlow(scale=0.7, seed=3).problem()
    for name, n_blocks in zip(CELLS, (1, 4, 3), strict=True):
        blocks = problem.weights[name]["weight_hh"].reshape(n_blocks, 8, 8)
        for n, block in enumerate(blocks):
            np.testing.assert_allclose(block @ block.T, 0.49 * np.eye(8), atol=1e-14)
            for other in blocks[:n]:
                assert abs(block - other).max() > 0.1
    identity = GradientFlow(scale=0.7, recurrent="identity").problem().weights["gru"]["weight_hh"]
    np.testing.assert_array_equal(identity, 0.7 * np.tile(np.eye(8), (3, 1)))


def test_what_is_drawn_has_the_variance_that_is_promised():
    problems = [
        GradientFlow(recurrent="random", length=100, scale=2, input_scale=3, seed=seed).problem()
        for seed in range(20)
    ]
    blocks = [problem.weights["lstm"]["weight_hh"].reshape(4, 8, 8) for problem in problems]
    np.testing.assert_allclose(np.var(blocks), 4 / 8, rtol=0.05)
    W_ih = [problem.weights["lstm"]["weight_ih"] for problem in problems]
    np.testing.assert_allclose(np.var(W_ih), 1 / 4, rtol=0.05)
    np.testing.assert_allclose(np.var([problem.inputs for problem in problems]), 9, rtol=0.05)
    for drawn in (blocks, W_ih, [problem.inputs for problem in problems]):
        assert abs(np.mean(drawn)) < 0.1 * np.std(drawn)
    radius = abs(np.linalg.eigvals(np.reshape(blocks, (-1, 8, 8)))).max(axis=1).mean()
    largest = np.linalg.norm(np.reshape(blocks, (-1, 8, 8)), 2, axis=(1, 2)).mean()
    assert 0.8 < radius / 2 < 1.2  # as the docstring says
    assert 1.6 < largest / 2 < 2


def test_biases_are_0_but_for_the_gates_that_keep():
    problem = GradientFlow(forget_bias=2.5, keep_bias=-3).problem()
    for name, values in (("rnn", [0]), ("lstm", [0, 2.5, 0, 0]), ("gru", [0, -3, 0])):
        np.testing.assert_array_equal(problem.weights[name]["bias_ih"], np.repeat(values, 8))
        assert not problem.weights[name]["bias_hh"].any()
    np.testing.assert_allclose(np.linalg.norm(problem.readout), 1, rtol=1e-15)


def test_a_longer_sequence_begins_like_a_short_one():
    short, long = (GradientFlow(length=length).problem() for length in (5, 60))
    np.testing.assert_array_equal(short.inputs, long.inputs[:5])
    np.testing.assert_array_equal(short.readout, long.readout)


# --------------------------------------------------------------------------- what is to be seen


@given(
    scale=st.floats(0.1, 0.99),
    nonlinearity=st.sampled_from(["tanh", "relu", "linear"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_below_1_the_rnn_must_shrink_and_the_bound_holds(scale, nonlinearity, seed):
    """Pascanu et al. 2013: s_max(W_hh) < 1 is enough, as no slope is above 1."""
    widget = GradientFlow(scale=scale, nonlinearity=nonlinearity, seed=seed, length=20)
    norms = widget.norms()["rnn"]
    bound = scale ** np.arange(19, -1, -1)
    assert (norms <= bound * (1 + 1e-9)).all()
    if nonlinearity == "linear":
        np.testing.assert_allclose(norms, bound, rtol=1e-9)
    widget.close()


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.1, 2), clip=st.floats(0.01, 100))
def test_no_step_stretches_more_than_its_jacobian_can(seed, scale, clip):
    widget = GradientFlow(seed=seed, scale=scale, recurrent="random", length=12, clip=clip)
    norms, jacobians = widget.norms(), widget.jacobians()
    for name in ("rnn", "gru"):
        assert (norms[name][:-1] <= jacobians[name][1:] * norms[name][1:] * (1 + 1e-9)).all()
    for clipped in widget.clipping().values():
        assert clipped.after <= min(clip, clipped.before)
        np.testing.assert_allclose(
            clipped.early * clipped.after, clipped.early_after * clipped.before
        )
    widget.close()


@pytest.mark.parametrize("seed", range(5))
def test_gates_that_keep_leave_a_gradient_and_gates_that_do_not_leave_none(seed):
    kept, lost = (GradientFlow(seed=seed, forget_bias=b, keep_bias=b).norms() for b in (4, 0))
    assert kept["rnn"][9] < 1e-6
    for name in ("lstm", "lstm_c", "gru"):
        assert kept[name][9] > 0.01
        assert lost[name][9] < 1e-5


# ---------------------------------------------------------------------------- what it takes


def test_everything_is_plain_json_and_as_given():
    state = {
        "scale": 1.5, "recurrent": "random", "nonlinearity": "relu", "forget_bias": 1.0,
        "keep_bias": 2.0, "input_scale": 0.5, "length": 30, "clip": 2.0, "seed": 8, "back": 3,
    }  # fmt: skip
    assert json.loads(json.dumps(GradientFlow(**state).page_state())) == state
    assert GradientFlow(scale=np.float64(2), length=np.int64(9)).page_state()["length"] == 9


BAD = {
    "scale": [0.09, 4.1, float("nan"), "1"],
    "forget_bias": [-4.5, 9, None],
    "keep_bias": [-5, float("inf")],
    "input_scale": [-0.1, 3.5],
    "clip": [0, 101],
    "length": [4, 101, 20.5, True],
    "seed": [-1, 2**32, "1"],
    "back": [-1, 100, 0.5],
    "recurrent": ["sparse", 1],
    "nonlinearity": ["sigmoid", None],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_what_does_not_fit_is_refused(name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got {value!r}$"):
        GradientFlow(**{name: value})
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got True$"):
        GradientFlow(**{name: True})
    widget = GradientFlow()
    before = widget.page_state()
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(widget, name, value)
    assert widget.page_state() == before


def test_numbers_follow_the_traits():
    widget = GradientFlow(length=9)
    widget.scale, widget.nonlinearity = 2, "linear"
    np.testing.assert_allclose(widget.norms()["rnn"], 2.0 ** np.arange(8, -1, -1))


def test_repr():
    text = "recurrent='orthogonal', nonlinearity='tanh', length=50, seed=1)"
    assert repr(GradientFlow()) == f"GradientFlow(scale=0.9, {text}"


def test_the_table_for_pages_without_scripts():
    widget = GradientFlow(length=25)
    html = widget.to_html()
    cells = re.findall(r"<td>(.*?)</td>", html[html.index("<table>") :])
    norms = widget.norms()
    assert cells == [
        text
        for t in (25, 15, 5, 1)
        for text in (
            str(t),
            *(f"{norms[name][t - 1]:.1e}" for name in ("rnn", "lstm", "lstm_c", "gru")),
        )
    ]


# -------------------------------------------------------------------------------- on a page


class Page:
    """A gradient flow on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=gradient-flow-{number}] .gradient-flow")
        self.live = self.root.locator("[aria-live=polite]")
        self.caption = self.root.locator(".readout caption")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def slide(self, name, value):
        self.root.get_by_label(name, exact=True).fill(str(value))

    def table(self):
        """The data table: {(q, t, k): value}."""
        return data_table(self.root)

    def expect_step(self, t, back):
        expect(self.caption).to_have_text(f"Step {t}, {back} steps back from the loss")


@pytest.fixture
def flow(widget_page):
    return Page(widget_page(GradientFlow()))


@each_setting
def test_numbers_on_the_page_are_those_of_python(widget_page, settings):
    widget = GradientFlow(**settings)
    assert_same_numbers(Page(widget_page(widget)).table(), python_flow(widget))


def test_numbers_on_the_page_are_those_of_torch(flow):
    assert_same_numbers(flow.table(), torch_flow(GradientFlow()))


def test_largest_singular_values_are_those_of_numpy(browser):
    """Also where Householder's reflections and the bisection have nothing to do."""
    rng = np.random.default_rng(5)
    q, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    matrices = [
        rng.normal(size=(16, 16)), rng.normal(size=(16, 16)) * 1e-9, q, np.eye(8),
        np.zeros((8, 8)), np.ones((8, 8)), np.diag([1.0, 5, 0, 0, -7, 2, 3, 4]),
        q @ np.diag([1, 1 - 1e-9, 1 - 1e-8, 0.5, 0.1, 0, 0, 0]) @ q.T, [[3.0]], [[1.0, 2], [3, 4]],
        np.outer(rng.normal(size=8), rng.normal(size=8)), np.tri(8), np.eye(8, k=1),
    ]  # fmt: skip
    text = module_text("gradient_flow").replace(
        "export default {", "export { largestSingularValue }; export default {"
    )
    page = browser.new_page()
    values = page.evaluate(
        """async ([source, matrices]) => {
            const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
            const { largestSingularValue } = await import(url);
            return matrices.map(largestSingularValue);
        }""",
        [text, [np.asarray(matrix).tolist() for matrix in matrices]],
    )
    page.close()
    expected = [np.linalg.norm(matrix, 2) for matrix in matrices]
    np.testing.assert_allclose(values, expected, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize(
    ("label", "trait", "value"),
    [
        ("recurrent weights ×", "scale", 1.25),
        ("LSTM forget bias", "forget_bias", -1.5),
        ("GRU keep bias", "keep_bias", 0.5),
        ("inputs ×", "input_scale", 0.2),
        ("steps T", "length", 31),
        ("Clip to norm τ", "clip", 0.5),
        ("seed", "seed", 77),
    ],
)
def test_a_setting_is_taken(flow, label, trait, value):
    flow.slide(label, value)
    assert_same_numbers(flow.table(), python_flow(GradientFlow(**{trait: value})))
    flow.page.wait_for_function(
        "(text) => location.hash.includes(text)", arg=f"gradient-flow-1.{trait}={value}"
    )


@pytest.mark.parametrize(
    ("label", "trait", "value"),
    [("recurrent blocks", "recurrent", "random"), ("φ of the RNN", "nonlinearity", "linear")],
)
def test_a_choice_is_taken(flow, label, trait, value):
    flow.root.get_by_label(label).select_option(value)
    assert_same_numbers(flow.table(), python_flow(GradientFlow(**{trait: value})))


@pytest.mark.parametrize(("label", "bad"), [("Clip to norm τ", "0"), ("seed", "1.5")])
def test_a_number_that_does_not_fit_is_not_taken(flow, label, bad):
    field = flow.root.get_by_label(label)
    before = field.input_value()
    field.fill(bad)
    flow.button("Explode").focus()
    expect(field).to_have_value(before)
    assert_same_numbers(flow.table(), python_flow(GradientFlow()))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Vanish", {}),
        ("Explode", {"scale": 1.3, "nonlinearity": "linear"}),
        ("Keep", {"scale": 1.0, "nonlinearity": "linear", "forget_bias": 8, "keep_bias": 8}),
        ("Gates half open", {"forget_bias": 0, "keep_bias": 0}),
        ("Gates explode, too", {"scale": 3, "input_scale": 0, "keep_bias": 0}),
    ],
)
def test_something_to_try(widget_page, name, state):
    flow = Page(widget_page(GradientFlow(scale=0.3, forget_bias=1, keep_bias=1, input_scale=2)))
    expect(flow.root.locator("button[aria-pressed=true]")).to_have_count(0)
    flow.button(name).click()
    expect(flow.root.locator("button[aria-pressed=true]")).to_have_text([name])
    widget = GradientFlow(**state)
    assert_same_numbers(flow.table(), python_flow(widget))
    norms = {cell: values[9] for cell, values in widget.norms().items()}
    if name == "Explode":
        assert norms["rnn"] > 1e4
        assert norms["gru"] < 1
    if name == "Keep":
        np.testing.assert_allclose(norms["rnn"], 1, rtol=1e-9)
    if name == "Gates half open":
        assert max(norms.values()) < 1e-5
    if name == "Gates explode, too":
        assert min(norms.values()) > 30


def test_it_is_said_in_words(flow):
    text = (
        "40 steps back: in the RNN the gradient has vanished (× 3.4·10⁻¹¹), in the LSTM it has "
        "shrunk (× 0.098), with × 0.14 for its cell state c, and in the GRU it has shrunk (× 0.25)."
    )
    expect(flow.live).to_have_text(text.replace("× ", "×\u00a0"))
    flow.button("Explode").click()
    expect(flow.live).to_contain_text("in the RNN the gradient has exploded (×\u00a03.6·10⁴)")
    flow.button("Keep").click()
    expect(flow.live).to_contain_text("the gradient has about its first size (×\u00a01.0)")
    flow.root.focus()
    flow.page.keyboard.press("End")
    expect(flow.live).to_contain_text("its norm is 1 in all three cells")


def test_a_gradient_that_is_gone_is_called_so(widget_page):
    """Units of a ReLU that are off let nothing back."""
    widget = GradientFlow(nonlinearity="relu", scale=0.5, length=100, back=99, seed=8)
    assert widget.norms()["rnn"][0] == 0
    flow = Page(widget_page(widget))
    expect(flow.live).to_contain_text("in the RNN the gradient is gone (×\u00a00)")
    assert_same_numbers(flow.table(), python_flow(widget))


def test_keys_walk_along_the_steps(flow):
    flow.root.focus()
    flow.expect_step(10, 40)
    for key, t in (
        ("ArrowLeft", 9), ("ArrowRight", 10), ("ArrowRight", 11), ("Home", 1), ("ArrowLeft", 1),
        ("End", 50), ("ArrowRight", 50), ("ArrowLeft", 49),
    ):  # fmt: skip
        flow.page.keyboard.press(key)
        flow.expect_step(t, 50 - t)
    flow.page.wait_for_function("() => location.hash.includes('back=1')")
    flow.root.get_by_label("LSTM forget bias").focus()
    flow.page.keyboard.press("ArrowRight")  # a slider keeps its keys
    flow.expect_step(49, 1)
    assert_same_numbers(flow.table(), python_flow(GradientFlow(forget_bias=4.5)))


def test_buttons_walk_along_the_steps(flow):
    flow.button("One step further back").click()
    flow.expect_step(9, 41)
    flow.button("One step nearer to the loss").click()
    flow.button("One step nearer to the loss").click()
    flow.expect_step(11, 39)
    flow.root.focus()
    flow.page.keyboard.press("Home")
    expect(flow.button("One step further back")).to_be_disabled()
    flow.page.keyboard.press("End")
    expect(flow.button("One step nearer to the loss")).to_be_disabled()


def test_the_mouse_picks_a_step(flow):
    chart = flow.root.locator(".flow-chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    left, right = box["x"] + 64, box["x"] + box["width"] - 46
    at = {t: left + (right - left) * (t - 1) / 49 for t in (1, 25, 33)}
    flow.page.mouse.move(at[25], box["y"] + 100)
    flow.page.mouse.down()
    flow.expect_step(25, 25)
    flow.page.mouse.move(at[33], box["y"] + 150)
    flow.expect_step(33, 17)
    flow.page.mouse.move(box["x"] + 1, box["y"] + 150)
    flow.expect_step(1, 49)
    flow.page.mouse.up()
    flow.page.mouse.move(at[25], box["y"] + 100)
    flow.expect_step(1, 49)


def test_the_readout_tells_what_a_step_does(flow):
    norms, jacobians = (f() for f in (GradientFlow().norms, GradientFlow().jacobians))
    rows = flow.root.locator(".readout tbody tr")
    for n, name in enumerate(("rnn", "lstm", "lstm_c", "gru")):
        cells = rows.nth(n).locator("td").all_text_contents()
        mean = (norms[name][9] / norms[name][-1]) ** (1 / 40)
        assert cells[1] == f"{mean:.3f}"
        assert cells[2] == ("" if name == "lstm_c" else f"{jacobians[name][9]:.3f}")
    assert rows.nth(0).locator("td").first.text_content() == "3.4·10⁻¹¹"


def test_the_lines_are_the_logarithms_of_the_norms(flow):
    """The axis goes from 10⁻¹⁶ to 10, over 242 pixels."""
    for name, norms in GradientFlow().norms().items():
        line = flow.root.locator(f".flow-chart .line.{name}").get_attribute("d")
        heights = [float(point.split()[1]) for point in line.removeprefix("M").split("L")]
        expected = 320 - 44 - 242 * (np.log10(norms) + 16) / 17
        np.testing.assert_allclose(heights, expected, atol=0.06)
    names = flow.root.locator(".flow-chart text.name").evaluate_all(
        "(texts) => texts.map((text) => text.getBoundingClientRect().y)"
    )
    assert min(np.diff(sorted(names))) > 14


def test_clipping_is_told(flow):
    clipping = GradientFlow().clipping()
    rows = flow.root.locator(".clipping tbody tr")
    for n, name in enumerate(CELLS):
        before, after, early, early_after = clipping[name]
        cells = rows.nth(n).locator("td").all_text_contents()
        assert cells[0] == f"{before:.2g}"
        assert float(cells[1]) == pytest.approx(after / before, rel=0.05)
        assert float(cells[2]) == pytest.approx(after, rel=0.05)
        np.testing.assert_allclose(early / before, early_after / after)
    expect(rows.first.locator("td").last).to_have_text("3.1·10⁻⁷")
    says = flow.root.locator(".clipping > p").last
    expect(says).to_contain_text("Clipping shortens RNN and LSTM.")
    flow.slide("Clip to norm τ", 0.5)
    expect(says).to_contain_text("Clipping shortens RNN, LSTM and GRU.")
    flow.slide("Clip to norm τ", 3)
    expect(says).to_contain_text("Clipping shortens LSTM.")
    flow.slide("Clip to norm τ", 50)
    expect(says).to_have_text("No gradient is longer than τ, so clipping changes nothing.")


def test_a_link_sets_the_state(widget_page):
    key = "gradient-flow-1"
    link = f"#{key}.scale=1.5&{key}.recurrent=random&{key}.length=200&{key}.back=3&{key}.seed=x"
    text = f'<p><a href="#{key}.nonlinearity=linear">linear</a></p>'
    flow = Page(widget_page(GradientFlow(length=20), text, fragment=link))
    assert_same_numbers(
        flow.table(), python_flow(GradientFlow(length=20, scale=1.5, recurrent="random"))
    )
    flow.expect_step(17, 3)
    follow(flow.page, "linear")
    expected = python_flow(GradientFlow(length=20, nonlinearity="linear"))
    assert_same_numbers(flow.table(), expected)


def test_a_short_sequence_shows_its_first_step(flow):
    flow.slide("steps T", 8)
    flow.expect_step(1, 7)
    flow.slide("steps T", 60)
    flow.expect_step(20, 40)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["Vanish", "Gates explode, too"])
def test_everyone_can_read_it(widget_page, theme, name):
    flow = Page(widget_page(GradientFlow(length=12), theme=theme))
    flow.button(name).click()
    flow.table()
    assert_accessible(flow.page)


@pytest.mark.parametrize("width", [320, 390, 700, 1280])
def test_it_fits_the_page(widget_page, width):
    page = widget_page(GradientFlow(), GradientFlow(scale=4, recurrent="random", input_scale=0))
    for number in (1, 2):
        Page(page, number).table()
    assert_no_page_scroll(page, width)
    assert_large_enough(page.locator("main"))
    assert_not_cut_off(page.locator(".gradient-flow svg:not(.swatch) text"))
    # Pictures are drawn for the width they have, so that their letters keep their size.
    for chart in page.locator(".flow-chart, .clip-chart").all():
        drawn, shown = chart.evaluate("(c) => [+c.getAttribute('width'), c.clientWidth]")
        assert abs(drawn - shown) <= 1


def test_two_on_a_page_do_not_mix(widget_page):
    page = widget_page(GradientFlow(), GradientFlow(seed=8))
    Page(page, 2).button("Explode").click()
    assert_same_numbers(Page(page, 1).table(), python_flow(GradientFlow()))
    expected = python_flow(GradientFlow(seed=8, scale=1.3, nonlinearity="linear"))
    assert_same_numbers(Page(page, 2).table(), expected)


def test_linked_flows_go_together(widget_page):
    widgets = GradientFlow(), GradientFlow(seed=2)
    link = ipywidgets.jslink((widgets[0], "scale"), (widgets[1], "scale"))
    page = widget_page(*widgets)
    link.close()
    Page(page, 1).slide("recurrent weights ×", 0.5)
    assert_same_numbers(Page(page, 2).table(), python_flow(GradientFlow(seed=2, scale=0.5)))


def test_it_is_light():
    """Scripts and styles, as a server sends them; the state adds about a kilobyte."""
    assert weight([module_text("gradient_flow"), style_text("gradient_flow")]) < 19_000
    assert weight([GradientFlow().to_html()]) < 1_000
