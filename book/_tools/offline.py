"""Pack the built book and its notebooks into one file that needs no network.

    python -m book._tools.offline

Unpack it anywhere, on a memory stick for one, and open ``index.html``. Packing one book twice gives
the same bytes.
"""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "_build" / "html"
NAME = "recurrent-neural-networks"
TARGET = ROOT / "_build" / f"{NAME}.zip"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip knows no time before
READ_ME = """\
Recurrent Neural Networks, Step by Step

Unpack this file first. Then open index.html in a browser; it needs no network.
The folder _sources/notebooks holds the chapters as notebooks.
"""


def write(book, target):
    """Write everything in the folder ``book`` into the zip file ``target``.

    A pack that breaks off leaves an earlier one as it was.
    """
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        _add(packed, "READ ME.txt", READ_ME.encode())
        for path in sorted(path for path in book.rglob("*") if path.is_file()):
            _add(packed, path.relative_to(book).as_posix(), path.read_bytes())
    part.replace(target)


def _add(packed, name, data):
    info = zipfile.ZipInfo(f"{NAME}/{name}", EARLIEST)
    info.external_attr = 0o644 << 16
    packed.writestr(info, data, zipfile.ZIP_DEFLATED)


def main():
    if not (BOOK / "index.html").is_file():
        sys.exit(f"There is no book in {BOOK}: run make book first.")
    write(BOOK, TARGET)
    print(
        f"wrote {TARGET.relative_to(ROOT)}, {TARGET.stat().st_size / 1e6:.1f} MB: unpack it, ",
        end="",
    )
    print("then open index.html")


if __name__ == "__main__":
    main()
