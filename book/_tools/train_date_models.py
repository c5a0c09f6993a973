"""Trains the two networks that read dates and stores them with 8-bit weights: make models.

Both read the same pairs equally often; one looks back at what it has read, one does not. Each has
the learning rates that suit it.

Everything is seeded. Still the last digits differ between processors, so training again gives
another file of the same quality.
"""

import sys

import torch

from book._tools.train_models import write_sums
from rnn_utils import model_files
from rnn_utils.datasets import load_dates
from rnn_utils.dates import (
    LOCALES,
    TARGET,
    encode_dates,
    encode_texts,
    has_answer,
    held_out,
    source_tokens,
)
from rnn_utils.models import Seq2Seq
from rnn_utils.training import cross_entropy, fit

TITLES = {"dates-attention": "Dates, with attention", "dates-plain": "Dates, without attention"}
EXAMPLES = [  # the same day in several ways
    "Friday, June 5, 1987",
    "5. Juni 1987",
    "viernes, 5 de junio de 1987",
    "1987. június 5., péntek",
    "пятница, 5 июня 1987 г.",
    "1987年6月5日星期五",
]
SCHEDULES = {  # learning rates, each with its epochs
    "dates-attention": ((1e-2, 3), (3e-3, 2), (1e-3, 2), (3e-4, 1)),
    "dates-plain": ((4e-3, 5), (2e-3, 2), (5e-4, 1)),
}


def encoded(pairs, source):
    """Sources, lengths and target rows of some pairs, as tensors."""
    indices, lengths = encode_texts([pair.text for pair in pairs], source)
    rows = encode_dates([pair.iso for pair in pairs])
    return torch.tensor(indices), torch.tensor(lengths), torch.tensor(rows)


def exact(model, indices, lengths, rows):
    """Share of dates in which every character is right.

    With the right characters before it or with its own: a date that is right to the end is the
    same under both, because up to there they are the same characters.
    """
    with torch.no_grad():
        written = model(indices, lengths, rows[:, :-1]).argmax(-1)
    return (written == rows[:, 1:]).all(dim=1).double().mean().item()


def drawn():
    """The pairs to learn from, and those to test with, which are of other days."""
    pairs = [pair for pair in load_dates(26_000, LOCALES, seed=1) if has_answer(pair)]
    unseen = [pair for pair in pairs if held_out(pair)]
    return [pair for pair in pairs if not held_out(pair)], unseen


def train(name):
    known, _ = drawn()
    source = source_tokens(known)
    indices, lengths, rows = encoded(known, source)
    attention = name == "dates-attention"
    model = Seq2Seq(len(source), len(TARGET), 16, 64, attention=attention, seed=1)
    for learning_rate, epochs in SCHEDULES[name]:
        fit(
            model, (indices, lengths, rows[:, :-1]), rows[:, 1:], cross_entropy,
            epochs=epochs, batch_size=64, learning_rate=learning_rate, seed=1,
        )  # fmt: skip
    return model, source


def store(name):
    model, source = train(name)
    about = {
        "name": name,
        "title": TITLES[name],
        "of": "dates in eight languages and four styles, from the Unicode CLDR",
        "source": source,
        "target": list(TARGET),
        "attention": model.attention,
        "locales": list(LOCALES),
        "examples": [[text, "1987-06-05"] for text in EXAMPLES],
        "longest": 16,
    }
    packed = model_files.pack("seq2seq", model.state_dict(), **about)
    stored = Seq2Seq.from_file(model_files.unpack(packed))
    accuracy = round(exact(stored, *encoded(drawn()[1], source)), 3)
    path = model_files.FOLDER / f"{name}.json"
    model_files.save(path, "seq2seq", model.state_dict(), **about, accuracy=accuracy)
    print(f"{name}: {accuracy} of the dates on days that it has not seen are right to the end")


if __name__ == "__main__":
    for name in sys.argv[1:] or TITLES:
        store(name)
    write_sums()
