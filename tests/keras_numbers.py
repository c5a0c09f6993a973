"""Write down what Keras computes, for test_porting.py: small layers, their input and output.

Keras is not needed to build or to test this book. To make the numbers anew, in an environment of
its own:

    python3 -m venv /tmp/keras
    /tmp/keras/bin/pip install tensorflow-cpu
    /tmp/keras/bin/python tests/keras_numbers.py

Made with Keras 3.15.1 on TensorFlow 2.21.0, the one backend with which Keras computes all of a
layer in float64.
"""

import json
from pathlib import Path

import keras
import numpy as np

PATH = Path(__file__).with_suffix(".json")
B, T, D, H = 2, 4, 3, 2
ALL = {"return_sequences": True, "return_state": True}
LAYERS = {
    "LSTM": lambda: keras.layers.LSTM(H, **ALL),
    "GRU": lambda: keras.layers.GRU(H, **ALL),
    "GRU, reset before": lambda: keras.layers.GRU(H, reset_after=False, **ALL),
    "SimpleRNN": lambda: keras.layers.SimpleRNN(H, **ALL),
    "Bidirectional": lambda: keras.layers.Bidirectional(keras.layers.LSTM(H, **ALL)),
    "Bidirectional, last": lambda: keras.layers.Bidirectional(keras.layers.LSTM(H)),
    "LSTM, masked": lambda: keras.layers.LSTM(H, **ALL),
    "LSTM, one unit": lambda: keras.layers.LSTM(1, **ALL),
}
# Short enough to stand on the page.
ONE_UNIT = [np.array([[0.5, -1, 2, 1.5]]), np.array([[1, 0.5, -0.5, -1]]), np.array([0.0, 1, 0, 0])]


def plain(values):
    """Arrays, also in tuples and lists, as lists that JSON can hold."""
    if isinstance(values, (list, tuple)):
        return [plain(value) for value in values]
    return np.asarray(values).tolist()


def record(name, x, rng):
    """A layer with weights of two digits, and what it gives for x: every output, then the state."""
    layer = LAYERS[name]()
    one = name == "LSTM, one unit"
    x = np.array([[[1.0], [-1.0]]]) if one else x
    layer.build(x.shape)
    start = layer.get_weights()
    layer.set_weights(ONE_UNIT if one else [rng.normal(size=w.shape).round(2) for w in start])
    mask = np.arange(T) < np.array([[T], [2]]) if name == "LSTM, masked" else None
    returned = layer(x, mask=mask)
    return {
        "x": plain(x),
        "start": plain(start),
        "weights": plain(layer.get_weights()),
        "returned": plain(returned),
    }


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    keras.config.set_floatx("float64")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(B, T, D)).round(2)
    numbers = {name: record(name, x, rng) for name in LAYERS}
    lines = [f"  {json.dumps(name)}: {json.dumps(numbers[name])}" for name in LAYERS]
    text = f'{{\n  "keras": "{keras.__version__}",\n' + ",\n".join(lines) + "\n}\n"
    PATH.write_text(text, encoding="utf-8")
