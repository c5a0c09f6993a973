"""A trained network in a small file: what comes back, how far off it is, what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from rnn_utils import model_files
from rnn_utils.model_files import dequantize, pack, quantize, save, unpack

matrices = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(-100, 100, width=32).filter(lambda v: v == 0 or abs(v) > 1e-6),
)


@given(matrices)
def test_a_weight_moves_by_half_a_step_of_its_row_at_most(values):
    whole, scale = quantize(values)
    assert whole.dtype == np.int8
    assert np.abs(whole.astype(int)).max() <= 127
    step = np.abs(values).max(axis=1, keepdims=True) / 127
    off = np.abs(dequantize(whole, scale) - values)
    assert (off <= step / 2 * (1 + 1e-4)).all()


@given(matrices)
def test_whole_numbers_stay_what_they_are(values):
    """Packing what came out of a file changes nothing any more."""
    once = dequantize(*quantize(values))
    np.testing.assert_allclose(dequantize(*quantize(once)), once, rtol=1e-6)


def test_what_is_packed_is_unpacked():
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=(3, 4)), rng.normal(size=5)
    packed = pack("test", {"weight": weight, "bias": bias}, title="Ä")
    file = unpack(json.loads(json.dumps(packed)))
    assert (file.kind, file.about) == ("test", {"title": "Ä"})
    assert {values.dtype for values in file.parameters.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(file.parameters["bias"], bias.astype(np.float32))
    np.testing.assert_array_equal(file.parameters["weight"], dequantize(*quantize(weight)))


def test_a_file_is_json(tmp_path):
    path = tmp_path / "net.json"
    save(path, "test", {"bias": [1.0, 2.0]}, tokens=["a"])
    assert unpack(json.loads(path.read_text("utf-8"))).parameters["bias"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "values", [np.zeros((2, 2, 2)), np.float64(1), [[np.nan]], [np.inf]], ids=str
)
def test_what_is_no_weight_is_refused(values):
    with pytest.raises(ValueError, match="finite numbers, got w with shape"):
        pack("test", {"w": values})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed.pop("parameters"),
        lambda packed: packed["parameters"]["weight"].pop("scale"),
        lambda packed: packed["parameters"]["weight"].update(whole="AAAA"),
        lambda packed: packed["parameters"]["weight"].update(whole="?"),
        lambda packed: packed.update(parameters=[1]),
    ],
)
def test_a_damaged_file_is_refused(spoil):
    packed = pack("test", {"weight": np.ones((2, 3))})
    spoil(packed)
    with pytest.raises(ValueError, match=r"packed must be a network as .*pack makes it, got"):
        unpack(packed)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"name must be one of .*, got 'no such'"):
        model_files.load("no such")
