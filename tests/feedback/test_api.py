"""The JSON API and the pages, through the application that production serves."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from libs.events.codes import FeedbackChannel, Language, Outcome, Screening
from libs.events.responses import FeedbackGiven
from services.feedback.model.rate_limit import PER_LINK
from services.feedback.reads import LINK_DAYS
from tests.databases import FreshDatabase
from tests.feedback.log import of_kind, told
from tests.feedback.web import Web, sent, web_of
from tests.serving import operator


@pytest.fixture
async def web(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncGenerator[Web]:
    async with web_of(await fresh_database("ticketing", "feedback"), tmp_path) as made:
        yield made


@pytest.fixture
async def client(web: Web) -> AsyncGenerator[httpx.AsyncClient]:
    async with web.client() as made:
        yield made


async def given(web: Web) -> list[FeedbackGiven]:
    return of_kind(await told(web.pool), FeedbackGiven)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["code"]


async def test_an_answer_by_the_link(web: Web, client: httpx.AsyncClient) -> None:
    token = web.token(await web.served())
    body = await sent(client, token, language="en")
    answer = await client.post("/api/responses", json=body)
    assert answer.status_code == 200
    assert answer.json() == {"response": body["response"], "ratings": {"process": 4, "staff": 5}}
    (told_of,) = await given(web)
    assert told_of.channel is FeedbackChannel.LINK
    assert told_of.language is Language.ENGLISH
    assert (await client.get(f"/api/offers/{token}")).json()["standing"] == "answered"


async def test_retries_over_http_get_the_same_answer(web: Web, client: httpx.AsyncClient) -> None:
    body = await sent(client, web.token(await web.served()))
    answers = await asyncio.gather(*(client.post("/api/responses", json=body) for _ in range(20)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert len(await given(web)) == 1
    other = body | {"response": str(uuid4())}
    refused = await client.post("/api/responses", json=other)
    assert problem(refused) == (409, "already_answered")


async def test_neither_clock_alone_passes_as_unhurried(web: Web, client: httpx.AsyncClient) -> None:
    body = await sent(client, web.token(await web.served()), took_ms=600_000)
    await client.post("/api/responses", json=body)
    (told_of,) = await given(web)
    assert told_of.screening == (Screening.TOO_FAST,), "the stamp says how old the page was"


async def test_a_link_that_was_altered_or_made_up_is_refused(
    web: Web, client: httpx.AsyncClient
) -> None:
    visit = await web.served()
    token = web.token(visit)
    body = await sent(client, token)
    for place in range(0, len(token), 5):
        letter = "A" if token[place] != "A" else "B"
        forged = token[:place] + letter + token[place + 1 :]
        answer = await client.post("/api/responses", json=body | {"token": forged})
        assert problem(answer) == (404, "bad_link")
        assert (await client.get(f"/r/{forged}")).status_code == 404
    assert await given(web) == []


async def test_a_stamp_of_another_visit_is_refused(web: Web, client: httpx.AsyncClient) -> None:
    one, other = web.token(await web.served()), web.token(await web.served())
    body = await sent(client, one)
    stamp = (await client.get(f"/api/offers/{other}")).json()["stamp"]
    answer = await client.post("/api/responses", json=body | {"stamp": stamp})
    assert problem(answer) == (422, "bad_stamp")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ratings": {}},
        {"ratings": {"staff": 6}},
        {"ratings": {"staff": "5"}},
        {"ratings": {"coffee": 5}},
        {"response": "not-a-uuid"},
        {"language": "fr"},
        {"took_ms": -1},
        {"remark": "the clerk was kind"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_what_is_sent_is_checked(
    web: Web, client: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    body = await sent(client, web.token(await web.served()))
    answer = await client.post("/api/responses", json=body | wrong)
    assert problem(answer) == (422, "invalid")
    assert next(iter(wrong)) in answer.json()["where"]
    assert await given(web) == []


async def test_how_a_link_stands(web: Web, client: httpx.AsyncClient) -> None:
    waiting = await web.site.ticketing.issue(web.today)
    left = await web.site.ticketing.issue(web.today)
    served = await web.served()
    long_ago = web.today - timedelta(days=LINK_DAYS + 1)
    await web.site.ticketing.end(web.today, left, Outcome.LEFT)
    await web.site.ticketing.close_day(web.today)
    await web.site.catch_up()
    expected = {
        web.token(waiting): ("too_early", 200, "ยังไม่สิ้นสุด"),
        web.token(left): ("not_asked", 404, "ไม่มีข้อให้ประเมิน"),
        web.token(served): ("asked", 200, "ท่านพึงพอใจ"),
        web.token(served, long_ago): ("expired", 410, "หมดเวลา"),
    }
    for token, (state, status, words) in expected.items():
        offer = (await client.get(f"/api/offers/{token}")).json()
        assert offer["standing"] == state
        assert (offer["stamp"] is not None) == (state == "asked")
        page = await client.get(f"/r/{token}")
        assert page.status_code == status
        assert words in page.text
    stamp = (await client.get(f"/api/offers/{web.token(served)}")).json()["stamp"]
    body = await sent(client, web.token(served))
    for token, refusal in (
        (web.token(served, long_ago), (410, "expired")),
        (web.token(left), (422, "bad_stamp")),
    ):
        answer = await client.post("/api/responses", json=body | {"token": token, "stamp": stamp})
        assert problem(answer) == refusal


async def test_a_tablet_asks_after_it_was_let_in(web: Web, client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/api/tablets/1/offer")) == (403, "not_enrolled")
    assert (await client.get("/tablet/1")).status_code == 403
    code = await web.invitation()
    enrolled = await client.post("/enrol", data={"code": code})
    assert enrolled.headers["location"] == "/tablet"
    assert "/tablet/5" in (await client.get("/tablet")).text
    assert "ยินดีต้อนรับ" in (await client.get("/tablet/1")).text
    assert (await client.get("/api/tablets/1/offer")).json() == {"question": None}

    elsewhere = await web.served(counter=2)
    await web.served(counter=1)
    question = (await client.get("/api/tablets/1/offer")).json()["question"]
    body = await sent(client, question["token"], stamp=question["stamp"])
    other = await sent(client, web.token(elsewhere))
    wrong = await client.post("/api/tablets/1/responses", json=other)
    assert problem(wrong) == (409, "other_counter")
    answer = await client.post("/api/tablets/1/responses", json=body)
    assert answer.status_code == 200
    (told_of,) = await given(web)
    assert told_of.channel is FeedbackChannel.TABLET
    assert (await client.get("/api/tablets/1/offer")).json() == {"question": None}
    foreign = await client.post(
        "/api/tablets/1/responses", json=body, headers={"Origin": "https://elsewhere.example"}
    )
    assert problem(foreign) == (403, "foreign_origin")


async def test_a_flood_is_stopped_and_the_answer_counts_once(
    web: Web, client: httpx.AsyncClient
) -> None:
    body = await sent(client, web.token(await web.served()))
    statuses = [
        (await client.post("/api/responses", json=body)).status_code for _ in range(PER_LINK + 5)
    ]
    assert statuses == [200] * PER_LINK + [429] * 5
    assert len(await given(web)) == 1
    metrics = (await operator(web.app).get("/metrics")).text
    line = 'saduak_feedback_answers_total{channel="link",result="limited"} 5.0'
    assert line in metrics


async def test_health_needs_the_database_only(web: Web, client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/ready")).json() == {"ready": True}
    ready = await operator(web.app).get("/health/ready")
    assert ready.status_code == 200, ready.text
    report = ready.json()
    assert set(report["checks"]) == {"answers", "storage", "database"}
    assert report["tasks"]["follower"]["state"] == "running"
    assert "relay" not in report["tasks"], "no Kafka was named, and none is needed"


async def test_the_follower_of_the_process_makes_the_offers(
    web: Web, client: httpx.AsyncClient
) -> None:
    """Nobody follows here but the process itself."""
    visit = await web.site.ticketing.serve(web.today)
    async with asyncio.timeout(60):
        while (await client.get(f"/api/offers/{web.token(visit)}")).json()["standing"] != "asked":
            await asyncio.sleep(0.05)
