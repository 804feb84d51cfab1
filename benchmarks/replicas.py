"""The reporting service as the nation runs it: processes of its own, sharing the streams."""

import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.ground import Ground
from benchmarks.nation import PASSWORD, STANDARDS
from libs.database.pool import Database
from saduak.local.processes import Child, Command
from saduak.provision.kafka import REPORTING


@contextmanager
def replicas(ground: Ground, database: Database, count: int) -> Generator[Sequence[Child]]:
    """So many replicas, started, and stopped in the end."""
    with ExitStack() as stack:
        children: list[Child] = []
        for number in range(1, count + 1):
            child = Child(_command(ground, database, f"bench-{number}"))
            stack.callback(child.stop)
            children.append(child)
        yield children


def _command(ground: Ground, database: Database, name: str) -> Command:
    settings = {
        "REPLICA": name,
        "LISTEN_PORT": "0",
        "STANDARDS": str(STANDARDS),
        "DATABASE_HOST": database.host,
        "DATABASE_PORT": str(database.port),
        "DATABASE_NAME": database.name,
        "DATABASE_USER": database.user,
        "DATABASE_PASSWORD_FILE": str(_kept(ground.directory / "database", database.password)),
        "KAFKA_BOOTSTRAP": ground.kafka.local,
        "KAFKA_USER": REPORTING,
        "KAFKA_PASSWORD_FILE": str(_kept(ground.directory / "kafka-user", PASSWORD)),
    }
    environment = {f"SADUAK_{key}": value for key, value in settings.items()}
    command = (sys.executable, "-m", "saduak", "reporting", "run")
    return Command(command, ground.directory / f"{name}.log", environment)


def _kept(file: Path, secret: str) -> Path:
    file.write_text(secret, encoding="utf-8")
    return file
