"""Every line of the texts that the book follows is treated, and coverage.csv says where."""

import csv
import functools
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
import yaml
from pages import BUILT, ROOT

# The five texts, S0 to S4, were cut by hand into so many statements, formulas, figures, examples
# and headings, and K counts what has to be corrected in them. The numbers stand here, and not
# only in the file, so that a row that gets lost is missed.
ROWS = {"S0": 121, "S1": 80, "S2": 83, "S3": 176, "S4": 97, "K": 98}
IDS = [
    f"{text}-{n:02}" if text != "K" else f"K{n:02}"
    for text, count in ROWS.items()
    for n in range(1, count + 1)
]

with (ROOT / "book" / "coverage.csv").open(encoding="utf-8", newline="") as file:
    HEADER, *LINES = map(tuple, csv.reader(file))

PAGES = sorted({page for _, page, _ in LINES})
each_page = pytest.mark.parametrize("page", PAGES)


class _Anchors(HTMLParser):
    """The ids in the text of a page, in order; what stands around the text has ids as well."""

    def __init__(self):
        super().__init__()
        self.ids, self.title, self.depth = [], None, 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag == "article"
        if self.depth and (anchor := dict(attrs).get("id")):
            self.ids.append(anchor)
            if self.title is None and tag == "section":
                self.title = anchor

    def handle_endtag(self, tag):
        self.depth -= tag == "article"


@functools.cache
def anchors(page):
    parser = _Anchors()
    parser.feed((BUILT / f"{page}.html").read_text(encoding="utf-8"))
    return parser


def test_every_row_is_covered_in_its_order_and_no_other():
    assert HEADER == ("row", "page", "anchor")
    assert list(dict.fromkeys(row for row, _, _ in LINES)) == IDS


def test_no_line_stands_twice_and_the_lines_of_a_row_stand_together():
    assert [line for line, count in Counter(LINES).items() if count > 1] == []
    rows = [row for row, _, _ in LINES]
    assert rows == sorted(rows, key=IDS.index)


def test_every_page_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    named = {toc["root"], *(c["file"] for part in toc["parts"] for c in part["chapters"])}
    assert set(PAGES) <= named


def test_every_chapter_treats_something():
    chapters = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert chapters <= set(PAGES)


@each_page
def test_every_anchor_is_in_the_built_page(book, page):
    asked = {anchor for _, where, anchor in LINES if where == page}
    assert asked - set(anchors(page).ids) == set()


def test_no_anchor_is_a_number_that_will_shift():
    """Sphinx calls a second section of the same name id7, and numbers all citations together."""
    assert [line for line in LINES if re.fullmatch(r"id\d+", line[2])] == []


def test_anchors_are_sections_and_not_whole_pages(book):
    """The title of a page says only that the row is somewhere on it."""
    vague = [line for line in LINES if line[2] == anchors(line[1]).title]
    assert len(vague) <= 0.06 * len(LINES)
    # Only what is itself the title of a text or of a long part has no other place.
    precise = {row for row, page, anchor in LINES if anchor != anchors(page).title}
    assert len(set(IDS) - precise) <= 0.03 * len(IDS)
