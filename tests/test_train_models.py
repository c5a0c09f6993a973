"""How the book's trained networks came about: on what, tested on what, and what that gave."""

from itertools import chain

import pytest
import torch

from book._tools import train_models
from book._tools.train_models import (
    LANGUAGE_MODELS,
    bits_per_character,
    characters,
    news,
    place_names,
    shuffled,
    split,
    streams,
    trained,
)
from rnn_utils import model_files
from rnn_utils.models import LanguageModel, load_language_model


@pytest.mark.parametrize("texts", [place_names, news])
def test_what_is_tested_on_was_not_trained_on(texts):
    train, validation, test = map(set, texts())
    assert len(train) > 7 * len(test) > 0
    assert train.isdisjoint(validation | test)
    assert validation.isdisjoint(test)


def test_the_split_is_the_same_every_time():
    assert split(range(50)) == split(range(50))
    assert sorted(chain(*split(range(50)))) == list(range(50))


def test_targets_are_one_character_ahead():
    inputs, targets = streams(["ab", "c"], ["\n", "a", "b", "c"], 1)
    assert inputs.tolist() == [[0, 1, 2, 0, 3]]
    assert targets.tolist() == [[1, 2, 0, 3, 0]]
    inputs, targets = streams(["abcab"], ["\n", "a", "b", "c"], 2)
    assert inputs.tolist() == [[0, 1, 2], [3, 1, 2]]
    assert targets.tolist() == [[1, 2, 3], [1, 2, 0]]


def test_every_pass_has_its_own_order():
    texts = list("abcdefghij")
    three = shuffled(texts, 3)
    passes = [three[n : n + 10] for n in (0, 10, 20)]
    assert all(sorted(one) == texts for one in passes)
    assert passes[0] != passes[1] != passes[2]


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_the_figure_in_the_file_is_that_of_its_weights(name):
    model, tokens = load_language_model(name)
    _, held_out, about = LANGUAGE_MODELS[name]
    stored = model_files.load(name).about
    assert bits_per_character(model, held_out(tokens)) == pytest.approx(stored["bits"], abs=2e-3)
    assert about.items() <= stored.items()


def test_the_figure_is_measured_on_the_weights_that_the_file_holds(monkeypatch, tmp_path):
    tokens = ["\n", "a", "b"]
    held_out = streams(["ab", "ba"], tokens, 1)
    network = LanguageModel(3, 2, 4, dropout=0.5)
    recipe = (lambda: (network, tokens), lambda _: held_out, {"title": "Two letters"})
    monkeypatch.setitem(LANGUAGE_MODELS, "letters", recipe)
    monkeypatch.setattr(model_files, "FOLDER", tmp_path)
    train_models.train_language_model("letters")
    train_models.write_sums()
    model, _ = load_language_model("letters")
    bits = round(bits_per_character(model, held_out), 3)
    about = {"name": "letters", "title": "Two letters", "tokens": tokens, "bits": bits}
    assert model_files.load("letters").about == about
    assert {path.name for path in tmp_path.iterdir()} == {"letters.json", "SHA256SUMS"}


def test_training_is_seeded_and_learns():
    texts = ["abc"] * 40
    tokens = characters(texts)

    def train():
        return trained((texts, texts), tokens, 4, 8, 0.1, 4, ((2e-2, 8),), steps=10)

    one, other = train(), train()
    for first, second in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(first, second)
    assert bits_per_character(one, streams(texts, tokens, 1)) < 0.3
