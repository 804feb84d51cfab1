"""Kafka's jars: the very files of ``kafka-jars.lock``, fetched once and checked every time."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import MavenContext

LOCK = Path(__file__).with_name("kafka-jars.lock")
AT_ONCE = 6

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and all steps."""


class JarRefused(RuntimeError):
    """A jar could not be had, or is not the one that was locked."""


@dataclass(frozen=True, slots=True)
class Jar:
    """A file of a Maven repository: its coordinate and SHA-256, in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def locked_jars() -> list[Jar]:
    """The jars of the lock file, one a line: ``group:artifact:version sha256``."""
    jars: list[Jar] = []
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        coordinate, sha256 = line.split()
        group, artifact, version = coordinate.split(":")
        jars.append(Jar(group, artifact, version, sha256))
    return jars


def fetch(progress: Progress) -> list[Path]:
    """The paths of all jars, from the cache or from Maven Central.

    Raises :class:`JarRefused` for a jar that cannot be had, or whose bytes are not the locked
    ones even when fetched anew.
    """
    jars = locked_jars()
    with _cache() as cache, ThreadPoolExecutor(AT_ONCE) as pool:
        maven = MavenContext(repo_cache=cache, timeout=60)
        paths = [pool.submit(_checked, maven, jar) for jar in jars]
        for done, _ in enumerate(as_completed(paths), start=1):
            progress("Fetching Apache Kafka", done, len(jars))
        return [path.result() for path in paths]


def _checked(maven: MavenContext, jar: Jar) -> Path:
    path = _resolved(maven, jar)
    if _sha256(path) != jar.sha256:
        path.unlink()  # cut off half-way, most likely
        path = _resolved(maven, jar)
    found = _sha256(path)
    if found != jar.sha256:
        path.unlink()
        raise JarRefused(
            f"{jar} is not the locked file: its SHA-256 is {found}, not {jar.sha256}. "
            "Check who answers for Maven Central on this network."
        )
    return path


def _resolved(maven: MavenContext, jar: Jar) -> Path:
    try:
        return maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (OSError, RuntimeError) as error:
        raise JarRefused(
            f"{jar} cannot be fetched ({error}). Maven Central must be reachable once; "
            "behind a proxy set HTTPS_PROXY."
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _cache() -> Generator[Path]:
    """The folder that keeps jars for all states of this user; one process fetches at a time."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = base / "saduak" / "jars"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield cache
