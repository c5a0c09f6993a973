"""How a package shows what stands in its modules."""

from types import FunctionType


def present(package, names):
    """Let functions and classes name the package they are imported from as their module.

    A topic such as `rnn_utils.text` is a package of short modules, and which of them a name stands
    in is nobody's business but a reader's of the code. So ``help`` and the book say where to import
    it from.

    Parameters
    ----------
    package : dict
        The package's ``globals()``.
    names : sequence of str
        Names in it, constants among them, which have no module and stay as they are.
    """
    for name in names:
        if isinstance(package[name], type | FunctionType):
            package[name].__module__ = package["__name__"]
