"""Colours of the style sheet: text has the contrast of WCAG 2.2 AA in light and dark, also where a draft is striped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import web

CSS = (Path(web.__file__).parents[1] / "static" / "css" / "base.css").read_text()
Colour = tuple[float, float, float]
TEXT, SIGN = 4.5, 3.0


def pairs() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#\w+|rgb\([^)]*\)), (#\w+|rgb\([^)]*\))\)", CSS)
    return {name: (light, dark) for name, light, dark in found}


def colour(name: str, mode: int) -> Colour:
    text = pairs()[name][mode].lstrip("#")
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255)


def blended(ground: Colour, stripe: str, mode: int) -> Colour:
    *parts, alpha = (float(part) for part in re.findall(r"[\d.]+", pairs()[stripe][mode]))
    red, green, blue = (under * (1 - alpha) + over / 255 * alpha for under, over in zip(ground, parts, strict=True))
    return (red, green, blue)


def luminance(of: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("ink", "ink-soft", "accent") for ground in ("paper", "sheet", "sunken")),
        *((f"{tone}-ink", tone) for tone in ("morning", "day", "evening", "night")),
        *((sign, ground) for sign in ("stop", "reason", "good") for ground in ("paper", "sheet", f"{sign}-wash", "sunken")),
        *(("ink", f"{sign}-wash") for sign in ("stop", "reason", "good", "accent")),
        *((ink, f"{sign}-wash") for ink in ("ink-soft", "accent") for sign in ("stop", "reason")),
        ("accent-ink", "accent"),
    ],
)
def test_text_is_readable(ink: str, ground: str, mode: int) -> None:
    assert contrast(colour(ink, mode), colour(ground, mode)) >= TEXT


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["morning", "day", "evening", "night"])
def test_text_is_readable_on_the_stripes_of_a_draft(tone: str, mode: int) -> None:
    striped = blended(colour(tone, mode), "stripe-night" if tone == "night" else "stripe", mode)
    assert contrast(colour(f"{tone}-ink", mode), striped) >= TEXT


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet", "sunken"])
@pytest.mark.parametrize("sign", ["focus", "rule-strong", "accent", "stop"])
def test_signs_and_borders_are_seen(sign: str, ground: str, mode: int) -> None:
    assert contrast(colour(sign, mode), colour(ground, mode)) >= SIGN
