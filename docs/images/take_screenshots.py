"""Takes the screenshots of the documentation from a running application.

Run as ``python docs/images/take_screenshots.py http://127.0.0.1:8000 ROSTER_ID planner`` with a Chromium on the path;
it asks for the password of the sign-in name.
"""

from __future__ import annotations

import shutil
import sys
from getpass import getpass
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGES = {"grid": ("", 0), "coverage": ("/coverage", 380), "breaks": ("/breaks", 0)}
"""Name of the image: page of the roster, and how far it is scrolled."""


def main(address: str, roster_id: str, name: str) -> None:
    """Write one image a page beside this file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 640})
        page.goto(f"{address}/sign-in")
        page.get_by_label("Sign-in name").fill(name)
        page.get_by_label("Password").fill(getpass())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        for image, (path, scrolled) in PAGES.items():
            page.goto(f"{address}/rosters/{roster_id}{path}", wait_until="networkidle")
            if image != "grid":
                # The first night still hangs on the roster before; the second day is this roster's own.
                page.locator("a[rel=next]").click()
            page.evaluate("top => scrollTo(0, top)", scrolled)
            page.screenshot(path=Path(__file__).with_name(f"{image}.png"))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
