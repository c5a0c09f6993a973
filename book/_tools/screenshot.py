"""Take the picture of the stepper that the README shows, from the built book.

python -m book._tools.screenshot
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import ADVICE, LAUNCH_ARGS, find_browser

ROOT = Path(__file__).resolve().parents[2]

PAGE = ROOT / "_build" / "html" / "notebooks" / "07_lstm.html"
STATE = "gate-stepper-3.step=5&gate-stepper-3.operation=write"
PICTURE = ROOT / "book" / "_static" / "images" / "gate_stepper.png"


def main():
    executable = find_browser()
    if executable is None:
        sys.exit(ADVICE)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGS)
        page = browser.new_page(
            viewport={"width": 1280, "height": 1000}, reduced_motion="reduce", color_scheme="light"
        )
        page.goto(f"{PAGE.as_uri()}#{STATE}")
        stepper = page.locator("[data-widget-key=gate-stepper-3] .gate-stepper")
        stepper.wait_for()
        # The upper part: sequence, picture and what the model says.
        stepper.evaluate(
            "node => [...node.querySelectorAll('.below ~ *, .below')].map((n) => n.remove())"
        )
        stepper.screenshot(path=PICTURE)
        browser.close()
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
