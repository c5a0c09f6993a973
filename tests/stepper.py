"""A gate stepper on a page, as a reader uses it; and what PyTorch says that it must show."""

import copy
import re

import numpy as np
import torch
from playwright.sync_api import expect

from rnn_utils.widgets import GateStepper

OPERATIONS = [
    "combine", "forget", "input", "candidate", "keep", "write", "output", "squash", "hidden",
]  # fmt: skip
WORDS = "the cat , which already ate the mice ,".split()


def random_stepper(D=3, H=4, words=WORDS, seed=3, **state):
    """A stepper with random weights, large enough that gates go well away from 1/2."""
    rng = np.random.default_rng(seed)
    weights = {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H), "bias_ih": 4 * H, "bias_hh": 4 * H}
    weights = {name: rng.normal(scale=1.5, size=shape) for name, shape in weights.items()}
    vocabulary = {word: rng.normal(size=D).tolist() for word in dict.fromkeys(words)}
    inputs = [vocabulary[word] for word in words]
    starts = {"h0": rng.uniform(-1, 1, H), "c0": rng.normal(size=H)}
    return GateStepper(weights, inputs, words, vocabulary=vocabulary, **starts | state)


def state_of(widget):
    """The widget's state, to be changed alongside the page's."""
    return copy.deepcopy(widget.page_state())


def torch_table(state):
    """Every number of the data table, {(q, t, k): value}, from torch.nn.LSTM in float64.

    A held gate is one whose weights are 0 and whose bias is the inverse of σ at its value.
    """
    D, H = len(state["inputs"][0]), len(state["h0"])
    module = torch.nn.LSTM(D, H, dtype=torch.float64).requires_grad_(False)
    h, c = (torch.tensor([state[name]], dtype=torch.float64) for name in ("h0", "c0"))
    table = {}
    for t, values in enumerate(state["inputs"], start=1):
        x = torch.tensor([values], dtype=torch.float64)
        weights = {
            name: torch.tensor(value, dtype=torch.float64)
            for name, value in state["weights"].items()
        }
        for held in state["overrides"]:
            if held["t"] in (None, t):
                units = range(H) if held["k"] is None else [held["k"]]
                rows = ["ifgo".index(held["q"]) * H + k for k in units]
                for weight in weights.values():
                    weight[rows] = 0
                value = torch.tensor(held["value"], dtype=torch.float64)
                weights["bias_ih"][rows] = value.logit().clamp(-1000, 1000)
        module.load_state_dict({f"{name}_l0": value for name, value in weights.items()})
        a = x @ weights["weight_ih"].T + weights["bias_ih"]
        a += h @ weights["weight_hh"].T + weights["bias_hh"]
        i, f, g, o = a.chunk(4, -1)
        _, (h, c) = module(x, (h, c))
        step = {"x": x, "i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
        for q, vector in (step | {"c": c, "h": h}).items():
            table |= {(q, t, k): value for k, value in enumerate(vector[0].tolist())}
    return table


def assert_same_numbers(actual, expected):
    assert actual.keys() == expected.keys(), sorted(actual.keys() ^ expected.keys())
    keys = list(expected)
    actual, expected = ([table[key] for key in keys] for table in (actual, expected))
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)


class Stepper:
    """One stepper on a page; ``number`` is its place among the steppers, from 1."""

    def __init__(self, page, number=1):
        self.page = page
        self.root = page.locator(f"[data-widget-key=gate-stepper-{number}] .gate-stepper")
        self.editor = self.root.locator(".editor")
        self.inspector = self.root.locator(".inspect")
        self.unit = self.root.get_by_role("combobox", name="Unit", exact=True)
        self.preset = self.root.get_by_role("combobox", name="Try", exact=True)
        self.live = self.root.locator("[aria-live=polite]")

    # ------------------------------------------------------------------------------- reading
    def table(self):
        """The data table: {(q, t, k): value}."""
        self.open("data")
        cells = self.root.locator("[data-q]").evaluate_all(
            "(cells) => cells.map(({dataset: d}) => [d.q, +d.t, +d.k, +d.value, d.value])"
        )
        for *_, text in cells:
            digits = re.sub(r"e.*|[-.]", "", text)
            assert len(digits.lstrip("0")) == 17 or float(text) == 0, text
        return {(q, t, k): value for q, t, k, value, _ in cells}

    def column(self, q, k=0):
        """The values of one quantity of one unit, step after step."""
        table = self.table()
        return [table[key] for key in sorted(table) if key[0] == q and key[2] == k]

    def place(self):
        """Where the stepper stands: (step, operation)."""
        return self.root.evaluate(
            """(root) => [
                [...root.querySelectorAll(".token")].findIndex((token) => token.ariaCurrent),
                root.querySelector(".operation[aria-pressed=true]")?.dataset.operation ?? "",
            ]"""
        )

    def expect_place(self, step, operation=""):
        place = self.place()
        assert place == [step, operation], place

    # -------------------------------------------------------------------------------- acting
    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def open(self, part):
        """Open a folded part, data or editor, and wait until it is drawn."""
        details = self.root.locator(f"details.{part}")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        expect(details.locator("table").first).to_be_visible()

    def go(self, step):
        self.root.locator(".token").nth(step).click()

    def choose(self, operation, unit=None):
        self.root.locator(f"[data-operation={operation}]").click()
        if unit is not None:
            self.unit.select_option(str(unit))

    def field(self, label):
        """A field of the editor by its label, such as weight_ih[3][0]."""
        self.open("editor")
        if match := re.match(r"(?:weight|bias)_[ih]h\[(\d+)\]", label):
            size = self.unit.locator("option").count()
            self.editor.get_by_label("Rows of").select_option("ifgo"[int(match[1]) // size])
        return self.editor.get_by_label(label, exact=True)

    def fill(self, label, value):
        self.field(label).fill(str(value))

    def type_token(self, t, text):
        field = self.field(f"Token {t}")
        field.fill(text)
        field.press("Enter")

    def hold(self, operation, unit, value, every_step=True):
        self.choose(operation, unit)
        self.root.get_by_label("at every step").set_checked(every_step)
        if value in (0, 1):
            self.button({0: "0 · shut", 1: "1 · open"}[value]).click()
        else:
            self.root.get_by_label("Hold the gate at").fill(str(value))

    def copied(self, name):
        """Press a copy button and read what was copied."""
        self.button(name).click()
        return self.root.get_by_label("The text that was copied").input_value()

    def address(self):
        return self.copied("Copy link")
