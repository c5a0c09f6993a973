"""Data that come with the book."""

import csv
from importlib.resources import files
from typing import NamedTuple

MEMORY_RESULTS = files("rnn_utils") / "data" / "memory.csv"


class MemoryResult(NamedTuple):
    """How one cell did on one task that needs memory, over several seeds."""

    task: str  # "adding", "marked echo" or "agreement"
    cell: str  # "rnn", "lstm" or "gru"
    start: str  # "default": PyTorch's first weights; "advised": orthogonal W_hh, chrono biases
    hidden_size: int  # H, chosen for equal numbers of parameters within a task
    parameters: int
    learning_rate: float
    solved: int  # in how many of the seeds
    seeds: int
    measure: str  # "squared error" (less is better) or "accuracy"
    chance: float  # what a guess scores that reads nothing
    lowest: float  # scores on sequences that were not trained on, over the seeds
    median: float
    highest: float


def load_memory_results():
    """The measured table of who remembers: RNN, LSTM and GRU with equally many parameters.

    It is what ``make memory`` measures: every cell is trained on adding (100 steps), the echo of a
    marked symbol (40 steps) and agreement over clauses of more than 80 words; `rnn_utils.tasks`
    tells what the tasks are.

    Returns
    -------
    list of MemoryResult
        One for each task, cell and start.
    """
    types = MemoryResult.__annotations__.values()
    with MEMORY_RESULTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [
        MemoryResult(*(kind(value) for kind, value in zip(types, row, strict=True))) for row in rows
    ]
