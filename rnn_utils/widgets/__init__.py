"""Widgets that are alive in Jupyter and in the built book."""

from rnn_utils.widgets.char_sampler import CharSampler
from rnn_utils.widgets.embedding_explorer import EmbeddingExplorer
from rnn_utils.widgets.gate_stepper import GateStepper
from rnn_utils.widgets.gradient_flow import GradientFlow
from rnn_utils.widgets.phase_portrait import PhasePortrait
from rnn_utils.widgets.seq2seq_stepper import Seq2SeqStepper
from rnn_utils.widgets.sequence_shapes import SequenceShapes
from rnn_utils.widgets.side_by_side import side_by_side
from rnn_utils.widgets.skip_gram_trainer import SkipGramTrainer
from rnn_utils.widgets.text_encoder import TextEncoder
from rnn_utils.widgets.unfolder import Unfolder

__all__ = [
    "CharSampler",
    "EmbeddingExplorer",
    "GateStepper",
    "GradientFlow",
    "PhasePortrait",
    "Seq2SeqStepper",
    "SequenceShapes",
    "SkipGramTrainer",
    "TextEncoder",
    "Unfolder",
    "side_by_side",
]
