"""The copies to work in: every exercise, no solution, and code that can run."""

import ast
import builtins
import re
from pathlib import Path

import nbformat
import pytest

from book._tools import student

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHECKS = 31  # of 75 exercises; the others ask for a number, a proof or a picture


@pytest.fixture(params=PATHS, ids=[path.stem for path in PATHS])
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def labels(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^`{3,}\{exercise\}.*\n:label: (\S+)$", text, re.M)


def solution_texts(notebook):
    """Paragraphs and code of the solutions, read here in another way than by the tool."""
    parts = [f"\0{c.source}\0" if c.cell_type == "code" else c.source for c in notebook.cells]
    whole = "\n\n".join(parts)
    found = re.findall(
        r"^`{3,}\{solution-start\}.*?^`{3,}$(.*?)^`{3,}\{solution-end\}", whole, re.M | re.S
    )
    assert len(found) == len(labels(notebook))
    return [part.strip() for text in found for part in re.split(r"\0|\n\n+", text) if part.strip()]


def test_no_solution_survives(notebook):
    """Definitions that stand outside of solutions too may stay: an exercise can give them."""
    outside = [*code(notebook), *(c for c in notebook.cells if c.cell_type == "markdown")]
    plain = "\n\n".join(cell.source for cell in student.student_copy(notebook).cells)
    assert "{solution-" not in plain
    for part in solution_texts(notebook):
        given = sum(cell.source.count(part) for cell in outside) > 1
        is_check = part.startswith("assert ")
        assert given or is_check or part not in plain, part


def test_every_exercise_has_a_cell_for_the_answer_and_then_a_check(notebook):
    ids = [cell.id for cell in student.student_copy(notebook).cells]
    for label in labels(notebook):
        place = ids.index(f"exercise-{label}")
        assert ids[place + 1] == f"answer-{label}"
        assert ids[place + 2] in (f"check-{label}", f"compare-{label}")
    assert sum(name.startswith("answer-") for name in ids) == len(labels(notebook))


def test_what_is_no_solution_stays(notebook):
    """Every code cell outside of solutions, the one for Colab first; no outputs."""
    copy = student.student_copy(notebook)
    kept = [cell for cell in code(copy) if not re.match("(answer|check)-", cell.id)]
    assert copy.cells[0].id == "on-colab"
    solutions = "\n\n".join(solution_texts(notebook))
    for cell in code(notebook):
        if cell.source not in [other.source for other in kept]:
            assert cell.source.split("\n\n")[0].strip() in solutions, cell.id
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code(copy))


def test_it_is_a_notebook_and_the_same_each_time(notebook):
    once, twice = (nbformat.writes(student.student_copy(notebook)) for _ in range(2))
    assert once == twice
    nbformat.validate(nbformat.reads(once, as_version=4))


def missing_names(copy):
    """Names that a cell needs and no cell before it defines, by the cell's id."""
    known, missing = set(), {}
    for cell in code(copy):
        nodes = student.statements(cell.source)
        needed = student.free_names(nodes) - known - {"get_ipython"}
        if cell.id.startswith("check-"):  # the exercise before it gives the rest
            label = cell.id.removeprefix("check-")
            [text] = [c.source for c in copy.cells if c.id == f"exercise-{label}"]
            needed -= student.told_names(text)
        if needed:
            missing[cell.id] = needed
        known |= student.bound_names(nodes)
    return missing


def test_no_cell_needs_what_only_a_solution_defines(notebook):
    assert missing_names(student.student_copy(notebook)) == {}


def test_a_name_from_a_solution_would_be_found(notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("print(from_a_solution)", id="late"))
    assert missing_names(student.student_copy(notebook)) == {"late": {"from_a_solution"}}


def test_so_many_exercises_have_a_check():
    copies = [student.student_copy(nbformat.read(path, as_version=4)) for path in PATHS]
    checks = [cell for copy in copies for cell in code(copy) if cell.id.startswith("check-")]
    assert len(checks) >= CHECKS
    for cell in checks:
        assert all(isinstance(node, ast.Assert) for node in student.statements(cell.source))


# ------------------------------------------------------------------------------- names in code


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("x = x + 1", {"x"}),
        ("x = 1\ny = x", set()),
        ("for k in rows:\n    total += k", {"rows"}),
        ("def f(a):\n    return a + b\n\nb = 1", set()),
        ("def f(a):\n    return a + b", {"b"}),
        ("y = [k for k in z]", {"z"}),
        ("import numpy as np\nnp.eye(n)", {"n"}),
        ("print(len(w))", {"w"}),
    ],
)
def test_free_names(source, needed):
    assert student.free_names(ast.parse(source).body) == needed
    assert not needed & set(dir(builtins))


def test_told_names():
    text = "Call it `f(a, b)`, with `V = 7`; see `np.eye` and `</w>`.\n\n```python\nM = 3\n```\n"
    assert student.told_names(text) == {"f", "V", "M"}


@pytest.mark.parametrize(
    ("solution", "check"),
    [
        ("y = 2 * x\nassert y == 4", "assert y == 4"),
        ("y = 2 * x\nz = y\nassert z == 4", ""),  # nobody told the student of z
        ("x = 3\nassert y == x", ""),  # not the x of before
        ("assert y == 4\ny = 5", ""),  # y would be 5 by then
        ("for y in (1, 2):\n    assert y < x", ""),
    ],
)
def test_a_check_needs_only_what_the_student_knows(solution, check):
    assert student.check_of(ast.parse(solution).body, {"x"}, {"y"}) == check


def test_the_command_writes_the_copies(tmp_path, monkeypatch):
    monkeypatch.setattr(student, "TARGET", tmp_path)
    student.main([str(PATHS[0])])
    [path] = tmp_path.glob("*.ipynb")
    assert path.name == PATHS[0].name
    assert len(nbformat.read(path, as_version=4).cells) > 50
