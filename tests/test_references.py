"""The references: each is cited, is there once, and leads to what it names."""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = parse_file(ROOT / "book" / "references.bib").entries
DOI = re.compile(r"10\.\d{4,9}/\S+")
ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7}")  # since April 2007, and before
URL = re.compile(r"https?://[\w.-]+\.[a-z]+(/\S*)?")
WITHOUT_IDENTIFIER = {
    "jordan1986",  # a paper in printed proceedings that no library of papers has under a number
}


def is_isbn(text):
    """Ten or thirteen digits, of which the last is right."""
    digits = text.replace("-", "")
    if re.fullmatch(r"\d{9}[\dX]", digits):
        values = [10 if digit == "X" else int(digit) for digit in digits]
        return sum(n * value for n, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0
    if re.fullmatch(r"97[89]\d{10}", digits):
        return sum((3 if n % 2 else 1) * int(digit) for n, digit in enumerate(digits)) % 10 == 0
    return False


FORMS = {"doi": DOI.fullmatch, "eprint": ARXIV.fullmatch, "isbn": is_isbn, "url": URL.fullmatch}


def identifiers(entry):
    """The fields of an entry that lead to what it names: {field: text}."""
    return {field: entry.fields[field] for field in FORMS if field in entry.fields}


def twice(values):
    return [value for value, count in Counter(values).items() if count > 1]


def cited(text):
    """The keys that a page cites, in MyST's notation."""
    roles = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    return {key.strip() for keys in roles for key in keys.split(",")}


def test_every_citation_has_its_entry_and_every_entry_is_cited():
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("**/*.md")]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        pages += [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert set.union(*map(cited, pages)) == set(ENTRIES)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_names_somebody_and_a_year_and_leads_there(key):
    entry = ENTRIES[key]
    assert entry.persons["author"]
    assert re.fullmatch(r"(19|20)\d\d", entry.fields["year"])
    found = identifiers(entry)
    for field, text in found.items():
        assert FORMS[field](text), f"{field} = {text}"
    assert ("eprint" in found) == (entry.fields.get("archiveprefix") == "arXiv")
    if key in WITHOUT_IDENTIFIER:
        assert not found
        assert "note" in entry.fields, "a note that says where it is"
    else:
        assert found, "one of doi, eprint, isbn, url"


def test_nothing_is_listed_twice():
    entries = ENTRIES.values()
    titles = [re.sub(r"\W", "", entry.fields["title"]).lower() for entry in entries]
    assert twice(titles) == []
    assert twice(item for entry in entries for item in identifiers(entry).items()) == []


def test_on_the_page_the_entries_are_in_order_and_linked(book):
    """By author, since the chapters name author and year."""
    text = (book / "book" / "references.html").read_text(encoding="utf-8")
    entries = re.findall(r'<div class="citation".*?</div>', text, re.S)
    assert len(entries) == len(ENTRIES)
    unlinked = [entry for entry in entries if 'class="reference external"' not in entry]
    assert len(unlinked) == len(WITHOUT_IDENTIFIER)
    names = ("Ackley", "Bishop", "Elman", "Huszár", "Stanford", "Werbos", "Zipf")
    places = ["".join(entries).index(name) for name in names]
    assert places == sorted(places)


def test_a_damaged_identifier_would_be_found():
    assert is_isbn("978-0-387-31073-2")
    assert is_isbn("0-8044-2957-X")
    assert not is_isbn("978-0-387-31073-3")
    assert not is_isbn("0-8044-2957-1")
    assert not is_isbn("387-31073-2")
    assert DOI.fullmatch("10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9")
    assert not DOI.fullmatch("https://doi.org/10.1109/72.279181")
    assert ARXIV.fullmatch("cs/0011047")
    assert ARXIV.fullmatch("math.GT/0309136")
    assert not ARXIV.fullmatch("arXiv:1211.5063")
    assert not URL.fullmatch("www.jmlr.org/papers/v3/gers02a.html")
