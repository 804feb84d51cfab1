"""The servers that a benchmark runs on, and what it reports."""

import resource
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from saduak.local.kafka import EmbeddedKafka
from saduak.local.postgres import EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class Ground:
    """A PostgreSQL and a Kafka of the benchmark's own."""

    postgres: EmbeddedPostgres
    kafka: EmbeddedKafka
    directory: Path


@contextmanager
def ground() -> Generator[Ground]:
    with tempfile.TemporaryDirectory(prefix="saduak-bench-") as name:
        directory = Path(name)
        postgres = EmbeddedPostgres(directory / "postgres")
        kafka = EmbeddedKafka(directory / "kafka")
        try:
            postgres.start()
            kafka.start()
            yield Ground(postgres, kafka, directory)
        finally:
            kafka.stop()
            postgres.stop()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: what was measured, in its unit, and what it should reach."""

    what: str
    value: str
    aim: str = ""


def peak_memory() -> Line:
    """The most memory this process has held, without the servers beside it."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Line("peak memory of the process", f"{kilobytes / 1024:.0f} MB")


def rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}/s"
