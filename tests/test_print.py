"""A page on paper, and the whole book as a PDF."""

import pytest
from pages import built_pages
from playwright.sync_api import expect

from book._tools import pdf

PAGE = "notebooks/07_lstm.html"


def test_a_widget_page_is_printed_to_be_read(open_page, book_url):
    page = open_page(f"{book_url}/{PAGE}", color_scheme="dark")
    widgets = page.locator("[data-widget]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(widgets.first.locator(".rnn-fallback")).to_be_hidden()
    folded = page.locator("details:not([open])").count()
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    for widget in widgets.all():
        expect(widget.locator(".rnn-fallback table")).to_be_visible()
    for gone in ("button", ".bd-sidebar-primary", ".headerlink", "summary", ".prev-next-footer"):
        assert page.locator(gone).count()
        assert not [one for one in page.locator(gone).all() if one.is_visible()], gone
    for solution in page.locator(".solution pre").all():
        expect(solution).to_be_visible()
    for code in page.locator("details.hide pre").all():
        expect(code).to_be_visible()
    assert page.locator("img[loading=lazy]").count() == 0
    page.set_viewport_size({"width": 665, "height": 1000})  # A4 between its margins
    cut = page.locator(".bd-content :is(pre, table, img, mjx-container)").evaluate_all(
        """(all) => all.filter((one) => one.getBoundingClientRect().right > innerWidth + 1
            || one.tagName === "PRE" && one.scrollWidth > one.clientWidth + 2)
            .map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert cut == []
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("details:not([open])")).to_have_count(folded)
    expect(widgets.first.locator(".rnn-fallback")).to_be_hidden()


@pytest.fixture(scope="module")
def bound(browser, book, tmp_path_factory):
    pages = [("book/notation", None), ("notebooks/04_sequence_data", "Recurrence")]
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.bind(browser, book, pages, "A title", "An author").write(path)
    return pdf.PdfReader(path)


def titles(outline):
    return [titles(one) if isinstance(one, list) else one.title for one in outline]


def test_the_pdf_has_bookmarks_and_says_what_it_is(bound):
    assert bound.metadata.title == "A title"
    assert bound.root_object["/Lang"] == "en"
    top = titles(bound.outline)
    assert top[:2] == ["Contents", "Notation"]
    part = top[top.index("Recurrence") + 1]
    assert part[0] == "1 Sequence data"
    assert "Play first" in part[1]


def test_every_page_of_the_pdf_has_text_and_its_number(bound):
    texts = [page.extract_text() for page in bound.pages]
    assert "A title" in texts[0]
    assert "Sequence data" in texts[1]
    for number, text in enumerate(texts[1:], start=2):
        assert len(text) > 50
        assert str(number) in text.split()
    everything = " ".join(" ".join(texts).split())
    fallback = "With JavaScript this"  # in the captions of the widgets' tables
    assert everything.count(fallback) >= 2
    assert "Copy link" not in everything


def first(place):
    """The number of the page's object that a place names."""
    return list.__getitem__(place, 0).idnum


def test_links_lead_to_places_in_the_pdf(bound):
    links = [one.get_object() for page in bound.pages for one in page.get("/Annots", ())]
    pages = {page.indirect_reference.idnum for page in bound.pages}
    inside = [link["/Dest"] for link in links if "/Dest" in link]
    assert len(inside) > 20
    assert all(first(place) in pages for place in inside)
    assert len({first(place) for place in inside}) > 4
    outside = [link["/A"]["/URI"] for link in links if "/A" in link]
    assert not [address for address in outside if not address.startswith("http")]


def test_the_pdf_holds_every_page_of_the_contents(book):
    toc = pdf.yaml.safe_load((pdf.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = {f"{name}.html" for name, _ in pdf.contents(toc)}
    assert names == {name for name in built_pages() if name.startswith(("book/", "notebooks/"))}
