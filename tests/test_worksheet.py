"""The worksheet: three questions for each lesson, and answers that are computed here anew."""

import io
import math
import re
import unicodedata
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pytest
import torch
from pages import BUILT, ROOT, stored_states
from playwright.sync_api import expect
from stepper import torch_table
from test_teaching import SEEN, links

from book._tools import pdf
from rnn_utils import model_files
from rnn_utils.embeddings import WordVectors
from rnn_utils.text import one_hot
from rnn_utils.widgets import (
    CharSampler,
    GateStepper,
    GradientFlow,
    Seq2SeqStepper,
    SkipGramTrainer,
    TextEncoder,
)

NAME = "book/worksheet.html"
LINK = re.compile(r"→ \{widget\}`(.+?) <(notebooks/(\d\d)_\w+)#(([\w-]+)-(\d+)\.[^`]*)>`")
PLACES = ("first", "second", "third", "fourth")


def lessons(name):
    """The parts of a page of book/ by their headings, without what stands before the first."""
    text = (ROOT / "book" / name).read_text(encoding="utf-8")
    _, *parts = re.split(r"^## ", text, flags=re.M)
    return dict(part.split("\n", 1) for part in parts)


def items(text):
    """The texts of a numbered list by their numbers."""
    found = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |\Z)", text, flags=re.M | re.S)
    return {int(number): " ".join(item.split()) for number, item in found}


LESSONS = lessons("worksheet.md")
ANSWERS = items(LESSONS.pop("Answers"))
QUESTIONS = {number: item for text in LESSONS.values() for number, item in items(text).items()}


# ---------------------------------------------------------------------------------- the answers


class Known(NamedTuple):
    """What is known of a question: all that its answer says first, and its other numbers."""

    first: str  # the bold text, to the letter
    why: tuple = ()  # numbers of the reason that neither stand in the question nor in bold
    given: tuple = ()  # numbers that the question gives, and that could be wrong


def fixed(value, digits):
    """A number as it is printed: rounded, with a true minus."""
    return f"{value:.{digits}f}".replace("-", "−")


def state(name, number, widget="gate-stepper"):
    """The state of one of the widgets of a chapter."""
    return stored_states(BUILT / f"notebooks/{name}.html", widget)[number - 1]


def latch(name, **held):
    """The steps of a latch with a gate held at step 4."""
    stepper = GateStepper.from_preset(name)
    for gate, value in held.items():
        stepper.hold(gate, value, unit=0, step=4)
    return stepper.trace()


def answers_of(state):
    """The probabilities of a stepper's readout after each step, (T, K)."""
    table, H = torch_table(state), len(state["h0"])
    T = range(1, len(state["tokens"]) + 1)
    h = torch.tensor([[table["h", t, k] for k in range(H)] for t in T], dtype=torch.float64)
    weight, bias = (torch.tensor(state["readout"][n], dtype=h.dtype) for n in ("weight", "bias"))
    return (h @ weight.T + bias).softmax(-1)


def a_swap():
    encoders = [TextEncoder("The dog bites the man", order=o) for o in ((), (0, 4, 2, 3, 1))]
    before, after = (one_hot(each.indices(), len(each.words())) for each in encoders)
    rows, sums = (before != after).sum(), (before.sum(axis=0) != after.sum(axis=0)).sum()
    return Known(f"{rows} numbers, {sums} sums.", given=(*map(str, before.shape), f"{before.size}"))


def a_cosine():
    x = state("02_embedding_intuition", 2, "embedding-explorer")
    wv = WordVectors(x["words"], np.array(x["vectors"]))
    dot, square = wv["90°"] @ wv["30°"], wv["30°"] @ wv["30°"]
    assert wv["90°"].tolist() == pytest.approx([2, 0, 1], abs=1e-9)
    why = (fixed(2 * wv["30°"][0], 0), fixed(dot, 1), fixed(square, 0))
    given = tuple(f"{value:.2g}" for value in wv["30°"])
    return Known(f"{fixed(wv.similarity('90°', '30°'), 2)}.", why, given)


def an_analogy():
    x = state("02_embedding_intuition", 1, "embedding-explorer")
    wv = WordVectors(x["words"], np.array(x["vectors"]))
    (first, _), (second, _) = wv.analogy("man", "king", "woman", topn=2, exclude=False)
    return Known(f"{first.capitalize()}, then {second}.")


def a_first_update():
    step = SkipGramTrainer(step=1).trace().before
    assert len(step.scores) == 5
    assert not step.scores.any()
    first = f"{fixed(step.probabilities[0], 1)} and {fixed(step.loss, 2)}."
    return Known(first, ("2", fixed(math.log(2), 2)), ("0",))


