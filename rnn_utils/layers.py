"""Whole sequences: RNN, LSTM and GRU layers and backpropagation through time, in NumPy alone.

A layer applies one cell of :mod:`rnn_utils.cells` at every time step; a network stacks layers and
may read in both directions. Names, shapes and results are those of :class:`torch.nn.RNN`,
:class:`torch.nn.LSTM` and :class:`torch.nn.GRU`, forwards and backwards.

Backpropagation through time (Werbos 1990) walks the same steps from the last to the first. It
carries d_h, the derivative of the loss with respect to the hidden state (an LSTM carries d_c too).
What each step needs from the forward pass is known before the walk starts. It is computed for all
steps at once, and so are the gradients of the weights after the walk; only the recurrence itself is
a Python loop over time.

Shapes: ``T`` steps, ``B`` sequences side by side, ``D`` = ``input_size``, ``H`` =
``hidden_size``, ``N`` = layers times directions.
"""

from collections.abc import Mapping
from copy import deepcopy
from numbers import Real
from typing import NamedTuple

import numpy as np

from rnn_utils.cells import GRUCell, GRUStep, LSTMCell, LSTMStep, RNNCell, RNNStep, blocks
from rnn_utils.checks import finite_array, pair, positive_integer


class Gradients(NamedTuple):
    """Derivatives of a loss with respect to everything that went in."""

    x: np.ndarray  # shape of x
    state: np.ndarray | tuple[np.ndarray, np.ndarray]  # shape of the state; (d_h, d_c) for LSTM
    parameters: dict[str, np.ndarray]  # under PyTorch's names


class _Run(NamedTuple):
    """What one cell did along time, in the order in which it read."""

    cell: RNNCell | LSTMCell | GRUCell  # as it was then, so later changes do no harm
    x: np.ndarray  # what it read, (T, B, D)
    active: np.ndarray  # for each step, how many sequences have not ended; the longest come first
    gates: dict[str, np.ndarray]  # all but the states, each (T, B, H); 0 where a sequence has ended
    states: dict[str, np.ndarray]  # h (and c) before the first step and after each, (T + 1, B, H)

    def output(self):
        """h after each step, and 0 where a sequence has ended; (T, B, H)."""
        still = np.arange(self.x.shape[1]) < self.active[:, None]
        return np.where(still[..., None], self.states["h"][1:], 0)

    def backwards(self):
        """The steps from the last to the first, each with its number of active sequences."""
        return reversed(list(enumerate(self.active)))


class _Tape(NamedTuple):
    """What the last forward pass leaves for the backward pass."""

    runs: dict[str, _Run]  # one for each cell
    masks: list  # of each layer's input: what dropout lets through
    order: np.ndarray  # the sequences from the longest to the shortest, (B,)
    back: np.ndarray  # and how to put them back
    one: bool  # whether x was a single sequence without a batch axis
    shape: tuple  # of the output, as it was given back


