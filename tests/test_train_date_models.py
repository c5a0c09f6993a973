"""The two networks that read dates: what they learned from, and what the files say of them."""

import pytest
import torch

from book._tools import train_date_models
from book._tools.train_date_models import EXAMPLES, TITLES, drawn, encoded, exact
from rnn_utils import model_files
from rnn_utils.dates import LOCALES, TARGET, source_tokens
from rnn_utils.models import Seq2Seq, load_seq2seq


@pytest.fixture(scope="module")
def pairs():
    return drawn()


def test_no_day_is_in_both_parts(pairs):
    known, unseen = ({pair.iso for pair in part} for part in pairs)
    assert not known & unseen
    assert {pair.locale for part in pairs for pair in part} == set(LOCALES)


@pytest.mark.parametrize("name", TITLES)
def test_the_figure_in_the_file_is_that_of_its_weights(name, pairs):
    known, unseen = pairs
    model, source, target = load_seq2seq(name)
    about = model_files.load(name).about
    assert source == source_tokens(known)
    assert target == list(TARGET)
    assert about["attention"] == model.attention == (name == "dates-attention")
    assert about["examples"] == [[text, "1987-06-05"] for text in EXAMPLES]
    assert exact(model, *encoded(unseen, source)) == pytest.approx(about["accuracy"], abs=2e-3)


def test_the_figure_is_measured_on_the_weights_that_the_file_holds(monkeypatch, tmp_path, pairs):
    known, _ = pairs
    source = source_tokens(known)
    network = Seq2Seq(len(source), len(TARGET), 2, 3, attention=False)
    measured = []

    def measure(model, *data):
        measured.append(model)
        return 0.625

    monkeypatch.setattr(train_date_models, "train", lambda name: (network, source))
    monkeypatch.setattr(train_date_models, "exact", measure)
    monkeypatch.setattr(model_files, "FOLDER", tmp_path)
    train_date_models.store("dates-plain")
    assert model_files.load("dates-plain").about["accuracy"] == 0.625
    stored, _, _ = load_seq2seq("dates-plain")
    for one, other in zip(measured[0].parameters(), stored.parameters(), strict=True):
        assert torch.equal(one, other)


def test_attention_reads_all_examples():
    """They are all the same day."""
    model, source, _ = load_seq2seq("dates-attention")
    pairs = [drawn()[0][0]._replace(text=text, iso="1987-06-05") for text in EXAMPLES]
    assert exact(model, *encoded(pairs, source)) == 1


def test_exact_counts_whole_dates(pairs):
    _, unseen = pairs
    indices, lengths, rows = encoded(unseen[:4], source_tokens(unseen[:4]))
    model = Seq2Seq(int(indices.max()) + 1, len(TARGET), 2, 3)

    def knows(source, lengths, tokens):
        logits = torch.nn.functional.one_hot(rows[:, 1:], len(TARGET)).double()
        logits[0, 5, 2] = 2.0  # one character of one date is wrong
        return logits

    model.forward = knows
    assert exact(model, indices, lengths, rows) == 0.75


@pytest.mark.parametrize("name", ["place-names", "dates"])
def test_a_name_of_another_kind(name):
    with pytest.raises(ValueError, match="name must be"):
        load_seq2seq(name)
