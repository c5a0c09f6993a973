"""Who remembers? RNN, LSTM and GRU with equally many parameters on tasks that need memory.

    python -m benchmarks.memory            # trains everything: under six minutes on two cores
    python -m benchmarks.memory --write    # and stores the table in rnn_utils/data/memory.csv
    python -m benchmarks.memory --tune     # tries the learning rates, on seeds of their own

Each cell is trained from two starts: "default" is how PyTorch draws the first weights, "advised" is
what is recommended for long dependencies: an orthogonal W_hh for all three, and chrono biases for
the gates. Every cell and start has its own learning rate, the best of `RATES` on seeds that are
not used again. All have the same data, the same number of updates at most, and stop when they are
right. A score is taken on 1000 sequences that were not trained on.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import torch
from torch.nn.functional import mse_loss, one_hot

from benchmarks.tables import on_every_core, write_table
from rnn_utils import initialization, models, tasks, training
from rnn_utils.datasets import MEMORY_RESULTS, MemoryResult

SEEDS = (0, 1, 2, 3, 4)
TUNING_SEEDS = (98, 99)
RATES = (0.01, 0.003, 0.001)
STARTS = ("default", "advised")
BATCH_SIZE = 50


class Setup(NamedTuple):
    """One task: its data, how large the models are and how long they may train."""

    data: Callable  # (n, seed) -> inputs, targets
    model: type
    input_size: int
    output_size: int
    n_parameters: int
    delay: int  # for so many steps something has to be kept
    n_sequences: int  # in an epoch
    epochs: int  # at most
    chance: float
    test_data: Callable | None = None  # as data, if the test is harder

    @property
    def is_regression(self):
        return self.output_size == 1

    @property
    def loss(self):
        return mse_loss if self.is_regression else training.cross_entropy

    @property
    def goal(self):
        """The validation loss at which training stops."""
        return 0.002 if self.is_regression else 0.01

    def score(self, model, inputs, targets):
        """Mean squared error, or accuracy."""
        with torch.no_grad():
            answers = model(*inputs)
        if self.model is models.ManyToMany:
            answers, _ = answers
        if self.is_regression:
            return mse_loss(answers, targets).item()
        return training.accuracy(answers, targets)

    def is_solved(self, score):
        return score < 0.01 if self.is_regression else score > 0.99


def adding(n, seed):
    task = tasks.adding(n, length=100, seed=seed)
    x = torch.from_numpy(task.inputs).float()
    return (x,), torch.from_numpy(task.targets).float()[:, None]


def marked_echo(n, seed):
    task = tasks.marked_echo(n, delay=40, n_symbols=16, seed=seed)
    return (one_hot(torch.from_numpy(task.inputs), 32).float(),), torch.from_numpy(task.targets)


def agreement(n, seed, min_objects=1):
    task = tasks.agreement(n, min_objects=min_objects, max_objects=30, seed=seed)
    indices, lengths = tasks.encode(task.tokens, tasks.AGREEMENT_VOCABULARY)
    x = one_hot(torch.from_numpy(indices), len(tasks.AGREEMENT_VOCABULARY)).float()
    return (x, torch.from_numpy(lengths)), torch.from_numpy(task.targets)


def long_agreement(n, seed):
    """Only the longest clauses: the verb is 80 to 95 words after its subject."""
    return agreement(n, seed, min_objects=25)


SETUPS = {
    "adding": Setup(adding, models.ManyToOne, 2, 1, 8000, 100, 2000, 20, 1 / 6),
    "marked echo": Setup(marked_echo, models.ManyToMany, 32, 16, 8000, 40, 2000, 15, 1 / 16),
    "agreement": Setup(
        agreement, models.ManyToOne, 15, 2, 4000, 95, 1000, 20, 1 / 2, long_agreement
    ),
}

# For each start, in the order of STARTS, the rate whose median --tune found best; of equals the
# largest.
LEARNING_RATES = {
    ("adding", "rnn"): (0.01, 0.003),
    ("adding", "lstm"): (0.01, 0.01),
    ("adding", "gru"): (0.01, 0.01),
    ("marked echo", "rnn"): (0.001, 0.003),
    ("marked echo", "lstm"): (0.003, 0.01),
    ("marked echo", "gru"): (0.003, 0.01),
    ("agreement", "rnn"): (0.003, 0.001),
    ("agreement", "lstm"): (0.003, 0.01),
    ("agreement", "gru"): (0.01, 0.01),
}


class Run(NamedTuple):
    """One training."""

    task: str
    cell: str
    start: str
    learning_rate: float
    seed: int


class Result(NamedTuple):
    """What came of it."""

    hidden_size: int
    n_parameters: int
    score: float
    seconds: float


def train(run):
    """Train one model on one core, from a seed that decides everything."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    setup = SETUPS[run.task]
    sizes = setup.input_size, setup.output_size
    H = models.hidden_size_for(setup.n_parameters, run.cell, *sizes)
    model = setup.model(run.cell, setup.input_size, H, setup.output_size, seed=run.seed)
    if run.start == "advised":
        initialization.orthogonal(model, seed=run.seed)
        if run.cell != "rnn":
            initialization.chrono(model, setup.delay, seed=run.seed)
    training.fit(
        model,
        *setup.data(setup.n_sequences, 1000 + run.seed),
        setup.loss,
        validation=setup.data(500, 2000 + run.seed),
        epochs=setup.epochs,
        batch_size=BATCH_SIZE,
        learning_rate=run.learning_rate,
        goal=setup.goal,
        seed=run.seed,
        progress=False,
    )
    score = setup.score(model, *(setup.test_data or setup.data)(1000, 3000 + run.seed))
    return Result(H, models.count_parameters(model), score, time.perf_counter() - began)


