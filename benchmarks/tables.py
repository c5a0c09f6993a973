"""What the benchmarks that train many networks share: a core for each, and a table to keep."""

import csv
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tqdm import tqdm


def on_every_core(work, places):
    """``work(place)`` for every place, one on each core; yields the results in their order."""
    os.environ["OMP_NUM_THREADS"] = "1"  # for the processes to come
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from tqdm(pool.map(work, places), total=len(places), disable=None)


def write_table(path, rows):
    """Store named tuples of one kind as a CSV file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0]._fields)
        writer.writerows(rows)
