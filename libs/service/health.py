"""Whether the process lives, and whether it can serve."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from libs.database.statements import statements
from libs.database.types import Pool
from libs.service.supervision import Supervisor
from libs.stream.relay import Relay

SQL = statements("libs.service", "sql/health.sql")
CHECK_SECONDS = 2.0
"""A check that takes longer counts as failed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; ``detail`` says what is wrong and what is the cure."""

    ok: bool
    detail: str | None = None


Check = Callable[[], Awaitable[Finding]]
Notice = Callable[[], Awaitable[dict[str, object]]]


class Health:
    """The named checks that readiness depends on, and notices that it does not."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._checks: dict[str, Check] = {}
        self._notices: dict[str, Notice] = {}

    def check(self, name: str, check: Check) -> None:
        """Make readiness depend on ``check``."""
        self._checks[name] = check

    def notice(self, name: str, notice: Notice) -> None:
        """Show ``notice`` beside the checks: readiness does not depend on it."""
        self._notices[name] = notice

    async def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether the service can serve, and what each check and notice says."""
        names = list(self._checks)
        findings = await asyncio.gather(*(_run(self._checks[name]) for name in names))
        report: dict[str, object] = {
            "checks": {
                name: asdict(finding) for name, finding in zip(names, findings, strict=True)
            },
            "tasks": {name: asdict(status) for name, status in self._supervisor.status.items()},
        }
        report |= {name: await notice() for name, notice in self._notices.items()}
        return all(finding.ok for finding in findings), report

    def routes(self) -> APIRouter:
        """``/health/live`` and ``/health/ready``: 200, or 503 with the reasons."""
        router = self._live()

        @router.get("/ready")
        async def ready() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
            is_ready, report = await self.ready()
            return JSONResponse({"ready": is_ready} | report, 200 if is_ready else 503)

        return router

    def public_routes(self) -> APIRouter:
        """The same for a balancer before the service, and for anybody: yes or no, without a word
        of what is inside."""
        router = self._live()

        @router.get("/ready")
        async def ready() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
            is_ready, _ = await self.ready()
            return JSONResponse({"ready": is_ready}, 200 if is_ready else 503)

        return router

    def _live(self) -> APIRouter:
        router = APIRouter(prefix="/health", include_in_schema=False)

        @router.get("/live")
        async def live() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
            alive = not self._supervisor.failed.is_set()
            return JSONResponse({"alive": alive}, 200 if alive else 503)

        return router


async def _run(check: Check) -> Finding:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except TimeoutError:
        return Finding(ok=False, detail=f"no answer within {CHECK_SECONDS:.0f} s")
    except Exception as error:  # a check reports its failure, whatever it is
        return Finding(ok=False, detail=f"{type(error).__name__}: {error}")


def relay_notice(relay: Relay) -> Notice:
    """What the relay says of itself; a site serves whatever it says."""

    async def notice() -> dict[str, object]:
        return {"state": relay.state.value, "detail": relay.detail, "sent": relay.sent}

    return notice


def database_answers(pool: Pool) -> Check:
    """A check that the database answers a query."""

    async def check() -> Finding:
        async with pool.acquire(timeout=CHECK_SECONDS) as connection:
            await connection.fetchval(SQL.answer)
        return Finding(ok=True)

    return check
