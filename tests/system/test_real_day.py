"""A real day, imported at a site, comes out of the national database as it went in.

Then three figures are altered by hand, and each is named.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.examples import examples
from saduak.local.country import Country
from saduak.local.plan import REPLICAS
from tests.system.commands import Done, reporting, ticketing
from tests.system.real_day import (
    DAY,
    LIMITS_S,
    PROFILE,
    SERVICES,
    Expected,
    expected,
    percentile,
    skipped,
    the_file,
)

SQL = statements("tests.system", "sql/altering.sql")
SITE = "pjo-50"
STANDARDS = Path(__file__).parents[2] / "standards"
PERIOD = ("--from", DAY, "--to", DAY)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One site with the day imported, all of it arrived."""
    file = the_file()
    country = Country(tmp_path_factory.mktemp("country"))
    country.up([SITE], STANDARDS, attached=True)
    try:
        importing = ("import", "--site", SITE, "--profile", str(PROFILE), "--date", DAY, str(file))
        first = ticketing(country, SITE, *importing)
        assert first.status == 0, first
        again = ticketing(country, SITE, *importing)
        assert again.status == 0, again
        assert "nothing" in again.out.lower(), again
        for reason, count in skipped(file).items():
            assert str(count) in first.out, (reason, count, first.out)
        asyncio.run(arrived(country))
        yield country
    finally:
        country.down()


async def arrived(country: Country) -> None:
    """Wait until the nation calls the day complete."""
    async with nation(country) as pool, asyncio.timeout(120):
        while await pool.fetchval(SQL.state_of_day, SITE) != "complete":
            await asyncio.sleep(0.2)


def nation(country: Country) -> Any:
    return connections(country.national_database().owner("reporting"), "tests", most=1)


@pytest.fixture
async def pool(country: Country) -> AsyncGenerator[Pool]:
    async with nation(country) as pool:
        yield pool


def metrics(country: Country, *service: str) -> Mapping[str, Any]:
    within = [part for limit in LIMITS_S for part in ("--within", str(limit))]
    done = reporting(
        country, "metrics", "--site", SITE, *PERIOD, *service, *within, "--format", "json"
    )
    assert done.status == 0, done
    return json.loads(done.out)


@pytest.mark.parametrize("code", SERVICES.values())
def test_every_number_of_the_day_comes_out(country: Country, code: str) -> None:
    service = expected(the_file())[code]
    found = metrics(country, "--service", code)
    check(found, service)


def test_the_whole_day_comes_out(country: Country) -> None:
    parts = expected(the_file()).values()
    whole = Expected(
        left=sum(part.left for part in parts),
        waits=[wait for part in parts for wait in part.waits],
        services=[duration for part in parts for duration in part.services],
    )
    check(metrics(country), whole)


def check(found: Mapping[str, Any], service: Expected) -> None:
    assert found["served"] == service.served
    assert found["left_waiting"] == service.left
    assert found["no_show"] == 0
    assert found["visits"] == service.served + service.left
    assert found["completeness"]["complete"] == found["completeness"]["days"] == 1
    for name, values in (("wait_s", service.waits), ("service_s", service.services)):
        durations = found[name]
        assert durations["mean"] == pytest.approx(sum(values) / len(values), abs=1e-6)
        for key, share in (("p50", 0.5), ("p90", 0.9)):
            exact = percentile(values, share)
            assert durations[key] == pytest.approx(exact, rel=0.025), (name, key)
    for limit, share in zip(LIMITS_S, found["within"], strict=True):
        assert share["seconds"] == limit
        assert (share["n"], share["of"]) == (service.within(limit), service.served)


def test_both_proofs_are_clean_and_say_how_much_they_compared(country: Country) -> None:
    reconciled = reporting(country, "reconcile", *PERIOD)
    assert reconciled.status == 0, reconciled
    assert "totals compared" in reconciled.out
    rebuilt = reporting(country, "rebuild", "--check")
    assert rebuilt.status == 0, rebuilt


@pytest.mark.parametrize(
    ("alter", "mend", "proof", "named"),
    [
        ("raise_rollup", "lower_rollup", "reconcile", "served"),
        ("raise_rollup", "lower_rollup", "rebuild", "step_rollup"),
        ("raise_cell", "lower_cell", "rebuild", "step_cells"),
        ("alter_event", "mend_event", "rebuild", "sequence 7"),
        ("raise_manifest", "lower_manifest", "reconcile", "served"),
    ],
)
async def test_what_is_altered_by_hand_is_named(
    country: Country, pool: Pool, alter: str, mend: str, proof: str, named: str
) -> None:
    await pool.execute(getattr(SQL, alter))
    try:
        done = await asyncio.to_thread(prove, country, proof)
    finally:
        await pool.execute(getattr(SQL, mend))
    assert done.status == 1, done
    assert named in done.out + done.err, done
    assert (await asyncio.to_thread(prove, country, proof)).status == 0


async def test_an_event_that_names_another_site_is_quarantined_and_seen(country: Country) -> None:
    """Sent by the site's own user to its own topic, which is all that the broker can check."""
    forged = examples()["visit.called.v1.1.json"].replace(b"/sites/pjo-50/", b"/sites/led-bkk4/")
    producer = AIOKafkaProducer(**country.site_kafka(SITE).client_settings())
    await producer.start()
    try:
        await producer.send_and_wait(f"site.{SITE}.ticketing", forged)
    finally:
        await producer.stop()
    async with asyncio.timeout(60):
        while True:
            listed = await asyncio.to_thread(reporting, country, "quarantine")
            if listed.status == 1:
                break
    assert "foreign_source" in listed.out, listed
    assert f"site.{SITE}.ticketing" in listed.out, listed
    assert "led-bkk4" in listed.out, listed
    async with httpx.AsyncClient(trust_env=False) as http:
        pages = [f"{country.services()[replica].operations_url}/metrics" for replica in REPLICAS]
        texts = [(await http.get(page)).text for page in pages]
    assert any('quarantined_total{reason="foreign_source"} 1.0' in text for text in texts)
    reconciled = await asyncio.to_thread(prove, country, "reconcile")
    assert reconciled.status == 0, reconciled


def prove(country: Country, proof: str) -> Done:
    if proof == "reconcile":
        return reporting(country, "reconcile", *PERIOD)
    return reporting(country, "rebuild", "--check")
