"""Execute the book's notebooks in place and store tidy outputs.

    python -m book._tools.notebooks             # all of them
    python -m book._tools.notebooks notebooks/07_lstm.ipynb
    python -m book._tools.notebooks --check     # execute nothing; fail if one is not tidy

Tidy means: executed from top to bottom, counts and outputs kept, nothing in the file that is
random or belongs to one machine (no widget-view entries, no widget state, minimal metadata), and
cell ids that stay. Doing it twice changes nothing but what the code itself changes.
"""

import argparse
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_CELL_METADATA = {"tags", "mystnb", "slideshow"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
TIMEOUT = 300  # seconds for one cell


def execute(notebook, path):
    """Run every cell in a fresh kernel, with progress bars off as under nbval."""
    os.environ["TQDM_DISABLE"] = "1"
    NotebookClient(
        notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(path.parent)}}
    ).execute()


def tidy(notebook):
    """Take out of the notebook, in place, what differs from run to run."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken = set()
    count = 0
    for cell in notebook.cells:
        cell.id = _stable_id(cell, taken)
        cell.metadata = nbformat.from_dict(
            {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
        )
        if cell.cell_type != "code":
            continue
        if cell.source.strip():
            count += 1
            cell.execution_count = count
        cell.outputs = [_tidy_output(output, count) for output in _joined_streams(cell.outputs)]
    return notebook


def _stable_id(cell, taken):
    """The cell's own id; for one that lacks a readable id, its first words."""
    cell_id = cell.get("id", "")
    if not re.fullmatch(r"[a-z][a-z0-9-]{2,}", cell_id) or re.fullmatch(r"[0-9a-f]{8}", cell_id):
        words = re.findall(r"[a-z0-9]+", cell.source.lower())[:5]
        cell_id = ("-".join(["cell", *words]))[:56]
    base, number = cell_id, 2
    while cell_id in taken:
        cell_id, number = f"{base}-{number}", number + 1
    taken.add(cell_id)
    return cell_id


def _joined_streams(outputs):
    """How a text was cut into pieces depends on timing; neighbors of one stream become one."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _tidy_output(output, count):
    if output.output_type == "execute_result":
        output.execution_count = count
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
        output.metadata = nbformat.from_dict({})
    return output


def problems(notebook):
    """What keeps an executed notebook from being tidy, as texts."""
    found = []
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        if cell.source.strip() and cell.execution_count is None:
            found.append(f"code cell {number} was not executed")
        if any(output.output_type == "error" for output in cell.outputs):
            found.append(f"code cell {number} stores an error")
    if nbformat.writes(tidy(nbformat.from_dict(notebook))) != nbformat.writes(notebook):
        found.append("counts, metadata, ids or outputs are not as `make notebooks` leaves them")
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="all of them if not given")
    parser.add_argument("--check", action="store_true", help="execute nothing, only look")
    options = parser.parse_args(arguments)
    status = 0
    for path in options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if options.check:
            for problem in problems(notebook):
                print(f"{path}: {problem}")
                status = 1
        else:
            print(f"{path} …", flush=True)
            execute(notebook, path)
            nbformat.write(tidy(notebook), path)
    return status


if __name__ == "__main__":
    sys.exit(main())
