"""The embedding explorer: its numbers are NumPy's and gensim's, and everyone can use it."""

import csv
import json
import re

import numpy as np
import pytest
import traitlets
from gensim.models import KeyedVectors
from ipywidgets import Widget, jslink
from pages import assert_accessible, assert_no_page_scroll, book_widgets, weight
from playwright.sync_api import expect
from scipy.spatial.transform import Rotation
from sklearn.decomposition import PCA

from rnn_utils.embeddings import WordVectors
from rnn_utils.widgets import EmbeddingExplorer, base
from rnn_utils.widgets.embedding_explorer import STRINGS

WORDS = ["man", "woman", "king", "queen", *(f"word{k}" for k in range(36))]
GROUPS = {
    word: ["people", "even", "odd"][0 if n < 4 else 1 + n % 2] for n, word in enumerate(WORDS)
}
TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}


@pytest.fixture(autouse=True)
def nothing_left():
    """Widgets live as long as their process; each test begins without any."""
    yield
    Widget.close_all()


def random_wv(V=40, D=12, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    words = WORDS[:V] + [f"more{k}" for k in range(V - len(WORDS))]
    return WordVectors(words, (rng.normal(size=(V, D)) * rng.uniform(0.3, 3, D)).astype(dtype))


def circle(n=50):
    """A circle in space, flat against x."""
    angle = 2 * np.pi * np.arange(n) / n
    points = np.c_[np.full(n, 0.25), 1.2 * np.cos(angle), np.sin(angle)]
    return WordVectors([f"p{k}" for k in range(n)], points)


def in_gensim(wv):
    theirs = KeyedVectors(wv.vector_size, dtype=np.float64)
    theirs.add_vectors(list(wv.words), wv.vectors)
    return theirs


def refuses(error, *words):
    return pytest.raises(error, match="(?s)" + "".join(f"(?=.*{re.escape(w)})" for w in words))


# ------------------------------------------------------------------------------------ in Python


def test_what_is_not_given():
    explorer = EmbeddingExplorer(random_wv(130))
    assert explorer.words == list(random_wv(130).words[:100])
    assert (explorer.selected, explorer.mode, explorer.metric) == ("man", "3d", "cosine")
    assert (explorer.analogy, explorer.axis, explorer.exclude) == (["", "", ""], ["", ""], True)
    assert repr(explorer) == "EmbeddingExplorer(100 words, vector_size=12)"


@pytest.mark.parametrize("decimals", [0, 2, 4])
def test_vectors_are_rounded_and_everything_comes_from_those(decimals):
    wv = random_wv()
    explorer = EmbeddingExplorer(wv, ["king", "man", "queen", "woman"], decimals=decimals)
    rounded = np.round(wv[["king", "man", "queen", "woman"]], decimals)
    np.testing.assert_array_equal(explorer.vectors, rounded)
    np.testing.assert_array_equal(explorer.wv.vectors, rounded)
    assert explorer.neighbors("king", 3) == WordVectors(explorer.words, rounded).most_similar(
        "king", topn=3
    )
    assert not re.search(r"-0\.0[,\]]", json.dumps(explorer.page_state()))


def test_vectors_of_gensim_do_as_well():
    wv = random_wv(dtype=np.float32)
    theirs = KeyedVectors(wv.vector_size)
    theirs.add_vectors(list(wv.words), wv.vectors)
    ours = EmbeddingExplorer(wv, groups=GROUPS)
    assert EmbeddingExplorer(theirs, groups=GROUPS).page_state() == ours.page_state()


def test_neighbors_are_those_of_gensim():
    explorer = EmbeddingExplorer(random_wv(), selected="queen")
    ours, theirs = explorer.neighbors(topn=10), in_gensim(explorer.wv).most_similar("queen")
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    np.testing.assert_allclose([c for _, c in ours], [c for _, c in theirs], rtol=1e-6)
    assert len(explorer.neighbors()) == explorer.topn == 8


def test_neighbors_by_distance_are_another_ranking():
    explorer = EmbeddingExplorer(random_wv(), selected="king", metric="distance")
    wv = explorer.wv
    distances = {word: np.sqrt(((wv[word] - wv["king"]) ** 2).sum()) for word in wv}
    del distances["king"]
    expected = sorted(distances.items(), key=lambda pair: pair[1])
    ours = explorer.neighbors(topn=50)
    assert [word for word, _ in ours] == [word for word, _ in expected]
    np.testing.assert_allclose([d for _, d in ours], [d for _, d in expected], **TOLERANCE)
    assert [w for w, _ in ours] != [w for w, _ in explorer.neighbors(topn=50, metric="cosine")]


def test_answers_are_those_of_word_vectors():
    explorer = EmbeddingExplorer(random_wv(), analogy=["man", "king", "woman"])
    assert explorer.answers() == explorer.wv.analogy("man", "king", "woman", topn=5)
    explorer.exclude = False
    kept = explorer.answers("man", "man", "word3", topn=1)
    assert kept == explorer.wv.analogy("man", "man", "word3", exclude=False)
    assert kept[0][0] == "word3"
    assert explorer.answers(c="word3", exclude=True)[0][0] not in ("man", "king", "word3")
    with refuses(KeyError, "'' is not one of the 40 words"):
        EmbeddingExplorer(random_wv()).answers()


def test_state_is_plain_json_and_the_same_for_the_same():
    given = {"groups": GROUPS, "mode": "axis", "axis": ("man", "woman"), "yaw": 3, "topn": 4}
    state = EmbeddingExplorer(random_wv(), **given).page_state()
    assert json.loads(json.dumps(state)) == state
    assert state["axis"] == ["man", "woman"]
    again = EmbeddingExplorer(random_wv(), **{**given, "yaw": np.float64(3)})
    assert again.to_html() == EmbeddingExplorer(random_wv(), **given).to_html()


def test_the_table_to_read():
    explorer = EmbeddingExplorer(random_wv(), selected="queen")
    rows = re.findall(r"<tr>(<td>.*?)</tr>", explorer._fallback())
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert [row[0] for row in cells[:3]] == ["queen", "man", "woman"]
    for word, *near in cells:
        assert near == [f"{w} ({c:.2f})" for w, c in explorer.wv.most_similar(word, topn=3)]
    two = EmbeddingExplorer(random_wv(), ["man", "king"])._fallback()
    assert two.count("<td></td>") == 4


BAD = {
    "selected": ("tree", ["selected must be one of the 40 words", "got 'tree'"]),
    "topn": (0, ["topn must be an integer >= 1, got 0"]),
    "analogy": (["man", "king"], ["analogy must be 3 words, got ['man', 'king']"]),
    "axis": (["man", "tree"], ["axis must be one of the 40 words", "got 'tree'"]),
    "pitch": (91.0, ["pitch must be a number from -90 to 90, got 91.0"]),
    "yaw": (float("nan"), ["yaw must be a finite number, got nan"]),
    "turn": (-1.0, ["turn must be a number from 0 to 360, got -1.0"]),
    "projection": ("raw", ["projection must be 'pca' for vectors of 12 numbers"]),
    "groups": ({"tree": "plants"}, ["groups must name words that are shown, got 'tree'"]),
    "mode": ("4d", ["mode", "'4d'"]),
    "metric": ("angle", ["metric", "'angle'"]),
    "panel": ("axis", ["panel", "'axis'"]),
}


@pytest.mark.parametrize(("name", "value", "words"), [(n, *bad) for n, bad in BAD.items()])
def test_bad_values_are_named_at_once_and_later(name, value, words):
    with refuses(ValueError, *words):
        EmbeddingExplorer(random_wv(), **{name: value})
    explorer = EmbeddingExplorer(random_wv())
    before = explorer.page_state()
    with refuses(traitlets.TraitError, *words):
        setattr(explorer, name, value)
    assert explorer.page_state() == before


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"wv": 3}, ValueError, ["wv must have words or index_to_key", "got int"]),
        ({"words": "man king"}, ValueError, ["words must be a sequence", "'man king'"]),
        ({"words": ["man"]}, ValueError, ["words must be two words or more, got 1"]),
        ({"words": ["man", "man"]}, ValueError, ["different from each other, got 'man' at 1"]),
        ({"words": ["man", "tree"]}, KeyError, ["'tree' is not one of the 40 words"]),
        ({"decimals": -1}, ValueError, ["decimals must be an integer >= 0, got -1"]),
        ({"groups": ["people"]}, ValueError, ["groups must be a dict", "['people']"]),
        ({"groups": {w: w for w in WORDS[:9]}}, ValueError, ["at most 8", "got 9"]),
        ({"speed": 1}, TypeError, ["no argument speed"]),
        ({"analogy": "abc"}, ValueError, ["analogy must be 3 words, got 'abc'"]),
        ({"yaw": True}, ValueError, ["yaw must be a number, got True"]),
    ],
)
def test_bad_arguments_are_named(arguments, error, words):
    with refuses(error, *words):
        EmbeddingExplorer(**{"wv": random_wv(), **arguments})


