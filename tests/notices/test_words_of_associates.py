"""No English is left on an associate's pages for somebody who reads another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from roster.line_changes import LINE_RULES
from scheduling.errors import ConflictError
from scheduling.words import Moment, Words, joined
from services import leave_requests, preferences, swaps, wishes
from services.accounts import Role
from services.languages import FOLDER, LANGUAGES, Speech, catalogue
from services.offers import OfferKind
from services.preferences import Addressee, Preference
from services.refusals import RefusalKind
from services.rule_words import SENTENCES as RULES_IN_WORDS
from tests.conftest import SteppedClock
from tests.notices.test_languages import catalogue as messages_in
from tests.requests.asking_site import NOW, AskingSite, asking_site, day
from tests.requests.test_offers import make
from tests.requests.test_swaps import first_offer
from tests.web.served import make_app, sign_in
from web.work_words import SENTENCES

ROOT = FOLDER.parent
OTHERS = sorted(set(LANGUAGES) - {"en"})
OWN_TEMPLATES = [
    *(ROOT / "templates" / "me").glob("*.html"),
    ROOT / "templates/work/show.html",
    ROOT / "templates/sign_in/account.html",
    ROOT / "templates/sign_in/sign_in.html",
]
PAGES = (
    "/me", "/me/week", "/me/month", "/me/changes", "/me/notices", "/me/settings", "/me/figures", "/me/requests",
    "/me/requests/leave", "/me/requests/leave/1", "/me/requests/swap", "/me/requests/offers", "/me/requests/wishes", "/work",
    "/account", "/me/nothing-here",
)  # fmt: skip
SPOKEN = ("aria-label", "title", "placeholder", "alt", "content")
NAMES = {"Workforce", "CSRF", "English"}


class Texts(HTMLParser):
    """What somebody reads or hears of a page: texts, and labels for those who do not see it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in {"script", "style"}
        self.found += [" ".join(value.split()) for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.found.append(" ".join(data.split()))


def english(language: str) -> re.Pattern[str]:
    """Return what an English sentence of the catalogue looks like, where a language says it otherwise."""
    found = []
    for message in messages_in(language):
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        for one in ids:
            plain = re.sub(r"%\(\w+\)s", "", one)
            if one and one not in texts and len(re.findall("[A-Za-z]", plain)) > 2:
                found.append(re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(one).replace("%%", "%")))
    return re.compile("|".join(found))


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def asking(engine: Engine, clock: SteppedClock) -> AskingSite:
    """A site where one associate has something of everything: requests in every state, an offer, a window for wishes."""
    at = asking_site(engine, clock)
    settings: dict[str, Any] = {"by": "a", "clock": clock}
    who, _, partner = first_offer(at)
    first = leave_requests.ask_leave(engine, who, at.annual, day(8), day(9), "note", **settings)
    leave_requests.decide_leave(engine, first.id, "zu viele", approved=False, **settings)
    leave_requests.ask_leave(engine, who, at.annual, day(15), day(16), "", **settings)
    days = [one.day for one in partner.days]
    swaps.offer_swap(engine, who, partner.associate_id, swaps.SwapKind.SHIFT, days, "", **settings)
    make(at, OfferKind.TIME_OFF, 1)
    wishes.open_window(
        engine, at.site.site_id, day(28), day(34), clock.now(), clock.now() + timedelta(days=3),
        points=10, weight_per_point=0.5, **settings,
    )  # fmt: skip
    return at


@pytest.fixture
def app(asking: AskingSite, clock: SteppedClock) -> Flask:
    made = make_app(asking.engine, clock)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def reader(app: Flask, at: AskingSite, language: str) -> FlaskClient:
    who = at.rows("SELECT a.id, a.code FROM leave_request r JOIN associate a ON a.id = r.associate_id LIMIT 1")[0]
    preferences.save(at.engine, Addressee(who.id), Preference(language=language, hour_cycle=12))
    return sign_in(app.test_client(), Role.ASSOCIATE, associate=who.code)


