"""The phase portrait: its dynamics beside NumPy and SciPy, and how it is used on a page."""

import json
import re

import ipywidgets
import numpy as np
import pytest
import scipy.optimize
import traitlets
from pages import (
    assert_accessible,
    assert_large_enough,
    assert_no_page_scroll,
    data_table,
    follow,
    load_module,
    weight,
)
from playwright.sync_api import expect

from rnn_utils.cells import RNNCell
from rnn_utils.widgets import PhasePortrait
from rnn_utils.widgets.base import FOLDER, module_text, style_text
from rnn_utils.widgets.bundle import bundle
from rnn_utils.widgets.phase_portrait import PRESETS

FOUND = {  # kinds of the points of each preset, from the left to the right
    "one-memory": ["stable"],
    "two-memories": ["stable", "saddle", "stable"],
    "four-memories": [
        "stable", "saddle", "stable", "saddle", "unstable", "saddle", "stable", "saddle", "stable",
    ],
    "spiral": ["stable"],
    "cycle": ["unstable"],
    "forgets-slowly": ["stable"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


def drawn_systems(count, nonlinearity="tanh", seed=4):
    rng = np.random.default_rng(seed)
    return [
        {
            "weight_hh": rng.uniform(-3, 3, (2, 2)).tolist(),
            "bias": (rng.uniform(-1, 1, 2) * (n % 2)).tolist(),
            "nonlinearity": nonlinearity,
        }
        for n in range(count)
    ]


def f(system, h):
    """One step in plain NumPy."""
    a = np.array(system["weight_hh"]) @ h + system["bias"]
    return {"tanh": np.tanh(a), "linear": a, "relu": np.maximum(a, 0)}[system["nonlinearity"]]


def roots(system, n_starts=400):
    """Fixed points by SciPy from many starts, from the left to the right."""
    found = []
    for start in np.random.default_rng(0).uniform(-1.1, 1.1, (n_starts, 2)):
        answer = scipy.optimize.root(lambda h: f(system, h) - h, start, tol=1e-13)
        if abs(answer.fun).max() < 1e-10 and all(np.hypot(*(answer.x - h)) > 1e-4 for h in found):
            found.append(answer.x)
    return np.array(sorted(found, key=lambda h: (round(h[0], 6), h[1]))).reshape(-1, 2)


def in_order(points):
    return np.array(sorted(points, key=lambda h: (round(h[0], 6), h[1]))).reshape(-1, 2)


# ------------------------------------------------------------------------------- in Python


@pytest.mark.parametrize("name", PRESETS)
def test_presets_show_what_they_are_called(name):
    widget = PhasePortrait.from_preset(name)
    points = widget.fixed_points()
    assert [point.kind for point in points] == FOUND[name]
    path = widget.trajectory()
    sizes = np.hypot(*path.T)
    if name in ("one-memory", "spiral"):
        assert sizes[-1] < 0.1 < sizes[0]
    if name == "two-memories":
        assert PhasePortrait.from_preset(name, start=(-0.1, 0.8)).trajectory()[-1][0] < -0.9
        assert path[-1][0] > 0.9
    if name == "cycle":
        later = np.hypot(*PhasePortrait.from_preset(name, steps=200).trajectory()[-100:].T)
        assert later.min() > 0.7
    if name == "forgets-slowly":
        assert path[-1][0] > 0.05
        assert abs(path[20][1]) < 1e-4


def test_the_path_is_that_of_the_cell():
    for system in drawn_systems(6) + drawn_systems(6, "relu"):
        widget = PhasePortrait(**system, start=(0.5, -0.25), steps=30)
        cell = RNNCell(1, 2, nonlinearity=system["nonlinearity"])
        cell.weight_ih, cell.weight_hh = np.zeros((2, 1)), np.array(system["weight_hh"])
        cell.bias_ih, cell.bias_hh = np.array(system["bias"]), np.zeros(2)
        h = np.array([0.5, -0.25])
        for got in widget.trajectory():
            np.testing.assert_allclose(got, h, rtol=1e-9)
            h = cell.step(np.zeros(1), h).h


@pytest.mark.parametrize("nonlinearity", ["tanh", "linear", "relu"])
def test_fixed_points_are_those_of_scipy(nonlinearity):
    systems = drawn_systems(12, nonlinearity)
    if nonlinearity == "tanh":
        systems += [{k: PRESETS[n][k] for k in systems[0]} for n in PRESETS]
    for system in systems:
        points = PhasePortrait(**system).fixed_points()
        for h, values, radius, _ in points:
            assert abs(f(system, h) - h).max() < 1e-10 * max(1, abs(h).max())
            slope = 1 - h**2 if nonlinearity == "tanh" else np.ones(2)
            if nonlinearity == "relu":
                slope = (h > 0) * 1.0
            expected = np.linalg.eigvals(slope[:, None] * np.array(system["weight_hh"]))
            np.testing.assert_allclose(np.sort_complex(values), np.sort_complex(expected))
            assert radius == max(abs(values))
        ours = in_order([point.h for point in points])
        theirs = roots(system)
        if nonlinearity != "tanh":  # far outside they are hard to find from within
            ours = in_order([h for h in ours if any(np.hypot(*(h - r)) < 1e-3 for r in theirs)])
        assert ours.shape == theirs.shape, system
        np.testing.assert_allclose(ours, theirs, atol=1e-7)


def test_a_line_that_stands_still_is_not_taken_for_points():
    W = ((1, 0), (0, 1))
    assert PhasePortrait(W, nonlinearity="linear").fixed_points() == []
    [zero] = PhasePortrait(W).fixed_points()  # with tanh only 0 stays
    np.testing.assert_allclose(zero.h, 0, atol=1e-4)
    assert PhasePortrait(((0, -1), (1, 0)), nonlinearity="linear").fixed_points()[0].kind == (
        "neutral"
    )


def test_everything_is_plain_json_and_as_given():
    state = {
        "weight_hh": [[1.0, 2.0], [-3.0, 0.5]], "bias": [0.5, -0.5], "nonlinearity": "relu",
        "start": [0.0, 1.0], "steps": 9, "step": 4,
    }  # fmt: skip
    assert json.loads(json.dumps(PhasePortrait(**state).page_state())) == state
    assert PhasePortrait(np.eye(2), np.zeros(2)).weight_hh == [[1, 0], [0, 1]]
    assert PhasePortrait().page_state() == {
        "weight_hh": [[1.2, -0.6], [0.6, 1.2]], "bias": [0, 0], "nonlinearity": "tanh",
        "start": [0.8, 0.1], "steps": 40, "step": 40,
    }  # fmt: skip
    assert PhasePortrait(preset="spiral", steps=5).steps == 5


BAD = [
    ("weight_hh", [[1, 2]], "weight_hh must be two rows of two numbers"),
    ("weight_hh", [[1, 2], [3]], r"weight_hh\[1\] must be two numbers"),
    ("weight_hh", [[1, 3.1], [0, 0]], r"weight_hh\[0\]\[1\] must be a number from -3 to 3"),
    ("weight_hh", [[1, float("nan")], [0, 0]], "weight_hh"),
    ("bias", [0, "1"], r"bias\[1\] must be a number from -2 to 2, got '1'"),
    ("start", [0, True], r"start\[1\] must be a number from -1 to 1"),
    ("start", [2, 0], r"start\[0\]"),
    ("nonlinearity", "sigmoid", "nonlinearity must be one of tanh, linear, relu"),
    ("steps", 0, "steps must be an integer >= 1"),
    ("steps", 201, "steps must be at most 200"),
    ("step", -1, "step must be an integer >= 0"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_what_does_not_fit_is_refused(name, value, message):
    with pytest.raises(ValueError, match=message):
        PhasePortrait(**{name: value})
    widget = PhasePortrait()
    before = widget.page_state()
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(widget, name, value)
    assert widget.page_state() == before


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValueError, match=r"name must be one of one-memory, .*, got 'spin'"):
        PhasePortrait.from_preset("spin")
    with pytest.raises(ValueError, match="preset must be one of"):
        PhasePortrait(preset="spin")


def test_the_table_for_pages_without_scripts():
    html = PhasePortrait(steps=12).to_html()
    cells = re.findall(r"<td>(.*?)</td>", html[html.index("<table>") :])
    path = PhasePortrait(steps=12).trajectory()
    expected = [text for t in (0, 5, 10, 12) for text in (str(t), *(f"{v:.4f}" for v in path[t]))]
    assert cells == [*expected, "unstable", "0.0000", "0.0000"]


# ------------------------------------------------------------------ the arithmetic of the page


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of dynamics.js: ``js("eigenvalues", [[1, 2], [3, 4]])``."""
    source = bundle(FOLDER / "lib" / "dynamics.js")
    names = "nextState, trajectory, jacobian, eigenvalues, kindOf, fixedPoints, spectralRadius"
    page = browser.new_page()
    load_module(page, f"{source}\nexport {{ {names} }};", "dynamics")
    yield lambda name, *values: page.evaluate(
        "([name, values]) => dynamics[name](...values)", [name, list(values)]
    )
    page.close()


def test_eigenvalues_are_those_of_numpy(js):
    rng = np.random.default_rng(3)
    matrices = [*rng.uniform(-3, 3, (30, 2, 2)), np.eye(2), np.zeros((2, 2)), [[0, -1], [1, 0]]]
    matrices += [np.array([[1e8, 1.0], [1.0, 1e-8]]), np.array([[-2.0, 1.0], [1.0, -2.0]])]
    for matrix in matrices:
        values = [complex(v["re"], v["im"]) for v in js("eigenvalues", np.array(matrix).tolist())]
        expected = np.linalg.eigvals(np.array(matrix)).astype(complex)
        np.testing.assert_allclose(
            np.sort_complex(values), np.sort_complex(expected), rtol=1e-10, atol=1e-8 * 1e-4
        )
        radius = js("spectralRadius", np.array(matrix).tolist())
        np.testing.assert_allclose(radius, abs(expected).max(), rtol=1e-10)


@pytest.mark.parametrize("nonlinearity", ["tanh", "linear", "relu"])
def test_the_page_computes_what_python_does(js, nonlinearity):
    for system in drawn_systems(15, nonlinearity, seed=8):
        widget = PhasePortrait(**system, start=(0.3, -0.7), steps=20)
        path = widget.trajectory()
        np.testing.assert_allclose(js("trajectory", system, [0.3, -0.7], 20), path, rtol=1e-9)
        np.testing.assert_allclose(
            js("jacobian", system, [0.3, -0.7]), widget.jacobian([0.3, -0.7]), rtol=1e-12
        )
        ours, theirs = js("fixedPoints", system), widget.fixed_points()
        assert [point["kind"] for point in ours] == [point.kind for point in theirs]
        for one, other in zip(ours, theirs, strict=True):
            h = np.array(one["h"])
            assert abs(f(system, h) - h).max() < 1e-10 * max(1, abs(h).max())
            np.testing.assert_allclose(h, other.h, rtol=1e-9, atol=1e-10)
            values = [complex(v["re"], v["im"]) for v in one["eigenvalues"]]
            np.testing.assert_allclose(values, other.eigenvalues, rtol=1e-8, atol=1e-9)


# -------------------------------------------------------------------------------- on a page


class Page:
    """A phase portrait on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=phase-portrait-{number}] .phase-portrait")
        self.live = self.root.locator(".live")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def field(self, name):
        return self.root.get_by_label(name, exact=True)

    def table(self):
        """The data table: {(q, t, k): value}."""
        return data_table(self.root)


def python_table(widget):
    """The same from Python."""
    table = {("h", t, k): v for t, h in enumerate(widget.trajectory()) for k, v in enumerate(h)}
    for n, point in enumerate(widget.fixed_points(), start=1):
        for k in (0, 1):
            table["fixed", n, k] = point.h[k]
            table["eigenvalue_re", n, k] = point.eigenvalues[k].real
            table["eigenvalue_im", n, k] = point.eigenvalues[k].imag
    return table


def assert_shows(page, widget):
    table, expected = page.table(), python_table(widget)
    assert table.keys() == expected.keys()
    np.testing.assert_allclose(
        [table[key] for key in expected], list(expected.values()), rtol=1e-9, atol=1e-10
    )


@pytest.fixture
def plane(widget_page):
    return Page(widget_page(PhasePortrait()))


TITLES = {
    "one-memory": "One memory", "two-memories": "Two memories", "four-memories": "Four memories",
    "spiral": "Spiral", "cycle": "Cycle", "forgets-slowly": "Forgets slowly",
}  # fmt: skip


def test_something_to_try(plane):
    for name, title in TITLES.items():
        plane.button(title).click()
        expect(plane.root.locator("button[aria-pressed=true]")).to_have_text([title])
        widget = PhasePortrait.from_preset(name)
        assert_shows(plane, widget)
        marks = plane.root.locator(".state-plane .mark")
        kinds = [mark.get_attribute("class").split()[1] for mark in marks.all()]
        assert kinds == FOUND[name]


@pytest.mark.parametrize("kind", ["", " as a number"])
@pytest.mark.parametrize(
    ("name", "trait", "value"),
    [
        ("W_hh[0, 0]", "weight_hh", [[0.5, -0.6], [0.6, 1.2]]),
        ("W_hh[0, 1]", "weight_hh", [[1.2, 0.5], [0.6, 1.2]]),
        ("W_hh[1, 0]", "weight_hh", [[1.2, -0.6], [0.5, 1.2]]),
        ("W_hh[1, 1]", "weight_hh", [[1.2, -0.6], [0.6, 0.5]]),
        ("b[1]", "bias", [0, 0.5]),
        ("h_0[0]", "start", [0.5, 0.1]),
    ],
)
def test_a_number_is_taken(plane, kind, name, trait, value):
    plane.field(name + kind).fill("0.5")
    assert_shows(plane, PhasePortrait(**{trait: value}))
    plane.page.wait_for_function(
        "(trait) => location.hash.includes(`phase-portrait-1.${trait}=`)", arg=trait
    )


def test_a_number_that_does_not_fit_is_not_taken(plane):
    field = plane.field("W_hh[0, 0] as a number")
    field.fill("7")
    plane.button("Cycle").focus()
    expect(field).to_have_value("1.2")
    assert_shows(plane, PhasePortrait())


@pytest.mark.parametrize("nonlinearity", ["linear", "relu"])
def test_another_activation(plane, nonlinearity):
    plane.field("activation φ").select_option(nonlinearity)
    assert_shows(plane, PhasePortrait(nonlinearity=nonlinearity))
    expect(plane.live).to_contain_text("outside of the picture" if nonlinearity == "linear" else "")


def test_a_tip_is_dragged(plane):
    tip = plane.root.locator(".tip.c1")
    tip.scroll_into_view_if_needed()
    box = tip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    unit = 200 / 2 / (3 * 1.12)
    plane.page.mouse.move(x, y)
    plane.page.mouse.down()
    plane.page.mouse.move(x + unit, y + unit / 2, steps=4)  # by (1, -0.5)
    plane.page.mouse.up()
    values = [float(plane.field(f"W_hh[{k}, 1]").input_value()) for k in (0, 1)]
    np.testing.assert_allclose(values, [0.4, 0.7], atol=0.03)
    assert_shows(plane, PhasePortrait([[1.2, values[0]], [0.6, values[1]]]))
    plane.page.mouse.move(x, y)  # let go
    assert float(plane.field("W_hh[0, 1]").input_value()) == values[0]


def test_a_click_starts_there(plane):
    ground = plane.root.locator(".state-plane .ground")
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    plane.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.4 * box["height"])
    values = [float(plane.field(f"h_0[{k}]").input_value()) for k in (0, 1)]
    np.testing.assert_allclose(values, [-0.5, 0.2], atol=0.011)
    assert_shows(plane, PhasePortrait(start=values))


def test_keys_and_buttons_walk_along_the_path(plane):
    plane.root.focus()
    for key, t in (
        ("ArrowLeft", 39), ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", 40),
        ("ArrowRight", 40),
    ):  # fmt: skip
        plane.page.keyboard.press(key)
        expect(plane.live).to_contain_text(f"Step {t} of 40")
    plane.button("Previous step").click()
    expect(plane.live).to_contain_text("Step 39 of 40")
    plane.button("Back to the start").click()
    expect(plane.live).to_have_text(
        "Step 0 of 40: h = (0.800, 0.100). 1 point stands still: unstable."
    )
    plane.button("Next step").click()
    plane.field("W_hh[0, 0]").focus()
    plane.page.keyboard.press("ArrowRight")  # a slider keeps its keys
    expect(plane.live).to_contain_text("Step 1 of 40")
    plane.field("Step").fill("7")
    expect(plane.live).to_contain_text("Step 7 of 40")


def test_it_plays_to_the_end(widget_page):
    plane = Page(widget_page(PhasePortrait(steps=4, step=1)))
    plane.button("Play").click()
    expect(plane.button("Pause")).to_be_visible()
    expect(plane.live).to_contain_text("Step 4 of 4")
    expect(plane.button("Play")).to_be_visible()
    plane.button("Play").click()  # from the start again
    expect(plane.live).to_contain_text(re.compile("Step [012] of 4"))
    plane.button("Pause").click()
    expect(plane.live).to_have_attribute("aria-live", "polite")


def test_a_point_is_described(widget_page):
    plane = Page(widget_page(PhasePortrait.from_preset("two-memories")))
    expect(plane.live).to_contain_text("3 points stand still: 2 stable, 1 saddle.")
    rows = plane.root.locator(".points tbody tr")
    assert rows.nth(1).locator("td").all_text_contents()[1:] == [
        "(0.000, 0.000)", "2.000, 0.500", "2.000", "saddle",
    ]  # fmt: skip
    plane.button("Spiral").click()
    expect(rows.first).to_contain_text("0.950 ± 0.250 i, turns 15° a step")


def test_a_link_sets_the_state(widget_page):
    key = "phase-portrait-1"
    link = f"#{key}.weight_hh=[[2,0],[0,9]]&{key}.start=[-0.5,0.5]&{key}.steps=7&{key}.step=3"
    text = f'<p><a href="#{key}.weight_hh=[[2,0],[0,0.5]]">latch</a></p>'
    plane = Page(widget_page(PhasePortrait(), text, fragment=link))
    assert_shows(plane, PhasePortrait(start=(-0.5, 0.5), steps=7))
    expect(plane.live).to_contain_text("Step 3 of 7")
    follow(plane.page, "latch")
    assert_shows(plane, PhasePortrait([[2, 0], [0, 0.5]]))


def test_linked_portraits_go_together(widget_page):
    widgets = PhasePortrait(), PhasePortrait(start=(-0.5, 0.5))
    link = ipywidgets.jslink((widgets[0], "weight_hh"), (widgets[1], "weight_hh"))
    page = widget_page(*widgets)
    link.close()
    Page(page, 2).field("W_hh[0, 0]").fill("0.3")
    W = [[0.3, -0.6], [0.6, 1.2]]
    assert_shows(Page(page, 1), PhasePortrait(W))
    assert_shows(Page(page, 2), PhasePortrait(W, start=(-0.5, 0.5)))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("preset", ["cycle", "four-memories"])
def test_everyone_can_read_it(widget_page, theme, preset):
    plane = Page(widget_page(PhasePortrait.from_preset(preset), theme=theme))
    plane.table()
    assert_accessible(plane.page)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_page(widget_page, width):
    page = widget_page(
        PhasePortrait.from_preset("four-memories"), PhasePortrait(nonlinearity="linear")
    )
    for number in (1, 2):
        Page(page, number).table()
    assert_no_page_scroll(page, width)
    assert_large_enough(page.locator("main"))


def test_it_is_light():
    """Scripts and styles, as a server sends them."""
    assert weight([module_text("phase_portrait"), style_text("phase_portrait")]) < 20_000
    assert weight([PhasePortrait().to_html()]) < 1_000
