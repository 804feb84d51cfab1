"""The page of the audit log, for supervisors: who did what, when, from where."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from libs.events.codes import CorrectionReason, Stream
from libs.events.restoration import ResolutionReason
from libs.service.formats import local_date
from libs.service.language import Said, say
from libs.service.times import AskedDay
from libs.site.audit import SYSTEM, Action
from libs.site.devices import DeviceKind
from libs.site.guards import NOT_ALLOWED, SignedIn
from libs.site.sessions import UNKNOWN
from libs.site.staff import Role
from services.ticketing.reads.acts import Act, day_of_acts
from services.ticketing.web.context import TheEdge
from services.ticketing.web.pages import about

router = APIRouter(include_in_schema=False)
MOST_PAGES = 10_000


class Kind(StrEnum):
    """What kind of acts is asked for."""

    ALL = "all"
    REFUSED = "refused"
    SIGN_IN = "sign-in"
    DAYS = "days"
    CORRECTIONS = "corrections"
    ACCOUNTS = "accounts"
    MACHINES = "machines"


KINDS: Mapping[Kind, Said] = {
    Kind.ALL: say("Everything"),
    Kind.REFUSED: say("Refused attempts"),
    Kind.SIGN_IN: say("Sign-in and sign-out"),
    Kind.DAYS: say("Service days"),
    Kind.CORRECTIONS: say("Corrections"),
    Kind.ACCOUNTS: say("Accounts"),
    Kind.MACHINES: say("Machines"),
}
REFUSALS = frozenset({Action.REFUSED, Action.SIGN_IN_REFUSED, Action.ENROLMENT_REFUSED})
OF_KIND: Mapping[Kind, frozenset[Action]] = {
    Kind.REFUSED: REFUSALS,
    Kind.SIGN_IN: frozenset(
        {Action.SIGNED_IN, Action.SIGN_IN_REFUSED, Action.SIGNED_OUT, Action.SESSIONS_ENDED}
    ),
    Kind.DAYS: frozenset(
        {Action.DAY_OPENED, Action.DAY_CLOSED, Action.DAY_REOPENED, Action.DAY_RESOLVED}
    ),
    Kind.CORRECTIONS: frozenset({Action.VISIT_CORRECTED}),
    Kind.ACCOUNTS: frozenset(
        {Action.STAFF_ADDED, Action.STAFF_ACTIVE, Action.PASSWORD_SET, Action.SESSIONS_ENDED}
    ),
    Kind.MACHINES: frozenset(
        {
            Action.DEVICE_INVITED,
            Action.DEVICE_ENROLLED,
            Action.DEVICE_REVOKED,
            Action.ENROLMENT_REFUSED,
        }
    ),
}
"""Every action is of a kind; some are of two."""

ACTIONS: Mapping[str, Said] = {
    Action.SIGNED_IN: say("Signed in"),
    Action.SIGN_IN_REFUSED: say("Sign-in refused"),
    Action.SIGNED_OUT: say("Signed out"),
    Action.REFUSED: say("Refused"),
    Action.STAFF_ADDED: say("Account made"),
    Action.STAFF_ACTIVE: say("Account switched on or off"),
    Action.PASSWORD_SET: say("New password set"),
    Action.SESSIONS_ENDED: say("Signed out everywhere"),
    Action.DEVICE_INVITED: say("Code made for a machine"),
    Action.DEVICE_ENROLLED: say("Machine let in"),
    Action.DEVICE_REVOKED: say("Machine sent away"),
    Action.ENROLMENT_REFUSED: say("Wrong code for a machine"),
    Action.DAY_OPENED: say("Day opened"),
    Action.DAY_CLOSED: say("Day closed"),
    Action.DAY_REOPENED: say("Closed day goes on"),
    Action.DAY_RESOLVED: say("Lost records looked into"),
    Action.VISIT_CORRECTED: say("Ticket corrected"),
}
DETAILS: Mapping[str, Mapping[str, Said]] = {
    Action.REFUSED: {
        "csrf": say("without the session's token"),
        "foreign_origin": say("from another site's page"),
        "not_allowed": say("not for this role"),
        "not_enrolled": say("not for this machine"),
    },
    Action.SIGN_IN_REFUSED: {"too many attempts": say("too many attempts")},
    Action.STAFF_ADDED: {
        Role.CLERK: say("clerk"),
        Role.SUPERVISOR: say("supervisor"),
        Role.ADMIN: say("administrator"),
    },
    Action.STAFF_ACTIVE: {"yes": say("switched on"), "no": say("switched off")},
    Action.DEVICE_INVITED: {
        DeviceKind.KIOSK: say("kiosk"),
        DeviceKind.BOARD: say("board"),
        DeviceKind.TABLET: say("tablet"),
    },
    Action.DAY_RESOLVED: {
        ResolutionReason.CHECKED: say("The centre's records are right"),
        ResolutionReason.REPEATED: say(
            "Some visitors were given a new ticket and are counted twice"
        ),
        ResolutionReason.UNKNOWN: say("It can't be found out"),
    },
    Action.VISIT_CORRECTED: {
        CorrectionReason.WRONG_BUTTON: say("The wrong button was pressed"),
        CorrectionReason.FORGOTTEN_FINISH: say("The end was forgotten"),
        CorrectionReason.WRONG_SERVICE: say("The wrong service was chosen"),
        CorrectionReason.WRONG_CLOCK: say("A clock was wrong"),
    },
}
"""What the detail of an entry says in words; any other stands as it was written."""

SUBJECTS: Mapping[str, Said] = {UNKNOWN: say("unknown login")}


class ActShown:
    """An entry as the page shows it: texts in words where there are any."""

    def __init__(self, act: Act) -> None:
        self.at = act.at
        self.actor = None if act.actor == SYSTEM.actor else act.actor
        """None: nobody who is known here, the command line, or the service itself."""
        self.address = act.address
        self.what = ACTIONS.get(act.action)
        self.action = act.action
        self.refused = act.action in REFUSALS
        self.of_ratings = act.service is Stream.FEEDBACK
        self.ticket = act.ticket
        self.day = act.day or _day_in(act)
        self.subject = None if self.day else SUBJECTS.get(act.subject or "", act.subject)
        reason = (act.detail or "").rpartition(": ")[2]
        self.said = DETAILS.get(act.action, {}).get(reason)
        self.detail = None if self.said else act.detail


def _day_in(act: Act) -> date | None:
    """The service day that an entry is about."""
    if act.action not in OF_KIND[Kind.DAYS]:
        return None
    try:
        return date.fromisoformat(act.subject or "")
    except ValueError:
        return None


@router.get("/audit")
async def audit(
    request: Request,
    edge: TheEdge,
    session: SignedIn,
    of: Annotated[AskedDay | None, Query(alias="day")] = None,
    kind: Kind = Kind.ALL,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """What was done on a day, today if none is asked for, the newest first."""
    if not session.staff.role.covers(Role.SUPERVISOR):
        raise NOT_ALLOWED
    today = local_date(edge.office.clock())
    found = await day_of_acts(edge.office, of or today, OF_KIND.get(kind), page)
    return edge.pages.render(
        request,
        "audit.html",
        {
            **await about(edge, session),
            "today": today,
            "found": found,
            "acts": [ActShown(act) for act in found.acts],
            "kinds": KINDS,
            "kind": kind,
            "number": page,
        },
    )
