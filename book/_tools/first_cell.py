"""Write the first cell of each notebook, which fetches the package on Google Colab.

    python -m book._tools.first_cell

The cell names the repository of ``repository.url`` in ``_config.yml``; ``make book`` runs this, so
one line there is all that a fork has to change.
"""

import re
import sys
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parents[2]
CELL_ID = "on-colab"
# Only what Colab lacks is installed: no torch, and no newer release of what is there.
EXTRAS = "data,plotting,widgets"
ADDRESS = re.compile(r"(https|file)://[\w.~/%+:-]+")
BRANCH = re.compile(r"\w[\w./-]*")
TEMPLATE = """\
# On Google Colab this fetches the book's package. Elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    {fetch}"""
FETCH = '%pip install --quiet "rnn-utils[{extras}] @ git+{url}@{branch}"'
NO_REPOSITORY = 'raise RuntimeError("No repository is named: see Colab in the README.")'


def repository(folder=ROOT):
    """(url, branch) that the settings of the book name; url may be empty.

    Raises
    ------
    ValueError
        If one of the two could break out of the cell that it is written into.
    """
    settings = yaml.safe_load((folder / "_config.yml").read_text(encoding="utf-8"))["repository"]
    url, branch = (settings[key] or "" for key in ("url", "branch"))
    if url and not ADDRESS.fullmatch(url):
        raise ValueError(f"repository.url is {url!r}; https://github.com/name/book would do")
    if not BRANCH.fullmatch(branch):
        raise ValueError(f"repository.branch is {branch!r}; main would do")
    return url.removesuffix("/"), branch


def source(url, branch):
    """Text of the cell."""
    fetch = FETCH.format(extras=EXTRAS, url=url, branch=branch) if url else NO_REPOSITORY
    return TEMPLATE.format(fetch=fetch)


def stamp(folder=ROOT):
    """Write the cell into every notebook of the folder whose cell is another one.

    Returns
    -------
    list of Path
        The notebooks that were changed.
    """
    cell_source = source(*repository(folder))
    changed = []
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        (cell,) = (cell for cell in notebook.cells if cell.id == CELL_ID)
        if cell.source != cell_source:
            cell.source = cell_source
            nbformat.write(notebook, path)
            changed.append(path)
    return changed


def main():
    try:
        changed = stamp()
    except ValueError as error:
        print(f"_config.yml: {error}", file=sys.stderr)
        return 1
    for path in changed:
        print(f"{path.relative_to(ROOT)}: the first cell names another repository now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
