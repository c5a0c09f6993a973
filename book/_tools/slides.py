"""Build the slides for the eight lessons into _build/slides, with warnings as errors.

python -m book._tools.slides
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "book" / "slides"
TARGET = ROOT / "_build" / "slides"
STRICT = ["-W", "-n", "--keep-going", "-q"]


def build(source, target):
    """The exit status of Sphinx; every page is made anew."""
    doctrees = target.with_name(f".{target.name}")
    for stale in (target, doctrees):
        shutil.rmtree(stale, ignore_errors=True)
    folders = ["-d", str(doctrees), "-c", str(SOURCE), str(source), str(target)]
    command = [sys.executable, "-m", "sphinx", "-b", "revealjs", *STRICT, *folders]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main():
    status = build(SOURCE, TARGET)
    if status == 0:
        print("\nThe slides are built. Open this file in a browser; it needs no network:")
        print(f"    {TARGET / 'index.html'}")
    return status


if __name__ == "__main__":
    sys.exit(main())
