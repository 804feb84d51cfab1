"""A site worked over HTTP, as its kiosk, clerks, supervisor and visitors work it."""

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from libs.events.codes import Dimension, Stream
from saduak.local.country import Country
from tests.system.commands import ticketing

Json = Mapping[str, Any]


@dataclass(slots=True)
class Worker:
    """A signed-in supervisor, who may do everything at a counter too."""

    http: httpx.Client
    csrf: str

    def post(self, path: str, body: Json | None = None) -> Any:
        answer = self.http.post(f"/api{path}", json=body or {}, headers={"X-CSRF-Token": self.csrf})
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        answer = self.http.get(f"/api{path}")
        answer.raise_for_status()
        return answer.json()


@dataclass(slots=True)
class Desk:
    """One site's services, from outside."""

    country: Country
    site: str
    chance: random.Random = field(default_factory=lambda: random.Random(2564))

    def hire(self, secrets_in: Path, login: str = "supervisor") -> Worker:
        """Make an account, as the operator would, and sign in with it."""
        password_file = secrets_in / login
        password_file.write_text(secrets.token_urlsafe(18), encoding="utf-8")
        arguments = ("--role", "supervisor", "--password-file", str(password_file))
        done = ticketing(self.country, self.site, "staff", "add", login, *arguments)
        assert done.status == 0, done
        address = self.country.address(self.site, Stream.TICKETING)
        http = httpx.Client(base_url=address, timeout=30, trust_env=False)
        answer = http.post(
            "/api/session", json={"login": login, "password": password_file.read_text()}
        )
        answer.raise_for_status()
        return Worker(http, answer.json()["csrf"])

    def serve_one(self, worker: Worker, counter: int) -> Json:
        """A visitor takes a ticket, is called, served and goes; gives the ticket."""
        services = ["INF", "ADV", "MED"]
        ticket = worker.post("/tickets", {"service": self.chance.choice(services)})
        called = worker.post(f"/counters/{counter}/call-next")
        worker.post(f"/counters/{counter}/start", {"visit": called["visit"]})
        worker.post(f"/counters/{counter}/end", {"visit": called["visit"]})
        return ticket

    def is_asked(self, token: str) -> bool:
        """Whether feedback has heard of the visit's end, and asks for a rating."""
        base = self.country.address(self.site, Stream.FEEDBACK)
        answer = httpx.get(f"{base}/api/offers/{token}", timeout=30, trust_env=False)
        return answer.is_success and answer.json()["stamp"] is not None

    def rate(self, token: str) -> httpx.Response:
        """The visitor answers by the ticket's link."""
        base = self.country.address(self.site, Stream.FEEDBACK)
        with httpx.Client(base_url=base, timeout=30, trust_env=False) as http:
            offer = http.get(f"/api/offers/{token}").raise_for_status().json()
            if offer["stamp"] is None:
                raise LookupError(offer["standing"])
            ratings = {dimension.value: self.chance.randint(2, 5) for dimension in Dimension}
            return http.post(
                "/api/responses",
                json={
                    "token": token,
                    "response": str(uuid4()),
                    "ratings": ratings,
                    "language": "th",
                    "stamp": offer["stamp"],
                    "took_ms": 20_000,
                },
            )
