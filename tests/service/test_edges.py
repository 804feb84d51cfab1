"""Every edge of ticketing is fed every nasty value: nothing falls over, nothing odd is stored."""

import uuid
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.service.formats import local_date
from libs.service.http import Process
from libs.site.devices import DeviceKind, Devices
from libs.site.paces import Pace
from libs.site.staff import Role, add_staff
from libs.site.standards import InUse
from libs.standards import Standards
from saduak.provision.postgres import SiteDatabase
from services.ticketing.server import build
from tests import nasty
from tests.fuzzing import (
    JSON,
    Fuzzer,
    targets,
    try_addresses,
    try_bodies,
    try_broken,
    try_form,
    try_headers,
)
from tests.service.running import PASSWORD, settings_for

ODD = statements("tests.ticketing", "sql/odd.sql")
TODAY = local_date(now())
VISIT = str(uuid.UUID(int=7))
GOOD = {"counter": "1", "visit": VISIT, "day": "2026-11-24", "token": "x", "name": "x"}
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/session": {"login": "nobody", "password": PASSWORD},
    "POST /api/devices/enrol": {"code": "AAAA-AAAA"},
    "POST /api/devices": {"kind": "board", "label": "hall"},
    "POST /api/staff": {"login": "another", "password": PASSWORD, "role": "clerk"},
    "POST /api/tickets": {
        "service": "ADV",
        "visitor_class": "appointment",
        "appointment": f"{TODAY}T12:00:00+07:00",
        "wish": VISIT,
    },
    "POST /api/counters/{counter}/call": {"visit": VISIT, "reason": "frail"},
    "POST /api/counters/{counter}/recall": {"visit": VISIT},
    "POST /api/counters/{counter}/start": {"visit": VISIT},
    "POST /api/counters/{counter}/end": {"visit": VISIT, "outcome": "served"},
    "POST /api/counters/{counter}/no-show": {"visit": VISIT},
    "POST /api/visits/{visit}/withdraw": {"outcome": "left"},
    "POST /api/visits/{visit}/corrections": {
        "step": 1,
        "reason": "wrong_clock",
        "change": {"field": "ended_at", "new": f"{TODAY}T12:00:00+07:00"},
    },
    "POST /api/days/{day}/resolve": {"reason": "checked"},
}
FORMS = {
    "/sign-in": {"login": "nobody", "password": PASSWORD, "next": "/day"},
    "/enrol": {"code": "AAAA-AAAA"},
}


@pytest.fixture
async def app(
    site_database: SiteDatabase, tmp_path: Path, standards: Standards
) -> AsyncGenerator[FastAPI]:
    """The application of production, at a pace that holds nothing up."""
    settings = settings_for(site_database, tmp_path, 0, "http://test")
    async with connections(settings.database, "saduak-ticketing", most=4) as pool:
        process = Process()
        using = InUse(standards, published=False)
        try:
            yield build(settings, using, pool, process, Pace(1e6, 10**6))
        finally:
            await process.supervisor.stop()


async def somebody(app: FastAPI, role: Role) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://test")
    await add_staff(app.state.edge.office.pool, str(role), PASSWORD, role, now())
    answer = await client.post("/api/session", json={"login": str(role), "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]
    return client


async def served(client: httpx.AsyncClient) -> str:
    """A visit of today that has ended, of all that a day can have."""
    (await client.post(f"/api/days/{TODAY}/open")).raise_for_status()
    (await client.post("/api/counters/1/open")).raise_for_status()
    visit = (await client.post("/api/tickets", json={"service": "ADV"})).json()["visit"]
    for path, body in (("call-next", None), ("start", 1), ("end", 1)):
        mine = {"visit": visit} if body else None
        (await client.post(f"/api/counters/1/{path}", json=mine)).raise_for_status()
    return visit


@pytest.mark.timeout(1200)
async def test_no_edge_falls_over_and_nothing_odd_is_stored(
    app: FastAPI, site_database: SiteDatabase, record_property: Any
) -> None:
    admin = await somebody(app, Role.ADMIN)
    visit = await served(admin)
    waits = (await admin.post("/api/tickets", json={"service": "ADV"})).json()
    fuzzer, found = Fuzzer(admin), targets(app)
    good = GOOD | {"visit": visit, "token": waits["token"]}
    kept = [one for one in found if one.path != "/sign-out"]
    kept = [one for one in kept if (one.method, one.path) != ("DELETE", "/api/session")]
    json_routes = [replace(one, has_body=one.has_body and one.path not in FORMS) for one in kept]
    await try_bodies(fuzzer, json_routes, good, BODIES)
    await try_broken(fuzzer, "POST", "/api/tickets", BODIES["POST /api/tickets"])
    await try_addresses(fuzzer, kept, good)
    await try_headers(fuzzer, "GET", "/api/tickets/x")
    kiosk = httpx.AsyncClient(transport=admin._transport, base_url="http://test")
    code = await Devices(app.state.edge.office.pool).invite(DeviceKind.KIOSK, "door")
    enrolled = await kiosk.post("/api/devices/enrol", json={"code": code})
    machine = Fuzzer(kiosk, fuzzer.answers, fuzzer.findings)
    for path, fields in FORMS.items():
        await try_form(machine, path, fields)
    print("answers", sorted(fuzzer.answers.items()), "of", fuzzer.answers.total())
    record_property("answers", str(fuzzer.answers))
    assert fuzzer.findings == []
    assert fuzzer.answers.total() > 3000
    assert enrolled.status_code in {200, 429}
    async with connections(site_database.owner("ticketing"), "tests", most=1) as pool:
        assert await pool.fetchval(ODD.infinite) == 0
    for path in ("/api/queue", "/day", "/console", "/health/ready"):
        assert (await admin.get(path)).status_code == 200, path


async def test_generated_values_fall_over_nothing(app: FastAPI) -> None:
    admin = await somebody(app, Role.ADMIN)
    visit = await served(admin)
    fuzzer = Fuzzer(admin)
    runner = _Generated(fuzzer, visit)
    await runner.run()
    assert fuzzer.findings == []
    assert (await admin.get("/api/queue")).status_code == 200


class _Generated:
    """Bodies that hypothesis makes, collected first: it knows no running loop."""

    def __init__(self, fuzzer: Fuzzer, visit: str) -> None:
        self.fuzzer = fuzzer
        self.visit = visit

    async def run(self) -> None:
        made: list[tuple[str, str, str]] = []

        @settings(max_examples=100, database=None)
        @given(nasty.ANY_TOKEN, nasty.ANY_TOKEN, nasty.ANY_TOKEN)
        def make(one: str, two: str, three: str) -> None:
            made.append((one, two, three))

        make()
        for one, two, three in made:
            ticket = f'{{"service":"ADV","visitor_class":"appointment","appointment":{one}}}'
            change = f'{{"step":1,"reason":{three},"change":{{"field":"ended_at","new":{one}}}}}'
            login = f'{{"login":{two},"password":{three}}}'
            for path, body in (
                ("/api/tickets", ticket),
                (f"/api/visits/{self.visit}/corrections", change),
                ("/api/session", login),
            ):
                raw = body.encode(errors="surrogatepass")
                await self.fuzzer.ask("POST", path, content=raw, headers=JSON)
