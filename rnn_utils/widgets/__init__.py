"""Widgets that are alive in Jupyter and in the built book."""

from rnn_utils.widgets.gate_stepper import GateStepper

__all__ = ["GateStepper"]
