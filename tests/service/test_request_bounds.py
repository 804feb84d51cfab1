"""What a request may be at all is checked once, before any route sees it."""

import json
import logging
import sys
from datetime import UTC, date, datetime
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form, Request, Response
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel

from libs.events.bounds import LIVE
from libs.service import logs
from libs.service.failing import FailingRoutes
from libs.service.http import Process, application
from libs.service.pages import Pages
from libs.service.text import escaped, odd_character, printable
from libs.service.times import AskedDay, AskedMoment
from libs.stream.outbox import OutOfSpan
from tests.serving import operator

router = APIRouter()
SEEN: list[object] = []


class Note(BaseModel):
    text: str = ""
    at: AskedMoment | None = None


@router.post("/api/notes")
async def note(asked: Note) -> Note:
    SEEN.append(asked)
    return asked


@router.post("/notes")
async def form(text: Annotated[str, Form()]) -> str:
    SEEN.append(text)
    return text


@router.get("/api/days/{day}")
async def day(day: AskedDay, also: AskedDay | None = None) -> date:
    SEEN.append((day, also))
    return day


@router.get("/pages/{name}")
async def page(name: str) -> str:
    SEEN.append(name)
    return name


@router.get("/api/sometimes/{fails}")
async def sometimes(fails: bool) -> None:
    if fails:
        raise RuntimeError("a secret detail")


@router.get("/api/when/{field}")
async def when(field: str) -> None:
    raise OutOfSpan(field, datetime(1970, 1, 1, tzinfo=UTC), LIVE)


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
def client(app: FastAPI) -> AsyncClient:
    SEEN.clear()
    transport = ASGITransport(app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="https://test")


JSON = {"content-type": "application/json"}
BODIES = {
    b'{"text":"a\\u0000b"}': "odd_text",
    b'{"a\\u0000b":1}': "odd_text",
    b'{"a\\u001b[2Jb":1}': "odd_text",
    b'{"text":"\\ud800"}': "odd_text",
    b'{"\\udfff":"x"}': "odd_text",
    '{"text":"\u202egnp.exe"}'.encode(): "odd_text",
    '{"text":"\u2028"}'.encode(): "odd_text",
    f'{{"text":"e{chr(0x301) * 40}"}}'.encode(): "odd_text",
    f'{{"text":"{chr(0xE0041)}"}}'.encode(): "odd_text",
    b'{"text":"a","text":"b"}': "key_twice",
    b'{"text":{"x":1,"x":1}}': "key_twice",
    b'{"text":NaN}': "unreadable",
    b'{"text":-Infinity}': "unreadable",
    b'{"text":1e400}': "unreadable",
    b'{"text":1' + 400 * b"0" + b"}": "unreadable",
    b'{"text":' + 9000 * b"9" + b"}": "unreadable",
    b"[" * 100_000: "unreadable",
    b'{"a":' * 40 + b"1" + b"}" * 40: "unreadable",
    b'\xef\xbb\xbf{"text":"a"}': "unreadable",
    b'{"text":"a"': "unreadable",
    b'{"text":"\xff"}': "unreadable",
    '{"text":"a"}'.encode("utf-16"): "unreadable",
    b"": "invalid",
    b"null": "not_json",
    b"[]": "not_json",
    b'"text"': "not_json",
    b'{"text":"' + 300_000 * b"a" + b'"}': "too_large",
}


@pytest.mark.parametrize(("body", "code"), BODIES.items(), ids=[str(one[:24]) for one in BODIES])
async def test_a_body_that_is_not_sane_reaches_no_route(
    client: AsyncClient, body: bytes, code: str
) -> None:
    answer = await client.post("/api/notes", content=body, headers=JSON)
    assert 400 <= answer.status_code < 500, answer.text
    problem = answer.json()
    assert problem["code"] == code
    assert all(problem[part][language] for part in ("what", "mend") for language in ("th", "en"))
    assert odd_character(answer.text) is None
    assert SEEN == []


