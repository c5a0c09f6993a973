"""How long the book takes to build, and its notebooks to run.

    python -m benchmarks.book

The book is built as by ``make book``, the packages being there. The notebooks run once, as in
``make test``: two at a time, one thread each, every output compared. The slowest cells are named.
Nothing fails when a budget is missed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from benchmarks.budgets import Measure, show

ROOT = Path(__file__).resolve().parents[1]
BUILD_BUDGET = 60  # seconds
ALL_BUDGET = 360
EACH_BUDGET = 60
SLOWEST = 8  # cells that are named


def timed(command, **options):
    """Seconds that a command takes; it must succeed."""
    start = time.perf_counter()
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)
    if answer.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{answer.stdout[-4000:]}{answer.stderr[-4000:]}")
    return time.perf_counter() - start


def build_time():
    return timed([sys.executable, "-m", "book._tools.build"])


def run_notebooks(notebooks):
    """Seconds for all together, and for each cell: {(name of the notebook, number): seconds}."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--quiet"]
        command += ["--numprocesses", "2", "--dist", "loadscope", f"--junitxml={report}"]
        together = timed([*command, *notebooks], env={**os.environ, "OMP_NUM_THREADS": "1"})
        return together, cell_times(report)


def cell_times(report):
    """Read them from pytest's report, where a test is a cell of a notebook."""
    times = Counter()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        [name] = re.findall(r"(\w+)\.ipynb", f"{case.get('classname')}::{case.get('name')}")[:1]
        [number] = re.findall(r"Cell (\d+)", case.get("name"))
        times[name, int(number)] += float(case.get("time"))
    return times


def main():
    """Measure, print and return the measures."""
    measures = [Measure("make book, packages there", build_time(), BUILD_BUDGET, "s")]
    together, cells = run_notebooks(sorted((ROOT / "notebooks").glob("*.ipynb")))
    measures.append(Measure("notebooks, all of them, by nbval", together, ALL_BUDGET, "s"))
    notebooks = Counter()
    for (name, _), seconds in cells.items():
        notebooks[name] += seconds
    measures += [
        Measure(f"notebook {name}", seconds, EACH_BUDGET, "s")
        for name, seconds in sorted(notebooks.items())
    ]
    show(measures)
    print("the slowest cells (of the code cells, from 0):")
    for (name, number), seconds in cells.most_common(SLOWEST):
        print(f"    {name}, cell {number}: {seconds:.1f} s")
    return measures


if __name__ == "__main__":
    main()
