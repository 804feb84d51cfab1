"""What the reporting service's processes and commands are told by their environment."""

from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from libs.service.settings import DatabaseSettings, ServiceSettings

Replica = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class ReportingSettings(ServiceSettings):
    """A running replica."""

    replica: Replica
    """Its name among the replicas, the same after every restart: ``reporting-1``."""


class JudgingSettings(DatabaseSettings):
    """A command that judges figures by the standards."""

    standards: Path
