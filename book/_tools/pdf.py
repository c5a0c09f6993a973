"""Print the whole book, in the order of its contents, into one PDF in _build.

    python -m book._tools.pdf

The browser prints each built page (``make book``) as a reader would print it. Here the pages get
numbers, a title page, contents, bookmarks, and links that lead to places in the same file.
"""

import io
import re
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, NullObject, TextStringObject

from tests.browser import ADVICE, LAUNCH_ARGS, find_browser
from tests.pages import BUILT, settle

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "_build" / "recurrent-neural-networks-step-by-step.pdf"
MARGIN = {"top": "18mm", "bottom": "20mm", "left": "17mm", "right": "17mm"}

FRONT_STYLE = """
body { font-family: sans-serif; }
.title { height: 250mm; display: flex; flex-direction: column; justify-content: center; }
.title h1 { font-size: 34pt; margin: 0; border-bottom: 2pt solid; padding-bottom: 6mm; }
.title p { font-size: 12pt; }
.contents { break-before: page; font-size: 10.5pt; line-height: 1.5; }
.contents h2 { font-size: 12pt; margin: 4mm 0 1mm; }
.contents a { display: flex; justify-content: space-between; color: inherit;
    text-decoration: none; }
"""
FOOT_STYLE = """
body { margin: 0; font: 8pt sans-serif; color: dimgray; }
p { box-sizing: border-box; height: 296.9mm; margin: 0; padding: 283mm 17mm 0; display: flex;
    justify-content: space-between; break-after: page; }
"""
# A browser writes down the place of an element only if the page itself links to it.
REMEMBER = """(names) => {
  const nav = document.createElement("nav");
  nav.style = "position: absolute; top: 0; left: 0; font-size: 1px; line-height: 1px";
  for (const name of names) {
    const link = document.createElement("a");
    link.href = `#${name}`;
    link.textContent = ".";
    link.style.color = "transparent";
    nav.append(link);
  }
  document.body.append(nav);
}"""


class Piece(NamedTuple):
    """A page of the book, printed."""

    name: str  # as in _toc.yml
    title: str
    part: str | None
    pdf: PdfReader


def contents(toc):
    """The pages in their order: [(name, caption of the part or None)]."""
    pages = [(toc["root"], None)]
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            entries = [chapter, *chapter.get("sections", [])]
            pages += [(entry["file"], part["caption"]) for entry in entries]
    return pages


def fragments(folder, names):
    """The places that pages link to in each other: {name: sorted ids}."""
    found = {name: set() for name in names}
    for name in names:
        here = folder / f"{name}.html"
        for address in re.findall(r'href="([^":#]+\.html#[^"]+)"', here.read_text("utf-8")):
            path, fragment = urldefrag(address)
            there = (here.parent / path).resolve().relative_to(folder.resolve())
            if there.with_suffix("").as_posix() in found:
                found[there.with_suffix("").as_posix()].add(fragment)
    return {name: sorted(ids) for name, ids in found.items()}


def print_page(page):
    # The browser finds the headings for the outline only in a tagged file.
    return page.pdf(format="A4", margin=MARGIN, print_background=True, outline=True, tagged=True)


def print_pieces(browser, folder, pages):
    """Print the pages, a list as `contents` gives it; yields a `Piece` for each."""
    wanted = fragments(folder, [name for name, _ in pages])
    chapter = 0
    for name, part in pages:
        page = browser.new_page(color_scheme="light", reduced_motion="reduce")
        page.goto((folder / f"{name}.html").as_uri())
        settle(page)
        page.emulate_media(media="print")
        page.evaluate(
            "() => Promise.all([...document.images].map((image) => image.decode().catch(() => {})))"
        )
        page.evaluate(REMEMBER, wanted[name])
        title = page.locator("article h1").evaluate(
            "(h1) => [...h1.childNodes].filter((n) => !n.matches?.('.headerlink'))"
            ".map((n) => n.textContent).join('').trim()"
        )
        if name.startswith("notebooks/"):
            chapter += 1
            title = f"{chapter} {title}"
        yield Piece(name, title, part, PdfReader(io.BytesIO(print_page(page))))
        page.close()


def print_front(browser, book_title, author, folder, entries):
    """Title page and contents; ``entries`` are pairs of a `Piece` and its first page's number."""
    lines, last = [], None
    for piece, number in entries:
        if piece.part and piece.part != last:
            lines.append(f"<h2>{escape(piece.part)}</h2>")
        last = piece.part
        address = (folder / f"{piece.name}.html").as_uri()
        lines.append(f'<a href="{address}">{escape(piece.title)}<span>{number}</span></a>')
    page = browser.new_page()
    page.set_content(
        f'<html lang="en"><title>{escape(book_title)}</title><style>{FRONT_STYLE}</style>'
        f'<div class="title"><h1>{escape(book_title)}</h1><p>{escape(author)}</p></div>'
        f'<div class="contents"><h1>Contents</h1>{"".join(lines)}</div></html>'
    )
    data = print_page(page)
    page.close()
    return PdfReader(io.BytesIO(data))


