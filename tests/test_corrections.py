"""The page of corrections: all there, each with its place in a chapter, the serious ones proved."""

import doctest
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book" / "corrections.md").read_text(encoding="utf-8")
KINDS = {"wrong", "overstated", "inconsistent", "incomplete", "dated", "term"}

ENTRY = re.compile(
    r"^\((?P<name>k\d\d)\)=\n\n### (?P<title>[^\n]+)\n\n"
    r"\{\{ (?P<weight>\w+) \}\} · (?P<kind>\w+)\n\n(?P<body>.*?)(?=^\(k\d\d\)=|^## |\Z)",
    re.M | re.S,
)
ENTRIES = {entry["name"]: entry for entry in ENTRY.finditer(PAGE)}
SERIOUS = [name for name, entry in ENTRIES.items() if entry["weight"] == "serious"]
each_entry = pytest.mark.parametrize("name", ENTRIES)


def blocks(text):
    return re.findall(r"^```pycon\n(.*?)^```$", text, re.M | re.S)


SETUP, *_ = blocks(PAGE)


def slug(heading):
    """The anchor that MyST gives to a heading, as on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(path):
    """The anchors of a chapter's headings."""
    cells = nbformat.read(path, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return {slug(line) for s in sources for line in re.findall(r"^#{1,4} (.+)$", s, re.M)}


ANCHORS = {path.name: anchors(path) for path in (ROOT / "notebooks").glob("*.ipynb")}


def fails(code):
    """How many examples of a dialogue do not give what the page says, and the report."""
    test = doctest.DocTestParser().get_doctest(code, {}, "entry", "corrections.md", 0)
    report = []
    runner = doctest.DocTestRunner(verbose=False)
    return runner.run(test, out=report.append).failed, "".join(report)


def test_every_correction_is_there_once():
    names = re.findall(r"^\((\w+)\)=$", PAGE, re.M)
    assert len(names) == len(set(names))  # also those that are written in another form
    assert set(names) == {f"k{n:02}" for n in range(1, 99)}
    assert set(ENTRIES) == set(names)
    assert len(re.findall(r"^### ", PAGE, re.M)) == 98


def test_every_group_is_in_the_order_of_its_numbers():
    groups = re.split(r"^## .+$", PAGE, flags=re.M)[1:]
    assert len(groups) == len(set(re.findall(r"^## (.+)$", PAGE, re.M))) >= 10
    for group in groups:
        names = re.findall(r"^\((k\d\d)\)=$", group, re.M)
        assert names
        assert names == sorted(names)


def test_weights_and_kinds():
    weights = Counter(entry["weight"] for entry in ENTRIES.values())
    assert weights == {"serious": 34, "notable": 38, "small": 26}
    assert {entry["kind"] for entry in ENTRIES.values()} == KINDS
    titles = [entry["title"] for entry in ENTRIES.values()]
    assert len(set(titles)) == len(titles)


@each_entry
def test_an_entry_is_short_and_says_where_it_is_treated(name):
    body = ENTRIES[name]["body"]
    said, right = re.fullmatch(
        r"\*Often said:\* (.+?)\n\n\*Right:\* (.+?)\n+(?:```pycon\n.*^```\n+)?", body, re.M | re.S
    ).groups()
    assert len(said.split()) <= 60
    assert len(right.split()) <= 110
    links = re.findall(r"\]\(\.\./notebooks/([\w.]+)#([^)\s]+)\)", right)
    assert links
    for chapter, anchor in links:
        assert anchor in ANCHORS[chapter]


@pytest.mark.parametrize("name", SERIOUS)
def test_a_serious_entry_is_proved(name):
    checks = blocks(ENTRIES[name]["body"])
    assert checks
    for check in checks:
        lines = check.splitlines()
        assert len(lines) <= 10
        assert any(not line.startswith((">>> ", "... ")) for line in lines)  # it says something
        failed, report = fails(SETUP + check)
        assert not failed, report


def test_there_is_no_dialogue_that_is_not_carried_out():
    proved = sum(len(blocks(ENTRIES[name]["body"])) for name in SERIOUS)
    assert len(re.findall(r"^```", PAGE, re.M)) == 2 * (proved + 1)
    assert not re.search(r"doctest:", PAGE)  # no option that loosens or skips


@pytest.mark.parametrize(
    "code", [">>> 1 + 1\n3\n", ">>> 1 + 1\n", ">>> 1 / 0\n", ">>> 'a   b'\n'a b'\n"]
)
def test_a_wrong_answer_would_be_found(code):
    assert fails(code)[0] == 1


# ------------------------------------------------------------------------------- the built page


def test_every_anchor_leads_to_its_entry(open_page, book_url):
    page = open_page(f"{book_url}/book/corrections.html")
    for name, entry in ENTRIES.items():
        section = page.locator(f"section:has(> #{name})")
        title = re.sub(r"\W+", "", entry["title"])
        assert re.sub(r"\W+", "", section.locator("h3").text_content()) == title
        # The stars are for the eye; the word beside them is for all.
        expect(section.locator(".severity")).to_have_attribute("aria-hidden", "true")
        assert f" {entry['weight']} · {entry['kind']}" in section.text_content()


def test_what_is_copied_can_be_run(open_page, book_url):
    page = open_page(f"{book_url}/book/corrections.html")
    button = page.locator("section:has(> #k53) button.copybtn")
    copied = page.evaluate(
        """(button) => {
            const seen = [];
            document.addEventListener("copy", (event) => {
                seen.push(document.getSelection().toString() || document.activeElement.value);
            }, { once: true });
            button.click();
            return seen;
        }""",
        button.element_handle(),
    )
    assert len(copied) == 1
    assert copied[0].startswith("x = torch.linspace(")
    assert ">>>" not in copied[0]
    compile(copied[0], "copied", "exec")