class _Layer:
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

    # ------------------------------------------------------------------------------- parameters

    def parameter_shapes(self):
        """Names and shapes of all parameters, as a dict in PyTorch's order."""
        return {
            f"{name}_{suffix}": shape
            for suffix, cell in self.cells.items()
            for name, shape in cell.parameter_shapes().items()
        }

    def _owner(self, name):
        """The cell that holds a parameter and the parameter's name there, or None."""
        kind, _, place = name.rpartition("_l")
        cell = self.cells.get(f"l{place}")
        return (cell, kind) if cell is not None and kind in cell.parameter_shapes() else None

    def __getattr__(self, name):
        if not name.startswith(("weight", "bias")):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        owner = self._owner(name)
        if owner is None:
            raise AttributeError(f"{name!r} is no parameter of {self!r}")
        return getattr(*owner)

    def __setattr__(self, name, value):
        if not name.startswith(("weight", "bias")):
            super().__setattr__(name, value)
            return
        owner = self._owner(name)
        if owner is None:
            known = ", ".join(self.parameter_shapes())
            raise ValueError(f"{name} is not a parameter; this layer has {known}")
        cell, kind = owner
        setattr(cell, kind, finite_array(name, value, self.dtype, cell.parameter_shapes()[kind]))

    def state_dict(self):
        """Copies of all parameters, as a dict under PyTorch's names."""
        return {name: getattr(self, name).copy() for name in self.parameter_shapes()}

    def load_state_dict(self, state_dict):
        """Take over all parameters; if anything does not fit, nothing is changed.

        Parameters
        ----------
        state_dict : mapping of str to array or tensor
            Exactly the names and shapes of `parameter_shapes`, in this layer's dtype.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or an array has another shape, another dtype, NaN or
            infinity; the text names it.
        """
        if not isinstance(state_dict, Mapping):
            kind = type(state_dict).__name__
            raise ValueError(f"state_dict must be a dict of names and arrays, got {kind}")
        shapes = self.parameter_shapes()
        if missing := [name for name in shapes if name not in state_dict]:
            raise ValueError(
                f"state_dict must have {', '.join(missing)} for {self!r}, "
                f"got only {', '.join(map(str, state_dict)) or 'an empty one'}"
            )
        if unknown := [str(name) for name in state_dict if name not in shapes]:
            raise ValueError(
                f"state_dict must have no other names than those of {self!r}, "
                f"got also {', '.join(unknown)}"
            )
        fitting = {
            name: finite_array(f"{name} of state_dict", state_dict[name], self.dtype, shape)
            for name, shape in shapes.items()
        }
        for name, value in fitting.items():
            setattr(self, name, value)

    @classmethod
    def from_torch(cls, module):
        """The same network with the weights of a PyTorch module.

        Parameters
        ----------
        module : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
            Without projection (``proj_size``). Without biases (``bias=False``) they are zero here.

        Raises
        ------
        ValueError
            If the module is of another kind, or does what this class cannot.
        """
        mode = getattr(module, "mode", None)
        if not isinstance(mode, str) or mode.partition("_")[0] != cls.torch_name:
            raise ValueError(
                f"module must be a torch.nn.{cls.torch_name}, got {type(module).__name__}"
            )
        if module.proj_size:
            raise ValueError(
                f"module must have no projection, got proj_size={module.proj_size}; "
                "the cells of this book put out their whole hidden state"
            )
        try:
            weights = {name: p.detach().cpu().numpy() for name, p in module.named_parameters()}
        except TypeError as error:  # bfloat16, which NumPy has not
            raise ValueError(f"module must have float64 or float32 weights: {error}") from None
        layer = cls(
            module.input_size,
            module.hidden_size,
            module.num_layers,
            bidirectional=module.bidirectional,
            batch_first=module.batch_first,
            dropout=module.dropout,
            dtype=weights["weight_ih_l0"].dtype,
            **cls._options_of(module),
        )
        for name, shape in layer.parameter_shapes().items():
            weights.setdefault(name, np.zeros(shape, layer.dtype))  # bias=False
        layer.load_state_dict(weights)
        return layer.train(module.training)

    def to_torch(self):
        """The same network as a PyTorch module with a copy of the weights; it needs PyTorch.

        Returns
        -------
        torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU

        Raises
        ------
        ValueError
            For what PyTorch cannot express: peepholes, the GRU of the 2014 paper
            (``reset_after=False``), the reverse direction on its own.
        """
        if self.reverse:
            raise ValueError(
                "reverse=True cannot become a PyTorch module: torch.nn reads from right to left "
                "only as the second half of bidirectional=True"
            )
        options = self._torch_options()
        import torch  # here, because all the rest needs NumPy only

        module = getattr(torch.nn, self.torch_name)(
            self.input_size,
            self.hidden_size,
            self.num_layers,
            bidirectional=self.bidirectional,
            batch_first=self.batch_first,
            dropout=self.dropout if self.num_layers > 1 else 0.0,  # PyTorch warns of the rest
            dtype=getattr(torch, str(self.dtype)),
            **options,
        )
        module.load_state_dict(
            {name: torch.from_numpy(value) for name, value in self.state_dict().items()}
        )
        return module.train(self.training)

    @staticmethod
    def _options_of(module):
        """More arguments for this class, read from a PyTorch module."""
        return {}

    def _torch_options(self):
        """More arguments for the PyTorch module; a ValueError for what it does not have."""
        return {}

    def train(self, mode=True):
        """Switch dropout on (or off, with ``mode=False``); returns the layer, as in PyTorch."""
        self.training = bool(mode)
        return self

    def eval(self):
        """Switch dropout off; returns the layer, as in PyTorch."""
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
                k, pace = len(runs), _pace(direction)
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
        self._tape = _Tape(runs, masks, order, back, one, output.shape)
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
            back = [self._as_given(q[:: _pace(suffix), tape.back], tape.one) for q in quantities]
            traced.append(back)
        if len(traced) == 1:
            return self.step_type(*traced[0])
        return self.step_type(*(np.stack(layers) for layers in zip(*traced, strict=True)))

    def _read(self, cell, x, active, states):
        """Step one cell along time, over the sequences that have not ended."""
        T, B, _ = x.shape
        a_x = _rows(x) @ cell.weight_ih.T + cell.bias_ih  # all steps in one product
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
        return _Run(deepcopy(cell), x, active, gates, after)

    @staticmethod
    def _step(cell, a_x, h_prev, *c_prev):
        """One step, with the input's share of the pre-activations at hand."""
        return cell.advance(a_x + h_prev @ cell.weight_hh.T + cell.bias_hh, *c_prev)

    def _dropout_mask(self, shape):
        """What dropout lets through: 0 or 1/(1 - p), so that the mean stays (Srivastava 2014)."""
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
                pace = _pace(direction)
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


