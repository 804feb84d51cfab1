"""Everybody who may stand at a door: with which cookie, from which page, with which token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlencode

from libs.clock import now
from libs.site.devices import DeviceKind, Devices
from libs.site.guards import CSRF_HEADER, Doors
from libs.site.sessions import LONGEST_IDLE, LONGEST_SESSION
from libs.site.staff import SQL, Role, Staff, all_staff, set_active
from libs.site.tokens import csrf_of, digest, new_token
from tests.doors.asking import HOST
from tests.doors.rules import Actor

OWN = {"origin": f"http://{HOST}"}
FOREIGN = {"origin": "https://elsewhere.example"}
CROSS_SITE = {"sec-fetch-site": "cross-site"}
FORM = "application/x-www-form-urlencoded"
SHORT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """How an actor asks."""

    cookie: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    form: dict[str, str] | None = None
    """Sent as a form's fields; None: as JSON."""

    def request(self, takes_body: bool) -> tuple[dict[str, str], bytes]:
        """Headers and body. The body holds nothing that a route could act on."""
        headers = dict(self.headers)
        headers["cookie"] = "; ".join(filter(None, ["lang=en", self.cookie]))
        if self.form is not None:
            return headers | {"content-type": FORM}, urlencode(self.form).encode()
        if not takes_body:
            return headers, b""
        return headers | {"content-type": "application/json"}, b"{}"


Prepare = Callable[[], Awaitable[Asked]]
"""Makes a session or a machine anew where the last one is spent."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An actor of the rules, and how it comes to its cookie."""

    actor: Actor
    prepare: Prepare


@dataclass(frozen=True, slots=True)
class Office:
    """The doors of one application, and people and machines behind them."""

    doors: Doors
    _kept: dict[Role, str] = field(default_factory=dict[Role, str])

    async def kept_session(self, role: Role) -> str:
        """The same session again, until :meth:`forget`."""
        if role not in self._kept:
            self._kept[role] = await self.session(role)
        return self._kept[role]

    def forget(self) -> None:
        """The sessions may have ended."""
        self._kept.clear()

    async def session(self, role: Role, age: timedelta = timedelta(0)) -> str:
        """The token of a session of somebody who works here, last used ``age`` ago."""
        found = {one.staff.login: one.staff for one in await all_staff(self.doors.pool)}
        staff = found.get(str(role)) or await self._hired(str(role), role)
        return await self._opened(staff, age)

    async def _hired(self, login: str, role: Role) -> Staff:
        hashed = "no password opens this"
        await self.doors.pool.execute(SQL.add_staff, _id(login), login, role.value, hashed, now())
        return Staff(_id(login), login, role)

    async def _opened(self, staff: Staff, age: timedelta = timedelta(0)) -> str:
        token = new_token()
        await self.doors.pool.execute(SQL.open_session, digest(token), staff.id, now() - age)
        return token

    async def switched_off(self) -> str:
        """The token of an administrator whose account was switched off."""
        staff = await self._hired("gone", Role.ADMIN)
        await set_active(self.doors.pool, "gone", False, now())
        return await self._opened(staff)  # as one that was overlooked

    async def signed_out(self) -> str:
        token = await self.session(Role.ADMIN)
        session = await self.doors.sessions.session(token)
        assert session is not None
        await self.doors.sessions.sign_out(session)
        return token

    async def machine(self, kind: DeviceKind, *, revoked: bool = False) -> str:
        devices = Devices(self.doors.pool)
        device, token = await devices.enrol(await devices.invite(kind, f"{kind}-1"))
        if revoked:
            await devices.revoke(device.id)
        return token


def _id(login: str):
    import uuid  # noqa: PLC0415

    return uuid.uuid5(uuid.NAMESPACE_DNS, login)


async def everybody(here: Office, elsewhere: Office) -> list[Standing]:
    """All actors at ``here``; some have their cookie from ``elsewhere``, another office."""
    found = [*_strangers(here, elsewhere)]
    for role in Role:
        found += _of_role(here, role)
    for kind in DeviceKind:
        found += await _of_machine(here, elsewhere, kind)
    return found


