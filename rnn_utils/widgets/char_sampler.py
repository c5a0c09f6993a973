"""The character sampler: a trained language model that reads, and writes on."""

import json
from typing import NamedTuple

import numpy as np
import traitlets

from rnn_utils import decoding, model_files
from rnn_utils.checks import integer_from, number_between
from rnn_utils.layers import LSTM
from rnn_utils.widgets.base import FOLDER, table_html
from rnn_utils.widgets.network_widget import OWN, NetworkWidget

STRINGS = json.loads((FOLDER / "char_sampler.strings.json").read_text(encoding="utf-8"))
LONGEST = 400  # characters
SHOWN = 8  # rows of the fallback


class Reading(NamedTuple):
    """What a language model makes of a text of n known characters."""

    h: np.ndarray  # (n + 1, H), hidden state after the start and after each character
    c: np.ndarray  # (n + 1, H), cell state
    logits: np.ndarray  # (n + 1, V)
    p: np.ndarray  # (n + 1, V), of the character that comes next


class CharSampler(NetworkWidget):
    """Let a character LSTM read a beginning and write on, one character at a time.

    The network runs where the widget is shown. Its weights are a file of 8-bit numbers, which a
    page loads when the widget comes into view.

    Parameters
    ----------
    model : str
        One of the book's language models: "place-names" or "news".
    beginning : str
        What the network reads first. A character that it does not know is skipped.
    written : str
        What comes after it, as if the network had written it. With the beginning at most 400
        characters.
    temperature : float
        0 to 2; logits are divided by it, and 0 takes the most probable character.
    k : int
        Only the k most probable characters may be drawn; 0 for all.
    p : float
        Only the fewest characters that have this share together may be drawn, 0.01 to 1.
    seed : int
        Of the random numbers, 0 to 2³² - 1. The same seed writes the same text.
    step : int
        How much has been read when the widget opens: 1 is the start alone; 0 is everything.
    unit : int
        The unit that the bars under the text follow; -1 shows the surprise.
    show : {"c", "h"}
        The state whose units are shown.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> sampler = CharSampler("place-names", beginning="New Zealan")
    >>> sampler.tokens[sampler.distribution().argmax()]
    'd'
    """

    _name, _kind = "char_sampler", "language-model"
    _first = "place-names"
    _settings = (
        "model", "beginning", "written", "temperature", "k", "p", "seed", "step", "unit", "show",
    )  # fmt: skip
    _page_traits = (*_settings, "models")

    beginning = traitlets.Unicode("").tag(sync=True)
    written = traitlets.Unicode("").tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    k = traitlets.Int(0).tag(sync=True)
    p = traitlets.Float(1.0).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    unit = traitlets.Int(-1).tag(sync=True)
    show = traitlets.Unicode("c").tag(sync=True)

    def __init__(
        self,
        model="place-names",
        *,
        beginning="",
        written="",
        temperature=1.0,
        k=0,
        p=1.0,
        seed=1,
        step=0,
        unit=-1,
        show="c",
        _own=None,
    ):
        networks = self._networks_for(model, _own)
        state = {
            "model": model, "beginning": beginning, "written": written,
            "temperature": temperature, "k": k, "p": p, "seed": seed, "step": step,
            "unit": unit, "show": show,
        }  # fmt: skip
        super().__init__(networks, state)

    @classmethod
    def from_torch(cls, module, tokens, **settings):
        """Your own model, with its weights rounded to 8 bits.

        Parameters
        ----------
        module : rnn_utils.models.LanguageModel
            With one layer.
        tokens : sequence of str
            The character of each index; the first one begins and ends every text.
        **settings
            As for the class, but for ``model``.

        Returns
        -------
        CharSampler

        Raises
        ------
        ValueError
            If the module is not such a model, or has another number of tokens.
        """
        parameters = getattr(module, "state_dict", dict)()
        wanted = {"embedding.weight", "readout.weight", "readout.bias"} | {
            f"network.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        if set(parameters) != wanted or len(parameters["network.bias_ih_l0"]) % 4:
            raise ValueError(
                "module must be a rnn_utils.models.LanguageModel with one layer, "
                f"got {type(module).__name__}"
            )
        tokens = list(tokens)
        if len(tokens) != len(parameters["readout.bias"]):
            raise ValueError(
                f"tokens must be {len(parameters['readout.bias'])}, one for each logit, "
                f"got {len(tokens)}"
            )
        packed = model_files.pack(
            cls._kind,
            {name: values.detach().numpy() for name, values in parameters.items()},
            name=OWN,
            tokens=tokens,
        )
        return cls(OWN, _own=packed, **settings)

    @property
    def tokens(self):
        """The character of each index; the first one begins and ends every text."""
        return self.network["about"]["tokens"]

    def read(self, text=None):
        """What the network computes while it reads, in float64 from the weights it shows.

        Parameters
        ----------
        text : str, optional
            ``beginning + written`` if not given. Characters it does not know are skipped.

        Returns
        -------
        Reading
        """
        index = {token: k for k, token in enumerate(self.tokens)}
        text = self.beginning + self.written if text is None else text
        known = [0, *(index[sign] for sign in text if sign in index)]
        weights = {
            name: values.astype(np.float64)
            for name, values in model_files.unpack(self.network).parameters.items()
        }
        x = weights["embedding.weight"][known]
        layer = LSTM(x.shape[1], weights["readout.weight"].shape[1])
        layer.load_state_dict(
            {
                name.removeprefix("network."): values
                for name, values in weights.items()
                if name.startswith("network.")
            }
        )
        steps = layer.trace(x)
        logits = steps.h @ weights["readout.weight"].T + weights["readout.bias"]
        p = np.array([decoding.with_temperature(row, 1.0) for row in logits])
        return Reading(steps.h, steps.c, logits, p)

    def distribution(self):
        """What the next character is drawn from, after temperature, top-k and nucleus.

        Returns
        -------
        numpy.ndarray, shape (V,)
        """
        logits = self.read().logits[-1]
        return decoding.distribution(
            logits,
            temperature=self.temperature,
            k=self.k or None,
            p=self.p if self.p < 1 else None,
        )

    def _fallback(self):
        labels, q = STRINGS["en"], self.distribution()
        best = np.argsort(-q, kind="stable")[:SHOWN]
        names = {"\n": labels["end"], " ": labels["space"]}
        rows = [[names.get(self.tokens[k], self.tokens[k]), f"{q[k]:.3f}"] for k in best]
        text = f"“{self.beginning}{self.written}”: {labels['fallback']}"
        return table_html(text, [labels["character"], labels["drawn"]], rows)

    @staticmethod
    def _checked(state):
        for name in ("beginning", "written"):
            if not isinstance(state[name], str):
                raise ValueError(f"{name} must be a text, got {state[name]!r}")
        length = len(state["beginning"] + state["written"])
        if length > LONGEST:
            raise ValueError(
                f"beginning and written must have {LONGEST} characters at most, got {length}"
            )
        if state["show"] not in ("c", "h"):
            raise ValueError(f"show must be c or h, got {state['show']!r}")
        seed = integer_from("seed", state["seed"], 0)
        if seed >= 2**32:
            raise ValueError(f"seed must be below 2**32, got {seed}")
        return {
            **state,
            "temperature": number_between("temperature", state["temperature"], 0, 2),
            "k": integer_from("k", state["k"], 0),
            "p": number_between("p", state["p"], 0.01, 1),
            "seed": seed,
            "step": integer_from("step", state["step"], 0),
            "unit": integer_from("unit", state["unit"], -1),
        }

    _validate = traitlets.validate(*_settings)(NetworkWidget._validated)

    def __repr__(self):
        return f"CharSampler({self.model!r}, beginning={self.beginning!r}, seed={self.seed})"