class RNN(_Layer):
    """The plain RNN (Elman 1990) over whole sequences, equal to :class:`torch.nn.RNN`.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H, at least 1.
    num_layers : int
        How many layers are stacked, each reading the output of the one below.
    nonlinearity : {"tanh", "relu"}
        The activation φ.
    bidirectional : bool
        Read from both ends, with weights for each direction; outputs are joined to width 2H.
    reverse : bool
        Read from right to left only; outputs stay at their places. The parameters' names end in
        ``_reverse``, as those of the second direction do.
    batch_first : bool
        Sequences first, (B, T, ...), in x and output; the state stays (N, B, H).
    dropout : float
        Between layers, while `training` (see `train` and `eval`), each number of a layer's output
        is dropped with this probability; 0 to below 1. One layer has no place for it.
    dtype : numpy.float64 or numpy.float32
        Type of the parameters; inputs and states must have the same.
    seed : int, optional
        For the initial parameters, uniform between -1/√H and 1/√H as in PyTorch, and for dropout.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : numpy.ndarray
        Shapes (H, D), (H, H), (H,), (H,) under PyTorch's names: ``_l1`` for the second layer,
        whose input width is that of the output below, ``_reverse`` at the end for the direction
        from right to left. A new value is checked and copied.
    cells : dict of str to RNNCell
        The cell of each layer and direction: ``"l0"``, ``"l0_reverse"``, ``"l1"``, ...

    Raises
    ------
    ValueError
        For an argument that cannot work; the text names it.
    """

    torch_name, cell_type, step_type = "RNN", RNNCell, RNNStep

    def __init__(self, input_size, hidden_size, num_layers=1, *, nonlinearity="tanh", **options):
        self.nonlinearity = nonlinearity
        cell_options = {"nonlinearity": nonlinearity}
        super().__init__(input_size, hidden_size, num_layers, cell_options, **options)

    def _walk_back(self, run, d_output, d_h):
        cell, h = run.cell, run.states["h"]
        slope = 1 - h[1:] ** 2 if cell.nonlinearity == "tanh" else (h[1:] > 0).astype(self.dtype)
        d_a = np.zeros_like(slope)
        for t, n in run.backwards():
            d_h[:n] += d_output[t, :n]  # what comes from the next step, and from this output
            d_a[t, :n] = slope[t, :n] * d_h[:n]
            d_h[:n] = d_a[t, :n] @ cell.weight_hh  # to the step before
        return _through_products(run, d_a, h[:-1], d_a)

    @staticmethod
    def _options_of(module):
        return {"nonlinearity": module.nonlinearity}

    def _torch_options(self):
        return {"nonlinearity": self.nonlinearity}


