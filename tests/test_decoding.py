"""Decoders on distributions made by hand, beside brute force, and what they promise for any."""

import math
import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnn_utils.decoding import (
    beam_search,
    distribution,
    draw,
    greedy,
    length_normalizer,
    log_probability,
    nucleus,
    sample,
    top_k,
    with_temperature,
)

LOGITS = st.integers(1, 8).flatmap(lambda n: arrays(float, n, elements=st.floats(-30, 30)))
DISTRIBUTIONS = LOGITS.map(lambda logits: with_temperature(logits, 1.0))


def refuses(*parts):
    """A ValueError with these parts in its text, in this order."""
    return pytest.raises(ValueError, match=".*".join(map(re.escape, parts)))


# --------------------------------------------------------------------------------- distributions


def test_temperature_by_hand():
    logits = np.log([0.1, 0.2, 0.7])
    np.testing.assert_allclose(with_temperature(logits, 1), [0.1, 0.2, 0.7], rtol=1e-15)
    squares = np.array([0.01, 0.04, 0.49])
    np.testing.assert_allclose(with_temperature(logits, 0.5), squares / squares.sum(), rtol=1e-14)
    np.testing.assert_allclose(with_temperature(logits, 1e9), [1 / 3] * 3, rtol=1e-8)


def test_temperature_0_takes_the_first_of_the_largest():
    assert with_temperature([1, 3, 3], 0).tolist() == [0, 1, 0]
    assert with_temperature([1, 3, 2], 1e-320).tolist() == [0, 1, 0]  # the quotient overflows
    assert with_temperature([1, 3, 3], 1e-320).tolist() == [0, 0.5, 0.5]


def test_large_logits_do_not_overflow_and_minus_infinity_forbids():
    assert with_temperature([1e308, -1e308], 1).tolist() == [1, 0]
    assert with_temperature([-np.inf, 2, 2], 3).tolist() == [0, 0.5, 0.5]
    assert with_temperature([-np.inf, 2, 2], 0).tolist() == [0, 1, 0]


@given(LOGITS, st.floats(0.05, 20))
def test_temperature_changes_no_order(logits, temperature):
    p = with_temperature(logits, temperature)
    assert p.sum() == pytest.approx(1)
    assert (np.diff(p[np.argsort(logits)]) >= 0).all()


@given(LOGITS)
def test_a_higher_temperature_is_less_sure(logits):
    def entropy(p):
        p = p[p > 0]
        return -(p * np.log(p)).sum()

    cold, warm = (entropy(with_temperature(logits, t)) for t in (0.5, 2.0))
    assert cold <= warm + 1e-9


@pytest.mark.parametrize(
    ("k", "kept"),
    [(1, [0, 1, 0, 0]), (2, [0, 0.625, 0.375, 0]), (3, [1 / 9, 5 / 9, 3 / 9, 0]), (9, None)],
)
def test_top_k_by_hand(k, kept):
    p = [0.1, 0.5, 0.3, 0.1]  # of the two equal ones the first stays
    np.testing.assert_allclose(top_k(p, k), p if kept is None else kept, rtol=1e-15)


@pytest.mark.parametrize(
    ("p", "kept"), [(0.01, 1), (0.5, 1), (0.51, 2), (0.8, 2), (0.81, 3), (0.9, 3), (1, 4)]
)
def test_nucleus_by_hand(p, kept):
    probabilities = np.array([0.1, 0.5, 0.3, 0.1])
    expected = np.where(np.isin(np.arange(4), [1, 2, 0, 3][:kept]), probabilities, 0)
    np.testing.assert_allclose(nucleus(probabilities, p), expected / expected.sum(), rtol=1e-15)


def test_rounding_does_not_make_the_nucleus_larger():
    assert 0.3 + 0.3 + 0.3 < 0.9
    assert np.count_nonzero(nucleus([0.3, 0.3, 0.3, 0.1], 0.9)) == 3


