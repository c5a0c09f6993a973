"""Unit tests and notebooks with other releases than the pinned ones.

    python -m tests.matrix              # every row
    python -m tests.matrix oldest

A row is an environment of its own in ``_build/matrix``. ``oldest`` has the oldest release of each
package that ``pyproject.toml`` promises, ``newest`` the newest that can be had. ``colab`` has what
Google Colab has, and nothing of this book: there the notebooks' first cell has to fetch it, from a
copy of this repository.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from packaging.requirements import Requirement

from book._tools import first_cell

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
MATRIX = ROOT / "_build" / "matrix"
PYTHON = {"oldest": "3.10", "newest": "3.13", "colab": "3.12"}
# What Colab had in autumn 2026, as far as this book could meet it.
COLAB = (
    *("numpy==2.0.2", "torch==2.9.1", "matplotlib==3.10.0", "ipywidgets==7.7.1"),
    *("scikit-learn==1.6.1", "tqdm==4.67.1", "ipykernel", "pip", "setuptools"),
)
STUB = {
    "google/__init__.py": "",
    "google/colab/__init__.py": "from . import output\n",
    "google/colab/output.py": (
        "custom_widgets = []\n\n\n"
        "def enable_custom_widget_manager():\n    custom_widgets.append(True)\n"
    ),
}
# After a chapter, in its kernel.
AFTERWARDS = """\
import rnn_utils, google.colab.output
assert "site-packages" in rnn_utils.__file__, rnn_utils.__file__
assert google.colab.output.custom_widgets, "Colab was not told that there are widgets"
"""

# ------------------------------------------------------------------------------- what goes into it


def promised():
    """Every requirement of the package, by its name: {name: Requirement}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    found = [Requirement(line) for requirements in lists for line in requirements]
    return {requirement.name: requirement for requirement in found}