class LSTM(_Layer):
    """The LSTM (Gers et al. 2000) over whole sequences, equal to :class:`torch.nn.LSTM`.

    Parameters
    ----------
    peephole : bool
        Let the gates see the cell state (Gers et al. 2002), see `rnn_utils.cells.LSTMCell`.
    input_size, hidden_size, num_layers, bidirectional, reverse, batch_first, dropout, dtype, seed
        As for `RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : numpy.ndarray
        Shapes (4H, D), (4H, H), (4H,), (4H,); blocks of H rows in the order i, f, g, o. With
        ``peephole=True`` there is ``weight_peephole_l0`` too, shape (3H,), in the order i, f, o.
        Names as for `RNN`.
    cells : dict of str to LSTMCell
        The cell of each layer and direction.

    Raises
    ------
    ValueError
        For an argument that cannot work; the text names it.

    Examples
    --------
    Two sequences of five steps, read forwards; then the gradient of the sum of all outputs.

    >>> lstm = LSTM(3, 4, seed=0)
    >>> output, (h, c) = lstm.forward(np.ones((5, 2, 3)))
    >>> output.shape, h.shape, c.shape
    ((5, 2, 4), (1, 2, 4), (1, 2, 4))
    >>> gradients = lstm.backward(np.ones_like(output))
    >>> gradients.x.shape, gradients.parameters["weight_hh_l0"].shape
    ((5, 2, 3), (16, 4))
    >>> lstm.trace(np.ones((5, 2, 3))).f.shape
    (5, 2, 4)
    """

    torch_name, cell_type, step_type = "LSTM", LSTMCell, LSTMStep
    state_names = ("h", "c")

    def __init__(self, input_size, hidden_size, num_layers=1, *, peephole=False, **options):
        self.peephole = bool(peephole)
        cell_options = {"peephole": peephole}
        super().__init__(input_size, hidden_size, num_layers, cell_options, **options)

    def _walk_back(self, run, d_output, d_h, d_c):
        cell = run.cell
        i, f, g, o = run.gates.values()
        h, c = run.states["h"], run.states["c"]
        tanh_c = np.tanh(c[1:])
        c_by_h = o * (1 - tanh_c**2)  # what of d_h reaches c through the tanh
        # How c depends on the sums of i, f and g, and h on that of o. The walk multiplies by d_c
        # and d_h. Where a sequence has ended, the gates are 0 and so are these.
        d_a = np.empty((*i.shape[:2], 4, self.hidden_size), self.dtype)
        d_a[:, :, 0] = g * i * (1 - i)
        d_a[:, :, 1] = c[:-1] * f * (1 - f)
        d_a[:, :, 2] = i * (1 - g**2)
        d_a[:, :, 3] = tanh_c * o * (1 - o)
        if cell.peephole:
            p_i, p_f, p_o = blocks(cell.weight_peephole, 3)
        for t, n in run.backwards():
            d_a_t = d_a[t, :n]  # (n, 4, H)
            d_h[:n] += d_output[t, :n]  # what comes from the next step, and from this output
            d_a_t[:, 3] *= d_h[:n]  # into o
            d_c[:n] += d_h[:n] * c_by_h[t, :n]  # and into c, which the next step has reached too
            if cell.peephole:
                d_c[:n] += d_a_t[:, 3] * p_o
            d_a_t[:, :3] *= d_c[:n, None]  # from c into i, f and g
            d_h[:n] = d_a_t.reshape(n, 4 * self.hidden_size) @ cell.weight_hh  # to the step before
            d_c[:n] *= f[t, :n]  # along the road: what was kept
            if cell.peephole:
                d_c[:n] += d_a_t[:, 0] * p_i + d_a_t[:, 1] * p_f
        d_x, gradients = _through_products(run, d_a, h[:-1], d_a)
        if cell.peephole:
            seen = np.stack([c[:-1], c[:-1], c[1:]], axis=2)
            gradients["weight_peephole"] = (d_a[:, :, [0, 1, 3]] * seen).sum((0, 1)).ravel()
        return d_x, gradients

    def _torch_options(self):
        if self.peephole:
            raise ValueError(
                "peephole=True cannot become a PyTorch module: torch.nn.LSTM has no weights from "
                "the cell state to the gates"
            )
        return {}