@given(DISTRIBUTIONS, st.integers(1, 10))
def test_top_k_keeps_the_largest(probabilities, k):
    kept = top_k(probabilities, k)
    assert kept.sum() == pytest.approx(1)
    inside = kept > 0
    assert np.count_nonzero(inside) <= k
    if not inside.all():
        assert probabilities[~inside].max() <= probabilities[inside].min()
    ratio = kept[inside] / probabilities[inside]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)  # among them nothing changes


@given(DISTRIBUTIONS, st.floats(0.01, 1, exclude_max=True))
def test_the_nucleus_reaches_p_and_no_smaller_set_does(probabilities, p):
    inside = nucleus(probabilities, p) > 0
    falling = np.sort(probabilities[inside])[::-1]
    assert falling.sum() >= p - 1e-9
    assert falling[:-1].sum() < p


@given(LOGITS, st.floats(0, 5), st.none() | st.integers(1, 9), st.none() | st.floats(0.01, 1))
def test_the_distribution_is_the_three_in_order(logits, temperature, k, p):
    expected = with_temperature(logits, temperature)
    expected = expected if k is None else top_k(expected, k)
    expected = expected if p is None else nucleus(expected, p)
    assert distribution(logits, temperature, k, p).tolist() == expected.tolist()


def test_the_order_of_top_k_and_nucleus_matters():
    """Of the two best, 0.4 and 0.3, the first has 0.571: after top-k it reaches 0.57 alone."""
    logits = np.log([0.4, 0.3, 0.2, 0.1])
    assert np.count_nonzero(distribution(logits, k=2, p=0.57)) == 1
    assert np.count_nonzero(nucleus([0.4, 0.3, 0.2, 0.1], 0.57)) == 2


@given(DISTRIBUTIONS, st.floats(0, 1, exclude_max=True))
def test_a_draw_is_a_token_that_can_come(probabilities, u):
    token = draw(probabilities, u)
    assert probabilities[token] > 0
    assert probabilities[:token].sum() <= u + 1e-12


def test_draws_come_with_their_probabilities():
    p = np.array([0.2, 0.0, 0.5, 0.3])
    drawn = [draw(p, (i + 0.5) / 1000) for i in range(1000)]
    np.testing.assert_allclose(np.bincount(drawn) / 1000, p, atol=1e-3)
    assert draw([0.5, 0.5 - 1e-8, 0.0], 1 - 1e-9) == 1  # the sum is a little below u


# ------------------------------------------------------------------------------------- sequences


def table(rows):
    """``step`` of a model that is a table: the state is all tokens read so far.

    ``rows`` gives for tokens after the start the probabilities of the next.
    """

    def step(token, state):
        state = (*state, token)
        with np.errstate(divide="ignore"):
            return np.log(rows[state[1:]]), state

    return step


START = 9
# End, A, B. Greedy goes to A at 0.55; the best pair is B B at 0.45 * 0.85 = 0.38.
TRAP = table(
    {
        (): [0.0, 0.55, 0.45],
        (1,): [0.0, 0.6, 0.4],
        (2,): [0.0, 0.15, 0.85],
        **{pair: [1.0, 0.0, 0.0] for pair in product((1, 2), repeat=2)},
    }
)


def test_greedy_misses_the_best_sequence_and_beam_search_finds_it():
    assert greedy(TRAP, (), START, 0, 5) == [1, 1, 0]
    [one] = beam_search(TRAP, (), START, 0, 5, beam=1)
    assert one.tokens == [1, 1, 0]
    assert one.log_probability == one.score == pytest.approx(math.log(0.33))
    best, second = beam_search(TRAP, (), START, 0, 5, beam=2)
    assert best.tokens == [2, 2, 0]
    assert best.log_probability == pytest.approx(math.log(0.3825))
    assert second.tokens == [1, 1, 0]


