"""Every edge of feedback is fed every nasty value: nothing falls over."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.site.staff import Role, add_staff
from saduak.provision.postgres import SiteDatabase
from tests.databases import FreshDatabase
from tests.feedback.web import Web, sent, web_of
from tests.fuzzing import (
    Fuzzer,
    targets,
    try_addresses,
    try_bodies,
    try_broken,
    try_form,
    try_headers,
)
from tests.serving import operator

SQL = statements("tests.feedback", "sql/infinite.sql")
PASSWORD = "seven quiet rivers"


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> SiteDatabase:
    return await fresh_database("ticketing", "feedback")


@pytest.fixture
async def web(database: SiteDatabase, tmp_path: Path) -> AsyncGenerator[Web]:
    async with web_of(database, tmp_path) as made:
        yield made


@pytest.mark.timeout(1200)
async def test_no_edge_falls_over_and_nothing_odd_is_stored(
    web: Web, database: SiteDatabase, record_property: Any
) -> None:
    transport = httpx.ASGITransport(web.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
        await add_staff(web.pool, "admin", PASSWORD, Role.ADMIN, now())
        login = {"login": "admin", "password": PASSWORD}
        session = (await client.post("/api/session", json=login)).raise_for_status()
        client.headers["X-CSRF-Token"] = session.json()["csrf"]
        token = web.token(await web.served())
        answer = await sent(client, token)
        bodies: dict[str, dict[str, Any]] = {
            "POST /api/session": {"login": "nobody", "password": PASSWORD},
            "POST /api/devices/enrol": {"code": "AAAA-AAAA"},
            "POST /api/devices": {"kind": "tablet", "label": "counter-1"},
            "POST /api/staff": {**login, "login": "another", "role": "clerk"},
            "POST /api/responses": answer,
            "POST /api/tablets/{counter}/responses": answer,
        }
        forms = {"/sign-in": {**login, "login": "nobody"}, "/enrol": {"code": "AAAA-AAAA"}}
        good = {"counter": "1", "token": token, "name": "x"}
        fuzzer = Fuzzer(client)
        found = [one for one in targets(web.app) if one.path != "/sign-out"]
        found = [one for one in found if (one.method, one.path) != ("DELETE", "/api/session")]
        await try_bodies(fuzzer, [one for one in found if one.path not in forms], good, bodies)
        await try_broken(fuzzer, "POST", "/api/responses", answer)
        await try_addresses(fuzzer, found, good)
        await try_headers(fuzzer, "GET", f"/r/{token}")
        for path, fields in forms.items():
            await try_form(fuzzer, path, fields)
        print("answers", sorted(fuzzer.answers.items()))
        record_property("answers", str(fuzzer.answers))
        assert fuzzer.findings == []
        assert fuzzer.answers.total() > 2000
        ready = await operator(web.app).get("/health/ready")
        assert ready.json()["checks"]["answers"]["ok"], ready.text
    async with connections(database.owner("feedback"), "tests", most=1) as pool:
        assert await pool.fetchval(SQL.infinite) == 0
        for forever in ("given_hour", "offered_at", "entered_at"):
            statement = getattr(SQL, forever)
            with pytest.raises(Exception, match="_finite"):
                await pool.execute(statement)
