"""Which gate can go? LSTM and GRU with parts taken out, on three small tasks.

    python -m benchmarks.ablation            # trains everything: about five minutes on two cores
    python -m benchmarks.ablation --write    # and stores the table in rnn_utils/data/ablation.csv

Every variant has about equally many parameters, the same updates, the same learning rate, and a
bias of 1 on the gate that keeps, if it has one. Five networks of a variant are trained side by
side; they differ in their first weights and in the order of the data. The score is taken on 500
sequences longer than any in training.
"""

import argparse
import statistics
import time
from itertools import product

import torch

from benchmarks.tables import on_every_core, write_table
from rnn_utils.ablation import SETUPS, train
from rnn_utils.datasets import ABLATION_RESULTS, AblationResult
from rnn_utils.variants import VARIANTS

NETWORKS = 5
SEED = 0


def measure(place):
    """Train the networks of one task and variant on one core: (row of the table, seconds)."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    task, variant = place
    setup = SETUPS[task]
    networks, scores = train(task, variant, copies=NETWORKS, seed=SEED)
    row = AblationResult(
        task=task,
        variant=variant,
        hidden_size=networks.hidden_size,
        parameters=networks.n_parameters,
        solved=sum(map(setup.is_solved, scores)),
        networks=len(scores),
        measure=setup.measure,
        chance=round(setup.chance, 4),
        lowest=round(min(scores), 4),
        median=round(statistics.median(scores), 4),
        highest=round(max(scores), 4),
    )
    return row, time.perf_counter() - began


def line(row, seconds):
    return (
        f"{row.task:12} {row.variant:19} H {row.hidden_size:2} {row.parameters:4} parameters  "
        f"solved {row.solved} of {row.networks}  {row.measure:13} {row.lowest:.4f} "
        f"{row.median:.4f} {row.highest:.4f}  chance {row.chance:.4f}  {seconds:4.0f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"store it in {ABLATION_RESULTS}")
    parser.add_argument("--task", choices=SETUPS, help="one task only; nothing is stored")
    options = parser.parse_args()
    if options.task and options.write:
        parser.error("--write stores the whole table, so it goes without --task")
    began = time.perf_counter()
    places = list(product([options.task] if options.task else SETUPS, VARIANTS))
    table = list(on_every_core(measure, places))
    for row, seconds in table:
        print(line(row, seconds))
    print(f"{len(places)} trainings in {time.perf_counter() - began:.0f} s")
    if options.write:
        write_table(ABLATION_RESULTS, [row for row, _ in table])


if __name__ == "__main__":
    main()