def an_update():
    trainer = SkipGramTrainer(step=1000).trace()
    assert trainer.pair[:2] == ("and", "king")
    the = 1 + trainer.pair.negatives.index("the")
    way = "falls" if trainer.after.scores[the] < trainer.before.scores[the] else "rises"
    score, p = trainer.before.scores[0], trainer.before.probabilities[0]
    first = f"{fixed(p, 2)} and {fixed(p - 1, 2)}; it {way}."
    return Known(first, ("1", "0"), ("1000", fixed(score, 2)))


def a_company():
    near = SkipGramTrainer(step=6000).word_vectors().most_similar("king", topn=3)
    others = [word for word, _ in near if word != "queen"]
    assert len(others) == 2
    why = sorted({fixed(cosine, 2) for _, cosine in near})
    return Known(f"Yes; with {' and '.join(others)}.", tuple(why), ("6000",))


def shapes():
    output, _ = torch.nn.RNN(50, 16)(torch.zeros(8, 4, 50))
    return Known(f"{tuple(output.shape)} and {output.shape[1]}.")


def copies():
    n = sum(np.size(value) for value in state("05_rnn", 1, "unfolder")["weights"].values())
    assert n == sum(value.numel() for value in torch.nn.RNN(4, 3).parameters())
    return Known(f"{n} and {n}.")


def a_ping():
    one, two = GateStepper.from_preset("rnn-fade").trace()[:2]
    first = f"{fixed(one.h[0], 2)} and {fixed(two.h[0], 2)}; with 0.5 it is {fixed(two.h[1], 2)}."
    return Known(first, (fixed(one.h[0], 3), fixed(0.9 * one.h[0], 3)))


def two_steps_back():
    x = torch.tensor([1.0, 0.0], dtype=torch.float64)
    h_1 = torch.tanh(x[0] + 0.5 * torch.tensor(0.5)).requires_grad_()
    h_2 = torch.tanh(x[1] + 0.5 * h_1)
    (0.5 * (h_2 - 1) ** 2).backward()
    way = "lower" if h_1.grad < 0 else "raise"
    why = (fixed(h_2 - 1, 2), fixed(1 - h_2**2, 2))
    return Known(f"{fixed(h_1.grad, 2)}; {way} it.", why, (fixed(h_1, 2), fixed(h_2, 2)))


def a_fading_gradient():
    weights = torch.tensor([0.9, 0.5], dtype=torch.float64)
    h_1 = torch.tanh(torch.tensor([2.0, 2.0], dtype=torch.float64)).requires_grad_()
    h = h_1
    for _ in range(7):
        h = torch.tanh(weights * h)
    h.sum().backward()
    slow, fast = h_1.grad.tolist()
    shares = {0.5: "a half", 0.1: "a tenth", 0.01: "a hundredth"}
    near = shares[min(shares, key=lambda share: abs(math.log(share / slow)))]
    way = "less" if fast < 0.5**7 else "more"
    first = f"About {near}, {fixed(slow, 2)}; {way}, {fixed(fast, 3)}."
    return Known(first, ("1", "2"), (fixed(0.9**7, 2), fixed(0.5**7, 3)))


def a_long_way_back():
    flow = GradientFlow(scale=1.1, back=40)
    assert flow.length == 50
    left = {name: norms[-1 - flow.back] for name, norms in flow.norms().items()}
    tiny = f"{left['rnn']:.1e}".replace("e-0", "e-")
    first = f"After 40 steps {tiny} is left in the RNN, and {fixed(left['lstm'], 2)} in the LSTM."
    kept = torch.tensor(flow.forget_bias).sigmoid()
    return Known(first, (fixed(kept, 2),), ("1.1", "50", f"{flow.forget_bias:.0f}"))


def a_step():
    stepper = GateStepper.from_preset("latch")
    step, x = stepper.trace()[1], stepper.inputs[1]
    i, f, g, o = np.array(stepper.weights["weight_ih"]) @ x + stepper.weights["bias_ih"]
    first = f"{fixed(step.c[0], 3)} and {fixed(step.h[0], 2)}."
    why = (fixed(step.i[0], 2), fixed(step.f[0], 2), fixed(step.g[0], 3))
    return Known(first, why, tuple(fixed(value, 0) for value in (i, f, g, o)))


def a_bit():
    levels = [round(step.c[0]) for step in latch("latch")]
    runs = [[t for t, _ in run] for _, run in groupby(enumerate(levels, 1), lambda one: one[1])]
    zero, one, two, three = [(fixed(levels[run[0] - 1], 0), run[0], run[-1]) for run in runs]
    first = (
        f"{zero[0]}, then {one[0]} from step {one[1]} to step {one[2]}, "
        f"{two[0]} at steps {two[1]} and {two[2]}, {three[0]} at steps {three[1]} and {three[2]}."
    )
    peak = max(step.c[0] for step in latch("latch"))
    return Known(first, (fixed(peak, 3),), ("−3",))


