"""Every route of every application, tried by everybody: nobody comes in by another's door.

The routes come from the applications themselves, and a route without a rule fails. What is sent
holds nothing that could be acted on, so that only the door decides what is answered.
"""

import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from libs.database.pool import connections
from libs.service.http import Process
from libs.service.problems import NOT_SIGNED_IN
from libs.site.guards import FOREIGN, NO_CSRF, NOT_ALLOWED, NOT_ENROLLED, doors_for
from libs.site.paces import Pace
from libs.site.standards import InUse
from libs.standards import load
from saduak.provision.postgres import SiteDatabase
from services.feedback.server import build as build_feedback
from services.ticketing.server import build as build_ticketing
from tests.databases import FreshDatabase
from tests.doors.actors import Office, Standing, everybody
from tests.doors.asking import HOST, Answer, Route, ask, routes_of
from tests.doors.rules import FEEDBACK, HERE, TICKETING, Machine, Rule, SignedIn, refusal
from tests.feedback import web as feedback
from tests.reporting_web.country import country
from tests.service import running as ticketing

GUARDS = tuple(one.code for one in (NOT_SIGNED_IN, FOREIGN, NO_CSRF, NOT_ALLOWED, NOT_ENROLLED))
VALUES = {
    "counter": "1",
    "visit": str(uuid.UUID(int=7)),
    "day": "2020-01-01",
    "token": "x",
    "code": "pjo-50",
    "name": "saduak.css",
}
"""Of the addresses: right in form, and of nothing that there is."""
ENDING = {"DELETE /api/session", "POST /sign-out"}
"""Routes after which a session may be no more."""
STANDARDS = load(ticketing.STANDARDS)
USING = InUse(STANDARDS, published=False)


@asynccontextmanager
async def an_office(database: SiteDatabase, folder: Path) -> AsyncGenerator[tuple[FastAPI, Office]]:
    """Ticketing, as production builds it."""
    settings = ticketing.settings_for(database, _new(folder / "ticketing"), 0, f"http://{HOST}")
    async with connections(settings.database, "tests", most=4) as pool:
        process = Process()
        try:
            app = build_ticketing(settings, USING, pool, process, Pace(1e6, 10**6))
            yield app, Office(app.state.doors)
        finally:
            await process.supervisor.stop()


@asynccontextmanager
async def its_feedback(
    database: SiteDatabase, folder: Path
) -> AsyncGenerator[tuple[FastAPI, Office]]:
    secrets = _new(folder / "feedback")
    settings = feedback.settings_of(database, secrets, public_url=f"http://{HOST}")
    async with connections(settings.database, "tests", most=4) as pool:
        process = Process()
        try:
            app = await build_feedback(settings, USING, pool, process)
            yield app, Office(app.state.doors)
        finally:
            await process.supervisor.stop()


@asynccontextmanager
async def doors_of_another(database: SiteDatabase, folder: Path) -> AsyncGenerator[Office]:
    """The doors of another office's ticketing."""
    settings = ticketing.settings_for(database, _new(folder / "another"), 0)
    async with connections(settings.database, "tests", most=2) as pool:
        yield Office(doors_for(settings, pool, "ticketing"))


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def refused(answer: Answer) -> str | None:
    """The code of the guard that answered; None where none did."""
    location = answer.headers.get("location", "")
    if location.startswith("/sign-in?next="):
        return "not_signed_in"
    if location == "/enrol":
        return "not_enrolled"
    said = (one for one in GUARDS if f'"code":"{one}"' in answer.text or f">{one}<" in answer.text)
    return next(said, None)


async def try_everything(
    app: FastAPI, rules: Mapping[str, Rule], office: Office, actors: list[Standing]
) -> tuple[int, list[str]]:
    """How many attempts there were, and which of them were answered otherwise than by the rule."""
    found = routes_of(app)
    assert {route.name for route in found} == rules.keys()
    attempts, deviations = 0, list[str]()
    for route in found:
        for standing in actors:
            expected = refusal(rules[route.name], route.method, standing.actor)
            answer = await try_one(app, route, standing)
            if route.name in ENDING:
                office.forget()
            attempts += 1
            if refused(answer) != expected or answer.status >= 500:
                said = f"{answer.status} {refused(answer)}, by the rule {expected}"
                deviations.append(f"{route.name}, {standing.actor.name}: {said}")
    return attempts, deviations