async def test_the_problem_says_which_field(client: AsyncClient) -> None:
    body = {"text": "x", "more": [{"in": "a\x00b"}]}
    problem = (await client.post("/api/notes", json=body)).json()
    assert problem["where"] == "body.more.0.in"
    assert "U+0000" in problem["what"]["en"]
    body = {"a\x1bb" * 500: 1}
    problem = (await client.post("/api/notes", json=body)).json()
    assert problem["where"].startswith("body.a\\u001bb")
    assert len(problem["where"]) < 100


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
async def test_another_kind_of_content_is_told_what_is_taken(
    client: AsyncClient, kind: str
) -> None:
    answer = await client.post(
        "/api/notes", content=b'{"text":"a"}', headers={"content-type": kind}
    )
    assert answer.json()["code"] in {"not_json", "no_files"}
    assert "application/json" in answer.json()["mend"]["en"]
    assert SEEN == []


async def test_what_people_write_comes_in(client: AsyncClient) -> None:
    text = "ผู้ที่ตั้งครรภ์ น้ำ ก็ํ้ – “quoted” 👍🏽 Ærøskøbing, naïve"
    assert (await client.post("/api/notes", json={"text": text})).json()["text"] == text
    assert (await client.post("/notes", data={"text": text})).json() == text
    assert (await client.get(f"/pages/{text}?q={text}")).json() == text
    assert len(SEEN) == 3


@pytest.mark.parametrize(
    "field", [b"text=a%00b", b"te%00xt=a", b"text=%FF", b"text=%E2%80%AEgnp", b"text=%1b%5b2J"]
)
async def test_a_form_and_a_query_are_checked_as_a_body_is(
    client: AsyncClient, field: bytes
) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/notes?lang=en", content=field, headers=kind)
    assert answer.status_code in {400, 422}
    assert "<html" in answer.text
    answer = await client.get(f"/api/days/2026-11-25?{field.decode()}")
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"odd_text", "unreadable"}
    many = b"&".join(b"f%d=1" % n for n in range(300))
    assert (await client.post("/notes", content=many, headers=kind)).status_code == 413
    assert SEEN == []


