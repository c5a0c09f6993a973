"""Small PyTorch models: a recurrent network and a linear readout, or two that work together."""

import math

import torch
from torch import nn

from rnn_utils import model_files
from rnn_utils.checks import positive_integer

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class _Model(nn.Module):
    """A recurrent network over sequences, batch first, and a readout of its output."""

    def __init__(self, cell, input_size, hidden_size, output_size, *, seed=0, **options):
        super().__init__()
        if not isinstance(cell, str) or cell not in CELLS:
            raise ValueError(f"cell must be one of {', '.join(CELLS)}, got {cell!r}")
        for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
            positive_integer(name, size)
        positive_integer("output_size", output_size)
        if options.get("proj_size"):
            raise ValueError(f"proj_size must be 0, got {options['proj_size']!r}")
        with torch.random.fork_rng(devices=[]):  # what else is drawn does not depend on this
            torch.manual_seed(seed)
            self.network = CELLS[cell](input_size, hidden_size, batch_first=True, **options)
            directions = 2 if self.network.bidirectional else 1
            self.readout = nn.Linear(
                directions * hidden_size, output_size, dtype=options.get("dtype")
            )


class ManyToOne(_Model):
    """Reads a sequence and answers after its last step.

    Parameters
    ----------
    cell : {"rnn", "lstm", "gru"}
    input_size, hidden_size, output_size : int
        D, H and the size K of the answer.
    seed : int
        For the initial parameters; PyTorch's own random numbers are left alone.
    **options
        Of :class:`torch.nn.RNN`, :class:`~torch.nn.LSTM` or :class:`~torch.nn.GRU`: num_layers,
        bidirectional, dropout, dtype, ... Without ``proj_size``; ``batch_first`` is always True.

    Attributes
    ----------
    network : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
    readout : torch.nn.Linear

    Raises
    ------
    ValueError
        For an unknown cell or a size that is not a positive integer.
    """

    def forward(self, x, lengths=None):
        """Answer.

        Parameters
        ----------
        x : torch.Tensor, shape (B, T, D)
        lengths : torch.Tensor of int, shape (B,), optional
            How many steps of each sequence count; all if not given.

        Returns
        -------
        torch.Tensor, shape (B, K)
        """
        if lengths is not None:
            x = nn.utils.rnn.pack_padded_sequence(
                x, lengths, batch_first=True, enforce_sorted=False
            )
        _, state = self.network(x)
        h = state[0] if isinstance(state, tuple) else state
        last = h[-2:] if self.network.bidirectional else h[-1:]  # of the top layer
        return self.readout(torch.cat(tuple(last), dim=-1))


class ManyToMany(_Model):
    """Reads a sequence and answers at every step; parameters as for `ManyToOne`."""

    def forward(self, x, state=None):
        """Answer.

        Parameters
        ----------
        x : torch.Tensor, shape (B, T, D)
        state : optional
            As PyTorch's modules take and return it; zero if not given.

        Returns
        -------
        output : torch.Tensor, shape (B, T, K)
        state
            After the last step, to go on with.
        """
        output, state = self.network(x, state)
        return self.readout(output), state


class LanguageModel(nn.Module):
    """Tells, after every token, how likely each token is to come next.

    Parameters
    ----------
    n_tokens : int
        V, the size of the vocabulary.
    embedding_size, hidden_size : int
        D and H.
    num_layers : int
    dropout : float
        Share of the numbers between two layers, and between network and readout, that training
        sets to 0 (Zaremba et al. 2014).
    seed : int
        For the initial parameters; PyTorch's own random numbers are left alone.

    Attributes
    ----------
    embedding : torch.nn.Embedding
    network : torch.nn.LSTM
    readout : torch.nn.Linear

    Raises
    ------
    ValueError
        For a size that is not a positive integer.
    """

    def __init__(self, n_tokens, embedding_size, hidden_size, num_layers=1, *, dropout=0.0, seed=0):
        super().__init__()
        for name, size in (
            ("n_tokens", n_tokens),
            ("embedding_size", embedding_size),
            ("hidden_size", hidden_size),
            ("num_layers", num_layers),
        ):
            positive_integer(name, size)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embedding = nn.Embedding(n_tokens, embedding_size)
            self.network = nn.LSTM(
                embedding_size,
                hidden_size,
                num_layers,
                batch_first=True,
                dropout=dropout if num_layers > 1 else 0.0,
            )
            self.dropout = nn.Dropout(dropout)
            self.readout = nn.Linear(hidden_size, n_tokens)

    @classmethod
    def from_file(cls, file, dtype=torch.float32):
        """A trained network with its weights as a file has them.

        Parameters
        ----------
        file : rnn_utils.model_files.ModelFile
            Of kind "language-model".
        dtype : torch.dtype
            float32, or float64 to compare with what a page computes.

        Returns
        -------
        LanguageModel
            Ready to use: dropout is off.
        """
        n_tokens, embedding = file.parameters["embedding.weight"].shape
        hidden = file.parameters["readout.weight"].shape[1]
        layers = sum(key.startswith("network.weight_ih") for key in file.parameters)
        return _filled(cls(n_tokens, embedding, hidden, layers), file, dtype)

    def forward(self, tokens, state=None):
        """Logits of what comes next.

        Parameters
        ----------
        tokens : torch.Tensor of int64, shape (B, T)
        state : pair of torch.Tensor, each of shape (num_layers, B, H), optional
            Zero if not given.

        Returns
        -------
        logits : torch.Tensor, shape (B, T, V)
            Those at step t see the tokens up to t and speak of token t + 1.
        state
            After the last step, to go on with.
        """
        output, state = self.network(self.embedding(tokens), state)
        return self.readout(self.dropout(output)), state


