"""The unfolder: its numbers beside PyTorch, its copies, and how it is used on a page."""

import json
import re

import ipywidgets
import numpy as np
import pytest
import torch
import traitlets
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

from rnn_utils.widgets import Unfolder
from rnn_utils.widgets.base import module_text, style_text

TOKENS = "the movie was not bad".split()
WEIGHTS = {
    "weight_ih": [[0.5, -1.0], [1.5, 0.25]],
    "weight_hh": [[0.9, -0.3], [0.1, 0.7]],
    "bias_ih": [0.1, 0.2],
    "bias_hh": [-0.3, 0.05],
}
SETTINGS = {
    "as it comes": {"tokens": TOKENS},
    "a word twice": {"tokens": "a b a a".split(), "hidden_size": 5, "seed": 2**32 - 1},
    "one of each": {"tokens": ["x"], "hidden_size": 1},
    "given": {
        "tokens": ["u", "v", "w"],
        "inputs": [[1, 2], [-0.5, 0], [3, -1]],
        "weights": WEIGHTS,
        "unfolded": 2,
    },
}
each_setting = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    ipywidgets.Widget.close_all()


def torch_table(widget):
    """Every number of the data table, {(q, t, k): value}, from PyTorch."""
    weights = {n: torch.tensor(v, dtype=torch.float64) for n, v in widget.weights.items()}
    H, D = weights["weight_ih"].shape
    cell = torch.nn.RNNCell(D, H, dtype=torch.float64)
    cell.load_state_dict(weights)
    h = torch.zeros(H, dtype=torch.float64)
    table = {}
    for t, row in enumerate(widget.inputs, start=1):
        x = torch.tensor(row, dtype=torch.float64)
        linear = torch.nn.functional.linear
        a = linear(x, cell.weight_ih, cell.bias_ih) + linear(h, cell.weight_hh, cell.bias_hh)
        h = cell(x, h)
        for q, values in (("x", x), ("a", a), ("h", h)):
            table |= {(q, t, k): value.item() for k, value in enumerate(values)}
    return table


@each_setting
def test_states_are_those_of_torch(settings):
    widget = Unfolder(**settings)
    table = torch_table(widget)
    expected = [[table["h", t, k] for k in range(h.size)] for t, h in enumerate(widget.states(), 1)]
    np.testing.assert_allclose(widget.states(), expected, rtol=0, atol=1e-14)


def test_tokens_are_one_hot_in_the_order_in_which_they_come():
    assert Unfolder("b a b".split()).inputs == [[1, 0], [0, 1], [1, 0]]


def test_everything_is_plain_json_and_as_given():
    state = {
        "tokens": ["a", "b"], "inputs": [[1.0, 0.0], [0.0, 2.0]],
        "weights": WEIGHTS, "unfolded": 1, "step": 2, "unit": 1,
        "lit": "bias", "output": True,
    }  # fmt: skip
    assert json.loads(json.dumps(Unfolder(**state).page_state())) == state
    given = {name: np.array(value) for name, value in WEIGHTS.items()}
    assert Unfolder(**{**state, "weights": given}).page_state() == state


