"""Every door of the centre's pages, tried with every nasty value: no answer is a fault of ours."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle, islice
from urllib.parse import quote

import httpx
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from tests import nasty
from tests.databases import FreshDatabase
from tests.reporting_web.country import country

GOOD: Mapping[str, str] = {
    "from": "2026-03-01",
    "to": "2026-03-31",
    "of": "2026-03-17",
    "period": "month",
    "sort": "visits",
    "code": "pjo-50",
    "name": "saduak.css",
}
"""A value that each parameter takes, by its name in the address."""
PART = 30
"""Values of a parameter that is read as another route's is."""
KINDS = ("day", "week", "month", "quarter", "year", "range")


def values() -> Iterator[str]:
    """Everything nasty that can be a parameter, each once."""
    years = (*nasty.YEARS, *nasty.YEARS_FAR)
    days = (f"{year:04d}-{end}" for year in years for end in ("01-01", "03-16", "12-31", "02-29"))
    found = (
        *nasty.ILL_FORMED_DAYS.values(),
        *nasty.OUT_OF_SPAN_DAYS.values(),
        *nasty.ILL_FORMED_TIMES.values(),
        *nasty.OUT_OF_SPAN_TIMES.values(),
        *nasty.TEXTS.values(),
        *nasty.FIELD_NAMES.values(),
        *nasty.NUMBERS.values(),
        *nasty.WRONG_TYPES,
        *(str(one) for one in nasty.INTEGERS),
        *days,
    )
    yield from dict.fromkeys(found)


def encoded(value: str) -> str:
    return quote(value.encode(errors="surrogatepass"), safe="")


def routes(app: FastAPI) -> list[APIRoute]:
    return list(_routes(app.routes))


def _routes(table: Iterable[object]) -> Iterator[APIRoute]:
    for one in table:
        if isinstance(one, APIRoute):
            yield one
        included: APIRouter | None = getattr(one, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)


def parameters(route: APIRoute) -> tuple[list[str], list[str]]:
    """The names of the route's parameters in its path and in its query."""
    told = route.dependant
    return [one.alias for one in told.path_params], [one.alias for one in told.query_params]


def address(route: APIRoute, given: Mapping[str, str]) -> str:
    """The route's address with these encoded values, and good ones for all others."""
    in_path, in_query = parameters(route)
    path = route.path
    for name in in_path:
        value = given.get(name, GOOD[name])
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:path}}", value)
    query = {**{name: GOOD[name] for name in in_query}, **given}
    told = "&".join(f"{name}={value}" for name, value in query.items() if name not in in_path)
    return f"{path}?{told}" if told else path


class Addresses:
    """What to ask of each route. The first page and the first route of the API with a parameter are
    given every value there; those that share it, and so its reading, take turns with a part."""

    def __init__(self) -> None:
        self._values = list(values())
        self.turns = cycle(self._values)
        self._met: set[tuple[str, bool]] = set()

    def of(self, route: APIRoute) -> Iterator[str]:
        in_path, in_query = parameters(route)
        for name in (*in_path, *in_query, "lang"):
            for value in self._for(name, route):
                yield address(route, {name: encoded(value)})
        if "of" in in_query:
            days = [*nasty.OUT_OF_SPAN_DAYS.values(), "1990-01-01", "2026-03-19", "2100-12-31"]
            for kind in KINDS:
                for day in days:
                    yield address(route, {"period": kind, "of": encoded(day)})
        for value in islice(self.turns, PART):
            yield f"{route.path}?{encoded(value)}={encoded(value)}".replace("{", "%7B")

    def _for(self, name: str, route: APIRoute) -> Iterable[str]:
        kind = name, route.path.startswith("/api")
        if kind in self._met:
            return islice(self.turns, PART)
        self._met.add(kind)
        return self._values


async def test_no_address_is_a_fault_of_ours(fresh_database: FreshDatabase) -> None:
    counted: Counter[int] = Counter()
    wrong: list[str] = []
    async with country(await fresh_database("reporting")) as nation:
        await nation.play(visits=3, sites=["pjo-50"])
        transport = httpx.ASGITransport(nation.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://nation") as client:
            tried = Addresses()
            for route in routes(nation.app):
                for one in tried.of(route):
                    if len(one) > 60_000:
                        continue  # no server takes it
                    answer = await client.get(httpx.URL(f"http://nation{one}"))
                    counted[answer.status_code] += 1
                    if answer.status_code >= 500 and route.path != "/health/ready":
                        wrong.append(f"{answer.status_code} {one[:200]}")
            assert not wrong, wrong[:10]
            assert (await client.get("/?lang=th")).status_code == 200
    print(f"{counted.total()} requests: {dict(sorted(counted.items()))}")
    assert counted.total() > 3000
    assert counted[200] > 100
    assert counted[422] > 1000


async def test_no_header_and_no_method_is_a_fault_of_ours(fresh_database: FreshDatabase) -> None:
    counted: Counter[int] = Counter()
    turns = Addresses().turns
    async with country(await fresh_database("reporting")) as nation:
        transport = httpx.ASGITransport(nation.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://nation") as client:
            for route in routes(nation.app):
                here = address(route, {})
                for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                    answer = await client.request(method, here, content=b'{"a":1,"a":2}')
                    counted[answer.status_code] += 1
                for name in (b"if-none-match", b"cookie", b"accept-language"):
                    for value in islice(turns, 2 * PART):
                        raw = value.encode(errors="surrogatepass")[:2000]
                        told = b"lang=" + raw if name == b"cookie" else raw
                        request = client.build_request("GET", here)
                        request.headers = httpx.Headers([*request.headers.raw, (name, told)])
                        answer = await client.send(request)
                        counted[answer.status_code] += 1
    print(f"{counted.total()} requests: {dict(sorted(counted.items()))}")
    assert counted.total() > 1500
    assert not [status for status in counted if status >= 500]


def test_every_parameter_is_tried() -> None:
    """A new one needs a good value here, and finds the nasty ones by itself."""
    assert set(GOOD) >= {"from", "to", "of", "period", "sort", "code", "name"}
