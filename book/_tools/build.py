"""Build the book into _build/html, with warnings as errors, and say where it is.

python -m book._tools.build
"""

import shutil
import subprocess
import sys
from pathlib import Path

from book._tools import first_cell

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
# jupyter-book has no `python -m` form of its own.
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
STRICT = ["-W", "-n", "--keep-going"]


def main():
    if first_cell.main():
        return 1
    # From nothing each time: a warning is given only when its page is read, and all must be seen.
    for stale in (BUILD / "html", BUILD / ".doctrees"):
        shutil.rmtree(stale, ignore_errors=True)
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(ROOT), *STRICT]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status == 0:
        print("\nThe book is built. Open this file in a browser; it needs no network:")
        print(f"    {BUILD / 'html' / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