def load_language_model(name, dtype=torch.float32):
    """A language model that comes with the book, and its vocabulary.

    Parameters
    ----------
    name : str
        One of `rnn_utils.model_files.names` that is a language model: "place-names", "news".
    dtype : torch.dtype
        float32, or float64 to compare with what a page computes.

    Returns
    -------
    model : LanguageModel
        With the weights as they are stored, in 8 bits, and ready to use: dropout is off.
    tokens : list of str
        The character of each index.

    Raises
    ------
    ValueError
        If there is no such language model.
    """
    file = _stored(name, "language-model")
    return LanguageModel.from_file(file, dtype), file.about["tokens"]


class Seq2Seq(nn.Module):
    """Reads one sequence of tokens and writes another: two GRUs, encoder and decoder.

    Without attention the decoder knows of the source what the encoder's last state holds (Cho et
    al. 2014; Sutskever et al. 2014). With attention it looks at all of the encoder's states again
    at every step (Luong et al. 2015, section 3.1, the score "general"):

    .. math:: e_{tj} = h_t^\\top W_a s_j, \\quad \\alpha_t = \\mathrm{softmax}(e_t), \\quad
              v_t = \\sum_j \\alpha_{tj} s_j, \\quad u_t = \\tanh(W_c [v_t; h_t])

    Parameters
    ----------
    n_source, n_target : int
        Sizes of the two vocabularies. Index 0 of the source is padding.
    embedding_size, hidden_size : int
        D and H, of both networks.
    attention : bool
    seed : int
        For the initial parameters; PyTorch's own random numbers are left alone.

    Attributes
    ----------
    source_embedding, target_embedding : torch.nn.Embedding
    encoder, decoder : torch.nn.GRU
    score : torch.nn.Linear
        W_a, (H, H); only with attention.
    combine : torch.nn.Linear
        W_c, (H, 2H); only with attention.
    readout : torch.nn.Linear

    Raises
    ------
    ValueError
        For a size that is not a positive integer.
    """

    def __init__(self, n_source, n_target, embedding_size, hidden_size, *, attention=True, seed=0):
        super().__init__()
        D = positive_integer("embedding_size", embedding_size)
        H = positive_integer("hidden_size", hidden_size)
        positive_integer("n_source", n_source)
        positive_integer("n_target", n_target)
        self.attention = attention
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.source_embedding = nn.Embedding(n_source, D, padding_idx=0)
            self.encoder = nn.GRU(D, H, batch_first=True)
            self.target_embedding = nn.Embedding(n_target, D)
            self.decoder = nn.GRU(D, H, batch_first=True)
            if attention:
                self.score = nn.Linear(H, H, bias=False)
                self.combine = nn.Linear(2 * H, H, bias=False)
            self.readout = nn.Linear(H, n_target)

    @classmethod
    def from_file(cls, file, dtype=torch.float32):
        """A trained network with its weights as a file has them.

        Parameters
        ----------
        file : rnn_utils.model_files.ModelFile
            Of kind "seq2seq".
        dtype : torch.dtype
            float32, or float64 to compare with what a page computes.

        Returns
        -------
        Seq2Seq
            Ready to use.
        """
        n_source, embedding = file.parameters["source_embedding.weight"].shape
        n_target, hidden = file.parameters["readout.weight"].shape
        attention = "score.weight" in file.parameters
        return _filled(cls(n_source, n_target, embedding, hidden, attention=attention), file, dtype)

    def encode(self, source, lengths):
        """Read the source.

        Parameters
        ----------
        source : torch.Tensor of int, shape (B, T)
            Padded at the end.
        lengths : torch.Tensor of int, shape (B,)
            How many tokens of each source count, 1 to T.

        Returns
        -------
        memory : torch.Tensor, shape (B, T, H)
            The encoder's states s_1, ..., s_T. Those at padding mean nothing.
        state : torch.Tensor, shape (1, B, H)
            The state after the last token of each source: the decoder's h_0.

        Raises
        ------
        ValueError
            If a length is not from 1 to T.
        """
        T = source.shape[1]
        if lengths.min() < 1 or lengths.max() > T:
            raise ValueError(f"lengths must be 1 to T = {T}, got {lengths.tolist()}")
        memory, _ = self.encoder(self.source_embedding(source))  # padding comes after what counts
        return memory, memory[torch.arange(len(source)), lengths - 1].unsqueeze(0)

    def decode(self, tokens, state, memory, lengths):
        """Go on writing.

        Parameters
        ----------
        tokens : torch.Tensor of int, shape (B, S)
            What is written already and not yet read by the decoder. With S = 1 it takes one step.
        state : torch.Tensor, shape (1, B, H)
            From `encode`, or from the last call.
        memory : torch.Tensor, shape (B, T, H)
        lengths : torch.Tensor of int, shape (B,)

        Returns
        -------
        logits : torch.Tensor, shape (B, S, n_target)
            For the token after each of ``tokens``.
        state : torch.Tensor, shape (1, B, H)
        weights : torch.Tensor, shape (B, S, T), or None
            How much of each state of the memory was read; they add up to 1 and are 0 at padding.
            None without attention.
        """
        h, state = self.decoder(self.target_embedding(tokens), state)
        if not self.attention:
            return self.readout(h), state, None
        scores = h @ self.score(memory).mT  # (B, S, T)
        padding = torch.arange(memory.shape[1]) >= lengths[:, None]
        weights = scores.masked_fill(padding[:, None], -math.inf).softmax(dim=-1)
        summary = weights @ memory  # (B, S, H)
        u = self.combine(torch.cat([summary, h], dim=-1)).tanh()
        return self.readout(u), state, weights

    def forward(self, source, lengths, tokens):
        """Logits for every step, with the right tokens before it (teacher forcing).

        Parameters
        ----------
        source : torch.Tensor of int, shape (B, T)
        lengths : torch.Tensor of int, shape (B,)
        tokens : torch.Tensor of int, shape (B, S)
            The start token and the right answer, without its last token.

        Returns
        -------
        torch.Tensor, shape (B, S, n_target)
        """
        memory, state = self.encode(source, lengths)
        return self.decode(tokens, state, memory, lengths)[0]


