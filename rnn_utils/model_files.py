"""Trained networks as small files that Python and a page read alike.

Every matrix is stored as 8-bit whole numbers with one scale for each row: a weight is
``scale * whole``. That is a quarter of float32 and moves a weight by at most half a step of its
row. Vectors (biases) stay float32. The file is JSON, so nothing in it is ever executed.
"""

import base64
import binascii
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

FOLDER = Path(__file__).parent / "data" / "models"
_STEPS = 127  # a whole number is -127 to 127


class ModelFile(NamedTuple):
    """What a file holds."""

    kind: str  # which network this is: "language-model", "seq2seq"
    about: dict  # its vocabulary, a title, what it reached, ...
    parameters: dict  # PyTorch's name -> float32 array, as the whole numbers give it


def quantize(values):
    """A matrix as whole numbers, and a scale for each row.

    Parameters
    ----------
    values : array_like, shape (M, N)
        Finite numbers.

    Returns
    -------
    whole : numpy.ndarray of int8, shape (M, N)
        -127 to 127.
    scale : numpy.ndarray of float32, shape (M,)
        The largest weight of a row by 127; 0 for a row of zeros.

    Raises
    ------
    ValueError
        If the values are not a matrix of finite numbers.
    """
    values = np.asarray(values, dtype=np.float32)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(f"values must be a matrix of finite numbers, got shape {values.shape}")
    scale = (np.abs(values).max(axis=1, initial=0.0) / _STEPS).astype(np.float32)
    whole = np.rint(values / np.where(scale > 0, scale, 1)[:, None])
    return whole.clip(-_STEPS, _STEPS).astype(np.int8), scale


def dequantize(whole, scale):
    """The matrix that `quantize` stands for, as float32: ``scale * whole``, row by row.

    Parameters
    ----------
    whole : numpy.ndarray, shape (rows, columns)
        Whole numbers of 8 bits.
    scale : numpy.ndarray, shape (rows,)
        What 1 stands for in each row.

    Returns
    -------
    numpy.ndarray, shape (rows, columns), float32
        The numbers, up to the rounding of `quantize`.
    """
    return whole.astype(np.float32) * scale[:, None]


def pack(kind, parameters, **about):
    """A network as one JSON object.

    Parameters
    ----------
    kind : str
    parameters : dict of array_like
        A ``state_dict``; each a vector or a matrix.
    **about
        JSON values to keep with it.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If a parameter is neither a vector nor a matrix, or is not finite.
    """
    packed = {}
    for name, values in parameters.items():
        values = np.asarray(values, dtype=np.float32)
        if values.ndim not in (1, 2) or not np.isfinite(values).all():
            raise ValueError(
                f"parameters must be vectors and matrices of finite numbers, got {name} "
                f"with shape {values.shape}"
            )
        if values.ndim == 1:
            packed[name] = {"shape": [len(values)], "values": _text(values, "<f4")}
        else:
            whole, scale = quantize(values)
            packed[name] = {
                "shape": list(whole.shape),
                "whole": _text(whole, "i1"),
                "scale": _text(scale, "<f4"),
            }
    return {"kind": kind, "about": about, "parameters": packed}


def unpack(packed):
    """What `pack` made, as a `ModelFile`.

    Parameters
    ----------
    packed : dict
        A network as JSON.

    Returns
    -------
    ModelFile
        Its parameters are float32 arrays.

    Raises
    ------
    ValueError
        If the object is not such a network, or numbers are missing.
    """
    try:
        parameters = {name: _values(entry) for name, entry in packed["parameters"].items()}
        return ModelFile(packed["kind"], packed["about"], parameters)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"packed must be a network as rnn_utils.model_files.pack makes it, got {error!r} in it"
        ) from None


def save(path, kind, parameters, **about):
    """Write a network to a file.

    Parameters
    ----------
    path : str or os.PathLike
        The ``.json`` file; one that is there is replaced.
    kind, parameters, **about
        As for `pack`.
    """
    text = json.dumps(pack(kind, parameters, **about), ensure_ascii=False, indent=1)
    Path(path).write_text(f"{text}\n", encoding="utf-8")


def names():
    """Names of the trained networks that come with the book.

    Returns
    -------
    list of str
        In alphabetical order.
    """
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def packed(name):
    """One of the networks that come with the book, as `pack` made it.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    dict
        A network as JSON.

    Raises
    ------
    ValueError
        If there is no such network; the text names those that are there.
    """
    if name not in names():
        raise ValueError(f"name must be one of {', '.join(names())}, got {name!r}")
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def of_kind(kind):
    """The networks of one kind that come with the book.

    Parameters
    ----------
    kind : str
        Such as "language-model" or "seq2seq".

    Returns
    -------
    dict of str to dict
        By name what `pack` made.
    """
    every = {name: packed(name) for name in names()}
    return {name: network for name, network in every.items() if network["kind"] == kind}


def load(name):
    """One of the networks that come with the book.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    ModelFile

    Raises
    ------
    ValueError
        If there is no such network, or its file is damaged.
    """
    return unpack(packed(name))


def _text(values, dtype):
    return base64.b64encode(np.ascontiguousarray(values, dtype=dtype).tobytes()).decode("ascii")


def _array(text, dtype, shape):
    try:
        values = np.frombuffer(base64.b64decode(text, validate=True), dtype=dtype)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    return values.reshape(shape)


def _values(entry):
    shape = entry["shape"]
    if "values" in entry:
        return _array(entry["values"], "<f4", shape).astype(np.float32)
    whole, scale = _array(entry["whole"], "i1", shape), _array(entry["scale"], "<f4", shape[:1])
    return dequantize(whole, scale)
