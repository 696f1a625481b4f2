"""Passwords: what they must be, and how they are kept, as argon2id hashes."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from scheduling.words import N_, Words

LEAST_LENGTH, MOST_LENGTH = 12, 256
AT_ONCE = 2
"""Hashes that one process makes at a time; a rush of sign-ins waits instead of taking the memory of one for each thread."""
GENERATED_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and figures that look alike in print."""
GENERATED_GROUPS, GROUP_LENGTH = 4, 4
"""A generated password has 16 letters, 79 bits."""


def password_faults(password: str, name: str) -> list[str]:
    """Return what is wrong with a new password, as sentences; length is what makes one strong, so nothing else is asked.

    Source: NIST SP 800-63B-4, section 3.1.1.2.
    """
    faults: list[str] = []
    if len(password) < LEAST_LENGTH:
        short = N_("Choose at least %(least)s characters; a few words that nobody else would put together will do.")
        faults.append(Words(short, least=LEAST_LENGTH))
    if len(password) > MOST_LENGTH:
        faults.append(Words("Choose at most %(most)s characters.", most=MOST_LENGTH))
    if name and password.strip().casefold() == name.strip().casefold():
        faults.append(Words("Choose something else than the sign-in name."))
    if password and len(set(password)) == 1:
        faults.append(Words("Choose more than one character over and over."))
    return faults


def generated_password() -> str:
    """Return a new password that can be read out and typed."""
    groups = ("".join(secrets.choice(GENERATED_ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GENERATED_GROUPS))
    return "-".join(groups)


class Passwords:
    """Makes and checks hashes of passwords.

    Parameters
    ----------
    memory_kib, passes
        What a hash costs to make.
    """

    def __init__(self, memory_kib: int, passes: int) -> None:
        # A server has other requests for its other cores, so each hash is made by one.
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._room = BoundedSemaphore(AT_ONCE)
        self._of_nobody = cache(lambda: self._hasher.hash(secrets.token_bytes(16)))

    def hash(self, password: str) -> str:
        """Return the hash to keep of a password."""
        with self._room:
            return self._hasher.hash(_bytes_of(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Return whether a password is the one of a hash; without a hash it takes as long, and is wrong."""
        with self._room:
            # Made whoever asks first, so that the first name that nobody has does not take longer either.
            of_nobody = self._of_nobody()
            try:
                right = self._hasher.verify(kept or of_nobody, _bytes_of(password))
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether a hash was made at another cost than new ones are."""
        return self._hasher.check_needs_rehash(kept)


def _bytes_of(password: str) -> bytes:
    """Return a password as it is hashed: the same whichever keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
