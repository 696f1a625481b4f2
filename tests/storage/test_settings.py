from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from config import Settings
from scheduling.errors import SchedulingError
from storage.database import check_version, configured_url, open_engine
from storage.embedded import EmbeddedServer


def test_generated_key_is_kept_private_and_the_same_for_all(tmp_path: Path) -> None:
    settings = Settings(instance_dir=tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.signing_key(), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret_key"]
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_given_key_is_used_and_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a long enough secret")
    settings = Settings(instance_dir=tmp_path)
    assert settings.signing_key() == "a long enough secret"
    assert "secret" not in repr(settings.secret_key)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "web"), ("SOLVE_SECONDS", "-1"), ("SECRET_KEY", "short")])
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize("address", ["mysql://localhost/x", "no address"])
def test_address_that_is_no_postgresql_is_refused_in_words(address: str) -> None:
    with pytest.raises(SchedulingError, match="postgresql://user@host/name"):
        configured_url(address)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_usual_spellings_of_an_address_are_understood(scheme: str) -> None:
    assert configured_url(f"{scheme}://me@db/work").drivername == "postgresql+psycopg"


def test_nothing_starts_before_the_first_use(tmp_path: Path) -> None:
    engine = open_engine(Settings(instance_dir=tmp_path, database_url=None))
    assert list(tmp_path.iterdir()) == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_setting('timezone')")).scalar_one() == "UTC"
    assert check_version(engine) >= 150000
    engine.dispose()
    # This process is still a user of the server, so another may join it.
    other = EmbeddedServer(tmp_path).start()
    other.leave()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