def test_questions_are_checked():
    explorer = EmbeddingExplorer(random_wv())
    with refuses(ValueError, "metric must be 'cosine' or 'distance', got 'angle'"):
        explorer.neighbors(metric="angle")
    with refuses(ValueError, "topn must be an integer >= 1, got 0"):
        explorer.neighbors(topn=0)
    with refuses(KeyError, "'tree'"):
        explorer.neighbors("tree")


def test_words_and_vectors_stay_together():
    explorer = EmbeddingExplorer(random_wv())
    for trait, value in (("words", ["a", "b"]), ("vectors", [[1.0], [2.0]])):
        with refuses(traitlets.TraitError, "vectors must have shape"):
            setattr(explorer, trait, value)


# --------------------------------------------------------------------------- the math of the page


@pytest.fixture(scope="module")
def js(browser):
    """Call a function of vectors.js with frozen arguments: one that changes them raises."""
    page = browser.new_page()
    source = (base.FOLDER / "lib" / "vectors.js").read_text(encoding="utf-8")
    page.evaluate(
        """async (source) => {
            const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
            window.vectors = await import(url);
            window.freeze = (value) => {
                if (value && typeof value === "object") Object.values(value).forEach(freeze);
                return Object.freeze(value);
            };
        }""",
        source,
    )

    def call(name, *values):
        plain = [v.tolist() if isinstance(v, np.ndarray) else v for v in values]
        return page.evaluate("([name, values]) => vectors[name](...freeze(values))", [name, plain])

    yield call
    page.close()


def test_products_lengths_and_angles(js):
    u, v = np.random.default_rng(0).normal(size=(2, 9))
    np.testing.assert_allclose(js("dot", u, v), u @ v, **TOLERANCE)
    np.testing.assert_allclose(js("norm", u), np.linalg.norm(u), **TOLERANCE)
    np.testing.assert_allclose(js("distance", u, v), np.linalg.norm(u - v), **TOLERANCE)
    cosine = u @ v / np.linalg.norm(u) / np.linalg.norm(v)
    np.testing.assert_allclose(js("cosine", u, v), cosine, **TOLERANCE)
    np.testing.assert_allclose(js("plus", u, v, -2), u - 2 * v, **TOLERANCE)
    assert js("cosine", u, 0 * v) == 0
    assert js("norm", np.array([3e200, 4e200])) == pytest.approx(5e200)
    assert js("norm", np.array([3e-200, -4e-200])) == pytest.approx(5e-200)


