"""What every service's pages have: headers, languages, files, problems, metrics by route."""

import logging
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from httpx import ASGITransport, AsyncClient

from libs.database.troubles import ERRORS, Trouble
from libs.service.http import LARGEST_BODY, Process, application
from libs.service.logs import OncePerMinute, without_private
from libs.service.pages import Pages, phrases
from tests.serving import operator

router = APIRouter()


@router.get("/things/{name}")
async def thing(name: str) -> str:
    return name


@router.get("/api/broken")
async def broken() -> None:
    raise RuntimeError("a secret detail")


@router.get("/api/away")
async def away() -> None:
    raise ConnectionRefusedError


@router.get("/api/refused/{trouble}")
@router.get("/refused/{trouble}")
async def refused(trouble: Trouble) -> None:
    raise ERRORS[trouble][0]("a secret detail")


@router.post("/api/echo")
async def echo(request: Request) -> Response:
    return Response(await request.body())


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def app(process: Process) -> FastAPI:
    place = {"th": "สำนักงาน", "en": "Office"}
    pages = Pages([], {"demo": True, "place": place})
    return application("test", process, pages, [router], secure=True)


@pytest.fixture
def inner(app: FastAPI) -> AsyncClient:
    return operator(app)


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    transport = ASGITransport(app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="https://test")


async def test_every_answer_has_the_security_headers(client: AsyncClient) -> None:
    for path in ("/nowhere", "/api/broken", "/health/live", "/static/saduak.css"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "max-age" in headers["strict-transport-security"]


async def test_thai_first_english_by_a_switch_that_is_remembered(client: AsyncClient) -> None:
    assert '<html lang="th">' in (await client.get("/nowhere")).text
    english = await client.get("/nowhere?lang=en")
    assert '<html lang="en">' in english.text
    assert "Demonstration" in english.text
    assert '<html lang="en">' in (await client.get("/nowhere")).text
    assert '<html lang="th">' in (await client.get("/nowhere?lang=xx")).text


async def test_a_problem_names_no_inner_detail(client: AsyncClient) -> None:
    answer = await client.get("/api/broken")
    assert answer.status_code == 500
    assert answer.json()["code"] == "failed"
    assert "secret" not in answer.text
    assert (await client.get("/api/away")).json()["code"] == "database_away"
    assert (await client.get("/api/away")).status_code == 503


@pytest.mark.parametrize(
    ("trouble", "status", "thai"),
    [
        (Trouble.DISK_FULL, 507, "ดิสก์เต็ม"),
        (Trouble.READ_ONLY, 503, "ไม่รับการเปลี่ยนแปลง"),
        (Trouble.AWAY, 503, "ฐานข้อมูลไม่ตอบสนอง"),
    ],
)
async def test_what_the_database_refuses_is_told_and_tried_again(
    client: AsyncClient, inner: AsyncClient, trouble: Trouble, status: int, thai: str
) -> None:
    answer = await client.get(f"/api/refused/{trouble}")
    assert answer.status_code == status
    assert thai in answer.json()["what"]["th"]
    assert answer.headers["retry-after"] == "15"
    page = await client.get(f"/refused/{trouble}")
    assert page.status_code == status
    assert thai in page.text
    assert 'data-seconds="15"' in page.text
    assert "secret" not in answer.text + page.text
    counted = f'saduak_database_refusals_total{{reason="{trouble}"}} 2.0'
    assert counted in (await inner.get("/metrics")).text


async def test_a_page_that_will_never_be_there_is_not_tried_again(client: AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert "retry-after" not in answer.headers
    assert "again.js" not in answer.text


async def test_requests_are_counted_by_route_never_by_address(
    client: AsyncClient, inner: AsyncClient
) -> None:
    await client.get("/things/one")
    await client.get("/things/two")
    await client.get("/api/broken")
    text = (await inner.get("/metrics")).text
    assert 'requests_total{method="GET",route="/things/{name}",status="200"} 2.0' in text
    assert 'saduak_http_errors_total{route="/api/broken"} 1.0' in text
    assert "two" not in text


async def test_a_body_has_a_limit(client: AsyncClient) -> None:
    assert (await client.post("/api/echo", content=b"x" * LARGEST_BODY)).status_code == 200
    assert (await client.post("/api/echo", content=b"x" * (LARGEST_BODY + 1))).status_code == 413


async def test_files_are_kept_while_their_content_is_the_same(client: AsyncClient) -> None:
    page = (await client.get("/nowhere")).text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in (await client.get(style)).headers["cache-control"]
    plain = await client.get("/static/sarabun-regular.ttf")
    assert plain.headers["cache-control"] == "no-cache"
    assert (await client.get("/static/../pages.py")).status_code == 404


def test_the_pages_need_nothing_from_elsewhere() -> None:
    for folder in ("libs/service", "libs/site", "services/ticketing"):
        for path in (Path(__file__).parents[2] / folder).rglob("*"):
            if path.suffix in {".html", ".css", ".js"}:
                text = path.read_text(encoding="utf-8")
                assert "https://" not in text, path
                assert " style=" not in text, path


def test_a_thai_phrase_stays_on_its_line() -> None:
    assert phrases("โปรดนั่งรอ <b>") == (
        '<span class="nowrap">โปรดนั่งรอ</span> <span class="nowrap">&lt;b&gt;</span>'
    )


def test_a_library_complains_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 0.0
    monkeypatch.setattr("libs.service.logs.time.monotonic", lambda: moment)
    once = OncePerMinute()

    def written(message: str) -> str | None:
        record = logging.LogRecord("aiokafka", logging.ERROR, "", 0, message, (), None)
        return record.getMessage() if once.filter(record) else None

    assert written("no broker") == "no broker"
    assert [written("no broker") for _ in range(3)] == [None] * 3
    assert written("another thing") == "another thing"
    moment = 61.0
    assert written("no broker") == "no broker (3 more like this not written)"


def test_private_values_stay_out_of_the_log() -> None:
    entry = without_private(None, "info", {"event": "x", "token": "secret", "site": "pjo-50"})
    assert entry == {"event": "x", "token": "withheld", "site": "pjo-50"}