def an_accident():
    c = [step.c[0] for step in latch("latch", f=0.0)]
    return Known(f"{fixed(c[4], 0)} and {fixed(c[8], 0)}.", ("8",))


def a_missed_gate():
    kept = latch("gru-latch")
    h_z, h_r = (latch("gru-latch", **{gate: 0.0})[3].h[0] for gate in "zr")
    assert kept[3].n[0] == 0
    return Known(f"{fixed(h_z, 2)} and {fixed(h_r, 3)}.", given=(fixed(kept[2].h[0], 3),))


def three_sizes():
    sizes, numbers = {}, {}
    for n in (4, 5, 6):
        x = state("08_gru", n)
        sizes[x["cell"]] = len(x["h0"])
        numbers[x["cell"]] = sum(np.size(value) for value in x["weights"].values())
    given = tuple(str(sizes[cell]) for cell in ("rnn", "lstm", "gru"))
    return Known(f"{numbers['lstm']} and {numbers['gru']}.", (), (*given, str(numbers["rnn"])))


def two_readers():
    left, right = (state("09_bidirectional_and_deep", n) for n in (1, 2))
    person = left["readout"]["labels"].index("person")
    says = [answers_of(x)[x["tokens"].index("teddy"), person].item() for x in (left, right)]
    way = "less" if says[1] < says[0] else "more"
    return Known(f"{fixed(says[0], 2)}; {way}, {fixed(says[1], 3)}.", ("0",))


def a_bet():
    sampler = CharSampler("place-names", beginning="Saint")
    (p, sign), (q, other), (rest, _) = sorted(
        zip(sampler.distribution(), sampler.tokens, strict=True), reverse=True
    )[:3]
    assert (sign, other) == (" ", "-")
    assert rest < 0.02
    return Known(f"A space, {fixed(p, 2)}.", (fixed(q, 2),))


def a_perplexity():
    sampler, text = CharSampler("place-names"), "New Zeal"
    p = sampler.read(text).p
    p = np.array([p[t, sampler.tokens.index(sign)] for t, sign in enumerate(text)])
    bits = -np.log2(p)
    mean = fixed(bits.mean(), 2)
    first = f"{fixed(bits[-1], 2)} bits; {mean} on average; perplexity {2 ** bits.mean():.0f}."
    return Known(first, ("2", "7", "8"), (fixed(bits[:7].mean(), 2), fixed(p[-1], 4)))


def a_cold_softmax():
    warm, cold = (
        CharSampler("place-names", beginning="New Zea", temperature=t) for t in (1.0, 0.2)
    )
    was, now = (
        {sign: one.distribution()[one.tokens.index(sign)] for sign in "rnd"} for one in (warm, cold)
    )
    ways = [f"{s} {'rises' if now[s] > was[s] else 'falls'} to {fixed(now[s], 2)}" for s in "rnd"]
    why = tuple(fixed(p["r"] / p["n"], 1) for p in (was, now))
    return Known(f"{', '.join(ways)}.", why, tuple(fixed(was[s], 2) for s in "rnd"))


def a_turn():
    x = state("11_applications", 1)
    says = [x["readout"]["labels"][k] for k in answers_of(x).argmax(-1)]
    turn = says.index("complaint")
    back = "yes" if "praise" in says[turn:] else "no"
    return Known(f"At {x['tokens'][turn]}; {back}.")


def a_look():
    stepper = Seq2SeqStepper("dates-attention", text="Friday, June 5, 1987")
    row = re.search(r"<td>7</td><td>6</td>.*?<td>(\d+): (\w)</td>", stepper.to_html())
    number, sign = row.groups()
    assert stepper.text[int(number) - 1] == sign
    return Known(f"The {sign}.")


def a_bottleneck():
    parameters = model_files.unpack(model_files.packed("dates-plain")).parameters
    H, T = parameters["encoder.weight_hh_l0"].shape[1], len("Friday, June 5, 1987")
    return Known(f"{H} and {T * H}.", given=(str(T), str(H)))


KNOWN = (
    *(a_swap, a_cosine, an_analogy, a_first_update, an_update, a_company),
    *(shapes, copies, a_ping, two_steps_back, a_fading_gradient, a_long_way_back),
    *(a_step, a_bit, an_accident, a_missed_gate, three_sizes, two_readers),
    *(a_bet, a_perplexity, a_cold_softmax, a_turn, a_look, a_bottleneck),
)


def plain(text):
    """A text without emphasis, and with powers of ten as in 6.7e-8."""
    text = re.sub(r"\$([\d.]+) \\cdot 10\^\{(-\d+)\}\$", r"\1e\2", text)
    return text.replace("*", "")


