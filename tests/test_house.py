"""The house is in order: files, pins, commands, colors, and nothing that does not belong."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]


def git_lists(*options):
    """Lines of ``git ls-files``; None if this is not a clone or git does not trust its owner."""
    command = ["git", "-C", str(ROOT), "-c", "core.quotePath=off", "ls-files", *options]
    try:
        answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.splitlines()


def files():
    """Every file of the project, by its path: what git knows or has not been told to ignore."""
    names = git_lists("--cached", "--others", "--exclude-standard")
    if names is None:
        made = {".git", ".venv", "_build", "__pycache__", "test-results", "rnn_utils.egg-info"}
        made |= {".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"}
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [path.as_posix() for path in paths if not made & {*path.parts}]
    return sorted({name for name in names if (ROOT / name).is_file()})


FILES = files()


def text_of(name):
    """A file's text; of a notebook what a person wrote or reads; "" for a picture."""
    data = (ROOT / name).read_bytes()
    if b"\0" in data:
        return ""
    text = data.decode("utf-8")
    return re.sub(r'"image/\w+": "[^"]*"', "", text) if name.endswith(".ipynb") else text


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))

# ------------------------------------------------------------------------ files and their places


def test_the_top_level_is_the_plan_of_the_house():
    assert {name.partition("/")[0] for name in FILES} == {
        *("_config.yml", "_toc.yml", "requirements.txt", "pyproject.toml", "Makefile"),
        *("README.md", "LICENSE", "LICENSE-TEXT", "CITATION.cff", "CONTRIBUTING.md"),
        *("book", "notebooks", "rnn_utils", "tests", "benchmarks", ".ci", ".binder"),
        *(".gitattributes", ".github", ".gitignore", ".pre-commit-config.yaml"),
    }


def test_every_chapter_and_page_is_in_the_table_of_contents():
    toc = yaml.safe_load(read("_toc.yml"))
    named = [toc["root"], *(c["file"] for part in toc["parts"] for c in part["chapters"])]
    pages = [n for n in FILES if re.fullmatch(r"book/[^/]+\.md|notebooks/[^/]+\.ipynb", n)]
    assert sorted(named) == [name.rpartition(".")[0] for name in pages]


