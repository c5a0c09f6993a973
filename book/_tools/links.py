"""Ask every link of the book that leads to another host whether it still answers.

    python -m book._tools.links

It needs a network and a few minutes. The answers are in _build/linkcheck.
"""

import subprocess
import sys

from book._tools.build import BUILD, JUPYTER_BOOK, ROOT


def main():
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(ROOT), "--builder", "linkcheck"]
    # In a folder of its own: the pages of the built book stay as they are.
    command += ["--path-output", str(BUILD / "linkcheck")]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    [report] = (BUILD / "linkcheck").rglob("output.txt")
    lines = report.read_text(encoding="utf-8").splitlines()
    print(f"{len(lines)} links are broken or moved:", *lines, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
