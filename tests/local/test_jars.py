"""Kafka's jars are the locked ones, or none."""

import hashlib
from pathlib import Path

import pytest

from saduak.local import jars
from saduak.local.kafka import quietly

SMALL = next(jar for jar in jars.locked_jars() if jar.artifact == "jspecify")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a lock file with one small jar."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(jars, "LOCK", tmp_path / "one.lock")
    (tmp_path / "one.lock").write_text(f"{SMALL} {SMALL.sha256}\n")
    return tmp_path


def test_a_jar_is_fetched_once_and_mended_if_it_was_cut_off(cache: Path) -> None:
    [path] = jars.fetch(quietly)
    assert path.is_relative_to(cache)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SMALL.sha256
    path.write_bytes(path.read_bytes()[:100])
    assert jars.fetch(quietly) == [path]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SMALL.sha256


def test_a_jar_that_is_another_is_refused(cache: Path) -> None:
    (cache / "one.lock").write_text(f"{SMALL} {'0' * 64}\n")
    with pytest.raises(jars.JarRefused, match=rf"{SMALL}.*is not the locked file"):
        jars.fetch(quietly)


@pytest.mark.usefixtures("cache")
def test_a_jar_that_cannot_be_had_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    with pytest.raises(jars.JarRefused, match=r"cannot be fetched(.|\n)*HTTPS_PROXY"):
        jars.fetch(quietly)
