"""Accessibility of a page as axe-core sees it, in light and in dark: every violation of WCAG 2.2 A or AA fails a test."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

STANDARD: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 at level AA, as the tags of axe-core; the newer levels contain the older ones."""
THEMES: Final = ("light", "dark")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it is now: rule, what is wanted, and each element with its reason."""
    # The script is evaluated by the browser's debugger, so that the security policy of the page stays as strict as it is.
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", list(STANDARD)
    )
    return [
        f"{rule['id']}: {rule['help']}: {' '.join(map(str, node['target']))}: {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail when a page has a violation in light or in dark; afterwards it has the theme that it had."""
    before = page.evaluate("document.documentElement.dataset.bsTheme ?? null")
    try:
        for theme in THEMES:
            page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            # Colours may fade from one theme to the other; what is judged is where they end.
            page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})))")
            found = violations(page)
            assert not found, f"{page.url} in {theme}:\n" + "\n".join(found)
    finally:
        page.evaluate(
            "theme => { if (theme === null) delete document.documentElement.dataset.bsTheme; "
            "else document.documentElement.dataset.bsTheme = theme }",
            before,
        )
