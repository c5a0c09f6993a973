"""Every symbol of the formulas is on the page of notation, or is listed here with its place."""

import re

import nbformat
from pages import ROOT

GREEK = "alpha gamma delta epsilon varepsilon theta mu nu pi rho sigma tau varphi ell"
ACCENTS = "hat tilde bar mathcal overrightarrow overleftarrow"
KNOWN = {*GREEK.split(), *ACCENTS.split(), "Gamma", "Delta", "Theta"}
NAMED_BY_INDEX = {"W", "b", "P", "Gamma"}  # at other letters it says when, where or which word

FENCED = re.compile(r"^(`{3,})(?!\{math\}).*?^\1|`[^`\n]*`", re.M | re.S)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+?)\$", re.S)
WORDS = re.compile(r"_?\{?\\(?:text|mathrm|operatorname|begin|end)\{[^{}]*\}\}?|\\\\")
SYMBOL = re.compile(
    rf"(\\(?:{'|'.join(ACCENTS.split())})\s*\{{?\s*\\?[A-Za-z]+|\\[A-Za-z]+|[A-Za-z])\}}?"
    r"(?:_(\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+|\w))?"
)

# Used in one place and explained there.
LOCAL = {
    "A": "an invertible matrix (2, 3), scores of neighboring tags (11)",
    "Delta": "from one value to the next, Forecasting (11)",
    "I": "the identity matrix (5, 6)",
    "P_t": "by-products of real-time recurrent learning (6)",
    "P_t-1": "the same, one step before (6)",
    "P_n-1": "with one token less of context, smoothing (10)",
    "Q": "an orthogonal matrix (2, 6)",
    "R": "how far a stack of convolutions looks back (4)",
    "S": "singular values (2)",
    "W_ij": "an entry of a matrix (8)",
    "W_n": "of the minGRU, whose gates see no state (11)",
    "W_z": "the same (11)",
    "b_n": "the same (11)",
    "Z": "the sum over all rows of tags (11)",
    "b_1": "of two steps that are made one, Scan (11)",
    "b_2": "the same (11)",
    "b_t": "what a step adds, Scan (11)",
    "b_i": "bias of a word, GloVe (3)",
    "tilde b": "the same of the second table (3)",
    "tilde w": "a row of the second table, GloVe (3)",
    "epsilon": "a tiny number against division by zero (9)",
    "varepsilon": "the same (2)",
    "gamma": "the steepest slope (6)",
    "hat theta": "the parameters that training finds (10)",
    "hat w": "the text that decoding finds (10)",
    "mathcal U": "drawn evenly between two numbers (7)",
    "nu": "a part of a mean, Debiasing (3)",
    "pi": "a path of CTC (11)",
    "q": "a question: a point, a quantile, a query (2, 8, 11)",
}
# Of other texts, where they are quoted; book/porting.md has more of them.
QUOTED = "C W_a W_c W_hx W_r W_u W_y W_ya W_yh P_theta Gamma_k Theta b_c b_k b_r b_u"
QUOTED = {*QUOTED.split(), "tilde C", "tilde c", "tilde h"}


def symbols(text):
    """The symbols in the formulas of a text in Markdown, without the indices that only count."""
    found = set()
    for formula in FORMULA.findall(FENCED.sub("", text)):
        for name, index in SYMBOL.findall(WORDS.sub(" ", "".join(formula))):
            name = " ".join(re.findall(r"[A-Za-z]+", name))
            if len(name) == 1 or name.split()[0] in KNOWN:
                named = index and name in NAMED_BY_INDEX
                found.add(f"{name}_{index.strip('{}').lstrip(chr(92))}" if named else name)
    return found


def page(name):
    return symbols((ROOT / "book" / name).read_text(encoding="utf-8"))


def chapter(path):
    cells = nbformat.read(path, as_version=4).cells
    return symbols("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))


NOTATION = page("notation.md")
OTHERS = sorted(
    {path.name for path in (ROOT / "book").glob("*.md")} - {"notation.md", "porting.md"}
)
USED = set().union(*map(page, OTHERS), *map(chapter, (ROOT / "notebooks").glob("*.ipynb")))


def test_symbols_are_read_out_of_formulas():
    text = (
        r"A $\hat{y}_t = W_{hh}\, x_{t-1}$, `$q$`, $\tau_{\text{clip}} \le \Gamma_u$, $$\hat\nu$$"
    )
    assert symbols(text) == {"hat y", "W_hh", "x", "tau", "Gamma_u", "hat nu"}


def test_every_symbol_is_on_the_page_of_notation():
    assert USED - NOTATION - set(LOCAL) - QUOTED == set()


def test_no_symbol_is_excused_without_need():
    assert set(LOCAL) | QUOTED <= USED - NOTATION
