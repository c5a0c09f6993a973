"""Colab, Binder and the memory stick: from one line of settings, and without a network."""

import re
import shutil
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from IPython.core.interactiveshell import InteractiveShell
from matrix import promised
from packaging.requirements import Requirement
from playwright.sync_api import expect

from book._tools import first_cell, offline

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORK = "https://github.com/someone/fork"
# Buttons of the page's header, by what their addresses begin with.
BUTTON = r'href="(https://(?:colab|mybinder)[^"]*)"'


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A function that builds one chapter in a copy of the book with these settings' addresses."""

    def build(url):
        folder = tmp_path_factory.mktemp("copy")
        for name in ("_config.yml", "book", "rnn_utils", "notebooks"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, folder / name)
        settings = (folder / "_config.yml").read_text(encoding="utf-8")
        settings, count = re.subn(r'^  url: ".*"$', f'  url: "{url}"', settings, flags=re.M)
        assert count == 1
        (folder / "_config.yml").write_text(settings, encoding="utf-8")
        (folder / "_toc.yml").write_text("format: jb-book\nroot: notebooks/05_rnn\n")
        (folder / "book/descriptions.yml").write_text("notebooks/05_rnn: One chapter\n")
        first_cell.stamp(folder)
        command = "from jupyter_book.cli.main import main; main()"
        subprocess.run(
            [sys.executable, "-c", command, "build", "--quiet", str(folder)],
            check=True,
            cwd=folder,
            capture_output=True,
        )
        return (folder / "_build/html/notebooks/05_rnn.html").read_text(encoding="utf-8")

    return build


def cell_of(path):
    (cell,) = (c for c in nbformat.read(path, as_version=4).cells if c.id == first_cell.CELL_ID)
    return cell


# ------------------------------------------------------------------------------------- one line


def test_buttons_lead_to_the_repository_of_the_settings(small):
    page = small(FORK)
    assert set(re.findall(BUTTON, page)) == {
        "https://colab.research.google.com/github/someone/fork/blob/main/notebooks/05_rnn.ipynb",
        "https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab/tree/notebooks/05_rnn.ipynb",
    }
    assert re.search(r'href="\.\./_sources/notebooks/05_rnn\.ipynb"[^>]*\bdownload', page, re.S)


def test_there_are_no_dead_buttons(small):
    page = small("")
    assert not re.findall(BUTTON, page)
    assert "None" not in re.findall(r'href="([^"]*)"', page)
    assert re.search(r'href="\.\./_sources/notebooks/05_rnn\.ipynb"[^>]*\bdownload', page, re.S)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_the_first_cell_is_the_one_of_the_settings(path):
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0] == cell_of(path)
    assert cells[0].source == first_cell.source(*first_cell.repository())
    assert cells[0].metadata.tags == ["remove-cell"]


@pytest.mark.parametrize("line", ['url: "javascript:x"', 'url: "https://a b"', 'branch: "a\\"b"'])
def test_an_address_that_would_break_out_of_the_cell_is_refused(tmp_path, line):
    settings = {"url": FORK, "branch": "main", **yaml.safe_load(line)}
    (tmp_path / "_config.yml").write_text(yaml.safe_dump({"repository": settings}))
    with pytest.raises(ValueError, match=r"would do$"):
        first_cell.repository(tmp_path)


# -------------------------------------------------------------------------------- the first cell


def run_first_cell(monkeypatch, url, on_colab):
    """What the cell hands to pip, as a list of lines; the cell is run by IPython."""
    if on_colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    else:
        monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    shell = InteractiveShell()
    lines = []
    shell.register_magic_function(lines.append, "line", "pip")
    result = shell.run_cell(first_cell.source(url, "main"))
    return lines, result


def test_on_colab_the_package_comes_from_the_repository(monkeypatch):
    lines, result = run_first_cell(monkeypatch, FORK, on_colab=True)
    assert result.success
    assert lines == [f'install --quiet "rnn-utils[data,plotting,widgets] @ git+{FORK}@main"']


def test_elsewhere_nothing_happens(monkeypatch):
    for url in ("", FORK):
        lines, result = run_first_cell(monkeypatch, url, on_colab=False)
        assert (lines, result.success) == ([], True)


def test_without_a_repository_colab_is_told_so(monkeypatch):
    lines, result = run_first_cell(monkeypatch, "", on_colab=True)
    assert lines == []
    with pytest.raises(RuntimeError, match="No repository is named: see Colab in the README"):
        result.raise_error()
    assert "In Colab" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_torch_is_not_among_what_colab_installs():
    extras = first_cell.EXTRAS.split(",")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in extras:
        [line] = re.findall(rf"^{extra} = \[(.*)\]$", text, re.M)
        assert "torch" not in line


# ---------------------------------------------------------------------------------------- Binder


def test_binder_gets_what_the_package_asks_for():
    listed = yaml.safe_load((ROOT / ".binder/environment.yml").read_text())["dependencies"]
    names = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
    has = {requirement.name: requirement.specifier for requirement in map(Requirement, listed)}
    for name, requirement in promised().items():
        assert has[names.get(name, name)] == requirement.specifier
    script = ROOT / ".binder/postBuild"
    assert script.stat().st_mode & 0o111
    assert "pip install --no-deps -e ." in script.read_text()


# ------------------------------------------------------------------------------- the memory stick


def test_the_packed_book_opens_from_a_stick(book, tmp_path, open_page):
    target = tmp_path / "book.zip"
    offline.write(book, target)
    once = target.read_bytes()
    offline.write(book, target)
    assert target.read_bytes() == once
    stick = tmp_path / "Bücher & Lösungen"
    with zipfile.ZipFile(target) as packed:
        packed.extractall(stick)
    folder = stick / offline.NAME
    assert "open index.html" in (folder / "READ ME.txt").read_text()
    for path in NOTEBOOKS:
        assert (folder / "_sources/notebooks" / path.name).is_file()
    page = open_page((folder / "index.html").as_uri())
    step = page.locator('[data-widget="gate-stepper"]').get_by_role("button", name="Next step")
    step.click()
    expect(page.locator('[data-widget="gate-stepper"]')).to_contain_text("Step 3 of")
    page.goto((folder / "notebooks" / "07_lstm.html").as_uri())
    expect(page.locator("[data-value]").first).to_be_attached()


def test_a_pack_that_breaks_off_leaves_the_earlier_one(tmp_path, monkeypatch):
    book = tmp_path / "html"
    book.mkdir()
    (book / "index.html").write_text("whole")
    target = tmp_path / "book.zip"
    offline.write(book, target)
    once = target.read_bytes()

    def fail(path):
        raise OSError("the stick is full")

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(OSError, match="full"):
        offline.write(book, target)
    monkeypatch.undo()
    assert target.read_bytes() == once
