"""The language of a request: what its associate has chosen, else what the browser asks for; other roles read English.

Supervisors have their notices, and the settings of how they are told, in a language of their choice as well.

Nobody knows yet who is about to sign in, so that page follows the browser as well, and so does the word
that nobody can be looked up.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, g, request

from services.languages import Speech, best_language, catalogue
from services.preferences import reader_of, speech_of
from web.access import addressee_of, current_user
from web.context import engine

SIGN_IN: Final = "sign_in"
"""The blueprint of the pages on which somebody signs in."""
TOLD: Final = frozenset({"me_notices", "me_settings"})
"""The blueprints of the pages that tell something, and on which one chooses how one is told."""


def speech() -> Speech:
    """Return how to speak to whoever asks; looked up once for a request."""
    if "speech" not in g:
        # The page that tells of a failed look-up asks again, and must get an answer.
        g.speech = Speech()
        g.speech = _speech_of_request()
    found: Speech = g.speech
    return found


def in_words(text: str) -> str:
    """Return a text for whoever asks: an associate has it in their language, others with every detail that it has."""
    return speech().words(text) if current_user().associate_id is not None or _follows_browser() else str(text)


def forget_speech() -> None:
    """Look up anew how to speak, after a choice was stored."""
    g.pop("speech", None)


def follow_browser() -> None:
    """Speak as the browser asks for, since nobody knows who reads."""
    g.follows_browser = True
    forget_speech()


def _follows_browser() -> bool:
    return request.blueprint == SIGN_IN or g.get("follows_browser", False)


def _speech_of_request() -> Speech:
    user, wished = current_user(), request.accept_languages.values()
    if user.associate_id is not None or (user.account_id is not None and request.blueprint in TOLD):
        return speech_of(reader_of(engine(), addressee_of(user)), wished)
    return Speech(best_language(wished)) if _follows_browser() else Speech()


def _one(message: str) -> str:
    return catalogue(speech().language).gettext(message)


def _several(one: str, many: str, number: int) -> str:
    return catalogue(speech().language).ngettext(one, many, number)


def register(app: Flask) -> None:
    """Let the templates of an application translate: `_("words")`, and days and times by `speech()`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_one, _several, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["speech"] = speech
