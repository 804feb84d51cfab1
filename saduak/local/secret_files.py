"""Secrets in files that only their owner may read."""

import os
import secrets
from pathlib import Path


def write_secret(path: Path, secret: str) -> None:
    """Write ``secret`` to ``path``, readable by us alone from the first moment (mode 0600)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    new.replace(path)


def kept_password(path: Path) -> str:
    """The password in ``path``; a new random one is made the first time."""
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8")
