"""The parameters of a network: by PyTorch's names, and from and to PyTorch."""

from collections.abc import Mapping

import numpy as np

from rnn_utils.checks import finite_array


class Parameters:
    """The part of a layer that names its parameters, copies them and hands them to PyTorch."""

    def parameter_shapes(self):
        """Names and shapes of all parameters, in PyTorch's order.

        Returns
        -------
        dict of str to tuple of int
            The shape of each parameter by its name.
        """
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
        """Copies of all parameters under PyTorch's names.

        Returns
        -------
        dict of str to numpy.ndarray
            What `load_state_dict` takes.
        """
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