def test_the_package_data_is_complete():
    """What an installed package needs besides its modules is named in pyproject.toml."""
    data = PROJECT["tool"]["setuptools"]["package-data"]
    shipped = {
        path.relative_to(ROOT).as_posix()
        for package, patterns in data.items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    needed = {n for n in FILES if n.startswith("rnn_utils/") and not n.endswith(".py")}
    assert needed
    assert needed <= shipped


LONGEST = 400  # lines of a module that a newcomer reads in one go
LONG_WITH_A_REASON = {
    "rnn_utils/decoding.py": "ways to write a text, each a few lines under its docstring",
    "rnn_utils/models.py": "one small network after another, each whole with its docstring",
    **dict.fromkeys(
        (
            "rnn_utils/widgets/embedding_explorer.js",
            "rnn_utils/widgets/gate_stepper.js",
            "rnn_utils/widgets/seq2seq_stepper.js",
            "rnn_utils/widgets/sequence_shapes.js",
        ),
        "one widget, one module of its name; what others can use is in lib",
    ),
}


def lines_of(name):
    return len(read(name).splitlines())


def is_module(name):
    return name.endswith((".py", ".js")) and not name.startswith("tests/")


def test_no_module_is_long_without_a_reason():
    """A test module may be as long as there is to check: it is looked up, and not read."""
    long = {name for name in FILES if is_module(name) and lines_of(name) > LONGEST}
    assert long == set(LONG_WITH_A_REASON)


# ------------------------------------------------------------------------------- what is needed

PINS = [line for line in read("requirements.txt").splitlines() if line and line[0] != "#"]


@pytest.mark.parametrize("line", PINS)
def test_requirements_are_pinned_exactly(line):
    [specifier] = Requirement(line).specifier
    assert specifier.operator == "=="
    assert "*" not in specifier.version


def test_what_must_not_move():
    assert "torch==2.13.0" in PINS
    assert "jupyter-book==1.0.4.post1" in PINS


def test_every_python_has_one_pin_of_everything():
    matrix = yaml.safe_load(read(".github/workflows/book.yml"))["jobs"]["test"]["strategy"]
    pythons = matrix["matrix"]["python"]
    requirements = [Requirement(line) for line in PINS]
    names = {requirement.name for requirement in requirements}
    for python in pythons:
        applies = [
            r.name
            for r in requirements
            if not r.marker or r.marker.evaluate({"python_version": python})
        ]
        assert sorted(applies) == sorted(names), python


def test_the_oldest_python_is_the_same_everywhere():
    [least] = re.findall(r">=(3\.\d+)", PROJECT["project"]["requires-python"])
    workflow = yaml.safe_load(read(".github/workflows/book.yml"))
    pythons = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert min(pythons, key=Version) == least
    assert f"Python {least} or later" in read("README.md")
    assert f"sys.version_info < ({least.replace('.', ', ')})" in read("Makefile")
    assert f"sys.version_info < ({least.replace('.', ', ')})" in read(".ci/run")
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{least.replace('.', '')}"


def test_readers_need_no_more_than_what_is_tested():
    """Each range of pyproject.toml holds the pinned version."""
    project = PROJECT["project"]
    ranges = [*project["dependencies"]]
    ranges += [line for extra in project["optional-dependencies"].values() for line in extra]
    for line in map(Requirement, ranges):
        pins = [pin for pin in map(Requirement, PINS) if pin.name == line.name]
        assert pins, line
        for pin in pins:
            [specifier] = pin.specifier
            assert line.specifier.contains(specifier.version), line


# ----------------------------------------------------------------------------------- commands

TARGETS = set(re.findall(r"^([\w-]+):.*? ## ", read("Makefile"), re.M))


def test_every_target_is_listed_by_help():
    [phony] = re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.M)
    assert set(phony.split()) == TARGETS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_commands_in_the_text_exist(name):
    blocks = re.findall(r"^```\w*\n(.*?)^```", read(name), re.M | re.S)
    code = [*blocks, *re.findall(r"`([^`\n]+)`", read(name))]
    used = {target for text in code for target in re.findall(r"\bmake ([\w-]+)", text)}
    assert {"book", "test"} <= used
    assert used <= TARGETS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "Makefile"])
def test_modules_that_are_run_exist(name):
    for module in re.findall(r"python -m ((?:book|tests|benchmarks)[\w.]*)", read(name)):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".md")])
def test_files_that_the_text_points_to_exist(name):
    text = re.sub(r"^(`{3,}).*?^\1", "", read(name), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (ROOT / name).parent.joinpath(target).exists(), target


def test_the_test_command_can_be_run_on_a_bare_machine():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert read(".ci/run").startswith("#!/usr/bin/env bash\n")
    assert re.search(r"^exec make test\b", read(".ci/run"), re.M)
    in_git = git_lists("--stage", ".ci/run") or []
    assert all(line.startswith("100755 ") for line in in_git)


def test_actions_are_pinned():
    """To a release or a commit, so that nobody else's change becomes ours."""
    used = [
        line
        for name in FILES
        if name.startswith(".github/workflows/")
        for line in re.findall(r"^\s*-?\s*uses:\s*(\S+)", read(name), re.M)
    ]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w./-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})", action), action


def test_tools_that_lint_are_pinned_here():
    """The hooks use the versions of requirements.txt and fetch nothing."""
    for repository in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]:
        assert repository["repo"] == "local"


# -------------------------------------------------------------------------------- the palette

PALETTES = json.loads(read("rnn_utils/palette.json"))
SURFACES = {"bg", "panel", "line", "focus", "fg", "muted"}


def luminance(color):
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.005)


def test_light_and_dark_have_the_same_colors():
    assert set(PALETTES) == {"light", "dark"}
    assert list(PALETTES["light"]) == list(PALETTES["dark"])
    assert set("xhcifgorzna") == set(PALETTES["light"]) - SURFACES
    for colors in PALETTES.values():
        assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors.values())


