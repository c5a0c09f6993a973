"""Every page of the built book, in a browser: self-contained, alive, readable, light enough."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from pages import (
    OWN,
    assert_accessible,
    assert_no_page_scroll,
    built_pages,
    settle,
    shorten_data_tables,
    show_each_color_of_code_once,
    stored_states,
    unfold,
    watch,
    weight,
    write_page,
)
from playwright.sync_api import expect

PAGES = built_pages()
each_page = pytest.mark.parametrize("name", PAGES)
each_page_to_read = pytest.mark.parametrize("name", [n for n in PAGES if n != "index.html"])
each_widget_page = pytest.mark.parametrize("name", built_pages("data-widget="))


class Elements(HTMLParser):
    """The start tags of a page: (tag, attributes)."""

    def __init__(self, path):
        super().__init__()
        self.found = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_errors_and_requests_to_other_hosts_are_noticed(browser, tmp_path):
    """So that the tests below can fail."""
    context = browser.new_context()
    complaints = watch(context)
    page = context.new_page()
    parts = [
        '<img src="https://example.org/picture.png" alt="a picture">',
        "<script>console.error('oh'); throw new Error('no');</script>",
    ]
    page.goto(write_page(tmp_path, parts).as_uri())
    context.close()
    text = "\n".join(complaints)
    assert "request to another host: https://example.org/picture.png" in text
    assert "console: oh" in text
    assert "error: no" in text


@each_page
@pytest.mark.parametrize("way", ["http", "file"])
def test_page_is_alive_and_asks_no_other_host(open_page, book, book_url, name, way):
    """Errors and requests to other hosts fail in ``open_page``."""
    page = open_page(f"{book_url}/{name}" if way == "http" else (book / name).as_uri())
    for image in page.locator("img").all():
        image.evaluate("(image) => { image.loading = 'eager'; }")  # as if a reader came near
        assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    formulas = page.locator(".math").count()
    if formulas:
        expect(page.locator("mjx-container")).not_to_have_count(0)
    if name == "index.html":
        expect(page).to_have_url(re.compile("/book/index.html$"))


@each_page
def test_page_names_no_other_host_for_what_it_loads(book, name):
    for tag, attributes in Elements(book / name).found:
        if tag in ("script", "link", "img", "source", "iframe", "video", "audio", "object"):
            for attribute in ("src", "href", "data"):
                assert not urlsplit(attributes.get(attribute) or "").netloc, (tag, attributes)
            assert "//" not in (attributes.get("srcset") or ""), (tag, attributes)


@each_page
def test_thebe_is_left_out(book, name):
    assert "thebe" not in (book / name).read_text(encoding="utf-8").lower()


@each_page
def test_images_have_a_description(book, name):
    for tag, attributes in Elements(book / name).found:
        if tag == "img":
            alt = attributes.get("alt") or ""
            assert " " in alt.strip(), f"no description: {attributes}"
            assert not re.search(r"\.(png|svg|jpe?g|gif|webp)$", alt), f"a file name: {attributes}"


@each_widget_page
def test_widgets_are_tables_to_read_without_javascript(browser, book, name):
    page = browser.new_page(java_script_enabled=False)
    page.goto((book / name).as_uri())
    widgets = page.locator("[data-widget]")
    assert widgets.count()
    for widget in widgets.all():
        tables = widget.locator(".rnn-fallback table")
        # Only SequenceShapes has two: what a step does, and the shapes.
        two = widget.get_attribute("data-widget") == "sequence-shapes"
        expect(tables).to_have_count(2 if two else 1)
        for table in tables.all():
            # In a folded solution it is readable once that is open.
            if not table.evaluate("(table) => table.closest('details:not([open])')"):
                expect(table).to_be_visible()
            expect(table.locator("caption")).to_have_text(re.compile(r"\w+ \w+"))
            rows = table.locator("tbody tr")
            assert rows.count()
            assert re.search(r"\d", table.locator("tbody").text_content())
        assert '{"' not in widget.inner_text()  # the state is not for eyes
    steppers = page.locator("[data-widget=gate-stepper]")
    states = stored_states(book / name)
    expect(steppers).to_have_count(len(states))
    for stepper, state in zip(steppers.all(), states, strict=True):
        rows = stepper.locator("tbody tr")
        expect(rows).to_have_count(len(state["tokens"]))
        for row, token in zip(rows.all(), state["tokens"], strict=True):
            assert re.sub(r"\s+", "", token) in re.sub(r"\s+", "", row.text_content())
            assert re.search(r"\d\.\d{3}", row.text_content())
    page.close()


@each_widget_page
def test_widget_page_is_light(browser, book, book_url, name):
    """1.2 MB for everything and 60 kB for our own part, both with gzip."""
    page = browser.new_page()
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto(f"{book_url}/{name}")
    settle(page)
    bodies = {answer.url: answer.body() for answer in responses if answer.url.startswith("http")}
    page.close()
    own = [body for url, body in bodies.items() if any(place in url for place in OWN)]
    assert len(own) >= len(OWN)
    states = re.findall(
        '<script type="application/json">(.*?)</script>', (book / name).read_text("utf-8")
    )
    assert weight([*own, "".join(states)]) <= 60_000
    assert weight(bodies.values()) <= 1_200_000, sorted(
        ((weight([body]), url) for url, body in bodies.items()), reverse=True
    )[:8]


def test_figures_come_when_they_are_near_and_move_nothing(open_page, book_url):
    page = open_page(f"{book_url}/notebooks/11_applications.html")
    figures = page.locator("img[src*='_images/']")
    looks = figures.evaluate_all("(all) => all.map((one) => [one.loading, one.complete])")
    assert len(looks) > 5
    assert {loading for loading, _ in looks} == {"lazy"}
    assert not looks[-1][1]  # far below
    height = page.evaluate("document.documentElement.scrollHeight")
    figures.evaluate_all(
        """(all) => Promise.all(all.map((one) => {
            one.loading = "eager";
            return one.decode();
        }))"""
    )
    assert page.evaluate("document.documentElement.scrollHeight") == height


@each_page_to_read
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, book_url, name, scheme):
    page = open_page(f"{book_url}/{name}", color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    unfold(page)
    show_each_color_of_code_once(page)
    shorten_data_tables(page)
    # Everything but the colors is the same in both schemes.
    assert_accessible(page, rules=["color-contrast"] if scheme == "dark" else None)


def test_axe_is_shown_every_color_of_code(open_page, tmp_path):
    """Also one that many pieces have, and that is too faint on the darker of two grounds only."""
    piece = '<span style="color: dimgray">piece</span>'
    blocks = [f"<pre>{piece} {piece}</pre>"] * 3 + [f'<pre style="background: #ccc">{piece}</pre>']
    page = open_page(write_page(tmp_path, blocks[:3]).as_uri())
    show_each_color_of_code_once(page)
    expect(page.locator("pre span")).to_have_count(1)
    assert_accessible(page)
    page = open_page(write_page(tmp_path, blocks).as_uri())
    show_each_color_of_code_once(page)
    expect(page.locator("pre span")).to_have_count(2)
    with pytest.raises(AssertionError, match="color-contrast"):
        assert_accessible(page)


@each_page_to_read
def test_page_does_not_scroll_sideways_on_a_phone(open_page, book_url, name):
    page = open_page(f"{book_url}/{name}")
    unfold(page)
    for width in (390, 320):
        assert_no_page_scroll(page, width)


def test_the_journey_leads_to_every_chapter(open_page, book, book_url):
    page = open_page(f"{book_url}/book/index.html")
    stations = page.locator(".journey a")
    chapters = [name for name in PAGES if name.startswith("notebooks/")]
    links = stations.evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
    assert sorted(links) == sorted(f"../{name}" for name in chapters)
    names = [text.strip() for text in stations.all_inner_texts()]
    assert all(re.fullmatch(rf"{n} \S.*\?", name) for n, name in enumerate(names, start=1))