@pytest.mark.parametrize("metric", ["cosine", "distance"])
@pytest.mark.parametrize(("V", "D"), [(2, 1), (40, 12), (100, 25)])
def test_neighbors_on_the_page_are_those_of_python(js, metric, V, D):
    explorer = EmbeddingExplorer(random_wv(V, D))
    for k in (0, V - 1):
        ours = js("neighbors", np.array(explorer.vectors), k, metric)
        expected = explorer.neighbors(explorer.words[k], V, metric=metric)
        assert [explorer.words[n] for n, _ in ours] == [word for word, _ in expected]
        np.testing.assert_allclose([x for _, x in ours], [x for _, x in expected], **TOLERANCE)


@pytest.mark.parametrize("exclude", [True, False])
@pytest.mark.parametrize("question", [[0, 2, 1], [3, 3, 7], [5, 6, 5]])
def test_analogies_on_the_page_are_those_of_python(js, exclude, question):
    wv = random_wv()
    ours = js("analogy", wv.vectors, question, exclude)
    words = [wv.words[k] for k in question]
    expected = wv.analogy(*words, topn=40, exclude=exclude)
    assert [wv.words[k] for k, _ in ours] == [word for word, _ in expected]
    np.testing.assert_allclose([x for _, x in ours], [x for _, x in expected], **TOLERANCE)


def test_equals_come_in_the_order_of_the_words(js):
    assert js("ranked", [1, 2, 1, 2]) == [[1, 2], [3, 2], [0, 1], [2, 1]]
    assert js("ranked", [1, 2, 1, 2], {"smallest": True, "without": [0]}) == [
        [2, 1],
        [1, 2],
        [3, 2],
    ]


def assert_principal_components(ours, data, keep=3):
    """Equal to NumPy's singular value decomposition, with the sign that the page takes."""
    centered = data - data.mean(axis=0)
    _, singular, directions = np.linalg.svd(centered, full_matrices=False)
    np.testing.assert_allclose(ours["mean"], data.mean(axis=0), **TOLERANCE)
    np.testing.assert_allclose(ours["singular"], singular, **TOLERANCE)
    total = (singular**2).sum()
    np.testing.assert_allclose(ours["shares"], singular**2 / total, **TOLERANCE)
    for k in range(min(keep, len(singular))):
        direction = directions[k] * np.sign(directions[k][np.abs(directions[k]).argmax()])
        if singular[k] < 1e-12 * singular[0]:
            direction = 0 * direction
        np.testing.assert_allclose(ours["directions"][k], direction, **TOLERANCE)
        np.testing.assert_allclose(
            np.array(ours["scores"])[:, k], centered @ direction, **TOLERANCE
        )


@pytest.mark.parametrize(
    ("V", "D"), [(2, 1), (2, 3), (3, 2), (30, 3), (100, 25), (25, 100), (100, 100), (12, 300)]
)
def test_principal_components_are_those_of_numpy(js, V, D):
    data = random_wv(V, D, seed=V + D).vectors
    assert_principal_components(js("principalComponents", data), data)


def test_principal_components_are_those_of_scikit_learn(js):
    data = random_wv(100, 25).vectors
    ours, theirs = js("principalComponents", data), PCA(3, svd_solver="full").fit(data)
    np.testing.assert_allclose(ours["shares"][:3], theirs.explained_variance_ratio_, **TOLERANCE)
    np.testing.assert_allclose(np.abs(ours["directions"]), np.abs(theirs.components_), **TOLERANCE)


def test_a_flat_cloud_has_singular_values_of_zero(js):
    rng = np.random.default_rng(3)
    for data in (rng.normal(size=(40, 2)) @ rng.normal(size=(2, 9)), rng.normal(size=(4, 9))):
        ours = js("principalComponents", data)
        expected = np.linalg.svd(data - data.mean(axis=0), compute_uv=False)
        np.testing.assert_allclose(ours["singular"], expected, rtol=1e-10, atol=1e-13)
    lone = js("principalComponents", np.ones((5, 3)))
    assert lone["singular"] == lone["shares"] == [0, 0, 0]
    assert np.array(lone["scores"]).tolist() == [[0, 0, 0]] * 5


def test_columns_of_very_different_size(js):
    data = random_wv(60, 8).vectors * 10.0 ** np.arange(8)
    assert_principal_components(js("principalComponents", data), data)


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, 0), (7, 30)])
def test_places_on_an_axis_are_those_of_numpy(js, a, b):
    data = random_wv().vectors
    ours = js("alongAxis", data, a, b)
    direction = (data[b] - data[a]) / np.linalg.norm(data[b] - data[a])
    along = (data - (data[a] + data[b]) / 2) @ direction
    np.testing.assert_allclose(ours["along"], along, **TOLERANCE)
    assert ours["along"][b] == pytest.approx(-ours["along"][a], abs=1e-12)
    assert ours["along"][b] == pytest.approx(np.linalg.norm(data[b] - data[a]) / 2)
    first = PCA(1, svd_solver="full").fit_transform(data - np.outer(along, direction))[:, 0]
    np.testing.assert_allclose(np.abs(ours["across"]), np.abs(first), **TOLERANCE)


@pytest.mark.parametrize("degrees", [0, 40, 90, 213.5, 360])
def test_turning_the_data_is_a_rotation_about_1_2_3(js, degrees):
    data = circle().vectors.copy()
    axis = np.array([1, 2, 3]) / np.sqrt(14)
    expected = Rotation.from_rotvec(np.radians(degrees) * axis).apply(data)
    ours = np.array(js("turned", data, degrees))
    np.testing.assert_allclose(ours, expected, **TOLERANCE)
    np.testing.assert_allclose(js("variances", ours), expected.var(axis=0), **TOLERANCE)