def test_normalizing_by_length_changes_the_winner():
    """The end at once has 0.3; three tokens and the end have 0.7 * 0.6 * 0.6 = 0.252."""
    step = table({(): [0.3, 0.7], (1,): [0.4, 0.6], (1, 1): [0.4, 0.6], (1, 1, 1): [1.0, 0.0]})
    found = beam_search(step, (), START, 0, 9, beam=8)
    assert [hypothesis.tokens for hypothesis in found][:2] == [[0], [1, 0]]
    assert found[0].log_probability == pytest.approx(math.log(0.3))
    longest = beam_search(step, (), START, 0, 9, beam=8, length_penalty=1)[0]
    assert longest.tokens == [1, 1, 1, 0]
    assert longest.log_probability == pytest.approx(math.log(0.252))
    assert longest.score == pytest.approx(math.log(0.252) / 1.5)


def test_the_normalizer_is_that_of_wu_and_others():
    assert length_normalizer(1, 0.7) == 1
    assert length_normalizer(30, 0) == 1
    assert length_normalizer(7, 0.6) == pytest.approx((5 + 7) ** 0.6 / (5 + 1) ** 0.6)


def random_model(seed, n_tokens):
    """A model with other logits after each sequence; the same seed, the same model."""

    def step(token, state):
        state = (*state, token)
        return np.random.default_rng([seed, *state]).normal(size=n_tokens) * 2, state

    return step


def all_sequences(n_tokens, max_length):
    """Every sequence that ends in token 0 or is cut at max_length."""
    for length in range(1, max_length + 1):
        for tokens in product(range(n_tokens), repeat=length):
            if 0 not in tokens[:-1] and (tokens[-1] == 0 or length == max_length):
                yield list(tokens)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([(2, 5), (3, 3), (4, 2)]), st.floats(0, 2))
def test_a_wide_beam_is_brute_force(seed, size, length_penalty):
    n_tokens, max_length = size
    step = random_model(seed, n_tokens)
    sequences = list(all_sequences(n_tokens, max_length))
    totals = [log_probability(step, (), START, tokens) for tokens in sequences]
    assert sum(map(math.exp, totals)) == pytest.approx(1)
    scores = [
        total / length_normalizer(len(tokens), length_penalty)
        for tokens, total in zip(sequences, totals, strict=True)
    ]
    found = beam_search(step, (), START, 0, max_length, 1000, length_penalty)
    assert [h.score for h in found] == pytest.approx(sorted(scores, reverse=True))
    assert sorted(h.tokens for h in found) == sorted(sequences)
    for hypothesis in found:
        total = totals[sequences.index(hypothesis.tokens)]
        assert hypothesis.log_probability == pytest.approx(total)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 10**6))
def test_what_every_decoder_promises(seed, max_length, draws):
    step = random_model(seed, 4)
    rng = np.random.default_rng
    best = greedy(step, (), START, 0, max_length)
    assert sample(step, (), START, 0, max_length, rng(draws), temperature=0) == best
    assert sample(step, (), START, 0, max_length, rng(draws), k=1) == best
    assert beam_search(step, (), START, 0, max_length, beam=1)[0].tokens == best
    drawn = sample(step, (), START, 0, max_length, rng(draws), 1.3, k=3, p=0.9)
    assert drawn == sample(step, (), START, 0, max_length, rng(draws), 1.3, k=3, p=0.9)
    for tokens in (best, drawn):
        assert 1 <= len(tokens) <= max_length
        assert 0 not in tokens[:-1]
        assert tokens[-1] == 0 or len(tokens) == max_length


def test_samples_come_as_often_as_they_are_probable():
    rng, n = np.random.default_rng(0), 4000
    drawn = [tuple(sample(TRAP, (), START, 0, 5, rng)) for _ in range(n)]
    for tokens in product((1, 2), repeat=2):
        expected = math.exp(log_probability(TRAP, (), START, [*tokens, 0]))
        assert abs(drawn.count((*tokens, 0)) / n - expected) < 5 * math.sqrt(expected / n)