@pytest.mark.parametrize("language", OTHERS)
def test_no_page_of_an_associate_has_english_left(app: Flask, asking: AskingSite, language: str) -> None:
    client, left = reader(app, asking, language), english(language)
    for address in PAGES:
        page = client.get(address)
        assert page.status_code in {200, 404}, address
        assert f'lang="{language}"' in page.text
        texts = Texts()
        texts.feed(page.text)
        assert len(texts.found) > 10
        assert [one for one in texts.found if left.fullmatch(one) and one not in NAMES] == [], address


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_done_and_what_is_refused_is_said_in_the_language(app: Flask, asking: AskingSite, language: str) -> None:
    client, said = reader(app, asking, language), catalogue(language).gettext
    leave = {"kind": str(asking.annual), "first_day": str(day(15)), "last_day": str(day(15))}
    twice = "You asked for leave on one of these days already; take that request back first."
    assert said(twice) in client.post("/me/requests/leave", data=leave).text
    early = {**leave, "first_day": str(day(-3)), "last_day": str(day(-5))}
    assert said("The last day lies before the first one.") in client.post("/me/requests/leave", data=early).text
    assert said("the first day") in client.post("/me/requests/leave", data={**leave, "first_day": "soon"}).text
    done = client.post("/me/requests/leave/2/take-back", follow_redirects=True)
    assert said("Taken back.") in done.text
    refusal = client.post("/api/v1/me/leave", json={"kind_id": 987654, "first_day": str(day(9)), "last_day": str(day(9))})
    assert refusal.get_json()["message"] == said("There is no such kind of leave any more; choose another.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_said_with_what_was_put_into_them(language: str) -> None:
    speech = Speech(language, 12, "Asia/Kolkata")
    at = NOW.astimezone(speech.zone)
    late = Words("Work goes on at %(time)s (%(zone)s).", time=Moment(at, at.date()), zone="Asia/Kolkata")
    whole = joined([Words("You are on leave today."), late])
    assert whole == f"You are on leave today. Work goes on at {at:%H:%M} (Asia/Kolkata)."
    assert speech.time(at) in speech.words(whole)
    assert speech.words(Words("You are on leave today.")) in speech.words(whole)
    tomorrow = Moment(at, at.date() - timedelta(days=1))
    assert speech.moment(at) in speech.words(Words("Your next shift begins at %(time)s (%(zone)s).", time=tomorrow, zone="x"))
    assert str(ConflictError(late)) == late
    assert speech.words("") == ""


def test_a_rule_is_said_simply_to_an_associate_and_in_full_to_a_planner() -> None:
    assert {rule.name for rule in LINE_RULES} <= set(RULES_IN_WORDS)
    hours = Words("the week would have too many hours")
    full = Words.retold("Rest between shifts: A1 has 9 h. Take a later shift.", "%(rule)s.", rule=hours)
    assert str(full).startswith("Rest between shifts")
    assert Speech("en").words(full) == "the week would have too many hours."


def test_the_scripts_of_the_work_page_say_what_the_page_brings() -> None:
    scripts = "\n".join(path.read_text() for path in sorted((ROOT / "static/js/work").glob("*.js")))
    called = set(re.findall(r'\btr\("([^"]*)"', scripts))
    assert called <= set(SENTENCES)
    assert all(f'"{sentence}"' in scripts for sentence in SENTENCES), "no sentence is left over"
    assert {kind.value for kind in RefusalKind} <= set(re.findall(r"^  (\w+): \"", scripts, re.MULTILINE))


def bare_texts(template: Path) -> Iterator[str]:
    """Yield the English of a template that is not marked for the catalogues."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "\x00", template.read_text(), flags=re.DOTALL)
    labels = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"\x00]*)"', text)
    for piece in [*re.sub(r"<[^>]*>", "\x01", text).split("\x01"), *labels]:
        if re.search(r"[A-Za-z]{3}", piece.replace("\x00", " ").replace("&nbsp;", "")):
            yield piece.strip()


@pytest.mark.parametrize("template", OWN_TEMPLATES, ids=lambda one: one.stem)
def test_no_template_of_an_associate_has_words_that_cannot_be_translated(template: Path) -> None:
    keys = {"Esc", "Enter", "min"}
    assert [one for one in bare_texts(template) if one.strip("\x00 ") not in keys] == []
