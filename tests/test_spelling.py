"""The prose is spelled as Americans spell, and without the common slips."""

import shutil
import subprocess
import sys

import nbformat
from pages import ROOT

FINE = "dialogue,writeable,greys"  # American too; names of NumPy's and matplotlib's
LISTS = "clear,rare,en-GB_to_en-US"
PLACES = ["book/**/*.md", "book/*.yml", "*.md", "CITATION.cff", "rnn_utils/**/*.strings.json"]
PLACES += [f"{folder}/**/*.py" for folder in ("book", "rnn_utils", "tests", "benchmarks")]


def misspelled(folder):
    """What codespell says of the files of a folder, with the words of the settings left out."""
    command = [sys.executable, "-m", "codespell_lib", "--builtin", LISTS, "--toml"]
    command += [str(ROOT / "pyproject.toml"), "--ignore-words-list", FINE, "."]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert not answer.stderr, answer.stderr
    return answer.stdout


def test_a_slip_and_a_british_word_would_be_found(tmp_path):
    (tmp_path / "a.md").write_text("The " + "colo" + "ur of teh network.\nA nce loss.\n")
    (tmp_path / "b.md").write_text("We recei" + "eve a center of neigh" + "bours.\n")
    found = misspelled(tmp_path)
    assert "color" in found
    assert "neighbors" in found
    assert "nce" not in found  # of the settings


def test_the_prose_is_american(tmp_path):
    for place in PLACES:
        for path in ROOT.glob(place):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells)
        (tmp_path / f"{path.stem}.md").write_text(text, encoding="utf-8")
    assert misspelled(tmp_path) == ""
