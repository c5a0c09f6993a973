"""What RNN, LSTM and GRU layers share: reading forwards, and backpropagation through time."""

from copy import deepcopy
from numbers import Real

import numpy as np

from rnn_utils.checks import finite_array, pair, positive_integer
from rnn_utils.layers.parameters import Parameters
from rnn_utils.layers.runs import Gradients, Run, Tape, pace_of, rows


class Layer(Parameters):
    """What the three networks share: layers, directions, lengths, dropout and the parameters."""

    torch_name: str  # the class in torch.nn
    cell_type: type  # what stands at every step
    step_type: type  # what that cell's step returns
    state_names = ("h",)  # an LSTM has c as well

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers,
        cell_options,
        *,
        bidirectional=False,
        reverse=False,
        batch_first=False,
        dropout=0.0,
        dtype=np.float64,
        seed=None,
    ):
        self.input_size = positive_integer("input_size", input_size)
        self.hidden_size = positive_integer("hidden_size", hidden_size)
        self.num_layers = positive_integer("num_layers", num_layers)
        if bidirectional and reverse:
            raise ValueError("reverse is one direction on its own, so bidirectional must be False")
        self.bidirectional = bool(bidirectional)
        self.reverse = bool(reverse)
        self.batch_first = bool(batch_first)
        if isinstance(dropout, bool) or not isinstance(dropout, Real) or not 0 <= dropout < 1:
            raise ValueError(f"dropout must be a number from 0 to below 1, got {dropout!r}")
        self.dropout = float(dropout)
        self.training = True
        self._rng = np.random.default_rng(seed)
        width = self.hidden_size * len(self._directions)
        self.cells = {
            f"l{layer}{direction}": self.cell_type(
                width if layer else self.input_size,
                self.hidden_size,
                dtype=dtype,
                seed=self._rng,
                **cell_options,
            )
            for layer in range(self.num_layers)
            for direction in self._directions
        }
        self.dtype = self.cells[next(iter(self.cells))].dtype
        self._tape = None

    @property
    def _directions(self):
        """PyTorch's endings of the names, in the order in which states and outputs are joined."""
        if self.bidirectional:
            return ("", "_reverse")
        return ("_reverse",) if self.reverse else ("",)

    def __repr__(self):
        return (
            f"{type(self).__name__}({self.input_size}, {self.hidden_size}"
            f"{f', num_layers={self.num_layers}' if self.num_layers > 1 else ''}"
            f"{', bidirectional=True' if self.bidirectional else ''}"
            f"{', reverse=True' if self.reverse else ''})"
        )

    def train(self, mode=True):
        """Switch dropout on or off, as in PyTorch.

        Parameters
        ----------
        mode : bool
            True for on.

        Returns
        -------
        RNN, LSTM or GRU
            The layer itself.
        """
        self.training = bool(mode)
        return self

    def eval(self):
        """Switch dropout off, as in PyTorch.

        Returns
        -------
        RNN, LSTM or GRU
            The layer itself.
        """
        return self.train(False)

    # ---------------------------------------------------------------------------------- forward

    def forward(self, x, state=None, lengths=None):
        """Read whole sequences.

        What `backward` needs is kept until the next call: for each step, sequence and cell the
        input (D numbers) and the quantities of the step (RNN 2H, LSTM 6H, GRU 4H numbers).

        Parameters
        ----------
        x : array, shape (T, B, D); (B, T, D) with ``batch_first``; (T, D) for one sequence
        state : array, shape (N, B, H), or a pair (h, c) of them for LSTM, optional
            The state before the first step, layer by layer and within a layer forward before
            reverse; (N, H) for one sequence. Zero if not given.
        lengths : sequence of int, shape (B,), optional
            How many steps of each sequence count, 1 to T, in any order; all if not given. Past
            its length a sequence has output 0 and keeps its state, as with
            :func:`torch.nn.utils.rnn.pack_padded_sequence`. The reverse direction starts at the
            last step that counts.

        Returns
        -------
        output : numpy.ndarray, shape (T, B, H), or (T, B, 2H) for both directions
            h of the last layer at every step (with ``batch_first`` or one sequence as for x).
        state : numpy.ndarray, shape (N, B, H), or a pair (h, c) for LSTM
            The state after the last step.

        Raises
        ------
        ValueError
            If a shape, a dtype, a length or a number cannot work; the text names the argument.
        """
        x, initial, lengths, one = self._checked(x, state, lengths)
        self._tape = None  # its memory is free for the next one
        order = np.argsort(-lengths, kind="stable")  # so the sequences still read are always [:n]
        back = np.argsort(order)
        active = np.count_nonzero(lengths > np.arange(len(x))[:, None], axis=1)
        output, runs, masks = x[:, order], {}, []
        for layer in range(self.num_layers):
            masks.append(self._dropout_mask(output.shape) if layer else 1)
            read, halves = output * masks[-1], []
            for direction in self._directions:
                k, pace = len(runs), pace_of(direction)
                run = self._read(
                    self.cells[f"l{layer}{direction}"],
                    read[::pace],
                    active[::pace],
                    {name: s[k, order] for name, s in initial.items()},
                )
                runs[f"l{layer}{direction}"] = run
                halves.append(run.output()[::pace])
            output = np.concatenate(halves, axis=-1)
        output = self._as_given(output[:, back], one)
        self._tape = Tape(runs, masks, order, back, one, output.shape)
        final = {
            name: np.stack([run.states[name][-1, back] for run in runs.values()])
            for name in self.state_names
        }
        return output, self._state_as_given(final, one)

    def trace(self, x, state=None, lengths=None):
        """Run `forward` and return every quantity of every step.

        Parameters
        ----------
        x, state, lengths
            As for `forward`.

        Returns
        -------
        RNNStep, LSTMStep or GRUStep
            The cell's named tuple; each quantity has shape (T, B, H), or as x was given:
            (B, T, H) with ``batch_first``, (T, H) for one sequence. Only with several layers or
            directions there is an axis in front, of size N and in the order of the state. Where a
            sequence has ended, the gates are 0 and the states stay what they are.
        """
        self.forward(x, state, lengths)
        tape, traced = self._tape, []
        for suffix, run in tape.runs.items():
            after = {name: s[1:] for name, s in run.states.items()}
            quantities = self.step_type(**run.gates, **after)
            back = [self._as_given(q[:: pace_of(suffix), tape.back], tape.one) for q in quantities]
            traced.append(back)
        if len(traced) == 1:
            return self.step_type(*traced[0])
        return self.step_type(*(np.stack(layers) for layers in zip(*traced, strict=True)))

    def _read(self, cell, x, active, states):
        """Step one cell along time, over the sequences that have not ended."""
        T, B, _ = x.shape
        a_x = rows(x) @ cell.weight_ih.T + cell.bias_ih  # all steps in one product
        a_x = a_x.reshape(T, B, -1)
        shape = (B, self.hidden_size)
        gates = {
            name: np.zeros((T, *shape), self.dtype)
            for name in self.step_type._fields
            if name not in states
        }
        after = {name: np.empty((T + 1, *shape), self.dtype) for name in states}
        for name, s in states.items():
            after[name][0] = s
        for t, n in enumerate(active):
            step = self._step(cell, a_x[t, :n], *(s[t, :n] for s in after.values()))
            for name, whole in gates.items():
                whole[t, :n] = getattr(step, name)
            for name, whole in after.items():
                whole[t + 1, :n] = getattr(step, name)
                whole[t + 1, n:] = whole[t, n:]
        return Run(deepcopy(cell), x, active, gates, after)

    @staticmethod
    def _step(cell, a_x, h_prev, *c_prev):
        """One step, with the input's share of the pre-activations at hand."""
        return cell.advance(a_x + h_prev @ cell.weight_hh.T + cell.bias_hh, *c_prev)

    def _dropout_mask(self, shape):
        """What dropout lets through: 0 or 1/(1 - p), whose mean is 1 (Srivastava et al. 2014)."""
        if not self.training or self.dropout == 0:
            return 1
        kept = self._rng.random(shape) >= self.dropout
        return kept.astype(self.dtype) / self.dtype.type(1 - self.dropout)

    @property
    def kept_bytes(self):
        """What the last `forward` keeps for `backward`, in bytes; 0 before the first."""
        if self._tape is None:
            return 0
        return sum(
            array.nbytes
            for run in self._tape.runs.values()
            for array in (run.x, *run.gates.values(), *run.states.values())
        )

    # --------------------------------------------------------------------------------- backward

    def backward(self, d_output, d_state=None):
        """Backpropagation through time over everything that the last `forward` read.

        The parameters count as they were then.

        Parameters
        ----------
        d_output : array, shape of ``output``, or None
            Derivative of the loss with respect to every output; None for a loss that reads only
            the last state. Where a sequence has ended it plays no part.
        d_state : array, or a pair for LSTM, shape of ``state``, optional
            Derivative with respect to the state after the last step; zero if not given.

        Returns
        -------
        Gradients
            ``x``, ``state`` (the initial one; a pair (d_h, d_c) for LSTM) and ``parameters``, a
            dict under PyTorch's names.

        Raises
        ------
        RuntimeError
            If there was no `forward` before.
        ValueError
            If a shape, a dtype or a number cannot work; the text names the argument.
        """
        tape = self._tape
        if tape is None:
            raise RuntimeError("backward needs a forward pass before it")
        d_read, d_last = self._checked_derivatives(d_output, d_state)
        d_first = {name: np.empty_like(d) for name, d in d_last.items()}
        parameters = {}
        for layer in reversed(range(self.num_layers)):
            halves = np.split(d_read, len(self._directions), axis=-1)
            d_read = 0
            for d, direction in enumerate(self._directions):
                k, suffix = layer * len(self._directions) + d, f"l{layer}{direction}"
                pace = pace_of(direction)
                states = {name: d_s[k, tape.order] for name, d_s in d_last.items()}
                d_x, gradients = self._walk_back(
                    tape.runs[suffix], halves[d][::pace], *states.values()
                )
                d_read = d_read + d_x[::pace]
                for name, d_s in states.items():  # the walk has carried them to the first step
                    d_first[name][k] = d_s[tape.back]
                parameters |= {f"{name}_{suffix}": value for name, value in gradients.items()}
            d_read = d_read * tape.masks[layer]
        return Gradients(
            self._as_given(d_read[:, tape.back], tape.one),
            self._state_as_given(d_first, tape.one),
            {name: parameters[name] for name in self.parameter_shapes()},
        )

    # ----------------------------------------------------------- what comes in, what goes out

    def _checked(self, x, state, lengths):
        """Everything with time first and a batch axis; the state as a dict; whether x was one."""
        for suffix, cell in self.cells.items():
            for name, shape in cell.parameter_shapes().items():
                finite_array(f"{name}_{suffix}", getattr(cell, name), self.dtype, shape)
        x = finite_array("x", x, self.dtype)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size or 0 in x.shape:
            axes, D = "B, T" if self.batch_first else "T, B", self.input_size
            raise ValueError(
                f"x must have shape ({axes}, {D}), or (T, {D}) for one sequence, "
                f"with at least one step, got {x.shape}"
            )
        one = x.ndim == 2
        x = self._time_first(x, one)
        T, B, _ = x.shape
        state = self._checked_state("state", state, B, one)
        if lengths is None:
            return x, state, np.full(B, T), one
        try:
            lengths = np.asarray(lengths)
        except ValueError:  # rows of different lengths
            raise ValueError(f"lengths must be {B} integers, got {lengths!r}") from None
        if one:
            raise ValueError(f"lengths must be None for one sequence, got {lengths.tolist()}")
        if lengths.shape != (B,) or not np.issubdtype(lengths.dtype, np.integer):
            raise ValueError(
                f"lengths must be {B} integers, one for each sequence of x, "
                f"got {lengths.dtype} of shape {lengths.shape}"
            )
        if lengths.min() < 1 or lengths.max() > T:
            raise ValueError(f"lengths must lie between 1 and T = {T}, got {lengths.tolist()}")
        return x, state, lengths.astype(np.int64), one

    def _checked_state(self, name, state, B, one):
        """A state, or the derivatives of one, as a dict of arrays (N, B, H)."""
        parts = pair(name, state) if len(self.state_names) == 2 else (state,)
        shape = (len(self.cells), self.hidden_size)
        checked = {}
        for key, part in zip(self.state_names, parts, strict=True):
            if part is None:
                part = np.zeros((shape[0], B, shape[1]), self.dtype)
            elif one:
                part = finite_array(f"{key} of {name}", part, self.dtype, shape)[:, None]
            else:
                full = (shape[0], B, shape[1])
                part = finite_array(f"{key} of {name}", part, self.dtype, full)
            checked[key] = part
        return checked

    def _checked_derivatives(self, d_output, d_state):
        """The arguments of `backward`, sequences from the longest to the shortest."""
        tape = self._tape
        if d_output is None:
            d_output = np.zeros(tape.shape, self.dtype)
        d_output = finite_array("d_output", d_output, self.dtype, tape.shape)
        d_state = self._checked_state("d_state", d_state, len(tape.order), tape.one)
        return self._time_first(d_output, tape.one)[:, tape.order], d_state

    def _time_first(self, a, one):
        if one:
            return a[:, None]
        return a.swapaxes(0, 1) if self.batch_first else a

    def _as_given(self, a, one):
        if one:
            return a[:, 0]
        return a.swapaxes(0, 1) if self.batch_first else a

    def _state_as_given(self, states, one):
        parts = tuple(s[:, 0] if one else s for s in states.values())
        return parts if len(parts) == 2 else parts[0]
