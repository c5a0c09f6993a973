"""What the NumPy layers cost, beside PyTorch's own and beside a loop over gates with autograd.

    python -m benchmarks.layers

Forward and backward pass of one layer, two threads, median of several runs; ratios are taken
within this one run. The budgets hold for the layers' own precision, float64. In float32 PyTorch has
kernels of its own for the LSTM where the processor allows it. The column "products" is what NumPy
takes for the bare matrix products of both passes, so no NumPy code can be faster than that. Then:
does the cost grow linearly with the number of steps and of sequences, and what does each step keep
in memory until the backward pass? Nothing fails when a bound is missed.
"""

import statistics
import time

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.budgets import Measure
from rnn_utils import layers

THREADS = 2
SIZES = ((35, 20, 64, 128), (35, 32, 28, 256))  # T, B, D, H
BUDGETS = {SIZES[0]: 1.5, SIZES[1]: 2.0}  # LSTM, in times of nn.LSTM
RUNS = 15


def median_time(function):
    """Milliseconds; a first call warms up, and a pause lets other threads go to sleep."""
    function()
    time.sleep(0.2)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def rnn_step(weights, x, h):
    w_ih, w_hh, b_ih, b_hh = weights[0]
    h = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    return (h,)


def lstm_step(weights, x, h, c):
    a_i, a_f, a_g, a_o = (
        x @ w_ih.T + b_ih + h @ w_hh.T + b_hh for w_ih, w_hh, b_ih, b_hh in weights
    )
    c = torch.sigmoid(a_f) * c + torch.sigmoid(a_i) * torch.tanh(a_g)
    return torch.sigmoid(a_o) * torch.tanh(c), c


def gru_step(weights, x, h):
    (a_r, h_r), (a_z, h_z), (a_n, h_n) = (
        (x @ w_ih.T + b_ih, h @ w_hh.T + b_hh) for w_ih, w_hh, b_ih, b_hh in weights
    )
    r, z = torch.sigmoid(a_r + h_r), torch.sigmoid(a_z + h_z)
    return ((1 - z) * torch.tanh(a_n + r * h_n) + z * h,)


STEPS = {"RNN": (rnn_step, 1), "LSTM": (lstm_step, 4), "GRU": (gru_step, 3)}


def gate_loop(name, module, x):
    """The layer as textbooks write it: a matrix for each gate, a Python loop over time."""
    step, blocks = STEPS[name]
    weights = [
        [part.detach().clone().requires_grad_() for part in gate]
        for gate in zip(*(p.chunk(blocks) for p in module.parameters()), strict=True)
    ]
    state = [x.new_zeros(x.shape[1], module.hidden_size)] * (2 if name == "LSTM" else 1)

    def run(d_output):
        x.grad, now, outputs = None, state, []
        for gate in weights:
            for part in gate:
                part.grad = None
        for x_t in x:
            now = step(weights, x_t, *now)
            outputs.append(now[0])
        output = torch.stack(outputs)
        output.backward(d_output)
        return output

    return run


def bare_products(name, size, dtype):
    """The matrix products of a forward and a backward pass, and nothing else."""
    T, B, D, H = size
    rows = STEPS[name][1] * H
    rng = np.random.default_rng(0)
    x, h_all, d_a = (rng.normal(size=(T * B, n)).astype(dtype) for n in (D, H, rows))
    weight_ih, weight_hh = (rng.normal(size=(rows, n)).astype(dtype) for n in (D, H))
    h, d_a_t = h_all[:B], d_a[:B]

    def run():
        _ = x @ weight_ih.T
        for _ in range(T):
            _ = h @ weight_hh.T
        for _ in range(T):
            _ = d_a_t @ weight_hh
        _ = d_a.T @ x, d_a.T @ h_all, d_a @ weight_ih

    return run


def compare(name, size, dtype):
    """Times of our layer, its bare products, torch.nn's layer and the loop, in milliseconds."""
    T, B, D, H = size
    torch.manual_seed(0)
    module = getattr(torch.nn, name)(D, H, dtype=dtype)
    layer = getattr(layers, name).from_torch(module)
    x = torch.randn(T, B, D, dtype=dtype, requires_grad=True)
    d_output = torch.randn(T, B, H, dtype=dtype)
    array, d_array = x.detach().numpy(), d_output.numpy()
    loop = gate_loop(name, module, x)

    def theirs():
        x.grad = None
        module.zero_grad()
        output, _ = module(x)
        output.backward(d_output)
        return output

    def ours():
        output, _ = layer.forward(array)
        layer.backward(d_array)
        return output

    for output in (theirs(), loop(d_output)):  # all three compute the same
        np.testing.assert_allclose(output.detach().numpy(), ours(), rtol=1e-4, atol=1e-5)
    products = bare_products(name, size, array.dtype)
    return tuple(map(median_time, (ours, products, theirs, lambda: loop(d_output))))


def speed():
    measures = []
    print(
        "forward and backward, ms                ours  products  torch.nn  ratio  gate loop  ratio"
    )
    for dtype in (torch.float64, torch.float32):
        for name in STEPS:
            for size in SIZES:
                ours, products, theirs, loop = compare(name, size, dtype)
                budget = ""
                if name == "LSTM" and dtype == torch.float64:
                    budget = f"  budgets {BUDGETS[size]:.2f} and 1.00"
                    what = f"NumPy LSTM at T, B, D, H = {', '.join(map(str, size))}, times "
                    measures += [
                        Measure(f"{what}nn.LSTM", ours / theirs, BUDGETS[size], digits=2),
                        Measure(f"{what}gate loop", ours / loop, 1, digits=2),
                    ]
                print(
                    f"{name:4} {str(dtype)[6:]} T,B,D,H={','.join(map(str, size)):14} "
                    f"{ours:8.2f} {products:9.2f} {theirs:9.2f} {ours / theirs:6.2f} {loop:10.2f} "
                    f"{ours / loop:6.2f}{budget}"
                )
    return measures


def growth():
    """Time at one, two, four and eight times the length, and the number of sequences."""
    rng = np.random.default_rng(0)
    layer = layers.LSTM(64, 128, seed=0)

    def cost(T, B):
        x, d_output = rng.normal(size=(T, B, 64)), rng.normal(size=(T, B, 128))
        return median_time(lambda: (layer.forward(x), layer.backward(d_output)))

    for letter, sizes in (
        ("T", [(n * 35, 20) for n in (1, 2, 4, 8)]),
        ("B", [(35, n * 20) for n in (1, 2, 4, 8)]),
    ):
        times = [cost(*size) for size in sizes]
        print(
            f"LSTM, {letter} times 1, 2, 4, 8: "
            + "  ".join(f"{t:.1f} ms (x {t / times[0]:.2f})" for t in times)
        )


def memory():
    """What is kept for the backward pass, in numbers for each step and sequence."""
    T, B, D, H = SIZES[0]
    x = np.zeros((T, B, D))
    for name in STEPS:
        layer = getattr(layers, name)(D, H, seed=0)
        layer.forward(x)
        kept = layer.kept_bytes / (T * B * x.itemsize)
        print(
            f"{name:4} keeps {kept:6.1f} numbers a step and sequence (D = {D}, H = {H}): "
            f"{(kept - D) / H:.2f} H + D, {layer.kept_bytes / 1e6:.1f} MB for T = {T}, B = {B}"
        )


def main():
    """Measure, print and return what has a budget."""
    torch.set_num_threads(THREADS)
    with threadpool_limits(THREADS):  # NumPy's
        measures = speed()
        growth()
        memory()
    return measures


if __name__ == "__main__":
    main()
