"""Find the browser that the tests and the screenshots use; as a command, make sure of one.

Any Chromium will do: Chromium, Chrome or Edge. Debian's headless shell, the same without windows,
takes half the time. ``CHROMIUM=/path/to/it`` names one by hand.
"""

import os
import shutil
import subprocess
import sys

NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
]

# Chrome and Edge do not put themselves on PATH on macOS and Windows.
PLACES = [
    *(
        f"/Applications/{name}.app/Contents/MacOS/{name}"
        for name in ("Chromium", "Google Chrome", "Microsoft Edge")
    ),
    *(
        os.path.join(os.environ.get(folder, r"C:\Program Files"), *program)
        for program in (
            ("Google", "Chrome", "Application", "chrome.exe"),
            ("Microsoft", "Edge", "Application", "msedge.exe"),
        )
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
    ),
]

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

LAUNCH_ARGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
if IS_ROOT or "CI" in os.environ:
    # Otherwise it refuses to start as root, and in most containers.
    LAUNCH_ARGS.append("--no-sandbox")

ADVICE = """\
No browser was found for the tests. Please do one of these:
  - install Chromium, Chrome or Edge in the usual way (Debian: apt-get install chromium);
  - python -m playwright install chromium
  - set CHROMIUM to the full path of a browser that is already there."""


def find_browser() -> str | None:
    """Path of the first Chromium-like browser there is, or None."""
    for candidate in [os.environ.get("CHROMIUM", ""), *NAMES, *PLACES]:
        if path := shutil.which(candidate):
            return path
    return _playwright_browser()


def _playwright_browser():
    """Path of the browser that Playwright downloaded, or None."""
    # In a process of its own, because Playwright cannot be started twice in one.
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return shutil.which(answer.stdout.strip())


def _install_commands():
    """The commands that may bring a browser, the gentlest first."""
    yield [sys.executable, "-m", "playwright", "install", "chromium"]
    sudo = [] if IS_ROOT else ["sudo", "-n"]  # -n: never ask for a password
    if shutil.which("apt-get") and (IS_ROOT or shutil.which("sudo")):
        yield [*sudo, "apt-get", "update"]
        for package in NAMES[:2]:
            yield [*sudo, "apt-get", "install", "-y", package]


def main() -> int:
    """Print which browser is used, after trying to install one if there is none."""
    path = find_browser()
    for command in _install_commands():
        if path:
            break
        print("$", *command, flush=True)
        subprocess.run(command)
        path = find_browser()
    print(path or ADVICE)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
