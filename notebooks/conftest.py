"""Progress bars, never the same twice, stay off while nbval compares outputs."""

import os

os.environ["TQDM_DISABLE"] = "1"  # the kernels inherit it
