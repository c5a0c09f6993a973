"""Trains the networks that come with the book and stores them with 8-bit weights: make models.

Everything is seeded. Still the last digits differ between processors, so training again gives
another file of the same quality; the files in rnn_utils/data/models are what the book shows, and
HASHES says which ones they are.
"""

import math
import random
import sys

import torch

from rnn_utils import datasets, model_files
from rnn_utils.models import LanguageModel, load_language_model
from rnn_utils.tasks import IGNORE
from rnn_utils.training import cross_entropy, fit, fit_truncated

# Languages in Latin script, so that one small network can learn to spell them all.
LOCALES = "en de fr es it pt nl sv da nb fi et hu pl cs sk sl hr ro tr id ms sw cy eu ca".split()
SPLIT = "\n"  # stands before and after every name and every article


def split(items, seed=0):
    """Training, validation and test items: 80, 10 and 10 of 100, drawn at random."""
    items = list(items)
    random.Random(seed).shuffle(items)
    tenth = len(items) // 10
    return items[2 * tenth :], items[:tenth], items[tenth : 2 * tenth]


def place_names():
    """Every spelling once, so that none is in two of the three parts."""
    return split(sorted({name for locale in LOCALES for name in datasets.load_place_names(locale)}))


def news():
    return split(datasets.load_lee())


def characters(parts):
    """The vocabulary: what splits texts, then every character that the training texts hold."""
    return [SPLIT, *sorted(set("".join(parts)) - {SPLIT})]


def padded(names, tokens):
    """Names as inputs and targets, (B, T) each; what stands after the end is not asked for."""
    index = {token: k for k, token in enumerate(tokens)}
    T = max(map(len, names)) + 1
    inputs = torch.zeros(len(names), T, dtype=torch.long)
    targets = torch.full((len(names), T), IGNORE)
    for row, name in enumerate(names):
        known = [index[sign] for sign in name if sign in index]
        inputs[row, 1 : len(known) + 1] = torch.tensor(known)
        targets[row, : len(known) + 1] = torch.tensor([*known, 0])
    return inputs, targets


def streams(articles, tokens, n_streams):
    """Articles one after the other, cut into streams side by side, and the same one ahead."""
    index = {token: k for k, token in enumerate(tokens)}
    text = SPLIT + "".join(article + SPLIT for article in articles)
    known = torch.tensor([index[sign] for sign in text if sign in index])
    T = (len(known) - 1) // n_streams
    return tuple(known[s : s + n_streams * T].reshape(n_streams, T) for s in (0, 1))


def train_place_names():
    train, validation, _ = place_names()
    tokens = characters(train)
    model = LanguageModel(len(tokens), 24, 128, dropout=0.2, seed=1)
    data = padded(train, tokens), padded(validation, tokens)
    for learning_rate, epochs in ((4e-3, 30), (1e-3, 10)):
        fit(
            model, *data[0], cross_entropy, validation=data[1],
            epochs=epochs, patience=4, batch_size=64, learning_rate=learning_rate, seed=1,
        )  # fmt: skip
    return model, tokens


def train_news():
    train, validation, _ = news()
    tokens = characters(train)
    model = LanguageModel(len(tokens), 32, 192, dropout=0.3, seed=1)
    data = streams(train, tokens, 32), streams(validation, tokens, 8)
    for learning_rate, epochs in ((5e-3, 24), (1e-3, 8)):
        fit_truncated(
            model, *data[0], cross_entropy, validation=data[1],
            steps=64, epochs=epochs, patience=4, learning_rate=learning_rate, seed=1,
        )  # fmt: skip
    return model, tokens


def bits_per_character(model, data):
    """On texts that were not trained on, with the weights as they are stored."""
    with torch.no_grad():
        return cross_entropy(model(data[0])[0], data[1]).item() / math.log(2)


LANGUAGE_MODELS = {
    "place-names": (
        train_place_names,
        lambda tokens: padded(place_names()[2], tokens),
        {
            "title": "Names of places",
            "of": "names of countries and territories in 26 languages, from the Unicode CLDR",
            "examples": ["New ", "Saint ", "Rep", "Ö"],
        },
    ),
    "news": (
        train_news,
        lambda tokens: streams(news()[2], tokens, 1),
        {
            "title": "News prose",
            "of": "270 short articles of Australian news, the Lee corpus",
            "examples": ["The Prime Minister ", "Police say ", '"We ', "In Sydney, "],
        },
    ),
}


def train_language_model(name):
    train, held_out, about = LANGUAGE_MODELS[name]
    model, tokens = train()
    path = model_files.FOLDER / f"{name}.json"
    about = {"name": name, **about, "tokens": tokens}
    model_files.save(path, "language-model", model.state_dict(), **about)
    stored, _ = load_language_model(name)
    bits = round(bits_per_character(stored, held_out(tokens)), 3)
    model_files.save(path, "language-model", model.state_dict(), **about, bits=bits)
    print(f"{name}: {bits} bits per character on texts it has not seen")


if __name__ == "__main__":
    for name in sys.argv[1:] or LANGUAGE_MODELS:
        train_language_model(name)