@pytest.mark.parametrize("mode", PALETTES)
@pytest.mark.parametrize("surface", ["bg", "panel"])
def test_every_color_of_text_can_be_read(mode, surface):
    colors = PALETTES[mode]
    for name in set(colors) - {"bg", "panel", "line"}:
        assert contrast(colors[name], colors[surface]) >= 4.5, name


def test_python_and_css_take_their_colors_from_the_palette():
    from rnn_utils.plotting import book_style, palette

    for mode, colors in PALETTES.items():
        assert palette(mode) == colors
    assert book_style()["figure.facecolor"] == PALETTES["light"]["bg"]
    for name in FILES:
        if name.startswith("rnn_utils/widgets/") and name.endswith((".css", ".js")):
            named = set(re.findall(r"--q-([a-z]+)\b", read(name)))
            assert named <= set(PALETTES["light"]), name


# -------------------------------------------------------------------- what must not be in a file

# In pieces, so that this file passes its own test.
REGISTRIES = ["py" + "pi", "python" + "hosted", "ana" + "conda", "npm" + "js", "crates" + ".io"]
DELIVERY = ["js" + "delivr", "un" + "pkg", "cdn" + "js"]
TORCH = "download." + "pytorch" + ".org"
ELSEWHERE = ["../" + "shared", "/" + "work" + "/"]
WORDS = r"\b(?:sess" + r"ions?|(?:sub)?ag" + r"ents?)\b"
NUMBERS = r"(?<!\]\()(?<![\w&'\"/#])#\d{1,4}\b|\b(?:is" + r"sue|pull request|PR) #?\d+"


def without_scopes(text):
    """pytest has the word for what lasts through a run of the tests."""
    return text.replace('scope="sess' + 'ion"', "")


@pytest.mark.parametrize("name", FILES)
def test_no_registry_is_named(name):
    text = text_of(name).lower()
    for host in [*REGISTRIES, *DELIVERY]:
        assert host not in text
    if name != "README.md" and not name.startswith(".github/workflows/"):
        assert TORCH not in text


@pytest.mark.parametrize("name", FILES)
def test_no_file_speaks_of_how_it_came_about(name):
    text = without_scopes(text_of(name))
    for place in ELSEWHERE:
        assert place not in text
    assert not re.findall(WORDS, text, re.I)
    if not name.endswith(".css"):  # there it is a color
        assert not re.findall(NUMBERS, text)


UNSAFE = {
    "py": r"(?<![\w.])(?<!def )(?:eval|exec)\(|\bpickle|\ballow_pickle\b|\bos\.system\("
    r"|shell=True",
    "js": r"\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write"
    r"|(?<![\w.])(?<!def )eval\(|\bnew Function\b|\bsetTimeout\(\s*[\"'`]",
}


@pytest.mark.parametrize(
    "name", [n for n in FILES if n.startswith(("rnn_utils/", "book/", "notebooks/", "benchmarks/"))]
)
def test_no_text_is_run_or_becomes_html(name):
    for pattern in UNSAFE.values():
        assert not re.findall(pattern, text_of(name))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("py", "x = eval(text)"),
        ("py", "import pickle"),
        ("py", "np.load(path, allow_pickle=True)"),
        ("js", "node.innerHTML = text"),
        ("js", "document.write(text)"),
    ],
)
def test_what_is_unsafe_would_be_found(kind, text):
    assert re.search(UNSAFE[kind], text)
    assert not re.search(UNSAFE["py"], "model.eval()\npattern.exec(text)\npage.evaluate(x)")


@pytest.mark.parametrize("text", ["see " + "#12", "is" + "sue 7", "(" + "#123)", "PR" + " 4"])
def test_a_number_of_an_entry_in_a_tracker_would_be_found(text):
    assert re.search(NUMBERS, text)


@pytest.mark.parametrize("text", ["#1d2430", "'#000'", "&#39;", "# 1. A heading", "[a](#2-b)"])
def test_other_uses_of_the_sign_are_fine(text):
    assert not re.search(NUMBERS, text)