def print_feet(browser, feet):
    """A page for each pair of a title and a number, with these at its foot."""
    lines = "".join(f"<p><span>{escape(title)}</span><span>{n}</span></p>" for title, n in feet)
    page = browser.new_page()
    page.set_content(f"<style>{FOOT_STYLE}</style>{lines}")
    data = page.pdf(format="A4")
    page.close()
    return PdfReader(io.BytesIO(data))


def add_bookmarks(writer, outline, reader, start, parent):
    """Copy a printed page's headings, nested lists of them, below ``parent``."""
    item = parent
    for entry in outline:
        if isinstance(entry, list):
            add_bookmarks(writer, entry, reader, start, item)
        else:
            number = start + reader.get_destination_page_number(entry)
            half = entry.title[: len(entry.title) // 2]
            # A heading that had to go to the next page is written down twice.
            title = half if entry.title == half * 2 else entry.title
            item = writer.add_outline_item(title=title, page_number=number, parent=parent)


def connect(writer, piece, start, places, folder):
    """Make the links of a printed page lead to places in the whole file, or to another host."""
    for page in writer.pages[start : start + len(piece.pdf.pages)]:
        kept = ArrayObject()
        for reference in page.get("/Annots", ()):
            link = reference.get_object()
            left, low, right, high = (float(x) for x in link["/Rect"])
            if high - low < 2 and right - left < 2:
                continue  # of those that only made the browser remember a place
            address = link.get("/A", {}).get("/URI")
            if address is None:
                place = places.get((piece.name, str(link.get("/Dest", "")).lstrip("/")))
            elif address.startswith("file:"):
                path, fragment = urldefrag(unquote(address))
                path = path.removeprefix(folder.as_uri()).strip("/")
                name = path.removesuffix(".html")
                place = places.get((name, fragment)) or places.get((name, ""))
            else:
                kept.append(reference)
                continue
            if place is None or (place == places.get((piece.name, "")) and address is not None):
                continue  # the state of a widget, which has no place on paper
            number, left, top = place
            target = [writer.pages[number].indirect_reference, NameObject("/XYZ"), left, top]
            link.pop("/A", None)
            link[NameObject("/Dest")] = ArrayObject([*target, NullObject()])
            kept.append(reference)
        page[NameObject("/Annots")] = kept


def places_of(piece, start):
    """{(name, id): (page's number, left, top)} of everything that a printed page can link to."""
    places = {(piece.name, ""): (start, NullObject(), NullObject())}
    for key, target in piece.pdf.named_destinations.items():
        number = start + piece.pdf.get_destination_page_number(target)
        places[piece.name, unquote(key.lstrip("/"))] = (number, target.left, target.top)
    return places


def bind(browser, folder, pages, title, author):
    """The whole book as a `pypdf.PdfWriter`."""
    pieces = list(print_pieces(browser, folder, pages))
    length = 0
    for _ in range(2):  # the contents name page numbers that depend on the contents' own length
        starts, number = [], length
        for piece in pieces:
            starts.append(number)
            number += len(piece.pdf.pages)
        entries = [(piece, start + 1) for piece, start in zip(pieces, starts, strict=True)]
        front = print_front(browser, title, author, folder, entries)
        length = len(front.pages)

    writer = PdfWriter()
    front = Piece("", "Contents", None, front)
    pieces, starts = [front, *pieces], [0, *starts]
    places, feet, part = {}, [], None
    for piece, start in zip(pieces, starts, strict=True):
        for page in piece.pdf.pages:
            writer.add_page(page)
            feet.append((piece.title, len(writer.pages)))
        places |= places_of(piece, start)
    above = None
    for piece, start in zip(pieces, starts, strict=True):
        connect(writer, piece, start, places, folder)
        if piece.part != part:
            part = piece.part
            above = writer.add_outline_item(title=piece.part, page_number=start)
        item = writer.add_outline_item(
            title=piece.title, page_number=start, parent=above if part else None
        )
        if piece is not front:
            for entry in piece.pdf.outline[1:]:  # the first is the title
                add_bookmarks(writer, entry, piece.pdf, start, item)
    for page, foot in zip(writer.pages[1:], print_feet(browser, feet).pages[1:], strict=True):
        page.merge_page(foot)
    for page in writer.pages:
        page.compress_content_streams()
    writer.add_metadata({"/Title": title, "/Author": author})
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")
    writer.create_viewer_preferences().display_doctitle = True
    writer.page_mode = "/UseOutlines"
    writer.compress_identical_objects()
    return writer


def main():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    pages = contents(toc)
    if missing := [name for name, _ in pages if not (BUILT / f"{name}.html").exists()]:
        sys.exit(f"the book is not built ({missing[0]} is not there): run `make book` first")
    executable = find_browser()
    if executable is None:
        sys.exit(ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGS)
        writer = bind(browser, BUILT, pages, config["title"], config["author"])
        browser.close()
    writer.write(TARGET)
    size = TARGET.stat().st_size / 1e6
    print(f"wrote {TARGET.relative_to(ROOT)}: {len(writer.pages)} pages, {size:.1f} MB")


if __name__ == "__main__":
    main()
