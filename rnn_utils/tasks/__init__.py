"""Toy tasks on which a recurrent network has to remember something.

A task is drawn from a seeded generator and needs NumPy only, so a chapter can train on it in
seconds and a reader can make it longer or harder by changing one number. Each task tells its
chance level: what a guesser reaches who knows the task and reads nothing.

===============  ==================================
task             what has to be remembered
===============  ==================================
`delayed_echo`   what came a fixed time ago
`marked_echo`    one marked symbol among many
`copy`           a whole string, in order
`adding`         two numbers out of many
`last_marked`    one number, until the next
`parity`         one bit, flipped by every 1
`anbn`           a count
`counting`       a count, asked at every step
`bracket_depth`  a count that goes up and down
`agreement`      the number of a noun
`names`          whether people or things are named
`teddies`        what came before, and what comes after
`reviews`        which words a negation turns around
===============  ==================================
"""

from rnn_utils.public import present
from rnn_utils.tasks.counts import anbn, bracket_depth, counting, parity
from rnn_utils.tasks.memory import adding, copy, delayed_echo, last_marked, marked_echo
from rnn_utils.tasks.people import (
    NAMES_BARE,
    NAMES_CONTENT,
    NAMES_EITHER,
    NAMES_LABELS,
    NAMES_VERBS,
    NAMES_VOCABULARY,
    TEDDY_VOCABULARY,
    Names,
    names,
    teddies,
)
from rnn_utils.tasks.sentences import (
    AGREEMENT_VERBS,
    AGREEMENT_VOCABULARY,
    REVIEW_LABELS,
    REVIEW_VOCABULARY,
    Agreement,
    Reviews,
    agreement,
    reviews,
)
from rnn_utils.tasks.sequences import IGNORE, PADDING, UNKNOWN, Task, encode

__all__ = [
    "AGREEMENT_VERBS",
    "AGREEMENT_VOCABULARY",
    "IGNORE",
    "NAMES_BARE",
    "NAMES_CONTENT",
    "NAMES_EITHER",
    "NAMES_LABELS",
    "NAMES_VERBS",
    "NAMES_VOCABULARY",
    "PADDING",
    "REVIEW_LABELS",
    "REVIEW_VOCABULARY",
    "TEDDY_VOCABULARY",
    "UNKNOWN",
    "Agreement",
    "Names",
    "Reviews",
    "Task",
    "adding",
    "agreement",
    "anbn",
    "bracket_depth",
    "copy",
    "counting",
    "delayed_echo",
    "encode",
    "last_marked",
    "marked_echo",
    "names",
    "parity",
    "reviews",
    "teddies",
]

present(globals(), __all__)
