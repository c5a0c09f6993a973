"""The slides: every one as it should be, its widgets alive, in the states of the teacher's plan."""

import re

import nbformat
import pytest
from pages import ROOT, assert_accessible
from playwright.sync_api import expect
from test_teaching import SEEN

from book._tools.slides import build

SOURCE = ROOT / "book" / "slides"
LESSONS = [f"lesson_{k}" for k in range(1, 9)]
SHOW = re.compile(r":::\{show\} (\w+)#(\S+)\n:state: (.*)")
# What is seen in a state that no link of the plan has.
ONLY_HERE = {
    ("01_word_representation", "text-encoder-1", "level=character&text=Man bites dog"): "␣",
}


def widget_of(chapter, cell_id):
    """The name in the chapter's addresses of the first widget that a cell shows."""
    names = []
    for cell in nbformat.read(ROOT / "notebooks" / f"{chapter}.ipynb", as_version=4).cells:
        found = re.findall(r'data-widget=\\?"([^"\\]*)', str(cell.get("outputs")))
        if cell.id == cell_id:
            return f"{found[0]}-{names.count(found[0]) + 1}"
        names += found
    raise AssertionError(f"no cell {cell_id} in {chapter}")


def states(lesson):
    """(chapter, widget, state) of each widget that opens in a state of its own, in order."""
    found = SHOW.findall((SOURCE / f"{lesson}.md").read_text(encoding="utf-8"))
    return [(chapter, widget_of(chapter, cell), state) for chapter, cell, state in found]


def promised():
    """What the teacher's page promises of each state: {(chapter, widget, state): text}."""
    text = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
    links = re.findall(r"\{widget\}`(.+?) <notebooks/(\w+)#(.+?)>`", text)
    seen = SEEN["book/teaching.html"]
    return {
        (chapter, state.split(".")[0], re.sub(r"[\w-]+-\d+\.", "", state)): seen[
            label.replace("'", "’")
        ]
        for label, chapter, state in links
    }


def go_to(page, number):
    page.evaluate("(k) => { location.hash = `slide=${k}`; }", number)
    expect(page.locator("footer span")).to_contain_text(f"{number} /")


def count(page):
    return page.evaluate("Reveal.getTotalSlides()")


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_heading_is_a_slide_with_notes(open_page, slides, lesson):
    page = open_page((slides / f"{lesson}.html").as_uri())
    headings = re.findall(r"^#+ ", (SOURCE / f"{lesson}.md").read_text(encoding="utf-8"), re.M)
    assert count(page) == len(headings) >= 12
    notes = page.evaluate("Reveal.getSlides().map((slide) => Reveal.getSlideNotes(slide))")
    assert all(note and len(note) > 5 for note in notes)


@pytest.mark.parametrize("lesson", LESSONS)
def test_widgets_open_in_the_states_of_the_plan(open_page, slides, lesson):
    seen = {**promised(), **ONLY_HERE}
    page = open_page((slides / f"{lesson}.html").as_uri())
    opened = page.locator("[data-opens-in]")
    expect(opened).to_have_count(len(states(lesson)))
    for k, key in enumerate(states(lesson)):
        assert opened.nth(k).get_attribute("data-opens-in") == key[2]
        expect(opened.nth(k)).to_contain_text(seen[key])


@pytest.mark.parametrize("lesson", LESSONS)
def test_axe_finds_nothing_and_nothing_is_cut_off_at_the_side(open_page, slides, lesson):
    page = open_page((slides / f"{lesson}.html").as_uri(), viewport={"width": 1024, "height": 700})
    for k in range(1, count(page) + 1):
        go_to(page, k)
        for _ in range(
            page.locator("section.present > section.present .fragment:not(.visible)").count()
        ):
            page.evaluate("Reveal.nextFragment()")
        wide = page.evaluate(
            """() => [Reveal.getCurrentSlide(), ...Reveal.getCurrentSlide().querySelectorAll(
                ":scope > .math, :scope > .highlight pre")]
                .filter((node) => node.scrollWidth > node.clientWidth)
                .map((node) => node.outerHTML.slice(0, 100))"""
        )
        assert wide == [], f"{lesson}, slide {k}"
        assert_accessible(page)


