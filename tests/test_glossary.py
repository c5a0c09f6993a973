"""The glossary: every term of the field, in order, with its Chinese name; every link has an aim."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

NAMES = """
recurrent neural network; plain recurrent network; vanilla RNN; Elman network; simple RNN
feedforward neural network; multilayer perceptron; convolutional neural network; sequence data
time series; time step; hidden state; cell state; gate; gating mechanism; input gate; forget gate
output gate; candidate; reset gate; relevance gate; update gate; candidate hidden state
peephole connection; long short-term memory; gated recurrent unit; bidirectional RNN; deep RNN
stacked RNN; parameter sharing; unrolling; unfolding; forward propagation; backpropagation
backpropagation through time; truncated BPTT; real-time recurrent learning; vanishing gradient
exploding gradient; gradient clipping; Jacobian matrix; singular value; spectral radius
numerical gradient check; orthogonal initialization; long-term dependency; element-wise product
Hadamard product; dot product; inner product; concatenation; activation function; pre-activation
saturation; bias; logit; cross-entropy; word representation; one-hot encoding; bag of words
word embedding; embedding matrix; dense vector; sparse vector; curse of dimensionality
dimensionality reduction; principal component analysis; intrinsic dimension
distributional hypothesis; self-supervised learning; center word; context word; context window
skip-gram; continuous bag of words; negative sampling; noise-contrastive estimation
noise distribution; hierarchical softmax; Huffman tree; subsampling of frequent words
co-occurrence matrix; pointwise mutual information; PPMI; cosine similarity; analogy
nearest neighbor; t-SNE; transfer learning; fine-tuning; debiasing; neutralize; equalize
out-of-vocabulary word; UNK token; token; tokenization; subword; BPE; vocabulary; corpus
language model; likelihood; log-likelihood; perplexity; end-of-sequence token; start token
sampling; temperature; greedy decoding; beam search; nucleus sampling; top-p sampling
top-k sampling; teacher forcing; free running; exposure bias; scheduled sampling; encoder; decoder
sequence to sequence; attention mechanism; context vector; encoder summary; many-to-one
aligned many-to-many; synchronous many-to-many; named entity recognition; part-of-speech tagging
sentiment classification; machine translation; connectionist temporal classification; padding
masking; packing; mini-batch; dropout; variational dropout; layer normalization; weight tying
residual connection; state space model; memory highway; additive path
"""


def entries():
    """(names, definition) of each entry, as they stand on the page."""
    page = (ROOT / "book" / "glossary.md").read_text(encoding="utf-8")
    [body] = re.findall(r"^```\{glossary\}\n(.*?)^```", page, re.S | re.M)
    found = []
    for block in body.strip().split("\n\n"):
        lines = block.split("\n")
        names = [line for line in lines if not line.startswith(" ")]
        found.append((names, " ".join(line.strip() for line in lines[len(names) :])))
    return found


ENTRIES = entries()
TERMS = [name for names, _ in ENTRIES for name in names]
ENTRY = {name.casefold(): names[0] for names, _ in ENTRIES for name in names}


def form(name):
    """A term as it may stand in a text: with hyphens or blanks, in the plural, inflected."""
    name = re.sub("[ -]", r"[\\s-]+", name)
    name = re.sub("y$", "(?:y|ies)", name)
    name = re.sub("ix$", "(?:ix|ices)", name)
    return f"({name}(?:s|es|d)?)"


LONGEST_FIRST = sorted(TERMS, key=len, reverse=True)
LINK = r"\{term\}`([^`]+)`"
USE = re.compile(rf"{LINK}|(?<![\w-])(?:{'|'.join(map(form, LONGEST_FIRST))})(?![\w-])", re.I)
NO_PROSE = re.compile(
    rf"""{LINK}  # not code
    | ^```python.*?^``` | ^(?:[#|:]|```)[^\n]*  # code, headings, tables, fences of boxes
    | \$\$.*?\$\$ | \$[^$]+\$ | `[^`]+`  # formulas, code, citations
    | <a\b.*?</a> | <[^>]+> | \[[^]]*\]\([^)]*\)  # what is a link already""",
    re.M | re.S | re.X,
)


def markdown(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def aim(link):
    """The term that a link names, which may stand in brackets behind other words."""
    return re.sub(r".*<(.+)>$", r"\1", " ".join(link.split())).casefold()


def links(text):
    return " ".join(match[0] for match in re.finditer(LINK, text))


def uses(text):
    """Each entry that a text uses in its prose, in order, and whether it is linked there."""
    prose = NO_PROSE.sub(lambda piece: f" {links(piece[0])} ", text)
    for match in USE.finditer(prose):
        linked = match[1] is not None
        name = aim(match[1]) if linked else LONGEST_FIRST[match.lastindex - 2].casefold()
        yield ENTRY[name], linked


CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
USES = [
    (entry, path.stem, linked)
    for path in CHAPTERS
    for text in markdown(path)
    for entry, linked in uses(text)
]


def test_entries_are_in_alphabetical_order():
    first = [names[0].casefold() for names, _ in ENTRIES]
    assert first == sorted(first)


def test_no_term_stands_twice():
    folded = [name.casefold() for name in TERMS]
    assert len(folded) == len({*folded})


def test_every_entry_opens_with_its_chinese_name():
    opening = re.compile(r".{0,20}[\u4e00-\u9fff]")
    without = [names for names, text in ENTRIES if not opening.match(text)]
    assert without == []


def test_the_terms_of_the_field_are_there():
    wanted = [name.strip() for name in re.split(r"[;\n]", NAMES.strip())]
    assert [name for name in wanted if name not in TERMS] == []


def test_every_link_to_a_term_has_an_aim():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*.md")]
    texts += [text for path in CHAPTERS for text in markdown(path)]
    aims = {aim(link) for text in texts for link in re.findall(LINK, text)}
    assert len(aims) > 100
    assert aims <= {*ENTRY}


def test_a_use_without_a_link_would_be_found():
    text = (
        "## The LSTM\n\n| a GRU | a {term}`token` |\n\n"
        "No `gate`, $\\text{bias}$, [mask](x.md) or <a>unit</a>, but {term}`logits\n<logit>`, "
        "vanishing\ngradients, two embedding matrices, one hot vector."
    )
    assert [*uses(text)] == [
        ("token", True),
        ("logit", True),
        ("vanishing gradient", False),
        ("embedding matrix", False),
        ("one-hot vector", False),
    ]


def test_every_entry_is_linked_from_a_chapter():
    linked = {entry for entry, _, linked in USES if linked}
    assert [names[0] for names, _ in ENTRIES if names[0] not in linked] == []


def test_a_term_is_linked_where_the_chapters_first_use_it():
    first = {}
    for entry, chapter, linked in USES:
        first.setdefault(entry, (chapter, linked))
    assert [(entry, chapter) for entry, (chapter, linked) in first.items() if not linked] == []
