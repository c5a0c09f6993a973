"""Whether to show a progress bar."""

import os
import sys


def shows_bar(progress):
    """Whether there is a progress bar.

    Parameters
    ----------
    progress : bool or None
        None asks whether a person can see one: in a terminal or a notebook.

    Returns
    -------
    bool
        False in any case if the environment variable ``TQDM_DISABLE`` is set.
    """
    if os.environ.get("TQDM_DISABLE", "0") not in ("", "0"):
        return False
    if progress is None:
        ipython = sys.modules.get("IPython")
        return sys.stderr.isatty() or (ipython is not None and ipython.get_ipython() is not None)
    return progress
