"""Packages that bring data and are not installed with this one."""

import importlib
import importlib.util
from pathlib import Path


def gensim_path(name):
    """A file of gensim's test data, found without importing gensim, which takes a second."""
    spec = importlib.util.find_spec("gensim")
    if spec is None:
        raise ImportError(_advice("gensim"))
    path = Path(*spec.submodule_search_locations, "test", "test_data", name)
    if not path.is_file():
        raise FileNotFoundError(
            f"{name} comes with gensim, but {path} is not there: "
            "run pip install --force-reinstall gensim"
        )
    return path


def _advice(package):
    return (
        f"these data need {package}, which could not be imported: run pip install {package} "
        f"(in a notebook %pip install {package})"
    )


def imported(module):
    """A module that is not installed with this package, or an ImportError that says what to do."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"sklearn": "scikit-learn"}.get(root := module.partition(".")[0], root)
        raise ImportError(_advice(package)) from error