def load_seq2seq(name, dtype=torch.float32):
    """An encoder and a decoder that come with the book, and their vocabularies.

    Parameters
    ----------
    name : str
        One of `rnn_utils.model_files.names` that is such a pair: "dates-attention", "dates-plain".
    dtype : torch.dtype
        float32, or float64 to compare with what a page computes.

    Returns
    -------
    model : Seq2Seq
        With the weights as they are stored, in 8 bits; ready to use.
    source, target : list of str
        The token of each index.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    file = _stored(name, "seq2seq")
    return Seq2Seq.from_file(file, dtype), file.about["source"], file.about["target"]


def _stored(name, kind):
    file = model_files.load(name)
    if file.kind != kind:
        raise ValueError(f"name must be that of a {kind}, got {name!r}, a {file.kind}")
    return file


def _filled(model, file, dtype):
    """The model with the parameters of a file, ready to use."""
    model.to(dtype).load_state_dict({key: torch.tensor(v) for key, v in file.parameters.items()})
    return model.eval()


def count_parameters(model):
    """How many numbers a PyTorch model learns.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    int
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def hidden_size_for(n_parameters, cell, input_size, output_size):
    """The hidden size with which a one-layer model comes closest to a number of parameters.

    With it cells are compared at equal size: a GRU has three blocks of weights and an LSTM four,
    so at the same H they have three and four times a plain RNN's parameters.

    Parameters
    ----------
    n_parameters : int
        At least 1.
    cell : {"rnn", "lstm", "gru"}
    input_size, output_size : int
        D and K.

    Returns
    -------
    int
        H, at least 1.

    Raises
    ------
    ValueError
        For an unknown cell or a number that is not a positive integer.
    """

    def count(hidden_size):
        with torch.device("meta"):  # counts, and fills no memory
            return count_parameters(ManyToOne(cell, input_size, hidden_size, output_size))

    return closest_hidden_size(n_parameters, count)


def closest_hidden_size(n_parameters, count):
    """The hidden size whose number of parameters comes closest to a given one.

    Parameters
    ----------
    n_parameters : int
        At least 1.
    count : callable
        ``count(hidden_size)`` is a number of parameters, and grows with the size.

    Returns
    -------
    int
        H, at least 1.

    Raises
    ------
    ValueError
        If ``n_parameters`` is not a positive integer.
    """
    positive_integer("n_parameters", n_parameters)
    hidden_size = 1
    while abs(count(hidden_size + 1) - n_parameters) < abs(count(hidden_size) - n_parameters):
        hidden_size += 1
    return hidden_size
