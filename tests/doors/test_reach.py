"""By which names a service is called, and whom it believes about who asks."""

import pytest
from fastapi import APIRouter, Request

from libs.service.clients import address_of
from libs.service.http import Process, application
from libs.service.pages import Pages
from libs.service.reach import Reach, read_hosts, read_proxies
from tests.doors.asking import ask

PROXY = "172.31.254.2"
REACH = Reach(read_hosts("queue.example, 192.168.1.10"), read_proxies(f"{PROXY},2001:db8::/64"))
router = APIRouter()


@router.get("/api/who")
async def who(request: Request) -> str:
    return address_of(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["9.9.9.9"], "10.0.0.1"),  # nobody believes a stranger
        (PROXY, ["10.0.0.7"], "10.0.0.7"),
        (PROXY, ["9.9.9.9", "10.0.0.7"], "10.0.0.7"),  # what the client itself wrote stands first
        (PROXY, ["10.0.0.7", PROXY], "10.0.0.7"),
        (PROXY, [], PROXY),
        (PROXY, ["nonsense"], PROXY),
        (PROXY, ["10.0.0.7", "nonsense"], PROXY),
        (PROXY, ["10.0.0.7:4711"], PROXY),
        (PROXY, [" 10.0.0.7 "], "10.0.0.7"),
        (PROXY, ["::ffff:10.0.0.7"], "10.0.0.7"),
        ("2001:db8::5", ["2001:db9::1"], "2001:db9::1"),
        (PROXY, ["1.1.1.1"] * 50, "1.1.1.1"),
        (PROXY, ["9.9.9.9", *[PROXY] * 50], PROXY),
        ("unknown", ["9.9.9.9"], "unknown"),
    ],
)
def test_the_client_is_the_last_whom_no_proxy_of_ours_is(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert REACH.client(peer, forwarded) == client


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("queue.example", True),
        ("QUEUE.example:8444", True),
        ("192.168.1.10:8001", True),
        ("127.0.0.1:9", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("elsewhere.example", False),
        ("queue.example.elsewhere.example", False),
        ("elsewhere.example@queue.example", False),
        ("queue.example/", False),
        ("192.168.1.11", False),
        ("", False),
        ("[::1", False),
    ],
)
def test_a_service_goes_by_its_own_names(host: str, known: bool) -> None:
    assert REACH.admits(host) is known


@pytest.mark.parametrize("text", ["queue.example:80", "http://queue.example", "two words", "a,b/c"])
def test_a_name_with_more_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="without a port"):
        read_hosts(text)


async def test_a_request_that_names_another_machine_comes_to_nothing() -> None:
    pages = Pages([], {"demo": False, "place": {"th": "", "en": ""}})
    app = application("test", Process(), pages, [router], secure=False, reach=REACH)
    assert (await ask(app, "GET", "/api/who", {"host": "queue.example"})).status == 200
    for path in ("/api/who", "/", "/nowhere", "/static/saduak.css", "/health/live"):
        answer = await ask(app, "GET", path, {"host": "elsewhere.example"})
        assert answer.status == 421, path
        assert "x-content-type-options" in answer.headers
    assert '"wrong_host"' in (await ask(app, "GET", "/api/who", {"host": "x"})).text
    # A page at a stranger's name that leads here would be of our own origin, by the names it sees.
    strangers = {"host": "elsewhere.example", "origin": "http://elsewhere.example"}
    assert (await ask(app, "POST", "/api/who", strangers)).status == 421


async def test_who_asks_is_said_by_our_own_proxy_only() -> None:
    pages = Pages([], {"demo": False, "place": {"th": "", "en": ""}})
    own = Reach(None, read_proxies("10.20.30.0/24"))  # where the asking of tests comes from
    for reach, client in ((own, "10.0.0.7"), (REACH, "10.20.30.40")):
        app = application("test", Process(), pages, [router], secure=False, reach=reach)
        told = {"host": "queue.example", "x-forwarded-for": "9.9.9.9, 10.0.0.7"}
        assert (await ask(app, "GET", "/api/who", told)).text == f'"{client}"'
