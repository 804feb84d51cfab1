"""SCRAM-SHA-256 verifiers, as PostgreSQL keeps them (RFC 5803)."""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096


def verifier(password: str) -> str:
    """What the server keeps in place of ``password``, with a new salt."""
    return _verifier(password, secrets.token_bytes(16), ITERATIONS)


def matches(kept: str | None, password: str) -> bool:
    """Whether ``kept``, a role's verifier, is one of ``password``."""
    if kept is None or not kept.startswith("SCRAM-SHA-256$"):
        return False
    iterations, salt = kept.removeprefix("SCRAM-SHA-256$").split("$")[0].split(":")
    return hmac.compare_digest(kept, _verifier(password, base64.b64decode(salt), int(iterations)))


def _verifier(password: str, salt: bytes, iterations: int) -> str:
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    text = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{text[0]}${text[1]}:{text[2]}"
