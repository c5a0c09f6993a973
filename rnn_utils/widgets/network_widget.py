"""What the widgets share that run a trained network: which one it is, and how its weights come."""

import traitlets

from rnn_utils import model_files
from rnn_utils.widgets.base import BookWidget, as_trait_error

OWN = "own"  # the name of the reader's own network


class NetworkWidget(BookWidget):
    """A widget that shows one of the book's networks, or the reader's own.

    A subclass sets ``_kind``, of networks as `rnn_utils.model_files` knows them, ``_first``, the
    one of the book's that is offered first, and ``_settings``, the names of its traits that a page
    needs. It has a static ``_checked(state)``, which returns these settings as plain JSON values
    or says what does not fit, and it lets ``_validated`` see every change of them.
    """

    _kind, _first = "", ""
    _settings = ()

    model = traitlets.Unicode().tag(sync=True)
    models = traitlets.List().tag(sync=True)  # what can be chosen: [{"name": …, "title": …}]
    network = traitlets.Dict().tag(sync=True)  # its weights, for a page with a kernel

    def __init__(self, networks, state):
        self._networks = networks
        titles = [
            {"name": name, "title": packed["about"].get("title", "")}
            for name, packed in networks.items()
        ]
        state = self._checked(state)
        super().__init__(**state, models=titles, network=networks[state["model"]])

    @classmethod
    def _networks_for(cls, model, own=None):
        """The networks to choose from, ``model`` among them: {name: what `pack` made}."""
        networks = {OWN: own} if own else model_files.of_kind(cls._kind)
        networks = dict(sorted(networks.items(), key=lambda item: item[0] != cls._first))
        _check_name(model, networks)
        return networks

    def page_state(self):
        """Without the weights, which a page loads when it needs them; but for the reader's own."""
        state = super().page_state()
        return {**state, "network": self.network} if self.model == OWN else state

    def _validated(self, proposal):
        name = proposal["trait"].name
        state = {setting: getattr(self, setting) for setting in self._settings}
        with as_trait_error():
            if name == "model":
                _check_name(proposal["value"], self._networks)
            return self._checked({**state, name: proposal["value"]})[name]

    @traitlets.observe("model")
    def _send_network(self, change):
        self.network = self._networks[change["new"]]


def _check_name(model, networks):
    if model not in networks:
        raise ValueError(f"model must be one of {', '.join(networks)}, got {model!r}")
