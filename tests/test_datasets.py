"""The table of who remembers is whole, fair, and says what the chapters quote from it."""

import itertools

import pytest
import torch

from benchmarks import memory
from rnn_utils import models
from rnn_utils.datasets import load_memory_results

TABLE = load_memory_results()
ROWS = {(row.task, row.cell, row.start): row for row in TABLE}
PLACES = list(itertools.product(memory.SETUPS, models.CELLS, memory.STARTS))


def test_every_task_cell_and_start_has_its_row():
    assert list(ROWS) == PLACES
    assert len(TABLE) == len(ROWS)


@pytest.mark.parametrize("place", PLACES)
def test_a_row_is_possible(place):
    row = ROWS[place]
    assert row.seeds == 5
    assert 0 <= row.solved <= row.seeds
    assert 0 <= row.lowest <= row.median <= row.highest
    assert row.measure == ("squared error" if row.task == "adding" else "accuracy")
    assert row.highest <= 1
    right = memory.SETUPS[row.task].is_solved
    worst, best = sorted((row.lowest, row.highest), key=right)
    assert right(best) == (row.solved > 0)
    assert right(worst) == (row.solved == row.seeds)
    assert right(row.median) == (row.solved >= 3)


@pytest.mark.parametrize("task", memory.SETUPS)
def test_the_cells_have_equally_many_parameters(task):
    counts = [row.parameters for row in TABLE if row.task == task]
    assert max(counts) <= 1.05 * min(counts)


@pytest.mark.parametrize("task", memory.SETUPS)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gated_cells_that_start_as_advised_solve_every_task(task, cell):
    row = ROWS[task, cell, "advised"]
    assert row.solved == row.seeds


def test_the_plain_rnn_does_not():
    """Not adding from any start; from PyTorch's own start, hardly anything."""
    for start in memory.STARTS:
        assert ROWS["adding", "rnn", start].solved == 0
    for task in memory.SETUPS:
        assert ROWS[task, "rnn", "default"].solved <= 1
    assert ROWS["marked echo", "rnn", "advised"].solved < 5


def test_a_row_comes_out_again():
    """One of the trainings of the table, done anew: what it claims holds on this machine too."""
    row = ROWS["agreement", "gru", "advised"]
    threads = torch.get_num_threads()
    try:
        result = memory.train(memory.Run(*row[:3], row.learning_rate, memory.SEEDS[0]))
    finally:
        torch.set_num_threads(threads)
    assert (result.hidden_size, result.n_parameters) == (row.hidden_size, row.parameters)
    assert memory.SETUPS[row.task].is_solved(result.score)


def test_the_summary_of_results():
    run = memory.Run("agreement", "gru", "default", 0.01, 0)
    results = [memory.Result(29, 4062, score, 1.5) for score in (0.5, 1.0, 0.995, 0.75, 0.99)]
    ((row, seconds),) = memory.summaries((run, result) for result in results)
    assert row[:7] == ("agreement", "gru", "default", 29, 4062, 0.01, 2)
    assert (row.lowest, row.median, row.highest) == (0.5, 0.99, 1.0)
    assert seconds == 7.5
    assert "solved 2 of 5" in memory.line(row, seconds)


def test_every_place_has_a_learning_rate():
    assert list(memory.LEARNING_RATES) == list(itertools.product(memory.SETUPS, models.CELLS))
    used = {rate for pair in memory.LEARNING_RATES.values() for rate in pair}
    assert used <= set(memory.RATES)
    for (task, cell), pair in memory.LEARNING_RATES.items():
        for start, rate in zip(memory.STARTS, pair, strict=True):
            assert ROWS[task, cell, start].learning_rate == rate
    assert not set(memory.SEEDS) & set(memory.TUNING_SEEDS)
