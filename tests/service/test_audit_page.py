"""The page of the audit log: newest first, by day and kind, of both services, for supervisors."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from libs.clock import now
from libs.database.pool import connections
from libs.database.statements import statements
from libs.database.types import Pool
from libs.service.formats import BANGKOK, local_date
from libs.site.audit import SYSTEM, Action, By, record
from libs.site.devices import DeviceKind, Devices
from libs.site.sessions import UNKNOWN
from libs.site.staff import Role, add_staff
from libs.standards import Standards
from saduak.provision.postgres import SiteDatabase
from services.ticketing.reads.acts import MOST_ACTS
from services.ticketing.web.audit_page import ACTIONS, KINDS, OF_KIND, Kind
from tests.databases import FreshDatabase
from tests.service.running import PASSWORD, Ticketing, running
from tests.service.test_audit import served
from tests.service.test_ticketing_api import open_office

SQL = statements("tests.service", "sql/service.sql")
TODAY = local_date(now())
MALEE = By("malee", "10.1.2.3")
LONG_AGO = now() - timedelta(days=40)
ROW = re.compile(r'<tr role="row" (?:class="(refused)")?>(.*?)</tr>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
Rows = list[str]


async def rows(client: httpx.AsyncClient, query: str = "") -> Rows:
    """Every entry that the page shows in English, as its text; what was refused bears a mark."""
    answer = await client.get(f"/audit?lang=en{query}")
    assert answer.status_code == 200, answer.text
    body = answer.text.partition("<tbody")[2].partition("</tbody>")[0]
    return [
        ("! " if refused else "") + " ".join(TAG.sub(" ", row).split())
        for refused, row in ROW.findall(body)
    ]


async def test_it_shows_who_did_what_when_and_from_where(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    await record(ticketing.pool, LONG_AGO, MALEE, Action.DAY_OPENED, "2026-10-22")
    refused = (Action.REFUSED, "GET /day", "not_allowed")
    await record(ticketing.pool, LONG_AGO, MALEE, *refused)
    await record(ticketing.pool, LONG_AGO, SYSTEM, Action.STAFF_ACTIVE, "malee", "no")
    stranger = By(SYSTEM.actor, "10.9.9.9")
    await record(ticketing.pool, LONG_AGO, stranger, Action.SIGN_IN_REFUSED, UNKNOWN)
    at = f"{LONG_AGO.astimezone(BANGKOK):%H:%M:%S}"
    assert await rows(supervisor, f"&day={local_date(LONG_AGO)}") == [
        f"! {at} not signed in Sign-in refused unknown login 10.9.9.9",
        f"{at} operator or system Account switched on or off malee switched off this machine",
        f"! {at} malee Refused GET /day not for this role 10.1.2.3",
        f"{at} malee Day opened 22 Oct 2569 10.1.2.3",
    ]
    assert [row.partition(" ")[2] for row in await rows(supervisor)] == [
        "supervisor Signed in 127.0.0.1",
        "operator or system Account made supervisor supervisor this machine",
    ]


async def test_a_correction_names_the_ticket_and_its_reason(ticketing: Ticketing) -> None:
    supervisor, clerk = await open_office(ticketing)
    visit = await served(clerk)
    body = {"reason": "wrong_button", "change": {"field": "outcome", "new": "no_show"}}
    answer = await supervisor.post(f"/api/visits/{visit}/corrections", json={"step": 1, **body})
    answer.raise_for_status()
    [row] = await rows(supervisor, "&kind=corrections")
    assert re.search(r"Ticket corrected [A-Z]\d{3}, .* The wrong button was pressed", row)
    assert visit not in row


async def test_each_day_and_kind_by_itself(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    for action in Action:
        await record(ticketing.pool, LONG_AGO, MALEE, action)
    day = local_date(LONG_AGO)
    whole = await rows(supervisor, f"&day={day}")
    assert len(whole) == len(Action)
    assert not [row for row in await rows(supervisor) if "malee" in row]
    for kind, actions in OF_KIND.items():
        some = await rows(supervisor, f"&day={day}&kind={kind}")
        assert len(some) == len(actions), kind
        assert set(some) <= set(whole)
    for query in ("day=2569-12-01", "day=x", "kind=x", "page=0", "page=99999999999"):
        assert (await supervisor.get(f"/audit?{query}")).status_code == 422, query


async def test_the_nearest_days_with_entries_are_one_touch_away(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    for days in (0, 10):
        await record(ticketing.pool, LONG_AGO - timedelta(days=days), MALEE, Action.DAY_OPENED)
    day, before = local_date(LONG_AGO), local_date(LONG_AGO) - timedelta(days=10)
    quiet = (await supervisor.get(f"/audit?day={day - timedelta(days=3)}&lang=en")).text
    assert "Nothing was written down." in quiet
    assert f'rel="prev" href="/audit?day={before}&kind=all"' in quiet.replace("&amp;", "&")
    assert f'rel="next" href="/audit?day={day}&kind=all"' in quiet.replace("&amp;", "&")
    refusals = (await supervisor.get(f"/audit?day={day}&kind=refused")).text
    assert 'rel="prev"' not in refusals
    assert 'rel="next"' not in refusals


async def test_an_odd_entry_takes_no_page_down_and_no_link_leads_out_of_the_calendar(
    ticketing: Ticketing,
) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    await ticketing.pool.execute(SQL.write_odd, LONG_AGO)
    day = local_date(LONG_AGO)
    [odd] = await rows(supervisor, f"&day={day}")
    assert "Ticket corrected" in odd
    first = (await supervisor.get(f"/audit?day={day}")).text
    assert 'rel="prev"' not in first
    assert f'rel="next" href="/audit?day={TODAY}' in first
    assert 'rel="next"' not in (await supervisor.get(f"/audit?day={TODAY}")).text


async def test_a_long_day_has_pages(ticketing: Ticketing) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    await ticketing.pool.execute(SQL.write_acts, LONG_AGO, 2 * MOST_ACTS + 1)
    day = local_date(LONG_AGO)
    pages = [await rows(supervisor, f"&day={day}&page={page}") for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [MOST_ACTS, MOST_ACTS, 1, 0]
    numbers = [int(row.split("act-")[1].split()[0]) for page in pages for row in page]
    assert numbers == list(range(2 * MOST_ACTS + 1, 0, -1)), "the newest first, and none twice"
    first, last = [
        (await supervisor.get(f"/audit?day={day}&page={page}&lang=en")).text for page in (1, 3)
    ]
    assert "Older entries of the day" in first
    assert "Newer entries of the day" not in first
    assert "Newer entries of the day" in last
    assert "Older entries of the day" not in last


def test_every_act_has_its_words_and_its_kind() -> None:
    assert set(ACTIONS) == set(Action)
    assert frozenset[Action]().union(*OF_KIND.values()) == set(Action)
    assert set(KINDS) == {*OF_KIND, Kind.ALL} == set(Kind)


async def test_what_a_later_release_writes_is_shown_as_it_stands(
    ticketing: Ticketing, owner: Pool
) -> None:
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    await owner.execute(SQL.write_of_later, now())
    odd, later = (await rows(supervisor))[:2]
    assert "malee Ticket corrected not-a-uuid" in odd
    assert "malee window_opened" in later


@pytest.fixture
async def owner(site_database: SiteDatabase) -> AsyncGenerator[Pool]:
    async with connections(site_database.owner("ticketing"), "tests", most=1) as pool:
        yield pool


@pytest.fixture
async def both(
    fresh_database: FreshDatabase, tmp_path: Path, standards: Standards
) -> AsyncGenerator[tuple[Ticketing, Pool]]:
    """Ticketing beside feedback, and feedback's own login."""
    database = await fresh_database("ticketing", "feedback")
    async with (
        running(database, tmp_path, standards) as service,
        connections(database.app("feedback"), "feedback", most=1) as feedback,
    ):
        yield service, feedback


async def test_acts_in_feedback_stand_on_the_same_page(both: tuple[Ticketing, Pool]) -> None:
    ticketing, feedback = both
    supervisor = await ticketing.staff(Role.SUPERVISOR)
    await Devices(feedback).invite(DeviceKind.TABLET, "counter-1")
    await add_staff(feedback, "nok", PASSWORD, Role.ADMIN, now())
    found = await rows(supervisor)
    assert "Account made (ratings) nok administrator this machine" in found[0]
    assert "Code made for a machine (ratings) counter-1 tablet this machine" in found[1]
    assert "Signed in 127.0.0.1" in found[2]
    [invited] = await rows(supervisor, "&kind=machines")
    assert "counter-1" in invited
    await record(feedback, LONG_AGO, MALEE, Action.SIGNED_IN)
    page = (await supervisor.get(f"/audit?day={TODAY}")).text
    assert f"day={local_date(LONG_AGO)}" in page
