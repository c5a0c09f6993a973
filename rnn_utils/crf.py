"""A linear-chain conditional random field: a score for whole rows of tags (Lafferty et al. 2001).

A network gives each tag at each step a score, its emission. A CRF adds a score for each pair of
neighboring tags, so the score of a row of tags y is

    s(y) = start[y_1] + Σ_t emission_t[y_t] + Σ_{t>1} transition[y_{t-1}, y_t] + end[y_T],

and the row's probability is a softmax over **all rows**, exp(s(y)) / Z. There are K^T of them, but
Z and the best row need only T steps of K × K numbers.
"""

import torch
from torch import nn

from rnn_utils.checks import positive_integer


class CRF(nn.Module):
    """Scores of neighboring tags, to be put on top of a network (Huang et al. 2015).

    Parameters
    ----------
    n_tags : int
        K.

    Attributes
    ----------
    transition : torch.nn.Parameter, shape (K, K)
        Row: the tag before. All scores begin at 0, which is a softmax at each step for itself.
    start, end : torch.nn.Parameter, shape (K,)

    Raises
    ------
    ValueError
        If ``n_tags`` is not a positive integer.
    """

    def __init__(self, n_tags):
        super().__init__()
        positive_integer("n_tags", n_tags)
        self.transition = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.start = nn.Parameter(torch.zeros(n_tags))
        self.end = nn.Parameter(torch.zeros(n_tags))

    def log_likelihood(self, emissions, tags, mask=None):
        """The log of the probability of rows of tags, s(y) − log Z.

        Parameters
        ----------
        emissions : torch.Tensor, shape (B, T, K)
        tags : torch.Tensor of int64, shape (B, T)
            0 to K − 1; anything where the mask is False.
        mask : torch.Tensor of bool, shape (B, T), optional
            True at real steps, which come first, at least one in each row; all if not given.

        Returns
        -------
        torch.Tensor, shape (B,)

        Raises
        ------
        ValueError
            If a shape, a tag or the mask cannot be.
        """
        mask = self._checked(emissions, mask)
        if tags.shape != mask.shape:
            raise ValueError(f"tags must have shape {tuple(mask.shape)}, got {tuple(tags.shape)}")
        tags = tags.where(mask, torch.zeros_like(tags))
        if tags.min() < 0 or tags.max() >= len(self.start):
            raise ValueError(f"tags must be from 0 to {len(self.start) - 1} where the mask is True")
        return self._score(emissions, tags, mask) - self.log_partition(emissions, mask)

    def _score(self, emissions, tags, mask):
        """s(y), shape (B,)."""
        last = tags.gather(1, mask.sum(dim=1, keepdim=True) - 1).squeeze(1)
        said = emissions.gather(2, tags.unsqueeze(2)).squeeze(2)  # (B, T)
        moved = self.transition[tags[:, :-1], tags[:, 1:]]  # (B, T - 1)
        along = (said * mask).sum(dim=1) + (moved * mask[:, 1:]).sum(dim=1)
        return self.start[tags[:, 0]] + along + self.end[last]

    def log_partition(self, emissions, mask=None):
        """The log of Z: the scores of all K^T rows, summed by the forward algorithm (Rabiner 1989).

        Parameters
        ----------
        emissions, mask
            As for `log_likelihood`.

        Returns
        -------
        torch.Tensor, shape (B,)
        """
        mask = self._checked(emissions, mask)
        alpha = self.start + emissions[:, 0]  # (B, K): rows so far, by their last tag
        for t in range(1, emissions.shape[1]):
            longer = (alpha.unsqueeze(2) + self.transition).logsumexp(dim=1) + emissions[:, t]
            alpha = torch.where(mask[:, t, None], longer, alpha)
        return (alpha + self.end).logsumexp(dim=1)

    @torch.no_grad()
    def viterbi(self, emissions, mask=None):
        """The row of tags with the highest score (Viterbi 1967).

        It is the forward algorithm with a maximum in place of the sum, and a note at each step of
        where the maximum came from.

        Parameters
        ----------
        emissions, mask
            As for `log_likelihood`.

        Returns
        -------
        list of list of int
            For each sequence as many tags as it has real steps.
        """
        mask = self._checked(emissions, mask)
        best, came_from = self.start + emissions[:, 0], []
        for t in range(1, emissions.shape[1]):
            longer, before = (best.unsqueeze(2) + self.transition).max(dim=1)
            came_from.append(before)  # (B, K): the best tag before each tag
            best = torch.where(mask[:, t, None], longer + emissions[:, t], best)
        rows = []
        for k, (tag, length) in enumerate(
            zip((best + self.end).argmax(1), mask.sum(1), strict=True)
        ):
            row = [tag.item()]
            for before in reversed(came_from[: length - 1]):
                row.append(before[k, row[-1]].item())
            rows.append(row[::-1])
        return rows

    def _checked(self, emissions, mask):
        """The mask, all True if it was not given, or a ValueError."""
        K = len(self.start)
        if emissions.ndim != 3 or emissions.shape[2] != K or emissions.shape[1] == 0:
            raise ValueError(
                f"emissions must have shape (B, T, {K}) with T >= 1, got {tuple(emissions.shape)}"
            )
        if mask is None:
            return torch.ones(emissions.shape[:2], dtype=torch.bool)
        if mask.shape != emissions.shape[:2] or mask.dtype != torch.bool:
            raise ValueError(
                f"mask must be bool of shape {tuple(emissions.shape[:2])}, "
                f"got {mask.dtype} of shape {tuple(mask.shape)}"
            )
        if not mask[:, 0].all() or (mask[:, 1:] & ~mask[:, :-1]).any():
            raise ValueError("mask must be True at the first steps of each row and then False")
        return mask
