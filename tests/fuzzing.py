"""Feeds every route of an application with the nasty values of :mod:`tests.nasty`.

Routes are found from the application, so that a new one can't be left out: one that takes a body
must be given a good one, whose every field is then made nasty in turn.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, cast
from urllib.parse import quote, quote_from_bytes

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from libs.service.text import odd_character
from tests import nasty

Body = Mapping[str, Any]
ENDLESS = "/stream"
"""Routes that answer for ever are tried elsewhere."""
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ADDRESSES: tuple[str, ...] = (
    *nasty.TEXTS.values(),
    *nasty.ILL_FORMED_DAYS.values(),
    *nasty.OUT_OF_SPAN_DAYS.values(),
    *(value for value in nasty.NUMBERS.values()),
)
RAW = ("%00", "%ff", "%ed%a0%80", "%c0%af", "%", "%zz", "%E2%80%AE", "..%2f..", "%0d%0aX: y")
MINDED = frozenset({"appointment", "new", "login", "reference"})
"""Fields that are given every value; all others take turns, so that together they get each value
several times."""
TOKENS = [token for _, token in nasty.tokens()]


@dataclass(slots=True)
class Fuzzer:
    """Asks, and counts what is answered; an answer of 5xx is a finding."""

    client: httpx.AsyncClient
    answers: Counter[int] = field(default_factory=Counter[int])
    findings: list[str] = field(default_factory=list[str])

    async def ask(self, method: str, path: str, **how: Any) -> None:
        answer = await self.client.request(method, path, **how)
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500:
            self.findings.append(f"{answer.status_code} {method} {path[:120]} {str(how)[:300]}")
        elif answer.status_code >= 400 and answer.headers["content-type"].startswith("application"):
            said = answer.json()
            whole = all(said[part][one] for part in ("what", "mend") for one in ("th", "en"))
            if not whole or odd_character(answer.text) is not None:
                self.findings.append(f"poor words: {method} {path[:120]} {answer.text[:300]}")


@dataclass(frozen=True, slots=True)
class Target:
    """One route with its methods."""

    method: str
    path: str
    names: tuple[str, ...]
    has_body: bool

    def filled(self, good: Mapping[str, str], **odd: str) -> str:
        """The address, its parameters from ``good`` but for those in ``odd``."""
        return self.path.format_map({name: odd.get(name, good[name]) for name in self.names})


def targets(app: FastAPI) -> list[Target]:
    """Every route of ``app`` that answers and ends."""
    found: list[Target] = []
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, context.path
        if not isinstance(route, APIRoute) or path is None or path.endswith(ENDLESS):
            continue
        path = path.replace(":path}", "}")
        names = tuple(re.findall(r"{(\w+)}", path))
        found += [
            Target(method, path, names, route.body_field is not None)
            for method in sorted(route.methods or ())
        ]
    return found


async def try_addresses(fuzzer: Fuzzer, found: list[Target], good: Mapping[str, str]) -> None:
    """Nasty values in every parameter of every path and in queries; each route has a part of all,
    and all routes together have everything several times."""
    values = cycle(quote(one, safe="", errors="surrogatepass")[:6000] for one in ADDRESSES)
    for target in found:
        for name in target.names:
            for value in islice(values, 20):
                await fuzzer.ask(target.method, target.filled(good, **{name: value}))
            for raw in RAW:
                await fuzzer.ask(target.method, target.filled(good, **{name: raw}))
        if target.method == "GET":
            for value in islice(values, 8):
                for query in (f"lang={value}", f"next={value}", f"day={value}", f"{value}=1"):
                    await fuzzer.ask("GET", f"{target.filled(good)}?{query}")


async def try_headers(fuzzer: Fuzzer, method: str, path: str) -> None:
    """Nasty headers; those that a server lets pass are bytes but for line ends and NUL."""
    names = ("cookie", "x-csrf-token", "origin", "host", "content-type", "sec-fetch-site")
    names += ("user-agent", "accept-language", "referer", "content-length", "last-event-id")
    texts = [text[:3000] for text in nasty.TEXTS.values()]
    for name in names:
        for text in texts:
            value = text.encode(errors="surrogatepass")
            await fuzzer.ask(method, path, headers=[(name.encode(), value)])


async def try_bodies(
    fuzzer: Fuzzer, found: list[Target], good: Mapping[str, str], bodies: Mapping[str, Body]
) -> None:
    """Every token in every field of every body, and one more field of every name."""
    turns, names = cycle(TOKENS), cycle(nasty.FIELD_NAMES.values())
    for target in found:
        if not target.has_body:
            continue
        body = bodies[f"{target.method} {target.path}"]
        for raw in _spoilt(body, turns, names):
            await fuzzer.ask(target.method, target.filled(good), content=raw, headers=JSON)


async def try_broken(fuzzer: Fuzzer, method: str, path: str, body: Body) -> None:
    """The body broken as a whole."""
    raw = json.dumps(body, separators=(",", ":")).encode()
    for _, broken in nasty.mangled(raw):
        await fuzzer.ask(method, path, content=broken, headers=JSON)
    for broken in nasty.NO_OBJECTS:
        for kind in (JSON, FORM, {"content-type": "text/plain"}, {}):
            await fuzzer.ask(method, path, content=broken, headers=kind)


async def try_form(fuzzer: Fuzzer, path: str, fields: Mapping[str, str]) -> None:
    """Every text in every field of a form, in names of fields, and as an upload."""
    for text in nasty.TEXTS.values():
        raw = quote_from_bytes(text.encode(errors="surrogatepass"))
        for name in fields:
            spoilt = {key: quote(value) for key, value in fields.items()} | {name: raw}
            await fuzzer.ask("POST", path, content=_form(spoilt), headers=FORM)
        await fuzzer.ask("POST", path, content=f"{raw}=1&{_form(fields)}", headers=FORM)
    for name in fields:
        await fuzzer.ask("POST", path, files={name: ("a\x1b.txt", b"\x00\xff")})


def _form(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def _spoilt(body: Body, turns: Iterator[str], names: Iterator[str]) -> Iterator[bytes]:
    text = json.dumps(body, separators=(",", ":"))
    marked = json.dumps(_MARK)
    for way in _ways(body, ()):
        frame = json.dumps(_with(body, way, _MARK), separators=(",", ":"))
        every = TOKENS if way[-1] in MINDED else islice(turns, len(TOKENS) // 4)
        for token in every:
            yield frame.replace(marked, token, 1).encode()
    for name in islice(names, 6):
        yield f"{text[:-1]},{json.dumps(name)}:1}}".encode()


_MARK = "here the nasty value goes"


def _ways(value: object, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for name, inner in cast(Mapping[str, object], value).items():
            yield (*way, name)
            yield from _ways(inner, (*way, name))


def _with(body: Body, way: tuple[str, ...], value: object) -> Body:
    name, rest = way[0], way[1:]
    return {**body, name: _with(body[name], rest, value) if rest else value}
