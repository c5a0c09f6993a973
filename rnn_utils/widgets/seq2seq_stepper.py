"""The stepper of an encoder and a decoder: what is read, what is written, and what it looks at."""

import json
import re
import unicodedata

import traitlets

from rnn_utils import model_files
from rnn_utils.checks import integer_from, number_between, plain_text
from rnn_utils.widgets.base import FOLDER, table_html
from rnn_utils.widgets.network_widget import OWN, NetworkWidget

STRINGS = json.loads((FOLDER / "seq2seq_stepper.strings.json").read_text(encoding="utf-8"))
LONGEST_TEXT, LONGEST_ANSWER, MOST_TOKENS = 80, 40, 80
MOST_BEAM, MOST_PENALTY = 5, 2
PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<s>", "</s>"

_INDICES = ("place", "token", "unit")


class Seq2SeqStepper(NetworkWidget):
    """Step through an encoder that reads a text and a decoder that writes another one.

    At every step of the decoder you see the probabilities of the next token and, with attention,
    how much each of the encoder's states counts. The network runs where the widget is shown. Its
    weights are a file of 8-bit numbers, which a page loads when the widget comes into view.

    Parameters
    ----------
    model : str
        One of the book's: "dates-attention" or "dates-plain". The reader may change it.
    text : str, optional
        What is read, at most 80 characters; the first example of the model if not given. Unknown
        characters are read as ``"<unk>"``.
    answer : str, optional
        The right answer, for teacher forcing, at most 40 characters. If not given, that of the
        example with this text, or nothing.
    step : int
        0 is the start, 1 to T are the steps of the encoder, and those of the decoder follow.
    forcing : bool
        Teacher forcing: the decoder reads the right answer, whatever it would write itself.
    beam : int
        Hypotheses that stay at every step, 1 to 5; 1 is greedy.
    length_penalty : float
        0 to 2; see `rnn_utils.decoding.length_normalizer`. It matters with a beam only.
    place : int
        The source token, from 0, whose weight of attention is explained; -1 for none.
    token : int
        The output token whose probability is explained; -1 for none.
    unit : int
        The hidden unit whose value is explained; -1 for none.
    hypothesis : int
        Which of the hypotheses is followed, from 0, the best.

    Raises
    ------
    ValueError
        If something does not fit; the text names it. Later changes of a trait are checked in the
        same way and raise `traitlets.TraitError`.

    Examples
    --------
    >>> Seq2SeqStepper("dates-attention", text="12 June 1984").output()
    '1984-06-12'
    """

    _name, _kind = "seq2seq_stepper", "seq2seq"
    _first = "dates-attention"
    _settings = (
        "model", "text", "answer", "step", "forcing", "beam", "length_penalty", *_INDICES,
        "hypothesis",
    )  # fmt: skip
    _page_traits = (*_settings, "models")

    text = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.Unicode("").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    forcing = traitlets.Bool(False).tag(sync=True)
    beam = traitlets.Int(1).tag(sync=True)
    length_penalty = traitlets.Float(0.0).tag(sync=True)
    place = traitlets.Int(-1).tag(sync=True)
    token = traitlets.Int(-1).tag(sync=True)
    unit = traitlets.Int(-1).tag(sync=True)
    hypothesis = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        model="dates-attention",
        *,
        text=None,
        answer=None,
        step=0,
        forcing=False,
        beam=1,
        length_penalty=0.0,
        place=-1,
        token=-1,
        unit=-1,
        hypothesis=0,
        _own=None,
    ):
        networks = self._networks_for(model, _own)
        examples = _examples(networks[model]["about"])
        if text is None:
            text = examples[0][0] if examples else ""
        if answer is None:
            answer = next((right for own, right in examples if own == text), "")
        state = {
            "model": model, "text": text, "answer": answer, "step": step, "forcing": forcing,
            "beam": beam, "length_penalty": length_penalty, "place": place, "token": token,
            "unit": unit, "hypothesis": hypothesis,
        }  # fmt: skip
        super().__init__(networks, state)

    @classmethod
    def from_torch(cls, module, source, target, *, examples=(), longest=40, **settings):
        """Your own model, with its weights rounded to 8 bits.

        Parameters
        ----------
        module : rnn_utils.models.Seq2Seq
        source : sequence of str
            The source token of each index: ``"<pad>"``, ``"<unk>"``, then the others. If they are
            single characters, texts are cut into characters, and else at spaces; a token in angle
            brackets, such as ``"<en>"``, stays one in both cases.
        target : sequence of str
            The output token of each index, ``"<s>"`` and ``"</s>"`` among them.
        examples : sequence of str or (str, str)
            Texts to choose from, each with its right answer if that is known.
        longest : int
            How many output tokens are written at most, 1 to 80.
        **settings
            As for the class, but for ``model``.

        Returns
        -------
        Seq2SeqStepper

        Raises
        ------
        ValueError
            If the module is not such a model, or the vocabularies do not fit it.
        """
        parameters = getattr(module, "state_dict", dict)()
        if "source_embedding.weight" not in parameters or "readout.bias" not in parameters:
            raise ValueError(
                f"module must be a rnn_utils.models.Seq2Seq, got {type(module).__name__}"
            )
        about = {
            "name": OWN,
            "source": [plain_text("each of source", token) for token in source],
            "target": [plain_text("each of target", token) for token in target],
            "longest": integer_from("longest", longest, 1),
            "examples": _examples({"examples": examples}),
        }
        if longest > MOST_TOKENS:
            raise ValueError(f"longest must be at most {MOST_TOKENS}, got {longest}")
        for name, key in (
            ("source", "source_embedding.weight"),
            ("target", "target_embedding.weight"),
        ):
            if len(about[name]) != len(parameters[key]):
                raise ValueError(
                    f"{name} must have {len(parameters[key])} tokens, one for each embedding, "
                    f"got {len(about[name])}"
                )
        if about["source"][:2] != [PAD, UNKNOWN]:
            raise ValueError(f"source must begin with {PAD}, {UNKNOWN}, got {about['source'][:2]}")
        if not {START, END} <= set(about["target"]):
            raise ValueError(f"target must hold {START} and {END}, got {about['target']}")
        values = {name: value.detach().cpu().numpy() for name, value in parameters.items()}
        return cls(OWN, _own=model_files.pack(cls._kind, values, **about), **settings)

    def output(self):
        """What the network writes greedily, whatever the other settings are.

        Returns
        -------
        str
            Without the end token.
        """
        target = self.network["about"]["target"]
        tokens = [target[token] for token, *_ in self._greedy()]
        return _joined([token for token in tokens if token != END], target)

    def _greedy(self):
        """Each step's token, its probability, and the source token that counts most, or None."""
        import torch

        from rnn_utils.models import Seq2Seq

        about = self.network["about"]
        source, target = about["source"], about["target"]
        index = {token: k for k, token in enumerate(source)}
        read = [index.get(token, 1) for token in _cut(self.text, source)]
        if not read:
            return []
        network = Seq2Seq.from_file(model_files.unpack(self.network), torch.float64)
        rows, token = [], target.index(START)
        with torch.no_grad():
            lengths = torch.tensor([len(read)])
            memory, state = network.encode(torch.tensor([read]), lengths)
            while len(rows) < about.get("longest", MOST_TOKENS) and token != target.index(END):
                logits, state, weights = network.decode(
                    torch.tensor([[token]]), state, memory, lengths
                )
                p = logits[0, 0].softmax(dim=-1)
                token = int(p.argmax())
                look = None if weights is None else int(weights[0, 0].argmax())
                rows.append((token, float(p[token]), look))
        return rows

    def _fallback(self):
        labels, about = STRINGS["en"], self.network["about"]
        read = _cut(self.text, about["source"])
        rows = [
            [
                str(t),
                about["target"][token],
                f"{p:.3f}",
                "–" if j is None else f"{j + 1}: {read[j]}",
            ]
            for t, (token, p, j) in enumerate(self._greedy(), start=1)
        ]
        caption = labels["fallback"].replace("{text}", self.text)
        return table_html(caption, labels["fallbackHead"].split("|"), rows)

    @staticmethod
    def _checked(state):
        for name, most in (("text", LONGEST_TEXT), ("answer", LONGEST_ANSWER)):
            if len(plain_text(name, state[name])) > most:
                raise ValueError(
                    f"{name} must have at most {most} characters, got {len(state[name])}"
                )
        if not isinstance(state["forcing"], bool):
            raise ValueError(f"forcing must be True or False, got {state['forcing']!r}")
        beam = integer_from("beam", state["beam"], 1)
        if beam > MOST_BEAM:
            raise ValueError(f"beam must be at most {MOST_BEAM}, got {beam}")
        hypothesis = integer_from("hypothesis", state["hypothesis"], 0)
        # As many open ones as the beam, and as many that have ended.
        if hypothesis >= 2 * MOST_BEAM:
            raise ValueError(f"hypothesis must be at most {2 * MOST_BEAM - 1}, got {hypothesis}")
        return {
            **state,
            "step": integer_from("step", state["step"], 0),
            "beam": beam,
            "length_penalty": number_between(
                "length_penalty", state["length_penalty"], 0, MOST_PENALTY
            ),
            **{name: integer_from(name, state[name], -1) for name in _INDICES},
            "hypothesis": hypothesis,
        }

    _validate = traitlets.validate(*_settings)(NetworkWidget._validated)

    def __repr__(self):
        return f"Seq2SeqStepper({self.model!r}, text={self.text!r}, step={self.step})"


def _examples(about):
    """The examples of a network as pairs: text and right answer, "" where that is not known."""
    pairs = [
        [example, ""] if isinstance(example, str) else list(example)
        for example in about.get("examples", [])
    ]
    if wrong := [pair for pair in pairs if len(pair) != 2]:
        raise ValueError(f"examples must be texts or pairs of texts, got {wrong[0]!r} among them")
    return [[plain_text("each text of examples", part) for part in pair] for pair in pairs]


# ------------------------------------------------------------------------------------- tokens


def _is_bracketed(token):
    return re.fullmatch(r"<.+>", token) is not None


def _are_signs(tokens):
    return all(_is_bracketed(token) or len(token) <= 1 for token in tokens)


def _cut(text, tokens):
    """A text as tokens: characters if the vocabulary is made of these, else at spaces."""
    if not _are_signs(tokens):
        return text.split()
    whole = [t for t in tokens if _is_bracketed(t) and t not in (PAD, UNKNOWN, START, END)]
    pattern = "|".join([*map(re.escape, whole), "."])
    return re.findall(pattern, unicodedata.normalize("NFC", text), re.DOTALL)


def _joined(tokens, vocabulary):
    return ("" if _are_signs(vocabulary) else " ").join(tokens)
