"""Trains the networks that come with the book and stores them with 8-bit weights: make models.

Everything is seeded. Still the last digits differ between processors, so training again gives
another file of the same quality. Which files the book shows is in data/models/SHA256SUMS.
"""

import hashlib
import math
import random
import sys

import torch

from rnn_utils import datasets, model_files
from rnn_utils.models import LanguageModel
from rnn_utils.text import without_repeats
from rnn_utils.training import cross_entropy, fit_truncated

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
    """Without articles that come twice, so that none is in two of the three parts."""
    return split(without_repeats(datasets.load_lee()))


def characters(parts):
    """The vocabulary: what splits texts, then every character that the training texts hold."""
    return [SPLIT, *sorted(set("".join(parts)) - {SPLIT})]


def streams(texts, tokens, n_streams):
    """Texts one after the other, cut into streams side by side, and the same one ahead."""
    index = {token: k for k, token in enumerate(tokens)}
    joined = SPLIT + "".join(text + SPLIT for text in texts)
    known = torch.tensor([index[sign] for sign in joined if sign in index])
    T = (len(known) - 1) // n_streams
    return tuple(known[s : s + n_streams * T].reshape(n_streams, T) for s in (0, 1))


def shuffled(texts, times):
    """The texts several times over, each time in another order, so that no order is learned."""
    rng = random.Random(0)
    return [text for _ in range(times) for text in rng.sample(texts, len(texts))]


def trained(parts, tokens, embedding_size, hidden_size, dropout, n_streams, plan, **options):
    """A language model after truncated backpropagation at one learning rate after the other."""
    model = LanguageModel(len(tokens), embedding_size, hidden_size, dropout=dropout, seed=1)
    data = streams(parts[0], tokens, n_streams), streams(parts[1], tokens, 8)
    for learning_rate, epochs in plan:
        fit_truncated(
            model, *data[0], cross_entropy, validation=data[1],
            epochs=epochs, patience=4, learning_rate=learning_rate, seed=1, **options,
        )  # fmt: skip
    return model


def train_place_names():
    train, validation, _ = place_names()
    tokens = characters(train)
    parts = shuffled(train, 4), validation
    plan = (4e-3, 14), (1e-3, 5)
    return trained(parts, tokens, 24, 128, 0.25, 32, plan, steps=48), tokens


def train_news():
    train, validation, _ = news()
    tokens = characters(train)
    plan = (5e-3, 24), (1e-3, 8)
    return trained((train, validation), tokens, 32, 192, 0.3, 32, plan, steps=64), tokens


def bits_per_character(model, data):
    """On texts that were not trained on, with the weights as they are stored."""
    with torch.no_grad():
        return cross_entropy(model(data[0])[0], data[1]).item() / math.log(2)


LANGUAGE_MODELS = {
    "place-names": (
        train_place_names,
        lambda tokens: streams(place_names()[2], tokens, 1),
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
            "of": "231 short articles of Australian news, the Lee corpus",
            "examples": ["The Prime Minister ", "Police say ", '"We ', "In Sydney, "],
        },
    ),
}


def train_language_model(name):
    train, held_out, about = LANGUAGE_MODELS[name]
    model, tokens = train()
    about = {"name": name, **about, "tokens": tokens}
    packed = model_files.pack("language-model", model.state_dict(), **about)
    stored = LanguageModel.from_file(model_files.unpack(packed))
    bits = round(bits_per_character(stored, held_out(tokens)), 3)
    path = model_files.FOLDER / f"{name}.json"
    model_files.save(path, "language-model", model.state_dict(), **about, bits=bits)
    print(f"{name}: {bits} bits per character on texts it has not seen")


def write_sums():
    """The hash of each file, as ``sha256sum --check`` reads them."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(model_files.FOLDER.glob("*.json"))
    ]
    (model_files.FOLDER / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or LANGUAGE_MODELS:
        train_language_model(name)
    write_sums()
