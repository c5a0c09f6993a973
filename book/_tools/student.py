"""Write copies of the notebooks to work in: exercises without their solutions.

    python -m book._tools.student               # all of them, into _build/student
    python -m book._tools.student notebooks/07_lstm.ipynb

In place of a solution stands an empty cell for the answer and, where the solution asserts
something that the student can know about, a cell with these asserts. Outputs are cleared.
"""

import argparse
import ast
import builtins
import copy
import re
import symtable
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "_build" / "student"
ANSWER = "# your answer"
CHECK = "# Run this when you are done: it says nothing if all is well."
COMPARE = "*Compare with the solution in the book: the exercise **{title}** (`{label}`).*"
NOTE = (
    "*This is a copy to work in. Each exercise has an empty cell for your answer; the solutions "
    "are in the book.*"
)
UNFOLD = r"Try each before you unfold its solution\.\s*"
FENCE = re.compile(
    r"^(?P<marks>`{3,})\{(?P<kind>exercise|solution-start|solution-end)\} ?(?P<title>.*)\n"
    r"(?P<options>(?::.*\n)*)(?P<body>(?s:.*?))^(?P=marks)$\n?",
    re.M,
)

# --------------------------------------------------------------------------------- names in code


def statements(source):
    """The cell's code as Python sees it, without IPython's own commands."""
    return ast.parse(TransformerManager().transform_cell(source)).body


class _Generators(ast.NodeTransformer):
    """Comprehensions as generators, whose names stay inside in every version of Python."""

    def generic_visit(self, node):
        super().generic_visit(node)
        if isinstance(node, (ast.ListComp, ast.SetComp)):
            return ast.GeneratorExp(node.elt, node.generators)
        if isinstance(node, ast.DictComp):
            pair = ast.Tuple([node.key, node.value], ast.Load())
            return ast.GeneratorExp(pair, node.generators)
        return node


def _symbols(node):
    """Names that a piece of code uses from outside its functions, and names that it binds."""
    source = ast.unparse(_Generators().visit(copy.deepcopy(node)))
    top = symtable.symtable(source, "cell", "exec")
    used = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    inner = list(top.get_children())
    while inner:
        table = inner.pop()
        used |= {s.get_name() for s in table.get_symbols() if s.is_global()}
        inner += table.get_children()
    return used - set(dir(builtins)), bound


def bound_names(nodes):
    """Names that the statements define: variables, functions, classes, imports."""
    return {name for node in nodes for name in _symbols(node)[1]}


def free_names(nodes):
    """Names that the statements need before they run."""
    free, late, known = set(), set(), set()
    for node in nodes:
        used, bound = _symbols(node)
        if isinstance(node, ast.Assign):  # in x = x + 1, x is needed
            used = _symbols(node.value)[0]
        elif not isinstance(node, ast.AugAssign):  # in a loop or a function, it is not
            used -= bound
        if isinstance(node, ast.FunctionDef):  # it looks for its names when it is called
            late |= used
        else:
            free |= used - known
        known |= bound
    return free | late - known


def told_names(text):
    """Names that an exercise's text gives: `x`, `x = 3`, `f(a, b)`, or code in a fence."""
    blocks = [body for _, body in re.findall(r"^(`{3,})python\n(.*?)^\1$", text, re.M | re.S)]
    told = bound_names(node for block in blocks for node in ast.parse(block).body)
    prose = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.M | re.S)
    for code in re.findall(r"`([^`\n]+)`", prose):
        try:
            [node] = ast.parse(code).body
        except (SyntaxError, ValueError):  # not Python: `</w>`, or several statements
            continue
        told |= bound_names([node])
        value = node.value.func if _is_call(node) else getattr(node, "value", None)
        if isinstance(node, ast.Expr) and isinstance(value, ast.Name):
            told.add(value.id)
    return told


def _is_call(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def check_of(solution, before, told):
    """The asserts of a solution that hold for the student's own names.

    An assert stays if it needs only names that the exercise gives, or names from before that the
    solution does not define anew; and if the solution leaves these names alone after it.
    """
    kept = []
    known = (before - bound_names(solution)) | told
    for place, node in enumerate(solution):
        if isinstance(node, ast.Assert):
            needed = free_names([node])
            if needed <= known and not needed & bound_names(solution[place + 1 :]):
                kept.append(ast.unparse(node))
    return "\n".join(kept)


# -------------------------------------------------------------------------------------- notebooks


def pieces(notebook):
    """What the notebook holds, in order, as pairs: a kind and a thing.

    ("cell", cell) and ("text", its markdown) stand outside of solutions, ("exercise", match),
    ("start", match) and ("end", match) are the directives, ("solution", cell) is code inside.
    """
    inside = False
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            yield ("solution" if inside else "cell"), cell
            continue
        end = 0
        for match in FENCE.finditer(cell.source):
            if not inside and cell.source[end : match.start()].strip():
                yield "text", (cell, cell.source[end : match.start()].strip())
            end = match.end()
            inside = match["kind"] == "solution-start"
            yield match["kind"].removeprefix("solution-"), match
        if not inside and cell.source[end:].strip():
            yield "text", (cell, cell.source[end:].strip())


def student_copy(notebook):
    """The notebook without solutions and outputs, with cells for answers and checks."""
    new = nbformat.v4
    student = new.new_notebook(metadata=notebook.metadata)
    before, taken = set(), set()
    exercise, solution = {}, []

    def add(cell, wanted):
        number, cell.id = 2, wanted
        while cell.id in taken:
            cell.id, number = f"{wanted}-{number}", number + 1
        taken.add(cell.id)
        student.cells.append(cell)

    for kind, thing in pieces(notebook):
        if kind == "cell":
            cell = nbformat.from_dict(thing)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                before |= bound_names(statements(cell.source))
            add(cell, thing.id)
        elif kind == "text":
            text = re.sub(UNFOLD, "", thing[1])
            add(new.new_markdown_cell(text, metadata=thing[0].metadata), thing[0].id)
            if "student-copy" not in taken:
                add(new.new_markdown_cell(NOTE), "student-copy")
        elif kind == "exercise":
            label = re.search(r":label: (\S+)", thing["options"])[1]
            exercise = {"title": thing["title"], "label": label, "text": thing["body"].strip()}
            source = f"**Exercise: {exercise['title']}** (`{label}`)\n\n{exercise['text']}"
            add(new.new_markdown_cell(source), f"exercise-{label}")
            solution = []
        elif kind == "solution":
            solution += statements(thing.source)
        elif kind == "end":
            check = check_of(solution, before, told_names(exercise["text"]))
            add(new.new_code_cell(ANSWER), f"answer-{exercise['label']}")
            if check:
                add(new.new_code_cell(f"{CHECK}\n{check}"), f"check-{exercise['label']}")
            else:
                text = COMPARE.format(**exercise)
                add(new.new_markdown_cell(text), f"compare-{exercise['label']}")
    return student


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="all of them if not given")
    options = parser.parse_args(arguments)
    TARGET.mkdir(parents=True, exist_ok=True)
    for path in options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb")):
        nbformat.write(student_copy(nbformat.read(path, as_version=4)), TARGET / path.name)
    print(f"Student copies are in {TARGET}")


if __name__ == "__main__":
    main()
