"""Who and what the demo lets in at a site: a clerk at each counter, a supervisor, a guest who tries
the pages, a kiosk and a tablet.

They are made by the demo and by nothing else; passwords and tokens are random, new for each state.
"""

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from libs.clock import now
from libs.database.types import Pool
from libs.site.devices import DeviceKind, Devices
from libs.site.staff import Role, add_staff, all_staff
from saduak.demo.scene import Roster
from saduak.provision.secret_files import write_secret

LETTERS = "bdhkmnptvz"


@dataclass(frozen=True, slots=True)
class Account:
    """A login that the demo made; the same at every site."""

    login: str
    role: Role
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accounts:
    clerk: Account
    """Of the clerks together: each counter has a login of its own, as one clerk has one counter."""
    supervisor: Account
    guest: Account
    """For whoever tries the console: nobody of the demo works with it."""

    def at(self, counter: int) -> Account:
        """Of the clerk at ``counter``."""
        return replace(self.clerk, login=f"{self.clerk.login}-{counter}")


def accounts(folder: Path) -> Accounts:
    """The demo's accounts, with the passwords kept in ``folder``."""
    return Accounts(
        Account("counter", Role.CLERK, _password(folder / "clerk")),
        Account("supervisor", Role.SUPERVISOR, _password(folder / "head")),
        Account("guest", Role.CLERK, _password(folder / "guest")),
    )


def _password(kept: Path) -> str:
    """Easy to type: ``demo-`` and three groups of four consonants, which make no word and no row
    of keys."""
    if not kept.exists():
        groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
        write_secret(kept, "-".join(("demo", *groups)))
    return kept.read_text(encoding="utf-8")


async def hire(pool: Pool, wanted: Accounts, counters: int) -> Roster:
    """Make the accounts at the site of ``pool``, which has ``counters``, unless they are there."""
    known = {account.staff.login: account.staff for account in await all_staff(pool)}
    clerks = [wanted.at(counter) for counter in range(1, counters + 1)]
    hired = [
        known.get(one.login) or await add_staff(pool, one.login, one.password, one.role, now())
        for one in (wanted.supervisor, wanted.guest, *clerks)
    ]
    supervisor, _, *at_counters = [one.id for one in hired]
    return Roster(at_counters, supervisor)


async def let_in(pool: Pool, kind: DeviceKind, service: str, kept: Path) -> httpx.Cookies:
    """The cookie of the demo's machine at the service with the address ``service``.

    The first time it enters a code that an operator made, as a machine at an office does; its
    token is ``kept``.
    """
    cookie = _kept_cookie(kept)
    if cookie is None:
        code = await Devices(pool).invite(kind, f"demo-{kind}")
        async with httpx.AsyncClient(base_url=service, trust_env=False) as machine:
            answer = await machine.post("/api/devices/enrol", json={"code": code})
            answer.raise_for_status()
            [cookie] = answer.cookies.items()
        write_secret(kept, "=".join(cookie))
    name, token = cookie
    return httpx.Cookies({name: token})


def _kept_cookie(kept: Path) -> tuple[str, str] | None:
    if not kept.exists():
        return None
    name, _, token = kept.read_text(encoding="utf-8").partition("=")
    return name, token
