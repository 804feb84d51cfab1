"""What the site's own key signs: references to visits, and the moment a page was handed out."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from libs.events.durations import MILLISECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT_BYTES = 8
_SIGNATURE_BYTES = 16


class BadStamp(ValueError):
    """The page's stamp was not made here, or not for this visit: load the page again."""


@dataclass(frozen=True, slots=True)
class SiteKey:
    """The 32 bytes that never leave the site."""

    key: bytes = field(repr=False)

    def reference(self, visit: UUID) -> str:
        """The keyed digest of a visit: 32 hexadecimal digits, the first half of HMAC-SHA256.

        Answers to one visit have one reference; without the key it leads to no visit.
        """
        return self._digest(b"reference", visit.bytes)[:16].hex()

    def stamp(self, visit: UUID, shown: datetime) -> str:
        """A note for the page that asks about ``visit``: when it was handed out, signed."""
        moment = ((shown - _EPOCH) // MILLISECOND).to_bytes(_MOMENT_BYTES, "big")
        signature = self._digest(b"shown", visit.bytes, moment)[:_SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(moment + signature).decode().rstrip("=")

    def read_stamp(self, visit: UUID, stamp: str) -> datetime:
        """When the page with ``stamp`` was handed out; raises :class:`BadStamp`."""
        try:
            raw = base64.b64decode(stamp + "=" * (-len(stamp) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise BadStamp("the stamp is not of its form") from None
        moment, signature = raw[:_MOMENT_BYTES], raw[_MOMENT_BYTES:]
        good = self._digest(b"shown", visit.bytes, moment)[:_SIGNATURE_BYTES]
        if not hmac.compare_digest(signature, good):
            raise BadStamp("the stamp is not this site's, or of another visit")
        return _EPOCH + int.from_bytes(moment, "big") * MILLISECOND

    def _digest(self, purpose: bytes, *parts: bytes) -> bytes:
        return hmac.digest(self.key, purpose + b"".join(parts), hashlib.sha256)