def train_all(runs):
    """All runs, one on each core; yields each with its result, in their order."""
    yield from zip(runs, on_every_core(train, runs), strict=True)


def summaries(results):
    """The lines of the table, each with the seconds that its trainings took together."""
    grouped = {}
    for run, result in results:
        grouped.setdefault(run[:4], []).append(result)
    for (task, cell, start, rate), group in grouped.items():
        setup, scores = SETUPS[task], [result.score for result in group]
        row = MemoryResult(
            task=task,
            cell=cell,
            start=start,
            hidden_size=group[0].hidden_size,
            parameters=group[0].n_parameters,
            learning_rate=rate,
            solved=sum(map(setup.is_solved, scores)),
            seeds=len(scores),
            measure="squared error" if setup.is_regression else "accuracy",
            chance=round(setup.chance, 4),
            lowest=round(min(scores), 4),
            median=round(statistics.median(scores), 4),
            highest=round(max(scores), 4),
        )
        yield row, sum(result.seconds for result in group)


def line(row, seconds):
    return (
        f"{row.task:13} {row.cell:5} {row.start:8} H {row.hidden_size:3} "
        f"{row.parameters:5} parameters  rate {row.learning_rate:<6} "
        f"solved {row.solved} of {row.seeds}  {row.measure:13} {row.lowest:.4f} "
        f"{row.median:.4f} {row.highest:.4f}  chance {row.chance:.4f}  {seconds:4.0f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--write", action="store_true", help=f"store it in {MEMORY_RESULTS}")
    choice.add_argument("--tune", action="store_true", help="try the learning rates")
    parser.add_argument("--task", choices=SETUPS, help="one task only; nothing is stored")
    options = parser.parse_args()
    if options.task and options.write:
        parser.error("--write stores the whole table, so it goes without --task")
    began = time.perf_counter()
    places = list(product([options.task] if options.task else SETUPS, models.CELLS, STARTS))
    if options.tune:
        runs = [Run(*p, rate, seed) for p in places for rate in RATES for seed in TUNING_SEEDS]
    else:
        rates = {
            (*place, start): rate
            for place, pair in LEARNING_RATES.items()
            for start, rate in zip(STARTS, pair, strict=True)
        }
        runs = [Run(*p, rates[p], seed) for p in places for seed in SEEDS]
    table = list(summaries(train_all(runs)))
    for row, seconds in table:
        print(line(row, seconds))
    print(f"{len(runs)} trainings in {time.perf_counter() - began:.0f} s")
    if options.write:
        write_table(MEMORY_RESULTS, [row for row, _ in table])


if __name__ == "__main__":
    main()
