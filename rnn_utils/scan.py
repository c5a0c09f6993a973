"""Linear recurrences without a loop over time: h_t = a_t ⊙ h_{t-1} + b_t by a parallel scan.

Each step is a map h -> a h + b. Two of them in a row are again such a map, and it does not matter
which pair is put together first. So all steps can be put together in pairs, side by side.
"""

import torch


def compose(first, then):
    """Two steps h -> a h + b in a row, as one.

    Parameters
    ----------
    first, then : pair (a, b) of torch.Tensor
        The step that comes first in time, and the one after it.

    Returns
    -------
    a, b : torch.Tensor
        Of the one step that does what both do.

    Examples
    --------
    >>> compose((2.0, 1.0), (3.0, 5.0))  # 3 (2 h + 1) + 5
    (6.0, 8.0)
    """
    (a_first, b_first), (a_then, b_then) = first, then
    return a_then * a_first, a_then * b_first + b_then


def scan_rounds(a, b):
    """The parallel scan, round by round (Hillis and Steele 1986).

    After round r, entry t is the composition of the last 2^r steps up to t, or of all there are.
    In a round nothing waits for anything else in that round.

    Parameters
    ----------
    a, b : torch.Tensor, shape (..., T, H)
        Of the same shape, with T at least 1.

    Yields
    ------
    a, b : torch.Tensor, shape (..., T, H)
        First the steps as they came, then what they are after each of the ⌈log2 T⌉ rounds.

    Raises
    ------
    ValueError
        If the shapes differ or there is no step.
    """
    if a.shape != b.shape or a.ndim < 2 or 0 in a.shape:
        raise ValueError(
            "a and b must have the same shape (..., T, H) with no axis of length 0, "
            f"got {tuple(a.shape)} and {tuple(b.shape)}"
        )
    reach, T = 1, a.shape[-2]
    yield a, b
    while reach < T:
        earlier, later = slice(None, T - reach), slice(reach, None)
        pair = compose(
            (a[..., earlier, :], b[..., earlier, :]), (a[..., later, :], b[..., later, :])
        )
        a, b = (
            torch.cat([old[..., :reach, :], new], dim=-2)
            for old, new in zip((a, b), pair, strict=True)
        )
        reach *= 2
        yield a, b


def linear_scan(a, b, h_0=None):
    """Every state of h_t = a_t ⊙ h_{t-1} + b_t, in ⌈log2 T⌉ rounds (Martin and Cundy 2018).

    Gradients pass through.

    Parameters
    ----------
    a : torch.Tensor, shape (..., T, H)
        What is kept of each unit at each step.
    b : torch.Tensor, shape (..., T, H)
        What is added.
    h_0 : torch.Tensor, shape (..., H), optional
        The state before the first step; zero if not given.

    Returns
    -------
    torch.Tensor, shape (..., T, H)
        h_1 to h_T.

    Raises
    ------
    ValueError
        As `scan_rounds`.

    Examples
    --------
    >>> half = torch.full((4, 1), 0.5)
    >>> linear_scan(half, torch.ones(4, 1)).flatten().tolist()
    [1.0, 1.5, 1.75, 1.875]
    """
    *_, (a, b) = scan_rounds(a, b)
    return b if h_0 is None else a * h_0[..., None, :] + b
