"""Each link of the pages to teach with opens its widget in the state that the page promises."""

import re
from html import unescape

import pytest
from pages import settle
from playwright.sync_api import expect

# What a reader sees then, and does not see before: a text in the widget, by the words of the link.
SEEN = {
    "book/teaching.html": {
        "the sentence as a matrix": "one-hot matrix 3 × 13",
        "the same text letter by letter": "␣",
        "the space around apple": "Nearest to apple",
        "the question, put": "into the question",
        "the first update": "Pair 2: center “the”",
        "after 1000 updates": "Pair 1001: center “and”",
        "one answer at each word": "Step 4 of 9: reads x₄ “Hermione”",
        "many to one": "review → stars",
        "the network, unfolded three times": "3 of 5",
        "a puzzle of three units": "Step 2 of 7",
        "at the second unknown word": "Step 5 of 9",
        "the same on the screen": "Back at step 1 of 2",
        "a fading gradient": "Back at step 1 of 8",
        "the scale at 1.1": "in the RNN the gradient has vanished (× 6.7·10⁻⁸)",
        "the forget gate, when nothing is to be done": "forget gate, 1.00",
        "shut by hand": "the cell state goes from 0.99 to 0.00",
        "the input gate’s sum": "input gate, 1.00",
        "the gradient on the road": "Back at step 5 of 12",
        "a trained one, at the mouse": "Step 8 of 12, “mouse”",
        "a GRU keeps a bit": "the hidden state goes from 0.99 to 0.99",
        "the update gate, given 0": "the hidden state goes from 0.99 to 0.00",
        "at the fifth word": "Trace of “cats” after step 5",
        "reading from the right": "Step 4 of 7, “bears”",
        "after Saint": "What comes after “Saint”?",
        "nearly greedy": "0.20",
        "what unit 3 holds": "Bars: c[3] after each character",
        "at the first “good”": "Step 4 of 12, “good”",
        "a date, token by token": "decoder 4 of 11",
        "one vector only": "Without attention the decoder sees nothing",
        "three beginnings at once": "3 kept",
    },
    "book/worksheet.html": {
        "Chapter 1, first widget, “dog” and “man” swapped": "Same bag: the counts cannot tell",
        "Chapter 2, second widget, neighbors of 90°": "90°: nearest by cosine",
        "Chapter 2, first widget, the analogy without the tick at “leave out”": "in the question",
        "Chapter 3, first widget, step 1": "3.4657 → 3.4635",
        "Chapter 3, first widget, step 1000": "σ 0.178; after the update 0.201",
        "Chapter 3, first widget, step 6000": "Pair 6001",
        "Chapter 4, first widget, many to one": "a sum over 4 answers",
        "Chapter 5, second widget, step 3, with 3 copies": "Step 3 of 5 reads “and”",
        "Chapter 5, first widget, “fade”, step 2": "the hidden state goes from 0.96 to 0.70",
        "Chapter 6, second widget, step 1": "∂h = −0.25;",
        "Chapter 6, first widget, step 1": "∂h = 0.08;",
        "Chapter 6, third widget, recurrent weights × 1.1": "in the LSTM it has shrunk (× 0.16)",
        "Chapter 7, first widget, step 2, “show”": "1.000 × 0.759 = 0.759",
        "Chapter 7, first widget, step 9": "Step 9 of 9",
        "Chapter 7, first widget, forget gate shut at step 4, then step 5": "from 0.00 to 0.00",
        "Chapter 8, first widget, update gate held at 0 at step 4": "from 0.99 to 0.00",
        "Chapter 8, fourth widget and the two beside it, first lines": "after step 5",
        "Chapter 9, second widget, step 5, “weigh”, and the one above as it opens": "weigh, −1.50",
        "Chapter 10, first widget, beginning “Saint”": "Most likely next: “space”, 0.83",
        "Chapter 10, first widget, beginning “New Zeal”": "On average 4.30 bits",
        "Chapter 10, first widget, temperature 0.2": "Most likely next: “r”, 0.78",
        "Chapter 11, first widget, step 12": "Step 12 of 12, “ambience”",
        "Chapter 11, second widget, step 7 of the decoder": "looks most at character 11, “n”",
        "Chapter 11, second widget, without attention": "must fit into its 64 numbers",
    },
}
CHAPTERS = (
    *("01_word_representation", "02_embedding_intuition", "03_word2vec", "04_sequence_data"),
    *("05_rnn", "06_bptt_and_gradients", "07_lstm", "08_gru", "09_bidirectional_and_deep"),
    *("10_language_models", "11_applications"),
)


def links(book, name):
    """(page, state, words) of each link into a state."""
    text = (book / name).read_text(encoding="utf-8")
    found = re.findall(r'href="\.\./(notebooks/[^"#]*)#([^"]*=[^"]*)">([^<]*)<', text)
    return [tuple(map(unescape, link)) for link in found]


@pytest.mark.parametrize("name", SEEN)
def test_every_link_has_its_promise_and_every_chapter_a_link(book, name):
    found = links(book, name)
    assert sorted(label for _, _, label in found) == sorted(SEEN[name])
    assert {page for page, _, _ in found} == {f"notebooks/{name}.html" for name in CHAPTERS}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_links_open_the_widgets_in_their_states(open_page, book, book_url, chapter):
    page = open_page(f"{book_url}/notebooks/{chapter}.html")
    promises = [
        (address, state, seen[label])
        for name, seen in SEEN.items()
        for address, state, label in links(book, name)
    ]
    for address, state, promise in promises:
        if address != f"notebooks/{chapter}.html":
            continue
        page.evaluate("location.hash = ''")
        page.reload()  # so that nothing is left of the link before
        settle(page)
        kind, _, number = state.partition(".")[0].rpartition("-")
        widget = page.locator(f'[data-widget="{kind}"]').nth(int(number) - 1)
        widget.scroll_into_view_if_needed()
        expect(widget).not_to_contain_text(promise)
        page.evaluate("(state) => { location.hash = state; }", state)
        expect(widget).to_contain_text(promise)