def numbers(text):
    """The numbers of a text, but for those that name a variable or the base of a logarithm."""
    text = re.sub(r"_\w", "", plain(text)).replace("-", "−")
    return set(re.findall(r"(?<![\w.])−?\d+(?:\.\d+)?(?:e−\d+)?", text))


def check(question, answer, known):
    """The answer says first what is known, and names no number that is neither known nor given."""
    question, (first, why) = (
        LINK.sub("", question),
        re.match(r"\*\*(.+?)\*\* (.+)", answer).groups(),
    )
    assert plain(first) == known.first
    assert numbers(" ".join(known.given)) <= numbers(question)
    assert numbers(" ".join(known.why)) <= numbers(why)
    assert numbers(why) <= numbers(" ".join([question, known.first, *known.why]))


@pytest.mark.parametrize("number", range(1, 25))
def test_every_number_of_an_answer_is_computed(book, number):
    check(QUESTIONS[number], ANSWERS[number], KNOWN[number - 1]())


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Twice 0.25?", "**0.4.** Because $2 \\cdot 0.25 = 0.5$."),
        ("Twice 0.25?", "**0.5.** Because $2 \\cdot 0.26 = 0.5$."),
        ("Twice 0.25?", "**0.5.** Because it is so."),
        ("Twice 0.35?", "**0.5.** Because it is 2 of them."),
        ("Twice −0.25?", "**0.5.** Because it is 2 of them."),
    ],
)
def test_a_wrong_number_would_be_found(question, answer):
    known = Known("0.5.", ("2",), ("0.25",))
    check("Twice 0.25?", "**0.5.** Because $2 \\cdot 0.25 = 0.5$.", known)
    with pytest.raises(AssertionError):
        check(question, answer, known)


# -------------------------------------------------------------------------------- the questions


def test_it_holds_three_questions_for_each_lesson_of_the_teachers_page():
    assert list(LESSONS) == [name for name in lessons("teaching.md") if name.startswith("Lesson")]
    assert [[*items(text)] for text in LESSONS.values()] == np.arange(1, 25).reshape(8, 3).tolist()


def test_every_question_has_one_answer_in_order():
    assert [*ANSWERS] == [*QUESTIONS]
    assert len(KNOWN) == len(QUESTIONS)


@pytest.mark.parametrize("number", range(1, 25))
def test_a_question_has_room_to_write_and_says_where_to_look(book, number):
    """In words as well, for those who have it on paper."""
    question = QUESTIONS[number]
    assert re.search(r'<div class="answer-(line|choices|frame)">', question)
    [(label, page, chapter, state, kind, n)] = LINK.findall(question)
    assert question.endswith("`")
    place = re.match(r"Chapter (\d+), (\w+) widget\b", label)
    widgets = re.findall(r'data-widget="([^"]*)"', (book / f"{page}.html").read_text("utf-8"))
    its_own = [place for place, name in enumerate(widgets) if name == kind]
    assert place[1] == f"{int(chapter)}"
    assert PLACES.index(place[2]) == its_own[int(n) - 1]
    if kind != "seq2seq-stepper":  # its decoder counts anew
        said = re.findall(r"step (\d+)", label)
        assert not said or said[-1] == re.search(r"\.step=(\d+)", state)[1]


def test_the_page_has_the_numbers_of_its_questions(book):
    text = (book / NAME).read_text(encoding="utf-8")
    starts = re.findall(r'<ol class="arabic[^"]*"(?: start="(\d+)")?>', text)
    assert starts == ["", *(str(n) for n in range(4, 25, 3)), ""]
    assert sorted(label for _, _, label in links(book, NAME)) == sorted(SEEN[NAME])


def test_it_is_printed_lesson_by_lesson_with_the_answers_apart(open_page, book_url):
    page = open_page(f"{book_url}/{NAME}", color_scheme="dark")
    expect(page.locator(".name-line")).to_be_hidden()
    for place in page.locator(".answer-line").all():
        assert place.evaluate("(line) => parseFloat(getComputedStyle(line).borderBottomWidth)") >= 1
    page.emulate_media(media="print")
    expect(page.locator(".name-line")).to_be_visible()
    texts = [one.extract_text() for one in pdf.PdfReader(io.BytesIO(pdf.print_page(page))).pages]
    texts = [unicodedata.normalize("NFKC", " ".join(text.split())) for text in texts]  # ﬁ is fi
    begin = next(n for n, text in enumerate(texts) if text.startswith("Answers"))
    assert begin <= 5  # two lessons on a page, if the letters are not much wider elsewhere
    assert not any("Chapter" in text for text in texts[begin:])
    for name, text in LESSONS.items():
        [its_page] = [one for one in texts[:begin] if name in one]
        for label, *_ in LINK.findall(" ".join(text.split())):
            assert label in its_page