class GRU(_Layer):
    """The GRU (Cho et al. 2014) over whole sequences, equal to :class:`torch.nn.GRU`.

    Parameters
    ----------
    reset_after : bool
        Where the reset gate acts: True as PyTorch, False as the published paper, see
        `rnn_utils.cells.GRUCell`.
    input_size, hidden_size, num_layers, bidirectional, reverse, batch_first, dropout, dtype, seed
        As for `RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : numpy.ndarray
        Shapes (3H, D), (3H, H), (3H,), (3H,); blocks of H rows in the order r, z, n. Names as for
        `RNN`.
    cells : dict of str to GRUCell
        The cell of each layer and direction.

    Raises
    ------
    ValueError
        For an argument that cannot work; the text names it.
    """

    torch_name, cell_type, step_type = "GRU", GRUCell, GRUStep

    def __init__(self, input_size, hidden_size, num_layers=1, *, reset_after=True, **options):
        self.reset_after = bool(reset_after)
        cell_options = {"reset_after": reset_after}
        super().__init__(input_size, hidden_size, num_layers, cell_options, **options)

    @staticmethod
    def _step(cell, a_x, h_prev):
        return cell.advance(a_x, h_prev)

    def _walk_back(self, run, d_output, d_h):
        _, z, n = run.gates.values()
        h_prev = run.states["h"][:-1]
        # How h depends on the sums of z and n. The walk multiplies by d_h.
        h_by_z = (h_prev - n) * z * (1 - z)
        h_by_n = (1 - z) * (1 - n**2)
        walk = self._walk_reset_after if run.cell.reset_after else self._walk_reset_before
        return walk(run, d_output, d_h, h_by_z, h_by_n)

    def _walk_reset_after(self, run, d_output, d_h, h_by_z, h_by_n):
        cell = run.cell
        r, z, _ = run.gates.values()
        h_prev, H = run.states["h"][:-1], self.hidden_size
        a_n = h_prev @ cell.weight_hh[2 * H :].T + cell.bias_hh[2 * H :]  # what r is multiplied by
        h_by = np.empty((*r.shape[:2], 3, H), self.dtype)
        h_by[:, :, 0] = h_by_n * a_n * r * (1 - r)
        h_by[:, :, 1] = h_by_z
        h_by[:, :, 2] = h_by_n
        d_a = np.zeros_like(h_by)
        d_a_h = np.zeros_like(h_by)  # on the side of h the sum of n stands behind r
        for t, k in run.backwards():
            d_h[:k] += d_output[t, :k]  # what comes from the next step, and from this output
            d_a[t, :k] = d_a_h[t, :k] = h_by[t, :k] * d_h[:k, None]
            d_a_h[t, :k, 2] *= r[t, :k]
            # To the step before: what was kept, and through the sums.
            d_h[:k] = d_h[:k] * z[t, :k] + d_a_h[t, :k].reshape(k, 3 * H) @ cell.weight_hh
        return _through_products(run, d_a, h_prev, d_a_h)

    def _walk_reset_before(self, run, d_output, d_h, h_by_z, h_by_n):
        cell = run.cell
        r, z, _ = run.gates.values()
        h_prev, H = run.states["h"][:-1], self.hidden_size
        reset_by_r = h_prev * r * (1 - r)  # how r * h_prev depends on the sum of r
        gates_hh, candidate_hh = cell.weight_hh[: 2 * H], cell.weight_hh[2 * H :]
        d_a = np.zeros((*r.shape[:2], 3, H), self.dtype)
        for t, k in run.backwards():
            d_h[:k] += d_output[t, :k]  # what comes from the next step, and from this output
            d_a[t, :k, 1] = h_by_z[t, :k] * d_h[:k]
            d_a[t, :k, 2] = h_by_n[t, :k] * d_h[:k]
            d_reset = d_a[t, :k, 2] @ candidate_hh  # of r * h_prev
            d_a[t, :k, 0] = reset_by_r[t, :k] * d_reset
            d_gates = d_a[t, :k, :2].reshape(k, 2 * H)
            # To the step before: what was kept, through the reset state, and through the gates.
            d_h[:k] = d_h[:k] * z[t, :k] + d_reset * r[t, :k] + d_gates @ gates_hh
        d_x, gradients = _through_products(run, d_a, h_prev, d_a)
        gradients["weight_hh"][2 * H :] = _rows(d_a[:, :, 2]).T @ _rows(r * h_prev)
        return d_x, gradients

    def _torch_options(self):
        if not self.reset_after:
            raise ValueError(
                "reset_after=False cannot become a PyTorch module: torch.nn.GRU multiplies by r "
                "after the matrix product, which is another function of the same weights"
            )
        return {}


def _pace(suffix):
    """How a direction goes through time: 1 from left to right, -1 from right to left."""
    return -1 if suffix.endswith("_reverse") else 1


def _rows(a):
    """(T, B, ...) as (T * B, -1): all steps of all sequences one below the other."""
    return a.reshape(a.shape[0] * a.shape[1], -1)


def _through_products(run, d_a, h_prev, d_a_h):
    """From the sums of all steps back to x and to the weights, in one product each.

    ``d_a`` belongs to W_ih x + b_ih, ``d_a_h`` to W_hh h_prev + b_hh.
    """
    d_a, d_a_h = _rows(d_a), _rows(d_a_h)
    d_x = (d_a @ run.cell.weight_ih).reshape(run.x.shape)
    return d_x, {
        "weight_ih": d_a.T @ _rows(run.x),
        "weight_hh": d_a_h.T @ _rows(h_prev),
        "bias_ih": d_a.sum(0),
        "bias_hh": d_a_h.sum(0),
    }