def tools():
    """Lines of ``requirements.txt`` that are not about a package that varies, nor made for one."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    return [line for line in lines if Requirement(line).name not in {*varied(), "scipy"}]


def varied():
    """What a row has in another release: all but Babel, whose place names chapter 10 reads."""
    return {name: requirement for name, requirement in promised().items() if name != "babel"}


def packages(row):
    """What pip has to install for a row."""
    if row == "colab":
        return [*COLAB]
    if row == "newest":
        return [*tools(), *(str(requirement) for requirement in varied().values())]
    # gensim 4.3 and scikit-learn 1.3 need a SciPy of their time.
    oldest = [str(requirement).replace(">=", "==") for requirement in varied().values()]
    return [*tools(), *oldest, "scipy<1.13"]


# ------------------------------------------------------------------------------------ environments


def interpreter(version):
    """A command that runs this Python; else say what to do and stop."""
    for command in (f"python{version}", sys.executable):
        question = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
        found = shutil.which(command)
        answer = found and subprocess.run([found, "-c", question], capture_output=True, text=True)
        if answer and answer.stdout.strip() == version:
            return found
    sys.exit(f"This row needs Python {version}: install it, so that python{version} runs.")


def environment(row):
    """The row's Python; its environment is made anew if what goes into it has changed."""
    folder = MATRIX / row
    wanted = packages(row)
    stamp = folder / "installed.json"
    python = folder / "bin" / "python"
    if not stamp.is_file() or json.loads(stamp.read_text()) != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([interpreter(PYTHON[row]), "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
        stamp.write_text(json.dumps(wanted))
    return python


def versions(python):
    """What is installed: {name: version}."""
    command = [python, "-m", "pip", "list", "--format", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {package["name"].lower(): package["version"] for package in json.loads(listed)}


# -------------------------------------------------------------------------------------------- rows


def run_tests(python, row):
    """Unit tests and notebooks; the number of those that failed as an exit code."""
    command = [python, "-m", "pytest", "--quiet", "--numprocesses", "2", "--dist", "loadscope"]
    if row == "oldest":  # old libraries ask newer ones for what these will give up one day
        command += ["-W", "ignore::DeprecationWarning"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    unit = [*command, "-m", "not pages", "tests"]
    notebooks = [*command, "--nbval", "--nbval-current-env", "notebooks"]
    return max(subprocess.run(c, cwd=ROOT, env=environ).returncode for c in (unit, notebooks))


def copy_with_url(folder):
    """A copy of this repository that names itself in its settings, as a fork's owner would."""
    ours = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(["git", *ours], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, names.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    settings = folder / "_config.yml"
    text = settings.read_text(encoding="utf-8")
    # pip takes no address without a host.
    url = folder.as_uri().replace("file:///", "file://localhost/")
    text, count = re.subn(r'^  url: ".*"$', f"  url: {url}", text, flags=re.M)
    assert count == 1
    settings.write_text(text, encoding="utf-8")
    first_cell.stamp(folder)
    commit = ["-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-qm", "a fork"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], commit):
        subprocess.run(["git", *command], cwd=folder, check=True)


def write_stub(folder, python):
    """A kernel in which ``google.colab`` is loaded from the start, as on Colab."""
    for name, text in STUB.items():
        (folder / "stub" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "stub" / name).write_text(text)
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text("import google.colab\n")
    kernel = folder / "jupyter" / "kernels" / "colab"
    kernel.mkdir(parents=True)
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "as on Colab",
        "language": "python",
        "env": {"PYTHONPATH": str(folder / "stub"), "IPYTHONDIR": str(folder / "ipython")},
    }
    (kernel / "kernel.json").write_text(json.dumps(spec))
    os.environ["JUPYTER_PATH"] = str(folder / "jupyter")


def run_chapter(path, content):
    """Run a chapter as Colab would, alone in a folder; then look at what came of it."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(AFTERWARDS))
    client = NotebookClient(
        notebook, timeout=600, kernel_name="colab", resources={"metadata": {"path": str(content)}}
    )
    client.execute()
    shown = [o.data for c in notebook.cells for o in c.get("outputs", []) if "data" in o]
    widgets = [data for data in shown if "application/vnd.jupyter.widget-view+json" in data]
    assert widgets, "no widget was shown"
    assert all("text/plain" in data for data in widgets)


def run_colab(python):
    """Every chapter; each must leave Colab's packages as they are."""
    # The book's package from an earlier run is none that Colab has.
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "rnn-utils"], check=True)
    before = versions(python)
    status = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("fork", "content"):
            (folder / part).mkdir()
        copy_with_url(folder / "fork")
        write_stub(folder, python)
        for path in sorted((folder / "fork" / "notebooks").glob("*.ipynb")):
            try:
                run_chapter(path, folder / "content")
                print(f"colab: {path.stem} ran", flush=True)
            except Exception as error:  # the other chapters are to be seen as well
                print(f"colab: {path.stem} FAILED: {str(error)[-3000:]}", flush=True)
                status = 1
    after = versions(python)
    touched = {n: (v, after.get(n)) for n, v in before.items() if after.get(n) != v}
    print(f"colab: packages replaced: {touched or 'none'}; added: {sorted({*after} - {*before})}")
    return max(status, bool(touched))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("rows", nargs="*", metavar="row", help=" ".join(PYTHON))
    rows = parser.parse_args().rows or [*PYTHON]
    if unknown := {*rows} - {*PYTHON}:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(PYTHON)}")
    results = {}
    for row in rows:
        python = environment(row)
        have = versions(python)
        named = sorted({"numpy", "torch", "matplotlib", "ipywidgets", "anywidget"} & {*have})
        print(f"\n{row}: Python {PYTHON[row]}", *(f"{n} {have[n]}" for n in named), sep=", ")
        results[row] = run_colab(python) if row == "colab" else run_tests(python, row)
    for row, status in results.items():
        print(f"{row:<8}{'FAILED' if status else 'passed'}")
    return max(results.values())


if __name__ == "__main__":
    sys.exit(main())
