"""Writes one imported visit: its rows and its events, as if it had happened here."""

import string
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import asyncpg
import uuid_utils.compat

from libs.database.statements import statements
from libs.events.codes import Channel, Origin, TimeQuality
from libs.events.payloads import Payload
from libs.events.visits import VisitCalled, VisitEnded, VisitIssued, VisitStarted
from libs.stream.outbox import Transaction
from services.ticketing import errors
from services.ticketing.imports.parsing import ImportedVisit
from services.ticketing.imports.profile import Profile
from services.ticketing.office import Office

SQL = statements("services.ticketing", "sql/imports.sql")


class Recorder:
    """Records the visits of one imported day."""

    def __init__(
        self, office: Office, profile: Profile, day: date, counters: Mapping[str, int]
    ) -> None:
        """``counters`` gives the number of each counter's name."""
        self._services = office.standards.services
        self._profile = profile
        self._day = day
        self._counters = counters
        self._full: set[str] = set()

    async def record(self, tx: Transaction, visit: ImportedVisit) -> None:
        """Write ``visit`` within ``tx``, which has or shares the day.

        Raises ImportUnderWay where its line has become a visit meanwhile, SeriesFull.
        """
        subject = uuid_utils.compat.uuid7()
        counter = self._counter(visit)
        try:
            ticket = await self._insert(tx, subject, visit, counter)
        except asyncpg.UniqueViolationError:
            raise errors.ImportUnderWay from None
        for time, event in self._events(visit, ticket, counter):
            tx.emit(
                event,
                subject=subject,
                time=time,
                service_day=self._day,
                origin=Origin.IMPORT,
            )

    def _counter(self, visit: ImportedVisit) -> int | None:
        if visit.called is None:
            return None
        if visit.counter_name is None:
            return self._profile.counter.unknown_number
        return self._counters[visit.counter_name]

    async def _insert(
        self, tx: Transaction, subject: UUID, visit: ImportedVisit, counter: int | None
    ) -> str:
        for series in self._series(visit.service):
            ticket: str | None = await tx.connection.fetchval(
                SQL.import_visit,
                subject,
                self._day,
                series,
                self._profile.channel.value,
                visit.visitor_class.value,
                visit.arrival,
                visit.service,
                counter,
                visit.called,
                visit.started,
                visit.ended,
                visit.outcome.value,
                self._profile.name,
                visit.line,
                visit.fingerprint,
            )
            if ticket is not None:
                return ticket
            self._full.add(series)
        raise errors.SeriesFull(series=self._services[visit.service].series, day=self._day)

    def _series(self, service: str) -> list[str]:
        """The service's own series; a past that outgrew it goes on in letters no service has."""
        own = self._services[service].series
        taken = {one.series for one in self._services.values()}
        spare = [letter for letter in string.ascii_uppercase if letter not in taken]
        return [series for series in (own, *spare) if series not in self._full]

    def _events(
        self, visit: ImportedVisit, ticket: str, counter: int | None
    ) -> list[tuple[datetime, Payload]]:
        events: list[tuple[datetime, Payload]] = [
            (visit.arrival, _issued(visit, ticket, self._profile.channel))
        ]
        if visit.called is not None and counter is not None:
            call = VisitCalled(step=1, counter=counter, call=1, out_of_order=None)
            events.append((visit.called, call))
            if visit.started is not None:
                events.append((visit.started, VisitStarted(step=1, counter=counter)))
        end = VisitEnded(step=1, outcome=visit.outcome, time_quality=TimeQuality.ACTUAL)
        events.append((visit.ended, end))
        return events


def _issued(visit: ImportedVisit, ticket: str, channel: Channel) -> VisitIssued:
    return VisitIssued(
        step=1,
        ticket=ticket,
        service=visit.service,
        channel=channel,
        visitor_class=visit.visitor_class,
        appointment=None,
        estimate=None,
        feedback_link=False,
    )
