"""The signed link on a ticket: it names a visit, and nobody can make one up or alter one."""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.events.codes import ServiceCode

PURPOSE = b"saduak visit link 1\0"
"""Signed with the content, so that a signature made for something else is none here."""
VISIT_BYTES = 16
DAY_BYTES = 8
SIGNATURE_BYTES = 16
SERVICE = re.compile(r"[A-Z]{2,4}(-[A-Z]{2,4})?")
LONGEST = 80
"""Characters; the longest token of ours has 66."""


@dataclass(frozen=True, slots=True)
class VisitLink:
    """What a ticket's link says."""

    visit: UUID
    service: ServiceCode
    service_day: date


class BadLink(ValueError):
    """The token is no link of ours, or was altered."""


def sign(link: VisitLink, key: bytes) -> str:
    """The token of ``link``: base64url of visit, service code, service day, signature.

    Visit: 16 bytes. Day: 8 digits. Signature: the first 16 bytes of HMAC-SHA256.
    """
    content = link.visit.bytes + f"{link.service}{link.service_day:%Y%m%d}".encode("ascii")
    return base64.urlsafe_b64encode(content + _signature(content, key)).decode().rstrip("=")


def verify(token: str, key: bytes) -> VisitLink:
    """The link that ``token`` was signed for; raises :class:`BadLink` for any other text."""
    content, signature = _parts(token)
    if not hmac.compare_digest(signature, _signature(content, key)):
        raise BadLink("the signature is wrong")
    service, day = content[VISIT_BYTES:-DAY_BYTES], content[-DAY_BYTES:]
    try:
        code = service.decode("ascii")
        service_day = datetime.strptime(day.decode("ascii"), "%Y%m%d").date()  # noqa: DTZ007
    except ValueError as error:
        raise BadLink("the content is malformed") from error
    if not SERVICE.fullmatch(code):
        raise BadLink("the content is malformed")
    return VisitLink(UUID(bytes=content[:VISIT_BYTES]), code, service_day)


def _parts(token: str) -> tuple[bytes, bytes]:
    if len(token) > LONGEST:
        raise BadLink("too long")
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadLink("not base64url") from error
    # One text for one link: base64 has spare bits that would spell the same bytes otherwise.
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        raise BadLink("not base64url")
    if len(raw) < VISIT_BYTES + DAY_BYTES + SIGNATURE_BYTES:
        raise BadLink("too short")
    return raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]


def _signature(content: bytes, key: bytes) -> bytes:
    return hmac.digest(key, PURPOSE + content, hashlib.sha256)[:SIGNATURE_BYTES]
