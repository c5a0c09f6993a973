"""Each link of the teacher's page opens its widget in the state that the page promises."""

import re
from html import unescape

import pytest
from playwright.sync_api import expect

PAGE = "book/teaching.html"

# What a teacher sees then, and does not see before: a text in the widget, by the words of the link.
SEEN = {
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
}
CHAPTERS = (
    *("01_word_representation", "02_embedding_intuition", "03_word2vec", "04_sequence_data"),
    *("05_rnn", "06_bptt_and_gradients", "07_lstm", "08_gru", "09_bidirectional_and_deep"),
    *("10_language_models", "11_applications"),
)


def links(book):
    """(page, state, words) of each link into a state."""
    text = (book / PAGE).read_text(encoding="utf-8")
    found = re.findall(r'href="\.\./(notebooks/[^"#]*)#([^"]*=[^"]*)">([^<]*)<', text)
    return [tuple(map(unescape, link)) for link in found]


def test_every_link_has_its_promise_and_every_chapter_a_link(book):
    found = links(book)
    assert sorted(label for _, _, label in found) == sorted(SEEN)
    assert {page for page, _, _ in found} == {f"notebooks/{name}.html" for name in CHAPTERS}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_links_open_the_widgets_in_their_states(open_page, book, book_url, chapter):
    page = open_page(f"{book_url}/notebooks/{chapter}.html")
    for address, state, label in links(book):
        if address != f"notebooks/{chapter}.html":
            continue
        page.evaluate("location.hash = ''")
        kind, _, number = state.partition(".")[0].rpartition("-")
        widget = page.locator(f'[data-widget="{kind}"]').nth(int(number) - 1)
        widget.scroll_into_view_if_needed()
        expect(widget).not_to_contain_text(SEEN[label])
        page.evaluate("(state) => { location.hash = state; }", state)
        expect(widget).to_contain_text(SEEN[label])
