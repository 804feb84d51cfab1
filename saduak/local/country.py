"""An embedded country, from outside: start it, ask it, stop it.

What runs is the supervisor's (``saduak.local.supervisor``); this side only needs the folder, so
that any process may ask and a country outlives the command that started it.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import psutil

from libs.database.pool import Database
from libs.events.codes import Stream
from libs.stream.kafka import KafkaAccess
from saduak.local import report
from saduak.local.plan import Folder, Plan, site_service
from saduak.local.processes import LEASH, StartFailed, tail
from saduak.local.prometheus import LocalPrometheus, watcher
from saduak.local.report import CountryState, ProcessState, Report
from saduak.local.services import Service, services
from saduak.local.watching import birth
from saduak.provision.postgres import SiteDatabase

START_PATIENCE, STOP_PATIENCE = 300.0, 60.0
SADUAK = (sys.executable, "-m", "saduak")

Progress = Callable[[Report], None]


class AlreadyRunning(RuntimeError):
    """The folder's country is up, or coming up."""


class NotRunning(RuntimeError):
    """Nothing runs in the folder."""


@contextmanager
def _uninterrupted() -> Generator[None]:
    """Ctrl-C waits for the end of the block, so that what was begun in it can be ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = threading.Event()

    def remember(_signal: int, _frame: FrameType | None) -> None:
        pressed.set()

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed.is_set():
        raise KeyboardInterrupt


class Country:
    """The country in the folder ``root``. Several may run side by side, each in its own.

    ``prometheus`` is the program that watches it when it is started here; None: nothing does.
    """

    def __init__(self, root: Path, prometheus: Path | None = None) -> None:
        self.folder = Folder(root.resolve())
        self._prometheus = prometheus
        self._supervisor: subprocess.Popen[bytes] | None = None

    def up(
        self,
        sites: Sequence[str],
        standards: Path,
        *,
        kafka: bool = True,
        demo: bool = False,
        attached: bool = False,
        launcher: Sequence[str] = SADUAK,
        progress: Progress = lambda _: None,
    ) -> Report:
        """Start it and return when everything is ready.

        ``kafka=False`` leaves the broker out until :meth:`kafka_up`. An ``attached`` country ends
        with the thread that called this, however that ends. ``launcher`` is run in place of
        ``python -m saduak``. Raises :class:`AlreadyRunning`, or :class:`StartFailed` with what
        was not to be had; then nothing is left running.
        """
        folder = self.folder
        try:
            with _uninterrupted(), self._locked() as lock:
                if self._supervisor is not None:
                    self._supervisor.wait()  # the last one, which gave the lock back by its end
                self._end_leftovers()
                folder.status.unlink(missing_ok=True)
                folder.replan(sites, standards, demo=demo, prometheus=self._prometheus)
                folder.want_kafka(kafka)
                # The supervisor goes on holding the lock: it inherits the file that is locked here.
                self._supervisor = self._start_supervisor(lock, launcher, attached=attached)
                folder.lock.write_text(str(self._supervisor.pid))
            return self._await_up(self._supervisor, progress)
        finally:
            started = self._supervisor
            # An interrupted start leaves nothing.
            if started is not None and self.status().state is not CountryState.UP:
                started.terminate()
                started.wait()

    def down(self) -> None:
        """Stop everything in order and return when it has ended; raises :class:`NotRunning`."""
        pid = self._supervisor_pid()
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        while self.is_running():
            if time.monotonic() > deadline:
                raise StartFailed(f"the country in {self.folder.root} does not stop (pid {pid})")
            time.sleep(0.05)
        if self._supervisor is not None:
            self._supervisor.wait()

    def status(self) -> Report:
        """How it is now. A country that was killed is down, whatever it wrote last."""
        running = self.is_running()
        found = report.read(self.folder.status)
        if found is None:
            return Report(state=CountryState.STARTING if running else CountryState.DOWN)
        if not running and found.state is not CountryState.FAILED:
            found.state = CountryState.DOWN
        if found.state in (CountryState.DOWN, CountryState.FAILED):
            for process in found.processes.values():
                process.state, process.pid = ProcessState.STOPPED, None
        return found

    def is_running(self) -> bool:
        """Whether a supervisor holds the folder's lock."""
        if self._supervisor is not None:
            self._supervisor.poll()  # a child of ours that ended must be taken notice of
        if not self.folder.lock.exists():
            return False
        with self.folder.lock.open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def kafka_up(self, patience: float = 120) -> None:
        """Start the broker of a running country and return when it is ready."""
        self._want_kafka(True, ProcessState.READY, patience)

    def kafka_down(self, patience: float = 60) -> None:
        """Stop the broker; everything else goes on."""
        self._want_kafka(False, ProcessState.STOPPED, patience)

    def add(self, site: str, patience: float = 180) -> None:
        """Add a site to a running country and return when it is ready; all others go on."""
        self._supervisor_pid()
        if site not in self.plan.sites:
            self.folder.extend(self.plan, site)
        os.kill(self._supervisor_pid(), signal.SIGHUP)
        deadline = time.monotonic() + patience
        while site not in self.status().sites:
            self._supervisor_pid()
            if time.monotonic() > deadline:
                detail = self.status().detail or ""
                raise StartFailed(f"{site} is not ready after {patience:.0f} s {detail}")
            time.sleep(0.1)

    @property
    def plan(self) -> Plan:
        """Its sites and ports; raises :class:`NotRunning` for a folder that never had any."""
        plan = self.folder.plan()
        if plan is None:
            raise NotRunning(f"{self.folder.root} holds no country")
        return plan

    def services(self) -> dict[str, Service]:
        """Every service by name, with its address and settings."""
        return {service.name: service for service in services(self.folder, self.plan)}

    def address(self, site: str, stream: Stream) -> str:
        """The base address of a site's service."""
        return self.services()[site_service(site, stream)].url

    def prometheus(self) -> LocalPrometheus | None:
        """What watches it; None if nothing does."""
        return watcher(self.folder, self.plan)

    def site_database(self, site: str) -> SiteDatabase:
        return self.folder.site_database(self.plan, site)

    def national_database(self) -> SiteDatabase:
        return self.folder.national_database(self.plan)

    def postgres_admin(self) -> Database:
        """The superuser of the server that holds every database of the country."""
        return self.folder.postgres(self.plan).admin

    def kafka_admin(self) -> KafkaAccess:
        return self.folder.kafka(self.plan).admin

    def site_kafka(self, site: str) -> KafkaAccess:
        return self.folder.site_kafka(self.plan, site)

    def _start_supervisor(
        self, lock: int, launcher: Sequence[str], *, attached: bool
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "saduak.local.supervisor", str(self.folder.root)]
        command += launcher
        if attached:
            leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
            command = [*leash, str(int(signal.SIGTERM)), "as-is", *command]
        with self.folder.log("supervisor").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the command is our own
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock,),
            )

    def _await_up(self, supervisor: subprocess.Popen[bytes], progress: Progress) -> Report:
        deadline = time.monotonic() + START_PATIENCE
        while True:
            now = report.read(self.folder.status)
            if supervisor.poll() is not None:
                detail = now and now.detail
                raise StartFailed(detail or tail(self.folder.log("supervisor")))
            if now is not None:
                progress(now)
                if now.state is CountryState.UP:
                    return now
            if time.monotonic() > deadline:
                raise StartFailed(f"not up after {START_PATIENCE:.0f} s")
            time.sleep(0.1)

    def _want_kafka(self, wanted: bool, state: ProcessState, patience: float) -> None:
        self.folder.want_kafka(wanted)
        os.kill(self._supervisor_pid(), signal.SIGHUP)
        deadline = time.monotonic() + patience
        while self.status().processes["kafka"].state is not state:
            self._supervisor_pid()
            if time.monotonic() > deadline:
                raise StartFailed(f"Kafka is not {state} after {patience:.0f} s")
            time.sleep(0.1)

    def _supervisor_pid(self) -> int:
        if not self.is_running():
            raise NotRunning(f"no country runs in {self.folder.root}")
        return int(self.folder.lock.read_text())

    @contextmanager
    def _locked(self) -> Generator[int]:
        """The folder, ours alone; raises :class:`AlreadyRunning` if it is another's."""
        self.folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.folder.lock.open("ab") as lock:
            for _ in range(10):  # somebody who only asks holds it for a moment
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.05)
            else:
                raise AlreadyRunning(
                    f"the country in {self.folder.root} is running already; "
                    f"see `saduak local status --state {self.folder.root}`"
                )
            yield lock.fileno()

    def _end_leftovers(self) -> None:
        """End what a killed supervisor could not: everywhere but on Linux children live on."""
        last = report.read(self.folder.status)
        for process in last.processes.values() if last else ():
            if process.pid is not None and birth(process.pid) == process.born:
                left = psutil.Process(process.pid)
                left.terminate()
                left.wait(30)
