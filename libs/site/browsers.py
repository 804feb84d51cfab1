"""Browsers that somebody has signed in from: a signed cookie, so that strangers who guess a
password lock nobody out.

The cookie holds 16 random bytes and, for each of the last twelve logins that signed in here, the
day and the first 14 bytes of an HMAC over purpose, random bytes, day and login. It names nobody,
opens nothing, and spares its bearer no check of the password: an attempt from such a browser is
counted by itself, and not with those of strangers. Nothing of it is kept in the database but, while
failures count, a digest of its random bytes.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from libs.site.attempts import Source

PURPOSE = b"saduak known browser 1\0"
NONCE_BYTES = 16
DAY_BYTES = 2
TAG_BYTES = 14
ENTRY_BYTES = DAY_BYTES + TAG_BYTES
MOST_LOGINS = 12
"""At one browser: those who share a counter's machine."""
LONGEST = 4 * (NONCE_BYTES + MOST_LOGINS * ENTRY_BYTES + 2) // 3
"""Characters of the cookie."""
LIFE_DAYS = 400
"""After the last sign-in; browsers keep no cookie longer."""
FIRST_DAY = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class KnownBrowsers:
    """Makes and reads the cookie of one site service."""

    key: bytes = field(repr=False)

    def source(self, cookie: str | None, login: str, at: datetime) -> Source | None:
        """The browser that ``cookie`` marks, if ``login`` has signed in from it; else None."""
        nonce, entries = _parts(cookie)
        today = _day(at)
        for entry in entries:
            day = int.from_bytes(entry[:DAY_BYTES])
            young = 0 <= today - day <= LIFE_DAYS
            if young and hmac.compare_digest(entry, self._entry(nonce, day, login)):
                return Source(f"browser {hashlib.sha256(nonce).hexdigest()[:32]}", True)
        return None

    def remember(self, cookie: str | None, login: str, at: datetime) -> str:
        """The cookie of a browser from which ``login`` has just signed in."""
        nonce, entries = _parts(cookie)
        nonce = nonce or secrets.token_bytes(NONCE_BYTES)
        others = [one for one in entries if not self._is_of(nonce, one, login)]
        kept = [*others, self._entry(nonce, _day(at), login)][-MOST_LOGINS:]
        return base64.urlsafe_b64encode(nonce + b"".join(kept)).decode().rstrip("=")

    def _is_of(self, nonce: bytes, entry: bytes, login: str) -> bool:
        day = int.from_bytes(entry[:DAY_BYTES])
        return hmac.compare_digest(entry, self._entry(nonce, day, login))

    def _entry(self, nonce: bytes, day: int, login: str) -> bytes:
        named = day.to_bytes(DAY_BYTES)
        signed = hmac.digest(self.key, PURPOSE + nonce + named + login.encode(), hashlib.sha256)
        return named + signed[:TAG_BYTES]


def _day(at: datetime) -> int:
    """Days since the first one; a clock that was never set counts as that."""
    return max(0, (at.astimezone(UTC).date() - FIRST_DAY).days)


def _parts(cookie: str | None) -> tuple[bytes, list[bytes]]:
    """The random bytes and the entries; empty for what is no cookie of ours."""
    if cookie is None or len(cookie) > LONGEST:
        return b"", []
    try:
        raw = base64.b64decode(cookie + "=" * (-len(cookie) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b"", []
    nonce, rest = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
    if len(nonce) < NONCE_BYTES or len(rest) % ENTRY_BYTES:
        return b"", []
    return nonce, [rest[i : i + ENTRY_BYTES] for i in range(0, len(rest), ENTRY_BYTES)]
