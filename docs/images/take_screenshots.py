"""Takes the screenshots of the documentation from a running application.

Run as ``python docs/images/take_screenshots.py http://127.0.0.1:8000 ROSTER_ID`` with a Chromium on the path.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = {"grid": ("", 0), "coverage": ("/coverage", 380), "breaks": ("/breaks", 0)}
"""Name of the image: page of the roster, and how far it is scrolled."""


def main(address: str, roster_id: str) -> None:
    """Write one image a page beside this file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 640})
        for name, (path, scrolled) in PAGES.items():
            page.goto(f"{address}/rosters/{roster_id}{path}", wait_until="networkidle")
            if name != "grid":
                # The first night still hangs on the roster before; the second day is this roster's own.
                page.locator("a[rel=next]").click()
            page.evaluate("top => scrollTo(0, top)", scrolled)
            page.screenshot(path=Path(__file__).with_name(f"{name}.png"))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
