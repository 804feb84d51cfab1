"""What was refused to somebody who is known here is written down: a role that reaches too far, a
page of another site that acts in a clerk's name."""

from typing import cast

import structlog
from fastapi import Request, Response

from libs.clock import Clock, now
from libs.database.types import Pool
from libs.service.clients import address_of
from libs.service.problems import Answers, Problem
from libs.site.audit import Action, By, record
from libs.site.paces import Told
from libs.stream.retry import is_trouble

LOG = structlog.stdlib.get_logger(__name__)
NOTED = frozenset({"csrf", "foreign_origin", "not_allowed", "not_enrolled"})
"""Codes of the guards' problems."""


class Refusals:
    """Answers problems, and notes those that a guard raised: the same of the same once a minute."""

    def __init__(self, pool: Pool, answers: Answers, clock: Clock = now) -> None:
        self._pool = pool
        self._answers = answers
        self._clock = clock
        self._told = Told()

    async def answer(self, request: Request, error: Exception) -> Response:
        """An exception handler for :class:`~libs.service.problems.Problem`."""
        problem = cast(Problem, error)
        if problem.code in NOTED:
            await self._note(request, problem)
        return self._answers.answer(request, problem)

    async def _note(self, request: Request, problem: Problem) -> None:
        who: str | None = getattr(request.state, "who", None)
        if who is None:
            return
        route = f"{request.method} {getattr(request.scope.get('route'), 'path', 'none')}"
        if not self._told.is_new((who, route, problem.code)):
            return
        by = By(who, address_of(request))
        try:
            await record(self._pool, self._clock(), by, Action.REFUSED, route, problem.code)
        except Exception as failure:
            if not is_trouble(failure):
                raise
            LOG.warning("refusal not written down", actor=who, route=route, code=problem.code)
