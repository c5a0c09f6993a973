"""The chapters as they are stored: executed, tidy, comparable, described, with exercises.

That each output is what its code gives is not tested here: nbval runs the notebooks.
"""

import ast
import copy
import importlib.util
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
IGNORED = "nbval-ignore-output"

_spec = importlib.util.spec_from_file_location("notebooks", ROOT / "book/_tools/notebooks.py")
notebooks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(notebooks)


@pytest.fixture(params=PATHS, ids=[path.stem for path in PATHS])
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    """The code cells that hold something."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def markdown(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell):
    return cell.metadata.get("tags", [])


def statements(cell):
    """The cell's code as Python sees it, without IPython's own commands."""
    return ast.parse(TransformerManager().transform_cell(cell.source)).body


def shows_something(cell):
    """The cell ends in a value, or prints or shows a figure at its top level."""
    body = statements(cell)
    calls = [
        node.value.func
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and not isinstance(statement, (ast.FunctionDef, ast.ClassDef))
    ]
    names = {getattr(call, "id", getattr(call, "attr", "")) for call in calls}
    return isinstance(body[-1], ast.Expr) or bool(names & {"print", "display", "show"})


def test_there_is_a_notebook():
    assert PATHS


# ---------------------------------------------------------------------------- executed and tidy


def test_every_cell_was_executed_from_the_top(notebook):
    """nbval compares nothing in a cell without a count."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == [*range(1, len(counts) + 1)]


def test_every_cell_that_shows_something_has_its_output(notebook):
    silent = [
        cell.id for cell in code_cells(notebook) if shows_something(cell) and not cell.outputs
    ]
    assert silent == []


def test_no_cell_failed(notebook):
    for cell in code_cells(notebook):
        assert not any(output.output_type == "error" for output in cell.outputs), cell.id


def test_nothing_is_stored_that_differs_from_run_to_run(notebook):
    assert "widgets" not in notebook.metadata
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert WIDGET_VIEW not in output.get("data", {}), cell.id
            text = output.get("text", "") + output.get("data", {}).get("text/plain", "")
            assert not re.search(r"\bat 0x[0-9a-f]+", text), f"{cell.id}: an address in memory"
            assert output.get("name") != "stderr", f"{cell.id}: a warning"


