"""Secrets that a browser holds; the database has only their digests."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are taken for one another."""
CODE_LENGTH = 8


def new_token() -> str:
    """An unguessable token for a cookie (256 bits)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code() -> str:
    """A code that a person types once (40 bits, short-lived and throttled): ``K7QM-2XWD``."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def plain_code(typed: str) -> str:
    """The code as it was given, however it was typed."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return f"{letters[:4]}-{letters[4:]}"


def digest(secret: str) -> bytes:
    """What the database keeps of ``secret``. A plain hash is enough for one so random."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_of(token: str) -> str:
    """The CSRF token of a session: the page shows it, another site's page can't know it."""
    return hmac.digest(token.encode(), b"saduak csrf", hashlib.sha256).hex()


def key_for(key: bytes, purpose: str) -> bytes:
    """A key of its own for ``purpose``, from one that serves another."""
    return hmac.digest(key, b"saduak key for " + purpose.encode(), hashlib.sha256)


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing."""
    return hmac.compare_digest(left.encode(), right.encode())
