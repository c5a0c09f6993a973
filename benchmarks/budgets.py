"""A measured value beside its budget, and the table of them."""

from typing import NamedTuple


class Measure(NamedTuple):
    """What was measured, and the bound that the book keeps to."""

    what: str
    value: float
    bound: float
    unit: str = ""
    digits: int = 1
    at_least: bool = False  # the bound is from below

    @property
    def ok(self):
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self):
        sign = "≥" if self.at_least else "≤"
        value, bound = (f"{x:.{self.digits}f}" for x in (self.value, self.bound))
        mark = "ok" if self.ok else "over" if not self.at_least else "under"
        return f"{self.what:58} {value:>8} {self.unit:4} {sign} {bound:>7} {self.unit:4} {mark}"


def show(measures):
    """Print the lines, and how many of them keep their bound."""
    for measure in measures:
        print(measure, flush=True)
    kept = sum(measure.ok for measure in measures)
    print(f"{kept} of {len(measures)} within their budgets")
