"""Links lead somewhere, pages say what they are about, and pictures for shared links exist."""

import importlib.util
import re
import struct
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from matplotlib.image import imread
from pages import ROOT, built_pages

PAGES = [name for name in built_pages() if name not in ("index.html", "search.html")]
READ = [name for name in PAGES if name.startswith(("book/", "notebooks/"))]

spec = importlib.util.spec_from_file_location("descriptions", ROOT / "book/_ext/descriptions.py")
descriptions = importlib.util.module_from_spec(spec)
spec.loader.exec_module(descriptions)


class Page(HTMLParser):
    """What a page links to, the places that it has, its widgets and its meta tags."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.widgets, self.meta = [], set(), [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if "id" in attrs:
            self.ids.add(attrs["id"])
        if "data-widget" in attrs:
            name = attrs["data-widget"]
            self.widgets.append(f"{name}-{1 + sum(w.startswith(name) for w in self.widgets)}")
        if tag == "meta":
            self.meta[attrs.get("name") or attrs.get("property")] = attrs.get("content")


@cache
def page(path):
    return Page(Path(path).read_text(encoding="utf-8"))


def dead(path):
    """The links of a page that lead nowhere."""
    lost = []
    for link in page(path).links:
        if urlsplit(link).scheme in ("http", "https"):
            continue
        target, fragment = urldefrag(unquote(link))
        there = (path.parent / target).resolve() if target else path
        if urlsplit(link).scheme or not there.is_file():
            lost.append(link)
        elif fragment and there.suffix == ".html":
            # The state of widgets, "gate-stepper-1.step=3&…", names widgets and no place.
            states = [part.partition(".")[0] for part in fragment.split("&") if "=" in part]
            if not set(states or [fragment]) <= page(there).ids | set(page(there).widgets):
                lost.append(link)
    return lost


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_pages_and_places_that_exist(book, name):
    assert dead(book / name) == []


def test_dead_links_would_be_found(tmp_path):
    text = '<p id="here"></p><div data-widget="unfolder"></div>'
    alive = ["#here", "a.html", "a.html#here", "#unfolder-1.step=3", "https://example.org/x"]
    lost = ["#there", "b.html", "a.html#there", "#unfolder-2.step=3", "mailto:a@example.org"]
    text += "".join(f'<a href="{link}">x</a>' for link in alive + lost)
    (tmp_path / "a.html").write_text(text)
    assert dead(tmp_path / "a.html") == lost


@pytest.mark.parametrize("name", READ)
def test_a_page_is_described(book, name):
    meta = page(book / name).meta
    assert 40 <= len(meta["description"]) <= descriptions.LONGEST
    assert meta["og:description"] == meta["description"]
    assert meta["og:title"]
    assert meta["og:site_name"] == "Recurrent Neural Networks, Step by Step"


def test_no_two_pages_are_described_alike(book):
    every = [page(book / name).meta["description"] for name in READ]
    assert len(set(every)) == len(every)


def test_a_book_that_does_not_know_its_address_names_none(book):
    for name in READ:
        assert not {"og:url", "og:image", "twitter:card"} & set(page(book / name).meta)


class App:
    """As much of Sphinx as the tags need."""

    def __init__(self, folder, baseurl):
        self.outdir = folder / "html"
        self.config = self.env = self.builder = self
        self.html_title, self.project = "A book", ""
        self.html_baseurl = baseurl
        self.book_descriptions = {"notebooks/a": "What it is  about."}

    def get_target_uri(self, name):
        return f"{name}.html"


def test_a_published_page_has_a_picture_and_an_address(tmp_path):
    app = App(tmp_path, "https://example.org/rnn/")
    context = {"title": "Cats &amp; <em>dogs</em>"}
    descriptions.add_tags(app, "notebooks/a", "page.html", context, object())
    meta = Page(context["metatags"]).meta
    assert meta["og:title"] == "Cats & dogs"
    assert meta["description"] == "What it is about."
    assert meta["og:url"] == "https://example.org/rnn/notebooks/a.html"
    assert meta["og:image"] == "https://example.org/rnn/_static/cards/notebooks/a.png"
    card = app.outdir / "_static/cards/notebooks/a.png"
    data = card.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1200, 630)
    assert len(data) < 60_000
    # The second time it is not drawn, unless the title is another.
    cached = list((tmp_path / ".cards").iterdir())
    descriptions.make_card(app, "A book", "Cats & dogs", card)
    assert list((tmp_path / ".cards").iterdir()) == cached
    descriptions.make_card(app, "A book", "Cows", card)
    assert card.read_bytes() != data


@pytest.mark.parametrize("name", READ)
def test_every_title_fits_into_its_picture(book, name, tmp_path):
    descriptions.draw_card("A book", page(book / name).meta["og:title"], tmp_path / "card.png")
    picture = imread(tmp_path / "card.png")[20:, :, :3]
    border = picture[0, 0]
    assert (picture[:330] != border).any()  # the title
    assert (picture[:, :60] == border).all()
    assert (picture[:, -60:] == border).all()
    assert (picture[330:340] == border).all()  # it ends above the road


@pytest.mark.parametrize("address", ["https://example.org/rnn", "https://example.org/rnn/"])
def test_the_address_comes_from_the_environment(tmp_path, monkeypatch, address):
    monkeypatch.setenv("BOOK_URL", address)
    app = App(tmp_path, "")
    descriptions.read_address(app, app)
    assert app.html_baseurl == "https://example.org/rnn/"


def test_a_page_without_a_line_begins_its_own_description():
    from docutils.core import publish_doctree

    text = "Title\n=====\n\n" + "Ten words to a line and no more than that. " * 9
    tree = publish_doctree(text, settings_overrides={"doctitle_xform": False})
    text = descriptions.description(tree, None)
    assert text.startswith("Ten words to a line")
    assert len(text) <= descriptions.LONGEST
    assert re.search(r"\w\.? …$", text)