def test_without_an_end_all_are_cut():
    step = random_model(0, 3)
    assert len(greedy(step, (), START, None, 7)) == 7
    assert {len(h.tokens) for h in beam_search(step, (), START, None, 7, beam=3)} == {7}


def test_equal_hypotheses_keep_the_order_in_which_they_were_found():
    flat = table({(): [0.25] * 4, **{(k,): [1.0, 0, 0, 0] for k in range(1, 4)}})
    found = beam_search(flat, (), START, 0, 2, beam=3)
    assert [h.tokens for h in found] == [[0], [1, 0], [2, 0]]


def test_a_forbidden_token_is_never_taken():
    def step(token, state):
        return [-np.inf, 0.0, 5.0, -np.inf], state

    assert {tuple(h.tokens) for h in beam_search(step, None, 1, 0, 2, beam=9)} == set(
        product((1, 2), repeat=2)
    )
    assert log_probability(step, None, 1, [2, 0]) == -np.inf


def test_states_may_be_anything_and_are_handed_on():
    seen = []

    def step(token, state):
        seen.append((token, state))
        return [0.0, 1.0], {"steps": state["steps"] + 1}

    greedy(step, {"steps": 0}, 0, None, 3)
    assert seen == [(0, {"steps": 0}), (1, {"steps": 1}), (1, {"steps": 2})]


# ---------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("logits", [[], [[1, 2]], 3, [np.nan, 1], [np.inf, 1], [-np.inf] * 2])
def test_what_are_no_logits(logits):
    with refuses("logits must be"):
        with_temperature(logits, 1)
    with refuses("logits must be"):
        greedy(lambda token, state: (logits, state), None, 0, 1, 3)


@pytest.mark.parametrize("p", [[], [[1.0]], [0.5, 0.6], [-0.5, 1.5], [np.nan, 1], [0.0, 0.0]])
def test_what_are_no_probabilities(p):
    for function in (lambda p: top_k(p, 1), lambda p: nucleus(p, 0.5), lambda p: draw(p, 0.5)):
        with refuses("probabilities must be"):
            function(p)


@pytest.mark.parametrize("value", [-1, np.nan, np.inf, "1", None, True])
def test_numbers_out_of_range(value):
    with refuses("temperature must be a finite number >= 0, got", repr(value)):
        with_temperature([1, 2], value)
    with refuses("p must be a number above 0 and at most 1, got", repr(value)):
        nucleus([1.0], value)
    with refuses("u must be a number >= 0 and below 1, got", repr(value)):
        draw([1.0], value)
    with refuses("length_penalty must be a finite number >= 0, got", repr(value)):
        beam_search(TRAP, (), START, 0, 5, length_penalty=value)


def test_the_borders_of_p_and_u():
    with refuses("p must be a number above 0 and at most 1, got 0"):
        nucleus([1.0], 0)
    with refuses("p must be a number above 0 and at most 1, got 1.5"):
        nucleus([1.0], 1.5)
    with refuses("u must be a number >= 0 and below 1, got 1"):
        draw([1.0], 1)


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", True, None])
def test_counts_out_of_range(value):
    with refuses("k must be a positive integer, got", repr(value)):
        top_k([1.0], value)
    with refuses("beam must be a positive integer, got", repr(value)):
        beam_search(TRAP, (), START, 0, 5, beam=value)
    for decoder in (greedy, beam_search):
        with refuses("max_length must be a positive integer, got", repr(value)):
            decoder(TRAP, (), START, 0, value)
    with refuses("length must be an integer >= 1, got", repr(value)):
        length_normalizer(value, 1)


def test_what_else_is_refused():
    with refuses("rng must be a numpy.random.Generator, got 0"):
        sample(TRAP, (), START, 0, 5, 0)
    for token in (3, -1):
        with refuses("tokens must be integers from 0 to 2, got", str(token)):
            log_probability(TRAP, (), START, [token])