def test_arrows_turn_slides_or_step_the_widget_that_has_the_focus(open_page, slides):
    page = open_page((slides / "lesson_5.html").as_uri())
    number = page.locator("footer span")
    page.keyboard.press("ArrowRight")
    expect(number).to_contain_text("2 /")
    for _ in range(4):  # what the class would want from a memory
        page.keyboard.press("ArrowRight")
    expect(page.locator(".fragment.visible")).to_have_count(4)
    page.keyboard.press("ArrowRight")
    expect(number).to_contain_text("3 /")
    stepper = page.locator("[data-widget]").first
    stepper.locator("button:visible").first.focus()
    before = stepper.inner_text()
    page.keyboard.press("ArrowRight")
    expect(number).to_contain_text("3 /")
    expect(stepper).not_to_have_text(before, use_inner_text=True)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(number).to_contain_text("4 /")


def test_buttons_of_a_widget_step_it(open_page, slides):
    page = open_page((slides / "lesson_5.html").as_uri() + "#slide=3")
    stepper = page.locator("[data-widget]").first
    stepper.get_by_role("button", name="Next step", exact=True).click()
    expect(stepper).to_contain_text("Step 5 of 9")
    expect(page.locator("footer span")).to_contain_text("3 /")


@pytest.mark.parametrize("lesson", LESSONS)
def test_reveal_styles_nothing_in_a_widget(open_page, slides, lesson):
    """Its style sheet has plain names of classes, such as "controls"."""
    styles = slides / "_static" / "revealjs" / "dist" / "reveal.css"
    taken = {*re.findall(r"\.reveal \.([a-z-]+)", styles.read_text(encoding="utf-8"))}
    assert "controls" in taken
    page = open_page((slides / f"{lesson}.html").as_uri())
    used = page.locator("[data-widget] [class]").evaluate_all(
        "(nodes) => nodes.flatMap((node) => [...node.classList])"
    )
    assert taken & {*used} == set()


def test_a_loaded_page_comes_back_to_its_slide_and_its_step(open_page, slides):
    page = open_page((slides / "lesson_5.html").as_uri())
    go_to(page, 3)
    page.locator("[data-widget]").first.locator("button:visible").first.focus()
    page.keyboard.press("End")
    expect(page.locator("[data-widget]").first).to_contain_text("Step 9 of 9")
    page.wait_for_function("location.hash.includes('gate-stepper-1.step=9')")
    assert "slide=3" in page.url
    page.reload()
    expect(page.locator("footer span")).to_contain_text("3 /")
    expect(page.locator("[data-widget]").first).to_contain_text("Step 9 of 9")


def test_a_link_into_a_widget_opens_its_slide(open_page, slides):
    page = open_page((slides / "lesson_5.html").as_uri() + "#gate-stepper-2.step=6")
    expect(page.locator("footer span")).to_contain_text("5 /")


MISTAKES = {
    "{show} 12_none#latch": "there is no notebook 12_none.ipynb",
    "{show} 07_lstm#nowhere": "07_lstm.ipynb has no cell 'nowhere'",
    "{show} 07_lstm#title": "this cell shows nothing",
    "{show} 07_lstm#gradients\n:formula: 5": "so no formula 5",
    "{show} 07_lstm#from-scratch\n:code:\n:lines: 3-99": "this cell has lines 1 to",
    "{show} 07_lstm#squashers\n:state: step=4": "only a widget has a state",
}


def test_a_mistake_in_a_slide_stops_the_build_and_is_named(tmp_path, capfd):
    source = tmp_path / "slides"
    (source / "_static").mkdir(parents=True)
    shows = "\n\n".join(f":::{mistake}\n:::" for mistake in MISTAKES)
    (source / "index.md").write_text(f"# Mistakes\n\n{shows}\n", encoding="utf-8")
    assert build(source, tmp_path / "built") != 0
    complaints = capfd.readouterr().err
    assert [text for text in MISTAKES.values() if text not in complaints] == []
