"""The helper package of the book *Recurrent Neural Networks, Step by Step*.

Each topic is a module of its own; import the one that you need::

    from rnn_utils.cells import LSTMCell

``import rnn_utils`` alone loads nothing else: not PyTorch, not matplotlib, not ipywidgets.
"""

__version__ = "0.1.0"
