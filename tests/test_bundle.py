"""A widget's JavaScript becomes one text: every module once, in order, nothing left to import."""

import json
import re

import pytest

from rnn_utils.widgets import bundle as bundling
from rnn_utils.widgets.base import FOLDER, module_text
from rnn_utils.widgets.bundle import bundle, share


@pytest.fixture
def make(tmp_path):
    """Write modules, given as ``{"lib/x.js": text}``, and bundle ``main.js``."""

    def make(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_json", ".json")
            path = path if path.suffix else path.with_suffix(".js")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return bundle(tmp_path / "main.js")

    return make


def test_imports_come_first_and_once(make):
    text = make(
        main='import { a } from "./lib/a.js";\nimport { b } from "./lib/b.js";\nconst m = a + b;\n',
        lib__a='import { c } from "./c.js";\nexport const a = c;\n',
        lib__b='import { c } from "./c.js";\nimport { a } from "./a.js";\nexport const b = a;\n',
        lib__c="export const c = 1;\n",
    )
    assert re.findall(r"^const .*$", text, re.M) == [
        "const c = 1;",
        "const a = c;",
        "const b = a;",
        "const m = a + b;",
    ]


def test_exports_become_declarations(make):
    text = make(
        main='import {\n  f, g,\n  K,\n} from "./a.js";\nexport default { f };\n',
        a="export function f() {}\nexport async function g() {}\nexport class K {}\n",
    )
    assert text == "function f() {}\nasync function g() {}\nclass K {}\n\nexport default { f };\n"


def test_a_table_becomes_a_constant(make):
    table = {"b": ["·", "−", "</script>"], "a": {"n": 1.5, "none": None, "yes": True}}
    text = make(
        main='import TABLE from "./table.json";\nconst n = TABLE.a.n;\n',
        table_json=json.dumps(table),
    )
    first, *rest = text.splitlines()
    assert json.loads(first.removeprefix("const TABLE = ").removesuffix(";")) == table
    assert "·" in first  # as it is, not as an escape of six letters
    assert rest == ["const n = TABLE.a.n;"]


def test_text_within_a_line_is_left_alone(make):
    lines = [
        "const code = `import numpy as np`;",
        "  // export const x = 1;",
        "exported = 1;",
    ]
    assert make(main="\n".join(lines)) == "\n".join(lines)


@pytest.mark.parametrize(
    "declaration",
    ["const x = 2;", "let x;", "function x() {}", "async function x() {}", "class x {}"],
)
@pytest.mark.parametrize("export", ["", "export "])
def test_a_name_in_two_modules_is_an_error(make, declaration, export):
    with pytest.raises(ValueError, match=r"main\.js: x declared twice"):
        make(
            main=f'import {{ y }} from "./a.js";\n{export}{declaration}\n',
            a="const x = 1;\nexport const y = x;\n",
        )


def test_a_name_within_a_function_is_no_clash(make):
    make(
        main='import { x } from "./a.js";\nfunction f() {\n  const x = 2;\n}\n',
        a="export const x = 1;\n",
    )


@pytest.mark.parametrize(
    "line",
    [
        'import * as a from "./a.js";',
        'import { x as y } from "./a.js";',
        'import a from "./a.js";',
        'import a, { x } from "./a.js";',
        'import "./a.js";',
        "import { x } from './a.js';",
        'import { x } from "./a.js"',
        'import { x } from "../a.js";',
        'import { x } from "d3";',
        'import { x } from "https://example.org/a.js";',
        'import {x as default} from "./a.js";',
        'export { x } from "./a.js";',
        'export * from "./a.js";',
        "export { x };",
        "export var x = 1;",
    ],
)
@pytest.mark.parametrize("where", ["main", "a"])
def test_another_form_is_an_error(make, line, where):
    files = {"main": 'import { y } from "./a.js";\n', "a": "export const y = 1;\n"}
    files[where] += f"{line}\n"
    with pytest.raises(ValueError, match=rf"{where}\.js: unknown form {re.escape(repr(line))}"):
        make(**files)


def test_only_the_entry_has_a_default(make):
    with pytest.raises(ValueError, match=r"a\.js: unknown form 'export default x;'"):
        make(main='import { x } from "./a.js";\n', a="const x = 1;\nexport default x;\n")


def test_a_module_that_is_not_there_is_an_error(make):
    with pytest.raises(FileNotFoundError, match=r"a\.js"):
        make(main='import { x } from "./a.js";\n')


# ------------------------------------------------------------------------------ the gate stepper


def modules(path, found):
    """The modules that a module needs, itself last."""
    for name in re.findall(r'from "(\./[^"]+\.js)"', path.read_text(encoding="utf-8")):
        modules((path.parent / name).resolve(), found)
    if path not in found:
        found.append(path)
    return found


def test_the_gate_stepper_has_nothing_left_to_import():
    text = module_text("gate_stepper")
    assert not re.search(r"^\s*import\b", text, re.M)
    assert re.findall(r"^ *export\b.*", text, re.M) == ["export default {"]
    assert not re.search(r"\bimport\(|\brequire\(", text)


def test_every_module_is_needed_by_a_widget():
    needed = {path for entry in FOLDER.glob("*.js") for path in modules(entry, [])}
    assert set((FOLDER / "lib").glob("*.js")) <= needed


def test_the_gate_stepper_holds_each_of_its_modules_once_and_in_order():
    text, place = module_text("gate_stepper"), 0
    paths = modules(FOLDER / "gate_stepper.js", [])
    for path in paths:
        source = path.read_text(encoding="utf-8")
        [*_, body] = re.split(r'^import .*?from ".*?";\n', source, flags=re.M | re.S)
        body = re.sub(r"^export (?!default)", "", body, flags=re.M)
        assert text.count(body) == 1, path.name
        assert text.index(body) >= place, path.name
        place = text.index(body)


def test_every_name_that_is_imported_is_exported():
    for path in modules(FOLDER / "gate_stepper.js", []):
        source = path.read_text(encoding="utf-8")
        for names, other in re.findall(r'^import \{(.*?)\} from "(.*?)";', source, re.M | re.S):
            given = (path.parent / other).read_text(encoding="utf-8")
            exported = re.findall(
                r"^export (?:async )?(?:function|class|const|let) (\w+)", given, re.M
            )
            assert set(re.findall(r"\w+", names)) <= set(exported), path.name


# ---------------------------------------------------------------------- what several widgets share


@pytest.fixture
def two(tmp_path):
    """Two widgets that share a and, through it, b."""
    texts = {
        "one.js": 'import { a, f } from "./a.js";\nconst m = a + f();\nexport default { m };\n',
        "two.js": 'import { a } from "./a.js";\nexport default { a };\n',
        "a.js": 'import { b } from "./b.js";\nexport const a = b;\nexport function f() {}\n',
        "b.js": "export const b = 1;\nconst own = 2;\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path.resolve()


def test_what_is_shared_is_left_out_and_borrowed_by_name(two):
    assert bundling.modules(two / "one.js") == [two / "b.js", two / "a.js", two / "one.js"]
    text = bundle(two / "one.js", {two / "a.js", two / "b.js"})
    assert text == "const { a, f } = shared;\nconst m = a + f();\nexport default { m };\n"


def test_shared_modules_return_all_that_they_export(two):
    text = share({two / "a.js", two / "b.js"})
    assert text.count("const b = 1;") == 1
    assert set(re.search(r"return { (.*) };$", text)[1].split(", ")) == {"a", "b", "f"}


def test_shared_modules_must_be_whole(two):
    with pytest.raises(ValueError, match=r"paths must hold .* b\.js is not"):
        share({two / "a.js"})


def test_a_borrowed_name_may_not_be_declared_again(two):
    (two / "two.js").write_text('import { a } from "./a.js";\nconst a = 1;\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"two\.js: a declared twice"):
        bundle(two / "two.js", {two / "a.js", two / "b.js"})