BAD = [
    ("tokens", "text", "tokens must be a list"),
    ("tokens", [], "tokens must be 1 to 12"),
    ("tokens", ["a"] * 13, "tokens must be 1 to 12"),
    ("tokens", ["a", ""], "tokens must be texts"),
    ("unfolded", 6, "unfolded must be at most 5, got 6"),
    ("unfolded", -1, "unfolded must be an integer >= 0"),
    ("step", 6, "step must be at most 5"),
    ("step", True, "step must be an integer"),
    ("unit", 3, "unit must be at most 2"),
    ("lit", "weight_ho", "lit must be one of"),
    ("output", 1, "output must be True or False"),
    ("inputs", [[1.0]], "inputs must have shape"),
    ("inputs", [[1], [2], [3], [4], [float("nan")]], "inputs"),
    ("inputs", [[1], [2, 3]], "inputs must be numbers"),
    ("weights", {}, "weights must be a dict"),
    ("weights", WEIGHTS, "weight_ih"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_what_does_not_fit_is_refused(name, value, message):
    with pytest.raises(ValueError, match=message):
        Unfolder(**{"tokens": TOKENS, name: value})
    widget = Unfolder(TOKENS)
    before = widget.page_state()
    if name == "output":
        return  # a trait of this kind takes 1 for True
    with pytest.raises(traitlets.TraitError, match=r"must be|must have"):
        setattr(widget, name, value)
    assert widget.page_state() == before


@pytest.mark.parametrize(("name", "value"), [("hidden_size", 0), ("hidden_size", 7), ("seed", -1)])
def test_what_cannot_be_drawn_is_refused(name, value):
    with pytest.raises(ValueError, match=name):
        Unfolder(TOKENS, **{name: value})


def test_the_table_for_pages_without_scripts():
    widget = Unfolder(["a", "<b>"])
    html = widget.to_html()
    cells = re.findall(r"<td>(.*?)</td>", html[html.index("<table>") :])
    h = [[f"{value:.4f}" for value in row] for row in widget.states()]
    assert cells == ["1", "a", *h[0], "2", "&lt;b&gt;", *h[1]]


# -------------------------------------------------------------------------------- on a page


class Page:
    """An unfolder on a page."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=unfolder-{number}] .unfolder")
        self.live = self.root.locator("[aria-live=polite]")
        self.copies = self.root.locator(".copies .column[data-step]")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def table(self):
        """The data table: {(q, t, k): value}."""
        return data_table(self.root)


@pytest.fixture
def pulled(widget_page):
    return Page(widget_page(Unfolder(TOKENS, step=2)))


@each_setting
def test_numbers_on_the_page_are_those_of_torch(widget_page, settings):
    widget = Unfolder(**settings)
    table, expected = Page(widget_page(widget)).table(), torch_table(widget)
    assert table.keys() == expected.keys()
    np.testing.assert_allclose(
        [table[key] for key in expected], list(expected.values()), rtol=0, atol=1e-10
    )


def test_the_slider_and_the_buttons_pull_copies_out(pulled):
    expect(pulled.copies).to_have_count(0)
    expect(pulled.root.locator(".copies")).to_contain_text("one step later")
    pulled.root.get_by_label("Copies out of the loop").fill("3")
    expect(pulled.copies).to_have_count(3)
    expect(pulled.root.locator(".rest")).to_have_text("… 2 more in the loop")
    pulled.button("Unfold one step").click()
    expect(pulled.copies).to_have_count(4)
    pulled.button("Unfold all").click()
    expect(pulled.copies).to_have_count(5)
    expect(pulled.button("Unfold one step")).to_be_disabled()
    texts = [copy.locator(".token").text_content() for copy in pulled.copies.all()]
    assert texts == TOKENS
    pulled.button("Fold").click()
    expect(pulled.copies).to_have_count(4)
    pulled.page.wait_for_function("() => location.hash.includes('unfolder-1.unfolded=4')")


def test_keys_fold_and_unfold(pulled):
    pulled.root.focus()
    for key, count in (
        ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 5), ("ArrowRight", 5),
        ("Home", 0), ("ArrowLeft", 0),
    ):  # fmt: skip
        pulled.page.keyboard.press(key)
        expect(pulled.copies).to_have_count(count)
    expect(pulled.live).to_contain_text("All 5 steps are in the loop.")
    pulled.root.get_by_label("Step shown").focus()
    pulled.page.keyboard.press("ArrowRight")  # a slider keeps its keys
    expect(pulled.copies).to_have_count(0)
    expect(pulled.live).to_contain_text("Step 3 of 5 reads “was”")


def test_the_mouse_drags_the_slider(pulled):
    slider = pulled.root.get_by_label("Copies out of the loop")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    pulled.page.mouse.move(box["x"] + 8, middle)
    pulled.page.mouse.down()
    pulled.page.mouse.move(box["x"] + box["width"] - 8, middle, steps=6)
    pulled.page.mouse.up()
    expect(pulled.copies).to_have_count(5)


def test_folded_and_unfolded_show_the_same(pulled):
    """The box with the loop is at a step; its bars are those of that copy."""
    pulled.button("Unfold all").click()
    for t in range(1, 6):
        pulled.copies.nth(t - 1).click(position={"x": 50, "y": 80})
        expect(pulled.live).to_contain_text(f"Step {t} of 5 reads “{TOKENS[t - 1]}”")
        folded = pulled.root.locator(".folded")
        expect(folded.locator(".token")).to_have_text(TOKENS[t - 1])
        heights = "(bars) => bars.map((bar) => [bar.getAttribute('y'), bar.getAttribute('height')])"
        bars = [
            part.locator(".bar").evaluate_all(heights)
            for part in (folded, pulled.copies.nth(t - 1))
        ]
        assert bars[0] == bars[1]
        h = Unfolder(TOKENS).states()[t - 1]
        drawn = [float(height) for _, height in bars[0]]
        np.testing.assert_allclose(drawn, abs(h) * 38, atol=0.06)
        assert [float(y) < 104 for y, _ in bars[0]] == (h > 0).tolist()


@pytest.mark.parametrize(
    ("name", "trait", "says"),
    [
        ("Wih", "weight_ih", "one matrix of 3 × 5 = 15 numbers, used 5 times"),
        ("Whh", "weight_hh", "one matrix of 3 × 3 = 9 numbers, used 5 times"),
        ("bih + bhh", "bias", "two vectors of 3 numbers each, used 5 times"),
    ],
)
def test_a_parameter_lights_up_in_all_copies(pulled, name, trait, says):
    pulled.button("Unfold all").click()
    expect(pulled.root.locator(".lit-says")).to_contain_text("30 numbers in all, and 30 they stay")
    pulled.button(name).click()
    lit = pulled.root.locator(".copies [data-lit]")
    expect(lit).to_have_count(6)
    assert {node.get_attribute("data-parameter") for node in lit.all()} == {trait}
    expect(pulled.root.locator(".lit-says")).to_contain_text(says)
    lit.last.click()  # in the picture, too
    expect(lit).to_have_count(0)


def test_the_sum_of_a_unit_is_told(pulled):
    pulled.root.get_by_label("unit k").select_option("1")
    widget = Unfolder(TOKENS)
    table, W = torch_table(widget), {n: np.array(v) for n, v in widget.weights.items()}
    x, h = np.array(widget.inputs[1]), widget.states()[0]
    expected = [
        W["weight_ih"][1] @ x, W["bias_ih"][1], W["weight_hh"][1] @ h, W["bias_hh"][1],
        table["a", 2, 1], table["h", 2, 1],
    ]  # fmt: skip
    texts = pulled.root.locator(".sum tbody td:last-child").all_text_contents()
    values = [float(text.replace("−", "-")) for text in texts]
    np.testing.assert_allclose(values, expected, atol=0.00051)
    said = f"{table['h', 2, 1]:.3f}".replace("-", "−")
    expect(pulled.live).to_contain_text(f"h₂[1] = tanh({texts[-2]}) = {said}")


def test_a_link_sets_the_state(widget_page):
    key = "unfolder-1"
    link = f"#{key}.unfolded=4&{key}.step=9&{key}.lit=bias&{key}.unit=1&{key}.output=true"
    text = f'<p><a href="#{key}.unfolded=2&{key}.step=3">two</a></p>'
    shown = Page(widget_page(Unfolder(TOKENS), text, fragment=link))
    expect(shown.copies).to_have_count(4)
    expect(shown.live).to_contain_text("Nothing is read yet")  # there is no step 9
    expect(shown.root.locator(".copies [data-lit]")).to_have_count(5)
    expect(shown.root.locator(".copies .output")).to_have_count(5)
    follow(shown.page, "two")
    expect(shown.copies).to_have_count(2)
    expect(shown.live).to_contain_text("Step 3 of 5")


def test_what_is_typed_stays_text(widget_page):
    shown = Page(widget_page(Unfolder(["<b>x</b>", "<img src=x>"], unfolded=2, step=1)))
    expect(shown.copies.first.locator(".token")).to_have_text("<b>x</b>")
    assert shown.root.locator("b, img").count() == 0


def test_linked_unfolders_go_together(widget_page):
    widgets = Unfolder(TOKENS), Unfolder(TOKENS, seed=2)
    link = ipywidgets.jslink((widgets[0], "unfolded"), (widgets[1], "unfolded"))
    page = widget_page(*widgets)
    link.close()
    Page(page, 2).button("Unfold all").click()
    expect(Page(page, 1).copies).to_have_count(5)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lit", ["", "weight_hh"])
def test_everyone_can_read_it(widget_page, theme, lit):
    widget = Unfolder(TOKENS, unfolded=3, step=2, lit=lit, output=bool(lit))
    shown = Page(widget_page(widget, theme=theme))
    shown.table()
    shown.page.wait_for_function("() => document.getAnimations().length === 0")
    assert_accessible(shown.page)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_page(widget_page, width):
    long = Unfolder(["representation"] * 12, unfolded=12, step=12, hidden_size=6, lit="weight_ih")
    page = widget_page(Unfolder(TOKENS, unfolded=3, step=3, output=True), long)
    for number in (1, 2):
        Page(page, number).table()
    assert_no_page_scroll(page, width)
    assert_large_enough(page.locator("main"))
    assert_not_cut_off(page.locator(".copies text"))


def test_less_motion_is_obeyed(widget_page):
    shown = Page(widget_page(Unfolder(TOKENS), reduced_motion="reduce"))
    shown.button("Unfold one step").click()
    assert shown.page.evaluate("document.getAnimations().length") == 0


def test_it_is_light():
    """Scripts and styles, as a server sends them."""
    assert weight([module_text("unfolder"), style_text("unfolder")]) < 25_000
    assert weight([Unfolder(TOKENS).to_html()]) < 1_500
