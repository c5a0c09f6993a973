"""What the bench compares computes the same thing, so that its ratios mean something."""

import numpy as np
import pytest
import torch

from benchmarks import layers as bench


@pytest.mark.parametrize("name", bench.STEPS)
def test_the_loop_over_gates_is_the_layer(name):
    """Its output and its gradients are those of torch.nn."""
    torch.manual_seed(1)
    module = getattr(torch.nn, name)(3, 4, dtype=torch.float64)
    x = torch.randn(6, 2, 3, dtype=torch.float64, requires_grad=True)
    d_output = torch.randn(6, 2, 4, dtype=torch.float64)
    output = bench.gate_loop(name, module, x)(d_output)
    by_loop = x.grad.clone()
    x.grad = None
    theirs, _ = module(x)
    theirs.backward(d_output)
    torch.testing.assert_close(output, theirs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(by_loop, x.grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", bench.STEPS)
def test_four_times_are_measured(name, monkeypatch):
    monkeypatch.setattr(bench, "RUNS", 1)
    times = bench.compare(name, (3, 2, 2, 2), torch.float64)
    assert len(times) == 4
    assert all(np.isfinite(time) and time > 0 for time in times)


def test_the_budgets_are_for_the_sizes_that_are_run():
    assert set(bench.BUDGETS) == set(bench.SIZES)
