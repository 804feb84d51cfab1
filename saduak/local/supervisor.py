"""The process that runs a country: starts its servers and services, watches them, stops them.

It holds the country's lock as long as it lives. When it ends, even by SIGKILL, its children end.
SIGTERM stops the country in order; SIGHUP makes it read ``wanted.json`` and ``country.json`` again.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

import httpx

from saduak.local.plan import PROMETHEUS, REPLICAS, Folder, Plan
from saduak.local.processes import Child, StartFailed
from saduak.local.prometheus import LocalPrometheus, watcher
from saduak.local.report import FORM, CountryState, ProcessReport, Report, Step, write
from saduak.local.services import Service, services
from saduak.local.watching import Ask, Watched
from saduak.provision import databases as database_provision
from saduak.provision.nation import Nation
from saduak.provision.postgres import SiteDatabase

SERVER_PATIENCE, SERVICE_PATIENCE = 120.0, 120.0
PROMETHEUS_PATIENCE = 10.0
MIGRATIONS_AT_ONCE = 3


class CountrySupervisor:
    """One country's processes. ``launcher`` is the command that stands for ``saduak``."""

    def __init__(self, folder: Folder, plan: Plan, launcher: Sequence[str]) -> None:
        self._folder = folder
        self._plan = plan
        self._launcher = launcher
        self._report = Report()
        self._postgres = folder.postgres(plan)
        self._kafka = folder.kafka(plan, self._step)
        self._wanted_changed = asyncio.Event()
        self._stop = asyncio.Event()
        self._http = httpx.AsyncClient(timeout=2, trust_env=False)
        self._database = Watched(
            self._reported("postgres", self._postgres.log),
            self._postgres.launch,
            self._postgres_lacks,
            signal.SIGINT,
        )
        self._broker = Watched(
            self._reported("kafka", self._kafka.log), self._kafka.launch, self._kafka_lacks
        )
        self._services = [self._service(each) for each in services(folder, plan)]
        self._prometheus = watcher(folder, plan)
        self._watcher = self._prometheus and self._watched(self._prometheus)

    async def run(self) -> bool:
        """Until SIGTERM; False if the country could not be started."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGINT, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._wanted_changed.set)
        writing = asyncio.create_task(self._keep_writing())
        work = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        failure = work.exception() if work.done() and not work.cancelled() else None
        await _cancelled(work)
        await _cancelled(stopping)
        await self._end(failure)
        await _cancelled(writing)
        if self._folder.lock.exists():
            write(self._report, self._folder.status)
        await self._http.aclose()
        return failure is None

    async def _work(self) -> None:
        """Start everything, then follow what is wanted of the broker; ends by an error only."""
        async with asyncio.TaskGroup() as start:
            broker = start.create_task(self._start_broker_if_wanted())
            start.create_task(self._start_database_and_services(broker))
        await self._start_prometheus()
        self._report.sites = list(self._plan.sites)
        self._report.state = CountryState.UP
        while True:
            await self._wanted_changed.wait()
            self._wanted_changed.clear()
            try:
                if self._broker.is_wanted and not self._folder.wants_kafka():
                    await self._broker.stop()
                elif not self._broker.is_wanted:
                    await self._start_broker_if_wanted()
                await self._add_new_sites()
            except StartFailed as error:
                self._report.detail = str(error)

    async def _add_new_sites(self) -> None:
        """Those that the plan has by now. The centre starts again, one replica after the other,
        to read the standards in which they are active."""
        plan = self._folder.plan() or self._plan
        new = [site for site in plan.sites if site not in self._plan.sites]
        if not new:
            return
        self._plan = plan
        if self._broker.is_wanted:
            await self._let_in()
        for site in new:
            database = self._folder.site_database(plan, site)
            await database_provision.prepare(self._postgres.admin, database)
        for each in services(self._folder, plan):
            if each.site in new:
                self._services.append(self._service(each))
                self._services[-1].start()
                await self._services[-1].until_ready(SERVICE_PATIENCE)
        if self._prometheus is not None:
            self._prometheus.scrape(services(self._folder, plan))
        for service in self._services:
            if service.report.name in REPLICAS:
                await service.stop()
                service.start()
                await service.until_ready(SERVICE_PATIENCE)
        self._report.sites = list(plan.sites)

    async def _start_database_and_services(self, broker: asyncio.Task[None]) -> None:
        """The sites' services wait for their database only; the nation's for the broker too."""
        self._step("PostgreSQL", 0, 1)
        await asyncio.to_thread(self._postgres.prepare)
        self._database.start()
        await self._database.until_ready(SERVER_PATIENCE)
        self._step("PostgreSQL", 1, 1)
        folder, plan = self._folder, self._plan
        databases = [folder.site_database(plan, site) for site in plan.sites]
        databases.append(folder.national_database(plan))
        at_once = asyncio.Semaphore(MIGRATIONS_AT_ONCE)
        await self._all("Databases", [self._provide(database, at_once) for database in databases])
        await self._all("Services", [self._start(service, broker) for service in self._services])

    async def _start(self, service: Watched, broker: asyncio.Task[None]) -> None:
        national = service.report.name in REPLICAS
        if national:
            await asyncio.wait({broker})
        service.start()
        # A replica is ready when it reads from the broker: without one it is not waited for.
        if not national or self._folder.wants_kafka():
            await service.until_ready(SERVICE_PATIENCE)

    async def _provide(self, database: SiteDatabase, at_once: asyncio.Semaphore) -> None:
        async with at_once:
            await database_provision.prepare(self._postgres.admin, database)

    async def _start_broker_if_wanted(self) -> None:
        if not self._folder.wants_kafka():
            return
        self._step("Apache Kafka", 0, 1)
        await asyncio.to_thread(self._kafka.prepare)
        self._broker.start()
        await self._broker.until_ready(SERVER_PATIENCE)
        await self._let_in()
        self._step("Apache Kafka", 1, 1)

    async def _start_prometheus(self) -> None:
        """Where there is one. Without it the country works as well: it is tried again, and its
        report says why it is not ready."""
        if self._prometheus is None or self._watcher is None:
            return
        self._step("Prometheus", 0, 1)
        self._prometheus.prepare(services(self._folder, self._plan))
        self._watcher.start()
        with suppress(StartFailed):
            await self._watcher.until_ready(PROMETHEUS_PATIENCE)
            self._step("Prometheus", 1, 1)

    async def _let_in(self) -> None:
        nation = Nation(self._folder.vault, self._kafka.admin)
        await asyncio.to_thread(nation.provide, self._plan.sites)

    async def _all(self, what: str, parts: Sequence[Awaitable[None]]) -> None:
        self._step(what, 0, len(parts))

        async def one(part: Awaitable[None]) -> None:
            await part
            self._report.steps[what].done += 1

        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(one(part))

    async def _end(self, failure: BaseException | None) -> None:
        self._report.state = CountryState.STOPPING
        if self._watcher is not None:  # first, lest it take the end for a fault
            await self._watcher.stop()
        await asyncio.gather(*(service.stop() for service in self._services))
        await asyncio.gather(self._broker.stop(), self._database.stop())
        self._report.state = CountryState.DOWN if failure is None else CountryState.FAILED
        if failure is not None:
            self._report.detail = "\n".join(_causes(failure))

    async def _keep_writing(self) -> None:
        """Until the country's folder is removed: then nobody could stop it, so it stops itself."""
        written = None
        while self._folder.lock.exists():
            now = FORM.dump_json(self._report)
            if now != written:
                with suppress(FileNotFoundError):
                    write(self._report, self._folder.status)
                written = now
            await asyncio.sleep(0.2)
        self._stop.set()

    def _service(self, service: Service) -> Watched:
        command = service.command(self._launcher, self._folder)
        report = self._reported(service.name, command.log)
        ready = self._asked(f"{service.operations_url}/health/ready")
        return Watched(report, lambda: Child(command), ready)

    def _watched(self, prometheus: LocalPrometheus) -> Watched:
        report = self._reported(PROMETHEUS, prometheus.log)
        return Watched(report, prometheus.launch, self._asked(f"{prometheus.url}/-/ready"))

    def _asked(self, url: str) -> Ask:
        """Ready is what answers there with success."""

        async def lacks() -> str | None:
            try:
                answer = await self._http.get(url)
            except httpx.HTTPError as error:
                return f"no answer ({type(error).__name__})"
            return None if answer.is_success else answer.text[:500]

        return lacks

    def _reported(self, name: str, log: Path) -> ProcessReport:
        return self._report.processes.setdefault(name, ProcessReport(name, str(log)))

    async def _postgres_lacks(self) -> str | None:
        return None if self._postgres.is_ready() else "it takes no connections yet"

    async def _kafka_lacks(self) -> str | None:
        return None if self._kafka.is_ready() else "it takes no connections yet"

    def _step(self, what: str, done: int, of: int) -> None:
        self._report.steps[what] = Step(what, done, of)


async def _cancelled(task: asyncio.Task[object]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, BaseExceptionGroup, Exception):
        await task


def _causes(error: BaseException) -> Iterator[str]:
    """What went wrong, of errors that came together."""
    if isinstance(error, BaseExceptionGroup):
        parts = cast(BaseExceptionGroup[BaseException], error).exceptions
        for part in parts:
            yield from _causes(part)
    else:
        yield str(error) if isinstance(error, StartFailed) else f"{type(error).__name__}: {error}"


async def _main(root: Path, launcher: Sequence[str]) -> int:
    folder = Folder(root)
    plan = folder.plan()
    if plan is None:
        raise SystemExit(f"{root} holds no country")
    return 0 if await CountrySupervisor(folder, plan, launcher).run() else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(Path(sys.argv[1]), sys.argv[2:])))