def _strangers(here: Office, elsewhere: Office) -> list[Standing]:
    async def nobody() -> Asked:
        return Asked()

    found = [
        Standing(Actor("nobody"), nobody),
        _made("nobody, from a foreign page", Actor("", foreign=True), Asked(headers=FOREIGN)),
        _made("nobody, across sites", Actor("", foreign=True), Asked(headers=CROSS_SITE)),
        _made("nobody, by a form", Actor(""), Asked(form={"csrf": "x"})),
        _made("nobody, with a made-up cookie", Actor(""), _with(here, "staff", "x" * 43)),
    ]
    spent: dict[str, Callable[[], Awaitable[str]]] = {
        "another office's administrator": lambda: elsewhere.session(Role.ADMIN),
        "idle for too long": lambda: here.session(Role.ADMIN, LONGEST_IDLE + SHORT),
        "in for too long": lambda: here.session(Role.ADMIN, LONGEST_SESSION + SHORT),
        "switched off": here.switched_off,
        "signed out": here.signed_out,
    }
    for name, token_of in spent.items():
        found.append(Standing(Actor(name), _once(here, token_of)))
    return found


def _once(here: Office, token_of: Callable[[], Awaitable[str]]) -> Prepare:
    kept: list[Asked] = []

    async def prepare() -> Asked:
        if not kept:
            kept.append(_signed(here, await token_of()))
        return kept[0]

    return prepare


def _made(name: str, actor: Actor, asked: Asked) -> Standing:
    async def prepare() -> Asked:
        return asked

    return Standing(replace(actor, name=name), prepare)


def _with(office: Office, purpose: str, token: str) -> Asked:
    return Asked(f"{office.doors.cookie(purpose)}={token}")


def _signed(office: Office, token: str) -> Asked:
    """With everything right: the cookie under this office's name, our own page, the CSRF token."""
    asked = _with(office, "staff", token)
    return replace(asked, headers={**OWN, CSRF_HEADER: csrf_of(token)})


def _of_role(here: Office, role: Role) -> list[Standing]:
    def ways(token: str) -> dict[str, tuple[bool, bool, Asked]]:
        """By name: whether it shows the token, whether it is foreign, and how it asks."""
        right, cookie = _signed(here, token), _with(here, "staff", token)
        own, csrf = replace(cookie, headers=OWN), csrf_of(token)
        wrong = csrf[:-1] + ("0" if csrf[-1] != "0" else "1")
        guessed = replace(own, headers={**OWN, CSRF_HEADER: wrong})
        across = replace(cookie, headers={**CROSS_SITE, CSRF_HEADER: csrf})
        foreign = replace(right, headers=right.headers | FOREIGN)
        return {
            "": (True, False, right),
            ", by a form": (True, False, replace(own, form={"csrf": csrf})),
            ", without CSRF": (False, False, own),
            ", with a wrong CSRF": (False, False, guessed),
            ", by a form without CSRF": (False, False, replace(own, form={"x": ""})),
            ", by a form with a wrong CSRF": (False, False, replace(own, form={"csrf": wrong})),
            ", from a foreign page": (True, True, foreign),
            ", across sites": (True, True, across),
        }

    def standing(name: str) -> Standing:
        shows, foreign, _ = ways("x")[name]

        async def prepare() -> Asked:
            return ways(await here.kept_session(role))[name][2]

        return Standing(Actor(f"{role}{name}", role=role, foreign=foreign, token=shows), prepare)

    return [standing(name) for name in ways("x")]


async def _of_machine(here: Office, elsewhere: Office, kind: DeviceKind) -> list[Standing]:
    mine = _with(here, "device", await here.machine(kind))
    revoked = _with(here, "device", await here.machine(kind, revoked=True))
    theirs = _with(here, "device", await elsewhere.machine(kind))
    inside, foreign = Actor("", kind=kind), Actor("", kind=kind, foreign=True)
    return [
        _made(f"{kind}", inside, replace(mine, headers=OWN)),
        _made(f"{kind}, by a form", inside, replace(mine, headers=OWN, form={"x": ""})),
        _made(f"{kind}, from a foreign page", foreign, replace(mine, headers=FOREIGN)),
        _made(f"{kind}, across sites", foreign, replace(mine, headers=CROSS_SITE)),
        _made(f"{kind}, revoked", Actor(""), replace(revoked, headers=OWN)),
        _made(f"{kind} of another office", Actor(""), replace(theirs, headers=OWN)),
    ]
