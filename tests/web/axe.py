"""Accessibility of a page as axe-core sees it, in light and in dark: every violation of WCAG 2.2 A or AA fails a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARD: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 at level AA, as the tags of axe-core; the newer levels contain the older ones."""
EVERYTHING: Final = {"type": "tag", "values": STANDARD}
COLOURS: Final = {"type": "rule", "values": ["color-contrast"]}
THEMES: Final = {"light": EVERYTHING, "dark": COLOURS}
"""What is looked for in which theme; a theme changes colours and nothing else."""
WIDTHS: Final = (1400, 375)
"""A desk and a phone, in pixels."""


def violations(page: Page, sought: Mapping[str, object] = EVERYTHING) -> list[str]:
    """Return what axe-core finds on a page as it is now: rule, what is wanted, and each element with its reason."""
    # The script is evaluated by the browser's debugger, so that the security policy of the page stays as strict as it is.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate("sought => axe.run(document, {runOnly: sought, resultTypes: ['violations']})", sought)
    return [
        f"{rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))}: {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail when a page has a violation in light or in dark; afterwards it has the theme that it had."""
    before = page.evaluate("document.documentElement.dataset.bsTheme ?? null")
    try:
        for theme, sought in THEMES.items():
            page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            # Colours may fade from one theme to the other; what is judged is where they end. Waiting for the end could take
            # for ever, for a browser on a busy machine may draw no frame at all.
            page.evaluate("() => document.getAnimations().forEach(one => one.finish())")
            found = violations(page, sought)
            assert not found, f"{page.url} in {theme}:\n" + "\n".join(found)
    finally:
        page.evaluate(
            "theme => { if (theme === null) delete document.documentElement.dataset.bsTheme; "
            "else document.documentElement.dataset.bsTheme = theme }",
            before,
        )


def assert_accessible_at_every_width(page: Page) -> None:
    """Fail when a page at a desk or on a phone has a violation or is wider than its screen; its own width is kept."""
    before = page.viewport_size
    assert before is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": before["height"]})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than {width} px"
        assert_accessible(page)
    page.set_viewport_size(before)
