"""Measured for this book, and counted by astronomers: tables that come with the package."""

import csv
from importlib.resources import files
from typing import NamedTuple

import numpy as np

MEMORY_RESULTS = files("rnn_utils") / "data" / "memory.csv"
ABLATION_RESULTS = files("rnn_utils") / "data" / "ablation.csv"
SUNSPOTS = files("rnn_utils") / "data" / "sunspots.csv"


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
    return _measured(MEMORY_RESULTS, MemoryResult)


class AblationResult(NamedTuple):
    """How one variant of LSTM or GRU did on one task, over several networks."""

    task: str  # "last marked", "counting" or "parity"
    variant: str  # one of rnn_utils.variants.VARIANTS
    hidden_size: int  # H, chosen for equal numbers of parameters within a task
    parameters: int
    solved: int  # by how many of the networks
    networks: int
    measure: str  # "squared error" (less is better) or "accuracy"
    chance: float  # what a guess scores that reads nothing
    lowest: float  # scores on sequences longer than those trained on, over the networks
    median: float
    highest: float


def load_ablation_results():
    """The measured table of which gate can go: LSTM and GRU with parts taken out.

    It is what ``make ablation`` measures. Every variant has about as many parameters as the others
    and is tested on longer sequences than it was trained on: `rnn_utils.variants` tells what the
    variants are, and `rnn_utils.tasks` what the tasks are.

    Returns
    -------
    list of AblationResult
        One for each task and variant.
    """
    return _measured(ABLATION_RESULTS, AblationResult)


def _measured(path, result):
    """The rows of a table of `result`s, each value as the type that it is annotated with."""
    types = result.__annotations__.values()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [result(*(kind(value) for kind, value in zip(types, row, strict=True))) for row in rows]


class Sunspots(NamedTuple):
    """How many spots the sun had."""

    years: np.ndarray  # (309,), int64, 1700 to 2008
    numbers: np.ndarray  # (309,), float64, the year's mean, 0 to 190.2


def load_sunspots():
    """The mean sunspot number of each year from 1700 to 2008.

    The international sunspot number in its first version, as it was before the revision of 2015
    (Clette et al. 2014). Observers of many countries counted; the National Geophysical Data Center
    of the USA gave out this table, and statsmodels hands it on. Public domain. It comes with this
    package, so it needs no network.

    Returns
    -------
    Sunspots
        The years and the numbers, (309,) each.

    Examples
    --------
    >>> years, numbers = load_sunspots()
    >>> int(years[numbers.argmax()]), float(numbers.max())
    (1957, 190.2)
    """
    with SUNSPOTS.open(encoding="utf-8") as file:
        years, numbers = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    return Sunspots(years.astype(np.int64), numbers)
