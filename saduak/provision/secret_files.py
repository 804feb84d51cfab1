"""Secrets in files that only their owner may read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def write_secret(path: Path, secret: str) -> None:
    """Write ``secret`` to ``path``, readable by us alone from the first moment (mode 0600)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    new.replace(path)


def kept(path: Path, make: Callable[[], str]) -> str:
    """What is in ``path``; ``make`` is asked for it the first time."""
    if not path.exists():
        write_secret(path, make())
    return path.read_text(encoding="utf-8")


def kept_password(path: Path) -> str:
    """The password in ``path``; a new random one is made the first time."""
    return kept(path, lambda: secrets.token_urlsafe(24))


def replacement(path: Path) -> str:
    """A new password that is to take the place of the one in ``path``. It waits beside it until
    :func:`put_in_place`: whoever is interrupted in between finds the same again."""
    return kept_password(_waiting(path))


def is_being_replaced(path: Path) -> bool:
    return _waiting(path).exists()


def put_in_place(path: Path) -> None:
    """The new password counts from now on."""
    _waiting(path).replace(path)


def _waiting(path: Path) -> Path:
    return path.with_name(path.name + ".next")