def test_every_widget_is_a_table_to_read(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if "data-widget=" in data.get("text/html", ""):
                assert "<table>" in data["text/html"]
                assert re.fullmatch(r"\w+\(.*\)|[HV]Box of \d+", data["text/plain"]), cell.id


def test_it_is_tidy(notebook):
    assert notebooks.problems(notebook) == []


# --------------------------------------------------------------------------- compared by nbval


def test_an_output_that_is_not_compared_is_asserted_about(notebook):
    cells = code_cells(notebook)
    ignored = [cell for cell in cells if IGNORED in tags(cell)]
    for cell in ignored:
        nodes = [node for statement in statements(cell) for node in ast.walk(statement)]
        assert any(isinstance(node, ast.Assert) for node in nodes), cell.id
    assert len(ignored) <= 0.15 * len(cells)


def test_there_is_no_other_way_around_nbval(notebook):
    for cell in code_cells(notebook):
        escapes = [t for t in tags(cell) if "nbval" in t.lower() or "raises" in t.lower()]
        assert set(escapes) <= {IGNORED}, cell.id
        assert not re.search(r"#.*\b(NBVAL_|PYTEST_VALIDATE)", cell.source, re.I), cell.id


def test_no_line_ends_in_a_semicolon(notebook):
    """nbval prints the value all the same."""
    for cell in code_cells(notebook):
        assert not re.search(r";[ \t]*(#.*)?$", cell.source, re.M), cell.id


# ------------------------------------------------------------------------------- for the reader


def test_every_picture_has_a_description(notebook):
    for cell in code_cells(notebook):
        kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if any(kind.startswith("image/") for kind in kinds):
            assert re.fullmatch(r"[A-Z].*\.", alt, re.S), f"{cell.id}: a sentence, got {alt!r}"
            assert len(alt.split()) >= 5, cell.id
        else:
            assert not alt, f"{cell.id}: a description of no picture"


def exercises(notebook):
    """Labels of the exercises, in order."""
    return re.findall(r"^`{3,}\{exercise\}.*\n:label: (\S+)$", markdown(notebook), re.M)


def solutions(notebook):
    """Options, code cells and end of each solution, by the label of its exercise."""
    found = {}
    current = None
    for cell in notebook.cells:
        if cell.cell_type == "code" and current:
            current["code"].append(cell)
        if cell.cell_type != "markdown":
            continue
        pattern = r"^`{3,}\{(solution-start|solution-end|solution)\} ?(\S*)\n((?::.*\n)*)"
        for kind, label, options in re.findall(pattern, f"{cell.source}\n", re.M):
            if kind == "solution-end":
                assert current, "an end without a start"
                current["closed"], current = True, None
            else:
                assert current is None, f"{label} begins before the one before it ends"
                assert label not in found, f"two solutions of {label}"
                found[label] = {"options": options, "code": [], "closed": kind == "solution"}
                current = found[label] if kind == "solution-start" else None
    return found


def test_there_are_five_exercises_each_with_a_label(notebook):
    labels = exercises(notebook)
    assert len(labels) >= 5
    assert len(set(labels)) == len(labels)
    assert len(labels) == len(re.findall(r"^`{3,}\{exercise", markdown(notebook), re.M))


def test_every_exercise_has_a_folded_solution_that_was_executed(notebook):
    found = solutions(notebook)
    assert list(found) == exercises(notebook)
    for label, solution in found.items():
        assert solution["closed"], label
        assert ":class: dropdown" in solution["options"], label
        assert any(cell.execution_count for cell in solution["code"]), f"{label}: nothing executed"


def test_it_has_one_title_and_no_heading_skips_a_level(notebook):
    text = re.sub(r"^(`{3,}).*?^\1", "", markdown(notebook), flags=re.M | re.S)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


# ----------------------------------------------------------------- what `make notebooks` leaves


def messy():
    """A notebook as an editor may leave it."""
    new = nbformat.v4
    stream = [new.new_output("stream", name="stdout", text=text) for text in ("a", "b\n", "c")]
    widget = {WIDGET_VIEW: {"model_id": "5f0e"}, "text/html": "<p>", "text/plain": "W()"}
    cells = [
        new.new_markdown_cell("# A title", metadata={"editable": True}),
        new.new_code_cell("print('a')", id="0123abcd", execution_count=7, outputs=stream),
        new.new_code_cell("", execution_count=None),
        new.new_code_cell(
            "W()",
            execution_count=9,
            outputs=[new.new_output("execute_result", widget, execution_count=9)],
            metadata={"tags": ["hide-input"], "collapsed": True, "mystnb": {"image": {}}},
        ),
        new.new_code_cell("W()", id="show-it", execution_count=None),
    ]
    widgets = {"application/vnd.jupyter.widget-state+json": {}}
    python = {"name": "python", "version": "3.10.13"}
    return new.new_notebook(cells=cells, metadata={"widgets": widgets, "language_info": python})


def test_tidying_takes_out_what_differs_from_run_to_run():
    tidy = notebooks.tidy(messy())
    nbformat.validate(tidy)
    assert "widgets" not in tidy.metadata
    assert [cell.id for cell in tidy.cells][:2] == ["cell-a-title", "cell-print-a"]
    assert tidy.cells[-1].id == "show-it"
    code = [cell for cell in tidy.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, None, 2, 3]
    [stream] = code[0].outputs
    assert stream.text == "ab\nc"
    [shown] = code[2].outputs
    assert shown.data == {"text/html": "<p>", "text/plain": "W()"}
    assert shown.execution_count == 2
    assert code[2].metadata == {"tags": ["hide-input"], "mystnb": {"image": {}}}
    assert tidy.cells[0].metadata == {}


def test_tidying_twice_is_tidying_once():
    once = notebooks.tidy(messy())
    twice = notebooks.tidy(copy.deepcopy(once))
    assert nbformat.writes(twice) == nbformat.writes(once)


def test_tidying_what_is_tidy_changes_nothing(notebook):
    before = nbformat.writes(notebook)
    assert nbformat.writes(notebooks.tidy(notebook)) == before


def test_problems_are_found_and_nothing_is_changed():
    notebook = messy()
    before = nbformat.writes(notebook)
    notebook.cells[-1].outputs = [
        nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
    ]
    found = notebooks.problems(notebook)
    assert len(found) == 3
    assert found[0].endswith("was not executed")
    assert found[1].endswith("stores an error")
    notebook.cells[-1].outputs = []
    assert nbformat.writes(notebook) == before