@pytest.mark.parametrize("path", ["/pages/a%00b", "/pages/%FF", "/pages/%E2%80%AE", "/%1b", "/a\\"])
async def test_an_address_is_checked_too(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert 400 <= answer.status_code < 500
    assert "<html" in answer.text
    assert (await client.get(f"/api{path}")).headers["content-type"] == "application/problem+json"
    assert (await client.get("/pages/" + "a" * 5000)).status_code == 414
    assert SEEN == []


async def test_a_header_holds_no_control_characters(client: AsyncClient) -> None:
    for name in (b"cookie", b"x-csrf-token", b"user-agent"):
        answer = await client.get("/pages/a", headers=[(name, b"a\x01b")])
        assert answer.status_code == 422, name
    odd = {b"host": b"[", b"origin": b"http://[", b"cookie": b'lang="\\000"', b"accept": b"\xbd"}
    for name, value in odd.items():
        answer = await client.post("/api/nowhere", headers=[(name, value)])
        assert answer.status_code == 404, name


MOMENTS = {
    "2026-11-25T09:30:00+07:00": None,
    "2026-11-25T02:30:00.123456Z": None,
    "2015-01-01T00:00:00Z": None,
    "2014-12-31T23:59:59Z": "out_of_calendar",
    "2100-12-31T23:59:59Z": None,
    "2569-11-25T09:30:00+07:00": "buddhist_year",
    "0001-01-01T00:00:00Z": "out_of_calendar",
    "0001-01-01T00:00:00+07:00": "out_of_calendar",
    "9999-12-31T23:59:59Z": "out_of_calendar",
    "9999-12-31T23:59:59-07:00": "out_of_calendar",
    "2101-01-01T00:00:00Z": "out_of_calendar",
    "2026-11-25T09:30:00": "no_moment",
    "2026-11-25 09:30:00Z": "no_moment",
    "2026-11-25t09:30:00z": "no_moment",
    "2026-11-25T09:30Z": "no_moment",
    "2026-11-25T09:30:00,5Z": "no_moment",
    "2026-11-25T09:30:00\N{MINUS SIGN}07:00": "no_moment",
    "2026-11-25T09:30:00+0700": "no_moment",
    "2026-11-25T24:00:00Z": "no_moment",
    "2026-02-30T09:30:00Z": "no_moment",
    "2026-11-25T09:30:00.1234567Z": "no_moment",
    "2026-11-25T09:30:00+99:00": "no_moment",
    "๒๐๒๖-11-25T09:30:00Z": "no_moment",
    "1764000000": "no_moment",
    1764000000: "no_moment",
    1764000000.5: "no_moment",
    True: "no_moment",
    "infinity": "no_moment",
    "2026-W48-3T09:30:00Z": "no_moment",
    "": "no_moment",
}


@pytest.mark.parametrize(("value", "code"), MOMENTS.items())
async def test_a_moment_has_one_form_and_a_possible_year(
    client: AsyncClient, value: object, code: str | None
) -> None:
    answer = await client.post("/api/notes", json={"at": value})
    if code is None:
        assert datetime.fromisoformat(answer.json()["at"]) == datetime.fromisoformat(str(value))
        return
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.json()["where"] == "body.at"
    assert SEEN == []


async def test_a_buddhist_year_gets_the_hint(client: AsyncClient) -> None:
    problem = (await client.post("/api/notes", json={"at": "2569-11-25T09:30:00+07:00"})).json()
    assert problem["mend"]["en"] == "Write the year 2026 (2569 - 543)."
    assert "2026" in problem["mend"]["th"]
    problem = (await client.get("/api/days/2569-11-25")).json()
    assert problem["mend"]["en"] == "Write the year 2026 (2569 - 543)."


DAYS = (
    *("0001-01-01", "9999-12-31", "1989-12-31", "2101-01-01", "2569-11-25", "1764000000", "x"),
    *("2026-02-30", "2026-11-25T00:00:00", "20261125", "2026-W48-3", "-infinity", "2026-11-2"),
)


@pytest.mark.parametrize("value", DAYS)
async def test_a_day_has_one_form_and_a_possible_year(client: AsyncClient, value: str) -> None:
    for path in (f"/api/days/{value}", f"/api/days/2026-11-25?also={value}"):
        answer = await client.get(path)
        assert answer.status_code == 422, path
        assert answer.json()["code"] in {"no_day", "out_of_calendar", "buddhist_year"}
    assert SEEN == []


async def test_a_route_that_fails_makes_the_service_not_ready(
    app: FastAPI, client: AsyncClient
) -> None:
    assert (await client.get("/health/ready")).status_code == 200
    await client.get("/api/sometimes/no")
    await client.get("/api/sometimes/yes")
    assert (await client.get("/health/ready")).status_code == 200
    await client.get("/api/sometimes/yes")
    assert (await client.get("/health/ready")).json() == {"ready": False}
    ready = await operator(app).get("/health/ready")
    assert ready.status_code == 503
    said = ready.json()["checks"]["answers"]["detail"]
    assert "GET /api/sometimes/{fails} (2 of 3 in the last minute)" in said
    for _ in range(2):
        await client.get("/api/sometimes/no")
    assert (await client.get("/health/ready")).status_code == 200


async def test_a_wrong_clock_is_said_in_words(client: AsyncClient) -> None:
    answer = await client.get("/api/when/recordedtime")
    assert (answer.status_code, answer.json()["code"]) == (503, "clock_wrong")
    assert "clock" in answer.json()["mend"]["en"]
    answer = await client.get("/api/when/serviceday")
    assert (answer.status_code, answer.json()["code"]) == (422, "out_of_calendar")
    assert (await client.get("/health/ready")).status_code == 200


def test_a_minute_without_questions_forgives() -> None:
    moments = iter([0.0, 1.0, 59.0, 61.0])
    failing = FailingRoutes(lambda: next(moments))
    failing.note("GET /x", fault=True)
    assert failing.failing() == {"GET /x": (1, 1)}
    assert failing.failing() == {"GET /x": (1, 1)}
    assert failing.failing() == {}


NASTY = "a\x1b[2J\r\n\x9b31m\u202e\u2028\ud800\U000e0041\x00z"


def test_nothing_shown_or_logged_can_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert printable(NASTY).isprintable()
    assert len(printable("a" * 1000)) == 80
    assert json.loads(f'"{escaped(NASTY)}"') == NASTY
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        logs.configure("test")
        logging.getLogger("somewhere").error("%s", NASTY, extra={"more": NASTY})
        sys.stderr.flush()
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    [line] = capsys.readouterr().err.splitlines()
    assert odd_character(line) is None
    assert json.loads(line)["event"] == NASTY
