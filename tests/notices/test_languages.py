from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.languages import FOLDER, LANGUAGES, Speech, best_language
from services.notice_kinds import KINDS, words_of

ROOT = FOLDER.parent
FOLDERS = ("scheduling", "services", "storage", "web", "templates")
METHODS = [*((f"{folder}/**.py", "python") for folder in FOLDERS[:-1]), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "Words": (1,), "say": (1,), "count": (1, 2)}
OTHERS = sorted(set(LANGUAGES) - {"en"})
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|%s")


def messages() -> Iterator[str | tuple[str, ...]]:
    for folder in FOLDERS:
        methods = [(pattern.partition("/")[2], method) for pattern, method in METHODS if pattern.startswith(folder)]
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, keywords=KEYWORDS):
            yield message if isinstance(message, str) else tuple(str(part) for part in message or ())


def catalogue(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_message_of_the_pages_is_translated(language: str) -> None:
    known = {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalogue(language) if message.id}
    wanted = set(messages())
    assert sorted(map(str, wanted - known)) == [], "run `make words`, and translate what is new"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_speaks_of_the_same_things(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            for text in texts(message):
                assert text.strip(), ids
                assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(ids[-1])), ids
            assert not message.fuzzy, ids


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_read_is_what_was_written(language: str) -> None:
    made = BytesIO()
    write_mo(made, catalogue(language))
    assert path_of(language).with_suffix(".mo").read_bytes() == made.getvalue(), "run `make words`"


def test_days_and_times_are_written_as_each_language_does() -> None:
    at = datetime(2027, 1, 4, 10, 5, tzinfo=UTC)
    zone = "Asia/Kolkata"
    assert Speech("en", 24, zone).moment(at) == "Mon 4 Jan, 15:35"
    assert Speech("en", 12, zone).time(at) == "3:35 pm"
    assert Speech("es", 24, zone).long_day(date(2027, 1, 4)) == "lunes, 4 de enero de 2027"
    assert Speech("hi", 24, zone).long_day(date(2027, 1, 4)) == "सोमवार, 4 जनवरी 2027"
    assert Speech("en", 24, zone).zone_words(at) == "India Time (UTC+05:30)"
    assert Speech("es", 24, "America/New_York").zone_words(at).endswith("(UTC−05:00)")
    assert Speech("es").number(1234.5, 1) == "1.234,5"
    assert Speech("hi").count("%(n)s day", "%(n)s days", 2) == "2 दिन"


def test_a_zone_says_its_offset_of_the_moment_not_of_the_year() -> None:
    said = Speech("en", 24, "Europe/Berlin")
    assert said.zone_words(datetime(2027, 3, 28, 0, 59, tzinfo=UTC)).endswith("(UTC+01:00)")
    assert said.zone_words(datetime(2027, 3, 28, 1, 0, tzinfo=UTC)).endswith("(UTC+02:00)")
    assert said.times(datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)) == "01:30–03:30"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_notice_can_be_said_in_every_language(language: str, kind: str) -> None:
    shift = {
        "kind": "shift",
        "starts_at": "2027-01-04T06:00:00+05:30",
        "ends_at": "2027-01-04T15:00:00+05:30",
        "place": "home",
    }
    given = {
        "day": "2027-01-04", "first_day": "2027-01-04", "last_day": "2027-01-31", "give_day": "2027-01-05", "changed": 1200,
        "take_day": "2027-01-06", "answer_at": "2027-01-03T10:00:00+00:00", "starts_at": "2027-01-04T00:30:00+00:00",
        "name": "Asha % Rao", "partner": "Ravi", "by": "meera", "taken": 1, "places": 2,
        "decision": "approved", "reason": "", "before": {"kind": "off"}, "after": shift,
    }  # fmt: skip
    words = words_of(kind, given, Speech(language, 24, "Asia/Kolkata"))
    assert words.title
    assert "%(" not in words.title + words.body
    if language != "en":
        assert words.title != words_of(kind, given, Speech("en", 24, "Asia/Kolkata")).title


def test_the_browser_is_followed_as_far_as_the_language_is_known() -> None:
    assert best_language(["fr-FR", "es-MX", "en"]) == "es"
    assert best_language(["fr"]) == "en"
    assert best_language([]) == "en"


@pytest.mark.parametrize(("reason", "body"), [("", ""), ("You are needed", "Reason: You are needed")])
def test_nothing_is_said_of_a_reason_that_nobody_gave(reason: str, body: str) -> None:
    given = {"day": "2027-01-15", "decision": "approved", "reason": reason}
    assert words_of("swap_decided", given, Speech("en", 24, "Asia/Kolkata")).body == body