def test_turning_changes_the_variances_of_the_axes_and_no_singular_value(js):
    data = circle().vectors.copy()
    before, after = data, np.array(js("turned", data, 40))
    assert np.array(js("variances", before))[0] == pytest.approx(0)
    assert min(js("variances", after)) > 0.1
    singular = [js("principalComponents", d)["singular"] for d in (before, after)]
    np.testing.assert_allclose(*singular, **TOLERANCE)
    assert singular[0][2] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (90, 0), (0, 90), (-30, 20), (170, -75)])
def test_the_view_is_a_turn_and_a_nod(js, yaw, pitch):
    point = [0.3, -1.2, 2.0]
    view = Rotation.from_euler("yx", [yaw, pitch], degrees=True)
    np.testing.assert_allclose(js("seen", point, yaw, pitch), view.apply(point), **TOLERANCE)


# ----------------------------------------------------------------------------------- on the page


class Explorer:
    """One explorer on a page."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".embedding-explorer")
        self.cloud = self.root.locator("svg.cloud")
        self.live = self.root.locator("[aria-live=polite]")
        self.word = self.field("Word")

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def field(self, name):
        return self.root.get_by_role("combobox", name=name, exact=True)

    def numbers(self, q, within=".panel"):
        """What is shown of a quantity: {(t, k): value}."""
        cells = self.root.locator(f"{within} [data-q={q}]:visible").evaluate_all(
            "(cells) => cells.map(({dataset: d}) => [+d.t, +d.k, +d.value, d.value])"
        )
        for *_, text in cells:
            digits = re.sub(r"e.*|[-.]", "", text)
            assert len(digits.lstrip("0")) == 17 or float(text) == 0, text
        return {(t, k): value for t, k, value, _ in cells}

    def table(self, q):
        if self.root.locator("details.data").get_attribute("open") is None:
            self.root.locator("summary").click()
        expect(self.root.locator(".data table")).to_be_visible()
        return self.numbers(q, ".data")

    def ranking(self):
        return self.root.locator(".ranking:visible .word").all_text_contents()

    def at_rest(self):
        expect(self.cloud).not_to_have_attribute("data-moving", "")

    def marks(self):
        """Where the marks of the words are on the screen, (V, 2)."""
        self.at_rest()
        places = self.cloud.evaluate(
            """(cloud) => {
                const {left, top} = cloud.getBoundingClientRect();
                return [...cloud.querySelectorAll("g:not(.frame) > path")].map((mark) => {
                    const [x, y] = mark.getAttribute("transform").match(/-?[0-9.]+/g).map(Number);
                    return [left + x, top + y];
                });
            }"""
        )
        return np.array(places)

    def mark(self, k):
        return self.marks()[k].tolist()

    def address(self):
        return self.page.evaluate("decodeURIComponent(location.hash)")


def near(actual, expected):
    np.testing.assert_allclose(actual, expected, **TOLERANCE)


@pytest.fixture
def open_explorer(widget_page):
    def open_explorer(wv=None, fragment="", theme="light", **state):
        options = {
            name: state.pop(name) for name in ("viewport", "reduced_motion") if name in state
        }
        widget = EmbeddingExplorer(random_wv() if wv is None else wv, **state)
        page = widget_page(widget, fragment=fragment, theme=theme, **options)
        return Explorer(page), widget

    return open_explorer


@pytest.mark.parametrize("metric", ["cosine", "distance"])
def test_neighbors_that_are_shown(open_explorer, metric):
    explorer, widget = open_explorer(selected="queen", metric=metric, topn=6)
    expected = widget.neighbors()
    assert explorer.ranking() == [word for word, _ in expected]
    shown = explorer.numbers(metric)
    assert [k for _, k in shown] == [WORDS.index(word) for word, _ in expected]
    assert [t for t, _ in shown] == [1, 2, 3, 4, 5, 6]
    near(list(shown.values()), [value for _, value in expected])
    other = "distance" if metric == "cosine" else "cosine"
    order = [word for word, _ in widget.neighbors(topn=39, metric=other)]
    ranks = explorer.root.locator(".ranking:visible .rank").all_text_contents()
    assert [int(rank) for rank in ranks] == [order.index(word) + 1 for word, _ in expected]
    expect(explorer.live).to_contain_text(f"queen: nearest by {metric} is {expected[0][0]}")


def test_the_metric_can_be_changed(open_explorer):
    explorer, widget = open_explorer(selected="king")
    explorer.button("distance").click()
    assert explorer.ranking() == [w for w, _ in widget.neighbors(metric="distance")]
    explorer.button("cosine").click()
    assert explorer.ranking() == [w for w, _ in widget.neighbors()]


def test_a_word_is_chosen_by_a_click_by_typing_and_from_the_list(open_explorer):
    explorer, widget = open_explorer(selected="")
    expect(explorer.root.get_by_text("Choose a word:")).to_be_visible()
    explorer.page.mouse.click(*explorer.mark(7))
    expect(explorer.word).to_have_value("word3")
    assert explorer.ranking() == [w for w, _ in widget.neighbors("word3")]
    explorer.word.fill("king")
    assert explorer.ranking() == [w for w, _ in widget.neighbors("king")]
    first = explorer.ranking()[0]
    explorer.root.locator(".ranking:visible .word").first.press("Enter")
    expect(explorer.word).to_have_value(first)
    assert explorer.ranking() == [w for w, _ in widget.neighbors(first)]
    options = explorer.root.locator("datalist option")
    assert options.evaluate_all("(all) => all.map(({value}) => value)") == WORDS


def test_an_unknown_word_is_answered_and_stays_text(open_explorer):
    explorer, widget = open_explorer(selected="king")
    explorer.word.fill("<b>tree</b>")
    explorer.word.press("Enter")
    expect(explorer.live).to_have_text("“<b>tree</b>” is not one of the 40 words.")
    assert explorer.ranking() == [w for w, _ in widget.neighbors("king")]


def test_words_that_look_like_html_or_like_javascript(open_explorer):
    words = ["<img/src=x>", "constructor", "__proto__", '","', "&amp;"]
    wv = WordVectors(words, np.random.default_rng(0).normal(size=(5, 4)))
    explorer, widget = open_explorer(wv, groups={"constructor": "toString"}, selected=words[0])
    assert explorer.ranking() == [w for w, _ in widget.neighbors(words[0])]
    assert explorer.root.locator("img").count() == 0
    explorer.word.fill("__proto__")
    assert explorer.ranking() == [w for w, _ in widget.neighbors("__proto__")]
    assert explorer.root.locator(".legend li").all_text_contents() == ["toString", "no group"]


def test_the_question_of_an_analogy(open_explorer):
    explorer, widget = open_explorer()
    explorer.button("Analogy").click()
    for name, word in (("First", "man"), ("Second", "king"), ("Third", "woman")):
        explorer.field(f"{name} word").fill(word)
    expected = widget.answers("man", "king", "woman")
    assert explorer.ranking() == [word for word, _ in expected]
    near(list(explorer.numbers("cosine").values()), [value for _, value in expected])
    expect(explorer.live).to_contain_text(f"man is to king as woman is to {expected[0][0]}")
    explorer.root.get_by_label("Leave out the three words").uncheck()
    kept = widget.answers("man", "king", "woman", exclude=False)
    assert explorer.ranking() == [word for word, _ in kept]
    expect(explorer.live).to_contain_text("a word of the question itself")
    asides = explorer.root.locator(".ranking:visible .aside").all_text_contents()
    question = {"man", "king", "woman"}
    assert [bool(text) for text in asides] == [word in question for word, _ in kept]


def test_a_click_puts_a_word_into_the_analogy(open_explorer):
    explorer, widget = open_explorer(mode="2d", panel="analogy", analogy=["man", "king", ""])
    expect(explorer.root.get_by_text("Choose three words:").first).to_be_visible()
    for k in (1, 9):  # the word that is missing; after that the third
        explorer.page.mouse.click(*explorer.mark(k))
        expected = widget.answers("man", "king", WORDS[k])
        assert explorer.ranking() == [word for word, _ in expected]


def test_an_answer_leads_to_its_neighbors(open_explorer):
    explorer, widget = open_explorer(analogy=["man", "king", "woman"])
    [(answer, _)] = widget.answers("man", "king", "woman", topn=1)
    explorer.root.locator(".ranking:visible .word").first.click()
    expect(explorer.button("Neighbors")).to_have_attribute("aria-pressed", "true")
    assert explorer.ranking() == [word for word, _ in widget.neighbors(answer)]


def test_the_parallelogram_is_one(open_explorer):
    explorer, _ = open_explorer(mode="2d", analogy=["man", "king", "woman"])
    man, woman, king = explorer.marks()[:3]
    corner = explorer.cloud.locator(".corner").evaluate(
        """(corner) => {
            const {left, top} = corner.ownerSVGElement.getBoundingClientRect();
            const [x, y] = corner.getAttribute("transform").match(/-?[0-9.]+/g).map(Number);
            return [left + x, top + y];
        }"""
    )
    np.testing.assert_allclose(corner, king - man + woman, atol=0.21)


def test_the_words_along_an_axis(open_explorer):
    explorer, widget = open_explorer(selected="king")
    explorer.button("Axis").click()
    expect(explorer.live).to_have_text("Choose two different words.")
    explorer.field("Left end").fill("man")
    explorer.field("Right end").fill("woman")
    wv = widget.wv
    difference = wv["woman"] - wv["man"]
    halfway = (wv["man"] + wv["woman"]) / 2
    along = (wv.vectors - halfway) @ difference / np.linalg.norm(difference)
    table = explorer.table("along")
    assert list(table) == [(n, 0) for n in range(1, 41)]
    near(list(table.values()), along)
    order = [WORDS[k] for k in np.argsort(along)]
    assert explorer.ranking() == order[:5] + order[:-6:-1]
    expect(explorer.live).to_contain_text("king lies at")
    left_to_right = np.argsort(explorer.marks()[:, 0])
    np.testing.assert_array_equal(np.round(along[left_to_right], 1), np.round(np.sort(along), 1))
    explorer.button("Neighbors").click()
    assert explorer.ranking() == [w for w, _ in widget.neighbors("king")]
    expect(explorer.button("3-D")).to_have_attribute("aria-pressed", "true")


def test_places_in_the_picture_are_principal_components(open_explorer):
    explorer, widget = open_explorer(mode="2d")
    data = np.array(widget.vectors)
    _, singular, directions = np.linalg.svd(data - data.mean(axis=0), full_matrices=False)
    scores = (data - data.mean(axis=0)) @ directions[:3].T
    largest = np.abs(directions[:3]).argmax(axis=1)
    scores *= np.sign(directions[np.arange(3), largest])
    table = explorer.table("point")
    near([[table[n + 1, k] for k in range(3)] for n in range(40)], scores)
    shares = explorer.numbers("share", ".directions")
    near(list(shares.values()), singular**2 / (singular**2).sum())
    marks = explorer.marks() * [1, -1]
    scale = np.ptp(marks[:, 0]) / np.ptp(scores[:, 0])
    drawn = (marks - marks.mean(axis=0)) / scale
    np.testing.assert_allclose(drawn, scores[:, :2], atol=0.2 / scale)
    text = explorer.root.locator(".panel:visible .note").first
    percent = 100 * (singular[:2] ** 2).sum() / (singular**2).sum()
    expect(text).to_contain_text(
        f"in all 12 dimensions. The picture shows 2, which hold {percent:.0f}"
    )


def test_all_numbers_of_the_table(open_explorer):
    explorer, widget = open_explorer(selected="queen")
    wv, queen = widget.wv, WORDS.index("queen")
    cosines, distances = explorer.table("cosine"), explorer.table("distance")
    near([cosines[n + 1, queen] for n in range(40)], [wv.similarity(w, "queen") for w in wv])
    expected = np.linalg.norm(wv.vectors - wv["queen"], axis=1)
    near([distances[n + 1, queen] for n in range(40)], expected)


def test_the_data_can_be_turned(open_explorer):
    explorer, widget = open_explorer(circle(), projection="raw", mode="2d")
    data = np.array(widget.vectors)
    singular = np.linalg.svd(data - data.mean(axis=0), compute_uv=False)
    variance = explorer.numbers("variance", ".directions")
    near(list(variance.values()), data.var(axis=0))
    slider = explorer.root.get_by_label("Turn the data")
    slider.focus()
    for _ in range(25):
        slider.press("ArrowRight")
    turn = Rotation.from_rotvec(np.radians(25) * np.array([1, 2, 3]) / np.sqrt(14))
    near(list(explorer.numbers("variance", ".directions").values()), turn.apply(data).var(axis=0))
    near(list(explorer.numbers("singular", ".directions").values()), singular)
    point = explorer.table("point")
    near([[point[n + 1, k] for k in range(3)] for n in range(50)], turn.apply(data))
    expect(explorer.live).to_contain_text("Data turned by 25 degrees.")
    assert explorer.ranking() == [w for w, _ in widget.neighbors()]
    explorer.button("principal components").click()
    expect(slider).to_be_hidden()
    near(list(explorer.numbers("singular", ".directions").values()), singular)


@pytest.mark.parametrize(("D", "few"), [(1, False), (2, True), (3, True), (4, False)])
def test_vectors_of_few_numbers(open_explorer, D, few):
    explorer, widget = open_explorer(random_wv(8, D), selected="man")
    assert explorer.ranking() == [w for w, _ in widget.neighbors()]
    assert explorer.button("own axes").is_visible() == few
    shares = explorer.numbers("share", ".directions")
    assert sum(shares.values()) == pytest.approx(1)
    assert len(shares) == D


# ------------------------------------------------------------------------------ turning the view


def view(explorer):
    label = explorer.cloud.get_attribute("aria-label")
    return [
        int(number) for number in re.findall(r"turned (-?\d+) degrees, tilted (-?\d+)", label)[0]
    ]


def test_the_mouse_turns_the_view(open_explorer):
    explorer, _ = open_explorer()
    before, (x, y) = view(explorer), explorer.mark(0)
    box = explorer.cloud.bounding_box()
    mouse = explorer.page.mouse
    mouse.move(box["x"] + 100, box["y"] + 100)
    mouse.down()
    mouse.move(box["x"] + 160, box["y"] + 80, steps=6)
    mouse.up()
    yaw, pitch = view(explorer)
    assert yaw - before[0] == pytest.approx(30, abs=6)
    assert before[1] - pitch == pytest.approx(10, abs=6)
    assert explorer.mark(0) != [x, y]
    expect(explorer.word).to_have_value("man")  # a drag chooses no word
    expect(explorer.live).to_have_text(
        f"View: turned {yaw} degrees, tilted {pitch} degrees.".replace("-", "−")
    )
    assert f"embedding-explorer-1.yaw={yaw}" in explorer.address()
    explorer.button("Reset the view").click()
    assert view(explorer) == before


def test_a_drag_that_ends_on_a_word_chooses_nothing(open_explorer):
    explorer, _ = open_explorer(mode="2d")
    box, mouse = explorer.cloud.bounding_box(), explorer.page.mouse
    mouse.move(box["x"] + 10, box["y"] + 10)
    mouse.down()
    mouse.move(*explorer.mark(9), steps=4)
    mouse.up()
    expect(explorer.word).to_have_value("man")
    mouse.down()
    mouse.up()
    assert explorer.word.input_value() != "man"


def test_the_keyboard_turns_the_view(open_explorer):
    explorer, _ = open_explorer()
    explorer.page.keyboard.press("Tab")
    expect(explorer.root).to_be_focused()
    for key, place in [
        ("ArrowRight", [-20, 20]), ("ArrowLeft", [-30, 20]), ("ArrowDown", [-30, 30]),
        ("ArrowUp", [-30, 20]), ("End", [90, 0]), ("Home", [-30, 20]),
    ]:  # fmt: skip
        explorer.page.keyboard.press(key)
        assert view(explorer) == place, key
    for _ in range(16):
        explorer.page.keyboard.press("ArrowLeft")
        explorer.page.keyboard.press("ArrowDown")
    assert view(explorer) == [170, 90]


def test_fields_keep_the_arrow_keys(open_explorer):
    explorer, _ = open_explorer()
    explorer.word.focus()
    for key in ("ArrowLeft", "Home", "End"):
        explorer.page.keyboard.press(key)
    assert view(explorer) == [-30, 20]


def test_the_keyboard_walks_from_word_to_word_on_a_flat_picture(open_explorer):
    explorer, widget = open_explorer(mode="axis", axis=["man", "woman"], selected="man")
    wv = widget.wv
    order = [WORDS[k] for k in np.argsort(wv.vectors @ (wv["woman"] - wv["man"]), kind="stable")]
    explorer.page.keyboard.press("Tab")
    at = order.index("man")
    for key, k in [
        ("ArrowRight", at + 1),
        ("ArrowLeft", at),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 39),
    ]:
        explorer.page.keyboard.press(key)
        expect(explorer.word).to_have_value(order[k])


def test_everything_is_reached_with_tab(open_explorer):
    explorer, _ = open_explorer(circle(), projection="raw")
    wanted = explorer.root.locator(
        "button:enabled:visible, input:visible, summary"
    ).element_handles()
    assert len(wanted) > 18
    explorer.root.focus()
    for node in wanted:
        explorer.page.keyboard.press("Tab")
        assert node.evaluate("(n) => n === document.activeElement"), node.evaluate(
            "(n) => n.outerHTML"
        )


def overlaps(explorer):
    """Pairs of labels that lie on each other, as the browser measures them."""
    explorer.at_rest()
    return explorer.cloud.evaluate(
        """(cloud) => {
            const shown = [...cloud.querySelectorAll(":scope > g:last-child text")]
                .filter((text) => text.getAttribute("display") !== "none")
                .map((text) => [text.textContent, text.getBBox()]);
            const apart = (a, b) => a.x + a.width <= b.x + 1 || b.x + b.width <= a.x + 1
                || a.y + a.height <= b.y + 4 || b.y + b.height <= a.y + 4;
            const pairs = shown.flatMap(([one, a], n) => shown.slice(n + 1)
                .filter(([, b]) => !apart(a, b)).map(([other]) => `${one} ${other}`));
            return [shown.map(([word]) => word), pairs];
        }"""
    )


@pytest.mark.parametrize("width", [390, 1000])
@pytest.mark.parametrize("mode", ["3d", "2d", "axis"])
def test_labels_do_not_overlap_and_the_chosen_words_have_theirs(open_explorer, width, mode):
    explorer, _ = open_explorer(
        random_wv(100, 25), mode=mode, axis=["man", "woman"], selected="king",
        viewport={"width": width, "height": 900},
    )  # fmt: skip
    for _ in range(3):
        shown, pairs = overlaps(explorer)
        assert pairs == []
        assert len(shown) > 12
        assert "king" in shown
        if mode == "3d":
            explorer.root.focus()
            explorer.page.keyboard.press("ArrowRight")


def test_every_mark_is_inside_the_picture(open_explorer):
    explorer, _ = open_explorer(random_wv(100, 25))
    for key in ("Home", "End", *["ArrowDown"] * 5):
        explorer.root.press(key)
        box = explorer.cloud.bounding_box()
        x, y = explorer.marks().T
        assert box["x"] < x.min() < x.max() < box["x"] + box["width"]
        assert box["y"] < y.min() < y.max() < box["y"] + box["height"]


def test_motion_is_left_out_when_it_is_not_wanted(open_explorer):
    for motion, moves in (("reduce", False), ("no-preference", True)):
        explorer, _ = open_explorer(reduced_motion=motion)
        moved = explorer.root.evaluate(
            """(root) => {
                [...root.querySelectorAll("button")].find((b) => b.textContent === "2-D").click();
                return root.querySelector(".cloud").hasAttribute("data-moving");
            }"""
        )
        assert moved == moves
        explorer.at_rest()


# --------------------------------------------------------------------------------------- export


def test_the_neighbors_as_csv(open_explorer):
    explorer, widget = open_explorer(selected="king")
    explorer.button("Copy as CSV").click()
    text = explorer.root.get_by_label("The text that was copied").input_value()
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["rank", "word", "cosine", "distance"]
    assert [row[1] for row in rows[1:]] == [word for word, _ in widget.neighbors()]
    near([float(row[2]) for row in rows[1:]], [cosine for _, cosine in widget.neighbors()])
    distances = dict(widget.neighbors(topn=39, metric="distance"))
    near([float(row[3]) for row in rows[1:]], [distances[row[1]] for row in rows[1:]])
    with explorer.page.expect_download() as download:
        explorer.button("Download CSV").click()
    assert download.value.suggested_filename == "neighbors-king.csv"
    assert download.value.path().read_text(encoding="utf-8") == text


def test_odd_words_as_csv(open_explorer):
    wv = WordVectors(['a"b', "c,d", "e/f"], np.eye(3))
    explorer, _ = open_explorer(wv, selected="e/f")
    explorer.button("Copy as CSV").click()
    text = explorer.root.get_by_label("The text that was copied").input_value()
    assert [row[1] for row in csv.reader(text.splitlines())] == ["word", 'a"b', "c,d"]
    with explorer.page.expect_download() as download:
        explorer.button("Download CSV").click()
    assert download.value.suggested_filename == "neighbors-e_f.csv"


# ------------------------------------------------------------------------------------ addresses


def test_a_link_leads_to_a_state(open_explorer):
    explorer, widget = open_explorer()
    go = explorer.page.evaluate
    key = "embedding-explorer-1"
    go(f"""location.hash = '{key}.analogy=["man","king","woman"]&{key}.exclude=false'""")
    expect(explorer.live).to_contain_text("man is to king as woman")
    kept = widget.answers("man", "king", "woman", exclude=False)
    assert explorer.ranking() == [word for word, _ in kept]
    go(f"""location.hash = '{key}.mode=axis&{key}.axis=["man","woman"]&{key}.selected=queen'""")
    expect(explorer.live).to_contain_text("queen lies at")
    go(f"location.hash = '{key}.selected=king&{key}.metric=distance'")
    expect(explorer.live).to_contain_text("king: nearest by distance")
    assert explorer.ranking() == [w for w, _ in widget.neighbors("king", metric="distance")]


def test_the_address_brings_everything_back(open_explorer):
    explorer, _ = open_explorer(circle(), projection="raw")
    explorer.word.fill("p7")
    explorer.button("Analogy").click()
    for name, word in (("First", "p1"), ("Second", "p5"), ("Third", "p9")):
        explorer.field(f"{name} word").fill(word)
    explorer.root.get_by_label("Leave out the three words").uncheck()
    explorer.button("2-D").click()
    explorer.root.get_by_label("Turn the data").fill("33")
    before, text = explorer.numbers("variance", ".directions"), explorer.page.url
    answers = explorer.ranking()
    again, _ = open_explorer(circle(), projection="raw", fragment=text[text.index("#") :])
    assert again.numbers("variance", ".directions") == before
    assert again.ranking() == answers
    expect(again.word).to_have_value("p7")
    expect(again.button("2-D")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    "entry",
    ["selected=tree", "mode=4d", "axis=[1,2]", "analogy=man", "metric=7", "turn=400", "pitch=95",
     "exclude=1", "projection=raw", "topn=0.5", "panel=constructor"],
)  # fmt: skip
def test_an_address_that_does_not_fit_is_left_out(open_explorer, entry):
    explorer, widget = open_explorer(selected="king", fragment=f"#embedding-explorer-1.{entry}")
    assert explorer.ranking() == [w for w, _ in widget.neighbors()]
    assert view(explorer) == [-30, 20]


@pytest.mark.parametrize(("turn", "degrees"), [("400", 0), ("-1", 0), ("'40'", 0), ("90", 90)])
def test_an_address_turns_the_data_as_far_as_it_may(open_explorer, turn, degrees):
    key = "embedding-explorer-1"
    explorer, widget = open_explorer(circle(), projection="raw", fragment=f"#{key}.turn={turn}")
    rotation = Rotation.from_rotvec(np.radians(degrees) * np.array([1, 2, 3]) / np.sqrt(14))
    turned = rotation.apply(np.array(widget.vectors))
    near(list(explorer.numbers("variance", ".directions").values()), turned.var(axis=0))


# --------------------------------------------------------------------------- for every reader


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "state",
    [
        {"selected": "king", "groups": GROUPS},
        {"analogy": ["man", "king", "woman"], "exclude": False, "mode": "2d"},
        {"mode": "axis", "axis": ["man", "woman"]},
        {"panel": "analogy"},
        {"wv": circle(), "projection": "raw", "turn": 40},
    ],
    ids=["neighbors", "analogy", "axis", "empty", "raw"],
)
def test_accessible_and_narrow(open_explorer, theme, state):
    explorer, _ = open_explorer(theme=theme, **state)
    explorer.root.locator("summary").click()
    if explorer.button("Copy as CSV").is_visible():
        explorer.button("Copy as CSV").click()
    assert_accessible(explorer.page, ".embedding-explorer")
    assert_no_page_scroll(explorer.page, 320)
    small = explorer.root.locator("button:visible, input:visible, summary").evaluate_all(
        """(nodes) => nodes.map((node) => [node.getBoundingClientRect(), node.outerHTML])
            .filter(([box]) => box.width < 24 || box.height < 24).map(([, text]) => text)"""
    )
    assert [text for text in small if 'type="range"' not in text] == []


def test_groups_have_marks_and_colors_of_their_own(open_explorer):
    explorer, _ = open_explorer(groups=GROUPS)
    entries = explorer.root.locator(".legend li")
    assert entries.all_text_contents() == ["people", "even", "odd"]
    looks = "(all) => all.map((path) => [path.getAttribute('d'), path.getAttribute('fill')].join())"
    legend = entries.locator("path").evaluate_all(looks)
    assert len({look.split(",")[-1] for look in legend}) == len(set(legend)) == 3
    marks = explorer.cloud.locator("g:not(.frame) > path").evaluate_all(looks)
    names = ["people", "even", "odd"]
    assert marks == [legend[names.index(GROUPS[word])] for word in WORDS]


def test_the_widget_weighs_little():
    script = book_widgets.classic_script("embedding_explorer")
    state = EmbeddingExplorer(random_wv(100, 25), groups={}).to_html()
    assert weight([script, state]) < 32_000


def test_every_string_is_used_and_every_string_that_is_used_is_there():
    source = (base.FOLDER / "embedding_explorer.js").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?<!/)\blabels\.(\w+)", source))
    asked |= {"says", "chooseThree", "chooseTwo"}  # taken out of the table by their names
    in_the_fallback = {"fallback", "nearest"}
    assert asked == set(STRINGS["en"]) - in_the_fallback


def test_linked_explorers_share_a_word(widget_page):
    one, other = EmbeddingExplorer(random_wv()), EmbeddingExplorer(random_wv(seed=5))
    link = jslink((one, "selected"), (other, "selected"))
    page = widget_page(one, other)
    explorers = [page.locator(f"[data-widget-key=embedding-explorer-{n}]") for n in (1, 2)]
    explorers[0].get_by_role("combobox", name="Word").fill("queen")
    expect(explorers[1].locator(".head b").first).to_have_text("queen")
    assert explorers[1].locator(".ranking .word:visible").all_text_contents() == [
        word for word, _ in other.neighbors("queen")
    ]
    link.close()


def test_the_module_follows_a_model_with_a_kernel(open_explorer):
    """As Jupyter runs it: the module's text, a model, no page; and an end."""
    explorer, widget = open_explorer()
    wv = widget.wv
    seen = explorer.page.evaluate(
        """async ([source, state]) => {
            const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
            const {default: module} = await import(url);
            const listeners = new Map();
            let saved = 0;
            const model = {
                get: (name) => state[name],
                set: (name, value) => { state[name] = value; listeners.get(`change:${name}`)?.(); },
                on: (name, listener) => listeners.set(name, listener),
                off: (name) => listeners.delete(name),
                save_changes: () => { saved += 1; },
            };
            const host = document.createElement("div");
            document.body.append(host);
            const destroy = module.render({model, el: host});
            const words = () => host.querySelector(".ranking .word").textContent;
            const field = host.querySelector("input");
            field.value = "queen";
            field.dispatchEvent(new Event("input"));
            const clicked = [state.selected, saved, words()];
            model.set("selected", "word5");
            await new Promise((done) => setTimeout(done));
            const set = [words(), field.value];
            destroy();
            return [clicked, set, listeners.size, host.childElementCount];
        }""",
        [base.module_text("embedding_explorer"), widget.page_state()],
    )
    first = {word: wv.most_similar(word, topn=1)[0][0] for word in ("queen", "word5")}
    assert seen == [["queen", 1, first["queen"]], [first["word5"], "word5"], 0, 0]
