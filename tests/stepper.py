"""A gate stepper on a page, as a reader uses it; and what PyTorch says that it must show."""

import copy
import json
import re
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import torch
from playwright.sync_api import expect

from rnn_utils.widgets import GateStepper

OPERATIONS = [
    "combine", "forget", "input", "candidate", "keep", "write", "output", "squash", "hidden",
]  # fmt: skip
BLOCKS = {"rnn": "a", "lstm": "ifgo", "gru": "rzn"}
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
WORDS = "the cat , which already ate the mice ,".split()


def random_stepper(D=3, H=4, words=WORDS, seed=3, cell="lstm", **state):
    """A stepper with random weights, large enough that gates go well away from 1/2."""
    rng = np.random.default_rng(seed)
    rows = len(BLOCKS[cell]) * H
    weights = {"weight_ih": (rows, D), "weight_hh": (rows, H), "bias_ih": rows, "bias_hh": rows}
    scale = 1.5 if cell != "rnn" else 0.6  # so that a sum of units is not always ±1 behind tanh
    weights = {name: rng.normal(scale=scale, size=shape) for name, shape in weights.items()}
    vocabulary = {word: rng.normal(size=D).tolist() for word in dict.fromkeys(words)}
    inputs = [vocabulary[word] for word in words]
    starts = {"h0": rng.uniform(-1, 1, H)} | ({"c0": rng.normal(size=H)} if cell == "lstm" else {})
    given = {"vocabulary": vocabulary, "cell": cell} | starts | state
    return GateStepper(weights, inputs, words, **given)


def state_of(widget):
    """The widget's state, to be changed alongside the page's."""
    return copy.deepcopy(widget.page_state())


def torch_table(state):
    """Every number of the data table, {(q, t, k): value}, from torch.nn in float64.

    A held gate is one whose weights are 0 and whose bias is the inverse of σ at its value. The GRU
    with its reset gate before the product is not in torch.nn: it is written out.
    """
    cell = state["cell"]
    D, H = len(state["inputs"][0]), len(state["h0"])
    options = {"nonlinearity": state["nonlinearity"]} if cell == "rnn" else {}
    module = MODULES[cell](D, H, dtype=torch.float64, **options).requires_grad_(False)
    names = ("h0", "c0") if cell == "lstm" else ("h0",)
    old = [torch.tensor([state[name]], dtype=torch.float64) for name in names]
    table = {}
    for t, values in enumerate(state["inputs"], start=1):
        x = torch.tensor([values], dtype=torch.float64)
        weights = held_weights(state, t)
        module.load_state_dict({f"{name}_l0": value for name, value in weights.items()})
        if cell == "gru" and not state["reset_after"]:
            new = [cho_2014(weights, x, old[0])["h"]]
        else:
            _, new = module(x, tuple(old) if cell == "lstm" else old[0])
            new = list(new) if cell == "lstm" else [new]
        inside = inner_quantities(state, weights, x, old[0])
        step = {"x": x, **inside, **dict(zip("hc", new, strict=False))}
        for q, vector in step.items():
            table |= {(q, t, k): value for k, value in enumerate(vector[0].tolist())}
        old = new
    return table


def held_weights(state, t):
    """The weights at step t, as tensors."""
    H = len(state["h0"])
    weights = {
        name: torch.tensor(value, dtype=torch.float64) for name, value in state["weights"].items()
    }
    for held in state["overrides"]:
        if held["t"] in (None, t):
            units = range(H) if held["k"] is None else [held["k"]]
            rows = [BLOCKS[state["cell"]].index(held["q"]) * H + k for k in units]
            for weight in weights.values():
                weight[rows] = 0
            value = torch.tensor(held["value"], dtype=torch.float64)
            weights["bias_ih"][rows] = value.logit().clamp(-1000, 1000)
    return weights


def inner_quantities(state, weights, x, h):
    """What the data table shows beside x and the new states, which torch.nn does not tell."""
    a_x = x @ weights["weight_ih"].T + weights["bias_ih"]
    a_h = h @ weights["weight_hh"].T + weights["bias_hh"]
    if state["cell"] == "rnn":
        return {"a": a_x + a_h}
    if state["cell"] == "lstm":
        i, f, g, o = (a_x + a_h).chunk(4, -1)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
    if not state["reset_after"]:
        return cho_2014(weights, x, h)
    r, z, _ = (a_x + a_h).sigmoid().chunk(3, -1)
    return {"r": r, "z": z, "n": (a_x.chunk(3, -1)[2] + r * a_h.chunk(3, -1)[2]).tanh()}


def cho_2014(weights, x, h):
    """The GRU of Cho et al. (2014), which resets the state before the product; z keeps."""
    W_r, W_z, W_n = weights["weight_ih"].chunk(3)
    U_r, U_z, U_n = weights["weight_hh"].chunk(3)
    b_r, b_z, b_n = (weights["bias_ih"] + weights["bias_hh"]).chunk(3)
    r = torch.sigmoid(x @ W_r.T + h @ U_r.T + b_r)
    z = torch.sigmoid(x @ W_z.T + h @ U_z.T + b_z)
    n = torch.tanh(x @ W_n.T + (r * h) @ U_n.T + b_n)
    return {"r": r, "z": z, "n": n, "h": z * h + (1 - z) * n}


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

    def look_inside(self):
        """Unfold what a stepper that stands beside others keeps folded away."""
        for summary in self.root.locator(".more:not([open]) > summary").all():
            summary.click()

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
            blocks = self.editor.get_by_label("Rows of")
            if blocks.count():  # an RNN has one
                blocks.select_option(index=int(match[1]) // size)
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


RUNNER = """
import json, sys
import numpy, torch
for line in sys.stdin:
    answer = []
    torch.set_default_dtype(torch.float32)
    def keep(t, *named):
        answer.append([t, {q[0]: v.tolist() for q, v in zip(named[::2], named[1::2])}])
    try:
        exec(compile(json.loads(line), "copied", "exec"), {"print": keep})
    except Exception as error:
        answer = repr(error)
    print(json.dumps(answer), flush=True)
"""


@contextmanager
def script_runner():
    """Run copied scripts, in a process of its own; gives their states: {(q, t, k): value}."""
    command = [sys.executable, "-W", "error", "-c", RUNNER]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def run_script(text):
            process.stdin.write(json.dumps(text) + "\n")
            process.stdin.flush()
            steps = json.loads(process.stdout.readline())
            assert isinstance(steps, list), steps
            return {
                (q, t, k): value
                for t, states in steps
                for q, vector in states.items()
                for k, value in enumerate(vector)
            }

        yield run_script
        process.stdin.close()


def assert_same_scripts(stepper, run_script):
    """What the copied scripts compute is what the data table shows."""
    states = {key: value for key, value in stepper.table().items() if key[0] in ("c", "h")}
    for name, library in [("Copy as NumPy", "numpy"), ("Copy as PyTorch", "torch")]:
        script = stepper.copied(name)
        assert script.startswith(f"import {library}")
        assert_same_numbers(run_script(script), states)
