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

from rnn_utils.layers.gru import GRU
from rnn_utils.layers.lstm import LSTM
from rnn_utils.layers.rnn import RNN
from rnn_utils.layers.runs import Gradients
from rnn_utils.public import present

__all__ = ["GRU", "LSTM", "RNN", "Gradients"]

present(globals(), __all__)
