"""Who may come in by which route: the rule of every route of every application, and what it means.

A route that is added without a rule here fails ``test_matrix``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.site.devices import DeviceKind
from libs.site.guards import SAFE
from libs.site.staff import Role


@dataclass(frozen=True, slots=True)
class Open:
    """Anybody may, and nothing of who asks counts: what is read is for all, or the right to change
    something lies in a link that cannot be guessed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Anybody may, from our own pages: the way to become somebody."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has at least this role; a change from our own pages, with the session's token."""

    role: Role = Role.CLERK


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of this kind, a change from our own pages; or anybody who is signed in."""

    kind: DeviceKind


Rule = Open | Entry | SignedIn | Machine

HERE: Mapping[str, Rule] = {
    "GET /health/live": Open(),
    "GET /health/ready": Open(),
    "GET /static/{name:path}": Open(),
}
SITE: Mapping[str, Rule] = {
    **HERE,
    "GET /sign-in": Open(),
    "POST /sign-in": Entry(),
    "POST /sign-out": SignedIn(),
    "GET /enrol": Open(),
    "POST /enrol": Entry(),
    "GET /api/session": SignedIn(),
    "POST /api/session": Entry(),
    "DELETE /api/session": SignedIn(),
    "POST /api/devices/enrol": Entry(),
    "POST /api/devices": SignedIn(Role.ADMIN),
    "POST /api/staff": SignedIn(Role.ADMIN),
}
TICKETING: Mapping[str, Rule] = {
    **SITE,
    "GET /": Open(),
    "GET /kiosk": Machine(DeviceKind.KIOSK),
    "GET /board": Machine(DeviceKind.BOARD),
    "GET /t/{token}": Open(),
    "GET /console": SignedIn(),
    "GET /day": SignedIn(Role.SUPERVISOR),
    "GET /audit": SignedIn(Role.SUPERVISOR),
    "GET /api/services": Open(),
    "POST /api/tickets": Machine(DeviceKind.KIOSK),
    "GET /api/tickets/{token}": Open(),
    "GET /api/board": Machine(DeviceKind.BOARD),
    "GET /api/office": Machine(DeviceKind.KIOSK),
    "GET /api/board/stream": Machine(DeviceKind.BOARD),
    "GET /api/queue": SignedIn(),
    "GET /api/queue/stream": SignedIn(),
    "POST /api/counters/{counter}/open": SignedIn(),
    "POST /api/counters/{counter}/take-over": SignedIn(),
    "POST /api/counters/{counter}/close": SignedIn(),
    "POST /api/counters/{counter}/call-next": SignedIn(),
    "POST /api/counters/{counter}/call": SignedIn(),
    "POST /api/counters/{counter}/recall": SignedIn(),
    "POST /api/counters/{counter}/start": SignedIn(),
    "POST /api/counters/{counter}/end": SignedIn(),
    "POST /api/counters/{counter}/no-show": SignedIn(),
    "POST /api/visits/{visit}/withdraw": SignedIn(),
    "POST /api/visits/{visit}/corrections": SignedIn(Role.SUPERVISOR),
    "GET /api/days": SignedIn(),
    "GET /api/days/{day}/book": SignedIn(Role.SUPERVISOR),
    "POST /api/days/{day}/open": SignedIn(Role.SUPERVISOR),
    "POST /api/days/{day}/close": SignedIn(Role.SUPERVISOR),
    "POST /api/days/{day}/resolve": SignedIn(Role.SUPERVISOR),
    "POST /api/days/{day}/reopen": SignedIn(Role.SUPERVISOR),
}
FEEDBACK: Mapping[str, Rule] = {
    **SITE,
    "GET /r/{token}": Open(),
    "GET /tablet": Machine(DeviceKind.TABLET),
    "GET /tablet/{counter}": Machine(DeviceKind.TABLET),
    "GET /api/offers/{token}": Open(),
    "POST /api/responses": Open(),
    "GET /api/tablets/{counter}/offer": Machine(DeviceKind.TABLET),
    "POST /api/tablets/{counter}/responses": Machine(DeviceKind.TABLET),
}
REPORTING_READS_ONLY = Open()
"""The centre's pages and API know nobody: whatever is there is for all, and nothing is changed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks."""

    name: str
    role: Role | None = None
    """Of the session that still holds here."""
    kind: DeviceKind | None = None
    """Of the machine that is still let in here."""
    foreign: bool = False
    """Asks from another site's page."""
    token: bool = False
    """Shows the session's CSRF token, in a header or in a form's field."""


def refusal(rule: Rule, method: str, actor: Actor) -> str | None:
    """The code of the problem that ``actor`` is answered; None where the door opens."""
    changes = method not in SAFE
    match rule:
        case Open():
            return None
        case Entry():
            return "foreign_origin" if changes and actor.foreign else None
        case SignedIn(role):
            return _of_session(role, changes, actor, "not_signed_in")
        case Machine(kind):
            if actor.kind is kind:
                return "foreign_origin" if changes and actor.foreign else None
            return _of_session(Role.CLERK, changes, actor, "not_enrolled")


def _of_session(role: Role, changes: bool, actor: Actor, unknown: str) -> str | None:
    if actor.role is None:
        return unknown
    if changes and actor.foreign:
        return "foreign_origin"
    if changes and not actor.token:
        return "csrf"
    return None if actor.role.covers(role) else "not_allowed"
