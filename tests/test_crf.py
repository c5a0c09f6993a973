"""The CRF on rows that can all be listed: its sums, its best row, its gradient, its mask."""

import re
from itertools import pairwise, product

import pytest
import torch
from torch import nn

from rnn_utils.crf import CRF

B, T, K = 3, 4, 3
LENGTHS = (4, 2, 1)


@pytest.fixture
def crf():
    made = CRF(K).double()
    generator = torch.Generator().manual_seed(0)
    for values in made.parameters():
        nn.init.normal_(values, generator=generator)
    return made


@pytest.fixture
def emissions():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(B, T, K, generator=generator, dtype=torch.float64)


@pytest.fixture
def mask():
    return torch.arange(T) < torch.tensor(LENGTHS)[:, None]


def score(crf, emissions, row):
    """s(y), word by word; emissions of one sequence, (T, K)."""
    total = crf.start[row[0]] + crf.end[row[-1]]
    for t, tag in enumerate(row):
        total = total + emissions[t, tag]
        if t:
            total = total + crf.transition[row[t - 1], tag]
    return total


def listed(crf, emissions):
    """All rows of one sequence and their scores."""
    rows = list(product(range(K), repeat=len(emissions)))
    return rows, torch.stack([score(crf, emissions, row) for row in rows])


def equal(one, other):
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def refuses(text):
    return pytest.raises(ValueError, match=re.escape(text))


def test_log_z_is_the_sum_over_all_rows(crf, emissions, mask):
    found = crf.log_partition(emissions, mask)
    for k, length in enumerate(LENGTHS):
        equal(found[k], listed(crf, emissions[k, :length])[1].logsumexp(0))


def test_probabilities_of_all_rows_sum_to_one(crf, emissions):
    rows = torch.tensor(list(product(range(K), repeat=T)))
    same = emissions[:1].expand(len(rows), T, K)
    equal(crf.log_likelihood(same, rows).exp().sum(), torch.tensor(1.0).double())


def test_viterbi_finds_the_best_of_all_rows(crf, emissions, mask):
    found = crf.viterbi(emissions, mask)
    for k, length in enumerate(LENGTHS):
        rows, scores = listed(crf, emissions[k, :length])
        assert found[k] == list(rows[scores.argmax()])


def test_viterbi_over_many_draws():
    generator = torch.Generator().manual_seed(2)
    for _ in range(20):
        crf = CRF(K).double()
        for values in crf.parameters():
            nn.init.normal_(values, std=2, generator=generator)
        emissions = torch.randn(1, T, K, generator=generator, dtype=torch.float64)
        rows, scores = listed(crf, emissions[0])
        assert crf.viterbi(emissions) == [list(rows[scores.argmax()])]


def test_gradients_are_what_was_minus_what_was_expected(crf, emissions):
    """By an emission: 1 at the true tag minus its marginal; by a transition: counts minus means."""
    row = (2, 0, 0, 1)
    emissions = emissions[:1].requires_grad_()
    crf.log_likelihood(emissions, torch.tensor([row])).sum().backward()
    with torch.no_grad():
        rows, scores = listed(crf, emissions[0])
        probabilities = scores.softmax(0)
        by_emission, by_transition = torch.zeros(T, K), torch.zeros(K, K)
        by_emission, by_transition = by_emission.double(), by_transition.double()
        weighted = [(row, 1.0), *zip(rows, -probabilities, strict=True)]
        for tags, weight in weighted:
            for t, tag in enumerate(tags):
                by_emission[t, tag] += weight
                if t:
                    by_transition[tags[t - 1], tag] += weight
    equal(emissions.grad[0], by_emission)
    equal(crf.transition.grad, by_transition)
    equal(crf.start.grad, by_emission[0])
    equal(crf.end.grad, by_emission[-1])


def test_what_the_mask_hides_does_not_matter(crf, emissions, mask):
    tags = torch.zeros(B, T, dtype=torch.int64)
    before = crf.log_likelihood(emissions, tags, mask), crf.viterbi(emissions, mask)
    emissions = emissions.where(mask[..., None], torch.tensor(1e6).double())
    tags = tags.where(mask, torch.tensor(-100))
    equal(crf.log_likelihood(emissions, tags, mask), before[0])
    assert crf.viterbi(emissions, mask) == before[1]
    assert [len(row) for row in before[1]] == list(LENGTHS)


def test_without_scores_of_its_own_it_is_a_softmax_at_each_step(emissions):
    crf, tags = CRF(K).double(), torch.tensor([[0, 1, 2, 0]] * B)
    steps = emissions.log_softmax(2).gather(2, tags[..., None]).sum(dim=(1, 2))
    equal(crf.log_likelihood(emissions, tags), steps)
    assert crf.viterbi(emissions) == emissions.argmax(2).tolist()


def test_a_forbidden_pair_is_never_chosen(emissions):
    crf = CRF(K).double()
    with torch.no_grad():
        crf.transition[0, 0] = -1e4
    rows = crf.viterbi(emissions.repeat(1, 5, 1) + torch.tensor([5.0, 0, 0]))
    assert all((a, b) != (0, 0) for row in rows for a, b in pairwise(row))


def test_it_learns_the_rows_it_sees():
    crf = CRF(2)
    tags = torch.tensor([[0, 1, 0, 1, 0, 1]])
    optimizer = torch.optim.Adam(crf.parameters(), lr=0.1)
    for _ in range(100):
        optimizer.zero_grad()
        (-crf.log_likelihood(torch.zeros(1, 6, 2), tags).sum()).backward()
        optimizer.step()
    assert crf.viterbi(torch.zeros(1, 6, 2)) == tags.tolist()


def test_what_cannot_work_is_refused(crf, emissions, mask):
    tags = torch.zeros(B, T, dtype=torch.int64)
    with refuses("n_tags must be a positive integer, got 0"):
        CRF(0)
    with refuses("emissions must have shape (B, T, 3) with T >= 1, got (3, 4, 2)"):
        crf.viterbi(emissions[..., :2])
    with refuses("emissions must have shape"):
        crf.log_partition(emissions[:, :0])
    with refuses("tags must have shape (3, 4), got (3, 3)"):
        crf.log_likelihood(emissions, tags[:, 1:])
    with refuses("tags must be from 0 to 2 where the mask is True"):
        crf.log_likelihood(emissions, tags + 3)
    with refuses("mask must be bool of shape (3, 4), got torch.int64"):
        crf.viterbi(emissions, mask.long())
    with refuses("mask must be True at the first steps"):
        crf.viterbi(emissions, mask.flip(1))