async def try_one(app: FastAPI, route: Route, standing: Standing) -> Answer:
    asked = await standing.prepare()
    headers, body = asked.request(route.takes_body)
    path = filled(route.path)
    return await ask(app, route.method, path, headers, body)


def filled(path: str) -> str:
    """The address of a route, with values for its parameters."""
    return path.replace(":path", "").format_map(VALUES)


async def other_methods(app: FastAPI) -> tuple[int, list[str]]:
    """Every address by every method that it has no rule for."""
    known: dict[str, set[str]] = {}
    for route in routes_of(app):
        known.setdefault(route.path, set()).add(route.method)
    attempts, let_in = 0, list[str]()
    for path, methods in known.items():
        place = filled(path)
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - methods:
            answer = await ask(app, method, place, {})
            attempts += 1
            if answer.status != 405:
                let_in.append(f"{method} {path}: {answer.status}")
    return attempts, let_in


@pytest.mark.timeout(600)
async def test_every_route_of_a_site_opens_to_whom_it_should_and_to_nobody_else(
    fresh_database: FreshDatabase, tmp_path: Path, record_property: pytest.Function
) -> None:
    here, there = (
        await fresh_database("ticketing", "feedback"),
        await fresh_database("ticketing", "feedback"),
    )
    counted = Counter[str]()
    deviations: list[str] = []
    async with (
        doors_of_another(there, tmp_path) as another,
        an_office(here, tmp_path) as visits,
        its_feedback(here, tmp_path) as ratings,
    ):
        for name, (app, office), rules in (
            ("ticketing", visits, TICKETING),
            ("feedback", ratings, FEEDBACK),
        ):
            actors = await everybody(office, another)
            for attempts, found in (
                await try_everything(app, rules, office, actors),
                await other_methods(app),
            ):
                counted[name] += attempts
                deviations += [f"{name}: {one}" for one in found]
    print("attempts", dict(counted))
    assert deviations == []
    assert counted.total() > 2500


async def test_the_centre_is_read_only_and_knows_nobody(fresh_database: FreshDatabase) -> None:
    async with country(await fresh_database("reporting")) as nation:
        found = routes_of(nation.app)
        assert HERE.keys() <= {route.name for route in found}
        assert {route.method for route in found} == {"GET"}
        _, let_in = await other_methods(nation.app)
        assert let_in == []
        for route in found:
            for cookie in ("", "saduak-reporting-staff=x"):
                answer = await ask(nation.app, "GET", filled(route.path), {"cookie": cookie})
                assert refused(answer) is None, route.name
                assert "set-cookie" not in answer.headers, route.name


async def test_visitors_reach_nothing_of_who_runs_the_service(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    database = await fresh_database("ticketing", "feedback")
    async with an_office(database, tmp_path) as (app, office):
        inner = {route.path for route in routes_of(app.state.operations)}
        assert inner == {"/metrics", "/api/openapi.json", "/health/live", "/health/ready"}
        for path in (*sorted(inner - {"/health/live", "/health/ready"}), "/docs", "/openapi.json"):
            for standing in await everybody(office, office):
                asked = await standing.prepare()
                answer = await ask(app, "GET", path, asked.request(False)[0])
                assert answer.status == 404, (path, standing.actor.name)
        told = (await ask(app, "GET", "/health/ready", {})).text
        assert told == '{"ready":true}'


def test_a_rule_says_who() -> None:
    """The rules themselves: a change of a site that is no entry asks who it is."""
    for rules in (TICKETING, FEEDBACK):
        for name, rule in rules.items():
            if name.startswith(("POST /api/days", "POST /api/staff", "POST /api/devices ")):
                assert isinstance(rule, SignedIn | Machine), name
