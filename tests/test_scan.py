"""The scan gives what the loop gives, in as many rounds as it says."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnn_utils.scan import compose, linear_scan, scan_rounds


def loop(a, b, h):
    """The recurrence as it is written: one step after the other."""
    states = []
    for a_t, b_t in zip(a.unbind(-2), b.unbind(-2), strict=True):
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states, dim=-2)


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def equal(one, other):
    torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_composing_is_doing_one_after_the_other():
    (a, b), (c, d), h = draw(2, 5), draw(2, 5, seed=1), draw(5, seed=2)
    both_a, both_b = compose((a, b), (c, d))
    equal(both_a * h + both_b, c * (a * h + b) + d)


def test_which_pair_is_composed_first_does_not_matter_and_their_order_does():
    one, two, three = (draw(2, 5, seed=seed) for seed in range(3))
    left, right = compose(compose(one, two), three), compose(one, compose(two, three))
    equal(left[0], right[0])
    equal(left[1], right[1])
    assert (compose(one, two)[1] - compose(two, one)[1]).abs().max() > 0.1


@given(st.integers(1, 70), st.integers(0, 99))
def test_the_scan_is_the_loop(T, seed):
    a, b, h_0 = draw(2, T, 3, seed=seed).sigmoid(), draw(2, T, 3, seed=seed + 1), draw(2, 3)
    equal(linear_scan(a, b, h_0), loop(a, b, h_0))
    equal(linear_scan(a, b), loop(a, b, torch.zeros(2, 3, dtype=torch.float64)))


@pytest.mark.parametrize("keep", [0.0, 1.0, -1.0])
def test_the_corners(keep):
    a, b = torch.full((33, 2), keep, dtype=torch.float64), draw(33, 2)
    equal(linear_scan(a, b), loop(a, b, torch.zeros(2, dtype=torch.float64)))


@pytest.mark.parametrize("T", [1, 2, 3, 4, 5, 8, 9, 1000, 1024])
def test_the_number_of_rounds(T):
    a = b = torch.ones(T, 1)
    start, *rounds = scan_rounds(a, b)
    assert start == (a, b)
    assert len(rounds) == math.ceil(math.log2(T))


def test_after_each_round_entries_hold_twice_as_many_steps():
    ones = torch.ones(16, 1)
    for r, (_, b) in enumerate(scan_rounds(ones, ones)):
        held = torch.arange(1, 17).clamp(max=2**r)
        assert b.flatten().tolist() == held.tolist()


def test_a_step_sees_nothing_later():
    a, b = draw(20, 3).sigmoid(), draw(20, 3, seed=1)
    before = linear_scan(a, b)
    a, b = a.clone(), b.clone()
    a[12:], b[12:] = 0.5, 9.0
    after = linear_scan(a, b)
    assert torch.equal(before[:12], after[:12])
    assert not torch.equal(before[12:], after[12:])


def test_the_gradients_are_those_of_the_loop():
    values = [draw(2, 19, 3).sigmoid(), draw(2, 19, 3, seed=1), draw(2, 3, seed=2)]
    gradients = []
    for run in (linear_scan, loop):
        leaves = [value.clone().requires_grad_() for value in values]
        run(*leaves).square().sum().backward()
        gradients.append([leaf.grad for leaf in leaves])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_what_came_in_stays_as_it_was():
    a, b = draw(7, 2), draw(7, 2, seed=1)
    kept = a.clone(), b.clone()
    linear_scan(a, b)
    assert torch.equal(a, kept[0])
    assert torch.equal(b, kept[1])


@pytest.mark.parametrize("shapes", [((4, 2), (5, 2)), ((4,), (4,)), ((0, 2), (0, 2))])
def test_shapes_that_cannot_work(shapes):
    a, b = (torch.zeros(shape) for shape in shapes)
    with pytest.raises(ValueError, match=r"a and b must have the same shape \(\.\.\., T, H\)"):
        linear_scan(a, b)
