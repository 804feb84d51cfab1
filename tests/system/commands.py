"""The command line as an operator uses it, against an embedded country."""

import os
import subprocess
import sys
from dataclasses import dataclass

from libs.events.codes import Stream
from saduak.local.country import Country
from saduak.local.plan import REPLICAS, site_service
from saduak.local.services import Service


@dataclass(frozen=True, slots=True)
class Done:
    """What a command printed, and its status."""

    status: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"status {self.status}\n{self.out}\n{self.err}"


def saduak(service: Service, *arguments: str) -> Done:
    """``saduak ARGUMENT…`` with the settings of ``service``."""
    done = subprocess.run(
        [sys.executable, "-m", "saduak", *arguments],
        env=os.environ | dict(service.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def reporting(country: Country, *arguments: str) -> Done:
    return saduak(country.services()[REPLICAS[0]], "reporting", *arguments)


def ticketing(country: Country, site: str, *arguments: str) -> Done:
    service = country.services()[site_service(site, Stream.TICKETING)]
    return saduak(service, "ticketing", *arguments)
